-- question: What does an edition say otherwise than another one of the same report?
-- grain: one row per figure that only one of the two editions prints, or that they print differently; one row
--    per report for all that they print alike (kind unchanged)
-- counts: what the figure counts, see measure and unit
-- leaves out: what earlier captures of either edition printed; figures of other reports
-- trap: a report that is brought out anew each half-year prints each half-year once: there, everything differs
-- trap: an excerpt does not print what it left out, and kind says only_older or only_newer of it
-- trap: two figures that have no number in common (kind disjoint) cannot both be right under one method
-- not for: what is known now, which rests on all editions; see restated_figures for what was changed, and how
-- param provider provider* = all: providers, or all
-- param older one_edition = before: edition to compare with, its name or label; before is the one before the newer
-- param newer one_edition = newest: edition that is compared, its name or label; newest is that of each report
-- param kind enum(changed,all,only_older,only_newer,disjoint,floor,other,blank,unchanged) = changed: only_older and
--    only_newer, printed in one alone; disjoint, no number in common; floor, only the lower end is another; other, other
--    bounds with numbers in common; blank, a figure in one of them alone; unchanged, how many are the same;
--    changed is all but the first two
-- param process process* = all: processes, or all
-- param jurisdiction jurisdiction* = all: who asked, or all
-- param as_of edition = now: newest and before are those known with this edition, or on this day
-- column provider: provider's id
-- column older: edition that is compared with
-- column newer: edition that is compared
-- column kind: see the parameter
-- column service: service; empty for unchanged, as are all but the cells that follow
-- column process: legal instrument
-- column measure: what is counted
-- column jurisdiction: who asked
-- column assisting_jurisdiction: whose authorities passed the request on; empty for none
-- column customer_class: whose data
-- column period: half-year that the figure covers, or the day of a single letter
-- column old_low [see unit]: lower end in the older edition; empty when it prints none
-- column old_high [see unit]: upper end
-- column old_printed: as printed
-- column new_low [see unit]: lower end in the newer edition; empty when it prints none
-- column new_high [see unit]: upper end
-- column new_printed: as printed
-- column low [see unit]: least change from the older to the newer; empty for floor and where one has no figure
-- column high [see unit]: most change
-- column unit: unit of the figures
-- column exactness: in the older edition, and in the newer when it differs
-- column direction: up, down, same or indeterminate, from the older to the newer
-- column cells [cells]: printed cells behind the row
-- column advisory: what to know before citing the row
-- example: daylight query edition_differences --param older=microsoft/usnsor/2021-H2 --param newer=microsoft/usnsor/2023-H1
-- cells: (SELECT s.*, coalesce(t.value_low IS NOT DISTINCT FROM s.value_low AND t.value_high IS NOT DISTINCT FROM s.value_high
--    AND t.absent = s.absent, false) AS alike
--    FROM standing s LEFT JOIN standing t ON t.series_key = s.series_key AND t.until_seq > t.seq AND t.edition <> s.edition
--    AND t.edition IN ($row_older, $row_newer)
--    WHERE s.until_seq > s.seq AND s.edition IN ($row_older, $row_newer)
--    AND ($process = 'all' OR list_contains(string_split($process, '|'), s.process))
--    AND ($jurisdiction = 'all' OR list_contains(string_split($jurisdiction, '|'), s.jurisdiction)))
--    WHERE CASE $row_kind WHEN 'unchanged' THEN alike ELSE NOT alike AND service = $row_service AND process = $row_process
--    AND measure = $row_measure AND unit = $row_unit AND jurisdiction = $row_jurisdiction
--    AND assisting_jurisdiction = $row_assisting_jurisdiction AND customer_class = $row_customer_class AND period = $row_period
--    AND (item = '' OR item IN ($row_old_printed, $row_new_printed)) END
WITH known AS (
    SELECT e.name, e.source, e.label, e.seq, e.is_excerpt, split_part(e.source, '/', 1) AS provider,
           row_number() OVER (PARTITION BY e.source ORDER BY e.seq DESC) AS age
    FROM edition e CROSS JOIN moment($as_of) k
    WHERE CASE WHEN k.day IS NULL THEN e.seq <= k.seq ELSE e.known_from <= k.day END
),
chosen AS MATERIALIZED (
    SELECT n.provider, n.source, o.name AS older, o.seq AS old_seq, o.is_excerpt AS old_excerpt, n.name AS newer, n.seq AS new_seq, n.is_excerpt AS new_excerpt
    FROM known n JOIN known o ON o.source = n.source AND o.seq <> n.seq
    WHERE CASE $newer WHEN 'newest' THEN n.age = 1 ELSE $newer IN (n.name, n.label) END
      AND CASE $older WHEN 'before' THEN o.age = n.age + 1 ELSE $older IN (o.name, o.label) END
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), n.provider))
),
-- The figures of both editions, without what is only shown of those that differ.
printed AS MATERIALIZED (
    SELECT s.seq, s.series_key, s.value_low AS low, s.value_high AS high, s.absent, s.exactness, s.capture_id, s.ordinal
    FROM standing s
    WHERE s.until_seq > s.seq AND s.seq IN (SELECT unnest([old_seq, new_seq]) FROM chosen)
      AND ($process = 'all' OR list_contains(string_split($process, '|'), s.process))
      AND ($jurisdiction = 'all' OR list_contains(string_split($jurisdiction, '|'), s.jurisdiction))
),
pair AS (
    SELECT coalesce(a.old_seq, b.old_seq) AS old_seq, coalesce(a.new_seq, b.new_seq) AS new_seq, a.seq IS NOT NULL AS in_older, b.seq IS NOT NULL AS in_newer,
           a.low AS old_low, a.high AS old_high, a.absent AS old_absent, a.exactness AS old_exactness, a.capture_id AS old_capture, a.ordinal AS old_ordinal,
           b.low AS new_low, b.high AS new_high, b.absent AS new_absent, b.exactness AS new_exactness, b.capture_id AS new_capture, b.ordinal AS new_ordinal
    FROM (SELECT c.old_seq, c.new_seq, p.* FROM chosen c JOIN printed p ON p.seq = c.old_seq) a
    FULL JOIN (SELECT c.old_seq, c.new_seq, p.* FROM chosen c JOIN printed p ON p.seq = c.new_seq) b
        ON b.old_seq = a.old_seq AND b.new_seq = a.new_seq AND b.series_key = a.series_key
),
judged AS MATERIALIZED (
    SELECT *, CASE WHEN NOT in_older THEN 'only_newer'
                   WHEN NOT in_newer THEN 'only_older'
                   WHEN old_low IS NOT DISTINCT FROM new_low AND old_high IS NOT DISTINCT FROM new_high AND old_absent = new_absent THEN 'unchanged'
                   WHEN old_absent OR new_absent THEN 'blank'
                   WHEN iv_meet(old_low, old_high, new_low, new_high).low IS NULL THEN 'disjoint'
                   WHEN old_high = new_high THEN 'floor'
                   ELSE 'other' END AS kind
    FROM pair
)
SELECT c.provider, c.older, c.newer, j.kind, f.service, f.process, f.measure, f.jurisdiction,
       f.assisting_jurisdiction, f.customer_class::VARCHAR AS customer_class, f.period,
       CASE WHEN NOT j.old_absent THEN j.old_low END AS old_low, CASE WHEN NOT j.old_absent THEN j.old_high END AS old_high, coalesce(a.raw_text, '') AS old_printed,
       CASE WHEN NOT j.new_absent THEN j.new_low END AS new_low, CASE WHEN NOT j.new_absent THEN j.new_high END AS new_high, coalesce(b.raw_text, '') AS new_printed,
       CASE WHEN j.kind IN ('disjoint', 'other') THEN iv_diff(j.old_low, j.old_high, j.new_low, j.new_high).low END AS low,
       CASE WHEN j.kind IN ('disjoint', 'other') THEN iv_diff(j.old_low, j.old_high, j.new_low, j.new_high).high END AS high,
       f.unit, CASE WHEN j.old_exactness <> j.new_exactness THEN j.old_exactness || ' ' || j.new_exactness ELSE f.exactness::VARCHAR END AS exactness,
       CASE WHEN j.kind IN ('disjoint', 'floor', 'other') THEN iv_dir(j.old_low, j.old_high, j.new_low, j.new_high) END AS direction,
       (j.in_older::INTEGER + j.in_newer::INTEGER)::BIGINT AS cells,
       CASE j.kind WHEN 'disjoint' THEN 'no number fits both figures'
                   WHEN 'floor' THEN 'only the lower end is another: the number need not be'
                   WHEN 'only_older' THEN CASE WHEN c.new_excerpt THEN 'only an excerpt of the newer edition is at hand' ELSE '' END
                   WHEN 'only_newer' THEN CASE WHEN c.old_excerpt THEN 'only an excerpt of the older edition is at hand' ELSE '' END
                   ELSE '' END AS advisory
