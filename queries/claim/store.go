package claim

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"daylight/queries"
	"daylight/warehouse"
)

//go:embed sql/*.sql
var statements embed.FS

// row is one line of an answer, by column.
type row map[string]any

func (r row) text(column string) string { s, _ := r[column].(string); return s }

// number is NULL when ok is false.
func (r row) number(column string) (v float64, ok bool) {
	switch x := r[column].(type) {
	case float64:
		return x, true
	case int64:
		return float64(x), true
	}
	return 0, false
}

// upper is an upper end; NULL is none.
func (r row) upper(column string) *float64 {
	if v, ok := r.number(column); ok {
		return &v
	}
	return nil
}

// table runs a statement of the program and reads all of its lines.
func table(ctx context.Context, db *warehouse.DB, statement string, args map[string]any) ([]row, error) {
	var named []sql.NamedArg
	for name, v := range args {
		named = append(named, sql.Named(name, v))
	}
	rows, err := db.QueryOwn(ctx, statement, named...)
	if err != nil {
		return nil, err
	}
	return collect(rows)
}

func collect(rows *warehouse.Rows) ([]row, error) {
	var out []row
	for rows.Next() {
		r := row{}
		for i, v := range rows.Values() {
			r[rows.Columns()[i].Name] = v
		}
		out = append(out, r)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	return out, nil
}

// store asks the warehouse.
type store struct{ db *warehouse.DB }

// run runs one of the statements of the folder sql.
func (s store) run(ctx context.Context, name string, args map[string]any) ([]row, error) {
	text, err := statements.ReadFile("sql/" + name + ".sql")
	if err != nil {
		return nil, err
	}
	rows, err := table(ctx, s.db, string(text), args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return rows, nil
}

// asked are the parameters that say what is added.
func asked(s Subject, asOf string) map[string]any {
	jurisdiction, group := s.jurisdiction()
	if asOf == "" {
		asOf = "now"
	}
	return map[string]any{
		"figures": s.figuresParam(), "provider": s.Provider, "jurisdiction": jurisdiction, "group": group, "as_of": asOf,
	}
}

// The first and the last half-year that a sentence may name.
var firstPeriod, lastPeriod = Period{1900, 1}.String(), Period{2999, 2}.String()

func (s store) value(ctx context.Context, about Subject, p Period, asOf string) (Value, []Cell, []string, error) {
	fail := func(err error) (Value, []Cell, []string, error) { return Value{}, nil, nil, err }
	if err := s.knows(ctx, asOf); err != nil {
		return fail(err)
	}
	args := asked(about, asOf)
	args["from"], args["to"], args["per"] = p.First(), p.Last(), "half"
	if p.Half == 0 {
		args["per"] = "year"
	}
	rows, err := s.run(ctx, "total", args)
	if err != nil {
		return fail(err)
	}
	name := fmt.Sprintf("%s in %s", about, p)
	if len(rows) == 0 {
		return fail(s.nothing(ctx, about, p, args, name, "no figure is at hand"))
	}
	r := rows[0]
	if why := r.text("refused"); why != "" {
		return fail(fmt.Errorf("%w: %s must not be added: %s", ErrUndecided, name, why))
	}
	low, ok := r.number("low")
	if !ok {
		why := strings.ReplaceAll(r.text(queries.AdvisoryColumn), queries.AdvisorySeparator, "; ")
		if why == "" {
			why = "no figure is at hand"
		}
		return fail(s.nothing(ctx, about, p, args, name, why))
	}
	delete(args, "per")
	cells, err := s.cells(ctx, about.Provider, args)
	if err != nil {
		return fail(err)
	}
	if n, _ := r.number("cells"); int(n) != len(cells) {
		return fail(fmt.Errorf("%s: %d cells are added and %d are found", name, int(n), len(cells)))
	}
	v := Value{
		Subject: about.String(), Period: p.String(), Low: low, High: r.upper("high"), Unit: r.text("unit"),
		Exactness: r.text("exactness"), Basis: r.text("basis"), Cells: len(cells),
		firstDay: r.text("first_day"), lastDay: r.text("last_day"), schemes: r.text("schemes"),
	}
	// Breaks are looked for between the periods of the claim, see breaks.
	notes := slices.DeleteFunc(strings.Split(r.text(queries.AdvisoryColumn), queries.AdvisorySeparator),
		func(n string) bool { return strings.HasPrefix(n, "break of the series: ") })
	// A figure that the sentence names and that is printed nowhere is missing, not zero.
	for _, f := range about.Figures {
		if without := unprinted(f, p, cells); without != "" {
			v.High = nil
			notes = append(notes, fmt.Sprintf("no cell at hand prints %s in %s: the sum is a lower bound", f, without))
		}
	}
	notes = append(notes, restated(cells)...)
	sum := interval{}
	for _, c := range cells {
		sum.low += c.Low
		if c.High == nil {
			sum.high = math.Inf(1)
		} else {
			sum.high += *c.High
		}
	}
	v.plain = near(sum.low, v.Low) && (v.High == nil || near(sum.high, *v.High))
	if v.Text, err = s.text(ctx, v.interval()); err != nil {
		return fail(err)
	}
	return v, cells, notes, nil
}

// near is equality but for the order of additions.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a)) }

// maxRestated is how many changed cells are named one by one.
const maxRestated = 3

// restated says which of the cells older editions print otherwise.
func restated(cells []Cell) []string {
	var notes []string
	n := 0
	for _, c := range cells {
		if c.Earlier == "" {
			continue
		}
		if n++; n <= maxRestated {
			notes = append(notes, fmt.Sprintf("restated: %s, %s, %s, %s is %s in %s and was %s",
				c.Period, c.Jurisdiction, c.Process, c.Measure, c.RawText, c.Edition, c.Earlier))
		}
	}
	if n > maxRestated {
		notes = append(notes, fmt.Sprintf("restated: %d more of the cells are printed otherwise in older editions", n-maxRestated))
	}
	return notes
}

// unprinted names the half-years of the period in which no cell answers the figure.
func unprinted(f Figure, p Period, cells []Cell) string {
	var missing []string
	for _, half := range slices.Compact([]string{p.First(), p.Last()}) {
		if !slices.ContainsFunc(cells, func(c Cell) bool { return c.Period == half && c.wish == f.Process+"/"+f.Measure }) {
			missing = append(missing, half)
		}
	}
	return strings.Join(missing, " and ")
}

// nothing is the error of a period without a figure; it names the nearest that has one.
func (s store) nothing(ctx context.Context, about Subject, p Period, args map[string]any, name, why string) error {
	args["from"], args["to"] = firstPeriod, lastPeriod
	rows, err := s.run(ctx, "total", args)
	if err != nil {
		return err
	}
	best, distance := "", math.MaxInt
	for _, r := range rows {
		held, ok := half(r.text("period"))
		if y, isYear := year(r.text("period")); isYear {
			held, ok = Period{Year: y}, true
		}
		if _, figure := r.number("low"); !ok || !figure {
			continue
		}
		if d := 2*(held.Year-p.Year) + held.Half - p.Half; max(d, -d) < distance {
			best, distance = held.String(), max(d, -d)
		}
	}
	if best == "" {
		return fmt.Errorf("%w: %s: %s, nor in any other period", ErrUndecided, name, why)
	}
	return fmt.Errorf("%w: %s: %s; the nearest period held is %s", ErrUndecided, name, why, best)
}

// knows refuses an edition that is not at hand.
func (s store) knows(ctx context.Context, asOf string) error {
	if asOf == "" {
		return nil
	}
	rows, err := table(ctx, s.db, "SELECT name, label FROM edition ORDER BY name", nil)
	if err != nil {
		return err
	}
	var names []string
	for _, r := range rows {
		for _, n := range []string{r.text("name"), r.text("label")} {
			if n == asOf {
				return nil
			}
			names = append(names, n)
		}
	}
	hint := ""
	if n := queries.Nearest(asOf, names); n != "" {
		hint = fmt.Sprintf("; did you mean %q?", n)
	}
	return fmt.Errorf("%w: no edition %q is at hand%s", ErrUndecided, asOf, hint)
}

func (s store) cells(ctx context.Context, provider string, args map[string]any) ([]Cell, error) {
	rows, err := s.run(ctx, "cells", args)
	if err != nil {
		return nil, err
	}
	var out []Cell
	for _, r := range rows {
		low, _ := r.number("value_low")
		at, _ := r["captured_at"].(time.Time)
		out = append(out, Cell{
			Provider: provider, Edition: r.text("edition"), Period: r.text("period"), Jurisdiction: r.text("jurisdiction"),
			Process: r.text("process"), Measure: r.text("measure"), Unit: r.text("unit"), Low: low, High: r.upper("value_high"),
			Exactness: r.text("exactness"), RawText: r.text("raw_text"), RawLabel: r.text("raw_label"), Locator: r.text("locator"),
			File: r.text("file"), URL: r.text("url"), CapturedAt: at.UTC().Format(time.RFC3339), Capture: r.text("capture"), Trust: r.text("trust"),
			Earlier: r.text("earlier"), title: r.text("title"), service: r.text("service"), wish: r.text("figure"),
		})
	}
	return out, nil
}

// ivArgs binds two figures; an infinite end is NULL.
func ivArgs(a, b interval) map[string]any {
	out := map[string]any{"al": a.low, "bl": b.low, "ah": nil, "bh": nil}
	if !math.IsInf(a.high, 1) {
		out["ah"] = a.high
	}
	if !math.IsInf(b.high, 1) {
		out["bh"] = b.high
	}
	return out
}

func (s store) derive(ctx context.Context, macro string, a, b interval) (interval, string, bool, error) {
	rows, err := table(ctx, s.db, "SELECT r.low AS low, r.high AS high, iv_text(r.low, r.high) AS text FROM (SELECT "+macro+
		"($al::DOUBLE, $ah::DOUBLE, $bl::DOUBLE, $bh::DOUBLE) AS r)", ivArgs(a, b))
	if err != nil {
		return interval{}, "", false, fmt.Errorf("%s: %w", macro, err)
	}
	low, ok := rows[0].number("low")
	high := math.Inf(1)
	if h := rows[0].upper("high"); h != nil {
		high = *h
	}
	return interval{low, high}, rows[0].text("text"), ok, nil
}

func (s store) direction(ctx context.Context, a, b interval) (string, error) {
	rows, err := table(ctx, s.db, "SELECT iv_dir($al::DOUBLE, $ah::DOUBLE, $bl::DOUBLE, $bh::DOUBLE) AS d", ivArgs(a, b))
	if err != nil {
		return "", fmt.Errorf("iv_dir: %w", err)
	}
	return rows[0].text("d"), nil
}

// text prints a figure.
func (s store) text(ctx context.Context, a interval) (string, error) {
	args := ivArgs(a, a)
	delete(args, "bl")
	delete(args, "bh")
	rows, err := table(ctx, s.db, "SELECT iv_text($al::DOUBLE, $ah::DOUBLE) AS text", args)
	if err != nil {
		return "", fmt.Errorf("iv_text: %w", err)
	}
	return rows[0].text("text"), nil
}

func (s store) rank(ctx context.Context, about Subject, p Period, asOf string) (interval, []string, error) {
	q, err := queries.Find("requesting_jurisdictions")
	if err != nil {
		return interval{}, nil, err
	}
	args := map[string]string{"provider": about.Provider, "from": p.First(), "to": p.Last(), "figures": about.figuresParam(), "limit": "0"}
	if asOf != "" {
		args["as_of"] = asOf
	}
	rows, err := q.Run(ctx, s.db, args)
	if err != nil {
		return interval{}, nil, err
	}
	lines, err := collect(rows)
	if err != nil {
		return interval{}, nil, err
	}
	for _, r := range lines {
		if r.text("jurisdiction") != about.Place.Code {
			continue
		}
		best, ok := r.number("best_rank")
		if !ok {
			break
		}
		i := interval{best, math.Inf(1)}
		if worst := r.upper("worst_rank"); worst != nil {
			i.high = *worst
		}
		return i, strings.Split(r.text(queries.AdvisoryColumn), queries.AdvisorySeparator), nil
	}
	return interval{}, nil, fmt.Errorf("%w: %s has no rank in %s", ErrUndecided, about, p)
}

func (s store) contained(ctx context.Context, part, whole Subject, cells, others []Cell, v Value) (bool, error) {
	if in, err := s.placed(ctx, part.Place, whole.Place, v); err != nil || !in {
		return false, err
	}
	// Each printed cell of the part must be counted in some cell of the whole.
	type kind struct{ process, measure, unit string }
	kinds := func(cells []Cell) []kind {
		var out []kind
		for _, c := range cells {
			if k := (kind{c.Process, c.Measure, c.Unit}); !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
		return out
	}
	wholes := kinds(others)
	for _, p := range kinds(cells) {
		in := false
		for _, w := range wholes {
			if in || p.unit != w.unit || !holds(w.measure, p.measure) {
				continue
			}
			rows, err := s.run(ctx, "contained", map[string]any{
				"provider": part.Provider, "process": p.process, "other": w.process, "first_day": v.firstDay, "last_day": v.lastDay,
			})
			if err != nil {
				return false, err
			}
			in, _ = rows[0]["contained"].(bool)
		}
		if !in {
			return false, nil
		}
	}
	return true, nil
}

// holds reports whether all that one measure counts is counted by the other, in one unit: every
// outcome is one of a request that was received.
func holds(whole, part string) bool {
	if whole == part {
		return true
	}
	switch whole {
	case received:
		return strings.HasPrefix(part, "outcome_") || part == "requests_some_data_disclosed" || part == "requests_no_data_disclosed"
	case "accounts_specified":
		return part == "accounts_some_data_disclosed"
	case "requests_some_data_disclosed":
		return part == "outcome_content" || part == "outcome_noncontent_only"
	}
	return false
}

// placed reports whether the one place lies in the other throughout the days of the figure.
func (s store) placed(ctx context.Context, part, whole Place, v Value) (bool, error) {
	if whole == part || whole == (Place{}) {
		return true, nil
	}
	if whole.Kind != "group" || part == (Place{}) {
		return false, nil
	}
	rows, err := s.run(ctx, "member", map[string]any{
		"group": whole.Code, "jurisdiction": part.Code, "first_day": v.firstDay, "last_day": v.lastDay,
	})
	if err != nil {
		return false, err
	}
	in, _ := rows[0]["member"].(bool)
	return in, nil
}

func (s store) breaks(ctx context.Context, about Subject, cells []Cell, after, until string) ([]string, error) {
	var services, processes, measures, places []string
	once := func(list *[]string, v string) {
		if !slices.Contains(*list, v) {
			*list = append(*list, v)
		}
	}
	for _, f := range about.Figures {
		once(&processes, f.Process)
		once(&measures, f.Measure)
	}
	for _, c := range cells {
		once(&services, c.service)
		once(&places, c.Jurisdiction)
	}
	code, group := about.jurisdiction()
	if group != "none" {
		code = group
	}
	only := code
	if len(places) == 1 {
		only = places[0]
	}
	rows, err := s.run(ctx, "breaks", map[string]any{
		"provider": about.Provider, "first_day": after, "last_day": until, "jurisdiction": code, "places": only,
		"services": strings.Join(services, "|"), "processes": strings.Join(processes, "|"), "measures": strings.Join(measures, "|"),
	})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s (%s, %s)", r.text("title"), strings.ReplaceAll(r.text("kind"), "_", " "), r.text("first_day")))
	}
	return out, nil
}
