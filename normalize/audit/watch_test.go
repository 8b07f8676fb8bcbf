package audit

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/normalize"
	"daylight/scrape"
)

// watched audits the table and returns the decisions about one figure.
func watched(t *testing.T, c scrape.Capture, s sheet, at string) []Decision {
	t.Helper()
	a := newTest(t, c)
	a.Watch(func(locator string) bool { return locator == at })
	for _, o := range s.observations() {
		a.Observation(&o)
	}
	a.Close()
	if d := a.Decisions("S!A1"); d != nil {
		t.Errorf("decisions about another figure: %+v", d)
	}
	return a.Decisions(at)
}

func TestDecisions(t *testing.T) {
	total := sheetLine{"ZZ", [6]float64{30, 50, 3, 15, 6, 6}}
	de := sheetLine{"DE", [6]float64{10, 20, 0, 5, 2, 3}}
	fr := sheetLine{"FR", [6]float64{20, 30, 3, 10, 4, 3}}
	const partition = "requests_received = outcome_content + outcome_noncontent_only + outcome_no_data_found + outcome_rejected"
	const why = "every request ends in exactly one of the four printed outcomes; true of every line of the workbooks 2013-H1 to 2022-H1 but the pinned one"
	for _, tc := range []struct {
		name    string
		capture scrape.Capture
		sheet   sheet
		at      string
		want    []Decision
	}{
		{
			name: "all_hold", sheet: criminal(total, de, fr), at: "S!B6",
			want: []Decision{
				{CheckPartition, OutcomeHeld, partition, "", "", why},
				{CheckRange, OutcomeHeld, mustHold[CheckRange], "", "", ""},
				{CheckTotal, OutcomeHeld, mustHold[CheckTotal], "30", "30", ""},
			},
		},
		{
			name: "a_part_is_bound_as_the_whole_is", sheet: criminal(total, de, fr), at: "S!G7",
			want: []Decision{
				{CheckPartition, OutcomeHeld, partition, "", "", why},
				{CheckRange, OutcomeHeld, mustHold[CheckRange], "", "", ""},
				{CheckTotal, OutcomeHeld, mustHold[CheckTotal], "6", "6", ""},
			},
		},
		{
			name: "what_is_outside_a_relation_is_not_bound_by_it", sheet: criminal(total, de, fr), at: "S!C5",
			want: []Decision{
				{CheckRange, OutcomeHeld, mustHold[CheckRange], "", "", ""},
				{CheckTotal, OutcomeHeld, mustHold[CheckTotal], "50", "50", ""},
			},
		},
		{
			name: "an_excerpt_decides_in_part", capture: scrape.Capture{Excerpt: true}, sheet: criminal(total, de), at: "S!B6",
			want: []Decision{
				{CheckPartition, OutcomeHeld, partition, "", "", why},
				{CheckRange, OutcomeHeld, mustHold[CheckRange], "", "", ""},
				{CheckTotal, OutcomePartial, mustHold[CheckTotal], "30", "10", ""},
			},
		},
		{
			name: "a_lost_line", sheet: criminal(total, de), at: "S!B6",
			want: []Decision{
				{CheckPartition, OutcomeHeld, partition, "", "", why},
				{CheckRange, OutcomeHeld, mustHold[CheckRange], "", "", ""},
				{CheckTotal, OutcomeOpen, mustHold[CheckTotal], "30", "10", ""},
			},
		},
		{
			name: "no_figure_to_decide_with", sheet: criminal(sheetLine{"DE", [6]float64{-1, 20, 0, 5, 2, 3}}), at: "S!G5",
			want: []Decision{
				{CheckPartition, OutcomeUndecided, partition, "", "", why},
				{CheckRange, OutcomeHeld, mustHold[CheckRange], "", "", ""},
			},
		},
		{
			name: "pinned", at: "S!B5",
			sheet: sheet{"criminal", "law_enforcement_all", "2013-H1", []sheetLine{{"US", [6]float64{7014, 18809, 749, 4569, 1107, 588}}}},
			want: []Decision{
				{CheckPartition, OutcomePinned, partition, "7014", "7013", "Microsoft LERR 2013 H1, sheet MSFT, row 67: 749 + 4,569 + 1,107 + 588 = 7,013 printed beside 7,014 requests"},
				{CheckRange, OutcomeHeld, mustHold[CheckRange], "", "", ""},
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := slices.DeleteFunc(watched(t, tc.capture, tc.sheet, tc.at), func(d Decision) bool { return d.Check == CheckColumns })
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestDecisionsOfBandsAndSpans: bands, their floors and the half-years of a table.
func TestDecisionsOfBandsAndSpans(t *testing.T) {
	band := func(half string, low, high float64, scheme string) normalize.Observation {
		return normalize.Observation{
			Service: "microsoft", Source: "microsoft/usnsor", Process: "nsl", Measure: "requests_received", Unit: "letters",
			Period: halfYear(half), Jurisdiction: "US", RequesterLevel: "any", CustomerClass: "all", Table: "ns",
			Value: normalize.Range(low, high), Exactness: normalize.Band, BandScheme: scheme, Locator: "N!" + half,
		}
	}
	decide := func(list ...normalize.Observation) map[string]string {
		a := newTest(t, scrape.Capture{Source: "microsoft/usnsor"})
		a.Watch(func(string) bool { return true })
		for i := range list {
			list[i].Line = i + 1
			a.Observation(&list[i])
		}
		a.Close()
		out := map[string]string{}
		for _, o := range list {
			for _, d := range a.Decisions(o.Locator) {
				if d.Check == CheckBand || d.Check == CheckContinuity {
					out[o.Locator] += d.Check + " " + string(d.Outcome) + " "
				}
			}
		}
		return out
	}
	got := decide(band("2015-H1", 0, 499, "ufa_a2_500"), band("2015-H2", 0, 499, "ufa_a2_500"), band("2016-H1", 500, 999, "ufa_a2_500"))
	want := map[string]string{"N!2015-H1": "band held continuity held ", "N!2015-H2": "band held continuity held ", "N!2016-H1": "band held continuity held "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("whole: -want +got:\n%s", diff)
	}
	got = decide(band("2015-H1", 0, 499, "ufa_a2_500"), band("2016-H1", 0, 777, "ufa_a2_500"))
	want = map[string]string{"N!2015-H1": "band held continuity open ", "N!2016-H1": "band open continuity open "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a gap and a band that is none: -want +got:\n%s", diff)
	}
}

// TestWatchChangesNothing: what is found and counted is the same with somebody watching.
func TestWatchChangesNothing(t *testing.T) {
	s := criminal(sheetLine{"ZZ", [6]float64{30, 50, 3, 15, 6, 6}}, sheetLine{"DE", [6]float64{10, 20, 1, 5, 2, 3}})
	run := func(watch bool) ([]Finding, []Count) {
		a := newTest(t, scrape.Capture{})
		if watch {
			a.Watch(func(string) bool { return true })
		}
		for _, o := range s.observations() {
			a.Observation(&o)
		}
		return a.Close(), a.Summary()
	}
	f1, c1 := run(false)
	f2, c2 := run(true)
	if diff := cmp.Diff(f1, f2); diff != "" {
		t.Errorf("findings: -without +with:\n%s", diff)
	}
	if diff := cmp.Diff(c1, c2); diff != "" {
		t.Errorf("counts: -without +with:\n%s", diff)
	}
	if a := newTest(t, scrape.Capture{}); a.Decisions("S!B5") != nil {
		t.Error("an auditor that does not watch has decisions")
	}
}
