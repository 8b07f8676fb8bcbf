package microsoft

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"daylight/scrape"
	"daylight/scrape/scrapetest"
)

// tab is one sheet of a workbook that a test builds.
type tab struct {
	name   string
	cells  map[string]any // by cell name; a formula is given as formula
	merged []string
	hidden bool
}

// formula is a formula without a cached value.
type formula string

func (s *tab) set(cell string, v any) { s.cells[cell] = v }

func workbook(t testing.TB, tabs ...*tab) scrape.Capture {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range tabs {
		if i == 0 {
			must(f.SetSheetName("Sheet1", s.name))
		} else if _, err := f.NewSheet(s.name); err != nil {
			t.Fatal(err)
		}
		for cell, v := range s.cells {
			if e, ok := v.(formula); ok {
				must(f.SetCellFormula(s.name, cell, string(e)))
				continue
			}
			must(f.SetCellValue(s.name, cell, v))
		}
		for _, r := range s.merged {
			a, b, _ := strings.Cut(r, ":")
			must(f.MergeCell(s.name, a, b))
		}
	}
	for _, s := range tabs {
		if s.hidden {
			must(f.SetSheetVisible(s.name, false))
		}
	}
	var b bytes.Buffer
	must(f.Write(&b))
	c := scrape.BytesCapture(b.Bytes())
	c.Source, c.Name = lerrID, "test.xlsx"
	return c
}

const (
	hRequests   = "Total Number of Law Enforcement Requests"
	hAccounts   = "Accounts / Users Specified in Requests"
	hContent    = "Law Enforcement Requests Resulting in Disclosure of Content"
	hNonContent = "Law Enforcement Requests Resulting in Disclosure of Only Subscriber/Transactional (Non-Content) Data"
	hNoData     = "Law Enforcement Requests Resulting in Disclosure of No Customer Data (No Data Found)"
	hRejected   = "Law Enforcement Requests Resulting in Disclosure of No Customer Data (Request Rejected for Not Meeting Legal Requirements)"
)

// lines fills the table of a layout: TOTAL and two countries, and their shares.
func (s *tab) lines(row int, country string, counts [metrics]string, perAccount bool) {
	figures := []struct {
		name string
		n    [metrics]float64
	}{
		{"TOTAL", [metrics]float64{30, 50, 3, 15, 7, 5}},
		{"Germany", [metrics]float64{10, 20, 0, 6, 3, 1}},
		{"United States", [metrics]float64{20, 30, 3, 9, 4, 4}},
	}
	for i, f := range figures {
		at := strconv.Itoa(row + i)
		s.set(country+at, f.name)
		for m, col := range counts {
			s.set(col+at, f.n[m])
			if metric(m) < content {
				continue
			}
			whole := f.n[requests]
			if perAccount {
				whole = f.n[accounts]
			}
			s.set(string(col[0]-1)+at, f.n[m]/whole)
		}
	}
}

// v3 is the layout of 2014-H1 to 2017-H2, and of 2022-H1.
func v3(name string) *tab {
	s := &tab{name: name, cells: map[string]any{
		"A1": "Law Enforcement Requests Report 2016", "A2": "Requests received for all Microsoft Services from July - December 2016",
		"C4": "Total Requests", "F4": "Some Customer Data Disclosed", "K4": "No Customer Data Disclosed",
		"C5": hRequests, "D5": hAccounts, "F5": hContent, "H5": hNonContent, "K5": hNoData, "M5": hRejected,
		"C6": "#", "D6": "#", "F6": "%", "G6": "#", "H6": "%", "I6": "#", "K6": "%", "L6": "#", "M6": "%", "N6": "#",
	}, merged: []string{"C4:D4", "F4:I4", "K4:N4", "F5:G5", "H5:I5", "K5:L5", "M5:N5"}}
	s.lines(7, "A", [metrics]string{"C", "D", "G", "I", "L", "N"}, false)
	return s
}

// v6 is the layout of 2018-H1 to 2021-H2: countries in column B, no line of % and #.
func v6(name string) *tab {
	s := &tab{name: name, cells: map[string]any{
		"B1": "Law Enforcement Requests Report 2018", "B2": "Requests received for all Microsoft Services from January to June 2018",
		"D3": "Total Requests", "G3": "Some Customer Data Disclosed", "L3": "No Customer Data Disclosed",
		"D4": hRequests, "E4": hAccounts, "G4": hContent, "I4": hNonContent,
		"L4": strings.Replace(hNoData, " (No", "\n(No", 1), "N4": strings.Replace(hRejected, " (Req", "\n(Req", 1),
	}, merged: []string{"D3:E3", "G3:J3", "L3:O3", "G4:H4", "I4:J4", "L4:M4", "N4:O4"}}
	s.lines(5, "B", [metrics]string{"D", "E", "H", "J", "M", "O"}, false)
	return s
}

