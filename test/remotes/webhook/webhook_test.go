package webhook_test

import (
	"testing"

	"github.com/osier-passport/osier/plugins/sdk/wire"
	"github.com/osier-passport/osier/test/remotes"
	"github.com/osier-passport/osier/test/remotes/target"
	"github.com/osier-passport/osier/test/remotes/webhook"
)

const secret = "s3cret of a test"

func TestWebhook(t *testing.T) {
	p := target.Start(t, "webhook")
	receiver := &webhook.Receiver{Secret: secret}
	remote := p.Fake("receiver.example", receiver)
	fields := map[string]string{"url": "https://receiver.example/in", "secret": secret}
	share := target.Share("post", "k1", fields)

	posted := p.Post(share)
	if posted.GetRemoteId() != "1" || posted.GetUrl() != "https://receiver.example/seen/1" {
		t.Errorf("got %v", posted)
	}
	message := receiver.Messages()["k1"]
	item, _ := message["item"].(map[string]any)
	if message["text"] != "Basket weaving <&> – Weavers’ Guild https://passport.example/b/7KxQ2m" || message["lang"] != "fr" ||
		item["type"] != "badge" || item["title"] != "Basket weaving <&>" || item["issued"] != "2026-03-01T00:00:00Z" || item["expires"] != nil {
		t.Errorf("got %v", message)
	}

	// A lost answer is asked for again under the same key, which the receiver takes once.
	again := target.Share("post", "k2", fields)
	p.Lost(remote, again)
	p.Post(again)
	if n := len(receiver.Messages()); n != 2 {
		t.Errorf("%d messages of two shares", n)
	}

	p.Refusals(remote, share, secret)
	remote.Next(remotes.Fault{Status: 410})
	if f := p.Refuse(share); f.GetCode() != wire.Failure_CODE_DISCONNECT || f.GetKey() != "gone" {
		t.Errorf("who unsubscribes: got %v", f)
	}
	remote.Next(remotes.Fault{Status: 404})
	if f := p.Refuse(share); f.GetCode() != wire.Failure_CODE_REJECTED || f.GetKey() != "missing" {
		t.Errorf("who is not there: got %v", f)
	}
}

// Without a secret nothing is signed; with another one nothing is taken.
func TestSecrets(t *testing.T) {
	p := target.Start(t, "webhook")
	p.Fake("open.example", &webhook.Receiver{})
	p.Fake("receiver.example", &webhook.Receiver{Secret: secret})
	p.Post(target.Share("post", "k1", map[string]string{"url": "https://open.example/in"}))
	wrong := map[string]string{"url": "https://receiver.example/in", "secret": "another"}
	if f := p.Refuse(target.Share("post", "k1", wrong)); f.GetCode() != wire.Failure_CODE_REAUTH {
		t.Errorf("got %v", f)
	}
	a, _ := p.Account("post", wrong)
	if a.GetName() != "receiver.example" || len(a.GetId()) != 32 {
		t.Errorf("got %v", a)
	}
}
