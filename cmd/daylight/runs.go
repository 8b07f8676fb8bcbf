package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
)

func newRunsCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "runs",
		Short:   "List the runs and what became of them, newest first",
		Example: "  daylight runs --format json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// Sorted by name, which begins with the time. Not Glob: the data directory may
			// have a bracket in its name.
			dir := filepath.Join(a.data, "runs")
			files, err := os.ReadDir(dir)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("runs: %w", err)
			}
			slices.Reverse(files)
			t := sheet{columns: []string{"run", "started", "outcome", "published", "rows", "observations", "rejects", "ignores", "new figures", "held", "seconds", "version"}}
			for _, f := range files {
				file := filepath.Join(dir, f.Name())
				// A report that is being written has another ending.
				if filepath.Ext(file) != ".json" || f.IsDir() {
					continue
				}
				b, err := os.ReadFile(file)
				if err != nil {
					return fmt.Errorf("runs: %w", err)
				}
				var r runReport
				if err := json.Unmarshal(b, &r); err != nil {
					return fmt.Errorf("runs: %s: %w", file, err)
				}
				var rows, obs, rejects, ignores, fresh, held int64
				for _, s := range r.Sources {
					rows += s.Book.Rows
					obs += s.Book.Observations
					rejects += s.Book.Rejects
					ignores += s.Book.Ignores
					fresh += s.Stored.fresh()
					held += int64(len(s.Held))
				}
				if r.Rebuild != nil { // everything is loaded again
					fresh = 0
					for _, y := range r.Rebuild.Sources {
						fresh += y.Added
					}
				}
				t.add(r.ID, r.Started, r.Outcome, r.Published, rows, obs, rejects, ignores, fresh, held, float64(int64(r.Seconds*100))/100, r.Version)
			}
			return a.print(cmd.OutOrStdout(), &t)
		},
	}
}
