// Package target runs a bundled share plugin as a process, in a world whose hosts
// are fakes, and speaks the contract (plugins/sdk/wire) with it.
//
// It owns nothing. The tests in test/remotes are the callers.
package target

import (
	"net/http"
	"strings"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk/sharetest/remote"
	"github.com/osier-passport/osier/plugins/sdk/wire"
	"github.com/osier-passport/osier/test/remotes"
	"github.com/osier-passport/osier/test/server"
)

// Plugin is a plugin that runs.
type Plugin struct {
	wire.ShareTargetClient

	World *remote.World
	t     testing.TB
}

// Start runs bundled plugin id until the test ends.
func Start(t testing.TB, id string) *Plugin {
	t.Helper()
	world := remotes.World(t)
	return &Plugin{ShareTargetClient: remotes.Plugin(t, world, server.Binary(t), "plugin", "serve", id), World: world, t: t}
}

// Remote is a fake with faults before it.
type Remote struct{ faults remotes.Faults }

// Next has the following requests fail, one each.
func (r *Remote) Next(all ...remotes.Fault) {
	for _, f := range all {
		r.faults.Next("", f)
	}
}

// Calls is how many requests came, since it was last asked.
func (r *Remote) Calls() int { return len(r.faults.Seen()) }

// Fake puts a fake on a host and gives the faults before it.
func (p *Plugin) Fake(host string, fake http.Handler) *Remote {
	r := &Remote{}
	p.World.Add(host, r.faults.Before(fake))
	return r
}

// Badge is what the tests share.
func Badge() *wire.Item {
	return &wire.Item{
		Type: wire.ItemType_ITEM_TYPE_BADGE, Url: "https://passport.example/b/7KxQ2m", Title: "Basket weaving <&>", Lang: "en",
		Description: "Weaves a basket that holds.", ImageUrl: "https://passport.example/b/7KxQ2m/card.png", ImageAlt: "A basket",
		IssuerName: "Weavers’ Guild", IssuerUrl: "https://guild.example/", EarnerName: "Ada Weaver", IssuedUnix: 1772323200, Tags: []string{"craft"},
	}
}

// Share makes the request that shares the badge by a connection.
func Share(target, key string, fields map[string]string) *wire.ShareRequest {
	return &wire.ShareRequest{
		Target: target, Item: Badge(), Lang: "fr", IdempotencyKey: key, Grant: &wire.Grant{Fields: fields},
	}
}

// Post shares and wants it posted.
func (p *Plugin) Post(r *wire.ShareRequest) *wire.Posted {
	p.t.Helper()
	a, err := p.ShareTargetClient.Share(p.t.Context(), r)
	if err != nil || a.GetPosted() == nil {
		p.t.Fatalf("not posted: %v, %v", a, err)
	}
	return a.GetPosted()
}

// Refuse shares and wants a failure, of one call alone, that tells no secret.
func (p *Plugin) Refuse(r *wire.ShareRequest, secrets ...string) *wire.Failure {
	p.t.Helper()
	a, err := p.ShareTargetClient.Share(p.t.Context(), r)
	f := a.GetFailure()
	if err != nil || f == nil {
		p.t.Fatalf("no failure: %v, %v", a, err)
	}
	for _, s := range secrets {
		if strings.Contains(f.GetDetail(), s) {
			p.t.Errorf("a secret is told: %v", f)
		}
	}
	return f
}

// Refusals runs through what every remote can do: each failure has its code, comes
// of one request, and tells no secret, although the remote repeats them all.
func (p *Plugin) Refusals(remote *Remote, r *wire.ShareRequest, secrets ...string) {
	p.t.Helper()
	said := `{"message":"` + strings.Join(secrets, " ") + `"}`
	tests := []struct {
		fault remotes.Fault
		code  wire.Failure_Code
		after uint32
	}{
		{remotes.Fault{Status: 400, Body: said}, wire.Failure_CODE_REJECTED, 0},
		{remotes.Fault{Status: 401, Body: said}, wire.Failure_CODE_REAUTH, 0},
		{remotes.Fault{Status: 429, Header: map[string]string{"Retry-After": "42"}, Body: said}, wire.Failure_CODE_RETRY, 42},
		{remotes.Fault{Status: 503, Body: said}, wire.Failure_CODE_RETRY, 0},
		{remotes.Fault{Status: 500, Body: said}, wire.Failure_CODE_UNCERTAIN, 0},
		{remotes.Fault{Status: 302, Body: said}, wire.Failure_CODE_REJECTED, 0},
	}
	for _, test := range tests {
		remote.Calls()
		remote.Next(test.fault)
		f := p.Refuse(r, secrets...)
		if f.GetCode() != test.code || f.GetRetryAfterSeconds() != test.after {
			p.t.Errorf("%d: got %v", test.fault.Status, f)
		}
		if n := remote.Calls(); n != 1 {
			p.t.Errorf("%d: %d requests", test.fault.Status, n)
		}
	}
}

// Lost shares and wants its answer lost on the way.
func (p *Plugin) Lost(remote *Remote, r *wire.ShareRequest) {
	p.t.Helper()
	remote.Next(remotes.Fault{Lose: true})
	if f := p.Refuse(r); f.GetCode() != wire.Failure_CODE_UNCERTAIN {
		p.t.Errorf("a lost answer: got %v", f)
	}
}

// RetractTwice deletes what was posted, again when it is gone.
func (p *Plugin) RetractTwice(target string, posted *wire.Posted, g *wire.Grant) {
	p.t.Helper()
	for n := range 2 {
		a, err := p.ShareTargetClient.Retract(p.t.Context(), &wire.RetractRequest{Target: target, Posted: posted, Grant: g})
		if err != nil || a.GetFailure() != nil {
			p.t.Errorf("retract %d: %v, %v", n+1, a, err)
		}
	}
}

// Account asks whose a connection is.
func (p *Plugin) Account(target string, fields map[string]string) (*wire.Account, *wire.Failure) {
	p.t.Helper()
	a, err := p.ShareTargetClient.Identify(p.t.Context(), &wire.IdentifyRequest{Target: target, Grant: &wire.Grant{Fields: fields}})
	if err != nil {
		p.t.Fatal(err)
	}
	return a.GetAccount(), a.GetFailure()
}