// v1 is the layout of 2013-H1: no spacer columns, other blanks in the headers.
func v1(name, title string) *tab {
	s := &tab{name: name, cells: map[string]any{
		"A1": title, "A2": "Country", "B2": hRequests, "C2": "Accounts/Users Specified in Requests",
		"D2": "Some Customer Data Disclosed", "H2": "No Customer Data Disclosed",
		"D3": hContent, "F3": hNonContent, "H3": strings.Replace(hNoData, "No Data", "No  Data", 1), "J3": strings.Replace(hRejected, "Data (", "Data(", 1),
		"D4": "%", "E4": "#", "F4": "%", "G4": "#", "H4": "%", "I4": "#", "J4": "%", "K4": "#",
	}, merged: []string{"A1:K1", "A2:A4", "B2:B4", "C2:C4", "D2:G2", "H2:K2", "D3:E3", "F3:G3", "H3:I3", "J3:K3"}}
	s.lines(5, "A", [metrics]string{"B", "C", "E", "G", "I", "K"}, false)
	return s
}

// civil is the civil sheet of 2022-H1, whose outcomes count accounts.
func civil() *tab {
	s := &tab{name: "Civil", cells: map[string]any{
		"A1": "Civil Requests Report July - December 2016",
		"C4": "Total Requests", "F4": "Some Customer Data Disclosed", "K4": "No Customer Data Disclosed",
		"C5": "Total Number of  Requests", "D5": "Accounts Specified in Requests", "F5": "Disclosure of Content",
		"H5": " Only Subscriber/ Transactional (Non-Content) Data", "K5": "No Data", "M5": "Rejected",
		"C6": "#", "D6": "#", "F6": "%", "G6": "#", "H6": "%", "I6": "#", "K6": "%", "L6": "#", "M6": "%", "N6": "#",
	}}
	s.lines(7, "A", [metrics]string{"C", "D", "G", "I", "L", "N"}, true)
	return s
}

func brief(r scrape.Row) string {
	s := fmt.Sprintf("%s %s %q", r.Table, r.Value.At, r.Value.Text)
	if c, ok := r.Key(scrape.RoleCountry); ok && r.Ignore == "" && r.Hold == "" {
		s += " of " + c.Text
	}
	if r.Total {
		s += " total"
	}
	if r.Ignore != "" {
		s += " ignored: " + r.Ignore
	}
	if r.Hold != "" {
		s += " held: " + r.Hold
	}
	return s
}

// read returns the rows in short, shares left out.
func read(t testing.TB, src scrape.Source, c scrape.Capture) ([]string, error) {
	t.Helper()
	rows, err := scrapetest.Rows(src, c)
	var out []string
	for _, r := range rows {
		if r.Ignore != ignoreShare {
			out = append(out, brief(r))
		}
	}
	return out, err
}

