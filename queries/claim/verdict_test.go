package claim

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// small is an asker whose two figures are whole numbers of small bands, and whose macros are
// counted out: every pair of numbers that the bands allow.
type small struct {
	a, b     interval
	best     interval
	series   []string
	schemes  [2]string
	apart    bool
	overlaps bool // the cells of a are among those of b
}

func (w small) value(_ context.Context, s Subject, p Period, _ string) (Value, []Cell, []string, error) {
	v := Value{Subject: s.String(), Period: p.String(), Unit: "requests", Basis: "as_published", Cells: 1, plain: true, firstDay: "2013-01-01", lastDay: "2013-06-30"}
	i, cell := w.a, Cell{Capture: "aa", Locator: "line 1", RawText: "a"}
	v.schemes = w.schemes[0]
	if p.Year == 2014 || s.Place == (Place{}) {
		i, cell = w.b, Cell{Capture: "aa", Locator: "line 2", RawText: "b"}
		v.schemes = w.schemes[1]
	}
	v.Low, v.High, v.Text = i.low, finite(i.high), ends(i)
	cells := []Cell{cell}
	if w.overlaps && s.Place == (Place{}) {
		cells = append(cells, Cell{Capture: "aa", Locator: "line 1", RawText: "a"})
	}
	return v, cells, []string{"a note", ""}, nil
}

func (w small) derive(_ context.Context, macro string, a, b interval) (interval, string, bool, error) {
	out := interval{math.Inf(1), math.Inf(-1)}
	pairs(a, b, func(x, y float64) {
		var v float64
		switch macro {
		case "iv_diff":
			v = y - x
		case "iv_pct":
			if v = 100 * (y - x) / x; x == 0 {
				out.high = math.Inf(1)
				return
			}
		case "iv_ratio":
			if v = y / x; x == 0 {
				out.high = math.Inf(1)
				return
			}
		case "iv_share_of":
			if v = 100 * x / y; y < x || y == 0 {
				return
			}
		case "iv_share":
			if v = 100 * x / (x + y); x+y == 0 {
				return
			}
		}
		out.low, out.high = min(out.low, v), max(out.high, v)
	})
	return out, ends(out), !math.IsInf(out.low, 1), nil
}

func (w small) direction(context.Context, interval, interval) (string, error) { return "", nil }

func (w small) rank(context.Context, Subject, Period, string) (interval, []string, error) {
	return w.best, nil, nil
}

func (w small) contained(context.Context, Subject, Subject, []Cell, []Cell, Value) (bool, error) {
	return !w.apart, nil
}

func (w small) breaks(context.Context, Subject, []Cell, string, string) ([]string, error) {
	return w.series, nil
}

// pairs calls f for every pair of whole numbers in the two bands.
func pairs(a, b interval, f func(x, y float64)) {
	for x := a.low; x <= a.high; x++ {
		for y := b.low; y <= b.high; y++ {
			f(x, y)
		}
	}
}

// bands are all that begin and end with the numbers up to n.
func bands(n int) []interval {
	var out []interval
	for low := range n + 1 {
		for high := low; high <= n; high++ {
			out = append(out, interval{float64(low), float64(high)})
		}
	}
	return out
}

