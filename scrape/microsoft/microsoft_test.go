package microsoft

import (
	"testing"

	"daylight/scrape/scrapetest"
)

func TestLERR(t *testing.T)      { scrapetest.Run(t, LERR()) }
func TestUSNSOR(t *testing.T)    { scrapetest.Run(t, USNSOR()) }
func TestStatement(t *testing.T) { scrapetest.Run(t, Statement()) }

func TestSources(t *testing.T) {
	for _, s := range Sources() {
		if d := s.Describe(); d.Provider != "microsoft" {
			t.Errorf("source %s is of provider %q", d.ID, d.Provider)
		}
	}
}
