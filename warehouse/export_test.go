package warehouse_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"

	"daylight/normalize"
	"daylight/warehouse/export"
)

func sqlNamed(name string, v any) sql.NamedArg { return sql.Named(name, v) }

func exported(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	publish(t, dir,
		input{capture("a", day(0), "archive"), "2013-H1", []fig{de(1), us(0, 499), {jurisdiction: "FR", exactness: "withheld", raw: ""}}, nil, nil},
		input{capture("b", day(1), "archive"), "2013-H1", []fig{de(2)}, nil, nil})
	return dir
}

// tree reads every file of a directory.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(raw)
	}
	return out
}

func TestExportIsTheSameEachTime(t *testing.T) {
	data := exported(t)
	ctx := context.Background()
	for name, write := range map[string]func(context.Context, string, string) (export.Summary, error){"parquet": export.Parquet, "csv": export.CSV} {
		t.Run(name, func(t *testing.T) {
			base := t.TempDir()
			to := filepath.Join(base, "out")
			s, err := write(ctx, data, to)
			if err != nil {
				t.Fatal(err)
			}
			first := tree(t, to)
			// Over an earlier export, and elsewhere.
			if _, err := write(ctx, data, to); err != nil {
				t.Fatal(err)
			}
			other := filepath.Join(base, "other")
			if _, err := write(ctx, data, other); err != nil {
				t.Fatal(err)
			}
			for _, got := range []map[string]string{tree(t, to), tree(t, other)} {
				for n := range first {
					if got[n] != first[n] {
						t.Errorf("%s differs", n)
					}
				}
				same(t, len(first), len(got))
			}
			for _, f := range s.Files {
				if f.Name == "observation."+name && f.Rows != 4 || f.Name == "current."+name && f.Rows != 3 {
					t.Errorf("%s: %d rows", f.Name, f.Rows)
				}
			}
			entries, err := os.ReadDir(base)
			if err != nil || len(entries) != 2 {
				t.Errorf("left behind: %v %v", entries, err)
			}
			var p struct {
				Resources []struct{ Path, Hash string }
			}
			if err := json.Unmarshal([]byte(first["datapackage.json"]), &p); err != nil {
				t.Fatal(err)
			}
			for _, r := range p.Resources {
				if !strings.Contains(first["SHA256SUMS"], strings.TrimPrefix(r.Hash, "sha256:")+"  "+r.Path+"\n") {
					t.Errorf("%s: checksums differ", r.Path)
				}
			}
			if !strings.Contains(first["dictionary.md"], "| `value_low` | DOUBLE | see column unit | lower end, inclusive; null when there is no figure |") {
				t.Error("the dictionary does not describe value_low")
			}
		})
	}
}

func TestExportRefusesAForeignDirectory(t *testing.T) {
	data := exported(t)
	for name, prepare := range map[string]func(dir string) error{
		"foreign_file": func(dir string) error { return os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("x"), 0o644) },
		"foreign_package": func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "datapackage.json"), []byte(`{"name":"x"}`), 0o644)
		},
		"file_beside_an_export": func(dir string) error {
			if _, err := export.CSV(context.Background(), data, dir); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("x"), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			to := t.TempDir()
			if err := prepare(to); err != nil {
				t.Fatal(err)
			}
			before := tree(t, to)
			if _, err := export.CSV(context.Background(), data, to); err == nil {
				t.Error("no error")
			}
			same(t, before, tree(t, to))
		})
	}
}

// TestParquetKeepsMetadata reads the file with another library and finds unit and
// description of every column.
func TestParquetKeepsMetadata(t *testing.T) {
	to := filepath.Join(t.TempDir(), "out")
	if _, err := export.Parquet(context.Background(), exported(t), to); err != nil {
		t.Fatal(err)
	}
	f, err := file.OpenParquetFile(filepath.Join(to, "observation.parquet"), false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Schema()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.Fields() {
		d, _ := f.Metadata.GetValue("description")
		if d == "" {
			t.Errorf("column %s has no description", f.Name)
		}
	}
	for _, want := range normalize.ObservationSchema.Fields() {
		at := s.FieldIndices(want.Name)
		if len(at) != 1 {
			t.Errorf("no column %s", want.Name)
			continue
		}
		for _, key := range []string{"unit", "description"} {
			w, _ := want.Metadata.GetValue(key)
			g, _ := s.Field(at[0]).Metadata.GetValue(key)
			same(t, w, g)
		}
	}
	table, err := r.ReadTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	same(t, int64(4), table.NumRows())
}

func TestCSVTellsEmptyFromMissing(t *testing.T) {
	to := filepath.Join(t.TempDir(), "out")
	if _, err := export.CSV(context.Background(), exported(t), to); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(tree(t, to)["current.csv"]), "\n")
	var fr []string
	for _, l := range lines {
		if strings.Contains(l, ",FR,") {
			fr = append(fr, l)
		}
	}
	sort.Strings(fr)
	if len(fr) != 1 || !strings.Contains(fr[0], `,requests_received,requests,,,withheld,"",as_published,`) {
		t.Errorf("got %q", fr)
	}
}
