package main

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	churnEvery  = 2 * time.Second
	sampleEvery = 10 * time.Second
	extras      = 20               // services that come and go
	minSlope    = 10 * time.Minute // of less, a growth an hour says nothing
)

var soakColumns = []string{
	"seconds", "rss_mb", "heap_mb", "external_mb", "descriptors", "handles", "lag_p99_ms", "cpu_pct",
	"server_streams", "ended_by_server", "changes", "reconnects", "stalls", "added_removed",
}

// soak has a fleet live a hard life for a long time: changes, services that
// come and go, streams that reconnect, and streams that stop reading. The server's
// memory, descriptors and event loop are written down all the while.
// One stream, the witness, is left in peace: it tells how long changes take.
func soak(l *lab) error {
	o := l.o
	l.newFleet(o.streams + 1)
	l.f.book = newBook()
	witness, fleet := l.agents[o.streams], l.agents[:o.streams]
	for i, a := range fleet {
		a.notes.off.Store(true)
		a.small = i%slowOneIn == 0
	}
	idleFDs := descriptors(l.m.pids)
	if err := l.open(l.agents); err != nil {
		return err
	}
	count := o.changesIn(o.duration)
	l.f.log = newChanges(count, 1, o.portBase, &l.f.ports, o.scattered)
	if l.f.log.size() < count {
		return fmt.Errorf("no ports for %d changes: a lower --rate has", count)
	}

	s := &soaker{lab: l, fleet: fleet, end: time.Now().Add(o.duration), random: rand.New(rand.NewPCG(1, 2))}
	var wg sync.WaitGroup
	wg.Go(func() {
		every(l.ctx, count, time.Duration(float64(time.Second)/o.rate), func(seq int, _ time.Time) {
			s.check(l.change(seq, time.Now()))
			s.changes.Add(1)
		})
	})
	wg.Go(func() {
		if o.addURL == "" {
			return
		}
		every(l.ctx, int(o.duration/time.Second), time.Second, func(i int, _ time.Time) { s.check(s.toggle(i)) })
	})
	wg.Go(s.churn)
	rows, err := s.sample()
	wg.Wait()
	if err != nil {
		return err
	}

	for _, a := range fleet {
		a.pause.set(false)
	}
	s.revive()
	same := until(l.ctx, o.updateTimeout, func() bool { return unlike(fleet, witness) == 0 && l.f.log.reached(0, count) })
	l.m.settle(l.f)
	r := l.r
	r.figure("caught_up", number(same))
	r.figure("streams_unlike", float64(unlike(fleet, witness)))
	if err := l.compareFresh("fresh_unlike"); err != nil {
		return err
	}
	d := distOf(witness.notes.times(0, count))
	r.figure("p50_ms", d.P50)
	r.figure("p99_ms", d.P99)
	r.figure("max_ms", d.Max)
	r.figure("duration_s", o.duration.Seconds())
	r.figure("changes", float64(s.changes.Load()))
	r.figure("reconnects", float64(s.reconnects.Load()))
	r.figure("stalls", float64(s.stalls.Load()))
	r.figure("added_removed", float64(s.toggles.Load()))
	r.figure("requests_failed", float64(s.failed.Load()))
	if why := s.why.Load(); why != nil {
		r.note("a request failed: %s", *why)
	}
	judge(r, rows)

	l.stop(l.agents)
	l.http.CloseIdleConnections()
	until(l.ctx, 30*time.Second, func() bool { return descriptors(l.m.pids) <= idleFDs })
	r.figure("descriptors_left", float64(descriptors(l.m.pids)-idleFDs))
	return nil
}

// judge says how flat the series are.
func judge(r *scenarioRecord, rows [][]float64) {
	column := func(name string) (v []float64) {
		for i, c := range soakColumns {
			if c == name {
				for _, row := range rows {
					v = append(v, row[i])
				}
			}
		}
		return v
	}
	seconds := settled(column("seconds"))
	for _, c := range []string{"rss_mb", "heap_mb", "external_mb", "descriptors", "lag_p99_ms"} {
		v := column(c)
		r.figure(c+"_median", medianFloat(settled(append([]float64{}, v...))))
		level := 50.0
		if c == "heap_mb" || c == "external_mb" {
			level = 20 // of a saw tooth the low points tell: what a collection could not free
		}
		r.figure(c+"_growth_pct", growth(v, level))
		if len(seconds) > 0 && seconds[len(seconds)-1]-seconds[0] >= minSlope.Seconds() {
			r.figure(c+"_slope_pct_h", slope(seconds, settled(v)))
		}
	}
}

