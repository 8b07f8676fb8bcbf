-- What is known now, what was known when an older edition was the newest, and what the figures
-- add up to.
--
-- A printed figure stands from its edition until a later edition prints the series again, or
-- prints its table without it. Both are decided once, when a file is published, and stored as
-- places in the order of editions (edition.seq) and as days: "now" and "as of" are one comparison,
-- and a question does not work the history out again each time. The tables of this file are derived
-- from the others (standing.go of package warehouse fills them) and may be made anew at will.
--
-- The order of editions is that of the periods they cover, and a day cuts through it: of two
-- reports on the same half-year one may come out a year after the other. So the days are not read
-- off the order; each figure has its own.

-- Place of the newest edition that was known with this one: all that cover no later period.
ALTER TABLE edition ADD COLUMN known_seq INTEGER;

-- From which day on the edition was certainly known, how that is known, and from which day on it
-- may have been: the rule stands in standing.go, once.
ALTER TABLE edition ADD COLUMN known_from DATE;
ALTER TABLE edition ADD COLUMN known_by VARCHAR;
ALTER TABLE edition ADD COLUMN possible_from DATE;

-- One row for each reading of "figure" that no revision of its edition replaced, with what
-- questions search and add by, so that they need no join with the texts. value_low and value_high
-- are what is computed with: a rounded percentage is the interval of its rounding here. A reading
-- that another capture of its edition replaced by another figure has a row, too, because it stood
-- on the days before; its until_seq is its seq, so that no edition shows it.
CREATE TABLE standing (
    capture_id             INTEGER NOT NULL,
    ordinal                INTEGER NOT NULL,
    seq                    INTEGER NOT NULL,
    replaced_seq           INTEGER,
    gone_seq               INTEGER,
    until_seq              INTEGER NOT NULL,
    before_seq             INTEGER,
    beside_seq             INTEGER,
    known_on               DATE NOT NULL,
    until_on               DATE NOT NULL,
    series_key             UBIGINT NOT NULL,
    provider               VARCHAR NOT NULL,
    service                VARCHAR NOT NULL,
    source                 VARCHAR NOT NULL,
    report_table           VARCHAR NOT NULL,
    edition                VARCHAR NOT NULL,
    period                 VARCHAR NOT NULL,
    period_start           DATE NOT NULL,
    period_end             DATE NOT NULL,
    period_kind            period_kind_code NOT NULL,
    jurisdiction           VARCHAR NOT NULL,
    assisting_jurisdiction VARCHAR NOT NULL,
    requester_level        requester_level_code NOT NULL,
    customer_class         customer_class_code NOT NULL,
    process                VARCHAR NOT NULL,
    measure                VARCHAR NOT NULL,
    unit                   VARCHAR NOT NULL,
    item                   VARCHAR NOT NULL,
    value_low              DOUBLE,
    value_high             DOUBLE,
    exactness              exactness_code NOT NULL,
    band_scheme            VARCHAR NOT NULL,
    floor_raised           BOOLEAN NOT NULL,
    absent                 BOOLEAN NOT NULL,
    whole_seq              INTEGER,
    whole_on               DATE,
    refused                BIGINT NOT NULL,
    kind_id                INTEGER NOT NULL,
    CHECK (seq <= until_seq)
);

-- What a figure counts, all but period and jurisdiction, as a number: a question picks some of
-- these few hundred rows and finds the figures by the number.
CREATE TABLE figure_kind (
    kind_id         INTEGER NOT NULL,
    provider        VARCHAR NOT NULL,
    service         VARCHAR NOT NULL,
    process         VARCHAR NOT NULL,
    measure         VARCHAR NOT NULL,
    period_kind     period_kind_code NOT NULL,
    requester_level requester_level_code NOT NULL,
    customer_class  customer_class_code NOT NULL,
    passed_on       BOOLEAN NOT NULL,
    single          BOOLEAN NOT NULL
);

CREATE TABLE process_overlap (
    provider   VARCHAR NOT NULL,
    process    VARCHAR NOT NULL,
    other      VARCHAR NOT NULL,
    contained  BOOLEAN NOT NULL,
    apart_from DATE,
    apart_to   DATE
);

