package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daylight/normalize"
)

// scratch opens a new file with the newest schema and nothing in it.
func scratch(t *testing.T, path string) *sql.DB {
	t.Helper()
	ctx := context.Background()
	db, err := openDuckDB(ctx, path, attachment{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := migrate(ctx, db, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	return db
}

// ends are low and high of one interval as SQL has them.
type ends struct{ low, high sql.NullFloat64 }

// interval returns the Go interval of the pair.
func (e ends) interval() normalize.Interval {
	switch {
	case !e.low.Valid:
		return normalize.Interval{}
	case !e.high.Valid:
		return normalize.AtLeast(e.low.Float64)
	}
	return normalize.Range(e.low.Float64, e.high.Float64)
}

// pair prints the two columns; no figure is (NULL, NULL).
func (e ends) String() string {
	text := func(v sql.NullFloat64) string {
		if !v.Valid {
			return "NULL"
		}
		return fmt.Sprint(v.Float64)
	}
	return "(" + text(e.low) + ", " + text(e.high) + ")"
}

// pairOf returns the pair that SQL should have for the interval.
func pairOf(i normalize.Interval) string {
	var e ends
	e.low.Float64, e.low.Valid = i.Low()
	e.high.Float64, e.high.Valid = i.High()
	return e.String()
}

// Every macro gives what package normalize gives, for every pair of small intervals: bands,
// exact figures, figures without an upper end, below 0 and none at all.
func TestIntervalMacrosAreTheGoRules(t *testing.T) {
	db := scratch(t, filepath.Join(t.TempDir(), "x.duckdb"))
	macros := []struct {
		sql  string
		rule func(a, b normalize.Interval, p float64) normalize.Interval
	}{
		{"iv(al, ah)", func(a, _ normalize.Interval, _ float64) normalize.Interval { return a }},
		{"iv_add(al, ah, bl, bh)", func(a, b normalize.Interval, _ float64) normalize.Interval { return a.Add(b) }},
		{"(SELECT iv_sum(l, h) FROM (VALUES (al, ah), (bl, bh), (al, ah)) v(l, h))", func(a, b normalize.Interval, _ float64) normalize.Interval {
			return normalize.Sum(a, b, a)
		}},
		{"iv_diff(al, ah, bl, bh)", func(a, b normalize.Interval, _ float64) normalize.Interval { return a.Diff(b) }},
		{"iv_ratio(al, ah, bl, bh)", func(a, b normalize.Interval, _ float64) normalize.Interval { return a.Ratio(b) }},
		{"iv_pct(al, ah, bl, bh)", func(a, b normalize.Interval, _ float64) normalize.Interval { return a.PercentChange(b) }},
		{"iv_share(al, ah, bl, bh)", func(a, b normalize.Interval, _ float64) normalize.Interval { return a.Share(b) }},
		{"iv_share_of(al, ah, bl, bh)", func(a, b normalize.Interval, _ float64) normalize.Interval { return a.ShareOf(b) }},
		{"iv_meet(al, ah, bl, bh)", func(a, b normalize.Interval, _ float64) normalize.Interval { return a.Meet(b) }},
		{"iv_carry(al, ah, bl, bh)", func(a, b normalize.Interval, _ float64) normalize.Interval { return a.CarryOver(b) }},
		{"iv_rounded(p)", func(_, _ normalize.Interval, p float64) normalize.Interval { return normalize.Unrounded(p, 0) }},
		{"iv_rounded(p / 100, decimals := 2)", func(_, _ normalize.Interval, p float64) normalize.Interval { return normalize.Unrounded(p/100, 2) }},
		{"iv_count_of(al, ah, bl, bh)", func(a, b normalize.Interval, _ float64) normalize.Interval { return a.CountOf(b) }},
		{"iv_count_of(al * 7, ah * 7, iv_rounded(p).low, iv_rounded(p).high)", func(a, _ normalize.Interval, p float64) normalize.Interval {
			return times(a, 7).CountOf(normalize.Unrounded(p, 0))
		}},
		// 20,000 times 0.035 percent has binary noise.
		{"iv_count_of(20000, 20000, iv_rounded(p / 100, decimals := 2).low, iv_rounded(p / 100, decimals := 2).high)", func(_, _ normalize.Interval, p float64) normalize.Interval {
			return normalize.Point(20000).CountOf(normalize.Unrounded(p/100, 2))
		}},
	}
	// A low of NULL is no figure, whatever high says. With 1.38,
	// 100 * x / x is not 100.
	query := `WITH e(v) AS (SELECT unnest([NULL, -1, 0, 1, 2, 3, 4, 1.38])::DOUBLE),
		i(low, high) AS (SELECT l.v, h.v FROM e l, e h WHERE coalesce(l.v <= h.v, true)),
		g AS (SELECT a.low AS al, a.high AS ah, b.low AS bl, b.high AS bh, CAST(row_number() OVER (ORDER BY a.low, a.high, b.low, b.high) % 104 - 2 AS DOUBLE) AS p FROM i a, i b)
		SELECT al, ah, bl, bh, p, iv_dir(al, ah, bl, bh),
			iv_best_rank(iv(al, ah).high, [iv(al, ah).low, iv(bl, bh).low, 2]), iv_worst_rank(al, [iv(al, ah).high, iv(bl, bh).high, 3])`
	for _, m := range macros {
		query += fmt.Sprintf(",\n(%s).low, (%[1]s).high", m.sql)
	}
	rows, err := db.QueryContext(context.Background(), query+"\nFROM g")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
		var a, b ends
		var p float64
		var direction sql.NullString
		var best, worst sql.NullInt64
		got := make([]ends, len(macros))
		to := []any{&a.low, &a.high, &b.low, &b.high, &p, &direction, &best, &worst}
		for i := range got {
			to = append(to, &got[i].low, &got[i].high)
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		x, y := a.interval(), b.interval()
		for i, m := range macros {
			if want := pairOf(m.rule(x, y, p)); got[i].String() != want {
				t.Errorf("a %s b %s p %v: %s = %s, want %s", a, b, p, m.sql, got[i], want)
			}
		}
		if want := x.Direction(y); normalize.Direction(direction.String) != want || direction.Valid != (want != "") {
			t.Errorf("a %s b %s: iv_dir = %v, want %q", a, b, direction, want)
		}
		// The caller asks for no rank of what is no figure.
		want := normalize.Ranks([]normalize.Interval{x, y, normalize.Range(2, 3)})[0]
		if !x.IsZero() && (int(best.Int64) != want.Best || int(worst.Int64) != want.Worst) || x.IsZero() && worst.Valid {
			t.Errorf("a %s b %s: rank %v to %v, want %v", a, b, best, worst, want)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if n < 1000 {
		t.Errorf("only %d pairs", n)
	}
}

// times returns n times the interval.
func times(i normalize.Interval, n int) normalize.Interval {
	out := i
	for range n - 1 {
		out = out.Add(i)
	}
	return out
}

// Every whole number that the operands allow lies in what the macros give, and the ends are
// reached. The limits and open ends are tested in package normalize; here all bands have
// both ends, and no assignment divides by 0.
func TestIntervalMacrosAgainstBruteForce(t *testing.T) {
	db := scratch(t, filepath.Join(t.TempDir(), "x.duckdb"))
	rows, err := db.QueryContext(context.Background(), `
		WITH i(low, high) AS (SELECT l, h FROM range(1, 7) l(l), range(1, 7) h(h) WHERE l <= h),
		pair AS (SELECT row_number() OVER () AS id, a.low AS al, a.high AS ah, b.low AS bl, b.high AS bh FROM i a, i b),
		world AS (SELECT p.*, x.x, y.y FROM pair p, range(1, 7) x(x), range(1, 7) y(y)
			WHERE x BETWEEN al AND ah AND y BETWEEN bl AND bh),
		brute AS (
			SELECT id, any_value(al) AS al, any_value(ah) AS ah, any_value(bl) AS bl, any_value(bh) AS bh,
				unnest([
					{'what': 'add', 'low': min(x + y)::DOUBLE, 'high': max(x + y)::DOUBLE},
					{'what': 'diff', 'low': min(y - x)::DOUBLE, 'high': max(y - x)::DOUBLE},
					{'what': 'ratio', 'low': min(y / x), 'high': max(y / x)},
					{'what': 'pct', 'low': min(100 * (y - x) / x), 'high': max(100 * (y - x) / x)},
					{'what': 'share', 'low': min(100 * x / (x + y)), 'high': max(100 * x / (x + y))},
					{'what': 'share_of', 'low': min(100 * x / y) FILTER (x <= y), 'high': max(100 * x / y) FILTER (x <= y)},
					{'what': 'meet', 'low': min(x) FILTER (x = y)::DOUBLE, 'high': max(x) FILTER (x = y)::DOUBLE},
					{'what': 'carry', 'low': min(greatest(x, y))::DOUBLE, 'high': max(x + y)::DOUBLE},
					{'what': 'dir', 'low': min(sign(y - x))::DOUBLE, 'high': max(sign(y - x))::DOUBLE}]) AS want
			FROM world GROUP BY id),
		macros AS (
			SELECT *, CASE want.what
				WHEN 'add' THEN iv_add(al, ah, bl, bh)
				WHEN 'diff' THEN iv_diff(al, ah, bl, bh)
				WHEN 'ratio' THEN iv_ratio(al, ah, bl, bh)
				WHEN 'pct' THEN iv_pct(al, ah, bl, bh)
				WHEN 'share' THEN iv_share(al, ah, bl, bh)
				WHEN 'share_of' THEN iv_share_of(al, ah, bl, bh)
				WHEN 'meet' THEN iv_meet(al, ah, bl, bh)
				WHEN 'carry' THEN iv_carry(al, ah, bl, bh)
				ELSE CASE iv_dir(al, ah, bl, bh)
					WHEN 'up' THEN iv(1, 1) WHEN 'down' THEN iv(-1, -1) WHEN 'same' THEN iv(0, 0)
					ELSE iv(least(want.low, 0), greatest(want.high, 0)) END END AS got
			FROM brute)
		SELECT want.what, count(*), count(*) FILTER (got.low IS DISTINCT FROM want.low OR got.high IS DISTINCT FROM want.high)
		FROM macros GROUP BY ALL ORDER BY ALL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var what string
		var pairs, wrong int
		if err := rows.Scan(&what, &pairs, &wrong); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(what, " ", pairs, " ", wrong))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	want := []string{"add 441 0", "carry 441 0", "diff 441 0", "dir 441 0", "meet 441 0", "pct 441 0", "ratio 441 0", "share 441 0", "share_of 441 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pairs and how many of them are wrong (-want +got)\n%s", diff)
	}
}

func TestIntervalText(t *testing.T) {
	db := scratch(t, filepath.Join(t.TempDir(), "x.duckdb"))
	for name, tc := range map[string]struct{ low, high, want string }{
		"exact":                    {"12", "12", "12"},
		"zero":                     {"0", "0", "0"},
		"band":                     {"0", "499", "0–499"},
		"thousands":                {"13255", "13499", "13,255–13,499"},
		"millions":                 {"1234567", "1234567", "1,234,567"},
		"open":                     {"5000", "NULL", "≥ 5,000"},
		"no_figure":                {"NULL", "NULL", ""},
		"no_figure_with_a_high":    {"NULL", "5", ""},
		"fraction":                 {"39083.421897734355", "39083.421897734355", "39,083.42"},
		"percent_is_never_tighter": {"25.0161", "40.9001", "25.01–40.91"},
		"two_decimals_stay":        {"1.15", "2.45", "1.15–2.45"},
		"open_is_never_tighter":    {"9.999", "NULL", "≥ 9.99"},
		"fall":                     {"-5", "-5", "-5"},
		"change":                   {"-499", "499", "-499 to 499"},
		"fall_and_fractions":       {"-0.005", "0.005", "-0.01 to 0.01"},
		"beyond_whole_numbers":     {"1e300", "1e300", "1e+300"},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			if err := db.QueryRow(fmt.Sprintf("SELECT iv_text(%s, %s)", tc.low, tc.high)).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// The macros live in the file, and are used in views, in other macros and with literals.
func TestIntervalMacrosInUse(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "x.duckdb")
	db := scratch(t, path)
	for _, q := range []string{
		// The parameters' names are those of the macros inside.
		`CREATE MACRO grown(low, high, al) AS iv_text(iv_pct(low, high, iv_add(low, high, al, al).low, iv_add(low, high, al, al).high).low, al)`,
		`CREATE TABLE f AS SELECT * FROM (VALUES ('a', 10, 19, 1), ('a', 30, 30, 2), ('b', 5, NULL, 3), ('b', NULL, NULL, 4), ('c', NULL, NULL, 5)) f(k, low, high, x)`,
		// A column may have the name of a lambda's parameter.
		`CREATE VIEW v AS
			WITH total AS (SELECT k, iv_sum(low, high) AS s, list(low) AS lows, list(high) AS highs FROM f GROUP BY k)
			SELECT f.k, s.low, s.high, iv_share_of(f.low, f.high, s.low, s.high).high AS share,
				iv_best_rank(x, lows) AS best, iv_worst_rank(x, highs) AS worst, grown(f.low, f.high, 1) AS text
			FROM f JOIN total USING (k)`,
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = scratch(t, path)
	got, err := texts(ctx, db, `SELECT concat_ws('|', k, low, high, round(share, 3), best, worst, text) FROM v ORDER BY ALL`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a|40.0|49.0|47.5|3|2|-42.11 to 1",
		"a|40.0|49.0|75.0|3|2|3.33–1",
		"b|2|2|",
		"b|2|2|-100 to 1",
		"c|1|1|",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	// Untyped NULLs, integers, decimals and unsigned numbers bind, and the type is the same.
	got, err = texts(ctx, db, `SELECT DISTINCT unnest([typeof(iv(a, b)), typeof(iv_add(a, b, c, d)), typeof(iv_diff(a, b, c, d)), typeof(iv_ratio(a, b, c, d)),
			typeof(iv_pct(a, b, c, d)), typeof(iv_share(a, b, c, d)), typeof(iv_share_of(a, b, c, d)), typeof(iv_meet(a, b, c, d)), typeof(iv_carry(a, b, c, d)),
			typeof(iv_rounded(a)), typeof(iv_count_of(a, b, c, d))])
		FROM (SELECT 3::UBIGINT AS a, 4::UBIGINT AS b, 1::UBIGINT AS c, 2::UBIGINT AS d)
		UNION SELECT typeof(iv_pct(NULL, NULL, 1, 2)) UNION SELECT typeof(iv_pct(1, NULL, NULL, 2.5)) UNION SELECT typeof(iv_share(0, 1, NULL, NULL))
		UNION SELECT typeof(iv_share_of(1, 1.5, 3, NULL)) UNION SELECT typeof(iv_meet(NULL, NULL, NULL, NULL)) UNION SELECT typeof(iv_count_of(NULL, NULL, 1, 1))
		UNION SELECT typeof(iv_sum(NULL, NULL)) UNION SELECT typeof(iv_rounded(NULL)) UNION SELECT typeof(iv_diff(NULL, NULL, 1, 2)) UNION SELECT typeof(iv(NULL, NULL))`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"STRUCT(low DOUBLE, high DOUBLE)"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got, err = texts(ctx, db, `SELECT CAST(v AS VARCHAR) FROM (SELECT unnest([
		iv(2, 1), iv('nan'::DOUBLE, 1), iv(1, 'infinity'::DOUBLE), iv(NULL, 1),
		iv_pct(110::UBIGINT, 110::UBIGINT, 100::UBIGINT, 121::UBIGINT), iv_diff(3::UTINYINT, 3::UTINYINT, 1::UTINYINT, 1::UTINYINT)]) AS v)`)
	if err != nil {
		t.Fatal(err)
	}
	const noFigure = "{'low': NULL, 'high': NULL}"
	want = []string{noFigure, noFigure, noFigure, noFigure, "{'low': -9.090909090909092, 'high': 10.0}", "{'low': -2.0, 'high': -2.0}"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	// No rows are no figure, not the number 0. Ten tenths are one.
	got, err = texts(ctx, db, `SELECT CAST(iv_sum(low, high) AS VARCHAR) || count(*) FROM f WHERE k = 'none'
		UNION ALL SELECT CAST(iv_sum(0.1, 0.1) AS VARCHAR) FROM range(10)`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{noFigure + "0", "{'low': 1.0, 'high': 1.0}"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
