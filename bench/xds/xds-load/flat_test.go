package main

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"
)

func series(n int, f func(i int) float64) (seconds, v []float64) {
	for i := range n {
		seconds, v = append(seconds, float64(10*i)), append(v, f(i))
	}
	return seconds, v
}

func TestFlat(t *testing.T) {
	// A start that grows, then a saw tooth with a peak now and then.
	seconds, flat := series(180, func(i int) float64 {
		switch {
		case i < 50:
			return 100 + 2*float64(i)
		case i%17 == 0:
			return 400
		default:
			return 200 + float64(i%7)
		}
	})
	if g := thirds(flat); math.Abs(g) > 1 {
		t.Errorf("growth %v %%", g)
	}
	if s := slope(settled(seconds), settled(flat)); math.Abs(s) > 2 {
		t.Errorf("slope %v %%/h", s)
	}
	_, leak := series(180, func(i int) float64 { return flat[i] + float64(i)/2 })
	if g := thirds(leak); g < 8 {
		t.Errorf("a leak grows by %v %%", g)
	}
	if s := slope(settled(seconds), settled(leak)); s < 50 {
		t.Errorf("a leak has a slope of %v %%/h", s)
	}
	_, teeth := series(180, func(i int) float64 { return 100 + 10*float64(i%6) + float64(i/100)*float64(i%6) })
	if g := growth(teeth, 20); math.Abs(g) > 1 {
		t.Errorf("higher teeth on the same level grow by %v %%", g)
	}
	if thirds([]float64{1, 2}) != 0 || slope(nil, nil) != 0 {
		t.Error("next to nothing is not flat")
	}
}

func TestJudge(t *testing.T) {
	var rows [][]float64
	for i := range 180 {
		row := make([]float64, len(soakColumns))
		row[0], row[1], row[4] = float64(10*i), 200+float64(i), 90
		rows = append(rows, row)
	}
	r := &scenarioRecord{Figures: map[string]float64{}}
	judge(r, rows)
	if f := r.Figures; f["rss_mb_growth_pct"] < 15 || f["rss_mb_slope_pct_h"] < 100 || f["descriptors_growth_pct"] != 0 || f["descriptors_median"] != 90 {
		t.Errorf("%v", f)
	}
	r = &scenarioRecord{Figures: map[string]float64{}}
	judge(r, rows[:20])
	if _, ok := r.Figures["rss_mb_slope_pct_h"]; ok {
		t.Error("a slope an hour of three minutes")
	}
}

func TestParseMetrics(t *testing.T) {
	m := parseMetrics(strings.NewReader("# HELP a b\n# TYPE a gauge\na 1.5\nb{x=\"y\"} 2\nc NaN\nd 3e+06\n"))
	if m["a"] != 1.5 || m["d"] != 3e6 || !math.IsNaN(m["c"]) || len(m) != 3 {
		t.Errorf("%v", m)
	}
}

func TestPause(t *testing.T) {
	var p pause
	if !p.pass(context.Background()) {
		t.Error("held without being asked")
	}
	p.set(true)
	passed := make(chan bool)
	go func() { passed <- p.pass(context.Background()) }()
	select {
	case <-passed:
		t.Error("not held")
	case <-time.After(20 * time.Millisecond):
	}
	p.set(false)
	if !<-passed {
		t.Error("not let go")
	}
	p.set(true)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if p.pass(ctx) {
		t.Error("passed though ended")
	}
}
