-- The first shape of the warehouse. A published file is never edited by hand: a later
-- change is a new file with the next number, and an edited old one is refused.
--
-- Why the figures stand in the table "figure" and not in "observation": what all figures
-- of one capture share (provider, source, edition, hash, time) is stored once, in
-- "capture", and "observation" is the view that joins the two again. It loads 1.3 times
-- as many figures a second, the edition of a capture can be named after its figures have
-- been streamed in, and no figure can claim another edition than its capture's.
--
-- Closed lists that the program itself branches on are ENUMs (half the time of VARCHAR
-- to load, measured). Codes of the vocabularies stay VARCHAR: they grow without a
-- migration, and the view "orphan" says when one is unknown. The view casts the ENUMs
-- back, so that a reader compares text with text.
--
-- There is no primary key on "figure": an index slows loads by more than it ever
-- answers. There is none on "capture" either: DuckDB cannot replace a row of a table with
-- an index within one transaction. The load deduplicates, and publishing checks
-- that it did.

CREATE TYPE period_kind_code AS ENUM ('half', 'year', 'quarter', 'month', 'day', 'fiscal_year', 'irregular');
CREATE TYPE exactness_code AS ENUM ('exact', 'band', 'rounded', 'approximate', 'lower_bound', 'upper_bound', 'below_threshold', 'withheld', 'not_reported', 'not_applicable');
CREATE TYPE basis_code AS ENUM ('as_published', 'derived', 'secondary');
CREATE TYPE requester_level_code AS ENUM ('any', 'local', 'state', 'federal', 'intelligence');
CREATE TYPE customer_class_code AS ENUM ('all', 'consumer', 'enterprise', 'public_sector');
-- Best first: the order is the rank.
CREATE TYPE trust_code AS ENUM ('publisher', 'archive', 'retyped', 'mirror', 'press');

CREATE TABLE provider (
    provider VARCHAR PRIMARY KEY CHECK (provider <> '' AND provider NOT LIKE '%/%')
);

CREATE TABLE source (
    source   VARCHAR PRIMARY KEY CHECK (starts_with(source, provider || '/')),
    provider VARCHAR NOT NULL,
    title    VARCHAR NOT NULL,
    page     VARCHAR NOT NULL,
    cadence  VARCHAR NOT NULL,
    licence  VARCHAR NOT NULL
);

CREATE TABLE edition (
    name           VARCHAR PRIMARY KEY,
    source         VARCHAR NOT NULL,
    label          VARCHAR NOT NULL CHECK (label <> ''),
    period_start   DATE,
    period_end     DATE,
    published_on   VARCHAR NOT NULL CHECK (published_on = '' OR regexp_full_match(published_on, '[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?')),
    is_excerpt     BOOLEAN NOT NULL,
    trust          trust_code NOT NULL,
    first_captured TIMESTAMPTZ NOT NULL,
    last_captured  TIMESTAMPTZ NOT NULL,
    seq            INTEGER NOT NULL,
    CHECK (name = source || '/' || label),
    CHECK (period_start IS NULL OR period_end IS NULL OR period_start <= period_end),
    CHECK (first_captured <= last_captured)
);

CREATE TABLE capture (
    id            INTEGER NOT NULL,
    sha256        VARCHAR NOT NULL CHECK (regexp_full_match(sha256, '[0-9a-f]{64}')),
    provider      VARCHAR NOT NULL,
    source        VARCHAR NOT NULL CHECK (starts_with(source, provider || '/')),
    edition       VARCHAR NOT NULL,
    name          VARCHAR NOT NULL,
    url           VARCHAR NOT NULL,
    final_url     VARCHAR NOT NULL,
    retrieved_at  TIMESTAMPTZ NOT NULL,
    media_type    VARCHAR NOT NULL,
    etag          VARCHAR NOT NULL,
    last_modified VARCHAR NOT NULL,
    size          BIGINT NOT NULL CHECK (size >= 0),
    trust         trust_code NOT NULL,
    excerpt       BOOLEAN NOT NULL,
    tool          VARCHAR NOT NULL,
    loaded_at     TIMESTAMPTZ NOT NULL,
    loaded_by     VARCHAR NOT NULL,
    status        VARCHAR NOT NULL CHECK (status IN ('loaded', 'held')),
    reason        VARCHAR NOT NULL,
    rows          BIGINT NOT NULL,
    observations  BIGINT NOT NULL,
    rejects       BIGINT NOT NULL,
    ignores       BIGINT NOT NULL,
    stored        BIGINT NOT NULL,
    unchanged     BIGINT NOT NULL,
    CHECK (status = 'held' OR starts_with(edition, source || '/')),
    CHECK (rows = observations + rejects + ignores),
    CHECK (observations >= 0 AND rejects >= 0 AND ignores >= 0 AND stored >= 0 AND unchanged >= 0),
    CHECK (observations = stored + unchanged)
);

