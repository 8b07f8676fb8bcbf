// Package normalize answers one question: what does the printed text mean?
//
// It turns the rows of package scrape into observations: one reported figure each, with
// the period, jurisdiction, legal process, measure and unit in closed vocabularies, and
// the value as an interval. What it cannot place it rejects with the reason; it never
// guesses and has no "other". It knows no file format and no database: rows come in,
// observations, rejects and a balanced book go out.
//
// A capture is read in two passes over its rows: Survey finds what no single line can
// tell (the edition's label, a misprinted period that the table proves), Capture hands on
// the observations. Two passes keep memory flat, where one would have to hold the file.
//
// Intervals are computed with in algebra.go alone, so that each rule about them stands
// once. No observation is ever the outcome of one.
//
// It may import package scrape and its own folders vocab and labels, and nothing further
// down the line (see cmd/daylight/imports_test.go).
package normalize

import (
	"fmt"
	"strings"
	"time"

	"daylight/normalize/labels"
	"daylight/normalize/vocab"

	"github.com/zeebo/xxh3"
)

// Exactness says what kind of figure was printed. The set is closed.
type Exactness string

// The exactness codes. The first seven have a value; the last three have none.
const (
	Exact          Exactness = "exact"           // one number; low == high
	Band           Exactness = "band"            // a printed range, ends inclusive
	Rounded        Exactness = "rounded"         // one number that the publisher rounded (54%)
	Approximate    Exactness = "approximate"     // "about 500"
	LowerBound     Exactness = "lower_bound"     // "5000+": low, no high
	UpperBound     Exactness = "upper_bound"     // "fewer than 500" where the law lets ODNI say so: [0, 499]
	BelowThreshold Exactness = "below_threshold" // "< 10": [0, 9]
	Withheld       Exactness = "withheld"        // the publisher keeps it back
	NotReported    Exactness = "not_reported"    // nothing printed, or a dash
	NotApplicable  Exactness = "not_applicable"  // "N/A": the figure cannot exist
)

// HasValue reports whether a figure of this exactness carries an interval.
func (e Exactness) HasValue() bool {
	switch e {
	case Withheld, NotReported, NotApplicable:
		return false
	}
	return true
}

// PeriodKind says what stretch of time a period is.
type PeriodKind string

// The period kinds.
const (
	Half       PeriodKind = "half"        // January-June or July-December
	Year       PeriodKind = "year"        // calendar year
	Quarter    PeriodKind = "quarter"     // calendar quarter
	Month      PeriodKind = "month"       // calendar month
	Day        PeriodKind = "day"         // one day: single instruments such as a released letter
	FiscalYear PeriodKind = "fiscal_year" // twelve months that start on another day than January 1
	Irregular  PeriodKind = "irregular"   // anything else, such as 1 Dec 2012 - 31 May 2013
)

// Period is a stretch of whole days. Both ends are inclusive, at midnight UTC. The zero
// value is no period.
type Period struct {
	Start, End time.Time
	Kind       PeriodKind
}

// Observation is one reported figure (SDMX: observation) with all that is needed to find
// it in the printed report again. Its grain is one printed cell of one edition.
type Observation struct {
	Provider              string    // "microsoft"
	Service               string    // what the figure covers: "microsoft", "skype", "google_workspace"
	Source                string    // "microsoft/lerr"
	Edition               string    // "microsoft/lerr/2016-H2"
	Period                Period    //
	Jurisdiction          string    // who asked: ISO 3166-1 alpha-2, ZZ for the world, vocab/jurisdiction.csv
	AssistingJurisdiction string    // who passed the request on (mutual legal assistance); "" when nobody did
	RequesterLevel        string    // any, local, state, federal, intelligence
	CustomerClass         string    // all, consumer, enterprise, public_sector
	Process               string    // vocab/process.csv
	Measure               string    // vocab/measure.csv
	Unit                  string    // vocab/unit.csv
	Item                  string    // name of one single instrument (an NSL number); "" for counts
	Value                 Interval  // zero when Exactness has no value
	Exactness             Exactness //
	BandScheme            string    // vocab/band_scheme.csv; "" for figures that are no bands
	HighInclusive         bool      // false only where the publisher says that the upper end does not belong to the band
	FloorRaised           bool      // true: the low end is not a multiple of the scheme's width, so it is a known released count
	Basis                 string    // as_published, derived, secondary
	RawText               string    // the figure exactly as printed; two cells of one band joined by " | "
	RawLabel              string    // the printed words that were mapped: column header, and row labels after " | "
	Table                 string    // table of the report, scrape.Row.Table: what a newer edition of it no longer prints is no longer current
	Locator               string    // scrape.Locator.String of the figure's cell
	Capture               string    // SHA-256 of the capture's bytes
	Footnotes             []string  // texts or marks that the publisher attached to figure, label or header
	QualityFlags          []string  // vocab/quality_flag.csv, sorted

	// Total marks the publisher's own total of the lines of its table, and Line groups
	// the figures of one printed line. The audits use both; neither is stored.
	Total bool
	Line  int
}

