-- question: What did the disclosures of June 2013 say, side by side?
-- grain: one printed band, or one that was read elsewhere
-- counts: requests of local, state and federal authorities and national-security orders in one
--    number, in bands of 1,000, and the accounts they name
-- leaves out: companies that said nothing (Google declined); whatever was reported later, under
--    other rules
-- trap: the six months differ: July to December 2012 (Microsoft, Facebook), December 2012 to May
--    2013 (Apple, Yahoo)
-- trap: Apple counts accounts or devices, the others count accounts; Yahoo gave no number of accounts
-- not for: national-security requests alone (the government allowed only one number that adds all
--    criminal process of local, state and federal authorities); adding providers (their six months
--    differ, and so do accounts and "accounts or devices"); comparing with later reports
-- param provider provider* = all: providers, or all; Yahoo, which has no report here, stands only
--    under all
-- param as_of edition = now: the statements as known when this edition was the newest; what was
--    read elsewhere always stands
-- column provider: provider's id; yahoo is known from other sources only
-- column period_start: first day covered
-- column period_end: last day covered
-- column jurisdiction: who asked
-- column measure: what is counted
-- column low [see unit]: lower end, inclusive
-- column high [see unit]: upper end; whether it belongs to the band was never said, so it is kept in
-- column unit: unit of low and high
-- column exactness: band
-- column direction: always empty: each company was allowed one number, so there is none before it
-- column basis: as_published from a statement at hand, secondary when read elsewhere
-- column cells [cells]: printed cells behind the row; 0 when it was read elsewhere
-- column printed: the band as printed; empty when read elsewhere
-- column locator: where it is printed
-- column source: edition, or where it was read
-- column advisory: what to know before citing the row
-- example: daylight query june_2013_disclosures
-- cells: as_of($as_of)
--    WHERE process = 'criminal_and_national_security_combined' AND provider = $row_provider AND measure = $row_measure
--    AND edition = $row_source AND locator = $row_locator
SELECT f.provider, f.period_start, f.period_end, f.jurisdiction, f.measure,
       f.value_low AS low, f.value_high AS high, f.unit, f.exactness,
       CAST(NULL AS VARCHAR) AS direction, f.basis, 1 AS cells, f.raw_text AS printed, f.locator, f.edition AS source,
       concat_ws(' | ',
           CASE WHEN f.unit = 'accounts_or_devices' THEN 'accounts or devices: no number of accounts' END,
           array_to_string(f.quality_flags, ' | ')) AS advisory
FROM as_of($as_of) f
WHERE f.process = 'criminal_and_national_security_combined'
  AND ($provider = 'all' OR list_contains(string_split($provider, '|'), f.provider))
UNION ALL
SELECT provider, period_start, period_end, jurisdiction, measure, low, high, unit, exactness,
       NULL, 'secondary', 0, '', '', source, 'read elsewhere: ' || title
FROM reference_figure
WHERE process = 'criminal_and_national_security_combined'
  -- The permission of 14 June 2013 was for six months that were over.
  AND period_end < DATE '2013-06-14'
  AND ($provider = 'all' OR list_contains(string_split($provider, '|'), provider))
ORDER BY period_start, provider, measure DESC
