package host

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// outside is what the dialer of a test saw; it answers with an echo.
type outside struct {
	mu    sync.Mutex
	asked []string
	fail  error
}

func (o *outside) dial(_ context.Context, address string) (net.Conn, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, address)
	if o.fail != nil {
		return nil, o.fail
	}
	ours, theirs := net.Pipe()
	go func() {
		_, _ = io.Copy(theirs, theirs)
		_ = theirs.Close()
	}()
	return ours, nil
}

// knock asks the proxy for a tunnel and gives the status, and the connection.
func knock(t *testing.T, proxy, head string) (int, net.Conn) {
	t.Helper()
	u, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	password, _ := u.User.Password()
	basic := base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password))
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, strings.ReplaceAll(head, "BASIC", basic)); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodConnect})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, conn
}

func connectTo(address string) string {
	return "CONNECT " + address + " HTTP/1.1\r\nHost: " + address + "\r\nProxy-Authorization: Basic BASIC\r\n\r\n"
}

func TestThePluginsWayOut(t *testing.T) {
	o := &outside{}
	warned := make(chan string, 100)
	e := newEgress(o.dial, func(_, host string) { warned <- host })
	defer e.close()
	proxy, way, end, err := e.admit("fake")
	if err != nil {
		t.Fatal(err)
	}
	way.declare([]string{"api.example"})
	release := way.allow([]string{"server.example"})
	for _, c := range []struct {
		name, head string
		want       int
	}{
		{"a declared host", connectTo("api.example:443"), 200},
		{"in capitals", connectTo("API.example:443"), 200},
		{"the person's server, while the call runs", connectTo("server.example:443"), 200},
		{"another host", connectTo("evil.example:443"), 403},
		{"a part of a name", connectTo("api.example.evil.example:443"), 403},
		{"another port", connectTo("api.example:22"), 403},
		{"an address", connectTo("169.254.169.254:443"), 403},
		{"no port", connectTo("api.example"), 403},
		{"without a password", strings.Replace(connectTo("api.example:443"), "BASIC", "eDp5", 1), 407},
		{"no CONNECT", "GET http://api.example/ HTTP/1.1\r\nHost: api.example\r\nProxy-Authorization: Basic BASIC\r\n\r\n", 405},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, conn := knock(t, proxy, c.head)
			if status != c.want {
				t.Fatalf("%d, want %d", status, c.want)
			}
			if status != 200 {
				return
			}
			if _, err := io.WriteString(conn, "through"); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 7)
			if _, err := io.ReadFull(conn, got); err != nil || string(got) != "through" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	release()
	if status, _ := knock(t, proxy, connectTo("server.example:443")); status != 403 {
		t.Errorf("after the call: %d", status)
	}
	o.fail = errors.New("not public")
	if status, _ := knock(t, proxy, connectTo("api.example:443")); status != 502 {
		t.Errorf("where the dialer refuses: %d", status)
	}
	end()
	if status, _ := knock(t, proxy, connectTo("api.example:443")); status != 407 {
		t.Errorf("after the process: %d", status)
	}
	if len(warned) < 5 {
		t.Errorf("%d refusals are told", len(warned))
	}
	for _, a := range o.asked {
		if host, port, _ := strings.Cut(strings.ToLower(a), ":"); port != "443" || host != "api.example" && host != "server.example" {
			t.Errorf("dialled %s", a)
		}
	}
}

func TestSecretsAreTakenOutOfLogs(t *testing.T) {
	c := newClock()
	s := newSecrets(c.Now)
	release := s.hold(Grant{AccessToken: "a-long-token", Fields: map[string]string{"password": "typed-password", "short": "abc"}}, map[string]string{"api_key": "settings-key"})
	line := "a-long-token typed-password settings-key abc"
	if got := s.redact(line); got != "[secret] [secret] [secret] abc" {
		t.Errorf("during the call %q", got)
	}
	release()
	if got := s.redact(line); strings.Contains(got, "a-long-token") {
		t.Errorf("after it %q", got)
	}
	c.Add(keepSecret + time.Minute)
	s.hold(Grant{}, nil)()
	if len(s.until) != 0 || len(s.using) != 0 {
		t.Errorf("kept %v, %v", s.until, s.using)
	}
}
