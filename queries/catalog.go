// Package queries answers one question: what do the figures show?
//
// One question is one .sql file, in the folder of its theme. The file opens with the
// question in English, the grain of a row, what it counts and leaves out, the traps on the
// way and what the answer must not be used for; its parameters and columns are declared
// there too, so that the program's help, the list of questions and the binding of
// arguments cannot drift apart from the SQL. Every
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
	"regexp"
	"slices"
	"strings"

	"daylight/warehouse"
)

//go:embed */*.sql
var files embed.FS

// ErrUsage says that a question or its arguments do not exist as asked.
var ErrUsage = errors.New("usage")

// Question is one ready-made question. As JSON it is the catalogue that programs build on:
// no key is ever left out or null but "values" of a parameter.
type Question struct {
	Name      string   `json:"name"`       // file name without its ending, unique over all themes
	Theme     string   `json:"theme"`      // the folder
	Title     string   `json:"title"`      // the question itself
	Grain     string   `json:"grain"`      // what one row is
	Counts    string   `json:"counts"`     // what is counted
	LeavesOut string   `json:"leaves_out"` // what is in none of the numbers
	NotFor    string   `json:"not_for"`    // what the answer must not be used for
	Traps     []string `json:"traps"`      // what goes wrong on the way, a sentence each, at least one
	Params    []Param  `json:"params"`     // in declared order, empty but not nil
	Columns   []Column `json:"columns"`    // in result order
	Example   string   `json:"example"`    // a command line that works
	Cells     string   `json:"cells"`      // FROM clause with the capture_id and ordinal of a row's printed cells; "" for none
	SQL       string   `json:"sql"`        // without the opening comment
}

// AdvisoryColumn is the column that says what to know before a row is cited: none, one or
// several advisories, separated by AdvisorySeparator; what prints the answer takes them apart.
const (
	AdvisoryColumn    = "advisory"
	AdvisorySeparator = " | "
)

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
	if n := Nearest(word, known); n != "" {
		return fmt.Sprintf("did you mean %q? ", n)
	}
	return ""
}

// Nearest returns the known word that is most like the given one: that which differs in
// capitals only, that which contains it or is contained, that which is a few edits away; ""
// when none is; of several that which takes the fewest edits. Two or three letters are a code,
// and other codes are not like it.
func Nearest(word string, known []string) string {
	word = strings.ToLower(strings.TrimSpace(word))
	if word == "" {
		return ""
	}
	best, cost, apart := "", 1, 0
	if len(word) > 3 {
		cost = min(len(word)/2, 3) + 1
	}
	for _, k := range known {
		low := strings.ToLower(k)
		e := edits(word, low)
		c := e
		if len(word) > 3 && len(low) > 3 && (strings.Contains(low, word) || strings.Contains(word, low)) {
			c = min(c, 1)
		}
		if c < cost || c == cost && best != "" && e < apart {
			best, cost, apart = k, c, e
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
//	-- question: ...
//	-- grain: ...
//	-- counts: ...
//	-- leaves out: ...
//	-- trap: ...         a sentence; once for each trap
//	-- not for: ...
//	-- param NAME TYPE = DEFAULT: HELP
//	-- column NAME [UNIT]: HELP
//	-- example: ...
//	-- cells: ...        from where, in SQL, to select the printed cells that a row stands on;
//	                     $NAME is a parameter, $row_NAME a column of the row; may be missing
//
// The text of each may be continued on lines that start with "--   ".
func parse(text string) (Question, error) {
	q := Question{Traps: []string{}, Params: []Param{}}
	lines := strings.Split(text, "\n")
	body := len(lines)
	single := map[string]*string{
		"question": &q.Title, "grain": &q.Grain, "counts": &q.Counts, "leaves out": &q.LeavesOut,
		"not for": &q.NotFor, "example": &q.Example, "cells": &q.Cells,
	}
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
		if field, ok := single[key]; ok {
			if *field != "" {
				return q, fmt.Errorf("line %d: the %s is given twice", i+1, key)
			}
			*field, last = value, field
			continue
		}
		switch kind, rest, _ := strings.Cut(key, " "); {
		case key == "trap":
			if value == "" {
				return q, fmt.Errorf("line %d: the trap is empty", i+1)
			}
			q.Traps = append(q.Traps, value)
			last = &q.Traps[len(q.Traps)-1]
		case kind == "param":
			decl, def, ok := strings.Cut(rest, "=")
			f := strings.Fields(decl)
			if !ok || len(f) != 2 {
				return q, fmt.Errorf("line %d: want \"-- param name type = default: help\", have %q", i+1, line)
			}
			p := Param{Name: f[0], Default: strings.TrimSpace(def), Help: value}
			if err := p.declare(f[1]); err != nil {
				return q, fmt.Errorf("line %d: %w", i+1, err)
			}
			if slices.ContainsFunc(q.Params, func(other Param) bool { return other.Name == p.Name }) {
				return q, fmt.Errorf("line %d: parameter %s is declared twice", i+1, p.Name)
			}
			q.Params = append(q.Params, p)
			last = &q.Params[len(q.Params)-1].Help
		case kind == "column":
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
		{"question", q.Title}, {"grain", q.Grain}, {"counts", q.Counts}, {"leaves out", q.LeavesOut},
		{"not for", q.NotFor}, {"example", q.Example}, {"SQL", q.SQL},
	} {
		if part.text == "" {
			return q, fmt.Errorf("no %s", part.name)
		}
	}
	if len(q.Traps) == 0 {
		return q, errors.New("no trap: every question has one, or nobody would ask it wrongly")
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
	for _, m := range parameter.FindAllStringSubmatch(q.Cells, -1) {
		column, ofRow := strings.CutPrefix(m[1], rowPrefix)
		if !slices.ContainsFunc(q.Params, func(p Param) bool { return p.Name == m[1] }) &&
			!(ofRow && slices.ContainsFunc(q.Columns, func(c Column) bool { return c.Name == column })) {
			return q, fmt.Errorf("cells: $%s is neither a parameter nor a column of the row", m[1])
		}
	}
	return q, nil
}

// parameter is a named parameter in SQL.
var parameter = regexp.MustCompile(`\$([a-z_][a-z0-9_]*)`)

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
	if day := args[asOf]; isDate(day) {
		if err := q.adviseOf(ctx, db, rows, day); err != nil {
			return nil, errors.Join(fmt.Errorf("query %s: %w", q.Name, err), rows.Close())
		}
	}
	return rows, nil
}

// asOf is the parameter that every question has.
const asOf = "as_of"

// adviseOf adds to each row which editions of its provider an answer as of a day leaves out
// without knowing that it must.
func (q Question) adviseOf(ctx context.Context, db *warehouse.DB, rows *warehouse.Rows, day string) error {
	left, err := LeftOut(ctx, db, day)
	if err != nil {
		return err
	}
	advisory := slices.IndexFunc(q.Columns, func(c Column) bool { return c.Name == AdvisoryColumn })
	provider := slices.IndexFunc(q.Columns, func(c Column) bool { return c.Name == "provider" })
	if advisory < 0 {
		return nil
	}
	rows.Amend(func(values []any) {
		of := ""
		if provider >= 0 {
			of, _ = values[provider].(string)
		}
		note := left.Note(of)
		if was, _ := values[advisory].(string); was != "" && note != "" {
			note = was + AdvisorySeparator + note
		} else if was != "" {
			note = was
		}
		values[advisory] = note
	})
	return nil
}
