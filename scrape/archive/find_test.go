package archive

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	a := Open(dir)
	first := put(t, a, lerr(at(3, 1, 9)), "one")
	renamed := lerr(at(3, 2, 9))
	renamed.Name = "copy.xlsx"
	second := put(t, a, renamed, "one")
	put(t, a, lerr(at(3, 3, 9)), "another")

	got, err := a.Find(t.Context(), "microsoft/lerr", first.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]scrape.Capture{first, second}, got, ignoreBody); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if text := read(t, got[1]); text != "one" {
		t.Errorf("content %q", text)
	}
	if got, err := a.Find(t.Context(), "microsoft/usnsor", first.SHA256); len(got) != 0 || err != nil {
		t.Errorf("another source has %v, %v", got, err)
	}
	for _, bad := range [][2]string{{"microsoft", first.SHA256}, {"microsoft/lerr", first.SHA256[:12]}, {"microsoft/lerr", "../../x"}} {
		if _, err := a.Find(t.Context(), bad[0], bad[1]); err == nil {
			t.Errorf("Find(%q, %q): no error", bad[0], bad[1])
		}
	}
}

func TestBytes(t *testing.T) {
	a := Open(t.TempDir())
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write([]byte("content")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	meta := lerr(at(3, 1, 9))
	meta.Encoding = "gzip"
	c := put(t, a, meta, zipped.String())

	stored, err := a.Bytes(c.SHA256)
	if err != nil || !bytes.Equal(stored, zipped.Bytes()) {
		t.Fatalf("%d bytes, %v: not those of the wire", len(stored), err)
	}
	if text := read(t, WithBytes(c, stored)); text != "content" {
		t.Errorf("unfolded to %q", text)
	}
	plain := c
	plain.Encoding = ""
	if text := read(t, WithBytes(plain, stored)); text != zipped.String() {
		t.Errorf("%d bytes, want them as they are", len(text))
	}
	stored[0] ^= 1
	if _, err := WithBytes(c, stored).Open(); !errors.Is(err, ErrDamaged) {
		t.Errorf("damaged in memory: %v", err)
	}

	file := a.contentPath(c.SHA256)
	if err := errors.Join(os.Chmod(file, 0o644), os.WriteFile(file, stored, 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Bytes(c.SHA256); !errors.Is(err, ErrDamaged) {
		t.Errorf("damaged file: %v", err)
	}
	if _, err := a.Bytes(hashOfNothing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if _, err := a.Bytes("../x"); err == nil {
		t.Error("a path is taken for a hash")
	}
}

const hashOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestMetadataText(t *testing.T) {
	c := put(t, Open(t.TempDir()), lerr(at(3, 1, 9)), "one")
	b, err := FormatMetadata(c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseMetadata(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, got, ignoreBody); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, bad := range []string{"", "{}", "[]", string(b) + "{}", `{"source":"microsoft/lerr","more":1}`} {
		if _, err := ParseMetadata([]byte(bad)); !errors.Is(err, ErrMetadata) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
