package endorse

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (s *Endorse) OwnerName() string { return "endorsements" }

// OwnerTables are the tables with rows about a person that this feature erases.
func (s *Endorse) OwnerTables() []string {
	return []string{"endorsement", "endorsement_place", "outsider"}
}

// exportedEndorsement is an endorsement in the open format of the export.
type exportedEndorsement struct {
	ID         string    `json:"id"`
	Badge      string    `json:"badge"`
	Issuer     string    `json:"issuer"`
	BadgeID    string    `json:"credentialId,omitempty"`
	By         string    `json:"by,omitempty"`
	ByID       string    `json:"byId,omitempty"`    // of a member
	On         string    `json:"on,omitempty"`      // id of the badge in badges/badges.json
	Address    string    `json:"address,omitempty"` // that the person had asked by mail
	For        string    `json:"for,omitempty"`
	State      State     `json:"state"`
	Request    string    `json:"request,omitempty"`
	Body       string    `json:"text,omitempty"`
	Skills     []string  `json:"skills,omitempty"`
	Verdict    string    `json:"verdict,omitempty"`
	Credential string    `json:"credential,omitempty"` // file of the signed EndorsementCredential
	AskedAt    time.Time `json:"askedAt,omitzero"`
	WrittenAt  time.Time `json:"writtenAt,omitzero"`
	DecidedAt  time.Time `json:"decidedAt,omitzero"`
}

const (
	receivedName = "endorsements/endorsements_received.json"
	writtenName  = "endorsements/endorsements_written.json"
	exportAtMost = 100_000
)

// Export hands out what was asked for and said about the person's badges, what
// they wrote and were asked for, and the credential of each that was accepted.
func (s *Endorse) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	d := s.Base.Read()
	received, err := listReceived(ctx, d, person, exportAtMost)
	if err != nil {
		return err
	}
	written, err := listOwn(ctx, d, person, exportAtMost)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		list []Endorsement
	}{{receivedName, received}, {writtenName, written}} {
		if err := s.exportList(ctx, part.name, part.list, put); err != nil {
			return err
		}
	}
	return nil
}

func (s *Endorse) exportList(ctx context.Context, name string, list []Endorsement, put func(name string, content []byte) error) error {
	out := make([]exportedEndorsement, 0, len(list))
	for _, e := range list {
		x := exportedEndorsement{
			ID: e.PublicID, Badge: e.Subject.Name, Issuer: e.Subject.Issuer, BadgeID: e.Subject.WireID, ByID: e.By.PublicID, On: e.Subject.PublicID, State: e.State, Request: e.Request,
			Body: e.Body, Skills: e.Skills, Verdict: e.Verdict, AskedAt: e.AskedAt, WrittenAt: e.WrittenAt, DecidedAt: e.DecidedAt,
		}
		if x.By, x.For = e.author().Name, ""; name == writtenName {
			x.By, x.For, x.ByID, x.On = "", e.Subject.Holder.Name, "", ""
		}
		if e.Outsider.ID != 0 {
			address, err := s.addressOf(e.Outsider)
			if err != nil {
				return err
			}
			x.Address = address
		}
		if e.State == Accepted {
			credential, err := credentialOf(ctx, s.Base.Read(), e.ID)
			if err != nil {
				return err
			}
			x.Credential = "endorsements/signed/" + e.PublicID + ".json"
			if err := put(x.Credential, credential); err != nil {
				return err
			}
		}
		out = append(out, x)
	}
	return archive.Put(put, name, out)
}

// Counts gives how much there is of each document.
func (s *Endorse) Counts(ctx context.Context, person int64) (map[string]int, error) {
	received, written, err := countOf(ctx, s.Base.Read(), person)
	return map[string]int{receivedName: received, writtenName: written}, err
}

// Erase deletes what the person wrote and was asked for, and what others wrote and
// were asked for about their badges.
func (s *Endorse) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	outsiders, err := deleteOfPerson(ctx, tx, person)
	if err != nil {
		return err
	}
	if err := deletePlaces(ctx, tx, person); err != nil {
		return err
	}
	return s.dropLone(ctx, tx, outsiders)
}
