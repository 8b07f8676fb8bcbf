package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"daylight/scrape"
	"daylight/scrape/archive"
	"daylight/scrape/grid"
)

// ErrNoPack says that a file is no pack that this program can read.
var ErrNoPack = errors.New("no pack of evidence")

// Kind says what is wrong with a pack.
type Kind string

// The closed list of kinds.
const (
	Damaged  Kind = "damaged"  // a file is not the one of its checksum, or cannot be read
	Missing  Kind = "missing"  // a file is not there
	Stray    Kind = "stray"    // a file without a checksum
	Metadata Kind = "metadata" // metadata that contradicts the bytes or the table
	Text     Kind = "text"     // the bytes print something else at a figure's place
)

// Problem is one thing that is wrong with a pack.
type Problem struct {
	Kind   Kind
	Path   string // file within the pack, or the figure
	Detail string
}

// Opened is a pack that was read. It is taken apart, and nothing of it is proven before
// Verify. Its bytes lie in memory.
type Opened struct {
	Program string
	Header  []string
	Figures []Figure

	files    map[string][]byte // by the name within the folder
	broken   []Problem         // what could not even be read
	index    index
	captures map[string]scrape.Capture // sound ones, by hash; after Verify
}

// Figure is one row of a pack's table.
type Figure struct {
	Name, File, Capture, Locator, RawText string

	Row []string // all columns, as in Opened.Header
}

// Checked says what Verify looked at.
type Checked struct {
	Files, Captures, Figures int
	Bytes                    int64
}

// Read reads a pack. A pack from elsewhere may be hostile: the caps and refusals of
// grid.OpenZip hold before anything is unpacked. A file that is no pack, or one of a newer
// layout, wraps ErrNoPack. Files of it that are damaged are a matter of Verify.
func Read(name string) (*Opened, error) {
	fail := func(err error) (*Opened, error) {
		return nil, fmt.Errorf("evidence: %s: %w: %w", name, ErrNoPack, err)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fail(errors.New("not a file"))
	}
	o, err := read(f, info.Size())
	if err != nil {
		return fail(err)
	}
	return o, nil
}

func read(r io.ReaderAt, size int64) (*Opened, error) {
	z, err := grid.OpenZip(r, size)
	if err != nil {
		return nil, errors.New(plain(err))
	}
	o := &Opened{files: map[string][]byte{}, captures: map[string]scrape.Capture{}}
	for _, name := range z.Ignored {
		o.broken = append(o.broken, Problem{Stray, name, "a pack has no such file"})
	}
	for _, m := range z.Members {
		inside, ok := strings.CutPrefix(m.Name, folder+"/")
		if !ok {
			o.broken = append(o.broken, Problem{Stray, m.Name, "not in the folder " + folder})
			continue
		}
		content, err := unpack(m)
		if err != nil {
			if !errors.Is(err, scrape.ErrLayout) {
				return nil, err
			}
			o.broken = append(o.broken, Problem{Damaged, inside, plain(err)})
			continue
		}
		o.files[inside] = content
	}
	raw, err := o.needed(indexName)
	if err != nil {
		return nil, err
	}
	if err := strictly(raw, &o.index); err != nil {
		var newer index
		if json.Unmarshal(raw, &newer) == nil && newer.Format > format {
			o.index.Format = newer.Format
		} else {
			return nil, fmt.Errorf("%s: %w", indexName, err)
		}
	}
	if o.index.Format != format {
		return nil, fmt.Errorf("its layout is version %d, and this daylight reads version %d: take a newer daylight", o.index.Format, format)
	}
	o.Program = o.index.Program
	if err := o.readFigures(); err != nil {
		return nil, fmt.Errorf("%s: %w", figuresName, err)
	}
	return o, nil
}

