package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"daylight/normalize"
	"daylight/queries"
	"daylight/warehouse"
)

// worldSeeds are the seeds of the worlds of TestWorlds.
var worldSeeds = []uint64{1, 2, 3}

// TestWorlds draws worlds that the printed figures allow: in each, every band and every
// rounded percentage is one number inside it, and what is exact is as printed. Whatever the
// reports say, one of such worlds is the true one. Every question is asked of the printed
// figures and of each world with the same arguments, and the answer from the bands must hold
// that of the world: lower ends not above, upper ends not below, a best rank not worse, a
// direction that is given the same. A rule that is wrong for a band and for a number alike is
// not seen here: package warehouse holds the rules against made-up reports. It runs on the
// embedded captures and, when DAYLIGHT_CAPTURES names their folder, on the publishers' own
// files.
func TestWorlds(t *testing.T) {
	all, err := queries.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	left := maps.Clone(askings)
	for _, q := range all {
		if _, ok := left[q.Name]; !ok {
			t.Errorf("question %s is not asked of any world: add it to askings", q.Name)
		}
		delete(left, q.Name)
	}
	for name := range left {
		t.Errorf("askings names %q, which is no question", name)
	}

	printed := &figures{said: map[uint64]normalize.Interval{}, received: map[line]received{}}
	report := loadWorlds(t, printed.read)[0]
	if len(printed.said) < 10000 {
		t.Fatalf("only %d figures", len(printed.said))
	}
	var drawn []*world
	var tunes []func(*normalize.Observation)
	for _, seed := range worldSeeds {
		w := &world{seed: seed, figures: printed}
		drawn, tunes = append(drawn, w), append(tunes, w.draw)
	}
	worlds := loadWorlds(t, tunes...)
	for i, w := range drawn {
		if w.drawn < 2000 {
			t.Fatalf("seed %d: only %d figures were drawn", w.seed, w.drawn)
		}
		if n := count(t, worlds[i], `SELECT count(*) FROM observation WHERE value_low IS DISTINCT FROM value_high OR exactness IN ('band', 'rounded')`); n > 0 {
			t.Errorf("seed %d: %d figures are no single number", w.seed, n)
		}
	}

	for _, q := range all {
		t.Run(q.Name, func(t *testing.T) {
			t.Parallel()
			how := askings[q.Name]
			sets := how.sets(q)
			wide, closed := 0, 0
			for n, args := range sets {
				said := answerOf(t, report, q, args, how)
				for i, w := range worlds {
					// Every world is asked with the defaults, one of them with each other set.
					if n > 0 && n%len(worlds) != i {
						continue
					}
					wrong := said.outside(answerOf(t, w, q, args, how), how)
					for _, text := range wrong[:min(len(wrong), 3)] {
						t.Errorf("seed %d, %v: %s", worldSeeds[i], args, text)
					}
					if len(wrong) > 3 {
						t.Errorf("seed %d, %v: and %d more", worldSeeds[i], args, len(wrong)-3)
					}
				}
				w, c := said.bands()
				wide, closed = wide+w, closed+c
			}
			t.Logf("%d argument sets, %d intervals are no single number, %d of them have an upper end", len(sets), wide, closed)
			// The publishers' own files are not all of what is embedded.
			if wide == 0 && how.exact == "" && os.Getenv("DAYLIGHT_CAPTURES") == "" {
				t.Error("no answer was an interval: give arguments that ask for bands, or say why there are none")
			}
		})
	}
}

