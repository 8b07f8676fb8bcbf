-- question: Which figures were changed after they were published?
-- grain: one row per figure and edition that changed it
-- counts: what the figure counts, see measure and unit
-- leaves out: identical figures in later editions; figures that were first withheld or left blank and came
--    later, or the other way round; a file that was changed without a new edition (older readings stand in
--    table figure); what changed between editions that are not at hand
-- trap: a lower end that is raised under the same upper end (kind floor) says that letters were released,
--    not that the number is another one
-- trap: two figures that have no number in common (kind disjoint) cannot both be right under one method
-- trap: the order of editions is that of the periods they cover, not of the days they were fetched
-- not for: errors of a publisher (methods change, late requests come in); counting restatements of
--    providers whose editions are not equally at hand
-- param provider provider* = all: providers, or all
-- param kind enum(all,disjoint,floor,other,vanished) = all: disjoint, no number in common; floor, only the lower
--    end was raised; other, changed but with numbers in common; vanished, no longer printed
-- param process process* = all: processes, or all
-- param jurisdiction jurisdiction* = all: who asked, or all
-- param from period = 2009-H1: first half-year that the figure covers
-- param to period = 2099-H2: last half-year that the figure covers
-- param as_of edition = now: what was changed up to this edition
-- column provider: provider's id
-- column service: service
-- column process: legal instrument
-- column measure: what is counted
-- column jurisdiction: who asked
-- column customer_class: whose data
-- column period: half-year that the figure covers, or the day of a single letter
-- column kind: disjoint, floor, other or vanished
-- column from_edition: edition that printed the old figure
-- column old_low [see unit]: lower end of the old figure
-- column old_high [see unit]: upper end
-- column old_printed: the old figure as printed
-- column to_edition: edition that printed the new one, or its table without the row
-- column new_low [see unit]: lower end of the new figure; empty when vanished
-- column new_high [see unit]: upper end
-- column new_printed: the new figure as printed
-- column low [see unit]: least change, a printed percentage taken as what its rounding allows; empty for
--    floor, where nothing need have changed, and for vanished
-- column high [see unit]: most change
-- column unit: unit of the figures
-- column exactness: of the old figure, and of the new when it differs
-- column direction: up, down, same or indeterminate, from the old figure to the new
-- column cells [cells]: printed cells behind the row
-- column advisory: what to know before citing the row
-- example: daylight query restated_figures --param provider=microsoft --param kind=disjoint
WITH known AS (
    SELECT max(known_seq) AS seq FROM edition WHERE $as_of IN ('now', name, label)
),
old AS (
    SELECT f.*, k.seq AS known
    FROM standing f CROSS JOIN known k
    WHERE f.until_seq <= k.seq AND NOT f.absent
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), f.provider))
      AND ($process = 'all' OR list_contains(string_split($process, '|'), f.process))
      AND ($jurisdiction = 'all' OR list_contains(string_split($jurisdiction, '|'), f.jurisdiction))
      AND (f.period BETWEEN $from AND $to OR f.period_kind = 'day')
),
changed AS (
    SELECT o.*, n.capture_id AS new_capture, n.ordinal AS new_ordinal, n.seq AS new_seq,
           n.value_low AS new_low, n.value_high AS new_high, n.exactness AS new_exactness
    FROM old o
    JOIN standing n ON n.seq = o.replaced_seq AND n.provider = o.provider AND n.service = o.service
        AND n.period_start = o.period_start AND n.period_end = o.period_end AND n.jurisdiction = o.jurisdiction
        AND n.assisting_jurisdiction = o.assisting_jurisdiction AND n.requester_level = o.requester_level
        AND n.customer_class = o.customer_class AND n.process = o.process AND n.measure = o.measure AND n.unit = o.unit AND n.item = o.item
    WHERE o.replaced_seq <= o.known AND NOT n.absent
      AND (n.value_low <> o.value_low OR n.value_high IS DISTINCT FROM o.value_high)
    UNION ALL
    SELECT o.*, NULL, NULL, o.gone_seq, NULL, NULL, NULL
    FROM old o
    WHERE o.gone_seq <= o.known AND coalesce(o.replaced_seq > o.gone_seq, true)
),
pair AS (
    SELECT c.* EXCLUDE (exactness, new_exactness), c.exactness::VARCHAR AS exactness, c.new_exactness::VARCHAR AS new_exactness,
           f.raw_text AS old_printed, g.raw_text AS new_printed, e.name AS to_edition, e.is_excerpt AS to_excerpt,
           iv(c.value_low, c.value_high) AS a,
           iv(c.new_low, c.new_high) AS b
    FROM changed c
    JOIN figure f ON f.capture_id = c.capture_id AND f.ordinal = c.ordinal
    LEFT JOIN figure g ON g.capture_id = c.new_capture AND g.ordinal = c.new_ordinal
    JOIN edition e ON e.seq = c.new_seq
),
judged AS (
    SELECT *, CASE WHEN new_capture IS NULL THEN 'vanished'
                   WHEN iv_meet(a.low, a.high, b.low, b.high).low IS NULL THEN 'disjoint'
                   WHEN new_high = value_high AND new_low > value_low THEN 'floor'
                   ELSE 'other' END AS kind
    FROM pair
)
SELECT provider, service, process, measure, jurisdiction, customer_class, period, kind,
       edition AS from_edition, value_low AS old_low, value_high AS old_high, old_printed,
       to_edition, new_low, new_high, coalesce(new_printed, '') AS new_printed,
       CASE WHEN kind IN ('disjoint', 'other') THEN iv_diff(a.low, a.high, b.low, b.high).low END AS low,
       CASE WHEN kind IN ('disjoint', 'other') THEN iv_diff(a.low, a.high, b.low, b.high).high END AS high,
       unit, CASE WHEN new_exactness <> exactness THEN exactness || ' ' || new_exactness ELSE exactness END AS exactness,
       iv_dir(a.low, a.high, b.low, b.high) AS direction, CASE kind WHEN 'vanished' THEN 1 ELSE 2 END AS cells,
       CASE kind WHEN 'floor' THEN 'only the lower end was raised: the number need not be another'
                 WHEN 'disjoint' THEN 'no number fits both figures'
                 WHEN 'vanished' THEN 'the newer edition prints the table without the row'
                     || CASE WHEN to_excerpt THEN ', but only an excerpt of it is at hand' ELSE '' END
                 ELSE '' END AS advisory
FROM judged
WHERE $kind IN ('all', kind)
ORDER BY provider, service, process, measure, jurisdiction, period_start, from_edition
