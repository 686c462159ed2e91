package main

import (
	"hash/maphash"
	"sync"
)

// What a stream holds is kept as one hash for each resource, so that a thousand
// streams of ten thousand services fit in memory, and as one digest for each
// type, so that they are compared at once.

// book is what all streams' holdings share.
type book struct {
	seed     maphash.Seed
	versions *interner // delta: a resource's version by number

	mu      sync.Mutex
	encoded map[heldKey][]byte // initial_resource_versions, shared by the streams that hold the same
}

type heldKey struct {
	kind   kind
	digest uint64
}

func newBook() *book {
	return &book{seed: maphash.MakeSeed(), versions: newInterner(), encoded: map[heldKey][]byte{}}
}

// holdings is what one stream holds, of all types.
type holdings struct {
	mu    sync.Mutex
	kinds [kinds]held
}

// held is what it holds of one type, by the name's number.
type held struct {
	hash    []uint64 // 0 is not held
	version []uint32
	n       int
	digest  uint64 // of names and contents, in no order
}

func (h *held) put(id uint32, hash uint64, version uint32) (unchanged bool) {
	for int(id) >= len(h.hash) {
		h.hash, h.version = append(h.hash, 0), append(h.version, 0)
	}
	hash |= 1 // so that it is not 0
	old := h.hash[id]
	h.version[id] = version
	if old == hash {
		return true
	}
	h.drop(id)
	h.hash[id] = hash
	h.digest += mix(hash + mix(uint64(id)+1))
	h.n++
	return false
}

func (h *held) drop(id uint32) {
	if int(id) < len(h.hash) && h.hash[id] != 0 {
		h.digest -= mix(h.hash[id] + mix(uint64(id)+1))
		h.hash[id] = 0
		h.n--
	}
}

// keepOnly drops what is not in set.
func (h *held) keepOnly(set bits) {
	for id, hash := range h.hash {
		if hash != 0 && !set.has(uint32(id)) {
			h.drop(uint32(id))
		}
	}
}

// take holds what a response brings. Clusters and listeners in SotW are the
// whole world; of the other types one may bring a part.
func (h *holdings) take(f *fleet, k kind, b []byte, r response) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	names, versions := make([][]byte, 0, r.resources), make([][]byte, 0, r.resources)
	hashes := make([]uint64, 0, r.resources)
	if err := eachItem(b, f.delta, func(name, version, value []byte) {
		names, versions, hashes = append(names, name), append(versions, version), append(hashes, maphash.Bytes(f.book.seed, value))
	}); err != nil {
		return err
	}
	ids := f.interner(k).idsOf(names)
	numbers := make([]uint32, len(ids))
	if f.delta {
		numbers = f.book.versions.idsOf(versions)
	}
	one := &h.kinds[k]
	for i, id := range ids {
		f.traffic.resources.Add(1)
		if one.put(id, hashes[i], numbers[i]) {
			f.traffic.unchanged.Add(1)
		}
	}
	if f.delta {
		for _, id := range f.interner(k).idsOf(r.removed) {
			one.drop(id)
		}
	} else if k == cds || k == lds {
		var all bits
		for _, id := range ids {
			all.set(id)
		}
		one.keepOnly(all)
	}
	return nil
}

// keep drops what is no longer asked for.
func (h *holdings) keep(k kind, set *nameSet) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kinds[k].keepOnly(set.bits)
}

// content is the digest of everything, the same for all streams that hold the same.
func (h *holdings) content() (digest [kinds]uint64, resources int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for k := range h.kinds {
		digest[k] = h.kinds[k].digest
		resources += h.kinds[k].n
	}
	return digest, resources
}

// versions is what is held of a type, as initial_resource_versions.
func (h *holdings) versions(f *fleet, k kind) []byte {
	if f.book == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	one := &h.kinds[k]
	key := heldKey{k, one.digest}
	f.book.mu.Lock()
	defer f.book.mu.Unlock()
	if b, ok := f.book.encoded[key]; ok {
		return b
	}
	if len(f.book.encoded) >= maxSets {
		clear(f.book.encoded)
	}
	b := []byte{}
	in, versions := f.interner(k), f.book.versions
	in.mu.RLock()
	defer in.mu.RUnlock()
	versions.mu.RLock()
	defer versions.mu.RUnlock()
	for id, hash := range one.hash {
		if hash != 0 {
			b = appendVersion(b, in.names[id], versions.names[one.version[id]])
		}
	}
	f.book.encoded[key] = b
	return b
}
