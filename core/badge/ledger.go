package badge

import (
	"context"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

const (
	bodyKept   = 1 << 20 // bytes of one document; of a larger one the hash is kept
	bodiesKept = 4 << 20 // bytes of all documents of one verification
)

// IssuerKey is a key that badges of an issuer were signed with. The times are
// those at which such badges came in, not those at which they were looked at.
type IssuerKey struct {
	Thumbprint string // RFC 7638, SHA-256
	ID         string // as the issuer names it, may be empty
	FirstSeen  time.Time
	LastSeen   time.Time
}

// kept is a verification for the ledger, with its report as it is written.
type kept struct {
	report verify.Report
	packed []byte
}

// keep writes a verification to the ledger with the documents that it rests on,
// each body once however often it was read, and pins the keys that counted. A
// key changes no verdict: what changed is a fact for whoever reads it.
func (s *Badges) keep(ctx context.Context, tx *db.Tx, m *memo, b Badge, k kept) error {
	id, err := insertLedger(ctx, tx, b.ID, k)
	if err != nil {
		return err
	}
	r := k.report
	left := bodiesKept
	for i, d := range r.Documents {
		hash := ""
		if len(d.Body) > 0 && len(d.Body) <= min(bodyKept, left) {
			left -= len(d.Body)
			if hash, err = s.putBlob(ctx, tx, m, d.Body, "application/octet-stream"); err != nil {
				return fmt.Errorf("keep document: %w", err)
			}
		}
		if err := insertDocument(ctx, tx, id, keptDocument{d, i, hash}); err != nil {
			return err
		}
	}
	for _, k := range r.Keys {
		if err := m.key(ctx, tx, b, k); err != nil {
			return err
		}
	}
	return nil
}

// Keys gives the keys that an issuer signed with, the one that was seen first
// before the others.
func (s *Badges) Keys(ctx context.Context, issuer int64) ([]IssuerKey, error) {
	return listKeys(ctx, s.Base.Read(), issuer)
}
