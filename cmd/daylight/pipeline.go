package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"time"

	"daylight/normalize"
	"daylight/normalize/audit"
	"daylight/normalize/review"
	"daylight/scrape"
	"daylight/scrape/archive"
	"daylight/warehouse"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// batchRows is the number of observations that cross to the warehouse at once: large
// enough that a batch's fixed cost does not show, small enough (about 10 MB) that memory
// stays flat.
const batchRows = 16384

// Outcomes of a source and of a run.
const (
	outcomeClean  = "clean"
	outcomeHeld   = "held"   // something waits for review; what is sure was loaded
	outcomeFailed = "failed" // the source could not be read or stored at all
	outcomeEmpty  = "empty"  // nothing is published

	outcomeRejected = "rejected" // of a capture alone: a reviewer left it out
)

// runReport is what runs/<id>.json says.
type runReport struct {
	ID        string         `json:"id"`
	Command   string         `json:"command"`
	Version   string         `json:"version"`
	Started   time.Time      `json:"started"`
	Finished  time.Time      `json:"finished"`
	Offline   bool           `json:"offline,omitempty"`
	DryRun    bool           `json:"dry_run,omitempty"`
	Outcome   string         `json:"outcome"`
	Published bool           `json:"published"` // whether a new warehouse took the old one's place
	Rebuild   *rebuildReport `json:"rebuild,omitempty"`
	Error     string         `json:"error,omitempty"`
	Seconds   float64        `json:"seconds"`
	Sources   []sourceReport `json:"sources"`

	// Changes say what is known otherwise than before; nil when nothing was published.
	// The release note, <id>.md, says it for people.
	Changes *warehouse.Changes `json:"changes,omitempty"`
}

// sourceReport is the account of one source. The book's unit is the printed figure.
type sourceReport struct {
	Source         string          `json:"source"`
	Outcome        string          `json:"outcome"`
	Fetched        int             `json:"fetched"`   // captures that are new
	Unchanged      int             `json:"unchanged"` // captures that say what an earlier one said
	Bytes          int64           `json:"bytes"`     // of all captures read
	normalize.Book                 // inlined: rows, observations, rejects, ignores
	Stored         storedReport    `json:"stored"`
	Audits         []audit.Count   `json:"audits,omitempty"`
	Held           []heldReport    `json:"held,omitempty"`
	Captures       []captureReport `json:"captures,omitempty"`
	Layout         []editionDrift  `json:"layout,omitempty"` // what is new against the edition before
	Error          string          `json:"error,omitempty"`
	Seconds        float64         `json:"seconds"`
}

// storedReport says what the warehouse did with the observations.
type storedReport struct {
	Inserted  int64 `json:"inserted"`
	Unchanged int64 `json:"unchanged"` // stored before, with the same figure
	Confirmed int64 `json:"confirmed"` // stored before, and now from a more trusted capture
	Revised   int64 `json:"revised"`   // stored before in the same edition, with another figure
	Older     int64 `json:"older"`     // another figure of the same edition, captured earlier: history
}

// fresh counts the figures that the warehouse did not hold before.
func (s storedReport) fresh() int64 { return s.Inserted + s.Revised + s.Older }

// captureReport is the account of one capture.
type captureReport struct {
	Name           string `json:"name"`
	SHA256         string `json:"sha256"`
	Edition        string `json:"edition,omitempty"`
	Outcome        string `json:"outcome"`
	normalize.Book        // inlined
	fresh          bool   // it says something new

	revises bool        // it says something else than another capture of its edition
	between []time.Time // warehouse.Result.Between
}

// heldReport is one thing that waits for review.
type heldReport struct {
	Capture string `json:"capture"` // file name
	Where   string `json:"where,omitempty"`
	Reason  string `json:"reason"`
	Detail  string `json:"detail"`
}

// maxHeldShown bounds how many rejects one source's report lists one by one; all of them
// are in the warehouse's table reject.
const maxHeldShown = 200

