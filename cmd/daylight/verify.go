package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"daylight/scrape/archive"
	"daylight/warehouse"

	"github.com/spf13/cobra"
)

func newVerifyCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Hash the archive again and check the warehouse against it",
		Long: `Read every archived file again, compare its SHA-256 with its name, and check that every
capture that the warehouse stands on is in the archive. Exit code 1 when a file is
damaged or missing.`,
		Example: "  daylight verify",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := archive.Open(filepath.Join(a.data, "archive")).Verify(cmd.Context())
			if err != nil {
				return err
			}
			t := sheet{columns: []string{"path", "problem", "detail"}}
			for _, p := range report.Problems {
				t.add(p.Path, string(p.Kind), p.Detail)
			}
			missing, err := a.missingCaptures(cmd)
			if err != nil {
				return err
			}
			for _, sha := range missing {
				t.add(sha, "missing", "the warehouse has figures of this capture, and the archive does not have its bytes: restore data/archive from a backup")
			}
			if err := a.print(cmd.OutOrStdout(), &t); err != nil {
				return err
			}
			if a.format == formatTable {
				fmt.Fprintf(cmd.OutOrStdout(), "\n%d captures, %d files, %d bytes hashed\n", report.Captures, report.Contents, report.Bytes)
			}
			if !report.OK() || len(missing) > 0 {
				return fmt.Errorf("verify: %s is damaged: see the list above", filepath.Join(a.data, "archive"))
			}
			return nil
		},
	}
}

// missingCaptures returns the hashes that the warehouse refers to and the archive does
// not have. Without a warehouse there are none.
func (a *app) missingCaptures(cmd *cobra.Command) (_ []string, err error) {
	if _, err := os.Stat(filepath.Join(a.data, warehouse.FileName)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	db, err := warehouse.Open(cmd.Context(), a.data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.Query(cmd.Context(), "SELECT DISTINCT sha256 FROM capture WHERE status = 'loaded' ORDER BY sha256")
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	have := map[string]bool{}
	for c, err := range archive.Open(filepath.Join(a.data, "archive")).Captures(cmd.Context()) {
		if err == nil {
			have[c.SHA256] = true
		}
	}
	var missing []string
	for rows.Next() {
		if sha, ok := rows.Values()[0].(string); ok && !have[strings.ToLower(sha)] {
			missing = append(missing, sha)
		}
	}
	return missing, rows.Err()
}
