package microsoft

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"regexp"
	"strconv"
	"strings"

	"daylight/scrape"
	"daylight/scrape/grid"
)

const (
	lerrID   = "microsoft/lerr"
	lerrPage = "https://www.microsoft.com/en-us/corporate-responsibility/law-enforcement-requests-report"
	// lerrFile is where the workbooks lie, by half-year. The pattern holds for 2013-H1 to
	// 2025-H2 (seen in mid 2026).
	lerrFile = "https://cdn-dynmedia-1.microsoft.com/is/content/microsoftcorp/Microsoft-LERR-"
)

// lastYear ends the walk over the address pattern, should its host answer anything with a
// file.
const lastYear = 2100

type lerr struct{}

// LERR returns the source of the Law Enforcement Requests Report.
func LERR() scrape.Source { return lerr{} }

// Describe implements scrape.Source.
func (lerr) Describe() scrape.Description {
	return scrape.Description{
		ID:       lerrID,
		Provider: "microsoft",
		Title:    "Microsoft Law Enforcement Requests Report",
		Page:     lerrPage,
		URLs:     []string{lerrPage},
		Hosts:    []string{"www.microsoft.com", "cdn-dynmedia-1.microsoft.com", "query.prod.cms.rt.microsoft.com", "download.microsoft.com"},
		Cadence:  "half-yearly",
		Licence:  "published for free use by Microsoft; no licence named; figures are facts",
		Formats: []string{
			"2013-H1: all services and Skype, no spacer columns",
			"2013-H2: one sheet with spacer columns",
			"2014-H1 to 2016-H2: two title lines",
			"2017-H1: criminal and emergencies, the latter without a title",
			"2017-H2: adds civil requests",
			"2018-H1 to 2021-H2: countries in column B, no line of % and #, side box of warrants abroad",
			"2022-H1: adds a sheet of national security orders and enterprise boxes",
			"2022-H2 to 2025-H2: civil, criminal, emergencies",
		},
	}
}

// Embedded implements scrape.Source.
func (lerr) Embedded() ([]scrape.Capture, error) {
	return scrape.EmbeddedCaptures(captures, "captures", lerrID)
}

// Collect implements scrape.Source. The page names the half-years in the texts of its
// links; the addresses behind them have changed with the page, so that the address
// pattern is asked for every half-year from 2013-H1 to the newest that the page names,
// and on from there until one is not out. A link with another address is taken when the
// pattern has nothing for its half-year.
func (lerr) Collect(ctx context.Context, g scrape.Getter) ([]scrape.Capture, error) {
	var list []scrape.Capture
	var errs []error
	type half struct{ y, h int }
	newest := half{2022, 1}
	linked := map[half]string{}
	links, err := g.Links(ctx, lerrPage, "a[href]")
	if err != nil {
		errs = append(errs, fmt.Errorf("microsoft: collect %s: %w", lerrPage, err))
	}
	for _, l := range links {
		if !strings.Contains(key(l.Text), "lawenforcementrequestsreport") && !strings.Contains(key(l.URL), "microsoft-lerr-") {
			continue
		}
		y, h, ok := halfYear(l.Text)
		if !ok {
			y, h, ok = halfYear(l.URL)
		}
		if !ok || y < 2013 {
			continue
		}
		at := half{y, h}
		if _, ok := linked[at]; !ok {
			linked[at] = l.URL
		}
		if y > newest.y || y == newest.y && h > newest.h {
			newest = at
		}
	}
	for at, past := (half{2013, 1}), false; at.y < lastYear; {
		if err := ctx.Err(); err != nil {
			return list, errors.Join(append(errs, err)...)
		}
		label := editionLabel(at.y, at.h)
		request := scrape.Request{URL: lerrFile + label, Name: "Microsoft-LERR-" + label + ".xlsx", Edition: label}
		n := len(list)
		get(ctx, g, request, &list, &errs)
		if url := linked[at]; len(list) == n && url != "" && url != request.URL {
			request.URL = url
			get(ctx, g, request, &list, &errs)
		}
		if past && len(list) == n {
			break
		}
		past = past || at == newest
		if at.h++; at.h > 2 {
			at = half{at.y + 1, 1}
		}
	}
	return list, errors.Join(errs...)
}

// Parse implements scrape.Source.
func (lerr) Parse(c scrape.Capture) iter.Seq2[scrape.Row, error] {
	return rows(func(yield func(scrape.Row) bool) error {
		if err := parseLERR(c, yield); err != nil && !errors.Is(err, errStop) {
			return fmt.Errorf("microsoft: parse %s: %w", c.Name, err)
		}
		return nil
	})
}

// The tables of a workbook, as rows name them.
const (
	tableCriminal    = "criminal"
	tableEmergencies = "emergencies"
	tableCivil       = "civil"
	tableSkype       = "skype"
)

// metric is one of the six figures of a country's line.
type metric int

const (
	requests metric = iota
	accounts
	content
	nonContent
	noData
	rejected
	metrics // how many
)

var metricNames = [metrics]string{"requests", "accounts", "content", "non-content", "no data found", "rejected"}