CREATE TABLE recipe_process (
    recipe   VARCHAR NOT NULL,
    provider VARCHAR NOT NULL,
    service  VARCHAR NOT NULL,
    process  VARCHAR NOT NULL,
    note     VARCHAR NOT NULL,
    part     BOOLEAN NOT NULL,
    total    BOOLEAN NOT NULL
);

DROP VIEW vanished;
DROP VIEW current;
DROP VIEW newest_reading;

CREATE VIEW reading AS
SELECT
    c.provider,
    f.service,
    c.source,
    c.edition,
    f.revision,
    f.period_start,
    f.period_end,
    CAST(f.period_kind AS VARCHAR) AS period_kind,
    f.jurisdiction,
    CAST(f.requester_level AS VARCHAR) AS requester_level,
    CAST(f.customer_class AS VARCHAR) AS customer_class,
    f.process,
    f.measure,
    f.unit,
    f.value_low,
    f.value_high,
    CAST(f.exactness AS VARCHAR) AS exactness,
    f.band_scheme,
    CAST(f.basis AS VARCHAR) AS basis,
    f.raw_text,
    f.raw_label,
    f.locator,
    c.sha256 AS capture,
    f.quality_flags,
    f.series_key,
    f.assisting_jurisdiction,
    f.item,
    f.report_table,
    f.high_inclusive,
    f.floor_raised,
    f.footnotes,
    f.ordinal,
    c.retrieved_at AS captured_at,
    f.superseded_at,
    s.period,
    s.capture_id,
    s.seq,
    s.replaced_seq,
    s.gone_seq,
    s.until_seq,
    s.known_on,
    s.until_on
FROM standing s
JOIN figure f ON f.capture_id = s.capture_id AND f.ordinal = s.ordinal
JOIN capture c ON c.id = s.capture_id;

-- The newest edition's figure of each series. A series that the newest edition of its table no
-- longer prints is not current: Google took wiretap rows out and split "Other Legal Requests"
-- later, and a sum over old and new rows would count the same requests twice. What an edition
-- prints is decided for each table of the report, service, period and jurisdiction, so that a
-- download of one table, or an excerpt of some countries, does not hide the others.
CREATE VIEW current AS
SELECT * EXCLUDE (period, capture_id, seq, replaced_seq, gone_seq, until_seq, known_on, until_on)
FROM reading
WHERE until_seq = 2147483647;

CREATE VIEW vanished AS
SELECT r.* EXCLUDE (period, capture_id, seq, replaced_seq, gone_seq, until_seq, known_on, until_on), e.name AS gone_from
FROM reading r
JOIN edition e ON e.seq = r.gone_seq
WHERE r.replaced_seq IS NULL;

-- moment(upto): where history is cut. upto is 'now', the name of an edition (all that cover no
-- later period are known with it), a label such as 2018-H1, or a day such as 2019-06-30. One row:
-- seq for an edition, day for a day, neither for an edition that is not at hand.
CREATE MACRO moment(upto) AS TABLE
SELECT max(e.known_seq) AS seq,
       CASE WHEN max(e.known_seq) IS NULL THEN TRY_CAST(CASE WHEN upto LIKE '____-__-__' THEN upto END AS DATE) END AS day
FROM edition e WHERE upto IN ('now', e.name, e.label);

-- standing_at(upto): the rows of standing that stood at that moment; whole says whether their table
-- was at hand whole then.
CREATE MACRO standing_at(upto) AS TABLE
SELECT s.*, coalesce(CASE WHEN m.day IS NULL THEN s.whole_seq <= m.seq ELSE s.whole_on <= m.day END, false) AS whole
FROM standing s CROSS JOIN moment(upto) m
WHERE CASE WHEN m.day IS NULL THEN s.seq <= m.seq AND s.until_seq > m.seq ELSE s.known_on <= m.day AND s.until_on > m.day END;

-- unsure_at(upto): the editions that standing_at leaves out of a day although they may have been
-- known then: nobody said when they were published.
CREATE MACRO unsure_at(upto) AS TABLE
SELECT e.name, e.source, split_part(e.source, '/', 1) AS provider, e.possible_from, e.known_from, e.known_by
FROM edition e CROSS JOIN moment(upto) m
WHERE e.known_from > m.day AND coalesce(e.possible_from <= m.day, true);

