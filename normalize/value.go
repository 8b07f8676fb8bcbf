package normalize

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxCount is the largest number up to which a float64 holds every integer.
const maxCount = 1 << 53

// ValueOptions says what the caller knows about a printed figure before it is read. The
// zero value reads a count printed in English.
type ValueOptions struct {
	// Locale decides which separators group thousands and which one is the decimal
	// point: "en" (or ""), "de" or "fr".
	Locale string

	// Percent says that the figure is a share in percent that the publisher rounded.
	// Only one number from 0 to 100 is accepted then, with or without a percent sign;
	// without one, a number between 0 and 1 is refused, which may be a fraction of one.
	Percent bool

	// UpperBound says that "fewer than 500" is the wording of 50 U.S.C. 1873(d), and no
	// threshold of the publisher.
	UpperBound bool
}

// ValueDetails is what a printed figure tells apart from its value.
type ValueDetails struct {
	Fraction bool     // an end of the interval is no integer
	Percent  bool     // a percent sign is printed
	Marks    []string // footnote marks behind the figure: "*", "†", "[3]"
}

// ParseValue reads one printed figure: a number ("1,234", "39083.42", "2.1E-2"), a
// percentage ("54%"), a band ("0 - 499", "000–499", "between 6,000 and 7,000"), a
// threshold ("< 10", "fewer than 500": the integers below it), a lower bound ("5000+") or
// an approximate number ("~500"). The ends of the interval are inclusive, in the unit of
// the column.
//
// It refuses rather than guesses: negative numbers, low > high, more than two numbers,
// leading zeros ("06-30" is a date), groups that are not of three digits ("12,34"),
// exponents that leave digits out ("4.95E+03" may be 4948 rounded), words it does not know, counts beyond 2^53, and the count "6.000" in English, which may be
// six or six thousand. In German "6.000" and "1,558" are both thousands, as German texts
// about American reports print them. A text that stands for no figure ("-", "N/A", empty)
// is refused too: what it means is the label file's to say.
//
// ParseValue reads back what Interval.String prints, except counts with one to three
// digits before and exactly three behind the decimal point. It is safe for concurrent use.
func ParseValue(text string, o ValueOptions) (Interval, Exactness, ValueDetails, error) {
	if v, ok := plainDigits(text); ok {
		return finish(text, Point(v), Exact, ValueDetails{}, o)
	}
	p := valueParser{rest: strings.TrimFunc(text, blank), locale: o.Locale, percent: o.Percent}
	var d ValueDetails
	p.rest, d.Marks = cutMarks(p.rest)
	i, e, err := p.parse(o, &d)
	if err != nil {
		return Interval{}, "", ValueDetails{}, fmt.Errorf("value %q: %w", text, err)
	}
	return finish(text, i, e, d, o)
}

// plainDigits is the short way for most cells of every report.
func plainDigits(s string) (float64, bool) {
	if len(s) == 0 || len(s) > 15 || s[0] == '0' && len(s) > 1 {
		return 0, false
	}
	n := int64(0)
	for i := 0; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	return float64(n), true
}

func finish(text string, i Interval, e Exactness, d ValueDetails, o ValueOptions) (Interval, Exactness, ValueDetails, error) {
	high := i.high
	if i.open {
		high = i.low
	}
	switch {
	case o.Percent && e != Exact:
		return Interval{}, "", ValueDetails{}, fmt.Errorf("value %q: want one number of percent", text)
	case o.Percent && high > 100:
		return Interval{}, "", ValueDetails{}, fmt.Errorf("value %q: more than 100 percent", text)
	case o.Percent && !d.Percent && i.low > 0 && i.low < 1:
		return Interval{}, "", ValueDetails{}, fmt.Errorf("value %q: less than 1 without a percent sign may be a fraction of one", text)
	case o.Percent:
		e = Rounded
	case d.Percent:
		return Interval{}, "", ValueDetails{}, fmt.Errorf("value %q: a percent sign where a count is expected", text)
	case high > maxCount:
		return Interval{}, "", ValueDetails{}, fmt.Errorf("value %q: a count beyond 2^53", text)
	}
	d.Fraction = i.low != math.Trunc(i.low) || high != math.Trunc(high)
	return i, e, d, nil
}

