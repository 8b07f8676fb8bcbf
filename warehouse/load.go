package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	arrow15 "github.com/apache/arrow/go/v15/arrow"
	"github.com/marcboeker/go-duckdb"

	"daylight/normalize"
	"daylight/normalize/audit"
)

// Capture is what the warehouse keeps of a capture: the bytes of one address at one
// instant.
type Capture struct {
	SHA256       string // of the bytes as they came over the wire, lower-case hex
	Provider     string
	Source       string // provider/family
	Name         string // file name
	URL          string
	FinalURL     string
	RetrievedAt  time.Time
	LastSeen     time.Time // when the same bytes were last seen; zero: not after RetrievedAt
	MediaType    string
	ETag         string
	LastModified string
	Size         int64
	Trust        string // publisher, archive, retyped, mirror or press
	Excerpt      bool   // some of the report's lines were left out on purpose
	Tool         string // program and version that made the capture
}

// Edition is one publication of a report.
type Edition struct {
	Source      string    // provider/family
	Label       string    // "2016-H2"
	PeriodStart time.Time // first day of the period in the label; zero when it names none
	PeriodEnd   time.Time // last day, inclusive; zero when the label names none
	PublishedOn string    // as precisely as known: "2014", "2014-09", "2014-09-26", ""
}

// Name returns the edition's name, source/label.
func (e Edition) Name() string { return normalize.EditionName(e.Source, e.Label) }

// Result says what a load did. Observations of the book = Inserted + Unchanged + Confirmed
// + Revised + Older + Conflicts.
type Result struct {
	Inserted  int64 // figures of series that the edition did not have
	Unchanged int64 // figures that the edition had from an earlier capture, or from this one
	Confirmed int64 // the same figure from a more trusted capture: stored, the evidence is better now
	Revised   int64 // another figure than an earlier capture of the same edition: stored, it supersedes
	Older     int64 // another figure, but captured earlier than the one that stands: stored as history
	Conflicts int64 // another figure from a less trusted capture: stored as history, and a finding
	Restated  int64 // of tables of which a good part is other than in the edition or capture before: a finding each
	Copied    int64 // of tables of one period that are nearly those of another period: a finding each

	Duplicates       int64 // repeated lines with the same figure: the first is kept, the others are ignores
	DuplicateRejects int64 // repeated lines with different figures: all of them are rejects
	HeldByAudit      int64 // figures in the scope of an open finding: rejects

	// Between are the instants between the capture's RetrievedAt and its LastSeen at which other
	// captures of the edition said something else, oldest first: after each of them these bytes
	// were printed again, and the caller loads them again as they were seen then.
	Between []time.Time

	// Book is the caller's book with the last three moved from observations to ignores
	// and rejects. It is what the warehouse keeps.
	Book normalize.Book
}

// IgnoredDuplicate is the reason under which a repeated line with the same figure is
// counted among the ignores.
const IgnoredDuplicate = "duplicate line, same figure"

// Load is one capture on its way in. It is not safe for concurrent use. It ends with
// Commit or Discard.
type Load struct {
	w       *Warehouse
	ctx     context.Context // of Load without its end: cleaning up must happen all the same
	c       Capture
	id      int32 // provisional, see Commit
	conn    *sql.Conn
	side    *sql.Conn // rejects go in beside the stream
	cross   *crosser
	stream  *stream
	release func()
	done    chan error // result of the INSERT
	ended   bool       // the INSERT has returned
	failed  error      // its error
	written int64

	rejects  []normalize.Reject
	rejected int64
	layouts  []Layout
}

// rejectBatch is the number of rejects that are held in memory.
const rejectBatch = 4096

// Load begins to take in a capture's figures. Only one load is open at a time.
func (w *Warehouse) Load(ctx context.Context, c Capture) (*Load, error) {
	fail := func(err error) error { return fmt.Errorf("warehouse: load %.12s of %s: %w", c.SHA256, c.Source, err) }
	switch {
	case w.db == nil:
		return nil, fail(errors.New("the warehouse is closed"))
	case w.load != nil:
		return nil, fail(errors.New("another load is open"))
	case w.broken != nil:
		return nil, fail(fmt.Errorf("an earlier load broke off half way: %w", w.broken))
	}
	l := &Load{w: w, ctx: context.WithoutCancel(ctx), c: c}
	if err := l.begin(ctx); err != nil {
		return nil, fail(errors.Join(err, l.close()))
	}
	w.load, w.derived = l, false
	return l, nil
}

