// Package microsoft answers one question: what do Microsoft's reports print?
//
// It holds three sources, one file each: the Law Enforcement Requests Report (LERR, a
// workbook per half-year), the U.S. National Security Orders Report (USNSOR, one table
// of all half-years, replaced in place) and the statement of June 2013 that gave criminal
// and national security process together.
//
// The workbooks are typed by hand and drift: sheets are renamed, columns move, spacer
// columns come and go, notes stand beside the table. So nothing is found by position.
// The line TOTAL anchors a table; the columns come from declared header texts; the count
// of an outcome is the column marked "#" beside its share, and where the shares printed
// on the TOTAL line prove that a count stands under another header, the workbook is
// refused. A sheet's name and its title must agree about what the sheet is. What stands
// where nothing was declared is handed on as held, cell by cell; what is declared to be
// no figure (shares, fillers, names without figures, footnotes) is handed on as ignored.
//
// What a country's name or a header means is not decided here; see labels/microsoft.csv
// in package normalize, which must know every header of this package.
//
// The package may import scrape and scrape/grid, and nothing else of the project.
package microsoft

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"

	"daylight/scrape"
	"daylight/scrape/grid"
)

//go:embed captures
var captures embed.FS

// Sources lists the sources of this provider.
func Sources() []scrape.Source {
	return []scrape.Source{LERR(), USNSOR(), Statement()}
}

// key prepares a printed header for comparison. Other than the label files it drops all
// white space, because the versions differ in blanks beside slashes and brackets.
func key(s string) string {
	return strings.ReplaceAll(grid.Fold(s), " ", "")
}

func layout(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, scrape.ErrLayout)...)
}

// rows turns a parser that pushes into a sequence that ends with its error.
func rows(parse func(yield func(scrape.Row) bool) error) iter.Seq2[scrape.Row, error] {
	return func(yield func(scrape.Row, error) bool) {
		stopped := false
		err := parse(func(r scrape.Row) bool {
			if !stopped && !yield(r, nil) {
				stopped = true
			}
			return !stopped
		})
		if err != nil && !stopped {
			yield(scrape.Row{}, err)
		}
	}
}

// errStop ends a parser whose consumer wants no more rows.
var errStop = errors.New("no more rows wanted")

// month matches an English name of a month, whole or shortened.
var month = regexp.MustCompile(`(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b`)

// year matches a year that a report of this provider may be about.
var year = regexp.MustCompile(`\b20[0-9]{2}\b`)

// months returns the months that a text names, in their printed order.
func months(s string) string {
	var b []string
	for _, m := range month.FindAllString(s, -1) {
		b = append(b, strings.ToLower(m[:3]))
	}
	return strings.Join(b, "-")
}

func years(s string) string { return strings.Join(year.FindAllString(s, -1), "-") }

// halfYear reads the half-year out of the text or the address of a link: "Law Enforcement
// Requests Report 2022 (July-December)", ".../Microsoft-LERR-2022-H2".
func halfYear(s string) (y, half int, ok bool) {
	y, _ = strconv.Atoi(year.FindString(s))
	if y == 0 {
		return 0, 0, false
	}
	switch m := months(s); {
	case strings.HasPrefix(m, "jan"):
		return y, 1, true
	case strings.HasPrefix(m, "jul"):
		return y, 2, true
	}
	if m := halfName.FindStringSubmatch(s); m != nil {
		return y, int(m[1][0] - '0'), true
	}
	return 0, 0, false
}

var halfName = regexp.MustCompile(`(?i)20[0-9]{2}[-_ ]?H([12])\b`)

func editionLabel(y, half int) string { return fmt.Sprintf("%d-H%d", y, half) }

// get adds a capture to the list, leaves out what is not published, and keeps the error
// of what could not be had.
func get(ctx context.Context, g scrape.Getter, r scrape.Request, list *[]scrape.Capture, errs *[]error) {
	c, err := g.Get(ctx, r)
	switch {
	case errors.Is(err, scrape.ErrNotPublished):
	case err != nil:
		*errs = append(*errs, fmt.Errorf("microsoft: collect %s: %w", r.URL, err))
	default:
		*list = append(*list, c)
	}
}