// The declared headers of the two families of tables, as key gives them. The sheets of
// criminal requests and emergencies print the same words, and count requests; the civil
// sheet prints fewer words, and its outcomes count accounts.
var (
	enforcementHeaders = map[string]metric{
		"totalnumberoflawenforcementrequests":                                                                        requests,
		"accounts/usersspecifiedinrequests":                                                                          accounts,
		"accountsspecifiedinrequests":                                                                                accounts,
		"lawenforcementrequestsresultingindisclosureofcontent":                                                       content,
		"lawenforcementrequestsresultingindisclosureofonlysubscriber/transactional(non-content)data":                 nonContent,
		"lawenforcementrequestsresultingindisclosureofnocustomerdata(nodatafound)":                                   noData,
		"lawenforcementrequestsresultingindisclosureofnocustomerdata(requestrejectedfornotmeetinglegalrequirements)": rejected,
	}
	civilHeaders = map[string]metric{
		"totalnumberofrequests":                         requests,
		"accounts/usersspecifiedinrequests":             accounts,
		"accountsspecifiedinrequests":                   accounts,
		"disclosureofcontent":                           content,
		"onlysubscriber/transactional(non-content)data": nonContent,
		"onlysubscriber/transactionaldata":              nonContent,
		"nodatafound":                                   noData,
		"nodata":                                        noData,
		"rejected":                                      rejected,
	}
	// groupHeaders stand above the columns and name groups of them, or stand above the
	// countries.
	groupHeaders = map[string]bool{
		"totalrequests": true, "somecustomerdatadisclosed": true, "nocustomerdatadisclosed": true, "country": true, "%": true, "#": true,
	}
)

// sideBoxes are the notes beside the table: header as key gives it, and table.
var sideBoxes = map[string]string{
	"numberofwarrantsfromu.s.lawenforcementseekingconsumercontentdatastoredoutsidetheunitedstates":                             "warrants_abroad_consumer",
	"numberofwarrantsfromu.s.lawenforcementresultingindisclosureofenterprisecontentdatastoredoutsidetheunitedstates":           "warrants_abroad_enterprise",
	"numberofdisclosuresinvolvingdynamics365enterprisecustomers":                                                               "enterprise_dynamics",
	"numberofdisclosuresinvolvingazureenterprisecustomersforcontentbelongingtocommercial,publicsector,oraneducationalcustomer": "enterprise_azure",
}

// headRows is how far down the anchor TOTAL may stand, and anchorColumns how far right.
// In the known versions it stands in rows 4 to 7 and columns A and B.
const (
	headRows      = 14
	anchorColumns = 3
)

// table is what was found out about one sheet before its lines are read.
type table struct {
	sheet  *grid.Sheet
	head   []grid.SheetRow // rows above the anchor
	anchor grid.SheetRow   // the line TOTAL
	name   string          // scrape.Row.Table
	row    int             // of TOTAL
	col    int             // of TOTAL and the countries
	counts [metrics]int    // column of each count
	shares [metrics]int    // column of each share, 0 for requests and accounts
	header [metrics]string // as printed
	last   int             // last column of the table
	keys   []scrape.Cell   // period
	civil  bool

	unproven [metrics]bool   // the line TOTAL has no count
	strays   [metrics]string // place of a count right below the countries; "" for none
}

func parseLERR(c scrape.Capture, yield func(scrape.Row) bool) error {
	body, err := c.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	w, err := grid.OpenWorkbook(body, body.Size())
	if err != nil {
		return err
	}
	// First all sheets are recognised, so that nothing is handed on of a workbook that
	// is refused in a later sheet.
	var tables []*table
	var matrices []*matrix
	var unknown []scrape.Row
	for _, s := range w.Sheets() {
		t, m, why, err := recognise(w, s)
		switch {
		case err != nil:
			return fmt.Errorf("sheet %q: %w", s.Name, err)
		case t != nil:
			for _, o := range tables {
				if o.name == t.name {
					return layout("sheets %q and %q are both %s", o.sheet.Name, s.Name, t.name)
				}
			}
			tables = append(tables, t)
		case m != nil:
			matrices = append(matrices, m)
		case why != "":
			unknown = append(unknown, heldSheet(w, s, why))
		}
	}
	if len(tables) == 0 {
		return layout("no sheet with a declared table")
	}
	if err := sizes(tables); err != nil {
		return err
	}
	if err := periods(c, tables); err != nil {
		return err
	}
	for _, t := range tables {
		if err := t.sound(w); err != nil {
			return fmt.Errorf("sheet %q: %w", t.sheet.Name, err)
		}
	}
	lost, err := expected(tables, matrices)
	if err != nil {
		return err
	}
	unknown = append(unknown, lost...)
	for _, t := range tables {
		if err := t.read(w, yield); err != nil {
			return fmt.Errorf("sheet %q: %w", t.sheet.Name, err)
		}
	}
	for _, m := range matrices {
		if err := m.read(yield); err != nil {
			return fmt.Errorf("sheet %q: %w", m.place, err)
		}
	}
	for _, r := range unknown {
		if !yield(r) {
			return errStop
		}
	}
	return nil
}

// kinds says in which half-years, as halfIndex counts, every known workbook has a sheet of a
// kind; to is 0 where the newest has it. No workbook of another half-year has one of
// emergencies or of Skype, whose headers are those of criminal requests.
var kinds = []struct {
	table    string
	from, to int
}{
	{tableCriminal, halfIndex(2013, 1), 0},
	{tableSkype, halfIndex(2013, 1), halfIndex(2013, 1)},
	{tableEmergencies, halfIndex(2017, 1), 0},
	{tableCivil, halfIndex(2017, 2), 0},
	{tableNS, halfIndex(2022, 1), halfIndex(2022, 1)},
}

func halfIndex(y, half int) int { return 2*y + half - 1 }