func (l *Load) begin(ctx context.Context) error {
	var err error
	if l.cross, err = newCrosser(); err != nil {
		return err
	}
	if l.conn, err = l.w.db.Conn(ctx); err != nil {
		return err
	}
	if l.side, err = l.w.db.Conn(ctx); err != nil {
		return err
	}
	// Provisional rows of figures and rejects carry a number that no capture has.
	if err := l.conn.QueryRowContext(ctx, `SELECT coalesce(max(id), 0)::INTEGER + 1 FROM capture`).Scan(&l.id); err != nil {
		return err
	}
	l.stream = &stream{schema: l.cross.out, records: make(chan arrow.Record, 2), stop: make(chan struct{})}
	// The view must not land in the file, where it would name an address of this process.
	if _, err := l.conn.ExecContext(ctx, "USE memory"); err != nil {
		return err
	}
	err = l.conn.Raw(func(dc any) error {
		a, err := duckdb.NewArrowFromConn(dc.(driver.Conn))
		if err != nil {
			return err
		}
		l.release, err = a.RegisterView(l.stream, "incoming")
		return err
	})
	if err != nil {
		return err
	}
	for _, q := range []string{"USE daylight", "BEGIN"} {
		if _, err := l.conn.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	l.done = make(chan error, 1)
	insert := fmt.Sprintf("INSERT INTO figure SELECT *, %d, 1, NULL FROM memory.main.incoming", l.id)
	go func() {
		_, err := l.conn.ExecContext(ctx, insert)
		l.done <- err
	}()
	return nil
}

// Write takes a record of normalize.ObservationSchema. It may keep the record until the
// load ends; the caller may release its own reference at once. The error of a figure that
// the warehouse refuses may come back at a later Write or at Commit.
func (l *Load) Write(r arrow15.Record) error {
	if l.ended {
		return l.fail(l.failed)
	}
	if r.NumRows() == 0 {
		return nil
	}
	rec, err := l.cross.cross(r, [3]string{l.c.Provider, l.c.Source, l.c.SHA256})
	if err != nil {
		return l.fail(err)
	}
	select {
	case l.stream.records <- rec:
		l.written += r.NumRows()
		return nil
	case err := <-l.done:
		rec.Release()
		if err == nil {
			err = errors.New("the database stopped reading")
		}
		l.ended, l.failed = true, err
		return l.fail(err)
	}
}

// Reject takes a printed figure that could not be placed.
func (l *Load) Reject(r normalize.Reject) error {
	if r.Source != l.c.Source || r.Capture != l.c.SHA256 {
		return l.fail(fmt.Errorf("reject of capture %.12s of %q", r.Capture, r.Source))
	}
	l.rejects = append(l.rejects, r)
	l.rejected++
	if len(l.rejects) < rejectBatch {
		return nil
	}
	if err := l.flush(); err != nil {
		return l.fail(err)
	}
	return nil
}

// noted adds what a reviewer said.
func noted(detail, note string) string {
	if note == "" {
		return detail
	}
	return detail + "; " + note
}

// flush stores the rejects at hand under the provisional number.
func (l *Load) flush() error {
	if len(l.rejects) == 0 {
		return nil
	}
	err := l.side.Raw(func(dc any) error {
		a, err := duckdb.NewAppenderFromConn(dc.(driver.Conn), "main", "reject")
		if err != nil {
			return err
		}
		for _, r := range l.rejects {
			err := a.AppendRow(l.id, r.Source, r.Edition, r.Capture, r.Table, r.Locator, r.RawText, r.RawLabel, r.Reason, noted(r.Detail, r.Note),
				r.Kind, r.Word, r.ReviewID())
			if err != nil {
				return errors.Join(err, a.Close())
			}
		}
		return a.Close()
	})
	clear(l.rejects)
	l.rejects = l.rejects[:0]
	if err != nil {
		return fmt.Errorf("rejects: %w", err)
	}
	return nil
}

func (l *Load) fail(err error) error {
	return fmt.Errorf("warehouse: load %.12s of %s: %w", l.c.SHA256, l.c.Source, err)
}

// Discard ends the load; nothing of it stays. After Commit it does nothing.
func (l *Load) Discard() error {
	if l.w.load != l {
		return nil
	}
	if err := l.close(); err != nil {
		// Rows under the provisional number may be left.
		l.w.broken = err
		return l.fail(fmt.Errorf("discard: %w", err))
	}
	return nil
}

// errDiscarded ends the stream of a load that is broken off.
var errDiscarded = errors.New("load discarded")

// close breaks off what is still going on and gives the connections back.
func (l *Load) close() error {
	var errs []error
	ctx := l.ctx
	if l.done != nil {
		if !l.ended {
			l.stream.err = errDiscarded
			close(l.stream.stop)
			<-l.done
			l.ended, l.failed = true, errDiscarded
		}
		if _, err := l.conn.ExecContext(ctx, "ROLLBACK"); err != nil && !strings.Contains(err.Error(), "no transaction is active") {
			errs = append(errs, err)
		}
	}
	if l.stream != nil {
		l.stream.drain()
	}
	if l.side != nil {
		if l.rejected > 0 {
			_, err := l.side.ExecContext(ctx, `DELETE FROM reject WHERE capture_id = $1`, l.id)
			errs = append(errs, err)
		}
		errs = append(errs, l.side.Close())
	}
	errs = append(errs, l.free(ctx))
	return errors.Join(errs...)
}

// free gives the load's connection back.
func (l *Load) free(ctx context.Context) error {
	l.w.load = nil
	if l.conn == nil {
		return nil
	}
	var errs []error
	if l.release != nil {
		_, err := l.conn.ExecContext(ctx, "DROP VIEW IF EXISTS memory.main.incoming")
		errs = append(errs, err)
		l.release()
	}
	return errors.Join(append(errs, l.conn.Close())...)
}

// Commit ends the stream, takes out what repeats or contradicts itself and what open
// findings with Hold cover, compares with what the edition already has, and stores the
// rest, all in one transaction. book is what package normalize counted; it must balance
// and fit what was written. An error leaves nothing of the load behind; the caller still
// calls Discard. It wraps ErrEdition when the same bytes stand there as another edition
// already, and ErrRevised when this capture was loaded before and the same
// series is read differently now.
func (l *Load) Commit(ctx context.Context, e Edition, findings []audit.Finding, book normalize.Book) (Result, error) {
	if l.w.load != l {
		return Result{}, l.fail(errors.New("commit: already ended"))
	}
	if e.Source != l.c.Source || e.Label == "" {
		return Result{}, l.fail(fmt.Errorf("commit: edition %q of source %q", e.Label, e.Source))
	}
	if !l.ended {
		close(l.stream.records)
		l.failed = <-l.done
		l.ended = true
	}
	if l.failed != nil {
		return Result{}, l.fail(fmt.Errorf("commit: %w", l.failed))
	}
	if err := l.flush(); err != nil {
		return Result{}, l.fail(fmt.Errorf("commit: %w", err))
	}
	if !book.Balanced() || book.Observations != l.written || book.Rejects != l.rejected {
		return Result{}, l.fail(fmt.Errorf("commit: the books do not balance: %d rows = %d observations (%d written) + %d rejects (%d written) + %d ignores",
			book.Rows, book.Observations, l.written, book.Rejects, l.rejected, book.Ignores))
	}
	if book.Observations > 0 {
		other, err := texts(ctx, l.conn, `SELECT edition FROM capture WHERE status = 'loaded' AND observations > 0
			AND sha256 = `+quote(l.c.SHA256)+` AND source = `+quote(l.c.Source)+` AND edition <> `+quote(e.Name())+` LIMIT 1`)
		if err != nil {
			return Result{}, l.fail(fmt.Errorf("commit: %w", err))
		}
		if len(other) > 0 {
			return Result{}, l.fail(fmt.Errorf("commit as %s: %w: %s", e.Name(), ErrEdition, other[0]))
		}
	}
	c := &commit{Load: l, q: l.conn, edition: e}
	c.res.Book = book
	c.res.Book.RejectedBy = maps.Clone(book.RejectedBy)
	c.res.Book.IgnoredBy = maps.Clone(book.IgnoredBy)
	if err := c.run(ctx, findings); err != nil {
		return Result{}, l.fail(fmt.Errorf("commit: %w", err))
	}
	// The driver looks at the context beside the statement, so that a quick statement may end
	// well although the context had ended before it.
	if ctx.Err() != nil {
		return Result{}, l.fail(fmt.Errorf("commit: %w", context.Cause(ctx)))
	}
	if _, err := l.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return Result{}, l.fail(fmt.Errorf("commit: %w", err))
	}
	if err := errors.Join(c.adoptRejects(ctx), l.side.Close(), l.free(ctx)); err != nil {
		l.w.broken = err
		return Result{}, l.fail(fmt.Errorf("commit: %w", err))
	}
	return c.res, nil
}

