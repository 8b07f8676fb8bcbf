// Package vocab holds the closed code lists: every code that an observation may carry,
// as CSV files that a policy analyst can read and review, embedded in the program.
//
// They stand apart from the code because they change for other reasons than code does
// (a new statute, a country that changes its name) and because the warehouse stores them
// beside the figures. A code that is in no list cannot become a figure: label files are
// checked against the lists when they are loaded, and the lists against each other.
//
// The package imports nothing of the project.
package vocab

import (
	"embed"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed *.csv
var files embed.FS

// Version is the version of the code lists. It rises when a code is added, removed or
// changes its meaning.
const Version = "2"

// Process is a legal instrument, or the identifier that a request names.
type Process struct {
	Code          string
	Parent        string // "" for the root
	Class         string // mixed, criminal, emergency, preservation, national_security, civil, restriction, removal
	Axis          string // process, or identifier: what was asked about, orthogonal to the legal process
	DisclosesData bool   // false: nothing leaves the provider (preservation, restriction)
	LegalBasis    string
	Title         string
	Source        string
}

// Measure is what is counted.
type Measure struct {
	Code      string
	Title     string
	Units     []string // units in which it may be counted, at least one
	Additive  string   // sum, carry_over or none; see CarryOver for processes whose orders stay in force
	CarryOver []string // processes for which two halves overlap, so that a year is no sum
	Source    string
}

// AllowsUnit reports whether the measure may be counted in the unit.
func (m Measure) AllowsUnit(unit string) bool {
	for _, u := range m.Units {
		if u == unit {
			return true
		}
	}
	return false
}

// Unit is a unit of counting. Figures of different units are never added.
type Unit struct{ Code, Title, Note string }

// Jurisdiction is who may ask: a country of ISO 3166-1 or one of the exceptions.
type Jurisdiction struct {
	Code    string
	Name    string
	Aliases []string
	Kind    string // country, former, group, user_assigned, international, world, residual
	Note    string
}

// Membership is one member of a group. From and To are inclusive; a zero To is open.
type Membership struct {
	Group, Member string
	From, To      time.Time
	Source        string
}

// BandScheme is a legal regime under which bands are printed.
type BandScheme struct {
	Code      string
	Width     float64   // of one band, in the unit of the figure
	From, To  time.Time // publications that may use it, inclusive; a zero To is open
	Authority string
	DelayDays int // days that must pass between the end of the period and the publication
	Source    string
}

// Service is what a figure covers.
type Service struct {
	Code, Provider, Title string
	IncludedIn            string    // service whose figures hold this one's; "" for none
	IncludedFrom          time.Time // first day from which they do; zero where IncludedIn is empty
	Note, Source          string
}

// Code is an entry of a plain list: exactness, period kind, basis, requester level,
// customer class, quality flag.
type Code struct{ Code, Title string }

// Vocabulary is all code lists. It is not changed after Load and safe for concurrent use.
type Vocabulary struct {
	Processes       []Process
	Measures        []Measure
	Units           []Unit
	Jurisdictions   []Jurisdiction
	Memberships     []Membership
	BandSchemes     []BandScheme
	Exactness       []Code
	PeriodKinds     []Code
	Bases           []Code
	RequesterLevels []Code
	CustomerClasses []Code
	Services        []Service
	QualityFlags    []Code

	process      map[string]int
	measure      map[string]int
	unit         map[string]int
	jurisdiction map[string]int
	scheme       map[string]int
	service      map[string]int
	plain        map[string]map[string]bool
	names        map[string]string // folded name or alias -> jurisdiction
	valued       map[string]bool   // exactness code -> has a value
}

var embedded = sync.OnceValues(func() (*Vocabulary, error) { return load(files) })

// Load returns the embedded code lists, checked. The error names file and line.
func Load() (*Vocabulary, error) { return embedded() }

// Files returns the embedded CSV files, for the warehouse and the data dictionary.
func Files() fs.FS { return files }

// table reads a CSV file, checks its header and hands on each line with its number.
func table(fsys fs.FS, name string, header []string, row func(line int, f []string) error) error {
	file, err := fsys.Open(name)
	if err != nil {
		return fmt.Errorf("vocabulary %s: %w", name, err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.FieldsPerRecord = len(header)
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("vocabulary %s: %w", name, err)
	}
	for i := range header {
		if head[i] != header[i] {
			return fmt.Errorf("vocabulary %s: column %d is %q, want %q", name, i+1, head[i], header[i])
		}
	}
	for {
		f, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("vocabulary %s: %w", name, err)
		}
		line, _ := r.FieldPos(0)
		if f[0] == "" {
			return fmt.Errorf("vocabulary %s:%d: empty code", name, line)
		}
		if err := row(line, f); err != nil {
			return fmt.Errorf("vocabulary %s:%d: %w", name, line, err)
		}
	}
}

func index(m map[string]int, code string, at int) error {
	if _, ok := m[code]; ok {
		return fmt.Errorf("code %q stands here twice", code)
	}
	m[code] = at
	return nil
}

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

func day(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, s)
}

