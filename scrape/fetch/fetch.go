// Package fetch answers one question: what does the publisher send right now?
//
// It is the only package that talks to a network, and the sole importer of colly. Colly
// walks pages and selects links. By itself it ignores robots.txt (and with robots.txt on,
// still follows a redirect into a refused path), cuts bodies at 10 MiB without an error,
// unfolds a gzip bomb past its cap, sends no conditional requests, does not retry "429",
// keeps error pages in its cache and rewrites bodies to UTF-8 before anyone sees them.
// None of that may happen to evidence. So everything but walking lives in a transport of
// ours below it, which Get uses too:
//
//	hosts       only those that the source declares, by https, on every redirect
//	addresses   public ones, looked at after name resolution, when the connection is made
//	robots.txt  asked once per host and run, for redirect targets too; Crawl-delay kept
//	turns       one request at a time per host, with a pause, over all sources
//	retries     bounded, with growing pauses; Retry-After is waited for or the address
//	            given up, never asked earlier
//	bodies      read whole into a temporary file before anyone sees the answer: within
//	            the caps, on time, complete, or an error. Nothing is ever truncated
//
// The bytes in the archive are the message body as sent, gzip included, before any
// decoding. Pages read for their links are no captures: they hold no figures, and a
// rebuild from the archive must not meet them.
//
// There is no proxy support: behind a proxy the address check would look at the proxy.
//
// The package may import scrape and scrape/archive. The clock and the pauses are
// parameters, so that tests do not wait; the stall timer alone runs on real time, since
// it guards real connections.
package fetch

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"daylight/scrape"
	"daylight/scrape/archive"
)

// Options are the settings of a run. The zero value of each but Archive is useful.
type Options struct {
	// Archive takes the captures and gives the last ones for conditional requests. Get
	// needs it; Links does not.
	Archive *archive.Archive

	// Version and Contact make the User-Agent "daylight/<Version> (+<Contact>)". Contact
	// is an address or a page where a publisher reaches whoever runs this.
	Version string
	Contact string

	Pause          time.Duration // between the end of one request and the next to the same host; default 2s
	ConnectTimeout time.Duration // for the connection and again for the TLS handshake; default 15s
	HeaderTimeout  time.Duration // from the request to the answer's header; default 30s
	StallTimeout   time.Duration // between two pieces of a body; default 30s
	Timeout        time.Duration // for one Get or Links with all redirects, pauses and retries; default 15m
	MaxWait        time.Duration // longest Retry-After or Crawl-delay that is waited for; default 2m
	Backoff        time.Duration // first pause before a retry, doubled each time, +-50 %; default 1s

	MaxTries     int   // requests per address and hop, the first included; default 4
	MaxRedirects int   // default 5
	MaxBytes     int64 // of a body as sent; default 64 MiB
	MaxDecoded   int64 // of a body with gzip undone; default 256 MiB
	MaxPage      int64 // of a page that Links reads, sent or decoded; default 16 MiB

	Logger *slog.Logger // nil: no log

	// Now and Sleep are the clock; nil means the real one. Sleep returns early with the
	// cause when ctx is done.
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error

	// TempDir takes bodies while they come in; empty means the system's.
	TempDir string

	// For tests. LoopbackOnly turns the address check around: loopback addresses are
	// dialled and nothing else. Resolve maps the "host:port" of a request to the one to
	// dial, so that a test server answers under a publisher's name. AllowHTTP lets plain
	// http pass. RootCAs replaces the system's certificate authorities.
	LoopbackOnly bool
	AllowHTTP    bool
	Resolve      func(hostport string) string
	RootCAs      *x509.CertPool
}

// Defaults of Options.
const (
	defaultPause          = 2 * time.Second
	defaultConnectTimeout = 15 * time.Second
	defaultHeaderTimeout  = 30 * time.Second
	defaultStallTimeout   = 30 * time.Second
	defaultTimeout        = 15 * time.Minute
	defaultMaxWait        = 2 * time.Minute
	defaultBackoff        = time.Second
	defaultMaxTries       = 4
	defaultMaxRedirects   = 5
	defaultMaxBytes       = 64 << 20
	defaultMaxDecoded     = 256 << 20 // not above maxDecoded of package archive
	defaultMaxPage        = 16 << 20
)

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Stats counts what a source cost in this run. Requests, Retries and Bytes include
// robots.txt, redirects and pages.
type Stats struct {
	Requests     int           // HTTP requests sent
	Retries      int           // of these, repeats after a failure
	Bytes        int64         // of bodies as sent
	Fetched      int           // captures with something new
	Unchanged    int           // answered "not modified", or with the same bytes as before
	NotPublished int           // 404 or 410
	Failed       int           // calls that ended in any other error
	Waited       time.Duration // pauses between requests
}

