package normalize

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"daylight/normalize/labels"
	"daylight/normalize/vocab"
	"daylight/scrape"
)

// Rule is one step from the printed words to what a figure means: which row of which file
// said so.
type Rule struct {
	Attribute string // what was decided: "measure", "jurisdiction", "band_scheme", "quality_flag" ...
	Code      string // what it became
	Title     string // what the code means, from its list; for a process with its legal basis
	Printed   string // the words that it was read from; "" where none are printed and a default holds
	File      string // file of the project with the row, "normalize/labels/microsoft.csv", or the reviewers' decisions.csv; "" for a rule of the program
	Line      int    // of File, from 1; 0 where the code itself names the row
	Note      string // remark of the row, or what the program did
}

// Explained is a figure with all that made it one.
type Explained struct {
	Observation Observation
	Header      string        // of the figure's column, exactly as printed
	Keys        []scrape.Cell // printed words that say what the figure is, each with its place
	Rules       []Rule        // in the order of the observation's fields
}

// Explain is Capture, and hands the explanation of each figure for which wanted is true of
// its locator to each, right after the sink had the observation. An error of each stops the
// run and is returned as it is.
func (n *Normalizer) Explain(ctx context.Context, c scrape.Capture, sv Survey, parse ParseFunc, sink Sink,
	wanted func(locator string) bool, each func(*Explained) error) (Book, error) {
	return n.capture(ctx, c, sv, parse, sink, func(r *run, row *scrape.Row, o *Observation) error {
		if !wanted(o.Locator) {
			return nil
		}
		return each(r.explain(row, o))
	})
}

// explain says which rows made the row this observation. It asks the same questions as read
// does, of the same tables, and it runs right after it.
func (r *run) explain(row *scrape.Row, o *Observation) *Explained {
	t := r.table(row.Table)
	x := &explainer{run: r, table: t, row: row, obs: o, col: r.column(t, row.Value.Header), keys: r.resolve(t, row)}
	x.period()
	x.place("jurisdiction", o.Jurisdiction, scrape.RoleCountry, scrape.RoleCountryCode)
	x.place("assisting_jurisdiction", o.AssistingJurisdiction, scrape.RoleAssisting, "")
	x.process()
	x.word("measure", labels.KindColumn, row.Value.Header, o.Measure)
	x.unit()
	x.attribute("service", labels.KindService, o.Service)
	x.attribute("requester_level", labels.KindRequesterLevel, o.RequesterLevel)
	x.attribute("customer_class", labels.KindCustomerClass, o.CustomerClass)
	x.fallback("basis", o.Basis)
	x.item()
	x.value()
	x.scheme()
	x.flags()
	return &Explained{Observation: *o, Header: row.Value.Header, Keys: slices.Clone(row.Keys), Rules: x.rules}
}

type explainer struct {
	*run
	table *table
	row   *scrape.Row
	obs   *Observation
	col   *column
	keys  *keys
	rules []Rule
}

func vocabFile(list string) string { return "normalize/vocab/" + list + ".csv" }

func (x *explainer) labelFile() string { return "normalize/labels/" + x.n.provider + ".csv" }

func (x *explainer) add(rule Rule) {
	if rule.Title == "" {
		rule.Title = x.title(rule.Attribute, rule.Code)
	}
	x.rules = append(x.rules, rule)
}

// title is what a code means.
func (x *explainer) title(attribute, code string) string {
	v := x.n.vocab
	plain := func(list []vocab.Code) string {
		for _, c := range list {
			if c.Code == code {
				return c.Title
			}
		}
		return ""
	}
	switch attribute {
	case "jurisdiction", "assisting_jurisdiction":
		j, _ := v.Jurisdiction(code)
		return j.Name
	case "process":
		p, _ := v.Process(code)
		if p.LegalBasis != "" {
			return p.Title + " (" + p.LegalBasis + ")"
		}
		return p.Title
	case "measure":
		m, _ := v.Measure(code)
		return m.Title
	case "unit":
		for _, u := range v.Units {
			if u.Code == code {
				return u.Title
			}
		}
	case "service":
		for _, s := range v.Services {
			if s.Code == code {
				return s.Title
			}
		}
	case "band_scheme":
		if s, ok := v.BandScheme(code); ok {
			return fmt.Sprintf("bands of %s; %s", strconv.FormatFloat(s.Width, 'f', -1, 64), s.Authority)
		}
	case "exactness":
		return plain(v.Exactness)
	case "basis":
		return plain(v.Bases)
	case "requester_level":
		return plain(v.RequesterLevels)
	case "customer_class":
		return plain(v.CustomerClasses)
	case "quality_flag":
		return plain(v.QualityFlags)
	}
	return ""
}

