// Package claim answers one question: does what is printed bear out this sentence?
//
// A sentence of a small grammar ("Microsoft FISA content accounts rose between 2019-H1 and
// 2023-H1") is read into a Claim, the figures are asked from the ready-made questions, and
// the verdict says whether the claim holds for every value that the printed bands allow
// (proven), for none (refuted) or for some (possible).
//
// The room stands apart from the questions because it is a reader: what it does not
// understand it refuses, with the grammar and the nearest sentence that it does understand,
// and it never evaluates a sentence that has two readings. Its words are a list that a policy
// analyst can read and extend, words.csv. It computes nothing itself: sums come from the
// question "total", ranks from "requesting_jurisdictions", differences, ratios and shares from
// the warehouse's interval macros; what is done here is to compare an interval with what the
// sentence says.
//
// The package imports queries and warehouse, and nothing further up.
package claim

import (
	"fmt"
	"strconv"
	"strings"
)

// Claim is one sentence, read.
type Claim struct {
	Subject   Subject
	Statement Statement
	Periods   []Period // one, or two in order of time that share no day
	AsOf      string   // edition, or label of an edition; "" for what is known now
}

// Subject is what a sentence speaks about: figures of one provider from one place, added up.
type Subject struct {
	Provider string
	Place    Place // the zero value is the world
	Figures  []Figure
}

// Place is a jurisdiction or a group of them. The zero value is the world.
type Place struct {
	Code string
	Name string
	Kind string // as in the table jurisdiction: country, group ...
}

// Figure is what is counted, in codes.
type Figure struct {
	Process string // a process, or "requests": the provider's own total of law-enforcement requests
	Measure string
}

// ownTotal is the recipe that stands for a process when a sentence names none.
const ownTotal = "requests"

// Verb is the kind of a statement.
type Verb string

// The kinds of statements, with what their interval is.
const (
	Rose   Verb = "rose"   // Op "": difference; otherwise: percent change
	Fell   Verb = "fell"   // as Rose, turned round
	Same   Verb = "same"   // difference
	Times  Verb = "times"  // ratio
	Counts Verb = "counts" // the figure itself, in its unit
	Ranks  Verb = "ranks"  // best to worst rank
	Shares Verb = "shares" // percent of the whole
)

// Op says how a number bounds what is stated.
type Op string

// The bounds.
const (
	Equals  Op = "eq" // rounds to X at the precision that X is written with
	AtLeast Op = "ge"
	Above   Op = "gt"
	AtMost  Op = "le"
	Below   Op = "lt"
	Between Op = "between" // X to Y, both inclusive
)

// Statement is what a sentence says about its subject.
type Statement struct {
	Verb  Verb
	Op    Op       // "" for a bare rose, fell and same
	X, Y  Number   // Y only with Between
	Whole *Subject // of Shares: what the subject is a part of
}

// Number is a number as written. Decimals counts the digits behind the point: 40.10 has two.
type Number struct {
	Value    float64
	Decimals int
}

// maxDigits is what a float64 holds of every number.
const maxDigits = 15

