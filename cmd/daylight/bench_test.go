package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"daylight/normalize/vocab"
	"daylight/scrape"
	"daylight/scrape/google"
	"daylight/warehouse/export"
)

// googleLines is the number of lines of a 100-fold Google file: 154,600 lines of three
// figures.
const googleLines = 154_600

// BenchmarkGoogle100 puts a 100-fold Google file through the whole program: archive,
// parse, normalise, audits, load, publish, and the export to Parquet.
func BenchmarkGoogle100(b *testing.B) { benchmarkGoogle(b, googleLines) }

// BenchmarkGoogle1000 is BenchmarkGoogle100 with ten times the lines. Its memory should be
// that of the smaller one.
func BenchmarkGoogle1000(b *testing.B) { benchmarkGoogle(b, 10*googleLines) }

// benchStep is what one step of the program, in a process of its own, tells about itself.
type benchStep struct {
	Figures     int64
	Seconds     float64 // the whole step
	Observation float64 // of an export: observation.parquet alone
	Peak        int64   // peak resident memory in bytes; 0 where the system does not tell

	cpu float64 // seconds of all threads
}

// benchmarkGoogle reports
//
//	figures/s        from the file to the published DuckDB file and observation.parquet
//	figures-load/s   the same without Parquet
//	figures-all/s    the same with every table of the export
//	rows/s           lines of the file, as figures/s
//	cpu-load-s       seconds of CPU that the import took on all cores
//	cpu-all-s        the same of import and whole export
//	peak-load-MB     peak resident memory of the import
//	peak-export-MB   peak resident memory of the export
//
// Import and export are processes of their own, as they are for a user, so that no peak
// hides another. Times are those of the fastest run, since whatever else the machine does
// only slows one down; peaks are the largest.
func benchmarkGoogle(b *testing.B, lines int) {
	var load, out benchStep
	var peakLoad, peakExport int64
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		dir := b.TempDir()
		files := writeGoogle(b, dir, lines)
		b.StartTimer()
		l := runBench(b, "import", files)
		o := runBench(b, "export", files)
		b.StopTimer()
		if l.Figures != int64(lines)*3 || o.Figures != l.Figures {
			b.Fatalf("%d figures loaded and %d exported of %d lines", l.Figures, o.Figures, lines)
		}
		if i == 0 || l.Seconds+o.Observation < load.Seconds+out.Observation {
			load, out = l, o
		}
		peakLoad, peakExport = max(peakLoad, l.Peak), max(peakExport, o.Peak)
		if err := os.RemoveAll(dir); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	n := float64(load.Figures)
	b.ReportMetric(n/(load.Seconds+out.Observation), "figures/s")
	b.ReportMetric(n/load.Seconds, "figures-load/s")
	b.ReportMetric(n/(load.Seconds+out.Seconds), "figures-all/s")
	b.ReportMetric(n/3/(load.Seconds+out.Observation), "rows/s")
	b.ReportMetric(load.cpu, "cpu-load-s")
	b.ReportMetric(load.cpu+out.cpu, "cpu-all-s")
	b.ReportMetric(float64(peakLoad)/(1<<20), "peak-load-MB")
	b.ReportMetric(float64(peakExport)/(1<<20), "peak-export-MB")
}

// benchCommand is the name under which the test binary is one process of the benchmark;
// TestMain declares it.
const benchCommand = "daylight-bench"

func runBench(b *testing.B, step string, files []string) benchStep {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), benchCommand, append([]string{step}, files...)...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v\n%s", step, err, errOut.Bytes())
	}
	var s benchStep
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		b.Fatalf("%s: %v: %s", step, err, out.Bytes())
	}
	s.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return s
}

