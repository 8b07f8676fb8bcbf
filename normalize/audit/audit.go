// Package audit answers one question: do the figures of a capture agree with each other?
//
// A publisher prints the same thing more than once: a total beside its lines, outcomes
// beside the requests they end, a rounded share beside its two counts, one line per
// half-year, bands that a statute cuts. Each repetition is a chance to notice that a
// column was read for its neighbour, a line was lost or a digit was mistyped, before
// the figure is cited. The checks are pure: observations come in one after the other in
// printed order, findings go out; no file, no network, no clock. Memory grows with the
// number of series groups (table, process, measure, period), never with the lines.
//
// Which relation holds in which table is no knowledge of this code: it stands in
// checks.csv, one relation per row with the reason, and only relations that the
// publishers' own definitions support are declared. Always on, because they follow from
// what the figures are, are total (a printed total equals the sum of its lines), range
// (counts from 0, percentages from 0 to 100) and band (a band is a band of its scheme).
// A table that as a whole contradicts its headers is held as a whole (columns.go).
//
// A mismatch that is the publisher's own stands in pins.csv with its source. A pin names
// both sides of the mismatch exactly, so that another mismatch in the same cell is
// new. House rules want pins beside the label files; they live here instead, because
// an embed directive cannot reach a neighbouring folder and only this package reads them.
//
// It may import packages scrape, normalize and normalize/vocab, and nothing further down
// the line.
package audit

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"daylight/normalize"
	"daylight/scrape"
)

// The names of the checks, as they stand in Finding.Check, Count.Check and pins.csv.
const (
	CheckTotal      = "total"      // printed total = sum of the lines of its table
	CheckPartition  = "partition"  // whole = sum of its parts, within one printed line
	CheckAtMost     = "at_most"    // sum of the parts <= whole, within one printed line
	CheckPercent    = "percent"    // printed share = parts of whole, rounded to whole percents; without parts: of any whole number of the whole
	CheckMean       = "mean"       // printed share of the whole = mean of its parts' shares, within one printed line
	CheckNeeds      = "needs"      // where the whole is printed its parts are, within one printed line
	CheckLine       = "line"       // no figure of a printed line is unreadable
	CheckOrder      = "order"      // lines stand in the order of their half-years and names
	CheckRange      = "range"      // counts are not negative, percentages lie in 0..100
	CheckContinuity = "continuity" // no half-year between the first and the last is missing, and the first is the known one
	CheckBand       = "band"       // a band lies in one band of its legal scheme
	CheckFloor      = "floor"      // the raised floor of a band is the number of released letters
	CheckColumns    = "columns"    // over a whole table: each column holds what its header says
)

// Rows of checks.csv that are no checks of their own but weaken one.
const (
	checkDeduplicated = "deduplicated" // total
	checkFractions    = "fractions"    // range: the table has printed counts with a fraction
)

// The states of a finding.
const (
	StatusPinned = "pinned" // the publisher's own mismatch, known, with its source
	StatusOpen   = "open"   // nobody has looked at it yet
)

// Finding is one relation that does not hold.
type Finding struct {
	Check    string // one of the Check constants
	Status   string // StatusPinned or StatusOpen
	Hold     bool   // true: the figures of Scope are not sure and must not load; never with StatusPinned
	Scope    Scope  // the figures that the relation binds
	Expected string // what the other figures demand; for total and partition the printed whole
	Found    string // what stands there; for total and partition the sum
	Detail   string // which cells, what is wrong, what to do next
	Pin      string // source of the pin; empty when open

	// Table and Measure are what a pin names beside the scope.
	Table   string
	Measure string
}

// AsPin returns the row that would declare the finding to be the publisher's own mismatch, as
// the row of a source, in every edition; note is its source. ok is false for a finding that
// no pin can name: one of a whole table, or of lines too many to be misprints.
func (f Finding) AsPin(source, note string) (_ Pin, ok bool) {
	provider, _, _ := strings.Cut(source, "/")
	p := Pin{
		Provider: provider, Source: source, Table: f.Table, Check: f.Check, Service: f.Scope.Service, Process: f.Scope.Process,
		Measure: f.Measure, Period: f.Scope.Period.Label(), Jurisdiction: f.Scope.Jurisdiction,
		Expected: f.Expected, Found: f.Found, Note: note,
	}
	return p, p.problem() == nil
}

// ReviewID names the finding for a reviewer: the same mismatch has it in every edition that
// prints it, see normalize.ReviewID.
func (f Finding) ReviewID(source string) string {
	return normalize.ReviewID("finding", source, f.Table, f.Check, f.Scope.Service, f.Scope.Process, f.Measure,
		f.Scope.Period.Label(), f.Scope.Jurisdiction, f.Expected, f.Found)
}

// Scope names figures. An empty field matches everything.
type Scope struct {
	Service      string
	Process      string           // of the figure that the others are measured by
	AlsoProcess  []string         // further processes that the relation binds
	Measures     []string         //
	Period       normalize.Period // compared by its ends; the zero Period matches every period
	Jurisdiction string           //
}