// expected compares the sheets with those that every known workbook of the half-year has. It
// refuses one of emergencies or Skype in a half-year that has none: a sheet of criminal
// requests may have got its name. lost is a row for each that is not there. The one sheet
// of national security orders that is known, in 2022-H1, reports the half-year before: FISA
// orders may be reported 180 days after the half-year only (50 U.S.C. 1874(b)); a matrix with
// a note of another period above it is marked, so that its figures are held.
func expected(tables []*table, matrices []*matrix) (lost []scrape.Row, err error) {
	have := map[string]bool{tableNS: len(matrices) > 0}
	anchor := tables[0]
	for _, t := range tables {
		have[t.name] = true
		if t.name == tableCriminal {
			anchor = t
		}
	}
	if len(matrices) > 0 {
		lost = lostBlocks(matrices)
	}
	y, h, ok := anchor.halfYear()
	if !ok {
		return lost, nil
	}
	at := halfIndex(y, h)
	for _, k := range kinds {
		in := at >= k.from && (k.to == 0 || at <= k.to)
		switch {
		case have[k.table] && !in && (k.table == tableEmergencies || k.table == tableSkype):
			return nil, layout("a sheet of %s in %s, which should have none", k.table, editionLabel(y, h))
		case !have[k.table] && in:
			lost = append(lost, scrape.Row{
				Table: "unknown", Line: anchor.row, Value: cell(anchor.sheet, "", anchor.anchor.Cells[0]),
				Hold: fmt.Sprintf("no sheet of %s, which every known workbook of %s has", k.table, editionLabel(y, h)),
			})
		}
	}
	for _, m := range matrices {
		if m.period != 0 {
			continue // each line prints its half-year
		}
		for _, p := range m.periods() {
			if py, ph, ok := halfYear(p.Text); !ok || halfIndex(py, ph) != at-1 {
				m.late = fmt.Sprintf("period %q in a workbook of %s, whose sheet of national security orders should report the half-year before", p.Text, editionLabel(y, h))
			}
		}
	}
	return lost, nil
}

// heldSheet is the row that stands for a sheet nobody declared: its first text.
func heldSheet(w *grid.Workbook, s *grid.Sheet, why string) scrape.Row {
	row := scrape.Row{
		Table: "unknown", Line: 1, Hold: fmt.Sprintf("sheet %q: %s", s.Name, why),
		Value: scrape.Cell{At: scrape.Locator{Sheet: s.Name, Row: 1, Col: 1}},
	}
	for r, err := range w.Rows(s) {
		if err == nil {
			row.Line, row.Value = r.Row, cell(s, "", r.Cells[0])
		}
		break
	}
	return row
}

func cell(s *grid.Sheet, header string, c grid.SheetCell) scrape.Cell {
	return scrape.Cell{Header: header, Text: c.Text, At: scrape.Locator{Sheet: s.Name, Row: c.Row, Col: c.Col}}
}

// recognise finds out what a sheet is. It returns a table, or a matrix of national
// security orders, or why the sheet must be held; nothing for an empty sheet. An error
// says that the sheet is one of ours and not laid out as declared.
func recognise(w *grid.Workbook, s *grid.Sheet) (*table, *matrix, string, error) {
	if s.LastRow == 0 && s.Cells {
		return nil, nil, "", nil
	}
	head, err := w.Head(s, headRows)
	if err != nil {
		return nil, nil, "", err
	}
	if m, err := sheetMatrix(w, s); m != nil || err != nil {
		if err == nil && s.Hidden {
			return nil, nil, "a hidden sheet with national security orders", nil
		}
		return nil, m, "", err
	}
	t := &table{sheet: s}
	known := 0 // declared headers anywhere in the head
	for _, r := range head {
		for _, c := range r.Cells {
			if c.Kind != grid.KindText {
				continue
			}
			if t.row == 0 && c.Col <= anchorColumns && key(c.Text) == "total" {
				t.row, t.col = c.Row, c.Col
			}
			if _, ok := declared(c.Text); ok {
				known++
			}
		}
	}
	if known == 0 {
		return nil, nil, "no header that is declared", nil
	}
	if t.row == 0 {
		return nil, nil, "", layout("declared headers, but no line TOTAL in the first %d rows", headRows)
	}
	for _, r := range head {
		if r.Row < t.row {
			t.head = append(t.head, r)
		} else if r.Row == t.row {
			t.anchor = r
		}
	}
	if err := t.columns(); err != nil {
		return nil, nil, "", err
	}
	name, why, err := t.role()
	if err != nil || why != "" {
		return nil, nil, why, err
	}
	if s.Hidden {
		return nil, nil, "a hidden sheet with a table of " + name, nil
	}
	t.name = name
	return t, nil, "", nil
}

// declared reports whether a text is a header of either family. The headers "Rejected"
// and "No Data" alone are words that any sheet may hold.
func declared(text string) (metric, bool) {
	k := key(text)
	if m, ok := enforcementHeaders[k]; ok {
		return m, true
	}
	m, ok := civilHeaders[k]
	return m, ok
}

