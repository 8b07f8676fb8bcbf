package grid

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"

	"daylight/scrape"
)

// part is a member of a workbook that a test writes by hand.
type part struct{ name, content string }

const (
	ssml     = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	rels     = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	officeNS = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
)

// minimal returns the parts of a workbook with one sheet and the shared strings s0, s1.
func minimal(sheetData, after string) []part {
	return []part{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`},
		{"_rels/.rels", `<Relationships ` + rels + `><Relationship Id="rId1" Type="` + officeNS + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook ` + ssml + ` xmlns:r="` + officeNS + `"><sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships ` + rels + `><Relationship Id="rId1" Type="` + officeNS + `/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + officeNS + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`},
		{"xl/sharedStrings.xml", `<sst ` + ssml + `><si><t xml:space="preserve">  </t></si><si><r><t>Tur</t></r><r><t>key</t></r><rPh sb="0" eb="1"><t>x</t></rPh></si><si><t/></si><si><t>a_x000D_b</t></si></sst>`},
		{"xl/worksheets/sheet1.xml", `<worksheet ` + ssml + `><sheetData>` + sheetData + `</sheetData>` + after + `</worksheet>`},
	}
}

func pack(t testing.TB, parts []part) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		f, err := w.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(p.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(content []byte) (*Workbook, error) {
	return OpenWorkbook(bytes.NewReader(content), int64(len(content)))
}

func allRows(w *Workbook, s *Sheet) (rows []SheetRow, err error) {
	for r, err := range w.Rows(s) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func TestWorkbook_cells(t *testing.T) {
	content := pack(t, minimal(
		`<row r="2" hidden="1"><c r="A2" t="s"><v>1</v></c><c r="B2" s="3"/><c r="C2"><f>SUM([1]X!A1)</f><v>2.196472739004194E-2</v></c><c r="D2" t="s"><v>0</v></c><c r="E2" t="s"><v>2</v></c></row>`+
			`<row r="7"><c r="B7" t="e"><f>#REF!+1</f><v>#REF!</v></c><c r="C7" t="b"><v>1</v></c><c r="D7" t="str"><f>A1</f><v>text</v></c><c r="E7" t="inlineStr"><is><t>in line</t></is></c><c r="F7"><f>1+1</f></c><c r="G7"><v>39083.421897734355</v></c><c r="H7" t="s"><v>3</v></c></row>`+
			`<row><c><v>44196</v></c><c t="n"><v></v></c><c><v>1</v></c></row>`,
		`<mergeCells count="2"><mergeCell ref="A2:B3"/><mergeCell ref="D7:D7"/></mergeCells>`))
	w, err := open(content)
	if err != nil {
		t.Fatal(err)
	}
	s := w.Sheet("One")
	if diff := cmp.Diff(&Sheet{
		Name: "One", Cells: true, LastRow: 8, LastCol: 8, HiddenRows: 1,
		Merged: []Range{{2, 1, 3, 2}, {7, 4, 7, 4}},
	}, s, cmpopts.IgnoreUnexported(Sheet{})); diff != "" {
		t.Errorf("sheet (-want +got):\n%s", diff)
	}
	got, err := allRows(w, s)
	if err != nil {
		t.Fatal(err)
	}
	want := []SheetRow{
		{2, true, []SheetCell{{2, 1, "Turkey", KindText, false}, {2, 3, "2.196472739004194E-2", KindNumber, true}, {2, 4, "  ", KindText, false}, {2, 5, "", KindText, false}}},
		{7, false, []SheetCell{
			{7, 2, "#REF!", KindError, true}, {7, 3, "1", KindBool, false}, {7, 4, "text", KindText, true}, {7, 5, "in line", KindText, false},
			{7, 6, "", KindNoValue, true}, {7, 7, "39083.421897734355", KindNumber, false}, {7, 8, "a\rb", KindText, false},
		}},
		{8, false, []SheetCell{{8, 1, "44196", KindNumber, false}, {8, 3, "1", KindNumber, false}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if r, c := s.Origin(3, 2); r != 2 || c != 1 {
		t.Errorf("origin of B3 is row %d column %d, want A2", r, c)
	}
	// excelize reads every cell as we do.
	for _, r := range got {
		for _, c := range r.Cells {
			at := scrape.Locator{Sheet: "One", Row: c.Row, Col: c.Col}
			if text, err := TextAt(scrapeBody{bytes.NewReader(content)}, at); err != nil || text != c.Text {
				t.Errorf("text at %s is %q, %v; want %q", at, text, err, c.Text)
			}
		}
	}
}

type scrapeBody struct{ *bytes.Reader }

func (scrapeBody) Close() error  { return nil }
func (b scrapeBody) Size() int64 { return b.Reader.Size() }

func TestWorkbook_sheets(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for _, name := range []string{"Second", "Hidden"} {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetSheetVisible("Hidden", false); err != nil {
		t.Fatal(err)
	}
	if err := f.SetColVisible("Second", "C:D", false); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellValue("Second", "D4", "last"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	w, err := open(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	want := []*Sheet{
		{Name: "Sheet1", Cells: true},
		{Name: "Second", Cells: true, LastRow: 4, LastCol: 4, HiddenColumns: []Range{{0, 3, 0, 4}}},
		{Name: "Hidden", Cells: true, Hidden: true},
	}
	if diff := cmp.Diff(want, w.Sheets(), cmpopts.IgnoreUnexported(Sheet{})); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	if w.Sheet("Third") != nil {
		t.Error("a sheet that is not there was found")
	}
}

func TestHeaderText(t *testing.T) {
	w, err := open(pack(t, minimal(
		`<row r="1"><c r="A1" t="inlineStr"><is><t>Some Data</t></is></c><c r="C1" t="inlineStr"><is><t>Orders seeking</t></is></c></row>`+
			`<row r="2"><c r="A2" t="inlineStr"><is><t>Content</t></is></c><c r="C2" t="inlineStr"><is><t>content</t></is></c></row>`,
		`<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A2:B3"/></mergeCells>`)))
	if err != nil {
		t.Fatal(err)
	}
	s := w.Sheet("One")
	rows, err := w.Head(s, 3)
	if err != nil {
		t.Fatal(err)
	}
	for col, want := range map[int]string{1: "Some Data / Content", 2: "Some Data / Content", 3: "Orders seeking / content", 4: ""} {
		if got := HeaderText(s, rows, col); got != want {
			t.Errorf("column %d: %q, want %q", col, got, want)
		}
	}
}

func TestWorkbook_refused(t *testing.T) {
	good := pack(t, minimal(`<row r="1"><c r="A1"><v>1</v></c></row>`, ""))
	without := func(name string) []part {
		var out []part
		for _, p := range minimal("", "") {
			if p.name != name {
				out = append(out, p)
			}
		}
		return out
	}
	encrypted := func() []byte {
		f := excelize.NewFile()
		defer f.Close()
		var b bytes.Buffer
		if err := f.Write(&b, excelize.Options{Password: "secret"}); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for _, tc := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"empty", nil, "empty file"},
		{"text", []byte("a,b,c\n"), "no ZIP archive"},
		{"page", []byte("\ufeff <!DOCTYPE html><html>"), "page of markup"},
		{"encrypted_or_xls", encrypted(), "OLE file"},
		{"cut_in_half", good[:len(good)/2], "truncated"},
		{"last_byte_gone", good[:len(good)-1], "truncated"},
		{"binary_workbook", pack(t, append(without("xl/workbook.xml"), part{"xl/workbook.bin", "x"})), "xlsb"},
		{"no_workbook", pack(t, without("xl/workbook.xml")), "without xl/workbook.xml"},
		{"no_relationships", pack(t, without("xl/_rels/workbook.xml.rels")), "its part is missing"},
		{"no_sheet_part", pack(t, without("xl/worksheets/sheet1.xml")), "its part is missing"},
		{"part_twice", pack(t, append(minimal("", ""), part{"XL/Workbook.xml", "x"})), "twice"},
		{"ratio", pack(t, append(minimal("", ""), part{"xl/media/a.xml", strings.Repeat("0", 4<<20)})), "times its size"},
		{"sheet_xml_cut", pack(t, append(without("xl/worksheets/sheet1.xml"), part{"xl/worksheets/sheet1.xml", `<worksheet ` + ssml + `><sheetData><row r="1"><c r="A1"><v>1</v></c></row>`})), "unexpected EOF"},
		{"rows_fall", pack(t, minimal(`<row r="5"/><row r="4"/>`, "")), "after row 5"},
		{"row_twice", pack(t, minimal(`<row r="5"/><row r="5"/>`, "")), "after row 5"},
		{"cell_twice", pack(t, minimal(`<row r="1"><c r="B1"><v>1</v></c><c r="B1"><v>2</v></c></row>`, "")), "after column 2"},
		{"cell_of_another_row", pack(t, minimal(`<row r="1"><c r="B2"><v>1</v></c></row>`, "")), "in row 1"},
		{"row_too_far", pack(t, minimal(`<row r="1048577"/>`, "")), "row 1048577"},
		{"column_too_far", pack(t, minimal(`<row r="1"><c r="XFE1"><v>1</v></c></row>`, "")), "column 16385"},
		{"no_such_string", pack(t, minimal(`<row r="1"><c r="A1" t="s"><v>9</v></c></row>`, "")), "shared string"},
		{"no_number", pack(t, minimal(`<row r="1"><c r="A1"><v>1,5</v></c></row>`, "")), "number"},
		{"unknown_type", pack(t, minimal(`<row r="1"><c r="A1" t="q"><v>1</v></c></row>`, "")), "unknown type"},
		{"bad_range", pack(t, minimal("", `<mergeCells><mergeCell ref="B2:A1"/></mergeCells>`)), "range"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := open(tc.content)
			if !errors.Is(err, scrape.ErrLayout) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want ErrLayout with %q", err, tc.want)
			}
		})
	}
}

// TestWorkbook_furthest_cell reads a file of one cell in the last corner: memory must not
// follow the coordinates.
func TestWorkbook_furthest_cell(t *testing.T) {
	content := pack(t, minimal(`<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`, ""))
	w, err := open(content)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := allRows(w, w.Sheet("One"))
	if err != nil || len(rows) != 1 || len(rows[0].Cells) != 1 {
		t.Errorf("%d rows, error %v", len(rows), err)
	}
}

func TestTextAt_workbook_places(t *testing.T) {
	content := pack(t, minimal(`<row r="1"><c r="A1"><v>1</v></c></row><row r="3"><c r="B3"><v>2</v></c></row>`, ""))
	for _, tc := range []struct {
		at      scrape.Locator
		want    string
		refused bool
	}{
		{scrape.Locator{Sheet: "One", Row: 3, Col: 2}, "2", false},
		{scrape.Locator{Sheet: "One", Row: 3, Col: 9}, "", false},
		{scrape.Locator{Sheet: "One", Row: 2, Col: 1}, "", false},
		{scrape.Locator{Sheet: "One", Row: 3, Col: 1, Col2: 2}, " | 2", false},
		{scrape.Locator{Sheet: "One", Row: 4, Col: 1}, "", true},
		{scrape.Locator{Sheet: "One", Row: 3}, "", true},
		{scrape.Locator{Sheet: "Two", Row: 3, Col: 2}, "", true},
	} {
		got, err := textAtXLSX(bytes.NewReader(content), int64(len(content)), tc.at)
		if got != tc.want || errors.Is(err, scrape.ErrLayout) != tc.refused {
			t.Errorf("%+v: %q, %v; want %q", tc.at, got, err, tc.want)
		}
	}
}

// FuzzWorkbookSheet reads any sheet: no panic, places that rise, and the same rows as in
// the survey.
func FuzzWorkbookSheet(f *testing.F) {
	f.Add(`<row r="2"><c r="A2" t="s"><v>1</v></c></row>`)
	f.Add(`<row r="2"><c r="A2" t="inlineStr"><is><t>x</t></is></c><c r="C2"><f>A1</f></c></row><row><c/></row>`)
	f.Add(`<row r="1"><c r="A1"><v>1</v></c>`)
	f.Add(`</sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells><sheetData>`)
	f.Fuzz(func(t *testing.T, data string) {
		w, err := open(pack(t, minimal(data, "")))
		if err != nil {
			if !errors.Is(err, scrape.ErrLayout) {
				t.Fatalf("error %v does not wrap ErrLayout", err)
			}
			return
		}
		s := w.Sheet("One")
		last := SheetRow{}
		for r, err := range w.Rows(s) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Row <= last.Row || r.Row > s.LastRow || len(r.Cells) == 0 {
				t.Fatalf("row %d after row %d of %d", r.Row, last.Row, s.LastRow)
			}
			col := 0
			for _, c := range r.Cells {
				if c.Col <= col || c.Col > s.LastCol || c.Row != r.Row || c.Kind == 0 {
					t.Fatalf("cell %+v after column %d", c, col)
				}
				col = c.Col
			}
			last = r
		}
		if last.Row != s.LastRow {
			t.Fatalf("the last row is %d, the survey says %d", last.Row, s.LastRow)
		}
	})
}

// FuzzWorkbookBytes reads any bytes as a workbook.
func FuzzWorkbookBytes(f *testing.F) {
	f.Add(pack(f, minimal(`<row r="1"><c r="A1"><v>1</v></c></row>`, "")))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if _, err := open(content); err != nil && !errors.Is(err, scrape.ErrLayout) {
			t.Fatalf("error %v does not wrap ErrLayout", err)
		}
	})
}

func ExampleOpenWorkbook() {
	f := excelize.NewFile()
	defer f.Close()
	_ = f.SetCellValue("Sheet1", "B2", 817)
	var b bytes.Buffer
	_ = f.Write(&b)
	w, err := OpenWorkbook(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	for row, err := range w.Rows(w.Sheet("Sheet1")) {
		fmt.Println(row.Row, row.Cells[0].Text, row.Cells[0].Kind, err)
	}
	// Output: 2 817 number <nil>
}
