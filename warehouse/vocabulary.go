package warehouse

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"

	"daylight/normalize"
	"daylight/normalize/vocab"
)

// list is one code list: a table of the warehouse.
type list struct {
	name    string
	header  []string
	types   []string // DATE, BOOLEAN, DOUBLE or VARCHAR
	records [][]string
}

var (
	datePattern   = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	numberPattern = regexp.MustCompile(`^(0|[1-9]\d*)(\.\d+)?$`)
	namePattern   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// lists reads every CSV file at the root.
func lists(fsys fs.FS) ([]list, error) {
	names, err := fs.Glob(fsys, "*.csv")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	var out []list
	for _, name := range names {
		l, err := readList(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("vocabulary %s: %w", name, err)
		}
		out = append(out, l)
	}
	return out, nil
}

func readList(fsys fs.FS, name string) (list, error) {
	l := list{name: strings.TrimSuffix(path.Base(name), ".csv")}
	if !namePattern.MatchString(l.name) {
		return l, errors.New("the file name is no name of a table")
	}
	f, err := fsys.Open(name)
	if err != nil {
		return l, err
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return l, err
	}
	if len(all) < 2 {
		return l, errors.New("want a header and at least one code")
	}
	l.header, l.records = all[0], all[1:]
	for c, h := range l.header {
		if !namePattern.MatchString(h) {
			return l, fmt.Errorf("column %d: %q is no name of a column", c+1, h)
		}
		l.types = append(l.types, l.typeOf(c))
	}
	return l, nil
}

// typeOf reads a column's type off its texts: all dates, all true or false, all numbers,
// or text. The first column is the code and always text: Namibia is "NA", and a code of
// digits is no number.
func (l list) typeOf(c int) string {
	if c == 0 {
		return "VARCHAR"
	}
	all := func(ok func(string) bool) bool {
		n := 0
		for _, r := range l.records {
			if r[c] == "" {
				continue
			}
			if n++; !ok(r[c]) {
				return false
			}
		}
		return n > 0
	}
	switch {
	case all(datePattern.MatchString):
		return "DATE"
	case all(func(s string) bool { return s == "true" || s == "false" }):
		return "BOOLEAN"
	case all(numberPattern.MatchString):
		return "DOUBLE"
	}
	return "VARCHAR"
}

// listNote opens the comment of a code list's table; by it the table is known to be one.
const listNote = "Closed code list "

// columnNotes says what the columns of the code lists hold: by the name of the column, or
// by list and column where one list means something of its own.
var columnNotes = map[string]string{
	"code":                 "Code, as it stands in the figures",
	"title":                "What the code means",
	"meaning":              "What the code means",
	"name":                 "Name in English",
	"note":                 "Remark; empty for none",
	"source":               "Where this row was read",
	"parent":               "Code that includes this one; empty for the root",
	"class":                "Kind of procedure",
	"axis":                 "What the code tells apart: the legal process, or the identifier that was asked about",
	"discloses_data":       "Whether data may leave the provider",
	"legal_basis":          "Statute or agreement",
	"units":                "Units in which it may be counted, separated by |",
	"additive":             "Whether figures add up over periods: sum, carry_over or none",
	"carry_over_processes": "Processes whose orders stay in force over two halves, so that a year is no sum; separated by |",
	"aliases":              "Other names, separated by |",
	"kind":                 "Kind of entry",
	"group":                "Code of the group",
	"member":               "Code of the member",
	"from":                 "First day on which it holds, inclusive; null when open",
	"to":                   "Last day on which it holds, inclusive; null when open",
	"width":                "Width of one band, in the unit of the figure",
	"authority":            "Statute or letter that allows it",
	"delay_days":           "Days that must pass between the end of the period and the publication",
	"provider":             "Code of the company",
	"recipe":               "Name of the recipe: which processes of a service add up to one total without overlap",
	"service":              "Code of the service",
	"process":              "Code of the process",
	"has_value":            "Whether a figure of this exactness carries an interval",
	"day":                  "Day as precisely as known: 2014, 2014-09 or 2014-09-26",
	"date":                 "Day of the event; of a month or a year its first day",
	"date_precision":       "How exactly the date is known: day, month, year or approximate",
	"jurisdiction":         "Code of the jurisdiction; empty for none or any",
	"providers":            "Codes of the companies, separated by |; empty for all",
	"effect":               "What follows from it, in short",
	"band_schemes":         "Codes of the band schemes it allows, separated by |; empty for none",
	"other":                "Code of the other process; a relation holds in both directions and for the processes below both",
	"relation":             "overlap: never added, whatever the tree of processes says; disjoint: may be added, although the tree puts one inside the other",
	"included_in":          "Code of the service whose figures hold this one's; empty for none",
	"included_from":        "First day from which they do, inclusive; null for none",
	"on":                   "First day under the new definition",
	"measure":              "Code of the measure",
	"unit":                 "Code of the unit of counting",
	"period_start":         "First day of the period, inclusive",
	"period_end":           "Last day of the period, inclusive",
	"low":                  "Lower end of the figure, inclusive, in its unit",
	"high":                 "Upper end of the figure, inclusive, in its unit",
	"exactness":            "How exactly the figure is printed",

	"edition_date.code":          "Code of the date",
	"edition_date.edition":       "Name of the edition, source/label",
	"edition_date.kind":          "published: that the publisher brought it out on that day; seen: that somebody had it or wrote of it",
	"restatement_note.code":      "Code of the note",
	"restatement_note.title":     "What the publisher said",
	"restatement_note.process":   "Code of the process; empty for any",
	"restatement_note.measure":   "Code of the measure; empty for any",
	"restatement_note.period":    "Label of the half-year whose figures were changed",
	"event.code":                 "Code of the event",
	"event.title":                "What happened",
	"legal_regime.code":          "Code of the regime",
	"process_relation.code":      "Code of the relation",
	"process_relation.provider":  "Code of the company; empty for all",
	"series_break.code":          "Code of the break",
	"series_break.title":         "What changes",
	"series_break.service":       "Code of the service; empty for any",
	"series_break.process":       "Code of the process, or name of a recipe of table rollup, as a question asks for it; empty for any",
	"series_break.measure":       "Code of the measure; empty for any",
	"series_break.jurisdiction":  "Code of the jurisdiction; ZZ for the world row and for sums over jurisdictions; empty for any",
	"reference_figure.code":      "Code of the figure",
	"reference_figure.title":     "What the figure counts",
	"reference_figure.authority": "Who says it",
	"reference_figure.kind":      "Whose figure it is: government, carrier, provider or press",
	"reference_figure.provider":  "Code of the company it is about; empty for all, on the side of the government",
	"reference_figure.service":   "Code of the service; empty for none of ours",
}

// coded are the columns of observation whose codes stand in a list, with the list's name
// and whether the empty text is allowed.
var coded = []struct {
	column, list string
	optional     bool
}{
	{"process", "process", false}, {"measure", "measure", false}, {"unit", "unit", false},
	{"jurisdiction", "jurisdiction", false}, {"assisting_jurisdiction", "jurisdiction", true},
	{"band_scheme", "band_scheme", true}, {"exactness", "exactness", false}, {"period_kind", "period_kind", false},
	{"basis", "basis", false}, {"requester_level", "requester_level", false},
	{"customer_class", "customer_class", false}, {"service", "service", false},
	{"quality_flags", "quality_flag", false},
}

// vocabulary stores the code lists anew and makes the view orphan over them.
func (w *Warehouse) vocabulary(ctx context.Context) error {
	fsys := w.opts.Vocabulary
	if fsys == nil {
		fsys = vocab.Files()
	}
	ls, err := lists(fsys)
	if err != nil {
		return err
	}
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	own, err := texts(ctx, w.db, `SELECT name FROM (SELECT table_name AS name, coalesce(comment, '') AS note FROM duckdb_tables() WHERE database_name = 'daylight'
		UNION ALL SELECT view_name, '' FROM duckdb_views() WHERE database_name = 'daylight' AND NOT internal) WHERE NOT starts_with(note, $1)`, listNote)
	if err != nil {
		return err
	}
	have := map[string]string{} // list -> its code column
	for _, l := range ls {
		if slices.Contains(own, l.name) {
			return fmt.Errorf("vocabulary %s: the warehouse has a table of that name", l.name)
		}
		if err := l.store(ctx, tx); err != nil {
			return fmt.Errorf("vocabulary %s: %w", l.name, err)
		}
		have[l.name] = l.header[0]
	}
	if err := orphan(ctx, tx, have); err != nil {
		return fmt.Errorf("view orphan: %w", err)
	}
	return tx.Commit()
}

func (l list) store(ctx context.Context, tx *sql.Tx) error {
	var ddl strings.Builder
	for c, h := range l.header {
		if c > 0 {
			ddl.WriteString(", ")
		}
		fmt.Fprintf(&ddl, "%s %s", identifier(h), l.types[c])
		if l.types[c] == "VARCHAR" {
			ddl.WriteString(" NOT NULL")
		}
	}
	if _, err := tx.ExecContext(ctx, "CREATE OR REPLACE TABLE "+identifier(l.name)+" ("+ddl.String()+")"); err != nil {
		return err
	}
	var rows strings.Builder
	for i, r := range l.records {
		if i > 0 {
			rows.WriteString(", ")
		}
		for c, v := range r {
			if c == 0 {
				rows.WriteString("(")
			} else {
				rows.WriteString(", ")
			}
			switch {
			case v == "" && l.types[c] != "VARCHAR":
				rows.WriteString("NULL")
			default:
				rows.WriteString(quote(v) + "::" + l.types[c])
			}
		}
		rows.WriteString(")")
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO "+identifier(l.name)+" VALUES "+rows.String()); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "COMMENT ON TABLE "+identifier(l.name)+" IS "+quote(listNote+l.name)); err != nil {
		return err
	}
	for _, h := range l.header {
		n, ok := columnNotes[l.name+"."+h]
		if !ok {
			n, ok = columnNotes[h]
		}
		if !ok {
			n = "Column " + h + " of the code list " + l.name
		}
		if _, err := tx.ExecContext(ctx, "COMMENT ON COLUMN "+identifier(l.name)+"."+identifier(h)+" IS "+quote(n)); err != nil {
			return err
		}
	}
	return nil
}

// orphan makes the view of codes that figures carry and no list has.
func orphan(ctx context.Context, tx *sql.Tx, have map[string]string) error {
	var parts []string
	for _, c := range coded {
		code, ok := have[c.list]
		if !ok {
			continue
		}
		from := "SELECT DISTINCT CAST(" + c.column + " AS VARCHAR) AS code FROM figure"
		if c.column == "quality_flags" {
			from = "SELECT DISTINCT unnest(quality_flags) AS code FROM figure WHERE len(quality_flags) > 0"
		}
		where := ""
		if c.optional {
			where = " WHERE f.code <> ''"
		}
		parts = append(parts, fmt.Sprintf("SELECT %s AS column_name, %s AS vocabulary, f.code FROM (%s) f ANTI JOIN %s v ON v.%s = f.code%s",
			quote(c.column), quote(c.list), from, identifier(c.list), identifier(code), where))
	}
	if len(parts) == 0 {
		parts = []string{"SELECT '' AS column_name, '' AS vocabulary, '' AS code WHERE false"}
	}
	stmts := []string{
		"CREATE OR REPLACE VIEW orphan AS " + strings.Join(parts, " UNION ALL "),
		"COMMENT ON VIEW orphan IS 'Codes that figures carry and no code list has; empty in a published file'",
		"COMMENT ON COLUMN orphan.column_name IS 'Column of observation'",
		"COMMENT ON COLUMN orphan.vocabulary IS 'Code list that should have the code'",
		"COMMENT ON COLUMN orphan.code IS 'The unknown code'",
	}
	for _, q := range stmts {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// ownNotes describes the columns that normalize does not know.
var ownNotes = map[string]string{
	"edition":       "edition that says it, source/label",
	"revision":      "number of the reading within series and edition, in the order of loading, from 1",
	"ordinal":       "place of the figure among those of its capture, in printed order from 1",
	"gone_from":     "first edition of the table that no longer prints the figure",
	"capture_id":    "capture, capture.id",
	"period":        "label of the period, period_label(period_start, period_end)",
	"seq":           "place of the figure's edition in the order of editions, edition.seq",
	"replaced_seq":  "place of the next edition that prints the series; null for none",
	"before_seq":    "place of the edition before that prints the series; null for none",
	"beside_seq":    "place of the newest edition before that prints the table for the period without the series: whole or, failing that, other lines of the jurisdiction; null for none",
	"known_on":      "first day on which the figure was certainly known, edition.known_from; of a revision the day of its capture",
	"until_on":      "day from which on the figure no longer stands; 9999-12-31 while it stands",
	"whole_on":      "first day on which the table was known whole for the period; null when only excerpts are",
	"gone_seq":      "place of the next edition that prints any figure of the same table, service, period and jurisdiction; null for none",
	"until_seq":     "place of the edition from which on the figure no longer stands; 2147483647 while it stands; seq when a revision of its edition replaced it",
	"kind_id":       "what the figure counts, figure_kind.kind_id",
	"absent":        "whether the cell holds no figure: withheld, left blank, ruled out, or a zero that means not reported",
	"whole_seq":     "place of the first edition with which the table is at hand whole for the period; null when only excerpts are",
	"refused":       "printed figures of the table in the same capture that became no figure, of any period; see table reject",
	"captured_at":   "when the bytes were retrieved",
	"superseded_at": "when another capture of the same edition replaced this reading; null while it stands",
}

// Columns returns what each column of observation holds and its unit, from the schema of
// package normalize; the unit is empty where there is none.
func Columns() map[string]ColumnNote {
	out := map[string]ColumnNote{}
	for name, d := range ownNotes {
		out[name] = ColumnNote{Description: d}
	}
	for _, f := range normalize.ObservationSchema.Fields() {
		unit, _ := f.Metadata.GetValue("unit")
		d, _ := f.Metadata.GetValue("description")
		out[f.Name] = ColumnNote{Unit: unit, Description: d}
	}
	return out
}

// ColumnNote is what a column holds.
type ColumnNote struct{ Unit, Description string }

func (n ColumnNote) String() string {
	if n.Unit == "" {
		return n.Description
	}
	return n.Description + " (unit: " + n.Unit + ")"
}

// comment describes the columns of the figures. The texts come from package normalize, so
// that the file, the Arrow schema and the exports say the same.
func comment(ctx context.Context, db *sql.DB) error {
	notes := Columns()
	rows, err := db.QueryContext(ctx, `SELECT table_name, column_name, coalesce(comment, '') FROM duckdb_columns()
		WHERE database_name = 'daylight' AND table_name IN ('figure', 'observation', 'reading', 'current', 'vanished', 'standing') ORDER BY ALL`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var stmts []string
	for rows.Next() {
		var table, column, has string
		if err := rows.Scan(&table, &column, &has); err != nil {
			return err
		}
		if n, ok := notes[column]; ok && n.String() != has {
			stmts = append(stmts, "COMMENT ON COLUMN "+identifier(table)+"."+identifier(column)+" IS "+quote(n.String()))
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(stmts) == 0 {
		return nil
	}
	// In one transaction, because each one waits for the disk.
	all := "BEGIN; " + strings.Join(stmts, "; ") + "; COMMIT"
	if _, err := db.ExecContext(ctx, all); err != nil {
		return fmt.Errorf("comment: %w", err)
	}
	return nil
}
