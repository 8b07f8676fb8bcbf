package audit

import (
	"fmt"
	"math"
	"sync"
	"time"

	"daylight/normalize"
	"daylight/normalize/vocab"
)

// band is one legal reporting scheme.
type band struct {
	width   float64
	overlap bool      // neighbouring bands share their end ("between 6,000 and 7,000")
	last    time.Time // last day on which a publication could use it; zero when still in force
}

// overlapping is the scheme whose bands are printed with round ends (DOJ permission of
// 14 June 2013, see the authority column of vocab/band_scheme.csv).
const overlapping = "doj2013_1000"

var vocabulary = sync.OnceValues(vocab.Load)

// schemes returns the lookup of schemes in normalize/vocab.
func schemes() (func(code string) (band, bool), error) {
	v, err := vocabulary()
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return func(code string) (band, bool) {
		s, ok := v.BandScheme(code)
		return band{width: s.Width, overlap: code == overlapping, last: s.To}, ok
	}, nil
}

// holds reports whether low..high is a band of the scheme. The low end may be raised by
// letters that were released, the high end may not move.
func (b band) holds(v normalize.Interval) bool {
	low, ok1 := v.Low()
	high, ok2 := v.High()
	if !ok1 || !ok2 || b.width <= 0 || low < 0 {
		return false
	}
	if b.overlap && math.Mod(high, b.width) == 0 && low == high-b.width {
		return true
	}
	return math.Mod(high+1, b.width) == 0 && low >= high+1-b.width
}
