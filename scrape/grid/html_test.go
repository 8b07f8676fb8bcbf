package grid

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
)

// places prints a table: for each place the text of its cell, "^" where the cell began
// elsewhere, "-" where there is none.
func places(t *HTMLTable) (out []string) {
	for row := 1; row <= t.Rows(); row++ {
		var line []string
		for col := 1; col <= t.Cols(row); col++ {
			switch c := t.Cell(row, col); {
			case c == nil:
				line = append(line, "-")
			case c.Row != row || c.Col != col:
				line = append(line, "^")
			default:
				line = append(line, c.Text)
			}
		}
		out = append(out, strings.Join(line, "|"))
	}
	return out
}

func TestHTMLTables_places(t *testing.T) {
	for _, tc := range []struct {
		name string
		page string
		want [][]string
		bad  bool // the last table has an error
	}{
		{"rowspan", `<table><tr><td rowspan=2>a<td>b<tr><td>c</table>`, [][]string{{"a|b", "^|c"}}, false},
		{"colspan", `<table><tr><td colspan=2>a<td>b<tr><td>c<td>d<td>e</table>`, [][]string{{"a|^|b", "c|d|e"}}, false},
		{"rowspan_to_the_end", `<table><tr><td rowspan=0>a<td>b<tr><td>c</table>`, [][]string{{"a|b", "^|c"}}, false},
		{"rowspan_ends_with_its_group", `<table><thead><tr><td rowspan=9>a<td>b</thead><tbody><tr><td>c<td>d</table>`, [][]string{{"a|b", "c|d"}}, false},
		{"huge_spans", `<table><tr><td colspan=1000000 rowspan=99999999999999999999>a<tr><td>b</table>`, [][]string{{
			"a" + strings.Repeat("|^", 999), strings.Repeat("^|", 1000) + "b",
		}}, false},
		{"negative_span", `<table><tr><td colspan=-3>a<td>b</table>`, [][]string{{"a|b"}}, false},
		{"nested_table_is_its_own", `<table><tr><td>a<table><tr><td>in</table><td>b</table><table><tr><td>c</table>`, [][]string{{"a|b"}, {"in"}, {"c"}}, false},
		{"nested_tags", `<table><tr><td><p><b>1,</b>234</p><td><p>x</p><p>y</p><td>a<br>b</table>`, [][]string{{"1,234|x y|a b"}}, false},
		{"hidden_parts", `<table><tr><td><span style="display: none">9</span>12<td><i hidden>7</i>3</table>`, [][]string{{"12|3"}}, false},
		{"two_claim_a_place", `<table><tr><td>a<td rowspan=2>b<tr><td colspan=2>c</table>`, [][]string{{"a|b", "c|^"}}, true},
		{"white_space", "<table><tr><td>\n 0 -\t 499\n</td><td>a&nbsp;b</table>", [][]string{{"0 - 499|a\u00a0b"}}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tables, err := HTMLTables(strings.NewReader(tc.page))
			if err != nil {
				t.Fatal(err)
			}
			var got [][]string
			for _, table := range tables {
				got = append(got, places(table))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
			if last := tables[len(tables)-1]; errors.Is(last.Err, scrape.ErrLayout) != tc.bad {
				t.Errorf("table error %v", last.Err)
			}
		})
	}
}

func TestHTMLTables_marks(t *testing.T) {
	for _, tc := range []struct {
		cell    string
		text    string
		marks   []string
		printed string
	}{
		{"12,000<sup>1</sup>", "12,000", []string{"1"}, "12,000"},
		{"0 - 499*", "0 - 499", []string{"*"}, "0 - 499*"},
		{"0 - 499 **<sup>a</sup>", "0 - 499", []string{"**", "a"}, "0 - 499**"},
		{"1234†‡", "1234", []string{"†‡"}, "1234†‡"},
		{"1234¹", "1234", []string{"¹"}, "1234"},
		{"1234[1]", "1234", []string{"[1]"}, "1234"},
		{"[1234]", "[1234]", nil, "[1234]"},
		{"*", "*", nil, "*"},
		{"<sup>5</sup>", "5", nil, "5"},
		{"National Security Letters (NSL**)", "National Security Letters (NSL**)", nil, "National Security Letters (NSL**)"},
	} {
		t.Run(tc.cell, func(t *testing.T) {
			page := "<table><tr><td>" + tc.cell + "</td></tr></table>"
			tables, err := HTMLTables(strings.NewReader(page))
			if err != nil {
				t.Fatal(err)
			}
			c := tables[0].Cell(1, 1)
			if diff := cmp.Diff([]any{tc.text, tc.marks, tc.printed}, []any{c.Text, c.Marks, c.Printed()}); diff != "" {
				t.Errorf("text, marks, printed (-want +got):\n%s", diff)
			}
			if got, err := textAtHTML(strings.NewReader(page), tables[0].At(c)); err != nil || got != tc.printed {
				t.Errorf("text at %s: %q, %v", tables[0].At(c), got, err)
			}
		})
	}
}

