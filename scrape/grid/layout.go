package grid

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"

	"daylight/scrape"
)

// Report is a room's declaration of all comma-separated tables of one report series, in
// all versions. Parse reads a capture by it: a ZIP of tables, or one table alone.
type Report struct {
	Provider string   // for messages
	Layouts  []Layout // the declared tables
	// Notes names members that are no tables and why they are ignored, by a pattern of
	// path.Match on the folded base name: {"readme*": "the publisher's notes"}.
	Notes map[string]string
}

// Layout declares one table. A table is found by its header line; where two tables have the
// same headers the file's name decides between them, and a name that says another table than
// the headers is refused.
type Layout struct {
	Table  string   // scrape.Row.Table
	Files  []string // patterns of path.Match on the folded base name
	Fields []Field

	// Ignore declares the whole table to be none of our figures and says why. One row is
	// yielded for each printed cell that is no key, so that the books show what was left
	// out. Columns that are not declared do not matter then.
	Ignore string

	// Ends is set where every file that the publisher is known to have issued ends its
	// last line. In such a table an open last line may be cut in the middle of a figure:
	// its figures are held.
	Ends bool

	// Since is the label of the first edition ("2018-H2") since which every ZIP that the
	// publisher is known to have issued holds the table. A ZIP of such an edition without
	// it, unless it is an excerpt, is told by a row with Hold set.
	Since string

	// Keys returns key cells that hold for the whole file and stand in none of its lines;
	// name is the base name of the file or member. Files of such a table may stand beside
	// each other in one ZIP.
	Keys func(c scrape.Capture, name string) ([]scrape.Cell, error)

	// Header judges the printed headers by the key cells of Keys: the error says why they
	// cannot stand together.
	Header func(header []string, keys []scrape.Cell) error

	// Line judges one line by its key cells (those of Keys included).
	Line func(keys []scrape.Cell) Verdict
}

// Field declares one column of a table. It is a key when Role is set, a figure otherwise.
type Field struct {
	Printed  []string    // the headers under which the declared versions print it
	Upper    []string    // headers of the column that holds the band's upper end; then a figure has two cells
	Role     scrape.Role // of a key
	Figure   bool        // a key that is the figure, too: a list of instruments counts them
	Optional bool        // some declared versions do not have it
	Ignore   string      // figure: none of ours, and why
	Blank    string      // figure: an empty cell is ignored, and why; without it an empty cell is a figure's text
	// Never says that no known file leaves a cell empty. Of a figure: where one is, all figures
	// of the line are held, and why; in the last line the file is refused, and so it is of a key:
	// somebody deleted or inserted one cell of the column, and those below it moved.
	Never string
	// Last says of a figure that no known file leaves it empty in the last line, as Never.
	Last string
	// Only says why a filled cell of the figure makes all figures of a line with these keys
	// doubtful; "" when it does not.
	Only func(keys []scrape.Cell) string
	// Moved refuses the file where Only speaks against figures other than 0 in several lines:
	// the cells of the column were shifted against the others.
	Moved  bool
	Filled string // figure: a cell that is not empty is held, and why: in all known files it is
	// Twin names the column that prints the same figure again in some versions. Where both
	// are filled alike this one is ignored; where they differ it is held; where one is
	// filled the figure is that one and the empty one is ignored.
	Twin string
}

// Verdict is what a room knows about a line from its keys. The zero value is an ordinary
// line.
type Verdict struct {
	Total  bool
	Ignore string
	Hold   string
	// Rest says why the line's empty and ignored cells are ignored; with a figure the file is
	// refused.
	Rest string
}

