// Package scrape answers one question: what does the report say, and where does it say it?
//
// Nothing is interpreted here. A source reads the bytes of one capture and hands on
// every printed figure as a [Row]: the text of the cell, the printed words that say
// what the figure is (country, period, process, column header), and where each of them
// stands. What "TR Period" or "Beligum" means is decided in package normalize, from
// label files that a policy analyst can read.
//
// The unit of a Row is one printed figure and not one printed line, because the books
// are kept in it: rows in = observations + rejects + declared ignores, in every run. A
// line of a wide table becomes as many rows as it has figures; they share the line's
// key cells and its Line number.
//
// The package imports nothing of the project. Only package fetch below it may use the
// network, and only package archive writes files.
package scrape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
)

// Errors that callers switch on.
var (
	// ErrNotPublished says that the publisher does not (yet) have the address: 404 or
	// 410. It is no failure: an edition that is not out yet looks like this.
	ErrNotPublished = errors.New("not published")

	// ErrLayout says that the bytes are not laid out as any declared version of the
	// report: a renamed or missing header, a truncated archive, a file of another
	// family. Nothing of such a capture may become a figure.
	ErrLayout = errors.New("layout not declared")
)

// Source is one report series of one provider. Implementations are safe for concurrent
// use; they hold no state.
type Source interface {
	// Describe names the source and says where it lives. It is constant.
	Describe() Description

	// Collect fetches what is published now. It talks to the network through g alone,
	// and asks only for hosts that Describe declares. It returns what it could get
	// together with the joined errors of what it could not; editions that are not out
	// yet (ErrNotPublished) are left out silently.
	Collect(ctx context.Context, g Getter) ([]Capture, error)

	// Parse reads a capture and yields its rows in printed order. It is pure: no
	// network, clock or log, and the same bytes give the same rows. It streams; memory
	// does not grow with the file beyond what the container format demands (a
	// workbook's shared strings). The first error ends the sequence; a layout that is
	// not declared is an error that wraps ErrLayout. A sheet, member, column or label
	// that is new beside known ones is yielded as a row with Hold set.
	Parse(c Capture) iter.Seq2[Row, error]

	// Embedded lists the captures that ship inside the program: the first run without
	// a network, and the fixtures of the tests.
	Embedded() ([]Capture, error)
}

// Description says what a source is, for people (README's source table) and for the
// fetcher (hosts).
type Description struct {
	ID       string   // "microsoft/lerr": provider/family, the first part of every edition's name
	Provider string   // "microsoft"
	Title    string   // the report's own name
	Page     string   // where a person finds it
	URLs     []string // where Collect starts
	Hosts    []string // the only hosts Collect may reach, redirects included
	Cadence  string   // "half-yearly", "once"
	Licence  string   // what the publisher says about reuse
	Formats  []string // layout versions that Parse knows, oldest first
}

// Getter is what Collect may do. Package fetch implements it over colly.
type Getter interface {
	// Get fetches one address and returns the capture, archived. A 404 or 410 wraps
	// ErrNotPublished. When the server answers that nothing changed since the last
	// capture of this address, that capture is returned with Unchanged set.
	Get(ctx context.Context, r Request) (Capture, error)

	// Links fetches a page and returns the targets of the elements that the CSS
	// selector matches (their href, made absolute), in document order, without
	// duplicates.
	Links(ctx context.Context, page, selector string) ([]Link, error)
}

// Request asks for one file.
type Request struct {
	URL     string
	Name    string // the file name to keep it under; the last path element when empty
	Edition string // the edition's label ("2022-H1") when the address names it; else it is read from the file
}

// Link is one link of a page.
type Link struct {
	URL  string // absolute
	Text string // as printed, white space folded
}

// Trust says how the bytes came from the publisher to us; smaller is better.
type Trust string

// The closed list of trust levels, best first.
const (
	TrustPublisher Trust = "publisher" // fetched from the publisher's own host
	TrustArchive   Trust = "archive"   // a file that someone kept, said to be the publisher's bytes
	TrustRetyped   Trust = "retyped"   // the publisher's figures in the publisher's layout, written by daylight
	TrustMirror    Trust = "mirror"    // another site's copy
	TrustPress     Trust = "press"     // quoted
)

