package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daylight/queries"
	"daylight/warehouse"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// made are questions of our own making: the layout of the list and of an explanation does
// not change with the wording of the real ones.
func made() []queries.Question {
	return []queries.Question{
		{
			Name: "growth", Theme: "trend", Title: "By how many percent has a series grown between two half-years, when both of them are bands?",
			Grain: "one row per provider", Counts: "what the figures count, see unit", LeavesOut: "whatever is printed apart",
			Traps:  []string{"a band has no midpoint, so growth has none either, and two bands that overlap say nothing about the direction", "a series that was cut does not grow across the cut"},
			NotFor: "comparing providers",
			Params: []queries.Param{
				{Name: "provider", Type: "provider", List: true, Default: "all", Help: "who"},
				{Name: "figures", Type: "figures", List: true, Default: "requests/requests_received", Help: "what is counted"},
				{Name: "from", Type: "period", Default: "2013-H1", Help: "first half-year"},
				{Name: "period", Type: "period", Default: "2013-H1", Help: "the only one"},
				{Name: "members_on", Type: "members_on", Default: "period", Help: "who is a member"},
				{Name: "across_breaks", Type: "enum", Values: []string{"no", "yes"}, Default: "no", Help: "whether to compute growth across a break of the series, which compares what is not comparable"},
				{Name: "as_of", Type: "edition", Default: "now", Help: "the newest edition that is asked"},
			},
			Columns: []queries.Column{{Name: "provider", Help: "who"}, {Name: "low", Unit: "percent", Help: "lower end"}},
			Example: "daylight query growth", SQL: "SELECT 1",
		},
		{
			Name: "silence", Theme: "coverage", Title: "Who went silent?", Grain: "one row", Counts: "nothing", LeavesOut: "nothing",
			Traps: []string{"none"}, NotFor: "anything", Columns: []queries.Column{{Name: "who", Help: "who"}}, Example: "daylight query silence", SQL: "SELECT 2",
		},
		{Name: "a_question_of_a_long_name", Theme: "coverage", Title: "What is a question of a name that is long, and how is its title broken?"},
	}
}

func TestListIsGrouped(t *testing.T) {
	all := made()
	slices.Reverse(all)
	golden(t, filepath.Join("testdata", "golden", "list.txt"), questionList(all, 100))
	for _, width := range []int{80, 100, 120} {
		for line := range strings.Lines(questionList(all, width)) {
			if n := len(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("at %d columns a line has %d: %s", width, n, line)
			}
		}
	}
}

func TestExplanation(t *testing.T) {
	all := made()
	golden(t, filepath.Join("testdata", "golden", "explain.txt"), explanation(all[0], 100)+"\n=====\n"+explanation(all[1], 100))
}

func TestShorthand(t *testing.T) {
	q := made()[0]
	tests := map[string]struct {
		given map[string]string
		param string
		want  string
		err   string
	}{
		"sets_it":       {map[string]string{"provider": "x"}, "as_of", "2018-H1", ""},
		"given_twice":   {map[string]string{"as_of": "now"}, "as_of", "now", "query growth: --flag and --param as_of are the same: give one"},
		"does_not_take": {map[string]string{}, "until", "", "query growth: --flag: nothing is known of time"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			err := shorthand(q, tc.given, "flag", tc.param, "2018-H1", "nothing is known of time")
			text := ""
			if err != nil {
				text = err.Error()
			}
			if diff := cmp.Diff(tc.err, text); diff != "" {
				t.Errorf("error: -want +got:\n%s", diff)
			}
			if tc.given[tc.param] != tc.want {
				t.Errorf("%s is %q, want %q", tc.param, tc.given[tc.param], tc.want)
			}
		})
	}
}

