package sdk

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds how long a remote may ask to be left alone.
const maxRetryAfter = 24 * time.Hour

// into reads a into out.
func (a Answer) into(out any, safe bool) error {
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(a.Body, out); err != nil {
		code := Uncertain // what was asked for is done
		if safe {
			code = Rejected
		}
		return Failure{Code: code, Status: a.Status, Detail: "the server answers something else than expected"}
	}
	return nil
}

// failure gives what the status means, nil for 2xx.
func (a Answer) failure(safe bool, forbidden Code) error {
	f := Failure{Status: a.Status, Detail: a.words()}
	switch s := a.Status; {
	case s >= 200 && s < 300:
		return nil
	case s < 400:
		f.Code, f.Detail = Rejected, "the server leads to another address"+a.elsewhere()
	case s == http.StatusUnauthorized:
		f.Code = Reauth
	case s == http.StatusForbidden:
		f.Code = first(forbidden, Rejected)
	case s == http.StatusTooManyRequests, s == http.StatusServiceUnavailable:
		f.Code, f.After = Retry, a.retryAfter(time.Now())
	case s >= 500 && safe:
		f.Code = Retry
	case s >= 500:
		f.Code = Uncertain
	default:
		f.Code = Rejected
	}
	return f
}

// elsewhere names the host that the remote leads to.
func (a Answer) elsewhere() string {
	if to, err := url.Parse(a.Header.Get("Location")); err == nil && to.Host != "" {
		return ": " + to.Host
	}
	return ""
}

// retryAfter reads seconds or a date (RFC 9110 §10.2.3), else the moment that
// Mastodon (X-RateLimit-Reset, a date), X or Bluesky (x-rate-limit-reset,
// ratelimit-reset, Unix seconds) names.
func (a Answer) retryAfter(now time.Time) time.Duration {
	text := cmp.Or(a.Header.Get("Retry-After"), a.Header.Get("X-RateLimit-Reset"))
	var wait time.Duration
	if seconds, err := strconv.Atoi(text); err == nil && text != "" {
		wait = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	} else if at, err := time.Parse(time.RFC3339, text); err == nil {
		wait = at.Sub(now)
	} else if unix, err := strconv.ParseInt(cmp.Or(a.Header.Get("X-Rate-Limit-Reset"), a.Header.Get("RateLimit-Reset")), 10, 64); err == nil {
		wait = time.Unix(unix, 0).Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// words gives what the remote says about an error, where it says it in one of the
// usual places, after the status.
func (a Answer) words() string {
	var body struct {
		Error       json.RawMessage `json:"error"`
		Description string          `json:"error_description"`
		Message     string          `json:"message"`
		Detail      string          `json:"detail"`
		Title       string          `json:"title"`
		Errors      []struct {
			Message string `json:"message"`
			Detail  string `json:"detail"`
		} `json:"errors"`
	}
	_ = json.Unmarshal(a.Body, &body) // what is no JSON has no words
	said := cmp.Or(body.Description, body.Message, body.Detail, textIn(body.Error))
	if said == "" && len(body.Errors) > 0 {
		said = cmp.Or(body.Errors[0].Message, body.Errors[0].Detail)
	}
	said = cmp.Or(said, body.Title)
	return strings.TrimSuffix(fmt.Sprintf("the server answers %d: %s", a.Status, said), ": ")
}

// textIn gives a text, or the message of an object.
func textIn(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var object struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(raw, &object) // what is neither has no words
	return object.Message
}

// wantsNonce tells whether the remote asks for a nonce in the proof (RFC 9449 §9).
func (a Answer) wantsNonce() bool {
	return a.Status == http.StatusUnauthorized && a.Header.Get("DPoP-Nonce") != "" &&
		(strings.Contains(a.Header.Get("WWW-Authenticate"), "use_dpop_nonce") || bytes.Contains(a.Body, []byte("use_dpop_nonce")))
}