CREATE TABLE figure (
    series_key             UBIGINT NOT NULL,
    service                VARCHAR NOT NULL,
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
    high_inclusive         BOOLEAN NOT NULL,
    floor_raised           BOOLEAN NOT NULL,
    basis                  basis_code NOT NULL,
    raw_text               VARCHAR NOT NULL,
    raw_label              VARCHAR NOT NULL,
    report_table           VARCHAR NOT NULL,
    locator                VARCHAR NOT NULL CHECK (locator <> ''),
    footnotes              VARCHAR[] NOT NULL,
    quality_flags          VARCHAR[] NOT NULL,
    ordinal                INTEGER NOT NULL CHECK (ordinal >= 1),
    capture_id             INTEGER NOT NULL,
    revision               INTEGER NOT NULL CHECK (revision >= 1),
    superseded_at          TIMESTAMPTZ,
    -- A count is finite and not negative, and the lower end is not above the upper one.
    CHECK (value_low >= 0 AND isfinite(value_low)),
    CHECK (value_high >= 0 AND isfinite(value_high)),
    CHECK (value_low <= value_high),
    -- Missing is never zero, zero is never missing. The literals are cast by hand: a check
    -- is not optimised, and would otherwise turn every row's code into text first, which
    -- takes as long as the rest of the load.
    CHECK ((value_low IS NULL) = (exactness IN ('withheld'::exactness_code, 'not_reported'::exactness_code, 'not_applicable'::exactness_code))),
    CHECK ((value_high IS NULL) = (exactness IN ('withheld'::exactness_code, 'not_reported'::exactness_code, 'not_applicable'::exactness_code, 'lower_bound'::exactness_code))),
    CHECK (exactness NOT IN ('exact'::exactness_code, 'rounded'::exactness_code) OR value_low = value_high),
    CHECK (NOT starts_with(unit, 'percent') OR coalesce(value_high, value_low, 0) <= 100),
    CHECK (period_start <= period_end),
    -- Written without year(), month() and day(), which cost more here than storing the row.
    CHECK (CASE period_kind
        WHEN 'half'::period_kind_code THEN dayofyear(period_start) IN (1, 182, 183)
            AND period_start = date_trunc('quarter', period_start) AND period_end = last_day(period_start + 160)
        WHEN 'year'::period_kind_code THEN dayofyear(period_start) = 1 AND period_end = last_day(period_start + 350)
        WHEN 'quarter'::period_kind_code THEN period_start = date_trunc('quarter', period_start) AND period_end = last_day(period_start + 70)
        WHEN 'month'::period_kind_code THEN period_start = date_trunc('month', period_start) AND period_end = last_day(period_start)
        WHEN 'day'::period_kind_code THEN period_start = period_end
        WHEN 'fiscal_year'::period_kind_code THEN dayofyear(period_start) <> 1
            AND period_end + 1 = CAST(period_start + INTERVAL 1 YEAR AS DATE)
        ELSE true END)
);

CREATE TABLE reject (
    capture_id INTEGER NOT NULL,
    source     VARCHAR NOT NULL,
    edition    VARCHAR NOT NULL,
    capture    VARCHAR NOT NULL,
    tbl        VARCHAR NOT NULL,
    locator    VARCHAR NOT NULL,
    raw_text   VARCHAR NOT NULL,
    raw_label  VARCHAR NOT NULL,
    reason     VARCHAR NOT NULL CHECK (reason <> ''),
    detail     VARCHAR NOT NULL
);

