-- question: How much does one jurisdiction ask, and which place does it take?
-- grain: one row per provider and half-year
-- counts: the figures that are named, for the jurisdiction and for each that it is ranked among
-- leaves out: the world row and groups such as the EU from the ranking
-- trap: Bands and ties can leave a place open: best_rank and worst_rank are all that is known.
-- trap: Microsoft printed Skype apart until 2013-H1, inside the figures of all services from 2013 on.
-- not for: comparing providers' ranks (they count different instruments); ranking by population or users
-- param provider provider* = all: provider's id, several separated by |, or all
-- param jurisdiction jurisdiction = DE: who asked
-- param figures figures = requests/requests_received: what is counted, NAME/MEASURE, several separated by |
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param as_of edition = now: as known when this edition was the newest
-- column provider: provider's id
-- column period: half-year
-- column jurisdiction: as asked
-- column low [see unit]: lower bound
-- column high [see unit]: upper bound
-- column unit: unit of low and high
-- column direction: against the half-year before
-- column share_low [percent]: least share of the printed world row or, where none is printed, of the sum of
--    all jurisdictions; empty when jurisdictions may be left out
-- column share_high [percent]: greatest share of the same
-- column best_rank [rank]: the best place that the bounds allow
-- column worst_rank [rank]: the worst place; empty when a jurisdiction that is left out may rank before
-- column ranked [jurisdictions]: how many jurisdictions were compared
-- column exactness: how the cells behind the row are known
-- column cells [cells]: how many printed cells low and high stand on
-- column advisory: what to know before citing the row
-- example: daylight query place_of_jurisdiction --param provider=microsoft --param jurisdiction=DE
-- cells: asked_lines($figures, providers := $provider, upto := $as_of)
--    WHERE NOT absent AND provider = $row_provider AND period = $row_period AND jurisdiction = $jurisdiction
WITH figure AS MATERIALIZED (
    SELECT provider, period, period_start, jurisdiction, min(unit) AS unit,
           min(unit) <> max(unit) OR bool_or(measure IN (SELECT code FROM measure WHERE additive = 'none')) AS mixed,
           fsum(value_low) FILTER (NOT absent) AS lo,
           CASE WHEN count(*) = count(value_high) FILTER (NOT absent) AND NOT bool_or(refused > 0 AND recipe AND NOT total AND process <> 'law_enforcement_all')
                THEN fsum(value_high) END AS hi,
           bool_or(NOT whole) AS excerpt, max(refused) AS refused,
           count(*) FILTER (NOT absent) AS cells, string_agg(DISTINCT exactness::VARCHAR, ' ' ORDER BY exactness::VARCHAR) FILTER (NOT absent) AS exactness
    FROM asked_lines($figures, providers := $provider, upto := $as_of)
    GROUP BY provider, period, period_start, jurisdiction
    HAVING count(*) FILTER (NOT absent) > 0
),
field AS (
    SELECT provider, period, list(lo) AS lows, list({'h': hi}) AS highs, count(*) AS ranked, bool_or(excerpt) AS excerpt, max(refused) AS refused,
           fsum(lo) AS all_lo, CASE WHEN count(*) = count(hi) THEN fsum(hi) END AS all_hi
    FROM figure
    WHERE jurisdiction IN (SELECT code FROM jurisdiction WHERE kind NOT IN ('world', 'group', 'residual'))
    GROUP BY provider, period
),
placed AS (
    SELECT m.provider, m.period, m.period_start, m.unit, m.mixed, m.lo, m.hi, m.cells, m.exactness, f.ranked, f.excerpt, f.refused,
           iv_best_rank(m.hi, f.lows) AS best, iv_worst_rank(m.lo, list_transform(f.highs, x -> x.h)) AS worst,
           CASE WHEN w.lo IS NOT NULL THEN iv_share_of(m.lo, m.hi, w.lo, w.hi)
                WHEN NOT f.excerpt AND f.refused = 0 THEN iv_share(m.lo, m.hi, f.all_lo - m.lo, f.all_hi - m.hi) END AS share
    FROM figure m
    JOIN field f USING (provider, period)
    LEFT JOIN (SELECT provider, period, lo, hi FROM figure WHERE jurisdiction = 'ZZ') w USING (provider, period)
    WHERE m.jurisdiction = $jurisdiction
)
SELECT provider, period, $jurisdiction AS jurisdiction,
       CASE WHEN NOT mixed THEN lo END AS low, CASE WHEN NOT mixed THEN hi END AS high, unit,
       CASE WHEN NOT mixed AND lag(period_start) OVER w + INTERVAL 6 MONTH = period_start
            THEN iv_dir(lag(lo) OVER w, lag(hi) OVER w, lo, hi) END AS direction,
       CASE WHEN NOT mixed THEN share.low END AS share_low, CASE WHEN NOT mixed THEN share.high END AS share_high,
       CASE WHEN NOT mixed THEN best END AS best_rank,
       CASE WHEN NOT mixed AND NOT excerpt AND refused = 0 THEN worst END AS worst_rank, ranked,
       exactness, cells,
       concat_ws(' | ',
           CASE WHEN mixed THEN 'refused: figures of these units do not add up: ' || unit END,
           CASE WHEN excerpt THEN 'excerpt: a jurisdiction that is left out may rank before' END,
           CASE WHEN refused > 0 THEN refused || ' printed figures of the edition were refused and are not counted, see table reject' END) AS advisory
FROM placed
WHERE period BETWEEN $from AND $to
WINDOW w AS (PARTITION BY provider ORDER BY period_start)
ORDER BY provider, period
