package claim

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a sentence: the reader tries every way in which it may be read.
const (
	maxBytes    = 500
	maxTokens   = 60
	maxReadings = 4
	maxSteps    = 50_000
)

// Lists are the names that a sentence may use beside the words of words.csv.
type Lists struct {
	Places  []Place             // the warehouse's jurisdictions
	Aliases map[string][]string // other names of a place, by its code
}

// Reader reads sentences. It is safe for concurrent use.
type Reader struct {
	words  *words
	places map[string]Place // by code
	known  map[string]bool  // every token that may stand in a sentence, beside numbers and names
	near   []string         // the same, sorted: what an unknown word is held against
}

// NewReader returns a reader that knows the lists.
func NewReader(l Lists) *Reader {
	r := &Reader{words: vocabulary().with(l.Places, l.Aliases), places: map[string]Place{}, known: map[string]bool{}}
	for _, p := range l.Places {
		r.places[p.Code] = p
	}
	for _, byPhrase := range r.words.phrases {
		for phrase := range byPhrase {
			for _, t := range strings.Fields(phrase) {
				r.known[t] = true
			}
		}
	}
	for _, t := range keywords {
		r.known[t] = true
	}
	for t := range r.known {
		r.near = append(r.near, t)
	}
	slices.Sort(r.near)
	return r
}

// keywords are the words that the grammar itself knows.
var keywords = []string{
	"plus", "+", "-", "at", "to", "from", "by", "of", "all", "in", "for", "during", "between", "and", "top",
	"first", "second", "half", "h1", "h2", "as", "now",
}

// Read reads a sentence. The error is an *Unreadable: the sentence is none of the grammar's, or
// it is so in more than one way.
func (r *Reader) Read(sentence string) (Claim, error) {
	claims, p := r.read(sentence)
	if len(claims) == 1 {
		return claims[0], nil
	}
	return Claim{}, r.unreadable(sentence, claims, p)
}

// read returns every reading of the sentence, each once.
func (r *Reader) read(sentence string) ([]Claim, *parser) {
	p := &parser{r: r}
	if len(sentence) > maxBytes {
		p.why = "it is longer than " + strconv.Itoa(maxBytes) + " bytes"
		return nil, p
	}
	p.tokens = r.words.heard(split(sentence))
	if len(p.tokens) > maxTokens {
		p.why = "it has more than " + strconv.Itoa(maxTokens) + " words"
		return nil, p
	}
	p.claim()
	return p.readings, p
}

// parser tries every way to read the tokens. Each method reads something at a place and
// hands on, for every way in which it can be read, what it read and the place behind it.
type parser struct {
	r        *Reader
	tokens   []token
	readings []Claim
	steps    int

	far  int      // furthest place at which something did not fit
	want []string // what would have fitted there
	why  string   // why a sentence of the right form says nothing
}

// miss notes what would have fitted.
func (p *parser) miss(at int, want string) {
	switch {
	case at > p.far:
		p.far, p.want = at, []string{want}
	case at == p.far && !slices.Contains(p.want, want):
		p.want = append(p.want, want)
	}
}

// say notes why a reading is none; the first reason stays.
func (p *parser) say(why string) {
	if p.why == "" {
		p.why = why
	}
}

// tired reports that the sentence has been tried in more ways than any sensible one has.
func (p *parser) tired() bool {
	p.steps++
	if p.steps > maxSteps || len(p.readings) >= maxReadings {
		p.say("it can be read in too many ways")
		return true
	}
	return false
}

// is reports whether the words stand at the place.
func (p *parser) is(at int, words ...string) bool {
	for i, w := range words {
		if at+i >= len(p.tokens) || p.tokens[at+i].low != w {
			return false
		}
	}
	return true
}

