package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	goidc "github.com/coreos/go-oidc/v3/oidc"

	"github.com/osier-passport/osier/core/config"
)

const (
	metadataAge  = time.Hour        // discovery is asked again after
	failureAge   = 5 * time.Second  // a failed discovery is not tried again before
	requestTime  = 10 * time.Second // of one request to a provider
	documentSize = 1 << 20          // bytes of any answer of a provider
)

// Provider is one place people sign in at.
type Provider struct {
	ID, Name, Issuer string
	Logout           bool // signing out here signs out there

	conf      config.OIDC
	client    *http.Client
	callback  func(id string) string
	signedOut func(id string) string
	now       func() time.Time

	mu      sync.Mutex // held while discovery runs, so that it runs once
	known   *metadata
	knownAt time.Time
	failed  error
	failAt  time.Time
}

// metadata is what we use of a discovery document (OpenID Connect Discovery 1.0 §3).
type metadata struct {
	issuer, authURL, tokenURL string
	endURL                    string // end_session_endpoint, or ""
	algorithms                []string
	sendsIssuer, secretInBody bool
	keys                      *keySet
	provider                  *goidc.Provider
}

// metadata gives the provider's metadata, from memory where it is young.
func (p *Provider) metadata(ctx context.Context) (*metadata, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.known != nil && now.Sub(p.knownAt).Abs() < metadataAge {
		return p.known, nil
	}
	if p.failed != nil && now.Sub(p.failAt).Abs() < failureAge {
		return nil, p.failed
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTime)
	defer cancel()
	m, err := p.discover(ctx)
	if err != nil {
		p.failed, p.failAt = p.unavailable(fmt.Errorf("discovery: %w", err)), now
		return nil, p.failed
	}
	if p.known != nil && p.known.keys.url == m.keys.url {
		m.keys = p.known.keys
	}
	p.known, p.knownAt, p.failed = m, now, nil
	return m, nil
}

func (p *Provider) discover(ctx context.Context) (*metadata, error) {
	ctx = goidc.ClientContext(ctx, p.client)
	found, err := goidc.NewProvider(ctx, p.Issuer)
	if err != nil {
		return nil, short{err}
	}
	var d struct {
		Auth        string   `json:"authorization_endpoint"`
		Token       string   `json:"token_endpoint"`
		Keys        string   `json:"jwks_uri"`
		UserInfo    string   `json:"userinfo_endpoint"`
		End         string   `json:"end_session_endpoint"`
		Algorithms  []string `json:"id_token_signing_alg_values_supported"`
		Methods     []string `json:"token_endpoint_auth_methods_supported"`
		SendsIssuer bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := found.Claims(&d); err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	endpoints := []string{d.Auth, d.Token, d.Keys}
	if d.UserInfo != "" {
		endpoints = append(endpoints, d.UserInfo)
	}
	if d.End != "" {
		endpoints = append(endpoints, d.End)
	}
	for _, e := range endpoints {
		if err := p.checkEndpoint(e); err != nil {
			return nil, err
		}
	}
	return &metadata{
		issuer: p.Issuer, authURL: d.Auth, tokenURL: d.Token, endURL: d.End, provider: found,
		algorithms: allowed(d.Algorithms), sendsIssuer: d.SendsIssuer,
		secretInBody: len(d.Methods) > 0 && !slices.Contains(d.Methods, "client_secret_basic"),
		keys:         newKeySet(d.Keys, p.client),
	}, nil
}

// checkEndpoint takes absolute HTTP addresses that are no less protected than
// the issuer's own.
func (p *Provider) checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("endpoint %.100q is not an address", endpoint)
	}
	issuer, err := url.Parse(p.Issuer)
	if err != nil {
		return fmt.Errorf("issuer: %w", err)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || issuer.Scheme != "http") {
		return fmt.Errorf("endpoint %.100q is not protected by TLS", endpoint)
	}
	return nil
}

// allowed is the algorithms we take of those a provider names; RS256 is the one
// that each must have (OpenID Connect Core 1.0 §15.1).
func allowed(named []string) []string {
	ours := []string{
		goidc.RS256, goidc.RS384, goidc.RS512, goidc.PS256, goidc.PS384, goidc.PS512,
		goidc.ES256, goidc.ES384, goidc.ES512, goidc.EdDSA,
	}
	both := slices.DeleteFunc(ours, func(a string) bool { return !slices.Contains(named, a) })
	if len(both) == 0 {
		return []string{goidc.RS256}
	}
	return both
}

// narrow is client without redirects and with small answers: an endpoint that
// sends us elsewhere is not the endpoint of the document.
func narrow(client *http.Client) *http.Client {
	var c http.Client
	if client != nil {
		c = *client
	}
	if c.Transport == nil {
		c.Transport = nowhere{}
	}
	c.Transport = small{c.Transport}
	c.Timeout = requestTime
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// errLarge is the error of reading an answer that no honest provider gives.
var errLarge = errors.New("the answer is larger than 1 MB")

// small ends answers that no honest provider gives with errLarge.
type small struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (s small) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{&bounded{resp.Body, documentSize}, resp.Body}
	return resp, nil
}

// bounded reads at most left bytes and fails where more come.
type bounded struct {
	next io.Reader
	left int
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.next.Read(p[:min(len(p), b.left+1)])
	if n > b.left {
		return b.left, errLarge
	}
	b.left -= n
	return n, err
}

// nowhere is the transport of a caller that gave no client of core/fetch.
type nowhere struct{}

// RoundTrip implements http.RoundTripper.
func (nowhere) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("no client to reach the provider with")
}

// short is an error with at most 300 bytes of text: go-oidc quotes the answer.
type short struct{ error }

// Error gives the beginning of the text.
func (s short) Error() string {
	text := s.error.Error()
	return text[:min(len(text), 300)]
}

// Unwrap gives the cause.
func (s short) Unwrap() error { return s.error }