// columns finds the columns by the texts above them.
func (t *table) columns() error {
	marks := 0 // row of the line of % and #, where there is one
	for _, r := range t.head {
		for _, c := range r.Cells {
			if k := key(c.Text); c.Col > t.col && (k == "%" || k == "#") {
				marks = r.Row
			}
		}
	}
	isCivil, isEnforcement := false, false
	for _, r := range t.head {
		for _, c := range r.Cells {
			if c.Col <= t.col || c.Kind != grid.KindText {
				continue
			}
			k := key(c.Text)
			_, e := enforcementHeaders[k]
			_, v := civilHeaders[k]
			isEnforcement = isEnforcement || e && !v
			isCivil = isCivil || v && !e
		}
	}
	if isCivil == isEnforcement {
		return layout("headers of civil and of law enforcement tables mixed, or of neither")
	}
	t.civil = isCivil
	names := enforcementHeaders
	if t.civil {
		names = civilHeaders
	}
	for _, r := range t.head {
		for _, c := range r.Cells {
			if c.Col <= t.col || c.Kind != grid.KindText {
				continue
			}
			m, ok := names[key(c.Text)]
			if !ok {
				continue
			}
			if t.counts[m] != 0 {
				return layout("header %q twice", c.Text)
			}
			t.header[m] = c.Text
			if m == requests || m == accounts {
				t.counts[m] = c.Col
				if marks > 0 {
					if k := key(t.headText(marks, c.Col)); k != "" && k != "#" {
						return layout("%q under header %q where # was expected", k, c.Text)
					}
				}
				continue
			}
			// The label stands over the share, one column left of its count. The
			// line of % and # says so, or the label is merged over both columns.
			t.shares[m], t.counts[m] = c.Col, c.Col+1
			if marks > 0 {
				if p, n := key(t.headText(marks, c.Col)), key(t.headText(marks, c.Col+1)); p != "%" || n != "#" {
					return layout("%q and %q under header %q where %% and # were expected", p, n, c.Text)
				}
			} else if row, col := t.sheet.Origin(c.Row, c.Col+1); row != c.Row || col != c.Col {
				return layout("header %q is not merged over its share and its count, and no line of %% and # says which is which", c.Text)
			}
		}
	}
	var missing []string
	used := map[int]bool{t.col: true}
	for m := range metrics {
		if t.counts[m] == 0 {
			missing = append(missing, metricNames[m])
			continue
		}
		for _, c := range []int{t.counts[m], t.shares[m]} {
			if c == 0 {
				continue
			}
			if used[c] {
				return layout("two headers claim column %s", scrape.ColumnName(c))
			}
			used[c] = true
			t.last = max(t.last, c)
		}
	}
	if missing != nil {
		return layout("no header for %s%s", strings.Join(missing, ", "), t.nearest(names))
	}
	return nil
}

// nearest names the printed header that is most like one that is missing.
func (t *table) nearest(names map[string]metric) string {
	var declared, printed []string
	for k, m := range names {
		if t.counts[m] == 0 {
			declared = append(declared, k)
		}
	}
	for _, r := range t.head {
		for _, c := range r.Cells {
			k := key(c.Text)
			if _, ok := names[k]; !ok && c.Col > t.col && c.Kind == grid.KindText && k != "" && !groupHeaders[k] {
				printed = append(printed, c.Text)
			}
		}
	}
	return grid.Nearest(declared, printed)
}

func (t *table) headText(row, col int) string {
	for _, r := range t.head {
		if r.Row == row {
			c, _ := r.Cell(col)
			return c.Text
		}
	}
	return ""
}

// neutralWords are the words of tab names that say nothing against criminal requests. A
// name with any other word is of a sheet that nobody declared, even if it has the
// headers: "Enterprise", "Draft".
var neutralWords = map[string]bool{
	"msft": true, "microsoft": true, "lerr": true, "combined": true, "all": true, "services": true, "sheet": true, "total": true,
	"law": true, "enforcement": true, "legal": true, "requests": true, "request": true, "report": true, "disclosures": true, "data": true,
	"including": true, "criminal": true, "civil": true, "emergencies": true, "emergency": true, "skype": true,
	"jan": true, "january": true, "jun": true, "june": true, "jul": true, "july": true, "dec": true, "december": true, "h": true, "to": true,
}

var word = regexp.MustCompile(`[\p{L}]+`)

// role decides what the table counts, from the tab's name and the title, which must not
// contradict each other or the headers. why says that the sheet must be held.
func (t *table) role() (name, why string, err error) {
	says := map[string]string{} // role: the text that says so
	add := func(text string) {
		k := grid.Fold(text)
		switch {
		case strings.Contains(k, "civil"):
			says[tableCivil] = text
		case strings.Contains(k, "emergenc"):
			says[tableEmergencies] = text
		}
		if strings.Contains(k, "criminal") {
			says[tableCriminal] = text
		}
	}
	add(t.sheet.Name)
	for _, w := range word.FindAllString(grid.Fold(t.sheet.Name), -1) {
		if !neutralWords[w] {
			return "", fmt.Sprintf("a tab's name with the word %q is not declared", w), nil
		}
	}
	if strings.Contains(grid.Fold(t.sheet.Name), "skype") {
		says[tableSkype] = t.sheet.Name
	}
	general, ofAll := false, ""
	for _, c := range t.titles() {
		add(c.Text)
		k := key(c.Text)
		// "Combined Microsoft Services (including Skype)" is not about Skype alone.
		if strings.HasPrefix(k, "skype") {
			says[tableSkype] = c.Text
		} else if strings.Contains(k, "lawenforcementrequest") || strings.Contains(k, "microsoftservices") {
			ofAll = c.Text
		}
		general = general || strings.Contains(k, "lawenforcementrequest") || strings.Contains(k, "requestsreceivedforallmicrosoftservices")
	}
	if len(says) > 1 {
		var texts []string
		for _, role := range []string{tableCivil, tableEmergencies, tableCriminal, tableSkype} {
			if s, ok := says[role]; ok {
				texts = append(texts, strconv.Quote(s))
			}
		}
		return "", "", layout("tab and title contradict each other: %s", strings.Join(texts, ", "))
	}
	for role, text := range says {
		if (role == tableCivil) != t.civil {
			return "", "", layout("%q contradicts the headers of the table", text)
		}
		if role == tableSkype && !strings.Contains(grid.Fold(t.sheet.Name), "skype") {
			return "", "", layout("title %q contradicts the tab's name", text)
		}
		if role == tableSkype && ofAll != "" {
			return "", "", layout("tab %q and title %q contradict each other", t.sheet.Name, ofAll)
		}
		return role, "", nil
	}
	if t.civil {
		return "", "headers of civil requests, but neither the tab's name nor a title says civil", nil
	}
	if !general {
		return "", "headers of law enforcement requests, but neither the tab's name nor a title says which", nil
	}
	return tableCriminal, "", nil
}

