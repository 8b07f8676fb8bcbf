-- question: Was content ever handed over, to whom, and how often?
-- grain: one row per provider, process and jurisdiction
-- counts: requests that ended in the disclosure of content, added over the half-years at hand
-- leaves out: providers that do not print this outcome as a number; civil requests, whose outcomes are
--    counted per account; national-security orders
-- trap: Zero says that no request of the reported kinds ended so; orders that the law keeps secret are
--    not in these tables.
-- trap: A half-year that is not at hand is not zero: see first, last and half_years.
-- not for: saying that content was never handed over by way of mutual legal assistance, which counts
--    for the country that passed the request on
-- param provider provider* = all: provider's id, several separated by |, or all
-- param process process* = law_enforcement_all|emergency_disclosure|account_request: legal processes
-- param jurisdiction jurisdiction = all: who asked, or all
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param as_of edition = now: as known when this edition was the newest
-- column provider: provider's id
-- column process: legal process
-- column jurisdiction: who asked
-- column name: name of the jurisdiction
-- column first: first half-year at hand
-- column last: last half-year at hand
-- column half_years [half-years]: how many are at hand
-- column low [requests]: requests that ended in the disclosure of content, lower bound
-- column high [requests]: upper bound; empty when a half-year between first and last is missing
-- column most_low [requests]: most in one half-year, lower bound
-- column most_high [requests]: most in one half-year at hand, upper bound
-- column direction: last half-year against the first
-- column exactness: how the cells behind the row are known
-- column cells [cells]: how many printed cells the row stands on
-- column advisory: what to know before citing the row
-- example: daylight query content_disclosed --param provider=microsoft --param jurisdiction=DE
-- cells: standing_at($as_of) s
--    WHERE NOT s.absent AND s.unit = 'requests' AND s.period_kind = 'half'
--    AND s.measure = 'outcome_content' AND s.requester_level = 'any' AND s.customer_class = 'all'
--    AND s.assisting_jurisdiction = '' AND s.service IN (SELECT code FROM service WHERE included_in = '')
--    AND s.provider = $row_provider AND s.process = $row_process AND s.jurisdiction = $row_jurisdiction
--    AND s.period BETWEEN $from AND $to
WITH cell AS (
    SELECT s.provider, s.process, s.jurisdiction, s.period, s.period_start,
           fsum(s.value_low) AS low, CASE WHEN count(*) = count(s.value_high) THEN fsum(s.value_high) END AS high,
           count(*) AS cells, list(s.exactness::VARCHAR) AS exactness
    FROM standing_at($as_of) s
    WHERE NOT s.absent AND s.unit = 'requests' AND s.period_kind = 'half'
      AND s.measure = 'outcome_content' AND s.requester_level = 'any' AND s.customer_class = 'all' AND s.assisting_jurisdiction = ''
      AND s.service IN (SELECT code FROM service WHERE included_in = '')
      AND list_contains(string_split($process, '|'), s.process) AND s.period BETWEEN $from AND $to
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), s.provider))
      AND ($jurisdiction = 'all' OR s.jurisdiction = $jurisdiction)
    GROUP BY ALL
),
added AS (
    SELECT provider, process, jurisdiction, min(period) AS first, max(period) AS last, count(*) AS half_years,
           date_diff('month', min(period_start), max(period_start)) // 6 + 1 - count(*) AS holes,
           fsum(low) AS low, CASE WHEN count(*) = count(high) THEN fsum(high) END AS high,
           max(low) AS most_low, CASE WHEN count(*) = count(high) THEN max(high) END AS most_high,
           arg_min(low, period) AS al, arg_min(high, period) AS ah, arg_max(low, period) AS bl, arg_max(high, period) AS bh,
           sum(cells)::BIGINT AS cells, array_to_string(list_sort(list_distinct(flatten(list(exactness)))), ' ') AS exactness
    FROM cell GROUP BY ALL
)
SELECT a.provider, a.process, a.jurisdiction, j.name, a.first, a.last, a.half_years, a.low,
       CASE WHEN a.holes = 0 THEN a.high END AS high, a.most_low, a.most_high,
       CASE WHEN a.half_years > 1 THEN iv_dir(a.al, a.ah, a.bl, a.bh) END AS direction, a.exactness, a.cells,
       concat_ws(' | ', CASE WHEN a.holes > 0 THEN a.holes || ' half-years between the first and the last have no line at hand' END,
                        CASE WHEN a.high = 0 THEN 'none in the half-years at hand; orders that the law keeps secret are reported apart' END) AS advisory
FROM added a
JOIN jurisdiction j ON j.code = a.jurisdiction
ORDER BY a.provider, a.process, a.low DESC, a.jurisdiction
