package main

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"daylight/normalize"
	"daylight/scrape"
	"daylight/warehouse"
)

// editionDrift is what is new in the layout of an edition against the one before it. It has
// no effect on figures: what is unknown is held by the readers and the labels.
type editionDrift struct {
	Edition string        `json:"edition"`
	Before  string        `json:"before"`
	Changes []layoutDrift `json:"changes"`
	More    int           `json:"more,omitempty"` // changes that are not listed
}

// layoutDrift is one change.
type layoutDrift struct {
	Table string `json:"table"`
	What  string `json:"what"` // "new header", "gone label", "number of lines" ...
	Text  string `json:"text"`
}

// maxDrift bounds the changes that a report lists for one edition.
const maxDrift = 200

// sketching hands every row to the sketch before it is used.
func sketching(sketch *scrape.Sketch, parse normalize.ParseFunc) normalize.ParseFunc {
	return func(c scrape.Capture) iter.Seq2[scrape.Row, error] {
		return func(yield func(scrape.Row, error) bool) {
			for row, err := range parse(c) {
				if err == nil {
					sketch.Add(&row)
				}
				if !yield(row, err) {
					return
				}
			}
		}
	}
}

// storedLayouts are the layouts as the warehouse keeps them.
func storedLayouts(sketch *scrape.Sketch) []warehouse.Layout {
	var out []warehouse.Layout
	for _, l := range sketch.Layouts() {
		out = append(out, warehouse.Layout{Table: l.Table, Lines: l.Lines, Places: l.Places, Headers: l.Headers, Keys: l.Keys,
			Kinds: l.Kinds, Labels: l.Labels, Fingerprint: l.Fingerprint()})
	}
	return out
}

// drift compares the layout of each edition that the source's captures brought something new
// for with the edition before it.
func (p *pipeline) drift(ctx context.Context, r *sourceReport) error {
	if p.build == nil || p.replay || ctx.Err() != nil {
		return nil
	}
	seen := map[string]bool{}
	for _, c := range r.Captures {
		if !c.fresh || c.Book.Rows == 0 || seen[c.Edition] {
			continue
		}
		seen[c.Edition] = true
		now, before, err := p.build.Layouts(ctx, c.Edition)
		if err != nil {
			return err
		}
		if before == nil {
			continue
		}
		if d := driftOf(now, *before); len(d.Changes) > 0 {
			r.Layout = append(r.Layout, d)
		}
	}
	return nil
}

// driftOf lists what is new and what is gone. What an excerpt leaves out is neither: beside
// one, nothing is gone and no number of lines says anything, and after one, words and tables
// are not new.
func driftOf(now, before warehouse.EditionLayout) editionDrift {
	out := editionDrift{Edition: now.Edition, Before: before.Edition}
	add := func(table, what, text string) {
		if len(out.Changes) == maxDrift {
			out.More++
			return
		}
		out.Changes = append(out.Changes, layoutDrift{table, what, text})
	}
	whole := !now.Excerpt && !before.Excerpt
	after := before.Excerpt && !now.Excerpt
	old := map[string]warehouse.Layout{}
	for _, t := range before.Tables {
		old[t.Table] = t
	}
	for _, t := range now.Tables {
		o, ok := old[t.Table]
		if !ok {
			if !after {
				add(t.Table, "new table", strings.Join(t.Places, ", "))
			}
			continue
		}
		delete(old, t.Table)
		for _, l := range []struct {
			what     string
			now, was []string
		}{
			{"file or sheet", t.Places, o.Places}, {"header", t.Headers, o.Headers}, {"key", t.Keys, o.Keys}, {"kind", t.Kinds, o.Kinds}, {"label", t.Labels, o.Labels},
		} {
			for _, s := range l.now {
				if _, ok := slices.BinarySearch(l.was, s); !ok && !(after && l.what == "label") {
					add(t.Table, "new "+l.what, s)
				}
			}
			for _, s := range l.was {
				if _, ok := slices.BinarySearch(l.now, s); !ok && whole {
					add(t.Table, "gone "+l.what, s)
				}
			}
		}
		if whole && max(t.Lines, o.Lines) >= fewLines && (t.Lines > 2*o.Lines || o.Lines > 2*t.Lines) {
			add(t.Table, "number of lines", fmt.Sprintf("%d, before %d", t.Lines, o.Lines))
		}
	}
	for _, t := range before.Tables {
		if _, gone := old[t.Table]; gone && whole {
			add(t.Table, "gone table", strings.Join(t.Places, ", "))
		}
	}
	return out
}

// fewLines is the number of lines from which twice as many says something.
const fewLines = 10

// summary counts the changes by what they are: "2 new headers, 1 gone label".
func (d editionDrift) summary() string {
	var order []string
	count := map[string]int{}
	for _, c := range d.Changes {
		if count[c.What] == 0 {
			order = append(order, c.What)
		}
		count[c.What]++
	}
	var parts []string
	for _, what := range order {
		switch n := count[what]; {
		case what == "number of lines":
			parts = append(parts, "another number of lines in "+counted(n, "table"))
		default:
			parts = append(parts, counted(n, what))
		}
	}
	if d.More > 0 {
		parts = append(parts, fmt.Sprintf("%d more", d.More))
	}
	return strings.Join(parts, ", ")
}
