package warehouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"daylight/normalize"
)

// RunSource is what a run did with one source.
type RunSource struct {
	Source    string
	Outcome   string // clean, held or failed
	Fetched   int64  // captures with new bytes from the network
	Unchanged int64  // captures that the publisher said are not modified
	Captures  int64  // captures that were read
	Book      normalize.Book
	Bytes     int64
	Elapsed   time.Duration
	Error     string // "" when it did not fail
}

// StartRun writes the run's row into the copy. It becomes visible with Publish; a run that
// fails leaves no row, because its file is thrown away.
func (w *Warehouse) StartRun(ctx context.Context, id string) error {
	if id == "" || w.run != "" {
		return errors.New("warehouse: start run: want one run with a name")
	}
	_, err := w.db.ExecContext(ctx, `INSERT INTO run (id, started_at, command, version, outcome) VALUES ($1, $2, $3, $4, '')`,
		id, w.opts.Now().UTC(), w.opts.Command, w.opts.Version)
	if err != nil {
		return fmt.Errorf("warehouse: start run %s: %w", id, err)
	}
	w.run = id
	return nil
}

// FinishRun writes the outcome ("clean" or "held") and one row per source.
func (w *Warehouse) FinishRun(ctx context.Context, outcome string, sources []RunSource) error {
	if w.run == "" {
		return errors.New("warehouse: finish run: none was started")
	}
	fail := func(err error) error { return fmt.Errorf("warehouse: finish run %s: %w", w.run, err) }
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return fail(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `UPDATE run SET finished_at = $1, outcome = $2 WHERE id = $3`, w.opts.Now().UTC(), outcome, w.run); err != nil {
		return fail(err)
	}
	for _, s := range sources {
		_, err := tx.ExecContext(ctx, `INSERT INTO run_source (run, source, outcome, fetched, unchanged, captures,
			rows, observations, rejects, ignores, bytes, seconds, error)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			w.run, s.Source, s.Outcome, s.Fetched, s.Unchanged, s.Captures,
			s.Book.Rows, s.Book.Observations, s.Book.Rejects, s.Book.Ignores, s.Bytes, s.Elapsed.Seconds(), s.Error)
		if err != nil {
			return fail(fmt.Errorf("source %s: %w", s.Source, err))
		}
	}
	if err := tx.Commit(); err != nil {
		return fail(err)
	}
	return nil
}
