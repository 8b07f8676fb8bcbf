package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"daylight/scrape"
	"daylight/scrape/archive"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	microsoft = "www.microsoft.com"
	dynmedia  = "cdn-dynmedia-1.microsoft.com"
	stranger  = "tracker.example.com"
	report    = "https://" + dynmedia + "/is/content/microsoftcorp/Microsoft-LERR-2022-H1"
)

var lerr = scrape.Description{ID: "microsoft/lerr", Provider: "microsoft", Hosts: []string{microsoft, dynmedia}}

// TestMain takes the network away from everything that does not ask for a transport of
// its own; the fetchers of these tests have LoopbackOnly set.
func TestMain(m *testing.M) {
	http.DefaultTransport = &http.Transport{DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
		return nil, fmt.Errorf("test dials %s", address)
	}}
	os.Exit(m.Run())
}

// authority signs the certificate under which the test server answers for everyone.
var authority = sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		DNSNames: []string{microsoft, dynmedia, stranger}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
})

// clock is a clock that only moves when someone sleeps.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return context.Cause(ctx)
}

// world is the publishers' servers, the clock and a fetcher between them.
type world struct {
	*Fetcher
	get     scrape.Getter
	archive *archive.Archive
	dir     string
	temp    string
	clock   *clock
	log     *bytes.Buffer

	mu    sync.Mutex
	asked []string    // "host/path" in order
	last  http.Header // of the last request
}

// setup is what a test may change.
type setup struct {
	Options
	http1 bool // answer by HTTP/1.1; else HTTP/2, as the publishers do
}

// newWorld serves pages, keyed by "host/path"; what is not there is 404.
func newWorld(t *testing.T, pages map[string]http.HandlerFunc, set ...func(*setup)) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), temp: t.TempDir(), log: &bytes.Buffer{},
		clock: &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}}
	handler := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.asked = append(w.asked, r.Host+r.URL.RequestURI())
		w.last = r.Header.Clone()
		w.mu.Unlock()
		if h := pages[r.Host+r.URL.Path]; h != nil {
			h(rw, r)
			return
		}
		http.NotFound(rw, r)
	})
	w.archive = archive.Open(w.dir)
	var secure, open *httptest.Server
	cert, pool := authority()
	o := setup{Options: Options{
		Archive: w.archive, Version: "test", Contact: "mailto:someone@example.org",
		Now: w.clock.Now, Sleep: w.clock.Sleep, TempDir: w.temp, LoopbackOnly: true, RootCAs: pool,
		Logger: slog.New(slog.NewTextHandler(w.log, nil)),
		Resolve: func(hostport string) string {
			if strings.HasSuffix(hostport, ":443") {
				return secure.Listener.Addr().String()
			}
			return open.Listener.Addr().String()
		},
	}}
	for _, s := range set {
		s(&o)
	}
	quiet := slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	secure = httptest.NewUnstartedServer(handler)
	secure.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	secure.Config.ErrorLog = quiet
	secure.EnableHTTP2 = !o.http1
	secure.StartTLS()
	t.Cleanup(secure.Close)
	open = httptest.NewUnstartedServer(handler)
	open.Config.ErrorLog = quiet
	open.Start()
	t.Cleanup(open.Close)

	w.Fetcher = New(o.Options)
	t.Cleanup(w.Fetcher.Close)
	w.get = w.For(lerr)
	// Whatever happened: no body is left in the temporary folder, and the archive is whole.
	t.Cleanup(func() {
		left, err := os.ReadDir(w.temp)
		if err != nil || len(left) > 0 {
			t.Errorf("left in the temporary folder: %v, %v", left, err)
		}
		r, err := w.archive.Verify(context.WithoutCancel(t.Context()))
		if err != nil || len(r.Problems) > 0 {
			t.Errorf("archive: %+v, %v", r, err)
		}
	})
	return w
}

func (w *world) requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.asked...)
}

