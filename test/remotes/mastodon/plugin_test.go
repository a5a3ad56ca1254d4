package mastodon_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	plugin "github.com/osier-passport/osier/plugins/mastodon"
	"github.com/osier-passport/osier/plugins/sdk/wire"
	"github.com/osier-passport/osier/test/remotes"
	"github.com/osier-passport/osier/test/remotes/mastodon"
)

// TestMain lets the test binary be the plugin.
func TestMain(m *testing.M) { remotes.Main(m, plugin.Plugin()) }

const host = "social.example"

type bench struct {
	server *mastodon.Server
	api    wire.ShareTargetClient
	grant  *wire.Grant
}

// connect registers the passport and gives ada's grant, as the host's broker would.
func connect(t *testing.T) bench {
	t.Helper()
	s := mastodon.New(host)
	api := remotes.Self(t, map[string]http.Handler{host: s.Handler()})
	p, err := api.Provision(t.Context(), &wire.ProvisionRequest{
		Target: "auto", Instance: host, RedirectUri: "https://passport.example/connect/callback", ClientName: "Osier", Website: "https://passport.example",
	})
	if err != nil || p.GetApp().GetClientId() == "" {
		t.Fatalf("got %v, %v", p, err)
	}
	s.Give("tok-ada-1234", remotes.Token{Client: p.GetApp().GetClientId(), Person: "ada", Scopes: []string{"profile", "write:statuses", "write:media"}})
	g := &wire.Grant{
		AccessToken: "tok-ada-1234", Instance: host, AccountId: "id-ada", ClientId: p.GetApp().GetClientId(), ClientSecret: p.GetApp().GetClientSecret(),
	}
	s.Seen()
	return bench{s, api, g}
}

func (b bench) request(key string) *wire.ShareRequest {
	return &wire.ShareRequest{Target: "auto", Item: remotes.Badge(), Grant: b.grant, IdempotencyKey: key, Lang: "en"}
}

func (b bench) share(t *testing.T, r *wire.ShareRequest) *wire.ShareResponse {
	t.Helper()
	return remotes.Share(t, b.api, r, "tok-ada-1234", b.grant.GetClientSecret())
}

// A badge is posted with its card and the card's words, seen, and taken back; a
// second time is no error; then the grant is gone.
func TestStory(t *testing.T) {
	b := connect(t)
	who, err := b.api.Identify(t.Context(), &wire.IdentifyRequest{Target: "auto", Grant: b.grant})
	if a := who.GetAccount(); err != nil || a.GetId() != "id-ada" || a.GetName() != "@ada@social.example" || a.GetUrl() != "https://social.example/@ada" {
		t.Errorf("got %v, %v", who, err)
	}
	b.server.SlowMedia = 2
	posted := b.share(t, b.request("k1")).GetPosted()
	want := "Basket (weaving) & more – Weavers’ Guild https://passport.example/b/7KxQ2m?a=1&b=2"
	there := b.server.Statuses()
	if len(there) != 1 || there[0].Text != want || there[0].Visibility != "public" || there[0].Language != "en" || len(there[0].Media) != 1 {
		t.Fatalf("got %+v", there)
	}
	if m := b.server.Uploaded(there[0].Media[0]); m.Alt != "Card of the badge Basket weaving" || m.Bytes != len(remotes.Badge().GetImagePng()) {
		t.Errorf("got %+v", m)
	}
	if posted.GetRemoteId() != there[0].ID || posted.GetUrl() != "https://social.example/@ada/"+there[0].ID {
		t.Errorf("got %v", posted)
	}
	for range 2 {
		r, err := b.api.Retract(t.Context(), &wire.RetractRequest{Target: "auto", Grant: b.grant, Posted: posted})
		if err != nil || r.GetFailure() != nil {
			t.Errorf("got %v, %v", r, err)
		}
	}
	if left := b.server.Statuses(); len(left) != 0 {
		t.Errorf("left %+v", left)
	}
	for range 2 {
		d, err := b.api.Disconnect(t.Context(), &wire.DisconnectRequest{Target: "auto", Grant: b.grant})
		if err != nil || d.GetFailure() != nil {
			t.Errorf("got %v, %v", d, err)
		}
	}
	if _, live := b.server.Live("tok-ada-1234"); live {
		t.Error("the token lives on")
	}
	if f := b.share(t, b.request("k2")).GetFailure(); f.GetCode() != wire.Failure_CODE_REAUTH {
		t.Errorf("got %v", f)
	}
}

// What the person chooses is what is posted.
func TestOptions(t *testing.T) {
	b := connect(t)
	r := b.request("k1")
	r.Options, r.Text = map[string]string{"visibility": "unlisted", "preview": "link"}, "I did it"
	if b.share(t, r).GetPosted() == nil {
		t.Fatal("not posted")
	}
	if got := b.server.Statuses()[0]; got.Visibility != "unlisted" || len(got.Media) != 0 || !strings.HasPrefix(got.Text, "I did it https://") {
		t.Errorf("got %+v", got)
	}
	if seen := b.server.Seen(); !slices.Equal(seen, []string{"POST /api/v1/statuses"}) {
		t.Errorf("asked for %v", seen)
	}
}

// Whatever people type fits the server's limit as the server counts.
func TestLongWords(t *testing.T) {
	b := connect(t)
	for n, words := range []string{strings.Repeat("long words ", 100), strings.Repeat("数", 700), strings.Repeat("https://a.example/ ", 40), strings.Repeat("é", 475)} {
		r := b.request(string(rune('a' + n)))
		r.Item.ImagePng, r.Text = nil, words
		p, err := b.api.Preview(t.Context(), r)
		if err != nil || p.GetUsed() > p.GetMax() || p.GetMax() != 500 {
			t.Errorf("got %v, %v", p, err)
		}
		if a := b.share(t, r); a.GetPosted() == nil || b.server.Statuses()[n].Text != p.GetText() {
			t.Errorf("%.20q: got %v", words, a)
		}
	}
}

