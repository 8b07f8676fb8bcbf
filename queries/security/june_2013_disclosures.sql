-- question: What did the June 2013 disclosures say, side by side?
-- grain: one printed band
-- counts: requests of local, state and federal authorities and national-security orders in one
--    number, in bands of 1,000, and the accounts they name
-- leaves out: companies whose statement daylight does not hold; whatever was reported later, under
--    other rules
-- trap: the six months differ: July to December 2012 (Microsoft, Facebook), December 2012 to May
--    2013 (Apple)
-- trap: Apple counts accounts or devices, the others count accounts
-- not for: national-security requests alone (the government allowed only one number that adds all
--    criminal process of local, state and federal authorities); adding providers (their six months
--    differ, and so do accounts and "accounts or devices"); comparing with later reports
-- param provider provider = all: provider's id, or all
-- column provider: provider's id
-- column period_start: first day covered
-- column period_end: last day covered
-- column jurisdiction: who asked
-- column measure: what is counted
-- column low [see unit]: lower end, inclusive
-- column high [see unit]: upper end; whether it belongs to the band was never said, so it is kept in
-- column unit: unit of low and high
-- column printed: the band as printed
-- column locator: where it is printed
-- column edition: edition
-- example: daylight query june_2013_disclosures
SELECT c.provider, c.period_start, c.period_end, c.jurisdiction, c.measure,
       c.value_low AS low, c.value_high AS high, c.unit, c.raw_text AS printed, c.locator, c.edition
FROM "current" c
WHERE c.process = 'criminal_and_national_security_combined'
  AND ($provider = 'all' OR c.provider = $provider)
ORDER BY c.period_start, c.provider, c.measure DESC
