// Package meta answers one question: what do Meta's reports on government requests for
// user data say?
//
// Two sources, one file each. The statement of June 2013 is prose (statement.go). The
// government-requests stand here: one CSV for each half-year, one line for each country,
// up to 52 columns. Columns come and go between half-years, so each is declared by its
// header in [report]; what is not declared there is refused or held (package grid says
// which).
//
// The period stands in no cell, only in the file's name. It becomes a key cell without a
// place, with the header "file name". A file whose name says no period (people re-save
// them as Facebook.csv) is refused until the edition is given: nothing in the bytes tells
// one half-year from another.
//
// The columns for FISA and NSL exist in every file since 2013 and were always empty (the
// bands are printed on the page for the United States alone), so a filled one is held.
//
// It may import scrape and scrape/grid.
package meta

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"daylight/scrape"
	"daylight/scrape/grid"
)

//go:embed captures
var captures embed.FS

// id is the source's Description.ID.
const id = "meta/government-requests"

// page lists the half-yearly files, each named PRPL-Facebook-Government-Report-YYYY_HN.csv.
const page = "https://transparency.meta.com/data/government-data-requests/"

// hosts are those on which the page and its files have stood.
var hosts = []string{"transparency.meta.com", "transparency.fb.com", "about.fb.com"}

// GovernmentRequests returns the source meta/government-requests.
func GovernmentRequests() scrape.Source { return governmentRequests{} }

type governmentRequests struct{}

func (governmentRequests) Describe() scrape.Description {
	return scrape.Description{
		ID:       id,
		Provider: "meta",
		Title:    "Meta Transparency Center: Government Requests for User Data",
		Page:     page,
		URLs:     []string{page},
		Hosts:    slices.Clone(hosts),
		Cadence:  "half-yearly",
		Licence:  "no licence stated for the data; Meta's terms of service apply; the figures are facts",
		Formats: []string{
			"2013 first report, four columns, United States as a band",
			"M1 2013-H1 to 2017-H1, 52 columns, \"Content Restricted\", Emergency Disclosures",
			"M2 2017-H2 to 2018-H2, 49 columns, \"Content Restrictions\"",
			"M3 2019-H1, 52 columns, number of requests where some data was produced",
			"M4 since 2019-H2, 48 columns, no content columns",
		},
	}
}

// Collect follows the links of the page to the half-yearly files. A link to a host that is
// not declared is an error with the link in it, so that a person can look at it.
func (governmentRequests) Collect(ctx context.Context, g scrape.Getter) ([]scrape.Capture, error) {
	links, err := g.Links(ctx, page, "a[href]")
	if err != nil {
		return nil, err
	}
	var out []scrape.Capture
	var errs []error
	for _, l := range links {
		u, err := url.Parse(l.URL)
		if err != nil || !strings.EqualFold(path.Ext(u.Path), ".csv") || !strings.Contains(strings.ToLower(u.Path), "government") {
			continue
		}
		name := path.Base(u.Path)
		if !slices.Contains(hosts, strings.ToLower(u.Hostname())) {
			errs = append(errs, fmt.Errorf("meta: collect %q: the host is not declared", l.URL))
			continue
		}
		r := scrape.Request{URL: l.URL, Name: name}
		if p, err := periodIn(name); err == nil {
			r.Edition = p.label
		}
		c, err := g.Get(ctx, r)
		switch {
		case errors.Is(err, scrape.ErrNotPublished):
		case err != nil:
			errs = append(errs, err)
		default:
			out = append(out, c)
		}
	}
	if len(out) == 0 && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("meta: collect %q: %w: the page links to no CSV of government requests", page, scrape.ErrLayout))
	}
	return out, errors.Join(errs...)
}

func (governmentRequests) Parse(c scrape.Capture) iter.Seq2[scrape.Row, error] {
	return report.Parse(c)
}

func (governmentRequests) Embedded() ([]scrape.Capture, error) {
	return scrape.EmbeddedCaptures(captures, "captures", id)
}

// A period as file names print it: "2014_H2", "2013_Jan-June". The label is the edition's.
type period struct{ text, label string }

var (
	halfName  = regexp.MustCompile(`(?i)(?:^|[^0-9])((20[0-9]{2})[ _-]?H([0-9]+))`)
	monthName = regexp.MustCompile(`(?i)(?:^|[^0-9])((20[0-9]{2})[ _-]?(jan|jul)[a-z]*[ _-](jun|dec)[a-z]*)`)
)

