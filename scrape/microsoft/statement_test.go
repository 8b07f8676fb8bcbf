package microsoft

import (
	"context"
	"strings"
	"testing"

	"daylight/scrape/scrapetest"
)

func TestStatement_texts(t *testing.T) {
	const (
		english = "For the six months ended December 31, 2012, Microsoft received between 6,000 and 7,000 criminal and national security warrants, " +
			"subpoenas and orders affecting between 31,000 and 32,000 consumer accounts from U.S. governmental entities (including local, state and federal)."
		german = "In den letzten 6 Monaten bis 31.Dezember 2012, erhielt Microsoft von US-Behörden  zwischen 6.000 und 7.000  Anordnungen auf Grund der " +
			"US-Sicherheitsgesetze, Zeugenladungen und Verfügungen, welche zwischen 31.000 bis 32.000 Nutzerkonten betrafen."
	)
	scrapetest.Texts(t, Statement(), []scrapetest.Text{
		{Name: "english", Text: "Posted on June 14.\n\n" + english + " This is little.", Want: []string{
			`statement "criminal and national security warrants, subpoenas and orders" "6,000 and 7,000" "For the six months ended December 31, 2012"`,
			`statement "consumer accounts" "31,000 and 32,000" "For the six months ended December 31, 2012"`,
		}},
		{Name: "german", Text: "Update #2 (17.06.2013):\n\nZum ersten Mal. " + german + "\nMehr dazu.", Want: []string{
			`statement_de "Anordnungen auf Grund der US-Sicherheitsgesetze, Zeugenladungen und Verfügungen" "6.000 und 7.000" "In den letzten 6 Monaten bis 31.Dezember 2012"`,
			`statement_de "Nutzerkonten" "31.000 bis 32.000" "In den letzten 6 Monaten bis 31.Dezember 2012"`,
		}},
		{Name: "german_no_break_spaces", Text: strings.NewReplacer("zwischen 6", "zwischen\u00a06", "7.000  Anordnungen", "7.000\u00a0 Anordnungen").Replace(german), Want: []string{
			`statement_de "Anordnungen auf Grund der US-Sicherheitsgesetze, Zeugenladungen und Verfügungen" "6.000 und 7.000" "In den letzten 6 Monaten bis 31.Dezember 2012"`,
			`statement_de "Nutzerkonten" "31.000 bis 32.000" "In den letzten 6 Monaten bis 31.Dezember 2012"`,
		}},
		{Name: "page_with_tags_inside", Text: "<html><body><p>" + strings.NewReplacer("6,000 and", "<b>6,000</b>&nbsp;and", "consumer", "\n consumer").Replace(english) + "</p></body></html>", Want: []string{
			`statement "criminal and national security warrants, subpoenas and orders" "6,000` + "\u00a0" + `and 7,000" "For the six months ended December 31, 2012"`,
			`statement "consumer accounts" "31,000 and 32,000" "For the six months ended December 31, 2012"`,
		}},
		{Name: "another_company's_bands_beside", Text: english + "\nFacebook said it received between 9,000 and 10,000 requests about between 18,000 and 19,000 accounts.", Want: []string{
			`statement "criminal and national security warrants, subpoenas and orders" "6,000 and 7,000" "For the six months ended December 31, 2012"`,
			`statement "consumer accounts" "31,000 and 32,000" "For the six months ended December 31, 2012"`,
		}},
		{Name: "sentence_twice", Text: english + "\n\n" + english, Refused: "2 bands stand in the declared words of band 1"},
		{Name: "no_sentence", Text: "Microsoft published nothing.", Refused: "0 of the declared wordings"},
		{Name: "press_wording", Text: "For the six months ended December 31, 2012, Microsoft received between 6,000 and 7,000 requests affecting between 31,000 and 32,000 accounts.", Refused: "0 of the declared wordings"},
		{Name: "second_band_missing", Text: strings.Replace(english, "between 31,000 and 32,000", "31,500", 1), Refused: "0 bands stand in the declared words of band 2"},
		{Name: "bands_exchanged", Text: strings.NewReplacer("criminal and national security warrants, subpoenas and orders", "consumer accounts", "consumer accounts", "criminal and national security warrants, subpoenas and orders").Replace(english), Refused: "0 bands stand in the declared words of band 2"},
		{Name: "third_band", Text: strings.Replace(english, "from U.S.", "or between 1 and 2 from U.S.", 1), Refused: "3 bands, want 2"},
		{Name: "no_period", Text: strings.Replace(english, "For the six months ended December 31, 2012, ", "", 1), Refused: "0 periods"},
		{Name: "cut", Text: english[:strings.Index(english, "consumer")+8], Refused: "0 bands stand in the declared words of band 2"},
	})
}

func TestStatement_collect(t *testing.T) {
	g := &scrapetest.Getter{}
	list, err := Statement().Collect(context.Background(), g)
	if err != nil || len(list) != 0 {
		t.Errorf("not published: %d captures, error %v", len(list), err)
	}
}
