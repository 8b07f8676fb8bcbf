package normalize

import (
	"math"
	"slices"
)

// The arithmetic of figures that are known only between two numbers. The macros iv_* of
// warehouse/schema/0002_interval.sql are the same rules in SQL, held against these by
// package warehouse's interval_test.go: a rule is changed in both or in neither.
//
// The operands are free of each other. An answer holds every number that they allow, and
// each of its ends is reached by some of them, except where the doc comment calls it a limit
// or says that more may be held. Units are the caller's: figures of two units, or of
// processes that overlap, do not add. The products keep the form 100*(b-a)/a, whose only
// rounding is the division, so that a change of exactly 10 percent is exactly 10.

// Direction says which way a figure went. The zero value means "no figure".
type Direction string

// The directions.
const (
	Up            Direction = "up"            // every number of the second is above every one of the first
	Down          Direction = "down"          // every number of the second is below every one of the first
	Same          Direction = "same"          // both are exact, and equal
	Indeterminate Direction = "indeterminate" // anything else: the same band twice is not the same number twice
)

// Rank is the place of a figure when the largest is first, both ends inclusive and from 1.
// Equal figures share their places: of two exact equals at the top each is first to second.
// The zero value means "no figure".
type Rank struct{ Best, Worst int }

// span is Range, or AtLeast when high is infinite.
func span(low, high float64) Interval {
	if math.IsInf(high, 1) {
		return AtLeast(low)
	}
	return Range(low, high)
}

// nonNegative reports whether there is a figure and no number of it is below 0.
func (i Interval) nonNegative() bool { return i.set && i.low >= 0 }

// onlyZero reports whether the interval holds the number 0 alone.
func (i Interval) onlyZero() bool { return i.set && i.low == 0 && i.high == 0 }

// Sum returns the sum of counts that count nothing twice: what Add gives two by two, but the
// rounding of fractional counts is made up for, so that their order hardly ever shows. It is
// no figure without counts, and when any of them is no figure, because missing is not zero.
func Sum(counts ...Interval) Interval {
	var low, high compensated
	open := false
	for _, c := range counts {
		if !c.set {
			return Interval{}
		}
		low.add(c.low)
		if open = open || c.open; !open {
			high.add(c.high)
		}
	}
	switch {
	case len(counts) == 0:
		return Interval{}
	case open:
		return AtLeast(low.sum)
	}
	return Range(low.sum, high.sum)
}

// compensated is a sum that carries what rounding took from it (Kahan), as fsum of DuckDB.
type compensated struct{ sum, over float64 }

func (c *compensated) add(v float64) {
	v -= c.over
	next := c.sum + v
	c.over = (next - c.sum) - v
	c.sum = next
}

// Diff returns the change from i to o, in their unit, below 0 for a fall. It has no upper end
// when o has none. It is no figure when i has no upper end: the change then has no lower end,
// and an Interval always has one. The fall, o.Diff(i), says what is known instead.
func (i Interval) Diff(o Interval) Interval {
	if !i.set || !o.set || i.open {
		return Interval{}
	}
	return span(o.low-i.high, o.high-i.low)
}

// Ratio returns o / i for counts; 1 is no change. It has no upper end when o has none and
// when i may be 0, also where o is 0. The lower end is the limit 0 when i has no upper end.
// It is no figure when i is 0, and when an operand is below 0.
func (i Interval) Ratio(o Interval) Interval {
	if !i.nonNegative() || !o.nonNegative() || i.onlyZero() {
		return Interval{}
	}
	high := math.Inf(1)
	if i.low > 0 {
		high = o.high / i.low
	}
	return span(o.low/i.high, high)
}

// PercentChange returns the change of a count from i to o in percent, 100*(o/i - 1): 50 is
// half as much again, -100 is none left. Ends, limits and what is no figure are those of
// Ratio.
func (i Interval) PercentChange(o Interval) Interval {
	if !i.nonNegative() || !o.nonNegative() || i.onlyZero() {
		return Interval{}
	}
	// To none left it is exactly -100, which 100*-x/x is not for every fraction.
	low, high := -100.0, math.Inf(1)
	if !i.open && o.low > 0 {
		low = 100 * (o.low - i.high) / i.high
	}
	switch {
	case i.low > 0 && o.onlyZero():
		high = -100
	case i.low > 0:
		high = 100 * (o.high - i.low) / i.low
	}
	return span(low, high)
}

// Share returns the percentage that the count i is of i and the rest together. Both ends take
// i on both sides of the line, so it is never wider than i over the printed total, and never
// above 100. Nothing out of nothing is no share: i and rest both 0 are left out of what the
// operands allow, and when they allow nothing else it is no figure. The lower end is the
// limit 0 when the rest has no upper end and i is above 0; the upper end is the limit 100
// when i has none and the rest is above 0. It is no figure when an operand is below 0.
func (i Interval) Share(rest Interval) Interval {
	if !i.nonNegative() || !rest.nonNegative() || i.onlyZero() && rest.onlyZero() {
		return Interval{}
	}
	// Without a rest it is exactly 100, which 100*x/x is not for every fraction.
	low, high := 100.0, 100.0
	if rest.high > 0 {
		low = 100 * i.low / (i.low + rest.high) // 0 for an infinite rest
	}
	switch {
	case i.onlyZero():
		high = 0
	case rest.low > 0 && !i.open:
		high = 100 * i.high / (i.high + rest.low)
	}
	return Range(low, high)
}

