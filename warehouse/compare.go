package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// ErrUnread says that the published warehouse cannot be read, so that nothing can be
// compared with it: it is damaged, or no warehouse at all.
var ErrUnread = errors.New("the published warehouse cannot be read")

// Difference is one thing that the file being built says otherwise than the published one.
type Difference struct {
	Change string // "added", "gone" or "changed"

	// Of says what differs: "figure" (a standing one), "superseded" (a reading that another
	// capture of its edition replaced), "capture" or "edition".
	Of string

	Source       string
	Edition      string // "" for a capture that is held
	Service      string // of a figure; so are the next four
	Period       string // label, such as 2013-H1
	Jurisdiction string
	Process      string
	Measure      string
	What         string // changed: the attribute, one Difference for each; of bytes that stand there at another time as well: "printed again"; else ""
	Before       string // as text; "" when added
	After        string // as text; "" when gone
	Locator      string // of a figure
	Capture      string // SHA-256 of the bytes; "" for an edition
	File         string // name of the same
}

// Tally counts the readings of one source, superseded ones included. Before = Same +
// Changed + Gone, and After = Same + Changed + Added.
type Tally struct {
	Source  string `json:"source"`
	Before  int64  `json:"before"` // readings in the published file
	After   int64  `json:"after"`  // readings in the file being built
	Same    int64  `json:"same"`
	Added   int64  `json:"added"`
	Gone    int64  `json:"gone"`
	Changed int64  `json:"changed"`
	Other   int64  `json:"other"` // captures and editions that differ
}

// Changes counts all that differs.
func (t Tally) Changes() int64 { return t.Added + t.Gone + t.Changed + t.Other }

// Kind counts the differences of one kind.
type Kind struct {
	Source string `json:"source"`
	Of     string `json:"of"`
	Change string `json:"change"`
	What   string `json:"what,omitempty"`
	Count  int64  `json:"count"`
}

// Comparison is what Compare found. Each reads it, until the warehouse is published.
type Comparison struct {
	Tallies []Tally // by source
	Kinds   []Kind  // by source, the most frequent first
	db      *sql.DB
}

// Compare holds the file being built against the published one: every reading by its
// edition and series, with its interval, exactness, flags, printed text, place and whether
// it stands; every capture with what became of it; every edition. A figure that stands in
// the same cell and is mapped to another series now is one change, not one gone and one
// added. What depends on the time or the order of loading is not compared: numbers of
// captures, times of loading, runs. Nor is the place of a figure in its capture's printed
// order, which moves when a figure before it comes or goes.
//
// The error wraps ErrNone when nothing is published, ErrNewer when a newer daylight wrote
// the published file, and ErrUnread when it cannot be read.
func (w *Warehouse) Compare(ctx context.Context) (*Comparison, error) {
	fail := func(err error) error { return fmt.Errorf("warehouse: compare with %s: %w", w.path(FileName), err) }
	if w.db == nil || w.load != nil {
		return nil, fail(errors.New("the warehouse is closed or a load is open"))
	}
	detach, err := w.attachPublished(ctx)
	if err != nil {
		return nil, fail(err)
	}
	out := &Comparison{db: w.db}
	for _, s := range compareSteps() {
		if _, err = w.db.ExecContext(ctx, s); err != nil {
			break
		}
	}
	if err == nil {
		err = out.count(ctx)
	}
	if err := errors.Join(err, detach()); err != nil {
		return nil, fail(unread(err))
	}
	return out, nil
}

// AdoptRuns takes the accounts of earlier runs over from the published file. Its errors are
// those of Compare.
func (w *Warehouse) AdoptRuns(ctx context.Context) error {
	fail := func(err error) error { return fmt.Errorf("warehouse: runs of %s: %w", w.path(FileName), err) }
	if w.db == nil || w.load != nil {
		return fail(errors.New("the warehouse is closed or a load is open"))
	}
	detach, err := w.attachPublished(ctx)
	if err != nil {
		return fail(err)
	}
	for _, q := range []string{
		`INSERT INTO run_source SELECT s.* FROM published.main.run_source s ANTI JOIN run r ON r.id = s.run`,
		`INSERT INTO run SELECT p.* FROM published.main.run p ANTI JOIN run r ON r.id = p.id`,
	} {
		if _, err = w.db.ExecContext(ctx, q); err != nil {
			break
		}
	}
	if err := errors.Join(err, detach()); err != nil {
		return fail(unread(err))
	}
	return nil
}

