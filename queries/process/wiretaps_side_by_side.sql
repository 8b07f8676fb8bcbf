-- question: Do the wiretaps that providers and carriers report fit those that the courts report?
-- grain: one row per authority and half-year, or year where a year is what is printed
-- counts: wiretap orders of the United States: received by providers (Google, Meta), served on or set up by
--    carriers, authorised by judges
-- leaves out: accounts named in the orders; wiretaps of other states; wiretaps under FISA
-- trap: an order may be served on several companies and extended, carriers may count responses or
--    extensions, and judges' reports come in late: the definitions differ
-- trap: side by side, never added and never subtracted: no row is a part of another
-- trap: each half-year is a row of its own; that of a year is not the sum of two rows of another authority
-- not for: a sum of companies; orders that are missing in the courts' report; a company's share
-- param provider provider* = all: providers, or all; carriers and courts always stand
-- param kind enum(all,provider,carrier,government) = all: who counts
-- param from period = 2009-H1: first half-year
-- param to period = 2099-H2: last half-year
-- param as_of edition = now: the reports as known when this edition was the newest; what was read
--    elsewhere always stands
-- column period: half-year or year
-- column authority: who counts
-- column kind: provider, carrier or government
-- column measure: requests_received, responses_prepared, or orders_authorized by judges
-- column low [see unit]: lower end
-- column high [see unit]: upper end
-- column unit: requests or orders
-- column exactness: exact or band
-- column direction: up, down, same or indeterminate against the period before of the same authority and
--    measure; empty where that is missing
-- column basis: as_published from a report at hand, secondary when read elsewhere
-- column cells [cells]: printed cells behind the row; 0 when it was read elsewhere
-- column source: edition, or where it was read
-- column advisory: what to know before citing the row
-- example: daylight query wiretaps_side_by_side --param from=2021 --param to=2022
-- cells: as_of($as_of)
--    WHERE process = 'wiretap' AND jurisdiction = 'US' AND customer_class = 'all' AND item = '' AND period_kind = 'half'
--    AND provider = $row_authority AND period = $row_period AND measure = $row_measure AND edition = $row_source
--    AND value_low = $row_low
WITH line AS (
    SELECT f.provider AS authority, 'provider' AS kind, f.period, f.period_start, f.period_end, f.measure, f.value_low AS low, f.value_high AS high,
           f.unit, f.exactness, f.basis, 1 AS cells, f.edition AS source, '' AS title
    FROM as_of($as_of) f
    WHERE f.process = 'wiretap' AND f.measure = 'requests_received' AND f.jurisdiction = 'US' AND f.customer_class = 'all'
      AND f.value_low IS NOT NULL AND f.item = '' AND f.period_kind = 'half'
      AND ($provider = 'all' OR list_contains(string_split($provider, '|'), f.provider))
    UNION ALL
    SELECT authority, kind, period_label(period_start, period_end), period_start, period_end, measure, low, high,
           unit, exactness, 'secondary', 0, source, title
    FROM reference_figure
    WHERE process = 'wiretap'
),
placed AS (
    SELECT *, lag(low) OVER w AS before_low, lag(high) OVER w AS before_high, lag(period_end) OVER w AS before_end,
           date_diff('month', period_start, period_end) AS months, lag(date_diff('month', period_start, period_end)) OVER w AS before_months
    FROM line
    WHERE $kind IN ('all', kind)
    WINDOW w AS (PARTITION BY basis, authority, measure, unit ORDER BY period_start)
)
SELECT period, authority, kind, measure, low, high, unit, exactness,
       -- A half-year is not held against a year.
       CASE WHEN before_end + 1 = period_start AND before_months = months THEN iv_dir(before_low, before_high, low, high) END AS direction,
       basis, cells, source, coalesce('read elsewhere: ' || nullif(title, ''), '') AS advisory
FROM placed
-- A year sorts before its halves, and behind them with this ending.
WHERE period || '-H2' >= $from AND period <= $to
ORDER BY period[:4], kind, authority, period, measure
