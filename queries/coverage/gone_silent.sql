-- question: Whose reports end, or have holes: which half-years are missing that others cover?
-- grain: one row per report series, or per table of it
-- counts: half-years without a figure, from the first that is at hand to the newest that any report at
--    hand covers
-- leaves out: reports that appeared once; half-years before the first that is at hand; single letters
-- trap: missing here means that daylight holds nothing, not that nothing was published
-- trap: the newest half-year is that of the quickest publisher; others may not have been due yet, since
--    a report comes half a year or more after the period it covers
-- trap: a table may end because the report was recast, see table series_break
-- not for: saying that a company stopped reporting, before its own page has been looked at; comparing
--    how open companies are
-- param provider provider* = all: providers, or all
-- param by enum(source,table) = source: report series, or each table of them
-- param to period = 2099-H2: last half-year that is expected, if it is at hand from anyone
-- param as_of edition = now: what was held when this edition was the newest
-- column provider: provider's id
-- column source: report series
-- column report_table: table of the report; empty for the whole
-- column cadence: how often it appears
-- column first_period: first half-year at hand
-- column last_period: last half-year at hand
-- column expected_to: half-year up to which others have figures
-- column low [half_years]: half-years without a figure after the last one at hand
-- column high [half_years]: the same number
-- column direction: always empty: a count of half-years has none before it
-- column expected [half_years]: half-years from the first at hand to the expected last
-- column held [half_years]: of these, half-years with a figure
-- column missing: half-years without a figure, separated by blanks; empty for none
-- column cells [cells]: printed cells with a figure at hand
-- column exactness: exact: half-years are counted
-- column advisory: what to know before citing the row
-- example: daylight query gone_silent --param by=table --param provider=microsoft
-- cells: standing_at($as_of) f
--    WHERE f.period_kind = 'half' AND NOT f.absent
--    AND f.period <= $to AND f.provider = $row_provider AND f.source = $row_source AND $row_report_table IN ('', f.report_table)
WITH held AS MATERIALIZED (
    SELECT f.provider, f.source, CASE $by WHEN 'table' THEN f.report_table ELSE '' END AS report_table,
           -- Half-years are numbered.
           2 * year(f.period_start) + (month(f.period_start) > 6)::INTEGER AS half, count(*) AS cells
    FROM standing_at($as_of) f
    WHERE f.period_kind = 'half' AND NOT f.absent AND f.period <= $to
    GROUP BY ALL
),
span AS (
    SELECT h.provider, h.source, h.report_table, s.cadence, min(h.half) AS first, max(h.half) AS last, any_value(n.newest) AS newest,
           list(h.half) AS halves, sum(h.cells)::BIGINT AS cells
    FROM held h
    JOIN source s ON s.source = h.source AND s.cadence = 'half-yearly'
    CROSS JOIN (SELECT max(half) AS newest FROM held) n
    WHERE $provider = 'all' OR list_contains(string_split($provider, '|'), h.provider)
    GROUP BY h.provider, h.source, h.report_table, s.cadence
)
SELECT provider, source, report_table, cadence,
       first // 2 || '-H' || first % 2 + 1 AS first_period, last // 2 || '-H' || last % 2 + 1 AS last_period, newest // 2 || '-H' || newest % 2 + 1 AS expected_to,
       (newest - last)::DOUBLE AS low, (newest - last)::DOUBLE AS high, CAST(NULL AS VARCHAR) AS direction,
       newest - first + 1 AS expected, len(halves) AS held,
       coalesce(array_to_string([x // 2 || '-H' || x % 2 + 1 FOR x IN range(first, newest + 1) IF NOT list_contains(halves, x)], ' '), '') AS missing,
       cells, 'exact' AS exactness,
       CASE WHEN newest - first + 1 > len(halves) THEN 'missing here means that daylight holds nothing, not that nothing was published' ELSE '' END AS advisory
FROM span
ORDER BY low DESC, provider, source, report_table
