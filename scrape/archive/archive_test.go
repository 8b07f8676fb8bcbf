package archive

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"daylight/scrape"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var ignoreBody = cmpopts.IgnoreUnexported(scrape.Capture{})

// at is an instant of 2026: month, day, hour.
func at(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
}

// lerr is the metadata of one fetch of one workbook.
func lerr(t time.Time) scrape.Capture {
	return scrape.Capture{
		Source: "microsoft/lerr", Name: "Microsoft-LERR-2022-H1.xlsx",
		URL: "https://example.microsoft.com/Microsoft-LERR-2022-H1", FinalURL: "https://example.microsoft.com/Microsoft-LERR-2022-H1",
		RetrievedAt: t, Status: 200, ETag: `"1"`, Trust: scrape.TrustPublisher, Tool: "daylight/test",
	}
}

func put(t *testing.T, a *Archive, meta scrape.Capture, content string) scrape.Capture {
	t.Helper()
	c, err := a.Put(t.Context(), meta, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func read(t *testing.T, c scrape.Capture) string {
	t.Helper()
	b, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	all, err := io.ReadAll(b)
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(all)) != b.Size() {
		t.Errorf("Size is %d, read %d bytes", b.Size(), len(all))
	}
	again := make([]byte, len(all))
	if _, err := b.ReadAt(again, 0); (err != nil && err != io.EOF) || !bytes.Equal(again, all) {
		t.Errorf("ReadAt gives other bytes than Read (%v)", err)
	}
	return string(all)
}

// files lists all files of a folder with their permissions, the lock left out.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == lockName {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, file)
		out = append(out, fmt.Sprintf("%s %s", info.Mode(), filepath.ToSlash(rel)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func all(t *testing.T, a *Archive) []scrape.Capture {
	t.Helper()
	var out []scrape.Capture
	for c, err := range a.Captures(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

func TestPutKeepsBytesAndMetadata(t *testing.T) {
	dir := t.TempDir()
	a := Open(dir)
	const content = "Pays\xffC\xCC\xABte d\x89\xDB\xAAIvoire\r\n\x00"
	meta := lerr(time.Date(2026, 3, 1, 10, 0, 0, 123456789, time.FixedZone("CET", 3600)))
	got := put(t, a, meta, content)

	want := meta
	want.RetrievedAt = time.Date(2026, 3, 1, 9, 0, 0, 123456000, time.UTC)
	sum, size, err := hash(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	want.SHA256, want.Size = sum, size
	if diff := cmp.Diff(want, got, ignoreBody); diff != "" {
		t.Errorf("Put (-want +got)\n%s", diff)
	}
	if read(t, got) != content {
		t.Errorf("content is %q", read(t, got))
	}
	// Another program run sees the same.
	again := all(t, Open(dir))
	if diff := cmp.Diff([]scrape.Capture{want}, again, ignoreBody); diff != "" {
		t.Errorf("Captures (-want +got)\n%s", diff)
	}
	if read(t, again[0]) != content {
		t.Errorf("content read again is %q", read(t, again[0]))
	}
	wantFiles := []string{
		"-r--r--r-- captures/microsoft/lerr/20260301T090000.123456Z-" + sum[:12] + ".json",
		"-r--r--r-- sha256/" + sum[:2] + "/" + sum,
	}
	if diff := cmp.Diff(wantFiles, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got)\n%s", diff)
	}
}

func TestPutDecidesWhatIsNew(t *testing.T) {
	// Each step is a Put; the last column says whether it made an event.
	type step struct {
		content string
		change  func(*scrape.Capture)
		at      time.Time
		event   bool
	}
	none := func(*scrape.Capture) {}
	tests := []struct {
		name  string
		steps []step
	}{
		{"same_again_is_a_sighting", []step{{"a", none, at(1, 1, 0), true}, {"a", none, at(1, 2, 0), false}, {"a", none, at(1, 3, 0), false}}},
		{"other_program_version_is_nothing_new", []step{{"a", none, at(1, 1, 0), true}, {"a", func(c *scrape.Capture) { c.Tool = "daylight/2" }, at(1, 2, 0), false}}},
		{"other_bytes", []step{{"a", none, at(1, 1, 0), true}, {"b", none, at(1, 2, 0), true}}},
		{"publisher_goes_back", []step{{"a", none, at(1, 1, 0), true}, {"b", none, at(1, 2, 0), true}, {"a", none, at(1, 3, 0), true}, {"a", none, at(1, 4, 0), false}}},
		{"other_etag", []step{{"a", none, at(1, 1, 0), true}, {"a", func(c *scrape.Capture) { c.ETag = `"2"` }, at(1, 2, 0), true}}},
		{"other_address", []step{{"a", none, at(1, 1, 0), true}, {"a", func(c *scrape.Capture) { c.URL += "?x" }, at(1, 1, 0), true}}},
		{"other_source", []step{{"a", none, at(1, 1, 0), true}, {"a", func(c *scrape.Capture) { c.Source = "microsoft/usnsor" }, at(1, 1, 0), true}}},
		{"edition_became_known", []step{{"a", none, at(1, 1, 0), true}, {"a", func(c *scrape.Capture) { c.Edition = "2022-H1" }, at(1, 1, 0), true}}},
		{"older_file_found_later", []step{{"b", none, at(5, 1, 0), true}, {"a", none, at(1, 1, 0), true}, {"a", none, at(1, 1, 0), false}, {"b", none, at(3, 1, 0), true}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			a := Open(dir)
			events := 0
			contents := map[string]bool{}
			for i, s := range tt.steps {
				meta := lerr(s.at)
				s.change(&meta)
				c := put(t, a, meta, s.content)
				if c.Unchanged == s.event {
					t.Errorf("step %d: Unchanged is %t", i+1, c.Unchanged)
				}
				if read(t, c) != s.content {
					t.Errorf("step %d: content is %q", i+1, read(t, c))
				}
				if s.event {
					events++
				}
				contents[s.content] = true
			}
			if got := len(all(t, Open(dir))); got != events {
				t.Errorf("%d events, want %d", got, events)
			}
			r, err := a.Verify(t.Context())
			if err != nil || !r.OK() || len(r.Problems) > 0 || r.Contents != len(contents) {
				t.Errorf("Verify: %+v, %v; want %d contents and no problem", r, err, len(contents))
			}
		})
	}
}

func TestSpan(t *testing.T) {
	a := Open(t.TempDir())
	c := put(t, a, lerr(at(1, 1, 8)), "a")
	span := func() [2]time.Time {
		t.Helper()
		first, last, err := Open(a.dir).Span(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return [2]time.Time{first, last}
	}
	if diff := cmp.Diff([2]time.Time{at(1, 1, 8), at(1, 1, 8)}, span()); diff != "" {
		t.Errorf("never seen again (-want +got)\n%s", diff)
	}
	for _, s := range []struct{ at, last time.Time }{
		{at(1, 1, 9), at(1, 1, 8)},   // the same day
		{at(1, 8, 9), at(1, 8, 9)},   // a week later
		{at(1, 8, 10), at(1, 8, 9)},  // once more that day
		{at(2, 1, 7), at(2, 1, 7)},   //
		{at(1, 20, 7), at(2, 1, 7)},  // late news of an earlier day
		{at(1, 1, 2), at(2, 1, 7)},   // before the capture
		{at(12, 1, 0), at(12, 1, 0)}, //
	} {
		if err := a.Seen(t.Context(), c, s.at); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([2]time.Time{at(1, 1, 8), s.last}, span()); diff != "" {
			t.Errorf("seen at %s (-want +got)\n%s", s.at, diff)
		}
	}
	put(t, a, lerr(at(12, 24, 0)), "a")
	if diff := cmp.Diff([2]time.Time{at(1, 1, 8), at(12, 24, 0)}, span()); diff != "" {
		t.Errorf("put again (-want +got)\n%s", diff)
	}
	for _, s := range []struct{ after, next time.Time }{
		{at(1, 1, 7), at(1, 1, 8)}, // the capture itself
		{at(1, 1, 8), at(1, 8, 9)},
		{at(1, 8, 8), at(1, 8, 9)}, // earlier on the same day
		{at(1, 8, 9), at(1, 20, 7)},
		{at(2, 1, 7), at(12, 1, 0)},
		{at(12, 24, 0), time.Time{}},
	} {
		next, ok, err := Open(a.dir).SeenAfter(t.Context(), c, s.after)
		if err != nil || ok == s.next.IsZero() || !next.Equal(s.next) {
			t.Errorf("seen after %s: %s, %v, %v; want %s", s.after, next, ok, err, s.next)
		}
	}
	r, err := a.Verify(t.Context())
	if err != nil || !r.OK() || len(r.Problems) > 0 || r.Sightings != 5 {
		t.Errorf("Verify: %+v, %v; want 5 sightings", r, err)
	}

	stranger := lerr(at(1, 1, 8))
	stranger.SHA256 = strings.Repeat("0", 64)
	if err := a.Seen(t.Context(), stranger, at(3, 3, 3)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Seen of a capture that is not there: %v", err)
	}
	if _, _, err := a.Span(t.Context(), stranger); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Span of a capture that is not there: %v", err)
	}
}

func TestLatest(t *testing.T) {
	a := Open(t.TempDir())
	url := lerr(at(1, 1, 0)).URL
	if _, ok, err := a.Latest(t.Context(), "microsoft/lerr", url); ok || err != nil {
		t.Errorf("empty archive: %t, %v", ok, err)
	}
	put(t, a, lerr(at(3, 1, 0)), "new")
	put(t, a, lerr(at(1, 1, 0)), "old")
	other := lerr(at(5, 1, 0))
	other.URL += "/other"
	put(t, a, other, "other")
	c, ok, err := a.Latest(t.Context(), "microsoft/lerr", url)
	if !ok || err != nil || read(t, c) != "new" {
		t.Errorf("Latest: %+v, %t, %v", c, ok, err)
	}
	if _, ok, err := a.Latest(t.Context(), "google/user-data", url); ok || err != nil {
		t.Errorf("other source: %t, %v", ok, err)
	}
	if _, _, err := a.Latest(t.Context(), "../etc", url); err == nil {
		t.Error("a source that is a path is accepted")
	}
}

func TestCapturesOrder(t *testing.T) {
	a := Open(t.TempDir())
	var got []string
	for _, s := range []struct {
		source, content string
		at              time.Time
	}{
		{"microsoft/usnsor", "x", at(1, 1, 0)},
		{"microsoft/lerr", "z", at(2, 1, 0)},
		{"google/user-data", "y", at(3, 1, 0)},
		{"microsoft/lerr", "w", at(1, 1, 0)},
	} {
		m := lerr(s.at)
		m.Source = s.source
		put(t, a, m, s.content)
	}
	for _, c := range all(t, Open(a.dir)) {
		got = append(got, c.Source+" "+read(t, c))
	}
	want := []string{"google/user-data y", "microsoft/lerr w", "microsoft/lerr z", "microsoft/usnsor x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Captures (-want +got)\n%s", diff)
	}
	for range a.Captures(t.Context()) {
		break // the caller may stop early
	}
}

func TestSameBytesAtTheSameInstant(t *testing.T) {
	a := Open(t.TempDir())
	for i := range 3 {
		m := lerr(at(1, 1, 0))
		m.URL = fmt.Sprintf("%s/%d", m.URL, i)
		put(t, a, m, "a")
	}
	if got := len(all(t, Open(a.dir))); got != 3 {
		t.Errorf("%d events, want 3", got)
	}
	r, err := a.Verify(t.Context())
	if err != nil || len(r.Problems) > 0 || r.Contents != 1 {
		t.Errorf("Verify: %+v, %v", r, err)
	}
}

func TestPutRefuses(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*scrape.Capture)
		content io.Reader
	}{
		{"no_source", func(c *scrape.Capture) { c.Source = "" }, strings.NewReader("a")},
		{"source_that_climbs", func(c *scrape.Capture) { c.Source = "../x" }, strings.NewReader("a")},
		{"source_of_three", func(c *scrape.Capture) { c.Source = "a/b/c" }, strings.NewReader("a")},
		{"no_name", func(c *scrape.Capture) { c.Name = "" }, strings.NewReader("a")},
		{"name_that_climbs", func(c *scrape.Capture) { c.Name = "../x" }, strings.NewReader("a")},
		{"no_time", func(c *scrape.Capture) { c.RetrievedAt = time.Time{} }, strings.NewReader("a")},
		{"no_trust", func(c *scrape.Capture) { c.Trust = "" }, strings.NewReader("a")},
		{"brotli", func(c *scrape.Capture) { c.Encoding = "br" }, strings.NewReader("a")},
		{"empty", func(*scrape.Capture) {}, strings.NewReader("")},
		{"other_hash", func(c *scrape.Capture) { c.SHA256 = strings.Repeat("0", 64) }, strings.NewReader("a")},
		{"other_size", func(c *scrape.Capture) { c.Size = 2 }, strings.NewReader("a")},
		{"reader_fails", func(*scrape.Capture) {}, io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("cut")))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			a := Open(dir)
			meta := lerr(at(1, 1, 0))
			tt.change(&meta)
			if c, err := a.Put(t.Context(), meta, tt.content); err == nil {
				t.Errorf("Put: %+v, want an error", c)
			}
			if got := files(t, dir); len(got) > 0 {
				t.Errorf("left behind: %q", got)
			}
		})
	}
}

