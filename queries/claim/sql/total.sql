-- What the figures of a subject add up to, period by period.
SELECT period, CAST(first_day AS VARCHAR) AS first_day, CAST(last_day AS VARCHAR) AS last_day,
       low, high, unit, exactness, basis, cells, schemes, refused, advisory
FROM totals($figures, providers := $provider, jurisdictions := $jurisdiction, grp := $group,
            from_period := $from, to_period := $to, per := $per, upto := $as_of)
ORDER BY first_day