// TestVerdictsAgainstEveryValue counts out the worlds that small bands allow. Proven is what
// holds in all of them, and refuted what holds in none. Where a sentence leaves room on both
// sides of what it says, no world may hit it though numbers between two whole ones would;
// that is possible, because reports do print fractions.
func TestVerdictsAgainstEveryValue(t *testing.T) {
	two := []Period{{2013, 1}, {2014, 1}}
	one := []Period{{2013, 1}}
	subject := of("microsoft", germany, "requests/requests_received")
	whole := of("microsoft", Place{}, "requests/requests_received")
	pct := func(x, y float64) float64 { return 100 * (y - x) / x } // +Inf from zero
	tests := map[string]struct {
		statement Statement
		periods   []Period
		holds     func(x, y float64) bool
		gaps      bool // room on both sides
	}{
		"rose":            {Statement{Verb: Rose}, two, func(x, y float64) bool { return y > x }, false},
		"fell":            {Statement{Verb: Fell}, two, func(x, y float64) bool { return y < x }, false},
		"same":            {Statement{Verb: Same}, two, func(x, y float64) bool { return y == x }, true},
		"rose_at_least":   {Statement{Verb: Rose, Op: AtLeast, X: plain(50)}, two, func(x, y float64) bool { return y > x && pct(x, y) >= 50 }, false},
		"rose_above":      {Statement{Verb: Rose, Op: Above, X: plain(50)}, two, func(x, y float64) bool { return y > x && pct(x, y) > 50 }, false},
		"rose_at_most":    {Statement{Verb: Rose, Op: AtMost, X: plain(50)}, two, func(x, y float64) bool { return y > x && pct(x, y) <= 50 }, true},
		"rose_below":      {Statement{Verb: Rose, Op: Below, X: plain(50)}, two, func(x, y float64) bool { return y > x && pct(x, y) < 50 }, true},
		"rose_exactly":    {Statement{Verb: Rose, Op: Equals, X: Number{33.3, 1}}, two, func(x, y float64) bool { return pct(x, y) >= 33.25 && pct(x, y) < 33.35 }, true},
		"rose_by_a_range": {Statement{Verb: Rose, Op: Between, X: plain(20), Y: plain(50)}, two, func(x, y float64) bool { return pct(x, y) >= 20 && pct(x, y) <= 50 }, true},
		"fell_at_least":   {Statement{Verb: Fell, Op: AtLeast, X: plain(50)}, two, func(x, y float64) bool { return pct(x, y) <= -50 }, false},
		"fell_above":      {Statement{Verb: Fell, Op: Above, X: plain(50)}, two, func(x, y float64) bool { return pct(x, y) < -50 }, false},
		"fell_at_most":    {Statement{Verb: Fell, Op: AtMost, X: plain(50)}, two, func(x, y float64) bool { return y < x && pct(x, y) >= -50 }, true},
		"doubled":         {Statement{Verb: Times, Op: AtLeast, X: plain(2)}, two, func(x, y float64) bool { return y > 0 && y >= 2*x }, false},
		"more_doubled":    {Statement{Verb: Times, Op: Above, X: plain(2)}, two, func(x, y float64) bool { return y > 2*x }, false},
		"halved":          {Statement{Verb: Times, Op: AtMost, X: Number{.5, 1}}, two, func(x, y float64) bool { return x > 0 && y <= x/2 }, false},
		"more_halved":     {Statement{Verb: Times, Op: Below, X: Number{.5, 1}}, two, func(x, y float64) bool { return y < x/2 }, false},
		"equals":          {Statement{Verb: Counts, Op: Equals, X: plain(3)}, one, func(x, _ float64) bool { return x == 3 }, false},
		"at_least":        {Statement{Verb: Counts, Op: AtLeast, X: plain(3)}, one, func(x, _ float64) bool { return x >= 3 }, false},
		"above":           {Statement{Verb: Counts, Op: Above, X: plain(3)}, one, func(x, _ float64) bool { return x > 3 }, false},
		"at_most":         {Statement{Verb: Counts, Op: AtMost, X: plain(3)}, one, func(x, _ float64) bool { return x <= 3 }, false},
		"below":           {Statement{Verb: Counts, Op: Below, X: plain(3)}, one, func(x, _ float64) bool { return x < 3 }, false},
		"between":         {Statement{Verb: Counts, Op: Between, X: plain(2), Y: plain(3)}, one, func(x, _ float64) bool { return x == 2 || x == 3 }, false},
		"share_at_least":  {Statement{Verb: Shares, Op: AtLeast, X: plain(50), Whole: &whole}, one, func(x, y float64) bool { return 100*x/y >= 50 }, false},
		"share_below":     {Statement{Verb: Shares, Op: Below, X: plain(50), Whole: &whole}, one, func(x, y float64) bool { return 100*x/y < 50 }, false},
		"share_exactly":   {Statement{Verb: Shares, Op: Equals, X: plain(33), Whole: &whole}, one, func(x, y float64) bool { return 100*x/y >= 32.5 && 100*x/y < 33.5 }, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			seen := map[Verdict]int{}
			for _, a := range bands(5) {
				for _, b := range bands(5) {
					c := Claim{Subject: subject, Statement: tc.statement, Periods: tc.periods}
					answer, err := judge(t.Context(), small{a: a, b: b}, c, Options{})
					all, none, n := true, true, 0
					pairs(a, b, func(x, y float64) {
						if tc.statement.Verb == Shares && (y < x || y == 0) {
							return // no world: the whole contains the part
						}
						n++
						all, none = all && tc.holds(x, y), none && !tc.holds(x, y)
					})
					if errors.Is(err, ErrUndecided) {
						// Nothing is a percentage or a multiple of zero, nor a share of it.
						if a.high > 0 && n > 0 {
							t.Fatalf("%v to %v: %v", a, b, err)
						}
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					seen[answer.Verdict]++
					// From nothing to nothing is no change in percent; the interval cannot leave it out.
					zero := a.low == 0 && b.low == 0 && tc.statement.Verb != Counts && tc.statement.Verb != Shares && (tc.statement.Verb == Times || tc.statement.Op != "")
					switch {
					case answer.Verdict == Proven && !all, answer.Verdict == Refuted && !none:
						t.Fatalf("%v to %v: %s, but it holds in all worlds %v, in none %v", a, b, answer.Verdict, all, none)
					case answer.Verdict != Proven && all && !zero, answer.Verdict != Refuted && none && !zero && !tc.gaps:
						t.Fatalf("%v to %v: %s, but it holds in all worlds %v, in none %v", a, b, answer.Verdict, all, none)
					}
				}
			}
			for _, v := range []Verdict{Proven, Possible, Refuted} {
				if seen[v] == 0 {
					t.Errorf("no bands gave %s", v)
				}
			}
		})
	}
}

