package badge

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// memo is what one transaction has read or written already: badges that come in
// together are often of one issuer, one class and one person. It dies with the
// transaction, which another may run again.
type memo struct {
	issuers    map[string]knownIssuer // by wire id
	classes    map[string]int64       // by content hash
	blobs      map[string]bool        // there, by hash
	keys       map[knownKey]bool      // noted
	criteria   map[int64]bool         // wanted, by class
	visibility map[int64]Visibility   // of new badges, by person
	parts      map[string]int64       // of credentials, by hash
	frames     map[string]int64       // around credentials, by hash
}

type knownIssuer struct {
	id     int64
	said   issuerWords
	proven bool
}

type issuerWords struct{ name, url, description string }

type knownKey struct {
	issuer     int64
	thumbprint string
}

func newMemo() *memo {
	return &memo{
		issuers: make(map[string]knownIssuer), classes: make(map[string]int64), blobs: make(map[string]bool),
		keys: make(map[knownKey]bool), criteria: make(map[int64]bool), visibility: make(map[int64]Visibility), parts: make(map[string]int64), frames: make(map[string]int64),
	}
}

// issuer finds or makes an issuer; see upsertIssuer.
func (m *memo) issuer(ctx context.Context, tx *db.Tx, i openbadge.Issuer, proven bool) (int64, error) {
	now := knownIssuer{said: issuerWords{i.Name, i.URL, i.Description}, proven: proven}
	if old, ok := m.issuers[i.ID]; ok && (!proven || old.proven && old.said == now.said) {
		return old.id, nil
	}
	var err error
	if now.id, err = upsertIssuer(ctx, tx, i, proven); err == nil {
		m.issuers[i.ID] = now
	}
	return now.id, err
}

// class finds or makes the class with this content, whose hash that is.
func (m *memo) class(ctx context.Context, tx *db.Tx, issuer int64, hash string, c classContent) (int64, error) {
	if id, ok := m.classes[hash]; ok {
		return id, nil
	}
	id, err := upsertClass(ctx, tx, issuer, hash, c)
	if err == nil {
		m.classes[hash] = id
	}
	return id, err
}

// part finds or makes what a credential shares; 0 is nothing.
func (m *memo) part(ctx context.Context, tx *db.Tx, p packable) (int64, error) {
	if p.partHash == "" {
		return 0, nil
	}
	if id, ok := m.parts[p.partHash]; ok {
		return id, nil
	}
	id, err := upsertPart(ctx, tx, p.partHash, p.part)
	if err == nil {
		m.parts[p.partHash] = id
	}
	return id, err
}

// frame finds or makes the picture around a credential; 0 is none.
func (m *memo) frame(ctx context.Context, tx *db.Tx, f framed) (int64, error) {
	if f.hash == "" {
		return 0, nil
	}
	if id, ok := m.frames[f.hash]; ok {
		return id, nil
	}
	id, err := upsertFrame(ctx, tx, f)
	if err == nil {
		m.frames[f.hash] = id
	}
	return id, err
}

// key notes a key that badges of an issuer are signed with.
func (m *memo) key(ctx context.Context, tx *db.Tx, b Badge, k verify.UsedKey) error {
	known := knownKey{b.Class.Issuer.ID, k.Thumbprint}
	if m.keys[known] {
		return nil
	}
	m.keys[known] = true
	return upsertKey(ctx, tx, known.issuer, k, b.CreatedAt)
}

// wanted is who may see a new badge: as the person wished for it, or else as they
// chose for all new ones.
func (m *memo) wanted(ctx context.Context, tx *db.Tx, im Import) (Visibility, error) {
	person := im.Person
	if im.wish != nil && im.wish.Visibility.Valid() {
		return im.wish.Visibility, nil
	}
	if v, ok := m.visibility[person]; ok {
		return v, nil
	}
	v, err := defaultVisibility(ctx, tx, person)
	if err == nil {
		m.visibility[person] = v
	}
	return v, err
}

// putBlob keeps bytes, once in a transaction; see blob.Store.Put.
func (s *Badges) putBlob(ctx context.Context, tx *db.Tx, m *memo, data []byte, mime string) (string, error) {
	hash := hashOf(data)
	if m.blobs[hash] {
		return hash, nil
	}
	err := s.Blobs.PutAs(ctx, tx, hash, data, mime)
	if err == nil {
		m.blobs[hash] = true
	}
	return hash, err
}
