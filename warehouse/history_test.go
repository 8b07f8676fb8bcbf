package warehouse_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daylight/warehouse"
)

// told is one capture of a made-up report.
type told struct {
	source, edition, published string
	captured                   string // YYYY-MM-DD
	trust                      string // "archive" when empty
	excerpt                    bool
	figures                    string // one a line, see said
	bytes                      string // what names the bytes, "a" to "f"; another for each capture when empty
}

// tell publishes the captures in the order given and returns the directory.
func tell(t testing.TB, captures ...told) string {
	t.Helper()
	dir := t.TempDir()
	w := begin(t, dir)
	for i, in := range inputs(t, captures...) {
		if _, err := loadPublished(context.Background(), w, in, captures[i].published); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func inputs(t testing.TB, captures ...told) []input {
	t.Helper()
	var ins []input
	for i, c := range captures {
		at, err := time.Parse(time.DateOnly, c.captured)
		if err != nil {
			t.Fatal(err)
		}
		k := capture(or(c.bytes, string("0123456789"[i])), at.Add(9*time.Hour), or(c.trust, "archive"))
		k.Source, k.Excerpt = c.source, c.excerpt
		k.Provider, _, _ = strings.Cut(c.source, "/")
		in := input{capture: k, edition: c.edition}
		for line := range strings.Lines(c.figures) {
			if strings.TrimSpace(line) != "" {
				in.figs = append(in.figs, said(t, line))
			}
		}
		ins = append(ins, in)
	}
	return ins
}

func TestKnownFrom(t *testing.T) {
	const figure = "2013-H1 DE law_enforcement_all 1"
	dir := tell(t,
		told{source: "google/test", edition: "2013-H1", published: "2013-11", captured: "2026-01-01", figures: figure},
		told{source: "google/test", edition: "2013-H2", captured: "2026-01-02", figures: figure},
		told{source: "google/test", edition: "2014-H1", published: "2014-09-26", captured: "2026-01-03", figures: figure},
		told{source: "google/test", edition: "2014-H2", captured: "2026-01-05", figures: figure},
		told{source: "google/test", edition: "2014-H2", captured: "2026-01-04", figures: figure + "\n2013-H2 DE law_enforcement_all 1"},
		told{source: "microsoft/test", edition: "2013-H1", published: "2015", captured: "2026-01-01", figures: figure},
		// A date that package vocab lists.
		told{source: "google/user-data", edition: "2012-H2", captured: "2026-01-01", figures: figure},
		told{source: "google/user-data", edition: "2012-H1", published: "2012", captured: "2026-01-01", figures: figure},
		// Held before its date of publication: the date says when it came out of another place.
		told{source: "apple/test", edition: "2013-H1", published: "2026-02", captured: "2026-01-01", figures: figure},
	)
	want := []string{
		"apple/test/2013-H1|2026-01-01|captured|2026-02-01",
		"google/test/2013-H1|2013-11-30|published|2013-11-01",
		"google/test/2013-H2|2014-09-26|later|2014-01-01",
		"google/test/2014-H1|2014-09-26|published|2014-09-26",
		"google/test/2014-H2|2026-01-04|captured|2015-01-01",
		"google/user-data/2012-H1|2012-11-13|published|2012-11-13",
		"google/user-data/2012-H2|2013-01-23|published|2013-01-23",
		"microsoft/test/2013-H1|2015-12-31|published|2015-01-01",
	}
	if diff := cmp.Diff(want, ask(t, dir, "SELECT name, known_from::VARCHAR, known_by, possible_from::VARCHAR FROM edition ORDER BY name")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAsOfADay(t *testing.T) {
	tests := map[string]struct {
		captures []told
		want     map[string][]string // by day, edition or label
	}{
		// A month counts from its last day, and an edition of no date from the next one's.
		"editions_of_one_report": {[]told{
			{source: "google/test", edition: "2013-H1", published: "2013-11", captured: "2026-01-01", figures: "2013-H1 DE law_enforcement_all 10\n2013-H1 FR law_enforcement_all 5"},
			{source: "google/test", edition: "2013-H2", captured: "2026-01-02", figures: "2013-H1 DE law_enforcement_all 11\n2013-H2 DE law_enforcement_all 20"},
			{source: "google/test", edition: "2014-H1", published: "2014-09-26", captured: "2026-01-03", figures: "2013-H1 DE law_enforcement_all 12"},
		}, map[string][]string{
			"2013-06-30": nil,
			"2013-11-29": nil,
			"2013-11-30": {"2013-H1|DE|10", "2013-H1|FR|5"},
			"2014-09-25": {"2013-H1|DE|10", "2013-H1|FR|5"},
			"2014-09-26": {"2013-H1|DE|12", "2013-H1|FR|5", "2013-H2|DE|20"},
			"2013-H2":    {"2013-H1|DE|11", "2013-H1|FR|5", "2013-H2|DE|20"},
			"now":        {"2013-H1|DE|12", "2013-H1|FR|5", "2013-H2|DE|20"},
			"2099-01-01": {"2013-H1|DE|12", "2013-H1|FR|5", "2013-H2|DE|20"},
			"2014-02-31": nil,
			"yesterday":  nil,
		}},
		// The report on the earlier half-year came out later: the day cuts through the order.
		"two_reports_of_one_series": {[]told{
			{source: "microsoft/one", edition: "2021-H2", published: "2022-02-01", captured: "2026-01-01", figures: "2021-H1 US nsl 0-499 letters"},
			{source: "microsoft/two", edition: "2022-H1", published: "2023-06-01", captured: "2026-01-01", figures: "2021-H1 US nsl 2-499 letters"},
			{source: "microsoft/one", edition: "2022-H2", published: "2023-03-01", captured: "2026-01-01", figures: "2021-H1 US nsl 3-499 letters"},
		}, map[string][]string{
			"2022-12-01": {"2021-H1|US|0-499"},
			"2023-04-01": {"2021-H1|US|3-499"},
			"2023-07-01": {"2021-H1|US|3-499"},
			"2022-H1":    {"2021-H1|US|2-499"},
		}},
		// The publisher took a correction back: the first bytes stand again, and stood at first.
		"back_to_the_same_bytes": {[]told{
			{source: "google/test", edition: "2013-H1", published: "2013-11-01", captured: "2020-03-01", bytes: "a", figures: "2013-H1 DE law_enforcement_all 12"},
			{source: "google/test", edition: "2013-H1", captured: "2021-04-01", figures: "2013-H1 DE law_enforcement_all 13"},
			{source: "google/test", edition: "2013-H1", captured: "2022-05-01", bytes: "a", figures: "2013-H1 DE law_enforcement_all 12"},
		}, map[string][]string{
			"2021-03-31": {"2013-H1|DE|12"},
			"2021-04-01": {"2013-H1|DE|13"},
			"2022-05-01": {"2013-H1|DE|12"},
			"now":        {"2013-H1|DE|12"},
		}},
		"back_to_the_same_bytes_last_first": {[]told{
			{source: "google/test", edition: "2013-H1", published: "2013-11-01", captured: "2022-05-01", bytes: "a", figures: "2013-H1 DE law_enforcement_all 12"},
			{source: "google/test", edition: "2013-H1", captured: "2021-04-01", figures: "2013-H1 DE law_enforcement_all 13"},
			{source: "google/test", edition: "2013-H1", captured: "2020-03-01", bytes: "a", figures: "2013-H1 DE law_enforcement_all 12"},
		}, map[string][]string{
			"2021-03-31": {"2013-H1|DE|12"},
			"2021-04-01": {"2013-H1|DE|13"},
			"2022-05-01": {"2013-H1|DE|12"},
		}},
		"a_row_that_went": {[]told{
			{source: "google/test", edition: "2013-H1", published: "2013-11-01", captured: "2026-01-01", figures: "2013-H1 US subpoena 10\n2013-H1 US wiretap 4"},
			{source: "google/test", edition: "2013-H2", published: "2014-04-01", captured: "2026-01-01", figures: "2013-H1 US subpoena 10"},
		}, map[string][]string{
			"2014-03-31": {"2013-H1|US|10", "2013-H1|US|4"},
			"2014-04-01": {"2013-H1|US|10"},
		}},
		// Each capture of a revised edition stands from its own day, whatever the order of loading.
		"revisions_of_one_edition": {[]told{
			{source: "google/test", edition: "2013-H1", published: "2013-11-01", captured: "2020-03-01", figures: "2013-H1 DE law_enforcement_all 12"},
			{source: "google/test", edition: "2013-H1", captured: "2022-05-01", figures: "2013-H1 DE law_enforcement_all 14"},
			{source: "google/test", edition: "2013-H1", captured: "2021-04-01", figures: "2013-H1 DE law_enforcement_all 13"},
			{source: "google/test", edition: "2013-H1", captured: "2023-06-01", figures: "2013-H1 DE law_enforcement_all 14"},
			{source: "google/test", edition: "2013-H1", captured: "2024-06-01", trust: "mirror", figures: "2013-H1 DE law_enforcement_all 99"},
		}, map[string][]string{
			"2013-10-31": nil,
			"2013-11-01": {"2013-H1|DE|12"},
			"2021-03-31": {"2013-H1|DE|12"},
			"2021-04-01": {"2013-H1|DE|13"},
			"2022-05-01": {"2013-H1|DE|14"},
			"2025-01-01": {"2013-H1|DE|14"},
			"2013-H1":    {"2013-H1|DE|14"},
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dir := tell(t, tc.captures...)
			for upto, want := range tc.want {
				for _, q := range []string{
					"SELECT period, jurisdiction, raw_text FROM as_of('" + upto + "') ORDER BY ALL",
					"SELECT s.period, s.jurisdiction, f.raw_text FROM standing_at('" + upto + "') s JOIN figure f USING (capture_id, ordinal) ORDER BY ALL",
				} {
					if diff := cmp.Diff(want, ask(t, dir, q)); diff != "" {
						t.Errorf("%s\n-want +got:\n%s", q, diff)
					}
				}
			}
		})
	}
}

// TestSeenBetween: a load says where others said something else while its bytes were still seen, and
// the edition was last captured when they were.
func TestSeenBetween(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	ins := inputs(t,
		told{source: "google/test", edition: "2013-H1", captured: "2021-02-01", bytes: "b", figures: "2013-H1 DE law_enforcement_all 13"},
		told{source: "google/test", edition: "2013-H1", captured: "2021-03-01", bytes: "c", figures: "2013-H1 FR law_enforcement_all 5"},
		told{source: "google/test", edition: "2013-H1", captured: "2021-05-01", bytes: "d", figures: "2013-H1 DE law_enforcement_all 14"},
		told{source: "google/test", edition: "2013-H1", captured: "2021-01-01", bytes: "a", figures: "2013-H1 DE law_enforcement_all 12"},
	)
	seen := time.Date(2021, 4, 1, 0, 0, 0, 0, time.UTC)
	ins[3].capture.LastSeen = seen
	w := begin(t, dir)
	var got []time.Time
	for _, in := range ins {
		r, err := load(ctx, w, in)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Between...)
	}
	if diff := cmp.Diff([]time.Time{ins[0].capture.RetrievedAt}, got); diff != "" {
		t.Errorf("between: -want +got:\n%s", diff)
	}
	sums, err := w.Captured(ctx, "google/test/2013-H1")
	if err != nil || len(sums) != 4 {
		t.Errorf("captured %v, %v; want 4", sums, err)
	}
	ins[3].capture.RetrievedAt, ins[3].capture.LastSeen = seen, time.Date(2021, 6, 1, 0, 0, 0, 0, time.UTC)
	if _, err := load(ctx, w, ins[3]); err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(ctx); err != nil {
		t.Fatal(err)
	}
	const day = "strftime(make_timestamp(epoch_us("
	if diff := cmp.Diff([]string{"2021-06-01"}, ask(t, dir, "SELECT "+day+"last_captured)), '%Y-%m-%d') FROM edition")); diff != "" {
		t.Errorf("last captured: -want +got:\n%s", diff)
	}
	want := []string{"12|2021-01-01|2021-02-01", "13|2021-02-01|2021-04-01", "12|2021-04-01|2021-05-01", "14|2021-05-01|<nil>"}
	if diff := cmp.Diff(want, ask(t, dir, "SELECT raw_text, "+day+"captured_at)), '%Y-%m-%d'), "+day+"superseded_at)), '%Y-%m-%d') FROM observation WHERE jurisdiction = 'DE' ORDER BY captured_at")); diff != "" {
		t.Errorf("readings: -want +got:\n%s", diff)
	}
}

// TestUnsureAt: what an answer as of a day leaves out without certainty is named.
func TestUnsureAt(t *testing.T) {
	const figure = "2013-H1 DE law_enforcement_all 1"
	dir := tell(t,
		told{source: "google/test", edition: "2013-H1", published: "2013-11", captured: "2026-01-01", figures: figure},
		told{source: "google/test", edition: "2013-H2", captured: "2026-01-02", figures: figure},
		told{source: "google/test", edition: "2014-H1", published: "2014-09-26", captured: "2026-01-03", figures: figure},
	)
	for upto, want := range map[string][]string{
		"2013-10-31": nil, // nothing can have been published
		"2013-11-15": {"google/test/2013-H1"},
		"2013-12-31": nil, // the half-year is not over
		"2014-01-01": {"google/test/2013-H2"},
		"2014-09-26": nil,
		"2013-H1":    nil, // an edition leaves nothing open
	} {
		if diff := cmp.Diff(want, ask(t, dir, "SELECT name FROM unsure_at('"+upto+"') ORDER BY ALL")); diff != "" {
			t.Errorf("%s: -want +got:\n%s", upto, diff)
		}
	}
}

// TestTrustOrder: the publisher's own bytes stand, then an archive's, what was retyped, a
// mirror's and the press's, in whatever order they are loaded and were captured.
func TestTrustOrder(t *testing.T) {
	order := []string{"publisher", "archive", "retyped", "mirror", "press"}
	days := []string{"2020-01-01", "2021-01-01", "2022-01-01", "2023-01-01", "2024-01-01"}
	tests := map[string][]int{ // places in the order, as they are loaded
		"best_first":          {0, 1, 2, 3, 4},
		"best_last":           {4, 3, 2, 1, 0},
		"best_between":        {3, 1, 0, 4, 2},
		"without_the_first":   {2, 4, 1, 3},
		"typed_mirror_press":  {4, 2, 3},
		"mirror_before_press": {4, 3},
	}
	for name, at := range tests {
		t.Run(name, func(t *testing.T) {
			var captures []told
			for i, place := range at {
				captures = append(captures, told{
					source: "google/test", edition: "2013-H1", published: "2013-11-01", captured: days[(i*2+place)%len(days)], trust: order[place],
					figures: "2013-H1 DE law_enforcement_all " + string("12345"[place]),
				})
			}
			dir := tell(t, captures...)
			best := slices.Min(at)
			want := []string{"2013-H1|" + string("12345"[best]) + "|" + order[best]}
			for _, from := range []string{"as_of('now')", "as_of('2013-H1')", "as_of('2030-01-01')", "as_of('2013-11-01')"} {
				got := ask(t, dir, "SELECT f.period, f.raw_text, c.trust FROM "+from+" f JOIN capture c ON c.sha256 = f.capture")
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: -want +got:\n%s", from, diff)
				}
			}
			if diff := cmp.Diff([]string{string("12345"[best])}, ask(t, dir, "SELECT raw_text FROM current")); diff != "" {
				t.Errorf("current: -want +got:\n%s", diff)
			}
		})
	}
}

func TestChanges(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	first := told{source: "microsoft/one", edition: "2021-H2", published: "2022-02-01", captured: "2026-01-01", figures: `
		2021-H1 US nsl 0-499 letters
		2021-H1 US fisa_content 0-499
		2021-H1 DE law_enforcement_all 10
		2021-H1 FR law_enforcement_all 0*
		2021-H1 DE emergency_disclosure 1`}
	second := told{source: "microsoft/one", edition: "2022-H1", captured: "2026-01-02", excerpt: true, figures: `
		2021-H1 US nsl 2-499 letters
		2021-H1 DE law_enforcement_all 12
		2021-H1 FR law_enforcement_all withheld
		2022-H1 DE law_enforcement_all 20`}
	// Another report prints a series again.
	third := told{source: "microsoft/two", edition: "2022-H2", captured: "2026-01-03", figures: `
		2021-H1 US nsl 2-499 letters
		2022-H1 DE law_enforcement_all 21`}
	ins := inputs(t, first, second, third)
	step := func(in ...input) *warehouse.Changes {
		t.Helper()
		w := begin(t, dir)
		for _, i := range in {
			if _, err := load(ctx, w, i); err != nil {
				t.Fatal(err)
			}
		}
		c, err := w.Changes(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Publish(ctx); err != nil {
			t.Fatal(err)
		}
		return c
	}
	number := func(f float64) *float64 { return &f }
	none := []warehouse.FigureChange{}
	got := []*warehouse.Changes{step(ins[0]), step(ins[0]), step(ins[1]), step(ins[2]), step()}
	unchanged := &warehouse.Changes{Compared: true, Editions: []warehouse.NewEdition{}, Providers: []warehouse.ProviderChange{}, Changed: none, Gone: none}
	want := []*warehouse.Changes{
		{NotCompared: "nothing was published before", Editions: []warehouse.NewEdition{}, Providers: []warehouse.ProviderChange{}, Changed: none, Gone: none},
		unchanged,
		{
			Compared:  true,
			Editions:  []warehouse.NewEdition{{Name: "microsoft/one/2022-H1", Figures: 4, KnownFrom: "2026-01-02", KnownBy: "captured", Trust: "archive", Excerpt: true}},
			Providers: []warehouse.ProviderChange{{Provider: "microsoft", Before: 5, After: 4, New: 1, Changed: 2, Gone: 2, Same: 1, Readings: 4}},
			Changed: []warehouse.FigureChange{
				{Source: "microsoft/one", Service: "microsoft", Process: "law_enforcement_all", Measure: "requests_received", Unit: "requests", Jurisdiction: "DE", Period: "2021-H1",
					OldLow: number(10), OldHigh: number(10), OldEdition: "microsoft/one/2021-H2", NewLow: number(12), NewHigh: number(12), NewEdition: "microsoft/one/2022-H1"},
				{Source: "microsoft/one", Service: "microsoft", Process: "nsl", Measure: "requests_received", Unit: "letters", Jurisdiction: "US", Period: "2021-H1",
					OldLow: number(0), OldHigh: number(499), OldEdition: "microsoft/one/2021-H2", NewLow: number(2), NewHigh: number(499), NewEdition: "microsoft/one/2022-H1"},
			},
			Gone: []warehouse.FigureChange{
				{Source: "microsoft/one", Service: "microsoft", Process: "emergency_disclosure", Measure: "requests_received", Unit: "requests", Jurisdiction: "DE", Period: "2021-H1",
					OldLow: number(1), OldHigh: number(1), OldEdition: "microsoft/one/2021-H2"},
				{Source: "microsoft/one", Service: "microsoft", Process: "fisa_content", Measure: "requests_received", Unit: "requests", Jurisdiction: "US", Period: "2021-H1",
					OldLow: number(0), OldHigh: number(499), OldEdition: "microsoft/one/2021-H2"},
			},
		},
		{
			Compared:  true,
			Editions:  []warehouse.NewEdition{{Name: "microsoft/two/2022-H2", Figures: 2, KnownFrom: "2026-01-03", KnownBy: "captured", Trust: "archive"}},
			Providers: []warehouse.ProviderChange{{Provider: "microsoft", Before: 4, After: 4, Changed: 1, Same: 3, Readings: 2}},
			Changed: []warehouse.FigureChange{
				{Source: "microsoft/one", Service: "microsoft", Process: "law_enforcement_all", Measure: "requests_received", Unit: "requests", Jurisdiction: "DE", Period: "2022-H1",
					OldLow: number(20), OldHigh: number(20), OldEdition: "microsoft/one/2022-H1", NewLow: number(21), NewHigh: number(21), NewEdition: "microsoft/two/2022-H2"},
			},
			Gone: none,
		},
		unchanged,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestManyRestatedAtOnce: when a good part of a table is other than before, a person is told; a few
// restated figures and raised floors are what publishers do.
func TestManyRestatedAtOnce(t *testing.T) {
	figures := func(low, high float64, changed int) (out []fig) {
		for n := range 40 {
			f := fig{jurisdiction: "US", low: low, high: high, exactness: "band", half: n}
			if n < changed {
				f.low, f.high = low+1000, high+1000
			}
			out = append(out, f)
		}
		return out
	}
	older := input{capture("a", day(0), "archive"), "2033-H1", figures(0, 499, 0), nil, nil}
	for name, tc := range map[string]struct {
		later input
		want  int64
	}{
		"the_same":                  {input{capture("b", day(9), "archive"), "2033-H2", figures(0, 499, 0), nil, nil}, 0},
		"a_few":                     {input{capture("b", day(9), "archive"), "2033-H2", figures(0, 499, 3), nil, nil}, 0},
		"floors":                    {input{capture("b", day(9), "archive"), "2033-H2", figures(3, 499, 0), nil, nil}, 0},
		"many":                      {input{capture("b", day(9), "archive"), "2033-H2", figures(0, 499, 25), nil, nil}, 25},
		"an_edition_before":         {input{capture("b", day(9), "archive"), "2032-H2", figures(0, 499, 25), nil, nil}, 25},
		"another_capture_of_it":     {input{capture("b", day(9), "archive"), "2033-H1", figures(0, 499, 25), nil, nil}, 25},
		"another_one_with_the_same": {input{capture("b", day(9), "archive"), "2033-H1", figures(0, 499, 0), nil, nil}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			// Loaded twice: the second time it is known and says the same of itself.
			for i, r := range publish(t, dir, older, tc.later, tc.later)[1:] {
				if r.Restated != tc.want {
					t.Errorf("load %d: %d figures are told, want %d", i+2, r.Restated, tc.want)
				}
			}
			var want []string
			if tc.want > 0 {
				want = []string{"table|the figures of google/user-data/2033-H1|25 of 40 others|open"}
			}
			if diff := cmp.Diff(want, ask(t, dir, "SELECT tbl, expected, found, status FROM finding WHERE check_name = 'restated'")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestCopied: a file of one half-year under the name of another one.
func TestCopied(t *testing.T) {
	places := []string{"DE", "FR", "US", "GB", "IT", "ES", "PL", "NL", "BR", "IN", "AU", "CA", "JP", "MX", "SE", "NO", "DK", "FI", "IE", "PT", "GR", "AT",
		"BE", "CH", "CZ", "HU", "RO", "BG", "HR", "SI", "SK", "LT", "LV", "EE", "TR", "AR", "CL", "CO", "PE", "UY", "ZA", "KE", "NG", "EG"}
	file := func(half, other int) (out []fig) {
		for i, p := range places {
			v := float64(3 + 7*i)
			if i < other {
				v += float64(half)
			}
			out = append(out, fig{jurisdiction: p, low: v, high: v, half: half})
		}
		return out
	}
	for name, tc := range map[string]struct {
		other int // so many figures are not those of the half-year before
		want  []string
	}{
		"all":      {0, []string{"figures of its own|44 of 44 of 2013-H1"}},
		"nearly":   {4, []string{"figures of its own|40 of 44 of 2013-H1"}},
		"not_many": {5, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			later := input{capture("b", day(1), "archive"), "2013-H2", file(1, tc.other), nil, nil}
			told := map[bool]int64{true: int64(len(places) - tc.other)}[tc.want != nil]
			for i, r := range publish(t, dir, input{capture("a", day(0), "archive"), "2013-H1", file(0, 0), nil, nil}, later, later)[1:] {
				if r.Copied != told {
					t.Errorf("load %d: %d figures are told, want %d", i+2, r.Copied, told)
				}
			}
			if diff := cmp.Diff(tc.want, ask(t, dir, "SELECT expected, found FROM finding WHERE check_name = 'copied'")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
