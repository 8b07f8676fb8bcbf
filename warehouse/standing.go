package warehouse

import (
	"context"
	"fmt"
	"strings"
)

// standingPart is the number of readings of series with several that are worked out at once, so
// that it takes no more memory with more of them: about 200 MB.
const standingPart = 1_000_000

type standingStep struct{ what, statement string }

// placeSteps, seriesSteps and listSteps fill the derived tables of schema/0003_standing.sql and
// 0005_askable.sql, all of them anew, in this order. Those files say what they are for; a column
// that is added there is filled here.
var placeSteps = []standingStep{
	{"what is known with each edition", `
UPDATE edition SET known_seq = (
    SELECT max(e.seq) FROM edition e WHERE e.seq <= edition.seq OR e.period_end <= edition.period_end)`},

	// The one rule of when an edition was known, for answers as of a day. Certainly known is what
	// was published on or before it: a date of publication that is a month or a year counts from
	// its last day. Where the date is unknown, it is known since somebody is known to have had the
	// edition (list edition_date), since we captured it, or since a later edition of its series was
	// known, because a publisher does not bring out the later half-year first. Nothing is guessed
	// from a period or from the usual delay.
	{"since when each edition was known", `
WITH said AS (
    SELECT source, label, published_on AS text, 'published' AS how FROM edition WHERE published_on <> ''
    UNION ALL
    SELECT regexp_extract(edition, '^(.*)/[^/]*$', 1), regexp_extract(edition, '[^/]*$'), day::VARCHAR, kind FROM edition_date
    UNION ALL
    SELECT source, label, make_timestamp(epoch_us(first_captured))::DATE::VARCHAR, 'captured' FROM edition
),
bound AS (
    SELECT *, (text || '-01-01')[:10]::DATE AS first_day,
           CASE len(text) WHEN 4 THEN ((text || '-12-31')::DATE) WHEN 7 THEN last_day((text || '-01')::DATE) ELSE text::DATE END AS final_day
    FROM said
),
known AS (
    SELECT e.name,
           min(b.final_day) AS known_from,
           arg_min(CASE WHEN b.label = e.label THEN b.how ELSE 'later' END,
                   (b.final_day, b.label <> e.label, list_position(['published', 'seen', 'captured'], b.how))) AS known_by,
           greatest(e.period_end + 1, max(b.first_day) FILTER (b.label = e.label AND b.how = 'published')) AS possible_from
    FROM edition e
    JOIN bound b ON b.source = e.source AND (b.label = e.label OR b.label > e.label
        AND regexp_full_match(b.label, '[0-9]{4}-H[12]') AND regexp_full_match(e.label, '[0-9]{4}-H[12]'))
    GROUP BY e.name, e.period_end
)
UPDATE edition SET known_from = k.known_from, known_by = k.known_by, possible_from = k.possible_from FROM known k WHERE k.name = edition.name`},

	{"the kinds of figures", `
INSERT INTO figure_kind
SELECT row_number() OVER (ORDER BY provider, service, process, measure, period_kind, requester_level, customer_class, passed_on, single), *
FROM (SELECT c.provider, f.service, f.process, f.measure, f.period_kind, f.requester_level, f.customer_class,
             f.assisting_jurisdiction <> '' AS passed_on, f.item <> '' AS single
      FROM figure f JOIN capture c ON c.id = f.capture_id GROUP BY ALL)`},

	// The tables derived_* are gone when this is done. These hold a line for each place in a report,
	// not for each figure.
	{"the editions of the captures", `
CREATE OR REPLACE TEMP TABLE derived_place AS
SELECT c.id AS capture_id, c.provider, c.source, c.edition, c.excerpt, c.trust, c.retrieved_at, e.seq, e.known_from, dense_rank() OVER (ORDER BY c.source) AS number
FROM capture c JOIN edition e ON e.name = c.edition`},

	{"which edition prints which table", `
CREATE OR REPLACE TEMP TABLE derived_print AS
SELECT p.source, f.report_table, f.service, f.period_start, f.period_end, f.jurisdiction, p.seq, p.known_from, bool_or(NOT p.excerpt) AS entire
FROM figure f JOIN derived_place p ON p.capture_id = f.capture_id
WHERE f.superseded_at IS NULL
GROUP BY ALL`},

	{"how long a table stands", `
CREATE OR REPLACE TEMP TABLE derived_span AS
-- Which edition before had the table whole.
WITH earlier AS (
    SELECT * EXCLUDE (entire), max(seq) FILTER (entire) OVER (PARTITION BY source, report_table, service, period_start, period_end ORDER BY seq
                                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS entire_seq
    FROM (SELECT source, report_table, service, period_start, period_end, seq, bool_or(entire) AS entire FROM derived_print GROUP BY ALL)
),
-- From which edition on the table is at hand whole.
whole AS (
    SELECT source, report_table, period_start, period_end, min(seq) FILTER (entire) AS whole_seq, min(known_from) FILTER (entire) AS whole_on
    FROM derived_print GROUP BY ALL
)
-- The next edition that prints any line of the same table, service, period and jurisdiction
-- either prints the series again or takes it out.
SELECT p.* EXCLUDE (known_from, entire), i.entire_seq, w.whole_seq, w.whole_on, period_label(p.period_start, p.period_end) AS period,
       lead(p.seq) OVER w AS gone_seq, lag(p.seq) OVER w AS printed_seq,
       min(p.known_from) OVER (w ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS gone_on
FROM derived_print p
JOIN earlier i USING (source, report_table, service, period_start, period_end, seq)
JOIN whole w USING (source, report_table, period_start, period_end)
WINDOW w AS (PARTITION BY p.source, p.report_table, p.service, p.period_start, p.period_end, p.jurisdiction ORDER BY p.seq)`},

	{"which series are read more than once", `
CREATE OR REPLACE TEMP TABLE derived_several AS
SELECT series_key, count(*) AS n FROM figure GROUP BY series_key HAVING count(*) > 1`},
}