// benchMain is the main function of such a process: daylight-bench import|export FILE... With
// DAYLIGHT_PROFILE=FOLDER in the environment it leaves the CPU profile of each step there; the
// work of the database is one function in it.
func benchMain() {
	step := benchImport
	if os.Args[1] == "export" {
		step = benchExport
	}
	files := os.Args[2:]
	if dir := os.Getenv("DAYLIGHT_PROFILE"); dir != "" {
		f, err := os.Create(filepath.Join(dir, os.Args[1]+".pprof"))
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	start := time.Now()
	s, err := step(context.Background(), filepath.Join(filepath.Dir(files[0]), "data"), files)
	s.Seconds = time.Since(start).Seconds()
	pprof.StopCPUProfile()
	if err == nil {
		s.Peak, err = peakMemory()
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// benchImport is "daylight import": archive, survey, normalise, audit, load, publish.
func benchImport(ctx context.Context, data string, files []string) (benchStep, error) {
	// The periods of the made file reach to 2099, and a report cannot be of a period that
	// is not over.
	clock := func() time.Time { return time.Date(2100, 1, 2, 0, 0, 0, 0, time.UTC) }
	a := &app{data: data, format: formatTable, now: clock, errOut: io.Discard}
	opts := importOptions{source: google.UserData().Describe().ID, trust: string(scrape.TrustArchive)}
	s, captures, err := opts.captures(clock(), files)
	if err != nil {
		return benchStep{}, err
	}
	r, err := a.importCaptures(ctx, s, captures, false)
	if err != nil {
		return benchStep{}, err
	}
	if !r.Published || r.Outcome != outcomeClean {
		return benchStep{}, fmt.Errorf("outcome %s: %s: %+v", r.Outcome, r.Error, r.Sources)
	}
	return benchStep{Figures: r.Sources[0].Stored.Inserted}, nil
}

// benchExport is "daylight export".
func benchExport(ctx context.Context, data string, files []string) (benchStep, error) {
	done, err := export.Parquet(ctx, data, filepath.Join(filepath.Dir(files[0]), "parquet"))
	if err != nil {
		return benchStep{}, err
	}
	for _, f := range done.Files {
		if f.Name == "observation.parquet" {
			return benchStep{Figures: f.Rows, Observation: f.Elapsed.Seconds()}, nil
		}
	}
	return benchStep{}, errors.New("no observation.parquet")
}

// peakMemory returns the peak resident memory of the process, 0 where the system does
// not tell.
func peakMemory() (int64, error) {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, nil
	}
	_, rest, ok := bytes.Cut(raw, []byte("VmHWM:"))
	if !ok {
		return 0, nil
	}
	kb, err := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
	return kb << 10, err
}

// benchProcesses are the legal processes as Google prints them, one for each of our codes.
var benchProcesses = []string{
	"All", "CLOUD Act - IPA CDRs", "CLOUD Act - OPOs", "Court Orders", "Emergency Disclosure Requests",
	"Requests for data of local subsidiary", "Other Legal Requests", "Pen Register Orders", "Police Requests", "Preservation Requests", "Search Warrants", "Subpoenas", "Wiretap Orders",
}

// writeGoogle writes a report of Google in the layout of 2020 in which every figure is a
// series of its own, and which no audit takes exception to. The table of all users takes as
// many lines as the closed code lists allow (half-year x country x legal process, from the
// half-year with which Google's own file begins to 2099), the table of enterprise customers
// the rest, if any. They are files of their own, because every archive since 2020 has all the
// eight tables.
func writeGoogle(b testing.TB, dir string, lines int) []string {
	b.Helper()
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	v, err := vocab.Load()
	check(err)
	var countries []vocab.Jurisdiction
	for _, j := range v.Jurisdictions {
		if j.Kind == "country" {
			countries = append(countries, j)
		}
	}
	slices.SortFunc(countries, func(x, y vocab.Jurisdiction) int { return strings.Compare(x.Name, y.Name) })
	// Half-years are counted as year*2, and one more for the second.
	const accountsFrom, last = 2011 * 2, 2099*2 + 1
	var files []string
	write := func(name string, header []string, products []string, first, lines int) (left int) {
		files = append(files, filepath.Join(dir, name))
		f, err := os.Create(files[len(files)-1])
		check(err)
		defer f.Close()
		c := csv.NewWriter(f)
		check(c.Write(header))
		half := len(countries) * len(products) * len(benchProcesses)
		left = max(0, lines-half*(last-first+1))
		lines -= left
		// All half-years are of one size: a last one that is much smaller than the one before
		// it is held, because the file may be cut.
		n := (lines + half - 1) / half
		for i := range n {
			h := first + i
			end := strconv.Itoa(h/2) + []string{"-06-30", "-12-31"}[h%2]
			for k := range lines*(i+1)/n - lines*i/n {
				j := countries[k/len(benchProcesses)/len(products)]
				product, process := products[k/len(benchProcesses)%len(products)], benchProcesses[k%len(benchProcesses)]
				// Any numbers will do, as long as they are the same each time, a request names
				// an account at least, and the share is that of a whole number of requests.
				at := lines*i/n + k
				requests := 1 + at*7919%4999
				answered := at * 31 % (requests + 1)
				accounts, share := strconv.Itoa(requests+at*104729%4973), strconv.Itoa((200*answered+requests)/(2*requests))
				if process == "Preservation Requests" {
					share = ""
				}
				if product == "" {
					if h < accountsFrom {
						accounts = ""
					}
					check(c.Write([]string{end, j.Name, j.Code, process, strconv.Itoa(requests), share, accounts}))
				} else {
					check(c.Write([]string{end, j.Name, j.Code, product, process, strconv.Itoa(requests), accounts, share}))
				}
			}
		}
		c.Flush()
		check(c.Error())
		return left
	}
	left := write("google-global-user-data-requests.csv",
		[]string{"Period Ending", "Country/Region", "CLDR Territory Code", "Legal Process", "User Data Requests", "Percentage disclosed", "Accounts"},
		[]string{""}, 2009*2+1, lines)
	if left > 0 {
		left = write("google-enterprise-data-requests.csv",
			[]string{"Period Ending", "Country/Region", "CLDR Territory Code", "Product", "Legal Process",
				"Enterprise Cloud customer requests", "Enterprise Cloud customers", "Percentage disclosed"},
			[]string{"Google Workspace", "GCP"}, 2019*2+1, left)
	}
	if left > 0 {
		b.Fatalf("%d lines more than there are series", left)
	}
	return files
}

// TestBenchmarkFile loads a small file of the benchmark's: when an audit becomes stricter, the
// file must become a better likeness of a report, and not only when somebody measures.
func TestBenchmarkFile(t *testing.T) {
	const lines = 15_000 // of five half-years: Google prints accounts since the fourth
	dir := t.TempDir()
	loaded, err := benchImport(t.Context(), filepath.Join(dir, "data"), writeGoogle(t, dir, lines))
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Figures != 3*lines {
		t.Errorf("%d figures loaded of %d lines", loaded.Figures, lines)
	}
}