// Matches reports whether the observation is one of the scope's figures.
func (s Scope) Matches(o *normalize.Observation) bool {
	switch {
	case s.Service != "" && s.Service != o.Service,
		s.Jurisdiction != "" && s.Jurisdiction != o.Jurisdiction,
		s.Process != "" && s.Process != o.Process && !slices.Contains(s.AlsoProcess, o.Process),
		len(s.Measures) > 0 && !slices.Contains(s.Measures, o.Measure):
		return false
	}
	zero := s.Period.Start.IsZero() && s.Period.End.IsZero()
	return zero || s.Period.Start.Equal(o.Period.Start) && s.Period.End.Equal(o.Period.End)
}

// Count says how often a check was made.
type Count struct {
	Check     string `json:"check"`
	Checked   int64  `json:"checked"`   // relations that were decided, the pinned and open ones included
	Partial   int64  `json:"partial"`   // of those: only that the parts do not exceed the whole, because lines were left out, rejected or withheld
	Undecided int64  `json:"undecided"` // relations that lack a figure
	Pinned    int64  `json:"pinned"`
	Open      int64  `json:"open"`
}

// maxPerRelation is the number of open findings of one relation of checks.csv above
// which they are told as one that covers the whole series: a table in which so many lines
// fail was read wrongly as a whole, and memory must not grow with its lines.
const maxPerRelation = 100

// Auditor checks the observations of one capture. It is not safe for concurrent use.
type Auditor struct {
	provider string
	source   string
	edition  string
	excerpt  bool
	pins     []Pin
	scheme   func(code string) (band, bool)

	relations map[string][]relation // of one printed line, by table
	columns   []relation            // of whole tables
	shares    map[string]*shares    // by table
	unread    map[tableMeasure]*unread
	against   map[string]*unread      // by table: figures whose keys contradict each other
	bandsOnly map[string]*relation    // by table: its figures, or those that the relation covers, are bands and nothing else
	odd       map[string]*odd         // by table: lines of which no band has the width of its scheme
	unraised  map[tableProcess]string // figures whose floor nothing can raise; locator of one that was, "" for none
	dedup     map[tableMeasure]bool
	fractions map[string]*fractions      // by table
	sorted    map[string]*sorted         // by table
	gaps      map[string]string          // table -> "series" or "table"
	begins    map[string]int             // table -> half-year with which it begins in every known edition
	openings  map[string]opening         // by provider and table
	opened    map[string]map[int]float64 // by table and half-year: the figure that its opening names
	floors    []relation

	totals     map[totalKey]*totals
	rejected   map[string]int64 // by table
	spans      map[spanKey]*span
	released   map[floorKey]int64 // letters
	floorBands map[floorKey]floorBand

	line       line
	parts      []*cell // of the relation at hand, for the next one to use
	rangeCount *Count  // counts[CheckRange], spared the map on the hot path
	pending    pending
	unreadable unreadable
	table      string
	share      *shares    // shares[table]; nil until the table prints one
	lines      []relation // relations[table]
	gap        string     // gaps[table]
	open       opening    // openings[table]
	banded     *relation  // bandsOnly[table]
	sort       bool       // sorted[table] is there
	last       *int64     // figures of lastK's half-year at hand
	lastK      spanKey
	lastP      int64 // first day of the last period that was put into last

	counts   map[string]*Count
	findings []Finding
	many     map[string]*many
	held     int // open findings with Hold, the ones in many included
	closed   bool
	watch    *watch // nil unless somebody asked
}

type tableMeasure struct{ table, measure string }

type tableProcess struct{ table, process string }

type totalKey struct {
	table, service, process, measure, unit, customer string
	start, end                                       int64 // days
}

// totals is the running account of one printed total. Sums are kept as two ends instead
// of an Interval to save an addition's checks on the hot path.
type totals struct {
	period          normalize.Period
	low, high       float64
	lines, blank    int64
	withheld        int64
	largest         float64 // low end of the largest line
	largestAt       string
	total           normalize.Interval
	totalAt         string
	clash           string // a second printed total that says something else
	seen            bool   // there is a printed total
	first, lastLine string // locators
	firstLow        float64
	lastLow         float64
	rises, falls    int64 // from one line to the next
}

type spanKey struct{ table, service, process string }

type span struct {
	halves map[int]*int64 // figures by year*2 + 0 or 1
}

type floorKey struct {
	floor   int // index of Auditor.floors
	service string
	half    int
}

type floorBand struct {
	table string
	cell
}

// odd are the lines of a table of which no band has the width of its scheme.
type odd struct {
	at    string    // the last one; "" for none
	first time.Time // of them, the start of the oldest half-year
	sound time.Time // of the other lines, the start of the newest one
}

type many struct {
	n     int64
	hold  bool // one of them holds
	first Finding
}

// cell is what a relation needs of one observation.
type cell struct {
	service, process, measure, jurisdiction string
	customer, level, assisting              string
	period                                  normalize.Period
	value                                   normalize.Interval
	exactness                               normalize.Exactness
	scheme                                  string
	locator                                 string
	raw                                     string
}

