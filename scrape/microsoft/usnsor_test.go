package microsoft

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
	"daylight/scrape/scrapetest"
)

func page(content string) scrape.Capture {
	c := scrape.BytesCapture([]byte(content))
	c.Source, c.Name = usnsorID, "page.html"
	return c
}

const nsHead = `<tr><th>Reporting period</th><th>Orders seeking disclosure of content</th><th>Accounts impacted by orders seeking content</th>` +
	`<th>Orders seeking disclosure of only non-content</th><th>Accounts impacted by non-content orders</th></tr>`

// withKeys is brief with period and process.
func withKeys(r scrape.Row) string {
	s := brief(r)
	for _, k := range r.Keys {
		s += " | " + k.Text
	}
	return s
}

func TestUSNSOR_pages(t *testing.T) {
	for _, tc := range []struct {
		name    string
		page    string
		want    []string
		refused string
	}{
		{name: "heading_and_paragraphs", page: `<h2>Foreign Intelligence Surveillance Act Orders</h2><table>` + nsHead +
			`<tr><td>Jan – June 2023</td><td><p>0 - 499</p></td><td><p>24,000 - 24,999</p></td><td>0 - 499</td><td>0 - 499</td></tr></table>`,
			want: []string{
				`ns table 1 row 2 column 2 "0 - 499" | Jan – June 2023 | Foreign Intelligence Surveillance Act Orders`,
				`ns table 1 row 2 column 3 "24,000 - 24,999" | Jan – June 2023 | Foreign Intelligence Surveillance Act Orders`,
				`ns table 1 row 2 column 4 "0 - 499" | Jan – June 2023 | Foreign Intelligence Surveillance Act Orders`,
				`ns table 1 row 2 column 5 "0 - 499" | Jan – June 2023 | Foreign Intelligence Surveillance Act Orders`,
				`ns table 1 row 1 column 1 "Reporting period" held: no table of National Security Letters, which every known capture has`,
			}},
		{name: "blocks_in_a_column", page: `<table>` + strings.Replace(nsHead, "<tr>", "<tr><th></th>", 1) +
			`<tr><td rowspan="2">Foreign Intelligence Surveillance Act (FISA) Orders</td><td>Jul - Dec 2011</td><td>0 - 999</td><td>11,000 - 11,999</td><td>0 - 999</td><td>0 - 999</td></tr>` +
			`<tr><td>Jan - June 2012</td><td>0 - 999</td><td>11,000 - 11,999</td><td>0 - 999</td><td>0 - 999</td></tr>` +
			`<tr><td>National Security Letters (NSL)</td><td>Jul - Dec 2011</td><td>N/A</td><td>N/A</td><td>0 - 999</td><td>1000 - 1,999</td></tr></table>`,
			want: []string{
				`ns table 1 row 2 column 3 "0 - 999" | Jul - Dec 2011 | Foreign Intelligence Surveillance Act (FISA) Orders`,
				`ns table 1 row 2 column 4 "11,000 - 11,999" | Jul - Dec 2011 | Foreign Intelligence Surveillance Act (FISA) Orders`,
				`ns table 1 row 2 column 5 "0 - 999" | Jul - Dec 2011 | Foreign Intelligence Surveillance Act (FISA) Orders`,
				`ns table 1 row 2 column 6 "0 - 999" | Jul - Dec 2011 | Foreign Intelligence Surveillance Act (FISA) Orders`,
				`ns table 1 row 3 column 3 "0 - 999" | Jan - June 2012 | Foreign Intelligence Surveillance Act (FISA) Orders`,
				`ns table 1 row 3 column 4 "11,000 - 11,999" | Jan - June 2012 | Foreign Intelligence Surveillance Act (FISA) Orders`,
				`ns table 1 row 3 column 5 "0 - 999" | Jan - June 2012 | Foreign Intelligence Surveillance Act (FISA) Orders`,
				`ns table 1 row 3 column 6 "0 - 999" | Jan - June 2012 | Foreign Intelligence Surveillance Act (FISA) Orders`,
				`ns table 1 row 4 column 3 "N/A" | Jul - Dec 2011 | National Security Letters (NSL)`,
				`ns table 1 row 4 column 4 "N/A" | Jul - Dec 2011 | National Security Letters (NSL)`,
				`ns table 1 row 4 column 5 "0 - 999" | Jul - Dec 2011 | National Security Letters (NSL)`,
				`ns table 1 row 4 column 6 "1000 - 1,999" | Jul - Dec 2011 | National Security Letters (NSL)`,
			}},
		{name: "columns_exchanged_with_headers", page: `<h2>FISA Orders</h2><table>` +
			`<tr><th>Accounts impacted by orders seeking content</th><th>Reporting Period</th><th>Orders seeking disclosure of content</th>` +
			`<th>Orders seeking disclosure of only non-content</th><th>Accounts impacted by non&#8209;content orders</th></tr>` +
			`<tr><td>24,000 - 24,999</td><td>Jan - June 2023</td><td>0 - 499</td><td>0 - 499</td><td>0 - 499<sup>1</sup></td></tr></table>`,
			want: []string{
				`ns table 1 row 2 column 3 "0 - 499" | Jan - June 2023 | FISA Orders`,
				`ns table 1 row 2 column 1 "24,000 - 24,999" | Jan - June 2023 | FISA Orders`,
				`ns table 1 row 2 column 4 "0 - 499" | Jan - June 2023 | FISA Orders`,
				`ns table 1 row 2 column 5 "0 - 499" | Jan - June 2023 | FISA Orders`,
				`ns table 1 row 1 column 1 "Accounts impacted by orders seeking content" held: no table of National Security Letters, which every known capture has`,
			}},
		{name: "no_heading_but_content", page: `<h2>Requests received</h2><table>` + nsHead +
			`<tr><td>July - Dec 2019</td><td>0 - 499</td><td>14,500 - 14,999</td><td>0 - 499</td><td>0 - 499</td></tr></table>`,
			want: []string{
				`ns table 1 row 2 column 2 "0 - 499" | July - Dec 2019 | Orders seeking disclosure of content`,
				`ns table 1 row 2 column 3 "14,500 - 14,999" | July - Dec 2019 | Orders seeking disclosure of content`,
				`ns table 1 row 2 column 4 "0 - 499" | July - Dec 2019 | Orders seeking disclosure of content`,
				`ns table 1 row 2 column 5 "0 - 499" | July - Dec 2019 | Orders seeking disclosure of content`,
				`ns table 1 row 1 column 1 "Reporting period" held: no table of National Security Letters, which every known capture has`,
			}},
		{name: "other_tables_left_alone_and_new_headers_held", page: `<table><tr><td>Contact</td><td>12</td></tr></table><h2>FISA Orders</h2><table>` + nsHead +
			`<tr><td>July - Dec 2019</td><td>0 - 499</td><td>14,500 - 14,999</td><td>0 - 499</td><td>0 - 499</td></tr></table>` +
			`<h2>National Security Letters</h2><table><tr><th>Reporting period</th><th>Letters</th></tr><tr><td>July - Dec 2019</td><td>0 - 499</td></tr></table>`,
			want: []string{
				`ns table 2 row 2 column 2 "0 - 499" | July - Dec 2019 | FISA Orders`,
				`ns table 2 row 2 column 3 "14,500 - 14,999" | July - Dec 2019 | FISA Orders`,
				`ns table 2 row 2 column 4 "0 - 499" | July - Dec 2019 | FISA Orders`,
				`ns table 2 row 2 column 5 "0 - 499" | July - Dec 2019 | FISA Orders`,
				`ns table 3 row 2 column 1 "July - Dec 2019" held: a table with a reporting period and headers that are not declared`,
				`ns table 3 row 2 column 2 "0 - 499" held: a table with a reporting period and headers that are not declared`,
				`ns table 2 row 1 column 1 "Reporting period" held: no table of National Security Letters, which every known capture has`,
			}},
		{name: "shifted_lines_held", page: `<h2>FISA Orders</h2><table>` + nsHead +
			`<tr><td>July - Dec 2019</td><td> </td><td>0 - 499</td><td>14,500 - 14,999</td><td>0 - 499</td></tr></table><h2>National Security Letters</h2><table>` + nsHead +
			`<tr><td>July - Dec 2019</td><td>N/A</td><td>0 - 499</td><td>N/A</td><td>500 - 999</td></tr></table>`,
			want: []string{
				`ns table 1 row 2 column 2 "" held: an empty cell among the bands: the line's cells may be shifted | July - Dec 2019 | FISA Orders`,
				`ns table 1 row 2 column 3 "0 - 499" held: an empty cell among the bands: the line's cells may be shifted | July - Dec 2019 | FISA Orders`,
				`ns table 1 row 2 column 4 "14,500 - 14,999" held: an empty cell among the bands: the line's cells may be shifted | July - Dec 2019 | FISA Orders`,
				`ns table 1 row 2 column 5 "0 - 499" held: an empty cell among the bands: the line's cells may be shifted | July - Dec 2019 | FISA Orders`,
				`ns table 2 row 2 column 2 "N/A" held: figures where there are none, or none where there are: the line's cells may be shifted | July - Dec 2019 | National Security Letters`,
				`ns table 2 row 2 column 3 "0 - 499" held: figures where there are none, or none where there are: the line's cells may be shifted | July - Dec 2019 | National Security Letters`,
				`ns table 2 row 2 column 4 "N/A" held: figures where there are none, or none where there are: the line's cells may be shifted | July - Dec 2019 | National Security Letters`,
				`ns table 2 row 2 column 5 "500 - 999" held: figures where there are none, or none where there are: the line's cells may be shifted | July - Dec 2019 | National Security Letters`,
			}},
		{name: "one_header_renamed", page: `<h2>FISA Orders</h2><table>` + strings.Replace(nsHead, "Accounts impacted by orders seeking content", "Users", 1) +
			`<tr><td>July - Dec 2019</td><td>0 - 499</td><td>14,500 - 14,999</td><td>0 - 499</td><td>0 - 499</td></tr></table>`, refused: "3 of the 4 headers"},
		{name: "one_header_renamed_above_many_lines", page: `<h2>FISA Orders</h2><table>` + strings.Replace(nsHead, "Accounts impacted by orders seeking content", "Users", 1) +
			strings.Repeat(`<tr><td>July - Dec 2019</td><td>0 - 499</td><td>14,500 - 14,999</td><td>0 - 499</td><td>0 - 499</td></tr>`, 9) + `</table>`, refused: "3 of the 4 headers"},
		{name: "no_heading_and_no_content", page: `<table>` + nsHead +
			`<tr><td>July - Dec 2019</td><td>N/A</td><td>N/A</td><td>0 - 499</td><td>0 - 499</td></tr></table>`, refused: "orders or letters"},
		{name: "no_period", page: `<h2>FISA Orders</h2><table>` + nsHead +
			`<tr><td> </td><td>0 - 499</td><td>14,500 - 14,999</td><td>0 - 499</td><td>0 - 499</td></tr></table>`, refused: "without a period"},
		{name: "cut", page: `<h2>FISA Orders</h2><table>` + nsHead + `<tr><td>July - Dec 2019</td><td>0 - 499</td><td>14,500 - 14,9`, refused: "not closed"},
		{name: "no_table", page: `<p>moved</p>`, refused: "no table"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := page(tc.page)
			rows, err := scrapetest.Rows(USNSOR(), c)
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
				got = append(got, withKeys(r))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			scrapetest.Capture(t, USNSOR(), c)
		})
	}
}

