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

// ordered audits lines given as "2018-H1 DE Germany" of a sorted table and returns check,
// half-year and jurisdiction of what is held; "?" in front of what is only told.
func ordered(t *testing.T, source, table string, lines []string) (out []string) {
	t.Helper()
	a, err := New(scrape.Capture{Source: source, Excerpt: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range lines {
		f := strings.SplitN(l, " ", 3)
		a.Observation(&normalize.Observation{
			Service: "s", Source: source, Period: halfYear(f[0]), Jurisdiction: f[1], CustomerClass: "all", RequesterLevel: "any",
			Process: "p", Measure: "requests_received", Unit: "requests", Value: normalize.Point(float64(i)), Exactness: normalize.Exact, RawText: "x",
			RawLabel: "header | " + f[2], Locator: scrape.Locator{Row: i + 2, Col: 2}.String(), Table: table, Line: i + 2,
		})
	}
	for _, f := range a.Close() {
		if f.Check != CheckOrder {
			continue
		}
		s := f.Scope.Period.Label() + " " + f.Scope.Jurisdiction
		if !f.Hold {
			s = "? " + s
		}
		out = append(out, strings.TrimSpace(s))
	}
	return out
}

func TestOrder(t *testing.T) {
	half := func(h string, names ...string) (out []string) {
		for _, n := range names {
			out = append(out, h+" "+strings.ToUpper(n[:2])+" "+n)
		}
		return out
	}
	all := []string{"Austria", "Brazil", "Chile", "Denmark", "Ecuador", "France", "Germany", "Hungary"}
	// many are so many lines whose codes run against their names; with byCode they stand by code.
	many := func(h string, n int, byCode bool) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf("%s %c%c Land %02d", h, 'A'+(n-1-i)/26, 'A'+(n-1-i)%26, i))
		}
		if byCode {
			slices.Reverse(out)
		}
		return out
	}
	join := func(lists ...[]string) (out []string) {
		for _, l := range lists {
			out = append(out, l...)
		}
		return out
	}
	for _, tc := range []struct {
		name  string
		lines []string
		want  []string
	}{
		{"sorted", join(half("2018-H1", all...), half("2018-H2", all...)), nil},
		{"accents_and_capitals", half("2018-H1", "Austria", "Bosnia", "Côte d’Ivoire", "Czechia", "US Virgin Islands", "Uganda", "Ukraine"), nil},
		{"from_z_to_a", half("2018-H1", "Hungary", "Germany", "France", "Ecuador", "Denmark"), nil},
		{"by_code", []string{"2018-H1 AT Österreich", "2018-H1 CH Schweiz", "2018-H1 DE Deutschland", "2018-H1 ES Spanien", "2018-H1 FR Frankreich"}, nil},
		{"two_names_exchanged", half("2018-H1", "Austria", "Brazil", "Germany", "Denmark", "Ecuador", "France", "Chile", "Hungary"), []string{
			"2018-H1 CH", "2018-H1 DE", "2018-H1 FR", "2018-H1 GE",
		}},
		{"a_line_of_another_half-year", join(half("2018-H1", all[:4]...), half("2018-H2", "Ecuador"), half("2018-H1", all[5:]...), half("2018-H2", all...)), []string{
			"2018-H1 FR", "2018-H2 EC",
		}},
		{"a_half-year_under_the_one_before", join(half("2018-H1", all...), half("2018-H1", "Austria", "Brazil", "Chile", "Denmark")), []string{
			"2018-H1", "2018-H1 AU", "2018-H1 HU",
		}},
		{"two_lists_of_one_half-year", join(half("2018-H1", all...), half("2018-H1", "Belgium", "Finland"), half("2018-H2", all...)), []string{
			"2018-H1 BE", "2018-H1 FI", "2018-H1 HU",
		}},
		{"one_line_twice", half("2018-H1", "Austria", "Brazil", "Brazil", "Chile", "Denmark"), []string{"? 2018-H1 BR"}},
		{"a_half-year_sorted_otherwise", join(many("2016-H2", 60, false), many("2017-H1", 60, false), many("2017-H2", 60, false), many("2018-H1", 60, true)), []string{"? 2018-H1"}},
		{"three_lines_twice", join(many("2017-H2", 60, false), half("2018-H1", "Austria", "Austria", "Brazil", "Brazil", "Chile", "Chile", "Denmark")), []string{
			"? 2018-H1 AU", "? 2018-H1 BR", "? 2018-H1 CH",
		}},
		{"not_sorted_at_all", half("2018-H1", "Hungary", "Austria", "Germany", "Brazil", "France", "Chile"), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, ordered(t, "apple/requests", "device", tc.lines)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	t.Run("two_lists_below_one_half-year", func(t *testing.T) {
		// The half-year stands in the file's name, and no line can have that of another one.
		lists := join(half("2020-H1", all...), half("2020-H1", "Belgium", "Finland"))
		if diff := cmp.Diff([]string{"? 2020-H1 BE"}, ordered(t, "meta/government-requests", "government_requests", lists)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		again := join(half("2020-H1", all...), half("2020-H1", all[:4]...))
		if diff := cmp.Diff([]string{"2020-H1", "2020-H1 AU", "2020-H1 HU"}, ordered(t, "meta/government-requests", "government_requests", again)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
	t.Run("pinned_neighbours", func(t *testing.T) {
		lines := half("2020-H1", "Austria", "Brazil", "Rwanda", "Reunion", "Samoa", "Spain", "Sweden", "Taiwan")
		if got := ordered(t, "meta/government-requests", "government_requests", lines); got != nil && !strings.HasPrefix(got[0], "?") {
			t.Errorf("held %q, want nothing: the pair is pinned", got)
		}
	})
}

// TestOrder_apart sorts the figures beside names that stay where they were.
func TestOrder_apart(t *testing.T) {
	for _, tc := range []struct {
		name  string
		value func(half, line int) float64
		want  []string // half-years that are held, "" for the table
	}{
		{"in_no_order", func(_, i int) float64 { return float64(i * 7 % 20) }, nil},
		{"falling_in_one_half-year", func(h, i int) float64 {
			if h == 1 {
				return float64(100 - i)
			}
			return float64(i * 7 % 20)
		}, []string{"2018-H2"}},
		{"rising_over_all", func(h, i int) float64 { return float64(20*h + i) }, []string{""}},
		{"few_figures_alike", func(_, i int) float64 { return float64(i / 5) }, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, err := New(scrape.Capture{Source: "apple/requests", Excerpt: true})
			if err != nil {
				t.Fatal(err)
			}
			line := 1
			for h, label := range []string{"2018-H1", "2018-H2", "2019-H1"} {
				for i := range 20 {
					line++
					a.Observation(&normalize.Observation{
						Service: "s", Source: "apple/requests", Period: halfYear(label), Jurisdiction: string(rune('A'+i)) + "A", CustomerClass: "all", RequesterLevel: "any",
						Process: "device_request", Measure: "devices_specified", Unit: "devices", Value: normalize.Point(tc.value(h, i)), Exactness: normalize.Exact, RawText: "x",
						RawLabel: "header | " + string(rune('A'+i)), Locator: scrape.Locator{Row: line, Col: 2}.String(), Table: "device", Line: line,
					})
				}
			}
			var got []string
			for _, f := range a.Close() {
				if f.Check != CheckOrder && f.Check != CheckColumns || !f.Hold || !strings.Contains(f.Detail, "sorted apart") {
					continue
				}
				label := ""
				if !f.Scope.Period.IsZero() {
					label = f.Scope.Period.Label()
				}
				got = append(got, label)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestFoldName(t *testing.T) {
	for in, want := range map[string]string{"Côte d’Ivoire": "cote divoire", "Türkiye": "turkiye", "Åland": "aland", "Łódź": "lodz", "USA": "usa"} {
		if got := foldName(in); got != want {
			t.Errorf("foldName(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestOpening_other_table reads the bands of one table under the name of another one, which has
// the same headers.
func TestOpening_other_table(t *testing.T) {
	for _, tc := range []struct {
		accounts float64 // low end of the band of 2009-H1
		held     bool
	}{{2000, false}, {2003, false}, {0, true}, {2500, true}} {
		a, err := New(scrape.Capture{Source: "google/user-data"})
		if err != nil {
			t.Fatal(err)
		}
		for i, label := range []string{"2009-H2", "2009-H1"} {
			a.Observation(&normalize.Observation{
				Service: "google", Source: "google/user-data", Period: halfYear(label), Jurisdiction: "US", CustomerClass: "all", RequesterLevel: "any",
				Process: "fisa_content", Measure: "accounts_specified", Unit: "accounts", Value: normalize.Range(tc.accounts, 2999), Exactness: normalize.Band, RawText: "x",
				Locator: scrape.Locator{Row: i + 2, Col: 4}.String(), Table: "fisa_content", Line: i + 2,
			})
		}
		held := false
		for _, f := range a.Close() {
			held = held || f.Hold && strings.Contains(f.Detail, "another table under this name")
		}
		if held != tc.held {
			t.Errorf("accounts from %v on: held %v, want %v", tc.accounts, held, tc.held)
		}
	}
}