// match is words.match at the place; it notes what would have fitted.
func (p *parser) match(at int, kind, want string, yield func(code string, next int)) {
	codes, n := p.r.words.match(kind, p.tokens[min(at, len(p.tokens)):])
	if n == 0 {
		p.miss(at, want)
		return
	}
	for _, c := range codes {
		yield(c, at+n)
	}
}

// claim = [ when ] subject [ when ] statement [ when ] [ "as of" edition ]; when stands once.
func (p *parser) claim() {
	p.rest(0, nil)
	p.when(0, func(periods []Period, next int) { p.rest(next, periods) })
}

func (p *parser) rest(at int, periods []Period) {
	p.subject(at, Subject{}, true, func(s Subject, next int) {
		p.predicate(next, s, periods)
		if periods == nil {
			p.when(next, func(periods []Period, next int) { p.predicate(next, s, periods) })
		}
	})
}

// predicate = statement [ when ] [ "as of" edition ]
func (p *parser) predicate(at int, s Subject, periods []Period) {
	p.statement(at, s, func(st Statement, next int) {
		behind := func(periods []Period, next int) {
			p.asOf(next, func(asOf string, next int) {
				if next < len(p.tokens) {
					p.miss(next, "the end of the sentence")
					return
				}
				p.take(Claim{Subject: s, Statement: st, Periods: periods, AsOf: asOf})
			})
		}
		if periods != nil {
			behind(periods, next)
			return
		}
		p.when(next, behind)
	})
}

// take keeps a claim that says something.
func (p *parser) take(c Claim) {
	if why := c.senseless(); why != "" {
		p.say(why)
		return
	}
	for _, other := range p.readings {
		if reflect.DeepEqual(c, other) {
			return
		}
	}
	p.readings = append(p.readings, c)
}

// senseless says why a sentence of the right form is no claim, or "".
func (c Claim) senseless() string {
	var verb string
	two := false
	switch c.Statement.Verb {
	case Rose, Fell, Same, Times:
		two = true
	case Ranks:
		if c.Subject.Place == (Place{}) || c.Subject.Place.Kind == "group" || c.Subject.Place.Kind == "residual" {
			return "only a single jurisdiction has a rank: say from which the requests come"
		}
		if c.Statement.X.Value < 1 {
			return "ranks count from 1"
		}
	case Shares:
		part, whole := c.Subject, *c.Statement.Whole
		if whole.Provider != part.Provider {
			return "figures of two providers are no part and whole: each provider counts other instruments"
		}
		if reflect.DeepEqual(part, whole) {
			return `the part and the whole are the same: say "of all requests" or name what the whole is`
		}
	}
	verb = c.Statement.text(c.Subject)
	if _, s := c.Statement.span(); s.empty() {
		return strconv.Quote(verb) + " holds for no number"
	}
	switch {
	case two && len(c.Periods) != 2:
		return strconv.Quote(verb) + ` compares two periods: say "between P1 and P2"`
	case !two && len(c.Periods) != 1:
		return strconv.Quote(verb) + ` speaks of one period: say "in P"`
	}
	if len(c.Periods) == 2 {
		a, b := c.Periods[0], c.Periods[1]
		if b.Last() < a.First() {
			return b.String() + " lies before " + a.String() + ": name the earlier period first"
		}
		if b.First() <= a.Last() {
			return a.String() + " and " + b.String() + " share days: a period is compared with a later one"
		}
		if (a.Half == 0) != (b.Half == 0) {
			return a.String() + " and " + b.String() + " are not of one length: compare half-years or years"
		}
	}
	return ""
}

// subject = PROVIDER figures [ place ], in any order. The whole of a share needs no provider.
func (p *parser) subject(at int, s Subject, named bool, yield func(Subject, int)) {
	p.slots(at, s, false, named, func(s Subject, placed bool, next int) { yield(s, next) })
}

