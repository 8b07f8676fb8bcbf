package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"daylight/scrape"
	"daylight/scrape/archive"
	"daylight/warehouse"

	"github.com/spf13/cobra"
)

func newRebuildCommand(a *app) *cobra.Command {
	var opts rebuildOptions
	cmd := &cobra.Command{
		Use:   "rebuild",
		Short: "Make the whole warehouse again from the archive, and say what changed",
		Long: `Read every capture of the archive again, in the order in which they were captured, and
build a new warehouse beside the published one. The two are compared reading by reading:
interval, exactness, flags, printed text, place in the file, and whether it stands. Only
then does the new file take the old one's place.

When nothing differs, it is replaced. When something differs, because the program reads a
report differently now or a decision of a reviewer applies, the list is printed, the
published file stays, and the exit code is 3; --accept-changes replaces it all the same.
The whole list is kept beside the run's report in the folder runs. A file that was imported
late and captured early takes its place in the history, which is a change, too: of
revisions, not of figures that stand.

Captures that the published warehouse stands on and the archive does not have are an
error: a rebuild never loses a figure because its bytes are gone.

Exit codes: 0 rebuilt, 1 failed, 2 usage, 3 something differs and was not accepted, or
something is held for review.`,
		Example: `  daylight rebuild --dry-run
  daylight rebuild --dry-run --format csv > changes.csv
  daylight rebuild --accept-changes`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.dryRun && opts.accept {
				return usagef("rebuild: --dry-run replaces nothing, so that there is nothing to accept")
			}
			return a.rebuild(cmd.Context(), cmd.OutOrStdout(), opts)
		},
	}
	a.reviewFlag(cmd)
	cmd.Flags().BoolVar(&opts.dryRun, "dry-run", false, "compare and replace nothing")
	cmd.Flags().BoolVar(&opts.accept, "accept-changes", false, "replace the published warehouse even when something differs, or when it cannot be read")
	return cmd
}

type rebuildOptions struct {
	dryRun, accept bool
}

// rebuildReport is what a run report says of a rebuild.
type rebuildReport struct {
	Compared    bool              `json:"compared"`               // false: there was nothing to compare with
	NotCompared string            `json:"not_compared,omitempty"` // why not
	Changes     int64             `json:"changes"`
	ChangesFile string            `json:"changes_file,omitempty"` // in the folder runs
	Waiting     bool              `json:"waiting,omitempty"`      // the changes were not accepted
	Sources     []warehouse.Tally `json:"sources"`
	Kinds       []warehouse.Kind  `json:"kinds,omitempty"`

	list string // path of the list of changes
}

// rebuild makes the warehouse anew, and prints what differs.
func (a *app) rebuild(ctx context.Context, w io.Writer, opts rebuildOptions) error {
	// The list goes to a file first: the files are compared while the new one is open, and
	// it may be longer than the memory should hold.
	list, err := os.CreateTemp("", "daylight-changes-*.csv")
	if err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	defer os.Remove(list.Name())
	defer list.Close()
	report, err := a.run(ctx, runOptions{
		command: "rebuild", dryRun: opts.dryRun,
		settle: func(ctx context.Context, build *warehouse.Warehouse, r *runReport) (bool, error) {
			return a.settleRebuild(ctx, build, r, opts, list)
		},
	}, func(p *pipeline, r *runReport) error {
		p.replay = true
		bySource, err := archivedCaptures(ctx, p.archive)
		if err != nil {
			return err
		}
		for _, s := range sources() {
			captures := bySource[s.Describe().ID]
			if len(captures) == 0 {
				continue
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			r.Sources = append(r.Sources, p.source(ctx, s, captures, nil))
		}
		return context.Cause(ctx)
	})
	if report == nil {
		return err
	}
	return errors.Join(a.printRebuild(w, report), err, report.err())
}

// archivedCaptures lists the archive's captures by source, in the order in which they were
// made: the order of their history. Files that were captured at the same instant stand in
// the order in which they were archived, then by name.
func archivedCaptures(ctx context.Context, ar *archive.Archive) (map[string][]scrape.Capture, error) {
	var errs []error
	n := 0
	out := map[string][]scrape.Capture{}
	for c, err := range ar.Captures(ctx) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		n++
		out[c.Source] = append(out[c.Source], c)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	known := sourceIDs()
	for source := range out {
		if !slices.Contains(known, source) {
			errs = append(errs, fmt.Errorf("rebuild: the archive has captures of %q, which this daylight does not read; use the one that collected them", source))
		}
	}
	if n == 0 && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("rebuild: the archive is empty: run %q", "daylight ingest --offline"))
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(x, y scrape.Capture) int {
			return cmp.Or(x.RetrievedAt.Compare(y.RetrievedAt), archivedAt(x).Compare(archivedAt(y)),
				strings.Compare(x.Name, y.Name), strings.Compare(x.SHA256, y.SHA256))
		})
	}
	return out, errors.Join(errs...)
}

