-- The same answers in fewer steps. A question spends its time on planning and starting many small
-- joins, not on the figures: what a name that is asked for stands for is worked out at publishing
-- now (standing.go of package warehouse), and small lists are gone through row by row instead of
-- joined. asked_lines and totals take and give what they did.

-- What can be asked for: each process and each recipe with each measure, and the kinds of figures
-- that answer. Kinds that are never added (other periods than half-years, levels of authorities,
-- requests passed on, single letters) are not in it.
CREATE TABLE askable (
    figure         VARCHAR NOT NULL,
    kind_id        INTEGER NOT NULL,
    provider       VARCHAR NOT NULL,
    service        VARCHAR NOT NULL,
    process        VARCHAR NOT NULL,
    customer_class customer_class_code NOT NULL,
    main           BOOLEAN NOT NULL,
    recipe         BOOLEAN NOT NULL,
    note           VARCHAR NOT NULL,
    part           BOOLEAN NOT NULL,
    total          BOOLEAN NOT NULL,
    national       BOOLEAN NOT NULL,
    carries        BOOLEAN NOT NULL,
    never          BOOLEAN NOT NULL,
    inside         VARCHAR[] NOT NULL
);

DROP MACRO TABLE asked_lines;
DROP MACRO TABLE totals;

-- asked_lines(...): the lines, of whatever jurisdiction, that hold the figures asked for, and which
-- of them answer.
--
-- figures is a list of NAME/MEASURE separated by |; a name is a recipe of the list rollup (which
-- processes of a provider add up without overlap) or a process. providers is all or a list; services
-- is main (those that no other service includes) or a list; customers a customer class.
-- jurisdictions is a list; ZZ is the printed world row or, where none is printed, every line. grp is
-- none or a group of jurisdictions, whose members are those of the period's last day or of the day
-- that members_on gives; beside a group ZZ is left out. upto is what as_of takes.
--
-- figure is the wish that a line answers; named, world and by_group say why a line is in; whole says
-- whether its table was at hand whole.
CREATE MACRO asked_lines(figures, providers := 'all', jurisdictions := 'ZZ', grp := 'none', members_on := 'period',
                         services := 'main', customers := 'all', upto := 'now') AS TABLE
WITH raw AS MATERIALIZED (
    SELECT f.provider, f.service, f.source, f.report_table, f.edition, f.period, f.period_start, f.period_end, f.jurisdiction,
           f.process, f.measure, f.unit, f.value_low, f.value_high, f.exactness, f.band_scheme, f.floor_raised, f.absent,
           f.refused, f.capture_id, f.ordinal, k.figure, k.recipe, k.note, k.part, k.total, k.national, k.never, k.carries,
           coalesce(CASE WHEN m.day IS NULL THEN f.whole_seq <= m.seq ELSE f.whole_on <= m.day END, false) AS whole
    FROM standing f
    JOIN askable k ON k.kind_id = f.kind_id
    CROSS JOIN moment(upto) m
    WHERE list_contains(string_split(figures, '|'), k.figure)
      AND (services = 'main' AND k.main OR list_contains(string_split(services, '|'), k.service))
      AND k.customer_class = customers AND (providers = 'all' OR list_contains(string_split(providers, '|'), k.provider))
      AND CASE WHEN upto = 'now' THEN f.until_seq = 2147483647
               WHEN m.day IS NULL THEN f.seq <= m.seq AND f.until_seq > m.seq ELSE f.known_on <= m.day AND f.until_on > m.day END
)
SELECT l.*,
       NOT (grp <> 'none' AND jurisdictions = 'ZZ') AND list_contains(string_split(jurisdictions, '|'), l.jurisdiction) AS named,
       -- The world of a table without a world row is the sum of its lines.
       NOT (grp <> 'none' AND jurisdictions = 'ZZ') AND list_contains(string_split(jurisdictions, '|'), 'ZZ')
           AND NOT coalesce(list_contains(w.printed, l.process) OR l.part AND list_contains(w.totalled, 'ZZ'), false)
           AND l.jurisdiction NOT IN ('ZZ', 'ZZ-NONUS') AS world,
       m.member IS NOT NULL AS by_group
FROM raw l
LEFT JOIN (SELECT figure, service, unit, period_start, list(process) FILTER (jurisdiction = 'ZZ') AS printed, list(jurisdiction) FILTER (total) AS totalled
           FROM raw WHERE (jurisdiction = 'ZZ' OR total) AND NOT absent GROUP BY ALL) w
    ON w.figure = l.figure AND w.service = l.service AND w.unit = l.unit AND w.period_start = l.period_start
