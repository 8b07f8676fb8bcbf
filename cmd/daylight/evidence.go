package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"daylight/normalize/review"
	"daylight/queries/figure"
	"daylight/scrape/evidence"
	"daylight/warehouse"

	"github.com/spf13/cobra"
)

func newEvidenceCommand(a *app) *cobra.Command {
	var s selection
	var to string
	cmd := &cobra.Command{
		Use:   "evidence --to FILE.zip FIGURE... | evidence --to FILE.zip --query NAME [--param name=value]... [--row N]...",
		Short: "Pack figures with the bytes that they were read from",
		Long: `Write a ZIP with figures and all that is needed to check them elsewhere: the captures as
they were retrieved, their metadata, checksums, the figures as CSV, the SQL that selects
them, and a README that says how to check each by hand. "daylight verify FILE.zip" checks
a pack without a warehouse and without a network.

Every figure is read again first; one that the archived bytes do not confirm stops the
command, and nothing is written. The same figures give the same bytes. A pack that is
there already is replaced, another file is not.

` + figureHelp + `

--query, --param and --row are those of "daylight why".`,
		Example: `  daylight evidence --to fisa.zip 9a9a42ce4bbe/17 9a9a42ce4bbe/38
  daylight evidence --to eu.zip --query total --param provider=google --param group=EU --param from=2012-H2 --param to=2012-H2
  daylight verify eu.zip`,
		Args: func(_ *cobra.Command, args []string) error {
			if to == "" {
				return usagef("evidence: --to is missing: name the file to write")
			}
			return s.check("evidence", args)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			db, err := warehouse.Open(cmd.Context(), a.data)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			p, err := s.pick(cmd.Context(), db, args)
			if err != nil {
				return fmt.Errorf("evidence: %w", err)
			}
			pack, err := a.pack(cmd.Context(), db, p)
			if err != nil {
				return err
			}
			if err := pack.Save(to); err != nil {
				return err
			}
			return a.printPack(cmd.OutOrStdout(), to, pack)
		},
	}
	a.addSelection(cmd, &s)
	cmd.Flags().StringVar(&to, "to", "", "file to write (required): a new one or an earlier pack")
	must(cmd.MarkFlagFilename("to", "zip"))
	return cmd
}

// pack examines the figures and puts the pack together.
func (a *app) pack(ctx context.Context, db *warehouse.DB, p *picked) (evidence.Pack, error) {
	fail := func(err error) (evidence.Pack, error) { return evidence.Pack{}, fmt.Errorf("evidence: %w", err) }
	x := a.examiner()
	list, err := x.testify(ctx, db, p.figures)
	if err != nil {
		return fail(err)
	}
	if err := unconfirmed("evidence", list); err != nil {
		return evidence.Pack{}, err
	}
	out := evidence.Pack{
		Program: "daylight " + version(), Asked: "daylight evidence " + p.asked,
		SQL: "-- daylight evidence " + strings.Join(strings.Fields(p.asked), " ") + "\n" + figure.Select(p.figures), Citations: citations(list),
	}
	// The pack's own statement gives its table, so that the two cannot differ.
	rows, err := db.QueryOwn(ctx, out.SQL)
	if err != nil {
		return fail(err)
	}
	for _, c := range rows.Columns() {
		out.Header = append(out.Header, c.Name)
	}
	for rows.Next() {
		row := make([]string, len(out.Header))
		for i, v := range rows.Values() {
			row[i] = show(v, false)
		}
		out.Figures = append(out.Figures, row)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fail(err)
	}
	if out.Decisions, err = x.decisionsBehind(list); err != nil {
		return fail(err)
	}
	if len(out.Figures) != len(p.figures) {
		return fail(fmt.Errorf("%d figures are asked for, and the statement gives %d", len(p.figures), len(out.Figures)))
	}
	for _, t := range list {
		if slices.ContainsFunc(out.Captures, func(c evidence.Stored) bool { return c.SHA256 == t.Capture.SHA256 }) {
			continue
		}
		raw, err := x.archive.Bytes(t.Capture.SHA256)
		if err != nil {
			return fail(err)
		}
		out.Captures = append(out.Captures, evidence.Stored{Capture: *t.Capture, Bytes: raw})
	}
	return out, nil
}

