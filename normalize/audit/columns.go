package audit

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"

	"daylight/normalize"
)

// A table whose figures stand under the wrong headers (two columns exchanged, all shifted
// by one) has many figures that look right one by one. Four things over the whole table
// give it away, and each of them holds all figures of the table, because what is wrong
// with one column is wrong with its neighbours:
//
//   - sums that are the wrong way round: requests name at least one account each, except
//     where they were rejected early, so that a table of any size has more accounts than
//     requests; checks.csv declares which columns, from what all known editions show;
//   - cells that hold something else than their column's header says, more than a few
//     and a good part of the column: shares above 100, counts with a percent sign;
//   - the same of keys that contradict each other: letters under a header of content;
//   - a relation that more than a few lines break, and a good part of those it binds.
//
// A column of which not one cell holds a figure is named, too; a layout that stopped
// printing it looks the same, and somebody must say so.

// A few misprints happen; a table read wrongly breaks nearly every line that is not all
// zeros. Real captures have at most one of 126 lines broken in one table.
const (
	systemicCount = 3 // lines
	systemicPart  = 5 // one in so many
	loosePart     = 2 // the same of a relation that the publisher often breaks (hold "no" in checks.csv)
)

func systemic(broken, checked, part int64) bool {
	return broken >= systemicCount && broken*part >= checked
}

// shares counts the cells of a table's columns of percentages.
type shares struct{ figures, blank int64 }

// unread counts figures that were rejected for what is printed.
type unread struct {
	n       int64
	numbers int64  // of them, those in which digits are printed
	first   string // locator
	number  string // locator of the first in which digits are printed
}

// measurePercent is the one measure of printed shares.
const measurePercent = "pct_requests_some_data_disclosed"

func (a *Auditor) sharesOf(table string) *shares {
	s := a.shares[table]
	if s == nil {
		s = &shares{}
		a.shares[table] = s
	}
	return s
}

func (a *Auditor) addShare(o *normalize.Observation) {
	if a.share == nil {
		a.share = a.sharesOf(o.Table)
	}
	if o.Value.IsZero() {
		if o.Exactness == normalize.NotReported {
			a.share.blank++
		}
		return
	}
	a.share.figures++
}

// rejectColumn takes note of a reject that may say that its column is another one.
func (a *Auditor) rejectColumn(r normalize.Reject) {
	note := func(u *unread) *unread {
		if u == nil {
			u = &unread{first: r.Locator}
		}
		u.n++
		if strings.ContainsAny(r.RawText, "0123456789") {
			if u.numbers++; u.number == "" {
				u.number = r.Locator
			}
		}
		return u
	}
	switch {
	case r.Reason == normalize.ReasonContradicted:
		a.against[r.Table] = note(a.against[r.Table])
	case r.Reason == normalize.ReasonValue && r.Measure != "":
		k := tableMeasure{r.Table, r.Measure}
		a.unread[k] = note(a.unread[k])
	}
}

// columnSum is what a table prints in one column.
type columnSum struct {
	lines, blank int64
}

