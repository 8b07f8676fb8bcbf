package normalize

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// SchemaVersion is the version of ObservationSchema. It rises when a column is added,
// removed or changes its meaning.
const SchemaVersion = "1"

// field describes one column of the observation table: its unit ("" for none) and what
// it holds, kept as Arrow field metadata so that the description travels with the data.
func field(name string, t arrow.DataType, nullable bool, unit, description string) arrow.Field {
	return arrow.Field{
		Name: name, Type: t, Nullable: nullable,
		Metadata: arrow.NewMetadata([]string{"unit", "description"}, []string{unit, description}),
	}
}

var (
	text = arrow.BinaryTypes.String
	list = arrow.ListOf(arrow.BinaryTypes.String)
)

// ObservationSchema is the Arrow schema in which observations cross from normalize to
// warehouse, and the column order of every export. Warehouse adds edition, revision and
// the times of knowledge, which only it can know.
var ObservationSchema = arrow.NewSchema([]arrow.Field{
	field("provider", text, false, "", "company that publishes the report"),
	field("service", text, false, "", "service or group of services that the figure covers"),
	field("source", text, false, "", "report series, provider/family"),
	field("series_key", arrow.PrimitiveTypes.Uint64, false, "", "hash of all that identifies the figure apart from the edition"),
	field("period_start", arrow.FixedWidthTypes.Date32, false, "day", "first day covered, inclusive"),
	field("period_end", arrow.FixedWidthTypes.Date32, false, "day", "last day covered, inclusive"),
	field("period_kind", text, false, "", "half, year, quarter, month, day, fiscal_year or irregular"),
	field("jurisdiction", text, false, "", "who asked: ISO 3166-1 alpha-2, ZZ for the world"),
	field("assisting_jurisdiction", text, false, "", "who passed the request on under mutual legal assistance; empty when nobody did"),
	field("requester_level", text, false, "", "any, local, state, federal or intelligence"),
	field("customer_class", text, false, "", "all, consumer, enterprise or public_sector"),
	field("process", text, false, "", "legal instrument, code of the process vocabulary"),
	field("measure", text, false, "", "what is counted, code of the measure vocabulary"),
	field("unit", text, false, "", "unit of value_low and value_high; never add across units"),
	field("item", text, false, "", "name of one single instrument, such as a letter's number; empty for counts"),
	field("value_low", arrow.PrimitiveTypes.Float64, true, "see column unit", "lower end, inclusive; null when there is no figure"),
	field("value_high", arrow.PrimitiveTypes.Float64, true, "see column unit", "upper end, inclusive; null when there is no figure or no upper end"),
	field("exactness", text, false, "", "exact, band, rounded, approximate, lower_bound, upper_bound, below_threshold, withheld, not_reported or not_applicable"),
	field("band_scheme", text, false, "", "legal reporting scheme of the band; empty for figures that are no bands"),
	field("high_inclusive", arrow.FixedWidthTypes.Boolean, false, "", "whether the upper end belongs to the band"),
	field("floor_raised", arrow.FixedWidthTypes.Boolean, false, "", "whether the lower end is a known released count instead of the band's start"),
	field("basis", text, false, "", "as_published, derived or secondary"),
	field("raw_text", text, false, "", "the figure exactly as printed"),
	field("raw_label", text, false, "", "the printed words that were mapped to codes"),
	field("report_table", text, false, "", "table of the report that the figure stands in, as the source's reader names it"),
	field("locator", text, false, "", "place of the figure in the capture"),
	field("capture", text, false, "", "SHA-256 of the captured bytes"),
	field("footnotes", list, false, "", "footnote marks and texts that the publisher attached"),
	field("quality_flags", list, false, "", "codes of what is odd about the figure, see vocabulary quality_flag"),
}, &schemaMetadata)

var schemaMetadata = arrow.NewMetadata(
	[]string{"schema_version", "generated_by"},
	[]string{SchemaVersion, "daylight"},
)

// DefaultBatchRows is the number of observations in a batch when the caller names none:
// a few megabytes, so that memory stays flat and a batch is worth its overhead.
const DefaultBatchRows = 16 << 10

// MaxBatchRows is the largest batch.
const MaxBatchRows = 1 << 20

// Recorder turns observations into Arrow records of ObservationSchema. It is not safe for
// concurrent use.
type Recorder struct {
	builder *array.RecordBuilder
	emit    func(arrow.Record) error
	batch   int
	rows    int
	texts   []int

	columns columns
}

// columns are the builders in the order of ObservationSchema.
type columns struct {
	provider, service, source        *array.StringBuilder
	seriesKey                        *array.Uint64Builder
	periodStart, periodEnd           *array.Date32Builder
	periodKind, jurisdiction         *array.StringBuilder
	assisting, level, class, process *array.StringBuilder
	measure, unit, item              *array.StringBuilder
	low, high                        *array.Float64Builder
	exactness, scheme                *array.StringBuilder
	highInclusive, floorRaised       *array.BooleanBuilder
	basis, rawText, rawLabel         *array.StringBuilder
	reportTable, locator, capture    *array.StringBuilder
	footnotes, flags                 *array.ListBuilder
	footnote, flag                   *array.StringBuilder
}

