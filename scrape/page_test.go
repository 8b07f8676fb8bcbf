package scrape_test

import (
	"context"
	"errors"
	"testing"

	"daylight/scrape"
)

// answer is a Getter with one answer.
type answer struct {
	final string
	err   error
}

func (a answer) Get(_ context.Context, r scrape.Request) (scrape.Capture, error) {
	return scrape.Capture{URL: r.URL, FinalURL: a.final}, a.err
}

func (answer) Links(context.Context, string, string) ([]scrape.Link, error) { return nil, nil }

func TestCollectPage(t *testing.T) {
	broken := errors.New("no route")
	for _, tc := range []struct {
		name string
		answer
		want int
		fail error
	}{
		{"there", answer{final: "https://example.org/our-statement/"}, 1, nil},
		{"final_address_unknown", answer{}, 1, nil},
		{"moved_under_its_name", answer{final: "https://example.org/en/Our-Statement"}, 1, nil},
		{"leads_to_another_page", answer{final: "https://example.org/privacy/"}, 0, nil},
		{"leads_to_the_front_page", answer{final: "https://example.org/"}, 0, nil},
		{"not_found", answer{err: scrape.ErrNotPublished}, 0, nil},
		{"not_reached", answer{err: broken}, 0, broken},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, err := scrape.CollectPage(context.Background(), tc.answer, scrape.Request{URL: "https://example.org/our-statement/"})
			if len(list) != tc.want || !errors.Is(err, tc.fail) {
				t.Errorf("%d captures, error %v; want %d, %v", len(list), err, tc.want, tc.fail)
			}
		})
	}
}
