package normalize

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParsePeriod(t *testing.T) {
	halfEnd := PeriodOptions{HalfEnding: true}
	for _, tc := range []struct {
		name, text string
		o          PeriodOptions
		want       string // label, "refused" for an error
		kind       PeriodKind
	}{
		{name: "year_h", text: "2013 H1", want: "2013-H1", kind: Half},
		{name: "underscore", text: "2014_H2", want: "2014-H2", kind: Half},
		{name: "dash", text: "2016-H2", want: "2016-H2", kind: Half},
		{name: "glued", text: "2016H2", want: "2016-H2", kind: Half},
		{name: "h_year", text: "H1 2013", want: "2013-H1", kind: Half},
		{name: "1h", text: "1H2013", want: "2013-H1", kind: Half},
		{name: "1h_spaced", text: "2H 2013", want: "2013-H2", kind: Half},
		{name: "first_half", text: "2012 (1st half)", want: "2012-H1", kind: Half},
		{name: "second_half_of", text: "second half of 2013", want: "2013-H2", kind: Half},
		{name: "last_half_of", text: "Microsoft’s U.S. law enforcement and national security requests for last half of 2012", want: "2012-H2", kind: Half},
		{name: "halbjahr", text: "1. Halbjahr 2014", want: "2014-H1", kind: Half},
		{name: "zweites_halbjahr", text: "zweites Halbjahr 2014", want: "2014-H2", kind: Half},
		{name: "last_six_months_of", text: "last six months of 2012", want: "2012-H2", kind: Half},
		{name: "short_months", text: "Jan - June 2021", want: "2021-H1", kind: Half},
		{name: "july_dec", text: "July - Dec 2011", want: "2011-H2", kind: Half},
		{name: "two_years", text: "Jan 2023 – Jun 2023", want: "2023-H1", kind: Half},
		{name: "comma", text: "January – June, 2014", want: "2014-H1", kind: Half},
		{name: "long_with_years", text: "January 2017 - June 2017", want: "2017-H1", kind: Half},
		{name: "long_second", text: "July 2021 - December 2021", want: "2021-H2", kind: Half},
		{name: "prefixed", text: "Reporting Period: July 2021 - December 2021", want: "2021-H2", kind: Half},
		{name: "title", text: "Requests received for all Microsoft Services from July to December 2020", want: "2020-H2", kind: Half},
		{name: "title_with_comma", text: "Requests received for all Microsoft Services from January – June, 2014", want: "2014-H1", kind: Half},
		{name: "title_v1", text: "Combined Microsoft Services (including Skype): January - June 2013 Law Enforcement Requests Report", want: "2013-H1", kind: Half},
		{name: "title_civil", text: "Civil Legal Request Disclosures, January 2017 - June 2017", want: "2017-H1", kind: Half},
		{name: "title_civil_2022", text: "Civil Requests Report January - June 2022", want: "2022-H1", kind: Half},
		{name: "link_text", text: "Law Enforcement Requests Report 2022 (July-December)", want: "2022-H2", kind: Half},
		{name: "year_apart_agrees", text: "Law Enforcement Requests Report 2014: January - June 2014", want: "2014-H1", kind: Half},
		{name: "year_apart_disagrees", text: "Law Enforcement Requests Report 2015: January - June 2014", want: "refused"},
		{name: "year_in_front_and_another_behind", text: "Report 2013: July - December 2014", want: "refused"},
		{name: "year_in_front_of_both", text: "2012 Dec - 2013 May", want: "2012-12-01/2013-05-31", kind: Irregular},
		{name: "year_from_the_title", text: "Requests received from January to June", o: PeriodOptions{Year: 2017}, want: "2017-H1", kind: Half},
		{name: "year_missing", text: "Requests received from January to June", want: "refused"},
		{name: "year_of_title_disagrees", text: "January - June 2017", o: PeriodOptions{Year: 2018}, want: "refused"},
		{name: "twitter", text: "January - June 2017", want: "2017-H1", kind: Half},
		{name: "linkedin", text: "2025: July-December", want: "2025-H2", kind: Half},
		{name: "linkedin_dot", text: "2011 July-December.", want: "2011-H2", kind: Half},
		{name: "tiktok", text: "Jan-Jun 2019", want: "2019-H1", kind: Half},
		{name: "file_name", text: "Facebook_Global_Government_Requests_2013_Jan-June.csv", want: "2013-H1", kind: Half},
		{name: "file_name_meta", text: "PRPL-Facebook-Government-Report-2019_H2.csv", want: "2019-H2", kind: Half},
		{name: "file_name_lerr", text: "Microsoft LERR_2022_H1.xlsx", want: "2022-H1", kind: Half},
		{name: "wikimedia", text: "juldec14", want: "2014-H2", kind: Half},
		{name: "wikimedia_year", text: "jul12jun13", want: "2012-07-01/2013-06-30", kind: FiscalYear},
		{name: "german", text: "Juli bis Dezember 2012", want: "2012-H2", kind: Half},
		{name: "german_umlaut", text: "März 2013", want: "2013-03", kind: Month},
		{name: "french", text: "janvier à juin 2013", want: "2013-H1", kind: Half},
		{name: "french_abbreviated", text: "juil. - déc. 2013", want: "2013-H2", kind: Half},
		{name: "german_six_months", text: "In den letzten 6 Monaten bis 31.Dezember 2012", want: "2012-H2", kind: Half},
		{name: "english_six_months", text: "For the six months ended December 31, 2012, Microsoft received", want: "2012-H2", kind: Half},
		{name: "six_months_irregular", text: "six months ended May 31, 2013", want: "2012-12-01/2013-05-31", kind: Irregular},
		{name: "six_months_mid_month", text: "six months ended May 30, 2013", want: "refused"},

		{name: "year", text: "2012", want: "2012", kind: Year},
		{name: "calendar_year", text: "Calendar Year 2012", want: "2012", kind: Year},
		{name: "quarter", text: "Q1 2014", want: "2014-Q1", kind: Quarter},
		{name: "quarter_last", text: "2014-Q4", want: "2014-Q4", kind: Quarter},
		{name: "month", text: "May 2013", want: "2013-05", kind: Month},
		{name: "month_iso", text: "2013-05", want: "2013-05", kind: Month},
		{name: "irregular", text: "1 Dec 2012 - 31 May 2013", want: "2012-12-01/2013-05-31", kind: Irregular},
		{name: "irregular_english", text: "from December 1, 2012 to May 31, 2013", want: "2012-12-01/2013-05-31", kind: Irregular},
		{name: "irregular_iso", text: "2012-12-01/2013-05-31", want: "2012-12-01/2013-05-31", kind: Irregular},
		{name: "amazon", text: "Jan 1 - May 31, 2015", want: "2015-01-01/2015-05-31", kind: Irregular},
		{name: "seven_months", text: "Jan.–July 2016", want: "2016-01-01/2016-07-31", kind: Irregular},
		{name: "whole_year_of_months", text: "January - December 2012", want: "2012", kind: Year},
		{name: "fiscal", text: "FY2013", o: PeriodOptions{FiscalStart: time.October}, want: "2012-10-01/2013-09-30", kind: FiscalYear},
		{name: "fiscal_undeclared", text: "FY2013", want: "refused"},

		{name: "ending_us", text: "12/31/2009", o: halfEnd, want: "2009-H2", kind: Half},
		{name: "ending_us_june", text: "06/30/2012", o: halfEnd, want: "2012-H1", kind: Half},
		{name: "ending_day_first", text: "31/12/09", o: halfEnd, want: "2009-H2", kind: Half},
		{name: "ending_short_us", text: "12/31/09", o: halfEnd, want: "2009-H2", kind: Half},
		{name: "ending_iso", text: "2009-12-31", o: halfEnd, want: "2009-H2", kind: Half},
		{name: "ending_german", text: "31.12.2009", o: halfEnd, want: "2009-H2", kind: Half},
		{name: "ending_no_half", text: "2009-12-30", o: halfEnd, want: "refused"},
		{name: "ending_quarter", text: "2009-03-31", o: halfEnd, want: "refused"},
		{name: "day", text: "2012-08-09", want: "2012-08-09", kind: Day},
		{name: "day_words", text: "9 August 2012", want: "2012-08-09", kind: Day},
		{name: "two_dates", text: "7/1/16 - 12/31/16", want: "2016-H2", kind: Half},

		{name: "empty", text: "", want: "refused"},
		{name: "words", text: "TOTAL", want: "refused"},
		{name: "two_periods", text: "Jan - June 2013 and July - Dec 2013", want: "refused"},
		{name: "two_halves", text: "2013 H1 / 2013 H2", want: "refused"},
		{name: "two_quarters", text: "2021 - Q1/Q2", want: "refused"},
		{name: "half_and_year", text: "H1 2013 - 2014", want: "refused"},
		{name: "year_range", text: "2013-2014", want: "refused"},
		{name: "short_second_year", text: "Jan - June 2013-14", want: "refused"},
		{name: "same_period_twice", text: "2013 H1 (January - June 2013)", want: "2013-H1", kind: Half},
		{name: "backwards", text: "December - July 2013", want: "refused"},
		{name: "no_third_half", text: "2013 H3", want: "refused"},
		{name: "fifth_quarter", text: "Q5 2013", want: "refused"},
		{name: "half_without_year", text: "H1", want: "refused"},
		{name: "bare_year_in_a_title", text: "Law Enforcement Requests Report 2017", want: "refused"},
		{name: "old_year", text: "1066", want: "refused"},
		{name: "two_digit_year", text: "Jan - June 13", want: "refused"},
		{name: "no_such_day", text: "2013-02-30", want: "refused"},
		{name: "no_such_month", text: "2013-13", want: "refused"},
		{name: "ambiguous_day", text: "7/1/16", want: "refused"},
		{name: "may_the_verb", text: "Requests that may be received, January - June 2014", want: "2014-H1", kind: Half},
		{name: "stray_month", text: "Updated in October: January - June 2014", want: "refused"},
		{name: "day_and_half", text: "2013-06-14: July - December 2012", want: "refused"},
		{name: "footnote", text: "Jan - June 2021*", want: "2021-H1", kind: Half},
		{name: "long", text: strings.Repeat("x", 2001), want: "refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := ParsePeriod(tc.text, tc.o)
			if tc.want == "refused" {
				if err == nil {
					t.Fatalf("ParsePeriod(%q) = %s, want an error", tc.text, p.Label())
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tc.want, string(tc.kind)}, []string{p.Label(), string(p.Kind)}); diff != "" {
				t.Errorf("ParsePeriod(%q) (-want +got):\n%s", tc.text, diff)
			}
		})
	}
}

