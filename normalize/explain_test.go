package normalize

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
)

// told prints a rule short: attribute, code, what it was read from, and the row.
func told(r Rule) string {
	s := fmt.Sprintf("%s=%s", r.Attribute, r.Code)
	if r.Printed != "" {
		s += fmt.Sprintf(" from %q", r.Printed)
	}
	if r.File != "" {
		s += " by " + strings.TrimPrefix(r.File, "normalize/")
	}
	if r.Line > 0 {
		// The row itself instead of its number: a line more above would change them all.
		s += ": " + strings.Split(acmeLabels, "\n")[r.Line-1]
	}
	if r.Note != "" {
		s += " (" + r.Note + ")"
	}
	return s
}

func TestExplain(t *testing.T) {
	n := acme(t)
	const always = "requester_level=any (not printed, and no row says otherwise)"
	class := "customer_class=all (not printed, and no row says otherwise)"
	service := "service=microsoft by labels/acme.csv: default,,service,microsoft,,,,"
	basis := "basis=as_published (not printed, and no row says otherwise)"
	text := " by labels/acme.csv: default,,period,text,,,, (read by the rule text)"
	tests := map[string]struct {
		row  scrape.Row
		want []string
	}{
		"names_of_both_files": {
			row("criminal", 3, " Requests ", "1,234", "period=2013 H1", "country=Beligum*"),
			[]string{
				`period=2013-H1 from "2013 H1"` + text,
				`jurisdiction=BE from "Beligum*" by labels/acme.csv: jurisdiction,,Beligum,BE,,,label_typo_suspected,`,
				`process=law_enforcement_all by labels/acme.csv: default,criminal,process,law_enforcement_all,,,,`,
				`measure=requests_received from "Requests" by labels/acme.csv: column,,Requests,requests_received,,requests,,`,
				`unit=requests from "Requests" by labels/acme.csv: column,,Requests,requests_received,,requests,,`,
				service, always, class, basis,
				`exactness=exact from "1,234" (read as 1234)`,
				`quality_flag=footnote_mark (set by the program)`,
				`quality_flag=label_typo_suspected from "Beligum" by labels/acme.csv: jurisdiction,,Beligum,BE,,,label_typo_suspected,`,
			},
		},
		"name_and_code_of_the_list": {
			row("criminal", 3, "Accounts", "0", "period=2010 H1", "country=Deutschland †", "country_code=DE"),
			[]string{
				`period=2010-H1 from "2010 H1"` + text,
				`jurisdiction=DE from "DE" by vocab/jurisdiction.csv (the printed code)`,
				`process=law_enforcement_all by labels/acme.csv: default,criminal,process,law_enforcement_all,,,,`,
				`measure=accounts_specified from "Accounts" by labels/acme.csv: column,,Accounts,accounts_specified,,,,`,
				`unit=accounts from "Accounts" by labels/acme.csv: column,,Accounts,accounts_specified,,,,`,
				service, always, class, basis,
				`exactness=exact from "0" (read as 0)`,
				`quality_flag=zero_means_not_reported from "/2010-12-31" by labels/acme.csv: zero,,/2010-12-31,accounts_specified,,,zero_means_not_reported,`,
			},
		},
		"name_of_the_list": {
			row("criminal", 3, "Requests", "Kept back", "period=2013 H1", "country=Turkey*"),
			[]string{
				`period=2013-H1 from "2013 H1"` + text,
				`jurisdiction=TR from "Turkey*" by vocab/jurisdiction.csv (a name of the list)`,
				`process=law_enforcement_all by labels/acme.csv: default,criminal,process,law_enforcement_all,,,,`,
				`measure=requests_received from "Requests" by labels/acme.csv: column,,Requests,requests_received,,requests,,`,
				`unit=requests from "Requests" by labels/acme.csv: column,,Requests,requests_received,,requests,,`,
				service, always, class, basis,
				`exactness=withheld from "Kept back" by labels/acme.csv: missing,,Kept back,withheld,,,,`,
				`quality_flag=footnote_mark (set by the program)`,
			},
		},
		"line_and_column_name_a_process": {
			row("ns", 3, "Content orders", "0 - 999", "period=2014 H1", "process=FISA orders", "product=Phone"),
			[]string{
				`period=2014-H1 from "2014 H1"` + text,
				`jurisdiction=US by labels/acme.csv: default,ns,jurisdiction,US,,,,`,
				`process=fisa_content from "FISA orders" by labels/acme.csv: process,,FISA orders,fisa_all,,,,`,
				`process=fisa_content from "Content orders" by labels/acme.csv: column,ns,Content orders,requests_received,fisa_content,orders,, (of the line's process and the column's the narrower one)`,
				`measure=requests_received from "Content orders" by labels/acme.csv: column,ns,Content orders,requests_received,fisa_content,orders,,`,
				`unit=orders from "Content orders" by labels/acme.csv: column,ns,Content orders,requests_received,fisa_content,orders,,`,
				`service=skype from "Phone" by labels/acme.csv: product,,Phone,skype,,,,`,
				always, class, basis,
				`exactness=band from "0 - 999" (read as 0-999)`,
				`band_scheme=doj2014_opt1_1000 by labels/acme.csv: scheme,ns,/2014-12-31,doj2014_opt1_1000,,,,`,
			},
		},
		"unit_of_the_process_and_class_of_the_column": {
			row("criminal", 3, "Enterprise warrants", "3", "period=2013 H1", "country=TOTAL"),
			[]string{
				`period=2013-H1 from "2013 H1"` + text,
				`jurisdiction=ZZ from "TOTAL" by labels/acme.csv: jurisdiction,,TOTAL,ZZ,,,,`,
				`process=search_warrant from "Enterprise warrants" by labels/acme.csv: column,criminal,Enterprise warrants,requests_received,search_warrant,requests,stored_abroad,`,
				`measure=requests_received from "Enterprise warrants" by labels/acme.csv: column,criminal,Enterprise warrants,requests_received,search_warrant,requests,stored_abroad,`,
				`unit=requests from "Enterprise warrants" by labels/acme.csv: column,criminal,Enterprise warrants,requests_received,search_warrant,requests,stored_abroad,`,
				service, always,
				`customer_class=enterprise from "Enterprise warrants" by labels/acme.csv: customer_class,,Enterprise warrants,enterprise,,,,`,
				basis,
				`exactness=exact from "3" (read as 3)`,
				`quality_flag=stored_abroad from "Enterprise warrants" by labels/acme.csv: column,criminal,Enterprise warrants,requests_received,search_warrant,requests,stored_abroad,`,
			},
		},
		"letters": {
			row("ns", 3, "Anything", "5", "period=2014 H1", "process=Letters"),
			[]string{
				`period=2014-H1 from "2014 H1"` + text,
				`jurisdiction=US by labels/acme.csv: default,ns,jurisdiction,US,,,,`,
				`process=nsl from "Letters" by labels/acme.csv: process,,Letters,nsl,,letters,,`,
				`measure=requests_received from "Anything" by labels/acme.csv: column,,Anything,requests_received,,,,`,
				`unit=letters from "Letters" by labels/acme.csv: process,,Letters,nsl,,letters,,`,
				service, always, class, basis,
				`exactness=exact from "5" (read as 5)`,
			},
		},
		"one_letter": {
			row("letters", 3, "Number", "NSL-12-345678", "date=2012-05-03", "item=NSL-12-345678"),
			[]string{
				`period=2012-05-03 from "2012-05-03" by labels/acme.csv: default,letters,period,day,,,, (read by the rule day)`,
				`jurisdiction=US by labels/acme.csv: default,letters,jurisdiction,US,,,,`,
				`process=nsl by labels/acme.csv: default,letters,process,nsl,,,,`,
				`measure=letters_issued from "Number" by labels/acme.csv: column,letters,Number,letters_issued,,,,`,
				`unit=letters from "Number" by labels/acme.csv: column,letters,Number,letters_issued,,,,`,
				service, always, class, basis,
				`item=NSL-12-345678 from "NSL-12-345678" (name of one single instrument, as printed)`,
				`exactness=exact from "NSL-12-345678" (read as 1: the line is one instrument, whose name stands where others print a count)`,
			},
		},
		"locale_of_the_table": {
			row("german", 3, "Accounts", "1.234", "period=2014 H1", "country=TOTAL"),
			[]string{
				`period=2014-H1 from "2014 H1"` + text,
				`jurisdiction=ZZ from "TOTAL" by labels/acme.csv: jurisdiction,,TOTAL,ZZ,,,,`,
				`process=civil by labels/acme.csv: default,german,process,civil,,,,`,
				`measure=accounts_specified from "Accounts" by labels/acme.csv: column,,Accounts,accounts_specified,,,,`,
				`unit=accounts from "Accounts" by labels/acme.csv: column,,Accounts,accounts_specified,,,,`,
				service, always, class, basis,
				`exactness=exact from "1.234" (read as 1234 in the locale de)`,
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := capture()
			sv, err := n.Survey(c, rowsOf(tc.row))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			m := &kept{}
			_, err = n.Explain(t.Context(), c, sv, rowsOf(tc.row), m, func(string) bool { return true }, func(x *Explained) error {
				for _, r := range x.Rules {
					got = append(got, told(r))
					if r.Title == "" && r.Attribute != "period" && r.Attribute != "item" {
						t.Errorf("%s: no title", told(r))
					}
				}
				if diff := cmp.Diff(tc.row.Keys, x.Keys); diff != "" || x.Header != tc.row.Value.Header {
					t.Errorf("header %q, keys: -want +got:\n%s", x.Header, diff)
				}
				if len(m.observations) != 1 || m.observations[0].Locator != x.Observation.Locator {
					t.Error("the sink did not have the observation first")
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s\nrejects: %+v", diff, m.rejects)
			}
		})
	}
}

// TestExplainChangesNothing: the figures are those of Capture, only the wanted ones are
// explained, and an error stops the run.
func TestExplainChangesNothing(t *testing.T) {
	n := acme(t)
	rows := []scrape.Row{
		row("criminal", 1, "Requests", "1", "period=2013 H1", "country=TOTAL"),
		row("criminal", 2, "Requests", "2", "period=2013 H1", "country=Nowhere"),
		row("criminal", 3, "Requests", "3", "period=2013 H1", "country=Beligum"),
	}
	plain, book, sv := normalizeRows(t, n, capture(), rows...)
	m := &kept{}
	var places []string
	again, err := n.Explain(t.Context(), capture(), sv, rowsOf(rows...), m, func(at string) bool { return at == "line 3 column 9" },
		func(x *Explained) error { places = append(places, x.Observation.Locator); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"line 3 column 9"}, places); diff != "" {
		t.Errorf("explained: -want +got:\n%s", diff)
	}
	if diff := cmp.Diff(book, again); diff != "" {
		t.Errorf("book: -want +got:\n%s", diff)
	}
	if len(m.observations) != len(plain.observations) || len(m.rejects) != len(plain.rejects) {
		t.Errorf("%d observations and %d rejects, want %d and %d", len(m.observations), len(m.rejects), len(plain.observations), len(plain.rejects))
	}
	stop := errors.New("stop")
	if _, err := n.Explain(t.Context(), capture(), sv, rowsOf(rows...), &kept{}, func(string) bool { return true },
		func(*Explained) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error %v, want %v", err, stop)
	}
}
