package connect

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

const maxState = 1000 // bytes

var challengeForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`) }) // of SHA-256 (RFC 7636 §4.2)

// Request is what an app asks a person for (RFC 6749 §4.1.1).
type Request struct {
	Client    Client
	Redirect  string
	Scopes    []string
	State     string
	Challenge string
}

// read reads a request from its parameters. It returns a fault when the app or the
// redirect address is not known: nobody is sent anywhere then. Everything else that is
// wrong is a *Refusal, with a Request that can be answered.
func (s *Connect) read(ctx context.Context, all func(name string) []string) (Request, error) {
	one := func(name string) string {
		if list := all(name); len(list) == 1 {
			return list[0]
		}
		return ""
	}
	c, err := s.client(ctx, s.Base.Read(), one("client_id"))
	if _, ok := errors.AsType[*Refusal](err); ok {
		return Request{}, fault.New(fault.Malformed, "connect.error.unknown_app")
	}
	if err != nil {
		return Request{}, err
	}
	r := Request{Client: c, Redirect: one("redirect_uri"), State: one("state"), Challenge: one("code_challenge"), Scopes: granted(one("scope"))}
	if !agrees(c.Metadata.RedirectURIs, r.Redirect) {
		return Request{}, fault.New(fault.Malformed, "connect.error.redirect").With("app", c.Metadata.Name)
	}
	return r, check(&r, all, one)
}

// check says what is wrong with a request whose app and address are known.
func check(r *Request, all func(string) []string, one func(string) string) error {
	for _, name := range []string{"response_type", "response_mode", "scope", "state", "code_challenge", "code_challenge_method"} {
		if len(all(name)) > 1 {
			return refuse("invalid_request", name+" is there more than once.")
		}
	}
	if strings.ContainsFunc(r.State, unicode.IsControl) || len(r.State) > maxState {
		r.State = ""
		return refuse("invalid_request", "state has control characters, or more than 1000 bytes.")
	}
	switch {
	case one("response_type") == "":
		return refuse("invalid_request", "response_type=code is missing.")
	case one("response_type") != "code":
		return refuse("unsupported_response_type", "Ask with response_type=code.")
	case one("response_mode") != "" && one("response_mode") != "query":
		return refuse("invalid_request", "response_mode can be query alone.")
	case r.Challenge == "":
		return refuse("invalid_request", "code_challenge is missing (RFC 7636).")
	case one("code_challenge_method") != "S256":
		return refuse("invalid_request", "code_challenge_method has to be S256.")
	case !challengeForm().MatchString(r.Challenge):
		return refuse("invalid_request", "code_challenge has to be a SHA-256 in base64url.")
	case !opens(r.Scopes):
		return refuse("invalid_scope", "Ask for one of the scopes of the metadata at least, by its full name.")
	}
	return nil
}

// fields are the parameters of the request again, for the form that answers it.
func (r Request) fields() []Field {
	return []Field{
		{"client_id", r.Client.ID},
		{"redirect_uri", r.Redirect},
		{"response_type", "code"},
		{"scope", strings.Join(r.Scopes, " ")},
		{"state", r.State},
		{"code_challenge", r.Challenge},
		{"code_challenge_method", "S256"},
	}
}

// allow lets the app in for a person and gives the address that hands it its code.
func (s *Connect) allow(ctx context.Context, person int64, r Request) (string, error) {
	code := secret.Token()
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		if err := trimGrants(ctx, tx, person, r.Client.ID); err != nil {
			return err
		}
		n, err := insertGrant(ctx, tx, person, r, secret.Hash(code))
		if err == nil && n == 0 { // the app or the person is gone meanwhile
			return fault.New(fault.Malformed, "connect.error.unknown_app")
		}
		return err
	})
	// Open Badges asks for the scope in the answer too (OB3 API §7.1.3).
	return s.answer(r, url.Values{"code": {code}, "scope": {strings.Join(r.Scopes, " ")}}), err
}

// answer is where the browser hands an answer over, with the name of this server
// (RFC 9207) and the state that the app gave.
func (s *Connect) answer(r Request, v url.Values) string {
	v.Set("iss", s.Issuer())
	if r.State != "" {
		v.Set("state", r.State)
	}
	return withQuery(r.Redirect, v)
}

// no is the answer that something is wrong, or that the person does not want it.
func (s *Connect) no(r Request, why *Refusal) string {
	return s.answer(r, url.Values{"error": {why.Code}, "error_description": {why.Text}})
}

// errYoung answers for an app that nobody has looked at and a person under age.
func errYoung() *Refusal {
	return refuse("access_denied", "This account may connect apps alone that its administrators set up.")
}
