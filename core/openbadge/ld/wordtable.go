package ld

import (
	"encoding/binary"
	"math/bits"
)

// wordTable finds what is known of a name among the terms of the embedded contexts. It does
// not change once made and is asked for every property of a credential, for which a Go map costs
// more.
type wordTable struct {
	places []uint16 // of entries, counted from 1; 0 is none; as many as a power of two
	shift  int
	list   []wordEntry
}

type wordEntry struct {
	name string
	word word
}

func newWordTable(words map[string]word) wordTable {
	size := bits.Len(uint(4 * len(words)))
	t := wordTable{places: make([]uint16, 1<<size), shift: 64 - size, list: make([]wordEntry, 0, len(words))}
	for name, w := range words {
		at := t.first(name)
		for t.places[at] != 0 {
			at = t.after(at)
		}
		t.list = append(t.list, wordEntry{name, w})
		t.places[at] = uint16(len(t.list)) //nolint:gosec // G115: some hundred
	}
	return t
}

// of is what is known of a name.
func (t *wordTable) of(name string) word {
	for at := t.first(name); t.places[at] != 0; at = t.after(at) {
		if e := &t.list[t.places[at]-1]; e.name == name {
			return e.word
		}
	}
	return wordUnknown
}

// first is where a name is looked for, by its length, beginning and end.
func (t *wordTable) first(name string) int {
	const odd = 0x9E3779B97F4A7C15
	sum := uint64(len(name))
	if len(name) >= 8 {
		var head, tail [8]byte
		copy(head[:], name)
		copy(tail[:], name[len(name)-8:])
		sum = (sum ^ binary.NativeEndian.Uint64(head[:])) * odd
		sum ^= sum>>32 ^ binary.NativeEndian.Uint64(tail[:])
	} else {
		for i := range len(name) {
			sum = sum<<8 ^ uint64(name[i])
		}
	}
	return int(sum * odd >> t.shift) //nolint:gosec // G115: an index
}

func (t *wordTable) after(at int) int { return (at + 1) & (len(t.places) - 1) }
