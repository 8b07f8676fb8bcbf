package audit

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"daylight/normalize"
)

// A table whose figures stand under the wrong headers (two columns exchanged, all shifted
// by one) has many figures that look right one by one. Three things over the whole table
// give it away, and each of them holds all figures of the table, because what is wrong
// with one column is wrong with its neighbours:
//
//   - sums that are the wrong way round: requests name at least one account each, except
//     where they were rejected early, so that a table of any size has more accounts than
//     requests; checks.csv declares which columns, from what all known editions show;
//   - shares that are none: more than a few rejects above 100 per cent;
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
type shares struct {
	figures, blank, rejected int64
	first                    string // locator of the first that was rejected
}

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

// rejectShare takes note of a reject in a column of percentages.
func (a *Auditor) rejectShare(r normalize.Reject) {
	if r.Reason != normalize.ReasonValue || r.Unit != unitPercent {
		return
	}
	s := a.sharesOf(r.Table)
	if s.rejected++; s.first == "" {
		s.first = r.Locator
	}
}

// columnSum is what a table prints in one column.
type columnSum struct {
	lines, blank int64
	sum          float64
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
	for _, table := range sortedKeys(a.shares) {
		s := a.shares[table]
		c := a.count(CheckColumns)
		c.Checked++
		if !systemic(s.rejected, s.rejected+s.figures, systemicPart) {
			continue
		}
		a.holdTable(table, "shares of a hundred", fmt.Sprintf("%d that are none", s.rejected),
			fmt.Sprintf("%d of %d cells in a column of percentages, first at %s, are no share of a hundred", s.rejected, s.rejected+s.figures, s.first))
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

// closeOrder compares the sums of two columns of a table over the periods that print both; of
// bands, the lower ends.
func (a *Auditor) closeOrder(r *relation) {
	beside := func(k totalKey) totalKey { k.measure, k.unit = "", ""; return k }
	covers := func(t *totals) bool {
		return (r.from.IsZero() || !t.period.Start.Before(r.from)) && (r.to.IsZero() || !t.period.End.After(r.to))
	}
	parts := map[totalKey]float64{}
	for k, t := range a.totals {
		if k.table == r.table && t.lines > 0 && covers(t) && slices.ContainsFunc(r.parts, func(p term) bool { return p.measure == k.measure }) {
			parts[beside(k)] += t.low
		}
	}
	var whole, part float64
	seen := false
	for k, t := range a.totals {
		if k.table != r.table || k.measure != r.whole.measure || r.whole.process != "" && k.process != r.whole.process || t.lines == 0 || !covers(t) {
			continue
		}
		if sum, ok := parts[beside(k)]; ok {
			whole, part, seen = whole+t.low, part+sum, true
		}
	}
	if !seen {
		return
	}
	c := a.count(CheckColumns)
	c.Checked++
	if part <= whole+tolerance(whole) {
		return
	}
	var names []string
	for _, p := range r.parts {
		names = append(names, p.measure)
	}
	a.holdTable(r.table, "at most "+sumText(whole, whole), sumText(part, part),
		fmt.Sprintf("all lines together have %s %s and only %s %s: the columns were exchanged, or the table is of another kind",
			sumText(part, part), strings.Join(names, " + "), sumText(whole, whole), r.whole.measure))
}

// closeFilled names a column that holds no figure at all.
func (a *Auditor) closeFilled(r *relation) {
	var s columnSum
	if strings.HasPrefix(r.whole.measure, "pct_") {
		if p := a.shares[r.table]; p != nil {
			s = columnSum{lines: p.figures + p.rejected, blank: p.blank}
		}
	}
	for k, t := range a.totals {
		if k.table == r.table && k.measure == r.whole.measure && (r.whole.process == "" || k.process == r.whole.process) {
			s.lines += t.lines
			s.blank += t.blank
		}
	}
	if s.lines+s.blank == 0 {
		return // the layout does not have the column
	}
	c := a.count(CheckColumns)
	c.Checked++
	if s.lines > 0 || s.blank < systemicCount {
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
