package microsoft

import (
	"fmt"
	"regexp"
	"strings"

	"daylight/scrape"
	"daylight/scrape/grid"
)

// tableNS is the table of national security orders, as rows name it. The process is named
// by the block (orders under the Foreign Intelligence Surveillance Act, or letters) and by
// the column (content or not) together.
const tableNS = "ns"

// nsColumn is one of the four figures of a line.
type nsColumn int

const (
	contentOrders nsColumn = iota
	contentAccounts
	nonContentOrders
	nonContentAccounts
	nsColumns // how many
)

// nsHeaders are the declared headers, as nsKey gives them.
var nsHeaders = map[string]nsColumn{
	"ordersseekingdisclosureofcontent":        contentOrders,
	"accountsimpactedbyordersseekingcontent":  contentAccounts,
	"ordersseekingdisclosureofonlynoncontent": nonContentOrders,
	"accountsimpactedbynoncontentorders":      nonContentAccounts,
}

const nsPeriodHeader = "reportingperiod"

// nsKey is key without hyphens: "non-content" is written in several ways.
func nsKey(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-\u00ad‐‑–—", r) {
			return -1
		}
		return r
	}, key(s))
}

// namesBlock reports whether a text names one of the two blocks, and not both. The word
// itself is the label file's to map.
func namesBlock(label string) bool {
	k := key(label)
	fisa := strings.Contains(k, "foreignintelligencesurveillanceact") || strings.Contains(k, "fisa")
	return fisa != isLetters(k)
}

// isLetters reports whether a text, as key gives it, names the block of letters.
func isLetters(k string) bool {
	return strings.Contains(k, "nationalsecurityletter") || strings.Contains(k, "nsl")
}

// lattice is what a worksheet and an HTML table have in common.
type lattice interface {
	size() (rows, cols int)
	// text returns what is printed at a place, "" when nothing is, or when the place is
	// covered by a cell that began elsewhere.
	text(row, col int) string
	// origin returns the place where the cell that covers this one began.
	origin(row, col int) (int, int)
	at(row, col int) scrape.Locator
}

// matrix is a table of national security orders whose columns are known.
type matrix struct {
	lattice
	place  string // for messages
	first  int    // first row below the headers
	label  int    // column of the block's label; 0 when it stands outside the table
	period int    // column of the period; 0 when each block prints its own
	cols   [nsColumns]int
	header [nsColumns]string
	block  scrape.Cell // label outside the table
	late   string      // why every figure is held; "" when none is
}

// find looks for the headers in the first rows of a lattice: first is the row below them.
// A header may be split over rows, and a title may stand above it. It returns how many of
// the four were found.
func (m *matrix) find(first int) (int, error) {
	m.first = first
	_, cols := m.size()
	n := 0
	for col := 1; col <= cols; col++ {
		var parts []string
		for row := 1; row < first; row++ {
			if s := m.text(row, col); strings.TrimSpace(s) != "" {
				parts = append(parts, s)
			}
		}
		for i := range parts {
			joined := nsKey(strings.Join(parts[i:], ""))
			if joined == nsPeriodHeader {
				if m.period != 0 {
					return n, layout("two columns of periods")
				}
				m.period = col
				break
			}
			if c, ok := nsHeaders[joined]; ok {
				if m.cols[c] != 0 {
					return n, layout("header %q twice", strings.Join(parts[i:], " / "))
				}
				m.cols[c], m.header[c] = col, strings.Join(parts[i:], " / ")
				n++
				break
			}
		}
	}
	return n, nil
}

