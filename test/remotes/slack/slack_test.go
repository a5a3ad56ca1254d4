package slack_test

import (
	"slices"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk/wire"
	"github.com/osier-passport/osier/test/remotes"
	"github.com/osier-passport/osier/test/remotes/slack"
	"github.com/osier-passport/osier/test/remotes/target"
)

func TestSlack(t *testing.T) {
	p := target.Start(t, "chat")
	team := &slack.Slack{}
	remote := p.Fake("hooks.slack.com", team)
	fields := map[string]string{"webhook": "https://hooks.slack.com" + slack.Path}
	share := target.Share("slack", "k1", fields)
	p.Post(share)
	want := []string{"Basket weaving &lt;&amp;&gt; – Weavers’ Guild https://passport.example/b/7KxQ2m"}
	if got := team.Texts(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	p.Refusals(remote, share)
	p.Lost(remote, share)
	for status, key := range map[int]string{403: "archived", 404: "gone", 410: "gone"} {
		remote.Next(remotes.Fault{Status: status})
		f := p.Refuse(share)
		if f.GetKey() != key || (f.GetCode() == wire.Failure_CODE_DISCONNECT) != (key == "gone") {
			t.Errorf("%d: got %v", status, f)
		}
	}
	if a, f := p.Account("slack", fields); f != nil || a.GetName() != "Slack T0123" || len(a.GetId()) != 32 {
		t.Errorf("got %v, %v", a, f)
	}
}

// An address that is no webhook of the service is refused before anything is sent.
func TestAddresses(t *testing.T) {
	p := target.Start(t, "chat")
	p.World.Rest(&slack.Slack{})
	for name, address := range map[string]string{
		"slack": "https://evil.example" + slack.Path, "discord": "https://discord.com/channels/1/2", "teams": "nothing",
	} {
		fields := map[string]string{"webhook": address}
		if f := p.Refuse(target.Share(name, "k", fields)); f.GetCode() != wire.Failure_CODE_REJECTED || f.GetKey() != "address" {
			t.Errorf("%s: got %v", name, f)
		}
		if _, f := p.Account(name, fields); f.GetKey() != "address" {
			t.Errorf("%s: got %v", name, f)
		}
	}
	for _, address := range []string{"http://hooks.slack.com" + slack.Path, "https://hooks.slack.com@evil.example/services/", "https://hooks.slack.com.evil.example/services/x"} {
		if f := p.Refuse(target.Share("slack", "k", map[string]string{"webhook": address})); f.GetKey() != "address" {
			t.Errorf("%s: got %v", address, f)
		}
	}
	if dialled := p.World.Dialled(); len(dialled) > 0 {
		t.Errorf("connected to %v", dialled)
	}
}