// seriesSteps are run for each part of the series, one part after the other: the parameters say
// how many parts there are and which it is.
//
// What most figures do not have, another reading of their series, stands in tables of its own and
// not within the statement that needs it: of a query DuckDB guesses how many rows it has, and hashed
// every column of every figure instead. A table that this transaction made counts as empty, so that
// the one on the right of a join is hashed: the smaller one stands there.
// The joins are outer ones, although kind and span of every figure are there, because DuckDB keeps
// the order of outer joins: it joined the spans with the kinds first, which have hardly a column
// in common.
var seriesSteps = []standingStep{
	{"the readings of series that have several", `
CREATE OR REPLACE TEMP TABLE derived_shown AS
SELECT p.source, p.number, p.edition, p.seq, p.known_from, p.trust, f.capture_id, f.ordinal, f.series_key, f.value_low, f.value_high, f.exactness
FROM figure f SEMI JOIN derived_several r ON r.series_key = f.series_key
JOIN derived_place p ON p.capture_id = f.capture_id
WHERE f.superseded_at IS NULL AND f.series_key % $1::UBIGINT = $2::UBIGINT`},

	// A series may also be printed by another source: Microsoft gives its bands in two reports. The
	// editions of one source become known in their order; where that does not hold, or where two
	// sources print a series, the first day counts on which any later edition of it was known.
	{"which edition prints a series again", `
CREATE OR REPLACE TEMP TABLE derived_again AS
WITH uneven AS (
    SELECT DISTINCT source FROM (SELECT source, known_from < lag(known_from) OVER (PARTITION BY source ORDER BY seq) AS back FROM edition) WHERE back
),
repeated AS MATERIALIZED (
    SELECT s.series_key, min(s.number) <> max(s.number) OR bool_or(u.source IS NOT NULL) AS mixed
    FROM derived_shown s LEFT JOIN uneven u USING (source)
    GROUP BY s.series_key HAVING count(*) > 1
)
SELECT w.*, coalesce(m.replaced_on, e.known_from) AS replaced_on
FROM (SELECT s.capture_id, s.ordinal, lead(s.seq) OVER w AS replaced_seq, lag(s.seq) OVER w AS before_seq
      FROM derived_shown s SEMI JOIN repeated r ON r.series_key = s.series_key WINDOW w AS (PARTITION BY s.series_key ORDER BY s.seq)) w
LEFT JOIN edition e ON e.seq = w.replaced_seq
LEFT JOIN (SELECT s.capture_id, s.ordinal, min(s.known_from) OVER (PARTITION BY s.series_key ORDER BY s.seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS replaced_on
           FROM derived_shown s SEMI JOIN (SELECT series_key FROM repeated WHERE mixed) r ON r.series_key = s.series_key) m
    ON m.capture_id = w.capture_id AND m.ordinal = w.ordinal`},

	// What captures of one edition print that is equally near to the publisher and not the same: the
	// edition was revised. Each of them stood from its capture to that of the next, and the first one
	// from the edition on. A mirror or the press does not revise a publisher's edition.
	{"the readings that another one of their edition replaced", `
CREATE OR REPLACE TEMP TABLE derived_over AS
SELECT p.edition, p.trust, f.series_key, f.value_low, f.value_high, f.exactness
FROM figure f JOIN derived_place p ON p.capture_id = f.capture_id
WHERE f.superseded_at IS NOT NULL AND f.series_key % $1::UBIGINT = $2::UBIGINT`},

	{"which series of which editions were revised", `
CREATE OR REPLACE TEMP TABLE derived_revised AS
SELECT DISTINCT o.edition, o.series_key, o.trust
FROM derived_shown s JOIN derived_over o ON s.edition = o.edition AND s.series_key = o.series_key AND s.trust = o.trust
WHERE (o.value_low, o.value_high, o.exactness) IS DISTINCT FROM (s.value_low, s.value_high, s.exactness)`},

	{"how long a reading of a revised edition stood", `
CREATE OR REPLACE TEMP TABLE derived_turn AS
SELECT f.capture_id, f.ordinal, f.superseded_at IS NOT NULL AS over,
       CASE WHEN lag(f.ordinal) OVER w IS NULL THEN p.known_from ELSE greatest(p.known_from, make_timestamp(epoch_us(p.retrieved_at))::DATE) END AS known_on,
       make_timestamp(epoch_us(lead(p.retrieved_at) OVER w))::DATE AS revised_on
FROM figure f
JOIN derived_place p ON p.capture_id = f.capture_id
JOIN derived_revised r ON r.edition = p.edition AND r.series_key = f.series_key AND r.trust = p.trust
WINDOW w AS (PARTITION BY p.edition, f.series_key ORDER BY f.superseded_at IS NULL, p.retrieved_at, f.revision)`},

	{"the standing figures", `
INSERT INTO standing
WITH printed AS (
    SELECT *, CASE WHEN exactness = 'rounded' AND (contains(raw_text, '.') OR contains(raw_text, ','))
               THEN len(regexp_extract(rtrim(raw_text, '% '), '[.,]([0-9]*?)0*$', 1)) ELSE 0 END AS decimals
    FROM figure
),
-- A reject has no period, because the period may be what is unknown, so it counts for every
-- period of its capture; one without a table counts for every table.
refusal AS (
    SELECT capture_id, tbl, count(*) AS n FROM reject GROUP BY ALL
)
SELECT f.capture_id, f.ordinal, p.seq, a.replaced_seq, s.gone_seq,
       CASE WHEN t.over THEN p.seq ELSE coalesce(least(a.replaced_seq, s.gone_seq), 2147483647) END, a.before_seq,
       CASE WHEN t.over THEN NULL WHEN s.entire_seq > coalesce(a.before_seq, 0) THEN s.entire_seq WHEN s.printed_seq > coalesce(a.before_seq, 0) THEN s.printed_seq END,
       coalesce(t.known_on, p.known_from), coalesce(least(t.revised_on, a.replaced_on, s.gone_on), DATE '9999-12-31'), f.series_key,
       p.provider, f.service, p.source, f.report_table, p.edition, s.period, f.period_start, f.period_end, f.period_kind,
       f.jurisdiction, f.assisting_jurisdiction, f.requester_level, f.customer_class, f.process, f.measure, f.unit, f.item,
       -- A rounded percentage is computed with as what it may have been. "83.00%" is a whole percentage
       -- with two zeros behind it: the zeros at the end say nothing about the rounding.
       CASE WHEN f.exactness = 'rounded' THEN iv_rounded(f.value_low, decimals := f.decimals).low ELSE f.value_low END,
       CASE WHEN f.exactness = 'rounded' THEN iv_rounded(f.value_low, decimals := f.decimals).high ELSE f.value_high END,
       f.exactness, f.band_scheme, f.floor_raised,
       -- Google prints 0 for what it did not report in its first years.
       f.value_low IS NULL OR list_contains(f.quality_flags, 'zero_means_not_reported'),
       s.whole_seq, s.whole_on, coalesce(x.n, 0) + coalesce(y.n, 0), k.kind_id
FROM printed f
JOIN derived_place p ON p.capture_id = f.capture_id
LEFT JOIN figure_kind k ON k.provider = p.provider AND k.service = f.service AND k.process = f.process AND k.measure = f.measure
    AND k.period_kind = f.period_kind AND k.requester_level = f.requester_level AND k.customer_class = f.customer_class
    AND k.passed_on = (f.assisting_jurisdiction <> '') AND k.single = (f.item <> '')
LEFT JOIN derived_span s ON s.source = p.source AND s.report_table = f.report_table AND s.service = f.service
    AND s.period_start = f.period_start AND s.period_end = f.period_end AND s.jurisdiction = f.jurisdiction AND s.seq = p.seq
LEFT JOIN derived_turn t ON t.capture_id = f.capture_id AND t.ordinal = f.ordinal
LEFT JOIN derived_again a ON a.capture_id = f.capture_id AND a.ordinal = f.ordinal
LEFT JOIN refusal x ON x.capture_id = f.capture_id AND x.tbl = f.report_table
LEFT JOIN refusal y ON y.capture_id = f.capture_id AND y.tbl = ''
WHERE f.series_key % $1::UBIGINT = $2::UBIGINT AND (f.superseded_at IS NULL OR t.over)`},
}

