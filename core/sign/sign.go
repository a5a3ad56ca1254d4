// Package sign keeps the keys with which the passport signs credentials, for the
// site and on behalf of people, and publishes them.
//
// It owns the tables signing_key and signing_end and no event. A key is Ed25519,
// made when it is first used, its private part sealed and dropped once another key
// takes its place. The site is did:web of its host, everybody else did:web of a
// random public id below /u/: no name stands in it, so that renaming changes
// nothing. A document lists all keys that there have been, so that what was signed
// with an earlier one still verifies; that of somebody who left answers 410. A
// passport that no DID can name, such as one on localhost, signs with did:key.
//
// Callers: core/endorse, exports of core/badge; core/badge asks it for documents of
// this passport instead of fetching them.
package sign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/secret"
)

// keyAge is how old a key becomes before another takes its place.
const keyAge = 365 * 24 * time.Hour

// Who signs: the site, a person, or somebody without an account.
type Who struct {
	Holder string // public id, "" for the site
	Person int64  // 0 for the site and for who has no account
}

// Deps is what a Signer needs.
type Deps struct {
	Base *db.Base
	Keys *secret.Keys
	URL  func(path string) string // absolute form of a local path
}

// Signer signs.
type Signer struct{ Deps }

// New makes the service.
func New(d Deps) *Signer { return &Signer{d} }

// Key signs in somebody's name.
type Key struct {
	DID    string // who signs, the id of the issuer
	method string
	key    issue.Key
}

// storedKey is a row of signing_key.
type storedKey struct {
	id                   int64
	holder               string
	person               int64
	public               string // Multikey
	sealed               []byte // PEM, empty once the key is retired
	createdAt, retiredAt time.Time
}

// Key gives the key of who signs now, as part of tx. The first call makes it; one
// of a year is replaced. It returns a fault Gone for who has left.
func (s *Signer) Key(ctx context.Context, tx *db.Tx, who Who) (Key, error) {
	now, err := currentKey(ctx, tx, who.Holder)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return s.make(ctx, tx, who)
	case err != nil:
		return Key{}, err
	case tx.Now().Sub(now.createdAt) > keyAge:
		return s.Rotate(ctx, tx, who)
	}
	pem, err := s.Keys.Open(now.sealed, sealedFor(now.holder))
	if err != nil {
		return Key{}, fmt.Errorf("open the signing key: %w", err)
	}
	key, err := issue.ParsePEM(pem)
	if err != nil {
		return Key{}, err
	}
	return s.named(who.Holder, key), nil
}

// Rotate makes another key for who signs. What was signed with those before still
// verifies, and nothing more can be signed with them.
func (s *Signer) Rotate(ctx context.Context, tx *db.Tx, who Who) (Key, error) {
	if err := retireKeys(ctx, tx, who.Holder); err != nil {
		return Key{}, err
	}
	return s.make(ctx, tx, who)
}

func (s *Signer) make(ctx context.Context, tx *db.Tx, who Who) (Key, error) {
	ended, err := hasEnded(ctx, tx, who.Holder)
	if err == nil && ended {
		err = errGone()
	}
	if err != nil {
		return Key{}, err
	}
	key, err := issue.NewEd25519()
	if err != nil {
		return Key{}, err
	}
	pem, err := key.PEM()
	if err != nil {
		return Key{}, err
	}
	return s.named(who.Holder, key), insertKey(ctx, tx, storedKey{
		id: tx.NewID(), holder: who.Holder, person: who.Person, public: key.Multibase(), sealed: s.Keys.Seal(pem, sealedFor(who.Holder)),
	})
}

// sealedFor is what a private key is bound to. The holder of a key never changes.
func sealedFor(holder string) []byte { return []byte("sign/" + holder) }

func (s *Signer) named(holder string, key issue.Key) Key {
	did, ok := s.did(holder)
	if !ok {
		did = key.DIDKey()
	}
	return Key{DID: did, method: did + "#" + key.Multibase(), key: key}
}

