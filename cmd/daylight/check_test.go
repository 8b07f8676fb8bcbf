package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/queries/claim"
)

// TestCheck holds claims against the embedded data. The answers stand in testdata/golden, so
// that a change of one is seen in review; -update rewrites them.
func TestCheck(t *testing.T) {
	data := firstRun(t)
	check := func(t *testing.T, args ...string) (code int, out, errOut string) {
		t.Helper()
		var o, e bytes.Buffer
		code = run(t.Context(), append([]string{"check", "--data", data}, args...), strings.NewReader(""), &o, &e)
		return code, o.String(), e.String()
	}
	t.Run("answers", func(t *testing.T) {
		var b strings.Builder
		for _, sentence := range []string{
			// One printed band against another.
			"Microsoft FISA content accounts rose between 2019-H1 and 2023-H1",
			"Apple FISA content accounts rose by more than 450 % from 2018-H1 to 2024-H2",
			"Apple national security letters fell between 2018-H1 and 2025-H1",
			"Apple FISA content requests stayed the same between 2021-H1 and 2021-H2",
			// As an older edition had it.
			"Microsoft FISA content accounts were 15,500–15,999 in 2021-H1",
			"Microsoft FISA content accounts were 15,500–15,999 in 2021-H1 as of microsoft/usnsor/2021-H2",
			// A year of what carries over.
			"Microsoft FISA content accounts were at least 21,500 in 2022",
			// Sums of named figures, and one that the report does not print.
			"Microsoft criminal plus emergency plus civil accounts were 92,161 in 2021",
			"Microsoft criminal plus emergency plus civil accounts were 105,248 in 2016",
			"Microsoft all but national-security accounts were 105,248 in 2016",
			// A fraction that the report prints.
			"Microsoft requests were 39,083.42 in 2015-H2",
			"Microsoft requests were 39,083 in 2015-H2",
			"Microsoft requests were 39,084 in 2015-H2",
			// Shares: of the same place, of the world, of a sum over an excerpt, of a group.
			"Microsoft rejected requests from Germany were 40.13 % of requests in 2020-H2",
			"Microsoft requests from Germany made up more than 24 % of all requests in 2022-H1",
			"Meta requests from Germany made up less than 20 % of all requests in 2022-H1",
			"Google requests from the United Kingdom made up at most 30 % of requests from the EU in 2012-H2",
			// Ranks over an excerpt.
			"Microsoft requests from Germany ranked first in 2022-H1",
			"Microsoft requests from Taiwan ranked in the top 5 in 2022-H1",
			// Many cells, with a rest that is not listed.
			"Google requests were at least 50,000 in 2014",
		} {
			b.WriteString("$ daylight check " + `"` + sentence + `"` + "\n")
			b.WriteString(command(t, data, "check", sentence))
			b.WriteString("\n")
		}
		golden(t, filepath.Join("testdata", "golden", "check.txt"), b.String())
	})
	t.Run("document", func(t *testing.T) {
		got := command(t, data, "check", "Microsoft FISA content accounts rose between 2019-H1 and 2021-H1", "--format", "json")
		golden(t, filepath.Join("testdata", "golden", "check.json"), got)
		var answer claim.Answer
		if err := json.Unmarshal([]byte(got), &answer); err != nil || answer.Verdict != claim.Proven || len(answer.Cells) != 2 {
			t.Errorf("%+v, %v", answer, err)
		}
	})
	t.Run("row", func(t *testing.T) {
		got := command(t, data, "check", "Google requests were at least 50,000 in 2014", "--format", "csv")
		lines, err := csv.NewReader(strings.NewReader(got)).ReadAll()
		if err != nil || len(lines) != 2 {
			t.Fatalf("%q: %v", got, err)
		}
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = lines[1][i]
		}
		want := map[string]string{"verdict": "proven", "a_period": "2014", "b_period": "", "high": "", "unit": "requests", "needed": "at least 50,000"}
		for name, v := range want {
			if row[name] != v {
				t.Errorf("%s is %q, want %q", name, row[name], v)
			}
		}
		if row["advisory"] == "" || row["citation"] == "" {
			t.Error("no advisory or no citation")
		}
	})
	t.Run("unquoted", func(t *testing.T) {
		code, out, errOut := check(t, "Microsoft", "FISA", "content", "accounts", "rose", "between", "2019-H1", "and", "2023-H1")
		if code != exitClean || !strings.HasPrefix(out, "proven: ") {
			t.Errorf("exit code %d, %q, %q", code, out, errOut)
		}
	})
	t.Run("across_breaks", func(t *testing.T) {
		code, out, errOut := check(t, "Microsoft FISA content accounts rose from 2014-H1 to 2016-H1", "--across-breaks")
		if code != exitClean || !strings.Contains(out, "break of the series: Bands of 1,000 give way to bands of 500") {
			t.Errorf("exit code %d, %q, %q", code, out, errOut)
		}
	})
	t.Run("grammar", func(t *testing.T) {
		for _, args := range [][]string{nil, {"--grammar"}} {
			if code, out, errOut := check(t, args...); code != exitClean || out != claim.Grammar() {
				t.Errorf("%v: exit code %d, %q, %q", args, code, out, errOut)
			}
		}
		code, out, _ := check(t, "--format", "json")
		var doc struct {
			Grammar  string
			Examples []string
		}
		if err := json.Unmarshal([]byte(out), &doc); code != exitClean || err != nil || len(doc.Examples) < 6 {
			t.Errorf("exit code %d, %v", code, err)
		}
	})
	t.Run("examples", func(t *testing.T) {
		for _, e := range claim.Examples {
			if code, out, errOut := check(t, e); code != exitClean || out == "" {
				t.Errorf("%s: exit code %d: %s", e, code, errOut)
			}
		}
	})
	t.Run("no_verdict", func(t *testing.T) {
		tests := map[string]struct {
			sentence string
			code     int
			want     string
		}{
			"unknown_word":  {"Microsoft FISA content acounts rose between 2019-H1 and 2023-H1", exitUsage, `"acounts" is no word of the grammar (did you mean "accounts"?)`},
			"nearest":       {"Microsoft FISA content acounts rose between 2019-H1 and 2023-H1", exitUsage, "nearest: Microsoft FISA content accounts rose between 2019-H1 and 2023-H1"},
			"grammar":       {"What a day", exitUsage, "statement = ( ROSE | FELL )"},
			"two_readings":  {"Microsoft content requests rose between 2019-H1 and 2023-H1", exitUsage, "reading: Microsoft FISA content requests rose"},
			"no_period":     {"Microsoft FISA content accounts rose between 2019-H1 and 2025-H1", exitFailed, "Microsoft FISA content accounts in 2025-H1: no figure is at hand; the nearest period held is 2023-H1"},
			"half_a_year":   {"Microsoft requests were 50,000 in 2022", exitFailed, "Microsoft requests in 2022: only 2022-H1 is at hand: no total of the year; "},
			"nearest_year":  {"Microsoft requests were 50,000 in 2022", exitFailed, "the nearest period held is 2021"},
			"never":         {"Google civil requests were 5 in 2019-H1", exitFailed, "no figure is at hand, nor in any other period"},
			"units":         {"Apple account request accounts plus emergency requests were 84,604 in 2020", exitFailed, "must not be added: units differ: accounts, requests"},
			"overlap":       {"Meta law-enforcement plus emergency requests were 5 in 2020-H1", exitFailed, "must not be added: emergency_disclosure is counted in law_enforcement_all"},
			"break":         {"Microsoft FISA content accounts rose from 2014-H1 to 2016-H1", exitFailed, "the series breaks between the periods: Bands of 1,000 give way to bands of 500 (regime switch, 2015-01-01); --across-breaks compares all the same"},
			"no_edition":    {"Microsoft FISA content accounts rose from 2014-H1 to 2014-H2 as of microsoft/usnsor/2021-H3", exitFailed, `no edition "microsoft/usnsor/2021-H3" is at hand; did you mean "microsoft/usnsor/2021-H2"?`},
			"no_part":       {"Microsoft emergency requests were 3 % of requests in 2020-H1", exitFailed, "Microsoft emergency requests are no part of Microsoft requests for certain"},
			"no_member":     {"Google requests from the United Kingdom were 3 % of requests from the EU in 2021-H1", exitFailed, "are no part of Google requests from European Union for certain"},
			"units_of_part": {"Microsoft accounts were 3 % of requests in 2020-H1", exitFailed, "accounts and requests are not compared"},
		}
		for name, tc := range tests {
			t.Run(name, func(t *testing.T) {
				code, out, errOut := check(t, tc.sentence)
				if code != tc.code || out != "" || !strings.Contains(errOut, tc.want) {
					t.Errorf("exit code %d, printed %q and %q\nwant %d and %q", code, out, errOut, tc.code, tc.want)
				}
			})
		}
	})
	t.Run("unread_document", func(t *testing.T) {
		code, out, errOut := check(t, "Microsoft content requests rose between 2019-H1 and 2023-H1", "--format", "json")
		var doc unread
		if err := json.Unmarshal([]byte(out), &doc); err != nil || code != exitUsage || errOut == "" {
			t.Fatalf("exit code %d, %v, %q", code, err, errOut)
		}
		want := []string{"Microsoft content disclosures rose between 2019-H1 and 2023-H1", "Microsoft FISA content requests rose between 2019-H1 and 2023-H1"}
		if diff := cmp.Diff(want, doc.Readings); diff != "" || doc.Verdict != nil || doc.Grammar == "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
	t.Run("grammar_reads_no_sentence", func(t *testing.T) {
		code, _, errOut := check(t, "--grammar", "Microsoft requests were 5 in 2013")
		if code != exitUsage || !strings.Contains(errOut, "--grammar explains the sentences and reads none") {
			t.Errorf("exit code %d, %q", code, errOut)
		}
	})
}
