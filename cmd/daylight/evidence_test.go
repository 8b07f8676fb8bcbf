package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// unzip reads a pack's files, by name.
func unzip(t *testing.T, file string) map[string][]byte {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	return out
}

// words takes a command line apart as a shell does, without its escapes.
func words(line string) []string {
	var out []string
	var word strings.Builder
	quote, inside := rune(0), false
	for _, r := range strings.TrimSpace(line) + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, inside = r, true
		case quote == 0 && r == ' ':
			if inside {
				out = append(out, word.String())
			}
			word.Reset()
			inside = false
		default:
			word.WriteRune(r)
			inside = true
		}
	}
	return out
}

// rezip writes a pack's files, with checksums that fit, as somebody would who forges one.
func rezip(t *testing.T, file string, files map[string][]byte) {
	t.Helper()
	var sums strings.Builder
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name != "evidence/SHA256SUMS" {
			sum := sha256.Sum256(files[name])
			sums.WriteString(hex.EncodeToString(sum[:]) + "  " + strings.TrimPrefix(name, "evidence/") + "\n")
		}
	}
	files["evidence/SHA256SUMS"] = []byte(sums.String())
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestEvidence packs one figure of each kind of place and takes the pack elsewhere.
func TestEvidence(t *testing.T) {
	data := firstRun(t)
	elsewhere := filepath.Join(t.TempDir(), "nothing", "here")
	dir := t.TempDir()
	file := filepath.Join(dir, "pack.zip")
	var names []string
	for _, kind := range slices.Sorted(maps.Keys(places)) {
		names = append(names, named(t, data, places[kind]))
	}
	pack := func(t *testing.T, to string, args ...string) string {
		t.Helper()
		return command(t, data, append([]string{"evidence", "--to", to}, args...)...)
	}
	if out := pack(t, file, names...); !strings.Contains(out, "daylight verify "+shellWord(file)) {
		t.Errorf("printed %q", out)
	}
	t.Run("verifies_elsewhere", func(t *testing.T) {
		code, out, errOut := call(t, elsewhere, "verify", file)
		if want := "5 figures of 5 sound captures, 15 files, "; code != exitClean || errOut != "" || !strings.Contains(out, want) || !strings.Contains(out, "(no rows)") {
			t.Errorf("exit code %d, %q, %q", code, out, errOut)
		}
		if _, err := os.Stat(elsewhere); !os.IsNotExist(err) {
			t.Errorf("a data directory was made: %v", err)
		}
		if code, out, _ := call(t, elsewhere, "verify", file, "--format", "json"); code != exitClean || out != "[]\n" {
			t.Errorf("as JSON: exit code %d, %q", code, out)
		}
	})
	t.Run("same_bytes_again", func(t *testing.T) {
		first, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pack(t, file, names...) // over the first one
		second, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("the second pack differs (%v)", err)
		}
	})
	files := unzip(t, file)
	t.Run("its_own_sql_gives_its_figures", func(t *testing.T) {
		var out, errOut bytes.Buffer
		if code := run(t.Context(), []string{"sql", "--format", "csv", "--data", data}, bytes.NewReader(files["evidence/query.sql"]), &out, &errOut); code != exitClean {
			t.Fatalf("exit code %d: %s", code, &errOut)
		}
		lines := func(raw []byte) [][]string {
			all, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		packed := lines(files["evidence/observations.csv"])
		for i := range packed {
			packed[i] = slices.Delete(packed[i], 1, 2) // the file within the pack
		}
		if diff := cmp.Diff(lines(out.Bytes()), packed); diff != "" {
			t.Errorf("-SQL +pack:\n%s", diff)
		}
	})
	t.Run("captures_are_those_of_the_archive", func(t *testing.T) {
		n := 0
		for name, content := range files {
			if !strings.HasPrefix(name, "evidence/captures/") {
				continue
			}
			n++
			sum := sha256.Sum256(content)
			sha := hex.EncodeToString(sum[:])
			kept, err := os.ReadFile(filepath.Join(data, "archive", "sha256", sha[:2], sha))
			if err != nil || !bytes.Equal(kept, content) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n != 5 {
			t.Errorf("%d captures", n)
		}
	})
	t.Run("rows_of_a_question", func(t *testing.T) {
		to := filepath.Join(dir, "eu.zip")
		out := pack(t, to, "--query", "total", "--param", "provider=google", "--param", "group=EU", "--param", "from=2012-H2", "--param", "to=2012-H2", "--format", "csv")
		if diff := cmp.Diff("file,figures,captures\n"+to+",5,1\n", out); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if code, out, errOut := call(t, elsewhere, "verify", to); code != exitClean {
			t.Errorf("exit code %d, %q, %q", code, out, errOut)
		}
		readme := string(unzip(t, to)["evidence/README.md"])
		for _, want := range []string{"# Evidence for 5 figures", "daylight evidence --query total --param provider=google --param group=EU", "google/user-data/2022-H1"} {
			if !strings.Contains(readme, want) {
				t.Errorf("README does not say %q", want)
			}
		}
	})
	t.Run("forged", func(t *testing.T) {
		replace := func(name, from, to string) func(map[string][]byte) {
			return func(files map[string][]byte) {
				for n := range files {
					if strings.HasPrefix(n, "evidence/"+name) && bytes.Contains(files[n], []byte(from)) {
						files[n] = bytes.Replace(files[n], []byte(from), []byte(to), 1)
						return
					}
				}
				t.Fatalf("%q does not stand in %s", from, name)
			}
		}
		const table = "observations.csv"
		tests := map[string]struct {
			change func(map[string][]byte)
			want   []string // problem and detail
		}{
			"value":       {replace(table, ",21000,21499,", ",21500,21999,"), []string{"meaning", `value_low is "21500", and this daylight reads "21000"`, `value_high is "21999"`}},
			"process":     {replace(table, ",fisa_content,", ",fisa_noncontent,"), []string{"meaning", `process is "fisa_noncontent"`}},
			"period":      {replace(table, ",2021-07-01,2021-12-31,", ",2021-01-01,2021-06-30,"), []string{"meaning", `period_start is "2021-01-01"`, `period_end is "2021-06-30"`}},
			"provider":    {replace(table, ",microsoft,microsoft,", ",google,microsoft,"), []string{"meaning", `provider is "google"`}},
			"edition":     {replace(table, "microsoft/usnsor/2023-H1", "microsoft/usnsor/2023-H2"), []string{"meaning", "it is taken for edition microsoft/usnsor/2023-H1 and stands in the table as microsoft/usnsor/2023-H2"}},
			"name":        {replace(table, "9a9a42ce4bbe/14", "9a9a42ce4bbe/15"), []string{"metadata", "the name of the figure is 9a9a42ce4bbe/14"}},
			"ordinal":     {replace(table, ",14,2026-", ",15,2026-"), []string{"meaning", `ordinal is "15", and this daylight reads "14"`}},
			"text":        {replace(table, `"21,000 - 21,499"`, `"21,500 - 21,999"`), []string{"text", `stands "21,000 - 21,499", the figure was read from "21,500 - 21,999"`, "meaning", `raw_text is`}},
			"another_row": {replace(table, "table 1 row 5 column 3", "table 1 row 6 column 3"), []string{"text", "meaning"}},
			"no_figure":   {replace(table, "table 1 row 5 column 3", "table 1 row 5 column 1"), []string{"text", "at \"table 1 row 5 column 1\" this daylight reads no figure"}},
			"capture":     {replace("captures/9a9a", "21,000 - 21,499", "21,500 - 21,999"), []string{"metadata", "missing"}},
			"source":      {replace("metadata/9a9a", "microsoft/usnsor", "microsoft/unknown"), []string{"meaning", `this daylight does not know the source "microsoft/unknown"`}},
			"statement":   {replace("metadata/9a9a", `"trust"`, `"edition": "2021-H1", "trust"`), []string{"meaning", `it is said to be edition "2021-H1", but reports 2023-H1`}},
			"no_column":   {replace(table, ",ordinal,", ",nth,"), []string{"metadata", `it has no columns "edition" and "ordinal"`}},
			"figure_out":  {replace("pack.json", `"figures": 5`, `"figures": 6`), []string{"metadata", "says 6 figures"}},
			"decisions":   {func(f map[string][]byte) { f["evidence/decisions.csv"] = []byte("x") }, []string{"metadata", "review: decisions.csv: "}},
			"stray":       {func(f map[string][]byte) { f["evidence/more.txt"] = []byte("x") }, []string{"stray", "a pack has no such file"}},
		}
		for name, tc := range tests {
			t.Run(name, func(t *testing.T) {
				forged := filepath.Join(t.TempDir(), "forged.zip")
				changed := maps.Clone(files)
				tc.change(changed)
				rezip(t, forged, changed)
				code, out, errOut := call(t, elsewhere, "verify", forged, "--format", "json")
				var problems []struct{ Path, Problem, Detail string }
				if err := json.Unmarshal([]byte(out), &problems); err != nil {
					t.Fatalf("%v: %q, %q", err, out, errOut)
				}
				all := ""
				for _, p := range problems {
					all += p.Problem + " " + p.Detail + "\n"
				}
				for _, want := range tc.want {
					if code != exitFailed || !strings.Contains(all, want) || !strings.Contains(errOut, "see the list above") {
						t.Errorf("exit code %d, %q, problems\n%swant %q", code, errOut, all, want)
					}
				}
			})
		}
	})
	t.Run("unforged_is_still_good", func(t *testing.T) {
		same := filepath.Join(t.TempDir(), "same.zip")
		rezip(t, same, maps.Clone(files))
		if code, out, errOut := call(t, elsewhere, "verify", same); code != exitClean {
			t.Errorf("exit code %d, %q, %q", code, out, errOut)
		}
	})
	t.Run("examples", func(t *testing.T) {
		t.Chdir(t.TempDir())
		a := testApp(t)
		for _, text := range []string{newWhyCommand(a).Example, newEvidenceCommand(a).Example} {
			for line := range strings.Lines(text) {
				code, out, errOut := call(t, data, words(line)[1:]...)
				if code != exitClean || out == "" {
					t.Errorf("%sexit code %d: %s", line, code, errOut)
				}
			}
		}
	})
	t.Run("refusals", func(t *testing.T) {
		thesis := filepath.Join(dir, "thesis.zip")
		if err := os.WriteFile(thesis, []byte("years of work"), 0o644); err != nil {
			t.Fatal(err)
		}
		tests := map[string]struct {
			args []string
			code int
			want string
		}{
			"no_file":          {[]string{"evidence", names[0]}, exitUsage, "evidence: --to is missing: name the file to write"},
			"no_figure":        {[]string{"evidence", "--to", file}, exitUsage, "evidence: name a figure, or a question with --query"},
			"unknown_figure":   {[]string{"evidence", "--to", file, "ffffffffffff/1"}, exitFailed, "evidence: figure \"ffffffffffff/1\": no such figure"},
			"another_file":     {[]string{"evidence", "--to", thesis, names[0]}, exitFailed, "the file is there already and is no pack of daylight: name another one or move it away"},
			"a_folder":         {[]string{"evidence", "--to", dir, names[0]}, exitFailed, "that is a folder: name a file"},
			"no_folder":        {[]string{"evidence", "--to", filepath.Join(dir, "none", "x.zip"), names[0]}, exitFailed, "no such file or directory"},
			"verify_no_pack":   {[]string{"verify", thesis}, exitFailed, "no pack of evidence: "},
			"verify_no_file":   {[]string{"verify", filepath.Join(dir, "none.zip")}, exitFailed, "no such file or directory"},
			"verify_two_files": {[]string{"verify", file, file}, exitUsage, "verify: one pack at a time"},
		}
		for name, tc := range tests {
			t.Run(name, func(t *testing.T) {
				code, out, errOut := call(t, data, tc.args...)
				if code != tc.code || out != "" || !strings.Contains(errOut, tc.want) {
					t.Errorf("exit code %d, printed %q and %q\nwant %d and %q", code, out, errOut, tc.code, tc.want)
				}
			})
		}
		if raw, err := os.ReadFile(thesis); err != nil || string(raw) != "years of work" {
			t.Errorf("the other file was touched: %q, %v", raw, err)
		}
	})
}
