package connect

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge/wrap"
	"github.com/osier-passport/osier/core/web"
)

// The Open Badges 3.0 API (OB3 API §4).
const (
	apiBase  = "/ims/ob/v3p0"
	apiMost  = 100 // credentials of one answer
	apiCalls = 600 // of one connected app in 5 minutes
)

func (a api) mountBadges(r web.Router) {
	r.Answer(apiBase+"/discovery", a.discovery)
	r.Answer(apiBase+"/credentials", web.AnyOrigin(a.opened(ReadBadges, a.credentials)))
	r.Answer(apiBase+"/profile", web.AnyOrigin(a.opened(ReadProfile, a.profile)))
	for _, path := range []string{"/discovery", "/credentials", "/profile"} {
		r.Preflight(apiBase+path, http.MethodGet)
	}
}

// statusInfo is the answer that something is wrong (Imsx_StatusInfo, OB3 API §5.2.3).
type statusInfo struct {
	Major       string    `json:"imsx_codeMajor"`
	Severity    string    `json:"imsx_severity"`
	Description string    `json:"imsx_description"`
	Minor       codeMinor `json:"imsx_codeMinor"`
}

type codeMinor struct {
	Fields []minorField `json:"imsx_codeMinorField"`
}

type minorField struct {
	Name  string `json:"imsx_codeMinorFieldName"`
	Value string `json:"imsx_codeMinorFieldValue"`
}

func wrong(c *web.Ctx, status int, minor, words string) error {
	return c.JSON(status, statusInfo{"failure", "error", words, codeMinor{[]minorField{{"osier", minor}}}})
}

// opened lets those through whose token opens a scope: in the Authorization header
// alone (RFC 6750 §2.1), since addresses are logged and kept.
func (a api) opened(scope string, next func(*web.Ctx, Bearer) error) web.Handler {
	return func(c *web.Ctx) error {
		token := c.Bearer()
		if token == "" {
			c.Header("WWW-Authenticate", `Bearer realm="Open Badges", scope="`+scope+`"`)
			return wrong(c, http.StatusUnauthorized, "unauthorizedrequest", "Send an access token in the Authorization header.")
		}
		b, err := a.Bearer(c.Context(), token)
		if errors.Is(err, db.ErrNotFound) {
			c.Header("WWW-Authenticate", `Bearer realm="Open Badges", error="invalid_token"`)
			return wrong(c, http.StatusUnauthorized, "unauthorizedrequest", "The access token is unknown or over, or the person disconnected the app.")
		}
		if err != nil {
			return a.broken(c, err)
		}
		if !b.May(scope) {
			c.Header("WWW-Authenticate", `Bearer realm="Open Badges", error="insufficient_scope", scope="`+scope+`"`)
			return wrong(c, http.StatusForbidden, "forbidden", "The access token does not open this.")
		}
		err = c.Limit("connect.api", strconv.FormatInt(b.grant, 10), apiCalls, 5*time.Minute)
		if err == nil {
			err = next(c, b)
		}
		return a.broken(c, err)
	}
}

// broken answers an error in the words of the API.
func (a api) broken(c *web.Ctx, err error) error {
	f, ok := fault.As(err)
	switch {
	case err == nil:
		return nil
	case ok && f.Kind == fault.TooMany:
		c.Header("Retry-After", seconds(f.RetryAfter))
		return wrong(c, http.StatusTooManyRequests, "server_busy", "Too many requests. Wait as long as Retry-After says.")
	case ok && fault.Status(err) < http.StatusInternalServerError:
		return wrong(c, fault.Status(err), "invalid_data", "The request is not understood: "+f.Key+".")
	}
	c.Log().Error("API request failed", "error", err)
	return wrong(c, http.StatusInternalServerError, "internal_server_error", "Something broke here. The log has it as request "+c.ID()+".")
}

// part is what of the list is asked for.
type part struct {
	limit, offset int
	since         time.Time
	sinceText     string
}

func partOf(form web.Form) (part, string) {
	p := part{limit: apiMost}
	for name, at := range map[string]*int{"limit": &p.limit, "offset": &p.offset} {
		if !form.Has(name) {
			continue
		}
		n, err := strconv.ParseInt(form.Get(name), 10, 32)
		if err != nil || n < 0 || name == "limit" && n == 0 || len(form.All(name)) > 1 {
			return p, name + " has to be a whole number, limit from 1, offset from 0."
		}
		*at = int(n)
	}
	p.limit = min(p.limit, apiMost)
	if p.sinceText = form.Get("since"); form.Has("since") {
		var err error
		if p.since, err = moment(p.sinceText); err != nil || len(form.All("since")) > 1 {
			return p, "since has to be a time such as 2026-01-31T12:00:00Z."
		}
	}
	return p, ""
}

// moment reads a time of ISO 8601 with or without its zone, which is UTC then.
func moment(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	return time.Parse("2006-01-02T15:04:05", s)
}

