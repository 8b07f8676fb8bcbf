package audit

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"daylight/normalize"
	"daylight/scrape"
)

// Some things that one printed line shows say that its cells, or the lines of the table,
// are not where they belong: a figure that cannot be read, a count that is no whole number,
// a cell that is empty where its neighbours are filled, a share of no whole number of
// requests. Where a cell is wrong the ones beside it may stand under the wrong headers,
// too, and all of the line is held. Every rule here is true of every line of every capture
// that is known; checks.csv says which tables it binds.

// begin keeps what names the line, so that all of it can be held.
func (l *line) begin(o *normalize.Observation, sorted bool) {
	l.service, l.jurisdiction, l.period, l.locator = o.Service, o.Jurisdiction, o.Period, o.Locator
	if sorted {
		l.total = o.Total
		l.words, l.key = lineWords(o)
		l.key += "|" + o.AssistingJurisdiction + "|" + o.Item
	}
}

// note keeps the processes of the line's figures.
func (l *line) note(o *normalize.Observation) {
	if n := len(l.processes); n == 0 || l.processes[n-1] != o.Process && !slices.Contains(l.processes, o.Process) {
		l.processes = append(l.processes, o.Process)
	}
}

// end forgets the line.
func (l *line) end() {
	*l = line{table: l.table, number: l.number, cells: l.cells[:0], processes: l.processes[:0]}
}

// scope is every figure of the line; the process is named first.
func (l *line) scope(process string) Scope {
	s := Scope{Service: l.service, Process: process, Period: l.period, Jurisdiction: l.jurisdiction}
	for _, p := range l.processes {
		if p != process {
			s.AlsoProcess = append(s.AlsoProcess, p)
		}
	}
	return s
}

// holdLine is a finding that covers every figure of the line that has ended.
func (a *Auditor) holdLine(check, relation, expected, found, detail string) {
	a.breach(relation+" "+a.line.table, Finding{
		Check: check, Hold: true, Scope: a.line.scope(a.line.processes[0]), Expected: expected, Found: found,
		Detail: fmt.Sprintf("%s line %d: %s", a.line.table, a.line.number, detail),
	}, a.line.table, "")
}

// wholeLine checks what single cells say about the line that has ended.
func (a *Auditor) wholeLine() {
	if at := a.unreadable.take(a.line.locator); at != "" {
		a.count(CheckLine).Checked++
		a.holdLine(CheckLine, "unreadable", "figures", "something else at "+at,
			fmt.Sprintf("the cell at %s holds no figure: the line's cells may be shifted", at))
	}
	if a.line.bands > 0 {
		o := a.odd[a.line.table]
		if o == nil {
			o = &odd{}
			a.odd[a.line.table] = o
		}
		switch start := a.line.period.Start; {
		case a.line.odd > 1 && a.line.odd == a.line.bands:
			if o.at == "" || start.Before(o.first) {
				o.first = start
			}
			o.at = a.line.locator
		case start.After(o.sound):
			o.sound = start
		}
	}
	if at := a.line.band; at != "" {
		a.holdLine(CheckBand, "another's band", "an exact figure", "a band at "+at,
			fmt.Sprintf("the figure at %s is a band, which the table prints for another jurisdiction alone", at))
	}
	if at := a.line.fraction; at != "" {
		a.holdLine(CheckRange, "fraction", "whole numbers", "a fraction at "+at,
			fmt.Sprintf("the figure at %s is no whole number, which the table never printed", at))
	}
}

// isMark reports whether a text that is no figure may stand for a missing one: nothing, a sign, or
// up to three letters such as n.a. and tbd. It says nothing of the cells beside it. A name, a date or
// a word for a legal process in the place of a figure has come from one of them.
func isMark(s string) bool {
	letters := 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			return false
		case unicode.IsLetter(r):
			letters++
		}
	}
	return letters <= 3
}

// unreadable remembers the lines of figures that could not be read, as far as the line at
// hand can be concerned: a line's rejects come before its first observation or after it, and
// before those of the lines that follow.
type unreadable struct {
	at [4]struct {
		row   scrape.Locator // columns cleared
		place string
	}
	n int
}

func (u *unreadable) add(place string) {
	l, err := scrape.ParseLocator(place)
	if err != nil || l.Row == 0 {
		return
	}
	l.Col, l.Col2 = 0, 0
	for i := range min(u.n, len(u.at)) {
		if u.at[i].row == l {
			return
		}
	}
	i := u.n % len(u.at)
	u.at[i].row, u.at[i].place = l, place
	u.n++
}

// take returns the place of such a figure on the line that this locator stands in, and
// forgets it.
func (u *unreadable) take(locator string) string {
	if u.n == 0 {
		return ""
	}
	l, err := scrape.ParseLocator(locator)
	if err != nil {
		return ""
	}
	l.Col, l.Col2 = 0, 0
	for i := range min(u.n, len(u.at)) {
		if u.at[i].row == l {
			place := u.at[i].place
			u.at[i].row, u.at[i].place = scrape.Locator{}, ""
			return place
		}
	}
	return ""
}

// fractions counts the figures of a table that are no whole numbers.
type fractions struct {
	allowed bool // checks.csv says that the table has printed some
	n       int64
}

func (a *Auditor) addFraction(o *normalize.Observation) {
	f := a.fractions[o.Table]
	if f == nil {
		f = &fractions{}
		a.fractions[o.Table] = f
	}
	if f.n++; !f.allowed && a.line.fraction == "" {
		a.line.fraction = o.Locator
	}
}

