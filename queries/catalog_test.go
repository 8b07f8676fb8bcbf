package queries

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// good is the smallest file of the right form; the tests of bad files change one thing.
const good = `-- question: How many, of
--    which kind?
-- grain: one row per kind
-- counts: kinds of
--    things
-- leaves out: the rest
-- trap: kinds overlap,
--    often
-- trap: none is zero
-- not for: anything
-- param provider provider = all: who
-- param from period = 2009-H1: first
-- param to period = 2099-H2: last
-- param limit integer = 20: how
--    many
-- column kind: a kind
-- column n [requests]: how many
-- example: daylight query how_many
--    --param limit=1
-- cells: t WHERE kind = $row_kind
--    AND period BETWEEN $from AND $to
SELECT kind, n FROM t
WHERE $provider = 'all' AND period BETWEEN $from AND $to LIMIT $limit
`

func TestParse(t *testing.T) {
	got, err := parse(good)
	if err != nil {
		t.Fatal(err)
	}
	want := Question{
		Title: "How many, of which kind?", Grain: "one row per kind", Counts: "kinds of things", LeavesOut: "the rest",
		Traps: []string{"kinds overlap, often", "none is zero"}, NotFor: "anything", Example: "daylight query how_many --param limit=1",
		Params: []Param{
			{Name: "provider", Type: "provider", Default: "all", Help: "who"}, {Name: "from", Type: "period", Default: "2009-H1", Help: "first"},
			{Name: "to", Type: "period", Default: "2099-H2", Help: "last"}, {Name: "limit", Type: "integer", Default: "20", Help: "how many"},
		},
		Columns: []Column{{"kind", "", "a kind"}, {"n", "requests", "how many"}},
		Cells:   "t WHERE kind = $row_kind AND period BETWEEN $from AND $to",
		SQL:     "SELECT kind, n FROM t\nWHERE $provider = 'all' AND period BETWEEN $from AND $to LIMIT $limit",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := map[string]struct{ old, new, want string }{
		"no_question":       {"-- question: How many, of\n--    which kind?\n", "", "no question"},
		"no_grain":          {"-- grain: one row per kind\n", "", "no grain"},
		"no_warning":        {"-- not for: anything\n", "", "no not for"},
		"no_example":        {"-- example: daylight query how_many\n--    --param limit=1\n", "", "no example"},
		"no_counts":         {"-- counts: kinds of\n--    things\n", "", "no counts"},
		"no_leaves_out":     {"-- leaves out: the rest\n", "", "no leaves out"},
		"no_trap":           {"-- trap: kinds overlap,\n--    often\n-- trap: none is zero\n", "", "no trap"},
		"empty_trap":        {"-- trap: none is zero", "-- trap:", "line 9: the trap is empty"},
		"question_twice":    {"-- grain:", "-- question:", "line 3: the question is given twice"},
		"no_columns":        {"-- column kind: a kind\n-- column n [requests]: how many\n", "", "no columns declared"},
		"no_sql":            {good[strings.Index(good, "SELECT"):], "", "no SQL"},
		"unknown_key":       {"-- grain:", "-- grian:", `line 3: unknown key "grian"`},
		"half_a_key":        {"-- not for:", "-- not:", `line 10: unknown key "not"`},
		"no_colon":          {"-- grain: one row", "-- grain one row", `line 3: want "-- key: text", have "-- grain one row per kind"`},
		"unknown_type":      {"limit integer", "limit float", "line 14: parameter limit has the unknown type \"float\""},
		"no_type":           {"limit integer =", "limit =", `line 14: want "-- param name type = default: help"`},
		"no_default":        {"limit integer = 20", "limit integer", `line 14: want "-- param name type = default: help"`},
		"bad_default":       {"= 20:", "= many:", `default of parameter limit: "many" is no number such as 20`},
		"bad_period":        {"= 2009-H1:", "= 2009-Q1:", `default of parameter from: "2009-Q1" is no half-year such as 2013-H1`},
		"list_of_integers":  {"limit integer", "limit integer*", "line 14: parameter limit has the type \"integer*\", but only codes make a list"},
		"twice":             {"-- param to period = 2099-H2", "-- param from period = 2099-H2", "line 13: parameter from is declared twice"},
		"not_used":          {"LIMIT $limit", "", "parameter limit is not used"},
		"cells_of_nothing":  {"= $row_kind", "= $kind", "cells: $kind is neither a parameter nor a column of the row"},
		"cells_of_no_row":   {"= $row_kind", "= $row_kine", "cells: $row_kine is neither"},
		"column_of_no_help": {"-- column kind: a kind", "-- column kind:", `line 16: want "-- column name [unit]: help"`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(good, tc.old) {
				t.Fatalf("%q does not stand in the file", tc.old)
			}
			_, err := parse(strings.Replace(good, tc.old, tc.new, 1))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q in it", err, tc.want)
			}
		})
	}
}

