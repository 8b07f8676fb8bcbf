-- question: What do the national-security bands say, half-year by half-year?
-- grain: one printed band: provider, process, measure and half-year
-- counts: what each printed band counts, see measure and unit: letters, orders, requests or
--    accounts
-- leaves out: bands that are withheld, left blank or ruled out; single published letters; bands of
--    editions that a newer one has replaced
-- trap: 0-499 is printed by a provider that received none as well as by one that received 499
-- trap: two bands that overlap allow no direction, and two equal bands do not mean unchanged
-- trap: an order in force across two half-years is counted in both
-- not for: midpoints; reading 0-499 as "some" or as "none"; adding two half-years of FISA accounts
--    (an order in force is counted in each); comparing bands of different schemes as one series;
--    reading a raised lower end as a rise (it counts released letters and moves with every edition)
-- param provider provider* = all: providers, or all
-- param process process* = all: nsl, fisa_content, fisa_noncontent, national_security_combined, or all
-- param measure measure* = all: requests_received, accounts_specified, or all
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param across_breaks enum(no,yes) = no: yes gives a direction also where the series breaks or the
--    bands follow another scheme than in the half-year before
-- param as_of edition = now: the bands as known when this edition was the newest
-- column provider: provider's id
-- column process: legal instrument
-- column measure: what is counted
-- column period: half-year
-- column low [see unit]: lower end of the printed band, inclusive
-- column high [see unit]: upper end, inclusive
-- column unit: unit of low and high
-- column exactness: band, or exact where a provider prints a number
-- column direction: up, down, same or indeterminate against the half-year before; empty where that
--    is missing, or across a break
-- column basis: as_published
-- column cells [cells]: printed cells behind the row
-- column band_scheme: legal reporting scheme
-- column floor_raised: true when the lower end counts released letters
-- column printed: the band as printed
-- column edition: edition the band is taken from
-- column quality_flags: what is odd about the figure
-- column advisory: what to know before citing the row
-- example: daylight query bands_by_half_year --param process=fisa_content --param measure=accounts_specified
-- cells: as_of($as_of)
--    WHERE item = '' AND provider = $row_provider AND process = $row_process AND measure = $row_measure
--    AND period = $row_period AND unit = $row_unit AND edition = $row_edition AND raw_text = $row_printed
WITH band AS MATERIALIZED (
    SELECT f.provider, f.service, f.jurisdiction, f.process, f.measure, f.unit, f.period, f.period_start, f.period_end,
           f.value_low, f.value_high, f.exactness, f.basis, f.band_scheme, f.floor_raised, f.raw_text, f.edition, f.quality_flags,
           lag(f.value_low) OVER w AS before_low, lag(f.value_high) OVER w AS before_high,
           lag(f.period_start) OVER w AS before_start, lag(f.period_end) OVER w AS before_end, lag(f.band_scheme) OVER w AS before_scheme
    FROM as_of($as_of) f
    -- The processes of class national_security, written out: as a join they would be looked at last,
    -- after all other figures. A test holds the list against the vocabulary.
    WHERE f.process IN ('national_security_combined', 'nsl', 'fisa_all', 'fisa_content', 'fisa_noncontent', 'fisa_702',
                        'fisa_title_i_iii_703_704', 'fisa_pen_register', 'fisa_business_records')
      AND f.exactness NOT IN ('not_applicable', 'not_reported', 'withheld')
      AND f.item = ''
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), f.provider))
      AND ($process = 'all' OR list_contains(string_split($process, '|'), f.process))
      AND ($measure = 'all' OR list_contains(string_split($measure, '|'), f.measure))
      AND f.period <= $to
    WINDOW w AS (PARTITION BY f.provider, f.service, f.jurisdiction, f.process, f.measure, f.unit ORDER BY f.period_start)
),
broken AS (
    SELECT b.provider, b.service, b.process, b.measure, b.period, string_agg(s.title || ' (' || s.kind || ', ' || s."on" || ')', '; ' ORDER BY s."on") AS why
    FROM band b
    JOIN series_break s ON s.provider IN ('', b.provider) AND s.service IN ('', b.service) AND s.process IN ('', b.process)
        AND s.measure IN ('', b.measure) AND s.jurisdiction IN ('', b.jurisdiction)
        AND s."on" > coalesce(b.before_start, b.period_start) AND s."on" <= b.period_end
    GROUP BY ALL
)
SELECT b.provider, b.process, b.measure, b.period, b.value_low AS low, b.value_high AS high, b.unit, b.exactness,
       CASE WHEN b.before_end + 1 = b.period_start AND ($across_breaks = 'yes' OR x.why IS NULL AND b.before_scheme = b.band_scheme)
            THEN iv_dir(b.before_low, b.before_high, b.value_low, b.value_high) END AS direction,
       b.basis, 1 AS cells, b.band_scheme, b.floor_raised, b.raw_text AS printed, b.edition,
       coalesce(array_to_string(b.quality_flags, ' | '), '') AS quality_flags,
       concat_ws(' | ',
           'break of the series: ' || x.why || CASE $across_breaks WHEN 'no' THEN ': no direction across it' ELSE '' END,
           CASE WHEN x.why IS NULL AND b.before_scheme <> b.band_scheme THEN 'the bands follow another legal scheme than before: '
                || b.band_scheme || CASE $across_breaks WHEN 'no' THEN ': no direction' ELSE '' END END,
           CASE WHEN b.value_low = 0 AND b.value_high > 0 THEN 'may be none' END,
           CASE WHEN b.floor_raised THEN 'the lower end was raised by what has been released, and moves with the editions' END,
           CASE WHEN b.before_end + 1 <> b.period_start THEN 'the half-year before is missing' END) AS advisory
FROM band b
LEFT JOIN broken x USING (provider, service, process, measure, period)
WHERE b.period >= $from
ORDER BY b.provider, b.process, b.measure, b.period_start
