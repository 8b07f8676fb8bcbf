package scrapetest

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"daylight/scrape"
	"daylight/scrape/grid"
)

// kinds are in the order of what they change: headers, columns, rows, names, periods,
// numbers, words, bytes. A kind that a format cannot have makes no mutants of it.
var kinds = []kind{
	{"unchanged", func(l *lab) { l.emit(Mutant{Where: "nothing"}, l.original) }},

	{"rename_header", func(l *lab) {
		l.headers(func(s string) string { return s + " (revised)" })
		l.headers(func(s string) string { return strings.Map(replaceLetter, s) })
		l.phrases(isHeader, func(s string) string { return strings.Map(replaceLetter, s) })
	}},
	{"blank_header", func(l *lab) {
		l.headers(func(string) string { return "" })
		l.phrases(isHeader, func(string) string { return "" })
	}},
	{"header_in_capitals", func(l *lab) {
		l.headers(func(s string) string { return "  " + strings.ToUpper(s) + "\u00a0" })
		l.phrases(isHeader, strings.ToUpper)
	}},
	{"swap_headers", func(l *lab) {
		l.pairs(func(i int, t *table, a, b int) {
			p, ok1 := t.headers[a]
			q, ok2 := t.headers[b]
			if !ok1 || !ok2 {
				return
			}
			l.change(i, []int{a, b}, fmt.Sprintf("headers %q and %q exchanged", t.header(a), t.header(b)), func(t *table) {
				x, y := t.rows[p.row].text(p.col), t.rows[q.row].text(q.col)
				t.set(p.row, p.col, y)
				t.set(q.row, q.col, x)
			})
		})
		l.swapPhrases(isHeader)
	}},
	{"repeat_header_text", func(l *lab) {
		l.tables(func(i int, t *table) {
			for _, c := range spots(t.figures, l.spread) {
				p, ok := t.headers[c]
				q, ok2 := t.headers[t.figures[0]]
				if ok && ok2 && p != q {
					l.change(i, []int{c}, fmt.Sprintf("header %q is %q too", t.header(c), t.header(t.figures[0])), func(t *table) {
						t.set(p.row, p.col, t.rows[q.row].text(q.col))
					})
				}
			}
		})
	}},

	{"swap_columns_with_headers", func(l *lab) {
		l.pairs(func(i int, t *table, a, b int) {
			l.change(i, nil, fmt.Sprintf("columns %q and %q exchanged with their headers", t.header(a), t.header(b)), func(t *table) {
				for r := range t.rows {
					if len(t.rows[r].cells) > 0 {
						t.swap(r, a, b)
					}
				}
			})
		})
	}},
	{"swap_columns_without_headers", func(l *lab) {
		l.pairs(func(i int, t *table, a, b int) {
			l.change(i, []int{a, b}, fmt.Sprintf("cells of %q and %q exchanged", t.header(a), t.header(b)), func(t *table) {
				for _, r := range t.lines {
					t.swap(r, a, b)
				}
			})
		})
		l.swapPhrases(isFigure)
	}},
	{"swap_columns_below_total", func(l *lab) {
		l.pairs(func(i int, t *table, a, b int) {
			if len(t.totals) == 0 {
				return
			}
			l.change(i, []int{a, b}, fmt.Sprintf("cells of %q and %q exchanged below the total", t.header(a), t.header(b)), func(t *table) {
				for _, r := range t.ordinary() {
					t.swap(r, a, b)
				}
			})
		})
	}},
	{"swap_blocks_without_headers", func(l *lab) {
		// A share and its count move together.
		if l.d.format != formatXLSX {
			return
		}
		l.pairs(func(i int, t *table, a, b int) {
			if t.headers[a].col != a-1 || t.headers[b].col != b-1 {
				return
			}
			l.change(i, []int{a, b}, fmt.Sprintf("shares and counts of %q and %q exchanged", t.header(a), t.header(b)), func(t *table) {
				for _, r := range t.lines {
					t.swap(r, a, b)
					t.swap(r, a-1, b-1)
				}
			})
		})
	}},
	{"swap_key_columns", func(l *lab) {
		l.tables(func(i int, t *table) {
			keys := t.keyColumns()
			for n, a := range keys {
				for _, b := range append(slices.Clone(keys[n+1:]), t.figures[0], t.figures[len(t.figures)-1]) {
					l.change(i, []int{a, b}, fmt.Sprintf("cells of %q and %q exchanged", t.header(a), t.header(b)), func(t *table) {
						for _, r := range t.lines {
							t.swap(r, a, b)
						}
					})
				}
			}
		})
	}},
	{"rotate_columns_without_headers", func(l *lab) {
		l.tables(func(i int, t *table) {
			if len(t.figures) < 3 {
				return
			}
			l.change(i, t.figures, "cells of all figures moved one column on", func(t *table) {
				for _, r := range t.lines {
					for n := len(t.figures) - 1; n > 0; n-- {
						t.swap(r, t.figures[n], t.figures[n-1])
					}
				}
			})
		})
	}},
	{"insert_column_blank", func(l *lab) {
		l.columns(func(i int, t *table, c int) {
			l.change(i, nil, fmt.Sprintf("empty column before %q", t.header(c)), func(t *table) {
				t.insertColumn(c, func(int) string { return "" })
			})
		})
	}},
	{"insert_column_of_numbers", func(l *lab) {
		l.columns(func(i int, t *table, c int) {
			for _, header := range []string{"", "No.", "Requests Withdrawn"} {
				l.change(i, nil, fmt.Sprintf("column %q of numbers before %q", header, t.header(c)), func(t *table) {
					t.insertColumn(c, t.under(header, func(row int) string { return strconv.Itoa(row) }))
				})
			}
		})
	}},
	{"insert_column_of_words", func(l *lab) {
		l.columns(func(i int, t *table, c int) {
			l.change(i, nil, fmt.Sprintf("column of words before %q", t.header(c)), func(t *table) {
				t.insertColumn(c, t.under("Requesting Body", func(row int) string { return []string{"police", "court"}[row%2] }))
			})
		})
	}},
	{"insert_column_copy", func(l *lab) {
		l.columns(func(i int, t *table, c int) {
			if !slices.Contains(t.figures, c) {
				return
			}
			l.change(i, nil, fmt.Sprintf("a second column %q", t.header(c)), func(t *table) {
				t.insertColumn(c, t.under(t.header(c)+" (restated)", func(row int) string { return t.rows[row].text(c + 1) }))
			})
		})
	}},
	{"delete_column", func(l *lab) {
		l.columns(func(i int, t *table, c int) {
			l.change(i, []int{c}, fmt.Sprintf("column %q left out", t.header(c)), func(t *table) {
				t.deleteColumn(c, func(int) bool { return true })
			})
		})
	}},
	{"delete_column_without_header", func(l *lab) {
		l.columns(func(i int, t *table, c int) {
			l.change(i, []int{c}, fmt.Sprintf("cells of %q left out, the others moved up", t.header(c)), func(t *table) {
				merged := slices.Clone(t.merged)
				t.deleteColumn(c, func(row int) bool { return slices.Contains(t.lines, row) })
				t.merged = merged
			})
		})
	}},
	{"shift_cells_without_headers", func(l *lab) {
		// Each line keeps its length, so that no count of fields tells.
		l.tables(func(i int, t *table) {
			l.change(i, t.figures, "first figure left out, the others moved up, the last empty", func(t *table) {
				for _, r := range t.lines {
					for n := 1; n < len(t.figures); n++ {
						t.swap(r, t.figures[n-1], t.figures[n])
					}
					t.blank(r, t.figures[len(t.figures)-1])
				}
			})
		})
	}},
	{"blank_column", func(l *lab) {
		l.columns(func(i int, t *table, c int) {
			l.change(i, []int{c}, fmt.Sprintf("cells of %q emptied", t.header(c)), func(t *table) {
				for _, r := range t.lines {
					t.blank(r, c)
				}
			})
		})
	}},

	{"insert_row_blank", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			l.change(i, nil, fmt.Sprintf("blank row before row %d", r+1), func(t *table) {
				blank := t.like(r, func(int, cell) string { return "" })
				if l.d.format == formatCSV {
					blank.cells = nil
				}
				t.insertRow(r, blank)
			})
		})
	}},
	{"insert_row_of_commas", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			l.change(i, nil, fmt.Sprintf("row of empty cells before row %d", r+1), func(t *table) {
				t.insertRow(r, t.like(r, func(int, cell) string { return "" }))
			})
		})
	}},
	{"insert_row_note", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			l.change(i, nil, fmt.Sprintf("a note before row %d", r+1), func(t *table) {
				first, _ := t.country()
				t.insertRow(r, t.like(r, func(col int, _ cell) string {
					if col == first {
						return "The figures below were revised in 1999"
					}
					return ""
				}))
			})
		})
		l.prose(func(s, figure string) string {
			return strings.Replace(s, sentenceOf(s, figure), "The figures were revised in 1999. "+sentenceOf(s, figure), 1)
		})
	}},
	{"insert_row_of_rival", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			l.change(i, nil, fmt.Sprintf("a line of another kind before row %d", r+1), func(t *table) {
				first, _ := t.country()
				t.insertRow(r, t.like(r, func(col int, c cell) string {
					if col == first {
						return "Yahoo! Inc."
					}
					return c.text
				}))
			})
		})
		l.prose(func(s, figure string) string {
			own := sentenceOf(s, figure)
			return strings.Replace(s, own, own+" Yahoo! said that it had received between 12,000 and 13,000 requests.", 1)
		})
	}},
	{"insert_header_again", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			if t.head == 0 {
				return
			}
			l.change(i, nil, fmt.Sprintf("the header again before row %d", r+1), func(t *table) {
				head := t.rows[t.head-1]
				if p, ok := t.headers[t.figures[0]]; ok {
					head = t.rows[p.row]
				}
				head.end, head.open = t.rows[r].end, t.rows[r].open
				head.cells = slices.Clone(head.cells)
				t.insertRow(r, head)
			})
		})
	}},
	{"delete_header_row", func(l *lab) {
		l.tables(func(i int, t *table) {
			if p, ok := t.headers[t.figures[0]]; ok {
				l.change(i, nil, "the header left out", func(t *table) { t.deleteRow(p.row) })
			}
		})
	}},
	{"delete_row", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			l.change(i, nil, fmt.Sprintf("row %d left out", r+1), func(t *table) { t.deleteRow(r) })
		})
		l.prose(func(s, figure string) string { return strings.Replace(s, sentenceOf(s, figure), "", 1) })
	}},
	{"double_row", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			l.change(i, nil, fmt.Sprintf("row %d twice", r+1), func(t *table) {
				t.insertRow(r, t.like(r, func(_ int, c cell) string { return c.text }))
			})
		})
		l.prose(func(s, figure string) string {
			own := sentenceOf(s, figure)
			return strings.Replace(s, own, own+" "+own, 1)
		})
	}},
	{"double_row_with_other_figures", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			l.change(i, nil, fmt.Sprintf("row %d twice, once with other figures", r+1), func(t *table) {
				t.insertRow(r, t.like(r, func(col int, c cell) string {
					if v, ok := number(c.text); ok && slices.Contains(t.figures, col) {
						return show(v + 1)
					}
					return c.text
				}))
			})
		})
	}},
	{"shift_line", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			l.change(i, t.figures, fmt.Sprintf("figures of row %d moved one cell on", r+1), func(t *table) {
				for n := len(t.figures) - 1; n > 0; n-- {
					t.swap(r, t.figures[n], t.figures[n-1])
				}
				t.blank(r, t.figures[0])
			})
		})
	}},
	{"short_line", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			l.change(i, nil, fmt.Sprintf("row %d loses its last cell", r+1), func(t *table) {
				t.rows[r].cells = t.rows[r].cells[:min(len(t.rows[r].cells)-1, t.last())]
			})
		})
	}},
	{"reverse_rows", func(l *lab) {
		l.tables(func(i int, t *table) {
			l.change(i, nil, "lines in reverse order", func(t *table) {
				own := t.ordinary()
				for a, b := 0, len(own)-1; a < b; a, b = a+1, b-1 {
					t.swapLines(own[a], own[b])
				}
			})
		})
	}},
	{"append_total", func(l *lab) {
		l.tables(func(i int, t *table) {
			first, ok := t.country()
			if !ok || len(t.totals) > 0 {
				return
			}
			for _, name := range []string{"Total", "All", "Grand Total"} {
				l.change(i, nil, fmt.Sprintf("a line %q at the end", name), func(t *table) {
					last := t.lines[len(t.lines)-1]
					t.insertRow(last+1, t.like(last, func(col int, c cell) string {
						switch {
						case col == first:
							return name
						case slices.Contains(t.figures, col):
							return show(t.sum(col))
						}
						return c.text
					}))
				})
			}
		})
	}},
	{"move_total", func(l *lab) {
		l.totals(func(i int, t *table, r int) {
			l.change(i, nil, "the total at the end", func(t *table) {
				total := t.rows[r]
				t.deleteRow(r)
				t.insertRow(t.lines[len(t.lines)-1], total)
			})
			l.change(i, nil, "the total one row on", func(t *table) { t.swapLines(r, t.ordinary()[0]) })
			l.change(i, nil, "the word for the total one column on", func(t *table) { t.swap(r, t.keys[scrape.RoleCountry], t.keys[scrape.RoleCountry]+1) })
		})
	}},
	{"delete_total", func(l *lab) {
		l.totals(func(i int, t *table, r int) {
			l.change(i, nil, "the total left out", func(t *table) { t.deleteRow(r) })
		})
	}},
	{"rename_total", func(l *lab) {
		l.totals(func(i int, t *table, r int) {
			for _, name := range []string{"Grand Total", "All countries", "Sum", "Ireland"} {
				l.change(i, nil, fmt.Sprintf("the total is called %q", name), func(t *table) { t.set(r, t.keys[scrape.RoleCountry], name) })
			}
		})
	}},
	{"change_total", func(l *lab) {
		l.totals(func(i int, t *table, r int) {
			for _, c := range t.figures {
				l.change(i, []int{c}, fmt.Sprintf("the total of %q is 1 less than its lines", t.header(c)), func(t *table) {
					t.set(r, c, show(t.sum(c)-1))
				})
			}
		})
	}},

	{"rename_sheet", func(l *lab) {
		if l.d.format != formatXLSX {
			return
		}
		for i := range l.d.tables {
			for _, name := range []string{"Table 1", "Sheet9", "Enterprise", "Draft of figures", "Civil", "Emergencies", "Criminal", "Skype"} {
				if !slices.ContainsFunc(l.d.tables, func(t *table) bool { return t.member == name }) {
					l.change(i, nil, fmt.Sprintf("called %q", name), func(t *table) { t.member = name })
				}
			}
		}
	}},
	{"swap_names", func(l *lab) {
		for i, t := range l.d.tables {
			for j, u := range l.d.tables[:i] {
				if l.d.format == formatHTML || len(t.lines) == 0 && len(u.lines) == 0 || !l.next() {
					continue
				}
				e := l.d.clone()
				e.tables[i].member, e.tables[j].member = u.member, t.member
				for n := range e.parts {
					switch e.parts[n].table {
					case i:
						e.parts[n].member = u.member
					case j:
						e.parts[n].member = t.member
					}
				}
				l.hand(Mutant{Where: fmt.Sprintf("names %q and %q exchanged", t.member, u.member), Table: t.name}, e.bytes())
			}
		}
	}},
	{"double_sheet", func(l *lab) {
		l.tables(func(i int, t *table) {
			for _, name := range []string{" (2)", " copy"} {
				if t.member == "" || !l.next() {
					continue
				}
				e := l.d.clone()
				u := e.tables[i].clone()
				if ext := path.Ext(u.member); ext == ".csv" {
					u.member = strings.TrimSuffix(u.member, ext) + name + ext
					e.parts = append(e.parts, part{u.member, len(e.tables), ""})
				} else {
					u.member += name
				}
				e.tables = append(e.tables, u)
				l.hand(Mutant{Where: t.member + ": stands there twice", Table: t.name}, e.bytes())
			}
		})
	}},
	{"delete_sheet", func(l *lab) {
		l.tables(func(i int, t *table) {
			if t.member == "" && l.d.format != formatHTML || len(l.d.tables) < 2 || !l.next() {
				return
			}
			e := l.d.clone()
			e.parts = slices.DeleteFunc(e.parts, func(p part) bool { return p.table == i })
			if l.d.format == formatXLSX {
				e.tables = slices.Delete(e.tables, i, i+1)
			}
			l.hand(Mutant{Where: t.name + ": left out", Table: t.name}, e.bytes())
		})
	}},
	{"hide_sheet", func(l *lab) {
		if l.d.format == formatXLSX {
			l.tables(func(i int, t *table) { l.change(i, nil, "hidden", func(t *table) { t.hidden = true }) })
		}
	}},
	{"reorder_sheets", func(l *lab) {
		if len(l.d.tables) < 2 || l.d.format == formatHTML {
			return
		}
		e := l.d.clone()
		slices.Reverse(e.parts)
		if l.d.format == formatXLSX {
			slices.Reverse(e.tables)
		}
		l.emit(Mutant{Where: "tables in reverse order"}, e.bytes())
	}},
	{"rename_file", func(l *lab) {
		ext := path.Ext(l.d.capture.Name)
		name := strings.TrimSuffix(l.d.capture.Name, ext)
		for _, n := range []string{"report" + ext, "download" + ext, strings.ToUpper(name) + ext, name + " (1)" + ext} {
			l.emit(Mutant{Where: "called " + n, Capture: scrape.Capture{Name: n}}, l.original)
		}
	}},

	{"shift_period_of_line", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			for _, by := range []int{-1, 1} {
				l.change(i, nil, fmt.Sprintf("row %d %+d half-years", r+1, by), func(t *table) { t.shiftPeriod(r, by) })
			}
		})
	}},
	{"shift_period_label", func(l *lab) {
		// One of the cells that say the time, the others stay.
		l.lines(func(i int, t *table, r int) {
			for _, role := range timeRoles {
				c, ok := t.keys[role]
				if !ok {
					continue
				}
				for _, by := range []int{-1, 1} {
					l.change(i, nil, fmt.Sprintf("%s of row %d %+d half-years", role, r+1, by), func(t *table) {
						t.set(r, c, shiftText(t.rows[r].text(c), by))
					})
				}
			}
		})
	}},
	{"shift_period_of_block", func(l *lab) {
		l.tables(func(i int, t *table) {
			c, ok := t.periodColumn()
			if !ok {
				return
			}
			var texts []string
			for _, r := range t.lines {
				if s := t.rows[r].text(c); !slices.Contains(texts, s) {
					texts = append(texts, s)
				}
			}
			for _, s := range spots(texts, l.spread+1) {
				for _, by := range []int{-1, 1} {
					l.change(i, nil, fmt.Sprintf("all lines of %q %+d half-years", s, by), func(t *table) {
						for _, r := range t.lines {
							if l.d.tables[i].rows[r].text(c) == s {
								t.shiftPeriod(r, by)
							}
						}
					})
				}
			}
		})
	}},
	{"shift_period_of_table", func(l *lab) {
		for _, by := range []int{-2, -1, 1, 2} {
			l.tables(func(i int, t *table) {
				l.change(i, nil, fmt.Sprintf("all periods %+d half-years", by), func(t *table) {
					for _, r := range t.lines {
						t.shiftPeriod(r, by)
					}
					for _, p := range t.periods {
						t.set(p.row, p.col, shiftText(t.rows[p.row].text(p.col), by))
					}
				})
			})
			l.phrases(isPeriod, func(s string) string { return shiftText(s, by) })
			if n := shiftText(l.d.capture.Name, by); n != l.d.capture.Name {
				l.emit(Mutant{Where: "called " + n, Capture: scrape.Capture{Name: n}}, l.original)
			}
		}
	}},
	{"drop_year", func(l *lab) {
		drop := func(s string) string { return strings.TrimSpace(year.ReplaceAllString(s, "")) }
		l.tables(func(i int, t *table) {
			for _, p := range t.periods {
				l.change(i, nil, fmt.Sprintf("no year in %q", t.rows[p.row].text(p.col)), func(t *table) {
					t.set(p.row, p.col, drop(t.rows[p.row].text(p.col)))
				})
			}
			if len(t.periods) > 0 {
				l.change(i, nil, "no year anywhere above the lines", func(t *table) {
					for r := range t.head {
						for c := range t.rows[r].cells {
							if s := t.rows[r].text(c); s != "" {
								t.set(r, c, drop(s))
							}
						}
					}
				})
			}
		})
		l.lines(func(i int, t *table, r int) {
			if c, ok := t.periodColumn(); ok {
				l.change(i, nil, fmt.Sprintf("no year in row %d", r+1), func(t *table) { t.set(r, c, drop(t.rows[r].text(c))) })
			}
		})
		l.phrases(isPeriod, drop)
		if n := drop(l.d.capture.Name); n != l.d.capture.Name {
			l.emit(Mutant{Where: "called " + n, Capture: scrape.Capture{Name: n}}, l.original)
		}
	}},
	{"swap_day_and_month", func(l *lab) {
		apply := func(i int, where string, rows []int) {
			l.change(i, nil, where, func(t *table) {
				for _, r := range rows {
					for _, c := range t.dateColumns() {
						t.set(r, c, dayFirst(t.rows[r].text(c)))
					}
				}
			})
		}
		l.tables(func(i int, t *table) { apply(i, "days in front of months", t.lines) })
		l.lines(func(i int, t *table, r int) { apply(i, fmt.Sprintf("day in front of month in row %d", r+1), []int{r}) })
	}},
	{"short_year", func(l *lab) {
		short := func(s string) string {
			return year.ReplaceAllStringFunc(s, func(s string) string { return s[2:] })
		}
		l.tables(func(i int, t *table) {
			l.change(i, nil, "years of two digits", func(t *table) {
				for _, r := range t.lines {
					for _, c := range t.dateColumns() {
						t.set(r, c, short(t.rows[r].text(c)))
					}
				}
			})
		})
		l.phrases(isPeriod, short)
	}},

	{"thousands_with_point", func(l *lab) { l.numbers(func(s string) string { return group(s, ".") }) }},
	{"thousands_with_space", func(l *lab) { l.numbers(func(s string) string { return group(s, " ") }) }},
	{"thousands_with_narrow_space", func(l *lab) { l.numbers(func(s string) string { return group(s, "\u202f") }) }},
	{"thousands_with_comma", func(l *lab) { l.numbers(func(s string) string { return group(s, ",") }) }},
	{"thousands_with_nothing", func(l *lab) { l.numbers(func(s string) string { return group(s, "") }) }},
	{"thousands_with_indian_groups", func(l *lab) {
		l.numbers(func(s string) string {
			return digits.ReplaceAllStringFunc(group(s, ""), func(s string) string {
				if n := len(s); n > 5 {
					return s[:n-5] + "," + s[n-5:n-3] + "," + s[n-3:]
				}
				return s
			})
		})
	}},
	{"thousands_with_bare_comma", func(l *lab) {
		// A thousands comma without quotes makes two fields of one.
		if l.d.format != formatCSV {
			return
		}
		l.lines(func(i int, t *table, r int) {
			l.change(i, nil, fmt.Sprintf("bare commas in row %d", r+1), func(t *table) {
				for n := len(t.figures) - 1; n >= 0; n-- {
					col := t.figures[n]
					if s := group(t.rows[r].text(col), ""); len(s) > 3 && digits.FindString(s) == s {
						t.rows[r].cells = slices.Insert(t.rows[r].cells, col+1, cell{text: s[len(s)-3:]})
						t.rows[r].cells[col] = cell{text: s[:len(s)-3]}
					}
				}
			})
		})
	}},
	{"decimal_comma", func(l *lab) {
		l.numbers(func(s string) string { return digits.ReplaceAllString(group(s, ""), "${0},0") })
	}},
	{"decimal_point", func(l *lab) {
		l.numbers(func(s string) string { return digits.ReplaceAllString(group(s, ""), "${0}.0") })
	}},
	{"numbers_in_thousands", func(l *lab) {
		l.numbers(func(s string) string {
			return digits.ReplaceAllStringFunc(group(s, ""), func(s string) string {
				v, _ := strconv.ParseFloat(s, 64)
				return show(v / 1000)
			})
		})
	}},
	{"times_ten", func(l *lab) {
		l.numbers(func(s string) string {
			if strings.Contains(s, "%") {
				return s
			}
			return digits.ReplaceAllStringFunc(group(s, ""), func(s string) string { return strings.TrimLeft(s, "0") + "0" })
		})
	}},
	{"numbers_to_text", func(l *lab) {
		if l.d.format != formatXLSX {
			for _, form := range []string{"=\"%s\"", "'%s", "%s ", "\u200e%s"} {
				l.numbers(func(s string) string { return fmt.Sprintf(form, s) })
			}
			return
		}
		l.tables(func(i int, t *table) {
			for _, rows := range [][]int{t.lines, spots(t.ordinary(), 1)} {
				for _, form := range []func(string) string{
					func(s string) string { return s }, func(s string) string { return group(s, ",") },
					func(s string) string { return "'" + s }, func(s string) string { return s + " " },
				} {
					l.change(i, nil, fmt.Sprintf("numbers of %d rows are texts such as %q", len(rows), form("1234")), func(t *table) {
						for _, r := range rows {
							for c := range t.rows[r].cells {
								if x := &t.rows[r].cells[c]; x.kind == grid.KindNumber {
									x.kind, x.text = grid.KindText, form(x.text)
								}
							}
						}
					})
				}
			}
		})
	}},
	{"percent_to_fraction", func(l *lab) {
		l.shares(func(v float64, sign bool) string { return show(v / 100) })
		l.shares(func(v float64, sign bool) string { return strconv.FormatFloat(v/100, 'f', 2, 64) })
		l.shares(func(v float64, sign bool) string {
			if sign {
				return show(v/100) + "%"
			}
			return show(v / 100)
		})
	}},
	{"fraction_to_percent", func(l *lab) {
		if l.d.format != formatXLSX {
			return
		}
		l.tables(func(i int, t *table) {
			l.change(i, nil, "shares times hundred", func(t *table) {
				for _, r := range t.lines {
					for c := range t.rows[r].cells {
						x := &t.rows[r].cells[c]
						if v, ok := number(x.text); ok && x.kind == grid.KindNumber && c <= t.last() && !slices.Contains(t.figures, c) {
							x.text = show(v * 100)
						}
					}
				}
			})
		})
	}},
	{"percent_sign", func(l *lab) {
		l.shares(func(v float64, sign bool) string {
			if sign {
				return show(v)
			}
			return show(v) + "%"
		})
	}},
	{"percent_decimals", func(l *lab) {
		l.shares(func(v float64, sign bool) string { return strconv.FormatFloat(v, 'f', 2, 64) + "%" })
	}},
	{"band_with_other_dash", func(l *lab) {
		for _, dash := range []string{" – ", "-", " to ", "–", "—"} {
			l.bands(func(low, high string) string { return low + dash + high })
		}
	}},
	{"band_to_low_end", func(l *lab) {
		l.bands(func(low, high string) string { return low })
		l.bands(func(low, high string) string { return low + "+" })
	}},
	{"band_to_high_end", func(l *lab) {
		l.bands(func(low, high string) string { return high })
		l.bands(func(low, high string) string { return "< " + high })
	}},
	{"band_ends_exchanged", func(l *lab) {
		l.bands(func(low, high string) string { return high + " - " + low })
	}},
	{"band_cut", func(l *lab) {
		l.bands(func(low, high string) string { return low + " - " + high[:len(high)-1] })
		l.bands(func(low, high string) string { return low + " - " })
	}},
	{"count_to_band", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			l.change(i, t.figures, fmt.Sprintf("counts of row %d are bands", r+1), func(t *table) {
				for _, c := range t.figures {
					if v, ok := number(t.rows[r].text(c)); ok && !strings.Contains(t.rows[r].text(c), "%") {
						low := float64(int(v) / 500 * 500)
						t.set(r, c, show(low)+" - "+show(low+499))
						t.rows[r].cells[c].kind = grid.KindText
					}
				}
			})
		})
	}},

	{"replace_words", func(l *lab) {
		// A mirror that changes words and keeps numbers, all over the file.
		if l.d.format == formatProse {
			l.raw("words replaced", replaceWords)
			return
		}
		l.tables(func(i int, t *table) {
			all := make([]int, len(t.rows))
			for r := range all {
				all[r] = r
			}
			for where, rows := range [][]int{all, t.lines} {
				l.change(i, nil, []string{"words replaced", "words of the lines replaced"}[where], func(t *table) {
					for _, r := range rows {
						for c := range t.rows[r].cells {
							if s := t.rows[r].text(c); s != "" {
								t.set(r, c, replaceWords(s))
							}
						}
					}
				})
			}
		})
	}},
	{"misspell_name", func(l *lab) {
		l.lines(func(i int, t *table, r int) {
			for _, c := range t.keyColumns() {
				s := t.rows[r].text(c)
				if len(s) < 4 || slices.Contains(t.dateColumns(), c) {
					continue
				}
				l.change(i, nil, fmt.Sprintf("%q misspelt", s), func(t *table) { t.set(r, c, s[:len(s)-2]+s[len(s)-1:]) })
			}
		})
	}},
	{"swap_names_of_lines", func(l *lab) {
		l.tables(func(i int, t *table) {
			c, ok := t.keys[scrape.RoleCountry]
			own := t.ordinary()
			if !ok || len(own) < 2 {
				return
			}
			for _, n := range spots(own[:len(own)-1], l.spread) {
				for _, far := range []int{1, 3} {
					m := slices.Index(own, n) + far
					if m >= len(own) || t.rows[own[m]].text(c) == t.rows[n].text(c) {
						continue
					}
					r := own[m]
					l.change(i, nil, fmt.Sprintf("%q and %q exchanged", t.rows[n].text(c), t.rows[r].text(c)), func(t *table) {
						a, b := t.rows[n].text(c), t.rows[r].text(c)
						t.set(n, c, b)
						t.set(r, c, a)
					})
				}
			}
		})
	}},

	{"truncate_bytes", func(l *lab) {
		for _, part := range []int{10, 33, 50, 75, 90, 99} {
			l.emit(Mutant{Where: fmt.Sprintf("cut after %d %%", part)}, l.original[:len(l.original)*part/100])
		}
	}},
	{"truncate_in_last_figure", func(l *lab) {
		end := bytes.TrimRight(l.original, "\r\n")
		for n := range 7 {
			l.emit(Mutant{Where: fmt.Sprintf("cut %d bytes before the last line's end", n)}, end[:max(0, len(end)-n)])
		}
		l.prose(func(s, figure string) string { return s[:strings.Index(s, figure)+len(figure)-1] })
	}},
	{"truncate_at_line", func(l *lab) {
		if l.d.format == formatProse {
			l.prose(func(s, figure string) string { return s[:strings.Index(s, sentenceOf(s, figure))] })
			return
		}
		l.tables(func(i int, t *table) {
			for _, r := range spots(t.lines, l.spread+2)[1:] {
				l.change(i, nil, fmt.Sprintf("cut before row %d", r+1), func(t *table) {
					for len(t.rows) > r {
						t.deleteRow(len(t.rows) - 1)
					}
				})
			}
		})
	}},
	{"double_file", func(l *lab) { l.raw("the file twice", func(s string) string { return s + s }) }},
	{"mix_encodings", func(l *lab) {
		if l.d.format == formatXLSX {
			return
		}
		l.lines(func(i int, t *table, r int) {
			if c, ok := t.country(); ok {
				for _, bad := range []string{"\xe9", "\x8e", "\xff"} {
					l.change(i, nil, fmt.Sprintf("%q in row %d", bad, r+1), func(t *table) { t.rows[r].cells[c].text += bad })
				}
			}
		})
		l.prose(func(s, figure string) string {
			return strings.Replace(s, figure, strings.Replace(figure, ",", "\xa0", 1), 1)
		})
		l.prose(func(s, figure string) string { return "Caf\xe9 \xc3\xa9 " + s })
	}},
	{"read_as_other_encoding", func(l *lab) {
		// UTF-8 that somebody took for Latin-1 and saved as UTF-8.
		l.text("UTF-8 taken for Latin-1", func(s string) string {
			var b strings.Builder
			for i := range len(s) {
				b.WriteRune(rune(s[i]))
			}
			return b.String()
		})
	}},
	{"save_as_latin_1", func(l *lab) {
		l.text("Latin-1", func(s string) string {
			var b []byte
			for _, r := range strings.TrimPrefix(s, "\ufeff") {
				if r > 255 {
					r = '?'
				}
				b = append(b, byte(r))
			}
			return string(b)
		})
	}},
	{"save_as_utf_16", func(l *lab) {
		for _, mark := range []string{"\xff\xfe", ""} {
			l.text(fmt.Sprintf("UTF-16 after %q", mark), func(s string) string {
				b := []byte(mark)
				for _, r := range strings.TrimPrefix(s, "\ufeff") {
					b = append(b, byte(r), byte(r>>8))
				}
				return string(b)
			})
		}
	}},
	{"byte_order_mark", func(l *lab) {
		l.text("with a byte order mark", func(s string) string { return "\ufeff" + strings.TrimPrefix(s, "\ufeff") })
	}},
	{"other_line_ends", func(l *lab) {
		for _, end := range []string{"\n", "\r\n", "\r"} {
			l.text(fmt.Sprintf("lines end with %q", end), func(s string) string {
				return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n", end)
			})
		}
	}},
	{"mixed_line_ends", func(l *lab) {
		if l.d.format != formatCSV {
			return
		}
		l.raw("one line ends otherwise", func(s string) string {
			if i := strings.Index(s, "\r"); i >= 0 && !strings.Contains(s, "\r\n") {
				return s[:i] + "\n" + s[i+1:]
			}
			i := strings.IndexByte(s, '\n')
			return strings.TrimSuffix(s[:i], "\r") + "\r" + s[i+1:]
		})
	}},
	{"other_delimiter", func(l *lab) {
		if l.d.format != formatCSV {
			return
		}
		for _, sep := range []string{";", "\t", "|"} {
			l.raw(fmt.Sprintf("fields parted by %q", sep), func(s string) string { return strings.ReplaceAll(s, ",", sep) })
		}
	}},
	{"quote_everything", func(l *lab) {
		if l.d.format != formatCSV {
			return
		}
		l.tables(func(i int, t *table) {
			l.change(i, nil, "every field in quotes", func(t *table) {
				for r := range t.rows {
					for c := range t.rows[r].cells {
						t.rows[r].cells[c].quoted = true
					}
				}
			})
		})
	}},
	{"unbalanced_quote", func(l *lab) {
		if l.d.format == formatCSV {
			l.raw("a quote that is never closed", func(s string) string { return s[:len(s)/2] + `"` + s[len(s)/2:] })
		}
	}},
	{"nul_bytes", func(l *lab) {
		l.text("a NUL in the middle", func(s string) string { return s[:len(s)/2] + "\x00" + s[len(s)/2:] })
	}},
	{"error_page", func(l *lab) {
		l.emit(Mutant{Where: "a page instead"}, []byte("<!DOCTYPE html>\n<html><head><title>Access Denied</title></head><body><h1>Access Denied</h1><p>Between 1,000 and 2,000 people read this.</p></body></html>\n"))
	}},
}
