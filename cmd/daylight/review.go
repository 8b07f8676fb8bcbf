package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"daylight/normalize"
	"daylight/normalize/audit"
	"daylight/normalize/labels"
	"daylight/normalize/review"
	"daylight/normalize/vocab"
	"daylight/warehouse"

	"github.com/spf13/cobra"
)

// reviewDir is the folder of the reviewers' decisions.
func (a *app) reviewDir() string {
	if a.decisions != "" {
		return a.decisions
	}
	return filepath.Join(a.data, "review")
}

// reviewFlag lets a command read the reviewers' decisions from elsewhere.
func (a *app) reviewFlag(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&a.decisions, "decisions", os.Getenv("DAYLIGHT_DECISIONS"),
		"folder of the reviewers' decisions.csv (environment DAYLIGHT_DECISIONS); default: review in the data directory")
	must(cmd.MarkPersistentFlagDirname("decisions"))
}

func newReviewCommand(a *app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "review [ID]",
		Short: "List what is held and why, and decide about it",
		Long: `List what the published warehouse holds back: words that no label file has, audits that
do not hold, captures in a layout that nobody declared. All figures that wait for one
decision are one line, with the nearest word that is known. With an ID, show all about it.

A decision is never an edit of the warehouse. It is a line of decisions.csv, with name,
time and reason, in a folder that belongs under version control (--decisions DIR; by
default review in the data directory), and applies to whatever is read from then on:
"daylight rebuild --dry-run" shows what it changes. Decide again to change your mind: the
last line about a matter counts.

Exit codes: 0 nothing waits, 1 failed, 2 usage, 3 something waits for a decision.`,
		Example: `  daylight review
  daylight review 1f3a5b7c
  daylight review accept 1f3a5b7c --as BE --by "A. Analyst" --why "misspelt in the 2016 file"
  daylight review reject 1f3a5b7c --by "A. Analyst" --why "no country of that name"
  daylight review --all --format csv`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("review: one ID at a time; see %q", "daylight review --help")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			matters, err := a.matters(cmd.Context())
			if err != nil {
				return err
			}
			if len(args) == 1 {
				m, err := pickMatter(matters, args[0])
				if err != nil {
					return err
				}
				return a.printMatter(cmd.OutOrStdout(), m)
			}
			return a.printMatters(cmd.OutOrStdout(), matters, all)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "list what is decided already, too")
	a.reviewFlag(cmd)
	cmd.AddCommand(newReviewAcceptCommand(a), newReviewRejectCommand(a))
	return cmd
}

// verdictFlags are those of accept and reject.
type verdictFlags struct {
	as, by, why, unit, process string
}

func (v *verdictFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&v.by, "by", "", "who decides (required)")
	cmd.Flags().StringVar(&v.why, "why", "", "why: what you looked at and what it says (required)")
}

func oneID(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s: name the ID of one matter; %q lists them", cmd.CommandPath(), "daylight review")
	}
	return nil
}

func newReviewAcceptCommand(a *app) *cobra.Command {
	var v verdictFlags
	cmd := &cobra.Command{
		Use:   "accept ID --as CODE --by NAME --why TEXT",
		Short: "Map an unknown word, or take a mismatch for the publisher's own",
		Long: `Write down that an unknown word means CODE, or that the publisher prints a mismatch so
(without --as). The codes are those of the lists in the warehouse: for a country
"daylight sql 'SELECT code, name FROM jurisdiction'", for a process, a measure (the word is
a column's header) or a service (a product) likewise. For a text in a figure's place the
code says why there is none: not_reported, withheld or not_applicable. The code ignore
declares the word to be none of our figures.

A layout that nobody declared cannot be accepted: it takes a change of the program.`,
		Example: `  daylight review accept 1f3a5b7c --as BE --by "A. Analyst" --why "misspelt in the 2016 file"
  daylight review accept 22c0ffee --by "A. Analyst" --why "the publisher's workbook prints both, LERR 2019 H1, row 12"`,
		Args: oneID,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.decide(cmd.Context(), cmd.OutOrStdout(), review.Accepted, args[0], v)
		},
	}
	v.add(cmd)
	cmd.Flags().StringVar(&v.as, "as", "", "code that the word means, or ignore")
	cmd.Flags().StringVar(&v.unit, "unit", "", "unit of a column whose measure has several")
	cmd.Flags().StringVar(&v.process, "process", "", "process that a column's header names; several separated by |")
	return cmd
}

