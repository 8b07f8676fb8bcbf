-- question: How many requests for user data does each provider report per half-year, from one
--    jurisdiction, a group or the world?
-- grain: one row per provider and half-year
-- counts: requests of law enforcement by the provider's own total (recipe "requests" of table rollup)
-- leaves out: preservation and national-security requests, civil requests and, at Microsoft from 2017,
--    emergencies: each is reported apart
-- trap: A world without a printed world row is the sum of the lines at hand; over an excerpt it has no
--    upper bound.
-- trap: Until 2013-H1 Google leaves out countries with fewer than 30 requests.
-- not for: adding providers together (each counts other instruments, see table rollup); comparing
--    accounts with requests; growth across a half-year that is missing
-- param provider provider* = all: provider's id, several separated by |, or all
-- param jurisdiction jurisdiction* = ZZ: who asked; ZZ is the world
-- param group group = none: a group of jurisdictions with dated members, such as EU
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param across_breaks enum(no,yes) = no: whether a direction is given across a break of the series
-- param as_of edition = now: as known when this edition was the newest
-- column provider: provider's id
-- column period: half-year
-- column jurisdiction: as asked
-- column low [requests]: lower bound
-- column high [requests]: upper bound; empty when the report counts more than is at hand (an excerpt, a
--    table that is missing, figures that were refused), because missing is not zero
-- column exactness: how the cells behind the row are known
-- column direction: against the half-year before; empty without one, or across a break of the series
-- column basis: as_published when the report prints this very figure, derived when it is our sum
-- column processes: the legal processes that were added
-- column jurisdictions [jurisdictions]: how many jurisdictions were added
-- column cells [cells]: how many printed cells the row stands on
-- column advisory: what to know before citing the row
-- example: daylight query requests_by_half_year --param provider=google --param jurisdiction=DE
-- cells: asked_cells('requests/requests_received', providers := $provider, jurisdictions := $jurisdiction,
--    grp := $group, upto := $as_of) WHERE NOT absent AND provider = $row_provider AND period = $row_period
SELECT provider, period, jurisdiction, low, high, exactness, direction, basis, processes, jurisdictions, cells, advisory
FROM totals('requests/requests_received', providers := $provider, jurisdictions := $jurisdiction, grp := $group,
            from_period := $from, to_period := $to, across_breaks := $across_breaks, upto := $as_of)
ORDER BY provider, first_day
