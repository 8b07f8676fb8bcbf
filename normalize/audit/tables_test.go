package audit

import (
	"strings"
	"testing"

	"daylight/normalize/vocab"
)

// TestEmbeddedTables holds every code of checks.csv and pins.csv against the closed
// vocabularies: a misspelt measure would be a check that is never made.
func TestEmbeddedTables(t *testing.T) {
	tabs, err := declared()
	if err != nil {
		t.Fatal(err)
	}
	v, err := vocab.Load()
	if err != nil {
		t.Fatal(err)
	}
	measure := func(m string) {
		t.Helper()
		if m != "" && !v.HasMeasure(m) {
			t.Errorf("measure %q is not in the vocabulary", m)
		}
	}
	process := func(p string) {
		t.Helper()
		if p != "" && !v.HasProcess(p) {
			t.Errorf("process %q is not in the vocabulary", p)
		}
	}
	declares := map[string]bool{}
	for _, r := range tabs.relations {
		for _, x := range append([]term{r.percent, r.whole}, r.parts...) {
			measure(x.measure)
			process(x.process)
		}
		if r.jurisdiction != "" && !v.HasJurisdiction(r.jurisdiction) {
			t.Errorf("jurisdiction %q is not in the vocabulary", r.jurisdiction)
		}
		declares[r.provider+" "+r.table+" "+r.check] = true
	}
	for _, p := range tabs.pins {
		measure(p.Measure)
		process(p.Process)
		if p.Jurisdiction != "" && !v.HasJurisdiction(p.Jurisdiction) {
			t.Errorf("jurisdiction %q is not in the vocabulary", p.Jurisdiction)
		}
		if p.Service != "" && !v.HasService(p.Service) {
			t.Errorf("service %q is not in the vocabulary", p.Service)
		}
		switch p.Check {
		case CheckTotal, CheckRange, CheckBand: // always on
		default:
			if !declares[p.Provider+" "+p.Table+" "+p.Check] {
				t.Errorf("pin of %s %s %s: no such check is declared", p.Provider, p.Table, p.Check)
			}
		}
		if !strings.HasPrefix(p.Source, p.Provider+"/") {
			t.Errorf("pin of provider %q names source %q", p.Provider, p.Source)
		}
	}
	if !v.HasUnit(unitPercent) {
		t.Errorf("unit %q is not in the vocabulary", unitPercent)
	}
	if !v.HasBandScheme(overlapping) {
		t.Errorf("band scheme %q is not in the vocabulary", overlapping)
	}
}

func TestReadRelationsRefuses(t *testing.T) {
	head := strings.Join(checkColumns, ",") + "\n"
	for _, tc := range []struct{ name, in, want string }{
		{"empty", "", "EOF"},
		{"other_columns", "a,b\n", "wrong number of fields"},
		{"renamed_column", strings.Replace(head, "whole", "all", 1), "columns are"},
		{"unknown_check", head + "microsoft,criminal,guess,,a,b,,,,,yes,\n", `line 2: check "guess" is not declared`},
		{"no_table", head + "microsoft,,partition,,a,b,,,,nothing,yes,\n", "no provider or table"},
		{"no_parts", head + "microsoft,criminal,partition,,a,,,,,nothing,yes,\n", "does not take these columns"},
		{"no_percent", head + "microsoft,criminal,percent,,a,b,,,,,yes,\n", "does not take these columns"},
		{"empty_term", head + "microsoft,criminal,partition,,a,b + ,,,,nothing,yes,\n", "an empty term"},
		{"two_slashes", head + "microsoft,criminal,partition,,a,b/c/d,,,,nothing,yes,\n", `term "b/c/d"`},
		{"hold", head + "microsoft,criminal,partition,,a,b,,,,nothing,maybe,\n", `hold is "maybe"`},
		{"blank", head + "microsoft,criminal,partition,,a,b,,,,none,yes,\n", `blank is "none"`},
		{"blank_of_no_partition", head + "microsoft,criminal,at_most,,a,b,,,,nothing,yes,\n", "does not take these columns"},
		{"date", head + "microsoft,criminal,partition,,a,b,,2013,,nothing,yes,\n", `date "2013"`},
		{"grain", head + "microsoft,ns,continuity,,,line,,,,,no,\n", `continuity of "line"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := readRelations(strings.NewReader(tc.in))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestReadPinsRefuses(t *testing.T) {
	head := strings.Join(pinColumns, ",") + "\n"
	const good = "microsoft,,,criminal,total,,p,m,2013-H1,,2,1,seen\n"
	for _, tc := range []struct{ name, in, want string }{
		{"no_period", head + "microsoft,,,criminal,total,,p,m,,,2,1,seen\n", "a pin names"},
		{"no_mismatch", head + "microsoft,,,criminal,total,,p,m,2013-H1,,2,2,seen\n", "both"},
		{"no_source", head + "microsoft,,,criminal,total,,p,m,2013-H1,,2,1,\n", "needs its source"},
		{"unknown_check", head + "microsoft,,,criminal,sum,,p,m,2013-H1,,2,1,seen\n", `check "sum"`},
		{"twice", head + good + good, "line 3: the same pin twice"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := readPins(strings.NewReader(tc.in))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}