// line is the printed line at hand.
type line struct {
	table  string
	number int
	cells  []cell // kept where a relation may need them

	service, jurisdiction string
	period                normalize.Period
	processes             []string
	locator               string // of its first observation
	total                 bool
	words, key            string // for the order of lines; of sorted tables only
	fraction              string // locator of a figure that is no whole number
	band                  string // locator of a band where only another jurisdiction has any
	bands, odd            int    // bands, and those of another width than their scheme's
}

// New returns an auditor for the capture with the declared checks and pins of its
// source's provider, and extra pins beside them. The error is a mistake in the tables or in
// a pin.
func New(c scrape.Capture, extra ...Pin) (*Auditor, error) {
	t, err := declared()
	if err != nil {
		return nil, err
	}
	if len(extra) > 0 {
		// The declared tables are everybody's.
		t = &tables{relations: t.relations, openings: t.openings, pins: slices.Clip(t.pins)}
		for _, p := range extra {
			if err := p.problem(); err != nil {
				return nil, fmt.Errorf("audit pin of %s %s: %w", p.Table, p.Period, err)
			}
			t.pins = append(t.pins, p)
		}
	}
	scheme, err := schemes()
	if err != nil {
		return nil, err
	}
	return newAuditor(c, t, scheme), nil
}

func newAuditor(c scrape.Capture, t *tables, scheme func(string) (band, bool)) *Auditor {
	provider, _, _ := strings.Cut(c.Source, "/")
	a := &Auditor{
		provider: provider, source: c.Source, edition: c.Edition, excerpt: c.Excerpt,
		scheme:    scheme,
		relations: map[string][]relation{}, shares: map[string]*shares{}, unread: map[tableMeasure]*unread{}, against: map[string]*unread{}, bandsOnly: map[string]*relation{}, odd: map[string]*odd{}, unraised: map[tableProcess]string{}, dedup: map[tableMeasure]bool{}, fractions: map[string]*fractions{}, sorted: map[string]*sorted{}, gaps: map[string]string{}, begins: map[string]int{}, openings: t.openings, opened: map[string]map[int]float64{},
		totals: map[totalKey]*totals{}, rejected: map[string]int64{}, spans: map[spanKey]*span{},
		released: map[floorKey]int64{}, floorBands: map[floorKey]floorBand{},
		counts: map[string]*Count{}, many: map[string]*many{},
	}
	a.rangeCount = a.count(CheckRange)
	for _, r := range t.relations {
		if r.provider != provider {
			continue
		}
		switch r.check {
		case checkDeduplicated:
			a.dedup[tableMeasure{r.table, r.whole.measure}] = true
		case checkFractions:
			a.fractions[r.table] = &fractions{allowed: true}
		case CheckContinuity:
			a.gaps[r.table] = r.grain
			if !r.from.IsZero() {
				a.begins[r.table] = halfOf(r.from)
			}
		case CheckOrder:
			a.sorted[r.table] = &sorted{relation: r, halves: map[int64]*halfOrder{}}
		case CheckFloor:
			a.floors = append(a.floors, r)
		case CheckColumns:
			a.columns = append(a.columns, r)
		case CheckBand:
			a.bandsOnly[r.table] = &r
			if r.whole.process != "" {
				a.unraised[tableProcess{r.table, r.whole.process}] = ""
			}
		default:
			a.relations[r.table] = append(a.relations[r.table], r)
		}
	}
	for _, p := range t.pins {
		if p.Provider == provider && (p.Source == "" || p.Source == c.Source) {
			a.pins = append(a.pins, p)
		}
	}
	return a
}

// Observation takes the next observation, in printed order. The figures of one printed
// line must come one after the other. o is not kept.
func (a *Auditor) Observation(o *normalize.Observation) {
	if o.Table != a.line.table || o.Line != a.line.number {
		a.flush()
		a.line.table, a.line.number = o.Table, o.Line
		if o.Table != a.table {
			a.table = o.Table
			a.lines, a.gap = a.relations[o.Table], a.gaps[o.Table]
			a.open = a.openings[a.provider+"/"+o.Table]
			a.share = a.shares[o.Table]
			a.banded = a.bandsOnly[o.Table]
			a.sort = a.sorted[o.Table] != nil
		}
	}
	if a.line.locator == "" {
		a.line.begin(o, a.sort)
	}
	a.line.note(o)
	a.pending.mark()
	if a.watch != nil {
		a.watch.observe(o)
	}
	a.checkRange(o)
	if o.BandScheme != "" && !o.Value.IsZero() {
		a.checkBand(o)
		if b := a.banded; b != nil && b.jurisdiction != "" && b.jurisdiction != o.Jurisdiction && b.spans(o.Period) {
			a.line.band = o.Locator
		}
	} else if a.banded != nil && !o.Value.IsZero() && a.banded.covers(o) {
		a.checkNoBand(o)
	}
	if o.Unit == unitPercent {
		a.addShare(o)
	} else if o.Item == "" {
		a.addTotal(o)
	}
	if a.gap != "" {
		a.addSpan(o)
		if a.open.measure == o.Measure && a.open.jurisdiction == o.Jurisdiction {
			a.addOpening(o)
		}
	}
	if len(a.floors) > 0 {
		a.addFloor(o)
	}
	if len(a.lines) > 0 {
		a.line.cells = append(a.line.cells, cellOf(o))
	}
}

