package scrapetest

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"daylight/scrape"
	"daylight/scrape/grid"
)

// document is a capture taken apart so that it can be put together again with a change.
// Files of every format become the same thing, rows of cells, so that a kind of change is
// written once. What is not changed keeps its bytes, except in a workbook: its cells are
// written into a new file without styles, and formulas become their cached values.
type document struct {
	capture scrape.Capture
	format  format
	parts   []part   // of text files and pages, in order: tables and what stands around them
	tables  []*table // those of parts, or the sheets of a workbook
	phrases []phrase // of prose: what the source found in it
}

// format is how the bytes are laid out.
type format uint8

const (
	formatCSV format = iota // one text file, or a ZIP of them
	formatXLSX
	formatHTML // a page with tables
	formatProse
)

// part is a ZIP member, or a piece of the one file: a table, or bytes that are kept.
type part struct {
	member string // "" when the capture is no ZIP
	table  int    // index of document.tables; -1 for bytes
	bytes  string
}

// phrase is a text that a source found in prose.
type phrase struct {
	text   string // as printed
	header bool   // the words that say what a figure counts
	period bool   // the words that name the time; else the figure
}

// table is rows of cells, and what the source found in them.
type table struct {
	name   string // table of the rows, scrape.Row.Table; "" when the source takes no figure from it
	member string // ZIP member or sheet
	rows   []row
	merged []grid.Range
	hidden bool
	prefix string // byte order mark of a text file
	suffix string // markup behind the last row of a page's table

	head    int                 // rows above the first line
	lines   []int               // rows with figures, totals included
	totals  []int               // of those, the publisher's own totals
	figures []int               // columns of figures, rising
	keys    map[scrape.Role]int // columns of the keys that stand in the lines
	headers map[int]place       // header cell of a column of figures or keys
	periods []place             // cells above the lines that name the time
}

// place is a row and a column, both from 0.
type place struct{ row, col int }

// row is one line of a text file, row of a sheet or row of a page's table.
type row struct {
	line  int    // physical line or row, from 1, in the file as it was
	open  string // markup before the first cell
	end   string // line end, or markup behind the last cell
	cells []cell
}

// cell is one field. The zero value is no cell in a workbook and an empty one elsewhere.
type cell struct {
	text        string
	kind        grid.CellKind // of a workbook
	quoted      bool          // of a text file
	open, close string        // markup around the text
}

// takeApart reads a capture and what the source finds in it.
func takeApart(src scrape.Source, c scrape.Capture) (*document, error) {
	body, err := c.Open()
	if err != nil {
		return nil, err
	}
	defer body.Close()
	content := make([]byte, body.Size())
	if _, err := io.ReadFull(io.NewSectionReader(body, 0, body.Size()), content); err != nil {
		return nil, err
	}
	rows, err := Rows(src, c)
	if err != nil {
		return nil, err
	}
	d := &document{capture: c}
	found := func(is func(scrape.Locator) bool) bool {
		return slices.ContainsFunc(rows, func(r scrape.Row) bool { return is(r.Value.At) })
	}
	switch {
	case found(func(at scrape.Locator) bool { return at.End > 0 }):
		d.format = formatProse
		d.parts = []part{{table: -1, bytes: string(content)}}
		d.learnProse(rows)
		return d, nil
	case found(func(at scrape.Locator) bool { return at.Sheet != "" }):
		d.format = formatXLSX
		err = d.readSheets(content)
	case found(func(at scrape.Locator) bool { return at.Table > 0 }):
		d.format = formatHTML
		d.readPage(string(content))
	case bytes.HasPrefix(content, []byte("PK")):
		err = d.readZip(content)
	default:
		d.addText("", string(content))
	}
	if err != nil {
		return nil, err
	}
	d.learn(rows)
	return d, nil
}

// clone returns a copy that may be changed.
func (d *document) clone() *document {
	e := *d
	e.parts = slices.Clone(d.parts)
	e.tables = make([]*table, len(d.tables))
	for i, t := range d.tables {
		e.tables[i] = t.clone()
	}
	return &e
}

func (t *table) clone() *table {
	u := *t
	u.rows = slices.Clone(t.rows)
	for i := range u.rows {
		u.rows[i].cells = slices.Clone(u.rows[i].cells)
	}
	u.merged = slices.Clone(t.merged)
	return &u
}