func (a *Auditor) closeColumns() {
	for i := range a.columns {
		r := &a.columns[i]
		if len(r.parts) > 0 {
			a.closeOrder(r)
		} else {
			a.closeFilled(r)
		}
	}
	for k, at := range a.unraised {
		if at != "" {
			a.holdTable(k.table, "floors that no release raised", "a raised floor at "+at,
				"only released letters raise a floor, and no order of "+k.process+" was ever released: this is the table of letters under another file name")
		}
	}
	for _, table := range sortedKeys(a.odd) {
		o := a.odd[table]
		if o.at == "" || o.first.After(o.sound) {
			continue // the newest lines alone, which are held: a provider that has changed its scheme
		}
		a.holdTable(table, "bands of their schemes", "a line of others at "+o.at,
			"no band of the line at "+o.at+" is as wide as the scheme of its half-year: the lines stand under other half-years")
	}
	unread := slices.SortedFunc(maps.Keys(a.unread), func(a, b tableMeasure) int {
		return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.measure, b.measure))
	})
	for _, table := range sortedKeys(a.bandsOnly) {
		// Words in place of figures hold their line alone: the newest one may say that its
		// figures are to come.
		n, at := int64(0), ""
		for _, k := range unread {
			if u := a.unread[k]; k.table == table && u.numbers > 0 {
				if n += u.numbers; at == "" {
					at = u.number
				}
			}
		}
		if n > 1 && a.bandsOnly[table].jurisdiction == "" {
			a.holdTable(table, "bands", fmt.Sprintf("%d figures that are none", n),
				fmt.Sprintf("%d figures, such as the one at %s, are no bands of a declared scheme: cells were shifted, or the lines stand under other half-years", n, at))
		}
	}
	figures := map[tableMeasure]int64{}
	tables := map[string]int64{}
	for k, t := range a.totals {
		figures[tableMeasure{k.table, k.measure}] += t.lines
		tables[k.table] += t.lines + t.blank
	}
	for table, s := range a.shares {
		figures[tableMeasure{table, measurePercent}] += s.figures
	}
	for _, table := range sortedKeys(tables) {
		read := tables[table]
		if s := a.shares[table]; s != nil {
			read += s.figures + s.blank
		}
		if n := a.rejected[table]; n >= systemicCount && n > read {
			a.holdTable(table, "figures that can be read", fmt.Sprintf("%d that cannot", n),
				fmt.Sprintf("%d figures were rejected and %d were not: what is left of the table is not sure", n, read))
		}
		f := a.fractions[table]
		if f == nil {
			continue
		}
		part := int64(2 * systemicPart)
		if f.allowed {
			part = systemicPart
		}
		if n := tables[table]; systemic(f.n, n, part) {
			a.holdTable(table, "whole numbers", fmt.Sprintf("%d with a fraction", f.n),
				fmt.Sprintf("%d of %d figures are no whole numbers: they are printed in thousands, or computed", f.n, n))
		}
	}
	for _, k := range unread {
		u := a.unread[k]
		if n := u.n + figures[k]; systemic(u.n, n, 2*systemicPart) {
			a.holdTable(k.table, "figures of "+k.measure, fmt.Sprintf("%d that are none", u.n),
				fmt.Sprintf("%d of %d cells of %s, first at %s, hold something else", u.n, n, k.measure, u.first))
		}
	}
	for _, table := range sortedKeys(a.against) {
		u := a.against[table]
		if n := u.n + tables[table]; systemic(u.n, n, 2*systemicPart) {
			a.holdTable(table, "keys that agree", fmt.Sprintf("%d figures whose keys contradict each other", u.n),
				fmt.Sprintf("the keys of %d of %d figures, first at %s, contradict each other", u.n, n, u.first))
		}
	}
	for _, table := range sortedKeys(a.relations) {
		for i := range a.relations[table] {
			r := &a.relations[table][i]
			if r.checked == 0 {
				continue
			}
			c := a.count(CheckColumns)
			c.Checked++
			part := int64(systemicPart)
			if !r.hold {
				part = loosePart
			}
			if systemic(r.broken, r.checked, part) {
				a.holdTable(table, "relation "+r.check+" of "+r.measure(), fmt.Sprintf("broken by %d lines", r.broken),
					fmt.Sprintf("%d of %d lines break the relation, which no single misprint explains", r.broken, r.checked))
			} else {
				a.watch.decideAll(Decision{Check: CheckColumns, Outcome: OutcomeHeld, Note: r.note,
					Relation: "most lines of the table have " + r.text()}, r.binding)
			}
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// closeOrder compares the sums of two columns of a table over the periods that print both: of
// the printed totals where there are any, and of the lines unless an excerpt leaves some
// out; of bands, the lower ends. A part with a process of its own may stand in another
// table.
func (a *Auditor) closeOrder(r *relation) {
	lines := func(t *totals) float64 { return t.low }
	printed := func(t *totals) float64 {
		if low, ok := t.total.Low(); ok {
			return low
		}
		return t.low
	}
	compared, broken := a.order(r, printed)
	if !broken && !a.excerpt {
		_, broken = a.order(r, lines)
	}
	if compared && !broken {
		a.watch.decideAll(Decision{Check: CheckColumns, Outcome: OutcomeHeld, Note: r.note,
			Relation: "over the whole table, " + terms(r.parts) + " <= " + r.whole.String()}, r.binding)
	}
}

// nextBand is by how much the lower end of one figure in the band above the lowest exceeds it: one
// such figure is no exchange of columns.
const nextBand = 500

// order makes the comparison; broken reports that it ends with a finding.
func (a *Auditor) order(r *relation, sum func(*totals) float64) (compared, broken bool) {
	beside := func(k totalKey) totalKey { k.measure, k.unit = "", ""; return k }
	parts := map[totalKey]float64{}
	others := map[string]bool{} // tables of the parts
	for k, t := range a.totals {
		if t.lines == 0 || !r.spans(t.period) {
			continue
		}
		for _, p := range r.parts {
			switch {
			case p.measure != k.measure:
			case p.process == "" && k.table == r.table:
				parts[beside(k)] += sum(t)
			case p.process != "" && p.process == k.process:
				others[k.table] = true
				k := beside(k)
				k.table, k.process = r.table, r.whole.process
				parts[k] += sum(t)
			}
		}
	}
	var whole, part float64
	all, wrong := 0, 0 // half-years and what else a table is divided by
	for k, t := range a.totals {
		if k.table != r.table || k.measure != r.whole.measure || r.whole.process != "" && k.process != r.whole.process || t.lines == 0 || !r.spans(t.period) {
			continue
		}
		if n, ok := parts[beside(k)]; ok {
			whole, part, compared = whole+sum(t), part+n, true
			all++
			if n > sum(t) {
				wrong++
			}
		}
	}
	if !compared {
		return false, false
	}
	a.count(CheckColumns).Checked++
	slack := tolerance(whole)
	if strings.HasPrefix(r.whole.measure, "outcome_") {
		// Which of two rare outcomes is the rarer one may be chance; twice the standard
		// deviation of the difference of two counts is not.
		slack += 2 * math.Sqrt(whole+part)
	}
	if a.bandsOnly[r.table] != nil && wrong < 2 && all > 2 {
		slack += nextBand
	}
	if part <= whole+slack {
		return true, false
	}
	others[r.table] = true
	for _, table := range sortedKeys(others) {
		a.holdTable(table, "at most "+sumText(whole, whole), sumText(part, part),
			fmt.Sprintf("all lines together have %s %s and only %s %s: the columns were exchanged, or the table is of another kind",
				sumText(part, part), terms(r.parts), sumText(whole, whole), r.whole))
	}
	return true, true
}

// closeFilled names a column that holds no figure at all.
func (a *Auditor) closeFilled(r *relation) {
	var s columnSum
	if r.whole.measure == measurePercent {
		if p := a.shares[r.table]; p != nil {
			s = columnSum{lines: p.figures, blank: p.blank}
		}
	}
	for k, t := range a.totals {
		if k.table == r.table && k.measure == r.whole.measure && (r.whole.process == "" || k.process == r.whole.process) {
			s.lines += t.lines
			s.blank += t.blank
		}
	}
	if u := a.unread[tableMeasure{r.table, r.whole.measure}]; u != nil {
		s.lines += u.n // something is printed, at least
	}
	if s.lines+s.blank == 0 {
		return // the layout does not have the column
	}
	c := a.count(CheckColumns)
	c.Checked++
	if s.lines > 0 || s.blank < systemicCount {
		a.watch.decideAll(Decision{Check: CheckColumns, Outcome: OutcomeHeld, Note: r.note,
			Relation: "over the whole table, " + r.whole.String() + " holds figures"}, r.binding)
		return
	}
	a.holdTable(r.table, "figures", "nothing",
		fmt.Sprintf("none of the %d cells of %s holds a figure: the columns were shifted, or the publisher stopped printing it", s.blank, r.whole.measure))
}

// holdTable is a finding that covers every figure of a table. A table is named by the
// services and processes that it prints; no two tables of a source share a pair of them.
func (a *Auditor) holdTable(table, expected, found, detail string) {
	processes := map[string][]string{}
	for k := range a.totals {
		if k.table == table && !slices.Contains(processes[k.service], k.process) {
			processes[k.service] = append(processes[k.service], k.process)
		}
	}
	for _, service := range sortedKeys(processes) {
		list := processes[service]
		sort.Strings(list)
		a.breach("", Finding{
			Check: CheckColumns, Hold: true, Scope: Scope{Service: service, Process: list[0], AlsoProcess: list[1:]},
			Expected: expected, Found: found, Detail: "table " + table + ": " + detail + "; no figure of the table is sure",
		}, table, "")
	}
}
