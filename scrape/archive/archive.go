// Package archive answers one question: which bytes did the publisher send, and when?
//
// The bytes are kept once, under their own SHA-256; beside them stands one metadata file
// for each capture event, which is the JSON of [scrape.Capture] and nothing else, so that
// it can be read, copied and checked without this program:
//
//	sha256/ab/abcdef...                                   the bytes as they came over the wire
//	captures/microsoft/lerr/20220901T120000.000000Z-abcdef012345.json
//	sightings/microsoft/lerr/<the same name>/2022-09-08.json
//	tmp/                                                  what is being written
//
// Nothing is edited after it was written, and every file appears by rename, whole and
// read-only. The bytes go first and the metadata last, so a killed program leaves at
// worst whole bytes that no capture names yet, or a file in tmp; Verify names both.
//
// What is a new event? Only what says something new. An event is compared with the one
// that was in effect at its time for the same source, address and file name; when nothing
// but the times and the writing program differ, no second event is made, and the earlier
// capture comes back with Unchanged set. The publisher going back from B to A is news and
// is kept: the event in effect was B's. That the same thing was seen again is kept as a
// sighting, at most one per capture and UTC day, so that "first and last captured" can be
// answered from the archive alone and an hourly run does not fill the disk. An answer of
// "not modified" is a sighting too.
//
// Bytes are hashed again whenever a capture is opened: a figure that cannot be walked
// back to the bytes it was read from is worth nothing, and hashing costs less than parsing.
//
// The package writes files and does nothing else: no network, no clock. It is cut off
// from package fetch because an imported file becomes a capture like any other.
package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"daylight/scrape"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2"
)

// Errors that callers switch on.
var (
	// ErrDamaged says that stored bytes are not (or no longer) the bytes of their name.
	ErrDamaged = errors.New("bytes are damaged")

	// ErrMetadata says that a metadata file cannot be read as a capture.
	ErrMetadata = errors.New("metadata is damaged")

	// ErrTooLarge says that a compressed capture unfolds to more than the archive opens.
	ErrTooLarge = errors.New("content too large")
)

// maxDecoded bounds the unfolded size of a gzip capture, in bytes. It is not below the
// default of fetch.Options.MaxDecoded, which refuses such a body before it gets here.
const maxDecoded = 512 << 20

// stampLayout is the time in a metadata file's name: UTC, microseconds, sorted as text,
// without the colons that some file systems refuse.
const stampLayout = "20060102T150405.000000Z"

// Folders and files below the archive's own folder.
const (
	contentDir  = "sha256"
	captureDir  = "captures"
	sightingDir = "sightings"
	tempDir     = "tmp"
	lockName    = ".lock"
)

// Archive is a folder of captures. It is safe for concurrent use, also by several
// processes.
type Archive struct {
	dir        string
	maxDecoded int64

	mu    sync.Mutex                // held while files are placed
	memo  sync.Mutex                // guards known
	known map[string]scrape.Capture // metadata files that were read, by path; they never change
}

// Open names the folder of an archive ("data/archive"). It neither creates nor reads
// anything: a folder that does not exist is an empty archive.
func Open(dir string) *Archive {
	return &Archive{dir: dir, maxDecoded: maxDecoded, known: map[string]scrape.Capture{}}
}

// Put archives the bytes of r under the given metadata and returns the capture as it is
// stored, body attached. SHA256 and Size are computed; when meta has them they must
// agree. Source, Name, RetrievedAt and Trust must be set; Status, URL and so on are kept
// as they are. Times are kept in UTC and in microseconds.
//
// When the event says nothing new (package comment) the earlier capture is returned with
// Unchanged set. Empty bytes are an error. On any error, and when ctx is done before the
// last byte, nothing is left behind.
func (a *Archive) Put(ctx context.Context, meta scrape.Capture, r io.Reader) (scrape.Capture, error) {
	meta.RetrievedAt = meta.RetrievedAt.UTC().Truncate(time.Microsecond).Round(0)
	meta.ArchivedAt = meta.ArchivedAt.UTC().Truncate(time.Microsecond).Round(0)
	meta.Unchanged = false
	if err := check(meta); err != nil {
		return scrape.Capture{}, fmt.Errorf("archive: put %q of %q: %w", meta.Name, meta.Source, err)
	}
	c, err := a.put(ctx, meta, r)
	if err != nil {
		return scrape.Capture{}, fmt.Errorf("archive: put %s of %s: %w", meta.Name, meta.Source, err)
	}
	return c, nil
}

