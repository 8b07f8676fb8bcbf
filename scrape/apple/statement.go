package apple

import (
	"context"
	"iter"

	"daylight/scrape"
	"daylight/scrape/grid"
)

const (
	statementID = "apple/statement"
	// The statement of June 2013; Apple linked to it from its home page and has replaced
	// its privacy pages several times since.
	statementPage = "https://www.apple.com/apples-commitment-to-customer-privacy/"
)

// statements are the declared wordings. Apple needs two sentences: the first names the
// period, and only the second says that criminal and national-security process are
// counted together, which it says of "those requests".
var statements = []grid.Statement{{
	Table:  "statement",
	Period: grid.MustWords(`\bfrom [a-z]+ [0-9]{1,2}, [0-9]{4} to [a-z]+ [0-9]{1,2}, [0-9]{4}`),
	Counts: []grid.Count{
		grid.MustCount(`\bapple received`, `(requests from u\.s\. law enforcement for customer data)\.`),
		grid.MustCount(``, `(accounts or devices) were specified in those requests, which came from federal, state,? and local authorities`+
			` and included both criminal investigations and national security matters\.`),
	},
}}

// Statement returns the source of the disclosure of June 2013: how many requests of all
// kinds, criminal and national security together, Apple received in the six months to May
// 2013, and how many accounts or devices they named.
func Statement() scrape.Source { return statement{} }

type statement struct{}

func (statement) Describe() scrape.Description {
	return scrape.Description{
		ID:       statementID,
		Provider: "apple",
		Title:    "Apple's Commitment to Customer Privacy",
		Page:     statementPage,
		URLs:     []string{statementPage},
		Hosts:    []string{"www.apple.com"},
		Cadence:  "once",
		Licence:  "a press statement; figures are facts",
		Formats:  []string{"two English sentences of June 2013"},
	}
}

func (statement) Collect(ctx context.Context, g scrape.Getter) ([]scrape.Capture, error) {
	return scrape.CollectPage(ctx, g, scrape.Request{URL: statementPage, Name: "2013-06-17-statement.html"})
}

func (statement) Parse(c scrape.Capture) iter.Seq2[scrape.Row, error] {
	return grid.ParseStatement("apple", statements, c)
}

func (statement) Embedded() ([]scrape.Capture, error) {
	return scrape.EmbeddedCaptures(captures, "captures", statementID)
}
