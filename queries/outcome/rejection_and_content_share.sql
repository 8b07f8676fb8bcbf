-- question: What share of requests is rejected, and what share ends in the disclosure of content?
-- grain: one row per provider, process and half-year
-- counts: requests received, requests rejected and requests that ended in the disclosure of
--    content, added first and divided once
-- leaves out: jurisdictions that print requests without outcomes (counted in left_out); providers
--    whose outcomes are no counts of requests; national-security and civil requests; enterprise
--    customers where they are printed apart
-- trap: the ratio of sums is not the mean of the countries' percentages
-- trap: rejected is not one thing: Apple prints rejected and challenged together
-- not for: averaging shares over countries or periods (add the counts and divide once);
--    Microsoft's civil sheet, whose outcomes count accounts; providers that publish only a rounded
--    percentage of requests with some disclosure (Google, Meta)
-- param provider provider = all: provider's id, or all
-- param jurisdiction jurisdiction = ZZ: who asked; ZZ is the world
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- column provider: provider's id
-- column process: legal process
-- column period: half-year
-- column jurisdiction: as asked
-- column requests_low [requests]: requests received, lower bound
-- column requests_high [requests]: requests received, upper bound
-- column rejected_low [requests]: rejected (Apple: rejected or challenged), lower bound
-- column rejected_high [requests]: upper bound
-- column rejected_share_low [percent]: lowest share that the bounds allow
-- column rejected_share_high [percent]: highest share that the bounds allow
-- column content_low [requests]: content disclosed, lower bound
-- column content_high [requests]: upper bound
-- column content_share_low [percent]: lowest share
-- column content_share_high [percent]: highest share
-- column jurisdictions [jurisdictions]: how many jurisdictions were added
-- column left_out [jurisdictions]: how many print requests without outcomes and are in none of the numbers
-- column advisory: what to know before citing the row
-- example: daylight query rejection_and_content_share --param provider=microsoft --param jurisdiction=DE
WITH figure AS MATERIALIZED (
    SELECT c.provider, c.process, c.jurisdiction, period_label(c.period_start, c.period_end) AS period, c.edition,
           c.measure, c.value_low, c.value_high, NOT h.whole AS excerpt, h.refused
    FROM "current" c
    JOIN at_hand h ON h.source = c.source AND h.report_table = c.report_table
                  AND h.period_start = c.period_start AND h.period_end = c.period_end
    JOIN rollup r ON r.recipe = 'outcome' AND r.provider = c.provider AND r.service = c.service AND r.process = c.process
    WHERE c.unit = 'requests' AND c.period_kind = 'half' AND c.value_low IS NOT NULL
      AND c.requester_level = 'any' AND c.customer_class = 'all' AND c.assisting_jurisdiction = ''
      AND c.measure IN ('requests_received', 'outcome_rejected', 'outcome_rejected_or_challenged', 'outcome_content')
      AND ($provider = 'all' OR c.provider = $provider)
),
asked AS MATERIALIZED (
    SELECT *, false AS summed FROM figure WHERE jurisdiction = $jurisdiction
    UNION ALL
    SELECT f.*, true AS summed FROM figure f
    JOIN jurisdiction j ON j.code = f.jurisdiction AND j.kind NOT IN ('world', 'group', 'residual')
    WHERE $jurisdiction = 'ZZ'
      AND NOT EXISTS (SELECT 1 FROM figure w WHERE w.provider = f.provider AND w.process = f.process
                                               AND w.period = f.period AND w.jurisdiction = 'ZZ')
),
line AS (
    SELECT provider, process, period, jurisdiction, summed, bool_or(excerpt) AS excerpt, max(refused) AS refused,
           list(DISTINCT edition) AS editions,
           max(value_low) FILTER (WHERE measure = 'requests_received') AS req_lo,
           max(value_high) FILTER (WHERE measure = 'requests_received') AS req_hi,
           max(value_low) FILTER (WHERE measure LIKE 'outcome_rejected%') AS rej_lo,
           max(value_high) FILTER (WHERE measure LIKE 'outcome_rejected%') AS rej_hi,
           max(value_low) FILTER (WHERE measure = 'outcome_content') AS con_lo,
           max(value_high) FILTER (WHERE measure = 'outcome_content') AS con_hi
    FROM asked
    GROUP BY ALL
),
total AS (
    -- A share needs numerator and denominator of the same lines; a line that lacks one is left out of both.
    SELECT provider, process, period, summed, count(*) FILTER (WHERE usable) AS jurisdictions,
           count(*) FILTER (WHERE NOT usable AND req_lo > 0) AS left_out,
           bool_or(excerpt) AS excerpt, max(refused) AS refused,
           list_sort(list_distinct(flatten(list(editions)))) AS editions,
           sum(req_lo) FILTER (WHERE usable) AS req_lo, sum(req_hi) FILTER (WHERE usable) AS req_hi,
           sum(rej_lo) FILTER (WHERE usable) AS rej_lo, sum(rej_hi) FILTER (WHERE usable) AS rej_hi,
           sum(con_lo) FILTER (WHERE usable) AS con_lo, sum(con_hi) FILTER (WHERE usable) AS con_hi
    FROM (SELECT *, req_hi IS NOT NULL AND rej_hi IS NOT NULL AND con_hi IS NOT NULL AS usable FROM line)
    GROUP BY ALL
)
SELECT provider, process, period, $jurisdiction AS jurisdiction,
       req_lo AS requests_low, req_hi AS requests_high,
       rej_lo AS rejected_low, rej_hi AS rejected_high,
       CASE WHEN req_hi > 0 THEN 100.0 * rej_lo / req_hi END AS rejected_share_low,
       CASE WHEN req_lo > 0 THEN least(100.0, 100.0 * rej_hi / req_lo) END AS rejected_share_high,
       con_lo AS content_low, con_hi AS content_high,
       CASE WHEN req_hi > 0 THEN 100.0 * con_lo / req_hi END AS content_share_low,
       CASE WHEN req_lo > 0 THEN least(100.0, 100.0 * con_hi / req_lo) END AS content_share_high,
       jurisdictions, left_out,
       concat_ws(' | ',
           CASE WHEN summed AND excerpt THEN 'excerpt: the jurisdictions at hand, not the whole report' END,
           CASE WHEN summed AND refused > 0
                THEN refused || ' printed figures of the edition were refused and are not counted, see table reject' END,
           CASE WHEN len(editions) > 1 THEN 'the figures come from several editions: ' || array_to_string(editions, ', ') END) AS advisory
FROM total
WHERE period BETWEEN $from AND $to AND jurisdictions > 0
ORDER BY provider, process, period
