package microsoft

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"strings"

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
var statements = []struct {
	table  string
	period *regexp.Regexp // the words that name the half-year
	counts [2][]string    // what the two bands count, as folded words that follow the band
}{
	{
		table:  "statement",
		period: regexp.MustCompile(`(?i)(?:for|in) the (?:last )?six months (?:ended|ending)\s+[a-z]+\.?\s+[0-9]{1,2},?\s+[0-9]{4}`),
		counts: [2][]string{
			{"criminal and national security warrants, subpoenas and orders"},
			{"consumer accounts"},
		},
	},
	{
		table:  "statement_de",
		period: regexp.MustCompile(`(?i)in den letzten (?:6|sechs) monaten bis\s+(?:zum\s+)?[0-9]{1,2}\.\s*[a-zä]+\s+[0-9]{4}`),
		counts: [2][]string{
			{"anordnungen auf grund der us-sicherheitsgesetze, zeugenladungen und verfügungen"},
			{"nutzerkonten", "benutzerkonten"},
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
	var list []scrape.Capture
	var errs []error
	get(ctx, g, scrape.Request{URL: statementPage, Name: "2013-06-14-statement.html"}, &list, &errs)
	return list, errors.Join(errs...)
}

// Parse implements scrape.Source. It wants exactly one sentence of the declared wording.
func (statement) Parse(c scrape.Capture) iter.Seq2[scrape.Row, error] {
	return rows(func(yield func(scrape.Row) bool) error {
		if err := parseStatement(c, yield); err != nil && !errors.Is(err, errStop) {
			return fmt.Errorf("microsoft: parse %s: %w", c.Name, err)
		}
		return nil
	})
}

func parseStatement(c scrape.Capture, yield func(scrape.Row) bool) error {
	body, err := c.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	text, err := grid.ReadProse(io.NewSectionReader(body, 0, body.Size()))
	if err != nil {
		return err
	}
	var found []scrape.Row
	sentences := 0
	for _, s := range grid.BandSentences(text) {
		rows, err := statementRows(s)
		if err != nil {
			return err
		}
		if rows != nil {
			sentences++
			found = rows
		}
	}
	if sentences != 1 {
		return layout("%d sentences of the declared wording with a band of orders and a band of accounts, want 1", sentences)
	}
	for _, r := range found {
		if !yield(r) {
			return errStop
		}
	}
	return nil
}

// statementRows returns the two figures of a sentence, or nil when its words are not
// declared. A sentence of the declared words with another number of bands, or without a
// period, is an error.
func statementRows(s grid.BandSentence) ([]scrape.Row, error) {
	for _, d := range statements {
		var out []scrape.Row
		for i, b := range s.Bands {
			if i == len(d.counts) {
				break
			}
			if words := follows(s.Text[b.End-s.Start:], d.counts[i]); words != "" {
				out = append(out, scrape.Row{
					Table: d.table, Line: 1,
					Value: scrape.Cell{Header: words, Text: b.Text, At: b.At()},
				})
			}
		}
		if len(out) == 0 {
			continue
		}
		if len(out) != len(d.counts) || len(s.Bands) != len(d.counts) {
			return nil, layout("the sentence at %s has %d bands, and %d count what they should", s.At(), len(s.Bands), len(out))
		}
		m := d.period.FindAllStringIndex(s.Text, -1)
		if len(m) != 1 {
			return nil, layout("the sentence at %s names %d periods, want 1", s.At(), len(m))
		}
		period := grid.Span{Start: s.Start + m[0][0], End: s.Start + m[0][1], Text: s.Text[m[0][0]:m[0][1]]}
		keys := []scrape.Cell{{Role: scrape.RolePeriod, Text: period.Text, At: period.At()}}
		for i := range out {
			out[i].Keys = keys
		}
		return out, nil
	}
	return nil, nil
}

// follows returns the printed words when text goes on with one of the declared phrases,
// white space apart, else "".
func follows(text string, phrases []string) string {
	for _, p := range phrases {
		words := strings.Fields(p)
		end := 0
		for i, w := range words {
			rest := strings.TrimLeft(text[end:], " \t\r\n\u00a0\u202f")
			if i > 0 && len(rest) == len(text[end:]) || !strings.HasPrefix(strings.ToLower(rest), w) {
				end = -1
				break
			}
			end = len(text) - len(rest) + len(w)
		}
		if end > 0 {
			return strings.TrimLeft(text[:end], " \t\r\n\u00a0\u202f")
		}
	}
	return ""
}
