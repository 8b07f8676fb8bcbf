package main

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// everything has each kind of value that can be printed.
func everything() *sheet {
	return &sheet{columns: []string{"text", "none", "count", "share", "fraction", "key", "yes", "day", "time", "list", "map"}, lines: [][]any{
		{`a "b", c`, nil, int64(37196), 24.483216385359377, 39083.421897734355, uint64(1) << 63, true,
			time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2013, 1, 1, 12, 30, 0, 0, time.FixedZone("", 3600)),
			[]any{"x", "y z"}, map[string]any{"k": []any{int64(1), nil}}},
		{"<&>", nil, int64(-1234567), 0.0, 1e15, uint64(7), false, nil, nil, []any{}, nil},
	}}
}

func TestWrite(t *testing.T) {
	tests := map[string]struct{ format, want string }{
		"csv": {formatCSV, `text,none,count,share,fraction,key,yes,day,time,list,map
"a ""b"", c",,37196,24.483216385359377,39083.421897734355,9223372036854775808,true,2013-01-01,2013-01-01T11:30:00Z,x | y z,"{""k"":[1,null]}"
<&>,,-1234567,0,1000000000000000,7,false,,,,
`},
		"json": {formatJSON, `[
  {"text": "a \"b\", c", "none": null, "count": 37196, "share": 24.483216385359377, "fraction": 39083.421897734355, "key": "9223372036854775808", "yes": true, "day": "2013-01-01", "time": "2013-01-01T11:30:00Z", "list": ["x","y z"], "map": {"k":[1,null]}},
  {"text": "<&>", "none": null, "count": -1234567, "share": 0, "fraction": 1000000000000000, "key": "7", "yes": false, "day": null, "time": null, "list": [], "map": null}
]
`},
		"table": {formatTable, ` text      none       count  share               fraction                  key  yes    day         time                  list     map            
─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
 a "b", c  –         37,196  24.48              39,083.42  9223372036854775808  true   2013-01-01  2013-01-01T11:30:00Z  x | y z  {"k":[1,null]} 
 <&>       –     -1,234,567      0  1,000,000,000,000,000                    7  false  –           –                              –              
`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := write(&b, tc.format, everything()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, b.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if tc.format == formatJSON && !json.Valid([]byte(b.String())) {
				t.Error("not valid JSON")
			}
			if strings.Contains(b.String(), "\x1b") {
				t.Error("colours where no terminal is")
			}
		})
	}
}

