package normalize

import (
	"context"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"daylight/normalize/labels"
	"daylight/normalize/vocab"
	"daylight/scrape"
)

// ErrLabel says that a label file is broken or that there is none for a provider.
var ErrLabel = labels.ErrLabel

// ParseFunc is scrape.Source.Parse: it yields the rows of a capture. The normalizer calls
// it twice, once to survey and once to read.
type ParseFunc func(scrape.Capture) iter.Seq2[scrape.Row, error]

// Normalizer maps the rows of one provider to observations. It holds the provider's
// labels and the code lists, does not change, and is safe for concurrent use.
type Normalizer struct {
	provider string
	vocab    *vocab.Vocabulary
	labels   *labels.Set
}

// New returns the normalizer of a provider ("microsoft"), with extra rows beside those of
// its label file. The error wraps ErrLabel when there is no label file for it, or when a
// row has a code that no list knows or contradicts another one.
func New(provider string, extra ...labels.Label) (*Normalizer, error) {
	v, err := vocab.Load()
	if err != nil {
		return nil, err
	}
	set, err := labels.Load(provider, v, extra...)
	if err != nil {
		return nil, err
	}
	return &Normalizer{provider: provider, vocab: v, labels: set}, nil
}

// newFromFS is New with label files of one's own; the tests use it.
func newFromFS(fsys fs.FS, provider string) (*Normalizer, error) {
	v, err := vocab.Load()
	if err != nil {
		return nil, err
	}
	set, err := labels.LoadFS(fsys, provider, v)
	if err != nil {
		return nil, err
	}
	return &Normalizer{provider: provider, vocab: v, labels: set}, nil
}

// Capture reads the capture and hands what its rows become to the sink. Every row ends as
// an observation, a reject or a declared ignore; the book says how many of each, and is
// balanced whenever the error is nil. The book of a run that stopped early counts what
// was handed over until then.
//
// Errors of parse are returned with the capture's name; the sink's as they are.
func (n *Normalizer) Capture(ctx context.Context, c scrape.Capture, sv Survey, parse ParseFunc, sink Sink) (Book, error) {
	return n.capture(ctx, c, sv, parse, sink, nil)
}

// capture is Capture; placed, if any, sees each row that became an observation, after the sink.
func (n *Normalizer) capture(ctx context.Context, c scrape.Capture, sv Survey, parse ParseFunc, sink Sink,
	placed func(*run, *scrape.Row, *Observation) error) (Book, error) {
	var book Book
	if err := n.owns(c); err != nil {
		return book, err
	}
	r := newRun(n, c, &sv)
	var obs Observation
	var row scrape.Row // one for the whole pass: one of each iteration would be allocated
	for next, err := range parse(c) {
		if err != nil {
			return book, fmt.Errorf("normalize %s of %s: %w", c.Name, c.Source, err)
		}
		if book.Rows%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return book, err
			}
		}
		row = next
		out := r.read(&row, &obs)
		switch {
		case out.ignore != "":
			book.Ignores++
			book.ignore(out.ignore, 1)
		case out.reason != "":
			if err := sink.Reject(r.reject(&row, out)); err != nil {
				return book, err
			}
			book.Rejects++
			book.reject(out.reason, 1)
		default:
			if err := sink.Observation(&obs); err != nil {
				return book, err
			}
			if placed != nil {
				if err := placed(r, &row, &obs); err != nil {
					return book, err
				}
			}
			book.Observations++
		}
		book.Rows++
	}
	return book, nil
}

func (n *Normalizer) owns(c scrape.Capture) error {
	if !strings.HasPrefix(c.Source, n.provider+"/") {
		return fmt.Errorf("normalize %s: source %q is none of provider %q", c.Name, c.Source, n.provider)
	}
	return nil
}

// outcome is what becomes of a row that is no observation. The zero value is none.
type outcome struct {
	ignore string
	reason string
	detail string
	kind   labels.Kind // of the label that is missing, and the word that it lacks
	word   string
}

func (o outcome) stops() bool { return o.ignore != "" || o.reason != "" }

func refuse(reason, format string, args ...any) outcome {
	return outcome{reason: reason, detail: fmt.Sprintf(format, args...)}
}

// run is one pass over one capture. Its caches make the work per figure a few map
// lookups: a report repeats the same few hundred labels in every line.
type run struct {
	n       *Normalizer
	c       scrape.Capture
	survey  *Survey // nil while surveying
	tables  map[string]*table
	current *table
	label   []byte
}