var listSteps = []standingStep{
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

	{"what can be asked for", `
INSERT INTO askable
WITH named AS (
    SELECT k.kind_id, r.recipe AS name, true AS recipe, r.note, r.part, r.total, true AS main
    FROM recipe_process r JOIN figure_kind k ON k.service = r.service AND k.process = r.process
    UNION ALL
    SELECT k.kind_id, k.process, false, '', false, false, s.included_in = ''
    FROM figure_kind k JOIN service s ON s.code = k.service
)
SELECT n.name || '/' || k.measure, n.kind_id, k.provider, k.service, k.process, k.customer_class, n.main, n.recipe, n.note, n.part, n.total,
       p.class = 'national_security', list_contains(string_split(m.carry_over_processes, '|'), k.process), m.additive = 'none', coalesce(i.inside, [])
FROM named n
JOIN figure_kind k USING (kind_id)
JOIN measure m ON m.code = k.measure
JOIN process p ON p.code = k.process
LEFT JOIN (SELECT provider, process, list(other ORDER BY other) AS inside FROM process_overlap WHERE contained AND apart_from IS NULL GROUP BY ALL) i
    ON i.provider = k.provider AND i.process = k.process
WHERE k.period_kind = 'half' AND k.requester_level = 'any' AND NOT k.passed_on AND NOT k.single
ORDER BY ALL`},
}

