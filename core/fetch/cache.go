package fetch

import (
	"container/list"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	cacheBytes = 32 << 20
	cacheOne   = 2 << 20 // larger answers are not kept

	keepUnsaid = time.Minute      // without Cache-Control
	keepMost   = 10 * time.Minute // whatever it says
	keepError  = 30 * time.Second
)

// cache keeps answers in memory, the most recently used ones (RFC 9111, as a
// private cache without heuristics).
type cache struct {
	clock func() time.Time
	mu    sync.Mutex
	m     map[string]*list.Element
	order list.List // of *entry, most recently used first
	bytes int
}

type entry struct {
	key      string
	response Response
	err      error
	etag     string
	until    time.Time
}

// hit is what the cache knows: fresh to be used, or stale with an ETag to ask by.
type hit struct {
	fresh    bool
	response Response
	err      error
	etag     string
}

func newCache(clock func() time.Time) *cache {
	return &cache{clock: clock, m: make(map[string]*list.Element)}
}

func (e *entry) size() int { return 512 + len(e.key) + len(e.response.Body) + len(e.etag) }

func (c *cache) get(key string) hit {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, ok := c.m[key]
	if !ok {
		return hit{}
	}
	e, ok := at.Value.(*entry)
	if !ok {
		return hit{}
	}
	c.order.MoveToFront(at)
	return hit{fresh: c.clock().Before(e.until), response: e.response, err: e.err, etag: e.etag}
}

func (c *cache) put(key string, r Response, err error, header http.Header) {
	e := &entry{key: key, response: r, err: err}
	keep, store := keepError, true
	if err == nil {
		keep, store = lifetime(header, r.OK())
		if r.OK() {
			e.etag = header.Get("ETag")
		}
	}
	e.until = c.clock().Add(keep)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(c.m[key])
	if !store || len(r.Body) > cacheOne || keep == 0 && e.etag == "" {
		return
	}
	c.m[key] = c.order.PushFront(e)
	c.bytes += e.size()
	for c.bytes > cacheBytes {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(at *list.Element) {
	if at == nil {
		return
	}
	if e, ok := c.order.Remove(at).(*entry); ok {
		delete(c.m, e.key)
		c.bytes -= e.size()
	}
}

// lifetime reads Cache-Control (RFC 9111 §5.2.2): how long to use an answer
// without asking, and whether to keep it at all.
func lifetime(header http.Header, ok bool) (time.Duration, bool) {
	keep := keepUnsaid
	if !ok {
		keep = keepError
	}
	for d := range strings.SplitSeq(strings.ToLower(strings.Join(header.Values("Cache-Control"), ",")), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(d), "=")
		switch name {
		case "no-store":
			return 0, false
		case "no-cache":
			return 0, true
		case "max-age":
			seconds, err := strconv.Atoi(strings.Trim(value, `"`))
			if err == nil && ok {
				keep = min(max(time.Duration(min(seconds, 1<<20))*time.Second, 0), keepMost)
			}
		}
	}
	return keep, true
}