func TestParseDays(t *testing.T) {
	for _, tc := range []struct{ name, start, end, want string }{
		{"apple_first", "1/1/13", "6/30/13", "2013-H1"},
		{"apple_second", "7/1/16", "12/31/16", "2016-H2"},
		{"day_first", "01/07/2022", "31/12/2022", "2022-H2"},
		{"iso", "2022-07-01", "2022-12-31", "2022-H2"},
		{"irregular", "12/1/12", "5/31/13", "2012-12-01/2013-05-31"},
		{"backwards", "12/31/16", "7/1/16", "refused"},
		{"two_readings", "1/2/16", "3/4/16", "refused"},
		{"no_year", "1 July", "31 December", "refused"},
		{"empty", "", "6/30/13", "refused"},
		{"text_behind", "1/1/13 x", "6/30/13", "refused"},
		{"month_only", "2013-01", "2013-06", "refused"},
		{"orders_that_contradict", "30/6/13", "12/31/13", "refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := ParseDays(tc.start, tc.end)
			got := p.Label()
			if err != nil {
				got = "refused"
			}
			if got != tc.want {
				t.Errorf("ParseDays(%q, %q) = %s, want %s (%v)", tc.start, tc.end, got, tc.want, err)
			}
		})
	}
}

func TestParseDay(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"iso", "2012-08-09", "2012-08-09"},
		{"unambiguous_us", "8/13/2012", "2012-08-13"},
		{"same_either_way", "8/8/2012", "2012-08-08"},
		{"ambiguous", "8/9/2012", "refused"},
		{"german", "17.06.2013", "2013-06-17"},
		{"range", "2012-08-09/2012-08-10", "refused"},
		{"no_day", "August 2012", "refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at, err := ParseDay(tc.text)
			got := at.Format(time.DateOnly)
			if err != nil {
				got = "refused"
			}
			if got != tc.want {
				t.Errorf("ParseDay(%q) = %s, want %s (%v)", tc.text, got, tc.want, err)
			}
		})
	}
}

