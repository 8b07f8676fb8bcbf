// Package figure answers one question: which printed figure is meant, and what do the other
// editions say of it?
//
// A figure has a short name, the first twelve digits of its capture's SHA-256, "/" and its
// number among the figures of the capture: 9a9a42ce4bbe/17. Every listing can print it,
// because it is left(capture, 12) || '/' || ordinal of the views observation and current. The
// number counts the figures as this program reads them; the place within the bytes holds for
// every program and for ever, so that the place may stand instead of the number
// ("9a9a42ce4bbe/table 1 row 10 column 3"), and a citation gives the place. Where a publisher
// printed, replaced and printed again the same bytes, the name means their newest reading, and an
// older one has the time of its capture in its name: 9a9a42ce4bbe@2019-01-01T00:00:00Z/17.
//
// The package stands apart from the questions because it looks figures up one by one and
// computes nothing but by how much a reading moved. What the bytes say is not asked here: a
// package of queries knows no captures, only their names.
//
// It may import queries and warehouse.
package figure

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"daylight/queries"
	"daylight/warehouse"
)

//go:embed sql/*.sql
var statements embed.FS

// Figure is one printed figure of one edition.
type Figure struct {
	Cell    queries.Cell
	Name    string // "9a9a42ce4bbe/17", with the time where the same bytes have a newer reading
	Period  string // label
	Value   string // as text: 12, 0–499, ≥ 5,000, or nothing
	Process string // title of the process
	Measure string // title of the measure

	Provider, Source, Edition, Jurisdiction, Unit, Exactness string
	RawText, Locator                                         string
	SeriesKey                                                uint64

	Capture     string // SHA-256
	File        string // name of the captured file
	URL         string // after redirects where known
	CapturedAt  time.Time
	Trust       string
	LoadedBy    string // version of the program that read it
	PublishedOn string // of the edition, as precisely as known
	Title, Page string // of the report
	Licence     string

	Header []string // columns of view observation
	Values []any    // as warehouse.Rows gives them
}

// Citation is the figure in one line.
func (f Figure) Citation() queries.Citation {
	return queries.Citation{
		Title: f.Title, Edition: f.Edition, File: f.File, Places: []queries.Place{{Locator: f.Locator, Text: f.RawText}},
		CapturedAt: f.CapturedAt.Format(time.RFC3339), Trust: f.Trust, SHA256: f.Capture, URL: f.URL,
	}
}

// Reading is what one edition, or one capture of it, prints of a series. An end that is null
// is none.
type Reading struct {
	Cell queries.Cell `json:"-"`

	Figure      string   `json:"figure"`
	This        bool     `json:"this"` // the figure that was asked about
	Edition     string   `json:"edition"`
	Revision    int64    `json:"revision"`
	PublishedOn string   `json:"published_on"` // of the edition, as precisely as known
	CapturedAt  string   `json:"captured_at"`  // UTC, RFC 3339
	Trust       string   `json:"trust"`
	Low         *float64 `json:"low"`
	High        *float64 `json:"high"`
	Text        string   `json:"text"`
	Exactness   string   `json:"exactness"`
	RawText     string   `json:"raw_text"`
	Locator     string   `json:"locator"`
	State       string   `json:"state"`     // current, or since when no longer
	Moved       bool     `json:"moved"`     // it differs from the reading before it in this list
	MoveLow     *float64 `json:"move_low"`  // by how much at least
	MoveHigh    *float64 `json:"move_high"` // by how much at most
	Direction   string   `json:"direction"` // up, down, same or indeterminate
	Apart       bool     `json:"apart"`     // the two have no number in common
}

