package openbadge_test

import (
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge"
)

// FuzzRecipient: whatever an identity holds, an e-mail address is never found in one of another
// type, what matches is one of the names given, and a mask hides the name.
func FuzzRecipient(f *testing.F) {
	f.Add("email", "ada@example.org", "", false, "did:key:z6Mk", "ada@example.org")
	f.Add("emailAddress", "sha256$9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08", "", true, "", "test")
	f.Add("ext:studentId", "md5$098f6bcd4621d373cade4e832627b4f6", "salt", true, "mailto:ada@example.org", "ada@example.org")
	f.Add("url", "https://ada.example/", "", false, "", "https://ada.example/")
	f.Add("", "sha512$", "", true, "", "+33 1")
	f.Fuzz(func(t *testing.T, kind, value, salt string, hashed bool, subject, name string) {
		who := openbadge.Recipient{SubjectID: subject, Identities: []openbadge.Identity{{Type: kind, Value: value, Salt: salt, Hashed: hashed}}}
		matched, ok := who.Match([]string{name})
		if ok && matched != name || !ok && matched != "" {
			t.Errorf("matched %q, %v", matched, ok)
		}
		email := openbadge.KindOfName(name) == openbadge.NameEmail
		foreign := !strings.Contains(strings.ToLower(kind), "email") && kind != "" && !strings.HasSuffix(kind, ":") && !strings.HasSuffix(kind, "/") && !strings.HasSuffix(kind, "#")
		if who.SubjectID = ""; email && foreign {
			if _, found := who.Match([]string{name}); found {
				t.Errorf("%q found in an identity of the type %q", name, kind)
			}
		}
		if m := who.Masked(); m != "" && !hashed && strings.HasPrefix(value, m[:1]) && m == value && !strings.Contains(value, "…") {
			t.Errorf("mask %q shows %q", m, value)
		}
		_ = who.Comparable([]string{name})
		_ = who.Identities[0].WellFormed()
	})
}
