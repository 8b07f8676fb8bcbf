package claim

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"daylight/queries"
	"daylight/warehouse"
)

// ErrUndecided says that the figures at hand do not decide the claim: there is none, they must
// not be added, or the series breaks between the periods.
var ErrUndecided = errors.New("cannot be decided")

// Answer is what a claim comes to. Its JSON form is stable: keys are added, never renamed.
type Answer struct {
	Claim      string   `json:"claim"`   // the sentence as typed
	Reading    string   `json:"reading"` // as it was understood
	Verdict    Verdict  `json:"verdict"`
	Proof      Proof    `json:"proof"`
	Cells      []Cell   `json:"cells"`      // printed cells that the figures stand on, those of a before those of b
	Citations  []string `json:"citations"`  // one for each capture
	Advisories []string `json:"advisories"` // what to know before citing the answer
}

// Proof says how the verdict follows from the figures.
type Proof struct {
	A        Value    `json:"a"`
	B        *Value   `json:"b"`        // the later period, or the whole of a share; null when there is none
	Rule     string   `json:"rule"`     // what is computed, as a formula
	Computed Computed `json:"computed"` // what the rule gives
	Needed   Needed   `json:"needed"`   // the values for which the claim holds
}

// Value is a sum of printed figures.
type Value struct {
	Subject   string   `json:"subject"`
	Period    string   `json:"period"`
	Low       float64  `json:"low"`
	High      *float64 `json:"high"` // null: no upper end is known
	Unit      string   `json:"unit"`
	Exactness string   `json:"exactness"`
	Basis     string   `json:"basis"`
	Cells     int      `json:"cells"`
	Text      string   `json:"text"`

	firstDay, lastDay string
	schemes           string
	plain             bool // it is the plain sum of its cells
}

// Computed is a derived interval. An end that is null is none.
type Computed struct {
	Low       *float64 `json:"low"`
	High      *float64 `json:"high"`
	Unit      string   `json:"unit"` // unit of the counts, percent, times or rank
	Direction string   `json:"direction"`
	Text      string   `json:"text"`
}

// Needed is the set of values for which a claim holds. An end that is null is none.
type Needed struct {
	Low          *float64 `json:"low"`
	High         *float64 `json:"high"`
	LowIncluded  bool     `json:"low_included"`
	HighIncluded bool     `json:"high_included"`
	Text         string   `json:"text"`
}

// Cell is one printed cell, and what is needed to find it again.
type Cell struct {
	Figure       string   `json:"figure"` // a or b
	Provider     string   `json:"provider"`
	Edition      string   `json:"edition"`
	Period       string   `json:"period"`
	Jurisdiction string   `json:"jurisdiction"`
	Process      string   `json:"process"`
	Measure      string   `json:"measure"`
	Unit         string   `json:"unit"`
	Low          float64  `json:"low"`
	High         *float64 `json:"high"`
	Exactness    string   `json:"exactness"`
	RawText      string   `json:"raw_text"`
	RawLabel     string   `json:"raw_label"`
	Locator      string   `json:"locator"`
	File         string   `json:"file"`
	URL          string   `json:"url"`
	CapturedAt   string   `json:"captured_at"` // UTC, RFC 3339
	Capture      string   `json:"capture"`     // SHA-256 of the bytes
	Trust        string   `json:"trust"`       // how the bytes came here: publisher, archive, retyped, mirror or press
	Earlier      string   `json:"earlier"`     // what older editions print for the same series, where it is something else

	title, service, wish string
}

// Options say how strictly a claim is taken.
type Options struct {
	AcrossBreaks bool // compare across a break of the series, with an advisory, instead of refusing
}

// LoadLists reads the places that a sentence may name.
func LoadLists(ctx context.Context, db *warehouse.DB) (Lists, error) {
	rows, err := table(ctx, db, "SELECT code, name, kind, aliases FROM jurisdiction ORDER BY code", nil)
	if err != nil {
		return Lists{}, fmt.Errorf("claim: jurisdictions: %w", err)
	}
	l := Lists{Aliases: map[string][]string{}}
	for _, r := range rows {
		p := Place{Code: r.text("code"), Name: r.text("name"), Kind: r.text("kind")}
		l.Places = append(l.Places, p)
		if a := r.text("aliases"); a != "" {
			l.Aliases[p.Code] = strings.Split(a, "|")
		}
	}
	return l, nil
}

