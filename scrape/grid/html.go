package grid

import (
	"io"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"daylight/scrape"
)

// Caps on HTML pages. The largest page seen is 364 kB (LinkedIn's, mostly drawings).
const (
	maxPage    = 32 << 20 // bytes
	maxSpan    = 1000     // of a colspan; HTML 4.9.11 clamps to the same number
	maxRowSpan = 65534    // HTML 4.9.11
	maxSlots   = 4 << 20  // places of all tables of a page, spans counted out; see group
)

// HTMLTable is one table of a page, its spans counted out to places (row, column). Tables
// inside a cell are tables of their own and no part of the cell's text.
type HTMLTable struct {
	Ordinal int    // from 1, in document order of the opening tags, nested tables counted
	Caption string // folded text of the caption, "" without one
	Heading string // folded text of the nearest heading (h1-h6) before the table, "" without one
	// HeadingAt is where the heading stands in the page's text (see [PageText]); the zero
	// locator without a heading or where it is not shown.
	HeadingAt scrape.Locator
	Hidden    bool // the table, or something around it, is marked as not shown

	// Err is set when two cells claim one place, so that no column can be trusted. It
	// wraps scrape.ErrLayout. A page may well have such a table beside a sound one.
	Err error

	rows [][]*HTMLCell
}

// HTMLCell is one cell. Row and Col are its first place.
type HTMLCell struct {
	Row, Col         int    // from 1
	RowSpan, ColSpan int    // at least 1, cut at the table's end
	Header           bool   // a th
	Hidden           bool   // the cell or its row is marked as not shown
	Raw              string // all its text as in the source, footnote marks and hidden parts included
	Text             string // as shown: white space folded, no hidden parts, no footnote marks

	// Marks are the footnote marks: superscripts, and trailing *, †, ‡, §, ¹ or [1].
	Marks []string
}

// Printed returns the text with those of its marks that no reader can take for a part of
// the figure: "0 - 499*", but "12,000" where a superscript 1 follows. TextAt gives the
// same text.
func (c *HTMLCell) Printed() string {
	b := c.Text
	for _, m := range c.Marks {
		if strings.IndexFunc(m, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) < 0 {
			b += m
		}
	}
	return b
}

// Rows returns the number of rows.
func (t *HTMLTable) Rows() int { return len(t.rows) }

// Cols returns the number of places of a row (from 1); rows may differ.
func (t *HTMLTable) Cols(row int) int {
	if row < 1 || row > len(t.rows) {
		return 0
	}
	return len(t.rows[row-1])
}

// Cell returns the cell that covers a place, or nil. The cell's Row and Col say where it
// began.
func (t *HTMLTable) Cell(row, col int) *HTMLCell {
	if row < 1 || row > len(t.rows) || col < 1 || col > len(t.rows[row-1]) {
		return nil
	}
	return t.rows[row-1][col-1]
}

// At returns the locator of a cell.
func (t *HTMLTable) At(c *HTMLCell) scrape.Locator {
	return scrape.Locator{Table: t.Ordinal, Row: c.Row, Col: c.Col}
}

// HTMLTables reads the tables of a page, in document order. The error wraps
// scrape.ErrLayout when the bytes are no text (see [Text]) or beyond the caps.
func HTMLTables(r io.Reader) ([]*HTMLTable, error) {
	root, err := parsePage(r)
	if err != nil {
		return nil, err
	}
	p := &pageReader{}
	if err := p.walk(root, false); err != nil {
		return nil, err
	}
	p.locateHeadings(pageText(root))
	return p.tables, nil
}

// locateHeadings finds the headings in the page's text, where each is a line of its own.
// Equal headings are told apart by their order.
func (p *pageReader) locateHeadings(text string) {
	places := map[string][]int{}
	at := 0
	for line := range strings.SplitSeq(text, "\n") {
		places[line] = append(places[line], at)
		at += len(line) + 1
	}
	for i, t := range p.tables {
		h := p.headings[i]
		if list := places[h.text]; h.text != "" && h.nth < len(list) {
			t.HeadingAt = scrape.Locator{Start: list[h.nth], End: list[h.nth] + len(h.text)}
		}
	}
}

func parsePage(r io.Reader) (*html.Node, error) {
	text, err := ReadText(r, maxPage)
	if err != nil {
		return nil, err
	}
	if err := checkWhole(text); err != nil {
		return nil, err
	}
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return nil, layoutError("html: %w", err)
	}
	return root, nil
}