// Finding is a relation that does not hold, of whose figures this is one.
type Finding struct {
	Check    string `json:"check"`
	Status   string `json:"status"` // pinned or open
	Hold     bool   `json:"hold"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
	Detail   string `json:"detail"`
	Pin      string `json:"pin"`
	Run      string `json:"run"`
}

// row is one line of an answer, by column.
type row map[string]any

func (r row) text(column string) string   { s, _ := r[column].(string); return s }
func (r row) integer(column string) int64 { n, _ := r[column].(int64); return n }
func (r row) flag(column string) bool     { b, _ := r[column].(bool); return b }

func (r row) end(column string) *float64 {
	if v, ok := r[column].(float64); ok {
		return &v
	}
	return nil
}

func (r row) cell() queries.Cell {
	return queries.Cell{CaptureID: r.integer("capture_id"), Ordinal: r.integer("ordinal")}
}

// ask runs a statement and hands on its lines; values are the line's and overwritten by the next.
func ask(ctx context.Context, db *warehouse.DB, statement string, args map[string]any, each func(r row, values []any)) (columns []string, err error) {
	var named []sql.NamedArg
	for name, v := range args {
		named = append(named, sql.Named(name, v))
	}
	rows, err := db.QueryOwn(ctx, statement, named...)
	if err != nil {
		return nil, err
	}
	for _, c := range rows.Columns() {
		columns = append(columns, c.Name)
	}
	for rows.Next() {
		r := row{}
		for i, v := range rows.Values() {
			r[columns[i]] = v
		}
		each(r, rows.Values())
	}
	return columns, errors.Join(rows.Err(), rows.Close())
}

// run is ask for a statement of the folder sql.
func run(ctx context.Context, db *warehouse.DB, name string, args map[string]any, each func(r row, values []any)) ([]string, error) {
	text, err := statements.ReadFile("sql/" + name + ".sql")
	if err != nil {
		return nil, err
	}
	columns, err := ask(ctx, db, string(text), args, each)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return columns, nil
}

// list writes cells as the statements take them.
func list(cells []queries.Cell) string {
	var b strings.Builder
	for i, c := range cells {
		if i > 0 {
			b.WriteByte('|')
		}
		b.WriteString(strconv.FormatInt(c.CaptureID, 10) + "/" + strconv.FormatInt(c.Ordinal, 10))
	}
	return b.String()
}

// Load returns the figures of the cells, in the order of captures and within each in printed
// order. A cell that does not exist is left out.
func Load(ctx context.Context, db *warehouse.DB, cells []queries.Cell) ([]Figure, error) {
	return load(ctx, db, map[string]any{"keys": list(cells), "capture_id": 0})
}

// OfCapture returns all figures of a capture, by its number (capture.id).
func OfCapture(ctx context.Context, db *warehouse.DB, captureID int64) ([]Figure, error) {
	return load(ctx, db, map[string]any{"keys": "", "capture_id": captureID})
}

// firstOfObservation is the first column of figures.sql that is one of view observation.
const firstOfObservation = "provider"

func load(ctx context.Context, db *warehouse.DB, args map[string]any) ([]Figure, error) {
	var out []Figure
	var all [][]any
	columns, err := run(ctx, db, "figures", args, func(r row, values []any) {
		f := Figure{
			Cell: r.cell(), Name: r.text("figure"), Period: r.text("period"), Value: r.text("value_text"),
			Process: r.text("process_title"), Measure: r.text("measure_title"),
			Provider: r.text("provider"), Source: r.text("source"), Edition: r.text("edition"), Jurisdiction: r.text("jurisdiction"),
			Unit: r.text("unit"), Exactness: r.text("exactness"), RawText: r.text("raw_text"), Locator: r.text("locator"),
			Capture: r.text("capture"), File: r.text("file"), URL: r.text("final_url"), Trust: r.text("trust"), LoadedBy: r.text("loaded_by"),
			PublishedOn: r.text("published_on"), Title: r.text("title"), Page: r.text("page"), Licence: r.text("licence"),
		}
		f.SeriesKey, _ = r["series_key"].(uint64)
		f.CapturedAt, _ = r["captured_at"].(time.Time)
		if f.URL == "" {
			f.URL = r.text("url")
		}
		out = append(out, f)
		all = append(all, slices.Clone(values))
	})
	if err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	from := slices.Index(columns, firstOfObservation)
	for i := range out {
		out[i].Header, out[i].Values = columns[from:], all[i][from:]
	}
	return out, nil
}

// Readings returns, by series key, what every edition says of the figures' series, in the
// order of the editions.
func Readings(ctx context.Context, db *warehouse.DB, figures []Figure) (map[uint64][]Reading, error) {
	var keys []string
	seen := map[uint64]bool{}
	for _, f := range figures {
		if !seen[f.SeriesKey] {
			seen[f.SeriesKey] = true
			keys = append(keys, strconv.FormatUint(f.SeriesKey, 10))
		}
	}
	out := map[uint64][]Reading{}
	if len(keys) == 0 {
		return out, nil
	}
	_, err := run(ctx, db, "readings", map[string]any{"series": strings.Join(keys, "|")}, func(r row, _ []any) {
		key, _ := r["series_key"].(uint64)
		at, _ := r["captured_at"].(time.Time)
		out[key] = append(out[key], Reading{
			Cell: r.cell(), Figure: r.text("figure"), Edition: r.text("edition"), Revision: r.integer("revision"), PublishedOn: r.text("published_on"),
			CapturedAt: at.Format(time.RFC3339), Trust: r.text("trust"), Low: r.end("low"), High: r.end("high"), Text: r.text("value_text"),
			Exactness: r.text("exactness"), RawText: r.text("raw_text"), Locator: r.text("locator"), State: r.text("state"),
			Moved: r.flag("moved"), MoveLow: r.end("move_low"), MoveHigh: r.end("move_high"), Direction: r.text("direction"), Apart: r.flag("apart"),
		})
	})
	if err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	return out, nil
}

// Findings returns, by cell, the stored findings whose scope holds the figures.
func Findings(ctx context.Context, db *warehouse.DB, figures []Figure) (map[queries.Cell][]Finding, error) {
	cells := make([]queries.Cell, len(figures))
	for i, f := range figures {
		cells[i] = f.Cell
	}
	out := map[queries.Cell][]Finding{}
	if len(cells) == 0 {
		return out, nil
	}
	_, err := run(ctx, db, "findings", map[string]any{"keys": list(cells)}, func(r row, _ []any) {
		out[r.cell()] = append(out[r.cell()], Finding{
			Check: r.text("check_name"), Status: r.text("status"), Hold: r.flag("hold"), Expected: r.text("expected"),
			Found: r.text("found"), Detail: r.text("detail"), Pin: r.text("pin"), Run: r.text("run"),
		})
	})
	if err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	return out, nil
}

// Select is the SQL that gives the figures again, as rows of view observation with their short
// names in front. It names them by edition, capture with its time, and place, which hold in every
// warehouse of the same captures. The time tells readings of the same bytes apart, of which one was
// replaced and the other is printed again.
func Select(figures []Figure) string {
	var b strings.Builder
	b.WriteString("SELECT left(capture, 12) || '/' || ordinal AS figure, *\nFROM observation\nWHERE (edition, capture, captured_at, locator) IN (\n")
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	lines := map[string]bool{}
	for _, f := range figures {
		lines["    ("+quote(f.Edition)+", "+quote(f.Capture)+", TIMESTAMPTZ "+quote(f.CapturedAt.UTC().Format("2006-01-02 15:04:05.999999+00"))+", "+quote(f.Locator)+")"] = true
	}
	sorted := make([]string, 0, len(lines))
	for l := range lines {
		sorted = append(sorted, l)
	}
	slices.Sort(sorted)
	b.WriteString(strings.Join(sorted, ",\n"))
	b.WriteString("\n)\nORDER BY capture, edition, captured_at, ordinal\n")
	return b.String()
}

// ErrUsage says that a name is none of a figure.
var ErrUsage = queries.ErrUsage

// ErrUnknown says that there is no figure of that name.
var ErrUnknown = errors.New("no such figure")

// Forms says how a figure may be named.
const Forms = "CAPTURE/NUMBER such as 9a9a42ce4bbe/17, CAPTURE/PLACE such as '9a9a42ce4bbe/Criminal!D5', either with CAPTURE@TIME such as 9a9a42ce4bbe@2019-01-01, SERIES_KEY or SERIES_KEY@EDITION"

var (
	captureForm = regexp.MustCompile(`^([0-9a-f]{4,64})(?:@([0-9][0-9TZ:-]*))?/(.+)$`)
	seriesForm  = regexp.MustCompile(`^([0-9]{1,20})(?:@([^@]+))?$`)
	numberForm  = regexp.MustCompile(`^[1-9][0-9]{0,9}$`)
)

// Find returns the cell that a name means. The name is one of Forms: the first digits of the
// capture's SHA-256, at least four, with a number or a place, and where the same bytes were captured
// more than once also the time of capture or its beginning, without which the newest reading is
// meant; or the key of a series, which
// means its newest standing reading, or that of an edition. The error wraps ErrUsage when the
// name has none of these forms or the digits mean several captures, else ErrUnknown.
func Find(ctx context.Context, db *warehouse.DB, name string) (queries.Cell, error) {
	fail := func(err error) (queries.Cell, error) { return queries.Cell{}, fmt.Errorf("figure %q: %w", name, err) }
	if m := captureForm.FindStringSubmatch(name); m != nil {
		c, err := inCapture(ctx, db, m[1], m[2], m[3])
		if err != nil {
			return fail(err)
		}
		return c, nil
	}
	if m := seriesForm.FindStringSubmatch(name); m != nil {
		key, err := strconv.ParseUint(m[1], 10, 64)
		if err != nil {
			return fail(fmt.Errorf("%w: %s is too large for a series key", ErrUsage, m[1]))
		}
		c, err := inSeries(ctx, db, key, m[2])
		if err != nil {
			return fail(err)
		}
		return c, nil
	}
	return fail(fmt.Errorf("%w: want %s", ErrUsage, Forms))
}

func inCapture(ctx context.Context, db *warehouse.DB, prefix, when, rest string) (queries.Cell, error) {
	type capture struct {
		id, figures, last int64
		sha, name, place  string
		at                string // UTC
	}
	var found []capture
	_, err := ask(ctx, db, `SELECT k.id::BIGINT AS id, k.sha256, k.name, k.source || ' ' || k.edition AS place,
			strftime(make_timestamp(epoch_us(k.retrieved_at)), '%Y-%m-%dT%H:%M:%SZ') AS at, count(f.ordinal) AS n, coalesce(max(f.ordinal), 0)::BIGINT AS last
		FROM capture k LEFT JOIN figure f ON f.capture_id = k.id
		WHERE starts_with(k.sha256, $prefix) GROUP BY k.id, k.sha256, k.name, place, k.retrieved_at ORDER BY k.sha256, k.retrieved_at, k.id`, map[string]any{"prefix": prefix},
		func(r row, _ []any) {
			found = append(found, capture{r.integer("id"), r.integer("n"), r.integer("last"), r.text("sha256"), r.text("name"), r.text("place"), r.text("at")})
		})
	if err != nil {
		return queries.Cell{}, err
	}
	if len(found) == 0 {
		return queries.Cell{}, fmt.Errorf("%w: no capture's SHA-256 starts with %s; see %s", ErrUnknown, prefix, `daylight sql "SELECT sha256, name FROM capture"`)
	}
	if last := found[len(found)-1]; last.sha != found[0].sha {
		return queries.Cell{}, fmt.Errorf("%w: %d captures start with %s, such as %.12s (%s) and %.12s (%s): give more digits",
			ErrUsage, len(found), prefix, found[0].sha, found[0].name, last.sha, last.name)
	}
	all := found
	found = slices.DeleteFunc(slices.Clone(all), func(c capture) bool { return !strings.HasPrefix(c.at, when) })
	if len(found) == 0 {
		var at []string
		for _, c := range all {
			at = append(at, c.at)
		}
		return queries.Cell{}, fmt.Errorf("%w: %s (%.12s) was not captured at %s, but at %s", ErrUnknown, all[0].name, all[0].sha, when, strings.Join(at, ", "))
	}
	numbered := numberForm.MatchString(rest)
	var out []queries.Cell
	placed := map[string]int{} // place -> its cell in out
	// One, unless two sources have the same bytes, or the publisher went back to them: then the
	// cell is the same, and its newest reading is meant.
	for _, c := range found {
		args := map[string]any{"id": c.id, "rest": rest}
		where := "locator = $rest"
		if numbered {
			where = "ordinal = $rest::BIGINT"
		}
		if _, err := ask(ctx, db, `SELECT capture_id::BIGINT AS capture_id, ordinal::BIGINT AS ordinal FROM figure WHERE capture_id = $id AND `+where,
			args, func(r row, _ []any) {
				if i, ok := placed[c.place]; ok && out[i].CaptureID != c.id {
					out[i] = r.cell()
					return
				}
				placed[c.place] = len(out)
				out = append(out, r.cell())
			}); err != nil {
			return queries.Cell{}, err
		}
	}
	c := found[0]
	switch {
	case len(out) == 1:
		return out[0], nil
	case len(out) > 1:
		return queries.Cell{}, fmt.Errorf("%w: %d figures have that name: name it by its series key", ErrUsage, len(out))
	case c.figures == 0:
		return queries.Cell{}, fmt.Errorf("%w: no figure stands under the capture %s (%.12s): all were refused, or an earlier capture of the edition gave them", ErrUnknown, c.name, c.sha)
	case numbered:
		return queries.Cell{}, fmt.Errorf("%w: %s (%.12s) has no figure %s; it has %d, numbered up to %d, and what is left out %s",
			ErrUnknown, c.name, c.sha, rest, c.figures, c.last, leftOut)
	}
	why := "nothing was read there, or it " + leftOut
	if _, err := ask(ctx, db, `SELECT reason, detail FROM reject WHERE capture_id = $id AND locator = $rest LIMIT 1`,
		map[string]any{"id": c.id, "rest": rest}, func(r row, _ []any) {
			why = fmt.Sprintf("it was refused (%s): %s", r.text("reason"), r.text("detail"))
		}); err != nil {
		return queries.Cell{}, err
	}
	return queries.Cell{}, fmt.Errorf("%w: %s (%.12s) has no figure at %q: %s", ErrUnknown, c.name, c.sha, rest, why)
}

// leftOut says why a printed figure may be none of its capture's.
const leftOut = "was refused, repeats a line, or stands under an earlier capture of the edition"

func inSeries(ctx context.Context, db *warehouse.DB, key uint64, edition string) (queries.Cell, error) {
	var out []queries.Cell
	var editions []string
	_, err := ask(ctx, db, `SELECT t.capture_id::BIGINT AS capture_id, t.ordinal::BIGINT AS ordinal, t.edition
		FROM standing t JOIN capture k ON k.id = t.capture_id
		WHERE t.series_key = $key::UBIGINT ORDER BY t.until_seq = t.seq, t.seq DESC, k.retrieved_at DESC`, map[string]any{"key": strconv.FormatUint(key, 10)},
		func(r row, _ []any) {
			if !slices.Contains(editions, r.text("edition")) {
				editions = append(editions, r.text("edition"))
			}
			if edition == "" || edition == r.text("edition") {
				out = append(out, r.cell())
			}
		})
	switch {
	case err != nil:
		return queries.Cell{}, err
	case len(editions) == 0:
		return queries.Cell{}, fmt.Errorf("%w: no figure has this series key; the column series_key of view observation has them", ErrUnknown)
	case len(out) == 0:
		return queries.Cell{}, fmt.Errorf("%w: the series does not stand in edition %q, but in %s", ErrUnknown, edition, strings.Join(editions, ", "))
	}
	return out[0], nil
}