func TestWriteNothing(t *testing.T) {
	for format, want := range map[string]string{
		formatTable: "a  b\n(no rows)\n", formatCSV: "a,b\n", formatJSON: "[]\n",
	} {
		var b strings.Builder
		if err := write(&b, format, &sheet{columns: []string{"a", "b"}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Errorf("%s: -want +got:\n%s", format, diff)
		}
	}
}

func TestWriteJSONRefusesEqualNames(t *testing.T) {
	var b strings.Builder
	err := write(&b, formatJSON, &sheet{columns: []string{"a", "b", "a"}, lines: [][]any{{int64(1), int64(2), int64(3)}}})
	var usage usageError
	if !errors.As(err, &usage) || b.Len() > 0 {
		t.Errorf("error %v, printed %q; want a usage error and nothing printed", err, &b)
	}
}

func TestJSONHoldsWhatNumbersCannot(t *testing.T) {
	var b strings.Builder
	if err := write(&b, formatJSON, &sheet{columns: []string{"a", "b", "c"}, lines: [][]any{{math.Inf(1), math.NaN(), []byte{0xca, 0xfe}}}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("[\n  {\"a\": \"+Inf\", \"b\": \"NaN\", \"c\": \"cafe\"}\n]\n", b.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// broken fails after its first line.
type broken struct{ sheet }

func (b *broken) next() ([]any, error) {
	if b.at > 0 {
		return nil, errors.New("cut")
	}
	return b.sheet.next()
}

func TestWriteFailsWithItsRows(t *testing.T) {
	for _, format := range []string{formatTable, formatCSV, formatJSON} {
		r := &broken{sheet{columns: []string{"a"}, lines: [][]any{{"x"}}}}
		if err := write(io.Discard, format, r); err == nil || err.Error() != "cut" {
			t.Errorf("%s: error %v, want that of the rows", format, err)
		}
	}
}

func TestTableColumns(t *testing.T) {
	s := &sheet{columns: []string{"year", "requests", "low", "high"}, lines: [][]any{
		{int64(2013), int64(2013), int64(9000), nil}, {int64(2022), int64(7), int64(1000), 1e4}, {nil, nil, nil, nil},
	}}
	want := ` year  requests    low    high 
─────────────────────────────────
 2013     2,013  9,000       – 
 2022         7  1,000  10,000 
    –         –      –       – 
`
	var b strings.Builder
	if err := write(&b, formatTable, s); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.ReplaceAll(want, "─", ""), strings.ReplaceAll(b.String(), "─", "")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// advised has rows with none, one and several advisories, in no column that is the last.
func advised() *sheet {
	return &sheet{columns: []string{"provider", "advisory", "low"}, lines: [][]any{
		{"google", "excerpt: some, not all | preservation requests are left out", int64(1)},
		{"meta", "", int64(2)},
		{"apple", nil, nil},
		{"microsoft", "refused: a; b, and c | excerpt: some, not all", int64(3)},
	}}
}

func TestAdvisories(t *testing.T) {
	tests := map[string]struct{ format, want string }{
		formatTable: {formatTable, ` provider   notes   low 
────────────────────────
 google     [1][2]    1 
 meta                 2 
 apple                – 
 microsoft  [3][1]    3 

[1] excerpt: some, not all
[2] preservation requests are left out
[3] refused: a; b, and c
`},
		formatCSV: {formatCSV, `provider,advisory,low
google,"excerpt: some, not all | preservation requests are left out",1
meta,,2
apple,,
microsoft,"refused: a; b, and c | excerpt: some, not all",3
`},
		formatJSON: {formatJSON, `[
  {"provider": "google", "advisory": ["excerpt: some, not all","preservation requests are left out"], "low": 1},
  {"provider": "meta", "advisory": [], "low": 2},
  {"provider": "apple", "advisory": [], "low": null},
  {"provider": "microsoft", "advisory": ["refused: a; b, and c","excerpt: some, not all"], "low": 3}
]
`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := write(&b, tc.format, advised()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, b.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	t.Run("no_rows", func(t *testing.T) {
		var b strings.Builder
		if err := write(&b, formatTable, &sheet{columns: []string{"a", "advisory"}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff("a  notes\n(no rows)\n", b.String()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
	// SQL of a user may call anything so.
	t.Run("numbers_are_no_advisories", func(t *testing.T) {
		lines := [][]any{{"text"}, {int64(7)}}
		var b strings.Builder
		if err := write(&b, formatTable, &sheet{columns: []string{"advisory"}, lines: lines}); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), " advisory") || !strings.Contains(b.String(), "text") {
			t.Errorf("printed %s", &b)
		}
		b.Reset()
		if err := write(&b, formatJSON, &sheet{columns: []string{"advisory"}, lines: lines}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff("[\n  {\"advisory\": [\"text\"]},\n  {\"advisory\": 7}\n]\n", b.String()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestFootnotesAreAligned(t *testing.T) {
	s := &sheet{columns: []string{"advisory"}}
	for i := range 10 {
		s.add("note " + strings.Repeat("long ", 25) + string(rune('a'+i)))
	}
	var b strings.Builder
	if err := write(&b, formatTable, s); err != nil {
		t.Fatal(err)
	}
	_, notes, _ := strings.Cut(b.String(), "\n\n")
	long := strings.Repeat("long ", 18)
	for _, want := range []string{
		"[1]  note " + long + "\n     long long long long long long long a\n",
		"[10] note " + long + "\n     long long long long long long long j\n",
	} {
		if want = strings.ReplaceAll(want, " \n", "\n"); !strings.Contains(notes, want) {
			t.Errorf("printed\n%s\nwant in it\n%s", notes, want)
		}
	}
}

func TestTableOnScreen(t *testing.T) {
	s := func() *sheet {
		return &sheet{columns: []string{"n", "text"}, lines: [][]any{{int64(1000000), "some words that are long"}}}
	}
	rule := func(n int) string { return strings.Repeat("─", n) }
	one := "         n  text                     \n" + rule(37) + "\n 1,000,000  some words that are long \n"
	tests := map[string]struct {
		width int
		want  string
	}{
		"no_screen":     {0, one},
		"wide_enough":   {37, one},
		"too_narrow":    {27, "         n  text           \n" + rule(27) + "\n 1,000,000  some words     \n            that are long  \n"},
		"not_to_be_fit": {10, one},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := writeTable(&b, s(), tc.width); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, b.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	tests := map[string]struct {
		text  string
		width int
		want  []string
	}{
		"empty":       {"", 10, []string{""}},
		"fits":        {"one two", 7, []string{"one two"}},
		"breaks":      {"one two three", 7, []string{"one two", "three"}},
		"long_word":   {"a google/user-data/2018-H1 b", 7, []string{"a", "google/user-data/2018-H1", "b"}},
		"runes":       {"≥ 5–6 ab", 5, []string{"≥ 5–6", "ab"}},
		"blank_lines": {" one\n two ", 20, []string{"one two"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, wrap(tc.text, tc.width)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestTextWidth(t *testing.T) {
	for screen, want := range map[int]int{0: 100, 40: 60, 80: 80, 120: 120, 250: 120} {
		if got := textWidth(screen); got != want {
			t.Errorf("textWidth(%d) = %d, want %d", screen, got, want)
		}
	}
}

func TestThousands(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "999": "999", "2013": "2,013", "12345": "12,345", "1234567": "1,234,567", "-12345.67": "-12,345.67", "-999": "-999",
	} {
		if got := thousands(in); got != want {
			t.Errorf("thousands(%q) = %q, want %q", in, got, want)
		}
	}
}
