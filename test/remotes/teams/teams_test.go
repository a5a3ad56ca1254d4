package teams_test

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk/wire"
	"github.com/osier-passport/osier/test/remotes"
	"github.com/osier-passport/osier/test/remotes/target"
	"github.com/osier-passport/osier/test/remotes/teams"
)

const host = "prod-1.westeurope.logic.azure.com"

func TestTeams(t *testing.T) {
	p := target.Start(t, "chat")
	channel := &teams.Teams{}
	remote := p.Fake(host, channel)
	fields := map[string]string{"webhook": "https://" + host + teams.Path + "?sig=s3cretSignature"}
	share := target.Share("teams", "k1", fields)
	share.Text = "[look](https://evil.example)"
	p.Post(share)
	want := "[look](https://evil.example) https://passport.example/b/7KxQ2m\nBasket weaving <&>\nWeavers’ Guild\n" +
		"https://passport.example/b/7KxQ2m/card.png\nOuvrir: https://passport.example/b/7KxQ2m"
	if got := channel.Cards(); len(got) != 1 || got[0] != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	// What JSON has to escape makes six bytes of one: the card is still taken.
	share.Text = strings.Repeat("<", 9000)
	p.Post(share)

	share.Text = "" // a remote that refuses need not read what is long
	p.Refusals(remote, share, "s3cretSignature")
	p.Lost(remote, share)
	remote.Next(remotes.Fault{Status: 404})
	if f := p.Refuse(share); f.GetCode() != wire.Failure_CODE_DISCONNECT || f.GetKey() != "gone" {
		t.Errorf("got %v", f)
	}
	if a, f := p.Account("teams", fields); f != nil || a.GetName() != "Microsoft Teams, "+host {
		t.Errorf("got %v, %v", a, f)
	}
}
