package apple

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
	"daylight/scrape/scrapetest"
)

func TestRequests(t *testing.T) { scrapetest.Run(t, Requests()) }

const (
	head     = "TR Period,TR Start Date,TR End Date,Country/Region,"
	security = head + "National Security Requests Type,Requests Received,Users/Accounts\r\n"
	account  = head + "Account Requests Received,Accounts Specified in Requests,Requests Challenged in Part or Rejected in Full,Requests where Only Non-Content Data Provided,Requests where Content Provided,Percentage of Requests where Data Provided\r\n"
	chile    = "2013 H1,1/1/13,6/30/13,Chile,74,75,22,40,0,54%"
)

func brief(r scrape.Row) string {
	s := r.Table + " " + r.Value.At.String() + " " + r.Value.Text
	if c, ok := r.Key(scrape.RoleProcess); ok {
		s += " process=" + c.Text
	}
	if c, ok := r.Key(scrape.RolePeriod); ok {
		s += " period=" + c.Text
	}
	switch {
	case r.Ignore != "":
		s += " IGNORE"
	case r.Hold != "":
		s += " HOLD " + r.Hold
	}
	return s
}

func TestTables(t *testing.T) {
	for _, tc := range []struct {
		name, file, text string
		want             []string
		refused          string
	}{
		{
			name: "bands_without_a_final_line_end", file: "x.csv",
			text: security + `2017 H1,1/1/17,6/30/17,United States of America,National Security,"13,254 - 13,499","9,005 - 9,249"`,
			want: []string{
				"us_national_security line 2 column 6 13,254 - 13,499 process=National Security period=2017 H1",
				"us_national_security line 2 column 7 9,005 - 9,249 process=National Security period=2017 H1",
			},
		},
		{
			name: "footnote_sign_in_a_header", file: "x.csv",
			text: strings.Replace(security, "Requests Type", "Requests Type+", 1) + "2018 H2,7/1/18,12/31/18,United States of America,NSLs,6 - 499,999\r\n",
			want: []string{
				"us_national_security line 2 column 6 6 - 499 process=NSLs period=2018 H2",
				"us_national_security line 2 column 7 999 process=NSLs period=2018 H2",
			},
		},
		{
			name: "warrants_of_the_uk", file: "x.csv",
			text: head + "IPA Warrant Request Type,Requests Received,Users/Accounts\n2022 H1,1/1/22,6/30/22,United Kingdom,Content,0 - 499,0 - 499\n",
			want: []string{
				"uk_ipa_warrants line 2 column 6 0 - 499 process=Content period=2022 H1",
				"uk_ipa_warrants line 2 column 7 0 - 499 process=Content period=2022 H1",
			},
		},
		{
			name: "quoted_with_a_blank_last_line_and_dashes", file: "x.csv",
			text: `"TR Date","TR Start Date","TR End Date","Country/Region","Account Preservation Requests Received","Accounts Specified in Requests","Accounts where Data Preserved"` + "\n" +
				`"2016 H2","7/1/16","12/31/16","Austria","1"," -","0"` + "\n\n",
			want: []string{
				"account_preservation line 2 column 5 1 period=2016 H2",
				"account_preservation line 2 column 6  - period=2016 H2",
				"account_preservation line 2 column 7 0 period=2016 H2",
			},
		},
		{
			name: "takedowns_are_ignored_whatever_they_count", file: "x.csv",
			text: head + "Platform Policy Violation Takedown Requests Received,Apps Specified in Requests,Never Seen\n2018 H2,7/1/18,12/31/18,N/A,0,0,many\n",
			want: []string{
				"app_takedown line 2 column 5 0 period=2018 H2 IGNORE",
				"app_takedown line 2 column 6 0 period=2018 H2 IGNORE",
				"app_takedown line 2 column 7 many period=2018 H2 IGNORE",
			},
		},
		{name: "a_share_turned_into_a_fraction_column", file: "account_requests.csv", text: strings.Replace(account, "Percentage of", "Share of", 1) + chile, refused: `no column "Percentage of Requests where Data Provided"; the nearest header is "Share of Requests where Data Provided"`},
		{name: "cut_inside_quotes", file: "x.csv", text: security + `2017 H1,1/1/17,6/30/17,United States of America,National Security,"13,254 - 13,4`, refused: "never closed"},
		{name: "a_second_table_below", file: "x.csv", text: account + chile + "\r\n\r\n" + account + chile, refused: "second table"},
		{name: "only_a_header", file: "x.csv", text: account, refused: "no line follows"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := scrape.BytesCapture([]byte(tc.text))
			c.Name = tc.file
			check(t, c, tc.want, tc.refused)
		})
	}
}

