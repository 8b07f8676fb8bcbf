package normalize

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Years outside this span are no reporting periods; a number there is something else.
const (
	firstYear = 1990
	lastYear  = 2099
)

// NewPeriod returns the period from start to end, both inclusive, with its kind. It
// returns the zero Period when end is before start.
func NewPeriod(start, end time.Time) Period {
	if end.Before(start) {
		return Period{}
	}
	return Period{Start: start, End: end, Kind: kindOf(start, end)}
}

func kindOf(start, end time.Time) PeriodKind {
	if start.Equal(end) {
		return Day
	}
	next := end.AddDate(0, 0, 1)
	if start.Day() != 1 || next.Day() != 1 {
		return Irregular
	}
	months := (next.Year()-start.Year())*12 + int(next.Month()) - int(start.Month())
	first := int(start.Month()) - 1
	switch {
	case months == 1:
		return Month
	case months == 3 && first%3 == 0:
		return Quarter
	case months == 6 && first%6 == 0:
		return Half
	case months == 12 && first == 0:
		return Year
	case months == 12:
		return FiscalYear
	}
	return Irregular
}

// IsZero reports whether there is no period.
func (p Period) IsZero() bool { return p.Kind == "" }

// Label prints the period as "2014-H2", "2012", "2014-Q1", "2013-05", "2012-08-09", or
// with both days, "2012-12-01/2013-05-31", when it is none of these. ParsePeriod reads it
// back. The zero Period prints "".
func (p Period) Label() string {
	switch p.Kind {
	case "":
		return ""
	case Half:
		return fmt.Sprintf("%04d-H%d", p.Start.Year(), (int(p.Start.Month())+5)/6)
	case Year:
		return fmt.Sprintf("%04d", p.Start.Year())
	case Quarter:
		return fmt.Sprintf("%04d-Q%d", p.Start.Year(), (int(p.Start.Month())+2)/3)
	case Month:
		return p.Start.Format("2006-01")
	case Day:
		return p.Start.Format(time.DateOnly)
	}
	return p.Start.Format(time.DateOnly) + "/" + p.End.Format(time.DateOnly)
}

func (p Period) String() string { return p.Label() }

// halfIndex numbers half-years without a gap: 2014-H1 is 4028, 2014-H2 is 4029.
func (p Period) halfIndex() (int, bool) {
	return p.Start.Year()*2 + int(p.Start.Month())/7, p.Kind == Half
}

func halfAt(index int) Period {
	start := civil(index/2, 1+index%2*6, 1)
	return NewPeriod(start, start.AddDate(0, 6, -1))
}

