package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/marcboeker/go-duckdb"

	"daylight/warehouse/schema"
)

// DB is a published warehouse, open for reading. It is safe for concurrent use. A run that
// publishes a newer file meanwhile does not disturb it: it goes on reading the old one.
type DB struct {
	db  *sql.DB
	dir string
}

// Open opens the published warehouse in the directory for reading. Statements can neither
// change it nor touch any other file, so that SQL from outside may be run. It returns an
// error that wraps ErrNone when there is none, and one that wraps ErrNewer when a newer
// daylight wrote it.
func Open(ctx context.Context, dir string) (*DB, error) {
	return open(ctx, dir, smallFile, "1GB", []string{"SET enable_external_access = false", "SET lock_configuration = true"})
}

// OpenExport is Open for package export: statements may write files elsewhere. SQL from
// outside must not be run on it.
//
// DuckDB takes about as much beside its limit when it sorts what does not fit.
func OpenExport(ctx context.Context, dir string) (*DB, error) { return open(ctx, dir, 0, "512MB", nil) }

// smallFile is the size in bytes below which a file is read with one thread. A question plans
// many small steps, and handing each of them out to several threads takes longer than doing it:
// 77 ms with two threads and 56 ms with one, over the 30 MB of four companies.
const smallFile = 256 << 20

func open(ctx context.Context, dir string, small int64, memory string, after []string) (*DB, error) {
	fail := func(err error) error { return fmt.Errorf("warehouse: open %s: %w", dir, err) }
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fail(err)
	}
	path := filepath.Join(abs, FileName)
	file, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("warehouse: %w in %s: run %q", ErrNone, dir, "daylight ingest --offline")
	}
	if err != nil {
		return nil, fail(err)
	}
	if err := checkNoLog(abs); err != nil {
		return nil, fail(err)
	}
	settings := []string{
		"SET memory_limit = " + quote(memory),
		// Made only when a query needs it; the data directory may be read-only.
		"SET temp_directory = " + quote(filepath.Join(os.TempDir(), "daylight-"+strconv.Itoa(os.Getpid())+".tmp")),
	}
	if file.Size() < small {
		settings = append(settings, "SET threads = 1")
	}
	db, err := openDuckDB(ctx, path, attachment{readOnly: true, settings: settings, after: after})
	if err != nil {
		return nil, fail(damaged(err))
	}
	// DuckDB gives its memory back to the system when a connection ends, and the next statement
	// takes it again page by page: a fifth of a question's time.
	db.SetMaxIdleConns(2)
	steps, err := migrations(schema.Files)
	if err == nil {
		var n int
		if n, err = checkSchema(ctx, db, steps); err == nil && n < len(steps) {
			err = fmt.Errorf("the file has schema %d, this program reads %d: run %q", n, len(steps), "daylight ingest --offline")
		}
	}
	if err != nil {
		return nil, errors.Join(fail(err), db.Close())
	}
	return &DB{db: db, dir: abs}, nil
}

// damage are the signs of a damaged file in DuckDB's errors.
var damage = []string{"not a valid DuckDB database file", "Could not read enough bytes", "Corrupt database file"}

// damaged adds to DuckDB's error about a file that it cannot read what to do about it.
func damaged(err error) error {
	for _, sign := range damage {
		if strings.Contains(err.Error(), sign) {
			return fmt.Errorf("%w: the warehouse is damaged: restore it from a backup, or build it anew from the archive with %q", err, "daylight rebuild --accept-changes")
		}
	}
	return err
}

// Close closes the file.
func (d *DB) Close() error { return d.db.Close() }

// Check reads every row of every table, so that DuckDB compares each block with its
// checksum, and holds the file against what publishing checked. The error says what is
// wrong.
func (d *DB) Check(ctx context.Context) error {
	fail := func(err error) error { return fmt.Errorf("warehouse: check %s: %w", d.dir, damaged(err)) }
	tables, err := texts(ctx, d.db, `SELECT table_name FROM duckdb_tables() WHERE database_name = 'daylight' ORDER BY ALL`)
	if err != nil {
		return fail(err)
	}
	for _, t := range tables {
		if _, err := texts(ctx, d.db, `SELECT coalesce(CAST(bit_xor(hash(t)) AS VARCHAR), '') FROM `+identifier(t)+` t`); err != nil {
			return fail(fmt.Errorf("table %s: %w", t, err))
		}
	}
	if err := validate(ctx, d.db); err != nil {
		return fail(err)
	}
	return nil
}

