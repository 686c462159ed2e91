package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// What is read of a Node server's Prometheus metrics.
const (
	heapMetric     = "nodejs_heap_size_used_bytes"
	externalMetric = "nodejs_external_memory_bytes"
	lagMetric      = "nodejs_eventloop_lag_p99_seconds"
	handlesMetric  = "nodejs_active_handles_total"
	streamsMetric  = "envoyage_xds_streams"
)

// scrape is the server's metrics without labels; empty where there are none.
func (l *lab) scrape() map[string]float64 {
	if l.o.metricsURL == "" {
		return nil
	}
	req, err := http.NewRequestWithContext(l.ctx, http.MethodGet, l.o.metricsURL, nil)
	if err != nil {
		return nil
	}
	resp, err := l.http.Do(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	return parseMetrics(resp.Body)
}

func parseMetrics(r io.Reader) map[string]float64 {
	out := map[string]float64{}
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		name, value, ok := strings.Cut(s.Text(), " ")
		if !ok || strings.HasPrefix(name, "#") || strings.Contains(name, "{") {
			continue
		}
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			out[name] = v
		}
	}
	return out
}

// descriptors is how many files, sockets among them, the processes hold open.
func descriptors(pids []int) (n int) {
	for _, pid := range pids {
		all, _ := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "fd"))
		n += len(all)
	}
	return n
}
