package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"daylight/scrape"
	"daylight/warehouse"

	"github.com/google/go-cmp/cmp"
)

func TestDriftOf(t *testing.T) {
	table := func(change func(*warehouse.Layout)) warehouse.Layout {
		l := warehouse.Layout{
			Table: "civil", Lines: 40, Places: []string{"Civil"}, Headers: []string{"Accounts", "Requests"}, Keys: []string{"country: Country"},
			Kinds: []string{"Accounts: number", "Requests: number"}, Labels: []string{"country: Chile", "country: Peru"},
		}
		if change != nil {
			change(&l)
		}
		return l
	}
	edition := func(name string, excerpt bool, tables ...warehouse.Layout) warehouse.EditionLayout {
		return warehouse.EditionLayout{Edition: "microsoft/lerr/" + name, Excerpt: excerpt, Tables: tables}
	}
	skype := warehouse.Layout{Table: "skype", Lines: 5, Places: []string{"Skype"}}
	tests := map[string]struct {
		now, before warehouse.EditionLayout
		want        []layoutDrift
		summary     string
	}{
		"the_same": {edition("2014-H1", false, table(nil)), edition("2013-H2", false, table(nil)), nil, ""},
		"renamed_header": {
			edition("2014-H1", false, table(func(l *warehouse.Layout) {
				l.Headers = []string{"Accounts", "Demands"}
				l.Kinds = []string{"Accounts: number", "Demands: number"}
			})), edition("2013-H2", false, table(nil)),
			[]layoutDrift{{"civil", "new header", "Demands"}, {"civil", "gone header", "Requests"}, {"civil", "new kind", "Demands: number"}, {"civil", "gone kind", "Requests: number"}},
			"1 new header, 1 gone header, 1 new kind, 1 gone kind",
		},
		"renamed_sheet": {
			edition("2014-H1", false, table(func(l *warehouse.Layout) { l.Places = []string{"Civil Requests"} })), edition("2013-H2", false, table(nil)),
			[]layoutDrift{{"civil", "new file or sheet", "Civil Requests"}, {"civil", "gone file or sheet", "Civil"}},
			"1 new file or sheet, 1 gone file or sheet",
		},
		"numbers_turned_to_text": {
			edition("2014-H1", false, table(func(l *warehouse.Layout) {
				l.Kinds = []string{"Accounts: number", "Requests: number", "Requests: words"}
			})),
			edition("2013-H2", false, table(nil)),
			[]layoutDrift{{"civil", "new kind", "Requests: words"}}, "1 new kind",
		},
		"labels_and_tables": {
			edition("2014-H1", false, table(func(l *warehouse.Layout) { l.Labels = []string{"country: Chile", "country: Prussia"} }), skype),
			edition("2013-H2", false, table(nil), warehouse.Layout{Table: "emergencies", Places: []string{"Emergencies"}}),
			[]layoutDrift{{"civil", "new label", "country: Prussia"}, {"civil", "gone label", "country: Peru"}, {"skype", "new table", "Skype"}, {"emergencies", "gone table", "Emergencies"}},
			"1 new label, 1 gone label, 1 new table, 1 gone table",
		},
		"half_of_the_lines": {
			edition("2014-H1", false, table(func(l *warehouse.Layout) { l.Lines = 19 })), edition("2013-H2", false, table(nil)),
			[]layoutDrift{{"civil", "number of lines", "19, before 40"}}, "another number of lines in 1 table",
		},
		"few_lines": {
			edition("2014-H1", false, table(func(l *warehouse.Layout) { l.Lines = 9 })), edition("2013-H2", false, table(func(l *warehouse.Layout) { l.Lines = 2 })), nil, "",
		},
		"an_excerpt_after_a_whole_one": {
			edition("2014-H1", true, table(func(l *warehouse.Layout) { l.Labels, l.Lines = []string{"country: Chile", "country: Prussia"}, 2 })),
			edition("2013-H2", false, table(nil), skype),
			[]layoutDrift{{"civil", "new label", "country: Prussia"}}, "1 new label",
		},
		"a_whole_one_after_an_excerpt": {
			edition("2014-H1", false, table(func(l *warehouse.Layout) { l.Headers = []string{"Accounts", "Demands", "Requests"} }), skype),
			edition("2013-H2", true, table(func(l *warehouse.Layout) { l.Labels, l.Lines = []string{"country: Peru"}, 1 })),
			[]layoutDrift{{"civil", "new header", "Demands"}}, "1 new header",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := driftOf(tc.now, tc.before)
			if diff := cmp.Diff(tc.want, got.Changes); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if got.summary() != tc.summary {
				t.Errorf("summary %q, want %q", got.summary(), tc.summary)
			}
		})
	}
}

