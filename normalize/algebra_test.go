package normalize

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// smallIntervals returns every interval with whole ends in 0..top, those without an upper
// end included, and no figure.
func smallIntervals(top int) []Interval {
	all := []Interval{{}}
	for low := 0; low <= top; low++ {
		for high := low; high <= top; high++ {
			all = append(all, Range(float64(low), float64(high)))
		}
		all = append(all, AtLeast(float64(low)))
	}
	return all
}

// far stands for "without end" among the assignments of an interval.
const far = 1e12

// assignments returns the whole numbers of the interval up to 12, and a few large ones when it
// has no upper end.
func assignments(i Interval) []float64 {
	var out []float64
	for v := 0.0; v <= 12; v++ {
		if i.Contains(v) {
			out = append(out, v)
		}
	}
	if i.open {
		out = append(out, 1000, 1e6, far)
	}
	return out
}

// each calls f with each number that an operation gives for whole numbers of a and b.
type each func(x, y float64, f func(v float64))

// An end of an answer against what the assignments reach.
type end int

const (
	reached end = iota // some assignment gives it
	limit              // assignments come as near as one likes, and none gives it
	none               // there is no end
)

// operations are those that take two intervals and give one. low and high say what kind of
// end the answer has where it has a figure; figure says where it has one.
var operations = map[string]struct {
	apply     func(a, b Interval) Interval
	values    each
	low, high func(a, b Interval) end
	figure    func(a, b Interval, allowed bool) bool
}{
	"add": {
		apply:  Interval.Add,
		values: func(x, y float64, f func(float64)) { f(x + y) },
		high:   func(a, b Interval) end { return noneIf(a.open || b.open) },
	},
	"diff": {
		apply:  Interval.Diff,
		values: func(x, y float64, f func(float64)) { f(y - x) },
		high:   func(a, b Interval) end { return noneIf(b.open) },
		// Without an upper end of a there is no lower end, which an Interval must have.
		figure: func(a, b Interval, allowed bool) bool { return allowed && !a.open },
	},
	"ratio": {
		apply: Interval.Ratio,
		values: func(x, y float64, f func(float64)) {
			if x > 0 {
				f(y / x)
			}
		},
		low: func(a, b Interval) end { return limitIf(a.open && b.low > 0) },
		// From 0 there is no ratio: it is left open, although whole numbers above 0 have one.
		high: func(a, b Interval) end { return noneIf(b.open || a.Contains(0)) },
	},
	"percent_change": {
		apply: Interval.PercentChange,
		values: func(x, y float64, f func(float64)) {
			if x > 0 {
				f(100 * (y - x) / x)
			}
		},
		low:  func(a, b Interval) end { return limitIf(a.open && b.low > 0) },
		high: func(a, b Interval) end { return noneIf(b.open || a.Contains(0)) },
	},
	"share": {
		apply: Interval.Share,
		values: func(x, rest float64, f func(float64)) {
			if x+rest > 0 {
				f(100 * x / (x + rest))
			}
		},
		low:  func(x, rest Interval) end { return limitIf(rest.open && x.low > 0) },
		high: func(x, rest Interval) end { return limitIf(x.open && rest.low > 0) },
	},
	"share_of": {
		apply: Interval.ShareOf,
		values: func(x, total float64, f func(float64)) {
			if 0 < total && x <= total {
				f(100 * x / total)
			}
		},
		low: func(x, total Interval) end { return limitIf(total.open && x.low > 0) },
	},
	"meet": {
		apply: Interval.Meet,
		values: func(x, y float64, f func(float64)) {
			if x == y {
				f(x)
			}
		},
		high: func(a, b Interval) end { return noneIf(a.open && b.open) },
	},
	"carry_over": {
		apply: Interval.CarryOver,
		values: func(x, y float64, f func(float64)) {
			// Any number of the smaller half may have been counted in the other.
			for both := range int(min(x, y, 12)) + 1 {
				f(x + y - float64(both))
			}
			f(max(x, y))
		},
		high: func(a, b Interval) end { return noneIf(a.open || b.open) },
	},
}

func noneIf(yes bool) end {
	if yes {
		return none
	}
	return reached
}

func limitIf(yes bool) end {
	if yes {
		return limit
	}
	return reached
}

