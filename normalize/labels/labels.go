// Package labels holds the label files: one CSV per provider that maps the printed words
// of its reports to our codes (README.md says how a row is read).
//
// They are data and not code so that a policy analyst can review them without Go, and
// they stand apart from the vocabularies because a provider's spelling changes with every
// report while a code never does. The package knows the code lists (package vocab), and
// checks every row against them when it loads; it does not know rows, periods or figures.
package labels

import (
	"embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sort"
	"strings"
	"time"

	"daylight/normalize/vocab"
)

//go:embed *.csv
var files embed.FS

// ErrLabel says that a label file is broken or that there is none for a provider.
var ErrLabel = errors.New("label file")

// Kind is what a row of a label file maps.
type Kind string

// The closed list of kinds.
const (
	KindDefault        Kind = "default"
	KindColumn         Kind = "column"
	KindProcess        Kind = "process"
	KindJurisdiction   Kind = "jurisdiction"
	KindProduct        Kind = "product"
	KindMissing        Kind = "missing"
	KindScheme         Kind = "scheme"
	KindZero           Kind = "zero"
	KindIgnore         Kind = "ignore"
	KindCustomerClass  Kind = "customer_class"
	KindRequesterLevel Kind = "requester_level"
	KindService        Kind = "service"
)

// Label is one row of a label file.
type Label struct {
	Kind      Kind
	Table     string   // "" for every table of the provider
	Printed   string   // as in the file
	Code      string   //
	Processes []string // column, scheme, zero: the processes named; nil for none
	Unit      string   //
	Flags     []string //
	Note      string   //
	From, To  time.Time
	// From and To bound the periods of scheme and zero rows, inclusive; a zero time is
	// no bound.

	Line int // of the file, from 1; 0 for a row that is in no file of the program

	// Decision says who accepted a row that is in no file of the program, when and why.
	Decision string
}

// Spans reports whether a period from start to end lies in the row's range.
func (l Label) Spans(start, end time.Time) bool {
	return (l.From.IsZero() || !start.Before(l.From)) && (l.To.IsZero() || !end.After(l.To))
}

// Set is the labels of one provider. It does not change after it was loaded and is safe
// for concurrent use.
type Set struct {
	provider string
	vocab    *vocab.Vocabulary
	words    map[key]Label
	ranges   map[Kind][]Label
	missing  map[string][]Label // by folded text
	all      []Label
}

type key struct {
	kind    Kind
	table   string
	printed string // folded
}

// Load reads the embedded label file of a provider and adds extra rows to it. A row that the
// file has by now is left out; one that says something else than the file is an error.
// Errors wrap ErrLabel and name file and line.
func Load(provider string, v *vocab.Vocabulary, extra ...Label) (*Set, error) {
	s, err := LoadFS(files, provider, v)
	if err != nil {
		return nil, err
	}
	for _, l := range extra {
		if s.has(l) {
			continue
		}
		if err := s.add(l); err != nil {
			return nil, fmt.Errorf("%w %s.csv and a row beside it (%s): %w", ErrLabel, provider, l.Decision, err)
		}
	}
	return s, nil
}

// has reports whether a row maps the same word in the same place to the same code.
func (s *Set) has(l Label) bool {
	for _, o := range s.all {
		if o.Kind == l.Kind && o.Table == l.Table && o.Code == l.Code && vocab.Fold(o.Printed) == vocab.Fold(l.Printed) &&
			slices.Equal(o.Processes, l.Processes) && (l.Unit == "" || o.Unit == l.Unit) {
			return true
		}
	}
	return false
}

// Providers returns the providers that have an embedded label file, sorted.
func Providers() []string {
	names, _ := fs.Glob(files, "*.csv") // the pattern is well formed
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], ".csv")
	}
	sort.Strings(names)
	return names
}

// LoadFS reads <provider>.csv from the top folder of a file system.
func LoadFS(fsys fs.FS, provider string, v *vocab.Vocabulary) (*Set, error) {
	name := provider + ".csv"
	file, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w of provider %q: %w", ErrLabel, provider, err)
	}
	defer file.Close()
	s := &Set{provider: provider, vocab: v, words: map[key]Label{}, ranges: map[Kind][]Label{}, missing: map[string][]Label{}}
	if err := s.read(name, file); err != nil {
		return nil, err
	}
	return s, nil
}