// decisionsBehind is the file of the decisions that map words of the figures' providers, or nil
// when none of the figures rests on one.
func (x *examiner) decisionsBehind(list []*testimony) ([]byte, error) {
	decided, err := x.decided()
	if err != nil {
		return nil, err
	}
	var providers []string
	for _, t := range list {
		if p := t.figure.Provider; !slices.Contains(providers, p) &&
			slices.ContainsFunc(t.Rules, func(r rule) bool { return r.File == review.FileName }) {
			providers = append(providers, p)
		}
	}
	if len(providers) == 0 {
		return nil, nil
	}
	var behind []review.Decision
	slices.Sort(providers)
	for _, p := range providers {
		behind = append(behind, decided.Placing(p)...)
	}
	var b bytes.Buffer
	err = review.Write(&b, behind)
	return b.Bytes(), err
}

// printPack says what was written.
func (a *app) printPack(w io.Writer, to string, p evidence.Pack) error {
	t := sheet{columns: []string{"file", "figures", "captures"}}
	t.add(to, int64(len(p.Figures)), int64(len(p.Captures)))
	if err := a.print(w, &t); err != nil || a.format != formatTable {
		return err
	}
	_, err := fmt.Fprintf(w, "\ndaylight verify %s  checks it, also where there is no warehouse\n", shellWord(to))
	return err
}

// verifyPack checks a pack: its files, that each figure's text stands at its place, and that
// this program reads the same figure there.
func (a *app) verifyPack(ctx context.Context, w io.Writer, name string) error {
	o, err := evidence.Read(name)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	checked, problems, err := o.Verify(ctx)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	t := sheet{columns: []string{"path", "problem", "detail"}}
	for _, p := range problems {
		t.add(p.Path, string(p.Kind), p.Detail)
	}
	if err := a.rereadPack(ctx, o, &t); err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	bad := len(t.lines)
	if err := a.print(w, &t); err != nil {
		return err
	}
	if a.format == formatTable {
		fmt.Fprintf(w, "\n%s of %s, %s, %d bytes hashed; made by %s\n", counted(checked.Figures, "figure"),
			counted(checked.Captures, "sound capture"), counted(checked.Files, "file"), checked.Bytes, o.Program)
	}
	if bad > 0 {
		return fmt.Errorf("verify: %s: %s, see the list above", name, counted(bad, "problem"))
	}
	return nil
}

// meaning is the kind of problem where the text stands and means something else to this
// program.
const meaning = "meaning"

// rereadPack reads the figures of sound captures by the rules of this program.
func (a *app) rereadPack(ctx context.Context, o *evidence.Opened, t *sheet) error {
	edition, ordinal := slices.Index(o.Header, "edition"), slices.Index(o.Header, "ordinal")
	if edition < 0 || ordinal < 0 {
		t.add("observations.csv", string(evidence.Metadata), `it has no columns "edition" and "ordinal"`)
		return nil
	}
	type group struct{ capture, edition string }
	of := map[group][]evidence.Figure{}
	var order []group
	for _, f := range o.Figures {
		g := group{f.Capture, f.Row[edition]}
		if of[g] == nil {
			order = append(order, g)
		}
		of[g] = append(of[g], f)
	}
	x := a.examiner()
	if raw := o.Decisions(); raw != nil {
		decided, err := review.Read(bytes.NewReader(raw))
		if err != nil {
			t.add(review.FileName, string(evidence.Metadata), err.Error())
			return nil
		}
		for _, d := range decided.Counting() {
			// Not a problem, and yet nobody who relies on the pack should miss it.
			fmt.Fprintf(a.errOut, "the pack brings a decision along: %s is taken for %s, %s\n", d.Subject(), d.Code, d.Note())
		}
		x.decided = func() (*review.Decisions, error) { return decided, nil }
	}
	for _, g := range order {
		c, ok := o.Capture(g.capture)
		if !ok {
			continue // told already
		}
		wanted := map[string]bool{}
		for _, f := range of[g] {
			wanted[f.Locator] = true
		}
		read, err := x.read(ctx, c, g.edition, wanted)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			t.add(of[g][0].File, meaning, fmt.Sprintf("this daylight cannot read it as %s did: %v", o.Program, err))
			continue
		}
		for _, f := range of[g] {
			e, ok := read[f.Locator]
			if !ok {
				t.add(f.Name, meaning, fmt.Sprintf("at %q this daylight reads no figure", f.Locator))
				continue
			}
			for _, d := range e.differences(func(column string) (string, bool) {
				i := slices.Index(o.Header, column)
				if i < 0 {
					return "", false
				}
				return f.Row[i], true
			}) {
				t.add(f.Name, meaning, d)
			}
			if want := f.Capture[:12] + "/" + f.Row[ordinal]; f.Name != want {
				t.add(f.Name, string(evidence.Metadata), "the name of the figure is "+want)
			}
		}
	}
	return nil
}