func blank(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }

func dash(r rune) bool {
	return r == '-' || r >= '\u2010' && r <= '\u2015' || r == '\u2212' || r == '\u00ad'
}

func mark(r rune) bool {
	switch r {
	case '*', '†', '‡', '§', '¶', '•', '¹', '²', '³', '⁰', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹':
		return true
	}
	return false
}

// cutMarks cuts the footnote marks at the end of a text, and white space before them.
func cutMarks(s string) (string, []string) {
	var marks []string
	for {
		rest := strings.TrimRightFunc(s, blank)
		if cut := strings.TrimRightFunc(rest, mark); len(cut) < len(rest) {
			marks = append([]string{rest[len(cut):]}, marks...)
			s = cut
			continue
		}
		if strings.HasSuffix(rest, "]") {
			if i := strings.LastIndexByte(rest, '['); i >= 0 && digitsOnly(rest[i+1:len(rest)-1]) && len(rest)-i <= 5 {
				marks = append([]string{rest[i:]}, marks...)
				s = rest[:i]
				continue
			}
		}
		if len(marks) == 0 {
			return s, nil
		}
		return rest, marks
	}
}

func digitsOnly(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

type valueParser struct {
	rest    string
	locale  string
	percent bool
}

// Words before the number. Longer ones come first where one begins another.
var (
	betweenWords = []string{"between", "zwischen", "entre"}
	aboutWords   = []string{"approximately", "approx.", "approx", "about", "around", "circa", "ca.", "ungefähr", "etwa", "rund", "environ", "~", "≈"}
	fewerWords   = []string{"fewer than", "less than", "weniger als", "moins de", "<"}
	andWords     = []string{"to", "and", "bis", "und", "et", "à"}
)

func (p *valueParser) space() { p.rest = strings.TrimLeftFunc(p.rest, blank) }

// word takes one of the words if the rest begins with it, whole and whatever its case.
func (p *valueParser) word(words []string) bool {
	for _, w := range words {
		n := 0
		rest := p.rest
		for _, want := range w {
			r, size := utf8.DecodeRuneInString(rest[n:])
			if size == 0 || want == ' ' && !blank(r) || want != ' ' && unicode.ToLower(r) != want {
				n = -1
				break
			}
			n += size
		}
		if n < 0 {
			continue
		}
		next, _ := utf8.DecodeRuneInString(rest[n:])
		last, _ := utf8.DecodeLastRuneInString(w)
		if unicode.IsLetter(last) && (unicode.IsLetter(next) || unicode.IsDigit(next)) {
			continue
		}
		p.rest = rest[n:]
		p.space()
		return true
	}
	return false
}

func (p *valueParser) parse(o ValueOptions, d *ValueDetails) (Interval, Exactness, error) {
	if p.rest == "" {
		return Interval{}, "", errors.New("no figure")
	}
	switch p.locale {
	case "", "en", "de", "fr":
	default:
		return Interval{}, "", fmt.Errorf("locale %q: want en, de or fr", p.locale)
	}
	if p.word(fewerWords) {
		n, err := p.number(d)
		if err != nil {
			return Interval{}, "", err
		}
		if p.rest != "" {
			return Interval{}, "", fmt.Errorf("%q behind the threshold", p.rest)
		}
		if n < 1 || n != math.Trunc(n) || n > maxCount {
			return Interval{}, "", errors.New("a threshold that is no count above 0")
		}
		if o.UpperBound {
			return Range(0, n-1), UpperBound, nil
		}
		return Range(0, n-1), BelowThreshold, nil
	}
	about := p.word(aboutWords)
	between := p.word(betweenWords)
	low, err := p.number(d)
	if err != nil {
		return Interval{}, "", err
	}
	exact := func(e Exactness) Exactness {
		if about {
			return Approximate
		}
		return e
	}
	if p.rest == "" {
		if between {
			return Interval{}, "", errors.New("one end of a band only")
		}
		return Point(low), exact(Exact), nil
	}
	if p.rest == "+" && !between && !about {
		return AtLeast(low), LowerBound, nil
	}
	r, size := utf8.DecodeRuneInString(p.rest)
	switch {
	case dash(r):
		p.rest = p.rest[size:]
		p.space()
	case p.word(andWords):
	default:
		return Interval{}, "", fmt.Errorf("%q behind the number", p.rest)
	}
	high, err := p.number(d)
	if err != nil {
		return Interval{}, "", err
	}
	if p.rest != "" {
		return Interval{}, "", fmt.Errorf("%q behind the band", p.rest)
	}
	if low > high {
		return Interval{}, "", errors.New("the low end is above the high end")
	}
	if low == high {
		return Interval{}, "", errors.New("a band whose ends are equal")
	}
	return Range(low, high), exact(Band), nil
}

// number takes one number, a percent sign behind it, and the white space that follows.
func (p *valueParser) number(d *ValueDetails) (float64, error) {
	n := p.token()
	if n == 0 {
		if p.rest == "" {
			return 0, errors.New("a number is missing")
		}
		return 0, fmt.Errorf("%q where a number is expected", p.rest)
	}
	v, err := parseNumber(p.rest[:n], p.locale, p.percent)
	if err != nil {
		return 0, err
	}
	p.rest = p.rest[n:]
	if e := exponent(p.rest); e > 0 {
		// Worksheets keep small and large numbers like this, with one digit in front.
		if v >= 10 {
			return 0, fmt.Errorf("exponent %q behind more than one digit", p.rest[:e])
		}
		// A spreadsheet that shows "4.95E+03" for 4948 has rounded it: only a number that
		// prints all its digits in front of the point is the one that was meant.
		_, fraction, _ := strings.Cut(number(v), ".")
		if power, err := strconv.Atoi(p.rest[1:e]); err != nil || power > len(fraction) {
			return 0, fmt.Errorf("exponent %q leaves digits out: the number may be rounded", p.rest[:e])
		}
		if v, err = strconv.ParseFloat(number(v)+p.rest[:e], 64); err != nil {
			return 0, fmt.Errorf("exponent %q", p.rest[:e])
		}
		p.rest = p.rest[e:]
	}
	p.space()
	if strings.HasPrefix(p.rest, "%") {
		d.Percent = true
		p.rest = p.rest[1:]
		p.space()
	}
	return v, nil
}

// token returns the length of the run of digits, and separators between digits, at the
// start of the rest.
func (p *valueParser) token() int {
	end := 0
	for i := 0; i < len(p.rest); {
		c := p.rest[i]
		if c >= '0' && c <= '9' {
			i++
			end = i
			continue
		}
		r, size := utf8.DecodeRuneInString(p.rest[i:])
		if end != i || !separator(r, p.locale) { // two separators in a row end the run
			break
		}
		i += size
	}
	return end
}

func separator(r rune, locale string) bool {
	switch r {
	case ',', '.', '\'', '’', '\u00a0', '\u202f', '\u2009':
		return true
	case ' ':
		// English does not group with plain spaces: "12 345" may be two figures.
		return locale == "de" || locale == "fr"
	}
	return false
}

func exponent(s string) int {
	if len(s) < 2 || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	i := 1
	if s[i] == '+' || s[i] == '-' {
		i++
	}
	start := i
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == start || i-start > 3 {
		return 0
	}
	return i
}

// parseNumber reads a run of digits and separators, strictly.
func parseNumber(s, locale string, percent bool) (float64, error) {
	decimal := '.'
	if locale == "de" || locale == "fr" {
		decimal = ','
	}
	whole, fraction, hasFraction := strings.Cut(s, string(decimal))
	if hasFraction {
		switch {
		case locale == "de" && !percent && threes(s, ','):
			// "1,558" in a German text about an American report (DOMAIN.md 1.3).
			whole, fraction, hasFraction = s, "", false
			return groups(whole, ',')
		case !digitsOnly(fraction):
			return 0, fmt.Errorf("%q: digits and separators do not make one number", s)
		case len(fraction) == 3 && digitsOnly(whole) && len(whole) <= 3 && whole[0] != '0' && !percent:
			return 0, fmt.Errorf("%q: thousands or a decimal point cannot be told apart", s)
		}
	}
	v, err := wholeNumber(whole, locale)
	if err != nil || !hasFraction {
		return v, err
	}
	v, err = strconv.ParseFloat(number(v)+"."+fraction, 64)
	if err != nil {
		return 0, fmt.Errorf("%q: no number", s)
	}
	return v, nil
}

func wholeNumber(s, locale string) (float64, error) {
	at := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if at < 0 {
		if len(s) > 1 && s[0] == '0' && strings.Trim(s, "0") != "" {
			return 0, fmt.Errorf("%q: a count does not start with 0", s)
		}
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return 0, fmt.Errorf("%q: no number", s)
		}
		return v, nil
	}
	sep, _ := utf8.DecodeRuneInString(s[at:])
	allowed := sep == '\'' || sep == '’' || sep == '\u00a0' || sep == '\u202f' || sep == '\u2009'
	switch locale {
	case "de":
		allowed = allowed || sep == '.' || sep == ' '
	case "fr":
		allowed = allowed || sep == ' '
	default:
		allowed = allowed || sep == ','
	}
	if !allowed {
		return 0, fmt.Errorf("%q: %q does not group thousands here", s, sep)
	}
	return groups(s, sep)
}

