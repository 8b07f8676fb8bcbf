package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"daylight/normalize"
	"daylight/normalize/audit"
	"daylight/normalize/review"
	"daylight/queries"
	"daylight/queries/figure"
	"daylight/scrape"
	"daylight/scrape/archive"
	"daylight/scrape/evidence"
	"daylight/warehouse"
)

// testimony is all that can be said for one figure. As JSON it is a document that programs
// build on: keys are added, never renamed, and none is left out.
type testimony struct {
	Figure      string           `json:"figure"`
	Confirmed   bool             `json:"confirmed"` // the archived bytes print the text, and today's rules read it as this figure
	Problems    []string         `json:"problems"`  // why not
	Observation record           `json:"observation"`
	Printed     printed          `json:"printed"`
	Capture     *scrape.Capture  `json:"capture"` // null when the archive does not have it
	Report      report           `json:"report"`
	Rules       []rule           `json:"rules"`
	Audits      []decision       `json:"audits"`
	Findings    []figure.Finding `json:"findings"`
	Readings    []figure.Reading `json:"readings"` // of the same series, in every edition
	Citation    string           `json:"citation"`

	figure figure.Figure
}

// printed is what stands in the bytes.
type printed struct {
	Text      string   `json:"text"`       // as the warehouse has it
	ReadAgain *string  `json:"read_again"` // from the archived bytes, just now; null when they cannot be read
	Locator   string   `json:"locator"`
	File      string   `json:"file"`
	Header    string   `json:"header"` // of the figure's column
	Labels    []label  `json:"labels"`
	Footnotes []string `json:"footnotes"`
}

// label is a printed text that says what the figure is.
type label struct {
	Role    string `json:"role"`
	Text    string `json:"text"`
	Locator string `json:"locator"` // "" when the layout says it and no cell
}

// report is the publication that the figure stands in.
type report struct {
	Title       string `json:"title"`
	Page        string `json:"page"`
	Licence     string `json:"licence"`
	Edition     string `json:"edition"`
	PublishedOn string `json:"published_on"`
}

// rule is a normalize.Rule that prints.
type rule struct {
	Attribute string `json:"attribute"`
	Code      string `json:"code"`
	Title     string `json:"title"`
	Printed   string `json:"printed"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	Note      string `json:"note"`
}

// decision is an audit.Decision that prints.
type decision struct {
	Check    string `json:"check"`
	Outcome  string `json:"outcome"`
	Relation string `json:"relation"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
	Note     string `json:"note"`
}

// record is a row whose columns stay in order.
type record struct {
	names  []string
	values []any
}

// MarshalJSON prints an object.
func (r record) MarshalJSON() ([]byte, error) {
	out := []byte("{")
	for i, name := range r.names {
		if i > 0 {
			out = append(out, ',')
		}
		k, err := marshal(name)
		if err != nil {
			return nil, err
		}
		v, err := marshal(jsonValue(r.values[i]))
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, k...), ':'), v...)
	}
	return append(out, '}'), nil
}

// examiner reads figures again: from the archived bytes, and by today's rules.
type examiner struct {
	archive *archive.Archive
	sources map[string]scrape.Source
	decided func() (*review.Decisions, error) // what reviewers decided belongs to the rules
}

func (a *app) examiner() *examiner {
	x := &examiner{
		archive: archive.Open(filepath.Join(a.data, "archive")), sources: map[string]scrape.Source{},
		decided: sync.OnceValues(func() (*review.Decisions, error) { return review.Load(a.reviewDir()) }),
	}
	for _, s := range sources() {
		x.sources[s.Describe().ID] = s
	}
	return x
}

// testify examines figures, in their order, all of one capture in a row. What cannot be
// confirmed is told in the testimonies; the error is for a warehouse that cannot be read and
// a ctx that is done.
func (x *examiner) testify(ctx context.Context, db *warehouse.DB, figures []figure.Figure) ([]*testimony, error) {
	readings, err := figure.Readings(ctx, db, figures)
	if err != nil {
		return nil, err
	}
	findings, err := figure.Findings(ctx, db, figures)
	if err != nil {
		return nil, err
	}
	var out []*testimony
	for len(figures) > 0 {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		n := slices.IndexFunc(figures, func(f figure.Figure) bool { return f.Cell.CaptureID != figures[0].Cell.CaptureID })
		if n < 0 {
			n = len(figures)
		}
		list := make([]*testimony, n)
		for i, f := range figures[:n] {
			t := begin(f)
			t.Findings = append(t.Findings, findings[f.Cell]...)
			for _, r := range readings[f.SeriesKey] {
				r.This = r.Cell == f.Cell
				t.Readings = append(t.Readings, r)
			}
			list[i] = t
		}
		if err := x.capture(ctx, list); err != nil {
			return nil, err
		}
		out, figures = append(out, list...), figures[n:]
	}
	return out, nil
}

