package grid

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"daylight/scrape"
)

// Places reads the printed texts at many places of one body. Text gives what [TextAt]
// gives; but where TextAt starts at the top for each place, Places reads each file and
// each sheet once and keeps its texts, so that every figure of a report can be read again
// in the time of two readings. Memory grows with the file. It is not safe for concurrent
// use.
type Places struct {
	body scrape.Body
	kept map[scrape.Locator]placed // by the locator's member and sheet
}

// placed is the texts of one file or sheet, by row.
type placed struct {
	rows map[int][]string
	err  error
}

// NewPlaces returns the places of a body. It does not close the body.
func NewPlaces(body scrape.Body) *Places {
	return &Places{body: body, kept: map[scrape.Locator]placed{}}
}

// Text returns the text at a place. The error wraps scrape.ErrLayout when there is no such
// place.
func (p *Places) Text(at scrape.Locator) (string, error) {
	csv := at.Sheet == "" && at.Table == 0 && at.Row > 0
	if !csv && (at.Sheet == "" || at.Member != "") {
		return TextAt(p.body, at)
	}
	where := scrape.Locator{Member: at.Member, Sheet: at.Sheet}
	f, ok := p.kept[where]
	if !ok {
		if csv {
			f.rows, f.err = p.readCSV(at.Member)
		} else {
			f.rows, f.err = p.readSheet(at.Sheet)
		}
		p.kept[where] = f
	}
	if f.err != nil {
		return "", fmt.Errorf("text at %q: %w", at.String(), f.err)
	}
	row, ok := f.rows[at.Row]
	// A sheet does not hold the empty cells at the end of its rows; a line holds all.
	if !ok || at.Col < 1 || at.Col2 < 0 || csv && max(at.Col, at.Col2) > len(row) {
		return "", layoutError("text at %q: no such place", at.String())
	}
	text := func(col int) string {
		if col > len(row) {
			return ""
		}
		return row[col-1]
	}
	if at.Col2 > 0 {
		return text(at.Col) + " | " + text(at.Col2), nil
	}
	return text(at.Col), nil
}

func (p *Places) readCSV(member string) (map[int][]string, error) {
	var in io.Reader = io.NewSectionReader(p.body, 0, p.body.Size())
	if member != "" {
		z, err := OpenZip(p.body, p.body.Size())
		if err != nil {
			return nil, err
		}
		in = nil
		for _, m := range z.Members {
			if m.Name == member {
				f, err := m.Open()
				if err != nil {
					return nil, err
				}
				defer f.Close()
				in = f
			}
		}
		if in == nil {
			return nil, layoutError("no member %q", member)
		}
	}
	rows := map[int][]string{}
	c := NewCSV(in)
	for {
		rec, err := c.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		rows[rec.Line] = append([]string(nil), rec.Fields...)
	}
}

// readSheet reads a sheet through excelize, as textAtXLSX does.
func (p *Places) readSheet(sheet string) (map[int][]string, error) {
	if _, err := workbookParts(p.body, p.body.Size()); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.NewSectionReader(p.body, 0, p.body.Size()))
	if err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpackedBytes, UnzipXMLSizeLimit: maxUnpackedBytes,
	})
	if err != nil {
		return nil, layoutError("workbook: %w", err)
	}
	defer f.Close()
	in, err := f.Rows(sheet)
	if err != nil {
		return nil, layoutError("workbook: %w", err)
	}
	defer in.Close()
	rows := map[int][]string{}
	for n := 1; in.Next(); n++ {
		if rows[n], err = in.Columns(); err != nil {
			return nil, layoutError("sheet %q row %d: %w", sheet, n, err)
		}
	}
	return rows, nil
}
