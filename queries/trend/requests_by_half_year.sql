-- question: How many requests for user data does each provider report per half-year, from one
--    jurisdiction or from the world?
-- grain: one row per provider and half-year
-- counts: requests received under the recipe "requests" of table rollup: the provider's printed
--    total of law-enforcement requests, or the sum of the processes that make it up
-- leaves out: national-security, civil and preservation requests; enterprise customers where they
--    are printed apart; years that are printed without their halves
-- trap: a printed total and its parts, or the world row and its countries, count the same requests
--    twice
-- trap: what a total includes differs by provider and over time, emergency requests above all
-- not for: adding providers together (each counts other instruments, see table rollup); comparing
--    accounts with requests; national-security requests, which are reported apart; growth across a
--    half-year that is missing
-- param provider provider = all: provider's id, or all
-- param jurisdiction jurisdiction = ZZ: who asked, ISO 3166-1 alpha-2; ZZ is the world
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- column provider: provider's id
-- column period: half-year
-- column jurisdiction: as asked
-- column requests_low [requests]: lower bound
-- column requests_high [requests]: upper bound; empty when the report counts more than is at hand (an
--    excerpt, a table that is missing, figures that were refused), because missing is not zero
-- column basis: as_published when the report prints this very figure, derived when it is our sum
-- column processes: the legal processes that were added
-- column jurisdictions [jurisdictions]: how many jurisdictions were added
-- column cells [cells]: how many printed cells the row stands on
-- column advisory: what to know before citing the row
-- example: daylight query requests_by_half_year --param provider=google --param jurisdiction=DE
WITH every AS MATERIALIZED (
    SELECT c.provider, c.service, c.edition, period_label(c.period_start, c.period_end) AS period, c.jurisdiction, c.process,
           c.report_table, c.value_low, c.value_high, h.whole, h.refused, r.note
    FROM "current" c
    JOIN rollup r ON r.recipe = 'requests' AND r.provider = c.provider AND r.service = c.service AND r.process = c.process
    JOIN at_hand h ON h.source = c.source AND h.report_table = c.report_table
                  AND h.period_start = c.period_start AND h.period_end = c.period_end
    WHERE c.measure = 'requests_received' AND c.unit = 'requests' AND c.period_kind = 'half'
      AND c.requester_level = 'any' AND c.customer_class = 'all' AND c.assisting_jurisdiction = ''
      AND c.value_low IS NOT NULL
      AND ($provider = 'all' OR c.provider = $provider)
),
figure AS MATERIALIZED (
    -- A printed total stands for its parts.
    SELECT e.* FROM every e
    WHERE e.process = 'law_enforcement_all'
       OR NOT EXISTS (SELECT 1 FROM every t WHERE t.process = 'law_enforcement_all' AND t.provider = e.provider
                         AND t.service = e.service AND t.period = e.period AND t.jurisdiction = e.jurisdiction)
),
-- A table of the report that once had figures and has none for a half-year is missing there,
-- unless another table has its processes: what is left is a lower bound.
first_seen AS (
    SELECT provider, report_table, process, min(period) AS since FROM figure GROUP BY ALL
),
missing AS (
    SELECT p.provider, p.period, string_agg(DISTINCT f.report_table, ', ' ORDER BY f.report_table) AS tables
    FROM (SELECT DISTINCT provider, period FROM figure) p
    JOIN first_seen f ON f.provider = p.provider AND f.since <= p.period
    WHERE NOT EXISTS (SELECT 1 FROM figure x WHERE x.provider = p.provider AND x.period = p.period
                                               AND (x.report_table = f.report_table OR x.process = f.process))
    GROUP BY ALL
),
asked AS MATERIALIZED (
    SELECT *, false AS summed FROM figure WHERE jurisdiction = $jurisdiction
    UNION ALL
    -- The world of a provider that prints no world row is the sum of what it prints.
    SELECT f.*, true AS summed FROM figure f
    JOIN jurisdiction j ON j.code = f.jurisdiction AND j.kind NOT IN ('world', 'group', 'residual')
    WHERE $jurisdiction = 'ZZ'
      AND NOT EXISTS (SELECT 1 FROM figure w WHERE w.provider = f.provider AND w.period = f.period AND w.jurisdiction = 'ZZ')
),
-- Lines of one table that come from several editions: each is the newest of its line, their sum is
-- the total of neither. A line of zero does not change the sum.
mixed AS (
    SELECT provider, period, string_agg(DISTINCT edition, ', ' ORDER BY edition) AS editions
    FROM (SELECT provider, period, report_table, unnest(list_distinct(list(edition))) AS edition, count(DISTINCT edition) AS n
          FROM asked WHERE value_high IS DISTINCT FROM 0 GROUP BY provider, period, report_table)
    WHERE n > 1
    GROUP BY ALL
)
SELECT a.provider, a.period, $jurisdiction AS jurisdiction,
       sum(a.value_low) AS requests_low,
       CASE WHEN count(*) = count(a.value_high) AND max(m.tables) IS NULL AND NOT bool_or(a.summed AND NOT a.whole)
             AND NOT bool_or(a.refused > 0 AND (a.summed OR a.process <> 'law_enforcement_all'))
            THEN sum(a.value_high) END AS requests_high,
       CASE WHEN count(*) = 1 AND NOT bool_or(a.summed) THEN 'as_published' ELSE 'derived' END AS basis,
       string_agg(DISTINCT a.process, ' ' ORDER BY a.process) AS processes,
       count(DISTINCT a.jurisdiction) AS jurisdictions,
       count(*) AS cells,
       concat_ws(' | ',
           'no figures at hand from the table ' || max(m.tables),
           CASE WHEN bool_or(a.summed AND NOT a.whole)
                THEN 'excerpt: the report counts more jurisdictions than are at hand' END,
           CASE WHEN bool_or(a.refused > 0 AND (a.summed OR a.process <> 'law_enforcement_all'))
                THEN max(a.refused) || ' printed figures of the edition were refused and are not counted, see table reject' END,
           'the figures come from several editions: ' || max(x.editions),
           CASE WHEN bool_or(a.summed) AND a.provider = 'google' AND a.period < '2013-H2'
                THEN 'until 2013-H1 the report leaves out countries with fewer than 30 requests' END,
           nullif(max(a.note), '')) AS advisory
FROM asked a
LEFT JOIN missing m ON m.provider = a.provider AND m.period = a.period
LEFT JOIN mixed x ON x.provider = a.provider AND x.period = a.period
WHERE a.period BETWEEN $from AND $to
GROUP BY a.provider, a.period
ORDER BY a.provider, a.period
