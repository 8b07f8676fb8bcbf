package normalize

import (
	"fmt"
	"strings"

	"daylight/scrape"
)

// Undated is the edition label of a capture in which no row has a period: all of its rows
// are ignored or rejected.
const Undated = "undated"

// maxLag is how many months the newest period of a capture may end before its stated edition.
// FISA figures lag half a year by law (50 U.S.C. 1874(b)), and a table may have had nothing to
// say in one more. An older file that is said to be a newer edition would count for more than
// the editions between them.
const maxLag = 12

// Survey is what one pass over a capture found out before its figures are read: things
// that no single line can tell. It is a value, and is read by Normalizer.Capture only.
type Survey struct {
	Label       string // of the edition: "2022-H1"
	Edition     string // its name: "microsoft/lerr/2022-H1"
	Corrections []Correction

	period Period                // of the edition
	single bool                  // every table of the capture covers one period only
	fixes  map[lineKey]periodFix // lines of consecutive tables whose label is not taken as printed
}

// Correction is a printed period that its table proves to be a misprint.
type Correction struct {
	Table   string
	Line    int
	Printed string // label of the period that was printed
	Proven  string // label of the only period that fits
}

type lineKey struct {
	table   string
	process string // as printed: the block of the table
	line    int
}

type periodFix struct {
	period Period
	out    outcome
}

// blockKey is a run of lines that must be half-years without a gap.
type blockKey struct{ table, process string }

type blockLine struct {
	line   int
	period Period // zero when the label is no period
}

// Survey reads the capture once and finds the edition's label (the latest period in it,
// when Capture.Edition is empty; the latest day, when it lists single instruments only)
// and the misprinted periods that a table proves.
//
// A stated edition that ends before a period in the capture, or more than maxLag after all of
// them, is an error that wraps scrape.ErrLayout: the file is not the edition it is said to be.
func (n *Normalizer) Survey(c scrape.Capture, parse ParseFunc) (Survey, error) {
	if err := n.owns(c); err != nil {
		return Survey{}, err
	}
	r := newRun(n, c, nil)
	perTable := map[string]Period{}
	several := false // a table has more than one period
	blocks := map[blockKey][]blockLine{}
	var last Period  // ends latest
	var spare Period // the same of single days and ignored rows, for captures without anything else
	note := func(p Period, into *Period) {
		// A period that was not over when the capture was made will be rejected, and
		// does not name the edition.
		if later(p, *into) && (c.RetrievedAt.IsZero() || !p.End.After(c.RetrievedAt)) {
			*into = p
		}
	}
	var row scrape.Row // one for the whole pass
	for next, err := range parse(c) {
		if err != nil {
			return Survey{}, fmt.Errorf("survey %s of %s: %w", c.Name, c.Source, err)
		}
		row = next
		if row.Hold != "" {
			continue
		}
		t := r.table(row.Table)
		k := r.resolve(t, &row)
		if row.Ignore != "" {
			note(k.period, &spare)
			continue
		}
		if t.consecutive {
			process := ""
			if cell, ok := row.Key(scrape.RoleProcess); ok {
				process = cell.Text
			}
			b := blockKey{row.Table, process}
			if lines := blocks[b]; len(lines) == 0 || lines[len(lines)-1].line != row.Line {
				blocks[b] = append(lines, blockLine{row.Line, k.period})
			}
			continue // its periods count when they are proven
		}
		if k.out.stops() {
			continue
		}
		if k.period.Kind == Day {
			note(k.period, &spare)
			continue
		}
		if old, ok := perTable[t.name]; ok && old != k.period {
			several = true
		}
		perTable[t.name] = k.period
		note(k.period, &last)
	}

	sv := Survey{fixes: map[lineKey]periodFix{}}
	for b, lines := range blocks {
		for i, fix := range proveSequence(lines) {
			l := lines[i]
			p := l.period
			if fix.out.stops() || !fix.period.IsZero() {
				sv.fixes[lineKey{b.table, b.process, l.line}] = fix
				p = fix.period
				if !p.IsZero() {
					sv.Corrections = append(sv.Corrections, Correction{b.table, l.line, l.period.Label(), p.Label()})
				}
			}
			if p.IsZero() {
				continue
			}
			if old, ok := perTable[b.table]; ok && old != p {
				several = true
			}
			perTable[b.table] = p
			note(p, &last)
		}
	}
	sortCorrections(sv.Corrections)
	sv.single = !several && len(perTable) > 0

	if c.Edition != "" {
		stated, err := ParsePeriod(c.Edition, PeriodOptions{})
		if err != nil {
			return Survey{}, fmt.Errorf("survey %s of %s: stated edition: %w", c.Name, c.Source, err)
		}
		if !last.IsZero() && last.End.After(stated.End) {
			return Survey{}, fmt.Errorf("survey %s of %s: it is said to be edition %q, but reports %s: %w", c.Name, c.Source, c.Edition, last, scrape.ErrLayout)
		}
		if !last.IsZero() && stated.End.After(last.End.AddDate(0, maxLag, 1)) {
			return Survey{}, fmt.Errorf("survey %s of %s: it is said to be edition %q, but reports nothing later than %s: %w", c.Name, c.Source, c.Edition, last, scrape.ErrLayout)
		}
		last = stated
	} else if last.IsZero() {
		last = spare
	}
	sv.period, sv.Label = last, Undated
	if !last.IsZero() {
		// A slash parts the names of source and edition.
		sv.Label = strings.ReplaceAll(last.Label(), "/", "_")
	}
	sv.Edition = EditionName(c.Source, sv.Label)
	return sv, nil
}