// archivedAt is when the capture came into the archive.
func archivedAt(c scrape.Capture) time.Time {
	if c.ArchivedAt.IsZero() {
		return c.RetrievedAt
	}
	return c.ArchivedAt
}

// settleRebuild compares the new file with the published one and decides whether it takes
// its place. The differences go to the list.
func (a *app) settleRebuild(ctx context.Context, build *warehouse.Warehouse, r *runReport, opts rebuildOptions, list *os.File) (bool, error) {
	for _, s := range r.Sources {
		if s.Outcome == outcomeFailed {
			return false, nil // the report says why
		}
	}
	y := &rebuildReport{Sources: []warehouse.Tally{}}
	r.Rebuild = y
	found, err := build.Compare(ctx)
	switch {
	case errors.Is(err, warehouse.ErrNone):
		y.NotCompared = "nothing was published before"
		return !opts.dryRun, nil
	case errors.Is(err, warehouse.ErrUnread) && opts.accept:
		y.NotCompared = err.Error()
		return true, nil
	case errors.Is(err, warehouse.ErrUnread):
		return false, fmt.Errorf("rebuild: %w; --accept-changes replaces it without a comparison", err)
	case err != nil:
		return false, fmt.Errorf("rebuild: %w", err)
	}
	y.Compared, y.Sources, y.Kinds, y.Changes = true, found.Tallies, found.Kinds, found.Changes()
	if y.Changes > 0 {
		if err := writeDifferences(ctx, found, list, opts.dryRun, filepath.Join(a.data, "archive")); err != nil {
			return false, err
		}
		y.list = list.Name()
		if !opts.dryRun {
			y.ChangesFile = r.ID + ".changes.csv"
			if err := keepFile(list.Name(), filepath.Join(a.data, "runs", y.ChangesFile)); err != nil {
				return false, err
			}
		}
		if y.Waiting = !opts.accept; y.Waiting {
			return false, nil
		}
	}
	if opts.dryRun {
		return false, nil
	}
	if err := build.AdoptRuns(ctx); err != nil {
		return false, fmt.Errorf("rebuild: %w", err)
	}
	return true, nil
}

// differenceColumns are the columns of the list of changes.
var differenceColumns = []string{"change", "of", "source", "edition", "service", "period", "jurisdiction", "process", "measure",
	"what", "before", "after", "locator", "file", "capture"}

// writeDifferences writes the list of changes as CSV. A capture that the archive has lost is
// an error, which names all of them.
func writeDifferences(ctx context.Context, found *warehouse.Comparison, w io.Writer, dryRun bool, archiveDir string) error {
	out := csv.NewWriter(w)
	if err := out.Write(differenceColumns); err != nil {
		return fmt.Errorf("rebuild: list of changes: %w", err)
	}
	var lost []string
	err := found.Each(ctx, func(d warehouse.Difference) error {
		if d.Of == "capture" && d.Change == "gone" && d.What == "" {
			lost = append(lost, fmt.Sprintf("%s (%.12s of %s)", d.File, d.Capture, d.Source))
		}
		return out.Write([]string{d.Change, d.Of, d.Source, d.Edition, d.Service, d.Period, d.Jurisdiction, d.Process, d.Measure,
			d.What, d.Before, d.After, d.Locator, d.File, d.Capture})
	})
	out.Flush()
	if err := errors.Join(err, out.Error()); err != nil {
		return fmt.Errorf("rebuild: list of changes: %w", err)
	}
	if len(lost) > 0 && !dryRun {
		return fmt.Errorf("rebuild: the published warehouse stands on captures that %s does not have: %s: restore the archive from a backup",
			archiveDir, strings.Join(lost, ", "))
	}
	return nil
}

// keepFile copies a file to where it stays.
func keepFile(from, to string) error {
	content, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("run report: %w", err)
	}
	defer content.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return fmt.Errorf("run report: %w", err)
	}
	f, err := os.Create(to)
	if err != nil {
		return fmt.Errorf("run report: %w", err)
	}
	if _, err := io.Copy(f, content); err != nil {
		return errors.Join(fmt.Errorf("run report: %w", err), f.Close())
	}
	return f.Close()
}

// csvRows reads a CSV file as rows.
type csvRows struct {
	names []string
	r     *csv.Reader
}

func (c *csvRows) header() []string { return c.names }

func (c *csvRows) next() ([]any, error) {
	f, err := c.r.Read()
	if err != nil {
		return nil, err
	}
	line := make([]any, len(f))
	for i, s := range f {
		line[i] = s
	}
	return line, nil
}

// differences opens the list of changes; an empty one when nothing differs.
func (y *rebuildReport) differences() (rows, func() error, error) {
	if y == nil || y.list == "" {
		return &sheet{columns: differenceColumns}, func() error { return nil }, nil
	}
	f, err := os.Open(y.list)
	if err != nil {
		return nil, nil, fmt.Errorf("rebuild: list of changes: %w", err)
	}
	r := csv.NewReader(f)
	names, err := r.Read()
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("rebuild: list of changes: %w", err), f.Close())
	}
	return &csvRows{names: names, r: r}, f.Close, nil
}

