package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// MaxChangesListed bounds how many changed figures and how many that went a list of changes
// names one by one; all are counted.
const MaxChangesListed = 200

// NewEdition is an edition that the published file does not have.
type NewEdition struct {
	Name      string `json:"name"`
	Figures   int64  `json:"figures"`    // readings of it that stand
	KnownFrom string `json:"known_from"` // first day on which it was certainly known, YYYY-MM-DD
	KnownBy   string `json:"known_by"`   // published, seen, captured or later
	Trust     string `json:"trust"`      // of its best capture
	Excerpt   bool   `json:"excerpt"`    // lines of it were left out on purpose
}

// ProviderChange counts what changed in the reports of one company, taken together because
// two of them may print the same series. A current figure is what is known now of a series.
// Before = Same + Changed + Gone, and After = Same + Changed + New.
type ProviderChange struct {
	Provider string `json:"provider"`
	Before   int64  `json:"before"`   // current figures in the published file
	After    int64  `json:"after"`    // current figures in the file being built
	New      int64  `json:"new"`      // of series that had none
	Changed  int64  `json:"changed"`  // other bounds, or a figure instead of none
	Gone     int64  `json:"gone"`     // the newest edition of the table does not print it any more
	Same     int64  `json:"same"`     // same bounds, whatever edition prints them
	Readings int64  `json:"readings"` // readings that were added to the history; less than 0 when some went
}

// FigureChange is one current figure that is another one now, or gone.
type FigureChange struct {
	Source       string   `json:"source"`
	Service      string   `json:"service"`
	Process      string   `json:"process"`
	Measure      string   `json:"measure"`
	Unit         string   `json:"unit"`
	Jurisdiction string   `json:"jurisdiction"`
	Period       string   `json:"period"`
	OldLow       *float64 `json:"old_low"` // nil when there is no figure
	OldHigh      *float64 `json:"old_high"`
	OldEdition   string   `json:"old_edition"`
	NewLow       *float64 `json:"new_low"`
	NewHigh      *float64 `json:"new_high"`
	NewEdition   string   `json:"new_edition"` // "" when it is gone
}

// Changes say what the file being built knows otherwise than the published one.
type Changes struct {
	Compared    bool             `json:"compared"`               // false: NotCompared says why
	NotCompared string           `json:"not_compared,omitempty"` // "" when compared
	Editions    []NewEdition     `json:"editions"`               // in the order of editions
	Providers   []ProviderChange `json:"providers"`              // those with a change, by name
	Changed     []FigureChange   `json:"changed"`                // at most MaxChangesListed
	Gone        []FigureChange   `json:"gone"`                   // at most MaxChangesListed
}

// Total adds up the companies.
func (c *Changes) Total() ProviderChange {
	var t ProviderChange
	for _, s := range c.Providers {
		t.Before += s.Before
		t.After += s.After
		t.New += s.New
		t.Changed += s.Changed
		t.Gone += s.Gone
		t.Same += s.Same
		t.Readings += s.Readings
	}
	return t
}

// now selects the current figures of a file; a cell that holds none, though a zero is printed,
// has none.
func now(database string) string {
	return `SELECT source, report_table, service, period_start, period, process, measure, unit, jurisdiction, series_key, edition,
	CASE WHEN NOT absent THEN value_low END AS value_low, CASE WHEN NOT absent THEN value_high END AS value_high
	FROM ` + database + `.main.standing WHERE until_seq = 2147483647`
}

