package normalize

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseValue(t *testing.T) {
	de, fr := ValueOptions{Locale: "de"}, ValueOptions{Locale: "fr"}
	for _, tc := range []struct {
		name, text string
		o          ValueOptions
		want       string // Interval.String, "refused" for an error
		exactness  Exactness
		marks      string
	}{
		{name: "plain", text: "12", want: "12", exactness: Exact},
		{name: "zero", text: "0", want: "0", exactness: Exact},
		{name: "thousands", text: "1,975", want: "1975", exactness: Exact},
		{name: "millions", text: "1,234,567", want: "1234567", exactness: Exact},
		{name: "spaces_around", text: "\u00a0 42 \n", want: "42", exactness: Exact},
		{name: "apostrophe", text: "12'345", want: "12345", exactness: Exact},
		{name: "typographic_apostrophe", text: "12’345", want: "12345", exactness: Exact},
		{name: "no_break_space", text: "12\u00a0345", want: "12345", exactness: Exact},
		{name: "narrow_no_break_space", text: "12\u202f345", o: fr, want: "12345", exactness: Exact},
		{name: "thin_space", text: "12\u2009345", o: fr, want: "12345", exactness: Exact},
		{name: "plain_space_french", text: "12 345", o: fr, want: "12345", exactness: Exact},
		{name: "plain_space_english", text: "12 345", want: "refused"},
		{name: "long_fraction", text: "39083.421897734355", want: "39083.421897734355", exactness: Exact},
		{name: "point_zero", text: "106.00", want: "106", exactness: Exact},
		{name: "small_fraction", text: "0.125", want: "0.125", exactness: Exact},
		{name: "grouped_with_fraction", text: "1,234.567", want: "1234.567", exactness: Exact},
		{name: "four_digits_with_three_decimals", text: "1234.567", want: "1234.567", exactness: Exact},
		{name: "scientific", text: "2.1E-2", want: "0.021", exactness: Exact},
		{name: "scientific_large", text: "1.2345E4", want: "12345", exactness: Exact},
		{name: "scientific_rounded", text: "4.95E+03", want: "refused"},
		{name: "scientific_zeros_left_out", text: "1E3", want: "refused"},
		{name: "footnote", text: "1*", want: "1", exactness: Exact, marks: "*"},
		{name: "dagger_with_space", text: "12 †", want: "12", exactness: Exact, marks: "†"},
		{name: "two_marks", text: "134,987•‡", want: "134987", exactness: Exact, marks: "•‡"},
		{name: "numbered_note", text: "7 [2]*", want: "7", exactness: Exact, marks: "[2] *"},
		{name: "superscript", text: "7²", want: "7", exactness: Exact, marks: "²"},

		{name: "band", text: "0-999", want: "0-999", exactness: Band},
		{name: "band_spaced", text: "0 - 499", want: "0-499", exactness: Band},
		{name: "en_dash", text: "0–499", want: "0-499", exactness: Band},
		{name: "em_dash", text: "0 — 499", want: "0-499", exactness: Band},
		{name: "minus", text: "0−499", want: "0-499", exactness: Band},
		{name: "non_breaking_hyphen", text: "0‑499", want: "0-499", exactness: Band},
		{name: "soft_hyphen", text: "0\u00ad499", want: "0-499", exactness: Band},
		{name: "zeros_in_front", text: "000–499", want: "0-499", exactness: Band},
		{name: "grouped", text: "24,000 - 24,999", want: "24000-24999", exactness: Band},
		{name: "one_separator_missing", text: "1000 - 1,999", want: "1000-1999", exactness: Band},
		{name: "raised_floor", text: "13,255 - 13,499", want: "13255-13499", exactness: Band},
		{name: "to", text: "6,000 to 7,000", want: "6000-7000", exactness: Band},
		{name: "between", text: "between 6,000 and 7,000", want: "6000-7000", exactness: Band},
		{name: "between_upper_case", text: "Between 31,000 And 32,000", want: "31000-32000", exactness: Band},
		{name: "zwischen_und", text: "zwischen 6.000 und 7.000", o: de, want: "6000-7000", exactness: Band},
		{name: "zwischen_bis", text: "zwischen 31.000 bis 32.000", o: de, want: "31000-32000", exactness: Band},
		{name: "entre_et", text: "entre 6\u202f000 et 7\u202f000", o: fr, want: "6000-7000", exactness: Band},
		{name: "a_grave", text: "6 000 à 7 000", o: fr, want: "6000-7000", exactness: Band},
		{name: "band_with_note", text: "0 - 499*", want: "0-499", exactness: Band, marks: "*"},

		{name: "below", text: "< 10", want: "0-9", exactness: BelowThreshold},
		{name: "below_glued", text: "<10", want: "0-9", exactness: BelowThreshold},
		{name: "fewer_than", text: "fewer than 500", want: "0-499", exactness: BelowThreshold},
		{name: "fewer_than_odni", text: "Fewer than 500", o: ValueOptions{UpperBound: true}, want: "0-499", exactness: UpperBound},
		{name: "less_than", text: "less than 1,000", want: "0-999", exactness: BelowThreshold},
		{name: "below_one", text: "< 1", want: "0", exactness: BelowThreshold},
		{name: "at_least", text: "5000+", want: "5000+", exactness: LowerBound},
		{name: "about", text: "~500", want: "500", exactness: Approximate},
		{name: "approximately", text: "approximately 1,200", want: "1200", exactness: Approximate},
		{name: "about_a_band", text: "about 100 to 200", want: "100-200", exactness: Approximate},

		{name: "german_thousands", text: "6.000", o: de, want: "6000", exactness: Exact},
		{name: "american_thousands_in_german", text: "1,558", o: de, want: "1558", exactness: Exact},
		{name: "german_decimal", text: "12,34", o: de, want: "12.34", exactness: Exact},
		{name: "german_both", text: "1.234,5", o: de, want: "1234.5", exactness: Exact},
		{name: "german_broken_group", text: "6.00", o: de, want: "refused"},
		{name: "french_comma_is_ambiguous", text: "1,558", o: fr, want: "refused"},

		{name: "percent", text: "54%", o: ValueOptions{Percent: true}, want: "54", exactness: Rounded},
		{name: "percent_two_decimals", text: "83.00%", o: ValueOptions{Percent: true}, want: "83", exactness: Rounded},
		{name: "percent_decimal", text: "46.8 %", o: ValueOptions{Percent: true}, want: "46.8", exactness: Rounded},
		{name: "percent_three_decimals", text: "46.875%", o: ValueOptions{Percent: true}, want: "46.875", exactness: Rounded},
		{name: "percent_without_sign", text: "79", o: ValueOptions{Percent: true}, want: "79", exactness: Rounded},
		{name: "percent_above_hundred", text: "101%", o: ValueOptions{Percent: true}, want: "refused"},
		{name: "percent_below_one", text: "0.5%", o: ValueOptions{Percent: true}, want: "0.5", exactness: Rounded},
		{name: "percent_or_fraction", text: "0.87", o: ValueOptions{Percent: true}, want: "refused"},
		{name: "percent_zero", text: "0", o: ValueOptions{Percent: true}, want: "0", exactness: Rounded},
		{name: "percent_scientific_fraction", text: "2.196472739004194E-2", o: ValueOptions{Percent: true}, want: "refused"},
		{name: "percent_band", text: "10-20%", o: ValueOptions{Percent: true}, want: "refused"},
		{name: "percent_in_a_count", text: "54%", want: "refused"},

		{name: "empty", text: "", want: "refused"},
		{name: "dash", text: " -", want: "refused"},
		{name: "not_applicable", text: "N/A", want: "refused"},
		{name: "negative", text: "-5", want: "refused"},
		{name: "negative_minus_sign", text: "−5", want: "refused"},
		{name: "accounting_negative", text: "(5)", want: "refused"},
		{name: "upside_down", text: "499 - 0", want: "refused"},
		{name: "equal_ends", text: "5-5", want: "refused"},
		{name: "two_bands", text: "0-249, 250-499", want: "refused"},
		{name: "half_known_bands", text: ", 0-999", want: "refused"},
		{name: "three_numbers", text: "1-2-3", want: "refused"},
		{name: "date_iso", text: "2013-06-30", want: "refused"},
		{name: "date_slash", text: "1/2/3", want: "refused"},
		{name: "day_and_month", text: "06-30", want: "refused"},
		{name: "garbage_behind", text: "0–249 requests", want: "refused"},
		{name: "missing_end", text: "0–249 –", want: "refused"},
		{name: "open_band", text: "0 -", want: "refused"},
		{name: "words", text: "twelve", want: "refused"},
		{name: "groups_of_two", text: "12,34", want: "refused"},
		{name: "groups_of_four", text: "1,2345", want: "refused"},
		{name: "head_of_four", text: "1234,567", want: "refused"},
		{name: "mixed_separators", text: "1,234'567", want: "refused"},
		{name: "leading_separator", text: ",123", want: "refused"},
		{name: "trailing_separator", text: "123,", want: "refused"},
		{name: "double_separator", text: "1,,234", want: "refused"},
		{name: "grouped_zero_head", text: "0,123", want: "refused"},
		{name: "ambiguous_point", text: "6.000", want: "refused"},
		{name: "ambiguous_point_in_a_band", text: "6.000 - 7.000", want: "refused"},
		{name: "two_points", text: "1.2.3", want: "refused"},
		{name: "leading_zero", text: "007", want: "refused"},
		{name: "too_large", text: "9007199254740993000", want: "refused"},
		{name: "overflow", text: "1E999", want: "refused"},
		{name: "infinite", text: "Inf", want: "refused"},
		{name: "not_a_number", text: "NaN", want: "refused"},
		{name: "hexadecimal", text: "0x10", want: "refused"},
		{name: "other_digits", text: "١٢", want: "refused"},
		{name: "error_cell", text: "#REF!", want: "refused"},
		{name: "between_one", text: "between 6,000", want: "refused"},
		{name: "band_plus", text: "0-499+", want: "refused"},
		{name: "below_zero", text: "< 0", want: "refused"},
		{name: "below_a_band", text: "< 10-20", want: "refused"},
		{name: "delayed", text: "Data subject to six month reporting delay", want: "refused"},
		{name: "unknown_locale", text: "1,000 ", o: ValueOptions{Locale: "xx"}, want: "refused"},
		{name: "count_and_percent", text: "12 (54%)", want: "refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i, e, d, err := ParseValue(tc.text, tc.o)
			if tc.want == "refused" {
				if err == nil {
					t.Fatalf("ParseValue(%q) = %s %s, want an error", tc.text, i, e)
				}
				if !i.IsZero() || e != "" {
					t.Errorf("an error comes with a figure: %s %s", i, e)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := []string{i.String(), string(e), strings.Join(d.Marks, " ")}
			if diff := cmp.Diff([]string{tc.want, string(tc.exactness), tc.marks}, got); diff != "" {
				t.Errorf("ParseValue(%q) (-want +got):\n%s", tc.text, diff)
			}
		})
	}
}

func TestParseEnds(t *testing.T) {
	for _, tc := range []struct{ name, low, high, want string }{
		{"band", "500", "999", "500-999 band"},
		{"grouped", "95,500", "95,999", "95500-95999 band"},
		{"equal", "0", "0", "0 exact"},
		{"upside_down", "999", "500", "refused"},
		{"band_in_one_cell", "0-499", "999", "refused"},
		{"one_missing", "", "499", "refused"},
		{"threshold", "0", "<500", "refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			i, e, _, err := parseEnds(tc.low, tc.high, ValueOptions{})
			got := i.String() + " " + string(e)
			if err != nil {
				got = "refused"
			}
			if got != tc.want {
				t.Errorf("parseEnds(%q, %q) = %s, want %s (%v)", tc.low, tc.high, got, tc.want, err)
			}
		})
	}
}

