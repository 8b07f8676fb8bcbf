-- question: How much has a national-security series grown from a first to a last half-year: the
--    accounts in FISA content orders, when nothing else is asked?
-- grain: one row per provider: its first and its last half-year at hand within the range
-- counts: the change in percent of what process and measure name, as far as both bands allow
-- leaves out: the half-years between; providers with fewer than two half-years at hand; figures of
--    whole years
-- trap: the ends of the range come from the bands, not from the middle of them
-- trap: an order in force across two half-years is counted in both, so this is growth of counts per
--    half-year, not of accounts ever named
-- trap: providers first print their figures years apart, so their percentages cover different times
-- not for: ranking providers by growth; growth of surveillance as a whole; averages per year; the
--    number of persons
-- param provider provider* = all: providers, or all
-- param process process = fisa_content: fisa_content, fisa_noncontent, nsl, national_security_combined
-- param measure measure = accounts_specified: accounts_specified or requests_received
-- param from period = 2009-H1: first half-year; the first at hand from here on is taken
-- param to period = 2099-H2: last half-year; the last at hand up to here is taken
-- param across_breaks enum(no,yes) = no: yes gives the growth also where the series breaks or the
--    bands change their legal scheme between the two half-years
-- param as_of edition = now: the bands as known when this edition was the newest
-- column provider: provider's id
-- column process: legal instrument
-- column measure: what is counted
-- column unit: unit of the bands
-- column first_period: first half-year at hand
-- column first_low [see unit]: lower end of its band
-- column first_high [see unit]: upper end
-- column last_period: last half-year at hand
-- column last_low [see unit]: lower end of its band
-- column last_high [see unit]: upper end
-- column low [percent]: least growth that the bands allow; empty when refused
-- column high [percent]: most growth; empty when refused, and when the first may be none
-- column direction: up, down, same or indeterminate, from the first to the last; empty when refused
-- column basis: derived
-- column cells [cells]: printed cells behind the row
-- column exactness: of the two figures
-- column schemes: legal reporting schemes of the half-years from the first to the last
-- column advisory: what to know before citing the row; one that starts with "refused: " says why
--    there is no growth
-- example: daylight query fisa_content_growth --param provider=apple --param from=2018-H1 --param to=2024-H2
-- cells: as_of($as_of)
--    WHERE process = $process AND measure = $measure AND jurisdiction = 'US' AND item = '' AND period_kind = 'half'
--    AND value_low IS NOT NULL AND provider = $row_provider AND unit = $row_unit
--    AND period IN ($row_first_period, $row_last_period)
WITH half AS (
    SELECT f.provider, f.service, f.unit, f.period, f.period_start, f.period_end, f.value_low AS low, f.value_high AS high,
           f.exactness, f.band_scheme, f.edition
    FROM as_of($as_of) f
    WHERE f.process = $process AND f.measure = $measure AND f.jurisdiction = 'US' AND f.item = '' AND f.period_kind = 'half'
      AND f.requester_level = 'any' AND f.customer_class = 'all' AND f.assisting_jurisdiction = ''
      -- Google prints 0 for accounts that it did not count yet; a rounded percentage is no count.
      AND f.value_low IS NOT NULL AND NOT list_contains(f.quality_flags, 'zero_means_not_reported') AND f.unit <> 'percent_rounded'
      AND f.period BETWEEN $from AND $to
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), f.provider))
),
ends AS MATERIALIZED (
    SELECT h.provider, h.service, arg_min(h, h.period) AS a, arg_max(h, h.period) AS b,
           string_agg(DISTINCT nullif(h.band_scheme, ''), ', ' ORDER BY nullif(h.band_scheme, '')) AS schemes
    FROM half h
    GROUP BY ALL
    HAVING count(DISTINCT h.period) > 1
),
broken AS (
    SELECT e.provider, e.service, string_agg(s.title || ' (' || s.kind || ', ' || s."on" || ')', '; ' ORDER BY s."on", s.title) AS breaks
    FROM ends e
    JOIN series_break s ON s.provider IN ('', e.provider) AND s.service IN ('', e.service) AND s.process IN ('', $process)
        AND s.measure IN ('', $measure) AND s.jurisdiction IN ('', 'US') AND s."on" > e.a.period_start AND s."on" <= e.b.period_end
    GROUP BY ALL
),
judged AS (
    SELECT e.*, coalesce(b.breaks, CASE WHEN contains(e.schemes, ',') THEN 'the bands follow several legal schemes' END) AS why,
           $across_breaks = 'no' AND (b.breaks IS NOT NULL OR contains(e.schemes, ',')) AS refuse
    FROM ends e
    LEFT JOIN broken b USING (provider, service)
)
SELECT provider, $process AS process, $measure AS measure, a.unit,
       a.period AS first_period, a.low AS first_low, a.high AS first_high,
       b.period AS last_period, b.low AS last_low, b.high AS last_high,
       CASE WHEN NOT refuse THEN iv_pct(a.low, a.high, b.low, b.high).low END AS low,
       CASE WHEN NOT refuse THEN iv_pct(a.low, a.high, b.low, b.high).high END AS high,
       CASE WHEN NOT refuse THEN iv_dir(a.low, a.high, b.low, b.high) END AS direction,
       'derived' AS basis, 2 AS cells,
       CASE WHEN a.exactness = b.exactness THEN a.exactness ELSE a.exactness || ' ' || b.exactness END AS exactness,
       coalesce(schemes, '') AS schemes,
       concat_ws(' | ',
           CASE WHEN refuse THEN 'refused: break of the series: ' ELSE 'across a break of the series: ' END || why,
           CASE WHEN a.low = 0 AND a.high > 0 THEN 'the first may be none, so that there is no most growth' END,
           CASE WHEN a.edition <> b.edition THEN 'the two stand in different editions: ' || a.edition || ', ' || b.edition END) AS advisory
FROM judged
ORDER BY provider