// periodIn finds the one period that a file name or an edition's label names.
func periodIn(name string) (period, error) {
	var found []period
	for _, m := range halfName.FindAllStringSubmatch(name, -1) {
		if m[3] == "1" || m[3] == "2" {
			found = append(found, period{m[1], m[2] + "-H" + m[3]})
		}
	}
	for _, m := range monthName.FindAllStringSubmatch(name, -1) {
		switch strings.ToLower(m[3] + m[4]) {
		case "janjun":
			found = append(found, period{m[1], m[2] + "-H1"})
		case "juldec":
			found = append(found, period{m[1], m[2] + "-H2"})
		}
	}
	switch len(found) {
	case 0:
		return period{}, fmt.Errorf("%w: the name %q says no half-year and nothing in the file does; give the edition (--edition 2013-H1)", scrape.ErrLayout, name)
	case 1:
		return found[0], nil
	}
	return period{}, fmt.Errorf("%w: the name %q says more than one half-year; give the edition (--edition 2013-H1) and another name", scrape.ErrLayout, name)
}

// periodKey is the key cell that no line of the file holds.
func periodKey(c scrape.Capture, name string) ([]scrape.Cell, error) {
	p, err := periodIn(name)
	if c.Edition == "" {
		if err != nil {
			return nil, err
		}
		return []scrape.Cell{{Role: scrape.RolePeriod, Header: "file name", Text: p.text}}, nil
	}
	e, wrong := periodIn(c.Edition)
	if wrong != nil {
		return nil, wrong
	}
	if err == nil && p.label != e.label {
		return nil, fmt.Errorf("%w: the name %q and the edition %q are two half-years", scrape.ErrLayout, name, c.Edition)
	}
	if err == nil {
		return []scrape.Cell{{Role: scrape.RolePeriod, Header: "file name", Text: p.text}}, nil
	}
	return []scrape.Cell{{Role: scrape.RolePeriod, Header: "edition", Text: c.Edition}}, nil
}

// spans are the half-years in whose files a column stands, all re-issued ones included
// (read in the files of 2013_H1 to 2023_H2). Nothing else in the bytes tells one half-year
// from another, so a file with the columns of other years than its name says was renamed.
// The columns of content may be left out: they stand in files of their own, too.
var spans = []struct {
	header      string
	first, last string // "" for no end
	needed      string // the last half-year whose file cannot do without it; "" for none
}{
	{"Content Restricted", "", "2017-H1", ""},
	{"Emergency Disclosures", "", "2017-H1", "2017-H1"},
	{"Content Restrictions", "2017-H2", "2019-H1", ""},
	{"Number of Requests Where Some Data Produced", "2019-H1", "", "2023-H2"},
}

// dated refuses headers that a half-year's file does not have.
func dated(header []string, keys []scrape.Cell) error {
	if len(keys) == 0 {
		return nil
	}
	p, err := periodIn(keys[0].Text)
	if err != nil {
		return err
	}
	for _, s := range spans {
		has := slices.ContainsFunc(header, func(h string) bool { return grid.Fold(h) == grid.Fold(s.header) })
		inside := (s.first == "" || p.label >= s.first) && (s.last == "" || p.label <= s.last)
		switch {
		case has && !inside:
			return fmt.Errorf("%w: the %s %q says %s, but files of that half-year have no column %q", scrape.ErrLayout, keys[0].Header, keys[0].Text, p.label, s.header)
		case !has && inside && p.label <= s.needed:
			return fmt.Errorf("%w: the %s %q says %s, but files of that half-year have a column %q", scrape.ErrLayout, keys[0].Header, keys[0].Text, p.label, s.header)
		}
	}
	return nil
}

// nameless marks the lines without a country: a rest that Meta could place nowhere (three
// in 2018_H1). It would belong to no jurisdiction; in all known files it has content
// restrictions alone.
func nameless(keys []scrape.Cell) grid.Verdict {
	for _, k := range keys {
		if k.Role == scrape.RoleCountry && strings.TrimSpace(k.Text) == "" {
			return grid.Verdict{Rest: "a line without a country's name"}
		}
	}
	return grid.Verdict{}
}

// unitedStates says why a figure of a kind of legal process is doubtful on a line of another
// country: the figures, or the names, were shifted.
func unitedStates(keys []scrape.Cell) string {
	for _, k := range keys {
		if k.Role == scrape.RoleCountry && strings.TrimSpace(k.Text) == "United States" {
			return ""
		}
	}
	return "this process is broken out for the United States alone, in every known file"
}