var header = []string{"kind", "table", "printed", "code", "process", "unit", "flag", "note"}

func (s *Set) read(name string, file io.Reader) error {
	r := csv.NewReader(file)
	r.FieldsPerRecord = len(header)
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("%w %s: %w", ErrLabel, name, err)
	}
	for i := range header {
		if head[i] != header[i] {
			return fmt.Errorf("%w %s:1: column %d is %q, want %q", ErrLabel, name, i+1, head[i], header[i])
		}
	}
	for {
		f, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w %s: %w", ErrLabel, name, err)
		}
		line, _ := r.FieldPos(0)
		l := Label{
			Kind: Kind(f[0]), Table: f[1], Printed: f[2], Code: f[3], Processes: split(f[4]),
			Unit: f[5], Flags: split(f[6]), Note: f[7], Line: line,
		}
		if err := s.add(l); err != nil {
			return fmt.Errorf("%w %s:%d: %w", ErrLabel, name, line, err)
		}
	}
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	f := strings.Split(s, "|")
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	return f
}

func (s *Set) add(l Label) error {
	if err := s.check(&l); err != nil {
		return err
	}
	s.all = append(s.all, l)
	switch l.Kind {
	case KindScheme, KindZero:
		for _, o := range s.ranges[l.Kind] {
			if clash(o, l) {
				return fmt.Errorf("%s %q overlaps line %d", l.Kind, l.Printed, o.Line)
			}
		}
		s.ranges[l.Kind] = append(s.ranges[l.Kind], l)
		return nil
	case KindMissing:
		word := vocab.Fold(l.Printed)
		for _, o := range s.missing[word] {
			if o.Unit == l.Unit && clash(o, l) {
				return fmt.Errorf("%s %q stands in line %d already", l.Kind, l.Printed, o.Line)
			}
		}
		s.missing[word] = append(s.missing[word], l)
		return nil
	}
	k := key{l.Kind, l.Table, vocab.Fold(l.Printed)}
	if o, ok := s.words[k]; ok {
		return fmt.Errorf("%s %q stands in line %d already", l.Kind, l.Printed, o.Line)
	}
	s.words[k] = l
	return nil
}

// clash says whether two rows of a kind that names processes speak of the same figures, so that neither wins.
func clash(a, b Label) bool {
	if a.Table != b.Table || a.Kind == KindZero && a.Code != b.Code {
		return false
	}
	if (len(a.Processes) == 0) != (len(b.Processes) == 0) {
		return false
	}
	shared := len(a.Processes) == 0
	for _, p := range a.Processes {
		for _, q := range b.Processes {
			shared = shared || p == q
		}
	}
	return shared && (a.To.IsZero() || b.From.IsZero() || !b.From.After(a.To)) &&
		(b.To.IsZero() || a.From.IsZero() || !a.From.After(b.To))
}