// Every assignment of whole numbers lies in the answer, and its ends are what the doc comment
// says they are.
func TestAlgebraAgainstBruteForce(t *testing.T) {
	all := smallIntervals(5)
	for name, op := range operations {
		t.Run(name, func(t *testing.T) {
			for _, a := range all {
				for _, b := range all {
					got := op.apply(a, b)
					call := fmt.Sprintf("%s(%q, %q) = %q", name, a, b, got)
					lowest, highest := math.Inf(1), math.Inf(-1)
					for _, x := range assignments(a) {
						for _, y := range assignments(b) {
							op.values(x, y, func(v float64) {
								lowest, highest = min(lowest, v), max(highest, v)
							})
						}
					}
					allowed := lowest <= highest
					want := allowed
					if op.figure != nil {
						want = op.figure(a, b, allowed)
					}
					if got.IsZero() == want {
						t.Fatalf("%s, want a figure: %v", call, want)
					}
					if got.IsZero() {
						continue
					}
					// Every value lies between the two.
					if !got.Contains(lowest) || !got.Contains(highest) {
						t.Errorf("%s does not hold %v to %v", call, lowest, highest)
					}
					low, ok := got.Low()
					checkEnd(t, call+": low", low, ok, lowest, op.low, a, b)
					high, ok := got.High()
					checkEnd(t, call+": high", high, ok, highest, op.high, a, b)
				}
			}
		})
	}
}

func checkEnd(t *testing.T, call string, got float64, closed bool, brute float64, kind func(a, b Interval) end, a, b Interval) {
	t.Helper()
	want := reached
	if kind != nil {
		want = kind(a, b)
	}
	switch {
	case closed != (want != none):
		t.Errorf("%s: has an end: %v", call, closed)
	case want == reached && got != brute:
		t.Errorf("%s is %v, assignments reach %v", call, got, brute)
	case want == limit && (got == brute || math.Abs(got-brute) > 1e-6):
		t.Errorf("%s is %v, assignments come to %v", call, got, brute)
	case want == none && !a.Contains(0) && brute < 1e10:
		t.Errorf("%s is open, assignments come to %v", call, brute)
	}
}

// The direction is up, down or same only when all assignments agree.
func TestDirectionAgainstBruteForce(t *testing.T) {
	all := smallIntervals(5)
	for _, a := range all {
		for _, b := range all {
			seen := map[Direction]bool{}
			for _, x := range assignments(a) {
				for _, y := range assignments(b) {
					switch {
					case y > x:
						seen[Up] = true
					case y < x:
						seen[Down] = true
					default:
						seen[Same] = true
					}
				}
			}
			want := Indeterminate
			switch {
			case len(seen) == 0:
				want = ""
			case len(seen) == 1:
				for want = range seen {
				}
			}
			if got := a.Direction(b); got != want {
				t.Errorf("from %q to %q: %q, want %q", a, b, got, want)
			}
			// The signs of change and percentage say the same.
			low, _ := a.PercentChange(b).Low()
			if high, ok := a.PercentChange(b).High(); !a.onlyZero() && a.set && b.set && ((low > 0) != (want == Up) || (ok && high < 0) != (want == Down)) {
				t.Errorf("from %q to %q: %q, but %q percent", a, b, want, a.PercentChange(b))
			}
		}
	}
}

// A sum of many is the sum of them two by two, in any order.
func TestSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	all := smallIntervals(5)
	for range 2000 {
		var counts []Interval
		for range rng.IntN(5) {
			counts = append(counts, all[rng.IntN(len(all))])
		}
		want := Interval{}
		for n, c := range counts {
			if n == 0 {
				want = c
				continue
			}
			want = want.Add(c)
		}
		shuffled := slices.Clone(counts)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got := Sum(shuffled...); got != want {
			t.Errorf("Sum(%v) = %q, want %q", shuffled, got, want)
		}
		if slices.Contains(counts, Interval{}) != want.IsZero() && len(counts) > 0 {
			t.Errorf("Sum(%v) = %q", counts, want)
		}
	}
	// The order of fractional counts does not show: Microsoft's of the second half of 2015.
	fractions := []Interval{Point(20.14), Point(572.11), Point(330.06), Point(66.11), Point(38095)}
	if a, b := Sum(fractions...), Sum(fractions[4], fractions[3], fractions[2], fractions[1], fractions[0]); a != b {
		t.Errorf("%s one way, %s the other", a, b)
	}
	tenths := slices.Repeat([]Interval{Point(0.1)}, 10)
	if got := Sum(tenths...); got != Point(1) {
		t.Errorf("ten tenths are %s", got)
	}
	// n bands of width w are a band of width n*(w-1)+1.
	if got, want := Sum(Range(0, 499), Range(500, 999), Range(0, 499)), Range(500, 1997); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A percentage allows exactly the whole numbers that round to it.