// Parse yields the rows of a capture in printed order: one for each figure of each line,
// with the cells of the line's key columns. It streams.
//
// It fails with an error that wraps scrape.ErrLayout, naming file, line and header, when no
// declared table has the printed headers; when a declared header is missing or printed
// twice; when the file's name says another table than the headers; when a line has more or fewer fields than its header (a thousands comma without
// quotes shifts figures into the next column); when text follows a blank line; when
// nothing follows the header; and when two files of a ZIP are the same table.
//
// What is new beside known things is yielded with Hold: a member that is no declared table,
// a table that a ZIP no longer has (Layout.Since), each filled cell of an undeclared column, and every figure of a line in which an
// undeclared column holds words, because such a column may split the figures.
//
// A file that was cut exactly at a line end cannot be told from a whole one.
func (r Report) Parse(c scrape.Capture) iter.Seq2[scrape.Row, error] {
	return func(yield func(scrape.Row, error) bool) {
		name := c.Name
		if name == "" {
			name = path.Base(c.URL)
		}
		fail := func(file string, err error) {
			if file != name {
				file = name + ": " + file
			}
			yield(scrape.Row{}, fmt.Errorf("%s: parse %s: %w", r.Provider, file, err))
		}
		body, err := c.Open()
		if err != nil {
			fail(name, err)
			return
		}
		defer body.Close()
		if body.Size() == 0 {
			fail(name, layoutError("the file is empty"))
			return
		}
		var magic [4]byte
		if _, err := body.ReadAt(magic[:], 0); err != nil && !errors.Is(err, io.EOF) {
			fail(name, err)
			return
		}
		if magic != [4]byte{'P', 'K', 3, 4} && magic != [4]byte{'P', 'K', 5, 6} {
			if why, ok := r.note(path.Base(name)); ok {
				yield(memberRow("", why, ""), nil)
				return
			}
			f := file{report: r, capture: c, base: path.Base(name)}
			if _, err := f.parse(io.NewSectionReader(body, 0, body.Size()), yield); err != nil {
				fail(name, err)
			}
			return
		}
		z, err := OpenZip(body, body.Size())
		if err != nil {
			fail(name, err)
			return
		}
		for _, ignored := range z.Ignored {
			if !yield(memberRow(ignored, "left behind by an operating system", ""), nil) {
				return
			}
		}
		tables := map[*Layout]string{}
		known := 0
		found := map[string]bool{}
		for _, m := range z.Members {
			f := file{report: r, capture: c, base: m.Base, member: m.Name, tables: tables}
			if why, ok := r.note(m.Base); ok {
				if !yield(memberRow(m.Name, why, ""), nil) {
					return
				}
				continue
			}
			if !strings.EqualFold(path.Ext(m.Base), ".csv") {
				if !yield(memberRow(m.Name, "", fmt.Sprintf("member %q is not declared", m.Name)), nil) {
					return
				}
				continue
			}
			content, err := m.Open()
			if err != nil {
				fail(m.Name, err)
				return
			}
			more, err := f.parse(content, yield)
			content.Close()
			if err != nil {
				fail(m.Name, err)
				return
			}
			if !more {
				return
			}
			if f.plan != nil {
				known++
				found[f.plan.layout.Table] = true
			}
		}
		if known == 0 {
			fail(name, layoutError("none of the members is a declared table"))
			return
		}
		for _, l := range r.Layouts {
			if l.Since != "" && c.Edition >= l.Since && !found[l.Table] && !c.Excerpt &&
				!yield(memberRow(l.Files[0], "", fmt.Sprintf("no member is the table %s, which every archive since %s has", l.Table, l.Since)), nil) {
				return
			}
		}
	}
}

// memberRow says what becomes of a whole member.
func memberRow(name, ignore, hold string) scrape.Row {
	return scrape.Row{
		Table: "file", Line: 1, Ignore: ignore, Hold: hold,
		Value: scrape.Cell{Header: "file", At: scrape.Locator{Member: name, Row: 1}},
	}
}

func (r Report) note(base string) (string, bool) {
	for pattern, why := range r.Notes {
		if ok, err := path.Match(pattern, Fold(base)); ok && err == nil {
			return why, true
		}
	}
	return "", false
}

func (l Layout) named(base string) bool {
	return slices.ContainsFunc(l.Files, func(pattern string) bool {
		ok, err := path.Match(pattern, Fold(base))
		return ok && err == nil
	})
}

