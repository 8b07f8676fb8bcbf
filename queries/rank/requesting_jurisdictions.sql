-- question: Which jurisdictions ask a provider most?
-- grain: one row per jurisdiction, and one for those that the limit leaves out
-- counts: the figures that are named, added for each jurisdiction over the half-years from..to
-- leaves out: the world row and groups such as the EU, which count the same requests again
-- trap: Bands and ties can leave a place open: best_rank and worst_rank are all that is known.
-- trap: Over an excerpt a jurisdiction that is left out may rank before; there is no worst rank then.
-- not for: comparing providers' ranks (they count different instruments); ranking by population or users
-- param provider provider = microsoft: provider's id
-- param figures figures = requests/requests_received: what is counted, NAME/MEASURE, several separated by |
-- param from period = 2022-H1: first half-year
-- param to period = 2022-H1: last half-year
-- param limit integer = 20: how many places; 0 for all
-- param as_of edition = now: as known when this edition was the newest
-- column best_rank [rank]: the best place that the bounds allow
-- column worst_rank [rank]: the worst place; equal to the best for exact figures without ties; empty when
--    a jurisdiction that is left out may rank before
-- column jurisdiction: ISO 3166-1 alpha-2; empty for the rest
-- column name: name of the jurisdiction
-- column low [see unit]: lower bound
-- column high [see unit]: upper bound
-- column unit: unit of low and high
-- column share_low [percent]: least share of the whole: of the printed world row or, where none is printed,
--    of the sum of all jurisdictions; empty when jurisdictions may be left out
-- column share_high [percent]: greatest share of the same
-- column cumulative_low [percent]: least share of this and all rows above together
-- column cumulative_high [percent]: greatest share of the same
-- column direction: against the half-years just before, as many as from..to
-- column ranked [jurisdictions]: how many jurisdictions were compared
-- column exactness: how the cells behind the row are known
-- column cells [cells]: how many printed cells the row stands on
-- column advisory: what to know before citing the row
-- example: daylight query requesting_jurisdictions --param provider=microsoft --param from=2013-H1 --param to=2013-H1 --param limit=5
-- cells: (SELECT *, dense_rank() OVER (ORDER BY lo DESC, hi DESC NULLS FIRST, jurisdiction) AS n
--    FROM (SELECT l.*, sum(l.value_low) FILTER (NOT l.absent) OVER w AS lo,
--    CASE WHEN count(*) OVER w = count(l.value_high) FILTER (NOT l.absent) OVER w
--    AND NOT bool_or(l.refused > 0 AND l.recipe AND NOT l.total AND l.process <> 'law_enforcement_all') OVER w
--    THEN sum(l.value_high) OVER w END AS hi
--    FROM asked_lines($figures, providers := $provider, upto := $as_of) l
--    JOIN jurisdiction j ON j.code = l.jurisdiction AND j.kind NOT IN ('world', 'group', 'residual')
--    WHERE l.period BETWEEN $from AND $to WINDOW w AS (PARTITION BY l.jurisdiction))
--    WHERE lo IS NOT NULL)
--    WHERE NOT absent AND (jurisdiction = $row_jurisdiction OR $row_jurisdiction = '' AND n > $limit)
WITH line AS MATERIALIZED (
    SELECT * EXCLUDE (period), period FROM asked_lines($figures, providers := $provider, upto := $as_of)
),
span AS (
    SELECT min(period_start) AS first_day, max(period_end) AS last_day, count(DISTINCT period) AS halves
    FROM line WHERE period BETWEEN $from AND $to
),
cell AS MATERIALIZED (
    SELECT l.*, l.period BETWEEN $from AND $to AS now
    FROM line l CROSS JOIN span s
    WHERE l.period BETWEEN $from AND $to
       OR l.period_end < s.first_day AND l.period_start >= s.first_day - to_months((6 * s.halves)::INTEGER)
),
figure AS MATERIALIZED (
    SELECT jurisdiction, now, fsum(value_low) FILTER (NOT absent) AS lo,
           -- A refused line may belong to any jurisdiction, unless what is printed is its total.
           CASE WHEN count(*) = count(value_high) FILTER (NOT absent) AND NOT bool_or(refused > 0 AND recipe AND NOT total AND process <> 'law_enforcement_all')
                THEN fsum(value_high) END AS hi,
           count(*) FILTER (NOT absent) AS cells, list(exactness::VARCHAR) FILTER (NOT absent) AS exactness
    FROM cell
    GROUP BY ALL
    HAVING count(*) FILTER (NOT absent) > 0
),
place AS MATERIALIZED (
    SELECT f.*, j.name, count(*) OVER () AS ranked,
           list(f.lo) OVER () AS lows, list({'h': f.hi}) OVER () AS highs
    FROM figure f JOIN jurisdiction j ON j.code = f.jurisdiction AND j.kind NOT IN ('world', 'group', 'residual')
    WHERE f.now
),
world AS (SELECT max(lo) AS lo, max(hi) AS hi FROM figure WHERE jurisdiction = 'ZZ' AND now),
gap AS (
    SELECT bool_or(NOT whole) AS excerpt, max(refused) AS refused,
           bool_or(NOT whole) OR max(refused) > 0 AS partial,
           count(DISTINCT unit) > 1 OR bool_or(m.additive = 'none') AS mixed, string_agg(DISTINCT unit, ' + ' ORDER BY unit) AS unit,
           bool_or(list_contains(string_split(m.carry_over_processes, '|'), process)) AND count(DISTINCT period) > 1 AS carries,
           (SELECT CASE WHEN count(DISTINCT edition) > 1 THEN string_agg(DISTINCT edition, ', ' ORDER BY edition) END
            FROM cell WHERE now AND jurisdiction <> 'ZZ' AND value_high IS DISTINCT FROM 0) AS editions
    FROM cell JOIN measure m ON m.code = cell.measure
    WHERE now AND jurisdiction <> 'ZZ' AND NOT absent
),
ranked AS MATERIALIZED (
    SELECT p.*, iv_best_rank(p.hi, p.lows) AS best_rank, iv_worst_rank(p.lo, list_transform(p.highs, x -> x.h)) AS worst_rank,
           row_number() OVER (ORDER BY p.lo DESC, p.hi DESC NULLS FIRST, p.jurisdiction) AS n,
           fsum(p.lo) OVER () - p.lo AS rest_lo,
           CASE WHEN bool_and(p.hi IS NOT NULL) OVER () THEN fsum(p.hi) OVER () - p.hi END AS rest_hi,
           fsum(p.lo) OVER w AS top_lo, CASE WHEN bool_and(p.hi IS NOT NULL) OVER w THEN fsum(p.hi) OVER w END AS top_hi,
           fsum(p.lo) OVER () - fsum(p.lo) OVER w AS below_lo,
           CASE WHEN bool_and(p.hi IS NOT NULL) OVER () THEN fsum(p.hi) OVER () - fsum(p.hi) OVER w END AS below_hi
    FROM place p
    WINDOW w AS (ORDER BY p.lo DESC, p.hi DESC NULLS FIRST, p.jurisdiction ROWS UNBOUNDED PRECEDING)
),
row AS (
    SELECT n, best_rank, worst_rank, jurisdiction, name, lo, hi, rest_lo, rest_hi, top_lo, top_hi, below_lo, below_hi, ranked, cells, exactness
    FROM ranked WHERE $limit = 0 OR n <= $limit
    UNION ALL
    SELECT $limit + 1, NULL, NULL, '', 'all others (' || count(*) || ')', fsum(lo), CASE WHEN count(*) = count(hi) THEN fsum(hi) END,
           any_value(top_lo - lo) FILTER (n = $limit + 1), any_value(top_hi - hi) FILTER (n = $limit + 1), NULL, NULL, NULL, NULL,
           any_value(ranked), sum(cells)::BIGINT, flatten(list(exactness))
    FROM ranked WHERE $limit > 0 AND n > $limit HAVING count(*) > 0
),
shown AS (
    SELECT r.*, g.*, w.lo AS wlo, w.hi AS whi,
           CASE WHEN w.lo IS NOT NULL THEN iv_share_of(r.lo, r.hi, w.lo, w.hi) WHEN NOT g.partial THEN iv_share(r.lo, r.hi, r.rest_lo, r.rest_hi) END AS share,
           CASE WHEN w.lo IS NOT NULL THEN iv_share_of(r.top_lo, r.top_hi, w.lo, w.hi) WHEN NOT g.partial THEN iv_share(r.top_lo, r.top_hi, r.below_lo, r.below_hi) END AS cumulative,
           b.lo AS before_lo, b.hi AS before_hi
    FROM row r CROSS JOIN gap g CROSS JOIN world w
    LEFT JOIN figure b ON b.jurisdiction = r.jurisdiction AND NOT b.now
)
SELECT CASE WHEN NOT mixed AND NOT carries THEN best_rank END AS best_rank,
       CASE WHEN NOT partial AND NOT mixed AND NOT carries THEN worst_rank END AS worst_rank, jurisdiction, name,
       CASE WHEN NOT mixed AND NOT carries THEN lo END AS low, CASE WHEN NOT mixed AND NOT carries THEN hi END AS high, unit,
       CASE WHEN NOT mixed AND NOT carries THEN share.low END AS share_low, CASE WHEN NOT mixed AND NOT carries THEN share.high END AS share_high,
       CASE WHEN NOT mixed AND NOT carries THEN cumulative.low END AS cumulative_low, CASE WHEN NOT mixed AND NOT carries THEN cumulative.high END AS cumulative_high,
       CASE WHEN NOT mixed AND NOT carries THEN iv_dir(before_lo, before_hi, lo, hi) END AS direction,
       ranked, array_to_string(list_sort(list_distinct(exactness)), ' ') AS exactness, cells,
       concat_ws(' | ',
           CASE WHEN mixed THEN 'refused: figures of these units do not add up: ' || unit END,
           CASE WHEN carries THEN 'refused: orders carry over from one half-year to the next: ask for one half-year' END,
           CASE WHEN excerpt THEN 'excerpt: a jurisdiction that is left out may rank before' END,
           CASE WHEN refused > 0 THEN refused || ' printed figures of the edition were refused and are not counted, see table reject' END,
           'the figures come from several editions: ' || editions) AS advisory
FROM shown
ORDER BY n
