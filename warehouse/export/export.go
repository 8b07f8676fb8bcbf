// Package export answers one question: how do the figures leave?
//
// As Parquet or CSV files with everything that is needed to read them without us: a data
// dictionary made from the comments of the warehouse, a Frictionless datapackage.json and
// checksums. The same warehouse gives the same bytes, so that an export can be cited by
// its checksum; that is why rows are ordered, one thread writes, and no file holds the time or
// the order of loading or a name of the machine.
//
// DuckDB's own COPY writes the files, because it streams: memory does not grow with the
// warehouse, where the driver's Arrow path would hold the whole result. The Arrow schema
// with unit and description of every column is put into the Parquet file beside it, under
// the key that the Arrow libraries use, so that they give the metadata back.
//
// It imports package warehouse and not the driver.
package export

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"daylight/normalize"
	"daylight/warehouse"
)

// Summary says what was written.
type Summary struct {
	Dir   string
	Files []File // data files, in the order of the data package
}

// File is one data file.
type File struct {
	Name   string // "observation.parquet"
	Rows   int64
	Bytes  int64
	SHA256 string

	Elapsed time.Duration // that writing it took
}

// Names of the files beside the data.
const (
	packageName    = "datapackage.json"
	dictionaryMD   = "dictionary.md"
	dictionaryCSV  = "dictionary.csv"
	sumsName       = "SHA256SUMS"
	generator      = "daylight export"
	parquetOptions = "FORMAT PARQUET, COMPRESSION ZSTD, ROW_GROUP_SIZE 122880"
	csvOptions     = "FORMAT CSV, HEADER"
)

// internal are the tables that describe this file and not the reports, and those that are
// derived for its questions: their figures stand in observation, current and vanished.
var internal = []string{"schema_migration", "figure", "run", "run_source", "orphan", "reading", "standing", "figure_kind", "process_overlap", "recipe_process", "askable", "layout"}

// internalColumns are the columns that describe this file, in which order and when it was
// loaded: a warehouse that is built anew from the same captures exports the same bytes.
// Rejects and findings name their capture by its hash.
var internalColumns = map[string][]string{
	"capture": {"id", "loaded_at", "loaded_by"},
	"reject":  {"capture_id"},
	"finding": {"run", "capture_id"},
}

// order is by which rows of the large tables are sorted; the others are sorted by every
// column from the left. A complete order makes the bytes the same each time.
var order = map[string]string{
	"observation": "provider, source, edition, capture, ordinal, revision",
	"current":     "provider, measure, period_start, period_end, jurisdiction, process, series_key",
	"vanished":    "provider, measure, period_start, period_end, jurisdiction, process, series_key",
}

// coded are the texts of the tables in order that few values repeat: they are sorted and
// written as numbers of a list of their values. The files say text all the same, and the
// rows stand as the texts sort, because the lists are sorted. It takes a quarter of the
// time: a text is otherwise compared, copied and hashed several times for each figure.
var coded = []string{
	"provider", "service", "source", "edition", "period_kind", "jurisdiction", "assisting_jurisdiction", "requester_level",
	"customer_class", "process", "measure", "unit", "exactness", "band_scheme", "basis", "report_table", "capture",
}

// Parquet writes the warehouse in the directory data as Parquet files into the directory
// to. Either all files are there in the end or to is as it was. A directory that is there
// already is replaced when it is empty or an earlier export, and refused otherwise.
func Parquet(ctx context.Context, data, to string) (Summary, error) {
	return write(ctx, data, to, "parquet")
}

// CSV is Parquet with CSV files: UTF-8, comma, header, texts quoted where needed. Null is
// an empty field and the empty text is "". Lists are joined with " | ".
func CSV(ctx context.Context, data, to string) (Summary, error) {
	return write(ctx, data, to, "csv")
}