// TestShareOfASum: the part stands on both sides of the line, so that a share of a sum is
// narrower than one of a printed total.
func TestShareOfASum(t *testing.T) {
	whole := of("microsoft", Place{}, "requests/requests_received")
	c := Claim{of("microsoft", germany, "requests/requests_received"), Statement{Verb: Shares, Op: AtLeast, X: plain(33), Whole: &whole}, []Period{{2013, 1}}, ""}
	for name, tc := range map[string]struct {
		overlaps bool
		want     interval
		verdict  Verdict
	}{
		"printed_total": {false, interval{25, 100}, Possible},
		"sum":           {true, interval{100.0 / 3, 75}, Proven},
	} {
		t.Run(name, func(t *testing.T) {
			// 2 to 6 of a printed total of 4 to 8, or of a sum whose rest is 2 to 4.
			w := small{a: interval{2, 6}, b: interval{4, 8}, overlaps: tc.overlaps}
			if tc.overlaps {
				w.b.high = 10
			}
			got, err := judge(t.Context(), w, c, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, interval{*got.Proof.Computed.Low, *got.Proof.Computed.High}, cmp.AllowUnexported(interval{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got.Verdict != tc.verdict {
				t.Errorf("verdict %s, want %s", got.Verdict, tc.verdict)
			}
		})
	}
}

// TestOpenEnds: a figure without an upper end proves only what its lower end does.
func TestOpenEnds(t *testing.T) {
	inf := math.Inf(1)
	two := []Period{{2013, 1}, {2014, 1}}
	tests := map[string]struct {
		a, b      interval
		statement Statement
		want      Verdict
	}{
		"rose_for_certain":   {interval{1, 2}, interval{3, inf}, Statement{Verb: Rose}, Proven},
		"may_have_fallen":    {interval{1, inf}, interval{3, 4}, Statement{Verb: Rose}, Possible},
		"fell_not":           {interval{1, 2}, interval{3, inf}, Statement{Verb: Fell}, Refuted},
		"fell_for_certain":   {interval{5, inf}, interval{3, 4}, Statement{Verb: Fell}, Proven},
		"rose_not":           {interval{5, inf}, interval{3, 4}, Statement{Verb: Rose}, Refuted},
		"nothing_is_known":   {interval{5, inf}, interval{3, inf}, Statement{Verb: Rose}, Possible},
		"at_least":           {interval{5, inf}, interval{}, Statement{Verb: Counts, Op: AtLeast, X: plain(5)}, Proven},
		"at_most":            {interval{5, inf}, interval{}, Statement{Verb: Counts, Op: AtMost, X: plain(9)}, Possible},
		"at_most_is_refuted": {interval{5, inf}, interval{}, Statement{Verb: Counts, Op: AtMost, X: plain(4)}, Refuted},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := Claim{Subject: of("microsoft", germany, "requests/requests_received"), Statement: tc.statement, Periods: two}
			if tc.statement.Verb == Counts {
				c.Periods = two[:1]
			}
			got, err := judge(t.Context(), unbounded{small{a: tc.a, b: tc.b}}, c, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != tc.want {
				t.Errorf("%s: %s, want %s", got.Proof.Computed.Text, got.Verdict, tc.want)
			}
		})
	}
}

// unbounded is small with the difference of figures that have no upper end, which cannot be
// counted out: no figure when the first has none.
type unbounded struct{ small }

func (unbounded) derive(_ context.Context, macro string, a, b interval) (interval, string, bool, error) {
	if macro != "iv_diff" {
		return interval{}, "", false, fmt.Errorf("%s is not asked for", macro)
	}
	return interval{b.low - a.high, b.high - a.low}, "", !math.IsInf(a.high, 1), nil
}

func TestRanks(t *testing.T) {
	inf := math.Inf(1)
	tests := map[string]struct {
		best      interval
		statement Statement
		want      Verdict
	}{
		"first":          {interval{1, 1}, Statement{Verb: Ranks, Op: Equals, X: plain(1)}, Proven},
		"first_or_third": {interval{1, 3}, Statement{Verb: Ranks, Op: Equals, X: plain(1)}, Possible},
		"not_first":      {interval{2, 3}, Statement{Verb: Ranks, Op: Equals, X: plain(1)}, Refuted},
		"excerpt":        {interval{1, inf}, Statement{Verb: Ranks, Op: Equals, X: plain(1)}, Possible},
		"top_five":       {interval{2, 5}, Statement{Verb: Ranks, Op: AtMost, X: plain(5)}, Proven},
		"not_top_five":   {interval{6, inf}, Statement{Verb: Ranks, Op: AtMost, X: plain(5)}, Refuted},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := Claim{of("microsoft", germany, "requests/requests_received"), tc.statement, []Period{{2013, 1}}, ""}
			got, err := judge(t.Context(), small{a: interval{1, 1}, best: tc.best}, c, Options{})
			if err != nil || got.Verdict != tc.want {
				t.Errorf("%v, %v, want %s", got, err, tc.want)
			}
		})
	}
}

