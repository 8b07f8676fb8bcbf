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
