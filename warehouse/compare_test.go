package warehouse_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daylight/normalize"
	"daylight/warehouse"
)

// anew builds the inputs into a fresh file and compares it with the published one.
func anew(t *testing.T, dir string, ins ...input) (*warehouse.Warehouse, *warehouse.Comparison) {
	t.Helper()
	w := beginAnew(t, dir)
	for _, in := range ins {
		if _, err := load(t.Context(), w, in); err != nil {
			t.Fatal(err)
		}
	}
	c, err := w.Compare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return w, c
}

func beginAnew(t *testing.T, dir string) *warehouse.Warehouse {
	t.Helper()
	o := options()
	o.Fresh = true
	w, err := warehouse.Begin(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Abort(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func TestCompare(t *testing.T) {
	a := input{capture("a", day(0), "archive"), "2013-H2", []fig{de(10), us(0, 499)}, nil, nil}
	b := input{capture("b", day(9), "archive"), "2013-H2", []fig{de(12)}, nil, nil}
	with := func(in input, figs ...fig) input { in.figs = figs; return in }
	tests := map[string]struct {
		before, after []input
		tally         warehouse.Tally
		want          []string
	}{
		"the_same": {
			[]input{a, b}, []input{a, b}, warehouse.Tally{Before: 3, After: 3, Same: 3}, nil,
		},
		"value_and_exactness": {
			[]input{a}, []input{with(a, fig{jurisdiction: "DE", exactness: "withheld", raw: "10"}, us(0, 499))},
			warehouse.Tally{Before: 2, After: 2, Same: 1, Changed: 1},
			[]string{
				"changed figure 2013-H2 DE exactness: exact > withheld, line 2 column 4 of a",
				"changed figure 2013-H2 DE value: 10 > , line 2 column 4 of a",
			},
		},
		"an_interval_every_digit": {
			[]input{a}, []input{with(a, de(10), us(250, 499.25))}, warehouse.Tally{Before: 2, After: 2, Same: 1, Changed: 1},
			[]string{
				"changed figure 2013-H2 US raw_text: 0 > 250, line 3 column 4 of a",
				"changed figure 2013-H2 US value: 0–499 > 250–499.25, line 3 column 4 of a",
			},
		},
		"flags": {
			[]input{a}, []input{with(a, de(10), fig{jurisdiction: "US", low: 0, high: 499, exactness: "band", mutate: func(r *row) { r.flags = []string{"footnote_mark", "width_unexpected"} }})},
			warehouse.Tally{Before: 2, After: 2, Same: 1, Changed: 1},
			[]string{"changed figure 2013-H2 US quality_flags:  > footnote_mark | width_unexpected, line 3 column 4 of a"},
		},
		"another_place": {
			[]input{a}, []input{with(a, de(10), fig{jurisdiction: "US", low: 0, high: 499, exactness: "band", mutate: func(r *row) { r.locator = "line 9 column 4" }})},
			warehouse.Tally{Before: 2, After: 2, Same: 1, Changed: 1},
			[]string{"changed figure 2013-H2 US locator: line 3 column 4 > line 9 column 4, line 9 column 4 of a"},
		},
		"another_series_in_the_same_cell": {
			[]input{a}, []input{with(a, de(10), fig{jurisdiction: "US", low: 0, high: 499, exactness: "band", measure: "accounts_specified", unit: "accounts"})},
			warehouse.Tally{Before: 2, After: 2, Same: 1, Changed: 1},
			[]string{
				"changed figure 2013-H2 US measure: requests_received > accounts_specified, line 3 column 4 of a",
				"changed figure 2013-H2 US unit: requests > accounts, line 3 column 4 of a",
			},
		},
		"added_and_gone": {
			[]input{a}, []input{with(a, de(10), fig{jurisdiction: "FR", low: 1, high: 1, mutate: func(r *row) { r.locator = "line 7 column 4" }})},
			warehouse.Tally{Before: 2, After: 2, Same: 1, Added: 1, Gone: 1},
			[]string{
				"added figure 2013-H2 FR :  > 1 exact, line 7 column 4 of a",
				"gone figure 2013-H2 US : 0–499 band > , line 3 column 4 of a",
			},
		},
		"a_superseded_reading": {
			[]input{a, b}, []input{with(a, de(11), us(0, 499)), b}, warehouse.Tally{Before: 3, After: 3, Same: 2, Changed: 1},
			[]string{
				"changed superseded 2013-H2 DE raw_text: 10 > 11, line 2 column 4 of a",
				"changed superseded 2013-H2 DE value: 10 > 11, line 2 column 4 of a",
			},
		},
		"a_reading_that_stood_is_history": {
			[]input{a}, []input{a, b}, warehouse.Tally{Before: 2, After: 3, Same: 1, Added: 1, Changed: 1, Other: 2},
			[]string{
				"changed edition 2013-H2  last_captured: 2026-03-01 12:00:00+00 > 2026-03-10 12:00:00+00,  of ",
				"added capture 2013-H2  :  > loaded,  of b",
				"changed figure 2013-H2 DE capture: aaaaaa > bbbbbb, line 2 column 4 of b",
				"changed figure 2013-H2 DE raw_text: 10 > 12, line 2 column 4 of b",
				"changed figure 2013-H2 DE revision: 1 > 2, line 2 column 4 of b",
				"changed figure 2013-H2 DE value: 10 > 12, line 2 column 4 of b",
				"added superseded 2013-H2 DE :  > 10 exact, line 2 column 4 of a",
			},
		},
		"rejects_of_a_capture": {
			[]input{a}, []input{{a.capture, "2013-H2", a.figs, []normalize.Reject{{Reason: normalize.ReasonValue, Locator: "line 9 column 4", RawText: "x"}}, nil}},
			warehouse.Tally{Before: 2, After: 2, Same: 2, Other: 1},
			[]string{
				"changed capture 2013-H2  details of rejects:  > ,  of a",
				"changed capture 2013-H2  rejects: 0 > 1,  of a",
				"changed capture 2013-H2  rows: 2 > 3,  of a",
			},
		},
		"another_edition": {
			[]input{a}, []input{{a.capture, "2013-H1", a.figs, nil, nil}}, warehouse.Tally{Before: 2, After: 2, Added: 2, Gone: 2, Other: 3},
			[]string{
				"added edition 2013-H1  :  > ,  of ",
				"gone edition 2013-H2  :  > ,  of ",
				"changed capture 2013-H1  edition: google/user-data/2013-H2 > google/user-data/2013-H1,  of a",
				"added figure 2013-H1 DE :  > 10 exact, line 2 column 4 of a",
				"added figure 2013-H1 US :  > 0–499 band, line 3 column 4 of a",
				"gone figure 2013-H2 DE : 10 exact > , line 2 column 4 of a",
				"gone figure 2013-H2 US : 0–499 band > , line 3 column 4 of a",
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			publish(t, dir, tc.before...)
			_, c := anew(t, dir, tc.after...)
			var got []string
			err := c.Each(t.Context(), func(d warehouse.Difference) error {
				short := strings.NewReplacer(strings.Repeat("a", 64), "aaaaaa", strings.Repeat("b", 64), "bbbbbb").Replace
				got = append(got, fmt.Sprintf("%s %s %s %s %s: %s > %s, %s of %s", d.Change, d.Of, strings.TrimPrefix(d.Edition, d.Source+"/"),
					d.Jurisdiction, d.What, short(d.Before), short(d.After), d.Locator, strings.TrimSuffix(d.File, ".csv")))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			same(t, tc.want, got)
			tc.tally.Source = "google/user-data"
			same(t, []warehouse.Tally{tc.tally}, c.Tallies)
			if changes := tc.tally.Changes(); c.Changes() != changes {
				t.Errorf("%d changes, want %d", c.Changes(), changes)
			}
		})
	}
}

func TestCompareWithWhatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	a := input{capture("a", day(0), "archive"), "2013-H2", []fig{de(10), us(0, 499)}, nil, nil}
	w := beginAnew(t, dir)
	if _, err := w.Compare(t.Context()); !errors.Is(err, warehouse.ErrNone) {
		t.Errorf("nothing is published: got %v, want ErrNone", err)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	publish(t, dir, a)
	file := filepath.Join(dir, warehouse.FileName)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, bytes := range map[string][]byte{
		"no_database": []byte("no database"),
		"cut_short":   good[:len(good)/2],
		"bytes_wrong": append(append([]byte{}, good[:12288]...), append(make([]byte, len(good)-12288-4096), good[len(good)-4096:]...)...),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, bytes, 0o644); err != nil {
				t.Fatal(err)
			}
			w := beginAnew(t, dir)
			if _, err := load(context.Background(), w, a); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Compare(t.Context()); !errors.Is(err, warehouse.ErrUnread) {
				t.Errorf("got %v, want ErrUnread", err)
			}
			if err := w.AdoptRuns(t.Context()); !errors.Is(err, warehouse.ErrUnread) {
				t.Errorf("runs: got %v, want ErrUnread", err)
			}
			// It is replaced all the same when the caller wants it.
			if err := w.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
			same(t, []string{"2"}, ask(t, dir, "SELECT count(*) FROM current"))
		})
	}
}

// TestAdoptRuns: the accounts of earlier runs stay, once each.
func TestAdoptRuns(t *testing.T) {
	dir := t.TempDir()
	a := input{capture("a", day(0), "archive"), "2013-H2", []fig{de(10)}, nil, nil}
	for i, id := range []string{"first", "second", "third"} {
		o := options()
		o.Fresh = i > 0
		w, err := warehouse.Begin(t.Context(), dir, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.StartRun(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if _, err := load(t.Context(), w, a); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			if err := w.AdoptRuns(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.FinishRun(t.Context(), "clean", []warehouse.RunSource{{Source: "google/user-data", Outcome: "clean"}}); err != nil {
			t.Fatal(err)
		}
		if err := w.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	same(t, []string{"first|clean", "second|clean", "third|clean"}, ask(t, dir, "SELECT id, outcome FROM run ORDER BY id"))
	same(t, []string{"first", "second", "third"}, ask(t, dir, "SELECT run FROM run_source ORDER BY run"))
	same(t, []string{"1"}, ask(t, dir, "SELECT count(*) FROM figure"))
}
