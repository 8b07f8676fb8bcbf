-- question: How many accounts, devices or other identifiers does one request name on average, and where
--    does the average stand out?
-- grain: one row per provider, process, jurisdiction and half-year
-- counts: the printed count of what requests name over the printed count of requests, as the bounds of
--    both allow
-- leaves out: lines of which one of the two is not printed; a line without requests has no average
-- trap: One large request moves the average of a small country (Apple, Poland 2014-H2: 30 requests name
--    534,337 devices).
-- trap: Accounts may be fewer than requests: rejected requests name none.
-- not for: comparing providers or processes, whose identifiers are other units
-- param provider provider* = all: provider's id, several separated by |, or all
-- param process process* = law_enforcement_all|account_request|device_request|financial_identifier_request:
--    legal processes, several separated by |
-- param measure measure* = accounts_specified|devices_specified|financial_identifiers_specified: what
--    requests name, several separated by |
-- param jurisdiction jurisdiction = all: who asked, or all
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param at_least number = 100: only averages that may reach this much; 0 for all
-- param as_of edition = now: as known when this edition was the newest
-- column provider: provider's id
-- column process: legal process
-- column jurisdiction: who asked
-- column period: half-year
-- column measure: what the requests name
-- column unit: unit of what they name
-- column named_low [see unit]: lower bound of the count named
-- column named_high [see unit]: upper bound of the count named
-- column requests_low [requests]: lower bound of the requests
-- column requests_high [requests]: upper bound of the requests
-- column low [see unit per request]: least average that the bounds allow
-- column high [see unit per request]: greatest average
-- column direction: against the half-year before
-- column exactness: how the cells behind the row are known
-- column cells [cells]: how many printed cells the row stands on
-- column advisory: what to know before citing the row
-- example: daylight query accounts_per_request --param provider=apple --param at_least=1000
-- cells: standing_at($as_of) s
--    WHERE NOT s.absent AND s.period_kind = 'half' AND s.requester_level = 'any'
--    AND s.customer_class = 'all' AND s.assisting_jurisdiction = '' AND s.item = '' AND s.provider = $row_provider
--    AND s.process = $row_process AND s.jurisdiction = $row_jurisdiction AND s.period = $row_period
--    AND s.measure IN ('requests_received', $row_measure)
WITH cell AS MATERIALIZED (
    SELECT s.provider, s.service, s.process, s.jurisdiction, s.period, s.period_start, s.measure, s.unit,
           s.value_low AS low, s.value_high AS high, s.exactness::VARCHAR AS exactness
    FROM standing_at($as_of) s
    WHERE NOT s.absent AND s.period_kind = 'half'
      AND s.service IN (SELECT code FROM service WHERE included_in = '')
      AND s.requester_level = 'any' AND s.customer_class = 'all' AND s.assisting_jurisdiction = '' AND s.item = ''
      AND list_contains(string_split($process, '|'), s.process)
      AND (s.measure = 'requests_received' OR list_contains(string_split($measure, '|'), s.measure))
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), s.provider))
      AND ($jurisdiction = 'all' OR s.jurisdiction = $jurisdiction)
),
ratio AS (
    SELECT n.provider, n.service, n.process, n.jurisdiction, n.period, n.period_start, n.measure, n.unit,
           n.low AS nl, n.high AS nh, r.low AS rl, r.high AS rh,
           array_to_string(list_sort(list_distinct([n.exactness, r.exactness])), ' ') AS exactness
    FROM cell n
    JOIN cell r USING (provider, service, process, jurisdiction, period)
    WHERE r.measure = 'requests_received' AND n.measure <> 'requests_received'
),
placed AS (
    SELECT *, (iv_ratio(rl, rh, nl, nh)).low AS low, (iv_ratio(rl, rh, nl, nh)).high AS high,
           lag((iv_ratio(rl, rh, nl, nh)).low) OVER w AS before_low, lag((iv_ratio(rl, rh, nl, nh)).high) OVER w AS before_high,
           lag(period_start) OVER w AS before_start
    FROM ratio
    WINDOW w AS (PARTITION BY service, process, jurisdiction, measure ORDER BY period_start)
)
SELECT provider, process, jurisdiction, period, measure, unit, nl AS named_low, nh AS named_high, rl AS requests_low, rh AS requests_high,
       low, high,
       CASE WHEN before_start + INTERVAL 6 MONTH = period_start THEN iv_dir(before_low, before_high, low, high) END AS direction,
       exactness, 2 AS cells,
       concat_ws(' | ', CASE WHEN nh < rl THEN 'fewer named than requests: rejected requests name none' END,
                        CASE WHEN rl < 10 THEN 'few requests: one of them moves the average' END) AS advisory
FROM placed
WHERE period BETWEEN $from AND $to AND coalesce(high, $at_least) >= $at_least AND ($at_least <= 0 OR coalesce(rh > 0, true))
ORDER BY low DESC NULLS LAST, provider, process, jurisdiction, period, measure
