package claim

import (
	"embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

//go:embed words.csv
var files embed.FS

// The codes that the grammar itself knows by name.
const (
	world    = "ZZ"                // place
	received = "requests_received" // measure
)

// word is one row of words.csv.
type word struct{ kind, phrase, code string }

// words is the closed list of what a sentence may be made of, beside the grammar's own words
// and the names of places.
type words struct {
	rows    []word
	phrases map[string]map[string][]string // kind, phrase as tokens: codes, sorted
	longest map[string]int                 // kind: most tokens of a phrase
}

// vocabulary is words.csv. A file of the wrong form is a mistake of the program.
var vocabulary = sync.OnceValue(func() *words {
	f, err := files.Open("words.csv")
	if err != nil {
		panic(err)
	}
	w, err := readWords(f)
	if err != nil {
		panic(err)
	}
	return w
})

// kinds of words, in the order in which the grammar explains them.
var kinds = []string{
	"provider", "process", "measure", "outcome", "place", "up", "down", "same", "times", "be", "share", "rank",
	"op", "ordinal", "percent", "silent",
}

func readWords(r io.Reader) (*words, error) {
	lines, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("words.csv: %w", err)
	}
	if len(lines) == 0 || !slices.Equal(lines[0], []string{"kind", "phrase", "code", "note"}) {
		return nil, fmt.Errorf("words.csv: the first line is not kind,phrase,code,note")
	}
	w := &words{phrases: map[string]map[string][]string{}, longest: map[string]int{}}
	// The silent words first: they are left out of the other phrases, too.
	for _, silent := range []bool{true, false} {
		for i, l := range lines[1:] {
			if (l[0] == "silent") != silent {
				continue
			}
			if !slices.Contains(kinds, l[0]) {
				return nil, fmt.Errorf("words.csv line %d: unknown kind %q", i+2, l[0])
			}
			if n := w.add(l[0], l[1], l[2]); n == 0 || silent && n > 1 {
				return nil, fmt.Errorf("words.csv line %d: phrase %q: want words, and one silent word a line", i+2, l[1])
			}
			w.rows = append(w.rows, word{l[0], l[1], l[2]})
		}
	}
	return w, nil
}

// add makes a phrase known, and returns its number of tokens.
func (w *words) add(kind, phrase, code string) int {
	tokens := split(phrase)
	if kind != "silent" {
		tokens = w.heard(tokens)
	}
	var parts []string
	for _, t := range tokens {
		parts = append(parts, t.low)
	}
	key := strings.Join(parts, " ")
	if w.phrases[kind] == nil {
		w.phrases[kind] = map[string][]string{}
	}
	if codes := w.phrases[kind][key]; !slices.Contains(codes, code) {
		w.phrases[kind][key] = append(codes, code)
		slices.Sort(w.phrases[kind][key])
	}
	w.longest[kind] = max(w.longest[kind], len(parts))
	return len(parts)
}

// with returns the words with those of the places beside them.
func (w *words) with(places []Place, aliases map[string][]string) *words {
	out := &words{rows: w.rows, phrases: map[string]map[string][]string{}, longest: map[string]int{}}
	for kind, n := range w.longest {
		out.longest[kind] = n
		out.phrases[kind] = w.phrases[kind]
	}
	out.phrases["place"] = map[string][]string{}
	for key, codes := range w.phrases["place"] {
		out.phrases["place"][key] = slices.Clone(codes)
	}
	for _, p := range places {
		for _, name := range append([]string{p.Name}, aliases[p.Code]...) {
			out.add("place", name, p.Code)
		}
	}
	return out
}

// heard leaves the silent words out.
func (w *words) heard(tokens []token) []token {
	return slices.DeleteFunc(slices.Clone(tokens), func(t token) bool {
		_, silent := w.phrases["silent"][t.low]
		return silent
	})
}

// first is the first phrase of the code, its canonical one; "" when it has none.
func (w *words) first(kind, code string) string {
	for _, r := range w.rows {
		if r.kind == kind && r.code == code {
			return r.phrase
		}
	}
	return ""
}

// any is the first phrase of the kind.
func (w *words) any(kind string) string {
	for _, r := range w.rows {
		if r.kind == kind {
			return r.phrase
		}
	}
	return ""
}

// match returns the codes of the longest phrase of the kind that begins at the first token,
// and how many tokens it has; 0 when none does.
func (w *words) match(kind string, tokens []token) ([]string, int) {
	for n := min(w.longest[kind], len(tokens)); n > 0; n-- {
		var parts []string
		for _, t := range tokens[:n] {
			parts = append(parts, t.low)
		}
		if codes := w.phrases[kind][strings.Join(parts, " ")]; len(codes) > 0 {
			return codes, n
		}
	}
	return nil, 0
}
