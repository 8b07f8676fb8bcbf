package normalize

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sort"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"daylight/normalize/labels"
	"daylight/scrape"
)

const acmeLabels = `kind,table,printed,code,process,unit,flag,note
default,,service,microsoft,,,,
default,,period,text,,,,
default,criminal,process,law_enforcement_all,,,,
default,ns,jurisdiction,US,,,,
default,ns,sequence,consecutive,,,,
default,ending,period,half_ending,,,,
default,ending,process,law_enforcement_all,,,,
default,stretch,period,start_end,,,,
default,stretch,process,account_request,,,,
default,letters,period,day,,,,
default,letters,jurisdiction,US,,,,
default,letters,process,nsl,,,,
default,homeless,process,civil,,,,
default,german,locale,de,,,,
default,german,process,civil,,,,
column,,Requests,requests_received,,requests,,
column,ns,Requests,requests_received,,orders,,
column,,Accounts,accounts_specified,,,,
column,,Share,pct_requests_some_data_disclosed,,,,
column,,Anything,requests_received,,,,
column,ns,Content orders,requests_received,fisa_content,orders,,
column,ns,Other orders,requests_received,fisa_noncontent|nsl,orders,,
column,letters,Number,letters_issued,,,,
column,criminal,Enterprise warrants,requests_received,search_warrant,requests,stored_abroad,
customer_class,,Enterprise warrants,enterprise,,,,
jurisdiction,,Beligum,BE,,,label_typo_suspected,
jurisdiction,,TOTAL,ZZ,,,,
process,,FISA orders,fisa_all,,,,
process,,Letters,nsl,,letters,,
process,criminal,Warrants,search_warrant,,,,
process,ending,,law_enforcement_all,,,,
product,,Phone,skype,,,,
missing,,-,not_reported,,,,
missing,,,not_reported,,,,
missing,,N/A,not_applicable,,,,
missing,,Kept back,withheld,,,,
scheme,ns,/2014-12-31,doj2014_opt1_1000,,,,
scheme,ns,2015-01-01/,ufa_a2_500,,,,
scheme,criminal,/2013-06-30,doj2013_1000,,,,
zero,,/2010-12-31,accounts_specified,,,zero_means_not_reported,
ignore,,Legend,,,,,a note under the table
`

