-- question: How many accounts did requests name per year, company by company?
-- grain: one row per provider and year
-- counts: accounts named in requests, added by the recipe that is named; a year stands where both of
--    its halves are at hand
-- leaves out: national-security requests and preservation; devices, financial identifiers and push
--    tokens, which are other units
-- trap: Such totals go around with other recipes in them: with or without emergencies and civil
--    requests, with requests added to accounts (Apple's emergencies have no count of accounts), with
--    the middle of a band, from a later edition. Name the recipe and the edition with the number.
-- trap: An account at Microsoft is any identifier that a request names, found or not; Google counts an
--    account once for each request.
-- not for: adding the companies (their accounts overlap and are counted differently); national-security
--    accounts, which carry over from half to half
-- param provider provider* = all: provider's id, several separated by |, or all
-- param recipe recipe = all_but_national_security: which processes are added, see table rollup
-- param jurisdiction jurisdiction* = ZZ: who asked; ZZ is the world
-- param group group = none: a group of jurisdictions with dated members, such as EU
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param missing enum(open,skip) = open: what is not at hand opens the upper bound, or is left out
-- param across_breaks enum(no,yes) = no: whether a direction is given across a break of the series
-- param as_of edition = now: as known when this edition was the newest
-- column provider: provider's id
-- column year: year
-- column jurisdiction: as asked
-- column low [accounts]: lower bound
-- column high [accounts]: upper bound; empty when it is open
-- column exactness: how the cells behind the row are known
-- column direction: against the year before; empty without one, or across a break of the series
-- column processes: the legal processes that were added
-- column cells [cells]: how many printed cells the row stands on
-- column advisory: what to know before citing the row
-- example: daylight query accounts_per_year --param provider=microsoft --param missing=skip
-- cells: asked_cells($recipe || '/accounts_specified', providers := $provider, jurisdictions := $jurisdiction,
--    grp := $group, upto := $as_of)
--    WHERE NOT absent AND provider = $row_provider AND period[:4] = $row_year AND period BETWEEN $from AND $to
SELECT provider, period AS year, jurisdiction, low, high, exactness, direction, processes, cells, advisory
FROM totals($recipe || '/accounts_specified', providers := $provider, jurisdictions := $jurisdiction, grp := $group,
            from_period := $from, to_period := $to, per := 'year', missing := $missing,
            across_breaks := $across_breaks, upto := $as_of)
ORDER BY provider, first_day
