// Package queries answers one question: what do the figures show?
//
// One question is one .sql file, in the folder of its theme. The file opens with the
// question in English, the grain of a row and what the answer must not be used for; its
// parameters and columns are declared there too, so that the program's help, the list
// of questions and the binding of arguments cannot drift apart from the SQL. Every
// derived number of the project (sums, shares, ranks) is computed in these files and
// nowhere else, and carries both bounds.
//
// The package may import warehouse and nothing further up; it reads and never writes.
package queries

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"daylight/warehouse"
)

//go:embed */*.sql
var files embed.FS

// ErrUsage says that a question or its arguments do not exist as asked.
var ErrUsage = errors.New("usage")

// Question is one ready-made question.
type Question struct {
	Name    string   `json:"name"`    // file name without its ending, unique over all themes
	Theme   string   `json:"theme"`   // the folder
	Title   string   `json:"title"`   // the question itself
	Grain   string   `json:"grain"`   // what one row is
	NotFor  string   `json:"not_for"` // what the answer must not be used for
	Params  []Param  `json:"params"`  // in declared order, empty but not nil
	Columns []Column `json:"columns"` // in result order
	Example string   `json:"example"` // a command line that works
	SQL     string   `json:"sql"`     // without the opening comment
}

// Param is one typed parameter. The types are integer (not negative), date, period (a
// half-year), text, and the code lists of the warehouse: provider, source, jurisdiction,
// process and measure. A code that its list does not have is refused: an empty answer to a
// misspelt question would read as "nothing was published".
type Param struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Default string `json:"default"` // for a code list it may be a word, "all", that is no code
	Help    string `json:"help"`
}

// scalars are the types of parameters that are no codes.
var scalars = []string{"text", "integer", "date", "period"}

// lists are the code lists that a parameter may be typed with: SQL that gives each code, its
// name, and its other names separated by "|".
var lists = map[string]string{
	"provider":     "SELECT provider, provider, '' FROM provider",
	"source":       "SELECT source, title, '' FROM source",
	"jurisdiction": "SELECT code, name, aliases FROM jurisdiction",
	"process":      "SELECT code, title, '' FROM process",
	"measure":      "SELECT code, title, '' FROM measure",
}

// Column is one column of the answer.
type Column struct {
	Name string `json:"name"`
	Unit string `json:"unit"` // "" for codes and texts
	Help string `json:"help"`
}

// Catalog returns all questions, sorted by theme and name. It fails when a file breaks
// the form, so a test finds it before a user does.
func Catalog() ([]Question, error) { return catalog(files) }

func catalog(fsys fs.FS) ([]Question, error) {
	names, err := fs.Glob(fsys, "*/*.sql")
	if err != nil {
		return nil, fmt.Errorf("queries: %w", err)
	}
	var out []Question
	seen := map[string]string{}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("queries: %w", err)
		}
		q, err := parse(string(raw))
		if err != nil {
			return nil, fmt.Errorf("queries: %s: %w", name, err)
		}
		q.Theme = path.Dir(name)
		q.Name = strings.TrimSuffix(path.Base(name), ".sql")
		if other, ok := seen[q.Name]; ok {
			return nil, fmt.Errorf("queries: %s: the name is taken by %s", name, other)
		}
		seen[q.Name] = name
		out = append(out, q)
	}
	slices.SortFunc(out, func(a, b Question) int {
		return strings.Compare(a.Theme+"/"+a.Name, b.Theme+"/"+b.Name)
	})
	return out, nil
}

// Find returns the question of that name. An unknown name is ErrUsage and names the
// nearest one.
func Find(name string) (Question, error) {
	all, err := Catalog()
	if err != nil {
		return Question{}, err
	}
	var names []string
	for _, q := range all {
		if q.Name == name {
			return q, nil
		}
		names = append(names, q.Name)
	}
	return Question{}, fmt.Errorf("%w: no question %q; %srun %q for the list", ErrUsage, name, suggest(name, names), "daylight query")
}

// suggest names what was probably meant, or says nothing.
func suggest(word string, known []string) string {
	if n := nearest(word, known); n != "" {
		return fmt.Sprintf("did you mean %q? ", n)
	}
	return ""
}