func (w *world) captures(t *testing.T) int {
	t.Helper()
	n := 0
	for _, err := range w.archive.Captures(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func send(mediaType, content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		io.WriteString(w, content)
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

// inTurn answers with one handler after the other, the last one for ever.
func inTurn(hs ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := hs[0]
		if len(hs) > 1 {
			hs = hs[1:]
		}
		mu.Unlock()
		h(w, r)
	}
}

func fold(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sendGzip(mediaType string, wire []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(wire)
	}
}

func content(t *testing.T, c scrape.Capture) string {
	t.Helper()
	b, err := c.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	all, err := io.ReadAll(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

const workbook = dynmedia + "/is/content/microsoftcorp/Microsoft-LERR-2022-H1"

// xlsx stands for a workbook: only its first bytes matter here.
const xlsx = "PK\x03\x04 workbook"

func TestGet(t *testing.T) {
	const modified = "Thu, 01 Sep 2022 00:00:00 GMT"
	w := newWorld(t, map[string]http.HandlerFunc{workbook: func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Last-Modified", modified)
		send("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx)(w, r)
	}})
	got, err := w.get.Get(t.Context(), scrape.Request{URL: report, Name: "Microsoft-LERR-2022-H1.xlsx", Edition: "2022-H1"})
	if err != nil {
		t.Fatal(err)
	}
	want := scrape.Capture{
		Source: "microsoft/lerr", Name: "Microsoft-LERR-2022-H1.xlsx", URL: report, FinalURL: report,
		RetrievedAt: time.Date(2026, 3, 1, 12, 0, 2, 0, time.UTC), // robots.txt, then the pause
		Status:      200, MediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		ETag: `"v1"`, LastModified: modified, Edition: "2022-H1", Trust: scrape.TrustPublisher, Tool: "daylight/test",
		SHA256: scrape.BytesCapture([]byte(xlsx)).SHA256, Size: int64(len(xlsx)),
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(scrape.Capture{})); diff != "" {
		t.Errorf("Get (-want +got)\n%s", diff)
	}
	if content(t, got) != xlsx {
		t.Errorf("content is %q", content(t, got))
	}
	if diff := cmp.Diff([]string{dynmedia + "/robots.txt", workbook}, w.requests()); diff != "" {
		t.Errorf("requests (-want +got)\n%s", diff)
	}
	for k, v := range map[string]string{"User-Agent": "daylight/test (+mailto:someone@example.org)", "Accept-Encoding": "gzip", "If-None-Match": "", "Referer": "", "Cookie": ""} {
		if got := w.last.Get(k); got != v {
			t.Errorf("%s is %q, want %q", k, got, v)
		}
	}
	wantStats := Stats{Requests: 2, Bytes: int64(len(xlsx)), Fetched: 1, Waited: 2 * time.Second}
	if diff := cmp.Diff(wantStats, w.Stats("microsoft/lerr")); diff != "" {
		t.Errorf("Stats (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(wantStats, w.Total()); diff != "" {
		t.Errorf("Total (-want +got)\n%s", diff)
	}
	for _, part := range []string{"msg=fetched", "source=microsoft/lerr", "url=" + report, "capture=" + want.SHA256, "elapsed=2s"} {
		if !strings.Contains(w.log.String(), part) {
			t.Errorf("log lacks %q: %s", part, w.log)
		}
	}
}

func TestWireBytesAreExact(t *testing.T) {
	t.Run("http1", func(t *testing.T) { testWireBytesAreExact(t, true) })
	t.Run("http2", func(t *testing.T) { testWireBytesAreExact(t, false) })
}

func testWireBytesAreExact(t *testing.T, http1 bool) {
	proto := func(o *setup) { o.http1 = http1 }
	// Not valid UTF-8, and of three line ends: nothing may be mended.
	broken := []byte("Country,Requests\rC\xCC\xABte d\x89\xDB\xAAIvoire,\"1,2\r\n\x00\xff\xfe\n")
	long := bytes.Repeat([]byte("12/31/2009,Argentina,AR,98\r\n"), 20000)
	for _, tt := range []struct {
		name      string
		mediaType string
		content   []byte
		gzip      bool
	}{
		{"not_utf8", "text/csv", broken, false},
		{"charset_declared", "text/csv; charset=windows-1252", broken, false},
		{"gzip_not_utf8", "text/csv; charset=iso-8859-1", broken, true},
		{"gzip_long", "text/csv", long, true},
		{"long", "text/csv", long, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wire, h, encoding := tt.content, send(tt.mediaType, string(tt.content)), ""
			if tt.gzip {
				wire = fold(t, tt.content)
				h, encoding = sendGzip(tt.mediaType, wire), "gzip"
			}
			w := newWorld(t, map[string]http.HandlerFunc{microsoft + "/a.csv": h}, proto)
			c, err := w.get.Get(t.Context(), scrape.Request{URL: "https://" + microsoft + "/a.csv"})
			if err != nil {
				t.Fatal(err)
			}
			stored, err := os.ReadFile(filepath.Join(w.dir, "sha256", c.SHA256[:2], c.SHA256))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(stored, wire) {
				t.Errorf("archive holds %d bytes, not the %d that were sent", len(stored), len(wire))
			}
			if c.Encoding != encoding || c.Size != int64(len(wire)) || c.MediaType != tt.mediaType || c.Name != "a.csv" {
				t.Errorf("capture is %+v", c)
			}
			if content(t, c) != string(tt.content) {
				t.Error("content is not what was sent")
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	start := "https://" + microsoft + "/start"
	tests := []struct {
		name  string
		pages map[string]http.HandlerFunc
		http  bool
		want  error  // nil: the workbook arrives
		final string // its address
	}{
		{name: "to_another_declared_host", final: report,
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect(report), workbook: send("", xlsx)}},
		{name: "to_a_host_not_declared", want: ErrHost,
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect("https://" + stranger + "/x"), stranger + "/x": send("", xlsx)}},
		{name: "by_way_of_a_host_not_declared", want: ErrHost,
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect("https://" + stranger + "/x"), stranger + "/x": redirect(report), workbook: send("", xlsx)}},
		{name: "to_plain_http", want: ErrHost,
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect("http://" + microsoft + "/x"), microsoft + "/x": send("", xlsx)}},
		{name: "to_plain_http_when_a_test_allows_it", http: true, final: "http://" + microsoft + "/x",
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect("http://" + microsoft + "/x"), microsoft + "/x": send("", xlsx)}},
		{name: "to_another_port", want: ErrHost,
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect("https://" + microsoft + ":8443/x")}},
		{name: "with_a_user", want: ErrHost,
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect("https://a:b@" + microsoft + "/x")}},
		{name: "to_a_file", want: ErrHost,
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect("file:///etc/passwd")}},
		{name: "to_an_address", want: ErrHost,
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect("https://127.0.0.1/x")}},
		{name: "into_a_disallowed_path", want: ErrRobots,
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect("/private/x"), microsoft + "/private/x": send("", xlsx),
				microsoft + "/robots.txt": send("text/plain", "User-agent: *\nDisallow: /private/\n")}},
		{name: "to_a_host_whose_robots_refuse", want: ErrRobots,
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect(report), workbook: send("", xlsx),
				dynmedia + "/robots.txt": send("text/plain", "User-agent: daylight\nDisallow: /\n")}},
		{name: "in_a_circle", want: ErrRedirects,
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect("/start")}},
		{name: "five_hops", final: "https://" + microsoft + "/5",
			pages: map[string]http.HandlerFunc{microsoft + "/start": redirect("/1"), microsoft + "/1": redirect("/2"), microsoft + "/2": redirect("/3"),
				microsoft + "/3": redirect("/4"), microsoft + "/4": redirect("/5"), microsoft + "/5": send("", xlsx)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.pages, func(o *setup) { o.AllowHTTP = tt.http })
			c, err := w.get.Get(t.Context(), scrape.Request{URL: start})
			if tt.want != nil {
				if !errors.Is(err, tt.want) {
					t.Errorf("Get: %v, want %v", err, tt.want)
				}
				for _, r := range w.requests() {
					if strings.HasPrefix(r, stranger) || strings.Contains(r, "/private/") || strings.Contains(r, "8443") {
						t.Errorf("asked for %s", r)
					}
				}
				if n := w.captures(t); n > 0 {
					t.Errorf("%d captures", n)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.URL != start || c.FinalURL != tt.final || content(t, c) != xlsx {
				t.Errorf("capture is %+v", c)
			}
		})
	}
}

