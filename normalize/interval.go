package normalize

import (
	"math"
	"strconv"
)

// Interval is a number, mostly a count, known to lie between two others, both inclusive. It
// is exact when the ends are equal, and may be open above. The zero value means "no figure";
// it is never the number 0. What may be done with intervals stands in algebra.go.
type Interval struct {
	low, high float64
	set       bool
	open      bool // no upper end
}

// Point returns the interval that holds one number.
func Point(v float64) Interval { return Interval{low: v, high: v, set: true} }

// Range returns the interval of low..high. It returns the zero Interval when low > high
// or either end is not a finite number.
func Range(low, high float64) Interval {
	if !(low <= high) || math.IsInf(low, 0) || math.IsInf(high, 0) {
		return Interval{}
	}
	return Interval{low: low, high: high, set: true}
}

// AtLeast returns the interval that starts at low and has no upper end.
func AtLeast(low float64) Interval {
	if math.IsNaN(low) || math.IsInf(low, 0) {
		return Interval{}
	}
	return Interval{low: low, high: math.Inf(1), set: true, open: true}
}

// IsZero reports whether there is no figure.
func (i Interval) IsZero() bool { return !i.set }

// Low returns the lower end; ok is false when there is no figure.
func (i Interval) Low() (v float64, ok bool) { return i.low, i.set }

// High returns the upper end; ok is false when there is no figure or no upper end.
func (i Interval) High() (v float64, ok bool) { return i.high, i.set && !i.open }

// IsPoint reports whether the interval holds exactly one number.
func (i Interval) IsPoint() bool { return i.set && !i.open && i.low == i.high }

// Contains reports whether v lies in the interval.
func (i Interval) Contains(v float64) bool {
	return i.set && v >= i.low && (i.open || v <= i.high)
}

// Within reports whether every number of i lies in o. Without a figure it is false.
func (i Interval) Within(o Interval) bool {
	return i.set && o.set && i.low >= o.low && (o.open || !i.open && i.high <= o.high)
}

// Meets reports whether the intervals have a number in common.
func (i Interval) Meets(o Interval) bool {
	return i.set && o.set && (i.open || o.low <= i.high) && (o.open || i.low <= o.high)
}

// Add returns the sum of two counts that do not overlap: [Σlow, Σhigh]. The sum with no
// figure is no figure, because missing is not zero.
func (i Interval) Add(o Interval) Interval {
	if !i.set || !o.set {
		return Interval{}
	}
	if i.open || o.open {
		return AtLeast(i.low + o.low)
	}
	return Range(i.low+o.low, i.high+o.high)
}

// String prints "12", "0-499", "5000+" or "" for no figure, without thousands
// separators. ParseValue reads it back, unless an end is below 0, as of a change.
func (i Interval) String() string {
	switch {
	case !i.set:
		return ""
	case i.open:
		return number(i.low) + "+"
	case i.low == i.high:
		return number(i.low)
	}
	return number(i.low) + "-" + number(i.high)
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