// checkWhole refuses a page that was cut. A browser shows such a page without a word, the
// last figure shortened; so every table that was opened must be closed, and the page too.
func checkWhole(text string) error {
	z := html.NewTokenizer(strings.NewReader(text))
	z.SetMaxBuf(maxPage)
	tables, page := 0, false
	for {
		switch z.Next() {
		case html.ErrorToken:
			switch err := z.Err(); {
			case err != io.EOF:
				return layoutError("html: %w", err)
			case len(z.Raw()) > 0:
				return layoutError("html: the page is cut inside a tag: %q", z.Raw()[:min(len(z.Raw()), 40)])
			case tables > 0:
				return layoutError("html: the page is cut: %d tables are not closed", tables)
			case page:
				return layoutError("html: the page is cut: it opens with html and does not close it")
			}
			return nil
		case html.StartTagToken:
			switch name, _ := z.TagName(); atom.Lookup(name) {
			case atom.Table:
				tables++
			case atom.Html:
				page = true
			}
		case html.EndTagToken:
			switch name, _ := z.TagName(); atom.Lookup(name) {
			case atom.Table:
				tables = max(0, tables-1)
			case atom.Html:
				page = false
			}
		}
	}
}

type pageReader struct {
	tables   []*HTMLTable
	headings []heading // of each table
	last     heading
	seen     map[string]int // how often a heading's text was met
	slots    int
}

type heading struct {
	text string
	nth  int // from 0, among headings of the same text
}

func (p *pageReader) walk(n *html.Node, hidden bool) error {
	hidden = hidden || isHidden(n)
	if n.Type == html.ElementNode {
		switch n.DataAtom {
		case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			if t := foldHTML(pageText(n)); t != "" && !hidden {
				if p.seen == nil {
					p.seen = map[string]int{}
				}
				p.last = heading{t, p.seen[t]}
				p.seen[t]++
			}
		case atom.Table:
			t := &HTMLTable{Ordinal: len(p.tables) + 1, Heading: p.last.text, Hidden: hidden}
			p.tables, p.headings = append(p.tables, t), append(p.headings, p.last)
			if err := p.table(t, n); err != nil {
				return err
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if err := p.walk(c, hidden); err != nil {
			return err
		}
	}
	return nil
}

// table counts the spans out, as HTML 4.9.12.1 describes. A rowspan ends with its row
// group.
func (p *pageReader) table(t *HTMLTable, n *html.Node) error {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		switch c.DataAtom {
		case atom.Caption:
			t.Caption = cellText(c).text
		case atom.Thead, atom.Tbody, atom.Tfoot:
			if err := p.group(t, c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *pageReader) group(t *HTMLTable, group *html.Node) error {
	var trs []*html.Node
	for c := group.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && c.DataAtom == atom.Tr {
			trs = append(trs, c)
		}
	}
	base := len(t.rows)
	t.rows = append(t.rows, make([][]*HTMLCell, len(trs))...)
	for i, tr := range trs {
		row := base + i
		col := 0
		for td := tr.FirstChild; td != nil; td = td.NextSibling {
			if td.Type != html.ElementNode || td.DataAtom != atom.Td && td.DataAtom != atom.Th {
				continue
			}
			for col < len(t.rows[row]) && t.rows[row][col] != nil {
				col++
			}
			text := cellText(td)
			c := &HTMLCell{
				Row: row + 1, Col: col + 1,
				ColSpan: span(td, "colspan", maxSpan),
				RowSpan: span(td, "rowspan", maxRowSpan),
				Header:  td.DataAtom == atom.Th,
				Hidden:  isHidden(td) || isHidden(tr) || isHidden(group),
				Raw:     text.raw, Text: text.text, Marks: text.marks,
			}
			if left := len(t.rows) - row; c.RowSpan > left || c.RowSpan == 0 {
				c.RowSpan = left
			}
			for r := row; r < row+c.RowSpan; r++ {
				for k := col; k < col+c.ColSpan; k++ {
					// Places are counted when they are claimed, each time, and when a row
					// grows up to them: overlapping spans cost time, far ones memory.
					p.slots += 1 + max(0, k+1-len(t.rows[r]))
					if p.slots > maxSlots {
						return layoutError("html: tables of more than %d places", maxSlots)
					}
					for len(t.rows[r]) <= k {
						t.rows[r] = append(t.rows[r], nil)
					}
					if other := t.rows[r][k]; other != nil {
						if t.Err == nil {
							t.Err = layoutError("html: table %d row %d column %d: two cells claim the place", t.Ordinal, r+1, k+1)
						}
						continue
					}
					t.rows[r][k] = c
				}
			}
			col += c.ColSpan
		}
	}
	return nil
}

// span reads a colspan or rowspan. Like browsers it takes 1 for what is no number; 0 is
// kept for rowspan (to the end of the group) and is 1 for colspan.
func span(n *html.Node, name string, limit int) int {
	v, err := strconv.Atoi(strings.TrimSpace(nodeAttr(n, name)))
	switch {
	case err != nil || v < 0:
		if v > limit { // out of range of int
			return limit
		}
		return 1
	case v == 0 && name == "colspan":
		return 1
	}
	return min(v, limit)
}

func nodeAttr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Namespace == "" && a.Key == name {
			return a.Val
		}
	}
	return ""
}

// isHidden reports whether the element itself is marked as not shown. Style sheets are
// not read.
func isHidden(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return false
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return a.Val != "until-found"
		case "style":
			s := strings.ToLower(strings.Join(strings.Fields(a.Val), ""))
			if strings.Contains(s, "display:none") || strings.Contains(s, "visibility:hidden") {
				return true
			}
		}
	}
	return false
}

