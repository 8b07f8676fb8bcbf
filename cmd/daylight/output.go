package main

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"daylight/queries"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// rows is what prints: columns and, one after the other, lines of values. Values are
// those that package warehouse hands out, and []string.
type rows interface {
	header() []string
	next() ([]any, error) // io.EOF after the last line
}

// sheet is rows at hand.
type sheet struct {
	columns []string
	lines   [][]any
	at      int
}

func (m *sheet) add(values ...any) { m.lines = append(m.lines, values) }
func (m *sheet) header() []string  { return m.columns }
func (m *sheet) next() ([]any, error) {
	if m.at >= len(m.lines) {
		return nil, io.EOF
	}
	m.at++
	return m.lines[m.at-1], nil
}

// formats of --format.
const (
	formatTable = "table"
	formatCSV   = "csv"
	formatJSON  = "json"
)

// write prints rows in the given format. CSV and JSON stream; a table is held in memory,
// because its column widths depend on all of its lines. The column of advisories stays a
// text in CSV, is an array of texts in JSON, and in a table it is marks of footnotes.
func write(w io.Writer, format string, r rows) error {
	switch format {
	case formatCSV:
		return writeCSV(w, r)
	case formatJSON:
		return writeJSON(w, r)
	}
	return writeTable(w, r, screenWidth(w))
}

