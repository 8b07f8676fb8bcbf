package audit_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"daylight/normalize"
	"daylight/normalize/audit"
	"daylight/scrape"
	"daylight/scrape/apple"
	"daylight/scrape/google"
	"daylight/scrape/meta"
	"daylight/scrape/microsoft"
)

// sources are the rooms whose tables checks.csv names.
func sources() []scrape.Source {
	return append(microsoft.Sources(), google.UserData(), apple.Requests(), meta.GovernmentRequests())
}

type sink struct {
	*audit.Auditor
	rejects []normalize.Reject
}

func (s *sink) Observation(o *normalize.Observation) error { s.Auditor.Observation(o); return nil }
func (s *sink) Reject(r normalize.Reject) error {
	s.rejects = append(s.rejects, r)
	s.Auditor.Reject(r)
	return nil
}

// TestCaptures audits the embedded captures, and with DAYLIGHT_CAPTURES the publishers'
// own files: whatever breaks a relation there is pinned. An open finding in an embedded
// capture may be our own slip in typing the figure: see the publisher's file before
// pinning it.
func TestCaptures(t *testing.T) {
	total := map[string]audit.Count{}
	for _, src := range sources() {
		captures, err := src.Embedded()
		if err != nil {
			t.Fatal(err)
		}
		if dir := os.Getenv("DAYLIGHT_CAPTURES"); dir != "" {
			captures = append(captures, published(t, dir, src.Describe().ID)...)
		}
		n, err := normalize.New(src.Describe().Provider)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range captures {
			t.Run(c.Source+"/"+c.Name, func(t *testing.T) {
				sv, err := n.Survey(c, src.Parse)
				if c.Trust == scrape.TrustArchive && errors.Is(err, scrape.ErrLayout) {
					t.Logf("not read, as it must be: %v", err)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				c.Edition = sv.Edition
				a, err := audit.New(c)
				if err != nil {
					t.Fatal(err)
				}
				s := &sink{Auditor: a}
				if _, err := n.Capture(context.Background(), c, sv, src.Parse, s); err != nil {
					t.Fatal(err)
				}
				for _, f := range a.Close() {
					if f.Status == audit.StatusOpen {
						t.Errorf("open %s (hold %t): want %s, have %s: %s", f.Check, f.Hold, f.Expected, f.Found, f.Detail)
						continue
					}
					t.Logf("pinned %s %s %s: %s for %s", f.Check, f.Scope.Period, f.Scope.Jurisdiction, f.Found, f.Expected)
				}
				for _, r := range s.rejects {
					t.Logf("rejected %s %s %q: %s", r.Reason, r.Locator, r.RawText, r.Detail)
				}
				for _, k := range a.Summary() {
					sum := total[k.Check]
					sum.Checked += k.Checked
					sum.Partial += k.Partial
					sum.Undecided += k.Undecided
					sum.Pinned += k.Pinned
					sum.Open += k.Open
					total[k.Check] = sum
				}
			})
		}
	}
	for _, check := range []string{audit.CheckTotal, audit.CheckPartition, audit.CheckAtMost, audit.CheckPercent,
		audit.CheckRange, audit.CheckContinuity, audit.CheckBand, audit.CheckFloor, audit.CheckColumns} {
		k := total[check]
		t.Logf("%s: %d checked (%d of them partially), %d undecided, %d pinned, %d open", check, k.Checked, k.Partial, k.Undecided, k.Pinned, k.Open)
		if k.Checked == 0 {
			t.Errorf("check %s is never made on any capture", check)
		}
	}
}

// published lists the files of one source below dir, which is laid out as
// provider/family/... for Microsoft and provider/... for the others.
func published(t *testing.T, dir, id string) []scrape.Capture {
	t.Helper()
	provider, family, _ := strings.Cut(id, "/")
	if provider == "microsoft" {
		provider = filepath.Join(provider, family)
	}
	var out []scrape.Capture
	err := filepath.WalkDir(filepath.Join(dir, provider), func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil || d.IsDir() || strings.HasPrefix(strings.ToLower(d.Name()), "readme"):
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		c := scrape.BytesCapture(content)
		c.Source, c.Name, c.Trust = id, d.Name(), scrape.TrustArchive
		out = append(out, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