// attainable checks a share that stands beside the whole alone: it must be that of some
// whole number of the whole, rounded to whole percents, so that of one request 50 % cannot
// be answered. It says nothing from 100 requests on. It reports whether the share is none,
// and then completes the finding.
func (a *Auditor) attainable(r *relation, w, share *cell, f *Finding) (Outcome, bool) {
	n := a.count(r.check)
	low, high := ends(w.value)
	p, phigh := ends(share.value)
	if share.value.IsZero() || low != high || p != phigh {
		n.Undecided++
		return OutcomeUndecided, false
	}
	if low == 0 && p == 100 {
		// All of none. Meta prints it three times in 2016-H2, beside emergencies of which
		// all were answered.
		n.Undecided++
		return OutcomeUndecided, false
	}
	n.Checked++
	r.checked++
	off, cut := p, false // of no request at all
	if low > 0 {
		k := math.Floor(p * low / 100)
		off = min(math.Abs(100*k/low-p), math.Abs(100*(k+1)/low-p))
		cut = math.Floor(100*k/low+1e-9) == p || math.Floor(100*(k+1)/low+1e-9) == p
	}
	if off <= 0.5+1e-9 {
		if !cut {
			r.rounded++
		}
		return OutcomeHeld, false
	}
	f.Expected, f.Found = fmt.Sprintf("a share of %s", w.value), share.value.String()
	f.Detail = a.tell(w, []*cell{share}, "is the share of no whole number of", "requests", 0)
	if !cut {
		return OutcomeOpen, true
	}
	r.cut++
	if len(r.waiting) <= maxPerRelation {
		f.Scope = r.scope(w)
		r.waiting = append(r.waiting, *f)
	}
	return outcomeWaiting, true
}

// outcomeWaiting is what attainable says of a share that is no rounded one, but a cut one:
// only the whole table shows whether its shares are cut.
const outcomeWaiting Outcome = "waiting"

// closeCut reports the shares that are explained by cutting alone. One among rounded ones is
// a figure that is not sure; where they are the rule it is the publisher's way now.
func (a *Auditor) closeCut() {
	for _, table := range sortedKeys(a.relations) {
		for i := range a.relations[table] {
			r := &a.relations[table][i]
			if r.cut == 0 {
				continue
			}
			n := a.count(r.check)
			if r.cut >= systemicCount && r.cut > r.rounded {
				f := r.waiting[0]
				f.Hold = false
				f.Detail = fmt.Sprintf("%d shares of table %s are cut to whole percents and %d are rounded; in every known edition they are rounded; the first that is cut: %s", r.cut, table, r.rounded, f.Detail)
				a.breach("", f, table, r.measure())
				continue
			}
			open := n.Open
			for _, f := range r.waiting {
				a.breach(r.id, f, table, r.measure())
			}
			r.broken += n.Open - open
		}
	}
}

// mean checks that the share of a whole is the mean of its parts' shares, each weighed by
// its count. All shares are rounded.
func (a *Auditor) mean(r *relation, w *cell) {
	share := a.find(r.percent, w)
	if share == nil || share.value.IsZero() {
		return
	}
	var sum, low, high float64
	cells := []*cell{share}
	for _, t := range r.parts {
		n := a.find(t, w)
		if n == nil || n.value.IsZero() {
			continue
		}
		count, to := ends(n.value)
		if count == 0 && to == 0 {
			continue
		}
		p := a.find(term{t.process, r.percent.measure}, w)
		if count != to || p == nil || p.value.IsZero() {
			return
		}
		v, _ := p.value.Low()
		sum += count
		low += count * max(0, v-0.5)
		high += count * min(100, v+0.5)
		cells = append(cells, p)
	}
	if sum == 0 {
		return
	}
	n := a.count(r.check)
	n.Checked++
	r.checked++
	v, _ := share.value.Low()
	low, high = low/sum, high/sum
	if v+0.5 >= low-1e-9 && v-0.5 <= high+1e-9 {
		if a.watch != nil {
			a.watch.decide(Decision{Check: r.check, Outcome: OutcomeHeld, Relation: r.text(), Note: r.note}, locators(w, cells, nil)...)
		}
		return
	}
	open := n.Open
	a.breach(r.id, Finding{Check: r.check, Hold: r.hold, Scope: a.line.scope(w.process), Expected: shareText(low, high), Found: share.value.String(),
		Detail: a.tell(w, cells, "should have a mean of", share.value.String()+" per cent", 0)}, r.table, r.measure())
	r.broken += n.Open - open
}

// printed reports whether anything stands in the cell, if only a dash.
func (c *cell) printed() bool {
	return c != nil && (!c.value.IsZero() || strings.TrimSpace(c.raw) != "")
}

// needs checks that the parts are printed where the whole is.
func (a *Auditor) needs(r *relation, w *cell) {
	if !w.printed() {
		return
	}
	n := a.count(r.check)
	n.Checked++
	r.checked++
	var missing []string
	parts := a.parts[:0]
	for _, t := range r.parts {
		c := a.find(t, w)
		if !c.printed() {
			missing = append(missing, t.String())
		}
		parts = append(parts, c)
	}
	a.parts = parts[:0]
	if missing == nil {
		if a.watch != nil {
			a.watch.decide(Decision{Check: r.check, Outcome: OutcomeHeld, Relation: r.text(), Note: r.note}, locators(w, parts, nil)...)
		}
		return
	}
	open := n.Open
	a.breach(r.id, Finding{Check: r.check, Hold: r.hold, Scope: a.line.scope(w.process), Expected: strings.Join(missing, ", "), Found: "nothing",
		Detail: fmt.Sprintf("%s line %d: %s stands there without %s", a.line.table, a.line.number, w, strings.Join(missing, " and "))}, r.table, r.measure())
	r.broken += n.Open - open
}
