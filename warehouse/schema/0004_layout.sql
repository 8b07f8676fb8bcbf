-- What waits for review, what was decided, and what the captures looked like.
--
-- A reviewer decides about a matter: an unknown word, a mismatch, a capture. Its name, the
-- column review, is the same in every run and in every file, so that a decision that was
-- written down once applies to whatever is loaded later. The words of a decision come from
-- the reviewers' file and are taken in anew at every run; nothing here is edited by hand.

ALTER TABLE reject ADD COLUMN label_kind VARCHAR;
ALTER TABLE reject ADD COLUMN word VARCHAR;
ALTER TABLE reject ADD COLUMN review VARCHAR;

ALTER TABLE finding ADD COLUMN tbl VARCHAR;
ALTER TABLE finding ADD COLUMN measure VARCHAR;
ALTER TABLE finding ADD COLUMN review VARCHAR;

CREATE TABLE decision (
    review     VARCHAR NOT NULL,
    decision   VARCHAR NOT NULL CHECK (decision IN ('accepted', 'rejected')),
    decided_by VARCHAR NOT NULL CHECK (decided_by <> ''),
    decided_at TIMESTAMPTZ NOT NULL,
    why        VARCHAR NOT NULL CHECK (why <> ''),
    what       VARCHAR NOT NULL,
    source     VARCHAR NOT NULL,
    tbl        VARCHAR NOT NULL,
    subject    VARCHAR NOT NULL,
    code       VARCHAR NOT NULL
);

-- One row for each table of a capture, as its rows were read; it has no effect on figures. The
-- lists are sorted, each text once; kinds says what stood under a header ("Requests: number"); blank cells do not count.
CREATE TABLE layout (
    capture_id  INTEGER NOT NULL,
    tbl         VARCHAR NOT NULL,
    lines       BIGINT NOT NULL,
    places      VARCHAR[] NOT NULL,
    headers     VARCHAR[] NOT NULL,
    keys        VARCHAR[] NOT NULL,
    kinds       VARCHAR[] NOT NULL,
    labels      VARCHAR[] NOT NULL,
    fingerprint VARCHAR NOT NULL
);

COMMENT ON COLUMN reject.label_kind IS 'Kind of the label that would place the figure: column, process, jurisdiction, product or missing; empty when none would';
COMMENT ON COLUMN reject.word IS 'Printed word that no label has; empty when no label would place the figure';
COMMENT ON COLUMN reject.review IS 'Matter that a reviewer decides about, the same for all figures that one decision would place';

COMMENT ON COLUMN finding.tbl IS 'Table of the report';
COMMENT ON COLUMN finding.measure IS 'Measure of the figure that does not agree; empty when it is about more than one';
COMMENT ON COLUMN finding.review IS 'Matter that a reviewer decides about, the same in every edition that prints the mismatch';

COMMENT ON TABLE decision IS 'Decisions of reviewers that applied when the file was built, from the reviewers'' file';
COMMENT ON COLUMN decision.review IS 'Matter that was decided about';
COMMENT ON COLUMN decision.decision IS 'accepted or rejected';
COMMENT ON COLUMN decision.decided_by IS 'Who decided';
COMMENT ON COLUMN decision.decided_at IS 'When it was decided';
COMMENT ON COLUMN decision.why IS 'Why, in the reviewer''s words';
COMMENT ON COLUMN decision.what IS 'What the matter is: label, finding, figure or capture';
COMMENT ON COLUMN decision.source IS 'Report series in which it was seen; a label holds for every series of its provider';
COMMENT ON COLUMN decision.tbl IS 'Table of the report; empty for every table';
COMMENT ON COLUMN decision.subject IS 'The word, mismatch or file';
COMMENT ON COLUMN decision.code IS 'Code that an accepted word is mapped to; empty for other decisions';

COMMENT ON TABLE layout IS 'What the captures looked like, one row for each table of a capture';
COMMENT ON COLUMN layout.capture_id IS 'Capture, capture.id';
COMMENT ON COLUMN layout.tbl IS 'Table of the report, as the source''s reader names it';
COMMENT ON COLUMN layout.lines IS 'Number of printed lines with figures';
COMMENT ON COLUMN layout.places IS 'Files of a ZIP and worksheets that the figures stand in, sorted';
COMMENT ON COLUMN layout.headers IS 'Headers over the figures, sorted';
COMMENT ON COLUMN layout.keys IS 'Headers over the words that say what a figure is, with what they were found to be, sorted';
COMMENT ON COLUMN layout.kinds IS 'What stands under each header: number, percent, band or words, sorted; blank cells do not count';
COMMENT ON COLUMN layout.labels IS 'Words of countries, processes and products, sorted';
COMMENT ON COLUMN layout.fingerprint IS 'Hash of all of these but the number of lines, of which it has the order of magnitude';
