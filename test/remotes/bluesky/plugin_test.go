package bluesky_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	plugin "github.com/osier-passport/osier/plugins/bluesky"
	"github.com/osier-passport/osier/plugins/sdk/wire"
	"github.com/osier-passport/osier/test/remotes"
	"github.com/osier-passport/osier/test/remotes/bluesky"
)

// TestMain lets the test binary be the plugin.
func TestMain(m *testing.M) { remotes.Main(m, plugin.Plugin()) }

const host = "pds.example"

type bench struct {
	server *bluesky.Server
	api    wire.ShareTargetClient
	target string
	grant  *wire.Grant
}

// connect gives ada's grant for either target.
func connect(t *testing.T, target string) bench {
	t.Helper()
	s, fakes := bluesky.New(host), map[string]http.Handler{}
	for _, name := range []string{host, "bsky.social", "public.api.bsky.app", "plc.directory"} {
		fakes[name] = s.Handler()
	}
	g := &wire.Grant{AccountId: bluesky.DID, Fields: map[string]string{"handle": "@" + bluesky.Handle, "app_password": bluesky.AppPassword}}
	if target == "auto" {
		s.Give("tok-ada-1234", remotes.Token{Person: bluesky.DID, Scopes: []string{"atproto", "transition:generic"}})
		g = &wire.Grant{AccountId: bluesky.DID, AccessToken: "tok-ada-1234", Instance: host, DpopJwk: key(t)}
	}
	return bench{s, remotes.Self(t, fakes), target, g}
}

