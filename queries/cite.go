package queries

import (
	"fmt"
	"strings"
)

// Citation names printed cells of one capture so that anybody finds them again.
type Citation struct {
	Title      string // the report's own name
	Edition    string // source/label
	File       string // name of the captured file
	Places     []Place
	CapturedAt string // UTC; its day is cited
	Trust      string // how the bytes came here: publisher, archive, retyped, mirror or press
	SHA256     string
	URL        string // "" when unknown
}

// Place is a printed text and where it stands.
type Place struct{ Locator, Text string }

// maxPlaces is how many places a citation lists.
const maxPlaces = 3

// String is the citation in one line.
func (c Citation) String() string {
	var places []string
	for i, p := range c.Places {
		if i == maxPlaces {
			places = append(places, fmt.Sprintf("and %d more", len(c.Places)-i))
			break
		}
		places = append(places, fmt.Sprintf("%s (%q)", p.Locator, p.Text))
	}
	day, _, _ := strings.Cut(c.CapturedAt, "T")
	parts := []string{c.Title, "edition " + c.Edition, c.File, strings.Join(places, ", "),
		fmt.Sprintf("captured %s (%s)", day, c.Trust), "SHA-256 " + c.SHA256}
	if c.URL != "" {
		parts = append(parts, c.URL)
	}
	return strings.Join(parts, "; ")
}
