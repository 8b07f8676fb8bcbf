-- The findings whose scope holds some of the figures. $keys is as in figures.sql.
WITH wanted AS (
    SELECT split_part(x, '/', 1)::INTEGER AS capture_id, split_part(x, '/', 2)::INTEGER AS ordinal
    FROM (SELECT unnest(string_split($keys, '|')) AS x)
)
SELECT f.capture_id::BIGINT AS capture_id, f.ordinal::BIGINT AS ordinal, n.check_name, n.status, n.hold, n.expected, n.found, n.detail, n.pin, n.run
FROM finding n
JOIN figure f ON f.capture_id = n.capture_id
SEMI JOIN wanted w ON w.capture_id = f.capture_id AND w.ordinal = f.ordinal
WHERE (n.service = '' OR n.service = f.service)
  AND (n.process = '' OR n.process = f.process OR list_contains(n.also_process, f.process))
  AND (len(n.measures) = 0 OR list_contains(n.measures, f.measure))
  AND (n.period_start IS NULL OR n.period_start = f.period_start AND n.period_end = f.period_end)
  AND (n.jurisdiction = '' OR n.jurisdiction = f.jurisdiction)
ORDER BY f.capture_id, f.ordinal, n.check_name, n.detail