func TestHostsAreChecked(t *testing.T) {
	w := newWorld(t, map[string]http.HandlerFunc{stranger + "/x": send("", xlsx)})
	for _, u := range []string{
		"https://" + stranger + "/x", "http://" + microsoft + "/x", "https://" + microsoft + ":444/x",
		"https://sub." + microsoft + "/x", "https://" + microsoft + "." + stranger + "/x", "ftp://" + microsoft + "/x",
	} {
		if _, err := w.get.Get(t.Context(), scrape.Request{URL: u}); !errors.Is(err, ErrHost) {
			t.Errorf("Get %s: %v", u, err)
		}
		if _, err := w.get.Links(t.Context(), u, "a"); err == nil {
			t.Errorf("Links %s: want an error", u)
		}
	}
	if got := w.requests(); len(got) > 0 {
		t.Errorf("asked for %q", got)
	}
}

func TestConditionalRequests(t *testing.T) {
	etag := func(tag, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", tag)
			if r.Header.Get("If-None-Match") == tag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			send("", body)(w, r)
		}
	}
	ask := scrape.Request{URL: report, Name: "a.xlsx", Edition: "2022-H1"}

	t.Run("not_modified", func(t *testing.T) {
		w := newWorld(t, map[string]http.HandlerFunc{workbook: etag(`"v1"`, xlsx)})
		first, err := w.get.Get(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Sleep(t.Context(), 72*time.Hour)
		second, err := w.get.Get(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.last.Get("If-None-Match"); got != `"v1"` {
			t.Errorf("If-None-Match is %q", got)
		}
		if !second.Unchanged || second.RetrievedAt != first.RetrievedAt || content(t, second) != xlsx {
			t.Errorf("second is %+v", second)
		}
		_, last, err := w.archive.Span(t.Context(), first)
		if err != nil || last.Sub(first.RetrievedAt) < 72*time.Hour {
			t.Errorf("last seen %s, %v", last, err)
		}
		if got := w.Total(); got.Fetched != 1 || got.Unchanged != 1 || got.Bytes != int64(len(xlsx)) {
			t.Errorf("Stats are %+v", got)
		}
		if n := w.captures(t); n != 1 {
			t.Errorf("%d captures, want 1", n)
		}
	})
	t.Run("modified", func(t *testing.T) {
		w := newWorld(t, map[string]http.HandlerFunc{workbook: inTurn(etag(`"v1"`, xlsx), etag(`"v2"`, xlsx+"2"))})
		for i, want := range []string{xlsx, xlsx + "2", xlsx + "2"} {
			c, err := w.get.Get(t.Context(), ask)
			if err != nil || content(t, c) != want || c.Unchanged != (i == 2) {
				t.Errorf("Get %d: %+v, %v", i, c, err)
			}
		}
		if n := w.captures(t); n != 2 {
			t.Errorf("%d captures, want 2", n)
		}
	})
	t.Run("last_modified_only", func(t *testing.T) {
		const day = "Thu, 01 Sep 2022 00:00:00 GMT"
		w := newWorld(t, map[string]http.HandlerFunc{workbook: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Last-Modified", day)
			if r.Header.Get("If-Modified-Since") == day {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			send("", xlsx)(w, r)
		}})
		for i := range 2 {
			if c, err := w.get.Get(t.Context(), ask); err != nil || c.Unchanged != (i == 1) {
				t.Errorf("Get %d: %+v, %v", i, c, err)
			}
		}
	})
	t.Run("same_bytes_without_validators", func(t *testing.T) {
		w := newWorld(t, map[string]http.HandlerFunc{workbook: send("", xlsx)})
		for i := range 2 {
			if c, err := w.get.Get(t.Context(), ask); err != nil || c.Unchanged != (i == 1) {
				t.Errorf("Get %d: %+v, %v", i, c, err)
			}
		}
		if n := w.captures(t); n != 1 {
			t.Errorf("%d captures, want 1", n)
		}
	})
	t.Run("damaged_bytes_are_fetched_again", func(t *testing.T) {
		w := newWorld(t, map[string]http.HandlerFunc{workbook: etag(`"v1"`, xlsx)})
		c, err := w.get.Get(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(w.dir, "sha256", c.SHA256[:2], c.SHA256)); err != nil {
			t.Fatal(err)
		}
		if c, err = w.get.Get(t.Context(), ask); err != nil || content(t, c) != xlsx {
			t.Errorf("Get: %+v, %v", c, err)
		}
		if got := w.last.Get("If-None-Match"); got != "" {
			t.Errorf("If-None-Match is %q", got)
		}
	})
	t.Run("redirect_now_leads_elsewhere", func(t *testing.T) {
		// "Not modified" of another file says nothing about ours.
		w := newWorld(t, map[string]http.HandlerFunc{
			microsoft + "/start": inTurn(redirect("/old"), redirect("/new")),
			microsoft + "/old":   etag(`"v1"`, xlsx),
			microsoft + "/new":   status(http.StatusNotModified),
		})
		r := scrape.Request{URL: "https://" + microsoft + "/start"}
		if _, err := w.get.Get(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		_, err := w.get.Get(t.Context(), r)
		if e, ok := errors.AsType[*StatusError](err); !ok || e.Code != http.StatusNotModified {
			t.Errorf("Get: %v", err)
		}
		if got := w.last.Get("If-None-Match"); got != "" {
			t.Errorf("If-None-Match is %q", got)
		}
	})
	t.Run("other_edition", func(t *testing.T) {
		w := newWorld(t, map[string]http.HandlerFunc{workbook: etag(`"v1"`, xlsx)})
		other := ask
		other.Edition = "2022-H2"
		for _, r := range []scrape.Request{ask, other} {
			if c, err := w.get.Get(t.Context(), r); err != nil || c.Unchanged || c.Edition != r.Edition {
				t.Errorf("Get: %+v, %v", c, err)
			}
		}
	})
}

func TestNotPublished(t *testing.T) {
	for _, code := range []int{http.StatusNotFound, http.StatusGone} {
		w := newWorld(t, map[string]http.HandlerFunc{workbook: status(code)})
		_, err := w.get.Get(t.Context(), scrape.Request{URL: report})
		if !errors.Is(err, scrape.ErrNotPublished) {
			t.Errorf("status %d: %v", code, err)
		}
		if _, err := w.get.Links(t.Context(), report, "a"); !errors.Is(err, scrape.ErrNotPublished) {
			t.Errorf("links, status %d: %v", code, err)
		}
		if got := w.Total(); got.NotPublished != 2 || got.Failed != 0 || got.Retries != 0 || got.Requests != 3 {
			t.Errorf("Stats are %+v", got)
		}
	}
}

func TestStatusErrors(t *testing.T) {
	for _, code := range []int{201, 204, 206, 304, 400, 401, 403, 418, 451} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			w := newWorld(t, map[string]http.HandlerFunc{workbook: status(code)})
			_, err := w.get.Get(t.Context(), scrape.Request{URL: report})
			e, ok := errors.AsType[*StatusError](err)
			if !ok || e.Code != code || errors.Is(err, scrape.ErrNotPublished) {
				t.Errorf("Get: %v", err)
			}
			if _, err := w.get.Links(t.Context(), report, "a"); err == nil {
				t.Error("Links: want an error")
			}
			if got := w.Total(); got.Retries != 0 || got.Failed != 2 || w.captures(t) != 0 {
				t.Errorf("Stats are %+v", got)
			}
		})
	}
}