// TestQueryFlags asks questions that cannot be asked so; no warehouse is looked for.
func TestQueryFlags(t *testing.T) {
	tests := map[string]struct{ args, want string }{
		"no_growth":           {"june_2013_disclosures --across-breaks", "daylight: query june_2013_disclosures: --across-breaks: the question computes no growth"},
		"breaks_of_nothing":   {"--across-breaks", `daylight: query: name a question; run "daylight query" for the list`},
		"edition_of_nothing":  {"--as-of 2018-H1", `daylight: query: name a question; run "daylight query" for the list`},
		"arguments_as_before": {"june_2013_disclosures --param provider", `daylight: query: --param "provider": want name=value`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			code := run(t.Context(), append([]string{"query", "--data", t.TempDir()}, strings.Fields(tc.args)...), nil, &out, &errOut)
			if code != exitUsage || out.Len() > 0 {
				t.Errorf("exit code %d, printed %q", code, &out)
			}
			if diff := cmp.Diff(tc.want+"\n", errOut.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestQueryHelp holds the help against the catalogue that it documents.
func TestQueryHelp(t *testing.T) {
	help := newQueryCommand(testApp(t)).Long
	doc, err := json.Marshal(made()[0])
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]any
	if err := json.Unmarshal(doc, &keys); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"params", "columns"} {
		for _, x := range keys[part].([]any) {
			for k := range x.(map[string]any) {
				keys[k] = nil
			}
		}
	}
	for k := range keys {
		if !strings.Contains(strings.ReplaceAll(help, "\n", " "), k) {
			t.Errorf("the help does not name the key %q of the catalogue", k)
		}
	}
}

// TestQuestionParameters asks the warehouse's lists, with questions of our own making.
func TestQuestionParameters(t *testing.T) {
	data := firstRun(t)
	db, err := warehouse.Open(t.Context(), data)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// param is one typed parameter, run in a question that gives its value back.
	type typed struct {
		queries.Param
		value string
	}
	one := func(typ, def, value string) typed {
		return typed{queries.Param{Name: "p", Type: typ, Default: def}, value}
	}
	list := func(typ, def, value string) typed {
		p := one(typ, def, value)
		p.List = true
		return p
	}
	tests := map[string]struct {
		param typed
		want  any
		err   string
	}{
		"number":               {one("number", "1", "-2.5"), -2.5, ""},
		"boolean":              {one("boolean", "false", "true"), true, ""},
		"period":               {one("period", "2013-H1", "2014-H2"), "2014-H2", ""},
		"edition":              {one("edition", "now", "google/user-data/2018-H1"), "google/user-data/2018-H1", ""},
		"edition_by_label":     {one("edition", "now", "2018-H1"), "2018-H1", ""},
		"edition_now":          {one("edition", "2018-H1", "now"), "now", ""},
		"edition_misspelt":     {one("edition", "now", "google/userdata/2018-H1"), nil, `no edition "google/userdata/2018-H1"; did you mean "google/user-data/2018-H1" (Google Transparency Report: Global requests for user information, 2018-H1)?`},
		"edition_no_such":      {one("edition", "now", "then"), nil, `no edition "then"; see daylight sql "SELECT * FROM edition"`},
		"group":                {one("group", "none", "EU"), "EU", ""},
		"group_none":           {one("group", "none", "none"), "none", ""},
		"group_is_no_country":  {one("group", "none", "DE"), nil, `no group "DE"; known are EU`},
		"service":              {one("service", "main", "skype"), "skype", ""},
		"unit":                 {one("unit", "requests", "accuonts"), nil, `no unit "accuonts"; did you mean "accounts" (Accounts)?`},
		"recipe":               {one("recipe", "requests", "outcome"), "outcome", ""},
		"recipe_misspelt":      {one("recipe", "requests", "outcomes"), nil, `no recipe "outcomes"; did you mean "outcome"?`},
		"customer_class":       {one("customer_class", "all", "enterprise"), "enterprise", ""},
		"band_scheme":          {one("band_scheme", "all", "ufa_a2_500"), "ufa_a2_500", ""},
		"several_for_one":      {one("provider", "all", "google|apple"), nil, `"google|apple": one provider is wanted, not several`},
		"providers":            {list("provider", "all", "google|apple"), "google|apple", ""},
		"providers_all":        {list("provider", "all", "all"), "all", ""},
		"providers_and_all":    {list("provider", "all", "google|all"), nil, `"all" stands for itself: no other provider beside it`},
		"providers_with_comma": {list("provider", "all", "google,apple"), nil, `"google,apple": separate them with "|", not with a comma, as in "google|apple"`},
		"countries_by_name":    {list("jurisdiction", "ZZ", "DE|France"), nil, `no jurisdiction "France"; did you mean "FR" (France)?`},
		"figures":              {list("figures", "requests/requests_received", "nsl/requests_received|outcome/outcome_content"), "nsl/requests_received|outcome/outcome_content", ""},
		"figures_process":      {list("figures", "requests/requests_received", "fisa_contents/requests_received"), nil, `no process or recipe "fisa_contents"; did you mean "fisa_content" (FISA orders for content)?`},
		"figures_measure":      {list("figures", "requests/requests_received", "nsl/request_received"), nil, `no measure "request_received"; did you mean "requests_received" (Requests received)?`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			q := queries.Question{Name: "q", Params: []queries.Param{tc.param.Param}, Columns: []queries.Column{{Name: "p"}}, SQL: "SELECT $p AS p"}
			rows, err := q.Run(t.Context(), db, map[string]string{"p": tc.param.value})
			if err != nil {
				if diff := cmp.Diff("query q: usage: parameter p: "+tc.err, err.Error()); diff != "" {
					t.Errorf("error: -want +got:\n%s", diff)
				}
				return
			}
			defer rows.Close()
			if tc.err != "" || !rows.Next() {
				t.Fatalf("was answered, want the error %q (%v)", tc.err, rows.Err())
			}
			if diff := cmp.Diff(tc.want, rows.Values()[0]); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}

	completions := map[string]struct {
		param typed
		has   []string // in this order, among others
		not   []string
	}{
		"first":           {list("provider", "all", "go"), []string{"all", "apple", "google"}, []string{"|apple"}},
		"second":          {list("provider", "all", "google|"), []string{"google|apple", "google|meta"}, []string{"all", "google|all", "google|google", "apple"}},
		"third":           {list("provider", "all", "google|apple|m"), []string{"google|apple|meta", "google|apple|microsoft"}, []string{"google|apple|apple"}},
		"one":             {one("provider", "google", ""), []string{"google", "apple", "meta"}, nil},
		"edition":         {one("edition", "now", ""), []string{"now", "2018-H1", "google/user-data/2018-H1"}, nil},
		"half_a_figure":   {list("figures", "requests/requests_received", "ns"), []string{"requests/requests_received", "nsl/", "requests/"}, []string{"nsl/requests_received"}},
		"whole_figure":    {list("figures", "requests/requests_received", "nsl/"), []string{"requests/requests_received", "nsl/requests_received"}, []string{"nsl/"}},
		"further_figure":  {list("figures", "requests/requests_received", "nsl/accounts_specified|fi"), []string{"nsl/accounts_specified|fisa_content/"}, nil},
		"figure_is_taken": {list("figures", "requests/requests_received", "nsl/accounts_specified|nsl/"), []string{"nsl/accounts_specified|nsl/requests_received"}, []string{"nsl/accounts_specified|nsl/accounts_specified"}},
	}
	for name, tc := range completions {
		t.Run("complete_"+name, func(t *testing.T) {
			choices, err := tc.param.Choices(t.Context(), db, tc.param.value)
			if err != nil {
				t.Fatal(err)
			}
			at := map[string]int{}
			for i, c := range choices {
				if _, twice := at[c.Code]; twice {
					t.Errorf("%q is offered twice", c.Code)
				}
				at[c.Code] = i
			}
			last := -1
			for _, want := range tc.has {
				i, ok := at[want]
				if !ok || i < last {
					t.Errorf("%q is not offered, or not in its place", want)
				}
				last = i
			}
			for _, unwanted := range tc.not {
				if _, ok := at[unwanted]; ok {
					t.Errorf("%q is offered", unwanted)
				}
			}
		})
	}
}

func TestCompletionWithoutWarehouse(t *testing.T) {
	a := testApp(t)
	got, directive := a.completeParam(t.Context(), "june_2013_disclosures", "provider=")
	if diff := cmp.Diff([]string{"provider=all\tdefault"}, got); diff != "" || directive != cobra.ShellCompDirectiveNoFileComp {
		t.Errorf("directive %d, -want +got:\n%s", directive, diff)
	}
	for _, typed := range []string{"nobody=", "=", "=x"} {
		if got, _ := a.completeParam(t.Context(), "june_2013_disclosures", typed); got != nil {
			t.Errorf("%q is completed with %v", typed, got)
		}
	}
}
