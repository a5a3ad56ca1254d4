package badge_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/badge"
)

// TestKeptDocumentsAreListedOnceWithTheirTimes: the same bytes read at two checks
// are one document, other bytes at the same address another.
func TestKeptDocumentsAreListedOnceWithTheirTimes(t *testing.T) {
	clocked(t, func(t *testing.T, p *term) {
		b := p.hold(t, ada, p.school.signed(t, p.key, "one", "1", "ada@example.org"))
		p.pass(time.Hour)
		p.school.revoke(t, map[string]string{"urn:uuid:other": "mistake"})
		if _, err := p.Reverify(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		list, err := p.KeptDocuments(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		roles := map[string]int{}
		for _, k := range list {
			roles[k.Role]++
			if again := k.Last.Sub(k.First) >= time.Hour; again == (k.Role == "status") {
				t.Errorf("%s was read from %s to %s", k.Role, k.First, k.Last)
			}
		}
		if roles["issuer"] != 1 || roles["key"] != 1 || roles["status"] != 2 {
			t.Errorf("%v", roles)
		}
		p.school.mu.Lock()
		sum := sha256.Sum256([]byte(p.school.answers["/issuer"].body))
		p.school.mu.Unlock()
		if hashes := hashesOf(list); !slices.Contains(hashes, hex.EncodeToString(sum[:])) {
			t.Errorf("the issuer's own bytes are not among %v", hashes)
		}
	})
}

func hashesOf(list []badge.Kept) (hashes []string) {
	for _, k := range list {
		hashes = append(hashes, k.SHA256)
	}
	return hashes
}