func (s *Set) check(l *Label) error {
	unknown := func(list, code string) error {
		return fmt.Errorf("%s %q: %q is not in vocab/%s.csv", l.Kind, l.Printed, code, list)
	}
	need := func(ok bool, list string) error {
		if !ok {
			return unknown(list, l.Code)
		}
		return nil
	}
	for _, p := range l.Processes {
		if !s.vocab.HasProcess(p) {
			return unknown("process", p)
		}
	}
	if l.Unit != "" && !s.vocab.HasUnit(l.Unit) {
		return unknown("unit", l.Unit)
	}
	for _, f := range l.Flags {
		if !s.vocab.HasQualityFlag(f) {
			return unknown("quality_flag", f)
		}
	}
	if len(l.Processes) > 0 && l.Kind != KindColumn && l.Kind != KindScheme && l.Kind != KindZero && l.Kind != KindMissing {
		return fmt.Errorf("%s %q: column process is not read for this kind", l.Kind, l.Printed)
	}
	if l.Unit != "" && l.Kind != KindColumn && l.Kind != KindProcess && l.Kind != KindMissing {
		return fmt.Errorf("%s %q: column unit is not read for this kind", l.Kind, l.Printed)
	}
	switch l.Kind {
	case KindDefault:
		return s.checkDefault(l)
	case KindColumn:
		m, ok := s.vocab.Measure(l.Code)
		if !ok {
			return unknown("measure", l.Code)
		}
		if vocab.Fold(l.Printed) == "" {
			return fmt.Errorf("column: no header")
		}
		if l.Unit == "" && len(m.Units) == 1 {
			l.Unit = m.Units[0]
		}
		if l.Unit != "" && !m.AllowsUnit(l.Unit) {
			return fmt.Errorf("column %q: measure %q is not counted in %q", l.Printed, l.Code, l.Unit)
		}
		return nil
	case KindProcess:
		return need(s.vocab.HasProcess(l.Code), "process")
	case KindJurisdiction:
		return need(s.vocab.HasJurisdiction(l.Code), "jurisdiction")
	case KindProduct, KindService:
		return need(s.vocab.HasService(l.Code), "service")
	case KindCustomerClass:
		return need(s.vocab.HasCustomerClass(l.Code), "customer_class")
	case KindRequesterLevel:
		return need(s.vocab.HasRequesterLevel(l.Code), "requester_level")
	case KindMissing:
		value, ok := s.vocab.HasExactness(l.Code)
		if !ok {
			return unknown("exactness", l.Code)
		}
		if value {
			return fmt.Errorf("missing %q: %q is the exactness of a figure", l.Printed, l.Code)
		}
		return nil
	case KindScheme:
		if err := l.readRange(); err != nil {
			return err
		}
		return need(s.vocab.HasBandScheme(l.Code), "band_scheme")
	case KindZero:
		if err := l.readRange(); err != nil {
			return err
		}
		if len(l.Flags) == 0 {
			return fmt.Errorf("zero %q: no flag", l.Printed)
		}
		return need(s.vocab.HasMeasure(l.Code), "measure")
	case KindIgnore:
		if l.Note == "" {
			return fmt.Errorf("ignore %q: the note must say why", l.Printed)
		}
		if l.Code != "" {
			return fmt.Errorf("ignore %q: code %q, want none", l.Printed, l.Code)
		}
		return nil
	}
	return fmt.Errorf("unknown kind %q", l.Kind)
}

// Values of the default rows that are no vocabulary.
var ruleValues = map[string][]string{
	"period":   {"text", "half_ending", "start_end", "day"},
	"sequence": {"consecutive"},
	"locale":   {"en", "de", "fr"},
}

func (s *Set) checkDefault(l *Label) error {
	var ok bool
	switch l.Printed {
	case "service":
		ok = s.vocab.HasService(l.Code)
	case "process":
		ok = s.vocab.HasProcess(l.Code)
	case "jurisdiction":
		ok = s.vocab.HasJurisdiction(l.Code)
	case "requester_level":
		ok = s.vocab.HasRequesterLevel(l.Code)
	case "customer_class":
		ok = s.vocab.HasCustomerClass(l.Code)
	case "basis":
		ok = s.vocab.HasBasis(l.Code)
	default:
		values, known := ruleValues[l.Printed]
		if !known {
			return fmt.Errorf("default: unknown attribute %q", l.Printed)
		}
		for _, v := range values {
			ok = ok || v == l.Code
		}
		if !ok {
			return fmt.Errorf("default %s: %q, want one of %q", l.Printed, l.Code, values)
		}
	}
	if !ok {
		return fmt.Errorf("default %s: %q is not in vocab/%s.csv", l.Printed, l.Code, l.Printed)
	}
	return nil
}

func (l *Label) readRange() error {
	from, to, ok := strings.Cut(l.Printed, "/")
	var err1, err2 error
	if from != "" {
		l.From, err1 = time.Parse(time.DateOnly, from)
	}
	if to != "" {
		l.To, err2 = time.Parse(time.DateOnly, to)
	}
	if !ok || err1 != nil || err2 != nil || !l.From.IsZero() && !l.To.IsZero() && l.To.Before(l.From) {
		return fmt.Errorf("%s %q: want a range of days such as %q", l.Kind, l.Printed, "2011-07-01/2014-12-31")
	}
	return nil
}

// Provider returns whose labels these are.
func (s *Set) Provider() string { return s.provider }

// All returns every row in the order of the file.
func (s *Set) All() []Label { return s.all }

// Find returns the row for a printed word in a table. White space is folded and case
// does not count; a row of the table wins over one for every table.
func (s *Set) Find(kind Kind, table, printed string) (Label, bool) {
	k := key{kind, table, vocab.Fold(printed)}
	if l, ok := s.words[k]; ok {
		return l, true
	}
	k.table = ""
	l, ok := s.words[k]
	return l, ok
}

