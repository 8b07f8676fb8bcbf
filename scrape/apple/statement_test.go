package apple

import (
	"strings"
	"testing"

	"daylight/scrape/scrapetest"
)

func TestStatement(t *testing.T) { scrapetest.Run(t, Statement()) }

func TestStatement_texts(t *testing.T) {
	const (
		first  = "From December 1, 2012 to May 31, 2013, Apple received between 4,000 and 5,000 requests from U.S. law enforcement for customer data."
		second = " Between 9,000 and 10,000 accounts or devices were specified in those requests, which came from federal, state and local authorities" +
			" and included both criminal investigations and national security matters."
		both    = first + second
		oneBand = "0 bands stand in the declared words of band "
	)
	want := []string{
		`statement "requests from U.S. law enforcement for customer data" "4,000 and 5,000" "From December 1, 2012 to May 31, 2013"`,
		`statement "accounts or devices" "9,000 and 10,000" "From December 1, 2012 to May 31, 2013"`,
	}
	scrapetest.Texts(t, Statement(), []scrapetest.Text{
		{Name: "between_others", Text: "We have asked to report.\n\n" + both + " The most common form is no band.", Want: want},
		{Name: "paragraphs", Text: first + "\n\n" + second, Want: want},
		{Name: "page", Text: "<p>" + strings.ReplaceAll(both, " accounts", "\n <b>accounts</b>") + "</p>", Want: want},
		{Name: "another_company_in_front", Text: "Microsoft received between 6,000 and 7,000 orders affecting between 31,000 and 32,000 consumer accounts. " + both, Want: want},
		{Name: "other_six_months", Text: strings.NewReplacer("December 1, 2012", "June 1, 2013", "May 31, 2013", "November 30, 2013").Replace(both), Want: []string{
			`statement "requests from U.S. law enforcement for customer data" "4,000 and 5,000" "From June 1, 2013 to November 30, 2013"`,
			`statement "accounts or devices" "9,000 and 10,000" "From June 1, 2013 to November 30, 2013"`,
		}},
		{Name: "another_company_in_between", Text: first + " Microsoft received between 6,000 and 7,000 orders." + second, Refused: "3 bands, want 2"},
		{Name: "one_sentence", Text: strings.Replace(both, " for customer data. Between", " for customer data, and between", 1), Refused: oneBand + "1"},
		{Name: "second_sentence_first", Text: second + " " + first, Refused: "stands before"},
		{Name: "first_alone", Text: first, Refused: oneBand + "2"},
		{Name: "second_alone", Text: second, Refused: oneBand + "1"},
		{Name: "twice", Text: both + "\n\n" + both, Refused: "2 bands"},
		{Name: "criminal_alone", Text: strings.Replace(both, "both criminal investigations and national security matters", "criminal investigations", 1), Refused: oneBand + "2"},
		{Name: "devices_alone", Text: strings.Replace(both, "accounts or devices", "devices", 1), Refused: oneBand + "2"},
		{Name: "upper_end_missing", Text: strings.Replace(both, "between 4,000 and 5,000", "more than 4,000", 1), Refused: oneBand + "1"},
		{Name: "dash_for_a_band", Text: strings.Replace(both, "Between 9,000 and 10,000", "9,000–10,000", 1), Refused: oneBand + "2"},
		{Name: "no_period", Text: strings.Replace(both, "From December 1, 2012 to May 31, 2013, ", "", 1), Refused: "0 periods"},
		{Name: "two_periods", Text: strings.Replace(both, "From", "From January 1, 2012 to May 31, 2012 and from", 1), Refused: "2 periods"},
		{Name: "press", Text: "Between December and May, Apple got between 4,000 and 5,000 requests for 9,000 to 10,000 devices.", Refused: "0 of the declared wordings"},
	})
}