// loadWorlds loads the captures as the program does, once for each function, with each figure
// as the function leaves it.
func loadWorlds(t *testing.T, tunes ...func(*normalize.Observation)) []*warehouse.DB {
	t.Helper()
	out := make([]*warehouse.DB, len(tunes))
	errs := make([]error, len(tunes))
	var wg sync.WaitGroup
	for i, tune := range tunes {
		a := testApp(t)
		a.tuneFigure = tune
		wg.Go(func() { out[i], errs[i] = loadWorld(t.Context(), a) })
	}
	wg.Wait()
	t.Cleanup(func() {
		for _, db := range out {
			if db != nil {
				db.Close()
			}
		}
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return out
}

func loadWorld(ctx context.Context, a *app) (*warehouse.DB, error) {
	root := os.Getenv("DAYLIGHT_CAPTURES")
	if root == "" {
		r, err := a.ingest(ctx, sources(), ingestOptions{offline: true})
		if err == nil && r.Outcome != outcomeClean {
			err = r.err()
		}
		if err != nil {
			return nil, err
		}
		return warehouse.Open(ctx, a.data)
	}
	if err := a.importAll(ctx, root, nil); err != nil {
		return nil, err
	}
	return warehouse.Open(ctx, a.data)
}

func count(t *testing.T, db *warehouse.DB, query string) int64 {
	t.Helper()
	rows, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		t.Fatalf("%s: no row: %v", query, rows.Err())
	}
	return rows.Values()[0].(int64)
}

// figures are what the reports say, before anything is drawn.
type figures struct {
	said     map[uint64]normalize.Interval // by series: the numbers that no edition rules out, none when editions contradict each other
	received map[line]received
}

// line is a printed line of a capture, as far as one process goes.
type line struct {
	capture, process string
	number           int
}

// received is how many requests a line counts; its percentages are shares of them.
type received struct {
	series uint64
	value  normalize.Interval
}

// read takes note of a figure and leaves it alone.
func (f *figures) read(o *normalize.Observation) {
	key := o.SeriesKey()
	v := span(o)
	if had, ok := f.said[key]; ok {
		v = meet(had, v)
	}
	f.said[key] = v
	if o.Measure == "requests_received" && o.Unit == "requests" {
		f.received[line{o.Capture, o.Process, o.Line}] = received{key, o.Value}
	}
}

// span is what a printed figure allows: the numbers of its band, those that round to it.
func span(o *normalize.Observation) normalize.Interval {
	low, ok := o.Value.Low()
	if ok && o.Exactness == normalize.Rounded {
		_, decimals, _ := strings.Cut(strings.TrimRight(o.RawText, "% "), ".")
		half := 0.5 / math.Pow10(len(strings.TrimRight(decimals, "0")))
		return normalize.Range(max(low-half, 0), min(low+half, 100))
	}
	return o.Value
}

func meet(a, b normalize.Interval) normalize.Interval {
	al, ok1 := a.Low()
	bl, ok2 := b.Low()
	if !ok1 || !ok2 {
		return normalize.Interval{}
	}
	ah, closed1 := a.High()
	bh, closed2 := b.High()
	switch low := max(al, bl); {
	case closed1 && closed2:
		return normalize.Range(low, min(ah, bh))
	case closed1:
		return normalize.Range(low, ah)
	case closed2:
		return normalize.Range(low, bh)
	default:
		return normalize.AtLeast(low)
	}
}

// world is one that the figures allow.
type world struct {
	seed uint64
	*figures
	drawn int
}

// draw puts one number in place of a figure that allows several. A series is the same number
// in all editions that allow it: editions are several statements about one world.
func (w *world) draw(o *normalize.Observation) {
	v := span(o)
	if v.IsZero() || v.IsPoint() {
		return
	}
	n := 0.0
	switch {
	case o.Exactness == normalize.Rounded:
		n = w.share(o, v)
	case o.Measure == "requests_received" && w.named(o):
		// Nobody names an account without asking for it.
		n = w.pick(o.SeriesKey(), meet(v, normalize.AtLeast(1)), true)
	default:
		n = w.pick(o.SeriesKey(), v, true)
	}
	o.Value, o.Exactness = normalize.Point(n), normalize.Exact
	w.drawn++
}

// named reports whether accounts were named in the requests that the figure counts; they may
// have been where editions contradict each other about it.
func (w *world) named(o *normalize.Observation) bool {
	accounts := *o
	accounts.Measure, accounts.Unit = "accounts_specified", "accounts"
	key := accounts.SeriesKey()
	v, ok := w.said[key]
	return ok && (v.IsZero() || w.pick(key, v, true) > 0)
}

// pick draws a number of a series. The ends of a band come up often: there are the mistakes.
func (w *world) pick(series uint64, v normalize.Interval, whole bool) float64 {
	if all := meet(w.said[series], v); !all.IsZero() {
		v = all
	}
	random := rand.New(rand.NewPCG(w.seed, series))
	low, _ := v.Low()
	high, closed := v.High()
	if !closed {
		high = 3*low + 100
	}
	if whole {
		low, high = math.Ceil(low), math.Floor(high)
	}
	switch random.IntN(4) {
	case 0:
		return low
	case 1:
		return high
	}
	if whole {
		return low + float64(random.Int64N(int64(high-low)+1))
	}
	return low + random.Float64()*(high-low)
}

// share draws the percentage that was rounded: one of the line's requests, so that it is a
// whole number of them, when any such percentage rounds to the printed one.
func (w *world) share(o *normalize.Observation, v normalize.Interval) float64 {
	low, _ := v.Low()
	high, _ := v.High()
	if r, ok := w.received[line{o.Capture, o.Process, o.Line}]; ok && !r.value.IsZero() {
		n, _ := r.value.Low()
		if !r.value.IsPoint() {
			n = w.pick(r.series, r.value, true)
		}
		least, most := math.Ceil(n*low/100), math.Floor(n*high/100)
		if n > 0 && least <= most {
			c := w.pick(o.SeriesKey()+1, normalize.Range(least, most), true)
			return max(low, min(100*c/n, high))
		}
	}
	return w.pick(o.SeriesKey(), v, false)
}

// asking says with which arguments a question is asked of the worlds, and how far the answers
// can be compared. An argument set is written "name=value name=value".
type asking struct {
	always string   // arguments of every set
	more   []string // sets beside the defaults and those that mix the choices
	loose  []string // columns that say something else of a world, and are not compared
	fewer  bool     // the question leaves rows out by their values: a world may have fewer
	others bool     // the rows are about the printing: those of both answers are compared
	exact  string   // why no answer is ever an interval
}

var askings = map[string]asking{
	"reference_figures":   {},
	"us_and_eu":           {more: []string{"figures=fisa_content/accounts_specified", "provider=apple jurisdiction=GB members_on=2013-07-01"}},
	"coverage":            {exact: "it counts cells"},
	"gone_silent":         {exact: "it counts half-years at hand"},
	"around_event":        {more: []string{"event=dag_letter_2014 figures=fisa_content/accounts_specified across_breaks=yes", "event=usa_freedom_act figures=nsl/requests_received across_breaks=yes", "event=prism_reports halves=1 jurisdiction=US"}},
	"events_beside_trend": {},
	// A raised lower end is no restatement in a world.
	"restated_figures":            {others: true},
	"edition_differences":         {others: true, loose: []string{"cells"}, more: []string{"older=google/user-data/2018-H1 newer=google/user-data/2022-H1 kind=all"}},
	"content_disclosed":           {},
	"rejection_and_content_share": {exact: "no outcome is printed as a band"},
	"data_stored_abroad":          {},
	"emergency_requests":          {},
	"enterprise_customers":        {},
	"preservation_requests":       {},
	"wiretaps_side_by_side":       {exact: "no wiretaps are printed as a band"},
	"place_of_jurisdiction":       {more: []string{"jurisdiction=US figures=national_security_combined/requests_received"}},
	"requesting_jurisdictions": {
		// The rows above are others in another order.
		loose: []string{"cumulative_low", "cumulative_high"}, always: "limit=0",
		more: []string{"provider=meta from=2013-H1 to=2013-H1", "provider=meta from=2013 to=2013", "provider=apple from=2022 to=2022"},
	},
	"bands_by_half_year":        {},
	"fisa_content_growth":       {more: []string{"across_breaks=yes", "process=nsl measure=requests_received across_breaks=yes", "from=2011-H2 to=2020-H2 across_breaks=yes provider=microsoft"}},
	"june_2013_disclosures":     {},
	"national_security_letters": {},
	// How many bands begin at zero is no question to a world.
	"perhaps_never": {loose: []string{"verdict", "exact_zero", "perhaps_none", "certain", "implied", "with_implied", "switches"}},
	"accounts_per_request": {
		more:  []string{"at_least=0 provider=meta from=2013-H1 to=2013-H2", "at_least=0 process=fisa_content|nsl", "provider=apple"},
		fewer: true,
	},
	"accounts_per_year":     {more: []string{"provider=meta missing=skip"}},
	"growth":                {more: []string{"figures=fisa_content/accounts_specified first=2018-H1 last=2022-H2", "provider=meta first=2013 last=2014 missing=skip across_breaks=yes"}},
	"requests_by_half_year": {},
	"total": {more: []string{
		"figures=fisa_content/accounts_specified per=year",
		"figures=fisa_content/accounts_specified|fisa_noncontent/accounts_specified per=all",
		"figures=nsl/requests_received|national_security_combined/requests_received mixing=show",
		"figures=account_request/pct_requests_some_data_disclosed|law_enforcement_all/pct_requests_some_data_disclosed jurisdiction=US",
		"provider=meta missing=skip per=year", "provider=meta missing=skip per=all", "provider=meta jurisdiction=US|DE",
	}},
}

// choices are the values that arguments of a type take, one after the other, beside the
// default; those of a list take those of TYPE*, too. An enum and a boolean take all they have.
var choices = map[string][]string{
	"provider":      {"apple", "google", "meta", "microsoft"},
	"provider*":     {"apple|google"},
	"jurisdiction":  {"US", "DE"},
	"jurisdiction*": {"US|DE", "ZZ|US"},
	"group":         {"EU"},
	"members_on":    {"2013-01-01"},
	"recipe":        {"requests", "with_emergencies", "all_but_national_security"},
	"process":       {"fisa_content", "nsl", "national_security_combined", "law_enforcement_all"},
	"measure":       {"requests_received", "accounts_specified"},
	"edition":       {"2018-H1", "2016-12-31"},
	"one_edition":   {"2018-H1"},
	"figures": {
		"fisa_content/accounts_specified", "fisa_content/requests_received|fisa_noncontent/requests_received",
		"nsl/requests_received|nsl/accounts_specified", "requests/accounts_specified",
		"law_enforcement_all/pct_requests_some_data_disclosed",
	},
}

// sets returns the argument sets: the defaults, those of more, and as many that mix the choices
// as it takes for each choice to be in one of them. They are the same in every run.
func (a asking) sets(q queries.Question) []map[string]string {
	var out []map[string]string
	for _, s := range append([]string{""}, a.more...) {
		args := map[string]string{}
		for _, word := range strings.Fields(a.always + " " + s) {
			name, value, _ := strings.Cut(word, "=")
			args[name] = value
		}
		out = append(out, args)
	}
	free := map[string][]string{}
	mixes := 0
	for _, p := range q.Params {
		if _, fixed := out[0][p.Name]; !fixed {
			free[p.Name] = choicesOf(p)
			mixes = max(mixes, len(free[p.Name]))
		}
	}
	first := len(out)
	for range mixes {
		out = append(out, maps.Clone(out[0]))
	}
	random := rand.New(rand.NewPCG(uint64(len(q.SQL)), 0))
	for _, p := range q.Params {
		places := random.Perm(mixes)
		for i, v := range free[p.Name] {
			out[first+places[i]][p.Name] = v
		}
	}
	return out
}

// choicesOf returns the values of a parameter beside its default.
func choicesOf(p queries.Param) []string {
	values := choices[p.Type]
	if p.List {
		values = append(slices.Clone(values), choices[p.Type+"*"]...)
	}
	switch p.Type {
	case "enum":
		values = p.Values
	case "boolean":
		values = []string{"true", "false"}
	}
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == p.Default })
}

