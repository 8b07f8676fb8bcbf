package grid

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
)

func TestSentences(t *testing.T) {
	for _, tc := range []struct {
		name string
		text string
		want []string
	}{
		{"plain", "One. Two!  Three? four.", []string{"One.", "Two!", "Three? four."}},
		{"german_dates", "Am 14. Juni 2013 und bis 31.Dezember 2012. Danach nichts.", []string{"Am 14. Juni 2013 und bis 31.Dezember 2012. Danach nichts."}},
		{"abbreviation", "From U.S. Entities (including local). More.", []string{"From U.S. Entities (including local).", "More."}},
		{"empty_line", "Title\n \nBody of text\nthat goes on.\n\nEnd", []string{"Title", "Body of text\nthat goes on.", "End"}},
		{"thousands", "Between 6.000 and 7.000 people. Yes.", []string{"Between 6.000 and 7.000 people.", "Yes."}},
		{"nothing", " \n ", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, s := range Sentences(tc.text) {
				got = append(got, s.Text)
				if tc.text[s.Start:s.End] != s.Text {
					t.Errorf("%q is not at %d-%d", s.Text, s.Start, s.End)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("sentences (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBandSentences(t *testing.T) {
	for _, tc := range []struct {
		text string
		want []string
	}{
		{"It had between 6,000 and 7,000 orders affecting between 31,000 and 32,000 accounts.", []string{"6,000 and 7,000", "31,000 and 32,000"}},
		{"erhielt zwischen 6.000 und 7.000  Anordnungen, welche zwischen 31.000 bis 32.000 Nutzerkonten betrafen.", []string{"6.000 und 7.000", "31.000 bis 32.000"}},
		{"Zwischen\u00a06\u202f000 bis\u00a07\u00a0000 Konten.", []string{"6\u202f000 bis\u00a07\u00a0000"}},
		{"between 0 and 249, and between 250\nand 499.", []string{"0 and 249", "250\nand 499"}},
		{"between 6.5 and 7.5 percent", nil},
		{"between 6 and 7% of users", nil},
		{"between 6 and 7,5 users", nil},
		{"between 1st and 2nd", nil},
		{"from 2012 to 2013, between you and me", nil},
		{"in between 6,000 and many", nil},
	} {
		t.Run(tc.text, func(t *testing.T) {
			var got []string
			for _, s := range BandSentences(tc.text) {
				for _, b := range s.Bands {
					got = append(got, b.Text)
					if tc.text[b.Start:b.End] != b.Text {
						t.Errorf("%q is not at %d-%d", b.Text, b.Start, b.End)
					}
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("bands (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadProse(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"text_as_it_is", "\ufeffa  b\r\nc\u00a0d", "a  b\r\nc\u00a0d"},
		{"page", "\n<html><head><title>t</title></head><body><p>a <b>b</b>\nc</p><script>x</script><div>d<br>e&nbsp;f</div><p hidden>g</p></body></html>", "a b c\nd\ne\u00a0f"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := ReadProse(strings.NewReader(tc.in))
			if err != nil || got != tc.want {
				t.Errorf("%q, %v; want %q", got, err, tc.want)
			}
		})
	}
	const text = "ä between"
	for _, at := range []scrape.Locator{{Start: 1, End: 3}, {Start: 0, End: 1}, {Start: 2, End: 2}, {Start: 3, End: 99}} {
		if _, err := textAtProse(strings.NewReader(text), at); !errors.Is(err, scrape.ErrLayout) {
			t.Errorf("%s: error %v, want ErrLayout", at, err)
		}
	}
}

func FuzzBandSentences(f *testing.F) {
	f.Add("It had between 6,000 and 7,000 orders. Zwischen 1 und 2.")
	f.Add("a.\n\n\u00a0between 1 and 2\u00a0000\xff")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, s := range Sentences(text) {
			if s.Start < end || s.End <= s.Start || text[s.Start:s.End] != s.Text {
				t.Fatalf("sentence %+v after %d", s, end)
			}
			end = s.End
		}
		for _, s := range BandSentences(text) {
			for _, b := range s.Bands {
				if b.Start < s.Start || b.End > s.End || text[b.Start:b.End] != b.Text {
					t.Fatalf("band %+v outside %+v", b, s.Span)
				}
			}
		}
	})
}

// FuzzPageText reads any page: no panic, valid text.
func FuzzPageText(f *testing.F) {
	f.Add("<p>a<br>b</p>")
	f.Fuzz(func(t *testing.T, page string) {
		text, err := PageText(strings.NewReader(page))
		if err == nil && !utf8.ValidString(text) {
			t.Fatalf("%q is no UTF-8", text)
		}
	})
}

func ExampleBandSentences() {
	for _, s := range BandSentences("We received between 6,000 and 7,000 orders.") {
		fmt.Println(s.Bands[0].Text, "at", s.Bands[0].At())
	}
	// Output: 6,000 and 7,000 at chars 20-35
}