// attachPublished opens the published file beside, as "published".
func (w *Warehouse) attachPublished(ctx context.Context) (detach func() error, err error) {
	path := w.path(FileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	} else if err != nil {
		return nil, err
	}
	if _, err := w.db.ExecContext(ctx, "ATTACH "+quote(path)+" AS published (READ_ONLY)"); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnread, err)
	}
	// Without the end of ctx: cleaning up must happen all the same.
	detach = func() error {
		_, err := w.db.ExecContext(context.WithoutCancel(ctx), "DETACH published")
		return err
	}
	versions, err := texts(ctx, w.db, `SELECT max(version)::VARCHAR FROM published.main.schema_migration WHERE version > $1 HAVING count(*) > 0`, SchemaVersion())
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrUnread, err)
	} else if len(versions) > 0 {
		err = fmt.Errorf("it has schema %s, this program knows %d: %w; use that one", versions[0], SchemaVersion(), ErrNewer)
	}
	if err != nil {
		return nil, errors.Join(err, detach())
	}
	return detach, nil
}

// unread adds ErrUnread to DuckDB's errors about a damaged file.
func unread(err error) error {
	for _, sign := range append([]string{"computed checksum"}, damage...) {
		if strings.Contains(err.Error(), sign) && !errors.Is(err, ErrUnread) {
			return fmt.Errorf("%w: %w", ErrUnread, err)
		}
	}
	return err
}

// attribute is one that is compared: its column, and how it reads as text when that is not
// the column itself.
type attribute struct{ name, column, text string }

// evidence and figure are the attributes of a reading beside its series, identity those of
// the series. The interval is two columns and reads as one text.
var (
	valueAttributes = []attribute{
		{"value", "value_low", ""},
		{"value", "value_high", ""},
		{"exactness", "exactness", ""},
		{"band_scheme", "band_scheme", ""},
		{"high_inclusive", "high_inclusive", ""},
		{"floor_raised", "floor_raised", ""},
		{"basis", "basis", ""},
		{"quality_flags", "quality_flags", "array_to_string(%s, ' | ')"},
		{"footnotes", "footnotes", "array_to_string(%s, ' | ')"},
		{"raw_text", "raw_text", ""},
		{"raw_label", "raw_label", ""},
		{"report_table", "report_table", ""},
		{"locator", "locator", ""},
		{"capture", "sha256", ""},
		{"revision", "revision", ""},
		{"superseded_at", "superseded_at", ""},
	}
	seriesAttributes = []attribute{
		{"service", "service", ""},
		{"period", "period", ""},
		{"jurisdiction", "jurisdiction", ""},
		{"assisting_jurisdiction", "assisting_jurisdiction", ""},
		{"requester_level", "requester_level", ""},
		{"customer_class", "customer_class", ""},
		{"process", "process", ""},
		{"measure", "measure", ""},
		{"unit", "unit", ""},
		{"item", "item", ""},
	}
	captureAttributes = []attribute{
		{"edition", "edition", ""},
		{"status", "status", ""},
		{"reason", "reason", ""},
		{"name", "name", ""},
		{"url", "url", ""},
		{"final_url", "final_url", ""},
		{"retrieved_at", "retrieved_at", ""},
		{"media_type", "media_type", ""},
		{"trust", "trust", ""},
		{"excerpt", "excerpt", ""},
		{"rows", "rows", ""},
		{"rejects", "rejects", ""},
		{"ignores", "ignores", ""},
		{"open findings", "open_findings", ""},
		{"pinned findings", "pinned_findings", ""},
		{"details of rejects", "reject_details", "''"},
		{"details of findings", "finding_details", "''"},
	}
	editionAttributes = []attribute{
		{"period_start", "period_start", ""},
		{"period_end", "period_end", ""},
		{"published_on", "published_on", ""},
		{"is_excerpt", "is_excerpt", ""},
		{"trust", "trust", ""},
		{"first_captured", "first_captured", ""},
		{"last_captured", "last_captured", ""},
	}
)

