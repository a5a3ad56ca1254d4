package core

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/config"
	"github.com/osier-passport/osier/core/db/dbtest"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestWhatIsTakenBackIsRevoked: a copy of an endorsement that somebody downloaded is
// revoked once it is declined, written anew or withdrawn; what is accepted anew is a
// credential of its own.
func TestWhatIsTakenBackIsRevoked(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { takenBack(t) })
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		takenBack(t, func(c *config.Config) { c.Database = url })
	})
}

func takenBack(t *testing.T, configure ...func(*config.Config)) {
	t.Helper()
	var ahead atomic.Int64
	p := startPassport(t, options{clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }}, configure...)
	e := prepareEndorsing(t, p)
	write := "/b/" + e.badge + "/endorse"
	e.bob.post(write, "text", "Round").is(t, 303)
	id := e.id("written")
	act := func(v *visitor, action string) { t.Helper(); v.post("/endorsements/"+id, "action", action).is(t, 303) }
	credential := func() []byte { t.Helper(); return e.visitor().get("/endorsements/"+id+"/credential").is(t, 200).body }
	is := func(raw []byte, want verify.Verdict) {
		t.Helper()
		ahead.Add(int64(2 * time.Minute)) // lists are kept for one
		if r := e.badges.Look(t.Context(), raw); r.Verdict != want {
			t.Errorf("%s, want %s: %+v", r.Verdict, want, r.Checks)
		}
	}
	act(e.ada, "accept")
	if v := e.texts(`SELECT verdict FROM endorsement`); v[0] != "valid" {
		t.Errorf("accepted as %q", v)
	}
	first := credential()
	is(first, verify.Valid)
	act(e.ada, "decline")
	is(first, verify.Revoked)
	act(e.ada, "accept")
	second := credential()
	is(first, verify.Revoked)
	is(second, verify.Valid)
	e.bob.post(write, "text", "Square").is(t, 303)
	is(second, verify.Revoked)
	act(e.ada, "accept")
	third := credential()
	is(third, verify.Valid)
	act(e.bob, "withdraw")
	is(third, verify.Revoked)

	holder := e.texts(`SELECT public_id FROM person WHERE handle = 'bob'`)[0]
	list := e.visitor().get("/u/"+holder+"/status").is(t, 200).has(t, "BitstringStatusListCredential")
	if kind, origin := list.header.Get("Content-Type"), list.header.Get("Access-Control-Allow-Origin"); kind != "application/vc" || origin != "*" {
		t.Error(kind, origin)
	}
	for _, none := range []string{"none", holder + "x", strings.Repeat("a", len(holder))} {
		e.visitor().get("/u/"+none+"/status").is(t, 404)
	}
	if err := e.remove(e.bob.person.ID); err != nil {
		t.Fatal(err)
	}
	e.visitor().get("/u/"+holder+"/status").is(t, 410)
	if n := e.count(`SELECT count(*) FROM endorsement_place`); n != 0 {
		t.Errorf("%d places are left", n)
	}
}
