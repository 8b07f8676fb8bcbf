package warehouse

// The crossing from arrow v15, which package normalize builds records in, to arrow v18,
// which the driver wants. Both versions lay arrays out as the Arrow format demands, so
// that a record of one is a record of the other with the same buffers: nothing is copied.
// (Writing and reading an IPC stream would do too, and costs two copies of every text.
// The C interfaces of the two versions cannot be linked into one program.)
//
// The driver hands DuckDB a stream that cannot leave out columns: DuckDB would ask for
// the columns it needs, get all of them and take them by place, which crashes. So the
// records are cut to the columns of table figure, in its order, before they cross, and
// the statement that reads them must take all (SELECT *).

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	arrow15 "github.com/apache/arrow/go/v15/arrow"
	array15 "github.com/apache/arrow/go/v15/arrow/array"

	"daylight/normalize"
)

// crossing are the columns of table figure that come from package normalize, in the
// table's order; column ordinal follows them.
var crossing = []string{
	"series_key", "service", "period_start", "period_end", "period_kind", "jurisdiction",
	"assisting_jurisdiction", "requester_level", "customer_class", "process", "measure", "unit",
	"item", "value_low", "value_high", "exactness", "band_scheme", "high_inclusive",
	"floor_raised", "basis", "raw_text", "raw_label", "report_table", "locator", "footnotes", "quality_flags",
}

// given are the columns that a capture's figures share; they are checked, not stored.
var given = []string{"provider", "source", "capture"}

// crosser turns records of one schema into records for table figure.
type crosser struct {
	in      *arrow15.Schema
	columns []int // of crossing, in the record
	shared  []int // of given
	out     *arrow.Schema
	next    int32 // ordinal of the next figure
}

func newCrosser() (*crosser, error) {
	c := &crosser{in: normalize.ObservationSchema, next: 1}
	find := func(name string) (int, error) {
		at := c.in.FieldIndices(name)
		if len(at) != 1 {
			return 0, fmt.Errorf("observation schema: want one column %s, have %d", name, len(at))
		}
		return at[0], nil
	}
	var fields []arrow.Field
	for _, name := range crossing {
		i, err := find(name)
		if err != nil {
			return nil, err
		}
		t, err := typeOf(c.in.Field(i).Type)
		if err != nil {
			return nil, fmt.Errorf("observation schema: column %s: %w", name, err)
		}
		c.columns = append(c.columns, i)
		fields = append(fields, arrow.Field{Name: name, Type: t, Nullable: c.in.Field(i).Nullable})
	}
	for _, name := range given {
		i, err := find(name)
		if err != nil {
			return nil, err
		}
		c.shared = append(c.shared, i)
	}
	if n := len(c.columns) + len(c.shared); n != len(c.in.Fields()) {
		return nil, fmt.Errorf("observation schema: %d columns, table figure takes %d: add a migration", len(c.in.Fields()), n)
	}
	c.out = arrow.NewSchema(append(fields, arrow.Field{Name: "ordinal", Type: arrow.PrimitiveTypes.Int32}), nil)
	return c, nil
}

func typeOf(t arrow15.DataType) (arrow.DataType, error) {
	switch t.ID() {
	case arrow15.STRING:
		return arrow.BinaryTypes.String, nil
	case arrow15.UINT64:
		return arrow.PrimitiveTypes.Uint64, nil
	case arrow15.FLOAT64:
		return arrow.PrimitiveTypes.Float64, nil
	case arrow15.DATE32:
		return arrow.FixedWidthTypes.Date32, nil
	case arrow15.BOOL:
		return arrow.FixedWidthTypes.Boolean, nil
	case arrow15.LIST:
		item, err := typeOf(t.(*arrow15.ListType).Elem())
		if err != nil {
			return nil, err
		}
		return arrow.ListOf(item), nil
	case arrow15.DICTIONARY:
		d := t.(*arrow15.DictionaryType)
		value, err := typeOf(d.ValueType)
		if err != nil {
			return nil, err
		}
		if d.IndexType.ID() != arrow15.INT32 {
			return nil, fmt.Errorf("dictionary index of type %s", d.IndexType)
		}
		return &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: value}, nil
	}
	return nil, fmt.Errorf("type %s does not cross", t)
}

