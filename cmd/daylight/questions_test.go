package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daylight/queries"
	"daylight/warehouse"
)

// firstRun loads the captures that ship with the program into a data directory.
func firstRun(t *testing.T) string {
	t.Helper()
	a := testApp(t)
	r, err := a.ingest(t.Context(), sources(), ingestOptions{offline: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.Outcome != outcomeClean {
		t.Fatalf("outcome %s: %v", r.Outcome, r.err())
	}
	return a.data
}

// command runs one command line on the data and returns what it prints.
func command(t *testing.T, data string, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := run(t.Context(), append(args, "--data", data), strings.NewReader(""), &out, &errOut); code != exitClean {
		t.Fatalf("daylight %s: exit code %d: %s", strings.Join(args, " "), code, &errOut)
	}
	return out.String()
}

// TestQuestions asks every question of the embedded data. The answers stand in
// testdata/golden, so that a change of an answer is seen in review; -update rewrites them.
func TestQuestions(t *testing.T) {
	data := firstRun(t)
	all, err := queries.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 6 {
		t.Fatalf("only %d questions", len(all))
	}
	for _, q := range all {
		t.Run(q.Name, func(t *testing.T) {
			got := command(t, data, "query", q.Theme+"/"+q.Name, "--format", "csv")
			lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
			if len(lines) < 2 {
				t.Fatal("no rows: the defaults ask nothing")
			}
			slices.Sort(lines[1:])
			golden(t, filepath.Join("testdata", "golden", q.Name+".csv"), strings.Join(lines, "\n")+"\n")

			words := strings.Fields(q.Example)
			if len(words) < 3 || words[0] != "daylight" || words[1] != "query" || words[2] != q.Name {
				t.Fatalf("the example %q does not ask this question", q.Example)
			}
			if rows := command(t, data, append(words[1:], "--format", "csv")...); strings.Count(rows, "\n") < 2 {
				t.Errorf("the example %q gives no rows", q.Example)
			}
		})
	}
	t.Run("codes_are_held_against_the_lists", func(t *testing.T) {
		tests := map[string]string{
			"provider=gogle":       `daylight: query requests_by_half_year: usage: parameter provider: no provider "gogle"; did you mean "google"?`,
			"provider=nobody":      `daylight: query requests_by_half_year: usage: parameter provider: no provider "nobody"; known are apple, google, meta, microsoft`,
			"jurisdiction=de":      `daylight: query requests_by_half_year: usage: parameter jurisdiction: no jurisdiction "de"; did you mean "DE" (Germany)?`,
			"jurisdiction=Germany": `daylight: query requests_by_half_year: usage: parameter jurisdiction: no jurisdiction "Germany"; did you mean "DE" (Germany)?`,
			"jurisdiction=Turkey":  `daylight: query requests_by_half_year: usage: parameter jurisdiction: no jurisdiction "Turkey"; did you mean "TR" (Türkiye)?`,
			"jurisdiction=XX":      `daylight: query requests_by_half_year: usage: parameter jurisdiction: no jurisdiction "XX"; see daylight sql "SELECT * FROM jurisdiction"`,
			"jurisdiction=":        `daylight: query requests_by_half_year: usage: parameter jurisdiction: no jurisdiction ""; see daylight sql "SELECT * FROM jurisdiction"`,
		}
		for param, want := range tests {
			var out, errOut bytes.Buffer
			code := run(t.Context(), []string{"query", "requests_by_half_year", "--param", param, "--data", data}, nil, &out, &errOut)
			if code != exitUsage || strings.TrimSpace(errOut.String()) != want || out.Len() > 0 {
				t.Errorf("%s: exit code %d, printed %q and %q\nwant %q", param, code, &out, &errOut, want)
			}
		}
	})
	t.Run("processes_written_out", func(t *testing.T) {
		codes := strings.Fields(command(t, data, "sql", "--format", "csv", "SELECT code FROM process WHERE class = 'national_security'"))[1:]
		slices.Sort(codes)
		for _, name := range []string{"bands_by_half_year", "perhaps_never"} {
			q, err := queries.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			_, rest, _ := strings.Cut(q.SQL, "f.process IN (")
			list, _, _ := strings.Cut(rest, ")")
			var named []string
			for _, word := range strings.Split(list, ",") {
				named = append(named, strings.Trim(strings.TrimSpace(word), "'"))
			}
			slices.Sort(named)
			if diff := cmp.Diff(codes, named); diff != "" {
				t.Errorf("%s: the question's processes are not the vocabulary's: -want +got:\n%s", name, diff)
			}
		}
	})
	t.Run("catalogue_as_json", func(t *testing.T) {
		var got []queries.Question
		if err := json.Unmarshal([]byte(command(t, data, "query", "--list", "--format", "json")), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		var one queries.Question
		if err := json.Unmarshal([]byte(command(t, data, "query", all[0].Name, "--explain", "--format", "json")), &one); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all[0], one); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
	t.Run("completion", func(t *testing.T) {
		tests := map[string]struct {
			args []string
			want []string
		}{
			"parameter": {[]string{"query", "requests_by_half_year", "--param", ""}, []string{"provider=", "jurisdiction=", "group=", "from=", "to=", "across_breaks=", "as_of="}},
			"value":     {[]string{"query", "requests_by_half_year", "--param", "provider="}, []string{"provider=all", "provider=apple", "provider=google", "provider=meta", "provider=microsoft"}},
			"no_such":   {[]string{"query", "nothing", "--param", ""}, nil},
			"format":    {[]string{"coverage", "--format", ""}, []string{"table", "csv", "json"}},
			"export":    {[]string{"export", "--format", ""}, []string{"parquet", "csv"}},
			"provider":  {[]string{"coverage", "--provider", ""}, []string{"microsoft", "google", "apple", "meta"}},
		}
		for name, tc := range tests {
			// The flag stands before, because what is completed must come last.
			text := completions(t, append([]string{"__completeNoDesc", "--data", data}, tc.args...))
			if diff := cmp.Diff(tc.want, text); diff != "" {
				t.Errorf("%s: -want +got:\n%s", name, diff)
			}
		}
	})
}

func completions(t *testing.T, args []string) []string {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := run(t.Context(), args, nil, &out, &errOut); code != exitClean {
		t.Fatalf("%v: exit code %d: %s", args, code, &errOut)
	}
	var list []string
	for line := range strings.Lines(out.String()) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, ":") && line != "" {
			list = append(list, line)
		}
	}
	return list
}

// golden compares with a file, or rewrites it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s: -want +got:\n%s\nwhen the new answer is right: go test ./cmd/daylight -run %s -update", name, diff, t.Name())
	}
}

