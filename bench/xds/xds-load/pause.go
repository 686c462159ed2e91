package main

import (
	"context"
	"sync"
)

// pause lets a stream stop reading for a while.
type pause struct {
	mu   sync.Mutex
	held chan struct{} // open while the stream is not to read; nil otherwise
}

// set stops the reading before the next message, or lets it go on.
func (p *pause) set(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case on && p.held == nil:
		p.held = make(chan struct{})
	case !on && p.held != nil:
		close(p.held)
		p.held = nil
	}
}

// pass returns when reading may go on; false: ctx ended first.
func (p *pause) pass(ctx context.Context) bool {
	p.mu.Lock()
	held := p.held
	p.mu.Unlock()
	if held == nil {
		return true
	}
	select {
	case <-held:
		return true
	case <-ctx.Done():
		return false
	}
}
