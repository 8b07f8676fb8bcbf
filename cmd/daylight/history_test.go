package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// restated lists the rows of the question as texts of some columns.
func restated(t *testing.T, data string, columns []string, args ...string) []string {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(command(t, data, append([]string{"restatements", "--format", "csv"}, args...)...))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, line := range all[1:] {
		var parts []string
		for _, c := range columns {
			parts = append(parts, line[slices.Index(all[0], c)])
		}
		out = append(out, strings.Join(parts, " "))
	}
	return out
}

// namedRestatements are those that the layout notes of the reports name and that are among the
// embedded editions: jurisdiction, process, measure, period, kind, old and new figure.
var namedRestatements = []string{
	"microsoft US fisa_content accounts_specified 2021-H1 disjoint 11500 11999 15500 15999 3501 4499",
	"microsoft US fisa_content accounts_specified 2021-H2 disjoint 12500 12999 21000 21499 8001 8999",
	"google US fisa_noncontent accounts_specified 2020-H2 disjoint 21500 21999 22500 22999 501 1499",
	"google US fisa_noncontent accounts_specified 2021-H1 disjoint 27000 27499 27500 27999 1 999",
	"google US fisa_noncontent accounts_specified 2021-H2 disjoint 28000 28499 28500 28999 1 999",
	"google US nsl requests_received 2020-H2 floor 6 499 13 499  ",
	"google US nsl requests_received 2021-H2 floor 2 499 8 499  ",
	"apple US national_security_combined requests_received 2017-H1 floor 13250 13499 13254 13499  ",
	"apple US national_security_combined requests_received 2017-H1 floor 13254 13499 13255 13499  ",
	"apple US national_security_combined accounts_specified 2017-H1 floor 9000 9249 9005 9249  ",
	"apple US nsl requests_received 2018-H2 floor 3 499 6 499  ",
	"apple US nsl accounts_specified 2018-H2 floor 1505 1999 1508 1999  ",
	"apple US nsl requests_received 2020-H2 floor 1 499 5 499  ",
	"apple US nsl accounts_specified 2021-H2 floor 500 999 509 999  ",
}

// moreRestatements are found when the publishers' own files stand beside the embedded ones.
var moreRestatements = []string{
	"google HK law_enforcement_all accounts_specified 2012-H1 disjoint 191 191 192 192 1 1",
	"apple US nsl requests_received 2020-H2 floor 0 499 1 499  ",
	"apple US nsl requests_received 2020-H2 floor 1 499 5 499  ",
}

// TestRestatements: what is known to have been restated is found, and nothing else: figures
// that later editions repeat are no restatement, nor is a category that was split.
func TestRestatements(t *testing.T) {
	columns := []string{"provider", "jurisdiction", "process", "measure", "period", "kind", "old_low", "old_high", "new_low", "new_high", "low", "high"}
	a := testApp(t)
	if r, err := a.ingest(t.Context(), sources(), ingestOptions{offline: true}); err != nil || r.Outcome != outcomeClean {
		t.Fatal(err, r.err())
	}
	named := namedRestatements
	root := os.Getenv("DAYLIGHT_CAPTURES")
	if root != "" {
		named = slices.Concat(namedRestatements, moreRestatements)
		if err := a.importAll(t.Context(), root, nil); err != nil {
			t.Fatal(err)
		}
	}
	got := restated(t, a.data, columns)
	for _, want := range named {
		if !slices.Contains(got, want) {
			t.Errorf("not found: %s", want)
		}
	}
	// Whatever is called disjoint is a restatement that somebody knows of.
	for _, row := range got {
		if strings.Contains(row, " disjoint ") && !slices.Contains(named, row) || strings.Contains(row, " other ") || strings.Contains(row, " vanished ") || strings.Contains(row, " appeared ") || strings.Contains(row, " revision ") {
			t.Errorf("nobody knows of: %s", row)
		}
		if strings.Contains(row, " floor ") && !strings.Contains(row, " US ") {
			t.Errorf("a floor that no letter raised: %s", row)
		}
	}
	// What Google left blank in its first years and prints as 0 today, table by table.
	blanks := restated(t, a.data, []string{"process", "measure", "period", "old_printed", "new_printed"}, "--kind", "blank")
	for _, want := range []string{
		"law_enforcement_all accounts_specified 2009-H2  0", "law_enforcement_all accounts_specified 2010-H1  0",
		"law_enforcement_all pct_requests_some_data_disclosed 2009-H2  0", "law_enforcement_all pct_requests_some_data_disclosed 2010-H1  0",
	} {
		if !slices.Contains(blanks, want) {
			t.Errorf("not found: %q in %q", want, blanks)
		}
	}
	if root == "" {
		return
	}
	// Ireland and Russia were split: the lines together are as many as before, or a few more.
	for _, row := range restated(t, a.data, []string{"jurisdiction", "low"}, "--kind", "regrouped") {
		if !strings.HasPrefix(row, "IE ") && !strings.HasPrefix(row, "RU ") || strings.Contains(row, "-") {
			t.Errorf("regrouped: %s", row)
		}
	}
}

