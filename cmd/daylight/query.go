package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"daylight/queries"
	"daylight/warehouse"

	"github.com/spf13/cobra"
)

func newQueryCommand(a *app) *cobra.Command {
	var params []string
	var list, explain bool
	cmd := &cobra.Command{
		Use:   "query [NAME]",
		Short: "Ask a ready-made question",
		Long: `Ask one of the ready-made questions by name. Without a name the questions are listed.
Every answer carries both bounds of what is a band.`,
		Example: `  daylight query
  daylight query requests_by_half_year --param provider=google --param jurisdiction=DE
  daylight query bands_by_half_year --param process=fisa_content --format csv
  daylight query requesting_jurisdictions --explain`,
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
			if len(args) == 0 && (explain || len(params) > 0) {
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
			given := map[string]string{}
			for _, p := range params {
				k, v, ok := strings.Cut(p, "=")
				if !ok {
					return usagef("query: --param %q: want name=value", p)
				}
				if _, twice := given[k]; twice {
					return usagef("query: --param %s is given twice", k)
				}
				given[k] = v
			}
			return a.ask(cmd, q, given)
		},
	}
	cmd.Flags().StringArrayVar(&params, "param", nil, "argument of the question, name=value (repeatable)")
	cmd.Flags().BoolVar(&list, "list", false, "list the questions")
	cmd.Flags().BoolVar(&explain, "explain", false, "say what the question counts and leaves out, and print its SQL")
	must(cmd.RegisterFlagCompletionFunc("param", func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return a.completeParam(cmd.Context(), args[0], typed)
	}))
	return cmd
}

// findQuestion finds a question by its name, or by its theme and name as the list shows them.
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

// ask runs the question on the warehouse and prints the answer. What is wrong with the
// arguments alone is said before the warehouse is looked for.
func (a *app) ask(cmd *cobra.Command, q queries.Question, args map[string]string) error {
	if _, err := q.Bind(args); err != nil {
		return err
	}
	db, err := warehouse.Open(cmd.Context(), a.data)
	if err != nil {
		return err
	}
	r, err := q.Run(cmd.Context(), db, args)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	return errors.Join(a.printRows(cmd.OutOrStdout(), r), db.Close())
}

// completeParam completes name=value: names from the question, codes from the warehouse.
func (a *app) completeParam(ctx context.Context, question, typed string) ([]string, cobra.ShellCompDirective) {
	q, err := findQuestion(question)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	name, _, valued := strings.Cut(typed, "=")
	var out []string
	for _, p := range q.Params {
		if !valued {
			out = append(out, p.Name+"=\t"+p.Help)
			continue
		}
		if p.Name != name {
			continue
		}
		out = append(out, p.Name+"="+p.Default+"\tdefault")
		db, err := warehouse.Open(ctx, a.data)
		if err != nil {
			break // without a warehouse there is nothing to offer
		}
		codes, err := p.Codes(ctx, db)
		if errors.Join(err, db.Close()) != nil {
			break
		}
		for _, c := range codes {
			out = append(out, p.Name+"="+c.Code+"\t"+c.Name)
		}
	}
	if !valued {
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// listQuestions prints the questions; as JSON the whole catalogue, with types, defaults,
// units and the SQL, for programs that build on it.
func (a *app) listQuestions(w io.Writer) error {
	all, err := queries.Catalog()
	if err != nil {
		return err
	}
	if a.format == formatJSON {
		return writeDocument(w, all)
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

// explain prints one question of the catalogue.
func (a *app) explain(w io.Writer, q queries.Question) error {
	switch a.format {
	case formatJSON:
		return writeDocument(w, q)
	case formatCSV:
		return usagef("query: --explain prints a text or, with --format json, a document")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nOne row:  %s\nNot for:  %s\n\nParameters\n", q.Title, q.Grain, q.NotFor)
	for _, p := range q.Params {
		fmt.Fprintf(&b, "  %s (%s, default %s)  %s\n", p.Name, p.Type, p.Default, p.Help)
	}
	b.WriteString("\nColumns\n")
	for _, c := range q.Columns {
		unit := ""
		if c.Unit != "" {
			unit = " [" + c.Unit + "]"
		}
		fmt.Fprintf(&b, "  %s%s  %s\n", c.Name, unit, c.Help)
	}
	fmt.Fprintf(&b, "\nExample\n  %s\n\nSQL\n%s\n", q.Example, q.SQL)
	_, err := io.WriteString(w, b.String())
	return err
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
type result struct{ r *warehouse.Rows }

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
	return q.r.Values(), nil
}
