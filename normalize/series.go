package normalize

import (
	"time"

	"github.com/zeebo/xxh3"
)

// SeriesKey returns the hash of all that identifies the figure apart from edition and
// evidence: service, period, both jurisdictions, requester level, customer class, process,
// measure, unit and item. Two editions' figures of the same thing have the same key. It is
// XXH3-64 over the fields' text with U+001F between them, so that any language can compute
// it; it must never change, because stored warehouses hold it.
func (o *Observation) SeriesKey() uint64 {
	var room [256]byte
	b := append(room[:0], o.Service...)
	b = append(b, 0x1f)
	b = appendDay(b, o.Period.Start)
	b = append(b, '/')
	b = appendDay(b, o.Period.End)
	for _, s := range [...]string{
		o.Jurisdiction, o.AssistingJurisdiction, o.RequesterLevel, o.CustomerClass,
		o.Process, o.Measure, o.Unit, o.Item,
	} {
		b = append(b, 0x1f)
		b = append(b, s...)
	}
	return xxh3.Hash(b)
}

// appendDay appends the date as YYYY-MM-DD. It is time.Time.AppendFormat of that layout,
// which takes several times as long, for the years that reports cover.
func appendDay(b []byte, t time.Time) []byte {
	y, m, d := t.Date()
	if y < 1000 || y > 9999 {
		return t.AppendFormat(b, time.DateOnly)
	}
	return append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+int(m)/10), byte('0'+int(m)%10), '-', byte('0'+d/10), byte('0'+d%10))
}
