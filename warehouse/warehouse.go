// Package warehouse answers one question: where is it kept?
//
// Everything that was ever placed stands in one DuckDB file, daylight.duckdb, in the data
// directory. DuckDB lets many processes read a file or one write it, never both, so
// nothing here writes the file that people read: [Begin] copies it beside, loads go into
// the copy, and [Warehouse.Publish] checks the copy and renames it over the old one. A
// reader that has the old file open keeps reading it undisturbed; a run that fails leaves
// the last good file as it was. One lock file with a note says who is writing.
//
// Loading never loses. What an edition says stays beside what later editions say, and a
// second capture of the same edition that says something else is a revision: the old
// reading stays, with the time at which it was replaced. Which of two readings of one
// edition stands is decided by trust first (the publisher's own bytes before a copy, a
// copy before figures that we typed, those before a mirror), then by the time of capture;
// the order of loading does not matter.
//
//   - equal figure, trust no better: nothing is stored
//   - equal figure, better trust: stored as a revision, so that the evidence is the best
//   - another figure, better trust, or equal trust and not captured earlier: stored as a
//     revision that supersedes
//   - another figure otherwise: stored as superseded from the start, never current; when
//     the trust is worse that is a finding, "trust_conflict"
//   - what stood, was replaced and is printed again stands again, also when the bytes are
//     those of the first time: they are a capture of their own then
//
// Equal figure: equal to what stood at the time of the capture. What is not stored because
// it is equal may be needed when a capture between the two comes in late: the caller, who
// has the archive, loads what is beside it again (Result.Between, Warehouse.Captured).
//
// Arrow records of package normalize (arrow v15) go in without being copied: see cross.go
// for how they meet the driver's arrow v18. The figures land in table "figure"; the view
// "observation" joins them with their capture (schema/0001_init.sql says why).
//
// This is the sole importer of the DuckDB driver. It may import package normalize and its
// folders; captures come in as [Capture], because package scrape is two stages up the line.
package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/marcboeker/go-duckdb"
)

// Names of the files in the data directory.
const (
	FileName     = "daylight.duckdb"          // what readers open
	buildingName = "daylight.duckdb.building" // what a run writes
	lockName     = "daylight.lock"
	spillName    = "daylight.duckdb.tmp" // DuckDB's own temporary files
)

// Errors that callers switch on.
var (
	// ErrLocked says that another process is writing; the message says which.
	ErrLocked = errors.New("being written")

	// ErrNone says that there is no warehouse in the directory yet.
	ErrNone = errors.New("no warehouse")

	// ErrNewer says that a newer daylight wrote the file.
	ErrNewer = errors.New("written by a newer daylight")

	// ErrEdition says that the same bytes were loaded as another edition before. One file
	// is one publication: a copy under another name or --edition would turn the figures
	// of one half-year into those of another.
	ErrEdition = errors.New("the same bytes are loaded as another edition")

	// ErrRevised says that a capture that was loaded before is now read with another
	// figure for the same series: the reader changed, not the publisher, so that this
	// is no revision. The warehouse must be built anew from the captures, see Compare.
	ErrRevised = errors.New("capture is read differently than before")
)

// Source is one report series, as it stands in table source.
type Source struct {
	ID       string // provider/family
	Provider string
	Title    string
	Page     string
	Cadence  string
	Licence  string
}

// Decision is what a reviewer decided, as it stands in table decision.
type Decision struct {
	Review   string // the matter, normalize.ReviewID
	Decision string // accepted or rejected
	By       string
	At       time.Time
	Why      string
	What     string // label, finding, figure or capture
	Source   string
	Table    string
	Subject  string
	Code     string
}

