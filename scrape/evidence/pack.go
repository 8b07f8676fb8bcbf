package evidence

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"daylight/scrape"
	"daylight/scrape/archive"
	"daylight/scrape/grid"
)

// Files of a pack, all in one folder, so that unpacking one writes over nothing.
const (
	folder      = "evidence"
	readmeName  = "README.md"
	sumsName    = "SHA256SUMS"
	indexName   = "pack.json"
	figuresName = "observations.csv"
	sqlName     = "query.sql"
	rulesName   = "decisions.csv"
	bytesDir    = "captures"
	metadataDir = "metadata"
)

// format is the version of a pack's layout; a change that an older program would misread
// raises it.
const format = 1

// Columns of a pack's table of figures that Write adds in front (the first two) or reads.
const (
	ColumnFigure  = "figure"  // short name of the figure, the caller's
	ColumnFile    = "file"    // of the capture, within the pack; added by Write
	ColumnCapture = "capture" // SHA-256
	ColumnLocator = "locator"
	ColumnRawText = "raw_text"
)

// Stored is a capture with its bytes as they came over the wire, content encoding and all.
type Stored struct {
	scrape.Capture
	Bytes []byte
}

// Pack is what a pack holds. The same pack gives the same bytes, on any machine and at any
// time, so that it can be cited by its own checksum.
type Pack struct {
	Program   string     // who made it, "daylight v1.2.0"
	Asked     string     // what was asked for, a sentence or a command line
	Captures  []Stored   // in any order; two of one hash are an error
	Header    []string   // of the figures; must have the Column names but ColumnFile
	Figures   [][]string // one row per figure, in the order to keep
	SQL       string     // statement that gives header and rows again from a warehouse
	Decisions []byte     // reviewers' decisions that the figures' meaning rests on, as CSV; nil for none
	Citations []string   // of the figures, for the reader
}

// index is pack.json.
type index struct {
	Format   int       `json:"format"`
	Program  string    `json:"program"`
	Figures  int       `json:"figures"`
	Captures []indexed `json:"captures"`
}

type indexed struct {
	SHA256   string `json:"sha256"`
	File     string `json:"file"`     // within the folder
	Metadata string `json:"metadata"` // within the folder
}

// Save writes the pack: the file appears whole or not at all. A file that is there is
// replaced when it is a pack, and refused otherwise.
func (p Pack) Save(to string) error {
	fail := func(err error) error { return fmt.Errorf("evidence: write %s: %w", to, err) }
	if err := replaceable(to); err != nil {
		return fail(err)
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		return fail(err)
	}
	if err := renameio.WriteFile(to, b.Bytes(), 0o644); err != nil {
		return fail(err)
	}
	return nil
}

// replaceable refuses a file that is no pack.
func replaceable(to string) error {
	info, err := os.Stat(to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("that is a folder: name a file")
	}
	if _, err := Read(to); err != nil {
		return errors.New("the file is there already and is no pack of daylight: name another one or move it away")
	}
	return nil
}