// NewRecorder returns a recorder that hands batches of at most batchRows observations to
// emit (DefaultBatchRows when batchRows is not positive, MaxBatchRows at most). The record
// is released after emit returned: emit retains it to keep it. An error of emit is
// returned by the Observation or Flush that caused it.
func NewRecorder(mem memory.Allocator, batchRows int, emit func(arrow.Record) error) *Recorder {
	if batchRows <= 0 {
		batchRows = DefaultBatchRows
	}
	r := &Recorder{builder: array.NewRecordBuilder(mem, ObservationSchema), emit: emit, batch: min(batchRows, MaxBatchRows)}
	at := 0
	next := func() array.Builder { at++; return r.builder.Field(at - 1) }
	text := func() *array.StringBuilder { return next().(*array.StringBuilder) }
	list := func() (*array.ListBuilder, *array.StringBuilder) {
		b := next().(*array.ListBuilder)
		return b, b.ValueBuilder().(*array.StringBuilder)
	}
	c := &r.columns
	c.provider, c.service, c.source = text(), text(), text()
	c.seriesKey = next().(*array.Uint64Builder)
	c.periodStart, c.periodEnd = next().(*array.Date32Builder), next().(*array.Date32Builder)
	c.periodKind, c.jurisdiction, c.assisting, c.level, c.class = text(), text(), text(), text(), text()
	c.process, c.measure, c.unit, c.item = text(), text(), text(), text()
	c.low, c.high = next().(*array.Float64Builder), next().(*array.Float64Builder)
	c.exactness, c.scheme = text(), text()
	c.highInclusive, c.floorRaised = next().(*array.BooleanBuilder), next().(*array.BooleanBuilder)
	c.basis, c.rawText, c.rawLabel = text(), text(), text()
	c.reportTable, c.locator, c.capture = text(), text(), text()
	c.footnotes, c.footnote = list()
	c.flags, c.flag = list()
	return r
}

// Observation appends one observation, and emits the batch when it is full. Observations
// that the schema cannot hold (no period, a value where exactness has none) are refused.
func (r *Recorder) Observation(o *Observation) error {
	if err := recordable(o); err != nil {
		return fmt.Errorf("record %s at %s: %w", o.Edition, o.Locator, err)
	}
	c := &r.columns
	c.provider.Append(o.Provider)
	c.service.Append(o.Service)
	c.source.Append(o.Source)
	c.seriesKey.Append(o.SeriesKey())
	c.periodStart.Append(arrow.Date32FromTime(o.Period.Start))
	c.periodEnd.Append(arrow.Date32FromTime(o.Period.End))
	c.periodKind.Append(string(o.Period.Kind))
	c.jurisdiction.Append(o.Jurisdiction)
	c.assisting.Append(o.AssistingJurisdiction)
	c.level.Append(o.RequesterLevel)
	c.class.Append(o.CustomerClass)
	c.process.Append(o.Process)
	c.measure.Append(o.Measure)
	c.unit.Append(o.Unit)
	c.item.Append(o.Item)
	if low, ok := o.Value.Low(); ok {
		c.low.Append(low)
	} else {
		c.low.AppendNull()
	}
	if high, ok := o.Value.High(); ok {
		c.high.Append(high)
	} else {
		c.high.AppendNull()
	}
	c.exactness.Append(string(o.Exactness))
	c.scheme.Append(o.BandScheme)
	c.highInclusive.Append(o.HighInclusive)
	c.floorRaised.Append(o.FloorRaised)
	c.basis.Append(o.Basis)
	c.rawText.Append(o.RawText)
	c.rawLabel.Append(o.RawLabel)
	c.reportTable.Append(o.Table)
	c.locator.Append(o.Locator)
	c.capture.Append(o.Capture)
	c.footnotes.Append(true)
	for _, s := range o.Footnotes {
		c.footnote.Append(s)
	}
	c.flags.Append(true)
	for _, s := range o.QualityFlags {
		c.flag.Append(s)
	}
	if r.rows++; r.rows >= r.batch {
		return r.Flush()
	}
	return nil
}

func recordable(o *Observation) error {
	switch {
	case o.Period.IsZero():
		return fmt.Errorf("observation without a period")
	case o.Exactness == "":
		return fmt.Errorf("observation without an exactness")
	case o.Exactness.HasValue() == o.Value.IsZero():
		return fmt.Errorf("exactness %q with the value %q", o.Exactness, o.Value)
	}
	return nil
}

// Flush emits what has been appended since the last batch; without any it does nothing.
func (r *Recorder) Flush() error {
	if r.rows == 0 {
		return nil
	}
	full := r.rows == r.batch
	r.rows = 0
	texts := r.texts[:0] // bytes of each text column
	for _, b := range r.builder.Fields() {
		if s, ok := b.(*array.StringBuilder); ok {
			texts = append(texts, s.DataLen())
		}
	}
	r.texts = texts
	rec := r.builder.NewRecord()
	defer rec.Release()
	if err := r.emit(rec); err != nil {
		return err
	}
	if full { // another batch is likely, and its texts are about as long
		r.builder.Reserve(r.batch)
		for _, b := range r.builder.Fields() {
			if s, ok := b.(*array.StringBuilder); ok {
				s.ReserveData(texts[0] + texts[0]/16)
				texts = texts[1:]
			}
		}
	}
	return nil
}

// Release gives the memory back. Observations that were not flushed are lost.
func (r *Recorder) Release() { r.builder.Release() }
