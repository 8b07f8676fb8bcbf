// Package review answers one question: what did people decide about figures that were held?
//
// What nobody declared is held: an unknown word, a mismatch between two printed figures, a
// changed layout. Whoever looks at it accepts it or rejects it, and that is written down
// with name, time and reason as one line of a file, decisions.csv, which belongs under
// version control. The warehouse is never edited: the next run reads the file and maps the
// word, or takes the mismatch for the publisher's own, because somebody answers for it.
//
// The file stands beside the program and not in it: the label files and pins that ship
// with daylight change with its releases, and a user must not wait for one. A line that a
// release has by now does no harm.
//
// The package may import normalize and its folders, and knows no warehouse.
package review

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"daylight/normalize"
	"daylight/normalize/audit"
	"daylight/normalize/labels"
	"daylight/normalize/vocab"
)

// FileName is the name of the file in the reviewers' folder.
const FileName = "decisions.csv"

// ErrDecision says that a decision cannot apply: a code that no list has, words that belong
// to another matter, nobody's name.
var ErrDecision = errors.New("the decision cannot apply")

// Decisions and what they are about.
const (
	Accepted = "accepted"
	Rejected = "rejected"

	Label   = "label"   // a word that no label file has
	Finding = "finding" // an audit that does not hold
	Figure  = "figure"  // figures that are refused for another reason; cannot be accepted
	Capture = "capture" // a capture of which nothing was read; cannot be accepted
)

// Decision is one line of the file. Columns that a kind of decision does not need are empty.
type Decision struct {
	ID       string    // of the matter, see normalize.ReviewID
	Decision string    // Accepted or Rejected
	By       string    // who
	At       time.Time // when, UTC, in seconds
	Why      string
	What     string // Label, Finding, Figure or Capture
	Source   string // report series in which it was seen; a label holds for its provider

	Table   string // label, finding, figure
	Kind    string // label: kind of its row; figure: why it is refused, a reason code
	Printed string // label: the word; figure: the first one as printed; capture: the file's name
	Code    string // label, accepted: our code
	Process string // label: processes of a column, separated by |; finding
	Unit    string // label: where the measure has several

	Check        string // finding; so are the following
	Service      string
	Measure      string
	Period       string
	Jurisdiction string
	Expected     string
	Found        string

	Capture string // SHA-256 of a capture
}

var columns = []string{"id", "decision", "by", "at", "why", "what", "source", "table", "kind", "printed", "code", "process", "unit",
	"check", "service", "measure", "period", "jurisdiction", "expected", "found", "capture"}

func (d *Decision) fields() []*string {
	return []*string{&d.ID, &d.Decision, &d.By, nil, &d.Why, &d.What, &d.Source, &d.Table, &d.Kind, &d.Printed, &d.Code, &d.Process, &d.Unit,
		&d.Check, &d.Service, &d.Measure, &d.Period, &d.Jurisdiction, &d.Expected, &d.Found, &d.Capture}
}

// Decisions are the lines of the file, of which the last one about a matter counts. The nil
// pointer is none. It does not change and is safe for concurrent use.
type Decisions struct {
	all  []Decision
	last map[string]int
}

// CaptureID names a held capture for a reviewer.
func CaptureID(source, sha256 string) string { return normalize.ReviewID("capture", source, sha256) }

// Load reads the file in the reviewers' folder. A folder or file that does not exist holds
// no decisions. Errors name file and line.
func Load(dir string) (*Decisions, error) {
	file := filepath.Join(dir, FileName)
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &Decisions{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("review: %w", err)
	}
	defer f.Close()
	d, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("review: %s: %w", file, err)
	}
	return d, nil
}

// Read reads a file of decisions from elsewhere, such as a pack of evidence.
func Read(in io.Reader) (*Decisions, error) {
	d, err := read(in)
	if err != nil {
		return nil, fmt.Errorf("review: %s: %w", FileName, err)
	}
	return d, nil
}

// Placing returns the decisions that count, were accepted, and map words of a provider's
// reports: those that a figure may stand on.
func (d *Decisions) Placing(of string) []Decision {
	var out []Decision
	for _, x := range d.Counting() {
		if x.What == Label && x.Decision == Accepted && provider(x.Source) == of {
			out = append(out, x)
		}
	}
	return out
}

