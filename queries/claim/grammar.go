package claim

import (
	"fmt"
	"strings"
)

// rules is the grammar as it is explained. What parse.go reads and what stands here change
// together; a test reads every example.
const rules = `sentence  = [ when ] subject [ when ] statement [ when ] [ "as of" ( EDITION | P | "now" ) ]
subject   = [ "at" | "to" ] PROVIDER, figures, [ [ "from" | "by" ] PLACE ]       in any order
figures   = figure { ( "plus" | "+" ) figure }
figure    = [ OUTCOME ] [ PROCESS ] [ MEASURE ]
statement = ( ROSE | FELL ) [ "by" bound "%" ]                   two periods
          | SAME                                                 two periods
          | [ "at least" | "more than" ] TIMES                   two periods
          | BE bound                                             one period
          | ( BE | SHARE ) bound "%" "of" [ "all" ] subject      one period
          | RANK ( "1st" | "first" | "in the top" N )            one period, one jurisdiction
bound     = [ OP ] N | "between" N "and" N | N "–" N
when      = ( "in" | "for" | "during" ) P | "between" P "and" P | "from" P "to" P
P         = 2019-H1 | 2019H1 | H1 2019 | first half of 2019 | 2019 (both halves)
N         = 12,500 | 12500 | 40.13

A place left out is the world, a process left out the provider's own total, a measure left out that
of the next figure. A share is of the same provider and, without a place of its own, of the same
place; "all" is of the world. A comma groups thousands, a point is the decimal point.
`

// Examples are sentences of the grammar, with every kind of statement.
var Examples = []string{
	"Microsoft FISA content accounts rose between 2019-H1 and 2023-H1",
	"Apple FISA content accounts rose by more than 400 % from 2018-H1 to 2024-H2",
	"Microsoft criminal plus emergency plus civil accounts were 92,161 in 2021",
	"Microsoft rejected requests from Germany were 40.13 % of requests in 2020-H2",
	"Microsoft requests from the United States made up less than 20 % of all requests in 2022-H1",
	"Microsoft requests from Germany ranked first in 2022-H1",
	"Google requests doubled between 2014 and 2019 as of google/user-data/2023-H2",
}

// Grammar explains what sentences can be read, with the words of words.csv and examples.
func Grammar() string {
	w := vocabulary()
	var b strings.Builder
	b.WriteString(rules)
	b.WriteByte('\n')
	for _, k := range []struct{ name, kind string }{
		{"PROVIDER", "provider"}, {"PROCESS", "process"}, {"MEASURE", "measure"}, {"OUTCOME", "outcome"},
		{"PLACE", "place"}, {"ROSE", "up"}, {"FELL", "down"}, {"SAME", "same"}, {"TIMES", "times"}, {"BE", "be"},
		{"SHARE", "share"}, {"RANK", "rank"}, {"OP", "op"},
	} {
		var phrases []string
		for _, r := range w.rows {
			if r.kind == k.kind {
				phrases = append(phrases, r.phrase)
			}
		}
		if k.kind == "place" {
			phrases = append(phrases, "every name, and code in capitals, of the table jurisdiction")
		}
		fold(&b, fmt.Sprintf("%-9s = ", k.name), phrases)
	}
	var silent []string
	for _, r := range w.rows {
		if r.kind == "silent" {
			silent = append(silent, r.phrase)
		}
	}
	fmt.Fprintf(&b, "\nThe words %s are not looked at, nor is the punctuation around a word.\n\nExamples\n", strings.Join(silent, ", "))
	for _, e := range Examples {
		b.WriteString("  " + e + "\n")
	}
	return b.String()
}

// maxLine is the width of the grammar's lines.
const maxLine = 110

// fold writes the phrases behind the name, in lines of at most maxLine letters.
func fold(b *strings.Builder, name string, phrases []string) {
	line := name
	for i, p := range phrases {
		if i > 0 {
			if len(line)+len(p)+3 > maxLine {
				b.WriteString(line + "\n")
				line = strings.Repeat(" ", len(name)-2) + "| " + p
				continue
			}
			line += " | "
		}
		line += p
	}
	b.WriteString(line + "\n")
}
