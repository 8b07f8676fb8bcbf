package main

import (
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
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			all, err := queries.Catalog()
			if err != nil {
				return nil, cobra.ShellCompDirectiveError
			}
			var names []string
			for _, q := range all {
				names = append(names, q.Name+"\t"+q.Title)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if list || len(args) == 0 {
				return a.listQuestions(cmd.OutOrStdout())
			}
			// A question may be named with its theme, as the list shows it.
			name := args[0][strings.LastIndex(args[0], "/")+1:]
			q, err := queries.Find(name)
			if err != nil {
				return err
			}
			if explain {
				return explainQuestion(cmd.OutOrStdout(), q)
			}
			given := map[string]string{}
			for _, p := range params {
				k, v, ok := strings.Cut(p, "=")
				if !ok {
					return usagef("query: --param %q: want name=value", p)
				}
				given[k] = v
			}
			if _, err := q.Bind(given); err != nil {
				return err
			}
			db, err := warehouse.Open(cmd.Context(), a.data)
			if err != nil {
				return err
			}
			defer db.Close()
			r, err := q.Run(cmd.Context(), db, given)
			if err != nil {
				return err
			}
			return a.printRows(cmd.OutOrStdout(), r)
		},
	}
	cmd.Flags().StringArrayVar(&params, "param", nil, "argument of the question, name=value (repeatable)")
	cmd.Flags().BoolVar(&list, "list", false, "list the questions")
	cmd.Flags().BoolVar(&explain, "explain", false, "say what the question counts and leaves out, and print its SQL")
	return cmd
}

func (a *app) listQuestions(w io.Writer) error {
	all, err := queries.Catalog()
	if err != nil {
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

func explainQuestion(w io.Writer, q queries.Question) error {
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
			db, err := warehouse.Open(cmd.Context(), a.data)
			if err != nil {
				return err
			}
			defer db.Close()
			r, err := q.Run(cmd.Context(), db, map[string]string{"provider": provider, "source": source})
			if err != nil {
				return err
			}
			return a.printRows(cmd.OutOrStdout(), r)
		},
	}
	cmd.Flags().StringVar(&provider, "provider", "all", "only this provider")
	cmd.Flags().StringVar(&source, "source", "all", "only this source")
	return cmd
}

// maxSQL bounds a statement read from standard input.
const maxSQL = 1 << 20

func newSQLCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   `sql ["SELECT ..."]`,
		Short: "Run one read-only SQL statement",
		Long: `Run one SQL statement on the warehouse, which is opened read-only and without access
to other files. Without an argument the statement is read from standard input.`,
		Example: `  daylight sql "SELECT provider, count(*) FROM current GROUP BY ALL"
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
			defer db.Close()
			r, err := db.Query(cmd.Context(), statement)
			if err != nil {
				return fmt.Errorf("sql: %w", err)
			}
			return a.printRows(cmd.OutOrStdout(), r)
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