func civil(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

// PeriodOptions says what the caller knows about a printed period.
type PeriodOptions struct {
	// Year completes a period that is printed without a year ("January to June"), when a
	// title prints the year apart. 0 is unknown. A period that prints another year then
	// is a contradiction.
	Year int

	// HalfEnding says that a lone day is the last day of a half-year; else it is that day.
	HalfEnding bool

	// FiscalStart is the first month of "FY2013", which begins in the year before unless
	// it is January. 0 is unknown, and fiscal years are refused then.
	FiscalStart time.Month
}

// ParsePeriod finds the one period that a printed text names: "2013 H1", "Jan - June
// 2021", "July 2021 - December 2021", "2012", "Q1 2014", "juldec14", "six months ended
// December 31, 2012", a title with the period inside, or a lone day (see
// PeriodOptions.HalfEnding). Month names may be English, German or French.
//
// It refuses texts with no period, with two different ones, with a range that goes on
// behind what was understood, and numeric days such as 7/1/16 that can be read in two
// orders. A bare year counts only when it is the whole text. It is safe for concurrent use.
func ParsePeriod(text string, o PeriodOptions) (Period, error) {
	fail := func(format string, args ...any) (Period, error) {
		return Period{}, fmt.Errorf("period %q: %w", text, fmt.Errorf(format, args...))
	}
	if len(text) > 2000 {
		return fail("longer than 2000 bytes")
	}
	if o.Year != 0 && (o.Year < firstYear || o.Year > lastYear) {
		return fail("the year %d that is printed apart is no reporting year", o.Year)
	}
	s := periodScanner{toks: tokenize(text), o: o}
	var found Period
	var years []int // printed apart from every period
	for i := 0; i < len(s.toks); {
		p, n, err := s.at(i)
		if err != nil {
			return fail("%w", err)
		}
		if n == 0 {
			if y, ok := s.year(i); ok {
				years = append(years, y)
			} else if w := s.toks[i].word; s.halfWord(i) || months[w] > 0 && w != "may" && w != "mai" && w != "mar" && w != "march" && w != "mars" {
				return fail("%q alone is no period", w)
			}
			i++
			continue
		}
		if s.goesOn(i-1, -1) || s.goesOn(i+n, 1) {
			return fail("the range does not end at %q", p.Label())
		}
		if !found.IsZero() && (!found.Start.Equal(p.Start) || !found.End.Equal(p.End)) {
			return fail("two periods, %s and %s", found.Label(), p.Label())
		}
		found = p
		i += n
	}
	if found.IsZero() {
		if len(years) == 1 && s.onlyYear() {
			y := years[0]
			if o.Year != 0 && o.Year != y {
				return fail("the year %d is printed apart", o.Year)
			}
			return NewPeriod(civil(y, 1, 1), civil(y, 12, 31)), nil
		}
		return fail("no period")
	}
	for _, y := range append(years, o.Year) {
		if y != 0 && (y < found.Start.Year() || y > found.End.Year()) {
			return fail("the year %d is printed apart from %s", y, found.Label())
		}
	}
	if found.Kind == Day && o.HalfEnding {
		p, err := halfEnding(found.End)
		if err != nil {
			return fail("%w", err)
		}
		return p, nil
	}
	return found, nil
}

// halfEnding returns the half-year that ends on the day.
func halfEnding(end time.Time) (Period, error) {
	var p Period
	if end.Month() <= time.June {
		p = NewPeriod(civil(end.Year(), 1, 1), end)
	} else {
		p = NewPeriod(civil(end.Year(), 7, 1), end)
	}
	if p.Kind != Half {
		return Period{}, fmt.Errorf("no half-year ends on %s", end.Format(time.DateOnly))
	}
	return p, nil
}

// ParseDays reads a first and a last day that stand in two cells ("7/1/16", "12/31/16").
// Numeric days that could be read in two orders are settled by the other day when that
// leaves one reading in which start is not after end; else they are refused.
func ParseDays(start, end string) (Period, error) {
	a, err1 := readDay(start)
	b, err2 := readDay(end)
	if err := errors.Join(err1, err2); err != nil {
		return Period{}, err
	}
	p, err := a.to(b)
	if err != nil {
		return Period{}, fmt.Errorf("days %q and %q: %w", start, end, err)
	}
	return p, nil
}

// ParseDay reads one day: "2012-08-09", "31. Dezember 2012", "12/31/2009". A numeric day
// that can be read in two orders is refused.
func ParseDay(text string) (time.Time, error) {
	d, err := readDay(text)
	if err != nil {
		return time.Time{}, err
	}
	at, err := d.only()
	if err != nil {
		return time.Time{}, fmt.Errorf("day %q: %w", text, err)
	}
	return at, nil
}

func readDay(text string) (moment, error) {
	if len(text) > 100 {
		return moment{}, fmt.Errorf("day %q: longer than 100 bytes", text[:100])
	}
	s := periodScanner{toks: tokenize(text)}
	m, n := s.moment(0)
	if n == 0 || n != len(s.toks) || m.d == 0 && m.slash == [2]int{} || m.y == 0 {
		return moment{}, fmt.Errorf("day %q: no day with month and year", text)
	}
	return m, nil
}

// moment is a day or a month as printed; 0 is not printed.
type moment struct {
	y, m, d int
	slash   [2]int // two numbers whose order is not known: m/d or d/m
	first   bool   // the year stands in front: "2013 Jan"
}

func validDay(y, m, d int) (time.Time, bool) {
	t := civil(y, m, d)
	return t, m >= 1 && m <= 12 && d >= 1 && t.Day() == d
}

// readings returns every day that the moment can be.
func (m moment) readings() [2]time.Time {
	var out [2]time.Time
	if m.slash == [2]int{} {
		if t, ok := validDay(m.y, m.m, m.d); ok {
			out[0] = t
		}
		return out
	}
	if t, ok := validDay(m.y, m.slash[0], m.slash[1]); ok {
		out[0] = t
	}
	if t, ok := validDay(m.y, m.slash[1], m.slash[0]); ok {
		out[1] = t
	}
	return out
}

func (m moment) only() (time.Time, error) {
	r := m.readings()
	switch {
	case r[0].IsZero() && r[1].IsZero():
		return time.Time{}, errors.New("no such day")
	case r[0].IsZero():
		return r[1], nil
	case r[1].IsZero() || r[0].Equal(r[1]):
		return r[0], nil
	}
	return time.Time{}, fmt.Errorf("it may be %s or %s", r[0].Format(time.DateOnly), r[1].Format(time.DateOnly))
}

// to makes the period from one day to another. Both numeric days are read in one order.
func (m moment) to(end moment) (Period, error) {
	a, b := m.readings(), end.readings()
	aFree, bFree := m.slash != [2]int{}, end.slash != [2]int{}
	var got Period
	for i := range a {
		for j := range b {
			if aFree && bFree && i != j || a[i].IsZero() || b[j].IsZero() || b[j].Before(a[i]) {
				continue
			}
			p := NewPeriod(a[i], b[j])
			if !got.IsZero() && (!got.Start.Equal(p.Start) || !got.End.Equal(p.End)) {
				return Period{}, fmt.Errorf("they may be %s or %s", got.Label(), p.Label())
			}
			got = p
		}
	}
	if got.IsZero() {
		return Period{}, errors.New("no reading in which the first day is not after the last")
	}
	return got, nil
}

// token is a word, a number or one other character.
type token struct {
	word  string // lower case; for a character, the character, dashes as "-"
	num   int    // of a number
	size  int    // digits of a number, 0 for words
	glued bool   // no white space before
	kind  byte   // 'w', 'n', 's'
}

func tokenize(text string) []token {
	var out []token
	glued := false
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case blank(r):
			glued = false
			i += size
			continue
		case r >= '0' && r <= '9':
			j := i
			for j < len(text) && text[j] >= '0' && text[j] <= '9' {
				j++
			}
			t := token{word: text[i:j], size: j - i, glued: glued, kind: 'n'}
			if t.size <= 4 {
				t.num, _ = strconv.Atoi(t.word) // at most four digits
			} else {
				t.num = -1
			}
			out = append(out, t)
			i = j
		case unicode.IsLetter(r) || unicode.IsMark(r):
			j := i
			for j < len(text) {
				q, n := utf8.DecodeRuneInString(text[j:])
				if !unicode.IsLetter(q) && !unicode.IsMark(q) {
					break
				}
				j += n
			}
			out = append(out, token{word: strings.ToLower(text[i:j]), glued: glued, kind: 'w'})
			i = j
		default:
			w := text[i : i+size]
			if dash(r) {
				w = "-"
			}
			out = append(out, token{word: w, glued: glued, kind: 's'})
			i += size
		}
		glued = true
	}
	return out
}

