package main

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// publishedClaims asks what the press and the publishers have answered before. Each line of
// testdata/published_claims.csv is a number that was published, the question and the arguments
// that answer it (the rule: which processes, which edition, which members, which units), and
// what the data say to it:
//
//   - exact: the answer is that number, at the decimals it was published with;
//   - inside: the number is one of those that the bands allow;
//   - open: not all of the report is at hand, and the number is not below what is;
//   - refuted: it is none of those that the figures allow; found is what they allow;
//   - none: the answer is refused, because the figures may not be added.
//
// set is the data at hand: embedded, real (the publishers' own files) or both together. A line
// holds for one set, or for any.
func publishedClaims(t *testing.T, data, set string) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "published_claims.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, l := range lines[1:] {
		c := map[string]string{}
		for i, name := range lines[0] {
			c[name] = l[i]
		}
		if c["data"] != set && c["data"] != "any" {
			continue
		}
		asked++
		row := claimed(t, data, c["question"], c["params"], c["row"])
		if row == nil {
			t.Errorf("%s: %s %s has no row %s", c["id"], c["question"], c["params"], c["row"])
			continue
		}
		verdict, found := judge(t, c, row[c["low"]], row[c["high"]])
		if verdict != c["verdict"] || found != c["found"] {
			t.Errorf("%s: published is %s, the data say %s..%s: %s, found %q; want %s, found %q\n%v",
				c["id"], c["published"], row[c["low"]], row[c["high"]], verdict, found, c["verdict"], c["found"], row)
		}
	}
	t.Logf("%d published claims answered with the %s captures", asked, set)
	if asked < 5 {
		t.Errorf("only %d claims", asked)
	}
}

// claimed asks the question and returns the one row in which a column has a value, nil for none.
func claimed(t *testing.T, data, question, params, key string) map[string]string {
	t.Helper()
	args := []string{"query", question, "--format", "csv"}
	for _, p := range strings.Fields(params) {
		args = append(args, "--param", p)
	}
	lines, err := csv.NewReader(strings.NewReader(command(t, data, args...))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column, value, _ := strings.Cut(key, "=")
	i := slices.Index(lines[0], column)
	var out map[string]string
	for _, l := range lines[1:] {
		if i < 0 || l[i] != value {
			continue
		}
		if out != nil {
			t.Fatalf("%s %s: more than one row %s", question, params, key)
		}
		out = map[string]string{}
		for i, name := range lines[0] {
			out[name] = l[i]
		}
	}
	return out
}

// judge compares a published number with an answer's bounds, and prints what the bounds say.
func judge(t *testing.T, c map[string]string, lowText, highText string) (verdict, found string) {
	t.Helper()
	number := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatalf("%s: %q is no number", c["id"], s)
		}
		return v
	}
	if lowText == "" {
		return "none", ""
	}
	decimals := int(number(c["decimals"]))
	p, low := number(c["published"]), number(lowText)
	step := math.Pow10(-decimals)
	fits := func(v float64) bool { return math.Abs(v-p) < step/2+1e-9 && (decimals > 0 || v == p) }
	text := func(v float64, d int) string { return strconv.FormatFloat(v, 'f', d, 64) }
	if highText == "" {
		if low <= p {
			return "open", text(low, 0)
		}
		return "refuted", text(low, decimals)
	}
	high := number(highText)
	switch {
	case fits(low) && fits(high):
		return "exact", text(low, decimals)
	case low <= p+step/2 && p-step/2 <= high && low < high:
		return "inside", text(low, 1) + ".." + text(high, 1)
	case low == high:
		return "refuted", text(low, decimals)
	}
	return "refuted", text(low, decimals) + ".." + text(high, decimals)
}
