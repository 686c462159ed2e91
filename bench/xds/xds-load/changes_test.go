package main

import (
	"slices"
	"testing"
	"time"
)

func TestChangesCoalesced(t *testing.T) {
	var taken [65536]bool
	taken[20001] = true
	service := []int{7, 8, 7, 7}
	c := newChanges(4, 2, 20000, &taken, func(seq int) int { return service[seq] })
	if !slices.Equal(c.ports, []int{20000, 20002, 20003, 20004}) {
		t.Fatalf("ports %v", c.ports)
	}
	start := time.Now()
	for seq := range 4 {
		c.started[seq].Store(start.Add(time.Duration(seq) * time.Millisecond).UnixNano())
	}
	at := func(n int) time.Time { return start.Add(time.Duration(n) * time.Millisecond) }
	bring := func(n *changeNote, port uint32, when time.Time) {
		b, _ := sotwOf(t, eds, anyOf(t, cla("x", port)))
		n.take(c, b, false, when)
	}
	var a, b changeNote
	bring(&a, 20000, at(5))
	bring(&a, 20004, at(10)) // 3, and with it 2
	bring(&a, 20003, at(12)) // an old one afterwards changes nothing
	if got := a.times(0, 4); !slices.Equal(got, []float64{5, 8, 7}) {
		t.Errorf("times %v", got)
	}
	if c.reached(0, 1) {
		t.Error("reached, though one stream has nothing")
	}
	bring(&b, 20004, at(20))
	if !c.reached(2, 4) || c.reached(0, 2) || !c.reached(0, 1) {
		t.Error("who has received what is wrong")
	}
	if got := c.lastOf(3); got != 17 {
		t.Errorf("last %v", got)
	}
	var off changeNote
	off.off.Store(true)
	bring(&off, 20002, at(1))
	if c.left[1].Load() != 2 {
		t.Error("a stream that is off was counted")
	}
}

func TestChangesOutOfPorts(t *testing.T) {
	var taken [65536]bool
	if c := newChanges(10, 1, 65530, &taken, func(int) int { return 0 }); c.size() != 6 {
		t.Errorf("%d changes", c.size())
	}
}
