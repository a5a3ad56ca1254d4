package fetch

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/osier-passport/osier/core/fault"
)

// upstream is a server that plays a behaviour on the bare connection, once it
// has read the head of a request.
func upstream(t *testing.T, play func(c net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				in := bufio.NewReader(c)
				for {
					line, err := in.ReadString('\n')
					if err != nil {
						return
					}
					if line == "\r\n" {
						play(c)
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func says(text string) func(net.Conn) {
	return func(c net.Conn) { _, _ = io.WriteString(c, text) }
}

// forever writes head, then piece again and again until the other side leaves.
func forever(head, piece string) func(net.Conn) {
	return func(c net.Conn) {
		_, err := io.WriteString(c, head)
		for err == nil {
			_, err = io.WriteString(c, piece)
		}
	}
}

// trickle writes text and then waits until the other side leaves.
func trickle(text string) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := io.WriteString(c, text); err == nil {
			_, _ = io.Copy(io.Discard, c)
		}
	}
}

func bomb(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.Copy(z, io.LimitReader(zeros{}, 64<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestBadUpstreams(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	line := strings.Repeat("x", 1<<10)
	tests := []struct {
		name string
		play func(net.Conn)
		key  string
	}{
		{"closes at once", func(net.Conn) {}, "fetch.unavailable"},
		{"silent", trickle(""), "fetch.timeout"},
		{"slow status line", trickle("HTTP/1.1 2"), "fetch.timeout"},
		{"slow headers", trickle(ok + "Content-Ty"), "fetch.timeout"},
		{"slow body", trickle(ok + "Content-Length: 10\r\n\r\nabc"), "fetch.timeout"},
		{"endless headers", forever(ok, "X-A: "+line+"\r\n"), "fetch.unavailable"},
		{"endless short headers", forever(ok, "a: b\r\n"), "fetch.unavailable"},
		{"endless header line", forever(ok+"X-A: ", line), "fetch.unavailable"},
		{"endless early answers", forever("", "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"), "fetch.unavailable"},
		{"endless continue", forever("", "HTTP/1.1 100 Continue\r\n\r\n"), "fetch.unavailable"},
		{"endless body", forever(ok+"\r\n", line), "fetch.too_large"},
		{"endless chunks", forever(ok+"Transfer-Encoding: chunked\r\n\r\n", "400\r\n"+line+"\r\n"), "fetch.too_large"},
		{"endless chunk extension", forever(ok+"Transfer-Encoding: chunked\r\n\r\n1;", line), "fetch.unavailable"},
		{"bad chunk size", says(ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n"), "fetch.unavailable"},
		{"endless trailers", forever(ok+"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", "X-A: "+line+"\r\n"), "fetch.unavailable"},
		{"body shorter than said", says(ok + "Content-Length: 100\r\n\r\nabc"), "fetch.cut_off"},
		{"chunks that break off", says(ok + "Transfer-Encoding: chunked\r\n\r\nff\r\nabc"), "fetch.cut_off"},
		{"length below zero", says(ok + "Content-Length: -5\r\n\r\nabc"), "fetch.unavailable"},
		{"two lengths", says(ok + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"), "fetch.unavailable"},
		{"length above the cap", says(ok + "Content-Length: 100000000\r\n\r\nabc"), "fetch.too_large"},
		{"gzip bomb", says(ok + "Content-Encoding: gzip\r\n\r\n" + bomb(t)), "fetch.encoded"},
		{"gzip twice", says(ok + "Content-Encoding: gzip, gzip\r\n\r\nabc"), "fetch.encoded"},
		{"brotli", says(ok + "Content-Encoding: br\r\n\r\nabc"), "fetch.encoded"},
		{"unknown encoding", says(ok + "Content-Encoding: x-own\r\n\r\nabc"), "fetch.encoded"},
		{"no HTTP", says("SSH-2.0-OpenSSH\r\n"), "fetch.unavailable"},
		{"a part", says("HTTP/1.1 206 Partial\r\nContent-Length: 3\r\n\r\nabc"), "fetch.status"},
		{"not modified unasked", says("HTTP/1.1 304 Not Modified\r\n\r\n"), "fetch.status"},
		{"redirect to nowhere", says("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"), "fetch.status"},
		{"redirect to a huge address", says("HTTP/1.1 302 Found\r\nLocation: /" + strings.Repeat("a", 1<<20) + "\r\n\r\n"), "fetch.unavailable"},
		{"redirect to a large address", says("HTTP/1.1 302 Found\r\nLocation: /" + strings.Repeat("a", 10<<10) + "\r\n\r\n"), "fetch.bad_url"},
		{"redirect to itself", says("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"), "fetch.redirects"},
		{"switching protocols", says("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), "fetch.status"},
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address := upstream(t, tt.play)
			c := build(Options{Allow: []string{address}}, hasty, wire{})
			start := time.Now()
			_, err := c.Get(t.Context(), "http://"+address+"/", "")
			took := time.Since(start)
			f, ok := fault.As(err)
			if !ok || f.Key != tt.key || !errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrForbidden) {
				t.Errorf("got %v, want %s", err, tt.key)
			}
			if f != nil && f.Args["host"] != "127.0.0.1" {
				t.Errorf("host %q", f.Args["host"])
			}
			if took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.Sys) - int64(before.Sys); grown > 128<<20 {
		t.Errorf("memory grew by %d MiB", grown>>20)
	}
}

func TestStatusesAreAnswers(t *testing.T) {
	for _, status := range []int{200, 203, 400, 401, 403, 404, 410, 429, 500, 503} {
		address := upstream(t, says(fmt.Sprintf("HTTP/1.1 %d X\r\nRetry-After: 99999999\r\nContent-Length: 3\r\n\r\nabcdef", status)))
		r, err := build(Options{Allow: []string{address}}, quick, wire{}).Get(t.Context(), "http://"+address+"/", "")
		if err != nil || r.Status != status || string(r.Body) != "abc" || r.OK() != (status < 300) {
			t.Errorf("%d: %+v, %v", status, r, err)
		}
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = build(Options{Allow: []string{l.Addr().String()}}, quick, wire{}).Get(t.Context(), "http://"+l.Addr().String(), "")
	if f, ok := fault.As(err); !ok || f.Key != "fetch.unavailable" {
		t.Errorf("got %v", err)
	}
	w := newTestWire(nil)
	_, err = build(Options{}, quick, w.wire()).Get(t.Context(), "https://absent.test/", "")
	if f, ok := fault.As(err); !ok || f.Key != "fetch.no_such_host" {
		t.Errorf("got %v", err)
	}
}

func serve(t *testing.T, h http.HandlerFunc) (string, Options) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL, Options{Allow: []string{s.Listener.Addr().String()}}
}

func TestSelfSignedCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = nil
	s.StartTLS()
	defer s.Close()
	_, err := build(Options{Allow: []string{s.Listener.Addr().String()}}, quick, wire{}).Get(t.Context(), s.URL, "")
	if f, ok := fault.As(err); !ok || f.Key != "fetch.certificate" || !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestRequestsAreAnonymous(t *testing.T) {
	var heads []http.Header
	url, o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		heads = append(heads, r.Header.Clone())
		http.SetCookie(w, &http.Cookie{Name: "track", Value: "1"})
		if len(heads) < 3 {
			http.Redirect(w, r, fmt.Sprintf("/%d", len(heads)), http.StatusFound)
		}
	})
	o.Agent = "osier-test"
	r, err := build(o, quick, wire{}).Get(t.Context(), url+"/?secret=1", "application/json")
	if err != nil || r.FinalURL != url+"/2" || r.URL != url+"/?secret=1" {
		t.Fatalf("%+v, %v", r, err)
	}
	for i, h := range heads {
		if h.Get("Cookie") != "" || h.Get("Referer") != "" || h.Get("Authorization") != "" ||
			h.Get("User-Agent") != "osier-test" || h.Get("Accept-Encoding") != "identity" || h.Get("Accept") != "application/json" {
			t.Errorf("request %d: %v", i, h)
		}
	}
}

func TestProxyOfTheEnvironmentIsIgnored(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	w := newTestWire(publicAndLoopback())
	_, _ = build(Options{}, quick, w.wire()).Get(t.Context(), "http://public.test/", "")
	if len(w.seen) != 1 || w.seen[0].Port() != 80 {
		t.Errorf("connections to %v", w.seen)
	}
}

func TestFiveRedirectsAreFollowed(t *testing.T) {
	url, o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n := len(r.URL.Path); n <= MaxRedirects {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "end")
	})
	if r, err := build(o, quick, wire{}).Get(t.Context(), url+"/", ""); err != nil || string(r.Body) != "end" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestDowngradeIsRefused(t *testing.T) {
	from, err := http.NewRequest(http.MethodGet, "https://public.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	to, err := http.NewRequest(http.MethodGet, "http://public.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkRedirect(to, []*http.Request{from}); !errors.Is(err, errDowngrade) {
		t.Errorf("got %v", err)
	}
	if err := checkRedirect(from, []*http.Request{to}); err != nil {
		t.Errorf("http to https: %v", err)
	}
}

func TestHTTPClientHasTheSameCaps(t *testing.T) {
	url, o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/big":
			_, _ = w.Write(make([]byte, 100<<10))
		case "/moved":
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		case "/inside":
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		}
	})
	c := build(o, quick, wire{}).HTTP()
	get := func(address string) error {
		resp, err := c.Get(address)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
		return err
	}
	if err := get("http://169.254.169.254/"); !errors.Is(err, ErrForbidden) {
		t.Errorf("metadata: %v", err)
	}
	if err := get(url + "/big"); !errors.Is(err, errTooLarge) {
		t.Errorf("large answer: %v", err)
	}
	if err := get(url + "/inside"); !errors.Is(err, ErrForbidden) {
		t.Errorf("redirect inside: %v", err)
	}
	resp, err := c.Post(url+"/moved", "application/x-www-form-urlencoded", strings.NewReader("client_secret=s"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("a POST was redirected: %d", resp.StatusCode)
	}
}

func TestContextEndsTheRequest(t *testing.T) {
	gone := make(chan struct{})
	address := upstream(t, func(c net.Conn) {
		_, _ = io.Copy(io.Discard, c)
		close(gone)
	})
	c := New(Options{Allow: []string{address}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := c.Get(ctx, "http://"+address+"/", "")
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	<-gone // the connection does not outlive the last caller
	if h := c.cache.get("*/*\nhttp://" + address + "/"); h.fresh {
		t.Error("the end of a context is kept as an answer")
	}
}

func TestCallersShareOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fl flights
		var runs atomic.Int32
		release := make(chan struct{})
		run := func(ctx context.Context) (Response, error) {
			runs.Add(1)
			select {
			case <-release:
				return Response{Status: 200}, nil
			case <-ctx.Done():
				return Response{}, ctx.Err()
			}
		}
		impatient, leave := context.WithCancel(t.Context())
		results := make(chan error, 10)
		for i := range 10 {
			ctx := t.Context()
			if i == 0 {
				ctx = impatient
			}
			go func() {
				_, err := fl.do(ctx, "key", run)
				results <- err
			}()
		}
		synctest.Wait()
		leave()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("the caller that left got %v", err)
		}
		close(release)
		for range 9 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if runs.Load() != 1 || len(fl.m) != 0 {
			t.Errorf("%d runs, %d left", runs.Load(), len(fl.m))
		}
	})
}

func TestPanicInAFlight(t *testing.T) {
	var fl flights
	_, err := fl.do(t.Context(), "key", func(context.Context) (Response, error) { panic("broken") })
	if err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("got %v", err)
	}
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHosts(0)
		var leave []func()
		for range perHost {
			f, err := s.enter(t.Context(), "a.test")
			if err != nil {
				t.Fatal(err)
			}
			leave = append(leave, f)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.enter(ctx, "a.test"); !errors.Is(err, errBusy) {
			t.Errorf("one more at once: %v", err)
		}
		if f, err := s.enter(t.Context(), "b.test"); err != nil {
			t.Errorf("another host: %v", err)
		} else {
			f()
		}
		for _, f := range leave {
			f()
		}
		start := time.Now()
		for range 3 * burst {
			f, err := s.enter(t.Context(), "c.test")
			if err != nil {
				t.Fatal(err)
			}
			f()
		}
		if took := time.Since(start); took < 7*time.Second || took > 9*time.Second {
			t.Errorf("%d requests took %v", 3*burst, took)
		}
		s.m["c.test"].users++
		s.forget()
		if len(s.m) != 1 || len(s.all) != 0 {
			t.Errorf("%d hosts known, %d places taken", len(s.m), len(s.all))
		}
	})
}
