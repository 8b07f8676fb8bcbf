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

// totalled is a row of totals as one text: provider, period, bounds ("?" for none), direction and
// advisory.
func totalled(args string) string {
	return `SELECT concat_ws(' ', provider, period, coalesce(printf('%g', low), '?') || '..' || coalesce(printf('%g', high), '?'), nullif(unit, 'requests'), direction)
		|| CASE WHEN advisory <> '' THEN ': ' || advisory ELSE '' END
		FROM totals(` + args + `) ORDER BY provider, first_day`
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
				"world":                           {args: `'law_enforcement_all/requests_received'`},
				"named":                           {args: `'law_enforcement_all/requests_received', jurisdictions := 'DE|FR'`},
				"named_twice":                     {args: `'law_enforcement_all/requests_received', jurisdictions := 'DE|DE'`},
				"group":                           {args: `'law_enforcement_all/requests_received', grp := 'EU'`},
				"group_beside_another":            {args: `'law_enforcement_all/requests_received', grp := 'EU', jurisdictions := 'US', from_period := '2013-H1', to_period := '2013-H1'`},
				"group_beside_its_member":         {args: `'law_enforcement_all/requests_received', grp := 'EU', jurisdictions := 'DE', from_period := '2013-H1', to_period := '2013-H1'`},
				"world_beside_its_line":           {args: `'law_enforcement_all/requests_received', jurisdictions := 'ZZ|DE', from_period := '2013-H1', to_period := '2013-H1'`},
				"world_beside_its_line_shown":     {args: `'law_enforcement_all/requests_received', jurisdictions := 'ZZ|DE', from_period := '2013-H1', to_period := '2013-H1', mixing := 'show'`},
				"year":                            {args: `'law_enforcement_all/requests_received', per := 'year'`},
				"withheld_is_left_out":            {args: `'law_enforcement_all/requests_received', per := 'year', missing := 'skip'`},
				"year_of_one_half":                {args: `'law_enforcement_all/requests_received', jurisdictions := 'DE', per := 'year'`},
				"half_of_a_year_has_no_direction": {args: `'law_enforcement_all/requests_received', jurisdictions := 'DE', per := 'year', missing := 'skip'`},
				"range":                           {args: `'law_enforcement_all/requests_received', from_period := '2013-H1', to_period := '2014-H1', jurisdictions := 'DE', per := 'all'`},
				"one_name_twice":                  {args: `'law_enforcement_all/requests_received|law_enforcement_all/requests_received', jurisdictions := 'DE', to_period := '2013-H1'`},
				"two_names_for_one_cell":          {args: `'requests/requests_received|law_enforcement_all/requests_received', jurisdictions := 'DE', to_period := '2013-H1'`},
				"no_figure_is_asked_for":          {args: `''`},
				"unknown_process":                 {args: `'nothing/requests_received'`},
				"unknown_measure":                 {args: `'law_enforcement_all/nothing'`},
				"no_measure":                      {args: `'requests'`},
				"unknown_provider":                {args: `'law_enforcement_all/requests_received', providers := 'nobody'`},
				"unknown_jurisdiction":            {args: `'law_enforcement_all/requests_received', jurisdictions := 'XX'`},
				"unknown_group":                   {args: `'law_enforcement_all/requests_received', grp := 'XX'`},
				"unknown_edition":                 {args: `'law_enforcement_all/requests_received', upto := '2031-H1'`},
				"range_back_to_front":             {args: `'law_enforcement_all/requests_received', from_period := '2014-H1', to_period := '2013-H1'`},
				"recipe_of_another_service":       {args: `'requests/requests_received', services := 'skype'`},
				"recipe_of_its_service":           {args: `'requests/requests_received', services := 'microsoft|skype', jurisdictions := 'DE', to_period := '2013-H1'`},
				"class_that_is_not_printed":       {args: `'law_enforcement_all/requests_received', customers := 'enterprise'`},
			}},
		"world_row": {[]report{{source: lerr, edition: "2013-H2", figures: `
			2013-H1 ZZ law_enforcement_all 100
			2013-H1 DE law_enforcement_all 10
			2013-H1 US law_enforcement_all 60
			2013-H2 DE law_enforcement_all 12
			2013-H2 US law_enforcement_all 70
			2013-H2 ZZ-NONUS law_enforcement_all 12`}},
			map[string]asked{
				"stands_for_its_lines":          {args: `'requests/requests_received'`},
				"beside_a_line":                 {args: `'requests/requests_received', jurisdictions := 'ZZ|US'`},
				"beside_a_line_shown":           {args: `'requests/requests_received', jurisdictions := 'ZZ|US', mixing := 'show'`},
				"rest_beside_the_united_states": {args: `'requests/requests_received', jurisdictions := 'US|ZZ-NONUS', from_period := '2013-H2'`},
				"rest_beside_one_of_it":         {args: `'requests/requests_received', jurisdictions := 'DE|ZZ-NONUS', from_period := '2013-H2'`},
			}},
		"single_line": {[]report{{source: lerr, edition: "2013-H1", figures: `2013-H1 DE law_enforcement_all 10`}},
			map[string]asked{
				"named": {args: `'law_enforcement_all/requests_received', jurisdictions := 'DE'`},
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
				"world":                           {args: `'requests/requests_received', upto := '2017-H1'`},
				"world_when_it_is_whole":          {args: `'requests/requests_received'`},
				"world_skip":                      {args: `'requests/requests_received', upto := '2017-H1', missing := 'skip'`},
				"group":                           {args: `'requests/requests_received', upto := '2017-H1', grp := 'EU'`},
				"named":                           {args: `'requests/requests_received', upto := '2017-H1', jurisdictions := 'DE|US'`},
				"named_beside_one_cut_out":        {args: `'requests/requests_received', upto := '2017-H1', jurisdictions := 'DE|FR'`},
				"named_and_not_in_a_whole_table":  {args: `'requests/requests_received', jurisdictions := 'DE|ES'`},
				"named_in_one_of_two_tables":      {args: `'with_emergencies/requests_received', jurisdictions := 'DE'`},
				"named_in_one_of_two_tables_skip": {args: `'with_emergencies/requests_received', jurisdictions := 'DE', missing := 'skip'`},
				"named_in_both_tables":            {args: `'with_emergencies/requests_received', jurisdictions := 'US'`},
				"group_in_one_of_two_tables":      {args: `'with_emergencies/requests_received', grp := 'EU'`},
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
				"world":            {args: `'requests/requests_received'`},
				"world_skip":       {args: `'requests/requests_received', missing := 'skip'`},
				"named":            {args: `'requests/requests_received', jurisdictions := 'DE'`},
				"parts_of_a_total": {args: `'requests/requests_received', jurisdictions := 'US', providers := 'google'`},
				"group":            {args: `'requests/requests_received', grp := 'EU', providers := 'microsoft'`},
				"another_table":    {args: `'nsl/requests_received'`},
			}},
		"no_figure": {[]report{{source: user, edition: "2013-H2", figures: `
			2013-H1 DE law_enforcement_all 0*
			2013-H1 CN law_enforcement_all 40
			2013-H2 DE law_enforcement_all 0
			2013-H2 CN law_enforcement_all withheld`}},
			map[string]asked{
				"world":      {args: `'requests/requests_received'`},
				"world_skip": {args: `'requests/requests_received', missing := 'skip'`},
				"zero":       {args: `'requests/requests_received', jurisdictions := 'DE'`},
				"withheld":   {args: `'requests/requests_received', jurisdictions := 'CN'`},
				"year":       {args: `'requests/requests_received', per := 'year'`},
				"range":      {args: `'requests/requests_received', per := 'all'`},
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
				"stands_for_its_parts":   {args: `'requests/requests_received'`},
				"of_a_jurisdiction":      {args: `'requests/requests_received', jurisdictions := 'DE'`},
				"beside_its_parts":       {args: `'law_enforcement_all/requests_received|subpoena/requests_received', jurisdictions := 'DE', to_period := '2013-H1'`},
				"beside_its_parts_shown": {args: `'law_enforcement_all/requests_received|subpoena/requests_received', jurisdictions := 'DE', to_period := '2013-H1', mixing := 'show'`},
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
				"of_each_period":      {args: `'requests/requests_received', grp := 'EU'`},
				"of_one_day":          {args: `'requests/requests_received', grp := 'EU', members_on := '2013-06-30'`},
				"of_the_last_day":     {args: `'requests/requests_received', grp := 'EU', members_on := '2020-01-31', from_period := '2020-H1'`},
				"beside_a_former_one": {args: `'requests/requests_received', grp := 'EU', jurisdictions := 'GB', from_period := '2019-H2'`},
				"of_a_year":           {args: `'requests/requests_received', grp := 'EU', per := 'year', from_period := '2013-H1', to_period := '2013-H2'`},
			}},
		"units_and_measures": {[]report{{source: lerr, edition: "2013-H1", figures: `
			2013-H1 DE law_enforcement_all 10
			2013-H1 DE law_enforcement_all 15 accounts measure=accounts_specified
			2013-H1 DE law_enforcement_all 2 measure=outcome_rejected
			2013-H1 DE law_enforcement_all 3 measure=outcome_no_data_found`}},
			map[string]asked{
				"units_differ":        {args: `'requests/requests_received|requests/accounts_specified'`},
				"units_differ_shown":  {args: `'requests/requests_received|requests/accounts_specified', mixing := 'show'`},
				"request_and_outcome": {args: `'requests/requests_received|requests/outcome_rejected'`},
				"outcomes_add_up":     {args: `'requests/outcome_rejected|requests/outcome_no_data_found'`},
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
				"emergencies_may_be_in_the_total_until_2016": {args: `'law_enforcement_all/requests_received|emergency_disclosure/requests_received', providers := 'microsoft'`},
				"emergencies_over_2016":                      {args: `'law_enforcement_all/requests_received|emergency_disclosure/requests_received', providers := 'microsoft', per := 'all'`},
				"emergencies_over_2017":                      {args: `'law_enforcement_all/requests_received|emergency_disclosure/requests_received', providers := 'microsoft', per := 'year'`},
				"three_sheets":                               {args: `'law_enforcement_all/requests_received|emergency_disclosure/requests_received|civil/requests_received', providers := 'microsoft', from_period := '2017-H2'`},
				"recipe":                                     {args: `'all_but_national_security/requests_received', providers := 'microsoft', per := 'year'`},
				"part_of_the_combined_number":                {args: `'national_security_combined/requests_received|nsl/requests_received'`},
				"parts_beside_each_other":                    {args: `'nsl/requests_received|fisa_content/requests_received'`},
				"tables_by_identifier":                       {args: `'device_request/requests_received|account_request/requests_received|emergency_disclosure/requests_received', providers := 'apple'`},
				"other_cut_through_the_same_requests":        {args: `'device_request/requests_received|legal_process_all/requests_received', providers := 'apple'`},
				"two_recipes_for_one_table":                  {args: `'requests/requests_received|emergency/requests_received', providers := 'apple'`},
			}},
		"services": {[]report{{source: lerr, edition: "2013-H1", figures: `
			2012-H2 DE law_enforcement_all 10
			2012-H2 DE law_enforcement_all 4 service=skype table=skype
			2013-H1 DE law_enforcement_all 16
			2013-H1 DE law_enforcement_all 5 service=skype table=skype`}},
			map[string]asked{
				"main":            {args: `'law_enforcement_all/requests_received'`},
				"skype":           {args: `'law_enforcement_all/requests_received', services := 'skype'`},
				"skype_beside":    {args: `'law_enforcement_all/requests_received', services := 'microsoft|skype'`},
				"skype_over_both": {args: `'law_enforcement_all/requests_received', services := 'microsoft|skype', per := 'all'`},
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
				"year":           {args: `'fisa_content/accounts_specified', per := 'year'`},
				"range":          {args: `'fisa_content/accounts_specified', per := 'all'`},
				"letters_do_not": {args: `'nsl/requests_received', per := 'year'`},
				"half_of_a_year": {args: `'fisa_content/accounts_specified', per := 'year', missing := 'skip', from_period := '2019-H1'`},
				"halves":         {args: `'fisa_content/accounts_specified', from_period := '2018-H2', to_period := '2019-H2'`},
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
				"missing_in_a_half": {args: `'requests/requests_received'`},
				"missing_skip":      {args: `'requests/requests_received', missing := 'skip', to_period := '2013-H2'`},
				"began_in_the_year": {args: `'requests/requests_received', per := 'year'`},
				"began_skip":        {args: `'requests/requests_received', per := 'year', missing := 'skip'`},
				"range":             {args: `'requests/requests_received', per := 'all', from_period := '2014-H1'`},
				"range_skip":        {args: `'requests/requests_received', per := 'all', from_period := '2014-H1', missing := 'skip'`},
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
				"halves":     {args: `'nsl/requests_received|fisa_content/requests_received'`},
				"years":      {args: `'nsl/requests_received|fisa_content/requests_received', per := 'year', to_period := '2014-H2'`},
				"years_skip": {args: `'nsl/requests_received|fisa_content/requests_received', per := 'year', to_period := '2014-H2', missing := 'skip'`},
				"range":      {args: `'nsl/requests_received|fisa_content/requests_received', per := 'all'`},
			}},
		"holes": {[]report{{source: meta, edition: "2015-H1", figures: `
			2013-H1 DE law_enforcement_all 10
			2013-H2 DE law_enforcement_all 11
			2014-H2 DE law_enforcement_all 13
			2015-H1 DE law_enforcement_all 14`}},
			map[string]asked{
				"range":            {args: `'requests/requests_received', per := 'all'`},
				"range_skip":       {args: `'requests/requests_received', per := 'all', missing := 'skip'`},
				"range_before":     {args: `'requests/requests_received', per := 'all', to_period := '2013-H2'`},
				"direction_across": {args: `'requests/requests_received'`},
				"years":            {args: `'requests/requests_received', per := 'year'`},
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
				"no_direction_across":  {args: `'fisa_content/requests_received'`},
				"unless_told":          {args: `'fisa_content/requests_received', across_breaks := 'yes', from_period := '2014-H2', to_period := '2015-H1'`},
				"years":                {args: `'fisa_content/requests_received', per := 'year'`},
				"another_legal_scheme": {args: `'nsl/requests_received'`},
			}},
		"percent": {[]report{{source: user, edition: "2013-H2", figures: `
			2013-H1 DE law_enforcement_all 54% measure=pct_requests_some_data_disclosed
			2013-H1 FR law_enforcement_all 0% measure=pct_requests_some_data_disclosed
			2013-H2 DE law_enforcement_all 54% measure=pct_requests_some_data_disclosed
			2013-H2 FR law_enforcement_all 100% measure=pct_requests_some_data_disclosed`}},
			map[string]asked{
				"one":   {args: `'law_enforcement_all/pct_requests_some_data_disclosed', jurisdictions := 'DE'`},
				"ends":  {args: `'law_enforcement_all/pct_requests_some_data_disclosed', jurisdictions := 'FR'`},
				"sum":   {args: `'law_enforcement_all/pct_requests_some_data_disclosed', to_period := '2013-H1'`},
				"year":  {args: `'law_enforcement_all/pct_requests_some_data_disclosed', jurisdictions := 'DE', per := 'year'`},
				"shown": {args: `'law_enforcement_all/pct_requests_some_data_disclosed', mixing := 'show', to_period := '2013-H1'`},
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
				"mixed":         {args: `'requests/requests_received'`},
				"of_the_first":  {args: `'requests/requests_received', upto := 'google/user-data/2013-H1'`},
				"of_a_label":    {args: `'requests/requests_received', upto := '2013-H1'`},
				"one_provider":  {args: `'requests/requests_received', providers := 'meta'`},
				"two_providers": {args: `'requests/requests_received', providers := 'meta|google', grp := 'EU'`},
			}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			db := hold(t, tc.reports...)
			for name, a := range tc.ask {
				t.Run(name, func(t *testing.T) {
					same(t, a.want, askDB(t, db, totalled(a.args)))
				})
			}
		})
	}
}