var months = map[string]int{
	"january": 1, "jan": 1, "januar": 1, "jänner": 1, "janvier": 1, "janv": 1,
	"february": 2, "feb": 2, "februar": 2, "février": 2, "fevrier": 2, "févr": 2,
	"march": 3, "mar": 3, "märz": 3, "maerz": 3, "mrz": 3, "mars": 3,
	"april": 4, "apr": 4, "avril": 4, "avr": 4,
	"may": 5, "mai": 5,
	"june": 6, "jun": 6, "juni": 6, "juin": 6,
	"july": 7, "jul": 7, "juli": 7, "juillet": 7, "juil": 7,
	"august": 8, "aug": 8, "août": 8, "aout": 8,
	"september": 9, "sep": 9, "sept": 9, "septembre": 9,
	"october": 10, "oct": 10, "oktober": 10, "okt": 10, "octobre": 10,
	"november": 11, "nov": 11, "novembre": 11,
	"december": 12, "dec": 12, "dezember": 12, "dez": 12, "décembre": 12, "decembre": 12, "déc": 12,
}

type periodScanner struct {
	toks []token
	o    PeriodOptions
}

func (s periodScanner) tok(i int) token {
	if i < 0 || i >= len(s.toks) {
		return token{}
	}
	return s.toks[i]
}

func (s periodScanner) is(i int, words ...string) bool {
	t := s.tok(i)
	for _, w := range words {
		if t.kind != 0 && t.word == w {
			return true
		}
	}
	return false
}

func (s periodScanner) year(i int) (int, bool) {
	t := s.tok(i)
	return t.num, t.kind == 'n' && t.size == 4 && t.num >= firstYear && t.num <= lastYear
}

func (s periodScanner) small(i, high int) (int, bool) {
	t := s.tok(i)
	return t.num, t.kind == 'n' && t.size <= 2 && t.num >= 1 && t.num <= high
}

