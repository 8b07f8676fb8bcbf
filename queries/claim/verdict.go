package claim

import (
	"math"
)

// Verdict says whether a claim holds.
type Verdict string

// A claim is proven when it holds for every value that the printed intervals allow, refuted
// when it holds for none, and possible otherwise.
const (
	Proven   Verdict = "proven"
	Possible Verdict = "possible"
	Refuted  Verdict = "refuted"
)

// interval is what a derived figure may be. An end that is infinite is none.
type interval struct{ low, high float64 }

// span is the set of values for which a statement holds. An infinite end is none; an open
// end does not belong to the set.
type span struct {
	low, high         float64
	openLow, openHigh bool
}

// quantity is what a statement is about: the number that its span bounds.
type quantity string

const (
	difference quantity = "difference"     // b − a
	percent    quantity = "percent_change" // 100 (b / a − 1)
	ratio      quantity = "ratio"          // b / a
	count      quantity = "count"
	rank       quantity = "rank"
	share      quantity = "share" // percent
)

// span returns the quantity that the statement speaks of and the values for which it holds.
func (s Statement) span() (quantity, span) {
	inf := math.Inf(1)
	switch s.Verb {
	case Rose:
		if s.Op == "" {
			return difference, span{low: 0, high: inf, openLow: true}
		}
		return percent, s.rise()
	case Fell:
		if s.Op == "" {
			return difference, span{low: -inf, high: 0, openHigh: true}
		}
		r := s.rise()
		return percent, span{low: -r.high, high: -r.low, openLow: r.openHigh, openHigh: r.openLow}
	case Same:
		return difference, span{}
	case Times:
		return ratio, s.bounds()
	case Ranks:
		return rank, s.bounds()
	case Shares:
		return share, s.bounds()
	}
	return count, s.bounds()
}

// rise is what "rose by" says: there is a rise, and it is as large as said.
func (s Statement) rise() span {
	b := s.bounds()
	if b.low <= 0 {
		b.low, b.openLow = 0, true
	}
	return b
}

// bounds are the values that the statement's numbers allow. A number alone stands for all that
// round to it, half up, at the precision with which it is written; ranks are whole.
func (s Statement) bounds() span {
	inf := math.Inf(1)
	x := s.X.Value
	switch s.Op {
	case AtLeast:
		return span{low: x, high: inf}
	case Above:
		return span{low: x, high: inf, openLow: true}
	case AtMost:
		return span{low: -inf, high: x}
	case Below:
		return span{low: -inf, high: x, openHigh: true}
	case Between:
		return span{low: x, high: s.Y.Value}
	}
	if s.Verb == Ranks {
		return span{low: x, high: x}
	}
	half := 0.5 * math.Pow10(-s.X.Decimals)
	return span{low: x - half, high: x + half, openHigh: true}
}

// over compares what a figure may be with what is said of it.
func (s span) over(i interval) Verdict {
	below := i.high < s.low || i.high == s.low && s.openLow
	above := i.low > s.high || i.low == s.high && s.openHigh
	if below || above {
		return Refuted
	}
	in := (i.low > s.low || i.low == s.low && !s.openLow) && (i.high < s.high || i.high == s.high && !s.openHigh)
	if in {
		return Proven
	}
	return Possible
}

// empty reports that nothing can be said so: "rose by at most 0 %".
func (s span) empty() bool {
	return s.low > s.high || s.low == s.high && (s.openLow || s.openHigh)
}
