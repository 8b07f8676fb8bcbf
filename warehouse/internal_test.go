package warehouse

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestMigrate(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	one := "CREATE TABLE a (x INTEGER);"
	two := "ALTER TABLE a ADD COLUMN y INTEGER; INSERT INTO a VALUES (1, 2);"
	files := func(texts ...string) fstest.MapFS {
		m := fstest.MapFS{}
		for i, s := range texts {
			m["000"+string(rune('1'+i))+"_step.sql"] = &fstest.MapFile{Data: []byte(s)}
		}
		return m
	}
	tests := map[string]struct {
		first, second fstest.MapFS
		want          string // in the error of the second; "" for none
		newer         bool
	}{
		"nothing_to_do":    {files(one), files(one), "", false},
		"one_more_step":    {files(one), files(one, two), "", false},
		"from_a_newer_one": {files(one, two), files(one), "schema 2", true},
		"edited_step":      {files(one), files(one + " "), "never edited", false},
		"broken_step":      {files(one), files(one, two+" SELECT nonsense;"), "0002_step.sql", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			db, err := openDuckDB(ctx, filepath.Join(t.TempDir(), "x.duckdb"), attachment{})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			for i, fsys := range []fstest.MapFS{tc.first, tc.second} {
				steps, err := migrations(fsys)
				if err != nil {
					t.Fatal(err)
				}
				err = migrateTo(ctx, db, steps, now)
				if i == 0 || tc.want == "" {
					if err != nil {
						t.Fatal(err)
					}
					continue
				}
				if err == nil || !strings.Contains(err.Error(), tc.want) || errors.Is(err, ErrNewer) != tc.newer {
					t.Errorf("got %v, want %q", err, tc.want)
				}
			}
			if name == "broken_step" {
				// The step is undone as a whole.
				if _, err := db.ExecContext(ctx, "SELECT y FROM a"); err == nil {
					t.Error("half a migration stayed")
				}
			}
		})
	}
	for name, fsys := range map[string]fstest.MapFS{
		"gap":       {"0001_a.sql": {}, "0003_b.sql": {}},
		"no_number": {"init.sql": {}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := migrations(fsys); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestListTypes(t *testing.T) {
	l, err := readList(fstest.MapFS{"x.csv": {Data: []byte("code,when,flag,width,text\n1,2013-07-01,true,500,a\n2,,false,,1\n")}}, "x.csv")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(l.types, " "); got != "VARCHAR DATE BOOLEAN DOUBLE VARCHAR" {
		t.Errorf("got %s", got)
	}
}

func TestWritten(t *testing.T) {
	args := []sql.NamedArg{
		sql.Named("name", "O'Neil $from; --"), sql.Named("from", "2013-H1"), sql.Named("n", int64(7)), sql.Named("x", -0.5),
		sql.Named("big", 1e21), sql.Named("none", nil), sql.Named("yes", true),
	}
	for name, tc := range map[string]struct{ query, want, err string }{
		"each_type":    {"SELECT $n, $x, $big, $none, $yes", "SELECT (7), (-0.5)::DOUBLE, (1e+21)::DOUBLE, NULL, (true)", ""},
		"text":         {"SELECT $name, $from", "SELECT 'O''Neil $from; --', '2013-H1'", ""},
		"no_parameter": {"SELECT 'of $n', \"$n\", 'it''s $n' -- $m\nFROM t WHERE x = $n", "SELECT 'of $n', \"$n\", 'it''s $n' -- $m\nFROM t WHERE x = (7)", ""},
		"longer_name":  {"SELECT $name_of", "", "$name_of"},
		"no_value":     {"SELECT $n, $m", "", "no value for the parameters $m"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := written(tc.query, args)
			if got != tc.want || (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("got %q and the error %v, want %q and %q", got, err, tc.want, tc.err)
			}
		})
	}
	if _, err := written("SELECT $t", []sql.NamedArg{sql.Named("t", time.Now())}); err == nil {
		t.Error("a time is written into a statement")
	}
}
