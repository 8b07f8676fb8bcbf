package scrape

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Layout is what one table of a capture looked like: nothing of it is a figure. The lists
// are sorted and hold each text once, white space folded, case kept.
type Layout struct {
	Table   string   // Row.Table
	Lines   int64    // printed lines that have figures
	Places  []string // files of a ZIP and worksheets that the figures stand in
	Headers []string // over the figures
	Keys    []string // over the words that say what a figure is, with what the room found them to be: "country: Country/Region"
	Kinds   []string // what stands under each header, "Requests: number"; blank cells do not count
	Labels  []string // words for countries, processes and products, "country: Germany"
}

// Fingerprint is a hash of the layout, and of the number of lines its order of magnitude:
// two captures with the same one look alike.
func (l Layout) Fingerprint() string {
	h := sha256.New()
	for _, list := range [][]string{{l.Table, strconv.Itoa(len(strconv.FormatInt(l.Lines, 10)))}, l.Places, l.Headers, l.Keys, l.Kinds, l.Labels} {
		for _, s := range list {
			h.Write([]byte(s))
			h.Write([]byte{0x1f})
		}
		h.Write([]byte{0x1e})
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// maxSketched bounds each list of a layout: a file full of prose must not fill the memory.
// The largest list known has the names of some 250 countries in two tables.
const maxSketched = 4096

// Sketch draws the layouts of a capture's tables from its rows, in one pass. The zero value
// is ready; it is not safe for concurrent use.
type Sketch struct {
	tables map[string]*sketched
	last   *sketched
}

// sketched is one table in the making. Texts are kept as printed and folded at the end: a
// report repeats the same few hundred in every line.
type sketched struct {
	name    string
	lines   int64
	line    int // of the last row
	place   Locator
	places  map[string]bool
	headers map[string]kinds
	keys    map[word]bool // Text is the header
	labels  map[word]bool
}

type word struct {
	role Role
	text string
}

// kinds is a set of kinds of texts.
type kinds uint8

// The kinds of texts in a figure's place. A blank one has none.
const (
	kindNumber kinds = 1 << iota
	kindPercent
	kindBand
	kindWords
)

var kindNames = map[kinds]string{kindNumber: "number", kindPercent: "percent", kindBand: "band", kindWords: "words"}

// Add takes the next row, whatever will become of it.
func (s *Sketch) Add(r *Row) {
	t := s.last
	if t == nil || t.name != r.Table {
		if t = s.tables[r.Table]; t == nil {
			t = &sketched{name: r.Table, places: map[string]bool{}, headers: map[string]kinds{}, keys: map[word]bool{}, labels: map[word]bool{}}
			if s.tables == nil {
				s.tables = map[string]*sketched{}
			}
			s.tables[r.Table] = t
		}
		s.last = t
	}
	if r.Line != t.line || t.lines == 0 {
		t.line = r.Line
		t.lines++
		for i := range r.Keys {
			k := &r.Keys[i]
			note(t.keys, word{k.Role, k.Header})
			switch k.Role {
			case RoleCountry, RoleProcess, RoleProduct:
				note(t.labels, word{k.Role, k.Text})
			}
		}
	}
	if at := &r.Value.At; at.Member != t.place.Member || at.Sheet != t.place.Sheet {
		t.place = *at
		for _, place := range [...]string{at.Member, at.Sheet} {
			if place != "" {
				note(t.places, place)
			}
		}
	}
	have, ok := t.headers[r.Value.Header]
	if kind := kindOf(r.Value.Text); (!ok || have&kind != kind) && len(t.headers) < maxSketched {
		t.headers[r.Value.Header] = have | kind
	}
}

func note[K comparable](set map[K]bool, k K) {
	if !set[k] && len(set) < maxSketched {
		set[k] = true
	}
}

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

// kindOf says what kind of text stands in a figure's place.
func kindOf(s string) kinds {
	digits, others, dash, share := false, false, false, false
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits = true
		case r == '-' || r == '–' || r == '—':
			dash = dash || digits // not the sign of a number
		case r == '%':
			share = true
		case r == '.' || r == ',' || r == '\'' || r == ' ' || r == '\u00a0' || r == '\t' || r == '\n' || r == '\r':
		default:
			others = true
		}
	}
	switch {
	case others || !digits && (dash || share):
		return kindWords
	case !digits:
		if strings.TrimSpace(s) == "" {
			return 0
		}
		return kindWords
	case dash:
		return kindBand
	case share:
		return kindPercent
	}
	return kindNumber
}

// Layouts returns the tables of the rows so far, by name.
func (s *Sketch) Layouts() []Layout {
	var out []Layout
	for _, t := range s.tables {
		l := Layout{Table: t.name, Lines: t.lines, Places: sorted(maps.Keys(t.places))}
		headers, under := map[string]bool{}, map[string]bool{}
		for h, have := range t.headers {
			if h = fold(h); h == "" {
				continue // notes beside the table
			}
			headers[h] = true
			for kind, name := range kindNames {
				if have&kind != 0 {
					under[h+": "+name] = true
				}
			}
		}
		l.Headers, l.Kinds = sorted(maps.Keys(headers)), sorted(maps.Keys(under))
		folded := func(set map[word]bool) []string {
			out := map[string]bool{}
			for w := range set {
				out[string(w.role)+": "+fold(w.text)] = true
			}
			return sorted(maps.Keys(out))
		}
		l.Keys, l.Labels = folded(t.keys), folded(t.labels)
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Layout) int { return cmp.Compare(a.Table, b.Table) })
	return out
}

// sorted is slices.Sorted, and never nil.
func sorted(texts iter.Seq[string]) []string {
	return append([]string{}, slices.Sorted(texts)...)
}