// TestUndecided: what the figures do not decide is no verdict.
func TestUndecided(t *testing.T) {
	subject := of("microsoft", germany, "requests/requests_received")
	whole := of("microsoft", Place{}, "requests/requests_received")
	rose := Claim{subject, Statement{Verb: Rose}, []Period{{2013, 1}, {2014, 1}}, ""}
	up := small{a: interval{1, 1}, b: interval{2, 2}}
	with := func(change func(*small)) small { w := up; change(&w); return w }
	tests := map[string]struct {
		world small
		claim Claim
		want  string
	}{
		"break": {with(func(w *small) { w.series = []string{"the sheet was split"} }), rose, "the series breaks between the periods: the sheet was split; --across-breaks compares all the same"},
		"regime": {with(func(w *small) { w.schemes = [2]string{"ufa_a3_250", "ufa_a2_500"} }), rose,
			"the series breaks between the periods: the bands follow another legal scheme: ufa_a3_250, then ufa_a2_500; --across-breaks compares all the same"},
		"no_part": {with(func(w *small) { w.apart = true }), Claim{subject, Statement{Verb: Shares, Op: AtLeast, X: plain(1), Whole: &whole}, rose.Periods[:1], ""},
			"Microsoft requests from Germany are no part of Microsoft requests for certain: the reports do not say that all of them are counted there"},
		"from_zero": {with(func(w *small) { w.a = interval{0, 0} }), Claim{subject, Statement{Verb: Times, Op: AtLeast, X: plain(2)}, rose.Periods, ""},
			"Microsoft requests from Germany is 0 in 2013-H1: nothing is a percentage or a multiple of it"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := judge(t.Context(), tc.world, tc.claim, Options{})
			if !errors.Is(err, ErrUndecided) {
				t.Fatalf("%v is no ErrUndecided", err)
			}
			if diff := cmp.Diff("cannot be decided: "+tc.want, err.Error()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	t.Run("across_breaks", func(t *testing.T) {
		got, err := judge(t.Context(), with(func(w *small) { w.series = []string{"the sheet was split"} }), rose, Options{AcrossBreaks: true})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"a note", "break of the series: the sheet was split"}, got.Advisories); diff != "" || got.Verdict != Proven {
			t.Errorf("%s: -want +got:\n%s", got.Verdict, diff)
		}
	})
	t.Run("break_within_one_figure", func(t *testing.T) {
		c := Claim{subject, Statement{Verb: Counts, Op: AtLeast, X: plain(1)}, rose.Periods[:1], ""}
		got, err := judge(t.Context(), with(func(w *small) { w.series = []string{"the sheet was split"} }), c, Options{})
		if err != nil || !strings.Contains(strings.Join(got.Advisories, ";"), "break of the series") {
			t.Errorf("%v, %v: want an advisory", got, err)
		}
	})
}

func TestCite(t *testing.T) {
	cell := Cell{Edition: "x/y/2013-H1", File: "f.csv", URL: "https://example.org/f", RawText: "1", Locator: "line 1", CapturedAt: "2026-03-01T12:00:00Z", Trust: "archive", Capture: "abc", title: "Report"}
	at := func(n int) Cell { c := cell; c.Locator = fmt.Sprintf("line %d", n); return c }
	other := cell
	other.Capture, other.URL = "def", ""
	got := cite([]Cell{at(1), at(2), other, at(2), at(3), at(4), at(5)})
	want := []string{
		`Report; edition x/y/2013-H1; f.csv; line 1 ("1"), line 2 ("1"), line 3 ("1"), and 2 more; captured 2026-03-01 (archive); SHA-256 abc; https://example.org/f`,
		`Report; edition x/y/2013-H1; f.csv; line 1 ("1"); captured 2026-03-01 (archive); SHA-256 def`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestSpanExplains(t *testing.T) {
	tests := map[string]struct {
		statement Statement
		want      string
	}{
		"rose":         {Statement{Verb: Rose}, "more than 0"},
		"fell":         {Statement{Verb: Fell}, "less than 0"},
		"same":         {Statement{Verb: Same}, "exactly 0"},
		"rose_by":      {Statement{Verb: Rose, Op: AtMost, X: plain(1200)}, "more than 0 and at most 1,200"},
		"fell_by":      {Statement{Verb: Fell, Op: Equals, X: Number{12.5, 1}}, "more than -12.55 and at most -12.45"},
		"half_away":    {Statement{Verb: Times, Op: AtMost, X: Number{.5, 1}}, "at most 0.5"},
		"rounded":      {Statement{Verb: Shares, Op: Equals, X: Number{40.13, 2}}, "at least 40.125 and less than 40.135"},
		"a_rank":       {Statement{Verb: Ranks, Op: Equals, X: plain(3)}, "exactly 3"},
		"a_band":       {Statement{Verb: Counts, Op: Between, X: plain(6000), Y: plain(6999)}, "at least 6,000 and at most 6,999"},
		"a_large_fall": {Statement{Verb: Fell, Op: Above, X: plain(1000)}, "less than -1,000"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, s := tc.statement.span()
			if got := s.explain().Text; got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}