func write(ctx context.Context, data, to, format string) (Summary, error) {
	fail := func(err error) (Summary, error) { return Summary{}, fmt.Errorf("export to %s: %w", to, err) }
	to, err := filepath.Abs(to)
	if err != nil {
		return fail(err)
	}
	if err := replaceable(to); err != nil {
		return fail(err)
	}
	db, err := warehouse.OpenExport(ctx, data)
	if err != nil {
		return fail(err)
	}
	defer db.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return fail(err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(to), "."+filepath.Base(to)+".tmp-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(tmp)
	e := &exporter{db: db.SQL(), dir: tmp, format: format}
	if err := e.all(ctx); err != nil {
		return fail(err)
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return fail(err)
	}
	if err := swap(tmp, to); err != nil {
		return fail(err)
	}
	return Summary{Dir: to, Files: e.files}, nil
}

// replaceable refuses a directory that holds anything but an earlier export.
func replaceable(to string) error {
	entries, err := os.ReadDir(to)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return nil
	}
	var p struct {
		Generator string `json:"generator"`
	}
	raw, err := os.ReadFile(filepath.Join(to, packageName))
	if err != nil || json.Unmarshal(raw, &p) != nil || p.Generator != generator {
		return errors.New("the directory holds files that are no export of daylight: name another one or empty it")
	}
	// Only what the export's own list names may go.
	sums, err := os.ReadFile(filepath.Join(to, sumsName))
	if err != nil {
		return fmt.Errorf("the directory holds a broken export: %w", err)
	}
	for _, e := range entries {
		if e.Name() != sumsName && !bytes.Contains(sums, []byte("  "+e.Name()+"\n")) {
			return fmt.Errorf("the directory holds %q beside an export of daylight: name another one or take it out", e.Name())
		}
	}
	return nil
}

// swap puts the finished directory into its place.
func swap(tmp, to string) error {
	old := tmp + ".old"
	err := os.Rename(to, old)
	if errors.Is(err, fs.ErrNotExist) {
		return os.Rename(tmp, to)
	}
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, to); err != nil {
		return errors.Join(err, os.Rename(old, to))
	}
	return os.RemoveAll(old)
}

// column is a column of an exported table.
type column struct {
	name, typ, unit, description string
}

// table is an exported table or view.
type table struct {
	name, description string
	columns           []column
}

type exporter struct {
	db     *sql.DB
	dir    string
	format string
	tables []table
	files  []File
}

func (e *exporter) all(ctx context.Context) error {
	// One thread and one table at a time: several threads would cut row groups where they
	// happen to meet, and so would a sort that shares the memory with another one.
	if _, err := e.db.ExecContext(ctx, "SET threads = 1"); err != nil {
		return err
	}
	if err := e.describe(ctx); err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	if err := e.code(ctx); err != nil {
		return fmt.Errorf("list the codes: %w", err)
	}
	for _, t := range e.tables {
		start := time.Now()
		f, err := e.copy(ctx, t)
		if err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
		f.Elapsed = time.Since(start)
		e.files = append(e.files, f)
	}
	for _, w := range []struct {
		name  string
		write func(io.Writer) error
	}{{dictionaryMD, e.markdown}, {dictionaryCSV, e.dictionary}, {packageName, e.datapackage}} {
		if err := e.file(w.name, w.write); err != nil {
			return err
		}
	}
	return e.sums()
}

// describe reads tables and columns with their comments.
func (e *exporter) describe(ctx context.Context) error {
	rows, err := e.db.QueryContext(ctx, `
		SELECT t.name, coalesce(t.comment, ''), c.column_name, c.data_type, coalesce(c.comment, '')
		FROM (SELECT table_name AS name, comment FROM duckdb_tables() WHERE database_name = 'daylight'
			UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE database_name = 'daylight' AND NOT internal) t
		JOIN duckdb_columns() c ON c.database_name = 'daylight' AND c.table_name = t.name
		ORDER BY t.name, c.column_index`)
	if err != nil {
		return err
	}
	defer rows.Close()
	notes := warehouse.Columns()
	for rows.Next() {
		var name, comment string
		var c column
		if err := rows.Scan(&name, &comment, &c.name, &c.typ, &c.description); err != nil {
			return err
		}
		if slices.Contains(internal, name) || slices.Contains(internalColumns[name], c.name) {
			continue
		}
		if name == "observation" || name == "current" {
			if n, ok := notes[c.name]; ok {
				c.unit, c.description = n.Unit, n.Description
			}
		}
		if n := len(e.tables); n == 0 || e.tables[n-1].name != name {
			e.tables = append(e.tables, table{name: name, description: comment})
		}
		t := &e.tables[len(e.tables)-1]
		// An ENUM is a text outside.
		if strings.HasPrefix(c.typ, "ENUM(") {
			c.typ = "VARCHAR"
		}
		t.columns = append(t.columns, c)
	}
	return rows.Err()
}