func newRun(n *Normalizer, c scrape.Capture, sv *Survey) *run {
	return &run{n: n, c: c, survey: sv, tables: map[string]*table{}}
}

// table is what the label file says about one table, and what was looked up in it.
type table struct {
	name        string
	locale      string
	rule        string // of periods
	consecutive bool
	service     string
	process     string
	place       string
	level       string
	class       string
	basis       string

	columns  map[string]*column
	places   map[placeKey]place
	words    map[string]*word
	products map[string]*word
	periods  map[periodKey]periodResult
	missing  map[missingKey]Exactness // "" when the text is no missing text

	// The keys of the last line, and what they were resolved to.
	cells []scrape.Cell
	line  int
	keys  keys
	fresh bool
}

type column struct {
	header                string // without white space around it
	label                 labels.Label
	measure               vocab.Measure
	marks                 []string
	service, class, level string
	out                   outcome
}

// word is a process or product word.
type word struct {
	label                 labels.Label
	marks                 []string
	service, class, level string
	out                   outcome
}

type placeKey struct{ name, code string }

type place struct {
	code  string
	flags []string
	marks []string
	out   outcome
}

type periodKey struct{ label, label2, start, end, year, day string }

type periodResult struct {
	period Period
	out    outcome
}

// keys is what the key cells of a line say.
type keys struct {
	period    Period
	place     string
	assisting string
	process   *word // nil without a process key
	product   *word
	item      string
	flags     []string
	marks     []string
	label     string // printed words of country, process and product, " | " in front of each
	out       outcome
}

func (r *run) table(name string) *table {
	if r.current != nil && r.current.name == name {
		return r.current
	}
	t := r.tables[name]
	if t == nil {
		def := func(attribute, otherwise string) string {
			if v := r.n.labels.Default(name, attribute); v != "" {
				return v
			}
			return otherwise
		}
		t = &table{
			name: name, locale: def("locale", "en"), rule: def("period", "text"),
			consecutive: def("sequence", "") == "consecutive", service: def("service", ""),
			process: def("process", ""), place: def("jurisdiction", ""), level: def("requester_level", "any"),
			class: def("customer_class", "all"), basis: def("basis", "as_published"),
			columns: map[string]*column{}, places: map[placeKey]place{}, words: map[string]*word{},
			products: map[string]*word{}, periods: map[periodKey]periodResult{}, missing: map[missingKey]Exactness{},
		}
		r.tables[name] = t
	}
	r.current = t
	return t
}

// find looks a printed word up, and again without the footnote marks at its end.
func (r *run) find(kind labels.Kind, table, printed string) (labels.Label, []string, bool) {
	if l, ok := r.n.labels.Find(kind, table, printed); ok {
		return l, nil, true
	}
	if bare, marks := cutLabelMarks(printed); len(marks) > 0 {
		if l, ok := r.n.labels.Find(kind, table, bare); ok {
			return l, marks, true
		}
	}
	return labels.Label{}, nil, false
}

// cutLabelMarks is cutMarks for words, where a plus sign is a mark too.
func cutLabelMarks(s string) (string, []string) {
	bare, marks := cutMarks(strings.TrimRightFunc(s, blank))
	if cut := strings.TrimRight(bare, "+"); len(cut) < len(bare) && cut != "" {
		return cut, append([]string{bare[len(cut):]}, marks...)
	}
	if strings.TrimFunc(bare, blank) == "" {
		return s, nil
	}
	return bare, marks
}

// unknown is the reject of a word that stands in no row.
func (r *run) unknown(reason string, kind labels.Kind, table, printed string) outcome {
	help := ""
	if near := r.n.labels.Nearest(kind, table, printed); near != "" {
		help = fmt.Sprintf(" (nearest is %q)", near)
	}
	out := refuse(reason, "%s %q of table %q is in no row of labels/%s.csv%s: add a row, or correct the file", kind, printed, table, r.n.provider, help)
	out.kind, out.word = kind, printed
	return out
}

// attribute looks up a service, customer class or requester level that a word names.
func (r *run) attribute(kind labels.Kind, table, printed string) string {
	l, _, _ := r.find(kind, table, printed)
	return l.Code
}