// Default returns a table's default value of an attribute, "" when there is none.
func (s *Set) Default(table, attribute string) string {
	l, _ := s.Find(KindDefault, table, attribute)
	return l.Code
}

// Scheme returns the band scheme declared for a table, process and period; "" when none
// is.
func (s *Set) Scheme(table, process string, start, end time.Time) string {
	l, _ := s.FindScheme(table, process, start, end)
	return l.Code
}

// FindScheme returns the row that Scheme goes by. A row of the table wins over one for
// every table, then one that names the process over one that does not.
func (s *Set) FindScheme(table, process string, start, end time.Time) (Label, bool) {
	return s.closest(KindScheme, table, process, start, end, func(*Label) bool { return true })
}

// Zero returns the flags that a printed zero of the measure gets.
func (s *Set) Zero(table, process, measure string, start, end time.Time) []string {
	l, _ := s.FindZero(table, process, measure, start, end)
	return l.Flags
}

// FindZero returns the row that Zero goes by.
func (s *Set) FindZero(table, process, measure string, start, end time.Time) (Label, bool) {
	return s.closest(KindZero, table, process, start, end, func(l *Label) bool { return l.Code == measure })
}

// closest returns the range row that says most about the place and spans the days.
func (s *Set) closest(kind Kind, table, process string, start, end time.Time, of func(*Label) bool) (Label, bool) {
	best, at := -1, -1
	rows := s.ranges[kind]
	for i := range rows {
		if l := &rows[i]; of(l) {
			if rank := l.rank(table, process); rank > best && l.Spans(start, end) {
				best, at = rank, i
			}
		}
	}
	if at < 0 {
		return Label{}, false
	}
	return rows[at], true
}

// Missing returns why a text stands for no figure: an exactness without a value, or ""
// when the text is none that is declared missing.
func (s *Set) Missing(table, process, unit, printed string) string {
	l, _ := s.FindMissing(table, process, unit, printed)
	return l.Code
}

// FindMissing returns the row that Missing goes by: the one that says most about the
// place. Its table counts before its process, and its process before its unit.
func (s *Set) FindMissing(table, process, unit, printed string) (found Label, ok bool) {
	best := -1
	for _, l := range s.missing[vocab.Fold(printed)] {
		rank := l.rank(table, process)
		if rank < 0 || l.Unit != "" && l.Unit != unit {
			continue
		}
		if rank *= 2; l.Unit != "" {
			rank++
		}
		if rank > best {
			found, best = l, rank
		}
	}
	return found, best >= 0
}

// rank says how closely a range row speaks of a table and a process; -1 when it does not.
func (l Label) rank(table, process string) int {
	rank := 0
	switch l.Table {
	case "":
	case table:
		rank = 2
	default:
		return -1
	}
	if len(l.Processes) == 0 {
		return rank
	}
	for _, p := range l.Processes {
		if p == process {
			return rank + 1
		}
	}
	return -1
}

// Nearest returns the declared word of the kind that is spelt most like the printed one,
// for the detail of a reject; "" when none is near. It is a help for the reader and is
// never used to map a figure.
func (s *Set) Nearest(kind Kind, table, printed string) string {
	word := vocab.Fold(printed)
	if word == "" || len(word) > 200 {
		return ""
	}
	best, at := len([]rune(word))/3+1, ""
	try := func(candidate string) {
		if d := distance(word, vocab.Fold(candidate), best); d < best {
			best, at = d, candidate
		}
	}
	for _, l := range s.all {
		if l.Kind == kind && (l.Table == "" || l.Table == table) && l.Printed != "" {
			try(l.Printed)
		}
	}
	if kind == KindJurisdiction {
		for _, j := range s.vocab.Jurisdictions {
			try(j.Name)
			for _, a := range j.Aliases {
				try(a)
			}
		}
	}
	return at
}

// distance is the number of letters to insert, delete or replace; it gives up at limit.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) >= limit || len(y)-len(x) >= limit {
		return limit
	}
	prev, cur := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := range x {
		cur[0] = i + 1
		row := cur[0]
		for j := range y {
			d := prev[j]
			if x[i] != y[j] {
				d++
			}
			cur[j+1] = min(d, prev[j+1]+1, cur[j]+1)
			row = min(row, cur[j+1])
		}
		if row >= limit {
			return limit
		}
		prev, cur = cur, prev
	}
	return prev[len(y)]
}
