package scrapetest

import (
	"bytes"
	"fmt"
	"iter"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"daylight/scrape"
	"daylight/scrape/grid"
)

// Mutant is a capture with one change of the kind that publishers, mirrors and people who
// save files again make.
type Mutant struct {
	Kind    string   // snake_case, one of Kinds
	Where   string   // what was changed, for messages
	Table   string   // scrape.Row.Table that was changed; "" for the whole file
	Columns []string // headers of the columns that were changed, as printed; nil when the kind is about no column
	Capture scrape.Capture
}

// kind is one kind of change: it makes its mutants of the document in the lab.
type kind struct {
	name string
	make func(l *lab)
}

// Kinds lists the kinds of mutants by name, in the order in which Mutants makes them.
func Kinds() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.name)
	}
	return out
}

// Sample says how many mutants are made. The zero value makes all of them.
type Sample struct {
	// Spread is how many places of each table are tried for a kind that has no need to try
	// all; 0 is 2.
	Spread int
	// Of the mutants of each kind only every Every-th is made, the First-th first; 0 is all.
	Every, First int
}

// Mutants changes a capture that the source reads in every kind of way that its format
// allows. The changes are the same in every run. The mutant of kind "unchanged" is the
// capture taken apart and put together again.
func Mutants(t testing.TB, src scrape.Source, c scrape.Capture, sample Sample) iter.Seq[Mutant] {
	t.Helper()
	d, err := takeApart(src, c)
	if err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	if sample.Spread == 0 {
		sample.Spread = 2
	}
	sample.Every = max(1, sample.Every)
	return func(yield func(Mutant) bool) {
		l := &lab{d: d, sample: sample, spread: sample.Spread, original: d.bytes(), yield: yield}
		for _, k := range kinds {
			l.kind, l.n = k.name, 0
			if k.make(l); l.stopped {
				return
			}
		}
	}
}

// Completed returns the capture as a whole file, so that every relation that such a file
// must keep is there to be broken. What an excerpt left out stands there as one line: for
// each table that prints a total, with what the total has more than the printed lines; for
// each half-year that a table lacks, a copy of the line that follows. begins names the
// half-year ("2013-H1") with which a table begins, by scrape.Row.Table. The capture is
// returned as it is when it is no excerpt.
func Completed(t testing.TB, src scrape.Source, c scrape.Capture, begins map[string]string) scrape.Capture {
	t.Helper()
	if !c.Excerpt {
		return c
	}
	d, err := takeApart(src, c)
	if err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	for _, t := range d.tables {
		switch {
		case len(t.totals) == 1 && d.format == formatXLSX:
			t.addRest()
		case d.format == formatCSV && len(t.lines) > 0:
			t.addHalves(begins[t.name])
		}
	}
	whole := scrape.BytesCapture(d.bytes())
	c.SHA256, c.Size, c.Excerpt = whole.SHA256, whole.Size, false
	return c.WithBody(whole.Open)
}

// addHalves adds a line for each half-year that is missing.
func (t *table) addHalves(begin string) {
	col, ok := t.periodColumn()
	if !ok {
		return
	}
	blocks := map[int][]row{}
	first, last := math.MaxInt, 0
	from, to := t.lines[0], t.lines[len(t.lines)-1]
	for _, r := range t.rows[from : to+1] {
		h, ok := halfOf(r.text(col))
		if !ok {
			return // not a table of half-years
		}
		blocks[h] = append(blocks[h], r)
		first, last = min(first, h), max(last, h)
	}
	down := first < last && t.rows[from].text(col) == blocks[last][0].text(col)
	if h, ok := halfOf(begin); ok {
		first = min(first, h)
	}
	end, open := t.end(), t.rows[to].end
	var rows []row
	for h := last; h >= first; h-- {
		block := blocks[h]
		if block == nil {
			next := blocks[h+1][0]
			next.cells = slices.Clone(next.cells)
			block = []row{next}
			blocks[h] = block
			one := &table{rows: block, keys: t.keys}
			one.shiftPeriod(0, -1)
		}
		if down {
			rows = append(rows, block...)
		} else {
			rows = append(slices.Clone(block), rows...)
		}
	}
	for i := range rows {
		rows[i].end = end
	}
	rows[len(rows)-1].end = open
	t.rows = slices.Concat(t.rows[:from], rows, t.rows[to+1:])
}

