// Package google answers one question: what do Google's reports on requests for user
// information say?
//
// One room holds one source, user-data: Google puts all its tables into one ZIP, and the
// older downloads (2012-2019) are the same user-data table alone. Every table is declared
// in [report] with all headers it ever had, French ones included; what is not declared
// there is refused or held (package grid says which).
//
// Three of the tables, FISA content, FISA non-content and NSL, have the same headers word
// for word. Only the file's name tells them apart, so a file of that shape under another
// name is refused.
//
// It may import scrape and scrape/grid.
package google

import (
	"context"
	"embed"
	"fmt"
	"iter"
	"regexp"
	"strconv"
	"strings"

	"daylight/scrape"
	"daylight/scrape/grid"
)

//go:embed captures
var captures embed.FS

// id is the source's Description.ID.
const id = "google/user-data"

// archive is the address of the ZIP with all tables; the page of Description links to it
// ("Download data", read 2024).
const archive = "https://storage.googleapis.com/transparencyreport/google-user-data-requests.zip"

// UserData returns the source google/user-data: requests for user information, diplomatic
// requests, enterprise customers, FISA and NSL bands, released letters.
func UserData() scrape.Source { return userData{} }

type userData struct{}

func (userData) Describe() scrape.Description {
	return scrape.Description{
		ID:       id,
		Provider: "google",
		Title:    "Google Transparency Report: Global requests for user information",
		Page:     "https://transparencyreport.google.com/user-data/overview",
		URLs:     []string{archive},
		Hosts:    []string{"storage.googleapis.com", "transparencyreport.google.com"},
		Cadence:  "half-yearly",
		Licence:  "no licence stated for the data; Google's terms of service apply; the figures are facts",
		Formats: []string{
			"2011 CSV, six columns, \"Country Code\" and \"Data Requests\"",
			"2012 CSV, six columns, no legal process",
			"2013 CSV with legal process, United States split from 2012-H2; French download with translated headers",
			"2016 CSV, ISO dates, \"All\", preservation rows",
			"2020 ZIP of eight CSVs, columns renamed and reordered",
			"2023 ZIP, CLOUD Act rows",
		},
	}
}

func (userData) Collect(ctx context.Context, g scrape.Getter) ([]scrape.Capture, error) {
	c, err := g.Get(ctx, scrape.Request{URL: archive})
	if err != nil {
		return nil, err
	}
	return []scrape.Capture{c}, nil
}

func (userData) Parse(c scrape.Capture) iter.Seq2[scrape.Row, error] { return report.Parse(c) }

func (userData) Embedded() ([]scrape.Capture, error) {
	return scrape.EmbeddedCaptures(captures, "captures", id)
}

// Columns that stand in several tables.
var (
	periodEnd = grid.Field{Role: scrape.RolePeriodEnd, Printed: []string{"Period Ending", "Fin de la période"}, Never: never}
	country   = grid.Field{Role: scrape.RoleCountry, Printed: []string{"Country/Region", "Country", "Pays"}, Never: never}
	origin    = grid.Field{Role: scrape.RoleCountry, Printed: []string{"Country/Region of Origin"}}
	code      = grid.Field{Role: scrape.RoleCountryCode, Printed: []string{"CLDR Territory Code", "Country Code", "Code du territoire CLDR"}}
	assisting = grid.Field{Role: scrape.RoleAssisting, Printed: []string{"Assisting Country"}}
	product   = grid.Field{Role: scrape.RoleProduct, Printed: []string{"Product"}}
	process   = grid.Field{Role: scrape.RoleProcess, Printed: []string{"Legal Process", "Procédure judiciaire"}}
)

// whole is the edition since which every ZIP is known to hold all eight tables.
const whole = "2020-H1"

// never says of a column that no known file leaves it empty.
const never = "no known file leaves it empty"

// newest says of a figure that only the half-years before 2011 leave it empty.
const newest = "since 2011 every half-year prints it"

// preserved says why a share is doubtful on a line of preservation requests, which ask for no
// data: somebody filled the empty cells.
func preserved(keys []scrape.Cell) string {
	for _, k := range keys {
		if k.Role == scrape.RoleProcess && strings.Contains(grid.Fold(k.Text), "preservation") {
			return "preservation requests have no share that was answered, in every known file"
		}
	}
	return ""
}

// bands is the shape of the three tables of half-yearly national-security bands.
var bands = []grid.Field{
	{Role: scrape.RolePeriodEnd, Printed: []string{"Reporting period ending date"}, Never: never},
	{Printed: []string{"Number of requests (range MIN)"}, Upper: []string{"Number of requests (range MAX)"}, Never: never},
	{Printed: []string{"Number of accounts (range MIN)"}, Upper: []string{"Number of accounts (range MAX)"}, Never: never},
}

// assisted judges a line of diplomatic requests. Where there was none in the half-year Google
// prints one without countries, and 0; it speaks for the world. All others name two, the
// second of which is one where a company of Google's answers, in every known download.
func assisted(keys []scrape.Cell) grid.Verdict {
	var from, through string
	for _, k := range keys {
		switch k.Role {
		case scrape.RoleCountry:
			from = strings.TrimSpace(k.Text)
		case scrape.RoleAssisting:
			through = strings.TrimSpace(k.Text)
		}
	}
	switch {
	case from == "" && through == "":
		return grid.Verdict{Total: true}
	case from == "" || through != "United States" && through != "Ireland":
		return grid.Verdict{Hold: fmt.Sprintf("a request of %q through %q: the cells may be shifted", from, through)}
	}
	return grid.Verdict{}
}