func TestLERR_layouts(t *testing.T) {
	for _, tc := range []struct {
		name string
		tabs []*tab
		want []string
	}{
		{"v1_all_services_and_skype", []*tab{
			v1("MSFT", "Combined Microsoft Services (including Skype): January - June 2013 Law Enforcement Requests Report"),
			v1("Skype", "Skype: January - June 2013 Law Enforcement Requests Report"),
		}, []string{
			`criminal MSFT!B5 "30" of TOTAL total`, `criminal MSFT!C5 "50" of TOTAL total`, `criminal MSFT!E5 "3" of TOTAL total`,
			`criminal MSFT!G5 "15" of TOTAL total`, `criminal MSFT!I5 "7" of TOTAL total`, `criminal MSFT!K5 "5" of TOTAL total`,
			`criminal MSFT!B6 "10" of Germany`, `criminal MSFT!C6 "20" of Germany`, `criminal MSFT!E6 "0" of Germany`,
			`criminal MSFT!G6 "6" of Germany`, `criminal MSFT!I6 "3" of Germany`, `criminal MSFT!K6 "1" of Germany`,
			`criminal MSFT!B7 "20" of United States`, `criminal MSFT!C7 "30" of United States`, `criminal MSFT!E7 "3" of United States`,
			`criminal MSFT!G7 "9" of United States`, `criminal MSFT!I7 "4" of United States`, `criminal MSFT!K7 "4" of United States`,
			`skype Skype!B5 "30" of TOTAL total`, `skype Skype!C5 "50" of TOTAL total`, `skype Skype!E5 "3" of TOTAL total`,
			`skype Skype!G5 "15" of TOTAL total`, `skype Skype!I5 "7" of TOTAL total`, `skype Skype!K5 "5" of TOTAL total`,
			`skype Skype!B6 "10" of Germany`, `skype Skype!C6 "20" of Germany`, `skype Skype!E6 "0" of Germany`,
			`skype Skype!G6 "6" of Germany`, `skype Skype!I6 "3" of Germany`, `skype Skype!K6 "1" of Germany`,
			`skype Skype!B7 "20" of United States`, `skype Skype!C7 "30" of United States`, `skype Skype!E7 "3" of United States`,
			`skype Skype!G7 "9" of United States`, `skype Skype!I7 "4" of United States`, `skype Skype!K7 "4" of United States`,
		}},
		{"v3_spacer_columns", []*tab{v3("LERR")}, []string{
			`criminal LERR!C7 "30" of TOTAL total`, `criminal LERR!D7 "50" of TOTAL total`, `criminal LERR!G7 "3" of TOTAL total`,
			`criminal LERR!I7 "15" of TOTAL total`, `criminal LERR!L7 "7" of TOTAL total`, `criminal LERR!N7 "5" of TOTAL total`,
			`criminal LERR!C8 "10" of Germany`, `criminal LERR!D8 "20" of Germany`, `criminal LERR!G8 "0" of Germany`,
			`criminal LERR!I8 "6" of Germany`, `criminal LERR!L8 "3" of Germany`, `criminal LERR!N8 "1" of Germany`,
			`criminal LERR!C9 "20" of United States`, `criminal LERR!D9 "30" of United States`, `criminal LERR!G9 "3" of United States`,
			`criminal LERR!I9 "9" of United States`, `criminal LERR!L9 "4" of United States`, `criminal LERR!N9 "4" of United States`,
		}},
		{"v6_no_line_of_marks", []*tab{v6("Emergencies")}, []string{
			`emergencies Emergencies!D5 "30" of TOTAL total`, `emergencies Emergencies!E5 "50" of TOTAL total`, `emergencies Emergencies!H5 "3" of TOTAL total`,
			`emergencies Emergencies!J5 "15" of TOTAL total`, `emergencies Emergencies!M5 "7" of TOTAL total`, `emergencies Emergencies!O5 "5" of TOTAL total`,
			`emergencies Emergencies!D6 "10" of Germany`, `emergencies Emergencies!E6 "20" of Germany`, `emergencies Emergencies!H6 "0" of Germany`,
			`emergencies Emergencies!J6 "6" of Germany`, `emergencies Emergencies!M6 "3" of Germany`, `emergencies Emergencies!O6 "1" of Germany`,
			`emergencies Emergencies!D7 "20" of United States`, `emergencies Emergencies!E7 "30" of United States`, `emergencies Emergencies!H7 "3" of United States`,
			`emergencies Emergencies!J7 "9" of United States`, `emergencies Emergencies!M7 "4" of United States`, `emergencies Emergencies!O7 "4" of United States`,
			`unknown Emergencies!B5 "TOTAL" held: no sheet of criminal, which every known workbook of 2018-H1 has`,
			`unknown Emergencies!B5 "TOTAL" held: no sheet of civil, which every known workbook of 2018-H1 has`,
		}},
		{"civil", []*tab{civil()}, []string{
			`civil Civil!C7 "30" of TOTAL total`, `civil Civil!D7 "50" of TOTAL total`, `civil Civil!G7 "3" of TOTAL total`,
			`civil Civil!I7 "15" of TOTAL total`, `civil Civil!L7 "7" of TOTAL total`, `civil Civil!N7 "5" of TOTAL total`,
			`civil Civil!C8 "10" of Germany`, `civil Civil!D8 "20" of Germany`, `civil Civil!G8 "0" of Germany`,
			`civil Civil!I8 "6" of Germany`, `civil Civil!L8 "3" of Germany`, `civil Civil!N8 "1" of Germany`,
			`civil Civil!C9 "20" of United States`, `civil Civil!D9 "30" of United States`, `civil Civil!G9 "3" of United States`,
			`civil Civil!I9 "9" of United States`, `civil Civil!L9 "4" of United States`, `civil Civil!N9 "4" of United States`,
			`unknown Civil!A7 "TOTAL" held: no sheet of criminal, which every known workbook of 2016-H2 has`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := workbook(t, tc.tabs...)
			got, err := read(t, LERR(), c)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			scrapetest.Capture(t, LERR(), c)
		})
	}
}

// swap exchanges the texts of two columns on the given rows.
func (s *tab) swap(a, b string, rows ...int) {
	for _, r := range rows {
		n := strconv.Itoa(r)
		s.cells[a+n], s.cells[b+n] = s.cells[b+n], s.cells[a+n]
	}
}