// Reject takes the next reject, in printed order: a figure that no relation may count on.
func (a *Auditor) Reject(r normalize.Reject) {
	a.rejected[r.Table]++
	a.pending.add(r.Locator)
	if r.Reason == normalize.ReasonValue && !isMark(r.RawText) {
		a.unreadable.add(r.Locator)
	}
	a.rejectColumn(r)
}

// Close ends the capture and returns what does not hold, sorted by check, table and
// scope. Afterwards the auditor takes nothing more; Summary is final.
func (a *Auditor) Close() []Finding {
	if a.closed {
		return a.findings
	}
	a.closed = true
	a.flush()
	a.closeTotals()
	a.closeSpans()
	a.closeFloors()
	a.closeCut()
	a.closeOrders()
	a.closeColumns()
	for _, m := range a.many {
		if m.n <= maxPerRelation {
			continue
		}
		if len(m.first.Scope.Measures) == 0 { // it is about whole lines
			a.holdTable(m.first.Table, m.first.Expected, fmt.Sprintf("%d lines that break it", m.n), "the first: "+m.first.Detail)
			continue
		}
		f := m.first
		f.Scope.Period, f.Scope.Jurisdiction = normalize.Period{}, ""
		f.Hold = m.hold
		f.Detail = fmt.Sprintf("%d lines break this relation, which no single misprint explains; the first: %s", m.n, f.Detail)
		a.findings = append(a.findings, f)
	}
	sort.SliceStable(a.findings, func(i, j int) bool { return a.findings[i].less(a.findings[j]) })
	return a.findings
}

// Summary returns how often each check was made, sorted by name. Before Close it is
// incomplete.
func (a *Auditor) Summary() []Count {
	out := make([]Count, 0, len(a.counts))
	for _, c := range a.counts {
		out = append(out, *c)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Check < out[j].Check })
	return out
}

func (f Finding) less(g Finding) bool {
	key := func(f Finding) []string {
		return []string{f.Check, f.Scope.Process, strings.Join(f.Scope.Measures, " "), f.Scope.Service,
			f.Scope.Period.Label(), f.Scope.Jurisdiction, f.Status, f.Expected, f.Found, f.Detail}
	}
	return slices.Compare(key(f), key(g)) < 0
}

func (a *Auditor) count(check string) *Count {
	c := a.counts[check]
	if c == nil {
		c = &Count{Check: check}
		a.counts[check] = c
	}
	return c
}

// breach records that a relation does not hold, for all figures of the finding's scope.
func (a *Auditor) breach(relation string, f Finding, table, measure string) {
	f = a.record(relation, f, table, measure)
	a.watch.decideAll(Decision{Check: f.Check, Relation: mustHold[f.Check]}.broken(f), func(o *normalize.Observation) bool {
		return o.Table == table && f.Scope.Matches(o)
	})
}

// record keeps a finding: pinned when a pin names exactly this mismatch, else open.
func (a *Auditor) record(relation string, f Finding, table, measure string) Finding {
	f.Table, f.Measure = table, measure
	for _, p := range a.pins {
		if p.matches(a.edition, f) {
			a.count(f.Check).Pinned++
			f.Status, f.Hold, f.Pin = StatusPinned, false, p.Note
			a.findings = append(a.findings, f)
			return f
		}
	}
	a.count(f.Check).Open++
	f.Status = StatusOpen
	if f.Hold {
		a.held++
	}
	f.Detail += nextStep
	if relation == "" {
		a.findings = append(a.findings, f)
		return f
	}
	m := a.many[relation]
	if m == nil {
		m = &many{first: f}
		a.many[relation] = m
	}
	m.hold = m.hold || f.Hold
	if m.n++; m.n <= maxPerRelation {
		a.findings = append(a.findings, f)
	}
	return f
}

const nextStep = "; compare with the publisher's own file: if it prints this, accept it (daylight review) or add the pair to normalize/audit/pins.csv with its source, else the reading is wrong"

const unitPercent = "percent_rounded" // vocab/unit.csv

func (a *Auditor) checkRange(o *normalize.Observation) {
	if o.Value.IsZero() {
		return
	}
	a.rangeCount.Checked++
	low, _ := o.Value.Low()
	high, bounded := o.Value.High()
	percent := o.Unit == unitPercent
	want := "0 or more"
	if percent {
		want = "0-100"
	}
	if low >= 0 && (!percent || bounded && high <= 100) {
		if low != math.Trunc(low) {
			a.addFraction(o)
		}
		if a.watch != nil {
			a.watch.decide(Decision{Check: CheckRange, Outcome: OutcomeHeld, Relation: mustHold[CheckRange]}, o.Locator)
		}
		return
	}
	a.breach(CheckRange+" "+o.Table+" "+o.Process+" "+o.Measure, Finding{
		Check: CheckRange, Hold: true, Scope: scopeOf(o),
		Expected: want, Found: o.Value.String(),
		Detail: fmt.Sprintf("%s at %s is printed %q", o.Measure, o.Locator, o.RawText),
	}, o.Table, o.Measure)
}

