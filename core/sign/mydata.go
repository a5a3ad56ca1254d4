package sign

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (s *Signer) OwnerName() string { return "signing" }

// OwnerTables are the tables with rows about a person that this feature erases.
func (s *Signer) OwnerTables() []string { return []string{"signing_key"} }

type exportedKey struct {
	DID       string     `json:"did,omitempty"`
	PublicKey string     `json:"publicKeyMultibase"`
	MadeAt    time.Time  `json:"madeAt"`
	RetiredAt *time.Time `json:"retiredAt,omitempty"`
}

const exportName = "signing/signing_keys.json"

// Returns says what of this feature's part of an archive comes back.
func (s *Signer) Returns() []archive.Return {
	return []archive.Return{{Document: "signing_keys", Anew: archive.Secret}}
}

// Export hands out the public keys with which the passport signed for the person.
// The private ones leave it never: who has them could sign as this passport.
func (s *Signer) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	keys, err := listKeys(ctx, s.Base.Read(), person)
	if err != nil {
		return err
	}
	out := make([]exportedKey, 0, len(keys))
	for _, k := range keys {
		did, ok := s.did(k.holder)
		if !ok {
			did = "did:key:" + k.public
		}
		e := exportedKey{DID: did, PublicKey: k.public, MadeAt: k.createdAt}
		if !k.retiredAt.IsZero() {
			e.RetiredAt = &k.retiredAt
		}
		out = append(out, e)
	}
	return archive.Put(put, exportName, out)
}

// Counts gives how much there is of each document.
func (s *Signer) Counts(ctx context.Context, person int64) (map[string]int, error) {
	n, err := countKeys(ctx, s.Base.Read(), person)
	return map[string]int{exportName: n}, err
}

// Erase deletes the keys of a person. Their document answers 410 from then on.
func (s *Signer) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	return deleteKeys(ctx, tx, person)
}
