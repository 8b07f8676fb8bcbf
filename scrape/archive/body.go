package archive

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"daylight/scrape"
)

// withBody attaches the stored bytes. They are hashed before the first one is handed
// out; damaged or missing bytes are an error of Open that names the file.
func (a *Archive) withBody(c scrape.Capture) scrape.Capture {
	sum, size, encoding := c.SHA256, c.Size, c.Encoding
	return c.WithBody(func() (scrape.Body, error) {
		b, err := a.open(sum, size, encoding)
		if err != nil {
			return nil, fmt.Errorf("archive: open %s: %w", a.contentPath(sum), err)
		}
		return b, nil
	})
}

func (a *Archive) open(sum string, size int64, encoding string) (_ scrape.Body, err error) {
	f, err := os.Open(a.contentPath(sum))
	if err != nil {
		return nil, err
	}
	got, n, err := hash(f)
	if err == nil && (got != sum || n != size) {
		err = fmt.Errorf("sha256 %s of %d bytes: %w; run daylight verify", got, n, ErrDamaged)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	if encoding == "" {
		return &body{File: f, size: size}, nil
	}
	defer f.Close()
	return unfold(f, a.maxDecoded)
}

// WithBytes returns the capture with its stored bytes attached, which lie in memory and not
// in an archive. As with archived ones, Open hashes them and undoes their content encoding.
func WithBytes(c scrape.Capture, stored []byte) scrape.Capture {
	sum, size, encoding := c.SHA256, c.Size, c.Encoding
	return c.WithBody(func() (scrape.Body, error) {
		got, n, err := hash(bytes.NewReader(stored))
		if err == nil && (got != sum || n != size) {
			err = fmt.Errorf("sha256 %s of %d bytes: %w", got, n, ErrDamaged)
		}
		if err != nil {
			return nil, fmt.Errorf("capture %.12s: %w", sum, err)
		}
		if encoding == "" {
			return memory{bytes.NewReader(stored)}, nil
		}
		b, err := unfold(bytes.NewReader(stored), maxDecoded)
		if err != nil {
			return nil, fmt.Errorf("capture %.12s: %w", sum, err)
		}
		return b, nil
	})
}

// memory is a body in memory.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// unfold undoes gzip into a temporary file, which Close removes: workbooks and ZIP
// archives need random access, and memory stays flat. The file lies in the system's
// folder because the archive may be one that we cannot write to.
func unfold(r io.Reader, limit int64) (_ scrape.Body, err error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp("", "daylight-body-")
	if err != nil {
		return nil, err
	}
	b := &body{File: f, remove: f.Name()}
	b.size, err = io.Copy(f, io.LimitReader(z, limit+1))
	if err == nil && b.size > limit {
		err = fmt.Errorf("gzip unfolds to more than %d bytes: %w", limit, ErrTooLarge)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// body is a file, perhaps one that goes when it is closed.
type body struct {
	*os.File
	size   int64
	remove string
}

func (b *body) Size() int64 { return b.size }

func (b *body) Close() error {
	err := b.File.Close()
	if b.remove != "" {
		err = errors.Join(err, os.Remove(b.remove))
		b.remove = ""
	}
	return err
}