// bytes puts the document together.
func (d *document) bytes() []byte {
	var b bytes.Buffer
	if d.format == formatXLSX {
		writeWorkbook(&b, d.tables)
		return b.Bytes()
	}
	if len(d.parts) == 0 || d.parts[0].member == "" {
		for _, p := range d.parts {
			b.WriteString(d.content(p))
		}
		return b.Bytes()
	}
	z := zip.NewWriter(&b)
	for _, p := range d.parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.member, Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(w, d.content(p))
		}
		if err != nil {
			panic(err) // a buffer takes everything
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func (d *document) content(p part) string {
	if p.table < 0 {
		return p.bytes
	}
	var b strings.Builder
	t := d.tables[p.table]
	b.WriteString(t.prefix)
	for _, r := range t.rows {
		b.WriteString(r.open)
		for i, c := range r.cells {
			switch {
			case d.format == formatHTML:
				b.WriteString(c.open + c.text + c.close)
				continue
			case i > 0:
				b.WriteByte(',')
			}
			if c.quoted || strings.ContainsAny(c.text, ",\"\r\n") {
				b.WriteString(`"` + strings.ReplaceAll(c.text, `"`, `""`) + `"`)
			} else {
				b.WriteString(c.text)
			}
		}
		b.WriteString(r.end)
	}
	b.WriteString(t.suffix)
	return b.String()
}

func (d *document) readZip(content []byte) error {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return err
		}
		member, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if err := r.Close(); err != nil {
			return err
		}
		if path.Ext(f.Name) == ".csv" && !strings.HasPrefix(f.Name, "__MACOSX") {
			d.addText(f.Name, string(member))
		} else {
			d.parts = append(d.parts, part{f.Name, -1, string(member)})
		}
	}
	return nil
}

// addText takes a comma-separated text apart. It is no strict reader: the file is known to
// be read by grid.CSV.
func (d *document) addText(member, s string) {
	t := &table{member: member}
	if rest, ok := strings.CutPrefix(s, "\ufeff"); ok {
		t.prefix, s = "\ufeff", rest
	}
	line := 1
	for s != "" {
		r := row{line: line}
		for {
			var c cell
			if strings.HasPrefix(s, `"`) {
				c.quoted = true
				s = s[1:]
				for {
					i := strings.IndexByte(s, '"')
					c.text += s[:i]
					s = s[i+1:]
					if !strings.HasPrefix(s, `"`) {
						break
					}
					c.text += `"`
					s = s[1:]
				}
				line += strings.Count(c.text, "\n")
			} else {
				i := strings.IndexAny(s, ",\r\n")
				if i < 0 {
					i = len(s)
				}
				c.text, s = s[:i], s[i:]
			}
			r.cells = append(r.cells, c)
			rest, more := strings.CutPrefix(s, ",")
			if !more {
				break
			}
			s = rest
		}
		for _, end := range []string{"\r\n", "\n", "\r"} {
			if rest, ok := strings.CutPrefix(s, end); ok {
				r.end, s = end, rest
				line++
				break
			}
		}
		t.rows = append(t.rows, r)
	}
	d.parts = append(d.parts, part{member, len(d.tables), ""})
	d.tables = append(d.tables, t)
}

var (
	pageTable = regexp.MustCompile(`(?s)<table\b.*?</table>`)
	pageRow   = regexp.MustCompile(`(?s)(<tr\b[^>]*>)(.*?)(</tr>)`)
	pageCell  = regexp.MustCompile(`(?s)(<t[hd]\b[^>]*>(?:<p>)?)(.*?)((?:</p>)?</t[hd]>)`)
)

func (d *document) readPage(s string) {
	at := 0
	for _, m := range pageTable.FindAllStringIndex(s, -1) {
		d.parts = append(d.parts, part{"", -1, s[at:m[0]]}, part{"", len(d.tables), ""})
		at = m[1]
		t := &table{}
		markup := s[m[0]:m[1]]
		from := 0
		for _, r := range pageRow.FindAllStringSubmatchIndex(markup, -1) {
			row := row{line: len(t.rows) + 1, open: markup[from:r[0]] + markup[r[2]:r[3]], end: markup[r[6]:r[7]]}
			for _, c := range pageCell.FindAllStringSubmatch(markup[r[4]:r[5]], -1) {
				row.cells = append(row.cells, cell{open: c[1], text: c[2], close: c[3]})
			}
			t.rows = append(t.rows, row)
			from = r[1]
		}
		t.suffix = markup[from:]
		d.tables = append(d.tables, t)
	}
	d.parts = append(d.parts, part{"", -1, s[at:]})
}