func (a *Archive) put(ctx context.Context, meta scrape.Capture, r io.Reader) (scrape.Capture, error) {
	tmp := filepath.Join(a.dir, tempDir)
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return scrape.Capture{}, err
	}
	// renameio wants the final name before the first byte, and here the name is the
	// hash of the last one: so the same steps are written out.
	f, err := os.CreateTemp(tmp, "put-")
	if err != nil {
		return scrape.Capture{}, err
	}
	defer os.Remove(f.Name()) // gone already when the bytes were placed
	h := sha256.New()
	size, err := io.Copy(io.MultiWriter(f, h), contextReader{ctx, r})
	if err == nil {
		err = f.Chmod(0o444)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return scrape.Capture{}, err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	switch {
	case size == 0:
		return scrape.Capture{}, errors.New("no bytes")
	case meta.SHA256 != "" && meta.SHA256 != sum:
		return scrape.Capture{}, fmt.Errorf("sha256 %s, want %s: %w", sum, meta.SHA256, ErrDamaged)
	case meta.Size != 0 && meta.Size != size:
		return scrape.Capture{}, fmt.Errorf("%d bytes, want %d: %w", size, meta.Size, ErrDamaged)
	}
	meta.SHA256, meta.Size = sum, size

	unlock, err := a.lock(ctx)
	if err != nil {
		return scrape.Capture{}, err
	}
	defer unlock()

	placed, err := a.place(ctx, f.Name(), sum)
	if err != nil {
		return scrape.Capture{}, err
	}
	c, err := a.record(ctx, meta)
	if err != nil && placed {
		os.Remove(a.contentPath(sum))
	}
	return c, err
}

// place moves a finished temporary file to the name of its content and says whether
// that is new. Bytes that lie there already and are whole stay; damaged ones are
// replaced, because the name is a promise about the content.
func (a *Archive) place(ctx context.Context, tmp, sum string) (placed bool, err error) {
	dst := a.contentPath(sum)
	f, err := os.Open(dst)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
			return false, err
		}
		return true, os.Rename(tmp, dst)
	}
	if err != nil {
		return false, err
	}
	got, _, err := hashOf(ctx, f)
	f.Close()
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if err == nil && got == sum {
		return false, nil
	}
	return false, os.Rename(tmp, dst)
}

// record writes the metadata of an event, or finds that it says nothing new.
func (a *Archive) record(ctx context.Context, meta scrape.Capture) (scrape.Capture, error) {
	events, err := a.events(ctx, meta.Source)
	if err != nil {
		return scrape.Capture{}, err
	}
	// The event in effect at the new one's time: an import may lie in the past.
	var before *event
	for i := range events {
		e := &events[i]
		if e.URL == meta.URL && e.Name == meta.Name && !e.RetrievedAt.After(meta.RetrievedAt) {
			before = e
		}
	}
	if before != nil && same(before.Capture, meta) {
		if err := a.sight(before, meta.RetrievedAt); err != nil {
			return scrape.Capture{}, err
		}
		c := a.withBody(before.Capture)
		c.Unchanged = true
		return c, nil
	}
	b, err := FormatMetadata(meta)
	if err != nil {
		return scrape.Capture{}, err
	}
	stem := stemOf(meta)
	name := stem + ".json"
	for n := 2; ; n++ {
		// The same bytes in the same microsecond from another address.
		_, err := os.Lstat(a.file(name))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return scrape.Capture{}, err
		}
		name = fmt.Sprintf("%s-%d.json", stem, n)
	}
	if err := a.write(name, b); err != nil {
		return scrape.Capture{}, err
	}
	return a.withBody(meta), nil
}

// stemOf is the name of an event's metadata file, without its end.
func stemOf(c scrape.Capture) string {
	return path.Join(captureDir, c.Source, c.RetrievedAt.UTC().Format(stampLayout)+"-"+c.SHA256[:min(12, len(c.SHA256))])
}

