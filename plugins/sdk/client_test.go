package sdk_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/plugins/sdk"
)

const token = "tok-7f3a/with+odd=chars"

// remoteAt puts a fake on a host for one test and counts its requests.
func remoteAt(t *testing.T, host string, fake http.HandlerFunc) *atomic.Int64 {
	t.Helper()
	var calls atomic.Int64
	world.Add(host, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		fake(w, r)
	}))
	t.Cleanup(func() { world.Add(host, nil) })
	return &calls
}

func failureOf(t *testing.T, err error) sdk.Failure {
	t.Helper()
	var f sdk.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, which is no Failure", err)
	}
	if strings.Contains(f.Detail, token) || strings.Contains(f.Detail, url.QueryEscape(token)) {
		t.Errorf("the token is told: %s", f.Detail)
	}
	return f
}

// What an answer means for a post and for a question.
func TestStatuses(t *testing.T) {
	echo := func(status int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			for n := 0; n < len(headers); n += 2 {
				w.Header().Set(headers[n], headers[n+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"error": "no: `+r.Header.Get("Authorization")+`"}`)
		}
	}
	tests := []struct {
		name      string
		fake      http.HandlerFunc
		post, get sdk.Code
		after     time.Duration
	}{
		{"unauthorised", echo(401), sdk.Reauth, sdk.Reauth, 0},
		{"forbidden", echo(403), sdk.Rejected, sdk.Rejected, 0},
		{"not there", echo(404), sdk.Rejected, sdk.Rejected, 0},
		{"not fit", echo(422), sdk.Rejected, sdk.Rejected, 0},
		{"too many", echo(429, "Retry-After", "17"), sdk.Retry, sdk.Retry, 17 * time.Second},
		{"too many, silent", echo(429), sdk.Retry, sdk.Retry, 0},
		{"too many, forever", echo(429, "Retry-After", "99999999"), sdk.Retry, sdk.Retry, 24 * time.Hour},
		{"too many, in the past", echo(429, "X-RateLimit-Reset", "2020-01-01T00:00:00Z"), sdk.Retry, sdk.Retry, 0},
		{"closed", echo(503, "Retry-After", "5"), sdk.Retry, sdk.Retry, 5 * time.Second},
		{"broken", echo(500), sdk.Uncertain, sdk.Retry, 0},
		{"gateway", echo(504), sdk.Uncertain, sdk.Retry, 0},
		{"elsewhere", echo(307, "Location", "https://thief.example/"), sdk.Rejected, sdk.Rejected, 0},
		{"cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, sdk.Uncertain, sdk.Retry, 0},
		{"cut in the middle", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"id": `)
		}, sdk.Uncertain, sdk.Retry, 0},
		{"no JSON", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, sdk.Uncertain, sdk.Rejected, 0},
		{"50 MB", func(w http.ResponseWriter, _ *http.Request) {
			block := bytes.Repeat([]byte(" "), 1<<20)
			for range 50 {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}, sdk.Uncertain, sdk.Retry, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			thief := remoteAt(t, "thief.example", func(http.ResponseWriter, *http.Request) {})
			calls := remoteAt(t, "social.example", tt.fake)
			for method, want := range map[string]sdk.Code{"POST": tt.post, "GET": tt.get} {
				var out map[string]any
				err := sdk.ClientOf(sdk.Grant{AccessToken: token}).JSON(t.Context(), method, "https://social.example/post", map[string]string{"a": "b"}, &out)
				if f := failureOf(t, err); f.Code != want || f.After != tt.after {
					t.Errorf("%s: got %+v, want %s", method, f, want)
				}
			}
			if calls.Load() != 2 || thief.Load() != 0 {
				t.Errorf("%d requests for two, %d to another host", calls.Load(), thief.Load())
			}
		})
	}
}

