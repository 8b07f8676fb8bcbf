package grid

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"regexp"
	"strings"

	"daylight/scrape"
)

// Statement declares one wording in which a publisher says bands of numbers in prose. It
// is as strict as a declared table: the words beside each band must be the declared ones,
// because nothing else tells what the band counts.
type Statement struct {
	Table  string         // scrape.Row.Table
	Period *regexp.Regexp // the words that name the time covered ([MustWords])
	Counts []Count        // what each band counts, in printed order, at least one
}

// Count declares the words beside one band.
type Count struct{ before, after *regexp.Regexp }

// gap is the white space between two words of prose.
const gap = `[\s\x{00a0}\x{202f}]+`

// beside bounds the bytes in front of a band that are looked at, so that the time a page
// takes does not grow with the square of its length. Declared words are far shorter.
const beside = 1000

// MustWords compiles a pattern of printed words without regard to case; a blank in it
// stands for white space of any kind and length. For declarations: it panics on a pattern
// that does not compile.
func MustWords(pattern string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)` + strings.ReplaceAll(pattern, " ", gap))
}

// MustCount declares a band by the words right before its opening word ("between") and
// those right behind its second number, both as patterns of [MustWords] and inside its
// sentence; an empty one asks for nothing. The two have one group together: what it
// matches is the figure's header. For declarations: it panics otherwise.
func MustCount(before, after string) Count {
	var c Count
	groups := 0
	if before != "" {
		c.before = MustWords(`(?:` + before + `) ` + opening + ` $`)
		groups += c.before.NumSubexp()
	}
	if after != "" {
		c.after = MustWords(`^(?: )?(?:` + after + `)`)
		groups += c.after.NumSubexp()
	}
	if groups != 1 {
		panic(fmt.Sprintf("grid: count %q, %q: %d groups for the header, want 1", before, after, groups))
	}
	return c
}

// header returns the printed words that say what the band counts.
func (c Count) header(s BandSentence, b Span) (string, bool) {
	header := ""
	for _, side := range []struct {
		words *regexp.Regexp
		text  string
	}{
		{c.before, s.Text[max(0, b.Start-s.Start-beside) : b.Start-s.Start]},
		{c.after, s.Text[b.End-s.Start:]},
	} {
		if side.words == nil {
			continue
		}
		m := side.words.FindStringSubmatch(side.text)
		if m == nil {
			return "", false
		}
		if len(m) > 1 {
			header = m[1]
		}
	}
	return header, true
}

// ParseStatement yields one row for each band of the one declared wording that a text or
// page says, each with the printed period as key; places are ranges of [ReadProse]'s text.
// Bands of other sentences (another company's, quoted beside) are passed over.
//
// It fails with an error that wraps scrape.ErrLayout and names the file when the text
// says none of the wordings or more than one; when a declared band is missing, said twice,
// out of order or has another band beside it; and when its sentences, from the first to
// the last, do not name exactly one period.
func ParseStatement(provider string, declared []Statement, c scrape.Capture) iter.Seq2[scrape.Row, error] {
	return func(yield func(scrape.Row, error) bool) {
		name := c.Name
		if name == "" {
			name = path.Base(c.URL)
		}
		rows, err := statementRows(declared, c)
		if err != nil {
			yield(scrape.Row{}, fmt.Errorf("%s: parse %s: %w", provider, name, err))
			return
		}
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func statementRows(declared []Statement, c scrape.Capture) (rows []scrape.Row, err error) {
	body, err := c.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	text, err := ReadProse(io.NewSectionReader(body, 0, body.Size()))
	if err != nil {
		return nil, err
	}
	sentences := BandSentences(text)
	said := 0
	for _, d := range declared {
		found, err := d.rows(text, sentences)
		if err != nil {
			return nil, err
		}
		if found != nil {
			said++
			rows = found
		}
	}
	if said != 1 {
		return nil, layoutError("the text says %d of the declared wordings, want 1", said)
	}
	return rows, nil
}

// rows returns the figures of the wording, or nil when none of its bands is in the text.
func (d Statement) rows(text string, sentences []BandSentence) ([]scrape.Row, error) {
	type band struct {
		sentence int
		row      scrape.Row
	}
	found := make([][]band, len(d.Counts))
	none := true
	for i, s := range sentences {
		for _, b := range s.Bands {
			for n, count := range d.Counts {
				if header, ok := count.header(s, b); ok {
					none = false
					found[n] = append(found[n], band{i, scrape.Row{
						Table: d.Table, Line: 1, Value: scrape.Cell{Header: header, Text: b.Text, At: b.At()},
					}})
				}
			}
		}
	}
	if none {
		return nil, nil
	}
	var rows []scrape.Row
	for n, bands := range found {
		if len(bands) != 1 {
			return nil, layoutError("%s: %d bands stand in the declared words of band %d, want 1", d.Table, len(bands), n+1)
		}
		if n > 0 && bands[0].row.Value.At.Start <= rows[n-1].Value.At.Start {
			return nil, layoutError("%s: the band at %s stands before the one declared before it", d.Table, bands[0].row.Value.At)
		}
		rows = append(rows, bands[0].row)
	}
	// From the first sentence to the last: what stands between belongs to the statement.
	span := sentences[found[0][0].sentence : found[len(found)-1][0].sentence+1]
	bands := 0
	for _, s := range span {
		bands += len(s.Bands)
	}
	if bands != len(rows) {
		return nil, layoutError("%s: the sentences have %d bands, want %d", d.Table, bands, len(rows))
	}
	start, end := span[0].Start, span[len(span)-1].End
	m := d.Period.FindAllStringIndex(text[start:end], -1)
	if len(m) != 1 {
		return nil, layoutError("%s: the sentences name %d periods, want 1", d.Table, len(m))
	}
	period := Span{start + m[0][0], start + m[0][1], text[start+m[0][0] : start+m[0][1]]}
	keys := []scrape.Cell{{Role: scrape.RolePeriod, Text: period.Text, At: period.At()}}
	for i := range rows {
		rows[i].Keys = keys
	}
	return rows, nil
}
