-- question: What share of requests is rejected, and what share ends in the disclosure of content?
-- grain: one row per provider, process and half-year
-- not for: averaging shares over countries or periods (add the counts and divide once);
--    Microsoft's civil sheet, whose outcomes count accounts; providers that publish only a rounded
--    percentage of requests with some disclosure (Google, Meta)
-- param provider text = all: provider's id, or all
-- param jurisdiction text = ZZ: who asked; ZZ is the world
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
-- column advisory: what to know before citing the row
-- example: daylight query rejection_and_content_share --param provider=microsoft --param jurisdiction=DE
WITH figure AS (
    SELECT c.provider, c.process, c.jurisdiction, period_label(c.period_start, c.period_end) AS period,
           c.measure, c.value_low, c.value_high, e.is_excerpt
    FROM "current" c
    JOIN edition e ON e.name = c.edition
    JOIN rollup r ON r.recipe = 'outcome' AND r.provider = c.provider AND r.service = c.service AND r.process = c.process
    WHERE c.unit = 'requests' AND c.period_kind = 'half' AND c.value_low IS NOT NULL
      AND c.measure IN ('requests_received', 'outcome_rejected', 'outcome_rejected_or_challenged', 'outcome_content')
      AND ($provider = 'all' OR c.provider = $provider)
),
asked AS (
    SELECT * FROM figure WHERE jurisdiction = $jurisdiction
    UNION ALL
    SELECT f.* FROM figure f
    JOIN jurisdiction j ON j.code = f.jurisdiction AND j.kind NOT IN ('world', 'group', 'residual')
    WHERE $jurisdiction = 'ZZ'
      AND NOT EXISTS (SELECT 1 FROM figure w WHERE w.provider = f.provider AND w.process = f.process
                                               AND w.period = f.period AND w.jurisdiction = 'ZZ')
),
line AS (
    SELECT provider, process, period, jurisdiction, bool_or(is_excerpt) AS is_excerpt,
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
    SELECT provider, process, period, count(*) AS jurisdictions, bool_or(is_excerpt) AS is_excerpt,
           sum(req_lo) AS req_lo, sum(req_hi) AS req_hi, sum(rej_lo) AS rej_lo, sum(rej_hi) AS rej_hi,
           sum(con_lo) AS con_lo, sum(con_hi) AS con_hi
    FROM line
    WHERE req_lo IS NOT NULL AND rej_lo IS NOT NULL AND con_lo IS NOT NULL
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
       jurisdictions,
       CASE WHEN is_excerpt AND jurisdictions > 1 THEN 'excerpt: the jurisdictions at hand, not the whole report' ELSE '' END AS advisory
FROM total
WHERE period BETWEEN $from AND $to
ORDER BY provider, process, period