// differs is the condition that one of the attributes is not the same in a and b.
func differs(list []attribute) string {
	var a, b []string
	for _, x := range list {
		a, b = append(a, "a."+x.column), append(b, "b."+x.column)
	}
	return "((" + strings.Join(a, ", ") + ") IS DISTINCT FROM (" + strings.Join(b, ", ") + "))"
}

// figureText prints the figure of a reading, every digit.
func figureText(side string) string {
	end := func(c string) string {
		c = side + "." + c
		return "CASE WHEN " + c + " = trunc(" + c + ") AND abs(" + c + ") < 1e15 THEN " + c + "::BIGINT::VARCHAR ELSE " + c + "::VARCHAR END"
	}
	return "CASE WHEN " + side + ".value_low IS NULL THEN '' WHEN " + side + ".value_high IS NULL THEN '≥ ' || " + end("value_low") +
		" WHEN " + side + ".value_low = " + side + ".value_high THEN " + end("value_low") + " ELSE " + end("value_low") + " || '–' || " + end("value_high") + " END"
}

// changedList is the list of what differs between a and b, one struct for each attribute.
func changedList(list []attribute) string {
	var out []string
	for i, x := range list {
		if i > 0 && list[i-1].name == x.name {
			continue
		}
		unequal := "a." + x.column + " IS DISTINCT FROM b." + x.column
		before, after := "a."+x.column, "b."+x.column
		switch {
		case x.name == "value":
			unequal = "(a.value_low, a.value_high) IS DISTINCT FROM (b.value_low, b.value_high)"
			before, after = figureText("a"), figureText("b")
		case x.text == "''":
			before, after = "''", "''"
		case x.text != "":
			before, after = fmt.Sprintf(x.text, before), fmt.Sprintf(x.text, after)
		}
		out = append(out, fmt.Sprintf("CASE WHEN %s THEN {'what': %s, 'before': coalesce((%s)::VARCHAR, ''), 'after': coalesce((%s)::VARCHAR, '')} END",
			unequal, quote(x.name), before, after))
	}
	return "list_filter([" + strings.Join(out, ",\n\t\t") + "], x -> x IS NOT NULL)"
}

// readings selects the readings of a file, in the editions where something differs. n numbers those of a series within its edition:
// 0 stands, and what it superseded follows, the newest first.
func readings(database string) string {
	of := func(n, where string) string {
		return `
	SELECT c.source, c.edition, f.series_key, ` + n + ` AS n, f.service, period_label(f.period_start, f.period_end) AS period,
		f.jurisdiction, f.assisting_jurisdiction, f.requester_level::VARCHAR AS requester_level, f.customer_class::VARCHAR AS customer_class,
		f.process, f.measure, f.unit, f.item, f.value_low, f.value_high, f.exactness::VARCHAR AS exactness, f.band_scheme,
		f.high_inclusive, f.floor_raised, f.basis::VARCHAR AS basis, f.quality_flags, f.footnotes, f.raw_text, f.raw_label,
		f.report_table, f.locator, c.sha256, c.name, f.revision, f.superseded_at
	FROM ` + database + `.main.figure f
	JOIN (SELECT * FROM ` + database + `.main.capture SEMI JOIN memory.main.suspect USING (edition)) c ON c.id = f.capture_id
	WHERE f.superseded_at IS ` + where
	}
	return of("0", "NULL") + "\n\tUNION ALL" +
		of("row_number() OVER (PARTITION BY c.edition, f.series_key ORDER BY f.superseded_at DESC, c.retrieved_at DESC, f.revision DESC)", "NOT NULL")
}