// begin is what the warehouse says.
func begin(f figure.Figure) *testimony {
	t := &testimony{
		Figure: f.Name, Problems: []string{}, Observation: record{f.Header, f.Values},
		Printed: printed{Text: f.RawText, Locator: f.Locator, File: f.File, Labels: []label{}, Footnotes: []string{}},
		Report:  report{Title: f.Title, Page: f.Page, Licence: f.Licence, Edition: f.Edition, PublishedOn: f.PublishedOn},
		Rules:   []rule{}, Audits: []decision{}, Findings: []figure.Finding{}, Readings: []figure.Reading{},
		Citation: f.Citation().String(), figure: f,
	}
	if i := slices.Index(f.Header, "footnotes"); i >= 0 {
		if marks, ok := f.Values[i].([]any); ok {
			for _, m := range marks {
				t.Printed.Footnotes = append(t.Printed.Footnotes, show(m, false))
			}
		}
	}
	return t
}

// capture examines figures of one capture.
func (x *examiner) capture(ctx context.Context, list []*testimony) error {
	problem := func(err error) {
		for _, t := range list {
			t.Problems = append(t.Problems, err.Error())
		}
	}
	f := list[0].figure
	c, err := x.find(ctx, f)
	if err != nil {
		problem(err)
		return ctx.Err()
	}
	for _, t := range list {
		t.Capture = &c
	}
	w, err := evidence.Open(c)
	if err != nil {
		problem(err)
		return ctx.Err()
	}
	for _, t := range list {
		if text, err := w.Text(t.Printed.Locator); err == nil {
			t.Printed.ReadAgain = &text
		}
		if err := w.Check(t.Printed.Locator, t.Printed.Text); err != nil {
			t.Problems = append(t.Problems, err.Error())
		}
	}
	wanted := map[string]bool{}
	for _, t := range list {
		wanted[t.Printed.Locator] = true
	}
	read, err := x.read(ctx, c, f.Edition, wanted)
	if err != nil {
		problem(fmt.Errorf("this daylight cannot read the capture as the one that loaded it did (%s): %w", f.LoadedBy, err))
	}
	for _, t := range list {
		if err == nil {
			t.explain(w, read)
		}
		t.Confirmed = len(t.Problems) == 0
	}
	return errors.Join(w.Close(), ctx.Err())
}

// find returns the archived capture that the warehouse's capture is.
func (x *examiner) find(ctx context.Context, f figure.Figure) (scrape.Capture, error) {
	events, err := x.archive.Find(ctx, f.Source, f.Capture)
	if err != nil {
		return scrape.Capture{}, err
	}
	if len(events) == 0 {
		return scrape.Capture{}, fmt.Errorf("capture %.12s (%s): the archive does not have it: restore it from a backup, or import the same file again", f.Capture, f.File)
	}
	for _, c := range events {
		if c.Name == f.File && c.RetrievedAt.Equal(f.CapturedAt) {
			return c, nil
		}
	}
	// It was seen again at that time, which is a sighting of the event before it.
	out := events[0]
	for _, c := range events {
		if !c.RetrievedAt.After(f.CapturedAt) {
			out = c
		}
	}
	return out, nil
}

// again is a figure that was read again.
type again struct {
	*normalize.Explained
	ordinal   int64
	decisions []audit.Decision
}

// read reads a capture by today's rules and returns the wanted figures, by locator. The
// edition must come out the same.
func (x *examiner) read(ctx context.Context, c scrape.Capture, edition string, wanted map[string]bool) (map[string]again, error) {
	s, ok := x.sources[c.Source]
	if !ok {
		return nil, fmt.Errorf("capture %.12s (%s): this daylight does not know the source %q", c.SHA256, c.Name, c.Source)
	}
	decided, err := x.decided()
	if err != nil {
		return nil, err
	}
	n, err := normalize.New(s.Describe().Provider, decided.Labels(s.Describe().Provider)...)
	if err != nil {
		return nil, err
	}
	parse := func(c scrape.Capture) iter.Seq2[scrape.Row, error] { return s.Parse(c) }
	survey, err := n.Survey(c, parse)
	if err != nil {
		return nil, err
	}
	if survey.Edition != edition {
		return nil, fmt.Errorf("capture %.12s (%s): it is taken for edition %s and stands in the table as %s", c.SHA256, c.Name, survey.Edition, edition)
	}
	c.Edition = survey.Label
	auditor, err := audit.New(c, decided.Pins(c.Source)...)
	if err != nil {
		return nil, err
	}
	is := func(locator string) bool { return wanted[locator] }
	auditor.Watch(is)
	out := map[string]again{}
	counter := &countingSink{auditor: auditor}
	_, err = n.Explain(ctx, c, survey, parse, counter, is, func(e *normalize.Explained) error {
		out[e.Observation.Locator] = again{Explained: e, ordinal: counter.n}
		return nil
	})
	if err != nil {
		return nil, err
	}
	auditor.Close()
	for at, e := range out {
		e.decisions = auditor.Decisions(at)
		out[at] = e
	}
	return out, nil
}

// countingSink hands figures to the audits and counts them as the load does.
type countingSink struct {
	auditor *audit.Auditor
	n       int64
}

