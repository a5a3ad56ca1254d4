package connect

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

const maxRegistration = 16 << 10 // bytes

func (s *Connect) mountAPI(r web.Router) {
	a := api{s}
	r.Answer("/.well-known/oauth-authorization-server", a.metadata)
	r.Receive(tokenPath, web.AnyOrigin(a.token))
	r.Receive(revokePath, web.AnyOrigin(a.revoke))
	r.Receive(registerPath, web.AnyOrigin(a.register))
	for _, path := range []string{tokenPath, revokePath, registerPath} {
		r.Preflight(path, http.MethodPost)
	}
	a.mountBadges(r)
}

// api is what programs ask for.
type api struct{ *Connect }

// serverMetadata describes this authorization server (RFC 8414 §2, RFC 9207 §3).
type serverMetadata struct {
	Issuer            string   `json:"issuer"`
	Authorize         string   `json:"authorization_endpoint"`
	Token             string   `json:"token_endpoint"`
	Revoke            string   `json:"revocation_endpoint"`
	Register          string   `json:"registration_endpoint,omitempty"`
	Scopes            []string `json:"scopes_supported"`
	ResponseTypes     []string `json:"response_types_supported"`
	ResponseModes     []string `json:"response_modes_supported"`
	GrantTypes        []string `json:"grant_types_supported"`
	Challenges        []string `json:"code_challenge_methods_supported"`
	AuthMethods       []string `json:"token_endpoint_auth_methods_supported"`
	RevokeAuthMethods []string `json:"revocation_endpoint_auth_methods_supported"`
	SaysIssuer        bool     `json:"authorization_response_iss_parameter_supported"`
}

func (a api) metadata(c *web.Ctx) error {
	methods := []string{authBasic, authPost, authNone}
	m := serverMetadata{
		Issuer: a.Issuer(), Authorize: a.URL(authorizePath), Token: a.URL(tokenPath), Revoke: a.URL(revokePath),
		Scopes: append(slices.Clone(resources), Stay), ResponseTypes: []string{"code"}, ResponseModes: []string{"query"},
		GrantTypes: []string{"authorization_code", "refresh_token"}, Challenges: []string{"S256"},
		AuthMethods: methods, RevokeAuthMethods: methods, SaysIssuer: true,
	}
	if a.Open {
		m.Register = a.URL(registerPath)
	}
	return public(c, m)
}

// public answers with a document that is the same for everybody.
func public(c *web.Ctx, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.Bytes("application/json", body, web.ByteOptions{CacheControl: "public, max-age=3600", AnyOrigin: true})
}

func (a api) token(c *web.Ctx) error {
	t, err := a.tokens(c)
	if err != nil {
		return failed(c, err)
	}
	c.Header("Pragma", "no-cache")
	return c.JSON(http.StatusOK, t)
}

func (a api) tokens(c *web.Ctx) (Tokens, error) {
	form, app, err := a.from(c)
	if err != nil {
		return Tokens{}, err
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		return a.Redeem(c.Context(), app, form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
	case "refresh_token":
		return a.Refresh(c.Context(), app, form.Get("refresh_token"), form.Get("scope"))
	case "":
		return Tokens{}, refuse("invalid_request", "grant_type is missing.")
	}
	return Tokens{}, refuse("unsupported_grant_type", "grant_type has to be authorization_code or refresh_token.")
}

func (a api) revoke(c *web.Ctx) error {
	form, app, err := a.from(c)
	if err != nil {
		return failed(c, err)
	}
	if form.Get("token") == "" {
		return failed(c, refuse("invalid_request", "token is missing."))
	}
	if err := a.Revoke(c.Context(), app, form.Get("token")); err != nil {
		return failed(c, err)
	}
	return c.Status(http.StatusOK)
}

// from reads the form of an app and finds out which one sent it: by HTTP Basic, whose
// parts are encoded as a form is (RFC 6749 §2.3.1), by the fields of the form, or by
// its id alone where it has no secret.
func (a api) from(c *web.Ctx) (web.Form, Client, error) {
	if err := c.Limit("connect.token", c.Network(), 600, 5*time.Minute); err != nil {
		return web.Form{}, Client{}, err
	}
	form, err := c.Form()
	if err != nil {
		return form, Client{}, err
	}
	for _, name := range []string{"grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope", "token", "client_id", "client_secret"} {
		if len(form.All(name)) > 1 {
			return form, Client{}, refuse("invalid_request", name+" is there more than once.")
		}
	}
	id, token := form.Get("client_id"), form.Get("client_secret")
	if c.HasCredentials() {
		if token != "" {
			return form, Client{}, refuse("invalid_request", "Prove which app you are in one way, not in two.")
		}
		basicID, basicToken, ok := basic(c)
		if !ok || id != "" && id != basicID {
			return form, Client{}, errClient()
		}
		id, token = basicID, basicToken
	}
	app, err := a.authenticate(c.Context(), id, token)
	return form, app, err
}

func basic(c *web.Ctx) (id, token string, ok bool) {
	id, token, ok = c.Basic()
	id, err := url.QueryUnescape(id)
	token, errToken := url.QueryUnescape(token)
	return id, token, ok && err == nil && errToken == nil
}

// registered is the answer to a registration (RFC 7591 §3.2.1).
type registered struct {
	ID      string `json:"client_id"`
	Secret  string `json:"client_secret,omitempty"`
	At      int64  `json:"client_id_issued_at"`
	Expires int64  `json:"client_secret_expires_at"` // 0: never

	Metadata
}

func (a api) register(c *web.Ctx) error {
	if !a.Open {
		return fault.New(fault.NotFound, "error.text.404")
	}
	if err := c.Limit("connect.register", c.Network(), 20, time.Hour); err != nil {
		return failed(c, err)
	}
	kind, body := c.Body()
	var m Metadata
	if kind != "application/json" || len(body) > maxRegistration || json.Unmarshal(body, &m) != nil {
		return failed(c, refuse("invalid_client_metadata", "Send one JSON object of at most 16 kB as application/json."))
	}
	app, token, err := a.Register(c.Context(), m)
	if err != nil {
		return failed(c, err)
	}
	return c.JSON(http.StatusCreated, registered{ID: app.ID, Secret: token, At: app.CreatedAt.Unix(), Metadata: app.Metadata})
}

// failed answers a program in the words of OAuth (RFC 6749 §5.2): ASCII alone.
func failed(c *web.Ctx, err error) error {
	refused, ok := errors.AsType[*Refusal](err)
	f, isFault := fault.As(err)
	switch {
	case ok:
	case isFault && f.Kind == fault.TooMany:
		c.Header("Retry-After", seconds(f.RetryAfter))
		return c.JSON(http.StatusTooManyRequests, oauthError{"temporarily_unavailable", "Too many requests. Wait as long as Retry-After says."})
	case isFault && fault.Status(err) < http.StatusInternalServerError:
		refused = refuse("invalid_request", "The request cannot be read as a form: "+f.Key+".")
	default:
		return err
	}
	if refused.Code == "invalid_client" && c.HasCredentials() {
		c.Header("WWW-Authenticate", `Basic realm="apps"`)
	}
	return c.JSON(refused.Status(), oauthError{refused.Code, strings.ReplaceAll(refused.Text, `"`, "'")})
}

type oauthError struct {
	Code string `json:"error"`
	Text string `json:"error_description"`
}

func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }
