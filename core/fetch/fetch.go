// Package fetch is the only client that reaches out: it gets badges, keys,
// status lists and pictures from addresses that strangers wrote, and talks to
// sign-in providers.
//
// Every URL is hostile. The address is checked when the connection is made, on
// the resolved IP address and at each redirect, so that a name which changes its
// mind reaches nothing. Time, size, redirects, concurrency and pace are capped;
// no cookie, credential, referrer or proxy is ever used. Answers are kept in
// memory for a short while. It owns no table and no event. Features get a
// Client; nothing else may import an HTTP client.
package fetch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The limits of one request, redirects included.
const (
	MaxBody      = 5 << 20 // bytes
	MaxRedirects = 5
	MaxTime      = 10 * time.Second

	maxHeader   = 64 << 10
	maxConnect  = 4 * time.Second // name and connection
	maxAccept   = 256
	defaultName = "osier (+https://github.com/osier-passport/osier)"
)

// limits are the caps of a Client; tests make them small.
type limits struct {
	total, connect time.Duration
	body           int64
}

// Options say what a Client may do.
type Options struct {
	// Allow lists what may be reached although it is not public: hosts, addresses
	// and ranges, the first two also with a port (config.Fetch.Allow).
	Allow []string
	// Hosts are names that lead elsewhere: name=address or name=address:port
	// (config.Fetch.Hosts).
	Hosts []string
	// Documents answer in place of the network, by their exact URL.
	Documents map[string]Document
	// Offline refuses everything that is not in Documents with ErrUnavailable.
	Offline bool
	// Agent is the User-Agent, which should lead an issuer to us; "" for the default.
	Agent string
	// MaxBody and MaxTime stand in place of the package's bounds for a client that
	// fetches large files; 0 leaves them.
	MaxBody int64
	MaxTime time.Duration
	// PerSecond stands in place of the package's pace to one host; 0 leaves it.
	PerSecond int
	// Clock is used for the age of kept answers; nil: time.Now.
	Clock func() time.Time
	Log   *slog.Logger // nil: discard

	// Connect stands for the network, and Roots for the system's certificates, where
	// tests play other people's servers. Names and ports are checked all the same.
	Connect func(ctx context.Context, network, address string) (net.Conn, error)
	Roots   *x509.CertPool
}

// Document is an answer given in process.
type Document struct {
	Status int // 0 counts as 200
	Type   string
	Body   []byte
}

// Response is what an address answered. Its Body is shared: do not change it.
type Response struct {
	URL, FinalURL string // as asked for, and after redirects
	Status        int    // 200-299 but 206, or 400-599
	Type          string // Content-Type as sent, may be ""
	Body          []byte
	Hash          string // SHA-256 of Body in hexadecimal
}

// OK reports whether the address gave what was asked for.
func (r Response) OK() bool { return r.Status >= 200 && r.Status < 300 }

// Client fetches. It is safe for use by many goroutines.
type Client struct {
	guard     *guard
	http      *http.Client
	cache     *cache
	flights   flights
	documents map[string]Document
	dial      func(ctx context.Context, network, address string) (net.Conn, error)
	offline   bool
	log       *slog.Logger
}

// New makes a client. Entries of Allow that cannot be read are left out and
// logged; config has checked them before.
func New(o Options) *Client {
	l := limits{total: cmp.Or(o.MaxTime, MaxTime), connect: maxConnect, body: cmp.Or(o.MaxBody, MaxBody)}
	return build(o, l, wire{})
}

// build lets tests bring a wire of their own and small limits.
func build(o Options, l limits, w wire) *Client {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Agent == "" {
		o.Agent = defaultName
	}
	g := newGuard(o.Allow, o.Log)
	g.lead(o.Hosts)
	dial := g.dialer(l, w)
	if o.Connect != nil {
		dial = o.Connect
	}
	trip := &tripper{
		guard: g, next: newTransport(dial, l, o.Roots), hosts: newHosts(o.PerSecond), body: l.body,
		documents: o.Documents, offline: o.Offline, agent: o.Agent,
	}
	return &Client{
		guard:     g,
		http:      &http.Client{Transport: trip, Timeout: l.total, CheckRedirect: checkRedirect},
		cache:     newCache(o.Clock),
		documents: o.Documents,
		dial:      dial,
		offline:   o.Offline,
		log:       o.Log,
	}
}

