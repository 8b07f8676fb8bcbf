-- question: How many orders reach across a border: warrants of the United States for data stored
--    abroad, and orders of the United Kingdom under the data access agreement?
-- grain: one printed figure, or one that was read elsewhere
-- counts: warrants of the United States for content that Microsoft stores elsewhere; orders, warrants
--    and requests of the United Kingdom that Google and Apple print; orders as both governments count
--    them under the agreement
-- leaves out: requests under mutual legal assistance; half-years whose box is not at hand; Meta, which
--    prints none apart
-- trap: of enterprise customers Microsoft prints only warrants that ended in content
-- trap: governments count orders to all providers over two years, a provider counts its own by
--    half-year: side by side, never added, and neither side can be checked against the other
-- trap: Apple prints bands, which begin at 0 where it may have received none
-- not for: the number of accounts or persons abroad; adding the rows; a share of providers in the
--    orders that governments report
-- param provider provider* = all: providers, or all; the governments' figures always stand
-- param jurisdiction jurisdiction* = all: who ordered, US or GB, or all
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param as_of edition = now: the reports as known when this edition was the newest; what was read
--    elsewhere always stands
-- column period: half-year, or first and last day
-- column authority: who counts: a provider's id, or doj, the Department of Justice
-- column kind: provider or government
-- column jurisdiction: who ordered
-- column customer_class: whose data: consumer, enterprise, or all
-- column process: legal instrument
-- column measure: what is counted
-- column low [see unit]: lower end
-- column high [see unit]: upper end
-- column unit: requests, orders or accounts
-- column exactness: exact or band
-- column direction: up, down, same or indeterminate against the half-year before; empty where that is missing
-- column basis: as_published from a report at hand, secondary when read elsewhere
-- column cells [cells]: printed cells behind the row; 0 when it was read elsewhere
-- column source: edition, or where it was read
-- column advisory: what to know before citing the row
-- example: daylight query data_stored_abroad --param provider=microsoft --param jurisdiction=US
-- cells: as_of($as_of)
--    WHERE (process IN ('cloud_act_all', 'cloud_act_opo', 'cloud_act_ipa_content', 'cloud_act_ipa_noncontent',
--    'cloud_act_ipa_communications_data')
--    OR report_table IN ('warrants_abroad_consumer', 'warrants_abroad_enterprise'))
--    AND item = '' AND period_kind = 'half' AND provider = $row_authority AND period = $row_period
--    AND jurisdiction = $row_jurisdiction AND customer_class = $row_customer_class AND process = $row_process
--    AND measure = $row_measure AND unit = $row_unit AND edition = $row_source AND value_low = $row_low
WITH line AS (
    SELECT f.provider AS authority, 'provider' AS kind, f.period, f.period_start, f.period_end, f.jurisdiction, f.customer_class,
           f.process, f.measure, f.value_low AS low, f.value_high AS high, f.unit, f.exactness, f.basis, 1 AS cells, f.edition AS source, f.band_scheme,
           concat_ws(' | ',
               CASE WHEN f.report_table LIKE 'warrants_abroad%' THEN 'for content stored outside the United States' END,
               CASE WHEN f.process LIKE 'cloud_act%' AND f.period_end < r."from" THEN 'the agreement came into force on ' || r."from" || ', after this half-year' END,
               CASE WHEN f.value_low = 0 AND f.value_high > 0 THEN 'may be none' END) AS advisory
    FROM as_of($as_of) f
    CROSS JOIN (SELECT "from" FROM legal_regime WHERE code = 'uk_us_agreement') r
    WHERE (f.process IN ('cloud_act_all', 'cloud_act_opo', 'cloud_act_ipa_content', 'cloud_act_ipa_noncontent', 'cloud_act_ipa_communications_data')
           OR f.report_table IN ('warrants_abroad_consumer', 'warrants_abroad_enterprise'))
      AND f.measure <> 'pct_requests_some_data_disclosed' AND f.value_low IS NOT NULL AND f.item = '' AND f.period_kind = 'half'
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), f.provider))
    UNION ALL
    SELECT authority, kind, period_label(period_start, period_end), period_start, period_end, jurisdiction, 'all',
           process, measure, low, high, unit, exactness, 'secondary', 0, source, '', 'read elsewhere: ' || title
    FROM reference_figure
    WHERE process = 'cloud_act_all'
      AND (kind <> 'provider' OR $provider = 'all' OR list_contains(string_split($provider, '|'), provider))
),
placed AS (
    SELECT *, lag(low) OVER w AS before_low, lag(high) OVER w AS before_high, lag(period_end) OVER w AS before_end, lag(band_scheme) OVER w AS before_scheme
    FROM line
    WINDOW w AS (PARTITION BY basis, authority, jurisdiction, customer_class, process, measure, unit ORDER BY period_start)
)
SELECT period, authority, kind, jurisdiction, customer_class, process, measure, low, high, unit, exactness,
       CASE WHEN before_end + 1 = period_start AND before_scheme = band_scheme THEN iv_dir(before_low, before_high, low, high) END AS direction,
       basis, cells, source, advisory
FROM placed
WHERE ($jurisdiction = 'all' OR list_contains(string_split($jurisdiction, '|'), jurisdiction))
  AND year(period_end) || CASE WHEN month(period_end) > 6 THEN '-H2' ELSE '-H1' END >= $from
  AND year(period_start) || CASE WHEN month(period_start) > 6 THEN '-H2' ELSE '-H1' END <= $to
ORDER BY period_start, kind, authority, jurisdiction, customer_class, process, measure
