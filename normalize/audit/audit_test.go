package audit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daylight/normalize"
	"daylight/scrape"
)

func halfYear(label string) normalize.Period {
	var y, h int
	if _, err := fmt.Sscanf(label, "%d-H%d", &y, &h); err != nil {
		panic(err)
	}
	return halfPeriod(y*2 + h - 1)
}

var measures = []string{"requests_received", "accounts_specified", "outcome_content", "outcome_noncontent_only", "outcome_no_data_found", "outcome_rejected"}

// sheet builds the observations of one Microsoft workbook table. A line is the country
// and its six figures; the country "ZZ" is the TOTAL line, a negative figure is a blank
// cell.
type sheet struct {
	table, process, period string
	lines                  []sheetLine
}

type sheetLine struct {
	country string
	v       [6]float64
}

func (s sheet) observations() []normalize.Observation {
	var out []normalize.Observation
	for i, l := range s.lines {
		for j, m := range measures {
			unit := "requests"
			if m == "accounts_specified" {
				unit = "accounts"
			}
			o := normalize.Observation{
				Provider: "microsoft", Service: "microsoft", Source: "microsoft/lerr",
				Period: halfYear(s.period), Jurisdiction: l.country, CustomerClass: "all", RequesterLevel: "any",
				Process: s.process, Measure: m, Unit: unit, Value: normalize.Point(l.v[j]), Exactness: normalize.Exact,
				Locator: scrape.Locator{Sheet: "S", Row: i + 5, Col: j + 2}.String(),
				Total:   l.country == "ZZ", Table: s.table, Line: i + 5,
			}
			if l.v[j] < 0 {
				o.Value, o.Exactness = normalize.Interval{}, normalize.NotReported
			}
			out = append(out, o)
		}
	}
	return out
}

func criminal(lines ...sheetLine) sheet {
	return sheet{table: "criminal", process: "law_enforcement_all", period: "2018-H1", lines: lines}
}

// newTest returns an auditor with the declared relations that the tests of this file, of
// columns_test.go and of watch_test.go are about; shape_test.go and order_test.go are about
// the others, which would speak about every little table here.
func newTest(t *testing.T, c scrape.Capture) *Auditor {
	t.Helper()
	if c.Source == "" {
		c.Source = "microsoft/lerr"
	}
	all, err := declared()
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := schemes()
	if err != nil {
		t.Fatal(err)
	}
	some := &tables{pins: all.pins}
	for _, r := range all.relations {
		switch {
		case r.check == CheckNeeds, r.check == CheckMean, r.check == CheckOrder,
			r.check == CheckPercent && len(r.parts) == 0,
			r.check == CheckColumns && len(r.parts) > 0 && strings.HasPrefix(r.parts[0].measure, "outcome_") &&
				(r.parts[0].measure != "outcome_content" || r.whole.measure != "outcome_noncontent_only" || r.table == "civil"):
			continue
		case r.check == CheckContinuity:
			r.from = time.Time{}
		}
		some.relations = append(some.relations, r)
	}
	return newAuditor(c, some, scheme)
}

// brief is what the tests compare of a finding.
type brief struct {
	Check, Status         string
	Hold                  bool
	Process, Jurisdiction string
	Measures              string
	Expected, Found       string
}

func briefs(fs []Finding) []brief {
	var out []brief
	for _, f := range fs {
		if f.Check == CheckColumns {
			continue // columns_test.go
		}
		out = append(out, brief{f.Check, f.Status, f.Hold, f.Scope.Process, f.Scope.Jurisdiction,
			strings.Join(f.Scope.Measures, " "), f.Expected, f.Found})
	}
	return out
}

const partition = "requests_received outcome_content outcome_noncontent_only outcome_no_data_found outcome_rejected"

