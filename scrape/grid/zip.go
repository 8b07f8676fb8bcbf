package grid

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"daylight/scrape"
)

// Zip is the directory of a ZIP file, checked. Nothing was decompressed yet.
type Zip struct {
	Members []Member // regular files, in the order of the directory
	Ignored []string // names of members that are no part of a report: see below
}

// Member is one regular file inside a ZIP.
type Member struct {
	Name string // as printed in the directory, folders included; what Locator.Member holds
	Base string // last element of Name
	file *zip.File
}

// OpenZip reads the directory of a ZIP and checks every entry before anything is
// decompressed. What an operating system leaves behind (the folder __MACOSX, .DS_Store,
// Thumbs.db, desktop.ini) is listed in Ignored by name; directories are passed over.
//
// It refuses, with an error that wraps scrape.ErrLayout and names the member: an empty or
// truncated file; no member at all; names that are absolute, leave the archive or hold a
// backslash; two members of one base name (which of the two is the report?); encrypted
// members; links and devices; other methods than store and deflate; and more members,
// decompressed bytes or a higher ratio than the caps of this package.
func OpenZip(r io.ReaderAt, size int64) (*Zip, error) {
	if size == 0 {
		return nil, layoutError("zip: the file is empty")
	}
	zr, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // the names are checked below
		if errors.Is(err, zip.ErrFormat) || errors.Is(err, zip.ErrAlgorithm) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return nil, layoutError("zip: no complete archive: %w", err)
		}
		return nil, fmt.Errorf("zip: %w", err)
	}
	if len(zr.File) > MaxMembers {
		return nil, layoutError("zip: %d members, more than %d", len(zr.File), MaxMembers)
	}
	z := &Zip{}
	var total uint64
	seen := map[string]string{}
	for _, f := range zr.File {
		name := f.Name
		if err := checkName(name); err != nil {
			return nil, err
		}
		if strings.HasSuffix(name, "/") {
			continue
		}
		m := Member{Name: name, Base: path.Base(name), file: f}
		if leftBehind(name) {
			z.Ignored = append(z.Ignored, name)
			continue
		}
		if err := checkMember(f); err != nil {
			return nil, err
		}
		if total += f.UncompressedSize64; total > MaxTotal {
			return nil, layoutError("zip: more than %d bytes when decompressed", int64(MaxTotal))
		}
		key := strings.ToLower(m.Base)
		if other, dup := seen[key]; dup {
			return nil, layoutError("zip: members %q and %q have one name", other, name)
		}
		seen[key] = name
		z.Members = append(z.Members, m)
	}
	if len(z.Members) == 0 {
		return nil, layoutError("zip: no member that could be a report")
	}
	return z, nil
}

func checkName(name string) error {
	bad := func(why string) error { return layoutError("zip: member %q: %s", name, why) }
	switch {
	case name == "":
		return bad("no name")
	case strings.ContainsAny(name, "\\\x00"):
		return bad("backslash or NUL in the name")
	case strings.HasPrefix(name, "/"), len(name) > 1 && name[1] == ':':
		return bad("absolute name")
	case strings.ContainsAny(name, "\r\n"):
		return bad("line end in the name")
	}
	for _, part := range strings.Split(strings.TrimSuffix(name, "/"), "/") {
		if part == ".." || part == "." || part == "" {
			return bad("name leaves the archive")
		}
	}
	return nil
}

// leftBehind reports whether a member is known to be an operating system's own.
func leftBehind(name string) bool {
	if strings.HasPrefix(name, "__MACOSX/") || strings.Contains(name, "/__MACOSX/") {
		return true
	}
	switch strings.ToLower(path.Base(name)) {
	case ".ds_store", "thumbs.db", "desktop.ini":
		return true
	}
	return false
}

func checkMember(f *zip.File) error {
	bad := func(format string, args ...any) error {
		return layoutError("zip: member %q: "+format, append([]any{f.Name}, args...)...)
	}
	switch {
	case f.Flags&0x1 != 0 || f.Flags&0x40 != 0:
		return bad("encrypted")
	case !f.Mode().IsRegular():
		return bad("not a regular file")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return bad("compression method %d", f.Method)
	case f.UncompressedSize64 > MaxMember:
		return bad("%d bytes when decompressed, more than %d", f.UncompressedSize64, int64(MaxMember))
	case f.UncompressedSize64 > ratioFreeSize && f.UncompressedSize64/MaxRatio > f.CompressedSize64:
		return bad("%d bytes from %d, a ratio over %d", f.UncompressedSize64, f.CompressedSize64, MaxRatio)
	}
	return nil
}

// Open opens the member's content. Reading fails, with an error that wraps
// scrape.ErrLayout, when there are more bytes than the directory said, when they end early
// and when their checksum is wrong; the last two show at the end of the content only.
func (m Member) Open() (io.ReadCloser, error) {
	f, err := m.file.Open()
	if err != nil {
		return nil, layoutError("zip: member %q: %w", m.Name, err)
	}
	return &memberReader{ReadCloser: f, name: m.Name, left: m.file.UncompressedSize64}, nil
}

type memberReader struct {
	io.ReadCloser
	name string
	left uint64
}

func (r *memberReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if uint64(n) > r.left {
		return 0, layoutError("zip: member %q: more bytes than its directory entry says", r.name)
	}
	r.left -= uint64(n)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, scrape.ErrLayout) {
		err = layoutError("zip: member %q: %w", r.name, err)
	}
	return n, err
}
