-- question: What do governments and other companies say, read elsewhere than in a report that is held?
-- grain: one row per figure or, rolled up, per company, period, process and measure
-- counts: the figures of table reference_figure, each with the place where it was read
-- leaves out: everything that daylight reads from a captured report itself
-- trap: These figures were typed from what others print; no archived bytes stand behind them (basis
--    secondary).
-- trap: Governments count orders issued or targets, companies orders received; one order may go to several
--    companies.
-- not for: adding or subtracting the government's and the companies' figures
-- param kind enum(all,government,carrier,provider,press) = all: who says it
-- param provider text = all: a company's id, or all
-- param jurisdiction jurisdiction = all: whose authorities, or all
-- param process process = all: legal process, or all
-- param measure measure = all: what is counted, or all
-- param from date = 1900-01-01: first day of the period, at the earliest
-- param to date = 2999-12-31: last day of the period, at the latest
-- param roll_up enum(no,services) = no: whether the services of a company that are printed apart are added
-- param as_of edition = now: without effect here; reference figures have no editions
-- column kind: who says it
-- column authority: who publishes the figure
-- column provider: company; empty for a government
-- column service: service, or those that are added
-- column jurisdiction: whose authorities
-- column period_start: first day covered
-- column period_end: last day covered
-- column process: legal process
-- column measure: what is counted
-- column low [see unit]: lower bound
-- column high [see unit]: upper bound
-- column unit: unit of low and high
-- column direction: against the period of the same series just before
-- column exactness: how the figure is known
-- column basis: secondary
-- column cells [figures]: how many figures the row stands on
-- column source: where they were read
-- column advisory: what to know before citing the row
-- example: daylight query reference_figures --param provider=microsoft --param roll_up=services
WITH asked AS (
    SELECT f.*, coalesce(s.included_from <= f.period_end, false) AS inside
    FROM reference_figure f
    LEFT JOIN service s ON s.code = f.service AND s.included_in <> ''
    WHERE ($kind = 'all' OR f.kind = $kind) AND ($provider = 'all' OR f.provider = $provider)
      AND ($jurisdiction = 'all' OR f.jurisdiction = $jurisdiction)
      AND ($process = 'all' OR f.process = $process) AND ($measure = 'all' OR f.measure = $measure)
      AND f.period_start >= $from::DATE AND f.period_end <= $to::DATE AND $as_of IS NOT NULL
),
row AS (
    SELECT kind, authority, provider, CASE $roll_up WHEN 'services' THEN string_agg(service, ' + ' ORDER BY service) ELSE any_value(service) END AS service,
           jurisdiction, period_start, period_end, process, measure, unit, (iv_sum(low, high)).low AS low, (iv_sum(low, high)).high AS high,
           array_to_string(list_sort(list_distinct(list(exactness))), ' ') AS exactness, count(*) AS cells,
           string_agg(DISTINCT source, ' | ' ORDER BY source) AS source,
           CASE $roll_up WHEN 'services' THEN '' ELSE service || code END AS single
    FROM asked
    WHERE NOT ($roll_up = 'services' AND inside)
    GROUP BY kind, authority, provider, jurisdiction, period_start, period_end, process, measure, unit, single
)
SELECT kind, authority, provider, service, jurisdiction, period_start, period_end, process, measure, low, high, unit,
       CASE WHEN lag(period_end) OVER w + 1 = period_start THEN iv_dir(lag(low) OVER w, lag(high) OVER w, low, high) END AS direction,
       exactness, 'secondary' AS basis, cells, source,
       concat_ws(' | ', 'read elsewhere: no archived bytes stand behind this figure',
                 CASE WHEN cells > 1 THEN 'services that are printed apart are added: ' || service END) AS advisory
FROM row
WINDOW w AS (PARTITION BY kind, authority, provider, service, jurisdiction, process, measure, unit ORDER BY period_start, period_end)
ORDER BY kind, provider, authority, process, measure, jurisdiction, period_start, service
