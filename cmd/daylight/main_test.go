package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	// A test must never read the user's own warehouse. A script's program gets its
	// environment from the script.
	if filepath.Base(os.Args[0]) != "daylight" {
		for _, name := range []string{"DAYLIGHT_DATA", "DAYLIGHT_CONTACT", "DAYLIGHT_DECISIONS"} {
			if err := os.Unsetenv(name); err != nil {
				panic(err)
			}
		}
	}
	testscript.Main(m, map[string]func(){"daylight": main, benchCommand: benchMain})
}

// TestScripts runs the whole program as a user does, offline.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exitcode": exitCode},
	})
}

// exitCode runs daylight and compares its exit code: "exitcode 3 import ...".
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE ARGS...")
	}
	err := ts.Exec("daylight", args[1:]...)
	code := "0"
	if err != nil {
		code = "1"
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			code = strconv.Itoa(exit.ExitCode())
		}
	}
	if code != args[0] {
		ts.Fatalf("daylight %v: exit code %s, want %s\nstdout:\n%s\nstderr:\n%s", args[1:], code, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}
