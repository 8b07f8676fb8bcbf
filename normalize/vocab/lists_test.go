package vocab

import (
	"encoding/csv"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// row is one line of a list that no Go code reads: column -> text.
type row map[string]string

// rows reads a list for its checks and refuses what is wrong in any list: a header that
// SQL does not expect, a code that stands twice, a row without a source.
func rows(t *testing.T, name, header string) []row {
	t.Helper()
	f, err := files.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if diff := cmp.Diff(header, strings.Join(all[0], ",")); diff != "" {
		t.Fatalf("%s: header (-want +got):\n%s", name, diff)
	}
	seen := map[string]bool{}
	var out []row
	for _, f := range all[1:] {
		r := row{}
		for c, h := range all[0] {
			r[h] = f[c]
			if f[c] != strings.TrimSpace(f[c]) {
				t.Errorf("%s: code %q: column %s has white space at an end: %q", name, f[0], h, f[c])
			}
		}
		if !slug.MatchString(r["code"]) || seen[r["code"]] {
			t.Errorf("%s: code %q is no code or stands here twice", name, r["code"])
		}
		seen[r["code"]] = true
		if r["source"] == "" {
			t.Errorf("%s: code %q has no source", name, r["code"])
		}
		if title, ok := r["title"]; ok && title == "" {
			t.Errorf("%s: code %q has no title", name, r["code"])
		}
		out = append(out, r)
	}
	return out
}

var slug = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// oneOf reports whether the text is one of the words.
func oneOf(text, words string) bool {
	for _, w := range strings.Fields(words) {
		if text == w {
			return true
		}
	}
	return false
}

// span reads two inclusive days; an empty one is open.
func span(t *testing.T, name string, r row, from, to string) (start, end time.Time) {
	t.Helper()
	start, err1 := day(r[from])
	end, err2 := day(r[to])
	if err1 != nil || err2 != nil || !start.IsZero() && !end.IsZero() && end.Before(start) {
		t.Errorf("%s: code %q runs from %q to %q", name, r["code"], r[from], r[to])
	}
	return start, end
}

// providers are the companies that have a service.
func providers(v *Vocabulary) map[string]bool {
	out := map[string]bool{}
	for _, s := range v.Services {
		out[s.Provider] = true
	}
	return out
}

func TestEvents(t *testing.T) {
	v, last := mustLoad(t), ""
	for _, r := range rows(t, "event.csv", "code,date,date_precision,kind,title,jurisdiction,providers,note,source") {
		at, err := time.Parse(time.DateOnly, r["date"])
		if err != nil || r["date"] < last {
			t.Errorf("event %q on %q: the list is in order of days", r["code"], r["date"])
		}
		last = r["date"]
		if !oneOf(r["date_precision"], "day month year approximate") ||
			r["date_precision"] == "month" && at.Day() != 1 || r["date_precision"] == "year" && at.YearDay() != 1 {
			t.Errorf("event %q on %q: precision %q; a month or a year stands as its first day", r["code"], r["date"], r["date_precision"])
		}
		if r["date_precision"] == "approximate" && r["note"] == "" {
			t.Errorf("event %q: an approximate day without a note", r["code"])
		}
		if !oneOf(r["kind"], "law treaty court agency publication disclosure incident company press") {
			t.Errorf("event %q: kind %q", r["code"], r["kind"])
		}
		if j := r["jurisdiction"]; j != "" && !v.HasJurisdiction(j) {
			t.Errorf("event %q: jurisdiction %q is not in jurisdiction.csv", r["code"], j)
		}
		// Companies without figures of ours (yahoo, twitter) may stand here, too.
		for _, p := range splitList(r["providers"]) {
			if !slug.MatchString(p) {
				t.Errorf("event %q: provider %q", r["code"], p)
			}
		}
	}
}

func TestLegalRegimes(t *testing.T) {
	v := mustLoad(t)
	held := map[string]bool{}
	for _, r := range rows(t, "legal_regime.csv", "code,from,to,jurisdiction,title,effect,band_schemes,source") {
		from, to := span(t, "legal_regime.csv", r, "from", "to")
		if from.IsZero() || r["effect"] == "" || !v.HasJurisdiction(r["jurisdiction"]) {
			t.Errorf("regime %q: from %q, effect %q, jurisdiction %q", r["code"], r["from"], r["effect"], r["jurisdiction"])
		}
		for _, s := range splitList(r["band_schemes"]) {
			scheme, ok := v.BandScheme(s)
			if !ok {
				t.Errorf("regime %q: band scheme %q is not in band_scheme.csv", r["code"], s)
				continue
			}
			held[s] = true
			if !scheme.From.Equal(from) || !scheme.To.Equal(to) {
				t.Errorf("regime %q runs from %q to %q, its band scheme %q from %v to %v", r["code"], r["from"], r["to"], s, scheme.From, scheme.To)
			}
		}
	}
	for _, s := range v.BandSchemes {
		if !held[s.Code] {
			t.Errorf("band scheme %q belongs to no legal regime", s.Code)
		}
	}
}

func TestProcessRelations(t *testing.T) {
	v := mustLoad(t)
	company := providers(v)
	list := rows(t, "process_relation.csv", "code,provider,process,other,relation,from,to,note,source")
	for i, r := range list {
		span(t, "process_relation.csv", r, "from", "to")
		if !v.HasProcess(r["process"]) || !v.HasProcess(r["other"]) || r["process"] == r["other"] {
			t.Errorf("relation %q: process %q, other %q", r["code"], r["process"], r["other"])
		}
		if !oneOf(r["relation"], "overlap disjoint") || r["provider"] != "" && !company[r["provider"]] || r["note"] == "" {
			t.Errorf("relation %q: %q, provider %q, note %q", r["code"], r["relation"], r["provider"], r["note"])
		}
		for _, s := range list[:i] {
			same := s["process"] == r["process"] && s["other"] == r["other"] || s["process"] == r["other"] && s["other"] == r["process"]
			if same && (s["provider"] == r["provider"] || s["provider"] == "" || r["provider"] == "") && meet(s, r) {
				t.Errorf("relations %q and %q speak of one pair at one time", s["code"], r["code"])
			}
		}
	}
}

// meet reports whether two spans have a day in common.
func meet(a, b row) bool {
	return (a["to"] == "" || b["from"] <= a["to"]) && (b["to"] == "" || a["from"] <= b["to"])
}

// No chain of services: a question asks for the one that holds a figure, not for its holder.
func TestServicesInsideOthers(t *testing.T) {
	v := mustLoad(t)
	inside := map[string]string{}
	for _, s := range v.Services {
		inside[s.Code] = s.IncludedIn
	}
	for _, s := range v.Services {
		if s.Source == "" || s.IncludedIn != "" && inside[s.IncludedIn] != "" {
			t.Errorf("service %q: source %q, included in %q, which is included in %q", s.Code, s.Source, s.IncludedIn, inside[s.IncludedIn])
		}
	}
	if inside["skype"] != "microsoft" || inside["microsoft"] != "" {
		t.Errorf("skype is included in %q, microsoft in %q", inside["skype"], inside["microsoft"])
	}
}

// rollups reads the lines of rollup.csv: recipe, provider, service, process, note.
func rollups(t *testing.T) [][]string {
	t.Helper()
	f, err := files.Open("rollup.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(all[0], ","), "recipe,provider,service,process,note"; got != want {
		t.Fatalf("header %q, want %q", got, want)
	}
	return all[1:]
}

// rollupRecipes says which providers a recipe has lines for.
func rollupRecipes(t *testing.T) map[string]map[string]bool {
	t.Helper()
	out := map[string]map[string]bool{}
	for _, f := range rollups(t) {
		if out[f[0]] == nil {
			out[f[0]] = map[string]bool{}
		}
		out[f[0]][f[1]] = true
	}
	return out
}

// The processes of a recipe are added: none may hold another one. What a provider prints
// apart in spite of the tree stands in process_relation.csv.
func TestRollupsDoNotOverlap(t *testing.T) {
	v := mustLoad(t)
	all := rollups(t)
	relations := rows(t, "process_relation.csv", "code,provider,process,other,relation,from,to,note,source")
	disjoint := func(provider, a, b string) bool {
		for _, r := range relations {
			if r["relation"] == "disjoint" && r["provider"] == provider && (r["process"] == a && r["other"] == b || r["process"] == b && r["other"] == a) {
				return true
			}
		}
		// Google prints either a row for all requests of a jurisdiction or rows by
		// instrument, never both in one period.
		return provider == "google" && (a == "law_enforcement_all" || b == "law_enforcement_all")
	}
	type key struct{ recipe, provider, service string }
	parts := map[key][]string{}
	for _, f := range all {
		k, process := key{f[0], f[1], f[2]}, f[3]
		if !slug.MatchString(k.recipe) || v.HasProcess(k.recipe) || !v.HasProcess(process) || !v.HasService(k.service) {
			t.Errorf("rollup %v: process %q; a recipe has no name of a process", k, process)
		}
		for _, other := range parts[k] {
			if other == process || (v.Covers(other, process) || v.Covers(process, other)) && !disjoint(k.provider, process, other) {
				t.Errorf("rollup %v adds %q and %q", k, other, process)
			}
		}
		parts[k] = append(parts[k], process)
	}
	recipes := rollupRecipes(t)
	for _, recipe := range []string{"requests", "with_emergencies", "all_but_national_security", "emergency"} {
		for _, p := range []string{"apple", "google", "meta", "microsoft"} {
			if !recipes[recipe][p] {
				t.Errorf("recipe %q has no line for %q", recipe, p)
			}
		}
	}
}

// What a break speaks of is asked for by the code of a process or by the name of a recipe.
func TestSeriesBreaks(t *testing.T) {
	v := mustLoad(t)
	company, service := providers(v), map[string]string{}
	for _, s := range v.Services {
		service[s.Code] = s.Provider
	}
	recipe := rollupRecipes(t)
	for _, r := range rows(t, "series_break.csv", "code,provider,service,process,measure,jurisdiction,on,kind,title,source") {
		on, err := time.Parse(time.DateOnly, r["on"])
		if err != nil || on.Day() != 1 || on.Month() != time.January && on.Month() != time.July {
			t.Errorf("break %q on %q: want the first day of a half-year", r["code"], r["on"])
		}
		if !company[r["provider"]] || r["service"] != "" && service[r["service"]] != r["provider"] {
			t.Errorf("break %q: provider %q, service %q", r["code"], r["provider"], r["service"])
		}
		if p := r["process"]; p != "" && !v.HasProcess(p) && !recipe[p][r["provider"]] {
			t.Errorf("break %q: %q is neither a process nor a recipe of %q", r["code"], p, r["provider"])
		}
		if m := r["measure"]; m != "" && !v.HasMeasure(m) {
			t.Errorf("break %q: measure %q is not in measure.csv", r["code"], m)
		}
		if j := r["jurisdiction"]; j != "" && !v.HasJurisdiction(j) {
			t.Errorf("break %q: jurisdiction %q is not in jurisdiction.csv", r["code"], j)
		}
		if !oneOf(r["kind"], "regime_switch definition_change service_merged service_split report_stopped counting_change") {
			t.Errorf("break %q: kind %q", r["code"], r["kind"])
		}
	}
}

// partOfDate is a day as precisely as known.
var partOfDate = regexp.MustCompile(`^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$`)

func TestEditionDates(t *testing.T) {
	company := providers(mustLoad(t))
	for _, r := range rows(t, "edition_date.csv", "code,edition,kind,day,source") {
		parts := strings.Split(r["edition"], "/")
		if len(parts) != 3 || !company[parts[0]] || !regexp.MustCompile(`^[0-9]{4}-H[12]$`).MatchString(parts[2]) {
			t.Errorf("date %q: edition %q is no provider/family/half-year", r["code"], r["edition"])
			continue
		}
		if !oneOf(r["kind"], "published seen") {
			t.Errorf("date %q: kind %q", r["code"], r["kind"])
		}
		_, err := time.Parse(time.DateOnly, (r["day"] + "-01-01")[:10])
		if err != nil || !partOfDate.MatchString(r["day"]) {
			t.Errorf("date %q: day %q", r["code"], r["day"])
		}
		// Nobody has a half-year's figures before it is over.
		end := map[string]string{"H1": "-06-30", "H2": "-12-31"}[parts[2][5:]]
		if last := (r["day"] + "-12-31")[:10]; last <= parts[2][:4]+end {
			t.Errorf("date %q: edition %q on %q", r["code"], r["edition"], r["day"])
		}
	}
}

func TestRestatementNotes(t *testing.T) {
	v := mustLoad(t)
	company := providers(v)
	for _, r := range rows(t, "restatement_note.csv", "code,provider,process,measure,jurisdiction,period,title,source") {
		p, m, j := r["process"], r["measure"], r["jurisdiction"]
		if !company[r["provider"]] || p != "" && !v.HasProcess(p) || m != "" && !v.HasMeasure(m) || j != "" && !v.HasJurisdiction(j) ||
			!regexp.MustCompile(`^[0-9]{4}-H[12]$`).MatchString(r["period"]) {
			t.Errorf("note %q: %v", r["code"], r)
		}
	}
}

func TestReferenceFigures(t *testing.T) {
	v := mustLoad(t)
	service := map[string]string{}
	for _, s := range v.Services {
		service[s.Code] = s.Provider
	}
	header := "code,authority,kind,provider,service,jurisdiction,period_start,period_end,process,measure,unit,low,high,exactness,title,source"
	seen := map[string]string{}
	for _, r := range rows(t, "reference_figure.csv", header) {
		start, end := span(t, "reference_figure.csv", r, "period_start", "period_end")
		if start.IsZero() || end.IsZero() {
			t.Errorf("figure %q: period %q to %q", r["code"], r["period_start"], r["period_end"])
		}
		if !slug.MatchString(r["authority"]) || !oneOf(r["kind"], "government carrier provider press") || (r["kind"] == "government") != (r["provider"] == "") {
			t.Errorf("figure %q: authority %q, kind %q, provider %q; a government speaks of all providers", r["code"], r["authority"], r["kind"], r["provider"])
		}
		if s := r["service"]; s != "" && service[s] != r["provider"] {
			t.Errorf("figure %q: service %q of provider %q", r["code"], s, r["provider"])
		}
		m, ok := v.Measure(r["measure"])
		if !ok || !m.AllowsUnit(r["unit"]) || !v.HasProcess(r["process"]) || !v.HasJurisdiction(r["jurisdiction"]) {
			t.Errorf("figure %q: process %q, measure %q, unit %q, jurisdiction %q", r["code"], r["process"], r["measure"], r["unit"], r["jurisdiction"])
		}
		low, err1 := strconv.ParseFloat(r["low"], 64)
		high, err2 := strconv.ParseFloat(r["high"], 64)
		if err1 != nil || err2 != nil || low < 0 || low > high || !oneOf(r["exactness"], "exact band approximate") || (r["exactness"] == "exact") != (low == high) {
			t.Errorf("figure %q: %q to %q, %q", r["code"], r["low"], r["high"], r["exactness"])
		}
		key := strings.Join([]string{r["authority"], r["provider"], r["service"], r["jurisdiction"], r["period_start"], r["period_end"], r["process"], r["measure"], r["unit"]}, "|")
		if other, ok := seen[key]; ok {
			t.Errorf("figures %q and %q speak of one thing", other, r["code"])
		}
		seen[key] = r["code"]
	}
}
