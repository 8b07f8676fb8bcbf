package warehouse_test

import (
	"context"
	"fmt"
	"slices"
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

// hold publishes the reports, in the order given, and returns the directory.
func hold(t testing.TB, reports ...report) string {
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
	return dir
}

// totalled is a row of totals as one text: provider, period, bounds ("?" for none), direction and
// advisory.
func totalled(args string) string {
	return `SELECT concat_ws(' ', provider, period, coalesce(printf('%g', low), '?') || '..' || coalesce(printf('%g', high), '?'), nullif(unit, 'requests'), direction)
		|| CASE WHEN advisory <> '' THEN ': ' || advisory ELSE '' END
		FROM totals(` + args + `) ORDER BY provider, first_day`
}

func TestStandingDraft(t *testing.T) {
	_ = slices.Sorted[string]
	type q struct{ name, args string }
	tests := []struct {
		name    string
		reports []report
		ask     []q
	}{
		{"halves", []report{{source: "microsoft/lerr", edition: "2014-H2", figures: `
			2013-H1 DE law_enforcement_all 10
			2013-H1 FR law_enforcement_all 5
			2013-H1 US law_enforcement_all 100-199
			2013-H2 DE law_enforcement_all 12
			2013-H2 US law_enforcement_all 300+
			2014-H1 DE law_enforcement_all 13
			2014-H1 US law_enforcement_all 250
			2014-H2 DE law_enforcement_all withheld
			2014-H2 US law_enforcement_all 251`}},
			[]q{{"world", "'law_enforcement_all/requests_received'"},
				{"named", "'law_enforcement_all/requests_received', jurisdictions := 'DE|FR'"},
				{"eu", "'law_enforcement_all/requests_received', grp := 'EU'"},
				{"eu and member", "'law_enforcement_all/requests_received', grp := 'EU', jurisdictions := 'DE'"},
				{"eu and other", "'law_enforcement_all/requests_received', grp := 'EU', jurisdictions := 'US'"},
				{"world and line", "'law_enforcement_all/requests_received', jurisdictions := 'ZZ|DE'"},
				{"year", "'law_enforcement_all/requests_received', per := 'year'"},
				{"year fr", "'law_enforcement_all/requests_received', jurisdictions := 'FR', per := 'year'"},
				{"year fr skip", "'law_enforcement_all/requests_received', jurisdictions := 'FR', per := 'year', missing := 'skip'"},
				{"year skip", "'law_enforcement_all/requests_received', per := 'year', missing := 'skip'"},
				{"all", "'law_enforcement_all/requests_received', per := 'all'"},
				{"twice", "'law_enforcement_all/requests_received|law_enforcement_all/requests_received', jurisdictions := 'DE'"},
				{"recipe and process", "'requests/requests_received|law_enforcement_all/requests_received', jurisdictions := 'DE'"},
				{"empty", "''"}, {"noname", "'nothing/requests_received'"}, {"nomeasure", "'requests'"}, {"recipe skype", "'requests/requests_received', services := 'skype'"},
				{"dupl jur", "'law_enforcement_all/requests_received', jurisdictions := 'DE|DE'"},
				{"across", "'law_enforcement_all/requests_received', jurisdictions := 'DE', across_breaks := 'yes'"},
			}},
	}
	for _, tc := range tests {
		dir := hold(t, tc.reports...)
		for _, q := range tc.ask {
			fmt.Println("##", tc.name, q.name)
			for _, r := range ask(t, dir, totalled(q.args)) {
				fmt.Println("   ", r)
			}
		}
	}
}