// titles returns the texts above the headers: whatever stands above the first line of
// headers, or over the countries, and is no header.
func (t *table) titles() []grid.SheetCell {
	first := t.row
	for _, r := range t.head {
		for _, c := range r.Cells {
			if _, ok := declared(c.Text); first == t.row && (ok || groupHeaders[key(c.Text)]) {
				first = r.Row
			}
		}
	}
	var out []grid.SheetCell
	for _, r := range t.head {
		for _, c := range r.Cells {
			if c.Kind != grid.KindText || strings.TrimSpace(c.Text) == "" || c.Col > t.last || r.Row >= first && c.Col > t.col {
				continue
			}
			if _, ok := declared(c.Text); !ok && !groupHeaders[key(c.Text)] {
				out = append(out, c)
			}
		}
	}
	return out
}

// periods gives every table its period: from its own titles, else from those of another
// table of the workbook (2017-H1 prints none over the emergencies), else from the
// capture's edition.
//
// A title is typed by hand for each half-year, and a wrong one would put a whole sheet
// into another half-year. So the sheets must agree, or the edition or the file's name must
// say which half-year the workbook is of: then every sheet must be of that half-year. Civil
// requests of an earlier one are read (2017-H2 prints January to June above them); the
// normalizer flags their figures.
func periods(c scrape.Capture, tables []*table) error {
	var spare []scrape.Cell
	several := false
	for _, t := range tables {
		if err := t.period(); err != nil {
			return fmt.Errorf("sheet %q: %w", t.sheet.Name, err)
		}
		if spare == nil {
			spare = t.keys
		} else if t.keys != nil && !samePeriod(spare, t.keys) {
			several = true
		}
	}
	says, claim := "edition", c.Edition
	if c.Edition == "" {
		says, claim = "file name", c.Name
	}
	y, h, claimed := halfYear(fileWords.Replace(claim))
	for _, t := range tables {
		ty, th, ok := t.halfYear()
		if !ok {
			continue
		}
		if !claimed && several {
			return layout("the sheets name several half-years, and neither an edition nor the file's name says which one the workbook is of; give the edition (--edition %s)", editionLabel(ty, th))
		}
		if claimed && (ty > y || ty == y && th > h || (ty != y || th != h) && t.name != tableCivil) {
			return layout("sheet %q: its title says %s, but the %s %q says %s", t.sheet.Name, editionLabel(ty, th), says, claim, editionLabel(y, h))
		}
	}
	if spare == nil && c.Edition != "" {
		spare = []scrape.Cell{{Role: scrape.RolePeriod, Header: "edition", Text: c.Edition}}
	}
	for _, t := range tables {
		if t.keys == nil {
			if several {
				return layout("sheet %q: no title names a period, and the other sheets name several", t.sheet.Name)
			}
			t.keys = spare
		}
		if t.keys == nil {
			return layout("sheet %q: no title names a period, and the capture names no edition", t.sheet.Name)
		}
	}
	return nil
}

func (t *table) period() error {
	var period, withYear scrape.Cell
	for _, c := range t.titles() {
		text := cell(t.sheet, "", c)
		m, y := months(c.Text), years(c.Text)
		if m != "" {
			if was := months(period.Text); was != "" && was != m {
				return layout("titles %q and %q name different months", period.Text, c.Text)
			}
			// Of two titles that name the months the one with the year is the period.
			if period.Text == "" || years(period.Text) == "" {
				period = text
			}
		}
		if y != "" {
			if was := years(withYear.Text); was != "" && !sameYears(was, y) {
				return layout("titles %q and %q name different years", withYear.Text, c.Text)
			}
			if withYear.Text == "" {
				withYear = text
			}
		}
	}
	if period.Text == "" {
		return nil
	}
	period.Role = scrape.RolePeriod
	t.keys = []scrape.Cell{period}
	if years(period.Text) == "" {
		if withYear.Text == "" {
			return layout("title %q names no year, and no other title does", period.Text)
		}
		withYear.Role = scrape.RoleYear
		t.keys = append(t.keys, withYear)
	}
	return nil
}

// fileWords parts the words of a file's name ("Microsoft LERR_2013_H1.xlsx").
var fileWords = strings.NewReplacer("_", " ", "-", " ", ".", " ")

// halfYear returns the half-year that the table's own titles name.
func (t *table) halfYear() (y, half int, ok bool) {
	var text []string
	for _, c := range t.keys {
		text = append(text, c.Text)
	}
	return halfYear(strings.Join(text, " "))
}

// sizes refuses a workbook whose tabs were exchanged. The sheets of criminal requests and
// of emergencies print the same words, and only the tabs' names tell them apart; but
// there are a hundred times more of the former (23,222 and 195 in 2018-H1), and what
// Skype received in 2013-H1 is part of what all services did.
func sizes(tables []*table) error {
	total := map[string]float64{}
	for _, t := range tables {
		if v, ok := t.total(requests); ok {
			total[t.name] = v
		}
	}
	most, ok := total[tableCriminal]
	for _, name := range []string{tableEmergencies, tableSkype} {
		if v, both := total[name]; ok && both && v > most {
			return layout("TOTAL of %s is %s requests, more than the %s of %s: the tabs' names were exchanged", name, trim(v), trim(most), tableCriminal)
		}
	}
	return nil
}

// total returns a count of the line TOTAL, which stands in the rows of the head.
func (t *table) total(m metric) (float64, bool) {
	c, _ := t.anchor.Cell(t.counts[m])
	v, err := strconv.ParseFloat(strings.NewReplacer(",", "", "\u00a0", "").Replace(strings.TrimSpace(c.Text)), 64)
	return v, err == nil
}

