-- question: Which events and which law stand beside each half-year of a series?
-- grain: one row per provider and half-year
-- counts: what the figures count, added as in question total
-- leaves out: events that concern other providers only; half-years that are not at hand
-- trap: correlation only: an event beside a figure is no cause of it
-- trap: a law in force counts from its first to its last day, and its effect on a report may come later
-- trap: the list of events is a choice, and a half-year without one is not one in which nothing happened
-- not for: saying that an event caused a change; a complete timeline of the law
-- param figures figures = requests/requests_received: what to add: PROCESS/MEASURE or RECIPE/MEASURE
-- param provider provider* = all: providers, or all
-- param jurisdiction jurisdiction* = ZZ: who asked; ZZ is the world
-- param group group = none: a group such as EU instead of, or beside, jurisdictions
-- param members_on members_on = period: whose members: of each period's last day, or of a date
-- param event_jurisdiction jurisdiction* = all: events and law of these jurisdictions and of none, or all
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param across_breaks enum(no,yes) = no: yes gives a direction also across a break of the series
-- param as_of edition = now: the figures as known when this edition was the newest
-- column provider: provider's id
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
-- column events: day and title of the events that begin in the half-year, separated by "; "
-- column regimes: codes of the legal regimes in force on any of its days, see table legal_regime
-- column breaks: breaks of this series since the half-year before
-- column advisory: what to know before citing the row
-- example: daylight query events_beside_trend --param figures=fisa_content/accounts_specified --param provider=google
-- cells: asked_cells($figures, providers := $provider, jurisdictions := $jurisdiction, grp := $group,
--    members_on := $members_on, upto := $as_of) WHERE NOT absent AND provider = $row_provider AND period = $row_period
WITH happened AS (
    SELECT list({'at': date, 'of': providers,
                 'text': CASE date_precision WHEN 'day' THEN strftime(date, '%Y-%m-%d') WHEN 'month' THEN strftime(date, '%Y-%m')
                                             ELSE strftime(date, 'about %Y') END || ' ' || title} ORDER BY date, code) AS events
    FROM event
    WHERE $event_jurisdiction = 'all' OR jurisdiction = '' OR list_contains(string_split($event_jurisdiction, '|'), jurisdiction)
),
law AS (
    SELECT list({'since': "from", 'until': coalesce("to", DATE '9999-12-31'), 'code': code} ORDER BY "from", code) AS regimes
    FROM legal_regime
    WHERE $event_jurisdiction = 'all' OR jurisdiction = '' OR list_contains(string_split($event_jurisdiction, '|'), jurisdiction)
)
SELECT t.provider, t.period, t.jurisdiction, $figures AS figures, t.low, t.high, t.unit, t.exactness, t.direction, t.basis, t.cells,
       coalesce(array_to_string([e.text FOR e IN h.events IF e.at BETWEEN t.first_day AND t.last_day
                                                 AND (e.of = '' OR list_contains(string_split(e.of, '|'), t.provider))], '; '), '') AS events,
       coalesce(array_to_string([r.code FOR r IN l.regimes IF r.since <= t.last_day AND r.until >= t.first_day], ' '), '') AS regimes,
       coalesce(t.breaks, '') AS breaks, t.advisory
FROM totals($figures, providers := $provider, jurisdictions := $jurisdiction, grp := $group, members_on := $members_on,
            from_period := $from, to_period := $to, across_breaks := $across_breaks, upto := $as_of) t
CROSS JOIN happened h
CROSS JOIN law l
ORDER BY t.provider, t.period
