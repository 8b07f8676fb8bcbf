package warehouse

import (
	"context"
	"fmt"
	"time"
)

// Layout is what one table of a capture looked like, see schema/0004_layout.sql.
type Layout struct {
	Table       string
	Lines       int64
	Places      []string // files and worksheets
	Headers     []string
	Keys        []string
	Kinds       []string
	Labels      []string
	Fingerprint string
}

// Layout says what the capture's tables looked like; Commit keeps it. It has no effect on
// figures.
func (l *Load) Layout(tables []Layout) { l.layouts = tables }

// keepLayouts replaces the layouts of an earlier load of the same capture.
func (c *commit) keepLayouts(ctx context.Context) error {
	if _, err := c.exec(ctx, `DELETE FROM layout WHERE capture_id = $1`, c.number()); err != nil {
		return err
	}
	for _, t := range c.layouts {
		_, err := c.exec(ctx, `INSERT INTO layout VALUES ($1, $2, $3, `+textArray(t.Places)+`, `+textArray(t.Headers)+`, `+textArray(t.Keys)+`, `+
			textArray(t.Kinds)+`, `+textArray(t.Labels)+`, $4)`, c.number(), t.Table, t.Lines, t.Fingerprint)
		if err != nil {
			return fmt.Errorf("table %s: %w", t.Table, err)
		}
	}
	return nil
}

// EditionLayout is what the captures of an edition look like, all of them together, or those
// that are whole when there are any.
type EditionLayout struct {
	Edition   string
	PeriodEnd time.Time // of the edition's label; zero when it names none
	Excerpt   bool      // none of the captures is whole: lines were left out on purpose
	Tables    []Layout  // by name; without fingerprints
}

// Layouts returns the layouts of the given edition and of the newest edition of the same
// source that reports no later period than it and is another one: the one before. before is
// nil when there is none, or none whose layout is known.
func (w *Warehouse) Layouts(ctx context.Context, edition string) (now EditionLayout, before *EditionLayout, err error) {
	fail := func(err error) (EditionLayout, *EditionLayout, error) {
		return EditionLayout{}, nil, fmt.Errorf("warehouse: layouts of %s: %w", edition, err)
	}
	if now, err = w.layoutsOf(ctx, edition); err != nil {
		return fail(err)
	}
	names, err := texts(ctx, w.db, `SELECT e.name FROM edition e JOIN edition x ON x.source = e.source AND e.period_end < x.period_end
		WHERE x.name = $1 AND EXISTS (SELECT 1 FROM capture k JOIN layout l ON l.capture_id = k.id WHERE k.edition = e.name)
		ORDER BY e.period_end DESC, e.name DESC LIMIT 1`, edition)
	if err != nil {
		return fail(err)
	}
	if len(names) == 0 {
		return now, nil, nil
	}
	b, err := w.layoutsOf(ctx, names[0])
	if err != nil {
		return fail(err)
	}
	return now, &b, nil
}

func (w *Warehouse) layoutsOf(ctx context.Context, edition string) (EditionLayout, error) {
	out := EditionLayout{Edition: edition}
	all := func(column string) string {
		return "list_sort(list_distinct(flatten(list(l." + column + "))))"
	}
	rows, err := w.db.QueryContext(ctx, `SELECT e.period_end, bool_or(k.excerpt), l.tbl, sum(l.lines)::BIGINT,
			`+all("places")+`, `+all("headers")+`, `+all("keys")+`, `+all("kinds")+`, `+all("labels")+`
		FROM layout l JOIN capture k ON k.id = l.capture_id JOIN edition e ON e.name = k.edition
		WHERE k.edition = $1 AND (NOT k.excerpt OR NOT EXISTS (SELECT 1 FROM layout w JOIN capture c ON c.id = w.capture_id WHERE c.edition = $1 AND NOT c.excerpt))
		GROUP BY e.period_end, l.tbl ORDER BY l.tbl`, edition)
	if err != nil {
		return out, err
	}
	defer rows.Close()
	for rows.Next() {
		var end any
		var excerpt bool
		var t Layout
		var lists [5][]any
		if err := rows.Scan(&end, &excerpt, &t.Table, &t.Lines, &lists[0], &lists[1], &lists[2], &lists[3], &lists[4]); err != nil {
			return out, err
		}
		if at, ok := end.(time.Time); ok {
			out.PeriodEnd = at.UTC()
		}
		out.Excerpt = out.Excerpt || excerpt
		for i, to := range []*[]string{&t.Places, &t.Headers, &t.Keys, &t.Kinds, &t.Labels} {
			for _, x := range lists[i] {
				*to = append(*to, fmt.Sprint(x))
			}
		}
		out.Tables = append(out.Tables, t)
	}
	return out, rows.Err()
}
