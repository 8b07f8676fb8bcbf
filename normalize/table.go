package normalize

import (
	"github.com/apache/arrow/go/v15/arrow"
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
	field("locator", text, false, "", "place of the figure in the capture"),
	field("capture", text, false, "", "SHA-256 of the captured bytes"),
	field("footnotes", list, false, "", "footnote marks and texts that the publisher attached"),
	field("quality_flags", list, false, "", "codes of what is odd about the figure, see vocabulary quality_flag"),
}, &schemaMetadata)

var schemaMetadata = arrow.NewMetadata(
	[]string{"schema_version", "generated_by"},
	[]string{SchemaVersion, "daylight"},
)
