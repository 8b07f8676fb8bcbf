package microsoft

import (
	"context"
	"iter"

	"daylight/scrape"
	"daylight/scrape/grid"
)

const (
	statementID = "microsoft/statement"
	// The post of 14 June 2013 by John Frank, kept in the publisher's archive of its blog.
	statementPage = "https://learn.microsoft.com/en-us/archive/blogs/microsoft_on_the_issues/microsofts-u-s-law-enforcement-and-national-security-requests-for-last-half-of-2012"
)

// statements are the declared wordings. The language decides what the separators of the
// numbers mean, so that each is a table of its own for the label file.
var statements = []grid.Statement{
	{
		Table:  "statement",
		Period: grid.MustWords(`(?:for|in) the (?:last )?six months (?:ended|ending) [a-z]+\.? [0-9]{1,2},? [0-9]{4}`),
		Counts: []grid.Count{
			grid.MustCount(``, `(criminal and national security warrants, subpoenas and orders)\b`),
			grid.MustCount(`\baffecting`, `(consumer accounts)\b`),
		},
	},
	{
		Table:  "statement_de",
		Period: grid.MustWords(`in den letzten (?:6|sechs) monaten bis (?:zum )?[0-9]{1,2}\.(?: )?[a-zä]+ [0-9]{4}`),
		Counts: []grid.Count{
			grid.MustCount(``, `(anordnungen auf grund der us-sicherheitsgesetze, zeugenladungen und verfügungen)\b`),
			grid.MustCount(`\bwelche`, `(nutzerkonten|benutzerkonten)\b`),
		},
	},
}

type statement struct{}

// Statement returns the source of the disclosure of June 2013: how many orders of all
// kinds, criminal and national security together, Microsoft received in the second half
// of 2012, and how many accounts they touched.
func Statement() scrape.Source { return statement{} }

// Describe implements scrape.Source.
func (statement) Describe() scrape.Description {
	return scrape.Description{
		ID:       statementID,
		Provider: "microsoft",
		Title:    "Microsoft's U.S. law enforcement and national security requests for last half of 2012",
		Page:     statementPage,
		URLs:     []string{statementPage},
		Hosts:    []string{"learn.microsoft.com"},
		Cadence:  "once",
		Licence:  "a press statement; figures are facts",
		Formats:  []string{"English sentence of 14 June 2013", "German sentence of 17 June 2013"},
	}
}

// Embedded implements scrape.Source.
func (statement) Embedded() ([]scrape.Capture, error) {
	return scrape.EmbeddedCaptures(captures, "captures", statementID)
}

// Collect implements scrape.Source.
func (statement) Collect(ctx context.Context, g scrape.Getter) ([]scrape.Capture, error) {
	return scrape.CollectPage(ctx, g, scrape.Request{URL: statementPage, Name: "2013-06-14-statement.html"})
}

// Parse implements scrape.Source. It wants exactly one of the declared wordings.
func (statement) Parse(c scrape.Capture) iter.Seq2[scrape.Row, error] {
	return grid.ParseStatement("microsoft", statements, c)
}
