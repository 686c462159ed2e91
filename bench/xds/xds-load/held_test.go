package main

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
)

func deltaOf(t *testing.T, removed []string, resources ...*discoveryv3.Resource) ([]byte, response) {
	t.Helper()
	b, err := proto.Marshal(&discoveryv3.DeltaDiscoveryResponse{TypeUrl: typeURLs[eds], Nonce: "1", Resources: resources, RemovedResources: removed})
	if err != nil {
		t.Fatal(err)
	}
	r, err := parseResponse(b, true)
	if err != nil {
		t.Fatal(err)
	}
	return b, r
}

func sotwOf(t *testing.T, k kind, resources ...*anypb.Any) ([]byte, response) {
	t.Helper()
	b, err := proto.Marshal(&discoveryv3.DiscoveryResponse{TypeUrl: typeURLs[k], Nonce: "1", VersionInfo: "v", Resources: resources})
	if err != nil {
		t.Fatal(err)
	}
	r, err := parseResponse(b, false)
	if err != nil {
		t.Fatal(err)
	}
	return b, r
}

func trackingFleet(delta bool) *fleet {
	f := newFleet(1)
	f.delta, f.book = delta, newBook()
	return f
}

func take(t *testing.T, h *holdings, f *fleet, k kind, b []byte, r response) {
	t.Helper()
	if err := h.take(f, k, b, r); err != nil {
		t.Fatal(err)
	}
}

func TestHoldingsDelta(t *testing.T) {
	f := trackingFleet(true)
	res := func(name, version string, port uint32) *discoveryv3.Resource {
		return &discoveryv3.Resource{Name: name, Version: version, Resource: anyOf(t, cla(name, port))}
	}
	var a, b holdings
	m, r := deltaOf(t, nil, res("x", "1", 20001), res("y", "1", 20001))
	take(t, &a, f, eds, m, r)
	// The same content by another way: other order, a detour, and one that went.
	m, r = deltaOf(t, nil, res("y", "0", 20009), res("z", "1", 20001))
	take(t, &b, f, eds, m, r)
	m, r = deltaOf(t, []string{"z", "never"}, res("y", "1", 20001), res("x", "1", 20001))
	take(t, &b, f, eds, m, r)
	da, n := a.content()
	db, _ := b.content()
	if da != db || n != 2 {
		t.Errorf("%v and %v, %d held", da, db, n)
	}
	if got := f.traffic.unchanged.Load(); got != 0 {
		t.Errorf("%d unchanged", got)
	}
	take(t, &b, f, eds, m, r)
	if got := f.traffic.unchanged.Load(); got != 2 {
		t.Errorf("%d unchanged, want 2", got)
	}
	m, r = deltaOf(t, nil, res("x", "2", 20002))
	take(t, &b, f, eds, m, r)
	if db, _ = b.content(); da == db {
		t.Error("another content has the same digest")
	}

	req := request{kind: eds, held: b.versions(f, eds)}
	var got discoveryv3.DeltaDiscoveryRequest
	if err := proto.Unmarshal(join(req.encode(true)), &got); err != nil {
		t.Fatal(err)
	}
	if v := got.GetInitialResourceVersions(); len(v) != 2 || v["x"] != "2" || v["y"] != "1" {
		t.Errorf("initial_resource_versions %v", v)
	}

	b.keep(eds, f.endpoints.set(f.endpoints.idsOf([][]byte{[]byte("x")})))
	if _, n := b.content(); n != 1 {
		t.Errorf("%d held after an unsubscribe", n)
	}
}

func TestHoldingsSotW(t *testing.T) {
	f := trackingFleet(false)
	var h holdings
	m, r := sotwOf(t, eds, anyOf(t, cla("x", 1)), anyOf(t, cla("y", 1)))
	take(t, &h, f, eds, m, r)
	m, r = sotwOf(t, eds, anyOf(t, cla("x", 2)))
	take(t, &h, f, eds, m, r)
	if _, n := h.content(); n != 2 {
		t.Errorf("%d endpoints: a part is not the whole", n)
	}
	// What the message is of does not matter here, only that clusters are the whole world.
	m, r = sotwOf(t, cds, anyOf(t, cla("x", 1)), anyOf(t, cla("y", 1)))
	take(t, &h, f, cds, m, r)
	m, r = sotwOf(t, cds, anyOf(t, cla("y", 1)))
	take(t, &h, f, cds, m, r)
	if n := h.kinds[cds].n; n != 1 {
		t.Errorf("%d clusters", n)
	}
}

func TestUnlike(t *testing.T) {
	f := trackingFleet(false)
	l := &lab{o: &options{proto: "sotw"}}
	l.newFleet(3)
	m, r := sotwOf(t, eds, anyOf(t, cla("x", 1)))
	for _, a := range l.agents[:2] {
		take(t, &a.held, f, eds, m, r)
	}
	if n := unlike(l.agents, l.agents[0]); n != 1 {
		t.Errorf("%d unlike, want 1", n)
	}
}