func acme(t testing.TB) *Normalizer {
	t.Helper()
	n, err := newFromFS(fstest.MapFS{"acme.csv": {Data: []byte(acmeLabels)}}, "acme")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func rowsOf(rows ...scrape.Row) ParseFunc {
	return func(scrape.Capture) iter.Seq2[scrape.Row, error] {
		return func(yield func(scrape.Row, error) bool) {
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// row builds a row: keys are "role=text".
func row(table string, line int, header, value string, keys ...string) scrape.Row {
	r := scrape.Row{Table: table, Line: line, Value: scrape.Cell{Header: header, Text: value, At: scrape.Locator{Row: line, Col: 9}}}
	for _, k := range keys {
		role, text, _ := strings.Cut(k, "=")
		r.Keys = append(r.Keys, scrape.Cell{Role: scrape.Role(role), Text: text})
	}
	return r
}

func capture() scrape.Capture {
	c := scrape.BytesCapture([]byte("x"))
	c.Source, c.Name = "acme/report", "file"
	c.RetrievedAt = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	return c
}

type kept struct {
	observations []Observation
	rejects      []Reject
}

func (m *kept) Observation(o *Observation) error {
	m.observations = append(m.observations, *o)
	return nil
}
func (m *kept) Reject(r Reject) error { m.rejects = append(m.rejects, r); return nil }

func normalizeRows(t testing.TB, n *Normalizer, c scrape.Capture, rows ...scrape.Row) (*kept, Book, Survey) {
	t.Helper()
	sv, err := n.Survey(c, rowsOf(rows...))
	if err != nil {
		t.Fatal(err)
	}
	m := &kept{}
	book, err := n.Capture(context.Background(), c, sv, rowsOf(rows...), m)
	if err != nil {
		t.Fatal(err)
	}
	if !book.Balanced() || book.Rows != int64(len(rows)) {
		t.Errorf("book of %d rows is not balanced: %+v", len(rows), book)
	}
	if len(m.observations) != int(book.Observations) || len(m.rejects) != int(book.Rejects) {
		t.Errorf("book %+v, but the sink got %d and %d", book, len(m.observations), len(m.rejects))
	}
	return m, book, sv
}

// Each case is one row; want is the observation in short, or "reject: reason: part of the
// detail", or "ignore: reason".
func TestCaptureRow(t *testing.T) {
	const h1 = "period=2014 H1"
	for _, tc := range []struct {
		name string
		row  scrape.Row
		want string
	}{
		{"plain", row("criminal", 5, "Requests", "7,014", h1, "country=Germany"), "microsoft 2014-H1 DE law_enforcement_all requests_received requests 7014 exact"},
		{"misspelt_country_has_a_row", row("criminal", 5, "Requests", "3", h1, "country=Beligum"), "microsoft 2014-H1 BE law_enforcement_all requests_received requests 3 exact label_typo_suspected"},
		{"country_with_footnote", row("criminal", 5, "Requests", "3", h1, "country=Turkey*"), "microsoft 2014-H1 TR law_enforcement_all requests_received requests 3 exact footnote_mark [*]"},
		{"unknown_country", row("criminal", 5, "Requests", "3", h1, "country=To Be Determined"), "reject: jurisdiction: \"To Be Determined\" of table \"criminal\" is in no row of labels/acme.csv"},
		{"unknown_country_with_help", row("criminal", 5, "Requests", "3", h1, "country=Swizerland"), "reject: jurisdiction: (nearest is \"Switzerland\")"},
		{"empty_country", row("criminal", 5, "Requests", "3", h1, "country= "), "reject: jurisdiction: "},
		{"no_country_and_no_default", row("homeless", 5, "Requests", "3", h1), "reject: jurisdiction: prints no country"},
		{"code", row("criminal", 5, "Requests", "3", h1, "country=Namibia", "country_code=NA"), "microsoft 2014-H1 NA law_enforcement_all requests_received requests 3 exact"},
		{"code_of_an_unknown_name", row("criminal", 5, "Requests", "3", h1, "country=Allemagne", "country_code=de"), "microsoft 2014-H1 DE law_enforcement_all requests_received requests 3 exact"},
		{"code_and_name_disagree", row("criminal", 5, "Requests", "3", h1, "country=Austria", "country_code=AU"), "reject: contradiction: country \"Austria\" is AT"},
		{"unknown_code", row("criminal", 5, "Requests", "3", h1, "country=Germany", "country_code=QQ"), "reject: jurisdiction: country code \"QQ\""},
		{"two_countries", row("criminal", 5, "Requests", "3", h1, "country=Germany", "country=France"), "reject: contradiction: two cells are the line's country"},
		{"total", func() scrape.Row {
			r := row("criminal", 5, "Requests", "3", h1, "country=TOTAL")
			r.Total = true
			return r
		}(), "microsoft 2014-H1 ZZ law_enforcement_all requests_received requests 3 exact total"},
		{"assisting", row("criminal", 5, "Requests", "3", h1, "country=Albania", "assisting=United States"), "microsoft 2014-H1 AL law_enforcement_all requests_received requests 3 exact by US"},
		{"assisting_unknown", row("criminal", 5, "Requests", "3", h1, "country=Albania", "assisting=Freedonia"), "reject: jurisdiction: "},
		{"unknown_role", row("criminal", 5, "Requests", "3", h1, "shoe_size=43"), "reject: held: unknown role"},

		{"fraction", row("criminal", 5, "Requests", "39083.421897734355", h1, "country=TOTAL"), "microsoft 2014-H1 ZZ law_enforcement_all requests_received requests 39083.421897734355 exact non_integer"},
		{"percent", row("criminal", 5, "Share", "54%", h1, "country=Japan"), "microsoft 2014-H1 JP law_enforcement_all pct_requests_some_data_disclosed percent_rounded 54 rounded"},
		{"percent_with_decimals_is_no_odd_count", row("criminal", 5, "Share", "46.8%", h1, "country=Japan"), "microsoft 2014-H1 JP law_enforcement_all pct_requests_some_data_disclosed percent_rounded 46.8 rounded"},
		{"dash", row("criminal", 5, "Requests", " -", h1, "country=Japan"), "microsoft 2014-H1 JP law_enforcement_all requests_received requests  not_reported"},
		{"blank", row("criminal", 5, "Requests", "  ", h1, "country=Japan"), "microsoft 2014-H1 JP law_enforcement_all requests_received requests  not_reported"},
		{"not_applicable", row("criminal", 5, "Requests", "n/a", h1, "country=Japan"), "microsoft 2014-H1 JP law_enforcement_all requests_received requests  not_applicable"},
		{"withheld", row("criminal", 5, "Requests", "Kept back", h1, "country=Japan"), "microsoft 2014-H1 JP law_enforcement_all requests_received requests  withheld"},
		{"no_figure", row("criminal", 5, "Requests", "#REF!", h1, "country=Japan"), "reject: value: \"#REF!\""},
		{"printed_zero", row("criminal", 5, "Accounts", "0", h1, "country=Japan"), "microsoft 2014-H1 JP law_enforcement_all accounts_specified accounts 0 exact"},
		{"zero_that_stands_for_nothing", row("criminal", 5, "Accounts", "0", "period=2010 H2", "country=Japan"), "microsoft 2010-H2 JP law_enforcement_all accounts_specified accounts 0 exact zero_means_not_reported"},
		{"zero_of_another_measure", row("criminal", 5, "Requests", "0", "period=2010 H2", "country=Japan"), "microsoft 2010-H2 JP law_enforcement_all requests_received requests 0 exact"},
		{"footnote_at_figure", row("criminal", 5, "Requests", "1*", h1, "country=Japan"), "microsoft 2014-H1 JP law_enforcement_all requests_received requests 1 exact footnote_mark [*]"},
		{"footnote_at_header", row("criminal", 5, "Requests+", "1", h1, "country=Japan"), "microsoft 2014-H1 JP law_enforcement_all requests_received requests 1 exact footnote_mark [+]"},
		{"german", row("german", 5, "Requests", "6.000", h1, "country=Germany"), "microsoft 2014-H1 DE civil requests_received requests 6000 exact"},

		{"unknown_column", row("criminal", 5, "Requests denied", "1", h1, "country=Japan"), "reject: column: \"Requests denied\""},
		{"ignored_column", row("criminal", 5, "Legend", "1", h1, "country=Japan"), "ignore: a note under the table"},
		{"ignored_country", row("criminal", 5, "Requests", "1", h1, "country=Legend"), "ignore: a note under the table"},
		{"no_unit", row("criminal", 5, "Anything", "1", h1, "country=Japan"), "reject: unit: "},
		{"customer_class_by_header", row("criminal", 5, "Enterprise warrants", "1", h1, "country=US", "country_code=US"), "microsoft 2014-H1 US search_warrant requests_received requests 1 exact enterprise stored_abroad"},
		{"product", row("criminal", 5, "Requests", "1", h1, "country=Japan", "product=Phone"), "skype 2014-H1 JP law_enforcement_all requests_received requests 1 exact"},
		{"unknown_product", row("criminal", 5, "Requests", "1", h1, "country=Japan", "product=Fax"), "reject: product: \"Fax\""},
		{"process_word", row("criminal", 5, "Requests", "1", h1, "country=Japan", "process=Warrants"), "microsoft 2014-H1 JP search_warrant requests_received requests 1 exact"},
		{"process_word_of_another_table", row("homeless", 5, "Requests", "1", h1, "country=Japan", "process=Warrants"), "reject: process: \"Warrants\""},
		{"empty_process_without_a_row", row("criminal", 5, "Requests", "1", h1, "country=Japan", "process="), "reject: process: "},
		{"empty_process_with_a_row", row("ending", 5, "Requests", "1", "period_end=2014-06-30", "country=Japan", "process="), "microsoft 2014-H1 JP law_enforcement_all requests_received requests 1 exact"},
		{"process_counts_in_its_own_unit", row("ns", 5, "Requests", "0 - 999", h1, "process=Letters"), "microsoft 2014-H1 US nsl requests_received letters 0-999 band doj2014_opt1_1000"},
		{"process_unit_does_not_reach_accounts", row("ns", 5, "Accounts", "0 - 999", h1, "process=Letters"), "microsoft 2014-H1 US nsl accounts_specified accounts 0-999 band doj2014_opt1_1000"},
		{"column_is_narrower", row("ns", 5, "Content orders", "0 - 999", h1, "process=FISA orders"), "microsoft 2014-H1 US fisa_content requests_received orders 0-999 band doj2014_opt1_1000"},
		{"column_names_two", row("ns", 5, "Other orders", "0 - 999", h1, "process=FISA orders"), "microsoft 2014-H1 US fisa_noncontent requests_received orders 0-999 band doj2014_opt1_1000"},
		{"column_names_two_line_chooses", row("ns", 5, "Other orders", "0 - 999", h1, "process=Letters"), "microsoft 2014-H1 US nsl requests_received letters 0-999 band doj2014_opt1_1000"},
		{"line_and_column_exclude_each_other", row("ns", 5, "Content orders", "0 - 999", h1, "process=Letters"), "reject: contradiction: exclude each other"},
		{"line_and_column_exclude_each_other_na", row("ns", 5, "Content orders", "N/A", h1, "process=Letters"), "ignore: not applicable: line and column name processes that exclude each other"},

		{"raised_floor", row("ns", 5, "Requests", "6 - 499", "period=2018 H2", "process=Letters"), "microsoft 2018-H2 US nsl requests_received letters 6-499 band ufa_a2_500 raised"},
		{"raised_floor_higher_up", row("ns", 5, "Accounts", "1,508 - 1,999", "period=2018 H2", "process=Letters"), "microsoft 2018-H2 US nsl accounts_specified accounts 1508-1999 band ufa_a2_500 raised"},
		{"too_wide", row("ns", 5, "Accounts", "24,000 - 24,999", "period=2023 H1", "process=FISA orders"), "microsoft 2023-H1 US fisa_all accounts_specified accounts 24000-24999 band ufa_a2_500 width_unexpected"},
		{"round_ends", row("ns", 5, "Accounts", "0-500", "period=2023 H1", "process=FISA orders"), "microsoft 2023-H1 US fisa_all accounts_specified accounts 0-500 band ufa_a2_500 width_unexpected"},
		{"overlapping_ends_of_2013", row("criminal", 5, "Requests", "between 6,000 and 7,000", "period=2012 H2", "country=United States"), "microsoft 2012-H2 US law_enforcement_all requests_received requests 6000-7000 band doj2013_1000"},
		{"band_without_a_scheme", row("criminal", 5, "Requests", "0-249", h1, "country=United States"), "reject: value: declares no band scheme"},
		{"two_cells", func() scrape.Row {
			r := row("ns", 5, "Requests", "500", h1, "process=Letters")
			r.Upper = scrape.Cell{Header: "Max", Text: "999"}
			return r
		}(), "microsoft 2014-H1 US nsl requests_received letters 500-999 band doj2014_opt1_1000 raised"},
		{"two_cells_one_missing", func() scrape.Row {
			r := row("ns", 5, "Requests", "500", h1, "process=Letters")
			r.Upper = scrape.Cell{Header: "Max"}
			return r
		}(), "reject: value: one end is missing"},
		{"two_cells_both_missing", func() scrape.Row {
			r := row("ns", 5, "Requests", "", h1, "process=Letters")
			r.Upper = scrape.Cell{Header: "Max"}
			return r
		}(), "microsoft 2014-H1 US nsl requests_received letters  not_reported"},
		{"letter", row("letters", 5, "Number", "NSL-12-353891", "item=NSL-12-353891", "date=2012-08-09"), "microsoft 2012-08-09 US nsl letters_issued letters 1 exact item NSL-12-353891"},
		{"letter_with_another_figure", row("letters", 5, "Number", "NSL-12-353892", "item=NSL-12-353891", "date=2012-08-09"), "reject: value: "},
		{"letter_without_day", row("letters", 5, "Number", "NSL-12-353891", "item=NSL-12-353891", "date="), "reject: period: "},

		{"half_ending", row("ending", 5, "Requests", "1", "period_end=12/31/2009", "country=Japan"), "microsoft 2009-H2 JP law_enforcement_all requests_received requests 1 exact"},
		{"half_ending_in_the_period_cell", row("ending", 5, "Requests", "1", "period=06/30/2012", "country=Japan"), "microsoft 2012-H1 JP law_enforcement_all requests_received requests 1 exact"},
		{"half_ending_on_no_half", row("ending", 5, "Requests", "1", "period_end=2012-05-31", "country=Japan"), "reject: period: no half-year ends on 2012-05-31"},
		{"half_ending_of_a_year", row("ending", 5, "Requests", "1", "period=2012", "country=Japan"), "reject: period: is no half-year"},
		{"start_end_agree", row("stretch", 5, "Requests", "1", "period=2016 H2", "period_start=7/1/16", "period_end=12/31/16", "country=Japan"), "microsoft 2016-H2 JP account_request requests_received requests 1 exact"},
		{"start_end_disagree", row("stretch", 5, "Requests", "1", "period=2016 H1", "period_start=7/1/16", "period_end=12/31/16", "country=Japan"), "reject: period: period 2016-H1, but its first and last day"},
		{"start_end_without_days", row("stretch", 5, "Requests", "1", "period=2016 H1", "country=Japan"), "reject: period: no first and last day"},
		{"label_checked_against_days_whatever_the_rule", row("criminal", 5, "Requests", "1", "period=2016 H1", "period_start=7/1/16", "period_end=12/31/16", "country=Japan"), "reject: period: "},
		{"year_apart", row("criminal", 5, "Requests", "1", "period=Requests received from January to June", "year=Law Enforcement Requests Report 2017", "country=Japan"), "microsoft 2017-H1 JP law_enforcement_all requests_received requests 1 exact"},
		{"year_contradicts", row("criminal", 5, "Requests", "1", "period=January - June 2016", "year=Report 2017", "country=Japan"), "reject: period: "},
		{"two_titles_agree", row("criminal", 5, "Requests", "1", "period=January - June 2016", "period=2016 H1", "country=Japan"), "microsoft 2016-H1 JP law_enforcement_all requests_received requests 1 exact"},
		{"two_titles_disagree", row("criminal", 5, "Requests", "1", "period=January - June 2016", "period=2016 H2", "country=Japan"), "reject: period: "},
		{"no_period", row("criminal", 5, "Requests", "1", "country=Japan"), "reject: period: no period is printed"},
		{"one_day_in_a_table_of_periods", row("criminal", 5, "Requests", "1", "period=2016-12-31", "country=Japan"), "reject: period: is one day"},
		{"period_not_over_yet", row("criminal", 5, "Requests", "1", "period=2026 H1", "country=Japan"), "reject: period: was not over when the capture was made"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, book, _ := normalizeRows(t, acme(t), capture(), tc.row)
			got := "nothing"
			switch {
			case len(m.observations) == 1:
				got = short(m.observations[0])
			case len(m.rejects) == 1:
				got = "reject: " + m.rejects[0].Reason + ": " + m.rejects[0].Detail
			default:
				for reason := range book.IgnoredBy {
					got = "ignore: " + reason
				}
			}
			if strings.HasPrefix(tc.want, "reject: ") {
				reason, detail, _ := strings.Cut(strings.TrimPrefix(tc.want, "reject: "), ": ")
				if !strings.HasPrefix(got, "reject: "+reason+": ") || !strings.Contains(got, detail) {
					t.Errorf("got  %s\nwant %s", got, tc.want)
				}
				return
			}
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func short(o Observation) string {
	s := []string{o.Service, o.Period.Label(), o.Jurisdiction, o.Process, o.Measure, o.Unit, o.Value.String(), string(o.Exactness)}
	if o.CustomerClass != "all" {
		s = append(s, o.CustomerClass)
	}
	if o.AssistingJurisdiction != "" {
		s = append(s, "by "+o.AssistingJurisdiction)
	}
	if o.BandScheme != "" {
		s = append(s, o.BandScheme)
	}
	if o.FloorRaised {
		s = append(s, "raised")
	}
	if o.Item != "" {
		s = append(s, "item "+o.Item)
	}
	s = append(s, o.QualityFlags...)
	if len(o.Footnotes) > 0 {
		s = append(s, fmt.Sprint(o.Footnotes))
	}
	if o.Total {
		s = append(s, "total")
	}
	return strings.Join(s, " ")
}

// The evidence of a figure is complete.
func TestCaptureEvidence(t *testing.T) {
	r := row("criminal", 12, " Requests\n", "7,014", "period=2014 H1", "country=United  States", "process=Warrants", "product=Phone")
	m, _, sv := normalizeRows(t, acme(t), capture(), r)
	if len(m.observations) != 1 {
		t.Fatalf("rejects: %+v", m.rejects)
	}
	half := halfAt(2014 * 2)
	want := Observation{
		Provider: "acme", Service: "skype", Source: "acme/report", Edition: "acme/report/2014-H1", Period: half,
		Jurisdiction: "US", RequesterLevel: "any", CustomerClass: "all", Process: "search_warrant",
		Measure: "requests_received", Unit: "requests", Value: Point(7014), Exactness: Exact, HighInclusive: true,
		Basis: "as_published", RawText: "7,014", RawLabel: "Requests | United  States | Warrants | Phone",
		Locator: "line 12 column 9", Capture: capture().SHA256, Table: "criminal", Line: 12,
	}
	if diff := cmp.Diff(want, m.observations[0], cmp.Comparer(func(a, b Interval) bool { return a == b })); diff != "" {
		t.Errorf("observation (-want +got):\n%s", diff)
	}
	if sv.Edition != "acme/report/2014-H1" || sv.Label != "2014-H1" {
		t.Errorf("edition %q, label %q", sv.Edition, sv.Label)
	}
}

// The last figure of a file that does not end its line is kept, and says what may be
// wrong with it.
func TestCaptureOpenFigure(t *testing.T) {
	whole, open := row("criminal", 12, "Requests", "70", "period=2014 H1", "country=Germany"), row("criminal", 13, "Requests", "7", "period=2014 H1", "country=France")
	open.Open = true
	m, _, _ := normalizeRows(t, acme(t), capture(), whole, open)
	var got [][]string
	for _, o := range m.observations {
		got = append(got, o.QualityFlags)
	}
	if diff := cmp.Diff([][]string{nil, {"may_be_cut"}}, got); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
}

// A room that reuses the slice of keys for the next line is still read right.
func TestCaptureReadsReusedKeys(t *testing.T) {
	keys := []scrape.Cell{{Role: scrape.RolePeriod, Text: "2014 H1"}, {Role: scrape.RoleCountry, Text: "Germany"}}
	parse := func(scrape.Capture) iter.Seq2[scrape.Row, error] {
		return func(yield func(scrape.Row, error) bool) {
			for _, name := range []string{"Germany", "France", "Germany"} {
				keys[1].Text = name
				r := row("criminal", 5, "Requests", "1")
				r.Keys = keys
				if !yield(r, nil) {
					return
				}
			}
		}
	}
	n, m := acme(t), &kept{}
	sv, err := n.Survey(capture(), parse)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Capture(context.Background(), capture(), sv, parse, m); err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, o := range m.observations {
		got += o.Jurisdiction + " "
	}
	if got != "DE FR DE " {
		t.Errorf("jurisdictions %s", got)
	}
}

func TestHeldAndIgnoredRows(t *testing.T) {
	held := row("criminal", 1, "New column", "5", "period=2014 H1")
	held.Hold = "column \"New column\" is new"
	ignored := row("criminal", 2, "Share", "5", "period=2014 H1")
	ignored.Ignore = "share beside its count"
	both := row("criminal", 3, "Share", "5", "period=2014 H1")
	both.Ignore, both.Hold = "a", "b"
	_, book, _ := normalizeRows(t, acme(t), capture(), held, ignored, both)
	want := Book{Rows: 3, Rejects: 2, Ignores: 1, RejectedBy: map[string]int64{"held": 2}, IgnoredBy: map[string]int64{"share beside its count": 1}}
	if diff := cmp.Diff(want, book); diff != "" {
		t.Errorf("book (-want +got):\n%s", diff)
	}
}

func TestSurveyEdition(t *testing.T) {
	one := func(table, period string) scrape.Row {
		return row(table, 1, "Requests", "1", "period="+period, "country=Japan")
	}
	day := row("letters", 1, "Number", "A-1", "item=A-1", "date=2019-05-04")
	ignored := one("criminal", "2015 H1")
	ignored.Ignore = "out of scope"
	for _, tc := range []struct {
		name, stated string
		rows         []scrape.Row
		want         string // label, "refused" or the flags behind it
	}{
		{"latest_period", "", []scrape.Row{one("criminal", "2014 H1"), one("criminal", "2014 H2"), one("criminal", "2013 H2")}, "2014-H2"},
		{"half_and_year_end_together", "", []scrape.Row{one("criminal", "2014"), one("criminal", "2014 H2")}, "2014-H2"},
		{"stated", "2015-H2", []scrape.Row{one("criminal", "2014 H1"), one("criminal", "2014 H2")}, "2015-H2"},
		{"stated_too_late", "2016-H1", []scrape.Row{one("criminal", "2014 H1"), one("criminal", "2014 H2")}, "refused"},
		{"stated_in_other_words", "2022 H1", []scrape.Row{one("criminal", "2022 H1")}, "2022-H1"},
		{"stated_too_early", "2013-H1", []scrape.Row{one("criminal", "2014 H1")}, "refused"},
		{"stated_is_no_period", "newest", []scrape.Row{one("criminal", "2014 H1")}, "refused"},
		{"two_tables_one_period_each", "", []scrape.Row{one("criminal", "2017 H2"), one("german", "January 2017 - June 2017")}, "2017-H2 period_differs_from_edition"},
		{"two_tables_one_is_cumulative", "", []scrape.Row{one("criminal", "2017 H2"), one("criminal", "2017 H1"), one("german", "2016 H2")}, "2017-H2"},
		{"letters_do_not_name_the_edition", "", []scrape.Row{one("criminal", "2018 H2"), day}, "2018-H2"},
		{"letters_alone", "", []scrape.Row{day}, "2019-05-04"},
		{"ignored_alone", "", []scrape.Row{ignored}, "2015-H1"},
		{"nothing", "", nil, "undated"},
		{"irregular", "", []scrape.Row{one("criminal", "1 Dec 2012 - 31 May 2013")}, "2012-12-01_2013-05-31"},
		{"stated_irregular", "2012-12-01_2013-05-31", []scrape.Row{one("criminal", "1 Dec 2012 - 31 May 2013")}, "2012-12-01_2013-05-31"},
		{"future_period_is_rejected_and_names_nothing", "", []scrape.Row{one("criminal", "2014 H1"), one("criminal", "2099 H1")}, "2014-H1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := capture()
			c.Edition = tc.stated
			sv, err := acme(t).Survey(c, rowsOf(tc.rows...))
			if tc.want == "refused" {
				if err == nil {
					t.Fatalf("edition %q, want an error", sv.Label)
				}
				if strings.HasPrefix(tc.name, "stated_too") && !errors.Is(err, scrape.ErrLayout) {
					t.Errorf("%v does not wrap ErrLayout", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			m := &kept{}
			if _, err := acme(t).Capture(context.Background(), c, sv, rowsOf(tc.rows...), m); err != nil {
				t.Fatal(err)
			}
			flags := map[string]bool{}
			for _, o := range m.observations {
				for _, f := range o.QualityFlags {
					flags[f] = true
				}
			}
			got := sv.Label
			for f := range flags {
				got += " " + f
			}
			if got != tc.want {
				t.Errorf("edition %q, want %q", got, tc.want)
			}
		})
	}
}

// A misprint is corrected only where the table itself proves it.
func TestSequence(t *testing.T) {
	for _, tc := range []struct {
		name, printed string // labels without the dash
		want          string // labels as read; "!" before a corrected one, "x" for a reject
	}{
		{"as_it_should_be", "2011H2 2012H1 2012H2 2013H1", "2011-H2 2012-H1 2012-H2 2013-H1"},
		{"newest_first", "2013H1 2012H2 2012H1 2011H2", "2013-H1 2012-H2 2012-H1 2011-H2"},
		{"printed_twice", "2018H1 2019H2 2019H1 2019H2 2020H1", "2018-H1 !2018-H2 2019-H1 2019-H2 2020-H1"},
		{"printed_twice_newest_first", "2020H1 2019H2 2019H1 2019H2 2018H1", "2020-H1 2019-H2 2019-H1 !2018-H2 2018-H1"},
		{"out_of_order", "2018H1 2028H2 2019H1 2019H2", "2018-H1 !2018-H2 2019-H1 2019-H2"},
		{"first_line", "2019H2 2018H2 2019H1 2019H2 2020H1", "x 2018-H2 2019-H1 x 2020-H1"},
		{"last_line", "2018H1 2018H2 2019H1 2020H2", "2018-H1 2018-H2 2019-H1 x"},
		{"two_misprints", "2018H1 2019H2 2019H1 2019H1 2020H1 2020H2", "x x x x x x"},
		{"three_lines_prove_nothing", "2018H1 2019H2 2019H1", "x x x"},
		{"a_gap_is_no_misprint", "2018H1 2018H2 2019H2 2020H1", "2018-H1 2018-H2 2019-H2 2020-H1"},
		{"a_year_among_halves", "2018H1 2018 2019H1 2019H2", "2018-H1 x 2019-H1 2019-H2"},
		{"no_period_among_halves", "2018H1 soon 2019H1 2019H2", "2018-H1 x 2019-H1 2019-H2"},
		{"one_line", "2018H1", "2018-H1"},
		{"two_lines_twice_the_same", "2018H1 2018H1", "x x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var rows []scrape.Row
			for i, label := range strings.Fields(tc.printed) {
				for _, h := range []string{"Requests", "Accounts"} {
					rows = append(rows, row("ns", i+1, h, "0 - 499", "period="+label, "process=FISA orders"))
				}
			}
			m, _, sv := normalizeRows(t, acme(t), capture(), rows...)
			byLine := map[int]string{}
			for _, o := range m.observations {
				label := o.Period.Label()
				for _, f := range o.QualityFlags {
					if f == "period_label_corrected" {
						label = "!" + label
					}
				}
				if old, ok := byLine[o.Line]; ok && old != label {
					t.Errorf("line %d is %s and %s", o.Line, old, label)
				}
				byLine[o.Line] = label
			}
			var got []string
			for i := range strings.Fields(tc.printed) {
				if byLine[i+1] == "" {
					byLine[i+1] = "x"
				}
				got = append(got, byLine[i+1])
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("periods (-want +got):\n%s", diff)
			}
			if n := strings.Count(tc.want, "!"); len(sv.Corrections) != n {
				t.Errorf("corrections %+v, want %d", sv.Corrections, n)
			}
			for _, r := range m.rejects {
				if r.Reason != ReasonPeriod {
					t.Errorf("reject %+v", r)
				}
			}
		})
	}
}

// Every single misprint in a block of three or more lines is put right or is refused; no figure ever lands in a wrong half-year.
func TestSequenceNeverGuesses(t *testing.T) {
	for n := 3; n <= 8; n++ {
		everySingleMisprint(t, n)
	}
}

func everySingleMisprint(t *testing.T, n int) {
	t.Helper()
	for at := range n {
		for wrong := 4020; wrong < 4050; wrong++ {
			for _, step := range []int{1, -1} {
				lines := make([]blockLine, n)
				for i := range lines {
					lines[i] = blockLine{i, halfAt(4034 + step*i)}
				}
				truth := lines[at].period
				lines[at].period = halfAt(wrong)
				for i, fix := range proveSequence(lines) {
					got := lines[i].period
					if !fix.period.IsZero() {
						got = fix.period
					}
					if fix.out.stops() {
						continue
					}
					if want := halfAt(4034 + step*i); got != want {
						t.Fatalf("line %d of %d with line %d printed as %s instead of %s is read as %s", i, n, at, halfAt(wrong), truth, got)
					}
				}
			}
		}
	}
}

func TestCaptureErrors(t *testing.T) {
	n := acme(t)
	boom := errors.New("boom")
	broken := func(scrape.Capture) iter.Seq2[scrape.Row, error] {
		return func(yield func(scrape.Row, error) bool) { yield(scrape.Row{}, boom) }
	}
	if _, err := n.Survey(capture(), broken); !errors.Is(err, boom) {
		t.Errorf("Survey: %v", err)
	}
	if _, err := n.Capture(context.Background(), capture(), Survey{}, broken, &kept{}); !errors.Is(err, boom) {
		t.Errorf("Capture: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := row("criminal", 1, "Requests", "1", "period=2014 H1", "country=Japan")
	if _, err := n.Capture(ctx, capture(), Survey{}, rowsOf(r), &kept{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Capture of a cancelled run: %v", err)
	}
	if _, err := n.Capture(context.Background(), capture(), Survey{}, rowsOf(r), failing{boom}); !errors.Is(err, boom) {
		t.Errorf("Capture into a failing sink: %v", err)
	}
	other := capture()
	other.Source = "google/user-data"
	if _, err := n.Survey(other, rowsOf(r)); err == nil {
		t.Error("a capture of another provider is surveyed")
	}
	if _, err := New("nobody"); !errors.Is(err, ErrLabel) {
		t.Errorf("New(nobody): %v", err)
	}
}

type failing struct{ err error }

func (f failing) Observation(*Observation) error { return f.err }
func (f failing) Reject(Reject) error            { return f.err }

// Every provider that has labels has a normalizer.
func TestNewForEveryProvider(t *testing.T) {
	for _, p := range labels.Providers() {
		if _, err := New(p); err != nil {
			t.Error(err)
		}
	}
}

// Whatever a report prints, a row ends as an observation that the schema can hold, or as
// a reject with its reason and text, or as an ignore.
func FuzzCapture(f *testing.F) {
	f.Add("criminal", "Requests", "7,014", "", "2014 H1", "Germany", "Warrants")
	f.Add("ns", "Other orders", "0", "499", "July - Dec 2011", "", "Letters")
	f.Add("ending", "Share", "54%", "", "12/31/2009", "Turkey*", "")
	f.Add("letters", "Number", "A-1", "", "2012-08-09", "x", "FISA orders")
	n := acme(f)
	f.Fuzz(func(t *testing.T, table, header, value, upper, period, country, process string) {
		r := row(table, 1, header, value)
		if upper != "" {
			r.Upper = scrape.Cell{Text: upper}
		}
		r.Keys = []scrape.Cell{
			{Role: scrape.RolePeriod, Text: period}, {Role: scrape.RoleCountry, Text: country}, {Role: scrape.RoleProcess, Text: process},
		}
		m, _, _ := normalizeRows(t, n, capture(), r)
		for i := range m.observations {
			o := &m.observations[i]
			if err := recordable(o); err != nil {
				t.Fatal(err)
			}
			for code, ok := range map[string]bool{
				o.Jurisdiction: n.vocab.HasJurisdiction(o.Jurisdiction), o.Process: n.vocab.HasProcess(o.Process),
				o.Measure: n.vocab.HasMeasure(o.Measure), o.Unit: n.vocab.HasUnit(o.Unit), o.Service: n.vocab.HasService(o.Service),
			} {
				if !ok {
					t.Fatalf("code %q is in no list", code)
				}
			}
		}
		for _, r := range m.rejects {
			if r.Reason == "" || r.Detail == "" || r.Locator == "" {
				t.Fatalf("reject %+v", r)
			}
		}
	})
}

func TestSeriesKeyGolden(t *testing.T) {
	o := Observation{
		Service: "google", Period: halfAt(2013 * 2), Jurisdiction: "DE", RequesterLevel: "any", CustomerClass: "all",
		Process: "law_enforcement_all", Measure: "requests_received", Unit: "requests",
	}
	// Stored warehouses hold these keys: a change here breaks every one of them.
	const want = uint64(18319142112299223801)
	if got := o.SeriesKey(); got != want {
		t.Errorf("SeriesKey = %d, want %d", got, want)
	}
	seen := map[uint64]string{want: "as it was"}
	for name, change := range map[string]func(*Observation){
		"service":      func(o *Observation) { o.Service = "gcp" },
		"period":       func(o *Observation) { o.Period = halfAt(2013*2 + 1) },
		"jurisdiction": func(o *Observation) { o.Jurisdiction = "FR" },
		"assisting":    func(o *Observation) { o.AssistingJurisdiction = "US" },
		"level":        func(o *Observation) { o.RequesterLevel = "state" },
		"class":        func(o *Observation) { o.CustomerClass = "enterprise" },
		"process":      func(o *Observation) { o.Process = "nsl" },
		"measure":      func(o *Observation) { o.Measure = "requests_processed" },
		"unit":         func(o *Observation) { o.Unit = "orders" },
		"item":         func(o *Observation) { o.Item = "NSL-1" },
	} {
		c := o
		change(&c)
		if old, ok := seen[c.SeriesKey()]; ok {
			t.Errorf("%s has the key of %s", name, old)
		}
		seen[c.SeriesKey()] = name
	}
	c := o
	c.Edition, c.Value, c.RawText, c.Capture, c.QualityFlags = "google/user-data/2014-H1", Point(1), "1", "x", []string{"non_integer"}
	if c.SeriesKey() != want {
		t.Error("edition, value or evidence change the key")
	}
}

func TestAppendDay(t *testing.T) {
	for at := civil(1998, 12, 30); at.Year() < 2031; at = at.AddDate(0, 0, 17) {
		if got, want := string(appendDay(nil, at)), at.Format(time.DateOnly); got != want {
			t.Fatalf("appendDay = %s, want %s", got, want)
		}
	}
	if got := string(appendDay(nil, time.Time{})); got != "0001-01-01" {
		t.Errorf("appendDay of the zero time = %s", got)
	}
}

func TestBookAdd(t *testing.T) {
	var b Book
	b.Add(Book{Rows: 3, Observations: 1, Rejects: 1, Ignores: 1, RejectedBy: map[string]int64{"value": 1}, IgnoredBy: map[string]int64{"x": 1}})
	b.Add(Book{Rows: 1, Rejects: 1, RejectedBy: map[string]int64{"value": 1}})
	want := Book{Rows: 4, Observations: 1, Rejects: 2, Ignores: 1, RejectedBy: map[string]int64{"value": 2}, IgnoredBy: map[string]int64{"x": 1}}
	if diff := cmp.Diff(want, b); diff != "" || !b.Balanced() {
		t.Errorf("Add (-want +got):\n%s", diff)
	}
}

func TestSorted(t *testing.T) {
	if diff := cmp.Diff([]string{"a", "b"}, sorted([]string{"b", "a", "b"})); diff != "" || !sort.StringsAreSorted(sorted([]string{"b", "a"})) {
		t.Error(diff)
	}
}

// count is a sink that keeps nothing.
type count struct{ n int }

func (c *count) Observation(*Observation) error { c.n++; return nil }
func (c *count) Reject(Reject) error            { return errors.New("reject") }

// benchRows yields lines of Google's user-data table, three figures each.
func benchRows(lines int) ParseFunc {
	countries := []string{"Germany", "France", "United States", "Japan", "Brazil", "India", "Italy", "Spain"}
	codes := []string{"DE", "FR", "US", "JP", "BR", "IN", "IT", "ES"}
	var ends []string
	for y := 2010; y < 2024; y++ {
		ends = append(ends, fmt.Sprintf("%d-06-30", y), fmt.Sprintf("%d-12-31", y))
	}
	return func(scrape.Capture) iter.Seq2[scrape.Row, error] {
		return func(yield func(scrape.Row, error) bool) {
			for i := range lines {
				at := func(col int) scrape.Locator { return scrape.Locator{Row: i + 2, Col: col} }
				keys := []scrape.Cell{
					{Role: scrape.RolePeriodEnd, Text: ends[i/8%len(ends)], At: at(1)},
					{Role: scrape.RoleCountry, Text: countries[i%8], At: at(2)},
					{Role: scrape.RoleCountryCode, Text: codes[i%8], At: at(3)},
					{Role: scrape.RoleProcess, Text: "", At: at(4)},
				}
				for col, header := range []string{"Requests", "Share", "Accounts"} {
					text := "1234"
					if header == "Share" {
						text = "66"
					}
					if !yield(scrape.Row{Table: "ending", Line: i + 2, Keys: keys, Value: scrape.Cell{Header: header, Text: text, At: at(5 + col)}}, nil) {
						return
					}
				}
			}
		}
	}
}

func BenchmarkCapture(b *testing.B) {
	n, parse := acme(b), benchRows(154_600/10)
	c := capture()
	b.ReportAllocs()
	figures := 0
	for b.Loop() {
		sv, err := n.Survey(c, parse)
		if err != nil {
			b.Fatal(err)
		}
		s := &count{}
		if _, err := n.Capture(context.Background(), c, sv, parse, s); err != nil {
			b.Fatal(err)
		}
		figures += s.n
	}
	b.ReportMetric(float64(figures)/b.Elapsed().Seconds(), "figures/s")
}
