package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// sorted is all that there are records of, in the order of the tables.
func (a *results) sorted() []what {
	out := make([]what, 0, len(a.of))
	for w := range a.of {
		out = append(out, w)
	}
	rank := func(label string) int { return slices.Index([]string{floorLabel, ownLabel, label}, label) }
	slices.SortFunc(out, func(a, b what) int {
		return cmp.Or(strings.Compare(a.scenario, b.scenario), cmp.Compare(a.services, b.services), cmp.Compare(a.streams, b.streams),
			strings.Compare(a.proto, b.proto), cmp.Compare(rank(a.label), rank(b.label)), strings.Compare(a.label, b.label))
	})
	return out
}

// cells prints the cold starts and updates: the medians, each with its multiple
// of the floor's and, of Envoyage, of the best peer's.
func (a *results) cells(out io.Writer) {
	printed := false
	for _, w := range a.sorted() {
		if w.scenario != cellName {
			continue
		}
		if !printed {
			fmt.Fprintln(out, "| N × S | variant | server | cold start ms | update p50 ms | p99 ms | server CPU ms an update | RSS MB, peak | RSS MB, cold | B an update | runs | p50's range |")
			fmt.Fprintln(out, "| --- | --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |")
			printed = true
		}
		floor := w
		floor.label = floorLabel
		one := func(figure string) string {
			v := a.series(w, figure)
			s := spreadOf(v)
			if s.n == 0 {
				return "–"
			}
			var beside []string
			if f := spreadOf(over(v, a.series(floor, figure), ratio)); f.n > 0 && w.label != floorLabel {
				beside = append(beside, "×"+num(f.median))
			}
			if b := spreadOf(over(v, a.best(w, figure), ratio)); b.n > 0 && w.label == ownLabel {
				beside = append(beside, num(100*b.median)+" %")
			}
			if beside == nil {
				return num(s.median)
			}
			return fmt.Sprintf("%s (%s)", num(s.median), strings.Join(beside, ", "))
		}
		plain := func(figure string) string {
			if s := spreadOf(a.series(w, figure)); s.n > 0 {
				return num(s.median)
			}
			return "–"
		}
		p50 := spreadOf(a.series(w, "p50"))
		fmt.Fprintf(out, "| %d × %d | %s | %s | %s | %s | %s | %s | %s | %s | %s | %d | %s–%s |\n", w.services, w.streams, w.proto, w.label,
			one("cold"), one("p50"), one("p99"), one("cpu"), one("rss"), plain("rss_cold"), plain("bytes"), len(a.of[w]), num(p50.min), num(p50.max))
	}
	if printed {
		fmt.Fprint(out, "\n(×: multiple of the floor; %: of the best peer's, figure by figure. Medians of the runs; ratios are taken within a run.)\n\n")
	}
}

// scenarioFigures are those that a scenario's table shows.
var scenarioFigures = map[string][]string{
	"idle":      {"stream_bytes", "stream_bytes_again", "stream_bytes_left", "rss_before_mb", "rss_with_mb"},
	"reconnect": {"sync_ms", "sync_max_ms", "server_cpu_s", "bytes_stream", "unchanged_resources", "sync_changing_ms", "unchanged_resources_changing", "quiet_ms", "meanwhile_ms", "meanwhile_max_ms", "delay_ratio"},
	"burst": {"rate", "p50_ms", "p99_ms", "changes_per_msg", "server_cpu_ms_change", "rss_start_mb", "rss_end_mb", "rss_growth_pct",
		"streams_unlike", "stalled_p99_ms", "stalled_p99_ratio", "stalled_extra_mb"},
	"soak": {"duration_s", "changes", "reconnects", "stalls", "added_removed", "p50_ms", "p99_ms", "rss_mb_median", "rss_mb_growth_pct", "rss_mb_slope_pct_h",
		"heap_mb_median", "heap_mb_growth_pct", "descriptors_median", "descriptors_growth_pct", "descriptors_left", "lag_p99_ms_median", "streams_unlike"},
}

// scenarios prints a table of each scenario that there are records of.
func (a *results) scenarios(out io.Writer) {
	last := ""
	for _, w := range a.sorted() {
		figures := scenarioFigures[w.scenario]
		if figures == nil {
			continue
		}
		if w.scenario != last {
			if last != "" {
				fmt.Fprintln(out)
			}
			last = w.scenario
			fmt.Fprintf(out, "| %s, N × S | variant | server | %s | runs |\n", w.scenario, strings.Join(figures, " | "))
			fmt.Fprintf(out, "| --- | --- | --- |%s --: |\n", strings.Repeat(" --: |", len(figures)))
		}
		fmt.Fprintf(out, "| %d × %d | %s | %s |", w.services, w.streams, w.proto, w.label)
		for _, f := range figures {
			fmt.Fprintf(out, " %v |", spreadOf(a.series(w, f)))
		}
		fmt.Fprintf(out, " %d |\n", len(a.of[w]))
	}
	if last != "" {
		fmt.Fprintln(out)
	}
}

// verdicts prints which targets are met; asked is how many there are.
func verdicts(out io.Writer, asked int, all []verdict) (missed int) {
	if len(all) == 0 {
		return 0
	}
	fmt.Fprintln(out, "| target | N × S | variant | asked | is | figure | |")
	fmt.Fprintln(out, "| --- | --- | --- | --: | --: | --: | --- |")
	for _, v := range all {
		of := map[string]string{"floor": " × floor", "best": " × best peer", "best+": " ms + best peer", "-": ""}[v.of]
		if v.what == "growth" {
			of = " × that at N = 100"
		}
		word := "met"
		if !v.met {
			word = "**missed**"
			missed++
		}
		figure := ""
		if v.of != "-" || v.what == "growth" {
			figure = num(v.own.median)
		}
		fmt.Fprintf(out, "| %s %s | %d × %d | %s | %s %s%s | %v | %s | %s |\n",
			v.what, v.figure, v.at.services, v.at.streams, v.at.proto, v.relation, num(v.limit), of, v.value, figure, word)
	}
	measured := map[target]bool{}
	for _, v := range all {
		measured[v.target] = true
	}
	fmt.Fprintf(out, "\n%d of %d met; %d lines of targets.txt were not measured.\n", len(all)-missed, len(all), asked-len(measured))
	return missed
}
