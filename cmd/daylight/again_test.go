package main

import (
	"encoding/csv"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daylight/scrape"

	"github.com/google/go-cmp/cmp"
)

// handed is an import of a file that prints one figure.
type handed struct {
	file     string // name of the file; report.csv when empty
	day      string
	requests int
	other    int // requests of another line, which make other bytes; 64 when 0
}

// imported imports the files one after the other, in the order given and in one run. Files of one
// number of requests have the same bytes.
func imported(t *testing.T, list ...handed) *app {
	t.Helper()
	a := testApp(t)
	_, err := a.run(t.Context(), runOptions{command: "import"}, func(p *pipeline, r *runReport) error {
		for _, h := range list {
			name := h.file
			if name == "" {
				name = "report.csv"
			}
			other := h.other
			if other == 0 {
				other = 64
			}
			file := writeFile(t, filepath.Join(t.TempDir(), name),
				reportFile(fmt.Sprintf("12/31/2012,Germany,DE,%d,50%%,121", h.requests), fmt.Sprintf("12/31/2012,Chile,CL,%d,50%%,70", other)))
			s, captures, err := importOptions{source: "google/user-data", trust: string(scrape.TrustArchive), retrieved: h.day}.captures(a.now(), []string{file})
			if err != nil {
				return err
			}
			kept, err := p.keep(t.Context(), captures[0])
			if err != nil {
				return err
			}
			r.Sources = append(r.Sources, p.source(t.Context(), s, []scrape.Capture{kept}, nil))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// stood lists what stands now, what stood as of the days, and when the edition was first and last seen.
func stood(t *testing.T, a *app, days ...string) string {
	t.Helper()
	var parts []string
	for _, day := range append([]string{"now"}, days...) {
		parts = append(parts, "(SELECT string_agg(raw_text, '+') FROM as_of('"+day+"') WHERE jurisdiction = 'DE' AND measure = 'requests_received')")
	}
	for _, column := range []string{"first_captured", "last_captured"} {
		parts = append(parts, "(SELECT strftime(make_timestamp(epoch_us("+column+")), '%Y-%m-%d') FROM edition)")
	}
	lines := strings.Split(command(t, a.data, "sql", "--format", "csv", "SELECT concat_ws(' ', "+strings.Join(parts, ", ")+")"), "\n")
	return lines[1]
}

// orders are all orders of a list.
func orders(list []handed) [][]handed {
	if len(list) < 2 {
		return [][]handed{list}
	}
	var out [][]handed
	for i, p := range list {
		for _, rest := range orders(slices.Delete(slices.Clone(list), i, i+1)) {
			out = append(out, append([]handed{p}, rest...))
		}
	}
	return out
}

// TestPrintedAgainInAnyOrder: what a publisher printed, replaced and printed again stands again, in
// whatever order the files are imported, and after a rebuild.
func TestPrintedAgainInAnyOrder(t *testing.T) {
	tests := map[string]struct {
		list []handed
		each int // 1: all orders are tried; 3: every third
		days []string
		want string
		seen string // when the edition was first and last seen
	}{
		"one_file": {
			list: []handed{{"", "2019-01-01", 34, 0}, {"", "2019-02-15", 36, 0}, {"", "2019-04-01", 34, 0}},
			days: []string{"2019-01-01", "2019-02-14", "2019-02-15", "2019-03-31", "2019-04-01"},
			each: 1,
			want: "34 34 34 36 36 34 2019-01-01 2019-04-01",
		},
		"two_names": {
			list: []handed{{"", "2019-01-01", 34, 0}, {"other.csv", "2019-02-15", 36, 0}, {"", "2019-04-01", 34, 0}},
			days: []string{"2019-01-01", "2019-02-14", "2019-02-15", "2019-03-31", "2019-04-01"},
			each: 3,
			want: "34 34 34 36 36 34 2019-01-01 2019-04-01",
		},
		// All three times are known of one file before the two that came between.
		"two_between": {
			list: []handed{{"", "2019-01-01", 34, 0}, {"", "2019-03-01", 34, 0}, {"", "2019-06-01", 34, 0}, {"", "2019-02-01", 36, 0}, {"", "2019-05-01", 38, 0}},
			days: []string{"2019-01-01", "2019-02-01", "2019-03-01", "2019-04-30", "2019-05-01", "2019-06-01"},
			each: 40,
			want: "34 34 36 34 34 38 34 2019-01-01 2019-06-01",
		},
		// Other bytes that say the same of the line.
		"other_bytes": {
			list: []handed{{"", "2019-01-01", 34, 66}, {"", "2019-02-15", 36, 0}, {"", "2019-04-01", 34, 0}},
			days: []string{"2019-01-01", "2019-02-14", "2019-02-15", "2019-03-31", "2019-04-01"},
			each: 2,
			want: "34 34 34 36 36 34 2019-01-01 2019-04-01",
		},
		"earlier_than_known": {
			list: []handed{{"", "2019-01-01", 36, 0}, {"", "2019-03-01", 34, 0}, {"", "2019-05-01", 34, 0}},
			days: []string{"2019-01-01", "2019-02-28", "2019-03-01"},
			each: 3,
			want: "34 36 36 34 2019-01-01 2019-05-01",
		},
		// The first one stands as long as the edition is known; a third figure comes between.
		"and_another": {
			list: []handed{{"", "2019-01-01", 34, 0}, {"", "2019-02-15", 36, 0}, {"", "2019-04-01", 34, 0}, {"", "2019-05-01", 38, 0}},
			days: []string{"2019-01-01", "2019-02-15", "2019-04-01", "2019-05-01"},
			each: 8,
			want: "38 34 36 34 38 2019-01-01 2019-05-01",
		},
	}
	for name, tc := range tests {
		for i, list := range orders(tc.list) {
			if i%tc.each != 1%tc.each { // the second order is none of time
				continue
			}
			var days []string
			for _, p := range list {
				days = append(days, p.day)
			}
			t.Run(name+"/"+strings.Join(days, "_"), func(t *testing.T) {
				a := imported(t, list...)
				check := func(when string) {
					t.Helper()
					if diff := cmp.Diff(tc.want, stood(t, a, tc.days...)); diff != "" {
						t.Errorf("%s: -want +got\n%s", when, diff)
					}
				}
				check("imported")
				if out, err := rebuilt(t, a, rebuildOptions{accept: true}); err != nil {
					t.Fatalf("rebuild: %v, printed\n%s", err, out)
				} else if name == "one_file" && strings.Contains(out, "superseded_at") {
					t.Errorf("a reading was replaced at another time:\n%s", out)
				}
				check("rebuilt")
			})
		}
	}
}

// TestWhyPrintedAgain: of bytes that were printed, replaced and printed again, each reading is
// explained, packed and counted as the one that it is.
func TestWhyPrintedAgain(t *testing.T) {
	a := imported(t, handed{"", "2019-01-01", 34, 0}, handed{"", "2019-02-15", 36, 0}, handed{"", "2019-04-01", 34, 0})
	one := func(query string) string {
		t.Helper()
		return strings.TrimSpace(strings.SplitN(command(t, a.data, "sql", "--format", "csv", query), "\n", 2)[1])
	}
	const which = " FROM current WHERE jurisdiction = 'DE' AND measure = 'requests_received'"
	name, series := one("SELECT left(capture, 12) || '/' || ordinal"+which), one("SELECT series_key"+which)
	place := one("SELECT left(capture, 12) || '/' || locator" + which)
	sum, number, _ := strings.Cut(name, "/")
	old := sum + "@2019-01-01T00:00:00Z/" + number
	for _, asked := range []string{name, place, series, series + "@google/user-data/2012-H2", sum + "@2019-04/" + number} {
		out := command(t, a.data, "why", asked)
		if !strings.HasPrefix(out, name+": 34 requests") || strings.Contains(out, "not current") || strings.Count(out, ">") != 1 {
			t.Errorf("why %s:\n%s", asked, out)
		}
	}
	if out := command(t, a.data, "why", old); !strings.HasPrefix(out, old+": 34 requests") || !strings.Contains(out, "not current: another capture of the edition") {
		t.Errorf("why %s:\n%s", old, out)
	}
	if code, _, errOut := call(t, a.data, "why", sum+"@2019-03/"+number); code != exitFailed || !strings.Contains(errOut, "was not captured at 2019-03, but at 2019-01-01T00:00:00Z, 2019-04-01T00:00:00Z") {
		t.Errorf("a time at which it was not captured: exit code %d: %s", code, errOut)
	}

	// Of a revised edition the key of the series means the reading that stands.
	revised := imported(t, handed{"", "2019-01-01", 34, 0}, handed{"", "2019-02-15", 36, 0})
	if out := command(t, revised.data, "why", series); !strings.Contains(out, ": 36 requests") || strings.Contains(out, "not current") {
		t.Errorf("why %s of a revised edition:\n%s", series, out)
	}

	// Each row of the answer stands on the reading that was replaced and on the one that replaced it.
	question := []string{"--query", "restated_figures", "--param", "jurisdiction=DE", "--param", "kind=revision"}
	for row, want := range []string{"34 2019-01-01, 36 2019-02-15", "36 2019-02-15, 34 2019-04-01"} {
		var got []string
		out := command(t, a.data, append([]string{"why", "--format", "csv", "--row", fmt.Sprint(row + 1)}, question...)...)
		lines, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines[1:] {
			got = append(got, line[slices.Index(lines[0], "raw_text")]+" "+line[slices.Index(lines[0], "captured_at")][:len("2006-01-02")])
		}
		if diff := cmp.Diff(want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("row %d: -want +got\n%s", row+1, diff)
		}
	}

	to := filepath.Join(t.TempDir(), "pack.zip")
	for figures, args := range map[int][]string{1: {name}, 2: {name, old}, 3: question} {
		command(t, a.data, append([]string{"evidence", "--to", to}, args...)...)
		if out := command(t, t.TempDir(), "verify", to); !strings.Contains(out, fmt.Sprintf("%d figure", figures)) {
			t.Errorf("verify the pack of %v:\n%s", args, out)
		}
	}
}
