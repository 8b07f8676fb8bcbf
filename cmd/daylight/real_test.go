package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"daylight/scrape"
	"daylight/warehouse"
)

// A batch is what a user imports with one command line: files of one source and edition.
type batch struct {
	source  string
	edition string
	files   []string
}

var (
	editionFolder = regexp.MustCompile(`^edition-(\d{4})-(H[12]|06|12)$`)
	halfOfMonth   = map[string]string{"06": "H1", "12": "H2", "H1": "H1", "H2": "H2"}
)

// batches sorts the real captures by the folder they were put in, as their owner would
// when importing them: the folder says the source and, where a download is cut into
// files that lag behind each other, the edition.
func batches(root string) ([]batch, error) {
	var out []batch
	index := map[string]int{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		parts := strings.Split(filepath.ToSlash(rel), "/")
		if len(parts) < 3 {
			return nil // PROVENANCE.tsv
		}
		b := batch{}
		switch parts[0] {
		case "microsoft":
			b.source = "microsoft/" + parts[1]
		case "google":
			b.source = "google/user-data"
		case "apple":
			b.source = "apple/requests"
		case "meta":
			b.source = "meta/government-requests"
		default:
			return fmt.Errorf("%s: no source for this folder", rel)
		}
		if m := editionFolder.FindStringSubmatch(parts[1]); m != nil {
			b.edition = m[1] + "-" + halfOfMonth[m[2]]
		}
		key := parts[0] + "/" + parts[1]
		i, ok := index[key]
		if !ok {
			i = len(out)
			index[key] = i
			out = append(out, b)
		}
		out[i].files = append(out[i].files, path)
		return nil
	})
	return out, err
}

// testApp is an app with a data directory of its own and a clock that stands still.
func testApp(t *testing.T) *app {
	t.Helper()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return &app{data: t.TempDir(), format: formatTable, now: func() time.Time { now = now.Add(time.Second); return now }, errOut: io.Discard}
}

// TestRealCaptures imports the publishers' own files, when DAYLIGHT_CAPTURES names their
// folder, and compares every figure with those that somebody else took from the same
// files (DAYLIGHT_EXPECTED): none may be wrong, and at most 1 % may be missing. Without
// the variables it does the same with the embedded captures and the figures in
// testdata/known_figures.csv, which were read off the reports by eye.
func TestRealCaptures(t *testing.T) {
	ctx := t.Context()
	a := testApp(t)
	captures, expected := os.Getenv("DAYLIGHT_CAPTURES"), os.Getenv("DAYLIGHT_EXPECTED")
	if captures == "" || expected == "" {
		expected = filepath.Join("testdata", "known_figures.csv")
		r, err := a.ingest(ctx, sources(), ingestOptions{offline: true})
		if err != nil {
			t.Fatal(err)
		}
		checkBooks(t, r)
	} else {
		list, err := batches(captures)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range list {
			o := importOptions{source: b.source, edition: b.edition, trust: string(scrape.TrustArchive)}
			s, files, err := o.captures(a.now(), b.files)
			if err != nil {
				t.Fatal(err)
			}
			r, err := a.importCaptures(ctx, s, files, false)
			if err != nil {
				t.Fatal(err)
			}
			checkBooks(t, r)
			for _, src := range r.Sources {
				t.Logf("%-26s %-8s %-7s %6d rows = %6d observations + %d rejects + %d ignores", src.Source, b.edition, src.Outcome,
					src.Book.Rows, src.Book.Observations, src.Book.Rejects, src.Book.Ignores)
				for _, h := range src.Held {
					t.Logf("    held: %s %s %s: %s", h.Capture, h.Where, h.Reason, h.Detail)
				}
				if src.Outcome == outcomeFailed {
					t.Errorf("%s: failed: %s", src.Source, src.Error)
				}
			}
		}
	}
	publishedAnswers(t, a.data, captures != "")
	res, err := compare(ctx, a.data, expected)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d expected figures: %d equal, %d missing, %d wrong", res.expected, res.equal, len(res.missing), len(res.wrong))
	for _, w := range res.wrong {
		t.Errorf("wrong: %s", w)
	}
	for i, m := range res.missing {
		if i == 40 {
			t.Logf("missing: and %d more", len(res.missing)-i)
			break
		}
		t.Logf("missing: %s", m)
	}
	if res.expected < 50 || len(res.missing)*100 > res.expected {
		t.Errorf("%d of %d expected figures are missing; at most 1 %% may be", len(res.missing), res.expected)
	}
}

