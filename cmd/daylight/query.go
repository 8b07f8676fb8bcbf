package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"daylight/queries"
	"daylight/warehouse"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"
)

func newQueryCommand(a *app) *cobra.Command {
	var params []string
	var list, explain, acrossBreaks bool
	var asOf string
	cmd := &cobra.Command{
		Use:   "query [NAME]",
		Short: "Ask a ready-made question",
		Long: `Ask one of the ready-made questions by name. Without a name the questions are listed.
Every answer carries both bounds of what is a band, and with each row its advisories:
what to know before citing it. A table prints them below it, numbered; in CSV they
stand in the column "advisory", separated by " | "; in JSON they are an array of texts.

Parameters are given as --param name=value; --explain lists them. Some take several
codes, separated by "|", in quotes because the shell reads that sign itself: 'a|b'.

The catalogue for programs is "daylight query --list --format json": an array of
questions, each with name, theme, title, grain, counts, leaves_out, not_for, traps (an
array of texts), params, columns, example, cells (from where, in SQL, to select the printed
cells of a row; empty when a row has none) and sql. A parameter has name, type, list
(whether it takes several codes), values (of an enum alone), default and help; a column
has name, unit (empty for codes and texts) and help. Types are text, integer, number,
boolean, date, period (a half-year), members_on (a date, or period), enum, figures
(PROCESS/MEASURE or RECIPE/MEASURE), edition (one edition, now, or a day), and the code
lists provider, source, service, jurisdiction, group, process, measure, unit, recipe,
customer_class, band_scheme, event and one_edition. Keys are added to the catalogue,
never renamed or taken away.

As of a day, --as-of 2019-06-30, what was certainly published by then answers; the
advisories name the editions that may have been. See warehouse/EDITIONS.md.`,
		Example: `  daylight query
  daylight query requests_by_half_year --param provider=google --param jurisdiction=DE
  daylight query bands_by_half_year --param process=fisa_content --format csv
  daylight query requesting_jurisdictions --explain
  daylight query --list --format json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("query: one question at a time, have %s", strings.Join(args, ", "))
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			all, err := queries.Catalog()
			if err != nil || len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, q := range all {
				names = append(names, q.Name+"\t"+q.Title)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && (explain || acrossBreaks || len(params) > 0 || cmd.Flags().Changed("as-of")) {
				return usagef("query: name a question; run %q for the list", "daylight query")
			}
			if list || len(args) == 0 {
				return a.listQuestions(cmd.OutOrStdout())
			}
			q, err := findQuestion(args[0])
			if err != nil {
				return err
			}
			if explain {
				return a.explain(cmd.OutOrStdout(), q)
			}
			given, err := paramsOf(params)
			if err != nil {
				return err
			}
			if acrossBreaks {
				if err := shorthand(q, given, "across-breaks", "across_breaks", "yes", "the question computes no growth"); err != nil {
					return err
				}
			}
			if cmd.Flags().Changed("as-of") {
				if err := shorthand(q, given, "as-of", "as_of", asOf, "the question cannot be asked as of an edition"); err != nil {
					return err
				}
			}
			return a.ask(cmd, q, given)
		},
	}
	cmd.Flags().StringArrayVar(&params, "param", nil, "argument of the question, name=value (repeatable)")
	cmd.Flags().StringVar(&asOf, "as-of", "", "answer from what was known with this edition, such as google/user-data/2018-H1 or 2018-H1, or on this day, such as 2019-06-30 (--param as_of=...)")
	cmd.Flags().BoolVar(&acrossBreaks, "across-breaks", false, "compute growth across a break of the series, too (--param across_breaks=yes)")
	cmd.Flags().BoolVar(&list, "list", false, "list the questions")
	cmd.Flags().BoolVar(&explain, "explain", false, "say what the question counts, leaves out and takes, where its traps are, and print its SQL")
	must(cmd.RegisterFlagCompletionFunc("param", func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.completeParam(cmd.Context(), args[0], typed)
	}))
	must(cmd.RegisterFlagCompletionFunc("as-of", func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		out, directive := a.completeParam(cmd.Context(), args[0], "as_of="+typed)
		for i := range out {
			out[i] = strings.TrimPrefix(out[i], "as_of=")
		}
		return out, directive
	}))
	return cmd
}

// findQuestion finds a question by its name, or by its theme, "/" and its name.
func findQuestion(name string) (queries.Question, error) {
	theme, short, ok := strings.Cut(name, "/")
	if !ok {
		return queries.Find(name)
	}
	q, err := queries.Find(short)
	if err == nil && q.Theme != theme {
		err = usagef("query: %q is in the theme %q, not %q", short, q.Theme, theme)
	}
	return q, err
}

// answer runs the question on the warehouse. What is wrong with the arguments alone is said before
// the warehouse is looked for. The caller closes the rows and then the warehouse.
func (a *app) answer(ctx context.Context, q queries.Question, args map[string]string) (*warehouse.DB, *warehouse.Rows, error) {
	if _, err := q.Bind(args); err != nil {
		return nil, nil, err
	}
	db, err := warehouse.Open(ctx, a.data)
	if err != nil {
		return nil, nil, err
	}
	r, err := q.Run(ctx, db, args)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, r, nil
}

// ask runs the question and prints the answer.
func (a *app) ask(cmd *cobra.Command, q queries.Question, args map[string]string) error {
	db, r, err := a.answer(cmd.Context(), q, args)
	if err != nil {
		return err
	}
	out := &result{r: r}
	err = errors.Join(a.print(cmd.OutOrStdout(), out), r.Close())
	if err == nil && out.rows == 0 {
		err = a.noteLeftOut(cmd.Context(), db, args)
	}
	return errors.Join(err, db.Close())
}

// noteLeftOut says on standard error what an empty answer as of a day does not rest on, where
// no row could carry it.
func (a *app) noteLeftOut(ctx context.Context, db *warehouse.DB, args map[string]string) error {
	day := args["as_of"]
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return nil
	}
	left, err := queries.LeftOut(ctx, db, day)
	if err != nil {
		return err
	}
	of := args["provider"]
	if of == "all" || strings.Contains(of, queries.Separator) {
		of = ""
	}
	if note := left.Note(of); note != "" {
		fmt.Fprintln(a.errOut, note)
	}
	return nil
}

// shorthand sets a parameter by its own flag.
func shorthand(q queries.Question, given map[string]string, flag, param, value, without string) error {
	if !slices.ContainsFunc(q.Params, func(p queries.Param) bool { return p.Name == param }) {
		return usagef("query %s: --%s: %s", q.Name, flag, without)
	}
	if _, twice := given[param]; twice {
		return usagef("query %s: --%s and --param %s are the same: give one", q.Name, flag, param)
	}
	given[param] = value
	return nil
}

// completeParam completes name=value: names from the question, codes from the warehouse.
func (a *app) completeParam(ctx context.Context, question, typed string) ([]string, cobra.ShellCompDirective) {
	const without = cobra.ShellCompDirectiveNoFileComp
	q, err := findQuestion(question)
	if err != nil {
		return nil, without
	}
	name, value, valued := strings.Cut(typed, "=")
	var out []string
	if !valued {
		for _, p := range q.Params {
			out = append(out, p.Name+"=\t"+p.Help)
		}
		return out, without | cobra.ShellCompDirectiveNoSpace
	}
	i := slices.IndexFunc(q.Params, func(p queries.Param) bool { return p.Name == name })
	if i < 0 {
		return nil, without
	}
	// Without a warehouse there are no codes to offer, and a default still is.
	db, _ := warehouse.Open(ctx, a.data)
	choices, _ := q.Params[i].Choices(ctx, db, value)
	if db != nil {
		if err := db.Close(); err != nil {
			return nil, without
		}
	}
	directive := without
	for _, c := range choices {
		if strings.HasSuffix(c.Code, "/") {
			directive = without | cobra.ShellCompDirectiveNoSpace
		}
		if c.Name != "" {
			c.Code += "\t"
		}
		out = append(out, name+"="+c.Code+c.Name)
	}
	return out, directive
}

// listQuestions prints the questions; as JSON the whole catalogue, with types, defaults,
// units and the SQL, for programs that build on it.
func (a *app) listQuestions(w io.Writer) error {
	all, err := queries.Catalog()
	if err != nil {
		return err
	}
	switch a.format {
	case formatJSON:
		return writeDocument(w, all)
	case formatTable:
		_, err := io.WriteString(w, questionList(all, textWidth(screenWidth(w))))
		return err
	}
	t := sheet{columns: []string{"theme", "name", "question", "parameters"}}
	for _, q := range all {
		var names []string
		for _, p := range q.Params {
			names = append(names, p.Name+"="+p.Default)
		}
		t.add(q.Theme, q.Name, q.Title, names)
	}
	return a.print(w, &t)
}

// questionList lists the questions under their themes, for reading.
func questionList(all []queries.Question, width int) string {
	lead := 0
	for _, q := range all {
		lead = max(lead, len(q.Name)+4)
	}
	rest := max(width-lead-2, 40)
	var b strings.Builder
	theme := ""
	for _, q := range all {
		if q.Theme != theme {
			if theme != "" {
				b.WriteString("\n")
			}
			theme = q.Theme
			b.WriteString(theme + "\n")
		}
		var names []string
		for _, p := range q.Params {
			names = append(names, p.Name)
		}
		b.WriteString(sideBySide(
			[]int{lead, rest * 3 / 5},
			[]string{"  " + q.Name}, wrap(q.Title, rest*3/5-2), wrap(strings.Join(names, ", "), rest-rest*3/5)))
	}
	b.WriteString("\ndaylight query NAME --explain           what it counts, leaves out and takes\n" +
		"daylight query NAME --param name=value  ask it\n")
	return b.String()
}

// sideBySide sets columns of lines beside each other, all but the last in the given widths.
func sideBySide(widths []int, columns ...[]string) string {
	var b strings.Builder
	for i := 0; ; i++ {
		var line strings.Builder
		more := false
		for c, lines := range columns {
			cell := ""
			if i < len(lines) {
				cell, more = lines[i], true
			}
			if c < len(widths) {
				cell = text.Pad(cell, widths[c], ' ')
			}
			line.WriteString(cell)
		}
		if !more {
			return b.String()
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// explain prints one question of the catalogue.
func (a *app) explain(w io.Writer, q queries.Question) error {
	switch a.format {
	case formatJSON:
		return writeDocument(w, q)
	case formatCSV:
		return usagef("query: --explain prints a text or, with --format json, a document")
	}
	_, err := io.WriteString(w, explanation(q, textWidth(screenWidth(w))))
	return err
}

func explanation(q queries.Question, width int) string {
	const lead = "%-12s"
	var b strings.Builder
	b.WriteString(hang("", q.Title, width) + "\n")
	b.WriteString(hang(fmt.Sprintf(lead, "One row"), q.Grain, width))
	b.WriteString(hang(fmt.Sprintf(lead, "Counts"), q.Counts, width))
	b.WriteString(hang(fmt.Sprintf(lead, "Leaves out"), q.LeavesOut, width))
	for i, trap := range q.Traps {
		head := ""
		if i == 0 {
			head = "Traps"
		}
		b.WriteString(hang(fmt.Sprintf(lead, head)+"- ", trap, width))
	}
	b.WriteString(hang(fmt.Sprintf(lead, "Not for"), q.NotFor, width))

	b.WriteString("\nParameters\n")
	var names, types, helps []string
	for _, p := range q.Params {
		names = append(names, p.Name+"="+p.Default)
		types = append(types, typeOf(p))
		helps = append(helps, p.Help)
	}
	b.WriteString(lined(width, names, types, helps))
	if len(q.Params) == 0 {
		b.WriteString("  none\n")
	}
	if slices.ContainsFunc(q.Params, func(p queries.Param) bool { return p.List }) {
		b.WriteString("  Several have \"|\" between them, in quotes: --param 'NAME=one|other'\n")
	}

	b.WriteString("\nColumns\n")
	names, types, helps = nil, nil, nil
	for _, c := range q.Columns {
		unit := ""
		if c.Unit != "" {
			unit = "[" + c.Unit + "]"
		}
		names, types, helps = append(names, c.Name), append(types, unit), append(helps, c.Help)
	}
	b.WriteString(lined(width, names, types, helps))
	fmt.Fprintf(&b, "\nExample\n  %s\n\nSQL\n%s\n", q.Example, q.SQL)
	return b.String()
}

// typeOf says what a parameter takes.
func typeOf(p queries.Param) string {
	switch {
	case p.Type == "enum":
		return strings.Join(p.Values, " or ")
	case p.Type == "edition":
		return "edition, or day"
	case p.Type == "one_edition":
		return "edition"
	case p.Type == "figures":
		return "process/measure or recipe/measure, or several"
	case p.List:
		return p.Type + ", or several"
	case p.Type == "members_on":
		return "date, or the word period"
	case p.Type == "period" && (p.Name == "from" || p.Name == "to"):
		return "half-year, or year"
	case p.Type == "period":
		return "half-year"
	}
	return strings.ReplaceAll(p.Type, "_", " ")
}

// lined sets names, what they are and what they mean in three columns.
func lined(width int, names, types, helps []string) string {
	first, second := 0, 0
	for i := range names {
		first = max(first, min(len(names[i]), 36)+4)
		second = max(second, min(len(types[i]), 24)+2)
	}
	var b strings.Builder
	for i := range names {
		b.WriteString(sideBySide([]int{first, second}, []string{"  " + names[i]},
			wrap(types[i], second-2), wrap(helps[i], max(width-first-second, 30))))
	}
	return b.String()
}

func newCoverageCommand(a *app) *cobra.Command {
	var provider, source string
	cmd := &cobra.Command{
		Use:     "coverage",
		Short:   "Show which periods are held, from which source",
		Example: "  daylight coverage --provider apple",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := queries.Find("coverage")
			if err != nil {
				return err
			}
			return a.ask(cmd, q, map[string]string{"provider": provider, "source": source})
		},
	}
	cmd.Flags().StringVar(&provider, "provider", "all", "only this provider")
	cmd.Flags().StringVar(&source, "source", "all", "only this source")
	must(cmd.RegisterFlagCompletionFunc("provider", cobra.FixedCompletions(providerIDs(), cobra.ShellCompDirectiveNoFileComp)))
	must(cmd.RegisterFlagCompletionFunc("source", cobra.FixedCompletions(sourceIDs(), cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// maxSQL bounds a statement read from standard input.
const maxSQL = 1 << 20

func newSQLCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   `sql ["SELECT ..."]`,
		Short: "Run one read-only SQL statement",
		Long: `Run one SQL statement that reads on the warehouse, without access to other files.
Without an argument the statement is read from standard input.

Start with the view "current", the newest figure of each series; "observation" has every
reading of every edition. Never add across units, nor a total to its parts.`,
		Example: `  daylight sql "SELECT provider, count(*) FROM current GROUP BY ALL"
  daylight sql "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'current'"
  daylight sql --format csv < question.sql`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("sql: quote the statement: it came as %d arguments", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var statement string
			if len(args) == 1 {
				statement = args[0]
			} else {
				b, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), maxSQL+1))
				if err != nil {
					return fmt.Errorf("sql: standard input: %w", err)
				}
				if len(b) > maxSQL {
					return usagef("sql: the statement has more than %d bytes", maxSQL)
				}
				statement = string(b)
			}
			if strings.TrimSpace(statement) == "" {
				return usagef("sql: no statement")
			}
			db, err := warehouse.Open(cmd.Context(), a.data)
			if err != nil {
				return err
			}
			r, err := db.Query(cmd.Context(), statement)
			if err != nil {
				return errors.Join(fmt.Errorf("sql: %w", err), db.Close())
			}
			return errors.Join(a.printRows(cmd.OutOrStdout(), r), db.Close())
		},
	}
}

// printRows prints what a query gives, streaming where the format allows, and closes it.
func (a *app) printRows(w io.Writer, r *warehouse.Rows) error {
	return errors.Join(a.print(w, &result{r: r}), r.Close())
}

// result adapts the warehouse's rows to what prints.
type result struct {
	r    *warehouse.Rows
	rows int64 // read so far
}

func (q *result) header() []string {
	var out []string
	for _, c := range q.r.Columns() {
		out = append(out, c.Name)
	}
	return out
}

func (q *result) next() ([]any, error) {
	if !q.r.Next() {
		if err := q.r.Err(); err != nil {
			return nil, err
		}
		return nil, io.EOF
	}
	q.rows++
	return q.r.Values(), nil
}
