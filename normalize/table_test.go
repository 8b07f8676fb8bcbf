package normalize

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/google/go-cmp/cmp"
)

func TestObservationSchemaDescribesEveryField(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range ObservationSchema.Fields() {
		if i := f.Metadata.FindKey("description"); i < 0 || f.Metadata.Values()[i] == "" {
			t.Errorf("field %q has no description", f.Name)
		}
		if i := f.Metadata.FindKey("unit"); i < 0 {
			t.Errorf("field %q does not say its unit", f.Name)
		}
		if seen[f.Name] {
			t.Errorf("field %q stands here twice", f.Name)
		}
		seen[f.Name] = true
		if want := f.Name == "value_low" || f.Name == "value_high"; f.Nullable != want {
			t.Errorf("field %q nullable: %v, want %v", f.Name, f.Nullable, want)
		}
	}
	if m := ObservationSchema.Metadata(); m.FindKey("schema_version") < 0 {
		t.Error("the schema does not say its version")
	}
}

func observations() []Observation {
	base := Observation{
		Provider: "google", Service: "google", Source: "google/user-data", Edition: "google/user-data/2014-H1",
		Period: halfAt(2014 * 2), Jurisdiction: "NA", RequesterLevel: "any", CustomerClass: "all",
		Process: "law_enforcement_all", Measure: "requests_received", Unit: "requests", Value: Point(7),
		Exactness: Exact, HighInclusive: true, Basis: "as_published", RawText: "7", RawLabel: "Requests | Namibia",
		Locator: "line 2 column 5", Capture: "ab",
	}
	band, open, none, letter := base, base, base, base
	band.Value, band.Exactness, band.BandScheme, band.FloorRaised = Range(6, 499), Band, "ufa_a2_500", true
	band.Footnotes, band.QualityFlags = []string{"*", "†"}, []string{"footnote_mark"}
	open.Value, open.Exactness = AtLeast(5000), LowerBound
	none.Value, none.Exactness, none.RawText = Interval{}, Withheld, ""
	letter.Item, letter.Value = "NSL-1", Point(0)
	letter.Period = NewPeriod(time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC))
	return []Observation{base, band, open, none, letter}
}

// readBack makes observations of a record again.
func readBack(t *testing.T, rec arrow.Record) []Observation {
	t.Helper()
	at := map[string]arrow.Array{}
	for i, f := range rec.Schema().Fields() {
		at[f.Name] = rec.Column(i)
	}
	text := func(name string, i int) string { return at[name].(*array.String).Value(i) }
	list := func(name string, i int) []string {
		l := at[name].(*array.List)
		from, to := l.ValueOffsets(i)
		var out []string
		for j := from; j < to; j++ {
			out = append(out, l.ListValues().(*array.String).Value(int(j)))
		}
		return out
	}
	var out []Observation
	for i := range int(rec.NumRows()) {
		o := Observation{
			Provider: text("provider", i), Service: text("service", i), Source: text("source", i),
			Period: Period{
				Start: at["period_start"].(*array.Date32).Value(i).ToTime(),
				End:   at["period_end"].(*array.Date32).Value(i).ToTime(), Kind: PeriodKind(text("period_kind", i)),
			},
			Jurisdiction: text("jurisdiction", i), AssistingJurisdiction: text("assisting_jurisdiction", i),
			RequesterLevel: text("requester_level", i), CustomerClass: text("customer_class", i),
			Process: text("process", i), Measure: text("measure", i), Unit: text("unit", i), Item: text("item", i),
			Exactness: Exactness(text("exactness", i)), BandScheme: text("band_scheme", i),
			HighInclusive: at["high_inclusive"].(*array.Boolean).Value(i), FloorRaised: at["floor_raised"].(*array.Boolean).Value(i),
			Basis: text("basis", i), RawText: text("raw_text", i), RawLabel: text("raw_label", i),
			Locator: text("locator", i), Capture: text("capture", i),
			Footnotes: list("footnotes", i), QualityFlags: list("quality_flags", i),
		}
		low, high := at["value_low"].(*array.Float64), at["value_high"].(*array.Float64)
		switch {
		case low.IsNull(i) && high.IsNull(i):
		case high.IsNull(i):
			o.Value = AtLeast(low.Value(i))
		default:
			o.Value = Range(low.Value(i), high.Value(i))
		}
		if key := at["series_key"].(*array.Uint64).Value(i); key != o.SeriesKey() {
			t.Errorf("series key %d, want %d", key, o.SeriesKey())
		}
		out = append(out, o)
	}
	return out
}

func TestRecorderRoundTrip(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	var got []Observation
	var sizes []int64
	r := NewRecorder(mem, 2, func(rec arrow.Record) error {
		if !rec.Schema().Equal(ObservationSchema) {
			t.Errorf("schema %s", rec.Schema())
		}
		sizes = append(sizes, rec.NumRows())
		got = append(got, readBack(t, rec)...)
		return nil
	})
	defer r.Release()
	want := observations()
	for i := range want {
		if err := r.Observation(&want[i]); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second one has nothing to emit
		if err := r.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range want {
		want[i].Edition = "" // only warehouse stores it
	}
	if diff := cmp.Diff([]int64{2, 2, 1}, sizes); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b Interval) bool { return a == b })); diff != "" {
		t.Errorf("observations (-want +got):\n%s", diff)
	}
}

func TestRecorderRefuses(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	boom := errors.New("boom")
	r := NewRecorder(mem, 0, func(arrow.Record) error { return boom })
	defer r.Release()
	for name, change := range map[string]func(*Observation){
		"no_period":            func(o *Observation) { o.Period = Period{} },
		"no_exactness":         func(o *Observation) { o.Exactness = "" },
		"value_that_is_none":   func(o *Observation) { o.Value = Interval{} },
		"value_where_none_is":  func(o *Observation) { o.Exactness = NotReported },
		"value_that_is_no_one": func(o *Observation) { o.Value = Range(math.NaN(), 1) },
	} {
		o := observations()[0]
		change(&o)
		if err := r.Observation(&o); err == nil {
			t.Errorf("%s is recorded", name)
		}
	}
	if err := r.Flush(); err != nil {
		t.Errorf("Flush of nothing: %v", err)
	}
	o := observations()[0]
	if err := r.Observation(&o); err != nil {
		t.Fatal(err)
	}
	if err := r.Flush(); !errors.Is(err, boom) {
		t.Errorf("Flush: %v, want %v", err, boom)
	}
}

func BenchmarkRecorder(b *testing.B) {
	o := observations()[0]
	r := NewRecorder(memory.NewGoAllocator(), 0, func(arrow.Record) error { return nil })
	defer r.Release()
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Observation(&o); err != nil {
			b.Fatal(err)
		}
	}
}
