package review

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daylight/normalize"
	"daylight/normalize/audit"
	"daylight/normalize/labels"
)

var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// word is a decision about a misspelt country.
func word(verdict, code string) Decision {
	d := Decision{
		Decision: verdict, By: "A. Analyst", At: at, Why: "misspelt, see the file of 2013-H1", What: Label,
		Source: "google/user-data", Kind: "jurisdiction", Printed: "Beligum", Code: code,
	}
	d.ID = normalize.Reject{Source: d.Source, Kind: d.Kind, Table: "user_data", Word: d.Printed}.ReviewID()
	return d
}

// mismatch is a decision about a total that is off by one.
func mismatch(verdict string) Decision {
	d := Decision{
		Decision: verdict, By: "B. Analyst", At: at, Why: "printed so, row 12", What: Finding, Source: "microsoft/lerr",
		Table: "civil", Check: audit.CheckPartition, Process: "civil", Measure: "accounts_specified", Period: "2019-H1", Jurisdiction: "BR",
		Expected: "84", Found: "83",
	}
	f, err := d.finding()
	if err != nil {
		panic(err)
	}
	d.ID = f.ReviewID(d.Source)
	return d
}

func TestAddAndLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "review")
	if d, err := Load(dir); err != nil || len(d.All()) != 0 {
		t.Fatalf("an empty folder: %v %v", d, err)
	}
	file := Decision{
		Decision: Rejected, By: "A. Analyst", At: at, Why: "cut in the middle", What: Capture,
		Source: "google/user-data", Printed: "report.csv", Capture: strings.Repeat("a", 64),
	}
	file.ID = CaptureID(file.Source, file.Capture)
	figure := Decision{
		ID: "00c0ffee", Decision: Rejected, By: "A. Analyst", At: at, Why: "no such\ncountry", What: Figure,
		Source: "google/user-data", Table: "user_data", Kind: normalize.ReasonJurisdiction, Printed: `"Atlantis", A1`,
	}
	all := []Decision{word(Accepted, "BE"), mismatch(Accepted), file, figure, word(Rejected, "")}
	for i, d := range all {
		if i == 2 { // as an editor leaves it
			raw, err := os.ReadFile(filepath.Join(dir, FileName))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, FileName), raw[:len(raw)-1], 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Add(dir, d); err != nil {
			t.Fatal(err)
		}
		got, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all[:i+1], got.All()); diff != "" {
			t.Fatalf("after decision %d: -want +got\n%s", i, diff)
		}
		// The last line about a matter counts.
		labelled, pinned := got.Labels("google"), got.Pins("microsoft/lerr")
		if want := i < 4; (len(labelled) == 1) != want {
			t.Errorf("after decision %d: labels %v", i, labelled)
		}
		if want := i >= 1; (len(pinned) == 1) != want {
			t.Errorf("after decision %d: pins %v", i, pinned)
		}
		if len(got.Labels("apple"))+len(got.Pins("microsoft/usnsor")) != 0 {
			t.Error("a decision applies to another provider")
		}
	}
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Counting()); n != 4 {
		t.Errorf("%d decisions count, want 4", n)
	}
	if want := "rejected by A. Analyst on 2026-03-01: misspelt, see the file of 2013-H1"; got.Note(word("", "").ID) != want {
		t.Errorf("note %q, want %q", got.Note(word("", "").ID), want)
	}
	if note := got.Note(mismatch("").ID); note != "" {
		t.Errorf("an accepted mismatch has the note %q of a rejected one", note)
	}
	if d := (*Decisions)(nil); d.Note("x") != "" || d.Labels("google") != nil || d.Pins("x") != nil {
		t.Error("nil is not none")
	}
}

