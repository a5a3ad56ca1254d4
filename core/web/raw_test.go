package web_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/core/web/webtest"
)

// send writes bytes to the server and reads until it closes or wait is over.
// With stay the client says nothing more and keeps the connection.
func send(t *testing.T, s *webtest.Server, request []byte, wait time.Duration, stay bool) (answer []byte, closed bool) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(wait)); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = conn.Write(request) // a server that refuses early resets the connection
		if tcp, ok := conn.(*net.TCPConn); ok && !stay {
			_ = tcp.CloseWrite()
		}
	}()
	answer, err = io.ReadAll(conn)
	<-done
	return answer, !errors.Is(err, os.ErrDeadlineExceeded)
}

// statuses lists the status of every answer in the bytes.
func statuses(t *testing.T, answer []byte) []int {
	t.Helper()
	var list []int
	r := bufio.NewReader(bytes.NewReader(answer))
	for {
		if _, err := r.Peek(1); err != nil {
			return list
		}
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Errorf("not an answer: %v in %.200q", err, answer)
			return list
		}
		_, err = io.Copy(io.Discard, res.Body)
		res.Body.Close()
		if err != nil {
			t.Errorf("answer %d is cut: %v", res.StatusCode, err)
			return list
		}
		list = append(list, res.StatusCode)
	}
}

// counting serves routes that count what reaches them.
func counting(t *testing.T, configure ...func(*web.Options)) (*webtest.Server, *atomic.Int64) {
	t.Helper()
	var reached atomic.Int64
	s := start(t, func(r web.Router) {
		count := func(c *web.Ctx) error { reached.Add(1); return page(c) }
		r.Get("/", count)
		r.Get("/hello", page)
		r.Post("/", count)
		r.Post("/x", count)
	}, configure...)
	return s, &reached
}

// TestAmbiguousRequests: security rows F6 and smuggling. Each is refused, its
// connection is closed, and what follows it on the connection is not read as a
// request of its own.
func TestAmbiguousRequests(t *testing.T) {
	s, reached := counting(t)
	host := strings.TrimPrefix(s.URL, "http://")
	tests := []struct{ name, request string }{
		{"two hosts", "GET / HTTP/1.1\r\nHost: H\r\nHost: evil.test\r\n\r\n"},
		{"two hosts turned", "GET / HTTP/1.1\r\nHost: evil.test\r\nHost: H\r\n\r\n"},
		{"no host", "GET / HTTP/1.1\r\nA: b\r\n\r\n"},
		{"host with path", "GET / HTTP/1.1\r\nHost: H/x\r\n\r\n"},
		{"evil host with user", "GET / HTTP/1.1\r\nHost: a@H\r\n\r\n"},
		{"NUL in header", "GET / HTTP/1.1\r\nHost: H\r\nA: b\x00c\r\n\r\n"},
		{"two lengths", "POST / HTTP/1.1\r\nHost: H\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
		{"length and chunks", "POST / HTTP/1.1\r\nHost: H\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: H\r\n\r\n"},
		{"chunks and length", "POST / HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: H\r\n\r\n"},
		{"two encodings", "POST / HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"},
		{"plus in length", "POST / HTTP/1.1\r\nHost: H\r\nContent-Length: +2\r\n\r\nab"},
		{"unknown method", "EVIL / HTTP/1.1\r\nHost: H\r\n\r\n"},
		{"evil host", "GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n"},
		{"evil address", "GET http://evil.test/ HTTP/1.1\r\nHost: H\r\n\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := reached.Load()
			answer, _ := send(t, s, []byte(strings.ReplaceAll(tt.request, "Host: H", "Host: "+host)), 5*time.Second, false)
			want := []int{400}
			if strings.HasPrefix(tt.name, "evil") {
				want = []int{421}
			}
			if list := statuses(t, answer); !slices.Equal(list, want) {
				t.Errorf("answers %v, want %v", list, want)
			}
			if !bytes.Contains(answer, []byte("nosniff")) {
				t.Errorf("not our answer: %q", answer)
			}
			if n := reached.Load() - before; n != 0 {
				t.Errorf("%d requests reached a handler", n)
			}
		})
	}
}

// TestCompressedBodies: security row F1. No body is inflated, none reaches a
// handler.
func TestCompressedBodies(t *testing.T) {
	s, reached := counting(t)
	for _, encoding := range []string{"gzip", "br", "deflate", "zstd", "gzip, gzip", "x-unknown", "GZIP", "identity, gzip"} {
		p := s.Client().With("Content-Encoding", encoding).Post("/", "application/json", "garbage")
		p.Is(415)
	}
	s.Client().With("Content-Encoding", "gzip").Get("/").Is(415)
	if n := reached.Load(); n != 0 {
		t.Errorf("%d requests reached a handler", n)
	}
	s.Client().With("Content-Encoding", "identity").Get("/").Is(200)
}