func key(t *testing.T) string {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d, err := k.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	point, err := k.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"kty":"EC","crv":"P-256","x":%q,"y":%q,"d":%q}`, text(point[1:33]), text(point[33:]), text(d))
}

func (b bench) request(key string) *wire.ShareRequest {
	return &wire.ShareRequest{Target: b.target, Item: remotes.Badge(), Grant: b.grant, IdempotencyKey: key, Lang: "en"}
}

func (b bench) share(t *testing.T, r *wire.ShareRequest) *wire.ShareResponse {
	t.Helper()
	return remotes.Share(t, b.api, r, "tok-ada-1234", bluesky.AppPassword, "session-")
}

func both(t *testing.T, f func(t *testing.T, b bench)) {
	t.Helper()
	for _, target := range []string{"auto", "app"} {
		t.Run(target, func(t *testing.T) { f(t, connect(t, target)) })
	}
}

// A badge is posted with its card and a link, and taken back; a second time is no error.
func TestStory(t *testing.T) {
	both(t, func(t *testing.T, b bench) {
		who, err := b.api.Identify(t.Context(), &wire.IdentifyRequest{Target: b.target, Grant: b.grant})
		if a := who.GetAccount(); err != nil || a.GetId() != bluesky.DID || a.GetName() != "@"+bluesky.Handle || b.target == "auto" && a.GetInstance() != host {
			t.Errorf("got %v, %v", who, err)
		}
		posted := b.share(t, b.request("k1")).GetPosted()
		there := b.server.Records()
		if len(there) != 1 {
			t.Fatalf("got %v, %+v", posted, there)
		}
		for key, r := range there {
			if posted.GetRemoteId() != "at://"+bluesky.DID+"/app.bsky.feed.post/"+key || posted.GetUrl() != "https://bsky.app/profile/"+bluesky.DID+"/post/"+key {
				t.Errorf("got %v", posted)
			}
			e := r.Embed.External
			if !strings.HasSuffix(r.Text, " "+remotes.Badge().GetUrl()) || len(r.Facets) != 1 || r.Langs[0] != "en" || e.URI != remotes.Badge().GetUrl() || e.Thumb == nil {
				t.Errorf("got %+v", r)
			}
		}
		for range 2 {
			r, err := b.api.Retract(t.Context(), &wire.RetractRequest{Target: b.target, Grant: b.grant, Posted: posted})
			if err != nil || r.GetFailure() != nil || len(b.server.Records()) != 0 {
				t.Errorf("got %v, %v", r, err)
			}
		}
	})
}

// The same key twice is one post, whatever became of the first answer.
func TestRepeat(t *testing.T) {
	both(t, func(t *testing.T, b bench) {
		look := func(key string) *wire.ShareResponse {
			a, err := b.api.Resume(t.Context(), &wire.ResumeRequest{Share: b.request(key), Uncertain: true})
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		if f := look("k1").GetFailure(); f.GetCode() != wire.Failure_CODE_RETRY {
			t.Errorf("before: got %v", f)
		}
		b.server.Next("POST /xrpc/com.atproto.repo.createRecord", remotes.Fault{Lose: true})
		a := b.share(t, b.request("k1"))
		if a.GetFailure().GetCode() != wire.Failure_CODE_UNCERTAIN || len(b.server.Records()) != 1 {
			t.Fatalf("got %v with %d records", a, len(b.server.Records()))
		}
		if p := look("k1").GetPosted(); p.GetRemoteId() == "" || p.GetUrl() == "" {
			t.Errorf("got %v", p)
		}
		if p := b.share(t, b.request("k1")).GetPosted(); p.GetRemoteId() == "" || len(b.server.Records()) != 1 {
			t.Errorf("got %v with %d records", p, len(b.server.Records()))
		}
		if p := b.share(t, b.request("k2")).GetPosted(); p.GetRemoteId() == "" || len(b.server.Records()) != 2 {
			t.Errorf("got %v with %d records", p, len(b.server.Records()))
		}
	})
}

// What each fault becomes, with one request for the post.
func TestFaults(t *testing.T) {
	const create, upload = "POST /xrpc/com.atproto.repo.createRecord", "POST /xrpc/com.atproto.repo.uploadBlob"
	tests := []struct {
		name, where string
		fault       remotes.Fault
		want        wire.Failure_Code
	}{
		{"token", create, remotes.Fault{Status: 401, Body: `{"message":"{auth}"}`}, wire.Failure_CODE_REAUTH},
		{"too many", create, remotes.Fault{Status: 429, Header: map[string]string{"Retry-After": "9"}}, wire.Failure_CODE_RETRY},
		{"broken", create, remotes.Fault{Status: 500}, wire.Failure_CODE_UNCERTAIN},
		{"cut", create, remotes.Fault{Cut: true}, wire.Failure_CODE_UNCERTAIN},
		{"not fit", create, remotes.Fault{Status: 400, Body: `{"message":"Invalid record"}`}, wire.Failure_CODE_REJECTED},
		{"picture broken", upload, remotes.Fault{Status: 502}, wire.Failure_CODE_RETRY},
	}
	both(t, func(t *testing.T, b bench) {
		for _, tt := range tests {
			b.server.Next(tt.where, tt.fault)
			if f := b.share(t, b.request(tt.name)).GetFailure(); f.GetCode() != tt.want {
				t.Errorf("%s: got %v, want %v", tt.name, f, tt.want)
			}
			if asked := b.server.Seen(); slices.Index(asked, tt.where) != len(asked)-1 {
				t.Errorf("%s: asked for %v", tt.name, asked)
			}
		}
	})
}

// A wrong password, and too many sessions, are told as they are.
func TestSessions(t *testing.T) {
	b := connect(t, "app")
	wrong := b.request("k")
	wrong.Grant = &wire.Grant{Fields: map[string]string{"handle": bluesky.Handle, "app_password": "wrong-wrong"}}
	if f := b.share(t, wrong).GetFailure(); f.GetCode() != wire.Failure_CODE_REAUTH {
		t.Errorf("got %v", f)
	}
	for n := range 29 {
		if b.share(t, b.request("k"+string(rune('A'+n)))).GetPosted() == nil {
			t.Fatalf("share %d", n)
		}
	}
	f := b.share(t, b.request("last")).GetFailure()
	if wait := time.Duration(f.GetRetryAfterSeconds()) * time.Second; f.GetCode() != wire.Failure_CODE_RETRY || wait < 4*time.Minute || wait > 5*time.Minute {
		t.Errorf("got %v", f)
	}
}

// A token of another key is not taken: what was stolen is of no use.
func TestBoundToken(t *testing.T) {
	b := connect(t, "auto")
	if b.share(t, b.request("k1")).GetPosted() == nil {
		t.Fatal("not posted")
	}
	b.grant.DpopJwk = key(t)
	if f := b.share(t, b.request("k2")).GetFailure(); f.GetCode() != wire.Failure_CODE_REAUTH {
		t.Errorf("got %v", f)
	}
}

// The authorization server is found from a handle, a server's name, or bsky.social.
func TestProvision(t *testing.T) {
	b := connect(t, "auto")
	for instance, want := range map[string]string{
		"bsky.social": "https://bsky.social", "ada.bsky.social": "https://bsky.social", host: "https://" + host, "ada.example": "", "nowhere.example": "",
	} {
		p, err := b.api.Provision(t.Context(), &wire.ProvisionRequest{Target: "auto", Instance: instance, RedirectUri: "https://passport.example/cb", ClientName: "Osier"})
		app := p.GetApp()
		if err != nil || app.GetIssuer() != want || want != "" && (app.GetParUrl() != want+"/oauth/par" || app.GetTokenUrl() != want+"/oauth/token") {
			t.Errorf("%s: got %v, %v", instance, p, err)
		}
		if instance == "ada.example" && p.GetFailure().GetKey() != "name-server" {
			t.Errorf("%s: got %v", instance, p)
		}
	}
}
