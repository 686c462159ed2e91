package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func sample(t *testing.T) *results {
	t.Helper()
	all := &results{of: map[what]map[int]map[string]float64{}}
	cell := func(label string, services int, run int, p50 float64) {
		all.add(what{cellName, services, 100, "delta", label}, run, map[string]float64{"p50": p50, "p99": 2 * p50, "cold": 10 * p50})
	}
	for run, p50 := range []float64{4, 5, 12} {
		cell(floorLabel, 100, run+1, p50/2)
		cell("gcp", 100, run+1, p50*2)
		cell("jcp", 100, run+1, p50*4)
		cell(ownLabel, 100, run+1, p50)
		cell(ownLabel, 10000, run+1, p50*1.4)
	}
	all.add(what{"burst", 1000, 1000, "delta", ownLabel}, 1, map[string]float64{"rate": 50, "streams_unlike": 1})
	return all
}

func judged(t *testing.T, lines string) []verdict {
	t.Helper()
	targets, err := parseTargets(strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	return sample(t).judge(targets)
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		line string
		is   float64
		met  bool
	}{
		{"cell 100 100 delta p50 <= 2 floor", 2, true},
		{"cell 100 100 delta p50 <= 1.9 floor", 2, false},
		{"cell 100 * * p50 <= 0.5 best # of the best peer", 0.5, true},
		{"cell 100 100 delta p50 < 0.5 best", 0.5, false},
		{"cell 100 100 delta p50 <= 3 best+", -5, true},
		{"cell 100 100 delta cold <= 49 -", 50, false},
		{"growth 10000 * * p99 < 1.5 -", 1.4, true},
		{"burst * * * rate >= 49 -", 50, true},
		{"burst * * * streams_unlike <= 0 -", 1, false},
	} {
		v := judged(t, c.line)
		if len(v) != 1 || v[0].met != c.met || v[0].value.median != c.is {
			t.Errorf("%s: %+v", c.line, v)
		}
	}
	if v := judged(t, "\n# nothing of this was measured\ncell 5 5 delta p50 <= 1 floor\nidle * * * stream_bytes <= 1 -"); len(v) != 0 {
		t.Errorf("%+v", v)
	}
	if v := judged(t, "cell 100 100 delta p50 <= 2 floor"); v[0].own.min != 4 || v[0].own.max != 12 || v[0].own.n != 3 {
		t.Errorf("range %+v", v[0].own)
	}
}

func TestTargetsFile(t *testing.T) {
	file, err := os.Open("../targets.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	targets, err := parseTargets(file)
	if err != nil || len(targets) < 40 {
		t.Errorf("%d targets, %v", len(targets), err)
	}
	for _, bad := range []string{"cell 1 1 delta p50 <= 1", "cell x 1 delta p50 <= 1 -", "cell 1 1 delta p50 = 1 -", "cell 1 1 delta p50 <= 1 last", "cell 1 1 delta p50 <= y -"} {
		if _, err := parseTargets(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestPrint(t *testing.T) {
	var b strings.Builder
	all := sample(t)
	all.cells(&b)
	if want := "| 100 × 100 | delta | envoyage | 50 (×2, 50 %) | 5 (×2, 50 %) | 10 (×2, 50 %) | – | – | – | – | 3 | 4–12 |"; !strings.Contains(b.String(), want) {
		t.Errorf("no %s in\n%s", want, b.String())
	}
	if want := "| 100 × 100 | delta | floor | 25 | 2.50 | 5 |"; !strings.Contains(b.String(), want) {
		t.Errorf("no %s in\n%s", want, b.String())
	}
	b.Reset()
	all.scenarios(&b)
	if !strings.Contains(b.String(), "| 1000 × 1000 | delta | envoyage | 50 | – |") {
		t.Error(b.String())
	}
	b.Reset()
	if missed := verdicts(&b, 5, judged(t, "cell 100 100 delta p50 <= 2 floor\nburst * * * streams_unlike <= 0 -")); missed != 1 {
		t.Errorf("%d missed", missed)
	}
	if s := b.String(); !strings.Contains(s, "| cell p50 | 100 × 100 | delta | <= 2 × floor | 2 [2–2] | 5 | met |") || !strings.Contains(s, "**missed**") || !strings.Contains(s, "1 of 2 met; 3 lines of targets.txt were not measured.") {
		t.Error(s)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const cell = `{"label":"envoyage","proto":"delta","streams":2,"state":{"clusters":7},"cold":{"all_ms":3},
		"updates":{"count":1,"changed_bytes":40,"latency_ms":{"p50":1.5},"per_update_per_stream":{"bytes":100}},"server":{"rss_peak_mb":9}}`
	all := read([]string{
		write("a", cell), write("b", cell), // two runs without numbers
		write("c", `{"scenario":"idle","label":"floor","proto":"sotw","streams":3,"services":4,"figures":{"stream_bytes":5}}`),
		write("d", `{"label":"x","error":"broke"}`), write("e", `{`), filepath.Join(dir, "none"),
	})
	if len(all.failed) != 3 {
		t.Errorf("failed %q", all.failed)
	}
	w := what{cellName, 7, 2, "delta", ownLabel}
	if f := all.of[w][1]; len(all.of[w]) != 2 || f["overhead"] != 60 || f["rss"] != 9 || f["p50"] != 1.5 {
		t.Errorf("%v", all.of)
	}
	if all.of[what{"idle", 4, 3, "sotw", floorLabel}][0]["stream_bytes"] != 5 {
		t.Errorf("%v", all.of)
	}
}