// TestKindsOfRestatements loads two editions of our own making.
func TestKindsOfRestatements(t *testing.T) {
	const header = "Period Ending,Country,CLDR Territory Code,Legal Process,User Data Requests,Percentage of requests where some data produced,Users/Accounts Specified\n"
	line := func(country, process, requests, percent, accounts string) string {
		return "2017-12-31," + country + "," + process + "," + requests + "," + percent + "," + accounts + "\n"
	}
	older := line("France,FR", "Other Legal Requests", "20", "50", "20") +
		line("Germany,DE", "Other Legal Requests", "100", "50", "100") +
		line("Ireland,IE", "Other Legal Requests", "32", "47", "48") +
		line("United Kingdom,GB", "Other Legal Requests", "100", "", "120") +
		line("United States,US", "Subpoenas", "50", "80", "60") +
		line("United States,US", "Wiretap Orders", "4", "75", "8")
	newer := line("France,FR", "Other Legal Requests", "20", "50", "20") +
		line("Germany,DE", "Other Legal Requests", "80", "50", "100") +
		line("Germany,DE", "Emergency Disclosure Requests", "7", "14", "7") +
		line("Ireland,IE", "Other Legal Requests", "18", "61", "21") +
		line("Ireland,IE", "Court Orders", "3", "100", "11") +
		line("Ireland,IE", "Police Requests", "11", "9", "16") +
		line("Spain,ES", "Other Legal Requests", "5", "20", "6") +
		line("United Kingdom,GB", "Other Legal Requests", "100", "0", "120") +
		line("United States,US", "Subpoenas", "50", "80", "60")
	a := testApp(t)
	importFiles(t, a, "google/user-data", "2018-H1", map[string]string{"google-user-data-requests.csv": header + older + "2018-06-30,France,FR,Other Legal Requests,1,0,1\n"})
	importFiles(t, a, "google/user-data", "2018-H2", map[string]string{"google-user-data-requests.csv": header + newer + "2018-12-31,France,FR,Other Legal Requests,1,0,1\n"})
	columns := []string{"jurisdiction", "process", "measure", "kind", "old_low", "new_low", "low", "high", "percent_low", "announced"}
	want := []string{
		// Seven new ones do not make up for twenty that are missing.
		"DE emergency_disclosure accounts_specified appeared  7    silent",
		"DE emergency_disclosure pct_requests_some_data_disclosed appeared  13.5    silent",
		"DE emergency_disclosure requests_received appeared  7    silent",
		"ES other_legal_request accounts_specified appeared  6    silent",
		"GB other_legal_request pct_requests_some_data_disclosed blank  0    silent",
		"ES other_legal_request pct_requests_some_data_disclosed appeared  19.5    silent",
		"DE other_legal_request requests_received disjoint 100 80 -20 -20 -20 silent",
		"ES other_legal_request requests_received appeared  5    silent",
		"US wiretap accounts_specified vanished 8     silent",
		"US wiretap pct_requests_some_data_disclosed vanished 74.5     silent",
		"US wiretap requests_received vanished 4     silent",
	}
	got := restated(t, a.data, columns)
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("restated: -want +got:\n%s", diff)
	}
	want = []string{
		"IE court_order_other accounts_specified regrouped  11    silent",
		"IE court_order_other pct_requests_some_data_disclosed regrouped  99.5    silent",
		"IE court_order_other requests_received regrouped  3    silent",
		"IE other_legal_request accounts_specified regrouped 48 21 0 0  silent",
		"IE other_legal_request pct_requests_some_data_disclosed regrouped 46.5 60.5    silent",
		"IE other_legal_request requests_received regrouped 32 18 0 0  silent",
		"IE police_request accounts_specified regrouped  16    silent",
		"IE police_request pct_requests_some_data_disclosed regrouped  8.5    silent",
		"IE police_request requests_received regrouped  11    silent",
	}
	got = restated(t, a.data, columns, "--kind", "regrouped")
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("regrouped: -want +got:\n%s", diff)
	}
	if got := restated(t, a.data, columns, "--since", "2018-H2"); got != nil {
		t.Errorf("since the newest edition: %v", got)
	}
	if got := restated(t, a.data, columns, "--as-of", "2018-H1", "--kind", "all"); got != nil {
		t.Errorf("as of the older edition: %v", got)
	}

	// The same edition captured again with another figure is a revision.
	importFiles(t, a, "google/user-data", "2018-H2", map[string]string{"google-user-data-requests.csv": header + strings.Replace(newer, ",18,61,21", ",28,61,21", 1) + "2018-12-31,France,FR,Other Legal Requests,1,0,1\n"})
	if diff := cmp.Diff([]string{"IE other_legal_request requests_received revision 18 28 10 10 55.55555555555556 silent"}, restated(t, a.data, columns, "--kind", "revision")); diff != "" {
		t.Errorf("revision: -want +got:\n%s", diff)
	}

	// The release note of that run says it for people.
	r := importFiles(t, a, "google/user-data", "2018-H2", map[string]string{"google-user-data-requests.csv": header + strings.Replace(newer, ",18,61,21", ",23,61,21", 1) + "2018-12-31,France,FR,Other Legal Requests,1,0,1\n"})
	note, err := os.ReadFile(filepath.Join(a.data, "runs", r.ID+".md"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "golden", "release_note.md"), strings.ReplaceAll(string(note), version(), "VERSION"))
	raw, err := os.ReadFile(filepath.Join(a.data, "runs", r.ID+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var kept runReport
	if err := json.Unmarshal(raw, &kept); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Changes, kept.Changes); diff != "" || kept.Changes == nil {
		t.Errorf("the report has other changes: -want +got:\n%s", diff)
	}
	if got, want := changeSummary(r.Changes), "changes: 0 new editions, 0 new figures, 1 changed, 0 gone, 1 reading added to the history"; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
}

