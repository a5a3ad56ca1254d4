package verify

import (
	"encoding/json"
	"strings"
	"sync"
	"time"
)

const (
	// defaultTTL is how long a list without a ttl is kept (Bitstring Status List §2.2 "ttl").
	defaultTTL = 5 * time.Minute
	// mostTTL is how long a list is kept at most, so that no slip of a pen keeps one for ever.
	mostTTL = 24 * time.Hour

	mostLists     = 256
	mostListBytes = 32 << 20
)

// Lists keeps status list credentials between Checks for as long as their issuers ask for
// (Bitstring Status List §2.2 "ttl"), never beyond their validUntil. A list is kept only after
// its proof was good, and its proof, type and period are checked at each use as ever. It may
// be used by several goroutines; the zero value keeps nothing yet and is ready.
type Lists struct {
	mu    sync.Mutex
	kept  map[string]keptList
	bytes int
}

type keptList struct {
	doc         Document
	from, until time.Time // of the clock of the Check
}

// get gives a list that was fetched at or before a time and may still be used.
func (l *Lists) get(address string, at time.Time) (Document, bool) {
	if l == nil {
		return Document{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	k, ok := l.kept[address]
	if !ok || at.Before(k.from) || !at.Before(k.until) {
		return Document{}, false
	}
	return k.doc, true
}

// put keeps a list. What is over is dropped first when there is no room, then everything.
func (l *Lists) put(address string, doc Document, from, until time.Time) {
	if l == nil || !from.Before(until) || len(doc.Body) > mostListBytes/4 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(address)
	if len(l.kept) >= mostLists || l.bytes+len(doc.Body) > mostListBytes {
		for a, k := range l.kept {
			if !from.Before(k.until) {
				l.drop(a)
			}
		}
	}
	if len(l.kept) >= mostLists || l.bytes+len(doc.Body) > mostListBytes || l.kept == nil {
		l.kept, l.bytes = map[string]keptList{}, 0
	}
	l.kept[address] = keptList{doc, from, until}
	l.bytes += len(doc.Body)
}

func (l *Lists) drop(address string) {
	if k, ok := l.kept[address]; ok {
		l.bytes -= len(k.doc.Body)
		delete(l.kept, address)
	}
}

// keepUntil is the end of the time for which a list may be kept from a moment on.
func keepUntil(subject map[string]any, from, end time.Time) time.Time {
	until := from.Add(ttlOf(subject["ttl"]))
	if !end.IsZero() && end.Before(until) {
		return end
	}
	return until
}

// ttlOf reads a ttl, a number of milliseconds. One that is none keeps nothing.
func ttlOf(v any) time.Duration {
	switch v := v.(type) {
	case nil:
		return defaultTTL
	case json.Number:
		ms, err := v.Float64()
		if err != nil || ms <= 0 {
			return 0
		}
		return time.Duration(min(ms, float64(mostTTL/time.Millisecond))) * time.Millisecond
	}
	return 0
}

// keptStatus makes a list that was kept answer for its address in this Check.
func (r *run) keptStatus(address string) {
	if doc, ok := r.o.Lists.get(address, r.o.At); ok && !strings.Contains(address, "#") {
		r.docs.admit(RoleStatus, address, doc)
	}
}