// samePeriod compares the months and years of two tables' period cells.
func samePeriod(a, b []scrape.Cell) bool {
	all := func(cells []scrape.Cell) (m, y string) {
		for _, c := range cells {
			m += months(c.Text)
			y += "-" + years(c.Text)
		}
		return m, strings.Trim(y, "-")
	}
	am, ay := all(a)
	bm, by := all(b)
	return am == bm && sameYears(ay, by)
}

// sameYears compares lists of years that may repeat one: "2017-2017" and "2017".
func sameYears(a, b string) bool {
	set := func(s string) map[string]bool {
		m := map[string]bool{}
		for _, y := range strings.Split(s, "-") {
			m[y] = true
		}
		return m
	}
	x, y := set(a), set(b)
	if len(x) != len(y) {
		return false
	}
	for k := range x {
		if !y[k] {
			return false
		}
	}
	return true
}

// Why a cell is none of our figures.
const (
	ignoreShare    = "share printed beside its count"
	ignoreError    = "error value of a lost formula outside the counted columns"
	ignoreFiller   = "filler zero in a spacer column"
	ignoreNameOnly = "country name without figures"
	ignoreFootnote = "footnote"
)

// longestName tells a sentence from the name of a country, in bytes: the longest short name
// of ISO 3166 has 52.
const longestName = 60

// read yields the lines of the table and what stands beside it.
func (t *table) read(w *grid.Workbook, yield func(scrape.Row) bool) error {
	side := map[int]*sideBox{}
	totals := 0
	for r, err := range w.Rows(t.sheet) {
		if err != nil {
			return err
		}
		if r.Row < t.row {
			if err := t.readHead(r, side, yield); err != nil {
				return err
			}
			continue
		}
		line, err := t.line(r)
		if err != nil {
			return err
		}
		if line.total {
			if totals++; totals > 1 {
				return layout("row %d: a second line TOTAL", r.Row)
			}
			if err := t.prove(r); err != nil {
				return fmt.Errorf("row %d: %w", r.Row, err)
			}
		}
		if err := t.readLine(r, line, side, yield); err != nil {
			return err
		}
	}
	for col := t.last + 1; col <= t.sheet.LastCol; col++ {
		if b := side[col]; b != nil {
			if err := b.close(t, yield); err != nil {
				return err
			}
		}
	}
	return nil
}

// readHead hands on what stands in the head and is neither title nor header.
func (t *table) readHead(r grid.SheetRow, side map[int]*sideBox, yield func(scrape.Row) bool) error {
	title := map[int]bool{}
	for _, c := range t.titles() {
		title[c.Col] = title[c.Col] || c.Row == r.Row
	}
	for _, c := range r.Cells {
		switch {
		case c.Col > t.last:
			if err := t.beside(c, side, yield); err != nil {
				return err
			}
			continue
		case c.Kind == grid.KindText:
			if _, ok := declared(c.Text); ok || title[c.Col] || groupHeaders[key(c.Text)] || strings.TrimSpace(c.Text) == "" {
				continue
			}
			if !yield(t.held(c, "", "header that is not declared")) {
				return errStop
			}
		case !yield(t.held(c, "", c.Kind.String()+" above the table")):
			return errStop
		}
	}
	return nil
}

func (t *table) held(c grid.SheetCell, header, why string) scrape.Row {
	return scrape.Row{Table: t.name, Line: c.Row, Keys: t.keys, Value: cell(t.sheet, header, c), Hold: why}
}

func (t *table) ignored(c grid.SheetCell, header, why string) scrape.Row {
	return scrape.Row{Table: t.name, Line: c.Row, Keys: t.keys, Value: cell(t.sheet, header, c), Ignore: why}
}

// line is what the first column and the counts of a row say together.
type line struct {
	label  grid.SheetCell
	named  bool // a country or TOTAL
	total  bool
	counts bool // at least one counted column holds something
}

func (t *table) line(r grid.SheetRow) (line, error) {
	var l line
	for _, c := range r.Cells {
		switch {
		case c.Col == t.col && strings.TrimSpace(c.Text) != "":
			l.label, l.named = c, true
			l.total = key(c.Text) == "total"
		case c.Col > t.col && c.Col <= t.last:
			if c.Kind == grid.KindText && c.Row > t.row {
				if _, ok := declared(c.Text); ok {
					return l, layout("row %d: header %q below the line TOTAL: a second table", c.Row, c.Text)
				}
			}
			if t.metric(c.Col, t.counts) != metrics {
				l.counts = true
			}
		}
	}
	return l, nil
}

// metric returns the metric of a column, or metrics.
func (t *table) metric(col int, of [metrics]int) metric {
	for m := range metrics {
		if of[m] == col && col != 0 {
			return m
		}
	}
	return metrics
}

