// Package remote is a small internet for tests of share plugins: fake services
// under their real names, reached through a CONNECT proxy, with certificates of an
// authority of its own. A plugin in any language gets there by its environment
// ([World.Env]), and nowhere else.
//
// It owns no table and no event, imports nothing of the passport, and follows RFC
// 9110 §9.3.6. The conformance kit, the tests of plugins and their authors call it.
package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// World is the fakes and the way to them.
type World struct {
	mu      sync.Mutex
	fakes   map[string]http.Handler
	rest    http.Handler
	dialled []string

	authority *authority
	dir       string
	proxy     net.Listener
	service   net.Listener
	servers   []*http.Server
}

// New starts a world without fakes. The error is that of a system that gives no
// folder or no port. Close ends it.
func New() (*World, error) {
	w := &World{fakes: map[string]http.Handler{}}
	var err error
	if w.authority, err = newAuthority(); err != nil {
		return nil, err
	}
	if w.dir, err = os.MkdirTemp("", "remote"); err != nil {
		return nil, err
	}
	if err = errors.Join(os.WriteFile(w.CAFile(), w.authority.pem, 0o600), w.listen()); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// Add puts a fake on a host, in place of the one before. nil takes it away.
func (w *World) Add(host string, fake http.Handler) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fakes[host] = fake
}

// Rest puts a fake on all hosts that have none.
func (w *World) Rest(fake http.Handler) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = fake
}

// Dialled lists the hosts, with ports, that were asked for, each as often as it was.
func (w *World) Dialled() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.dialled)
}

// CAFile is the authority's certificate, PEM.
func (w *World) CAFile() string { return filepath.Join(w.dir, "ca.pem") }

// Addr is where the fakes listen, by TLS: the name that is asked for chooses the fake.
func (w *World) Addr() string { return w.service.Addr().String() }

// ProxyURL is the way to all hosts.
func (w *World) ProxyURL() string { return "http://" + w.proxy.Addr().String() }

// Env is what leads a process here: Go and Python (OpenSSL) read SSL_CERT_FILE,
// Node NODE_EXTRA_CA_CERTS, Python's requests REQUESTS_CA_BUNDLE.
func (w *World) Env() []string {
	return []string{
		"HTTPS_PROXY=" + w.ProxyURL(), "https_proxy=" + w.ProxyURL(), "HTTP_PROXY=" + w.ProxyURL(), "http_proxy=" + w.ProxyURL(),
		"SSL_CERT_FILE=" + w.CAFile(), "NODE_EXTRA_CA_CERTS=" + w.CAFile(), "REQUESTS_CA_BUNDLE=" + w.CAFile(), "NODE_USE_ENV_PROXY=1",
	}
}

// Client is a client of this process that is led here.
func (w *World) Client() *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: w.authority.pool(), MinVersion: tls.VersionTLS12}, DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			if w.fake(address) == nil {
				return nil, fmt.Errorf("no such host as %s", address)
			}
			return new(net.Dialer).DialContext(ctx, "tcp", w.service.Addr().String())
		},
	}}
}

// Close ends all of it.
func (w *World) Close() {
	for _, s := range w.servers {
		_ = s.Close() // its listener may be closed already
	}
	_ = os.RemoveAll(w.dir) // a folder in the system's temporary one
}

func (w *World) listen() error {
	var err error
	if w.service, err = net.Listen("tcp", "127.0.0.1:0"); err != nil { //nolint:noctx // a listener of a test
		return err
	}
	if w.proxy, err = net.Listen("tcp", "127.0.0.1:0"); err != nil { //nolint:noctx // a listener of a test
		return errors.Join(err, w.service.Close())
	}
	service := tls.NewListener(w.service, &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, GetCertificate: w.authority.certificate})
	w.serve(service, http.HandlerFunc(w.answer))
	w.serve(w.proxy, http.HandlerFunc(w.connect))
	return nil
}

func (w *World) serve(l net.Listener, h http.Handler) {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	w.servers = append(w.servers, s)
	go func() { _ = s.Serve(l) }() // ends with Close
}

// answer has the fake of the request's host answer.
func (w *World) answer(out http.ResponseWriter, r *http.Request) {
	fake := w.fake(r.Host)
	if fake == nil {
		http.Error(out, "no such host", http.StatusMisdirectedRequest)
		return
	}
	fake.ServeHTTP(out, r)
}

func (w *World) fake(address string) http.Handler {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if fake := w.fakes[host]; fake != nil {
		return fake
	}
	return w.rest
}

// connect leads any host to the fakes.
func (w *World) connect(out http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(out, "only CONNECT", http.StatusForbidden)
		return
	}
	w.mu.Lock()
	w.dialled = append(w.dialled, r.Host)
	w.mu.Unlock()
	if w.fake(r.Host) == nil {
		http.Error(out, "no such host", http.StatusBadGateway)
		return
	}
	there, err := new(net.Dialer).DialContext(r.Context(), "tcp", w.service.Addr().String())
	if err != nil {
		http.Error(out, err.Error(), http.StatusBadGateway)
		return
	}
	here, _, err := http.NewResponseController(out).Hijack()
	if err != nil {
		_ = there.Close() // nothing was said on it
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n") // who is gone reads nothing
	join(here, there)
}

// join carries bytes both ways until either side ends, then ends both.
func join(a, b net.Conn) {
	var both sync.WaitGroup
	carry := func(to, from net.Conn) {
		_, _ = io.Copy(to, from) // broken connections are what some tests want
		_, _ = to.Close(), from.Close()
	}
	both.Go(func() { carry(a, b) })
	both.Go(func() { carry(b, a) })
	both.Wait()
}
