package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/queries"
	"daylight/queries/figure"
	"daylight/warehouse"
)

// named returns the short name of the one figure that the condition on view observation picks.
func named(t *testing.T, data, where string) string {
	t.Helper()
	got := strings.Fields(command(t, data, "sql", "--format", "csv",
		"SELECT left(capture, 12) || '/' || ordinal AS figure FROM observation WHERE "+where))
	if len(got) != 2 {
		t.Fatalf("%s: %d figures, want one", where, len(got)-1)
	}
	return got[1]
}

var labelLine = regexp.MustCompile(`(labels/[a-z]+\.csv)(:|", "line": |",\n *"line": )[0-9]+`)

// stable takes out of an answer what changes without a figure changing: the version of the
// program, and at which line of a label file a row stands.
func stable(s string) string {
	return labelLine.ReplaceAllString(strings.ReplaceAll(s, version(), "VERSION"), "${1}${2}0")
}

// call runs one command line on the data.
func call(t *testing.T, data string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append(args, "--data", data), strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// One figure of each kind of place in the embedded captures.
var places = map[string]string{
	"cell of a workbook":  "edition = 'microsoft/lerr/2013-H1' AND jurisdiction = 'US' AND service = 'microsoft' AND measure = 'requests_received' AND process = 'law_enforcement_all'",
	"line of a CSV":       "edition = 'meta/government-requests/2013-H2' AND jurisdiction = 'US' AND process = 'law_enforcement_all' AND measure = 'requests_received'",
	"line in a ZIP":       "edition = 'apple/requests/2025-H1' AND jurisdiction = 'US' AND process = 'nsl' AND measure = 'requests_received' AND period_start = '2018-01-01'",
	"cell of a page":      "edition = 'microsoft/usnsor/2023-H1' AND process = 'fisa_content' AND measure = 'accounts_specified' AND period_start = '2021-07-01'",
	"words of a sentence": "edition = 'microsoft/statement/2012-H2' AND measure = 'accounts_specified'",
}

// TestWhy walks one figure of each kind back. What is said stands in testdata/golden, so that
// a change is seen in review; -update rewrites it.
func TestWhy(t *testing.T) {
	data := firstRun(t)
	t.Run("figures", func(t *testing.T) {
		var b strings.Builder
		for _, kind := range slices.Sorted(maps.Keys(places)) {
			b.WriteString("# " + kind + "\n" + command(t, data, "why", named(t, data, places[kind])) + "\n")
		}
		golden(t, filepath.Join("testdata", "golden", "why.txt"), stable(b.String()))
	})
	t.Run("rows_of_a_question", func(t *testing.T) {
		got := command(t, data, "why", "--query", "rank/requesting_jurisdictions", "--param", "limit=2") +
			"\n=====\n" + command(t, data, "why", "--query", "june_2013_disclosures", "--row", "7,1") +
			"\n=====\n" + command(t, data, "why", "--query", "total", "--param", "provider=google", "--param", "group=EU", "--param", "from=2012-H2", "--param", "to=2012-H2")
		golden(t, filepath.Join("testdata", "golden", "why_query.txt"), stable(got))
	})
	t.Run("document", func(t *testing.T) {
		got := command(t, data, "why", named(t, data, places["cell of a page"]), "--format", "json")
		golden(t, filepath.Join("testdata", "golden", "why.json"), stable(got))
		var doc struct {
			Question  *askedQuestion
			Figures   []map[string]any
			Citations []string
		}
		if err := json.Unmarshal([]byte(got), &doc); err != nil || doc.Question != nil || len(doc.Figures) != 1 || len(doc.Citations) != 1 {
			t.Fatalf("%+v, %v", doc, err)
		}
		for key, v := range doc.Figures[0] {
			if v == nil {
				t.Errorf("the key %q is null", key)
			}
		}
	})
	t.Run("document_of_a_row", func(t *testing.T) {
		var doc struct {
			Question askedQuestion
			Figures  []struct {
				Figure    string
				Confirmed bool
			}
		}
		got := command(t, data, "why", "--query", "total", "--param", "provider=google", "--param", "to=2013-H1", "--row", "1", "--format", "json")
		if err := json.Unmarshal([]byte(got), &doc); err != nil {
			// record has no reader of its own; take the rest.
			var any map[string]any
			if err := json.Unmarshal([]byte(got), &any); err != nil {
				t.Fatal(err)
			}
			t.Fatalf("%v: %v", err, any["question"])
		}
		if doc.Question.Name != "total" || doc.Question.Params["provider"] != "google" || len(doc.Question.Rows) != 1 || doc.Question.Rows[0].Row != 1 ||
			len(doc.Question.Rows[0].Figures) != len(doc.Figures) || len(doc.Figures) == 0 {
			t.Errorf("%+v", doc)
		}
		for _, f := range doc.Figures {
			if !f.Confirmed || !slices.Contains(doc.Question.Rows[0].Figures, f.Figure) {
				t.Errorf("%+v", f)
			}
		}
	})
	t.Run("rows", func(t *testing.T) {
		a, b := named(t, data, places["line of a CSV"]), named(t, data, places["cell of a workbook"])
		got := command(t, data, "why", a, b, a, "--format", "csv")
		lines, err := csv.NewReader(strings.NewReader(got)).ReadAll()
		if err != nil || len(lines) != 3 || lines[1][0] != a || lines[2][0] != b {
			t.Fatalf("%v: %q, want %s and %s in this order", err, lines, a, b)
		}
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = lines[2][i]
		}
		want := map[string]string{"confirmed": "true", "problems": "", "raw_text": "7014", "read_again": "7014", "low": "7014", "high": "7014", "jurisdiction": "US",
			"period": "2013-H1", "trust": "retyped"}
		for name, v := range want {
			if row[name] != v {
				t.Errorf("%s is %q, want %q", name, row[name], v)
			}
		}
		for name, part := range map[string]string{"rules": "measure=requests_received normalize/labels/microsoft.csv:", "audits": "partition pinned: ", "citation": "SHA-256 "} {
			if !strings.Contains(row[name], part) {
				t.Errorf("%s is %q, without %q", name, row[name], part)
			}
		}
	})
	t.Run("names", func(t *testing.T) {
		name := named(t, data, places["cell of a page"])
		fields := strings.Split(strings.Split(command(t, data, "sql", "--format", "csv",
			"SELECT capture, locator, series_key, edition FROM observation WHERE "+places["cell of a page"]), "\n")[1], ",")
		sha, locator, series, edition := fields[0], fields[1], fields[2], fields[3]
		for _, n := range []string{name, sha + name[12:], sha[:12] + "/" + locator, sha + "/" + locator, series, series + "@" + edition} {
			if got := command(t, data, "why", n, "--format", "csv"); !strings.Contains(got, "\n"+name+",true,") {
				t.Errorf("%s: %q, want %s", n, got, name)
			}
		}
		// An older edition that printed something else.
		older := command(t, data, "why", series+"@microsoft/usnsor/2021-H2")
		if !strings.Contains(older, "12,500–12,999 accounts") || !strings.Contains(older, "not current: printed again in ") {
			t.Errorf("the older edition says %s", older)
		}
	})
	t.Run("refusals", func(t *testing.T) {
		name := named(t, data, places["cell of a page"])
		tests := map[string]struct {
			args []string
			code int
			want string
		}{
			"nothing":            {nil, exitUsage, `why: name a figure, or a question with --query; see "daylight why --help"`},
			"no_name":            {[]string{"fisa"}, exitUsage, `figure "fisa": usage: want CAPTURE/NUMBER such as 9a9a42ce4bbe/17`},
			"capture_alone":      {[]string{name[:12]}, exitUsage, "want CAPTURE/NUMBER"},
			"no_such_capture":    {[]string{"ffffffffffff/1"}, exitFailed, `no capture's SHA-256 starts with ffffffffffff; see daylight sql "SELECT sha256, name FROM capture"`},
			"few_digits":         {[]string{"fff/1"}, exitUsage, "want CAPTURE/NUMBER"},
			"no_such_number":     {[]string{name[:12] + "/99999"}, exitFailed, "has no figure 99999; it has 138, numbered up to 138"},
			"no_such_place":      {[]string{name[:12] + "/table 9 row 1 column 1"}, exitFailed, `has no figure at "table 9 row 1 column 1": nothing was read there`},
			"no_such_series":     {[]string{"12345"}, exitFailed, "no figure has this series key"},
			"series_too_large":   {[]string{"99999999999999999999"}, exitUsage, "too large for a series key"},
			"not_in_the_edition": {[]string{seriesOf(t, data, name) + "@microsoft/usnsor/1999-H1"}, exitFailed, `the series does not stand in edition "microsoft/usnsor/1999-H1", but in microsoft/usnsor/2023-H1, `},
			"param_of_nothing":   {[]string{name, "--param", "a=b"}, exitUsage, "--param and --row belong to --query"},
			"row_of_nothing":     {[]string{name, "--row", "1"}, exitUsage, "--param and --row belong to --query"},
			"both":               {[]string{name, "--query", "total"}, exitUsage, "figures are named (" + name + ") or taken from --query, not both"},
			"row_zero":           {[]string{"--query", "total", "--row", "0"}, exitUsage, "--row 0: rows are counted from 1"},
			"row_too_large":      {[]string{"--query", "june_2013_disclosures", "--row", "99"}, exitUsage, "the answer has 7 rows, and --row is 99"},
			"no_question":        {[]string{"--query", "totals"}, exitUsage, `no question "totals"; did you mean "total"?`},
			"no_parameter":       {[]string{"--query", "total", "--param", "who=me"}, exitUsage, `no parameter "who"`},
			"no_code":            {[]string{"--query", "total", "--param", "provider=gogle"}, exitUsage, `no provider "gogle"; did you mean "google"?`},
			"without_cells":      {[]string{"--query", "reference_figures"}, exitUsage, "does not say which printed cells its rows stand on"},
			"read_elsewhere":     {[]string{"--query", "june_2013_disclosures", "--row", "7"}, exitFailed, "no printed cells: the row was read elsewhere than in a report that is held"},
			"no_rows":            {[]string{"--query", "total", "--param", "from=1990-H1", "--param", "to=1990-H2"}, exitFailed, "the answer has no rows"},
		}
		for name, tc := range tests {
			t.Run(name, func(t *testing.T) {
				code, out, errOut := call(t, data, append([]string{"why"}, tc.args...)...)
				if code != tc.code || out != "" || !strings.Contains(errOut, tc.want) {
					t.Errorf("exit code %d, printed %q and %q\nwant %d and %q", code, out, errOut, tc.code, tc.want)
				}
			})
		}
	})
}