// Dir returns the data directory.
func (d *DB) Dir() string { return d.dir }

// SQL returns the database itself, for package export.
func (d *DB) SQL() *sql.DB { return d.db }

// Column is a column of a result.
type Column struct {
	Name string
	Type string // DuckDB's name: VARCHAR, DOUBLE, BIGINT, DATE, VARCHAR[] ...
}

// Rows is the result of a query, read row by row; DuckDB holds the rest. It is not safe
// for concurrent use, and ends with Close.
type Rows struct {
	rows    *sql.Rows
	end     func() error // after the rows are closed
	columns []Column
	values  []any
	pointer []any
	amend   func([]any)
	err     error
}

// Query runs one statement that reads: SELECT and its kin (WITH, FROM, VALUES, DESCRIBE,
// SHOW, SUMMARIZE) or EXPLAIN. Anything else, and more than one statement, is refused before
// any of it runs. Parameters are named: $name takes sql.Named("name", v).
func (d *DB) Query(ctx context.Context, query string, args ...sql.NamedArg) (*Rows, error) {
	if strings.TrimSpace(query) == "" {
		return nil, errors.New("warehouse: query: the statement is empty")
	}
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("warehouse: query: %w", err)
	}
	// What a statement does to its connection ends with it.
	end := func() error {
		err := conn.Raw(func(any) error { return driver.ErrBadConn })
		if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
			return nil
		}
		return err
	}
	if err := reads(conn, query); err != nil {
		return nil, errors.Join(fmt.Errorf("warehouse: query: %w", err), end())
	}
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a
	}
	r, err := rows(ctx, conn, query, list...)
	if err != nil {
		return nil, errors.Join(err, end())
	}
	r.end = end
	return r, nil
}

// QueryOwn is Query for the program's own SQL: it does not look whether the statement
// reads, which takes as long as planning it once more. SQL from outside must not come here.
// A value is nil, a bool, int, int64, finite float64 or string.
//
// The parameters are written into the statement: DuckDB plans one with parameters when it is
// prepared and again when their values are known, which is a fifth of a question's time.
func (d *DB) QueryOwn(ctx context.Context, query string, args ...sql.NamedArg) (*Rows, error) {
	query, err := written(query, args)
	if err != nil {
		return nil, fmt.Errorf("warehouse: query: %w", err)
	}
	return rows(ctx, d.db, query)
}

// parameter is a named parameter in SQL, or a text, quoted name or comment, which have none.
var parameter = regexp.MustCompile(`\$[a-z_][a-z0-9_]*|'[^']*'|"[^"]*"|--[^\n]*`)

// written returns the statement with literals in place of the parameters.
func written(query string, args []sql.NamedArg) (string, error) {
	literals := map[string]string{}
	for _, a := range args {
		switch v := a.Value.(type) {
		case nil:
			literals["$"+a.Name] = "NULL"
		case bool, int, int64:
			literals["$"+a.Name] = fmt.Sprintf("(%v)", v) // after a minus, -1 would begin a comment
		case float64:
			// With a point a number would be a DECIMAL, and compare and divide as one.
			literals["$"+a.Name] = "(" + strconv.FormatFloat(v, 'g', -1, 64) + ")::DOUBLE"
		case string:
			literals["$"+a.Name] = quote(v)
		default:
			return "", fmt.Errorf("parameter $%s: %T is no type of a parameter", a.Name, v)
		}
	}
	var missing []string
	query = parameter.ReplaceAllStringFunc(query, func(name string) string {
		if name[0] != '$' {
			return name
		}
		l, ok := literals[name]
		if !ok {
			missing = append(missing, name)
		}
		return l
	})
	if missing != nil {
		return "", fmt.Errorf("no value for the parameters %s", strings.Join(missing, ", "))
	}
	return query, nil
}

