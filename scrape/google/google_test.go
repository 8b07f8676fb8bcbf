package google

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
	"daylight/scrape/scrapetest"
)

func TestUserData(t *testing.T) { scrapetest.Run(t, UserData()) }

const (
	head2012 = "Period Ending,Country,CLDR Territory Code,User Data Requests,Percentage of data requests fully or partially complied with,Users/Accounts Specified\n"
	head2020 = "Period Ending,Country/Region,CLDR Territory Code,Legal Process,User Data Requests,Percentage disclosed,Accounts\n"
	headFR   = "Fin de la période,Pays,Code du territoire CLDR,Procédure judiciaire,Demandes de renseignements sur les utilisateurs,Pourcentage de demandes auxquelles nous avons partiellement accédé,Utilisateurs/Comptes spécifiés\n"
	headNS   = "Reporting period ending date,Number of requests (range MIN),Number of requests (range MAX),Number of accounts (range MIN),Number of accounts (range MAX)\n"
)

// brief prints a row for comparison: what a reader of the report would point at.
func brief(r scrape.Row) string {
	s := r.Table + " " + r.Value.At.String() + " " + r.Value.Text
	if r.Upper.Text != "" {
		s += ".." + r.Upper.Text
	}
	for _, k := range r.Keys {
		s += " " + string(k.Role) + "=" + k.Text
	}
	switch {
	case r.Total:
		s += " TOTAL"
	case r.Ignore != "":
		s += " IGNORE"
	case r.Hold != "":
		s += " HOLD"
	}
	return s
}

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		name, file, text string
		want             []string
		refused          string // part of the message; ErrLayout then
	}{
		{
			name: "six_columns_of_2012", file: "google-user-data-requests.csv",
			text: head2012 + "06/30/2012,United States,US,7969,90,16281\n",
			want: []string{
				"user_data line 2 column 4 7969 period_end=06/30/2012 country=United States country_code=US",
				"user_data line 2 column 5 90 period_end=06/30/2012 country=United States country_code=US",
				"user_data line 2 column 6 16281 period_end=06/30/2012 country=United States country_code=US",
			},
		},
		{
			name: "six_columns_of_2011", file: "google-user-data-requests.csv",
			text: "Period Ending,Country,Country Code,Data Requests,Percentage of data requests fully or partially complied with,Users/Accounts Specified\n06/30/2011,Germany,DE,1060,67,1759\n",
			want: []string{
				"user_data line 2 column 4 1060 period_end=06/30/2011 country=Germany country_code=DE",
				"user_data line 2 column 5 67 period_end=06/30/2011 country=Germany country_code=DE",
				"user_data line 2 column 6 1759 period_end=06/30/2011 country=Germany country_code=DE",
			},
		},
		{
			name: "french_headers", file: "google-user-data-requests.csv",
			text: headFR + "12/31/2012,États-Unis,US,Mandat de perquisition,1896,88,3152\n",
			want: []string{
				"user_data line 2 column 5 1896 period_end=12/31/2012 country=États-Unis country_code=US process=Mandat de perquisition",
				"user_data line 2 column 6 88 period_end=12/31/2012 country=États-Unis country_code=US process=Mandat de perquisition",
				"user_data line 2 column 7 3152 period_end=12/31/2012 country=États-Unis country_code=US process=Mandat de perquisition",
			},
		},
		{
			name: "accounts_and_share_change_places", file: "x.csv",
			text: "Period Ending,Country/Region,CLDR Territory Code,Legal Process,User Data Requests,Accounts,Percentage disclosed\n2022-12-31,Chile,CL,Search Warrants,1,3,2\n",
			want: []string{
				"user_data line 2 column 5 1 period_end=2022-12-31 country=Chile country_code=CL process=Search Warrants",
				"user_data line 2 column 6 3 period_end=2022-12-31 country=Chile country_code=CL process=Search Warrants",
				"user_data line 2 column 7 2 period_end=2022-12-31 country=Chile country_code=CL process=Search Warrants",
			},
		},
		{
			name: "bands_in_two_cells", file: "google-usnationalsecurity-nsl-requests.csv",
			text: headNS + "2021-12-31,8,499,1500,1999\n",
			want: []string{
				"nsl line 2 column 2 8..499 period_end=2021-12-31",
				"nsl line 2 column 4 1500..1999 period_end=2021-12-31",
			},
		},
		{name: "bands_of_an_unknown_file", file: "bands.csv", text: headNS + "2021-12-31,8,499,1500,1999\n", refused: "does not say which"},
		{
			name: "released_letters", file: "letters.csv",
			text: "National Security Letter (NSL) number,NSL issue date,FBI release letter date\nNSL-20-517293,2020-07-27,2024-02-23\n",
			want: []string{
				"nsl_released line 2 column 1 NSL-20-517293 item=NSL-20-517293 date=2020-07-27",
				"nsl_released line 2 column 3 2024-02-23 item=NSL-20-517293 date=2020-07-27 IGNORE",
			},
		},
		{
			name: "a_share_of_preservation_requests", file: "x.csv",
			text: "Period Ending,Country/Region,CLDR Territory Code,Legal Process,User Data Requests,Percentage disclosed,Accounts\n2022-12-31,Chile,CL,Preservation Requests,1,0,3\n",
			want: []string{
				"user_data line 2 column 5 1 period_end=2022-12-31 country=Chile country_code=CL process=Preservation Requests HOLD",
				"user_data line 2 column 6 0 period_end=2022-12-31 country=Chile country_code=CL process=Preservation Requests HOLD",
				"user_data line 2 column 7 3 period_end=2022-12-31 country=Chile country_code=CL process=Preservation Requests HOLD",
			},
		},
		{
			name: "shares_of_several_preservation_requests", file: "x.csv",
			text: "Period Ending,Country/Region,CLDR Territory Code,Legal Process,User Data Requests,Percentage disclosed,Accounts\n" +
				strings.Repeat("2022-12-31,Chile,CL,Preservation Requests,1,50,3\n", 3),
			refused: "the column may be shifted",
		},
		{name: "a_line_without_a_country", file: "x.csv", text: head2012 + "06/30/2012,,CL,1,2,3\n", refused: `column "Country" is empty`},
		{name: "the_newest_line_without_accounts", file: "x.csv", text: head2012 + "06/30/2012,Chile,CL,1,2,\n", refused: "empty in the last line"},
		{
			name: "no_diplomatic_request_at_all", file: "x.csv",
			text: "Period Ending,Product,Country/Region of Origin,Assisting Country,Enterprise Diplomatic Legal requests\n2019-12-31,GSUITE,,,0\n",
			want: []string{"enterprise_dlr line 2 column 5 0 period_end=2019-12-31 product=GSUITE country= assisting= TOTAL"},
		},
		{
			name: "new_column_of_figures_is_held", file: "x.csv",
			text: strings.TrimSpace(head2012) + ",Users\n06/30/2012,Chile,CL,1,2,3,44\n",
			want: []string{
				"user_data line 2 column 4 1 period_end=06/30/2012 country=Chile country_code=CL",
				"user_data line 2 column 5 2 period_end=06/30/2012 country=Chile country_code=CL",
				"user_data line 2 column 6 3 period_end=06/30/2012 country=Chile country_code=CL",
				"user_data line 2 column 7 44 period_end=06/30/2012 country=Chile country_code=CL HOLD",
			},
		},
		{
			name: "new_column_of_words_holds_the_line", file: "x.csv",
			text: strings.TrimSpace(head2012) + ",Product\n06/30/2012,Chile,CL,1,2,3,YouTube\n",
			want: []string{
				"user_data line 2 column 4 1 period_end=06/30/2012 country=Chile country_code=CL HOLD",
				"user_data line 2 column 5 2 period_end=06/30/2012 country=Chile country_code=CL HOLD",
				"user_data line 2 column 6 3 period_end=06/30/2012 country=Chile country_code=CL HOLD",
				"user_data line 2 column 7 YouTube period_end=06/30/2012 country=Chile country_code=CL HOLD",
			},
		},
		{
			name: "cut_last_line_is_held", file: "x.csv", text: head2012 + "06/30/2012,Chile,CL,1,2,3",
			want: []string{
				"user_data line 2 column 4 1 period_end=06/30/2012 country=Chile country_code=CL HOLD",
				"user_data line 2 column 5 2 period_end=06/30/2012 country=Chile country_code=CL HOLD",
				"user_data line 2 column 6 3 period_end=06/30/2012 country=Chile country_code=CL HOLD",
			},
		},
		{name: "readme_alone", file: "README.txt", text: "google-global...", want: []string{"file line 1  IGNORE"}},
		{name: "squeezed_header", file: "x.csv", text: strings.ReplaceAll(head2012, "Period Ending", "PeriodEnding") + "12/31/09,Chile,CL,1,2,3\n", refused: `no column "Period Ending"; the nearest header is "PeriodEnding"`},
		{name: "thousands_comma_without_quotes", file: "x.csv", text: head2012 + "06/30/2012,Chile,CL,1,234,2,3\n", refused: "line 2: 7 fields under a header of 6"},
		{name: "mac_roman_of_utf8", file: "x.csv", text: head2020 + "2014-12-31,C\xCC\xABte d\x89\xDB\xAAIvoire,CI,All,1,2,3\n", refused: "line 2"},
		{name: "a_header_twice", file: "x.csv", text: strings.TrimSpace(head2012) + ",Country/Region\n06/30/2012,Chile,CL,1,2,3,Peru\n", refused: "are one column"},
		{name: "a_page_instead_of_a_file", file: "x.csv", text: "<!DOCTYPE html><title>moved</title>", refused: "no column"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := scrape.BytesCapture([]byte(tc.text))
			c.Name = tc.file
			rows, err := scrapetest.Rows(UserData(), c)
			if tc.refused != "" {
				if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) {
					t.Errorf("error %v, want ErrLayout with %q", err, tc.refused)
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
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCollect(t *testing.T) {
	g := &scrapetest.Getter{Files: map[string]string{archive: "PK"}}
	got, err := UserData().Collect(context.Background(), g)
	if err != nil || len(got) != 1 || got[0].URL != archive {
		t.Errorf("collect: %v, %v", got, err)
	}
	if _, err := UserData().Collect(context.Background(), &scrapetest.Getter{}); !errors.Is(err, scrape.ErrNotPublished) {
		t.Errorf("collect without a file: %v, want ErrNotPublished", err)
	}
}

// BenchmarkParse reads a hundredfold Google file: 154,600 lines, three figures each.
func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	text.WriteString(head2020)
	for range 154600 / 4 {
		text.WriteString("2022-06-30,United Kingdom,GB,Emergency Disclosure Requests,1975,87,2561\n" +
			"2022-06-30,United Kingdom,GB,Other Legal Requests,7780,91,9670\n" +
			"2022-06-30,United Kingdom,GB,Preservation Requests,98,,232\n" +
			"2022-06-30,United States,US,Emergency Disclosure Requests,2174,75,3043\n")
	}
	c := scrape.BytesCapture([]byte(text.String()))
	c.Name = "google-global-user-data-requests.csv"
	b.SetBytes(c.Size)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		for _, err := range UserData().Parse(c) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "figures/s")
}