// changeSteps fill tables in the memory of this process. Most of a file is the same from one
// run to the next, so that figures are hashed first, part by part, and only the parts with
// another hash are joined. The parts are those in which a report changes: a table's half-year.
func changeSteps() []string {
	part := func(database string) string {
		return `SELECT source, report_table, service, period_start, count(*) AS n, bit_xor(hash(series_key, value_low, value_high)) AS content
	FROM (` + now(database) + `) GROUP BY ALL`
	}
	readings := func(database string) string {
		return `SELECT c.source, count(*) AS n FROM ` + database + `.main.figure f JOIN ` + database + `.main.capture c ON c.id = f.capture_id GROUP BY ALL`
	}
	return []string{
		`CREATE OR REPLACE TABLE memory.main.part AS
SELECT source, report_table, service, period_start, coalesce(a.n, 0) AS before, coalesce(b.n, 0) AS after, a.n IS NOT DISTINCT FROM b.n AND a.content IS NOT DISTINCT FROM b.content AS same
FROM (` + part("published") + `) a FULL JOIN (` + part("daylight") + `) b USING (source, report_table, service, period_start)`,

		`CREATE OR REPLACE TABLE memory.main.change AS
WITH p AS (SELECT * FROM memory.main.part WHERE NOT same),
was AS (SELECT n.* FROM (` + now("published") + `) n SEMI JOIN p USING (source, report_table, service, period_start)),
nw AS (SELECT n.* FROM (` + now("daylight") + `) n SEMI JOIN p USING (source, report_table, service, period_start))
SELECT a, b, a.series_key IS NOT NULL AS there, b.series_key IS NOT NULL AS here
FROM was a FULL JOIN nw b ON a.series_key = b.series_key AND a.source = b.source AND a.report_table = b.report_table AND a.service = b.service AND a.period_start = b.period_start
WHERE a.series_key IS NULL OR b.series_key IS NULL
   OR (a.value_low, a.value_high) IS DISTINCT FROM (b.value_low, b.value_high)`,

		// A series that another report, or another table of it, prints now did not go.
		`CREATE OR REPLACE TABLE memory.main.moved AS
SELECT x.a, y.b
FROM memory.main.change x JOIN memory.main.change y ON x.there AND NOT x.here AND y.here AND NOT y.there AND x.a.series_key = y.b.series_key`,

		`INSERT INTO memory.main.moved SELECT a, b FROM memory.main.change WHERE there AND here`,

		`CREATE OR REPLACE TABLE memory.main.account AS
WITH r AS (SELECT split_part(source, '/', 1) AS provider, sum(coalesce(b.n, 0) - coalesce(a.n, 0))::BIGINT AS readings
	FROM (` + readings("published") + `) a FULL JOIN (` + readings("daylight") + `) b USING (source) GROUP BY ALL),
t AS (SELECT split_part(source, '/', 1) AS provider, sum(before)::BIGINT AS before, sum(after)::BIGINT AS after FROM memory.main.part GROUP BY ALL),
c AS (
	SELECT split_part(source, '/', 1) AS provider, count(*) FILTER (what = 'new') AS new, count(*) FILTER (what = 'gone') AS gone, count(*) FILTER (what = 'changed') AS changed
	FROM (SELECT b.source AS source, 'new' AS what FROM memory.main.change WHERE NOT there AND b.series_key NOT IN (SELECT b.series_key FROM memory.main.moved)
	      UNION ALL SELECT a.source, 'gone' FROM memory.main.change WHERE NOT here AND a.series_key NOT IN (SELECT a.series_key FROM memory.main.moved)
	      UNION ALL SELECT b.source, 'changed' FROM memory.main.moved WHERE (a.value_low, a.value_high) IS DISTINCT FROM (b.value_low, b.value_high))
	GROUP BY ALL
)
SELECT provider, coalesce(t.before, 0) AS before, coalesce(t.after, 0) AS after, coalesce(c.new, 0) AS new, coalesce(c.changed, 0) AS changed, coalesce(c.gone, 0) AS gone,
	coalesce(t.before, 0) - coalesce(c.changed, 0) - coalesce(c.gone, 0) AS same, coalesce(r.readings, 0) AS readings
FROM t FULL JOIN r USING (provider) FULL JOIN c USING (provider)`,
	}
}