func TestRetries(t *testing.T) {
	t.Run("http1", func(t *testing.T) { testRetries(t, true) })
	t.Run("http2", func(t *testing.T) { testRetries(t, false) })
}

func testRetries(t *testing.T, http1 bool) {
	proto := func(o *setup) { o.http1 = http1 }
	wait := func(code int, v string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", v)
			w.WriteHeader(code)
		}
	}
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, xlsx)
	}
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	half := func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, xlsx)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	whole := send("", xlsx)
	tests := []struct {
		name     string
		answers  []http.HandlerFunc
		want     error // nil: the workbook arrives
		code     int   // of the StatusError, when it does not
		requests int
		slept    time.Duration // at least, for one pause
	}{
		{name: "unavailable_then_success", answers: []http.HandlerFunc{status(503), status(500), whole}, requests: 3},
		{name: "unavailable_for_ever", answers: []http.HandlerFunc{status(502)}, code: 502, requests: 4},
		{name: "too_many_with_seconds", answers: []http.HandlerFunc{wait(429, "37"), whole}, requests: 2, slept: 37 * time.Second},
		{name: "too_many_with_a_date", answers: []http.HandlerFunc{wait(429, "Sun, 01 Mar 2026 12:01:00 GMT"), whole}, requests: 2, slept: 58 * time.Second},
		{name: "unavailable_with_seconds", answers: []http.HandlerFunc{wait(503, "11"), whole}, requests: 2, slept: 11 * time.Second},
		{name: "too_many_without_a_word", answers: []http.HandlerFunc{status(429), whole}, requests: 2},
		{name: "wait_too_long", answers: []http.HandlerFunc{wait(429, "3600"), whole}, want: ErrWait, code: 429, requests: 1},
		{name: "wait_for_ages", answers: []http.HandlerFunc{wait(429, "9999999999999"), whole}, want: ErrWait, code: 429, requests: 1},
		{name: "request_timeout", answers: []http.HandlerFunc{status(408), whole}, requests: 2},
		// Over HTTP/1.1 net/http itself repeats a request once, when a kept connection
		// turns out dead; so the number is left open.
		{name: "connection_lost", answers: []http.HandlerFunc{hangUp, hangUp, whole}, requests: -1},
		{name: "connection_lost_in_the_body", answers: []http.HandlerFunc{half, whole}, requests: 2},
		{name: "body_cut_short_then_whole", answers: []http.HandlerFunc{cut, whole}, requests: 2},
		{name: "body_cut_short_for_ever", answers: []http.HandlerFunc{cut}, want: ErrCutShort, requests: 4},
		{name: "gzip_cut_short", answers: []http.HandlerFunc{sendGzip("", fold(t, []byte(xlsx))[:15]), whole}, requests: 2},
		{name: "forbidden_is_final", answers: []http.HandlerFunc{status(403), whole}, code: 403, requests: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, map[string]http.HandlerFunc{workbook: inTurn(tt.answers...)}, proto)
			c, err := w.get.Get(t.Context(), scrape.Request{URL: report})
			if tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("Get: %v, want %v", err, tt.want)
			}
			if e, ok := errors.AsType[*StatusError](err); ok != (tt.code > 0) || (ok && e.Code != tt.code) {
				t.Errorf("Get: %v, want status %d", err, tt.code)
			}
			if tt.want == nil && tt.code == 0 && (err != nil || content(t, c) != xlsx) {
				t.Errorf("Get: %+v, %v", c, err)
			}
			if err != nil && w.captures(t) > 0 {
				t.Error("an error left a capture")
			}
			if got := w.Total(); tt.requests > 0 && (got.Requests != tt.requests+1 || got.Retries != tt.requests-1) {
				t.Errorf("Stats are %+v, want %d requests and robots.txt", got, tt.requests)
			}
			var longest time.Duration
			for _, d := range w.clock.slept {
				longest = max(longest, d)
			}
			if longest < tt.slept || (tt.slept > 0 && longest > tt.slept+time.Second) {
				t.Errorf("slept %s, want one of %s", w.clock.slept, tt.slept)
			}
		})
	}
}

func TestTimeouts(t *testing.T) {
	t.Run("http1", func(t *testing.T) { testTimeouts(t, true) })
	t.Run("http2", func(t *testing.T) { testTimeouts(t, false) })
}

