package sign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/secret"
)

// Record is what a learner record (CLR 2.0) is made of.
type Record struct {
	Name        string   // of the record, such as "Badges of Ada"
	Site        string   // name of the site, which issues it
	Address     string   // of the holder: a salted hash of it says whose record it is
	Credentials [][]byte // as they were received
	// Endorsements are what others say of the credential at the same place.
	Endorsements [][][]byte
	Partial      bool // the holder has more
}

// Record signs a CLR 2.0 of credentials with the key of the site (CLR2 §B.1). left are
// the places in r.Credentials of those that cannot be in a record, such as badges
// of OB 2.0: the rest is signed without them. It returns a fault Invalid when none
// is left.
func (s *Signer) Record(ctx context.Context, r Record) (record []byte, left []int, err error) {
	var key Key
	err = s.Base.Tx(ctx, func(tx *db.Tx) error {
		key, err = s.Key(ctx, tx, Who{})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	now, salt := s.Base.Now(), secret.ID()
	sum := sha256.Sum256([]byte(r.Address + salt))
	doc, left := issue.Record2(ctx, openbadge.Credential{
		ID: "urn:uuid:" + uuid(), Name: r.Name, Issuer: openbadge.Issuer{ID: key.DID, Name: r.Site, URL: s.URL("/")}, IssuedOn: now,
		Recipient: openbadge.Recipient{Identities: []openbadge.Identity{
			{Type: "emailAddress", Value: "sha256$" + hex.EncodeToString(sum[:]), Salt: salt, Hashed: true},
		}},
	}, r.Credentials, r.Partial)
	if len(left) == len(r.Credentials) {
		return nil, left, fault.New(fault.Invalid, "sign.error.empty_record")
	}
	issue.Endorse2(ctx, doc, r.endorsements(left))
	record, err = key.Sign(ctx, doc, now)
	return record, left, err
}

// endorsements are those of what is in the record.
func (r Record) endorsements(left []int) [][]byte {
	var list [][]byte
	for i, of := range r.Endorsements {
		if !slices.Contains(left, i) {
			list = append(list, of...)
		}
	}
	return list
}

// uuid is a random UUID (RFC 9562 §5.4).
func uuid() string {
	b := secret.Hash(secret.Token())[:16]
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	x := hex.EncodeToString(b)
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}