// What Interval.String prints is read back as the same interval.
func TestParseValueReadsBackWhatIsPrinted(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	check := func(i Interval) {
		t.Helper()
		got, _, _, err := ParseValue(i.String(), ValueOptions{})
		if err != nil || got != i {
			t.Errorf("ParseValue(%q) = %v, %v", i.String(), got, err)
		}
	}
	for range 20000 {
		a, b := float64(r.Int64N(1<<uint(r.IntN(53)+1))), float64(r.Int64N(1<<uint(r.IntN(53)+1)))
		check(Point(a))
		check(AtLeast(a))
		check(Point(math.Trunc(a/(1<<20)) + 0.0625)) // four decimals
		if a < b {
			check(Range(a, b))
		}
	}
}

func FuzzParseValue(f *testing.F) {
	for _, s := range []string{"0 - 499", "between 6,000 and 7,000", "39083.421897734355", "< 10", "5000+", "54%", "1*", "000–499", "2.1E-2", "12'345", "-", "6.000", "0\u00ad499"} {
		for _, l := range []string{"en", "de", "fr"} {
			f.Add(s, l, false)
		}
		f.Add(s, "en", true)
	}
	f.Fuzz(func(t *testing.T, s, locale string, percent bool) {
		i, e, d, err := ParseValue(s, ValueOptions{Locale: locale, Percent: percent})
		if err != nil {
			if !i.IsZero() || e != "" {
				t.Fatalf("ParseValue(%q): a figure beside an error", s)
			}
			return
		}
		low, ok := i.Low()
		if !ok || low < 0 || !e.HasValue() {
			t.Fatalf("ParseValue(%q) = %v %s", s, i, e)
		}
		if high, ok := i.High(); ok && low > high || !ok && e != LowerBound {
			t.Fatalf("ParseValue(%q) = %v %s", s, i, e)
		}
		if (e == Exact || e == Rounded) && !i.IsPoint() {
			t.Fatalf("ParseValue(%q) = %v %s", s, i, e)
		}
		if !strings.ContainsAny(s, "0123456789") {
			t.Fatalf("ParseValue(%q) = %v: a figure without a digit", s, i)
		}
		if !d.Fraction {
			again, _, _, err := ParseValue(i.String(), ValueOptions{})
			if err != nil || again != i {
				t.Fatalf("ParseValue(%q) prints %q, read back as %v, %v", s, i.String(), again, err)
			}
		}
	})
}

