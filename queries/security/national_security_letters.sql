-- question: Do National Security Letters become fewer: what do providers print, and what does the
--    government say it issued?
-- grain: one row per provider and half-year, and one per year for what was read elsewhere
-- counts: letters that a provider received, in bands; letters that the government issued to all
--    recipients (banks, carriers and others included)
-- leaves out: accounts named in letters (see bands_by_half_year); requests for information within
--    letters; single published letters; Apple's and others' numbers of all national-security process
-- trap: the government counts years and all recipients, a provider counts half-years and itself: side
--    by side, never added and never subtracted
-- trap: equal bands say nothing, so from bands nearly every half-year is indeterminate
-- trap: lower ends are raised by released letters and move with every edition
-- not for: a provider's share in the letters issued; a trend of letters from bands that overlap;
--    reading 0-499 as "some" or as "none"
-- param provider provider* = all: providers, or all; the government's figures always stand
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param across_breaks enum(no,yes) = no: yes gives a direction also where the series breaks or the
--    bands follow another scheme than in the half-year before
-- param as_of edition = now: the bands as known when this edition was the newest; what was read
--    elsewhere always stands
-- column period: half-year, or year
-- column authority: who counts: a provider's id, or odni, the Director of National Intelligence
-- column kind: provider or government
-- column measure: requests_received by a provider, letters_issued by the government
-- column low [see unit]: lower end, inclusive
-- column high [see unit]: upper end, inclusive
-- column unit: letters, or requests where the report says so
-- column exactness: band or exact
-- column direction: up, down, same or indeterminate against the period before of the same authority;
--    empty where that is missing, or across a break
-- column basis: as_published from a report at hand, secondary when read elsewhere
-- column cells [cells]: printed cells behind the row; 0 when it was read elsewhere
-- column band_scheme: legal reporting scheme of a band
-- column floor_raised: true when the lower end counts released letters
-- column source: edition, or where it was read
-- column advisory: what to know before citing the row
-- example: daylight query national_security_letters --param provider=google --param from=2013 --param to=2022
-- cells: as_of($as_of)
--    WHERE process = 'nsl' AND item = '' AND period_kind = 'half' AND provider = $row_authority AND period = $row_period
--    AND measure = $row_measure AND unit = $row_unit AND edition = $row_source AND value_low = $row_low
WITH line AS (
    SELECT f.period, f.provider AS authority, 'provider' AS kind, f.provider, f.service, f.measure, f.value_low AS low, f.value_high AS high, f.unit, f.exactness,
           f.basis, 1 AS cells, f.band_scheme, f.floor_raised, f.edition AS source, f.period_start, f.period_end, '' AS title
    FROM as_of($as_of) f
    WHERE f.process = 'nsl' AND f.measure = 'requests_received' AND f.item = '' AND f.period_kind = 'half' AND f.value_low IS NOT NULL
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), f.provider))
    UNION ALL
    SELECT period_label(period_start, period_end), authority, kind, provider, service, measure, low, high, unit, exactness,
           'secondary', 0, '', false, source, period_start, period_end, title
    FROM reference_figure
    WHERE process = 'nsl' AND measure IN ('requests_received', 'letters_issued')
      AND (kind <> 'provider' OR $provider = 'all' OR list_contains(string_split($provider, '|'), provider))
),
placed AS MATERIALIZED (
    SELECT *, lag(low) OVER w AS before_low, lag(high) OVER w AS before_high, lag(period_start) OVER w AS before_start,
           lag(period_end) OVER w AS before_end, lag(band_scheme) OVER w AS before_scheme
    FROM line
    WINDOW w AS (PARTITION BY basis, authority, service, measure, unit ORDER BY period_start)
),
broken AS (
    SELECT p.basis, p.authority, p.service, p.period, string_agg(s.title || ' (' || s.kind || ', ' || s."on" || ')', '; ' ORDER BY s."on") AS why
    FROM placed p
    JOIN series_break s ON s.provider = p.provider AND s.service IN ('', p.service) AND s.process IN ('', 'nsl')
        AND s.measure IN ('', p.measure) AND s.jurisdiction IN ('', 'US')
        AND s."on" > coalesce(p.before_start, p.period_start) AND s."on" <= p.period_end
    GROUP BY ALL
)
SELECT p.period, p.authority, p.kind, p.measure, p.low, p.high, p.unit, p.exactness,
       CASE WHEN p.before_end + 1 = p.period_start AND ($across_breaks = 'yes' OR x.why IS NULL AND p.before_scheme = p.band_scheme)
            THEN iv_dir(p.before_low, p.before_high, p.low, p.high) END AS direction,
       p.basis, p.cells, p.band_scheme, p.floor_raised, p.source,
       concat_ws(' | ',
           'read elsewhere: ' || nullif(p.title, ''),
           'break of the series: ' || x.why || CASE $across_breaks WHEN 'no' THEN ': no direction across it' ELSE '' END,
           CASE WHEN x.why IS NULL AND p.before_scheme <> p.band_scheme THEN 'the bands follow another legal scheme than before: '
                || p.band_scheme || CASE $across_breaks WHEN 'no' THEN ': no direction' ELSE '' END END,
           CASE WHEN p.low = 0 AND p.high > 0 THEN 'may be none' END,
           CASE WHEN p.floor_raised THEN 'the lower end was raised by what has been released, and moves with the editions' END) AS advisory
FROM placed p
LEFT JOIN broken x USING (basis, authority, service, period)
-- A year sorts before its halves, and behind them with this ending.
WHERE p.period || '-H2' >= $from AND p.period <= $to
ORDER BY p.period_start, p.period_end, p.kind, p.authority, p.basis, p.service, p.measure, p.unit, p.low
