package evidence

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
	"daylight/scrape/archive"
)

// zipped makes a ZIP of names and contents.
func zipped(t testing.TB, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, members[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// workbook is a workbook of one sheet, "Criminal", with two cells of text.
func workbook(t testing.TB) string {
	const (
		ssml     = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
		rels     = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
		officeNS = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	)
	return zipped(t,
		"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
		"_rels/.rels", `<Relationships `+rels+`><Relationship Id="rId1" Type="`+officeNS+`/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml", `<workbook `+ssml+` xmlns:r="`+officeNS+`"><sheets><sheet name="Criminal" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships `+rels+`><Relationship Id="rId1" Type="`+officeNS+`/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml", `<worksheet `+ssml+`><sheetData><row r="5"><c r="C5" t="inlineStr"><is><t>4,091</t></is></c><c r="D5"><v>12.5</v></c></row></sheetData></worksheet>`)
}

func gzipped(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// stored makes a capture of bytes of our own.
func stored(name, content, encoding string) Stored {
	c := scrape.BytesCapture([]byte(content))
	c.Source, c.Name, c.Encoding, c.Trust = "acme/report", name, encoding, scrape.TrustPublisher
	c.URL, c.FinalURL = "https://example.org/a|b/"+name, ""
	c.RetrievedAt = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	return Stored{archive.WithBytes(c, []byte(content)), []byte(content)}
}

// example is a pack of one figure in each kind of file.
func example(t testing.TB) Pack {
	t.Helper()
	p := Pack{
		Program: "daylight test", Asked: "daylight evidence 1 2", SQL: "SELECT 1\n",
		Header:    []string{"figure", "note", "locator", "raw_text", "capture"},
		Citations: []string{"Acme\nReport"},
	}
	for _, f := range []struct {
		name, content, encoding string
		places                  [][2]string
	}{
		{"lerr.xlsx", workbook(t), "", [][2]string{{"Criminal!C5", "4,091"}, {"Criminal!D5", "12.5"}, {"Criminal!C5:D5", "4,091 | 12.5"}}},
		{"a b|c.csv", "Country,Requests\nFrance,\"1,234\"\n\"Note\r\nbelow\",5\n", "", [][2]string{{"line 2 column 2", "1,234"}, {"line 3 column 1", "Note\r\nbelow"}}},
		{"download.zip", zipped(t, "x/requests.csv", "a,b\n1,2\n"), "", [][2]string{{"x/requests.csv: line 2 column 2", "2"}}},
		{"page.html", "<html><body><table><tr><th>Half</th><th>Orders</th></tr><tr><td>2015</td><td>0 - 499</td></tr></table></body></html>", "", [][2]string{{"table 1 row 2 column 2", "0 - 499"}}},
		{"statement.txt", "We received between 9,000 and 10,000 requests.", "", [][2]string{{"chars 20-36", "9,000 and 10,000"}}},
		{"sent.csv", gzipped(t, "Pays,Demandes\nCôte d'Ivoire,7\n"), "gzip", [][2]string{{"line 2 column 2", "7"}}},
	} {
		c := stored(f.name, f.content, f.encoding)
		p.Captures = append(p.Captures, c)
		for _, place := range f.places {
			p.Figures = append(p.Figures, []string{fmt.Sprintf("%s/%d", c.SHA256[:12], len(p.Figures)+1), "n, \"x\"", place[0], place[1], c.SHA256})
		}
	}
	return p
}

func TestWitness(t *testing.T) {
	p := example(t)
	for _, f := range p.Figures {
		i := slices.IndexFunc(p.Captures, func(c Stored) bool { return c.SHA256 == f[4] })
		w, err := Open(p.Captures[i].Capture)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Check(f[2], f[3]); err != nil {
			t.Errorf("%s: %v", f[2], err)
		}
		err = w.Check(f[2], f[3]+" ")
		if want := fmt.Sprintf("at %q stands %q, the figure was read from %q", f[2], f[3], f[3]+" "); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", f[2], err, want)
		}
		for _, bad := range []string{"", "nowhere", "line 99 column 1", "Criminal!ZZ99:A1", "chars 5-9999999"} {
			if _, err := w.Text(bad); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), p.Captures[i].Name) {
				t.Errorf("%s at %q: %v", p.Captures[i].Name, bad, err)
			}
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	damaged := p.Captures[1]
	damaged.Capture = archive.WithBytes(damaged.Capture, []byte("Country,Requests\nFrance,\"1,235\"\n"))
	if _, err := Open(damaged.Capture); !errors.Is(err, archive.ErrDamaged) || !strings.Contains(err.Error(), damaged.SHA256[:12]) {
		t.Errorf("damaged: %v", err)
	}
	if _, err := Open(scrape.Capture{SHA256: damaged.SHA256, Source: "acme/report"}); err == nil {
		t.Error("a capture without bytes opens")
	}
}

func TestPackIsReproducible(t *testing.T) {
	p := example(t)
	var a, b bytes.Buffer
	if err := p.Write(&a); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(p.Captures)
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two packs of the same figures differ")
	}
	z, err := zip.NewReader(bytes.NewReader(a.Bytes()), int64(a.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		if f.Method != zip.Store || !f.Modified.Equal(time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: method %d, modified %s", f.Name, f.Method, f.Modified)
		}
		if f.Name = strings.TrimPrefix(f.Name, "evidence/"); strings.Contains(f.Name, "-") {
			dir, file := filepath.Split(f.Name)
			f.Name = dir + file[13:] // without the hash
		}
		names = append(names, f.Name)
	}
	slices.Sort(names)
	want := []string{
		"README.md", "SHA256SUMS",
		"captures/a_b_c.csv", "captures/download.zip", "captures/lerr.xlsx", "captures/page.html", "captures/sent.csv.gz", "captures/statement.txt",
		"metadata/a_b_c.csv.json", "metadata/download.zip.json", "metadata/lerr.xlsx.json", "metadata/page.html.json", "metadata/sent.csv.json", "metadata/statement.txt.json",
		"observations.csv", "pack.json", "query.sql",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPackRoundTrip(t *testing.T) {
	p := example(t)
	file := filepath.Join(t.TempDir(), "pack.zip")
	if err := p.Save(file); err != nil {
		t.Fatal(err)
	}
	o, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	checked, problems, err := o.Verify(t.Context())
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v, %v", problems, err)
	}
	if checked.Files != 17 || checked.Captures != 6 || checked.Figures != 9 || checked.Bytes < 1000 || o.Program != "daylight test" {
		t.Errorf("checked %+v, made by %q", checked, o.Program)
	}
	if diff := cmp.Diff([]string{"figure", "file", "note", "locator", "raw_text", "capture"}, o.Header); diff != "" {
		t.Errorf("header: -want +got:\n%s", diff)
	}
	for i, f := range o.Figures {
		c, ok := o.Capture(f.Capture)
		want := p.Captures[slices.IndexFunc(p.Captures, func(c Stored) bool { return c.SHA256 == f.Capture })]
		if !ok {
			t.Fatalf("no capture %s", f.Capture)
		}
		if diff := cmp.Diff(want.Capture, c, cmp.Comparer(func(a, b scrape.Capture) bool {
			x, _ := json.Marshal(a)
			y, _ := json.Marshal(b)
			return bytes.Equal(x, y)
		})); diff != "" {
			t.Errorf("metadata: -want +got:\n%s", diff)
		}
		row := slices.Concat(f.Row[:1], f.Row[2:])
		if diff := cmp.Diff(p.Figures[i], row); diff != "" {
			t.Errorf("figure: -want +got:\n%s", diff)
		}
	}
}

// TestPackByHand unpacks a pack and checks it with the tools that its README names.
func TestPackByHand(t *testing.T) {
	tool, args := "sha256sum", []string{"-c", "SHA256SUMS"}
	if _, err := exec.LookPath(tool); err != nil {
		tool, args = "shasum", append([]string{"-a", "256"}, args...)
	}
	var b bytes.Buffer
	if err := example(t).Write(&b); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, z); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), tool, args...)
	cmd.Dir = filepath.Join(dir, "evidence")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Count(string(out), ": OK\n") != 16 {
		t.Errorf("%v\n%s", err, out)
	}
	readme, err := os.ReadFile(filepath.Join(dir, "evidence", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# Evidence for 9 figures\n", "    daylight evidence 1 2\n", "- Acme Report\n", `| https://example.org/a\|b/a b\|c.csv |`, "sha256sum -c SHA256SUMS"} {
		if !strings.Contains(string(readme), want) {
			t.Errorf("README does not say %q:\n%s", want, readme)
		}
	}
}

func TestPackRefuses(t *testing.T) {
	wrong := map[string]func(*Pack){
		"no figures":                         func(p *Pack) { p.Figures = nil },
		"its capture":                        func(p *Pack) { p.Captures = p.Captures[1:] },
		"bytes are damaged":                  func(p *Pack) { p.Captures[0].Bytes = []byte("other") },
		`no column "locator"`:                func(p *Pack) { p.Header[2] = "where" },
		"has 4 columns, want 5":              func(p *Pack) { p.Figures[0] = p.Figures[0][:4] },
		"have one short name":                func(p *Pack) { p.Captures = append(p.Captures, p.Captures[0]) },
		"1000 files of 536870912 bytes that": func(p *Pack) { many(p) },
	}
	for want, change := range wrong {
		t.Run(want, func(t *testing.T) {
			p := example(t)
			change(&p)
			to := filepath.Join(t.TempDir(), "pack.zip")
			if err := p.Save(to); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v", err)
			}
			if _, err := os.Stat(to); !os.IsNotExist(err) {
				t.Error("something was written")
			}
		})
	}
}