func (p *parser) slots(at int, s Subject, placed, named bool, yield func(s Subject, placed bool, next int)) {
	if p.tired() {
		return
	}
	if len(s.Figures) > 0 && (s.Provider != "" || !named) {
		yield(s, placed, at)
	}
	if s.Provider == "" {
		next := at
		if p.is(at, "at") || p.is(at, "to") {
			next++
		}
		p.match(next, "provider", "a provider", func(code string, next int) {
			s := s
			s.Provider = code
			p.slots(next, s, placed, named, yield)
		})
	}
	if !placed {
		next := at
		if p.is(at, "from") || p.is(at, "by") {
			next++
		}
		p.place(next, func(place Place, next int) {
			s := s
			s.Place = place
			p.slots(next, s, true, named, yield)
		})
	}
	if len(s.Figures) == 0 {
		p.figures(at, nil, func(f []Figure, next int) {
			s := s
			s.Figures = f
			p.slots(next, s, placed, named, yield)
		})
	}
}

// place reads a name of a place, or its code in capitals.
func (p *parser) place(at int, yield func(Place, int)) {
	var codes []string
	take := func(code string, next int) {
		place, ok := p.r.places[code]
		if code == world {
			place = Place{}
		} else if !ok || slices.Contains(codes, code) {
			return
		}
		codes = append(codes, code)
		yield(place, next)
	}
	p.match(at, "place", "a place", take)
	if at < len(p.tokens) && len(p.tokens[at].text) == 2 {
		take(p.tokens[at].text, at+1)
	}
}

// term is a figure whose measure may stand behind a later one: criminal plus civil accounts.
type term struct {
	process string
	measure string // "" when it is not named
	implied string // what the process alone means: letters, warrants
}

// figures = figure { "plus" figure }
func (p *parser) figures(at int, before []term, yield func([]Figure, int)) {
	if p.tired() {
		return
	}
	p.figure(at, func(t term, next int) {
		terms := append(slices.Clip(before), t)
		if p.is(next, "plus") || p.is(next, "+") {
			p.figures(next+1, terms, yield)
			return
		}
		figures := make([]Figure, len(terms))
		measure := ""
		for i := len(terms) - 1; i >= 0; i-- {
			t := terms[i]
			switch {
			case t.measure != "":
				measure = t.measure
			case t.implied != "":
				t.measure = t.implied
			case measure != "":
				t.measure = measure
			default:
				p.miss(next, "a measure")
				return
			}
			figures[i] = Figure{t.process, t.measure}
			if slices.Contains(figures[i+1:], figures[i]) {
				p.say(strconv.Quote(figures[i].String()) + " is named twice")
				return
			}
		}
		yield(figures, next)
	})
}

// figure = [ OUTCOME ] [ PROCESS ] [ MEASURE ], at least one of the two last.
func (p *parser) figure(at int, yield func(term, int)) {
	p.process(at, "", yield)
	p.match(at, "outcome", "an outcome", func(code string, next int) { p.process(next, code, yield) })
}

func (p *parser) process(at int, outcome string, yield func(term, int)) {
	p.measure(at, outcome, term{process: ownTotal}, false, yield)
	p.match(at, "process", "a process", func(code string, next int) {
		process, implied, _ := strings.Cut(code, "/")
		p.measure(next, outcome, term{process: process, implied: implied}, true, yield)
	})
}

func (p *parser) measure(at int, outcome string, t term, bare bool, yield func(term, int)) {
	p.match(at, "measure", "a measure", func(code string, next int) {
		t := t
		t.measure = code
		if outcome != "" {
			if code != received {
				p.miss(at, "requests")
				return
			}
			t.measure = outcome
		}
		yield(t, next)
	})
	switch {
	case !bare:
	case outcome == "":
		yield(t, at)
	case t.implied == received:
		t.measure = outcome
		yield(t, at)
	}
}

