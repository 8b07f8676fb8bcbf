package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"daylight/warehouse"
)

// entries lists what is in the data directory, and fails when a half-built file is left.
func entries(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

// meddle runs do at the nth look at the clock, which is somewhere inside the run.
func meddle(a *app, n int, do func()) {
	now, looks := a.now, 0
	a.now = func() time.Time {
		if looks++; looks == n {
			do()
		}
		return now()
	}
}

// TestRunThatBreaksOff interrupts a second run at several places: the last good file stays
// as it was, nothing else is left, and the run says so.
func TestRunThatBreaksOff(t *testing.T) {
	picked, err := pick([]string{"microsoft"})
	if err != nil {
		t.Fatal(err)
	}
	a := testApp(t)
	if _, err := a.ingest(t.Context(), picked, ingestOptions{offline: true}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(a.data, warehouse.FileName)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	clock := a.now
	tests := map[string]struct {
		look int
		do   func(context.CancelCauseFunc)
		want string
	}{
		"interrupted_early": {5, func(stop context.CancelCauseFunc) { stop(errors.New("interrupt")) }, "interrupt"},
		"interrupted_late":  {20, func(stop context.CancelCauseFunc) { stop(errors.New("interrupt")) }, "interrupt"},
		// What stands in the way of publishing appears while the run is at work.
		"cannot_be_published": {12, func(context.CancelCauseFunc) {
			if err := os.WriteFile(file+".wal", []byte("x"), 0o644); err != nil {
				t.Error(err)
			}
		}, "stands beside the warehouse"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithCancelCause(t.Context())
			defer stop(nil)
			a.now = clock
			meddled := false
			meddle(a, tc.look, func() { meddled = true; tc.do(stop) })
			r, err := a.ingest(ctx, picked, ingestOptions{offline: true})
			if err != nil {
				t.Fatal(err)
			}
			if !meddled {
				t.Fatal("the run ended before it was meddled with")
			}
			if r.Published || r.Outcome != outcomeFailed || r.err() == nil || !strings.Contains(r.err().Error(), tc.want) {
				t.Errorf("published %v, outcome %s, error %v; want %q", r.Published, r.Outcome, r.err(), tc.want)
			}
			if err := os.RemoveAll(file + ".wal"); err != nil {
				t.Fatal(err)
			}
			if got, want := entries(t, a.data), "archive daylight.duckdb daylight.lock runs"; got != want {
				t.Errorf("left in the directory: %s; want %s", got, want)
			}
			now, err := os.ReadFile(file)
			if err != nil || !bytes.Equal(now, good) {
				t.Errorf("the last good file changed (%v)", err)
			}
		})
	}
}

// TestReportThatCannotBeKept: the summary is printed all the same, and the exit code is 1.
func TestReportThatCannotBeKept(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "runs"), []byte("no folder"), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	code := run(t.Context(), []string{"ingest", "--offline", "--source", "microsoft/statement", "--data", data}, nil, &out, &errOut)
	if code != exitFailed || !strings.Contains(out.String(), "microsoft/statement") || !strings.Contains(errOut.String(), "run report: ") {
		t.Errorf("exit code %d, printed %q and %q", code, &out, &errOut)
	}
}

// TestSecondWriter is told who holds the lock.
func TestSecondWriter(t *testing.T) {
	data := t.TempDir()
	w, err := warehouse.Begin(t.Context(), data, warehouse.Options{Now: time.Now, Command: "import"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	var out, errOut bytes.Buffer
	code := run(t.Context(), []string{"ingest", "--offline", "--data", data}, nil, &out, &errOut)
	if code != exitFailed || !strings.Contains(errOut.String(), "is being written by pid ") || !strings.Contains(errOut.String(), "(import): wait or stop it") {
		t.Errorf("exit code %d, printed %q", code, &errOut)
	}
}
