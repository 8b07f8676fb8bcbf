package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// documents show answers, in blocks marked "console" that open with the command line. They are
// what the program prints on the embedded captures; -update writes them anew.
var documents = []string{
	filepath.Join("..", "..", "queries", "BANDS.md"),
	filepath.Join("..", "..", "warehouse", "EDITIONS.md"),
}

const consoleStart = "```console\n$ daylight "

func TestDocumentsShowWhatIsPrinted(t *testing.T) {
	data := firstRun(t)
	for _, name := range documents {
		t.Run(filepath.Base(name), func(t *testing.T) {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			page(t, name, string(raw), 1, func(line string) string { return command(t, data, words(line)...) })
		})
	}
}

// page runs every command line that a document shows, in order, and holds the answers against
// the document, which shows at least so many; -update writes them anew into the file name.
func page(t *testing.T, name, have string, least int, run func(line string) string) {
	t.Helper()
	var want strings.Builder
	rest, blocks := have, 0
	for {
		before, block, ok := strings.Cut(rest, consoleStart)
		want.WriteString(before)
		if !ok {
			break
		}
		line, shown, ok := strings.Cut(block, "\n")
		_, after, closed := strings.Cut("\n"+shown, "\n```\n")
		if !ok || !closed {
			t.Fatalf("the block %q does not end", line)
		}
		blocks++
		want.WriteString(consoleStart + line + "\n" + trimLines(run(line)) + "```\n")
		rest = after
	}
	if blocks < least {
		t.Fatalf("%d answers are shown", blocks)
	}
	if *update {
		if err := os.WriteFile(name, []byte(want.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(want.String(), "\n"), strings.Split(have, "\n")); diff != "" {
		t.Errorf("the page is stale: -want +got:\n%s\ngo test ./cmd/daylight -run %s -update", diff, t.Name())
	}
}

// trimLines takes the blanks off the ends of lines, as editors do.
func trimLines(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}