// joint skips one mark or filler word that may stand between a year and its part.
func (s periodScanner) joint(i int) int {
	if s.is(i, "-", "_", ",", ":", "of", "in", "the", "du", "de") {
		return i + 1
	}
	return i
}

// at returns the period that begins at token i and the number of its tokens, 0 for none.
func (s periodScanner) at(i int) (Period, int, error) {
	for _, try := range []func(int) (Period, int, error){s.ended, s.glued, s.halfOrQuarter, s.fiscal, s.span} {
		if p, n, err := try(i); n > 0 || err != nil {
			return p, n, err
		}
	}
	return Period{}, 0, nil
}

// part reads "H1", "1H", "Q3", "1st half", "second half", "zweites Halbjahr",
// "letzten sechs Monate": a half (count 2) or a quarter (count 4) without its year.
func (s periodScanner) part(i int) (number, count, n int) {
	letters := map[string]int{"h": 2, "q": 4}
	if c := letters[s.tok(i).word]; c > 0 {
		if v, ok := s.small(i+1, c); ok && s.tok(i+1).glued && s.tok(i+1).size == 1 {
			return v, c, 2
		}
	}
	if v, ok := s.small(i, 4); ok && s.tok(i).size == 1 {
		if c := letters[s.tok(i+1).word]; c >= v && s.tok(i+1).glued {
			return v, c, 2
		}
	}
	j, ordinal := i, 0
	if v, ok := s.small(i, 2); ok && s.is(i+1, "st", "nd", ".", "er", "e", "ème", "eme") {
		ordinal, j = v, i+2
	} else {
		switch s.tok(i).word {
		case "first", "erstes", "ersten", "erste", "premier":
			ordinal, j = 1, i+1
		case "second", "last", "zweites", "zweiten", "zweite", "deuxième":
			ordinal, j = 2, i+1
		}
	}
	if ordinal > 0 {
		if s.is(j, "half", "halbjahr", "halbjahres", "semestre") {
			return ordinal, 2, j + 1 - i
		}
		if s.is(j, "six", "6") && s.is(j+1, "months") && s.is(j+2, "of") {
			return ordinal, 2, j + 2 - i
		}
	}
	return 0, 0, 0
}

// halfWord says that a half or a quarter without a year stands at i.
func (s periodScanner) halfWord(i int) bool {
	_, _, n := s.part(i)
	return n > 0
}

func (s periodScanner) halfOrQuarter(i int) (Period, int, error) {
	make := func(y, number, count int) Period {
		length := 12 / count
		start := civil(y, 1+(number-1)*length, 1)
		return NewPeriod(start, start.AddDate(0, length, -1))
	}
	if number, count, n := s.part(i); n > 0 {
		j := s.joint(i + n)
		if s.is(j, "the", "year") {
			j++
		}
		if y, ok := s.year(j); ok {
			return make(y, number, count), j + 1 - i, nil
		}
	}
	if y, ok := s.year(i); ok {
		j := s.joint(i + 1)
		if s.is(j, "(") {
			j++
		}
		if number, count, n := s.part(j); n > 0 {
			end := j + n
			if s.is(end, ")") {
				end++
			}
			return make(y, number, count), end - i, nil
		}
	}
	return Period{}, 0, nil
}

// ended reads "six months ended December 31, 2012", "letzten 6 Monaten bis 31.Dezember
// 2012": six whole months that end on a printed day.
func (s periodScanner) ended(i int) (Period, int, error) {
	if !s.is(i, "six", "6", "sechs") {
		return Period{}, 0, nil
	}
	j := i + 1
	if s.is(j, "-") {
		j++
	}
	if !s.is(j, "month", "months", "monate", "monaten", "mois") {
		return Period{}, 0, nil
	}
	j++
	fillers := j
	for s.is(j, "period", "ended", "ending", "end", "until", "through", "to", "bis", "zum", "se", "terminant", "le", "on", "am", ",", "jusqu", "au") {
		j++
	}
	if j == fillers {
		return Period{}, 0, nil
	}
	m, n := s.moment(j)
	if n == 0 || m.y == 0 || m.d == 0 && m.slash == [2]int{} {
		return Period{}, 0, nil
	}
	end, err := m.only()
	if err != nil {
		return Period{}, 0, err
	}
	next := end.AddDate(0, 0, 1)
	if next.Day() != 1 {
		return Period{}, 0, fmt.Errorf("six months that end on %s are no whole months", end.Format(time.DateOnly))
	}
	return NewPeriod(next.AddDate(0, -6, 0), end), j + n - i, nil
}

