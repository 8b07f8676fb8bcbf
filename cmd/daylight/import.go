package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"daylight/normalize"
	"daylight/scrape"

	"github.com/spf13/cobra"
)

// maxImportBytes bounds a file that import reads into memory before it is archived; the
// largest report seen has 160 kB.
const maxImportBytes = 256 << 20

func newImportCommand(a *app) *cobra.Command {
	var opts importOptions
	cmd := &cobra.Command{
		Use:   "import --source SOURCE FILE...",
		Short: "Load report files that someone already has",
		Long: `Make captures of files at hand and load them like any other. Every file is a capture
of its own; a file with a layout that daylight does not know is archived and held for
review, nothing of it is loaded, and the exit code is 3.

Where a report does not say which edition it is, the newest period in the file names the
edition; --edition says it for files that lag behind the rest of their download.`,
		Example: `  daylight import --source google/user-data --edition 2022-H1 downloads/google-*.csv
  daylight import --source microsoft/lerr --url https://example.org/LERR.xlsx LERR_2019_H1.xlsx`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("import: name at least one file; see %q", "daylight import --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, files []string) error {
			s, captures, err := opts.captures(a.now().UTC(), files)
			if err != nil {
				return err
			}
			report, err := a.importCaptures(cmd.Context(), s, captures, opts.dryRun)
			return a.conclude(cmd.OutOrStdout(), report, err)
		},
	}
	cmd.Flags().StringVar(&opts.source, "source", "", "report series of the files (required): "+strings.Join(sourceIDs(), ", "))
	cmd.Flags().StringVar(&opts.url, "url", "", "address that the file was fetched from")
	cmd.Flags().StringVar(&opts.retrieved, "retrieved-at", "", "when it was fetched, RFC 3339 or a date; default: now")
	cmd.Flags().StringVar(&opts.edition, "edition", "", "label of the edition, such as 2022-H1; default: the newest period in the file")
	cmd.Flags().StringVar(&opts.published, "published-on", "", "day, month or year of publication, as precisely as known")
	cmd.Flags().StringVar(&opts.trust, "trust", string(scrape.TrustArchive), "where the bytes come from: publisher, archive, mirror or press")
	cmd.Flags().BoolVar(&opts.dryRun, "dry-run", false, "do everything but write")
	a.reviewFlag(cmd)
	must(cmd.RegisterFlagCompletionFunc("source", cobra.FixedCompletions(sourceIDs(), cobra.ShellCompDirectiveNoFileComp)))
	must(cmd.RegisterFlagCompletionFunc("trust", cobra.FixedCompletions(importTrusts, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// importTrusts are the ways on which a file at hand may have come from the publisher.
var importTrusts = []string{string(scrape.TrustPublisher), string(scrape.TrustArchive), string(scrape.TrustMirror), string(scrape.TrustPress)}

type importOptions struct {
	source, url, retrieved, edition, published, trust string
	dryRun                                            bool
}

// captures checks the flags and reads the files. A file that cannot be opened stops the
// import before anything is written.
func (o importOptions) captures(now time.Time, files []string) (scrape.Source, []scrape.Capture, error) {
	if o.source == "" {
		return nil, nil, usagef("import: --source is missing; known are %s", strings.Join(sourceIDs(), ", "))
	}
	picked, err := pick([]string{o.source})
	if err != nil {
		return nil, nil, err
	}
	if len(picked) != 1 {
		return nil, nil, usagef("import: %q has several sources; name one of %s", o.source, strings.Join(sourceIDs(), ", "))
	}
	if o.url != "" && len(files) > 1 {
		return nil, nil, usagef("import: --url names one address, and there are %d files", len(files))
	}
	if !slices.Contains(importTrusts, o.trust) {
		return nil, nil, usagef("import: --trust %q: want publisher, archive, mirror or press", o.trust)
	}
	if o.url != "" {
		u, err := url.Parse(o.url)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
			return nil, nil, usagef("import: --url %q: want an address such as https://example.org/report.xlsx", o.url)
		}
	}
	if o.edition != "" {
		// The label becomes part of the edition's name, so it must be written the one way.
		p, err := normalize.ParsePeriod(o.edition, normalize.PeriodOptions{})
		switch {
		case err != nil:
			return nil, nil, usagef("import: --edition %q: want a period such as 2022-H1", o.edition)
		case p.Label() != o.edition:
			return nil, nil, usagef("import: --edition %q: is %q meant?", o.edition, p.Label())
		}
	}
	at := now
	if o.retrieved != "" {
		if at, err = time.Parse(time.RFC3339, o.retrieved); err != nil {
			if at, err = time.Parse(time.DateOnly, o.retrieved); err != nil {
				return nil, nil, usagef("import: --retrieved-at %q: want a time such as 2023-10-15T08:00:00Z or a date", o.retrieved)
			}
		}
		if at.After(now) {
			return nil, nil, usagef("import: --retrieved-at %q lies in the future", o.retrieved)
		}
	}
	if o.published != "" {
		ok := false
		for _, layout := range []string{"2006", "2006-01", time.DateOnly} {
			_, err := time.Parse(layout, o.published)
			ok = ok || err == nil
		}
		if !ok {
			return nil, nil, usagef("import: --published-on %q: want 2014, 2014-09 or 2014-09-26", o.published)
		}
	}
	var out []scrape.Capture
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return nil, nil, fmt.Errorf("import: %w", err)
		}
		if info.IsDir() {
			return nil, nil, usagef("import: %s is a folder; name its files", file)
		}
		if info.Size() == 0 {
			return nil, nil, fmt.Errorf("import: %s is empty", file)
		}
		if info.Size() > maxImportBytes {
			return nil, nil, fmt.Errorf("import: %s has %d bytes, more than the %d that a report may have", file, info.Size(), maxImportBytes)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, fmt.Errorf("import: %w", err)
		}
		c := scrape.BytesCapture(content)
		c.Source, c.Name, c.URL, c.FinalURL = picked[0].Describe().ID, filepath.Base(file), o.url, o.url
		c.RetrievedAt, c.Edition, c.PublishedOn, c.Trust = at.UTC(), o.edition, o.published, scrape.Trust(o.trust)
		out = append(out, c)
	}
	return picked[0], out, nil
}

// importCaptures takes the captures over: it leaves the slice without their bytes, which are read
// from the archive again as they are needed.
func (a *app) importCaptures(ctx context.Context, s scrape.Source, captures []scrape.Capture, dryRun bool) (*runReport, error) {
	return a.run(ctx, runOptions{command: "import", dryRun: dryRun}, func(p *pipeline, r *runReport) error {
		var kept []scrape.Capture
		var errs []error
		for i, c := range captures {
			captures[i] = scrape.Capture{}
			// Files of one command may have been retrieved at the same instant, and their order
			// decides which of two readings stands.
			c.ArchivedAt = a.now()
			k, err := p.keep(ctx, c)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", c.Name, err))
				continue
			}
			kept = append(kept, k)
		}
		r.Sources = append(r.Sources, p.source(ctx, s, kept, errors.Join(errs...)))
		return context.Cause(ctx)
	})
}
