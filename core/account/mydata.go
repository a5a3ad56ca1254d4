package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/mail"
	"github.com/osier-passport/osier/core/secret"
)

// OwnerName names this feature's part of a person's data.
func (a *Accounts) OwnerName() string { return "account" }

// OwnerTables are the tables with rows about a person.
func (a *Accounts) OwnerTables() []string {
	return append([]string{"oidc_session", "entry", "invitation", "invitation_use", "preference", "old_handle", "block", "guardian", "consent", "answer"},
		"person", "person_word", "person_day", "email", "email_token", "address_proof", "identity", "password", "passkey", "recovery_code", "session", "oidc_state")
}

type exportedProfile struct {
	ID         string    `json:"id"`
	Handle     string    `json:"handle"`
	Name       string    `json:"name"`
	About      string    `json:"about"`
	Role       string    `json:"role"`
	Language   string    `json:"language"`
	Scheme     string    `json:"scheme"`
	Contrast   string    `json:"contrast"`
	Visibility string    `json:"default_visibility"`
	Picture    string    `json:"picture"`
	Joined     time.Time `json:"joined"`
	LastHere   time.Time `json:"last_here,omitzero"` // to the day, UTC
	Password   time.Time `json:"password_changed,omitzero"`
}

type exportedEmail struct {
	Address     string    `json:"address"`
	Primary     bool      `json:"primary"`
	Confirmed   time.Time `json:"confirmed,omitzero"`
	ConfirmedBy string    `json:"confirmed_by,omitempty"`
	Added       time.Time `json:"added"`
}

type exportedProof struct {
	Address string    `json:"address"` // masked: no more of it is held
	By      string    `json:"confirmed_by"`
	From    time.Time `json:"controlled_from"`
	Until   time.Time `json:"controlled_until"`
}

type exportedIdentity struct {
	Provider string    `json:"provider"`
	Issuer   string    `json:"issuer"`
	Subject  string    `json:"subject"`
	Label    string    `json:"label"`
	Linked   time.Time `json:"linked"`
}

type exportedPasskey struct {
	Name    string    `json:"name"`
	Site    string    `json:"site"`
	Synced  bool      `json:"synced"`
	Added   time.Time `json:"added"`
	Used    time.Time `json:"used,omitzero"`
	Doubted time.Time `json:"doubted,omitzero"`
}

type exportedSession struct {
	ID      string    `json:"id"`
	Device  string    `json:"device"`
	Started time.Time `json:"started"`
	Seen    time.Time `json:"seen"`
	Expires time.Time `json:"expires"`
}

type exportedLink struct {
	Purpose string    `json:"purpose"`
	Sent    time.Time `json:"sent"`
	Expires time.Time `json:"expires"`
}

// Export writes all that is held about a person, without secrets: profile.json,
// emails.json, address_proofs.json, identities.json, passkeys.json,
// recovery.json, sessions.json, links.json, privacy.json, invitations.json,
// answers.json, consents.json and picture.png in account/.
func (a *Accounts) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	return a.base.View(ctx, func(d db.DB) error {
		for _, part := range []struct {
			name string
			read func(context.Context, db.DB, int64) (any, error)
		}{
			{"profile", exportProfile},
			{"emails", exportEmails},
			{"address_proofs", exportProofs},
			{"identities", exportIdentities},
			{"passkeys", exportPasskeys},
			{"recovery", exportCodes},
			{"sessions", exportSessions},
			{"links", exportLinks},
			{"privacy", func(ctx context.Context, d db.DB, person int64) (any, error) { return exportPrivacy(ctx, d, person) }},
			{"invitations", exportInvitations},
			{"answers", a.exportAnswers},
			{"consents", func(ctx context.Context, d db.DB, person int64) (any, error) { return consentsOf(ctx, d, person) }},
		} {
			v, err := part.read(ctx, d, person)
			if err != nil {
				return fmt.Errorf("export %s: %w", part.name, err)
			}
			if err := archive.Put(put, "account/"+part.name+".json", v); err != nil {
				return err
			}
		}
		return exportPicture(ctx, d, person, put)
	})
}

func exportPicture(ctx context.Context, d db.DB, person int64, put func(name string, content []byte) error) error {
	hash, err := pictureHash(ctx, d, person)
	if err != nil || hash == "" {
		return err
	}
	data, _, err := blob.Store{}.Get(ctx, d, hash)
	if err != nil {
		return fmt.Errorf("export the picture: %w", err)
	}
	return put("account/picture.png", data)
}