func scopeOf(o *normalize.Observation) Scope {
	return Scope{Service: o.Service, Process: o.Process, Measures: []string{o.Measure}, Period: o.Period, Jurisdiction: o.Jurisdiction}
}

func (a *Auditor) checkBand(o *normalize.Observation) {
	a.count(CheckBand).Checked++
	b, ok := a.scheme(o.BandScheme)
	if o.FloorRaised {
		k := tableProcess{o.Table, o.Process}
		if at, ok := a.unraised[k]; ok && at == "" {
			a.unraised[k] = o.Locator
		}
	}
	a.line.bands++
	if ok && b.holds(o.Value) {
		// Nobody publishes a period before it is over. The label is ours, so the figure
		// itself is not in doubt.
		if !b.last.IsZero() && o.Period.End.After(b.last) {
			a.breach(CheckBand+" date "+o.Table+" "+o.Process+" "+o.Measure, Finding{
				Check: CheckBand, Scope: scopeOf(o),
				Expected: "a scheme in force after " + o.Period.End.Format(time.DateOnly), Found: o.BandScheme,
				Detail: fmt.Sprintf("%s at %s is printed %q; scheme %q ended on %s", o.Measure, o.Locator, o.RawText, o.BandScheme, b.last.Format(time.DateOnly)),
			}, o.Table, o.Measure)
		} else if a.watch != nil {
			a.watch.decide(Decision{Check: CheckBand, Outcome: OutcomeHeld, Relation: mustHold[CheckBand]}, o.Locator)
		}
		return
	}
	a.line.odd++
	want := "width " + strconv.FormatFloat(b.width, 'f', -1, 64)
	if !ok {
		want = "a scheme of vocab/band_scheme.csv"
	}
	a.breach(CheckBand+" "+o.Table+" "+o.Process+" "+o.Measure, Finding{
		Check: CheckBand, Hold: true, Scope: scopeOf(o),
		Expected: want, Found: o.Value.String(),
		Detail: fmt.Sprintf("%s at %s is printed %q, which is no band of scheme %q", o.Measure, o.Locator, o.RawText, o.BandScheme),
	}, o.Table, o.Measure)
}

// checkNoBand holds a figure that is no band, in a table of nothing else: a band that was
// cut ("0 - 499" to "0") is worse than none, because an exact figure is news.
func (a *Auditor) checkNoBand(o *normalize.Observation) {
	a.count(CheckBand).Checked++
	a.breach(CheckBand+" none "+o.Table+" "+o.Process+" "+o.Measure, Finding{
		Check: CheckBand, Hold: true, Scope: scopeOf(o),
		Expected: "a band", Found: o.Value.String(),
		Detail: fmt.Sprintf("%s at %s is printed %q, in a table of bands", o.Measure, o.Locator, o.RawText),
	}, o.Table, o.Measure)
}

func (a *Auditor) addTotal(o *normalize.Observation) {
	k := totalKey{
		table: o.Table, service: o.Service, process: o.Process, measure: o.Measure, unit: o.Unit,
		customer: o.CustomerClass, start: day(o.Period.Start), end: day(o.Period.End),
	}
	t := a.totals[k]
	if t == nil {
		t = &totals{period: o.Period}
		a.totals[k] = t
	}
	low, ok := o.Value.Low()
	high, bounded := o.Value.High()
	switch {
	case o.Total && t.seen:
		if t.total.String() != o.Value.String() {
			t.clash = fmt.Sprintf("%s at %s", o.Value, o.Locator)
		}
	case o.Total:
		t.seen, t.total, t.totalAt = true, o.Value, o.Locator
	case !ok:
		t.blank++
		if o.Exactness == normalize.Withheld {
			t.withheld++
		}
	default:
		switch {
		case t.lines == 0:
			t.first, t.firstLow = o.Locator, low
		case low > t.lastLow:
			t.rises++
		case low < t.lastLow:
			t.falls++
		}
		t.lastLow = low
		t.lines++
		t.lastLine = o.Locator
		t.low += low
		if bounded {
			t.high += high
		} else {
			t.high = math.Inf(1)
		}
		if low > t.largest {
			t.largest, t.largestAt = low, o.Locator
		}
	}
}

func day(t time.Time) int64 { return t.Unix() / 86400 }

