package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"daylight/normalize/review"
	"daylight/scrape"
	"daylight/scrape/meta"
	"daylight/warehouse"

	"github.com/google/go-cmp/cmp"
)

// mismatched is Meta's table of 2022-H1, cut to one line whose parts do not add up.
func mismatched(t *testing.T) []byte {
	t.Helper()
	all, err := meta.GovernmentRequests().Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Edition != "2022-H1" {
			continue
		}
		body, err := c.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer body.Close()
		raw, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for line := range strings.Lines(string(raw)) {
			if strings.HasPrefix(line, "Country,") || strings.HasPrefix(line, "Australia,") {
				out.WriteString(strings.Replace(line, `"1,714"`, `"1,715"`, 1))
			}
		}
		return []byte(out.String())
	}
	t.Fatal("no capture of 2022-H1 is embedded")
	return nil
}

// listed returns the column of the review list, as CSV.
func listed(t *testing.T, a *app, all bool, column string) []string {
	t.Helper()
	matters, err := a.matters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	a.format = formatCSV
	if err := a.printMatters(&b, matters, all); err != nil && !errors.Is(err, errHeld) {
		t.Fatal(err)
	}
	a.format = formatTable
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i, h := range lines[0] {
		if h != column {
			continue
		}
		for _, l := range lines[1:] {
			out = append(out, l[i])
		}
	}
	return out
}

// TestReviewOfAMismatch: a mismatch that the publisher prints is accepted as a pin, and the
// figures that it held load; one that is rejected holds its figures but no run.
func TestReviewOfAMismatch(t *testing.T) {
	a := testApp(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "PRPL-Facebook-Government-Report-2022_H1.csv"), mismatched(t))
	read := func() *runReport {
		s, captures, err := importOptions{source: "meta/government-requests", trust: string(scrape.TrustArchive)}.captures(a.now(), []string{file})
		if err != nil {
			t.Fatal(err)
		}
		r, err := a.importCaptures(t.Context(), s, captures, false)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := read(); r.Outcome != outcomeHeld {
		t.Fatalf("outcome %s", r.Outcome)
	}
	if diff := cmp.Diff([]string{"1814 against 1815"}, listed(t, a, false, "matter")); diff != "" {
		t.Fatalf("-want +got\n%s", diff)
	}
	id := listed(t, a, false, "id")[0]
	decide := func(verdict, why string) {
		if err := a.decide(t.Context(), io.Discard, verdict, id, verdictFlags{by: "A. Analyst", why: why}); err != nil {
			t.Fatal(err)
		}
	}
	figures := func() string {
		db, err := warehouse.Open(t.Context(), a.data)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.Query(t.Context(), `SELECT (SELECT count(*) FROM current WHERE measure = 'requests_received' AND process = 'legal_process_all'),
			(SELECT string_agg(status || ': ' || pin, '' ORDER BY pin) FROM finding)`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		out := ""
		for rows.Next() {
			out += show(rows.Values()[0], false) + " " + show(rows.Values()[1], false)
		}
		return out
	}
	if got, want := figures(), "0 open: "; got != want {
		t.Errorf("held: %q, want %q", got, want)
	}
	decide(review.Rejected, "the file is a test")
	if r := read(); r.Outcome != outcomeClean {
		t.Errorf("rejected: outcome %s, want it clean: %+v", r.Outcome, r.Sources[0].Held)
	}
	if got, want := figures(), "0 open: "; got != want {
		t.Errorf("rejected: %q, want %q", got, want)
	}
	decide(review.Accepted, "printed so")
	if r := read(); r.Outcome != outcomeClean {
		t.Errorf("accepted: outcome %s", r.Outcome)
	}
	if got, want := figures(), "1 pinned: accepted by A. Analyst on 2026-01-02: printed so"; got != want {
		t.Errorf("accepted: %q, want %q", got, want)
	}
	if got := listed(t, a, false, "id"); len(got) != 0 {
		t.Errorf("still waiting: %v", got)
	}
	// From the archive and the decisions the same comes out.
	if out, err := rebuilt(t, a, rebuildOptions{}); err != nil || strings.Contains(out, "What differs") {
		t.Errorf("rebuild: %v\n%s", err, out)
	}
}

// TestReviewNamesTheNearestHeader: every room's broken capture is listed, and those with a
// renamed header with the header that it may be.
func TestReviewNamesTheNearestHeader(t *testing.T) {
	a := testApp(t)
	broken := filepath.Join("..", "..", "scrape")
	for _, f := range []struct{ source, file string }{
		{"apple/requests", "apple/captures/broken/Apple_Transparency_Report-2022-H2.zip"},
		{"apple/statement", "apple/captures/broken/statement-one-band.html"},
		{"google/user-data", "google/captures/broken/google-user-data-requests-2018-H1.csv"},
		{"meta/government-requests", "meta/captures/broken/PRPL-Facebook-Government-Report-2022_H2.csv"},
		{"microsoft/lerr", "microsoft/captures/broken/lerr-header-renamed.xlsx"},
	} {
		s, captures, err := importOptions{source: f.source, trust: string(scrape.TrustArchive)}.captures(a.now(), []string{filepath.Join(broken, filepath.FromSlash(f.file))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.importCaptures(t.Context(), s, captures, false); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"Device Requests Received", "", "User Data Requests", "Total Requests", "accounts"}
	if diff := cmp.Diff(want, listed(t, a, false, "nearest")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	want = []string{"Device Requests", "", "User Data Demands", "Total Requests Accounts", "Identifiers Named in Demands"}
	if diff := cmp.Diff(want, listed(t, a, false, "matter")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, id := range listed(t, a, false, "id") {
		if err := a.decide(t.Context(), io.Discard, review.Rejected, id, verdictFlags{by: "me", why: "broken on purpose"}); err != nil {
			t.Fatal(err)
		}
	}
	out, err := rebuilt(t, a, rebuildOptions{accept: true})
	if err != nil || strings.Count(out, "reason") == 0 {
		t.Errorf("a run with nothing but what was left out: %v\n%s", err, out)
	}
}

// TestReviewPage: what the page on reviewing shows is printed as it tells, one command after
// the other, from an empty data directory on; -update writes it anew.
func TestReviewPage(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	reviewPage := filepath.Join(root, "normalize", "labels", "REVIEW.md")
	raw, err := os.ReadFile(reviewPage)
	if err != nil {
		t.Fatal(err)
	}
	// The files of the page, and the data directory that a reader would have beside them.
	dir := t.TempDir()
	for _, name := range []string{"cmd", "scrape"} {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	page(t, reviewPage, string(raw), 8, func(line string) string {
		now = now.Add(time.Hour) // between two commands; while one runs the clock stands
		var out, errOut bytes.Buffer
		a := &app{now: func() time.Time { return now }, errOut: &errOut}
		code := a.execute(t.Context(), words(line), strings.NewReader(""), &out)
		text := out.String() + errOut.String()
		if code != exitClean {
			text += fmt.Sprintf("exit code %d\n", code)
		}
		return text
	})
}