// commit is the work of Load.Commit.
type commit struct {
	*Load
	q       querier
	edition Edition
	res     Result
	known   int32 // number of this capture when it was loaded before; 0: it was not
}

func (c *commit) exec(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := c.q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (c *commit) count(ctx context.Context, query string, args ...any) (n int64, err error) {
	rows, err := c.q.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}

func (c *commit) run(ctx context.Context, findings []audit.Finding) error {
	known, err := c.same(ctx)
	if err != nil {
		return err
	}
	c.known = known
	if err := c.between(ctx); err != nil {
		return err
	}
	if err := c.duplicates(ctx); err != nil {
		return fmt.Errorf("repeated lines: %w", err)
	}
	if _, err := c.exec(ctx, `DELETE FROM finding WHERE capture_id = $1 AND check_name NOT IN ($2, $3)`, c.known, checkRestated, checkCopied); err != nil {
		return err
	}
	for _, f := range findings {
		if err := c.finding(ctx, f); err != nil {
			return fmt.Errorf("finding %s: %w", f.Check, err)
		}
	}
	for _, w := range []struct {
		check string
		find  func(context.Context) (int64, error)
		n     *int64
	}{{checkRestated, c.restated, &c.res.Restated}, {checkCopied, c.copied, &c.res.Copied}} {
		if c.known != 0 {
			*w.n, err = c.told(ctx, w.check)
		} else {
			*w.n, err = w.find(ctx)
		}
		if err != nil {
			return fmt.Errorf("check %s: %w", w.check, err)
		}
	}
	stored, err := c.count(ctx, `SELECT count(*) FROM capture c WHERE c.edition = $1 AND c.stored > 0`, c.edition.Name())
	if err != nil {
		return err
	}
	if stored > 0 {
		if err := c.compare(ctx); err != nil {
			return fmt.Errorf("compare with edition %s: %w", c.edition.Name(), err)
		}
	} else {
		c.res.Inserted = c.res.Book.Observations
	}
	return c.record(ctx)
}

// same returns the number of the stored capture that this one is, 0 for none: the same bytes for
// the same edition. Where another capture said something else between the two, the publisher went
// back to what it had said before. That is news, and the bytes stand here a second time. So they do
// where this capture is the earlier one of the two and another said something else before it: what
// the bytes say stands from this one on.
func (c *commit) same(ctx context.Context) (int32, error) {
	at := stamp(c.c.RetrievedAt)
	n, err := c.count(ctx, `SELECT id FROM capture r WHERE sha256 = $1 AND source = $2 AND edition = $3 AND NOT EXISTS (
			SELECT 1 FROM figure p JOIN figure f ON f.series_key = p.series_key JOIN capture k ON k.id = f.capture_id
			WHERE p.capture_id = $4 AND k.edition = $3 AND k.sha256 <> $1 AND k.trust IN (r.trust, $5::trust_code)
				AND (k.retrieved_at > r.retrieved_at OR r.retrieved_at > `+at+`) AND k.retrieved_at < greatest(r.retrieved_at, `+at+`)
				AND (f.value_low, f.value_high, f.exactness) IS DISTINCT FROM (p.value_low, p.value_high, p.exactness))
		ORDER BY abs(epoch_us(r.retrieved_at) - epoch_us(`+at+`)), id LIMIT 1`, c.c.SHA256, c.c.Source, c.edition.Name(), c.id, c.c.Trust)
	return int32(n), err
}

// between fills Result.Between.
func (c *commit) between(ctx context.Context) error {
	if !c.c.LastSeen.After(c.c.RetrievedAt) {
		return nil
	}
	rows, err := c.q.QueryContext(ctx, `SELECT DISTINCT k.retrieved_at
		FROM figure p JOIN figure f ON f.series_key = p.series_key JOIN capture k ON k.id = f.capture_id
		WHERE p.capture_id = $1 AND k.edition = $2 AND k.sha256 <> $3 AND k.trust = $4
			AND k.retrieved_at > `+stamp(c.c.RetrievedAt)+` AND k.retrieved_at < `+stamp(c.c.LastSeen)+`
			AND (f.value_low, f.value_high, f.exactness) IS DISTINCT FROM (p.value_low, p.value_high, p.exactness)
		ORDER BY 1`, c.id, c.edition.Name(), c.c.SHA256, c.c.Trust)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var at time.Time
		if err := rows.Scan(&at); err != nil {
			return err
		}
		c.res.Between = append(c.res.Between, at.UTC())
	}
	return rows.Err()
}

// A publisher restates a few figures of a table at a time, at most 6 % of one in the editions that
// are known. When it is many more, columns or half-years of the file may have been moved in a way
// that nothing in the file shows.
const (
	restatedFrom = 20 // figures
	restatedPart = 10 // one in so many
)

