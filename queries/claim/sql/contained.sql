-- Whether what one process counts is counted in the other throughout: it is the same, or the
-- other holds it and none of the days is one in which they are printed apart.
SELECT $process = $other OR EXISTS (
    SELECT 1 FROM process_overlap o
    WHERE o.provider = $provider AND o.process = $process AND o.other = $other AND o.contained
      AND (o.apart_from IS NULL OR o.apart_from > CAST($last_day AS DATE) OR o.apart_to < CAST($first_day AS DATE))
) AS contained
