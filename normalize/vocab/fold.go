package vocab

import (
	"strings"
	"unicode"
)

// Fold makes printed words comparable: case is dropped, every run of white space
// (no-break and thin spaces included) becomes one space, and the ends are trimmed.
// Soft hyphens and byte order marks, which nobody sees, are dropped. Nothing else is
// changed: an accent or a footnote mark is part of the word.
func Fold(s string) string {
	// Most printed labels are plain ASCII with single spaces; the builder is only
	// needed when something changes.
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r) || r == '\u200b':
			space = b.Len() > 0
			continue
		case r == '\u00ad' || r == '\ufeff':
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		// Upper, then lower: ſ, K and the like meet their plain letters.
		b.WriteRune(unicode.ToLower(unicode.ToUpper(r)))
	}
	return b.String()
}