// statement reads what is said about the subject.
func (p *parser) statement(at int, about Subject, yield func(Statement, int)) {
	p.match(at, "up", "a verb", func(_ string, next int) { p.change(next, Rose, yield) })
	p.match(at, "down", "a verb", func(_ string, next int) { p.change(next, Fell, yield) })
	p.match(at, "same", "a verb", func(_ string, next int) { yield(Statement{Verb: Same}, next) })
	p.times(at, AtLeast, yield)
	p.match(at, "op", "a verb", func(code string, next int) {
		if Op(code) == Above || Op(code) == AtLeast {
			p.times(next, Op(code), yield)
		}
	})
	p.match(at, "rank", "a verb", func(_ string, next int) { p.rank(next, yield) })
	p.match(at, "be", "a verb", func(_ string, next int) {
		p.bound(next, func(s Statement, percent bool, next int) {
			if !percent {
				s.Verb = Counts
				yield(s, next)
			}
			p.share(next, s, about, yield)
		})
	})
	p.match(at, "share", "a verb", func(_ string, next int) {
		p.bound(next, func(s Statement, _ bool, next int) { p.share(next, s, about, yield) })
	})
}

// change = [ "by" bound "%" ]
func (p *parser) change(at int, verb Verb, yield func(Statement, int)) {
	yield(Statement{Verb: verb}, at)
	if !p.is(at, "by") {
		return
	}
	p.bound(at+1, func(s Statement, _ bool, next int) {
		p.match(next, "percent", "%", func(_ string, next int) {
			s.Verb = verb
			yield(s, next)
		})
	})
}

// times = [ "more than" | "at least" ] TIMES. Halved at least is at most one half.
func (p *parser) times(at int, op Op, yield func(Statement, int)) {
	p.match(at, "times", "a verb", func(code string, next int) {
		x, ok := number(code)
		if !ok {
			return
		}
		op := op
		if x.Value < 1 && op == Above {
			op = Below
		} else if x.Value < 1 {
			op = AtMost
		}
		yield(Statement{Verb: Times, Op: op, X: x}, next)
	})
}

// rank = RANK ( "first" | "2nd" | "in top" N )
func (p *parser) rank(at int, yield func(Statement, int)) {
	p.match(at, "ordinal", "a rank such as 3rd", func(code string, next int) {
		if x, ok := number(code); ok {
			yield(Statement{Verb: Ranks, Op: Equals, X: x}, next)
		}
	})
	if at < len(p.tokens) {
		if low := p.tokens[at].low; len(low) > 2 {
			if x, ok := number(low[:len(low)-2]); ok && ordinal(int(x.Value)) == low {
				yield(Statement{Verb: Ranks, Op: Equals, X: x}, at+1)
			}
		}
	}
	if p.is(at, "in", "top") {
		p.number(at+2, func(x Number, next int) {
			if x.Decimals == 0 {
				yield(Statement{Verb: Ranks, Op: AtMost, X: x}, next)
			}
		})
	}
}

// bound = [ OP ] N | "between" N "and" N | N "–" N. percent says that a sign stands behind the
// first of two numbers, so that one must stand behind the second.
func (p *parser) bound(at int, yield func(s Statement, percent bool, next int)) {
	pair := func(x, y Number, percent bool, next int) {
		if x.Value > y.Value {
			p.say(x.String() + " to " + y.String() + " runs downwards: name the lower number first")
			return
		}
		yield(Statement{Op: Between, X: x, Y: y}, percent, next)
	}
	p.number(at, func(x Number, next int) {
		yield(Statement{Op: Equals, X: x}, false, next)
		if p.is(next, "-") {
			p.number(next+1, func(y Number, next int) { pair(x, y, false, next) })
		}
	})
	p.match(at, "op", "a bound such as at least", func(code string, next int) {
		p.number(next, func(x Number, next int) { yield(Statement{Op: Op(code), X: x}, false, next) })
	})
	if p.is(at, "between") {
		p.number(at+1, func(x Number, next int) {
			second := func(percent bool, next int) {
				if !p.is(next, "and") {
					p.miss(next, "and")
					return
				}
				p.number(next+1, func(y Number, next int) { pair(x, y, percent, next) })
			}
			second(false, next)
			if _, n := p.r.words.match("percent", p.tokens[next:]); n > 0 {
				second(true, next+n)
			}
		})
	}
}