// soaker is a soak under way.
type soaker struct {
	*lab
	fleet  []*agent
	end    time.Time
	random *rand.Rand

	changes, reconnects, stalls, toggles, failed atomic.Int64
	why                                          atomic.Pointer[string]
}

func (s *soaker) check(err error) {
	if err == nil || s.ctx.Err() != nil {
		return
	}
	s.failed.Add(1)
	text := err.Error()
	s.why.CompareAndSwap(nil, &text)
}

// toggle adds the extra services one after the other, and then removes them.
func (s *soaker) toggle(i int) error {
	o := *s.o
	o.triggerMethod, o.triggerURL, o.triggerBody = "POST", o.addURL, o.addBody
	if i/extras%2 == 1 {
		o.triggerMethod, o.triggerURL, o.triggerBody = "DELETE", o.removeURL, ""
		o.triggerHeaders = nil
	}
	req, err := trigger(s.ctx, &o, o.services+i%extras, i, 9001)
	if err != nil {
		return err
	}
	s.toggles.Add(1)
	return fire(s.http, req)
}

// churn has streams reconnect and stop reading until the end.
func (s *soaker) churn() {
	resume := map[*agent]time.Time{}
	every(s.ctx, int(time.Until(s.end)/churnEvery), churnEvery, func(i int, now time.Time) {
		for a, t := range resume {
			if now.After(t) {
				a.pause.set(false)
				delete(resume, a)
			}
		}
		// Every minute half of them at once, otherwise a few; slow ones among them.
		n := 1 + s.random.IntN(max(1, len(s.fleet)/20))
		if i%30 == 29 {
			n = len(s.fleet) / 2
		}
		var some []*agent
		for _, k := range s.random.Perm(len(s.fleet))[:n] {
			some = append(some, s.fleet[k])
		}
		s.stop(some)
		s.revive()
		s.reconnects.Add(int64(n))
		// Only one with small windows: the others' are never full.
		if a := s.fleet[s.random.IntN(len(s.fleet))/slowOneIn*slowOneIn]; resume[a].IsZero() {
			a.pause.set(true)
			resume[a] = now.Add(time.Duration(1+s.random.IntN(30)) * time.Second)
			s.stalls.Add(1)
		}
	})
}

// slowOneIn: one in so many streams may stop reading.
const slowOneIn = 10

// revive connects who is not connected, for whichever reason.
func (s *soaker) revive() {
	for _, a := range s.fleet {
		if !a.running() {
			s.stop([]*agent{a})
			s.check(s.connect(a))
		}
	}
}

// sample reads the server until the end, into rows and the CSV file.
func (s *soaker) sample() (rows [][]float64, err error) {
	var w *csv.Writer
	if s.o.csv != "" {
		file, err := os.Create(s.o.csv)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		w = csv.NewWriter(file)
		w.Write(soakColumns)
	}
	began := time.Now()
	step := min(sampleEvery, s.o.duration/12)
	last := s.m.read()
	every(s.ctx, int(s.o.duration/step), step, func(int, time.Time) {
		now := s.m.read()
		got := s.scrape()
		row := []float64{
			now.at.Sub(began).Seconds(), mb(now.server.rss), got[heapMetric] / (1 << 20), got[externalMetric] / (1 << 20),
			float64(descriptors(s.m.pids)), got[handlesMetric], 1000 * got[lagMetric],
			100 * cpuBetween(last.server, now.server) / max(0.001, now.at.Sub(last.at).Seconds()),
			got[streamsMetric], float64(s.ended.Load()),
			float64(s.changes.Load()), float64(s.reconnects.Load()), float64(s.stalls.Load()), float64(s.toggles.Load()),
		}
		last = now
		rows = append(rows, row)
		if w != nil {
			text := make([]string, len(row))
			for i, v := range row {
				text[i] = strconv.FormatFloat(round(v), 'f', -1, 64)
			}
			w.Write(text)
			w.Flush()
			err = w.Error()
		}
	})
	if err == nil {
		err = s.ctx.Err()
	}
	return rows, err
}