CREATE TABLE finding (
    run          VARCHAR NOT NULL,
    capture_id   INTEGER NOT NULL,
    source       VARCHAR NOT NULL,
    edition      VARCHAR NOT NULL,
    capture      VARCHAR NOT NULL,
    check_name   VARCHAR NOT NULL,
    status       VARCHAR NOT NULL,
    hold         BOOLEAN NOT NULL,
    service      VARCHAR NOT NULL,
    process      VARCHAR NOT NULL,
    also_process VARCHAR[] NOT NULL,
    measures     VARCHAR[] NOT NULL,
    period_start DATE,
    period_end   DATE,
    jurisdiction VARCHAR NOT NULL,
    expected     VARCHAR NOT NULL,
    found        VARCHAR NOT NULL,
    detail       VARCHAR NOT NULL,
    pin          VARCHAR NOT NULL
);

CREATE TABLE run (
    id          VARCHAR PRIMARY KEY,
    started_at  TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    command     VARCHAR NOT NULL,
    version     VARCHAR NOT NULL,
    outcome     VARCHAR NOT NULL
);

CREATE TABLE run_source (
    run          VARCHAR NOT NULL,
    source       VARCHAR NOT NULL,
    outcome      VARCHAR NOT NULL,
    fetched      BIGINT NOT NULL,
    unchanged    BIGINT NOT NULL,
    captures     BIGINT NOT NULL,
    rows         BIGINT NOT NULL,
    observations BIGINT NOT NULL,
    rejects      BIGINT NOT NULL,
    ignores      BIGINT NOT NULL,
    bytes        BIGINT NOT NULL,
    seconds      DOUBLE NOT NULL CHECK (seconds >= 0),
    error        VARCHAR NOT NULL,
    CHECK (rows = observations + rejects + ignores)
);

CREATE VIEW observation AS
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
    f.superseded_at
FROM figure f
JOIN capture c ON c.id = f.capture_id;

-- Label of a period, sortable within its kind: 2013-H1, 2012, 2014-Q1, 2013-05,
-- 2012-12-01/2013-05-31.
CREATE MACRO period_label(first_day, final_day) AS CASE
    WHEN day(first_day::DATE) <> 1 OR final_day::DATE <> last_day(final_day::DATE) THEN CASE WHEN first_day::DATE = final_day::DATE THEN CAST(first_day::DATE AS VARCHAR) ELSE first_day::DATE || '/' || final_day::DATE END
    WHEN year(first_day::DATE) <> year(final_day::DATE) THEN first_day::DATE || '/' || final_day::DATE
    WHEN month(first_day::DATE) = 1 AND month(final_day::DATE) = 12 THEN CAST(year(first_day::DATE) AS VARCHAR)
    WHEN month(first_day::DATE) = 1 AND month(final_day::DATE) = 6 THEN year(first_day::DATE) || '-H1'
    WHEN month(first_day::DATE) = 7 AND month(final_day::DATE) = 12 THEN year(first_day::DATE) || '-H2'
    WHEN month(first_day::DATE) = month(final_day::DATE) THEN strftime(first_day::DATE, '%Y-%m')
    WHEN month(first_day::DATE) % 3 = 1 AND month(final_day::DATE) = month(first_day::DATE) + 2 THEN year(first_day::DATE) || '-Q' || ((month(first_day::DATE) + 2) // 3)
    ELSE first_day::DATE || '/' || final_day::DATE END;

-- The newest edition's figure of each series. edition.seq orders the editions (period,
-- then date of publication, then trust); within an edition at most one reading of a
-- series is not superseded, which publishing checks.
--
-- A series that the newest edition of its table no longer prints is not current: Google
-- took wiretap rows out and split "Other Legal Requests" later, and a sum over old and new
-- rows would count the same requests twice. What the newest edition prints is decided for
-- each table of the report, service, period and jurisdiction, so that a download of one
-- table, or an excerpt of some countries, does not hide the others. The rows that went
-- stand in view "vanished".
CREATE VIEW newest_reading AS
WITH place AS (
    SELECT c.id AS capture_id, c.source, e.seq
    FROM capture c
    JOIN edition e ON e.name = c.edition
),
newest AS (
    SELECT f.series_key, max(p.seq) AS seq
    FROM figure f
    JOIN place p ON p.capture_id = f.capture_id
    WHERE f.superseded_at IS NULL
    GROUP BY f.series_key
),
printed AS (
    SELECT p.source, f.report_table, f.service, f.period_start, f.period_end, f.jurisdiction, max(p.seq) AS seq
    FROM figure f
    JOIN place p ON p.capture_id = f.capture_id
    WHERE f.superseded_at IS NULL
    GROUP BY ALL
)
SELECT o.*, e.seq AS edition_seq, p.seq AS printed_seq
FROM observation o
JOIN edition e ON e.name = o.edition
JOIN newest n ON n.series_key = o.series_key AND n.seq = e.seq
JOIN printed p ON p.source = o.source AND p.report_table = o.report_table AND p.service = o.service
    AND p.period_start = o.period_start AND p.period_end = o.period_end AND p.jurisdiction = o.jurisdiction
