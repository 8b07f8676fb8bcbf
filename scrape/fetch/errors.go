package fetch

import (
	"errors"
	"fmt"
	"net/http"

	"daylight/scrape"
)

// Errors that callers switch on.
var (
	ErrHost      = errors.New("host not declared by the source") // also: not https, or an odd port
	ErrAddress   = errors.New("address not allowed")             // private, loopback and the like
	ErrRobots    = errors.New("not allowed by robots.txt")       // also: robots.txt cannot be had
	ErrRedirects = errors.New("too many redirects")
	ErrEncoding  = errors.New("content encoding not asked for")
	ErrStalled   = errors.New("body stalled")
	ErrCutShort  = errors.New("body cut short")
	ErrEmpty     = errors.New("empty body")
	ErrWait      = errors.New("asked to wait longer than allowed") // Retry-After or Crawl-delay over Options.MaxWait
)

// SizeError says that a body is larger than allowed. Nothing of it was kept.
type SizeError struct {
	Limit   int64 // bytes
	Decoded bool  // the limit is that of the content with gzip undone
}

func (e *SizeError) Error() string {
	if e.Decoded {
		return fmt.Sprintf("content unfolds to more than %d bytes", e.Limit)
	}
	return fmt.Sprintf("body has more than %d bytes", e.Limit)
}

// StatusError is an answer that is no content. For 404 and 410 it wraps
// scrape.ErrNotPublished.
type StatusError struct {
	Code int
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("status %d %s", e.Code, http.StatusText(e.Code))
}

func (e *StatusError) Unwrap() error {
	if e.Code == http.StatusNotFound || e.Code == http.StatusGone {
		return scrape.ErrNotPublished
	}
	return nil
}

func statusError(resp *http.Response) error { return &StatusError{Code: resp.StatusCode} }

// KindError says that the publisher sent something else than the file asked for: an
// error page with status 200, most often.
type KindError struct {
	Want      string // "xlsx", "zip", "csv", "json", "pdf" or "html"
	MediaType string // as declared
	Begins    string // first bytes of the content
}

func (e *KindError) Error() string {
	return fmt.Sprintf("want a %s file, got media type %q, content begins %q", e.Want, e.MediaType, e.Begins)
}