// figures declares columns that are read as they are.
func figures(optional bool, headers ...string) (out []grid.Field) {
	for _, h := range headers {
		out = append(out, grid.Field{Printed: []string{h}, Optional: optional})
	}
	return out
}

// triple declares the three columns of one legal process, all of the shape that f has.
func triple(header string, f grid.Field) (out []grid.Field) {
	for _, suffix := range []string{"", " Accounts", " Percentage"} {
		f.Printed = []string{header + suffix}
		out = append(out, f)
	}
	return out
}

// again declares a column that repeats another one where that one is filled.
func again(header, total string) grid.Field {
	return grid.Field{
		Printed: []string{header}, Optional: true, Twin: total,
		Blank: "left empty: this process is broken out for the United States alone",
	}
}

var (
	country = grid.Field{Role: scrape.RoleCountry, Printed: []string{"Country"}}

	// content columns count what was taken down, not what was handed out.
	content = func(headers ...string) grid.Field {
		return grid.Field{Printed: headers, Optional: true, Ignore: "content restrictions and disruptions are no requests for data"}
	}
	// detail columns are filled for the United States alone; elsewhere, and where the
	// United States had none, nothing is printed and nothing is said.
	detail = grid.Field{Blank: "left empty: this process is broken out for the United States alone", Only: unitedStates}
	// mlat columns were empty in every file known, too: the requests of other countries stand
	// under their own names.
	mlat = grid.Field{Optional: true, Blank: detail.Blank, Filled: "a column for requests under treaties that was always empty is filled"}
	// security columns were empty in every file known.
	security = grid.Field{
		Optional: true,
		Blank:    "left empty: national-security bands stand on the page alone",
		Filled:   "a column for national-security requests that was always empty is filled",
	}
)

// report declares every table. Headers were read in the files of 2013_H1 to 2023_H2, and
// those of the totals in 2017, when the page handed out files called "Data Requests", in a
// program that reads them.
var report = grid.Report{
	Provider: "meta",
	Notes:    map[string]string{"readme*": "the publisher's description of the files"},
	Layouts: []grid.Layout{
		{
			Table: "government_requests", Keys: periodKey, Header: dated, Line: nameless,
			Files: []string{"*-government-report-*.csv"},
			Fields: slices.Concat(
				[]grid.Field{
					country,
					content("Content Restricted", "Content Restrictions"),
					content("Takedown reports"),
					content("Percent Witheld", "Percent Withheld"),
					content("Internet Disruptions"),
				},
				figures(false, "Preservation Requests", "Preservation Accounts Preserved"),
				[]grid.Field{
					{Printed: []string{"Total Requests", "Total Data Requests"}},
					{Printed: []string{"Total Requests Accounts", "Total Users/Accounts Requested"}},
					{Printed: []string{"Total Requests Percentage", "Percent Requests Where Some Data Produced"}},
				},
				figures(false, "Legal Process Request Total", "Legal Process Request Total Accounts", "Legal Process Request Total Percentage"),
				figures(false, "Emergency Request Total", "Emergency Request Total Accounts", "Emergency Request Total Percentage"),
				figures(true, // since 2019_H1
					"Number of Requests Where Some Data Produced",
					"Legal Number of Requests Where Some Data Produced",
					"ER Number of Requests Where Some Data Produced"),
				[]grid.Field{ // to 2017_H1; before 2016 alone, then beside the total of the same name
					again("Emergency Disclosures", "Emergency Request Total"),
					again("Emergency Disclosures Accounts", "Emergency Request Total Accounts"),
					again("Emergency Disclosures Percentage", "Emergency Request Total Percentage"),
				},
				triple("Search Warrant", detail),
				triple("Subpoena", detail),
				triple("Court Order (Other)", detail),
				triple("MLAT Search Warrant", mlat),
				triple("MLAT Order", mlat),
				triple("Court Order (18 USC 2703(d))", detail),
				triple("Pen Register/Trap and Trace", detail),
				triple("Title III", detail),
				triple("FISA Content Requests", security),
				triple("FISA Non-Content Requests", security),
				triple("NSLs", security),
			),
		},
		{
			Table: "first_report", Keys: periodKey, Line: nameless, Ends: true,
			Files: []string{"facebook_global_government_requests_*.csv"},
			Fields: []grid.Field{
				country,
				{Printed: []string{"Total Requests", "Requests for User Data"}},
				{Printed: []string{"Users / Accounts requested", "User Accounts Referenced"}},
				{Printed: []string{"Percentage of requests where some data produced"}},
			},
		},
	},
}
