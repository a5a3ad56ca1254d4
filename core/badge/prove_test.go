package badge_test

import (
	"testing"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// claimed is a hosted badge that nobody has published: it says what its holder wants.
func (p *term) claimed(t *testing.T, name, address string) (openbadge.Credential, []byte) {
	t.Helper()
	c := p.school.credential("1", address)
	c.ID, c.Name = p.school.URL+"/badge", name
	class := issue.Class2(c)
	class["issuer"] = map[string]any{"type": "Profile", "id": p.school.URL + "/nowhere", "name": "Famous University", "url": p.school.URL, "email": "a@famous.example"}
	a := issue.Assertion2(c)
	a["badge"], a["verification"] = class, map[string]any{"type": "HostedBadge"}
	text, err := issue.JSON(a)
	if err != nil {
		t.Fatal(err)
	}
	return c, text
}

// publish puts a hosted badge and what it leads to at their addresses.
func (p *term) publish(t *testing.T, c openbadge.Credential, issuer string) {
	t.Helper()
	c.Issuer.ID = p.school.URL + issuer
	c.AchievementID = p.school.URL + "/class" + issuer
	h, err := issue.Hosted2(c)
	if err != nil {
		t.Fatal(err)
	}
	p.school.put("/badge", "application/json", h.Assertion)
	p.school.put("/class"+issuer, "application/json", h.Class)
	p.school.put(issuer, "application/json", h.Issuer)
}

func proofStep(t *testing.T, p *term, b badge.Badge, name string) verify.Step {
	t.Helper()
	l, err := p.Ledger(t.Context(), b, 1)
	if err != nil || len(l) != 1 {
		t.Fatalf("%d entries, %v", len(l), err)
	}
	for _, c := range l[0].Report.Checks {
		if c.Name == name {
			return c
		}
	}
	return verify.Step{}
}

// TestTheFirstProofIsTheBadge: what was kept without a proof becomes what is proven, or
// nothing.
func TestTheFirstProofIsTheBadge(t *testing.T) {
	for _, tt := range []struct {
		name, recipient string
		verdict         verify.Verdict
		shown           string
	}{
		{"of another badge", "ada@example.org", verify.Valid, "Cheap badge"},
		{"of somebody else", "bob@example.org", verify.Invalid, "Doctorate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clocked(t, func(t *testing.T, p *term) {
				c, file := p.claimed(t, "Doctorate", "ada@example.org")
				b := p.hold(t, ada, file)
				if b.Verdict != verify.Unverifiable || b.Class.Name != "Doctorate" {
					t.Fatalf("%s, %q", b.Verdict, b.Class.Name)
				}
				if s := proofStep(t, p, b, verify.CheckRecipient); s.Result != verify.Unknown {
					t.Errorf("issued to ada: %+v", s)
				}
				c.Name, c.Recipient.Identities[0].Value = "Cheap badge", tt.recipient
				p.publish(t, c, "/issuer")
				p.pass(day) // the answer of the last time is forgotten
				if _, err := p.Reverify(t.Context(), b); err != nil {
					t.Fatal(err)
				}
				now := p.mine(t, ada, b.PublicID)
				if now.Verdict != tt.verdict || now.Class.Name != tt.shown {
					t.Errorf("%s %q, want %s %q", now.Verdict, now.Class.Name, tt.verdict, tt.shown)
				}
				if tt.verdict == verify.Valid && (now.Class.Issuer.Name != "School of Craft" || p.rows(t, "badge_class") != 1 || p.rows(t, "issuer") != 1) {
					t.Errorf("issuer %q, %d classes, %d issuers", now.Class.Issuer.Name, p.rows(t, "badge_class"), p.rows(t, "issuer"))
				}
			})
		})
	}
}

// TestAProofBindsLaterOnes: an address that comes to answer with a badge of another issuer
// proves nothing about the one that was there.
func TestAProofBindsLaterOnes(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		c := p.school.credential("1", "ada@example.org")
		c.ID = p.school.URL + "/badge"
		p.publish(t, c, "/issuer")
		b := p.hold(t, ada, []byte(c.ID))
		if b.Verdict != verify.Valid {
			t.Fatalf("%s", b.Verdict)
		}
		c.Name, c.Issuer.Name = "Doctorate", "Famous University"
		p.publish(t, c, "/other")
		p.pass(day)
		if _, err := p.Reverify(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		now := p.mine(t, ada, b.PublicID)
		if now.Verdict != verify.Unverifiable || now.Class.Name != "Weaver" || now.Class.Issuer.Name != "School of Craft" {
			t.Errorf("%s %q by %q", now.Verdict, now.Class.Name, now.Class.Issuer.Name)
		}
		if s := proofStep(t, p, now, verify.CheckProof); s.Reason != "another-badge" || s.Result != verify.Unknown {
			t.Errorf("%+v", s)
		}
		c.Name, c.Issuer.Name = "Weaver", "School of Craft"
		p.publish(t, c, "/issuer")
		p.pass(day)
		if _, err := p.Reverify(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if back := p.mine(t, ada, b.PublicID); back.Verdict != verify.Valid {
			t.Errorf("back at its place: %s", back.Verdict)
		}
	})
}