// ParsePeriod reads every label back, for every stretch of whole months and some of days.
func TestParsePeriodReadsLabelsBack(t *testing.T) {
	check := func(p Period) {
		t.Helper()
		got, err := ParsePeriod(p.Label(), PeriodOptions{})
		if err != nil || got != p {
			t.Errorf("ParsePeriod(%q) = %+v, %v", p.Label(), got, err)
		}
	}
	for y := 2009; y <= 2014; y++ {
		for m := 1; m <= 12; m++ {
			start := civil(y, m, 1)
			for n := 1; n <= 26; n++ {
				check(NewPeriod(start, start.AddDate(0, n, -1)))
			}
			for _, d := range []int{0, 1, 27, 40, 179, 364} {
				check(NewPeriod(start.AddDate(0, 0, 4), start.AddDate(0, 0, 4+d)))
			}
		}
	}
	if got := NewPeriod(civil(2013, 2, 1), civil(2013, 1, 1)); !got.IsZero() || got.Label() != "" {
		t.Errorf("a period that ends before it starts: %+v", got)
	}
}

func TestHalfIndex(t *testing.T) {
	for i := 2009 * 2; i < 2030*2; i++ {
		if got, ok := halfAt(i).halfIndex(); !ok || got != i {
			t.Errorf("halfAt(%d) is %s, number %d", i, halfAt(i), got)
		}
	}
}