// later reports whether p ends later than q, or ends with it and is shorter.
func later(p, q Period) bool {
	if p.IsZero() || q.IsZero() {
		return !p.IsZero()
	}
	if !p.End.Equal(q.End) {
		return p.End.After(q.End)
	}
	return p.Start.After(q.Start)
}

func sortCorrections(c []Correction) {
	for i := 1; i < len(c); i++ {
		for j := i; j > 0 && (c[j].Table < c[j-1].Table || c[j].Table == c[j-1].Table && c[j].Line < c[j-1].Line); j-- {
			c[j], c[j-1] = c[j-1], c[j]
		}
	}
}

// proveSequence checks a block whose lines must be half-years without a gap, ascending or
// descending. For each line it returns the zero fix (the label stands as printed), a
// period (the label is a misprint, and exactly one change to the whole block makes it a
// sequence: this one, with a neighbour on either side), or a refusal.
func proveSequence(lines []blockLine) []periodFix {
	fixes := make([]periodFix, len(lines))
	index := make([]int, len(lines)) // half-year numbers, -1 for none
	bad := 0
	for i, l := range lines {
		var ok bool
		if index[i], ok = l.period.halfIndex(); !ok {
			index[i] = -1
			bad++
			if !l.period.IsZero() {
				fixes[i].out = refuse(ReasonPeriod, "period %s in a table of half-years", l.period)
			}
			// A label that is no period at all is refused by its own reading.
		}
	}
	fits := func(step int) (misfits []int, base int) {
		// The base is the number that line 0 would have; try every line's claim.
		best := -1
		for i, h := range index {
			if h < 0 {
				continue
			}
			claim, agree := h-step*i, 0
			for j, g := range index {
				if g >= 0 && g-step*j == claim {
					agree++
				}
			}
			if agree > best {
				best, base = agree, claim
			}
		}
		for i, h := range index {
			if h >= 0 && h-step*i != base {
				misfits = append(misfits, i)
			}
		}
		return misfits, base
	}
	up, upBase := fits(1)
	down, downBase := fits(-1)
	if len(up) == 0 || len(down) == 0 {
		return fixes
	}
	// One change makes a sequence when all lines but one agree. It is a proof when only
	// one such change exists and the line has neighbours on both sides.
	type change struct{ at, half int }
	var changes []change
	n := len(index) - bad
	for _, dir := range []struct{ step, base int }{{1, upBase}, {-1, downBase}} {
		for i := range index {
			if index[i] < 0 {
				continue
			}
			// Without line i, do all others agree?
			base, same, first := 0, true, true
			for j, h := range index {
				if j == i || h < 0 {
					continue
				}
				if claim := h - dir.step*j; first {
					base, first = claim, false
				} else if claim != base {
					same = false
				}
			}
			if same && !first {
				changes = append(changes, change{i, base + dir.step*i})
			}
		}
	}
	if len(changes) == 1 && n >= 4 && bad == 0 {
		if c := changes[0]; c.at > 0 && c.at < len(index)-1 {
			fixes[c.at].period = halfAt(c.half)
			return fixes
		}
	}
	// Nothing is proven. Lines that follow on from a neighbour in the table's direction
	// stand, when there is no doubt about the direction; the others are refused.
	step, steps := 1, [2]int{steps(index, 1), steps(index, -1)}
	if steps[1] > steps[0] {
		step, steps = -1, [2]int{steps[1], steps[0]}
	}
	sure := steps[0] >= 2 && steps[0] > steps[1]
	count := map[int]int{}
	for _, h := range index {
		count[h]++
	}
	for i, h := range index {
		if h < 0 {
			continue
		}
		before := i > 0 && index[i-1] >= 0 && h-index[i-1] == step
		after := i+1 < len(index) && index[i+1] >= 0 && index[i+1]-h == step
		if !sure || count[h] > 1 || !before && !after {
			fixes[i].out = refuse(ReasonPeriod, "period %s does not follow on from the lines beside it, and what it should be cannot be proven", lines[i].period)
		}
	}
	return fixes
}

func steps(index []int, step int) int {
	n := 0
	for i := 1; i < len(index); i++ {
		if index[i] >= 0 && index[i-1] >= 0 && index[i]-index[i-1] == step {
			n++
		}
	}
	return n
}