// review is the file of the reviewers' decisions, see package review.
const review = "decisions.csv"

// label is the rule of a row of the label file, or of one that a reviewer put beside it.
func (x *explainer) label(attribute, code, printed string, l labels.Label) Rule {
	if l.Decision != "" {
		return Rule{Attribute: attribute, Code: code, Printed: printed, File: review, Note: l.Decision}
	}
	return Rule{Attribute: attribute, Code: code, Printed: printed, File: x.labelFile(), Line: l.Line, Note: l.Note}
}

// printed joins the texts of the key cells of the roles.
func (x *explainer) printed(roles ...scrape.Role) string {
	var texts []string
	for _, c := range x.row.Keys {
		if text := strings.TrimFunc(c.Text, blank); slices.Contains(roles, c.Role) && text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " | ")
}

// fallback is the rule of an attribute that is not printed: a default row of the label
// file, or what the program takes without one.
func (x *explainer) fallback(attribute, code string) {
	if code == "" {
		return
	}
	if l, ok := x.n.labels.Find(labels.KindDefault, x.table.name, attribute); ok {
		x.add(x.label(attribute, code, "", l))
		return
	}
	x.add(Rule{Attribute: attribute, Code: code, Note: "not printed, and no row says otherwise"})
}

// word adds the rule of a row that a printed word finds, and reports whether there is one.
func (x *explainer) word(attribute string, kind labels.Kind, printed, code string) bool {
	l, _, ok := x.find(kind, x.table.name, printed)
	if ok {
		x.add(x.label(attribute, code, strings.TrimFunc(printed, blank), l))
	}
	return ok
}

func (x *explainer) period() {
	rule := Rule{Attribute: "period", Code: x.obs.Period.Label(), Printed: x.printed(scrape.RolePeriod, scrape.RolePeriodStart,
		scrape.RolePeriodEnd, scrape.RoleYear, scrape.RoleDate), Note: "read by the rule " + x.table.rule}
	if l, ok := x.n.labels.Find(labels.KindDefault, x.table.name, "period"); ok {
		rule.File, rule.Line = x.labelFile(), l.Line
	}
	if slices.Contains(x.obs.QualityFlags, "period_label_corrected") {
		rule.Note += "; a misprint: the lines beside it prove the period"
	}
	x.add(rule)
}

// place adds the rule of a jurisdiction: a row of the label file, a name or the code of the
// list, or the default.
func (x *explainer) place(attribute, code string, name, codeRole scrape.Role) {
	named, hasName := x.row.Key(name)
	var beside scrape.Cell
	hasCode := false
	if codeRole != "" {
		beside, hasCode = x.row.Key(codeRole)
	}
	if !hasName && !hasCode {
		x.fallback(attribute, code)
		return
	}
	if l, _, ok := x.find(labels.KindJurisdiction, x.table.name, named.Text); ok && l.Code == code {
		x.add(x.label(attribute, code, strings.TrimFunc(named.Text, blank), l))
		return
	}
	rule := Rule{Attribute: attribute, Code: code, Printed: strings.TrimFunc(named.Text, blank), File: vocabFile("jurisdiction")}
	bare, _ := cutLabelMarks(named.Text)
	for _, text := range []string{named.Text, bare} {
		if c, ok := x.n.vocab.JurisdictionNamed(text); ok && c == code {
			rule.Note = "a name of the list"
			x.add(rule)
			return
		}
	}
	rule.Printed, rule.Note = strings.TrimFunc(beside.Text, blank), "the printed code"
	x.add(rule)
}

