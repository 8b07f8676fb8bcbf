-- question: What do the figures say before and after an event: a law, a judgment, a disclosure?
-- grain: one row per provider and half-year around the event
-- counts: what the figures count, added as in question total
-- leaves out: half-years that are not at hand; other events of the same time (see events_beside_trend)
-- trap: correlation only: requests grow, methods change and other events fall into the same half-years
-- trap: the half-year of the event holds days before and after it, position 0 belongs to neither side
-- trap: a report counts requests when they are received, which may be long after their cause
-- trap: an event of one jurisdiction cannot be read from the world, nor one company's from another's
-- not for: saying that the event caused a change; averages of before and after; effects of events whose
--    day is not known
-- param event event = cloud_act: the event, see table event
-- param halves integer = 4: how many half-years before it, and after it
-- param figures figures = requests/requests_received: what to add: PROCESS/MEASURE or RECIPE/MEASURE
-- param provider provider* = all: providers, or all
-- param jurisdiction jurisdiction* = ZZ: who asked; ZZ is the world
-- param group group = none: a group such as EU instead of, or beside, jurisdictions
-- param members_on members_on = period: whose members: of each period's last day, or of a date
-- param across_breaks enum(no,yes) = no: yes gives a direction also across a break of the series
-- param as_of edition = now: the figures as known when this edition was the newest
-- column event: code of the event
-- column event_date: its first day
-- column event_title: what happened
-- column provider: provider's id
-- column position [half_years]: 0 is the half-year of the event, -1 the one before, 1 the one after
-- column period: half-year
-- column jurisdiction: as asked
-- column figures: as asked
-- column low [see unit]: lower bound; empty when the sum is refused
-- column high [see unit]: upper bound; empty when the report counts more than is at hand
-- column unit: unit of low and high
-- column exactness: of the printed cells
-- column direction: up, down, same or indeterminate against the half-year before; empty where that is
--    missing, or across a break
-- column basis: as_published when the report prints this very figure, derived when it is our sum
-- column cells [cells]: printed cells behind the row
-- column event_source: where the event is told
-- column advisory: what to know before citing the row
-- example: daylight query around_event --param event=turkey_law_6518 --param provider=microsoft --param jurisdiction=TR
-- cells: asked_cells($figures, providers := $provider, jurisdictions := $jurisdiction, grp := $group,
--    members_on := $members_on, upto := $as_of) WHERE NOT absent AND provider = $row_provider AND period = $row_period
SELECT e.code AS event, e.date AS event_date, e.title AS event_title,
       t.provider, 2 * (year(t.first_day) - year(e.date)) + (month(t.first_day) > 6)::INTEGER - (month(e.date) > 6)::INTEGER AS position,
       t.period, t.jurisdiction, $figures AS figures, t.low, t.high, t.unit, t.exactness, t.direction, t.basis, t.cells, e.source AS event_source,
       concat_ws(' | ',
           CASE WHEN position = 0 THEN 'the half-year of the event holds days before and after it' END,
           CASE WHEN e.date_precision IN ('year', 'approximate') THEN 'the day of the event is not known' END,
           CASE WHEN e.providers <> '' AND NOT list_contains(string_split(e.providers, '|'), t.provider) THEN 'the event is one of ' || replace(e.providers, '|', ', ') END,
           t.advisory) AS advisory
FROM totals($figures, providers := $provider, jurisdictions := $jurisdiction, grp := $group, members_on := $members_on,
            across_breaks := $across_breaks, upto := $as_of) t
JOIN event e ON e.code = $event
WHERE position BETWEEN -$halves AND $halves
ORDER BY t.provider, t.period