func check(t *testing.T, c scrape.Capture, want []string, refused string) {
	t.Helper()
	rows, err := scrapetest.Rows(Requests(), c)
	if refused != "" {
		if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), refused) {
			t.Errorf("error %v, want ErrLayout with %q", err, refused)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, brief(r))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestMembers(t *testing.T) {
	push := head + "Push Token Requests Received,Push Tokens Specified in Requests,Requests where Data Provided,Percentage of Requests where Data Provided\r\n2022 H2,7/1/22,12/31/22,Netherlands,2,687,1,50%"
	tokens := func(member string) (want []string) {
		for i, text := range []string{"2", "687", "1", "50%"} {
			want = append(want, "push_token "+member+": line 2 column "+string(rune('5'+i))+" "+text+" period=2022 H2")
		}
		return want
	}
	for _, tc := range []struct {
		name    string
		members [][2]string
		want    []string
		refused string
	}{
		{
			name:    "left_behind_and_in_a_folder",
			members: [][2]string{{"R/push_token_requests.csv", push}, {"__MACOSX/R/._push_token_requests.csv", "\x00\x05"}, {"R/.DS_Store", "x"}},
			want: append([]string{
				"file __MACOSX/R/._push_token_requests.csv: line 1  IGNORE", "file R/.DS_Store: line 1  IGNORE",
			}, tokens("R/push_token_requests.csv")...),
		},
		{
			name:    "unknown_members_are_held",
			members: [][2]string{{"push_token_requests.csv", push}, {"new_kind.csv", "TR Period,Robots\n2022 H2,1\n"}, {"chart.png", "x"}},
			want: append(tokens("push_token_requests.csv"),
				`file new_kind.csv: line 1  HOLD member "new_kind.csv" is not declared: its headers are those of no table`,
				`file chart.png: line 1  HOLD member "chart.png" is not declared`),
		},
		{name: "a_known_member_with_unknown_headers", members: [][2]string{{"push_token_requests.csv", "TR Period,Robots\n2022 H2,1\n"}}, refused: "not table push_token"},
		{name: "one_table_twice", members: [][2]string{{"push_token_requests.csv", push}, {"copy.csv", push}}, refused: "stands in member"},
		{name: "nothing_known", members: [][2]string{{"a.txt", "x"}}, refused: "none of the members"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var b bytes.Buffer
			z := zip.NewWriter(&b)
			for _, m := range tc.members {
				w, err := z.Create(m[0])
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.Write([]byte(m[1])); err != nil {
					t.Fatal(err)
				}
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			c := scrape.BytesCapture(b.Bytes())
			c.Name, c.Excerpt = "Apple_Transparency_Report.zip", true // most tables are left out
			check(t, c, tc.want, tc.refused)
		})
	}
}

func TestCollect(t *testing.T) {
	g := &scrapetest.Getter{Files: map[string]string{archive: "PK"}}
	got, err := Requests().Collect(context.Background(), g)
	if err != nil || len(got) != 1 || got[0].URL != archive {
		t.Errorf("collect: %v, %v", got, err)
	}
}
