package openbadge_test

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge"
)

func TestRecipientMatch(t *testing.T) {
	hash := func(v, salt string) openbadge.Identity {
		return openbadge.Identity{Type: "email", Value: v, Salt: salt, Hashed: true}
	}
	plain := openbadge.Identity{Type: "email", Value: "Ada@Example.org"}
	for _, tt := range []struct {
		name      string
		who       openbadge.Recipient
		addresses []string
		want      string
	}{
		{"plain", openbadge.Recipient{Identities: []openbadge.Identity{plain}}, []string{"ada@example.org"}, "ada@example.org"},
		{"other", openbadge.Recipient{Identities: []openbadge.Identity{plain}}, []string{"bob@example.org"}, ""},
		{"empty address", openbadge.Recipient{Identities: []openbadge.Identity{{Value: ""}}}, []string{""}, ""},
		{"sha256 with salt", openbadge.Recipient{Identities: []openbadge.Identity{hash("sha256$ecf5409f3f4b91ab60cc5ef4c02aef7032354375e70cf4d8e43f6a1d29891942", "deadsea")}}, []string{"beth@example.org"}, ""},
		{"sha256", openbadge.Recipient{Identities: []openbadge.Identity{hash("SHA256$9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08", "")}}, []string{" TEST "}, " TEST "},
		{"md5", openbadge.Recipient{Identities: []openbadge.Identity{hash("md5$098f6bcd4621d373cade4e832627b4f6", "")}}, []string{"test"}, "test"},
		{"unknown hash", openbadge.Recipient{Identities: []openbadge.Identity{hash("md4$00", "")}}, []string{"test"}, ""},
		{"second identity", openbadge.Recipient{Identities: []openbadge.Identity{plain, hash("md5$098f6bcd4621d373cade4e832627b4f6", "")}}, []string{"test"}, "test"},
		{"subject", openbadge.Recipient{SubjectID: "mailto:ada@example.org"}, []string{"ada@example.org"}, "ada@example.org"},
		{"address in another type", openbadge.Recipient{Identities: []openbadge.Identity{{Type: "ext:studentId", Value: "ada@example.org"}}}, []string{"ada@example.org"}, ""},
		{"hash of an address in another type", openbadge.Recipient{Identities: []openbadge.Identity{{Type: "telephone", Value: "md5$098f6bcd4621d373cade4e832627b4f6", Hashed: true}}}, []string{"mailto:test@"}, ""},
		{"email of OB3", openbadge.Recipient{Identities: []openbadge.Identity{{Type: "emailAddress", Value: "ada@example.org"}}}, []string{"mailto:Ada@example.org"}, "mailto:Ada@example.org"},
		{"did as address", openbadge.Recipient{Identities: []openbadge.Identity{{Type: "email", Value: "did:key:z6Mk"}}}, []string{"did:key:z6Mk"}, ""},
		{"did", openbadge.Recipient{Identities: []openbadge.Identity{{Type: "ext:did", Value: "did:key:z6Mk"}}}, []string{"did:key:z6Mk"}, "did:key:z6Mk"},
		{"did, other case", openbadge.Recipient{Identities: []openbadge.Identity{{Type: "identifier", Value: "did:key:z6Mk"}}}, []string{"did:key:z6mK"}, ""},
		{"did subject", openbadge.Recipient{SubjectID: "did:key:z6Mk"}, []string{"did:key:z6Mk"}, "did:key:z6Mk"},
		{"profile", openbadge.Recipient{Identities: []openbadge.Identity{{Type: "url", Value: "https://ada.example/"}}}, []string{"https://ada.example/"}, "https://ada.example/"},
		{"profile in an account type", openbadge.Recipient{Identities: []openbadge.Identity{{Type: "accountId", Value: "https://ada.example/"}}}, []string{"https://ada.example/"}, "https://ada.example/"},
		{"telephone", openbadge.Recipient{Identities: []openbadge.Identity{{Type: "telephone", Value: "+33 1"}}}, []string{"+33 1"}, "+33 1"},
		{"nobody", openbadge.Recipient{}, []string{"ada@example.org"}, ""},
	} {
		got, ok := tt.who.Match(tt.addresses)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestRecipientMasked(t *testing.T) {
	for _, tt := range []struct {
		who  openbadge.Recipient
		want string
	}{
		{openbadge.Recipient{Identities: []openbadge.Identity{{Value: "ada@example.org"}}}, "a…@example.org"},
		{openbadge.Recipient{Identities: []openbadge.Identity{{Value: "école@example.org"}}}, "é…@example.org"},
		{openbadge.Recipient{Identities: []openbadge.Identity{{Value: "md5$0", Hashed: true}}}, ""},
		{openbadge.Recipient{SubjectID: "mailto:ada@example.org"}, "a…@example.org"},
		{openbadge.Recipient{SubjectID: "did:key:z6Mk"}, ""},
		{openbadge.Recipient{Identities: []openbadge.Identity{{Value: "@x"}, {Value: "x@"}}}, ""},
	} {
		if got := tt.who.Masked(); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.who, got, tt.want)
		}
	}
}

func TestEqualityKey(t *testing.T) {
	a := openbadge.EqualityKey("https://i.example/a%20b", " urn:1 ")
	if b := openbadge.EqualityKey("https://i.example/a b", "urn:1"); a != b {
		t.Errorf("%q, %q", a, b)
	}
	if a == openbadge.EqualityKey("https://i.example/a b", "urn:2") {
		t.Error("other id, same key")
	}
}