// FormatMetadata is the content of a capture's metadata file.
func FormatMetadata(c scrape.Capture) ([]byte, error) {
	b, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

// ParseMetadata reads what FormatMetadata wrote; it refuses what no archive would hold. No bytes
// are attached. Errors wrap ErrMetadata.
func ParseMetadata(b []byte) (scrape.Capture, error) {
	c, err := parseMetadata(b)
	if err != nil {
		return scrape.Capture{}, fmt.Errorf("%w: %w", ErrMetadata, err)
	}
	return c, nil
}

// write places a small file: whole, read-only, never over another one (the caller holds
// the lock and has looked).
func (a *Archive) write(name string, b []byte) error {
	dst := a.file(name)
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return err
	}
	f, err := renameio.NewPendingFile(dst, renameio.WithTempDir(a.file(tempDir)), renameio.WithStaticPermissions(0o444))
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.CloseAtomicallyReplace()
	}
	if cerr := f.Cleanup(); err == nil {
		err = cerr
	}
	return err
}

// lock keeps other goroutines and other processes from placing files. Reading needs no
// lock: files appear whole and never change.
func (a *Archive) lock(ctx context.Context) (unlock func(), err error) {
	a.mu.Lock()
	l := flock.New(a.file(lockName))
	ok, err := l.TryLockContext(ctx, 10*time.Millisecond)
	if err == nil && !ok {
		err = errors.New("another process holds the lock")
	}
	if err != nil {
		a.mu.Unlock()
		return nil, fmt.Errorf("lock %s: %w", l.Path(), err)
	}
	return func() {
		l.Close() // unlocks; the bytes are placed already, so there is nothing to undo
		a.mu.Unlock()
	}, nil
}

// Seen notes that the publisher still gave the same answer at the given time, as with
// "304 Not Modified". At most one sighting per UTC day is kept, the day's first; one on
// the day of the capture itself is not.
func (a *Archive) Seen(ctx context.Context, c scrape.Capture, at time.Time) error {
	err := func() error {
		if err := os.MkdirAll(a.file(tempDir), 0o755); err != nil {
			return err
		}
		unlock, err := a.lock(ctx)
		if err != nil {
			return err
		}
		defer unlock()
		e, err := a.find(ctx, c)
		if err != nil {
			return err
		}
		return a.sight(e, at.UTC().Truncate(time.Microsecond).Round(0))
	}()
	if err != nil {
		return fmt.Errorf("archive: seen %s of %s: %w", c.Name, c.Source, err)
	}
	return nil
}

// sighting is the content of a sighting file.
type sighting struct {
	Capture string    `json:"capture"` // path of the metadata file within the archive
	SeenAt  time.Time `json:"seen_at"` // UTC
}

func (a *Archive) sight(e *event, at time.Time) error {
	day := at.Format(time.DateOnly)
	if !at.After(e.RetrievedAt) || day == e.RetrievedAt.Format(time.DateOnly) {
		return nil
	}
	name := path.Join(e.sightings(), day+".json")
	_, err := os.Lstat(a.file(name))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	b, err := json.MarshalIndent(sighting{Capture: e.path, SeenAt: at}, "", "  ")
	if err != nil {
		return err
	}
	return a.write(name, append(b, '\n'))
}

// Span returns when a capture was made and when the same answer was last seen, both UTC;
// the second is the first when it never was again. A sighting is exact, but of each day
// only the first is kept.
func (a *Archive) Span(ctx context.Context, c scrape.Capture) (first, last time.Time, err error) {
	e, err := a.find(ctx, c)
	if err == nil {
		first, last = e.RetrievedAt, e.RetrievedAt
		var days []string
		if days, err = a.list(e.sightings()); err == nil && len(days) > 0 {
			last, err = a.readSighting(e.path, days[len(days)-1])
		}
	}
	if err != nil {
		return time.Time{}, time.Time{}, fmt.Errorf("archive: span of %s of %s: %w", c.Name, c.Source, err)
	}
	return first, last, nil
}