func testTimeouts(t *testing.T, http1 bool) {
	proto := func(o *setup) { o.http1 = http1 }
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	stalled := func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, xlsx)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	t.Run("body_stalls", func(t *testing.T) {
		w := newWorld(t, map[string]http.HandlerFunc{workbook: stalled}, proto, func(o *setup) { o.StallTimeout = 30 * time.Millisecond; o.MaxTries = 2 })
		if _, err := w.get.Get(t.Context(), scrape.Request{URL: report}); !errors.Is(err, ErrStalled) {
			t.Errorf("Get: %v", err)
		}
		if got := w.Total(); got.Retries != 1 || w.captures(t) != 0 {
			t.Errorf("Stats are %+v", got)
		}
	})
	t.Run("body_stalls_then_arrives", func(t *testing.T) {
		w := newWorld(t, map[string]http.HandlerFunc{workbook: inTurn(stalled, send("", xlsx))}, proto, func(o *setup) { o.StallTimeout = 30 * time.Millisecond })
		if c, err := w.get.Get(t.Context(), scrape.Request{URL: report}); err != nil || content(t, c) != xlsx {
			t.Errorf("Get: %+v, %v", c, err)
		}
	})
	t.Run("error_page_stalls", func(t *testing.T) {
		w := newWorld(t, map[string]http.HandlerFunc{workbook: func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			stalled(w, r)
		}}, proto, func(o *setup) { o.StallTimeout = 30 * time.Millisecond })
		_, err := w.get.Get(t.Context(), scrape.Request{URL: report})
		if e, ok := errors.AsType[*StatusError](err); !ok || e.Code != http.StatusForbidden {
			t.Errorf("Get: %v", err)
		}
	})
	t.Run("no_header", func(t *testing.T) {
		w := newWorld(t, map[string]http.HandlerFunc{workbook: silent}, proto, func(o *setup) { o.HeaderTimeout = 100 * time.Millisecond; o.MaxTries = 2 })
		_, err := w.get.Get(t.Context(), scrape.Request{URL: report})
		if e, ok := errors.AsType[net.Error](err); !ok || !e.Timeout() {
			t.Errorf("Get: %v", err)
		}
	})
	t.Run("altogether", func(t *testing.T) {
		w := newWorld(t, map[string]http.HandlerFunc{workbook: silent}, proto, func(o *setup) { o.Timeout = 100 * time.Millisecond })
		_, err := w.get.Get(t.Context(), scrape.Request{URL: report})
		if !errors.Is(err, errTimeout) || !strings.Contains(err.Error(), "100ms") {
			t.Errorf("Get: %v", err)
		}
		if _, err := w.get.Links(t.Context(), report, "a"); !errors.Is(err, errTimeout) {
			t.Errorf("Links: %v", err)
		}
	})
	t.Run("cancelled_while_waiting_for_the_answer", func(t *testing.T) {
		stop := errors.New("stopped by the user")
		ctx, cancel := context.WithCancelCause(t.Context())
		w := newWorld(t, map[string]http.HandlerFunc{workbook: func(_ http.ResponseWriter, r *http.Request) {
			cancel(stop)
			<-r.Context().Done()
		}}, proto)
		if _, err := w.get.Get(ctx, scrape.Request{URL: report}); !errors.Is(err, stop) {
			t.Errorf("Get: %v", err)
		}
		if got := w.Total(); got.Retries > 0 {
			t.Errorf("Stats are %+v", got)
		}
	})
	t.Run("cancelled_while_the_body_comes", func(t *testing.T) {
		stop := errors.New("stopped by the user")
		ctx, cancel := context.WithCancelCause(t.Context())
		w := newWorld(t, map[string]http.HandlerFunc{workbook: func(rw http.ResponseWriter, r *http.Request) {
			io.WriteString(rw, xlsx)
			rw.(http.Flusher).Flush()
			cancel(stop)
			<-r.Context().Done()
		}}, proto)
		if _, err := w.get.Get(ctx, scrape.Request{URL: report}); !errors.Is(err, stop) {
			t.Errorf("Get: %v", err)
		}
	})
	t.Run("cancelled_in_a_pause", func(t *testing.T) {
		stop := errors.New("stopped by the user")
		ctx, cancel := context.WithCancelCause(t.Context())
		w := newWorld(t, map[string]http.HandlerFunc{workbook: status(503)}, proto, func(o *setup) {
			sleep := o.Sleep
			o.Sleep = func(ctx context.Context, d time.Duration) error { cancel(stop); return sleep(ctx, d) }
		})
		if _, err := w.get.Get(ctx, scrape.Request{URL: report}); !errors.Is(err, stop) {
			t.Errorf("Get: %v", err)
		}
	})
}

func TestSizeCaps(t *testing.T) {
	t.Run("http1", func(t *testing.T) { testSizeCaps(t, true) })
	t.Run("http2", func(t *testing.T) { testSizeCaps(t, false) })
}

func testSizeCaps(t *testing.T, http1 bool) {
	proto := func(o *setup) { o.http1 = http1 }
	const limit = 100_000
	set := func(o *setup) { o.MaxBytes, o.MaxDecoded, o.MaxPage = limit, 2*limit, limit }
	zeros := func(n int) []byte { return append([]byte("PK\x03\x04"), make([]byte, n-4)...) }
	chunked := func(b []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for c := range bytes.Lines(bytes.ReplaceAll(b, make([]byte, 1000), append(make([]byte, 999), '\n'))) {
				w.Write(c)
				w.(http.Flusher).Flush()
			}
		}
	}
	// A second gzip member counts too.
	twice := append(fold(t, zeros(limit)), fold(t, zeros(limit+1))...)
	tests := []struct {
		name    string
		h       http.HandlerFunc
		want    *SizeError
		decoded int
	}{
		{"at_the_cap", send("", string(zeros(limit))), nil, limit},
		{"over_the_cap_declared", send("", string(zeros(limit+1))), &SizeError{Limit: limit}, 0},
		{"over_the_cap_not_declared", chunked(zeros(limit + 1)), &SizeError{Limit: limit}, 0},
		{"gzip_at_the_cap", sendGzip("", fold(t, zeros(2*limit))), nil, 2 * limit},
		{"gzip_bomb", sendGzip("", fold(t, zeros(50*limit))), &SizeError{Limit: 2 * limit, Decoded: true}, 0},
		{"gzip_bomb_of_two_members", sendGzip("", twice), &SizeError{Limit: 2 * limit, Decoded: true}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, map[string]http.HandlerFunc{workbook: tt.h}, proto, set)
			c, err := w.get.Get(t.Context(), scrape.Request{URL: report, Name: "a.xlsx"})
			if tt.want == nil {
				if err != nil || len(content(t, c)) != tt.decoded {
					t.Errorf("Get: %+v, %v", c, err)
				}
				return
			}
			got, _ := errors.AsType[*SizeError](err)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Get: %v (-want +got)\n%s", err, diff)
			}
			if s := w.Total(); s.Retries > 0 || w.captures(t) > 0 {
				t.Errorf("Stats are %+v, %d captures", s, w.captures(t))
			}
		})
	}
	t.Run("page", func(t *testing.T) {
		page := append([]byte("<html><a href=/x>x</a>"), make([]byte, limit)...)
		for _, h := range []http.HandlerFunc{send("text/html", string(page)), sendGzip("text/html", fold(t, page))} {
			w := newWorld(t, map[string]http.HandlerFunc{workbook: h}, proto, set)
			_, err := w.get.Links(t.Context(), report, "a")
			if _, ok := errors.AsType[*SizeError](err); !ok {
				t.Errorf("Links: %v", err)
			}
		}
	})
}

