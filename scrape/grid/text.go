package grid

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"daylight/scrape"
)

// Encoding is the character encoding that a [Text] found its input to be in.
type Encoding string

// The closed list of encodings. Whatever is in none of them is refused.
const (
	ASCII       Encoding = "ascii"        // nothing but ASCII so far
	UTF8        Encoding = "utf-8"        // with or without a byte order mark
	UTF16LE     Encoding = "utf-16le"     // only with a byte order mark
	UTF16BE     Encoding = "utf-16be"     // only with a byte order mark
	Windows1252 Encoding = "windows-1252" // proved by the letters themselves, see Text
)

// Text decodes a foreign text file to UTF-8 as it is read. A byte order mark is taken
// away; everything else stays as it is, line ends included. Memory is flat.
//
// A file that is not UTF-8 is told apart by strict rules, because a country's name in the
// wrong letters is a figure of nobody:
//
//  1. A byte order mark decides. UTF-16 without one is refused (its NUL bytes are).
//  2. The first byte above 0x7F decides between UTF-8 and Windows-1252: a valid UTF-8
//     sequence makes the file UTF-8, and one invalid sequence later is an error. A file
//     with both is broken: it was saved twice by programs that disagreed.
//  3. Windows-1252 must prove itself in each byte. Its small accented letters (0xDF-0xFF
//     without 0xF7) are accepted beside a letter, where Mac-Roman has capitals and signs;
//     capitals (0xC0-0xDE without 0xD7) only before a letter and not after one; the
//     apostrophe 0x92 between letters and only after a small accented letter was seen
//     (Mac-Roman has an accented i there); dashes (0x96, 0x97) only with no letter on
//     either side; the no-break space 0xA0 only with no letter on both sides. All other
//     bytes are refused: 0x8E is a "Ž" in one encoding and the "é" of another, and
//     nothing in the file says which.
//  4. A NUL byte is never text.
//
// Latin-1 needs no rule of its own: where the two differ, rule 3 refuses.
//
// The error wraps scrape.ErrLayout and names the line and the bytes.
type Text struct {
	src      io.Reader
	in       []byte // in[pos:end] was read and not decoded
	pos, end int
	out      []byte // decoded, not yet handed on; a window of either in or dec
	dec      []byte
	err      error // sticky, handed on after out
	srcErr   error // of src other than io.EOF; handed on after what was read before it
	eof      bool
	enc      Encoding
	started  bool
	proved   bool // Windows-1252: a small accented letter was seen
	prev     byte // Windows-1252: last byte decoded
	line     int  // line ends handed to out so far
	cr       bool // out so far ends with a CR
}

// NewText returns a decoder that reads from r.
func NewText(r io.Reader) *Text {
	return &Text{src: r, in: make([]byte, 32<<10), enc: ASCII}
}

// Encoding returns what the input is, as far as it was read.
func (t *Text) Encoding() Encoding { return t.enc }

// Read implements io.Reader.
func (t *Text) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(t.out) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		t.err = t.fill()
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

// fill reads until there is something to decode and decodes it. After an error, out holds
// only whole characters that stand before it.
func (t *Text) fill() error {
	if t.srcErr != nil {
		return t.srcErr
	}
	copy(t.in, t.in[t.pos:t.end])
	t.end -= t.pos
	t.pos = 0
	for empty := 0; !t.eof && t.end < len(t.in); {
		n, err := t.src.Read(t.in[t.end:])
		t.end += n
		if errors.Is(err, io.EOF) {
			t.eof = true
		} else if err != nil {
			t.srcErr = err
			break
		}
		if n == 0 {
			if empty++; empty == 100 {
				t.srcErr = io.ErrNoProgress
				break
			}
			continue
		}
		if t.end >= 4 { // the longest byte order mark, and the longest character
			break
		}
	}
	if !t.started {
		t.started = true
		t.byteOrderMark()
	}
	if t.pos == t.end {
		if t.eof {
			return io.EOF
		}
		return nil // a byte order mark alone so far, or an error that comes next
	}
	switch t.enc {
	case UTF16LE, UTF16BE:
		return t.utf16()
	case Windows1252:
		return t.windows1252()
	}
	return t.utf8()
}

func (t *Text) byteOrderMark() {
	b := t.in[:t.end]
	switch {
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		t.pos, t.enc = 3, UTF8
	case bytes.HasPrefix(b, []byte{0xFF, 0xFE}):
		t.pos, t.enc = 2, UTF16LE
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		t.pos, t.enc = 2, UTF16BE
	}
}

// emit hands b on and counts its line ends, so that an error names the line.
func (t *Text) emit(b []byte) {
	t.out = b
	if len(b) == 0 {
		return
	}
	t.line += bytes.Count(b, []byte{'\n'}) + bytes.Count(b, []byte{'\r'}) - bytes.Count(b, []byte{'\r', '\n'})
	if t.cr && b[0] == '\n' {
		t.line-- // the line was counted at its CR
	}
	t.cr = b[len(b)-1] == '\r'
}