// read yields the lines.
func (m *matrix) read(yield func(scrape.Row) bool) error {
	rows, cols := m.size()
	declared := map[int]bool{m.label: true, m.period: true}
	for _, c := range m.cols {
		declared[c] = true
	}
	lines := 0
	for row := m.first; row <= rows; row++ {
		block := m.blockOf(row)
		period, hasPeriod := m.periodOf(row)
		figures := 0
		for _, c := range m.cols {
			if strings.TrimSpace(m.text(row, c)) != "" {
				figures++
			}
		}
		if figures > 0 {
			lines++
			if !namesBlock(block.Text) && m.label != 0 {
				return layout("row %d: figures beside the label %q, which names neither block", row, block.Text)
			}
			if !hasPeriod {
				return layout("row %d: figures without a period", row)
			}
		}
		keys := []scrape.Cell{period, block}
		doubt := m.doubt(row)
		for c, col := range m.cols {
			if figures == 0 {
				break
			}
			if !yield(scrape.Row{
				Table: tableNS, Line: row, Keys: keys, Hold: doubt,
				Value: scrape.Cell{Header: m.header[c], Text: m.text(row, col), At: m.at(row, col)},
			}) {
				return errStop
			}
		}
		for col := 1; col <= cols; col++ {
			s := m.text(row, col)
			if strings.TrimSpace(s) == "" || declared[col] && figures > 0 || col == m.label && namesBlock(s) || isPeriodNote(s) {
				continue
			}
			r := scrape.Row{Table: tableNS, Line: row, Value: scrape.Cell{Text: s, At: m.at(row, col)}}
			if strings.HasPrefix(strings.TrimSpace(s), "*") {
				r.Ignore = ignoreFootnote
			} else {
				r.Hold = "in a place that no header declares"
			}
			if !yield(r) {
				return errStop
			}
		}
	}
	if lines == 0 {
		return layout("headers without figures")
	}
	return nil
}

// doubt says why no figure of a line is sure. Every line that is known prints bands in all
// four columns, or none for content and its accounts (letters cannot ask for it) and bands
// in the other two; a line with anything else was shifted.
func (m *matrix) doubt(row int) string {
	if m.late != "" {
		return m.late
	}
	var printed [nsColumns]bool
	for c, col := range m.cols {
		s := m.text(row, col)
		if strings.TrimSpace(s) == "" {
			return "an empty cell among the bands: the line's cells may be shifted"
		}
		printed[c] = strings.ContainsAny(s, "0123456789")
	}
	if printed[contentOrders] != printed[contentAccounts] || !printed[nonContentOrders] || !printed[nonContentAccounts] {
		return "figures where there are none, or none where there are: the line's cells may be shifted"
	}
	return ""
}

// blockOf returns the label of the block that a row belongs to.
func (m *matrix) blockOf(row int) scrape.Cell {
	if m.label == 0 {
		return m.block
	}
	r, c := m.origin(row, m.label)
	return scrape.Cell{Role: scrape.RoleProcess, Text: m.text(r, c), At: m.at(r, c)}
}

func isPeriodNote(s string) bool { return strings.HasPrefix(key(s), nsPeriodHeader+":") }

// periodOf returns the period of a row: from the column of periods, or the note
// "Reporting Period: ..." anywhere in the rows of the block.
func (m *matrix) periodOf(row int) (scrape.Cell, bool) {
	if m.period != 0 {
		s := m.text(row, m.period)
		return scrape.Cell{Role: scrape.RolePeriod, Text: s, At: m.at(row, m.period)}, strings.TrimSpace(s) != ""
	}
	rows, cols := m.size()
	top, _ := m.origin(row, m.label)
	for r := top; r <= rows; r++ {
		if o, _ := m.origin(r, m.label); o != top {
			break
		}
		for col := 1; col <= cols; col++ {
			if s := m.text(r, col); isPeriodNote(s) {
				return scrape.Cell{Role: scrape.RolePeriod, Text: s, At: m.at(r, col)}, true
			}
		}
	}
	return scrape.Cell{}, false
}

// periods returns the periods of the rows that have figures.
func (m *matrix) periods() (list []scrape.Cell) {
	rows, _ := m.size()
	for row := m.first; row <= rows; row++ {
		for _, c := range m.cols {
			if p, ok := m.periodOf(row); ok && strings.TrimSpace(m.text(row, c)) != "" {
				list = append(list, p)
				break
			}
		}
	}
	return list
}