// addRest adds the line that a table's total demands, where the order of the names puts it.
func (t *table) addRest() {
	total, name := t.totals[0], t.keys[scrape.RoleCountry]
	base := t.figures[0] // requests; or the accounts, where the outcomes count those
	if t.name == "civil" {
		base = t.figures[1]
	}
	rest := map[int]float64{}
	for _, col := range t.figures {
		whole, _ := number(t.rows[total].text(col))
		if rest[col] = whole - t.sum(col); rest[col] < 0 {
			return // the total counts what several lines count
		}
	}
	if rest[base] == 0 {
		return
	}
	own := t.ordinary()
	country := ""
	for _, country = range []string{"Cyprus", "Greece", "Malta", "Norway"} {
		if !slices.ContainsFunc(own, func(r int) bool { return t.rows[r].text(name) == country }) {
			break
		}
	}
	at := own[len(own)-1] + 1
	for _, r := range own {
		if t.rows[r].text(name) > country {
			at = r
			break
		}
	}
	t.insertRow(at, t.like(own[0], func(col int, _ cell) string {
		switch {
		case col == name:
			return country
		case slices.Contains(t.figures, col):
			return show(rest[col])
		case slices.Contains(t.figures, col+1) && t.headers[col+1].col == col:
			return show(rest[col+1] / rest[base])
		}
		return ""
	}))
}

// lab is where the kinds work.
type lab struct {
	d        *document
	original []byte
	sample   Sample
	spread   int
	kind     string
	n        int // mutants of the kind, those that were passed over included
	yield    func(Mutant) bool
	stopped  bool
}

// next reports whether the next mutant of the kind is one of the sample.
func (l *lab) next() bool {
	n := l.n
	l.n++
	return !l.stopped && n%l.sample.Every == l.sample.First%l.sample.Every
}

// emit hands a mutant on that is one of the sample and differs from the capture.
func (l *lab) emit(m Mutant, content []byte) {
	if l.next() {
		l.hand(m, content)
	}
}

func (l *lab) hand(m Mutant, content []byte) {
	if l.kind != "unchanged" && m.Capture.Name == "" && bytes.Equal(content, l.original) {
		return
	}
	b := scrape.BytesCapture(content)
	c := l.d.capture
	c.SHA256, c.Size = b.SHA256, b.Size
	if m.Capture.Name != "" {
		c.Name = m.Capture.Name
	}
	m.Kind, m.Capture = l.kind, c.WithBody(b.Open)
	l.stopped = !l.yield(m)
}

// change emits the document with one table changed; cols are the columns that it is about.
func (l *lab) change(i int, cols []int, where string, edit func(t *table)) {
	if !l.next() {
		return
	}
	e := l.d.clone()
	t := e.tables[i]
	edit(t)
	var names []string
	for _, c := range cols {
		names = append(names, l.d.tables[i].header(c))
	}
	if m := l.d.tables[i].member; m != "" {
		where = m + ": " + where
	}
	l.hand(Mutant{Where: where, Table: t.name, Columns: names}, e.bytes())
}

// tables calls make with each table that figures are taken from.
func (l *lab) tables(make func(i int, t *table)) {
	for i, t := range l.d.tables {
		if len(t.lines) > 0 {
			make(i, t)
		}
	}
}

// raw emits the whole file changed as bytes; of a ZIP, each member that is a table, in an
// archive that is whole.
func (l *lab) raw(where string, edit func(s string) string) {
	if len(l.d.parts) == 0 || l.d.parts[0].member == "" {
		l.emit(Mutant{Where: where}, []byte(edit(string(l.original))))
		return
	}
	for i, p := range l.d.parts {
		if p.table < 0 || len(l.d.tables[p.table].lines) == 0 || !l.next() {
			continue
		}
		e := l.d.clone()
		e.parts[i] = part{p.member, -1, edit(l.d.content(p))}
		l.hand(Mutant{Where: p.member + ": " + where, Table: l.d.tables[p.table].name}, e.bytes())
	}
}

// text is raw of captures that are no workbooks.
func (l *lab) text(where string, edit func(s string) string) {
	if l.d.format != formatXLSX {
		l.raw(where, edit)
	}
}

// headers changes the text of header cells.
func (l *lab) headers(edit func(string) string) {
	l.columns(func(i int, t *table, c int) {
		if p, ok := t.headers[c]; ok {
			s := t.rows[p.row].text(p.col)
			l.change(i, []int{c}, fmt.Sprintf("header %q is %q", s, edit(s)), func(t *table) { t.set(p.row, p.col, edit(s)) })
		}
	})
}

// columns calls make with some columns of figures and of keys of each table.
func (l *lab) columns(make func(i int, t *table, col int)) {
	l.tables(func(i int, t *table) {
		for _, c := range append(spots(t.figures, l.spread+1), spots(t.keyColumns(), l.spread)...) {
			make(i, t, c)
		}
	})
}

// allPairs is the number of columns up to which every pair is exchanged.
const allPairs = 10

// pairs calls make with pairs of columns of figures of each table: all, or of a wide table
// neighbours and some others.
func (l *lab) pairs(make func(i int, t *table, a, b int)) {
	l.tables(func(i int, t *table) {
		for n, a := range t.figures {
			for m, b := range t.figures[:n] {
				if far := n - m; len(t.figures) > allPairs && far != 1 && far != 3 && (n*7+m)%(40/l.spread) != 0 {
					continue
				}
				make(i, t, b, a)
			}
		}
	})
}

// lines calls make with some lines of each table.
func (l *lab) lines(make func(i int, t *table, row int)) {
	l.tables(func(i int, t *table) {
		for _, r := range spots(t.ordinary(), l.spread) {
			make(i, t, r)
		}
	})
}

// totals calls make with the line of totals of each table that has one.
func (l *lab) totals(make func(i int, t *table, row int)) {
	l.tables(func(i int, t *table) {
		if _, ok := t.keys[scrape.RoleCountry]; ok && len(t.totals) == 1 && len(t.lines) > 2 {
			make(i, t, t.totals[0])
		}
	})
}

// printedNumber matches counts, shares and bands, and not the name of an instrument.
var printedNumber = regexp.MustCompile(`^[\s0-9.,%–-]*[0-9][\s0-9.,%–-]*$`)

// numbers changes the figures: of each table at once, and of one column or line.
func (l *lab) numbers(edit func(string) string) {
	l.tables(func(i int, t *table) {
		apply := func(where string, rows, cols []int) {
			l.change(i, cols, where, func(t *table) {
				for _, r := range rows {
					for _, c := range cols {
						s := t.rows[r].text(c)
						if printedNumber.MatchString(s) && edit(s) != s {
							t.set(r, c, edit(s))
							if x := &t.rows[r].cells[c]; x.kind == grid.KindNumber {
								if _, err := strconv.ParseFloat(x.text, 64); err != nil {
									x.kind = grid.KindText
								}
							}
						}
					}
				}
			})
		}
		apply("all figures", t.lines, t.figures)
		for _, c := range spots(t.figures, l.spread) {
			apply(fmt.Sprintf("figures of %q", t.header(c)), t.lines, []int{c})
		}
		for _, r := range spots(t.ordinary(), l.spread) {
			apply(fmt.Sprintf("figures of row %d", r+1), []int{r}, t.figures)
		}
	})
	l.phrases(isFigure, edit)
}

// shares changes the columns of shares, those whose header says so, in a text or page.
func (l *lab) shares(edit func(v float64, sign bool) string) {
	if l.d.format == formatXLSX {
		return
	}
	l.tables(func(i int, t *table) {
		for _, c := range t.figures {
			if h := strings.ToLower(t.header(c)); !strings.Contains(h, "percent") && !strings.Contains(h, "pourcent") {
				continue
			}
			for _, rows := range [][]int{t.lines, spots(t.lines, 1)} {
				l.change(i, []int{c}, fmt.Sprintf("shares of %q in %d rows", t.header(c), len(rows)), func(t *table) {
					for _, r := range rows {
						if v, ok := number(t.rows[r].text(c)); ok {
							t.set(r, c, edit(v, strings.Contains(t.rows[r].text(c), "%")))
						}
					}
				})
			}
		}
	})
}

