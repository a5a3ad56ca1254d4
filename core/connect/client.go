package connect

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

// How an app proves that it is the one (RFC 7591 §2).
const (
	authBasic = "client_secret_basic"
	authPost  = "client_secret_post"
	authNone  = "none"
)

const (
	maxName      = 80 // characters
	maxRedirects = 10
)

// Client is an app that people may let in.
type Client struct {
	ID        string
	Known     bool // an administrator set it up; else it registered itself
	Secret    []byte
	Metadata  Metadata
	CreatedAt time.Time
	UsedAt    time.Time // a person let it in
}

// Public reports whether the app can keep no secret: it runs where people can look
// into it.
func (c Client) Public() bool { return len(c.Secret) == 0 }

// Metadata is what an app says of itself (RFC 7591 §2). Nothing of it is proven: its
// name is shown as text, and its addresses are given back to it alone.
type Metadata struct {
	RedirectURIs    []string `json:"redirect_uris"`
	AuthMethod      string   `json:"token_endpoint_auth_method,omitempty"`
	GrantTypes      []string `json:"grant_types,omitempty"`
	ResponseTypes   []string `json:"response_types,omitempty"`
	Name            string   `json:"client_name"`
	URI             string   `json:"client_uri,omitempty"`
	LogoURI         string   `json:"logo_uri,omitempty"`
	TermsURI        string   `json:"tos_uri,omitempty"`
	PolicyURI       string   `json:"policy_uri,omitempty"`
	Scope           string   `json:"scope,omitempty"`
	SoftwareID      string   `json:"software_id,omitempty"`
	SoftwareVersion string   `json:"software_version,omitempty"`
}

// Register takes an app in that describes itself (RFC 7591 §3; OB3 API §7.1.2), and gives it with its
// secret, "" for one that keeps none. It returns a *Refusal.
func (s *Connect) Register(ctx context.Context, m Metadata) (Client, string, error) {
	if err := m.complete(); err != nil {
		return Client{}, "", err
	}
	if !oneHost(m) {
		return Client{}, "", refuse("invalid_client_metadata", "All https addresses have to be of one host (OB3 API 7.1.2).")
	}
	return s.add(ctx, m, false)
}

// Add takes an app in that an administrator vouches for; see Register.
func (s *Connect) Add(ctx context.Context, name string, redirects []string, confidential bool) (Client, string, error) {
	m := Metadata{Name: name, RedirectURIs: redirects, AuthMethod: authNone}
	if confidential {
		m.AuthMethod = authBasic
	}
	if err := m.complete(); err != nil {
		return Client{}, "", err
	}
	return s.add(ctx, m, true)
}

func (s *Connect) add(ctx context.Context, m Metadata, known bool) (Client, string, error) {
	c := Client{ID: secret.ID(), Known: known, Secret: []byte{}, Metadata: m, CreatedAt: s.Base.Now()}
	token := ""
	if m.AuthMethod != authNone {
		token = secret.Token()
		c.Secret = secret.Hash(token)
	}
	return c, token, s.Base.Tx(ctx, func(tx *db.Tx) error { return insertClient(ctx, tx, c) })
}

// Clients lists the apps that administrators set up, by name.
func (s *Connect) Clients(ctx context.Context) ([]Client, error) {
	return listKnown(ctx, s.Base.Read())
}

// Remove forgets an app, and what people allowed it. It returns a fault NotFound.
func (s *Connect) Remove(ctx context.Context, id string) error {
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		n, err := deleteClient(ctx, tx, id)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "connect.error.no_app")
		}
		return err
	})
}

// client finds an app. It returns invalid_client for none.
func (s *Connect) client(ctx context.Context, d db.DB, id string) (Client, error) {
	if !secret.IsID(id) {
		return Client{}, errClient()
	}
	c, err := getClient(ctx, d, id)
	if errors.Is(err, db.ErrNotFound) {
		return Client{}, errClient()
	}
	return c, err
}