func TestBodiesThatAreNotTheFile(t *testing.T) {
	const page = "\n<!DOCTYPE html><html><title>Sorry</title></html>"
	encoded := func(e string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", e)
			send("", xlsx)(w, r)
		}
	}
	kind := func(err error) bool { _, ok := errors.AsType[*KindError](err); return ok }
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	fine := func(err error) bool { return err == nil }
	for _, tt := range []struct {
		name, file string
		h          http.HandlerFunc
		ok         func(error) bool
	}{
		{"page_for_csv", "a.csv", send("text/html; charset=utf-8", page), kind},
		{"page_for_csv_called_csv", "a.csv", send("text/csv", page), kind},
		{"page_for_csv_folded", "a.csv", sendGzip("text/csv", fold(t, []byte(page))), kind},
		{"csv_called_page", "a.csv", send("text/html", "a,b\n"), kind},
		{"page_for_xlsx", "a.xlsx", send("application/octet-stream", page), kind},
		{"page_for_zip", "a.ZIP", send("text/html", page), kind},
		{"page_for_json", "a.json", send("text/html", page), kind},
		{"page_for_pdf", "a.pdf", send("text/html", page), kind},
		{"workbook_for_csv", "a.csv", send("text/csv", xlsx), kind},
		{"workbook_for_page", "a.html", send("text/html", xlsx), kind},
		{"storage_error_for_csv", "a.csv", send("application/xml", "<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"), kind},
		{"csv", "a.csv", send("application/octet-stream", "\xef\xbb\xbfa,b\n"), fine},
		{"csv_called_excel", "a.csv", send("application/vnd.ms-excel", "a,b\n"), fine},
		{"xlsx_called_page", "a.xlsx", send("text/html", xlsx), fine},
		{"empty_zip", "a.zip", send("application/zip", "PK\x05\x06"+strings.Repeat("\x00", 18)), fine},
		{"page", "a.html", send("text/html", page), fine},
		{"pdf", "a.pdf", send("", "%PDF-1.7"), fine},
		{"no_promise", "report", send("text/html", page), fine},
		{"empty", "a.csv", send("text/csv", ""), is(ErrEmpty)},
		{"empty_folded", "a.csv", sendGzip("text/csv", fold(t, nil)), is(ErrEmpty)},
		{"brotli", "a.xlsx", encoded("br"), is(ErrEncoding)},
		{"gzip_twice", "a.xlsx", encoded("gzip, gzip"), is(ErrEncoding)},
		{"identity", "a.xlsx", encoded("identity"), fine},
		{"not_gzip", "a.xlsx", encoded("gzip"), is(gzip.ErrHeader)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, map[string]http.HandlerFunc{workbook: tt.h})
			_, err := w.get.Get(t.Context(), scrape.Request{URL: report, Name: tt.file})
			if !tt.ok(err) {
				t.Errorf("Get: %v", err)
			}
			if got := w.captures(t); got > 0 && err != nil {
				t.Errorf("%d captures", got)
			}
		})
	}
}

func TestRobots(t *testing.T) {
	text := func(s string) http.HandlerFunc { return send("text/plain", s) }
	for _, tt := range []struct {
		name   string
		robots http.HandlerFunc
		want   error
	}{
		{"none", status(404), nil},
		{"forbidden_file", status(403), nil},
		{"broken_server", status(503), ErrRobots},
		{"too_many", status(429), ErrRobots},
		{"broken_then_fine", inTurn(status(500), text("User-agent: *\nDisallow:\n")), nil},
		{"empty", text(""), nil},
		{"everyone", text("User-agent: *\nDisallow: /\n"), ErrRobots},
		{"us", text("User-agent: *\nDisallow:\n\nUser-agent: DayLight\nDisallow: /is/\n"), ErrRobots},
		{"others", text("User-agent: GPTBot\nDisallow: /\n"), nil},
		{"we_are_welcome", text("User-agent: daylight\nDisallow:\n\nUser-agent: *\nDisallow: /\n"), nil},
		{"allow_is_longer", text("User-agent: *\nDisallow: /is/\nAllow: /is/content/\n"), nil},
		{"wildcard", text("User-agent: *\nDisallow: /*LERR\n"), ErrRobots},
		{"rule_before_any_group", text("Disallow: /\nUser-agent: *\nDisallow: /x\n"), nil},
		{"one_bad_line", text("User-agent: *\nCrawl-delay: soon\nDisallow: /is/\n"), ErrRobots},
		{"byte_order_mark_and_cr", text("\xef\xbb\xbfUser-agent: *\rDisallow: /is/\r"), ErrRobots},
		{"a_page", send("text/html", "<html>User-agent: none</html>"), nil},
		{"redirected", redirect("https://" + microsoft + "/r"), ErrRobots},
		{"redirected_to_a_stranger", redirect("https://" + stranger + "/robots.txt"), ErrHost},
		{"redirected_in_a_circle", redirect("/robots.txt"), ErrRobots},
		{"too_large", text("User-agent: *\n" + strings.Repeat("Allow: /\n", maxRobots/9)), ErrRobots},
		{"crawl_delay_too_long", text("User-agent: *\nCrawl-delay: 86400\n"), ErrWait},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, map[string]http.HandlerFunc{workbook: send("", xlsx), dynmedia + "/robots.txt": tt.robots, microsoft + "/r": text("User-agent: *\nDisallow: /is/\n")})
			_, err := w.get.Get(t.Context(), scrape.Request{URL: report})
			if !errors.Is(err, tt.want) {
				t.Errorf("Get: %v, want %v", err, tt.want)
			}
			asked := len(w.requests())
			if tt.want != nil {
				if got := w.requests()[asked-1]; got == workbook {
					t.Errorf("asked for %s", got)
				}
			}
			// Links obeys the same file, and it is asked for once.
			if _, err := w.get.Links(t.Context(), report+"?x=1", "a"); tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("Links: %v, want %v", err, tt.want)
			}
			if got := len(w.requests()); errors.Is(tt.want, ErrRobots) && got != asked {
				t.Errorf("%d requests, then %d", asked, got)
			}
		})
	}
}

