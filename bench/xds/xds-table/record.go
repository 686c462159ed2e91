package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// record is what xds-load prints: of a cell, or of a scenario.
type record struct {
	Scenario string             `json:"scenario"`
	Label    string             `json:"label"`
	Run      int                `json:"run"`
	Proto    string             `json:"proto"`
	Streams  int                `json:"streams"`
	Services int                `json:"services"`
	Figures  map[string]float64 `json:"figures"`
	Notes    []string           `json:"notes"`
	Error    string             `json:"error"`

	State struct {
		Clusters int `json:"clusters"`
	} `json:"state"`
	Cold struct {
		All       float64 `json:"all_ms"`
		ServerCPU float64 `json:"server_cpu_s"`
		Flow      struct {
			Bytes float64 `json:"bytes"`
		} `json:"per_stream"`
	} `json:"cold"`
	Updates struct {
		Count   int     `json:"count"`
		Changed float64 `json:"changed_bytes"`
		Latency struct {
			P50 float64 `json:"p50"`
			P99 float64 `json:"p99"`
			Max float64 `json:"max"`
		} `json:"latency_ms"`
		ServerCPU float64 `json:"server_cpu_ms_per_update"`
		ClientCPU float64 `json:"client_cpu_ms_per_update"`
		Flow      struct {
			Bytes float64 `json:"bytes"`
		} `json:"per_update_per_stream"`
	} `json:"updates"`
	Server struct {
		RSSCold float64 `json:"rss_cold_mb"`
		RSSPeak float64 `json:"rss_peak_mb"`
	} `json:"server"`
}

// what a record is of: all runs of it have the same.
type what struct {
	scenario          string // "cell" of a cell
	services, streams int
	proto, label      string
}

const (
	cellName   = "cell"
	floorLabel = "floor"
	ownLabel   = "envoyage"
)

// results are the figures of all records, by what they are of, by run and by name.
type results struct {
	of     map[what]map[int]map[string]float64
	failed []string
}

// figures of a record, under the names of targets.txt.
func (r *record) figures() map[string]float64 {
	if r.Scenario != "" {
		return r.Figures
	}
	f := map[string]float64{
		"cold": r.Cold.All, "cold_cpu": r.Cold.ServerCPU, "cold_bytes": r.Cold.Flow.Bytes,
		"rss_cold": r.Server.RSSCold, "rss": r.Server.RSSPeak,
	}
	if u := r.Updates; u.Count > 0 {
		f["p50"], f["p99"], f["max"] = u.Latency.P50, u.Latency.P99, u.Latency.Max
		f["cpu"], f["client_cpu"], f["bytes"] = u.ServerCPU, u.ClientCPU, u.Flow.Bytes
		if u.Changed > 0 { // older records lack it
			f["overhead"] = u.Flow.Bytes - u.Changed
		}
	}
	return f
}

func (r *record) what() what {
	if r.Scenario != "" {
		return what{r.Scenario, r.Services, r.Streams, r.Proto, r.Label}
	}
	return what{cellName, r.State.Clusters, r.Streams, r.Proto, r.Label}
}

// read takes the records of files; what cannot be used is told in failed.
func read(files []string) *results {
	all := &results{of: map[what]map[int]map[string]float64{}}
	for _, name := range files {
		b, err := os.ReadFile(name)
		var r record
		if err == nil {
			err = json.Unmarshal(b, &r)
		}
		switch {
		case err != nil:
			all.failed = append(all.failed, fmt.Sprintf("%s: %v", name, err))
			continue
		case r.Error != "":
			all.failed = append(all.failed, fmt.Sprintf("%s: %s", name, r.Error))
			continue
		}
		for _, n := range r.Notes {
			all.failed = append(all.failed, fmt.Sprintf("%s: note: %s", name, n))
		}
		all.add(r.what(), r.Run, r.figures())
	}
	return all
}

// add keeps a run's figures; runs without a number are numbered as they come.
func (a *results) add(w what, run int, figures map[string]float64) {
	runs := a.of[w]
	if runs == nil {
		runs = map[int]map[string]float64{}
		a.of[w] = runs
	}
	for runs[run] != nil {
		run++
	}
	runs[run] = figures
}
