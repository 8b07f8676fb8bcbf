-- question: Which jurisdictions ask a provider most in one half-year?
-- grain: one row per jurisdiction
-- counts: requests received in one half-year under the recipe "requests", a range where a band is
--    printed
-- leaves out: the world row, residual rows and groups such as the EU; national-security, civil and
--    preservation requests; processes that the recipe does not name
-- trap: the printed world row and the EU are no jurisdictions and would rank first
-- trap: a band or a tie leaves several places possible, so a rank has a best and a worst end
-- not for: comparing providers' ranks (they count different instruments); ranking by population
--    or users; adding the world row (it is left out here, as are groups such as the EU)
-- param provider provider = microsoft: provider's id
-- param period period = 2022-H1: half-year
-- param limit integer = 20: how many rows; 0 for all
-- column best_rank [rank]: the best place that the bands allow
-- column worst_rank [rank]: the worst place that the bands allow; equal for exact figures without
--    ties; empty for an excerpt or when figures were refused, because a jurisdiction that is left
--    out may rank before
-- column jurisdiction: ISO 3166-1 alpha-2
-- column name: name of the jurisdiction
-- column requests_low [requests]: lower bound
-- column requests_high [requests]: upper bound
-- column share_low [percent]: lowest share of the printed world row or, where none is printed, of
--    the sum of all jurisdictions; empty without a world row when jurisdictions may be left out
-- column share_high [percent]: highest share of the same
-- column ranked [jurisdictions]: how many jurisdictions were compared
-- column advisory: what to know before citing the row
-- example: daylight query requesting_jurisdictions --param provider=microsoft --param period=2022-H1
WITH line AS MATERIALIZED (
    SELECT c.jurisdiction, j.name, j.kind, c.process, c.edition, c.value_low, c.value_high,
           NOT h.whole AS excerpt, h.refused
    FROM "current" c
    JOIN rollup r ON r.recipe = 'requests' AND r.provider = c.provider AND r.service = c.service AND r.process = c.process
    JOIN at_hand h ON h.source = c.source AND h.report_table = c.report_table
                  AND h.period_start = c.period_start AND h.period_end = c.period_end
    JOIN jurisdiction j ON j.code = c.jurisdiction AND j.kind NOT IN ('group', 'residual')
    WHERE c.measure = 'requests_received' AND c.unit = 'requests' AND c.period_kind = 'half'
      AND c.requester_level = 'any' AND c.customer_class = 'all' AND c.assisting_jurisdiction = ''
      AND c.value_low IS NOT NULL
      AND c.provider = $provider AND period_label(c.period_start, c.period_end) = $period
    -- A printed total stands for its parts.
    QUALIFY c.process = 'law_enforcement_all'
         OR NOT bool_or(c.process = 'law_enforcement_all') OVER (PARTITION BY c.service, c.jurisdiction)
),
figure AS MATERIALIZED (
    SELECT jurisdiction, name, kind, sum(value_low) AS lo,
           -- A refused line may belong to any jurisdiction, unless what is printed is its total.
           CASE WHEN count(*) = count(value_high) AND NOT bool_or(refused > 0 AND process <> 'law_enforcement_all')
                THEN sum(value_high) END AS hi
    FROM line
    GROUP BY ALL
),
place AS (SELECT * FROM figure WHERE kind <> 'world'),
world AS (SELECT max(lo) AS lo, max(hi) AS hi FROM figure WHERE kind = 'world'),
gap AS (
    SELECT bool_or(excerpt) AS excerpt, max(refused) AS refused, bool_or(excerpt) OR max(refused) > 0 AS partial,
           (SELECT CASE WHEN count(DISTINCT edition) > 1 THEN string_agg(DISTINCT edition, ', ' ORDER BY edition) END
            FROM line WHERE kind <> 'world' AND value_high IS DISTINCT FROM 0) AS editions
    FROM line
    WHERE kind <> 'world'
),
compared AS (
    SELECT a.jurisdiction, a.name, a.lo, a.hi,
           1 + count(*) FILTER (WHERE b.lo > a.hi) AS best_rank,
           count(*) FILTER (WHERE b.hi IS NULL OR b.hi >= a.lo) AS worst_rank,
           coalesce(sum(b.lo) FILTER (WHERE b.jurisdiction <> a.jurisdiction), 0) AS rest_lo,
           CASE WHEN count(*) = count(b.hi)
                THEN coalesce(sum(b.hi) FILTER (WHERE b.jurisdiction <> a.jurisdiction), 0) END AS rest_hi,
           count(*) AS ranked
    FROM place a CROSS JOIN place b
    GROUP BY ALL
)
SELECT best_rank, CASE WHEN NOT g.partial THEN worst_rank END AS worst_rank, jurisdiction, name,
       c.lo AS requests_low, c.hi AS requests_high,
       -- Of a printed total. Where none is printed the part is contained in the sum, so its own
       -- bound stands in both.
       CASE WHEN w.lo IS NOT NULL THEN CASE WHEN w.hi > 0 THEN least(100.0, 100.0 * c.lo / w.hi) END
            WHEN NOT g.partial AND c.lo + rest_hi > 0 THEN 100.0 * c.lo / (c.lo + rest_hi) END AS share_low,
       CASE WHEN w.lo IS NOT NULL THEN CASE WHEN w.lo > 0 THEN least(100.0, 100.0 * c.hi / w.lo) END
            WHEN c.hi + rest_lo > 0 THEN 100.0 * c.hi / (c.hi + rest_lo) END AS share_high,
       ranked,
       concat_ws(' | ',
           CASE WHEN g.excerpt THEN 'excerpt: a jurisdiction that is left out may rank before' END,
           CASE WHEN g.refused > 0 THEN g.refused || ' printed figures of the edition were refused and are not counted, see table reject' END,
           'the figures come from several editions: ' || g.editions) AS advisory
FROM compared c CROSS JOIN world w CROSS JOIN gap g
ORDER BY c.lo DESC, best_rank, jurisdiction
LIMIT CASE WHEN $limit > 0 THEN $limit ELSE 1000000 END
