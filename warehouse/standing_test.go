package warehouse_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"

	"daylight/normalize"
	"daylight/warehouse"
)

// report is one edition of a made-up report, with figures that follow no publisher's.
type report struct {
	source  string // "google/user-data"
	edition string // "2013-H1"
	excerpt bool
	refused string // table of a figure that was refused; "-" for one of no table
	figures string // one a line, see said
}

// said reads a line of a report:
//
//	2013-H1 DE law_enforcement_all 12
//	2013-H1 US nsl 0-499 letters scheme=ufa_a1_1000
//	2013-H1 DE law_enforcement_all 54% measure=pct_requests_some_data_disclosed
//
// that is period, jurisdiction, process and the printed figure (5000+, withheld and 0* for a zero
// that was not reported, too), then the unit, if it is not requests, and what else is said of it.
func said(t testing.TB, line string) fig {
	t.Helper()
	words := strings.Fields(line)
	if len(words) < 4 {
		t.Fatalf("figure %q", line)
	}
	var year, h int
	if n, _ := fmt.Sscanf(words[0], "%d-H%d", &year, &h); n != 2 {
		t.Fatalf("figure %q: period", line)
	}
	f := fig{half: (year-2013)*2 + h - 1, jurisdiction: words[1], process: words[2], raw: words[3]}
	number := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatalf("figure %q: %v", line, err)
		}
		return v
	}
	open, zero := false, false
	switch text := words[3]; {
	case text == "withheld":
		f.exactness = text
	case strings.HasSuffix(text, "%"):
		f.low, f.exactness, f.unit = number(strings.TrimSuffix(text, "%")), "rounded", "percent_rounded"
		f.high = f.low
	case strings.HasSuffix(text, "+"):
		f.low, f.exactness, open = number(strings.TrimSuffix(text, "+")), "lower_bound", true
	case strings.Contains(text, "-"):
		low, high, _ := strings.Cut(text, "-")
		f.low, f.high, f.exactness = number(low), number(high), "band"
	default:
		text, zero = strings.CutSuffix(text, "*")
		f.low, f.high = number(text), number(text)
	}
	more := map[string]string{}
	for _, w := range words[4:] {
		if k, v, ok := strings.Cut(w, "="); ok {
			more[k] = v
		} else {
			f.unit = w
		}
	}
	f.measure = more["measure"]
	f.mutate = func(r *row) {
		r.service = or(more["service"], map[string]string{"meta": "facebook_family"}[r.provider])
		if r.service == "" {
			r.service = r.provider
		}
		r.table, r.scheme, r.class = more["table"], more["scheme"], or(more["class"], "all")
		if open {
			r.high = nil
		}
		if zero {
			r.flags = []string{"zero_means_not_reported"}
		}
		// As normalize.Observation.SeriesKey: without the source.
		r.key = xxh3.HashString(strings.Join([]string{r.service, r.start.String(), r.jurisdiction, r.class, r.process, r.measure, r.unit}, "\x1f"))
	}
	return f
}