// The sum holds the sum of every pair of numbers, and its ends are reached.
func TestAddAgainstBruteForce(t *testing.T) {
	var all []Interval
	for low := 0; low <= 4; low++ {
		for high := low; high <= 4; high++ {
			all = append(all, Range(float64(low), float64(high)))
		}
		all = append(all, AtLeast(float64(low)))
	}
	const top = 40 // stands for "without end"
	for _, a := range all {
		for _, b := range all {
			sum := a.Add(b)
			if sum != b.Add(a) {
				t.Errorf("%s + %s is not %s + %s", a, b, b, a)
			}
			lowest, highest := math.Inf(1), math.Inf(-1)
			for x := 0.0; x <= top; x++ {
				for y := 0.0; y <= top; y++ {
					if !a.Contains(x) || !b.Contains(y) {
						continue
					}
					if !sum.Contains(x + y) {
						t.Fatalf("%s + %s = %s does not hold %v", a, b, sum, x+y)
					}
					lowest, highest = min(lowest, x+y), max(highest, x+y)
				}
			}
			if low, _ := sum.Low(); low != lowest {
				t.Errorf("%s + %s: low %v, want %v", a, b, low, lowest)
			}
			high, closed := sum.High()
			if aHigh, ok := a.High(); closed && high != highest || closed != (ok && bClosed(b)) {
				t.Errorf("%s + %s: high %v (%v, %v)", a, b, high, closed, aHigh)
			}
			if got := a.Within(sum.Add(AtLeast(0))); got != bruteWithin(a, sum.Add(AtLeast(0)), top) {
				t.Errorf("%s within %s: %v", a, sum, got)
			}
			if got := a.Meets(b); got != bruteMeets(a, b, top) {
				t.Errorf("%s meets %s: %v", a, b, got)
			}
		}
	}
	if got := Point(3).Add(Interval{}); !got.IsZero() {
		t.Errorf("3 + no figure = %s, want no figure", got)
	}
}

func bClosed(i Interval) bool { _, ok := i.High(); return ok }

func bruteWithin(a, b Interval, top int) bool {
	for x := 0.0; x <= float64(top); x++ {
		if a.Contains(x) && !b.Contains(x) {
			return false
		}
	}
	return true
}

func bruteMeets(a, b Interval, top int) bool {
	for x := 0.0; x <= float64(top); x++ {
		if a.Contains(x) && b.Contains(x) {
			return true
		}
	}
	return false
}

func TestIntervalZeroIsNoFigure(t *testing.T) {
	for _, i := range []Interval{{}, Range(2, 1), Range(math.NaN(), 1), Range(0, math.Inf(1)), AtLeast(math.Inf(1)), AtLeast(math.NaN())} {
		if !i.IsZero() || i.Contains(0) || i.IsPoint() || i.Within(AtLeast(0)) || i.Meets(AtLeast(0)) || i.String() != "" {
			t.Errorf("%+v is a figure", i)
		}
	}
	if i := Point(0); i.IsZero() || !i.Contains(0) || i.String() != "0" {
		t.Error("the number 0 is no figure")
	}
}