// file is one table file on its way.
type file struct {
	report  Report
	capture scrape.Capture
	base    string
	member  string
	tables  map[*Layout]string // tables seen in this ZIP, with the member
	plan    *plan
	against int // lines in which Field.Only speaks against a figure, of columns with Field.Moved
}

// plan is a declared layout laid over a printed header.
type plan struct {
	layout  *Layout
	header  []string
	keys    []column
	columns []column // those that yield rows, in printed order
}

type column struct {
	field   *Field // nil: not declared
	i       int    // index of the field in a record
	upper   int    // index of the upper end; -1 for none
	twin    int    // index of the column that this one repeats; -1 for none
	twinned int    // index of the column that repeats this one; -1 for none
	blanks  int    // lines that leave it empty
	printed string
}

// parse yields the rows of one table file. more is false when the consumer has enough.
func (f *file) parse(r io.Reader, yield func(scrape.Row, error) bool) (more bool, err error) {
	csv := NewCSV(r)
	rec, err := csv.Read()
	for err == nil && (rec.Blank() || empty(rec.Fields)) {
		rec, err = csv.Read()
	}
	if errors.Is(err, io.EOF) {
		return false, layoutError("no header line")
	}
	if err != nil {
		return false, err
	}
	header := rec.Line
	f.plan, err = f.lay(slices.Clone(rec.Fields), header)
	if err != nil {
		return false, err
	}
	if f.plan == nil {
		row := memberRow(f.member, "", fmt.Sprintf("member %q is not declared: its headers are those of no table", f.member))
		return yield(row, nil), nil
	}
	l := f.plan.layout
	if f.tables != nil && l.Keys == nil {
		if other, dup := f.tables[l]; dup {
			return false, layoutError("table %s stands in member %q too", l.Table, other)
		}
		f.tables[l] = f.member
	}
	var common []scrape.Cell
	if l.Keys != nil {
		if common, err = l.Keys(f.capture, f.base); err != nil {
			return false, err
		}
	}
	if l.Header != nil {
		if err := l.Header(f.plan.header, common); err != nil {
			return false, fmt.Errorf("csv line %d: %w", header, err)
		}
	}
	lines, gap := 0, 0
	moved := "" // why the last line read is no last line
	for {
		rec, err := csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return false, err
		}
		if rec.Blank() {
			gap = rec.Line
			continue
		}
		if gap > 0 {
			return false, layoutError("csv line %d: text after the blank line %d: a second table is not declared", rec.Line, gap)
		}
		if len(rec.Fields) != len(f.plan.header) {
			return false, layoutError("csv line %d: %d fields under a header of %d", rec.Line, len(rec.Fields), len(f.plan.header))
		}
		if empty(rec.Fields) { // commas that a spreadsheet left below the table
			continue
		}
		lines++
		for _, k := range f.plan.keys {
			if l.Ignore == "" && k.field.Never != "" && strings.TrimSpace(rec.Fields[k.i]) == "" {
				return false, layoutError("csv line %d: column %q is empty: %s; the column may be shifted against the others", rec.Line, k.printed, k.field.Never)
			}
		}
		more, rest := f.line(rec, common, yield)
		if !more {
			return false, nil
		}
		if rest {
			// A line without a name that has figures is where the names, or the figures,
			// moved to when somebody deleted or inserted one cell of a column.
			if c := f.figure(rec); c != nil {
				return false, layoutError("csv line %d: %q under %q on a line without a name; names and figures may be shifted against each other", rec.Line, rec.Fields[c.i], c.printed)
			}
			continue
		}
		moved = f.moved(rec, lines)
		if f.against == severalLines {
			return false, layoutError("csv line %d: a column is filled in %d lines that leave it empty in all known files; the column may be shifted against the others", rec.Line, f.against)
		}
	}
	if moved != "" {
		return false, layoutError("%s", moved)
	}
	if lines == 0 {
		return false, layoutError("csv line %d: no line follows the header", header)
	}
	return true, nil
}