func exportProfile(ctx context.Context, d db.DB, person int64) (any, error) {
	p, err := personByID(ctx, d, person)
	if err != nil {
		return nil, err
	}
	changed, errChanged := passwordChangedAt(ctx, d, person)
	day, errDay := dayOf(ctx, d, person)
	return exportedProfile{
		ID: p.PublicID, Handle: p.Handle, Name: p.Name, About: p.About, Role: p.Role, Language: p.Language, Scheme: p.Scheme,
		Contrast: p.Contrast, Visibility: p.Visibility, Picture: p.Picture, Joined: p.CreatedAt, LastHere: day, Password: changed,
	}, errors.Join(errChanged, errDay)
}

func exportEmails(ctx context.Context, d db.DB, person int64) (any, error) {
	list, err := emailsOf(ctx, d, person)
	out := make([]exportedEmail, 0, len(list))
	for _, e := range list {
		out = append(out, exportedEmail{e.Address, e.Primary, e.ConfirmedAt, e.ConfirmedBy, e.CreatedAt})
	}
	return out, err
}

func exportProofs(ctx context.Context, d db.DB, person int64) (any, error) {
	list, err := proofsOf(ctx, d, person)
	out := make([]exportedProof, 0, len(list))
	for _, p := range list {
		out = append(out, exportedProof{p.Masked, p.By, p.From, p.Until})
	}
	return out, err
}

func exportIdentities(ctx context.Context, d db.DB, person int64) (any, error) {
	list, err := identitiesOf(ctx, d, person)
	out := make([]exportedIdentity, 0, len(list))
	for _, i := range list {
		out = append(out, exportedIdentity{i.Provider, i.Issuer, i.Subject, i.Label, i.CreatedAt})
	}
	return out, err
}

func exportPasskeys(ctx context.Context, d db.DB, person int64) (any, error) {
	list, err := passkeysOf(ctx, d, person)
	out := make([]exportedPasskey, 0, len(list))
	for _, k := range list {
		out = append(out, exportedPasskey{k.Name, k.Site, k.Synced(), k.CreatedAt, k.UsedAt, k.DoubtedAt})
	}
	return out, err
}

func exportCodes(ctx context.Context, d db.DB, person int64) (any, error) {
	list, err := codesOf(ctx, d, person)
	if list == nil {
		list = []recoveryCode{}
	}
	return list, err
}

func exportSessions(ctx context.Context, d db.DB, person int64) (any, error) {
	list, err := sessionsOf(ctx, d, person)
	out := make([]exportedSession, 0, len(list))
	for _, s := range list {
		out = append(out, exportedSession{s.PublicID, s.Device, s.CreatedAt, s.SeenAt, s.ExpiresAt})
	}
	return out, err
}

func exportLinks(ctx context.Context, d db.DB, person int64) (any, error) {
	list, err := tokensOf(ctx, d, person)
	out := make([]exportedLink, 0, len(list))
	for _, t := range list {
		out = append(out, exportedLink{t.Purpose, t.CreatedAt, t.ExpiresAt})
	}
	return out, err
}

// Close ends a person's presence at once, before their data is erased: they are
// signed out everywhere, cannot sign in again, and their profile answers 410.
func (a *Accounts) Close(ctx context.Context, tx *db.Tx, person int64) error {
	p, err := personByID(ctx, tx, person)
	if err != nil {
		return err
	}
	if err := insertTombstone(ctx, tx, p.PublicID, a.handleHash(p.Handle)); err != nil {
		return err
	}
	if err := a.forgetIdentities(ctx, tx, person); err != nil {
		return err
	}
	if err := updateDisabled(ctx, tx, person, true); err != nil {
		return err
	}
	return a.endAll(ctx, tx, person)
}

// Erase deletes every row of a person and leaves the tombstone: a random id, a
// keyed hash of the handle and the time. All other owners come before it. It may
// be called again.
func (a *Accounts) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	p, err := personByID(ctx, tx, person)
	if err != nil {
		return ignoreAbsent(err)
	}
	if err := a.buryHandles(ctx, tx, p); err != nil {
		return err
	}
	picture, err := pictureHash(ctx, tx, person)
	if err != nil {
		return err
	}
	if err := a.forgetIdentities(ctx, tx, person); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, a.bus, Removed{Person: p.ID, PublicID: p.PublicID}); err != nil {
		return err
	}
	if err := erasePerson(ctx, tx, person); err != nil || picture == "" {
		return err
	}
	return blob.Store{}.Drop(ctx, tx, picture)
}