func captures(database string) string {
	return `
	SELECT c.source, c.sha256, row_number() OVER (PARTITION BY c.source, c.sha256 ORDER BY c.edition, c.retrieved_at) AS n,
		c.edition, c.status, c.reason, c.name, c.url, c.final_url, c.retrieved_at, c.media_type, c.trust::VARCHAR AS trust, c.excerpt,
		c.rows, c.rejects, c.ignores, coalesce(f.open, 0) AS open_findings, coalesce(f.pinned, 0) AS pinned_findings,
		j.details AS reject_details, f.details AS finding_details
	FROM ` + database + `.main.capture c
	LEFT JOIN (SELECT capture_id, bit_xor(hash(tbl, locator, raw_text, raw_label, reason, detail)) AS details
		FROM ` + database + `.main.reject GROUP BY ALL) j ON j.capture_id = c.id
	LEFT JOIN (SELECT capture_id, count(*) FILTER (status = 'open') AS open, count(*) FILTER (status <> 'open') AS pinned,
			bit_xor(hash(check_name, status, service, process, period_start, period_end, jurisdiction, expected, found, detail)) AS details
		FROM ` + database + `.main.finding GROUP BY ALL) f ON f.capture_id = c.id`
}

func editions(database string) string {
	return `SELECT name, source, period_start, period_end, published_on, is_excerpt, trust::VARCHAR AS trust, first_captured, last_captured FROM ` +
		database + `.main.edition`
}

// sums adds up the readings of each edition, so that editions without a difference, which are
// nearly all of them, need no comparison reading by reading.
func sums(database string) string {
	return `
	SELECT c.edition, count(*) AS n, sum(hash(f.series_key, f.service, f.period_start, f.period_end, f.jurisdiction, f.assisting_jurisdiction,
		f.requester_level::VARCHAR, f.customer_class::VARCHAR, f.process, f.measure, f.unit, f.item, f.value_low, f.value_high, f.exactness::VARCHAR,
		f.band_scheme, f.high_inclusive, f.floor_raised, f.basis::VARCHAR, f.quality_flags, f.footnotes, f.raw_text, f.raw_label,
		f.report_table, f.locator, c.sha256, f.revision, f.superseded_at)::HUGEINT) AS total
	FROM ` + database + `.main.figure f JOIN ` + database + `.main.capture c ON c.id = f.capture_id GROUP BY ALL`
}