// SeenAfter returns when a capture was first made or seen again after an instant, UTC, and whether
// it ever was.
func (a *Archive) SeenAfter(ctx context.Context, c scrape.Capture, after time.Time) (time.Time, bool, error) {
	at, ok, err := func() (time.Time, bool, error) {
		e, err := a.find(ctx, c)
		if err != nil {
			return time.Time{}, false, err
		}
		if e.RetrievedAt.After(after) {
			return e.RetrievedAt, true, nil
		}
		days, err := a.list(e.sightings())
		if err != nil {
			return time.Time{}, false, err
		}
		from, _ := slices.BinarySearch(days, path.Join(e.sightings(), after.UTC().Format(time.DateOnly)+".json"))
		for _, name := range days[from:] {
			if at, err := a.readSighting(e.path, name); err != nil || at.After(after) {
				return at, err == nil, err
			}
		}
		return time.Time{}, false, nil
	}()
	if err != nil {
		return time.Time{}, false, fmt.Errorf("archive: %s of %s after %s: %w", c.Name, c.Source, after.UTC().Format(time.RFC3339), err)
	}
	return at, ok, nil
}

func (a *Archive) readSighting(capture, name string) (time.Time, error) {
	b, err := os.ReadFile(a.file(name))
	if err != nil {
		return time.Time{}, err
	}
	var s sighting
	if err := decode(b, &s); err != nil {
		return time.Time{}, fmt.Errorf("%s: %w: %w", a.file(name), ErrMetadata, err)
	}
	if s.Capture != capture || s.SeenAt.UTC().Format(time.DateOnly)+".json" != path.Base(name) {
		return time.Time{}, fmt.Errorf("%s: says %q at %s: %w", a.file(name), s.Capture, s.SeenAt.Format(time.RFC3339), ErrMetadata)
	}
	return s.SeenAt.UTC(), nil
}

// Captures yields every capture event, body attached, ordered by source, then time, then
// hash: the same archive gives the same order. A metadata file that cannot be read is
// yielded as an error that names it and wraps ErrMetadata; the caller may go on. The
// bytes are not looked at before a capture is opened.
func (a *Archive) Captures(ctx context.Context) iter.Seq2[scrape.Capture, error] {
	return func(yield func(scrape.Capture, error) bool) {
		sources, err := a.sources()
		if err != nil {
			yield(scrape.Capture{}, fmt.Errorf("archive: captures: %w", err))
			return
		}
		for _, source := range sources {
			names, err := a.list(path.Join(captureDir, source))
			if err != nil {
				yield(scrape.Capture{}, fmt.Errorf("archive: captures of %s: %w", source, err))
				return
			}
			for _, name := range names {
				if ctx.Err() != nil {
					yield(scrape.Capture{}, fmt.Errorf("archive: captures: %w", context.Cause(ctx)))
					return
				}
				c, err := a.read(name)
				if err != nil {
					err = fmt.Errorf("archive: captures: %w", err)
				} else {
					c = a.withBody(c)
				}
				if !yield(c, err) {
					return
				}
			}
		}
	}
}

// Find returns the capture events of the source that have these bytes, body attached, oldest
// first; none is no error. The hash must be whole.
func (a *Archive) Find(ctx context.Context, source, sha256 string) ([]scrape.Capture, error) {
	out, err := a.findBytes(ctx, source, sha256)
	if err != nil {
		return nil, fmt.Errorf("archive: find %.12s of %s: %w", sha256, source, err)
	}
	return out, nil
}

func (a *Archive) findBytes(ctx context.Context, source, sum string) ([]scrape.Capture, error) {
	if err := checkSource(source); err != nil {
		return nil, err
	}
	if !isSHA256(sum) {
		return nil, fmt.Errorf("sha256 is %q", sum)
	}
	names, err := a.list(path.Join(captureDir, source))
	if err != nil {
		return nil, err
	}
	var out []scrape.Capture
	for _, name := range names {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		// The name holds the hash, so that the other files need not be read.
		if !strings.Contains(path.Base(name), "-"+sum[:12]) {
			continue
		}
		c, err := a.read(name)
		if err != nil {
			return nil, err
		}
		if c.SHA256 == sum {
			out = append(out, a.withBody(c))
		}
	}
	return out, nil
}