// threes reports whether the text is one to three digits, not starting with 0, and then
// groups of three digits that the separator sets apart.
func threes(s string, sep rune) bool {
	f := strings.Split(s, string(sep))
	if len(f) < 2 || len(f[0]) > 3 || !digitsOnly(f[0]) || f[0][0] == '0' {
		return false
	}
	for _, g := range f[1:] {
		if len(g) != 3 || !digitsOnly(g) {
			return false
		}
	}
	return true
}

func groups(s string, sep rune) (float64, error) {
	if !threes(s, sep) {
		return 0, fmt.Errorf("%q: thousands are not grouped by three", s)
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(s, string(sep), ""), 64)
	if err != nil {
		return 0, fmt.Errorf("%q: no number", s)
	}
	return v, nil
}

// parseEnds reads a band whose ends stand in two cells. Both must be plain numbers. Equal
// ends are one exact number.
func parseEnds(low, high string, o ValueOptions) (Interval, Exactness, ValueDetails, error) {
	l, e1, d1, err := ParseValue(low, o)
	if err != nil {
		return Interval{}, "", ValueDetails{}, err
	}
	h, e2, d2, err := ParseValue(high, o)
	if err != nil {
		return Interval{}, "", ValueDetails{}, err
	}
	if e1 != Exact || e2 != Exact {
		return Interval{}, "", ValueDetails{}, fmt.Errorf("value %q | %q: an end that is no plain number", low, high)
	}
	if l.low > h.low {
		return Interval{}, "", ValueDetails{}, fmt.Errorf("value %q | %q: the low end is above the high end", low, high)
	}
	d := ValueDetails{Fraction: d1.Fraction || d2.Fraction, Marks: append(d1.Marks, d2.Marks...)}
	if l.low == h.low {
		return l, Exact, d, nil
	}
	return Range(l.low, h.low), Band, d, nil
}