// Changes compares what is known now with what the published file knows. It is called after
// the last load and before Publish. Where there is nothing to compare with (no published
// file, one of an older schema, a damaged one) it says so and returns no error.
//
// Two parts of a report with the same number of figures and the same hash of 64 bits count
// as the same.
func (w *Warehouse) Changes(ctx context.Context) (*Changes, error) {
	fail := func(err error) error { return fmt.Errorf("warehouse: changes against %s: %w", w.path(FileName), err) }
	if w.db == nil || w.load != nil {
		return nil, fail(errors.New("the warehouse is closed or a load is open"))
	}
	if err := w.derive(ctx); err != nil {
		return nil, fail(err)
	}
	out := &Changes{Editions: []NewEdition{}, Providers: []ProviderChange{}, Changed: []FigureChange{}, Gone: []FigureChange{}}
	detach, err := w.attachPublished(ctx)
	switch {
	case errors.Is(err, ErrNone):
		out.NotCompared = "nothing was published before"
		return out, nil
	case errors.Is(err, ErrUnread):
		out.NotCompared = err.Error()
		return out, nil
	case err != nil:
		return nil, fail(err)
	}
	err = out.fill(ctx, w.db)
	for _, table := range []string{"part", "change", "moved", "account"} {
		_, dropped := w.db.ExecContext(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS memory.main."+table)
		err = errors.Join(err, dropped)
	}
	if err := errors.Join(err, detach()); err != nil {
		return nil, fail(unread(err))
	}
	return out, nil
}

func (c *Changes) fill(ctx context.Context, db *sql.DB) error {
	older, err := texts(ctx, db, `SELECT max(version)::VARCHAR FROM published.main.schema_migration HAVING max(version) < $1`, SchemaVersion())
	if err != nil {
		return err
	}
	if len(older) > 0 {
		c.NotCompared = fmt.Sprintf("the published file has schema %s, this one %d", older[0], SchemaVersion())
		return nil
	}
	c.Compared = true
	for _, s := range changeSteps() {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return errors.Join(c.readEditions(ctx, db), c.readProviders(ctx, db),
		c.readFigures(ctx, db, &c.Changed, `SELECT a, b FROM memory.main.moved
			WHERE (a.value_low, a.value_high) IS DISTINCT FROM (b.value_low, b.value_high)`),
		c.readFigures(ctx, db, &c.Gone, `SELECT a, b FROM memory.main.change WHERE NOT here AND a.series_key NOT IN (SELECT a.series_key FROM memory.main.moved)`))
}

func (c *Changes) readEditions(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `
SELECT e.name, count(s.seq), e.known_from::VARCHAR, e.known_by, e.trust::VARCHAR, e.is_excerpt
FROM edition e LEFT JOIN standing s ON s.seq = e.seq AND s.until_seq > s.seq
WHERE e.name NOT IN (SELECT name FROM published.main.edition)
GROUP BY ALL ORDER BY min(e.seq)`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var e NewEdition
		if err := rows.Scan(&e.Name, &e.Figures, &e.KnownFrom, &e.KnownBy, &e.Trust, &e.Excerpt); err != nil {
			return err
		}
		c.Editions = append(c.Editions, e)
	}
	return rows.Err()
}

func (c *Changes) readProviders(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, `SELECT * FROM memory.main.account WHERE new + changed + gone > 0 OR readings <> 0 ORDER BY provider`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s ProviderChange
		if err := rows.Scan(&s.Provider, &s.Before, &s.After, &s.New, &s.Changed, &s.Gone, &s.Same, &s.Readings); err != nil {
			return err
		}
		c.Providers = append(c.Providers, s)
	}
	return rows.Err()
}

func (c *Changes) readFigures(ctx context.Context, db *sql.DB, to *[]FigureChange, from string) error {
	rows, err := db.QueryContext(ctx, fmt.Sprintf(`
SELECT a.source, a.service, a.process, a.measure, a.unit, a.jurisdiction, a.period,
	a.value_low, a.value_high, a.edition, b.value_low, b.value_high, coalesce(b.edition, '')
FROM (%s) ORDER BY a.source, a.service, a.process, a.measure, a.period_start, a.period, a.jurisdiction, a.series_key LIMIT %d`, from, MaxChangesListed))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var f FigureChange
		if err := rows.Scan(&f.Source, &f.Service, &f.Process, &f.Measure, &f.Unit, &f.Jurisdiction, &f.Period,
			&f.OldLow, &f.OldHigh, &f.OldEdition, &f.NewLow, &f.NewHigh, &f.NewEdition); err != nil {
			return err
		}
		*to = append(*to, f)
	}
	*to = slices.Clip(*to)
	return rows.Err()
}
