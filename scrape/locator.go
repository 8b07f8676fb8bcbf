package scrape

import (
	"fmt"
	"strconv"
	"strings"
)

// Locator is the place of a printed text inside a capture. The zero value is no place.
// Rows, columns, lines, tables and pages count from 1; character offsets count bytes of
// the decoded UTF-8 text from 0, the end not included.
type Locator struct {
	Member string // file inside a ZIP; "" when the capture is the file itself
	Sheet  string // worksheet; set for workbooks
	Table  int    // ordinal of the table on an HTML page; set for HTML
	Row    int    // row of the sheet or table, line of a text file
	Col    int    // column of the sheet or table, field of a line
	Col2   int    // last column when the text stands in two neighbouring cells
	Start  int    // character range; set for prose
	End    int
}

// String prints the locator so that a person finds the cell with the publisher's own
// file open, and ParseLocator reads it back: "Criminal!D5", "line 12 column 3",
// "table 1 row 4 column 2", "chars 3012-3034"; a ZIP member's name stands in front,
// "google-global-user-data-requests.csv: line 12 column 3".
func (l Locator) String() string {
	b := make([]byte, 0, 48)
	if l.Member != "" {
		b = append(b, l.Member...)
		b = append(b, ": "...)
	}
	switch {
	case l.Sheet != "":
		b = append(b, l.Sheet...)
		b = append(b, '!')
		b = append(b, ColumnName(l.Col)...)
		b = strconv.AppendInt(b, int64(l.Row), 10)
		if l.Col2 > 0 {
			b = append(b, ':')
			b = append(b, ColumnName(l.Col2)...)
			b = strconv.AppendInt(b, int64(l.Row), 10)
		}
		return string(b)
	case l.Table > 0:
		b = append(b, "table "...)
		b = strconv.AppendInt(b, int64(l.Table), 10)
		b = append(b, " row "...)
	case l.Row > 0:
		b = append(b, "line "...)
	case l.End > 0:
		b = append(b, "chars "...)
		b = strconv.AppendInt(b, int64(l.Start), 10)
		b = append(b, '-')
		b = strconv.AppendInt(b, int64(l.End), 10)
		return string(b)
	default:
		return strings.TrimSuffix(string(b), ": ")
	}
	b = strconv.AppendInt(b, int64(l.Row), 10)
	if l.Col > 0 {
		b = append(b, " column "...)
		b = strconv.AppendInt(b, int64(l.Col), 10)
	}
	if l.Col2 > 0 {
		b = append(b, '-')
		b = strconv.AppendInt(b, int64(l.Col2), 10)
	}
	return string(b)
}

// ColumnName returns a worksheet column's letters: 1 is "A", 27 is "AA". It returns ""
// for a number below 1.
func ColumnName(n int) string {
	var b [8]byte
	i := len(b)
	for n > 0 && i > 0 {
		n--
		i--
		b[i] = byte('A' + n%26)
		n /= 26
	}
	return string(b[i:])
}

func columnNumber(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < 'A' || s[i] > 'Z' || n > 1<<20 {
			return 0
		}
		n = n*26 + int(s[i]-'A') + 1
	}
	return n
}

// ParseLocator reads what Locator.String prints. It does not check that the place exists.
func ParseLocator(s string) (Locator, error) {
	var l Locator
	rest := s
	if i := strings.LastIndex(s, "!"); i >= 0 {
		cell := s[i+1:]
		l.Sheet = s[:i]
		if j := strings.Index(l.Sheet, ": "); j >= 0 {
			l.Member, l.Sheet = l.Sheet[:j], l.Sheet[j+2:]
		}
		first, last, two := strings.Cut(cell, ":")
		var ok bool
		if l.Row, l.Col, ok = parseCellName(first); !ok || l.Sheet == "" {
			return Locator{}, fmt.Errorf("locator %q: no cell", s)
		}
		if two {
			var row int
			if row, l.Col2, ok = parseCellName(last); !ok || row != l.Row {
				return Locator{}, fmt.Errorf("locator %q: no cell range of one row", s)
			}
		}
		return l, nil
	}
	if j := strings.LastIndex(s, ": "); j >= 0 {
		l.Member, rest = s[:j], s[j+2:]
	}
	f := strings.Fields(rest)
	num := func(i int) int {
		if i >= len(f) {
			return 0
		}
		n, err := strconv.Atoi(f[i])
		if err != nil || n < 1 {
			return 0
		}
		return n
	}
	column := func(i int) bool {
		if i >= len(f) {
			return false
		}
		a, b, two := strings.Cut(f[i], "-")
		var err1, err2 error
		l.Col, err1 = strconv.Atoi(a)
		if two {
			l.Col2, err2 = strconv.Atoi(b)
		}
		return err1 == nil && err2 == nil && l.Col > 0
	}
	switch {
	case len(f) == 6 && f[0] == "table" && f[2] == "row" && f[4] == "column":
		l.Table, l.Row = num(1), num(3)
		if l.Table > 0 && l.Row > 0 && column(5) {
			return l, nil
		}
	case len(f) == 4 && f[0] == "line" && f[2] == "column":
		l.Row = num(1)
		if l.Row > 0 && column(3) {
			return l, nil
		}
	case len(f) == 2 && f[0] == "line":
		if l.Row = num(1); l.Row > 0 {
			return l, nil
		}
	case len(f) == 2 && f[0] == "chars":
		a, b, ok := strings.Cut(f[1], "-")
		var err1, err2 error
		l.Start, err1 = strconv.Atoi(a)
		l.End, err2 = strconv.Atoi(b)
		if ok && err1 == nil && err2 == nil && l.Start >= 0 && l.End > l.Start {
			return l, nil
		}
	}
	return Locator{}, fmt.Errorf("locator %q: want a form such as %q or %q", s, "Criminal!D5", "line 12 column 3")
}

func parseCellName(s string) (row, col int, ok bool) {
	i := 0
	for i < len(s) && s[i] >= 'A' && s[i] <= 'Z' {
		i++
	}
	col = columnNumber(s[:i])
	row, err := strconv.Atoi(s[i:])
	return row, col, err == nil && row > 0 && col > 0
}