// line yields the rows of one record. more is false when the consumer has enough; rest says
// that the line is a rest (Verdict.Rest).
func (f *file) line(rec Record, common []scrape.Cell, yield func(scrape.Row, error) bool) (more, rest bool) {
	p := f.plan
	at := func(i int) scrape.Locator { return scrape.Locator{Member: f.member, Row: rec.Line, Col: i + 1} }
	keys := make([]scrape.Cell, len(common), len(common)+len(p.keys))
	copy(keys, common)
	for _, k := range p.keys {
		keys = append(keys, scrape.Cell{Role: k.field.Role, Header: k.printed, Text: rec.Fields[k.i], At: at(k.i)})
	}
	row := scrape.Row{Table: p.layout.Table, Line: rec.Line, Keys: keys}
	var v Verdict
	if p.layout.Line != nil {
		v = p.layout.Line(keys)
	}
	row.Total = v.Total
	if v.Hold == "" && v.Ignore == "" && p.layout.Ignore == "" {
		v.Hold = f.doubt(rec, keys)
	}
	for i := range p.columns {
		c := &p.columns[i]
		text := rec.Fields[c.i]
		row.Value = scrape.Cell{Header: c.printed, Text: text, At: at(c.i)}
		row.Upper = scrape.Cell{}
		if c.upper >= 0 {
			row.Upper = scrape.Cell{Header: p.header[c.upper], Text: rec.Fields[c.upper], At: at(c.upper)}
		}
		row.Ignore, row.Hold = v.Ignore, v.Hold
		// The checksum of a ZIP's member tells whether it was cut.
		row.Open = rec.Open && f.member == "" && max(c.i, c.upper) == len(rec.Fields)-1
		blank := strings.TrimSpace(text) == ""
		switch {
		case p.layout.Ignore != "":
			row.Ignore, row.Hold = p.layout.Ignore, ""
		case v.Ignore != "":
			row.Hold = ""
		case v.Rest != "" && (blank || c.field != nil && c.field.Ignore != ""):
			row.Ignore, row.Hold = v.Rest, ""
		case v.Rest != "":
			row.Hold = v.Rest
		case c.field == nil && blank:
			continue // an empty cell of a column that nobody knows says nothing
		case c.field == nil:
			row.Hold = fmt.Sprintf("column %q is not declared", c.printed)
		case c.field.Ignore != "":
			row.Ignore, row.Hold = c.field.Ignore, ""
		case blank && c.twinned >= 0 && strings.TrimSpace(rec.Fields[c.twinned]) != "":
			row.Ignore, row.Hold = fmt.Sprintf("left empty: the figure stands under %q", p.header[c.twinned]), ""
		case !blank && c.twin >= 0 && rec.Fields[c.twin] == text:
			row.Ignore, row.Hold = fmt.Sprintf("the same figure stands under %q", p.header[c.twin]), ""
		case !blank && c.twin >= 0 && strings.TrimSpace(rec.Fields[c.twin]) != "":
			row.Hold = fmt.Sprintf("column %q should repeat column %q, which says %q", c.printed, p.header[c.twin], rec.Fields[c.twin])
		case blank && c.field.Blank != "":
			row.Ignore, row.Hold = c.field.Blank, ""
		case !blank && c.field.Filled != "":
			row.Hold = c.field.Filled
		}
		if !yield(row, nil) {
			return false, false
		}
	}
	return true, v.Rest != ""
}

// figure returns a column of the line's figures that is filled; nil for none.
func (f *file) figure(rec Record) *column {
	for i := range f.plan.columns {
		if c := &f.plan.columns[i]; c.field != nil && c.field.Ignore == "" && strings.TrimSpace(rec.Fields[c.i]) != "" {
			return c
		}
	}
	return nil
}

// severalLines is how many lines against Field.Only no misprint explains.
const severalLines = 3

// filledLines is how many lines must fill a column before an empty cell in the last line is
// one that was left behind when the column moved up.
const filledLines = 10