func usnsorTab() *tab {
	s := &tab{name: "US National Security Orders", cells: map[string]any{
		"B1": "U.S. National Security Orders Report", "C3": "Reporting Period", "D3": "Orders seeking disclosure of content",
		"E3": "Accounts impacted by orders seeking content", "F3": "Orders seeking disclosure of only non-content", "G3": "Accounts impacted by non-content orders",
		"B4": "Foreign Intelligence Surveillance Act (FISA) Orders", "C4": "July - Dec 2011", "D4": "0 - 999", "E4": "11,000 - 11,999", "F4": "0 - 999", "G4": "0 - 999",
		"C5": "Jan - June 2012", "D5": "0 - 999", "E5": "11,000 - 11,999", "F5": "0 - 999", "G5": "0 - 999", "H5": " ",
		"B7": "National Security Letters (NSL)", "C7": "July - Dec 2011", "D7": "N/A", "E7": "N/A", "F7": "0 - 999", "G7": "1000 - 1,999",
	}, merged: []string{"B4:B5", "B7:B8"}}
	return s
}

// TestUSNSOR_pageWithAnUnknownHeader: the table whose header has other words is held, each band of
// it, and the table beside it is read.
func TestUSNSOR_pageWithAnUnknownHeader(t *testing.T) {
	line := `<tr><td>Jan - June 2023</td><td>0 - 499</td><td>24,000 - 24,999</td><td>0 - 499</td><td>0 - 499</td></tr></table>`
	c := page(`<h2>Foreign Intelligence Surveillance Act Orders</h2><table>` +
		strings.NewReplacer("Reporting period", "zebra", "disclosure", "zebra", "impacted", "zebra").Replace(nsHead) + line +
		`<h2>National Security Letters</h2><table>` + nsHead + line)
	read, held, lost := 0, 0, 0
	for r, err := range (usnsor{}).Parse(c) {
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case r.Hold == "":
			read++
		case strings.Contains(r.Hold, "without a header that is declared"):
			held++
		case strings.Contains(r.Hold, "no table of orders under the Foreign Intelligence Surveillance Act"):
			lost++
		default:
			t.Errorf("held: %q", r.Hold)
		}
	}
	// Four bands and the period, which has a number in it.
	if read != 4 || held != 5 || lost != 1 {
		t.Errorf("%d read, %d held and %d lost, want 4, 5 and 1", read, held, lost)
	}
}