// Bytes returns stored bytes as they came over the wire, content encoding and all. They are
// hashed: damaged ones are an error that names the file and wraps ErrDamaged.
func (a *Archive) Bytes(sha256 string) ([]byte, error) {
	if !isSHA256(sha256) {
		return nil, fmt.Errorf("archive: sha256 is %q", sha256)
	}
	file := a.contentPath(sha256)
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	if got, _, _ := hash(bytes.NewReader(b)); got != sha256 {
		return nil, fmt.Errorf("archive: %s: sha256 %s of %d bytes: %w; run daylight verify", file, got, len(b), ErrDamaged)
	}
	return b, nil
}

// Latest returns the newest capture of an address and whether there is one.
func (a *Archive) Latest(ctx context.Context, source, url string) (scrape.Capture, bool, error) {
	events, err := a.events(ctx, source)
	if err != nil {
		return scrape.Capture{}, false, fmt.Errorf("archive: latest of %s %q: %w", source, url, err)
	}
	for _, e := range slices.Backward(events) {
		if e.URL == url {
			return a.withBody(e.Capture), true, nil
		}
	}
	return scrape.Capture{}, false, nil
}

// event is a stored capture and the path of its metadata file.
type event struct {
	scrape.Capture
	path string
}

// sightings is the folder of the event's sightings.
func (e *event) sightings() string {
	return sightingDir + strings.TrimSuffix(strings.TrimPrefix(e.path, captureDir), ".json")
}

// events returns the captures of a source, oldest first.
func (a *Archive) events(ctx context.Context, source string) ([]event, error) {
	if err := checkSource(source); err != nil {
		return nil, err
	}
	names, err := a.list(path.Join(captureDir, source))
	if err != nil {
		return nil, err
	}
	out := make([]event, 0, len(names))
	for _, name := range names {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		c, err := a.read(name)
		if err != nil {
			return nil, err
		}
		out = append(out, event{c, name})
	}
	return out, nil
}

func (a *Archive) find(ctx context.Context, c scrape.Capture) (*event, error) {
	if err := checkSource(c.Source); err != nil {
		return nil, err
	}
	names, err := a.list(path.Join(captureDir, c.Source))
	if err != nil {
		return nil, err
	}
	stem := stemOf(c)
	for _, name := range names {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		// The name tells time and bytes: of thousands of events one is read.
		if !strings.HasPrefix(name, stem) {
			continue
		}
		e, err := a.read(name)
		if err != nil {
			return nil, err
		}
		if e.RetrievedAt.Equal(c.RetrievedAt) && same(e, c) {
			return &event{e, name}, nil
		}
	}
	return nil, fmt.Errorf("no such capture (%s at %s): %w", c.SHA256, c.RetrievedAt.UTC().Format(time.RFC3339Nano), fs.ErrNotExist)
}

// read returns one metadata file, checked against its own name and folder.
func (a *Archive) read(name string) (scrape.Capture, error) {
	a.memo.Lock()
	c, ok := a.known[name]
	a.memo.Unlock()
	if ok {
		return c, nil
	}
	c, err := a.load(name)
	if err != nil {
		return scrape.Capture{}, err
	}
	a.memo.Lock()
	a.known[name] = c
	a.memo.Unlock()
	return c, nil
}

// load is read without the memory of earlier reads.
func (a *Archive) load(name string) (scrape.Capture, error) {
	b, err := os.ReadFile(a.file(name))
	if err != nil {
		return scrape.Capture{}, err
	}
	c, err := parse(name, b)
	if err != nil {
		return scrape.Capture{}, fmt.Errorf("%s: %w: %w", a.file(name), ErrMetadata, err)
	}
	return c, nil
}

// parse reads the metadata file of the given name, which is relative to the archive.
func parse(name string, b []byte) (scrape.Capture, error) {
	c, err := parseMetadata(b)
	if err != nil {
		return scrape.Capture{}, err
	}
	dir, file := path.Split(name)
	stem := c.RetrievedAt.Format(stampLayout) + "-" + c.SHA256[:12]
	if dir != path.Join(captureDir, c.Source)+"/" || (file != stem+".json" && !strings.HasPrefix(file, stem+"-")) {
		return scrape.Capture{}, fmt.Errorf("content belongs to %s/%s.json", c.Source, stem)
	}
	return c, nil
}