func TestMicrosoftTables(t *testing.T) {
	total := sheetLine{"ZZ", [6]float64{30, 50, 3, 15, 6, 6}}
	de := sheetLine{"DE", [6]float64{10, 20, 0, 5, 2, 3}}
	fr := sheetLine{"FR", [6]float64{20, 30, 3, 10, 4, 3}}
	for _, tc := range []struct {
		name    string
		capture scrape.Capture
		sheet   sheet
		edit    func([]normalize.Observation) []normalize.Observation
		rejects map[int]normalize.Reject // before the observation of this index
		want    []brief
		counts  []Count
	}{
		{
			name:   "consistent",
			sheet:  criminal(total, de, fr),
			counts: []Count{{Check: "partition", Checked: 3}, {Check: "range", Checked: 18}, {Check: "total", Checked: 6}},
		},
		{
			name:   "total_last",
			sheet:  criminal(de, fr, total),
			counts: []Count{{Check: "partition", Checked: 3}, {Check: "range", Checked: 18}, {Check: "total", Checked: 6}},
		},
		{
			name:  "one_line_swaps_accounts_and_requests",
			sheet: criminal(total, de, sheetLine{"FR", [6]float64{30, 20, 3, 10, 4, 3}}),
			want: []brief{
				{"partition", "open", true, "law_enforcement_all", "FR", partition, "30", "20"},
				{"total", "open", true, "law_enforcement_all", "", "accounts_specified", "50", "40"},
				{"total", "open", true, "law_enforcement_all", "", "requests_received", "30", "40"},
			},
		},
		{
			name: "columns_swapped_in_the_whole_table",
			sheet: criminal(sheetLine{"ZZ", [6]float64{50, 30, 3, 15, 6, 6}}, sheetLine{"DE", [6]float64{20, 10, 0, 5, 2, 3}},
				sheetLine{"FR", [6]float64{30, 20, 3, 10, 4, 3}}),
			want: []brief{
				{"partition", "open", true, "law_enforcement_all", "DE", partition, "20", "10"},
				{"partition", "open", true, "law_enforcement_all", "FR", partition, "30", "20"},
				{"partition", "open", true, "law_enforcement_all", "ZZ", partition, "50", "30"},
			},
		},
		{
			name:  "total_of_another_column",
			sheet: criminal(sheetLine{"ZZ", [6]float64{30, 50, 6, 15, 6, 3}}, de, fr),
			want: []brief{
				{"total", "open", true, "law_enforcement_all", "", "outcome_content", "6", "3"},
				{"total", "open", true, "law_enforcement_all", "", "outcome_rejected", "3", "6"},
			},
		},
		{
			name:    "lost_line",
			sheet:   criminal(total, de),
			want:    lost("10", "20", "0", "5", "2", "3"),
			capture: scrape.Capture{},
		},
		{
			name:    "excerpt_leaves_lines_out",
			capture: scrape.Capture{Excerpt: true},
			sheet:   criminal(total, de),
			counts:  []Count{{Check: "partition", Checked: 2}, {Check: "range", Checked: 12}, {Check: "total", Checked: 6, Partial: 6}},
		},
		{
			name:    "excerpt_exceeds_the_total",
			capture: scrape.Capture{Excerpt: true},
			sheet:   criminal(total, sheetLine{"DE", [6]float64{10, 51, 0, 5, 2, 3}}),
			want:    []brief{{"total", "open", true, "law_enforcement_all", "", "accounts_specified", "50", "51"}},
		},
		{
			name:  "rejected_line_leaves_an_upper_bound",
			sheet: criminal(total, de),
			rejects: map[int]normalize.Reject{
				6: {Table: "criminal", Locator: "S!B7", Reason: normalize.ReasonJurisdiction},
			},
			counts: []Count{{Check: "partition", Checked: 2}, {Check: "range", Checked: 12}, {Check: "total", Checked: 6, Partial: 6}},
		},
		{
			name:  "rejected_cell_leaves_an_upper_bound_for_its_line",
			sheet: criminal(total, de, fr),
			edit: func(o []normalize.Observation) []normalize.Observation {
				return append(o[:8:8], o[9:]...) // DE outcome_content
			},
			rejects: map[int]normalize.Reject{8: {Table: "criminal", Locator: "S!D6", Reason: normalize.ReasonValue}},
			counts:  []Count{{Check: "partition", Checked: 3, Partial: 1}, {Check: "range", Checked: 17}, {Check: "total", Checked: 6, Partial: 6}},
		},
		{
			name:  "reject_of_another_table_weakens_nothing",
			sheet: criminal(total, de),
			rejects: map[int]normalize.Reject{
				6: {Table: "civil", Locator: "T!B7"},
			},
			want: lost("10", "20", "0", "5", "2", "3"),
		},
		{
			name:   "blank_cell_adds_nothing",
			sheet:  criminal(total, sheetLine{"DE", [6]float64{10, 20, -1, 5, 2, 3}}, fr),
			counts: []Count{{Check: "partition", Checked: 3}, {Check: "range", Checked: 17}, {Check: "total", Checked: 6}},
		},
		{
			name:  "blank_cell_hides_a_figure_of_the_total",
			sheet: criminal(total, sheetLine{"DE", [6]float64{10, -1, 0, 5, 2, 3}}, fr),
			want:  []brief{{"total", "open", true, "law_enforcement_all", "", "accounts_specified", "50", "30"}},
		},
		{
			name:  "blank_outcome_hides_requests",
			sheet: criminal(sheetLine{"DE", [6]float64{10, 20, 0, 5, 2, -1}}),
			want:  []brief{{"partition", "open", true, "law_enforcement_all", "DE", partition, "10", "7"}},
		},
		{
			name:  "withheld_figure_may_be_in_the_total",
			sheet: criminal(total, sheetLine{"DE", [6]float64{10, -1, 0, 5, 2, 3}}, fr),
			edit: func(o []normalize.Observation) []normalize.Observation {
				o[7].Exactness = normalize.Withheld
				return o
			},
			counts: []Count{{Check: "partition", Checked: 3}, {Check: "range", Checked: 17}, {Check: "total", Checked: 6, Partial: 1}},
		},
		{
			name:  "two_totals_that_differ",
			sheet: criminal(total, de, fr, sheetLine{"ZZ", [6]float64{30, 51, 3, 15, 6, 6}}),
			want:  []brief{{"total", "open", true, "law_enforcement_all", "", "accounts_specified", "50", "51 at S!C8"}},
		},
		{
			name:   "fractions_of_the_publisher",
			sheet:  criminal(sheetLine{"ZZ", [6]float64{592.2569, 3, 0, 592.2569, 0, 0}}, sheetLine{"IL", [6]float64{20.142857142857142, 1, 0, 20.142857142857142, 0, 0}}, sheetLine{"IT", [6]float64{572.114042857142858, 2, 0, 572.114042857142858, 0, 0}}),
			counts: []Count{{Check: "partition", Checked: 3}, {Check: "range", Checked: 18}, {Check: "total", Checked: 6}},
		},
		{
			name: "pinned",
			sheet: sheet{"criminal", "law_enforcement_all", "2013-H1", []sheetLine{
				{"US", [6]float64{7014, 18809, 749, 4569, 1107, 588}},
			}},
			want:   []brief{{"partition", "pinned", false, "law_enforcement_all", "US", partition, "7014", "7013"}},
			counts: []Count{{Check: "partition", Checked: 1, Pinned: 1}, {Check: "range", Checked: 6}},
		},
		{
			name: "pin_covers_no_other_mismatch_of_the_cell",
			sheet: sheet{"criminal", "law_enforcement_all", "2013-H1", []sheetLine{
				{"US", [6]float64{7014, 18809, 749, 4569, 1107, 587}},
			}},
			want:   []brief{{"partition", "open", true, "law_enforcement_all", "US", partition, "7014", "7012"}},
			counts: []Count{{Check: "partition", Checked: 1, Open: 1}, {Check: "range", Checked: 6}},
		},
		{
			name: "pin_covers_no_other_period",
			sheet: sheet{"criminal", "law_enforcement_all", "2013-H2", []sheetLine{
				{"US", [6]float64{7014, 18809, 749, 4569, 1107, 588}},
			}},
			want: []brief{{"partition", "open", true, "law_enforcement_all", "US", partition, "7014", "7013"}},
		},
		{
			name: "hand_typed_total_of_2025_is_pinned",
			sheet: sheet{"criminal", "law_enforcement_all", "2025-H1", []sheetLine{
				{"ZZ", [6]float64{18301, 1, 1358, 16943, 0, 0}}, {"US", [6]float64{18301, 1, 1356, 16945, 0, 0}},
			}},
			want: []brief{
				{"total", "pinned", false, "law_enforcement_all", "", "outcome_content", "1358", "1356"},
				{"total", "pinned", false, "law_enforcement_all", "", "outcome_noncontent_only", "16943", "16945"},
			},
		},
		{
			name: "civil_outcomes_count_accounts",
			sheet: sheet{"civil", "civil", "2018-H1", []sheetLine{
				{"ZZ", [6]float64{130, 267, 2, 86, 16, 163}}, {"BR", [6]float64{44, 61, 0, 42, 14, 5}}, {"US", [6]float64{86, 206, 2, 44, 2, 158}},
			}},
			counts: []Count{{Check: "at_most", Checked: 12}, {Check: "partition", Checked: 3}, {Check: "range", Checked: 18}, {Check: "total", Checked: 6}},
		},
		{
			name: "civil_breach_is_shown_and_holds_nothing",
			sheet: sheet{"civil", "civil", "2019-H1", []sheetLine{
				{"US", [6]float64{86, 206, 2, 44, 2, 157}},
			}},
			want: []brief{{"partition", "open", false, "civil", "US", "accounts_specified outcome_content outcome_noncontent_only outcome_no_data_found outcome_rejected", "206", "205"}},
		},
		{
			name: "civil_total_counts_a_request_once",
			sheet: sheet{"civil", "civil", "2018-H1", []sheetLine{
				{"ZZ", [6]float64{9, 20, 0, 20, 0, 0}}, {"BR", [6]float64{5, 10, 0, 10, 0, 0}}, {"US", [6]float64{6, 10, 0, 10, 0, 0}},
			}},
			counts: []Count{{Check: "at_most", Checked: 12}, {Check: "partition", Checked: 3}, {Check: "range", Checked: 18}, {Check: "total", Checked: 6}},
		},
		{
			name: "civil_total_is_never_more_than_its_lines",
			sheet: sheet{"civil", "civil", "2018-H1", []sheetLine{
				{"ZZ", [6]float64{12, 20, 0, 20, 0, 0}}, {"BR", [6]float64{5, 10, 0, 10, 0, 0}}, {"US", [6]float64{6, 10, 0, 10, 0, 0}},
			}},
			want: []brief{{"total", "open", true, "civil", "", "requests_received", "12", "11"}},
		},
		{
			name: "civil_total_is_never_less_than_a_line",
			sheet: sheet{"civil", "civil", "2018-H1", []sheetLine{
				{"ZZ", [6]float64{5, 20, 0, 20, 0, 0}}, {"BR", [6]float64{5, 10, 0, 10, 0, 0}}, {"US", [6]float64{6, 10, 0, 10, 0, 0}},
			}},
			want: []brief{{"total", "open", true, "civil", "", "requests_received", "5", "6"}},
		},
		{
			name:  "negative_count",
			sheet: criminal(de),
			edit: func(o []normalize.Observation) []normalize.Observation {
				o[1].Value = normalize.Point(-20)
				return o
			},
			want: []brief{{"range", "open", true, "law_enforcement_all", "DE", "accounts_specified", "0 or more", "-20"}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newTest(t, tc.capture)
			obs := tc.sheet.observations()
			if tc.edit != nil {
				obs = tc.edit(obs)
			}
			for i := range obs {
				if r, ok := tc.rejects[i]; ok {
					a.Reject(r)
				}
				a.Observation(&obs[i])
			}
			got := a.Close()
			if diff := cmp.Diff(tc.want, briefs(got)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for _, f := range got {
				if (f.Status == StatusPinned) != (f.Pin != "") {
					t.Errorf("%s finding with pin %q", f.Status, f.Pin)
				}
				if f.Detail == "" {
					t.Error("finding without detail")
				}
			}
			if tc.counts != nil {
				if diff := cmp.Diff(tc.counts, lineChecks(a.Summary())); diff != "" {
					t.Errorf("summary (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// lost is what a missing second line of 20, 30, 3, 10, 4, 3 looks like: the sums are the
// first line's.
func lost(requests, accounts, content, noncontent, nodata, rejected string) []brief {
	b := func(m, want, got string) brief {
		return brief{"total", "open", true, "law_enforcement_all", "", m, want, got}
	}
	return []brief{
		b("accounts_specified", "50", accounts), b("outcome_content", "3", content), b("outcome_no_data_found", "6", nodata),
		b("outcome_noncontent_only", "15", noncontent), b("outcome_rejected", "6", rejected), b("requests_received", "30", requests),
	}
}

// fig is one observation of a free-form table.
type fig struct {
	table, process, measure, unit string
	period                        string
	jurisdiction                  string
	line                          int
	value                         normalize.Interval
	scheme, item                  string
}

func (f fig) observation() normalize.Observation {
	o := normalize.Observation{
		Service: "s", Period: halfYear(f.period), Jurisdiction: f.jurisdiction, Process: f.process, Measure: f.measure, Unit: f.unit,
		Value: f.value, Exactness: normalize.Exact, BandScheme: f.scheme, Item: f.item, RawText: f.value.String(),
		Table: f.table, Line: f.line, Locator: scrape.Locator{Row: f.line, Col: 1}.String(),
	}
	if f.value.IsZero() {
		o.Exactness = normalize.NotReported
	}
	return o
}

func metaLine(v ...float64) []fig {
	var out []fig
	for i, p := range []string{"law_enforcement_all", "legal_process_all", "emergency_disclosure"} {
		for j, m := range []string{"requests_received", "requests_some_data_disclosed", "accounts_specified", "pct_requests_some_data_disclosed"} {
			unit := [...]string{"requests", "requests", "accounts", "percent_rounded"}[j]
			value := normalize.Interval{}
			if x := v[i*4+j]; x >= 0 {
				value = normalize.Point(x)
			}
			out = append(out, fig{table: "government_requests", process: p, measure: m, unit: unit, period: "2022-H1", jurisdiction: "KR", line: 2, value: value})
		}
	}
	return out
}

func bandOf(table, process, measure, period string, line int, low, high float64, scheme string) fig {
	return fig{table: table, process: process, measure: measure, unit: "accounts", period: period, jurisdiction: "US", line: line,
		value: normalize.Range(low, high), scheme: scheme}
}

func TestOtherTables(t *testing.T) {
	for _, tc := range []struct {
		name    string
		capture scrape.Capture
		figs    []fig
		want    []brief
		counts  []Count
	}{
		{
			name:    "meta_parts_and_shares",
			capture: scrape.Capture{Source: "meta/government-requests"},
			figs:    metaLine(1346, 1138, 1792, 85, 953, 805, 1301, 84, 393, 333, 491, 85),
			counts: []Count{{Check: "at_most", Checked: 3}, {Check: "partition", Checked: 3}, {Check: "percent", Checked: 3},
				{Check: "range", Checked: 12}},
		},
		{
			name:    "meta_before_the_split",
			capture: scrape.Capture{Source: "meta/government-requests"},
			figs:    metaLine(1346, -1, 1792, 85, -1, -1, -1, -1, -1, -1, -1, -1),
			counts: []Count{{Check: "at_most", Undecided: 1}, {Check: "partition", Undecided: 2}, {Check: "percent", Undecided: 1},
				{Check: "range", Checked: 3}},
		},
		{
			name:    "meta_emergencies_of_the_us_before_the_split",
			capture: scrape.Capture{Source: "meta/government-requests"},
			figs:    metaLine(14274, -1, 21731, 79, -1, -1, -1, -1, 618, -1, 685, 69),
			counts: []Count{{Check: "at_most", Undecided: 2}, {Check: "partition", Checked: 2, Partial: 2}, {Check: "percent", Undecided: 2},
				{Check: "range", Checked: 6}},
		},
		{
			name:    "meta_prints_emergencies_twice",
			capture: scrape.Capture{Source: "meta/government-requests"},
			figs: append([]fig{{table: "government_requests", process: "emergency_disclosure", measure: "requests_received", unit: "requests",
				period: "2022-H1", jurisdiction: "KR", line: 2}}, metaLine(1346, 1138, 1792, 85, 953, 805, 1301, 84, 393, 333, 491, 85)...),
			counts: []Count{{Check: "at_most", Checked: 3}, {Check: "partition", Checked: 3}, {Check: "percent", Checked: 3},
				{Check: "range", Checked: 12}},
		},
		{
			name:    "meta_emergency_in_the_wrong_column",
			capture: scrape.Capture{Source: "meta/government-requests"},
			figs:    metaLine(1346, 1138, 1792, 85, 953, 805, 1301, 84, 491, 333, 491, 68),
			want:    []brief{{"partition", "open", true, "law_enforcement_all", "KR", "requests_received", "1346", "1444"}},
		},
		{
			name:    "meta_share_of_another_line",
			capture: scrape.Capture{Source: "meta/government-requests"},
			figs:    metaLine(1346, 1138, 1792, 54, 953, 805, 1301, 84, 393, 333, 491, 85),
			want: []brief{{"percent", "open", true, "law_enforcement_all", "KR",
				"pct_requests_some_data_disclosed requests_received requests_some_data_disclosed", "84.55", "54"}},
		},
		{
			name:    "meta_share_cut_instead_of_rounded",
			capture: scrape.Capture{Source: "meta/government-requests"},
			figs:    metaLine(1346, 1138, 1792, 84, 953, 805, 1301, 84, 393, 333, 491, 85),
			want: []brief{{"percent", "open", false, "law_enforcement_all", "KR",
				"pct_requests_some_data_disclosed requests_received requests_some_data_disclosed", "84.55", "84"}},
		},
		{
			name:    "meta_share_of_no_requests",
			capture: scrape.Capture{Source: "meta/government-requests"},
			figs:    metaLine(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
			counts: []Count{{Check: "at_most", Checked: 3}, {Check: "partition", Checked: 3}, {Check: "percent", Undecided: 3},
				{Check: "range", Checked: 12}},
		},
		{
			name:    "more_answers_than_requests",
			capture: scrape.Capture{Source: "apple/requests"},
			figs: []fig{
				{table: "device", process: "device_request", measure: "requests_received", unit: "requests", period: "2013-H1", jurisdiction: "AU", line: 2, value: normalize.Point(695)},
				{table: "device", process: "device_request", measure: "requests_some_data_disclosed", unit: "requests", period: "2013-H1", jurisdiction: "AU", line: 2, value: normalize.Point(1178)},
			},
			want: []brief{{"at_most", "open", true, "device_request", "AU", "requests_received requests_some_data_disclosed", "695", "1178"}},
		},
		{
			name:    "percentage_over_100",
			capture: scrape.Capture{Source: "google/user-data"},
			figs:    []fig{{table: "user_data", process: "subpoena", measure: "pct_requests_some_data_disclosed", unit: "percent_rounded", period: "2013-H1", jurisdiction: "US", line: 2, value: normalize.Point(15770)}},
			want:    []brief{{"range", "open", true, "subpoena", "US", "pct_requests_some_data_disclosed", "0-100", "15770"}},
		},
		{
			name:    "bands_of_their_scheme",
			capture: scrape.Capture{Source: "apple/requests"},
			figs: []fig{
				bandOf("us_national_security", "nsl", "accounts_specified", "2018-H2", 2, 1508, 1999, "ufa_a2_500"),
				bandOf("us_national_security", "nsl", "accounts_specified", "2019-H1", 3, 499, 499, "ufa_a2_500"),
				bandOf("us_national_security", "nsl", "accounts_specified", "2019-H2", 4, 0, 499, "ufa_a2_500"),
			},
			counts: []Count{{Check: "band", Checked: 3}, {Check: "continuity", Checked: 1}, {Check: "range", Checked: 3}},
		},
		{
			name:    "bands_of_another_scheme",
			capture: scrape.Capture{Source: "apple/requests"},
			figs: []fig{
				bandOf("us_national_security", "nsl", "accounts_specified", "2018-H2", 2, 0, 249, "ufa_a2_500"),
				bandOf("us_national_security", "nsl", "accounts_specified", "2019-H1", 3, 499, 999, "ufa_a2_500"),
				bandOf("us_national_security", "nsl", "accounts_specified", "2019-H2", 4, 0, 500, "ufa_a2_500"),
				bandOf("us_national_security", "nsl", "accounts_specified", "2020-H1", 5, 0, 499, "nobody_500"),
			},
			want: []brief{
				{"band", "open", true, "nsl", "US", "accounts_specified", "width 500", "0-249"},
				{"band", "open", true, "nsl", "US", "accounts_specified", "width 500", "499-999"},
				{"band", "open", true, "nsl", "US", "accounts_specified", "width 500", "0-500"},
				{"band", "open", true, "nsl", "US", "accounts_specified", "a scheme of vocab/band_scheme.csv", "0-499"},
			},
		},
		{
			name:    "bands_of_2013_share_their_ends",
			capture: scrape.Capture{Source: "microsoft/statement"},
			figs: []fig{
				bandOf("statement", "criminal_and_national_security_combined", "requests_received", "2012-H2", 1, 6000, 7000, "doj2013_1000"),
				bandOf("statement", "criminal_and_national_security_combined", "accounts_specified", "2012-H2", 1, 31000, 32000, "doj2013_1000"),
			},
			counts: []Count{{Check: "band", Checked: 2}, {Check: "range", Checked: 2}},
		},
		{
			name:    "wide_band_of_2023_is_pinned",
			capture: scrape.Capture{Source: "microsoft/usnsor"},
			figs:    []fig{bandOf("ns", "fisa_content", "accounts_specified", "2023-H1", 2, 24000, 24999, "ufa_a2_500")},
			want:    []brief{{"band", "pinned", false, "fisa_content", "US", "accounts_specified", "width 500", "24000-24999"}},
		},
		{
			name:    "scheme_that_had_ended",
			capture: scrape.Capture{Source: "microsoft/usnsor"},
			figs: []fig{
				bandOf("ns", "fisa_content", "accounts_specified", "2014-H2", 2, 18000, 18999, "doj2014_opt1_1000"),
				bandOf("ns", "fisa_content", "accounts_specified", "2015-H1", 3, 0, 999, "doj2014_opt1_1000"),
				bandOf("ns", "nsl", "accounts_specified", "2015-H1", 4, 0, 999, "ufa_a1_1000"),
			},
			want: []brief{
				{"band", "open", false, "fisa_content", "US", "accounts_specified", "a scheme in force after 2015-06-30", "doj2014_opt1_1000"},
			},
		},
		{
			name:    "missing_half_year",
			capture: scrape.Capture{Source: "microsoft/usnsor"},
			figs: []fig{
				bandOf("ns", "nsl", "accounts_specified", "2018-H1", 2, 0, 499, "ufa_a2_500"),
				bandOf("ns", "nsl", "accounts_specified", "2019-H1", 4, 0, 499, "ufa_a2_500"),
				bandOf("ns", "nsl", "accounts_specified", "2019-H2", 5, 0, 499, "ufa_a2_500"),
				bandOf("ns", "fisa_content", "accounts_specified", "2018-H2", 6, 0, 499, "ufa_a2_500"),
			},
			want: []brief{
				{"continuity", "open", true, "nsl", "", "", "figures of 2018-H2 too", "nothing"}, // of 2018-H1
				{"continuity", "open", false, "nsl", "", "", "2018-H2", "nothing"},
			},
		},
		{
			name:    "missing_half_year_before_the_last",
			capture: scrape.Capture{Source: "microsoft/usnsor"},
			figs: []fig{
				bandOf("ns", "nsl", "accounts_specified", "2018-H1", 2, 0, 499, "ufa_a2_500"),
				bandOf("ns", "nsl", "accounts_specified", "2018-H2", 3, 0, 499, "ufa_a2_500"),
				bandOf("ns", "nsl", "accounts_specified", "2019-H2", 4, 0, 499, "ufa_a2_500"),
				bandOf("ns", "fisa_content", "accounts_specified", "2018-H2", 6, 0, 499, "ufa_a2_500"),
			},
			want: []brief{
				{"continuity", "open", false, "nsl", "", "", "2019-H1", "nothing"},
				{"continuity", "open", true, "nsl", "", "", "figures of 2019-H1 too", "nothing"}, // of 2019-H2
			},
		},
		{
			name:    "missing_half_year_of_an_excerpt",
			capture: scrape.Capture{Source: "microsoft/usnsor", Excerpt: true},
			figs: []fig{
				bandOf("ns", "nsl", "accounts_specified", "2018-H1", 2, 0, 499, "ufa_a2_500"),
				bandOf("ns", "nsl", "accounts_specified", "2019-H1", 4, 0, 499, "ufa_a2_500"),
			},
			counts: []Count{{Check: "band", Checked: 2}, {Check: "continuity", Checked: 1, Partial: 1}, {Check: "range", Checked: 2}},
		},
		{
			name:    "released_letters_are_the_floor",
			capture: scrape.Capture{Source: "google/user-data"},
			figs: append(letters("2017-H1", 2),
				bandOf("nsl", "nsl", "requests_received", "2017-H1", 2, 2, 499, "ufa_a2_500"),
				bandOf("nsl", "nsl", "requests_received", "2017-H2", 3, 0, 499, "ufa_a2_500"),
				bandOf("nsl", "nsl", "requests_received", "2018-H1", 4, 500, 999, "ufa_a2_500")),
			counts: []Count{{Check: "band", Checked: 3}, {Check: "continuity", Checked: 1}, {Check: "floor", Checked: 3}, {Check: "range", Checked: 5}},
		},
		{
			name:    "released_letters_are_more_than_the_floor",
			capture: scrape.Capture{Source: "google/user-data"},
			figs:    append(letters("2017-H1", 3), bandOf("nsl", "nsl", "requests_received", "2017-H1", 2, 2, 499, "ufa_a2_500")),
			want:    []brief{{"floor", "open", false, "nsl", "US", "requests_received", "from 3", "2-499"}},
		},
		{
			name:    "no_list_of_letters",
			capture: scrape.Capture{Source: "google/user-data"},
			figs:    []fig{bandOf("nsl", "nsl", "requests_received", "2017-H1", 2, 2, 499, "ufa_a2_500")},
			counts:  []Count{{Check: "band", Checked: 1}, {Check: "continuity", Checked: 1}, {Check: "range", Checked: 1}},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newTest(t, tc.capture)
			for _, f := range tc.figs {
				o := f.observation()
				a.Observation(&o)
				o = normalize.Observation{} // the auditor keeps nothing of it
			}
			if diff := cmp.Diff(tc.want, briefs(a.Close())); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if tc.counts != nil {
				if diff := cmp.Diff(tc.counts, lineChecks(a.Summary())); diff != "" {
					t.Errorf("summary (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// lineChecks leaves out the checks of whole tables, which columns_test.go is about: the
// tables here are a line or two.
func lineChecks(counts []Count) []Count {
	return slices.DeleteFunc(counts, func(c Count) bool { return c.Check == CheckColumns })
}

func letters(period string, n int) []fig {
	var out []fig
	for i := range n {
		out = append(out, fig{table: "nsl_released", process: "nsl", measure: "letters_issued", unit: "letters", period: period, jurisdiction: "US",
			line: i + 2, value: normalize.Point(1), item: fmt.Sprintf("NSL-17-%d", i)})
	}
	return out
}

func TestManyBreachesBecomeOneThatCoversTheSeries(t *testing.T) {
	a := newTest(t, scrape.Capture{})
	s := criminal()
	for i := range 3 * maxPerRelation {
		s.lines = append(s.lines, sheetLine{fmt.Sprintf("X%d", i), [6]float64{9, 9, 1, 1, 1, 1}})
	}
	obs := s.observations()
	for i := range obs {
		a.Observation(&obs[i])
	}
	got := slices.DeleteFunc(a.Close(), func(f Finding) bool { return f.Check == CheckColumns })
	if len(got) != maxPerRelation+1 {
		t.Fatalf("%d findings, want %d", len(got), maxPerRelation+1)
	}
	if !got[0].Scope.Period.Start.IsZero() || got[0].Scope.Jurisdiction != "" || !got[0].Hold {
		t.Errorf("the first finding covers %+v, hold %t, want the whole series held", got[0].Scope, got[0].Hold)
	}
	for i := range obs {
		if want := obs[i].Measure != "accounts_specified"; got[0].Scope.Matches(&obs[i]) != want {
			t.Fatalf("matches %s: %t, want %t", obs[i].Measure, !want, want)
		}
	}
	if n := lineChecks(a.Summary())[0]; n.Check != CheckPartition || n.Open != 3*maxPerRelation {
		t.Errorf("summary counts %+v, want every breach", n)
	}
}

func TestScopeMatches(t *testing.T) {
	o := normalize.Observation{Service: "skype", Process: "legal_process_all", Measure: "requests_received", Period: halfYear("2013-H1"), Jurisdiction: "DE"}
	for _, tc := range []struct {
		name  string
		scope Scope
		want  bool
	}{
		{"everything", Scope{}, true},
		{"the_figure", Scope{Service: "skype", Process: "legal_process_all", Measures: []string{"accounts_specified", "requests_received"}, Period: halfYear("2013-H1"), Jurisdiction: "DE"}, true},
		{"a_part", Scope{Process: "law_enforcement_all", AlsoProcess: []string{"legal_process_all"}}, true},
		{"other_service", Scope{Service: "microsoft"}, false},
		{"other_process", Scope{Process: "law_enforcement_all"}, false},
		{"other_measure", Scope{Measures: []string{"accounts_specified"}}, false},
		{"other_period", Scope{Period: halfYear("2013-H2")}, false},
		{"other_end", Scope{Period: normalize.Period{Start: o.Period.Start, End: halfYear("2013-H2").End, Kind: normalize.Year}}, false},
		{"other_jurisdiction", Scope{Jurisdiction: "FR"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.scope.Matches(&o); got != tc.want {
				t.Errorf("got %t, want %t", got, tc.want)
			}
		})
	}
}

// TestRandomTables draws consistent tables and changes one figure in each: none of the
// former has an open finding, each of the latter has one that covers the changed figure.
func TestRandomTables(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	audit := func(obs []normalize.Observation) []Finding {
		a := newTest(t, scrape.Capture{})
		for i := range obs {
			a.Observation(&obs[i])
		}
		return a.Close()
	}
	for range 300 {
		s := criminal(sheetLine{country: "ZZ"})
		s.period = fmt.Sprintf("%d-H%d", 2014+rnd.IntN(9), 1+rnd.IntN(2))
		for i := range 1 + rnd.IntN(40) {
			l := sheetLine{country: fmt.Sprintf("X%d", i)}
			for j := 2; j < 6; j++ {
				l.v[j] = float64(rnd.IntN(1000))
			}
			l.v[3] += l.v[2] // content is the rarer outcome
			l.v[0] = l.v[2] + l.v[3] + l.v[4] + l.v[5]
			l.v[1] = l.v[0] + float64(rnd.IntN(5000)) // a request names at least one account
			for j := range l.v {
				s.lines[0].v[j] += l.v[j]
			}
			s.lines = append(s.lines, l)
		}
		rnd.Shuffle(len(s.lines), func(i, j int) { s.lines[i], s.lines[j] = s.lines[j], s.lines[i] })
		obs := s.observations()
		if got := audit(obs); got != nil {
			t.Fatalf("a consistent table has findings: %+v", got)
		}
		i := rnd.IntN(len(obs))
		v, _ := obs[i].Value.Low()
		w := v
		for w == v {
			w = float64(rnd.IntN(5000))
		}
		obs[i].Value = normalize.Point(w)
		covered := false
		for _, f := range audit(obs) {
			if f.Status == StatusOpen && f.Hold && f.Scope.Matches(&obs[i]) {
				covered = true
			}
		}
		if !covered {
			t.Fatalf("%s of %s changed from %v to %v: no open finding covers it", obs[i].Measure, obs[i].Jurisdiction, v, w)
		}
	}
}

func TestOrderOfFindingsIsStable(t *testing.T) {
	run := func() []brief {
		a := newTest(t, scrape.Capture{})
		for _, p := range []string{"2018-H1", "2013-H1", "2019-H2"} {
			s := criminal(sheetLine{"ZZ", [6]float64{1, 1, 1, 1, 1, 1}}, sheetLine{"DE", [6]float64{2, 2, 2, 2, 2, 2}})
			s.period = p
			obs := s.observations()
			for i := range obs {
				a.Observation(&obs[i])
			}
		}
		return briefs(a.Close())
	}
	want := run()
	for range 20 {
		if diff := cmp.Diff(want, run()); diff != "" {
			t.Fatalf("(-first +now):\n%s", diff)
		}
	}
}

func ExampleAuditor() {
	a, err := New(scrape.Capture{Source: "microsoft/lerr"})
	if err != nil {
		panic(err)
	}
	start := time.Date(2018, time.January, 1, 0, 0, 0, 0, time.UTC)
	period := normalize.Period{Start: start, End: start.AddDate(0, 6, -1), Kind: normalize.Half}
	for i, f := range []struct {
		country string
		n       float64
	}{{"ZZ", 12}, {"DE", 5}, {"FR", 6}} {
		a.Observation(&normalize.Observation{
			Period: period, Jurisdiction: f.country, Process: "law_enforcement_all", Measure: "accounts_specified", Unit: "accounts",
			Value: normalize.Point(f.n), Total: f.country == "ZZ", Table: "criminal", Line: i + 5, Locator: fmt.Sprintf("Criminal!E%d", i+5),
		})
	}
	for _, f := range a.Close() {
		fmt.Println(f.Check, f.Status, "printed", f.Expected, "lines", f.Found)
	}
	// Output: total open printed 12 lines 11
}

func BenchmarkObservation(b *testing.B) {
	a, err := New(scrape.Capture{Source: "google/user-data"})
	if err != nil {
		b.Fatal(err)
	}
	var obs []normalize.Observation
	for i := range 300 {
		for j, m := range []string{"requests_received", "pct_requests_some_data_disclosed", "accounts_specified"} {
			f := fig{table: "user_data", process: "search_warrant", measure: m, unit: [...]string{"requests", "percent_rounded", "accounts"}[j],
				period: fmt.Sprintf("%d-H%d", 2009+i/60, 1+i%2), jurisdiction: "US", line: i, value: normalize.Point(50)}
			obs = append(obs, f.observation())
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		a.Observation(&obs[i%len(obs)])
	}
}
