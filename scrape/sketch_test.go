package scrape

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKindOf(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " \u00a0": "", "12": "number", "1,234.5": "number", "1 234": "number", "-3": "number", "0 - 499": "band", "0–499": "band",
		"54%": "percent", "54 %": "percent", "N/A": "words", "-": "words", "%": "words", "5000+": "words", "< 10": "words", "Turkey": "words",
	} {
		if got := kindNames[kindOf(text)]; got != want {
			t.Errorf("kindOf(%q) = %q, want %q", text, got, want)
		}
	}
}

// line makes the rows of one printed line.
func line(n int, country string, values ...string) []Row {
	keys := []Cell{{Role: RoleCountry, Header: "Country", Text: country}, {Role: RolePeriod, Header: "Period\nEnding", Text: "2013"}}
	var out []Row
	for i, v := range values {
		out = append(out, Row{Table: "t", Line: n, Keys: keys, Value: Cell{Header: fmt.Sprintf("Column %d", i+1), Text: v, At: Locator{Sheet: "Sheet 1", Row: n, Col: i + 3}}})
	}
	return out
}

func TestSketch(t *testing.T) {
	var s Sketch
	rows := append(line(1, "Chile", "12", "40%"), line(2, " Costa  Rica", "0 - 499", "")...)
	rows = append(rows, Row{Table: "a", Line: 7, Value: Cell{Header: "Letters", Text: "NSL-10-1", At: Locator{Member: "letters.csv", Row: 3, Col: 1}}})
	for i := range rows {
		s.Add(&rows[i])
	}
	want := []Layout{
		{Table: "a", Lines: 1, Places: []string{"letters.csv"}, Headers: []string{"Letters"}, Keys: []string{}, Kinds: []string{"Letters: words"}, Labels: []string{}},
		{
			Table: "t", Lines: 2, Places: []string{"Sheet 1"}, Headers: []string{"Column 1", "Column 2"},
			Keys:   []string{"country: Country", "period: Period Ending"},
			Kinds:  []string{"Column 1: band", "Column 1: number", "Column 2: percent"},
			Labels: []string{"country: Chile", "country: Costa Rica"},
		},
	}
	if diff := cmp.Diff(want, s.Layouts()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestFingerprint(t *testing.T) {
	draw := func(rows ...[]Row) string {
		var s Sketch
		for _, l := range rows {
			for i := range l {
				s.Add(&l[i])
			}
		}
		return s.Layouts()[0].Fingerprint()
	}
	first := draw(line(1, "Chile", "12", "40%"), line(2, "Peru", "7", "40%"))
	if other := draw(line(5, "Peru", "1", "3%"), line(6, "Chile", "2", "1%")); other != first {
		t.Error("other figures and another order give another fingerprint")
	}
	for name, other := range map[string]string{
		"label": draw(line(1, "Chile", "12", "40%"), line(2, "Per", "7", "40%")),
		"kind":  draw(line(1, "Chile", "12", "0.4"), line(2, "Peru", "7", "0.4")),
		"lines": draw(slicesOf(20)...),
	} {
		if other == first {
			t.Errorf("another %s gives the same fingerprint", name)
		}
	}
}

func slicesOf(n int) [][]Row {
	var out [][]Row
	for i := range n {
		out = append(out, line(i+1, []string{"Chile", "Peru"}[i%2], "12", "40%"))
	}
	return out
}

// TestSketchIsBounded: a file of prose does not fill the memory.
func TestSketchIsBounded(t *testing.T) {
	var s Sketch
	for i := range 3 * maxSketched {
		for _, r := range line(i, strings.Repeat("x", 3)+fmt.Sprint(i), "12") {
			s.Add(&r)
		}
	}
	if l := s.Layouts()[0]; len(l.Labels) != maxSketched || l.Lines != 3*maxSketched {
		t.Errorf("%d labels, %d lines", len(l.Labels), l.Lines)
	}
}

func BenchmarkSketch(b *testing.B) {
	rows := line(1, "Chile", "12", "40%", "1,234")
	var s Sketch
	b.ReportAllocs()
	for i := range b.N {
		r := &rows[i%3]
		r.Line = i / 3
		s.Add(r)
	}
}
