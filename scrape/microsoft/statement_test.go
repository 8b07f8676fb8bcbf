package microsoft

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
	"daylight/scrape/scrapetest"
)

func TestStatement_texts(t *testing.T) {
	const (
		english = "For the six months ended December 31, 2012, Microsoft received between 6,000 and 7,000 criminal and national security warrants, " +
			"subpoenas and orders affecting between 31,000 and 32,000 consumer accounts from U.S. governmental entities (including local, state and federal)."
		german = "In den letzten 6 Monaten bis 31.Dezember 2012, erhielt Microsoft von US-Behörden  zwischen 6.000 und 7.000  Anordnungen auf Grund der " +
			"US-Sicherheitsgesetze, Zeugenladungen und Verfügungen, welche zwischen 31.000 bis 32.000 Nutzerkonten betrafen."
	)
	for _, tc := range []struct {
		name    string
		text    string
		want    []string
		refused string
	}{
		{name: "english", text: "Posted on June 14.\n\n" + english + " This is little.", want: []string{
			`statement "criminal and national security warrants, subpoenas and orders" "6,000 and 7,000" "For the six months ended December 31, 2012"`,
			`statement "consumer accounts" "31,000 and 32,000" "For the six months ended December 31, 2012"`,
		}},
		{name: "german", text: "Update #2 (17.06.2013):\n\nZum ersten Mal. " + german + "\nMehr dazu.", want: []string{
			`statement_de "Anordnungen auf Grund der US-Sicherheitsgesetze, Zeugenladungen und Verfügungen" "6.000 und 7.000" "In den letzten 6 Monaten bis 31.Dezember 2012"`,
			`statement_de "Nutzerkonten" "31.000 bis 32.000" "In den letzten 6 Monaten bis 31.Dezember 2012"`,
		}},
		{name: "german_no_break_spaces", text: strings.NewReplacer("zwischen 6", "zwischen\u00a06", "7.000  Anordnungen", "7.000\u00a0 Anordnungen").Replace(german), want: []string{
			`statement_de "Anordnungen auf Grund der US-Sicherheitsgesetze, Zeugenladungen und Verfügungen" "6.000 und 7.000" "In den letzten 6 Monaten bis 31.Dezember 2012"`,
			`statement_de "Nutzerkonten" "31.000 bis 32.000" "In den letzten 6 Monaten bis 31.Dezember 2012"`,
		}},
		{name: "page_with_tags_inside", text: "<html><body><p>" + strings.NewReplacer("6,000 and", "<b>6,000</b>&nbsp;and", "consumer", "\n consumer").Replace(english) + "</p></body></html>", want: []string{
			`statement "criminal and national security warrants, subpoenas and orders" "6,000` + "\u00a0" + `and 7,000" "For the six months ended December 31, 2012"`,
			`statement "consumer accounts" "31,000 and 32,000" "For the six months ended December 31, 2012"`,
		}},
		{name: "another_company's_bands_beside", text: english + "\nFacebook said it received between 9,000 and 10,000 requests about between 18,000 and 19,000 accounts.", want: []string{
			`statement "criminal and national security warrants, subpoenas and orders" "6,000 and 7,000" "For the six months ended December 31, 2012"`,
			`statement "consumer accounts" "31,000 and 32,000" "For the six months ended December 31, 2012"`,
		}},
		{name: "sentence_twice", text: english + "\n\n" + english, refused: "2 sentences"},
		{name: "no_sentence", text: "Microsoft published nothing.", refused: "0 sentences"},
		{name: "press_wording", text: "For the six months ended December 31, 2012, Microsoft received between 6,000 and 7,000 requests affecting between 31,000 and 32,000 accounts.", refused: "0 sentences"},
		{name: "second_band_missing", text: strings.Replace(english, "between 31,000 and 32,000", "31,500", 1), refused: "1 bands"},
		{name: "bands_exchanged", text: strings.NewReplacer("criminal and national security warrants, subpoenas and orders", "consumer accounts", "consumer accounts", "criminal and national security warrants, subpoenas and orders").Replace(english), refused: "0 sentences"},
		{name: "third_band", text: strings.Replace(english, "from U.S.", "or between 1 and 2 from U.S.", 1), refused: "3 bands"},
		{name: "no_period", text: strings.Replace(english, "For the six months ended December 31, 2012, ", "", 1), refused: "0 periods"},
		{name: "cut", text: english[:strings.Index(english, "consumer")+8], refused: "1 count what they should"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := scrape.BytesCapture([]byte(tc.text))
			c.Source, c.Name = statementID, "statement.txt"
			rows, err := scrapetest.Rows(Statement(), c)
			if tc.refused != "" {
				if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) {
					t.Fatalf("error %v, want ErrLayout with %q", err, tc.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range rows {
				p, _ := r.Key(scrape.RolePeriod)
				got = append(got, fmt.Sprintf(`%s "%s" "%s" "%s"`, r.Table, r.Value.Header, r.Value.Text, p.Text))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			scrapetest.Capture(t, Statement(), c)
		})
	}
}

func TestStatement_collect(t *testing.T) {
	g := &scrapetest.Getter{}
	list, err := Statement().Collect(context.Background(), g)
	if err != nil || len(list) != 0 {
		t.Errorf("not published: %d captures, error %v", len(list), err)
	}
}