WHERE o.superseded_at IS NULL;

CREATE VIEW current AS
SELECT * EXCLUDE (edition_seq, printed_seq)
FROM newest_reading
WHERE printed_seq = edition_seq;

CREATE VIEW vanished AS
SELECT r.* EXCLUDE (edition_seq, printed_seq), e.name AS gone_from
FROM newest_reading r
JOIN edition e ON e.seq = r.printed_seq
WHERE r.printed_seq > r.edition_seq;

CREATE VIEW coverage AS
SELECT
    o.provider,
    o.source,
    o.period_start,
    o.period_end,
    o.period_kind,
    count(*) AS figures,
    count(o.value_low) AS figures_with_value,
    count(DISTINCT o.jurisdiction) AS jurisdictions,
    arg_max(o.edition, e.seq) AS newest_edition,
    bool_and(e.is_excerpt) AS is_excerpt
FROM current o
JOIN edition e ON e.name = o.edition
GROUP BY ALL;

-- Whether a sum over the lines of a table is the report's total. A table is whole when a
-- capture that is no excerpt gave figures of it; refused are the printed figures of the
-- newest edition's table that became no figure. A reject has no period, because the period
-- may be what is unknown, so it counts for every period of its capture.
CREATE VIEW at_hand AS
WITH place AS (
    SELECT DISTINCT capture_id, report_table, period_start, period_end
    FROM figure
    WHERE superseded_at IS NULL
),
refused AS (
    SELECT capture_id, tbl, count(*) AS n
    FROM reject
    GROUP BY ALL
)
SELECT
    k.provider,
    k.source,
    p.report_table,
    p.period_start,
    p.period_end,
    bool_or(NOT k.excerpt) AS whole,
    max_by(coalesce(a.n, 0) + coalesce(b.n, 0), e.seq) AS refused
FROM place p
JOIN capture k ON k.id = p.capture_id
JOIN edition e ON e.name = k.edition
LEFT JOIN refused a ON a.capture_id = p.capture_id AND a.tbl = p.report_table
LEFT JOIN refused b ON b.capture_id = p.capture_id AND b.tbl = ''
GROUP BY ALL;

COMMENT ON TABLE schema_migration IS 'Migrations of this file, oldest first';
COMMENT ON COLUMN schema_migration.version IS 'Number of the migration, from 1 without a gap';
COMMENT ON COLUMN schema_migration.name IS 'File name of the migration in the program';
COMMENT ON COLUMN schema_migration.applied_at IS 'When it was applied';
COMMENT ON COLUMN schema_migration.sha256 IS 'SHA-256 of the migration''s text; an edited migration is refused';

COMMENT ON TABLE provider IS 'Companies that publish reports';
COMMENT ON COLUMN provider.provider IS 'Code of the company';

