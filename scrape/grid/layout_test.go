package grid

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
)

// little is a report of two tables with one header and one that takes notes.
var little = Report{
	Provider: "little",
	Notes:    map[string]string{"readme*": "notes"},
	Layouts: []Layout{
		{Table: "red", Files: []string{"red*.csv"}, Ends: true, Fields: pair},
		{Table: "blue", Files: []string{"blue*.csv"}, Ends: true, Fields: pair},
		{Table: "home", Files: []string{"home*.csv"}, Fields: []Field{
			{Role: scrape.RoleCountry, Printed: []string{"State"}, Never: "each has a name"},
			{Printed: []string{"Requests"}, Last: "the newest line has one"},
		}},
		{Table: "odd", Files: []string{"odd*.csv"}, Fields: []Field{
			{Role: scrape.RoleCountry, Printed: []string{"Country", "Pays"}},
			{Printed: []string{"Low"}, Upper: []string{"High"}},
			{Printed: []string{"Total"}},
			{Printed: []string{"Again"}, Twin: "Total", Optional: true},
			{Printed: []string{"Empty"}, Optional: true, Blank: "left empty", Filled: "never filled before"},
			{Printed: []string{"Full"}, Optional: true, Never: "it never was"},
			{Printed: []string{"Home"}, Optional: true, Blank: "left empty", Only: func(keys []scrape.Cell) string {
				if keys[0].Text != "Chile" {
					return "it is Chile's alone"
				}
				return ""
			}},
			{Printed: []string{"Note"}, Optional: true, Ignore: "a note"},
		}, Line: func(keys []scrape.Cell) (v Verdict) {
			if keys[0].Text == "" {
				v.Rest = "no name"
			}
			return v
		}},
	},
}

var pair = []Field{
	{Role: scrape.RoleCountry, Printed: []string{"Country"}},
	{Printed: []string{"Requests"}},
}

