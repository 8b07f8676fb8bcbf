-- question: Which figures were changed after they were published?
-- grain: one row per figure and edition that changed it; blanks of one table that were filled alike are one row
-- counts: what the figure counts, see measure and unit
-- leaves out: identical figures in later editions; letters newly released; rows that an excerpt of the newer
--    edition does not have, or that only an excerpt of the older one lacked; what changed between editions
--    that are not at hand
-- trap: a lower end that is raised under the same upper end (kind floor) says that letters were released,
--    not that the number is another one
-- trap: two figures that have no number in common (kind disjoint) cannot both be right under one method
-- trap: a category that is split, merged or renamed (kind regrouped) is no restatement: the same requests stand
--    in other lines
-- trap: the order of editions is that of the periods they cover, not of the days they were fetched
-- trap: announced holds what is on file; a note that nobody recorded reads as silent
-- not for: errors of a publisher (methods change, late requests come in); counting restatements of
--    providers whose editions are not equally at hand
-- param provider provider* = all: providers, or all
-- param kind enum(restated,all,disjoint,floor,other,revision,vanished,appeared,blank,regrouped) = restated:
--    disjoint, no number in common; floor, only the lower end was raised; other, changed but with numbers in
--    common; revision, another figure in a later capture of the same edition; vanished, no longer printed;
--    appeared, printed where the table stood without it; blank, a figure where none was, or the other way
--    round; regrouped, moved to or from other lines; restated is all but regrouped
-- param process process* = all: processes, or all
-- param jurisdiction jurisdiction* = all: who asked, or all
-- param from period = 2009-H1: first half-year that the figure covers
-- param to period = 2099-H2: last half-year that the figure covers
-- param since edition = start: only what changed after this edition, or after this day; start for all
-- param as_of edition = now: what was changed up to this edition, or up to this day
-- column provider: provider's id
-- column service: service
-- column process: legal instrument
-- column measure: what is counted
-- column jurisdiction: who asked; of filled blanks all of them, separated by a space
-- column assisting_jurisdiction: whose authorities passed the requests on; empty for none
-- column customer_class: whose data
-- column period: half-year that the figure covers, or the day of a single letter
-- column kind: see the parameter
-- column from_edition: edition that printed the old figure, or its table without the row
-- column old_low [see unit]: lower end of the old figure; empty when appeared, or blank
-- column old_high [see unit]: upper end
-- column old_printed: the old figure as printed
-- column to_edition: edition that printed the new one, or its table without the row
-- column new_low [see unit]: lower end of the new figure; empty when vanished, or blank
-- column new_high [see unit]: upper end
-- column new_printed: the new figure as printed
-- column low [see unit]: least change, a printed percentage taken as what its rounding allows; of a regrouped
--    line the change together with the lines beside it; empty for floor, where nothing need have changed, and
--    where one of the figures is missing
-- column high [see unit]: most change
-- column unit: unit of the figures
-- column percent_low [percent]: least change in percent of the old figure; empty where low is, and for percentages
-- column percent_high [percent]: most change; empty also when it has no bound, because the old figure may be 0
-- column exactness: of the old figure, and of the new when it differs
-- column direction: up, down, same or indeterminate, from the old figure to the new
-- column announced: announced, when the publisher said so, or a footnote stands at the new figure alone; else silent
-- column known_on: first day on which the change was certainly known
-- column cells [cells]: printed cells behind the row
-- column advisory: what to know before citing the row
-- example: daylight query restated_figures --param provider=microsoft --param kind=disjoint
-- cells: (SELECT *, lag(raw_text) OVER w AS old_text, lead(raw_text) OVER w AS new_text, lead(known_on) OVER w AS changed_on FROM reading
--    WHERE provider = $row_provider AND service = $row_service AND process = $row_process AND measure = $row_measure
--    AND unit = $row_unit AND list_contains(string_split($row_jurisdiction, ' '), jurisdiction)
--    AND assisting_jurisdiction = $row_assisting_jurisdiction AND customer_class = $row_customer_class AND period = $row_period
--    WINDOW w AS (PARTITION BY seq, series_key ORDER BY until_seq > seq, captured_at, ordinal))
--    WHERE CASE WHEN $row_kind = 'revision' THEN edition = $row_to_edition
--    AND (raw_text = $row_old_printed AND new_text = $row_new_printed AND changed_on = $row_known_on::DATE
--    OR raw_text = $row_new_printed AND old_text = $row_old_printed AND known_on = $row_known_on::DATE)
--    ELSE until_seq > seq AND (edition = $row_from_edition AND raw_text = $row_old_printed AND $row_kind <> 'appeared'
--    OR edition = $row_to_edition AND raw_text = $row_new_printed AND $row_kind <> 'vanished') END
WITH k AS (SELECT * FROM moment($as_of)),
z AS (SELECT * FROM moment($since)),
-- What is asked for, whatever edition prints it, without what is only shown of the figures that
-- were changed.
asked AS MATERIALIZED (
    SELECT f.capture_id, f.ordinal, f.series_key, f.seq, f.until_seq, f.replaced_seq, f.gone_seq, f.beside_seq IS NOT NULL AND f.item = '' AS beside,
           f.value_low, f.value_high, f.absent, f.exactness, f.known_on
    FROM standing f
    WHERE ($provider = 'all' OR list_contains(string_split($provider, '|'), f.provider))
      AND ($process = 'all' OR $process = f.process OR list_contains(string_split($process, '|'), f.process))
      AND ($jurisdiction = 'all' OR list_contains(string_split($jurisdiction, '|'), f.jurisdiction))
      AND (f.period BETWEEN $from AND $to OR f.period_kind = 'day')
),
-- Readings of one edition that its later captures replaced, beside the one that followed.
turn AS (
    SELECT a.capture_id, a.ordinal, a.value_low, a.value_high, a.exactness, a.seq, a.until_seq,
           lead(a.capture_id) OVER w AS new_capture, lead(a.ordinal) OVER w AS new_ordinal,
           lead(a.value_low) OVER w AS new_low, lead(a.value_high) OVER w AS new_high, lead(a.exactness) OVER w AS new_exactness,
           lead(a.absent) OVER w AS new_absent, lead(a.known_on) OVER w AS changed_on
    FROM asked a JOIN capture c ON c.id = a.capture_id
    SEMI JOIN (SELECT seq, series_key FROM asked WHERE until_seq = seq) r ON r.seq = a.seq AND r.series_key = a.series_key
    WINDOW w AS (PARTITION BY a.seq, a.series_key ORDER BY a.until_seq > a.seq, c.retrieved_at, a.ordinal)
),
pair AS (
    SELECT o.capture_id, o.ordinal, n.capture_id AS new_capture, n.ordinal AS new_ordinal, n.seq AS new_seq, n.value_low AS new_low, n.value_high AS new_high,
           n.exactness AS new_exactness, n.absent AS new_absent, n.known_on AS changed_on, 'changed' AS how
    FROM asked o
    JOIN asked n ON n.series_key = o.series_key AND n.seq = o.replaced_seq AND n.until_seq > n.seq
    WHERE o.until_seq > o.seq AND (n.value_low IS DISTINCT FROM o.value_low OR n.value_high IS DISTINCT FROM o.value_high OR n.absent <> o.absent)
    UNION ALL
    SELECT o.capture_id, o.ordinal, NULL, NULL, o.gone_seq, NULL, NULL, NULL, o.absent, e.known_from, 'vanished'
    FROM asked o JOIN edition e ON e.seq = o.gone_seq
    WHERE o.until_seq > o.seq AND coalesce(o.replaced_seq > o.gone_seq, true)
    UNION ALL
    SELECT capture_id, ordinal, capture_id, ordinal, seq, value_low, value_high, exactness, absent, known_on, 'appeared'
    FROM asked WHERE beside AND until_seq > seq
    UNION ALL
    SELECT capture_id, ordinal, new_capture, new_ordinal, seq, new_low, new_high, new_exactness, new_absent, changed_on, 'revision'
    FROM turn WHERE until_seq = seq AND (new_low, new_high, new_exactness) IS DISTINCT FROM (value_low, value_high, exactness)
),
seen AS MATERIALIZED (
    SELECT f.* REPLACE (CASE WHEN p.how <> 'appeared' THEN f.value_low END AS value_low, CASE WHEN p.how <> 'appeared' THEN f.value_high END AS value_high),
           p.* EXCLUDE (capture_id, ordinal), row_number() OVER () AS id, starts_with(f.unit, 'percent') AS percent
    FROM pair p CROSS JOIN k CROSS JOIN z
    JOIN standing f ON f.capture_id = p.capture_id AND f.ordinal = p.ordinal
    WHERE CASE WHEN k.day IS NULL THEN p.new_seq <= k.seq ELSE p.changed_on <= k.day END
      AND CASE WHEN z.day IS NOT NULL THEN p.changed_on > z.day WHEN z.seq IS NOT NULL THEN p.new_seq > z.seq ELSE $since = 'start' END
),
-- Lines of the same table, service, period and jurisdiction that came or went with the same edition, and
-- count none of the same requests: a line that lost no more than they have was split, merged or renamed.
beside AS (
    SELECT a.id,
           sum(b.new_low) FILTER (b.how = 'appeared') AS came,
           sum(b.value_low) FILTER (b.how = 'vanished') AS went,
           sum(greatest(b.new_low - b.value_low, 0)) FILTER (b.how = 'changed') AS rose,
           array_to_string(list_sort(list(DISTINCT b.process) FILTER (b.how <> 'changed')), ', ') AS lines
    FROM seen a
    JOIN seen b ON b.new_seq = a.new_seq AND b.source = a.source AND b.report_table = a.report_table AND b.service = a.service AND b.period_start = a.period_start
        AND b.period_end = a.period_end AND b.jurisdiction = a.jurisdiction AND b.assisting_jurisdiction = a.assisting_jurisdiction
        AND b.customer_class = a.customer_class AND b.measure = a.measure AND b.unit = a.unit AND b.process <> a.process
    ANTI JOIN process_overlap x ON x.provider = a.provider AND x.process = a.process AND x.other = b.process
    WHERE a.how <> 'revision' AND b.how <> 'revision' AND NOT a.percent AND NOT a.absent AND NOT b.absent AND a.item = '' AND b.item = ''
      AND a.value_low IS NOT DISTINCT FROM a.value_high AND a.new_low IS NOT DISTINCT FROM a.new_high
      AND b.value_low IS NOT DISTINCT FROM b.value_high AND b.new_low IS NOT DISTINCT FROM b.new_high
    GROUP BY a.id
),
other_line AS MATERIALIZED (
    SELECT s.id, s.source, s.report_table, s.service, s.period_start, s.period_end, s.jurisdiction, s.customer_class, s.process, s.measure, s.new_seq, s.how, s.new_low, b.lines,
           CASE WHEN s.how = 'changed' AND s.new_low < s.value_low THEN s.new_low + b.came - s.value_low
                WHEN s.how = 'changed' THEN s.new_low - b.went - s.value_low END AS whole,
           CASE s.how WHEN 'vanished' THEN s.value_low > 0 AND s.value_low <= coalesce(b.came, 0) + coalesce(b.rose, 0)
                      WHEN 'changed' THEN CASE WHEN s.new_low < s.value_low THEN s.value_low <= s.new_low + b.came ELSE s.new_low <= s.value_low + b.went END END AS taken
    FROM seen s JOIN beside b USING (id)
),
moved AS MATERIALIZED (
    SELECT * FROM other_line WHERE taken
    UNION ALL
    SELECT o.* FROM other_line o
    SEMI JOIN (SELECT * FROM other_line WHERE taken) t ON t.source = o.source AND t.report_table = o.report_table AND t.service = o.service AND t.period_start = o.period_start
        AND t.period_end = o.period_end AND t.jurisdiction = o.jurisdiction AND t.customer_class = o.customer_class AND t.measure = o.measure AND t.new_seq = o.new_seq
    WHERE o.how = 'appeared' AND o.new_low > 0
),
judged AS (
    SELECT s.*, f.raw_text AS old_printed, g.raw_text AS new_printed, e.name AS to_edition, m.whole, coalesce(m.lines, l.lines) AS lines,
           CASE WHEN s.how = 'appeared' THEN q.name ELSE s.edition END AS from_edition,
           CASE WHEN r.title IS NOT NULL OR list_contains(g.quality_flags, 'footnote_mark') AND NOT list_contains(f.quality_flags, 'footnote_mark')
                THEN 'announced' ELSE 'silent' END AS announced, r.title AS note,
           CASE WHEN m.id IS NOT NULL OR l.process IS NOT NULL AND s.how <> 'revision' THEN 'regrouped'
                WHEN s.how <> 'changed' THEN s.how
                WHEN s.absent OR s.new_absent THEN 'blank'
                WHEN iv_meet(s.value_low, s.value_high, s.new_low, s.new_high).low IS NULL THEN 'disjoint'
                WHEN s.new_high = s.value_high AND s.new_low > s.value_low THEN 'floor'
                ELSE 'other' END AS kind
    FROM seen s
    JOIN edition e ON e.seq = s.new_seq
    JOIN figure f ON f.capture_id = s.capture_id AND f.ordinal = s.ordinal
    LEFT JOIN figure g ON g.capture_id = s.new_capture AND g.ordinal = s.new_ordinal
    LEFT JOIN edition q ON q.seq = s.beside_seq
    LEFT JOIN moved m USING (id)
    -- A percentage, and what else is counted of a line, are of other requests when the line is.
    LEFT JOIN (SELECT source, report_table, service, period_start, period_end, jurisdiction, customer_class, process, new_seq, max(lines) AS lines FROM moved GROUP BY ALL) l
        ON l.source = s.source AND l.report_table = s.report_table AND l.service = s.service AND l.period_start = s.period_start AND l.period_end = s.period_end
       AND l.jurisdiction = s.jurisdiction AND l.customer_class = s.customer_class AND l.process = s.process AND l.new_seq = s.new_seq
    LEFT JOIN restatement_note r ON r.provider = s.provider AND r.process IN ('', s.process) AND r.measure IN ('', s.measure)
        AND r.jurisdiction IN ('', s.jurisdiction) AND r.period = s.period AND s.how <> 'revision'
    WHERE CASE s.how WHEN 'vanished' THEN NOT e.is_excerpt OR m.id IS NOT NULL
                     WHEN 'appeared' THEN NOT q.is_excerpt OR m.id IS NOT NULL OR l.process IS NOT NULL ELSE true END
),
-- Blanks that were filled alike are one row.
told AS (
    SELECT CASE WHEN kind <> 'blank' THEN id END AS one, provider, service, process, measure, array_to_string(list_sort(list(jurisdiction)), ' ') AS jurisdiction, assisting_jurisdiction, customer_class, period, period_start, kind, how,
           coalesce(from_edition, '') AS from_edition, any_value(CASE WHEN NOT absent THEN value_low END) AS old_low, any_value(CASE WHEN NOT absent THEN value_high END) AS old_high,
           CASE how WHEN 'appeared' THEN '' ELSE old_printed END AS old_printed,
           to_edition, any_value(CASE WHEN NOT new_absent THEN new_low END) AS new_low, any_value(CASE WHEN NOT new_absent THEN new_high END) AS new_high, coalesce(new_printed, '') AS new_printed,
           unit, percent, exactness::VARCHAR AS exactness, new_exactness::VARCHAR AS new_exactness, announced, note, max(changed_on) AS known_on,
           any_value(whole) AS whole, max(lines) AS lines, sum(CASE WHEN how IN ('vanished', 'appeared') THEN 1 ELSE 2 END)::BIGINT AS cells
    FROM judged
    GROUP BY ALL
),
answer AS (
    SELECT *, iv_diff(old_low, old_high, new_low, new_high) AS d, iv_pct(old_low, old_high, new_low, new_high) AS p,
           kind IN ('disjoint', 'other', 'revision') AND old_low IS NOT NULL AND new_low IS NOT NULL AS counted
    FROM told
)
SELECT provider, service, process, measure, jurisdiction, assisting_jurisdiction, customer_class::VARCHAR AS customer_class, period, kind,
       from_edition, old_low, old_high, old_printed, to_edition, new_low, new_high, new_printed,
       CASE WHEN kind = 'regrouped' THEN whole WHEN counted THEN d.low END AS low, CASE WHEN kind = 'regrouped' THEN whole WHEN counted THEN d.high END AS high, unit,
       CASE WHEN counted AND NOT percent THEN p.low END AS percent_low, CASE WHEN counted AND NOT percent THEN p.high END AS percent_high,
       CASE WHEN new_exactness <> exactness THEN exactness || ' ' || new_exactness ELSE exactness END AS exactness,
       CASE WHEN kind <> 'regrouped' THEN iv_dir(old_low, old_high, new_low, new_high) END AS direction, announced, known_on, cells,
       concat_ws(' | ',
           CASE kind WHEN 'floor' THEN 'only the lower end was raised: the number need not be another'
                     WHEN 'disjoint' THEN 'no number fits both figures'
                     WHEN 'vanished' THEN 'the newer edition prints the table without the row'
                     WHEN 'appeared' THEN 'the older edition printed the table without the row'
                     WHEN 'revision' THEN 'a later capture of the same edition prints another figure'
                     WHEN 'blank' THEN CASE WHEN new_printed = '0' THEN 'the 0 stands where no figure was reported' ELSE 'printed without a figure in one of the editions' END
                     WHEN 'regrouped' THEN 'no restatement: the same requests stand in other lines as well, or instead: ' || lines
                         || CASE WHEN whole = 0 THEN '; together they are as many as before'
                                 WHEN whole IS NOT NULL THEN '; together they are ' || printf('%+d', whole::BIGINT) || ', as a request may stand in two of them' ELSE '' END END,
           note) AS advisory
FROM answer
WHERE kind = $kind OR $kind = 'all' OR $kind = 'restated' AND kind <> 'regrouped'
ORDER BY provider, service, process, measure, period_start, jurisdiction, from_edition, to_edition, unit
