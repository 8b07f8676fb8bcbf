package grid

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"daylight/scrape"
)

// Workbooks are read twice, by two programs. The cells that rooms see come from the
// reader in this file; textAtXLSX, which proves a figure, reads the cell again through
// excelize. The first reader is our own for three reasons found in excelize 2.10.1: its
// streaming Rows ends a damaged sheet silently (the XML error is dropped), it does not
// tell an empty text cell from no cell, and its other calls fill every row of a sheet up
// to the furthest cell, so that a small file with a cell in XFD1048576 takes gigabytes.
//
// Formulas are never evaluated: official workbooks point to other workbooks that are
// lost, and the cached value is what a reader of the file saw. Serial dates are not
// converted; the text is the number that the file holds.

// Caps on a workbook. The largest report seen is 43 kB (Microsoft LERR 2020 H2, 22 parts,
// 0.3 MB unpacked); the caps leave a thousandfold and still fit in memory.
const (
	maxWorkbookBytes  = 64 << 20  // of the file
	maxWorkbookParts  = 4096      // members of the ZIP
	maxUnpackedBytes  = 512 << 20 // of all members together
	maxPartRatio      = 250       // unpacked to packed, for members above ratioFrom
	ratioFrom         = 1 << 20   // bytes unpacked; below it a ratio says nothing
	maxSharedStrings  = 64 << 20  // bytes of all shared strings
	maxSheets         = 256       //
	maxMergedRanges   = 100_000   // of one sheet
	maxSheetRow       = 1 << 20   // Excel's own limit
	maxSheetColumn    = 1 << 14   // Excel's own limit
	maxWorkbookHeader = 8 << 20   // bytes of workbook.xml and of its relationships, each
)

// CellKind says what a worksheet cell holds.
type CellKind uint8

// The kinds of cells. A cell that holds nothing (a bare style) is not handed on at all.
const (
	KindNumber  CellKind = iota + 1 // text is the stored number: "2.196472739004194E-2"
	KindText                        // text may be empty or blank
	KindBool                        // text is the stored "1" or "0"; it is no count
	KindError                       // text is the error: "#REF!"
	KindDate                        // text is an ISO date
	KindNoValue                     // a formula whose result the file does not hold; text is empty
)

// String returns the kind's name.
func (k CellKind) String() string {
	switch k {
	case KindNumber:
		return "number"
	case KindText:
		return "text"
	case KindBool:
		return "bool"
	case KindError:
		return "error"
	case KindDate:
		return "date"
	case KindNoValue:
		return "formula without value"
	}
	return "nothing"
}

// SheetCell is one cell of a worksheet.
type SheetCell struct {
	Row, Col int    // from 1
	Text     string // as stored, not formatted
	Kind     CellKind
	Formula  bool // the text is the cached result of a formula
}

// SheetRow is one row of a worksheet that holds at least one cell.
type SheetRow struct {
	Row    int // from 1
	Hidden bool
	Cells  []SheetCell // left to right
}

// Cell returns the row's cell in column col (from 1), and whether there is one.
func (r SheetRow) Cell(col int) (SheetCell, bool) {
	for _, c := range r.Cells {
		if c.Col == col {
			return c, true
		}
	}
	return SheetCell{}, false
}

// Range is a rectangle of cells, both ends inclusive, counted from 1.
type Range struct {
	Row1, Col1, Row2, Col2 int
}

// Contains reports whether the cell lies in the range.
func (r Range) Contains(row, col int) bool {
	return row >= r.Row1 && row <= r.Row2 && col >= r.Col1 && col <= r.Col2
}

// Sheet says what a workbook holds under one tab.
type Sheet struct {
	Name          string
	Hidden        bool // the tab is hidden
	Cells         bool // false for a chart sheet: it has no cells
	LastRow       int  // of the last cell that holds something
	LastCol       int
	Merged        []Range // merged cells; the text stands in the first cell of the range
	HiddenRows    int     // rows that are hidden and hold something
	HiddenColumns []Range // Row1 and Row2 are 0

	part *zip.File
}

// Origin returns the cell that holds the text of (row, col): the first cell of the merged
// range that covers it, or the cell itself.
func (s *Sheet) Origin(row, col int) (int, int) {
	for _, r := range s.Merged {
		if r.Contains(row, col) {
			return r.Row1, r.Col1
		}
	}
	return row, col
}

// Workbook is an XLSX file that was checked and can be read. It is not safe for
// concurrent use.
type Workbook struct {
	sheets  []*Sheet
	strings []string
}

