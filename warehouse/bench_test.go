package warehouse_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"daylight/normalize"
	"daylight/warehouse"
)

// benchFigures is the number of figures of a 100-fold Google file.
const benchFigures = 463_800

// benchRows builds figures that no two share a series, with the texts a Google file has.
func benchRows(c warehouse.Capture, from, n int) []row {
	rows := make([]row, n)
	measures := []string{"requests_received", "accounts_specified", "pct_requests_some_data_disclosed"}
	units := []string{"requests", "accounts", "percent_rounded"}
	for i := range rows {
		k := from + i
		v := float64(k % 5000)
		if k%3 == 2 {
			v = float64(k % 100)
		}
		f := fig{jurisdiction: []string{"DE", "US", "FR", "GB", "IN", "BR"}[k/3%6], low: v, high: v, half: k / 30000 % 20, measure: measures[k%3], unit: units[k%3]}
		r := f.row(c, k)
		if k%3 == 2 {
			r.exactness = "rounded"
		}
		r.item = ""
		r.key = uint64(k+1) * 0x9E3779B97F4A7C15
		r.label = "User Data Requests | Germany | Emergency Disclosure Requests"
		r.locator = fmt.Sprintf("google-global-user-data-requests.csv: line %d column %d", k/3, k%3+4)
		rows[i] = r
	}
	return rows
}

// BenchmarkLoad loads a 100-fold Google file, once and ten times as large, and reports
// figures a second for the load alone (Load to Commit), what publishing adds, and the peak
// resident memory of the process, which must not grow with the size.
func BenchmarkLoad(b *testing.B) {
	const batch = 16384
	c := capture("a", clock(), "archive")
	var records []arrow.Record
	// A few records that are sent again and again under new keys: what the benchmark
	// itself holds must not hide what the load holds.
	for i := range 6 {
		records = append(records, record(benchRows(c, i*batch, batch)))
	}
	for _, fold := range []int{1, 10} {
		b.Run(fmt.Sprintf("fold_%d", fold), func(b *testing.B) {
			ctx := context.Background()
			var loading, publishing time.Duration
			for b.Loop() {
				w := begin(b, b.TempDir())
				total := benchFigures * fold
				start := time.Now()
				l, err := w.Load(ctx, c)
				if err != nil {
					b.Fatal(err)
				}
				for from := 0; from < total; from += batch {
					rec := withKeys(records[from/batch%len(records)], from, min(batch, total-from))
					if err := l.Write(rec); err != nil {
						b.Fatal(err)
					}
					rec.Release()
				}
				book := normalize.Book{Rows: int64(total), Observations: int64(total)}
				if _, err := l.Commit(ctx, edition("2022-H2"), nil, book); err != nil {
					b.Fatal(err)
				}
				loading += time.Since(start)
				start = time.Now()
				if err := w.Publish(ctx); err != nil {
					b.Fatal(err)
				}
				publishing += time.Since(start)
			}
			n := float64(b.N * benchFigures * fold)
			b.ReportMetric(n/loading.Seconds(), "figures/s")
			b.ReportMetric(n/(loading+publishing).Seconds(), "figures+publish/s")
			b.ReportMetric(peakMemory(b), "peak-MB")
		})
	}
}

// benchEditions is the number of editions that print every series of BenchmarkHistory.
const benchEditions = 10

// BenchmarkHistory loads editions that print the same series again and again, a few of them with
// another figure, and times what the history costs: deriving it at publishing, comparing the new
// file with the published one, and asking as of now, an edition and a day.
func BenchmarkHistory(b *testing.B) {
	const batch = 16384
	ctx := context.Background()
	var records []arrow.Record
	for i := range 6 {
		records = append(records, record(benchRows(capture("a", clock(), "archive"), i*batch, batch)))
	}
	for _, total := range []int{1_000_000, 10_000_000} {
		b.Run(fmt.Sprintf("figures_%d", total), func(b *testing.B) {
			dir, series := b.TempDir(), total/benchEditions
			edit := func(w *warehouse.Warehouse, e int) error {
				c := capture(string("0123456789abcdef"[e]), day(e), "archive")
				l, err := w.Load(ctx, c)
				if err != nil {
					return err
				}
				for from := 0; from < series; from += batch {
					at := from / batch
					if at%37 == 0 {
						at += e // another figure than in the edition before
					}
					rec := recaptured(withKeys(records[at%len(records)], from, min(batch, series-from)), c)
					if err := l.Write(rec); err != nil {
						return err
					}
					rec.Release()
				}
				book := normalize.Book{Rows: int64(series), Observations: int64(series)}
				_, err = l.Commit(ctx, edition(fmt.Sprintf("%d-H%d", 2023+e/2, e%2+1)), nil, book)
				return err
			}
			took := func(name string, do func() error) {
				start := time.Now()
				if err := do(); err != nil {
					b.Fatal(err)
				}
				b.Logf("%s: %.2f s", name, time.Since(start).Seconds())
			}
			w := begin(b, dir)
			took("load all editions but the last", func() error {
				for e := range benchEditions - 1 {
					if err := edit(w, e); err != nil {
						return err
					}
				}
				return nil
			})
			took("publish", func() error { return w.Publish(ctx) })
			w = begin(b, dir)
			took("load the last edition", func() error { return edit(w, benchEditions-1) })
			changes := func() error { _, err := w.Changes(ctx); return err }
			took("derive the history, and compare", changes)
			took("compare again", changes)
			took("publish what is derived", func() error { return w.Publish(ctx) })

			db, err := warehouse.Open(ctx, dir)
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			const summed = "SELECT period, sum(value_low), sum(value_high), count(*) FROM standing_at('%s') WHERE jurisdiction = 'DE' AND measure = 'requests_received' GROUP BY ALL"
			for _, q := range []struct{ name, query string }{
				{"as_of_now", fmt.Sprintf(summed, "now")},
				{"as_of_edition", fmt.Sprintf(summed, "2024-H1")},
				{"as_of_day", fmt.Sprintf(summed, day(4).Format(time.DateOnly))},
				{"totals", "SELECT * FROM totals('law_enforcement_all/requests_received', jurisdictions := 'DE')"},
				{"restated", `SELECT count(*) FROM standing o JOIN standing n ON n.series_key = o.series_key AND n.seq = o.replaced_seq
					WHERE o.jurisdiction = 'DE' AND n.jurisdiction = 'DE' AND n.value_low <> o.value_low`},
				{"one_series", "SELECT * FROM reading WHERE series_key = 11400714819323198485"},
			} {
				b.Run(q.name, func(b *testing.B) {
					for b.Loop() {
						if len(askDB(b, db, q.query)) == 0 {
							b.Fatal("no rows")
						}
					}
				})
			}
			b.Logf("peak memory: %.0f MB", peakMemory(b))
		})
	}
}

