package grid

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
)

// archive makes a ZIP; change may spoil each header before it is written.
func archive(t testing.TB, change func(h *zip.FileHeader), members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		h := &zip.FileHeader{Name: members[i], Method: zip.Deflate}
		if change != nil {
			change(h)
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(h.Name, "/") {
			if _, err := io.WriteString(w, members[i+1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestOpenZip(t *testing.T) {
	big := strings.Repeat("0", 2<<20)
	many := make([]string, 0, 2*MaxMembers+2)
	for i := range MaxMembers + 1 {
		many = append(many, fmt.Sprintf("%d.csv", i), "")
	}
	plain := archive(t, nil, "a.csv", "x,y\n")
	for _, tc := range []struct {
		name    string
		zip     []byte
		want    []string
		ignored []string
		refused string
	}{
		{name: "members_in_order", zip: archive(t, nil, "b.csv", "1", "R/", "", "R/a.csv", "2"), want: []string{"b.csv", "R/a.csv"}},
		{
			name:    "left_behind_by_systems",
			zip:     archive(t, nil, "a.csv", "1", "__MACOSX/._a.csv", "2", "R/__MACOSX/._b.csv", "3", ".DS_Store", "4", "R/Thumbs.db", "5"),
			want:    []string{"a.csv"},
			ignored: []string{"__MACOSX/._a.csv", "R/__MACOSX/._b.csv", ".DS_Store", "R/Thumbs.db"},
		},
		{name: "empty_file", zip: nil, refused: "empty"},
		{name: "no_archive", zip: []byte("<!DOCTYPE html>"), refused: "no complete archive"},
		{name: "truncated", zip: plain[:len(plain)-30], refused: "no complete archive"},
		{name: "no_member", zip: archive(t, nil), refused: "no member"},
		{name: "only_left_behind", zip: archive(t, nil, "__MACOSX/a.csv", "1"), refused: "no member"},
		{name: "leaves_the_archive", zip: archive(t, nil, "../a.csv", "1"), refused: "leaves the archive"},
		{name: "leaves_by_the_middle", zip: archive(t, nil, "R/../../a.csv", "1"), refused: "leaves the archive"},
		{name: "absolute", zip: archive(t, nil, "/etc/a.csv", "1"), refused: "absolute"},
		{name: "drive", zip: archive(t, nil, "C:a.csv", "1"), refused: "absolute"},
		{name: "backslash", zip: archive(t, nil, "R\\a.csv", "1"), refused: "backslash"},
		{name: "one_name_twice", zip: archive(t, nil, "a.csv", "1", "R/A.csv", "2"), refused: "have one name"},
		{name: "encrypted", zip: archive(t, func(h *zip.FileHeader) { h.Flags |= 1 }, "a.csv", "1"), refused: "encrypted"},
		{name: "link", zip: archive(t, func(h *zip.FileHeader) { h.SetMode(0o777 | fs.ModeSymlink) }, "a.csv", "/etc/passwd"), refused: "not a regular file"},
		{name: "ratio", zip: archive(t, nil, "a.csv", big), refused: "ratio"},
		{name: "too_many_members", zip: archive(t, nil, many...), refused: "members"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			z, err := OpenZip(bytes.NewReader(tc.zip), int64(len(tc.zip)))
			if tc.refused != "" {
				if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) {
					t.Errorf("error %v, want ErrLayout with %q", err, tc.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range z.Members {
				got = append(got, m.Name)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.ignored, z.Ignored); diff != "" {
				t.Errorf("ignored (-want +got):\n%s", diff)
			}
		})
	}
}

// lie replaces a four-byte size in the central directory, so that it contradicts the data.
func lie(t *testing.T, z []byte, honest, said uint32) []byte {
	t.Helper()
	z = bytes.Clone(z)
	at := bytes.LastIndex(z, []byte("PK\x01\x02"))
	field := z[at+24 : at+28]
	if got := uint32(field[0]) | uint32(field[1])<<8 | uint32(field[2])<<16 | uint32(field[3])<<24; got != honest {
		t.Fatalf("size in the directory is %d, want %d", got, honest)
	}
	for i := range 4 {
		field[i] = byte(said >> (8 * i))
	}
	return z
}

func TestMemberContent(t *testing.T) {
	content := strings.Repeat("a,b,c\n", 1000)
	whole := archive(t, nil, "a.csv", content)
	stored := archive(t, func(h *zip.FileHeader) { h.Method = zip.Store }, "a.csv", content)
	flip := bytes.Clone(stored)
	flip[bytes.Index(flip, []byte("a,b,c"))+2] = 'X'
	for _, tc := range []struct {
		name    string
		zip     []byte
		refused string
	}{
		{name: "deflated", zip: whole},
		{name: "stored", zip: stored},
		{name: "one_byte_changed", zip: flip, refused: "checksum"},
		{name: "more_than_the_directory_says", zip: lie(t, whole, 6000, 5000), refused: "a.csv"},
		{name: "less_than_the_directory_says", zip: lie(t, whole, 6000, 7000), refused: "a.csv"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			z, err := OpenZip(bytes.NewReader(tc.zip), int64(len(tc.zip)))
			if err != nil {
				t.Fatal(err)
			}
			f, err := z.Members[0].Open()
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			got, err := io.ReadAll(f)
			if tc.refused == "" {
				if err != nil || string(got) != content {
					t.Errorf("%d bytes, %v; want %d", len(got), err, len(content))
				}
				return
			}
			if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) {
				t.Errorf("error %v, want ErrLayout with %q", err, tc.refused)
			}
		})
	}
}

func TestTextAtMember(t *testing.T) {
	c := scrape.BytesCapture(archive(t, nil, "R/a.csv", "x,y\n\"1,975\",2\n", "b.csv", "z\n"))
	body, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	for _, tc := range []struct{ at, want, refused string }{
		{at: "R/a.csv: line 2 column 1", want: "1,975"},
		{at: "R/a.csv: line 2 column 1-2", want: "1,975 | 2"},
		{at: "b.csv: line 1 column 1", want: "z"},
		{at: "a.csv: line 1 column 1", refused: "no such member"},
		{at: "b.csv: line 1 column 2", refused: "1 fields"},
		{at: "b.csv: line 7 column 1", refused: "no record starts"},
	} {
		at, err := scrape.ParseLocator(tc.at)
		if err != nil {
			t.Fatal(err)
		}
		got, err := TextAt(body, at)
		if tc.refused != "" {
			if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.refused) {
				t.Errorf("%s: error %v, want ErrLayout with %q", tc.at, err, tc.refused)
			}
			continue
		}
		if err != nil || got != tc.want {
			t.Errorf("%s: %q, %v; want %q", tc.at, got, err, tc.want)
		}
	}
	if _, err := TextAt(body, scrape.Locator{}); !errors.Is(err, scrape.ErrLayout) {
		t.Errorf("no place: %v, want ErrLayout", err)
	}
}

func FuzzZip(f *testing.F) {
	f.Add(archive(f, nil, "a.csv", "x,y\n1,2\n", "__MACOSX/._a.csv", "\x00"))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, in []byte) {
		z, err := OpenZip(bytes.NewReader(in), int64(len(in)))
		if err != nil {
			if !errors.Is(err, scrape.ErrLayout) {
				t.Fatalf("error %v, want ErrLayout", err)
			}
			return
		}
		for _, m := range z.Members {
			if strings.Contains(m.Name, "..") && strings.Contains("/"+m.Name+"/", "/../") {
				t.Fatalf("member %q leaves the archive", m.Name)
			}
			r, err := m.Open()
			if err != nil {
				continue
			}
			n, err := io.Copy(io.Discard, r)
			if n > MaxMember || err != nil && !errors.Is(err, scrape.ErrLayout) {
				t.Fatalf("member %q: %d bytes, %v", m.Name, n, err)
			}
			r.Close()
		}
	})
}
