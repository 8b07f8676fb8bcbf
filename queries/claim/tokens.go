package claim

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is one word, number or sign of a sentence.
type token struct {
	text string // as written, without the punctuation around it
	low  string // in small letters
	at   int    // byte at which it begins
}

// dashes are the signs that are written for a hyphen or a range.
var dashes = strings.NewReplacer("–", "-", "—", "-", "−", "-", "‐", "-", "‑", "-", "\u00ad", "", "’", "'", "\u200b", "", "\ufeff", "")

const (
	opening = `"'“”‘’«»„(`
	closing = opening + `.,;:!?)`
)

// split cuts a sentence into tokens. Punctuation around words says nothing and is dropped, as
// is the hyphen within a word: "non-content" and "non content" are one phrase. "+", "%" and
// the dash between two numbers are tokens. A name with a slash is one token as it stands.
func split(sentence string) []token {
	var out []token
	for at := 0; at < len(sentence); {
		r, size := utf8.DecodeRuneInString(sentence[at:])
		if unicode.IsSpace(r) {
			at += size
			continue
		}
		end := at
		for end < len(sentence) {
			r, size := utf8.DecodeRuneInString(sentence[end:])
			if unicode.IsSpace(r) {
				break
			}
			end += size
		}
		out = append(out, chunk(sentence[at:end], at)...)
		at = end
	}
	return out
}

// chunk cuts what stands between two spaces.
func chunk(s string, at int) []token {
	whole := len(s)
	s = strings.TrimLeft(s, opening)
	at += whole - len(s)
	s = strings.TrimSuffix(dashes.Replace(strings.TrimRight(s, closing)), "'s")
	switch {
	case s == "":
		return nil
	case strings.Contains(s, "/"), s == "-", isHalf(s):
		return []token{{s, strings.ToLower(s), at}}
	}
	var out []token
	begin := 0
	flush := func(end int) {
		if begin < end {
			out = append(out, token{s[begin:end], strings.ToLower(s[begin:end]), at})
		}
		begin = end + 1
	}
	for i := range len(s) {
		switch s[i] {
		case '+', '%':
			flush(i)
			out = append(out, token{s[i : i+1], s[i : i+1], at})
		case '-':
			left, right := i > 0 && isDigit(s[i-1]), i+1 < len(s) && isDigit(s[i+1])
			flush(i)
			if left && right {
				out = append(out, token{"-", "-", at})
			}
		}
	}
	flush(len(s))
	return out
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// isHalf reports whether s is 2019-H1 or 2019H1.
func isHalf(s string) bool {
	_, ok := half(s)
	return ok
}

// half reads 2019-H1 and 2019H1.
func half(s string) (Period, bool) {
	if len(s) < 6 {
		return Period{}, false
	}
	y, ok := year(s[:4])
	rest := strings.ToLower(strings.TrimPrefix(s[4:], "-"))
	if !ok || rest != "h1" && rest != "h2" {
		return Period{}, false
	}
	return Period{y, int(rest[1] - '0')}, true
}

// year reads four digits that are a year.
func year(s string) (int, bool) {
	if len(s) != 4 || !digits(s) {
		return 0, false
	}
	y, err := strconv.Atoi(s)
	return y, err == nil && 1900 <= y && y <= 2999
}
