package grid

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
)

// all prints the records as "line: fields", and the error that ended them.
func all(r io.Reader) (out []string, err error) {
	c := NewCSV(r)
	for {
		rec, err := c.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		s := fmt.Sprintf("%d: %s", rec.Line, strings.Join(rec.Fields, "|"))
		if rec.Blank() {
			s = fmt.Sprintf("%d blank", rec.Line)
		}
		if rec.Open {
			s += " open"
		}
		out = append(out, s)
	}
}

func TestCSV(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		want     []string
		refused  string
	}{
		{name: "nothing"},
		{name: "lines_of_lf", in: "a,b\n1,2\n", want: []string{"1: a|b", "2: 1|2"}},
		{name: "lines_of_crlf_without_the_last", in: "a,b\r\n1,2", want: []string{"1: a|b", "2: 1|2 open"}},
		{name: "lines_of_cr", in: "\ufeffa,b\r1,2\r3,4", want: []string{"1: a|b", "2: 1|2", "3: 3|4 open"}},
		{name: "one_line_of_cr", in: "a\r", want: []string{"1: a"}},
		{name: "lf_and_crlf", in: "a\nb\r\nc\n", want: []string{"1: a", "2: b", "3: c"}},
		{name: "cr_in_a_file_of_lf", in: "a\nb\rc\n", refused: "line 2 field 1: a lone CR and LF"},
		{name: "lf_in_a_file_of_cr", in: "a\rb\nc\r", refused: "line 2"},
		{name: "quoted_thousands", in: "\"1,975\",2\n", want: []string{"1: 1,975|2"}},
		{name: "everything_quoted_and_a_blank_last_line", in: "\"a\",\"b\"\n\n", want: []string{"1: a|b", "2 blank"}},
		{name: "quote_inside", in: "\"say \"\"no\"\"\"\n", want: []string{`1: say "no"`}},
		{name: "line_end_inside_quotes", in: "\"a\r\nb\nc\",1\r\nx,2\r\n", want: []string{"1: a\r\nb\nc|1", "4: x|2"}},
		{name: "cr_inside_quotes_of_a_file_of_lf", in: "\"a\rb\"\nc\n", want: []string{"1: a\rb", "3: c"}},
		{name: "empty_fields", in: ",\n,,\n\"\"\n", want: []string{"1: |", "2: ||", "3: "}},
		{name: "stacked_tables", in: "a,b\n1,2\n\nc\n3\n", want: []string{"1: a|b", "2: 1|2", "3 blank", "4: c", "5: 3"}},
		{name: "ragged", in: "a,b\n1\n1,2,3\n", want: []string{"1: a|b", "2: 1", "3: 1|2|3"}},
		{name: "white_space_stays", in: " -, a \n", want: []string{"1:  -| a "}},
		{name: "comma_at_the_end", in: "a,", want: []string{"1: a| open"}},
		{name: "quote_in_a_bare_field", in: "a\n1\"2\n", refused: "line 2 field 1: a quote inside"},
		{name: "space_before_a_quote", in: "a, \"b\"\n", refused: "line 1 field 2"},
		{name: "text_after_a_quote", in: "\"a\"b\n", refused: `"b" after the closing quote`},
		{name: "quote_never_closed", in: "a\nb,\"c\nd\n", refused: "line 4 field 2: the quote opened in the record of line 2"},
		{name: "field_too_long", in: strings.Repeat("x", MaxField+1), refused: "longer than"},
		{name: "quotes_too_long", in: "\"" + strings.Repeat("\"\"", MaxField+1) + "\"", refused: "longer than"},
		{name: "record_too_long", in: strings.Repeat(strings.Repeat("x", 1000)+",", MaxRecord/1000+2), refused: "longer than"},
		{name: "too_many_fields", in: strings.Repeat(",", MaxFields), refused: "more than 4096 fields"},
		{name: "as_many_fields_as_may_be", in: strings.Repeat(",", MaxFields-1) + "\n", want: []string{"1: " + strings.Repeat("|", MaxFields-1)}},
		{name: "not_text", in: "a\n\x00", refused: "line 2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"at_once":      strings.NewReader(tc.in),
				"byte_by_byte": iotest.OneByteReader(strings.NewReader(tc.in)),
			} {
				got, err := all(r)
				if tc.refused != "" {
					if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) {
						t.Errorf("%s: error %v, want ErrLayout with %q", how, err, tc.refused)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", how, diff)
				}
			}
		})
	}
}

