package grid

import (
	"errors"
	"testing"

	"daylight/scrape"
)

// TestPlaces: a place gives the text that TextAt gives, or no text where TextAt gives none.
func TestPlaces(t *testing.T) {
	text := []byte("a,b\n\"1,234\",5\n\nc,\n")
	for _, tc := range []struct {
		name string
		body scrape.Body
		at   []scrape.Locator
	}{
		{"csv", bodyOf(t, text), []scrape.Locator{{Row: 1, Col: 1}, {Row: 2, Col: 1}, {Row: 2, Col: 1, Col2: 2}, {Row: 4, Col: 2}, {Row: 2, Col: 3}, {Row: 3, Col: 1}, {Row: 9, Col: 1}, {}}},
		{"zip", bodyOf(t, archive(t, nil, "x/a.csv", string(text), "b.csv", "z\n")), []scrape.Locator{
			{Member: "x/a.csv", Row: 2, Col: 1}, {Member: "b.csv", Row: 1, Col: 1}, {Member: "b.csv", Row: 1, Col: 2}, {Member: "c.csv", Row: 1, Col: 1},
		}},
		{"broken_csv", bodyOf(t, []byte("a,b\n\"1")), []scrape.Locator{{Row: 1, Col: 1}}},
		{"no_workbook", bodyOf(t, text), []scrape.Locator{{Sheet: "S", Row: 1, Col: 1}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := NewPlaces(tc.body)
			for _, at := range append(tc.at, tc.at...) { // the second time from what was kept
				want, wrong := TextAt(tc.body, at)
				got, err := p.Text(at)
				if tc.name == "broken_csv" {
					wrong = scrape.ErrLayout // TextAt does not read that far; here the whole file counts
					want = ""
				}
				if got != want || errors.Is(err, scrape.ErrLayout) != errors.Is(wrong, scrape.ErrLayout) {
					t.Errorf("at %q: %q, %v; TextAt says %q, %v", at, got, err, want, wrong)
				}
			}
		})
	}
}

func bodyOf(t *testing.T, content []byte) scrape.Body {
	t.Helper()
	b, err := scrape.BytesCapture(content).Open()
	if err != nil {
		t.Fatal(err)
	}
	return b
}
