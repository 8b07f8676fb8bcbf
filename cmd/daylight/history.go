package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"daylight/queries"

	"github.com/spf13/cobra"
)

func newRestatementsCommand(a *app) *cobra.Command {
	var provider, since, kind, asOf string
	cmd := &cobra.Command{
		Use:   "restatements",
		Short: "List the figures that were changed after they were published",
		Long: `List what later editions print otherwise than earlier ones: from, to, by how much as an
interval, which edition, and whether the publisher said so. A lower end that rises because
letters were released (kind floor) is told apart from a number that is another one; a
category that was split or renamed is none, and --kind regrouped lists those.

It is the question restated_figures in short; as CSV and JSON every column of it is
printed. "daylight query restated_figures --explain" says what it leaves out.`,
		Example: `  daylight restatements --provider microsoft
  daylight restatements --since 2022-H1 --kind disjoint
  daylight restatements --kind regrouped --format csv`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := queries.Find("restated_figures")
			if err != nil {
				return err
			}
			return a.askShort(cmd, q, map[string]string{"provider": provider, "since": since, "kind": kind, "as_of": asOf}, restatement)
		},
	}
	cmd.Flags().StringVar(&provider, "provider", "all", "only this provider")
	cmd.Flags().StringVar(&since, "since", "start", "only what changed after this edition or day")
	cmd.Flags().StringVar(&kind, "kind", "restated", "only this kind: disjoint, floor, other, revision, vanished, appeared, blank or regrouped; restated is all but the last, all is all")
	cmd.Flags().StringVar(&asOf, "as-of", "now", "only what had changed by this edition or day")
	a.completeFlag(cmd, "provider", "restated_figures", "provider")
	a.completeFlag(cmd, "since", "restated_figures", "since")
	a.completeFlag(cmd, "kind", "restated_figures", "kind")
	a.completeFlag(cmd, "as-of", "restated_figures", "as_of")
	return cmd
}

func newDiffCommand(a *app) *cobra.Command {
	var kind string
	cmd := &cobra.Command{
		Use:   "diff [OLDER NEWER]",
		Short: "Compare two editions of a report, figure by figure",
		Long: `List the figures that only one of two editions prints and those that they print
differently, and say how many are the same. An edition is named like
google/user-data/2018-H1; the second one may be its label alone. Without arguments the
newest edition of every report is compared with the one before.

It is the question edition_differences in short; as CSV and JSON every column is printed.`,
		Example: `  daylight diff google/user-data/2018-H1 2022-H1 --kind disjoint
  daylight diff microsoft/usnsor/2021-H2 microsoft/usnsor/2023-H1 --format csv
  daylight diff --kind unchanged`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 0 && len(args) != 2 {
				return usagef("diff: name two editions, or none; have %s", strings.Join(args, ", "))
			}
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 1 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return a.completeCode(cmd, "edition_differences", "newer", typed)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := queries.Find("edition_differences")
			if err != nil {
				return err
			}
			given := map[string]string{"kind": kind}
			if len(args) == 2 {
				older, newer, err := twoEditions(args[0], args[1])
				if err != nil {
					return err
				}
				given["older"], given["newer"] = older, newer
			}
			return a.askShort(cmd, q, given, editionDifference)
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "all", "only this kind: only_older, only_newer, disjoint, floor, other, blank or unchanged; changed is all that both print")
	a.completeFlag(cmd, "kind", "edition_differences", "kind")
	return cmd
}

// twoEditions takes the names of two editions of one report; the second may be a label.
func twoEditions(older, newer string) (string, string, error) {
	at := strings.LastIndex(older, "/")
	if at < 0 {
		return "", "", usagef("diff: %q: name the edition in full, such as google/user-data/2018-H1", older)
	}
	source := older[:at+1]
	if !strings.Contains(newer, "/") {
		newer = source + newer
	}
	switch {
	case !strings.HasPrefix(newer, source) || strings.Contains(newer[len(source):], "/"):
		return "", "", usagef("diff: %s and %s are of different reports", older, newer)
	case newer == older:
		return "", "", usagef("diff: %s stands twice", older)
	}
	return older, newer, nil
}

// completeFlag completes a flag with what a parameter of a question takes.
func (a *app) completeFlag(cmd *cobra.Command, flag, question, param string) {
	must(cmd.RegisterFlagCompletionFunc(flag, func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return a.completeCode(cmd, question, param, typed)
	}))
}