func (t *Text) refuse(bad []byte, why string) error {
	var b strings.Builder
	for _, c := range bad { // not %q, which would show broken bytes as the letters they are not
		if c >= ' ' && c < 0x7F {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "\\x%02X", c)
		}
	}
	return layoutError("text line %d: bytes \"%s\": %s", t.line+1, b.String(), why)
}

func (t *Text) utf8() error {
	b := t.in[t.pos:t.end]
	whole := len(b)
	if !t.eof { // keep the start of a character that the next read completes
		for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
			if c := b[len(b)-i]; utf8.RuneStart(c) {
				if !utf8.FullRune(b[len(b)-i:]) {
					whole -= i
				}
				break
			}
		}
		if whole == 0 {
			return nil // a lone start of a character: read on
		}
	}
	b = b[:whole]
	ok, first := len(b), -1 // length of what is right; first byte above 0x7F
	var why string
	for i := 0; i < len(b); {
		c := b[i]
		if c == 0 {
			ok, why = i, "NUL is no text"
			break
		}
		if c < utf8.RuneSelf {
			i++
			continue
		}
		if first < 0 {
			first = i
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			ok, why = i, "invalid as UTF-8, in a text that is UTF-8 before"
			break
		}
		i += n
	}
	if first >= 0 && first < ok && t.enc == ASCII {
		t.enc = UTF8
	}
	if why == "" {
		t.pos += whole
		t.prev = b[len(b)-1]
		t.emit(b)
		return nil
	}
	if t.enc == ASCII && b[ok] != 0 { // the first byte above 0x7F is no UTF-8
		t.enc = Windows1252
		return t.windows1252()
	}
	bad := around(t.in[t.pos:t.end], ok)
	t.emit(b[:ok])
	return t.refuse(bad, why)
}

// around returns the bytes at i and a few beside them, for a message.
func around(b []byte, i int) []byte {
	return bytes.Clone(b[max(0, i-8):min(len(b), i+8)])
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || capital1252(c) || small1252(c) }

func capital1252(c byte) bool { return c >= 0xC0 && c <= 0xDE && c != 0xD7 }

func small1252(c byte) bool { return c >= 0xDF && c != 0xF7 }

func (t *Text) windows1252() error {
	b := t.in[t.pos:t.end]
	n := len(b)
	if !t.eof {
		n-- // a letter is judged by the one after it, too
	}
	t.dec = t.dec[:0]
	for i := 0; i < n; i++ {
		c := b[i]
		if c == 0 {
			t.emit(t.dec)
			return t.refuse(around(b, i), "NUL is no text")
		}
		if c < utf8.RuneSelf {
			t.dec = append(t.dec, c)
			t.prev = c
			continue
		}
		var next byte
		if i+1 < len(b) {
			next = b[i+1]
		}
		var r rune
		switch before, after := letter(t.prev), letter(next); {
		case small1252(c) && (before || after):
			r = rune(c)
			t.proved = true
		case capital1252(c) && !before && after:
			r = rune(c)
		case c == 0x92 && before && after && t.proved:
			r = '’'
		case c == 0x96 && !before && !after:
			r = '–'
		case c == 0x97 && !before && !after:
			r = '—'
		case c == 0xA0 && !(before && after):
			r = '\u00a0'
		default:
			bad := around(b, i)
			t.emit(t.dec)
			return t.refuse(bad, "neither UTF-8 nor Windows-1252 beyond doubt")
		}
		t.dec = utf8.AppendRune(t.dec, r)
		t.prev = c
	}
	t.pos += n
	t.emit(t.dec)
	return nil
}

func (t *Text) utf16() error {
	unit := func(b []byte) rune {
		if t.enc == UTF16LE {
			return rune(b[0]) | rune(b[1])<<8
		}
		return rune(b[1]) | rune(b[0])<<8
	}
	b := t.in[t.pos:t.end]
	t.dec = t.dec[:0]
	i := 0
	for ; i+1 < len(b); i += 2 {
		r := unit(b[i:])
		if r == 0 {
			t.emit(t.dec)
			return t.refuse(around(b, i), "NUL is no text")
		}
		if utf16.IsSurrogate(r) {
			if i+3 >= len(b) && !t.eof {
				break
			}
			pair := rune(utf8.RuneError)
			if i+3 < len(b) {
				pair = utf16.DecodeRune(r, unit(b[i+2:]))
			}
			if pair == utf8.RuneError {
				bad := around(b, i)
				t.emit(t.dec)
				return t.refuse(bad, "half a character of UTF-16")
			}
			r = pair
			i += 2
		}
		t.dec = utf8.AppendRune(t.dec, r)
	}
	t.pos += i
	t.emit(t.dec)
	if t.eof && t.pos+1 == t.end {
		return t.refuse(b[i:], "half a character of UTF-16")
	}
	return nil
}

// ReadText decodes a whole text, for readers that need it in one piece (prose). More than
// limit bytes after decoding are refused, never cut.
func ReadText(r io.Reader, limit int64) (string, error) {
	content, err := io.ReadAll(io.LimitReader(NewText(r), limit+1))
	if err != nil {
		return "", err
	}
	if int64(len(content)) > limit {
		return "", fmt.Errorf("%w: text is longer than %d bytes", scrape.ErrLayout, limit)
	}
	return string(content), nil
}