// TestRunReportsDrift: a run says once what is new in an edition's layout, and nothing about
// captures that say what they said.
func TestRunReportsDrift(t *testing.T) {
	a := testApp(t)
	dir := t.TempDir()
	first := writeFile(t, filepath.Join(dir, "first.csv"), reportFile("06/30/2012,Argentina,AR,98,40%,121", "06/30/2012,Chile,CL,64,10%,70"))
	second := writeFile(t, filepath.Join(dir, "second.csv"), []byte("Period Ending,Country,CLDR Territory Code,Legal Process,User Data Requests,Percentage of requests where some data produced,Users/Accounts Specified\n"+
		"12/31/2012,Argentina,AR,,99,40%,121\n"))
	var last *runReport
	for _, file := range []string{first, second, second} {
		last = importAs(t, a, importOptions{retrieved: "2013-02-01"}, file)
		if file == first && last.Sources[0].Layout != nil {
			t.Errorf("the first edition has drifted: %v", last.Sources[0].Layout)
		}
		if len(last.Sources[0].Captures) == 1 && last.Sources[0].Unchanged == 1 && last.Sources[0].Layout != nil {
			t.Errorf("the same capture has drifted: %v", last.Sources[0].Layout)
		}
		if file == second && last.Sources[0].Unchanged == 0 {
			want := []editionDrift{{Edition: "google/user-data/2012-H2", Before: "google/user-data/2012-H1", Changes: []layoutDrift{
				{"user_data", "new header", "Percentage of requests where some data produced"},
				{"user_data", "gone header", "Percentage of data requests fully or partially complied with"},
				{"user_data", "new key", "process: Legal Process"},
				{"user_data", "new kind", "Percentage of requests where some data produced: percent"},
				{"user_data", "gone kind", "Percentage of data requests fully or partially complied with: percent"},
				{"user_data", "new label", "process: "},
				{"user_data", "gone label", "country: Chile"},
			}}}
			if diff := cmp.Diff(want, last.Sources[0].Layout); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			raw, err := os.ReadFile(filepath.Join(a.data, "runs", last.ID+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var kept runReport
			if err := json.Unmarshal(raw, &kept); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, kept.Sources[0].Layout); diff != "" {
				t.Errorf("the kept report: -want +got\n%s", diff)
			}
		}
	}
	if last.Sources[0].Unchanged != 1 {
		t.Error("the last import brought something new")
	}
}

// TestLayoutsAreThoseOfTheRows: every source's captures have layouts, and the same bytes give
// the same fingerprints after a rebuild.
func TestLayoutsAreThoseOfTheRows(t *testing.T) {
	a := testApp(t)
	if _, err := a.ingest(t.Context(), sources(), ingestOptions{offline: true}); err != nil {
		t.Fatal(err)
	}
	ask := func() (out []string) {
		db, err := warehouse.Open(t.Context(), a.data)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.Query(t.Context(), `SELECT c.name || ' ' || l.tbl || ' ' || l.lines || ' ' || l.fingerprint FROM layout l JOIN capture c ON c.id = l.capture_id ORDER BY 1`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			out = append(out, rows.Values()[0].(string))
		}
		return out
	}
	before := ask()
	for _, s := range sources() {
		all, err := s.Embedded()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, c := range all {
			var sketch scrape.Sketch
			for row, err := range s.Parse(c) {
				if err != nil {
					t.Fatal(err)
				}
				sketch.Add(&row)
			}
			n += len(sketch.Layouts())
		}
		if n == 0 {
			t.Errorf("%s has no layout", s.Describe().ID)
		}
	}
	if out, err := rebuilt(t, a, rebuildOptions{}); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if diff := cmp.Diff(before, ask()); diff != "" || len(before) < 50 {
		t.Errorf("%d layouts; after a rebuild: -want +got\n%s", len(before), diff)
	}
}
