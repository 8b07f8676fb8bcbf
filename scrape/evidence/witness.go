// Package evidence answers one question: does this text stand at this place in these bytes?
//
// A figure is worth what its evidence is worth, so the question is asked anew each time
// somebody wants to know, of the stored bytes and not of what an earlier run remembered:
// [Witness] hashes a capture, opens it and reads single places. A [Pack] carries captures
// and figures away in one ZIP, and answers the same question elsewhere, offline, without a
// warehouse and, with sha256sum and a reader of the publisher's format, without daylight.
//
// It is cut off from package archive, which knows hashes and no formats, and from package
// grid, which knows formats and no hashes. What a figure means is not asked here: a pack's
// table of figures is texts, of which this package reads three columns.
//
// It may import package scrape and its folders archive and grid.
package evidence

import (
	"errors"
	"fmt"

	"daylight/scrape"
	"daylight/scrape/grid"
)

// ErrMismatch says that the bytes print something else at the place, or have no such place.
var ErrMismatch = errors.New("not what the bytes print")

// Witness reads printed texts again from one capture's bytes. It is not safe for concurrent
// use; memory grows with the file.
type Witness struct {
	capture scrape.Capture
	body    scrape.Body
	places  *grid.Places
}

// Open opens the capture's bytes; the caller closes the witness. A capture from an archive
// is hashed on the way, and damaged bytes are an error that names them.
func Open(c scrape.Capture) (*Witness, error) {
	body, err := c.Open()
	if err != nil {
		return nil, fmt.Errorf("capture %.12s (%s): %w", c.SHA256, c.Name, err)
	}
	return &Witness{capture: c, body: body, places: grid.NewPlaces(body)}, nil
}

// Text returns what the bytes print at a place, which is written as scrape.Locator.String
// writes it. A place that is none, or that the bytes do not have, wraps ErrMismatch.
func (w *Witness) Text(locator string) (string, error) {
	at, err := scrape.ParseLocator(locator)
	if err == nil {
		var text string
		if text, err = w.places.Text(at); err == nil {
			return text, nil
		}
		if !errors.Is(err, scrape.ErrLayout) {
			return "", fmt.Errorf("capture %.12s (%s): %w", w.capture.SHA256, w.capture.Name, err)
		}
	}
	return "", fmt.Errorf("capture %.12s (%s): %w: %w", w.capture.SHA256, w.capture.Name, ErrMismatch, err)
}

// Check holds a printed text against the bytes. The error wraps ErrMismatch when they print
// another one, and quotes both.
func (w *Witness) Check(locator, text string) error {
	got, err := w.Text(locator)
	if err != nil {
		return err
	}
	if got != text {
		return fmt.Errorf("capture %.12s (%s): %w: at %q stands %q, the figure was read from %q",
			w.capture.SHA256, w.capture.Name, ErrMismatch, locator, got, text)
	}
	return nil
}

// Close closes the bytes.
func (w *Witness) Close() error { return w.body.Close() }
