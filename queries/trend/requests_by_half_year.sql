-- question: How many requests for user data does each provider report per half-year, from one
--    jurisdiction or from the world?
-- grain: one row per provider and half-year
-- not for: adding providers together (each counts other instruments, see table rollup); comparing
--    accounts with requests; national-security requests, which are reported apart; growth across a
--    half-year that is missing
-- param provider text = all: provider's id, or all
-- param jurisdiction text = ZZ: who asked, ISO 3166-1 alpha-2; ZZ is the world
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- column provider: provider's id
-- column period: half-year
-- column jurisdiction: as asked
-- column requests_low [requests]: lower bound
-- column requests_high [requests]: upper bound; empty when there is none
-- column basis: as_published when the report prints this very figure, derived when it is our sum
-- column processes: the legal processes that were added
-- column jurisdictions [jurisdictions]: how many jurisdictions were added
-- column cells [cells]: how many printed cells the row stands on
-- column advisory: what to know before citing the row
-- example: daylight query requests_by_half_year --param provider=google --param jurisdiction=DE
WITH figure AS (
    SELECT c.provider, period_label(c.period_start, c.period_end) AS period, c.jurisdiction, c.process,
           c.value_low, c.value_high, e.is_excerpt, r.note
    FROM "current" c
    JOIN rollup r ON r.recipe = 'requests' AND r.provider = c.provider AND r.service = c.service AND r.process = c.process
    JOIN edition e ON e.name = c.edition
    WHERE c.measure = 'requests_received' AND c.unit = 'requests' AND c.period_kind = 'half'
      AND c.requester_level = 'any' AND c.customer_class = 'all' AND c.assisting_jurisdiction = ''
      AND c.value_low IS NOT NULL
      AND ($provider = 'all' OR c.provider = $provider)
),
asked AS (
    SELECT * FROM figure WHERE jurisdiction = $jurisdiction
    UNION ALL
    -- The world of a provider that prints no world row is the sum of what it prints.
    SELECT f.* FROM figure f
    JOIN jurisdiction j ON j.code = f.jurisdiction AND j.kind NOT IN ('world', 'group', 'residual')
    WHERE $jurisdiction = 'ZZ'
      AND NOT EXISTS (SELECT 1 FROM figure w WHERE w.provider = f.provider AND w.period = f.period AND w.jurisdiction = 'ZZ')
)
SELECT provider, period, $jurisdiction AS jurisdiction,
       sum(value_low) AS requests_low,
       CASE WHEN count(*) = count(value_high) THEN sum(value_high) END AS requests_high,
       CASE WHEN count(*) = 1 THEN 'as_published' ELSE 'derived' END AS basis,
       string_agg(DISTINCT process, ' ' ORDER BY process) AS processes,
       count(DISTINCT jurisdiction) AS jurisdictions,
       count(*) AS cells,
       concat_ws('; ',
           CASE WHEN $jurisdiction = 'ZZ' AND count(DISTINCT jurisdiction) > 1 AND bool_or(is_excerpt)
                THEN 'excerpt: the sum of the jurisdictions at hand is less than the world' END,
           CASE WHEN $jurisdiction = 'ZZ' AND provider = 'google' AND period < '2013-H2'
                THEN 'until 2013-H1 the report leaves out countries with fewer than 30 requests' END,
           max(note)) AS advisory
FROM asked
WHERE period BETWEEN $from AND $to
GROUP BY provider, period
ORDER BY provider, period
