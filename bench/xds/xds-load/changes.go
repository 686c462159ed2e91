package main

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// changes are many that may overlap: each is known by a port of its own, and
// one is also received by whoever receives a later one of the same service
// instead, which is how a server that coalesces answers.
type changes struct {
	ports   []int        // by the change's number
	byPort  [65536]int32 // the change's number plus 1; 0 is none
	service []int
	before  []int32        // the change of the same service before this one, or -1
	started []atomic.Int64 // unix nanoseconds; 0 is not yet
	left    []atomic.Int64 // streams that have not received it
	last    []atomic.Int64 // when the last of them did, unix nanoseconds
}

// newChanges numbers count changes; taken are the ports that mark nothing.
func newChanges(count, streams, base int, taken *[65536]bool, service func(seq int) int) *changes {
	c := &changes{
		started: make([]atomic.Int64, count), left: make([]atomic.Int64, count), last: make([]atomic.Int64, count),
	}
	newest := map[int]int32{}
	port := base
	for seq := range count {
		for port < 65536 && taken[port] {
			port++
		}
		if port >= 65536 {
			break
		}
		i := service(seq)
		before, ok := newest[i]
		if !ok {
			before = -1
		}
		newest[i] = int32(seq)
		c.ports, c.service, c.before = append(c.ports, port), append(c.service, i), append(c.before, before)
		c.byPort[port] = int32(seq) + 1
		c.left[seq].Store(int64(streams))
		port++
	}
	return c
}

// size is how many changes there were ports for.
func (c *changes) size() int { return len(c.ports) }

// reached is whether every stream has received changes from..to-1.
func (c *changes) reached(from, to int) bool {
	for seq := from; seq < to; seq++ {
		if c.left[seq].Load() > 0 {
			return false
		}
	}
	return true
}

// lastOf is how long, in ms, change seq took to the last stream.
func (c *changes) lastOf(seq int) float64 {
	return ms(time.Duration(c.last[seq].Load() - c.started[seq].Load()))
}

// changeNote is what one stream has received of the changes.
type changeNote struct {
	off  atomic.Bool // a stream that is not counted
	mu   sync.Mutex
	seen bits
	took []float32 // ms, by the change's number; 0 is not received
}

// take notes the changes that a response brings.
func (n *changeNote) take(c *changes, b []byte, delta bool, at time.Time) {
	if n.off.Load() {
		return
	}
	// A malformed one is the stream's own parser's to tell.
	_ = eachResource(b, delta, func(v []byte) error {
		for i := 0; i+1 < len(v); i++ {
			if v[i] != 0x18 {
				continue
			}
			if p, l := protowire.ConsumeVarint(v[i+1:]); l > 0 && p < 65536 && c.byPort[p] > 0 {
				n.received(c, int(c.byPort[p]-1), at)
			}
		}
		return nil
	})
}

func (n *changeNote) received(c *changes, seq int, at time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := int32(seq); i >= 0 && !n.seen.has(uint32(i)); i = c.before[i] {
		n.seen.set(uint32(i))
		start := c.started[i].Load()
		if start == 0 {
			continue // of an earlier run of the same server
		}
		if n.took == nil {
			n.took = make([]float32, c.size())
		}
		n.took[i] = float32(max(0.001, ms(time.Duration(at.UnixNano()-start))))
		for old := c.last[i].Load(); old < at.UnixNano() && !c.last[i].CompareAndSwap(old, at.UnixNano()); old = c.last[i].Load() {
		}
		c.left[i].Add(-1)
	}
}

// times are those noted of changes from..to-1.
func (n *changeNote) times(from, to int) (out []float64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for seq := from; seq < to && seq < len(n.took); seq++ {
		if n.took[seq] > 0 {
			out = append(out, float64(n.took[seq]))
		}
	}
	return out
}

// medianFloat is the median of values, which it sorts; 0 of none.
func medianFloat(v []float64) float64 {
	slices.Sort(v)
	return percentile(v, 50)
}
