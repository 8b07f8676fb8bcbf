package grid

import (
	"errors"
	"fmt"
	"io"

	"daylight/scrape"
)

// CSV reads comma-separated text (RFC 4180) record by record, with the physical line on
// which each record starts. encoding/csv is not used: it takes a file whose line ends are
// CR alone for one line (Meta's 2019_H2 is one), drops blank lines, and it rewrites CRLF
// inside quotes.
//
//   - Line ends are LF or CRLF, or CR throughout; a lone CR in a file of LF lines, or an LF
//     in a file of CR lines, is an error: one of the two is not a line end.
//   - A quoted field starts with its quote and nothing but a comma or the line end follows
//     the closing one; "" inside stands for one quote. A quote in an unquoted field, text
//     after a closing quote and a missing closing quote are errors.
//   - A blank line is a record without fields, so that a caller sees where stacked tables
//     part. Lines of different length are handed on; what they mean is the caller's.
//   - Fields, records and their number have caps (MaxField, MaxRecord, MaxFields).
//
// Errors about the bytes wrap scrape.ErrLayout and name line and field. Memory is that of
// one record.
type CSV struct {
	text     *Text
	buf      []byte
	pos, end int
	err      error // of the source, after buf
	line     int   // physical line of buf[pos]
	ends     lineEnds
	rec      []byte   // content of the record's fields, one after the other
	stop     []int    // end of each field in rec
	fields   []string // handed out
	done     error
}

type lineEnds uint8

const (
	endsUnknown lineEnds = iota
	endsLF               // LF or CRLF
	endsCR
)

// Record is one record of a CSV.
type Record struct {
	Line   int      // physical line on which it starts, from 1
	Fields []string // valid until the next Read; the strings stay
	Open   bool     // the file ends without a line end here: it may have been cut
}

// Blank reports whether the record is an empty line.
func (r Record) Blank() bool { return len(r.Fields) == 0 }

// NewCSV returns a reader of the records of r, which is decoded as [Text] says.
func NewCSV(r io.Reader) *CSV {
	return &CSV{text: NewText(r), buf: make([]byte, 32<<10), line: 1}
}

// peek returns the next byte without taking it; ok is false at the end or at an error.
func (c *CSV) peek() (b byte, ok bool) {
	for c.pos == c.end {
		if c.err != nil {
			return 0, false
		}
		c.pos = 0
		c.end, c.err = c.text.Read(c.buf)
	}
	return c.buf[c.pos], true
}

// Read returns the next record, or io.EOF after the last one. After an error it returns
// the same error again.
func (c *CSV) Read() (Record, error) {
	if c.done != nil {
		return Record{}, c.done
	}
	rec, err := c.read()
	if err != nil {
		c.done = err
		return Record{}, err
	}
	return rec, nil
}

func (c *CSV) read() (Record, error) {
	c.rec, c.stop, c.fields = c.rec[:0], c.stop[:0], c.fields[:0]
	start := c.line
	fail := func(format string, args ...any) error {
		return layoutError("csv line %d field %d: "+format, append([]any{c.line, len(c.stop) + 1}, args...)...)
	}
	const (
		fieldStart = iota
		bare
		quoted
		closed // after the closing quote
	)
	state, from := fieldStart, 0
	for {
		b, ok := c.peek()
		if !ok {
			if !errors.Is(c.err, io.EOF) {
				if errors.Is(c.err, scrape.ErrLayout) {
					return Record{}, c.err
				}
				return Record{}, fmt.Errorf("csv line %d: %w", c.line, c.err)
			}
			if state == quoted {
				return Record{}, fail("the quote opened in the record of line %d is never closed", start)
			}
			if state == fieldStart && len(c.stop) == 0 {
				return Record{}, io.EOF
			}
			rec := c.finish(start)
			rec.Open = true
			return rec, nil
		}
		// The run of plain bytes is taken at once; everything below is one byte.
		if state == bare || state == quoted {
			run := c.buf[c.pos:c.end]
			n := 0
			for n < len(run) && run[n] != '"' && run[n] != '\n' && run[n] != '\r' && (run[n] != ',' || state == quoted) {
				n++
			}
			if n > 0 {
				if len(c.rec)+n-from > MaxField {
					return Record{}, fail("longer than %d bytes", MaxField)
				}
				if len(c.rec)+n > MaxRecord {
					return Record{}, fail("the record is longer than %d bytes", MaxRecord)
				}
				c.rec = append(c.rec, run[:n]...)
				c.pos += n
				continue
			}
		}
		switch {
		case state == quoted && b == '"':
			c.pos++
			if next, ok := c.peek(); ok && next == '"' {
				c.pos++
				c.rec = append(c.rec, '"')
			} else {
				state = closed
			}
		case state == quoted: // a line end inside quotes belongs to the text
			c.pos++
			c.rec = append(c.rec, b)
			if b == '\r' {
				if next, ok := c.peek(); ok && next == '\n' {
					c.pos++
					c.rec = append(c.rec, '\n')
				}
			}
			c.line++
		case b == ',':
			c.pos++
			c.stop = append(c.stop, len(c.rec))
			if len(c.stop) >= MaxFields {
				return Record{}, fail("more than %d fields", MaxFields)
			}
			state, from = fieldStart, len(c.rec)
		case b == '\n' || b == '\r':
			c.pos++
			ends := endsLF
			if b == '\r' {
				if next, ok := c.peek(); ok && next == '\n' {
					c.pos++
				} else {
					ends = endsCR
				}
			}
			if c.ends == endsUnknown {
				c.ends = ends
			}
			if c.ends != ends {
				return Record{}, fail("a lone CR and LF both end lines in this file")
			}
			c.line++
			if state == fieldStart && len(c.stop) == 0 {
				return Record{Line: start}, nil
			}
			return c.finish(start), nil
		case b == '"' && state == fieldStart:
			c.pos++
			state = quoted
		case state == closed:
			return Record{}, fail("%q after the closing quote", string(b))
		case b == '"':
			return Record{}, fail("a quote inside a field that does not start with one")
		default:
			state = bare
		}
		if len(c.rec) > MaxRecord || len(c.rec)-from > MaxField {
			return Record{}, fail("longer than %d bytes", MaxField)
		}
	}
}

// finish makes the record's fields: one string for all of them.
func (c *CSV) finish(line int) Record {
	c.stop = append(c.stop, len(c.rec))
	s := string(c.rec)
	from := 0
	for _, to := range c.stop {
		c.fields = append(c.fields, s[from:to])
		from = to
	}
	return Record{Line: line, Fields: c.fields}
}