// moved says why the line, the n-th, cannot be the last one of a file; "" when it can. It
// must be called for each line.
func (f *file) moved(rec Record, n int) (why string) {
	for i := range f.plan.columns {
		c := &f.plan.columns[i]
		if c.field == nil || f.plan.layout.Ignore != "" {
			continue
		}
		if strings.TrimSpace(rec.Fields[c.i]) != "" && (c.upper < 0 || strings.TrimSpace(rec.Fields[c.upper]) != "") {
			continue
		}
		reason := max(c.field.Never, c.field.Last)
		if reason == "" && c.blanks == 0 && n > filledLines {
			reason = "all lines above fill it"
		}
		c.blanks++
		if reason != "" {
			why = fmt.Sprintf("csv line %d: column %q is empty in the last line: %s; the column may be shifted against the others", rec.Line, c.printed, reason)
		}
	}
	return why
}

// doubt says why no figure of the line is sure; "" when all are.
func (f *file) doubt(rec Record, keys []scrape.Cell) string {
	if rec.Open && f.plan.layout.Ends {
		return "the file's last line has no line end: it may be cut in the middle of a figure"
	}
	for i := range f.plan.columns {
		c := &f.plan.columns[i]
		blank := strings.TrimSpace(rec.Fields[c.i]) == ""
		if c.field != nil && c.field.Never != "" && (blank || c.upper >= 0 && strings.TrimSpace(rec.Fields[c.upper]) == "") {
			return fmt.Sprintf("column %q is empty: %s", c.printed, c.field.Never)
		}
		if c.field != nil && c.field.Only != nil && !blank {
			if why := c.field.Only(keys); why != "" {
				if c.field.Moved && rec.Fields[c.i] != "0" {
					f.against++
				}
				return fmt.Sprintf("column %q is filled: %s", c.printed, why)
			}
		}
		if c.field == nil && !figureLike(rec.Fields[c.i]) {
			return fmt.Sprintf("column %q is not declared and holds %q: it may split the line's figures", c.printed, rec.Fields[c.i])
		}
	}
	return ""
}

// figureLike reports whether a text has the characters of a number, a share, a band or a
// dash, so that its column is likely to be one more figure and not one more key.
func figureLike(s string) bool {
	for _, r := range s {
		if (r < '0' || r > '9') && !strings.ContainsRune(" \t\u00a0.,'%+-\u00ad–—<>*", r) {
			return false
		}
	}
	return true
}

func empty(fields []string) bool {
	for _, f := range fields {
		if strings.TrimSpace(f) != "" {
			return false
		}
	}
	return true
}

// lay finds the declared layout of a header. It returns nil without an error for a member
// of a ZIP whose name and headers are both unknown.
func (f *file) lay(header []string, line int) (*plan, error) {
	folded := make([]string, len(header))
	for i, h := range header {
		folded[i] = Fold(h)
	}
	var fits []*plan
	var best *Layout
	var bestMiss miss
	bestFound := -1
	for i := range f.report.Layouts {
		l := &f.report.Layouts[i]
		p, found, m := overlay(l, header, folded)
		if p != nil {
			fits = append(fits, p)
			continue
		}
		if l.named(f.base) {
			found += len(header) // the file says which table it wants to be
		}
		if found > bestFound {
			best, bestFound, bestMiss = l, found, m
		}
	}
	if len(fits) > 1 {
		var tables []string
		var named []*plan
		for _, p := range fits {
			tables = append(tables, p.layout.Table)
			if p.layout.named(f.base) {
				named = append(named, p)
			}
		}
		if len(named) != 1 {
			return nil, layoutError("csv line %d: the tables %s have these headers and the file name %q does not say which it is; import it under the publisher's own file name",
				line, strings.Join(tables, ", "), f.base)
		}
		fits = named
	}
	if len(fits) == 1 {
		if other := f.namesake(fits[0].layout); other != "" {
			return nil, layoutError("csv line %d: the headers are those of table %s, but the file name %q says %s; one of the two was exchanged", line, fits[0].layout.Table, f.base, other)
		}
		return fits[0], nil
	}
	if f.member != "" && !best.named(f.base) {
		return nil, nil
	}
	return nil, layoutError("csv line %d: not table %s: %s", line, best.Table, bestMiss.message(header))
}

