package audit

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"daylight/normalize"
	"daylight/scrape"
)

func cellOf(o *normalize.Observation) cell {
	return cell{
		service: o.Service, process: o.Process, measure: o.Measure, jurisdiction: o.Jurisdiction,
		customer: o.CustomerClass, level: o.RequesterLevel, assisting: o.AssistingJurisdiction,
		period: o.Period, value: o.Value, exactness: o.Exactness,
		scheme: o.BandScheme, locator: o.Locator, raw: o.RawText,
	}
}

// beside reports whether two cells of a line speak of the same askers and time, so that
// one can be part of the other.
func (c *cell) beside(o *cell) bool {
	return c.service == o.service && c.jurisdiction == o.jurisdiction && c.customer == o.customer &&
		c.level == o.level && c.assisting == o.assisting &&
		c.period.Start.Equal(o.period.Start) && c.period.End.Equal(o.period.End)
}

func (c *cell) String() string {
	text := c.value.String()
	if text == "" {
		text = string(c.exactness)
	}
	return fmt.Sprintf("%s %s (%s)", c.measure, text, c.locator)
}

// flush checks the relations of the line that has ended.
func (a *Auditor) flush() {
	if a.line.locator != "" {
		a.wholeLine()
		if a.sort {
			a.orderLine()
		}
	}
	if len(a.line.cells) > 0 {
		held, first := a.held, len(a.findings)
		rejected := a.pending.touches(a.line.cells[0].locator)
		for i := range a.lines {
			r := &a.lines[i]
			for j := range a.line.cells {
				if w := &a.line.cells[j]; r.binds(w) && a.find(term{w.process, w.measure}, w) == w {
					a.relate(r, w, rejected)
				}
			}
		}
		if a.held-held > 1 {
			// One relation that breaks is a slip in one of its figures. Two on one line
			// are a line that was shifted, and then none of its figures is sure.
			for i := range a.findings[first:] {
				if f := &a.findings[first+i]; f.Hold {
					f.Scope.Measures = nil
				}
			}
		}
	}
	a.line.end()
	a.pending.next()
}

// pending remembers in which printed lines figures were rejected, as far as the line at
// hand and the one after it can be concerned: rejects come in printed order too, so the
// ones that belong to the line at hand follow it first, and the ones of the next line
// precede it last.
type pending struct {
	rows  []scrape.Locator // columns cleared, neighbours distinct
	seen  int              // len(rows) at the last observation
	blind int              // rejects without a row since the line began
	later int              // of those, since the last observation
}

func (p *pending) add(locator string) {
	l, err := scrape.ParseLocator(locator)
	if err != nil || l.Row == 0 {
		p.blind++
		p.later++
		return
	}
	l.Col, l.Col2 = 0, 0
	switch n := len(p.rows); {
	case n > 0 && p.rows[n-1] == l:
	case n >= p.seen+2:
		p.rows[n-1] = l
	default:
		p.rows = append(p.rows, l)
	}
}

// mark notes that an observation came.
func (p *pending) mark() { p.seen, p.later = len(p.rows), 0 }

// touches reports whether a figure of the line that this locator stands in may have been
// rejected.
func (p *pending) touches(locator string) bool {
	if p.blind > 0 {
		return true
	}
	if len(p.rows) == 0 {
		return false
	}
	l, err := scrape.ParseLocator(locator)
	if err != nil {
		return true
	}
	l.Col, l.Col2 = 0, 0
	return slices.Contains(p.rows, l)
}

// next forgets the line at hand.
func (p *pending) next() {
	p.rows = append(p.rows[:0], p.rows[min(p.seen, len(p.rows)):]...)
	p.seen, p.blind = 0, p.later
}

// binds reports whether the relation is about this whole.
func (r *relation) binds(w *cell) bool {
	if w.measure != r.whole.measure || r.whole.process != "" && w.process != r.whole.process ||
		r.jurisdiction != "" && w.jurisdiction != r.jurisdiction {
		return false
	}
	return r.spans(w.period)
}

// covers reports whether the relation, which has no whole, is about this figure: of its
// jurisdiction and time, and one of its parts where it names any.
func (r *relation) covers(o *normalize.Observation) bool {
	return (r.jurisdiction == "" || o.Jurisdiction == r.jurisdiction) && r.spans(o.Period) &&
		(len(r.parts) == 0 || slices.Contains(r.parts, term{o.Process, o.Measure}))
}

// spans reports whether the relation is about this time.
func (r *relation) spans(p normalize.Period) bool {
	return (r.from.IsZero() || !p.Start.Before(r.from)) && (r.to.IsZero() || !p.End.After(r.to))
}

// find returns the line's cell that a term names, seen from the whole: a term without a
// process means the whole's own. When two columns of a line print the same series (Meta's
// "Emergency Request Total" and "Emergency Disclosures") the one with a figure counts.
func (a *Auditor) find(t term, w *cell) *cell {
	process := t.process
	if process == "" {
		process = w.process
	}
	var blank *cell
	for i := range a.line.cells {
		if c := &a.line.cells[i]; c.measure == t.measure && c.process == process && c.beside(w) {
			if !c.value.IsZero() {
				return c
			}
			blank = c
		}
	}
	return blank
}

