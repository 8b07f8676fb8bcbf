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