func (a *Auditor) closeTotals() {
	off := map[string]int{} // by table: totals with an open finding
	defer func() {
		for _, table := range sortedKeys(off) {
			if off[table] > 1 {
				a.holdTable(table, "one total that is off at most", fmt.Sprintf("%d", off[table]),
					"several of its totals differ from the sums of their lines: columns were exchanged below the total, or lines are missing")
			}
		}
	}()
	for k, t := range a.totals {
		if !t.seen {
			continue
		}
		scope := Scope{Service: k.service, Process: k.process, Measures: []string{k.measure}, Period: t.period}
		reported := false
		report := func(expected, found, detail string) {
			reported = true
			open := a.count(CheckTotal).Open
			defer func() { off[k.table] += int(a.count(CheckTotal).Open - open) }()
			a.breach("", Finding{Check: CheckTotal, Hold: true, Scope: scope, Expected: expected, Found: found,
				Detail: fmt.Sprintf("%s: total of %s at %s against %d lines from %s to %s (%d without a figure): %s",
					k.table, k.measure, t.totalAt, t.lines, t.first, t.lastLine, t.blank, detail)}, k.table, k.measure)
		}
		c := a.count(CheckTotal)
		want, ok := t.total.Low()
		top, bounded := t.total.High()
		if !bounded {
			top = math.Inf(1)
		}
		decided := Decision{Check: CheckTotal, Outcome: OutcomeUndecided, Relation: mustHold[CheckTotal]}
		if !ok {
			c.Undecided++
			a.watch.decideAll(decided, k.inTotal)
			continue
		}
		c.Checked++
		if t.clash != "" {
			report(t.total.String(), t.clash, "the table prints two totals that differ")
			continue
		}
		// Lines without a figure add nothing: in every workbook that is known the blank
		// cells are nothing and the totals reconcile. A withheld figure may be in the
		// total; so may lines that we rejected or that an excerpt leaves out.
		partial := a.excerpt || a.rejected[k.table] > 0 || t.withheld > 0
		if partial {
			c.Partial++
		}
		sum := sumText(t.low, t.high)
		switch {
		case a.dedup[tableMeasure{k.table, k.measure}]:
			if t.largest > top+tolerance(top) {
				report(t.total.String(), sumText(t.largest, t.largest), fmt.Sprintf("one line alone, %s, is larger than the total", t.largestAt))
			} else if !partial && want > t.high+tolerance(want) {
				report(t.total.String(), sum, "the sum of the lines is smaller than the total, which counts requests that name several countries once")
			}
		case t.low > top+tolerance(top):
			report(t.total.String(), sum, "the sum of the lines is larger than the total")
		case !partial && want > t.high+tolerance(want):
			report(t.total.String(), sum, "the sum of the lines is smaller than the total")
		}
		if !reported {
			decided.Outcome, decided.Expected, decided.Found = outcome(partial), t.total.String(), sum
			a.watch.decideAll(decided, k.inTotal)
		}
	}
}

// tolerance is the error of adding doubles: the publishers' own sums carry fractions
// (39083.421897734355).
func tolerance(v float64) float64 {
	if math.IsInf(v, 0) {
		return 0
	}
	return 1e-9 * max(1, math.Abs(v))
}

// sumText prints a sum like Interval.String, fractions rounded to six digits so that the
// text does not depend on the order of addition.
func sumText(low, high float64) string {
	round := func(v float64) float64 { return math.Round(v*1e6) / 1e6 }
	if math.IsInf(high, 1) {
		return normalize.AtLeast(round(low)).String()
	}
	return normalize.Range(round(low), round(high)).String()
}

func (a *Auditor) addSpan(o *normalize.Observation) {
	k := spanKey{table: o.Table}
	if a.gap == grainSeries {
		k.service, k.process = o.Service, o.Process
	}
	start := day(o.Period.Start)
	if a.last != nil && k == a.lastK && start == a.lastP {
		*a.last++
		return
	}
	h, ok := half(o.Period)
	if !ok {
		return
	}
	s := a.spans[k]
	if s == nil {
		s = &span{halves: map[int]*int64{}}
		a.spans[k] = s
	}
	n := s.halves[h]
	if n == nil {
		n = new(int64)
		s.halves[h] = n
	}
	*n++
	a.last, a.lastK, a.lastP = n, k, start
}

// addOpening remembers the first figure of each half-year that the table's opening names.
func (a *Auditor) addOpening(o *normalize.Observation) {
	h, ok := half(o.Period)
	v, exact := o.Value.Low()
	if !ok || !exact {
		return
	}
	of := a.opened[o.Table]
	if of == nil {
		of = map[int]float64{}
		a.opened[o.Table] = of
	}
	if _, ok := of[h]; !ok {
		of[h] = v
	}
}

// half returns the ordinal of a half-year, year*2 for January to June.
func half(p normalize.Period) (int, bool) {
	if p.Kind != normalize.Half {
		return 0, false
	}
	return halfOf(p.Start), true
}

func halfOf(t time.Time) int {
	h := t.Year() * 2
	if t.Month() > time.June {
		h++
	}
	return h
}

func halfPeriod(h int) normalize.Period {
	start := time.Date(h/2, time.January+time.Month(6*(h%2)), 1, 0, 0, 0, 0, time.UTC)
	return normalize.NewPeriod(start, start.AddDate(0, 6, -1))
}

