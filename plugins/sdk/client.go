package sdk

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"time"
)

// Bounds of a request of [Client].
const (
	RequestTimeout = 20 * time.Second
	MaxAnswer      = 1 << 20 // bytes
	maxRedirects   = 3
	maxHeader      = 64 << 10
)

// Client makes a plugin's requests. It comes with a [Call] and knows its grant: it
// sends the access token, as a bearer (RFC 6750) or bound to its key (RFC 9449),
// unless Header has an Authorization of the plugin's own.
//
// Its errors are a [Failure]: 401 is Reauth, 429 and 503 are Retry with the seconds
// that the remote asks for, other 5xx and an answer that was lost are Uncertain,
// all other statuses but 2xx are Rejected with what the remote says. What surely
// changed nothing is Retry: a connection that was refused, a GET whose answer was
// lost. The token and all secrets of the call are taken out of the words.
//
// A request takes at most 20 s and 1 MiB of answer, is sent once, and goes by the
// proxy of HTTPS_PROXY, which is how the passport watches where a plugin connects
// to. A GET follows redirects on its own host, nothing else follows any.
type Client struct {
	Header    http.Header // sent with each request
	Forbidden Code        // what 403 means; empty means Rejected

	grant   Grant
	secrets redactor
	nonces  map[string]string // by host (RFC 9449 §8)
}

// Answer takes an answer as it came, also one that refuses: give a pointer to one as
// the out of a request.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// NewClient gives a client without a grant, for [Plugin.Check]. The secrets are
// kept out of its errors.
func NewClient(secrets ...string) *Client {
	return &Client{Header: http.Header{}, secrets: newRedactor(secrets), nonces: map[string]string{}}
}

// newGrantClient gives the client of one call.
func newGrantClient(g Grant, secrets []string) *Client {
	c := NewClient(append(secrets, g.secrets()...)...)
	c.grant = g
	return c
}

// BasicAuth has the client send a name and a password (RFC 7617) instead of a token.
func (c *Client) BasicAuth(name, password string) {
	pair := base64.StdEncoding.EncodeToString([]byte(name + ":" + password))
	c.secrets = append(c.secrets, newRedactor([]string{pair, password})...)
	c.Header.Set("Authorization", "Basic "+pair)
}

// Bearer has the client send another token than the grant's, one that a session gave.
func (c *Client) Bearer(token string) {
	c.secrets = append(c.secrets, newRedactor([]string{token})...)
	c.Header.Set("Authorization", "Bearer "+token)
}

// With has the client send headers too, given as names and values in turn, and
// returns it.
func (c *Client) With(headers ...string) *Client {
	for n := 0; n+1 < len(headers); n += 2 {
		c.Header.Set(headers[n], headers[n+1])
	}
	return c
}

// JSON sends in as JSON, or nothing when in is nil, and reads the answer into out:
// a pointer for JSON, an *[Answer], or nil for an answer of no interest.
func (c *Client) JSON(ctx context.Context, method, address string, in, out any) error {
	if in == nil {
		return c.Bytes(ctx, method, address, "", nil, out)
	}
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("request: %w", err)
	}
	return c.Bytes(ctx, method, address, "application/json", body, out)
}

// Form posts values as a form does. The out is as in [Client.JSON].
func (c *Client) Form(ctx context.Context, address string, values url.Values, out any) error {
	return c.Bytes(ctx, http.MethodPost, address, "application/x-www-form-urlencoded", []byte(values.Encode()), out)
}

// Bytes sends body as it is, a picture for example. The out is as in [Client.JSON].
func (c *Client) Bytes(ctx context.Context, method, address, contentType string, body []byte, out any) error { //nolint:revive // argument-limit: what a request is
	ctx, cancel := context.WithTimeout(ctx, RequestTimeout)
	defer cancel()
	r := request{client: c, method: method, contentType: contentType, body: body}
	a, err := r.do(ctx, address)
	if raw, ok := out.(*Answer); ok {
		*raw = a
	} else if err == nil {
		err = a.into(out, r.safe())
	}
	return c.secrets.failure(err)
}

// request is one request and what became of it.
type request struct {
	client      *Client
	method      string
	contentType string
	body        []byte
	sent        bool // whether any of it left
}

// safe tells whether r changes nothing at the remote (RFC 9110 §9.2.1).
func (r *request) safe() bool { return r.method == http.MethodGet || r.method == http.MethodHead }

// do sends r, once more when the remote asks for a nonce in its proof, which it
// does before it looks at anything else (RFC 9449 §9), and after redirects.
func (r *request) do(ctx context.Context, address string) (Answer, error) {
	for range maxRedirects + 1 {
		a, err := r.once(ctx, address)
		if err != nil {
			return Answer{}, err
		}
		if a.wantsNonce() && r.client.learn(address, a) {
			if a, err = r.once(ctx, address); err != nil {
				return Answer{}, err
			}
		}
		r.client.learn(address, a)
		next, follow := r.next(address, a)
		if !follow {
			return a, a.failure(r.safe(), r.client.Forbidden)
		}
		address = next
	}
	return Answer{}, Failure{Code: Rejected, Detail: "the server leads in circles"}
}

