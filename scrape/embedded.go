package scrape

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"time"
)

// EmbeddedCaptures reads the captures that a room ships. The folder holds the files and
// an index, captures.csv, with the columns file, source, url, retrieved_at (RFC 3339),
// edition, published_on, media_type, trust, excerpt (true or false) and note; rows of
// other sources of the same provider are passed over. The order is the index's.
func EmbeddedCaptures(fsys fs.FS, dir, source string) ([]Capture, error) {
	index := path.Join(dir, "captures.csv")
	raw, err := fs.ReadFile(fsys, index)
	if err != nil {
		return nil, fmt.Errorf("embedded captures of %s: %w", source, err)
	}
	r := csv.NewReader(bytes.NewReader(raw))
	lines, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("embedded captures of %s: %s: %w", source, index, err)
	}
	want := []string{"file", "source", "url", "retrieved_at", "edition", "published_on", "media_type", "trust", "excerpt", "note"}
	if len(lines) == 0 || len(lines[0]) != len(want) {
		return nil, fmt.Errorf("embedded captures of %s: %s: want the columns %v", source, index, want)
	}
	for i, h := range want {
		if lines[0][i] != h {
			return nil, fmt.Errorf("embedded captures of %s: %s: column %d is %q, want %q", source, index, i+1, lines[0][i], h)
		}
	}
	var out []Capture
	for n, f := range lines[1:] {
		if f[1] != source {
			continue
		}
		at, err := time.Parse(time.RFC3339, f[3])
		if err != nil {
			return nil, fmt.Errorf("embedded captures of %s: %s line %d: retrieved_at: %w", source, index, n+2, err)
		}
		excerpt, err := strconv.ParseBool(f[8])
		if err != nil {
			return nil, fmt.Errorf("embedded captures of %s: %s line %d: excerpt: %w", source, index, n+2, err)
		}
		content, err := fs.ReadFile(fsys, path.Join(dir, f[0]))
		if err != nil {
			return nil, fmt.Errorf("embedded captures of %s: %s line %d: %w", source, index, n+2, err)
		}
		c := BytesCapture(content)
		c.Source, c.Name, c.URL, c.FinalURL = source, path.Base(f[0]), f[2], f[2]
		c.RetrievedAt, c.Edition, c.PublishedOn = at.UTC(), f[4], f[5]
		c.MediaType, c.Trust, c.Excerpt = f[6], Trust(f[7]), excerpt
		out = append(out, c)
	}
	return out, nil
}

// BytesCapture makes a capture of bytes at hand: SHA256, Size and the body are set,
// everything else is the caller's.
func BytesCapture(content []byte) Capture {
	sum := sha256.Sum256(content)
	c := Capture{SHA256: hex.EncodeToString(sum[:]), Size: int64(len(content))}
	return c.WithBody(func() (Body, error) {
		return bytesBody{bytes.NewReader(content)}, nil
	})
}

type bytesBody struct{ *bytes.Reader }

func (bytesBody) Close() error  { return nil }
func (b bytesBody) Size() int64 { return b.Reader.Size() }
