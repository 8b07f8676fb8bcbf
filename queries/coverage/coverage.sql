-- question: Which half-years do we hold, from which provider and source?
-- grain: one row per source and period
-- counts: printed cells of the newest editions, whatever they count
-- leaves out: figures that a newer edition of the same series has replaced; single letters, which
--    have a day and no period
-- trap: a missing row says that daylight holds nothing, not that nothing was published
-- trap: a cell may hold no figure: withheld, left blank and ruled out count as cells, so compare
--    figures with figures_with_value
-- not for: concluding that a provider published nothing (a missing row says that daylight holds
--    nothing); counting restatements
-- param provider provider* = all: providers, or all
-- param source source* = all: report series, or all
-- param as_of edition = now: what was held when this edition was the newest
-- column provider: provider's id
-- column source: report series
-- column period: period label
-- column low [cells]: printed cells of the newest editions, those without a value included
-- column high [cells]: the same number
-- column direction: up, down or same against the period before; empty where that is missing
-- column cells [cells]: the same number
-- column figures_with_value [cells]: of these, cells with a value (not withheld, left blank or ruled out)
-- column jurisdictions [jurisdictions]: how many jurisdictions
-- column exactness: of the cells
-- column newest_edition: newest edition that covers the period
-- column is_excerpt: true when every figure comes from an excerpt
-- column advisory: what to know before citing the row
-- example: daylight query coverage --param provider=apple
-- cells: standing_at($as_of) f
--    WHERE f.period_kind <> 'day'
--    AND f.provider = $row_provider AND f.source = $row_source AND f.period = $row_period
WITH held AS (
    SELECT f.provider, f.source, f.period, f.period_start, f.period_end, count(*) AS cells, count(f.value_low) AS with_value,
           count(DISTINCT f.jurisdiction) AS jurisdictions, arg_max(f.edition, f.seq) AS newest_edition, bool_and(e.is_excerpt) AS is_excerpt,
           array_to_string(list_sort(list_distinct(list(f.exactness::VARCHAR))), ' ') AS exactness
    FROM standing_at($as_of) f
    JOIN edition e ON e.seq = f.seq
    WHERE f.period_kind <> 'day'
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), f.provider))
      AND ($source = 'all' OR list_contains(string_split($source, '|'), f.source))
    GROUP BY f.provider, f.source, f.period, f.period_start, f.period_end
)
SELECT provider, source, period, cells::DOUBLE AS low, cells::DOUBLE AS high,
       CASE WHEN lag(period_end) OVER w + 1 = period_start THEN iv_dir(lag(cells) OVER w, lag(cells) OVER w, cells, cells) END AS direction,
       cells, with_value AS figures_with_value, jurisdictions, exactness, newest_edition, is_excerpt,
       concat_ws(' | ', CASE WHEN is_excerpt THEN 'excerpt: the report prints more cells than are at hand' END,
                        CASE WHEN with_value < cells THEN cells - with_value || ' cells hold no figure' END) AS advisory
FROM held
WINDOW w AS (PARTITION BY provider, source ORDER BY period_start)
ORDER BY provider, source, period