// process adds the rules of the line's process and of the column's; the narrower one of the
// two holds.
func (x *explainer) process() {
	found := false
	if cell, ok := x.row.Key(scrape.RoleProcess); ok && x.keys.process != nil {
		found = x.word("process", labels.KindProcess, cell.Text, x.obs.Process)
	}
	if len(x.col.label.Processes) > 0 {
		rule := x.label("process", x.obs.Process, x.col.header, x.col.label)
		if found {
			rule.Note = strings.TrimPrefix(rule.Note+"; of the line's process and the column's the narrower one", "; ")
		}
		x.add(rule)
		found = true
	}
	if !found {
		x.fallback("process", x.obs.Process)
	}
}

func (x *explainer) unit() {
	if w := x.keys.process; w != nil && w.label.Unit == x.obs.Unit && x.col.label.Unit != x.obs.Unit {
		x.add(x.label("unit", x.obs.Unit, x.printed(scrape.RoleProcess), w.label))
		return
	}
	x.add(x.label("unit", x.obs.Unit, x.col.header, x.col.label))
}

// attribute adds the rule of what a product, a column or a process word names, or of the
// default.
func (x *explainer) attribute(attribute string, kind labels.Kind, code string) {
	if cell, ok := x.row.Key(scrape.RoleProduct); ok && kind == labels.KindService && x.keys.product != nil {
		x.word(attribute, labels.KindProduct, cell.Text, code)
		return
	}
	words := []string{x.row.Value.Header}
	if cell, ok := x.row.Key(scrape.RoleProcess); ok {
		words = append(words, cell.Text)
	}
	for _, word := range words {
		if x.word(attribute, kind, word, code) {
			return
		}
	}
	x.fallback(attribute, code)
}

func (x *explainer) item() {
	if x.obs.Item != "" {
		x.add(Rule{Attribute: "item", Code: x.obs.Item, Printed: x.printed(scrape.RoleItem), Note: "name of one single instrument, as printed"})
	}
}

// value says how the figure was read.
func (x *explainer) value() {
	o := x.obs
	rule := Rule{Attribute: "exactness", Code: string(o.Exactness), Printed: strings.TrimFunc(o.RawText, blank)}
	if !o.Exactness.HasValue() {
		if l, ok := x.n.labels.FindMissing(x.table.name, o.Process, o.Unit, x.row.Value.Text); ok {
			rule = x.label("exactness", string(o.Exactness), rule.Printed, l)
		}
		x.add(rule)
		return
	}
	rule.Note = "read as " + o.Value.String()
	if x.table.locale != "en" {
		rule.Note += " in the locale " + x.table.locale
	}
	if o.Item != "" && strings.TrimFunc(x.row.Value.Text, blank) == o.Item {
		rule.Note = "read as 1: the line is one instrument, whose name stands where others print a count"
	}
	x.add(rule)
}

func (x *explainer) scheme() {
	o := x.obs
	if o.BandScheme == "" {
		return
	}
	if l, ok := x.n.labels.FindScheme(x.table.name, o.Process, o.Period.Start, o.Period.End); ok {
		x.add(x.label("band_scheme", o.BandScheme, "", l))
	}
}

// flags adds a rule for each quality flag: the row that sets it, or the program's own.
func (x *explainer) flags() {
	o := x.obs
	var from []labels.Label
	add := func(kind labels.Kind, printed string) {
		if l, _, ok := x.find(kind, x.table.name, printed); ok {
			from = append(from, l)
		}
	}
	for _, c := range x.row.Keys {
		switch c.Role {
		case scrape.RoleCountry:
			add(labels.KindJurisdiction, c.Text)
		case scrape.RoleProcess:
			add(labels.KindProcess, c.Text)
		case scrape.RoleProduct:
			add(labels.KindProduct, c.Text)
		}
	}
	from = append(from, x.col.label)
	if o.Value.IsPoint() && o.Value.low == 0 {
		if l, ok := x.n.labels.FindZero(x.table.name, o.Process, o.Measure, o.Period.Start, o.Period.End); ok {
			from = append(from, l)
		}
	}
	for _, flag := range o.QualityFlags {
		rule := Rule{Attribute: "quality_flag", Code: flag, Note: "set by the program"}
		for _, l := range from {
			if slices.Contains(l.Flags, flag) {
				rule = x.label("quality_flag", flag, l.Printed, l)
				break
			}
		}
		x.add(rule)
	}
}
