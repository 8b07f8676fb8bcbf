-- question: How many requests are about enterprise customers, and how many customers do they name?
-- grain: one row per provider, service, measure, process where it is printed apart, and half-year
-- counts: requests and customers of Google's enterprise table, added over jurisdictions and legal
--    processes; the boxes on enterprise customers beside Microsoft's tables, as printed
-- leaves out: preservation requests; requests under mutual legal assistance, which may count some of the
--    same; what Microsoft tells in prose alone; Apple and Meta, which print nothing of the kind
-- trap: a customer is a company, a school or an authority and has many accounts: customers are not accounts
-- trap: the provider's total holds enterprise accounts too, so nothing is to be added to it
-- trap: Microsoft's boxes count disclosures and warrants that ended in content, not requests received
-- not for: adding requests, customers and disclosures; comparing Microsoft with Google; a share of
--    enterprise requests in all requests (the total counts accounts of both)
-- param provider provider* = all: providers, or all
-- param service service* = all: services, or all
-- param measure measure* = all: customers_specified, requests_received, disclosures_made,
--    outcome_content, or all
-- param jurisdiction jurisdiction = ZZ: who asked, ISO 3166-1 alpha-2; ZZ is every one that is printed
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param as_of edition = now: the figures as known when this edition was the newest
-- column provider: provider's id
-- column service: service of the customers
-- column period: half-year
-- column measure: what is counted
-- column low [see unit]: lower bound
-- column high [see unit]: upper bound; empty when the table prints more jurisdictions than are at hand
-- column unit: requests or customers
-- column exactness: of the printed cells
-- column direction: up, down, same or indeterminate against the half-year before; empty where that is missing
-- column basis: as_published when the report prints this very figure, derived when it is our sum
-- column cells [cells]: printed cells behind the row
-- column jurisdictions [jurisdictions]: how many were added
-- column processes: the legal processes that were added
-- column editions: where the cells stand
-- column advisory: what to know before citing the row
-- example: daylight query enterprise_customers --param provider=google --param measure=customers_specified
-- cells: standing_at($as_of) f
--    WHERE f.customer_class = 'enterprise' AND NOT f.absent
--    AND f.assisting_jurisdiction = '' AND f.period_kind = 'half'
--    AND (f.provider = 'microsoft' OR f.report_table = 'enterprise' AND f.jurisdiction NOT IN ('ZZ', 'ZZ-NONUS'))
--    AND ($jurisdiction = 'ZZ' OR f.jurisdiction = $jurisdiction)
--    AND f.provider = $row_provider AND f.service = $row_service AND f.period = $row_period AND f.measure = $row_measure
--    AND f.unit = $row_unit AND list_contains(string_split($row_processes, ' '), f.process)
WITH cell AS (
    SELECT f.provider, f.service, f.period, f.period_start, f.period_end, f.measure, f.unit, f.jurisdiction, f.process, f.report_table,
           f.value_low, f.value_high, f.exactness, f.edition, f.refused,
           -- Google prints lines that add up; a box is a figure of its own.
           r.process IS NOT NULL AS line, f.whole
    FROM standing_at($as_of) f
    LEFT JOIN recipe_process r ON r.recipe = 'requests' AND r.provider = f.provider AND r.process = f.process AND f.report_table = 'enterprise'
    WHERE f.customer_class = 'enterprise' AND NOT f.absent
      AND f.measure <> 'pct_requests_some_data_disclosed' AND f.assisting_jurisdiction = '' AND f.period_kind = 'half'
      AND (r.process IS NOT NULL AND f.jurisdiction NOT IN ('ZZ', 'ZZ-NONUS') OR f.provider = 'microsoft')
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), f.provider))
      AND ($service = 'all' OR list_contains(string_split($service, '|'), f.service))
      AND ($measure = 'all' OR list_contains(string_split($measure, '|'), f.measure))
      AND ($jurisdiction = 'ZZ' OR f.jurisdiction = $jurisdiction)
      AND f.period <= $to
),
half AS (
    SELECT provider, service, CASE WHEN NOT line THEN process ELSE '' END AS apart, report_table, period, period_start, period_end, measure, unit,
           fsum(value_low) AS low,
           bool_or($jurisdiction = 'ZZ' AND line AND NOT whole) AS excerpt, max(CASE WHEN line THEN refused ELSE 0 END) AS refused,
           CASE WHEN NOT excerpt AND max(CASE WHEN line THEN refused ELSE 0 END) = 0 AND count(*) = count(value_high) THEN fsum(value_high) END AS high,
           count(*) AS cells, count(DISTINCT jurisdiction) AS jurisdictions,
           string_agg(DISTINCT process, ' ' ORDER BY process) AS processes,
           string_agg(DISTINCT exactness::VARCHAR, ' ' ORDER BY exactness::VARCHAR) AS exactness,
           string_agg(DISTINCT edition, ' ' ORDER BY edition) AS editions
    FROM cell
    GROUP BY ALL
),
placed AS (
    SELECT *, lag(low) OVER w AS before_low, lag(high) OVER w AS before_high, lag(period_end) OVER w AS before_end
    FROM half
    WINDOW w AS (PARTITION BY provider, service, report_table, apart, measure, unit ORDER BY period_start)
)
SELECT provider, service, period, measure, low, high, unit, exactness,
       CASE WHEN before_end + 1 = period_start THEN iv_dir(before_low, before_high, low, high) END AS direction,
       CASE WHEN cells = 1 THEN 'as_published' ELSE 'derived' END AS basis, cells, jurisdictions, processes, editions,
       concat_ws(' | ',
           CASE WHEN excerpt THEN 'excerpt: the table counts more jurisdictions than are at hand' END,
           CASE WHEN refused > 0 THEN refused || ' printed figures of the edition were refused and are not counted, see table reject' END,
           CASE WHEN measure = 'customers_specified' THEN 'customers, not accounts' END,
           CASE report_table WHEN 'warrants_abroad_enterprise' THEN 'warrants of the United States for data stored abroad that ended in content'
                             WHEN 'enterprise' THEN NULL ELSE 'disclosures of content data; the report has one box for each service' END) AS advisory
FROM placed
WHERE period >= $from
ORDER BY provider, service, measure, period