// Capture is the bytes of one address at one instant, and what was known about them. It
// is a value and never changes after it was made.
type Capture struct {
	Source       string    `json:"source"`                  // Description.ID
	Name         string    `json:"name"`                    // file name, without a folder
	URL          string    `json:"url,omitempty"`           // as asked
	FinalURL     string    `json:"final_url,omitempty"`     // after redirects
	RetrievedAt  time.Time `json:"retrieved_at"`            // UTC
	ArchivedAt   time.Time `json:"archived_at,omitzero"`    // UTC; when an imported file was put into the archive, else zero
	Status       int       `json:"status,omitempty"`        // HTTP status; 0 for a file that was imported
	MediaType    string    `json:"media_type,omitempty"`    //
	Encoding     string    `json:"encoding,omitempty"`      // Content-Encoding of the stored bytes: "" or "gzip"
	ETag         string    `json:"etag,omitempty"`          //
	LastModified string    `json:"last_modified,omitempty"` //
	Edition      string    `json:"edition,omitempty"`       // label such as "2022-H1"; empty: read from the file
	PublishedOn  string    `json:"published_on,omitempty"`  // date, as precisely as known: "2014", "2014-09", "2014-09-26"
	Trust        Trust     `json:"trust"`                   //
	Excerpt      bool      `json:"excerpt,omitempty"`       // true: some of the report's rows were left out on purpose
	Tool         string    `json:"tool,omitempty"`          // program and version that made the capture
	SHA256       string    `json:"sha256"`                  // of the bytes as they came over the wire, lower-case hex
	Size         int64     `json:"size"`                    // of the same bytes

	// Unchanged says that the publisher answered "not modified": these are the bytes of
	// an earlier capture.
	Unchanged bool `json:"-"`

	open func() (Body, error)
}

// Body is the content of a capture, content encoding undone. Readers that need random
// access (zip, xlsx) use ReadAt.
type Body interface {
	io.Reader
	io.ReaderAt
	io.Closer
	Size() int64
}

// Open opens the content. The caller closes it. It is safe for concurrent use.
func (c Capture) Open() (Body, error) {
	if c.open == nil {
		return nil, fmt.Errorf("capture %s of %s: no bytes at hand", short(c.SHA256), c.Source)
	}
	return c.open()
}

// WithBody returns the capture with its content attached; package archive and the
// embedded captures use it.
func (c Capture) WithBody(open func() (Body, error)) Capture {
	c.open = open
	return c
}

func short(sha string) string {
	if len(sha) > 12 {
		return sha[:12]
	}
	return sha
}

// Row is one printed figure, with the printed words that say what it is.
type Row struct {
	Table string // the room's own name for the table ("criminal", "nsl"): the same in every layout
	Line  int    // number of the printed line within the capture's table; rows of one line share it
	Keys  []Cell // country, period, process ...; shared between rows of a line and not to be changed
	Value Cell   // the figure; Value.Header is the column's printed header
	Upper Cell   // the upper end where a report prints a band in two cells; else the zero Cell

	// Total marks the publisher's own total of the lines of this table.
	Total bool

	// Open marks the figure that ends a file which does not end its last line: it may be
	// the beginning of a longer one, and nothing in the file tells.
	Open bool

	// Ignore is set when the room declares, by name, that this cell is none of our
	// figures, and says why: a share printed beside its count, a label-only line.
	Ignore string

	// Hold is set when the room does not know what this is, and says what is unknown:
	// a new sheet, member or column. It is held for review and never becomes a figure.
	Hold string
}

// Role is what a room found a cell to be, by the header above it or the place it has in
// a declared layout.
type Role string

// The closed list of roles of key cells.
const (
	RolePeriod      Role = "period"       // text that names the whole period: "2013 H1", "July - Dec 2011"
	RolePeriodStart Role = "period_start" // first day
	RolePeriodEnd   Role = "period_end"   // last day; alone it means the half-year that ends there
	RoleYear        Role = "year"         // a year printed apart from the period ("Law Enforcement Requests Report 2017")
	RoleCountry     Role = "country"      // name of the requesting country
	RoleCountryCode Role = "country_code" // code of the same, as printed
	RoleAssisting   Role = "assisting"    // country that passed the request on (mutual legal assistance)
	RoleProcess     Role = "process"      // legal process as printed
	RoleProduct     Role = "product"      // product or service as printed
	RoleItem        Role = "item"         // name of one single instrument, such as an NSL number
	RoleDate        Role = "date"         // the day of that instrument
)

// Cell is one printed text and the place where it stands.
type Cell struct {
	Role   Role    // of a key cell; empty for a figure
	Header string  // header as printed; texts of several header rows are joined with " / "
	Text   string  // exactly as printed, white space included
	At     Locator // where
}

// Key returns the row's cell of the given role, and whether there is one.
func (r Row) Key(role Role) (Cell, bool) {
	for _, c := range r.Keys {
		if c.Role == role {
			return c, true
		}
	}
	return Cell{}, false
}