func (d *document) readSheets(content []byte) error {
	w, err := grid.OpenWorkbook(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return err
	}
	for _, s := range w.Sheets() {
		t := &table{member: s.Name, merged: slices.Clone(s.Merged), hidden: s.Hidden}
		for i := range s.LastRow {
			t.rows = append(t.rows, row{line: i + 1, cells: make([]cell, s.LastCol)})
		}
		for r, err := range w.Rows(s) {
			if err != nil {
				return err
			}
			for _, c := range r.Cells {
				t.rows[c.Row-1].cells[c.Col-1] = cell{text: c.Text, kind: c.Kind}
			}
		}
		d.tables = append(d.tables, t)
	}
	return nil
}

// writeWorkbook writes the least that a workbook must have.
func writeWorkbook(out io.Writer, sheets []*table) {
	z := zip.NewWriter(out)
	write := func(name, content string) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+"\n"+content)
		}
		if err != nil {
			panic(err) // the writer is a buffer
		}
	}
	const (
		office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
		pack   = "http://schemas.openxmlformats.org/package/2006/"
		main   = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
		types  = "application/vnd.openxmlformats-officedocument.spreadsheetml."
	)
	var overrides, tabs, relations strings.Builder
	for i, s := range sheets {
		n := i + 1
		fmt.Fprintf(&overrides, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, n, types)
		state := ""
		if s.hidden {
			state = ` state="hidden"`
		}
		fmt.Fprintf(&tabs, `<sheet name="%s" sheetId="%d"%s r:id="rId%d"/>`, escape(s.member), n, state, n)
		fmt.Fprintf(&relations, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n, office, n)
	}
	write("[Content_Types].xml", `<Types xmlns="`+pack+`content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`+
		`<Override PartName="/xl/workbook.xml" ContentType="`+types+`sheet.main+xml"/>`+overrides.String()+`</Types>`)
	write("_rels/.rels", `<Relationships xmlns="`+pack+`relationships"><Relationship Id="rId1" Type="`+office+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	write("xl/workbook.xml", `<workbook xmlns="`+main+`" xmlns:r="`+office+`"><sheets>`+tabs.String()+`</sheets></workbook>`)
	write("xl/_rels/workbook.xml.rels", `<Relationships xmlns="`+pack+`relationships">`+relations.String()+`</Relationships>`)
	for i, s := range sheets {
		write(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), `<worksheet xmlns="`+main+`"><sheetData>`+sheetRows(s)+`</sheetData>`+merges(s)+`</worksheet>`)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
}