// Check reads the sentence and holds it against the warehouse. The error is an *Unreadable, wraps
// ErrUndecided, or is one of the warehouse.
func Check(ctx context.Context, db *warehouse.DB, sentence string, o Options) (*Answer, error) {
	l, err := LoadLists(ctx, db)
	if err != nil {
		return nil, err
	}
	c, err := NewReader(l).Read(sentence)
	if err != nil {
		return nil, err
	}
	a, err := judge(ctx, store{db}, c, o)
	if err != nil {
		return nil, fmt.Errorf("claim %q: %w", c, err)
	}
	a.Claim = sentence
	return a, nil
}

// asker is where the figures, and all that is computed from them, come from.
type asker interface {
	// value is what the subject's figures add up to in the period, with the cells behind it and
	// what to know about it. It is ErrUndecided when there is no such figure.
	value(ctx context.Context, s Subject, p Period, asOf string) (Value, []Cell, []string, error)
	// derive is what a macro of the warehouse gives for two figures; ok is false for no figure.
	derive(ctx context.Context, macro string, a, b interval) (i interval, text string, ok bool, err error)
	// direction is up, down, same or indeterminate.
	direction(ctx context.Context, a, b interval) (string, error)
	// rank is the best and the worst rank of the subject in the period.
	rank(ctx context.Context, s Subject, p Period, asOf string) (interval, []string, error)
	// contained reports whether all that the part counts is counted in the whole.
	contained(ctx context.Context, part, whole Subject, a, b []Cell, v Value) (bool, error)
	// breaks are the breaks of the subject's series behind one day, up to another.
	breaks(ctx context.Context, s Subject, cells []Cell, after, until string) ([]string, error)
}

// judge decides the claim on the figures of the asker.
func judge(ctx context.Context, from asker, c Claim, o Options) (*Answer, error) {
	out := &Answer{Reading: c.String(), Cells: []Cell{}, Citations: []string{}, Advisories: []string{}}
	a, cells, notes, err := from.value(ctx, c.Subject, c.Periods[0], c.AsOf)
	if err != nil {
		return nil, err
	}
	out.add("a", cells, notes)
	out.Proof.A = a
	of, needed := c.Statement.span()
	out.Proof.Needed = needed.explain()

	var b Value
	var others []Cell
	switch {
	case len(c.Periods) == 2:
		b, others, notes, err = from.value(ctx, c.Subject, c.Periods[1], c.AsOf)
	case of == share:
		b, others, notes, err = from.value(ctx, *c.Statement.Whole, c.Periods[0], c.AsOf)
	}
	if err != nil {
		return nil, err
	}
	if len(others) > 0 {
		if a.Unit != b.Unit {
			return nil, fmt.Errorf("%w: %s and %s are not compared", ErrUndecided, a.Unit, b.Unit)
		}
		out.add("b", others, notes)
		out.Proof.B = &b
	}
	if err := out.broken(ctx, from, c, a, b, append(slices.Clip(cells), others...), o); err != nil {
		return nil, err
	}

	var i interval
	switch of {
	case count:
		i, out.Proof.Rule = a.interval(), "a"
		out.Proof.Computed = Computed{Unit: a.Unit, Text: a.Text}
	case rank:
		var notes []string
		i, notes, err = from.rank(ctx, c.Subject, c.Periods[0], c.AsOf)
		out.Proof.Rule = "best rank: 1 + jurisdictions that are certainly above a; worst rank: jurisdictions that may be at a or above"
		out.Proof.Computed = Computed{Unit: "rank", Text: ends(i)}
		out.note(notes)
	case share:
		i, err = out.share(ctx, from, c, a, b, cells, others)
	default:
		i, err = out.compare(ctx, from, of, a, b)
	}
	if err != nil {
		return nil, err
	}
	out.Proof.Computed.Low, out.Proof.Computed.High = finite(i.low), finite(i.high)
	out.Verdict = needed.over(i)
	out.Citations = cite(out.Cells)
	return out, nil
}

