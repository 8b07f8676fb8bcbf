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
	cmd := &cobra.Command{
		Use:   "verify [FILE.zip]",
		Short: "Hash the archive again and check the warehouse against it, or check a pack",
		Long: `Read every archived file again and compare its SHA-256 with its name, read the whole
warehouse against its own checksums, and check that every capture that the warehouse stands
on is in the archive. Exit code 1 when anything is damaged or missing.

With a file, check a pack that "daylight evidence" wrote, here or elsewhere; neither an
archive nor a warehouse is needed. Every file is compared with its checksum, every figure
with what its capture prints at its place, and what the figure means with what this
daylight reads there. A problem of the kind "text" is a figure that does not stand in the
bytes; one of the kind "meaning" stands there, and this version takes it for another one.`,
		Example: "  daylight verify\n  daylight verify --format json\n  daylight verify evidence.zip",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("verify: one pack at a time, have %s", strings.Join(args, ", "))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"zip"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.verifyPack(cmd.Context(), cmd.OutOrStdout(), args[0])
			}
			dir := filepath.Join(a.data, "archive")
			loaded, err := a.loadedCaptures(cmd)
			noWarehouse := errors.Is(err, warehouse.ErrNone)
			if _, statErr := os.Stat(dir); errors.Is(statErr, fs.ErrNotExist) && noWarehouse {
				return fmt.Errorf("verify: there is neither an archive nor a warehouse in %s", a.data)
			}
			t := sheet{columns: []string{"path", "problem", "detail"}}
			if err != nil && !noWarehouse {
				t.add(warehouse.FileName, "damaged", err.Error())
			}
			report, err := archive.Open(dir).Verify(cmd.Context())
			if err != nil {
				return err
			}
			for _, p := range report.Problems {
				t.add(p.Path, string(p.Kind), p.Detail)
			}
			have := map[string]bool{}
			for c, err := range archive.Open(dir).Captures(cmd.Context()) {
				if err == nil { // damaged metadata is among the problems already
					have[c.SHA256] = true
				}
			}
			for _, sha := range loaded {
				if !have[sha] {
					t.add(sha, "missing", "the warehouse has figures of this capture, and the archive does not have it: restore "+dir+" from a backup")
				}
			}
			problems := len(t.lines)
			if err := a.print(cmd.OutOrStdout(), &t); err != nil {
				return err
			}
			if a.format == formatTable {
				fmt.Fprintf(cmd.OutOrStdout(), "\n%d captures, %d files, %d bytes hashed\n", report.Captures, report.Contents, report.Bytes)
			}
			if problems > 0 {
				return fmt.Errorf("verify: %s: %d problems, see the list above", a.data, problems)
			}
			return nil
		},
	}
	a.reviewFlag(cmd)
	return cmd
}

// loadedCaptures checks the warehouse and returns the hashes that it stands on.
func (a *app) loadedCaptures(cmd *cobra.Command) (_ []string, err error) {
	db, err := warehouse.Open(cmd.Context(), a.data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Check(cmd.Context()); err != nil {
		return nil, err
	}
	rows, err := db.Query(cmd.Context(), "SELECT DISTINCT sha256 FROM capture WHERE status = 'loaded' ORDER BY sha256")
	if err != nil {
		return nil, err
	}
	var out []string
	for rows.Next() {
		if sha, ok := rows.Values()[0].(string); ok {
			out = append(out, sha)
		}
	}
	return out, errors.Join(rows.Err(), rows.Close())
}