COMMENT ON TABLE source IS 'Report series of the providers';
COMMENT ON COLUMN source.source IS 'Report series, provider/family';
COMMENT ON COLUMN source.provider IS 'Company that publishes the series';
COMMENT ON COLUMN source.title IS 'The report''s own name';
COMMENT ON COLUMN source.page IS 'Address where a person finds the report';
COMMENT ON COLUMN source.cadence IS 'How often it is published';
COMMENT ON COLUMN source.licence IS 'What the publisher says about reuse';

COMMENT ON TABLE edition IS 'Publications of a report series, one row each; what an edition says stays beside what later ones say';
COMMENT ON COLUMN edition.name IS 'Name of the edition, source/label';
COMMENT ON COLUMN edition.source IS 'Report series, provider/family';
COMMENT ON COLUMN edition.label IS 'Label of the edition: the latest period it reports, such as 2016-H2';
COMMENT ON COLUMN edition.period_start IS 'First day of the period in the label, inclusive; null when the label names none';
COMMENT ON COLUMN edition.period_end IS 'Last day of the period in the label, inclusive; null when the label names none';
COMMENT ON COLUMN edition.published_on IS 'Date of publication as precisely as known: 2014, 2014-09 or 2014-09-26; empty when unknown';
COMMENT ON COLUMN edition.is_excerpt IS 'Whether every capture of the edition left out some of the report''s lines on purpose';
COMMENT ON COLUMN edition.trust IS 'Best trust of the edition''s captures: publisher, archive, retyped, mirror or press';
COMMENT ON COLUMN edition.first_captured IS 'When its bytes were first retrieved';
COMMENT ON COLUMN edition.last_captured IS 'When its bytes were last retrieved';
COMMENT ON COLUMN edition.seq IS 'Place in the order of editions, unique, larger is newer: by period, date of publication, trust and time of capture, over all sources; counted anew at each publishing';

COMMENT ON TABLE capture IS 'Bytes of one address at one instant, with the book of what became of them; one row per capture and edition';
COMMENT ON COLUMN capture.id IS 'Number of the capture in this file; figures, rejects and findings point at it';
COMMENT ON COLUMN capture.sha256 IS 'SHA-256 of the bytes as they came over the wire';
COMMENT ON COLUMN capture.provider IS 'Company that publishes the report';
COMMENT ON COLUMN capture.source IS 'Report series, provider/family';
COMMENT ON COLUMN capture.edition IS 'Edition that the bytes are of; empty for a held capture whose edition is not known';
COMMENT ON COLUMN capture.name IS 'File name';
COMMENT ON COLUMN capture.url IS 'Address as asked; empty when unknown';
COMMENT ON COLUMN capture.final_url IS 'Address after redirects; empty when unknown';
COMMENT ON COLUMN capture.retrieved_at IS 'When the bytes were retrieved';
COMMENT ON COLUMN capture.media_type IS 'Media type that the server named';
COMMENT ON COLUMN capture.etag IS 'ETag that the server sent';
COMMENT ON COLUMN capture.last_modified IS 'Last-Modified that the server sent';
COMMENT ON COLUMN capture.size IS 'Number of bytes';
COMMENT ON COLUMN capture.trust IS 'How the bytes came from the publisher to us: publisher, archive, retyped, mirror or press';
COMMENT ON COLUMN capture.excerpt IS 'Whether some of the report''s lines were left out on purpose';
COMMENT ON COLUMN capture.tool IS 'Program and version that made the capture';
COMMENT ON COLUMN capture.loaded_at IS 'When its figures were last loaded';
COMMENT ON COLUMN capture.loaded_by IS 'Version of the program that loaded them';
COMMENT ON COLUMN capture.status IS 'loaded, or held: nothing of it became a figure';
COMMENT ON COLUMN capture.reason IS 'Why it is held; empty when loaded';
COMMENT ON COLUMN capture.rows IS 'Printed figures that were read: observations + rejects + ignores';
COMMENT ON COLUMN capture.observations IS 'Printed figures that were placed: stored + unchanged';
COMMENT ON COLUMN capture.rejects IS 'Printed figures that could not be placed, see table reject';
COMMENT ON COLUMN capture.ignores IS 'Printed cells declared to be no figures of ours, and repeated lines with the same figure';
COMMENT ON COLUMN capture.stored IS 'Figures that stand in this file with this capture as their evidence';
COMMENT ON COLUMN capture.unchanged IS 'Figures that an earlier capture of the same edition already gave';