// TestWriteAndRead: decisions travel, and only those on which figures stand are picked.
func TestWriteAndRead(t *testing.T) {
	list := []Decision{word(Accepted, "BE"), mismatch(Accepted)}
	var b strings.Builder
	if err := Write(&b, list); err != nil {
		t.Fatal(err)
	}
	d, err := Read(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(list, d.All()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(list[:1], d.Placing("google")); diff != "" {
		t.Errorf("of google: -want +got:\n%s", diff)
	}
	if got := d.Placing("microsoft"); got != nil {
		t.Errorf("of microsoft: %v", got)
	}
	if _, err := Read(strings.NewReader(strings.Replace(b.String(), "Beligum", "Belgum", 1))); err == nil || !strings.Contains(err.Error(), "review: decisions.csv: line 2: ") {
		t.Errorf("a line that was changed by hand: %v", err)
	}
}

func TestAcceptedRowsAreTheRightOnes(t *testing.T) {
	wantLabel := labels.Label{
		Kind: labels.KindJurisdiction, Printed: "Beligum", Code: "BE", Note: "misspelt, see the file of 2013-H1",
		Decision: "accepted by A. Analyst on 2026-03-01: misspelt, see the file of 2013-H1",
	}
	if diff := cmp.Diff(wantLabel, word(Accepted, "BE").label()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	ignored := word(Accepted, Ignore).label()
	if ignored.Kind != labels.KindIgnore || ignored.Code != "" || ignored.Note == "" {
		t.Errorf("an ignored word is %+v", ignored)
	}
	f, err := mismatch(Accepted).finding()
	if err != nil {
		t.Fatal(err)
	}
	p, ok := f.AsPin("microsoft/lerr", "x")
	want := audit.Pin{
		Provider: "microsoft", Source: "microsoft/lerr", Table: "civil", Check: "partition", Process: "civil", Measure: "accounts_specified",
		Period: "2019-H1", Jurisdiction: "BR", Expected: "84", Found: "83", Note: "x",
	}
	if diff := cmp.Diff(want, p); diff != "" || !ok {
		t.Errorf("ok %v, -want +got\n%s", ok, diff)
	}
}

func TestRefuses(t *testing.T) {
	with := func(d Decision, change func(*Decision)) Decision { change(&d); return d }
	for name, tc := range map[string]struct {
		d    Decision
		want string
	}{
		"nobody":           {with(word(Accepted, "BE"), func(d *Decision) { d.By = " " }), "column by is empty"},
		"no_reason":        {with(word(Accepted, "BE"), func(d *Decision) { d.Why = "" }), "column why is empty"},
		"no_time":          {with(word(Accepted, "BE"), func(d *Decision) { d.At = time.Time{} }), "no time"},
		"no_verdict":       {word("maybe", "BE"), `is "maybe"`},
		"no_code":          {word(Accepted, ""), "no code"},
		"unknown_code":     {word(Accepted, "BEL"), `"BEL" is not in vocab/jurisdiction.csv`},
		"unknown_provider": {with(word(Accepted, "BE"), func(d *Decision) { d.Source = "yahoo/requests" }), "yahoo"},
		"unknown_kind": {with(word(Accepted, "BE"), func(d *Decision) {
			d.Kind = "fruit"
			d.ID = normalize.Reject{Source: d.Source, Kind: d.Kind, Word: d.Printed}.ReviewID()
		}), `unknown kind "fruit"`},
		"contradicts_the_file": {with(word(Accepted, "FR"), func(d *Decision) {
			d.Source, d.Table, d.Printed = "meta/government-requests", "government_requests", "Total Requests"
			d.Kind, d.Code = "column", "accounts_specified"
			d.ID = normalize.Reject{Source: d.Source, Kind: d.Kind, Table: d.Table, Word: d.Printed}.ReviewID()
		}), "stands in line"},
		"other_words":             {with(word(Accepted, "BE"), func(d *Decision) { d.Printed = "Belgum" }), "the words of the line belong to"},
		"other_mismatch":          {with(mismatch(Accepted), func(d *Decision) { d.Found = "82" }), "the words of the line belong to"},
		"mismatch_without_period": {with(mismatch(Accepted), func(d *Decision) { d.Period = "" }), "cannot be accepted"},
		"broken_period":           {with(mismatch(Accepted), func(d *Decision) { d.Period = "soon" }), "soon"},
		"accepted_capture":        {with(word(Accepted, ""), func(d *Decision) { d.What = Capture }), "cannot be accepted"},
		"accepted_figure":         {with(word(Accepted, ""), func(d *Decision) { d.What = Figure }), "cannot be accepted"},
		"unknown_matter":          {with(word(Rejected, ""), func(d *Decision) { d.What = "x" }), `is about "x"`},
		"ignored_value": {with(word(Accepted, Ignore), func(d *Decision) {
			d.Kind = "missing"
			d.ID = normalize.Reject{Source: d.Source, Kind: d.Kind, Word: d.Printed}.ReviewID()
		}), "say why there is no figure"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := Add(dir, tc.d)
			if !errors.Is(err, ErrDecision) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want ErrDecision with %q", err, tc.want)
			}
			if _, err := os.Stat(filepath.Join(dir, FileName)); err == nil {
				t.Error("it was written all the same")
			}
		})
	}
}

func TestLoadRefusesABrokenFile(t *testing.T) {
	head := strings.Join(columns, ",") + "\n"
	for name, tc := range map[string]struct{ in, want string }{
		"empty":         {"", "EOF"},
		"other_columns": {strings.Replace(head, "why", "note", 1), "line 1: columns are"},
		"too_short":     {head + "a,b\n", "wrong number of fields"},
		"no_time":       {head + "1,accepted,me,yesterday,because,label" + strings.Repeat(",", 15) + "\n", `line 2: at "yesterday"`},
		"broken_line":   {head + "\n1,accepted,me,2026-03-01T12:00:00Z,because,label" + strings.Repeat(",", 15) + "\n", "line 3: "},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, FileName), []byte(tc.in), 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), FileName) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			if _, err := Add(dir, word(Accepted, "BE")); err == nil {
				t.Error("a broken file was added to")
			}
		})
	}
}

// TestARowOfTheProgramWins: a decision that the label file has by now does no harm.
func TestARowOfTheProgramWins(t *testing.T) {
	n, err := normalize.New("google", labels.Label{Kind: labels.KindJurisdiction, Printed: "Beligum", Code: "BE"},
		labels.Label{Kind: labels.KindJurisdiction, Printed: " beligum ", Code: "BE"})
	if err != nil || n == nil {
		t.Errorf("the same row twice: %v", err)
	}
	_, err = normalize.New("google", labels.Label{Kind: labels.KindJurisdiction, Printed: "Beligum", Code: "BE"},
		labels.Label{Kind: labels.KindJurisdiction, Printed: "Beligum", Code: "FR", Decision: "accepted by me"})
	if err == nil || !strings.Contains(err.Error(), "accepted by me") {
		t.Errorf("two rows that contradict each other: %v", err)
	}
}