// glued reads the file-name forms "juldec14" and "jul12jun13".
func (s periodScanner) glued(i int) (Period, int, error) {
	yy := func(k int) (int, bool) {
		t := s.tok(k)
		if !t.glued || t.kind != 'n' {
			return 0, false
		}
		if y, ok := s.year(k); ok {
			return y, true
		}
		return 2000 + t.num, t.size == 2 && t.num < 70
	}
	w := s.tok(i).word
	if len(w) == 6 && months[w[:3]] > 0 && months[w[3:]] > 0 {
		if y, ok := yy(i + 1); ok {
			p, err := monthSpan(moment{y: y, m: months[w[:3]]}, moment{y: y, m: months[w[3:]]})
			return p, 2, err
		}
	}
	if t := s.tok(i + 2); len(w) == 3 && months[w] > 0 && len(t.word) == 3 && months[t.word] > 0 && t.glued {
		y1, ok1 := yy(i + 1)
		y2, ok2 := yy(i + 3)
		if ok1 && ok2 {
			p, err := monthSpan(moment{y: y1, m: months[w]}, moment{y: y2, m: months[t.word]})
			return p, 4, err
		}
	}
	return Period{}, 0, nil
}

func (s periodScanner) fiscal(i int) (Period, int, error) {
	j := i
	switch {
	case s.is(i, "fy"):
		j = i + 1
	case s.is(i, "fiscal") && s.is(i+1, "year"):
		j = i + 2
	default:
		return Period{}, 0, nil
	}
	y, ok := s.year(j)
	if !ok {
		return Period{}, 0, errors.New("a fiscal year without its year in four digits")
	}
	if s.o.FiscalStart < time.January || s.o.FiscalStart > time.December {
		return Period{}, 0, fmt.Errorf("the first month of fiscal year %d is not declared", y)
	}
	start := civil(y, int(s.o.FiscalStart), 1)
	if s.o.FiscalStart != time.January {
		start = start.AddDate(-1, 0, 0)
	}
	return NewPeriod(start, start.AddDate(1, 0, -1)), j + 1 - i, nil
}

// moment reads a day or a month with as much of its date as is printed.
func (s periodScanner) moment(i int) (moment, int) {
	if y, ok := s.year(i); ok {
		// ISO: 2013-05, 2013-05-31; and the year first: "2013 Jan", "2013_Jan".
		if s.is(i+1, "-") && s.tok(i+1).glued && s.tok(i+2).glued && s.tok(i+2).size == 2 {
			if m, ok := s.small(i+2, 12); ok {
				if s.is(i+3, "-") && s.tok(i+3).glued && s.tok(i+4).glued && s.tok(i+4).size == 2 {
					if d, ok := s.small(i+4, 31); ok {
						return moment{y: y, m: m, d: d}, 5
					}
					return moment{}, 0
				}
				return moment{y: y, m: m}, 3
			}
			return moment{}, 0
		}
		j := i + 1
		if s.is(j, "-", "_", ",", ":", "(") {
			j++
		}
		if m := months[s.tok(j).word]; m > 0 {
			if s.is(j+1, ".") {
				j++
			}
			return moment{y: y, m: m, first: true}, j + 1 - i
		}
		return moment{}, 0
	}
	if a, ok := s.small(i, 31); ok {
		// 12/31/2009, 31.12.2009
		for _, sep := range []string{"/", "."} {
			b, ok := s.small(i+2, 31)
			if !ok || !s.is(i+1, sep) || !s.is(i+3, sep) || !s.tok(i+1).glued || !s.tok(i+2).glued || !s.tok(i+3).glued || !s.tok(i+4).glued {
				continue
			}
			y, ok := s.year(i + 4)
			if t := s.tok(i + 4); !ok && t.kind == 'n' && t.size == 2 && t.num < 70 {
				y, ok = 2000+t.num, true
			}
			if !ok {
				continue
			}
			if sep == "." { // points are German, and German days stand first
				return moment{y: y, m: b, d: a}, 5
			}
			return moment{y: y, slash: [2]int{a, b}}, 5
		}
		// 31. Dezember 2012, 1st of May 2013
		j := i + 1
		if s.is(j, ".", "st", "nd", "rd", "th", "er") {
			j++
		}
		if s.is(j, "of") {
			j++
		}
		m := months[s.tok(j).word]
		if m == 0 {
			return moment{}, 0
		}
		j++
		if s.is(j, ".") {
			j++
		}
		k := j
		if s.is(k, ",") {
			k++
		}
		if y, ok := s.year(k); ok {
			return moment{y: y, m: m, d: a}, k + 1 - i
		}
		return moment{m: m, d: a}, j - i
	}
	m := months[s.tok(i).word]
	if m == 0 {
		return moment{}, 0
	}
	j := i + 1
	if s.is(j, ".") {
		j++
	}
	d := 0
	if v, ok := s.small(j, 31); ok && !s.tok(j).glued && !s.is(j+1, "/", ".") {
		d, j = v, j+1
		if s.is(j, "st", "nd", "rd", "th") {
			j++
		}
	}
	k := j
	if s.is(k, ",", "-", "_") {
		k++
	}
	if y, ok := s.year(k); ok && (s.is(j, ",") || k == j || s.tok(k).glued && s.tok(j).glued) {
		return moment{y: y, m: m, d: d}, k + 1 - i
	}
	return moment{m: m, d: d}, j - i
}