func (r *run) column(t *table, header string) *column {
	if c, ok := t.columns[header]; ok {
		return c
	}
	c := &column{header: strings.TrimFunc(header, blank)}
	if l, _, ok := r.find(labels.KindIgnore, t.name, header); ok && strings.TrimFunc(header, blank) != "" {
		c.out = outcome{ignore: l.Note}
	} else if l, marks, ok := r.find(labels.KindColumn, t.name, header); !ok {
		c.out = r.unknown(ReasonColumn, labels.KindColumn, t.name, header)
	} else {
		c.label, c.marks = l, marks
		c.measure, _ = r.n.vocab.Measure(l.Code) // checked when the labels were loaded
		c.service = r.attribute(labels.KindService, t.name, header)
		c.class = r.attribute(labels.KindCustomerClass, t.name, header)
		c.level = r.attribute(labels.KindRequesterLevel, t.name, header)
	}
	t.columns[header] = c
	return c
}

func (r *run) word(t *table, cache map[string]*word, kind labels.Kind, reason, printed string) *word {
	if w, ok := cache[printed]; ok {
		return w
	}
	w := &word{}
	if l, _, ok := r.find(labels.KindIgnore, t.name, printed); ok && strings.TrimFunc(printed, blank) != "" {
		w.out = outcome{ignore: l.Note}
	} else if l, marks, ok := r.find(kind, t.name, printed); !ok {
		w.out = r.unknown(reason, kind, t.name, printed)
	} else {
		w.label, w.marks = l, marks
		if kind == labels.KindProcess && strings.TrimFunc(printed, blank) != "" {
			w.service = r.attribute(labels.KindService, t.name, printed)
			w.class = r.attribute(labels.KindCustomerClass, t.name, printed)
			w.level = r.attribute(labels.KindRequesterLevel, t.name, printed)
		}
	}
	cache[printed] = w
	return w
}

// placeOf maps a country's name and code as printed; both may be empty.
func (r *run) placeOf(t *table, name, code string) place {
	k := placeKey{name, code}
	if p, ok := t.places[k]; ok {
		return p
	}
	p := r.lookUpPlace(t, name, code)
	t.places[k] = p
	return p
}

func (r *run) lookUpPlace(t *table, name, code string) place {
	if l, _, ok := r.find(labels.KindIgnore, t.name, name); ok && strings.TrimFunc(name, blank) != "" {
		return place{out: outcome{ignore: l.Note}}
	}
	named := r.namedPlace(t, name)
	printed := strings.ToUpper(strings.TrimFunc(code, blank))
	switch {
	case printed == "":
		return named
	case !r.n.vocab.HasJurisdiction(printed):
		return place{out: refuse(ReasonJurisdiction, "country code %q (%q) is not in vocab/jurisdiction.csv", code, name)}
	case named.out.stops():
		// The code alone says who asked; the name is new to us but needs no mapping.
		return place{code: printed}
	case named.code != printed:
		return place{out: refuse(ReasonContradicted, "country %q is %s, but the code beside it is %q", name, named.code, code)}
	}
	return named
}

func (r *run) namedPlace(t *table, name string) place {
	if l, marks, ok := r.find(labels.KindJurisdiction, t.name, name); ok {
		return place{code: l.Code, flags: l.Flags, marks: marks}
	}
	if code, ok := r.n.vocab.JurisdictionNamed(name); ok {
		return place{code: code}
	}
	if bare, marks := cutLabelMarks(name); len(marks) > 0 {
		if code, ok := r.n.vocab.JurisdictionNamed(bare); ok {
			return place{code: code, marks: marks}
		}
	}
	return place{out: r.unknown(ReasonJurisdiction, labels.KindJurisdiction, t.name, name)}
}

// same reports whether the row has the keys of the line before it in its table.
func (t *table) same(row *scrape.Row) bool {
	if !t.fresh || len(t.cells) != len(row.Keys) || t.consecutive && t.line != row.Line {
		return false
	}
	for i := range row.Keys {
		if t.cells[i].Role != row.Keys[i].Role || t.cells[i].Text != row.Keys[i].Text {
			return false
		}
	}
	return true
}

