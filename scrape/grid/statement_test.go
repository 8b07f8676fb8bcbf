package grid

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
)

// twoTongues is one statement in two languages.
var twoTongues = []Statement{
	{
		Table:  "en",
		Period: MustWords(`\bin [0-9]{4}\b`),
		Counts: []Count{MustCount(`\bthe (total)(?: was)?`, `\.`), MustCount(``, `(of them)\b`)},
	},
	{
		Table:  "de",
		Period: MustWords(`\bim jahr [0-9]{4}\b`),
		Counts: []Count{MustCount(``, `(insgesamt)`)},
	},
}

func statementCapture(text string) scrape.Capture {
	c := scrape.BytesCapture([]byte(text))
	c.Name = "statement.txt"
	return c
}

func TestParseStatement(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       []string
		refused    string
	}{
		{"two_sentences", "In 2012 the total was between 1 and 2. Between 3 and 4 of them came back.", []string{"en total: 1 and 2, In 2012", "en of them: 3 and 4, In 2012"}, ""},
		{"white_space_of_any_kind", "In\u00a02012 THE \n total between\u202f1 and 2.\n\nBetween\n3 and 4 of\nthem.", []string{"en total: 1 and 2, In\u00a02012", "en of\nthem: 3 and 4, In\u00a02012"}, ""},
		{"another_language", "Im Jahr 2012 waren es zwischen 1 und 2 insgesamt.", []string{"de insgesamt: 1 und 2, Im Jahr 2012"}, ""},
		{"long_text_in_front", strings.Repeat("long words, ", 10_000) + "in 2012 the total was between 1 and 2. Between 3 and 4 of them.", []string{"en total: 1 and 2, in 2012", "en of them: 3 and 4, in 2012"}, ""},
		{"both_languages", "In 2012 the total was between 1 and 2. Between 3 and 4 of them.\n\nIm Jahr 2012 waren es zwischen 1 und 2 insgesamt.", nil, "says 2 of the declared wordings"},
		{"words_inside_others", "In 2012 the totality was between 1 and 2. Between 3 and 4 of themselves.", nil, "says 0 of the declared wordings"},
		{"empty", "", nil, "says 0 of the declared wordings"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			var err error
			for r, e := range ParseStatement("example", twoTongues, statementCapture(tc.text)) {
				if err = e; err != nil {
					break
				}
				got = append(got, r.Table+" "+r.Value.Header+": "+r.Value.Text+", "+r.Keys[0].Text)
				for _, c := range []scrape.Cell{r.Value, r.Keys[0]} {
					if tc.text[c.At.Start:c.At.End] != c.Text {
						t.Errorf("%q is not at %s", c.Text, c.At)
					}
				}
			}
			if tc.refused != "" {
				if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) || !strings.Contains(err.Error(), "statement.txt") {
					t.Errorf("error %v, want ErrLayout with %q and the file", err, tc.refused)
				}
				return
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
				t.Errorf("error %v, rows (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestMustCount_refuses(t *testing.T) {
	for _, tc := range [][2]string{{"", ""}, {"no group", ""}, {"(two)", "(groups)"}, {"(", ""}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("MustCount(%q, %q) is accepted", tc[0], tc[1])
				}
			}()
			MustCount(tc[0], tc[1])
		}()
	}
}

// FuzzParseStatement reads any text: every row is whole and found again at its place.
func FuzzParseStatement(f *testing.F) {
	f.Add("In 2012 the total was between 1 and 2. Between 3 and 4 of them.")
	f.Add("<p>Im Jahr 2012 zwischen 1 und 2 insgesamt")
	f.Fuzz(func(t *testing.T, text string) {
		c := statementCapture(text)
		rows := 0
		for r, err := range ParseStatement("example", twoTongues, c) {
			if err != nil {
				break
			}
			rows++
			for _, cell := range []scrape.Cell{r.Value, r.Keys[0]} {
				at, err := textAtProse(strings.NewReader(text), cell.At)
				if err != nil || at != cell.Text {
					t.Fatalf("text at %s is %q, %v; the row says %q", cell.At, at, err, cell.Text)
				}
			}
		}
		if rows > 2 {
			t.Fatalf("%d rows", rows)
		}
	})
}