func newReviewRejectCommand(a *app) *cobra.Command {
	var v verdictFlags
	cmd := &cobra.Command{
		Use:   "reject ID --by NAME --why TEXT",
		Short: "Leave it out for good, with a note",
		Long: `Write down that the figures stay refused, or that the capture stays unread, and why. They
are refused in every later run as well, with the note, but hold no run any more.`,
		Example: `  daylight review reject 1f3a5b7c --by "A. Analyst" --why "no country of that name"`,
		Args:    oneID,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.decide(cmd.Context(), cmd.OutOrStdout(), review.Rejected, args[0], v)
		},
	}
	v.add(cmd)
	return cmd
}

// matter is one thing that a reviewer decides about.
type matter struct {
	decision review.Decision // what a line about it would say, without the verdict
	reason   string          // reason code of rejects, name of the check, or why a capture is held
	matter   string          // what is unknown: the word, the two sides of a mismatch, the header
	nearest  string          // what is known and spelt most like it
	figures  int64           // that wait for the decision
	captures []string        // file names
	first    string          // place of the first figure
	detail   string
	decided  *review.Decision // nil: nobody has
	accept   string           // what --as takes; "" when it cannot be accepted
}

// matters reads what is held from the published warehouse, and what was decided from the
// reviewers' file.
func (a *app) matters(ctx context.Context) (_ []matter, err error) {
	decided, err := review.Load(a.reviewDir())
	if err != nil {
		return nil, err
	}
	db, err := warehouse.Open(ctx, a.data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var out []matter
	for _, read := range []func(context.Context, *warehouse.DB) ([]matter, error){heldCaptures, refusedFigures, openFindings} {
		list, err := read(ctx, db)
		if err != nil {
			return nil, fmt.Errorf("review: %w", err)
		}
		out = append(out, list...)
	}
	known := map[string]bool{}
	for i := range out {
		known[out[i].decision.ID] = true
		if d, ok := decided.Of(out[i].decision.ID); ok {
			out[i].decided = &d
		}
	}
	// What was accepted is held no more.
	for _, d := range decided.Counting() {
		if known[d.ID] {
			continue
		}
		m := matter{decision: bare(d), matter: d.Subject(), detail: "nothing of it is held now", decided: &d, accept: accepts(d)}
		if d.What == review.Label {
			m.matter = d.Printed
		}
		out = append(out, m)
	}
	return out, nil
}

// bare is a decision without the verdict.
func bare(d review.Decision) review.Decision {
	d.Decision, d.By, d.At, d.Why, d.Code, d.Unit = "", "", time.Time{}, "", "", ""
	if d.What == review.Label {
		d.Process = ""
	}
	return d
}

// accepts says what --as takes for a matter.
func accepts(d review.Decision) string {
	switch d.What {
	case review.Label:
		switch labels.Kind(d.Kind) {
		case labels.KindColumn:
			return "a code of the list measure, or ignore"
		case labels.KindProduct:
			return "a code of the list service, or ignore"
		case labels.KindMissing:
			return "not_reported, withheld or not_applicable"
		}
		return "a code of the list " + d.Kind + ", or ignore"
	case review.Finding:
		f := audit.Finding{Check: d.Check, Table: d.Table, Measure: d.Measure, Expected: d.Expected, Found: d.Found}
		if p, err := normalize.ParsePeriod(d.Period, normalize.PeriodOptions{}); err == nil {
			f.Scope.Period = p
		}
		if _, ok := f.AsPin(d.Source, "x"); ok {
			return "nothing: the publisher prints it so"
		}
	}
	return ""
}

// nearHeader finds, in the reason of an undeclared layout, the header that is missing and
// the printed one that is most like it.
var nearHeader = regexp.MustCompile(`no (?:column |header for )("(?:[^"\\]|\\.)*"|[a-z ]+); the nearest header is ("(?:[^"\\]|\\.)*")`)

func unquoted(s string) string {
	if t, err := strconv.Unquote(s); err == nil {
		return t
	}
	return s
}

func heldCaptures(ctx context.Context, db *warehouse.DB) ([]matter, error) {
	var out []matter
	err := each(ctx, db, `SELECT source, sha256, name, reason FROM capture WHERE status = 'held' ORDER BY source, name, sha256`, func(v []any) error {
		source, sha, name, reason := v[0].(string), v[1].(string), v[2].(string), v[3].(string)
		m := matter{
			decision: review.Decision{ID: review.CaptureID(source, sha), What: review.Capture, Source: source, Printed: name, Capture: sha},
			reason:   "layout", captures: []string{name}, detail: reason,
		}
		if found := nearHeader.FindStringSubmatch(reason); found != nil {
			m.nearest, m.matter = unquoted(found[1]), unquoted(found[2])
		}
		out = append(out, m)
		return nil
	})
	return out, err
}

func refusedFigures(ctx context.Context, db *warehouse.DB) ([]matter, error) {
	v, err := vocab.Load()
	if err != nil {
		return nil, err
	}
	sets := map[string]*labels.Set{}
	var out []matter
	// The rejects of an audit wait for the decision about its finding.
	err = each(ctx, db, `SELECT coalesce(r.review, ''), min(r.source), min(r.tbl), min(r.reason), min(r.label_kind), min(r.word), count(*),
			list(DISTINCT c.name ORDER BY c.name), arg_min(r.locator, (c.name, r.locator)), arg_min(r.detail, (c.name, r.locator)), min(r.capture),
			arg_min(concat_ws(' | ', nullif(r.raw_label, ''), r.raw_text), (c.name, r.locator))
		FROM reject r JOIN capture c ON c.id = r.capture_id WHERE r.reason <> $audit
		GROUP BY coalesce(r.review, r.reason || r.detail), coalesce(r.review, '') ORDER BY min(r.source), min(r.reason), count(*) DESC, 1`, func(x []any) error {
		t := make([]string, len(x))
		for i := range x {
			t[i], _ = x[i].(string)
		}
		m := matter{
			decision: review.Decision{ID: t[0], What: review.Figure, Source: t[1], Table: t[2], Kind: t[3], Printed: t[11], Capture: t[10]},
			reason:   t[3], figures: x[6].(int64), first: t[8], detail: t[9], matter: t[11],
		}
		for _, name := range x[7].([]any) {
			m.captures = append(m.captures, fmt.Sprint(name))
		}
		if kind := labels.Kind(t[4]); kind != "" {
			m.decision.What, m.decision.Kind, m.decision.Printed, m.decision.Capture = review.Label, t[4], t[5], ""
			m.decision.Table = normalize.Reject{Kind: t[4], Table: t[2]}.LabelTable()
			m.matter = t[5]
			provider, _, _ := strings.Cut(t[1], "/")
			if sets[provider] == nil {
				if sets[provider], err = labels.Load(provider, v); err != nil {
					return err
				}
			}
			m.nearest = sets[provider].Nearest(kind, t[2], t[5])
		}
		m.accept = accepts(m.decision)
		out = append(out, m)
		return nil
	}, sql.Named("audit", normalize.ReasonAudit))
	return out, err
}

func openFindings(ctx context.Context, db *warehouse.DB) ([]matter, error) {
	var out []matter
	err := each(ctx, db, `WITH held AS (SELECT capture_id, review, count(*) AS n FROM reject WHERE reason = $audit GROUP BY ALL)
		SELECT coalesce(f.review, ''), f.source, f.tbl, f.check_name, f.service, f.process, f.measure,
			CASE WHEN f.period_start IS NULL THEN '' ELSE period_label(f.period_start, f.period_end) END, f.jurisdiction, f.expected, f.found,
			coalesce(sum(h.n), 0)::BIGINT, list(DISTINCT c.name ORDER BY c.name), arg_min(f.detail, c.name)
		FROM finding f JOIN capture c ON c.id = f.capture_id LEFT JOIN held h ON h.capture_id = f.capture_id AND h.review = f.review
		WHERE f.status = $open GROUP BY ALL ORDER BY ALL`, func(x []any) error {
		t := make([]string, len(x))
		for i := range x {
			t[i], _ = x[i].(string)
		}
		m := matter{
			decision: review.Decision{ID: t[0], What: review.Finding, Source: t[1], Table: t[2], Check: t[3], Service: t[4], Process: t[5], Measure: t[6],
				Period: t[7], Jurisdiction: t[8], Expected: t[9], Found: t[10]},
			reason: "audit " + t[3], matter: t[9] + " against " + t[10], figures: x[11].(int64), detail: t[13],
		}
		for _, name := range x[12].([]any) {
			m.captures = append(m.captures, fmt.Sprint(name))
		}
		m.accept = accepts(m.decision)
		out = append(out, m)
		return nil
	}, sql.Named("audit", normalize.ReasonAudit), sql.Named("open", audit.StatusOpen))
	return out, err
}

// each runs a query and hands on its rows.
func each(ctx context.Context, db *warehouse.DB, query string, do func([]any) error, args ...sql.NamedArg) error {
	rows, err := db.QueryOwn(ctx, query, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := do(rows.Values()); err != nil {
			return errors.Join(err, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// pickMatter finds the matter with the ID, or the one whose ID begins like that.
func pickMatter(list []matter, id string) (matter, error) {
	var found []matter
	for _, m := range list {
		if m.decision.ID == id && id != "" {
			return m, nil
		}
		if len(id) >= 4 && strings.HasPrefix(m.decision.ID, id) {
			found = append(found, m)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return matter{}, usagef("review: nothing that is held has the ID %q; %q lists what is", id, "daylight review --all")
	}
	return matter{}, usagef("review: %d matters have an ID that begins with %q: write all of it", len(found), id)
}

var matterColumns = []string{"id", "what", "reason", "source", "table", "matter", "nearest", "figures", "captures", "first_at", "decision", "accept_as", "detail"}

// maxMatterText is how many letters of a text the list shows to people.
const maxMatterText = 60

func (m matter) row() []any {
	decision := ""
	if m.decided != nil {
		decision = m.decided.Note()
	}
	what := m.decision.What
	if what == review.Label {
		what = m.decision.Kind
	}
	return []any{m.decision.ID, what, m.reason, m.decision.Source, m.decision.Table, m.matter, m.nearest, m.figures, m.captures, m.first, decision, m.accept, m.detail}
}

// printMatters prints the list. The error says that something waits.
func (a *app) printMatters(w io.Writer, list []matter, all bool) error {
	// Details are sentences: in a table they would push the rest off the screen.
	columns := len(matterColumns)
	if a.format == formatTable {
		columns--
	}
	t := sheet{columns: matterColumns[:columns]}
	waiting := 0
	for _, m := range list {
		if m.decided == nil {
			waiting++
		} else if !all {
			continue
		}
		line := m.row()
		if a.format == formatTable {
			for i := range line {
				line[i] = clipped(line[i], maxMatterText)
			}
			line[8] = fewer(m.captures)
		}
		t.add(line[:columns]...)
	}
	if a.format == formatTable && len(t.lines) == 0 {
		_, err := fmt.Fprintln(w, "nothing waits for a decision")
		return err
	}
	if err := a.print(w, &t); err != nil {
		return err
	}
	if waiting == 0 {
		return nil
	}
	if a.format == formatTable {
		if _, err := fmt.Fprintf(w, "\n%q shows all about one\n", "daylight review ID"); err != nil {
			return err
		}
	}
	return errHeld
}

// fewer names the first of several files.
func fewer(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return fmt.Sprintf("%s and %d more", names[0], len(names)-1)
}

// printMatter shows one matter: every column, a line each.
func (a *app) printMatter(w io.Writer, m matter) error {
	if a.format != formatTable {
		t := sheet{columns: matterColumns}
		t.add(m.row()...)
		return a.print(w, &t)
	}
	width := textWidth(screenWidth(w))
	var b strings.Builder
	for i, x := range m.row() {
		if text := show(x, true); text != "" {
			b.WriteString(hang(fmt.Sprintf("%-10s", matterColumns[i]), text, width))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// decide writes the verdict about a matter into the reviewers' file.
func (a *app) decide(ctx context.Context, w io.Writer, verdict, id string, v verdictFlags) error {
	command := "review " + strings.TrimSuffix(verdict, "ed")
	if strings.TrimSpace(v.by) == "" || strings.TrimSpace(v.why) == "" {
		return usagef("%s: a decision has a name and a reason: give --by and --why", command)
	}
	matters, err := a.matters(ctx)
	if err != nil {
		return err
	}
	m, err := pickMatter(matters, id)
	if err != nil {
		return err
	}
	d := m.decision
	d.Decision, d.By, d.At, d.Why = verdict, strings.TrimSpace(v.by), a.now(), strings.TrimSpace(v.why)
	if verdict == review.Accepted {
		switch {
		case m.accept == "":
			return usagef("%s: %s cannot be accepted: %s", command, d.ID, m.whyNot())
		case d.What == review.Label && v.as == "":
			return usagef("%s: --as is missing: %q may mean %s", command, d.Printed, m.accept)
		case d.What != review.Label && (v.as != "" || v.unit != "" || v.process != ""):
			return usagef("%s: --as, --unit and --process belong to words; %s is a mismatch", command, d.ID)
		}
		if d.What == review.Label {
			d.Code, d.Unit, d.Process = v.as, v.unit, v.process
		}
	}
	file, err := review.Add(a.reviewDir(), d)
	if errors.Is(err, review.ErrDecision) {
		return usagef("%s: %v", command, err)
	}
	if err != nil {
		return err
	}
	t := sheet{columns: []string{"id", "decision", "matter", "file"}}
	t.add(d.ID, d.Note(), d.Subject(), file)
	if err := a.print(w, &t); err != nil {
		return err
	}
	if a.format == formatTable {
		_, err = fmt.Fprintf(w, "\nIt applies to whatever is read from now on; %q shows what it changes.\n", "daylight rebuild --dry-run")
	}
	return err
}

// whyNot says what to do about a matter that no decision can settle.
func (m matter) whyNot() string {
	switch {
	case m.decision.What == review.Capture:
		return "its layout must be declared in the program, see the sources' folders in scrape"
	case m.decision.What == review.Finding:
		return "it is about a whole table or capture, which no misprint explains: the file was read wrongly, or is another one"
	case m.reason == normalize.ReasonDuplicate:
		return "the file gives the same figure twice and differently; nobody can tell which is meant"
	case m.reason == normalize.ReasonJurisdiction:
		return "no label helps: the code must be added to normalize/vocab/jurisdiction.csv"
	case m.reason == normalize.ReasonHeld:
		return "the reader of this source must learn what it is, see the sources' folders in scrape"
	}
	return "no label or pin would place these figures; correct the file, or the reader of this source"
}