// namesake returns the table that the file's name says, when it is another one than the
// layout's. Where the name holds key cells it is asked for those alone.
func (f *file) namesake(l *Layout) string {
	if l.Keys != nil || l.named(f.base) {
		return ""
	}
	for i := range f.report.Layouts {
		if o := &f.report.Layouts[i]; o.named(f.base) {
			return o.Table
		}
	}
	return ""
}

// miss is why a declaration does not fit a header.
type miss struct {
	absent [][]string // declared headers that are not there
	twice  []string   // messages about columns that are there twice
}

// message names at most five columns, each with the printed header that is most like it.
func (m miss) message(header []string) string {
	parts := slices.Clone(m.twice)
	for _, printed := range m.absent {
		parts = append(parts, fmt.Sprintf("no column %q%s", printed[0], Nearest(printed, header)))
	}
	if len(parts) > 5 {
		parts = append(parts[:5], fmt.Sprintf("and %d more", len(parts)-5))
	}
	return strings.Join(parts, ", ")
}

// overlay lays a declaration over a printed header. p is nil when it does not fit; found
// counts the declared columns that are there.
func overlay(l *Layout, header, folded []string) (p *plan, found int, m miss) {
	owner := make([]*Field, len(header)) // nil: not declared
	upper := make([]bool, len(header))
	p = &plan{layout: l, header: header}
	find := func(printed []string, optional bool) int {
		at := -1
		for _, d := range printed {
			d = Fold(d)
			for i := range folded {
				if folded[i] != d {
					continue
				}
				if at >= 0 {
					m.twice = append(m.twice, fmt.Sprintf("column %d %q and column %d %q are one column", at+1, header[at], i+1, header[i]))
				}
				at = i
			}
		}
		if at < 0 && !optional {
			m.absent = append(m.absent, printed)
		}
		return at
	}
	uppers := map[*Field]int{}
	for i := range l.Fields {
		fd := &l.Fields[i]
		at := find(fd.Printed, fd.Optional)
		if at < 0 {
			continue
		}
		found++
		owner[at] = fd
		uppers[fd] = -1
		if fd.Upper != nil {
			if u := find(fd.Upper, false); u >= 0 {
				uppers[fd], upper[u] = u, true
				found++
			}
		}
	}
	if m.absent != nil || m.twice != nil {
		return nil, found, m
	}
	for i, fd := range owner {
		switch {
		case upper[i]:
		case fd == nil:
			p.columns = append(p.columns, column{i: i, upper: -1, twin: -1, twinned: -1, printed: header[i]})
		default:
			c := column{field: fd, i: i, upper: uppers[fd], twin: -1, twinned: -1, printed: header[i]}
			if fd.Role != "" {
				p.keys = append(p.keys, c)
			}
			if fd.Role == "" || fd.Figure {
				p.columns = append(p.columns, c)
			}
		}
	}
	for i := range p.columns {
		a := &p.columns[i]
		for j := range p.columns {
			if b := &p.columns[j]; a.field != nil && b.field != nil && a.field.Twin != "" && slices.Contains(b.field.Printed, a.field.Twin) {
				a.twin, b.twinned = b.i, a.i
			}
		}
	}
	return p, found, miss{}
}

// Nearest names, for the end of a message, the printed header that is most like a declared
// one: `; the nearest header is "Request"`. It is "" when none is printed.
func Nearest(declared, printed []string) string {
	best, least := "", 1<<30
	for _, h := range printed {
		for _, d := range declared {
			if n := distance(Fold(d), Fold(h)); n < least {
				best, least = h, n
			}
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; the nearest header is %q", best)
}

// distance is the number of letters to insert, delete or replace (Levenshtein), up to a
// length that no header reaches.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	x, y = x[:min(len(x), 200)], y[:min(len(y), 200)]
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(y)]
}