func load(fsys fs.FS) (*Vocabulary, error) {
	v := &Vocabulary{
		process: map[string]int{}, measure: map[string]int{}, unit: map[string]int{}, jurisdiction: map[string]int{},
		scheme: map[string]int{}, service: map[string]int{}, plain: map[string]map[string]bool{},
		names: map[string]string{}, valued: map[string]bool{},
	}
	steps := []func() error{
		func() error {
			return table(fsys, "unit.csv", []string{"code", "title", "note"}, func(_ int, f []string) error {
				v.Units = append(v.Units, Unit{f[0], f[1], f[2]})
				return index(v.unit, f[0], len(v.Units)-1)
			})
		},
		func() error {
			head := []string{"code", "parent", "class", "axis", "discloses_data", "legal_basis", "title", "source"}
			return table(fsys, "process.csv", head, func(_ int, f []string) error {
				discloses, err := strconv.ParseBool(f[4])
				if err != nil {
					return fmt.Errorf("discloses_data: %w", err)
				}
				if f[1] == "" && len(v.Processes) > 0 {
					return fmt.Errorf("process %q has no parent", f[0])
				}
				if _, ok := v.process[f[1]]; f[1] != "" && !ok {
					return fmt.Errorf("parent %q of process %q stands in no line above", f[1], f[0])
				}
				v.Processes = append(v.Processes, Process{f[0], f[1], f[2], f[3], discloses, f[5], f[6], f[7]})
				return index(v.process, f[0], len(v.Processes)-1)
			})
		},
		func() error {
			head := []string{"code", "title", "units", "additive", "carry_over_processes", "source"}
			return table(fsys, "measure.csv", head, func(_ int, f []string) error {
				m := Measure{f[0], f[1], splitList(f[2]), f[3], splitList(f[4]), f[5]}
				if len(m.Units) == 0 {
					return fmt.Errorf("measure %q has no unit", f[0])
				}
				for _, u := range m.Units {
					if !v.HasUnit(u) {
						return fmt.Errorf("unit %q is not in unit.csv", u)
					}
				}
				switch m.Additive {
				case "sum", "carry_over", "none":
				default:
					return fmt.Errorf("additive %q, want sum, carry_over or none", m.Additive)
				}
				for _, p := range m.CarryOver {
					if !v.HasProcess(p) {
						return fmt.Errorf("process %q is not in process.csv", p)
					}
				}
				v.Measures = append(v.Measures, m)
				return index(v.measure, f[0], len(v.Measures)-1)
			})
		},
		func() error {
			return table(fsys, "jurisdiction.csv", []string{"code", "name", "aliases", "kind", "note"}, func(_ int, f []string) error {
				j := Jurisdiction{f[0], f[1], splitList(f[2]), f[3], f[4]}
				for _, name := range append([]string{j.Name}, j.Aliases...) {
					k := Fold(name)
					if c, ok := v.names[k]; ok && c != j.Code {
						return fmt.Errorf("name %q stands for %s and for %s", name, c, j.Code)
					}
					v.names[k] = j.Code
				}
				v.Jurisdictions = append(v.Jurisdictions, j)
				return index(v.jurisdiction, f[0], len(v.Jurisdictions)-1)
			})
		},
		func() error {
			seen := map[string]int{}
			return table(fsys, "membership.csv", []string{"group", "member", "from", "to", "source"}, func(_ int, f []string) error {
				from, err1 := day(f[2])
				to, err2 := day(f[3])
				if err1 != nil || err2 != nil || from.IsZero() || !to.IsZero() && to.Before(from) {
					return fmt.Errorf("membership of %q from %q to %q", f[1], f[2], f[3])
				}
				if !v.HasJurisdiction(f[0]) || !v.HasJurisdiction(f[1]) {
					return fmt.Errorf("group %q or member %q is not in jurisdiction.csv", f[0], f[1])
				}
				v.Memberships = append(v.Memberships, Membership{f[0], f[1], from, to, f[4]})
				return index(seen, f[0]+"\x00"+f[1]+"\x00"+f[2], 0)
			})
		},
		func() error {
			head := []string{"code", "width", "from", "to", "authority", "delay_days", "source"}
			return table(fsys, "band_scheme.csv", head, func(_ int, f []string) error {
				width, err := strconv.ParseFloat(f[1], 64)
				if err != nil || width < 1 {
					return fmt.Errorf("width %q", f[1])
				}
				from, err1 := day(f[2])
				to, err2 := day(f[3])
				delay, err3 := strconv.Atoi(f[5])
				if err1 != nil || err2 != nil || err3 != nil || delay < 0 {
					return fmt.Errorf("from %q, to %q, delay_days %q", f[2], f[3], f[5])
				}
				v.BandSchemes = append(v.BandSchemes, BandScheme{f[0], width, from, to, f[4], delay, f[6]})
				return index(v.scheme, f[0], len(v.BandSchemes)-1)
			})
		},
		func() error {
			head := []string{"code", "provider", "title", "included_in", "included_from", "note", "source"}
			return table(fsys, "service.csv", head, func(_ int, f []string) error {
				from, err := day(f[4])
				if err != nil || from.IsZero() != (f[3] == "") {
					return fmt.Errorf("service %q is included in %q from %q", f[0], f[3], f[4])
				}
				if i, ok := v.service[f[3]]; f[3] != "" && (!ok || v.Services[i].Provider != f[1]) {
					return fmt.Errorf("service %q, which includes %q, stands in no line above with the same provider", f[3], f[0])
				}
				v.Services = append(v.Services, Service{f[0], f[1], f[2], f[3], from, f[5], f[6]})
				return index(v.service, f[0], len(v.Services)-1)
			})
		},
		func() error {
			seen := map[string]int{}
			return table(fsys, "exactness.csv", []string{"code", "has_value", "title"}, func(_ int, f []string) error {
				has, err := strconv.ParseBool(f[1])
				if err != nil {
					return fmt.Errorf("has_value: %w", err)
				}
				v.Exactness = append(v.Exactness, Code{f[0], f[2]})
				v.valued[f[0]] = has
				return index(seen, f[0], 0)
			})
		},
		v.plainList(fsys, "period_kind", "title", &v.PeriodKinds),
		v.plainList(fsys, "basis", "title", &v.Bases),
		v.plainList(fsys, "requester_level", "title", &v.RequesterLevels),
		v.plainList(fsys, "customer_class", "title", &v.CustomerClasses),
		v.plainList(fsys, "quality_flag", "meaning", &v.QualityFlags),
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	sort.SliceStable(v.Jurisdictions, func(i, j int) bool { return v.Jurisdictions[i].Code < v.Jurisdictions[j].Code })
	for i, j := range v.Jurisdictions {
		v.jurisdiction[j.Code] = i
	}
	return v, nil
}

func (v *Vocabulary) plainList(fsys fs.FS, name, second string, into *[]Code) func() error {
	return func() error {
		v.plain[name] = map[string]bool{}
		return table(fsys, name+".csv", []string{"code", second}, func(_ int, f []string) error {
			if v.plain[name][f[0]] {
				return fmt.Errorf("code %q stands here twice", f[0])
			}
			v.plain[name][f[0]] = true
			*into = append(*into, Code{f[0], f[1]})
			return nil
		})
	}
}

// HasProcess reports whether the code is in process.csv.
func (v *Vocabulary) HasProcess(code string) bool { _, ok := v.process[code]; return ok }

// HasMeasure reports whether the code is in measure.csv.
func (v *Vocabulary) HasMeasure(code string) bool { _, ok := v.measure[code]; return ok }

// HasUnit reports whether the code is in unit.csv.
func (v *Vocabulary) HasUnit(code string) bool { _, ok := v.unit[code]; return ok }

// HasJurisdiction reports whether the code is in jurisdiction.csv. Codes are upper case.
func (v *Vocabulary) HasJurisdiction(code string) bool { _, ok := v.jurisdiction[code]; return ok }

// HasService reports whether the code is in service.csv.
func (v *Vocabulary) HasService(code string) bool { _, ok := v.service[code]; return ok }

// HasBandScheme reports whether the code is in band_scheme.csv.
func (v *Vocabulary) HasBandScheme(code string) bool { _, ok := v.scheme[code]; return ok }

// HasExactness reports whether the code is in exactness.csv; value says whether a figure
// of this exactness has one.
func (v *Vocabulary) HasExactness(code string) (value, ok bool) {
	value, ok = v.valued[code]
	return value, ok
}

// HasQualityFlag reports whether the code is in quality_flag.csv.
func (v *Vocabulary) HasQualityFlag(code string) bool { return v.plain["quality_flag"][code] }

// HasRequesterLevel reports whether the code is in requester_level.csv.
func (v *Vocabulary) HasRequesterLevel(code string) bool { return v.plain["requester_level"][code] }

// HasCustomerClass reports whether the code is in customer_class.csv.
func (v *Vocabulary) HasCustomerClass(code string) bool { return v.plain["customer_class"][code] }

// HasPeriodKind reports whether the code is in period_kind.csv.
func (v *Vocabulary) HasPeriodKind(code string) bool { return v.plain["period_kind"][code] }

// HasBasis reports whether the code is in basis.csv.
func (v *Vocabulary) HasBasis(code string) bool { return v.plain["basis"][code] }

// Process returns the process of the code.
func (v *Vocabulary) Process(code string) (Process, bool) {
	i, ok := v.process[code]
	if !ok {
		return Process{}, false
	}
	return v.Processes[i], true
}

// Measure returns the measure of the code.
func (v *Vocabulary) Measure(code string) (Measure, bool) {
	i, ok := v.measure[code]
	if !ok {
		return Measure{}, false
	}
	return v.Measures[i], true
}

// Jurisdiction returns the jurisdiction of the code.
func (v *Vocabulary) Jurisdiction(code string) (Jurisdiction, bool) {
	i, ok := v.jurisdiction[code]
	if !ok {
		return Jurisdiction{}, false
	}
	return v.Jurisdictions[i], true
}

// BandScheme returns the scheme of the code.
func (v *Vocabulary) BandScheme(code string) (BandScheme, bool) {
	i, ok := v.scheme[code]
	if !ok {
		return BandScheme{}, false
	}
	return v.BandSchemes[i], true
}

// JurisdictionNamed returns the code whose name or alias is the text, white space folded
// and without regard to case.
func (v *Vocabulary) JurisdictionNamed(text string) (code string, ok bool) {
	code, ok = v.names[Fold(text)]
	return code, ok
}

// Covers reports whether the process is the ancestor itself or stands below it in the tree.
func (v *Vocabulary) Covers(ancestor, process string) bool {
	for process != "" {
		if process == ancestor {
			return true
		}
		i, ok := v.process[process]
		if !ok {
			return false
		}
		process = v.Processes[i].Parent
	}
	return false
}

// Member reports whether the jurisdiction belonged to the group on every day from start
// to end, both inclusive.
func (v *Vocabulary) Member(group, jurisdiction string, start, end time.Time) bool {
	for _, m := range v.Memberships {
		if m.Group == group && m.Member == jurisdiction && !start.Before(m.From) && (m.To.IsZero() || !end.After(m.To)) {
			return true
		}
	}
	return false
}