func (s *Stats) add(o Stats) {
	s.Requests += o.Requests
	s.Retries += o.Retries
	s.Bytes += o.Bytes
	s.Fetched += o.Fetched
	s.Unchanged += o.Unchanged
	s.NotPublished += o.NotPublished
	s.Failed += o.Failed
	s.Waited += o.Waited
}

// Fetcher holds what all sources of a run share: connections, turns, robots.txt files
// and counts. It is safe for concurrent use.
type Fetcher struct {
	o     Options
	agent string
	tool  string
	base  *http.Transport

	mu    sync.Mutex // guards the maps
	hosts map[string]*host
	stats map[string]Stats
}

// New makes a fetcher for one run.
func New(o Options) *Fetcher {
	o.Pause = or(o.Pause, defaultPause)
	o.ConnectTimeout = or(o.ConnectTimeout, defaultConnectTimeout)
	o.HeaderTimeout = or(o.HeaderTimeout, defaultHeaderTimeout)
	o.StallTimeout = or(o.StallTimeout, defaultStallTimeout)
	o.Timeout = or(o.Timeout, defaultTimeout)
	o.MaxWait = or(o.MaxWait, defaultMaxWait)
	o.Backoff = or(o.Backoff, defaultBackoff)
	o.MaxTries = or(o.MaxTries, defaultMaxTries)
	o.MaxRedirects = or(o.MaxRedirects, defaultMaxRedirects)
	o.MaxBytes = or(o.MaxBytes, defaultMaxBytes)
	o.MaxDecoded = or(o.MaxDecoded, defaultMaxDecoded)
	o.MaxPage = or(o.MaxPage, defaultMaxPage)
	o.Version = or(o.Version, "devel")
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	f := &Fetcher{
		o:     o,
		tool:  "daylight/" + o.Version,
		hosts: map[string]*host{},
		stats: map[string]Stats{},
	}
	f.agent = f.tool
	if o.Contact != "" {
		f.agent += " (+" + o.Contact + ")"
	}
	f.base = newBase(o)
	return f
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Close drops idle connections. The fetcher stays usable.
func (f *Fetcher) Close() { f.base.CloseIdleConnections() }

// For binds the fetcher to a source: its hosts, and its name in captures, log and
// counts.
func (f *Fetcher) For(d scrape.Description) scrape.Getter {
	b := &bound{f: f, source: d.ID, hosts: map[string]bool{}}
	for _, h := range d.Hosts {
		b.hosts[hostName(h)] = true
	}
	return b
}

// Stats returns the counts of one source so far.
func (f *Fetcher) Stats(source string) Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stats[source]
}

// Total returns the counts of all sources so far.
func (f *Fetcher) Total() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	var t Stats
	for _, s := range f.stats {
		t.add(s)
	}
	return t
}

func (f *Fetcher) count(source string, s Stats) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.stats[source]
	t.add(s)
	f.stats[source] = t
}

// bound is the Getter of one source.
type bound struct {
	f      *Fetcher
	source string
	hosts  map[string]bool
}

// errTimeout is the cause when Options.Timeout ends a call.
var errTimeout = errors.New("took too long")

func (b *bound) timeout(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, b.f.o.Timeout, fmt.Errorf("%w: more than %s", errTimeout, b.f.o.Timeout))
}

// Get implements scrape.Getter.
func (b *bound) Get(ctx context.Context, r scrape.Request) (scrape.Capture, error) {
	ctx, cancel := b.timeout(ctx)
	defer cancel()
	begin := b.f.o.Now()
	c, err := b.get(ctx, r)
	log := b.f.o.Logger.With("source", b.source, "url", r.URL, "elapsed", b.f.o.Now().Sub(begin))
	switch {
	case errors.Is(err, scrape.ErrNotPublished):
		b.f.count(b.source, Stats{NotPublished: 1})
		log.DebugContext(ctx, "not published")
	case err != nil:
		b.f.count(b.source, Stats{Failed: 1})
	case c.Unchanged:
		b.f.count(b.source, Stats{Unchanged: 1})
		log.InfoContext(ctx, "unchanged", "capture", c.SHA256)
	default:
		b.f.count(b.source, Stats{Fetched: 1})
		log.InfoContext(ctx, "fetched", "capture", c.SHA256)
	}
	if err != nil {
		return scrape.Capture{}, fmt.Errorf("fetch %s %q: %w", b.source, r.URL, plain(ctx, err))
	}
	return c, nil
}

