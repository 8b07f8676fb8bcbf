-- question: How many preservation requests does each provider report?
-- grain: one row per provider and half-year, or year
-- counts: requests to keep data until legal process follows, or the accounts of them
-- leaves out: Microsoft, which prints none; requests that later disclose the data, which are counted
--    where they belong
-- trap: nothing is disclosed by a preservation request, so it is part of no total of requests
-- trap: the same account may be kept and disclosed later, and reports do not say how often
-- trap: accounts preserved (Apple, Meta) are not the accounts that requests name (Apple, Google)
-- not for: adding to requests; disclosure rates; how many preserved accounts were disclosed later
-- param provider provider* = all: providers, or all
-- param measure measure = requests_received: requests_received, accounts_preserved or accounts_specified
-- param jurisdiction jurisdiction* = ZZ: who asked; ZZ is the world
-- param group group = none: a group such as EU instead of, or beside, jurisdictions
-- param members_on members_on = period: whose members: of each period's last day, or of a date
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param per enum(half,year) = half: half-years, or years of which both halves are at hand
-- param across_breaks enum(no,yes) = no: yes gives a direction also across a break of the series
-- param as_of edition = now: the figures as known when this edition was the newest
-- column provider: provider's id
-- column period: half-year or year
-- column jurisdiction: as asked
-- column measure: what is counted
-- column low [see unit]: lower bound
-- column high [see unit]: upper bound; empty when the report counts more than is at hand
-- column unit: unit of low and high
-- column exactness: of the printed cells
-- column direction: up, down, same or indeterminate against the period before; empty where that is
--    missing, or across a break
-- column basis: as_published when the report prints this very figure, derived when it is our sum
-- column cells [cells]: printed cells behind the row
-- column jurisdictions [jurisdictions]: how many were added
-- column editions: where the cells stand
-- column advisory: what to know before citing the row
-- example: daylight query preservation_requests --param provider=google --param jurisdiction=US
SELECT provider, period, jurisdiction, $measure AS measure, low, high, unit, exactness, direction, basis, cells, jurisdictions, editions, advisory
FROM totals('preservation/' || $measure, providers := $provider, jurisdictions := $jurisdiction, grp := $group, members_on := $members_on,
            from_period := $from, to_period := $to, per := $per, across_breaks := $across_breaks, upto := $as_of)
ORDER BY provider, period
