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
-- param provider provider = all: provider's id, or all
-- param source source = all: report series, or all
-- column provider: provider's id
-- column source: report series
-- column period: period label
-- column figures [cells]: printed cells of the newest editions, those without a value included
-- column figures_with_value [cells]: of these, cells with a value (not withheld, left blank or ruled out)
-- column jurisdictions [jurisdictions]: how many jurisdictions
-- column newest_edition: newest edition that covers the period
-- column is_excerpt: true when every figure comes from an excerpt
-- example: daylight query coverage --param provider=apple
SELECT provider, source, period_label(period_start, period_end) AS period, figures, figures_with_value,
       jurisdictions, newest_edition, is_excerpt
FROM coverage
WHERE period_kind <> 'day'
  AND ($provider = 'all' OR provider = $provider)
  AND ($source = 'all' OR source = $source)
ORDER BY provider, source, period
