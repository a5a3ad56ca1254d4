package fetch

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/fault"
)

// quick are limits for tests on a busy machine, hasty ones for tests that wait for their end.
var (
	quick = limits{total: 4 * time.Second, connect: 2 * time.Second, body: 64 << 10}
	hasty = limits{total: 400 * time.Millisecond, connect: 300 * time.Millisecond, body: 64 << 10}
)

func TestForbiddenAddresses(t *testing.T) {
	tests := []string{
		"http://127.0.0.1/", "https://127.255.255.254/", "http://0.0.0.0/", "http://0/", "http://10.0.0.1/",
		"http://172.16.0.1/", "http://192.168.1.1/", "http://169.254.169.254/latest/", "http://100.64.0.1/",
		"http://192.0.0.192/", "http://198.18.0.1/", "http://203.0.113.5/", "http://224.0.0.1/", "http://255.255.255.255/",
		"http://168.63.129.16/", "http://[::]/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::ffff:a9fe:a9fe]/",
		"http://[::127.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[64:ff9b:1::1]/", "http://[2002:7f00:1::1]/",
		"http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/", "http://[fe80::1]/", "http://[fe80::1%25lo]/", "http://[fc00::1]/",
		"http://[fd00:ec2::254]/", "http://[fec0::1]/", "http://[2001:db8::1]/", "http://[3fff::1]/", "http://[ff02::1]/",
		"http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://127.1/", "http://0177.0.0.1/", "http://127.0.0.1./",
		"http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://localhost/", "http://LOCALHOST./", "http://a.localhost/",
		"http://printer.local/", "http://metadata.google.internal/", "http://metadata/", "http://router.home.arpa/",
		"http://a:b@public.test/", "http://public.test@127.0.0.1/", "http://127.0.0.1\\@public.test/", "http://public.test\\@127.0.0.1/",
		"http://public.test:22/", "http://public.test:8080/", "https://public.test:6379/", "http://public.test:0/", "http://public.test:99999/",
		"http://a-10.test/", "http://aaaa-loop.test/", "http://a-mapped.test/", "http://nat64.test/", "http://azure.test/",
		"http://metadata.example.test/", "http://cname-to-localhost.test/", "http://1000-a-records.test/",
		"file:///etc/passwd", "gopher://public.test/", "ftp://public.test/", "javascript:alert(1)", "data:text/plain,x", "//public.test/",
		"/etc/passwd", "", "http:", "http://", "http:///x", "http:public.test", "http://public.test\r\nHost: x/", "http://pub lic.test/",
		"http://public.test\t/", "http://public..test/", "http://.test/", "http://-a.test/", "http://a_b\x00.test/", "http://[::1/", "http://public.test:/",
		"http://public.test/" + strings.Repeat("a", maxURL),
	}
	for _, raw := range tests {
		t.Run(raw[:min(len(raw), 40)], func(t *testing.T) {
			w := newTestWire(publicAndLoopback())
			_, err := build(Options{}, quick, w.wire()).Get(t.Context(), raw, "")
			if !errors.Is(err, ErrForbidden) || errors.Is(err, ErrUnavailable) {
				t.Errorf("got %v", err)
			}
			if f, ok := fault.As(err); !ok || !strings.HasPrefix(f.Key, "fetch.") || fault.Status(err) != http.StatusUnprocessableEntity {
				t.Errorf("no reason in words: %v", err)
			}
			if len(w.seen) != 0 {
				t.Errorf("connections to %v", w.seen)
			}
		})
	}
}

func TestPublicAddressesPass(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"http://public.test/", "93.184.215.14:80"},
		{"https://PUBLIC.test./a?b=c", "93.184.215.14:443"},
		{"http://public.test:443/", "93.184.215.14:443"},
		{"https://8.8.8.8/", "8.8.8.8:443"},
		{"http://[2606:4700::6810:84e5]/", "[2606:4700::6810:84e5]:80"},
		{"http://[::ffff:8.8.8.8]/", "8.8.8.8:80"},
		{"http://multi-a-pub-and-loop.test/", "93.184.215.14:80"},
	}
	for _, tt := range tests {
		t.Run(tt.raw, func(t *testing.T) {
			w := newTestWire(publicAndLoopback())
			_, err := build(Options{}, quick, w.wire()).Get(t.Context(), tt.raw, "")
			if !errors.Is(err, errTestWire) && !errors.Is(err, ErrForbidden) || len(w.seen) != 1 || w.seen[0].String() != tt.want {
				t.Errorf("connections to %v, error %v", w.seen, err)
			}
		})
	}
}

