package linkedin_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	plugin "github.com/osier-passport/osier/plugins/linkedin"
	"github.com/osier-passport/osier/plugins/sdk/wire"
	"github.com/osier-passport/osier/test/remotes"
	"github.com/osier-passport/osier/test/remotes/linkedin"
)

// TestMain lets the test binary be the plugin.
func TestMain(m *testing.M) { remotes.Main(m, plugin.Plugin()) }

type bench struct {
	service *linkedin.Service
	api     wire.ShareTargetClient
	grant   *wire.Grant
}

func connect(t *testing.T) bench {
	t.Helper()
	s := linkedin.New()
	s.Register(remotes.Client{ID: "app", Secret: "s"})
	s.Give("tok-ada-1234", remotes.Token{Client: "app", Person: "ada", Scopes: []string{"openid", "profile", "w_member_social"}})
	return bench{s, remotes.Self(t, map[string]http.Handler{"api.linkedin.com": s.Handler(), "www.linkedin.com": s.Handler()}), &wire.Grant{AccessToken: "tok-ada-1234", AccountId: "sub-ada"}}
}

func (b bench) share(t *testing.T, bend func(*wire.ShareRequest)) *wire.ShareResponse {
	t.Helper()
	r := &wire.ShareRequest{Target: "auto", Item: remotes.Badge(), Grant: b.grant, IdempotencyKey: "k1", Lang: "en"}
	if bend != nil {
		bend(r)
	}
	return remotes.Share(t, b.api, r, "tok-ada-1234")
}

// A badge is posted with its card, escaped as LinkedIn wants it, and taken back; a
// second time is no error.
func TestStory(t *testing.T) {
	b := connect(t)
	who, err := b.api.Identify(t.Context(), &wire.IdentifyRequest{Target: "auto", Grant: b.grant})
	if a := who.GetAccount(); err != nil || a.GetId() != "sub-ada" || a.GetName() != "Ada Weaver" {
		t.Errorf("got %v, %v", who, err)
	}
	posted := b.share(t, nil).GetPosted()
	there := b.service.Posts()
	if len(there) != 1 || there[0].Source != remotes.Badge().GetUrl() || there[0].Thumbnail != "urn:li:image:C1" ||
		there[0].Commentary != `Basket \(weaving\) & more – Weavers’ Guild https://passport.example/b/7KxQ2m?a=1&b=2` {
		t.Fatalf("got %+v", there)
	}
	if posted.GetRemoteId() != there[0].URN || posted.GetUrl() != "https://www.linkedin.com/feed/update/"+there[0].URN {
		t.Errorf("got %v", posted)
	}
	for range 2 {
		r, err := b.api.Retract(t.Context(), &wire.RetractRequest{Target: "auto", Grant: b.grant, Posted: posted})
		if err != nil || r.GetFailure() != nil || len(b.service.Posts()) != 0 {
			t.Errorf("got %v, %v", r, err)
		}
	}
}

// Every reserved character is escaped, also where people escaped it themselves.
func TestReserved(t *testing.T) {
	b := connect(t)
	a := b.share(t, func(r *wire.ShareRequest) {
		r.Text, r.Item.ImagePng = `|{}@[]()<>#*_~ \ \( a_b @[x](urn:li:person:1)`, nil
	})
	if a.GetPosted() == nil {
		t.Fatalf("got %v", a)
	}
	if got := b.service.Posts()[0].Commentary; !strings.HasPrefix(got, `\|\{\}\@\[\]\(\)\<\>\#\*\_\~ \\ \\\( a\_b \@\[x\]\(urn:li:person:1\) https:`) {
		t.Errorf("got %s", got)
	}
}

// What each fault of the service becomes, with one request for the post.
func TestFaults(t *testing.T) {
	const post, image, put = "POST /rest/posts", "POST /rest/images", "PUT /dms-uploads/C1"
	tests := []struct {
		name, where string
		fault       remotes.Fault
		want        wire.Failure_Code
		posts       int
	}{
		{"token", post, remotes.Fault{Status: 401, Body: `{"message":"Expired {auth}"}`}, wire.Failure_CODE_REAUTH, 0},
		{"not allowed", post, remotes.Fault{Status: 403, Body: `{"message":"Not enough permissions"}`}, wire.Failure_CODE_REJECTED, 0},
		{"too many", post, remotes.Fault{Status: 429}, wire.Failure_CODE_RETRY, 0},
		{"broken", post, remotes.Fault{Status: 500}, wire.Failure_CODE_UNCERTAIN, 0},
		{"cut before", post, remotes.Fault{Cut: true}, wire.Failure_CODE_UNCERTAIN, 0},
		{"cut after", post, remotes.Fault{Lose: true}, wire.Failure_CODE_UNCERTAIN, 1},
		{"picture broken", image, remotes.Fault{Status: 500}, wire.Failure_CODE_RETRY, 0},
		{"upload cut", put, remotes.Fault{Lose: true}, wire.Failure_CODE_RETRY, 0},
		{"upload refused", put, remotes.Fault{Status: 400}, wire.Failure_CODE_REJECTED, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := connect(t)
			b.service.Next(tt.where, tt.fault)
			if f := b.share(t, nil).GetFailure(); f.GetCode() != tt.want {
				t.Errorf("got %v, want %v", f, tt.want)
			}
			asked := b.service.Seen()
			if n := len(b.service.Posts()); n != tt.posts || slices.Index(asked, tt.where) != len(asked)-1 {
				t.Errorf("%d posts after %v", n, asked)
			}
		})
	}
}

// A version that LinkedIn ended is refused in its words; a setting names another.
func TestVersion(t *testing.T) {
	b := connect(t)
	b.service.Versions = []string{"202607"}
	if f := b.share(t, nil).GetFailure(); f.GetCode() != wire.Failure_CODE_REJECTED || !strings.Contains(f.GetDetail(), "202601 is not active") {
		t.Errorf("got %v", f)
	}
	a := b.share(t, func(r *wire.ShareRequest) { r.Settings = map[string]string{"api_version": "202607"} })
	if a.GetPosted() == nil {
		t.Errorf("got %v", a)
	}
}

// A token ends after a time: the person connects again.
func TestExpired(t *testing.T) {
	b := connect(t)
	b.service.End("tok-ada-1234")
	if f := b.share(t, nil).GetFailure(); f.GetCode() != wire.Failure_CODE_REAUTH {
		t.Errorf("got %v", f)
	}
	who, err := b.api.Identify(t.Context(), &wire.IdentifyRequest{Target: "auto", Grant: b.grant})
	if err != nil || who.GetFailure().GetCode() != wire.Failure_CODE_REAUTH {
		t.Errorf("got %v, %v", who, err)
	}
}