// add keeps the cells and notes of a figure.
func (out *Answer) add(figure string, cells []Cell, notes []string) {
	for _, c := range cells {
		c.Figure = figure
		out.Cells = append(out.Cells, c)
	}
	out.note(notes)
}

// note keeps advisories, each once.
func (out *Answer) note(notes []string) {
	for _, n := range notes {
		if n != "" && !slices.Contains(out.Advisories, n) {
			out.Advisories = append(out.Advisories, n)
		}
	}
}

// broken refuses to compare across a break of the series, or says that it does. A break within
// the days of one figure is an advisory.
func (out *Answer) broken(ctx context.Context, from asker, c Claim, a, b Value, cells []Cell, o Options) error {
	until := a.lastDay
	two := len(c.Periods) == 2
	if two {
		until = b.lastDay
	}
	breaks, err := from.breaks(ctx, c.Subject, cells, a.firstDay, until)
	if err != nil {
		return err
	}
	if two && len(breaks) == 0 && a.schemes != b.schemes && a.schemes != "" && b.schemes != "" {
		breaks = []string{"the bands follow another legal scheme: " + a.schemes + ", then " + b.schemes}
	}
	if len(breaks) == 0 {
		return nil
	}
	if two && !o.AcrossBreaks {
		return fmt.Errorf("%w: the series breaks between the periods: %s; --across-breaks compares all the same", ErrUndecided, strings.Join(breaks, "; "))
	}
	for _, b := range breaks {
		out.note([]string{"break of the series: " + b})
	}
	return nil
}

// compare computes what the claim says of two periods.
func (out *Answer) compare(ctx context.Context, from asker, of quantity, a, b Value) (interval, error) {
	x, y := a.interval(), b.interval()
	macro, rule, unit := "iv_diff", "b − a", a.Unit
	switch of {
	case percent:
		macro, rule, unit = "iv_pct", "100 · (b − a) / a", "percent"
	case ratio:
		macro, rule, unit = "iv_ratio", "b / a", "times"
	}
	dir, err := from.direction(ctx, x, y)
	if err != nil {
		return interval{}, err
	}
	i, text, ok, err := from.derive(ctx, macro, x, y)
	if err != nil {
		return interval{}, err
	}
	if !ok && of == difference {
		// The earlier figure has no upper end. Then the fall, turned round, says what is known.
		i, _, ok, err = from.derive(ctx, macro, y, x)
		if err != nil {
			return interval{}, err
		}
		if i = (interval{-i.high, -i.low}); !ok {
			i = interval{math.Inf(-1), math.Inf(1)}
		}
		text, ok = ends(i), true
	}
	if !ok {
		return interval{}, fmt.Errorf("%w: %s is 0 in %s: nothing is a percentage or a multiple of it", ErrUndecided, a.Subject, a.Period)
	}
	out.Proof.Rule = rule
	out.Proof.Computed = Computed{Unit: unit, Direction: dir, Text: text}
	return i, nil
}

// share computes which part of the whole the subject is.
func (out *Answer) share(ctx context.Context, from asker, c Claim, a, b Value, cells, others []Cell) (interval, error) {
	in, err := from.contained(ctx, c.Subject, *c.Statement.Whole, cells, others, a)
	if err != nil {
		return interval{}, err
	}
	if !in {
		return interval{}, fmt.Errorf("%w: %s are no part of %s for certain: the reports do not say that all of them are counted there",
			ErrUndecided, c.Subject, *c.Statement.Whole)
	}
	x, y := a.interval(), b.interval()
	macro, rule := "iv_share_of", "100 · a / b, where b contains a"
	if a.plain && b.plain && within(cells, others) {
		// The whole is a sum, and the part some of what is added: both ends of the whole move
		// with the part, and what is left is the sum of the other cells.
		macro, rule = "iv_share", "100 · a / (a + rest), where the rest is b without a"
		y = interval{y.low - x.low, y.high - x.high}
		if math.IsInf(b.interval().high, 1) {
			y.high = math.Inf(1)
		}
	}
	i, text, ok, err := from.derive(ctx, macro, x, y)
	if err != nil {
		return interval{}, err
	}
	if !ok {
		return interval{}, fmt.Errorf("%w: %s are %s and %s are %s in %s, which makes no share", ErrUndecided, a.Subject, a.Text, b.Subject, b.Text, a.Period)
	}
	out.Proof.Rule = rule
	out.Proof.Computed = Computed{Unit: "percent", Text: text}
	return i, nil
}

