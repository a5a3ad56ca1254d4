package sharetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// token is what the grant number n is known by: it stands in the access token and
// in each secret.
func token(n int) string { return fmt.Sprintf("kit-token-%04d-x7", n) }

// grant makes the grant number n of a target.
func (p *subject) grant(t *wire.Target, n int) (*wire.Grant, error) {
	g := &wire.Grant{AccountId: "4711", ClientId: "kit", Fields: p.values(t, t.GetConnect(), n)}
	if t.GetNeedsInstance() {
		g.Instance = instance
	}
	if t.GetOauth() == nil {
		return g, nil
	}
	g.AccessToken, g.ClientSecret = token(n), "kit-client-secret"
	if !t.GetOauth().GetDpop() {
		return g, nil
	}
	key, err := newKey()
	g.DpopJwk = key
	return g, err
}

// newKey makes a private key on P-256 (JWK, RFC 7518 §6.2).
func newKey() (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	d, err := key.Bytes()
	if err != nil {
		return "", err
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"kty":"EC","crv":"P-256","x":%q,"y":%q,"d":%q}`, text(point[1:33]), text(point[33:]), text(d)), nil
}

// values fills a form of t as a person might.
func (p *subject) values(t *wire.Target, fields []*wire.Field, n int) map[string]string {
	all := map[string]string{}
	for _, f := range fields {
		given, ok := p.fields[t.GetId()+"."+f.GetKey()]
		if !ok {
			given, ok = p.fields[f.GetKey()]
		}
		if !ok {
			given = valueOf(f, n)
		}
		all[f.GetKey()] = given
	}
	return all
}

func valueOf(f *wire.Field, n int) string {
	switch f.GetType() {
	case wire.Field_TYPE_URL:
		return "https://fields.example/" + token(n)
	case wire.Field_TYPE_SECRET:
		return token(n)
	case wire.Field_TYPE_EMAIL:
		return "ada@fields.example"
	case wire.Field_TYPE_NUMBER:
		return f.GetFallback()
	case wire.Field_TYPE_CHOICE:
		return f.GetChoices()[0]
	case wire.Field_TYPE_SWITCH:
		return "true"
	default:
		return "ada"
	}
}

// post is a share of item with the grant number n.
func (p *subject) post(d *wire.Descriptor, t *wire.Target, item *wire.Item, n int) (*wire.ShareRequest, error) {
	g, err := p.grant(t, n)
	if t.GetLimits().GetMaxImageBytes() > 0 && item != nil {
		item.ImagePng, item.ImageAlt = []byte("\x89PNG\r\n\x1a\nkit"), "A card"
	}
	return &wire.ShareRequest{
		Target: t.GetId(), Item: item, Lang: "en", Grant: g, IdempotencyKey: fmt.Sprintf("kit-key-%d", n),
		Options: p.values(t, t.GetOptions(), n), Settings: p.values(t, d.GetSettings(), n),
	}, err
}

// mayDial tells whether a plugin said that it connects to host for a target, or
// the person did.
func (p *subject) mayDial(host string, d *wire.Descriptor, t *wire.Target) bool {
	if slices.Contains(d.GetEgress(), host) || t.GetNeedsInstance() && host == instance {
		return true
	}
	for _, form := range [][]*wire.Field{t.GetConnect(), t.GetOptions(), d.GetSettings()} {
		for _, value := range p.values(t, form, 0) {
			if u, err := url.Parse(value); err == nil && u.Host == host || value == host {
				return true
			}
		}
	}
	return false
}