var bandText = regexp.MustCompile(`^\s*([0-9][0-9,.]*)\s*(?:-|–|and|to|und|bis)\s*([0-9][0-9,.]*)\s*$`)

// bands changes figures that are bands.
func (l *lab) bands(edit func(low, high string) string) {
	l.numbers(func(s string) string {
		if m := bandText.FindStringSubmatch(s); m != nil {
			return edit(m[1], m[2])
		}
		return s
	})
}

// phrases changes each of the texts that a source found in prose.
func (l *lab) phrases(which func(phrase) bool, edit func(string) string) {
	for _, p := range l.d.phrases {
		if which(p) {
			s := l.d.parts[0].bytes
			l.emit(Mutant{Where: fmt.Sprintf("%q is %q", p.text, edit(p.text))}, []byte(strings.Replace(s, p.text, edit(p.text), 1)))
		}
	}
}

// swapPhrases exchanges two texts in prose.
func (l *lab) swapPhrases(which func(phrase) bool) {
	var found []string
	for _, p := range l.d.phrases {
		if which(p) {
			found = append(found, p.text)
		}
	}
	for i, b := range found {
		for _, a := range found[:i] {
			const mark = "\x00"
			s := strings.Replace(l.d.parts[0].bytes, a, mark, 1)
			s = strings.Replace(strings.Replace(s, b, a, 1), mark, b, 1)
			l.emit(Mutant{Where: fmt.Sprintf("%q and %q exchanged", a, b), Columns: []string{a, b}}, []byte(s))
		}
	}
}

// prose changes the text for each of its figures.
func (l *lab) prose(edit func(s, figure string) string) {
	for _, p := range l.d.phrases {
		if isFigure(p) {
			l.emit(Mutant{Where: p.text}, []byte(edit(l.d.parts[0].bytes, p.text)))
		}
	}
}

func isHeader(p phrase) bool { return p.header }
func isPeriod(p phrase) bool { return p.period }
func isFigure(p phrase) bool { return !p.header && !p.period }

// sentenceOf returns the sentence that a figure stands in.
func sentenceOf(s, figure string) string {
	at := strings.Index(s, figure)
	for _, c := range grid.Sentences(s) {
		if c.Start <= at && at < c.End {
			text := c.Text
			// Markup in front of the first word belongs to the paragraph.
			if i := strings.LastIndex(text, "<p>"); i >= 0 {
				text = text[i+len("<p>"):]
			}
			text, _, _ = strings.Cut(text, "</p>")
			return text
		}
	}
	return ""
}

// spots chooses up to n of a list, spread over it.
func spots[T any](list []T, n int) []T {
	if len(list) <= n {
		return list
	}
	switch n {
	case 1:
		return []T{list[len(list)/3]}
	case 2:
		return []T{list[len(list)/3], list[len(list)-1]}
	}
	var out []T
	for i := range n {
		out = append(out, list[i*(len(list)-1)/(n-1)])
	}
	return out
}

// header returns the printed header of a column, or its letters.
func (t *table) header(col int) string {
	if p, ok := t.headers[col]; ok {
		return t.rows[p.row].text(p.col)
	}
	return scrape.ColumnName(col + 1)
}

// keyColumns lists the columns of the keys, rising.
func (t *table) keyColumns() (cols []int) {
	for _, c := range t.keys {
		if !slices.Contains(cols, c) && !slices.Contains(t.figures, c) {
			cols = append(cols, c)
		}
	}
	slices.Sort(cols)
	return cols
}

// country returns the column in which a line says whom it is about, or what.
func (t *table) country() (int, bool) {
	for _, r := range []scrape.Role{scrape.RoleCountry, scrape.RoleProcess, scrape.RolePeriod, scrape.RolePeriodEnd} {
		if c, ok := t.keys[r]; ok {
			return c, true
		}
	}
	return 0, false
}