// compareSteps fill the table memory.main.difference. The tables live in the memory of this
// process, so that nothing of them reaches the file.
func compareSteps() []string {
	sides := func(of func(string) string) string {
		return "WITH was AS (" + of("published") + "),\nnow AS (" + of("daylight") + ")"
	}
	return []string{
		`CREATE OR REPLACE TABLE memory.main.tally AS ` + sides(func(db string) string {
			return `SELECT c.source, count(*) AS n FROM ` + db + `.main.figure f JOIN ` + db + `.main.capture c ON c.id = f.capture_id GROUP BY ALL`
		}) + `
SELECT source, coalesce(was.n, 0) AS before, coalesce(now.n, 0) AS after
FROM was FULL JOIN now USING (source)`,

		`CREATE OR REPLACE TABLE memory.main.suspect AS ` + sides(sums) + `
SELECT edition FROM was FULL JOIN now USING (edition) WHERE (was.n, was.total) IS DISTINCT FROM (now.n, now.total)`,

		`CREATE OR REPLACE TABLE memory.main.pair AS ` + sides(readings) + `
SELECT a, b, a.series_key IS NOT NULL AS there, b.series_key IS NOT NULL AS here
FROM was a FULL JOIN now b ON a.edition = b.edition AND a.series_key = b.series_key AND a.n = b.n
WHERE a.series_key IS NULL OR b.series_key IS NULL OR ` + differs(valueAttributes),

		// The one figure of a cell that is counted as something else now.
		`CREATE OR REPLACE TABLE memory.main.moved AS
WITH gone AS (SELECT a FROM memory.main.pair WHERE NOT here AND a.n = 0 QUALIFY count(*) OVER (PARTITION BY a.edition, a.sha256, a.locator) = 1),
came AS (SELECT b FROM memory.main.pair WHERE NOT there AND b.n = 0 QUALIFY count(*) OVER (PARTITION BY b.edition, b.sha256, b.locator) = 1)
SELECT a, b FROM gone JOIN came ON a.edition = b.edition AND a.sha256 = b.sha256 AND a.locator = b.locator`,

		`CREATE OR REPLACE TABLE memory.main.difference AS
WITH reading AS (
	SELECT CASE WHEN NOT there THEN 'added' WHEN NOT here THEN 'gone' ELSE 'changed' END AS change, a, b,
		CASE WHEN there AND here THEN ` + changedList(valueAttributes) + ` END AS list
	FROM memory.main.pair
	WHERE there AND here
		OR NOT there AND (b.edition, b.series_key, b.n) NOT IN (SELECT (b.edition, b.series_key, b.n) FROM memory.main.moved)
		OR NOT here AND (a.edition, a.series_key, a.n) NOT IN (SELECT (a.edition, a.series_key, a.n) FROM memory.main.moved)
	UNION ALL
	SELECT 'changed', a, b, ` + changedList(append(append([]attribute{}, seriesAttributes...), valueAttributes...)) + `
	FROM memory.main.moved
),
told AS (
	SELECT change, coalesce(a.n, b.n) AS n, coalesce(a.source, b.source) AS source, coalesce(b.edition, a.edition) AS edition,
		coalesce(b.service, a.service) AS service, coalesce(b.period, a.period) AS period, coalesce(b.jurisdiction, a.jurisdiction) AS jurisdiction,
		coalesce(b.process, a.process) AS process, coalesce(b.measure, a.measure) AS measure,
		CASE change WHEN 'added' THEN [{'what': '', 'before': '', 'after': trim(` + figureText("b") + ` || ' ' || b.exactness)}]
			WHEN 'gone' THEN [{'what': '', 'before': trim(` + figureText("a") + ` || ' ' || a.exactness), 'after': ''}]
			ELSE list END AS list,
		coalesce(b.locator, a.locator) AS locator, coalesce(b.sha256, a.sha256) AS capture, coalesce(b.name, a.name) AS file,
		coalesce(b.series_key, a.series_key) AS series_key
	FROM reading
)
SELECT change, CASE WHEN n = 0 THEN 'figure' ELSE 'superseded' END AS of, source, edition, service, period, jurisdiction, process, measure,
	unnest(list) AS d, locator, capture, file, n, series_key
FROM told`,

		`INSERT INTO memory.main.difference ` + sides(captures) + `,
pair AS (
	SELECT a, b, CASE WHEN a.sha256 IS NULL THEN 'added' WHEN b.sha256 IS NULL THEN 'gone' ELSE 'changed' END AS change
	FROM was a FULL JOIN now b ON a.source = b.source AND a.sha256 = b.sha256 AND a.n = b.n
	WHERE a.sha256 IS NULL OR b.sha256 IS NULL OR ` + differs(captureAttributes) + `
)
SELECT change, 'capture', coalesce(a.source, b.source), coalesce(b.edition, a.edition), '', '', '', '', '',
	unnest(CASE change WHEN 'added' THEN [{'what': CASE WHEN b.n > 1 THEN 'printed again' ELSE '' END, 'before': '', 'after': b.status || CASE WHEN b.reason = '' THEN '' ELSE ': ' || b.reason END}]
		WHEN 'gone' THEN [{'what': CASE WHEN a.n > 1 THEN 'printed again' ELSE '' END, 'before': a.status || CASE WHEN a.reason = '' THEN '' ELSE ': ' || a.reason END, 'after': ''}]
		ELSE ` + changedList(captureAttributes) + ` END),
	'', coalesce(b.sha256, a.sha256), coalesce(b.name, a.name), coalesce(b.n, a.n), 0
FROM pair`,

		`INSERT INTO memory.main.difference ` + sides(editions) + `,
pair AS (
	SELECT a, b, CASE WHEN a.name IS NULL THEN 'added' WHEN b.name IS NULL THEN 'gone' ELSE 'changed' END AS change
	FROM was a FULL JOIN now b ON a.name = b.name
	WHERE a.name IS NULL OR b.name IS NULL OR ` + differs(editionAttributes) + `
)
SELECT change, 'edition', coalesce(a.source, b.source), coalesce(b.name, a.name), '', '', '', '', '',
	unnest(CASE change WHEN 'changed' THEN ` + changedList(editionAttributes) + ` ELSE [{'what': '', 'before': '', 'after': ''}] END),
	'', '', '', 0, 0
FROM pair`,
		`DROP TABLE memory.main.pair`,
		`DROP TABLE memory.main.moved`,
		`DROP TABLE memory.main.suspect`,
	}
}

