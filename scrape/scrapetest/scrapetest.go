// Package scrapetest answers one question: does a source keep the promises of
// scrape.Source? Run is the one suite that every source passes; a room adds tests of its
// own traps only.
//
// It reads the printed text at each locator again through grid.TextAt, from the bytes and
// without the room, so that a wrong place cannot hide behind a right figure.
//
// It may import scrape and scrape/grid, and only tests import it.
package scrapetest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daylight/scrape"
	"daylight/scrape/grid"
)

// Broken lists the files under captures/broken of the room whose test is running: each
// must be refused with scrape.ErrLayout.
const Broken = "captures/broken"

// roles is the closed list of what a key cell can be.
var roles = []scrape.Role{
	scrape.RolePeriod, scrape.RolePeriodStart, scrape.RolePeriodEnd, scrape.RoleYear,
	scrape.RoleCountry, scrape.RoleCountryCode, scrape.RoleAssisting, scrape.RoleProcess,
	scrape.RoleProduct, scrape.RoleItem, scrape.RoleDate,
}

// Run checks a source. The test must run in the room's own folder.
func Run(t *testing.T, src scrape.Source) {
	t.Helper()
	d := src.Describe()
	t.Run("describe", func(t *testing.T) { describe(t, src, d) })
	captures, err := src.Embedded()
	if err != nil {
		t.Fatalf("embedded: %v", err)
	}
	if len(captures) == 0 {
		t.Fatal("embedded: no capture")
	}
	for _, c := range captures {
		t.Run("embedded_"+c.Name, func(t *testing.T) {
			if c.Source != d.ID || c.Name == "" || c.RetrievedAt.IsZero() || c.Trust == "" {
				t.Errorf("capture is not described: %+v", c)
			}
			Capture(t, src, c)
		})
		t.Run("prefixes_"+c.Name, func(t *testing.T) { Prefixes(t, src, c) })
	}
	t.Run("broken", func(t *testing.T) { broken(t, src, captures) })
	t.Run("no_bytes", func(t *testing.T) {
		rows, err := Rows(src, scrape.Capture{Source: d.ID, Name: "none"})
		if err == nil || len(rows) > 0 {
			t.Errorf("a capture without bytes: %d rows, error %v", len(rows), err)
		}
		empty := captures[0]
		empty = empty.WithBody(scrape.BytesCapture(nil).Open)
		if rows, err := Rows(src, empty); !errors.Is(err, scrape.ErrLayout) || len(rows) > 0 {
			t.Errorf("an empty file: %d rows, error %v, want ErrLayout", len(rows), err)
		}
	})
}

func describe(t *testing.T, src scrape.Source, d scrape.Description) {
	for field, text := range map[string]string{
		"ID": d.ID, "Provider": d.Provider, "Title": d.Title, "Page": d.Page, "Cadence": d.Cadence, "Licence": d.Licence,
	} {
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s is empty", field)
		}
	}
	if !strings.HasPrefix(d.ID, d.Provider+"/") {
		t.Errorf("ID %q does not start with the provider %q", d.ID, d.Provider)
	}
	if len(d.Formats) == 0 || len(d.URLs) == 0 || len(d.Hosts) == 0 {
		t.Errorf("formats %q, URLs %q, hosts %q: none may be empty", d.Formats, d.URLs, d.Hosts)
	}
	for _, address := range append([]string{d.Page}, d.URLs...) {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" || !slices.Contains(d.Hosts, u.Hostname()) {
			t.Errorf("%q is no https address on a declared host %q", address, d.Hosts)
		}
	}
	for _, h := range d.Hosts {
		if h != strings.ToLower(h) || strings.ContainsAny(h, "/:*") {
			t.Errorf("host %q: want a plain lower-case host name", h)
		}
	}
	if diff := cmp.Diff(d, src.Describe()); diff != "" {
		t.Errorf("Describe is not constant (-want +got):\n%s", diff)
	}
}

