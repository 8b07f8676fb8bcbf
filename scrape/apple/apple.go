// Package apple answers one question: what do Apple's reports on government requests say?
//
// Two sources, one file each. The statement of June 2013 is prose (statement.go). The
// requests stand here: a ZIP with one CSV for each kind of request. Each table is declared
// in [report] with all headers it ever had; what is not declared there is refused or held
// (package grid says which). App takedowns are no requests for data: their tables are
// known by name and ignored cell by cell.
//
// Apple's plain members end without a line end. A member that is imported alone and was
// cut inside its last figure can therefore not be told from a whole one: that figure is
// marked (scrape.Row.Open, quality flag may_be_cut). Inside the ZIP the checksum tells.
//
// It may import scrape and scrape/grid.
package apple

import (
	"context"
	"embed"
	"iter"

	"daylight/scrape"
	"daylight/scrape/grid"
)

//go:embed captures
var captures embed.FS

// id is the source's Description.ID.
const id = "apple/requests"

// archive is the address of the ZIP with all tables (linked from Description's page).
const archive = "https://www.apple.com/legal/zip/transparency/Apple_Transparency_Report.zip"

// Requests returns the source apple/requests.
func Requests() scrape.Source { return requests{} }

type requests struct{}

func (requests) Describe() scrape.Description {
	return scrape.Description{
		ID:       id,
		Provider: "apple",
		Title:    "Apple Transparency Report: Government and Private Party Requests",
		Page:     "https://www.apple.com/legal/transparency/",
		URLs:     []string{archive},
		Hosts:    []string{"www.apple.com"},
		Cadence:  "half-yearly",
		Licence:  "no licence stated for the data; Apple's website terms of use apply; the figures are facts",
		Formats: []string{
			"2018-H2 ZIP of nine CSVs",
			"2021-H2 ZIP, \"TR Date\" in account preservation, file names in the singular",
			"2022-H1 ZIP, every field quoted in the larger members; digital content providers and UK warrants new",
			"2022-H2 ZIP, push tokens new",
		},
	}
}

func (requests) Collect(ctx context.Context, g scrape.Getter) ([]scrape.Capture, error) {
	c, err := g.Get(ctx, scrape.Request{URL: archive})
	if err != nil {
		return nil, err
	}
	return []scrape.Capture{c}, nil
}

func (requests) Parse(c scrape.Capture) iter.Seq2[scrape.Row, error] { return report.Parse(c) }

func (requests) Embedded() ([]scrape.Capture, error) {
	return scrape.EmbeddedCaptures(captures, "captures", id)
}

// keys stand in front of every table; "TR Date" is account preservation's name for the
// first of them since 2020.
var keys = []grid.Field{
	{Role: scrape.RolePeriod, Printed: []string{"TR Period", "TR Date"}, Never: never},
	{Role: scrape.RolePeriodStart, Printed: []string{"TR Start Date"}, Never: never},
	{Role: scrape.RolePeriodEnd, Printed: []string{"TR End Date"}, Never: never},
	{Role: scrape.RoleCountry, Printed: []string{"Country/Region"}, Never: never},
}

// never says of a column that no known file leaves it empty.
const never = "no known file leaves a cell empty; a dash stands where there is nothing"

// table declares one table by its figures; each is given by all its headers.
func table(name string, files []string, figures ...[]string) grid.Layout {
	l := grid.Layout{Table: name, Files: files, Fields: append([]grid.Field(nil), keys...)}
	for _, printed := range figures {
		l.Fields = append(l.Fields, grid.Field{Printed: printed, Never: never})
	}
	return l
}

// bands declares a table of national-security bands, which has one key more.
func bands(name, file string, kind ...string) grid.Layout {
	l := table(name, []string{file}, []string{"Requests Received"}, []string{"Users/Accounts"})
	l.Fields = append(l.Fields, grid.Field{Role: scrape.RoleProcess, Printed: kind, Never: never})
	return l
}

// takedowns declares a table that is ignored: it is known by one header.
func takedowns(file, header string) grid.Layout {
	l := table("app_takedown", []string{file}, []string{header})
	l.Ignore = "a request to take an app down, not one for data"
	return l
}

// Shares and outcomes that several tables print in the same words.
var (
	provided = []string{"Requests where Data Provided"}
	share    = []string{"Percentage of Requests where Data Provided"}
	named    = []string{"Accounts Specified in Requests", "Accounts Specified in the Requests"}
)

// since says since which edition every ZIP holds the table.
func since(edition string, l grid.Layout) grid.Layout {
	l.Since = edition
	return l
}

// report declares every table. Headers were read in the ZIPs of 2019-12 to 2024; the UK
// warrants' in a program that reads the ZIP of 2026.
var report = grid.Report{
	Provider: "apple",
	Notes:    map[string]string{"readme*": "the publisher's description of the files"},
	Layouts: []grid.Layout{
		since("2018-H2", table("account", []string{"account_requests*.csv"},
			[]string{"Account Requests Received"}, named,
			[]string{"Requests Challenged in Part or Rejected in Full", "Requests Objected to in Part or Rejected in Full", "Requests Objected in Part or Rejected in Full"},
			[]string{"Requests where Only Non-Content Data Provided"},
			[]string{"Requests where Content Provided"}, share)),
		since("2018-H2", table("device", []string{"device_requests*.csv"},
			[]string{"Device Requests Received"}, []string{"Devices Specified in Requests"}, provided, share)),
		since("2018-H2", table("financial_identifier", []string{"financial_identifier_requests*.csv"},
			[]string{"Financial Identifier Requests Received"}, []string{"Financial Identifiers Specified in Requests"}, provided, share)),
		since("2018-H2", table("emergency", []string{"emergency_requests*.csv"},
			[]string{"Emergency Requests Received"},
			[]string{"Requests Rejected/Challenged and No Data Provided"},
			[]string{"Requests where No Data Provided"}, provided, share)),
		since("2018-H2", table("account_preservation", []string{"account_preservation_requests*.csv"},
			[]string{"Account Preservation Requests Received"}, named, []string{"Accounts where Data Preserved"})),
		since("2018-H2", table("account_restriction_deletion", []string{"account_restriction_deletion_request*.csv"},
			[]string{"Account Restriction/ Account Deletion Requests Received", "Account Restriction/Account Deletion Requests Received"}, named,
			[]string{"Requests Rejected/Challenged where No Action Taken"},
			[]string{"Requests where Account Restricted"},
			[]string{"Requests where Account Deleted"})),
		since("2022-H1", table("digital_content_provider", []string{"digital_content_provider_requests*.csv"},
			[]string{"Digital Content Provider Requests Received"},
			[]string{"Requests Objected to in Part or Rejected in Full", "Requests Objected in Part or Rejected in Full", "Requests Challenged in Part or Rejected in Full"},
			provided, share)),
		since("2022-H2", table("push_token", []string{"push_token_requests*.csv"},
			[]string{"Push Token Requests Received"}, []string{"Push Tokens Specified in Requests"}, provided, share)),
		since("2018-H2", bands("us_national_security", "us_national_security_requests*.csv",
			"National Security Requests Type", "National Security Request Type",
			"National Security Requests Type+", "National Security Request Type+")),
		since("2025-H1", bands("uk_ipa_warrants", "uk_data_access_agreement_ipa_warrant_requests*.csv",
			"IPA Warrant Request Type", "IPA Warrant Requests Type")),
		takedowns("app_takedown_legal_violation_request*.csv", "Legal Violation Takedown Requests Received"),
		takedowns("app_takedown_platform_policy_violation_request*.csv", "Platform Policy Violation Takedown Requests Received"),
	},
}