// OpenWorkbook checks a workbook and reads its table of sheets and its shared strings.
// Every sheet is read through once, so that a damaged one is known before a row of it is
// used. The error wraps scrape.ErrLayout when the bytes are no such file: empty,
// truncated, encrypted, of an older or binary Excel format, or beyond the caps.
func OpenWorkbook(r io.ReaderAt, size int64) (*Workbook, error) {
	parts, err := workbookParts(r, size)
	if err != nil {
		return nil, err
	}
	w := &Workbook{}
	if err := w.readStrings(parts["xl/sharedstrings.xml"]); err != nil {
		return nil, err
	}
	if err := w.readSheets(parts); err != nil {
		return nil, err
	}
	for _, s := range w.sheets {
		if err := w.survey(s); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Sheets lists the sheets in the order of their tabs.
func (w *Workbook) Sheets() []*Sheet { return w.sheets }

// Sheet returns the sheet of that name, or nil.
func (w *Workbook) Sheet(name string) *Sheet {
	for _, s := range w.sheets {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// workbookParts checks the ZIP directory and returns the members by lower-case name:
// part names are compared without regard to case (ECMA-376 part 2, 7.3).
func workbookParts(r io.ReaderAt, size int64) (map[string]*zip.File, error) {
	if size == 0 {
		return nil, layoutError("workbook: empty file")
	}
	if size > maxWorkbookBytes {
		return nil, layoutError("workbook: %d bytes, more than %d", size, maxWorkbookBytes)
	}
	head := make([]byte, min(size, 512))
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("workbook: %w", err)
	}
	switch {
	case strings.HasPrefix(string(head), "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
		return nil, layoutError("workbook: an OLE file: encrypted, or Excel 97-2003 (.xls)")
	case strings.HasPrefix(strings.TrimLeft(string(head), "\ufeff \t\r\n"), "<"):
		return nil, layoutError("workbook: a page of markup instead of a workbook")
	case !strings.HasPrefix(string(head), "PK"):
		return nil, layoutError("workbook: no ZIP archive: it starts with %q", head[:min(len(head), 8)])
	}
	zr, err := zip.NewReader(r, size)
	if err != nil {
		return nil, layoutError("workbook: truncated or damaged ZIP archive: %w", err)
	}
	if len(zr.File) > maxWorkbookParts {
		return nil, layoutError("workbook: %d parts, more than %d", len(zr.File), maxWorkbookParts)
	}
	parts := make(map[string]*zip.File, len(zr.File))
	var unpacked uint64
	for _, f := range zr.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if f.Flags&1 != 0 {
			return nil, layoutError("workbook: part %q is encrypted", f.Name)
		}
		n := f.UncompressedSize64
		if n > maxUnpackedBytes || unpacked+n > maxUnpackedBytes {
			return nil, layoutError("workbook: part %q brings the unpacked size above %d bytes", f.Name, maxUnpackedBytes)
		}
		unpacked += n
		if n > ratioFrom && n/max(f.CompressedSize64, 1) > maxPartRatio {
			return nil, layoutError("workbook: part %q unpacks to more than %d times its size", f.Name, maxPartRatio)
		}
		if _, ok := parts[name]; ok {
			return nil, layoutError("workbook: part %q twice", f.Name)
		}
		parts[name] = f
	}
	switch {
	case parts["xl/workbook.bin"] != nil:
		return nil, layoutError("workbook: binary Excel format (.xlsb)")
	case parts["xl/workbook.xml"] == nil:
		return nil, layoutError("workbook: a ZIP archive without xl/workbook.xml")
	}
	return parts, nil
}

// readPart streams the start elements of a part through fn, which reads on from d what
// it wants. The error wraps scrape.ErrLayout.
func readPart(f *zip.File, limit int64, fn func(d *xml.Decoder, e xml.StartElement) error) error {
	rc, err := f.Open()
	if err != nil {
		return layoutError("workbook: part %q: %w", f.Name, err)
	}
	defer rc.Close()
	d := xml.NewDecoder(&capReader{r: rc, left: limit})
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return layoutError("workbook: part %q: %w", f.Name, err)
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := fn(d, e); err != nil {
				if errors.Is(err, errStop) || errors.Is(err, scrape.ErrLayout) {
					return err
				}
				return layoutError("workbook: part %q: %w", f.Name, err)
			}
		}
	}
}

var errStop = errors.New("stop")

// capReader fails beyond its cap, where io.LimitReader would end quietly.
type capReader struct {
	r    io.Reader
	left int64
}

func (c *capReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return 0, errors.New("more bytes than the cap allows")
	}
	return n, err
}