COMMENT ON TABLE figure IS 'Reported figures, one row per printed cell and edition, without what their capture says; read the view observation instead';
COMMENT ON COLUMN figure.ordinal IS 'Place of the figure among those of its capture, in printed order from 1';
COMMENT ON COLUMN figure.capture_id IS 'Capture that is the evidence, capture.id';
COMMENT ON COLUMN figure.revision IS 'Number of the reading within series and edition, in the order of loading, from 1';
COMMENT ON COLUMN figure.superseded_at IS 'When another capture of the same edition replaced this reading; null while it stands';

COMMENT ON TABLE reject IS 'Printed figures that could not be placed, one row each, with the reason';
COMMENT ON COLUMN reject.capture_id IS 'Capture, capture.id';
COMMENT ON COLUMN reject.source IS 'Report series, provider/family';
COMMENT ON COLUMN reject.edition IS 'Edition; empty when unknown';
COMMENT ON COLUMN reject.capture IS 'SHA-256 of the captured bytes';
COMMENT ON COLUMN reject.tbl IS 'Table of the report; empty for figures taken out after they had been placed';
COMMENT ON COLUMN reject.locator IS 'Place of the figure in the capture';
COMMENT ON COLUMN reject.raw_text IS 'The figure exactly as printed';
COMMENT ON COLUMN reject.raw_label IS 'The printed words around it';
COMMENT ON COLUMN reject.reason IS 'Why: held, jurisdiction, process, product, column, period, value, unit, duplicate, audit or contradiction';
COMMENT ON COLUMN reject.detail IS 'What is unknown, the printed text quoted, and what to do next';

COMMENT ON TABLE finding IS 'Relations between printed figures that do not hold, one row each';
COMMENT ON COLUMN finding.run IS 'Run that made the finding';
COMMENT ON COLUMN finding.capture_id IS 'Capture, capture.id';
COMMENT ON COLUMN finding.source IS 'Report series, provider/family';
COMMENT ON COLUMN finding.edition IS 'Edition';
COMMENT ON COLUMN finding.capture IS 'SHA-256 of the captured bytes';
COMMENT ON COLUMN finding.check_name IS 'Name of the check, or trust_conflict: a less trusted capture says something else';
COMMENT ON COLUMN finding.status IS 'pinned: the publisher''s own mismatch, known, with its source; open: nobody has looked at it yet';
COMMENT ON COLUMN finding.hold IS 'Whether the figures of the scope were kept out of the load';
COMMENT ON COLUMN finding.service IS 'Scope: service; empty for every one';
COMMENT ON COLUMN finding.process IS 'Scope: process; empty for every one';
COMMENT ON COLUMN finding.also_process IS 'Scope: further processes';
COMMENT ON COLUMN finding.measures IS 'Scope: measures; empty for every one';
COMMENT ON COLUMN finding.period_start IS 'Scope: first day, inclusive; null for every period';
COMMENT ON COLUMN finding.period_end IS 'Scope: last day, inclusive; null for every period';
COMMENT ON COLUMN finding.jurisdiction IS 'Scope: jurisdiction; empty for every one';
COMMENT ON COLUMN finding.expected IS 'What the other figures demand';
COMMENT ON COLUMN finding.found IS 'What stands there';
COMMENT ON COLUMN finding.detail IS 'Which cells, what is wrong, what to do next';
COMMENT ON COLUMN finding.pin IS 'Source of the pin; empty when open';

