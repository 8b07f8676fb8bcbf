package queries

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDeclare(t *testing.T) {
	tests := map[string]struct {
		want Param
		err  string
	}{
		"text":           {Param{Type: "text"}, ""},
		"number":         {Param{Type: "number"}, ""},
		"boolean":        {Param{Type: "boolean"}, ""},
		"members_on":     {Param{Type: "members_on"}, ""},
		"edition":        {Param{Type: "edition"}, ""},
		"group":          {Param{Type: "group"}, ""},
		"provider*":      {Param{Type: "provider", List: true}, ""},
		"jurisdiction*":  {Param{Type: "jurisdiction", List: true}, ""},
		"figures":        {Param{Type: "figures", List: true}, ""},
		"enum(no,yes)":   {Param{Type: "enum", Values: []string{"no", "yes"}}, ""},
		"enum(a,b,c)":    {Param{Type: "enum", Values: []string{"a", "b", "c"}}, ""},
		"enum(no,yes":    {Param{}, `parameter x has the type "enum(no,yes", want enum(a,b) without blanks`},
		"enum(no)":       {Param{}, `parameter x is an enum of fewer than two values, or of an empty one: "enum(no)"`},
		"enum()":         {Param{}, `parameter x is an enum of fewer than two values, or of an empty one: "enum()"`},
		"enum(no,)":      {Param{}, `parameter x is an enum of fewer than two values, or of an empty one: "enum(no,)"`},
		"enum(no,no)":    {Param{}, `parameter x has the value "no" twice`},
		"enum":           {Param{}, `parameter x has the unknown type "enum"`},
		"text*":          {Param{}, `parameter x has the type "text*", but only codes make a list`},
		"period*":        {Param{}, `parameter x has the type "period*", but only codes make a list`},
		"provider**":     {Param{}, `parameter x has the unknown type "provider**"`},
		"process_recipe": {Param{}, `parameter x has the unknown type "process_recipe"`},
	}
	for typ, tc := range tests {
		t.Run(typ, func(t *testing.T) {
			got := Param{Name: "x"}
			err := got.declare(typ)
			if diff := cmp.Diff(tc.err, message(err)); diff != "" {
				t.Errorf("error: -want +got:\n%s", diff)
			}
			tc.want.Name = "x"
			if diff := cmp.Diff(tc.want, got); err == nil && diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestValue(t *testing.T) {
	type given struct{ name, typ, value string }
	tests := map[given]any{ // a value, or an error when it begins with "parameter"
		{"n", "integer", "20"}:  int64(20),
		{"n", "integer", "-1"}:  `parameter n: "-1" is no number such as 20`,
		{"n", "integer", "2.5"}: `parameter n: "2.5" is no number such as 20`,

		{"n", "number", "20"}:     20.0,
		{"n", "number", "-0.5"}:   -0.5,
		{"n", "number", "1e3"}:    `parameter n: "1e3" is no number such as 2.5`,
		{"n", "number", "NaN"}:    `parameter n: "NaN" is no number such as 2.5`,
		{"n", "number", "Inf"}:    `parameter n: "Inf" is no number such as 2.5`,
		{"n", "number", "0x1p-2"}: `parameter n: "0x1p-2" is no number such as 2.5`,
		{"n", "number", "1,5"}:    `parameter n: "1,5" is no number such as 2.5`,
		{"n", "number", ".5"}:     `parameter n: ".5" is no number such as 2.5`,
		{"n", "number", ""}:       `parameter n: "" is no number such as 2.5`,

		{"b", "boolean", "true"}:  true,
		{"b", "boolean", "false"}: false,
		{"b", "boolean", "yes"}:   `parameter b: "yes" is neither true nor false`,
		{"b", "boolean", "TRUE"}:  `parameter b: "TRUE" is neither true nor false`,

		{"on", "date", "2022-06-30"}: "2022-06-30",
		{"on", "date", "2022-06-31"}: `parameter on: "2022-06-31" is no date such as 2022-06-30`,
		{"on", "date", "30.6.2022"}:  `parameter on: "30.6.2022" is no date such as 2022-06-30`,
		{"on", "date", "2022-06"}:    `parameter on: "2022-06" is no date such as 2022-06-30`,
		{"on", "date", ""}:           `parameter on: "" is no date such as 2022-06-30`,

		{"m", "members_on", "period"}:     "period",
		{"m", "members_on", "2013-07-01"}: "2013-07-01",
		{"m", "members_on", "2013-H1"}:    `parameter m: "2013-H1" is neither the word period nor a date such as 2022-06-30`,
		{"m", "members_on", ""}:           `parameter m: "" is neither the word period nor a date such as 2022-06-30`,

		{"period", "period", "2013-H2"}:  "2013-H2",
		{"period", "period", "2013"}:     `parameter period: "2013" is a year; want a half-year, 2013-H1 or 2013-H2`,
		{"period", "period", "2013-"}:    `parameter period: "2013-" is no half-year such as 2013-H1`,
		{"from", "period", "2013"}:       "2013-H1",
		{"p", "half_or_year", "2013"}:    "2013",
		{"p", "half_or_year", "2013-H2"}: "2013-H2",
		{"p", "half_or_year", "2013-H3"}: `parameter p: "2013-H3" is no half-year such as 2013-H1`,
		{"to", "period", "2013"}:         "2013-H2",
		{"to", "period", "2013-H1"}:      "2013-H1",
		{"from", "period", "213"}:        `parameter from: "213" is no half-year such as 2013-H1`,
		{"from", "period", "3013"}:       `parameter from: "3013" is no half-year such as 2013-H1`,
		{"from", "period", "+213"}:       `parameter from: "+213" is no half-year such as 2013-H1`,

		{"mixing", "enum(refuse,show)", "show"}: "show",
		{"mixing", "enum(refuse,show)", "shwo"}: `parameter mixing: "shwo" is none of refuse, show; did you mean "show"?`,
		{"mixing", "enum(refuse,show)", "SHOW"}: `parameter mixing: "SHOW" is none of refuse, show; did you mean "show"?`,
		{"mixing", "enum(refuse,show)", ""}:     `parameter mixing: "" is none of refuse, show`,

		{"p", "provider", "a|a"}:       "a|a", // Run says that one is wanted
		{"p", "provider*", "all"}:      "all",
		{"p", "provider*", "a|b"}:      "a|b",
		{"p", "provider*", "a|b|a"}:    `parameter p: "a" stands twice in "a|b|a"`,
		{"p", "provider*", "a|"}:       `parameter p: "a|" has an empty part`,
		{"p", "provider*", "|"}:        `parameter p: "|" has an empty part`,
		{"p", "provider*", "a,b"}:      "a,b", // Run knows whether it is a code
		{"p", "provider*", ""}:         "",    // Run says that there is none
		{"f", "figures", "a/b|c/d"}:    "a/b|c/d",
		{"f", "figures", "a/b|a/d"}:    "a/b|a/d",
		{"f", "figures", "a/b|a/b"}:    `parameter f: "a/b" stands twice in "a/b|a/b"`,
		{"f", "figures", "a/b|"}:       `parameter f: "a/b|" has an empty part`,
		{"f", "figures", "a/b,c/d"}:    `parameter f: "a/b,c/d": figures are separated by "|", not by a comma`,
		{"f", "figures", "a"}:          `parameter f: "a" is no figure such as nsl/requests_received: a process or recipe, "/" and a measure`,
		{"f", "figures", "a/"}:         `parameter f: "a/" is no figure such as nsl/requests_received: a process or recipe, "/" and a measure`,
		{"f", "figures", "/b"}:         `parameter f: "/b" is no figure such as nsl/requests_received: a process or recipe, "/" and a measure`,
		{"f", "figures", "a/b/c"}:      `parameter f: "a/b/c" is no figure such as nsl/requests_received: a process or recipe, "/" and a measure`,
		{"f", "figures", ""}:           `parameter f: "" is no figure such as nsl/requests_received: a process or recipe, "/" and a measure`,
		{"t", "text", "any, thing|at"}: "any, thing|at",
	}
	for in, want := range tests {
		t.Run(fmt.Sprint(in), func(t *testing.T) {
			p := Param{Name: in.name}
			if err := p.declare(in.typ); err != nil {
				t.Fatal(err)
			}
			got, err := p.value(in.value)
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAmong(t *testing.T) {
	codes := []Code{
		{Code: "all", Name: "Every request"}, {Code: "apple", Name: "apple"}, {Code: "google", Name: "Google LLC", Aliases: []string{"Alphabet"}},
		{Code: "KR", Name: "Korea, Republic of"}, {Code: "meta"},
	}
	many := slicesOf(codes, 11)
	tests := map[string]struct {
		list       bool
		def, value string
		codes      []Code
		want       string
	}{
		"one":                    {false, "none", "google", codes, ""},
		"misspelt":               {false, "none", "gogle", codes, `no thing "gogle"; did you mean "google" (Google LLC)?`},
		"by_its_other_name":      {false, "none", "alphabet", codes, `no thing "alphabet"; did you mean "google" (Google LLC)?`},
		"a_name_that_is_no_news": {false, "none", "aple", codes, `no thing "aple"; did you mean "apple"?`},
		"without_a_name":         {false, "none", "Metas", codes, `no thing "Metas"; did you mean "meta"?`},
		"nothing_like_it":        {false, "none", "XX", codes, `no thing "XX"; known are all, apple, google, KR, meta`},
		"of_many":                {false, "none", "XX", many, `no thing "XX"; see daylight sql "SELECT * FROM things"`},
		"of_none":                {false, "none", "XX", nil, `no thing "XX"; see daylight sql "SELECT * FROM things"`},
		"several_for_one":        {false, "none", "google|apple", codes, `"google|apple": one thing is wanted, not several`},

		"comma_for_one": {false, "none", "google,apple", codes, `"google,apple": one thing is wanted, not several`},

		"list_of_one":           {true, "none", "google", codes, ""},
		"list":                  {true, "none", "google|apple|all", codes, ""},
		"list_misspelt":         {true, "none", "apple|gogle", codes, `no thing "gogle"; did you mean "google" (Google LLC)?`},
		"comma":                 {true, "none", "google,apple", codes, `"google,apple": separate them with "|", not with a comma, as in "google|apple"`},
		"comma_and_blank":       {true, "none", "meta|google, apple", codes, `"google, apple": separate them with "|", not with a comma, as in "google|apple"`},
		"comma_in_a_name":       {true, "none", "Korea, Republic of", codes, `no thing "Korea, Republic of"; did you mean "KR" (Korea, Republic of)?`},
		"blank_around":          {true, "none", "google | apple", codes, `no thing "google "; did you mean "google" (Google LLC)?`},
		"word_beside_codes":     {true, "none", "google|none", codes, `"none" stands for itself: no other thing beside it`},
		"all_is_a_code_as_well": {true, "all", "all|google", codes, `"all" stands for itself: no other thing beside it`},
		"default_that_is_code":  {true, "google", "google|apple", codes, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			p := Param{Name: "x", List: tc.list, Default: tc.def}
			got := message(p.among(tc.value, codeList{title: "thing", table: "things"}, tc.codes))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// slicesOf returns n codes, those given first.
func slicesOf(codes []Code, n int) []Code {
	out := append([]Code(nil), codes...)
	for i := len(out); i < n; i++ {
		out = append(out, Code{Code: fmt.Sprintf("code_%d", i)})
	}
	return out
}

// What needs no warehouse is offered without one.
func TestChoicesWithoutWarehouse(t *testing.T) {
	tests := map[string]struct {
		param Param
		typed string
		want  []Code
	}{
		"enum":    {Param{Type: "enum", Values: []string{"no", "yes"}, Default: "no"}, "", []Code{{Code: "no", Name: "default"}, {Code: "yes"}}},
		"boolean": {Param{Type: "boolean", Default: "true"}, "", []Code{{Code: "true", Name: "default"}, {Code: "false"}}},
		"codes":   {Param{Type: "provider", List: true, Default: "all"}, "", []Code{{Code: "all", Name: "default"}}},
		"second":  {Param{Type: "provider", List: true, Default: "all"}, "google|", nil},
		"period":  {Param{Type: "period", Default: "2009-H1"}, "20", []Code{{Code: "2009-H1", Name: "default"}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tc.param.Choices(t.Context(), nil, tc.typed)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