type texts struct {
	raw, text string
	marks     []string
}

// cellText gathers the text of an element.
func cellText(n *html.Node) texts {
	var raw, shown, mark strings.Builder
	var out texts
	var walk func(n *html.Node, hidden bool, in *strings.Builder)
	walk = func(n *html.Node, hidden bool, in *strings.Builder) {
		if n.Type == html.TextNode {
			raw.WriteString(n.Data)
			if !hidden {
				in.WriteString(n.Data)
			}
			return
		}
		if n.Type == html.ElementNode {
			switch n.DataAtom {
			case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Table:
				return
			case atom.Br:
				raw.WriteByte('\n')
				in.WriteByte(' ')
				return
			case atom.Sup:
				// A superscript that opens the text is no mark of anything.
				if !hidden && in == &shown && !isHidden(n) && foldHTML(shown.String()) != "" {
					in = &mark
					defer func() {
						if m := foldHTML(mark.String()); m != "" {
							out.marks = append(out.marks, m)
						}
						mark.Reset()
					}()
				}
			}
			hidden = hidden || isHidden(n)
			if block(n.DataAtom) {
				in.WriteByte(' ')
				defer in.WriteByte(' ')
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, hidden, in)
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, false, &shown)
	}
	out.raw = raw.String()
	var trailing []string
	out.text, trailing = splitMarks(foldHTML(shown.String()))
	out.marks = append(trailing, out.marks...)
	return out
}

func block(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.Li, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd, atom.Section, atom.Article,
		atom.Header, atom.Footer, atom.Main, atom.Nav, atom.Aside, atom.Blockquote, atom.Pre, atom.Hr,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Tr, atom.Td, atom.Th, atom.Caption,
		atom.Figure, atom.Figcaption, atom.Address, atom.Title, atom.Body:
		return true
	}
	return false
}

// foldHTML folds white space as a browser shows it: no-break spaces stay.
func foldHTML(s string) string {
	return strings.Join(strings.FieldsFunc(s, htmlSpace), " ")
}

func htmlSpace(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f'
}

// splitMarks cuts trailing footnote marks off. A text of nothing but marks ("*", where a
// publisher holds a figure back) is left alone, because then they are the text.
func splitMarks(s string) (string, []string) {
	var marks []string
	rest := s
	for {
		rest = strings.TrimRightFunc(rest, unicode.IsSpace)
		cut := len(strings.TrimRight(rest, "*†‡§¶¹²³⁴⁵⁶⁷⁸⁹⁰"))
		if cut == len(rest) && strings.HasSuffix(rest, "]") {
			// "[1]", "[a]": brackets around one short word
			if i := strings.LastIndexByte(rest, '['); i >= 0 && len(rest)-i <= 5 && i < len(rest)-2 {
				cut = i
			}
		}
		if cut == len(rest) {
			break
		}
		marks = append([]string{rest[cut:]}, marks...)
		rest = rest[:cut]
	}
	if rest == "" {
		return s, nil
	}
	return rest, marks
}

// PageText returns the text that a page shows, white space folded, one block element a
// line. It is the decoded text of an HTML capture in which prose is located.
func PageText(r io.Reader) (string, error) {
	root, err := parsePage(r)
	if err != nil {
		return "", err
	}
	return pageText(root), nil
}

func pageText(root *html.Node) string {
	var b strings.Builder
	// pending holds the text since the last line end, so that folding sees it whole.
	var pending strings.Builder
	flush := func() {
		if s := foldHTML(pending.String()); s != "" {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(s)
		}
		pending.Reset()
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch n.Type {
		case html.TextNode:
			pending.WriteString(n.Data)
			return
		case html.ElementNode:
			if isHidden(n) {
				return
			}
			switch n.DataAtom {
			case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Head:
				return
			case atom.Br:
				flush()
				return
			}
			if block(n.DataAtom) {
				flush()
				defer flush()
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	flush()
	return b.String()
}

// textAtHTML reads the printed text of one cell again.
func textAtHTML(r io.Reader, at scrape.Locator) (string, error) {
	tables, err := HTMLTables(r)
	if err != nil {
		return "", err
	}
	if at.Table < 1 || at.Table > len(tables) {
		return "", layoutError("text at %q: the page has %d tables", at.String(), len(tables))
	}
	t := tables[at.Table-1]
	c := t.Cell(at.Row, at.Col)
	if c == nil || t.Err != nil {
		return "", layoutError("text at %q: no such cell", at.String())
	}
	if at.Col2 == 0 {
		return c.Printed(), nil
	}
	c2 := t.Cell(at.Row, at.Col2)
	if c2 == nil {
		return "", layoutError("text at %q: no such cell", at.String())
	}
	return c.Printed() + " | " + c2.Printed(), nil
}