// What each fault of the server becomes, with one request for the post.
func TestFaults(t *testing.T) {
	const post, media = "POST /api/v1/statuses", "POST /api/v2/media"
	tests := []struct {
		name, where string
		fault       remotes.Fault
		want        wire.Failure_Code
		posts       int
	}{
		{"token", post, remotes.Fault{Status: 401, Body: `{"error":"The access token was revoked: {auth}"}`}, wire.Failure_CODE_REAUTH, 0},
		{"shut out", post, remotes.Fault{Status: 403, Body: `{"error":"Your login is currently disabled"}`}, wire.Failure_CODE_DISCONNECT, 0},
		{"not fit", post, remotes.Fault{Status: 422, Body: `{"error":"Validation failed"}`}, wire.Failure_CODE_REJECTED, 0},
		{"closed", post, remotes.Fault{Status: 503, Header: map[string]string{"Retry-After": "30"}}, wire.Failure_CODE_RETRY, 0},
		{"broken", post, remotes.Fault{Status: 500}, wire.Failure_CODE_UNCERTAIN, 0},
		{"cut before", post, remotes.Fault{Cut: true}, wire.Failure_CODE_UNCERTAIN, 0},
		{"cut after", post, remotes.Fault{Lose: true}, wire.Failure_CODE_UNCERTAIN, 1},
		{"picture broken", media, remotes.Fault{Status: 500}, wire.Failure_CODE_RETRY, 0},
		{"picture cut", media, remotes.Fault{Lose: true}, wire.Failure_CODE_RETRY, 0},
		{"picture refused", media, remotes.Fault{Status: 422, Body: `{"error":"Not an image"}`}, wire.Failure_CODE_REJECTED, 0},
		{"picture is something else", media, remotes.Fault{Status: 200, Body: `<html>`}, wire.Failure_CODE_REJECTED, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := connect(t)
			b.server.Next(tt.where, tt.fault)
			if f := b.share(t, b.request("k1")).GetFailure(); f.GetCode() != tt.want || tt.fault.Header != nil && f.GetRetryAfterSeconds() != 30 {
				t.Errorf("got %v, want %v", f, tt.want)
			}
			asked := b.server.Seen()
			if n := len(b.server.Statuses()); n != tt.posts || slices.Index(asked, tt.where) != len(asked)-1 {
				t.Errorf("%d posts after %v", n, asked)
			}
		})
	}
}

// After a lost answer the same key gives the post that is there; once the server
// forgot the key, the post is found by its link.
func TestLostAnswer(t *testing.T) {
	b := connect(t)
	b.server.Next("POST /api/v1/statuses", remotes.Fault{Lose: true})
	if f := b.share(t, b.request("k1")).GetFailure(); f.GetCode() != wire.Failure_CODE_UNCERTAIN {
		t.Fatalf("got %v", f)
	}
	id := b.server.Statuses()[0].ID
	if p := b.share(t, b.request("k1")).GetPosted(); p.GetRemoteId() != id || len(b.server.Statuses()) != 1 {
		t.Errorf("got %v of %+v", p, b.server.Statuses())
	}
	look := func(r *wire.ShareRequest) *wire.ShareResponse {
		a, err := b.api.Resume(t.Context(), &wire.ResumeRequest{Share: r, Uncertain: true})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if p := look(b.request("k1")).GetPosted(); p.GetRemoteId() != id || p.GetUrl() == "" {
		t.Errorf("got %v", p)
	}
	other := b.request("k2")
	other.Item.Url = "https://passport.example/b/other"
	if f := look(other).GetFailure(); f.GetCode() != wire.Failure_CODE_RETRY {
		t.Errorf("of what is not there: got %v", f)
	}
	other.Options = map[string]string{"visibility": "private"}
	if f := look(other).GetFailure(); f.GetCode() != wire.Failure_CODE_UNCERTAIN {
		t.Errorf("of what cannot be seen: got %v", f)
	}
	b.server.Next("GET /api/v1/accounts/id-ada/statuses", remotes.Fault{Status: 401})
	if f := look(b.request("k1")).GetFailure(); f.GetCode() != wire.Failure_CODE_UNCERTAIN {
		t.Errorf("of a server that shows nothing: got %v", f)
	}
}

// The server's limits are told with the time that they last.
func TestRateLimit(t *testing.T) {
	b := connect(t)
	for n := range 30 {
		if b.share(t, b.request("k"+string(rune('A'+n)))).GetPosted() == nil {
			t.Fatalf("share %d", n)
		}
	}
	f := b.share(t, b.request("last")).GetFailure()
	if wait := time.Duration(f.GetRetryAfterSeconds()) * time.Second; f.GetCode() != wire.Failure_CODE_RETRY || wait < 25*time.Minute || wait > 30*time.Minute {
		t.Errorf("got %v", f)
	}
}

// A server of another kind is told in the plugin's own words.
func TestNoMastodon(t *testing.T) {
	b := connect(t)
	for _, fault := range []remotes.Fault{{Status: http.StatusNotFound}, {Status: 200, Body: `{}`}, {Status: 200, Body: `<html>`}, {Cut: true}} {
		b.server.Next("POST /api/v1/apps", fault)
		p, err := b.api.Provision(t.Context(), &wire.ProvisionRequest{Target: "auto", Instance: host, RedirectUri: "https://passport.example/cb", ClientName: "Osier"})
		if err != nil || p.GetFailure() == nil {
			t.Errorf("%+v: got %v, %v", fault, p, err)
		}
	}
}