// Options say who writes and with which code lists.
type Options struct {
	Now     func() time.Time // the clock; required
	Version string           // of the program, kept with every capture and run
	Command string           // what the user started, for the lock's note: "ingest"

	// Vocabulary holds the code lists, one CSV file each at the root, named after the
	// column of observation that uses its codes. It becomes one table per file, anew at
	// every Begin. Nil stands for the embedded lists of package normalize/vocab.
	Vocabulary fs.FS

	// Sources are the declared report series. Series that are already stored stay.
	Sources []Source

	// Decisions are those of the reviewers that apply to what is loaded; they take the place
	// of the stored ones.
	Decisions []Decision

	// Fresh starts from an empty file instead of a copy of the published one: everything
	// is loaded again.
	Fresh bool

	// MemoryLimit bounds DuckDB's own memory, "512MB" when empty; above it DuckDB writes
	// temporary files into the data directory.
	MemoryLimit string
}

// Warehouse is a warehouse that is being written, beside the one that readers have open.
// It is not safe for concurrent use, and one load is open at a time.
type Warehouse struct {
	dir     string
	opts    Options
	lock    *flock.Flock
	db      *sql.DB
	load    *Load // the open load
	run     string
	derived bool  // the tables of standing.go are those of the figures
	broken  error // a commit failed half way
}

// note is what the lock file tells a second writer.
type note struct {
	PID     int       `json:"pid"`
	Host    string    `json:"host"`
	Command string    `json:"command"`
	Started time.Time `json:"started"`
}

// Begin takes the lock and opens a copy of the published warehouse for writing, or a new
// one when there is none or Options.Fresh is set. The caller ends it with Publish or Abort; Abort after Publish
// does nothing, so that it can be deferred. It returns an error that wraps ErrLocked when
// somebody else is writing, and one that wraps ErrNewer when a newer daylight wrote the
// file. Leftovers of a killed run are removed.
func Begin(ctx context.Context, dir string, o Options) (*Warehouse, error) {
	if o.Now == nil {
		return nil, errors.New("warehouse: begin: no clock given")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("warehouse: begin %s: %w", dir, err)
	}
	dir = abs
	// DuckDB takes what follows a question mark for options, and puts its log elsewhere.
	if strings.Contains(dir, "?") {
		return nil, fmt.Errorf("warehouse: begin %q: a data directory may not have a question mark in its path", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("warehouse: begin %s: %w", dir, err)
	}
	w := &Warehouse{dir: dir, opts: o, lock: flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o644))}
	if err := w.takeLock(); err != nil {
		return nil, err
	}
	if err := w.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("warehouse: begin %s: %w", dir, damaged(err)), w.Abort())
	}
	return w, nil
}

func (w *Warehouse) takeLock() error {
	path := w.lock.Path()
	ok, err := w.lock.TryLock()
	if err != nil {
		return fmt.Errorf("warehouse: lock %s: %w", path, err)
	}
	if !ok {
		var n note
		raw, err := os.ReadFile(path)
		if err != nil || json.Unmarshal(raw, &n) != nil {
			return fmt.Errorf("warehouse: %s is %w by a process that left no note in %s: wait or stop it", w.dir, ErrLocked, lockName)
		}
		return fmt.Errorf("warehouse: %s is %w by pid %d on host %s since %s (%s): wait or stop it",
			w.dir, ErrLocked, n.PID, n.Host, n.Started.UTC().Format(time.RFC3339), n.Command)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	raw, err := json.Marshal(note{PID: os.Getpid(), Host: host, Command: w.opts.Command, Started: w.opts.Now().UTC()})
	if err == nil {
		// Written in place: the lock is on this file and would not survive a rename.
		err = os.WriteFile(path, append(raw, '\n'), 0o644)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("warehouse: lock %s: %w", path, err), w.lock.Unlock())
	}
	return nil
}

func (w *Warehouse) path(name string) string { return filepath.Join(w.dir, name) }