func TestPace(t *testing.T) {
	pages := func(robots string) map[string]http.HandlerFunc {
		return map[string]http.HandlerFunc{
			microsoft + "/robots.txt": send("text/plain", robots),
			microsoft + "/1":          send("", xlsx), microsoft + "/2": send("", xlsx),
			dynmedia + "/1": send("", xlsx),
		}
	}
	for _, tt := range []struct {
		name, robots string
		want         []time.Duration
	}{
		// robots.txt, /1, /2 of one host; the other host's own robots.txt and /1.
		{"pause", "", []time.Duration{2 * time.Second, 2 * time.Second, 2 * time.Second}},
		{"crawl_delay", "User-agent: *\nCrawl-delay: 7.5\n", []time.Duration{7500 * time.Millisecond, 7500 * time.Millisecond, 2 * time.Second}},
		{"crawl_delay_below_our_pause", "User-agent: *\nCrawl-delay: 1\n", []time.Duration{2 * time.Second, 2 * time.Second, 2 * time.Second}},
		{"crawl_delay_for_others", "User-agent: bingbot\nCrawl-delay: 60\n", []time.Duration{2 * time.Second, 2 * time.Second, 2 * time.Second}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, pages(tt.robots))
			for _, u := range []string{microsoft + "/1", microsoft + "/2", dynmedia + "/1"} {
				if _, err := w.get.Get(t.Context(), scrape.Request{URL: "https://" + u}); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tt.want, w.clock.slept); diff != "" {
				t.Errorf("slept (-want +got)\n%s", diff)
			}
		})
	}
}