func (w *Workbook) readStrings(f *zip.File) error {
	if f == nil {
		return nil
	}
	total := 0
	return readPart(f, maxUnpackedBytes, func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		s, err := richText(d)
		if err != nil {
			return err
		}
		if total += len(s); total > maxSharedStrings {
			return fmt.Errorf("shared strings of more than %d bytes", maxSharedStrings)
		}
		w.strings = append(w.strings, s)
		return nil
	})
}

// richText reads a string item (CT_Rst) up to its end: the text of its runs, without the
// phonetic guides.
func richText(d *xml.Decoder) (string, error) {
	var b strings.Builder
	depth, inText, phonetic := 1, false, 0
	for {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			switch t.Name.Local {
			case "rPh":
				phonetic++
			case "t":
				inText = phonetic == 0
			}
		case xml.EndElement:
			depth--
			switch t.Name.Local {
			case "rPh":
				phonetic--
			case "t":
				inText = false
			}
			if depth == 0 {
				return unescapeX(b.String()), nil
			}
		case xml.CharData:
			if inText {
				b.Write(t)
			}
		}
	}
}

// unescapeX undoes the _xHHHH_ escape of characters that XML cannot hold (ECMA-376 part
// 1, 22.9.2.19).
func unescapeX(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if i+7 <= len(s) && s[i] == '_' && s[i+1] == 'x' && s[i+6] == '_' {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil && (n < 0xd800 || n > 0xdfff) {
				b.WriteRune(rune(n))
				i += 7
				continue
			}
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

func (w *Workbook) readSheets(parts map[string]*zip.File) error {
	type target struct{ kind, part string }
	targets := map[string]target{}
	if rels := parts["xl/_rels/workbook.xml.rels"]; rels != nil {
		err := readPart(rels, maxWorkbookHeader, func(_ *xml.Decoder, e xml.StartElement) error {
			if e.Name.Local != "Relationship" || attr(e, "TargetMode") == "External" {
				return nil
			}
			to := strings.ReplaceAll(attr(e, "Target"), `\`, "/")
			if strings.HasPrefix(to, "/") {
				to = path.Clean(to)[1:]
			} else {
				to = path.Join("xl", to)
			}
			targets[attr(e, "Id")] = target{path.Base(attr(e, "Type")), strings.ToLower(to)}
			return nil
		})
		if err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	err := readPart(parts["xl/workbook.xml"], maxWorkbookHeader, func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "sheet" {
			return nil
		}
		s := &Sheet{Name: attr(e, "name"), Hidden: attr(e, "state") != "" && attr(e, "state") != "visible"}
		if s.Name == "" || seen[s.Name] {
			return fmt.Errorf("sheet name %q empty or twice", s.Name)
		}
		seen[s.Name] = true
		if len(w.sheets) == maxSheets {
			return fmt.Errorf("more than %d sheets", maxSheets)
		}
		t, ok := targets[attr(e, "id")]
		if !ok || parts[t.part] == nil {
			return fmt.Errorf("sheet %q: its part is missing", s.Name)
		}
		switch t.kind {
		case "worksheet":
			s.Cells, s.part = true, parts[t.part]
		case "chartsheet":
		default:
			return fmt.Errorf("sheet %q: unknown kind %q", s.Name, t.kind)
		}
		w.sheets = append(w.sheets, s)
		return nil
	})
	if err != nil {
		return err
	}
	if len(w.sheets) == 0 {
		return layoutError("workbook: no sheets")
	}
	return nil
}

func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// survey reads a sheet through and keeps what stands around its cells.
func (w *Workbook) survey(s *Sheet) error {
	if !s.Cells {
		return nil
	}
	for row, err := range w.rows(s, true) {
		if err != nil {
			return err
		}
		s.LastRow = row.Row
		s.LastCol = max(s.LastCol, row.Cells[len(row.Cells)-1].Col)
		if row.Hidden {
			s.HiddenRows++
		}
	}
	return nil
}

// Rows streams the rows that hold at least one cell. The sheet was read through when the
// workbook was opened, so that an error here means that the bytes changed meanwhile; it
// wraps scrape.ErrLayout.
func (w *Workbook) Rows(s *Sheet) iter.Seq2[SheetRow, error] {
	if !s.Cells {
		return func(func(SheetRow, error) bool) {}
	}
	return w.rows(s, false)
}

// Head returns the rows of a sheet up to row n.
func (w *Workbook) Head(s *Sheet, n int) ([]SheetRow, error) {
	var out []SheetRow
	for row, err := range w.Rows(s) {
		if err != nil {
			return nil, err
		}
		if row.Row > n {
			break
		}
		out = append(out, row)
	}
	return out, nil
}

func (w *Workbook) rows(s *Sheet, survey bool) iter.Seq2[SheetRow, error] {
	return func(yield func(SheetRow, error) bool) {
		last := 0
		err := readPart(s.part, maxUnpackedBytes, func(d *xml.Decoder, e xml.StartElement) error {
			switch e.Name.Local {
			case "row":
				row, err := w.readRow(d, e, last)
				if err != nil {
					return fmt.Errorf("sheet %q: %w", s.Name, err)
				}
				last = row.Row
				if len(row.Cells) > 0 && !yield(row, nil) {
					return errStop
				}
			case "mergeCell":
				if !survey {
					return nil
				}
				r, err := parseRange(attr(e, "ref"))
				if err != nil {
					return fmt.Errorf("sheet %q: %w", s.Name, err)
				}
				if len(s.Merged) == maxMergedRanges {
					return fmt.Errorf("sheet %q: more than %d merged ranges", s.Name, maxMergedRanges)
				}
				s.Merged = append(s.Merged, r)
			case "col":
				if hidden := attr(e, "hidden"); survey && (hidden == "1" || hidden == "true") {
					from, err1 := strconv.Atoi(attr(e, "min"))
					to, err2 := strconv.Atoi(attr(e, "max"))
					if err1 != nil || err2 != nil || from < 1 || to < from {
						return fmt.Errorf("sheet %q: hidden columns %q to %q", s.Name, attr(e, "min"), attr(e, "max"))
					}
					s.HiddenColumns = append(s.HiddenColumns, Range{Col1: from, Col2: to})
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(SheetRow{}, err)
		}
	}
}

// readRow reads one row element to its end. Rows and columns must rise: a file that names
// a place twice holds two texts for it, and neither can be chosen.
func (w *Workbook) readRow(d *xml.Decoder, e xml.StartElement, last int) (SheetRow, error) {
	row := SheetRow{Row: last + 1}
	if r := attr(e, "r"); r != "" {
		n, err := strconv.Atoi(r)
		if err != nil || n <= last {
			return row, fmt.Errorf("row number %q after row %d", r, last)
		}
		row.Row = n
	}
	if row.Row > maxSheetRow {
		return row, fmt.Errorf("row %d, more than %d", row.Row, maxSheetRow)
	}
	row.Hidden = attr(e, "hidden") == "1" || attr(e, "hidden") == "true"
	col := 0
	for {
		t, err := d.Token()
		if err != nil {
			return row, err
		}
		switch t := t.(type) {
		case xml.EndElement:
			return row, nil
		case xml.StartElement:
			if t.Name.Local != "c" {
				if err := d.Skip(); err != nil {
					return row, err
				}
				continue
			}
			at := col + 1
			if r := attr(t, "r"); r != "" {
				l, err := scrape.ParseLocator("x!" + r)
				if err != nil || l.Row != row.Row || l.Col <= col {
					return row, fmt.Errorf("cell %q in row %d after column %d", r, row.Row, col)
				}
				at = l.Col
			}
			if col = at; col > maxSheetColumn {
				return row, fmt.Errorf("row %d: column %d, more than %d", row.Row, col, maxSheetColumn)
			}
			c, err := w.readCell(d, t)
			if err != nil {
				return row, fmt.Errorf("cell %s%d: %w", scrape.ColumnName(col), row.Row, err)
			}
			if c.Kind != 0 {
				c.Row, c.Col = row.Row, col
				row.Cells = append(row.Cells, c)
			}
		}
	}
}

// readCell reads one cell element to its end. A cell that holds nothing has kind 0.
func (w *Workbook) readCell(d *xml.Decoder, e xml.StartElement) (SheetCell, error) {
	var c SheetCell
	var value, inline string
	var hasValue, hasInline bool
	for {
		t, err := d.Token()
		if err != nil {
			return c, err
		}
		switch t := t.(type) {
		case xml.EndElement:
			return c.typed(attr(e, "t"), value, inline, hasValue, hasInline, w.strings)
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				hasValue = true
				if value, err = charData(d); err != nil {
					return c, err
				}
			case "is":
				hasInline = true
				if inline, err = richText(d); err != nil {
					return c, err
				}
			default:
				c.Formula = c.Formula || t.Name.Local == "f"
				if err := d.Skip(); err != nil {
					return c, err
				}
			}
		}
	}
}

func (c SheetCell) typed(kind, value, inline string, hasValue, hasInline bool, shared []string) (SheetCell, error) {
	switch {
	case kind == "inlineStr" && hasInline:
		c.Kind, c.Text = KindText, inline
		return c, nil
	case !hasValue:
		if c.Formula {
			c.Kind = KindNoValue
		}
		return c, nil
	}
	c.Text = value
	switch kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < 0 || n >= len(shared) {
			return c, fmt.Errorf("shared string %q of %d", value, len(shared))
		}
		c.Kind, c.Text = KindText, shared[n]
	case "str", "inlineStr":
		c.Kind = KindText
	case "b":
		c.Kind = KindBool
	case "e":
		c.Kind = KindError
	case "d":
		c.Kind = KindDate
	case "", "n":
		c.Kind = KindNumber
		if strings.TrimSpace(value) == "" {
			// A number cell whose value is empty holds no number; with a formula it
			// held one once.
			if c.Kind, c.Text = 0, ""; c.Formula {
				c.Kind = KindNoValue
			}
			return c, nil
		}
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return c, fmt.Errorf("number %q: %w", value, err)
		}
	default:
		return c, fmt.Errorf("unknown type %q", kind)
	}
	return c, nil
}

// charData reads the text of an element without children, up to its end.
func charData(d *xml.Decoder) (string, error) {
	var b strings.Builder
	for {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			return "", fmt.Errorf("element %q inside a value", t.Name.Local)
		case xml.EndElement:
			return b.String(), nil
		}
	}
}

func parseRange(ref string) (Range, error) {
	first, last, two := strings.Cut(ref, ":")
	if !two {
		last = first
	}
	a, err1 := scrape.ParseLocator("x!" + first)
	b, err2 := scrape.ParseLocator("x!" + last)
	if err1 != nil || err2 != nil || a.Row > b.Row || a.Col > b.Col {
		return Range{}, fmt.Errorf("range %q", ref)
	}
	return Range{a.Row, a.Col, b.Row, b.Col}, nil
}

// HeaderText joins the texts that stand in column col of the given rows, from top to
// bottom, with " / ", as scrape.Cell.Header asks. A text that is merged over several of
// the rows or columns counts in each column that it covers, and once.
func HeaderText(s *Sheet, rows []SheetRow, col int) string {
	var parts []string
	type place struct{ row, col int }
	var before place
	for _, r := range rows {
		row, c := s.Origin(r.Row, col)
		if p := (place{row, c}); p != before {
			before = p
			for _, o := range rows {
				if o.Row != row {
					continue
				}
				if cell, ok := o.Cell(c); ok && strings.TrimSpace(cell.Text) != "" {
					parts = append(parts, cell.Text)
				}
			}
		}
	}
	return strings.Join(parts, " / ")
}

// textAtXLSX reads one cell again, through excelize; with Col2 two cells of the row,
// joined by " | ". A cell that the file does not hold has the empty text; a sheet or row
// that it does not hold is an error.
func textAtXLSX(r io.ReaderAt, size int64, at scrape.Locator) (string, error) {
	if at.Row < 1 || at.Col < 1 || at.Col > maxSheetColumn || at.Col2 < 0 || at.Col2 > maxSheetColumn {
		return "", layoutError("text at %q: no such cell", at.String())
	}
	if _, err := workbookParts(r, size); err != nil {
		return "", fmt.Errorf("text at %q: %w", at.String(), err)
	}
	f, err := excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{
		RawCellValue:      true,
		UnzipSizeLimit:    maxUnpackedBytes,
		UnzipXMLSizeLimit: maxUnpackedBytes, // no temporary files: the caps above bound the memory
	})
	if err != nil {
		return "", layoutError("text at %q: %w", at.String(), err)
	}
	defer f.Close()
	rows, err := f.Rows(at.Sheet)
	if err != nil {
		return "", layoutError("text at %q: %w", at.String(), err)
	}
	defer rows.Close()
	for n := 1; rows.Next(); n++ {
		if n < at.Row {
			continue
		}
		cells, err := rows.Columns()
		if err != nil {
			return "", layoutError("text at %q: %w", at.String(), err)
		}
		cell := func(col int) string {
			if col > len(cells) {
				return ""
			}
			return cells[col-1]
		}
		if at.Col2 > 0 {
			return cell(at.Col) + " | " + cell(at.Col2), nil
		}
		return cell(at.Col), nil
	}
	return "", layoutError("text at %q: the sheet ends before that row", at.String())
}