// ordinary lists the lines that are no totals.
func (t *table) ordinary() (lines []int) {
	for _, r := range t.lines {
		if !slices.Contains(t.totals, r) {
			lines = append(lines, r)
		}
	}
	return lines
}

// last is the last column of the table.
func (t *table) last() int {
	last := t.figures[len(t.figures)-1]
	for _, c := range t.keys {
		last = max(last, c)
	}
	return last
}

// sum adds up a column of the lines that are no totals.
func (t *table) sum(col int) (sum float64) {
	for _, r := range t.ordinary() {
		if v, ok := number(t.rows[r].text(col)); ok {
			sum += v
		}
	}
	return sum
}

func (t *table) set(row, col int, text string) {
	r := &t.rows[row]
	for len(r.cells) <= col {
		r.cells = append(r.cells, cell{})
	}
	c := &r.cells[col]
	if c.text = text; c.kind == 0 && text != "" {
		c.kind = grid.KindText
	}
}

func (t *table) blank(row, col int) {
	if col < len(t.rows[row].cells) {
		c := &t.rows[row].cells[col]
		c.text, c.kind = "", 0
	}
}

// swap exchanges two cells of a row.
func (t *table) swap(row, a, b int) {
	cells := t.rows[row].cells
	for len(cells) <= max(a, b) {
		cells = append(cells, cell{})
	}
	t.rows[row].cells = cells
	x, y := cells[a], cells[b]
	x.open, y.open = y.open, x.open // the markup stays where it is
	x.close, y.close = y.close, x.close
	cells[a], cells[b] = y, x
}

// swapLines exchanges the cells of two lines, as far as the table reaches; a note beside it
// stays.
func (t *table) swapLines(a, b int) {
	x, y := t.rows[a].cells, t.rows[b].cells
	for c := 0; c <= t.last() && c < len(x) && c < len(y); c++ {
		x[c], y[c] = y[c], x[c]
	}
}

// insertColumn makes room in every row that has cells; text returns what stands there.
func (t *table) insertColumn(col int, text func(row int) string) {
	for i := range t.rows {
		r := &t.rows[i]
		if len(r.cells) < col || len(r.cells) == 0 {
			continue
		}
		near := r.cells[min(col, len(r.cells)-1)]
		r.cells = slices.Insert(r.cells, col, cell{open: near.open, close: near.close})
		t.set(i, col, text(i))
	}
	for i := range t.merged {
		if m := &t.merged[i]; m.Col1 > col {
			m.Col1++
			m.Col2++
		} else if m.Col2 > col {
			m.Col2++
		}
	}
}

// under puts a header into the row of headers and something else into the lines.
func (t *table) under(header string, text func(row int) string) func(row int) string {
	at := t.head - 1
	if p, ok := t.headers[t.figures[0]]; ok {
		at = p.row
	}
	return func(row int) string {
		switch {
		case row == at:
			return header
		case slices.Contains(t.lines, row):
			return text(row)
		}
		return ""
	}
}

// deleteColumn takes a column out of the rows that the function names.
func (t *table) deleteColumn(col int, from func(row int) bool) {
	for i := range t.rows {
		if r := &t.rows[i]; col < len(r.cells) && from(i) {
			r.cells = slices.Delete(r.cells, col, col+1)
		}
	}
	t.shrink(col, func(m *grid.Range) (first, last *int) { return &m.Col1, &m.Col2 })
}

// shrink takes the row or column at i out of the merged cells; ends names the ends of one that count.
func (t *table) shrink(i int, ends func(*grid.Range) (first, last *int)) {
	var kept []grid.Range
	for _, m := range t.merged {
		first, last := ends(&m)
		if *first > i+1 {
			*first--
		}
		if *last > i {
			*last--
		}
		if *last >= *first && (m.Col2 > m.Col1 || m.Row2 > m.Row1) {
			kept = append(kept, m)
		}
	}
	t.merged = kept
}