// recaptured returns the record with another capture.
func recaptured(r arrow.Record, c warehouse.Capture) arrow.Record {
	defer r.Release()
	hashes := array.NewStringBuilder(memory.DefaultAllocator)
	defer hashes.Release()
	for range r.NumRows() {
		hashes.Append(c.SHA256)
	}
	columns := slices.Clone(r.Columns())
	hash := hashes.NewArray()
	defer hash.Release()
	columns[r.Schema().FieldIndices("capture")[0]] = hash
	return array.NewRecord(r.Schema(), columns, r.NumRows())
}

// withKeys returns the record's first n rows with series keys that count from first.
func withKeys(r arrow.Record, first, n int) arrow.Record {
	kb := array.NewUint64Builder(memory.DefaultAllocator)
	defer kb.Release()
	for i := range int(r.NumRows()) {
		kb.Append(uint64(first+i+1) * 0x9E3779B97F4A7C15)
	}
	keys := kb.NewArray()
	defer keys.Release()
	columns := slices.Clone(r.Columns())
	columns[r.Schema().FieldIndices("series_key")[0]] = keys
	all := array.NewRecord(r.Schema(), columns, r.NumRows())
	defer all.Release()
	return all.NewSlice(0, int64(n))
}

// peakMemory returns the peak resident memory of the process in MB, 0 where the system
// does not tell.
func peakMemory(b *testing.B) float64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, ok := bytes.Cut(raw, []byte("VmHWM:"))
	if !ok {
		return 0
	}
	kb, err := strconv.Atoi(string(bytes.Fields(rest)[0]))
	if err != nil {
		b.Fatal(err)
	}
	return float64(kb) / 1024
}

// BenchmarkCompare compares a 100-fold Google file, once and ten times as large, with a
// rebuilt one in which one figure of a thousand is read differently, and reports readings a
// second and the peak resident memory of the process, which must not grow with the size.
func BenchmarkCompare(b *testing.B) {
	const batch = 16384
	c := capture("a", clock(), "archive")
	sets := map[bool][]arrow.Record{}
	for _, changed := range []bool{false, true} {
		for i := range 6 {
			rows := benchRows(c, i*batch, batch)
			for k := range rows {
				if changed && k%1000 == 0 {
					rows[k].flags = []string{"non_integer"}
				}
			}
			sets[changed] = append(sets[changed], record(rows))
		}
	}
	for _, fold := range []int{1, 10} {
		b.Run(fmt.Sprintf("fold_%d", fold), func(b *testing.B) {
			ctx := context.Background()
			dir, total := b.TempDir(), benchFigures*fold
			fill := func(w *warehouse.Warehouse, records []arrow.Record) {
				l, err := w.Load(ctx, c)
				if err != nil {
					b.Fatal(err)
				}
				for from := 0; from < total; from += batch {
					rec := withKeys(records[from/batch%len(records)], from, min(batch, total-from))
					if err := l.Write(rec); err != nil {
						b.Fatal(err)
					}
					rec.Release()
				}
				book := normalize.Book{Rows: int64(total), Observations: int64(total)}
				if _, err := l.Commit(ctx, edition("2022-H2"), nil, book); err != nil {
					b.Fatal(err)
				}
			}
			w := begin(b, dir)
			fill(w, sets[false])
			if err := w.Publish(ctx); err != nil {
				b.Fatal(err)
			}
			o := options()
			o.Fresh = true
			w, err := warehouse.Begin(ctx, dir, o)
			if err != nil {
				b.Fatal(err)
			}
			defer w.Abort()
			fill(w, sets[true])
			var comparing time.Duration
			for b.Loop() {
				start := time.Now()
				found, err := w.Compare(ctx)
				if err != nil {
					b.Fatal(err)
				}
				comparing += time.Since(start)
				if n := found.Changes(); n < int64(total)/1100 || n > int64(total)/900 {
					b.Fatalf("%d of %d readings differ", n, total)
				}
			}
			b.ReportMetric(float64(b.N*total)/comparing.Seconds(), "readings/s")
			b.ReportMetric(peakMemory(b), "peak-MB")
		})
	}
}
