package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/temoto/robotstxt"
)

// maxRobots bounds a robots.txt, in bytes. RFC 9309, 2.5 asks for at least 500 KiB.
const maxRobots = 512 << 10

// maxRobotsRedirects is the number that RFC 9309, 2.3.1.2 asks for.
const maxRobotsRedirects = 5

// product is the name that robots.txt files know us by.
const product = "daylight"

// robots is what a host's robots.txt says to us, for the rest of the run.
type robots struct {
	group *robotstxt.Group // nil: everything is allowed
	err   error            // not nil: nothing is allowed, and why
}

// checkRobots refuses what the host's robots.txt refuses, asking for it first when this
// run has not yet. Its Crawl-delay, when longer than our pause, becomes the pause.
func (t *transport) checkRobots(ctx context.Context, u *url.URL) error {
	h := t.f.host(u)
	select {
	case h.robotsTok <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-h.robotsTok }()
	h.mu.Lock()
	r := h.robots
	h.mu.Unlock()
	if r == nil {
		var err error
		if r, err = t.askRobots(ctx, u); err != nil {
			return fmt.Errorf("robots.txt of %s: %w", u.Hostname(), err)
		}
		h.mu.Lock()
		h.robots = r
		if r.group != nil && r.group.CrawlDelay > h.delay {
			h.delay = r.group.CrawlDelay
			if next := t.f.o.Now().Add(h.delay); next.After(h.next) {
				h.next = next // robots.txt was the first request
			}
		}
		h.mu.Unlock()
	}
	if r.err != nil {
		return fmt.Errorf("%w of %s, which cannot be used: %w", ErrRobots, u.Hostname(), r.err)
	}
	if r.group == nil {
		return nil
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	if !r.group.Test(path) {
		return fmt.Errorf("%w of %s: %q", ErrRobots, u.Hostname(), path)
	}
	return nil
}

// askRobots reads RFC 9309: a file is obeyed; "unavailable" (4xx) allows everything;
// "unreachable" (5xx, or no answer) allows nothing. 429 says "not now" and counts with
// the latter. An error means that nothing was learned, and the next one asks again.
func (t *transport) askRobots(ctx context.Context, u *url.URL) (*robots, error) {
	at := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	small := &transport{bound: t.bound, maxBytes: maxRobots, maxDecoded: maxRobots}
	for range maxRobotsRedirects + 1 {
		if err := t.checkHost(at); err != nil {
			return nil, fmt.Errorf("redirected: %w", err)
		}
		resp, err := small.ask(ctx, at, http.Header{"Accept": {"text/plain, */*;q=0.5"}})
		if ctx.Err() != nil {
			if err == nil {
				resp.Body.Close()
			}
			return nil, context.Cause(ctx)
		}
		_, disk := errors.AsType[*fs.PathError](err)
		switch {
		case disk:
			return nil, err
		case errors.Is(err, ErrEmpty):
			return &robots{}, nil
		case err != nil:
			return &robots{err: err}, nil
		}
		code := resp.StatusCode
		switch {
		case code == http.StatusOK:
			body, err := io.ReadAll(resp.Body)
			if err := errors.Join(err, resp.Body.Close()); err != nil {
				return nil, err
			}
			return t.readRobots(body), nil
		case code >= 300 && code < 400:
			next, err := resp.Location()
			if err != nil {
				return &robots{err: fmt.Errorf("%w: %w", statusError(resp), err)}, nil
			}
			at = next
		case code >= 400 && code < 500:
			return &robots{}, nil
		default:
			return &robots{err: statusError(resp)}, nil
		}
	}
	return &robots{err: ErrRedirects}, nil
}

func (t *transport) readRobots(body []byte) *robots {
	data, err := robotstxt.FromBytes(cleanRobots(body))
	if err != nil {
		return &robots{err: err}
	}
	g := data.FindGroup(product)
	if g.CrawlDelay > t.f.o.MaxWait {
		return &robots{err: fmt.Errorf("%w: Crawl-delay %s", ErrWait, g.CrawlDelay)}
	}
	return &robots{group: g}
}

// cleanRobots keeps the lines that the robotstxt package understands. That package gives
// up on the whole file at one bad line, where RFC 9309, 2.2.4 asks to use the good ones,
// and joins a group that only says "Disallow:" (everything is allowed) with the next
// group; so that line becomes "Allow: /".
func cleanRobots(body []byte) []byte {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	var out bytes.Buffer
	agents := false
	for line := range bytes.FieldsFuncSeq(body, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line, _, _ = bytes.Cut(line, []byte("#"))
		k, v, ok := strings.Cut(strings.ToValidUTF8(string(line), "\uFFFD"), ":")
		if !ok {
			continue
		}
		k, v = strings.ToLower(strings.TrimSpace(k)), strings.TrimSpace(v)
		switch k {
		case "user-agent", "useragent":
			if v == "" {
				continue
			}
			k, agents = "user-agent", true
		case "disallow", "allow":
			if !agents || (v == "" && k == "allow") {
				continue
			}
			if v == "" {
				k, v = "allow", "/"
			}
		case "crawl-delay", "crawldelay":
			k = "crawl-delay"
			d, err := strconv.ParseFloat(v, 64)
			if !agents || err != nil || d < 0 || math.IsNaN(d) || d > (365*24*time.Hour).Seconds() {
				continue
			}
		default:
			continue
		}
		fmt.Fprintf(&out, "%s: %s\n", k, v)
	}
	return out.Bytes()
}
