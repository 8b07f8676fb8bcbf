package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// stages in the order of the line; a stage may import itself and the one before it.
var stages = []string{"scrape", "normalize", "warehouse", "queries"}

// soleImporters are the outside libraries that one folder alone may touch.
var soleImporters = map[string][]string{
	"github.com/gocolly/colly":        {"scrape/fetch"},
	"github.com/marcboeker/go-duckdb": {"warehouse"},
	"github.com/spf13/cobra":          {"cmd/daylight"},
	"github.com/xuri/excelize":        {"scrape/grid", "scrape/microsoft"},
}

// TestImportsRunInALine parses every Go file: shelling out to the go tool would be
// hidden by the test cache.
func TestImportsRunInALine(t *testing.T) {
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		files++
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if why := breach(rel, imported); why != "" {
				t.Errorf("%s imports %s: %s", rel, imported, why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d Go files found: the walk does not see the tree", files)
	}
}

func TestBreach(t *testing.T) {
	tests := map[string]struct {
		file, imported string
		breach         bool
	}{
		"own_stage":          {"normalize/audit/audit.go", "daylight/normalize", false},
		"stage_before":       {"normalize/normalizer.go", "daylight/scrape", false},
		"two_stages_before":  {"warehouse/load.go", "daylight/scrape", true},
		"stage_after":        {"scrape/source.go", "daylight/normalize", true},
		"cmd_may_all":        {"cmd/daylight/ingest.go", "daylight/scrape/fetch", false},
		"nobody_imports_cmd": {"queries/catalog.go", "daylight/cmd/daylight", true},
		"colly_in_fetch":     {"scrape/fetch/fetch.go", "github.com/gocolly/colly/v2", false},
		"colly_elsewhere":    {"scrape/google/google.go", "github.com/gocolly/colly/v2", true},
		"duckdb_elsewhere":   {"queries/catalog.go", "github.com/marcboeker/go-duckdb", true},
		"outside_folder":     {"util/x.go", "daylight/scrape", true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if why := breach(tc.file, tc.imported); (why != "") != tc.breach {
				t.Errorf("breach(%q, %q) = %q, want a breach: %v", tc.file, tc.imported, why, tc.breach)
			}
		})
	}
}

// breach says why the file may not import the package, or "".
func breach(file, imported string) string {
	for lib, folders := range soleImporters {
		if imported != lib && !strings.HasPrefix(imported, lib+"/") {
			continue
		}
		for _, folder := range folders {
			if strings.HasPrefix(file, folder+"/") {
				return ""
			}
		}
		return "only " + strings.Join(folders, " and ") + " may"
	}
	rest, ok := strings.CutPrefix(imported, "daylight/")
	if !ok {
		return ""
	}
	from, _, _ := strings.Cut(file, "/")
	to, _, _ := strings.Cut(rest, "/")
	if from == "cmd" {
		return ""
	}
	i, j := stage(from), stage(to)
	switch {
	case i < 0:
		return "the folder is no stage"
	case j < 0:
		return "no stage may import it"
	case j > i:
		return "imports run from right to left: " + strings.Join(stages, " <- ")
	case i-j > 1:
		return "a stage imports itself and the stage just before it"
	}
	return ""
}

func stage(name string) int {
	for i, s := range stages {
		if s == name {
			return i
		}
	}
	return -1
}