func rows(ctx context.Context, db querier, query string, args ...any) (*Rows, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("warehouse: query: %w", damaged(err))
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("warehouse: query: %w", err), rows.Close())
	}
	r := &Rows{rows: rows, values: make([]any, len(types)), pointer: make([]any, len(types))}
	for i, t := range types {
		r.columns = append(r.columns, Column{Name: t.Name(), Type: t.DatabaseTypeName()})
		r.pointer[i] = &r.values[i]
	}
	return r, nil
}

// reads refuses all but one statement that reads. The file is attached read-only, but a
// statement could still make tables in memory that stand before the file's own.
func reads(conn *sql.Conn, query string) error {
	return conn.Raw(func(dc any) error {
		p, err := dc.(*duckdb.Conn).Prepare(query)
		if err != nil {
			// The driver has no error of its own for this.
			if strings.Contains(err.Error(), "multi-statement") {
				return errors.New("there is more than one statement: give one")
			}
			return err
		}
		kind, err := p.(*duckdb.Stmt).StatementType()
		if err == nil && kind != duckdb.STATEMENT_TYPE_SELECT && kind != duckdb.STATEMENT_TYPE_EXPLAIN {
			err = errors.New("only statements that read are allowed: SELECT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN")
		}
		return errors.Join(err, p.Close())
	})
}

// Columns returns the columns; the caller does not change them.
func (r *Rows) Columns() []Column { return r.columns }

// Next reads the next row, and reports whether there is one.
func (r *Rows) Next() bool {
	if r.err != nil || !r.rows.Next() {
		return false
	}
	if r.err = r.rows.Scan(r.pointer...); r.err != nil {
		return false
	}
	for i, v := range r.values {
		r.values[i] = plain(v, r.columns[i].Type)
	}
	if r.amend != nil {
		r.amend(r.values)
	}
	return true
}

// Amend sets what changes the values of each row before they are handed out.
func (r *Rows) Amend(change func(values []any)) { r.amend = change }

// Values returns the row: nil, bool, int64, uint64, float64, string (also for TIME,
// INTERVAL, UUID and integers beyond int64), time.Time (UTC; for a DATE at midnight),
// []byte, or []any and map[string]any of these. It is overwritten by Next.
func (r *Rows) Values() []any { return r.values }

// Err returns the error that ended the rows.
func (r *Rows) Err() error {
	if err := errors.Join(r.err, r.rows.Err()); err != nil {
		return fmt.Errorf("warehouse: query: %w", damaged(err))
	}
	return nil
}

// Close ends the query. Calling it again does nothing.
func (r *Rows) Close() error {
	err := r.rows.Close()
	if r.end != nil {
		err = errors.Join(err, r.end())
	}
	return err
}

// plain turns the driver's types into Go's own, so that nobody else needs the driver. typ
// is the column's type, "" inside a list, map or struct.
func plain(v any, typ string) any {
	switch v := v.(type) {
	case []byte:
		if typ == "UUID" && len(v) == 16 {
			return fmt.Sprintf("%x-%x-%x-%x-%x", v[:4], v[4:6], v[6:8], v[8:10], v[10:])
		}
		return v
	case nil, bool, int64, uint64, float64, string:
		return v
	case int8:
		return int64(v)
	case int16:
		return int64(v)
	case int32:
		return int64(v)
	case uint8:
		return uint64(v)
	case uint16:
		return uint64(v)
	case uint32:
		return uint64(v)
	case float32:
		return float64(v)
	case time.Time:
		if typ == "TIME" || typ == "TIMETZ" {
			return v.UTC().Format("15:04:05.999999")
		}
		return v.UTC()
	case duckdb.Interval:
		return fmt.Sprintf("%d months %d days %s", v.Months, v.Days, time.Duration(v.Micros)*time.Microsecond)
	case *big.Int:
		// A sum of integers is a HUGEINT.
		if v.IsInt64() {
			return v.Int64()
		}
		return v.String()
	case duckdb.Decimal:
		return v.Float64()
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = plain(x, "")
		}
		return out
	case duckdb.Map:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[fmt.Sprint(plain(k, ""))] = plain(x, "")
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = plain(x, "")
		}
		return out
	}
	return fmt.Sprint(v)
}
