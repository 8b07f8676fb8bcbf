package meta

import (
	"context"
	"iter"

	"daylight/scrape"
	"daylight/scrape/grid"
)

const (
	statementID = "meta/statement"
	// The post of 14 June 2013 by Ted Ullyot, at the address that the newsroom's posts of
	// that year have since it moved from newsroom.fb.com.
	statementPage = "https://about.fb.com/news/2013/06/facebook-releases-data-including-all-national-security-requests/"
)

// statements are the declared wordings. Facebook needs two sentences: the first names the
// period and what is counted together, the second says that it is about "those 9-10
// thousand requests". Copies of the post print the dash in every way.
var statements = []grid.Statement{{
	Table:  "statement",
	Period: grid.MustWords(`\bfor the six months (?:ending|ended) [a-z]+ [0-9]{1,2}, [0-9]{4}`),
	Counts: []grid.Count{
		grid.MustCount(`\bthe (total number of user-data requests) facebook received from any and all government entities in the u\.s\.`+
			` \(including local, state,? and federal, and including criminal and national security-related requests\)(?: )?[-–—]{0,2}(?: )?was`, `\.`),
		grid.MustCount(`\bthe (total number of facebook user accounts for which data was requested) pursuant to the entirety of`+
			` those [0-9]+[-–—][0-9]+ thousand requests was`, `accounts\.`),
	},
}}

// Statement returns the source of the disclosure of June 2013: how many requests of all
// kinds, criminal and national security together, Facebook received in the second half of
// 2012, and how many accounts they were about.
func Statement() scrape.Source { return statement{} }

type statement struct{}

func (statement) Describe() scrape.Description {
	return scrape.Description{
		ID:       statementID,
		Provider: "meta",
		Title:    "Facebook Releases Data, Including All National Security Requests",
		Page:     statementPage,
		URLs:     []string{statementPage},
		Hosts:    []string{"about.fb.com"},
		Cadence:  "once",
		Licence:  "a press statement; figures are facts",
		Formats:  []string{"two English sentences of 14 June 2013"},
	}
}

func (statement) Collect(ctx context.Context, g scrape.Getter) ([]scrape.Capture, error) {
	return scrape.CollectPage(ctx, g, scrape.Request{URL: statementPage, Name: "2013-06-14-statement.html"})
}

func (statement) Parse(c scrape.Capture) iter.Seq2[scrape.Row, error] {
	return grid.ParseStatement("meta", statements, c)
}

func (statement) Embedded() ([]scrape.Capture, error) {
	return scrape.EmbeddedCaptures(captures, "captures", statementID)
}