func TestCountOfAgainstBruteForce(t *testing.T) {
	const top = 40
	for p := range 101 {
		percent := Unrounded(float64(p), 0)
		// allowed says whether c of n is p percent, a half rounded either way.
		allowed := func(c, n int) bool { return 200*c >= (2*p-1)*n && 200*c <= (2*p+1)*n }
		for low := range top + 1 {
			for high := low; high <= top; high++ {
				got := Range(float64(low), float64(high)).CountOf(percent)
				lowest, highest := top+1, -1
				for n := low; n <= high; n++ {
					for c := range n + 1 {
						if !allowed(c, n) {
							continue
						}
						lowest, highest = min(lowest, c), max(highest, c)
						if !got.Contains(float64(c)) {
							t.Fatalf("%d %% of %d..%d = %q does not hold %d of %d", p, low, high, got, c, n)
						}
					}
				}
				if low == high {
					want := Range(float64(lowest), float64(highest)) // no figure when none is allowed
					if got != want {
						t.Fatalf("%d %% of %d = %q, want %q", p, low, got, want)
					}
				}
			}
		}
		if got, want := AtLeast(200).CountOf(percent), AtLeast(max(0, float64(2*p-1))); got != want {
			t.Errorf("%d %% of 200 or more = %q, want %q", p, got, want)
		}
	}
}