// Write writes decisions as a file that Read and Load read.
func Write(out io.Writer, list []Decision) error {
	w := csv.NewWriter(out)
	if err := w.Write(columns); err != nil {
		return err
	}
	for _, d := range list {
		if err := w.Write(d.line()); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// line is the decision as the file has it.
func (d *Decision) line() []string {
	var line []string
	for _, p := range d.fields() {
		if p != nil {
			line = append(line, *p)
		} else {
			line = append(line, d.At.Format(time.RFC3339))
		}
	}
	return line
}

func read(in io.Reader) (*Decisions, error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord = len(columns)
	head, err := r.Read()
	if err != nil {
		return nil, err
	}
	if !slices.Equal(head, columns) {
		return nil, fmt.Errorf("line 1: columns are %q, want %q", head, columns)
	}
	out := &Decisions{last: map[string]int{}}
	for {
		f, err := r.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		var d Decision
		for i, p := range d.fields() {
			if p != nil {
				*p = f[i]
			} else if d.At, err = time.Parse(time.RFC3339, f[i]); err != nil {
				return nil, fmt.Errorf("line %d: at %q: want a time such as 2026-03-01T12:00:00Z", line, f[i])
			}
		}
		d.At = d.At.UTC()
		if err := d.check(); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		out.last[d.ID] = len(out.all)
		out.all = append(out.all, d)
	}
}

// check says what is wrong with a line.
func (d Decision) check() error {
	for name, s := range map[string]string{"by": d.By, "why": d.Why, "source": d.Source} {
		if strings.TrimSpace(s) == "" {
			return fmt.Errorf("decision %s: column %s is empty", d.ID, name)
		}
	}
	if d.Decision != Accepted && d.Decision != Rejected {
		return fmt.Errorf("decision %s is %q, want %q or %q", d.ID, d.Decision, Accepted, Rejected)
	}
	if d.At.IsZero() {
		return fmt.Errorf("decision %s: no time", d.ID)
	}
	want := ""
	switch d.What {
	case Label:
		want = normalize.Reject{Source: d.Source, Kind: d.Kind, Table: d.Table, Word: d.Printed}.ReviewID()
		if d.Decision == Accepted {
			return errors.Join(d.checkID(want), d.checkLabel())
		}
	case Finding:
		f, err := d.finding()
		if err != nil {
			return err
		}
		want = f.ReviewID(d.Source)
		if _, ok := f.AsPin(d.Source, d.Why); d.Decision == Accepted && !ok {
			return fmt.Errorf("decision %s: the finding cannot be accepted: it names no single figure", d.ID)
		}
		if !audit.Declared(d.Check) {
			return nil // the warehouse's own finding, which has an ID of its own
		}
	case Figure:
		if d.Decision == Accepted {
			return fmt.Errorf("decision %s: refused figures cannot be accepted by a decision", d.ID)
		}
		return nil
	case Capture:
		if d.Decision == Accepted {
			return fmt.Errorf("decision %s: a held capture cannot be accepted by a decision: its layout must be declared in the program", d.ID)
		}
		want = CaptureID(d.Source, d.Capture)
	default:
		return fmt.Errorf("decision %s is about %q, want %q, %q, %q or %q", d.ID, d.What, Label, Finding, Figure, Capture)
	}
	return d.checkID(want)
}

// checkID notices a line whose words were changed by hand: it would be about another matter.
func (d Decision) checkID(want string) error {
	if d.ID != want {
		return fmt.Errorf("decision %q: the words of the line belong to %q", d.ID, want)
	}
	return nil
}

// Ignore is the code that accepts a word as none of ours: the figure is a declared ignore.
const Ignore = "ignore"

// label is the row that an accepted decision stands for.
func (d Decision) label() labels.Label {
	l := labels.Label{
		Kind: labels.Kind(d.Kind), Table: d.Table, Printed: d.Printed, Code: d.Code, Unit: d.Unit, Note: d.Why,
		Decision: d.Note(),
	}
	if d.Process != "" {
		l.Processes = strings.Split(d.Process, "|")
	}
	if d.Code == Ignore {
		l.Kind, l.Code, l.Unit, l.Processes = labels.KindIgnore, "", "", nil
	}
	return l
}

// checkLabel loads the provider's labels with the row.
func (d Decision) checkLabel() error {
	v, err := vocab.Load()
	if err != nil {
		return err
	}
	switch {
	case d.Code == "":
		return fmt.Errorf("decision %s: no code", d.ID)
	case d.Code == Ignore && d.Kind == string(labels.KindMissing):
		return fmt.Errorf("decision %s: a text in a figure's place cannot be ignored: say why there is no figure", d.ID)
	}
	if _, err := labels.Load(provider(d.Source), v, d.label()); err != nil {
		return fmt.Errorf("decision %s: %w", d.ID, err)
	}
	return nil
}

func provider(source string) string {
	p, _, _ := strings.Cut(source, "/")
	return p
}

func (d Decision) finding() (audit.Finding, error) {
	f := audit.Finding{
		Check: d.Check, Table: d.Table, Measure: d.Measure, Expected: d.Expected, Found: d.Found,
		Scope: audit.Scope{Service: d.Service, Process: d.Process, Jurisdiction: d.Jurisdiction},
	}
	if d.Period != "" {
		p, err := normalize.ParsePeriod(d.Period, normalize.PeriodOptions{})
		if err != nil {
			return f, fmt.Errorf("decision %s: %w", d.ID, err)
		}
		f.Scope.Period = p
	}
	return f, nil
}

// Note says who decided, when and why, in one sentence.
func (d Decision) Note() string {
	return fmt.Sprintf("%s by %s on %s: %s", d.Decision, d.By, d.At.Format(time.DateOnly), d.Why)
}

// Subject names what was decided about, for a list.
func (d Decision) Subject() string {
	switch d.What {
	case Label:
		return fmt.Sprintf("%s %q", d.Kind, d.Printed)
	case Figure:
		return d.Kind + ": " + d.Printed
	case Finding:
		return strings.Join(strings.Fields(strings.Join([]string{d.Check, d.Process, d.Measure, d.Period, d.Jurisdiction, d.Expected, "against", d.Found}, " ")), " ")
	}
	return d.Printed
}

// All returns every line in the order of the file.
func (d *Decisions) All() []Decision {
	if d == nil {
		return nil
	}
	return d.all
}

// Of returns the decision that counts about a matter.
func (d *Decisions) Of(id string) (Decision, bool) {
	if d == nil {
		return Decision{}, false
	}
	i, ok := d.last[id]
	if !ok {
		return Decision{}, false
	}
	return d.all[i], true
}

// Note returns what a reviewer said who rejected the matter; "" when nobody did.
func (d *Decisions) Note(id string) string {
	if x, ok := d.Of(id); ok && x.Decision == Rejected {
		return x.Note()
	}
	return ""
}

// Counting returns the decisions that count, in the order of the file.
func (d *Decisions) Counting() []Decision {
	var out []Decision
	for i, x := range d.All() {
		if d.last[x.ID] == i {
			out = append(out, x)
		}
	}
	return out
}

// Labels returns the rows that were accepted for a provider.
func (d *Decisions) Labels(of string) []labels.Label {
	var out []labels.Label
	for _, x := range d.Placing(of) {
		out = append(out, x.label())
	}
	return out
}

// Pins returns the mismatches that were accepted for a source.
func (d *Decisions) Pins(source string) []audit.Pin {
	var out []audit.Pin
	for _, x := range d.Counting() {
		if x.What != Finding || x.Decision != Accepted || x.Source != source {
			continue
		}
		f, err := x.finding()
		if err != nil {
			continue // Load has refused such a line
		}
		if p, ok := f.AsPin(source, x.Note()); ok {
			out = append(out, p)
		}
	}
	return out
}

// Add writes a decision as the last line of the file, which it makes when there is none, and
// returns the file's name. A decision that cannot apply is an error that wraps ErrDecision,
// and nothing is written.
func Add(dir string, d Decision) (file string, err error) {
	file = filepath.Join(dir, FileName)
	d.At = d.At.UTC().Truncate(time.Second)
	if err := d.check(); err != nil {
		return file, fmt.Errorf("review: %w: %w", ErrDecision, err)
	}
	// Also the lines that are there: one that is broken would stop every run.
	if _, err := Load(dir); err != nil {
		return file, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return file, fmt.Errorf("review: %w", err)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o644)
	if err != nil {
		return file, fmt.Errorf("review: %w", err)
	}
	if err := d.write(f); err != nil {
		return file, errors.Join(fmt.Errorf("review: %s: %w", file, err), f.Close())
	}
	return file, f.Close()
}

func (d *Decision) write(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	if info.Size() == 0 {
		if err := w.Write(columns); err != nil {
			return err
		}
	} else {
		// An editor may have left the last line open.
		var end [1]byte
		if _, err := f.ReadAt(end[:], info.Size()-1); err != nil {
			return err
		}
		if end[0] != '\n' {
			b.WriteByte('\n')
		}
	}
	if err := w.Write(d.line()); err != nil {
		return err
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	// In one piece: two reviewers may write at the same time.
	_, err = f.WriteString(b.String())
	return err
}