// needed returns a file without which nothing can be read.
func (o *Opened) needed(name string) ([]byte, error) {
	if raw, ok := o.files[name]; ok {
		return raw, nil
	}
	for _, p := range o.broken {
		if p.Path == name {
			return nil, errors.New(p.Detail)
		}
	}
	// A pack is not compressed, so that a ZIP inside a pack that was cut is found for the whole.
	return nil, fmt.Errorf("it has no %s/%s: the file was cut, or it is another ZIP", folder, name)
}

// plain is the text of an error of package grid without the words about layouts, which are a
// report's and not a pack's.
func plain(err error) string {
	return strings.TrimPrefix(err.Error(), scrape.ErrLayout.Error()+": ")
}

func unpack(m grid.Member) ([]byte, error) {
	r, err := m.Open()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(r) // the size was checked against the caps
	return content, errors.Join(err, r.Close())
}

func strictly(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return nil
}

// readFigures reads the table with grid.CSV, because encoding/csv changes line ends inside
// of texts.
func (o *Opened) readFigures() error {
	raw, err := o.needed(figuresName)
	if err != nil {
		return err
	}
	c := grid.NewCSV(bytes.NewReader(raw))
	head, err := c.Read()
	if err != nil {
		return err
	}
	o.Header = slices.Clone(head.Fields)
	at := map[string]int{}
	for i, name := range o.Header {
		if _, twice := at[name]; twice {
			return fmt.Errorf("two columns are named %q", name)
		}
		at[name] = i
	}
	for _, need := range []string{ColumnFigure, ColumnFile, ColumnCapture, ColumnLocator, ColumnRawText} {
		if _, ok := at[need]; !ok {
			return fmt.Errorf("no column %q", need)
		}
	}
	for {
		rec, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if len(rec.Fields) != len(o.Header) {
			return fmt.Errorf("line %d has %d fields, want %d", rec.Line, len(rec.Fields), len(o.Header))
		}
		row := slices.Clone(rec.Fields)
		o.Figures = append(o.Figures, Figure{row[at[ColumnFigure]], row[at[ColumnFile]], row[at[ColumnCapture]], row[at[ColumnLocator]], row[at[ColumnRawText]], row})
	}
	if len(o.Figures) == 0 {
		return errors.New("no figures")
	}
	return nil
}

// Verify compares every file with its checksum, the metadata with the bytes, and each
// figure with what its capture prints at its place. No problem: each figure's text stands
// there. The error is for a ctx that is done.
func (o *Opened) Verify(ctx context.Context) (Checked, []Problem, error) {
	done := Checked{Files: len(o.files), Figures: len(o.Figures)}
	problems := slices.Clone(o.broken)
	add := func(k Kind, path, format string, args ...any) {
		problems = append(problems, Problem{k, path, fmt.Sprintf(format, args...)})
	}
	for _, content := range o.files {
		done.Bytes += int64(len(content))
	}
	sound := o.verifySums(add)
	if len(o.Figures) != o.index.Figures {
		add(Metadata, indexName, "says %d figures, %s has %d", o.index.Figures, figuresName, len(o.Figures))
	}
	fileOf := map[string]string{}
	for _, b := range o.index.Captures {
		if _, twice := fileOf[b.SHA256]; twice {
			add(Metadata, indexName, "names capture %.12s twice", b.SHA256)
			continue
		}
		fileOf[b.SHA256] = b.File
		c, err := o.capture(b, sound)
		if err != nil {
			add(Metadata, b.File, "%v", err)
			continue
		}
		if c.SHA256 != "" {
			o.captures[c.SHA256] = c
			done.Captures++
		}
	}
	of := map[string][]Figure{} // by capture
	var order []string
	for _, f := range o.Figures {
		if fileOf[f.Capture] != f.File || f.File == "" {
			add(Metadata, f.Name, "its file is %q, and %s has capture %.12s in %q", f.File, indexName, f.Capture, fileOf[f.Capture])
			continue
		}
		if of[f.Capture] == nil {
			order = append(order, f.Capture)
		}
		of[f.Capture] = append(of[f.Capture], f)
	}
	for _, sum := range order {
		if ctx.Err() != nil {
			return done, nil, fmt.Errorf("evidence: verify: %w", context.Cause(ctx))
		}
		c, ok := o.captures[sum]
		if !ok {
			add(Missing, fileOf[sum], "there are no sound bytes for its %d figures", len(of[sum]))
			continue
		}
		problems = append(problems, check(c, of[sum])...)
	}
	return done, problems, nil
}

