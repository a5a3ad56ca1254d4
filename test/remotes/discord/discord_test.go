package discord_test

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk/wire"
	"github.com/osier-passport/osier/test/remotes"
	"github.com/osier-passport/osier/test/remotes/discord"
	"github.com/osier-passport/osier/test/remotes/target"
)

func TestDiscord(t *testing.T) {
	p := target.Start(t, "chat")
	server := &discord.Discord{}
	remote := p.Fake("discord.com", server)
	fields := map[string]string{"webhook": "https://discord.com" + discord.Path + "?thread_id=5"}
	share := target.Share("discord", "k1", fields)
	share.Text = strings.Repeat("👩 @everyone ", 400)
	posted := p.Post(share)
	text := server.Messages()[posted.GetRemoteId()]
	if posted.GetRemoteId() != "9001" || !strings.HasSuffix(text, " https://passport.example/b/7KxQ2m") {
		t.Errorf("got %v: %s", posted, text)
	}
	p.RetractTwice("discord", posted, share.GetGrant())
	if left := server.Messages(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	p.Refusals(remote, share)
	p.Lost(remote, share)
	remote.Next(remotes.Fault{Status: 404, Body: `{"code":10015,"message":"Unknown Webhook"}`})
	if f := p.Refuse(share); f.GetCode() != wire.Failure_CODE_DISCONNECT || f.GetKey() != "gone" {
		t.Errorf("got %v", f)
	}
	if a, f := p.Account("discord", fields); f != nil || a.GetId() != "1100" || a.GetName() != "Badges" {
		t.Errorf("got %v, %v", a, f)
	}
	if _, f := p.Account("discord", map[string]string{"webhook": "https://discord.com/api/webhooks/1/gone"}); f.GetKey() != "gone" {
		t.Errorf("got %v", f)
	}
}