func (a *Auditor) closeSpans() {
	begins := map[string]int{} // half-year with which each table begins here
	for k, s := range a.spans {
		c := a.count(CheckContinuity)
		c.Checked++
		inSpan := func(o *normalize.Observation) bool {
			return o.Table == k.table && o.Period.Kind == normalize.Half && (k.process == "" || k.service == o.Service && k.process == o.Process)
		}
		decided := Decision{Check: CheckContinuity, Outcome: OutcomePartial, Relation: mustHold[CheckContinuity]}
		if a.excerpt {
			c.Partial++ // what an excerpt leaves out is no gap of the publisher
			a.watch.decideAll(decided, inSpan)
			continue
		}
		open, pinned := c.Open, c.Pinned
		first, last := math.MaxInt, math.MinInt
		for h := range s.halves {
			first, last = min(first, h), max(last, h)
		}
		// A sheet of a workbook has one half-year of a table that elsewhere has all.
		if was, ok := begins[k.table]; (!ok || first < was) && (first < last || first < a.begins[k.table]) {
			begins[k.table] = first
		}
		a.closeThin(k, s, last)
		for h := first + 1; h < last; h++ {
			if _, ok := s.halves[h]; ok {
				continue
			}
			p := halfPeriod(h)
			what := "table " + k.table
			if k.process != "" {
				what += ", " + k.process
			}
			detail := fmt.Sprintf("%s reaches from %s to %s and has no figure for %s", what,
				halfPeriod(first).Label(), halfPeriod(last).Label(), p.Label())
			if n := a.rejected[k.table]; n > 0 {
				detail += fmt.Sprintf(" (%d figures of the table were rejected)", n)
			}
			f := a.record("", Finding{Check: CheckContinuity, Scope: Scope{Service: k.service, Process: k.process, Period: p},
				Expected: p.Label(), Found: "nothing", Detail: detail}, k.table, "")
			if f.Status == StatusPinned {
				continue
			}
			// Its lines may be those that stand under the half-years beside it.
			for _, beside := range []int{h - 1, h + 1} {
				if _, ok := s.halves[beside]; ok && s.mayHold(k, h, beside) {
					a.holdPeriod(CheckContinuity, k, halfPeriod(beside), "figures of "+p.Label()+" too", "nothing",
						fmt.Sprintf("%s; the lines of %s may be those of %s", detail, halfPeriod(beside).Label(), p.Label()))
				}
			}
		}
		// A gap has no figures: it is said of those that stand around it.
		switch {
		case c.Open > open:
			decided.Outcome = OutcomeOpen
		case c.Pinned > pinned:
			decided.Outcome = OutcomePinned
		default:
			decided.Outcome = OutcomeHeld
		}
		a.watch.decideAll(decided, inSpan)
	}
	for _, table := range sortedKeys(begins) {
		want, ok := a.begins[table]
		first := begins[table]
		// Tables of bands have the same headers, and only the file's name tells them apart. The
		// floor of a band rises when letters are released, and stays in the narrowest band.
		if v, has := a.opened[table][want]; has && a.bandsOnly[table] != nil {
			if figure := a.openings[a.provider+"/"+table].figure; v < figure || v >= figure+narrowest {
				a.holdTable(table, sumText(figure, figure), sumText(v, v), fmt.Sprintf("in %s it has %s from %s on, and from %s on in every known edition: it is another table under this name",
					halfPeriod(want).Label(), a.openings[a.provider+"/"+table].measure, sumText(v, v), sumText(figure, figure)))
				continue
			}
		}
		// What begins years later was cut there on purpose, and what is left may be right.
		if !ok || first == want || first > want+movedAtMost {
			continue
		}
		if v, ok := a.opened[table][first]; ok && v != a.openings[a.provider+"/"+table].figure {
			a.record("", Finding{Check: CheckContinuity, Scope: Scope{Period: halfPeriod(first)}, Expected: "from " + halfPeriod(want).Label(), Found: "from " + halfPeriod(first).Label(),
				Detail: fmt.Sprintf("table %s begins with %s in every known edition, and here with %s, with other figures: its first half-years are left out", table, halfPeriod(want).Label(), halfPeriod(first).Label())}, table, "")
			continue
		}
		a.holdTable(table, "from "+halfPeriod(want).Label(), "from "+halfPeriod(first).Label(),
			fmt.Sprintf("it begins with %s in every known edition, and here with %s: the half-years of its lines were moved, or the publisher dropped some",
				halfPeriod(want).Label(), halfPeriod(first).Label()))
	}
}

// narrowest is the width of the narrowest band of a half-year (50 U.S.C. 1874(a)(3)).
const narrowest = 250

// fewHalves is the number of half-years from which a gap in a table of countries says something.
const fewHalves = 4

// movedAtMost is by how many half-years the lines of a table may have been moved on by a slip:
// one, or the year.
const movedAtMost = 2

