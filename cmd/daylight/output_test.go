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

func TestThousands(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "999": "999", "2013": "2,013", "12345": "12,345", "1234567": "1,234,567", "-12345.67": "-12,345.67", "-999": "-999",
	} {
		if got := thousands(in); got != want {
			t.Errorf("thousands(%q) = %q, want %q", in, got, want)
		}
	}
}