// importFiles imports files of our own making, one command line each.
func importFiles(t *testing.T, a *app, source, edition string, files map[string]string) *runReport {
	t.Helper()
	dir := t.TempDir()
	var names []string
	for name, content := range files {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	s, captures, err := importOptions{source: source, edition: edition, trust: "archive"}.captures(a.now(), names)
	if err != nil {
		t.Fatal(err)
	}
	r, err := a.importCaptures(t.Context(), s, captures, false)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSumsKnowTheirGaps asks for sums whose lines are not all at hand: the upper bound must
// be open and the advisory must say why. A sum that looks exact would be cited.
func TestSumsKnowTheirGaps(t *testing.T) {
	const header = "Period Ending,Country,CLDR Territory Code,User Data Requests,Percentage of data requests fully or partially complied with,Users/Accounts Specified\n"
	google := map[string]string{"google-user-data-requests.csv": header +
		"12/31/2011,Argentina,AR,98,40%,121\n12/31/2011,Brazil,BR,3663,50%,4000\n6/30/2012,Argentina,AR,134,33%,200\n6/30/2012,Brazil,BR,2435,80%,3099\n"}
	refused := map[string]string{"google-user-data-requests.csv": google["google-user-data-requests.csv"] + "6/30/2012,Atlantis,A1,155,10%,160\n"}
	tests := map[string]struct {
		files      map[string]string
		args       []string
		want, hint string
	}{
		"whole": {google, []string{"requests_by_half_year", "--param", "from=2012-H1"},
			"google,2012-H1,ZZ,2569,2569,exact,,derived,law_enforcement_all,2,2,", "until 2013-H1"},
		"refused_line_in_the_world": {refused, []string{"requests_by_half_year", "--param", "from=2012-H1"},
			"google,2012-H1,ZZ,2569,,exact,,derived,law_enforcement_all,2,2,", "3 printed figures of the edition were refused"},
		// What the report prints itself stands.
		"refused_line_beside_a_printed_figure": {refused, []string{"requests_by_half_year", "--param", "from=2012-H1", "--param", "jurisdiction=BR"},
			"google,2012-H1,BR,2435,2435,exact,,as_published,law_enforcement_all,1,1,", ""},
		"rank": {google, []string{"requesting_jurisdictions", "--param", "provider=google", "--param", "from=2012-H1", "--param", "to=2012-H1"},
			"1,1,BR,Brazil,2435,2435,requests,94.78396263137408,94.78396263137408,94.78396263137408,94.78396263137408,down,2,", ""},
		"rank_with_a_refused_line": {refused, []string{"requesting_jurisdictions", "--param", "provider=google", "--param", "from=2012-H1", "--param", "to=2012-H1"},
			"1,,BR,Brazil,2435,2435,requests,,,,,down,2,", "were refused"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			a := testApp(t)
			importFiles(t, a, "google/user-data", "", tc.files)
			got := strings.Split(command(t, a.data, append(append([]string{"query"}, tc.args...), "--format", "csv")...), "\n")[1]
			if !strings.HasPrefix(got, tc.want) || !strings.Contains(got, tc.hint) {
				t.Errorf("got  %s\nwant %s ... %s", got, tc.want, tc.hint)
			}
		})
	}
}

// TestSumsOfSeveralEditions loads an older edition with a line that the newer one lacks.
func TestSumsOfSeveralEditions(t *testing.T) {
	const header = "Period Ending,Country,CLDR Territory Code,User Data Requests,Percentage of data requests fully or partially complied with,Users/Accounts Specified\n"
	a := testApp(t)
	importFiles(t, a, "google/user-data", "", map[string]string{"google-user-data-requests.csv": header + "12/31/2011,Argentina,AR,98,40%,121\n12/31/2011,Brazil,BR,3663,50%,4000\n"})
	importFiles(t, a, "google/user-data", "", map[string]string{"google-user-data-requests.csv": header + "12/31/2011,Brazil,BR,3660,50%,4000\n6/30/2012,Brazil,BR,2435,80%,3099\n"})
	got := strings.Split(command(t, a.data, "query", "requests_by_half_year", "--param", "to=2011-H2", "--format", "csv"), "\n")[1]
	want := `google,2011-H2,ZZ,3758,3758,exact,,derived,law_enforcement_all,2,2,"the figures come from several editions: google/user-data/2011-H2, google/user-data/2012-H1 | `
	if !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// BenchmarkQuestions times each question with its defaults, on the real captures when
// DAYLIGHT_CAPTURES names them: under 50 ms is wanted.
func BenchmarkQuestions(b *testing.B) {
	ctx := context.Background()
	now := time.Now()
	a := &app{data: b.TempDir(), format: formatTable, now: func() time.Time { now = now.Add(time.Second); return now }, errOut: new(bytes.Buffer)}
	if root := os.Getenv("DAYLIGHT_CAPTURES"); root != "" {
		if err := a.importAll(ctx, root, nil); err != nil {
			b.Fatal(err)
		}
	} else if _, err := a.ingest(ctx, sources(), ingestOptions{offline: true}); err != nil {
		b.Fatal(err)
	}
	db, err := warehouse.Open(ctx, a.data)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	all, err := queries.Catalog()
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range all {
		b.Run(q.Name, func(b *testing.B) {
			for b.Loop() {
				rows, err := q.Run(ctx, db, nil)
				if err != nil {
					b.Fatal(err)
				}
				for rows.Next() {
				}
				if err := rows.Err(); err != nil {
					b.Fatal(err)
				}
				rows.Close()
			}
		})
	}
}
