-- question: By how much did these figures grow from one half-year or year to another?
-- grain: one row per provider
-- counts: the change in percent between two totals of the same figures, as the bounds of both allow
-- leaves out: everything between the two periods
-- trap: A band against a band gives a range of growth, often a wide one; when the range holds 0 the
--    direction is indeterminate, and the same band twice is not "unchanged".
-- trap: Where the first figure may be 0, growth has no upper bound.
-- trap: Growth across a break of the series (another definition, another legal scheme of the bands, a
--    service merged or split) is not given unless across_breaks=yes.
-- not for: comparing providers (each counts other things); growth over a year of which one half is
--    missing
-- param provider provider* = all: provider's id, several separated by |, or all
-- param figures figures = requests/requests_received: what is counted, NAME/MEASURE, several separated by |
-- param jurisdiction jurisdiction* = ZZ: who asked; ZZ is the world
-- param group group = none: a group of jurisdictions with dated members, such as EU
-- param first half_or_year = 2013-H2: first period, a half-year such as 2013-H1 or a year
-- param last half_or_year = 2022-H1: last period, of the same kind
-- param missing enum(open,skip) = open: what is not at hand opens the upper bound, or is left out
-- param mixing enum(refuse,show) = refuse: what may not be added is refused, or shown with the reason
-- param across_breaks enum(no,yes) = no: whether growth is given across a break of the series
-- param as_of edition = now: as known when this edition was the newest
-- column provider: provider's id
-- column first: first period
-- column last: last period
-- column jurisdiction: as asked
-- column unit: unit of the figures
-- column first_low [see unit]: lower bound of the first figure
-- column first_high [see unit]: upper bound of the first figure
-- column last_low [see unit]: lower bound of the last figure
-- column last_high [see unit]: upper bound of the last figure
-- column low [percent]: least growth that the bounds allow, negative for a fall
-- column high [percent]: greatest growth that they allow; empty when there is no bound
-- column direction: up, down, same or indeterminate; empty across a break of the series
-- column exactness: how the cells behind the row are known
-- column cells [cells]: how many printed cells the row stands on
-- column advisory: what to know before citing the row
-- example: daylight query growth --param provider=apple --param figures=fisa_content/accounts_specified --param first=2018-H1 --param last=2021-H2
-- cells: asked_cells($figures, providers := $provider, jurisdictions := $jurisdiction, grp := $group,
--    upto := $as_of)
--    WHERE NOT absent AND provider = $row_provider AND (period IN ($first, $last) OR period[:4] IN ($first, $last))
WITH ends AS MATERIALIZED (
    SELECT * FROM totals($figures, providers := $provider, jurisdictions := $jurisdiction, grp := $group,
                         per := CASE WHEN $first LIKE '%-H%' THEN 'half' ELSE 'year' END,
                         missing := $missing, mixing := $mixing, across_breaks := 'yes', upto := $as_of)
    WHERE period BETWEEN $first AND $last
),
pair AS (
    SELECT a.provider, a.jurisdiction, a.unit, a.low AS al, a.high AS ah, b.low AS bl, b.high AS bh, b.unit AS last_unit,
           list_sort(list_distinct(string_split(a.exactness || ' ' || b.exactness, ' '))) AS exactness,
           a.cells + b.cells AS cells, string_split(a.advisory, ' | ') AS first_notes, string_split(b.advisory, ' | ') AS last_notes,
           CASE WHEN a.schemes <> b.schemes THEN 'the bands follow ' || a.schemes || ' and then ' || b.schemes END AS regimes
    FROM ends a JOIN ends b USING (provider)
    WHERE a.period = $first AND b.period = $last
),
break AS (
    SELECT provider, string_agg(breaks, '; ' ORDER BY first_day) AS titles FROM ends WHERE period > $first AND breaks IS NOT NULL GROUP BY provider
),
judged AS (
    SELECT p.*, concat_ws('; ', b.titles, p.regimes) AS broken,
           ($across_breaks = 'yes' OR b.titles IS NULL AND p.regimes IS NULL) AND p.unit = p.last_unit AS comparable
    FROM pair p LEFT JOIN break b USING (provider)
)
SELECT provider, $first AS first, $last AS last, jurisdiction, unit,
       al AS first_low, ah AS first_high, bl AS last_low, bh AS last_high,
       CASE WHEN comparable THEN (iv_pct(al, ah, bl, bh)).low END AS low,
       CASE WHEN comparable THEN (iv_pct(al, ah, bl, bh)).high END AS high,
       CASE WHEN comparable THEN iv_dir(al, ah, bl, bh) END AS direction,
       array_to_string(exactness, ' ') AS exactness, cells,
       concat_ws(' | ',
           CASE WHEN broken <> '' THEN CASE $across_breaks WHEN 'yes' THEN '' ELSE 'refused: ' END || 'break of the series between the two: ' || broken END,
           CASE WHEN unit <> last_unit THEN 'refused: units differ: ' || unit || ', ' || last_unit END,
           nullif(array_to_string(list_filter(first_notes, x -> NOT starts_with(x, 'break of the series: ')), ' | '), ''),
           nullif(array_to_string(list_filter(last_notes, x -> NOT starts_with(x, 'break of the series: ') AND NOT list_contains(first_notes, x)), ' | '), '')
       ) AS advisory
FROM judged
ORDER BY provider
