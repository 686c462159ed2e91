package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
)

// lab is what the scenarios have in common: a fleet whose streams come and go,
// the changes that are made, and the record.
type lab struct {
	ctx    context.Context
	o      *options
	f      *fleet
	m      *meter
	r      *scenarioRecord
	http   *http.Client
	agents []*agent
	start  reading

	ended atomic.Int64 // streams that ended though nobody here had closed them
	first atomic.Pointer[string]
}

// scenarioRecord is what a scenario prints. Figures are named as in
// targets.txt, their units are in their names.
type scenarioRecord struct {
	Scenario string             `json:"scenario"`
	Label    string             `json:"label,omitempty"`
	Run      int                `json:"run,omitempty"`
	Time     string             `json:"time"`
	Proto    string             `json:"proto"`
	Streams  int                `json:"streams"`
	Services int                `json:"services"`
	Figures  map[string]float64 `json:"figures"`
	Notes    []string           `json:"notes,omitempty"`
	Machine  machine            `json:"machine"`
	Error    string             `json:"error,omitempty"`
}

func (r *scenarioRecord) figure(name string, v float64) {
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		r.Figures[name] = round(v)
	}
}

func (r *scenarioRecord) note(format string, a ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, a...))
}

var scenarios = map[string]func(*lab) error{
	"idle": idle, "reconnect": reconnect, "burst": burst, "soak": soak,
}

// runScenario runs the one that the options name.
func runScenario(ctx context.Context, o *options) *scenarioRecord {
	r := &scenarioRecord{
		Scenario: o.scenario, Label: o.label, Run: o.run, Time: time.Now().UTC().Format(time.RFC3339), Proto: o.proto,
		Streams: o.streams, Services: o.services, Figures: map[string]float64{},
	}
	ctx, cancel := context.WithCancel(ctx)
	l := &lab{
		ctx: ctx, o: o, m: &meter{o: o}, r: r,
		http: &http.Client{Timeout: o.updateTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	r.Machine.Cores, r.Machine.Load = runtime.NumCPU(), loadAverage()
	r.Machine.Compute, r.Machine.Memory = calibrate()
	l.start = l.m.read()
	err := scenarios[o.scenario](l)
	cancel()
	l.stop(l.agents)
	after := l.m.read()
	r.Machine.OtherCPU, r.Machine.Stolen = others(l.start, after, r.Machine.Cores)
	r.figure("streams_ended_by_server", float64(l.ended.Load()))
	if why := l.first.Load(); why != nil {
		r.note("a stream ended: %s", *why)
	}
	if err == nil {
		err = ctx.Err()
		if errors.Is(err, context.Canceled) {
			err = nil
		}
	}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}

// agent is a stream that can be closed and opened again; it keeps what it holds.
type agent struct {
	*stream
	small  bool // takes little ahead, so that the server notices when it stops reading
	cancel context.CancelFunc
	conn   *grpc.ClientConn
	done   chan struct{}
}

const smallWindow = 64 << 10

// newFleet makes the fleet and its agents, none of which is connected yet.
func (l *lab) newFleet(streams int) {
	f := newFleet(streams + 1) // and a newcomer at the end
	f.delta, f.parallel, f.nodeEvery = l.o.proto == "delta", l.o.order == "parallel", l.o.nodeEvery
	f.expectClusters = l.o.expectClusters
	f.node = nodeMaker(l.o)
	l.f, l.agents = f, make([]*agent, streams)
	for i := range l.agents {
		l.agents[i] = &agent{stream: &stream{fleet: f, index: i}}
	}
}

// open connects agents at once, each on a connection of its own, and waits
// until those that were never connected before have everything.
func (l *lab) open(agents []*agent) error {
	fresh := 0
	for _, a := range agents {
		if l.f.ready[a.index].Load() == 0 {
			fresh++
		}
	}
	l.f.left.Store(int64(fresh))
	l.f.allReady = make(chan struct{})
	l.f.start = time.Now()
	l.f.traffic.lastRecv.Store(l.f.start.UnixNano())
	for _, a := range agents {
		if err := l.connect(a); err != nil {
			return err
		}
	}
	if fresh == 0 {
		return nil
	}
	if err := l.f.wait(l.ctx, l.f.allReady, l.o.coldTimeout); err != nil {
		return fmt.Errorf("cold start: %w (%d of %d streams lack something)", err, l.f.left.Load(), fresh)
	}
	return nil
}

// connect opens one agent's stream.
func (l *lab) connect(a *agent) error {
	streamWindow, connWindow := l.o.streamWindow, l.o.connWindow
	if a.small {
		streamWindow, connWindow = smallWindow, smallWindow
	}
	conn, err := newConn(l.o, streamWindow, connWindow)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(l.ctx)
	a.conn, a.cancel, a.done = conn, cancel, make(chan struct{})
	begin := make(chan struct{})
	close(begin)
	go func(done chan struct{}) {
		defer close(done)
		if err := a.run(ctx, conn, begin); err != nil && ctx.Err() == nil {
			l.ended.Add(1)
			text := fmt.Sprintf("stream %d: %v", a.index, err)
			l.first.CompareAndSwap(nil, &text)
			select {
			case l.f.errs <- errors.New(text):
			default:
			}
		}
	}(a.done)
	return nil
}

// stop closes the agents' connections and waits until their streams are gone.
func (l *lab) stop(agents []*agent) {
	var wg sync.WaitGroup
	for _, a := range agents {
		if a.cancel == nil {
			continue
		}
		wg.Go(func() {
			a.cancel()
			a.conn.Close()
			<-a.done
			a.cancel = nil
		})
	}
	wg.Wait()
}

// running is whether the agent's stream is open as far as is known here.
func (a *agent) running() bool {
	if a.cancel == nil {
		return false
	}
	select {
	case <-a.done:
		return false
	default:
		return true
	}
}

// unlike counts the agents that hold anything else than like does, or do not
// hold all that they ask for.
func unlike(agents []*agent, like *agent) (n int) {
	want, _ := like.held.content()
	for _, a := range agents {
		if got, _ := a.held.content(); got != want {
			n++
		}
	}
	return n
}

// every calls f at each of count ticks that are so far apart, the first at once.
func every(ctx context.Context, count int, apart time.Duration, f func(i int, due time.Time)) {
	start := time.Now()
	for i := range count {
		due := start.Add(time.Duration(i) * apart)
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
			return
		}
		f(i, due)
	}
}

// until waits for cond, looking every 5 ms.
func until(ctx context.Context, limit time.Duration, cond func() bool) bool {
	end := time.Now().Add(limit)
	for !cond() {
		if time.Now().After(end) || ctx.Err() != nil {
			return false
		}
		time.Sleep(5 * time.Millisecond)
	}
	return true
}

// change makes change seq of the fleet's log; its time counts from due.
func (l *lab) change(seq int, due time.Time) error {
	c := l.f.log
	req, err := trigger(l.ctx, l.o, c.service[seq], seq, c.ports[seq])
	if err != nil {
		return err
	}
	c.started[seq].Store(due.UnixNano())
	return fire(l.http, req)
}