func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"2013 H1", "Jan - June 2021", "12/31/2009", "juldec14", "jul12jun13", "2012-12-01/2013-05-31",
		"letzten 6 Monaten bis 31.Dezember 2012", "January – June, 2014", "FY2013", "2012", "Q1 2014", "7/1/16 - 12/31/16"} {
		f.Add(s, 0, false)
		f.Add(s, 2013, true)
	}
	f.Fuzz(func(t *testing.T, s string, year int, halfEnding bool) {
		p, err := ParsePeriod(s, PeriodOptions{Year: year, HalfEnding: halfEnding, FiscalStart: time.October})
		if err != nil {
			if !p.IsZero() {
				t.Fatalf("ParsePeriod(%q): a period beside an error", s)
			}
			return
		}
		if p.IsZero() || p.End.Before(p.Start) || p.Start.Year() < firstYear-1 || p.End.Year() > lastYear {
			t.Fatalf("ParsePeriod(%q) = %+v", s, p)
		}
		again, err := ParsePeriod(p.Label(), PeriodOptions{})
		if p.Start.Year() < firstYear {
			return // the fiscal year 1990 starts in a year that is no reporting year
		}
		if err != nil || again != p {
			t.Fatalf("ParsePeriod(%q) prints %q, read back as %+v, %v", s, p.Label(), again, err)
		}
	})
}