func (b *bound) get(ctx context.Context, r scrape.Request) (scrape.Capture, error) {
	if b.f.o.Archive == nil {
		return scrape.Capture{}, errors.New("no archive to put captures into")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return scrape.Capture{}, err
	}
	name := or(r.Name, lastElement(req.URL))
	last, err := b.last(ctx, r, name)
	if err != nil {
		return scrape.Capture{}, err
	}
	client := &http.Client{
		Transport:     &transport{bound: b, last: last, maxBytes: b.f.o.MaxBytes, maxDecoded: b.f.o.MaxDecoded},
		CheckRedirect: b.checkRedirect,
	}
	resp, err := client.Do(req)
	if err != nil {
		return scrape.Capture{}, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotModified && last != nil && resp.Request.URL.String() == last.FinalURL:
		if err := b.f.o.Archive.Seen(ctx, *last, b.f.o.Now()); err != nil {
			return scrape.Capture{}, err
		}
		c := *last
		c.Unchanged = true
		return c, nil
	case resp.StatusCode != http.StatusOK:
		return scrape.Capture{}, statusError(resp)
	}
	s, ok := resp.Body.(*spool)
	if !ok {
		return scrape.Capture{}, fmt.Errorf("body is a %T, not read by our transport", resp.Body)
	}
	if err := checkKind(kindOf(name, req.URL), resp.Header.Get("Content-Type"), s); err != nil {
		return scrape.Capture{}, err
	}
	return b.f.o.Archive.Put(ctx, scrape.Capture{
		Source:       b.source,
		Name:         name,
		URL:          r.URL,
		FinalURL:     resp.Request.URL.String(),
		RetrievedAt:  b.f.o.Now(),
		Status:       resp.StatusCode,
		MediaType:    resp.Header.Get("Content-Type"),
		Encoding:     s.encoding,
		ETag:         resp.Header.Get("ETag"),
		LastModified: resp.Header.Get("Last-Modified"),
		Edition:      r.Edition,
		Trust:        scrape.TrustPublisher,
		Tool:         b.f.tool,
		Size:         s.size,
	}, s.wire())
}

// last returns the capture that "not modified" would speak of, or nil when the request
// must be unconditional: there is none, it came by another way than from the publisher,
// it was kept under another name or edition, or its bytes are damaged. Damage is healed
// by fetching again, and stays visible to daylight verify until then.
func (b *bound) last(ctx context.Context, r scrape.Request, name string) (*scrape.Capture, error) {
	c, ok, err := b.f.o.Archive.Latest(ctx, b.source, r.URL)
	if err != nil {
		return nil, err
	}
	if !ok || c.Trust != scrape.TrustPublisher || c.Name != name || c.Edition != r.Edition || (c.ETag == "" && c.LastModified == "") {
		return nil, nil
	}
	body, err := c.Open()
	if err != nil {
		return nil, nil
	}
	return &c, body.Close()
}

// checkRedirect bounds the number of hops; where a hop may lead is decided by the
// transport, which sees each of them.
func (b *bound) checkRedirect(_ *http.Request, via []*http.Request) error {
	if len(via) > b.f.o.MaxRedirects {
		return fmt.Errorf("more than %d redirects: %w", b.f.o.MaxRedirects, ErrRedirects)
	}
	return nil
}

// plain takes off the wrapping that repeats method and address, and says why ctx ended
// when it did.
func plain(ctx context.Context, err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// lastElement is the file name of an address.
func lastElement(u *url.URL) string {
	name := path.Base(u.Path)
	if name == "/" || name == "." || name == ".." || strings.ContainsAny(name, "\\\x00") {
		return "index"
	}
	return name
}

func hostName(h string) string { return strings.TrimSuffix(strings.ToLower(h), ".") }

// drain reads a little of a body that nobody needs, so that the connection can be used
// again; a longer one is cut off with its connection.
func drain(r io.ReadCloser) {
	io.CopyN(io.Discard, r, 64<<10)
	r.Close()
}
