package badge_test

import (
	"bytes"
	"testing"

	"github.com/osier-passport/osier/core/badge"
)

// FuzzReadList: any list of issuers is refused, or names each issuer in one way; and nobody is
// listed whose identifier is empty.
func FuzzReadList(f *testing.F) {
	f.Add([]byte(`{"name":"Schools","issuers":[{"domain":"*.school.example"},{"id":"https://a.example/1"},{"did":"did:key:z6Mk"}]}`), "https://a.school.example/x")
	f.Add([]byte(`{"name":"x","issuers":[{"domain":"a..b","note":"\u202e"}]}`), "did:web:a..b%3A1:c")
	f.Add([]byte(`{"name":"x","issuers":[{"id":"http://[::1"}]}`), "http://[::1")
	f.Fuzz(func(t *testing.T, file []byte, issuer string) {
		l, err := badge.ReadList(bytes.NewReader(file))
		if err != nil {
			return
		}
		if l.Name == "" || l.Size < 0 {
			t.Errorf("list %+v", l)
		}
		lists := badge.Lists{l}
		if n := len(lists.Of(issuer)); n > 1 {
			t.Errorf("%d entries for one issuer", n)
		}
		if len(lists.Of("")) > 0 {
			t.Error("nobody is on the list")
		}
	})
}