func TestHTMLTables_surroundings(t *testing.T) {
	const page = `<html><body><h1>Report</h1><h2>Orders</h2><p>x</p><table hidden><caption> Cap  tion </caption><tr><td>1</table>` +
		`<h2>Letters <em>of 2013</em></h2><div><table><tr style="display:none"><td>2</table></div><h2>Orders</h2><table><tr><th>3</table></body></html>`
	tables, err := HTMLTables(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, table := range tables {
		c := table.Cell(1, 1)
		got = append(got, fmt.Sprintf("%d %q %q %t %q %t %t", table.Ordinal, table.Caption, table.Heading, table.Hidden, c.Text, c.Hidden, c.Header))
		text, err := textAtProse(strings.NewReader(page), table.HeadingAt)
		if err != nil || text != table.Heading {
			t.Errorf("table %d: the heading at %s is %q, %v", table.Ordinal, table.HeadingAt, text, err)
		}
	}
	want := []string{
		`1 "Cap tion" "Orders" true "1" false false`, `2 "" "Letters of 2013" false "2" true false`, `3 "" "Orders" false "3" false true`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	if tables[0].HeadingAt == tables[2].HeadingAt {
		t.Error("two headings of the same text have one place")
	}
}

func TestHTMLTables_refused(t *testing.T) {
	wide := "<table>" + strings.Repeat("<tr><td colspan=1000>x", 5000) + "</table>"
	far := "<table><tr>" + strings.Repeat("<td colspan=1000>x", 1500) + "<td rowspan=60000>x" + strings.Repeat("<tr>", 60000) + "</table>"
	overlap := "<table>" + strings.Repeat("<tr><td rowspan=9000 colspan=3>x<td><td rowspan=9000 colspan=1000>y", 9000) + "</table>"
	for name, page := range map[string]string{
		"cut_in_a_cell": "<table><tr><td>12,00",
		"cut_in_a_tag":  "<p>text</p><tab",
		"cut_page":      "<html><body><table><tr><td>1</table><p>x",
		"too_wide":      wide,
		"too_far":       far,
		"too_much":      overlap,
		"too_deep":      strings.Repeat("<div>", 5000),
		"no_text":       "<table>\x00</table>",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := HTMLTables(strings.NewReader(page)); !errors.Is(err, scrape.ErrLayout) {
				t.Errorf("error %v, want ErrLayout", err)
			}
		})
	}
	for name, at := range map[string]scrape.Locator{
		"no_table": {Table: 2, Row: 1, Col: 1}, "no_row": {Table: 1, Row: 2, Col: 1}, "no_column": {Table: 1, Row: 1, Col: 2}, "no_second_column": {Table: 1, Row: 1, Col: 1, Col2: 2},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := textAtHTML(strings.NewReader("<table><tr><td>1</table>"), at); !errors.Is(err, scrape.ErrLayout) {
				t.Errorf("error %v, want ErrLayout", err)
			}
		})
	}
}

func FuzzHTMLTables(f *testing.F) {
	f.Add(`<h2>a</h2><table><tr><td rowspan=3>1<sup>2</sup></td><td colspan=2>b*</td></tr><tr><td>c</table>`)
	f.Add(`<table><table><tr><td></table>`)
	f.Add(`<table><tr><td><svg><td></svg></table></html>`)
	f.Fuzz(func(t *testing.T, page string) {
		tables, err := HTMLTables(strings.NewReader(page))
		if err != nil {
			return
		}
		for _, table := range tables {
			for row := 1; row <= table.Rows(); row++ {
				for col := 1; col <= table.Cols(row); col++ {
					c := table.Cell(row, col)
					if c == nil {
						continue
					}
					if c.Row > row || c.Col > col || row >= c.Row+c.RowSpan || col >= c.Col+c.ColSpan {
						t.Fatalf("table %d row %d column %d: cell %+v does not cover it", table.Ordinal, row, col, c)
					}
				}
			}
			if table.Heading != "" && table.HeadingAt != (scrape.Locator{}) {
				if text, err := PageText(strings.NewReader(page)); err != nil || text[table.HeadingAt.Start:table.HeadingAt.End] != table.Heading {
					t.Fatalf("heading %q is not at %s: %v", table.Heading, table.HeadingAt, err)
				}
			}
		}
	})
}
