package audit

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/normalize"
	"daylight/scrape"
)

// printed is one figure of a line; a negative value is an empty cell.
type printed struct {
	process, measure, unit string
	value                  float64
}

// linesOf hands lines of one table to an auditor with all declared relations. A line is
// named by its jurisdiction; lines are of one half-year.
func linesOf(t *testing.T, source, table, half string, lines map[string][]printed, order ...string) []Finding {
	t.Helper()
	a, err := New(scrape.Capture{Source: source, Excerpt: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, place := range order {
		for j, p := range lines[place] {
			o := normalize.Observation{
				Service: "s", Source: source, Period: halfYear(half), Jurisdiction: place, CustomerClass: "all", RequesterLevel: "any",
				Process: p.process, Measure: p.measure, Unit: p.unit, Value: normalize.Point(p.value), Exactness: normalize.Exact, RawText: "x",
				RawLabel: "header | " + place, Locator: scrape.Locator{Row: i + 2, Col: j + 2}.String(), Table: table, Line: i + 2,
			}
			if p.value < 0 {
				o.Value, o.Exactness, o.RawText = normalize.Interval{}, normalize.NotReported, ""
			}
			a.Observation(&o)
		}
	}
	return a.Close()
}

const pct = "percent_rounded"

func google(requests, share, accounts float64) []printed {
	return []printed{
		{"other_legal_request", "requests_received", "requests", requests},
		{"other_legal_request", "pct_requests_some_data_disclosed", pct, share},
		{"other_legal_request", "accounts_specified", "accounts", accounts},
	}
}

// TestShareOfWholeNumber: a rounded share beside its requests alone.
func TestShareOfWholeNumber(t *testing.T) {
	for _, tc := range []struct {
		name            string
		requests, share float64
		want            []string
	}{
		{"half_of_two", 2, 50, nil},
		{"half_of_one", 1, 50, []string{"percent a share of 1 50"}},
		{"a_third", 3, 33, nil},
		{"two_thirds_cut_instead_of_rounded", 9, 66, []string{"percent a share of 9 66"}},
		{"any_of_many", 137, 61, nil},
		{"of_none", 0, 12, []string{"percent a share of 0 12"}},
		{"none_of_none", 0, 0, nil},
		{"all_of_none", 0, 100, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := open(linesOf(t, "google/user-data", "user_data", "2018-H1", map[string][]printed{"DE": google(tc.requests, tc.share, tc.requests+1)}, "DE"))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestSharesCut: shares that are cut to whole percents are doubtful among rounded ones alone.
func TestSharesCut(t *testing.T) {
	requests := []float64{3, 7, 9, 11, 13, 17}
	table := func(whole func(float64) float64, odd ...string) (lines map[string][]printed, order []string) {
		lines = map[string][]printed{}
		for i, n := range requests {
			place := string(rune('A'+i)) + "A"
			share := whole(200 / n) // of two requests each
			if slices.Contains(odd, place) {
				share = math.Floor(200 / n)
			}
			lines[place], order = google(n, share, n+1), append(order, place)
		}
		return lines, order
	}
	held := func(lines map[string][]printed, order []string) (out []string) {
		for _, f := range linesOf(t, "google/user-data", "user_data", "2018-H1", lines, order...) {
			s := f.Check + " " + f.Scope.Jurisdiction
			if !f.Hold {
				s = "? " + s
			}
			out = append(out, s)
		}
		return out
	}
	if diff := cmp.Diff([]string(nil), held(table(math.Round))); diff != "" {
		t.Errorf("all rounded: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"percent AA"}, held(table(math.Round, "AA"))); diff != "" {
		t.Errorf("one cut: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"? percent AA"}, held(table(math.Floor))); diff != "" {
		t.Errorf("all cut: -want +got:\n%s", diff)
	}
}

// open lists check, expected and found of each open finding.
func open(findings []Finding) (out []string) {
	for _, f := range findings {
		if f.Status == StatusOpen {
			out = append(out, f.Check+" "+f.Expected+" "+f.Found)
		}
	}
	return out
}

// TestNeeds: what is printed beside what. The whole line is held.
func TestNeeds(t *testing.T) {
	for _, tc := range []struct {
		name string
		line []printed
		want []string
	}{
		{"all_there", google(4, 50, 8), nil},
		{"preservation_has_no_share", google(4, -1, 8), nil},
		{"nothing_at_all", google(-1, -1, -1), nil},
		{"shifted_by_one", google(-1, 4, 50), []string{"needs requests_received nothing", "needs requests_received nothing"}},
		{"no_accounts", google(4, 50, -1), []string{"needs accounts_specified nothing"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found := linesOf(t, "google/user-data", "user_data", "2018-H1", map[string][]printed{"DE": tc.line}, "DE")
			if diff := cmp.Diff(tc.want, open(found)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for _, f := range found {
				if !f.Hold || f.Scope.Jurisdiction != "DE" || f.Scope.Measures != nil {
					t.Errorf("%s holds %t of %+v, want the whole line", f.Check, f.Hold, f.Scope)
				}
			}
		})
	}
}

// TestMean: the share of all requests lies between those of its two kinds.
func TestMean(t *testing.T) {
	line := func(all, legal, emergency float64) []printed {
		var out []printed
		for _, p := range []struct {
			process string
			n, v    float64
		}{{"law_enforcement_all", 1000, all}, {"legal_process_all", 900, legal}, {"emergency_disclosure", 100, emergency}} {
			out = append(out, printed{p.process, "requests_received", "requests", p.n}, printed{p.process, "accounts_specified", "accounts", p.n},
				printed{p.process, "pct_requests_some_data_disclosed", pct, p.v})
		}
		return out
	}
	for _, tc := range []struct {
		name string
		line []printed
		want []string
	}{
		{"as_it_must_be", line(68, 67, 75), nil},
		{"within_the_rounding", line(69, 68, 75), nil},
		{"exchanged", line(75, 67, 68), []string{"mean 66.60-67.60 75"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := open(linesOf(t, "meta/government-requests", "government_requests", "2018-H1", map[string][]printed{"DE": tc.line}, "DE"))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestWholeLine: one cell that holds something else holds its line.
func TestWholeLine(t *testing.T) {
	t.Run("fraction", func(t *testing.T) {
		got := open(linesOf(t, "google/user-data", "user_data", "2018-H1", map[string][]printed{"DE": google(400, 50, 800.5), "FR": google(4, 50, 8)}, "DE", "FR"))
		if diff := cmp.Diff([]string{"range whole numbers a fraction at line 2 column 4"}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
	t.Run("marks", func(t *testing.T) {
		for s, want := range map[string]bool{"": true, " - ": true, "n.a.": true, "*": true, "TBD": true, "none": false, "Germany": false, "2017-12-31": false, "40%": false, "I2": false} {
			if got := isMark(s); got != want {
				t.Errorf("isMark(%q) = %t, want %t", s, got, want)
			}
		}
	})
	t.Run("unreadable", func(t *testing.T) {
		a, err := New(scrape.Capture{Source: "google/user-data", Excerpt: true})
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range [][]printed{google(4, 50, 8), google(5, 40, 9), google(6, 50, 8)} {
			for j, p := range line {
				at := scrape.Locator{Row: i + 2, Col: j + 2}.String()
				if i == 1 && j == 0 {
					a.Reject(normalize.Reject{Table: "user_data", Locator: at, Reason: normalize.ReasonValue, RawText: "40%", Measure: p.measure})
					continue
				}
				a.Observation(&normalize.Observation{
					Service: "s", Source: "google/user-data", Period: halfYear("2018-H1"), Jurisdiction: []string{"DE", "FR", "IT"}[i], CustomerClass: "all",
					Process: p.process, Measure: p.measure, Unit: p.unit, Value: normalize.Point(p.value), Exactness: normalize.Exact, RawText: "x",
					Locator: at, Table: "user_data", Line: i + 2,
				})
			}
		}
		found := a.Close()
		if diff := cmp.Diff([]string{"line figures something else at line 3 column 2"}, open(found)); diff != "" {
			t.Fatalf("-want +got:\n%s", diff)
		}
		if f := found[0]; !f.Hold || f.Scope.Jurisdiction != "FR" || f.Scope.Measures != nil {
			t.Errorf("it holds %t of %+v, want the whole line", f.Hold, f.Scope)
		}
	})
	t.Run("band_of_another", func(t *testing.T) {
		a, err := New(scrape.Capture{Source: "meta/government-requests", Excerpt: true})
		if err != nil {
			t.Fatal(err)
		}
		for i, place := range []string{"DE", "US"} {
			a.Observation(&normalize.Observation{
				Service: "s", Source: "meta/government-requests", Period: halfYear("2013-H1"), Jurisdiction: place, CustomerClass: "all",
				Process: "law_enforcement_all", Measure: "requests_received", Unit: "requests", Value: normalize.Range(11000, 12000), Exactness: normalize.Band,
				BandScheme: "doj2013_1000", RawText: "x", Locator: scrape.Locator{Row: i + 2, Col: 2}.String(), Table: "first_report", Line: i + 2,
			})
		}
		var held []string
		for _, f := range a.Close() {
			if f.Check == CheckBand {
				held = append(held, f.Scope.Jurisdiction+" "+f.Found)
			}
		}
		if diff := cmp.Diff([]string{"DE a band at line 2 column 2"}, held); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// TestBegin: a table that begins with another half-year than in every known edition.
func TestBegin(t *testing.T) {
	for _, tc := range []struct {
		name   string
		halves []string
		held   bool
	}{
		{"as_known", []string{"2016-H2", "2017-H1", "2017-H2"}, false},
		{"moved_back", []string{"2016-H1", "2016-H2", "2017-H1"}, true},
		{"moved_on_or_cut", []string{"2017-H1", "2017-H2", "2018-H1"}, true},
		{"moved_on_by_a_year", []string{"2017-H2", "2018-H1"}, true},
		{"the_newest_years_alone", []string{"2018-H1", "2018-H2", "2019-H1"}, false},
		{"one_half-year_alone", []string{"2017-H1"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, err := New(scrape.Capture{Source: "apple/requests"})
			if err != nil {
				t.Fatal(err)
			}
			for i, half := range tc.halves {
				for _, m := range []string{"requests_received", "financial_identifiers_specified"} {
					a.Observation(&normalize.Observation{
						Service: "apple", Source: "apple/requests", Period: halfYear(half), Jurisdiction: "DE", CustomerClass: "all", Process: "financial_identifier_request",
						Measure: m, Unit: "requests", Value: normalize.Point(3), Exactness: normalize.Exact, RawText: "3",
						Locator: scrape.Locator{Row: i + 2, Col: 5}.String(), Table: "financial_identifier", Line: i + 2,
					})
				}
			}
			held := false
			for _, f := range a.Close() {
				held = held || f.Hold
			}
			if held != tc.held {
				t.Errorf("held %t, want %t", held, tc.held)
			}
		})
	}
}

// TestBegin_opening: the figures of the first half-year tell a table whose half-years were
// moved from one that leaves some out.
func TestBegin_opening(t *testing.T) {
	for _, tc := range []struct {
		name    string
		figures []float64 // of the United States, 2017-H1 and 2017-H2
		held    bool
	}{
		{"moved_on", []float64{944, 741}, true},
		{"first_half-year_left_out", []float64{741, 811}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, err := New(scrape.Capture{Source: "apple/requests"})
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range tc.figures {
				for _, m := range []string{"requests_received", "financial_identifiers_specified"} {
					a.Observation(&normalize.Observation{
						Service: "apple", Source: "apple/requests", Period: halfYear([]string{"2017-H1", "2017-H2"}[i]), Jurisdiction: "US", CustomerClass: "all", Process: "financial_identifier_request",
						Measure: m, Unit: "requests", Value: normalize.Point(v), Exactness: normalize.Exact, RawText: "x",
						Locator: scrape.Locator{Row: i + 2, Col: 5}.String(), Table: "financial_identifier", Line: i + 2,
					})
				}
			}
			held, told := false, false
			for _, f := range a.Close() {
				held, told = held || f.Hold, told || f.Check == CheckContinuity && f.Expected == "from 2016-H2"
			}
			if held != tc.held || told == tc.held {
				t.Errorf("held %t, told %t, want %t and %t", held, told, tc.held, !tc.held)
			}
		})
	}
}