// nearest returns the known word that is most like the given one: that which differs in
// capitals only, that which contains it or is contained, that which is a few edits away; ""
// when none is. Two or three letters are a code, and other codes are not like it.
func nearest(word string, known []string) string {
	word = strings.ToLower(strings.TrimSpace(word))
	if word == "" {
		return ""
	}
	best, cost := "", 1
	if len(word) > 3 {
		cost = min(len(word)/2, 3) + 1
	}
	for _, k := range known {
		low := strings.ToLower(k)
		c := edits(word, low)
		if len(word) > 3 && len(low) > 3 && (strings.Contains(low, word) || strings.Contains(word, low)) {
			c = min(c, 1)
		}
		if c < cost {
			best, cost = k, c
		}
	}
	return best
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// parse reads the opening comment:
//
//	-- question: ...     one line, or continued on lines that start with "--   "
//	-- grain: ...
//	-- not for: ...
//	-- param NAME TYPE = DEFAULT: HELP
//	-- column NAME [UNIT]: HELP
//	-- example: ...
func parse(text string) (Question, error) {
	q := Question{Params: []Param{}}
	lines := strings.Split(text, "\n")
	body := len(lines)
	var last *string
	for i, line := range lines {
		comment, ok := strings.CutPrefix(line, "--")
		if !ok {
			body = i
			break
		}
		if more, ok := strings.CutPrefix(comment, "   "); ok && last != nil {
			*last += " " + strings.TrimSpace(more)
			continue
		}
		key, value, ok := strings.Cut(strings.TrimSpace(comment), ":")
		if !ok {
			return q, fmt.Errorf("line %d: want \"-- key: text\", have %q", i+1, line)
		}
		value = strings.TrimSpace(value)
		switch kind, rest, _ := strings.Cut(key, " "); kind {
		case "question":
			q.Title, last = value, &q.Title
		case "grain":
			q.Grain, last = value, &q.Grain
		case "not":
			if rest != "for" {
				return q, fmt.Errorf("line %d: unknown key %q", i+1, key)
			}
			q.NotFor, last = value, &q.NotFor
		case "example":
			q.Example, last = value, nil
		case "param":
			decl, def, ok := strings.Cut(rest, "=")
			f := strings.Fields(decl)
			if !ok || len(f) != 2 {
				return q, fmt.Errorf("line %d: want \"-- param name type = default: help\", have %q", i+1, line)
			}
			if _, ok := lists[f[1]]; !ok && !slices.Contains(scalars, f[1]) {
				return q, fmt.Errorf("line %d: parameter %s has the unknown type %q", i+1, f[0], f[1])
			}
			if slices.ContainsFunc(q.Params, func(p Param) bool { return p.Name == f[0] }) {
				return q, fmt.Errorf("line %d: parameter %s is declared twice", i+1, f[0])
			}
			q.Params = append(q.Params, Param{Name: f[0], Type: f[1], Default: strings.TrimSpace(def), Help: value})
			last = &q.Params[len(q.Params)-1].Help
		case "column":
			name, unit, _ := strings.Cut(rest, " ")
			unit = strings.Trim(strings.TrimSpace(unit), "[]")
			if name == "" || value == "" {
				return q, fmt.Errorf("line %d: want \"-- column name [unit]: help\", have %q", i+1, line)
			}
			q.Columns = append(q.Columns, Column{Name: name, Unit: unit, Help: value})
			last = &q.Columns[len(q.Columns)-1].Help
		default:
			return q, fmt.Errorf("line %d: unknown key %q", i+1, key)
		}
	}
	q.SQL = strings.TrimSpace(strings.Join(lines[body:], "\n"))
	for _, part := range []struct{ name, text string }{
		{"question", q.Title}, {"grain", q.Grain}, {"not for", q.NotFor}, {"example", q.Example}, {"SQL", q.SQL},
	} {
		if part.text == "" {
			return q, fmt.Errorf("no %s", part.name)
		}
	}
	if len(q.Columns) == 0 {
		return q, errors.New("no columns declared")
	}
	for _, p := range q.Params {
		if !strings.Contains(q.SQL, "$"+p.Name) {
			return q, fmt.Errorf("parameter %s is not used", p.Name)
		}
		if _, err := p.value(p.Default); err != nil {
			return q, fmt.Errorf("default of %w", err)
		}
	}
	return q, nil
}

// value reads an argument. A period is handed on as its label, because labels of one
// kind sort in time ("2013-H1" < "2013-H2"). Codes are held against their list by Run.
func (p Param) value(s string) (any, error) {
	switch p.Type {
	case "integer":
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("parameter %s: %q is no number such as 20", p.Name, s)
		}
		return n, nil
	case "date":
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return nil, fmt.Errorf("parameter %s: %q is no date such as 2022-06-30", p.Name, s)
		}
		return s, nil
	case "period":
		year, half, ok := strings.Cut(s, "-")
		if n, err := strconv.Atoi(year); !ok || err != nil || n < 1900 || n > 2999 || len(year) != 4 || half != "H1" && half != "H2" {
			return nil, fmt.Errorf("parameter %s: %q is no half-year such as 2013-H1", p.Name, s)
		}
		return s, nil
	}
	return s, nil
}

