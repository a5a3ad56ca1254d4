package endorse

import (
	"context"
	"crypto/rand"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/sign"
)

const (
	listPlaces = 131_072 // of a status list (Bitstring Status List §3.1: at least)
	placeTries = 50
	listTTL    = time.Minute // for which verifiers may keep a list
	listsKept  = 256
)

// place is where an endorsement stands in the status list of who signed it. The
// list is theirs, so that verifiers who ask for one issuer of both are content.
type place struct {
	id     int64
	holder string
	person int64
	at     int
}

// takePlace gives a place that nothing stood on before: at random, so that its
// number tells nothing.
func (s *Endorse) takePlace(ctx context.Context, tx *db.Tx, who sign.Who) (place, error) {
	for range placeTries {
		n, err := rand.Int(rand.Reader, big.NewInt(listPlaces))
		if err != nil {
			return place{}, err
		}
		p := place{id: tx.NewID(), holder: who.Holder, person: who.Person, at: int(n.Int64())}
		taken, err := insertPlace(ctx, tx, p)
		if err != nil || taken {
			return p, err
		}
	}
	return place{}, fault.New(fault.Conflict, "endorse.error.list_full")
}

// listAddress is where the status list of who signs is.
func (s *Endorse) listAddress(holder string) string {
	return s.Signer.URL("/u/" + holder + "/status")
}

// statusOf is the credentialStatus of what stands on a place (VC 2.0 §4.10).
func (s *Endorse) statusOf(p place) map[string]any {
	return issue.StatusEntry(s.listAddress(p.holder), "revocation", p.at)
}

// statusLists keeps signed lists for as long as what they say is so. The zero
// value is ready.
type statusLists struct {
	mu   sync.Mutex
	kept map[string]keptList
}

type keptList struct {
	revoked []int
	text    []byte
}

func (l *statusLists) get(holder string, revoked []int) ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k, ok := l.kept[holder]
	return k.text, ok && slices.Equal(k.revoked, revoked)
}

func (l *statusLists) put(holder string, k keptList) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.kept == nil || len(l.kept) >= listsKept {
		l.kept = map[string]keptList{}
	}
	l.kept[holder] = k
}

// StatusList gives the status list of who signs, signed in their name (Bitstring
// Status List §2.2 "BitstringStatusListCredential"): what was withdrawn, written
// anew, declined or deleted is revoked. It returns a fault Gone for somebody who has
// left and NotFound for who never signed.
func (s *Endorse) StatusList(ctx context.Context, holder string) ([]byte, error) {
	places, err := listPlacesOf(ctx, s.Base.Read(), holder)
	if err != nil {
		return nil, err
	}
	if len(places) == 0 {
		_, err := s.Signer.Document(ctx, holder)
		if err == nil {
			err = errNotFound()
		}
		return nil, err
	}
	revoked, who := []int{}, sign.Who{Holder: holder}
	for _, p := range places {
		who.Person = p.person
		if p.free {
			revoked = append(revoked, p.at)
		}
	}
	if text, ok := s.lists.get(holder, revoked); ok {
		return text, nil
	}
	text, err := s.signList(ctx, who, revoked)
	if err == nil {
		s.lists.put(holder, keptList{revoked, text})
	}
	return text, err
}

func (s *Endorse) signList(ctx context.Context, who sign.Who, revoked []int) ([]byte, error) {
	var key sign.Key
	err := s.Base.Tx(ctx, func(tx *db.Tx) error {
		var err error
		key, err = s.Signer.Key(ctx, tx, who)
		return err
	})
	if err != nil {
		return nil, err
	}
	now := s.Base.Now()
	doc, err := issue.StatusList(openbadge.Credential{
		ID: s.listAddress(who.Holder), Issuer: openbadge.Issuer{ID: key.DID}, IssuedOn: now,
	}, "revocation", revoked)
	if err != nil {
		return nil, err
	}
	if subject, ok := doc["credentialSubject"].(map[string]any); ok {
		subject["ttl"] = listTTL.Milliseconds()
	}
	return key.Sign(ctx, doc, now)
}

// Own answers for an address of this passport where a status list is, without a
// request to itself. ok is false for every other address.
func (s *Endorse) Own(ctx context.Context, address string) (d verify.Document, ok bool) {
	holder, own := strings.CutPrefix(address, s.Signer.URL("/u/"))
	holder, ends := strings.CutSuffix(holder, "/status")
	if !own || !ends || !secret.IsID(holder) {
		return verify.Document{}, false
	}
	d = verify.Document{URL: address, FinalURL: address, Status: 200, ContentType: listType}
	body, err := s.StatusList(ctx, holder)
	if e, known := fault.As(err); known {
		d.Status = fault.Status(e)
		return d, true
	}
	d.Body = body
	return d, err == nil
}