// hold publishes the reports, in the order given, and opens the warehouse.
func hold(t testing.TB, reports ...report) *warehouse.DB {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	o := options()
	for _, p := range []string{"apple", "google", "meta", "microsoft"} {
		o.Sources = append(o.Sources, warehouse.Source{ID: p + "/test", Provider: p})
	}
	w, err := warehouse.Begin(ctx, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Abort(); err != nil {
			t.Error(err)
		}
	}()
	for i, r := range reports {
		c := capture(string("0123456789abcdef"[i]), day(i), "archive")
		c.Source, c.Excerpt = r.source, r.excerpt
		c.Provider, _, _ = strings.Cut(r.source, "/")
		in := input{capture: c, edition: r.edition}
		for line := range strings.Lines(r.figures) {
			if strings.TrimSpace(line) != "" {
				in.figs = append(in.figs, said(t, line))
			}
		}
		if r.refused != "" {
			in.rejects = []normalize.Reject{{Reason: normalize.ReasonJurisdiction, Table: strings.TrimPrefix(r.refused, "-"), Locator: "line 99 column 4"}}
		}
		if _, err := load(ctx, w, in); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Publish(ctx); err != nil {
		t.Fatal(err)
	}
	db, err := warehouse.Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// totalled is a row of totals as one text: provider, period, bounds ("?" for none), unit if it is
// not requests, direction and advisory, without the notes of recipes and the titles of breaks.
func totalled(args string) string {
	return `SELECT concat_ws(' ', provider, period, coalesce(printf('%g', low), '?') || '..' || coalesce(printf('%g', high), '?'), nullif(unit, 'requests'), direction)
			|| coalesce(': ' || nullif(regexp_replace(
				array_to_string(list_filter(string_split(advisory, ' | '), x -> NOT list_contains(n.notes, x)), ' | '),
				'(break of the series: |; )[^()|]*\(', '\1(', 'g'), ''), '')
		FROM totals(` + args + `)
		CROSS JOIN (SELECT list(process || ': ' || note) AS notes FROM rollup) n
		ORDER BY provider, first_day`
}

const (
	lerr   = "microsoft/lerr"
	usnsor = "microsoft/usnsor"
	user   = "google/user-data"
	apple  = "apple/requests"
	meta   = "meta/government-requests"
)

// asked is what totals answers to its arguments.
type asked struct {
	args string
	want []string
}

func TestTotals(t *testing.T) {
	tests := map[string]struct {
		reports []report
		ask     map[string]asked
	}{
		"lines": {[]report{{source: lerr, edition: "2014-H2", figures: `
			2013-H1 DE law_enforcement_all 10
			2013-H1 FR law_enforcement_all 5
			2013-H1 US law_enforcement_all 100-199
			2013-H2 DE law_enforcement_all 12
			2013-H2 US law_enforcement_all 300+
			2014-H1 DE law_enforcement_all 13
			2014-H1 US law_enforcement_all 250
			2014-H2 DE law_enforcement_all withheld
			2014-H2 US law_enforcement_all 251`}},
			map[string]asked{
				"world": {`'law_enforcement_all/requests_received'`, []string{
					"microsoft 2013-H1 115..214",
					"microsoft 2013-H2 312..? up",
					"microsoft 2014-H1 263..263 down",
					"microsoft 2014-H2 251..? indeterminate: 1 printed cells hold no figure (withheld, left blank or not reported)",
				}},
				"named": {`'law_enforcement_all/requests_received', jurisdictions := 'DE|FR'`, []string{
					"microsoft 2013-H1 15..15",
					"microsoft 2013-H2 12..12 down: 1 of the 2 jurisdictions have a figure",
					"microsoft 2014-H1 13..13 up: 1 of the 2 jurisdictions have a figure",
					"microsoft 2014-H2 ?..?: 1 printed cells hold no figure (withheld, left blank or not reported) | 0 of the 2 jurisdictions have a figure",
				}},
				"named_twice": {`'law_enforcement_all/requests_received', jurisdictions := 'DE|DE'`, []string{
					"microsoft 2013-H1 10..10",
					"microsoft 2013-H2 12..12 up",
					"microsoft 2014-H1 13..13 up",
					"microsoft 2014-H2 ?..?: 1 printed cells hold no figure (withheld, left blank or not reported) | 0 of the 1 jurisdictions have a figure",
				}},
				"group": {`'law_enforcement_all/requests_received', grp := 'EU'`, []string{
					"microsoft 2013-H1 15..15: 2 of the 27 members of EU have a line",
					"microsoft 2013-H2 12..12 down: 1 of the 28 members of EU have a line",
					"microsoft 2014-H1 13..13 up: 1 of the 28 members of EU have a line",
					"microsoft 2014-H2 ?..?: 1 printed cells hold no figure (withheld, left blank or not reported) | 0 of the 28 members of EU have a line",
				}},
				"group_beside_another":        {`'law_enforcement_all/requests_received', grp := 'EU', jurisdictions := 'US', from_period := '2013-H1', to_period := '2013-H1'`, []string{"microsoft 2013-H1 115..214"}},
				"group_beside_its_member":     {`'law_enforcement_all/requests_received', grp := 'EU', jurisdictions := 'DE', from_period := '2013-H1', to_period := '2013-H1'`, []string{"microsoft 2013-H1 ?..?: refused: a jurisdiction is counted twice: the world beside one of its lines, or a group beside its member"}},
				"world_beside_its_line":       {`'law_enforcement_all/requests_received', jurisdictions := 'ZZ|DE', from_period := '2013-H1', to_period := '2013-H1'`, []string{"microsoft 2013-H1 ?..?: refused: a jurisdiction is counted twice: the world beside one of its lines, or a group beside its member"}},
				"world_beside_its_line_shown": {`'law_enforcement_all/requests_received', jurisdictions := 'ZZ|DE', from_period := '2013-H1', to_period := '2013-H1', mixing := 'show'`, []string{"microsoft 2013-H1 115..214: must not be added: a jurisdiction is counted twice: the world beside one of its lines, or a group beside its member"}},
				"year": {`'law_enforcement_all/requests_received', per := 'year'`, []string{
					"microsoft 2013 427..?",
					"microsoft 2014 514..? indeterminate: 1 printed cells hold no figure (withheld, left blank or not reported)",
				}},
				"withheld_is_left_out": {`'law_enforcement_all/requests_received', per := 'year', missing := 'skip'`, []string{
					"microsoft 2013 427..?",
					"microsoft 2014 514..514 indeterminate: 1 printed cells hold no figure (withheld, left blank or not reported), left out",
				}},
				"year_of_one_half": {`'law_enforcement_all/requests_received', jurisdictions := 'DE', per := 'year'`, []string{
					"microsoft 2013 22..22",
					"microsoft 2014 ?..?: only 2014-H1 is at hand: no total of the year | 1 printed cells hold no figure (withheld, left blank or not reported)",
				}},
				"half_of_a_year_has_no_direction": {`'law_enforcement_all/requests_received', jurisdictions := 'DE', per := 'year', missing := 'skip'`, []string{
					"microsoft 2013 22..22",
					"microsoft 2014 13..13: only 2014-H1 is at hand | 1 printed cells hold no figure (withheld, left blank or not reported), left out",
				}},
				"range":                      {`'law_enforcement_all/requests_received', from_period := '2013-H1', to_period := '2014-H1', jurisdictions := 'DE', per := 'all'`, []string{"microsoft 2013-H1/2014-H1 35..35: at hand: 2013-H1 to 2014-H1"}},
				"one_name_twice":             {`'law_enforcement_all/requests_received|law_enforcement_all/requests_received', jurisdictions := 'DE', to_period := '2013-H1'`, []string{"microsoft 2013-H1 10..10"}},
				"two_names_for_one_cell":     {`'requests/requests_received|law_enforcement_all/requests_received', jurisdictions := 'DE', to_period := '2013-H1'`, []string{"microsoft 2013-H1 ?..?: refused: a printed cell is asked for twice, by two names"}},
				"no_figure_is_asked_for":     {`''`, nil},
				"unknown_process":            {`'nothing/requests_received'`, nil},
				"unknown_measure":            {`'law_enforcement_all/nothing'`, nil},
				"no_measure":                 {`'requests'`, nil},
				"unknown_provider":           {`'law_enforcement_all/requests_received', providers := 'nobody'`, nil},
				"unknown_jurisdiction":       {`'law_enforcement_all/requests_received', jurisdictions := 'XX'`, nil},
				"unknown_group":              {`'law_enforcement_all/requests_received', grp := 'XX'`, nil},
				"unknown_edition":            {`'law_enforcement_all/requests_received', upto := '2031-H1'`, nil},
				"process_that_nobody_prints": {`'law_enforcement_all/requests_received|nsl/requests_received', to_period := '2013-H1'`, []string{"microsoft 2013-H1 115..214: nobody who is asked prints nsl/requests_received"}},
				"range_back_to_front":        {`'law_enforcement_all/requests_received', from_period := '2014-H1', to_period := '2013-H1'`, nil},
				"recipe_of_another_service":  {`'requests/requests_received', services := 'skype'`, nil},
				"recipe_of_its_service":      {`'requests/requests_received', services := 'microsoft|skype', jurisdictions := 'DE', to_period := '2013-H1'`, []string{"microsoft 2013-H1 10..10"}},
				"class_that_is_not_printed":  {`'law_enforcement_all/requests_received', customers := 'enterprise'`, nil},
			}},
		"world_row": {[]report{{source: lerr, edition: "2013-H2", figures: `
			2013-H1 ZZ law_enforcement_all 100
			2013-H1 DE law_enforcement_all 10
			2013-H1 US law_enforcement_all 60
			2013-H2 DE law_enforcement_all 12
			2013-H2 US law_enforcement_all 70
			2013-H2 ZZ-NONUS law_enforcement_all 12`}},
			map[string]asked{
				"stands_for_its_lines": {`'requests/requests_received'`, []string{
					"microsoft 2013-H1 100..100",
					"microsoft 2013-H2 82..82 down",
				}},
				"beside_a_line": {`'requests/requests_received', jurisdictions := 'ZZ|US'`, []string{
					"microsoft 2013-H1 ?..?: refused: a jurisdiction is counted twice: the world beside one of its lines, or a group beside its member",
					"microsoft 2013-H2 ?..?: refused: a jurisdiction is counted twice: the world beside one of its lines, or a group beside its member",
				}},
				"beside_a_line_shown": {`'requests/requests_received', jurisdictions := 'ZZ|US', mixing := 'show'`, []string{
					"microsoft 2013-H1 160..160: must not be added: a jurisdiction is counted twice: the world beside one of its lines, or a group beside its member",
					"microsoft 2013-H2 82..82 down: must not be added: a jurisdiction is counted twice: the world beside one of its lines, or a group beside its member",
				}},
				"rest_beside_the_united_states": {`'requests/requests_received', jurisdictions := 'US|ZZ-NONUS', from_period := '2013-H2'`, []string{"microsoft 2013-H2 82..82"}},
				"rest_beside_one_of_it":         {`'requests/requests_received', jurisdictions := 'DE|ZZ-NONUS', from_period := '2013-H2'`, []string{"microsoft 2013-H2 ?..?: refused: a jurisdiction is counted twice: the world beside one of its lines, or a group beside its member"}},
			}},
		"single_line": {[]report{{source: lerr, edition: "2013-H1", figures: `2013-H1 DE law_enforcement_all 10`}},
			map[string]asked{
				"named": {`'law_enforcement_all/requests_received', jurisdictions := 'DE'`, []string{"microsoft 2013-H1 10..10"}},
			}},
		"excerpt": {[]report{
			{source: lerr, edition: "2017-H1", excerpt: true, figures: `
				2017-H1 DE law_enforcement_all 10 table=criminal
				2017-H1 US law_enforcement_all 20 table=criminal
				2017-H1 US emergency_disclosure 3 table=emergencies`},
			{source: lerr, edition: "2017-H2", figures: `
				2017-H1 DE law_enforcement_all 10 table=criminal
				2017-H1 FR law_enforcement_all 5 table=criminal
				2017-H1 US law_enforcement_all 20 table=criminal`}},
			map[string]asked{
				"world":                           {`'requests/requests_received', upto := '2017-H1'`, []string{"microsoft 2017-H1 30..?: excerpt: the report counts more jurisdictions than are at hand"}},
				"world_when_it_is_whole":          {`'requests/requests_received'`, []string{"microsoft 2017-H1 35..35"}},
				"world_skip":                      {`'requests/requests_received', upto := '2017-H1', missing := 'skip'`, []string{"microsoft 2017-H1 30..30: excerpt: the report counts more jurisdictions than are at hand, which are left out"}},
				"group":                           {`'requests/requests_received', upto := '2017-H1', grp := 'EU'`, []string{"microsoft 2017-H1 10..?: 1 of the 28 members of EU have a line | excerpt: the report counts more jurisdictions than are at hand"}},
				"named":                           {`'requests/requests_received', upto := '2017-H1', jurisdictions := 'DE|US'`, []string{"microsoft 2017-H1 30..30"}},
				"named_beside_one_cut_out":        {`'requests/requests_received', upto := '2017-H1', jurisdictions := 'DE|FR'`, []string{"microsoft 2017-H1 10..?: 1 of the 2 jurisdictions have a figure | excerpt: lines of what is asked for may not be at hand"}},
				"named_and_not_in_a_whole_table":  {`'requests/requests_received', jurisdictions := 'DE|ES'`, []string{"microsoft 2017-H1 10..10: 1 of the 2 jurisdictions have a figure"}},
				"named_in_one_of_two_tables":      {`'with_emergencies/requests_received', jurisdictions := 'DE'`, []string{"microsoft 2017-H1 10..?: excerpt: lines of what is asked for may not be at hand"}},
				"named_in_one_of_two_tables_skip": {`'with_emergencies/requests_received', jurisdictions := 'DE', missing := 'skip'`, []string{"microsoft 2017-H1 10..10: excerpt: lines of what is asked for may not be at hand and are left out"}},
				"named_in_both_tables":            {`'with_emergencies/requests_received', jurisdictions := 'US'`, []string{"microsoft 2017-H1 23..23"}},
				"group_in_one_of_two_tables":      {`'with_emergencies/requests_received', grp := 'EU'`, []string{"microsoft 2017-H1 15..?: 2 of the 28 members of EU have a line | excerpt: lines of what is asked for may not be at hand"}},
			}},
		"refused": {[]report{
			{source: lerr, edition: "2013-H1", refused: "criminal", figures: `
				2013-H1 DE law_enforcement_all 10 table=criminal
				2013-H1 US law_enforcement_all 20 table=criminal
				2013-H1 US nsl 0-499 table=ns`},
			{source: user, edition: "2013-H1", refused: "-", figures: `
				2013-H1 DE law_enforcement_all 10
				2013-H1 US subpoena 5
				2013-H1 US search_warrant 7`}},
			map[string]asked{
				"world": {`'requests/requests_received'`, []string{
					"google 2013-H1 22..?: 1 printed figures of the edition were refused and are not counted, see table reject | until 2013-H1 the report leaves out countries with fewer than 30 requests",
					"microsoft 2013-H1 30..?: 1 printed figures of the edition were refused and are not counted, see table reject",
				}},
				"world_skip": {`'requests/requests_received', missing := 'skip'`, []string{
					"google 2013-H1 22..22: 1 printed figures of the edition were refused and are not counted, see table reject | until 2013-H1 the report leaves out countries with fewer than 30 requests",
					"microsoft 2013-H1 30..30: 1 printed figures of the edition were refused and are not counted, see table reject",
				}},
				"named": {`'requests/requests_received', jurisdictions := 'DE'`, []string{
					"google 2013-H1 10..10",
					"microsoft 2013-H1 10..10",
				}},
				"parts_of_a_total": {`'requests/requests_received', jurisdictions := 'US', providers := 'google'`, []string{"google 2013-H1 12..?: 1 printed figures of the edition were refused and are not counted, see table reject"}},
				"group":            {`'requests/requests_received', grp := 'EU', providers := 'microsoft'`, []string{"microsoft 2013-H1 10..?: 1 of the 27 members of EU have a line | 1 printed figures of the edition were refused and are not counted, see table reject"}},
				"another_table":    {`'nsl/requests_received'`, []string{"microsoft 2013-H1 0..499"}},
			}},
		"no_figure": {[]report{{source: user, edition: "2013-H2", figures: `
			2013-H1 DE law_enforcement_all 0*
			2013-H1 CN law_enforcement_all 40
			2013-H2 DE law_enforcement_all 0
			2013-H2 CN law_enforcement_all withheld`}},
			map[string]asked{
				"world": {`'requests/requests_received'`, []string{
					"google 2013-H1 40..?: 1 printed cells hold no figure (withheld, left blank or not reported) | until 2013-H1 the report leaves out countries with fewer than 30 requests",
					"google 2013-H2 0..?: break of the series: (definition_change, 2013-07-01): no direction across it | 1 printed cells hold no figure (withheld, left blank or not reported)",
				}},
				"world_skip": {`'requests/requests_received', missing := 'skip'`, []string{
					"google 2013-H1 40..40: 1 printed cells hold no figure (withheld, left blank or not reported), left out | until 2013-H1 the report leaves out countries with fewer than 30 requests",
					"google 2013-H2 0..0: break of the series: (definition_change, 2013-07-01): no direction across it | 1 printed cells hold no figure (withheld, left blank or not reported), left out",
				}},
				"zero": {`'requests/requests_received', jurisdictions := 'DE'`, []string{
					"google 2013-H1 ?..?: 1 printed cells hold no figure (withheld, left blank or not reported)",
					"google 2013-H2 0..0",
				}},
				"withheld": {`'requests/requests_received', jurisdictions := 'CN'`, []string{
					"google 2013-H1 40..40",
					"google 2013-H2 ?..?: 1 printed cells hold no figure (withheld, left blank or not reported)",
				}},
				"year":  {`'requests/requests_received', per := 'year'`, []string{"google 2013 40..?: break of the series: (definition_change, 2013-07-01): no direction across it | 2 printed cells hold no figure (withheld, left blank or not reported) | until 2013-H1 the report leaves out countries with fewer than 30 requests"}},
				"range": {`'requests/requests_received', per := 'all'`, []string{"google 0000-H1/9999-H2 40..?: break of the series: (definition_change, 2013-07-01): no direction across it | at hand: 2013-H1 to 2013-H2 | 2 printed cells hold no figure (withheld, left blank or not reported) | until 2013-H1 the report leaves out countries with fewer than 30 requests"}},
			}},
		"printed_total": {[]report{{source: user, edition: "2014-H1", figures: `
			2013-H1 DE law_enforcement_all 10
			2013-H1 DE subpoena 4
			2013-H1 US subpoena 5
			2013-H1 US search_warrant 7
			2013-H2 ZZ law_enforcement_all 50
			2013-H2 DE subpoena 3
			2014-H1 DE law_enforcement_all withheld
			2014-H1 DE subpoena 4`}},
			map[string]asked{
				"stands_for_its_parts": {`'requests/requests_received'`, []string{
					"google 2013-H1 22..22: until 2013-H1 the report leaves out countries with fewer than 30 requests",
					"google 2013-H2 50..50: break of the series: (definition_change, 2013-07-01): no direction across it",
					"google 2014-H1 4..? indeterminate: 1 printed cells hold no figure (withheld, left blank or not reported)",
				}},
				"of_a_jurisdiction": {`'requests/requests_received', jurisdictions := 'DE'`, []string{
					"google 2013-H1 10..10",
					"google 2013-H2 3..3 down",
					"google 2014-H1 4..? up: 1 printed cells hold no figure (withheld, left blank or not reported)",
				}},
				"beside_its_parts":       {`'law_enforcement_all/requests_received|subpoena/requests_received', jurisdictions := 'DE', to_period := '2013-H1'`, []string{"google 2013-H1 ?..?: refused: subpoena is counted in law_enforcement_all"}},
				"beside_its_parts_shown": {`'law_enforcement_all/requests_received|subpoena/requests_received', jurisdictions := 'DE', to_period := '2013-H1', mixing := 'show'`, []string{"google 2013-H1 14..14: must not be added: subpoena is counted in law_enforcement_all"}},
			}},
		"members": {[]report{{source: lerr, edition: "2020-H1", figures: `
			2013-H1 DE law_enforcement_all 1
			2013-H1 HR law_enforcement_all 10
			2013-H1 GB law_enforcement_all 100
			2013-H2 DE law_enforcement_all 1
			2013-H2 HR law_enforcement_all 10
			2013-H2 GB law_enforcement_all 100
			2019-H2 DE law_enforcement_all 1
			2019-H2 GB law_enforcement_all 100
			2020-H1 DE law_enforcement_all 1
			2020-H1 GB law_enforcement_all 100
			2020-H2 DE law_enforcement_all 1`}},
			map[string]asked{
				"of_each_period": {`'requests/requests_received', grp := 'EU'`, []string{
					"microsoft 2013-H1 101..101: 2 of the 27 members of EU have a line",
					"microsoft 2013-H2 111..111 up: 3 of the 28 members of EU have a line",
					"microsoft 2019-H2 101..101: break of the series: (definition_change, 2017-01-01): no direction across it | 2 of the 28 members of EU have a line",
					"microsoft 2020-H1 1..1 down: 1 of the 27 members of EU have a line",
					"microsoft 2020-H2 1..1 same: 1 of the 27 members of EU have a line",
				}},
				"of_one_day": {`'requests/requests_received', grp := 'EU', members_on := '2013-06-30'`, []string{
					"microsoft 2013-H1 101..101: 2 of the 27 members of EU have a line",
					"microsoft 2013-H2 101..101 same: 2 of the 27 members of EU have a line",
					"microsoft 2019-H2 101..101: break of the series: (definition_change, 2017-01-01): no direction across it | 2 of the 27 members of EU have a line",
					"microsoft 2020-H1 101..101 same: 2 of the 27 members of EU have a line",
					"microsoft 2020-H2 1..1 down: 1 of the 27 members of EU have a line",
				}},
				"of_the_last_day": {`'requests/requests_received', grp := 'EU', members_on := '2020-01-31', from_period := '2020-H1'`, []string{
					"microsoft 2020-H1 101..101: 2 of the 28 members of EU have a line",
					"microsoft 2020-H2 1..1 down: 1 of the 28 members of EU have a line",
				}},
				"beside_a_former_one": {`'requests/requests_received', grp := 'EU', jurisdictions := 'GB', from_period := '2019-H2'`, []string{
					"microsoft 2019-H2 ?..?: refused: a jurisdiction is counted twice: the world beside one of its lines, or a group beside its member",
					"microsoft 2020-H1 101..101",
					"microsoft 2020-H2 1..1 down",
				}},
				"of_a_year": {`'requests/requests_received', grp := 'EU', per := 'year', from_period := '2013-H1', to_period := '2013-H2'`, []string{"microsoft 2013 212..212: 3 of the 28 members of EU have a line"}},
			}},
		"units_and_measures": {[]report{{source: lerr, edition: "2013-H1", figures: `
			2013-H1 DE law_enforcement_all 10
			2013-H1 DE law_enforcement_all 15 accounts measure=accounts_specified
			2013-H1 DE law_enforcement_all 2 measure=outcome_rejected
			2013-H1 DE law_enforcement_all 3 measure=outcome_no_data_found`}},
			map[string]asked{
				"units_differ":        {`'requests/requests_received|requests/accounts_specified'`, []string{"microsoft 2013-H1 ?..? accounts + requests: refused: units differ: accounts, requests"}},
				"units_differ_shown":  {`'requests/requests_received|requests/accounts_specified', mixing := 'show'`, []string{"microsoft 2013-H1 25..25 accounts + requests: must not be added: units differ: accounts, requests"}},
				"request_and_outcome": {`'requests/requests_received|requests/outcome_rejected'`, []string{"microsoft 2013-H1 ?..?: refused: measures differ: outcome_rejected, requests_received"}},
				"outcomes_add_up":     {`'requests/outcome_rejected|requests/outcome_no_data_found'`, []string{"microsoft 2013-H1 5..5"}},
			}},
		"processes": {[]report{
			{source: lerr, edition: "2017-H1", figures: `
				2016-H2 DE law_enforcement_all 10
				2016-H2 DE emergency_disclosure 1
				2017-H1 DE law_enforcement_all 12
				2017-H1 DE emergency_disclosure 2
				2017-H1 DE civil 3
				2017-H2 DE law_enforcement_all 13
				2017-H2 DE emergency_disclosure 3
				2017-H2 DE civil 4
				2017-H2 US national_security_combined 0-249
				2017-H2 US nsl 0-499
				2017-H2 US fisa_content 0-499`},
			{source: apple, edition: "2016-H2", figures: `
				2016-H2 DE device_request 10 table=device
				2016-H2 DE account_request 5 table=account
				2016-H2 DE emergency_disclosure 1 table=emergency
				2016-H2 DE legal_process_all 15 table=legal`}},
			map[string]asked{
				"emergencies_may_be_in_the_total_until_2016": {`'law_enforcement_all/requests_received|emergency_disclosure/requests_received', providers := 'microsoft'`, []string{
					"microsoft 2016-H2 ?..?: refused: emergency_disclosure is counted in law_enforcement_all",
					"microsoft 2017-H1 14..14: break of the series: (definition_change, 2017-01-01): no direction across it",
					"microsoft 2017-H2 16..16 up",
				}},
				"emergencies_over_2016": {`'law_enforcement_all/requests_received|emergency_disclosure/requests_received', providers := 'microsoft', per := 'all'`, []string{"microsoft 0000-H1/9999-H2 ?..?: refused: emergency_disclosure is counted in law_enforcement_all | break of the series: (definition_change, 2017-01-01): no direction across it | at hand: 2016-H2 to 2017-H2"}},
				"emergencies_over_2017": {`'law_enforcement_all/requests_received|emergency_disclosure/requests_received', providers := 'microsoft', per := 'year'`, []string{
					"microsoft 2016 ?..?: refused: emergency_disclosure is counted in law_enforcement_all | only 2016-H2 is at hand: no total of the year",
					"microsoft 2017 30..30: break of the series: (definition_change, 2017-01-01): no direction across it",
				}},
				"three_sheets": {`'law_enforcement_all/requests_received|emergency_disclosure/requests_received|civil/requests_received', providers := 'microsoft', from_period := '2017-H2'`, []string{"microsoft 2017-H2 20..20"}},
				"recipe": {`'all_but_national_security/requests_received', providers := 'microsoft', per := 'year'`, []string{
					"microsoft 2016 ?..?: only 2016-H2 is at hand: no total of the year",
					"microsoft 2017 37..37: break of the series: (definition_change, 2017-01-01): no direction across it",
				}},
				"part_of_the_combined_number":         {`'national_security_combined/requests_received|nsl/requests_received'`, []string{"microsoft 2017-H2 ?..?: refused: nsl is counted in national_security_combined"}},
				"parts_beside_each_other":             {`'nsl/requests_received|fisa_content/requests_received'`, []string{"microsoft 2017-H2 0..998"}},
				"tables_by_identifier":                {`'device_request/requests_received|account_request/requests_received|emergency_disclosure/requests_received', providers := 'apple'`, []string{"apple 2016-H2 16..16"}},
				"other_cut_through_the_same_requests": {`'device_request/requests_received|legal_process_all/requests_received', providers := 'apple'`, []string{"apple 2016-H2 ?..?: refused: device_request and legal_process_all count some of the same"}},
				"two_recipes_for_one_table":           {`'requests/requests_received|emergency/requests_received', providers := 'apple'`, []string{"apple 2016-H2 ?..?: refused: a printed cell is asked for twice, by two names"}},
			}},
		"services": {[]report{{source: lerr, edition: "2013-H1", figures: `
			2012-H2 DE law_enforcement_all 10
			2012-H2 DE law_enforcement_all 4 service=skype table=skype
			2013-H1 DE law_enforcement_all 16
			2013-H1 DE law_enforcement_all 5 service=skype table=skype`}},
			map[string]asked{
				"main": {`'law_enforcement_all/requests_received'`, []string{
					"microsoft 2012-H2 10..10",
					"microsoft 2013-H1 16..16: break of the series: (service_merged, 2013-01-01): no direction across it",
				}},
				"skype": {`'law_enforcement_all/requests_received', services := 'skype'`, []string{
					"microsoft 2012-H2 4..4",
					"microsoft 2013-H1 5..5 up",
				}},
				"skype_beside": {`'law_enforcement_all/requests_received', services := 'microsoft|skype'`, []string{
					"microsoft 2012-H2 14..14",
					"microsoft 2013-H1 ?..?: refused: skype is counted in microsoft | break of the series: (service_merged, 2013-01-01): no direction across it",
				}},
				"skype_over_both": {`'law_enforcement_all/requests_received', services := 'microsoft|skype', per := 'all'`, []string{"microsoft 0000-H1/9999-H2 ?..?: refused: skype is counted in microsoft | break of the series: (service_merged, 2013-01-01): no direction across it | at hand: 2012-H2 to 2013-H1"}},
			}},
		"carry_over": {[]report{{source: usnsor, edition: "2020-H1", figures: `
			2018-H1 US fisa_content 1000-1499 accounts measure=accounts_specified scheme=ufa_a2_500
			2018-H2 US fisa_content 500-999 accounts measure=accounts_specified scheme=ufa_a2_500
			2019-H1 US fisa_content 3000-3499 accounts measure=accounts_specified scheme=ufa_a2_500
			2019-H2 US fisa_content 2000-2499 accounts measure=accounts_specified scheme=ufa_a2_500
			2020-H1 US fisa_content 3000-3499 accounts measure=accounts_specified scheme=ufa_a2_500
			2018-H1 US nsl 0-499 scheme=ufa_a2_500
			2018-H2 US nsl 500-999 scheme=ufa_a2_500`}},
			map[string]asked{
				"year": {`'fisa_content/accounts_specified', per := 'year'`, []string{
					"microsoft 2018 1000..2498 accounts: accounts and orders carry over from one half-year to the next: at least the larger half, at most both",
					"microsoft 2019 3000..5998 accounts up: accounts and orders carry over from one half-year to the next: at least the larger half, at most both",
					"microsoft 2020 ?..? accounts: only 2020-H1 is at hand: no total of the year",
				}},
				"range":          {`'fisa_content/accounts_specified', per := 'all'`, []string{"microsoft 0000-H1/9999-H2 3000..11995 accounts: accounts and orders carry over from one half-year to the next: at least the larger half, at most both | at hand: 2018-H1 to 2020-H1"}},
				"letters_do_not": {`'nsl/requests_received', per := 'year'`, []string{"microsoft 2018 500..1498"}},
				"half_of_a_year": {`'fisa_content/accounts_specified', per := 'year', missing := 'skip', from_period := '2019-H1'`, []string{
					"microsoft 2019 3000..5998 accounts: accounts and orders carry over from one half-year to the next: at least the larger half, at most both",
					"microsoft 2020 3000..3499 accounts: only 2020-H1 is at hand",
				}},
				"halves": {`'fisa_content/accounts_specified', from_period := '2018-H2', to_period := '2019-H2'`, []string{
					"microsoft 2018-H2 500..999 accounts",
					"microsoft 2019-H1 3000..3499 accounts up",
					"microsoft 2019-H2 2000..2499 accounts down",
				}},
			}},
		"tables": {[]report{{source: apple, edition: "2014-H2", figures: `
			2013-H1 DE device_request 10 table=device
			2013-H1 DE account_request 5 table=account
			2013-H2 DE device_request 11 table=device
			2014-H1 DE device_request 12 table=device
			2014-H1 DE account_request 6 table=account
			2014-H2 DE device_request 12 table=device
			2014-H2 DE account_request 6 table=account_2
			2014-H2 DE emergency_disclosure 1 table=emergency`}},
			map[string]asked{
				"missing_in_a_half": {`'requests/requests_received'`, []string{
					"apple 2013-H1 15..15",
					"apple 2013-H2 11..? indeterminate: no figures at hand from the table account",
					"apple 2014-H1 18..18 indeterminate",
					"apple 2014-H2 19..19 up",
				}},
				"missing_skip": {`'requests/requests_received', missing := 'skip', to_period := '2013-H2'`, []string{
					"apple 2013-H1 15..15",
					"apple 2013-H2 11..11 down: no figures at hand from the table account, left out",
				}},
				"began_in_the_year": {`'requests/requests_received', per := 'year'`, []string{
					"apple 2013 26..?: no figures at hand from the table account",
					"apple 2014 37..? indeterminate: no figures at hand from the table emergency",
				}},
				"began_skip": {`'requests/requests_received', per := 'year', missing := 'skip'`, []string{
					"apple 2013 26..26: no figures at hand from the table account, left out",
					"apple 2014 37..37 up: no figures at hand from the table emergency, left out",
				}},
				"range":      {`'requests/requests_received', per := 'all', from_period := '2014-H1'`, []string{"apple 2014-H1/9999-H2 37..?: no figures at hand from the table emergency | at hand: 2014-H1 to 2014-H2"}},
				"range_skip": {`'requests/requests_received', per := 'all', from_period := '2014-H1', missing := 'skip'`, []string{"apple 2014-H1/9999-H2 37..37: no figures at hand from the table emergency, left out | at hand: 2014-H1 to 2014-H2"}},
			}},
		"figures_of_a_list": {[]report{{source: usnsor, edition: "2015-H1", figures: `
			2013-H1 US nsl 0-499
			2013-H2 US nsl 0-499
			2013-H2 US fisa_content 0-499
			2014-H1 US nsl 0-499
			2014-H2 US nsl 0-499
			2014-H2 US fisa_content 500-999
			2015-H1 US fisa_content 500-999`}},
			map[string]asked{
				"halves": {`'nsl/requests_received|fisa_content/requests_received'`, []string{
					"microsoft 2013-H1 0..?: no figures at hand of fisa_content/requests_received",
					"microsoft 2013-H2 0..998 indeterminate",
					"microsoft 2014-H1 0..? indeterminate: no figures at hand of fisa_content/requests_received",
					"microsoft 2014-H2 500..1498 indeterminate",
					"microsoft 2015-H1 500..?: break of the series: (regime_switch, 2015-01-01): no direction across it | no figures at hand of nsl/requests_received",
				}},
				"years": {`'nsl/requests_received|fisa_content/requests_received', per := 'year', to_period := '2014-H2'`, []string{
					"microsoft 2013 0..?: no figures at hand of fisa_content/requests_received",
					"microsoft 2014 500..? indeterminate: no figures at hand of fisa_content/requests_received",
				}},
				"years_skip": {`'nsl/requests_received|fisa_content/requests_received', per := 'year', to_period := '2014-H2', missing := 'skip'`, []string{
					"microsoft 2013 0..1497: no figures at hand of fisa_content/requests_received, left out",
					"microsoft 2014 500..1997 indeterminate: no figures at hand of fisa_content/requests_received, left out",
				}},
				"range": {`'nsl/requests_received|fisa_content/requests_received', per := 'all'`, []string{"microsoft 0000-H1/9999-H2 500..?: accounts and orders carry over from one half-year to the next: at least the larger half, at most both | break of the series: (regime_switch, 2015-01-01): no direction across it | no figures at hand of fisa_content/requests_received, nsl/requests_received | at hand: 2013-H1 to 2015-H1"}},
			}},
		"totals_that_may_hold_a_figure": {[]report{
			{source: lerr, edition: "2017-H2", figures: `
				2016-H2 DE law_enforcement_all 10
				2017-H1 DE law_enforcement_all 11
				2017-H1 DE emergency_disclosure 1
				2017-H2 DE law_enforcement_all 12`},
			{source: user, edition: "2014-H2", figures: `
				2014-H1 DE law_enforcement_all 20
				2014-H2 DE emergency_disclosure 2`}},
			map[string]asked{
				"apart_from_2017": {`'law_enforcement_all/requests_received|emergency_disclosure/requests_received', providers := 'microsoft'`, []string{
					"microsoft 2016-H2 10..?: no figures at hand of emergency_disclosure/requests_received",
					"microsoft 2017-H1 12..12: break of the series: (definition_change, 2017-01-01): no direction across it",
					"microsoft 2017-H2 12..? indeterminate: no figures at hand of emergency_disclosure/requests_received",
				}},
				"always_inside": {`'law_enforcement_all/requests_received|emergency_disclosure/requests_received', providers := 'google'`, []string{
					"google 2014-H1 20..20",
					"google 2014-H2 2..?: break of the series: (report_stopped, 2014-07-01): no direction across it | no figures at hand of law_enforcement_all/requests_received",
				}},
			}},
		"holes": {[]report{{source: meta, edition: "2015-H1", figures: `
			2013-H1 DE law_enforcement_all 10
			2013-H2 DE law_enforcement_all 11
			2014-H2 DE law_enforcement_all 13
			2015-H1 DE law_enforcement_all 14`}},
			map[string]asked{
				"range":        {`'requests/requests_received', per := 'all'`, []string{"meta 0000-H1/9999-H2 48..?: break of the series: (regime_switch, 2013-07-01): no direction across it | at hand: 2013-H1 to 2015-H1, without half-years between them: 1"}},
				"range_skip":   {`'requests/requests_received', per := 'all', missing := 'skip'`, []string{"meta 0000-H1/9999-H2 48..48: break of the series: (regime_switch, 2013-07-01): no direction across it | at hand: 2013-H1 to 2015-H1, without half-years between them: 1, left out"}},
				"range_before": {`'requests/requests_received', per := 'all', to_period := '2013-H2'`, []string{"meta 0000-H1/2013-H2 21..21: break of the series: (regime_switch, 2013-07-01): no direction across it | at hand: 2013-H1 to 2013-H2"}},
				"direction_across": {`'requests/requests_received'`, []string{
					"meta 2013-H1 10..10",
					"meta 2013-H2 11..11: break of the series: (regime_switch, 2013-07-01): no direction across it",
					"meta 2014-H2 13..13",
					"meta 2015-H1 14..14 up",
				}},
				"years": {`'requests/requests_received', per := 'year'`, []string{
					"meta 2013 21..21: break of the series: (regime_switch, 2013-07-01): no direction across it",
					"meta 2014 ?..?: only 2014-H2 is at hand: no total of the year | break of the series: (regime_switch, 2013-07-01): no direction across it",
					"meta 2015 ?..?: only 2015-H1 is at hand: no total of the year",
				}},
			}},
		"breaks": {[]report{
			{source: usnsor, edition: "2015-H2", figures: `
				2014-H1 US fisa_content 0-999 scheme=doj2014_opt1_1000
				2014-H2 US fisa_content 0-999 scheme=doj2014_opt1_1000
				2015-H1 US fisa_content 1000-1499 scheme=ufa_a2_500
				2015-H2 US fisa_content 1500-1999 scheme=ufa_a2_500`},
			{source: user, edition: "2016-H1", figures: `
				2015-H2 US nsl 0-999 scheme=ufa_a1_1000
				2016-H1 US nsl 1000-1499 scheme=ufa_a2_500`}},
			map[string]asked{
				"no_direction_across": {`'fisa_content/requests_received'`, []string{
					"microsoft 2014-H1 0..999",
					"microsoft 2014-H2 0..999 indeterminate",
					"microsoft 2015-H1 1000..1499: break of the series: (regime_switch, 2015-01-01): no direction across it",
					"microsoft 2015-H2 1500..1999 up",
				}},
				"unless_told": {`'fisa_content/requests_received', across_breaks := 'yes', from_period := '2014-H2', to_period := '2015-H1'`, []string{
					"microsoft 2014-H2 0..999",
					"microsoft 2015-H1 1000..1499 up: break of the series: (regime_switch, 2015-01-01)",
				}},
				"years": {`'fisa_content/requests_received', per := 'year'`, []string{
					"microsoft 2014 0..1998: accounts and orders carry over from one half-year to the next: at least the larger half, at most both",
					"microsoft 2015 1500..3498: accounts and orders carry over from one half-year to the next: at least the larger half, at most both | break of the series: (regime_switch, 2015-01-01): no direction across it",
				}},
				"another_legal_scheme": {`'nsl/requests_received'`, []string{
					"google 2015-H2 0..999",
					"google 2016-H1 1000..1499: the bands follow another legal scheme than before: ufa_a2_500: no direction across it",
				}},
			}},
		"percent": {[]report{{source: user, edition: "2013-H2", figures: `
			2013-H1 DE law_enforcement_all 54% measure=pct_requests_some_data_disclosed
			2013-H1 FR law_enforcement_all 0% measure=pct_requests_some_data_disclosed
			2013-H2 DE law_enforcement_all 54% measure=pct_requests_some_data_disclosed
			2013-H2 FR law_enforcement_all 100% measure=pct_requests_some_data_disclosed`}},
			map[string]asked{
				"one": {`'law_enforcement_all/pct_requests_some_data_disclosed', jurisdictions := 'DE'`, []string{
					"google 2013-H1 53.5..54.5 percent_rounded",
					"google 2013-H2 53.5..54.5 percent_rounded indeterminate",
				}},
				"ends": {`'law_enforcement_all/pct_requests_some_data_disclosed', jurisdictions := 'FR'`, []string{
					"google 2013-H1 0..0.5 percent_rounded",
					"google 2013-H2 99.5..100 percent_rounded up",
				}},
				"sum":   {`'law_enforcement_all/pct_requests_some_data_disclosed', to_period := '2013-H1'`, []string{"google 2013-H1 ?..? percent_rounded: refused: pct_requests_some_data_disclosed does not add up | until 2013-H1 the report leaves out countries with fewer than 30 requests"}},
				"year":  {`'law_enforcement_all/pct_requests_some_data_disclosed', jurisdictions := 'DE', per := 'year'`, []string{"google 2013 ?..? percent_rounded: refused: pct_requests_some_data_disclosed does not add up"}},
				"shown": {`'law_enforcement_all/pct_requests_some_data_disclosed', mixing := 'show', to_period := '2013-H1'`, []string{"google 2013-H1 53.5..55 percent_rounded: must not be added: pct_requests_some_data_disclosed does not add up | until 2013-H1 the report leaves out countries with fewer than 30 requests"}},
			}},
		"editions": {[]report{
			{source: user, edition: "2013-H1", figures: `
				2013-H1 DE law_enforcement_all 40
				2013-H1 FR law_enforcement_all 50
				2013-H1 ES law_enforcement_all 0`},
			{source: user, edition: "2013-H2", figures: `
				2013-H1 DE law_enforcement_all 41
				2013-H2 DE law_enforcement_all 42`},
			{source: meta, edition: "2013-H1", figures: `2013-H1 FR law_enforcement_all 60`}},
			map[string]asked{
				"mixed": {`'requests/requests_received'`, []string{
					"google 2013-H1 91..91: the figures come from several editions: google/user-data/2013-H1, google/user-data/2013-H2 | until 2013-H1 the report leaves out countries with fewer than 30 requests",
					"google 2013-H2 42..42: break of the series: (definition_change, 2013-07-01): no direction across it",
					"meta 2013-H1 60..60",
				}},
				"of_the_first": {`'requests/requests_received', upto := 'google/user-data/2013-H1'`, []string{
					"google 2013-H1 90..90: until 2013-H1 the report leaves out countries with fewer than 30 requests",
					"meta 2013-H1 60..60",
				}},
				"of_a_label": {`'requests/requests_received', upto := '2013-H1'`, []string{
					"google 2013-H1 90..90: until 2013-H1 the report leaves out countries with fewer than 30 requests",
					"meta 2013-H1 60..60",
				}},
				"one_provider": {`'requests/requests_received', providers := 'meta'`, []string{"meta 2013-H1 60..60"}},
				"two_providers": {`'requests/requests_received', providers := 'meta|google', grp := 'EU'`, []string{
					"google 2013-H1 91..91: 3 of the 27 members of EU have a line | the figures come from several editions: google/user-data/2013-H1, google/user-data/2013-H2 | until 2013-H1 the report leaves out countries with fewer than 30 requests",
					"google 2013-H2 42..42: break of the series: (definition_change, 2013-07-01): no direction across it | 1 of the 28 members of EU have a line",
					"meta 2013-H1 60..60: 1 of the 27 members of EU have a line",
				}},
			}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := hold(t, tc.reports...)
			for name, a := range tc.ask {
				t.Run(name, func(t *testing.T) {
					same(t, a.want, askDB(t, db, totalled(a.args)))
				})
			}
		})
	}
}

func TestAsOf(t *testing.T) {
	reports := []report{
		// Printed before there were periods for labels.
		{source: user, edition: "first", figures: `2012-H2 DE law_enforcement_all 9`},
		{source: user, edition: "2013-H1", figures: `
			2013-H1 DE law_enforcement_all 10
			2013-H1 US subpoena 5
			2013-H1 US wiretap 3`},
		{source: lerr, edition: "2013-H1", figures: `
			2013-H1 DE law_enforcement_all 7
			2013-H1 FR law_enforcement_all 8
			2013-H1 US nsl 0-999 table=box`},
		// One figure is another, one is taken out.
		{source: user, edition: "2013-H2", figures: `
			2013-H1 DE law_enforcement_all 12
			2013-H1 US subpoena 5
			2013-H2 DE law_enforcement_all 13`},
		// An excerpt hides no other jurisdiction, and another report no other table.
		{source: lerr, edition: "2013-H2", excerpt: true, figures: `2013-H1 DE law_enforcement_all 6`},
		{source: usnsor, edition: "2013-H2", figures: `2013-H1 US nsl 0-499 table=ns`},
		// What was taken out is there again.
		{source: user, edition: "2014-H1", figures: `
			2013-H1 US subpoena 5
			2013-H1 US wiretap 4`},
	}
	first := []string{
		"google 2012-H2 DE law_enforcement_all 9..9 first", "google 2013-H1 DE law_enforcement_all 10..10 2013-H1",
		"google 2013-H1 US subpoena 5..5 2013-H1", "google 2013-H1 US wiretap 3..3 2013-H1",
		"microsoft 2013-H1 DE law_enforcement_all 7..7 2013-H1", "microsoft 2013-H1 FR law_enforcement_all 8..8 2013-H1",
		"microsoft 2013-H1 US nsl 0..999 2013-H1",
	}
	second := []string{
		"google 2012-H2 DE law_enforcement_all 9..9 first", "google 2013-H1 DE law_enforcement_all 12..12 2013-H2",
		"google 2013-H1 US subpoena 5..5 2013-H2", "google 2013-H2 DE law_enforcement_all 13..13 2013-H2",
		"microsoft 2013-H1 DE law_enforcement_all 6..6 2013-H2", "microsoft 2013-H1 FR law_enforcement_all 8..8 2013-H1",
		"microsoft 2013-H1 US nsl 0..499 2013-H2",
	}
	now := []string{
		"google 2012-H2 DE law_enforcement_all 9..9 first", "google 2013-H1 DE law_enforcement_all 12..12 2013-H2",
		"google 2013-H1 US subpoena 5..5 2014-H1", "google 2013-H1 US wiretap 4..4 2014-H1", "google 2013-H2 DE law_enforcement_all 13..13 2013-H2",
		"microsoft 2013-H1 DE law_enforcement_all 6..6 2013-H2", "microsoft 2013-H1 FR law_enforcement_all 8..8 2013-H1",
		"microsoft 2013-H1 US nsl 0..499 2013-H2",
	}
	tests := map[string]struct {
		upto string
		want []string
	}{
		"now":                         {"now", now},
		"label":                       {"2013-H1", first},
		"label_of_several_reports":    {"2013-H2", second},
		"newest_label":                {"2014-H1", now},
		"edition":                     {"google/user-data/2013-H2", second},
		"edition_of_another_report":   {"microsoft/lerr/2013-H1", first},
		"edition_without_a_period":    {"google/user-data/first", first[:1]},
		"label_without_a_period":      {"first", first[:1]},
		"label_that_no_edition_has":   {"2013", nil},
		"edition_that_is_not_at_hand": {"google/user-data/2020-H1", nil},
		"nothing":                     {"", nil},
	}
	db := hold(t, reports...)
	const row = `SELECT concat_ws(' ', provider, period, jurisdiction, process, value_low || '..' || value_high, string_split(edition, '/')[3]) AS x`
	text := func(from string) string {
		return strings.ReplaceAll(row, "value_low || '..' || value_high", "printf('%g..%g', value_low, value_high)") + " FROM " + from + " ORDER BY x"
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			same(t, tc.want, askDB(t, db, text("as_of('"+tc.upto+"')")))
			// A sum knows the same figures.
			var sum []string
			for _, w := range tc.want {
				if f := strings.Fields(w); f[0] == "google" && f[2] == "DE" {
					sum = append(sum, f[0]+" "+f[1]+" "+f[4])
				}
			}
			same(t, sum, askDB(t, db, `SELECT concat_ws(' ', provider, period, printf('%g..%g', low, high))
				FROM totals('law_enforcement_all/requests_received', providers := 'google', jurisdictions := 'DE', upto := '`+tc.upto+`') ORDER BY first_day`))
		})
	}
	t.Run("current", func(t *testing.T) {
		same(t, now, askDB(t, db, text("(SELECT *, period_label(period_start, period_end) AS period FROM current)")))
	})
	t.Run("vanished", func(t *testing.T) {
		// What was printed again, by whomever, has not vanished.
		same(t, []string(nil), askDB(t, db, "SELECT process FROM vanished"))
		gone := hold(t, reports[:4]...)
		same(t, []string{"wiretap|3|google/user-data/2013-H1|google/user-data/2013-H2"}, askDB(t, gone, "SELECT process, value_low, edition, gone_from FROM vanished"))
	})
}

