package host

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/secret"
)

// Bounds of a tunnel.
const (
	tunnelHead = 5 * time.Second // until the request of a connection is read
	tunnelDial = 10 * time.Second
	tunnelLife = 2 * time.Minute
	maxTunnels = 64
)

// egress is the way out of plugins: an HTTP proxy on the loopback interface that
// knows CONNECT alone (RFC 9110 §9.3.6). Each process has a password of its own
// and reaches the hosts that its plugin declares and, while a call runs, the
// server of that call's person, on port 443. The address is the dialer's to judge
// after the name was resolved.
//
// Where the system does not confine plugins (Confinement) it keeps an honest plugin
// to its word: a process could open connections by itself then.
type egress struct {
	dial func(ctx context.Context, address string) (net.Conn, error)
	warn func(plugin, host string)

	once     sync.Once
	listener net.Listener
	address  string
	tunnels  sync.WaitGroup
	places   chan struct{}

	mu      sync.Mutex
	tickets map[string]*ticket
	conns   map[net.Conn]bool
	closed  bool
}

// ticket is what one process may reach.
type ticket struct {
	plugin string
	always []string

	mu    sync.Mutex
	calls map[string]int // hosts of running calls
}

func newEgress(dial func(context.Context, string) (net.Conn, error), warn func(plugin, host string)) *egress {
	return &egress{dial: dial, warn: warn, places: make(chan struct{}, maxTunnels), tickets: map[string]*ticket{}, conns: map[net.Conn]bool{}}
}

// admit gives a process its way out: the address for HTTPS_PROXY, and what ends it.
func (e *egress) admit(plugin string) (proxy string, t *ticket, end func(), err error) {
	e.once.Do(func() { err = e.listen() })
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.listener == nil || e.closed {
		return "", nil, nil, errors.Join(errors.New("no way out for plugins"), err)
	}
	password := secret.Token()
	t = &ticket{plugin: plugin, calls: map[string]int{}}
	e.tickets[password] = t
	u := url.URL{Scheme: "http", User: url.UserPassword(plugin, password), Host: e.address}
	return u.String(), t, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.tickets, password)
	}, nil
}

func (e *egress) listen() error {
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("open the way out for plugins: %w", err)
	}
	e.mu.Lock()
	e.listener, e.address = l, l.Addr().String()
	e.mu.Unlock()
	e.tunnels.Go(func() { e.accept(l) })
	return nil
}

func (e *egress) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		select {
		case e.places <- struct{}{}:
		default:
			_ = conn.Close()
			continue
		}
		if !e.keep(conn) {
			_ = conn.Close()
			<-e.places
			continue
		}
		e.tunnels.Go(func() {
			defer func() { <-e.places }()
			defer e.drop(conn)
			e.serve(conn)
		})
	}
}

func (e *egress) keep(c net.Conn) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.conns[c] = true
	return true
}

func (e *egress) drop(c net.Conn) {
	_ = c.Close()
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.conns, c)
}

// serve answers one connection.
func (e *egress) serve(conn net.Conn) {
	_ = conn.SetDeadline(time.Now().Add(tunnelHead))
	in := bufio.NewReaderSize(io.LimitReader(conn, 16<<10), 4<<10)
	r, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	t := e.ticketOf(r)
	status := http.StatusOK
	switch {
	case t == nil:
		status = http.StatusProxyAuthRequired
	case r.Method != http.MethodConnect:
		status = http.StatusMethodNotAllowed
	case !t.allows(r.Host):
		status = http.StatusForbidden
		e.warn(t.plugin, r.Host)
	}
	if status != http.StatusOK {
		refuse(conn, status)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), tunnelDial)
	out, err := e.dial(ctx, r.Host)
	cancel()
	if err != nil {
		refuse(conn, http.StatusBadGateway)
		return
	}
	if !e.keep(out) {
		_ = out.Close()
		return
	}
	defer e.drop(out)
	join(conn, out)
}

func refuse(conn net.Conn, status int) {
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status, http.StatusText(status))
}

// join passes bytes both ways until one side ends.
func join(a, b net.Conn) {
	end := time.Now().Add(tunnelLife)
	if a.SetDeadline(end) != nil || b.SetDeadline(end) != nil {
		return
	}
	if _, err := io.WriteString(a, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	var both sync.WaitGroup
	pass := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		_, _ = to.Close(), from.Close()
	}
	both.Go(func() { pass(a, b) })
	both.Go(func() { pass(b, a) })
	both.Wait()
}

func (e *egress) ticketOf(r *http.Request) *ticket {
	encoded, ok := strings.CutPrefix(r.Header.Get("Proxy-Authorization"), "Basic ")
	plain, err := base64.StdEncoding.DecodeString(encoded)
	_, password, found := strings.Cut(string(plain), ":")
	if !ok || err != nil || !found {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.tickets[password]
}

// allows judges host:port.
func (t *ticket) allows(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port != "443" {
		return false
	}
	host = strings.ToLower(host)
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Contains(t.always, host) || t.calls[host] > 0
}

// allow lets the process reach hosts until release.
func (t *ticket) allow(hosts []string) (release func()) {
	if t == nil {
		return func() {}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range hosts {
		t.calls[h]++
	}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, h := range hosts {
			if t.calls[h]--; t.calls[h] == 0 {
				delete(t.calls, h)
			}
		}
	}
}

// declare sets what the plugin may reach always.
func (t *ticket) declare(hosts []string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.always = slices.Clone(hosts)
}

// close ends all tunnels and waits for them.
func (e *egress) close() {
	e.mu.Lock()
	e.closed = true
	if e.listener != nil {
		_ = e.listener.Close()
	}
	for c := range e.conns {
		_ = c.Close()
	}
	e.mu.Unlock()
	e.tunnels.Wait()
}