// answer is what a question answers, row by row.
type answer struct {
	columns []queries.Column
	rows    map[string][]any // by the texts of the row
}

// role says what a column is to the comparison.
func role(c queries.Column) string {
	switch {
	case c.Name == "low" || strings.HasSuffix(c.Name, "_low") || c.Name == "best_rank":
		return "low"
	case c.Name == "high" || strings.HasSuffix(c.Name, "_high") || c.Name == "worst_rank":
		return "high"
	case c.Name == "direction":
		return "direction"
	case c.Name == "exactness" || c.Name == queries.AdvisoryColumn:
		return "free" // a world is exact, and has less to say
	case c.Unit == "":
		return "key"
	}
	return "same"
}

func answerOf(t *testing.T, db *warehouse.DB, q queries.Question, args map[string]string, how asking) answer {
	t.Helper()
	rows, err := q.Run(t.Context(), db, args)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	defer rows.Close()
	out := answer{columns: q.Columns, rows: map[string][]any{}}
	for rows.Next() {
		var key []string
		for i, v := range rows.Values() {
			if role(q.Columns[i]) == "key" && !slices.Contains(how.loose, q.Columns[i].Name) {
				key = append(key, fmt.Sprint(v))
			}
		}
		k := strings.Join(key, " ")
		if _, ok := out.rows[k]; ok {
			t.Fatalf("%v: two rows %q", args, k)
		}
		out.rows[k] = slices.Clone(rows.Values())
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return out
}

// outside lists what the known answer has and this one, from the bands, does not hold.
func (a answer) outside(known answer, how asking) []string {
	var wrong []string
	for _, k := range slices.Sorted(maps.Keys(known.rows)) {
		said, ok := a.rows[k]
		if !ok && how.others {
			continue
		} else if !ok {
			wrong = append(wrong, fmt.Sprintf("row %q is in the world's answer only: %v", k, known.rows[k]))
			continue
		}
		for i, c := range a.columns {
			if slices.Contains(how.loose, c.Name) || a.undefined(i, known.rows[k]) {
				continue
			}
			if !holds(role(c), said[i], known.rows[k][i]) {
				wrong = append(wrong, fmt.Sprintf("row %q: %s is %v, and %v in the world\n\tsaid  %v\n\tworld %v", k, c.Name, said[i], known.rows[k][i], said, known.rows[k]))
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(a.rows)) {
		if _, ok := known.rows[k]; !ok && !how.fewer && !how.others {
			wrong = append(wrong, fmt.Sprintf("row %q is not in the world's answer: %v", k, a.rows[k]))
		}
	}
	return wrong
}

// undefined reports whether the column is an end of a share or another quotient that the world
// does not have: there is none of nothing, and an answer from bands speaks of the worlds that
// have something.
func (a answer) undefined(i int, known []any) bool {
	name, end := strings.CutSuffix(a.columns[i].Name, "low")
	if !end {
		name, end = strings.CutSuffix(name, "high")
	}
	if unit := a.columns[i].Unit; !end || unit != "percent" && !strings.Contains(unit, " per ") {
		return false
	}
	for j, c := range a.columns {
		if (c.Name == name+"low" || c.Name == name+"high") && known[j] != nil {
			return false
		}
	}
	return true
}

// holds reports whether what is said of a column allows what is known of it. An end that is
// not given allows everything.
func holds(role string, said, known any) bool {
	switch role {
	case "free", "key":
		return true
	case "direction":
		return said == nil || said == "" || said == "indeterminate" || said == known
	case "same":
		return said == known
	}
	if said == nil {
		return true
	}
	s, ok1 := number(said)
	k, ok2 := number(known)
	slack := 1e-9 * max(1, math.Abs(s))
	return ok1 && ok2 && (role == "low" && s <= k+slack || role == "high" && k <= s+slack)
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// bands counts the intervals of the answer that are no single number, and those of them that
// have an upper end.
func (a answer) bands() (wide, closed int) {
	for _, row := range a.rows {
		for i, c := range a.columns {
			low, ok := number(row[i])
			if role(c) != "low" || !ok {
				continue
			}
			name := strings.TrimSuffix(c.Name, "low") + "high"
			if c.Name == "best_rank" {
				name = "worst_rank"
			}
			j := slices.IndexFunc(a.columns, func(c queries.Column) bool { return c.Name == name })
			switch high, ok := number(row[j]); {
			case !ok:
				wide++
			case high > low:
				wide++
				closed++
			}
		}
	}
	return wide, closed
}
