package grid

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"daylight/scrape"
)

// TextAt reads the printed text at a place again, from the bytes. It is the other half of
// every locator that a reader of this package gives out: for each cell that a room yields,
// TextAt(body, cell.At) is cell.Text. Two neighbouring cells (Col2) are joined by " | ".
//
// It reads the body from its start through ReadAt, so one body serves many calls and the
// body's own read position is left alone. A place that does not exist is an error that
// wraps scrape.ErrLayout.
func TextAt(body scrape.Body, at scrape.Locator) (string, error) {
	if at.Member != "" {
		return textAtMember(body, at)
	}
	switch {
	case at.Sheet != "":
		return textAtXLSX(body, body.Size(), at)
	case at.Table > 0:
		return textAtHTML(io.NewSectionReader(body, 0, body.Size()), at)
	case at.Row > 0:
		return textAtCSV(io.NewSectionReader(body, 0, body.Size()), at)
	case at.End > 0:
		return textAtProse(io.NewSectionReader(body, 0, body.Size()), at)
	}
	return "", layoutError("text at %q: no place", at.String())
}

func textAtMember(body scrape.Body, at scrape.Locator) (string, error) {
	z, err := OpenZip(body, body.Size())
	if err != nil {
		return "", fmt.Errorf("text at %q: %w", at.String(), err)
	}
	for _, m := range z.Members {
		if m.Name != at.Member {
			continue
		}
		f, err := m.Open()
		if err != nil {
			return "", fmt.Errorf("text at %q: %w", at.String(), err)
		}
		defer f.Close()
		inner := at
		inner.Member = ""
		if inner.Sheet == "" && inner.Table == 0 && inner.Row > 0 {
			return textAtCSV(f, inner)
		}
		content, err := io.ReadAll(f) // the member's size was checked against MaxMember
		if err != nil {
			return "", fmt.Errorf("text at %q: %w", at.String(), err)
		}
		return TextAt(memberBody{bytes.NewReader(content)}, inner)
	}
	return "", layoutError("text at %q: no such member", at.String())
}

type memberBody struct{ *bytes.Reader }

func (memberBody) Close() error { return nil }

// textAtCSV finds the field by the counts that [CSV] gives out: the physical line on which
// the record starts, and the number of the field in it.
func textAtCSV(r io.Reader, at scrape.Locator) (string, error) {
	c := NewCSV(r)
	for {
		rec, err := c.Read()
		if errors.Is(err, io.EOF) || err == nil && rec.Line > at.Row {
			return "", layoutError("text at %q: no record starts on that line", at.String())
		}
		if err != nil {
			return "", fmt.Errorf("text at %q: %w", at.String(), err)
		}
		if rec.Line < at.Row {
			continue
		}
		if at.Col < 1 || at.Col > len(rec.Fields) || at.Col2 > len(rec.Fields) {
			return "", layoutError("text at %q: the line has %d fields", at.String(), len(rec.Fields))
		}
		text := rec.Fields[at.Col-1]
		if at.Col2 > 0 {
			text += " | " + rec.Fields[at.Col2-1]
		}
		return text, nil
	}
}
