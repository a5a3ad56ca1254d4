package endorse

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// kindEndorsement is the kind of items that this feature finds in an archive.
const kindEndorsement = "endorsement"

// Returns says what of this feature's part of an archive comes back. What the person
// wrote for others is theirs to accept again.
func (s *Endorse) Returns() []archive.Return {
	return []archive.Return{
		{Document: "endorsements_received", Kinds: []string{kindEndorsement}},
		{Document: "endorsements_written", Anew: archive.Others},
	}
}

// brought is an accepted endorsement of an archive that this passport made.
type brought struct {
	exportedEndorsement

	Hash   string `json:"hash"` // of the file of the badge
	Signed string `json:"signed"`
}

// Plan gives the endorsements of an archive that were accepted and signed here, by
// members who are there still: whoever else wrote one lost the key with the account.
func (s *Endorse) Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exportedEndorsement
	if err := a.JSON(receivedName, &list); err != nil || len(list) == 0 {
		return err
	}
	hashes, err := a.Hashes()
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.State != Accepted {
			continue // a request, or what was not decided: it can be asked for again
		}
		b := brought{exportedEndorsement: e, Hash: hashes[e.On]}
		item := archive.Item{Kind: kindEndorsement, Title: archive.Clip(e.Badge), Source: e.Credential, State: archive.Add}
		if err := s.planOne(ctx, person, a, &b, &item); err != nil {
			return err
		}
		if err := archive.AddWith(add, item, b); err != nil {
			return err
		}
	}
	return nil
}

func (s *Endorse) planOne(ctx context.Context, person int64, a *archive.Archive, b *brought, item *archive.Item) error {
	if !a.SameSite {
		item.State, item.Reason = archive.Refused, "mydata.zip.other_site"
		return nil
	}
	if !strings.HasPrefix(b.Credential, "endorsements/signed/") || !a.Has(b.Credential) {
		item.State, item.Reason = archive.Refused, "mydata.zip.file_missing"
		return nil
	}
	signed, err := a.Read(b.Credential)
	if err != nil {
		return err
	}
	b.Signed = string(signed)
	if there, err := hasPublic(ctx, s.Base.Read(), b.ID); err != nil || there {
		item.State = archive.Known
		return err
	}
	_, err = memberShown(ctx, s.Base.Read(), person, b.ByID)
	if err == nil {
		_, err = b.place(ctx, s.Base.Read())
	}
	if errors.Is(err, db.ErrNotFound) {
		item.State, item.Reason = archive.Refused, "mydata.zip.not_here"
		return nil
	}
	return err
}

// place gives where what was signed stood in the status list of its writer, as long as
// nothing else does and its writer did not take it back: else db.ErrNotFound.
func (b brought) place(ctx context.Context, d db.DB) (int64, error) {
	var signed struct {
		Status struct {
			Index string `json:"statusListIndex"`
		} `json:"credentialStatus"`
	}
	at, err := -1, json.Unmarshal([]byte(b.Signed), &signed)
	if err == nil {
		at, err = strconv.Atoi(signed.Status.Index)
	}
	if err != nil {
		return 0, db.ErrNotFound
	}
	return returning(ctx, d, b.ByID, at)
}

// Restore shows an endorsement again, which is not revoked any more then, and tells its
// writer, who can withdraw it. It is verified anew by the next sweep.
func (s *Endorse) Restore(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	var b brought
	if err := json.Unmarshal(item.Data, &b); err != nil {
		return item, err
	}
	on, publicID, err := badge.Brought(ctx, tx, person, b.Hash)
	var by Person
	if err == nil {
		by, err = memberShown(ctx, tx, person, b.ByID)
	}
	var place int64
	if err == nil {
		place, err = b.place(ctx, tx)
	}
	if errors.Is(err, db.ErrNotFound) {
		item.State, item.Reason = archive.Refused, "mydata.zip.not_here"
		return item, nil
	}
	if err != nil {
		return item, err
	}
	e := Endorsement{
		ID: tx.NewID(), PublicID: b.ID, Subject: Subject{ID: on, PublicID: publicID}, By: by, Request: b.Request, Body: b.Body, Skills: b.Skills, Verdict: b.Verdict,
		AskedAt: b.AskedAt, WrittenAt: b.WrittenAt, DecidedAt: b.DecidedAt,
	}
	n, err := insertBrought(ctx, tx, e, b.Signed, place)
	if err != nil || n == 0 {
		item.State = archive.Known
		return item, err
	}
	item.State = archive.Done
	if err := updateReturned(ctx, tx, place); err != nil {
		return item, err
	}
	return item, s.Accounts.Announce(ctx, tx, account.Announcement{
		Person: by.ID, About: person, Kind: account.MailEndorse, Template: "endorse-accepted",
		Data: AcceptedMail{Name: by.Name, Who: b.For, Badge: b.Badge, URL: s.URL("/endorsements")},
	})
}