// relate checks one relation of the ended line. w is the whole; rejected says that a
// figure of the line may have been rejected.
func (a *Auditor) relate(r *relation, w *cell, rejected bool) {
	switch r.check {
	case CheckNeeds:
		if !rejected {
			a.needs(r, w)
		}
		return
	case CheckMean:
		if !rejected {
			a.mean(r, w)
		}
		return
	}
	parts := a.parts[:0]
	sum := normalize.Point(0)
	absent, blank, withheld := 0, 0, 0
	for _, t := range r.parts {
		c := a.find(t, w)
		switch {
		case c == nil:
			absent++
			continue
		case c.value.IsZero() && c.exactness == normalize.Withheld:
			withheld++
		case c.value.IsZero():
			blank++
		default:
			sum = sum.Add(c.value)
		}
		parts = append(parts, c)
	}
	a.parts = parts[:0]
	figures := len(parts) - blank - withheld
	if absent == len(r.parts) && absent > 0 {
		return // the layout does not print the parts at all
	}
	var share *cell
	if r.check == CheckPercent {
		if share = a.find(r.percent, w); share == nil {
			return // nor the share
		}
	}
	if w.value.IsZero() && figures == 0 {
		return // nor anything about this line
	}
	n := a.count(r.check)
	decide := func(o Outcome) {
		if a.watch != nil {
			a.watch.decide(Decision{Check: r.check, Outcome: o, Relation: r.text(), Note: r.note}, locators(w, parts, share)...)
		}
	}
	if w.value.IsZero() || figures == 0 && len(r.parts) > 0 {
		n.Undecided++
		decide(OutcomeUndecided)
		return
	}
	low, high := ends(sum)
	wlow, whigh := ends(w.value)
	f := Finding{Check: r.check, Hold: r.hold}
	// Where a blank part is nothing, as in Microsoft's tables, a line whose printed outcomes
	// do not fill its requests is a finding even when one of them is blank, or was left out
	// because it is (Meta's kinds of legal process).
	partial := withheld > 0 || rejected || r.unknown && absent+blank > 0
	switch r.check {
	case CheckPartition:
		n.Checked++
		r.checked++
		if partial {
			n.Partial++
		}
		if low <= whigh+tolerance(whigh) && (partial || wlow <= high+tolerance(wlow)) {
			decide(outcome(partial))
			return
		}
		f.Expected, f.Found = w.value.String(), sumText(low, high)
		f.Detail = a.tell(w, parts, "add up to", f.Found, blank)
	case CheckAtMost:
		n.Checked++
		r.checked++
		if low <= whigh+tolerance(whigh) {
			decide(outcome(partial))
			return
		}
		f.Expected, f.Found = w.value.String(), sumText(low, high)
		f.Detail = a.tell(w, parts, "are more than the whole, together", f.Found, blank)
	case CheckPercent:
		if len(r.parts) == 0 {
			o, broken := a.attainable(r, w, share, &f)
			if !broken {
				decide(o)
			}
			if !broken || o == outcomeWaiting {
				return
			}
			break
		}
		if share.value.IsZero() || figures < len(r.parts) || wlow <= 0 {
			n.Undecided++ // also the share of no requests at all, which says nothing
			decide(OutcomeUndecided)
			return
		}
		n.Checked++
		r.checked++
		from, to := 100*low/whigh, 100*high/wlow
		plow, phigh := ends(share.value)
		off := max(from-phigh, plow-to, 0)
		if off <= 0.5+1e-9 {
			decide(OutcomeHeld)
			return
		}
		// Under one point it may be another way of rounding; one point and more is not.
		f.Hold = r.hold && off >= 1-1e-9
		f.Expected, f.Found = shareText(from, to), share.value.String()
		f.Detail = a.tell(w, append(parts, share), "make", f.Expected+" per cent", blank)
	}
	open := n.Open
	f.Scope = r.scope(w)
	f = a.record(r.id, f, r.table, r.measure())
	r.broken += n.Open - open
	if a.watch != nil {
		a.watch.decide(Decision{Check: r.check, Relation: r.text(), Note: r.note}.broken(f), locators(w, parts, share)...)
	}
}

func ends(v normalize.Interval) (low, high float64) {
	low, _ = v.Low()
	high, bounded := v.High()
	if !bounded {
		high = math.Inf(1)
	}
	return low, high
}

func shareText(from, to float64) string {
	a, b := strconv.FormatFloat(from, 'f', 2, 64), strconv.FormatFloat(to, 'f', 2, 64)
	if a == b {
		return a
	}
	return a + "-" + b
}

func (a *Auditor) tell(w *cell, parts []*cell, verb, result string, blank int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s line %d: ", a.line.table, a.line.number)
	for i, c := range parts {
		if i > 0 {
			b.WriteString(", ")
		}
		if c.process != w.process {
			b.WriteString(c.process + "/")
		}
		b.WriteString(c.String())
	}
	fmt.Fprintf(&b, " %s %s beside %s", verb, result, w)
	if blank > 0 {
		fmt.Fprintf(&b, "; %d without a figure", blank)
	}
	return b.String()
}

// measure is the measure that pins name: of the printed share for percent, else of the
// whole.
func (r *relation) measure() string {
	if r.percent.measure != "" {
		return r.percent.measure
	}
	return r.whole.measure
}

// scope is every figure that the relation binds, seen from the whole.
func (r *relation) scope(w *cell) Scope {
	s := Scope{Service: w.service, Process: w.process, Period: w.period, Jurisdiction: w.jurisdiction}
	add := func(t term) {
		if t.measure != "" && !slices.Contains(s.Measures, t.measure) {
			s.Measures = append(s.Measures, t.measure)
		}
		if t.process != "" && t.process != w.process && !slices.Contains(s.AlsoProcess, t.process) {
			s.AlsoProcess = append(s.AlsoProcess, t.process)
		}
	}
	add(r.percent)
	add(r.whole)
	for _, t := range r.parts {
		add(t)
	}
	return s
}