// resolve reads the key cells of a row.
func (r *run) resolve(t *table, row *scrape.Row) *keys {
	if t.same(row) {
		return &t.keys
	}
	t.cells = append(t.cells[:0], row.Keys...)
	t.line, t.fresh = row.Line, true
	k := &t.keys
	*k = keys{}
	var period periodKey
	var name, code, assisting, process, product string
	var hasPlace, hasAssisting, hasProcess, hasProduct bool
	for i, c := range row.Keys {
		if c.Role == scrape.RolePeriod && period.label != "" && period.label2 == "" {
			period.label2 = c.Text // a title and a note; they must agree on the period
			continue
		}
		for _, old := range row.Keys[:i] {
			if old.Role == c.Role && old.Text != c.Text {
				k.out = refuse(ReasonContradicted, "two cells are the line's %s: %q and %q", c.Role, old.Text, c.Text)
				return k
			}
		}
		switch c.Role {
		case scrape.RolePeriod:
			period.label = c.Text
		case scrape.RolePeriodStart:
			period.start = c.Text
		case scrape.RolePeriodEnd:
			period.end = c.Text
		case scrape.RoleYear:
			period.year = c.Text
		case scrape.RoleDate:
			period.day = c.Text
		case scrape.RoleCountry:
			name, hasPlace = c.Text, true
		case scrape.RoleCountryCode:
			code, hasPlace = c.Text, true
		case scrape.RoleAssisting:
			assisting, hasAssisting = c.Text, true
		case scrape.RoleProcess:
			process, hasProcess = c.Text, true
		case scrape.RoleProduct:
			product, hasProduct = c.Text, true
		case scrape.RoleItem:
			k.item = strings.TrimFunc(c.Text, blank)
		default:
			k.out = refuse(ReasonHeld, "key cell %q has the unknown role %q", c.Text, c.Role)
			return k
		}
	}
	r.label = r.label[:0]
	for _, printed := range []string{name, process, product} {
		if s := strings.TrimFunc(printed, blank); s != "" {
			r.label = append(append(r.label, " | "...), s...)
		}
	}
	k.label = string(r.label)

	got := r.periodOf(t, period)
	k.period, k.out = got.period, got.out
	if t.consecutive && r.survey != nil {
		if fix, ok := r.survey.fixes[lineKey{t.name, process, row.Line}]; ok {
			k.period, k.out = fix.period, fix.out
			if !fix.out.stops() {
				k.flags = append(k.flags, "period_label_corrected")
			}
		}
	}
	if k.out.stops() || r.survey == nil {
		return k
	}
	if at := r.c.RetrievedAt; !at.IsZero() && k.period.End.After(at) {
		k.out = refuse(ReasonPeriod, "period %s was not over when the capture was made, on %s", k.period, at.Format(time.DateOnly))
		return k
	}
	if r.survey.single && k.period.Kind != Day && k.period != r.survey.period {
		k.flags = append(k.flags, "period_differs_from_edition")
	}

	if hasPlace {
		p := r.placeOf(t, name, code)
		k.place, k.out = p.code, p.out
		k.flags, k.marks = append(k.flags, p.flags...), append(k.marks, p.marks...)
	} else if k.place = t.place; k.place == "" {
		k.out = refuse(ReasonJurisdiction, "table %q prints no country, and labels/%s.csv declares none", t.name, r.n.provider)
	}
	if !k.out.stops() && hasAssisting {
		p := r.placeOf(t, assisting, "")
		k.assisting, k.out = p.code, p.out
	}
	if !k.out.stops() && hasProcess {
		k.process = r.word(t, t.words, labels.KindProcess, ReasonProcess, process)
		k.out = k.process.out
		k.flags, k.marks = append(k.flags, k.process.label.Flags...), append(k.marks, k.process.marks...)
	}
	if !k.out.stops() && hasProduct {
		k.product = r.word(t, t.products, labels.KindProduct, ReasonProduct, product)
		k.out = k.product.out
		k.flags, k.marks = append(k.flags, k.product.label.Flags...), append(k.marks, k.product.marks...)
	}
	return k
}

func (r *run) periodOf(t *table, k periodKey) periodResult {
	if p, ok := t.periods[k]; ok {
		return p
	}
	p, err := readPeriod(t.rule, k)
	res := periodResult{period: p}
	if err != nil {
		res = periodResult{out: refuse(ReasonPeriod, "%v", err)}
	}
	t.periods[k] = res
	return res
}

