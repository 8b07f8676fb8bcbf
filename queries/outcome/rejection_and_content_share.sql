-- question: What share of requests is rejected, and what share ends in the disclosure of content?
-- grain: one row per provider, process, outcome and half-year
-- counts: requests with that outcome over the requests received, of the same lines
-- leaves out: providers that do not print outcomes as numbers; civil requests, whose outcomes are
--    counted per account; lines that print requests and no outcome
-- trap: The share of a sum is not the mean of the shares of its lines.
-- trap: Apple counts requests that it rejected or challenged in one number, Microsoft those rejected
--    for not meeting legal requirements.
-- trap: Content usually comes with non-content data; requests without content may have disclosed those.
-- not for: comparing providers' rates as a measure of resistance; years (add the halves first)
-- param provider provider* = all: provider's id, several separated by |, or all
-- param process process* = law_enforcement_all|emergency_disclosure|account_request: legal processes
-- param outcome measure* = outcome_rejected|outcome_rejected_or_challenged|outcome_content: outcomes
-- param jurisdiction jurisdiction* = ZZ: who asked, several are added; ZZ is the world
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param across_breaks enum(no,yes) = no: whether a direction is given across a break of the series
-- param as_of edition = now: as known when this edition was the newest
-- column provider: provider's id
-- column process: legal process
-- column outcome: outcome
-- column period: half-year
-- column jurisdiction: as asked
-- column low [percent]: least share that the bounds allow
-- column high [percent]: greatest share
-- column direction: against the half-year before; empty without one, or across a break of the series
-- column part_low [requests]: requests with the outcome, lower bound
-- column part_high [requests]: upper bound
-- column requests_low [requests]: requests received in the same lines, lower bound
-- column requests_high [requests]: upper bound
-- column exactness: how the cells behind the row are known
-- column jurisdictions [jurisdictions]: how many jurisdictions were added
-- column left_out [jurisdictions]: how many print requests without the outcome and are in none of the
--    numbers
-- column cells [cells]: how many printed cells the row stands on
-- column advisory: what to know before citing the row
-- example: daylight query rejection_and_content_share --param provider=microsoft --param jurisdiction=DE
-- cells: (SELECT s.*, bool_or(s.jurisdiction = 'ZZ') OVER () AS printed,
--    count(*) FILTER (s.measure = 'requests_received') OVER w AS requests,
--    count(*) FILTER (s.measure = $row_outcome) OVER w AS outcomes
--    FROM standing_at($as_of) s
--    WHERE NOT s.absent AND s.unit = 'requests' AND s.period_kind = 'half'
--    AND s.requester_level = 'any' AND s.customer_class = 'all' AND s.assisting_jurisdiction = ''
--    AND s.service IN (SELECT code FROM service WHERE included_in = '')
--    AND s.provider = $row_provider AND s.process = $row_process AND s.period = $row_period
--    AND (s.measure = 'requests_received' OR list_contains(string_split($outcome, '|'), s.measure))
--    WINDOW w AS (PARTITION BY s.service, s.jurisdiction))
--    WHERE measure IN ('requests_received', $row_outcome) AND requests > 0 AND outcomes > 0
--    AND (list_contains(string_split($jurisdiction, '|'), jurisdiction)
--    OR list_contains(string_split($jurisdiction, '|'), 'ZZ') AND NOT printed AND jurisdiction NOT IN ('ZZ', 'ZZ-NONUS'))
WITH line AS MATERIALIZED (
    SELECT s.provider, s.service, s.process, s.measure, s.period, s.period_start, s.jurisdiction, s.edition, s.value_low, s.value_high,
           s.exactness::VARCHAR AS exactness, s.refused, s.whole
    FROM standing_at($as_of) s
    WHERE NOT s.absent AND s.unit = 'requests' AND s.period_kind = 'half'
      AND s.requester_level = 'any' AND s.customer_class = 'all' AND s.assisting_jurisdiction = ''
      AND s.service IN (SELECT code FROM service WHERE included_in = '')
      AND list_contains(string_split($process, '|'), s.process)
      AND (s.measure = 'requests_received' OR list_contains(string_split($outcome, '|'), s.measure))
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), s.provider))
),
printed AS (SELECT DISTINCT provider, process, period FROM line WHERE jurisdiction = 'ZZ'),
asked AS MATERIALIZED (
    SELECT l.*, NOT list_contains(string_split($jurisdiction, '|'), l.jurisdiction) AS summed
    FROM line l LEFT JOIN printed p USING (provider, process, period)
    WHERE list_contains(string_split($jurisdiction, '|'), l.jurisdiction)
       OR list_contains(string_split($jurisdiction, '|'), 'ZZ') AND p.provider IS NULL AND l.jurisdiction NOT IN ('ZZ', 'ZZ-NONUS')
),
-- A share needs numerator and denominator of the same lines; a line that lacks one is left out of both.
share AS (
    SELECT r.provider, r.process, o.outcome, r.period, r.period_start,
           fsum(p.value_low) AS pl, fsum(p.value_high) AS ph,
           fsum(r.value_low) FILTER (p.process IS NOT NULL) AS rl, fsum(r.value_high) FILTER (p.process IS NOT NULL) AS rh,
           bool_or(r.summed AND NOT r.whole) AS excerpt, max(CASE WHEN r.summed THEN r.refused ELSE 0 END) AS refused,
           bool_or(r.jurisdiction = 'ZZ') AND bool_or(r.jurisdiction <> 'ZZ') AS double,
           count(p.process) AS jurisdictions, count(*) FILTER (p.process IS NULL AND r.value_low > 0) AS left_out,
           2 * count(p.process) AS cells,
           array_to_string(list_sort(list_distinct(list(r.exactness) || list(p.exactness) FILTER (p.process IS NOT NULL))), ' ') AS exactness,
           list_sort(list_distinct(list(r.edition))) AS editions
    FROM asked r
    JOIN (SELECT DISTINCT provider, process, measure AS outcome FROM line WHERE measure <> 'requests_received') o USING (provider, process)
    LEFT JOIN asked p ON p.provider = r.provider AND p.service = r.service AND p.process = r.process AND p.period = r.period
        AND p.jurisdiction = r.jurisdiction AND p.measure = o.outcome
    WHERE r.measure = 'requests_received'
    GROUP BY ALL
    HAVING count(p.process) > 0
),
placed AS MATERIALIZED (
    SELECT *, CASE WHEN NOT excerpt AND NOT double THEN iv_share_of(pl, ph, rl, rh) END AS iv,
           lag(period_start) OVER w AS before_start
    FROM share
    WINDOW w AS (PARTITION BY provider, process, outcome ORDER BY period_start)
),
broken AS (
    SELECT p.provider, p.process, p.outcome, p.period, string_agg(b.title || ' (' || b.kind || ', ' || b."on" || ')', '; ' ORDER BY b."on", b.title) AS breaks
    FROM placed p
    JOIN series_break b ON b.provider IN ('', p.provider) AND b.process IN ('', p.process, 'outcome') AND b.measure IN ('', p.outcome, 'requests_received')
        AND (b.jurisdiction = '' OR list_contains(string_split($jurisdiction, '|'), b.jurisdiction)) AND b.service = ''
        AND b."on" > p.before_start AND b."on" <= p.period_start
    GROUP BY ALL
)
SELECT p.provider, p.process, p.outcome, p.period, $jurisdiction AS jurisdiction, p.iv.low AS low, p.iv.high AS high,
       CASE WHEN p.before_start + INTERVAL 6 MONTH = p.period_start AND (b.breaks IS NULL OR $across_breaks = 'yes')
            THEN iv_dir(lag(p.iv.low) OVER w, lag(p.iv.high) OVER w, p.iv.low, p.iv.high) END AS direction,
       p.pl AS part_low, p.ph AS part_high, p.rl AS requests_low, p.rh AS requests_high,
       p.exactness, p.jurisdictions, p.left_out, p.cells,
       concat_ws(' | ',
           CASE WHEN p.double THEN 'refused: the world row stands beside lines that it counts' END,
           CASE WHEN p.excerpt THEN 'excerpt: the lines at hand are not the whole report, so that its share is not known' END,
           'break of the series: ' || b.breaks || CASE $across_breaks WHEN 'yes' THEN '' ELSE ': no direction across it' END,
           CASE WHEN p.left_out > 0 THEN p.left_out || ' lines print requests without this outcome and are left out' END,
           CASE WHEN p.refused > 0 THEN p.refused || ' printed figures of the edition were refused and are not counted, see table reject' END,
           CASE WHEN len(p.editions) > 1 THEN 'the figures come from several editions: ' || array_to_string(p.editions, ', ') END) AS advisory
FROM placed p
LEFT JOIN broken b USING (provider, process, outcome, period)
WHERE p.period BETWEEN $from AND $to
WINDOW w AS (PARTITION BY p.provider, p.process, p.outcome ORDER BY p.period_start)
ORDER BY p.provider, p.process, p.outcome, p.period
