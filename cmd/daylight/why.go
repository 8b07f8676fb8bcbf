package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"daylight/queries"
	"daylight/queries/figure"
	"daylight/warehouse"

	"github.com/spf13/cobra"
)

func newWhyCommand(a *app) *cobra.Command {
	var s selection
	cmd := &cobra.Command{
		Use:   "why FIGURE... | why --query NAME [--param name=value]... [--row N]...",
		Short: "Walk a figure back to the printed cell, and read the cell again",
		Long: `Say all that is known of a figure: the printed text, label and footnotes, where they
stand, the captured bytes with their address and SHA-256, which rows of the label files
made the figure what it is, what the audits found, what other editions print, and a
citation. The printed text is read again from the archived bytes, and so is its meaning,
by the rules of this program: a difference is an error, exit code 1.

An audit is held, partial (it holds as far as the lines at hand can say), undecided (a
figure that it needs is missing), pinned (it does not hold, and the mismatch is the
publisher's own, with its source) or open.

` + figureHelp + `

With --query the figures are the printed cells that a row of a question's answer stands
on. Rows are counted from 1, as "daylight query" prints them; without --row all are meant.`,
		Example: `  daylight sql "SELECT left(capture, 12) || '/' || ordinal AS figure, * FROM current LIMIT 5"
  daylight why 9a9a42ce4bbe/17
  daylight why '9a9a42ce4bbe/table 1 row 2 column 3' --format json
  daylight why --query requesting_jurisdictions --param provider=microsoft --row 1
  daylight why --query total --param provider=google --param group=EU --param from=2012-H2 --param to=2012-H2`,
		Args:              func(_ *cobra.Command, args []string) error { return s.check("why", args) },
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			db, err := warehouse.Open(cmd.Context(), a.data)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			p, err := s.pick(cmd.Context(), db, args)
			if err != nil {
				return fmt.Errorf("why: %w", err)
			}
			list, err := a.examiner().testify(cmd.Context(), db, p.figures)
			if err != nil {
				return fmt.Errorf("why: %w", err)
			}
			p.order(list)
			if err := a.printTestimony(cmd.OutOrStdout(), p, list); err != nil {
				return err
			}
			return unconfirmed("why", list)
		},
	}
	a.addSelection(cmd, &s)
	return cmd
}

// figureHelp says how a figure is named.
const figureHelp = `A FIGURE is one of
  CAPTURE/NUMBER      left(capture, 12) || '/' || ordinal of the views current and
                      observation; at least four digits of the SHA-256
  CAPTURE/PLACE       the place in the capture, which holds for every version of daylight:
                      '9a9a42ce4bbe/Criminal!D5', '9a9a42ce4bbe/line 12 column 3'
  CAPTURE@TIME/...    the reading of that time, or of the day, where a publisher printed,
                      replaced and printed again the same bytes: without it the newest is
                      meant
  SERIES_KEY          the newest reading that stands
  SERIES_KEY@EDITION  the reading that stands in an edition`

// selection is what figures a command line asks for.
type selection struct {
	query  string
	params []string
	rows   []int
}