// publishedAnswers asks what the press and the publishers have answered before. The ids are
// those of the list of published answers; whole says that the full reports are at hand, and
// not only the embedded excerpts.
func publishedAnswers(t *testing.T, data string, whole bool) {
	t.Helper()
	tests := []struct {
		id, question, params, row string // row: the first column's value, or the period
		low, high                 string // columns
		want                      float64
		whole                     bool // only the full reports can say it
	}{
		{"A01", "requests_by_half_year", "provider=google", "2009-H2", "requests_low", "requests_high", 12539, true},
		{"A02", "requests_by_half_year", "provider=google", "2012-H2", "requests_low", "requests_high", 21389, true},
		{"A03", "requests_by_half_year", "provider=google jurisdiction=US", "2012-H2", "requests_low", "requests_high", 8438, false},
		{"A04", "requests_by_half_year", "provider=google jurisdiction=DE", "2012-H2", "requests_low", "requests_high", 1550, false},
		{"A07", "requests_by_half_year", "provider=google", "2013-H1", "requests_low", "requests_high", 25879, true},
		{"A11 first half", "requests_by_half_year", "provider=microsoft", "2013-H1", "requests_low", "requests_high", 37196, false},
		{"A11 second half", "requests_by_half_year", "provider=microsoft", "2013-H2", "requests_low", "requests_high", 35083, false},
		{"A17", "rejection_and_content_share", "provider=microsoft jurisdiction=DE", "2020-H2", "rejected_share_low", "rejected_share_high", 40.13, false},
		{"Germany first in 2022-H1", "requesting_jurisdictions", "provider=microsoft period=2022-H1", "DE", "share_low", "share_high", 24.48, false},
	}
	if !whole {
		// The workbook of 2016-H1 is not among the full reports.
		tests = append(tests, tests[7])
		last := &tests[len(tests)-1]
		last.id, last.params, last.row, last.want = "A15", "provider=microsoft", "2016-H1", 12.78
	}
	ask := func(question, params string) []map[string]string {
		args := []string{"query", question, "--format", "csv"}
		for _, p := range strings.Fields(params) {
			args = append(args, "--param", p)
		}
		lines, err := csv.NewReader(strings.NewReader(command(t, data, args...))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var out []map[string]string
		for _, l := range lines[1:] {
			row := map[string]string{}
			for i, name := range lines[0] {
				row[name] = l[i]
			}
			out = append(out, row)
		}
		return out
	}
	number := func(s string) float64 {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return -1
		}
		return f
	}
	for _, tc := range tests {
		if tc.whole && !whole {
			continue
		}
		found := false
		for _, row := range ask(tc.question, tc.params) {
			if row["period"] != tc.row && row["jurisdiction"] != tc.row || row["process"] == "emergency_disclosure" {
				continue
			}
			found = true
			// The answers were printed with two decimals.
			if low, high := number(row[tc.low]), number(row[tc.high]); low-tc.want > 0.005 || tc.want-high > 0.005 || high-low > 0.005 {
				t.Errorf("%s: %s..%s, published is %v: %v", tc.id, row[tc.low], row[tc.high], tc.want, row)
			}
		}
		if !found {
			t.Errorf("%s: no row %s", tc.id, tc.row)
		}
	}
	// A13: the share of the five that ask most, which the publisher gives as over 73 %.
	five, places := 0.0, ask("requesting_jurisdictions", "provider=microsoft period=2013-H1 limit=5")
	for _, row := range places {
		five += number(row["requests_low"])
	}
	if whole && (len(places) != 5 || five != 27208) {
		t.Errorf("A13: the first five have %v requests, want 27208", five)
	}
}

func checkBooks(t *testing.T, r *runReport) {
	t.Helper()
	for _, s := range r.Sources {
		if !s.Book.Balanced() || s.Outcome == outcomeClean && s.Book.Rows == 0 {
			t.Errorf("%s: the book does not balance or is empty: %+v", s.Source, s.Book)
		}
		for _, c := range s.Captures {
			if !c.Book.Balanced() {
				t.Errorf("%s: %s: the book does not balance: %+v", s.Source, c.Name, c.Book)
			}
		}
	}
}

type comparison struct {
	expected, equal int
	missing, wrong  []string
}

// services maps the independent file's names of services to our codes.
var services = map[string]string{
	"All Apple services":  "apple",
	"All Google services": "google",
	"All Google services (consumer+enterprise accounts)":   "google",
	"Facebook family (FB, Messenger, Instagram, WhatsApp)": "facebook_family",
	"All Microsoft services":                               "microsoft",
	"Skype":                                                "skype",
}

// compare looks every expected figure up in view current.
func compare(ctx context.Context, data, file string) (comparison, error) {
	var res comparison
	db, err := warehouse.Open(ctx, data)
	if err != nil {
		return res, err
	}
	defer db.Close()
	rows, err := db.Query(ctx, `SELECT concat_ws('|', service, period_start, period_end, jurisdiction, process, measure, unit) AS k,
		value_low, value_high FROM current WHERE customer_class IN ('all', 'consumer') AND assisting_jurisdiction = '' AND item = ''`)
	if err != nil {
		return res, err
	}
	defer rows.Close()
	have := map[string]string{}
	for rows.Next() {
		v := rows.Values()
		have[v[0].(string)] = show(v[1], false) + ".." + show(v[2], false)
	}
	if err := rows.Err(); err != nil {
		return res, err
	}
	f, err := os.Open(file)
	if err != nil {
		return res, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	if _, err := r.Read(); err != nil {
		return res, err
	}
	for {
		l, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return res, err
		}
		service, ok := services[l[1]]
		if !ok {
			return res, fmt.Errorf("%s: unknown service %q", file, l[1])
		}
		low, err1 := strconv.ParseFloat(l[8], 64)
		high, err2 := strconv.ParseFloat(l[9], 64)
		if err1 != nil || err2 != nil {
			return res, fmt.Errorf("%s: %q..%q is no figure", file, l[8], l[9])
		}
		res.expected++
		key := strings.Join([]string{service, l[3], l[4], l[5], l[6], l[7], l[10]}, "|")
		want := show(low, false) + ".." + show(high, false)
		got, ok := have[key]
		switch {
		case !ok:
			res.missing = append(res.missing, key+" ("+l[2]+")")
		case got != want:
			res.wrong = append(res.wrong, fmt.Sprintf("%s (%s): have %s, want %s", key, l[2], got, want))
		default:
			res.equal++
		}
	}
	sort.Strings(res.missing)
	return res, nil
}
