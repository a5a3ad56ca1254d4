package web

import (
	"fmt"
	"testing"
	"time"
)

// TestKeptPagesThatAreAskedForInTurns: two hundred large profiles that visitors go round stay
// kept, and a flood of others does not grow past the bound.
func TestKeptPagesThatAreAskedForInTurns(t *testing.T) {
	const each, now = 64 << 10, 5
	var k kept
	at := time.Unix(now, 0)
	missed := 0
	for range 3 {
		for i := range 200 {
			key := fmt.Sprint("/@", i)
			if _, ok := k.get(key, 1, at); !ok {
				missed++
				k.put(key, 1, &keptPage{size: each, drawn: at})
			}
		}
	}
	if missed != 200 {
		t.Errorf("%d pages were drawn, want 200", missed)
	}
	for i := range 2000 {
		k.put(fmt.Sprint("/b/", i), 1, &keptPage{size: each, drawn: at})
	}
	if held := (len(k.young) + len(k.old)) * each; held > keptBytes+2*each {
		t.Errorf("%d bytes are held, want at most %d", held, keptBytes)
	}
}
