package main

import (
	"context"
	"os"
	"slices"
	"testing"

	"daylight/normalize/audit"
	"daylight/queries/figure"
	"daylight/warehouse"
)

// TestEveryFigureIsInTheBytes walks every observation of the warehouse back, by the code of
// "daylight why": its locator, in the archived bytes of its capture, prints its raw text; the
// labels stand where they are said to stand; and today's rules read the same figure there,
// each attribute of which has a rule. It does so for the embedded captures and, when
// DAYLIGHT_CAPTURES names their folder, for the publishers' own files too; every figure, no
// sample.
func TestEveryFigureIsInTheBytes(t *testing.T) {
	ctx := t.Context()
	a := testApp(t)
	if _, err := a.ingest(ctx, sources(), ingestOptions{offline: true}); err != nil {
		t.Fatal(err)
	}
	if root := os.Getenv("DAYLIGHT_CAPTURES"); root != "" {
		if err := a.importAll(ctx, root, nil); err != nil {
			t.Fatal(err)
		}
	}
	db, err := warehouse.Open(ctx, a.data)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n, wrong, audited := 0, 0, 0
	captures := numbers(ctx, t, db, "SELECT id::BIGINT FROM capture WHERE stored > 0 ORDER BY id")
	x := a.examiner()
	for _, id := range captures {
		figures, err := figure.OfCapture(ctx, db, id)
		if err != nil {
			t.Fatal(err)
		}
		list, err := x.testify(ctx, db, figures)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != len(figures) {
			t.Fatalf("%d testimonies of %d figures", len(list), len(figures))
		}
		for _, f := range list {
			n++
			problems := f.Problems
			if f.Confirmed != (len(problems) == 0) || f.Printed.ReadAgain == nil || *f.Printed.ReadAgain != f.figure.RawText {
				problems = append(problems, "it is confirmed without having been read")
			}
			problems = append(problems, unexplained(f)...)
			for _, d := range f.Audits {
				audited++
				if d.Outcome == string(audit.OutcomeOpen) {
					problems = append(problems, "it stands in spite of an open finding: "+d.Check+": "+d.Relation)
				}
			}
			if !slices.ContainsFunc(f.Readings, func(r figure.Reading) bool { return r.This }) || f.Citation == "" {
				problems = append(problems, "it is none of its own series' readings, or has no citation")
			}
			if len(problems) > 0 {
				if wrong++; wrong <= 20 {
					t.Errorf("%s (%s at %q): %q", f.Figure, f.Printed.File, f.Printed.Locator, problems)
				}
			}
		}
	}
	all := numbers(ctx, t, db, "SELECT count(*) FROM observation")
	t.Logf("%d figures of %d captures, %d not confirmed; %d decisions of audits", n, len(captures), wrong, audited)
	if n < 1000 || int64(n) != all[0] {
		t.Errorf("%d figures were read again, and there are %d", n, all[0])
	}
}

// unexplained lists the attributes of a figure that no rule accounts for, and the rules that
// give another code than the figure has.
func unexplained(f *testimony) []string {
	var out []string
	for _, attribute := range []string{
		"jurisdiction", "assisting_jurisdiction", "process", "measure", "unit", "service", "requester_level", "customer_class",
		"basis", "item", "exactness", "band_scheme",
	} {
		want := show(valueOf(f.figure, attribute), false)
		found := false
		for _, r := range f.Rules {
			if r.Attribute == attribute {
				found = true
				if r.Code != want {
					out = append(out, attribute+" is "+want+", and a rule makes it "+r.Code)
				}
			}
		}
		if !found && want != "" {
			out = append(out, "no rule says why "+attribute+" is "+want)
		}
	}
	period := slices.IndexFunc(f.Rules, func(r rule) bool { return r.Attribute == "period" })
	if period < 0 || f.Rules[period].Code != f.figure.Period {
		out = append(out, "no rule says why the period is "+f.figure.Period)
	}
	for _, r := range f.Rules {
		if r.File == "" && r.Note == "" {
			out = append(out, "the rule of "+r.Attribute+" says nothing")
		}
	}
	return out
}

// numbers is the first column of a statement's answer.
func numbers(ctx context.Context, t *testing.T, db *warehouse.DB, statement string) []int64 {
	t.Helper()
	rows, err := db.Query(ctx, statement)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		out = append(out, rows.Values()[0].(int64))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
