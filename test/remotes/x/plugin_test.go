package x_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/plugins/sdk/wire"
	"github.com/osier-passport/osier/plugins/twitter"
	"github.com/osier-passport/osier/test/remotes"
	"github.com/osier-passport/osier/test/remotes/x"
)

// TestMain lets the test binary be the plugin.
func TestMain(m *testing.M) { remotes.Main(m, twitter.Plugin()) }

type bench struct {
	service *x.Service
	api     wire.ShareTargetClient
	grant   *wire.Grant
}

func connect(t *testing.T) bench {
	t.Helper()
	s := x.New()
	s.Register(remotes.Client{ID: "app", Secret: "s"})
	s.Give("tok-ada-1234", remotes.Token{Client: "app", Person: "ada", Scopes: []string{"tweet.read", "tweet.write", "users.read"}})
	return bench{s, remotes.Self(t, map[string]http.Handler{"api.x.com": s.Handler()}), &wire.Grant{AccessToken: "tok-ada-1234", AccountId: "id-ada"}}
}

func (b bench) share(t *testing.T, words string) *wire.ShareResponse {
	t.Helper()
	return remotes.Share(t, b.api, &wire.ShareRequest{Target: "auto", Item: remotes.Badge(), Text: words, Grant: b.grant, IdempotencyKey: "k"}, "tok-ada-1234")
}

// A badge is posted, seen and taken back; a second time is no error.
func TestStory(t *testing.T) {
	b := connect(t)
	who, err := b.api.Identify(t.Context(), &wire.IdentifyRequest{Target: "auto", Grant: b.grant})
	if a := who.GetAccount(); err != nil || a.GetId() != "id-ada" || a.GetName() != "@ada" || a.GetUrl() != "https://x.com/ada" {
		t.Errorf("got %v, %v", who, err)
	}
	posted := b.share(t, "").GetPosted()
	there := b.service.Posts()
	if len(there) != 1 || there[0].Text != "Basket (weaving) & more – Weavers’ Guild https://passport.example/b/7KxQ2m?a=1&b=2" || posted.GetRemoteId() != there[0].ID || posted.GetUrl() != "https://x.com/i/status/"+there[0].ID {
		t.Fatalf("got %v of %+v", posted, there)
	}
	if f := b.share(t, "").GetFailure(); f.GetCode() != wire.Failure_CODE_REJECTED || !strings.Contains(f.GetDetail(), "duplicate") {
		t.Errorf("twice: got %v", f)
	}
	for range 2 {
		r, err := b.api.Retract(t.Context(), &wire.RetractRequest{Target: "auto", Grant: b.grant, Posted: posted})
		if err != nil || r.GetFailure() != nil || len(b.service.Posts()) != 0 {
			t.Errorf("got %v, %v", r, err)
		}
	}
}

// Whatever people type is taken: it fits as X counts.
func TestLongWords(t *testing.T) {
	b := connect(t)
	for _, words := range []string{strings.Repeat("long words ", 100), strings.Repeat("数", 300), strings.Repeat("https://a.example/ ", 40), strings.Repeat("👩\u200d👩\u200d👧", 9)} {
		if a := b.share(t, words); a.GetPosted() == nil {
			t.Errorf("%.20q: got %v", words, a)
		}
	}
}

// What each fault becomes.
func TestFaults(t *testing.T) {
	for name, tt := range map[string]struct {
		fault remotes.Fault
		want  wire.Failure_Code
	}{
		"token":   {remotes.Fault{Status: 401, Body: `{"detail":"{auth}"}`}, wire.Failure_CODE_REAUTH},
		"money":   {remotes.Fault{Status: 402, Body: `{"detail":"CreditsDepleted"}`}, wire.Failure_CODE_REJECTED},
		"many":    {remotes.Fault{Status: 429}, wire.Failure_CODE_RETRY},
		"broken":  {remotes.Fault{Status: 500}, wire.Failure_CODE_UNCERTAIN},
		"cut":     {remotes.Fault{Cut: true}, wire.Failure_CODE_UNCERTAIN},
		"lost":    {remotes.Fault{Lose: true}, wire.Failure_CODE_UNCERTAIN},
		"closed":  {remotes.Fault{Status: 503}, wire.Failure_CODE_RETRY},
		"expired": {remotes.Fault{Status: 401}, wire.Failure_CODE_REAUTH},
	} {
		b := connect(t)
		b.service.Next("POST /2/tweets", tt.fault)
		if f := b.share(t, "").GetFailure(); f.GetCode() != tt.want {
			t.Errorf("%s: got %v", name, f)
		}
		if seen := b.service.Seen(); len(seen) != 1 {
			t.Errorf("%s: asked for %v", name, seen)
		}
	}
}

// The limit of X is told with the time that it lasts.
func TestRateLimit(t *testing.T) {
	b := connect(t)
	for n := range 300 {
		if b.share(t, strings.Repeat("x", n%50+1)+string(rune('a'+n/50))).GetPosted() == nil {
			t.Fatalf("share %d", n)
		}
	}
	f := b.share(t, "one more").GetFailure()
	if wait := time.Duration(f.GetRetryAfterSeconds()) * time.Second; f.GetCode() != wire.Failure_CODE_RETRY || wait < 2*time.Hour || wait > 3*time.Hour {
		t.Errorf("got %v", f)
	}
}