func TestAskedLines(t *testing.T) {
	db := hold(t,
		report{source: user, edition: "2013-H1", refused: "user_data", figures: `
			2013-H1 DE law_enforcement_all 10 table=user_data
			2013-H1 DE subpoena 4 table=user_data
			2013-H1 US subpoena 5 table=user_data
			2013-H1 US search_warrant withheld table=user_data`},
		report{source: lerr, edition: "2013-H1", excerpt: true, figures: `
			2013-H1 ZZ law_enforcement_all 100
			2013-H1 DE law_enforcement_all 10
			2013-H1 DE law_enforcement_all 3 service=skype
			2013-H1 DE law_enforcement_all 1 class=enterprise
			2013-H1 US law_enforcement_all 20`})
	tests := map[string]struct {
		relation string
		want     []string
	}{
		"lines_of_a_recipe": {`asked_lines('requests/requests_received')`, []string{
			"google google DE law_enforcement_all 10 world whole refused=1", "google google US search_warrant absent world whole refused=1", "google google US subpoena 5 world whole refused=1",
			"microsoft microsoft DE law_enforcement_all 10", "microsoft microsoft US law_enforcement_all 20", "microsoft microsoft ZZ law_enforcement_all 100 named",
		}},
		"cells_of_the_world": {`asked_cells('requests/requests_received')`, []string{
			"google google DE law_enforcement_all 10 world whole refused=1", "google google US search_warrant absent world whole refused=1", "google google US subpoena 5 world whole refused=1",
			"microsoft microsoft ZZ law_enforcement_all 100 named",
		}},
		"cells_of_a_jurisdiction": {`asked_cells('law_enforcement_all/requests_received', jurisdictions := 'DE')`, []string{
			"google google DE law_enforcement_all 10 named whole refused=1", "microsoft microsoft DE law_enforcement_all 10 named",
		}},
		"cells_of_a_group": {`asked_cells('law_enforcement_all/requests_received', grp := 'EU', providers := 'microsoft')`, []string{
			"microsoft microsoft DE law_enforcement_all 10 by_group",
		}},
		"member_that_is_named": {`asked_cells('law_enforcement_all/requests_received', grp := 'EU', jurisdictions := 'DE|US', providers := 'microsoft')`, []string{
			"microsoft microsoft DE law_enforcement_all 10 named by_group", "microsoft microsoft US law_enforcement_all 20 named",
		}},
		"another_service": {`asked_cells('law_enforcement_all/requests_received', services := 'skype')`, []string{"microsoft skype DE law_enforcement_all 3 world"}},
		"class_of_customers": {`asked_cells('law_enforcement_all/requests_received', customers := 'enterprise')`, []string{
			"microsoft microsoft DE law_enforcement_all 1 world",
		}},
		"two_names": {`asked_cells('requests/requests_received|law_enforcement_all/requests_received', jurisdictions := 'DE', providers := 'google')`, []string{
			"google google DE law_enforcement_all 10 named whole refused=1", "google google DE law_enforcement_all 10 named whole refused=1",
		}},
		"edition_that_is_not_at_hand": {`asked_cells('requests/requests_received', upto := '1999-H1')`, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			same(t, tc.want, askDB(t, db, `SELECT concat_ws(' ', provider, service, jurisdiction, process, CASE WHEN absent THEN 'absent' ELSE printf('%g', value_low) END,
				CASE WHEN named THEN 'named' END, CASE WHEN world THEN 'world' END, CASE WHEN by_group THEN 'by_group' END,
				CASE WHEN whole THEN 'whole' END, 'refused=' || nullif(refused, 0)) AS x FROM `+tc.relation+` ORDER BY x`))
		})
	}
	t.Run("printed_text", func(t *testing.T) {
		same(t, []string{"DE|10|line 2 column 4"}, askDB(t, db, `SELECT c.jurisdiction, r.raw_text, r.locator
			FROM asked_cells('requests/requests_received', jurisdictions := 'DE', providers := 'google') c JOIN reading r USING (capture_id, ordinal)`))
	})
}