// insertRow puts a row in front of the one at i; i may be the number of rows.
func (t *table) insertRow(i int, r row) {
	if i == len(t.rows) && i > 0 && t.rows[i-1].end == "" {
		t.rows[i-1].end = t.end() // a text file that did not end its last line
		r.end = ""
	}
	t.rows = slices.Insert(t.rows, i, r)
	for j := range t.merged {
		if m := &t.merged[j]; m.Row1 > i {
			m.Row1++
			m.Row2++
		} else if m.Row2 > i {
			m.Row2++
		}
	}
}

// end is how rows end.
func (t *table) end() string {
	for _, r := range t.rows {
		if r.end != "" {
			return r.end
		}
	}
	return ""
}

func (t *table) deleteRow(i int) {
	if i == len(t.rows)-1 && i > 0 && t.rows[i].end == "" {
		t.rows[i-1].end = ""
	}
	t.rows = slices.Delete(t.rows, i, i+1)
	t.shrink(i, func(m *grid.Range) (first, last *int) { return &m.Row1, &m.Row2 })
}

// like returns a row of the same shape, with other texts.
func (t *table) like(i int, text func(col int, c cell) string) row {
	r := t.rows[i]
	r.cells = slices.Clone(r.cells)
	for j := range r.cells {
		c := &r.cells[j]
		s := text(j, *c)
		if c.text != s {
			c.kind = grid.KindText
			if _, err := strconv.ParseFloat(s, 64); err == nil {
				c.kind = grid.KindNumber
			} else if s == "" {
				c.kind = 0
			}
		}
		c.text = s
	}
	return r
}

// number reads a printed count or share; ok is false for anything else.
func number(s string) (v float64, ok bool) {
	v, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSuffix(strings.TrimSpace(s), "%"), ",", ""), 64)
	return v, err == nil
}

