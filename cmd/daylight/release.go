package main

import (
	"fmt"
	"strings"
	"time"

	"daylight/warehouse"
)

// changeSummary says in one line what a run changed.
func changeSummary(c *warehouse.Changes) string {
	if !c.Compared {
		return "changes: not compared: " + c.NotCompared
	}
	t := c.Total()
	if len(c.Editions) == 0 && t.New+t.Changed+t.Gone == 0 && t.Readings == 0 {
		return "changes: none"
	}
	return fmt.Sprintf("changes: %s, %s, %s, %s, %s",
		many(int64(len(c.Editions)), "new edition", "new editions"), many(t.New, "new figure", "new figures"),
		many(t.Changed, "changed", "changed"), many(t.Gone, "gone", "gone"),
		many(t.Readings, "reading added to the history", "readings added to the history"))
}

// many prints a number with the word that fits it.
func many(n int64, one, more string) string {
	if n == 1 {
		more = one
	}
	return show(n, true) + " " + more
}

// releaseNote says for people, in Markdown, what a run that was published changed.
func releaseNote(r *runReport) string {
	var b strings.Builder
	c := r.Changes
	fmt.Fprintf(&b, "# What changed with run %s\n\n", r.ID)
	fmt.Fprintf(&b, "`daylight %s` (%s), %s, outcome %s.\n\n%s.\n", r.Command, r.Version, r.Started.UTC().Format(time.RFC3339), r.Outcome, changeSummary(c))
	waiting := 0
	for _, s := range r.Sources {
		waiting += len(s.Held)
	}
	if waiting > 0 {
		fmt.Fprintf(&b, "\n%s for review; `daylight review` lists it.\n", many(int64(waiting), "thing waits", "things wait"))
	}
	if len(c.Editions) > 0 {
		b.WriteString("\n## New editions\n\n")
		rows := [][]string{}
		for _, e := range c.Editions {
			about := e.Trust
			if e.Excerpt {
				about += ", excerpt"
			}
			rows = append(rows, []string{e.Name, show(e.Figures, true), e.KnownFrom + " (" + e.KnownBy + ")", about})
		}
		b.WriteString(markdownTable([]string{"edition", "figures", "known from", "captures"}, "lrll", rows))
	}
	if len(c.Providers) > 0 {
		b.WriteString("\n## Current figures\n\nWhat the newest editions say, before and after the run.\n\n")
		rows := [][]string{}
		for _, p := range c.Providers {
			row := []string{p.Provider}
			for _, n := range []int64{p.Before, p.After, p.New, p.Changed, p.Gone, p.Same, p.Readings} {
				row = append(row, show(n, true))
			}
			rows = append(rows, row)
		}
		b.WriteString(markdownTable([]string{"provider", "before", "after", "new", "changed", "gone", "same", "readings added"}, "lrrrrrrr", rows))
	}
	t := c.Total()
	figures := func(title, text string, list []warehouse.FigureChange, n int64) {
		if len(list) == 0 {
			return
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", title, text)
		rows := [][]string{}
		for _, f := range list {
			rows = append(rows, []string{f.Source, f.Service, f.Process, f.Measure, f.Jurisdiction, f.Period,
				bandOf(f.OldLow, f.OldHigh), bandOf(f.NewLow, f.NewHigh), f.OldEdition, f.NewEdition})
		}
		b.WriteString(markdownTable([]string{"source", "service", "process", "measure", "jurisdiction", "period", "was", "is", "in", "now in"}, "llllllrrll", rows))
		if more := n - int64(len(list)); more > 0 {
			fmt.Fprintf(&b, "\nand %s more.\n", show(more, true))
		}
	}
	figures("Changed figures", "`daylight restatements` tells restatements from raised floors and from categories that were split.", c.Changed, t.Changed)
	figures("Figures that went", "The newest edition of their table does not print them any more; they stand in the view `vanished`.", c.Gone, t.Gone)
	return b.String()
}

// bandOf prints an interval; a dash for none.
func bandOf(low, high *float64) string {
	r := row{"low": nil, "high": nil}
	if low != nil {
		r["low"] = *low
	}
	if high != nil {
		r["high"] = *high
	}
	if s := r.band("low", "high"); s != "" {
		return s
	}
	return "–"
}

// markdownTable prints a table; align has a letter for each column, l or r.
func markdownTable(header []string, align string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + strings.NewReplacer("|", `\|`, "\n", " ").Replace(c) + " ")
		}
		b.WriteString("|\n")
	}
	line(header)
	for _, a := range align {
		if a == 'r' {
			b.WriteString("| ---: ")
		} else {
			b.WriteString("| --- ")
		}
	}
	b.WriteString("|\n")
	for _, r := range rows {
		line(r)
	}
	return b.String()
}