// next gives where a GET is to be asked again, on the same host.
func (r *request) next(address string, a Answer) (string, bool) {
	if !r.safe() || a.Status < 300 || a.Status > 399 || a.Header.Get("Location") == "" {
		return "", false
	}
	from, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	to, err := from.Parse(a.Header.Get("Location"))
	return fmt.Sprint(to), err == nil && to.Scheme == from.Scheme && to.Host == from.Host
}

func (r *request) once(ctx context.Context, address string) (Answer, error) {
	trace := &httptrace.ClientTrace{WroteHeaders: func() { r.sent = true }}
	q, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), r.method, address, bytes.NewReader(r.body))
	if err != nil || !reachable(q.URL) {
		return Answer{}, Failure{Code: Rejected, Detail: "the address is not https"}
	}
	if err := r.dress(q); err != nil {
		return Answer{}, err
	}
	if len(r.body) > askFirst {
		q.Header.Set("Expect", "100-continue")
	}
	resp, err := transport.RoundTrip(q)
	if err != nil {
		return Answer{}, r.lost(err)
	}
	defer func() { _ = resp.Body.Close() }() // read as far as it is of interest
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	if ok := resp.StatusCode < 300; ok && err != nil {
		return Answer{}, r.lost(err)
	} else if ok && len(body) > MaxAnswer {
		return Answer{}, r.lost(errors.New("the answer is longer than 1 MiB"))
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: body[:min(len(body), MaxAnswer)]}, nil
}

// dress gives q its headers.
func (r *request) dress(q *http.Request) error {
	q.Header = r.client.Header.Clone()
	set := func(name, value string) {
		if q.Header.Get(name) == "" && value != "" {
			q.Header.Set(name, value)
		}
	}
	set("Content-Type", r.contentType)
	set("Accept", "application/json")
	set("User-Agent", "Osier")
	token, key := r.client.grant.AccessToken, r.client.grant.DPoPJWK
	if q.Header.Get("Authorization") != "" || token == "" {
		return nil
	}
	if key == "" {
		q.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	proof, err := prove(key, q.Method, q.URL, token, r.client.nonces[q.URL.Host])
	q.Header.Set("Authorization", "DPoP "+token)
	q.Header.Set("DPoP", proof)
	return err
}

// lost makes the failure of an answer that did not come.
func (r *request) lost(err error) error {
	var refused refusedByProxy
	switch {
	case errors.As(err, &refused):
		return Failure{Code: cmp.Or(refused.code(), Retry), Detail: err.Error()}
	case r.sent && !r.safe():
		return Failure{Code: Uncertain, Detail: "the answer is lost: " + err.Error()}
	}
	return Failure{Code: Retry, Detail: "the server cannot be reached: " + err.Error()}
}

// reachable tells whether a request may go to u: https, or http on the same machine.
func reachable(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	here := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	return u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && here)
}

// A body of more bytes than askFirst waits, this long at most, until the server says
// that it wants it (RFC 9110 §10.1.1): one that refuses at once, without reading,
// would else end the connection before its answer is read.
const (
	askFirst   = 32 << 10
	askedFirst = 2 * time.Second
)

// transport sends each request on a connection of its own: a request that was
// broken off on an old one would be sent again by net/http.
var transport = &http.Transport{
	Proxy:                  proxy,
	OnProxyConnectResponse: checkProxy,
	DisableKeepAlives:      true,
	DisableCompression:     true,
	MaxResponseHeaderBytes: maxHeader,
	ExpectContinueTimeout:  askedFirst,
	TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // HTTP/2 repeats too
}

// proxy is that of the environment for each address without exception.
func proxy(*http.Request) (*url.URL, error) {
	address := cmp.Or(os.Getenv("HTTPS_PROXY"), os.Getenv("https_proxy"))
	if address == "" {
		return nil, nil //nolint:nilnil // this is how a transport is told to go directly
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("HTTPS_PROXY is not an address")
	}
	return u, nil
}

// refusedByProxy is the proxy's word that it does not connect to a host.
type refusedByProxy struct {
	host   string
	status int
}

// Error says so.
func (r refusedByProxy) Error() string {
	if r.code() == Rejected {
		return "the passport does not connect this plugin to " + r.host
	}
	return fmt.Sprintf("no connection to %s (%d)", r.host, r.status)
}

func (r refusedByProxy) code() Code {
	if r.status == http.StatusForbidden {
		return Rejected
	}
	return ""
}

func checkProxy(_ context.Context, _ *url.URL, connect *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	host, _, _ := strings.Cut(connect.URL.Opaque, ":")
	return refusedByProxy{host: cmp.Or(host, connect.Host), status: answer.StatusCode}
}
