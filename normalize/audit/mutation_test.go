package audit_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"maps"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"daylight/normalize"
	"daylight/normalize/audit"
	"daylight/scrape"
	"daylight/scrape/apple"
	"daylight/scrape/meta"
	"daylight/scrape/scrapetest"
)

var (
	every = flag.Int("every", 0, "of the mutants of each kind and capture make only every n-th; 0: what a minute allows")
	only  = flag.String("mutants", "", "regular expression: make these kinds of mutants only")
)

// slow is by how much the race detector thins the mutants.
var slow = 1

// reading is what becomes of one capture: what would be loaded, and what a person is told.
type reading struct {
	refused    error
	printed    map[uint64]*normalize.Observation // by series, those that wait for review too
	figures    map[uint64]*normalize.Observation // those that would be loaded
	complaints map[string]int
	counts     []audit.Count
}

type collector struct {
	*audit.Auditor
	observations []normalize.Observation
	rejects      []normalize.Reject
}

func (s *collector) Observation(o *normalize.Observation) error {
	s.Auditor.Observation(o)
	s.observations = append(s.observations, *o)
	return nil
}

func (s *collector) Reject(r normalize.Reject) error {
	s.Auditor.Reject(r)
	s.rejects = append(s.rejects, r)
	return nil
}

// read does with a capture what a run does, up to the warehouse: of a series that stands
// there twice with different figures, and of those in the scope of a finding that holds,
// nothing is loaded.
func read(n *normalize.Normalizer, src scrape.Source, c scrape.Capture) reading {
	r := reading{printed: map[uint64]*normalize.Observation{}, complaints: map[string]int{}}
	type parsed struct {
		row scrape.Row
		err error
	}
	// A run parses twice, with the same rows as long as the edition is given.
	var rows []parsed
	for row, err := range src.Parse(c) {
		rows = append(rows, parsed{row, err})
	}
	parse := func(scrape.Capture) iter.Seq2[scrape.Row, error] {
		return func(yield func(scrape.Row, error) bool) {
			for i := range rows {
				if !yield(rows[i].row, rows[i].err) {
					return
				}
			}
		}
	}
	sv, err := n.Survey(c, parse)
	if err != nil {
		r.refused = err
		return r
	}
	a, err := audit.New(c)
	if err != nil {
		r.refused = err
		return r
	}
	s := &collector{Auditor: a}
	if _, err := n.Capture(context.Background(), c, sv, parse, s); err != nil {
		r.refused = err
		return r
	}
	for _, j := range s.rejects {
		r.complaints[j.Table+" "+j.Reason+" "+j.RawText+" "+j.RawLabel]++
	}
	findings := a.Close()
	r.counts = a.Summary()
	twice := map[uint64]bool{}
	for i := range s.observations {
		o := &s.observations[i]
		k := o.SeriesKey()
		if p, ok := r.printed[k]; !ok {
			r.printed[k] = o
		} else if !same(p, o) {
			twice[k] = true
		}
	}
	for k := range twice {
		r.complaints["twice "+name(r.printed[k])]++
		delete(r.printed, k)
	}
	r.figures = maps.Clone(r.printed)
	for i := range findings {
		f := &findings[i]
		if f.Status != audit.StatusOpen {
			continue
		}
		r.complaints[fmt.Sprintf("%s %s %v %s %s", f.Check, f.Scope.Process, f.Scope.Measures, f.Scope.Period.Label(), f.Scope.Jurisdiction)]++
		if !f.Hold {
			continue
		}
		for k, o := range r.figures {
			if f.Scope.Matches(o) {
				delete(r.figures, k)
			}
		}
	}
	return r
}

func same(a, b *normalize.Observation) bool { return a.Value == b.Value && a.Exactness == b.Exactness }

func name(o *normalize.Observation) string {
	return strings.Join([]string{o.Service, o.Period.Label(), o.Jurisdiction, o.AssistingJurisdiction, o.RequesterLevel,
		o.CustomerClass, o.Process, o.Measure, o.Unit, o.Item}, "|")
}

// flagged reports whether a figure that is not the original's has a quality flag made for
// its case. The last figure of a file that does not end its last line always has the flag
// that says that it may be cut; the others must be new.
func flagged(is, was *normalize.Observation) bool {
	return slices.ContainsFunc(is.QualityFlags, func(s string) bool {
		switch s {
		case "may_be_cut":
			return true
		case "period_differs_from_edition", "period_label_corrected":
			return was == nil || !slices.Contains(was.QualityFlags, s)
		}
		return false
	})
}

// The outcomes of a mutant. The first four are good.
const (
	outcomeSame    = "same"    // exactly the figures of the original, and no word about it
	outcomeRefused = "refused" // the capture is refused as a layout that nobody declared
	outcomeHeld    = "held"    // something waits for review, and what would be loaded is the original's
	outcomeFlagged = "flagged" // what would be loaded is the original's, or has a flag made for the case
	outcomeSlipped = "slipped" // a figure is other than the original's, or gone without a word
)