// Bind checks the arguments and fills in defaults. An argument that the question does not
// take or that is no value of its type, and a range whose "from" lies behind its "to", is
// ErrUsage.
func (q Question) Bind(args map[string]string) ([]sql.NamedArg, error) {
	var out []sql.NamedArg
	var known []string
	value := map[string]any{}
	for _, p := range q.Params {
		known = append(known, p.Name)
		s, ok := args[p.Name]
		if !ok {
			s = p.Default
		}
		v, err := p.value(s)
		if err != nil {
			return nil, fmt.Errorf("%w: query %s: %w", ErrUsage, q.Name, err)
		}
		value[p.Name] = v
		out = append(out, sql.Named(p.Name, v))
	}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		if !slices.Contains(known, name) {
			takes := "it takes none"
			if len(known) > 0 {
				takes = "it takes " + strings.Join(known, ", ")
			}
			return nil, fmt.Errorf("%w: query %s: no parameter %q; %s", ErrUsage, q.Name, name, takes)
		}
	}
	from, ok1 := value["from"].(string)
	to, ok2 := value["to"].(string)
	if ok1 && ok2 && from > to {
		return nil, fmt.Errorf("%w: query %s: from %q lies behind to %q", ErrUsage, q.Name, from, to)
	}
	return out, nil
}

// Code is one code of a list.
type Code struct {
	Code, Name string
	Aliases    []string
}

// Codes returns the codes that a parameter may have, sorted; nil when its type is no code
// list.
func (p Param) Codes(ctx context.Context, db *warehouse.DB) ([]Code, error) {
	list, ok := lists[p.Type]
	if !ok {
		return nil, nil
	}
	rows, err := db.QueryOwn(ctx, list+" ORDER BY 1")
	if err != nil {
		return nil, fmt.Errorf("codes of %s: %w", p.Type, err)
	}
	var out []Code
	for rows.Next() {
		v := rows.Values()
		code, _ := v[0].(string)
		name, _ := v[1].(string)
		aliases, _ := v[2].(string)
		out = append(out, Code{Code: code, Name: name, Aliases: strings.FieldsFunc(aliases, func(r rune) bool { return r == '|' })})
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("codes of %s: %w", p.Type, err)
	}
	return out, nil
}

// known refuses a value that its code list does not have, and names the nearest.
func (p Param) known(ctx context.Context, db *warehouse.DB, value string) error {
	codes, err := p.Codes(ctx, db)
	if err != nil || codes == nil || value == p.Default {
		return err
	}
	var all, words []string
	of := map[string]Code{} // by every word
	for _, c := range codes {
		if c.Code == value {
			return nil
		}
		all = append(all, c.Code)
		for _, w := range append([]string{c.Code, c.Name}, c.Aliases...) {
			words = append(words, w)
			of[w] = c
		}
	}
	hint := ""
	if n := nearest(value, words); n != "" {
		hint = fmt.Sprintf("; did you mean %q (%s)?", of[n].Code, of[n].Name)
	} else if len(codes) <= 10 {
		hint = "; known are " + strings.Join(all, ", ")
	} else {
		hint = fmt.Sprintf("; see daylight sql %q", "SELECT * FROM "+p.Type)
	}
	return fmt.Errorf("%w: parameter %s: no %s %q%s", ErrUsage, p.Name, p.Type, value, hint)
}

// Run asks the question. The caller closes the rows. Arguments that Bind refuses, and codes
// that the warehouse's lists do not have, are ErrUsage. It fails when the SQL's columns are
// not the declared ones.
func (q Question) Run(ctx context.Context, db *warehouse.DB, args map[string]string) (*warehouse.Rows, error) {
	bound, err := q.Bind(args)
	if err != nil {
		return nil, err
	}
	for _, p := range q.Params {
		if s, ok := args[p.Name]; ok {
			if err := p.known(ctx, db, s); err != nil {
				return nil, fmt.Errorf("query %s: %w", q.Name, err)
			}
		}
	}
	rows, err := db.QueryOwn(ctx, q.SQL, bound...)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", q.Name, err)
	}
	var have, want []string
	for _, c := range rows.Columns() {
		have = append(have, c.Name)
	}
	for _, c := range q.Columns {
		want = append(want, c.Name)
	}
	if !slices.Equal(have, want) {
		return nil, errors.Join(fmt.Errorf("query %s: the SQL gives the columns %v, the file declares %v", q.Name, have, want), rows.Close())
	}
	return rows, nil
}
