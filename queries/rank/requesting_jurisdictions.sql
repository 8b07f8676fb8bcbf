-- question: Which jurisdictions ask a provider most in one half-year?
-- grain: one row per jurisdiction
-- not for: comparing providers' ranks (they count different instruments); ranking by population
--    or users; adding the world row (it is left out here, as are groups such as the EU)
-- param provider text = microsoft: provider's id
-- param period period = 2022-H1: half-year
-- param limit integer = 20: how many rows; 0 for all
-- column best_rank [rank]: the best place that the bands allow
-- column worst_rank [rank]: the worst place that the bands allow; equal for exact figures without
--    ties; empty for an excerpt, because a jurisdiction that is left out may rank before
-- column jurisdiction: ISO 3166-1 alpha-2
-- column name: name of the jurisdiction
-- column requests_low [requests]: lower bound
-- column requests_high [requests]: upper bound
-- column share_low [percent]: lowest share of the printed world row or, where none is printed, of
--    the sum of all jurisdictions; empty for an excerpt without a world row
-- column share_high [percent]: highest share of the same
-- column ranked [jurisdictions]: how many jurisdictions were compared
-- column advisory: what to know before citing the row
-- example: daylight query requesting_jurisdictions --param provider=microsoft --param period=2022-H1
WITH figure AS (
    SELECT c.jurisdiction, j.name, j.kind,
           sum(c.value_low) AS lo,
           CASE WHEN count(*) = count(c.value_high) THEN sum(c.value_high) END AS hi,
           bool_or(e.is_excerpt) AS excerpt
    FROM "current" c
    JOIN rollup r ON r.recipe = 'requests' AND r.provider = c.provider AND r.service = c.service AND r.process = c.process
    JOIN edition e ON e.name = c.edition
    JOIN jurisdiction j ON j.code = c.jurisdiction AND j.kind NOT IN ('group', 'residual')
    WHERE c.measure = 'requests_received' AND c.unit = 'requests' AND c.period_kind = 'half'
      AND c.requester_level = 'any' AND c.customer_class = 'all' AND c.assisting_jurisdiction = ''
      AND c.value_low IS NOT NULL
      AND c.provider = $provider AND period_label(c.period_start, c.period_end) = $period
    GROUP BY ALL
),
place AS (SELECT * FROM figure WHERE kind <> 'world'),
world AS (SELECT max(lo) AS lo, max(hi) AS hi FROM figure WHERE kind = 'world'),
compared AS (
    SELECT a.*,
           1 + count(*) FILTER (WHERE b.lo > a.hi) AS best_rank,
           count(*) FILTER (WHERE b.hi IS NULL OR b.hi >= a.lo) AS worst_rank,
           coalesce(sum(b.lo) FILTER (WHERE b.jurisdiction <> a.jurisdiction), 0) AS rest_lo,
           CASE WHEN bool_and(b.hi IS NOT NULL) AND NOT bool_or(a.excerpt)
                THEN coalesce(sum(b.hi) FILTER (WHERE b.jurisdiction <> a.jurisdiction), 0) END AS rest_hi,
           count(*) AS ranked
    FROM place a CROSS JOIN place b
    GROUP BY ALL
)
SELECT best_rank, CASE WHEN NOT excerpt THEN worst_rank END AS worst_rank, jurisdiction, name,
       c.lo AS requests_low, c.hi AS requests_high,
       -- A part is contained in its total, so its own bound stands in both.
       CASE WHEN w.hi > 0 THEN 100.0 * c.lo / w.hi
            WHEN w.lo IS NULL AND c.lo + rest_hi > 0 THEN 100.0 * c.lo / (c.lo + rest_hi) END AS share_low,
       CASE WHEN w.lo > 0 THEN least(100.0, 100.0 * c.hi / w.lo)
            WHEN w.lo IS NULL AND c.hi + rest_lo > 0 THEN 100.0 * c.hi / (c.hi + rest_lo) END AS share_high,
       ranked,
       CASE WHEN excerpt THEN 'excerpt: a jurisdiction that is left out may rank before' ELSE '' END AS advisory
FROM compared c CROSS JOIN world w
ORDER BY c.lo DESC, best_rank, jurisdiction
LIMIT CASE WHEN $limit > 0 THEN $limit ELSE 1000000 END
