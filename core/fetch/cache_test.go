package fetch

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestCache(t *testing.T) {
	tests := []struct {
		name, control, etag string
		status              int
		after               time.Duration
		requests            int // in all, for a second Get after that time
	}{
		{"without a word", "", "", 200, 59 * time.Second, 1},
		{"without a word, later", "", "", 200, 61 * time.Second, 2},
		{"max-age", "max-age=300", "", 200, 299 * time.Second, 1},
		{"max-age, later", "public, max-age=300", "", 200, 301 * time.Second, 2},
		{"max-age of a year", "max-age=31536000", "", 200, 9 * time.Minute, 1},
		{"max-age of a year, later", "max-age=31536000", "", 200, 11 * time.Minute, 2},
		{"max-age nought", "max-age=0", "", 200, 0, 2},
		{"max-age below nought", "max-age=-1", "", 200, 0, 2},
		{"max-age beyond numbers", "max-age=99999999999999999999", "", 200, 59 * time.Second, 1},
		{"no-store", "no-store, max-age=300", "", 200, 0, 2},
		{"no-cache", "no-cache", "", 200, 0, 2},
		{"tag", "no-cache", `"v1"`, 200, 0, 2},
		{"an error", "max-age=300", "", 404, 29 * time.Second, 1},
		{"an error, later", "max-age=300", "", 404, 31 * time.Second, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			requests, conditional := 0, 0
			url, o := serve(t, func(w http.ResponseWriter, r *http.Request) {
				requests++
				w.Header().Set("Cache-Control", tt.control)
				if tt.etag != "" {
					w.Header().Set("ETag", tt.etag)
				}
				if tt.etag != "" && r.Header.Get("If-None-Match") == tt.etag {
					conditional++
					w.WriteHeader(http.StatusNotModified)
					return
				}
				w.WriteHeader(tt.status)
				_, _ = fmt.Fprintf(w, "answer %d", requests)
			})
			now := time.Now()
			o.Clock = func() time.Time { return now }
			c := build(o, quick, wire{})
			first, err := c.Get(t.Context(), url+"/#one", "")
			if err != nil {
				t.Fatal(err)
			}
			now = now.Add(tt.after)
			second, err := c.Get(t.Context(), url+"/#two", "")
			if err != nil {
				t.Fatal(err)
			}
			if requests != tt.requests || second.Status != tt.status || second.URL != url+"/#two" {
				t.Errorf("%d requests, want %d; %+v", requests, tt.requests, second)
			}
			if same := first.Hash == second.Hash; same != (tt.requests == 1 || tt.etag != "") || conditional > 0 != (tt.etag != "") {
				t.Errorf("%q then %q, %d conditional requests", first.Body, second.Body, conditional)
			}
		})
	}
}

func TestCacheKeepsUnreachableShortly(t *testing.T) {
	w := newTestWire(publicAndLoopback())
	now := time.Now()
	c := build(Options{Clock: func() time.Time { return now }}, quick, w.wire())
	for i, wait := range []time.Duration{0, 29 * time.Second, 2 * time.Second} {
		now = now.Add(wait)
		if _, err := c.Get(t.Context(), "http://public.test/", ""); !errors.Is(err, ErrUnavailable) {
			t.Fatal(err)
		}
		if want := 1 + i/2; len(w.seen) != want {
			t.Errorf("after request %d: %d connections, want %d", i, len(w.seen), want)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	c := newCache(time.Now)
	for i := range 200 {
		c.put(fmt.Sprint(i), Response{Status: 200, Body: make([]byte, 1<<20)}, nil, nil)
	}
	if c.bytes > cacheBytes || len(c.m) != c.order.Len() || len(c.m) < 20 {
		t.Errorf("%d bytes in %d answers", c.bytes, len(c.m))
	}
	if !c.get("199").fresh || c.get("0").fresh {
		t.Error("not the newest are kept")
	}
	c.put("199", Response{Status: 200, Body: make([]byte, cacheOne+1)}, nil, nil)
	if c.get("199").fresh {
		t.Error("a large answer is kept")
	}
	for i := range 200 {
		c.put(strings.Repeat("k", i), Response{}, nil, http.Header{"Cache-Control": {"no-store"}})
	}
	if c.bytes < 0 || len(c.m) != c.order.Len() {
		t.Errorf("%d bytes, %d answers, %d in order", c.bytes, len(c.m), c.order.Len())
	}
}

func TestDocuments(t *testing.T) {
	o := Options{Offline: true, Documents: map[string]Document{
		"https://willow.example/issuer": {Type: "application/json", Body: []byte("{}")},
		"http://localhost:8080/gone":    {Status: 410},
	}}
	c := New(o)
	r, err := c.Get(t.Context(), "https://willow.example/issuer#key", "")
	if err != nil || r.Status != 200 || r.Type != "application/json" || string(r.Body) != "{}" ||
		r.Hash != "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := c.Get(t.Context(), "http://localhost:8080/gone", ""); err != nil || r.Status != 410 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := c.Get(t.Context(), "https://other.example/", ""); !errors.Is(err, ErrUnavailable) {
		t.Errorf("offline: %v", err)
	}
	resp, err := c.HTTP().Get("https://willow.example/issuer")
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%v, %v", resp, err)
	}
	resp.Body.Close()
}
