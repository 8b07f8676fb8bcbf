package main

import (
	"bytes"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
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
// because its column widths depend on all of its lines.
func write(w io.Writer, format string, r rows) error {
	switch format {
	case formatCSV:
		return writeCSV(w, r)
	case formatJSON:
		return writeJSON(w, r)
	}
	return writeTable(w, r)
}

func writeTable(w io.Writer, r rows) error {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Options = table.OptionsNoBordersAndSeparators
	style.Options.SeparateHeader = true
	t.SetStyle(style)
	header := table.Row{}
	for _, c := range r.header() {
		header = append(header, c)
	}
	t.AppendHeader(header)
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
	numeric, years := make([]bool, len(header)), make([]bool, len(header))
	for i := range header {
		numeric[i], years[i] = columnOf(lines, i)
	}
	for _, v := range lines {
		line := table.Row{}
		for i, x := range v {
			line = append(line, show(x, !years[i] || x == nil))
		}
		t.AppendRow(line)
	}
	var configs []table.ColumnConfig
	for i, n := range numeric {
		if n {
			configs = append(configs, table.ColumnConfig{Number: i + 1, Align: text.AlignRight, AlignHeader: text.AlignRight})
		}
	}
	t.SetColumnConfigs(configs)
	if len(lines) == 0 {
		_, err := fmt.Fprintf(w, "%s\n(no rows)\n", strings.Join(r.header(), "  "))
		return err
	}
	_, err := fmt.Fprintln(w, t.Render())
	return err
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
	keys := make([]string, len(r.header()))
	seen := map[string]bool{}
	for i, h := range r.header() {
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