// What the remote says is told, whatever place it says it in.
func TestRemoteWords(t *testing.T) {
	for body, want := range map[string]string{
		`{"error": "Text is too long"}`:                            "the server answers 422: Text is too long",
		`{"error": {"message": "Bad"}}`:                            "the server answers 422: Bad",
		`{"error": "invalid_client", "error_description": "Gone"}`: "the server answers 422: Gone",
		`{"message": "Expired"}`:                                   "the server answers 422: Expired",
		`{"title": "No", "detail": "Twice"}`:                       "the server answers 422: Twice",
		`{"errors": [{"message": "First"}]}`:                       "the server answers 422: First",
		"<html>":                                                   "the server answers 422",
		`{"error": "` + strings.Repeat("long ", 400) + `"}`:        "",
	} {
		remoteAt(t, "social.example", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(422)
			_, _ = io.WriteString(w, body)
		})
		f := failureOf(t, sdk.NewClient().JSON(t.Context(), "POST", "https://social.example/", nil, nil))
		if want != "" && f.Detail != want || len([]rune(f.Detail)) > 300 || f.Status != 422 {
			t.Errorf("%s: got %q", body, f.Detail)
		}
	}
}

// What was never sent is surely not posted.
func TestNotSent(t *testing.T) {
	c := sdk.ClientOf(sdk.Grant{AccessToken: token})
	if f := failureOf(t, c.JSON(t.Context(), "POST", "https://nowhere.example/", nil, nil)); f.Code != sdk.Retry {
		t.Errorf("no such host: got %+v", f)
	}
	for _, address := range []string{"http://social.example/", "https://a:b@social.example/", "file:///etc/passwd", "//social.example", ":"} {
		if f := failureOf(t, c.JSON(t.Context(), "POST", address, nil, nil)); f.Code != sdk.Rejected {
			t.Errorf("%s: got %+v", address, f)
		}
	}
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	if f := failureOf(t, c.JSON(t.Context(), "POST", "https://social.example/", nil, nil)); f.Code != sdk.Retry {
		t.Errorf("refused: got %+v", f)
	}
}

// A proxy that refuses a host says so to the person.
func TestProxyRefuses(t *testing.T) {
	for status, want := range map[int]sdk.Code{http.StatusForbidden: sdk.Rejected, http.StatusBadGateway: sdk.Retry, http.StatusProxyAuthRequired: sdk.Retry} {
		t.Setenv("HTTPS_PROXY", proxyThatAnswers(t, status))
		f := failureOf(t, sdk.NewClient().JSON(t.Context(), "POST", "https://social.example/", nil, nil))
		if f.Code != want || !strings.Contains(f.Detail, "social.example") {
			t.Errorf("%d: got %+v", status, f)
		}
	}
}

// A deadline before the answer leaves it open what became of a post.
func TestDeadline(t *testing.T) {
	asked := make(chan struct{}, 2)
	remoteAt(t, "social.example", func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	})
	for method, want := range map[string]sdk.Code{"POST": sdk.Uncertain, "GET": sdk.Retry} {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-asked
			cancel()
		}()
		if f := failureOf(t, sdk.NewClient().JSON(ctx, method, "https://social.example/", nil, nil)); f.Code != want {
			t.Errorf("%s: got %+v", method, f)
		}
	}
}

// A GET follows on its own host, and takes the token along; a circle ends.
func TestRedirect(t *testing.T) {
	calls := remoteAt(t, "social.example", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/old":
			http.Redirect(w, r, "/new", http.StatusMovedPermanently)
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		default:
			_, _ = io.WriteString(w, `{"token": "`+r.Header.Get("Authorization")+`"}`)
		}
	})
	c := sdk.ClientOf(sdk.Grant{AccessToken: token})
	var out struct{ Token string }
	if err := c.JSON(t.Context(), "GET", "https://social.example/old", nil, &out); err != nil || out.Token != "Bearer "+token {
		t.Errorf("got %+v, %v", out, err)
	}
	calls.Store(0)
	if f := failureOf(t, c.JSON(t.Context(), "GET", "https://social.example/circle", nil, nil)); f.Code != sdk.Rejected || calls.Load() > 5 {
		t.Errorf("got %+v after %d requests", f, calls.Load())
	}
}