// number reads "12,500", "12500" or "39083.42". Commas group thousands, a point is a decimal
// point; there is no sign.
func number(s string) (Number, bool) {
	whole, frac, point := strings.Cut(s, ".")
	if point && !digits(frac) {
		return Number{}, false
	}
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if !digits(g) || len(groups) > 1 && (i == 0 && len(g) > 3 || i > 0 && len(g) != 3) {
			return Number{}, false
		}
	}
	whole = strings.Join(groups, "")
	if len(whole)+len(frac) > maxDigits {
		return Number{}, false
	}
	v, err := strconv.ParseFloat(whole+"."+frac+"0", 64)
	return Number{Value: v, Decimals: len(frac)}, err == nil
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// String prints the number with thousands separators and all its decimals.
func (n Number) String() string {
	whole, frac, _ := strings.Cut(strconv.FormatFloat(n.Value, 'f', n.Decimals, 64), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if frac != "" {
		whole += "." + frac
	}
	return whole
}

// Period is a half-year, or a year: both of its halves.
type Period struct {
	Year int
	Half int // 1 or 2; 0 for the year
}

// String prints the period as "2019-H1" or "2019".
func (p Period) String() string {
	if p.Half == 0 {
		return strconv.Itoa(p.Year)
	}
	return fmt.Sprintf("%d-H%d", p.Year, p.Half)
}

// First and Last are the labels of the half-years that the period begins and ends with.
func (p Period) First() string { return Period{p.Year, max(p.Half, 1)}.String() }

// Last is the label of the last half-year.
func (p Period) Last() string {
	if p.Half == 0 {
		return Period{p.Year, 2}.String()
	}
	return p.String()
}

// String prints the claim in the words of the grammar, each code with its first word. The
// grammar reads it as the same claim.
func (c Claim) String() string {
	var b strings.Builder
	b.WriteString(c.Subject.String())
	b.WriteByte(' ')
	b.WriteString(c.Statement.text(c.Subject))
	switch len(c.Periods) {
	case 1:
		fmt.Fprintf(&b, " in %s", c.Periods[0])
	case 2:
		fmt.Fprintf(&b, " between %s and %s", c.Periods[0], c.Periods[1])
	}
	if c.AsOf != "" {
		b.WriteString(" as of " + c.AsOf)
	}
	return b.String()
}

// String prints the subject: "Microsoft rejected requests from Germany".
func (s Subject) String() string {
	text := vocabulary().first("provider", s.Provider) + " " + s.figures()
	if s.Place != (Place{}) {
		text += " " + s.Place.text()
	}
	return text
}

// text is what the grammar reads as the place: "from Germany", "worldwide".
func (p Place) text() string {
	switch {
	case p == Place{}:
		return vocabulary().first("place", world)
	case p.Name != "":
		return "from " + p.Name
	}
	return "from " + p.Code
}

func (s Subject) figures() string {
	var parts []string
	for _, f := range s.Figures {
		parts = append(parts, f.String())
	}
	return strings.Join(parts, " plus ")
}

// String prints the figure: "FISA content accounts".
func (f Figure) String() string {
	w := vocabulary()
	if one := w.first("process", f.Process+"/"+f.Measure); one != "" {
		return one
	}
	measure := w.first("measure", f.Measure)
	switch {
	case measure == "":
		return w.first("outcome", f.Measure) + " " + Figure{f.Process, received}.String()
	case f.Process == ownTotal:
		return measure
	}
	return w.first("process", f.Process) + " " + measure
}

// text prints the statement about the subject.
func (s Statement) text(about Subject) string {
	w := vocabulary()
	switch s.Verb {
	case Rose, Fell:
		verb := w.any("up")
		if s.Verb == Fell {
			verb = w.any("down")
		}
		if s.Op == "" {
			return verb
		}
		return verb + " by " + s.bound() + " %"
	case Same:
		return w.any("same")
	case Times:
		verb := w.first("times", strconv.FormatFloat(s.X.Value, 'f', -1, 64))
		if s.Op == Above || s.Op == Below {
			verb = w.first("op", string(Above)) + " " + verb
		}
		return verb
	case Ranks:
		if s.Op == AtMost {
			return w.any("rank") + " in the top " + s.X.String()
		}
		return w.any("rank") + " " + ordinal(int(s.X.Value))
	case Shares:
		// The whole is written out, unless it is of the same place.
		of := s.Whole.figures()
		if s.Whole.Place != about.Place {
			of += " " + s.Whole.Place.text()
		}
		return w.any("share") + " " + s.bound() + " % of " + of
	}
	return w.any("be") + " " + s.bound()
}

func (s Statement) bound() string {
	switch s.Op {
	case Equals:
		return s.X.String()
	case Between:
		return "between " + s.X.String() + " and " + s.Y.String()
	}
	return vocabulary().first("op", string(s.Op)) + " " + s.X.String()
}

// ordinal prints 1st, 2nd, 3rd, 11th.
func ordinal(n int) string {
	end := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return strconv.Itoa(n) + end
}