// UnmarshalJSON lets the tests read documents: the order of the columns is not theirs to check.
func (r *record) UnmarshalJSON(b []byte) error {
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	for name, v := range m {
		r.names, r.values = append(r.names, name), append(r.values, v)
	}
	return nil
}

func seriesOf(t *testing.T, data, name string) string {
	t.Helper()
	capture, ordinal, _ := strings.Cut(name, "/")
	return strings.Fields(command(t, data, "sql", "--format", "csv",
		"SELECT series_key FROM observation WHERE starts_with(capture, '"+capture+"') AND ordinal = "+ordinal))[1]
}

// readAgain is what is said of a text that the archived bytes print.
const readAgain = "read again from the archived bytes: the same"

// TestWhyDamaged: bytes that are not what they were, or are gone, confirm nothing, and the
// capture is named.
func TestWhyDamaged(t *testing.T) {
	data := firstRun(t)
	name := named(t, data, places["cell of a workbook"])
	other := named(t, data, places["line of a CSV"])
	var sha string
	for _, f := range strings.Fields(command(t, data, "sql", "--format", "csv", "SELECT DISTINCT capture FROM observation WHERE starts_with(capture, '"+name[:12]+"')")) {
		sha = f
	}
	file := filepath.Join(data, "archive", "sha256", sha[:2], sha)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, want string) {
		t.Helper()
		code, out, errOut := call(t, data, "why", name)
		for _, text := range []string{strings.Join(strings.Fields(out), " "), errOut} {
			if code != exitFailed || !strings.Contains(text, "not confirmed: ") || !strings.Contains(text, want) || !strings.Contains(text, name[:12]) {
				t.Errorf("exit code %d, want %q in %q", code, want, text)
			}
		}
		if strings.Contains(out, readAgain) {
			t.Errorf("it says that the text was read again: %s", out)
		}
		if code, out, errOut = call(t, data, "why", other, name, "--format", "csv"); code != exitFailed || !strings.Contains(errOut, "1 of 2 figures are not confirmed, the first: "+name) ||
			!strings.Contains(out, other+",true,") || !strings.Contains(out, name+",false,") {
			t.Errorf("exit code %d, %q, %q", code, out, errOut)
		}
		to := filepath.Join(t.TempDir(), "pack.zip")
		if code, out, errOut = call(t, data, "evidence", "--to", to, name, other); code != exitFailed || out != "" || !strings.Contains(errOut, want) {
			t.Errorf("evidence: exit code %d, %q, %q", code, out, errOut)
		}
		if _, err := os.Stat(to); !os.IsNotExist(err) {
			t.Errorf("a pack was written: %v", err)
		}
	}
	t.Run("one_byte", func(t *testing.T) {
		bad := bytes.Clone(good)
		bad[len(bad)/2] ^= 1
		if err := os.WriteFile(file, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		check(t, "bytes are damaged; run daylight verify")
	})
	t.Run("gone", func(t *testing.T) {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		check(t, "no such file")
	})
	t.Run("no_metadata", func(t *testing.T) {
		if err := os.WriteFile(file, good, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, out, _ := call(t, data, "why", name); !strings.Contains(out, readAgain) {
			t.Errorf("whole again, and yet: %s", out)
		}
		found, err := filepath.Glob(filepath.Join(data, "archive", "captures", "*", "*", "*-"+sha[:12]+"*.json"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%v, %v", found, err)
		}
		for _, f := range found {
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
		}
		check(t, "the archive does not have it: restore it from a backup, or import the same file again")
	})
}

// TestTestimonyContradicts: what the warehouse says and the bytes do not is a problem.
func TestTestimonyContradicts(t *testing.T) {
	data := firstRun(t)
	a := testApp(t)
	a.data = data
	db, err := warehouse.Open(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	cell, err := figure.Find(t.Context(), db, named(t, data, places["cell of a workbook"]))
	if err != nil {
		t.Fatal(err)
	}
	set := func(column string, v any) func(*figure.Figure) {
		return func(f *figure.Figure) { f.Values[slices.Index(f.Header, column)] = v }
	}
	tests := map[string]struct {
		change func(*figure.Figure)
		want   string
	}{
		"nothing":          {func(*figure.Figure) {}, ""},
		"text":             {func(f *figure.Figure) { f.RawText = "7041" }, `at "MSFT!B17" stands "7014", the figure was read from "7041"`},
		"place":            {func(f *figure.Figure) { f.Locator = "MSFT!C17" }, "not what the bytes print"},
		"place_of_nothing": {func(f *figure.Figure) { f.Locator = "MSFT!B9999" }, "no such place"},
		"sheet_of_nothing": {func(f *figure.Figure) { f.Locator = "Nowhere!B17" }, "not what the bytes print"},
		"value":            {set("value_low", 7013.0), `value_low is "7013", and this daylight reads "7014"`},
		"open":             {set("value_high", nil), `value_high is "", and this daylight reads "7014"`},
		"measure":          {set("measure", "accounts_specified"), `measure is "accounts_specified", and this daylight reads "requests_received"`},
		"process":          {set("process", "civil"), `process is "civil", and this daylight reads "law_enforcement_all"`},
		"jurisdiction":     {set("jurisdiction", "CA"), `jurisdiction is "CA"`},
		"flags":            {set("quality_flags", []any{"stored_abroad"}), `quality_flags is "stored_abroad"`},
		"number":           {set("ordinal", int64(1)), `ordinal is "1", and this daylight reads `},
		"edition":          {func(f *figure.Figure) { f.Edition = "microsoft/lerr/2013-H2" }, "it is taken for edition microsoft/lerr/2013-H1 and stands in the table as microsoft/lerr/2013-H2"},
		"source":           {func(f *figure.Figure) { f.Source = "microsoft/usnsor" }, "the archive does not have it"},
		"capture":          {func(f *figure.Figure) { f.Capture = strings.Repeat("a", 64) }, "the archive does not have it"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			figures, err := figure.Load(t.Context(), db, []queries.Cell{cell})
			if err != nil || len(figures) != 1 {
				t.Fatalf("%d figures, %v", len(figures), err)
			}
			tc.change(&figures[0])
			list, err := a.examiner().testify(t.Context(), db, figures)
			if err != nil || len(list) != 1 {
				t.Fatal(err)
			}
			got := strings.Join(list[0].Problems, "\n")
			if list[0].Confirmed != (tc.want == "") || !strings.Contains(got, tc.want) || (tc.want == "") != (got == "") {
				t.Errorf("confirmed %t, problems %q, want %q", list[0].Confirmed, got, tc.want)
			}
		})
	}
}

// TestQuestionCells: the rows of each question, asked by its defaults and as in its example,
// lead to as many printed cells as they count, and what is added up is what they say. Of a
// long answer rows from all over it are taken, because each is a statement of its own.
func TestQuestionCells(t *testing.T) {
	data := firstRun(t)
	db, err := warehouse.Open(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all, err := queries.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	// Questions whose low is the plain sum of the cells' lower ends.
	sums := []string{"total", "requests_by_half_year", "accounts_per_year", "emergency_requests", "preservation_requests", "place_of_jurisdiction",
		"us_and_eu", "bands_by_half_year", "content_disclosed", "events_beside_trend", "requesting_jurisdictions"}
	summed := map[string]int{}
	for _, q := range all {
		if q.Cells == "" {
			continue
		}
		t.Run(q.Name, func(t *testing.T) {
			found := 0
			for _, args := range []map[string]string{{}, exampleOf(t, q)} {
				rows, err := q.Run(t.Context(), db, args)
				if err != nil {
					t.Fatal(err)
				}
				var lines [][]any
				for rows.Next() {
					lines = append(lines, slices.Clone(rows.Values()))
				}
				if err := rows.Err(); err != nil {
					t.Fatal(err)
				}
				if err := rows.Close(); err != nil {
					t.Fatal(err)
				}
				const most = 8
				for i, line := range lines {
					if step := len(lines)/most + 1; i%step != 0 && i != len(lines)-1 {
						continue
					}
					cells, err := q.CellsOf(t.Context(), db, args, line)
					count := line[slices.IndexFunc(q.Columns, func(c queries.Column) bool { return c.Name == "cells" })]
					if err != nil {
						if count != int64(0) {
							t.Errorf("%v row %d: %v", args, i+1, err)
						}
						continue
					}
					found += len(cells)
					if !slices.Contains(sums, q.Name) || len(cells) > 200 {
						continue
					}
					low := line[slices.IndexFunc(q.Columns, func(c queries.Column) bool { return c.Name == "low" })]
					figures, err := figure.Load(t.Context(), db, cells)
					if err != nil {
						t.Fatal(err)
					}
					sum := 0.0
					for _, f := range figures {
						v, _ := f.Values[slices.Index(f.Header, "value_low")].(float64)
						sum += v
					}
					if v, ok := low.(float64); ok {
						summed[q.Name]++
						if diff := v - sum; diff > 1e-6 || diff < -1e-6 {
							t.Errorf("%v row %d: low is %v, the cells add up to %v", args, i+1, v, sum)
						}
					}
				}
			}
			if found == 0 {
				t.Error("no cell was found")
			}
		})
	}
	for _, name := range sums {
		if summed[name] == 0 {
			t.Errorf("no row of %s was added up", name)
		}
	}
}

// exampleOf reads the parameters of a question's example.
func exampleOf(t *testing.T, q queries.Question) map[string]string {
	t.Helper()
	args := map[string]string{}
	words := strings.Fields(q.Example)
	for i, w := range words {
		if w == "--param" && i+1 < len(words) {
			k, v, ok := strings.Cut(strings.Trim(words[i+1], "'"), "=")
			if !ok {
				t.Fatalf("the example %q", q.Example)
			}
			args[k] = v
		}
	}
	return args
}

// TestCellsOfRefuses: a row that cannot be walked back says so.
func TestCellsOfRefuses(t *testing.T) {
	data := firstRun(t)
	db, err := warehouse.Open(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	q := queries.Question{Name: "made", Columns: []queries.Column{{Name: "provider"}, {Name: "cells"}}, SQL: "SELECT 1",
		Cells: "figure f WHERE f.capture_id = 1 AND $row_provider = 'microsoft' AND f.ordinal < 3"}
	tests := map[string]struct {
		row  []any
		sql  string
		want string
	}{
		"found":           {[]any{"microsoft", int64(2)}, q.Cells, ""},
		"another_number":  {[]any{"microsoft", int64(3)}, q.Cells, "the row counts 3 cells and 2 are found"},
		"none_found":      {[]any{"google", int64(3)}, q.Cells, "the row counts 3 cells and 0 are found"},
		"read_elsewhere":  {[]any{"microsoft", int64(0)}, q.Cells, "no printed cells: the row was read elsewhere"},
		"not_declared":    {[]any{"microsoft", int64(2)}, "", "no printed cells: the question does not say which cells a row stands on"},
		"another_form":    {[]any{"microsoft"}, q.Cells, "a row has 1 values, the question 2 columns"},
		"sql_that_is_bad": {[]any{"microsoft", int64(2)}, "nowhere", "query made: cells: "},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			q := q
			q.Cells = tc.sql
			cells, err := q.CellsOf(t.Context(), db, nil, tc.row)
			text := ""
			if err != nil {
				text = err.Error()
			}
			if !strings.Contains(text, tc.want) || (tc.want == "") != (err == nil) || tc.want == "" && len(cells) != 2 {
				t.Errorf("%v, %v; want %q", cells, err, tc.want)
			}
		})
	}
}

func TestShellWord(t *testing.T) {
	for in, want := range map[string]string{
		"9a9a42ce4bbe/17": "9a9a42ce4bbe/17", "": "''", "9a9a/line 1 column 2": "'9a9a/line 1 column 2'", "x!B5": "'x!B5'", "it's": `'it'\''s'`,
		"provider=a|b": "'provider=a|b'", "figures=nsl/requests_received": "figures=nsl/requests_received",
	} {
		if got := shellWord(in); got != want {
			t.Errorf("%q becomes %s, want %s", in, got, want)
		}
	}
}

func TestMoved(t *testing.T) {
	n := func(v float64) *float64 { return &v }
	tests := map[string]struct {
		r    figure.Reading
		want string
	}{
		"not":         {figure.Reading{MoveLow: n(1)}, ""},
		"exactly":     {figure.Reading{Moved: true, MoveLow: n(-9), MoveHigh: n(-9), Apart: true}, "-9, nothing in common"},
		"bands":       {figure.Reading{Moved: true, MoveLow: n(8001), MoveHigh: n(8999), Apart: true}, "+8,001 to +8,999, nothing in common"},
		"overlapping": {figure.Reading{Moved: true, MoveLow: n(-499), MoveHigh: n(0)}, "-499 to 0"},
		"open_above":  {figure.Reading{Moved: true, MoveLow: n(5)}, "+5 to any rise"},
		"withheld":    {figure.Reading{Moved: true}, "no number before or now"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, moved(tc.r)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestUnconfirmed(t *testing.T) {
	ok, bad := &testimony{Figure: "a/1", Confirmed: true}, &testimony{Figure: "a/2", Problems: []string{"why"}}
	for want, list := range map[string][]*testimony{
		"<nil>":                        {ok, ok},
		"why: not confirmed: a/2: why": {bad},
		"why: 1 of 2 figures are not confirmed, the first: a/2: why": {ok, bad},
	} {
		if got := fmt.Sprint(unconfirmed("why", list)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
