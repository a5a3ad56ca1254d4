package badge

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"

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

// equalities are what may stand in the row of a credential: its name, short and long, and
// the marks that it has of them once it is anonymised.
type equalities [4]string

func (s *Badges) equalitiesOf(name sameness) equalities {
	short, long := name.short(), name.long()
	return equalities{short, long, s.equalityMark(short), s.equalityMark(long)}
}

func (e equalities) short() string { return e[0] }

// isLong reports whether a row was written before names were short. The mark of an
// anonymised badge is neither.
func isLong(equality string) bool {
	return (len(equality) != shortLength || strings.Contains(equality, "\n")) && !strings.HasPrefix(equality, anonymised)
}
