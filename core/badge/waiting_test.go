package badge

import (
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge/bake"
)

func TestAnUploadWaitsOnceAndWithinBounds(t *testing.T) {
	var l waiting
	file := waiter{found: bake.Found{File: make([]byte, waitingBytes/4), Payload: []byte("{}")}, since: time.Now()}
	for id := range int64(6) {
		l.put(id, file)
	}
	if len(l.held) != 3 || l.bytes > waitingBytes {
		t.Errorf("%d uploads of a quarter are held, %d bytes", len(l.held), l.bytes)
	}
	if _, ok := l.take(0); !ok {
		t.Error("the first one is not there")
	}
	if _, ok := l.take(0); ok {
		t.Error("it is there a second time")
	}
	old := file
	old.since = time.Now().Add(-2 * waitingLong)
	l.put(7, old)
	l.sweep()
	if _, ok := l.take(7); ok {
		t.Error("what waited too long is still there")
	}
	for _, id := range []int64{1, 2} {
		if _, ok := l.take(id); !ok {
			t.Errorf("%d is not there", id)
		}
	}
	if l.sweep(); l.bytes != 0 || l.swept {
		t.Errorf("%d bytes of nothing, swept again: %t", l.bytes, l.swept)
	}
}