func TestCountOf(t *testing.T) {
	for name, tc := range map[string]struct{ n, percent, want Interval }{
		"no_binary_noise_at_the_ends": {Point(20000), Unrounded(0.04, 2), Range(7, 9)},
		"fractional_count":            {Point(39083.42), Unrounded(13.09, 2), Range(5115, 5117)},
		"none_of_any_number":          {AtLeast(3), Point(0), Point(0)},
		"at_least_half":               {Point(10), AtLeast(50), Range(5, 10)},
		"more_than_all":               {Point(10), Range(50, 200), Range(5, 10)},
		"no_percentage_of_a_part":     {Point(10), Range(101, 200), Interval{}},
		"no_end_and_no_percentage":    {AtLeast(10), Range(101, 200), Interval{}},
		"below_zero":                  {Point(10), Range(-1, 5), Interval{}},
		"nothing_fits":                {Point(3), Unrounded(58, 0), Interval{}},
		"no_count":                    {Interval{}, Unrounded(58, 0), Interval{}},
		"no_percentage":               {Point(3), Interval{}, Interval{}},
		"larger_than_fractions_reach": {Point(1e305), Point(100), Point(1e305)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.n.CountOf(tc.percent); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestUnrounded(t *testing.T) {
	for name, tc := range map[string]struct {
		p        float64
		decimals int
		want     Interval
	}{
		"whole":            {58, 0, Range(57.5, 58.5)},
		"none":             {0, 0, Range(0, 0.5)},
		"all":              {100, 0, Range(99.5, 100)},
		"two_decimals":     {2.45, 2, Range(2.445, 2.455)},
		"to_tens":          {60, -1, Range(55, 65)},
		"above_all":        {100.5, 0, Interval{}},
		"below_zero":       {-1, 0, Interval{}},
		"not_a_number":     {math.NaN(), 0, Interval{}},
		"one_decimal_zero": {0, 1, Range(0, 0.05)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Unrounded(tc.p, tc.decimals); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	// What rounds to the printed number lies in its interval.
	for v := range 100_001 {
		exact := float64(v) / 1000
		for decimals := range 3 {
			scale := math.Pow10(decimals)
			for _, printed := range []float64{math.Round(exact*scale) / scale, math.RoundToEven(exact*scale) / scale} {
				if !Unrounded(printed, decimals).Contains(exact) {
					t.Fatalf("%v printed as %v: %q", exact, printed, Unrounded(printed, decimals))
				}
			}
		}
	}
}

// The ranks hold the place of a figure under every assignment, and reach both ends.
func TestRanksAgainstBruteForce(t *testing.T) {
	all := smallIntervals(2)
	values := func(i Interval) []float64 {
		if i.IsZero() {
			return []float64{0, 1, 2, 3, 4} // it may stand anywhere
		}
		return slices.DeleteFunc([]float64{0, 1, 2, 3, 4}, func(v float64) bool { return !i.Contains(v) })
	}
	for _, a := range all {
		for _, b := range all {
			for _, c := range all {
				want := []Rank{{Best: 3, Worst: 1}, {Best: 3, Worst: 1}, {Best: 3, Worst: 1}}
				for _, x := range values(a) {
					for _, y := range values(b) {
						for _, z := range values(c) {
							world := [3]float64{x, y, z}
							for i := range world {
								above, level := 0, 0
								for _, v := range world {
									if v > world[i] {
										above++
									} else if v == world[i] {
										level++
									}
								}
								want[i].Best = min(want[i].Best, 1+above)
								want[i].Worst = max(want[i].Worst, above+level)
							}
						}
					}
				}
				figures := []Interval{a, b, c}
				for i, f := range figures {
					if f.IsZero() {
						want[i] = Rank{}
					}
				}
				if diff := cmp.Diff(want, Ranks(figures)); diff != "" {
					t.Fatalf("Ranks(%q) (-want +got)\n%s", figures, diff)
				}
			}
		}
	}
	if got := Ranks(nil); len(got) != 0 {
		t.Errorf("Ranks(nil) = %v", got)
	}
}

// What holds for any operands: no figure in is no figure out, what comes out is finite and
// ordered, and addition does not know an order.
func TestAlgebraProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	random := func() Interval {
		low := math.Floor(rng.ExpFloat64() * 1000)
		if rng.IntN(4) == 0 {
			low += rng.Float64() // Microsoft prints fractions of requests
		}
		switch rng.IntN(8) {
		case 0:
			return Interval{}
		case 1:
			return AtLeast(low)
		case 2:
			return Point(low)
		case 3:
			return Point(0)
		case 4:
			return Range(0, low)
		case 5:
			return Range(-low, low)
		}
		return Range(low, low+math.Floor(rng.ExpFloat64()*500))
	}
	for range 20_000 {
		a, b := random(), random()
		for name, op := range operations {
			got := op.apply(a, b)
			low, _ := got.Low()
			high, closed := got.High()
			switch {
			case (a.IsZero() || b.IsZero()) && !got.IsZero():
				t.Fatalf("%s(%q, %q) = %q out of no figure", name, a, b, got)
			case math.IsNaN(low) || math.IsInf(low, 0) || closed && !(low <= high) || math.IsInf(high, 0) && closed:
				t.Fatalf("%s(%q, %q) = %q", name, a, b, got)
			}
		}
		if a.Add(b) != b.Add(a) || a.Meet(b) != b.Meet(a) || a.CarryOver(b) != b.CarryOver(a) {
			t.Fatalf("%q and %q do not commute", a, b)
		}
		// Rounding never turns the ends around.
		if a.nonNegative() && b.nonNegative() && !a.onlyZero() &&
			(a.Ratio(b).IsZero() || a.PercentChange(b).IsZero() || a.Share(b).IsZero() || a.CarryOver(b).IsZero()) {
			t.Fatalf("%q and %q give no figure", a, b)
		}
		// A share and that of the rest fill the whole between them.
		share, rest := a.Share(b), b.Share(a)
		if share.IsZero() != rest.IsZero() {
			t.Fatalf("%q of %q", a, b)
		}
		if low, ok := share.Low(); ok {
			if high, _ := rest.High(); math.Abs(low+high-100) > 1e-9 {
				t.Fatalf("%q and %q percent", share, rest)
			}
		}
	}
	if Sum() != (Interval{}) || (Interval{}).Direction(Point(1)) != "" || Point(1).Direction(Interval{}) != "" {
		t.Error("a figure out of nothing")
	}
}

// Counts only: a change, which may be below 0, has no ratio and no share.
func TestAlgebraRefusesNegativeCounts(t *testing.T) {
	change, count := Range(-5, 5), Range(1, 5)
	for name, f := range map[string]func(a, b Interval) Interval{
		"ratio": Interval.Ratio, "percent_change": Interval.PercentChange, "share": Interval.Share,
		"share_of": Interval.ShareOf, "carry_over": Interval.CarryOver, "count_of": Interval.CountOf,
	} {
		t.Run(name, func(t *testing.T) {
			if a, b := f(change, count), f(count, change); !a.IsZero() || !b.IsZero() {
				t.Errorf("got %q and %q", a, b)
			}
		})
	}
	if got, want := change.Add(count), Range(-4, 10); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The only rounding is the division.
func TestPercentagesAreExactWhereTheyCanBe(t *testing.T) {
	for n := 1; n <= 3000; n++ {
		a, b := Point(float64(10*n)), Point(float64(11*n))
		if got := a.PercentChange(b); got != Point(10) {
			t.Fatalf("from %s to %s: %s percent", a, b, got)
		}
		if got := Point(float64(7 * n)).Share(Point(float64(93 * n))); got != Point(7) {
			t.Fatalf("7n of 100n, n = %d: %s percent", n, got)
		}
		// 100*x/x is not always 100.
		x := Point(float64(n) / 100)
		if a, b := x.Share(Point(0)), x.ShareOf(x); a != Point(100) || b != Point(100) {
			t.Fatalf("all of %s is %s and %s percent", x, a, b)
		}
		if got := x.PercentChange(Point(0)); got != Point(-100) {
			t.Fatalf("from %s to 0: %s percent", x, got)
		}
	}
}