// letterNumber is how the FBI numbers its letters: the year first, and several under one
// number as "NSL-15-408634(a)", "NSL-15-419402 (b)" or "NSL-21-538556-2".
var letterNumber = regexp.MustCompile(`^NSL-([0-9]{2})-[0-9]{6}(-[0-9]| ?\([a-z]\))?$`)

// letter holds a line of the list of released letters whose number and day of issue do not
// belong together: a letter is issued in the year of its number or the one after.
func letter(keys []scrape.Cell) grid.Verdict {
	var number []string
	year := ""
	for _, k := range keys {
		switch k.Role {
		case scrape.RoleItem:
			number = letterNumber.FindStringSubmatch(strings.TrimSpace(k.Text))
		case scrape.RoleDate:
			year, _, _ = strings.Cut(strings.TrimSpace(k.Text), "-")
		}
	}
	if number == nil {
		return grid.Verdict{Hold: "no number of a National Security Letter"}
	}
	numbered, err1 := strconv.Atoi("20" + number[1])
	issued, err2 := strconv.Atoi(year)
	if err1 != nil || err2 != nil || issued != numbered && issued != numbered+1 {
		return grid.Verdict{Hold: fmt.Sprintf("the letter's number says %d, the day of issue %q", numbered, year)}
	}
	return grid.Verdict{}
}

// processes refuses a file without legal processes that is none of 2012: they came with the
// header that names the share otherwise.
func processes(header []string, _ []scrape.Cell) error {
	for _, h := range header {
		switch grid.Fold(h) {
		case "legal process", "procédure judiciaire", "percentage of data requests fully or partially complied with":
			return nil
		}
	}
	return fmt.Errorf("%w: no column of legal processes, which every file since 2013 has", scrape.ErrLayout)
}

// report declares every table. Headers were read in downloads of 2011 to 2026. All files
// that Google issued end their last line, so Ends is set throughout.
var report = grid.Report{
	Provider: "google",
	// The README writes "google-enteprise-..." for a member: its text is no source of names.
	Notes: map[string]string{"readme*": "the publisher's description of the files"},
	Layouts: []grid.Layout{
		{
			Table: "user_data", Ends: true, Since: whole, Header: processes,
			Files: []string{"google-global-user-data-requests*.csv", "google-user-data-requests*.csv"},
			Fields: []grid.Field{
				periodEnd, country, code,
				{Role: process.Role, Printed: process.Printed, Optional: true}, // not in 2012
				{Printed: []string{"User Data Requests", "Data Requests", "Demandes de renseignements sur les utilisateurs"}, Last: newest},
				{Printed: []string{
					"Percentage disclosed",
					"Percentage of requests where some data produced",
					"Percentage of data requests fully or partially complied with",
					"Pourcentage de demandes auxquelles nous avons partiellement accédé",
				}, Only: preserved, Moved: true},
				{Printed: []string{"Accounts", "Users/Accounts Specified", "Utilisateurs/Comptes spécifiés"}, Last: newest},
			},
		},
		{
			Table: "dlr", Ends: true, Since: whole, Line: assisted,
			Files: []string{"google-global-user-data-dlr-requests*.csv"},
			Fields: []grid.Field{
				periodEnd, origin, code, assisting,
				{Printed: []string{"User Data Diplomatic Legal requests"}, Never: never},
			},
		},
		{
			Table: "enterprise", Ends: true, Since: whole,
			Files: []string{"google-enterprise-data-requests*.csv"},
			Fields: []grid.Field{
				periodEnd, country, code, product, process,
				{Printed: []string{"Enterprise Cloud customer requests"}, Never: never},
				{Printed: []string{"Enterprise Cloud customers"}, Never: never},
				{Printed: []string{"Percentage disclosed"}, Only: preserved, Moved: true},
			},
		},
		{
			Table: "enterprise_dlr", Ends: true, Since: whole, Line: assisted,
			Files: []string{"google-enterprise-data-dlr-requests*.csv"},
			Fields: []grid.Field{
				periodEnd, product, origin, assisting,
				{Printed: []string{"Enterprise Diplomatic Legal requests"}, Never: never},
			},
		},
		{Table: "fisa_content", Ends: true, Since: whole, Fields: bands, Files: []string{"google-usnationalsecurity-fisa-content-requests*.csv"}},
		{Table: "fisa_noncontent", Ends: true, Since: whole, Fields: bands, Files: []string{"google-usnationalsecurity-fisa-non-content-requests*.csv"}},
		{Table: "nsl", Ends: true, Since: whole, Fields: bands, Files: []string{
			"google-usnationalsecurity-nsl-requests.csv", "google-usnationalsecurity-nsl-requests[-_ (][0-9]*.csv",
		}},
		{
			// One line is one letter, so the letter's number is key and figure at once.
			Table: "nsl_released", Ends: true, Since: whole, Line: letter,
			Files: []string{"google-usnationalsecurity-nsl-requests-released*.csv"},
			Fields: []grid.Field{
				{Role: scrape.RoleItem, Figure: true, Printed: []string{"National Security Letter (NSL) number"}},
				{Role: scrape.RoleDate, Printed: []string{"NSL issue date"}},
				{Printed: []string{"FBI release letter date"}, Ignore: "the day the FBI released the letter; a date is no count"},
			},
		},
	},
}