func TestPutLeavesNothingHalfWritten(t *testing.T) {
	t.Run("cancelled_between_two_reads", func(t *testing.T) {
		a := Open(t.TempDir())
		stop := errors.New("stopped by the user")
		ctx, cancel := context.WithCancelCause(t.Context())
		r := io.MultiReader(strings.NewReader("half"), readerFunc(func([]byte) (int, error) { cancel(stop); return 0, nil }), strings.NewReader("rest"))
		if _, err := a.Put(ctx, lerr(at(1, 1, 0)), r); !errors.Is(err, stop) {
			t.Errorf("Put: %v, want %v", err, stop)
		}
		if got := files(t, a.dir); len(got) > 0 {
			t.Errorf("left behind: %q", got)
		}
	})
	t.Run("no_room_for_the_metadata", func(t *testing.T) {
		// A file where the folder must be stands for a disk that takes no more.
		a := Open(t.TempDir())
		if err := os.WriteFile(filepath.Join(a.dir, captureDir), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Put(t.Context(), lerr(at(1, 1, 0)), strings.NewReader("a")); err == nil {
			t.Error("Put: want an error")
		}
		if diff := cmp.Diff([]string{"-rw------- captures"}, files(t, a.dir)); diff != "" {
			t.Errorf("files (-want +got)\n%s", diff)
		}
	})
	t.Run("no_room_for_the_bytes", func(t *testing.T) {
		a := Open(t.TempDir())
		if err := os.WriteFile(filepath.Join(a.dir, contentDir), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Put(t.Context(), lerr(at(1, 1, 0)), strings.NewReader("a")); err == nil {
			t.Error("Put: want an error")
		}
		if diff := cmp.Diff([]string{"-rw------- sha256"}, files(t, a.dir)); diff != "" {
			t.Errorf("files (-want +got)\n%s", diff)
		}
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestConcurrentPut(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 24 {
		// Three archives on one folder stand for three programs.
		wg.Go(func() {
			m := lerr(at(1, 1, i%6))
			m.URL = fmt.Sprintf("%s/%d", m.URL, i%6)
			a := Open(dir)
			if _, err := a.Put(t.Context(), m, strings.NewReader(fmt.Sprint("content ", i%3))); err != nil {
				t.Error(err)
			}
			for _, err := range a.Captures(t.Context()) {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	r, err := Open(dir).Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Report{Captures: 6, Contents: 3, Bytes: 27}, r); diff != "" {
		t.Errorf("Verify (-want +got)\n%s", diff)
	}
}

func TestVerify(t *testing.T) {
	ctx := t.Context()
	a := Open(t.TempDir())
	one, two, three := put(t, a, lerr(at(1, 1, 0)), "one"), put(t, a, lerr(at(1, 2, 0)), "two"), put(t, a, lerr(at(1, 3, 0)), "three")
	if err := a.Seen(ctx, three, at(2, 1, 0)); err != nil {
		t.Fatal(err)
	}
	shard := func(c scrape.Capture) string { return contentDir + "/" + c.SHA256[:2] + "/" + c.SHA256 }
	meta := func(c scrape.Capture) string {
		return captureDir + "/microsoft/lerr/" + c.RetrievedAt.Format(stampLayout) + "-" + c.SHA256[:12] + ".json"
	}
	write := func(name, content string) {
		t.Helper()
		file := a.file(name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	orphanSum, _, err := hash(strings.NewReader("orphan"))
	if err != nil {
		t.Fatal(err)
	}
	orphan := contentDir + "/" + orphanSum[:2] + "/" + orphanSum
	write(shard(one), "One") // damaged
	if err := os.Remove(a.file(shard(two))); err != nil {
		t.Fatal(err)
	}
	write(orphan, "orphan")
	write(meta(three), "{}")
	write("tmp/put-1", "half")
	write("notes.txt", "hello")

	r, err := a.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	type finding struct {
		Kind   Kind
		Path   string
		UsedBy []string
	}
	var got []finding
	for _, p := range r.Problems {
		got = append(got, finding{p.Kind, p.Path, p.UsedBy})
		if p.Detail == "" || p.Next == "" {
			t.Errorf("%s %s: says nothing: %+v", p.Kind, p.Path, p)
		}
	}
	want := []finding{
		{Damaged, shard(one), []string{meta(one)}},
		{Missing, shard(two), []string{meta(two)}},
		{Metadata, meta(three), nil},
		{Orphan, shard(three), nil},
		{Orphan, orphan, nil},
		{Stray, "tmp/put-1", nil},
		{Stray, "notes.txt", nil},
	}
	slices.SortFunc(want, func(x, y finding) int { return strings.Compare(x.Path, y.Path) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Verify (-want +got)\n%s", diff)
	}
	if r.OK() {
		t.Error("a damaged archive is called whole")
	}

	if _, err := one.Open(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), one.SHA256) {
		t.Errorf("Open of damaged bytes: %v", err)
	}
	if _, err := two.Open(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of missing bytes: %v", err)
	}

	// What cannot be read is named, and the rest is still listed.
	var names, errs []string
	for c, err := range Open(a.dir).Captures(ctx) {
		if err != nil {
			if !errors.Is(err, ErrMetadata) || !strings.Contains(err.Error(), filepath.Base(meta(three))) {
				t.Errorf("Captures: %v", err)
			}
			errs = append(errs, err.Error())
			continue
		}
		names = append(names, c.SHA256)
	}
	if len(errs) != 1 || !slices.Equal(names, []string{one.SHA256, two.SHA256}) {
		t.Errorf("Captures: %q and errors %q", names, errs)
	}

	// The same bytes again heal what was damaged or lost.
	if err := os.Remove(a.file(meta(three))); err != nil {
		t.Fatal(err)
	}
	put(t, a, lerr(at(1, 1, 0)), "one")
	put(t, a, lerr(at(1, 2, 0)), "two")
	put(t, a, lerr(at(1, 3, 0)), "three")
	r, err = a.Verify(ctx)
	if err != nil || !r.OK() {
		t.Errorf("Verify after healing: %+v, %v", r, err)
	}

	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := a.Verify(done); !errors.Is(err, context.Canceled) {
		t.Errorf("Verify when cancelled: %v", err)
	}
	if r, err := Open(filepath.Join(a.dir, "none")).Verify(ctx); err != nil || !r.OK() || len(r.Problems) > 0 {
		t.Errorf("Verify of an archive that does not exist: %+v, %v", r, err)
	}
}

func zip(t *testing.T, content string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGzipBody(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	a := Open(t.TempDir())
	a.maxDecoded = 1000
	for _, tt := range []struct {
		name, content string
		want          error
	}{
		{"folded", zip(t, "line 1\nline 2\n"), nil},
		{"at_the_limit", zip(t, strings.Repeat("0", 1000)), nil},
		{"bomb", zip(t, strings.Repeat("0", 1001)), ErrTooLarge},
		{"cut", zip(t, "line 1\nline 2\n")[:20], io.ErrUnexpectedEOF},
		{"not_gzip", "plain text", gzip.ErrHeader},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := lerr(at(1, 1, 0))
			m.Name, m.Encoding = tt.name, "gzip"
			c := put(t, a, m, tt.content)
			if tt.want == nil {
				z, err := gzip.NewReader(strings.NewReader(tt.content))
				if err != nil {
					t.Fatal(err)
				}
				want, err := io.ReadAll(z)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), read(t, c)); diff != "" {
					t.Errorf("content (-want +got)\n%s", diff)
				}
			} else if _, err := c.Open(); !errors.Is(err, tt.want) {
				t.Errorf("Open: %v, want %v", err, tt.want)
			}
			left, err := os.ReadDir(os.TempDir())
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

func TestMetadataIsChecked(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	good := `{"source":"microsoft/lerr","name":"x.xlsx","retrieved_at":"2026-01-01T00:00:00Z","trust":"publisher","sha256":"` + sum + `","size":1}`
	name := "captures/microsoft/lerr/20260101T000000.000000Z-abababababab.json"
	if _, err := parse(name, []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, file, old, new string }{
		{"not_json", name, "{", "("},
		{"unknown_field", name, `"size":1`, `"size":1,"colour":"red"`},
		{"two_values", name, `"size":1}`, `"size":1}{}`},
		{"other_source", name, "microsoft/lerr", "microsoft/usnsor"},
		{"other_time", name, "2026-01-01", "2026-01-02"},
		{"other_hash", name, "abab", "acab"},
		{"short_hash", name, sum, sum[:40]},
		{"upper_case_hash", name, sum, strings.ToUpper(sum)},
		{"no_size", name, `"size":1`, `"size":0`},
		{"unknown_trust", name, "publisher", "rumour"},
		{"unknown_encoding", name, `"size":1`, `"size":1,"encoding":"br"`},
		{"other_folder", strings.Replace(name, "lerr", "usnsor", 1), "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if c, err := parse(tt.file, []byte(strings.Replace(good, tt.old, tt.new, 1))); err == nil {
				t.Errorf("parse: %+v, want an error", c)
			}
		})
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add("captures/microsoft/lerr/20260101T000000.000000Z-abababababab.json",
		[]byte(`{"source":"microsoft/lerr","name":"x","retrieved_at":"2026-01-01T00:00:00Z","trust":"publisher","sha256":"`+strings.Repeat("ab", 32)+`","size":1}`))
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		c, err := parse(name, b)
		if err != nil {
			return
		}
		if !strings.HasPrefix(name, "captures/"+c.Source+"/") || strings.Contains(c.Source, "..") || !isSHA256(c.SHA256) {
			t.Errorf("accepted %q as %+v", name, c)
		}
	})
}

func ExampleArchive() {
	dir, err := os.MkdirTemp("", "archive")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	a := Open(dir)
	for day := 1; day <= 2; day++ {
		c, err := a.Put(ctx, scrape.Capture{
			Source: "google/user-data", Name: "report.csv", Trust: scrape.TrustArchive,
			RetrievedAt: time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC),
		}, strings.NewReader("Period Ending\n"))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(c.SHA256[:12], c.RetrievedAt.Format(time.DateOnly), "unchanged:", c.Unchanged)
	}
	// Output:
	// 597763567d34 2026-01-01 unchanged: false
	// 597763567d34 2026-01-01 unchanged: true
}
