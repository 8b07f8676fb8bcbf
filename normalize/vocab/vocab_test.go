package vocab

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustLoad(t testing.TB) *Vocabulary {
	t.Helper()
	v, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The lists of DOMAIN.md section 3, retyped: a code that goes missing breaks stored
// figures and every question asked by it.
const (
	domainProcesses = `all criminal_and_national_security_combined law_enforcement_all legal_process_all
subpoena subpoena_grand_jury subpoena_admin subpoena_civil court_order_2703d court_order_other court_order_general
search_warrant warrant_content warrant_noncontent geofence tower_dump pen_register_trap_trace wiretap
mlat mlat_search_warrant mlat_order letters_rogatory local_subsidiary_request police_request other_legal_request
cloud_act_all cloud_act_opo cloud_act_ipa_content cloud_act_ipa_noncontent cloud_act_ipa_communications_data
emergency_disclosure emergency_911 preservation national_security_combined nsl fisa_all fisa_content fisa_noncontent
fisa_702 fisa_title_i_iii_703_704 fisa_pen_register fisa_business_records civil
device_request financial_identifier_request account_request push_token_request account_restriction_deletion
digital_content_provider_request`
	domainMeasures = `requests_received requests_processed requests_issued responses_prepared accounts_specified
account_identifiers_specified selectors_targeted devices_specified financial_identifiers_specified push_tokens_specified
customers_specified accounts_or_devices_specified accounts_preserved accounts_some_data_disclosed
requests_some_data_disclosed pct_requests_some_data_disclosed outcome_content outcome_noncontent_only
outcome_no_data_found outcome_rejected outcome_rejected_or_challenged outcome_rejected_withdrawn_redirected
outcome_full_response outcome_partial_response outcome_no_response targets_estimated letters_issued
requests_for_information orders_authorized`
	domainUnits = `requests orders letters accounts accounts_or_devices account_identifiers selectors devices financial_identifiers
push_tokens customers targets rois queries percent_rounded`
	domainSchemes = `pre2014_nsl_1000 doj2013_1000 doj2014_opt1_1000 doj2014_opt2_250 ufa_a1_1000 ufa_a2_500
ufa_a3_250 ufa_a4_100 uk_ipa_500`
	domainJurisdictions = `US DE NA XK ZZ ZZ-NONUS EU XX-UN XX-SOMALILAND AN GB TW SS CW SX BQ`
	domainExactness     = `exact band rounded approximate lower_bound upper_bound below_threshold withheld not_reported not_applicable`
)

func TestEveryDomainCodeIsThere(t *testing.T) {
	v := mustLoad(t)
	for _, tc := range []struct {
		name  string
		codes string
		has   func(string) bool
	}{
		{"process", domainProcesses, v.HasProcess},
		{"measure", domainMeasures, v.HasMeasure},
		{"unit", domainUnits, v.HasUnit},
		{"band_scheme", domainSchemes, v.HasBandScheme},
		{"jurisdiction", domainJurisdictions, v.HasJurisdiction},
		{"exactness", domainExactness, func(c string) bool { _, ok := v.HasExactness(c); return ok }},
		{"period_kind", "half year quarter month day fiscal_year irregular", v.HasPeriodKind},
		{"basis", "as_published derived secondary", v.HasBasis},
		{"requester_level", "any local state federal intelligence", v.HasRequesterLevel},
		{"customer_class", "all consumer enterprise public_sector", v.HasCustomerClass},
		{"service", "microsoft skype google google_workspace gcp apple facebook_family", v.HasService},
		{"quality_flag", "non_integer zero_means_not_reported period_label_corrected period_differs_from_edition label_typo_suspected width_unexpected footnote_mark stored_abroad identity_off_by_1", v.HasQualityFlag},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, c := range strings.Fields(tc.codes) {
				if !tc.has(c) {
					t.Errorf("code %q is in no line", c)
				}
			}
			if tc.has("no_such_code") || tc.has("") {
				t.Error("an unknown code is said to be there")
			}
		})
	}
}

func TestEveryProcessReachesTheRoot(t *testing.T) {
	v := mustLoad(t)
	for _, p := range v.Processes {
		if !v.Covers("all", p.Code) {
			t.Errorf("process %q does not stand below %q", p.Code, "all")
		}
		if p.Title == "" || p.Class == "" || p.Axis != "process" && p.Axis != "identifier" {
			t.Errorf("process %q: title %q, class %q, axis %q", p.Code, p.Title, p.Class, p.Axis)
		}
	}
	if p, _ := v.Process("preservation"); p.DisclosesData {
		t.Error("preservation discloses no data")
	}
	if v.Covers("fisa_all", "nsl") || !v.Covers("national_security_combined", "fisa_content") {
		t.Error("the national-security branch is not what DOMAIN says")
	}
}