func TestDiffRefuses(t *testing.T) {
	tests := map[string]struct{ args, want string }{
		"one":             {"diff google/user-data/2018-H1", "daylight: diff: name two editions, or none; have google/user-data/2018-H1"},
		"label_alone":     {"diff 2018-H1 2022-H1", `daylight: diff: "2018-H1": name the edition in full, such as google/user-data/2018-H1`},
		"two_reports":     {"diff google/user-data/2018-H1 apple/requests/2018-H2", "daylight: diff: google/user-data/2018-H1 and apple/requests/2018-H2 are of different reports"},
		"twice":           {"diff google/user-data/2018-H1 2018-H1", "daylight: diff: google/user-data/2018-H1 stands twice"},
		"kind_misspelt":   {"diff --kind flor", `daylight: usage: query edition_differences: parameter kind: "flor" is none of changed, all, only_older, only_newer, disjoint, floor, other, blank, unchanged; did you mean "floor"?`},
		"restated_kind":   {"restatements --kind disjont", `daylight: usage: query restated_figures: parameter kind: "disjont" is none of restated, all, disjoint, floor, other, revision, vanished, appeared, blank, regrouped; did you mean "disjoint"?`},
		"restated_object": {"restatements google", `daylight: daylight restatements: unknown argument "google"; see "daylight restatements --help"`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			code := run(t.Context(), append(strings.Fields(tc.args), "--data", t.TempDir()), nil, &out, &errOut)
			if code != exitUsage || out.Len() > 0 {
				t.Errorf("exit code %d, printed %q", code, &out)
			}
			if diff := cmp.Diff(tc.want+"\n", errOut.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestAsOfADay asks as of days: what is certainly known answers, and what may have been is named.
func TestAsOfADay(t *testing.T) {
	data := firstRun(t)
	got := command(t, data, "query", "requests_by_half_year", "--param", "provider=microsoft|meta", "--as-of", "2015-06-30", "--format", "csv")
	for _, want := range []string{
		"meta,2013-H1,", "microsoft,2013-H1,ZZ,37196,37196,", "microsoft,2014-H2,ZZ,31002,31002,",
		"left out of 2015-06-30, because it is not known that they were published by then: meta/government-requests/2013-H2, meta/government-requests/2014-H1, meta/government-requests/2014-H2",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	for _, not := range []string{"microsoft,2015-H1", "meta,2013-H2", "lerr/2014-H1 "} {
		if strings.Contains(got, not) {
			t.Errorf("%q stands in\n%s", not, got)
		}
	}
	var out, errOut bytes.Buffer
	if code := run(t.Context(), []string{"query", "bands_by_half_year", "--param", "provider=google", "--as-of", "2019-01-01", "--data", data}, nil, &out, &errOut); code != exitClean {
		t.Fatalf("exit code %d: %s", code, &errOut)
	}
	if want := "left out of 2019-01-01, because it is not known that it was published by then: google/user-data/2018-H1\n"; errOut.String() != want {
		t.Errorf("an empty answer says %q, want %q", &errOut, want)
	}
	code := run(t.Context(), []string{"query", "total", "--as-of", "2019-13-01", "--data", data}, nil, &out, &errOut)
	if code != exitUsage || !strings.Contains(errOut.String(), `no edition "2019-13-01"`) {
		t.Errorf("exit code %d: %s", code, &errOut)
	}
}