// stand works out anew which figures stand, from which edition to which, and what the questions
// need beside them. It runs when the editions are in order.
func (w *Warehouse) stand(ctx context.Context) error {
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, table := range []string{"standing", "figure_kind", "process_overlap", "recipe_process", "askable"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table); err != nil {
			return fmt.Errorf("empty %s: %w", table, err)
		}
	}
	run := func(steps []standingStep, args ...any) error {
		for _, s := range steps {
			args := args
			if !strings.Contains(s.statement, "$1") {
				args = nil
			}
			if _, err := tx.ExecContext(ctx, s.statement, args...); err != nil {
				return fmt.Errorf("work out %s: %w", s.what, err)
			}
		}
		return nil
	}
	if err := run(placeSteps); err != nil {
		return err
	}
	var several int
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(sum(n), 0)::BIGINT FROM derived_several").Scan(&several); err != nil {
		return fmt.Errorf("count the readings of series that have several: %w", err)
	}
	// Series by series, so that a part of them is as good as all. The others pass through.
	parts := several/standingPart + 1
	for part := range parts {
		if err := run(seriesSteps, parts, part); err != nil {
			return err
		}
	}
	if err := run(listSteps); err != nil {
		return err
	}
	for _, table := range []string{"place", "print", "span", "several", "shown", "again", "over", "revised", "turn"} {
		if _, err := tx.ExecContext(ctx, "DROP TABLE temp.derived_"+table); err != nil {
			return fmt.Errorf("drop derived_%s: %w", table, err)
		}
	}
	return tx.Commit()
}