// ShareOf returns the percentage that the part i is of a printed total, which contains i:
// only totals of at least i are allowed, so it is never above 100. A total of 0 is left out,
// as in Share. The lower end is the limit 0 when the total has no upper end and i is above 0.
// It is no figure when the total is 0, when i is above the total for certain, and when an
// operand is below 0.
func (i Interval) ShareOf(total Interval) Interval {
	if !i.nonNegative() || !total.nonNegative() || total.onlyZero() || i.low > total.high {
		return Interval{}
	}
	low, high := 100.0, 100.0
	if i.low < total.high {
		low = 100 * i.low / total.high
	}
	switch {
	case i.onlyZero():
		high = 0
	case i.high < total.low:
		high = 100 * i.high / total.low
	}
	return Range(low, high)
}

// Meet returns what two statements about one number, counted one way, say together: the
// numbers in both. It is no figure when they have none in common: then one of them was
// restated.
func (i Interval) Meet(o Interval) Interval {
	if !i.Meets(o) {
		return Interval{}
	}
	return span(max(i.low, o.low), min(i.high, o.high))
}

// CarryOver returns the count of a year from those of its halves, when what was counted in
// the first half may be counted in the second again: an account under a FISA order that runs
// over midsummer is one account of the year (50 U.S.C. 1874(a) lets companies report by the
// half-year). It is at least the larger half and at most both. It is no figure when an
// operand is below 0.
func (i Interval) CarryOver(o Interval) Interval {
	if !i.nonNegative() || !o.nonNegative() {
		return Interval{}
	}
	return span(max(i.low, o.low), i.high+o.high)
}

// Direction says which way it went from i to o; the zero Direction when an operand is no
// figure.
func (i Interval) Direction(o Interval) Direction {
	switch {
	case !i.set || !o.set:
		return ""
	case o.low > i.high:
		return Up
	case o.high < i.low:
		return Down
	case i.IsPoint() && i == o:
		return Same
	}
	return Indeterminate
}

// Unrounded returns what a percentage printed with so many decimals may have been before it
// was rounded: 58 is 57.5 to 58.5, cut to 0..100. Both ends belong to it, because publishers
// round halves up or to even without saying so. It is no figure when p is no percentage of a
// part.
func Unrounded(p float64, decimals int) Interval {
	if !(p >= 0 && p <= 100) {
		return Interval{}
	}
	half := 0.5 / math.Pow10(decimals)
	return Range(max(0, clean(p-half, 1e9)), min(100, clean(p+half, 1e9)))
}

// CountOf returns the whole numbers that the percentage allows when it is said of the count
// i, which contains them. For an exact i both ends are reached; for a band it holds all that
// is allowed, but perhaps more. It has no upper end when i has none and the percentage may be
// above 0. It is no figure when no whole number fits, when i is below 0, and when percent is
// no percentage of a part.
func (i Interval) CountOf(percent Interval) Interval {
	if !i.nonNegative() || !percent.nonNegative() || percent.low > 100 {
		return Interval{}
	}
	high := 0.0
	if percent.high > 0 {
		high = math.Floor(clean(i.high*min(percent.high, 100)/100, 1e6))
	}
	return span(math.Ceil(clean(i.low*percent.low/100, 1e6)), high)
}

// clean takes away what binary fractions add, as to 2.45 - 0.005, by rounding to one part in
// so many. That is far finer than the decimals of any printed percentage.
func clean(v, parts float64) float64 {
	if r := math.Round(v*parts) / parts; !math.IsInf(r, 0) {
		return r
	}
	return v
}

// Ranks returns the place of each figure among all of them. A competitor that is no figure
// may stand anywhere: it has no Rank, and is counted in the Worst of every other.
func Ranks(figures []Interval) []Rank {
	var lows, highs []float64
	for _, f := range figures {
		if !f.set {
			f.high = math.Inf(1)
		} else {
			lows = append(lows, f.low)
		}
		highs = append(highs, f.high)
	}
	slices.Sort(lows)
	slices.Sort(highs)
	out := make([]Rank, len(figures))
	for n, f := range figures {
		if !f.set {
			continue
		}
		// A number just above f.high would be found where the lows above it begin.
		above, _ := slices.BinarySearchFunc(lows, f.high, func(low, high float64) int {
			if low > high {
				return 1
			}
			return -1
		})
		below, _ := slices.BinarySearch(highs, f.low)
		out[n] = Rank{Best: 1 + len(lows) - above, Worst: len(highs) - below}
	}
	return out
}
