package queries

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"daylight/warehouse"
)

// Param is one typed parameter. The types are
//
//   - text;
//   - integer (not negative), number (decimal, may be negative) and boolean (true or false);
//   - date, and members_on: a date, or the word period when members are those of each
//     period's own days;
//   - period, a half-year; a parameter named from or to takes a year for its first or last half;
//   - half_or_year, a half-year or a year, as it stands;
//   - enum, one of Values;
//   - the code lists of the warehouse: provider, source, service, jurisdiction, group, process,
//     measure, unit, recipe, customer_class, band_scheme, event and one_edition (a name, or a label
//     that some edition has);
//   - edition, a moment of the history: an edition as above, now, or a day such as 2019-06-30;
//   - figures, a list of PROCESS/MEASURE or RECIPE/MEASURE.
//
// A code that its list does not have is refused: an empty answer to a misspelt question would
// read as "nothing was published".
type Param struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	List    bool     `json:"list"`             // the value is one or several codes, separated by "|"
	Values  []string `json:"values,omitempty"` // of an enum, in declared order
	Default string   `json:"default"`          // for a code list it may be a word, "all", that is no code
	Help    string   `json:"help"`
}

// Separator stands between the codes of a list.
const Separator = "|"

// scalars are the types of parameters that are no codes.
var scalars = []string{"text", "integer", "number", "boolean", "date", "period", "half_or_year", "members_on"}

// codeList is a list of codes that the warehouse holds.
type codeList struct {
	title string // what one entry is
	codes string // SQL: each code, its name, and its other names separated by "|"
	table string // where a reader finds the codes
}

// lists are the code lists that a parameter may be typed with.
var lists = map[string]codeList{
	"provider":       {"provider", "SELECT provider, provider, '' FROM provider", "provider"},
	"source":         {"source", "SELECT source, title, '' FROM source", "source"},
	"service":        {"service", "SELECT code, title, '' FROM service", "service"},
	"jurisdiction":   {"jurisdiction", "SELECT code, name, aliases FROM jurisdiction", "jurisdiction"},
	"group":          {"group", `SELECT code, name, aliases FROM jurisdiction WHERE kind = 'group' AND code IN (SELECT "group" FROM membership)`, "membership"},
	"process":        {"process", "SELECT code, title, '' FROM process", "process"},
	"measure":        {"measure", "SELECT code, title, '' FROM measure", "measure"},
	"unit":           {"unit", "SELECT code, title, '' FROM unit", "unit"},
	"recipe":         {"recipe", "SELECT DISTINCT recipe, '', '' FROM rollup", "rollup"},
	"customer_class": {"customer class", "SELECT code, title, '' FROM customer_class", "customer_class"},
	"band_scheme":    {"band scheme", "SELECT code, authority, '' FROM band_scheme", "band_scheme"},
	"event":          {"event", "SELECT code, title, '' FROM event", "event"},
	"one_edition": {"edition", `SELECT e.name, s.title || ', ' || e.label, '' FROM edition e JOIN source s ON s.source = e.source
		UNION ALL SELECT DISTINCT label, 'the editions of this period', '' FROM edition WHERE period_end IS NOT NULL`, "edition"},
	"edition": {"edition", `SELECT 'now', 'every edition', ''
		UNION ALL SELECT e.name, s.title || ', ' || e.label, '' FROM edition e JOIN source s ON s.source = e.source
		UNION ALL SELECT DISTINCT label, 'the editions up to this period', '' FROM edition WHERE period_end IS NOT NULL`, "edition"},
}

// figures is the type of lists of figures; its entries are "of" one list, "/" and a measure.
const figures = "figures"

var figuresOf = codeList{"process or recipe", `SELECT code, title, '' FROM process
	UNION SELECT DISTINCT recipe, 'recipe, see table rollup', '' FROM rollup WHERE recipe NOT IN (SELECT code FROM process)`, "process"}

// declare reads the type as the file writes it: a name, a name and "*" for a list, or
// enum(a,b).
func (p *Param) declare(s string) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("parameter %s "+format, append([]any{p.Name}, args...)...)
	}
	if rest, ok := strings.CutPrefix(s, "enum("); ok {
		values, ok := strings.CutSuffix(rest, ")")
		p.Type, p.Values = "enum", strings.Split(values, ",")
		switch {
		case !ok:
			return bad("has the type %q, want enum(a,b) without blanks", s)
		case len(p.Values) < 2 || slices.Contains(p.Values, ""):
			return bad("is an enum of fewer than two values, or of an empty one: %q", s)
		}
		for i, v := range p.Values {
			if slices.Contains(p.Values[:i], v) {
				return bad("has the value %q twice", v)
			}
		}
		return nil
	}
	p.Type, p.List = strings.CutSuffix(s, "*")
	_, coded := lists[p.Type]
	switch {
	case p.Type == figures:
		p.List = true
	case coded:
	case !slices.Contains(scalars, p.Type):
		return bad("has the unknown type %q", s)
	case p.List:
		return bad("has the type %q, but only codes make a list", s)
	}
	return nil
}

var decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// value reads an argument. A period is handed on as its label, because labels of one
// kind sort in time ("2013-H1" < "2013-H2"). Codes are held against their list by Run.
func (p Param) value(s string) (any, error) {
	bad := func(format string, args ...any) (any, error) {
		return nil, fmt.Errorf("parameter %s: "+format, append([]any{p.Name}, args...)...)
	}
	switch p.Type {
	case "integer":
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 {
			return bad("%q is no number such as 20", s)
		}
		return n, nil
	case "number":
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || !decimal.MatchString(s) {
			return bad("%q is no number such as 2.5", s)
		}
		return f, nil
	case "boolean":
		if s != "true" && s != "false" {
			return bad("%q is neither true nor false", s)
		}
		return s == "true", nil
	case "date":
		if !isDate(s) {
			return bad("%q is no date such as 2022-06-30", s)
		}
	case "members_on":
		if s != "period" && !isDate(s) {
			return bad("%q is neither the word period nor a date such as 2022-06-30", s)
		}
	case "period", "half_or_year":
		year, half, halved := strings.Cut(s, "-")
		n, err := strconv.Atoi(year)
		isYear := err == nil && len(year) == 4 && 1900 <= n && n <= 2999
		switch {
		case isYear && !halved && p.Type == "half_or_year":
		case isYear && (half == "H1" || half == "H2"):
		case isYear && !halved && p.Name == "from":
			return year + "-H1", nil
		case isYear && !halved && p.Name == "to":
			return year + "-H2", nil
		case isYear && !halved:
			return bad("%q is a year; want a half-year, %s-H1 or %s-H2", s, s, s)
		default:
			return bad("%q is no half-year such as 2013-H1", s)
		}
	case "enum":
		if !slices.Contains(p.Values, s) {
			return bad("%q is none of %s%s", s, strings.Join(p.Values, ", "), meant(s, p.Values))
		}
	}
	if p.List {
		if err := p.parts(s); err != nil {
			return bad("%w", err)
		}
	}
	return s, nil
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func meant(word string, known []string) string {
	if n := Nearest(word, known); n != "" {
		return fmt.Sprintf("; did you mean %q?", n)
	}
	return ""
}

// parts looks at the form of a list.
func (p Param) parts(s string) error {
	parts := strings.Split(s, Separator)
	for i, part := range parts {
		switch of, measure, ok := strings.Cut(part, "/"); {
		case part == "" && len(parts) > 1:
			return fmt.Errorf("%q has an empty part", s)
		case slices.Contains(parts[:i], part):
			return fmt.Errorf("%q stands twice in %q", part, s)
		case p.Type != figures:
		case strings.Contains(part, ","):
			return fmt.Errorf(`%q: figures are separated by "|", not by a comma`, part)
		case !ok || of == "" || measure == "" || strings.Contains(measure, "/"):
			return fmt.Errorf(`%q is no figure such as nsl/requests_received: a process or recipe, "/" and a measure`, part)
		}
	}
	return nil
}

// Code is one code of a list.
type Code struct {
	Code, Name string
	Aliases    []string
}

// Codes returns the codes that a parameter may have, sorted; nil when its type is no code
// list.
func (p Param) Codes(ctx context.Context, db *warehouse.DB) ([]Code, error) {
	l, ok := lists[p.Type]
	if !ok {
		return nil, nil
	}
	return l.read(ctx, db)
}

func (l codeList) read(ctx context.Context, db *warehouse.DB) ([]Code, error) {
	rows, err := db.QueryOwn(ctx, l.codes+" ORDER BY 1")
	if err != nil {
		return nil, fmt.Errorf("codes of %s: %w", l.title, err)
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
		return nil, fmt.Errorf("codes of %s: %w", l.title, err)
	}
	return out, nil
}

// known refuses a value that its code list does not have, and names the nearest.
func (p Param) known(ctx context.Context, db *warehouse.DB, value string) error {
	l, coded := lists[p.Type]
	if value == p.Default || !coded && p.Type != figures || p.Type == "edition" && isDate(value) {
		return nil
	}
	fail := func(err error) error { return fmt.Errorf("%w: parameter %s: %w", ErrUsage, p.Name, err) }
	if p.Type == figures {
		l = figuresOf
	}
	codes, err := l.read(ctx, db)
	if err != nil {
		return err
	}
	if p.Type != figures {
		if err := p.among(value, l, codes); err != nil {
			return fail(err)
		}
		return nil
	}
	measures, err := lists["measure"].read(ctx, db)
	if err != nil {
		return err
	}
	for _, part := range strings.Split(value, Separator) {
		of, measure, _ := strings.Cut(part, "/")
		if err := l.has(of, codes); err != nil {
			return fail(err)
		}
		if err := lists["measure"].has(measure, measures); err != nil {
			return fail(err)
		}
	}
	return nil
}

// among says why the value, one code or a list of them, is not of the list.
func (p Param) among(value string, l codeList, codes []Code) error {
	isCode := func(s string) bool { return slices.ContainsFunc(codes, func(c Code) bool { return c.Code == s }) }
	if !p.List {
		i := strings.IndexAny(value, Separator+",")
		if i >= 0 && isCode(value[:i]) {
			return fmt.Errorf("%q: one %s is wanted, not several", value, l.title)
		}
		return l.has(value, codes)
	}
	parts := strings.Split(value, Separator)
	for _, part := range parts {
		first, _, several := strings.Cut(part, ",")
		switch {
		// "all" is a code of some lists and yet means every one when it is the default.
		case len(parts) > 1 && part == p.Default && (part == "all" || !isCode(part)):
			return fmt.Errorf("%q stands for itself: no other %s beside it", part, l.title)
		case several && isCode(strings.TrimSpace(first)):
			return fmt.Errorf(`%q: separate them with "|", not with a comma, as in %q`, part, strings.ReplaceAll(strings.ReplaceAll(part, " ", ""), ",", Separator))
		}
		if err := l.has(part, codes); err != nil {
			return err
		}
	}
	return nil
}

// has says that the list has no such code, and names the nearest.
func (l codeList) has(word string, codes []Code) error {
	var all, words []string
	of := map[string]Code{} // by every word
	for _, c := range codes {
		if c.Code == word {
			return nil
		}
		all = append(all, c.Code)
		for _, w := range append([]string{c.Code, c.Name}, c.Aliases...) {
			if w != "" {
				words = append(words, w)
				of[w] = c
			}
		}
	}
	hint := ""
	if n := Nearest(word, words); n != "" {
		hint = fmt.Sprintf("; did you mean %q?", of[n].Code)
		if of[n].Name != "" && of[n].Name != of[n].Code {
			hint = fmt.Sprintf("; did you mean %q (%s)?", of[n].Code, of[n].Name)
		}
	} else if 0 < len(codes) && len(codes) <= 10 {
		hint = "; known are " + strings.Join(all, ", ")
	} else {
		hint = fmt.Sprintf("; see daylight sql %q", "SELECT * FROM "+l.table)
	}
	return fmt.Errorf("no %s %q%s", l.title, word, hint)
}

// Choices returns the values that complete what is typed, the default first. In a list what
// stands before the last "|" stands before each, and codes that it has are left out; a
// choice that ends with "/" is the first half of a figure. Without a warehouse, nil, only
// what needs none is returned.
func (p Param) Choices(ctx context.Context, db *warehouse.DB, typed string) ([]Code, error) {
	var head string    // the parts that stand, with the "|" behind them
	var half string    // the first half of the figure that is typed, with the "/"
	var open string    // what is typed after a chosen code of a figure
	var taken []string // what is not offered again
	if i := strings.LastIndex(typed, Separator); p.List && i >= 0 {
		head, taken = typed[:i+1], strings.Split(typed[:i], Separator)
	}
	var out []Code
	if head == "" {
		out = append(out, Code{Code: p.Default, Name: "default"})
		taken = []string{p.Default}
	}
	var codes []Code
	var err error
	l, coded := lists[p.Type]
	if p.Type == figures {
		if of, _, ok := strings.Cut(typed[len(head):], "/"); ok {
			l, coded, half = lists["measure"], true, of+"/"
		} else {
			l, coded, open = figuresOf, true, "/"
		}
	}
	switch {
	case p.Type == "enum":
		for _, v := range p.Values {
			codes = append(codes, Code{Code: v})
		}
	case p.Type == "boolean":
		codes = []Code{{Code: "false"}, {Code: "true"}}
	case coded && db != nil:
		codes, err = l.read(ctx, db)
	}
	for _, c := range codes {
		if c.Code = half + c.Code + open; !slices.Contains(taken, c.Code) {
			c.Code = head + c.Code
			out = append(out, c)
		}
	}
	return out, err
}
