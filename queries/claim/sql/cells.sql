-- The printed cells that the sum of a subject in one period stands on.
SELECT l.figure, l.period, r.edition, s.title, r.service, r.jurisdiction, r.process, r.measure, r.unit,
       r.value_low, r.value_high, r.exactness, r.raw_text, r.raw_label, r.report_table, r.locator,
       r.capture, c.name AS file, coalesce(nullif(c.final_url, ''), c.url) AS url,
       r.captured_at, CAST(c.trust AS VARCHAR) AS trust,
       -- What older editions print for the same series, where it is something else.
       (SELECT string_agg(DISTINCT o.raw_text || ' in ' || o.edition, ', ') FROM reading o
        WHERE o.series_key = r.series_key AND o.seq < r.seq
          AND (o.value_low IS DISTINCT FROM r.value_low OR o.value_high IS DISTINCT FROM r.value_high)) AS earlier
FROM asked_cells($figures, providers := $provider, jurisdictions := $jurisdiction, grp := $group, upto := $as_of) l
JOIN reading r ON r.capture_id = l.capture_id AND r.ordinal = l.ordinal
JOIN capture c ON c.id = l.capture_id
JOIN source s ON s.source = r.source
WHERE NOT l.absent AND l.period BETWEEN $from AND $to
ORDER BY l.period, r.edition, r.report_table, l.capture_id, l.ordinal
