-- Every reading of some series, in the order of the editions, and within one in that of the
-- captures: what each edition prints, whether it stands, and by how much it moved against the
-- reading before. $series is a list of series keys, separated by |.
WITH wanted AS (
    SELECT DISTINCT x::UBIGINT AS series_key FROM (SELECT unnest(string_split($series, '|')) AS x)
),
-- What newer readings of the same bytes stand beside: such a reading is named with its time.
twin AS (
    SELECT DISTINCT a.id AS capture_id, f.ordinal
    FROM capture a
    JOIN capture b ON b.sha256 = a.sha256 AND b.source = a.source AND b.edition = a.edition AND (b.retrieved_at, b.id) > (a.retrieved_at, a.id)
    JOIN figure f ON f.capture_id = b.id
),
reading AS (
    SELECT f.series_key, f.capture_id::BIGINT AS capture_id, f.ordinal::BIGINT AS ordinal,
           left(k.sha256, 12) || CASE WHEN n.capture_id IS NULL THEN '' ELSE strftime(make_timestamp(epoch_us(k.retrieved_at)), '@%Y-%m-%dT%H:%M:%SZ') END || '/' || f.ordinal AS figure,
           k.edition, f.revision::BIGINT AS revision, e.published_on, k.retrieved_at AS captured_at, CAST(k.trust AS VARCHAR) AS trust,
           f.value_low AS low, f.value_high AS high,
           -- A printed percentage is what its rounding allows.
           CASE f.unit WHEN 'percent_rounded' THEN iv_rounded(f.value_low) ELSE iv(f.value_low, f.value_high) END AS iv, CAST(f.exactness AS VARCHAR) AS exactness, f.raw_text, f.locator,
           CASE WHEN f.superseded_at IS NOT NULL THEN 'superseded'
                WHEN t.until_seq = 2147483647 THEN 'current'
                WHEN t.replaced_seq IS NOT NULL THEN 'printed again in ' || r.name
                WHEN t.gone_seq IS NOT NULL THEN 'no longer printed in ' || g.name
                ELSE '' END AS state,
           e.seq
    FROM figure f
    SEMI JOIN wanted w ON w.series_key = f.series_key
    JOIN capture k ON k.id = f.capture_id
    JOIN edition e ON e.name = k.edition
    LEFT JOIN twin n ON n.capture_id = f.capture_id AND n.ordinal = f.ordinal
    LEFT JOIN standing t ON t.capture_id = f.capture_id AND t.ordinal = f.ordinal
    LEFT JOIN edition r ON r.seq = t.replaced_seq
    LEFT JOIN edition g ON g.seq = t.gone_seq
),
placed AS (
    SELECT *, lag(iv) OVER w AS old,
           -- The same figure again did not move, though a band against itself might have.
           row_number() OVER w > 1 AND (low IS DISTINCT FROM lag(low) OVER w OR high IS DISTINCT FROM lag(high) OVER w
                                        OR exactness <> lag(exactness) OVER w) AS moved
    FROM reading
    WINDOW w AS (PARTITION BY series_key ORDER BY seq, captured_at, revision)
)
SELECT series_key, capture_id, ordinal, figure, edition, revision, published_on, captured_at, trust, low, high,
       iv_text(low, high) AS value_text, exactness, raw_text, locator, state, moved,
       CASE WHEN moved THEN iv_diff(old.low, old.high, iv.low, iv.high).low END AS move_low,
       CASE WHEN moved THEN iv_diff(old.low, old.high, iv.low, iv.high).high END AS move_high,
       CASE WHEN moved THEN iv_dir(old.low, old.high, iv.low, iv.high) END AS direction,
       moved AND old.low IS NOT NULL AND iv.low IS NOT NULL AND iv_meet(old.low, old.high, iv.low, iv.high).low IS NULL AS apart
FROM placed
ORDER BY series_key, seq, captured_at, revision
