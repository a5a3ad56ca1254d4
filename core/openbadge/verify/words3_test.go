package verify_test

import (
	"testing"

	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// TestUndefinedWordsOfTokens: the signature of a VC-JWT covers every word, yet one that no context
// defines means nothing to anybody.
func TestUndefinedWordsOfTokens(t *testing.T) {
	for _, vc := range []string{"1.1", "2.0"} {
		for _, place := range []string{"", "issuer", "credentialSubject"} {
			header := map[string]any{"kid": "k1"}
			w := tokenWorld(t, ecKey(), vc, header)
			doc := issue.Credential3(w.plain)
			at := doc
			if place != "" {
				at, _ = doc[place].(map[string]any)
			}
			w.payload = must(w.key.Token(doc, header))
			wantVerdict(t, w.check(t), verify.Valid)
			at["surprise"] = "a"
			w.payload = must(w.key.Token(doc, header))
			r := w.check(t)
			wantVerdict(t, r, verify.Invalid)
			wantStep(t, r, verify.CheckFormat, verify.Fail, "undefined-term")
		}
	}
}