// mayHold reports whether the lines of a half-year without any may stand under the one
// beside it. If they do and that one has its own, too, it has more lines than the one
// behind it. If they do alone, it had none: that is so at the end of a span alone. In
// between, the half-year without lines is one for which the publisher has none.
//
// Of a table of countries with a few half-years nothing is known: it is a part of a report.
func (s *span) mayHold(k spanKey, gap, beside int) bool {
	if k.process == "" && len(s.halves) < fewHalves {
		return false
	}
	behind := s.halves[2*beside-gap]
	return behind == nil || *s.halves[beside]*2 >= *behind*3
}

// holdPeriod is a finding that covers the figures of one half-year of a table, or of a
// series where k names one.
func (a *Auditor) holdPeriod(check string, k spanKey, p normalize.Period, expected, found, detail string) {
	processes := map[string][]string{}
	for t := range a.totals {
		if t.table == k.table && (k.process == "" || t.service == k.service && t.process == k.process) && !slices.Contains(processes[t.service], t.process) {
			processes[t.service] = append(processes[t.service], t.process)
		}
	}
	for _, service := range sortedKeys(processes) {
		list := processes[service]
		sort.Strings(list)
		f := a.record("", Finding{Check: check, Hold: true, Scope: Scope{Service: service, Process: list[0], AlsoProcess: list[1:], Period: p},
			Expected: expected, Found: found, Detail: detail}, k.table, "")
		if check != CheckContinuity { // which says it of all figures of the span
			a.watch.decideAll(Decision{Check: check, Relation: mustHold[check]}.broken(f), func(o *normalize.Observation) bool {
				return o.Table == k.table && f.Scope.Matches(o)
			})
		}
	}
}

// closeThin notices a file that was cut at a line end: its last half-year has fewer than
// half the figures of the one before; of all half-years known that follow one of any
// size, none has less than 0.6 times as many. One that was cut where a half-year ends looks like the edition before.
func (a *Auditor) closeThin(k spanKey, s *span, last int) {
	before, now := s.halves[last-1], s.halves[last]
	if k.process != "" || before == nil || now == nil || (*now*2 >= *before || *before < thinFrom) && (*now > 1 || *before < aloneFrom) {
		return
	}
	p := halfPeriod(last)
	a.holdPeriod(CheckContinuity, k, p, fmt.Sprintf("about %d figures", *before), strconv.FormatInt(*now, 10),
		fmt.Sprintf("table %s has %d figures for %s, its last half-year, and %d for %s: the file may be cut at a line end, or the lines may be of another half-year",
			k.table, *now, p.Label(), *before, halfPeriod(last-1).Label()))
}

// thinFrom is the number of figures from which a half-year's size says something, and
// aloneFrom the one from which a half-year of one figure does.
const (
	thinFrom  = 40
	aloneFrom = 8
)

func (a *Auditor) addFloor(o *normalize.Observation) {
	for i, r := range a.floors {
		if o.Process != r.whole.process {
			continue
		}
		if o.Table == r.table && o.Item != "" {
			a.released[floorKey{i, o.Service, halfOf(o.Period.Start)}]++
		} else if h, ok := half(o.Period); ok && o.Measure == r.whole.measure && o.BandScheme != "" {
			a.floorBands[floorKey{i, o.Service, h}] = floorBand{o.Table, cellOf(o)}
		}
	}
}

// closeFloors compares the list of released letters with the bands. In the lowest band
// the low end is the number of released letters; a higher band starts above it anyway.
func (a *Auditor) closeFloors() {
	listed := map[int]bool{}
	for k := range a.released {
		listed[k.floor] = true
	}
	for k, c := range a.floorBands {
		if !listed[k.floor] {
			continue // the list is not in this capture
		}
		n := a.count(CheckFloor)
		b, ok := a.scheme(c.scheme)
		low, high := ends(c.value)
		decided := Decision{Check: CheckFloor, Outcome: OutcomeUndecided, Relation: mustHold[CheckFloor]}
		if !ok || c.value.IsZero() || math.IsInf(high, 1) {
			n.Undecided++
			a.watch.decide(decided, c.locator)
			continue
		}
		n.Checked++
		want := max(float64(a.released[k]), math.Floor(high/b.width)*b.width)
		partial := a.excerpt || a.rejected[a.floors[k.floor].table] > 0
		if partial {
			n.Partial++
		}
		if low == want || partial && low > want {
			decided.Outcome = outcome(partial)
			a.watch.decide(decided, c.locator)
			continue
		}
		a.breach("", Finding{Check: CheckFloor,
			Scope:    Scope{Service: c.service, Process: c.process, Measures: []string{c.measure}, Period: c.period, Jurisdiction: c.jurisdiction},
			Expected: "from " + strconv.FormatFloat(want, 'f', -1, 64), Found: c.value.String(),
			Detail: fmt.Sprintf("%d released letters were issued in %s, but the band at %s is printed %q", a.released[k], c.period.Label(), c.locator, c.raw),
		}, c.table, c.measure)
	}
}
