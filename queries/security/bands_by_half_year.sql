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
-- param provider provider = all: provider's id, or all
-- param process process = all: nsl, fisa_content, fisa_noncontent, national_security_combined, or all
-- param measure measure = all: requests_received, accounts_specified, or all
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- column provider: provider's id
-- column process: legal instrument
-- column measure: what is counted
-- column period: half-year
-- column low [see unit]: lower end of the printed band, inclusive
-- column high [see unit]: upper end, inclusive
-- column unit: unit of low and high
-- column band_scheme: legal reporting scheme
-- column floor_raised: true when the lower end counts released letters
-- column printed: the band as printed
-- column edition: edition the band is taken from
-- column quality_flags: what is odd about the figure
-- example: daylight query bands_by_half_year --param process=fisa_content --param measure=accounts_specified
SELECT c.provider, c.process, c.measure, period_label(c.period_start, c.period_end) AS period,
       c.value_low AS low, c.value_high AS high, c.unit, c.band_scheme, c.floor_raised,
       c.raw_text AS printed, c.edition, coalesce(array_to_string(c.quality_flags, ' | '), '') AS quality_flags
FROM "current" c
-- The processes of class national_security, written out: as a join they would be looked at last,
-- after all other figures. A test holds the list against the vocabulary.
WHERE c.process IN ('national_security_combined', 'nsl', 'fisa_all', 'fisa_content', 'fisa_noncontent', 'fisa_702',
                    'fisa_title_i_iii_703_704', 'fisa_pen_register', 'fisa_business_records')
  AND c.exactness NOT IN ('not_applicable', 'not_reported', 'withheld')
  AND c.item = ''
  AND ($provider = 'all' OR c.provider = $provider)
  AND ($process = 'all' OR c.process = $process)
  AND ($measure = 'all' OR c.measure = $measure)
  AND period_label(c.period_start, c.period_end) BETWEEN $from AND $to
ORDER BY c.provider, c.process, c.measure, c.period_start
