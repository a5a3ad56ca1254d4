package core

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/config"
)

// TestAnOldPasswordRemovesNothingWhereOneProviderSignsIn: it proves nothing any more.
func TestAnOldPasswordRemovesNothingWhereOneProviderSignsIn(t *testing.T) {
	p := startPassport(t, options{}, func(c *config.Config) {
		c.SignIn.Only = "uni"
		c.OIDC = []config.OIDC{{ID: "uni", Name: "University", Issuer: "https://uni.people.test", ClientID: "osier", Scopes: []string{"openid"}}}
	})
	ada := p.member("ada")
	p.write(`INSERT INTO password (person, hash, changed_at) SELECT $1, hash, 1 FROM (SELECT 'x' AS hash) x`, ada.person.ID)
	p.write(`INSERT INTO identity (issuer, subject, person, provider, label, created_at) VALUES ('https://uni.people.test', 'ada', $1, 'uni', '', 1)`, ada.person.ID)
	p.write(`INSERT INTO oidc_session (session, person, provider, issuer, subject, sid, id_token) SELECT token_hash, person, 'uni', 'https://uni.people.test', 'ada', '', '' FROM session`)
	p.write(`UPDATE session SET fresh_at = 1`)
	if a := ada.get("/settings/remove?step=2").is(t, 303); a.location() != "/login/fresh?next=%2Fsettings%2Fremove%3Fstep%3D2" {
		t.Errorf("the proof of a removal is asked at %s", a.location())
	}
	if page := string(ada.get("/login/fresh?next=/settings").is(t, 200).body); !strings.Contains(page, "University") || strings.Contains(page, `name="password"`) {
		t.Error("the page of proofs offers a password")
	}
	if a := ada.post("/settings/remove", "handle", "ada", "password", "anything").is(t, 303); !strings.HasPrefix(a.location(), "/login/fresh") {
		t.Errorf("a removal without a proof leads to %s", a.location())
	}
	if p.count(`SELECT count(*) FROM person WHERE id = $1`, ada.person.ID) != 1 {
		t.Error("the account is gone")
	}
}
