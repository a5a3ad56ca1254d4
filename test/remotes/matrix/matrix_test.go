package matrix_test

import (
	"maps"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk/wire"
	"github.com/osier-passport/osier/test/remotes"
	"github.com/osier-passport/osier/test/remotes/matrix"
	"github.com/osier-passport/osier/test/remotes/target"
)

func TestMatrix(t *testing.T) {
	p := target.Start(t, "chat")
	server := &matrix.Matrix{}
	remote := p.Fake("matrix.example", server)
	fields := map[string]string{"server": "https://matrix.example/", "room": matrix.Alias, "token": matrix.Token}
	share := target.Share("matrix", "key/1", fields)
	posted := p.Post(share)
	if posted.GetRemoteId() != matrix.Room+" $event1/x" || posted.GetUrl() != "https://matrix.to/#/%21abc:matrix.example/$event1%2Fx" {
		t.Errorf("got %v", posted)
	}
	text := "Basket weaving <&> – Weavers’ Guild https://passport.example/b/7KxQ2m"
	if got := server.Events(); got["$event1/x"] != text {
		t.Errorf("got %v", got)
	}
	// The same key is the same message.
	if again := p.Post(share); again.GetRemoteId() != posted.GetRemoteId() {
		t.Errorf("said twice: %v", again)
	}
	// In a room by its number nothing is looked up, so that the one request can be lost.
	fields["room"] = matrix.Room
	lost := target.Share("matrix", "key2", fields)
	p.Lost(remote, lost)
	p.Post(lost)
	if n := len(server.Events()); n != 2 {
		t.Errorf("%d messages of two shares", n)
	}
	p.Refusals(remote, lost, matrix.Token)

	p.RetractTwice("matrix", posted, share.GetGrant())
	want := map[string]string{"$event1/x": "", "$event2/x": text, "$event3/x": "redacted"}
	if got := server.Events(); !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}

	remote.Next(remotes.Fault{Status: 403, Body: `{"errcode":"M_FORBIDDEN"}`})
	if f := p.Refuse(lost); f.GetCode() != wire.Failure_CODE_REJECTED || f.GetKey() != "room" {
		t.Errorf("got %v", f)
	}
}

func TestAccounts(t *testing.T) {
	p := target.Start(t, "chat")
	p.Fake("matrix.example", &matrix.Matrix{})
	good := map[string]string{"server": "https://matrix.example", "room": matrix.Alias, "token": matrix.Token}
	if a, f := p.Account("matrix", good); f != nil || a.GetName() != "@ada:matrix.example, "+matrix.Alias {
		t.Errorf("got %v, %v", a, f)
	}
	for name, change := range map[string][2]string{"noroom": {"room", "#other:matrix.example"}, "": {"token", "stale"}, "address": {"server", "matrix.example"}} {
		bad := maps.Clone(good)
		bad[change[0]] = change[1]
		if _, f := p.Account("matrix", bad); f == nil || f.GetKey() != name || (name == "") != (f.GetCode() == wire.Failure_CODE_REAUTH) {
			t.Errorf("%s %s: got %v", change[0], change[1], f)
		}
	}
}