func TestCSVKeepsItsError(t *testing.T) {
	disk := errors.New("disk on fire")
	c := NewCSV(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(disk)))
	if _, err := c.Read(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.Read(); !errors.Is(err, disk) || errors.Is(err, scrape.ErrLayout) {
			t.Errorf("error %v, want the disk's", err)
		}
	}
}

// FuzzCSV holds the reader against encoding/csv where both must agree, and looks for each
// field again at its place.
func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,\"2,3\"\n"))
	f.Add([]byte("a\r\"b\"\"\r\"\r"))
	f.Add([]byte("\"a\"\n\n\"b"))
	f.Fuzz(func(t *testing.T, in []byte) {
		c := NewCSV(bytes.NewReader(in))
		var got [][]string
		for {
			rec, err := c.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return
			}
			if rec.Blank() {
				continue
			}
			got = append(got, append([]string(nil), rec.Fields...))
			at := scrape.Locator{Row: rec.Line, Col: len(rec.Fields)}
			if text, err := textAtCSV(bytes.NewReader(in), at); err != nil || text != rec.Fields[at.Col-1] {
				t.Fatalf("at %s: %q, %v; want %q", at, text, err, rec.Fields[at.Col-1])
			}
		}
		if bytes.ContainsAny(in, "\r\xEF\xFE\xFF") || c.text.Encoding() == Windows1252 {
			return // encoding/csv reads CR and byte order marks in another way
		}
		want, err := csv.NewReader(bytes.NewReader(in)).ReadAll()
		if err != nil && !errors.Is(err, csv.ErrFieldCount) {
			t.Fatalf("encoding/csv refuses %q: %v", in, err)
		}
		if err == nil && !cmp.Equal(want, got) {
			t.Fatalf("encoding/csv reads %q, we read %q", want, got)
		}
	})
}

// wide is a file like Google's, n lines long, made as it is read.
func wide(n int) io.Reader {
	i := 0
	return readerFunc(func(p []byte) (int, error) {
		if i > n {
			return 0, io.EOF
		}
		line := "Period Ending,Country/Region,CLDR Territory Code,Legal Process,User Data Requests,Percentage disclosed,Accounts\n"
		if i > 0 {
			line = fmt.Sprintf("2022-06-30,United Kingdom,GB,Emergency Disclosure Requests,%d,87,2561\n", i)
		}
		i++
		return copy(p, line), nil
	})
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// BenchmarkCSV reads a hundredfold Google file: 154,600 lines.
func BenchmarkCSV(b *testing.B) {
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(wide(154600)); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(buf.Len()))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		c := NewCSV(bytes.NewReader(buf.Bytes()))
		for {
			if _, err := c.Read(); err != nil {
				break
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "lines/s")
}

// TestCSVMemoryIsFlat reads more than a gigabyte's worth of lines would need if any of it
// were kept, and counts what one line allocates.
func TestCSVMemoryIsFlat(t *testing.T) {
	c := NewCSV(wide(1 << 30))
	allocs := testing.AllocsPerRun(10000, func() {
		if _, err := c.Read(); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 4 { // one is the reader's, the others are the test's own Sprintf
		t.Errorf("%.1f allocations for a line, want at most 4", allocs)
	}
	if len(c.buf) > 64<<10 || cap(c.rec) > 64<<10 {
		t.Errorf("buffers of %d and %d bytes for lines of 70", len(c.buf), cap(c.rec))
	}
}