func TestAllow(t *testing.T) {
	tests := []struct {
		allow, raw string
		want       string // the connection that is tried, "" when refused
	}{
		{"10.0.0.0/24", "http://10.0.0.1/", "10.0.0.1:80"},
		{"10.0.0.0/24", "https://a-10.test/", "10.0.0.1:443"},
		{"10.0.0.0/24", "http://10.0.1.1/", ""},
		{"10.0.0.0/24", "http://10.0.0.1:8080/", ""},
		{"10.0.0.1", "http://10.0.0.1/", "10.0.0.1:80"},
		{"10.0.0.1:8443", "https://a-10.test:8443/", "10.0.0.1:8443"},
		{"10.0.0.1:8443", "https://a-10.test/", ""},
		{"[::1]:81", "http://[::1]:81/", "[::1]:81"},
		{"::1", "http://[::1]/", "[::1]:80"},
		{"127.0.0.1:81", "http://[::ffff:127.0.0.1]:81/", "127.0.0.1:81"},
		{"issuer.test:81", "http://issuer.test:81/", "127.0.0.1:81"},
		{"issuer.test:81", "http://Issuer.Test:81/", "127.0.0.1:81"},
		{"issuer.test:81", "http://issuer.test:82/", ""},
		{"issuer.test:81", "http://issuer.test/", ""},
		{"issuer.test", "http://issuer.test/", "127.0.0.1:80"},
		{"issuer.test:81", "http://other-name-for-loop.example:81/", ""},
		{"public.test:8443", "https://public.test:8443/", "93.184.215.14:8443"},
		{"not an entry", "http://10.0.0.1/", ""},
		{"issuer.test:x", "http://issuer.test/", ""},
	}
	for _, tt := range tests {
		t.Run(tt.allow+" "+tt.raw, func(t *testing.T) {
			w := newTestWire(publicAndLoopback())
			_, err := build(Options{Allow: []string{tt.allow}}, quick, w.wire()).Get(t.Context(), tt.raw, "")
			got := ""
			if len(w.seen) > 0 {
				got = w.seen[0].String()
			}
			if got != tt.want || tt.want == "" && !errors.Is(err, ErrForbidden) {
				t.Errorf("connection to %q, want %q; error %v", got, tt.want, err)
			}
		})
	}
}

// A name that the operator leads elsewhere goes there and nowhere else, by its usual
// ports; others keep to the rules.
func TestHosts(t *testing.T) {
	for _, tt := range []struct{ raw, want string }{
		{"https://Badges.Test/a", "10.0.0.9:8443"},
		{"http://badges.test/", "10.0.0.9:8443"},
		{"https://other.test/", "10.0.0.8:443"},
		{"https://badges.test:99/", ""},
		{"https://sub.badges.test/", ""},
		{"https://10.0.0.9/", ""},
	} {
		w := newTestWire(nil)
		c := build(Options{Hosts: []string{"badges.test=10.0.0.9:8443", "other.test=10.0.0.8"}}, quick, w.wire())
		_, err := c.Get(t.Context(), tt.raw, "")
		got := ""
		if len(w.seen) > 0 {
			got = w.seen[0].String()
		}
		if got != tt.want || err == nil {
			t.Errorf("%s: connection to %q, want %q; error %v", tt.raw, got, tt.want, err)
		}
	}
}

func TestRebinding(t *testing.T) {
	w := newTestWire(publicAndLoopback())
	c := build(Options{}, quick, w.wire())
	for i := range 3 {
		resp, err := c.http.Get("http://rebind-ttl0.test/")
		if err == nil {
			resp.Body.Close()
			t.Fatal("an answer")
		}
		if i > 0 && !errors.Is(err, ErrForbidden) {
			t.Errorf("request %d: %v", i, err)
		}
	}
	if p := w.private(); len(p) != 0 {
		t.Errorf("connections to %v", p)
	}
}

// redirector answers at a name that the test allows, and sends everybody on.
func redirector(t *testing.T, w *testWire, status int, to func(path string) string) (string, *Client) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Location", to(r.URL.Path))
		rw.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	address := s.Listener.Addr().String()
	w.listensOn(t, address)
	host := "issuer.test" + address[strings.LastIndex(address, ":"):]
	return "http://" + host + "/", build(Options{Allow: []string{host}}, quick, w.wire())
}