func TestJurisdictionNamed(t *testing.T) {
	v := mustLoad(t)
	for _, tc := range []struct{ name, text, want string }{
		{"plain", "Germany", "DE"},
		{"no_break_space", "South\u00a0Korea", "KR"},
		{"two_spaces", "South  Korea", "KR"},
		{"case", "UNITED STATES", "US"},
		{"alias", "Türkiye", "TR"},
		{"old_name", "Turkey", "TR"},
		{"namibia", "Namibia", "NA"},
		{"typographic_apostrophe", "Côte d’Ivoire", "CI"},
		{"mainland", "China mainland", "CN"},
		{"misspelt_is_not_guessed", "Beligum", ""},
		{"ambiguous_is_not_guessed", "Korea", ""},
		{"ambiguous_congo_is_not_guessed", "Congo", ""},
		{"code_is_no_name", "DE", ""},
		{"empty", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := v.JurisdictionNamed(tc.text)
			if got != tc.want || ok != (tc.want != "") {
				t.Errorf("JurisdictionNamed(%q) = %q, %v, want %q", tc.text, got, ok, tc.want)
			}
		})
	}
	if len(v.Jurisdictions) < 249+7 {
		t.Errorf("%d jurisdictions, want the 249 of ISO 3166-1 and the exceptions", len(v.Jurisdictions))
	}
	for _, j := range v.Jurisdictions {
		if got, ok := v.JurisdictionNamed(j.Name); !ok || got != j.Code {
			t.Errorf("JurisdictionNamed(%q) = %q, want %q", j.Name, got, j.Code)
		}
	}
}

func TestMember(t *testing.T) {
	v := mustLoad(t)
	d := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, tc := range []struct {
		name, code, from, to string
		want                 bool
	}{
		{"founder", "DE", "2012-07-01", "2012-12-31", true},
		{"croatia_before", "HR", "2013-01-01", "2013-06-30", false},
		{"croatia_after", "HR", "2013-07-01", "2013-12-31", true},
		{"britain_last_half", "GB", "2019-07-01", "2019-12-31", true},
		{"britain_last_day", "GB", "2020-01-31", "2020-01-31", true},
		{"britain_half_of_leaving", "GB", "2020-01-01", "2020-06-30", false},
		{"never", "CH", "2012-07-01", "2012-12-31", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := v.Member("EU", tc.code, d(tc.from), d(tc.to)); got != tc.want {
				t.Errorf("Member(EU, %s, %s, %s) = %v, want %v", tc.code, tc.from, tc.to, got, tc.want)
			}
		})
	}
	for _, tc := range []struct {
		on   string
		want int
	}{{"2012-12-31", 27}, {"2013-07-01", 28}, {"2020-01-31", 28}, {"2020-02-01", 27}} {
		n := 0
		for _, j := range v.Jurisdictions {
			if v.Member("EU", j.Code, d(tc.on), d(tc.on)) {
				n++
			}
		}
		if n != tc.want {
			t.Errorf("the EU has %d members on %s, want %d", n, tc.on, tc.want)
		}
	}
}

func TestFold(t *testing.T) {
	got := []string{}
	for _, s := range []string{" Serbia ", "South \u00a0Korea", "K\u00d6LN", "a\u00adb", "\ufeffCountry", "x\n y", ""} {
		got = append(got, Fold(s))
	}
	want := []string{"serbia", "south korea", "köln", "ab", "country", "x y", ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Fold (-want +got):\n%s", diff)
	}
}

// Broken lists are refused with file and line.
func TestLoadRefuses(t *testing.T) {
	for _, tc := range []struct{ name, file, from, to, want string }{
		{"duplicate_code", "unit.csv", "orders,", "requests,", `unit.csv:3: code "requests" stands here twice`},
		{"unknown_unit", "measure.csv", ",letters,", ",telegrams,", `unit "telegrams" is not in unit.csv`},
		{"unknown_parent", "process.csv", "nsl,national_security_combined", "nsl,secret", `parent "secret" of process "nsl"`},
		{"one_name_two_codes", "jurisdiction.csv", "Austria", "Australia", `stands for AT and for AU`},
		{"unknown_member", "membership.csv", "EU,DE", "EU,QQ", `member "QQ" is not in jurisdiction.csv`},
		{"broken_date", "membership.csv", "2013-07-01", "2013-7-1", `from "2013-7-1"`},
		{"header", "basis.csv", "code,title", "code,name", `column 2 is "name"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := fstest.MapFS{}
			names, err := fs.Glob(files, "*.csv")
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range names {
				b, err := files.ReadFile(n)
				if err != nil {
					t.Fatal(err)
				}
				if n == tc.file {
					b = []byte(strings.Replace(string(b), tc.from, tc.to, 1))
				}
				m[n] = &fstest.MapFile{Data: b}
			}
			_, err = load(m)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("load: %v, want an error with %q", err, tc.want)
			}
		})
	}
}
