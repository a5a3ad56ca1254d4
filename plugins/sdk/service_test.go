package sdk_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/osier-passport/osier/plugins/sdk/wire"
)

func grant() *wire.Grant { return &wire.Grant{AccessToken: token, Instance: "plaza.example"} }

func plazaShare() *wire.ShareRequest {
	return &wire.ShareRequest{
		Target: "auto", Item: &wire.Item{Url: "https://passport.example/b/1", Title: "Weaving", IssuerName: "Guild"}, Lang: "fr",
		Grant: grant(), IdempotencyKey: "key-1",
	}
}

// A share is posted as the preview said, with fallbacks, key and token.
func TestPost(t *testing.T) {
	api := serve(t, "plaza")
	var said string
	remoteAt(t, "api.plaza.example", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		said = r.Header.Get("Authorization") + " " + string(body)
		_, _ = io.WriteString(w, `{"id":"77"}`)
	})
	p, err := api.Preview(t.Context(), plazaShare())
	want := "Weaving – Guild https://passport.example/b/1"
	if err != nil || p.GetText() != want || p.GetUsed() != 16+23 || p.GetMax() != 500 || len(p.GetErrors()) != 0 {
		t.Errorf("got %v, %v", p, err)
	}
	r, err := api.Share(t.Context(), plazaShare())
	if err != nil || r.GetPosted().GetRemoteId() != "77" || r.GetPosted().GetUrl() != "https://plaza.example/77" {
		t.Errorf("got %v, %v", r, err)
	}
	if want := "Bearer " + token + ` {"audience":"public","key":"key-1","lang":"fr","text":"` + want + `","version":"202601"}`; said != want {
		t.Errorf("sent %s\nwant %s", said, want)
	}
	remoteAt(t, "api.plaza.example", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"state":"s-1"}`) })
	r, err = api.Share(t.Context(), plazaShare())
	if err != nil || r.GetPending().GetState() != "s-1" || r.GetPending().GetCheckAfterSeconds() != 2 {
		t.Errorf("got %v, %v", r, err)
	}
	remoteAt(t, "api.plaza.example", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"error":"`+r.Header.Get("Authorization")+`"}`)
	})
	r, err = api.Share(t.Context(), plazaShare())
	if f := r.GetFailure(); err != nil || f.GetCode() != wire.Failure_CODE_REAUTH || f.GetDetail() != "the server answers 401: Bearer [hidden]" {
		t.Errorf("got %v, %v", r, err)
	}
}

// What a target says of its options and words is told by field, and not posted.
func TestPreviewFaults(t *testing.T) {
	api := serve(t, "plaza")
	r := plazaShare()
	r.Target = "typed"
	p, err := api.Preview(t.Context(), r)
	if e := p.GetErrors(); err != nil || len(e) != 2 || e[0].GetKey() != "site" || e[0].GetText() != "not there" || e[1].GetKey() != "text" {
		t.Errorf("got %v, %v", p, err)
	}
	if a, err := api.Share(t.Context(), r); err != nil || a.GetFailure().GetCode() != wire.Failure_CODE_REJECTED || !strings.Contains(a.GetFailure().GetDetail(), "say something") {
		t.Errorf("got %v, %v", a, err)
	}
	r.Text = "hello"
	a, err := api.Resume(t.Context(), &wire.ResumeRequest{Share: r, State: "s-2"})
	if err != nil || a.GetPosted().GetRemoteId() != "s-2" || a.GetPosted().GetUrl() != "hello" {
		t.Errorf("got %v, %v", a, err)
	}
	r.Target = "mail"
	if p, err := api.Preview(t.Context(), r); err != nil || p.GetSubject() != "Weaving" || p.GetText() != "hello https://passport.example/b/1" || p.GetMax() != 0 {
		t.Errorf("got %v, %v", p, err)
	}
}

