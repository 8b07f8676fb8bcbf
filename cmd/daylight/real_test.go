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

// importAll imports the publishers' own files of the folder, batch by batch, and calls seen, when
// it is not nil, with what became of each.
func (a *app) importAll(ctx context.Context, root string, seen func(batch, *runReport)) error {
	list, err := batches(root)
	if err != nil {
		return err
	}
	for _, b := range list {
		s, files, err := importOptions{source: b.source, edition: b.edition, trust: string(scrape.TrustArchive)}.captures(a.now(), b.files)
		if err != nil {
			return err
		}
		r, err := a.importCaptures(ctx, s, files, false)
		if err != nil {
			return err
		}
		if seen != nil {
			seen(b, r)
		}
	}
	return nil
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
		err := a.importAll(ctx, captures, func(b batch, r *runReport) {
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
		})
		if err != nil {
			t.Fatal(err)
		}
	}
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
	if captures == "" {
		publishedClaims(t, a.data, "embedded")
		return
	}
	publishedClaims(t, a.data, "real")
	// The embedded captures fill what is not among the files, half-years of world rows above all.
	r, err := a.ingest(ctx, sources(), ingestOptions{offline: true})
	if err != nil {
		t.Fatal(err)
	}
	checkBooks(t, r)
	publishedClaims(t, a.data, "both")
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
