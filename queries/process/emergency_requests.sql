-- question: How many emergency requests does each provider report, and do they stand inside its total?
-- grain: one row per provider and half-year, or year
-- counts: requests that a provider answers without legal process because life is in danger, under the
--    recipe "emergency" of table rollup
-- leaves out: half-years before emergencies are printed apart; emergency calls of telephone carriers
-- trap: inside the total of one provider and outside that of another: compare totals with column
--    inside_total only
-- trap: Apple prints no accounts for emergency requests
-- trap: the first half-years hold few jurisdictions, because most were printed apart only later
-- not for: adding to a total that holds them already; adding providers; danger or crime in a
--    jurisdiction; the share of emergencies that were granted
-- param provider provider* = all: providers, or all
-- param measure measure = requests_received: requests_received, accounts_specified,
--    requests_some_data_disclosed or an outcome
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
-- column inside_total: inside when the provider's total of requests holds them, outside when not, not
--    said when the report does not say
-- column basis: as_published when the report prints this very figure, derived when it is our sum
-- column cells [cells]: printed cells behind the row
-- column jurisdictions [jurisdictions]: how many were added
-- column editions: where the cells stand
-- column advisory: what to know before citing the row
-- example: daylight query emergency_requests --param provider=meta --param jurisdiction=US --param per=year
-- cells: asked_cells('emergency/' || $measure, providers := $provider, jurisdictions := $jurisdiction, grp := $group,
--    members_on := $members_on, upto := $as_of)
--    WHERE NOT absent AND provider = $row_provider AND period BETWEEN $from AND $to
--    AND CASE $per WHEN 'half' THEN period = $row_period WHEN 'year' THEN period[:4] = $row_period ELSE true END
SELECT t.provider, t.period, t.jurisdiction, $measure AS measure, t.low, t.high, t.unit, t.exactness, t.direction,
       -- Emergencies are law enforcement's in the tree of processes, unless a provider prints them apart.
       CASE r.relation WHEN 'disjoint' THEN 'outside' WHEN 'overlap' THEN 'not said' ELSE 'inside' END AS inside_total,
       t.basis, t.cells, t.jurisdictions, t.editions, t.advisory
FROM totals('emergency/' || $measure, providers := $provider, jurisdictions := $jurisdiction, grp := $group, members_on := $members_on,
            from_period := $from, to_period := $to, per := $per, across_breaks := $across_breaks, upto := $as_of) t
LEFT JOIN process_relation r ON r.provider = t.provider AND t.first_day <= coalesce(r."to", t.first_day) AND t.last_day >= coalesce(r."from", t.last_day)
    AND (r.process = 'emergency_disclosure' AND r.other = 'law_enforcement_all' OR r.process = 'law_enforcement_all' AND r.other = 'emergency_disclosure')
ORDER BY t.provider, t.period