func TestCatalogFiles(t *testing.T) {
	file := &fstest.MapFile{Data: []byte(good)}
	tests := map[string]struct {
		files fstest.MapFS
		names []string
		want  string
	}{
		"sorted_by_theme":      {fstest.MapFS{"b/a.sql": file, "a/z.sql": file, "a/c.sql": file, "a/readme.md": file}, []string{"c", "z", "a"}, ""},
		"one_name_in_two":      {fstest.MapFS{"a/x.sql": file, "b/x.sql": file}, nil, "queries: b/x.sql: the name is taken by a/x.sql"},
		"a_bad_file_is_named":  {fstest.MapFS{"a/x.sql": {Data: []byte("SELECT 1")}}, nil, "queries: a/x.sql: no question"},
		"none_is_an_empty_set": {fstest.MapFS{}, nil, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			all, err := catalog(tc.files)
			var names []string
			for _, q := range all {
				names = append(names, q.Name)
			}
			text := ""
			if err != nil {
				text = err.Error()
			}
			if diff := cmp.Diff(tc.want, text); diff != "" {
				t.Errorf("error: -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(tc.names, names); diff != "" {
				t.Errorf("names: -want +got:\n%s", diff)
			}
		})
	}
}

func TestFind(t *testing.T) {
	q, err := Find("june_2013_disclosures")
	if err != nil || q.Theme != "security" {
		t.Fatalf("got %q, %v", q.Theme, err)
	}
	tests := map[string]string{
		"bands":                 `usage: no question "bands"; did you mean "bands_by_half_year"? run "daylight query" for the list`,
		"june_2013_disclosure":  `usage: no question "june_2013_disclosure"; did you mean "june_2013_disclosures"? run "daylight query" for the list`,
		"requests_by_halfyear":  `usage: no question "requests_by_halfyear"; did you mean "requests_by_half_year"? run "daylight query" for the list`,
		"":                      `usage: no question ""; run "daylight query" for the list`,
		"the_weather_in_berlin": `usage: no question "the_weather_in_berlin"; run "daylight query" for the list`,
	}
	for name, want := range tests {
		_, err := Find(name)
		if !errors.Is(err, ErrUsage) {
			t.Errorf("Find(%q): %v, want ErrUsage", name, err)
			continue
		}
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
}

func TestBind(t *testing.T) {
	q, err := parse(good)
	if err != nil {
		t.Fatal(err)
	}
	q.Name = "how_many"
	bound := func(provider, from, to string, limit int64) []sql.NamedArg {
		return []sql.NamedArg{sql.Named("provider", provider), sql.Named("from", from), sql.Named("to", to), sql.Named("limit", limit)}
	}
	tests := map[string]struct {
		args map[string]string
		want []sql.NamedArg
		err  string
	}{
		"defaults":           {nil, bound("all", "2009-H1", "2099-H2", 20), ""},
		"all_given":          {map[string]string{"provider": "x", "from": "2013-H1", "to": "2013-H1", "limit": "0"}, bound("x", "2013-H1", "2013-H1", 0), ""},
		"codes_are_for_run":  {map[string]string{"provider": "nobody"}, bound("nobody", "2009-H1", "2099-H2", 20), ""},
		"unknown":            {map[string]string{"who": "x"}, nil, `usage: query how_many: no parameter "who"; it takes provider, from, to, limit`},
		"no_number":          {map[string]string{"limit": "2e3"}, nil, `usage: query how_many: parameter limit: "2e3" is no number such as 20`},
		"negative":           {map[string]string{"limit": "-1"}, nil, `usage: query how_many: parameter limit: "-1" is no number such as 20`},
		"years":              {map[string]string{"from": "2013", "to": "2014"}, bound("all", "2013-H1", "2014-H2", 20), ""},
		"one_year":           {map[string]string{"from": "2013", "to": "2013"}, bound("all", "2013-H1", "2013-H2", 20), ""},
		"year_behind_half":   {map[string]string{"from": "2014", "to": "2013-H2"}, nil, `usage: query how_many: from "2014-H1" lies behind to "2013-H2"`},
		"third_half":         {map[string]string{"from": "2013-H3"}, nil, `usage: query how_many: parameter from: "2013-H3" is no half-year such as 2013-H1`},
		"short_year":         {map[string]string{"to": "013-H1"}, nil, `usage: query how_many: parameter to: "013-H1" is no half-year such as 2013-H1`},
		"empty":              {map[string]string{"to": ""}, nil, `usage: query how_many: parameter to: "" is no half-year such as 2013-H1`},
		"from_behind_to":     {map[string]string{"from": "2014-H1", "to": "2013-H2"}, nil, `usage: query how_many: from "2014-H1" lies behind to "2013-H2"`},
		"first_unknown_only": {map[string]string{"z": "", "a": ""}, nil, `usage: query how_many: no parameter "a"; it takes provider, from, to, limit`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := q.Bind(tc.args)
			text := ""
			if err != nil {
				text = err.Error()
				if !errors.Is(err, ErrUsage) {
					t.Errorf("%v is no ErrUsage", err)
				}
			}
			if diff := cmp.Diff(tc.err, text); diff != "" {
				t.Errorf("error: -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(sql.NamedArg{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// answerColumns are what every answer carries beside its figures: both bounds, whether
// they say up or down, on how many cells of which exactness they stand, and what to know
// before citing.
var answerColumns = []string{"low", "high", "direction", "cells", "exactness", "advisory"}

// TestCatalogIsOfOneForm holds each question against what all answers have in common, so
// that who reads one answer can read the others.
func TestCatalogIsOfOneForm(t *testing.T) {
	all, err := Catalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		t.Run(q.Name, func(t *testing.T) {
			for _, fault := range formFaults(q) {
				t.Error(fault)
			}
			for _, p := range q.Params {
				if p.Help == "" {
					t.Errorf("parameter %s has no help", p.Name)
				}
				// The flag --across-breaks says yes.
				if p.Name == "across_breaks" && !slices.Equal(p.Values, []string{"no", "yes"}) {
					t.Errorf("parameter across_breaks is no enum(no,yes)")
				}
			}
			for _, c := range q.Columns {
				bound := c.Name == "low" || c.Name == "high" || strings.HasSuffix(c.Name, "_low") || strings.HasSuffix(c.Name, "_high")
				if c.Unit == "" && bound {
					t.Errorf("column %s has no unit", c.Name)
				}
			}
		})
	}
}

func formFaults(q Question) []string {
	var out []string
	for _, want := range answerColumns {
		if !slices.ContainsFunc(q.Columns, func(c Column) bool { return c.Name == want }) {
			out = append(out, "no column "+want)
		}
	}
	// Reference figures are read elsewhere: no row stands on a cell of a capture.
	if q.Cells == "" && q.Name != "reference_figures" {
		out = append(out, "no cells: nobody can walk a row back to what is printed")
	}
	i := slices.IndexFunc(q.Params, func(p Param) bool { return p.Name == "as_of" })
	switch {
	case i < 0:
		out = append(out, "no parameter as_of")
	case q.Params[i].Type != "edition" || q.Params[i].Default != "now":
		out = append(out, "the parameter as_of is no edition with the default now")
	}
	return out
}

func TestNearest(t *testing.T) {
	known := []string{"DE", "Germany", "GB", "United Kingdom", "UK", "UA", "Ukraine", "microsoft", "apple", "meta"}
	tests := map[string]string{
		"de": "DE", "germany": "Germany", "Germny": "Germany", "UK": "UK", "XX": "", "Kingdom": "United Kingdom",
		"Great United Kingdoms": "United Kingdom", "Ukrain": "Ukraine", "appel": "apple", "mircosoft": "microsoft", "facebook": "", "": "", " gb ": "GB",
	}
	for word, want := range tests {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestEdits(t *testing.T) {
	tests := []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"apple", "appel", 2}, {"same", "same", 0}}
	for _, tc := range tests {
		if got := edits(tc.a, tc.b); got != tc.want {
			t.Errorf("edits(%q, %q) = %d, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}