// The checks of this package that look at a whole table. What they found when the capture was new
// stays: later on its own figures stand.
const (
	checkRestated = "restated"
	checkCopied   = "copied"
)

// RestatedID names, for a reviewer, that a capture has many other figures than the edition before.
func RestatedID(source, sha256 string) string {
	return normalize.ReviewID(checkRestated, source, sha256)
}

// restated compares the capture, table by table, with what stands of its edition or, failing that,
// of the nearest other edition that prints the table, an earlier one first. A raised floor is no
// other figure. The figures are stored all the same: which of the two is right is for a person to
// say.
func (c *commit) restated(ctx context.Context) (int64, error) {
	others, err := c.count(ctx, `SELECT count(*) FROM capture WHERE source = $1 AND stored > 0`, c.c.Source)
	if err != nil || others == 0 {
		return 0, err
	}
	return c.tell(ctx, checkRestated, `WITH mine AS (
			SELECT report_table, locator, ordinal, series_key, value_low, value_high FROM figure WHERE capture_id = $1 AND value_low IS NOT NULL
		),
		near AS (
			SELECT t.report_table, arg_min(e.name, (e.name <> $2, e.period_end > nullif($3, '')::DATE, abs(date_diff('day', e.period_end, nullif($3, '')::DATE)))) AS name
			FROM (SELECT DISTINCT capture_id, report_table FROM figure WHERE superseded_at IS NULL) t
			JOIN capture k ON k.id = t.capture_id JOIN edition e ON e.name = k.edition
			WHERE k.source = $4 AND k.id <> $1
			GROUP BY t.report_table
		)
		SELECT m.report_table, n.name, arg_min(m.locator, m.ordinal) FILTER (other) AS first, count(*) FILTER (other) AS others, count(*) AS figures
		FROM (SELECT m.*, k.edition,
				m.value_low <> f.value_low AND m.value_high IS DISTINCT FROM f.value_high OR m.value_high <> f.value_high AS other
			FROM mine m
			JOIN figure f ON f.series_key = m.series_key AND f.superseded_at IS NULL AND f.value_low IS NOT NULL AND f.capture_id <> $1
			JOIN capture k ON k.id = f.capture_id) m
		JOIN near n ON n.report_table = m.report_table AND n.name = m.edition
		GROUP BY ALL HAVING others >= $5 AND others * $6 > figures ORDER BY ALL`,
		[]any{c.id, c.edition.Name(), dateText(c.edition.PeriodEnd), c.c.Source, restatedFrom, restatedPart},
		func(table, edition, first string, others, figures int64) audit.Finding {
			return audit.Finding{
				Expected: "the figures of " + edition, Found: fmt.Sprintf("%d of %d others", others, figures),
				Detail: fmt.Sprintf("table %s: of %d figures that %s prints, too, %d are others here, the first at %s: the publisher restated them, or columns, lines or half-years were moved",
					table, figures, edition, others, first),
			}
		})
}

// A file of one half-year prints the half-year in its name alone, or in one title. Under the name of
// another one all of its figures would be wrong and look right. Two half-years of a provider have
// about a third of their figures above zero in common, small ones.
const (
	copiedFrom = 40 // figures above zero
	copiedPart = 10 // at most one in so many is another
)

// CopiedID names, for a reviewer, that a capture has the figures of another period.
func CopiedID(source, sha256 string) string {
	return normalize.ReviewID(checkCopied, source, sha256)
}

// copied compares the capture's tables of one period with what stands for other periods. The
// figures are stored all the same, as restated says.
func (c *commit) copied(ctx context.Context) (int64, error) {
	// Most files have all half-years, and then there is nothing to compare.
	tables, err := texts(ctx, c.q, `SELECT report_table FROM figure WHERE capture_id = `+fmt.Sprint(c.id)+` AND value_low > 0
		GROUP BY ALL HAVING min(period_start) = max(period_start) AND count(*) >= `+fmt.Sprint(copiedFrom)+` ORDER BY ALL`)
	if err != nil || len(tables) == 0 {
		return 0, err
	}
	const what = "service, jurisdiction, assisting_jurisdiction, requester_level, customer_class, process, measure, unit, item, value_low, value_high"
	return c.tell(ctx, checkCopied, `SELECT m.report_table, k.edition, period_label(f.period_start, f.period_end) AS period, count(*) AS same, any_value(n.n) AS n
		FROM (SELECT `+what+`, report_table, period_start FROM figure WHERE capture_id = $1 AND value_low > 0 AND report_table IN `+textList(tables)+`) m
		JOIN (SELECT report_table, count(*) AS n FROM figure WHERE capture_id = $1 AND value_low > 0 GROUP BY ALL) n USING (report_table)
		JOIN (SELECT `+what+`, period_start, period_end, capture_id FROM figure WHERE superseded_at IS NULL AND value_low > 0 AND capture_id <> $1) f
			USING (`+what+`)
		JOIN capture k ON k.id = f.capture_id
		WHERE k.source = $2 AND f.period_start <> m.period_start
		GROUP BY ALL HAVING (any_value(n.n) - count(*)) * $3 < any_value(n.n) ORDER BY m.report_table, period, k.edition`,
		[]any{c.id, c.c.Source, copiedPart},
		func(table, edition, period string, same, n int64) audit.Finding {
			return audit.Finding{
				Expected: "figures of its own", Found: fmt.Sprintf("%d of %d of %s", same, n, period),
				Detail: fmt.Sprintf("table %s: %d of %d figures above zero are those that %s prints for %s: the file, or its edition, has the name of another half-year",
					table, same, n, edition, period),
			}
		})
}