// readPeriod reads the cells that say the period, by the table's rule. Whatever is
// printed beyond what the rule needs must agree.
func readPeriod(rule string, k periodKey) (Period, error) {
	if rule == "day" {
		text := k.day
		if text == "" {
			text = k.label
		}
		at, err := ParseDay(text)
		if err != nil {
			return Period{}, err
		}
		return NewPeriod(at, at), nil
	}
	var found Period
	agree := func(p Period, what string) error {
		if !found.IsZero() && found != p {
			return fmt.Errorf("period %s, but its %s says %s", found, what, p)
		}
		found = p
		return nil
	}
	o := PeriodOptions{Year: yearIn(k.year), HalfEnding: rule == "half_ending"}
	for _, label := range []string{k.label, k.label2} {
		if strings.TrimFunc(label, blank) == "" {
			continue
		}
		p, err := ParsePeriod(label, o)
		if err != nil {
			return Period{}, err
		}
		if err := agree(p, "other label"); err != nil {
			return Period{}, err
		}
	}
	switch {
	case k.start != "":
		p, err := ParseDays(k.start, k.end)
		if err != nil {
			return Period{}, err
		}
		if err := agree(p, fmt.Sprintf("first and last day (%q, %q)", k.start, k.end)); err != nil {
			return Period{}, err
		}
	case rule == "start_end":
		return Period{}, fmt.Errorf("period %q: no first and last day beside it", k.label)
	case k.end != "":
		at, err := ParseDay(k.end)
		if err != nil {
			return Period{}, err
		}
		if rule == "half_ending" {
			p, err := halfEnding(at)
			if err != nil {
				return Period{}, fmt.Errorf("period %q: %w", k.end, err)
			}
			if err := agree(p, "last day"); err != nil {
				return Period{}, err
			}
		} else if !found.IsZero() && !found.End.Equal(at) {
			return Period{}, fmt.Errorf("period %s, but its last day says %s", found, at.Format(time.DateOnly))
		}
	}
	switch {
	case found.IsZero():
		return Period{}, fmt.Errorf("no period is printed")
	case found.Kind == Day:
		return Period{}, fmt.Errorf("period %s is one day", found)
	case rule == "half_ending" && found.Kind != Half:
		return Period{}, fmt.Errorf("period %s is no half-year", found)
	}
	return found, nil
}

// yearIn returns the one year that a title prints, 0 for none or several.
func yearIn(title string) int {
	if title == "" || len(title) > 2000 {
		return 0
	}
	s := periodScanner{toks: tokenize(title)}
	found := 0
	for i := range s.toks {
		if y, ok := s.year(i); ok {
			if found != 0 && found != y {
				return 0
			}
			found = y
		}
	}
	return found
}

