// Package grid answers one question: which text stands in which cell of these bytes?
//
// It knows file formats (CSV, ZIP, XLSX, HTML, prose) and no provider. A reader here hands
// on the text exactly as printed together with the place a person finds it at, and refuses
// what cannot be read with certainty: a room must never get a cell that might belong to
// another line or column. What a header means, and which headers there must be, is the
// room's to declare; grid only finds them ([Report] compares declared
// layouts with a printed header line, because every room that reads CSV needs the same
// strictness, and [Statement] does the same for sentences).
//
// Every reader takes foreign bytes, so every reader has caps. They fail, they never
// truncate: a figure from half a file looks exactly like a figure. Errors about the bytes
// wrap scrape.ErrLayout and name the line or member; errors of the disk or the caller are
// passed on as they are.
//
// Memory does not grow with the size of a text file: text, CSV and ZIP members stream.
// Only formats that cannot be read in order (workbooks, HTML) are held whole, under caps.
//
// It may import package scrape and nothing else of the project.
package grid

import (
	"fmt"
	"strings"

	"daylight/scrape"
)

// Caps on foreign files. The largest real reports (2026) are a 170 kB CSV in a 1 MB ZIP;
// the caps leave room for a hundred times that and for a few decades of half-years.
const (
	MaxField      = 64 << 10  // bytes of one field of a text file
	MaxRecord     = 1 << 20   // bytes of one record of a text file
	MaxFields     = 4096      // fields of one record
	MaxMembers    = 1000      // members of one ZIP, directories included
	MaxMember     = 256 << 20 // decompressed bytes of one ZIP member
	MaxTotal      = 512 << 20 // decompressed bytes of all members of one ZIP
	MaxRatio      = 200       // decompressed to compressed bytes; text of reports reaches 30
	ratioFreeSize = 1 << 20   // members below this size may have any ratio: they harm nobody
)

// Fold prepares printed words for comparison: white space runs (no-break and other Unicode
// spaces included) become one space, outer white space goes, letters are lower-cased. Two
// headers are the same header when their folds are equal.
func Fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// layoutError returns an error that wraps scrape.ErrLayout; the format's own %w, if any,
// stays reachable too.
func layoutError(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{scrape.ErrLayout}, args...)...)
}
