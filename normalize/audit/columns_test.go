package audit

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/normalize"
	"daylight/scrape"
)

// googleLines is a table of twenty countries: requests, share, accounts.
func googleLines() [][3]float64 {
	var out [][3]float64
	for i := range 20 {
		n := float64(90 + 20*i)
		out = append(out, [3]float64{n, 60, 2 * n})
	}
	return out
}

// exchange swaps two columns below their headers.
func exchange(lines [][3]float64, a, b int) [][3]float64 {
	for i := range lines {
		lines[i][a], lines[i][b] = lines[i][b], lines[i][a]
	}
	return lines
}

// readGoogle hands the lines to an auditor as the normalizer would: a share above 100 is
// a reject. A negative figure is a blank cell.
func readGoogle(t *testing.T, lines [][3]float64) []Finding {
	t.Helper()
	a := newTest(t, scrape.Capture{Source: "google/user-data"})
	for i, l := range lines {
		for j, m := range []struct{ measure, unit string }{
			{"requests_received", "requests"}, {"pct_requests_some_data_disclosed", "percent_rounded"}, {"accounts_specified", "accounts"},
		} {
			at := scrape.Locator{Row: i + 2, Col: j + 5}.String()
			if m.unit == "percent_rounded" && l[j] > 100 {
				a.Reject(normalize.Reject{Table: "user_data", Locator: at, Reason: normalize.ReasonValue, Measure: m.measure})
				continue
			}
			o := normalize.Observation{
				Provider: "google", Service: "google", Source: "google/user-data", Period: halfYear("2018-H1"),
				Jurisdiction: fmt.Sprintf("X%d", i), CustomerClass: "all", RequesterLevel: "any",
				Process: []string{"other_legal_request", "emergency_disclosure"}[i%2], Measure: m.measure, Unit: m.unit,
				Value: normalize.Point(l[j]), Exactness: normalize.Exact, Locator: at, Table: "user_data", Line: i + 2,
			}
			if l[j] < 0 {
				o.Value, o.Exactness = normalize.Interval{}, normalize.NotReported
			}
			a.Observation(&o)
		}
	}
	return a.Close()
}