// read makes the row an observation, or says what else it is.
func (r *run) read(row *scrape.Row, obs *Observation) outcome {
	if row.Hold != "" {
		return refuse(ReasonHeld, "%s", row.Hold)
	}
	if row.Ignore != "" {
		return outcome{ignore: row.Ignore}
	}
	t := r.table(row.Table)
	k := r.resolve(t, row)
	if k.out.stops() {
		return k.out
	}
	col := r.column(t, row.Value.Header)
	if col.out.stops() {
		return col.out
	}
	process, apart := r.process(t, k, col)
	if process == "" && !apart {
		return refuse(ReasonProcess, "table %q prints no process, and labels/%s.csv declares none", t.name, r.n.provider)
	}
	unit := col.label.Unit
	if k.process != nil && k.process.label.Unit != "" && col.measure.AllowsUnit(k.process.label.Unit) {
		unit = k.process.label.Unit
	}
	if unit == "" {
		return refuse(ReasonUnit, "column %q counts %s, and neither its row nor the process says in which unit", row.Value.Header, col.measure.Code)
	}
	value, exactness, details, out := r.value(t, row, k, process, unit)
	if out.stops() {
		return out
	}
	if apart {
		if exactness == NotApplicable {
			return outcome{ignore: "not applicable: line and column name processes that exclude each other"}
		}
		return refuse(ReasonContradicted, "line %q and column %q name processes that exclude each other, yet the cell prints %q",
			strings.TrimPrefix(k.label, " | "), row.Value.Header, row.Value.Text)
	}

	*obs = Observation{
		Provider: r.n.provider, Service: t.service, Source: r.c.Source, Edition: r.survey.Edition,
		Period: k.period, Jurisdiction: k.place, AssistingJurisdiction: k.assisting,
		RequesterLevel: t.level, CustomerClass: t.class, Process: process,
		Measure: col.measure.Code, Unit: unit, Item: k.item,
		Value: value, Exactness: exactness, HighInclusive: true, Basis: t.basis,
		RawText: row.Value.Text, Locator: locator(row), Capture: r.c.SHA256,
		Total: row.Total, Table: row.Table, Line: row.Line,
	}
	if row.Upper != (scrape.Cell{}) {
		obs.RawText = row.Value.Text + " | " + row.Upper.Text
	}
	obs.RawLabel = rawLabel(col.header, k.label)
	if w := k.process; w != nil {
		obs.Service, obs.CustomerClass, obs.RequesterLevel = or(w.service, obs.Service), or(w.class, obs.CustomerClass), or(w.level, obs.RequesterLevel)
	}
	obs.Service, obs.CustomerClass, obs.RequesterLevel = or(col.service, obs.Service), or(col.class, obs.CustomerClass), or(col.level, obs.RequesterLevel)
	if k.product != nil {
		obs.Service = k.product.label.Code
	}
	if obs.Service == "" {
		return refuse(ReasonProduct, "table %q prints no product, and labels/%s.csv declares no service", t.name, r.n.provider)
	}

	flags := join(k.flags, col.label.Flags)
	if details.Fraction && unit != "percent_rounded" {
		flags = append(flags, "non_integer")
	}
	obs.Footnotes = join(join(col.marks, k.marks), details.Marks)
	if len(obs.Footnotes) > 0 {
		flags = append(flags, "footnote_mark")
	}
	if value.IsPoint() && value.low == 0 {
		flags = append(flags, r.n.labels.Zero(t.name, process, col.measure.Code, k.period.Start, k.period.End)...)
	}
	if exactness == Band {
		var ok bool
		if flags, ok = r.band(t, obs, flags); !ok {
			// A band stands where the law allows no exact number. Where no law is declared it
			// is more likely a damaged count ("1,1223" read as "1-1223") than news.
			return refuse(ReasonValue, "band %q, and labels/%s.csv declares no band scheme for table %q, process %q, %s",
				row.Value.Text, r.n.provider, t.name, process, obs.Period.Label())
		}
	}
	if row.Open {
		flags = append(flags, "may_be_cut")
	}
	obs.QualityFlags = sorted(flags)
	return outcome{}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func join(a, b []string) []string {
	if len(b) == 0 {
		return a[:len(a):len(a)]
	}
	return append(a[:len(a):len(a)], b...)
}

// sorted returns the flags sorted and each once; nil for none.
func sorted(flags []string) []string {
	if len(flags) == 0 {
		return nil
	}
	s := append([]string(nil), flags...)
	sort.Strings(s)
	n := 1
	for i := 1; i < len(s); i++ {
		if s[i] != s[n-1] {
			s[n] = s[i]
			n++
		}
	}
	return s[:n]
}

// process combines what the line, the column and the table say. apart is set when line
// and column name processes of which neither covers the other.
func (r *run) process(t *table, k *keys, col *column) (code string, apart bool) {
	if k.process == nil {
		switch len(col.label.Processes) {
		case 0:
			return t.process, false
		case 1:
			return col.label.Processes[0], false
		}
		return "", false // several, and no line to choose
	}
	line := k.process.label.Code
	if len(col.label.Processes) == 0 {
		return line, false
	}
	found := ""
	for _, p := range col.label.Processes {
		narrow := ""
		switch {
		case r.n.vocab.Covers(line, p):
			narrow = p
		case r.n.vocab.Covers(p, line):
			narrow = line
		default:
			continue
		}
		if found != "" && found != narrow {
			return "", true
		}
		found = narrow
	}
	return found, found == ""
}

// value reads the figure of a row.
func (r *run) value(t *table, row *scrape.Row, k *keys, process, unit string) (Interval, Exactness, ValueDetails, outcome) {
	o := ValueOptions{Locale: t.locale, Percent: unit == "percent_rounded"}
	text := row.Value.Text
	two := row.Upper != (scrape.Cell{})
	if k.item != "" && !two && strings.TrimFunc(text, blank) == k.item {
		// The line is one instrument, and its name stands where others print a count.
		return Point(1), Exact, ValueDetails{}, outcome{}
	}
	low, missing := r.missing(t, process, unit, text)
	if two {
		high, both := r.missing(t, process, unit, row.Upper.Text)
		switch {
		case missing && both && low == high:
			return Interval{}, low, ValueDetails{}, outcome{}
		case missing || both:
			return Interval{}, "", ValueDetails{}, refuse(ReasonValue, "band %q | %q: one end is missing", text, row.Upper.Text)
		}
		i, e, d, err := parseEnds(text, row.Upper.Text, o)
		if err != nil {
			return Interval{}, "", ValueDetails{}, refuse(ReasonValue, "%v", err)
		}
		return i, e, d, outcome{}
	}
	if missing {
		return Interval{}, low, ValueDetails{}, outcome{}
	}
	i, e, d, err := ParseValue(text, o)
	if err != nil {
		out := refuse(ReasonValue, "%v", err)
		if !startsWithDigit(text) {
			out.kind, out.word = labels.KindMissing, text
		}
		return Interval{}, "", ValueDetails{}, out
	}
	return i, e, d, outcome{}
}

// missingKey is all that a missing text's meaning depends on.
type missingKey struct{ process, unit, text string }

// missing reports whether the text stands for no figure, and why there is none.
func (r *run) missing(t *table, process, unit, text string) (Exactness, bool) {
	if startsWithDigit(text) {
		return "", false
	}
	key := missingKey{process, unit, text}
	e, ok := t.missing[key]
	if !ok {
		e = Exactness(r.n.labels.Missing(t.name, process, unit, text))
		if len(t.missing) < 10_000 { // a file full of prose must not fill the memory
			t.missing[key] = e
		}
	}
	return e, e != ""
}

// startsWithDigit reports whether a text begins as a figure does: it is never a declared
// missing one.
func startsWithDigit(text string) bool { return text != "" && text[0] >= '0' && text[0] <= '9' }

// overlapping is the scheme whose bands print round ends, so that 7,000 belongs to two
// bands: "between 6,000 and 7,000" (John Frank, Microsoft, 14 June 2013).
const overlapping = "doj2013_1000"

// band sets the scheme of a band and adds what is odd about its ends; ok is false when no
// scheme is declared for the place and time.
func (r *run) band(t *table, obs *Observation, flags []string) (_ []string, ok bool) {
	obs.BandScheme = r.n.labels.Scheme(t.name, obs.Process, obs.Period.Start, obs.Period.End)
	scheme, ok := r.n.vocab.BandScheme(obs.BandScheme)
	if !ok {
		return nil, false
	}
	low, high, w := obs.Value.low, obs.Value.high, scheme.Width
	onGrid := func(v float64) bool { return math.Mod(v, w) == 0 }
	if scheme.Code == overlapping {
		if !onGrid(low) || high-low != w {
			flags = append(flags, "width_unexpected")
		}
		return flags, true
	}
	obs.FloorRaised = !onGrid(low) && onGrid(high+1)
	width := high + 1 - low
	if !onGrid(high+1) || width > w || width < w && !obs.FloorRaised {
		flags = append(flags, "width_unexpected")
	}
	return flags, true
}

// locator is the place of the row's figure, and of both its cells when it has two.
func locator(row *scrape.Row) string {
	at := row.Value.At
	if up := row.Upper.At; row.Upper != (scrape.Cell{}) && up.Row == at.Row {
		at.Col2 = up.Col
	}
	return at.String()
}

// rawLabel joins the column's header and the words of the line, which start with " | ".
func rawLabel(header, words string) string {
	if header == "" {
		return strings.TrimPrefix(words, " | ")
	}
	return header + words
}

// maxDetail bounds the foreign text that a reject repeats.
const maxDetail = 2000

func (r *run) reject(row *scrape.Row, out outcome) Reject {
	var b strings.Builder
	for _, k := range row.Keys {
		if s := strings.TrimFunc(k.Text, blank); s != "" {
			b.WriteString(" | ")
			b.WriteString(s)
		}
	}
	raw := row.Value.Text
	if row.Upper != (scrape.Cell{}) {
		raw += " | " + row.Upper.Text
	}
	measure := ""
	if out.reason == ReasonValue {
		measure = r.column(r.table(row.Table), row.Value.Header).label.Code
	}
	return Reject{
		Measure: measure, Source: r.c.Source, Edition: r.survey.Edition, Capture: r.c.SHA256, Table: row.Table,
		Locator: locator(row), RawText: clip(raw), RawLabel: clip(rawLabel(strings.TrimFunc(row.Value.Header, blank), b.String())),
		Reason: out.reason, Detail: clip(out.detail), Kind: string(out.kind), Word: clip(out.word),
	}
}

func clip(s string) string {
	if len(s) <= maxDetail {
		return s
	}
	cut := maxDetail
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