func (t *table) readLine(r grid.SheetRow, l line, side map[int]*sideBox, yield func(scrape.Row) bool) error {
	keys := t.keys
	if l.named && l.label.Kind != grid.KindText {
		return layout("row %d: %s %q where a country's name was expected", r.Row, l.label.Kind, l.label.Text)
	}
	switch {
	case l.named && l.counts:
		// A new array: rows of one line share their keys, rows of two lines do not.
		name := cell(t.sheet, "", l.label)
		name.Role = scrape.RoleCountry
		keys = append(append([]scrape.Cell(nil), t.keys...), name)
		doubt := t.doubt(r, l)
		for m := range metrics {
			c, ok := r.Cell(t.counts[m])
			if !ok {
				// The place is there and nothing is printed in it.
				c = grid.SheetCell{Row: r.Row, Col: t.counts[m], Kind: grid.KindText}
			}
			row := scrape.Row{Table: t.name, Line: r.Row, Keys: keys, Value: cell(t.sheet, t.header[m], c), Total: l.total}
			if c.Kind == grid.KindNoValue || c.Kind == grid.KindBool || c.Kind == grid.KindDate {
				row.Hold = fmt.Sprintf("%s where a count was expected", c.Kind)
			} else if doubt != "" {
				row.Hold = doubt
			} else if at := t.strays[m]; at != "" {
				row.Hold = at + " holds a figure on a line without a country: names and figures may be shifted against each other"
			} else if t.unproven[m] {
				row.Hold = "the line TOTAL prints nothing under this header: the column may be emptied, or another one"
			}
			if !yield(row) {
				return errStop
			}
		}
	case l.named:
		why := ignoreNameOnly
		if s := strings.TrimSpace(l.label.Text); strings.HasPrefix(s, "*") || len(s) > longestName {
			why = ignoreFootnote
		} else if l.total {
			return layout("row %d: a line TOTAL without figures", r.Row)
		}
		if !yield(t.ignored(l.label, "", why)) {
			return errStop
		}
	}
	for _, c := range r.Cells {
		if c.Col == t.col {
			continue
		}
		if c.Col > t.last {
			if err := t.beside(c, side, yield); err != nil {
				return err
			}
			continue
		}
		if m := t.metric(c.Col, t.counts); m != metrics {
			if l.named && l.counts {
				continue // handed on above
			}
			if strings.TrimSpace(c.Text) == "" && c.Kind == grid.KindText {
				continue
			}
			if !yield(t.held(c, t.header[m], "figure on a line without a country")) {
				return errStop
			}
			continue
		}
		row, ok := t.aside(c, l)
		if !ok {
			continue
		}
		row.Keys = keys
		if !yield(row) {
			return errStop
		}
	}
	return nil
}

// doubt says why no count of a line is sure: a share stands in a column of counts, or
// something else in a column of shares, so that the line's cells were shifted. Lost
// formulas (#REF!) are no sign of it.
func (t *table) doubt(r grid.SheetRow, l line) string {
	for _, c := range r.Cells {
		if c.Col <= t.col || c.Col > t.last || strings.TrimSpace(c.Text) == "" {
			continue
		}
		at := scrape.ColumnName(c.Col) + strconv.Itoa(c.Row)
		if t.metric(c.Col, t.counts) != metrics {
			if v, err := strconv.ParseFloat(c.Text, 64); err == nil && v > 0 && v < 1 {
				return fmt.Sprintf("%s holds %s, a share where a count was expected: the line's cells may be shifted", at, c.Text)
			}
			continue
		}
		row, ok := t.aside(c, l)
		if v, isShare := share(c); ok && row.Hold == "" && isShare && v > 100 && t.metric(c.Col, t.shares) != metrics {
			return fmt.Sprintf("%s holds %s where a share was expected: the line's cells may be shifted", at, c.Text)
		}
		// A column with a header of its own is new, and the others stand where they stood.
		if ok && row.Hold != "" && (row.Value.Header == "" || t.metric(c.Col, t.shares) != metrics) {
			return fmt.Sprintf("%s is %s: the line's cells may be shifted", at, row.Hold)
		}
	}
	return ""
}

// sound refuses a table in which the cells of the line TOTAL, or of a good part of the
// lines, were shifted: where a line has only zeros and ones, a share looks like a count.
func (t *table) sound(w *grid.Workbook) error {
	lines, doubts := 0, 0
	above := 0 // the last row of a country
	for r, err := range w.Rows(t.sheet) {
		if err != nil {
			return err
		}
		if r.Row < t.row {
			continue
		}
		l, err := t.line(r)
		if err != nil {
			return err
		}
		if !l.named && l.counts && r.Row == above+1 {
			t.stray(r)
		}
		if l.named {
			above = r.Row
		}
		if !l.named || !l.counts {
			continue
		}
		lines++
		why := t.doubt(r, l)
		if why == "" {
			continue
		}
		if doubts++; l.total {
			return layout("row %d: line TOTAL: %s, or columns exchanged", r.Row, why)
		}
	}
	if doubts >= 3 && doubts*5 >= lines {
		return layout("%d of %d lines have shares among their counts or counts among their shares: columns exchanged", doubts, lines)
	}
	return nil
}

// stray notes the counts of a line without a country right below one that has a country. Where
// somebody deleted or inserted one cell in the column of names, or in one of counts, those
// below it moved, and at the end of the table one stands alone.
func (t *table) stray(r grid.SheetRow) {
	for _, c := range r.Cells {
		if m := t.metric(c.Col, t.counts); m != metrics && t.strays[m] == "" && c.Kind != grid.KindError && strings.ContainsAny(c.Text, "0123456789") && len(c.Text) <= longestName {
			t.strays[m] = scrape.ColumnName(c.Col) + strconv.Itoa(r.Row)
		}
	}
}

// aside judges a cell inside the table that is no count: a share, a filler, or something
// nobody declared. ok is false when nothing is printed.
func (t *table) aside(c grid.SheetCell, l line) (row scrape.Row, ok bool) {
	blank := strings.TrimSpace(c.Text) == "" && c.Kind != grid.KindNoValue
	if blank {
		return row, false
	}
	if m := t.metric(c.Col, t.shares); m != metrics {
		header := t.header[m]
		if _, isShare := share(c); isShare && l.named && l.counts || c.Kind == grid.KindError || c.Kind == grid.KindNoValue {
			return t.ignored(c, header, ignoreShare), true
		}
		return t.held(c, header, "in a column of shares, but no share"), true
	}
	switch n, err := strconv.ParseFloat(c.Text, 64); {
	case c.Kind == grid.KindError || c.Kind == grid.KindNoValue:
		return t.ignored(c, "", ignoreError), true
	case c.Kind == grid.KindNumber && err == nil && n == 0 && c.Col > t.col && !t.headed(c.Col):
		return t.ignored(c, "", ignoreFiller), true
	}
	return t.held(c, t.headOf(c.Col), "in a column that no header declares"), true
}

