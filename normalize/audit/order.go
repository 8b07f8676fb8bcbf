package audit

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"daylight/normalize"
)

// The publishers sort their tables: by half-year, and within one by name (Google before
// 2016 by the country's code, Meta's first report from Z to A). No figure depends on it,
// but a line that stands where it does not belong has, most likely, got the half-year or
// the name of another one. checks.csv says which tables are sorted.

// The grains of the order check.
const (
	grainPeriods = "periods" // half-years follow each other, up or down
	grainNames   = "names"   // half-years rise, and within one the names are in order
	grainLists   = "lists"   // as names, in a table whose lines print no half-year: it may stand in several lists
)

// The orders in which names may stand. A table keeps to the one that fits it best.
const (
	byName = iota
	byNameDown
	byCode
	orders // how many
)

// maxMisplaced is the number of pairs of lines that are remembered for each order; a table
// with more is not sorted in that order.
const maxMisplaced = 64

// sorted is where a table was found to be out of order.
type sorted struct {
	relation relation

	last   [4]place // newest first
	lines  int      // of the half-year at hand
	group  int64    // pairs of lines of one half-year
	up     []pair
	down   []pair // changes of half-year, by direction
	ups    int
	downs  int
	wrong  [orders][]pair
	misses [orders]int64
	names  map[lineName]bool // of the half-year at hand
	again  [orders][]*second // where the names of a half-year start again
	open   [orders]*second   // of the half-year at hand
	halves map[int64]*halfOrder
	twice  []pair // neighbours that are one line
	twices int64
}

// halfOrder is how one half-year of a table is sorted.
type halfOrder struct {
	period normalize.Period
	pairs  int64
	misses [orders]int64
}

// resorted reports whether all of the half-year stands in another order than the table's. A line
// that got the half-year or the name of another one stands in no order.
func (h *halfOrder) resorted(best int) bool {
	return h.pairs >= 20 && h.misses[best] > h.pairs/3 && slices.Contains(h.misses[:], 0)
}

// lineName is what tells two lines of one half-year apart.
type lineName struct{ words, code, key string }

// maxNames bounds the names that are remembered of one half-year. There are some 250
// countries, with up to ten legal processes each.
const maxNames = 4096

// second is a further list of names below the first one of a half-year.
type second struct {
	seam     pair    // the last line of the first list, and the first of this one
	lines    []place // of this list
	repeated int     // of them, those that the half-year has had before
}

// add takes a line of the list.
func (l *second) add(p place) {
	if len(l.lines) <= maxMisplaced {
		l.lines = append(l.lines, p)
	}
	if p.had {
		l.repeated++
	}
}

// several reports whether the half-year is one that stands in two lists, of which the second
// has what the first one left out (Meta's file of 2018-H2 ends with five countries that had
// disruptions of the network alone). Two half-years under one label have many names in
// common.
func (l *second) several() bool { return l.repeated == 0 && len(l.lines) <= maxMisplaced }

// place is what orders a line.
type place struct {
	period int64  // its first day
	words  string // as printed
	folded string
	code   string
	key    string // what else tells two lines of one half-year apart
	scope  Scope
	at     string
	had    bool // the half-year has had a line of this name before
}

// pair is two neighbours that stand the wrong way round.
type pair struct{ first, second place }

// orderLine takes the line that has ended.
func (a *Auditor) orderLine() {
	s := a.sorted[a.line.table]
	if s == nil || a.line.total || !s.relation.spans(a.line.period) {
		return
	}
	now := place{period: day(a.line.period.Start), words: a.line.words, code: a.line.jurisdiction,
		key: a.line.key, at: a.line.locator, scope: a.line.scope(a.line.processes[0])}
	if now.folded = s.last[0].folded; s.last[0].words != now.words {
		now.folded = foldName(now.words)
	}
	was := s.last[0]
	s.lines++
	if s.relation.grain != grainPeriods {
		if was.period != now.period || s.names == nil {
			s.names, s.open = map[lineName]bool{}, [orders]*second{}
		}
		name := lineName{now.words, now.code, now.key}
		now.had = s.names[name]
		if len(s.names) < maxNames {
			s.names[name] = true
		}
	}
	copy(s.last[1:], s.last[:])
	s.last[0] = now
	switch {
	case was.at == "":
		return
	case now.period > was.period:
		s.ups++
		s.up = remember(s.up, pair{was, now})
		s.lines = 1
		return
	case now.period < was.period:
		s.downs++
		s.down = remember(s.down, pair{was, now})
		s.lines = 1
		return
	}
	if was.words == now.words && was.code == now.code && was.key == now.key {
		s.twices++
		s.twice = remember(s.twice, pair{was, now})
	}
	if s.relation.grain == grainPeriods {
		return
	}
	s.group++
	h := s.halves[now.period]
	if h == nil {
		h = &halfOrder{period: a.line.period}
		s.halves[now.period] = h
	}
	h.pairs++
	for o := range s.misses {
		if s.open[o] != nil {
			s.open[o].add(now)
		}
		if s.before(o, now, was) {
			s.misses[o]++
			h.misses[o]++
			s.wrong[o] = remember(s.wrong[o], pair{was, now})
		}
		// After one line in a wrong place the names go on where they were. When two lines
		// in order stand before the two in front of them, the half-year starts again: it
		// is two half-years under one label, or has its lines in two lists.
		if b, a := s.last[2], s.last[3]; s.lines >= 4 && s.before(o, was, b) && !s.before(o, b, a) &&
			s.before(o, was, a) && s.before(o, now, a) && !s.before(o, now, was) && s.open[o] == nil {
			l := &second{seam: pair{b, was}}
			l.add(was)
			l.add(now)
			s.open[o] = l
			s.again[o] = append(s.again[o], l)
		}
	}
}