// TestLERR_traps changes a sound sheet in one way. Either the rows named are there, and
// all others as before, or the workbook is refused.
func TestLERR_traps(t *testing.T) {
	ofSum := civil()
	for i, n := range []float64{2, 15, 7, 5} {
		row := []string{"F", "H", "K", "M"}[i]
		ofSum.set(row+"7", n/29)
		ofSum.set([]string{"G", "I", "L", "N"}[i]+"7", int(n))
	}
	counts := [][2]string{{"C8", "10"}, {"D8", "20"}, {"G8", "0"}, {"I8", "6"}, {"L8", "3"}, {"N8", "1"}}
	var germany []string // the line as it is read when it is sound
	for _, c := range counts {
		germany = append(germany, fmt.Sprintf("criminal LERR!%s %q of Germany", c[0], c[1]))
	}
	// shifted is the same line when one of its cells says that all of them may be shifted.
	shifted := func(why string) (out []string) {
		at, _, _ := strings.Cut(why, " ")
		for _, c := range counts {
			if c[0] == at {
				c[1] = "0.25"
			}
			out = append(out, fmt.Sprintf("criminal LERR!%s %q held: %s: the line's cells may be shifted", c[0], c[1], why))
		}
		return out
	}
	for _, tc := range []struct {
		name    string
		tab     *tab
		change  func(s *tab)
		want    []string // more or other rows than the sound sheet gives
		gone    []string // rows that the sound sheet gives and this one does not
		refused string   // part of the error
	}{
		{name: "footnote_and_mark", tab: v3("LERR"), change: func(s *tab) {
			s.set("A8", "Turkey*")
			s.set("A12", "* The law changed.")
			s.set("A13", "A note of many words that names no country and stands below the table.")
		}, want: []string{
			`criminal LERR!C8 "10" of Turkey*`, `criminal LERR!D8 "20" of Turkey*`, `criminal LERR!G8 "0" of Turkey*`, `criminal LERR!I8 "6" of Turkey*`,
			`criminal LERR!L8 "3" of Turkey*`, `criminal LERR!N8 "1" of Turkey*`, `criminal LERR!A12 "* The law changed." ignored: footnote`,
			`criminal LERR!A13 "A note of many words that names no country and stands below the table." ignored: footnote`,
		}, gone: []string{
			`criminal LERR!C8 "10" of Germany`, `criminal LERR!D8 "20" of Germany`, `criminal LERR!G8 "0" of Germany`, `criminal LERR!I8 "6" of Germany`,
			`criminal LERR!L8 "3" of Germany`, `criminal LERR!N8 "1" of Germany`,
		}},
		{name: "blank_text_in_a_count", tab: v3("LERR"), change: func(s *tab) { s.set("D8", "  ") },
			want: []string{`criminal LERR!D8 "  " of Germany`}, gone: []string{`criminal LERR!D8 "20" of Germany`}},
		{name: "no_cell_for_a_count", tab: v3("LERR"), change: func(s *tab) { delete(s.cells, "G8") },
			want: []string{`criminal LERR!G8 "" of Germany`}, gone: []string{`criminal LERR!G8 "0" of Germany`}},
		{name: "fraction", tab: v3("LERR"), change: func(s *tab) { s.set("C8", 20.142857142857142) },
			want: []string{`criminal LERR!C8 "20.142857142857142" of Germany`}, gone: []string{`criminal LERR!C8 "10" of Germany`}},
		{name: "formula_without_a_value", tab: v3("LERR"), change: func(s *tab) { s.set("C8", formula("SUM(G8:N8)")) },
			want: []string{`criminal LERR!C8 "" held: formula without value where a count was expected`}, gone: []string{`criminal LERR!C8 "10" of Germany`}},
		{name: "truth_value_in_a_count", tab: v3("LERR"), change: func(s *tab) { s.set("C8", true) },
			want: []string{`criminal LERR!C8 "1" held: bool where a count was expected`}, gone: []string{`criminal LERR!C8 "10" of Germany`}},
		{name: "filler_zero_in_a_spacer", tab: v3("LERR"), change: func(s *tab) { s.set("E8", 0) },
			want: []string{`criminal LERR!E8 "0" ignored: filler zero in a spacer column`}},
		{name: "number_in_a_spacer", tab: v3("LERR"), change: func(s *tab) { s.set("E8", 7) },
			want: append(shifted("E8 is in a column that no header declares"), `criminal LERR!E8 "7" held: in a column that no header declares`), gone: germany},
		{name: "share_in_a_count", tab: v3("LERR"), change: func(s *tab) { s.set("G8", 0.25) },
			want: shifted("G8 holds 0.25, a share where a count was expected"), gone: germany},
		{name: "count_in_a_share", tab: v3("LERR"), change: func(s *tab) { s.set("F8", 250) },
			want: shifted("F8 holds 250 where a share was expected"), gone: germany},
		{name: "share_in_a_count_of_the_total", tab: v3("LERR"), change: func(s *tab) { s.set("G7", 0.25) }, refused: "line TOTAL: G7 holds 0.25"},
		{name: "counts_and_shares_exchanged_below_the_total", tab: v3("LERR"), change: func(s *tab) {
			s.lines(40, "A", [metrics]string{"C", "D", "G", "I", "L", "N"}, false)
			s.set("A40", "Norway") // the lines of the table are two, and three must be shifted
			s.swap("L", "K", 8, 9, 40)
		}, refused: "lines have shares among their counts"},
		{name: "total_without_a_count", tab: v3("LERR"), change: func(s *tab) { delete(s.cells, "G7") },
			want: []string{
				`criminal LERR!G7 "" total held: the line TOTAL prints nothing under this header: the column may be emptied, or another one`,
				`criminal LERR!G8 "0" held: the line TOTAL prints nothing under this header: the column may be emptied, or another one`,
				`criminal LERR!G9 "3" held: the line TOTAL prints nothing under this header: the column may be emptied, or another one`,
			},
			gone: []string{`criminal LERR!G7 "3" of TOTAL total`, `criminal LERR!G8 "0" of Germany`, `criminal LERR!G9 "3" of United States`}},
		{name: "skype_with_a_title_of_all_services", tab: v3("Skype"), change: func(*tab) {}, refused: "contradict each other"},
		{name: "new_column_between", tab: v3("LERR"), change: func(s *tab) { s.set("E5", "Requests Withdrawn"); s.set("E8", 0) },
			want: []string{`criminal LERR!E5 "Requests Withdrawn" held: header that is not declared`, `criminal LERR!E8 "0" held: in a column that no header declares`}},
		{name: "new_column_right", tab: v3("LERR"), change: func(s *tab) { s.set("P5", "Requests Withdrawn"); s.set("P8", 4) },
			want: []string{`criminal LERR!P5 "Requests Withdrawn" held: text beside the table that no header declares`, `criminal LERR!P8 "4" held: number beside the table that no header declares`}},
		{name: "names_without_figures_far_below", tab: v3("LERR"), change: func(s *tab) { s.set("A66", "Czech Republic") },
			want: []string{`criminal LERR!A66 "Czech Republic" ignored: country name without figures`}},
		{name: "line_after_a_gap", tab: v3("LERR"), change: func(s *tab) {
			s.lines(40, "A", [metrics]string{"C", "D", "G", "I", "L", "N"}, false)
			s.set("A40", "Norway")
			for col := 'A'; col <= 'N'; col++ {
				delete(s.cells, string(col)+"41")
				delete(s.cells, string(col)+"42")
			}
		}, want: []string{
			`criminal LERR!C40 "30" of Norway`, `criminal LERR!D40 "50" of Norway`, `criminal LERR!G40 "3" of Norway`,
			`criminal LERR!I40 "15" of Norway`, `criminal LERR!L40 "7" of Norway`, `criminal LERR!N40 "5" of Norway`,
		}},
		{name: "figures_without_a_country", tab: v3("LERR"), change: func(s *tab) { s.set("C12", 99) },
			want: []string{`criminal LERR!C12 "99" held: figure on a line without a country`}},
		{name: "figures_right_below_the_countries", tab: v3("LERR"), change: func(s *tab) { s.set("C10", 99) },
			want: []string{
				`criminal LERR!C10 "99" held: figure on a line without a country`,
				`criminal LERR!C7 "30" total held: C10 holds a figure on a line without a country: names and figures may be shifted against each other`,
				`criminal LERR!C8 "10" held: C10 holds a figure on a line without a country: names and figures may be shifted against each other`,
				`criminal LERR!C9 "20" held: C10 holds a figure on a line without a country: names and figures may be shifted against each other`,
			},
			gone: []string{`criminal LERR!C7 "30" of TOTAL total`, `criminal LERR!C8 "10" of Germany`, `criminal LERR!C9 "20" of United States`}},
		{name: "side_boxes", tab: v6("Criminal"), change: func(s *tab) {
			s.set("Q4", "Number of warrants from U.S. law enforcement seeking consumer content data stored outside the United States")
			s.set("R4", "Number of warrants from U.S. law enforcement resulting in disclosure of enterprise content data stored outside the United States")
			s.set("Q7", 133)
			s.set("R7", 1)
			s.merged = append(s.merged, "Q4:Q6", "R4:R6")
			s.set("Q8", "Number of disclosures involving Dynamics 365 enterprise Customers")
			s.set("R8", "Number of disclosures involving Azure enterprise customers for content belonging to commercial, public sector, or an educational customer")
			s.set("Q9", 0)
			s.set("R9", 0)
		}, want: []string{
			`warrants_abroad_consumer Criminal!Q7 "133"`, `warrants_abroad_enterprise Criminal!R7 "1"`,
			`enterprise_dynamics Criminal!Q9 "0"`, `enterprise_azure Criminal!R9 "0"`,
		}},
		{name: "side_box_with_two_figures", tab: v6("Criminal"), change: func(s *tab) {
			s.set("Q4", "Number of warrants from U.S. law enforcement seeking consumer content data stored outside the United States")
			s.set("Q6", 133)
			s.set("Q7", 134)
		}, want: []string{`warrants_abroad_consumer Criminal!Q6 "133"`, `criminal Criminal!Q7 "134" held: number beside the table that no header declares`}},
		{name: "side_box_without_a_figure", tab: v6("Criminal"), change: func(s *tab) {
			s.set("Q4", "Number of disclosures involving Dynamics 365 enterprise Customers")
		}, want: []string{`enterprise_dynamics Criminal!Q4 "Number of disclosures involving Dynamics 365 enterprise Customers" held: header beside the table without a figure below it`}},
		{name: "columns_moved_with_their_headers", tab: v3("LERR"), change: func(s *tab) { s.swap("C", "D", 5, 6, 7, 8, 9) },
			want: []string{
				`criminal LERR!D7 "30" of TOTAL total`, `criminal LERR!C7 "50" of TOTAL total`, `criminal LERR!D8 "10" of Germany`,
				`criminal LERR!C8 "20" of Germany`, `criminal LERR!D9 "20" of United States`, `criminal LERR!C9 "30" of United States`,
			}, gone: []string{
				`criminal LERR!C7 "30" of TOTAL total`, `criminal LERR!D7 "50" of TOTAL total`, `criminal LERR!C8 "10" of Germany`,
				`criminal LERR!D8 "20" of Germany`, `criminal LERR!C9 "20" of United States`, `criminal LERR!D9 "30" of United States`,
			}},
		{name: "counts_moved_without_headers", tab: v3("LERR"), change: func(s *tab) { s.swap("G", "I", 7, 8, 9) }, refused: "columns exchanged"},
		{name: "requests_and_accounts_moved_without_headers", tab: v3("LERR"), change: func(s *tab) { s.swap("C", "D", 7, 8, 9) }, refused: "columns exchanged"},
		// Outcomes that count 29 beside 30 requests and 50 accounts: the shares are of the sum.
		{name: "civil_shares_of_the_sum", tab: ofSum, change: func(s *tab) { s.swap("G", "I", 7, 8, 9) }, refused: "columns exchanged"},
		{name: "share_and_count_exchanged", tab: v6("Criminal"), change: func(s *tab) { s.swap("G", "H", 5, 6, 7) }, refused: "columns exchanged"},
		{name: "marks_exchanged", tab: v3("LERR"), change: func(s *tab) { s.swap("F", "G", 6) }, refused: "where % and # were expected"},
		{name: "no_marks_and_not_merged", tab: v6("Criminal"), change: func(s *tab) { s.merged = nil }, refused: "which is which"},
		{name: "header_renamed", tab: v3("LERR"), change: func(s *tab) { s.set("M5", "Requests Turned Down") }, refused: "no header for rejected"},
		{name: "header_twice", tab: v3("LERR"), change: func(s *tab) { s.set("H5", hContent) }, refused: "twice"},
		{name: "no_total", tab: v3("LERR"), change: func(s *tab) { s.set("A7", "All countries") }, refused: "no line TOTAL"},
		{name: "total_moved_to_the_end", tab: v3("LERR"), change: func(s *tab) { s.set("A7", "Norway"); s.set("A30", "TOTAL"); s.set("C30", 30) }, refused: "no line TOTAL"},
		{name: "total_twice", tab: v3("LERR"), change: func(s *tab) { s.set("A20", "TOTAL"); s.set("C20", 30) }, refused: "a second line TOTAL"},
		{name: "second_table_below", tab: v3("LERR"), change: func(s *tab) { s.set("C20", hRequests) }, refused: "a second table"},
		{name: "year_missing", tab: v3("LERR"), change: func(s *tab) {
			s.set("A1", "Law Enforcement Requests Report")
			s.set("A2", "Requests received for all Microsoft Services from July - December")
		}, refused: "names no year"},
		{name: "years_differ", tab: v3("LERR"), change: func(s *tab) { s.set("A1", "Law Enforcement Requests Report 2015") }, refused: "different years"},
		{name: "months_differ", tab: v3("LERR"), change: func(s *tab) { s.set("A1", "Law Enforcement Requests Report January - June 2016") }, refused: "different months"},
		{name: "no_title", tab: v3("Criminal"), change: func(s *tab) { delete(s.cells, "A1"); delete(s.cells, "A2") }, refused: "no title names a period"},
		{name: "name_contradicts_headers", tab: v3("Civil Legal Requests"), change: func(*tab) {}, refused: "contradicts the headers"},
		{name: "name_contradicts_title", tab: v3("Emergencies"), change: func(s *tab) { s.set("A1", "Civil Requests Report 2016") }, refused: "contradict each other"},
		{name: "name_not_declared", tab: v3("Enterprise"), change: func(*tab) {}, refused: "no sheet with a declared table"},
		{name: "number_for_a_country", tab: v3("LERR"), change: func(s *tab) { s.set("A8", 49) }, refused: "where a country's name was expected"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sound, err := read(t, LERR(), workbook(t, tc.tab))
			if err != nil && tc.refused == "" {
				t.Fatal(err)
			}
			changed := &tab{tc.tab.name, maps.Clone(tc.tab.cells), slices.Clone(tc.tab.merged), false}
			tc.change(changed)
			c := workbook(t, changed)
			got, err := read(t, LERR(), c)
			if tc.refused != "" {
				if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) {
					t.Fatalf("error %v, want ErrLayout with %q", err, tc.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var more, gone []string
			for _, r := range got {
				if !slices.Contains(sound, r) {
					more = append(more, r)
				}
			}
			for _, r := range sound {
				if !slices.Contains(got, r) {
					gone = append(gone, r)
				}
			}
			slices.Sort(tc.want)
			slices.Sort(tc.gone)
			slices.Sort(more)
			slices.Sort(gone)
			if diff := cmp.Diff([][]string{tc.want, tc.gone}, [][]string{more, gone}); diff != "" {
				t.Errorf("rows more and gone (-want +got):\n%s", diff)
			}
			scrapetest.Capture(t, LERR(), c)
		})
	}
}

func keysOf(t *testing.T, c scrape.Capture) []string {
	t.Helper()
	rows, err := scrapetest.Rows(LERR(), c)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		s := r.Table + ":"
		for _, k := range r.Keys {
			if k.Role != scrape.RoleCountry {
				s += fmt.Sprintf(" %s %q %s", k.Role, k.Text, k.At)
			}
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func TestLERR_periods(t *testing.T) {
	emergencies := v3("Total - Emergencies")
	delete(emergencies.cells, "A1")
	delete(emergencies.cells, "A2")
	noYear := v3("Total - Criminal")
	noYear.set("A1", "Law Enforcement Requests Report 2017")
	noYear.set("A2", "Requests received for all Microsoft Services from January to June")
	other := civil()
	other.set("A1", "Civil Legal Request Disclosures, January 2017 - June 2017")
	older := civil()
	older.set("A1", "Civil Legal Request Disclosures, January 2016 - June 2016")
	half := func(c scrape.Capture, edition string) scrape.Capture { c.Edition = edition; return c }
	named2 := func(name string, c scrape.Capture) scrape.Capture { c.Name = name; return c }
	untitled := v3("Criminal")
	delete(untitled.cells, "A1")
	delete(untitled.cells, "A2")
	named := workbook(t, untitled)
	named.Edition = "2024-H1"
	for _, tc := range []struct {
		name string
		c    scrape.Capture
		want []string
	}{
		{"year_in_another_title", workbook(t, noYear), []string{
			`criminal: period "Requests received for all Microsoft Services from January to June" Total - Criminal!A2 year "Law Enforcement Requests Report 2017" Total - Criminal!A1`,
			"unknown:", // no sheet of emergencies
		}},
		{"no_title_takes_the_other_sheet's", workbook(t, noYear, emergencies), []string{
			`criminal: period "Requests received for all Microsoft Services from January to June" Total - Criminal!A2 year "Law Enforcement Requests Report 2017" Total - Criminal!A1`,
			`emergencies: period "Requests received for all Microsoft Services from January to June" Total - Criminal!A2 year "Law Enforcement Requests Report 2017" Total - Criminal!A1`,
		}},
		{"each_sheet_says_its_own", half(workbook(t, v3("TOTAL (2)"), older), "2016-H2"), []string{
			`criminal: period "Requests received for all Microsoft Services from July - December 2016" TOTAL (2)!A2`,
			`civil: period "Civil Legal Request Disclosures, January 2016 - June 2016" Civil!A1`,
		}},
		{"half-year_in_the_file_name", named2("Microsoft LERR_2016_H2.xlsx", workbook(t, v3("TOTAL (2)"), older)), []string{
			`criminal: period "Requests received for all Microsoft Services from July - December 2016" TOTAL (2)!A2`,
			`civil: period "Civil Legal Request Disclosures, January 2016 - June 2016" Civil!A1`,
		}},
		{"edition_of_the_capture", named, []string{`criminal: period "2024-H1" `, "unknown:"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, keysOf(t, tc.c)); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
		})
	}
	for _, tc := range []struct {
		name, want string
		c          scrape.Capture
	}{
		{"sheets_disagree_and_nothing_decides", "give the edition", workbook(t, v3("TOTAL (2)"), other)},
		{"title_against_the_edition", `the edition "2017-H1" says 2017-H1`, half(workbook(t, v3("TOTAL (2)")), "2017-H1")},
		{"title_against_the_file_name", `the file name "LERR_2017_H1.xlsx" says 2017-H1`, named2("LERR_2017_H1.xlsx", workbook(t, v3("TOTAL (2)")))},
		{"a_later_sheet", `sheet "Civil": its title says 2017-H1`, half(workbook(t, v3("TOTAL (2)"), other), "2016-H2")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := read(t, LERR(), tc.c)
			if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want ErrLayout with %q", err, tc.want)
			}
		})
	}
	t.Run("no_title_and_several_periods", func(t *testing.T) {
		_, err := read(t, LERR(), workbook(t, v3("TOTAL (2)"), other, emergencies))
		if !errors.Is(err, scrape.ErrLayout) {
			t.Errorf("error %v, want ErrLayout", err)
		}
	})
}