// TestColumns_exchanged shifts whole columns of a table that prints no total and no
// identity, which is all that Google gives us to notice it by.
func TestColumns_exchanged(t *testing.T) {
	blank := func(lines [][3]float64, at int) [][3]float64 {
		for i := range lines {
			lines[i][at] = -1
		}
		return lines
	}
	for _, tc := range []struct {
		name  string
		lines [][3]float64
		want  []string // expected and found of each finding that must hold the table
	}{
		{"as_printed", googleLines(), nil},
		{"requests_and_accounts", exchange(googleLines(), 0, 2), []string{"at most 5600 11200"}},
		{"requests_and_shares", exchange(googleLines(), 0, 1), []string{"figures of pct_requests_some_data_disclosed 19 that are none"}},
		{"accounts_and_shares", exchange(googleLines(), 1, 2), []string{"at most 1200 5600", "figures of pct_requests_some_data_disclosed 20 that are none"}},
		{"accounts_blank", blank(googleLines(), 2), []string{"figures nothing"}},
		{"shares_blank", blank(googleLines(), 1), []string{"figures nothing"}},
		{"two_slips_in_shares", append(googleLines(), [3]float64{100, 101, 200}, [3]float64{100, 101, 200}), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, f := range readGoogle(t, tc.lines) {
				if f.Check != CheckColumns || !f.Hold || f.Status != StatusOpen {
					t.Errorf("finding %+v, want open ones of check columns that hold", f)
				}
				got = append(got, f.Expected+" "+f.Found)
				for _, process := range []string{"other_legal_request", "emergency_disclosure"} {
					o := normalize.Observation{Service: "google", Process: process, Measure: "accounts_specified", Jurisdiction: "DE", Period: halfYear("2009-H2")}
					if !f.Scope.Matches(&o) {
						t.Errorf("scope %+v leaves out %s", f.Scope, process)
					}
				}
				if o := (normalize.Observation{Service: "google", Process: "nsl"}); f.Scope.Matches(&o) {
					t.Errorf("scope %+v covers another table", f.Scope)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestColumns_relation_broken_by_many: accounts take no part in the identity of outcomes,
// but when the identity fails line after line they are not sure either.
func TestColumns_relation_broken_by_many(t *testing.T) {
	s := sheet{table: "criminal", process: "law_enforcement_all", period: "2018-H1"}
	for i := range 12 {
		v := [6]float64{20, 30, 1, 9, 5, 5}
		if i < 4 {
			v[1], v[2] = v[2], v[1] // accounts and content exchanged
		}
		s.lines = append(s.lines, sheetLine{fmt.Sprintf("X%d", i), v})
	}
	a := newTest(t, scrape.Capture{})
	obs := s.observations()
	for i := range obs {
		a.Observation(&obs[i])
	}
	for _, f := range a.Close() {
		if f.Check == CheckColumns && f.Hold && f.Found == "broken by 4 lines" {
			for i := range obs {
				if !f.Scope.Matches(&obs[i]) {
					t.Fatalf("%s of %s is left out of %+v", obs[i].Measure, obs[i].Jurisdiction, f.Scope)
				}
			}
			return
		}
	}
	t.Error("no finding that holds the table")
}

// TestLine_two_relations_broken: one line of Apple's shifted by a cell breaks several
// relations, and then its accounts, which are in none of them, do not load either.
func TestLine_two_relations_broken(t *testing.T) {
	for _, tc := range []struct {
		name     string
		provided float64
		share    float64
		want     bool // accounts are held
	}{
		{"agrees", 30, 75, false},
		{"share_is_off", 30, 60, false},
		{"shifted", 50, 12, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newTest(t, scrape.Capture{Source: "apple/requests"})
			var accounts normalize.Observation
			for i, c := range []struct {
				measure, unit string
				v             float64
			}{
				{"requests_received", "requests", 40}, {"devices_specified", "devices", 90},
				{"requests_some_data_disclosed", "requests", tc.provided}, {"pct_requests_some_data_disclosed", "percent_rounded", tc.share},
			} {
				o := normalize.Observation{
					Provider: "apple", Service: "apple", Period: halfYear("2018-H1"), Jurisdiction: "DE", Process: "device_request",
					Measure: c.measure, Unit: c.unit, Value: normalize.Point(c.v), Exactness: normalize.Exact,
					Locator: scrape.Locator{Row: 2, Col: i + 5}.String(), Table: "device", Line: 2,
				}
				if c.unit == "devices" {
					accounts = o
				}
				a.Observation(&o)
			}
			got := false
			for _, f := range a.Close() {
				got = got || f.Hold && f.Scope.Matches(&accounts)
			}
			if got != tc.want {
				t.Errorf("accounts held: %t, want %t", got, tc.want)
			}
		})
	}
}

// TestBandsOnly: the file was cut inside its last band.
func TestBandsOnly(t *testing.T) {
	a := newTest(t, scrape.Capture{Source: "apple/requests"})
	for _, f := range []fig{
		bandOf("us_national_security", "nsl", "requests_received", "2018-H1", 2, 0, 499, "ufa_a2_500"),
		{table: "us_national_security", process: "nsl", measure: "requests_received", unit: "letters", period: "2018-H2", jurisdiction: "US", line: 3, value: normalize.Point(0)},
	} {
		o := f.observation()
		a.Observation(&o)
	}
	want := []brief{{"band", "open", true, "nsl", "US", "requests_received", "a band", "0"}}
	if diff := cmp.Diff(want, briefs(a.Close())); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// TestBands_of_another_scheme: lines of bands that are not as wide as the scheme of their
// half-year hold their table, unless they are the newest ones.
func TestBands_of_another_scheme(t *testing.T) {
	for _, tc := range []struct {
		name  string
		odd   string
		table bool
	}{
		{"in_between", "2018-H2", true},
		{"the_oldest", "2018-H1", true},
		{"the_newest", "2019-H1", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newTest(t, scrape.Capture{Source: "microsoft/usnsor"})
			for i, half := range []string{"2018-H1", "2018-H2", "2019-H1"} {
				for _, m := range []string{"requests_received", "accounts_specified"} {
					high := 499.0
					if half == tc.odd {
						high = 249
					}
					o := bandOf("ns", "nsl", m, half, i+2, 0, high, "ufa_a2_500").observation()
					a.Observation(&o)
				}
			}
			table, lines := false, 0
			for _, f := range a.Close() {
				switch {
				case f.Check == CheckColumns && f.Hold:
					table = true
				case f.Check == CheckBand && f.Hold && f.Scope.Period.Label() == tc.odd:
					lines++
				}
			}
			if table != tc.table || lines != 2 {
				t.Errorf("holds the table %t and %d figures of %s, want %t and 2", table, lines, tc.odd, tc.table)
			}
		})
	}
}

// TestBands_next: one figure in the band above the lowest is no exchange of columns, one far
// above is.
func TestBands_next(t *testing.T) {
	for _, tc := range []struct {
		low  float64
		want bool
	}{{500, false}, {1000, true}} {
		a := newTest(t, scrape.Capture{Source: "microsoft/usnsor"})
		for i, half := range []string{"2017-H2", "2018-H1", "2018-H2", "2019-H1"} {
			orders := 0.0
			if half == "2019-H1" {
				orders = tc.low
			}
			for _, o := range []fig{
				bandOf("ns", "fisa_content", "requests_received", half, i+2, orders, orders+499, "ufa_a2_500"),
				bandOf("ns", "fisa_content", "accounts_specified", half, i+2, 14000, 14499, "ufa_a2_500"),
				bandOf("ns", "fisa_noncontent", "requests_received", half, i+2, 0, 499, "ufa_a2_500"),
				bandOf("ns", "fisa_noncontent", "accounts_specified", half, i+2, 0, 499, "ufa_a2_500"),
			} {
				o := o.observation()
				a.Observation(&o)
			}
		}
		held := slices.ContainsFunc(a.Close(), func(f Finding) bool { return f.Check == CheckColumns && f.Hold })
		if held != tc.want {
			t.Errorf("orders from %v: the table is held: %t, want %t", tc.low, held, tc.want)
		}
	}
}

// TestBandsOnly_words: a line whose figures are to come holds itself alone, and bands of no
// scheme hold their table.
func TestBandsOnly_words(t *testing.T) {
	for _, tc := range []struct {
		text string
		want bool
	}{
		{"Data subject to six month reporting delay", false},
		{"0 - 777", true},
	} {
		a := newTest(t, scrape.Capture{Source: "apple/requests"})
		o := bandOf("us_national_security", "nsl", "requests_received", "2018-H1", 2, 0, 499, "ufa_a2_500").observation()
		a.Observation(&o)
		for i, m := range []string{"requests_received", "accounts_specified"} {
			a.Reject(normalize.Reject{Table: "us_national_security", Locator: scrape.Locator{Row: 3, Col: i + 5}.String(),
				Reason: normalize.ReasonValue, RawText: tc.text, Measure: m})
		}
		held := slices.ContainsFunc(a.Close(), func(f Finding) bool { return f.Check == CheckColumns && f.Hold })
		if held != tc.want {
			t.Errorf("%q: the table is held: %t, want %t", tc.text, held, tc.want)
		}
	}
}

// TestColumns_rare_outcomes: two rare outcomes may change places by chance, by a little.
func TestColumns_rare_outcomes(t *testing.T) {
	for _, tc := range []struct {
		content float64 // of each of four lines
		want    bool
	}{{5, false}, {9, true}} {
		s := sheet{table: "emergencies", process: "emergency_disclosure", period: "2019-H2"}
		for i := range 4 {
			s.lines = append(s.lines, sheetLine{fmt.Sprintf("X%d", i), [6]float64{30 + tc.content, 60, tc.content, 23, 4, 3}})
		}
		a, err := New(scrape.Capture{Source: "microsoft/lerr"})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range s.observations() {
			a.Observation(&o)
		}
		held := slices.ContainsFunc(a.Close(), func(f Finding) bool { return f.Check == CheckColumns && f.Hold })
		if held != tc.want {
			t.Errorf("%v requests with content beside 4 and 3 without: the table is held: %t, want %t", tc.content, held, tc.want)
		}
	}
}

// TestContinuity_thin_end: the file was cut at a line end.
func TestContinuity_thin_end(t *testing.T) {
	for _, tc := range []struct {
		name   string
		counts []int // lines of each half-year
		want   string
	}{
		{"whole", []int{60, 70, 68}, ""},
		{"cut", []int{60, 70, 20}, "20"},
		{"cut_at_the_half_year", []int{60, 70}, ""},
		{"too_few_to_tell", []int{10, 12, 3}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newTest(t, scrape.Capture{Source: "google/user-data"})
			line := 1
			for h, n := range tc.counts {
				for i := range n {
					line++
					o := fig{table: "user_data", process: "law_enforcement_all", measure: "requests_received", unit: "requests",
						period: fmt.Sprintf("20%d-H1", 12+h), jurisdiction: fmt.Sprintf("X%d", i), line: line, value: normalize.Point(5)}.observation()
					o.Period = halfPeriod(2012*2 + h)
					a.Observation(&o)
				}
			}
			got := ""
			for _, f := range a.Close() {
				if f.Check == CheckContinuity {
					got = f.Found
				}
			}
			if got != tc.want {
				t.Errorf("found %q, want %q", got, tc.want)
			}
		})
	}
}

// TestUnraised: Google's three tables of bands have the same headers, and a file of
// letters was renamed to one of orders.
func TestUnraised(t *testing.T) {
	for _, tc := range []struct {
		name  string
		floor float64
		want  []string
	}{
		{"orders", 0, nil},
		{"letters", 2, []string{"a raised floor at "}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newTest(t, scrape.Capture{Source: "google/user-data"})
			o := bandOf("fisa_content", "fisa_content", "requests_received", "2018-H1", 2, tc.floor, 499, "ufa_a2_500").observation()
			o.FloorRaised = tc.floor > 0
			a.Observation(&o)
			var got []string
			for _, f := range a.Close() {
				if f.Check == CheckColumns {
					got = append(got, strings.TrimSuffix(f.Found, o.Locator))
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestColumns_keys_contradict: the headers of content and non-content were exchanged, so
// that letters stand under orders for content. The lines of the other block read well.
func TestColumns_keys_contradict(t *testing.T) {
	for _, tc := range []struct {
		name    string
		rejects int
		want    bool
	}{{"a_slip", 2, false}, {"a_block", 10, true}} {
		t.Run(tc.name, func(t *testing.T) {
			a := newTest(t, scrape.Capture{Source: "microsoft/usnsor"})
			for i := range 20 {
				o := bandOf("ns", "fisa_content", "requests_received", "2018-H1", 2+i, 0, 499, "ufa_a2_500").observation()
				o.Period = halfPeriod(2015*2 + i)
				a.Observation(&o)
			}
			for i := range tc.rejects {
				a.Reject(normalize.Reject{Table: "ns", Locator: fmt.Sprintf("S!D%d", 30+i), Reason: normalize.ReasonContradicted})
			}
			got := false
			for _, f := range a.Close() {
				got = got || f.Check == CheckColumns && f.Hold
			}
			if got != tc.want {
				t.Errorf("held: %t, want %t", got, tc.want)
			}
		})
	}
}