// authenticate finds the app that asks, by its secret where it has one. It returns
// invalid_client.
func (s *Connect) authenticate(ctx context.Context, id, token string) (Client, error) {
	c, err := s.client(ctx, s.Base.Read(), id)
	if err != nil {
		return Client{}, err
	}
	if c.Public() != (token == "") || !c.Public() && subtle.ConstantTimeCompare(secret.Hash(token), c.Secret) != 1 {
		return Client{}, errClient()
	}
	return c, nil
}

// complete fills in what may be left out (RFC 7591 §2) and says what is wrong.
func (m *Metadata) complete() error {
	name, ok := text.CleanLine(m.Name, maxName)
	if !ok || name == "" {
		return refuse("invalid_client_metadata", "client_name has to be a line of 1 to 80 characters.")
	}
	m.Name = name
	if len(m.RedirectURIs) == 0 || len(m.RedirectURIs) > maxRedirects {
		return refuse("invalid_redirect_uri", "redirect_uris needs 1 to 10 addresses.")
	}
	for _, r := range m.RedirectURIs {
		if why := redirectFault(r); why != "" {
			return refuse("invalid_redirect_uri", "One of redirect_uris is refused: "+why+".")
		}
	}
	return errors.Join(m.completeFlow(), m.checkTexts())
}

func (m *Metadata) completeFlow() error {
	if m.AuthMethod == "" {
		m.AuthMethod = authBasic
	}
	if !slices.Contains([]string{authBasic, authPost, authNone}, m.AuthMethod) {
		return refuse("invalid_client_metadata", "token_endpoint_auth_method has to be client_secret_basic, client_secret_post or none.")
	}
	if len(m.GrantTypes) == 0 {
		m.GrantTypes = []string{"authorization_code"}
	}
	for _, g := range m.GrantTypes {
		if g != "authorization_code" && g != "refresh_token" {
			return refuse("invalid_client_metadata", "grant_types may have authorization_code and refresh_token alone.")
		}
	}
	if len(m.ResponseTypes) == 0 {
		m.ResponseTypes = []string{"code"}
	}
	if !slices.Equal(m.ResponseTypes, []string{"code"}) {
		return refuse("invalid_client_metadata", "response_types may have code alone.")
	}
	if m.Scope = strings.Join(granted(m.Scope), " "); m.Scope == "" {
		m.Scope = strings.Join(append(slices.Clone(resources), Stay), " ")
	}
	return nil
}

func (m *Metadata) checkTexts() error {
	for name, at := range map[string]*string{"client_uri": &m.URI, "logo_uri": &m.LogoURI, "tos_uri": &m.TermsURI, "policy_uri": &m.PolicyURI} {
		if _, ok := text.SafeURL(*at); *at != "" && (!ok || !strings.HasPrefix(*at, "https://") || len(*at) > maxAddress) {
			return refuse("invalid_client_metadata", name+" has to be an https address of at most 500 characters.")
		}
	}
	for name, at := range map[string]*string{"software_id": &m.SoftwareID, "software_version": &m.SoftwareVersion} {
		line, ok := text.CleanLine(*at, maxName)
		if !ok {
			return refuse("invalid_client_metadata", name+" has to be a line of at most 80 characters.")
		}
		*at = line
	}
	return nil
}

// oneHost reports whether all https addresses of an app are of one host.
func oneHost(m Metadata) bool {
	host := ""
	for _, a := range append([]string{m.URI, m.LogoURI, m.TermsURI, m.PolicyURI}, m.RedirectURIs...) {
		u, err := url.Parse(a)
		if err != nil || u.Scheme != "https" {
			continue
		}
		if host != "" && u.Hostname() != host {
			return false
		}
		host = u.Hostname()
	}
	return true
}

func (m *Metadata) text() (string, error) {
	b, err := json.Marshal(m)
	return string(b), err
}
