-- The findings whose scope holds some of the figures. $keys is as in figures.sql.
SELECT f.capture_id::BIGINT AS capture_id, f.ordinal::BIGINT AS ordinal, n.check_name, n.status, n.hold, n.expected, n.found, n.detail, n.pin, n.run
FROM figure f
JOIN finding n ON n.capture_id = f.capture_id
WHERE (f.capture_id = $capture_id
       OR (f.capture_id, f.ordinal) IN (SELECT (split_part(x, '/', 1)::INTEGER, split_part(x, '/', 2)::INTEGER)
                                        FROM (SELECT unnest(string_split($keys, '|')) AS x) WHERE x <> ''))
  AND (n.service = '' OR n.service = f.service)
  AND (n.process = '' OR n.process = f.process OR list_contains(n.also_process, f.process))
  AND (len(n.measures) = 0 OR list_contains(n.measures, f.measure))
  AND (n.period_start IS NULL OR n.period_start = f.period_start AND n.period_end = f.period_end)
  AND (n.jurisdiction = '' OR n.jurisdiction = f.jurisdiction)
ORDER BY f.capture_id, f.ordinal, n.check_name, n.detail