func (w *Warehouse) open(ctx context.Context) error {
	if err := w.clean(); err != nil {
		return err
	}
	if err := checkNoLog(w.dir); err != nil {
		return err
	}
	if !w.opts.Fresh {
		if err := copyFile(w.path(FileName), w.path(buildingName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	limit := w.opts.MemoryLimit
	if limit == "" {
		limit = "512MB"
	}
	db, err := openDuckDB(ctx, w.path(buildingName), attachment{
		settings: []string{
			"SET memory_limit = " + quote(limit),
			"SET temp_directory = " + quote(w.path(spillName)),
			// Rows may land in any order: ordinal keeps the printed one. Without this
			// the two cores would wait for each other.
			"SET preserve_insertion_order = false",
			// A large load goes into the file at its commit and never into the log, which
			// would be written and then read and compressed again at Publish. Small ones
			// gather in the log.
			"SET checkpoint_threshold = '64MB'",
		},
	})
	if err != nil {
		return err
	}
	w.db = db
	if err := migrate(ctx, db, w.opts.Now()); err != nil {
		return err
	}
	if err := comment(ctx, db); err != nil {
		return err
	}
	if err := w.vocabulary(ctx); err != nil {
		return err
	}
	if err := w.decisions(ctx); err != nil {
		return err
	}
	return w.sources(ctx)
}

func (w *Warehouse) decisions(ctx context.Context) error {
	if _, err := w.db.ExecContext(ctx, `DELETE FROM decision`); err != nil {
		return fmt.Errorf("decisions: %w", err)
	}
	for _, d := range w.opts.Decisions {
		if _, err := w.db.ExecContext(ctx, `INSERT INTO decision VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			d.Review, d.Decision, d.By, d.At.UTC(), d.Why, d.What, d.Source, d.Table, d.Subject, d.Code); err != nil {
			return fmt.Errorf("decision %s: %w", d.Review, err)
		}
	}
	return nil
}

// clean removes what a killed run left.
func (w *Warehouse) clean() error {
	for _, name := range []string{buildingName, buildingName + ".wal", spillName} {
		if err := os.RemoveAll(w.path(name)); err != nil {
			return err
		}
	}
	return nil
}

// checkNoLog refuses a published file with a write-ahead log beside it: another program
// opened it for writing and did not end. The file alone would be an older state, and the
// log would be played onto the next file of that name.
func checkNoLog(dir string) error {
	wal := filepath.Join(dir, FileName+".wal")
	_, err := os.Lstat(wal)
	switch {
	case err == nil:
		return fmt.Errorf("%s stands beside the warehouse: another program opened it for writing and did not end: open it with that program once more, or remove both files and build anew", wal)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	// On Linux this is copy_file_range, which shares blocks where the file system can.
	if _, err := io.Copy(dst, src); err != nil {
		return errors.Join(fmt.Errorf("copy %s: %w", from, err), dst.Close())
	}
	return dst.Close()
}

// attachment says how a file is opened.
type attachment struct {
	settings []string // before the file is attached
	readOnly bool
	after    []string // when it is attached
}

// openDuckDB opens a database in memory and attaches the file as "daylight" to it, because
// the driver reads a path as an address and refuses one with a percent sign in it. Every
// connection has the file as its default.
func openDuckDB(ctx context.Context, path string, a attachment) (*sql.DB, error) {
	ready := false
	c, err := duckdb.NewConnector("", func(e driver.ExecerContext) error {
		if !ready {
			return nil
		}
		_, err := e.ExecContext(ctx, "USE daylight", nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	attach := "ATTACH " + quote(path) + " AS daylight"
	if a.readOnly {
		attach += " (READ_ONLY)"
	}
	all := append(slices.Clone(a.settings), attach)
	all = append(all, a.after...)
	first, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for _, q := range all {
		if _, err := first.ExecContext(ctx, q); err != nil {
			return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), first.Close(), db.Close())
		}
	}
	// The first connection was made before there was anything to use.
	if _, err := first.ExecContext(ctx, "USE daylight"); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), first.Close(), db.Close())
	}
	ready = true
	return db, first.Close()
}

// quote prints a string literal.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// identifier prints a quoted name.
func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func (w *Warehouse) sources(ctx context.Context) error {
	for _, s := range w.opts.Sources {
		if _, err := w.db.ExecContext(ctx, `INSERT INTO provider VALUES ($1) ON CONFLICT DO NOTHING`, s.Provider); err != nil {
			return fmt.Errorf("source %s: %w", s.ID, err)
		}
		// Not INSERT OR REPLACE: DuckDB 1.1.3 ends in an internal error when a CHECK of the
		// row names a column that the update leaves alone.
		if _, err := w.db.ExecContext(ctx, `DELETE FROM source WHERE source = $1`, s.ID); err != nil {
			return fmt.Errorf("source %s: %w", s.ID, err)
		}
		if _, err := w.db.ExecContext(ctx, `INSERT INTO source (source, provider, title, page, cadence, licence) VALUES ($1, $2, $3, $4, $5, $6)`,
			s.ID, s.Provider, s.Title, s.Page, s.Cadence, s.Licence); err != nil {
			return fmt.Errorf("source %s: %w", s.ID, err)
		}
	}
	return nil
}

// Publish checks the copy, makes it the file that readers open, and gives the lock back.
// When a check fails, nothing is published and the error says what is wrong; the caller
// still calls Abort. Readers that have the old file open are not disturbed.
func (w *Warehouse) Publish(ctx context.Context) error {
	switch {
	case w.db == nil:
		return errors.New("warehouse: publish: already ended")
	case w.load != nil:
		return errors.New("warehouse: publish: a load is still open")
	case w.broken != nil:
		return fmt.Errorf("warehouse: publish: an earlier load broke off half way: %w", w.broken)
	}
	if err := w.derive(ctx); err != nil {
		return fmt.Errorf("warehouse: publish: %w", err)
	}
	if err := validate(ctx, w.db); err != nil {
		return fmt.Errorf("warehouse: publish: %w", err)
	}
	if _, err := w.db.ExecContext(ctx, "CHECKPOINT daylight"); err != nil {
		return fmt.Errorf("warehouse: publish: %w", err)
	}
	err := w.db.Close()
	w.db = nil
	if err != nil {
		return fmt.Errorf("warehouse: publish: %w", err)
	}
	building, published := w.path(buildingName), w.path(FileName)
	if _, err := os.Lstat(building + ".wal"); err == nil {
		return fmt.Errorf("warehouse: publish: %s.wal is left after the checkpoint", building)
	}
	// A log that appeared meanwhile would be played onto the new file.
	if err := checkNoLog(w.dir); err != nil {
		return fmt.Errorf("warehouse: publish: %w", err)
	}
	if err := sync(building); err != nil {
		return fmt.Errorf("warehouse: publish: %w", err)
	}
	if err := os.Rename(building, published); err != nil {
		return fmt.Errorf("warehouse: publish: %w", err)
	}
	if err := sync(w.dir); err != nil {
		return fmt.Errorf("warehouse: publish: %w", err)
	}
	return w.Abort()
}

func sync(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Abort removes the copy and gives the lock back. The published file stays as it was.
// Calling it again, or after Publish, does nothing.
func (w *Warehouse) Abort() error {
	var errs []error
	if w.load != nil {
		errs = append(errs, w.load.Discard())
	}
	if w.db != nil {
		errs = append(errs, w.db.Close())
		w.db = nil
	}
	if w.lock != nil {
		errs = append(errs, w.clean(), w.lock.Close())
		w.lock = nil
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("warehouse: abort %s: %w", w.dir, err)
	}
	return nil
}

// derive fills what is derived from the figures, once after the last load.
func (w *Warehouse) derive(ctx context.Context) error {
	if w.derived {
		return nil
	}
	if err := w.orderEditions(ctx); err != nil {
		return err
	}
	if err := w.stand(ctx); err != nil {
		return err
	}
	w.derived = true
	return nil
}

// orderEditions numbers the editions in the order in which they became known.
func (w *Warehouse) orderEditions(ctx context.Context) error {
	_, err := w.db.ExecContext(ctx, `
		UPDATE edition SET seq = n.seq
		FROM (SELECT name, row_number() OVER (ORDER BY period_end NULLS FIRST, published_on,
			trust DESC, first_captured, name) AS seq FROM edition) n
		WHERE n.name = edition.name`)
	if err != nil {
		return fmt.Errorf("order the editions: %w", err)
	}
	return nil
}

// checks are what must hold before a file is published; each query returns the first
// few offenders as text.
var checks = []struct{ what, query string }{
	{"codes that are in no vocabulary", `SELECT column_name || ' ' || code FROM orphan`},
	{"captures whose book does not balance", `SELECT c.source || ' ' || c.sha256 FROM capture c
		LEFT JOIN (SELECT capture_id, count(*) AS n FROM reject GROUP BY ALL) r ON r.capture_id = c.id
		WHERE c.rows <> c.stored + c.unchanged + c.rejects + c.ignores OR coalesce(r.n, 0) <> c.rejects AND c.status = 'loaded'`},
	{"captures that stand here twice", `SELECT sha256 FROM capture GROUP BY sha256, source, edition, retrieved_at HAVING count(*) > 1
		UNION ALL SELECT any_value(sha256) FROM capture GROUP BY id HAVING count(*) > 1`},
	{"captures whose stored figures are not those of its book", `SELECT c.source || ' ' || c.sha256 FROM capture c
		LEFT JOIN (SELECT capture_id, count(*) AS n FROM figure GROUP BY ALL) f ON f.capture_id = c.id
		WHERE coalesce(f.n, 0) <> c.stored`},
	{"figures without a capture", `SELECT DISTINCT f.capture_id::VARCHAR FROM figure f ANTI JOIN capture c ON c.id = f.capture_id`},
	{"captures without an edition", `SELECT c.sha256 FROM capture c ANTI JOIN edition e ON e.name = c.edition WHERE c.status = 'loaded'`},
	// By the number of the edition: of some millions of pairs its name takes most of the memory.
	{"series with two standing readings in one edition", `SELECT e.name || ' ' || series_key FROM (
		SELECT e.seq, f.series_key FROM figure f JOIN capture c ON c.id = f.capture_id JOIN edition e ON e.name = c.edition
		WHERE f.superseded_at IS NULL GROUP BY ALL HAVING count(*) > 1) JOIN edition e USING (seq)`},
	{"series without a standing reading in an edition", `SELECT edition || ' ' || series_key FROM (
		SELECT c.edition, f.series_key FROM figure f JOIN capture c ON c.id = f.capture_id
		WHERE c.edition IN (SELECT c2.edition FROM figure f2 JOIN capture c2 ON c2.id = f2.capture_id WHERE f2.superseded_at IS NOT NULL)
		GROUP BY ALL HAVING count(*) FILTER (f.superseded_at IS NULL) = 0)`},
	{"figures that should stand and do not, or the other way round", `SELECT 'there are ' || a.n || ', and ' || b.n || ' stand' FROM
		(SELECT count(*) AS n FROM figure f JOIN capture c ON c.id = f.capture_id WHERE f.superseded_at IS NULL) a,
		(SELECT count(*) AS n FROM standing WHERE until_seq > seq) b WHERE a.n <> b.n`},
	{"leftovers of a load", `SELECT view_name FROM duckdb_views() WHERE database_name = 'daylight' AND NOT internal
		AND view_name NOT IN ('observation', 'reading', 'current', 'vanished', 'coverage', 'at_hand', 'orphan')`},
}

func validate(ctx context.Context, q querier) error {
	var errs []error
	for _, c := range checks {
		found, err := texts(ctx, q, `SELECT x FROM (`+c.query+`) t(x) ORDER BY x LIMIT 5`)
		if err != nil {
			return fmt.Errorf("check for %s: %w", c.what, err)
		}
		if len(found) > 0 {
			errs = append(errs, fmt.Errorf("there are %s: %q", c.what, found))
		}
	}
	return errors.Join(errs...)
}

// querier is a database or one of its connections.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// texts runs a query of one text column.
func texts(ctx context.Context, q querier, query string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
