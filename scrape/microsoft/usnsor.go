package microsoft

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"daylight/scrape"
	"daylight/scrape/grid"
)

const (
	usnsorID   = "microsoft/usnsor"
	usnsorPage = "https://www.microsoft.com/en-us/corporate-responsibility/us-national-security-orders-report"
)

type usnsor struct{}

// USNSOR returns the source of the U.S. National Security Orders Report.
func USNSOR() scrape.Source { return usnsor{} }

// Describe implements scrape.Source.
func (usnsor) Describe() scrape.Description {
	return scrape.Description{
		ID:       usnsorID,
		Provider: "microsoft",
		Title:    "Microsoft U.S. National Security Orders Report",
		Page:     usnsorPage,
		URLs:     []string{usnsorPage},
		Hosts:    []string{"www.microsoft.com", "cdn-dynmedia-1.microsoft.com", "query.prod.cms.rt.microsoft.com", "download.microsoft.com"},
		Cadence:  "half-yearly",
		Licence:  "published for free use by Microsoft; no licence named; figures are facts",
		Formats: []string{
			"workbook: one sheet, blocks of orders and letters, oldest first",
			"page: one table a block, or blocks in a column of labels, newest first",
		},
	}
}

// Embedded implements scrape.Source.
func (usnsor) Embedded() ([]scrape.Capture, error) {
	return scrape.EmbeddedCaptures(captures, "captures", usnsorID)
}

// Collect implements scrape.Source. The page holds the tables itself and is replaced in
// place, so that it is fetched every time; workbooks are taken where the page links them.
func (usnsor) Collect(ctx context.Context, g scrape.Getter) ([]scrape.Capture, error) {
	var list []scrape.Capture
	var errs []error
	get(ctx, g, scrape.Request{URL: usnsorPage, Name: "us-national-security-orders-report.html"}, &list, &errs)
	links, err := g.Links(ctx, usnsorPage, "a[href]")
	if err != nil {
		errs = append(errs, fmt.Errorf("microsoft: collect %s: %w", usnsorPage, err))
	}
	for _, l := range links {
		if err := ctx.Err(); err != nil {
			return list, errors.Join(append(errs, err)...)
		}
		u := strings.ToLower(l.URL)
		if !strings.Contains(u, "usnsor") {
			continue
		}
		r := scrape.Request{URL: l.URL}
		if y, h, ok := halfYear(l.Text); ok {
			r.Edition = editionLabel(y, h)
		} else if y, h, ok := halfYear(l.URL); ok {
			r.Edition = editionLabel(y, h)
		}
		get(ctx, g, r, &list, &errs)
	}
	return list, errors.Join(errs...)
}

// Parse implements scrape.Source.
func (usnsor) Parse(c scrape.Capture) iter.Seq2[scrape.Row, error] {
	return rows(func(yield func(scrape.Row) bool) error {
		if err := parseUSNSOR(c, yield); err != nil && !errors.Is(err, errStop) {
			return fmt.Errorf("microsoft: parse %s: %w", c.Name, err)
		}
		return nil
	})
}

func parseUSNSOR(c scrape.Capture, yield func(scrape.Row) bool) error {
	body, err := c.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	head := make([]byte, 4)
	n, err := body.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var matrices []*matrix
	var held []scrape.Row
	if n == 0 || strings.HasPrefix(string(head[:n]), "PK") || strings.HasPrefix(string(head[:n]), "\xd0\xcf") {
		matrices, held, err = usnsorWorkbook(body)
	} else {
		matrices, held, err = usnsorPageTables(body)
	}
	if err != nil {
		return err
	}
	if len(matrices) == 0 {
		return layout("no table of national security orders")
	}
	for _, m := range matrices {
		if err := m.read(yield); err != nil {
			return fmt.Errorf("%s: %w", m.place, err)
		}
	}
	for _, r := range held {
		if !yield(r) {
			return errStop
		}
	}
	return nil
}

func usnsorWorkbook(body scrape.Body) ([]*matrix, []scrape.Row, error) {
	w, err := grid.OpenWorkbook(body, body.Size())
	if err != nil {
		return nil, nil, err
	}
	var matrices []*matrix
	var held []scrape.Row
	for _, s := range w.Sheets() {
		m, err := sheetMatrix(w, s)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("sheet %q: %w", s.Name, err)
		case m != nil && !s.Hidden:
			matrices = append(matrices, m)
		case m != nil:
			held = append(held, heldSheet(w, s, "a hidden sheet with national security orders"))
		case s.LastRow > 0 || !s.Cells:
			held = append(held, heldSheet(w, s, "no header that is declared"))
		}
	}
	return matrices, held, nil
}

func usnsorPageTables(body scrape.Body) ([]*matrix, []scrape.Row, error) {
	tables, err := grid.HTMLTables(io.NewSectionReader(body, 0, body.Size()))
	if err != nil {
		return nil, nil, err
	}
	var matrices []*matrix
	var held []scrape.Row
	for _, t := range tables {
		m, why, err := htmlMatrix(t)
		if err != nil {
			return nil, nil, err
		}
		if m != nil {
			matrices = append(matrices, m)
		}
		if why == "" {
			continue
		}
		for row := 2; row <= t.Rows(); row++ {
			for col := 1; col <= t.Cols(row); col++ {
				c := t.Cell(row, col)
				if c == nil || c.Row != row || c.Col != col || !strings.ContainsAny(c.Text, "0123456789") {
					continue
				}
				held = append(held, scrape.Row{
					Table: tableNS, Line: row, Hold: why,
					Value: scrape.Cell{Header: htmlLattice{t}.text(1, col), Text: c.Printed(), At: t.At(c)},
				})
			}
		}
	}
	return matrices, held, nil
}