func TestUSNSOR_workbook(t *testing.T) {
	c := workbook(t, usnsorTab())
	got, err := read(t, USNSOR(), c)
	if err != nil {
		t.Fatal(err)
	}
	const at = "ns US National Security Orders!"
	want := []string{
		at + `D4 "0 - 999"`, at + `E4 "11,000 - 11,999"`, at + `F4 "0 - 999"`, at + `G4 "0 - 999"`,
		at + `D5 "0 - 999"`, at + `E5 "11,000 - 11,999"`, at + `F5 "0 - 999"`, at + `G5 "0 - 999"`,
		at + `D7 "N/A"`, at + `E7 "N/A"`, at + `F7 "0 - 999"`, at + `G7 "1000 - 1,999"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	scrapetest.Capture(t, USNSOR(), c)
	for _, tc := range []struct {
		name    string
		change  func(s *tab)
		held    string
		refused string
	}{
		{"number_beside", func(s *tab) { s.set("H5", 5) }, `ns US National Security Orders!H5 "5" held: in a place that no header declares`, ""},
		{"footnote_below", func(s *tab) { s.set("B9", "** as of June") }, `ns US National Security Orders!B9 "** as of June" ignored: footnote`, ""},
		{"header_renamed", func(s *tab) { s.set("E3", "Users") }, "", "3 of the 4 headers"},
		{"label_not_merged", func(s *tab) { s.merged = nil }, "", "names neither block"},
		{"label_gone", func(s *tab) { delete(s.cells, "B7"); s.merged = s.merged[:1] }, "", "names neither block"},
		{"period_gone", func(s *tab) { delete(s.cells, "C5") }, "", "without a period"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := usnsorTab()
			tc.change(s)
			got, err := read(t, USNSOR(), workbook(t, s))
			if tc.refused != "" {
				if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) {
					t.Fatalf("error %v, want ErrLayout with %q", err, tc.refused)
				}
				return
			}
			if err != nil || len(got) != len(want)+1 || !strings.Contains(strings.Join(got, "\n"), tc.held) {
				t.Errorf("rows %q, error %v, want one more: %s", got, err, tc.held)
			}
		})
	}
}

func TestUSNSOR_collect(t *testing.T) {
	const link = "https://cdn-dynmedia-1.microsoft.com/is/content/microsoftcorp/Microsoft_USNSOR_2021_H2.xlsx"
	g := &scrapetest.Getter{Files: map[string]string{usnsorPage: "page", link: "book"}, Page: []scrape.Link{
		{URL: "https://www.microsoft.com/x", Text: "Law Enforcement Requests Report 2022 (July-December)"},
		{URL: link, Text: "US National Security Orders Report 2021 (July-December)"},
	}}
	list, err := USNSOR().Collect(context.Background(), g)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range list {
		got = append(got, c.URL+" "+c.Edition)
	}
	if diff := cmp.Diff([]string{usnsorPage + " ", link + " 2021-H2"}, got); diff != "" {
		t.Errorf("captures (-want +got):\n%s", diff)
	}
}