// firstCell is the first cell of the table that holds something.
func (m *matrix) firstCell() scrape.Cell {
	rows, cols := m.size()
	for row := 1; row <= rows; row++ {
		for col := 1; col <= cols; col++ {
			if s := m.text(row, col); s != "" {
				return scrape.Cell{Text: s, At: m.at(row, col)}
			}
		}
	}
	return scrape.Cell{At: m.at(1, 1)}
}

// lostBlocks is a row for each of the two blocks, orders and letters, that no table has:
// every known capture of them prints both.
func lostBlocks(matrices []*matrix) (held []scrape.Row) {
	orders, letters := false, false
	for _, m := range matrices {
		rows, _ := m.size()
		for row := m.first; row <= rows; row++ {
			k := key(m.blockOf(row).Text)
			if !namesBlock(k) && m.label != 0 {
				continue
			}
			if isLetters(k) {
				letters = true
			} else {
				orders = true
			}
		}
	}
	for _, b := range []struct {
		found bool
		name  string
	}{{orders, "orders under the Foreign Intelligence Surveillance Act"}, {letters, "National Security Letters"}} {
		if !b.found {
			held = append(held, scrape.Row{
				Table: tableNS, Line: 1, Hold: "no table of " + b.name + ", which every known capture has",
				Value: matrices[0].firstCell(),
			})
		}
	}
	return held
}

// maxMatrixRows bounds a sheet that is held whole; a line a half-year and block since
// 2011 makes 60 rows in 2026.
const maxMatrixRows = 5000

// sheetLattice is a worksheet held whole.
type sheetLattice struct {
	sheet *grid.Sheet
	cells map[[2]int]string
	rows  int
	cols  int
}

func (l *sheetLattice) size() (int, int)               { return l.rows, l.cols }
func (l *sheetLattice) text(row, col int) string       { return l.cells[[2]int{row, col}] }
func (l *sheetLattice) origin(row, col int) (int, int) { return l.sheet.Origin(row, col) }
func (l *sheetLattice) at(row, col int) scrape.Locator {
	return scrape.Locator{Sheet: l.sheet.Name, Row: row, Col: col}
}

// sheetMatrix returns the sheet's matrix, or nil when it is none: when no label of a block
// stands in its first columns, or none of the headers above one.
func sheetMatrix(w *grid.Workbook, s *grid.Sheet) (*matrix, error) {
	l := &sheetLattice{sheet: s, cells: map[[2]int]string{}}
	var labels []grid.SheetCell
	for r, err := range w.Rows(s) {
		if err != nil {
			return nil, err
		}
		if labels == nil && r.Row > headRows {
			return nil, nil
		}
		if r.Row > maxMatrixRows {
			return nil, layout("more than %d rows", maxMatrixRows)
		}
		for _, c := range r.Cells {
			l.rows, l.cols = r.Row, max(l.cols, c.Col)
			l.cells[[2]int{c.Row, c.Col}] = c.Text
			if c.Row <= headRows && c.Col <= anchorColumns && namesBlock(c.Text) {
				labels = append(labels, c)
			}
		}
	}
	// A title may name the Act as well; the label is the first that has headers above it.
	best := 0
	for _, c := range labels {
		m := &matrix{lattice: l, place: s.Name, label: c.Col}
		n, err := m.find(c.Row)
		if err != nil {
			return nil, err
		}
		if n == int(nsColumns) {
			return m, nil
		}
		best = max(best, n)
	}
	if best > 0 {
		return nil, layout("%d of the %d headers of national security orders", best, nsColumns)
	}
	return nil, nil
}

// htmlLattice is a table of a page.
type htmlLattice struct{ t *grid.HTMLTable }

func (l htmlLattice) size() (int, int) {
	cols := 0
	for row := 1; row <= l.t.Rows(); row++ {
		cols = max(cols, l.t.Cols(row))
	}
	return l.t.Rows(), cols
}

func (l htmlLattice) text(row, col int) string {
	if c := l.t.Cell(row, col); c != nil && c.Row == row && c.Col == col {
		return c.Printed()
	}
	return ""
}

