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
	Params  []Param  `json:"params"`  // in declared order
	Columns []Column `json:"columns"` // in result order
	Example string   `json:"example"` // a command line that works
	SQL     string   `json:"sql"`     // without the opening comment
}

// Param is one typed parameter.
type Param struct {
	Name    string `json:"name"`
	Type    string `json:"type"` // text, integer, date or period
	Default string `json:"default"`
	Help    string `json:"help"`
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
	return Question{}, fmt.Errorf("%w: no question %q; %srun %q for the list", ErrUsage, name, nearest(name, names), "daylight query")
}

func nearest(name string, names []string) string {
	for _, n := range names {
		if strings.Contains(n, name) || strings.Contains(name, n) {
			return fmt.Sprintf("did you mean %q? ", n)
		}
	}
	return ""
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
	var q Question
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
			q.NotFor, last = value, &q.NotFor
		case "example":
			q.Example, last = value, nil
		case "param":
			decl, def, ok := strings.Cut(rest, "=")
			f := strings.Fields(decl)
			if !ok || len(f) != 2 {
				return q, fmt.Errorf("line %d: want \"-- param name type = default: help\", have %q", i+1, line)
			}
			if !slices.Contains([]string{"text", "integer", "date", "period"}, f[1]) {
				return q, fmt.Errorf("line %d: parameter %s has the unknown type %q", i+1, f[0], f[1])
			}
			q.Params = append(q.Params, Param{Name: f[0], Type: f[1], Default: strings.TrimSpace(def), Help: value})
			last = &q.Params[len(q.Params)-1].Help
		case "column":
			name, unit, _ := strings.Cut(rest, " ")
			unit = strings.Trim(strings.TrimSpace(unit), "[]")
			q.Columns = append(q.Columns, Column{Name: name, Unit: unit, Help: value})
			last = &q.Columns[len(q.Columns)-1].Help
		default:
			return q, fmt.Errorf("line %d: unknown key %q", i+1, key)
		}
	}
	q.SQL = strings.TrimSpace(strings.Join(lines[body:], "\n"))
	for name, v := range map[string]string{"question": q.Title, "grain": q.Grain, "not for": q.NotFor, "example": q.Example, "SQL": q.SQL} {
		if v == "" {
			return q, fmt.Errorf("no %s", name)
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
// kind sort in time ("2013-H1" < "2013-H2").
func (p Param) value(s string) (any, error) {
	switch p.Type {
	case "integer":
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("parameter %s: %q is no integer", p.Name, s)
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

// Bind checks the arguments and fills in defaults. An argument that the question does
// not take, or that is no value of its type, is ErrUsage.
func (q Question) Bind(args map[string]string) ([]sql.NamedArg, error) {
	var out []sql.NamedArg
	var known []string
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
		out = append(out, sql.Named(p.Name, v))
	}
	for name := range args {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("%w: query %s: no parameter %q; it takes %s", ErrUsage, q.Name, name, strings.Join(known, ", "))
		}
	}
	return out, nil
}

// Run asks the question. The caller closes the rows. It fails when the SQL's columns are
// not the declared ones.
func (q Question) Run(ctx context.Context, db *warehouse.DB, args map[string]string) (*warehouse.Rows, error) {
	bound, err := q.Bind(args)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, q.SQL, bound...)
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