func (s *countingSink) Observation(o *normalize.Observation) error {
	s.n++
	s.auditor.Observation(o)
	return nil
}

func (s *countingSink) Reject(r normalize.Reject) error {
	s.auditor.Reject(r)
	return nil
}

// explain adds what today's rules say, and what they say otherwise.
func (t *testimony) explain(w *evidence.Witness, read map[string]again) {
	e, ok := read[t.Printed.Locator]
	if !ok {
		t.Problems = append(t.Problems, fmt.Sprintf("at %q this daylight reads no figure, and the one that loaded it (%s) did: its rules have changed", t.Printed.Locator, t.figure.LoadedBy))
		return
	}
	t.Printed.Header = e.Header
	for _, k := range e.Keys {
		l := label{Role: string(k.Role), Text: k.Text, Locator: k.At.String()}
		if l.Locator != "" {
			if err := w.Check(l.Locator, k.Text); err != nil {
				t.Problems = append(t.Problems, fmt.Sprintf("the label %q: %v", k.Text, err))
			}
		}
		t.Printed.Labels = append(t.Printed.Labels, l)
	}
	for _, r := range e.Rules {
		t.Rules = append(t.Rules, rule(r))
	}
	for _, d := range e.decisions {
		t.Audits = append(t.Audits, decision{d.Check, string(d.Outcome), d.Relation, d.Expected, d.Found, d.Note})
	}
	text := func(column string) (string, bool) {
		i := slices.Index(t.figure.Header, column)
		if i < 0 {
			return "", false
		}
		return show(t.figure.Values[i], false), true
	}
	for _, d := range e.differences(text) {
		t.Problems = append(t.Problems, fmt.Sprintf("%s; daylight %s loaded it", d, t.figure.LoadedBy))
	}
}

// differences says in which columns a figure of a table is another one than was read again.
// text is a column of the table as CSV has it, and whether there is such a column.
func (e again) differences(text func(column string) (string, bool)) []string {
	var out []string
	for _, c := range e.columns() {
		want := show(c.value, false)
		if have, ok := text(c.name); ok && have != want {
			out = append(out, fmt.Sprintf("%s is %q, and this daylight reads %q", c.name, have, want))
		}
	}
	return out
}

// columns are the columns of view observation that the bytes and the rules decide; the others
// say what else is known in a warehouse.
func (e again) columns() []struct {
	name  string
	value any
} {
	o := &e.Observation
	low, high := any(nil), any(nil)
	if v, ok := o.Value.Low(); ok {
		low = v
	}
	if v, ok := o.Value.High(); ok {
		high = v
	}
	return []struct {
		name  string
		value any
	}{
		{"provider", o.Provider}, {"service", o.Service}, {"source", o.Source}, {"edition", o.Edition},
		{"period_start", o.Period.Start}, {"period_end", o.Period.End}, {"period_kind", string(o.Period.Kind)},
		{"jurisdiction", o.Jurisdiction}, {"requester_level", o.RequesterLevel}, {"customer_class", o.CustomerClass},
		{"process", o.Process}, {"measure", o.Measure}, {"unit", o.Unit},
		{"value_low", low}, {"value_high", high}, {"exactness", string(o.Exactness)},
		{"band_scheme", o.BandScheme}, {"basis", o.Basis}, {"raw_text", o.RawText}, {"raw_label", o.RawLabel},
		{"locator", o.Locator}, {"capture", o.Capture}, {"quality_flags", o.QualityFlags}, {"series_key", o.SeriesKey()},
		{"assisting_jurisdiction", o.AssistingJurisdiction}, {"item", o.Item}, {"report_table", o.Table},
		{"high_inclusive", o.HighInclusive}, {"floor_raised", o.FloorRaised}, {"footnotes", o.Footnotes}, {"ordinal", e.ordinal},
	}
}

// citations are one line for each capture of the figures.
func citations(list []*testimony) []string {
	var out []string
	at := map[string]int{}
	var all []queries.Citation
	for _, t := range list {
		c := t.figure.Citation()
		key := c.SHA256 + c.Edition
		i, ok := at[key]
		if !ok {
			at[key] = len(all)
			all = append(all, c)
			continue
		}
		all[i].Places = append(all[i].Places, c.Places...)
	}
	for _, c := range all {
		out = append(out, c.String())
	}
	return out
}

// unconfirmed is the error of figures that the evidence does not bear out.
func unconfirmed(command string, list []*testimony) error {
	n := 0
	first := ""
	for _, t := range list {
		if !t.Confirmed {
			if n == 0 {
				first = t.Figure + ": " + t.Problems[0]
			}
			n++
		}
	}
	switch {
	case n == 0:
		return nil
	case len(list) == 1:
		return fmt.Errorf("%s: not confirmed: %s", command, first)
	}
	return fmt.Errorf("%s: %d of %d figures are not confirmed, the first: %s", command, n, len(list), first)
}

// retrieved prints when a capture was made.
func retrieved(t time.Time) string { return t.UTC().Format(time.RFC3339) }