// tell keeps an open finding for each row of the query, which gives a table, an edition, a text, how
// many figures it is about and of how many, and returns the sum of the figures.
func (c *commit) tell(ctx context.Context, check, query string, args []any, say func(table, edition, text string, n, of int64) audit.Finding) (told int64, err error) {
	rows, err := c.q.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var found []audit.Finding
	for rows.Next() {
		var table, edition, text string
		var n, of int64
		if err := rows.Scan(&table, &edition, &text, &n, &of); err != nil {
			return 0, err
		}
		told += n
		f := say(table, edition, text, n, of)
		f.Check, f.Status, f.Table = check, audit.StatusOpen, table
		found = append(found, f)
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	for _, f := range found {
		if err := c.keepFinding(ctx, f, normalize.ReviewID(check, c.c.Source, c.c.SHA256)); err != nil {
			return 0, err
		}
	}
	return told, nil
}

// told returns how many figures the capture's findings of a check were about when it was new.
func (c *commit) told(ctx context.Context, check string) (int64, error) {
	return c.count(ctx, `SELECT coalesce(sum(split_part(found, ' ', 1)::BIGINT), 0)::BIGINT FROM finding
		WHERE capture_id = $1 AND check_name = $2`, c.known, check)
}

// move counts figures that were placed and are taken out again.
func (c *commit) move(n int64, to *int64, by *map[string]int64, why string) {
	if n == 0 {
		return
	}
	c.res.Book.Observations -= n
	*to += n
	if *by == nil {
		*by = map[string]int64{}
	}
	(*by)[why] += n
}

// identity are the columns that the series key is made of.
const identity = `service, period_start, period_end, jurisdiction, assisting_jurisdiction, requester_level, customer_class, process, measure, unit, item`

// duplicates takes out lines that the capture repeats.
func (c *commit) duplicates(ctx context.Context) error {
	_, err := c.exec(ctx, `CREATE OR REPLACE TEMP TABLE repeated AS
		SELECT series_key FROM figure WHERE capture_id = $1 GROUP BY series_key HAVING count(*) > 1`, c.id)
	if err != nil {
		return err
	}
	n, err := c.count(ctx, `SELECT count(*) FROM repeated`)
	if err != nil || n == 0 {
		return err
	}
	_, err = c.exec(ctx, `CREATE OR REPLACE TEMP TABLE verdict AS
		SELECT series_key, min(ordinal) AS first,
			count(DISTINCT (value_low, value_high, exactness)) AS figures,
			count(DISTINCT (`+identity+`)) AS series,
			string_agg(DISTINCT locator, ', ' ORDER BY locator) AS places
		FROM figure SEMI JOIN repeated USING (series_key)
		WHERE capture_id = $1 GROUP BY series_key`, c.id)
	if err != nil {
		return err
	}
	mixed, err := texts(ctx, c.q, `SELECT places FROM verdict WHERE series > 1 ORDER BY places LIMIT 1`)
	if err != nil {
		return err
	}
	if len(mixed) > 0 {
		return fmt.Errorf("different series share one key: %s", mixed[0])
	}
	c.res.Duplicates, err = c.exec(ctx, `DELETE FROM figure USING verdict v
		WHERE figure.capture_id = $1 AND v.series_key = figure.series_key AND v.figures = 1 AND figure.ordinal > v.first`, c.id)
	if err != nil {
		return err
	}
	c.move(c.res.Duplicates, &c.res.Book.Ignores, &c.res.Book.IgnoredBy, IgnoredDuplicate)
	c.res.DuplicateRejects, err = c.reject(ctx, normalize.ReasonDuplicate, DuplicateID(c.c.Source, c.c.SHA256),
		`SEMI JOIN (SELECT series_key FROM verdict WHERE figures > 1) v USING (series_key)`, "",
		`'the capture gives this series more than once with different figures: see ' || (SELECT places FROM verdict v WHERE v.series_key = f.series_key)`)
	return err
}

// DuplicateID names, for a reviewer, the lines of a capture that contradict each other.
func DuplicateID(source, sha256 string) string {
	return normalize.Reject{Source: source, Capture: sha256, Reason: normalize.ReasonDuplicate}.ReviewID()
}

// ConflictID names, for a reviewer, that a capture contradicts a more trusted one.
func ConflictID(source, sha256 string) string {
	return normalize.ReviewID("conflict", source, sha256)
}

// reject moves the provisional figures that the join and the condition leave to table
// reject. detail is an SQL expression over f, review names the matter for a reviewer.
func (c *commit) reject(ctx context.Context, reason, review, join, where, detail string, args ...any) (int64, error) {
	if where != "" {
		where = " AND " + where
	}
	n, err := c.exec(ctx, `INSERT INTO reject
		SELECT f.capture_id, `+quote(c.c.Source)+`, `+quote(c.edition.Name())+`, `+quote(c.c.SHA256)+`, '', f.locator, f.raw_text, f.raw_label,
			`+quote(reason)+`, `+detail+`, '', '', `+quote(review)+`
		FROM figure f `+join+` WHERE f.capture_id = `+fmt.Sprint(c.id)+where, args...)
	if err != nil || n == 0 {
		return 0, err
	}
	gone, err := c.exec(ctx, `DELETE FROM figure WHERE capture_id = `+fmt.Sprint(c.id)+` AND ordinal IN
		(SELECT f.ordinal FROM figure f `+join+` WHERE f.capture_id = `+fmt.Sprint(c.id)+where+`)`, args...)
	if err != nil {
		return 0, err
	}
	if gone != n {
		return 0, fmt.Errorf("%d rejects for %d figures", n, gone)
	}
	c.move(n, &c.res.Book.Rejects, &c.res.Book.RejectedBy, reason)
	return n, nil
}

// finding keeps what an audit found, and takes the figures of its scope out when they are
// not sure.
func (c *commit) finding(ctx context.Context, f audit.Finding) error {
	s := f.Scope
	if f.Hold {
		var where []string
		var args []any
		add := func(cond string, v any) {
			args = append(args, v)
			where = append(where, fmt.Sprintf(cond, len(args)))
		}
		if s.Service != "" {
			add("f.service = $%d", s.Service)
		}
		if s.Jurisdiction != "" {
			add("f.jurisdiction = $%d", s.Jurisdiction)
		}
		if s.Process != "" {
			where = append(where, "f.process IN "+textList(append([]string{s.Process}, s.AlsoProcess...)))
		}
		if len(s.Measures) > 0 {
			where = append(where, "f.measure IN "+textList(s.Measures))
		}
		if !s.Period.Start.IsZero() || !s.Period.End.IsZero() {
			add("f.period_start = $%d::DATE", s.Period.Start.Format(time.DateOnly))
			add("f.period_end = $%d::DATE", s.Period.End.Format(time.DateOnly))
		}
		detail := fmt.Sprintf("audit %s: expected %q, found %q: %s", f.Check, f.Expected, f.Found, f.Detail)
		n, err := c.reject(ctx, normalize.ReasonAudit, f.ReviewID(c.c.Source), "", strings.Join(where, " AND "), quote(detail), args...)
		if err != nil {
			return err
		}
		c.res.HeldByAudit += n
	}
	return c.keepFinding(ctx, f, f.ReviewID(c.c.Source))
}

func (c *commit) keepFinding(ctx context.Context, f audit.Finding, review string) error {
	s := f.Scope
	_, err := c.exec(ctx, `INSERT INTO finding VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, `+textArray(s.AlsoProcess)+`, `+textArray(s.Measures)+`,
		nullif($11, '')::DATE, nullif($12, '')::DATE, $13, $14, $15, $16, $17, $18, $19, $20)`,
		c.w.run, c.number(), c.c.Source, c.edition.Name(), c.c.SHA256, f.Check, f.Status, f.Hold, s.Service, s.Process,
		dateText(s.Period.Start), dateText(s.Period.End), s.Jurisdiction, f.Expected, f.Found, f.Detail, f.Pin, f.Table, f.Measure, review)
	return err
}

// number is the number that the capture has or will have.
func (c *commit) number() int32 {
	if c.known != 0 {
		return c.known
	}
	return c.id
}

func dateText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// stamp prints an instant as SQL. The driver binds no time where DuckDB leaves the type of
// a parameter open.
func stamp(t time.Time) string {
	return "TIMESTAMPTZ " + quote(t.UTC().Format("2006-01-02 15:04:05.999999+00"))
}

func textList(v []string) string {
	q := make([]string, len(v))
	for i, s := range v {
		q[i] = quote(s)
	}
	return "(" + strings.Join(q, ", ") + ")"
}

// textArray prints a list of texts as SQL.
func textArray(v []string) string {
	l := textList(v)
	return "[" + l[1:len(l)-1] + "]::VARCHAR[]"
}

// rebuild is what to do when the reader changed.
const rebuild = `run "daylight rebuild", which builds the warehouse anew from the archive and says what is read differently`

// compare decides, series by series, what becomes of figures of an edition that already
// has some. The package comment says by which rule.
func (c *commit) compare(ctx context.Context) error {
	at := stamp(c.c.RetrievedAt)
	const equal = `(r.value_low IS NOT DISTINCT FROM q.value_low AND r.value_high IS NOT DISTINCT FROM q.value_high AND r.exactness = q.exactness)`
	// p: the provisional figure; s: the standing one; r: any reading.
	steps := []string{
		`CREATE OR REPLACE TEMP TABLE reading AS
			SELECT f.series_key, f.value_low, f.value_high, f.exactness, f.revision, f.superseded_at, f.capture_id,
				k.trust, k.retrieved_at, f.service, f.period_start, f.period_end, f.jurisdiction, f.process, f.measure, f.unit, f.item
			FROM figure f JOIN capture k ON k.id = f.capture_id
			WHERE k.edition = ` + quote(c.edition.Name()) + `
				AND f.series_key IN (SELECT series_key FROM figure WHERE capture_id = ` + fmt.Sprint(c.id) + `)`,
		`CREATE OR REPLACE TEMP TABLE outcome AS
			SELECT p.series_key, p.locator, p.ordinal, s.capture_id AS standing, s.retrieved_at,
				h.revisions,
				(p.service, p.period_start, p.period_end, p.jurisdiction, p.process, p.measure, p.unit, p.item)
					= (s.service, s.period_start, s.period_end, s.jurisdiction, s.process, s.measure, s.unit, s.item) AS same_series,
				h.own AND NOT h.own_equal AS reread,
				CASE
					WHEN h.own THEN 'unchanged'
					WHEN p.value_low IS NOT DISTINCT FROM s.value_low AND p.value_high IS NOT DISTINCT FROM s.value_high AND p.exactness = s.exactness
						-- It stood before and was replaced, or stood earlier than we knew.
						THEN CASE WHEN t.trust < s.trust THEN 'confirmed' WHEN t.trust = s.trust AND ` + at + ` < s.retrieved_at AND NOT h.continues THEN 'older' ELSE 'unchanged' END
					WHEN t.trust < s.trust OR t.trust = s.trust AND ` + at + ` >= s.retrieved_at THEN 'revised'
					WHEN t.trust > s.trust THEN CASE WHEN h.again THEN 'unchanged' ELSE 'conflict' END
					WHEN h.continues THEN 'unchanged'
					ELSE 'older' END AS what
			FROM figure p
			CROSS JOIN (SELECT CAST(` + quote(c.c.Trust) + ` AS trust_code) AS trust) t
			JOIN reading s ON s.series_key = p.series_key AND s.superseded_at IS NULL
			JOIN (
				SELECT r.series_key, max(r.revision) AS revisions,
					-- Whether it says what the reading before it says, by the time of capture; the first one
					-- stands as long as the edition is known, so that it is held against the one after it.
					coalesce(arg_max(` + equal + `, (r.retrieved_at, r.revision)) FILTER (r.trust = ` + quote(c.c.Trust) + ` AND r.retrieved_at <= ` + at + `),
						arg_min(` + equal + `, (r.retrieved_at, r.revision)) FILTER (r.trust = ` + quote(c.c.Trust) + ` AND r.retrieved_at > ` + at + `), false) AS continues,
					bool_or(` + equal + `) AS again,
					bool_or(r.capture_id = ` + fmt.Sprint(c.known) + `) AS own,
					bool_or(r.capture_id = ` + fmt.Sprint(c.known) + ` AND ` + equal + `) AS own_equal
				FROM reading r JOIN figure q ON q.series_key = r.series_key AND q.capture_id = ` + fmt.Sprint(c.id) + `
				GROUP BY r.series_key
			) h ON h.series_key = p.series_key
			WHERE p.capture_id = ` + fmt.Sprint(c.id),
	}
	for _, q := range steps {
		if _, err := c.exec(ctx, q); err != nil {
			return err
		}
	}
	bad, err := texts(ctx, c.q, `SELECT locator FROM outcome WHERE NOT same_series ORDER BY ordinal LIMIT 1`)
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		return fmt.Errorf("the figure at %s shares its key with another series", bad[0])
	}
	bad, err = texts(ctx, c.q, `SELECT locator FROM outcome WHERE reread ORDER BY ordinal LIMIT 1`)
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		return fmt.Errorf("the figure at %s: %w: %s", bad[0], ErrRevised, rebuild)
	}
	if c.known != 0 {
		bad, err = texts(ctx, c.q, `SELECT locator FROM figure f WHERE capture_id = `+fmt.Sprint(c.known)+`
			AND series_key NOT IN (SELECT series_key FROM figure WHERE capture_id = `+fmt.Sprint(c.id)+`) ORDER BY ordinal LIMIT 1`)
		if err != nil {
			return err
		}
		if len(bad) > 0 {
			return fmt.Errorf("the figure at %s is not read any more: %w: %s", bad[0], ErrRevised, rebuild)
		}
	}
	for what, n := range map[string]*int64{
		"unchanged": &c.res.Unchanged, "confirmed": &c.res.Confirmed, "revised": &c.res.Revised,
		"older": &c.res.Older, "conflict": &c.res.Conflicts,
	} {
		if *n, err = c.count(ctx, `SELECT count(*) FROM outcome WHERE what = $1`, what); err != nil {
			return err
		}
	}
	id := fmt.Sprint(c.id)
	steps = []string{
		`DELETE FROM figure USING outcome o WHERE figure.capture_id = ` + id + ` AND o.ordinal = figure.ordinal AND o.what = 'unchanged'`,
		// What stood until now, replaced. A reading is never replaced before it was made.
		`UPDATE figure SET superseded_at = greatest(` + at + `, o.retrieved_at) FROM outcome o
			WHERE figure.capture_id = o.standing AND figure.series_key = o.series_key AND figure.superseded_at IS NULL
				AND o.what IN ('confirmed', 'revised')`,
		`UPDATE figure SET revision = o.revisions + 1,
				superseded_at = CASE WHEN o.what IN ('older', 'conflict') THEN greatest(` + at + `, o.retrieved_at) END
			FROM outcome o WHERE figure.capture_id = ` + id + ` AND figure.ordinal = o.ordinal AND o.what <> 'unchanged'`,
	}
	for i, q := range steps {
		if i > 0 && c.res.Confirmed+c.res.Revised+c.res.Older+c.res.Conflicts == 0 {
			break
		}
		if _, err := c.exec(ctx, q); err != nil {
			return err
		}
	}
	if c.res.Older > 0 {
		// What an earlier capture says came between two others: each was replaced by the next.
		of := `(SELECT id, retrieved_at FROM capture WHERE edition = ` + quote(c.edition.Name()) + ` AND trust = ` + quote(c.c.Trust) + `
			UNION ALL SELECT ` + id + `, ` + at + `)`
		_, err := c.exec(ctx, `UPDATE figure SET superseded_at = n.next FROM (
				SELECT f.capture_id, f.ordinal, lead(k.retrieved_at) OVER (PARTITION BY f.series_key ORDER BY f.superseded_at IS NULL, k.retrieved_at, f.revision) AS next
				FROM figure f JOIN `+of+` k ON k.id = f.capture_id
				WHERE f.series_key IN (SELECT series_key FROM outcome WHERE what = 'older')) n
			WHERE figure.capture_id = n.capture_id AND figure.ordinal = n.ordinal AND figure.superseded_at IS NOT NULL`)
		if err != nil {
			return err
		}
	}
	r := &c.res
	r.Inserted = r.Book.Observations - r.Unchanged - r.Confirmed - r.Revised - r.Older - r.Conflicts
	if r.Conflicts > 0 {
		first, err := texts(ctx, c.q, `SELECT locator FROM outcome WHERE what = 'conflict' ORDER BY ordinal LIMIT 1`)
		if err != nil {
			return err
		}
		return c.keepFinding(ctx, audit.Finding{
			Check: "trust_conflict", Status: audit.StatusOpen,
			Expected: "the figures of the more trusted capture", Found: fmt.Sprintf("%d other figures", r.Conflicts),
			Detail: fmt.Sprintf("this capture (%s) says something else than a more trusted capture of the same edition, first at %s; the more trusted one stands", c.c.Trust, first[0]),
		}, ConflictID(c.c.Source, c.c.SHA256))
	}
	return nil
}