// compare says what became of a mutant, and for one that slipped through, why. loud says
// that a person is told more than about the original.
func compare(was, is reading) (outcome string, loud bool, problems []string) {
	if is.refused != nil {
		return outcomeRefused, true, nil
	}
	marked := false
	for k, n := range is.complaints {
		loud = loud || n > was.complaints[k]
	}
	for k, p := range is.figures {
		o := was.printed[k]
		marked = marked || (o == nil || !same(o, p)) && flagged(p, o)
		if was.figures[k] == nil && (o == nil || !same(o, p)) && !flagged(p, nil) {
			problems = append(problems, fmt.Sprintf("new %s = %s %s (%s)", name(p), p.Exactness, p.Value, p.Locator))
		}
	}
	for k, o := range was.figures {
		p, ok := is.figures[k]
		switch {
		case !ok && !loud && !marked:
			problems = append(problems, "missing "+name(o))
		case ok && !same(o, p) && !flagged(p, o):
			problems = append(problems, fmt.Sprintf("%s is %s %s, was %s %s (%s)", name(o), p.Exactness, p.Value, o.Exactness, o.Value, p.Locator))
		}
	}
	slices.Sort(problems)
	switch {
	case len(problems) > 0:
		return outcomeSlipped, loud, problems
	case loud:
		return outcomeHeld, loud, nil
	case marked:
		return outcomeFlagged, loud, nil
	}
	return outcomeSame, loud, nil
}

// undetectable is a kind of mutant that nothing in the file shows: what it changes stands
// in no relation to anything else that is printed. The edition before it shows it, or
// nothing does.
type undetectable struct {
	kinds   string // regular expressions
	source  string
	table   string
	columns string // of all columns that were changed; "" for any
	// quiet says that not even the number of relations may change: the mutant has every line
	// and key of the original. Else lines are missing, and their relations with them.
	quiet  bool
	reason string
}

// list is closed: an entry that none of the mutants of the embedded captures needs fails the
// test, when all of them are made (-every 1).
var list = []undetectable{
	{
		kinds: "delete_row|truncate_at_line|truncate_bytes", source: "google/user-data|apple/requests|meta/government-requests|microsoft/usnsor", table: ".*",
		reason: "no total is printed, and countries come and go: a file with a line less is one that a publisher could have issued. A cut that leaves less than half of the last half-year is noticed",
	},
	{
		kinds: "times_ten", source: "google/user-data|apple/requests|meta/government-requests|microsoft/lerr", table: ".*",
		reason: "sums, shares and orders of size stay true when all figures that are bound to each other are multiplied; accounts are bound to nothing but being more than the requests",
	},
	{
		kinds: "swap_headers|swap_columns_without_headers|swap_blocks_without_headers", source: "microsoft/lerr", table: "criminal|emergencies|civil", quiet: true,
		columns: "(?i)no data|nodata|not meeting|rejected|disclosure of content|only subscriber",
		reason:  "the four outcomes add up in any order; where no known edition says which of two is larger (no data found and rejected; of civil requests no data and the two disclosures) only their sizes in the edition before tell them apart",
	},
	{
		kinds: "swap_headers|swap_columns_without_headers", source: "apple/requests", table: "account_restriction_deletion", quiet: true,
		columns: "No Action Taken|Restricted|Deleted",
		reason:  "rejected, restricted and deleted together are at most the requests, in any order, and each is the largest in some line",
	},
	{
		kinds: "swap_headers|swap_columns_without_headers", source: "meta/government-requests", table: "government_requests",
		columns: "Search Warrant|Subpoena|Court Order|Pen Register|Title III|Emergency Disclosures|Percentage",
		reason:  "the kinds of legal process stand on one line, of the United States, and add up in any order; shares differ by less than their rounding where two kinds have nearly the same",
	},
	{
		kinds: "swap_names_of_lines", source: "google/user-data|apple/requests|meta/government-requests|microsoft/lerr", table: ".*",
		reason: "two countries' names exchanged: in a table that is sorted the names stand out of order, but Meta's before 2018 are not sorted, and of four or five lines (which excerpts have) no order can be told",
	},
	{
		kinds: "change_total", source: "microsoft/lerr", table: "civil", columns: "Requests",
		reason: "the total of civil requests counts a request that names several countries once, so it may be less than its lines",
	},
	{
		kinds: "short_line", source: "microsoft/lerr", table: ".*",
		reason: "an emptied cell is what the publisher prints, too, and reads as not reported; where 0 stood no sum changes",
	},
	{
		kinds: "shift_period_of_line|shift_period_label|shift_period_of_block|swap_key_columns", source: "google/user-data", table: "enterprise_dlr",
		reason: "the table has one figure in most half-years and up to three lines; of so few none stands out",
	},
	{
		kinds: "shift_period_of_block", source: "apple/requests", table: "account_restriction_deletion",
		reason: "the newest half-year, of some ten lines, under the label of the one before, which here has one line: the tables of a ZIP need not end with the same half-year",
	},
}

