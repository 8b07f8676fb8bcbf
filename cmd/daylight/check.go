package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"daylight/queries"
	"daylight/queries/claim"
	"daylight/warehouse"

	"github.com/spf13/cobra"
)

func newCheckCommand(a *app) *cobra.Command {
	var options claim.Options
	var grammar bool
	cmd := &cobra.Command{
		Use:   `check ["SENTENCE"]`,
		Short: "Hold a claim against what is printed",
		Long: `Hold a sentence such as "Microsoft FISA content accounts rose between 2019-H1 and
2023-H1" against the printed figures. The answer is proven when it holds for every
value that the printed bands allow, refuted when it holds for none, and possible
otherwise; the printed cells and a citation stand below it.

The sentence is one of a small grammar, which --grammar explains. A sentence that
cannot be read is not guessed at.

Exit codes: 0 a verdict, 1 the figures at hand decide nothing (there are none, they
must not be added, the series breaks), 2 the sentence cannot be read.`,
		Example: `  daylight check "Microsoft FISA content accounts rose between 2019-H1 and 2023-H1"
  daylight check Microsoft requests from Germany ranked first in 2022-H1
  daylight check "Microsoft rejected requests from Germany were 40.13 % of requests in 2020-H2" --format json
  daylight check --grammar`,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			sentence := strings.Join(args, " ")
			if len(args) == 0 || grammar {
				if len(args) > 0 || options.AcrossBreaks {
					return usagef("check: --grammar explains the sentences and reads none")
				}
				return a.printGrammar(cmd.OutOrStdout())
			}
			db, err := warehouse.Open(cmd.Context(), a.data)
			if err != nil {
				return err
			}
			answer, err := claim.Check(cmd.Context(), db, sentence, options)
			if err := errors.Join(err, db.Close()); err != nil {
				return a.unanswered(cmd.OutOrStdout(), err)
			}
			return a.printAnswer(cmd.OutOrStdout(), answer)
		},
	}
	cmd.Flags().BoolVar(&options.AcrossBreaks, "across-breaks", false, "compare across a break of the series, too")
	cmd.Flags().BoolVar(&grammar, "grammar", false, "explain which sentences can be read")
	return cmd
}

// printGrammar prints the grammar as a text or, for programs, as a document.
func (a *app) printGrammar(w io.Writer) error {
	if a.format == formatJSON {
		return writeDocument(w, map[string]any{"grammar": claim.Grammar(), "examples": claim.Examples})
	}
	_, err := io.WriteString(w, claim.Grammar())
	return err
}

// unread is the document of a sentence that cannot be read.
type unread struct {
	Claim    string          `json:"claim"`
	Verdict  *claim.Verdict  `json:"verdict"` // null
	Problem  string          `json:"problem"`
	Unknown  []claim.Unknown `json:"unknown"`
	Readings []string        `json:"readings"`
	Nearest  string          `json:"nearest"`
	Grammar  string          `json:"grammar"`
}

// unanswered adds the grammar to the error of a sentence that cannot be read; as JSON the
// whole explanation goes to standard output.
func (a *app) unanswered(w io.Writer, err error) error {
	var u *claim.Unreadable
	if !errors.As(err, &u) {
		return fmt.Errorf("check: %w", err)
	}
	if a.format != formatJSON {
		return usagef("check: %v\n\n%s", err, strings.TrimSuffix(claim.Grammar(), "\n"))
	}
	doc := unread{Claim: u.Sentence, Problem: u.Problem, Unknown: u.Unknown, Nearest: u.Nearest, Grammar: claim.Grammar(), Readings: []string{}}
	if doc.Unknown == nil {
		doc.Unknown = []claim.Unknown{}
	}
	for _, c := range u.Readings {
		doc.Readings = append(doc.Readings, c.String())
	}
	return errors.Join(usagef("check: %v", err), writeDocument(w, doc))
}

