package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Kind says what is wrong with a file of the archive.
type Kind string

// The closed list of kinds.
const (
	Damaged  Kind = "damaged"  // the bytes are not those of their name: the evidence is gone
	Missing  Kind = "missing"  // a capture names bytes that are not there: the evidence is gone
	Metadata Kind = "metadata" // a metadata or sighting file cannot be read
	Orphan   Kind = "orphan"   // whole bytes that no capture names
	Stray    Kind = "stray"    // a file that does not belong here
)

// Problem is one finding of Verify.
type Problem struct {
	Kind   Kind     `json:"kind"`
	Path   string   `json:"path"`              // within the archive, slashes
	Detail string   `json:"detail"`            // what was found
	UsedBy []string `json:"used_by,omitempty"` // metadata files of the captures that need it
	Next   string   `json:"next"`              // what to do about it
}

// Report is the outcome of Verify.
type Report struct {
	Captures  int       `json:"captures"`  // capture events read
	Sightings int       `json:"sightings"` // sightings read
	Contents  int       `json:"contents"`  // files of bytes hashed
	Bytes     int64     `json:"bytes"`     // bytes hashed
	Problems  []Problem `json:"problems"`  // ordered by path
}

// OK says that every capture can be walked back to its bytes. Orphans and strays do not
// speak against that; all other kinds do.
func (r Report) OK() bool {
	return !slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Kind != Orphan && p.Kind != Stray })
}

// Verify reads every file of the archive again and hashes all bytes. It changes nothing.
// What it finds is in the report; the error is for a folder that cannot be read or a ctx
// that is done. A run that is writing at the same time may show as orphan or stray.
func (a *Archive) Verify(ctx context.Context) (Report, error) {
	r, err := a.verify(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("archive: verify %s: %w", a.dir, err)
	}
	slices.SortStableFunc(r.Problems, func(x, y Problem) int { return strings.Compare(x.Path, y.Path) })
	return r, nil
}

func (a *Archive) verify(ctx context.Context) (Report, error) {
	var r Report
	add := func(p Problem) { r.Problems = append(r.Problems, p) }

	type need struct {
		size   int64
		usedBy []string
		found  bool
	}
	needs := map[string]*need{}
	events := map[string]bool{} // metadata files by path

	err := a.walk(ctx, captureDir, func(name string) {
		if !strings.HasSuffix(name, ".json") {
			add(stray(name))
			return
		}
		events[name] = true
		c, err := a.load(name)
		if err != nil {
			add(Problem{Kind: Metadata, Path: name, Detail: err.Error(),
				Next: "restore the file from a backup; its bytes, if they are there, show as orphan"})
			return
		}
		r.Captures++
		n := needs[c.SHA256]
		if n == nil {
			n = &need{size: c.Size}
			needs[c.SHA256] = n
		}
		n.usedBy = append(n.usedBy, name)
		if n.size != c.Size {
			add(Problem{Kind: Metadata, Path: name,
				Detail: fmt.Sprintf("says %d bytes where %s says %d of the same hash", c.Size, n.usedBy[0], n.size),
				Next:   "restore the file from a backup"})
		}
	})
	if err != nil {
		return Report{}, err
	}

	err = a.walk(ctx, sightingDir, func(name string) {
		capture := captureDir + strings.TrimPrefix(path.Dir(name), sightingDir) + ".json"
		if !strings.HasSuffix(name, ".json") {
			add(stray(name))
			return
		}
		if !events[capture] {
			add(Problem{Kind: Metadata, Path: name, Detail: "sighting of a capture that is not there", UsedBy: []string{capture},
				Next: "restore the capture's metadata file from a backup"})
			return
		}
		if _, err := a.readSighting(capture, name); err != nil {
			add(Problem{Kind: Metadata, Path: name, Detail: err.Error(), UsedBy: []string{capture},
				Next: "restore the file from a backup, or delete it: only a date of sighting is lost"})
			return
		}
		r.Sightings++
	})
	if err != nil {
		return Report{}, err
	}

	err = a.walk(ctx, contentDir, func(name string) {
		sum := path.Base(name)
		if !isSHA256(sum) || name != path.Join(contentDir, sum[:2], sum) {
			add(stray(name))
			return
		}
		got, size, err := a.hashFile(ctx, name)
		if ctx.Err() != nil {
			return // walk reports it
		}
		r.Contents++
		r.Bytes += size
		n := needs[sum]
		p := Problem{Path: name}
		if n != nil {
			n.found = true
			p.UsedBy = n.usedBy
		}
		switch {
		case err != nil:
			p.Kind, p.Detail = Damaged, err.Error()
		case got != sum:
			p.Kind, p.Detail = Damaged, fmt.Sprintf("hashes to %s (%d bytes)", got, size)
		case n == nil:
			p.Kind, p.Detail = Orphan, "no capture names these bytes"
			p.Next = "keep it until no ingest runs, then delete it or import it again with daylight import"
		case n.size != size:
			p.Kind, p.Detail = Metadata, fmt.Sprintf("has %d bytes, its captures say %d", size, n.size)
			p.Next = "restore the metadata files from a backup"
		default:
			return
		}
		if p.Kind == Damaged {
			p.Next = "restore the file from a backup, or fetch or import the same bytes again: that replaces it"
		}
		add(p)
	})
	if err != nil {
		return Report{}, err
	}
	for sum, n := range needs {
		if !n.found {
			add(Problem{Kind: Missing, Path: path.Join(contentDir, sum[:2], sum), Detail: "the bytes are not there", UsedBy: n.usedBy,
				Next: "restore the file from a backup, or fetch or import the same bytes again"})
		}
	}

	err = a.walk(ctx, ".", func(name string) {
		top, _, _ := strings.Cut(name, "/")
		switch top {
		case captureDir, sightingDir, contentDir, lockName:
		default:
			add(stray(name))
		}
	})
	return r, err
}

func stray(name string) Problem {
	p := Problem{Kind: Stray, Path: name, Detail: "not a file of the archive", Next: "move it away"}
	if strings.HasPrefix(name, tempDir+"/") {
		p.Detail, p.Next = "left by a run that was killed, or of one that is writing", "delete it when no ingest runs"
	}
	return p
}

// walk calls visit for every file below dir (not for folders), in order.
func (a *Archive) walk(ctx context.Context, dir string, visit func(name string)) error {
	err := filepath.WalkDir(a.file(dir), func(file string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // no folder yet, or a temporary file that found its name
			}
			return err
		}
		if d.IsDir() {
			return nil
		}
		name, err := filepath.Rel(a.dir, file)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(name))
		return nil
	})
	if err == nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (a *Archive) hashFile(ctx context.Context, name string) (string, int64, error) {
	f, err := os.Open(a.file(name))
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	return hashOf(ctx, f)
}