func TestReport(t *testing.T) {
	for _, tc := range []struct {
		name, file, text string
		want             []string
		refused          string
	}{
		{name: "the_name_decides", file: "Blue (1).csv", text: "Country,Requests\nChile,1\n", want: []string{"blue 2.2 1"}},
		{name: "the_name_does_not_decide", file: "green.csv", text: "Country,Requests\nChile,1\n", refused: `the tables red, blue have these headers and the file name "green.csv" does not say which`},
		{name: "white_space_and_case_of_headers", file: "red.csv", text: "\n COUNTRY ,\u00a0re quests\nChile,1\n", refused: "no column"},
		{name: "white_space_folds", file: "red.csv", text: "\n COUNTRY ,\u00a0requests \nChile,1\n", want: []string{"red 3.2 1"}},
		{name: "upper_end_and_other_order", file: "x.csv", text: "Total,High,Low,Pays\n7,9,5,Chili\n", want: []string{"odd 2.1 7", "odd 2.3 5..9"}},
		{name: "upper_end_missing", file: "odd.csv", text: "Total,Low,Pays\n7,5,Chili\n", refused: `no column "High"`},
		{name: "twin_alike", file: "x.csv", text: "Country,Low,High,Total,Again\nChile,1,2,3,3\n", want: []string{"odd 2.2 1..2", "odd 2.4 3", `odd 2.5 3 ignored: the same figure stands under "Total"`}},
		{name: "twin_instead", file: "x.csv", text: "Country,Low,High,Total,Again\nChile,1,2,,3\n", want: []string{"odd 2.2 1..2", `odd 2.4  ignored: left empty: the figure stands under "Again"`, "odd 2.5 3"}},
		{name: "twin_differs", file: "x.csv", text: "Country,Low,High,Total,Again\nChile,1,2,4,3\n", want: []string{"odd 2.2 1..2", "odd 2.4 4", `odd 2.5 3 held: column "Again" should repeat column "Total", which says "4"`}},
		{name: "blank_filled_and_note", file: "x.csv", text: "Country,Low,High,Total,Empty,Note\nChile,1,2,3,,see\nPeru,1,2,3,4,\n", want: []string{
			"odd 2.2 1..2", "odd 2.4 3", "odd 2.5  ignored: left empty", "odd 2.6 see ignored: a note",
			"odd 3.2 1..2", "odd 3.4 3", "odd 3.5 4 held: never filled before", "odd 3.6  ignored: a note",
		}},
		{name: "never_empty", file: "x.csv", text: "Country,Low,High,Total,Full\nChile,1,2,3,4\nPeru,1,2,3, \nChile,1,2,3,4\n", want: []string{
			"odd 2.2 1..2", "odd 2.4 3", "odd 2.5 4",
			`odd 3.2 1..2 held: column "Full" is empty: it never was`, `odd 3.4 3 held: column "Full" is empty: it never was`, `odd 3.5   held: column "Full" is empty: it never was`,
			"odd 4.2 1..2", "odd 4.4 3", "odd 4.5 4",
		}},
		{name: "filled_on_another_line", file: "x.csv", text: "Country,Low,High,Total,Home\nChile,1,2,3,4\nPeru,1,2,3,\nPeru,1,2,3,4\n", want: []string{
			"odd 2.2 1..2", "odd 2.4 3", "odd 2.5 4", "odd 3.2 1..2", "odd 3.4 3", "odd 3.5  ignored: left empty",
			`odd 4.2 1..2 held: column "Home" is filled: it is Chile's alone`, `odd 4.4 3 held: column "Home" is filled: it is Chile's alone`, `odd 4.5 4 held: column "Home" is filled: it is Chile's alone`,
		}},
		{name: "line_of_a_rest", file: "x.csv", text: "Country,Low,High,Total,Note\n,,,,5\n", want: []string{
			"odd 2.2  ignored: no name", "odd 2.4  ignored: no name", "odd 2.5 5 ignored: no name",
		}},
		{name: "figure_of_a_rest", file: "x.csv", text: "Country,Low,High,Total,Note\nChile,1,2,3,\n,1,2,,5\n", refused: `line 3: "1" under "Low" on a line without a name`},
		{name: "key_never_empty", file: "home.csv", text: "State,Requests\nChile,1\n ,2\nPeru,3\n", refused: `line 3: column "State" is empty: each has a name; the column may be shifted`},
		{name: "never_empty_in_the_last_line", file: "x.csv", text: "Country,Low,High,Total,Full\nChile,1,2,3,4\nPeru,1,2,3,\n", refused: `line 3: column "Full" is empty in the last line: it never was`},
		{name: "last_never_empty", file: "home.csv", text: "State,Requests\nChile,\nPeru,\n", refused: `line 3: column "Requests" is empty in the last line: the newest line has one`},
		{name: "last_filled", file: "home.csv", text: "State,Requests\nChile,\nPeru,2\n", want: []string{"home 2.2 ", "home 3.2 2"}},
		{name: "column_moved_up", file: "red.csv", text: "Country,Requests\n" + strings.Repeat("Chile,1\n", 11) + "Peru,\n", refused: `line 13: column "Requests" is empty in the last line: all lines above fill it`},
		{name: "column_with_gaps_ends_empty", file: "red.csv", text: "Country,Requests\nChile,\nPeru,1\nPeru,\n", want: []string{"red 2.2 ", "red 3.2 1", "red 4.2 "}},
		{name: "name_of_another_table", file: "home.csv", text: "Country,Low,High,Total\nChile,1,2,3\n", refused: `the headers are those of table odd, but the file name "home.csv" says home`},
		{name: "commas_of_a_spreadsheet", file: "red.csv", text: "Country,Requests,\nChile,1,\n,,\n\n", want: []string{"red 2.2 1"}},
		{name: "open_last_line", file: "red.csv", text: "Country,Requests\nChile,1\nPeru,2", want: []string{"red 2.2 1", "red 3.2 2 open held: the file's last line has no line end: it may be cut in the middle of a figure"}},
		{name: "notes_alone", file: "README.md", text: "anything", want: []string{"file 1.0  ignored: notes"}},
		{name: "short_line", file: "red.csv", text: "Country,Requests\nChile\n", refused: "line 2: 1 fields under a header of 2"},
		{name: "no_line", file: "red.csv", text: "Country,Requests\n\n", refused: "no line follows the header"},
		{name: "no_header", file: "red.csv", text: "\n\n", refused: "no header line"},
		{name: "nearest_header", file: "red.csv", text: "Country,Request\nChile,1\n", refused: `no column "Requests"; the nearest header is "Request"`},
		{name: "broken_text_below", file: "red.csv", text: "Country,Requests\nChile,1\nBr\x8Esil,2\n", refused: `red.csv: layout not declared: text line 3`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := scrape.BytesCapture([]byte(tc.text))
			c.Name = tc.file
			var got []string
			var err error
			for r, e := range little.Parse(c) {
				if e != nil {
					err = e
					break
				}
				got = append(got, show(r))
			}
			if tc.refused != "" {
				if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) {
					t.Errorf("error %v, want ErrLayout with %q", err, tc.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestReport_lost_member reads archives of a report whose red table is always there.
func TestReport_lost_member(t *testing.T) {
	always := little
	always.Layouts = slices.Clone(little.Layouts)
	always.Layouts[0].Since = "2018-H2"
	blue := []string{"blue.csv", "Country,Requests\nChile,1\n"}
	for _, tc := range []struct {
		name    string
		members []string
		edition string
		excerpt bool
		want    []string
	}{
		{name: "all_there", members: []string{"red.csv", "Country,Requests\nChile,1\n"}, edition: "2022-H1", want: []string{"red red.csv: 2.2 1"}},
		{name: "lost", members: blue, edition: "2022-H1", want: []string{"blue blue.csv: 2.2 1",
			"file red*.csv: 1  held: no member is the table red, which every archive since 2018-H2 has"}},
		{name: "lost_before", members: blue, edition: "2018-H1", want: []string{"blue blue.csv: 2.2 1"}},
		{name: "lost_in_an_edition_that_is_not_known_yet", members: blue, want: []string{"blue blue.csv: 2.2 1"}},
		{name: "left_out_on_purpose", members: blue, edition: "2022-H1", excerpt: true, want: []string{"blue blue.csv: 2.2 1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := scrape.BytesCapture(archive(t, nil, tc.members...))
			c.Name, c.Excerpt, c.Edition = "x.zip", tc.excerpt, tc.edition
			var got []string
			for r, err := range always.Parse(c) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, show(r))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func show(r scrape.Row) string {
	at := strings.NewReplacer("line ", "", " column ", ".").Replace(r.Value.At.String())
	if !strings.Contains(at, ".") {
		at += ".0"
	}
	s := r.Table + " " + at + " " + r.Value.Text
	if r.Upper.Text != "" {
		s += ".." + r.Upper.Text
	}
	if r.Open {
		s += " open"
	}
	if r.Ignore != "" {
		s += " ignored: " + r.Ignore
	}
	if r.Hold != "" {
		s += " held: " + r.Hold
	}
	return s
}

// FuzzReport looks for panics, for errors that do not say ErrLayout, and for rows whose
// text is not at their place.
func FuzzReport(f *testing.F) {
	f.Add("red.csv", []byte("Country,Requests\nChile,1\n"))
	f.Add("x.csv", []byte("Country,Low,High,Total,Again\nChile,1,2,4,3"))
	f.Add("x.zip", archive(f, nil, "blue.csv", "Country,Requests\rChile,1\r", "y.png", "", "README", ""))
	f.Fuzz(func(t *testing.T, name string, in []byte) {
		c := scrape.BytesCapture(in)
		c.Name = name
		body, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for r, err := range little.Parse(c) {
			if err != nil {
				if !errors.Is(err, scrape.ErrLayout) {
					t.Fatalf("error %v, want ErrLayout", err)
				}
				break
			}
			if n++; r.Value.At.Col > 0 && n < 20 {
				if text, err := TextAt(body, r.Value.At); err != nil || text != r.Value.Text {
					t.Fatalf("at %s: %q, %v; want %q", r.Value.At, text, err, r.Value.Text)
				}
			}
		}
	})
}
