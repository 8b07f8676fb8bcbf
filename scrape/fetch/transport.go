package fetch

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"daylight/scrape"

	"github.com/cenkalti/backoff/v5"
)

// host is what a run knows about one scheme and host.
type host struct {
	turn chan struct{} // holds one token: whose turn it is

	mu        sync.Mutex
	next      time.Time     // not to be asked before
	delay     time.Duration // from the end of one request to the next
	robotsTok chan struct{} // holds one token: who asks for robots.txt
	robots    *robots       // nil: not asked yet
}

func (f *Fetcher) host(u *url.URL) *host {
	key := u.Scheme + "://" + hostName(u.Hostname())
	f.mu.Lock()
	defer f.mu.Unlock()
	h := f.hosts[key]
	if h == nil {
		h = &host{turn: make(chan struct{}, 1), robotsTok: make(chan struct{}, 1), delay: f.o.Pause}
		f.hosts[key] = h
	}
	return h
}

// notBefore keeps everyone away from the host until t.
func (h *host) notBefore(t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t.After(h.next) {
		h.next = t
	}
}

// transport does one hop of one call: it is made for each Get and Links, and refuses,
// waits, asks, asks again, and hands on complete bodies.
type transport struct {
	*bound
	last       *scrape.Capture // for a conditional request; may be nil
	maxBytes   int64
	maxDecoded int64
}

// RoundTrip implements http.RoundTripper. The body of an answer with status 200 is a
// *spool; all other answers come without a body.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return nil, fmt.Errorf("method %s: only GET is sent", req.Method)
	}
	if err := t.checkHost(req.URL); err != nil {
		return nil, err
	}
	if err := t.checkRobots(req.Context(), req.URL); err != nil {
		return nil, err
	}
	header := http.Header{"Accept": {"*/*"}}
	// The validators are those of the address that gave the bytes; another hop's "not
	// modified" would speak of something else.
	if t.last != nil && req.URL.String() == t.last.FinalURL {
		if t.last.ETag != "" {
			header.Set("If-None-Match", t.last.ETag)
		}
		if t.last.LastModified != "" {
			header.Set("If-Modified-Since", t.last.LastModified)
		}
	}
	return t.ask(req.Context(), req.URL, header)
}

// ask sends a GET, at the host's pace, until there is an answer that more asking will
// not change. It returns the last error when the tries are used up.
func (t *transport) ask(ctx context.Context, u *url.URL, header http.Header) (*http.Response, error) {
	o := &t.f.o
	pauses := &backoff.ExponentialBackOff{InitialInterval: o.Backoff, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: o.MaxWait}
	pauses.Reset()
	h := t.f.host(u)
	for try := 1; ; try++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, err
		}
		req.Header = header.Clone()
		req.Header.Set("User-Agent", t.f.agent)
		req.Header.Set("Accept-Encoding", "gzip")
		resp, err := t.once(h, req, try > 1)
		if err == nil && !again(resp.StatusCode) {
			return resp, nil
		}
		var wait time.Duration
		if err == nil {
			wait = retryAfter(resp.Header.Get("Retry-After"), o.Now())
			err = statusError(resp)
			if wait > o.MaxWait {
				// Earlier than asked for would be rude, and that late is another run.
				return nil, fmt.Errorf("%w: %s: %w", ErrWait, wait, err)
			}
		}
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case permanent(err):
			return nil, err
		case try >= o.MaxTries:
			return nil, fmt.Errorf("tried %d times: %w", try, err)
		}
		wait = max(wait, pauses.NextBackOff())
		h.notBefore(o.Now().Add(wait))
		o.Logger.WarnContext(ctx, "will ask again", "source", t.source, "url", u.Redacted(), "err", err)
	}
}

// again says which answers may be another one next time.
func again(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500
}

// permanent says which errors stay when asked again. All others are of the connection.
func permanent(err error) bool {
	for _, e := range []error{ErrHost, ErrAddress, ErrRobots, ErrEncoding, ErrEmpty, ErrWait} {
		if errors.Is(err, e) {
			return true
		}
	}
	if _, ok := errors.AsType[*SizeError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return true // our own disk
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return e.IsNotFound
	}
	return false
}

