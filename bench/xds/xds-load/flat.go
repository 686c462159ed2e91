package main

import "slices"

// settled is the part of a series that is judged: without its first third, in
// which a server's code is compiled and its heap finds its size.
func settled(v []float64) []float64 { return v[len(v)/3:] }

// thirds is by how much, in percent, a series' level in its last third is above
// that in the third before; 0 of fewer than six values. The level is the median,
// which a collector's single peaks do not move.
func thirds(v []float64) float64 { return growth(v, 50) }

// growth is likewise, with the percentile p for the level.
func growth(v []float64, p float64) float64 {
	if len(v) < 6 {
		return 0
	}
	n := len(v) / 3
	before, last := slices.Clone(v[len(v)-2*n:len(v)-n]), slices.Clone(v[len(v)-n:])
	slices.Sort(before)
	slices.Sort(last)
	if from := percentile(before, p); from != 0 {
		return 100 * (percentile(last, p)/from - 1)
	}
	return 0
}

// slope is a series' growth in percent of its median an hour, by the
// Theil–Sen estimator: the median of the slopes between all pairs of points,
// which a third of outliers does not move. Seconds are when the values were
// taken, ascending.
func slope(seconds, v []float64) float64 {
	var all []float64
	for i := range v {
		for j := i + 1; j < len(v); j++ {
			if dt := seconds[j] - seconds[i]; dt > 0 {
				all = append(all, (v[j]-v[i])/dt)
			}
		}
	}
	middle := medianFloat(slices.Clone(v))
	if len(all) == 0 || middle == 0 {
		return 0
	}
	return 100 * 3600 * medianFloat(all) / middle
}