// within reports whether all cells are among the others.
func within(cells, others []Cell) bool {
	known := map[[2]string]bool{}
	for _, c := range others {
		known[[2]string{c.Capture, c.Locator}] = true
	}
	for _, c := range cells {
		if !known[[2]string{c.Capture, c.Locator}] {
			return false
		}
	}
	return true
}

// interval is the value as an interval.
func (v Value) interval() interval {
	if v.High == nil {
		return interval{v.Low, math.Inf(1)}
	}
	return interval{v.Low, *v.High}
}

func finite(v float64) *float64 {
	if math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// explain prints the span.
func (s span) explain() Needed {
	n := Needed{Low: finite(s.low), High: finite(s.high), LowIncluded: !s.openLow, HighIncluded: !s.openHigh}
	var parts []string
	switch {
	case n.Low != nil && n.High != nil && s.low == s.high:
		parts = append(parts, "exactly "+decimal(s.low))
	case n.Low != nil && s.openLow:
		parts = append(parts, "more than "+decimal(s.low))
	case n.Low != nil:
		parts = append(parts, "at least "+decimal(s.low))
	}
	switch {
	case n.High == nil || n.Low != nil && s.low == s.high:
	case s.openHigh:
		parts = append(parts, "less than "+decimal(s.high))
	default:
		parts = append(parts, "at most "+decimal(s.high))
	}
	n.Text = strings.Join(parts, " and ")
	// An end that is none belongs to nothing.
	n.LowIncluded = n.LowIncluded && n.Low != nil
	n.HighIncluded = n.HighIncluded && n.High != nil
	return n
}

// decimal prints a bound with as many decimals as it has, at most nine: behind them stands what
// binary fractions add.
func decimal(v float64) string {
	s := strings.TrimRight(strconv.FormatFloat(v, 'f', 9, 64), "0")
	whole, frac, _ := strings.Cut(strings.TrimSuffix(s, "."), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if frac != "" {
		whole += "." + frac
	}
	return sign + whole
}

// ends prints an interval that may lack either end.
func ends(i interval) string {
	low, high := math.IsInf(i.low, -1), math.IsInf(i.high, 1)
	switch {
	case low && high:
		return "any number"
	case low:
		return "≤ " + decimal(i.high)
	case high:
		return "≥ " + decimal(i.low)
	case i.low == i.high:
		return decimal(i.low)
	}
	return decimal(i.low) + " to " + decimal(i.high)
}

// cite prints, for each capture, all that is needed to find its cells again.
func cite(cells []Cell) []string {
	of := map[string][]Cell{}
	var order []string
	for _, c := range cells {
		key := c.Capture + c.Edition
		if of[key] == nil {
			order = append(order, key)
		}
		if !slices.ContainsFunc(of[key], func(o Cell) bool { return o.Locator == c.Locator }) {
			of[key] = append(of[key], c)
		}
	}
	var out []string
	for _, key := range order {
		first := of[key][0]
		citation := queries.Citation{Title: first.title, Edition: first.Edition, File: first.File,
			CapturedAt: first.CapturedAt, Trust: first.Trust, SHA256: first.Capture, URL: first.URL}
		for _, c := range of[key] {
			citation.Places = append(citation.Places, queries.Place{Locator: c.Locator, Text: c.RawText})
		}
		out = append(out, citation.String())
	}
	return out
}

// figuresParam writes the figures as the questions take them.
func (s Subject) figuresParam() string {
	var parts []string
	for _, f := range s.Figures {
		parts = append(parts, f.Process+"/"+f.Measure)
	}
	return strings.Join(parts, queries.Separator)
}

// jurisdiction and group write the place as the questions take it.
func (s Subject) jurisdiction() (code, group string) {
	switch {
	case s.Place == Place{}:
		return world, "none"
	case s.Place.Kind == "group":
		return world, s.Place.Code
	}
	return s.Place.Code, "none"
}
