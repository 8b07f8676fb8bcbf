// Command daylight collects transparency reports, normalises every figure and answers
// questions about them.
//
// It is the only package that reads flags, the environment and the clock, wires the
// stages together and sets exit codes. One file per subcommand.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"daylight/normalize"
	"daylight/queries"
	"daylight/scrape/fetch"
	"daylight/warehouse"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Exit codes.
const (
	exitClean  = 0
	exitFailed = 1
	exitUsage  = 2
	exitHeld   = 3 // the run worked, and something waits for review
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first signal ends the work in order, the second one at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	return (&app{now: time.Now, errOut: errOut}).execute(ctx, args, in, out)
}

// execute is run for an app that is there.
func (a *app) execute(ctx context.Context, args []string, in io.Reader, out io.Writer) int {
	root, errOut := newRootCommand(a), a.errOut
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitClean
	case errors.Is(err, errHeld):
		// The summary has already said what is held.
		return exitHeld
	case errors.Is(err, queries.ErrUsage), errors.As(err, new(usageError)):
		fmt.Fprintln(errOut, "daylight:", err)
		return exitUsage
	}
	if ctx.Err() != nil {
		// What broke off because of the signal is of no interest.
		err = fmt.Errorf("stopped: %w", context.Cause(ctx))
	}
	fmt.Fprintln(errOut, "daylight:", err)
	return exitFailed
}

// errHeld says that the run worked and something is held for review.
var errHeld = errors.New("held for review")

// usageError is a command line that cannot be carried out as typed.
type usageError string

func (e usageError) Error() string { return string(e) }

func usagef(format string, args ...any) error { return usageError(fmt.Sprintf(format, args...)) }

// app is what the commands share.
type app struct {
	data      string // data directory
	decisions string // folder of the reviewers' decisions; "" for the one in the data directory
	format    string // table, csv or json
	verbose   bool
	now       func() time.Time
	errOut    io.Writer

	tuneFetch  func(*fetch.Options)         // nil outside tests
	tuneFigure func(*normalize.Observation) // nil outside tests: the figure as it is stored
}

func (a *app) print(w io.Writer, r rows) error { return write(w, a.format, r) }

// logger writes warnings to standard error, and everything with --verbose.
func (a *app) logger() *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(a.errOut, &slog.HandlerOptions{Level: level}))
}

// onTerminal reports whether w is a terminal: progress and colour go nowhere else.
func onTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "daylight",
		Short: "Government requests for user data, traceable to the printed cell",
		Long: `daylight collects the transparency reports of companies, keeps the raw bytes,
normalises every figure (legal bands stay intervals, missing is never zero) and
loads it into one DuckDB file for trend questions.

A first run needs no network:

  daylight ingest --offline
  daylight query bands_by_half_year

Exit codes: 0 clean, 1 failed, 2 usage, 3 something is held for review.`,
		Example: `  daylight ingest --offline
  daylight query requests_by_half_year --param provider=microsoft
  daylight sql "SELECT * FROM current LIMIT 5"
  daylight export --to out`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			hint := ";"
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				hint = fmt.Sprintf("; did you mean %q?", near[0])
			}
			return usagef("unknown command %q%s see %q", args[0], hint, "daylight --help")
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if a.data == "" {
				return usagef("--data is empty: name a directory")
			}
			switch a.format {
			case formatTable, formatCSV, formatJSON:
				return nil
			}
			return usagef("--format %q: want table, csv or json", a.format)
		},
		Version: version(),
	}
	root.SuggestionsMinimumDistance = 2
	data := os.Getenv("DAYLIGHT_DATA")
	if data == "" {
		data = "data"
	}
	root.PersistentFlags().StringVar(&a.data, "data", data, "data directory (environment DAYLIGHT_DATA)")
	root.PersistentFlags().StringVar(&a.format, "format", formatTable, "how rows are printed: table (two decimals), csv or json (every digit)")
	root.PersistentFlags().BoolVarP(&a.verbose, "verbose", "v", false, "say on standard error what is being done")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%v; see %q", err, cmd.CommandPath()+" --help")
	})
	must(root.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(
		[]string{formatTable, formatCSV, formatJSON}, cobra.ShellCompDirectiveNoFileComp)))
	must(root.MarkPersistentFlagDirname("data"))
	root.AddCommand(
		newIngestCommand(a), newImportCommand(a), newRebuildCommand(a), newReviewCommand(a), newQueryCommand(a), newCheckCommand(a), newSQLCommand(a),
		newSourcesCommand(a), newCoverageCommand(a), newRestatementsCommand(a), newDiffCommand(a), newRunsCommand(a), newExportCommand(a),
		newVerifyCommand(a), newWhyCommand(a), newEvidenceCommand(a), newVersionCommand(a),
	)
	return root
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s: unknown argument %q; see %q", cmd.CommandPath(), args[0], cmd.CommandPath()+" --help")
	}
	return nil
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// version is the program's version as the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 && (v == "" || v == "(devel)") {
			v = "devel-" + s.Value[:12]
		}
	}
	if v == "" || v == "(devel)" {
		v = "devel"
	}
	return v
}

func newVersionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the versions of the program, its schemas and its libraries",
		Example: "  daylight version",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			t := sheet{columns: []string{"part", "version"}}
			t.add("daylight", version())
			for _, p := range componentVersions() {
				t.add(p[0], p[1])
			}
			return a.print(cmd.OutOrStdout(), &t)
		},
	}
}

// componentVersions lists what a figure's way depends on.
func componentVersions() [][2]string {
	out := [][2]string{{"observation schema", normalize.SchemaVersion}, {"warehouse schema", strconv.Itoa(warehouse.SchemaVersion())}}
	if info, ok := debug.ReadBuildInfo(); ok {
		out = append(out, [2]string{"go", info.GoVersion})
		for _, d := range info.Deps {
			switch d.Path {
			case "github.com/apache/arrow/go/v15", "github.com/marcboeker/go-duckdb", "github.com/gocolly/colly/v2", "github.com/xuri/excelize/v2":
				out = append(out, [2]string{d.Path, d.Version})
			}
		}
	}
	return out
}