COMMENT ON TABLE run IS 'Runs that published this file or an earlier one';
COMMENT ON COLUMN run.id IS 'Name of the run; runs/<id>.json says more';
COMMENT ON COLUMN run.started_at IS 'When it started';
COMMENT ON COLUMN run.finished_at IS 'When it finished';
COMMENT ON COLUMN run.command IS 'Command line';
COMMENT ON COLUMN run.version IS 'Version of the program';
COMMENT ON COLUMN run.outcome IS 'clean or held; empty while it runs';

COMMENT ON TABLE run_source IS 'What a run did with each source';
COMMENT ON COLUMN run_source.run IS 'Run, run.id';
COMMENT ON COLUMN run_source.source IS 'Report series, provider/family';
COMMENT ON COLUMN run_source.outcome IS 'clean, held or failed';
COMMENT ON COLUMN run_source.fetched IS 'Captures that came over the network with new bytes';
COMMENT ON COLUMN run_source.unchanged IS 'Captures whose publisher answered that nothing changed';
COMMENT ON COLUMN run_source.captures IS 'Captures that were read';
COMMENT ON COLUMN run_source.rows IS 'Printed figures that were read: observations + rejects + ignores';
COMMENT ON COLUMN run_source.observations IS 'Printed figures that were placed';
COMMENT ON COLUMN run_source.rejects IS 'Printed figures that could not be placed';
COMMENT ON COLUMN run_source.ignores IS 'Printed cells declared to be no figures of ours';
COMMENT ON COLUMN run_source.bytes IS 'Bytes of the captures';
COMMENT ON COLUMN run_source.seconds IS 'Seconds that the source took';
COMMENT ON COLUMN run_source.error IS 'Why it failed; empty otherwise';

COMMENT ON VIEW observation IS 'Every reading of every edition: one reported figure per row, with the evidence for it. Never add across units, and never add a total to its parts';
COMMENT ON VIEW current IS 'The newest edition''s figure of each series, without what the newest edition of its table no longer prints: what is known now. Never add across units, and never add a total to its parts';
COMMENT ON VIEW newest_reading IS 'The newest edition''s figure of each series, also where a newer edition of its table no longer prints the series; views current and vanished divide it';
COMMENT ON VIEW vanished IS 'Figures of older editions that the newest edition of their table no longer prints: taken out, or split into other processes';
COMMENT ON VIEW coverage IS 'What is at hand: provider x source x period';
COMMENT ON COLUMN coverage.provider IS 'Company that publishes the report';
COMMENT ON COLUMN coverage.source IS 'Report series, provider/family';
COMMENT ON COLUMN coverage.period_start IS 'First day covered, inclusive';
COMMENT ON COLUMN coverage.period_end IS 'Last day covered, inclusive';
COMMENT ON COLUMN coverage.period_kind IS 'half, year, quarter, month, day, fiscal_year or irregular';
COMMENT ON COLUMN coverage.figures IS 'Figures of the period, those without a value included';
COMMENT ON COLUMN coverage.figures_with_value IS 'Figures of the period that have a value';
COMMENT ON COLUMN coverage.jurisdictions IS 'Jurisdictions that have a line, aggregates such as ZZ included';
COMMENT ON COLUMN coverage.newest_edition IS 'Newest edition that gives a figure of the period';
COMMENT ON COLUMN coverage.is_excerpt IS 'Whether all figures of the period come from excerpts';
COMMENT ON VIEW at_hand IS 'Which tables of the reports are at hand whole, by period: only over a whole table without refused figures is a sum of its lines the report''s total';
COMMENT ON COLUMN at_hand.provider IS 'Company that publishes the report';
COMMENT ON COLUMN at_hand.source IS 'Report series, provider/family';
COMMENT ON COLUMN at_hand.report_table IS 'Table of the report, as the source''s reader names it';
COMMENT ON COLUMN at_hand.period_start IS 'First day covered, inclusive';
COMMENT ON COLUMN at_hand.period_end IS 'Last day covered, inclusive';
COMMENT ON COLUMN at_hand.whole IS 'Whether a capture that is no excerpt gave figures of the table for the period';
COMMENT ON COLUMN at_hand.refused IS 'Printed figures of the newest edition''s table that became no figure, of any period; see table reject';