func (p *parser) number(at int, yield func(Number, int)) {
	if at < len(p.tokens) {
		if x, ok := number(p.tokens[at].low); ok {
			yield(x, at+1)
			return
		}
	}
	p.miss(at, "a number")
}

// share = "%" "of" [ "all" ] subject. A whole without a place is of the subject's place; "all"
// may mean every place, too.
func (p *parser) share(at int, s Statement, about Subject, yield func(Statement, int)) {
	p.match(at, "percent", "%", func(_ string, next int) {
		if !p.is(next, "of") {
			p.miss(next, "of")
			return
		}
		p.whole(next+1, s, about, false, yield)
		if p.is(next+1, "all") {
			p.whole(next+2, s, about, true, yield)
		}
	})
}

func (p *parser) whole(at int, s Statement, about Subject, all bool, yield func(Statement, int)) {
	p.slots(at, Subject{}, false, false, func(whole Subject, placed bool, next int) {
		if whole.Provider == "" {
			whole.Provider = about.Provider
		}
		s := s
		s.Verb = Shares
		if all && !placed {
			everywhere := whole
			s.Whole = &everywhere
			yield(s, next)
		}
		if !placed {
			whole.Place = about.Place
		}
		s.Whole = &whole
		yield(s, next)
	})
}

// when = ( "in" | "for" | "during" ) P | "between" P "and" P | "from" P "to" P
func (p *parser) when(at int, yield func([]Period, int)) {
	pair := func(word string) {
		p.period(at+1, func(a Period, next int) {
			if !p.is(next, word) {
				p.miss(next, word)
				return
			}
			p.period(next+1, func(b Period, next int) { yield([]Period{a, b}, next) })
		})
	}
	switch {
	case p.is(at, "in"), p.is(at, "for"), p.is(at, "during"):
		p.period(at+1, func(a Period, next int) { yield([]Period{a}, next) })
	case p.is(at, "between"):
		pair("and")
	case p.is(at, "from"):
		pair("to")
	default:
		p.miss(at, "a period such as in 2019-H1")
	}
}

// period = 2019-H1 | 2019H1 | H1 2019 | first half [ of ] 2019 | 2019
func (p *parser) period(at int, yield func(Period, int)) {
	one := func(at int) (int, bool) {
		if at >= len(p.tokens) {
			return 0, false
		}
		return year(p.tokens[at].low)
	}
	which, next := 0, at
	switch {
	case p.is(at, "h1"):
		which, next = 1, at+1
	case p.is(at, "h2"):
		which, next = 2, at+1
	case p.is(at, "first", "half"):
		which, next = 1, at+2
	case p.is(at, "second", "half"):
		which, next = 2, at+2
	}
	if next == at+2 && p.is(next, "of") {
		next++
	}
	if y, ok := one(next); ok {
		yield(Period{y, which}, next+1)
		return
	}
	if which == 0 && at < len(p.tokens) {
		if h, ok := half(p.tokens[at].text); ok {
			yield(h, at+1)
			return
		}
	}
	p.miss(next, "a period such as 2019-H1")
}

// asOf = [ "as of" ( EDITION | P | "now" ) ]
func (p *parser) asOf(at int, yield func(string, int)) {
	if !p.is(at, "as", "of") {
		yield("", at)
		return
	}
	at += 2
	switch {
	case p.is(at, "now"):
		yield("", at+1)
	case at < len(p.tokens) && strings.Contains(p.tokens[at].text, "/"):
		yield(p.tokens[at].text, at+1)
	default:
		p.period(at, func(of Period, next int) { yield(of.String(), next) })
	}
}
