-- The figures that are asked for: what stands in view observation, and what their captures,
-- editions and reports say. One row for each figure, in printed order. $keys is a list of
-- capture_id/ordinal, separated by |; $capture_id is a capture of which all figures are wanted,
-- 0 for none.
WITH wanted AS (
    SELECT split_part(x, '/', 1)::INTEGER AS capture_id, split_part(x, '/', 2)::INTEGER AS ordinal
    FROM (SELECT unnest(string_split($keys, '|')) AS x) WHERE x <> ''
    UNION ALL
    SELECT capture_id, ordinal FROM figure WHERE capture_id = $capture_id
),
-- What newer readings of the same bytes stand beside: such a reading is named with its time.
twin AS (
    SELECT DISTINCT a.id AS capture_id, f.ordinal
    FROM capture a
    JOIN capture b ON b.sha256 = a.sha256 AND b.source = a.source AND b.edition = a.edition AND (b.retrieved_at, b.id) > (a.retrieved_at, a.id)
    JOIN figure f ON f.capture_id = b.id
)
SELECT k.id::BIGINT AS capture_id,
       left(k.sha256, 12) || CASE WHEN n.capture_id IS NULL THEN '' ELSE strftime(make_timestamp(epoch_us(k.retrieved_at)), '@%Y-%m-%dT%H:%M:%SZ') END || '/' || f.ordinal AS figure,
       period_label(f.period_start, f.period_end) AS period, iv_text(f.value_low, f.value_high) AS value_text,
       k.name AS file, k.url, k.final_url, CAST(k.trust AS VARCHAR) AS trust, k.loaded_by,
       e.published_on, s.title, s.page, s.licence, p.title AS process_title, m.title AS measure_title,
       k.provider, f.service, k.source, k.edition, f.revision::BIGINT AS revision, f.period_start, f.period_end,
       CAST(f.period_kind AS VARCHAR) AS period_kind, f.jurisdiction, CAST(f.requester_level AS VARCHAR) AS requester_level,
       CAST(f.customer_class AS VARCHAR) AS customer_class, f.process, f.measure, f.unit, f.value_low, f.value_high,
       CAST(f.exactness AS VARCHAR) AS exactness, f.band_scheme, CAST(f.basis AS VARCHAR) AS basis, f.raw_text, f.raw_label,
       f.locator, k.sha256 AS capture, f.quality_flags, f.series_key, f.assisting_jurisdiction, f.item, f.report_table,
       f.high_inclusive, f.floor_raised, f.footnotes, f.ordinal::BIGINT AS ordinal, k.retrieved_at AS captured_at, f.superseded_at
FROM figure f
SEMI JOIN wanted w ON w.capture_id = f.capture_id AND w.ordinal = f.ordinal
JOIN capture k ON k.id = f.capture_id
LEFT JOIN twin n ON n.capture_id = f.capture_id AND n.ordinal = f.ordinal
JOIN edition e ON e.name = k.edition
JOIN source s ON s.source = k.source
LEFT JOIN process p ON p.code = f.process
LEFT JOIN measure m ON m.code = f.measure
ORDER BY f.capture_id, f.ordinal
