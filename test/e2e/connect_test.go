package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const openBadges = "https://purl.imsglobal.org/spec/ob/v3p0/scope/"

// letIn lets an app in: it registers itself, the person who follows its link is asked,
// allows it by a form that leads to the app, and ends it on the settings page.
func (v *settings) letIn(site string) {
	me, t := v.tab, v.tab.T
	answers := make(chan url.Values, 1)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/back" {
			answers <- r.URL.Query()
		}
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>App</title><h1>Back in the app</h1>`) //nolint:errcheck // a browser that went away
	}))
	defer app.Close()
	var registered struct {
		ID string `json:"client_id"`
	}
	program(t, site+"/oauth/register", "application/json", `{"client_name":"Pocket Wallet","token_endpoint_auth_method":"none","redirect_uris":["http://127.0.0.1/back"]}`, &registered)

	const verifier = "a-verifier-that-only-the-app-knows-and-that-is-long"
	sum := sha256.Sum256([]byte(verifier))
	back := app.URL + "/back"
	ask := "/oauth/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {registered.ID}, "redirect_uri": {back}, "state": {"s"}, "scope": {openBadges + "credential.readonly " + openBadges + "profile.readonly offline_access"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}.Encode()

	for _, w := range ways {
		v.speak(w.lang)
		me.Viewport(w.looks[0].width, 900)
		me.Open(ask)
		v.inAll(w.looks, w.lang+" consent")
	}
	me.Dark(false)
	v.speak("en")
	me.Open(ask)
	me.Reads("Connect Pocket Wallet?", "Nobody at")
	me.Go(func() { me.Click(`button[value="allow"]`) })
	me.Reads("Back in the app")
	got := <-answers
	if got.Get("state") != "s" || got.Get("iss") != site {
		t.Errorf("the app got %v", got)
	}
	var token struct {
		Access string `json:"access_token"`
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {got.Get("code")}, "redirect_uri": {back}, "client_id": {registered.ID}, "code_verifier": {verifier}}
	program(t, site+"/oauth/token", "application/x-www-form-urlencoded", form.Encode(), &token)
	if token.Access == "" {
		t.Error("no token")
	}
	me.Open("/settings/apps")
	me.Reads("Pocket Wallet", "see all your badges")
	v.inAll([2]look{{360, true, wcag}, {1280, false, sight}}, "connected apps")
	me.Dark(false)
	me.Press(`button[name="app"]`)
	me.Reads("No app is connected")
}

// program sends a program's request and reads its answer.
func program(t testing.TB, address, kind, body string, into any) {
	t.Helper()
	res, err := http.Post(address, kind, strings.NewReader(body)) //nolint:gosec,noctx // a server of this test
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || json.NewDecoder(bytes.NewReader(text)).Decode(into) != nil {
		t.Fatalf("%s: %d %s %v", address, res.StatusCode, text, err)
	}
}