// TestTotalsSayWhatTheyAdd looks at the columns beside the bounds.
func TestTotalsSayWhatTheyAdd(t *testing.T) {
	db := hold(t,
		report{source: apple, edition: "2013-H1", excerpt: true, figures: `
			2013-H1 DE device_request 10 table=device
			2013-H1 US device_request 20 table=device
			2013-H1 DE account_request 5 table=account`},
		report{source: usnsor, edition: "2013-H1", figures: `2013-H1 US nsl 0-999 scheme=doj2014_opt1_1000`})
	tests := map[string]asked{
		"one_cell":             {`'device_request/requests_received', jurisdictions := 'DE'`, []string{"apple|DE|as_published|1|1|device_request|apple/requests/2013-H1||exact"}},
		"one_cell_of_a_world":  {`'account_request/requests_received'`, []string{"apple|ZZ|derived|1|1|account_request|apple/requests/2013-H1||exact"}},
		"one_cell_of_a_group":  {`'account_request/requests_received', grp := 'EU'`, []string{"apple|EU|derived|1|1|account_request|apple/requests/2013-H1||exact"}},
		"the_world_of_letters": {`'nsl/requests_received'`, []string{"microsoft|ZZ|as_published|1|1|nsl|microsoft/usnsor/2013-H1|doj2014_opt1_1000|band"}},
		"group_and_others":     {`'requests/requests_received', grp := 'EU', jurisdictions := 'US'`, []string{"apple|EU|US|derived|3|2|account_request device_request|apple/requests/2013-H1||exact"}},
		"several": {`'device_request/requests_received|nsl/requests_received', jurisdictions := 'DE|US'`, []string{
			"apple|DE|US|derived|2|2|device_request|apple/requests/2013-H1||exact", "microsoft|DE|US|as_published|1|1|nsl|microsoft/usnsor/2013-H1|doj2014_opt1_1000|band"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			same(t, tc.want, askDB(t, db, `SELECT provider, jurisdiction, basis, cells, jurisdictions, processes, editions, coalesce(schemes, ''), exactness FROM totals(`+tc.args+`) ORDER BY ALL`))
		})
	}
}