func (l htmlLattice) origin(row, col int) (int, int) {
	if c := l.t.Cell(row, col); c != nil {
		return c.Row, c.Col
	}
	return row, col
}

func (l htmlLattice) at(row, col int) scrape.Locator {
	return scrape.Locator{Table: l.t.Ordinal, Row: row, Col: col}
}

// htmlMatrix returns the matrix of a page's table, or nil when the table has none of the
// headers. Held says why a table with a column of periods, or with bands, must be held instead.
func htmlMatrix(t *grid.HTMLTable) (m *matrix, held string, err error) {
	l := htmlLattice{t}
	n := 0
	for first := 2; first <= min(t.Rows(), 6); first++ {
		try := &matrix{lattice: l, place: fmt.Sprintf("table %d", t.Ordinal)}
		found, err := try.find(first)
		if err != nil {
			return nil, "", err
		}
		// The deeper the head is thought to be, the more lines are taken for headers: of
		// two readings the one that knows more is right, and of equals the first.
		if m == nil || found > n || found == n && m.period == 0 && try.period != 0 {
			m, n = try, found
		}
		if n == int(nsColumns) && m.period != 0 {
			break
		}
	}
	switch {
	case (m == nil || n == 0 && m.period == 0) && hasBands(t):
		// A header in other words must not lose the whole table in silence.
		return nil, "a table of bands without a header that is declared", nil
	case m == nil || n == 0 && m.period == 0:
		return nil, "", nil
	case t.Err != nil:
		return nil, "", t.Err
	case n == 0:
		return nil, "a table with a reporting period and headers that are not declared", nil
	case n < int(nsColumns) || m.period == 0:
		return nil, "", layout("table %d: %d of the %d headers of national security orders, and a period", t.Ordinal, n, nsColumns)
	}
	// The block is named in a column of labels, else in the heading or caption.
	_, cols := l.size()
	for col := 1; col <= cols && m.label == 0; col++ {
		if r, c := l.origin(m.first, col); r == m.first && c == col && namesBlock(l.text(r, c)) {
			m.label = col
		}
	}
	switch {
	case m.label != 0:
	case namesBlock(t.Heading):
		m.block = scrape.Cell{Role: scrape.RoleProcess, Text: t.Heading, At: t.HeadingAt}
	case m.onlyOrders():
		m.block = scrape.Cell{Role: scrape.RoleProcess, Text: l.text(m.contentHeader()), At: l.at(m.contentHeader())}
	default:
		return nil, "", layout("table %d: no label and no heading says whether these are orders or letters", t.Ordinal)
	}
	return m, "", nil
}

// onlyOrders reports whether a table without a label holds orders alone: letters cannot
// demand content (18 U.S.C. 2709), and the report prints N/A there. Then the header of
// the content column is the word that names the process.
func (m *matrix) onlyOrders() bool {
	rows, _ := m.size()
	n := 0
	for row := m.first; row <= rows; row++ {
		for _, c := range []nsColumn{contentOrders, contentAccounts} {
			switch s := m.text(row, m.cols[c]); {
			case strings.ContainsAny(s, "0123456789"):
				n++
			case strings.TrimSpace(s) != "":
				return false
			}
		}
	}
	return n > 0
}

// contentHeader returns the place of the header of orders for content.
func (m *matrix) contentHeader() (row, col int) {
	col = m.cols[contentOrders]
	for row = m.first - 1; row > 1 && nsKey(m.text(row, col)) != "ordersseekingdisclosureofcontent"; row-- {
	}
	return row, col
}

var printedBand = regexp.MustCompile(`^\s*[0-9][0-9,]*\s*[-–—]\s*[0-9][0-9,]*\s*$`)

// hasBands reports whether a cell of the table is a band and nothing else.
func hasBands(t *grid.HTMLTable) bool {
	for row := 1; row <= t.Rows(); row++ {
		for col := 1; col <= t.Cols(row); col++ {
			if c := t.Cell(row, col); c != nil && printedBand.MatchString(c.Text) {
				return true
			}
		}
	}
	return false
}