// addSelection adds the flags of a selection.
func (a *app) addSelection(cmd *cobra.Command, s *selection) {
	a.reviewFlag(cmd)
	cmd.Flags().StringVar(&s.query, "query", "", "take the printed cells of this question's answer")
	cmd.Flags().StringArrayVar(&s.params, "param", nil, "argument of the question, name=value (repeatable)")
	cmd.Flags().IntSliceVar(&s.rows, "row", nil, "only this row of the answer, from 1 (repeatable)")
	must(cmd.RegisterFlagCompletionFunc("query", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		all, err := queries.Catalog()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for _, q := range all {
			if q.Cells != "" {
				names = append(names, q.Name+"\t"+q.Title)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}))
	must(cmd.RegisterFlagCompletionFunc("param", func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		if s.query == "" {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.completeParam(cmd.Context(), s.query, typed)
	}))
}

// check looks at the command line alone.
func (s *selection) check(command string, args []string) error {
	switch {
	case s.query == "" && (len(s.params) > 0 || len(s.rows) > 0):
		return usagef("%s: --param and --row belong to --query: name the question", command)
	case s.query != "" && len(args) > 0:
		return usagef("%s: figures are named (%s) or taken from --query, not both", command, strings.Join(args, ", "))
	case s.query == "" && len(args) == 0:
		return usagef("%s: name a figure, or a question with --query; see %q", command, "daylight "+command+" --help")
	}
	for _, n := range s.rows {
		if n < 1 {
			return usagef("%s: --row %d: rows are counted from 1", command, n)
		}
	}
	return nil
}

// picked is what a selection comes to.
type picked struct {
	figures  []figure.Figure // each once, in the order of captures
	names    []string        // in the order of the command line; nil with a question
	question *askedQuestion  // nil without one
	asked    string          // the command line
}

// askedQuestion is a question whose rows' cells are asked for.
type askedQuestion struct {
	Name   string            `json:"name"`
	Title  string            `json:"title"`
	Params map[string]string `json:"params"`
	Rows   []askedRow        `json:"rows"`
}

// askedRow is one row of the answer.
type askedRow struct {
	Row     int      `json:"row"`
	Values  record   `json:"values"`
	Figures []string `json:"figures"`
	Note    string   `json:"note"` // why there are no figures

	cells []queries.Cell
}

// pick finds the figures.
func (s *selection) pick(ctx context.Context, db *warehouse.DB, args []string) (*picked, error) {
	p := &picked{}
	var cells []queries.Cell
	if s.query != "" {
		q, err := s.ask(ctx, db)
		if err != nil {
			return nil, err
		}
		p.question = q
		for _, r := range q.Rows {
			cells = append(cells, r.cells...)
		}
		if len(cells) == 0 {
			return nil, fmt.Errorf("query %s: %w", q.Name, errors.New(noFigures(q)))
		}
	}
	if len(cells) > maxFigures {
		return nil, usagef("the rows stand on %s cells, more than the %s that are read again at once: name rows with --row",
			thousands(strconv.Itoa(len(cells))), thousands(strconv.Itoa(maxFigures)))
	}
	for _, name := range args {
		c, err := figure.Find(ctx, db, name)
		if err != nil {
			return nil, err
		}
		cells = append(cells, c)
	}
	var err error
	if p.figures, err = figure.Load(ctx, db, cells); err != nil {
		return nil, err
	}
	names := map[queries.Cell]string{}
	for _, f := range p.figures {
		names[f.Cell] = f.Name
	}
	for _, c := range cells {
		if n := names[c]; p.question == nil && !slices.Contains(p.names, n) {
			p.names = append(p.names, n)
		}
	}
	if p.question != nil {
		for i := range p.question.Rows {
			for _, c := range p.question.Rows[i].cells {
				p.question.Rows[i].Figures = append(p.question.Rows[i].Figures, names[c])
			}
		}
	}
	p.asked = s.commandLine(args)
	return p, nil
}

// maxFigures bounds the figures of one command line: all that is known of each lies in memory.
const maxFigures = 20_000

// noFigures says why no row of the answer has any.
func noFigures(q *askedQuestion) string {
	if len(q.Rows) == 0 {
		return "the answer has no rows"
	}
	return q.Rows[0].Note
}

// ask asks the question and finds the cells of its rows.
func (s *selection) ask(ctx context.Context, db *warehouse.DB) (*askedQuestion, error) {
	q, err := findQuestion(s.query)
	if err != nil {
		return nil, err
	}
	if q.Cells == "" {
		return nil, usagef("query %s: the question does not say which printed cells its rows stand on", q.Name)
	}
	params, err := paramsOf(s.params)
	if err != nil {
		return nil, err
	}
	rows, err := q.Run(ctx, db, params)
	if err != nil {
		return nil, err
	}
	out := &askedQuestion{Name: q.Name, Title: q.Title, Params: params, Rows: []askedRow{}}
	var header []string
	for _, c := range rows.Columns() {
		header = append(header, c.Name)
	}
	n := 0
	for rows.Next() {
		if n++; len(s.rows) == 0 || slices.Contains(s.rows, n) {
			out.Rows = append(out.Rows, askedRow{Row: n, Values: record{header, slices.Clone(rows.Values())}, Figures: []string{}})
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("query %s: %w", q.Name, err)
	}
	for _, want := range s.rows {
		if want > n {
			return nil, usagef("query %s: the answer has %d rows, and --row is %d", q.Name, n, want)
		}
	}
	for i := range out.Rows {
		r := &out.Rows[i]
		if r.cells, err = q.CellsOf(ctx, db, params, r.Values.values); errors.Is(err, queries.ErrNoCells) {
			r.Note = strings.TrimPrefix(err.Error(), "query "+q.Name+": ")
		} else if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// paramsOf reads arguments of a question.
func paramsOf(params []string) (map[string]string, error) {
	given := map[string]string{}
	for _, p := range params {
		k, v, ok := strings.Cut(p, "=")
		if !ok {
			return nil, usagef("query: --param %q: want name=value", p)
		}
		if _, twice := given[k]; twice {
			return nil, usagef("query: --param %s is given twice", k)
		}
		given[k] = v
	}
	return given, nil
}

// commandLine is the selection as it is typed.
func (s *selection) commandLine(args []string) string {
	var words []string
	for _, a := range args {
		words = append(words, shellWord(a))
	}
	if s.query != "" {
		words = append(words, "--query", shellWord(s.query))
	}
	for _, p := range s.params {
		words = append(words, "--param", shellWord(p))
	}
	for _, n := range s.rows {
		words = append(words, "--row", strconv.Itoa(n))
	}
	return strings.Join(words, " ")
}

// shellWord quotes a word where a shell would take it apart.
func shellWord(s string) string {
	if s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@,+", r)
	}) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// order puts the testimonies into the order of the command line.
func (p *picked) order(list []*testimony) {
	if p.names == nil {
		return
	}
	slices.SortStableFunc(list, func(a, b *testimony) int {
		return slices.Index(p.names, a.Figure) - slices.Index(p.names, b.Figure)
	})
}

// printTestimony prints the figures: a text, one row for each, or a document.
func (a *app) printTestimony(w io.Writer, p *picked, list []*testimony) error {
	switch a.format {
	case formatJSON:
		return writeDocument(w, struct {
			Question  *askedQuestion `json:"question"` // null when figures were named
			Figures   []*testimony   `json:"figures"`
			Citations []string       `json:"citations"` // one for each capture
		}{p.question, list, citations(list)})
	case formatCSV:
		return a.print(w, testimonySheet(list))
	}
	screen := screenWidth(w)
	if p.question != nil {
		if err := writeRows(w, p.question, list, screen); err != nil || len(list) > 1 {
			return err
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	for i, t := range list {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"+strings.Repeat("─", textWidth(screen))+"\n\n"); err != nil {
				return err
			}
		}
		if err := writeTestimony(w, t, screen); err != nil {
			return err
		}
	}
	return nil
}

// testimonySheet is one row for each figure.
func testimonySheet(list []*testimony) *sheet {
	s := &sheet{columns: []string{"figure", "confirmed", "problems", "provider", "edition", "period", "jurisdiction", "process", "measure", "unit",
		"low", "high", "exactness", "raw_text", "read_again", "raw_label", "footnotes", "locator", "file", "capture", "url", "captured_at", "trust",
		"rules", "audits", "other_readings", "citation"}}
	for _, t := range list {
		f := t.figure
		value := func(column string) any {
			if i := slices.Index(f.Header, column); i >= 0 {
				return f.Values[i]
			}
			return nil
		}
		var again any
		if t.Printed.ReadAgain != nil {
			again = *t.Printed.ReadAgain
		}
		var rules, audits, readings []string
		for _, r := range t.Rules {
			rules = append(rules, strings.TrimSpace(r.Attribute+"="+r.Code+" "+r.place()))
		}
		for _, d := range t.Audits {
			audits = append(audits, d.Check+" "+d.Outcome+": "+d.Relation)
		}
		for _, r := range t.Readings {
			if !r.This {
				readings = append(readings, r.Figure+" "+r.Edition+": "+reading(r))
			}
		}
		s.add(f.Name, t.Confirmed, t.Problems, f.Provider, f.Edition, f.Period, f.Jurisdiction, value("process"), value("measure"), f.Unit,
			value("value_low"), value("value_high"), f.Exactness, f.RawText, again, value("raw_label"), t.Printed.Footnotes, f.Locator, f.File, f.Capture,
			f.URL, retrieved(f.CapturedAt), f.Trust, rules, audits, readings, t.Citation)
	}
	return s
}

// place is where a rule stands.
func (r rule) place() string {
	if r.Line == 0 {
		return r.File
	}
	return r.File + ":" + strconv.Itoa(r.Line)
}

// reading is what an edition prints.
func reading(r figure.Reading) string {
	if r.Text == "" {
		return r.Exactness
	}
	return r.Text
}

// maxCellsOfRow is how many cells of a row the text lists; CSV and JSON have all.
const maxCellsOfRow = 20

// writeRows prints the rows of a question with the cells that they stand on.
func writeRows(w io.Writer, q *askedQuestion, list []*testimony, screen int) error {
	of := map[string]*testimony{}
	for _, t := range list {
		of[t.Figure] = t
	}
	width := textWidth(screen)
	for i, r := range q.Rows {
		var b strings.Builder
		if i > 0 {
			b.WriteString("\n")
		}
		var values []string
		for j, name := range r.Values.names {
			if s := show(r.Values.values[j], true); s != "" && s != "–" && name != queries.AdvisoryColumn {
				values = append(values, name+" "+s)
			}
		}
		b.WriteString(hang(fmt.Sprintf("Row %d of %s: ", r.Row, q.Name), strings.Join(values, ", "), width))
		for j, name := range r.Values.names {
			if notes, ok := advisories(r.Values.values[j]); ok && name == queries.AdvisoryColumn {
				for _, n := range notes {
					b.WriteString(hang("  - ", n, width))
				}
			}
		}
		if r.Note != "" {
			b.WriteString(hang("  ", r.Note, width))
		} else {
			bad := 0
			for _, name := range r.Figures {
				if !of[name].Confirmed {
					bad++
				}
			}
			verdict := "read again from the archived bytes: the same"
			if bad > 0 {
				verdict = fmt.Sprintf("and %d of them are not confirmed by the archived bytes", bad)
			}
			b.WriteString(hang("  ", fmt.Sprintf("stands on %s, %s", counted(len(r.Figures), "printed cell"), verdict), width))
		}
		if _, err := io.WriteString(w, b.String()); err != nil {
			return err
		}
		if len(r.Figures) == 0 {
			continue
		}
		t := &sheet{columns: []string{"figure", "period", "jurisdiction", "process", "measure", "printed", "read as", "locator", "file", "edition"}}
		for _, name := range r.Figures[:min(maxCellsOfRow, len(r.Figures))] {
			c := of[name]
			f := c.figure
			printed := f.RawText
			if !c.Confirmed {
				printed += " (not confirmed)"
			}
			t.add(f.Name, f.Period, f.Jurisdiction, valueOf(f, "process"), valueOf(f, "measure"), printed, readAs(f), f.Locator, f.File, f.Edition)
		}
		if err := writeTable(w, t, screen); err != nil {
			return err
		}
		if n := len(r.Figures) - maxCellsOfRow; n > 0 {
			if _, err := fmt.Fprintf(w, "and %d more, see --format csv\n", n); err != nil {
				return err
			}
		}
	}
	if len(list) < 2 {
		return nil
	}
	var b strings.Builder
	b.WriteString("\nCite\n")
	for _, c := range citations(list) {
		b.WriteString(hang("  ", c, width))
	}
	for _, t := range list {
		for _, p := range t.Problems {
			b.WriteString(hang("  not confirmed: ", t.Figure+": "+p, width))
		}
	}
	fmt.Fprintf(&b, "\ndaylight why %s  says all about one of them\n", list[0].Figure)
	_, err := io.WriteString(w, b.String())
	return err
}

func valueOf(f figure.Figure, column string) any {
	if i := slices.Index(f.Header, column); i >= 0 {
		return f.Values[i]
	}
	return nil
}

// readAs is the value of a figure with its unit.
func readAs(f figure.Figure) string {
	if f.Value == "" {
		return f.Exactness
	}
	return f.Value + " " + f.Unit
}

// writeTestimony prints one figure for a reader: what it says, where it stands, where the bytes
// come from, what made it that, and what else is printed.
func writeTestimony(w io.Writer, t *testimony, screen int) error {
	f := t.figure
	width := textWidth(screen)
	var b strings.Builder
	lead := func(name string) string { return fmt.Sprintf("  %-14s", name) }
	line := func(name, value string) {
		if value != "" {
			b.WriteString(hang(lead(name), value, width))
		}
	}
	b.WriteString(hang(t.Figure+": ", fmt.Sprintf("%s: %s, %s, %s, %s, %s", readAs(f), f.Provider, f.Jurisdiction, f.Process, f.Measure, f.Period), width))
	for _, p := range t.Problems {
		b.WriteString(hang("not confirmed: ", p, width))
	}
	for _, r := range t.Readings {
		if r.This && r.State != stateCurrent {
			b.WriteString(hang("not current: ", stateWords(r.State), width))
		}
	}

	b.WriteString("\nPrinted\n")
	again := "the archived bytes could not be read again"
	switch {
	case t.Printed.ReadAgain == nil:
	case *t.Printed.ReadAgain == t.Printed.Text:
		again = "read again from the archived bytes: the same"
	default:
		again = fmt.Sprintf("the archived bytes print %q", *t.Printed.ReadAgain)
	}
	line("figure", fmt.Sprintf("%q, %s", t.Printed.Text, again))
	line("place", t.Printed.Locator+" of "+t.Printed.File)
	line("header", t.Printed.Header)
	for _, l := range t.Printed.Labels {
		place := ""
		if l.Locator != "" {
			place = " at " + l.Locator
		}
		line(strings.ReplaceAll(l.Role, "_", " "), fmt.Sprintf("%q%s", l.Text, place))
	}
	for _, m := range t.Printed.Footnotes {
		line("footnote", m)
	}

	b.WriteString("\nReport\n")
	line("report", t.Report.Title)
	published := ""
	if t.Report.PublishedOn != "" {
		published = ", published " + t.Report.PublishedOn
	}
	line("edition", t.Report.Edition+published)
	line("page", t.Report.Page)
	line("licence", t.Report.Licence)

	b.WriteString("\nCapture\n")
	line("SHA-256", f.Capture)
	if c := t.Capture; c != nil {
		line("file", fmt.Sprintf("%s, %s bytes%s", c.Name, thousands(strconv.FormatInt(c.Size, 10)), before(", ", c.MediaType)))
		line("address", c.URL)
		if c.FinalURL != c.URL {
			line("redirected", c.FinalURL)
		}
		line("retrieved", retrieved(c.RetrievedAt)+before(" by ", c.Tool))
		line("trust", trustWords[string(c.Trust)]+map[bool]string{true: "; an excerpt: some lines of the report were left out on purpose"}[c.Excerpt])
		line("modified", c.LastModified)
	}

	if len(t.Rules) > 0 {
		b.WriteString("\nMeaning, and the row that says so\n")
	}
	for _, r := range t.Rules {
		lead := fmt.Sprintf("  %-17s", strings.ReplaceAll(r.Attribute, "_", " "))
		b.WriteString(hang(lead, r.Code+before(": ", r.Title), width))
		why := before("printed ", quoted(r.Printed))
		for _, part := range []string{r.place(), r.Note} {
			why += before(map[bool]string{true: "", false: "; "}[why == ""], part)
		}
		b.WriteString(hang(strings.Repeat(" ", len(lead)+2), why, width))
	}

	if len(t.Audits)+len(t.Findings) > 0 {
		b.WriteString("\nAudits of the capture that bind it\n")
	}
	pair := func(expected, found string) string {
		if expected == "" && found == "" {
			return ""
		}
		return fmt.Sprintf(" (%s expected, %s found)", expected, found)
	}
	for _, d := range t.Audits {
		lead := fmt.Sprintf("  %-11s%-11s", d.Check, d.Outcome)
		b.WriteString(hang(lead, d.Relation+pair(d.Expected, d.Found)+before("; ", d.Note), width))
	}
	for _, n := range t.Findings {
		lead := fmt.Sprintf("  %-11s%-11s", n.Check, n.Status)
		b.WriteString(hang(lead, "stored finding"+pair(n.Expected, n.Found)+": "+n.Detail+before("; ", n.Pin), width))
	}

	b.WriteString("\nReadings of the series\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	b.Reset()
	readings := &sheet{columns: []string{"", "figure", "edition", "printed", "read as", "moved by", "captured", "trust", "state"}}
	for _, r := range t.Readings {
		mark := ""
		if r.This {
			mark = ">"
		}
		readings.add(mark, r.Figure, r.Edition, r.RawText, reading(r), moved(r), r.CapturedAt[:len("2006-01-02")], r.Trust, r.State)
	}
	if err := writeTable(w, readings, screen); err != nil {
		return err
	}
	b.WriteString("\nCite\n")
	b.WriteString(hang("  ", t.Citation, width))
	_, err := io.WriteString(w, b.String())
	return err
}

// States of a reading, as queries/figure/sql/readings.sql gives them; the others name an edition.
const (
	stateCurrent    = "current"
	stateSuperseded = "superseded"
)

// stateWords say why a reading does not stand.
func stateWords(state string) string {
	switch state {
	case stateSuperseded:
		return "another capture of the edition says something else, or is more trusted"
	case "":
		return "it does not stand in the warehouse"
	}
	return state
}

// quoted is a printed text in quotation marks, and nothing for none.
func quoted(s string) string {
	if s == "" {
		return ""
	}
	return strconv.Quote(s)
}

// before puts a word in front of a text that is not empty.
func before(word, s string) string {
	if s == "" {
		return ""
	}
	return word + s
}

// trustWords say what the trust of a capture means.
var trustWords = map[string]string{
	"publisher": "fetched from the publisher's own host (publisher)",
	"archive":   "a file that somebody kept, said to be the publisher's bytes (archive)",
	"retyped":   "the publisher's figures in the publisher's layout, written by daylight (retyped)",
	"mirror":    "another site's copy (mirror)",
	"press":     "quoted (press)",
}

// moved says by how much a reading differs from the one before it.
func moved(r figure.Reading) string {
	if !r.Moved {
		return ""
	}
	if r.MoveLow == nil && r.MoveHigh == nil {
		return "no number before or now"
	}
	sign := func(v *float64, open string) string {
		switch {
		case v == nil:
			return open
		case *v > 0:
			return "+" + show(*v, true)
		}
		return show(*v, true)
	}
	s := sign(r.MoveLow, "any fall") + " to " + sign(r.MoveHigh, "any rise")
	if r.MoveLow != nil && r.MoveHigh != nil && *r.MoveLow == *r.MoveHigh {
		s = sign(r.MoveLow, "")
	}
	if r.Apart {
		return s + ", nothing in common"
	}
	return s
}