func show(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

var (
	digits = regexp.MustCompile(`[0-9]+`)
	whole  = regexp.MustCompile(`[0-9]{1,3}(?:[,.][0-9]{3})+\b|[0-9]+`)
)

// group sets thousands apart.
func group(s, separator string) string {
	return whole.ReplaceAllStringFunc(s, func(n string) string {
		n = strings.NewReplacer(",", "", ".", "").Replace(n)
		for i := len(n) - 3; i > 0 && separator != ""; i -= 3 {
			n = n[:i] + separator + n[i:]
		}
		return n
	})
}

func replaceLetter(r rune) rune {
	if r == 'e' {
		return 'a'
	}
	return r
}

// synonyms are the words that a mirror changed, in the manner of babelserver.org/distort.
var synonyms = strings.NewReplacer(
	"Requests", "Demands", "requests", "demands", "Accounts", "Bills", "accounts", "bills",
	"Content", "Matter", "content", "matter", "Data", "Information", "data", "information",
	"Orders", "Commands", "orders", "commands", "Letters", "Mails", "Warrant", "Order", "warrants", "orders",
	"United", "Joined", "States", "Countries", "land", "country", "Republic", "Nation", "Subpoena", "Summons",
	"Police", "Guards", "Legal", "Lawful", "Emergency", "Urgent", "six months", "half year", "June", "summer",
	"an", "na", "ia", "ai", "er", "re",
)

func replaceWords(s string) string { return synonyms.Replace(s) }

// timeRoles are the keys that say the time of a line.
var timeRoles = []scrape.Role{scrape.RolePeriod, scrape.RolePeriodStart, scrape.RolePeriodEnd}

// periodColumn is the column of the time in each line.
func (t *table) periodColumn() (int, bool) {
	for _, r := range []scrape.Role{scrape.RolePeriod, scrape.RolePeriodEnd} {
		if c, ok := t.keys[r]; ok {
			return c, true
		}
	}
	return 0, false
}

func (t *table) dateColumns() (cols []int) {
	for _, r := range append(slices.Clone(timeRoles), scrape.RoleDate) {
		if c, ok := t.keys[r]; ok {
			cols = append(cols, c)
		}
	}
	return cols
}

// shiftPeriod moves all cells of a line that say its time.
func (t *table) shiftPeriod(row, by int) {
	for _, r := range timeRoles {
		if c, ok := t.keys[r]; ok {
			t.set(row, c, shiftText(t.rows[row].text(c), by))
		}
	}
}

// Texts that name a half-year or one of its days, as the publishers print them.
var (
	year      = regexp.MustCompile(`20[0-9]{2}`)
	halfText  = regexp.MustCompile(`(20[0-9]{2})([-_ ]?)H([12])`)
	monthText = regexp.MustCompile(`(?i)\b(jan|jun|jul|dec)[a-z]*\b`)
	isoDay    = regexp.MustCompile(`\b(20[0-9]{2})-([0-9]{2})-([0-9]{2})\b`)
	slashDay  = regexp.MustCompile(`\b([0-9]{1,2})/([0-9]{1,2})/([0-9]{2,4})\b`)
)

// halfOf numbers the half-year that a text names, or in which the day lies that it names.
func halfOf(s string) (int, bool) {
	var y, m string
	if h := halfText.FindStringSubmatch(s); h != nil {
		y, m = h[1], map[string]string{"1": "1", "2": "7"}[h[3]]
	} else if d := isoDay.FindStringSubmatch(s); d != nil {
		y, m = d[1], d[2]
	} else if d := slashDay.FindStringSubmatch(s); d != nil {
		y, m = d[3], d[1]
	}
	year, err1 := strconv.Atoi(y)
	month, err2 := strconv.Atoi(m)
	return year*2 + (month-1)/6, err1 == nil && err2 == nil
}

// turned are the months of the other half of a year.
var turned = map[string]string{"jan": "Jul", "january": "July", "jun": "Dec", "june": "December", "jul": "Jan", "july": "January", "dec": "June", "december": "June"}

// shiftText moves a text that names a half-year, or the first or last day of one, by a
// number of half-years.
func shiftText(s string, by int) string {
	if m := halfText.FindStringSubmatch(s); m != nil {
		y, _ := strconv.Atoi(m[1])
		n := y*2 + int(m[3][0]-'1') + by
		return strings.Replace(s, m[0], fmt.Sprintf("%d%sH%d", n/2, m[2], n%2+1), 1)
	}
	if m := isoDay.FindStringSubmatch(s); m != nil {
		return strings.Replace(s, m[0], moved(m[1], m[2], m[3], by).Format(time.DateOnly), 1)
	}
	if m := slashDay.FindStringSubmatch(s); m != nil {
		y := m[3]
		if len(y) == 2 {
			y = "20" + y
		}
		at := moved(y, m[1], m[2], by)
		out := at.Format("1/2/2006")
		if len(m[3]) == 2 {
			out = at.Format("1/2/06")
		} else if len(m[1]) == 2 {
			out = at.Format("01/02/2006")
		}
		return strings.Replace(s, m[0], out, 1)
	}
	if !monthText.MatchString(s) {
		return s
	}
	if by%2 != 0 {
		first := strings.ToLower(monthText.FindString(s))
		second := strings.HasPrefix(first, "jul") || strings.HasPrefix(first, "dec")
		s = monthText.ReplaceAllStringFunc(s, func(m string) string { return turned[strings.ToLower(m)] })
		s = strings.NewReplacer("June 31", "June 30", "December 30", "December 31").Replace(s)
		switch {
		case by > 0 && second: // into the next year
			by++
		case by < 0 && !second: // into the year before
			by--
		case by > 0:
			by--
		default:
			by++
		}
	}
	return year.ReplaceAllStringFunc(s, func(y string) string {
		n, _ := strconv.Atoi(y)
		return strconv.Itoa(n + by/2)
	})
}

// moved moves the first or last day of a half-year.
func moved(year, month, day string, by int) time.Time {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	if d == 1 {
		return time.Date(y, time.Month(m+6*by), 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(y, time.Month(m+6*by+1), 0, 0, 0, 0, 0, time.UTC)
}

// dayFirst turns month/day/year into day/month/year.
func dayFirst(s string) string { return slashDay.ReplaceAllString(s, "$2/$1/$3") }
