package fetch

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

func newTransport(dial func(context.Context, string, string) (net.Conn, error), l limits, roots *x509.CertPool) *http.Transport {
	var protocols http.Protocols
	protocols.SetHTTP1(true) // the simpler one: nobody needs the other for documents
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    l.connect,
		ResponseHeaderTimeout:  l.total,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true,
		MaxConnsPerHost:        perHost,
		MaxIdleConns:           perHost * 4,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        30 * time.Second,
		Protocols:              &protocols,
	}
}

// checkRedirect is asked before each redirect; the address itself is checked
// when the request is made.
func checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > MaxRedirects {
		return errRedirects
	}
	if m := via[0].Method; m != http.MethodGet && m != http.MethodHead {
		return http.ErrUseLastResponse
	}
	if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return errDowngrade
	}
	return nil
}

// tripper makes single requests: checked, named, paced and capped.
type tripper struct {
	guard     *guard
	next      http.RoundTripper
	hosts     *hosts
	body      int64
	documents map[string]Document
	offline   bool
	agent     string
}

// RoundTrip implements http.RoundTripper.
func (t *tripper) RoundTrip(req *http.Request) (*http.Response, error) {
	if d, ok := t.documents[req.URL.String()]; ok {
		return d.response(req), closeBody(req)
	}
	out, err := t.prepare(req)
	if err != nil {
		_ = closeBody(req)
		return nil, err
	}
	release, err := t.hosts.enter(req.Context(), out.URL.Hostname())
	if err != nil {
		_ = closeBody(req)
		return nil, err
	}
	resp, err := t.next.RoundTrip(out)
	if err != nil {
		release()
		return nil, err
	}
	resp.Body = newCapped(req.Context(), resp.Body, t.body, release)
	if err := t.inspect(resp); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// prepare checks the address and sets the headers that are ours to choose.
func (t *tripper) prepare(req *http.Request) (*http.Request, error) {
	u, err := Parse(req.URL.String())
	if err != nil {
		return nil, err
	}
	if t.offline {
		return nil, errOffline
	}
	if err := t.guard.checkURL(u); err != nil {
		return nil, err
	}
	out := req.Clone(req.Context())
	out.URL, out.Host = u, ""
	for _, h := range []string{"Referer", "Cookie", "Range"} {
		out.Header.Del(h)
	}
	out.Header.Set("User-Agent", t.agent)
	out.Header.Set("Accept-Encoding", "identity")
	return out, nil
}

func (t *tripper) inspect(resp *http.Response) error {
	for _, v := range resp.Header.Values("Content-Encoding") {
		if v = strings.TrimSpace(v); v != "" && !strings.EqualFold(v, "identity") {
			return errEncoded
		}
	}
	if resp.ContentLength > t.body {
		return fmt.Errorf("%w: %d bytes", errTooLarge, resp.ContentLength)
	}
	return nil
}

func closeBody(req *http.Request) error {
	if req.Body == nil {
		return nil
	}
	return req.Body.Close()
}

func (d Document) response(req *http.Request) *http.Response {
	status := d.Status
	if status == 0 {
		status = http.StatusOK
	}
	h := http.Header{}
	if d.Type != "" {
		h.Set("Content-Type", d.Type)
	}
	return &http.Response{
		Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader(d.Body)), ContentLength: int64(len(d.Body)), Request: req,
	}
}

// capped is a body that ends with errTooLarge, and gives its place back when it
// is closed or its request ends.
type capped struct {
	io.ReadCloser
	left    int64
	release func()
	stop    func() bool
}

func newCapped(ctx context.Context, body io.ReadCloser, limit int64, release func()) *capped {
	once := sync.OnceFunc(release)
	return &capped{ReadCloser: body, left: limit, release: once, stop: context.AfterFunc(ctx, once)}
}

// Read implements io.Reader.
func (c *capped) Read(p []byte) (int, error) {
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.ReadCloser.Read(p)
	c.left -= int64(n)
	if c.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// Close implements io.Closer.
func (c *capped) Close() error {
	err := c.ReadCloser.Close()
	c.stop()
	c.release()
	return err
}