LEFT JOIN membership m ON m."group" = grp AND m.member = l.jurisdiction
    AND coalesce(TRY_CAST(members_on AS DATE), l.period_end)
        BETWEEN coalesce(m."from", DATE '0001-01-01') AND coalesce(m."to", DATE '9999-12-31')
-- In a recipe a printed total stands for its parts.
WHERE NOT (l.part AND coalesce(list_contains(w.totalled, l.jurisdiction), false));

-- totals(...): what the figures asked for add up to, provider by provider and half-year, year
-- (per := 'year') or over the whole range (per := 'all'), both bounds inclusive.
--
-- The upper bound is open when the report counts more than is at hand: an excerpt, a table that is
-- missing, lines that were refused, cells that are printed without a figure. missing := 'skip'
-- adds what is printed and says what is left out. What may not be added (units, processes that
-- count some of the same, a service inside another, the world beside one of its lines, a group
-- beside its member, measures without a sum) has no bounds and says why; mixing := 'show' gives the
-- number that others publish, with the reason. Counts that carry over from one half-year to the
-- next (orders under FISA stay in force) make a year of at least the larger half and at most both.
-- direction compares with the period just before, and not across a break of the series or another
-- legal scheme of the bands unless across_breaks := 'yes'.
CREATE MACRO totals(figures, providers := 'all', jurisdictions := 'ZZ', grp := 'none', members_on := 'period',
                    services := 'main', customers := 'all', from_period := '0000-H1', to_period := '9999-H2', per := 'half',
                    missing := 'open', mixing := 'refuse', across_breaks := 'no', upto := 'now') AS TABLE
