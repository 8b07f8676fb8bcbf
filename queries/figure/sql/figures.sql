-- The figures that are asked for: what stands in view observation, and what their captures,
-- editions and reports say. One row for each figure, in printed order. $keys is a list of
-- capture_id/ordinal, separated by |; $capture_id is a capture of which all figures are wanted,
-- 0 for none.
WITH wanted AS (
    SELECT split_part(x, '/', 1)::INTEGER AS capture_id, split_part(x, '/', 2)::INTEGER AS ordinal
    FROM (SELECT unnest(string_split($keys, '|')) AS x) WHERE x <> ''
    UNION ALL
    SELECT capture_id, ordinal FROM figure WHERE capture_id = $capture_id
)
SELECT k.id::BIGINT AS capture_id, left(k.sha256, 12) || '/' || f.ordinal AS figure,
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
JOIN edition e ON e.name = k.edition
JOIN source s ON s.source = k.source
LEFT JOIN process p ON p.code = f.process
LEFT JOIN measure m ON m.code = f.measure
ORDER BY f.capture_id, f.ordinal
