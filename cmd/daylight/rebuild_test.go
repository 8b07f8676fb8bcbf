package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"daylight/normalize"
	"daylight/scrape"
	"daylight/warehouse"
	"daylight/warehouse/export"

	"github.com/google/go-cmp/cmp"
)

// report is a small table in the layout that Google used in 2012.
func reportFile(lines ...string) []byte {
	return []byte("Period Ending,Country,CLDR Territory Code,User Data Requests,Percentage of data requests fully or partially complied with,Users/Accounts Specified\n" +
		strings.Join(lines, "\n") + "\n")
}

// importAs imports files of google/user-data as a user does.
func importAs(t *testing.T, a *app, o importOptions, files ...string) *runReport {
	t.Helper()
	o.source = "google/user-data"
	if o.trust == "" {
		o.trust = string(scrape.TrustArchive)
	}
	s, captures, err := o.captures(a.now().UTC(), files)
	if err != nil {
		t.Fatal(err)
	}
	r, err := a.importCaptures(t.Context(), s, captures, false)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func writeFile(t *testing.T, name string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// rebuilt runs daylight rebuild and returns what it printed, and the error that makes the
// exit code.
func rebuilt(t *testing.T, a *app, opts rebuildOptions) (out string, err error) {
	t.Helper()
	var b, e bytes.Buffer
	a.errOut = &e
	err = a.rebuild(t.Context(), &b, opts)
	return b.String() + e.String(), err
}

// exportSums exports both ways and returns the checksums.
func exportSums(t *testing.T, a *app) string {
	t.Helper()
	var sums strings.Builder
	to := t.TempDir()
	if _, err := export.Parquet(t.Context(), a.data, filepath.Join(to, "parquet")); err != nil {
		t.Fatal(err)
	}
	if _, err := export.CSV(t.Context(), a.data, filepath.Join(to, "csv")); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"parquet", "csv"} {
		raw, err := os.ReadFile(filepath.Join(to, format, "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		sums.Write(raw)
	}
	return sums.String()
}

// history builds a warehouse in which one edition was captured several times, on different
// ways and with all that the flags of import can say, and others besides.
func history(t *testing.T) *app {
	t.Helper()
	a := testApp(t)
	picked, err := pick([]string{"microsoft/statement", "apple/statement"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.ingest(t.Context(), picked, ingestOptions{offline: true}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in := func(name string, lines ...string) string {
		return writeFile(t, filepath.Join(dir, name), reportFile(lines...))
	}
	// A restated figure, one that comes late, and a mirror that says something else.
	importAs(t, a, importOptions{retrieved: "2013-02-01", edition: "2012-H2", published: "2013-01"},
		in("z.csv", "12/31/2012,Argentina,AR,98,40%,121", "12/31/2012,Chile,CL,64,10%,70"))
	importAs(t, a, importOptions{retrieved: "2013-05-01T08:00:00Z", edition: "2012-H2", published: "2013-01-23", url: "https://example.org/report.csv"},
		in("a.csv", "12/31/2012,Argentina,AR,99,40%,121", "12/31/2012,Brazil,BR,1211,60%,1500"))
	importAs(t, a, importOptions{retrieved: "2014-01-01", edition: "2012-H2", trust: string(scrape.TrustMirror)},
		in("mirror.csv", "12/31/2012,Argentina,AR,10,40%,121"))
	// Two files of one instant: the order is that of the command line, not that of the names.
	importAs(t, a, importOptions{retrieved: "2015-01-01", edition: "2012-H2"},
		in("y.csv", "12/31/2012,Chile,CL,65,10%,70"), in("b.csv", "12/31/2012,Chile,CL,66,10%,70"))
	// A row that nobody can place, and a file that nobody can read.
	importAs(t, a, importOptions{retrieved: "2015-02-01", edition: "2012-H2"}, in("held.csv", "12/31/2012,Atlantis,A1,155,10%,160"))
	importAs(t, a, importOptions{retrieved: "2015-03-01"}, writeFile(t, filepath.Join(dir, "fruit.csv"), []byte("Fruit,Weight\nApples,12\n")))
	return a
}

// readingsOf prints every reading of the edition that history restates.
func readingsOf(t *testing.T, a *app) []string {
	t.Helper()
	db, err := warehouse.Open(t.Context(), a.data)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(t.Context(), `SELECT o.jurisdiction, o.revision, o.value_low, c.name, c.trust, o.captured_at, o.superseded_at
		FROM observation o JOIN capture c ON c.sha256 = o.capture
		WHERE o.edition = 'google/user-data/2012-H2' AND o.measure = 'requests_received' AND o.jurisdiction IN ('AR', 'BR', 'CL') ORDER BY 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var cells []string
		for _, v := range rows.Values() {
			cells = append(cells, show(v, false))
		}
		out = append(out, strings.Join(cells, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestRebuildGivesTheSame: the archive alone gives the same warehouse again, with its
// history, and the same bytes in every export, as often as one likes.
func TestRebuildGivesTheSame(t *testing.T) {
	a := history(t)
	before, sums := readingsOf(t, a), exportSums(t, a)
	want := []string{
		"AR 1 98 z.csv archive 2013-02-01 2013-05-01T08:00:00Z",
		"AR 2 99 a.csv archive 2013-05-01T08:00:00Z ",
		"AR 3 10 mirror.csv mirror 2014-01-01 2014-01-01",
	}
	if diff := cmp.Diff(want, before[:3]); diff != "" {
		t.Errorf("the history is not what it should be: -want +got\n%s", diff)
	}
	for range 2 {
		out, err := rebuilt(t, a, rebuildOptions{})
		if !errors.Is(err, errHeld) || strings.Contains(out, "What differs") || !strings.Contains(out, "daylight.duckdb: published") {
			t.Fatalf("error %v, printed\n%s", err, out)
		}
		if diff := cmp.Diff(before, readingsOf(t, a)); diff != "" {
			t.Errorf("the history changed: -want +got\n%s", diff)
		}
		if diff := cmp.Diff(strings.Split(sums, "\n"), strings.Split(exportSums(t, a), "\n")); diff != "" {
			t.Errorf("an export changed: -want +got\n%s", diff)
		}
	}
	// Without a warehouse the archive gives it back.
	if err := os.Remove(filepath.Join(a.data, warehouse.FileName)); err != nil {
		t.Fatal(err)
	}
	out, err := rebuilt(t, a, rebuildOptions{})
	if !errors.Is(err, errHeld) || !strings.Contains(out, "not compared: nothing was published before") {
		t.Fatalf("error %v, printed\n%s", err, out)
	}
	if diff := cmp.Diff(strings.Split(sums, "\n"), strings.Split(exportSums(t, a), "\n")); diff != "" {
		t.Errorf("an export changed: -want +got\n%s", diff)
	}
}

// TestRebuildPutsTheHistoryInOrder: a file that was imported late and captured early comes
// first in the history; the figures that stand are the same.
func TestRebuildPutsTheHistoryInOrder(t *testing.T) {
	a := testApp(t)
	dir := t.TempDir()
	newer := writeFile(t, filepath.Join(dir, "newer.csv"), reportFile("12/31/2012,Argentina,AR,99,40%,121"))
	older := writeFile(t, filepath.Join(dir, "older.csv"), reportFile("12/31/2012,Argentina,AR,98,40%,121"))
	importAs(t, a, importOptions{retrieved: "2014-01-01"}, newer)
	importAs(t, a, importOptions{retrieved: "2013-02-01"}, older)
	out, err := rebuilt(t, a, rebuildOptions{accept: true})
	if err != nil {
		t.Fatalf("error %v, printed\n%s", err, out)
	}
	for _, want := range []string{"revision", "capture", "superseded"} {
		if !strings.Contains(out, want) {
			t.Errorf("the changes do not name %q:\n%s", want, out)
		}
	}
	if diff := cmp.Diff([]string{
		"AR 1 98 older.csv archive 2013-02-01 2014-01-01",
		"AR 2 99 newer.csv archive 2014-01-01 ",
	}, readingsOf(t, a)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if out, err := rebuilt(t, a, rebuildOptions{dryRun: true}); err != nil || strings.Contains(out, "What differs") {
		t.Errorf("a second rebuild: error %v, printed\n%s", err, out)
	}
}

// changedReader makes the reader read some figures otherwise.
func changedReader(o *normalize.Observation) {
	switch {
	case o.Source == "microsoft/statement" && o.Measure == "requests_received":
		o.Value = normalize.Range(6000, 6999)
	case o.Source == "microsoft/statement":
		o.QualityFlags = append(o.QualityFlags, "width_unexpected")
	case o.Source == "apple/statement" && o.Measure == "requests_received":
		o.Process = "civil"
	}
}

// TestRebuildSaysWhatAChangedReaderChanged: nothing is replaced before it is accepted, and
// every change is told.
func TestRebuildSaysWhatAChangedReaderChanged(t *testing.T) {
	a := testApp(t)
	picked, err := pick([]string{"microsoft/statement", "apple/statement", "meta/statement"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.ingest(t.Context(), picked, ingestOptions{offline: true}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(a.data, warehouse.FileName)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a.tuneFigure = changedReader
	const list = `change,of,source,edition,service,period,jurisdiction,process,measure,what,before,after
changed,figure,apple/statement,apple/statement/2012-12-01_2013-05-31,apple,2012-12-01/2013-05-31,US,civil,requests_received,process,criminal_and_national_security_combined,civil
changed,figure,microsoft/statement,microsoft/statement/2012-H2,microsoft,2012-H2,US,criminal_and_national_security_combined,accounts_specified,quality_flags,,width_unexpected
changed,figure,microsoft/statement,microsoft/statement/2012-H2,microsoft,2012-H2,US,criminal_and_national_security_combined,requests_received,value,6000–7000,6000–6999
`
	cut := func(s string) string { // without place, file and hash
		var b strings.Builder
		for line := range strings.Lines(s) {
			if f := strings.Split(strings.TrimSpace(line), ","); len(f) >= 15 {
				b.WriteString(strings.Join(f[:12], ",") + "\n")
			}
		}
		return b.String()
	}
	for name, opts := range map[string]rebuildOptions{"dry_run": {dryRun: true}, "not_accepted": {}} {
		t.Run(name, func(t *testing.T) {
			a.format = formatCSV
			out, err := rebuilt(t, a, opts)
			if !errors.Is(err, errHeld) {
				t.Fatalf("error %v, want errHeld; printed\n%s", err, out)
			}
			if diff := cmp.Diff(list, cut(out)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, good) {
				t.Errorf("the published file changed (%v)", err)
			}
			kept, err := filepath.Glob(filepath.Join(a.data, "runs", "*.changes.csv"))
			if err != nil || len(kept) != map[string]int{"dry_run": 0, "not_accepted": 1}[name] {
				t.Errorf("kept lists: %v %v", kept, err)
			}
			if err := os.RemoveAll(filepath.Join(a.data, "runs")); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(entries(t, a.data), "building") {
				t.Errorf("left behind: %s", entries(t, a.data))
			}
		})
	}
	a.format = formatTable
	out, err := rebuilt(t, a, rebuildOptions{accept: true})
	if err != nil {
		t.Fatalf("%v, printed\n%s", err, out)
	}
	for _, want := range []string{"What differs from the published warehouse", "6000–6999", "criminal_and_national_security_combined", "daylight.duckdb: published"} {
		if !strings.Contains(out, want) {
			t.Errorf("not printed: %q in\n%s", want, out)
		}
	}
	a.format = formatJSON
	out, err = rebuilt(t, a, rebuildOptions{dryRun: true})
	if err != nil {
		t.Fatalf("the second rebuild: %v, printed\n%s", err, out)
	}
	var doc struct {
		Compared  bool
		Published bool
		Changes   int64
		Sources   []warehouse.Tally
		List      []map[string]string
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if !doc.Compared || doc.Published || doc.Changes != 0 || len(doc.Sources) != 3 || doc.Sources[0].Same != 2 || len(doc.List) != 0 {
		t.Errorf("got %+v", doc)
	}
}

// TestRevisedReaderNamesRebuild: loading a capture again that is read otherwise says what to do.
func TestRevisedReaderNamesRebuild(t *testing.T) {
	a := testApp(t)
	picked, err := pick([]string{"microsoft/statement"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tune := range []func(*normalize.Observation){nil, changedReader} {
		a.tuneFigure = tune
		r, err := a.ingest(t.Context(), picked, ingestOptions{offline: true})
		if err != nil {
			t.Fatal(err)
		}
		if tune == nil {
			continue
		}
		if err := r.err(); err == nil || !strings.Contains(err.Error(), `run "daylight rebuild"`) {
			t.Errorf("got %v", err)
		}
	}
}

func TestRebuildRefuses(t *testing.T) {
	first := func(t *testing.T) *app {
		a := testApp(t)
		picked, err := pick([]string{"microsoft/statement", "apple/statement"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.ingest(t.Context(), picked, ingestOptions{offline: true}); err != nil {
			t.Fatal(err)
		}
		return a
	}
	// only does something to the one file below a folder of the archive.
	only := func(t *testing.T, a *app, folder string, do func(path string) error) {
		n := 0
		err := filepath.WalkDir(filepath.Join(a.data, "archive", folder), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				n++
				err = do(path)
			}
			return err
		})
		if err != nil || n == 0 {
			t.Fatalf("%d files, %v", n, err)
		}
	}
	overwrite := func(path string) error {
		if err := os.Chmod(path, 0o644); err != nil {
			return err
		}
		return os.WriteFile(path, []byte("{}"), 0o644)
	}
	tests := map[string]struct {
		spoil func(t *testing.T, a *app)
		opts  rebuildOptions
		want  string
	}{
		"empty_archive": {func(t *testing.T, a *app) {
			if err := os.RemoveAll(filepath.Join(a.data, "archive")); err != nil {
				t.Fatal(err)
			}
		}, rebuildOptions{accept: true}, "the archive is empty"},
		"a_capture_is_gone": {func(t *testing.T, a *app) {
			only(t, a, "captures/apple", os.Remove)
		}, rebuildOptions{accept: true}, "stands on captures that"},
		"a_capture_is_damaged": {func(t *testing.T, a *app) {
			only(t, a, "sha256", overwrite)
		}, rebuildOptions{accept: true}, "damaged"},
		"metadata_is_damaged": {func(t *testing.T, a *app) {
			only(t, a, "captures/apple", overwrite)
		}, rebuildOptions{accept: true}, "metadata is damaged"},
		"a_source_of_another_program": {func(t *testing.T, a *app) {
			only(t, a, "captures/apple", func(path string) error {
				raw, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				to := strings.ReplaceAll(path, "/apple/statement/", "/yahoo/requests/")
				if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
					return err
				}
				return os.WriteFile(to, bytes.ReplaceAll(raw, []byte("apple/statement"), []byte("yahoo/requests")), 0o444)
			})
		}, rebuildOptions{accept: true}, `captures of "yahoo/requests", which this daylight does not read`},
		"the_warehouse_is_damaged": {func(t *testing.T, a *app) {
			if err := os.WriteFile(filepath.Join(a.data, warehouse.FileName), []byte("x"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, rebuildOptions{}, "--accept-changes replaces it without a comparison"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			a := first(t)
			tc.spoil(t, a)
			file := filepath.Join(a.data, warehouse.FileName)
			good, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out, err := rebuilt(t, a, tc.opts)
			if err == nil || errors.Is(err, errHeld) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q; printed\n%s", err, tc.want, out)
			}
			if now, err := os.ReadFile(file); err != nil || !bytes.Equal(now, good) {
				t.Errorf("the published file changed (%v)", err)
			}
		})
	}
	t.Run("damaged_and_accepted", func(t *testing.T) {
		a := first(t)
		if err := os.WriteFile(filepath.Join(a.data, warehouse.FileName), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := rebuilt(t, a, rebuildOptions{accept: true})
		if err != nil || !strings.Contains(out, "not compared: ") || !strings.Contains(out, "daylight.duckdb: published") {
			t.Errorf("error %v, printed\n%s", err, out)
		}
	})
}

// TestRealRebuild rebuilds the publishers' own files, when DAYLIGHT_CAPTURES names their
// folder: nothing differs, and it takes seconds.
func TestRealRebuild(t *testing.T) {
	a := testApp(t)
	// The embedded captures were made in November 2026, and what is imported comes after them.
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	a.now = func() time.Time { now = now.Add(time.Second); return now }
	if _, err := a.ingest(t.Context(), sources(), ingestOptions{offline: true}); err != nil {
		t.Fatal(err)
	}
	if root := os.Getenv("DAYLIGHT_CAPTURES"); root != "" {
		if err := a.importAll(t.Context(), root, nil); err != nil {
			t.Fatal(err)
		}
	}
	sums := exportSums(t, a)
	started := time.Now()
	out, err := rebuilt(t, a, rebuildOptions{})
	elapsed := time.Since(started)
	if err != nil && !errors.Is(err, errHeld) || strings.Contains(out, "What differs") || !strings.Contains(out, "daylight.duckdb: published") {
		t.Fatalf("error %v, printed\n%s", err, out)
	}
	t.Logf("rebuilt in %.1f s\n%s", elapsed.Seconds(), out)
	if elapsed > 90*time.Second {
		t.Errorf("rebuilt in %s", elapsed)
	}
	if diff := cmp.Diff(strings.Split(sums, "\n"), strings.Split(exportSums(t, a), "\n")); diff != "" {
		t.Errorf("an export changed: -want +got\n%s", diff)
	}
}