// many adds more captures than a pack may carry.
func many(p *Pack) {
	for i := range 500 {
		p.Captures = append(p.Captures, stored(fmt.Sprintf("%d.csv", i), fmt.Sprint(i), ""))
	}
}

func TestSaveReplacesOnlyPacks(t *testing.T) {
	dir := t.TempDir()
	p := example(t)
	file := filepath.Join(dir, "pack.zip")
	for range 2 {
		if err := p.Save(file); err != nil {
			t.Fatal(err)
		}
	}
	other := filepath.Join(dir, "thesis.zip")
	if err := os.WriteFile(other, []byte(zipped(t, "thesis.txt", "five years of work")), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{other: "no pack of daylight", dir: "a folder", filepath.Join(dir, "none", "x.zip"): "no such file"} {
		if err := p.Save(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Save(%s): %v", name, err)
		}
	}
	if raw, err := os.ReadFile(other); err != nil || len(raw) == 0 || bytes.Contains(raw, []byte("pack.json")) {
		t.Error("another file was touched")
	}
}

// parts takes a pack apart, hands its files to change and puts them together again.
func parts(t *testing.T, change func(files map[string][]byte)) []byte {
	t.Helper()
	files, err := example(t).files()
	if err != nil {
		t.Fatal(err)
	}
	change(files)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := folder + "/" + name
		if rest, ok := strings.CutPrefix(name, "raw:"); ok {
			path = rest
		}
		list = append(list, path, string(files[name]))
	}
	return []byte(zipped(t, list...))
}

