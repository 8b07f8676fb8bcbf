package fetch

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"daylight/scrape"

	"github.com/gocolly/colly/v2"
)

// Links implements scrape.Getter. Targets that are not http or https are left out, and a
// fragment is cut off, since it is never sent. A page that is not HTML is an error; a
// selector that matches nothing gives an empty list, for the source to judge.
func (b *bound) Links(ctx context.Context, page, selector string) ([]scrape.Link, error) {
	ctx, cancel := b.timeout(ctx)
	defer cancel()
	begin := b.f.o.Now()
	links, err := b.links(ctx, page, selector)
	if err != nil {
		n := Stats{Failed: 1}
		if errors.Is(err, scrape.ErrNotPublished) {
			n = Stats{NotPublished: 1}
		}
		b.f.count(b.source, n)
		return nil, fmt.Errorf("fetch %s links of %q: %w", b.source, page, plain(ctx, err))
	}
	b.f.o.Logger.InfoContext(ctx, "read links", "source", b.source, "url", page, "elapsed", b.f.o.Now().Sub(begin))
	return links, nil
}

func (b *bound) links(ctx context.Context, page, selector string) ([]scrape.Link, error) {
	// Made by hand: NewCollector lets COLLY_* variables of the environment overrule
	// what stands here.
	c := &colly.Collector{}
	c.Init()
	c.Context = ctx
	c.UserAgent = b.f.agent
	c.MaxBodySize = 0        // the transport's caps fail, colly's would truncate
	c.AllowURLRevisit = true // a redirect back is counted, not refused
	c.IgnoreRobotsTxt = true // the transport asks, for every hop
	c.DetectCharset = false  // the page's own word
	c.SetRequestTimeout(0)   // the transport's timeouts
	c.DisableCookies()       //
	c.SetRedirectHandler(b.checkRedirect)
	c.WithTransport(&transport{bound: b, maxBytes: b.f.o.MaxPage, maxDecoded: b.f.o.MaxPage})

	var refused error
	c.OnResponseHeaders(func(r *colly.Response) {
		if r.StatusCode != http.StatusOK {
			refused = &StatusError{Code: r.StatusCode}
		} else if t, _, err := mime.ParseMediaType(r.Headers.Get("Content-Type")); err != nil || (t != "text/html" && t != "application/xhtml+xml") {
			refused = &KindError{Want: "html", MediaType: r.Headers.Get("Content-Type")}
		}
		if refused != nil {
			r.Request.Abort()
		}
	})
	var out []scrape.Link
	seen := map[string]bool{}
	c.OnHTML(selector, func(e *colly.HTMLElement) {
		href, ok := e.DOM.Attr("href")
		if !ok {
			return
		}
		u, err := url.Parse(e.Request.AbsoluteURL(href))
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") {
			return
		}
		u.Fragment, u.RawFragment = "", ""
		if target := u.String(); !seen[target] {
			seen[target] = true
			out = append(out, scrape.Link{URL: target, Text: strings.Join(strings.Fields(e.Text), " ")})
		}
	})
	err := c.Visit(page)
	if refused != nil {
		return nil, refused
	}
	return out, err
}