// headed reports whether a column without a declared header has any other above it.
func (t *table) headed(col int) bool { return t.headOf(col) != "" }

func (t *table) headOf(col int) string {
	for _, r := range t.head {
		if c, ok := r.Cell(col); ok && c.Kind == grid.KindText && strings.TrimSpace(c.Text) != "" && !groupHeaders[key(c.Text)] {
			return c.Text
		}
	}
	return ""
}

// share reads a share: a number, or a text with a percent sign.
func share(c grid.SheetCell) (float64, bool) {
	switch c.Kind {
	case grid.KindNumber:
		v, err := strconv.ParseFloat(c.Text, 64)
		return v, err == nil
	case grid.KindText:
		s, ok := strings.CutSuffix(strings.TrimSpace(c.Text), "%")
		v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		return v / 100, ok && err == nil
	}
	return 0, false
}

// prove compares the shares of the line TOTAL with its counts, and refuses the table when
// they prove that a count stands under another header: a share that is its own count's
// nowhere, and that fits another column. A share that fits nothing proves nothing; it is
// a slip of the publisher for the audits to name. A count that the line leaves out is
// marked, so that the lines' figures under its header are held.
func (t *table) prove(r grid.SheetRow) error {
	var count [metrics]float64
	for m := range metrics {
		c, ok := r.Cell(t.counts[m])
		if strings.TrimSpace(c.Text) == "" {
			t.unproven[m] = true
			continue
		}
		v, err := strconv.ParseFloat(c.Text, 64)
		if !ok || err != nil || c.Kind != grid.KindNumber {
			return nil // held or rejected later; nothing to compare with
		}
		count[m] = v
	}
	if t.unproven != ([metrics]bool{}) {
		return nil
	}
	wholes := []float64{count[requests]}
	if t.civil {
		// Shares are of the accounts, or of the sum of the outcomes where that is
		// another (2022-H1: 484 beside 482 accounts).
		wholes = append(wholes, count[accounts], count[content]+count[nonContent]+count[noData]+count[rejected])
	}
	of := func(s, n float64) bool {
		for _, w := range wholes {
			if fits(s, n, w) {
				return true
			}
		}
		return false
	}
	for m := content; m < metrics; m++ {
		c, ok := r.Cell(t.shares[m])
		s, isShare := share(c)
		if !ok || !isShare || of(s, count[m]) {
			continue
		}
		switch {
		case s >= 1 && of(count[m], s):
			return layout("%s where the share of %s was expected and %s where its count was: columns exchanged", trim(s), metricNames[m], trim(count[m]))
		case !t.civil && fits(s, count[m], count[accounts]):
			return layout("the shares are shares of the column under %q: columns exchanged", t.header[accounts])
		}
		for o := content; o < metrics; o++ {
			if o != m && of(s, count[o]) {
				return layout("the share of %s is that of the count under %q: columns exchanged", metricNames[m], t.header[o])
			}
		}
	}
	return nil
}

// fits reports whether s is n of whole, to the digits that were typed. Most shares are
// results of formulas; some years were typed with two digits, cut instead of rounded.
func fits(s, n, whole float64) bool {
	if whole <= 0 {
		return n == 0 && s == 0
	}
	if s > 1 {
		s /= 100 // a percentage typed as a number
	}
	tolerance := 1e-9
	if short := trim(s); len(short) <= len("0.1234") {
		_, digits, _ := strings.Cut(short, ".")
		tolerance = math.Pow10(-len(digits))
	}
	return math.Abs(s-n/whole) <= tolerance
}

func trim(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// sideBox is a note beside the table: a header over one figure.
type sideBox struct {
	header grid.SheetCell
	table  string
	bottom int // last row of the header
	done   bool
}

// close hands on a note that never got its figure.
func (b *sideBox) close(t *table, yield func(scrape.Row) bool) error {
	if b.done {
		return nil
	}
	row := t.held(b.header, "", "header beside the table without a figure below it")
	row.Table = b.table
	if !yield(row) {
		return errStop
	}
	return nil
}

// beside reads a cell right of the table.
func (t *table) beside(c grid.SheetCell, side map[int]*sideBox, yield func(scrape.Row) bool) error {
	if strings.TrimSpace(c.Text) == "" && c.Kind != grid.KindNoValue {
		return nil
	}
	if name, ok := sideBoxes[key(c.Text)]; ok && c.Kind == grid.KindText {
		if b := side[c.Col]; b != nil {
			if err := b.close(t, yield); err != nil {
				return err
			}
		}
		b := &sideBox{header: c, table: name, bottom: c.Row}
		for _, m := range t.sheet.Merged {
			if m.Row1 == c.Row && m.Col1 == c.Col {
				b.bottom = m.Row2
			}
		}
		side[c.Col] = b
		return nil
	}
	b := side[c.Col]
	if b == nil || b.done || c.Row <= b.bottom {
		if !yield(t.held(c, "", c.Kind.String()+" beside the table that no header declares")) {
			return errStop
		}
		return nil
	}
	b.done = true
	row := scrape.Row{Table: b.table, Line: c.Row, Keys: t.keys, Value: cell(t.sheet, b.header.Text, c)}
	if c.Kind != grid.KindNumber && c.Kind != grid.KindText {
		row.Hold = fmt.Sprintf("%s where a count was expected", c.Kind)
	}
	if !yield(row) {
		return errStop
	}
	return nil
}