func TestRedirectsAreChecked(t *testing.T) {
	for _, to := range []string{
		"http://127.0.0.1:9/", "http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/", "//10.0.0.1/", "file:///etc/passwd",
		"gopher://127.0.0.1/", "javascript:alert(1)", "https://issuer.test@127.0.0.1/", "http://a-10.test/", "http://issuer.test:22/", "http://0x7f.1/",
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(fmt.Sprintf("%d %s", status, to), func(t *testing.T) {
				w := newTestWire(publicAndLoopback())
				start, c := redirector(t, w, status, func(string) string { return to })
				_, err := c.Get(t.Context(), start, "")
				if !errors.Is(err, ErrForbidden) {
					t.Errorf("got %v", err)
				}
				if len(w.private()) != 0 || len(w.seen) != 1 {
					t.Errorf("connections to %v", w.seen)
				}
			})
		}
	}
}

// hostileCase is one line of the hostile cases that lie beside the checkout.
type hostileCase struct {
	Surface, Name, Kind string
	Value               json.RawMessage
}

// hostileCases reads the cases of a surface, or skips the test where there are none.
func hostileCases(t *testing.T, surface string) []hostileCase {
	t.Helper()
	f, err := os.Open(filepath.Join(root(t), "..", "shared", "hostile", "cases.jsonl"))
	if err != nil {
		t.Skip("no hostile cases beside this checkout")
	}
	defer f.Close()
	var out []hostileCase
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c hostileCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if c.Surface == surface {
			out = append(out, c)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

type hostileSpec struct {
	Status          int
	Location, Value string
	Hops            int
	Final           string
	Loop            bool
}

func (c hostileCase) text(t *testing.T) string {
	t.Helper()
	var s string
	if json.Unmarshal(c.Value, &s) != nil {
		return string(c.Value)
	}
	return s
}

func TestHostileAddresses(t *testing.T) {
	for _, c := range hostileCases(t, "ssrf") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			w := newTestWire(publicAndLoopback())
			text := c.text(t)
			start, client := text, build(Options{}, quick, w.wire())
			if c.Kind == "spec" {
				var s hostileSpec
				if err := json.Unmarshal([]byte(text), &s); err != nil {
					t.Fatal(err)
				}
				start, client = play(t, w, s)
			}
			began := time.Now()
			_, err := client.Get(t.Context(), start, "")
			again := err
			if strings.Contains(text, "rebind") {
				_, again = client.Get(t.Context(), start+"?again", "")
			}
			if err == nil || again == nil || time.Since(began) > 5*time.Second {
				t.Errorf("%v and %v after %v", err, again, time.Since(began))
			}
			if p := w.private(); len(p) != 0 {
				t.Errorf("connections to %v", p)
			}
			if len(w.seen) == 0 && !errors.Is(err, ErrForbidden) && !errors.Is(err, ErrUnavailable) {
				t.Errorf("the reason is not clear: %v", err)
			}
		})
	}
}

// play sets up what a behaviour asks for and gives the address to begin with.
func play(t *testing.T, w *testWire, s hostileSpec) (string, *Client) {
	t.Helper()
	switch {
	case s.Loop:
		return redirector(t, w, http.StatusFound, func(string) string { return "/" })
	case s.Hops > 0:
		return redirector(t, w, http.StatusFound, func(path string) string {
			if len(path) >= s.Hops {
				return s.Final
			}
			return path + "x"
		})
	case s.Location != "":
		return redirector(t, w, s.Status, func(string) string { return s.Location })
	}
	if to, ok := strings.CutPrefix(s.Value, "302->"); ok {
		return redirector(t, w, http.StatusFound, func(string) string { return to })
	}
	return s.Value, build(Options{}, quick, w.wire())
}

func TestPrivateNamesAreRefusedUnasked(t *testing.T) {
	w := newTestWire(map[string][]netip.Addr{"printer.local": {netip.MustParseAddr("93.184.215.14")}})
	if err := build(Options{}, quick, w.wire()).Check("http://printer.local/"); !errors.Is(err, ErrForbidden) {
		t.Errorf("got %v", err)
	}
	if len(w.asked) != 0 {
		t.Errorf("the resolver was asked for %v", w.asked)
	}
}