func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
func quote(s string) string      { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// code makes a type of the values of each coded column. The types live in the memory of
// this process.
func (e *exporter) code(ctx context.Context) error {
	for _, c := range coded {
		_, err := e.db.ExecContext(ctx, "CREATE TYPE memory.main."+codeType(c)+" AS ENUM (SELECT DISTINCT "+identifier(c)+
			" FROM daylight.main.observation WHERE "+identifier(c)+" IS NOT NULL ORDER BY 1)")
		if err != nil {
			return fmt.Errorf("column %s: %w", c, err)
		}
	}
	return nil
}

func codeType(column string) string { return identifier("code of " + column) }

func (e *exporter) copy(ctx context.Context, t table) (File, error) {
	by, large := order[t.name]
	var list, all []string
	for _, c := range t.columns {
		name := identifier(c.name)
		all = append(all, name)
		switch {
		case large && slices.Contains(coded, c.name):
			list = append(list, "CAST("+name+" AS memory.main."+codeType(c.name)+") AS "+name)
		case c.typ == "VARCHAR[]" && e.format == "csv":
			list = append(list, "array_to_string("+name+", ' | ') AS "+name)
		case c.typ == "VARCHAR":
			list = append(list, "CAST("+name+" AS VARCHAR) AS "+name)
		default:
			list = append(list, name)
		}
	}
	from := identifier(t.name)
	if large && t.name != "observation" {
		// The joins of the view and the sort do not share the memory: with a few million
		// figures there is not enough for both.
		from = "memory.main.staged"
		if _, err := e.db.ExecContext(ctx, "CREATE OR REPLACE TABLE "+from+" AS SELECT "+strings.Join(list, ", ")+" FROM "+identifier(t.name)); err != nil {
			return File{}, err
		}
		list = []string{"*"}
	}
	query := "SELECT * FROM (SELECT " + strings.Join(list, ", ") + " FROM " + from + ") ORDER BY " + by
	if !large { // by what stands in the table, lists as lists
		query = "SELECT " + strings.Join(list, ", ") + " FROM (SELECT * FROM " + identifier(t.name) + " ORDER BY " + strings.Join(all, ", ") + ")"
	}
	options := csvOptions
	if e.format == "parquet" {
		schema, err := arrowSchema(t)
		if err != nil {
			return File{}, err
		}
		options = parquetOptions + ", KV_METADATA {" + identifier("ARROW:schema") + ": " + quote(schema) +
			", daylight_schema_version: " + quote(normalize.SchemaVersion) + "}"
	}
	name := t.name + "." + e.format
	path := filepath.Join(e.dir, name)
	r, err := e.db.ExecContext(ctx, "COPY ("+query+") TO "+quote(path)+" ("+options+")")
	if err != nil {
		return File{}, err
	}
	n, err := r.RowsAffected()
	if err != nil {
		return File{}, err
	}
	if _, err := e.db.ExecContext(ctx, "DROP TABLE IF EXISTS memory.main.staged"); err != nil {
		return File{}, err
	}
	sum, size, err := hash(path)
	if err != nil {
		return File{}, err
	}
	return File{Name: name, Rows: n, Bytes: size, SHA256: sum}, nil
}

func hash(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}

// arrowTypes are the Arrow types of DuckDB's.
var arrowTypes = map[string]arrow.DataType{
	"VARCHAR": arrow.BinaryTypes.String, "BOOLEAN": arrow.FixedWidthTypes.Boolean,
	"INTEGER": arrow.PrimitiveTypes.Int32, "BIGINT": arrow.PrimitiveTypes.Int64, "UBIGINT": arrow.PrimitiveTypes.Uint64,
	"DOUBLE": arrow.PrimitiveTypes.Float64, "DATE": arrow.FixedWidthTypes.Date32,
	"TIMESTAMP WITH TIME ZONE": arrow.FixedWidthTypes.Timestamp_us,
	"VARCHAR[]":                arrow.ListOf(arrow.BinaryTypes.String),
}

// arrowSchema returns the table's Arrow schema as the Arrow libraries store it in Parquet:
// a stream's schema message in base64.
func arrowSchema(t table) (string, error) {
	var fields []arrow.Field
	for _, c := range t.columns {
		typ, ok := arrowTypes[c.typ]
		if !ok {
			return "", fmt.Errorf("column %s: no Arrow type for %s", c.name, c.typ)
		}
		fields = append(fields, arrow.Field{Name: c.name, Type: typ, Nullable: true,
			Metadata: arrow.NewMetadata([]string{"unit", "description"}, []string{c.unit, c.description})})
	}
	meta := arrow.NewMetadata([]string{"schema_version", "generated_by", "description"}, []string{normalize.SchemaVersion, "daylight", t.description})
	var b bytes.Buffer
	if err := ipc.NewWriter(&b, ipc.WithSchema(arrow.NewSchema(fields, &meta)), ipc.WithAllocator(memory.DefaultAllocator)).Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

func (e *exporter) file(name string, write func(io.Writer) error) error {
	f, err := os.Create(filepath.Join(e.dir, name))
	if err != nil {
		return err
	}
	b := bufio.NewWriter(f)
	return errors.Join(write(b), b.Flush(), f.Close())
}

func (e *exporter) markdown(w io.Writer) error {
	cell := strings.NewReplacer("|", "\\|", "\n", " ").Replace
	var b strings.Builder
	b.WriteString("# Data dictionary\n\nMade from the comments of the warehouse.\n")
	for i, t := range e.tables {
		fmt.Fprintf(&b, "\n## %s\n\n%s. File `%s`.\n\n| column | type | unit | description |\n| --- | --- | --- | --- |\n", t.name, t.description, e.files[i].Name)
		for _, c := range t.columns {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.name, c.typ, cell(c.unit), cell(c.description))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (e *exporter) dictionary(w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write([]string{"table", "column", "type", "unit", "description"}); err != nil {
		return err
	}
	for _, t := range e.tables {
		for _, col := range t.columns {
			if err := c.Write([]string{t.name, col.name, col.typ, col.unit, col.description}); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

// frictionless are the Frictionless types of DuckDB's.
var frictionless = map[string]string{
	"VARCHAR": "string", "BOOLEAN": "boolean", "INTEGER": "integer", "BIGINT": "integer", "UBIGINT": "integer",
	"DOUBLE": "number", "DATE": "date", "TIMESTAMP WITH TIME ZONE": "datetime", "VARCHAR[]": "array",
}

func (e *exporter) datapackage(w io.Writer) error {
	type field struct {
		Name        string `json:"name"`
		Type        string `json:"type"`
		Unit        string `json:"unit,omitempty"`
		Description string `json:"description"`
	}
	type schema struct {
		Fields []field `json:"fields"`
	}
	type resource struct {
		Name        string `json:"name"`
		Path        string `json:"path"`
		Format      string `json:"format"`
		MediaType   string `json:"mediatype"`
		Encoding    string `json:"encoding,omitempty"`
		Bytes       int64  `json:"bytes"`
		Hash        string `json:"hash"`
		Description string `json:"description"`
		Schema      schema `json:"schema"`
	}
	p := struct {
		Name        string     `json:"name"`
		Title       string     `json:"title"`
		Description string     `json:"description"`
		Generator   string     `json:"generator"`
		Version     string     `json:"schema_version"`
		Resources   []resource `json:"resources"`
	}{
		Name: "daylight", Title: "Government requests for user data, as companies publish them",
		Description: "Every figure with its interval, its printed text and the place where it was printed. Never add across units, and never add a total to its parts.",
		Generator:   generator, Version: normalize.SchemaVersion,
	}
	media, encoding := "application/vnd.apache.parquet", ""
	if e.format == "csv" {
		media, encoding = "text/csv", "utf-8"
	}
	for i, t := range e.tables {
		f := e.files[i]
		r := resource{Name: strings.ReplaceAll(t.name, "_", "-"), Path: f.Name, Format: e.format, MediaType: media, Encoding: encoding,
			Bytes: f.Bytes, Hash: "sha256:" + f.SHA256, Description: t.description}
		for _, c := range t.columns {
			typ := frictionless[c.typ]
			if typ == "array" && e.format == "csv" {
				typ = "string"
			}
			if typ == "datetime" && e.format == "csv" {
				typ = "string" // "2026-03-01 12:00:00+00"
			}
			r.Schema.Fields = append(r.Schema.Fields, field{c.name, typ, c.unit, c.description})
		}
		p.Resources = append(p.Resources, r)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(p)
}

// sums writes the checksums, in the form that sha256sum --check reads.
func (e *exporter) sums() error {
	entries, err := os.ReadDir(e.dir)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, entry := range entries {
		sum, _, err := hash(filepath.Join(e.dir, entry.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s  %s\n", sum, entry.Name())
	}
	return e.file(sumsName, func(w io.Writer) error {
		_, err := io.WriteString(w, b.String())
		return err
	})
}