// What is sent is what was given, and an Answer shows all of what came.
func TestSent(t *testing.T) {
	remoteAt(t, "social.example", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Restli-Id", "urn:1")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, r.Method+" "+r.Header.Get("Content-Type")+" "+r.Header.Get("X-Version")+" "+r.Header.Get("Authorization")+" "+string(body))
	})
	c := sdk.ClientOf(sdk.Grant{AccessToken: token})
	c.Header.Set("X-Version", "7")
	var a sdk.Answer
	tests := []struct {
		send func() error
		want string
	}{
		{func() error {
			return c.JSON(t.Context(), "PUT", "https://social.example/", map[string]int{"n": 1}, &a)
		}, `PUT application/json 7 Bearer ` + token + ` {"n":1}`},
		{func() error {
			return c.Form(t.Context(), "https://social.example/", url.Values{"a": {"b c"}}, &a)
		}, `POST application/x-www-form-urlencoded 7 Bearer ` + token + ` a=b+c`},
		{func() error {
			return c.Bytes(t.Context(), "POST", "https://social.example/", "image/png", []byte("png"), &a)
		}, `POST image/png 7 Bearer ` + token + ` png`},
		{func() error {
			c.BasicAuth("ada", "application password")
			return c.JSON(t.Context(), "DELETE", "https://social.example/", nil, &a)
		}, `DELETE  7 Basic YWRhOmFwcGxpY2F0aW9uIHBhc3N3b3Jk `},
	}
	for _, tt := range tests {
		if err := tt.send(); err != nil || string(a.Body) != tt.want || a.Status != 202 || a.Header.Get("X-Restli-Id") != "urn:1" {
			t.Errorf("got %v, %d %q, want %q", err, a.Status, a.Body, tt.want)
		}
	}
}

// Secrets of every kind are taken out of what a remote sends back, in each way in
// which they may be written.
func TestRedacted(t *testing.T) {
	remoteAt(t, "social.example", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(400)
		_, _ = w.Write(body)
	})
	c := sdk.NewClient("s3cret/\"value", "hook-secret", "x")
	c.BasicAuth("ada", "pass word")
	said := `{"error": "a s3cret/\"value b s3cret%2F%22value c hook-secret d YWRhOnBhc3Mgd29yZA== e pass word f x aG9vay1zZWNyZXQ="}`
	f := failureOf(t, c.Bytes(t.Context(), "POST", "https://social.example/", "application/json", []byte(said), nil))
	want := "the server answers 400: a [hidden] b [hidden] c [hidden] d [hidden] e [hidden] f x [hidden]"
	if f.Detail != want {
		t.Errorf("got  %q\nwant %q", f.Detail, want)
	}
}

func TestNotPostedAndGone(t *testing.T) {
	other := errors.New("x")
	if got := sdk.NotPosted(sdk.Failure{Code: sdk.Uncertain, Detail: "d"}); sdk.CodeOf(got) != sdk.Retry || got.Error() != "RETRY: d" {
		t.Errorf("got %v", got)
	}
	if sdk.NotPosted(nil) != nil || !errors.Is(sdk.NotPosted(other), other) || sdk.CodeOf(sdk.NotPosted(sdk.Failure{Code: sdk.Reauth})) != sdk.Reauth {
		t.Error("another error does not stay")
	}
	if sdk.Gone(sdk.Failure{Status: 404}) != nil || sdk.Gone(sdk.Failure{Status: 410}) != nil || sdk.Gone(nil) != nil {
		t.Error("what is gone is an error")
	}
	if sdk.Gone(sdk.Failure{Status: 403}) == nil || !errors.Is(sdk.Gone(other), other) {
		t.Error("another error does not stay")
	}
}

// A large body is not in the way of a refusal that needs none of it.
func TestRefusedUnread(t *testing.T) {
	remoteAt(t, "api.example", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/taken" {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusCreated)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	picture := bytes.Repeat([]byte("p"), 8<<20)
	for range 5 {
		c := sdk.NewClient()
		if f := failureOf(t, c.Bytes(t.Context(), "POST", "https://api.example/refused", "image/png", picture, nil)); f.Code != sdk.Reauth {
			t.Fatalf("got %+v", f)
		}
		if err := c.Bytes(t.Context(), "POST", "https://api.example/taken", "image/png", picture, nil); err != nil {
			t.Fatal(err)
		}
	}
}
