package warehouse

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"sort"
	"strconv"
	"strings"
	"time"

	"daylight/warehouse/schema"
)

// migration is one step of the schema.
type migration struct {
	version int
	name    string
	sql     string
	sha256  string
}

// migrations reads the steps and checks that they are numbered from 1 without a gap.
func migrations(fsys fs.FS) ([]migration, error) {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	sort.Strings(names)
	var out []migration
	for _, name := range names {
		number, _, ok := strings.Cut(name, "_")
		v, err := strconv.Atoi(number)
		if !ok || err != nil || v != len(out)+1 {
			return nil, fmt.Errorf("migration %q: want a name that starts with %04d_", name, len(out)+1)
		}
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", name, err)
		}
		sum := sha256.Sum256(raw)
		out = append(out, migration{version: v, name: name, sql: string(raw), sha256: hex.EncodeToString(sum[:])})
	}
	return out, nil
}

// SchemaVersion returns the number of the newest migration, which is the schema of the files
// that this program publishes and reads.
func SchemaVersion() int {
	steps, err := migrations(schema.Files)
	if err != nil {
		return 0 // the embedded names are checked by a test
	}
	return len(steps)
}

// migrate brings the file to the newest schema.
func migrate(ctx context.Context, db *sql.DB, now time.Time) error {
	steps, err := migrations(schema.Files)
	if err != nil {
		return err
	}
	return migrateTo(ctx, db, steps, now)
}

func migrateTo(ctx context.Context, db *sql.DB, steps []migration, now time.Time) error {
	_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_migration (
		version INTEGER NOT NULL, name VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL, sha256 VARCHAR NOT NULL)`)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	applied, err := checkSchema(ctx, db, steps)
	if err != nil {
		return err
	}
	for _, m := range steps[applied:] {
		if err := m.apply(ctx, db, now); err != nil {
			return fmt.Errorf("migrate: %s: %w", m.name, err)
		}
	}
	return nil
}

func (m migration) apply(ctx context.Context, db *sql.DB, now time.Time) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, m.sql); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO schema_migration VALUES ($1, $2, $3, $4)`, m.version, m.name, now.UTC(), m.sha256); err != nil {
		return err
	}
	return tx.Commit()
}

// checkSchema returns how many of the steps the file has. A step that this program does
// not know, or knows with another text, is an error.
func checkSchema(ctx context.Context, db *sql.DB, steps []migration) (int, error) {
	rows, err := db.QueryContext(ctx, `SELECT version, name, sha256 FROM schema_migration ORDER BY version`)
	if err != nil {
		return 0, fmt.Errorf("migrate: this is no warehouse of daylight: %w", err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var version int
		var name, sum string
		if err := rows.Scan(&version, &name, &sum); err != nil {
			return 0, fmt.Errorf("migrate: %w", err)
		}
		if version > len(steps) {
			return 0, fmt.Errorf("migrate: the file has schema %d (%s), this program knows %d: %w; use that one", version, name, len(steps), ErrNewer)
		}
		if version != n+1 {
			return 0, fmt.Errorf("migrate: the file has schema %d but not %d", version, n+1)
		}
		if m := steps[version-1]; m.sha256 != sum {
			return 0, fmt.Errorf("migrate: %s was applied with another text (sha256 %.12s, this program has %.12s): a published migration is never edited", name, sum, m.sha256)
		}
		n++
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	return n, nil
}
