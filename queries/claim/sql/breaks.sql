-- Where the series of a claim breaks behind the first of these days, up to the last. A break is
-- declared for what is asked, a process or a recipe, and for a jurisdiction or the world; one of
-- a jurisdiction counts for the world, too, when no other stands in the figures.
SELECT CAST(b."on" AS VARCHAR) AS first_day, b.kind, b.title
FROM series_break b
WHERE b.provider IN ('', $provider)
  AND b."on" > CAST($first_day AS DATE) AND b."on" <= CAST($last_day AS DATE)
  AND (b.service = '' OR list_contains(string_split($services, '|'), b.service))
  AND (b.process = '' OR list_contains(string_split($processes, '|'), b.process))
  AND (b.measure = '' OR list_contains(string_split($measures, '|'), b.measure))
  AND (b.jurisdiction = '' OR b.jurisdiction IN ($jurisdiction, $places))
ORDER BY b."on", b.code
