-- question: How much do the United States, the European Union and the rest of the world ask?
-- grain: one row per provider, half-year and part of the world
-- counts: the figures that are named, for one jurisdiction, for the members that a group had, and for
--    all others
-- leaves out: the printed world row, which counts all of them again
-- trap: "EU" goes around with other members in it: a total that was published as the EU's of 2012-H2
--    holds Switzerland, Turkey, Russia and Israel. members counts those that are added.
-- trap: The members are those of each period's last day (Croatia from 2013-H2, the United Kingdom until
--    2019-H2) unless members_on names one day for all.
-- trap: A member without a line did not ask, was left out as too small, or is not at hand: see members.
-- not for: adding providers; national security, where only the United States are reported
-- param provider provider* = all: provider's id, several separated by |, or all
-- param figures figures = requests/requests_received: what is counted, NAME/MEASURE, several separated by |
-- param jurisdiction jurisdiction = US: the one that is set against the group
-- param group group = EU: the group
-- param members_on members_on = period: the members on the last day of each period, or on one day for all
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param as_of edition = now: as known when this edition was the newest
-- column provider: provider's id
-- column period: half-year
-- column part: the jurisdiction, the group, or rest
-- column low [see unit]: lower bound
-- column high [see unit]: upper bound; empty when it is open
-- column unit: unit of low and high
-- column share_low [percent]: least share of the three together; empty when lines may be missing
-- column share_high [percent]: greatest share of the same
-- column direction: against the half-year before
-- column members [jurisdictions]: how many jurisdictions of the part have a line
-- column exactness: how the cells behind the row are known
-- column cells [cells]: how many printed cells the row stands on
-- column advisory: what to know before citing the row
-- example: daylight query us_and_eu --param provider=google --param from=2012-H2 --param to=2012-H2
-- cells: asked_lines($figures, providers := $provider, grp := $group, members_on := $members_on, upto := $as_of)
--    WHERE NOT absent AND provider = $row_provider AND period = $row_period AND jurisdiction NOT IN ('ZZ', 'ZZ-NONUS')
--    AND $row_part = CASE WHEN jurisdiction = $jurisdiction THEN $jurisdiction WHEN by_group THEN $group ELSE 'rest' END
WITH line AS MATERIALIZED (
    SELECT * EXCLUDE (part), measure IN (SELECT code FROM measure WHERE additive = 'none') AS never, CASE WHEN jurisdiction = $jurisdiction THEN $jurisdiction WHEN by_group THEN $group ELSE 'rest' END AS part
    FROM asked_lines($figures, providers := $provider, grp := $group, members_on := $members_on, upto := $as_of)
    WHERE jurisdiction NOT IN ('ZZ', 'ZZ-NONUS')
),
part AS (
    SELECT provider, period, period_start, period_end, part, string_agg(DISTINCT unit, ' + ' ORDER BY unit) AS unit, count(DISTINCT unit) > 1 OR bool_or(never) AS mixed,
           fsum(value_low) FILTER (NOT absent) AS lo,
           CASE WHEN count(*) = count(value_high) FILTER (NOT absent) AND NOT bool_or(refused > 0)
                 AND NOT bool_or(NOT whole AND part <> $jurisdiction) THEN fsum(value_high) END AS hi,
           count(DISTINCT jurisdiction) FILTER (NOT absent) AS members, count(*) FILTER (absent) AS absent,
           bool_or(NOT whole AND part <> $jurisdiction) AS excerpt, max(refused) AS refused,
           bool_or(jurisdiction = $jurisdiction AND by_group) AS double,
           count(*) FILTER (NOT absent) AS cells, list(exactness::VARCHAR) FILTER (NOT absent) AS exactness
    FROM line GROUP BY ALL
    HAVING count(*) FILTER (NOT absent) > 0
),
whole AS (
    SELECT *, fsum(lo) OVER a - lo AS rest_lo, CASE WHEN bool_and(hi IS NOT NULL) OVER a THEN fsum(hi) OVER a - hi END AS rest_hi,
           bool_or(excerpt OR refused > 0 OR hi IS NULL) OVER a AS partial
    FROM part
    WINDOW a AS (PARTITION BY provider, period)
),
listed AS (
    SELECT p.provider, p.period, count(*) AS n
    FROM (SELECT DISTINCT provider, period, period_end FROM line) p
    JOIN membership m ON m."group" = $group AND coalesce(TRY_CAST($members_on AS DATE), p.period_end)
        BETWEEN coalesce(m."from", DATE '0001-01-01') AND coalesce(m."to", DATE '9999-12-31')
    GROUP BY ALL
)
SELECT w.provider, w.period, w.part, CASE WHEN NOT mixed THEN lo END AS low, CASE WHEN NOT mixed THEN hi END AS high, unit,
       CASE WHEN NOT mixed AND NOT partial THEN (iv_share(lo, hi, rest_lo, rest_hi)).low END AS share_low,
       CASE WHEN NOT mixed AND NOT partial THEN (iv_share(lo, hi, rest_lo, rest_hi)).high END AS share_high,
       CASE WHEN NOT mixed AND lag(period_start) OVER b + INTERVAL 6 MONTH = period_start
            THEN iv_dir(lag(lo) OVER b, lag(hi) OVER b, lo, hi) END AS direction,
       members, array_to_string(list_sort(list_distinct(exactness)), ' ') AS exactness, cells,
       concat_ws(' | ',
           CASE WHEN mixed THEN 'refused: figures of these units do not add up: ' || unit END,
           CASE WHEN w.part = $group THEN members || ' of the ' || l.n || ' members have a line' END,
           CASE WHEN double THEN $jurisdiction || ' is a member of ' || $group || ' and is counted beside it, not in it' END,
           CASE WHEN absent > 0 THEN absent || ' printed cells hold no figure (withheld, left blank or not reported)' END,
           CASE WHEN excerpt THEN 'excerpt: the report counts more jurisdictions than are at hand' END,
           CASE WHEN refused > 0 THEN refused || ' printed figures of the edition were refused and are not counted, see table reject' END,
           CASE WHEN w.provider = 'google' AND w.period < '2013-H2' AND w.part <> $jurisdiction
                THEN 'until 2013-H1 the report leaves out countries with fewer than 30 requests' END) AS advisory
FROM whole w
LEFT JOIN listed l USING (provider, period)
WHERE w.period BETWEEN $from AND $to
WINDOW b AS (PARTITION BY w.provider, w.part ORDER BY w.period_start)
ORDER BY w.provider, w.period, w.part
