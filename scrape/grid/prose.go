package grid

import (
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"daylight/scrape"
)

// maxProse caps a page or text that is read as prose. The statements of June 2013 are
// below 20 kB.
const maxProse = maxPage

// Span is a piece of a decoded text. Start and End count bytes from 0, End not included.
type Span struct {
	Start, End int
	Text       string
}

// At returns the locator of the piece.
func (s Span) At() scrape.Locator { return scrape.Locator{Start: s.Start, End: s.End} }

// BandSentence is a sentence that prints bands of numbers.
type BandSentence struct {
	Span
	Bands []Span // from the first number to the second: "6,000 and 7,000"
}

// ReadProse decodes a text. A page of markup gives the text that it shows ([PageText]);
// anything else gives its characters as they are, without a byte order mark. All ranges
// of this file count in the text that is returned here.
func ReadProse(r io.Reader) (string, error) {
	text, err := ReadText(r, maxProse)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(strings.TrimLeftFunc(text, unicode.IsSpace), "<") {
		return PageText(strings.NewReader(text))
	}
	return text, nil
}

// Sentences cuts a text into sentences. A sentence ends with ., ! or ? before white space
// and a capital letter, a digit, a quotation mark or the end, and always at an empty
// line. A full stop after a number or a single letter, as in German dates ("31. Dezember")
// and in "U.S. law", ends no sentence.
func Sentences(text string) []Span {
	var out []Span
	start := 0
	add := func(end int) {
		a, b := start, end
		for a < b {
			r, n := utf8.DecodeRuneInString(text[a:b])
			if !unicode.IsSpace(r) {
				break
			}
			a += n
		}
		for b > a {
			r, n := utf8.DecodeLastRuneInString(text[a:b])
			if !unicode.IsSpace(r) {
				break
			}
			b -= n
		}
		if a < b {
			out = append(out, Span{a, b, text[a:b]})
		}
		start = end
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch r {
		case '\n':
			rest := strings.TrimLeft(text[i+n:], " \t\r")
			if strings.HasPrefix(rest, "\n") {
				add(i)
			}
		case '.', '!', '?':
			if (r != '.' || !abbreviation(text[start:i])) && sentenceStarts(text[i+n:]) {
				add(i + n)
			}
		}
		i += n
	}
	add(len(text))
	return out
}

// abbreviation reports whether a full stop after s does not end a sentence.
func abbreviation(s string) bool {
	r, n := utf8.DecodeLastRuneInString(s)
	if unicode.IsDigit(r) {
		// The stop after a number ends a sentence only when the number closes it; an
		// ordinal cannot be told from that, so that a sentence may come out too long.
		// It never comes out too short.
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(s[:len(s)-n])
	return unicode.IsLetter(r) && (before == utf8.RuneError || unicode.IsSpace(before) || before == '.' || before == '(')
}

func sentenceStarts(rest string) bool {
	trimmed := strings.TrimLeftFunc(rest, unicode.IsSpace)
	if trimmed == "" {
		return true
	}
	if len(trimmed) == len(rest) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(trimmed)
	return !unicode.IsLower(r)
}

// number is a count with or without separators of thousands: comma, full stop, apostrophe
// or a space that does not break. What a separator means depends on the language and is
// decided in normalize.
const number = `[0-9]{1,3}(?:[.,'’\x{00a0}\x{202f}][0-9]{3})+|[0-9]+`

// The words that open a band and those that may stand between its ends, English and
// German ("zwischen ... bis" was seen in print). White space between the words may be of
// any kind and length. "from ... to" opens no band here: it spans years as often as counts.
var band = MustWords(opening + ` ((?:` + number + `) (?:and|to|und|bis) (?:` + number + `))`)

// opening is the word in front of a band.
const opening = `\b(?:between|zwischen)`

// BandSentences returns the sentences of a text that print at least one band in words,
// such as "between 6,000 and 7,000" or "zwischen 31.000 bis 32.000". Nothing is
// interpreted: the bands are pieces of the text.
func BandSentences(text string) []BandSentence {
	var out []BandSentence
	for _, s := range Sentences(text) {
		var bands []Span
		for _, m := range band.FindAllStringSubmatchIndex(s.Text, -1) {
			if !numberGoesOn(s.Text[m[3]:]) {
				bands = append(bands, Span{s.Start + m[2], s.Start + m[3], s.Text[m[2]:m[3]]})
			}
		}
		if len(bands) > 0 {
			out = append(out, BandSentence{s, bands})
		}
	}
	return out
}

// numberGoesOn reports whether what follows a number belongs to it: a fraction, a
// percentage, an ordinal, the unit of a date.
func numberGoesOn(rest string) bool {
	r, n := utf8.DecodeRuneInString(rest)
	if unicode.IsDigit(r) || unicode.IsLetter(r) || r == '%' {
		return true
	}
	return strings.ContainsRune(".,'’\u00a0\u202f", r) && len(rest) > n && rest[n] >= '0' && rest[n] <= '9'
}

// textAtProse reads a piece of the text again.
func textAtProse(r io.Reader, at scrape.Locator) (string, error) {
	text, err := ReadProse(r)
	if err != nil {
		return "", err
	}
	if at.Start < 0 || at.End <= at.Start || at.End > len(text) ||
		!utf8.RuneStart(text[at.Start]) || at.End < len(text) && !utf8.RuneStart(text[at.End]) {
		return "", layoutError("text at %q: the text has %d bytes", at.String(), len(text))
	}
	return text[at.Start:at.End], nil
}
