package meta

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
	"daylight/scrape/scrapetest"
)

func TestGovernmentRequests(t *testing.T) { scrapetest.Run(t, GovernmentRequests()) }

const first = "\ufeffCountry,\"Total Requests\",\"Users / Accounts requested\",\"Percentage of requests where some data produced\"\n" +
	"\"United States\",\"11000 - 12000\",\"20000 - 21000\",79\n"

func TestPeriod(t *testing.T) {
	for _, tc := range []struct {
		name, file, edition string
		want                scrape.Cell
		refused             string
	}{
		{name: "half_in_the_name", file: "PRPL-Facebook-Government-Report-2014_H2.csv", want: scrape.Cell{Role: scrape.RolePeriod, Header: "file name", Text: "2014_H2"}},
		{name: "second_download", file: "PRPL-Facebook-Government-Report-2014_H2 (1).csv", want: scrape.Cell{Role: scrape.RolePeriod, Header: "file name", Text: "2014_H2"}},
		{name: "months_in_the_name", file: "Facebook_Global_Government_Requests_2013_Jan-June.csv", want: scrape.Cell{Role: scrape.RolePeriod, Header: "file name", Text: "2013_Jan-June"}},
		{name: "edition_says_it", file: "Facebook.csv", edition: "2013-H1", want: scrape.Cell{Role: scrape.RolePeriod, Header: "edition", Text: "2013-H1"}},
		{name: "both_agree", file: "Facebook_2013_H1.csv", edition: "2013-H1", want: scrape.Cell{Role: scrape.RolePeriod, Header: "file name", Text: "2013_H1"}},
		{name: "neither", file: "Facebook.csv", refused: "--edition"},
		{name: "they_differ", file: "Facebook_2013_H1.csv", edition: "2013-H2", refused: "two half-years"},
		{name: "two_in_the_name", file: "2013_H1-2013_H2.csv", refused: "more than one"},
		{name: "months_that_are_no_half", file: "2013_Jan-Dec.csv", refused: "no half-year"},
		{name: "a_year_alone", file: "Facebook 2013.csv", refused: "no half-year"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := scrape.BytesCapture([]byte(first))
			c.Name, c.Edition = tc.file, tc.edition
			rows, err := scrapetest.Rows(GovernmentRequests(), c)
			if tc.refused != "" {
				if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) {
					t.Errorf("error %v, want ErrLayout with %q", err, tc.refused)
				}
				return
			}
			if err != nil || len(rows) != 3 {
				t.Fatalf("%d rows, %v; want 3", len(rows), err)
			}
			got, _ := rows[0].Key(scrape.RolePeriod)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("period (-want +got):\n%s", diff)
			}
		})
	}
}

// wide makes a file of the layout M1 with the given cells, by header.
func wide(lines ...map[string]string) scrape.Capture {
	var head []string
	for _, l := range report.Layouts {
		if l.Table != "government_requests" {
			continue
		}
		for _, f := range l.Fields {
			if !strings.Contains(f.Printed[0], "Some Data Produced") { // since 2019_H1
				head = append(head, f.Printed[0])
			}
		}
	}
	text := strings.Join(head, ",") + "\n"
	for _, line := range lines {
		for i, h := range head {
			if i > 0 {
				text += ","
			}
			text += line[h]
		}
		text += "\n"
	}
	c := scrape.BytesCapture([]byte(text))
	c.Name = "PRPL-Facebook-Government-Report-2016_H1.csv"
	return c
}

// TestDataRequests: the file called "Data Requests", with the columns of its time that a
// program which reads them names.
func TestDataRequests(t *testing.T) {
	header := "Country,Preservation Requests,Preservation Accounts Preserved,Total Data Requests,Total Users/Accounts Requested,Percent Requests Where Some Data Produced," +
		"Legal Process Request Total,Legal Process Request Total Accounts,Legal Process Request Total Percentage,Emergency Request Total,Emergency Request Total Accounts,Emergency Request Total Percentage," +
		"Emergency Disclosures,Emergency Disclosures Accounts,Emergency Disclosures Percentage"
	for _, p := range []string{"Search Warrant", "Subpoena", "Court Order (Other)", "Court Order (18 USC 2703(d))", "Pen Register/Trap and Trace", "Title III", "NSLs"} {
		header += "," + p + "," + p + " Accounts," + p + " Percentage"
	}
	line := "Chile,42,61,380,551,78%,380,551,78%,0,0,0%" + strings.Repeat(",", 24)
	c := scrape.BytesCapture([]byte(header + "\n" + line + "\n"))
	c.Source, c.Name = id, "Data Requests-2016-H2.csv"
	rows, err := scrapetest.Rows(GovernmentRequests(), c)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range rows {
		if r.Hold != "" {
			t.Errorf("%s is held: %s", r.Value.Header, r.Hold)
		}
		if r.Ignore == "" {
			got[r.Value.Header] = r.Value.Text
		}
	}
	for h, want := range map[string]string{"Total Data Requests": "380", "Total Users/Accounts Requested": "551", "Percent Requests Where Some Data Produced": "78%"} {
		if got[h] != want {
			t.Errorf("%s is %q, want %q", h, got[h], want)
		}
	}
}