// compact is the form of a token (RFC 7515 §7.1).
var compact = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+$`) })

// credentialList is the answer of GET /credentials (OB3 API §5.2.2).
type credentialList struct {
	Credentials []json.RawMessage `json:"credential"`
	Tokens      []string          `json:"compactJwsString"`
}

func (a api) credentials(c *web.Ctx, b Bearer) error {
	form, err := c.Parameters()
	if err != nil {
		return err
	}
	p, why := partOf(form)
	if why != "" {
		return wrong(c, http.StatusBadRequest, "invalid_query_parameter", why)
	}
	got, err := a.Badges.Wires(c.Context(), b.Person, badge.WirePart{Since: p.since, Offset: p.offset, Limit: p.limit})
	if err != nil {
		return err
	}
	c.Header("X-Total-Count", strconv.Itoa(got.Total))
	c.Header("Link", p.links(a.URL(apiBase+"/credentials"), got.Total))
	return c.JSON(http.StatusOK, listOf(got.Credentials))
}

// listOf puts each credential where its form belongs.
func listOf(texts [][]byte) credentialList {
	list := credentialList{[]json.RawMessage{}, []string{}}
	for _, text := range texts {
		text = bytes.TrimSpace(text)
		if inner, ok := wrap.Inner(text); ok { // of an envelope that nobody signed
			text = inner
		}
		switch {
		case compact().Match(text):
			list.Tokens = append(list.Tokens, string(text))
		case bytes.HasPrefix(text, []byte("{")) && json.Valid(text):
			list.Credentials = append(list.Credentials, text)
		}
	}
	return list
}

// links lead to the other parts of a list that is not whole (RFC 8288; OB3 API §5.2.1).
func (p part) links(base string, total int) string {
	if p.offset == 0 && p.limit >= total {
		return ""
	}
	var list []string
	add := func(rel string, offset int) {
		q := url.Values{"limit": {strconv.Itoa(p.limit)}, "offset": {strconv.Itoa(offset)}}
		if p.sinceText != "" {
			q.Set("since", p.sinceText)
		}
		list = append(list, "<"+base+"?"+q.Encode()+`>; rel="`+rel+`"`)
	}
	if p.offset+p.limit < total {
		add("next", p.offset+p.limit)
	}
	add("last", max(0, (total-1)/p.limit*p.limit))
	add("first", 0)
	if p.offset > 0 {
		add("prev", max(0, p.offset-p.limit))
	}
	return strings.Join(list, ", ")
}

// profileOf is the person as an Open Badges Profile (OB3 §B.1.21).
type profileOf struct {
	ID          string   `json:"id"`
	Type        []string `json:"type"`
	Name        string   `json:"name"`
	URL         string   `json:"url"`
	Description string   `json:"description,omitempty"`
}

func (a api) profile(c *web.Ctx, b Bearer) error {
	p, err := a.Accounts.PersonByID(c.Context(), a.Base.Read(), b.Person)
	if err != nil {
		return err
	}
	at := a.URL("/@" + p.Handle)
	return c.JSON(http.StatusOK, profileOf{ID: at, Type: []string{"Profile"}, Name: p.Name, URL: at, Description: p.About})
}

// discovery describes the API and its authorization server (Service Description
// Document, OB3 API §7.1.1): OpenAPI 3.0 with what is served here alone.
func (a api) discovery(c *web.Ctx) error {
	site, err := c.Site()
	if err != nil {
		return a.broken(c, err)
	}
	page := func(there bool, path string) string {
		if !there {
			path = "/about"
		}
		return a.URL(path)
	}
	scopes := map[string]string{}
	for _, s := range append(slices.Clone(resources), Stay) {
		scopes[s] = scopeWords[s]
	}
	security := map[string]any{
		"type": "oauth2", "description": "OAuth 2.0 authorization code with PKCE (S256).",
		"flows": map[string]any{"authorizationCode": map[string]any{
			"authorizationUrl": a.URL(authorizePath), "tokenUrl": a.URL(tokenPath), "refreshUrl": a.URL(tokenPath), "scopes": scopes,
		}},
	}
	if a.Open {
		security["x-imssf-registrationUrl"] = a.URL(registerPath)
	}
	return public(c, map[string]any{
		"openapi": "3.0.1",
		"info": map[string]any{
			"title": site.Name, "version": "3.0", "termsOfService": page(site.Terms, "/terms"),
			"x-imssf-privacyPolicyUrl": page(site.Privacy, "/privacy"), "x-imssf-image": a.URL("/favicon.svg"),
		},
		"servers":    []any{map[string]string{"url": a.URL(apiBase), "description": site.Name}},
		"paths":      apiPaths(),
		"components": map[string]any{"securitySchemes": map[string]any{"OAuth2ACG": security}},
	})
}

// scopeWords say what a scope opens, to those who write apps.
var scopeWords = map[string]string{
	ReadBadges:  "Read the credentials that the person holds.",
	ReadProfile: "Read the profile of the person.",
	Stay:        "Refresh tokens, until the person disconnects the app.",
}

// apiPaths are the operations that there are.
func apiPaths() map[string]any {
	operation := func(id, summary, scope string) map[string]any {
		o := map[string]any{"operationId": id, "summary": summary, "responses": map[string]any{
			"200": map[string]string{"description": "As Open Badges 3.0 says."}, "default": map[string]string{"description": "Imsx_StatusInfo"},
		}}
		if scope != "" {
			o["security"] = []any{map[string][]string{"OAuth2ACG": {scope}}}
		}
		return o
	}
	return map[string]any{
		"/credentials": map[string]any{"get": operation("getCredentials", "The credentials of the person.", ReadBadges)},
		"/profile":     map[string]any{"get": operation("getProfile", "The profile of the person.", ReadProfile)},
		"/discovery":   map[string]any{"get": operation("getServiceDescription", "This document.", "")},
	}
}
