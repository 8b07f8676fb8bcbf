package warehouse_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/zeebo/xxh3"

	"daylight/normalize"
	"daylight/normalize/audit"
	"daylight/warehouse"
)

// clock is the fixed time of every test.
func clock() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func options() warehouse.Options {
	return warehouse.Options{
		Now: clock, Version: "test", Command: "ingest",
		Sources: []warehouse.Source{{ID: "google/user-data", Provider: "google", Title: "User data requests"}},
	}
}

// fig is one figure of a test.
type fig struct {
	jurisdiction string
	low, high    float64
	exactness    string // "exact" when empty
	half         int    // number of half-years after 2013-H1
	measure      string // "requests_received" when empty
	process      string // "law_enforcement_all" when empty
	unit         string // "requests" when empty
	raw          string
	mutate       func(*row)
}

// row is all that a figure's record holds.
type row struct {
	provider, service, source, kind, jurisdiction, assisting, level, class      string
	process, measure, unit, item, exactness, scheme, basis, raw, label, locator string
	capture, table                                                              string
	key                                                                         uint64
	start, end                                                                  time.Time
	low, high                                                                   *float64
	inclusive, raised                                                           bool
	footnotes, flags                                                            []string
}

func half(n int) (time.Time, time.Time) {
	y := 2013 + n>>1
	if n&1 == 0 {
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(y, 6, 30, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(y, 7, 1, 0, 0, 0, 0, time.UTC), time.Date(y, 12, 31, 0, 0, 0, 0, time.UTC)
}

func or(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func (f fig) row(c warehouse.Capture, n int) row {
	r := row{
		provider: c.Provider, service: "google", source: c.Source, kind: "half", jurisdiction: f.jurisdiction,
		level: "any", class: "all", process: or(f.process, "law_enforcement_all"), measure: or(f.measure, "requests_received"),
		unit: or(f.unit, "requests"), exactness: or(f.exactness, "exact"), basis: "as_published",
		raw: or(f.raw, fmt.Sprint(f.low)), label: "User Data Requests | " + f.jurisdiction,
		locator: fmt.Sprintf("line %d column 4", n+2), capture: c.SHA256, inclusive: true, low: &f.low, high: &f.high,
		footnotes: []string{"*"}, flags: []string{},
	}
	r.start, r.end = half(f.half)
	if f.exactness == "withheld" || f.exactness == "not_reported" {
		r.low, r.high = nil, nil
	}
	r.key = xxh3.HashString(strings.Join([]string{r.source, r.service, r.start.String(), r.jurisdiction, r.process, r.measure, r.unit, r.item}, "\x1f"))
	if f.mutate != nil {
		f.mutate(&r)
	}
	return r
}

// records builds one record of normalize.ObservationSchema.
func record(rows []row) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, normalize.ObservationSchema)
	defer b.Release()
	for _, r := range rows {
		for i, f := range normalize.ObservationSchema.Fields() {
			switch f.Name {
			case "series_key":
				b.Field(i).(*array.Uint64Builder).Append(r.key)
			case "period_start":
				b.Field(i).(*array.Date32Builder).Append(arrow.Date32FromTime(r.start))
			case "period_end":
				b.Field(i).(*array.Date32Builder).Append(arrow.Date32FromTime(r.end))
			case "value_low", "value_high":
				v := r.low
				if f.Name == "value_high" {
					v = r.high
				}
				if v == nil {
					b.Field(i).AppendNull()
				} else {
					b.Field(i).(*array.Float64Builder).Append(*v)
				}
			case "high_inclusive":
				b.Field(i).(*array.BooleanBuilder).Append(r.inclusive)
			case "floor_raised":
				b.Field(i).(*array.BooleanBuilder).Append(r.raised)
			case "footnotes", "quality_flags":
				v := r.footnotes
				if f.Name == "quality_flags" {
					v = r.flags
				}
				l := b.Field(i).(*array.ListBuilder)
				l.Append(true)
				for _, s := range v {
					l.ValueBuilder().(*array.StringBuilder).Append(s)
				}
			default:
				v, ok := r.text(f.Name)
				if !ok {
					panic("column " + f.Name)
				}
				switch fb := b.Field(i).(type) {
				case *array.StringBuilder:
					fb.Append(v)
				case *array.BinaryDictionaryBuilder:
					if err := fb.AppendString(v); err != nil {
						panic(err)
					}
				}
			}
		}
	}
	return b.NewRecord()
}

func (r *row) text(column string) (string, bool) {
	switch column {
	case "provider":
		return r.provider, true
	case "service":
		return r.service, true
	case "source":
		return r.source, true
	case "period_kind":
		return r.kind, true
	case "jurisdiction":
		return r.jurisdiction, true
	case "assisting_jurisdiction":
		return r.assisting, true
	case "requester_level":
		return r.level, true
	case "customer_class":
		return r.class, true
	case "process":
		return r.process, true
	case "measure":
		return r.measure, true
	case "unit":
		return r.unit, true
	case "item":
		return r.item, true
	case "exactness":
		return r.exactness, true
	case "band_scheme":
		return r.scheme, true
	case "basis":
		return r.basis, true
	case "raw_text":
		return r.raw, true
	case "raw_label":
		return r.label, true
	case "report_table":
		return or(r.table, "table"), true
	case "locator":
		return r.locator, true
	case "capture":
		return r.capture, true
	}
	return "", false
}

// capture returns a capture whose hash is made of the letter.
func capture(letter string, at time.Time, trust string) warehouse.Capture {
	return warehouse.Capture{
		SHA256: strings.Repeat(letter, 64), Provider: "google", Source: "google/user-data", Name: letter + ".csv",
		RetrievedAt: at, Trust: trust, Size: 10, Tool: "test",
	}
}

func edition(label string) warehouse.Edition {
	e := warehouse.Edition{Source: "google/user-data", Label: label}
	var y, h int
	if n, _ := fmt.Sscanf(label, "%d-H%d", &y, &h); n == 2 {
		e.PeriodStart, e.PeriodEnd = half((y-2013)*2 + h - 1)
	}
	return e
}

// input is one capture with its figures.
type input struct {
	capture  warehouse.Capture
	edition  string
	figs     []fig
	rejects  []normalize.Reject
	findings []audit.Finding
}

func load(ctx context.Context, w *warehouse.Warehouse, in input) (warehouse.Result, error) {
	return loadPublished(ctx, w, in, "")
}

// loadPublished is load of an edition whose date of publication is known.
func loadPublished(ctx context.Context, w *warehouse.Warehouse, in input, on string) (warehouse.Result, error) {
	l, err := w.Load(ctx, in.capture)
	if err != nil {
		return warehouse.Result{}, err
	}
	defer l.Discard()
	var rows []row
	for i, f := range in.figs {
		rows = append(rows, f.row(in.capture, i))
	}
	rec := record(rows)
	defer rec.Release()
	// Two records, so that batches are crossed.
	for _, cut := range [][2]int64{{0, rec.NumRows() / 2}, {rec.NumRows() / 2, rec.NumRows()}} {
		part := rec.NewSlice(cut[0], cut[1])
		err := l.Write(part)
		part.Release()
		if err != nil {
			return warehouse.Result{}, err
		}
	}
	book := normalize.Book{Rows: int64(len(in.figs) + len(in.rejects)), Observations: int64(len(in.figs)), Rejects: int64(len(in.rejects))}
	for _, r := range in.rejects {
		r.Source, r.Edition, r.Capture = in.capture.Source, in.edition, in.capture.SHA256
		if err := l.Reject(r); err != nil {
			return warehouse.Result{}, err
		}
	}
	e := edition(in.edition)
	e.Source, e.PublishedOn = in.capture.Source, on
	return l.Commit(ctx, e, in.findings, book)
}

func begin(t testing.TB, dir string) *warehouse.Warehouse {
	t.Helper()
	w, err := warehouse.Begin(context.Background(), dir, options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Abort(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// publish loads the inputs into a warehouse in dir and publishes it.
func publish(t testing.TB, dir string, ins ...input) []warehouse.Result {
	t.Helper()
	w := begin(t, dir)
	var out []warehouse.Result
	for _, in := range ins {
		r, err := load(context.Background(), w, in)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	if err := w.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	return out
}

// ask runs a query on the published warehouse and prints each row with "|".
func ask(t testing.TB, dir, query string) []string {
	t.Helper()
	db, err := warehouse.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	return askDB(t, db, query)
}

func askDB(t testing.TB, db *warehouse.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var cells []string
		for _, v := range rows.Values() {
			switch v := v.(type) {
			case time.Time:
				cells = append(cells, v.Format(time.RFC3339))
			default:
				cells = append(cells, fmt.Sprint(v))
			}
		}
		out = append(out, strings.Join(cells, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