func TestOneRequestAtATime(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	w := newWorld(t, map[string]http.HandlerFunc{workbook: func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		send("", xlsx+r.URL.RawQuery)(w, r)
		w.(http.Flusher).Flush()
		mu.Lock()
		now--
		mu.Unlock()
	}})
	var wg sync.WaitGroup
	for i := range 8 {
		// Two sources share the host.
		d := lerr
		d.ID = fmt.Sprintf("microsoft/s%d", i%2)
		wg.Go(func() {
			if _, err := w.For(d).Get(t.Context(), scrape.Request{URL: fmt.Sprintf("%s?%d", report, i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most != 1 || len(w.requests()) != 9 {
		t.Errorf("%d requests at a time, %d in all", most, len(w.requests()))
	}
	if got := w.Stats("microsoft/s0").Fetched + w.Stats("microsoft/s1").Fetched; got != 8 {
		t.Errorf("%d fetched, want 8", got)
	}
}

func TestAddresses(t *testing.T) {
	for _, tt := range []struct {
		name, address string
		loopback      bool
	}{
		{"loopback", "127.0.0.1:443", false},
		{"loopback_v6", "[::1]:443", false},
		{"private", "10.1.2.3:443", false},
		{"metadata_service", "169.254.169.254:443", false},
		{"mapped", "[::ffff:192.168.0.1]:443", false},
		{"public_when_a_test_wants_loopback", "8.8.8.8:443", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, nil, func(o *setup) {
				o.LoopbackOnly = tt.loopback
				o.Resolve = func(string) string { return tt.address }
			})
			_, err := w.get.Get(t.Context(), scrape.Request{URL: report})
			if !errors.Is(err, ErrAddress) {
				t.Errorf("Get: %v", err)
			}
			if got := w.Total(); got.Retries > 0 {
				t.Errorf("Stats are %+v", got)
			}
		})
	}
	t.Run("public", func(t *testing.T) {
		for s, want := range map[string]bool{
			"8.8.8.8": true, "2620:1ec::1": true, "::ffff:8.8.8.8": true, "17.253.144.10": true,
			"0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "100.64.0.1": false, "127.1.2.3": false, "169.254.1.1": false,
			"172.16.0.1": false, "172.32.0.1": true, "192.168.1.1": false, "192.0.2.1": false, "198.19.0.1": false, "224.0.0.1": false,
			"240.0.0.1": false, "255.255.255.255": false, "::": false, "::1": false, "::7f00:1": false, "fe80::1": false,
			"fe80::1%eth0": false, "fc00::1": false, "ff02::1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false,
			"2001:db8::1": false, "::ffff:127.0.0.1": false, "fec0::1": false,
		} {
			if got := public(netip.MustParseAddr(s)); got != want {
				t.Errorf("public(%s) is %t", s, got)
			}
		}
	})
}

func TestUnknownAuthority(t *testing.T) {
	w := newWorld(t, map[string]http.HandlerFunc{workbook: send("", xlsx)}, func(o *setup) { o.RootCAs = x509.NewCertPool() })
	_, err := w.get.Get(t.Context(), scrape.Request{URL: report})
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok || w.Total().Retries > 0 {
		t.Errorf("Get: %v, %+v", err, w.Total())
	}
}

func TestNoRoomForTheBody(t *testing.T) {
	w := newWorld(t, map[string]http.HandlerFunc{workbook: send("", xlsx), dynmedia + "/robots.txt": send("text/plain", "User-agent: *\nDisallow:\n")})
	w.o.TempDir = filepath.Join(w.temp, "none")
	_, err := w.get.Get(t.Context(), scrape.Request{URL: report})
	if !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrRobots) {
		t.Errorf("Get: %v", err)
	}
	w.o.Archive = nil
	if _, err := w.get.Get(t.Context(), scrape.Request{URL: report}); err == nil {
		t.Error("Get without an archive: want an error")
	}
}

func TestLinks(t *testing.T) {
	const page = microsoft + "/en-us/corporate-responsibility/law-enforcement-requests-report"
	html := `<!doctype html><html><body>
<nav><a href="/home">Home</a></nav>
<ul id="reports">
<li><a href="https://` + dynmedia + `/is/content/microsoftcorp/Microsoft-LERR-2022-H2"> Law Enforcement
  Requests <b>Report</b> 2022 (July-December)</a></li>
<li><a href="../files/2022-H1.xlsx#sheet">Rapport d'` + "\xe9" + `t` + "\xe9" + `</a></li>
<li><a href="?q=1&amp;r=2">query</a></li>
<li><a href="https://` + dynmedia + `/is/content/microsoftcorp/Microsoft-LERR-2022-H2">again</a></li>
<li><a href="mailto:someone@example.org">mail</a><a href="javascript:void(0)">script</a><a href="#top">top</a><a name="x">no target</a></li>
</ul></body></html>`
	want := []scrape.Link{
		{URL: "https://" + dynmedia + "/is/content/microsoftcorp/Microsoft-LERR-2022-H2", Text: "Law Enforcement Requests Report 2022 (July-December)"},
		{URL: "https://" + microsoft + "/en-us/files/2022-H1.xlsx", Text: "Rapport d'été"},
		{URL: "https://" + page + "?q=1&r=2", Text: "query"},
	}
	pages := map[string]http.HandlerFunc{
		page:                      send("text/html; charset=iso-8859-1", html),
		microsoft + "/folded":     sendGzip("text/html; charset=iso-8859-1", fold(t, []byte(html))),
		microsoft + "/moved":      redirect("https://" + page),
		microsoft + "/away":       redirect("https://" + stranger + "/"),
		microsoft + "/hidden":     redirect("/private"),
		microsoft + "/retry":      inTurn(status(503), redirect("https://"+page)),
		microsoft + "/file":       send("application/pdf", "%PDF-1.7"),
		microsoft + "/empty":      send("text/html", ""),
		microsoft + "/circle":     redirect("/circle"),
		microsoft + "/robots.txt": send("text/plain", "User-agent: *\nDisallow: /private\n"),
		microsoft + "/private":    send("text/html", html),
	}
	w := newWorld(t, pages)
	for _, u := range []string{page, microsoft + "/moved", microsoft + "/retry", page} {
		got, err := w.get.Links(t.Context(), "https://"+u, "#reports a")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Links of %s (-want +got)\n%s", u, diff)
		}
		if got := w.last.Get("User-Agent"); got != "daylight/test (+mailto:someone@example.org)" {
			t.Errorf("User-Agent is %q", got)
		}
	}
	folded, err := w.get.Links(t.Context(), "https://"+microsoft+"/folded", "#reports a")
	if err != nil || len(folded) != 3 || folded[0] != want[0] {
		t.Errorf("Links of a folded page: %+v, %v", folded, err)
	}
	if got, err := w.get.Links(t.Context(), "https://"+page, "table.none a"); err != nil || len(got) > 0 {
		t.Errorf("nothing matches: %+v, %v", got, err)
	}
	for u, want := range map[string]error{"/away": ErrHost, "/hidden": ErrRobots, "/empty": ErrEmpty, "/circle": ErrRedirects, "/none": scrape.ErrNotPublished} {
		if _, err := w.get.Links(t.Context(), "https://"+microsoft+u, "a"); !errors.Is(err, want) {
			t.Errorf("Links of %s: %v, want %v", u, err, want)
		}
	}
	_, err = w.get.Links(t.Context(), "https://"+microsoft+"/file", "a")
	if _, ok := errors.AsType[*KindError](err); !ok {
		t.Errorf("Links of a file: %v", err)
	}
	if n := w.captures(t); n > 0 {
		t.Errorf("pages became %d captures", n)
	}
	for _, r := range w.requests() {
		if strings.HasPrefix(r, stranger) || strings.HasSuffix(r, "/private") {
			t.Errorf("asked for %s", r)
		}
	}
}

func TestEnvironmentDoesNotOverrule(t *testing.T) {
	t.Setenv("COLLY_USER_AGENT", "Mozilla/5.0")
	t.Setenv("COLLY_MAX_BODY_SIZE", "10")
	t.Setenv("COLLY_CACHE_DIR", t.TempDir())
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	w := newWorld(t, map[string]http.HandlerFunc{workbook: send("text/html", "<html><body><p>long</p><a href=/x>x</a>")})
	got, err := w.get.Links(t.Context(), report, "a")
	if err != nil || len(got) != 1 || !strings.HasPrefix(w.last.Get("User-Agent"), "daylight/") {
		t.Errorf("Links: %+v, %v, as %q", got, err, w.last.Get("User-Agent"))
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for s, want := range map[string]time.Duration{
		"": 0, "0": 0, "120": 2 * time.Minute, " 5 ": 5 * time.Second, "-5": 0, "soon": 0, "1.5": 0,
		"Sun, 01 Mar 2026 12:00:30 GMT": 30 * time.Second, "Sun, 01 Mar 2026 11:00:00 GMT": 0,
		"9223372036854775807": 365 * 24 * time.Hour,
	} {
		if got := retryAfter(s, now); got != want {
			t.Errorf("retryAfter(%q) is %s, want %s", s, got, want)
		}
	}
}

func TestSleep(t *testing.T) {
	if err := sleep(t.Context(), time.Microsecond); err != nil {
		t.Error(err)
	}
	stop := errors.New("stopped by the user")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if err := sleep(ctx, time.Hour); !errors.Is(err, stop) {
		t.Errorf("sleep: %v", err)
	}
}

func FuzzRobots(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /private\nCrawl-delay: 1\n"))
	f.Add([]byte("\xef\xbb\xbfUser-agent: a\rDisallow:\r\ruser-agent: *\rallow: /*.x$ # why\r"))
	f.Add([]byte("Disallow: /\nCrawl-delay: NaN\nUser-agent:\n"))
	t := &transport{bound: &bound{f: New(Options{})}}
	f.Fuzz(func(tt *testing.T, b []byte) {
		if r := t.readRobots(b); r.err == nil {
			r.group.Test("/is/content/x?y=z")
		} else if !errors.Is(r.err, ErrWait) {
			tt.Errorf("%q: %v", b, r.err)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120")
	f.Add("Sun, 01 Mar 2026 12:00:30 GMT")
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		if d := retryAfter(s, now); d < 0 {
			t.Errorf("retryAfter(%q) is %s", s, d)
		}
	})
}
