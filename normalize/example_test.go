package normalize_test

import (
	"fmt"
	"time"

	"daylight/normalize"
)

func ExampleInterval() {
	first := normalize.Range(0, 499)
	second := normalize.Range(13255, 13499)
	fmt.Println(first.Add(second))
	fmt.Println(first.Contains(0), normalize.Interval{}.Contains(0))
	fmt.Println(normalize.AtLeast(5000).Meets(second), first.Within(normalize.Range(0, 999)))
	// Output:
	// 13255-13998
	// true false
	// true true
}

// Accounts whose content Microsoft gave under FISA orders, second half of 2011 to second half
// of 2020.
func ExampleInterval_PercentChange() {
	first, last := normalize.Range(11000, 11999), normalize.Range(15000, 15499)
	change := first.PercentChange(last)
	low, _ := change.Low()
	high, _ := change.High()
	fmt.Printf("%s, by %.1f to %.1f percent\n", first.Direction(last), low, high)

	// The same band twice says nothing: 0 may have become 499.
	orders := normalize.Range(0, 499)
	fmt.Println(orders.Direction(orders), orders.PercentChange(orders), orders.Diff(orders))
	// Output:
	// up, by 25.0 to 40.9 percent
	// indeterminate -100+ -499-499
}

// FISA content accounts of the first half of 2023: Google's part of what Google and Microsoft
// report together.
func ExampleInterval_Share() {
	google, microsoft := normalize.Range(115000, 115499), normalize.Range(24000, 24999)
	share := google.Share(microsoft)
	low, _ := share.Low()
	high, _ := share.High()
	fmt.Printf("%.2f to %.2f percent\n", low, high)

	// Each end over the other end of the sum would be wider: it counts Google twice.
	ratio := google.Add(microsoft).Ratio(google)
	low, _ = ratio.Low()
	high, _ = ratio.High()
	fmt.Printf("%.2f to %.2f percent\n", 100*low, 100*high)
	// Output:
	// 82.14 to 82.80 percent
	// 81.85 to 83.09 percent
}

// Accounts whose content Microsoft gave under FISA orders in the halves of 2013. One under an
// order that runs on is counted in both, so that the year is not their sum.
func ExampleInterval_CarryOver() {
	first, second := normalize.Range(15000, 15999), normalize.Range(18000, 18999)
	fmt.Println(first.CarryOver(second), "and not", first.Add(second))
	// Output:
	// 18000-34998 and not 33000-34998
}

// Microsoft rejected 40.13 percent of 4,976 German requests in the second half of 2020.
func ExampleInterval_CountOf() {
	fmt.Println(normalize.Point(4976).CountOf(normalize.Unrounded(40.13, 2)))
	fmt.Println(normalize.Point(4976).CountOf(normalize.Unrounded(40, 0)))
	// Output:
	// 1997
	// 1966-2015
}

func ExampleRanks() {
	// Two bands overlap, the third figure is below both.
	fmt.Println(normalize.Ranks([]normalize.Interval{
		normalize.Range(500, 999), normalize.Range(0, 999), normalize.Point(12), {},
	}))
	// Output:
	// [{1 3} {1 4} {2 4} {0 0}]
}

func ExampleParseValue() {
	for _, text := range []string{"24,000 - 24,999", "between 6,000 and 7,000", "< 10", "5000+", "1*", "12,34", "N/A"} {
		value, exactness, _, err := normalize.ParseValue(text, normalize.ValueOptions{})
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(value, exactness)
	}
	share, exactness, _, err := normalize.ParseValue("54%", normalize.ValueOptions{Percent: true})
	fmt.Println(share, exactness, err)
	// Output:
	// 24000-24999 band
	// 6000-7000 band
	// 0-9 below_threshold
	// 5000+ lower_bound
	// 1 exact
	// value "12,34": "12,34": thousands are not grouped by three
	// value "N/A": "N/A" where a number is expected
	// 54 rounded <nil>
}

func ExampleParsePeriod() {
	for _, text := range []string{
		"2013 H1", "July - Dec 2011", "Reporting Period: July 2021 - December 2021",
		"In den letzten 6 Monaten bis 31.Dezember 2012", "1 Dec 2012 - 31 May 2013", "Jan - June 2013 and July - Dec 2013",
	} {
		period, err := normalize.ParsePeriod(text, normalize.PeriodOptions{})
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(period.Label(), period.Kind, period.Start.Format(time.DateOnly), period.End.Format(time.DateOnly))
	}
	// Output:
	// 2013-H1 half 2013-01-01 2013-06-30
	// 2011-H2 half 2011-07-01 2011-12-31
	// 2021-H2 half 2021-07-01 2021-12-31
	// 2012-H2 half 2012-07-01 2012-12-31
	// 2012-12-01/2013-05-31 irregular 2012-12-01 2013-05-31
	// period "Jan - June 2013 and July - Dec 2013": the range does not end at "2013-H1"
}