func parseMetadata(b []byte) (scrape.Capture, error) {
	var c scrape.Capture
	if err := decode(b, &c); err != nil {
		return scrape.Capture{}, err
	}
	c.RetrievedAt, c.ArchivedAt = c.RetrievedAt.UTC(), c.ArchivedAt.UTC()
	if err := check(c); err != nil {
		return scrape.Capture{}, err
	}
	if !isSHA256(c.SHA256) {
		return scrape.Capture{}, fmt.Errorf("sha256 is %q", c.SHA256)
	}
	if c.Size <= 0 {
		return scrape.Capture{}, fmt.Errorf("size is %d", c.Size)
	}
	return c, nil
}

// decode refuses unknown fields and anything after the value: a file that a newer
// program wrote, or that was edited, is not half understood.
func decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return nil
}

// sources lists "provider/family" in order.
func (a *Archive) sources() ([]string, error) {
	var out []string
	providers, err := a.folders(captureDir)
	if err != nil {
		return nil, err
	}
	for _, p := range providers {
		families, err := a.folders(path.Join(captureDir, p))
		if err != nil {
			return nil, err
		}
		for _, f := range families {
			out = append(out, p+"/"+f)
		}
	}
	return out, nil
}

func (a *Archive) folders(dir string) ([]string, error) {
	entries, err := os.ReadDir(a.file(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// list returns the JSON files of a folder, ordered by name, as paths within the archive;
// none when there is no folder. What else lies there is named by Verify.
func (a *Archive) list(dir string) ([]string, error) {
	entries, err := os.ReadDir(a.file(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasSuffix(e.Name(), ".json") {
			out = append(out, path.Join(dir, e.Name()))
		}
	}
	return out, nil
}

func (a *Archive) file(name string) string { return filepath.Join(a.dir, filepath.FromSlash(name)) }

func (a *Archive) contentPath(sum string) string {
	return filepath.Join(a.dir, contentDir, sum[:2], sum)
}

// same says whether two events differ in nothing but the times and the program that wrote
// them.
func same(a, b scrape.Capture) bool {
	a.RetrievedAt, b.RetrievedAt = time.Time{}, time.Time{}
	a.ArchivedAt, b.ArchivedAt = time.Time{}, time.Time{}
	a.Tool, b.Tool = "", ""
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

// check looks at what the caller must give, and at what becomes part of a path.
func check(c scrape.Capture) error {
	if err := checkSource(c.Source); err != nil {
		return err
	}
	switch {
	case c.Name == "" || c.Name == "." || c.Name == ".." || strings.ContainsAny(c.Name, "/\\\x00"):
		return fmt.Errorf("name %q is no file name", c.Name)
	case c.RetrievedAt.IsZero() || c.RetrievedAt.Year() < 1 || c.RetrievedAt.Year() > 9999:
		return errors.New("no time")
	case c.Encoding != "" && c.Encoding != "gzip":
		return fmt.Errorf("encoding %q is not known", c.Encoding)
	}
	switch c.Trust {
	case scrape.TrustPublisher, scrape.TrustArchive, scrape.TrustRetyped, scrape.TrustMirror, scrape.TrustPress:
		return nil
	}
	return fmt.Errorf("trust %q is not known", c.Trust)
}

// checkSource accepts "provider/family" of lower-case letters, digits, "-" and "_".
func checkSource(s string) error {
	provider, family, ok := strings.Cut(s, "/")
	for _, p := range []string{provider, family} {
		ok = ok && p != "" && strings.IndexFunc(p, func(r rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789-_", r)
		}) < 0
	}
	if !ok {
		return fmt.Errorf("source %q is not of the form provider/family", s)
	}
	return nil
}

func isSHA256(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && strings.ToLower(s) == s
}

// contextReader ends a copy when ctx is done.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(p)
}

func hashOf(ctx context.Context, r io.Reader) (sum string, size int64, err error) {
	return hash(contextReader{ctx, r})
}

func hash(r io.Reader) (sum string, size int64, err error) {
	h := sha256.New()
	size, err = io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), size, err
}
