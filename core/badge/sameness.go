package badge

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
)

// sameness is what two copies of a credential have in common: issuer and id where it has
// an id (OB3 §9, "Equality and comparison"), its bytes otherwise.
//
// It stands in a row, and once more in an index, as 132 bits of its SHA-256: addresses
// would take six times the room. Rows of before have it in full until PackOld comes by.
type sameness string

func samenessOf(c *openbadge.Credential) sameness {
	if c.ID != "" {
		return sameness(openbadge.EqualityKey(c.Issuer.ID, c.ID))
	}
	return sameness("sha256:" + hashOf(c.Raw))
}

// shortLength is that of a short name.
const shortLength = 22

func (s sameness) short() string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:shortLength]
}

func (s sameness) long() string { return string(s) }

// is reports whether that is what stands in the row of such a credential.
func (s sameness) is(equality string) bool { return equality == s.short() || equality == s.long() }

// findHeld gives the public id of the badge of a person that is the same credential, or "".
func (s *Badges) findHeld(ctx context.Context, d db.DB, person int64, name sameness) (string, error) {
	return findHeld(ctx, d, person, name, [2]string{s.equalityMark(name.short()), s.equalityMark(name.long())})
}

// isLong reports whether a row was written before names were short. The mark of an
// anonymised badge is neither.
func isLong(equality string) bool {
	return (len(equality) != shortLength || strings.Contains(equality, "\n")) && !strings.HasPrefix(equality, anonymised)
}
