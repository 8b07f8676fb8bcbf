package audit

import (
	"slices"
	"strings"

	"daylight/normalize"
)

// Outcome says what a check found about one figure.
type Outcome string

// The outcomes.
const (
	OutcomeHeld      Outcome = "held"      // the relation was decided, and holds
	OutcomePartial   Outcome = "partial"   // it holds as far as the lines at hand can say
	OutcomeUndecided Outcome = "undecided" // a figure that it needs is missing
	OutcomePinned    Outcome = "pinned"    // it does not hold: the publisher's own mismatch, known, with its source
	OutcomeOpen      Outcome = "open"      // it does not hold, and nobody has looked at it yet
)

// Decision is what one check found about a watched figure.
type Decision struct {
	Check    string  // one of the Check constants
	Outcome  Outcome //
	Relation string  // what must hold, in the measures' own names
	Expected string  // what the other figures demand, and
	Found    string  // what stands there, as in Finding; both empty where the check names no pair
	Note     string  // why the relation is declared (checks.csv), or the source of the pin
}

// watch remembers what is decided about some figures. A nil watch remembers nothing, so
// that an auditor that nobody asks pays one comparison for each figure.
type watch struct {
	wanted    func(locator string) bool
	seen      map[string]*normalize.Observation // by locator
	order     []string
	decisions map[string][]Decision
}

// Watch keeps what the checks decide about the figures whose locators are wanted, for
// Decisions. It is called before the first observation.
func (a *Auditor) Watch(wanted func(locator string) bool) {
	a.watch = &watch{wanted: wanted, seen: map[string]*normalize.Observation{}, decisions: map[string][]Decision{}}
}

// Decisions returns what the checks decided about a watched figure, sorted by check and
// relation; nil for another one. It is complete after Close.
func (a *Auditor) Decisions(locator string) []Decision {
	if a.watch == nil {
		return nil
	}
	out := a.watch.decisions[locator]
	slices.SortStableFunc(out, func(x, y Decision) int {
		return slices.Compare([]string{x.Check, x.Relation}, []string{y.Check, y.Relation})
	})
	return out
}

// observe takes note of a figure that is watched.
func (w *watch) observe(o *normalize.Observation) {
	if w == nil || !w.wanted(o.Locator) {
		return
	}
	kept := *o
	w.seen[o.Locator] = &kept
	w.order = append(w.order, o.Locator)
}

// decide keeps a decision about the watched among the figures.
func (w *watch) decide(d Decision, locators ...string) {
	if w == nil {
		return
	}
	for i, at := range locators {
		if w.seen[at] != nil && !slices.Contains(locators[:i], at) {
			w.decisions[at] = append(w.decisions[at], d)
		}
	}
}

// decideAll keeps a decision about each watched figure that it concerns.
func (w *watch) decideAll(d Decision, concerns func(*normalize.Observation) bool) {
	if w == nil {
		return
	}
	for _, at := range w.order {
		if concerns(w.seen[at]) {
			w.decisions[at] = append(w.decisions[at], d)
		}
	}
}

// outcome is the outcome of a relation that holds.
func outcome(partial bool) Outcome {
	if partial {
		return OutcomePartial
	}
	return OutcomeHeld
}

// broken is the decision of a finding.
func (d Decision) broken(f Finding) Decision {
	d.Outcome, d.Expected, d.Found = OutcomeOpen, f.Expected, f.Found
	if f.Status == StatusPinned {
		d.Outcome, d.Note = OutcomePinned, f.Pin
	}
	return d
}

func (t term) String() string {
	if t.process == "" {
		return t.measure
	}
	return t.process + "/" + t.measure
}

func terms(list []term) string {
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.String()
	}
	return strings.Join(names, " + ")
}

// text prints a relation of one printed line.
func (r *relation) text() string {
	switch r.check {
	case CheckPartition:
		return r.whole.String() + " = " + terms(r.parts)
	case CheckAtMost:
		return terms(r.parts) + " <= " + r.whole.String()
	case CheckNeeds:
		return r.whole.String() + " with " + terms(r.parts)
	case CheckMean:
		return r.percent.String() + " of " + r.whole.String() + " = its mean over " + terms(r.parts)
	case CheckPercent:
		if len(r.parts) == 0 {
			return r.percent.String() + " = a whole number of " + r.whole.String()
		}
		return r.percent.String() + " = " + terms(r.parts) + " of " + r.whole.String()
	}
	return r.whole.String()
}

// locators are the places of a relation's figures.
func locators(w *cell, parts []*cell, share *cell) []string {
	out := []string{w.locator}
	for _, c := range append(parts[:len(parts):len(parts)], share) {
		if c != nil {
			out = append(out, c.locator)
		}
	}
	return out
}

// inTotal reports whether the figure is one of a total's lines, or the total.
func (k totalKey) inTotal(o *normalize.Observation) bool {
	return o.Unit != unitPercent && o.Item == "" && k.table == o.Table && k.service == o.Service && k.process == o.Process &&
		k.measure == o.Measure && k.unit == o.Unit && k.customer == o.CustomerClass && k.start == day(o.Period.Start) && k.end == day(o.Period.End)
}

// binding reports whether the relation is one of the figure's table and names its measure.
func (r *relation) binding(o *normalize.Observation) bool {
	if o.Table != r.table {
		return false
	}
	return slices.ContainsFunc(append([]term{r.whole, r.percent}, r.parts...), func(t term) bool {
		return t.measure == o.Measure && (t.process == "" || t.process == o.Process)
	})
}

// mustHold says in words what the checks without a row of checks.csv demand.
var mustHold = map[string]string{
	CheckTotal:      "the printed total is the sum of the table's lines",
	CheckRange:      "counts are 0 or more, percentages 0 to 100",
	CheckContinuity: "no half-year between the first and the last is missing, and the first is the known one",
	CheckBand:       "a band is one of its legal scheme",
	CheckLine:       "every cell of the line holds a figure",
	CheckOrder:      "lines stand in the order of half-years and names that the table keeps",
	CheckFloor:      "the raised floor of a band is the number of released letters",
	CheckColumns:    "over a whole table, each column holds what its header says",
}
