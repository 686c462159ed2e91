package main

import "time"

// idle tells what a stream costs that has everything and is sent nothing: the
// server's memory with all of them less that with none, by the number of
// streams. A few streams that come and go first have the server's code loaded.
func idle(l *lab) error {
	wave := func(streams int) (mb float64, err error) {
		l.newFleet(streams)
		if err := l.open(l.agents); err != nil {
			return 0, err
		}
		return l.restingRSS(), nil
	}
	if _, err := wave(min(10, l.o.streams)); err != nil {
		return err
	}
	l.stop(l.agents)
	before := l.restingRSS()
	with, err := wave(l.o.streams)
	if err != nil {
		return err
	}
	l.stop(l.agents)
	after := l.restingRSS()
	again, err := wave(l.o.streams)
	if err != nil {
		return err
	}
	l.stop(l.agents)
	per := func(mb float64) float64 { return mb * (1 << 20) / float64(l.o.streams) }
	l.r.figure("rss_before_mb", before)
	l.r.figure("rss_with_mb", with)
	l.r.figure("rss_after_mb", after)
	l.r.figure("rss_again_mb", again)
	l.r.figure("stream_bytes", per(with-before))
	l.r.figure("stream_bytes_again", per(again-before))
	l.r.figure("stream_bytes_left", per(after-before))
	return nil
}

// restingRSS is the server's memory, in MB, after it was idle for the idle
// wait: the median of what it was from half of it on.
func (l *lab) restingRSS() float64 {
	if l.f != nil {
		l.m.settle(l.f)
	}
	var seen []float64
	every(l.ctx, 10, l.o.idleWait/10, func(i int, _ time.Time) {
		if i >= 5 {
			seen = append(seen, mb(l.m.read().server.rss))
		}
	})
	return medianFloat(seen)
}