// buryHandles leaves a tombstone for the person and one for each handle that they
// had before: nobody shall be taken for them.
func (a *Accounts) buryHandles(ctx context.Context, tx *db.Tx, p Person) error {
	if err := insertTombstone(ctx, tx, p.PublicID, a.handleHash(p.Handle)); err != nil {
		return err
	}
	old, err := oldHandlesOf(ctx, tx, p.ID, time.Time{})
	if err != nil {
		return err
	}
	for _, h := range old {
		if err := insertTombstone(ctx, tx, secret.ID(), a.handleHash(h.Handle)); err != nil {
			return err
		}
	}
	return nil
}

type exportedPrivacy struct {
	Profile    string        `json:"profile"`
	Findable   bool          `json:"findable"`
	Follow     string        `json:"who_may_follow"`
	Comment    string        `json:"who_may_comment"`
	UnderAge   bool          `json:"under_age"`
	Guardian   string        `json:"guardian,omitempty"`
	HiddenAt   time.Time     `json:"everything_hidden_since,omitzero"`
	MailsOff   []string      `json:"mails_stopped"`
	TimeZone   string        `json:"time_zone"`
	Shown      Profile       `json:"profile_fields"`
	OldHandles []OldHandle   `json:"old_handles"`
	Blocked    []exportBlock `json:"blocked"`
}

type exportBlock struct {
	ID     string    `json:"id"`
	Handle string    `json:"handle"`
	At     time.Time `json:"at"`
}

// exportPrivacy is what a person chose about who sees, finds and reaches them.
func exportPrivacy(ctx context.Context, d db.DB, person int64) (exportedPrivacy, error) {
	p, err := privacyOf(ctx, d, person)
	if err != nil {
		return exportedPrivacy{}, err
	}
	e := exportedPrivacy{
		Profile: p.Profile, Findable: p.Findable, Follow: p.Follow, Comment: p.Comment, UnderAge: p.UnderAge, HiddenAt: p.HiddenAt,
		Blocked: []exportBlock{},
	}
	look, errLook := lookOf(ctx, d, person)
	off, errOff := mailsOff(ctx, d, person)
	fields, _, errFields := fieldsOfPerson(ctx, d, person)
	old, errOld := oldHandlesOf(ctx, d, person, time.Time{})
	blocked, errBlocked := blockedBy(ctx, d, person)
	guardian, errGuardian := guardianOf(ctx, d, person)
	e.TimeZone, e.MailsOff, e.Shown, e.OldHandles, e.Guardian = look.Zone, off, fields, old, guardian.Address
	for _, b := range blocked {
		e.Blocked = append(e.Blocked, exportBlock{b.PublicID, b.Handle, b.At})
	}
	return e, errors.Join(errLook, errOff, errFields, errOld, errBlocked, ignoreAbsent(errGuardian))
}

// FarewellMail is the data of the mail "farewell".
type FarewellMail struct {
	Name    string
	Receipt string // number
	URL     string // where it can be checked
	Counts  []FarewellCount
	ByAdmin bool   // an administrator removed the account
	Words   string // of the administrator, may be empty
}

// FarewellCount is how much of one kind goes; Key ends a message key of mydata.item.
type FarewellCount struct {
	Key string
	N   int
}

// Farewell writes the last mail to a person who leaves, and gives what sends it
// once the doors are closed. It is stored nowhere, for it holds the address; there
// is none (nil) without a mail server or a confirmed address.
func (a *Accounts) Farewell(ctx context.Context, d db.DB, person int64, data FarewellMail) (send func(), err error) {
	about, err := a.About(ctx, d, person)
	if err != nil || about.Address == "" {
		return nil, ignoreAbsent(err)
	}
	data.Name = about.Name
	m, err := a.letter(ctx, d, mail.Message{To: about.Address, Lang: about.Language, Template: "farewell", Data: data})
	if err != nil {
		return nil, err
	}
	return a.mailer.Last(m) //nolint:contextcheck // it is sent after the request has ended
}