// before reports whether a name stands before another one in an order. Names are in order
// when they are as letters or as people read them.
func (s *sorted) before(order int, a, b place) bool {
	switch order {
	case byName:
		return a.folded < b.folded && a.words < b.words
	case byNameDown:
		return a.folded > b.folded && a.words > b.words
	}
	return a.code < b.code
}

func remember(list []pair, p pair) []pair {
	if len(list) < maxMisplaced {
		list = append(list, p)
	}
	return list
}

// foldName prepares a name for sorting as people do: without case, accents and signs.
func foldName(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 0xC0 && r < 0x180:
			b.WriteByte(plainLetters[r-0xC0])
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ':
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// plainLetters are the letters of U+00C0 to U+017F without their accents, in small.
const plainLetters = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty" +
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"

// closeOrders reports lines that stand out of the order that their table keeps.
func (a *Auditor) closeOrders() {
	for _, table := range sortedKeys(a.sorted) {
		s := a.sorted[table]
		if s.last[1].at == "" {
			continue // not two lines
		}
		n := a.count(CheckOrder)
		open := n.Open
		n.Checked += int64(s.ups + s.downs)
		// Tables of countries start with the oldest half-year; the direction of the
		// others is the one that most changes have.
		var wrong []pair
		if s.ups <= s.downs && s.relation.grain == grainPeriods {
			wrong = append(wrong, s.up...)
		}
		if s.downs <= s.ups || s.relation.grain != grainPeriods {
			wrong = append(wrong, s.down...)
		}
		a.closeTwice(table, s)
		best := byName
		for o := range s.misses {
			if s.misses[o] < s.misses[best] {
				best = o
			}
		}
		// A table of which a third stands elsewhere is sorted otherwise now, or is too
		// small to tell. What a publisher sorts otherwise is for a person to see.
		if s.misses[best] <= s.group/3 {
			n.Checked += s.group
			wrong = append(wrong, s.wrong[best]...)
			a.closeApart(table)
		} else if s.group >= 20 {
			a.record("", Finding{Check: CheckOrder, Expected: "names in order", Found: fmt.Sprintf("%d of %d pairs", s.group-s.misses[best], s.group), Scope: Scope{Period: s.last[0].scope.Period},
				Detail: fmt.Sprintf("table %s was sorted by name in every known edition and is not any more", table)}, table, "")
		} else {
			n.Undecided++
		}
		for _, period := range slices.Sorted(maps.Keys(s.halves)) {
			h := s.halves[period]
			if s.misses[best] > s.group/3 || !h.resorted(best) {
				continue
			}
			a.record("", Finding{Check: CheckOrder, Expected: "names in the order of the other half-years", Found: "names in another order", Scope: Scope{Period: h.period},
				Detail: fmt.Sprintf("table %s: %s is sorted otherwise than the other half-years", table, h.period.Label())}, table, "")
			wrong = slices.DeleteFunc(wrong, func(p pair) bool { return p.first.period == period && p.second.period == period })
			s.again[best] = slices.DeleteFunc(s.again[best], func(l *second) bool { return l.lines[0].period == period })
		}
		for _, l := range s.again[best] {
			wrong = a.closeSecond(table, s.relation, l, wrong)
		}
		for _, p := range wrong {
			for i, l := range []place{p.first, p.second} {
				if i > 0 && reflect.DeepEqual(p.first.scope, p.second.scope) {
					continue
				}
				a.breach("", Finding{Check: CheckOrder, Hold: true, Scope: l.scope,
					Expected: p.first.words, Found: p.second.words,
					Detail: fmt.Sprintf("%s: the line at %s (%s, %s) stands before the one at %s (%s, %s): one of the two may have got the half-year or the name of another line",
						table, p.first.at, p.first.scope.Period.Label(), p.first.words, p.second.at, p.second.scope.Period.Label(), p.second.words),
				}, table, "")
			}
		}
		if n.Open == open {
			a.watch.decideAll(Decision{Check: CheckOrder, Outcome: OutcomeHeld, Relation: mustHold[CheckOrder], Note: s.relation.note},
				func(o *normalize.Observation) bool { return o.Table == table })
		}
	}
}

// closeSecond reports a second list of names, and returns the pairs of lines that are still
// wrong. Lines that print their half-year may have that of another one, and all of the list
// are held; those of a table that prints it above them can only be further ones.
func (a *Auditor) closeSecond(table string, r relation, l *second, wrong []pair) []pair {
	first := l.lines[0]
	label := first.scope.Period.Label()
	if !l.several() {
		a.holdPeriod(CheckOrder, spanKey{table: table}, first.scope.Period, "one list of names", "two, the second from "+first.words+" on",
			fmt.Sprintf("%s: the names of %s start again at %s: the lines of two half-years may stand under one", table, label, first.at))
		return wrong
	}
	if r.grain == grainLists {
		a.breach("", Finding{Check: CheckOrder, Scope: first.scope, Expected: l.seam.first.words, Found: first.words,
			Detail: fmt.Sprintf("%s: the names of %s start again at %s, with %d lines that the first list does not have", table, label, first.at, len(l.lines))}, table, "")
		return slices.DeleteFunc(wrong, func(p pair) bool { return p.second.at == first.at })
	}
	for _, p := range l.lines[1:] { // the first is one of a pair
		a.breach("", Finding{Check: CheckOrder, Hold: true, Scope: p.scope, Expected: l.seam.first.words, Found: p.words,
			Detail: fmt.Sprintf("%s: the line at %s (%s, %s) stands in a second list below %s: it may have got the half-year of another line",
				table, p.at, label, p.words, l.seam.first.words)}, table, "")
	}
	return wrong
}

// closeTwice reports lines that stand there twice. A repeated line is a slip, and takes no
// figure away; where several lines cannot be told apart, the column that told them is lost.
func (a *Auditor) closeTwice(table string, s *sorted) {
	if systemic(s.twices, s.group+int64(s.ups+s.downs), 2*systemicPart) {
		a.holdTable(table, "lines that differ in name", strconv.FormatInt(s.twices, 10),
			fmt.Sprintf("%d lines, the first at %s, have the names of the lines before them: a column that told them apart is gone or empty", s.twices, s.twice[0].second.at))
		return
	}
	for _, p := range s.twice {
		a.breach("", Finding{Check: CheckOrder, Scope: p.second.scope, Expected: "one line", Found: "two",
			Detail: fmt.Sprintf("%s: the lines at %s and %s are both of %s, %s", table, p.first.at, p.second.at, p.second.scope.Period.Label(), p.second.words)}, table, "")
	}
}

// maxSteps is the number of steps in one direction, and none in the other, that the figures of
// a column beside sorted names may take. Of thirteen different figures one order in three
// thousand million is such a one.
const maxSteps = 12

// closeApart holds the figures that rise, or fall, from line to line of a table whose names
// are sorted: somebody sorted one column, or all figures, and not the names beside them.
// Which of the table's columns moved along cannot be told.
func (a *Auditor) closeApart(table string) {
	type series struct{ service, process, measure, unit, customer string }
	halves := map[series][]*totals{}
	for k, t := range a.totals {
		if k.table == table && a.sorted[table].relation.spans(t.period) {
			s := series{k.service, k.process, k.measure, k.unit, k.customer}
			halves[s] = append(halves[s], t)
		}
	}
	detail := func(measure, first, last string) string {
		return fmt.Sprintf("%s: the figures of %s are sorted from %s to %s, and so are the names: they were sorted apart from each other", table, measure, first, last)
	}
	apart := map[normalize.Period]string{}
	for s, list := range halves {
		slices.SortFunc(list, func(x, y *totals) int { return x.period.Start.Compare(y.period.Start) })
		// The column may have been sorted over all half-years.
		var all totals
		for _, t := range list {
			switch {
			case t.lines == 0:
				continue
			case all.lines > 0 && t.firstLow > all.lastLow:
				all.rises++
			case all.lines > 0 && t.firstLow < all.lastLow:
				all.falls++
			}
			if all.lines == 0 {
				all.first = t.first
			}
			all.rises, all.falls, all.lines = all.rises+t.rises, all.falls+t.falls, all.lines+t.lines
			all.lastLow, all.lastLine = t.lastLow, t.lastLine
			if t.steady() {
				apart[t.period] = max(apart[t.period], detail(s.measure, t.first, t.lastLine))
			}
		}
		if all.steady() {
			a.holdTable(table, "figures in no order of their own", s.measure, detail(s.measure, all.first, all.lastLine))
			return
		}
	}
	for p, text := range apart {
		a.holdPeriod(CheckOrder, spanKey{table: table}, p, "figures in no order of their own", "figures in order", text)
	}
}

// steady reports whether the lines' figures step in one direction only, and often.
func (t *totals) steady() bool { return min(t.rises, t.falls) == 0 && max(t.rises, t.falls) > maxSteps }

// lineWords returns the name that orders a line, the first of its printed words, and the
// others.
func lineWords(o *normalize.Observation) (name, rest string) {
	_, words, _ := strings.Cut(o.RawLabel, " | ")
	name, rest, _ = strings.Cut(words, " | ")
	return name, rest
}
