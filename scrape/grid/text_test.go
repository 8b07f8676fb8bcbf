package grid

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"daylight/scrape"
)

func TestText(t *testing.T) {
	for _, tc := range []struct {
		name, in, want string
		enc            Encoding
		refused        string // part of the message
	}{
		{name: "nothing", in: "", want: "", enc: ASCII},
		{name: "ascii", in: "a,b\r\n1,2", want: "a,b\r\n1,2", enc: ASCII},
		{name: "utf_8", in: "Côte d’Ivoire", want: "Côte d’Ivoire", enc: UTF8},
		{name: "byte_order_mark", in: "\xEF\xBB\xBFCountry", want: "Country", enc: UTF8},
		{name: "byte_order_mark_alone", in: "\xEF\xBB\xBF", want: "", enc: UTF8},
		{name: "utf_16_little", in: "\xFF\xFEC\x00\xF4\x00t\x00e\x00", want: "Côte", enc: UTF16LE},
		{name: "utf_16_big_with_pair", in: "\xFE\xFF\x00A\xD8\x3D\xDE\x00", want: "A😀", enc: UTF16BE},
		{name: "utf_16_half_pair", in: "\xFE\xFF\x00A\xD8\x3D", refused: "half a character"},
		{name: "utf_16_wrong_pair", in: "\xFE\xFF\xD8\x3D\x00A", refused: "half a character"},
		{name: "utf_16_odd_byte", in: "\xFF\xFEC\x00\x0A", refused: "half a character"},
		{name: "utf_16_nul", in: "\xFF\xFE\x00\x00", refused: "NUL"},
		{name: "windows_small_letters", in: "a,b\nC\xF4te d\x92Ivoire,Br\xE9sil", want: "a,b\nCôte d’Ivoire,Brésil", enc: Windows1252},
		{name: "windows_capital_at_start", in: "\xC9tats-Unis", want: "États-Unis", enc: Windows1252},
		{name: "windows_dash_between_figures", in: "0 \x96 499", want: "0 – 499", enc: Windows1252},
		{name: "windows_no_break_space", in: "1\xA0234", want: "1\u00a0234", enc: Windows1252},
		{name: "apostrophe_without_proof", in: "d\x92Ivoire", refused: "beyond doubt"},
		{name: "mac_roman_e_acute", in: "Br\x8Esil", refused: "beyond doubt"},
		{name: "mac_roman_o_umlaut", in: "K\x9Aln", refused: "beyond doubt"},
		{name: "mac_roman_apostrophe", in: "d\xD5Ivoire", refused: "beyond doubt"},
		{name: "mac_roman_n_tilde", in: "Espa\x96a", refused: "beyond doubt"},
		{name: "utf_8_saved_again_as_mac_roman", in: "a\nC\xCC\xABte d\x89\xDB\xAAIvoire", refused: `d\x89`},
		{name: "utf_8_then_windows", in: "Br\xC3\xA9sil\nC\xF4te", refused: "line 2"},
		{name: "windows_then_utf_8", in: "C\xF4te\nBr\xC3\xA9sil", refused: "line 2"},
		{name: "utf_8_cut_at_the_end", in: "Côte d\xE2\x80", refused: "line 1"},
		{name: "nul", in: "a\x00b", refused: "NUL"},
		{name: "nul_in_windows", in: "C\xF4te\x00", refused: "NUL"},
		{name: "lines_of_cr", in: "a\rb\rc\x00", refused: "line 3"},
		{name: "lines_of_crlf", in: "a\r\nb\r\nc\x00", refused: "line 3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"at_once":      strings.NewReader(tc.in),
				"byte_by_byte": iotest.OneByteReader(strings.NewReader(tc.in)),
				"with_eof":     iotest.DataErrReader(strings.NewReader(tc.in)),
			} {
				d := NewText(r)
				got, err := io.ReadAll(d)
				if tc.refused != "" {
					if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) {
						t.Errorf("%s: error %v, want ErrLayout with %q", how, err, tc.refused)
					}
					continue
				}
				if err != nil || string(got) != tc.want || d.Encoding() != tc.enc {
					t.Errorf("%s: %q, %v, %s; want %q, %s", how, got, err, d.Encoding(), tc.want, tc.enc)
				}
			}
		})
	}
}

func TestTextKeepsTheSourcesError(t *testing.T) {
	disk := errors.New("disk on fire")
	got, err := io.ReadAll(NewText(io.MultiReader(strings.NewReader("abcdef"), iotest.ErrReader(disk))))
	if string(got) != "abcdef" || !errors.Is(err, disk) || errors.Is(err, scrape.ErrLayout) {
		t.Errorf("%q, %v; want all before it, then the disk's error", got, err)
	}
}

func TestTextOverChunks(t *testing.T) {
	// Three-byte characters so that one of them stands across each end of the buffer.
	long := strings.Repeat("x", 32<<10-1) + strings.Repeat("’", 40<<10)
	got, err := io.ReadAll(NewText(strings.NewReader(long)))
	if err != nil || string(got) != long {
		t.Errorf("%d bytes, %v; want %d", len(got), err, len(long))
	}
	latin := "é" + strings.Repeat("x", 32<<10-2) + strings.Repeat("aé", 40<<10)
	var b bytes.Buffer
	for _, r := range latin {
		b.WriteByte(byte(r))
	}
	got, err = io.ReadAll(NewText(&b))
	if err != nil || string(got) != latin {
		t.Errorf("%d bytes, %v; want %d", len(got), err, len(latin))
	}
}

func TestReadText(t *testing.T) {
	if got, err := ReadText(strings.NewReader("abc"), 3); got != "abc" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := ReadText(strings.NewReader("abcd"), 3); !errors.Is(err, scrape.ErrLayout) {
		t.Errorf("error %v, want ErrLayout", err)
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("C\xCC\xABte d\x89\xDB\xAAIvoire"))
	f.Add([]byte("\xFF\xFEC\x00\xF4\x00"))
	f.Add([]byte("C\xF4te d\x92Ivoire"))
	f.Add([]byte("00A\xf40"))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := io.ReadAll(NewText(bytes.NewReader(in)))
		slow, slowErr := io.ReadAll(NewText(iotest.OneByteReader(bytes.NewReader(in))))
		if (err == nil) != (slowErr == nil) || err == nil && !bytes.Equal(got, slow) {
			t.Fatalf("at once %q, %v; byte by byte %q, %v", got, err, slow, slowErr)
		}
		if !utf8.Valid(got) || bytes.IndexByte(got, 0) >= 0 {
			t.Fatalf("%q is no text", got)
		}
		if err == nil && utf8.Valid(in) && !bytes.HasPrefix(in, []byte("\xEF\xBB\xBF")) && !bytes.Equal(in, got) {
			t.Fatalf("UTF-8 %q became %q", in, got)
		}
	})
}
