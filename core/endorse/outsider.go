package endorse

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
	"github.com/osier-passport/osier/core/text"
)

const (
	sealWith    = "endorse/address"
	markPurpose = "endorse/address"
)

// mark stands for an address, so that it is found without being kept in clear.
func (s *Endorse) mark(key string) string { return s.Keys.MAC(markPurpose, []byte(key)) }

// addressOf gives the address of somebody without an account.
func (s *Endorse) addressOf(o Outsider) (string, error) {
	address, err := s.Keys.Open(o.sealed, []byte(sealWith))
	return string(address), err
}

// ByLink gives what a mailed link asks for. It returns a fault Gone for one that is
// unknown, taken back or older than 30 days.
func (s *Endorse) ByLink(ctx context.Context, token string) (Endorsement, error) {
	e, err := getByToken(ctx, s.Base.Read(), secret.Hash(token), db.Micros(s.Base.Now()))
	if errors.Is(err, db.ErrNotFound) {
		return e, errGone()
	}
	return e, usable(e.Subject, err)
}

// WriteByLink keeps what somebody without an account says.
func (s *Endorse) WriteByLink(ctx context.Context, token string, w Words) error {
	e, err := s.ByLink(ctx, token)
	if err != nil {
		return err
	}
	name, ok := text.CleanLine(w.Name, maxName)
	if !ok || name == "" {
		return account.FieldErrors{"name": "endorse.error.name"}
	}
	if w, err = w.clean(e.Subject); err != nil {
		return err
	}
	e.Outsider.Name, e.Body, e.Skills = name, w.Body, w.Skills
	return s.Base.Tx(ctx, func(tx *db.Tx) error {
		if err := updateName(ctx, tx, e.Outsider.ID, name); err != nil {
			return err
		}
		if err := updateWritten(ctx, tx, e); err != nil {
			return err
		}
		return s.tellWritten(ctx, tx, e)
	})
}

// RefuseByLink says no to a request.
func (s *Endorse) RefuseByLink(ctx context.Context, token string) error {
	e, err := s.ByLink(ctx, token)
	if err != nil {
		return err
	}
	return s.move(ctx, e, Asked, Refused)
}

// Held is all that is held about somebody without an account.
type Held struct {
	Outsider Outsider
	Address  string
	List     []Endorsement
}

// HeldByLink gives all that is held about the one whom a link was mailed to.
func (s *Endorse) HeldByLink(ctx context.Context, token string) (Held, error) {
	e, err := s.ByLink(ctx, token)
	if err != nil {
		return Held{}, err
	}
	return s.held(ctx, e.Outsider)
}

// HeldOf gives all that is held about an address, by its key; nothing is no error.
func (s *Endorse) HeldOf(ctx context.Context, key string) (Held, error) {
	o, err := outsiderByMark(ctx, s.Base.Read(), s.mark(key))
	if errors.Is(err, db.ErrNotFound) {
		return Held{}, nil
	}
	if err != nil {
		return Held{}, err
	}
	return s.held(ctx, o)
}

func (s *Endorse) held(ctx context.Context, o Outsider) (Held, error) {
	h := Held{Outsider: o}
	var err error
	if h.Address, err = s.addressOf(o); err != nil {
		return h, err
	}
	h.List, err = listOfOutsider(ctx, s.Base.Read(), o.ID)
	return h, err
}

// HeldItem is one entry of what is held, as JSON.
type HeldItem struct {
	Badge      string          `json:"badge"`
	Issuer     string          `json:"issuer"`
	Holder     string          `json:"askedBy"`
	State      State           `json:"state"`
	Request    string          `json:"request,omitempty"`
	Body       string          `json:"text,omitempty"`
	Skills     []string        `json:"skills,omitempty"`
	AskedAt    time.Time       `json:"askedAt"`
	WrittenAt  time.Time       `json:"writtenAt,omitzero"`
	DecidedAt  time.Time       `json:"decidedAt,omitzero"`
	LinkUntil  time.Time       `json:"linkUntil,omitzero"`
	Credential json.RawMessage `json:"credential,omitempty"`
}

// Items gives the entries of h with their credentials.
func (s *Endorse) Items(ctx context.Context, h Held) ([]HeldItem, error) {
	list := make([]HeldItem, 0, len(h.List))
	for _, e := range h.List {
		item := HeldItem{
			Badge: e.Subject.Name, Issuer: e.Subject.Issuer, Holder: e.Subject.Holder.Name, State: e.State, Request: e.Request,
			Body: e.Body, Skills: e.Skills, AskedAt: e.AskedAt, WrittenAt: e.WrittenAt, DecidedAt: e.DecidedAt, LinkUntil: e.Until,
		}
		if e.State == Accepted {
			credential, err := credentialOf(ctx, s.Base.Read(), e.ID)
			if err != nil {
				return nil, err
			}
			item.Credential = credential
		}
		list = append(list, item)
	}
	return list, nil
}

// document is a Held as JSON.
func (s *Endorse) document(ctx context.Context, h Held) ([]byte, error) {
	items, err := s.Items(ctx, h)
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(struct {
		Address      string     `json:"address"`
		Name         string     `json:"name,omitempty"`
		Language     string     `json:"language,omitempty"`
		Endorsements []HeldItem `json:"endorsements"`
	}{h.Address, h.Outsider.Name, h.Outsider.Language, items}, "", "  ")
}

// ForgetByLink deletes all that is held about the one whom a link was mailed to;
// stop keeps a mark of the address, so that nobody's request is mailed to it again.
func (s *Endorse) ForgetByLink(ctx context.Context, token string, stop bool) error {
	h, err := s.HeldByLink(ctx, token)
	if err != nil {
		return err
	}
	_, key, err := mail.ParseAddress(h.Address)
	if err != nil {
		return err
	}
	err = s.Base.Tx(ctx, func(tx *db.Tx) error {
		if stop {
			if err := insertStop(ctx, tx, s.mark(key)); err != nil {
				return err
			}
		}
		if err := s.Forget(ctx, tx, key); err != nil {
			return err
		}
		member, err := s.Accounts.HeldOf(ctx, tx, key)
		if err != nil || member.Member {
			return err
		}
		return s.Mailer.Forget(ctx, tx, key)
	})
	if err != nil {
		return err
	}
	return s.Base.Scrub(ctx)
}

// Forget deletes all that is held about an address, by its key, as part of tx: what
// was asked and said, the name and the keys that signed. The DID document of it
// answers that it is gone.
func (s *Endorse) Forget(ctx context.Context, tx *db.Tx, key string) error {
	o, err := outsiderByMark(ctx, tx, s.mark(key))
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := deleteOfOutsider(ctx, tx, o.ID); err != nil {
		return err
	}
	return s.dropLone(ctx, tx, []int64{o.ID})
}

// dropLone deletes people without an account about whom nothing is left.
func (s *Endorse) dropLone(ctx context.Context, tx *db.Tx, outsiders []int64) error {
	for _, id := range outsiders {
		if id == 0 {
			continue
		}
		holder, err := deleteLone(ctx, tx, id)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := deletePlacesOf(ctx, tx, holder); err != nil {
			return err
		}
		if err := s.Signer.Forget(ctx, tx, holder); err != nil {
			return err
		}
	}
	return nil
}
