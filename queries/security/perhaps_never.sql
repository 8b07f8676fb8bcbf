-- question: Which provider may never have received a kind of national-security order, and in how many
--    half-years has it received one for certain?
-- grain: one row per provider, process and measure
-- counts: half-years at hand: those with an exact zero, those whose band begins at 0, those whose
--    band begins above 0, and among them those where at least one was received
-- leaves out: half-years without a figure; single published letters; other providers
-- trap: 0-499 is printed with none as well as with 499, so it counts in high and not in low
-- trap: accounts above 0 in the same half-year prove at least one order though the band of orders
--    begins at 0: counted in implied and with_implied, which nobody printed, not in low
-- trap: a lower end that was raised by a released letter proves a letter, from the edition on that
--    prints it
-- not for: how many orders there were; reading a band that begins at 0 as none, or an exact zero as a
--    band; saying that a provider without a row received none
-- param provider provider* = all: providers, or all
-- param process process* = all: nsl, fisa_content, fisa_noncontent, national_security_combined, or all
-- param measure measure* = all: requests_received, accounts_specified, or all
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param as_of edition = now: the bands as known when this edition was the newest
-- column provider: provider's id
-- column process: legal instrument
-- column measure: what is counted
-- column first_period: first half-year at hand
-- column last_period: last half-year at hand
-- column low [half_years]: half-years in which at least one was received by the figure itself: certain
-- column high [half_years]: half-years in which at least one may have been received: all but exact zeros
-- column unit: half_years
-- column with_implied [half_years]: certain and implied together
-- column verdict: never when all are exact zeros, perhaps never when with_implied is 0, else at least once
-- column exact_zero [half_years]: an exact 0 is printed
-- column perhaps_none [half_years]: the band begins at 0
-- column certain [half_years]: the figure begins above 0
-- column implied [half_years]: of perhaps_none, those where the accounts of the same process begin above 0
-- column switches: where an exact 0 gives way to a band or a number, or the other way round; empty for none
-- column direction: always empty: a count of half-years has none before it
-- column basis: derived
-- column cells [cells]: printed cells behind the row
-- column exactness: of the figures
-- column advisory: what to know before citing the row
-- example: daylight query perhaps_never --param process=nsl --param measure=requests_received
-- cells: as_of($as_of)
--    WHERE value_low IS NOT NULL AND item = '' AND period_kind = 'half' AND provider = $row_provider
--    AND process = $row_process AND measure = $row_measure AND period BETWEEN $from AND $to
WITH half AS MATERIALIZED (
    SELECT f.provider, f.service, f.process, f.measure, f.period, f.value_low, f.value_high, f.exactness, f.floor_raised
    FROM as_of($as_of) f
    -- Written out as in bands_by_half_year.
    WHERE f.process IN ('national_security_combined', 'nsl', 'fisa_all', 'fisa_content', 'fisa_noncontent', 'fisa_702',
                        'fisa_title_i_iii_703_704', 'fisa_pen_register', 'fisa_business_records')
      AND f.value_low IS NOT NULL AND f.item = '' AND f.period_kind = 'half'
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), f.provider))
      AND ($process = 'all' OR list_contains(string_split($process, '|'), f.process))
      AND f.period BETWEEN $from AND $to
),
named AS (
    SELECT provider, service, process, period, bool_or(value_low > 0) AS named FROM half WHERE measure = 'accounts_specified' GROUP BY ALL
),
seen AS (
    SELECT h.*, h.measure = 'requests_received' AND h.value_low = 0 AND h.value_high > 0 AND coalesce(n.named, false) AS implied,
           CASE WHEN (h.value_high = 0) <> (lag(h.value_high) OVER w = 0)
                THEN h.period || ': ' || iv_text(lag(h.value_low) OVER w, lag(h.value_high) OVER w) || ', then ' || iv_text(h.value_low, h.value_high) END AS switch
    FROM half h
    LEFT JOIN named n USING (provider, service, process, period)
    WHERE $measure = 'all' OR list_contains(string_split($measure, '|'), h.measure)
    WINDOW w AS (PARTITION BY h.provider, h.service, h.process, h.measure ORDER BY h.period)
),
counted AS (
    SELECT provider, process, measure, min(period) AS first_period, max(period) AS last_period, count(*) AS halves,
           count(*) FILTER (value_high = 0) AS exact_zero,
           count(*) FILTER (value_low = 0 AND value_high IS DISTINCT FROM 0) AS perhaps_none,
           count(*) FILTER (value_low > 0) AS certain,
           count(*) FILTER (implied) AS implied,
           count(*) FILTER (value_low > 0 AND floor_raised) AS raised,
           string_agg(switch, '; ' ORDER BY period) AS switches,
           string_agg(DISTINCT exactness, ' ' ORDER BY exactness) AS exactness
    FROM seen
    GROUP BY provider, service, process, measure
)
SELECT provider, process, measure, first_period, last_period,
       certain::DOUBLE AS low, (halves - exact_zero)::DOUBLE AS high, 'half_years' AS unit, (certain + implied)::DOUBLE AS with_implied,
       CASE WHEN exact_zero = halves THEN 'never' WHEN certain + implied = 0 THEN 'perhaps never' ELSE 'at least once' END AS verdict,
       exact_zero, perhaps_none, certain, implied, coalesce(switches, '') AS switches,
       CAST(NULL AS VARCHAR) AS direction, 'derived' AS basis, halves AS cells, exactness,
       concat_ws(' | ',
           'half-years that are certain from the accounts alone: ' || nullif(implied, 0),
           'lower ends that were raised by what has been released: ' || nullif(raised, 0)) AS advisory
FROM counted
ORDER BY provider, process, measure