-- as_of(upto): the figures as they were known at a moment; upto is what moment takes. No rows for
-- an edition that is not at hand.
CREATE MACRO as_of(upto) AS TABLE
SELECT r.* EXCLUDE (replaced_seq, gone_seq, until_seq, known_on, until_on)
FROM reading r CROSS JOIN moment(upto) m
WHERE CASE WHEN m.day IS NULL THEN r.seq <= m.seq AND r.until_seq > m.seq ELSE r.known_on <= m.day AND r.until_on > m.day END;

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
WITH wanted AS (
    SELECT x AS figure, split_part(x, '/', 1) AS name, split_part(x, '/', 2) AS counted
    FROM (SELECT DISTINCT unnest(string_split(figures, '|')) AS x)
),
rules AS (
    SELECT k.kind_id, w.figure, true AS recipe, r.note, r.part, r.total
    FROM wanted w
    JOIN recipe_process r ON r.recipe = w.name AND (services = 'main' OR list_contains(string_split(services, '|'), r.service))
    JOIN figure_kind k ON k.service = r.service AND k.process = r.process AND k.measure = w.counted
    UNION ALL
    SELECT k.kind_id, w.figure, false, '', false, false
    FROM wanted w
    JOIN figure_kind k ON k.process = w.name AND k.measure = w.counted
    JOIN service s ON s.code = k.service AND (list_contains(string_split(services, '|'), s.code) OR services = 'main' AND s.included_in = '')
),
kind AS (
    SELECT r.* FROM rules r JOIN figure_kind k USING (kind_id)
    WHERE k.period_kind = 'half' AND k.requester_level = 'any' AND k.customer_class = customers AND NOT k.passed_on AND NOT k.single
      AND (providers = 'all' OR list_contains(string_split(providers, '|'), k.provider))
),
raw AS MATERIALIZED (
    SELECT f.provider, f.service, f.source, f.report_table, f.edition, f.period, f.period_start, f.period_end, f.jurisdiction,
           f.process, f.measure, f.unit, f.value_low, f.value_high, f.exactness, f.band_scheme, f.floor_raised, f.absent,
           f.refused, f.capture_id, f.ordinal, r.figure, r.recipe, r.note, r.part, r.total,
           f.whole
    FROM standing_at(upto) f
    JOIN kind r ON r.kind_id = f.kind_id
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

-- asked_cells(...): the printed cells that answer, one row each; the parameters are those of
-- asked_lines. capture_id and ordinal lead to the printed text in reading.
CREATE MACRO asked_cells(figures, providers := 'all', jurisdictions := 'ZZ', grp := 'none', members_on := 'period',
                         services := 'main', customers := 'all', upto := 'now') AS TABLE
SELECT * FROM asked_lines(figures, providers := providers, jurisdictions := jurisdictions, grp := grp,
                          members_on := members_on, services := services, customers := customers, upto := upto)
WHERE named OR world OR by_group;

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
-- What is not at hand of a half-year. gaps are tables of the report that had figures before (or
-- elsewhere in the year or range) and have none now, unless another table has their processes;
-- unsaid are figures that the provider prints at other times and that are surely in none that it
-- prints now; cut says that an excerpt may have left out lines of what is asked for.
seen AS (
    SELECT provider, period, list(report_table) AS tables, flatten(list(processes)) AS processes, flatten(list(wishes)) AS wishes,
           bool_or(NOT whole AND (grp <> 'none' OR found < len(list_distinct(string_split(jurisdictions, '|'))))) AS cut
    FROM (SELECT provider, period, report_table, bool_and(whole) AS whole, list(DISTINCT process) AS processes, list(DISTINCT figure) AS wishes,
                 count(DISTINCT jurisdiction) FILTER (named) + count(DISTINCT 'ZZ') FILTER (world) AS found FROM line GROUP BY ALL)
    GROUP BY ALL
),
gap AS (
    SELECT s.provider, s.period, s.cut,
           [x.t FOR x IN k.known IF CASE per WHEN 'half' THEN x.since <= s.period WHEN 'year' THEN x.since[:4] <= s.period[:4] ELSE x.since <= to_period END
               AND NOT list_contains(s.tables, x.t) AND NOT list_contains(s.processes, x.p)] AS gaps,
           [x.f FOR x IN k.known IF NOT list_contains(s.wishes, x.f) AND NOT coalesce(list_has_any(s.processes, x.inside), false)] AS unsaid
    FROM seen s
    JOIN (SELECT l.provider, list({'t': report_table, 'p': l.process, 'f': figure, 'since': since, 'inside': o.inside}) AS known
          FROM (SELECT provider, report_table, process, figure, min(period) AS since FROM line GROUP BY ALL) l
          LEFT JOIN (SELECT provider, process, list(other) AS inside FROM process_overlap WHERE contained AND apart_from IS NULL GROUP BY ALL) o
              ON o.provider = l.provider AND o.process = l.process
          GROUP BY ALL) k USING (provider)
),
cell AS MATERIALIZED (
    SELECT *, CASE per WHEN 'half' THEN period WHEN 'year' THEN period[:4] ELSE from_period || '/' || to_period END AS bucket
    FROM line
    WHERE (named OR world OR by_group) AND period BETWEEN from_period AND to_period
),
half AS MATERIALIZED (
    SELECT h.* EXCLUDE (open_group, open_world, world, world_refused),
           open_group OR open_world AND p.class <> 'national_security' AS excerpt,
           world AND p.class <> 'national_security' AS world,
           CASE WHEN p.class <> 'national_security' THEN world_refused ELSE h.own_refused END AS refused,
           list_contains(string_split(m.carry_over_processes, '|'), h.process) AS carries,
           m.additive = 'none' AS never,
           len(h.asked) > 1 AS twice
    FROM (
        SELECT provider, bucket, period, period_start, period_end, process, measure, unit,
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
        FROM cell
        GROUP BY ALL
    ) h
    JOIN measure m ON m.code = h.measure
    JOIN process p ON p.code = h.process
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
           list(period) FILTER (cells > 0) AS periods,
           flatten(list(places)) AS places, flatten(list(editions)) AS editions, bool_or(len(editions) > 1) AS mixed,
           flatten(list(exactness)) AS exactness, flatten(list(schemes)) AS schemes, flatten(list(of_services)) AS of_services,
           flatten(list(asked)) AS asked, bool_and(by_recipe) AS by_recipe, max(note) AS note
    FROM half
    GROUP BY ALL
),
bucket AS MATERIALIZED (
    SELECT p.provider, p.bucket,
           fsum(p.low) AS low, CASE WHEN count(*) FILTER (cells > 0 AND high IS NULL OR absent > 0 AND cells = 0 AND missing = 'open') = 0 THEN fsum(p.high) END AS high,
           bool_or(p.carries AND p.halves > 1) AS carries, bool_or(p.never) AND sum(p.cells) > 1 AS never,
           sum(p.cells)::BIGINT AS cells, sum(p.absent)::BIGINT AS absent, bool_or(p.excerpt) AS excerpt, max(p.refused) AS refused,
           bool_or(p.world) AS world, bool_or(p.double) AS double, bool_or(p.twice) AS twice, min(p.first_day) AS first_day, max(p.last_day) AS last_day,
           list_sort(list_distinct(flatten(list(p.periods)))) AS periods,
           list_sort(list_distinct(list(p.unit) FILTER (p.cells > 0))) AS units,
           list_sort(list_distinct(list(p.process) FILTER (p.cells > 0))) AS processes,
           list_sort(list_distinct(list(p.measure))) AS measures, bool_and(starts_with(p.measure, 'outcome_')) AS outcomes,
           list_sort(list_distinct(flatten(list(p.places)))) AS places,
           list_sort(list_distinct(flatten(list(p.editions)))) AS editions, bool_or(p.mixed) AS mixed,
           list_sort(list_distinct(flatten(list(p.exactness)))) AS exactness,
           list_sort(list_distinct(flatten(list(p.schemes)))) AS schemes,
           list_distinct(flatten(list(p.of_services))) AS of_services,
           bool_and(p.by_recipe) AND len(list_distinct(flatten(list(p.asked)))) = 1 AS by_recipe,
           list_sort(list_distinct(list(p.note) FILTER (p.note <> ''))) AS notes
    FROM piece p
    GROUP BY ALL
),
-- Processes that count some of the same requests, and services inside each other.
overlap AS (
    SELECT b.provider, b.bucket, list_sort(list(DISTINCT CASE WHEN o.contained THEN o.process || ' is counted in ' || o.other
                                                            ELSE o.process || ' and ' || o.other || ' count some of the same' END)) AS pairs
    FROM bucket b
    JOIN (SELECT provider, process, other, contained, apart_from, apart_to, false AS services FROM process_overlap
          UNION ALL
          SELECT provider, code, included_in, true, NULL, included_from - 1, true FROM service WHERE included_in <> '') o
        ON o.provider = b.provider
       AND list_contains(CASE WHEN o.services THEN b.of_services ELSE b.processes END, o.process)
       AND list_contains(CASE WHEN o.services THEN b.of_services ELSE b.processes END, o.other)
       AND (o.contained OR o.process < o.other)
       AND NOT coalesce(b.first_day >= coalesce(o.apart_from, b.first_day) AND b.last_day <= o.apart_to, false)
    WHERE NOT b.by_recipe
    GROUP BY ALL
),
-- How many members the group had.
listed AS (
    SELECT b.provider, b.bucket, count(*) AS members
    FROM bucket b
    JOIN membership m ON m."group" = grp AND coalesce(TRY_CAST(members_on AS DATE), b.last_day)
        BETWEEN coalesce(m."from", DATE '0001-01-01') AND coalesce(m."to", DATE '9999-12-31')
    GROUP BY ALL
),
judged AS (
    SELECT b.*, o.pairs, g.gaps, g.unsaid, g.cut, l.members,
           nullif(concat_ws('; ',
               CASE WHEN len(b.units) > 1 THEN 'units differ: ' || array_to_string(b.units, ', ') END,
               -- Outcomes add up; a request and its outcome are one request.
               CASE WHEN len(b.measures) > 1 AND NOT b.outcomes AND len(b.units) < 2 THEN 'measures differ: ' || array_to_string(b.measures, ', ') END,
               CASE WHEN b.never THEN array_to_string(b.measures, ', ') || ' does not add up' END,
               array_to_string(o.pairs, '; '),
               CASE WHEN b.double THEN 'a jurisdiction is counted twice: the world beside one of its lines, or a group beside its member' END,
               CASE WHEN b.twice THEN 'a printed cell is asked for twice, by two names' END), '') AS why,
           per = 'year' AND len(b.periods) < 2 AS one_half,
           CASE WHEN per NOT IN ('half', 'year') THEN (date_diff('month', b.first_day, b.last_day) + 1) // 6 - g.halves ELSE 0 END AS holes
    FROM bucket b
    LEFT JOIN overlap o USING (provider, bucket)
    LEFT JOIN listed l USING (provider, bucket)
    LEFT JOIN (SELECT c.provider, c.bucket, count(*) AS halves, bool_or(g.cut) AS cut,
                      list_sort(list_distinct(flatten(list(g.gaps)))) AS gaps, list_sort(list_distinct(flatten(list(g.unsaid)))) AS unsaid
               FROM (SELECT DISTINCT provider, bucket, period FROM half) c JOIN gap g USING (provider, period) GROUP BY ALL) g USING (provider, bucket)
),
answer AS (
    SELECT *, CASE WHEN why IS NOT NULL AND mixing = 'refuse' OR one_half AND missing = 'open' THEN NULL ELSE low END AS lo,
           CASE WHEN why IS NOT NULL AND mixing = 'refuse' 
                  OR missing = 'open' AND (one_half OR len(gaps) > 0 OR len(unsaid) > 0 OR cut OR holes > 0) THEN NULL ELSE high END AS hi
    FROM judged
    WHERE cells > 0 OR absent > 0
),
placed AS MATERIALIZED (
    SELECT *, lag(first_day) OVER w AS before_day, lag(last_day) OVER w AS before_end,
           coalesce(len(schemes) > 0 AND len(lag(schemes) OVER w) > 0 AND lag(schemes) OVER w <> schemes, false) AS switched,
           lag(lo) OVER w AS before_lo, lag(hi) OVER w AS before_hi, lag(one_half) OVER w AS before_one_half
    FROM answer
    WINDOW w AS (PARTITION BY provider ORDER BY first_day)
),
broken AS (
    SELECT p.provider, p.bucket, string_agg(b.title || ' (' || b.kind || ', ' || b."on" || ')', '; ' ORDER BY b."on", b.title) AS breaks
    FROM placed p
    -- A break is declared for what is asked: a process or a recipe, the world or a jurisdiction. The
    -- world of national-security orders is the United States.
    JOIN series_break b ON b.provider IN ('', p.provider) AND b."on" > coalesce(p.before_day, p.first_day) AND b."on" <= p.last_day
        AND (b.service = '' OR list_contains(p.of_services, b.service))
        AND (b.process = '' OR list_contains(string_split(regexp_replace(figures, '/[^|]*', '', 'g'), '|'), b.process))
        AND (b.measure = '' OR list_contains(p.measures, b.measure))
        AND (b.jurisdiction = '' OR list_contains(string_split(jurisdictions, '|'), b.jurisdiction) OR p.places = [b.jurisdiction])
    GROUP BY ALL
)
SELECT p.provider, p.bucket AS period, p.first_day, p.last_day,
       CASE WHEN grp = 'none' THEN jurisdictions WHEN jurisdictions = 'ZZ' THEN grp ELSE grp || '|' || jurisdictions END AS jurisdiction,
       array_to_string(p.units, ' + ') AS unit, p.lo AS low, p.hi AS high, array_to_string(p.exactness, ' ') AS exactness,
       CASE WHEN p.before_end + 1 = p.first_day AND NOT p.one_half AND NOT p.before_one_half AND (b.breaks IS NULL AND NOT p.switched OR across_breaks = 'yes')
            THEN iv_dir(p.before_lo, p.before_hi, p.lo, p.hi) END AS direction,
       CASE WHEN p.cells = 1 AND NOT p.world AND grp = 'none' THEN 'as_published' ELSE 'derived' END AS basis,
       p.cells, len(p.places) AS jurisdictions, array_to_string(p.processes, ' ') AS processes, array_to_string(p.editions, ' ') AS editions,
       array_to_string(p.schemes, ' ') AS schemes, b.breaks, p.why AS refused,
       concat_ws(' | ',
           CASE mixing WHEN 'refuse' THEN 'refused: ' ELSE 'must not be added: ' END || p.why,
           CASE WHEN p.one_half THEN 'only ' || array_to_string(p.periods, ', ') || ' is at hand' || CASE missing WHEN 'open' THEN ': no total of the year' ELSE '' END END,
           CASE WHEN p.carries THEN 'accounts and orders carry over from one half-year to the next: at least the larger half, at most both' END,
           'break of the series: ' || b.breaks || CASE across_breaks WHEN 'yes' THEN '' ELSE ': no direction across it' END,
           CASE WHEN b.breaks IS NULL AND p.switched THEN 'the bands follow another legal scheme than before: ' || array_to_string(p.schemes, ' ')
               || CASE across_breaks WHEN 'yes' THEN '' ELSE ': no direction across it' END END,
           CASE WHEN len(p.gaps) > 0 THEN 'no figures at hand from the table ' || array_to_string(p.gaps, ', ') || CASE missing WHEN 'skip' THEN ', left out' ELSE '' END END,
           CASE WHEN len(a.never) > 0 THEN 'nobody who is asked prints ' || array_to_string(a.never, ', ') END,
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
FROM placed p
LEFT JOIN broken b USING (provider, bucket)
CROSS JOIN (SELECT list_sort(list_distinct([f FOR f IN string_split(figures, '|') IF NOT list_contains(l.printed, f)])) AS never
            FROM (SELECT list(DISTINCT figure) AS printed FROM line) l) a;

COMMENT ON COLUMN edition.known_seq IS 'Place of the newest edition that was known with this one: all that cover no later period';
COMMENT ON COLUMN edition.known_from IS 'First day on which the edition was certainly known: an answer as of an earlier day leaves it out';
COMMENT ON COLUMN edition.known_by IS 'How that is known: published (a date of publication), seen (somebody had it or wrote of it), captured (its bytes), later (an edition of the same series that follows it was known)';
COMMENT ON COLUMN edition.possible_from IS 'First day on which it may have been known: after its period, and not before the date of publication; null when nothing is known';
COMMENT ON TABLE standing IS 'Readings, and from which edition to which and from which day to which they stand; derived at publishing';
COMMENT ON TABLE figure_kind IS 'What the figures of standing count, numbered; derived at publishing';
COMMENT ON COLUMN figure_kind.kind_id IS 'Number, standing.kind_id';
COMMENT ON COLUMN figure_kind.provider IS 'Company';
COMMENT ON COLUMN figure_kind.service IS 'Service';
COMMENT ON COLUMN figure_kind.process IS 'Process';
COMMENT ON COLUMN figure_kind.measure IS 'Measure';
COMMENT ON COLUMN figure_kind.period_kind IS 'Kind of period';
COMMENT ON COLUMN figure_kind.requester_level IS 'Level of the authorities';
COMMENT ON COLUMN figure_kind.customer_class IS 'Class of customers';
COMMENT ON COLUMN figure_kind.passed_on IS 'Whether another jurisdiction passed the requests on';
COMMENT ON COLUMN figure_kind.single IS 'Whether the figure is about one single letter';
COMMENT ON TABLE process_overlap IS 'Processes that count some of the same requests, provider by provider; derived from process and process_relation at publishing';
COMMENT ON COLUMN process_overlap.provider IS 'Company';
COMMENT ON COLUMN process_overlap.process IS 'Process';
COMMENT ON COLUMN process_overlap.other IS 'The other process';
COMMENT ON COLUMN process_overlap.contained IS 'Whether the process is a part of the other; otherwise they have some requests in common';
COMMENT ON COLUMN process_overlap.apart_from IS 'First day from which the company prints the two apart after all; null when it never does';
COMMENT ON COLUMN process_overlap.apart_to IS 'Last day until which it does; null when it never does';
COMMENT ON TABLE recipe_process IS 'The processes of each recipe of the list rollup, and which of them a printed total stands for; derived at publishing';
COMMENT ON COLUMN recipe_process.recipe IS 'Name of the recipe';
COMMENT ON COLUMN recipe_process.provider IS 'Company';
COMMENT ON COLUMN recipe_process.service IS 'Service';
COMMENT ON COLUMN recipe_process.process IS 'Process';
COMMENT ON COLUMN recipe_process.note IS 'What the process holds here';
COMMENT ON COLUMN recipe_process.part IS 'Whether a total of the recipe stands for it where the total is printed';
COMMENT ON COLUMN recipe_process.total IS 'Whether it is such a total';
COMMENT ON VIEW reading IS 'Readings with their printed texts and the editions and days from and to which they stand; current, vanished and as_of() are cut out of it';
COMMENT ON VIEW current IS 'The newest edition''s figure of each series, without what the newest edition of its table no longer prints: what is known now. Never add across units, and never add a total to its parts';
COMMENT ON VIEW vanished IS 'Figures of older editions that a newer edition of their table no longer prints: taken out, or split into other processes';
COMMENT ON MACRO TABLE moment IS 'Where history is cut: now, the name of an edition, a label such as 2018-H1, or a day such as 2019-06-30';
COMMENT ON MACRO TABLE standing_at IS 'The rows of standing that stood at a moment';
COMMENT ON MACRO TABLE unsure_at IS 'Editions that an answer as of a day leaves out although they may have been known then';
COMMENT ON MACRO TABLE as_of IS 'The figures as they were known at a moment: now, the name of an edition, a label such as 2018-H1, or a day such as 2019-06-30';
COMMENT ON MACRO TABLE asked_lines IS 'The lines, of whatever jurisdiction, that hold the figures asked for, and which of them answer';
COMMENT ON MACRO TABLE asked_cells IS 'The printed cells that answer, one row each';
COMMENT ON MACRO TABLE totals IS 'What the figures asked for add up to, with both bounds, or why they may not be added';
