package audit

import (
	"embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed checks.csv pins.csv begins.csv
var embedded embed.FS

// tables are the embedded files.
type tables struct {
	relations []relation
	pins      []Pin
	openings  map[string]opening // by provider and table
}

// relation is one row of checks.csv.
type relation struct {
	id              string // for counting breaches of one relation
	provider, table string
	check           string
	percent         term // the printed share; check percent only
	whole           term
	parts           []term
	grain           string // of the checks continuity (grainSeries or grainTable) and order (grainPeriods, grainNames or grainLists)
	jurisdiction    string // only lines of this one; "" for all
	from, to        time.Time
	unknown         bool // a blank part may hide a figure; else it adds nothing
	hold            bool
	note            string

	// Of the capture at hand.
	checked, broken int64     // lines decided, and of those, lines with an open finding
	rounded, cut    int64     // lines whose share is explained by rounding alone, and by cutting alone
	waiting         []Finding // of those that are cut, as far as they are remembered
}

// opening is a figure of the half-year with which a table begins, which no later edition has
// changed. It tells a table whose half-years were moved from one that leaves out its first
// ones.
type opening struct {
	jurisdiction, measure string
	figure                float64
}

// The grains of the continuity check.
const (
	grainSeries = "series" // every half-year in each series of the table (service and process)
	grainTable  = "table"  // every half-year somewhere in the table
)

// term is a figure of a line: measure, or process/measure.
type term struct{ process, measure string }

// Pin is one row of pins.csv: a mismatch of the publisher. Source, Edition and Service may be
// empty for any.
type Pin struct {
	Provider, Source, Edition, Table, Check string
	Service, Process, Measure               string
	Period, Jurisdiction, Expected, Found   string
	Note                                    string // where the mismatch is to be seen
}

// matches reports whether the finding is the pinned mismatch: everything but source, edition
// and service must be the same, both sides of the mismatch included. A pin of check order
// names two neighbours, whichever of the two the finding covers, and may leave the
// half-year empty.
func (p Pin) matches(edition string, f Finding) bool {
	if p.Check == CheckOrder {
		return f.Check == CheckOrder && p.Table == f.Table && p.Expected == f.Expected && p.Found == f.Found &&
			(p.Period == "" || p.Period == f.Scope.Period.Label()) && (p.Edition == "" || p.Edition == edition)
	}
	return p.Expected == f.Expected && p.Found == f.Found && p.Check == f.Check && p.Table == f.Table &&
		p.Measure == f.Measure && p.Process == f.Scope.Process && p.Jurisdiction == f.Scope.Jurisdiction &&
		p.Period == f.Scope.Period.Label() && (p.Service == "" || p.Service == f.Scope.Service) &&
		(p.Edition == "" || p.Edition == edition)
}

// problem says what is wrong with a pin.
func (p Pin) problem() error {
	if p.Provider == "" || p.Table == "" || p.Period == "" && p.Check != CheckOrder || p.Expected == "" || p.Found == "" {
		return fmt.Errorf("a pin names provider, table, period, expected and found")
	}
	if p.Expected == p.Found {
		return fmt.Errorf("expected and found are both %q", p.Found)
	}
	if strings.TrimSpace(p.Note) == "" {
		return fmt.Errorf("a pin needs its source")
	}
	if !Declared(p.Check) {
		return fmt.Errorf("check %q is not declared", p.Check)
	}
	return nil
}

// Declared reports whether a check is one of this package's.
func Declared(check string) bool {
	switch check {
	case CheckTotal, CheckPartition, CheckAtMost, CheckPercent, CheckRange, CheckContinuity, CheckBand, CheckFloor, CheckColumns,
		CheckMean, CheckNeeds, CheckLine, CheckOrder:
		return true
	}
	return false
}

var declared = sync.OnceValues(func() (*tables, error) {
	t := &tables{}
	f, err := embedded.Open("checks.csv")
	if err != nil {
		return nil, fmt.Errorf("audit checks: %w", err)
	}
	defer f.Close()
	if t.relations, err = readRelations(f); err != nil {
		return nil, fmt.Errorf("audit checks.csv: %w", err)
	}
	g, err := embedded.Open("pins.csv")
	if err != nil {
		return nil, fmt.Errorf("audit pins: %w", err)
	}
	defer g.Close()
	if t.pins, err = readPins(g); err != nil {
		return nil, fmt.Errorf("audit pins.csv: %w", err)
	}
	b, err := embedded.Open("begins.csv")
	if err != nil {
		return nil, fmt.Errorf("audit openings: %w", err)
	}
	defer b.Close()
	if t.openings, err = readOpenings(b); err != nil {
		return nil, fmt.Errorf("audit begins.csv: %w", err)
	}
	return t, nil
})

var (
	checkColumns = []string{"provider", "table", "check", "percent", "whole", "parts", "jurisdiction", "from", "to", "blank", "hold", "note"}
	openColumns  = []string{"provider", "table", "jurisdiction", "measure", "figure", "source_note"}
	pinColumns   = []string{"provider", "source", "edition", "table", "check", "service", "process", "measure", "period", "jurisdiction", "expected", "found", "source_note"}
)

// lines reads a CSV that has exactly these columns and calls row with its fields.
func lines(r io.Reader, columns []string, row func(f []string) error) error {
	c := csv.NewReader(r)
	c.FieldsPerRecord = len(columns)
	head, err := c.Read()
	if err != nil {
		return err
	}
	if !slices.Equal(head, columns) {
		return fmt.Errorf("columns are %q, want %q", head, columns)
	}
	for {
		f, err := c.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := row(f); err != nil {
			n, _ := c.FieldPos(0)
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
}

func readRelations(in io.Reader) ([]relation, error) {
	var out []relation
	err := lines(in, checkColumns, func(f []string) error {
		r := relation{provider: f[0], table: f[1], check: f[2], jurisdiction: f[6], note: f[11]}
		r.id = strings.Join([]string{f[1], f[2], f[3], f[4], f[5]}, " ")
		if r.provider == "" || r.table == "" {
			return fmt.Errorf("no provider or table")
		}
		var err error
		if r.percent, err = readTerm(f[3]); err != nil {
			return err
		}
		if r.whole, err = readTerm(f[4]); err != nil {
			return err
		}
		if r.from, err = readDay(f[7]); err != nil {
			return err
		}
		if r.to, err = readDay(f[8]); err != nil {
			return err
		}
		switch f[9] {
		case "unknown":
			r.unknown = true
		case "nothing", "":
		default:
			return fmt.Errorf("blank is %q, want %q or %q", f[9], "nothing", "unknown")
		}
		switch f[10] {
		case "yes":
			r.hold = true
		case "no":
		default:
			return fmt.Errorf("hold is %q, want %q or %q", f[10], "yes", "no")
		}
		if r.check == CheckContinuity || r.check == CheckOrder {
			grains := []string{grainSeries, grainTable}
			if r.check == CheckOrder {
				grains = []string{grainPeriods, grainNames, grainLists}
			}
			if r.grain = f[5]; !slices.Contains(grains, r.grain) {
				return fmt.Errorf("%s of %q, want one of %q", r.check, r.grain, grains)
			}
		} else if f[5] != "" {
			for _, p := range strings.Split(f[5], "+") {
				t, err := readTerm(strings.TrimSpace(p))
				if err != nil {
					return err
				}
				if t.measure == "" {
					return fmt.Errorf("parts %q: an empty term", f[5])
				}
				r.parts = append(r.parts, t)
			}
		}
		var ok bool
		switch r.check {
		case CheckPartition, CheckAtMost:
			ok = r.whole.measure != "" && len(r.parts) > 0 && r.percent.measure == "" && (f[9] != "") == (r.check == CheckPartition)
		case CheckPercent:
			ok = r.whole.measure != "" && r.percent.measure != ""
		case CheckMean:
			ok = r.whole.measure != "" && len(r.parts) > 1 && r.percent.measure != ""
		case CheckNeeds:
			ok = r.whole.measure != "" && len(r.parts) > 0 && r.percent.measure == ""
		case checkFractions:
			ok = r.whole.measure == "" && r.percent.measure == "" && len(r.parts) == 0
		case CheckContinuity, CheckOrder: // of continuity, from is the half-year with which the table begins
			ok = r.whole.measure == "" && r.percent.measure == ""
		case checkDeduplicated:
			ok = r.whole.measure != "" && r.whole.process == "" && len(r.parts) == 0
		case CheckBand: // every figure of the table, or of the parts, is a band; with a whole, its process has no raised floors
			ok = (r.whole.measure == "") == (r.whole.process == "") && r.percent.measure == "" && r.hold
		case CheckColumns: // without parts: the column that must hold figures at all
			ok = r.whole.measure != "" && r.percent.measure == "" && r.jurisdiction == ""
		case CheckFloor:
			ok = r.whole.measure != "" && r.whole.process != "" && len(r.parts) == 0
		default:
			return fmt.Errorf("check %q is not declared", r.check)
		}
		if !ok {
			return fmt.Errorf("check %q does not take these columns", r.check)
		}
		out = append(out, r)
		return nil
	})
	return out, err
}

func readTerm(s string) (term, error) {
	process, measure, two := strings.Cut(s, "/")
	if !two {
		return term{measure: s}, nil
	}
	if process == "" || measure == "" || strings.Contains(measure, "/") {
		return term{}, fmt.Errorf("term %q: want %q or %q", s, "measure", "process/measure")
	}
	return term{process, measure}, nil
}

func readDay(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("date %q: %w", s, err)
	}
	return t, nil
}

func readPins(in io.Reader) ([]Pin, error) {
	var out []Pin
	seen := map[Pin]bool{}
	err := lines(in, pinColumns, func(f []string) error {
		p := Pin{f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10], f[11], f[12]}
		if err := p.problem(); err != nil {
			return err
		}
		key := p
		key.Note = ""
		if seen[key] {
			return fmt.Errorf("the same pin twice")
		}
		seen[key] = true
		out = append(out, p)
		return nil
	})
	return out, err
}

func readOpenings(in io.Reader) (map[string]opening, error) {
	out := map[string]opening{}
	err := lines(in, openColumns, func(f []string) error {
		figure, err := strconv.ParseFloat(f[4], 64)
		switch {
		case err != nil:
			return fmt.Errorf("figure %q: %w", f[4], err)
		case slices.Contains(f, ""):
			return fmt.Errorf("an empty field")
		}
		out[f[0]+"/"+f[1]] = opening{f[2], f[3], figure}
		return nil
	})
	return out, err
}
