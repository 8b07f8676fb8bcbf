package main

import (
	"path/filepath"

	"daylight/warehouse/export"

	"github.com/spf13/cobra"
)

func newExportCommand(a *app) *cobra.Command {
	var to, format string
	cmd := &cobra.Command{
		Use:   "export --to DIR",
		Short: "Write the tables as Parquet or CSV, with a data dictionary",
		Long: `Write every table of the warehouse to a new folder, for pandas, polars or DuckDB, with
a data dictionary, a data package description and checksums. Units and descriptions
travel as Arrow field metadata inside the Parquet files. Two exports of one warehouse
are the same bytes. The folder appears only when everything is written; an earlier export
in it is replaced, other files are never touched.`,
		Example: "  daylight export --to out\n  daylight export --to out-csv --format csv",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if to == "" {
				return usagef("export: --to is missing: name the folder to write")
			}
			write := export.Parquet
			if format == formatCSV {
				write = export.CSV
			}
			done, err := write(cmd.Context(), a.data, to)
			if err != nil {
				return err
			}
			t := sheet{columns: []string{"file", "rows", "bytes"}}
			for _, f := range done.Files {
				t.add(filepath.Join(to, f.Name), f.Rows, f.Bytes)
			}
			return a.print(cmd.OutOrStdout(), &t)
		},
	}
	// export's own --format says what is written; the summary prints as a table.
	cmd.Flags().StringVar(&to, "to", "", "folder to write (required): a new one, an empty one or an earlier export")
	cmd.Flags().StringVar(&format, "format", "parquet", "what is written: parquet or csv")
	must(cmd.MarkFlagDirname("to"))
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"parquet", formatCSV}, cobra.ShellCompDirectiveNoFileComp)))
	cmd.PersistentPreRunE = func(cmd *cobra.Command, args []string) error {
		a.format = formatTable
		if err := cmd.Root().PersistentPreRunE(cmd, args); err != nil {
			return err
		}
		if format != "parquet" && format != "csv" {
			return usagef("export: --format %q: want parquet or csv", format)
		}
		return nil
	}
	return cmd
}