// record writes edition, capture and book.
func (c *commit) record(ctx context.Context) error {
	e, k, at, last := c.edition, c.c, stamp(c.c.RetrievedAt), stamp(c.c.RetrievedAt)
	if k.LastSeen.After(k.RetrievedAt) {
		last = stamp(k.LastSeen)
	}
	if _, err := c.exec(ctx, `INSERT INTO provider VALUES ($1) ON CONFLICT DO NOTHING`, k.Provider); err != nil {
		return fmt.Errorf("provider: %w", err)
	}
	if _, err := c.exec(ctx, `INSERT INTO source VALUES ($1, $2, '', '', '', '') ON CONFLICT DO NOTHING`, k.Source, k.Provider); err != nil {
		return fmt.Errorf("source: %w", err)
	}
	_, err := c.exec(ctx, `INSERT INTO edition (name, source, label, period_start, period_end, published_on, is_excerpt, trust, first_captured, last_captured, seq)
		VALUES ($1, $2, $3, nullif($4, '')::DATE, nullif($5, '')::DATE, $6, $7, $8, `+at+`, `+last+`, 0)
		ON CONFLICT (name) DO UPDATE SET
			period_start = coalesce(edition.period_start, excluded.period_start),
			period_end = coalesce(edition.period_end, excluded.period_end),
			published_on = CASE WHEN len(excluded.published_on) > len(edition.published_on) THEN excluded.published_on ELSE edition.published_on END,
			is_excerpt = edition.is_excerpt AND excluded.is_excerpt,
			trust = least(edition.trust, excluded.trust),
			first_captured = least(edition.first_captured, excluded.first_captured),
			last_captured = greatest(edition.last_captured, excluded.last_captured)`,
		e.Name(), e.Source, e.Label, dateText(e.PeriodStart), dateText(e.PeriodEnd), e.PublishedOn, k.Excerpt, k.Trust)
	if err != nil {
		return fmt.Errorf("edition: %w", err)
	}
	if c.known != 0 {
		if _, err := c.exec(ctx, `UPDATE figure SET capture_id = $1 WHERE capture_id = $2`, c.known, c.id); err != nil {
			return err
		}
	}
	stored, err := c.count(ctx, `SELECT count(*) FROM figure WHERE capture_id = $1`, c.number())
	if err != nil {
		return err
	}
	b := c.res.Book
	if c.known != 0 {
		err = c.again(ctx, stored)
	} else {
		err = c.w.insertCapture(ctx, c.q, c.id, k, e.Name(), "loaded", "", b, stored)
	}
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	if err := c.keepLayouts(ctx); err != nil {
		return fmt.Errorf("layout: %w", err)
	}
	// What was held before is loaded now.
	_, err = c.exec(ctx, `DELETE FROM capture WHERE sha256 = $1 AND source = $2 AND status = 'held'`, k.SHA256, k.Source)
	return err
}

