package main

import (
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
			file := writeFile(t, filepath.Join(t.TempDir(), name),
				reportFile(fmt.Sprintf("12/31/2012,Germany,DE,%d,50%%,121", h.requests), "12/31/2012,Chile,CL,64,50%,70"))
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
		each int // 1: all orders are tried; 5: every fifth
		days []string
		want string
		seen string // when the edition was first and last seen
	}{
		"one_file": {
			list: []handed{{"", "2019-01-01", 34}, {"", "2019-02-15", 36}, {"", "2019-04-01", 34}},
			days: []string{"2019-01-01", "2019-02-14", "2019-02-15", "2019-03-31", "2019-04-01"},
			each: 1,
			want: "34 34 34 36 36 34 2019-01-01 2019-04-01",
		},
		"two_names": {
			list: []handed{{"", "2019-01-01", 34}, {"other.csv", "2019-02-15", 36}, {"", "2019-04-01", 34}},
			days: []string{"2019-01-01", "2019-02-14", "2019-02-15", "2019-03-31", "2019-04-01"},
			each: 1,
			want: "34 34 34 36 36 34 2019-01-01 2019-04-01",
		},
		// The first one stands as long as the edition is known; a third figure comes between.
		"and_another": {
			list: []handed{{"", "2019-01-01", 34}, {"", "2019-02-15", 36}, {"", "2019-04-01", 34}, {"", "2019-05-01", 38}},
			days: []string{"2019-01-01", "2019-02-15", "2019-04-01", "2019-05-01"},
			each: 5,
			want: "38 34 36 34 38 2019-01-01 2019-05-01",
		},
	}
	for name, tc := range tests {
		for i, list := range orders(tc.list) {
			if i%tc.each != 0 {
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
				}
				check("rebuilt")
			})
		}
	}
}