// Write writes the pack as a ZIP. Nothing is compressed, because compressors change between
// versions and the bytes should not.
func (p Pack) Write(w io.Writer) error {
	files, err := p.files()
	if err != nil {
		return err
	}
	var names []string
	var total int64
	for name, content := range files {
		names = append(names, name)
		total += int64(len(content))
		if len(content) > grid.MaxMember {
			return fmt.Errorf("%s has %d bytes, more than the %d that a pack may carry in one file: ask for fewer figures", name, len(content), int64(grid.MaxMember))
		}
	}
	if len(names) > grid.MaxMembers || total > grid.MaxTotal {
		return fmt.Errorf("%d files of %d bytes, more than the %d files of %d bytes that a pack may carry: ask for fewer figures",
			len(names), total, grid.MaxMembers, int64(grid.MaxTotal))
	}
	slices.Sort(names)
	z := zip.NewWriter(w)
	for _, name := range names {
		// The first instant that a ZIP can hold.
		f, err := z.CreateHeader(&zip.FileHeader{Name: folder + "/" + name, Method: zip.Store, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return err
		}
		if _, err := f.Write(files[name]); err != nil {
			return err
		}
	}
	return z.Close()
}

// files makes every file of the pack, by its name within the folder.
func (p Pack) files() (map[string][]byte, error) {
	if len(p.Figures) == 0 {
		return nil, errors.New("no figures")
	}
	files := map[string][]byte{}
	x := index{Format: format, Program: p.Program, Figures: len(p.Figures)}
	fileOf := map[string]string{} // by hash
	short := map[string]string{}
	captures := slices.Clone(p.Captures)
	slices.SortFunc(captures, func(a, b Stored) int { return strings.Compare(a.SHA256, b.SHA256) })
	for _, c := range captures {
		if sum := hashOf(c.Bytes); sum != c.SHA256 {
			return nil, fmt.Errorf("capture %.12s (%s): the bytes hash to %s: %w", c.SHA256, c.Name, sum, archive.ErrDamaged)
		}
		if other, taken := short[c.SHA256[:shortHash]]; taken {
			return nil, fmt.Errorf("captures %s and %s have one short name", other, c.SHA256)
		}
		short[c.SHA256[:shortHash]] = c.SHA256
		meta, err := archive.FormatMetadata(c.Capture)
		if err != nil {
			return nil, fmt.Errorf("capture %.12s (%s): %w", c.SHA256, c.Name, err)
		}
		name := c.SHA256[:shortHash] + "-" + plainName(c.Name)
		b := indexed{SHA256: c.SHA256, File: path.Join(bytesDir, name), Metadata: path.Join(metadataDir, name+".json")}
		if c.Encoding == "gzip" {
			b.File += ".gz"
		}
		files[b.File], files[b.Metadata] = c.Bytes, meta
		fileOf[c.SHA256] = b.File
		x.Captures = append(x.Captures, b)
	}
	figures, err := p.table(fileOf)
	if err != nil {
		return nil, err
	}
	files[figuresName] = figures
	if p.Decisions != nil {
		files[rulesName] = p.Decisions
	}
	files[sqlName] = []byte(strings.TrimSpace(p.SQL) + "\n")
	head, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return nil, err
	}
	files[indexName] = append(head, '\n')
	files[readmeName] = []byte(p.readme(captures, fileOf))
	files[sumsName] = sums(files)
	return files, nil
}

// shortHash is how much of a hash names a file.
const shortHash = 12

// plainName makes a name that every file system takes; the true one stands in the metadata.
func plainName(name string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, name)
	const most = 100
	if len(s) > most {
		s = s[len(s)-most:] // the end has the type
	}
	return s
}

