package meta

import (
	"strings"
	"testing"

	"daylight/scrape/scrapetest"
)

func TestStatement(t *testing.T) { scrapetest.Run(t, Statement()) }

func TestStatement_texts(t *testing.T) {
	const (
		first = "For the six months ending December 31, 2012, the total number of user-data requests Facebook received from any and all government entities in the U.S." +
			" (including local, state, and federal, and including criminal and national security-related requests) – was between 9,000 and 10,000."
		middle  = " They were many things, from a missing child to a threat."
		second  = " The total number of Facebook user accounts for which data was requested pursuant to the entirety of those 9-10 thousand requests was between 18,000 and 19,000 accounts."
		both    = first + middle + second
		oneBand = "0 bands stand in the declared words of band "
	)
	want := []string{
		`statement "total number of user-data requests" "9,000 and 10,000" "For the six months ending December 31, 2012"`,
		`statement "total number of Facebook user accounts for which data was requested" "18,000 and 19,000" "For the six months ending December 31, 2012"`,
	}
	scrapetest.Texts(t, Statement(), []scrapetest.Text{
		{Name: "between_others", Text: "This is progress.\n\n" + both + "\n\nFewer than one percent in the past six months.", Want: want},
		{Name: "nothing_in_between", Text: first + second, Want: want},
		{Name: "paragraphs", Text: first + "\n\n" + second, Want: want},
		{Name: "page", Text: "<p>" + strings.ReplaceAll(both, "– was", "&mdash;\n was") + "</p>", Want: want},
		{Name: "long_dash", Text: strings.ReplaceAll(both, "–", "—"), Want: want},
		{Name: "hyphen", Text: strings.ReplaceAll(both, "–", "-"), Want: want},
		{Name: "no_dash", Text: strings.ReplaceAll(both, " –", ""), Want: want},
		{Name: "dash_in_those_thousands", Text: strings.ReplaceAll(both, "9-10", "9–10"), Want: want},
		{Name: "another_company_behind", Text: both + " Microsoft received between 6,000 and 7,000 orders.", Want: want},
		{Name: "other_six_months", Text: strings.Replace(both, "December 31, 2012", "June 30, 2013", 1), Want: []string{
			`statement "total number of user-data requests" "9,000 and 10,000" "For the six months ending June 30, 2013"`,
			`statement "total number of Facebook user accounts for which data was requested" "18,000 and 19,000" "For the six months ending June 30, 2013"`,
		}},
		{Name: "another_company_in_between", Text: first + " Microsoft received between 6,000 and 7,000 orders." + second, Refused: "3 bands, want 2"},
		{Name: "first_alone", Text: first + middle, Refused: oneBand + "2"},
		{Name: "second_alone", Text: second, Refused: oneBand + "1"},
		{Name: "twice", Text: both + "\n\n" + both, Refused: "2 bands"},
		{Name: "criminal_alone", Text: strings.Replace(both, ", and including criminal and national security-related requests", "", 1), Refused: oneBand + "1"},
		{Name: "other_accounts", Text: strings.Replace(both, "19,000 accounts", "19,000 accounts or devices", 1), Refused: oneBand + "2"},
		{Name: "thousands_of_thousands", Text: strings.Replace(both, "10,000.", "10,000 thousand.", 1), Refused: oneBand + "1"},
		{Name: "upper_end_missing", Text: strings.Replace(both, "between 18,000 and 19,000", "18,000", 1), Refused: oneBand + "2"},
		{Name: "dash_for_a_band", Text: strings.Replace(both, "between 9,000 and 10,000", "9,000-10,000", 1), Refused: oneBand + "1"},
		{Name: "no_period", Text: strings.Replace(both, "For the six months ending December 31, 2012, ", "", 1), Refused: "0 periods"},
		{Name: "press", Text: "Facebook received between 9,000 and 10,000 requests related to 18,000 to 19,000 accounts.", Refused: "0 of the declared wordings"},
	})
}