// The tabs' names alone tell criminal requests from emergencies.
func TestLERR_tabs_exchanged(t *testing.T) {
	few := v3("Criminal")
	for _, at := range []string{"C7", "C8", "C9"} {
		few.set(at, 1)
	}
	_, err := read(t, LERR(), workbook(t, few, v3("Emergencies")))
	if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), "exchanged") {
		t.Errorf("error %v, want ErrLayout", err)
	}
}

func TestLERR_sheets(t *testing.T) {
	scratch := &tab{name: "Sheet1", cells: map[string]any{"A1": 4, "B1": 5}}
	hidden := v3("Emergencies")
	hidden.hidden = true
	ns := &tab{name: "NS", cells: map[string]any{
		"B1": "Orders seeking", "C1": "Accounts impacted", "D1": "Orders seeking", "E1": "Accounts impacted by non-content orders",
		"B2": "disclosure of content", "C2": "by orders seeking", "D2": "disclosure of only", "C3": "content", "D3": "non-content",
		"A4": "Foreign Intelligence Surveillance Act (FISA) Orders*", "B4": "0 - 499", "C4": "12,500 - 12,999", "D4": "0 - 499", "E4": "0 - 499",
		"F4":  "Reporting Period: January 2016 - June 2016",
		"A13": "National Security Letters (NSL**)", "B13": "N/A", "C13": "N/A", "D13": "0 - 499", "E13": "500 - 999", "F13": "Reporting Period: January 2016 - June 2016",
	}, merged: []string{"A1:A3", "A4:A12", "A13:A22", "B4:B12", "C4:C12", "D4:D12", "E4:E12", "F4:I12", "F13:I22", "B13:B22", "C13:C22", "D13:D22", "E13:E22"}}
	alone := &tab{name: "NS", cells: maps.Clone(ns.cells), merged: []string{"A1:A3", "A4:A12"}}
	for _, at := range []string{"A13", "B13", "C13", "D13", "E13", "F13"} {
		delete(alone.cells, at)
	}
	alone.set("F4", "Reporting Period: July 2016 - December 2016")
	const late = `period "Reporting Period: July 2016 - December 2016" in a workbook of 2016-H2, whose sheet of national security orders should report the half-year before`
	for _, tc := range []struct {
		name    string
		tabs    []*tab
		want    []string // rows of tables other than criminal
		refused string
	}{
		{name: "scratch_sheet", tabs: []*tab{v3("Criminal"), scratch}, want: []string{`unknown Sheet1!A1 "4" held: sheet "Sheet1": no header that is declared`}},
		{name: "hidden_sheet", tabs: []*tab{v3("Criminal"), hidden}, want: []string{`unknown Emergencies!A1 "Law Enforcement Requests Report 2016" held: sheet "Emergencies": a hidden sheet with a table of emergencies`}},
		{name: "empty_sheet", tabs: []*tab{v3("Criminal"), {name: "Empty", cells: map[string]any{}}}},
		{name: "sheet_of_another_name", tabs: []*tab{v3("Criminal"), v3("Enterprise")}, want: []string{`unknown Enterprise!A1 "Law Enforcement Requests Report 2016" held: sheet "Enterprise": a tab's name with the word "enterprise" is not declared`}},
		{name: "emergencies_before_there_were_any", tabs: []*tab{v3("Criminal"), v3("Emergencies")}, refused: "a sheet of emergencies in 2016-H2"},
		{name: "national_security_of_another_half-year", tabs: []*tab{v3("Criminal"), alone}, want: []string{
			`ns NS!B4 "0 - 499" held: ` + late, `ns NS!C4 "12,500 - 12,999" held: ` + late, `ns NS!D4 "0 - 499" held: ` + late, `ns NS!E4 "0 - 499" held: ` + late,
			`ns NS!B1 "Orders seeking" held: no table of National Security Letters, which every known capture has`,
		}},
		{name: "two_criminal_sheets", tabs: []*tab{v3("Criminal"), v3("Sheet1")}, refused: "both criminal"},
		{name: "national_security", tabs: []*tab{v3("Criminal"), ns}, want: []string{
			`ns NS!B4 "0 - 499"`, `ns NS!C4 "12,500 - 12,999"`, `ns NS!D4 "0 - 499"`, `ns NS!E4 "0 - 499"`,
			`ns NS!B13 "N/A"`, `ns NS!C13 "N/A"`, `ns NS!D13 "0 - 499"`, `ns NS!E13 "500 - 999"`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := workbook(t, tc.tabs...)
			got, err := read(t, LERR(), c)
			if tc.refused != "" {
				if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) {
					t.Fatalf("error %v, want ErrLayout with %q", err, tc.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append([]string(nil), slices.DeleteFunc(got, func(s string) bool { return strings.HasPrefix(s, "criminal ") })...)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			scrapetest.Capture(t, LERR(), c)
		})
	}
}

func TestLERR_collect(t *testing.T) {
	files := map[string]string{"https://query.prod.cms.rt.microsoft.com/cms/api/am/binary/RE9": "by its link"}
	for _, e := range []string{"2013-H1", "2021-H2", "2022-H2", "2023-H1"} {
		files[lerrFile+e] = e
	}
	g := &scrapetest.Getter{Files: files, Page: []scrape.Link{
		{URL: "https://www.microsoft.com/de-de", Text: "Deutsch 2031 (July-December)"},
		{URL: "https://query.prod.cms.rt.microsoft.com/cms/api/am/binary/RE9", Text: "Law Enforcement Requests Report 2022 (January-June)"},
		{URL: lerrFile + "2022-H2", Text: "Law Enforcement Requests Report 2022 (July-December)"},
	}}
	list, err := LERR().Collect(context.Background(), g)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range list {
		got = append(got, c.Edition+" "+c.URL)
	}
	want := []string{
		"2013-H1 " + lerrFile + "2013-H1", "2021-H2 " + lerrFile + "2021-H2",
		"2022-H1 https://query.prod.cms.rt.microsoft.com/cms/api/am/binary/RE9",
		"2022-H2 " + lerrFile + "2022-H2", "2023-H1 " + lerrFile + "2023-H1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("captures (-want +got):\n%s", diff)
	}
	if last := g.Asked[len(g.Asked)-1].URL; last != lerrFile+"2023-H2" {
		t.Errorf("asked last for %q, want the first half-year after the page's newest that is not out", last)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := LERR().Collect(ctx, g); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: error %v", err)
	}
}