var rangeWords = []string{"-", "_", "to", "through", "thru", "until", "bis", "à", "au", "a", "/"}

// span reads one moment, or two with a dash or a word between, and the year behind them.
func (s periodScanner) span(i int) (Period, int, error) {
	a, n := s.moment(i)
	if n == 0 {
		return Period{}, 0, nil
	}
	j := i + n
	if s.is(j, rangeWords...) {
		k := j + 1
		if s.is(k, "le", "the", "zum") {
			k++
		}
		if b, m := s.moment(k); m > 0 {
			end := k + m
			if a.first && b.y != 0 && !b.first && a.y != b.y {
				// "Report 2013: July - December 2014": the first year is a title's.
				return Period{}, 0, fmt.Errorf("the year %d in front and %d behind", a.y, b.y)
			}
			if a.y == 0 && b.y == 0 {
				if s.o.Year == 0 {
					return Period{}, 0, errors.New("months without a year")
				}
				b.y = s.o.Year
			}
			if a.y == 0 {
				a.y = b.y
			}
			if b.y == 0 {
				b.y = a.y
			}
			dayA, dayB := a.d > 0 || a.slash != [2]int{}, b.d > 0 || b.slash != [2]int{}
			switch {
			case dayA != dayB:
				return Period{}, 0, errors.New("a range from a day to a month")
			case dayA:
				p, err := a.to(b)
				return p, end - i, err
			}
			p, err := monthSpan(a, b)
			return p, end - i, err
		}
	}
	if a.y == 0 {
		// A month or a day without a year: part of a sentence ("may"), or refused by
		// the caller.
		return Period{}, 0, nil
	}
	if a.d > 0 || a.slash != [2]int{} {
		at, err := a.only()
		if err != nil {
			return Period{}, 0, err
		}
		return NewPeriod(at, at), n, nil
	}
	p, err := monthSpan(a, a)
	return p, n, err
}

func monthSpan(a, b moment) (Period, error) {
	start, end := civil(a.y, a.m, 1), civil(b.y, b.m, 1).AddDate(0, 1, -1)
	if end.Before(start) {
		return Period{}, fmt.Errorf("%s is before %s", end.Format("2006-01"), start.Format("2006-01"))
	}
	return NewPeriod(start, end), nil
}

// goesOn reports whether a range or list continues beyond a period: a dash, slash or
// range word at i, and behind it (in direction step) another number or month.
func (s periodScanner) goesOn(i, step int) bool {
	t := s.tok(i)
	if t.kind == 'n' && t.glued && step > 0 {
		return true
	}
	if !s.is(i, append([]string{"&", "+", "and", "und", "et"}, rangeWords...)...) {
		return false
	}
	next := s.tok(i + step)
	if next.kind == 'n' {
		return true
	}
	return months[next.word] > 0 || next.word == "h" || next.word == "q"
}

// onlyYear reports whether the text is one year and words that say so.
func (s periodScanner) onlyYear() bool {
	for i := range s.toks {
		if _, ok := s.year(i); ok {
			continue
		}
		if !s.is(i, "year", "calendar", "cy", "jahr", "année", "in", "the", ".", ":", "*") {
			return false
		}
	}
	return true
}