func (a *app) completeCode(cmd *cobra.Command, question, param, typed string) ([]string, cobra.ShellCompDirective) {
	out, directive := a.completeParam(cmd.Context(), question, param+"="+typed)
	for i := range out {
		out[i] = strings.TrimPrefix(out[i], param+"=")
	}
	return out, directive
}

// row is one line of an answer, by the names of its columns.
type row map[string]any

func (r row) text(column string) string { return show(r[column], false) }

// band prints an interval for reading: "12", "0–499", "≥ 5,000", and nothing for no figure.
func (r row) band(low, high string) string {
	switch l, h := r[low], r[high]; {
	case l == nil:
		return ""
	case h == nil:
		return "≥ " + show(l, true)
	case l == h:
		return show(l, true)
	default:
		return show(l, true) + "–" + show(h, true)
	}
}

// change prints a difference: "+501 to +1,499", and nothing when it has no bound.
func (r row) change(low, high, unit string) string {
	signed := func(x any) string {
		v, ok := x.(float64)
		s := show(x, true)
		if ok && v != 0 && math.Abs(v) < 0.01 {
			s = strconv.FormatFloat(v, 'g', 1, 64) // two decimals would say that nothing changed
		}
		if v > 0 {
			s = "+" + s
		}
		return s
	}
	switch l, h := r[low], r[high]; {
	case l == nil && h == nil:
		return ""
	case l == nil:
		return "at most " + signed(h) + unit
	case h == nil:
		return "at least " + signed(l) + unit
	case l == h:
		return signed(l) + unit
	default:
		return signed(l) + " to " + signed(h) + unit
	}
}

// brief is what a table shows of an answer that has more columns than a screen.
type brief struct {
	columns []string
	line    func(row) []any
}

var restatement = brief{
	columns: []string{"provider", "process", "measure", "jurisdiction", "period", "kind", "old", "new", "change", "percent", "from", "to", "announced", queries.AdvisoryColumn},
	line: func(r row) []any {
		return []any{r.text("provider"), r.text("process"), r.text("measure"), r.text("jurisdiction"), r.text("period"), r.text("kind"),
			figureOr(r.band("old_low", "old_high"), r.text("old_printed")), figureOr(r.band("new_low", "new_high"), r.text("new_printed")),
			r.change("low", "high", ""), r.change("percent_low", "percent_high", " %"),
			r.text("from_edition"), r.text("to_edition"), r.text("announced"), r[queries.AdvisoryColumn]}
	},
}

var editionDifference = brief{
	columns: []string{"newer", "kind", "service", "process", "measure", "jurisdiction", "period", "old", "new", "change", queries.AdvisoryColumn},
	line: func(r row) []any {
		return []any{r.text("newer"), r.text("kind"), r.text("service"), r.text("process"), r.text("measure"), r.text("jurisdiction"), r.text("period"),
			figureOr(r.band("old_low", "old_high"), r.text("old_printed")), figureOr(r.band("new_low", "new_high"), r.text("new_printed")),
			r.change("low", "high", ""), r[queries.AdvisoryColumn]}
	},
}

// figureOr returns the figure or, of a cell that has none, what is printed there.
func figureOr(figure, printed string) string {
	if figure == "" && printed != "" {
		return "(" + printed + ")"
	}
	return figure
}

// askShort asks a question and prints it in short as a table, and in full otherwise.
func (a *app) askShort(cmd *cobra.Command, q queries.Question, args map[string]string, b brief) error {
	if a.format != formatTable {
		return a.ask(cmd, q, args)
	}
	db, r, err := a.answer(cmd.Context(), q, args)
	if err != nil {
		return err
	}
	t := sheet{columns: b.columns}
	all := &result{r: r}
	names := all.header()
	for {
		values, err := all.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return errors.Join(fmt.Errorf("query %s: %w", q.Name, err), r.Close(), db.Close())
		}
		line := row{}
		for i, name := range names {
			line[name] = values[i]
		}
		t.add(b.line(line)...)
	}
	err = errors.Join(a.print(cmd.OutOrStdout(), &t), r.Close())
	if err == nil && len(t.lines) == 0 {
		err = a.noteLeftOut(cmd.Context(), db, args)
	}
	return errors.Join(err, db.Close())
}