func sheetRows(s *table) string {
	var b strings.Builder
	for i, r := range s.rows {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for j, c := range r.cells {
			at := fmt.Sprintf(`<c r="%s%d"`, scrape.ColumnName(j+1), i+1)
			switch c.kind {
			case grid.KindNumber:
				fmt.Fprintf(&b, `%s><v>%s</v></c>`, at, escape(c.text))
			case grid.KindText:
				fmt.Fprintf(&b, `%s t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, at, escape(c.text))
			case grid.KindBool:
				fmt.Fprintf(&b, `%s t="b"><v>%s</v></c>`, at, escape(c.text))
			case grid.KindError:
				fmt.Fprintf(&b, `%s t="e"><v>%s</v></c>`, at, escape(c.text))
			case grid.KindDate:
				fmt.Fprintf(&b, `%s t="d"><v>%s</v></c>`, at, escape(c.text))
			case grid.KindNoValue:
				fmt.Fprintf(&b, `%s><f>NA()</f></c>`, at)
			}
		}
		b.WriteString(`</row>`)
	}
	return b.String()
}

func merges(s *table) string {
	if len(s.merged) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("<mergeCells>")
	for _, m := range s.merged {
		fmt.Fprintf(&b, `<mergeCell ref="%s%d:%s%d"/>`, scrape.ColumnName(m.Col1), m.Row1, scrape.ColumnName(m.Col2), m.Row2)
	}
	b.WriteString("</mergeCells>")
	return b.String()
}

func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err)
	}
	return b.String()
}

// learn notes in each table where the source found its figures and their keys.
func (d *document) learn(rows []scrape.Row) {
	find := func(at scrape.Locator) *table {
		for i, t := range d.tables {
			switch {
			case at.Sheet != "" && t.member == at.Sheet,
				at.Table > 0 && at.Table == i+1,
				at.Sheet == "" && at.Table == 0 && t.member == at.Member:
				return t
			}
		}
		return nil
	}
	figure := func(r scrape.Row) *table {
		if r.Ignore != "" || r.Hold != "" || r.Value.At.Col == 0 {
			return nil
		}
		return find(r.Value.At)
	}
	sizes := map[*table]map[string]int{}
	for _, r := range rows {
		if t := figure(r); t != nil {
			if sizes[t] == nil {
				sizes[t] = map[string]int{}
			}
			if sizes[t][r.Table]++; sizes[t][r.Table] > sizes[t][t.name] {
				t.name = r.Table // and not that of a note beside it
			}
		}
	}
	for _, r := range rows {
		t := figure(r)
		if t == nil || r.Table != t.name {
			continue
		}
		line := t.index(r.Value.At.Row)
		if line < 0 {
			continue
		}
		if t.keys == nil {
			t.keys, t.headers, t.head = map[scrape.Role]int{}, map[int]place{}, line
		}
		if len(t.lines) == 0 || t.lines[len(t.lines)-1] != line {
			t.lines = append(t.lines, line)
			if r.Total {
				t.totals = append(t.totals, line)
			}
		}
		for _, c := range []scrape.Cell{r.Value, r.Upper} {
			if col := c.At.Col - 1; col >= 0 && !slices.Contains(t.figures, col) {
				t.figures = append(t.figures, col)
				t.findHeader(col, c.Header)
			}
		}
		for _, k := range r.Keys {
			col := k.At.Col - 1
			switch {
			case col < 0 || find(k.At) != t:
			case k.At.Row == r.Value.At.Row || t.index(k.At.Row) >= t.head:
				if _, ok := t.keys[k.Role]; !ok {
					t.keys[k.Role] = col
					t.findHeader(col, k.Header)
				}
			case k.Role == scrape.RolePeriod || k.Role == scrape.RoleYear:
				if p := (place{t.index(k.At.Row), col}); !slices.Contains(t.periods, p) {
					t.periods = append(t.periods, p)
				}
			}
		}
	}
	for _, t := range d.tables {
		slices.Sort(t.figures)
	}
}

// index returns the index of the row that stood on a physical line, or -1.
func (t *table) index(line int) int {
	return slices.IndexFunc(t.rows, func(r row) bool { return r.line == line })
}

// findHeader finds the header cell of a column: the text that the source gave, in the
// column or the one before it (a label that stands over a share and its count), else the
// last text above the lines.
func (t *table) findHeader(col int, header string) {
	parts := strings.Split(header, " / ")
	last := parts[len(parts)-1]
	for _, c := range []int{col, col - 1} {
		for r := t.head - 1; r >= 0 && c >= 0; r-- {
			if s := t.rows[r].text(c); s != "" && (s == header || s == last) {
				t.headers[col] = place{r, c}
				return
			}
		}
	}
	for r := t.head - 1; r >= 0; r-- {
		if t.rows[r].text(col) != "" {
			t.headers[col] = place{r, col}
			return
		}
	}
}

func (r row) text(col int) string {
	if col < 0 || col >= len(r.cells) {
		return ""
	}
	return r.cells[col].text
}

// learnProse notes the texts that the source found in prose.
func (d *document) learnProse(rows []scrape.Row) {
	add := func(p phrase) {
		if p.text != "" && strings.Contains(d.parts[0].bytes, p.text) && !slices.Contains(d.phrases, p) {
			d.phrases = append(d.phrases, p)
		}
	}
	for _, r := range rows {
		add(phrase{text: r.Value.Text})
		add(phrase{text: r.Value.Header, header: true})
		for _, k := range r.Keys {
			add(phrase{text: k.Text, period: true})
		}
	}
}