// again keeps the book of a capture that was loaded before. Time and address stay those of
// the first retrieval, which the stored figures were captured at. The row is written anew,
// because DuckDB 1.1 cannot update one column of a row whose CHECKs span others.
func (c *commit) again(ctx context.Context, stored int64) error {
	b := c.res.Book
	_, err := c.exec(ctx, fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE again AS SELECT * REPLACE (
			%s AS loaded_at, %s AS loaded_by, 'loaded' AS status, '' AS reason, least(trust, %s::trust_code) AS trust,
			%d::BIGINT AS rows, %d::BIGINT AS observations, %d::BIGINT AS rejects, %d::BIGINT AS ignores,
			%d::BIGINT AS stored, %d::BIGINT AS unchanged)
		FROM capture WHERE id = %d`,
		stamp(c.w.opts.Now()), quote(c.w.opts.Version), quote(c.c.Trust),
		b.Rows, b.Observations, b.Rejects, b.Ignores, stored, b.Observations-stored, c.known))
	if err != nil {
		return err
	}
	if _, err := c.exec(ctx, `DELETE FROM capture WHERE id = $1`, c.known); err != nil {
		return err
	}
	_, err = c.exec(ctx, `INSERT INTO capture SELECT * FROM again`)
	return err
}

func (w *Warehouse) insertCapture(ctx context.Context, q querier, id int32, k Capture, edition, status, reason string, b normalize.Book, stored int64) error {
	_, err := q.ExecContext(ctx, `INSERT INTO capture (id, sha256, provider, source, edition, name, url, final_url, retrieved_at,
			media_type, etag, last_modified, size, trust, excerpt, tool, loaded_at, loaded_by, status, reason,
			rows, observations, rejects, ignores, stored, unchanged)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)`,
		id, k.SHA256, k.Provider, k.Source, edition, k.Name, k.URL, k.FinalURL, k.RetrievedAt.UTC(),
		k.MediaType, k.ETag, k.LastModified, k.Size, k.Trust, k.Excerpt, k.Tool, w.opts.Now().UTC(), w.opts.Version, status, reason,
		b.Rows, b.Observations, b.Rejects, b.Ignores, stored, b.Observations-stored)
	return err
}

// adoptRejects replaces the rejects of an earlier load of the same capture. The rejects
// were written beside the transaction, which cannot see them.
func (c *commit) adoptRejects(ctx context.Context) error {
	if c.known == 0 {
		return nil
	}
	if _, err := c.exec(ctx, `DELETE FROM reject WHERE capture_id = $1`, c.known); err != nil {
		return err
	}
	_, err := c.exec(ctx, `UPDATE reject SET capture_id = $1 WHERE capture_id = $2`, c.known, c.id)
	return err
}

// Captured returns the SHA-256 of all bytes that were loaded as the edition (its name), in order.
func (w *Warehouse) Captured(ctx context.Context, edition string) ([]string, error) {
	if w.db == nil {
		return nil, errors.New("warehouse: captured: the warehouse is closed")
	}
	out, err := texts(ctx, w.db, `SELECT DISTINCT sha256 FROM capture WHERE status = 'loaded' AND edition = `+quote(edition)+` ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("warehouse: captures of %s: %w", edition, err)
	}
	return out, nil
}

// Hold keeps a capture of which nothing became a figure (an undeclared layout), with the
// reason, so that it is seen. A capture that is loaded already stays as it is.
func (w *Warehouse) Hold(ctx context.Context, k Capture, reason string) error {
	fail := func(err error) error { return fmt.Errorf("warehouse: hold %.12s of %s: %w", k.SHA256, k.Source, err) }
	if w.db == nil || w.load != nil {
		return fail(errors.New("the warehouse is closed or a load is open"))
	}
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return fail(err)
	}
	defer tx.Rollback()
	var there bool
	if err := tx.QueryRowContext(ctx, `SELECT count(*) > 0 FROM capture WHERE sha256 = $1 AND source = $2`, k.SHA256, k.Source).Scan(&there); err != nil {
		return fail(err)
	}
	if there {
		return nil
	}
	var id int32
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(id), 0)::INTEGER + 1 FROM capture`).Scan(&id); err != nil {
		return fail(err)
	}
	if err := w.insertCapture(ctx, tx, id, k, "", "held", reason, normalize.Book{}, 0); err != nil {
		return fail(err)
	}
	if err := tx.Commit(); err != nil {
		return fail(err)
	}
	return nil
}
