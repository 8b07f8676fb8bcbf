package warehouse_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"daylight/normalize"
	"daylight/normalize/audit"
	"daylight/warehouse"
)

// readerEnv makes the test binary a reader: it opens the warehouse in the directory,
// reports, and answers again when told, see TestPublishLeavesReaderAlone.
const readerEnv = "DAYLIGHT_TEST_READER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(readerEnv); dir != "" {
		if err := reader(dir); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// reader counts the figures once per line of standard input.
func reader(dir string) error {
	ctx := context.Background()
	db, err := warehouse.Open(ctx, dir)
	if err != nil {
		return err
	}
	defer db.Close()
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		rows, err := db.Query(ctx, "SELECT count(*), sum(value_low) FROM current")
		if err != nil {
			return err
		}
		for rows.Next() {
			fmt.Println(rows.Values()...)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	return in.Err()
}

func day(d int) time.Time { return clock().AddDate(0, 0, d) }

func de(v float64) fig { return fig{jurisdiction: "DE", low: v, high: v} }

func us(lo, hi float64) fig { return fig{jurisdiction: "US", low: lo, high: hi, exactness: "band"} }

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

const standing = `SELECT edition, jurisdiction, value_low, value_high, revision, superseded_at IS NULL, capture[1] FROM observation ORDER BY ALL`

func TestLoad(t *testing.T) {
	a := input{capture("a", day(0), "archive"), "2013-H2", []fig{de(10), us(0, 499)}, nil, nil}
	tests := map[string]struct {
		ins     []input
		results []warehouse.Result // without the book
		want    []string           // rows of standing
		current []string
	}{
		"one_capture": {
			[]input{a}, []warehouse.Result{{Inserted: 2}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|true|a", "google/user-data/2013-H2|US|0|499|1|true|a"},
			[]string{"DE|10", "US|0"},
		},
		"same_capture_twice": {
			[]input{a, a}, []warehouse.Result{{Inserted: 2}, {Unchanged: 2}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|true|a", "google/user-data/2013-H2|US|0|499|1|true|a"},
			[]string{"DE|10", "US|0"},
		},
		"later_capture_revises": {
			[]input{a, {capture("b", day(9), "archive"), "2013-H2", []fig{de(12), us(0, 499)}, nil, nil}},
			[]warehouse.Result{{Inserted: 2}, {Unchanged: 1, Revised: 1}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|false|a", "google/user-data/2013-H2|DE|12|12|2|true|b", "google/user-data/2013-H2|US|0|499|1|true|a"},
			[]string{"DE|12", "US|0"},
		},
		"older_capture_is_history": {
			[]input{a, {capture("b", day(-9), "archive"), "2013-H2", []fig{de(12)}, nil, nil}},
			[]warehouse.Result{{Inserted: 2}, {Older: 1}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|true|a", "google/user-data/2013-H2|DE|12|12|2|false|b", "google/user-data/2013-H2|US|0|499|1|true|a"},
			[]string{"DE|10", "US|0"},
		},
		"there_and_back_again": {
			[]input{a, {capture("b", day(1), "archive"), "2013-H2", []fig{de(12)}, nil, nil}, {capture("c", day(2), "archive"), "2013-H2", []fig{de(10)}, nil, nil}, a},
			[]warehouse.Result{{Inserted: 2}, {Revised: 1}, {Revised: 1}, {Unchanged: 2}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|false|a", "google/user-data/2013-H2|DE|10|10|3|true|c", "google/user-data/2013-H2|DE|12|12|2|false|b", "google/user-data/2013-H2|US|0|499|1|true|a"},
			[]string{"DE|10", "US|0"},
		},
		"back_to_the_same_bytes": {
			[]input{a, {capture("b", day(1), "archive"), "2013-H2", []fig{de(12)}, nil, nil}, {capture("a", day(2), "archive"), "2013-H2", a.figs, nil, nil}, a},
			[]warehouse.Result{{Inserted: 2}, {Revised: 1}, {Unchanged: 1, Revised: 1}, {Unchanged: 2}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|false|a", "google/user-data/2013-H2|DE|10|10|3|true|a", "google/user-data/2013-H2|DE|12|12|2|false|b", "google/user-data/2013-H2|US|0|499|1|true|a"},
			[]string{"DE|10", "US|0"},
		},
		"back_to_the_same_bytes_last_first": {
			[]input{{capture("a", day(2), "archive"), "2013-H2", a.figs, nil, nil}, {capture("b", day(1), "archive"), "2013-H2", []fig{de(12)}, nil, nil}, a},
			[]warehouse.Result{{Inserted: 2}, {Older: 1}, {Unchanged: 1, Older: 1}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|true|a", "google/user-data/2013-H2|DE|10|10|3|false|a", "google/user-data/2013-H2|DE|12|12|2|false|b", "google/user-data/2013-H2|US|0|499|1|true|a"},
			[]string{"DE|10", "US|0"},
		},
		"less_trusted_never_stands": {
			[]input{a, {capture("b", day(9), "mirror"), "2013-H2", []fig{de(12), us(0, 499)}, nil, nil}},
			[]warehouse.Result{{Inserted: 2}, {Unchanged: 1, Conflicts: 1}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|true|a", "google/user-data/2013-H2|DE|12|12|2|false|b", "google/user-data/2013-H2|US|0|499|1|true|a"},
			[]string{"DE|10", "US|0"},
		},
		"more_trusted_wins_and_confirms": {
			[]input{a, {capture("b", day(-9), "publisher"), "2013-H2", []fig{de(12), us(0, 499)}, nil, nil}},
			[]warehouse.Result{{Inserted: 2}, {Confirmed: 1, Revised: 1}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|false|a", "google/user-data/2013-H2|DE|12|12|2|true|b", "google/user-data/2013-H2|US|0|499|1|false|a", "google/user-data/2013-H2|US|0|499|2|true|b"},
			[]string{"DE|12", "US|0"},
		},
		"editions_stand_side_by_side": {
			[]input{{capture("b", day(0), "archive"), "2014-H1", []fig{de(12)}, nil, nil}, a},
			[]warehouse.Result{{Inserted: 1}, {Inserted: 2}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|true|a", "google/user-data/2013-H2|US|0|499|1|true|a", "google/user-data/2014-H1|DE|12|12|1|true|b"},
			[]string{"DE|12", "US|0"},
		},
		"band_is_another_figure_than_its_ends": {
			[]input{a, {capture("b", day(1), "archive"), "2013-H2", []fig{us(0, 249)}, nil, nil}},
			[]warehouse.Result{{Inserted: 2}, {Revised: 1}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|true|a", "google/user-data/2013-H2|US|0|249|2|true|b", "google/user-data/2013-H2|US|0|499|1|false|a"},
			[]string{"DE|10", "US|0"},
		},
		"withheld_after_a_figure": {
			[]input{a, {capture("b", day(1), "archive"), "2013-H2", []fig{{jurisdiction: "DE", exactness: "withheld"}}, nil, nil}},
			[]warehouse.Result{{Inserted: 2}, {Revised: 1}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|false|a", "google/user-data/2013-H2|DE|<nil>|<nil>|2|true|b", "google/user-data/2013-H2|US|0|499|1|true|a"},
			[]string{"DE|<nil>", "US|0"},
		},
		"repeated_line_same_figure": {
			[]input{{capture("a", day(0), "archive"), "2013-H2", []fig{de(10), us(0, 499), de(10)}, nil, nil}},
			[]warehouse.Result{{Inserted: 2, Duplicates: 1}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|true|a", "google/user-data/2013-H2|US|0|499|1|true|a"},
			[]string{"DE|10", "US|0"},
		},
		"repeated_line_other_figure": {
			[]input{{capture("a", day(0), "archive"), "2013-H2", []fig{de(10), us(0, 499), de(11)}, nil, nil}},
			[]warehouse.Result{{Inserted: 1, DuplicateRejects: 2}},
			[]string{"google/user-data/2013-H2|US|0|499|1|true|a"},
			[]string{"US|0"},
		},
		"zero_is_not_missing": {
			[]input{{capture("a", day(0), "archive"), "2013-H2", []fig{de(0), {jurisdiction: "DE", exactness: "withheld"}}, nil, nil}},
			[]warehouse.Result{{DuplicateRejects: 2}},
			nil, nil,
		},
		"finding_holds_its_scope": {
			[]input{{capture("a", day(0), "archive"), "2013-H2", []fig{de(10), us(0, 499), {jurisdiction: "DE", low: 3, high: 3, measure: "accounts_specified", unit: "accounts"}}, nil,
				[]audit.Finding{{Check: audit.CheckTotal, Status: audit.StatusOpen, Hold: true, Expected: "11", Found: "10",
					Scope: audit.Scope{Service: "google", Process: "law_enforcement_all", Measures: []string{"requests_received"}, Jurisdiction: "DE", Period: period(0)}}}}},
			[]warehouse.Result{{Inserted: 2, HeldByAudit: 1}},
			[]string{"google/user-data/2013-H2|DE|3|3|1|true|a", "google/user-data/2013-H2|US|0|499|1|true|a"},
			[]string{"DE|3", "US|0"},
		},
		"pinned_finding_holds_nothing": {
			[]input{{capture("a", day(0), "archive"), "2013-H2", []fig{de(10)}, nil, []audit.Finding{{Check: audit.CheckTotal, Status: audit.StatusPinned, Pin: "press"}}}},
			[]warehouse.Result{{Inserted: 1}},
			[]string{"google/user-data/2013-H2|DE|10|10|1|true|a"},
			[]string{"DE|10"},
		},
		"nothing_but_rejects": {
			[]input{{capture("a", day(0), "archive"), "2013-H2", nil, []normalize.Reject{{Reason: normalize.ReasonPeriod, Locator: "line 2 column 4"}}, nil}},
			[]warehouse.Result{{}},
			nil, nil,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			results := publish(t, dir, tc.ins...)
			for i := range results {
				b := results[i].Book
				if !b.Balanced() {
					t.Errorf("load %d: the book %+v does not balance", i, b)
				}
				results[i].Book = normalize.Book{}
			}
			same(t, tc.results, results)
			same(t, tc.want, ask(t, dir, standing))
			same(t, tc.current, ask(t, dir, "SELECT jurisdiction, value_low FROM current ORDER BY ALL"))
			same(t, []string{"0"}, ask(t, dir, "SELECT count(*) FROM capture WHERE rows <> stored + unchanged + rejects + ignores"))
			same(t, ask(t, dir, "SELECT coalesce(sum(rejects), 0)::BIGINT FROM capture"), ask(t, dir, "SELECT count(*) FROM reject"))
		})
	}
}

func period(n int) normalize.Period {
	s, e := half(n)
	return normalize.Period{Start: s, End: e, Kind: normalize.Half}
}

func TestRejectsOfALaterReadingReplaceTheEarlier(t *testing.T) {
	dir := t.TempDir()
	c := capture("a", day(0), "archive")
	held := normalize.Reject{Reason: normalize.ReasonJurisdiction, Locator: "line 3 column 4", RawLabel: "Beligum"}
	publish(t, dir, input{c, "2013-H2", []fig{de(1)}, []normalize.Reject{held}, nil})
	// The label is known now: the figure loads, the reject goes.
	got := publish(t, dir, input{c, "2013-H2", []fig{de(1), us(0, 499)}, nil, nil})
	same(t, int64(1), got[0].Inserted)
	same(t, []string{"0"}, ask(t, dir, "SELECT count(*) FROM reject"))
	same(t, []string{"2|2|0|0"}, ask(t, dir, "SELECT rows, stored, unchanged, rejects FROM capture"))
}

func TestSameBytesReadDifferently(t *testing.T) {
	for name, figs := range map[string][]fig{"another_figure": {de(11)}, "figure_is_gone": {us(0, 499)}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c := capture("a", day(0), "archive")
			publish(t, dir, input{c, "2013-H2", []fig{de(10)}, nil, nil})
			_, err := load(context.Background(), begin(t, dir), input{c, "2013-H2", figs, nil, nil})
			if !errors.Is(err, warehouse.ErrRevised) {
				t.Errorf("got %v, want ErrRevised", err)
			}
		})
	}
}

// TestImpossibleFigures sees each CHECK refuse, and that nothing of the load stays.
func TestImpossibleFigures(t *testing.T) {
	f := func(v float64) *float64 { return &v }
	date := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	span := func(kind, from, to string) func(*row) {
		return func(r *row) { r.kind, r.start, r.end = kind, date(from), date(to) }
	}
	tests := map[string]struct {
		mutate func(*row)
		ok     bool
	}{
		"plain":                        {func(*row) {}, true},
		"half_from_july":               {span("half", "2012-07-01", "2012-12-31"), true},
		"half_from_july_common_year":   {span("half", "2013-07-01", "2013-12-31"), true},
		"half_from_january_leap":       {span("half", "2012-01-01", "2012-06-30"), true},
		"year":                         {span("year", "2012-01-01", "2012-12-31"), true},
		"quarter":                      {span("quarter", "2012-10-01", "2012-12-31"), true},
		"month":                        {span("month", "2012-02-01", "2012-02-29"), true},
		"day":                          {span("day", "2012-02-29", "2012-02-29"), true},
		"fiscal_year":                  {span("fiscal_year", "2012-10-01", "2013-09-30"), true},
		"irregular":                    {span("irregular", "2012-12-01", "2013-05-31"), true},
		"low_above_high":               {func(r *row) { r.exactness, r.low, r.high = "band", f(5), f(4) }, false},
		"negative":                     {func(r *row) { r.low, r.high = f(-1), f(-1) }, false},
		"exact_with_two_numbers":       {func(r *row) { r.low, r.high = f(1), f(2) }, false},
		"exact_without_a_number":       {func(r *row) { r.low, r.high = nil, nil }, false},
		"exact_without_high":           {func(r *row) { r.high = nil }, false},
		"rounded_with_two_numbers":     {func(r *row) { r.exactness, r.low, r.high = "rounded", f(1), f(2) }, false},
		"band_open_above":              {func(r *row) { r.exactness, r.high = "band", nil }, false},
		"lower_bound_with_high":        {func(r *row) { r.exactness = "lower_bound" }, false},
		"lower_bound":                  {func(r *row) { r.exactness, r.high = "lower_bound", nil }, true},
		"withheld_with_a_number":       {func(r *row) { r.exactness = "withheld" }, false},
		"not_reported_with_a_number":   {func(r *row) { r.exactness = "not_reported" }, false},
		"not_applicable_with_a_number": {func(r *row) { r.exactness = "not_applicable" }, false},
		"unknown_exactness":            {func(r *row) { r.exactness = "guess" }, false},
		"unknown_level":                {func(r *row) { r.level = "county" }, false},
		"percent_above_100":            {func(r *row) { r.unit, r.low, r.high = "percent_rounded", f(101), f(101) }, false},
		"ends_before_it_starts":        {span("irregular", "2013-01-02", "2013-01-01"), false},
		"half_of_a_year":               {span("half", "2013-01-01", "2013-12-31"), false},
		"half_from_april":              {span("half", "2013-04-01", "2013-09-30"), false},
		"half_one_day_short":           {span("half", "2013-01-01", "2013-06-29"), false},
		"half_from_june_30_in_a_leap":  {span("half", "2012-06-30", "2012-12-31"), false},
		"year_from_july":               {span("year", "2012-07-01", "2013-06-30"), false},
		"year_of_two":                  {span("year", "2012-01-01", "2013-12-31"), false},
		"quarter_from_february":        {span("quarter", "2013-02-01", "2013-04-30"), false},
		"month_of_two":                 {span("month", "2013-02-01", "2013-03-31"), false},
		"day_of_two":                   {span("day", "2013-02-01", "2013-02-02"), false},
		"fiscal_year_from_january":     {span("fiscal_year", "2013-01-01", "2013-12-31"), false},
		"no_locator":                   {func(r *row) { r.locator = "" }, false},
		"another_capture":              {func(r *row) { r.capture = strings.Repeat("b", 64) }, false},
		"another_source":               {func(r *row) { r.source = "google/other" }, false},
	}
	w := begin(t, t.TempDir())
	n := 0
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			n++
			c := capture("a", day(0), "archive")
			c.SHA256 = fmt.Sprintf("%064x", n)
			x := de(7)
			x.mutate = tc.mutate
			_, err := load(context.Background(), w, input{c, fmt.Sprint("e", n), []fig{us(0, 499), x}, nil, nil})
			if tc.ok != (err == nil) {
				t.Errorf("got %v, want ok: %v", err, tc.ok)
			}
		})
	}
	if err := w.Publish(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestBooksMustFit(t *testing.T) {
	for name, book := range map[string]normalize.Book{
		"does_not_balance":   {Rows: 3, Observations: 1},
		"one_more_than_came": {Rows: 2, Observations: 2},
		"reject_not_handed":  {Rows: 2, Observations: 1, Rejects: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := begin(t, t.TempDir())
			c := capture("a", day(0), "archive")
			l, err := w.Load(context.Background(), c)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Discard()
			rec := record([]row{de(1).row(c, 0)})
			defer rec.Release()
			if err := l.Write(rec); err != nil {
				t.Fatal(err)
			}
			if _, err := l.Commit(context.Background(), edition("2013-H1"), nil, book); err == nil || !strings.Contains(err.Error(), "books") {
				t.Errorf("got %v, want an error about the books", err)
			}
		})
	}
}

func TestUnknownCodeIsNotPublished(t *testing.T) {
	dir := t.TempDir()
	publish(t, dir, input{capture("a", day(0), "archive"), "2013-H1", []fig{de(1)}, nil, nil})
	w := begin(t, dir)
	if _, err := load(context.Background(), w, input{capture("b", day(0), "archive"), "2013-H2", []fig{{jurisdiction: "Q0"}}, nil, nil}); err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(context.Background()); err == nil || !strings.Contains(err.Error(), "jurisdiction Q0") {
		t.Errorf("got %v, want the unknown code named", err)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	same(t, []string{"DE|1"}, ask(t, dir, "SELECT jurisdiction, value_low FROM current"))
}

func TestDiscardLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	w := begin(t, dir)
	ctx := context.Background()
	c := capture("a", day(0), "archive")
	for range 3 {
		l, err := w.Load(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		rec := record([]row{de(1).row(c, 0)})
		if err := l.Write(rec); err != nil {
			t.Fatal(err)
		}
		rec.Release()
		for range 5000 {
			if err := l.Reject(normalize.Reject{Source: c.Source, Capture: c.SHA256, Reason: "held"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Discard(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Hold(ctx, c, "layout not declared"); err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(ctx); err != nil {
		t.Fatal(err)
	}
	same(t, []string{"0|0"}, ask(t, dir, "SELECT (SELECT count(*) FROM observation), (SELECT count(*) FROM reject)"))
	same(t, []string{"held|layout not declared"}, ask(t, dir, "SELECT status, reason FROM capture"))
	// What was held loads later.
	publish(t, dir, input{c, "2013-H1", []fig{de(1)}, nil, nil})
	same(t, []string{"loaded|1"}, ask(t, dir, "SELECT status, stored FROM capture"))
}

func TestCancelledLoad(t *testing.T) {
	w := begin(t, t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	c := capture("a", day(0), "archive")
	l, err := w.Load(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	rec := record([]row{de(1).row(c, 0)})
	defer rec.Release()
	// The write may still get in; the commit may not.
	werr := l.Write(rec)
	_, err = l.Commit(ctx, edition("2013-H1"), nil, normalize.Book{Rows: 1, Observations: 1})
	if err == nil {
		t.Errorf("commit after cancel: no error (write: %v)", werr)
	}
	if err := l.Discard(); err != nil {
		t.Error(err)
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	w := begin(t, dir)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	_, err = warehouse.Begin(context.Background(), dir, options())
	if !errors.Is(err, warehouse.ErrLocked) {
		t.Fatalf("got %v, want ErrLocked", err)
	}
	same(t, fmt.Sprintf("warehouse: %s is being written by pid %d on host %s since 2026-03-01T12:00:00Z (ingest): wait or stop it", dir, os.Getpid(), host), err.Error())
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	// The note is stale now, the lock is free.
	begin(t, dir)
}

func TestLeftoversOfAKilledRun(t *testing.T) {
	dir := t.TempDir()
	publish(t, dir, input{capture("a", day(0), "archive"), "2013-H1", []fig{de(1)}, nil, nil})
	for _, name := range []string{"daylight.duckdb.building", "daylight.duckdb.building.wal"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half a file"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, dir, input{capture("b", day(1), "archive"), "2013-H1", []fig{de(2)}, nil, nil})
	same(t, []string{"DE|2"}, ask(t, dir, "SELECT jurisdiction, value_low FROM current"))
	var names []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	same(t, []string{"daylight.duckdb", "daylight.lock"}, names)
}

func TestForeignLogIsRefused(t *testing.T) {
	dir := t.TempDir()
	publish(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "daylight.duckdb.wal"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := warehouse.Begin(context.Background(), dir, options()); err == nil || !strings.Contains(err.Error(), ".wal") {
		t.Errorf("begin: got %v, want the log named", err)
	}
	if _, err := warehouse.Open(context.Background(), dir); err == nil || !strings.Contains(err.Error(), ".wal") {
		t.Errorf("open: got %v, want the log named", err)
	}
}

func TestDirectoryWithAQuestionMark(t *testing.T) {
	if w, err := warehouse.Begin(context.Background(), filepath.Join(t.TempDir(), "what?"), options()); err == nil {
		t.Error("no error", w.Abort())
	}
}

func TestVocabularyMayNotReplaceATable(t *testing.T) {
	o := options()
	o.Vocabulary = fstest.MapFS{"figure.csv": {Data: []byte("code,title\na,b\n")}}
	if w, err := warehouse.Begin(context.Background(), t.TempDir(), o); err == nil || !strings.Contains(err.Error(), "figure") {
		t.Error("got", err, w)
	}
}

func TestAbortKeepsTheLastGoodFile(t *testing.T) {
	dir := t.TempDir()
	publish(t, dir, input{capture("a", day(0), "archive"), "2013-H1", []fig{de(1)}, nil, nil})
	before, err := os.ReadFile(filepath.Join(dir, warehouse.FileName))
	if err != nil {
		t.Fatal(err)
	}
	w := begin(t, dir)
	if _, err := load(context.Background(), w, input{capture("b", day(1), "archive"), "2013-H1", []fig{de(2)}, nil, nil}); err != nil {
		t.Fatal(err)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(filepath.Join(dir, warehouse.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("the published file changed")
	}
}

// TestPublishLeavesReaderAlone has another process read while this one publishes.
func TestPublishLeavesReaderAlone(t *testing.T) {
	dir := t.TempDir()
	publish(t, dir, input{capture("a", day(0), "archive"), "2013-H1", []fig{de(1)}, nil, nil})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	start := func() func() string {
		cmd := exec.CommandContext(ctx, self)
		cmd.Env = append(os.Environ(), readerEnv+"="+dir)
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		t.Cleanup(func() {
			in.Close()
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
		return func() string {
			if _, err := io.WriteString(in, "\n"); err != nil {
				t.Fatal(err)
			}
			lines.Scan()
			return lines.Text()
		}
	}
	first := start()
	same(t, "1 1", first())
	publish(t, dir, input{capture("b", day(1), "archive"), "2013-H2", []fig{de(5), us(0, 499)}, nil, nil})
	same(t, "1 1", first())
	second := start()
	same(t, "2 5", second())
	same(t, "1 1", first())
}

func TestOpen(t *testing.T) {
	ctx := context.Background()
	t.Run("no_file", func(t *testing.T) {
		_, err := warehouse.Open(ctx, "data-that-is-not-there")
		if !errors.Is(err, warehouse.ErrNone) {
			t.Fatalf("got %v, want ErrNone", err)
		}
		same(t, `warehouse: no warehouse in data-that-is-not-there: run "daylight ingest --offline"`, err.Error())
	})
	dir := filepath.Join(t.TempDir(), "50% o'clock")
	publish(t, dir, input{capture("a", day(0), "archive"), "2013-H1", []fig{de(1), us(0, 499)}, nil, nil})
	db, err := warehouse.Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	t.Run("can_do_no_harm", func(t *testing.T) {
		outside := filepath.Join(t.TempDir(), "x")
		for _, q := range []string{
			"DELETE FROM figure", "CREATE TABLE x (a INTEGER)", "DROP VIEW current", "COPY current TO '" + outside + "'",
			"SELECT * FROM read_text('/etc/hostname')", "SELECT * FROM read_csv('/etc/hostname')", "ATTACH '" + outside + "'",
			"EXPORT DATABASE '" + outside + "'", "INSTALL httpfs", "SET enable_external_access = true", "SET memory_limit = '1TB'",
		} {
			rows, err := db.Query(ctx, q)
			if err == nil {
				for rows.Next() {
				}
				err = errors.Join(rows.Err(), rows.Close())
			}
			if err == nil {
				t.Errorf("%s: no error", q)
			}
		}
		if _, err := os.Stat(outside); err == nil {
			t.Error("a file was written")
		}
	})
	t.Run("reads_only", func(t *testing.T) {
		for q, ok := range map[string]bool{
			"SELECT 1": true, "select 1;": true, "-- why\nSELECT 1 -- because\n;\n": true, "WITH a AS (SELECT 1) FROM a": true, "VALUES (1)": true,
			"DESCRIBE current": true, "SHOW TABLES": true, "SUMMARIZE edition": true, "EXPLAIN SELECT 1": true, "SELECT ';'": true,
			"SELECT 1; SELECT 2": false, "USE memory": false, "USE memory; SELECT 1": false, "CREATE TEMP TABLE current AS SELECT 1": false,
			"CREATE TABLE memory.main.x AS SELECT 1": false, "CHECKPOINT": false, "BEGIN": false, "SET threads = 1": false,
			"SELECT 1; DROP VIEW current": false, "PREPARE x AS SELECT 1": false, "": false, ";": false, "nonsense": false,
		} {
			rows, err := db.Query(ctx, q)
			if err == nil {
				err = rows.Close()
			}
			if (err == nil) != ok {
				t.Errorf("%q: error %v, want it to run: %v", q, err, ok)
			}
		}
	})
	t.Run("rare_types", func(t *testing.T) {
		rows, err := db.Query(ctx, `SELECT uuid '00112233-4455-6677-8899-aabbccddeeff' AS u, time '12:30:00' AS t, INTERVAL '1 month 2 days' AS i,
			{'a': 1} AS s, map {'k': [1.5]} AS m, 'x'::BLOB AS b, 170141183460469231731687303715884105727::HUGEINT AS h`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		if !rows.Next() {
			t.Fatal("no row", rows.Err())
		}
		same(t, []any{"00112233-4455-6677-8899-aabbccddeeff", "12:30:00", "1 months 2 days 0s",
			map[string]any{"a": int64(1)}, map[string]any{"k": []any{1.5}}, []byte("x"), "170141183460469231731687303715884105727"}, rows.Values())
	})
	t.Run("types", func(t *testing.T) {
		rows, err := db.Query(ctx, `SELECT period_start, value_low, sum(revision) AS n, count(*) AS c, any_value(footnotes) AS f, any_value(captured_at) AS at, 1.5::DECIMAL(4,2) AS d
			FROM current WHERE jurisdiction = $who GROUP BY ALL`, sqlNamed("who", "DE"))
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		same(t, []warehouse.Column{{"period_start", "DATE"}, {"value_low", "DOUBLE"}, {"n", "HUGEINT"}, {"c", "BIGINT"}, {"f", "VARCHAR[]"}, {"at", "TIMESTAMPTZ"}, {"d", "DECIMAL(4,2)"}}, rows.Columns())
		if !rows.Next() {
			t.Fatal("no row", rows.Err())
		}
		same(t, []any{time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC), 1.0, int64(1), int64(1), []any{"*"}, clock(), 1.5}, rows.Values())
	})
}

// TestDamagedFile damages a published file in several ways: opening or checking it says so,
// and what to do.
func TestDamagedFile(t *testing.T) {
	ctx := context.Background()
	good := t.TempDir()
	publish(t, good, input{capture("a", day(0), "archive"), "2013-H1", []fig{de(1), us(0, 499)}, nil, nil})
	raw, err := os.ReadFile(filepath.Join(good, warehouse.FileName))
	if err != nil {
		t.Fatal(err)
	}
	noise := bytes.Clone(raw)
	for i := len(noise) / 3; i < len(noise); i++ {
		noise[i] ^= 0x5a
	}
	tests := map[string]struct {
		content []byte
		ok      bool
	}{
		"as_published": {raw, true},
		"empty":        {nil, false},
		"truncated":    {raw[:len(raw)/2], false},
		"not_duckdb":   {[]byte(strings.Repeat("daylight ", 4096)), false},
		"flipped_bits": {noise, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, warehouse.FileName), tc.content, 0o644); err != nil {
				t.Fatal(err)
			}
			db, err := warehouse.Open(ctx, dir)
			if err == nil {
				err = errors.Join(db.Check(ctx), db.Close())
			}
			switch {
			case tc.ok && err != nil:
				t.Error(err)
			case !tc.ok && (err == nil || !strings.Contains(err.Error(), "the warehouse is damaged: restore it")):
				t.Errorf("error %v does not say that the file is damaged", err)
			}
		})
	}
}

// TestAtHand says which sums over a table are the report's total.
func TestAtHand(t *testing.T) {
	dir := t.TempDir()
	excerpt := capture("b", day(1), "retyped")
	excerpt.Excerpt = true
	held := capture("c", day(2), "archive")
	refused := []normalize.Reject{{Table: "table", Locator: "line 9", RawText: "7", Reason: normalize.ReasonJurisdiction}}
	later := func(f fig, half int) fig { f.half = half; return f }
	publish(t, dir,
		input{capture("a", day(0), "archive"), "2013-H1", []fig{de(1), us(0, 499)}, nil, nil},
		// A newer excerpt does not make the older whole table less whole.
		input{excerpt, "2013-H2", []fig{de(1), later(de(2), 1)}, nil, nil},
		input{held, "2014-H1", []fig{later(de(3), 2)}, refused, nil})
	same(t, []string{"2013-H1|true|0", "2013-H2|false|0", "2014-H1|true|1"},
		ask(t, dir, "SELECT period_label(period_start, period_end), whole, refused FROM at_hand ORDER BY ALL"))
}

// TestEverythingIsCommented fails for a table, column or macro that nobody described.
func TestEverythingIsCommented(t *testing.T) {
	dir := t.TempDir()
	publish(t, dir, input{capture("a", day(0), "archive"), "2013-H1", []fig{de(1)}, nil, nil})
	same(t, nil, empty(ask(t, dir, `SELECT table_name FROM duckdb_tables() WHERE database_name = 'daylight' AND coalesce(comment, '') = ''`)))
	same(t, nil, empty(ask(t, dir, `SELECT view_name FROM duckdb_views() WHERE database_name = 'daylight' AND NOT internal AND coalesce(comment, '') = ''`)))
	same(t, nil, empty(ask(t, dir, `SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'daylight' AND NOT internal AND coalesce(comment, '') = ''`)))
	same(t, nil, empty(ask(t, dir, `SELECT function_name FROM duckdb_functions() WHERE database_name = 'daylight' AND function_type IN ('macro', 'table_macro') AND NOT internal AND coalesce(comment, '') = ''`)))
	// The code lists' columns have a note of their own, not the stand-in.
	same(t, nil, empty(ask(t, dir, `SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'daylight' AND comment LIKE '%of the code list%'`)))
	same(t, []string{"see"}, ask(t, dir, `SELECT regexp_extract(comment, 'unit: (\w+)', 1) FROM duckdb_columns() WHERE database_name = 'daylight' AND table_name = 'current' AND column_name = 'value_low'`))
	same(t, []string{"provider service source edition revision period_start period_end period_kind jurisdiction requester_level customer_class process measure unit value_low value_high exactness band_scheme basis raw_text raw_label locator capture quality_flags"},
		ask(t, dir, `SELECT string_agg(column_name, ' ' ORDER BY column_index) FROM duckdb_columns() WHERE database_name = 'daylight' AND table_name = 'observation' AND column_index <= 24`))
}

func empty(v []string) any {
	if len(v) == 0 {
		return nil
	}
	return v
}

func TestCoverageAndVocabulary(t *testing.T) {
	dir := t.TempDir()
	x := capture("b", day(0), "retyped")
	x.Excerpt = true
	publish(t, dir,
		input{capture("a", day(0), "archive"), "2013-H1", []fig{de(1), us(0, 499), {jurisdiction: "FR", exactness: "withheld"}}, nil, nil},
		input{x, "2013-H2", []fig{{jurisdiction: "DE", low: 2, high: 2, half: 1}}, nil, nil})
	same(t, []string{
		"google|google/user-data|2013-01-01T00:00:00Z|2013-06-30T00:00:00Z|half|3|2|3|google/user-data/2013-H1|false",
		"google|google/user-data|2013-07-01T00:00:00Z|2013-12-31T00:00:00Z|half|1|1|1|google/user-data/2013-H2|true",
	}, ask(t, dir, "SELECT * FROM coverage ORDER BY ALL"))
	// Namibia's code is a code.
	same(t, []string{"NA|Namibia"}, ask(t, dir, "SELECT code, name FROM jurisdiction WHERE code = 'NA'"))
	same(t, []string{"HR|2013-07-01T00:00:00Z|<nil>"}, ask(t, dir, `SELECT member, "from", "to" FROM membership WHERE member = 'HR'`))
}

func TestRuns(t *testing.T) {
	dir := t.TempDir()
	ctx := context.Background()
	w := begin(t, dir)
	if err := w.StartRun(ctx, "r1"); err != nil {
		t.Fatal(err)
	}
	if _, err := load(ctx, w, input{capture("a", day(0), "archive"), "2013-H1", []fig{de(1)}, nil, []audit.Finding{{Check: audit.CheckBand, Status: audit.StatusOpen}}}); err != nil {
		t.Fatal(err)
	}
	err := w.FinishRun(ctx, "held", []warehouse.RunSource{{Source: "google/user-data", Outcome: "held", Captures: 1, Book: normalize.Book{Rows: 1, Observations: 1}, Elapsed: 1500 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(ctx); err != nil {
		t.Fatal(err)
	}
	same(t, []string{"r1|ingest|test|held|1|1.5"}, ask(t, dir, "SELECT id, command, version, r.outcome, rows, seconds FROM run r JOIN run_source s ON s.run = r.id"))
	same(t, []string{"r1|band"}, ask(t, dir, "SELECT run, check_name FROM finding"))
}

// TestDecisionsAreTakenInAnew: the table holds those of the last run, whatever was there.
func TestDecisionsAreTakenInAnew(t *testing.T) {
	dir := t.TempDir()
	d := warehouse.Decision{Review: "00c0ffee", Decision: "accepted", By: "A. Analyst", At: day(0), Why: "misspelt",
		What: "label", Source: "google/user-data", Subject: `jurisdiction "Beligum"`, Code: "BE"}
	other := d
	other.Review, other.Decision, other.Code = "0badcafe", "rejected", ""
	for _, list := range [][]warehouse.Decision{{d, other}, {other}, nil} {
		o := options()
		o.Decisions = list
		w, err := warehouse.Begin(t.Context(), dir, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, d := range list {
			want = append(want, strings.Join([]string{d.Review, d.Decision, d.By, d.At.Format(time.RFC3339), d.Why, d.What, d.Source, d.Table, d.Subject, d.Code}, "|"))
		}
		sort.Strings(want)
		same(t, want, ask(t, dir, "SELECT * FROM decision ORDER BY review"))
	}
}

// TestMattersOfReview: what a decision would settle has one name, in every capture.
func TestMattersOfReview(t *testing.T) {
	dir := t.TempDir()
	reject := func(at, word, note string) normalize.Reject {
		return normalize.Reject{Reason: normalize.ReasonProcess, Table: "user_data", Locator: at, Kind: "process", Word: word, Detail: "unknown", Note: note}
	}
	off := audit.Finding{Check: audit.CheckTotal, Status: audit.StatusOpen, Hold: true, Expected: "11", Found: "10", Table: "user_data", Measure: "requests_received",
		Scope: audit.Scope{Measures: []string{"requests_received"}, Jurisdiction: "DE"}}
	publish(t, dir,
		input{capture("a", day(0), "archive"), "2013-H2", []fig{us(0, 499), de(10)}, []normalize.Reject{reject("line 8", "Letter", ""), reject("line 9", "LETTER ", "rejected by me")}, []audit.Finding{off}},
		input{capture("b", day(1), "archive"), "2014-H1", []fig{de(10)}, []normalize.Reject{reject("line 8", "letter", ""), reject("line 9", "Letters", "")}, []audit.Finding{off}},
	)
	same(t, []string{"1|process|Letters|unknown", "3|process|LETTER |unknown; rejected by me"},
		ask(t, dir, "SELECT count(*), min(label_kind), min(word), max(detail) FROM reject WHERE reason = 'process' GROUP BY review ORDER BY 1"))
	same(t, []string{"1|2|user_data|requests_received"},
		ask(t, dir, "SELECT count(DISTINCT review), count(*), min(tbl), min(measure) FROM finding"))
	same(t, []string{"2|1"}, ask(t, dir, "SELECT count(*), count(DISTINCT r.review) FROM reject r SEMI JOIN finding f ON f.review = r.review WHERE r.reason = 'audit'"))
}