// pipeline carries one run's captures from bytes to the warehouse.
type pipeline struct {
	archive *archive.Archive
	build   *warehouse.Warehouse // nil on a dry run: everything but the load
	log     *slog.Logger
	now     func() time.Time
	tick    func(source, stage string)   // progress; never nil
	tune    func(*normalize.Observation) // nil outside tests
	replay  bool                         // the captures come from the archive
	decided *review.Decisions            // what reviewers decided
}

// collect archives what a source has: its embedded captures, or what is published now.
// Captures that were had before an error are returned with it.
func (p *pipeline) collect(ctx context.Context, s scrape.Source, get scrape.Getter) ([]scrape.Capture, error) {
	if get != nil {
		return s.Collect(ctx, get)
	}
	embedded, err := s.Embedded()
	if err != nil {
		return nil, err
	}
	var out []scrape.Capture
	for _, c := range embedded {
		kept, err := p.keep(ctx, c)
		if err != nil {
			return out, err
		}
		out = append(out, kept)
	}
	return out, nil
}

// keep puts a capture whose bytes are at hand into the archive.
func (p *pipeline) keep(ctx context.Context, c scrape.Capture) (_ scrape.Capture, err error) {
	body, err := c.Open()
	if err != nil {
		return scrape.Capture{}, err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	c.Tool = "daylight " + version()
	return p.archive.Put(ctx, c, body)
}

// source runs one source to the end and never returns an error: what went wrong is in the
// report, because one source must not stop the others.
func (p *pipeline) source(ctx context.Context, s scrape.Source, captures []scrape.Capture, collectErr error) sourceReport {
	d := s.Describe()
	r := sourceReport{Source: d.ID, Outcome: outcomeClean}
	started := p.now()
	if collectErr != nil {
		r.fail(collectErr)
	}
	n, err := normalize.New(d.Provider, p.decided.Labels(d.Provider)...)
	if err != nil {
		r.fail(err)
		return r
	}
	audits := map[string]*audit.Count{}
	var order []string
	take := func(c scrape.Capture, last time.Time) captureReport {
		p.tick(d.ID, c.Name)
		cr, counts := p.capture(ctx, s, n, c, last, &r)
		r.Captures = append(r.Captures, cr)
		r.Book.Add(cr.Book)
		for _, k := range counts {
			sum, ok := audits[k.Check]
			if !ok {
				sum = &audit.Count{Check: k.Check}
				audits[k.Check] = sum
				order = append(order, k.Check)
			}
			sum.Checked += k.Checked
			sum.Partial += k.Partial
			sum.Undecided += k.Undecided
			sum.Pinned += k.Pinned
			sum.Open += k.Open
		}
		return cr
	}
	for _, c := range captures {
		if ctx.Err() != nil {
			r.fail(context.Cause(ctx))
			break
		}
		r.Bytes += c.Size
		switch {
		case p.replay:
		case c.Unchanged:
			r.Unchanged++
		default:
			r.Fetched++
		}
		var last time.Time
		if p.build != nil {
			var err error
			if _, last, err = p.archive.Span(ctx, c); err != nil {
				r.fail(err)
				continue
			}
		}
		again, err := p.printedAgain(ctx, c, take(c, last))
		if err != nil {
			r.fail(err)
		}
		for _, k := range again {
			held := slices.Clone(r.Held)
			take(k, k.RetrievedAt)
			// What waits for review of these bytes may have been said already.
			r.Held = append(held, slices.DeleteFunc(r.Held[len(held):], func(h heldReport) bool { return slices.Contains(held, h) })...)
		}
	}
	for _, check := range order {
		r.Audits = append(r.Audits, *audits[check])
	}
	if len(captures) == 0 && r.Outcome == outcomeClean {
		r.Outcome = outcomeEmpty
	}
	if err := p.drift(ctx, &r); err != nil {
		r.fail(err)
	}
	r.Seconds = p.now().Sub(started).Seconds()
	p.log.Info("source read", "source", d.ID, "rows", r.Book.Rows, "rejects", r.Book.Rejects, "elapsed", r.Seconds)
	return r
}

// printedAgain returns what has to be loaded again after a capture, in the order of time. The
// archive keeps it as a sighting when a publisher gives the same bytes again, and the warehouse
// keeps nothing. That is right until a capture turns up, late, that says something else and was made
// between two times that the bytes were seen: then they were replaced and printed again.
func (p *pipeline) printedAgain(ctx context.Context, c scrape.Capture, loaded captureReport) ([]scrape.Capture, error) {
	if p.build == nil || loaded.Edition == "" {
		return nil, nil
	}
	var out []scrape.Capture
	seen := func(c scrape.Capture, at time.Time) {
		c.RetrievedAt, c.Unchanged = at, true
		out = append(out, c)
	}
	// The others were between two times of this one.
	for _, at := range loaded.between {
		next, ok, err := p.archive.SeenAfter(ctx, c, at)
		if err != nil {
			return nil, err
		}
		if ok {
			seen(c, next)
		}
	}
	// This one is between two times of others.
	if loaded.revises {
		others, err := p.seenAround(ctx, c, loaded.Edition)
		if err != nil {
			return nil, err
		}
		out = append(out, others...)
	}
	slices.SortStableFunc(out, func(x, y scrape.Capture) int { return x.RetrievedAt.Compare(y.RetrievedAt) })
	return out, nil
}

// seenAround returns the other captures of the edition as they stood before the capture and as they
// were next seen after it; none when the capture is later than all that was ever seen of them, which
// is how captures come in order.
func (p *pipeline) seenAround(ctx context.Context, c scrape.Capture, edition string) ([]scrape.Capture, error) {
	sums, err := p.build.Captured(ctx, edition)
	if err != nil {
		return nil, err
	}
	var out []scrape.Capture
	late := false
	for _, sum := range sums {
		if sum == c.SHA256 {
			continue
		}
		events, err := p.archive.Find(ctx, c.Source, sum)
		if err != nil {
			return nil, err
		}
		var before, after scrape.Capture
		for _, e := range events {
			e.Unchanged = true
			if !e.RetrievedAt.After(c.RetrievedAt) {
				before = e
			}
			at, ok, err := p.archive.SeenAfter(ctx, e, c.RetrievedAt)
			if err != nil {
				return nil, err
			}
			if ok && (after.SHA256 == "" || at.Before(after.RetrievedAt)) {
				after, late = e, true
				after.RetrievedAt = at
			}
		}
		for _, k := range []scrape.Capture{before, after} {
			if k.SHA256 != "" {
				out = append(out, k)
			}
		}
	}
	if !late {
		return nil, nil
	}
	return out, nil
}

func (r *sourceReport) fail(err error) {
	r.Outcome = outcomeFailed
	if r.Error != "" {
		r.Error += "; "
	}
	r.Error += err.Error()
}

func (r *sourceReport) hold(h heldReport) {
	if r.Outcome == outcomeClean {
		r.Outcome = outcomeHeld
	}
	if len(r.Held) < maxHeldShown {
		r.Held = append(r.Held, h)
	}
}

// capture reads one capture twice, first for its edition and then for its figures, and
// loads them; last is when the same bytes were last seen. A layout that nobody declared holds the
// whole capture: nothing of it loads.
func (p *pipeline) capture(ctx context.Context, s scrape.Source, n *normalize.Normalizer, c scrape.Capture, last time.Time, r *sourceReport) (captureReport, []audit.Count) {
	d := s.Describe()
	out := captureReport{Name: c.Name, SHA256: c.SHA256, Outcome: outcomeClean, fresh: !c.Unchanged}
	parse := func(c scrape.Capture) iter.Seq2[scrape.Row, error] { return s.Parse(c) }
	wrong := func(err error) {
		reason := ""
		switch {
		case errors.Is(err, scrape.ErrLayout):
			reason = "layout"
		case errors.Is(err, warehouse.ErrEdition):
			reason = "edition"
		}
		if reason != "" && ctx.Err() == nil {
			detail := err.Error()
			out.Outcome = outcomeHeld
			if note := p.decided.Note(review.CaptureID(d.ID, c.SHA256)); note != "" {
				out.Outcome = outcomeRejected
				detail += "; " + note
			} else {
				r.hold(heldReport{Capture: c.Name, Reason: reason, Detail: detail})
			}
			if p.build != nil {
				if err := p.build.Hold(ctx, stored(d, c), detail); err != nil {
					r.fail(err)
				}
			}
			return
		}
		out.Outcome = outcomeFailed
		r.fail(err)
	}
	survey, err := n.Survey(c, parse)
	if err != nil {
		wrong(err)
		return out, nil
	}
	out.Edition = survey.Edition
	c.Edition = survey.Label
	auditor, err := audit.New(c, p.decided.Pins(d.ID)...)
	if err != nil {
		wrong(err)
		return out, nil
	}
	var load *warehouse.Load
	if p.build != nil {
		k := stored(d, c)
		k.LastSeen = last
		if load, err = p.build.Load(ctx, k); err != nil {
			wrong(err)
			return out, nil
		}
	}
	sink := &captureSink{auditor: auditor, load: load, tune: p.tune, decided: p.decided, held: func(j normalize.Reject) {
		out.Outcome = outcomeHeld
		r.hold(heldReport{Capture: c.Name, Where: j.Locator, Reason: j.Reason, Detail: j.Detail})
	}}
	sink.recorder = normalize.NewRecorder(memory.DefaultAllocator, batchRows, func(rec arrow.Record) error {
		if load == nil {
			return nil
		}
		return load.Write(rec)
	})
	defer sink.recorder.Release()
	var sketch scrape.Sketch
	book, err := n.Capture(ctx, c, survey, sketching(&sketch, parse), sink)
	if err == nil {
		err = sink.recorder.Flush()
	}
	if err != nil {
		if load != nil {
			err = errors.Join(err, load.Discard())
		}
		wrong(err)
		return out, nil
	}
	out.Book = book
	findings := slices.Clone(auditor.Close())
	for i, f := range findings {
		if f.Status != audit.StatusOpen {
			continue
		}
		if note := p.decided.Note(f.ReviewID(d.ID)); note != "" {
			findings[i].Detail += "; " + note
		} else {
			out.Outcome = outcomeHeld
			r.hold(heldReport{Capture: c.Name, Reason: "audit " + f.Check, Detail: f.Detail})
		}
	}
	if load == nil {
		return out, auditor.Summary()
	}
	load.Layout(storedLayouts(&sketch))
	edition := warehouse.Edition{Source: c.Source, Label: survey.Label, PublishedOn: c.PublishedOn}
	if period, err := normalize.ParsePeriod(survey.Label, normalize.PeriodOptions{}); err == nil {
		edition.PeriodStart, edition.PeriodEnd = period.Start, period.End
	}
	res, err := load.Commit(ctx, edition, findings, book)
	if err != nil {
		wrong(errors.Join(err, load.Discard()))
		return out, nil
	}
	out.Book, out.revises, out.between = res.Book, res.Revised+res.Older > 0, res.Between
	r.Stored.Inserted += res.Inserted
	r.Stored.Unchanged += res.Unchanged
	r.Stored.Confirmed += res.Confirmed
	r.Stored.Revised += res.Revised
	r.Stored.Older += res.Older
	undecided := func(n int64, id func(source, sha256 string) string) bool {
		return n > 0 && p.decided.Note(id(d.ID, c.SHA256)) == ""
	}
	for _, w := range []struct {
		waits          bool
		reason, detail string
	}{
		{undecided(res.Restated, warehouse.RestatedID), "restated", fmt.Sprintf(
			"%d figures are others than in the edition or capture before, a good part of their tables: the publisher restated them, or columns, lines or half-years were moved; they are loaded; see %s",
			res.Restated, `daylight restatements`)},
		{undecided(res.Copied, warehouse.CopiedID), "copied", fmt.Sprintf(
			"%d figures are those of another half-year: the file, or its edition, has the name of another one; they are loaded; see %s",
			res.Copied, `daylight review`)},
		{undecided(res.DuplicateRejects, warehouse.DuplicateID) || undecided(res.Conflicts, warehouse.ConflictID), "contradiction", fmt.Sprintf(
			"%d figures stand twice in the file with different values, %d differ from a more trusted capture of the same edition; see %s",
			res.DuplicateRejects, res.Conflicts, `daylight sql "SELECT * FROM reject"`)},
	} {
		if w.waits {
			out.Outcome = outcomeHeld
			r.hold(heldReport{Capture: c.Name, Reason: w.reason, Detail: w.detail})
		}
	}
	return out, auditor.Summary()
}

// stored is what the warehouse keeps of a capture.
func stored(d scrape.Description, c scrape.Capture) warehouse.Capture {
	return warehouse.Capture{
		SHA256: c.SHA256, Provider: d.Provider, Source: d.ID, Name: c.Name,
		URL: c.URL, FinalURL: c.FinalURL, RetrievedAt: c.RetrievedAt, MediaType: c.MediaType,
		ETag: c.ETag, LastModified: c.LastModified, Size: c.Size,
		Trust: string(c.Trust), Excerpt: c.Excerpt, Tool: c.Tool,
	}
}

// captureSink hands each observation to the audits and to the batch for the warehouse.
type captureSink struct {
	auditor  *audit.Auditor
	recorder *normalize.Recorder
	load     *warehouse.Load
	held     func(normalize.Reject) // of what nobody has decided about
	decided  *review.Decisions
	tune     func(*normalize.Observation) // nil outside tests
}

func (s *captureSink) Observation(o *normalize.Observation) error {
	s.auditor.Observation(o)
	if s.tune != nil {
		// The audits have judged the printed figure; what is stored may be another.
		tuned := *o
		s.tune(&tuned)
		o = &tuned
	}
	return s.recorder.Observation(o)
}

func (s *captureSink) Reject(j normalize.Reject) error {
	s.auditor.Reject(j)
	if j.Note = s.decided.Note(j.ReviewID()); j.Note == "" {
		s.held(j)
	}
	if s.load == nil {
		return nil
	}
	return s.load.Reject(j)
}

// finish decides the run's outcome from its sources'.
func (r *runReport) finish(err error) {
	r.Outcome = outcomeClean
	for _, s := range r.Sources {
		switch s.Outcome {
		case outcomeFailed:
			r.Outcome = outcomeFailed
		case outcomeHeld:
			if r.Outcome == outcomeClean {
				r.Outcome = outcomeHeld
			}
		}
	}
	if r.Rebuild != nil && r.Rebuild.Waiting && r.Outcome == outcomeClean {
		r.Outcome = outcomeHeld
	}
	if err != nil {
		r.Outcome = outcomeFailed
		r.Error = err.Error()
	}
}

// err turns the outcome into what main makes an exit code of.
func (r *runReport) err() error {
	switch r.Outcome {
	case outcomeHeld:
		return errHeld
	case outcomeFailed:
		if r.Error != "" {
			return errors.New(r.Error)
		}
		var errs []error
		for _, s := range r.Sources {
			if s.Outcome == outcomeFailed {
				errs = append(errs, fmt.Errorf("%s: %s", s.Source, s.Error))
			}
		}
		return errors.Join(errs...)
	}
	return nil
}