// writeTable prints a table; where it is wider than the screen, long texts are broken. A
// width of 0 is that of a file, in which a row is a line.
func writeTable(w io.Writer, r rows, width int) error {
	names := slices.Clone(r.header())
	var lines [][]any
	for {
		v, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		lines = append(lines, slices.Clone(v)) // the rows may use it again
	}
	notes := footnotes(names, lines)
	if len(lines) == 0 {
		_, err := fmt.Fprintf(w, "%s\n(no rows)\n", strings.Join(names, "  "))
		return err
	}
	t := plainTable()
	header := table.Row{}
	for _, c := range names {
		header = append(header, c)
	}
	t.AppendHeader(header)
	numeric, years := make([]bool, len(header)), make([]bool, len(header))
	for i := range header {
		numeric[i], years[i] = columnOf(lines, i)
	}
	widths, words := make([]int, len(header)), make([]int, len(header))
	for i, name := range names {
		widths[i] = text.LongestLineLen(name)
		words[i] = widths[i]
	}
	for _, v := range lines {
		line := table.Row{}
		for i, x := range v {
			s := show(x, !years[i] || x == nil)
			widths[i] = max(widths[i], text.LongestLineLen(s))
			words[i] = max(words[i], longestWord(s))
			line = append(line, s)
		}
		t.AppendRow(line)
	}
	if width > 0 {
		fit(widths, words, width)
	}
	var configs []table.ColumnConfig
	for i, n := range numeric {
		c := table.ColumnConfig{Number: i + 1, WidthMax: widths[i], WidthMaxEnforcer: text.WrapSoft}
		if n {
			c.Align, c.AlignHeader = text.AlignRight, text.AlignRight
		}
		configs = append(configs, c)
	}
	t.SetColumnConfigs(configs)
	var b strings.Builder
	b.WriteString(t.Render())
	b.WriteString("\n")
	for i, n := range notes {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString(hang(fmt.Sprintf("%-*s", len(strconv.Itoa(len(notes)))+3, mark(i)), n, textWidth(width)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// plainTable is a table without lines but that under its header.
func plainTable() table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Options.SeparateHeader = true
	t.SetStyle(style)
	return t
}

// fit makes the widest columns narrower until the table is as wide as the screen. No column
// becomes narrower than its longest word, because half a code is none; a table that is too
// wide even then stays as it is, a line each row.
func fit(widths, words []int, screen int) {
	total, least := 0, 0
	for i := range widths {
		total += widths[i] + 2 // a blank on each side
		least += words[i] + 2
	}
	if least > screen {
		return
	}
	for ; total > screen; total-- {
		widest := -1
		for i, n := range widths {
			if n > words[i] && (widest < 0 || n > widths[widest]) {
				widest = i
			}
		}
		widths[widest]--
	}
}

func longestWord(s string) int {
	longest := 0
	for word := range strings.FieldsSeq(s) {
		longest = max(longest, text.StringWidthWithoutEscSequences(word))
	}
	return longest
}

// footnotes turns the column of advisories, where there is one, into a narrow one of marks,
// and returns what the marks stand for: each distinct advisory once, in order of appearance.
// Advisories are sentences: in a column they would push the figures off the screen.
func footnotes(names []string, lines [][]any) []string {
	at := slices.Index(names, queries.AdvisoryColumn)
	if at < 0 {
		return nil
	}
	var notes []string
	marks := make([]string, len(lines))
	number := map[string]int{}
	for i, v := range lines {
		list, ok := advisories(v[at])
		if !ok {
			return nil // a column of that name with something else in it
		}
		for _, a := range list {
			n, known := number[a]
			if !known {
				n = len(notes)
				number[a] = n
				notes = append(notes, a)
			}
			marks[i] += mark(n)
		}
	}
	names[at] = "notes"
	for i := range lines {
		lines[i][at] = marks[i]
	}
	return notes
}

// mark is the mark of the i-th footnote.
func mark(i int) string { return "[" + strconv.Itoa(i+1) + "]" }

// advisories takes a value of the column of advisories apart; false when it holds none.
func advisories(x any) ([]string, bool) {
	out := []string{}
	switch v := x.(type) {
	case nil:
		return out, true
	case string:
		for a := range strings.SplitSeq(v, queries.AdvisorySeparator) {
			if a != "" {
				out = append(out, a)
			}
		}
		return out, true
	}
	return nil, false
}

// screenWidth is the width of the terminal, 0 when w is none.
func screenWidth(w io.Writer) int {
	if !onTerminal(w) {
		return 0
	}
	n, _, err := term.GetSize(int(w.(*os.File).Fd()))
	if err != nil {
		return 0
	}
	return n
}

// textWidth is how wide running text is set: as wide as the screen, but no line that the eye
// loses, and the same everywhere that is no screen.
func textWidth(screen int) int {
	const usual, least, most = 100, 60, 120
	if screen == 0 {
		return usual
	}
	return max(least, min(screen, most))
}

// hang sets a paragraph of that width behind its lead, the further lines under the first.
func hang(lead, s string, width int) string {
	indent := text.StringWidthWithoutEscSequences(lead)
	var b strings.Builder
	for i, line := range wrap(s, width-indent) {
		if i > 0 {
			lead = strings.Repeat(" ", indent)
		}
		b.WriteString(strings.TrimRight(lead+line, " "))
		b.WriteString("\n")
	}
	return b.String()
}

// wrap breaks a text at its blanks into lines of at most that width; a longer word stands
// alone on its line, because half a name of an edition is none.
func wrap(s string, width int) []string {
	var lines []string
	var line string
	for word := range strings.FieldsSeq(s) {
		switch {
		case line == "":
			line = word
		case text.StringWidthWithoutEscSequences(line+" "+word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// columnOf says whether a column holds numbers, and whether all of them look like years,
// which are printed without separators.
func columnOf(lines [][]any, i int) (numeric, years bool) {
	years = true
	for _, v := range lines {
		switch x := v[i].(type) {
		case int64:
			numeric = true
			years = years && 1900 <= x && x <= 2100
		case uint64, float64:
			numeric, years = true, false
		}
	}
	return numeric, numeric && years
}

func writeCSV(w io.Writer, r rows) error {
	c := csv.NewWriter(w)
	if err := c.Write(r.header()); err != nil {
		return err
	}
	for {
		v, err := r.next()
		if err == io.EOF {
			c.Flush()
			return c.Error()
		}
		if err != nil {
			return err
		}
		line := make([]string, len(v))
		for i, x := range v {
			line[i] = show(x, false)
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
}

// writeDocument prints one JSON document, indented.
func writeDocument(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// writeJSON prints one array of objects, a line each, keys in column order. Two columns of
// one name are refused, because most readers would keep one of them without a word.
func writeJSON(w io.Writer, r rows) error {
	names := r.header()
	keys := make([]string, len(names))
	seen := map[string]bool{}
	for i, h := range names {
		if seen[h] {
			return usagef("--format json: two columns are named %q: give one another name with AS", h)
		}
		seen[h] = true
		k, err := marshal(h)
		if err != nil {
			return err
		}
		keys[i] = string(k)
	}
	sep := "[\n"
	for {
		v, err := r.next()
		if err == io.EOF {
			end := "\n]\n"
			if sep == "[\n" {
				end = "[]\n"
			}
			_, err := io.WriteString(w, end)
			return err
		}
		if err != nil {
			return err
		}
		var b strings.Builder
		b.WriteString(sep)
		b.WriteString("  {")
		for i, x := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			if list, ok := advisories(x); ok && names[i] == queries.AdvisoryColumn {
				x = list
			}
			value, err := marshal(jsonValue(x))
			if err != nil {
				return err
			}
			b.WriteString(keys[i])
			b.WriteString(": ")
			b.Write(value)
		}
		b.WriteString("}")
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
		sep = ",\n"
	}
}

// marshal is json.Marshal without its escapes for HTML: printed texts stay as printed.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// jsonValue turns a value into what JSON can hold without losing anything: keys of 64 bits
// are texts, because many readers hold numbers as doubles, and so are infinite numbers.
func jsonValue(x any) any {
	switch v := x.(type) {
	case time.Time:
		return showTime(v)
	case uint64, []byte:
		return show(v, false)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return show(v, false)
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = jsonValue(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = jsonValue(e)
		}
		return out
	}
	return x
}

// show prints one value. In a table, numbers get thousands separators and at most two
// decimals, and a missing value a dash, so that missing never looks like zero; in CSV it
// stays empty and numbers keep every digit. The parts of a list are joined with " | ".
func show(x any, pretty bool) string {
	switch v := x.(type) {
	case nil:
		if pretty {
			return "–"
		}
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		if pretty {
			return thousands(strconv.FormatInt(v, 10))
		}
		return strconv.FormatInt(v, 10)
	case uint64:
		return strconv.FormatUint(v, 10) // a key, not a count
	case float64:
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if pretty && !math.IsInf(v, 0) && !math.IsNaN(v) {
			if v != math.Trunc(v) {
				s = strings.TrimRight(strings.TrimRight(strconv.FormatFloat(v, 'f', 2, 64), "0"), ".")
			}
			return thousands(s)
		}
		return s
	case time.Time:
		return showTime(v)
	case []byte:
		return hex.EncodeToString(v)
	case []string:
		return strings.Join(v, " | ")
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = show(e, false)
		}
		return strings.Join(parts, " | ")
	case map[string]any:
		if b, err := marshal(jsonValue(v)); err == nil {
			return string(b)
		}
	}
	return fmt.Sprint(x)
}

func showTime(t time.Time) string {
	t = t.UTC()
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && t.Nanosecond() == 0 {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339)
}

func thousands(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, frac, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if frac != "" {
		whole += "." + frac
	}
	return sign + whole
}