// cross returns the record for table figure. It shares the buffers of r and keeps r until
// it is released. want are the texts that the columns of given must hold in every row.
func (c *crosser) cross(r arrow15.Record, want [3]string) (arrow.Record, error) {
	if !r.Schema().Equal(c.in) {
		return nil, fmt.Errorf("record with the columns %v, want those of normalize.ObservationSchema", r.Schema().Fields())
	}
	for k, i := range c.shared {
		if err := constant(r.Column(i), given[k], want[k]); err != nil {
			return nil, err
		}
	}
	n := int(r.NumRows())
	if int64(c.next)+int64(n) > 1<<31-1 {
		return nil, fmt.Errorf("more than %d figures in one capture", 1<<31-2)
	}
	h := &holder{record: r}
	h.left.Store(1) // ours, until every buffer is wrapped
	r.Retain()
	defer h.drop()
	columns := make([]arrow.Array, 0, len(c.columns)+1)
	defer func() {
		for _, a := range columns {
			a.Release()
		}
	}()
	for k, i := range c.columns {
		d, err := h.data(r.Column(i).Data(), c.out.Field(k).Type)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", crossing[k], err)
		}
		columns = append(columns, array.MakeFromData(d))
		d.Release()
	}
	ordinals := make([]int32, n)
	for i := range ordinals {
		ordinals[i] = c.next
		c.next++
	}
	raw := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(ordinals))), 4*n)
	d := array.NewData(arrow.PrimitiveTypes.Int32, n, []*memory.Buffer{nil, memory.NewBufferBytes(raw)}, nil, 0, 0)
	columns = append(columns, array.MakeFromData(d))
	d.Release()
	return array.NewRecord(c.out, columns, int64(n)), nil
}

// constant reports a row that does not hold the text.
func constant(a arrow15.Array, column, want string) error {
	s, ok := a.(*array15.String)
	if !ok {
		return fmt.Errorf("column %s: type %s, want text", column, a.DataType())
	}
	for i := range s.Len() {
		if v := s.Value(i); v != want {
			return fmt.Errorf("figure %d of the record has %s %q, the capture being loaded has %q", i+1, column, v, want)
		}
	}
	return nil
}

// holder keeps a record of arrow v15 as long as one of its buffers is in use in v18. It
// is the allocator that v18 gives the buffers back to.
type holder struct {
	record arrow15.Record
	left   atomic.Int64
}

func (h *holder) drop() {
	if h.left.Add(-1) == 0 {
		h.record.Release()
	}
}

// Free implements memory.Allocator.
func (h *holder) Free([]byte) { h.drop() }

// Allocate implements memory.Allocator. The buffers are never grown.
func (h *holder) Allocate(size int) []byte { return make([]byte, size) }

// Reallocate implements memory.Allocator. The buffers are never grown.
func (h *holder) Reallocate(size int, b []byte) []byte {
	return append(make([]byte, 0, size), b...)[:size]
}

func (h *holder) data(d arrow15.ArrayData, t arrow.DataType) (arrow.ArrayData, error) {
	buffers := make([]*memory.Buffer, len(d.Buffers()))
	for i, b := range d.Buffers() {
		if b != nil && b.Len() > 0 {
			h.left.Add(1)
			buffers[i] = memory.NewBufferWithAllocator(b.Bytes(), h)
		} else if b != nil {
			buffers[i] = memory.NewBufferBytes(nil)
		}
	}
	var children []arrow.ArrayData
	for _, child := range d.Children() {
		item := t
		if l, ok := t.(*arrow.ListType); ok {
			item = l.Elem()
		} else {
			return nil, fmt.Errorf("type %s with children", t)
		}
		cd, err := h.data(child, item)
		if err != nil {
			return nil, err
		}
		defer cd.Release()
		children = append(children, cd)
	}
	var out *array.Data
	if dt, ok := t.(*arrow.DictionaryType); ok {
		dict, err := h.data(d.Dictionary(), dt.ValueType)
		if err != nil {
			return nil, err
		}
		defer dict.Release()
		out = array.NewDataWithDictionary(t, d.Len(), buffers, d.NullN(), d.Offset(), dict.(*array.Data))
	} else {
		out = array.NewData(t, d.Len(), buffers, children, d.NullN(), d.Offset())
	}
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
	return out, nil
}

// stream is the record reader that DuckDB pulls from while Load.Write pushes into it. The
// driver never releases a reader, so it holds no more than one record at a time and
// nothing when it has ended.
type stream struct {
	schema  *arrow.Schema
	records chan arrow.Record
	stop    chan struct{} // closed to break the load off
	err     error         // set before records is closed or stop is
	current arrow.Record
}

func (s *stream) Retain()               {}
func (s *stream) Release()              {}
func (s *stream) Schema() *arrow.Schema { return s.schema }
func (s *stream) Record() arrow.Record  { return s.current }
func (s *stream) Err() error            { return s.err }

func (s *stream) Next() bool {
	if s.current != nil {
		s.current.Release()
		s.current = nil
	}
	select {
	case <-s.stop:
		return false
	default:
	}
	select {
	case <-s.stop:
		return false
	case r, ok := <-s.records:
		if ok {
			s.current = r
		}
		return ok
	}
}

// drain gives back what nobody read.
func (s *stream) drain() {
	if s.current != nil {
		s.current.Release()
		s.current = nil
	}
	for {
		select {
		case r, ok := <-s.records:
			if !ok {
				return
			}
			r.Release()
		default:
			return
		}
	}
}