// TestStringsOutliveRequests: security row F2. What a handler keeps stays as it
// was while other requests reuse the buffers.
func TestStringsOutliveRequests(t *testing.T) {
	var mu sync.Mutex
	kept := map[string][]string{}
	keep := func(c *web.Ctx) error {
		mu.Lock()
		defer mu.Unlock()
		form, err := c.Form()
		id := c.Param("id")
		kept[strings.Clone(id)] = []string{id, c.Query("q"), c.UserAgent(), c.Cookie("k"), c.Path(), form.Get("f"), c.Network()}
		return err
	}
	s := start(t, func(r web.Router) {
		r.Get("/keep/:id", keep)
		r.Post("/keep/:id", keep)
	})
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 50 {
				id := fmt.Sprintf("id-%d-%03d", w, i)
				c := s.Client().With("User-Agent", id)
				c.SetCookie("osier-k", id)
				if i%2 == 0 {
					c.Get("/keep/" + id + "?q=" + id).Is(200)
				} else {
					c.PostForm("/keep/"+id+"?q="+id, "f", id).Is(200)
				}
			}
		})
	}
	all.Wait()
	if len(kept) != 200 {
		t.Fatalf("%d requests kept", len(kept))
	}
	for id, values := range kept {
		for i, v := range values[:5] {
			if v != id && v != "/keep/"+id {
				t.Errorf("value %d of %s became %q", i, id, v)
			}
		}
		if v := values[5]; v != "" && v != id {
			t.Errorf("form of %s became %q", id, v)
		}
	}
}

// TestSlowClients: security row F3. A request that does not arrive ends.
func TestSlowClients(t *testing.T) {
	s, reached := counting(t, func(o *web.Options) { o.ReadTimeout = 200 * time.Millisecond })
	for name, request := range map[string]string{
		"header": "GET / HTTP/1.1\r\nHost: localhost\r\nA: ",
		"body":   "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc",
		"silent": "",
	} {
		if answer, closed := send(t, s, []byte(request), 5*time.Second, true); !closed {
			t.Errorf("%s: held open, answered %q", name, answer)
		}
	}
	if reached.Load() != 0 {
		t.Error("half a request reached a handler")
	}
}

// TestPanics: security row F4.
func TestPanics(t *testing.T) {
	ran := make(chan struct{})
	s := start(t, func(r web.Router) {
		r.Get("/panic", func(*web.Ctx) error { panic("marker\x1b[31m\n") })
		r.Get("/index", func(c *web.Ctx) error { return []error{}[len(c.Path())] })
		r.Get("/go", func(c *web.Ctx) error {
			web.Go(c.Log(), func() { defer close(ran); panic("behind") })
			return page(c)
		})
		r.Get("/hello", page)
	})
	c := s.Client()
	p := c.Get("/panic").Is(500).Says("Our mistake").SaysNot("marker")
	if id := p.Text("#id"); id == "" || !strings.Contains(s.Log.String(), id) {
		t.Errorf("the log does not name %q", id)
	}
	c.Get("/index").Is(500)
	c.Get("/go").Is(200)
	<-ran
	c.Get("/hello").Is(200)
	if log := s.Log.String(); !strings.Contains(log, "marker") {
		t.Error("the log does not say what broke")
	}
}

// TestLogLines: log injection. Every line is one JSON object without control
// characters, and names nothing that a path or a query may hold as a secret.
func TestLogLines(t *testing.T) {
	s := start(t, func(r web.Router) {
		r.Get("/confirm/:token", page)
		r.Get("/fail", func(c *web.Ctx) error { return errors.New("bad value " + c.Query("q") + "\x1b]0;x\x07\u009b31m\r\n{}") })
	})
	c := s.Client().With("User-Agent", "a\tb")
	c.SetCookie("osier", "cookie-secret")
	c.Get("/confirm/path-secret?x=query-secret").Is(200)
	c.Get("/fail?q=%1b%5b31m%0a").Is(500)
	log := s.Log.String()
	for line := range strings.Lines(log) {
		line = strings.TrimSuffix(line, "\n")
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %q", line)
		}
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Error(err)
		}
		if s := fmt.Sprint(v["error"]); strings.ContainsAny(s, "\x1b\x07\r\n\u009b") {
			t.Errorf("control characters in %q", s)
		}
	}
	for _, secret := range []string{"path-secret", "query-secret", "cookie-secret"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %s", secret)
		}
	}
}

// TestHostileRaw sends every shared raw request and then asks for a page.
func TestHostileRaw(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "hostile", "http", "raw", "*.bin"))
	if err != nil || len(files) == 0 {
		t.Skip("no hostile cases here")
	}
	requests := map[string][]byte{
		"hdr_10MB":  []byte("GET / HTTP/1.1\r\nHost: passport.test\r\nA: " + strings.Repeat("a", 2<<20) + "\r\n\r\n"),
		"uri_2MB":   []byte("GET /" + strings.Repeat("a", 2<<20) + " HTTP/1.1\r\nHost: passport.test\r\n\r\n"),
		"body_11MB": []byte("POST / HTTP/1.1\r\nHost: passport.test\r\nContent-Length: 11534336\r\n\r\n" + strings.Repeat("a", 11<<20)),
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		requests[filepath.Base(f)] = data
	}
	s, reached := counting(t, func(o *web.Options) { o.Config.PublicURL = "http://passport.test" })
	other := s.Client()
	for name, data := range requests {
		before := reached.Load()
		answer, closed := send(t, s, data, 5*time.Second, false)
		if !closed {
			t.Errorf("%s: the connection stays open", name)
		}
		list := statuses(t, answer)
		for _, status := range list {
			if status >= 500 {
				t.Errorf("%s: status %d", name, status)
			}
		}
		if bytes.HasPrefix(data, []byte("POST")) && reached.Load() != before {
			t.Errorf("%s: a forged request had an effect", name)
		}
		t.Logf("%s: %v", name, list[:min(len(list), 3)])
		other.Get("http://" + s.Address + "/healthz").Is(200)
	}
	if strings.Contains(s.Log.String(), "panic") {
		t.Errorf("a panic: %s", s.Log.Errors())
	}
}