FROM judged j
JOIN chosen c USING (old_seq, new_seq)
JOIN standing f ON f.capture_id = coalesce(j.old_capture, j.new_capture) AND f.ordinal = coalesce(j.old_ordinal, j.new_ordinal)
LEFT JOIN figure a ON a.capture_id = j.old_capture AND a.ordinal = j.old_ordinal
LEFT JOIN figure b ON b.capture_id = j.new_capture AND b.ordinal = j.new_ordinal
WHERE j.kind <> 'unchanged' AND ($kind IN ('all', j.kind) OR $kind = 'changed' AND j.in_older AND j.in_newer)
UNION ALL
SELECT c.provider, c.older, c.newer, 'unchanged', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       (2 * count(j.kind))::BIGINT, CASE WHEN count(j.kind) = 0 THEN 'no figure stands in both editions with the same bounds' ELSE count(j.kind) || ' figures stand in both editions with the same bounds' END
FROM chosen c LEFT JOIN judged j ON j.old_seq = c.old_seq AND j.new_seq = c.new_seq AND j.kind = 'unchanged'
WHERE $kind IN ('all', 'changed', 'unchanged')
GROUP BY c.provider, c.older, c.newer
ORDER BY provider, older, newer, service NULLS LAST, process, measure, period, jurisdiction, assisting_jurisdiction, customer_class, old_printed, new_printed