// named finds the file whose name ends so.
func named(files map[string][]byte, end string) string {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(name, end) {
			return name
		}
	}
	return end
}

// resum writes the checksums anew, as somebody would who changes a pack on purpose.
func resum(files map[string][]byte) {
	delete(files, sumsName)
	files[sumsName] = sums(files)
}

// TestTamperedPacks: whatever is changed is found, also when the checksums are made anew.
func TestTamperedPacks(t *testing.T) {
	replace := func(end, from, to string) func(map[string][]byte) {
		return func(files map[string][]byte) {
			name := named(files, end)
			changed := bytes.Replace(files[name], []byte(from), []byte(to), 1)
			if bytes.Equal(changed, files[name]) {
				panic("nothing to replace in " + name)
			}
			files[name] = changed
		}
	}
	then := func(steps ...func(map[string][]byte)) func(map[string][]byte) {
		return func(files map[string][]byte) {
			for _, s := range steps {
				s(files)
			}
		}
	}
	tests := map[string]struct {
		change func(map[string][]byte)
		want   []string // kind and path of each problem, without the hash
		says   string
	}{
		"byte_of_a_capture":    {replace("page.html", "499", "498"), []string{"damaged page.html", "missing page.html"}, "its checksum is"},
		"byte_of_the_readme":   {replace(readmeName, "Evidence", "Proof"), []string{"damaged README.md"}, ""},
		"byte_of_the_sql":      {replace(sqlName, "1", "2"), []string{"damaged query.sql"}, ""},
		"byte_of_the_metadata": {replace("page.html.json", "2026", "2025"), []string{"damaged page.html.json", "missing page.html"}, ""},
		"byte_of_the_index":    {replace(indexName, "daylight test", "daylight tost"), []string{"damaged pack.json"}, ""},
		"capture_and_checksum": {then(replace("page.html", "499", "498"), resum), []string{"metadata page.html", "missing page.html"}, "it is "},
		"text_of_a_figure":     {then(replace(figuresName, "0 - 499", "0 - 999"), resum), []string{"text figure"}, `at "table 1 row 2 column 2" stands "0 - 499", the figure was read from "0 - 999"`},
		"place_of_a_figure":    {then(replace(figuresName, "Criminal!D5", "Criminal!C5"), resum), []string{"text figure"}, `stands "4,091"`},
		"place_that_is_none":   {then(replace(figuresName, "Criminal!D5", "Criminal!?"), resum), []string{"text figure"}, "no cell"},
		"file_of_a_figure":     {then(replace(figuresName, "lerr.xlsx", "page.html"), resum), []string{"metadata figure"}, "its file is"},
		"figure_taken_out": {then(func(f map[string][]byte) {
			f[figuresName] = f[figuresName][:bytes.LastIndexByte(f[figuresName][:len(f[figuresName])-1], '\n')+1]
		}, resum), []string{"metadata pack.json"}, "says 9 figures"},
		"capture_taken_out":           {func(f map[string][]byte) { delete(f, named(f, "page.html")) }, []string{"missing page.html", "missing page.html"}, "is not there"},
		"capture_taken_out_and_resum": {then(func(f map[string][]byte) { delete(f, named(f, "page.html")) }, resum), []string{"missing page.html"}, "no sound bytes"},
		"metadata_taken_out":          {then(func(f map[string][]byte) { delete(f, named(f, "page.html.json")) }, resum), []string{"missing page.html"}, "no sound bytes"},
		"metadata_of_another_capture": {then(func(f map[string][]byte) { f[named(f, "page.html.json")] = f[named(f, "lerr.xlsx.json")] }, resum), []string{"metadata page.html", "missing page.html"}, "pack.json says"},
		"metadata_that_is_none":       {then(func(f map[string][]byte) { f[named(f, "page.html.json")] = []byte("{}") }, resum), []string{"metadata page.html", "missing page.html"}, "metadata is damaged"},
		"no_checksums":                {func(f map[string][]byte) { delete(f, sumsName) }, []string{"missing SHA256SUMS", "missing lerr.xlsx", "missing a_b_c.csv"}, "there are no checksums"},
		"checksum_taken_out":          {replace(sumsName, "  README.md", "  README.txt"), []string{"missing README.txt", "stray README.md"}, ""},
		"checksum_line_that_is_none":  {func(f map[string][]byte) { f[sumsName] = append(f[sumsName], "hello\n"...) }, []string{"damaged SHA256SUMS"}, `the line "hello" is none`},
		"file_put_in":                 {func(f map[string][]byte) { f["run-me.sh"] = []byte("x") }, []string{"stray run-me.sh"}, "no checksum"},
		"file_put_in_and_resum":       {then(func(f map[string][]byte) { f["run-me.sh"] = []byte("x") }, resum), []string{"stray run-me.sh"}, "a pack has no such file"},
		"file_beside_the_folder":      {func(f map[string][]byte) { f["raw:other/x"] = []byte("x") }, []string{"stray other/x"}, "not in the folder"},
		"file_of_a_system":            {func(f map[string][]byte) { f["raw:__MACOSX/x"] = []byte("x") }, []string{"stray __MACOSX/x"}, "no such file"},
		"index_names_one_twice": {then(func(f map[string][]byte) {
			var x index
			if err := json.Unmarshal(f[indexName], &x); err != nil {
				panic(err)
			}
			x.Captures = append(x.Captures, x.Captures[0])
			f[indexName], _ = json.Marshal(x)
		}, resum), []string{"metadata pack.json"}, "twice"},
		"index_leads_elsewhere": {then(replace(indexName, `"captures/`, `"metadata/`), resum), nil, "has it in"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			raw := parts(t, tc.change)
			o, err := read(bytes.NewReader(raw), int64(len(raw)))
			if err != nil {
				t.Fatal(err)
			}
			_, problems, err := o.Verify(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			var details strings.Builder
			for _, p := range problems {
				file := p.Path
				if i := strings.LastIndexByte(file, '/'); i >= 0 && p.Kind != Stray {
					file = file[i+1:]
					if len(file) > 13 && file[12] == '-' {
						file = file[13:]
					} else {
						file = "figure"
					}
				}
				got = append(got, string(p.Kind)+" "+file)
				details.WriteString(p.Detail + "\n")
			}
			if len(got) == 0 || len(tc.want) > 0 && name != "no_checksums" && len(got) != len(tc.want) || !strings.Contains(details.String(), tc.says) {
				t.Errorf("problems %v:\n%swant one that says %q", got, &details, tc.says)
			}
			for _, w := range tc.want {
				if !slices.Contains(got, w) {
					t.Errorf("problems %v, want %q", got, w)
				}
			}
		})
	}
}

