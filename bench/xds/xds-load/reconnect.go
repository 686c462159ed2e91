package main

import (
	"fmt"
	"slices"
	"time"
)

const (
	witnesses      = 10 // streams that stay, to see how a change fares meanwhile
	quietChanges   = 20
	meanwhileTimes = 3 // changes while the fleet reconnects, each round
)

// reconnect has all streams but the witnesses lose their connections and come
// back at once, saying what they hold. In every round they do so twice: while
// nothing changes, when nothing may be sent to them; and while changes are made.
func reconnect(l *lab) error {
	o := l.o
	rounds := o.rounds
	l.newFleet(o.streams + witnesses)
	l.f.book = newBook()
	fleet, stay := l.agents[:o.streams], l.agents[o.streams:]
	if err := l.open(l.agents); err != nil {
		return err
	}
	count := o.warmup + quietChanges + rounds*(meanwhileTimes+1)
	l.f.log = newChanges(count, len(l.agents), o.portBase, &l.f.ports, o.scattered)
	if l.f.log.size() < count {
		return fmt.Errorf("no ports for %d changes", count)
	}
	l.m.settle(l.f)

	next := 0
	one := func() error { // a change that all must receive while nothing else happens
		seq := next
		next++
		if err := l.change(seq, time.Now()); err != nil {
			return err
		}
		if !until(l.ctx, o.updateTimeout, func() bool { return l.f.log.reached(seq, seq+1) }) {
			return fmt.Errorf("change %d has not reached %d streams", seq, l.f.log.left[seq].Load())
		}
		l.m.settle(l.f)
		return nil
	}
	for range o.warmup + quietChanges {
		if err := one(); err != nil {
			return err
		}
	}
	quiet := l.delays(stay, o.warmup, next)
	quietAll := medianFloat(l.lasts(o.warmup, next))

	var idleSync, opened, syncs, meanwhile, meanwhileAll, cpu []float64
	var got, same, bytes, same2 int64
	for range rounds {
		// While nothing changes.
		l.f.traffic.resources.Store(0)
		l.f.traffic.unchanged.Store(0)
		before, flow, began := l.m.read(), l.f.traffic.read(), time.Now()
		l.stop(fleet)
		if err := l.open(fleet); err != nil {
			return err
		}
		sent := func() bool { return l.f.traffic.read().sentMsgs-flow.sentMsgs >= int64(4*len(fleet)) }
		if !until(l.ctx, o.coldTimeout, sent) {
			return fmt.Errorf("not all streams came back: %d requests sent", l.f.traffic.read().sentMsgs-flow.sentMsgs)
		}
		opened = append(opened, ms(time.Since(began)))
		idleSync = append(idleSync, ms(l.m.lastActive(l.f).Sub(began)))
		cpu = append(cpu, cpuBetween(before.server, l.m.read().server))
		got += l.f.traffic.resources.Load()
		same += l.f.traffic.unchanged.Load()
		bytes += recvBytes(flow, l.f.traffic.read())
		if err := one(); err != nil { // they are in sync: it reaches all
			return fmt.Errorf("after a reconnect: %w", err)
		}

		// While changes are made, spread over the time that it took.
		span := time.Duration(idleSync[len(idleSync)-1] * float64(time.Millisecond))
		l.f.traffic.unchanged.Store(0)
		from := next
		next += meanwhileTimes
		began = time.Now()
		l.stop(fleet)
		failed := make(chan error, 1)
		go func() {
			var err error
			time.Sleep(span / (meanwhileTimes + 1))
			every(l.ctx, meanwhileTimes, span/(meanwhileTimes+1), func(i int, _ time.Time) {
				if e := l.change(from+i, time.Now()); e != nil {
					err = e
				}
			})
			failed <- err
		}()
		if err := l.open(fleet); err != nil {
			return err
		}
		if err := <-failed; err != nil {
			return err
		}
		if !until(l.ctx, o.coldTimeout, func() bool { return l.f.log.reached(from, next) }) {
			return fmt.Errorf("a change made meanwhile has not reached %d streams", l.f.log.left[next-1].Load())
		}
		end := began
		for seq := from; seq < next; seq++ {
			if t := time.Unix(0, l.f.log.last[seq].Load()); t.After(end) {
				end = t
			}
		}
		syncs = append(syncs, ms(end.Sub(began)))
		meanwhile = append(meanwhile, l.delays(stay, from, next)...)
		meanwhileAll = append(meanwhileAll, l.lasts(from, next)...)
		l.m.settle(l.f)
		same2 += l.f.traffic.unchanged.Load()
	}

	r, per := l.r, float64(rounds*len(fleet))
	r.figure("opened_ms", medianFloat(opened))
	r.figure("sync_ms", medianFloat(idleSync))
	r.figure("sync_max_ms", slices.Max(idleSync))
	r.figure("server_cpu_s", medianFloat(cpu))
	r.figure("bytes_stream", float64(bytes)/per)
	r.figure("resources_stream", float64(got)/per)
	r.figure("unchanged_resources", float64(same))
	r.figure("sync_changing_ms", medianFloat(syncs))
	r.figure("unchanged_resources_changing", float64(same2))
	r.figure("quiet_ms", medianFloat(quiet))
	r.figure("quiet_max_ms", slices.Max(quiet))
	r.figure("meanwhile_ms", medianFloat(meanwhile))
	r.figure("meanwhile_max_ms", slices.Max(meanwhile))
	r.figure("delay_ratio", medianFloat(meanwhile)/medianFloat(quiet))
	r.figure("quiet_all_ms", quietAll)
	r.figure("meanwhile_all_ms", medianFloat(meanwhileAll))
	r.figure("streams_unlike", float64(unlike(l.agents, stay[0])))
	return l.compareFresh("fresh_unlike")
}

// delays is, of each of the changes, how long it took to the last of agents.
func (l *lab) delays(agents []*agent, from, to int) (out []float64) {
	for seq := from; seq < to; seq++ {
		last := 0.0
		for _, a := range agents {
			for _, t := range a.notes.times(seq, seq+1) {
				last = max(last, t)
			}
		}
		out = append(out, last)
	}
	return out
}

// lasts is, of each of the changes, how long it took to the last stream.
func (l *lab) lasts(from, to int) (out []float64) {
	for seq := from; seq < to; seq++ {
		out = append(out, l.f.log.lastOf(seq))
	}
	return out
}

func recvBytes(from, to counts) (n int64) {
	for k := range kinds {
		n += to.recvBytes[k] - from.recvBytes[k]
	}
	return n
}

// lastActive waits until the server is quiet and is when it last did anything.
func (m *meter) lastActive(f *fleet) time.Time {
	m.settle(f)
	return m.active
}

// compareFresh has one more stream connect, with nothing, and counts the streams
// that hold anything else than it is given: all would hold the same where a
// server forgot the same change for all of them.
func (l *lab) compareFresh(name string) error {
	old := l.agents
	a := &agent{stream: &stream{fleet: l.f, index: len(old)}}
	a.notes.off.Store(true)
	if err := l.connect(a); err != nil {
		return err
	}
	l.agents = append(old, a)
	if !until(l.ctx, l.o.coldTimeout, func() bool { return l.f.ready[a.index].Load() > 0 }) {
		return fmt.Errorf("a stream that came last does not get everything")
	}
	l.m.settle(l.f)
	l.r.figure(name, float64(unlike(old, a)))
	_, n := a.held.content()
	l.r.figure("resources_held", float64(n))
	return nil
}