// table is the CSV of the figures.
func (p Pack) table(fileOf map[string]string) ([]byte, error) {
	at := map[string]int{}
	for i, name := range p.Header {
		at[name] = i
	}
	for _, need := range []string{ColumnFigure, ColumnCapture, ColumnLocator, ColumnRawText} {
		if _, ok := at[need]; !ok {
			return nil, fmt.Errorf("the figures have no column %q", need)
		}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	first := at[ColumnFigure] + 1
	insert := func(row []string, file string) []string { return slices.Insert(slices.Clone(row), first, file) }
	if err := w.Write(insert(p.Header, ColumnFile)); err != nil {
		return nil, err
	}
	for _, row := range p.Figures {
		if len(row) != len(p.Header) {
			return nil, fmt.Errorf("a figure has %d columns, want %d", len(row), len(p.Header))
		}
		file, ok := fileOf[row[at[ColumnCapture]]]
		if !ok {
			return nil, fmt.Errorf("figure %s: its capture %.12s is not in the pack", row[at[ColumnFigure]], row[at[ColumnCapture]])
		}
		if err := w.Write(insert(row, file)); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// sums is the checksums of all files, as sha256sum writes them.
func sums(files map[string][]byte) []byte {
	var lines []string
	for name, content := range files {
		lines = append(lines, hashOf(content)+"  "+name+"\n")
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[66:], b[66:]) })
	return []byte(strings.Join(lines, ""))
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// readme says what the pack is and how it is checked without daylight.
func (p Pack) readme(captures []Stored, fileOf map[string]string) string {
	var b strings.Builder
	count := func(n int, what string) string {
		if n != 1 {
			what += "s"
		}
		return fmt.Sprintf("%d %s", n, what)
	}
	fmt.Fprintf(&b, "# Evidence for %s\n\n", count(len(p.Figures), "figure"))
	fmt.Fprintf(&b, "Figures of companies' transparency reports, and the bytes that they were read from. Made by\n%s; asked for was:\n\n    %s\n\n",
		oneLine(p.Program), oneLine(p.Asked))
	decisions := ""
	if p.Decisions != nil {
		decisions = "\n| " + rulesName + " | what people decided about words that no rule of daylight has, with name, time and reason; figures of the pack rest on it |"
	}
	b.WriteString(`| file | what it holds |
| --- | --- |
| ` + figuresName + ` | one row per figure: the text as printed, where it stands, and what it was taken to mean |
| ` + bytesDir + `/ | the reports, byte for byte as they were retrieved; a name begins with the first 12 digits of the SHA-256 |
| ` + metadataDir + `/ | for each report: address, time of retrieval, headers, and how it came to us |
| ` + sqlName + ` | the statement that gives the same rows from a warehouse of daylight |` + decisions + `
| ` + indexName + ` | which report lies in which file |
| ` + sumsName + ` | checksums of all other files |

## Check it by hand

1. The files are those that were packed: in this folder run

       sha256sum -c ` + sumsName + `

   (on macOS: shasum -a 256 -c ` + sumsName + `). Every line must end with "OK". This says that nothing
   was changed since. When and where a report was retrieved, and that it is the publisher's, no
   pack can prove of itself: compare the SHA-256 of the report, which is the same for everybody
   who has the same bytes, with that of another copy.

2. A figure stands where it is said to stand. Take a row of ` + figuresName + `, open the file in
   its column "file" and go to the place in its column "locator":

   | locator | where to look |
   | --- | --- |
   | Criminal!D5 | sheet "Criminal" of the workbook, cell D5; the value of the cell, whatever its format shows |
   | line 12 column 3 | line 12 of the text file, its third field; line 1 is the first, headers count |
   | a.csv: line 12 column 3 | the same in the file a.csv inside the ZIP |
   | table 1 row 4 column 2 | first table of the page, fourth row, second cell |
   | chars 3012-3034 | in the text that the page shows; search for the words of raw_text |

   There stands the text of the column "raw_text", exactly. A file whose name ends with .gz was
   sent compressed: unpack it first (gunzip), after its checksum was compared.

3. With daylight both are one command, which needs no network and no warehouse, and reads what
   the figures mean again, too:

       daylight verify FILE.zip

## Reports

| file | report | retrieved | trust | address |
| --- | --- | --- | --- | --- |
`)
	for _, c := range captures {
		address := "unknown"
		for _, known := range []string{c.URL, c.FinalURL} {
			if known != "" {
				address = known
			}
		}
		fmt.Fprintf(&b, "| %s | %s, %s | %s | %s | %s |\n", fileOf[c.SHA256], cell(c.Source), cell(c.Name),
			c.RetrievedAt.UTC().Format(time.RFC3339), cell(string(c.Trust)), cell(address))
	}
	b.WriteString(`
Trust says how the bytes came from the publisher: publisher (from its own host), archive (a file
that somebody kept), retyped (the publisher's figures in the publisher's layout, written by
daylight), mirror (another site's copy), press (quoted).
`)
	if len(p.Citations) > 0 {
		b.WriteString("\n## Cite\n\n")
		for _, c := range p.Citations {
			b.WriteString("- " + oneLine(c) + "\n")
		}
	}
	return b.String()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// cell keeps foreign text inside its cell of a table.
func cell(s string) string { return strings.ReplaceAll(oneLine(s), "|", "\\|") }
