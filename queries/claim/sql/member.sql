-- Whether the jurisdiction is of the group throughout the days.
SELECT EXISTS (
    SELECT 1 FROM membership m
    WHERE m."group" = $group AND m.member = $jurisdiction
      AND coalesce(m."from", DATE '0001-01-01') <= CAST($first_day AS DATE)
      AND coalesce(m."to", DATE '9999-12-31') >= CAST($last_day AS DATE)
) AS member