// printAnswer prints the answer: a text, one row, or a document.
func (a *app) printAnswer(w io.Writer, answer *claim.Answer) error {
	switch a.format {
	case formatJSON:
		return writeDocument(w, answer)
	case formatCSV:
		return a.print(w, answerRow(answer))
	}
	return writeAnswer(w, answer, screenWidth(w))
}

// end is an end of an interval as a value that prints; nil is none.
func end(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

// answerRow is the answer without its cells.
func answerRow(x *claim.Answer) *sheet {
	t := &sheet{columns: []string{"claim", "reading", "verdict", "a_period", "a_low", "a_high", "a_unit", "b_period", "b_low", "b_high", "b_unit",
		"rule", "low", "high", "unit", "direction", "needed", "cells", "citation", queries.AdvisoryColumn}}
	p := x.Proof
	b := []any{nil, nil, nil, nil}
	if p.B != nil {
		b = []any{p.B.Period, p.B.Low, end(p.B.High), p.B.Unit}
	}
	line := []any{x.Claim, x.Reading, string(x.Verdict), p.A.Period, p.A.Low, end(p.A.High), p.A.Unit}
	line = append(line, b...)
	t.add(append(line, p.Rule, end(p.Computed.Low), end(p.Computed.High), p.Computed.Unit, p.Computed.Direction, p.Needed.Text,
		int64(len(x.Cells)), x.Citations, strings.Join(x.Advisories, queries.AdvisorySeparator))...)
	return t
}

// maxCells is how many cells the text lists; JSON has all.
const maxCells = 20

// writeAnswer prints the answer for a reader: the verdict first, then why, then from where.
func writeAnswer(w io.Writer, x *claim.Answer, screen int) error {
	var b strings.Builder
	width := textWidth(screen)
	b.WriteString(hang(string(x.Verdict)+": ", x.Reading, width))
	b.WriteString("\nProof\n")
	p := x.Proof
	figure := func(name string, v claim.Value) {
		b.WriteString(hang("  "+name+": ", fmt.Sprintf("%s %s, %s in %s (%s, %s)", v.Text, v.Unit, v.Subject, v.Period,
			counted(v.Cells, "printed cell"), strings.ReplaceAll(v.Basis, "_", " ")), width))
	}
	figure("a", p.A)
	if p.B != nil {
		figure("b", *p.B)
	}
	if p.Rule != "a" {
		text := p.Rule + ": " + p.Computed.Text
		if p.Computed.Unit != "rank" {
			text += " " + p.Computed.Unit
		}
		if p.Computed.Direction != "" {
			text += ", direction " + p.Computed.Direction
		}
		b.WriteString(hang("  ", text, width))
	}
	b.WriteString(hang("  ", "the claim needs "+p.Needed.Text+": "+map[claim.Verdict]string{
		claim.Proven:   "every value is",
		claim.Possible: "some values are, some are not",
		claim.Refuted:  "no value is",
	}[x.Verdict], width))
	b.WriteString("\nPrinted cells\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	t := &sheet{columns: []string{"", "period", "jurisdiction", "process", "measure", "printed", "locator", "file", "edition", "capture"}}
	for _, c := range x.Cells[:min(maxCells, len(x.Cells))] {
		t.add(c.Figure, c.Period, c.Jurisdiction, c.Process, c.Measure, c.RawText, c.Locator, c.File, c.Edition, c.Capture[:min(12, len(c.Capture))])
	}
	if err := writeTable(w, t, screen); err != nil {
		return err
	}
	b.Reset()
	if n := len(x.Cells) - maxCells; n > 0 {
		fmt.Fprintf(&b, "and %d more, see --format json\n", n)
	}
	b.WriteString("\nCite\n")
	for _, c := range x.Citations {
		b.WriteString(hang("  ", c, width))
	}
	if len(x.Advisories) > 0 {
		b.WriteString("\nTo know before citing\n")
		for _, n := range x.Advisories {
			b.WriteString(hang("  - ", n, width))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// counted prints 1 cell, 2 cells.
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
