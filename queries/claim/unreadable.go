package claim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"daylight/queries"
)

// Unreadable is the error of a sentence that is none of the grammar's, or is so in more than
// one way. It is a queries.ErrUsage.
type Unreadable struct {
	Sentence string
	Problem  string    // what is wrong, one line
	Unknown  []Unknown // words that no sentence may use, in order
	Readings []Claim   // of an ambiguous sentence, two or more
	Nearest  string    // a sentence that can be read, for the user to look at; "" when none is near
}

// Unknown is a word that the grammar does not have, and the word that was perhaps meant.
type Unknown struct {
	Word    string `json:"word"`
	Nearest string `json:"nearest"` // "" when none is near
}

// Error says what is wrong and what can be read instead; it does not explain the grammar.
func (u *Unreadable) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the sentence cannot be read: %s", u.Problem)
	for _, c := range u.Readings {
		fmt.Fprintf(&b, "\n  reading: %s", c)
	}
	if u.Nearest != "" {
		fmt.Fprintf(&b, "\n  nearest: %s", u.Nearest)
	}
	return b.String()
}

// Unwrap makes the error a usage error.
func (u *Unreadable) Unwrap() error { return queries.ErrUsage }

// unreadable explains why the sentence has not one reading.
func (r *Reader) unreadable(sentence string, readings []Claim, p *parser) *Unreadable {
	u := &Unreadable{Sentence: sentence}
	if len(readings) > 1 {
		u.Readings = readings
		u.Problem = "it has more than one reading: say which is meant"
		return u
	}
	var at []int // of the unknown words
	for i, t := range p.tokens {
		if !r.may(t) {
			at = append(at, i)
			u.Unknown = append(u.Unknown, Unknown{t.text, queries.Nearest(t.low, r.near)})
		}
	}
	switch {
	case len(p.tokens) > maxTokens || p.tokens == nil && p.why != "":
		u.Problem = p.why
		return u // so long a sentence is near to nothing
	case len(p.tokens) == 0:
		u.Problem = "it has no words"
		return u
	case len(at) > 0:
		var parts []string
		for _, w := range u.Unknown {
			part := strconv.Quote(w.Word) + " is no word of the grammar"
			if isDigit(w.Word[0]) {
				part = strconv.Quote(w.Word) + " is no number such as 12,500 or 40.13"
			}
			if w.Nearest != "" {
				part += fmt.Sprintf(" (did you mean %q?)", w.Nearest)
			}
			parts = append(parts, part)
		}
		u.Problem = strings.Join(parts, ", ")
	case p.why != "":
		u.Problem = p.why
	case p.far >= len(p.tokens):
		u.Problem = "it ends where " + either(p.want) + " is missing"
	default:
		t := p.tokens[p.far]
		u.Problem = fmt.Sprintf("%q (byte %d) stands where %s was expected", t.text, t.at+1, either(p.want))
		if phrases := r.with(t.low); len(phrases) > 0 {
			u.Problem += "; phrases with that word: " + strings.Join(phrases, ", ")
		}
	}
	u.Nearest = r.nearest(p, u.Unknown, at)
	return u
}

// with lists the phrases that have the word among others, unless they are many or the word
// says something alone.
func (r *Reader) with(word string) []string {
	var phrases []string
	for _, byPhrase := range r.words.phrases {
		if _, alone := byPhrase[word]; alone {
			return nil
		}
	}
	add := func(phrase string) {
		tokens := split(phrase)
		if len(tokens) > 1 && slices.ContainsFunc(tokens, func(t token) bool { return t.low == word }) && !slices.Contains(phrases, phrase) {
			phrases = append(phrases, phrase)
		}
	}
	for _, w := range r.words.rows {
		add(w.phrase)
	}
	for _, p := range r.places {
		add(p.Name)
	}
	if len(phrases) > maxPhrases {
		return nil
	}
	slices.Sort(phrases)
	return phrases
}

func either(want []string) string {
	if len(want) == 0 {
		return "something else"
	}
	if len(want) == 1 {
		return want[0]
	}
	return strings.Join(want[:len(want)-1], ", ") + " or " + want[len(want)-1]
}

// may reports whether the token may stand in some sentence.
func (r *Reader) may(t token) bool {
	if r.known[t.low] || strings.Contains(t.text, "/") || isHalf(t.text) {
		return true
	}
	if _, ok := r.places[t.text]; ok {
		return true
	}
	if _, ok := number(t.low); ok {
		return true
	}
	if n := len(t.low) - 2; n > 0 && digits(t.low[:n]) {
		return slices.Contains([]string{"st", "nd", "rd", "th"}, t.low[n:])
	}
	return false
}

// fillers are the words that are most often left out.
var fillers = []string{"in", "%", "requests", "accounts", "plus", "from", "of", "between", "and"}

// maxPhrases is how many phrases with a word help, more do not.
const maxPhrases = 5

// maxUnknown bounds in how many ways unknown words are replaced or dropped.
const maxUnknown = 4

// nearest returns a sentence that can be read and is one step away: an unknown word replaced
// or dropped, half a phrase completed, or else one word added or dropped. It is shown and never evaluated.
func (r *Reader) nearest(p *parser, unknown []Unknown, at []int) string {
	if len(at) > maxUnknown {
		return ""
	}
	try := func(words []string) (string, int) {
		claims, p := r.read(strings.Join(words, " "))
		if len(claims) == 1 {
			return claims[0].String(), 0
		}
		return "", p.far
	}
	for drop := range 1 << len(at) {
		words := p.without(unknown, at, drop)
		if len(words) == 0 {
			continue
		}
		found, far := try(words)
		if found != "" {
			return found
		}
		if far < len(words) {
			for _, f := range r.with(strings.ToLower(words[far])) {
				if found, _ := try(slices.Replace(slices.Clone(words), far, far+1, f)); found != "" {
					return found
				}
			}
		}
		for _, f := range fillers {
			if found, _ := try(slices.Insert(slices.Clone(words), min(far, len(words)), f)); found != "" {
				return found
			}
		}
		for i := range words {
			if found, _ := try(slices.Delete(slices.Clone(words), i, i+1)); found != "" {
				return found
			}
		}
	}
	return ""
}

// without returns the words of the sentence with the unknown ones dropped, those whose bit is
// set, or replaced; none when one that has no replacement should be replaced.
func (p *parser) without(unknown []Unknown, at []int, drop int) []string {
	var words []string
	for i, t := range p.tokens {
		k := slices.Index(at, i)
		switch {
		case k < 0:
			words = append(words, t.text)
		case drop>>k&1 != 0:
		case unknown[k].Nearest == "":
			return nil
		default:
			words = append(words, unknown[k].Nearest)
		}
	}
	return words
}
