package main

import (
	"fmt"
	"slices"
	"strings"

	"daylight/scrape"
	"daylight/scrape/apple"
	"daylight/scrape/google"
	"daylight/scrape/meta"
	"daylight/scrape/microsoft"

	"github.com/spf13/cobra"
)

// sources is the explicit list of what daylight reads; a new provider is one line here.
// The order is the order of every run and of README's table.
func sources() []scrape.Source {
	return []scrape.Source{
		microsoft.LERR(),
		microsoft.USNSOR(),
		microsoft.Statement(),
		google.UserData(),
		apple.Requests(),
		apple.Statement(),
		meta.GovernmentRequests(),
		meta.Statement(),
	}
}

// pick returns the sources with the given ids, all when there is none. A provider's name
// stands for all its sources.
func pick(ids []string) ([]scrape.Source, error) {
	all := sources()
	if len(ids) == 0 {
		return all, nil
	}
	var out []scrape.Source
	seen := map[string]bool{}
	for _, id := range ids {
		found := false
		for _, s := range all {
			d := s.Describe()
			if d.ID != id && d.Provider != id {
				continue
			}
			found = true
			if !seen[d.ID] {
				seen[d.ID] = true
				out = append(out, s)
			}
		}
		if !found {
			return nil, usagef("no source %q; known are %s", id, strings.Join(sourceIDs(), ", "))
		}
	}
	return out, nil
}

func sourceIDs() []string {
	var ids []string
	for _, s := range sources() {
		ids = append(ids, s.Describe().ID)
	}
	return ids
}

// providerIDs are the providers of the sources, in their order.
func providerIDs() []string {
	var ids []string
	for _, s := range sources() {
		if p := s.Describe().Provider; !slices.Contains(ids, p) {
			ids = append(ids, p)
		}
	}
	return ids
}

func newSourcesCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "sources",
		Short:   "List the report series that daylight reads",
		Example: "  daylight sources\n  daylight sources --format json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			t := sheet{columns: []string{"source", "title", "cadence", "formats", "embedded captures", "page"}}
			for _, s := range sources() {
				d := s.Describe()
				captures, err := s.Embedded()
				if err != nil {
					return fmt.Errorf("sources: %w", err)
				}
				t.add(d.ID, d.Title, d.Cadence, int64(len(d.Formats)), int64(len(captures)), d.Page)
			}
			return a.print(cmd.OutOrStdout(), &t)
		},
	}
}