// HTTP gives the guarded client itself, for libraries that want one (go-oidc,
// oauth2). It has the same guard and caps and keeps nothing. Requests other than
// GET and HEAD are never redirected.
func (c *Client) HTTP() *http.Client { return c.http }

// Check reports whether url could be fetched as far as can be told without the
// network: nil, or an error as Get would give.
func (c *Client) Check(raw string) error {
	u, err := Parse(raw)
	if err != nil {
		return err
	}
	return c.guard.checkURL(u)
}

// Blocked reports whether err came of an address or a port that this client may
// not reach, and that the operator could allow.
func Blocked(err error) bool { return errors.Is(err, ErrForbidden) || errors.Is(err, errForbiddenPort) }

// Get fetches url. An answer with an error status is a Response; an error wraps
// ErrForbidden when the address may not be reached and ErrUnavailable when it
// gave no usable answer, and is a *fault.Error with the reason in words. The
// end of ctx ends the request.
func (c *Client) Get(ctx context.Context, url, accept string) (Response, error) {
	address, err := c.address(url)
	if err != nil {
		return Response{}, err
	}
	if accept == "" {
		accept = "*/*"
	}
	if len(accept) > maxAccept {
		return Response{}, fmt.Errorf("fetch: accept header of %d bytes", len(accept))
	}
	key := accept + "\n" + address
	kept := c.cache.get(key)
	if kept.fresh {
		kept.response.URL = url
		return kept.response, kept.err
	}
	r, err := c.flights.do(ctx, key, func(ctx context.Context) (Response, error) {
		return c.ask(ctx, address, accept, kept)
	})
	r.URL = url
	return r, err
}

// address gives the normal form of url, once it may be fetched.
func (c *Client) address(url string) (string, error) {
	if _, ok := c.documents[url]; ok {
		return url, nil
	}
	u, err := Parse(url)
	if err != nil {
		return "", err
	}
	address := u.String()
	if _, ok := c.documents[address]; ok {
		return address, nil
	}
	return address, c.guard.checkURL(u)
}

// ask makes the request and keeps its outcome.
func (c *Client) ask(ctx context.Context, address, accept string, kept hit) (Response, error) {
	key := accept + "\n" + address
	r, header, err := c.request(ctx, address, accept, kept.etag)
	switch {
	case errors.Is(err, errNotModified):
		c.cache.put(key, kept.response, nil, header)
		return kept.response, nil
	case err != nil:
		err = describe(err, address)
		if ctx.Err() == nil && errors.Is(err, ErrUnavailable) {
			c.cache.put(key, Response{}, err, nil)
		}
		return Response{}, err
	}
	c.cache.put(key, r, nil, header)
	return r, nil
}

func (c *Client) request(ctx context.Context, address, accept, etag string) (Response, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Response{}, nil, fmt.Errorf("%w: %w", errBadURL, err)
	}
	req.Header.Set("Accept", accept)
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	start := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return Response{}, nil, err
	}
	defer resp.Body.Close()
	c.log.DebugContext(ctx, "fetched", "host", req.URL.Host, "status", resp.StatusCode, "took", time.Since(start))
	if resp.StatusCode == http.StatusNotModified && etag != "" {
		return Response{}, resp.Header, errNotModified
	}
	if !usable(resp.StatusCode) {
		return Response{}, nil, fmt.Errorf("%w: %d", errStatus, resp.StatusCode)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return Response{}, nil, fmt.Errorf("read the answer: %w", err)
	}
	sum := sha256.Sum256(body)
	return Response{
		FinalURL: resp.Request.URL.String(), Status: resp.StatusCode, Type: resp.Header.Get("Content-Type"),
		Body: body, Hash: hex.EncodeToString(sum[:]),
	}, resp.Header, nil
}

// usable leaves out what is no whole answer: parts, conditions we did not set
// and redirects to nowhere.
func usable(status int) bool {
	return status >= 200 && status < 300 && status != http.StatusPartialContent || status >= 400 && status < 600
}
