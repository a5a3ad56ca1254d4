package badge

import (
	"bytes"
	"context"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/pack"
)

// packable is a credential on its way to its row: made before the transaction.
type packable struct {
	own, part []byte // packed; as it was cut
	partHash  string // "" for no part
}

func packableOf(credential []byte) packable {
	own, part := pack.Cut(credential)
	p := packable{own: pack.Text(own), part: part}
	if len(part) > 0 {
		p.partHash = hashOf(part)
	}
	return p
}

// isInline reports whether a file is its credential and nothing else.
func isInline(found bake.Found, file []byte) bool {
	return (found.Carrier == bake.CarrierJSON || found.Carrier == bake.CarrierJWS) && bytes.Equal(found.Payload, file)
}

// fileOf gives the file that a badge came as, exactly, and its type.
func (s *Badges) fileOf(ctx context.Context, d db.DB, b Badge) ([]byte, string, error) {
	if !b.Inline {
		return s.Blobs.Get(ctx, d, b.Received)
	}
	data, err := getCredential(ctx, d, b.ID)
	if err == nil && b.Frame != 0 {
		data, err = s.inFrame(ctx, d, b.Frame, data)
	}
	return data, mimeOf(bake.Carrier(b.Carrier)), err
}

const (
	packBatch = 50                    // badges packed in one transaction
	packPause = 20 * time.Millisecond // between them, for others
)

// PackOld packs the badges that came in before credentials were packed, a few at a time.
// It goes on where it was stopped.
func (s *Badges) PackOld(ctx context.Context) error {
	for {
		_, ended, err := getPacking(ctx, s.Base.Read())
		if err != nil || ended {
			return err
		}
		if err := s.Base.Tx(ctx, func(tx *db.Tx) error { return s.packSome(ctx, tx) }); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(packPause):
		}
	}
}

func (s *Badges) packSome(ctx context.Context, tx *db.Tx) error {
	tx.Quiet() // credentials read the same
	after, ended, err := getPacking(ctx, tx)
	if err != nil || ended {
		return err
	}
	list, err := listUnpacked(ctx, tx, after, packBatch)
	if err != nil {
		return err
	}
	m := newMemo()
	for _, u := range list {
		after = u.id
		if err := packLedger(ctx, tx, u.id); err != nil {
			return err
		}
		if err := shorten(ctx, tx, u); err != nil {
			return err
		}
		if u.packed || len(u.credential) == 0 { // or anonymised
			continue
		}
		if err := s.packOne(ctx, tx, m, u); err != nil {
			return err
		}
	}
	return updatePacking(ctx, tx, after, len(list) < packBatch)
}

// shorten writes what stands in a row as it is written now: the name of the credential
// short, its evidence in the credential alone.
func shorten(ctx context.Context, tx *db.Tx, u unpacked) error {
	if isLong(u.equality) {
		if err := updateEquality(ctx, tx, u.id, sameness(u.equality).short()); err != nil {
			return err
		}
	}
	if u.evidence == "" || u.evidence == "[]" {
		return nil
	}
	c, err := openbadge.Parse(u.credential)
	if err != nil || c.Version != openbadge.V30 {
		return nil //nolint:nilerr // it was read from elsewhere, or by another rule, and stays
	}
	if text, err := evidenceJSON(c.Evidence); err != nil || text != u.evidence {
		return err
	}
	return updateEvidence(ctx, tx, u.id, "")
}

func (s *Badges) packOne(ctx context.Context, tx *db.Tx, m *memo, u unpacked) error {
	p := packableOf(u.credential)
	part, err := m.part(ctx, tx, p)
	if err != nil {
		return err
	}
	inline := u.file != nil && bytes.Equal(u.file, u.credential)
	if err := updatePacked(ctx, tx, u.id, packedRow{p.own, part, inline}); err != nil || !inline {
		return err
	}
	return s.Blobs.Drop(ctx, tx, u.received)
}