func (c *Comparison) count(ctx context.Context) error {
	rows, err := c.db.QueryContext(ctx, `
WITH one AS (
	SELECT source, change, of, edition, capture, series_key, n FROM memory.main.difference GROUP BY ALL
),
many AS (
	SELECT source, count(*) FILTER (of IN ('figure', 'superseded') AND change = 'added') AS added,
		count(*) FILTER (of IN ('figure', 'superseded') AND change = 'gone') AS gone,
		count(*) FILTER (of IN ('figure', 'superseded') AND change = 'changed') AS changed,
		count(*) FILTER (of IN ('capture', 'edition')) AS other
	FROM one GROUP BY source
)
SELECT source, coalesce(t.before, 0), coalesce(t.after, 0), coalesce(m.added, 0), coalesce(m.gone, 0), coalesce(m.changed, 0), coalesce(m.other, 0)
FROM memory.main.tally t FULL JOIN many m USING (source) ORDER BY source`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var t Tally
		if err := rows.Scan(&t.Source, &t.Before, &t.After, &t.Added, &t.Gone, &t.Changed, &t.Other); err != nil {
			return err
		}
		t.Same = t.Before - t.Gone - t.Changed
		c.Tallies = append(c.Tallies, t)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	kinds, err := c.db.QueryContext(ctx, `SELECT source, of, change, d.what, count(*) FROM memory.main.difference GROUP BY ALL ORDER BY 1, 5 DESC, 2, 3, 4`)
	if err != nil {
		return err
	}
	defer kinds.Close()
	for kinds.Next() {
		var k Kind
		if err := kinds.Scan(&k.Source, &k.Of, &k.Change, &k.What, &k.Count); err != nil {
			return err
		}
		c.Kinds = append(c.Kinds, k)
	}
	return kinds.Err()
}

// Changes counts all that differs.
func (c *Comparison) Changes() int64 {
	var n int64
	for _, t := range c.Tallies {
		n += t.Changes()
	}
	return n
}

// Each hands on the differences one after the other, editions and captures of a source
// before its figures, each in a fixed order. An error of the function ends it and is
// returned as it is.
func (c *Comparison) Each(ctx context.Context, do func(Difference) error) error {
	rows, err := c.db.QueryContext(ctx, `
SELECT change, of, source, edition, service, period, jurisdiction, process, measure, d.what, d.before, d.after, locator, capture, file
FROM memory.main.difference
ORDER BY source, CASE of WHEN 'edition' THEN 1 WHEN 'capture' THEN 2 ELSE 3 END, edition, period, service, process, measure, jurisdiction,
	of, n, series_key, capture, change, d.what`)
	if err != nil {
		return fmt.Errorf("warehouse: compare: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d Difference
		if err := rows.Scan(&d.Change, &d.Of, &d.Source, &d.Edition, &d.Service, &d.Period, &d.Jurisdiction, &d.Process, &d.Measure,
			&d.What, &d.Before, &d.After, &d.Locator, &d.Capture, &d.File); err != nil {
			return fmt.Errorf("warehouse: compare: %w", err)
		}
		if err := do(d); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("warehouse: compare: %w", err)
	}
	return nil
}
