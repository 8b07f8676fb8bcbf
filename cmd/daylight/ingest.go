package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"daylight/normalize/review"
	"daylight/scrape"
	"daylight/scrape/archive"
	"daylight/scrape/fetch"
	"daylight/warehouse"

	"github.com/google/renameio/v2"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

func newIngestCommand(a *app) *cobra.Command {
	var opts ingestOptions
	cmd := &cobra.Command{
		Use:   "ingest",
		Short: "Collect the reports and load every figure",
		Long: `Collect what the sources publish now, keep the raw bytes, read every figure, check
it and load it. A reader of the warehouse is never disturbed: the new file is built
beside the old one and takes its place when everything is checked.

With --offline the captures that ship inside the program are used and no network.

Exit codes: 0 clean, 1 failed, 2 usage, 3 something is held for review (what is sure
was loaded all the same).`,
		Example: `  daylight ingest --offline
  daylight ingest --source microsoft/usnsor --source google
  DAYLIGHT_CONTACT=mailto:you@example.org daylight ingest`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			picked, err := pick(opts.sources)
			if err != nil {
				return err
			}
			report, err := a.ingest(cmd.Context(), picked, opts)
			return a.conclude(cmd.OutOrStdout(), report, err)
		},
	}
	cmd.Flags().StringArrayVar(&opts.sources, "source", nil, "only this source or provider (repeatable)")
	cmd.Flags().BoolVar(&opts.offline, "offline", false, "use the embedded captures and no network")
	cmd.Flags().BoolVar(&opts.dryRun, "dry-run", false, "do everything but write: nothing is archived, loaded or published")
	cmd.Flags().StringVar(&opts.contact, "contact", os.Getenv("DAYLIGHT_CONTACT"), "address that publishers can write to, sent with every request (environment DAYLIGHT_CONTACT)")
	a.reviewFlag(cmd)
	must(cmd.RegisterFlagCompletionFunc("source", cobra.FixedCompletions(sourceIDs(), cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

type ingestOptions struct {
	sources []string
	offline bool
	dryRun  bool
	contact string
}

// ingest runs the given sources. The error is for a run that could not start; what
// happened to the sources is in the report.
func (a *app) ingest(ctx context.Context, picked []scrape.Source, opts ingestOptions) (*runReport, error) {
	return a.run(ctx, runOptions{command: "ingest", dryRun: opts.dryRun}, func(p *pipeline, r *runReport) error {
		r.Offline = opts.offline
		var fetcher *fetch.Fetcher
		if !opts.offline {
			fetcher = fetch.New(a.fetchOptions(p, opts.contact))
			defer fetcher.Close()
		}
		for _, s := range picked {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			p.tick(s.Describe().ID, "collecting")
			var get scrape.Getter
			if fetcher != nil {
				get = fetcher.For(s.Describe())
			}
			captures, err := p.collect(ctx, s, get)
			r.Sources = append(r.Sources, p.source(ctx, s, captures, err))
		}
		return context.Cause(ctx)
	})
}

// conclude prints what a run did, if it came that far, and returns what makes the exit code.
func (a *app) conclude(w io.Writer, r *runReport, err error) error {
	if r == nil {
		return err
	}
	return errors.Join(a.printRun(w, r), err, r.err())
}

// runOptions say what kind of a run it is.
type runOptions struct {
	command string
	dryRun  bool // nothing stays of it

	// settle is set for a run that makes the whole warehouse anew, on a dry run too: it says
	// whether the new file may take the old one's place.
	settle func(context.Context, *warehouse.Warehouse, *runReport) (bool, error)
}

// run is what ingest, import and rebuild share: the lock, the archive, the file built
// beside, the report. The work adds one report per source. The report is nil when the run
// could not start, and there beside an error when it could not be kept.
func (a *app) run(ctx context.Context, o runOptions, work func(*pipeline, *runReport) error) (*runReport, error) {
	started := a.now().UTC()
	report := &runReport{
		ID:      started.Format("20060102T150405.000Z") + "-" + o.command,
		Command: o.command, Version: version(), Started: started, DryRun: o.dryRun,
	}
	anew := o.settle != nil
	archiveDir := filepath.Join(a.data, "archive")
	if o.dryRun && !anew {
		dir, err := os.MkdirTemp("", "daylight-dry-run-")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.command, err)
		}
		defer os.RemoveAll(dir)
		archiveDir = filepath.Join(dir, "archive")
	} else if err := os.MkdirAll(a.data, 0o755); err != nil {
		return nil, fmt.Errorf("%s: %w", o.command, err)
	}
	decided, err := review.Load(a.reviewDir())
	if err != nil {
		return nil, err
	}
	tick, done := a.progress()
	p := &pipeline{archive: archive.Open(archiveDir), log: a.logger(), now: a.now, tick: tick, tune: a.tuneFigure, decided: decided}
	if !o.dryRun || anew {
		build, err := warehouse.Begin(ctx, a.data, warehouse.Options{
			Now: a.now, Command: o.command, Version: version(), Sources: storedSources(), Decisions: storedDecisions(decided), Fresh: anew,
		})
		if err != nil {
			done()
			return nil, err
		}
		if err := build.StartRun(ctx, report.ID); err != nil {
			done()
			return nil, errors.Join(err, build.Abort())
		}
		p.build = build
	}
	err = work(p, report)
	report.finish(err)
	if p.build != nil {
		settle := o.settle
		if settle == nil {
			settle = somethingNew
		}
		err = a.publish(ctx, p.build, report, settle, err)
		report.finish(err)
	}
	done()
	report.Finished = a.now().UTC()
	report.Seconds = report.Finished.Sub(started).Seconds()
	if o.dryRun {
		return report, nil
	}
	return report, writeRun(a.data, report)
}

// fetchOptions are the manners of a run's requests. Tests replace them to serve the
// publishers' names from a loopback server.
func (a *app) fetchOptions(p *pipeline, contact string) fetch.Options {
	o := fetch.Options{Archive: p.archive, Version: version(), Contact: contact, Logger: p.log, Now: a.now}
	if a.tuneFetch != nil {
		a.tuneFetch(&o)
	}
	return o
}

// somethingNew lets a file take the old one's place when the run loaded a capture or holds
// one: what is held must be seen by those who review it.
func somethingNew(_ context.Context, _ *warehouse.Warehouse, r *runReport) (bool, error) {
	for _, s := range r.Sources {
		for _, c := range s.Captures {
			if c.Outcome == outcomeClean || c.Outcome == outcomeHeld {
				return true, nil
			}
		}
	}
	return false, nil
}

// publish swaps the built file in, unless the run broke off or settle is against it: then
// the last good file stays.
func (a *app) publish(ctx context.Context, build *warehouse.Warehouse, r *runReport,
	settle func(context.Context, *warehouse.Warehouse, *runReport) (bool, error), workErr error) error {
	if workErr != nil {
		return errors.Join(workErr, build.Abort())
	}
	if ok, err := settle(ctx, build, r); err != nil || !ok {
		return errors.Join(err, build.Abort())
	}
	var rows []warehouse.RunSource
	for _, s := range r.Sources {
		rows = append(rows, warehouse.RunSource{
			Source: s.Source, Outcome: s.Outcome, Fetched: int64(s.Fetched), Unchanged: int64(s.Unchanged),
			Captures: int64(len(s.Captures)), Book: s.Book, Bytes: s.Bytes,
			Elapsed: time.Duration(s.Seconds * float64(time.Second)), Error: s.Error,
		})
	}
	if err := build.FinishRun(ctx, r.Outcome, rows); err != nil {
		return errors.Join(err, build.Abort())
	}
	changes, err := build.Changes(ctx)
	if err != nil {
		return errors.Join(err, build.Abort())
	}
	if err := build.Publish(ctx); err != nil {
		return errors.Join(err, build.Abort())
	}
	r.Published, r.Changes = true, changes
	return nil
}

// storedSources are the declared report series as the warehouse keeps them.
func storedSources() []warehouse.Source {
	var out []warehouse.Source
	for _, s := range sources() {
		d := s.Describe()
		out = append(out, warehouse.Source{ID: d.ID, Provider: d.Provider, Title: d.Title, Page: d.Page, Cadence: d.Cadence, Licence: d.Licence})
	}
	return out
}

// storedDecisions are the reviewers' decisions as the warehouse keeps them.
func storedDecisions(decided *review.Decisions) []warehouse.Decision {
	var out []warehouse.Decision
	for _, d := range decided.Counting() {
		out = append(out, warehouse.Decision{
			Review: d.ID, Decision: d.Decision, By: d.By, At: d.At, Why: d.Why, What: d.What,
			Source: d.Source, Table: d.Table, Subject: d.Subject(), Code: d.Code,
		})
	}
	return out
}

// writeRun keeps the report beside the warehouse, also of a run that failed.
func writeRun(data string, r *runReport) error {
	dir := filepath.Join(data, "runs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("run report: %w", err)
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("run report: %w", err)
	}
	if err := renameio.WriteFile(filepath.Join(dir, r.ID+".json"), append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("run report: %w", err)
	}
	if r.Changes == nil {
		return nil
	}
	if err := renameio.WriteFile(filepath.Join(dir, r.ID+".md"), []byte(releaseNote(r)), 0o644); err != nil {
		return fmt.Errorf("release note: %w", err)
	}
	return nil
}

// progress shows, on a terminal only, which source is being read.
func (a *app) progress() (tick func(source, stage string), done func()) {
	if !onTerminal(a.errOut) {
		return func(string, string) {}, func() {}
	}
	bar := progressbar.NewOptions(-1,
		progressbar.OptionSetWriter(a.errOut),
		progressbar.OptionSpinnerType(14),
		progressbar.OptionSetElapsedTime(true),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionShowCount())
	return func(source, stage string) {
			bar.Describe(source + "  " + stage)
			_ = bar.Add(1) // a progress bar that cannot be drawn is no reason to stop
		}, func() {
			_ = bar.Finish()
		}
}

// printRun prints the summary: one line per source, then, for people, what is held.
func (a *app) printRun(w io.Writer, r *runReport) error {
	t := sheet{columns: []string{"source", "outcome", "fetched", "unchanged", "rows", "observations", "rejects", "ignores", "new figures", "audits", "open audits", "seconds"}}
	for _, s := range r.Sources {
		var audits, open int64
		for _, c := range s.Audits {
			audits += c.Checked
			open += c.Open
		}
		t.add(s.Source, s.Outcome, int64(s.Fetched), int64(s.Unchanged), s.Book.Rows, s.Book.Observations, s.Book.Rejects, s.Book.Ignores,
			s.Stored.fresh(), audits, open, float64(int64(s.Seconds*100))/100)
	}
	if err := a.print(w, &t); err != nil {
		return err
	}
	a.printHeld(r)
	if a.format != formatTable || r.DryRun {
		return nil
	}
	// The newest edition of each source; the report has all.
	for _, s := range r.Sources {
		newest := editionDrift{}
		for _, d := range s.Layout {
			if d.Edition > newest.Edition {
				newest = d
			}
		}
		if newest.Edition != "" {
			fmt.Fprintf(w, "\nlayout of %s against %s: %s", newest.Edition, newest.Before, newest.summary())
		}
	}
	if r.Changes != nil {
		fmt.Fprintf(w, "\n%s", changeSummary(r.Changes))
	}
	fmt.Fprintf(w, "\n%s\n", a.whatBecame(r))
	return nil
}

// printHeld says on standard error what failed and what is held.
func (a *app) printHeld(r *runReport) {
	waits := false
	for _, s := range r.Sources {
		if s.Error != "" {
			fmt.Fprintf(a.errOut, "%s: %s\n", s.Source, s.Error)
		}
		waits = waits || len(s.Held) > 0
		for _, h := range s.Held {
			fmt.Fprintf(a.errOut, "%s: held: %s\n", s.Source, strings.TrimSpace(strings.Join([]string{h.Capture, h.Where, h.Reason + ":", h.Detail}, " ")))
		}
		if s.Book.Rejects > int64(len(s.Held)) && len(s.Held) == maxHeldShown {
			fmt.Fprintf(a.errOut, "%s: held: more are in the warehouse: daylight sql \"SELECT * FROM reject\"\n", s.Source)
		}
	}
	if waits && r.Published {
		fmt.Fprintf(a.errOut, "%q lists what is held, one line for each decision\n", "daylight review")
	}
}

// whatBecame says whether the run's file was published, how long it took and where the
// report is.
func (a *app) whatBecame(r *runReport) string {
	what := "published"
	if !r.Published {
		what = "not published"
		if _, err := os.Stat(filepath.Join(a.data, warehouse.FileName)); err == nil {
			what += "; the last good file stays"
		}
	}
	return fmt.Sprintf("%s: %s, %.1f s; %s", filepath.Join(a.data, warehouse.FileName), what, r.Seconds, filepath.Join(a.data, "runs", r.ID+".json"))
}