// Sign secures a credential with an embedded proof of the suite eddsa-rdfc-2022
// (VC-DI-EdDSA §3.2) and gives its JSON. Its issuer must be k.DID. It reads and
// writes nothing.
func (k Key) Sign(ctx context.Context, doc map[string]any, at time.Time) ([]byte, error) {
	return k.key.Embed(ctx, doc, issue.Proof{Method: k.method, Created: at})
}

// did gives the did:web of a holder (did:web §3.1), and whether there is one: no
// DID names a site without https or a public host.
func (s *Signer) did(holder string) (string, bool) {
	u, err := url.Parse(s.URL("/"))
	if err != nil || u.Scheme != "https" {
		return "", false
	}
	did := "did:web:" + strings.ReplaceAll(u.Host, ":", "%3A")
	if holder != "" {
		did += ":u:" + holder
	}
	_, ok := verify.DIDWebAddress(did)
	return did, ok
}

// DID gives the DID of the site, or "" where none can name it.
func (s *Signer) DID() string {
	did, ok := s.did("")
	if !ok {
		return ""
	}
	return did
}

func errGone() error    { return fault.New(fault.Gone, "sign.error.gone") }
func errUnknown() error { return fault.New(fault.NotFound, "sign.error.not_found") }

// method is a verification method of a DID document (Controlled Identifiers
// §2.2.2 "Multikey").
type method struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Controller string `json:"controller"`
	PublicKey  string `json:"publicKeyMultibase"`
}

// didDocument is a DID document (DID Core §5).
type didDocument struct {
	Context            []string `json:"@context"`
	ID                 string   `json:"id"`
	VerificationMethod []method `json:"verificationMethod"`
	AssertionMethod    []string `json:"assertionMethod"`
}

// Document gives the DID document of a holder: every key that they have had. It
// returns a fault Gone for somebody who has left, and NotFound for who never
// signed and for a site that no DID names.
func (s *Signer) Document(ctx context.Context, holder string) ([]byte, error) {
	did, ok := s.did(holder)
	if !ok {
		return nil, errUnknown()
	}
	keys, err := publishedKeys(ctx, s.Base.Read(), holder)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, s.absent(ctx, holder)
	}
	doc := didDocument{Context: []string{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"}, ID: did}
	for _, k := range keys {
		id := did + "#" + k
		doc.VerificationMethod = append(doc.VerificationMethod, method{ID: id, Type: "Multikey", Controller: did, PublicKey: k})
		doc.AssertionMethod = append(doc.AssertionMethod, id)
	}
	return json.Marshal(doc)
}

func (s *Signer) absent(ctx context.Context, holder string) error {
	ended, err := hasEnded(ctx, s.Base.Read(), holder)
	switch {
	case err != nil:
		return err
	case ended:
		return errGone()
	}
	return errUnknown()
}

// Own answers for an address of this passport where a DID document is, without a
// request to itself. ok is false for every other address.
func (s *Signer) Own(ctx context.Context, address string) (d verify.Document, ok bool) {
	path, own := strings.CutPrefix(address, s.URL("/"))
	holder, person := strings.CutPrefix(path, "u/")
	holder, ends := strings.CutSuffix(holder, "/did.json")
	switch {
	case own && path == ".well-known/did.json":
		holder = ""
	case !own || !person || !ends || !secret.IsID(holder):
		return verify.Document{}, false
	}
	d = verify.Document{URL: address, FinalURL: address, Status: 200, ContentType: documentType}
	body, err := s.Document(ctx, holder)
	if e, known := fault.As(err); known {
		d.Status = fault.Status(e)
		return d, true
	}
	d.Body = body
	return d, err == nil
}

// Forget deletes the keys of somebody without an account, as part of tx: their
// document answers that they have gone.
func (s *Signer) Forget(ctx context.Context, tx *db.Tx, holder string) error {
	if err := insertEnd(ctx, tx, holder); err != nil {
		return err
	}
	return deleteKeysOf(ctx, tx, holder)
}