// Rows reads all rows of a capture and the error that ended them.
func Rows(src scrape.Source, c scrape.Capture) (rows []scrape.Row, err error) {
	for r, e := range src.Parse(c) {
		if e != nil {
			return rows, e
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// equal compares rows; cmp is too slow for each row of each cut.
func equal(a, b scrape.Row) bool {
	return a.Table == b.Table && a.Line == b.Line && a.Value == b.Value && a.Upper == b.Upper &&
		a.Total == b.Total && a.Open == b.Open && a.Ignore == b.Ignore && a.Hold == b.Hold && slices.Equal(a.Keys, b.Keys)
}

// Capture checks one capture that the source must read: no error, the same rows twice, each
// of them complete, each text found again at its place, and an early stop that is kept.
func Capture(t *testing.T, src scrape.Source, c scrape.Capture) {
	t.Helper()
	rows, err := Rows(src, c)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	if len(rows) == 0 {
		t.Fatal("no rows")
	}
	again, err := Rows(src, c)
	if err != nil {
		t.Fatalf("parse again: %v", err)
	}
	if !slices.EqualFunc(rows, again, equal) {
		t.Errorf("a second reading differs (-first +second):\n%s", cmp.Diff(rows, again))
	}
	seen := map[scrape.Locator]bool{}
	ask := places{}
	for i, r := range rows {
		for _, problem := range complete(r) {
			t.Errorf("row %d %s %s: %s", i, r.Table, r.Value.At, problem)
		}
		if r.Ignore == "" && r.Hold == "" && seen[r.Value.At] {
			t.Errorf("row %d %s: the figure at %s is yielded twice", i, r.Table, r.Value.At)
		}
		seen[r.Value.At] = true
		ask.add(r.Value)
		ask.add(r.Upper)
		for _, k := range r.Keys {
			ask.add(k)
		}
		if t.Failed() && i > 50 {
			t.Fatal("too many errors")
		}
	}
	ask.check(t, c)
	n := 0
	for range src.Parse(c) {
		if n++; n == 3 {
			break
		}
	}
	if n != min(3, len(rows)) {
		t.Errorf("stopped after %d rows, want 3", n)
	}
}

// complete lists what a row lacks.
func complete(r scrape.Row) (problems []string) {
	if r.Table == "" {
		problems = append(problems, "no table")
	}
	if r.Line == 0 && r.Table != "statement" { // prose has no lines
		problems = append(problems, "no line")
	}
	if r.Ignore != "" && r.Hold != "" {
		problems = append(problems, fmt.Sprintf("ignored (%q) and held (%q)", r.Ignore, r.Hold))
	}
	if r.Value.At == (scrape.Locator{}) {
		problems = append(problems, "the figure has no place")
	}
	if r.Value.Role != "" || r.Upper.Role != "" {
		problems = append(problems, "the figure has the role of a key")
	}
	for _, c := range append([]scrape.Cell{r.Value, r.Upper}, r.Keys...) {
		if c.At == (scrape.Locator{}) {
			continue
		}
		if at, err := scrape.ParseLocator(c.At.String()); err != nil || at != c.At {
			problems = append(problems, fmt.Sprintf("locator %q reads back as %+v: %v", c.At, at, err))
		}
	}
	for _, k := range r.Keys {
		if !slices.Contains(roles, k.Role) {
			problems = append(problems, fmt.Sprintf("key %q has the role %q", k.Text, k.Role))
		}
		// A key without a place comes from outside the bytes; it must say where from.
		if k.At == (scrape.Locator{}) && k.Header == "" {
			problems = append(problems, fmt.Sprintf("key %q has neither place nor header", k.Text))
		}
	}
	return problems
}

// places collects the cells that grid.TextAt must find again, each once.
type places map[scrape.Locator]string

// spread is how many cells of one capture are read again: TextAt starts at the top of the
// file for each.
const spread = 400

func (p places) add(c scrape.Cell) {
	if c.At.Col > 0 || c.At.End > 0 {
		p[c.At] = c.Text
	}
}

func (p places) check(t *testing.T, c scrape.Capture) {
	t.Helper()
	body, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	all := make([]scrape.Locator, 0, len(p))
	for at := range p {
		all = append(all, at)
	}
	slices.SortFunc(all, func(a, b scrape.Locator) int { return strings.Compare(a.String(), b.String()) })
	step := max(1, len(all)/spread)
	for i := 0; i < len(all); i += step {
		at := all[i]
		text, err := grid.TextAt(body, at)
		if err != nil {
			t.Errorf("text at %s: %v", at, err)
			continue
		}
		if text != p[at] {
			t.Errorf("text at %s is %q, the row says %q", at, text, p[at])
		}
	}
}

// Prefixes checks that a capture that was cut never panics, and never yields a row that
// the whole file does not have at the same place without an error in the end. Two cuts
// cannot be seen in the bytes of a text file and are allowed: at a line end, and inside
// the last figure of a file whose publisher does not end the last line.
func Prefixes(t *testing.T, src scrape.Source, c scrape.Capture) {
	t.Helper()
	whole, err := Rows(src, c)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	at := map[scrape.Locator]scrape.Row{}
	for _, r := range whole {
		at[r.Value.At] = r
	}
	content := read(t, c)
	for _, n := range cuts(len(content)) {
		part := c.WithBody(scrape.BytesCapture(content[:n]).Open)
		rows, err := Rows(src, part)
		if err != nil {
			continue // loud: nothing of it is loaded
		}
		for i, r := range rows {
			w, ok := at[r.Value.At]
			if r.Hold != "" || ok && equal(w, r) {
				continue
			}
			if strings.HasPrefix(w.Value.Text, r.Value.Text) && i == len(rows)-1 && r.Open {
				continue // the cut that nobody can see is marked
			}
			t.Errorf("cut after %d of %d bytes: row %d at %s is %+v, want %+v", n, len(content), i, r.Value.At, r, w)
			break
		}
	}
}

// cuts spreads places to cut over a file, dense at its end where the last figure stands.
func cuts(size int) (at []int) {
	for i := range 40 {
		at = append(at, i*size/40)
	}
	for i := max(0, size-60); i < size; i++ {
		at = append(at, i)
	}
	return at
}

func read(t *testing.T, c scrape.Capture) []byte {
	t.Helper()
	body, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	content := make([]byte, body.Size())
	if _, err := body.ReadAt(content, 0); err != nil && len(content) > 0 && int64(len(content)) != body.Size() {
		t.Fatal(err)
	}
	return content
}

// broken checks that every file under captures/broken is refused. The name is kept, because
// some layouts need it.
func broken(t *testing.T, src scrape.Source, captures []scrape.Capture) {
	entries, err := os.ReadDir(Broken)
	if err != nil {
		t.Fatalf("every room has a broken capture: %v", err)
	}
	tried := 0
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(Broken, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !sameKind(e.Name(), captures) {
			continue // of another source of the same provider
		}
		tried++
		c := scrape.BytesCapture(content)
		c.Source, c.Name = src.Describe().ID, e.Name()
		if _, err := Rows(src, c); !errors.Is(err, scrape.ErrLayout) {
			t.Errorf("%s: error %v, want ErrLayout", e.Name(), err)
		} else if !strings.Contains(err.Error(), e.Name()) {
			t.Errorf("%s: the error does not name the file: %v", e.Name(), err)
		}
	}
	if tried == 0 {
		t.Error("no broken capture of this source")
	}
}

func sameKind(name string, captures []scrape.Capture) bool {
	return slices.ContainsFunc(captures, func(c scrape.Capture) bool {
		return strings.EqualFold(filepath.Ext(c.Name), filepath.Ext(name))
	})
}

// Text is one case of Texts.
type Text struct {
	Name    string
	Text    string
	Want    []string // table "header" "figure" "period" of each row
	Refused string   // in place of Want: what the error says beside wrapping scrape.ErrLayout
}

// Texts reads texts of a source that finds its figures in prose.
func Texts(t *testing.T, src scrape.Source, cases []Text) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.Name, func(t *testing.T) {
			c := scrape.BytesCapture([]byte(tc.Text))
			c.Source, c.Name = src.Describe().ID, "statement.txt"
			rows, err := Rows(src, c)
			if tc.Refused != "" {
				if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.Refused) {
					t.Errorf("error %v, want ErrLayout with %q", err, tc.Refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range rows {
				p, _ := r.Key(scrape.RolePeriod)
				got = append(got, fmt.Sprintf(`%s "%s" "%s" "%s"`, r.Table, r.Value.Header, r.Value.Text, p.Text))
			}
			if diff := cmp.Diff(tc.Want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			Capture(t, src, c)
		})
	}
}

// Getter is a scrape.Getter without a network, for tests of Collect. Files are keyed by
// address; an address that is not there is ErrNotPublished.
type Getter struct {
	Files map[string]string
	Page  []scrape.Link
	Asked []scrape.Request
}

// Get implements scrape.Getter.
func (g *Getter) Get(ctx context.Context, r scrape.Request) (scrape.Capture, error) {
	if err := ctx.Err(); err != nil {
		return scrape.Capture{}, err
	}
	g.Asked = append(g.Asked, r)
	content, ok := g.Files[r.URL]
	if !ok {
		return scrape.Capture{}, fmt.Errorf("get %q: %w", r.URL, scrape.ErrNotPublished)
	}
	c := scrape.BytesCapture([]byte(content))
	c.URL, c.Name, c.Edition = r.URL, r.Name, r.Edition
	return c, nil
}

// Links implements scrape.Getter.
func (g *Getter) Links(ctx context.Context, page, selector string) ([]scrape.Link, error) {
	return g.Page, ctx.Err()
}