// check reads the figures of one capture again.
func check(c scrape.Capture, figures []Figure) []Problem {
	w, err := Open(c)
	if err != nil {
		return []Problem{{Damaged, c.Name, err.Error()}}
	}
	var out []Problem
	for _, f := range figures {
		if err := w.Check(f.Locator, f.RawText); err != nil {
			out = append(out, Problem{Text, f.Name, err.Error()})
		}
	}
	if err := w.Close(); err != nil {
		out = append(out, Problem{Damaged, c.Name, err.Error()})
	}
	return out
}

// verifySums compares the files with their checksums and returns those that are sound.
func (o *Opened) verifySums(add func(Kind, string, string, ...any)) map[string]bool {
	sound := map[string]bool{}
	listed := map[string]bool{sumsName: true}
	raw, ok := o.files[sumsName]
	if !ok {
		add(Missing, sumsName, "there are no checksums")
		return sound
	}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSuffix(line, "\n")
		sum, name, ok := strings.Cut(line, "  ")
		if !ok || len(sum) != 64 || name == "" || listed[name] {
			add(Damaged, sumsName, "the line %q is none", line)
			continue
		}
		listed[name] = true
		content, ok := o.files[name]
		switch {
		case !ok && slices.ContainsFunc(o.broken, func(p Problem) bool { return p.Path == name }):
		case !ok:
			add(Missing, name, "it has a checksum and is not there")
		case hashOf(content) != sum:
			add(Damaged, name, "it hashes to %s, its checksum is %s", hashOf(content), sum)
		default:
			sound[name] = true
		}
	}
	parts := map[string]bool{rulesName: true, readmeName: true, sumsName: true, indexName: true, figuresName: true, sqlName: true}
	for _, b := range o.index.Captures {
		parts[b.File], parts[b.Metadata] = true, true
	}
	for _, name := range slices.Sorted(maps.Keys(o.files)) {
		switch {
		case !listed[name]:
			add(Stray, name, "it has no checksum")
		case !parts[name]:
			add(Stray, name, "a pack has no such file")
		}
	}
	return sound
}

// capture puts a capture together from its bytes and its metadata. It is the zero Capture
// when one of the two files is not sound, which is told already.
func (o *Opened) capture(b indexed, sound map[string]bool) (scrape.Capture, error) {
	if path.Dir(b.File) != bytesDir || path.Dir(b.Metadata) != metadataDir {
		return scrape.Capture{}, fmt.Errorf("%s has it in %q, with %q", indexName, b.File, b.Metadata)
	}
	if !sound[b.File] || !sound[b.Metadata] {
		return scrape.Capture{}, nil
	}
	c, err := archive.ParseMetadata(o.files[b.Metadata])
	if err != nil {
		return scrape.Capture{}, err
	}
	content := o.files[b.File]
	if sum := hashOf(content); sum != b.SHA256 || sum != c.SHA256 || int64(len(content)) != c.Size {
		return scrape.Capture{}, fmt.Errorf("it is %s of %d bytes; %s says %s and %s says %s of %d bytes",
			sum, len(content), indexName, b.SHA256, b.Metadata, c.SHA256, c.Size)
	}
	return archive.WithBytes(c, content), nil
}

// Decisions returns the reviewers' decisions that the pack brings along; nil when its figures
// rest on none. They are the packer's word: nothing in the captures proves them.
func (o *Opened) Decisions() []byte { return o.files[rulesName] }

// Capture returns a capture whose bytes are sound, body attached. Verify must have run.
func (o *Opened) Capture(sha256 string) (scrape.Capture, bool) {
	c, ok := o.captures[sha256]
	return c, ok
}
