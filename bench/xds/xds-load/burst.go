package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	burstWorkers = 8
	hotServices  = 10 // every other change is made to one of these
	burstWarmup  = 5 * time.Second
)

// burst makes changes at a steady rate, twice: with all streams reading, and
// with one more that stops. Changes come on time, not one after the other, so
// that a server which cannot follow has to leave some out.
func burst(l *lab) error {
	o := l.o
	l.newFleet(o.streams + 1)
	l.f.book = newBook()
	readers, slow := l.agents[:o.streams], l.agents[o.streams]
	slow.notes.off.Store(true)
	slow.small = true
	if err := l.open(readers); err != nil {
		return err
	}
	warm, each := o.changesIn(burstWarmup), o.changesIn(o.duration)
	l.f.log = newChanges(warm+2*each, o.streams, o.portBase, &l.f.ports, func(seq int) int {
		if seq%2 == 1 {
			return seq / 2 % min(hotServices, o.services)
		}
		return o.scattered(seq / 2)
	})
	if l.f.log.size() < warm+2*each {
		return fmt.Errorf("no ports for %d changes: a lower --rate or a shorter --duration has", warm+2*each)
	}
	l.m.settle(l.f)
	if _, err := l.burstOf(0, warm); err != nil {
		return err
	}

	plain, err := l.burstOf(warm, warm+each)
	if err != nil {
		return err
	}
	plain.figures(l, "")
	l.r.figure("streams_unlike", float64(unlike(readers, readers[0])))

	if err := l.connectSlow(slow); err != nil {
		return err
	}
	slow.pause.set(true)
	stalled, err := l.burstOf(warm+each, warm+2*each)
	if err != nil {
		return err
	}
	stalled.figures(l, "stalled_")
	l.r.figure("stalled_p99_ratio", stalled.p99/plain.p99)
	l.r.figure("stalled_growth_mb", stalled.rssEnd-stalled.rssStart)
	l.r.figure("stalled_extra_mb", (stalled.rssEnd-stalled.rssStart)-(plain.rssEnd-plain.rssStart))
	l.r.figure("stalled_streams_unlike", float64(unlike(readers, readers[0])))

	before := l.f.traffic.read()
	slow.pause.set(false)
	held := until(l.ctx, o.updateTimeout, func() bool { return unlike(l.agents[o.streams:], readers[0]) == 0 })
	l.m.settle(l.f)
	l.r.figure("slow_caught_up", number(held))
	l.r.figure("slow_msgs_after", float64(recvMsgs(before, l.f.traffic.read())))
	return l.compareFresh("fresh_unlike")
}

func (o *options) changesIn(d time.Duration) int { return int(o.rate * d.Seconds()) }

// connectSlow connects a stream that takes little ahead, and waits until it has everything.
func (l *lab) connectSlow(a *agent) error {
	if err := l.connect(a); err != nil {
		return err
	}
	if !until(l.ctx, l.o.coldTimeout, func() bool { return l.f.ready[a.index].Load() > 0 }) {
		return fmt.Errorf("the stream with a small window does not get everything")
	}
	l.m.settle(l.f)
	return nil
}

// burstResult is one burst.
type burstResult struct {
	rate, http99, p50, p99, worst, all50 float64
	late                                 float64 // ms, the most that a change was sent after it was due
	perStream, coalesced, cpu            float64
	rssStart, rssEnd, rssGrowth, heap    float64
	unreached                            int
}

// burstOf makes changes from..to-1 and waits until all have them.
func (l *lab) burstOf(from, to int) (b burstResult, err error) {
	o, c := l.o, l.f.log
	before, flow := l.m.read(), l.f.traffic.read()
	b.rssStart = mb(before.server.rss)

	queues := make([]chan int, burstWorkers) // a service's changes go through one, and so in their order
	due := make([]time.Time, to-from)
	took := make([]float64, to-from)
	var late atomic.Int64
	var failed atomic.Pointer[error]
	var workers sync.WaitGroup
	for w := range queues {
		queues[w] = make(chan int, to-from)
		workers.Go(func() {
			for seq := range queues[w] {
				at := due[seq-from]
				start := time.Now()
				late.Store(max(late.Load(), int64(start.Sub(at))))
				if err := l.change(seq, at); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
				took[seq-from] = ms(time.Since(start))
			}
		})
	}
	var rss, heap []float64
	stop, sampled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sampled)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Second):
				rss = append(rss, mb(l.m.read().server.rss))
				if v, ok := l.scrape()[heapMetric]; ok && len(rss)%5 == 0 {
					heap = append(heap, v/(1<<20))
				}
			}
		}
	}()
	began := time.Now()
	every(l.ctx, to-from, time.Duration(float64(time.Second)/o.rate), func(i int, at time.Time) {
		due[i] = at
		queues[c.service[from+i]%burstWorkers] <- from + i
	})
	for _, q := range queues {
		close(q)
	}
	workers.Wait()
	b.rate = float64(to-from) / time.Since(began).Seconds()
	reached := until(l.ctx, o.updateTimeout, func() bool { return c.reached(from, to) })
	close(stop)
	<-sampled
	l.m.settle(l.f)
	after := l.m.read()
	if e := failed.Load(); e != nil {
		return b, *e
	}
	if !reached {
		for seq := from; seq < to; seq++ {
			if c.left[seq].Load() > 0 {
				b.unreached++
			}
		}
	}
	var times []float64
	for _, a := range l.agents {
		times = append(times, a.notes.times(from, to)...)
	}
	d := distOf(times)
	b.p50, b.p99, b.worst = d.P50, d.P99, d.Max
	b.all50, b.http99 = medianFloat(l.lasts(from, to)), distOf(took).P99
	b.late = ms(time.Duration(late.Load()))
	b.perStream = float64(recvMsgs(flow, l.f.traffic.read())) / float64(o.streams)
	b.coalesced = float64(to-from) / b.perStream
	b.cpu = 1000 * cpuBetween(before.server, after.server) / float64(to-from)
	b.rssEnd = mb(after.server.rss)
	b.rssGrowth = thirds(rss)
	b.heap = thirds(heap)
	return b, l.ctx.Err()
}

func (b burstResult) figures(l *lab, prefix string) {
	for name, v := range map[string]float64{
		"rate": b.rate, "late_max_ms": b.late, "http_p99_ms": b.http99, "p50_ms": b.p50, "p99_ms": b.p99, "max_ms": b.worst,
		"all_p50_ms": b.all50, "msgs_stream": b.perStream, "changes_per_msg": b.coalesced, "server_cpu_ms_change": b.cpu,
		"rss_start_mb": b.rssStart, "rss_end_mb": b.rssEnd, "rss_growth_pct": b.rssGrowth, "heap_growth_pct": b.heap,
		"changes_unreached": float64(b.unreached),
	} {
		l.r.figure(prefix+name, v)
	}
}

func recvMsgs(from, to counts) (n int64) {
	for k := range kinds {
		n += to.recvMsgs[k] - from.recvMsgs[k]
	}
	return n
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