// maxDifferencesShown is how many changes the text lists; CSV and JSON have all.
const maxDifferencesShown = 40

// maxDifferenceText is how many letters of a text the list shows to people.
const maxDifferenceText = 60

// clipped cuts a text after that many letters.
func clipped(x any, most int) any {
	s, ok := x.(string)
	if letters := []rune(s); ok && len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return x
}

// printRebuild prints what was read and what differs: for people the counts, what kinds of
// changes there are and the first of them; as CSV the list of changes; as JSON all of it.
func (a *app) printRebuild(w io.Writer, r *runReport) (err error) {
	y := r.Rebuild
	list, closeList, err := y.differences()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeList()) }()
	switch a.format {
	case formatCSV:
		err = a.print(w, list)
	case formatJSON:
		err = writeRebuildJSON(w, r, list)
	default:
		err = a.writeRebuild(w, r, list)
	}
	if err != nil {
		return err
	}
	a.printHeld(r)
	if y == nil {
		return nil
	}
	if y.NotCompared != "" && r.Published {
		fmt.Fprintf(a.errOut, "rebuild: not compared: %s\n", y.NotCompared)
	}
	if y.Waiting && r.DryRun {
		fmt.Fprintf(a.errOut, "rebuild: %d changes\n", y.Changes)
	} else if y.Waiting {
		fmt.Fprintf(a.errOut, "rebuild: %d changes, and the published file stays: look at %s, then run %q\n",
			y.Changes, filepath.Join(a.data, "runs", y.ChangesFile), "daylight rebuild --accept-changes")
	}
	return nil
}

func writeRebuildJSON(w io.Writer, r *runReport, list rows) error {
	y := r.Rebuild
	if y == nil {
		y = &rebuildReport{Sources: []warehouse.Tally{}}
	}
	head, err := marshal(struct {
		Run       string `json:"run"`
		Published bool   `json:"published"`
		*rebuildReport
	}{r.ID, r.Published, y})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s,\n\"list\": ", strings.TrimSuffix(string(head), "}")); err != nil {
		return err
	}
	if err := writeJSON(w, list); err != nil {
		return err
	}
	_, err = io.WriteString(w, "}\n")
	return err
}

func (a *app) writeRebuild(w io.Writer, r *runReport, list rows) error {
	y := r.Rebuild
	tallies := map[string]warehouse.Tally{}
	if y != nil {
		for _, t := range y.Sources {
			tallies[t.Source] = t
		}
	}
	t := sheet{columns: []string{"source", "outcome", "captures", "rows", "observations", "rejects", "ignores", "readings", "same", "added", "gone", "changed", "other", "seconds"}}
	add := func(s sourceReport) {
		line := []any{s.Source, s.Outcome, int64(len(s.Captures)), s.Book.Rows, s.Book.Observations, s.Book.Rejects, s.Book.Ignores}
		if y != nil && y.Compared {
			n := tallies[s.Source]
			line = append(line, n.After, n.Same, n.Added, n.Gone, n.Changed, n.Other)
		} else {
			line = append(line, nil, nil, nil, nil, nil, nil)
		}
		t.add(append(line, float64(int64(s.Seconds*100))/100)...)
		delete(tallies, s.Source)
	}
	for _, s := range r.Sources {
		add(s)
	}
	for _, s := range slices.Sorted(maps.Keys(tallies)) {
		add(sourceReport{Source: s, Outcome: "gone"})
	}
	if err := a.print(w, &t); err != nil {
		return err
	}
	if y != nil && y.Changes > 0 {
		if _, err := fmt.Fprintln(w, "\nWhat differs from the published warehouse"); err != nil {
			return err
		}
		kinds := sheet{columns: []string{"source", "of", "change", "what", "count"}}
		for _, k := range y.Kinds {
			kinds.add(k.Source, k.Of, k.Change, k.What, k.Count)
		}
		if err := a.print(w, &kinds); err != nil {
			return err
		}
		if err := a.firstDifferences(w, list); err != nil {
			return err
		}
	}
	if !r.DryRun {
		fmt.Fprintf(w, "\n%s\n", a.whatBecame(r))
	}
	return nil
}

// firstDifferences prints the beginning of the list.
func (a *app) firstDifferences(w io.Writer, list rows) error {
	t := sheet{columns: differenceColumns[:len(differenceColumns)-1]}
	more := 0
	for {
		v, err := list.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("rebuild: list of changes: %w", err)
		}
		if len(t.lines) == maxDifferencesShown {
			more++
			continue
		}
		line := slices.Clone(v[:len(v)-1])
		for i := range line {
			line[i] = clipped(line[i], maxDifferenceText)
		}
		t.add(line...)
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	if err := a.print(w, &t); err != nil {
		return err
	}
	if more > 0 {
		_, err := fmt.Fprintf(w, "and %d more, see --format csv\n", more)
		return err
	}
	return nil
}