WITH line AS MATERIALIZED (
    SELECT * FROM asked_lines(figures, providers := providers, jurisdictions := jurisdictions, grp := grp,
                              members_on := members_on, services := services, customers := customers, upto := upto)
),
-- Which lines there are of each table, process and wish, and how many of the jurisdictions asked for.
part AS MATERIALIZED (
    SELECT provider, period, report_table, process, figure, bool_and(whole) AS whole, list(jurisdiction) FILTER (named) AS named, bool_or(world) AS world
    FROM line GROUP BY ALL
),
seen AS (
    SELECT provider, period, list(report_table) AS tables, flatten(list(processes)) AS processes, flatten(list(wishes)) AS wishes,
           bool_or(NOT whole AND (grp <> 'none' OR coalesce(len(list_distinct(flatten(named))), 0) + world::INTEGER < len(list_distinct(string_split(jurisdictions, '|'))))) AS cut
    FROM (SELECT provider, period, report_table, bool_and(whole) AS whole, list(process) AS processes, list(figure) AS wishes,
                 list(named) FILTER (named IS NOT NULL) AS named, bool_or(world) AS world FROM part GROUP BY ALL)
    GROUP BY ALL
),
-- What is not at hand of a half-year. gaps are tables of the report that had figures before (or
-- elsewhere in the year or range) and have none now, unless another table has their processes;
-- unsaid are figures that the provider prints at other times and that are surely in none that it
-- prints now; cut says that an excerpt may have left out lines of what is asked for.
gap AS (
    SELECT s.provider, s.period, s.cut,
           [x.t FOR x IN k.known IF CASE per WHEN 'half' THEN x.since <= s.period WHEN 'year' THEN x.since[:4] <= s.period[:4] ELSE x.since <= to_period END
               AND NOT list_contains(s.tables, x.t) AND NOT list_contains(s.processes, x.p)] AS gaps,
           [x.f FOR x IN k.known IF NOT list_contains(s.wishes, x.f) AND NOT list_has_any(s.processes, x.inside)] AS unsaid
    FROM seen s
    JOIN (SELECT l.provider, list({'t': report_table, 'p': l.process, 'f': l.figure, 'since': since, 'inside': a.inside}) AS known
          FROM (SELECT provider, report_table, process, figure, min(period) AS since FROM part GROUP BY ALL) l
          JOIN (SELECT figure, provider, process, any_value(inside) AS inside FROM askable WHERE list_contains(string_split(figures, '|'), figure) GROUP BY ALL) a
              ON a.provider = l.provider AND a.figure = l.figure AND a.process = l.process
          GROUP BY ALL) k USING (provider)
),
half AS (
    SELECT h.* EXCLUDE (open_group, open_world, world, world_refused),
           open_group OR open_world AND NOT h.national AS excerpt,
           world AND NOT h.national AS world,
           CASE WHEN h.national THEN h.own_refused ELSE world_refused END AS refused,
           len(h.asked) > 1 AS twice, g.cut, g.gaps, g.unsaid
    FROM (
        SELECT provider, CASE per WHEN 'half' THEN period WHEN 'year' THEN period[:4] ELSE from_period || '/' || to_period END AS bucket,
               period, period_start, period_end, process, measure, unit, national, carries, never,
               fsum(value_low) FILTER (NOT absent) AS low,
               fsum(value_high) FILTER (NOT absent) AS high,
               count(*) FILTER (NOT absent) AS cells,
               count(*) FILTER (absent) AS absent,
               count(*) FILTER (NOT absent AND value_high IS NULL) AS unbounded,
               bool_or(by_group AND NOT whole) AS open_group,
               bool_or(world AND NOT whole) AS open_world,
               bool_or(world) AS world,
               max(CASE WHEN world OR by_group OR part THEN refused ELSE 0 END) AS world_refused,
               max(CASE WHEN by_group OR part THEN refused ELSE 0 END) AS own_refused,
               list_distinct(list(jurisdiction) FILTER (NOT absent)) AS places,
               list_distinct(list(edition) FILTER (NOT absent AND value_high IS DISTINCT FROM 0)) AS editions,
               list_distinct(list(exactness::VARCHAR) FILTER (NOT absent)) AS exactness,
               list_distinct(list(band_scheme) FILTER (NOT absent AND band_scheme <> '')) AS schemes,
               list_distinct(list(service) FILTER (NOT absent)) AS of_services,
               list_distinct(list(figure)) AS asked,
               bool_and(recipe) AS by_recipe,
               max(CASE WHEN note <> '' THEN process || ': ' || note ELSE '' END) AS note,
               bool_or(named AND (by_group OR world)) OR bool_or(jurisdiction = 'ZZ') AND bool_or(jurisdiction <> 'ZZ')
                   OR bool_or(jurisdiction = 'ZZ-NONUS') AND bool_or(jurisdiction NOT IN ('ZZ-NONUS', 'US')) AS double
        FROM line
        WHERE (named OR world OR by_group) AND period BETWEEN from_period AND to_period
        GROUP BY ALL
    ) h
    JOIN gap g USING (provider, period)
),
-- What carries over from one half-year to the next is not added over half-years.
piece AS (
    SELECT provider, bucket, process, measure, unit,
           CASE WHEN bool_or(carries) THEN max(low) ELSE fsum(low) END AS low,
           CASE WHEN sum(unbounded) = 0 AND (missing = 'skip' OR NOT bool_or(excerpt OR absent > 0 OR refused > 0)) THEN fsum(high) END AS high,
           count(*) FILTER (cells > 0) AS halves,
           bool_or(carries) AS carries, bool_or(never) AS never, sum(cells) AS cells, sum(absent) AS absent,
           bool_or(excerpt) AS excerpt, max(refused) AS refused, bool_or(world) AS world, bool_or(double) AS double, bool_or(twice) AS twice,
           min(period_start) AS first_day, max(period_end) AS last_day,
           list(period) FILTER (cells > 0) AS periods, list(period) AS looked,
           flatten(list(places)) AS places, flatten(list(editions)) AS editions, bool_or(len(editions) > 1) AS mixed,
           flatten(list(exactness)) AS exactness, flatten(list(schemes)) AS schemes, flatten(list(of_services)) AS of_services,
           flatten(list(asked)) AS asked, bool_and(by_recipe) AS by_recipe, max(note) AS note,
           bool_or(cut) AS cut, flatten(list(gaps)) AS gaps, flatten(list(unsaid)) AS unsaid
    FROM half
    GROUP BY ALL
),
bucket AS (
    SELECT p.provider, p.bucket,
           fsum(p.low) AS low, CASE WHEN count(*) FILTER (cells > 0 AND high IS NULL OR absent > 0 AND cells = 0 AND missing = 'open') = 0 THEN fsum(p.high) END AS high,
           bool_or(p.carries AND p.halves > 1) AS carries, bool_or(p.never) AND sum(p.cells) > 1 AS never,
           sum(p.cells)::BIGINT AS cells, sum(p.absent)::BIGINT AS absent, bool_or(p.excerpt) AS excerpt, max(p.refused) AS refused,
           bool_or(p.world) AS world, bool_or(p.double) AS double, bool_or(p.twice) AS twice, min(p.first_day) AS first_day, max(p.last_day) AS last_day,
           list_sort(list_distinct(flatten(list(p.periods)))) AS periods, len(list_distinct(flatten(list(p.looked)))) AS halves,
           list_sort(list_distinct(list(p.unit) FILTER (p.cells > 0))) AS units,
           list_sort(list_distinct(list(p.process) FILTER (p.cells > 0))) AS processes,
           list_sort(list_distinct(list(p.measure))) AS measures, bool_and(starts_with(p.measure, 'outcome_')) AS outcomes,
           list_sort(list_distinct(flatten(list(p.places)))) AS places,
           list_sort(list_distinct(flatten(list(p.editions)))) AS editions, bool_or(p.mixed) AS mixed,
           list_sort(list_distinct(flatten(list(p.exactness)))) AS exactness,
           list_sort(list_distinct(flatten(list(p.schemes)))) AS schemes,
           list_distinct(flatten(list(p.of_services))) AS of_services,
           bool_and(p.by_recipe) AND len(list_distinct(flatten(list(p.asked)))) = 1 AS by_recipe,
           list_sort(list_distinct(list(p.note) FILTER (p.note <> ''))) AS notes,
           bool_or(p.cut) AS cut, list_sort(list_distinct(flatten(list(p.gaps)))) AS gaps, list_sort(list_distinct(flatten(list(p.unsaid)))) AS unsaid
    FROM piece p
    GROUP BY ALL
),
-- Small lists, one row: processes that count some of the same requests, and services inside each
-- other; the members of the group; the breaks of series; the figures that somebody printed.
beside AS (
    SELECT *
    FROM (SELECT list({'provider': o.provider, 'process': o.process, 'other': o.other, 'contained': contained, 'apart_from': apart_from, 'apart_to': apart_to, 'services': false}) AS overlaps
          FROM process_overlap o
          WHERE (contained OR process < other) AND process IN (SELECT process FROM askable WHERE list_contains(string_split(figures, '|'), figure)))
    CROSS JOIN (SELECT list({'provider': provider, 'process': code, 'other': included_in, 'since': included_from}) AS included FROM service WHERE included_in <> '')
    CROSS JOIN (SELECT list({'since': coalesce("from", DATE '0001-01-01'), 'until': coalesce("to", DATE '9999-12-31')}) AS members FROM membership WHERE "group" = grp)
    CROSS JOIN (SELECT list({'provider': provider, 'service': service, 'process': process, 'measure': measure, 'jurisdiction': jurisdiction, 'on': "on",
                             'text': title || ' (' || kind || ', ' || "on" || ')'} ORDER BY "on", title) AS breaks FROM series_break)
    CROSS JOIN (SELECT list_sort(list_distinct([f FOR f IN string_split(figures, '|') IF NOT list_contains(l.printed, f)])) AS never
                FROM (SELECT list(DISTINCT figure) AS printed FROM part) l)
),
judged AS (
    SELECT b.*, s.breaks, s.never AS never_printed,
           CASE WHEN grp <> 'none' THEN nullif(len([m FOR m IN s.members IF coalesce(TRY_CAST(members_on AS DATE), b.last_day) BETWEEN m.since AND m.until]), 0) END AS members,
           nullif(concat_ws('; ',
               CASE WHEN len(b.units) > 1 THEN 'units differ: ' || array_to_string(b.units, ', ') END,
               -- Outcomes add up; a request and its outcome are one request.
               CASE WHEN len(b.measures) > 1 AND NOT b.outcomes AND len(b.units) < 2 THEN 'measures differ: ' || array_to_string(b.measures, ', ') END,
               CASE WHEN b.never THEN array_to_string(b.measures, ', ') || ' does not add up' END,
               CASE WHEN NOT b.by_recipe THEN nullif(array_to_string(list_sort(list_distinct(
                   [CASE WHEN o.contained THEN o.process || ' is counted in ' || o.other ELSE o.process || ' and ' || o.other || ' count some of the same' END
                    FOR o IN s.overlaps IF o.provider = b.provider AND list_contains(b.processes, o.process) AND list_contains(b.processes, o.other)
                    AND NOT coalesce(b.first_day >= coalesce(o.apart_from, b.first_day) AND b.last_day <= o.apart_to, false)]
                   || [o.process || ' is counted in ' || o.other
                    FOR o IN s.included IF o.provider = b.provider AND list_contains(b.of_services, o.process) AND list_contains(b.of_services, o.other)
                    AND NOT coalesce(b.last_day <= o.since - 1, false)])), '; '), '') END,
               CASE WHEN b.double THEN 'a jurisdiction is counted twice: the world beside one of its lines, or a group beside its member' END,
               CASE WHEN b.twice THEN 'a printed cell is asked for twice, by two names' END), '') AS why,
           per = 'year' AND len(b.periods) < 2 AS one_half,
           CASE WHEN per NOT IN ('half', 'year') THEN (date_diff('month', b.first_day, b.last_day) + 1) // 6 - b.halves ELSE 0 END AS holes
    FROM bucket b CROSS JOIN beside s
    WHERE b.cells > 0 OR b.absent > 0
),
answer AS (
    SELECT *, CASE WHEN why IS NOT NULL AND mixing = 'refuse' OR one_half AND missing = 'open' THEN NULL ELSE low END AS lo,
           CASE WHEN why IS NOT NULL AND mixing = 'refuse' 
                  OR missing = 'open' AND (one_half OR len(gaps) > 0 OR len(unsaid) > 0 OR cut OR holes > 0) THEN NULL ELSE high END AS hi
    FROM judged
),
-- Each bucket beside the one before of its provider.
placed AS (
    SELECT * EXCLUDE (breaks), nullif(array_to_string([b.text FOR b IN breaks
           -- A break is declared for what is asked: a process or a recipe, the world or a jurisdiction. The
           -- world of national-security orders is the United States.
           IF b.provider IN ('', provider) AND b."on" > coalesce(before.last_first, first_day) AND b."on" <= last_day
           AND (b.service = '' OR list_contains(of_services, b.service))
           AND (b.process = '' OR list_contains(string_split(regexp_replace(figures, '/[^|]*', '', 'g'), '|'), b.process))
           AND (b.measure = '' OR list_contains(measures, b.measure))
           AND (b.jurisdiction = '' OR list_contains(string_split(jurisdictions, '|'), b.jurisdiction) OR places = [b.jurisdiction])], '; '), '') AS breaks,
           coalesce(len(schemes) > 0 AND len(before.schemes) > 0 AND before.schemes <> schemes, false) AS switched
    FROM (SELECT *, CASE WHEN lag(provider) OVER w = provider
                         THEN lag({'last_first': first_day, 'end': last_day, 'lo': lo, 'hi': hi, 'one_half': one_half, 'schemes': schemes}) OVER w END AS before
          FROM answer WINDOW w AS (ORDER BY provider, first_day))
)
SELECT p.provider, p.bucket AS period, p.first_day, p.last_day,
       CASE WHEN grp = 'none' THEN jurisdictions WHEN jurisdictions = 'ZZ' THEN grp ELSE grp || '|' || jurisdictions END AS jurisdiction,
       array_to_string(p.units, ' + ') AS unit, p.lo AS low, p.hi AS high, array_to_string(p.exactness, ' ') AS exactness,
       CASE WHEN p.before.end + 1 = p.first_day AND NOT p.one_half AND NOT p.before.one_half AND (p.breaks IS NULL AND NOT p.switched OR across_breaks = 'yes')
            THEN iv_dir(p.before.lo, p.before.hi, p.lo, p.hi) END AS direction,
       CASE WHEN p.cells = 1 AND NOT p.world AND grp = 'none' THEN 'as_published' ELSE 'derived' END AS basis,
       p.cells, len(p.places) AS jurisdictions, array_to_string(p.processes, ' ') AS processes, array_to_string(p.editions, ' ') AS editions,
       array_to_string(p.schemes, ' ') AS schemes, p.breaks, p.why AS refused,
       concat_ws(' | ',
           CASE mixing WHEN 'refuse' THEN 'refused: ' ELSE 'must not be added: ' END || p.why,
           CASE WHEN p.one_half THEN 'only ' || array_to_string(p.periods, ', ') || ' is at hand' || CASE missing WHEN 'open' THEN ': no total of the year' ELSE '' END END,
           CASE WHEN p.carries THEN 'accounts and orders carry over from one half-year to the next: at least the larger half, at most both' END,
           'break of the series: ' || p.breaks || CASE across_breaks WHEN 'yes' THEN '' ELSE ': no direction across it' END,
           CASE WHEN p.breaks IS NULL AND p.switched THEN 'the bands follow another legal scheme than before: ' || array_to_string(p.schemes, ' ')
               || CASE across_breaks WHEN 'yes' THEN '' ELSE ': no direction across it' END END,
           CASE WHEN len(p.gaps) > 0 THEN 'no figures at hand from the table ' || array_to_string(p.gaps, ', ') || CASE missing WHEN 'skip' THEN ', left out' ELSE '' END END,
           CASE WHEN len(p.never_printed) > 0 THEN 'nobody who is asked prints ' || array_to_string(p.never_printed, ', ') END,
           CASE WHEN len(p.unsaid) > 0 THEN 'no figures at hand of ' || array_to_string(p.unsaid, ', ') || CASE missing WHEN 'skip' THEN ', left out' ELSE '' END END,
           CASE WHEN per NOT IN ('half', 'year') THEN 'at hand: ' || p.periods[1] || ' to ' || p.periods[-1]
               || CASE WHEN p.holes > 0 THEN ', without half-years between them: ' || p.holes || CASE missing WHEN 'skip' THEN ', left out' ELSE '' END ELSE '' END END,
           CASE WHEN p.absent > 0 THEN p.absent || ' printed cells hold no figure (withheld, left blank or not reported)' || CASE missing WHEN 'skip' THEN ', left out' ELSE '' END END,
           CASE WHEN grp = 'none' AND contains(jurisdictions, '|') AND NOT list_contains(string_split(jurisdictions, '|'), 'ZZ')
                     AND len(p.places) < len(list_distinct(string_split(jurisdictions, '|')))
                THEN len(p.places) || ' of the ' || len(list_distinct(string_split(jurisdictions, '|'))) || ' jurisdictions have a figure' END,
           CASE WHEN jurisdictions = 'ZZ' AND len(p.places) < p.members
                THEN len(p.places) || ' of the ' || p.members || ' members of ' || grp || ' have a line' END,
           CASE WHEN p.excerpt THEN 'excerpt: the report counts more jurisdictions than are at hand' || CASE missing WHEN 'skip' THEN ', which are left out' ELSE '' END
                WHEN p.cut THEN 'excerpt: lines of what is asked for may not be at hand' || CASE missing WHEN 'skip' THEN ' and are left out' ELSE '' END END,
           CASE WHEN p.refused > 0 THEN p.refused || ' printed figures of the edition were refused and are not counted, see table reject' END,
           CASE WHEN p.mixed THEN 'the figures come from several editions: ' || array_to_string(p.editions, ', ') END,
           CASE WHEN (p.world OR grp <> 'none') AND p.provider = 'google' AND p.first_day < DATE '2013-07-01'
                THEN 'until 2013-H1 the report leaves out countries with fewer than 30 requests' END,
           array_to_string(p.notes, ' | ')) AS advisory