// retryAfter reads the header of that name: seconds, or a date (RFC 9110, 10.2.3). What
// is neither, or lies in the past, is zero.
func retryAfter(s string, now time.Time) time.Duration {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), int64(365*24*time.Hour/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// once waits for the host's turn and sends one request. The turn lasts until the whole
// body is here.
func (t *transport) once(h *host, req *http.Request, retry bool) (_ *http.Response, err error) {
	ctx := req.Context()
	select {
	case h.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-h.turn }()

	o := &t.f.o
	h.mu.Lock()
	wait := h.next.Sub(o.Now())
	h.mu.Unlock()
	if wait > 0 {
		if err := o.Sleep(ctx, wait); err != nil {
			return nil, err
		}
		t.f.count(t.source, Stats{Waited: wait})
	}
	n := Stats{Requests: 1}
	if retry {
		n.Retries = 1
	}
	defer func() {
		t.f.count(t.source, n)
		h.mu.Lock()
		delay := h.delay
		h.mu.Unlock()
		h.notBefore(o.Now().Add(delay))
	}()

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	resp, err := t.f.base.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	resp.Request = req
	stalled := fmt.Errorf("%w for %s", ErrStalled, o.StallTimeout)
	guard := time.AfterFunc(o.StallTimeout, func() { cancel(stalled) })
	defer guard.Stop()
	wire := resp.Body
	if resp.StatusCode != http.StatusOK {
		drain(wire)
		resp.Body = http.NoBody
		return resp, nil
	}
	defer wire.Close()
	s, read, err := t.spool(resp, func() { guard.Reset(o.StallTimeout) })
	n.Bytes = read
	// Asked even when the body ended well: a server that sees us hang up may end its
	// message properly before the connection is gone, and half a file would pass as whole.
	if cause := context.Cause(ctx); cause != nil {
		if s != nil {
			return nil, errors.Join(cause, s.Close())
		}
		return nil, cause
	}
	if err != nil {
		return nil, err
	}
	resp.Body = s
	resp.Header.Del("Content-Encoding")
	resp.ContentLength = -1
	resp.Uncompressed = true // colly must not try again
	return resp, nil
}

// spool reads a body to its end into a temporary file, calling alive after each piece,
// and checks that it unfolds.
func (t *transport) spool(resp *http.Response, alive func()) (_ *spool, read int64, err error) {
	s := &spool{maxDecoded: t.maxDecoded}
	switch e := strings.ToLower(strings.TrimSpace(strings.Join(resp.Header.Values("Content-Encoding"), ","))); e {
	case "", "identity":
	case "gzip", "x-gzip":
		s.encoding = "gzip"
	default:
		return nil, 0, fmt.Errorf("%w: %q", ErrEncoding, e)
	}
	if resp.ContentLength > t.maxBytes {
		return nil, 0, &SizeError{Limit: t.maxBytes}
	}
	if s.f, err = os.CreateTemp(t.f.o.TempDir, "daylight-fetch-"); err != nil {
		return nil, 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	s.size, err = io.Copy(s.f, io.LimitReader(aliveReader{resp.Body, alive}, t.maxBytes+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, s.size, fmt.Errorf("%w after %d bytes: %w", ErrCutShort, s.size, err)
	case err != nil:
		return nil, s.size, err
	case s.size > t.maxBytes:
		return nil, s.size, &SizeError{Limit: t.maxBytes}
	}
	decoded := s.size
	if s.encoding != "" {
		var r io.Reader
		if r, err = s.content(); err == nil {
			decoded, err = io.Copy(io.Discard, r)
		}
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
			return nil, s.size, fmt.Errorf("%w: gzip ends early: %w", ErrCutShort, err)
		case err != nil:
			return nil, s.size, fmt.Errorf("undo gzip: %w", err)
		}
	}
	if decoded == 0 {
		return nil, s.size, ErrEmpty
	}
	return s, s.size, nil
}

type aliveReader struct {
	r     io.Reader
	alive func()
}

func (a aliveReader) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if n > 0 {
		a.alive()
	}
	return n, err
}

// spool is a complete body. Read gives the content, gzip undone; wire the bytes as sent.
type spool struct {
	f          *os.File
	size       int64  // as sent
	encoding   string // "" or "gzip"
	maxDecoded int64
	r          io.Reader // content, once reading began
}

func (s *spool) wire() io.Reader { return io.NewSectionReader(s.f, 0, s.size) }

// content reads the content from its beginning; more than maxDecoded bytes are a
// SizeError.
func (s *spool) content() (io.Reader, error) {
	r := s.wire()
	if s.encoding != "" {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = z
	}
	return &capReader{r: r, left: s.maxDecoded, limit: s.maxDecoded}, nil
}

func (s *spool) Read(p []byte) (int, error) {
	if s.r == nil {
		r, err := s.content()
		if err != nil {
			return 0, err
		}
		s.r = r
	}
	return s.r.Read(p)
}

// Close removes the file. It may be called again.
func (s *spool) Close() error {
	if s.f == nil {
		return nil
	}
	f := s.f
	s.f = nil
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// capReader fails at the first byte beyond its limit.
type capReader struct {
	r           io.Reader
	left, limit int64
}

func (c *capReader) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	if int64(n) > c.left {
		return int(c.left), &SizeError{Limit: c.limit, Decoded: true}
	}
	c.left -= int64(n)
	return n, err
}
