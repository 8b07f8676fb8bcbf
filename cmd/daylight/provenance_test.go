package main

import (
	"os"
	"path/filepath"
	"testing"

	"daylight/scrape"
	"daylight/scrape/archive"
	"daylight/scrape/grid"
	"daylight/warehouse"
)

// TestEveryFigureIsInTheBytes walks every observation of the warehouse back: its locator,
// in the archived bytes of its capture, prints its raw text. It does so for the embedded
// captures and, when DAYLIGHT_CAPTURES names their folder, for the publishers' own files
// too; every figure, no sample.
func TestEveryFigureIsInTheBytes(t *testing.T) {
	ctx := t.Context()
	a := testApp(t)
	if _, err := a.ingest(ctx, sources(), ingestOptions{offline: true}); err != nil {
		t.Fatal(err)
	}
	if root := os.Getenv("DAYLIGHT_CAPTURES"); root != "" {
		list, err := batches(root)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range list {
			o := importOptions{source: b.source, edition: b.edition, trust: string(scrape.TrustArchive)}
			s, files, err := o.captures(a.now(), b.files)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.importCaptures(ctx, s, files, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	captures := map[string]scrape.Capture{}
	for c, err := range archive.Open(filepath.Join(a.data, "archive")).Captures(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		captures[c.SHA256] = c
	}
	db, err := warehouse.Open(ctx, a.data)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(ctx, "SELECT capture, locator, raw_text FROM observation ORDER BY capture, ordinal")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	places := map[string]*grid.Places{}
	n, wrong := 0, 0
	for rows.Next() {
		v := rows.Values()
		sha, where, raw := v[0].(string), v[1].(string), v[2].(string)
		p := places[sha]
		if p == nil {
			body, err := captures[sha].Open()
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
			p = grid.NewPlaces(body)
			places[sha] = p
		}
		n++
		at, err := scrape.ParseLocator(where)
		if err != nil {
			t.Fatalf("capture %s: %v", captures[sha].Name, err)
		}
		if text, err := p.Text(at); err != nil || text != raw {
			if wrong++; wrong <= 20 {
				t.Errorf("%s at %q: the bytes say %q (%v), the warehouse %q", captures[sha].Name, where, text, err, raw)
			}
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d figures of %d captures, %d not found again", n, len(places), wrong)
	if n < 1000 {
		t.Errorf("only %d figures", n)
	}
}