func TestColumns(t *testing.T) {
	for _, tc := range []struct {
		name string
		line map[string]string
		want map[string]string // by header: figure, or why not
	}{
		{
			name: "detail_for_the_united_states_alone",
			line: map[string]string{"Country": "Chile", "Total Requests": "3"},
			want: map[string]string{"Total Requests": "figure 3", "Legal Process Request Total": "figure ", "Search Warrant": "ignored", "NSLs": "ignored"},
		},
		{
			name: "emergency_printed_once",
			line: map[string]string{"Country": "United States", "Emergency Disclosures": "618"},
			want: map[string]string{"Emergency Disclosures": "figure 618", "Emergency Request Total": "ignored"},
		},
		{
			name: "emergency_printed_twice",
			line: map[string]string{"Country": "United States", "Emergency Disclosures": "\"1,107\"", "Emergency Request Total": "\"1,107\""},
			want: map[string]string{"Emergency Disclosures": "ignored", "Emergency Request Total": "figure 1,107"},
		},
		{
			name: "emergency_printed_twice_and_different",
			line: map[string]string{"Country": "United States", "Emergency Disclosures": "618", "Emergency Request Total": "619"},
			want: map[string]string{"Emergency Disclosures": "held", "Emergency Request Total": "figure 619"},
		},
		{
			name: "a_column_that_was_always_empty",
			line: map[string]string{"Country": "United States", "FISA Content Requests": "0-499"},
			want: map[string]string{"FISA Content Requests": "held", "FISA Content Requests Accounts": "ignored"},
		},
		{
			name: "a_line_without_a_name",
			line: map[string]string{"Country": " ", "Content Restricted": "3"},
			want: map[string]string{"Content Restricted": "ignored", "Total Requests": "ignored", "Search Warrant": "ignored"},
		},
		{
			name: "a_line_without_a_name_that_has_figures",
			line: map[string]string{"Country": " ", "Total Requests": "3"},
			want: map[string]string{"": "refused"},
		},
		{
			name: "a_kind_of_process_of_another_country",
			line: map[string]string{"Country": "Chile", "Total Requests": "3", "Subpoena": "1"},
			want: map[string]string{"Total Requests": "held", "Subpoena": "held", "Search Warrant": "ignored"},
		},
		{
			name: "content_is_none_of_ours",
			line: map[string]string{"Country": "Chile", "Content Restricted": "4", "Percent Witheld": "0"},
			want: map[string]string{"Content Restricted": "ignored", "Percent Witheld": "ignored"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rows, err := scrapetest.Rows(GovernmentRequests(), wide(tc.line))
			got := map[string]string{}
			if errors.Is(err, scrape.ErrLayout) {
				rows, got[""] = nil, "refused"
			} else if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				if _, asked := tc.want[r.Value.Header]; !asked {
					continue
				}
				switch {
				case r.Ignore != "":
					got[r.Value.Header] = "ignored"
				case r.Hold != "":
					got[r.Value.Header] = "held"
				default:
					got[r.Value.Header] = "figure " + r.Value.Text
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCollect(t *testing.T) {
	const file = "https://transparency.meta.com/sr/PRPL-Facebook-Government-Report-2014_H2.csv"
	g := &scrapetest.Getter{
		Files: map[string]string{file: "Country"},
		Page: []scrape.Link{
			{URL: "https://transparency.meta.com/policies"},
			{URL: file},
			{URL: "https://transparency.meta.com/sr/PRPL-Facebook-Government-Report-2099_H1.csv"},
			{URL: "https://elsewhere.example/PRPL-Facebook-Government-Report-2015_H1.csv"},
		},
	}
	got, err := GovernmentRequests().Collect(context.Background(), g)
	if len(got) != 1 || got[0].Edition != "2014-H2" || got[0].Name != "PRPL-Facebook-Government-Report-2014_H2.csv" {
		t.Errorf("captures %+v, want the one of 2014-H2", got)
	}
	if err == nil || !strings.Contains(err.Error(), "elsewhere.example") {
		t.Errorf("error %v, want the link to an undeclared host", err)
	}
	if _, err := GovernmentRequests().Collect(context.Background(), &scrapetest.Getter{}); !errors.Is(err, scrape.ErrLayout) {
		t.Errorf("a page without links: %v, want ErrLayout", err)
	}
}

// TestRenamed: the file's name is all that says its half-year, so the columns must be
// those of that half-year.
func TestRenamed(t *testing.T) {
	captures, err := GovernmentRequests().Embedded()
	if err != nil {
		t.Fatal(err)
	}
	file := func(label string) scrape.Capture {
		t.Helper()
		for _, c := range captures {
			if strings.Contains(c.Name, "Government-Report-"+label) {
				return c
			}
		}
		t.Fatalf("no embedded capture of %s", label)
		return scrape.Capture{}
	}
	for _, tc := range []struct {
		name, from, to string
		want           string // part of the error; "" for none
	}{
		{"as_it_is", "2016_H1", "2016_H1", ""},
		{"old_columns_in_a_new_file", "2016_H1", "2022_H1", `have no column "Content Restricted"`},
		{"new_columns_in_an_old_file", "2022_H1", "2016_H1", `have a column "Emergency Disclosures"`},
		{"one_layout_on", "2018_H2", "2017_H1", `have a column "Emergency Disclosures"`},
		{"one_layout_back", "2018_H2", "2019_H1", `have a column "Number of Requests Where Some Data Produced"`},
		{"the_same_layout", "2021_H1", "2021_H2", ""}, // nobody can see it
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := file(tc.from)
			c.Name, c.Edition = "PRPL-Facebook-Government-Report-"+tc.to+".csv", ""
			_, err := scrapetest.Rows(GovernmentRequests(), c)
			if tc.want == "" && err != nil || tc.want != "" && (!errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}
