package queries

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"daylight/warehouse"
)

// Cell is a printed figure of the warehouse: the number of its capture (capture.id) and its
// own within the capture.
type Cell struct{ CaptureID, Ordinal int64 }

// rowPrefix stands before a column's name where a question's cells are bound to a row.
const rowPrefix = "row_"

// cellsColumn is the column that says how many printed cells a row stands on.
const cellsColumn = "cells"

// ErrNoCells says that no printed cells can be named: the question does not say which it
// stands on, or the row stands on none.
var ErrNoCells = errors.New("no printed cells")

// CellsOf returns the printed cells that one row of the question's answer stands on, in
// printed order. args are those of Run, and row the row's values as Run gave them. The error
// wraps ErrNoCells for a question without the key "cells" and for a row that stands on no
// cell; it is another one when the row counts another number of cells than are found.
func (q Question) CellsOf(ctx context.Context, db *warehouse.DB, args map[string]string, row []any) ([]Cell, error) {
	fail := func(err error) ([]Cell, error) { return nil, fmt.Errorf("query %s: %w", q.Name, err) }
	if q.Cells == "" {
		return fail(fmt.Errorf("%w: the question does not say which cells a row stands on", ErrNoCells))
	}
	if len(row) != len(q.Columns) {
		return fail(fmt.Errorf("a row has %d values, the question %d columns", len(row), len(q.Columns)))
	}
	bound, err := q.Bind(args)
	if err != nil {
		return nil, err
	}
	want := int64(-1)
	for i, c := range q.Columns {
		v := row[i]
		if t, ok := v.(time.Time); ok {
			v = t.Format(time.DateOnly) // the driver binds no time to a parameter without a type
		}
		if n, ok := v.(int64); ok && c.Name == cellsColumn {
			want = n
		}
		bound = append(bound, sql.Named(rowPrefix+c.Name, v))
	}
	if want == 0 {
		return fail(fmt.Errorf("%w: the row was read elsewhere than in a report that is held", ErrNoCells))
	}
	rows, err := db.QueryOwn(ctx, "SELECT capture_id::BIGINT, ordinal::BIGINT FROM "+q.Cells+" ORDER BY ALL", bound...)
	if err != nil {
		return fail(fmt.Errorf("cells: %w", err))
	}
	var out []Cell
	for rows.Next() {
		v := rows.Values()
		out = append(out, Cell{v[0].(int64), v[1].(int64)})
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fail(fmt.Errorf("cells: %w", err))
	}
	if want >= 0 && int(want) != len(out) {
		return fail(fmt.Errorf("the row counts %d cells and %d are found", want, len(out)))
	}
	// What is asked for twice is counted twice, and yet it is one cell.
	return slices.Compact(out), nil
}