// TestFilesThatAreNoPack: what cannot be read as a pack at all is refused, and a hostile ZIP
// before anything is unpacked.
func TestFilesThatAreNoPack(t *testing.T) {
	var b bytes.Buffer
	if err := example(t).Write(&b); err != nil {
		t.Fatal(err)
	}
	good := b.Bytes()
	crc := bytes.Clone(good)
	crc[bytes.Index(crc, []byte("Criminal!C5"))] ^= 1 // in the table of figures, whose checksum in the ZIP is now wrong
	tests := map[string]struct {
		raw  []byte
		want string
	}{
		"nothing":             {nil, "the file is empty"},
		"no_zip":              {[]byte("PK but no more"), "no complete archive"},
		"cut":                 {good[:len(good)/2], "the file was cut, or it is another ZIP"},
		"another_zip":         {[]byte(zipped(t, "a.csv", "1")), "it has no evidence/pack.json"},
		"leaves_the_folder":   {parts(t, func(f map[string][]byte) { f["../../x"] = []byte("x") }), "name leaves the archive"},
		"absolute_name":       {parts(t, func(f map[string][]byte) { f["raw:/etc/x"] = []byte("x") }), "absolute name"},
		"one_name_twice":      {parts(t, func(f map[string][]byte) { f["captures/PACK.json"] = []byte("x") }), "have one name"},
		"bomb":                {parts(t, func(f map[string][]byte) { f["captures/bomb"] = make([]byte, 4<<20) }), "a ratio over"},
		"no_figures":          {parts(t, func(f map[string][]byte) { delete(f, figuresName) }), "observations.csv: it has no evidence/observations.csv"},
		"figures_cut":         {parts(t, func(f map[string][]byte) { f[figuresName] = f[figuresName][:200] }), "observations.csv"},
		"figures_without_any": {parts(t, func(f map[string][]byte) { f[figuresName] = []byte("figure,file,capture,locator,raw_text\n") }), "no figures"},
		"column_twice":        {parts(t, func(f map[string][]byte) { f[figuresName] = []byte("figure,figure,capture,locator,raw_text\n") }), `two columns are named "figure"`},
		"column_missing":      {parts(t, func(f map[string][]byte) { f[figuresName] = []byte("figure,capture,locator,raw_text\n") }), `no column "file"`},
		"figures_damaged":     {crc, `observations.csv: zip: member "evidence/observations.csv": zip: checksum error`},
		"index_damaged":       {parts(t, func(f map[string][]byte) { f[indexName] = []byte("{") }), "pack.json"},
		"index_of_more":       {parts(t, func(f map[string][]byte) { f[indexName] = []byte(`{"format":1,"more":2}`) }), "pack.json"},
		"newer_layout":        {parts(t, func(f map[string][]byte) { f[indexName] = []byte(`{"format":2,"more":2}`) }), "its layout is version 2, and this daylight reads version 1: take a newer daylight"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pack.zip")
			if err := os.WriteFile(file, tc.raw, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Read(file); !errors.Is(err, ErrNoPack) || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), file) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.zip")); err == nil || errors.Is(err, ErrNoPack) {
		t.Errorf("no file: %v", err)
	}
	if _, err := Read(t.TempDir()); !errors.Is(err, ErrNoPack) {
		t.Errorf("a folder: %v", err)
	}
}

// FuzzRead: no ZIP makes reading or verifying panic, and one that verifies has the figures
// that it says.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := example(f).Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(zipped(f, "evidence/pack.json", `{"format":1}`, "evidence/observations.csv", "figure,file,capture,locator,raw_text\n1,a,b,c,d\n")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := read(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return
		}
		checked, problems, err := o.Verify(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(problems) == 0 && (checked.Captures == 0 || checked.Figures != o.index.Figures) {
			t.Errorf("no problem, and %+v", checked)
		}
	})
}