func (u undetectable) matches(source string, m scrapetest.Mutant) bool {
	whole := func(pattern, s string) bool { return regexp.MustCompile("^(?:" + pattern + ")$").MatchString(s) }
	if !whole(u.kinds, m.Kind) || !whole(u.source, source) || !whole(u.table, m.Table) {
		return false
	}
	return u.columns == "" || !slices.ContainsFunc(m.Columns, func(c string) bool { return !regexp.MustCompile(u.columns).MatchString(c) })
}

// total counts the relations that were decided.
func total(counts []audit.Count) (n int64) {
	for _, c := range counts {
		n += c.Checked + c.Undecided
	}
	return n
}

// TestMutants changes captures in every kind of way that publishers, mirrors and people who
// save files again change them, and reads each as the edition that it is said to be. Either
// the figures are those of the original, or the capture is refused, or something of it
// waits for review and the rest are the original's. Without a variable it does so with a
// sample of the mutants of the embedded captures; with DAYLIGHT_CAPTURES, of the
// publishers' own files.
func TestMutants(t *testing.T) {
	t.Cleanup(func(percent int) func() { return func() { debug.SetGCPercent(percent) } }(debug.SetGCPercent(400)))
	var mu sync.Mutex
	tally := map[string]map[string]int{}
	needed := make([]bool, len(list))
	pick := regexp.MustCompile(*only)
	t.Run("captures", func(t *testing.T) {
		for _, src := range append(sources(), apple.Statement(), meta.Statement()) {
			id := src.Describe().ID
			captures, err := src.Embedded()
			if err != nil {
				t.Fatal(err)
			}
			if dir := os.Getenv("DAYLIGHT_CAPTURES"); dir != "" {
				captures = published(t, dir, id)
			}
			n, err := normalize.New(src.Describe().Provider)
			if err != nil {
				t.Fatal(err)
			}
			step := *every
			if step == 0 {
				// Sources of one small capture are not thinned.
				step = map[bool]int{true: 6, false: 1}[len(captures) > 2] * slow
			}
			for i, c := range captures {
				t.Run(id+"/"+c.Name, func(t *testing.T) {
					t.Parallel()
					sv, err := n.Survey(c, src.Parse)
					if errors.Is(err, scrape.ErrLayout) {
						t.Logf("not read, as it must be: %v", err)
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					c.Edition = sv.Label
					c = scrapetest.Completed(t, src, c, audit.Begins(src.Describe().Provider))
					was := read(n, src, c)
					if was.refused != nil {
						t.Fatal(was.refused)
					}
					if len(was.figures) == 0 {
						if len(was.printed) > 0 {
							t.Fatalf("no figure of the original would be loaded: %v", was.complaints)
						}
						return // a table that is none of ours
					}
					for m := range scrapetest.Mutants(t, src, c, scrapetest.Sample{Every: step, First: i}) {
						if !pick.MatchString(m.Kind) {
							continue
						}
						is := read(n, src, m.Capture)
						outcome, loud, problems := compare(was, is)
						if is.refused != nil && !errors.Is(is.refused, scrape.ErrLayout) {
							t.Errorf("%s: %s: it fails, and is not refused: %v", m.Kind, m.Where, is.refused)
						}
						if m.Kind == "unchanged" && outcome != outcomeSame {
							t.Errorf("the capture taken apart and put together again is %s: %v", outcome, problems)
						}
						if outcome == outcomeSlipped {
							at := slices.IndexFunc(list, func(u undetectable) bool { return u.matches(id, m) })
							switch {
							case at < 0:
								t.Errorf("%s: %s, %s: %d figures (told: %t), among them %s", m.Kind, m.Table, m.Where, len(problems), loud, strings.Join(problems[:min(3, len(problems))], "; "))
							case list[at].quiet && !loud && total(is.counts) != total(was.counts):
								t.Errorf("%s: %s, %s: %d relations, the original has %d: something in the file does change", m.Kind, m.Table, m.Where, total(is.counts), total(was.counts))
							}
							outcome = "undetectable"
							mu.Lock()
							if at >= 0 {
								needed[at] = true
							}
							mu.Unlock()
						}
						mu.Lock()
						if tally[m.Kind] == nil {
							tally[m.Kind] = map[string]int{}
						}
						tally[m.Kind][id+" "+outcome]++
						mu.Unlock()
					}
				})
			}
		}
	})
	made := 0
	for _, k := range scrapetest.Kinds() {
		var outcomes []string
		for o, n := range tally[k] {
			outcomes = append(outcomes, fmt.Sprintf("%s %d", o, n))
			made += n
		}
		slices.SortFunc(outcomes, cmp.Compare)
		t.Logf("%-30s %s", k, strings.Join(outcomes, ", "))
		if len(outcomes) == 0 && *only == "" && slow == 1 {
			t.Errorf("no mutant of kind %s was made", k)
		}
	}
	t.Logf("%d mutants", made)
	if os.Getenv("DAYLIGHT_CAPTURES") != "" || *only != "" || *every != 1 {
		return
	}
	for i, u := range list {
		if !needed[i] {
			t.Errorf("no mutant needs the entry of %s, %s, %s: remove it", u.kinds, u.source, u.table)
		}
	}
}