// What is gone is retracted, and a token that is dead is disconnected.
func TestRetractAndDisconnect(t *testing.T) {
	api := serve(t, "plaza")
	for code, want := range map[int][2]wire.Failure_Code{ // of retracting, of disconnecting
		200: {0, 0}, 404: {0, wire.Failure_CODE_REJECTED}, 410: {0, wire.Failure_CODE_REJECTED},
		401: {wire.Failure_CODE_REAUTH, 0}, 429: {wire.Failure_CODE_RETRY, wire.Failure_CODE_RETRY},
	} {
		remoteAt(t, "api.plaza.example", func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete && r.URL.Path != "/posts/77" {
				t.Errorf("deleted %s", r.URL.Path)
			}
			w.WriteHeader(code)
		})
		r, err := api.Retract(t.Context(), &wire.RetractRequest{Target: "auto", Grant: grant(), Posted: &wire.Posted{RemoteId: "77"}})
		if err != nil || r.GetFailure().GetCode() != want[0] || (want[0] == 0) != (r.GetFailure() == nil) {
			t.Errorf("%d: retract: got %v, %v", code, r, err)
		}
		d, err := api.Disconnect(t.Context(), &wire.DisconnectRequest{Target: "auto", Grant: grant()})
		if err != nil || d.GetFailure().GetCode() != want[1] || (want[1] == 0) != (d.GetFailure() == nil) {
			t.Errorf("%d: disconnect: got %v, %v", code, d, err)
		}
	}
}

// Accounts, registrations and settings; secrets stay out of what a plugin says of them.
func TestAccountsAndSettings(t *testing.T) {
	api := serve(t, "plaza")
	settings := map[string]string{"client_secret": "hush-hush"}
	a, err := api.Identify(t.Context(), &wire.IdentifyRequest{Target: "auto", Grant: grant()})
	if acc := a.GetAccount(); err != nil || acc.GetId() != "plaza.example/1" || acc.GetName() != "ada" || acc.GetInstance() != "plaza.example" || acc.GetUrl() == "" {
		t.Errorf("got %v, %v", a, err)
	}
	a, err = api.Identify(t.Context(), &wire.IdentifyRequest{Target: "auto", Settings: settings})
	if f := a.GetFailure(); err != nil || f.GetCode() != wire.Failure_CODE_RETRY || f.GetDetail() != "no token, and the secret is [hidden]" {
		t.Errorf("got %v, %v", a, err)
	}
	p, err := api.Provision(t.Context(), &wire.ProvisionRequest{Target: "auto", Instance: "open.example", ClientName: "Osier", RedirectUri: "https://passport.example/cb"})
	if app := p.GetApp(); err != nil || app.GetClientId() != "Osier" || app.GetTokenUrl() != "https://open.example/token" || app.GetIssuer() != "https://passport.example/cb" {
		t.Errorf("got %v, %v", p, err)
	}
	p, err = api.Provision(t.Context(), &wire.ProvisionRequest{Target: "auto", Instance: "closed.example"})
	if err != nil || p.GetFailure().GetKey() != "full" {
		t.Errorf("got %v, %v", p, err)
	}
	c, err := api.Configure(t.Context(), &wire.ConfigureRequest{Settings: settings})
	if err != nil || c.GetErrors()[0].GetText() != "202601" {
		t.Errorf("got %v, %v", c, err)
	}
	c, err = api.Configure(t.Context(), &wire.ConfigureRequest{Settings: settings, Test: true})
	if err != nil || c.GetFailure().GetDetail() != "not taken: [hidden]" {
		t.Errorf("got %v, %v", c, err)
	}
}

// What a target cannot do is Unimplemented, what it is not is NotFound.
func TestCannot(t *testing.T) {
	api := serve(t, "plaza")
	_, retract := api.Retract(t.Context(), &wire.RetractRequest{Target: "typed"})
	_, resume := api.Resume(t.Context(), &wire.ResumeRequest{Share: plazaShare()})
	_, disconnect := api.Disconnect(t.Context(), &wire.DisconnectRequest{Target: "typed"})
	_, provision := api.Provision(t.Context(), &wire.ProvisionRequest{Target: "typed"})
	mail := plazaShare()
	mail.Target = "mail"
	_, post := api.Share(t.Context(), mail)
	good := serve(t, "good")
	_, configure := good.Configure(t.Context(), &wire.ConfigureRequest{})
	_, preview := good.Preview(t.Context(), &wire.ShareRequest{Target: "post"})
	for n, err := range []error{retract, resume, disconnect, provision, post, configure, preview} {
		if status.Code(err) != codes.Unimplemented {
			t.Errorf("%d: got %v", n, err)
		}
	}
	if _, err := api.Identify(t.Context(), &wire.IdentifyRequest{Target: "nowhere"}); status.Code(err) != codes.NotFound {
		t.Errorf("got %v", err)
	}
}
