package scrape

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// CollectPage is the Collect of a source that is one page, published once. A page that is
// gone yields no capture and no error: the address is not found any more, or leads to a
// page of another name, as the addresses of old posts do.
func CollectPage(ctx context.Context, g Getter, r Request) ([]Capture, error) {
	c, err := g.Get(ctx, r)
	if errors.Is(err, ErrNotPublished) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("collect %q: %w", r.URL, err)
	}
	if c.FinalURL != "" && lastName(c.FinalURL) != lastName(r.URL) {
		return nil, nil
	}
	return []Capture{c}, nil
}

// lastName is the last name in an address's path, whatever its case; "" when it has none.
func lastName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(strings.Trim(path.Base(u.Path), "/."))
}
