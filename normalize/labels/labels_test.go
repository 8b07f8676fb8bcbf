package labels

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"daylight/normalize/vocab"
)

const head = "kind,table,printed,code,process,unit,flag,note\n"

func mustVocab(t testing.TB) *vocab.Vocabulary {
	t.Helper()
	v, err := vocab.Load()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func set(t testing.TB, rows string) (*Set, error) {
	t.Helper()
	return LoadFS(fstest.MapFS{"acme.csv": {Data: []byte(head + rows)}}, "acme", mustVocab(t))
}

func mustSet(t testing.TB, rows string) *Set {
	t.Helper()
	s, err := set(t, rows)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every label file that ships must load: an unknown code in it is found here and not by
// the first user.
func TestEmbeddedFilesLoad(t *testing.T) {
	v := mustVocab(t)
	for _, p := range Providers() {
		t.Run(p, func(t *testing.T) {
			s, err := Load(p, v)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range s.All() {
				if l.Kind == KindDefault && l.Printed == "service" {
					return
				}
			}
			t.Errorf("labels of %s: no default service", p)
		})
	}
}

func TestFind(t *testing.T) {
	s := mustSet(t, `jurisdiction,,Beligum,BE,,,label_typo_suspected,
jurisdiction,civil,UK,GB,,,,
jurisdiction,,UK,UA,,,,
process,,,law_enforcement_all,,,,
default,,service,microsoft,,,,
default,skype,service,skype,,,,
column,,Accounts / Users,accounts_specified,,,,
`)
	for _, tc := range []struct {
		name           string
		kind           Kind
		table, printed string
		want           string
	}{
		{"folded", KindJurisdiction, "x", " BELIGUM\u00a0", "BE"},
		{"table_wins", KindJurisdiction, "civil", "UK", "GB"},
		{"every_table", KindJurisdiction, "criminal", "UK", "UA"},
		{"empty_word_has_a_row", KindProcess, "x", " ", "law_enforcement_all"},
		{"empty_word_has_none", KindJurisdiction, "x", "", ""},
		{"unknown", KindJurisdiction, "x", "Belgum", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l, ok := s.Find(tc.kind, tc.table, tc.printed)
			if l.Code != tc.want || ok != (tc.want != "") {
				t.Errorf("Find(%s, %s, %q) = %q, want %q", tc.kind, tc.table, tc.printed, l.Code, tc.want)
			}
		})
	}
	if got := s.Default("skype", "service"); got != "skype" {
		t.Errorf("Default(skype, service) = %q", got)
	}
	if got := s.Default("criminal", "service"); got != "microsoft" {
		t.Errorf("Default(criminal, service) = %q", got)
	}
	if l, _ := s.Find(KindColumn, "x", "Accounts / Users"); l.Unit != "accounts" {
		t.Errorf("the only unit of a measure is not filled in: %q", l.Unit)
	}
	if got := s.Nearest(KindJurisdiction, "x", "Swizerland"); got != "Switzerland" {
		t.Errorf("Nearest(Swizerland) = %q", got)
	}
	if got := s.Nearest(KindJurisdiction, "x", "To Be Determined"); got != "" {
		t.Errorf("Nearest(To Be Determined) = %q, want none", got)
	}
}

func TestRanges(t *testing.T) {
	s := mustSet(t, `scheme,ns,2011-07-01/2014-12-31,doj2014_opt1_1000,,,,
scheme,ns,2015-01-01/,ufa_a2_500,,,,
scheme,ns,2015-01-01/2015-06-30,doj2014_opt1_1000,nsl,,,
zero,,/2010-12-31,accounts_specified,,,zero_means_not_reported,
`)
	half := func(from, to string) (time.Time, time.Time) {
		a, err1 := time.Parse(time.DateOnly, from)
		b, err2 := time.Parse(time.DateOnly, to)
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		return a, b
	}
	for _, tc := range []struct{ name, table, process, from, to, want string }{
		{"first_regime", "ns", "fisa_content", "2014-07-01", "2014-12-31", "doj2014_opt1_1000"},
		{"second_regime", "ns", "fisa_content", "2015-01-01", "2015-06-30", "ufa_a2_500"},
		{"process_wins", "ns", "nsl", "2015-01-01", "2015-06-30", "doj2014_opt1_1000"},
		{"process_after", "ns", "nsl", "2015-07-01", "2015-12-31", "ufa_a2_500"},
		{"before", "ns", "nsl", "2011-01-01", "2011-06-30", ""},
		{"other_table", "criminal", "nsl", "2015-07-01", "2015-12-31", ""},
		{"across_the_border", "ns", "nsl", "2014-12-01", "2015-05-31", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, b := half(tc.from, tc.to)
			if got := s.Scheme(tc.table, tc.process, a, b); got != tc.want {
				t.Errorf("Scheme = %q, want %q", got, tc.want)
			}
		})
	}
	a, b := half("2010-07-01", "2010-12-31")
	if got := s.Zero("x", "y", "accounts_specified", a, b); len(got) != 1 {
		t.Errorf("Zero in range = %q", got)
	}
	if got := s.Zero("x", "y", "requests_received", a, b); len(got) != 0 {
		t.Errorf("Zero of another measure = %q", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tc := range []struct{ name, rows, want string }{
		{"unknown_jurisdiction", "jurisdiction,,Freedonia,FD,,,,\n", `acme.csv:2: jurisdiction "Freedonia": "FD" is not in vocab/jurisdiction.csv`},
		{"lower_case_code", "jurisdiction,,Germany,de,,,,\n", `"de" is not in`},
		{"unknown_measure", "column,,Requests,requests,,,,\n", `"requests" is not in vocab/measure.csv`},
		{"unknown_process", "process,,Warrant,warrant,,,,\n", `"warrant" is not in vocab/process.csv`},
		{"unknown_process_of_column", "column,,Warrants,requests_received,warrant,,,\n", `"warrant" is not in vocab/process.csv`},
		{"unit_of_another_measure", "column,,Accounts,accounts_specified,,requests,,\n", `measure "accounts_specified" is not counted in "requests"`},
		{"unknown_flag", "jurisdiction,,Germany,DE,,,odd,\n", `"odd" is not in vocab/quality_flag.csv`},
		{"unknown_kind", "country,,Germany,DE,,,,\n", `unknown kind "country"`},
		{"twice", "jurisdiction,,Germany,DE,,,,\njurisdiction,,GERMANY ,DE,,,,\n", `acme.csv:3: jurisdiction "GERMANY " stands in line 2 already`},
		{"missing_with_value", "missing,,-,exact,,,,\n", `is the exactness of a figure`},
		{"ignore_without_reason", "ignore,,Total,,,,,\n", `the note must say why`},
		{"overlapping_schemes", "scheme,,2015-01-01/,ufa_a2_500,,,,\nscheme,,/2015-06-30,ufa_a1_1000,,,,\n", `overlaps line 2`},
		{"broken_range", "scheme,,2015,ufa_a2_500,,,,\n", `want a range of days`},
		{"unknown_rule", "default,,period,guess,,,,\n", `default period: "guess"`},
		{"unknown_attribute", "default,,colour,red,,,,\n", `unknown attribute "colour"`},
		{"ragged", "default,,service\n", "wrong number of fields"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := set(t, tc.rows)
			if err == nil || !strings.Contains(err.Error(), tc.want) || !errors.Is(err, ErrLabel) {
				t.Errorf("load: %v, want %q", err, tc.want)
			}
		})
	}
	if _, err := Load("nobody", mustVocab(t)); !errors.Is(err, ErrLabel) {
		t.Errorf("Load(nobody): %v, want ErrLabel", err)
	}
}
