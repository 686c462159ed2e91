package main

import (
	"fmt"
	"math"
	"slices"
)

// series are a figure's values of all runs that have it, by run.
func (a *results) series(w what, figure string) map[int]float64 {
	out := map[int]float64{}
	for run, figures := range a.of[w] {
		if v, ok := figures[figure]; ok {
			out[run] = v
		}
	}
	return out
}

// best is, of each run, the smallest figure of any peer, the floor left out.
func (a *results) best(w what, figure string) map[int]float64 {
	out := map[int]float64{}
	for other := range a.of {
		if other.label == floorLabel || other.label == ownLabel || other.sameBut(w) != true {
			continue
		}
		for run, v := range a.series(other, figure) {
			if old, ok := out[run]; !ok || v < old {
				out[run] = v
			}
		}
	}
	return out
}

// sameBut is whether two differ in nothing but the server.
func (w what) sameBut(v what) bool {
	w.label = v.label
	return w == v
}

// over puts one series in relation to another, run by run: ratios travel
// better within one run than between runs.
func over(v, base map[int]float64, relate func(v, base float64) float64) map[int]float64 {
	out := map[int]float64{}
	for run, x := range v {
		if y, ok := base[run]; ok {
			out[run] = relate(x, y)
		}
	}
	return out
}

func ratio(v, base float64) float64      { return v / base }
func difference(v, base float64) float64 { return v - base }

// spread is the median of a series, with the least and the greatest.
type spread struct {
	n                int
	median, min, max float64
}

func spreadOf(series map[int]float64) spread {
	var v []float64
	for _, x := range series {
		if !math.IsNaN(x) && !math.IsInf(x, 0) {
			v = append(v, x)
		}
	}
	if len(v) == 0 {
		return spread{}
	}
	slices.Sort(v)
	n := len(v)
	return spread{n, (v[(n-1)/2] + v[n/2]) / 2, v[0], v[n-1]}
}

// String is the median, and in brackets the range where there were several runs.
func (s spread) String() string {
	switch s.n {
	case 0:
		return "–"
	case 1:
		return num(s.median)
	default:
		return fmt.Sprintf("%s [%s–%s]", num(s.median), num(s.min), num(s.max))
	}
}

// num is x with three significant digits or so.
func num(x float64) string {
	switch abs := math.Abs(x); {
	case abs >= 100 || x == math.Trunc(x):
		return fmt.Sprintf("%.0f", x)
	case abs >= 10:
		return fmt.Sprintf("%.1f", x)
	default:
		return fmt.Sprintf("%.2f", x)
	}
}
