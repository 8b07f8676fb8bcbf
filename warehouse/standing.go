package warehouse

import (
	"context"
	"fmt"
)

// standingSteps fill the derived tables of schema/0003_standing.sql, all of them anew. That file
// says what they are for; a column that is added there is filled here.
var standingSteps = []struct{ what, statement string }{
	{"what is known with each edition", `
UPDATE edition SET known_seq = (
    SELECT max(e.seq) FROM edition e WHERE e.seq <= edition.seq OR e.period_end <= edition.period_end)`},

	{"the kinds of figures", `
INSERT INTO figure_kind
SELECT row_number() OVER (ORDER BY provider, service, process, measure, period_kind, requester_level, customer_class, passed_on, single), *
FROM (SELECT c.provider, f.service, f.process, f.measure, f.period_kind, f.requester_level, f.customer_class,
             f.assisting_jurisdiction <> '' AS passed_on, f.item <> '' AS single
      FROM figure f JOIN capture c ON c.id = f.capture_id GROUP BY ALL)`},

	{"the standing figures", `
INSERT INTO standing
WITH place AS (
    SELECT c.id AS capture_id, c.provider, c.source, c.edition, c.excerpt, e.seq
    FROM capture c JOIN edition e ON e.name = c.edition
),
shown AS MATERIALIZED (
    SELECT p.source, f.report_table, f.service, f.period_start, f.period_end, f.jurisdiction, p.seq, p.excerpt,
           f.capture_id, f.ordinal, f.series_key
    FROM figure f JOIN place p ON p.capture_id = f.capture_id
    WHERE f.superseded_at IS NULL
),
-- The next edition that prints any line of the same table, service, period and jurisdiction
-- either prints the series again or takes it out.
span AS (
    SELECT *, lead(seq) OVER (PARTITION BY source, report_table, service, period_start, period_end, jurisdiction ORDER BY seq) AS gone_seq
    FROM (SELECT source, report_table, service, period_start, period_end, jurisdiction, seq FROM shown GROUP BY ALL)
),
-- A series may also be printed by another source: Microsoft gives its bands in two reports.
again AS (
    SELECT capture_id, ordinal, lead(seq) OVER (PARTITION BY series_key ORDER BY seq) AS replaced_seq
    FROM shown
    SEMI JOIN (SELECT series_key FROM shown GROUP BY series_key HAVING count(*) > 1) USING (series_key)
),
-- From which edition on the table is at hand whole.
whole AS (
    SELECT source, report_table, period_start, period_end, min(seq) FILTER (NOT excerpt) AS whole_seq
    FROM shown GROUP BY ALL
),
-- A reject has no period, because the period may be what is unknown, so it counts for every
-- period of its capture; one without a table counts for every table.
refusal AS (
    SELECT capture_id, tbl, count(*) AS n FROM reject GROUP BY ALL
)
SELECT f.capture_id, f.ordinal, p.seq, a.replaced_seq, s.gone_seq, coalesce(least(a.replaced_seq, s.gone_seq), 2147483647),
       p.provider, f.service, p.source, f.report_table, p.edition, l.period, f.period_start, f.period_end, f.period_kind,
       f.jurisdiction, f.assisting_jurisdiction, f.requester_level, f.customer_class, f.process, f.measure, f.unit, f.item,
       -- A rounded percentage is computed with as what it may have been. "83.00%" is a whole percentage
       -- with two zeros behind it: the zeros at the end say nothing about the rounding.
       CASE WHEN f.exactness = 'rounded' THEN iv_rounded(f.value_low, decimals := len(regexp_extract(rtrim(f.raw_text, '% '), '[.,]([0-9]*?)0*$', 1))).low ELSE f.value_low END,
       CASE WHEN f.exactness = 'rounded' THEN iv_rounded(f.value_low, decimals := len(regexp_extract(rtrim(f.raw_text, '% '), '[.,]([0-9]*?)0*$', 1))).high ELSE f.value_high END,
       f.exactness, f.band_scheme, f.floor_raised,
       -- Google prints 0 for what it did not report in its first years.
       f.value_low IS NULL OR list_contains(f.quality_flags, 'zero_means_not_reported'),
       w.whole_seq, coalesce(x.n, 0) + coalesce(y.n, 0), k.kind_id
FROM figure f
JOIN place p ON p.capture_id = f.capture_id
JOIN figure_kind k ON k.provider = p.provider AND k.service = f.service AND k.process = f.process AND k.measure = f.measure
    AND k.period_kind = f.period_kind AND k.requester_level = f.requester_level AND k.customer_class = f.customer_class
    AND k.passed_on = (f.assisting_jurisdiction <> '') AND k.single = (f.item <> '')
JOIN (SELECT period_start, period_end, period_label(period_start, period_end) AS period FROM shown GROUP BY ALL) l
    ON l.period_start = f.period_start AND l.period_end = f.period_end
JOIN span s ON s.source = p.source AND s.report_table = f.report_table AND s.service = f.service
    AND s.period_start = f.period_start AND s.period_end = f.period_end AND s.jurisdiction = f.jurisdiction AND s.seq = p.seq
JOIN whole w ON w.source = p.source AND w.report_table = f.report_table
    AND w.period_start = f.period_start AND w.period_end = f.period_end
LEFT JOIN again a ON a.capture_id = f.capture_id AND a.ordinal = f.ordinal
LEFT JOIN refusal x ON x.capture_id = f.capture_id AND x.tbl = f.report_table
LEFT JOIN refusal y ON y.capture_id = f.capture_id AND y.tbl = ''
WHERE f.superseded_at IS NULL`},

	// What the tree of processes says of a process holds for those below it; an exception or an
	// addition of the list process_relation, too, and is meant in both directions.
	{"the processes that overlap", `
INSERT INTO process_overlap
WITH RECURSIVE inside AS (
    SELECT code AS process, code AS other FROM process
    UNION ALL
    SELECT i.process, p.parent FROM inside i JOIN process p ON p.code = i.other WHERE p.parent <> ''
),
related AS (
    SELECT r.relation, r.provider, a.process, b.process AS other, r."from", r."to"
    FROM process_relation r JOIN inside a ON a.other = r.process JOIN inside b ON b.other = r.other
    UNION
    SELECT r.relation, r.provider, b.process, a.process, r."from", r."to"
    FROM process_relation r JOIN inside a ON a.other = r.process JOIN inside b ON b.other = r.other
),
pair AS (
    SELECT p.provider, i.process, i.other, true AS contained FROM inside i CROSS JOIN provider p WHERE i.process <> i.other
    UNION
    SELECT p.provider, r.process, r.other, false FROM related r JOIN provider p ON r.provider IN ('', p.provider)
    WHERE r.relation = 'overlap' AND r.process <> r.other
      AND NOT EXISTS (SELECT 1 FROM inside i WHERE i.process = r.process AND i.other = r.other OR i.process = r.other AND i.other = r.process)
)
SELECT p.provider, p.process, p.other, p.contained,
       min(CASE WHEN d.relation IS NOT NULL THEN coalesce(d."from", DATE '0001-01-01') END),
       max(CASE WHEN d.relation IS NOT NULL THEN coalesce(d."to", DATE '9999-12-31') END)
FROM pair p
LEFT JOIN related d ON d.relation = 'disjoint' AND d.provider IN ('', p.provider) AND d.process = p.process AND d.other = p.other
GROUP BY ALL`},

	{"the recipes", `
INSERT INTO recipe_process
SELECT r.recipe, r.provider, r.service, r.process, r.note,
       EXISTS (SELECT 1 FROM process_overlap o
               JOIN rollup t ON t.recipe = r.recipe AND t.provider = r.provider AND t.service = r.service AND t.process = o.other
               WHERE o.provider = r.provider AND o.process = r.process AND o.contained AND o.apart_from IS NULL),
       EXISTS (SELECT 1 FROM process_overlap o
               JOIN rollup t ON t.recipe = r.recipe AND t.provider = r.provider AND t.service = r.service AND t.process = o.process
               WHERE o.provider = r.provider AND o.other = r.process AND o.contained AND o.apart_from IS NULL)
FROM rollup r`},
}

// stand works out anew which figures stand, from which edition to which, and what the questions
// need beside them. It runs when the editions are in order.
func (w *Warehouse) stand(ctx context.Context) error {
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, table := range []string{"standing", "figure_kind", "process_overlap", "recipe_process"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table); err != nil {
			return fmt.Errorf("empty %s: %w", table, err)
		}
	}
	for _, s := range standingSteps {
		if _, err := tx.ExecContext(ctx, s.statement); err != nil {
			return fmt.Errorf("work out %s: %w", s.what, err)
		}
	}
	return tx.Commit()
}
