package claim

import (
	"encoding/csv"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/queries"
)

// lists are the places that the vocabulary of the project has, read from its file: the
// package may not import normalize.
func lists(t testing.TB) Lists {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "normalize", "vocab", "jurisdiction.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	l := Lists{Aliases: map[string][]string{}}
	for _, v := range lines[1:] {
		l.Places = append(l.Places, Place{Code: v[0], Name: v[1], Kind: v[3]})
		if v[2] != "" {
			l.Aliases[v[0]] = strings.Split(v[2], "|")
		}
	}
	if len(l.Places) < 200 {
		t.Fatalf("only %d places", len(l.Places))
	}
	return l
}

var (
	germany = Place{"DE", "Germany", "country"}
	states  = Place{"US", "United States", "country"}
	union   = Place{"EU", "European Union", "group"}
)

func plain(n float64) Number { return Number{Value: n} }

// of makes a subject of one provider and pairs PROCESS/MEASURE.
func of(provider string, place Place, figures ...string) Subject {
	s := Subject{Provider: provider, Place: place}
	for _, f := range figures {
		process, measure, _ := strings.Cut(f, "/")
		s.Figures = append(s.Figures, Figure{process, measure})
	}
	return s
}

func TestRead(t *testing.T) {
	fisa := of("microsoft", Place{}, "fisa_content/accounts_specified")
	requests := of("microsoft", Place{}, "requests/requests_received")
	german := of("microsoft", germany, "requests/requests_received")
	h := func(labels ...string) []Period {
		var out []Period
		for _, l := range labels {
			p, ok := half(l)
			if y, isYear := year(l); isYear {
				p, ok = Period{Year: y}, true
			}
			if !ok {
				t.Fatalf("%q is no period", l)
			}
			out = append(out, p)
		}
		return out
	}
	one := h("2022-H1")
	tests := map[string]struct {
		sentence string
		want     Claim
	}{
		"rose":                {"Microsoft FISA content accounts rose between 2019-H1 and 2023-H1", Claim{fisa, Statement{Verb: Rose}, h("2019-H1", "2023-H1"), ""}},
		"full_stop":           {"Microsoft FISA content accounts rose between 2019-H1 and 2023-H1.", Claim{fisa, Statement{Verb: Rose}, h("2019-H1", "2023-H1"), ""}},
		"small_letters":       {"microsoft fisa content accounts rose between 2019-h1 and 2023-h1", Claim{fisa, Statement{Verb: Rose}, h("2019-H1", "2023-H1"), ""}},
		"capitals":            {"MICROSOFT FISA CONTENT ACCOUNTS ROSE FROM 2013 TO 2014", Claim{fisa, Statement{Verb: Rose}, h("2013", "2014"), ""}},
		"period_first":        {"From 2019-H1 to 2023-H1, Microsoft FISA content accounts fell", Claim{fisa, Statement{Verb: Fell}, h("2019-H1", "2023-H1"), ""}},
		"periods_in_words":    {"Microsoft’s FISA content accounts fell from H1 2019 to the second half of 2021", Claim{fisa, Statement{Verb: Fell}, h("2019-H1", "2021-H2"), ""}},
		"half_without_hyphen": {"Microsoft FISA content accounts were unchanged between 2019H1 and 2019H2", Claim{fisa, Statement{Verb: Same}, h("2019-H1", "2019-H2"), ""}},
		"stayed_the_same":     {"Microsoft FISA content accounts stayed the same between 2019-H1 and 2019-H2", Claim{fisa, Statement{Verb: Same}, h("2019-H1", "2019-H2"), ""}},
		"rose_by": {"Microsoft FISA content accounts rose by more than 25 % between 2019-H1 and 2023-H1",
			Claim{fisa, Statement{Verb: Rose, Op: Above, X: plain(25)}, h("2019-H1", "2023-H1"), ""}},
		"fell_by": {"Microsoft FISA content accounts fell by at most 12.50% between 2019-H1 and 2023-H1",
			Claim{fisa, Statement{Verb: Fell, Op: AtMost, X: Number{12.5, 2}}, h("2019-H1", "2023-H1"), ""}},
		"rose_by_a_range": {"Microsoft FISA content accounts rose by 25–41 percent between 2019-H1 and 2023-H1",
			Claim{fisa, Statement{Verb: Rose, Op: Between, X: plain(25), Y: plain(41)}, h("2019-H1", "2023-H1"), ""}},
		"two_signs": {"Microsoft FISA content accounts rose by between 25 % and 41 % between 2019-H1 and 2023-H1",
			Claim{fisa, Statement{Verb: Rose, Op: Between, X: plain(25), Y: plain(41)}, h("2019-H1", "2023-H1"), ""}},
		"doubled":                {"Microsoft requests doubled between 2013 and 2014", Claim{requests, Statement{Verb: Times, Op: AtLeast, X: plain(2)}, h("2013", "2014"), ""}},
		"more_doubled":           {"Microsoft requests more than doubled between 2013 and 2014", Claim{requests, Statement{Verb: Times, Op: Above, X: plain(2)}, h("2013", "2014"), ""}},
		"halved":                 {"Microsoft requests at least halved between 2013 and 2014", Claim{requests, Statement{Verb: Times, Op: AtMost, X: Number{.5, 1}}, h("2013", "2014"), ""}},
		"more_halved":            {"Microsoft requests more than halved between 2013 and 2014", Claim{requests, Statement{Verb: Times, Op: Below, X: Number{.5, 1}}, h("2013", "2014"), ""}},
		"equals":                 {"Microsoft requests were 39,083.42 in 2022-H1", Claim{requests, Statement{Verb: Counts, Op: Equals, X: Number{39083.42, 2}}, one, ""}},
		"period_before_the_verb": {"Microsoft requests in 2022-H1 were 39,083.42 as of 2022-H1", Claim{requests, Statement{Verb: Counts, Op: Equals, X: Number{39083.42, 2}}, one, "2022-H1"}},
		"exactly":                {"Microsoft requests were exactly 39083 in 2022-H1", Claim{requests, Statement{Verb: Counts, Op: Equals, X: plain(39083)}, one, ""}},
		"a_year_as_number": {"Microsoft requests were 2013 in 2013",
			Claim{requests, Statement{Verb: Counts, Op: Equals, X: plain(2013)}, h("2013"), ""}},
		"at_least":   {"Microsoft requests were at least 12,500 in 2022-H1", Claim{requests, Statement{Verb: Counts, Op: AtLeast, X: plain(12500)}, one, ""}},
		"fewer_than": {"In 2022-H1 Microsoft requests were fewer than 12500", Claim{requests, Statement{Verb: Counts, Op: Below, X: plain(12500)}, one, ""}},
		"between": {"Microsoft requests were between 2019 and 2023 in 2022-H1",
			Claim{requests, Statement{Verb: Counts, Op: Between, X: plain(2019), Y: plain(2023)}, one, ""}},
		"band_as_printed": {"Microsoft requests were 6,000 - 6,999 in 2022-H1",
			Claim{requests, Statement{Verb: Counts, Op: Between, X: plain(6000), Y: plain(6999)}, one, ""}},
		"from_a_place":   {"Microsoft requests from Germany ranked 1st in 2022-H1", Claim{german, Statement{Verb: Ranks, Op: Equals, X: plain(1)}, one, ""}},
		"code_of_place":  {"Microsoft requests from DE ranked first in 2022-H1", Claim{german, Statement{Verb: Ranks, Op: Equals, X: plain(1)}, one, ""}},
		"place_in_front": {"Germany requests to Microsoft ranked in the top 5 in 2022-H1", Claim{german, Statement{Verb: Ranks, Op: AtMost, X: plain(5)}, one, ""}},
		"twelfth": {"Requests from the Republic of Korea at Google ranked 12th in 2022-H1",
			Claim{of("google", Place{"KR", "South Korea", "country"}, "requests/requests_received"), Statement{Verb: Ranks, Op: Equals, X: plain(12)}, one, ""}},
		"group": {"Google EU requests were 6,903 in 2012-H2",
			Claim{of("google", union, "requests/requests_received"), Statement{Verb: Counts, Op: Equals, X: plain(6903)}, h("2012-H2"), ""}},
		"place_of_many_words": {"Google requests from Bosnia and Herzegovina rose from 2019-H1 to 2020-H1",
			Claim{of("google", Place{"BA", "Bosnia and Herzegovina", "country"}, "requests/requests_received"), Statement{Verb: Rose}, h("2019-H1", "2020-H1"), ""}},
		"worldwide": {"Microsoft requests worldwide doubled between 2013 and 2014", Claim{requests, Statement{Verb: Times, Op: AtLeast, X: plain(2)}, h("2013", "2014"), ""}},
		"share_of_the_same_place": {"Microsoft rejected requests from Germany were 40.13 % of requests in 2022-H1",
			Claim{of("microsoft", germany, "requests/outcome_rejected"), Statement{Verb: Shares, Op: Equals, X: Number{40.13, 2}, Whole: &german}, one, ""}},
		"share_of_the_world": {"Microsoft United States requests made up more than 24 % of all requests in 2022-H1",
			Claim{of("microsoft", states, "requests/requests_received"), Statement{Verb: Shares, Op: Above, X: plain(24), Whole: &requests}, one, ""}},
		"whole_written_out": {"Microsoft rejected requests made up 3 % of Microsoft requests from Germany in 2022-H1",
			Claim{of("microsoft", Place{}, "requests/outcome_rejected"), Statement{Verb: Shares, Op: Equals, X: plain(3), Whole: &german}, one, ""}},
		"plus": {"Microsoft criminal plus emergency + civil accounts were 92,161 in 2021",
			Claim{of("microsoft", Place{}, "law_enforcement_all/accounts_specified", "emergency_disclosure/accounts_specified", "civil/accounts_specified"),
				Statement{Verb: Counts, Op: Equals, X: plain(92161)}, h("2021"), ""}},
		"plus_of_two_measures": {"Apple account request accounts plus emergency requests were 84,604 in 2020",
			Claim{of("apple", Place{}, "account_request/accounts_specified", "emergency_disclosure/requests_received"),
				Statement{Verb: Counts, Op: Equals, X: plain(84604)}, h("2020"), ""}},
		"account_requests": {"Apple account requests were 5 in 2022-H1",
			Claim{of("apple", Place{}, "account_request/requests_received"), Statement{Verb: Counts, Op: Equals, X: plain(5)}, one, ""}},
		"part_of_a_recipe": {"Microsoft civil accounts were 1 % of all but national-security accounts in 2022-H1",
			Claim{of("microsoft", Place{}, "civil/accounts_specified"), Statement{Verb: Shares, Op: Equals, X: plain(1),
				Whole: &Subject{Provider: "microsoft", Figures: []Figure{{"all_but_national_security", "accounts_specified"}}}}, one, ""}},
		"letters": {"Google national security letters were 0–499 in 2022-H1",
			Claim{of("google", Place{}, "nsl/requests_received"), Statement{Verb: Counts, Op: Between, X: plain(0), Y: plain(499)}, one, ""}},
		"national_security": {"Apple national-security orders were 250-499 in 2022-H1",
			Claim{of("apple", Place{}, "national_security_combined/requests_received"), Statement{Verb: Counts, Op: Between, X: plain(250), Y: plain(499)}, one, ""}},
		"warrants": {"Google search warrants were over 5 in 2022-H1",
			Claim{of("google", Place{}, "search_warrant/requests_received"), Statement{Verb: Counts, Op: Above, X: plain(5)}, one, ""}},
		"rejected_emergencies": {"Microsoft rejected emergency requests were 5 in 2022-H1",
			Claim{of("microsoft", Place{}, "emergency_disclosure/outcome_rejected"), Statement{Verb: Counts, Op: Equals, X: plain(5)}, one, ""}},
		"non_content": {"Apple FISA non content accounts were 5 in 2022-H1",
			Claim{of("apple", Place{}, "fisa_noncontent/accounts_specified"), Statement{Verb: Counts, Op: Equals, X: plain(5)}, one, ""}},
		"as_of_an_edition": {"Microsoft FISA content accounts rose between 2019-H1 and 2021-H1 as of microsoft/usnsor/2021-H2",
			Claim{fisa, Statement{Verb: Rose}, h("2019-H1", "2021-H1"), "microsoft/usnsor/2021-H2"}},
		"as_of_a_label": {"Microsoft FISA content accounts rose between 2019-H1 and 2021-H1 as of H2 2021",
			Claim{fisa, Statement{Verb: Rose}, h("2019-H1", "2021-H1"), "2021-H2"}},
		"as_of_now": {"Microsoft FISA content accounts rose between 2019-H1 and 2021-H1 as of now", Claim{fisa, Statement{Verb: Rose}, h("2019-H1", "2021-H1"), ""}},
	}
	r := NewReader(lists(t))
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := r.Read(tc.sentence)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			again, err := r.Read(got.String())
			if err != nil {
				t.Fatalf("its own sentence: %v", err)
			}
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("read again from %q: -want +got:\n%s", got, diff)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	tests := map[string]struct{ sentence, problem, nearest string }{
		"empty":        {" . ", "it has no words", ""},
		"unknown_word": {"Microsoft FISA content acounts rose between 2019-H1 and 2023-H1", `"acounts" is no word of the grammar (did you mean "accounts"?)`, "Microsoft FISA content accounts rose between 2019-H1 and 2023-H1"},
		"two_unknown": {"Mircosoft FISA content accounts probably rose between 2019-H1 and 2023-H1",
			`"Mircosoft" is no word of the grammar (did you mean "microsoft"?), "probably" is no word of the grammar`, "Microsoft FISA content accounts rose between 2019-H1 and 2023-H1"},
		"opinion":     {"It is good that Microsoft publishes figures", `"It" is no word of the grammar, "good" is no word of the grammar (did you mean "cook"?), "that" is no word of the grammar (did you mean "than"?), "publishes" is no word of the grammar, "figures" is no word of the grammar`, ""},
		"no_provider": {"FISA content accounts rose between 2019-H1 and 2023-H1", `"rose" (byte 23) stands where a provider or a place was expected`, ""},
		"no_measure":  {"Microsoft FISA content rose between 2019-H1 and 2023-H1", `"rose" (byte 24) stands where a measure was expected`, "Microsoft FISA content requests rose between 2019-H1 and 2023-H1"},
		"which_fisa": {"Microsoft FISA accounts rose between 2019-H1 and 2023-H1", `"FISA" (byte 11) stands where a place, a measure, a process or an outcome was expected; phrases with that word: FISA content, FISA non-content, FISA noncontent`,
			"Microsoft FISA content accounts rose between 2019-H1 and 2023-H1"},
		"no_period":       {"Microsoft requests were 5", "it ends where a period such as in 2019-H1 or % is missing", ""},
		"no_in":           {"Microsoft requests were 5 2013-H1", `"2013-H1" (byte 27) stands where a period such as in 2019-H1 or % was expected`, "Microsoft requests were 5 in 2013-H1"},
		"one_period":      {"Microsoft requests rose in 2013-H1", `"rose" compares two periods: say "between P1 and P2"`, ""},
		"two_periods":     {"Microsoft requests were 5 between 2013-H1 and 2014-H1", `"were 5" speaks of one period: say "in P"`, ""},
		"backwards":       {"Microsoft requests rose between 2014-H1 and 2013-H1", "2013-H1 lies before 2014-H1: name the earlier period first", ""},
		"overlap":         {"Microsoft requests rose between 2014-H1 and 2014", "2014-H1 and 2014 share days: a period is compared with a later one", ""},
		"downwards":       {"Microsoft requests were between 6 and 5 in 2013-H1", "6 to 5 runs downwards: name the lower number first", ""},
		"of_itself":       {"Microsoft requests from Germany were 40 % of requests in 2020-H2", `the part and the whole are the same: say "of all requests" or name what the whole is`, ""},
		"two_companies":   {"Microsoft requests were 40 % of Google requests in 2020-H2", "figures of two providers are no part and whole: each provider counts other instruments", ""},
		"rank_of_world":   {"Microsoft requests ranked first in 2020-H2", "only a single jurisdiction has a rank: say from which the requests come", ""},
		"rank_of_group":   {"Microsoft requests from the EU ranked first in 2020-H2", "only a single jurisdiction has a rank: say from which the requests come", ""},
		"two_lengths":     {"Microsoft requests rose between 2014-H1 and 2015", "2014-H1 and 2015 are not of one length: compare half-years or years", ""},
		"holds_never":     {"Microsoft requests rose by at most 0 % between 2014-H1 and 2015-H1", `"rose by at most 0 %" holds for no number`, ""},
		"rank_zero":       {"Microsoft requests from Germany ranked in the top 0 in 2020-H2", "ranks count from 1", ""},
		"korea":           {"Microsoft requests from Korea rose from 2013-H1 to 2014-H1", `"Korea" (byte 25) stands where a period such as 2019-H1 or a place was expected; phrases with that word: North Korea, South Korea`, "Microsoft requests from North Korea rose between 2013-H1 and 2014-H1"},
		"twice":           {"Microsoft requests plus requests rose from 2013-H1 to 2014-H1", `"requests" is named twice`, ""},
		"two_providers":   {"Microsoft Google requests rose from 2013-H1 to 2014-H1", `"Google" (byte 11) stands where a place, a measure, a process or an outcome was expected`, "Google requests rose between 2013-H1 and 2014-H1"},
		"no_percent":      {"Microsoft requests rose by 25 from 2013-H1 to 2014-H1", `"from" (byte 31) stands where % was expected`, "Microsoft requests rose by 25 % between 2013-H1 and 2014-H1"},
		"decimal_comma":   {"Microsoft requests rose by 25,5 % from 2013-H1 to 2014-H1", `"25,5" is no number such as 12,500 or 40.13`, ""},
		"too_many_digits": {"Microsoft requests were 1234567890123456 in 2013", `"1234567890123456" is no number such as 12,500 or 40.13`, ""},
		"rejected_what":   {"Microsoft rejected accounts rose from 2013-H1 to 2014-H1", `"accounts" (byte 20) stands where requests or a process was expected`, "Microsoft accounts rose between 2013-H1 and 2014-H1"},
		"too_long":        {strings.Repeat("Microsoft ", 60), "it is longer than 500 bytes", ""},
		"too_many_words":  {strings.Repeat("a ", 80), "it has more than 60 words", ""},
	}
	r := NewReader(lists(t))
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := r.Read(tc.sentence)
			var u *Unreadable
			if !errors.As(err, &u) || !errors.Is(err, queries.ErrUsage) {
				t.Fatalf("%v is no *Unreadable", err)
			}
			want := "the sentence cannot be read: " + tc.problem
			if tc.nearest != "" {
				want += "\n  nearest: " + tc.nearest
			}
			if diff := cmp.Diff(want, err.Error()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestTwoReadings: a sentence that may mean two things is refused with both.
func TestTwoReadings(t *testing.T) {
	tests := map[string]struct {
		sentence string
		want     []string
	}{
		"content_requests": {"Microsoft content requests rose between 2013-H1 and 2014-H1", []string{
			"Microsoft content disclosures rose between 2013-H1 and 2014-H1",
			"Microsoft FISA content requests rose between 2013-H1 and 2014-H1",
		}},
		"all_of_what": {"Microsoft rejected requests from Germany were 40 % of all requests in 2020-H2", []string{
			"Microsoft rejected requests from Germany made up 40 % of requests worldwide in 2020-H2",
			"Microsoft rejected requests from Germany made up 40 % of requests in 2020-H2",
		}},
	}
	r := NewReader(lists(t))
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := r.Read(tc.sentence)
			var u *Unreadable
			if !errors.As(err, &u) {
				t.Fatalf("%v is no *Unreadable", err)
			}
			var got []string
			for _, c := range u.Readings {
				got = append(got, c.String())
				if one, err := r.Read(c.String()); err != nil || !cmp.Equal(one, c) {
					t.Errorf("the reading %q is read as %q, %v", c, one, err)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if !strings.Contains(err.Error(), "more than one reading") {
				t.Errorf("the error does not say so: %v", err)
			}
		})
	}
}

// TestWordsAreOfTheForm refuses a word list that a reader of it could not trust.
func TestWordsAreOfTheForm(t *testing.T) {
	tests := map[string]struct{ csv, want string }{
		"no_header":    {"provider,Microsoft,microsoft,\n", "words.csv: the first line is not kind,phrase,code,note"},
		"empty":        {"", "words.csv: the first line is not kind,phrase,code,note"},
		"unknown_kind": {"kind,phrase,code,note\nprovder,Microsoft,microsoft,\n", `words.csv line 2: unknown kind "provder"`},
		"no_phrase":    {"kind,phrase,code,note\nprovider,.,microsoft,\n", `words.csv line 2: phrase ".": want words, and one silent word a line`},
		"silent_two":   {"kind,phrase,code,note\nsilent,of the,,\n", `words.csv line 2: phrase "of the": want words, and one silent word a line`},
		"short_line":   {"kind,phrase,code,note\nprovider,Microsoft\n", "words.csv: record on line 2: wrong number of fields"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := readWords(strings.NewReader(tc.csv)); err == nil || err.Error() != tc.want {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

func TestExamples(t *testing.T) {
	r := NewReader(lists(t))
	for _, e := range Examples {
		if _, err := r.Read(e); err != nil {
			t.Errorf("%s: %v", e, err)
		}
		if !strings.Contains(Grammar(), e) {
			t.Errorf("the grammar does not show %q", e)
		}
	}
}

// TestReadme: the page shows the grammar that the program explains.
func TestReadme(t *testing.T) {
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), "```\n"+Grammar()+"```\n") {
		t.Errorf("README.md does not show the grammar that daylight check --grammar prints:\n%s", Grammar())
	}
}

// random makes a claim out of anything that the words allow.
func random(rng *rand.Rand, l Lists) Claim {
	w := vocabulary()
	codes := func(kind string) []string {
		var out []string
		for _, r := range w.rows {
			if r.kind == kind {
				out = append(out, r.code)
			}
		}
		return out
	}
	pick := func(list []string) string { return list[rng.IntN(len(list))] }
	figures := func() []Figure {
		var out []Figure
		for range 1 + rng.IntN(3) {
			f := Figure{ownTotal, pick(append(codes("measure"), codes("outcome")...))}
			if rng.IntN(4) > 0 {
				f.Process, _, _ = strings.Cut(pick(codes("process")), "/")
			}
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
		return out
	}
	place := func() Place {
		p := l.Places[rng.IntN(len(l.Places))]
		if p.Code == world || rng.IntN(3) == 0 {
			return Place{}
		}
		return p
	}
	num := func() Number {
		n := Number{Decimals: rng.IntN(4)}
		// Through its text: a sum of floats is not always the number that it prints.
		n.Value, _ = strconv.ParseFloat(strconv.FormatFloat(rng.Float64()*math.Pow10(rng.IntN(9)), 'f', n.Decimals, 64), 64)
		return n
	}
	bound := func(s *Statement) {
		s.X = num()
		if s.Op = []Op{Equals, AtLeast, Above, AtMost, Below, Between}[rng.IntN(6)]; s.Op == Between {
			s.Y = num()
			if s.X.Value > s.Y.Value {
				s.X, s.Y = s.Y, s.X
			}
		}
	}
	c := Claim{Subject: Subject{pick(codes("provider")), place(), figures()}}
	y := 1900 + rng.IntN(1099)
	a := Period{y, rng.IntN(3)}
	c.Periods = []Period{a}
	if rng.IntN(3) == 0 {
		c.AsOf = []string{"2018-H1", "2018", "google/user-data/2018-H1"}[rng.IntN(3)]
	}
	s := &c.Statement
	s.Verb = []Verb{Rose, Fell, Same, Times, Counts, Ranks, Shares}[rng.IntN(7)]
	switch s.Verb {
	case Rose, Fell:
		if rng.IntN(2) == 0 {
			bound(s)
		}
	case Times:
		s.X, _ = number(pick(codes("times")))
		s.Op = []Op{AtLeast, Above}[rng.IntN(2)]
		if s.X.Value < 1 {
			s.Op = []Op{AtMost, Below}[rng.IntN(2)]
		}
	case Counts:
		bound(s)
	case Ranks:
		s.Op, s.X = []Op{Equals, AtMost}[rng.IntN(2)], plain(float64(1+rng.IntN(200)))
	case Shares:
		bound(s)
		whole := Subject{c.Subject.Provider, place(), figures()}
		s.Whole = &whole
	}
	if s.Verb == Rose || s.Verb == Fell || s.Verb == Same || s.Verb == Times {
		c.Periods = append(c.Periods, Period{y + 1, a.Half})
	}
	return c
}

// TestClaimsReadBack: what a claim prints is read as the same claim.
func TestClaimsReadBack(t *testing.T) {
	l := lists(t)
	r := NewReader(l)
	rng := rand.New(rand.NewPCG(1, 2))
	n := 0
	for range 20_000 {
		c := random(rng, l)
		if c.senseless() != "" || len(c.String()) > maxBytes || len(split(c.String())) > maxTokens {
			continue
		}
		n++
		got, err := r.Read(c.String())
		if err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		if diff := cmp.Diff(c, got); diff != "" {
			t.Fatalf("%s: -want +got:\n%s", c, diff)
		}
	}
	if n < 10_000 {
		t.Errorf("only %d claims", n)
	}
}

// TestWordsAreOfTheLists holds the codes of words.csv against the vocabulary's files.
func TestWordsAreOfTheLists(t *testing.T) {
	column := func(name string, at int) map[string]bool {
		f, err := os.Open(filepath.Join("..", "..", "normalize", "vocab", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines, err := csv.NewReader(f).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, l := range lines[1:] {
			out[l[at]] = true
		}
		return out
	}
	processes, measures, providers := column("process.csv", 0), column("measure.csv", 0), column("rollup.csv", 1)
	for recipe := range column("rollup.csv", 0) {
		processes[recipe] = true
	}
	places := column("jurisdiction.csv", 0)
	if !processes[ownTotal] || !measures[received] || !places[world] {
		t.Error("a code that the grammar knows by name is in no list")
	}
	for _, w := range vocabulary().rows {
		process, measure, both := strings.Cut(w.code, "/")
		known := true
		switch w.kind {
		case "provider":
			known = providers[w.code]
		case "process":
			known = processes[process] && (!both || measures[measure])
		case "measure", "outcome":
			known = measures[w.code]
		case "place":
			known = places[w.code]
		case "times", "ordinal":
			_, known = number(w.code)
		case "op":
			known = slices.Contains([]Op{Equals, AtLeast, Above, AtMost, Below}, Op(w.code))
		default:
			known = w.code == ""
		}
		if !known {
			t.Errorf("words.csv: %s %q: no list has the code %q", w.kind, w.phrase, w.code)
		}
	}
}

// TestPlacesReadBack: every name and alias of the list is its own place's.
func TestPlacesReadBack(t *testing.T) {
	l := lists(t)
	r := NewReader(l)
	for _, p := range l.Places {
		if p.Code == world {
			continue
		}
		for _, name := range append(l.Aliases[p.Code], p.Name) {
			c, err := r.Read("Google requests from " + name + " rose from 2013 to 2014")
			if err != nil || c.Subject.Place != p {
				t.Errorf("%s: read as %+v, %v", name, c.Subject.Place, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, e := range Examples {
		f.Add(e)
	}
	f.Add("Microsoft content requests were 6,000–6,999 % of all accounts in the second half of 2013.")
	f.Add("FROM 2013 TO 2014 Apple’s device requests plus emergency + account from US at least halved as of now")
	f.Add("Google requests from Korea were between 1 % and 2 % in 2013 as of a/b/c")
	r := NewReader(lists(f))
	f.Fuzz(func(t *testing.T, sentence string) {
		c, err := r.Read(sentence)
		if err != nil {
			if u := new(Unreadable); !errors.As(err, &u) || u.Problem == "" {
				t.Fatalf("%q: %v", sentence, err)
			}
			return
		}
		again, err := r.Read(c.String())
		if err != nil {
			t.Fatalf("%q reads as %q: %v", sentence, c, err)
		}
		if diff := cmp.Diff(c, again); diff != "" {
			t.Fatalf("%q reads as %q: -want +got:\n%s", sentence, c, diff)
		}
	})
}