FROM placed p;

COMMENT ON TABLE askable IS 'What can be asked for, and the kinds of figures that answer; derived at publishing';
COMMENT ON COLUMN askable.figure IS 'What is asked for: NAME/MEASURE, where the name is a process or a recipe of the list rollup';
COMMENT ON COLUMN askable.kind_id IS 'Number, figure_kind.kind_id';
COMMENT ON COLUMN askable.provider IS 'Company';
COMMENT ON COLUMN askable.service IS 'Service';
COMMENT ON COLUMN askable.process IS 'Process';
COMMENT ON COLUMN askable.customer_class IS 'Class of customers';
COMMENT ON COLUMN askable.main IS 'Whether it answers when no service is named: a recipe says itself which services it takes, a process takes those that no other includes';
COMMENT ON COLUMN askable.recipe IS 'Whether the name is a recipe';
COMMENT ON COLUMN askable.note IS 'What the process holds in this recipe';
COMMENT ON COLUMN askable.part IS 'Whether a total of the recipe stands for it where the total is printed';
COMMENT ON COLUMN askable.total IS 'Whether it is such a total';
COMMENT ON COLUMN askable.national IS 'Whether it is about national security: its world is the United States';
COMMENT ON COLUMN askable.carries IS 'Whether the count carries over from one half-year to the next';
COMMENT ON COLUMN askable.never IS 'Whether the measure never adds up';
COMMENT ON COLUMN askable.inside IS 'Processes of the company in which this one is counted';
COMMENT ON MACRO TABLE asked_lines IS 'The lines, of whatever jurisdiction, that hold the figures asked for, and which of them answer';
COMMENT ON MACRO TABLE totals IS 'What the figures asked for add up to, with both bounds, or why they may not be added';