// Reject is a printed figure that could not be placed. It is kept, shown and counted.
type Reject struct {
	Source   string
	Edition  string
	Capture  string
	Table    string
	Locator  string // of the figure
	RawText  string // of the figure
	RawLabel string // the printed words around it
	Measure  string // of a figure that could not be read, vocab/measure.csv; else ""
	Reason   string // code: see the Reason constants
	Detail   string // what is unknown, the printed text quoted, and what to do next

	// Kind and Word name the row of the label file that would place the figure: "process" and
	// the printed word. Both are empty when no row could.
	Kind string
	Word string

	// Note is what a reviewer said about it; "" when nobody has.
	Note string
}

// ReviewID names what a reviewer decides about: all figures that one label would place
// have one, and so have those that are refused for the same words. It is the same in every
// run, and no more than 32 bits wide, because people type it.
func (r Reject) ReviewID() string {
	if r.Kind != "" {
		provider, _, _ := strings.Cut(r.Source, "/")
		return ReviewID("label", provider, r.Kind, r.LabelTable(), vocab.Fold(r.Word))
	}
	switch r.Reason {
	case ReasonDuplicate, ReasonHeld:
		// Each figure has words of its own, and they are one question: is the file sound?
		return ReviewID("reject", r.Source, r.Table, r.Reason, r.Capture)
	}
	return ReviewID("reject", r.Source, r.Table, r.Reason, r.Detail)
}

// LabelTable is the table that a row for Word should name: "" for a country, which is the
// same in every table of a provider.
func (r Reject) LabelTable() string {
	if r.Kind == string(labels.KindJurisdiction) {
		return ""
	}
	return r.Table
}

// ReviewID hashes what identifies a matter of review.
func ReviewID(parts ...string) string {
	return fmt.Sprintf("%08x", uint32(xxh3.HashString(strings.Join(parts, "\x1f"))))
}

// Reasons for a reject.
const (
	ReasonHeld         = "held"          // the room did not know the sheet, member or column (scrape.Row.Hold)
	ReasonJurisdiction = "jurisdiction"  // label not in labels/ or vocab/
	ReasonProcess      = "process"       //
	ReasonProduct      = "product"       //
	ReasonColumn       = "column"        // column header not in labels/
	ReasonPeriod       = "period"        // text that is no period, or parts that contradict each other
	ReasonValue        = "value"         // text that is no figure
	ReasonUnit         = "unit"          // unit and measure do not go together
	ReasonDuplicate    = "duplicate"     // the same series twice in one capture, with different figures
	ReasonAudit        = "audit"         // an audit that nobody has pinned failed for this figure
	ReasonContradicted = "contradiction" // two printed keys contradict each other (country name and code)
)

// Ignore is a printed cell that a room or a label file declares to be none of our
// figures.
type Ignore struct {
	Table  string
	Reason string
	Count  int64
}

// Book is the account of one capture. It balances: Rows = Observations + Rejects + Ignores.
type Book struct {
	Rows         int64            `json:"rows"`         // printed figures that the room handed on
	Observations int64            `json:"observations"` //
	Rejects      int64            `json:"rejects"`      //
	Ignores      int64            `json:"ignores"`      //
	RejectedBy   map[string]int64 `json:"rejected_by,omitempty"`
	IgnoredBy    map[string]int64 `json:"ignored_by,omitempty"`
}

// Balanced reports whether every row is accounted for.
func (b Book) Balanced() bool { return b.Rows == b.Observations+b.Rejects+b.Ignores }

// Add adds the other book to this one.
func (b *Book) Add(o Book) {
	b.Rows += o.Rows
	b.Observations += o.Observations
	b.Rejects += o.Rejects
	b.Ignores += o.Ignores
	for k, n := range o.RejectedBy {
		b.reject(k, n)
	}
	for k, n := range o.IgnoredBy {
		b.ignore(k, n)
	}
}

func (b *Book) reject(reason string, n int64) {
	if b.RejectedBy == nil {
		b.RejectedBy = map[string]int64{}
	}
	b.RejectedBy[reason] += n
}

func (b *Book) ignore(reason string, n int64) {
	if b.IgnoredBy == nil {
		b.IgnoredBy = map[string]int64{}
	}
	b.IgnoredBy[reason] += n
}

// Sink receives what a capture becomes. A non-nil error stops the run.
type Sink interface {
	Observation(*Observation) error // the pointee is valid during the call only
	Reject(Reject) error
}

// EditionName returns the name of an edition: source and label, "microsoft/lerr/2016-H2".
func EditionName(source, label string) string { return source + "/" + label }
