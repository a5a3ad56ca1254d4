package wordpress

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/osier-passport/osier/plugins/sdk"
)

// site is a WordPress and who asks it.
type site struct {
	call *sdk.Call
	base *url.URL // without a slash at the end
}

func siteOf(c *sdk.Call) (site, error) {
	u, err := url.Parse(strings.TrimRight(strings.TrimSpace(c.Grant.Fields["site"]), "/"))
	if err != nil || u.Host == "" || u.User != nil {
		return site{}, sdk.Failure{Code: sdk.Rejected, Key: "noapi"}
	}
	u.RawQuery, u.Fragment = "", ""
	u.Path = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/wp-admin"), "/wp-json")
	c.HTTP.BasicAuth(strings.TrimSpace(c.Grant.Fields["user"]), strings.TrimSpace(c.Grant.Fields["password"]))
	return site{call: c, base: u}, nil
}

// question is one request to the API.
type question struct {
	method string
	path   string // below /wp/v2/
	query  url.Values
	in     any // sent as JSON; nil means nothing
}

// name is the site as people know it.
func (s site) name() string { return s.base.Host + s.base.Path }

// ask calls the API below /wp-json, or, on a site whose addresses are plain, by the
// parameter rest_route. The first answers 404 there and has changed nothing.
func (s site) ask(ctx context.Context, q question, out any) error {
	pretty := *s.base
	pretty.Path += "/wp-json/wp/v2/" + q.path
	pretty.RawQuery = q.query.Encode()
	err := s.request(ctx, q, pretty.String(), out)
	if !noRoute(err) {
		return explain(err)
	}
	plain := *s.base
	plain.Path += "/"
	parameters := url.Values{"rest_route": {"/wp/v2/" + q.path}}
	maps.Copy(parameters, q.query)
	plain.RawQuery = parameters.Encode()
	err = s.request(ctx, q, plain.String(), out)
	if f, ok := errors.AsType[sdk.Failure](err); ok && (noRoute(err) || f.Status == http.StatusOK) {
		f.Code, f.Key = sdk.Rejected, "noapi"
		return f
	}
	return explain(err)
}

// refusal is an error of the API, with its name.
type refusal struct {
	failure sdk.Failure
	name    string // such as rest_not_logged_in; empty when it is not of WordPress
}

// Error gives the words of the failure.
func (r refusal) Error() string { return r.failure.Error() }

// Unwrap gives the failure.
func (r refusal) Unwrap() error { return r.failure }

func (s site) request(ctx context.Context, q question, address string, out any) error {
	var answer sdk.Answer
	err := s.call.HTTP.JSON(ctx, q.method, address, q.in, &answer)
	if f, ok := errors.AsType[sdk.Failure](err); ok {
		var said struct {
			Code string `json:"code"`
		}
		_ = json.Unmarshal(answer.Body, &said) // what is not of WordPress has no name
		return refusal{failure: f, name: said.Code}
	}
	if err != nil || out == nil {
		return err
	}
	if json.Unmarshal(answer.Body, out) != nil {
		code := sdk.Uncertain
		if q.method == http.MethodGet {
			code = sdk.Rejected
		}
		return sdk.Failure{Code: code, Key: "noapi", Status: answer.Status}
	}
	return nil
}

// noRoute tells whether it was not the API that answered 404.
func noRoute(err error) bool {
	var r refusal
	return errors.As(err, &r) && r.failure.Status == http.StatusNotFound && (r.name == "" || r.name == "rest_no_route")
}

// explain gives an error of the API the words that help. WordPress says
// rest_not_logged_in, or that nobody in particular may not do it, when it saw no
// password at all; a password that it saw and does not take has other names.
func explain(err error) error {
	var r refusal
	if !errors.As(err, &r) {
		return err
	}
	f := r.failure
	switch {
	case f.Status == http.StatusUnauthorized && (r.name == "rest_not_logged_in" || strings.HasPrefix(r.name, "rest_cannot_")):
		f.Key = "header"
	case f.Status == http.StatusUnauthorized:
		f.Key = "password"
	case f.Status == http.StatusForbidden:
		f.Key = "rights"
	}
	return f
}

func statusOf(err error) int {
	var f sdk.Failure
	errors.As(err, &f)
	return f.Status
}
