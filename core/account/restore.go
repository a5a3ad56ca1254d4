package account

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/blob"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/mail"
)

// The kinds of items that this feature finds in an archive.
const (
	kindProfile = "profile"
	kindPicture = "picture"
	kindAddress = "address"
	kindPrivacy = "privacy"

	kindInvitation = "invitation"
	kindBlock      = "block"
)

// Returns says what of this feature's part of an archive comes back. Terms are agreed
// to anew, since that is between a person and one passport.
func (a *Accounts) Returns() []archive.Return {
	return []archive.Return{
		{Document: "profile", Kinds: []string{kindProfile, kindPicture}},
		{Document: "privacy", Kinds: []string{kindPrivacy, kindBlock}},
		{Document: "emails", Kinds: []string{kindAddress}},
		{Document: "invitations", Kinds: []string{kindInvitation}},
		{Document: "answers", Kinds: []string{kindAnswer}},
		{Document: "consents", Anew: archive.Others},
		{Document: "address_proofs", Anew: archive.Secret},
		{Document: "identities", Anew: archive.Secret},
		{Document: "passkeys", Anew: archive.Secret},
		{Document: "recovery", Anew: archive.Secret},
		{Document: "sessions", Anew: archive.Secret},
		{Document: "links", Anew: archive.Secret},
	}
}

// Plan tells what of the account in an archive can be taken in: how a person
// presents themselves, and their addresses as ones to be confirmed. Roles, names
// of accounts, sign-in methods and confirmations are never taken from an archive.
func (a *Accounts) Plan(ctx context.Context, person int64, in *archive.Archive, add func(archive.Item) error) error {
	p, err := personByID(ctx, a.base.Read(), person)
	if err != nil {
		return err
	}
	for _, plan := range []func(context.Context, Person, *archive.Archive, func(archive.Item) error) error{
		a.planPrivacy, a.planBlocks, a.planProfile, a.planPicture, a.planAddresses, a.planInvitations, a.planAnswers,
	} {
		if err := plan(ctx, p, in, add); err != nil {
			return err
		}
	}
	return nil
}

func (a *Accounts) planProfile(_ context.Context, p Person, in *archive.Archive, add func(archive.Item) error) error {
	var e exportedProfile
	if err := in.JSON("account/profile.json", &e); err != nil || e.Name == "" {
		return err
	}
	item := archive.Item{Kind: kindProfile, Title: e.Name, State: archive.Add}
	next, ok := a.presented(p, e)
	switch {
	case !ok:
		item.State, item.Reason = archive.Refused, "mydata.zip.profile"
	case next == p:
		item.State = archive.Known
	}
	return archive.AddWith(add, item, e)
}

// presented is p as e says, by the rules of the page of settings. Choices that
// this passport does not know stay as they are.
func (a *Accounts) presented(p Person, e exportedProfile) (Person, bool) {
	name, errName := parseName(e.Name)
	about, errAbout := parseAbout(e.About)
	if errors.Join(errName, errAbout) != nil {
		return p, false
	}
	p.Name, p.About = name, about
	choose := func(to *string, value string, among ...string) {
		if slices.Contains(among, value) {
			*to = value
		}
	}
	choose(&p.Scheme, e.Scheme, "auto", "light", "dark")
	choose(&p.Contrast, e.Contrast, "auto", "high")
	choose(&p.Visibility, e.Visibility, "private", "link", "members", "public")
	if e.Language == "" || a.catalogue.Has(e.Language) {
		p.Language = e.Language
	}
	return p, true
}

// planPicture draws the picture anew, as every upload.
func (a *Accounts) planPicture(ctx context.Context, p Person, in *archive.Archive, add func(archive.Item) error) error {
	const file = "account/picture.png"
	if !in.Has(file) {
		return nil
	}
	data, err := in.Read(file)
	if err != nil {
		return err
	}
	item := archive.Item{Kind: kindPicture, Source: file, State: archive.Add}
	now, err := pictureHash(ctx, a.base.Read(), p.ID)
	if err != nil {
		return err
	}
	if now == blob.Hash(data) {
		item.State = archive.Known
		return add(item)
	}
	drawn, err := drawPicture(ctx, data)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		item.State, item.Reason = archive.Refused, "account.error.picture.form"
		return add(item)
	}
	if now == blob.Hash(drawn) {
		item.State = archive.Known
	}
	return archive.AddWith(add, item, drawn)
}

func (a *Accounts) planAddresses(ctx context.Context, p Person, in *archive.Archive, add func(archive.Item) error) error {
	var list []exportedEmail
	if err := in.JSON("account/emails.json", &list); err != nil {
		return err
	}
	have, err := emailsOf(ctx, a.base.Read(), p.ID)
	if err != nil {
		return err
	}
	room := addressesPerHead - len(have)
	for _, e := range list {
		address, key, err := mail.ParseAddress(e.Address)
		if err != nil {
			continue
		}
		item := archive.Item{Kind: kindAddress, Title: address, State: archive.Add}
		switch {
		case slices.ContainsFunc(have, func(h Email) bool { return h.Key == key }): // or the same one was in the archive before
			item.State = archive.Known
		case room <= 0:
			item.State, item.Reason = archive.Refused, "account.error.address.full"
		default:
			room--
			have = append(have, Email{Address: address, Key: key})
		}
		if err := archive.AddWith(add, item, address); err != nil {
			return err
		}
	}
	return nil
}

// Restore takes an item of Plan in, as part of tx.
func (a *Accounts) Restore(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	p, err := personByID(ctx, tx, person)
	if err != nil {
		return item, err
	}
	item.State = archive.Done
	switch item.Kind {
	case kindProfile:
		var e exportedProfile
		if err := json.Unmarshal(item.Data, &e); err != nil {
			return item, err
		}
		next, _ := a.presented(p, e)
		now, err := privacyOf(ctx, tx, person)
		if err != nil {
			return item, err
		}
		if now.UnderAge {
			next.Visibility = p.Visibility
		}
		return item, updateProfile(ctx, tx, next)
	case kindPrivacy:
		var e exportedPrivacy
		if err := json.Unmarshal(item.Data, &e); err != nil {
			return item, err
		}
		return item, a.restorePrivacy(ctx, tx, p, e)
	case kindPicture:
		var drawn []byte
		if err := json.Unmarshal(item.Data, &drawn); err != nil {
			return item, err
		}
		return item, a.restorePicture(ctx, tx, p, drawn)
	case kindInvitation:
		return a.restoreInvitation(ctx, tx, p, item)
	case kindAnswer:
		return a.restoreAnswer(ctx, tx, p, item)
	case kindBlock:
		return a.restoreBlock(ctx, tx, p, item)
	}
	var address string
	if err := json.Unmarshal(item.Data, &address); err != nil {
		return item, err
	}
	address, key, err := mail.ParseAddress(address)
	if err != nil {
		return item, err
	}
	have, err := emailsOf(ctx, tx, person)
	if err != nil {
		return item, err
	}
	switch {
	case slices.ContainsFunc(have, func(h Email) bool { return h.Key == key }): // added since the archive was read
		item.State = archive.Known
		return item, nil
	case len(have) >= addressesPerHead:
		item.State, item.Reason = archive.Refused, "account.error.address.full"
		return item, nil
	}
	return item, insertEmail(ctx, tx, Email{ID: tx.NewID(), Person: person, Address: address, Key: key, CreatedAt: tx.Now()})
}

// restorePicture shows a picture to whom the person shows their picture.
func (a *Accounts) restorePicture(ctx context.Context, tx *db.Tx, p Person, drawn []byte) error {
	old, err := pictureHash(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	fields, _, err := fieldsOfPerson(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	hash, err := (blob.Store{}).Put(ctx, tx, drawn, "image/png")
	if err != nil {
		return err
	}
	if err := a.keepProfile(ctx, tx, &p, fields, hash); err != nil || old == "" || old == hash {
		return err
	}
	return blob.Store{}.Drop(ctx, tx, old)
}

// planPrivacy gives what a person chose about who sees, finds and reaches them.
func (a *Accounts) planPrivacy(ctx context.Context, p Person, in *archive.Archive, add func(archive.Item) error) error {
	const file = "account/privacy.json"
	if !in.Has(file) {
		return nil
	}
	var e exportedPrivacy
	if err := in.JSON(file, &e); err != nil {
		return err
	}
	item := archive.Item{Kind: kindPrivacy, Source: file, State: archive.Add}
	now, err := exportPrivacy(ctx, a.base.Read(), p.ID)
	if err != nil {
		return err
	}
	mine, errMine := json.Marshal(now.choices())
	theirs, errTheirs := json.Marshal(e.choices())
	if item.Data, err = json.Marshal(e); err != nil || errMine != nil || errTheirs != nil {
		return errors.Join(err, errMine, errTheirs)
	}
	if string(mine) == string(theirs) {
		item.State = archive.Known
	}
	return add(item)
}

// choices leaves what restorePrivacy takes over, to compare it.
func (e exportedPrivacy) choices() exportedPrivacy {
	e.UnderAge, e.Guardian, e.OldHandles, e.Blocked = false, "", nil, nil
	if !e.HiddenAt.IsZero() {
		e.HiddenAt = time.Unix(0, 0)
	}
	return e
}

// restorePrivacy takes choices over by the rules of the pages of settings. Who is
// under age here stays so, and who was under age there is shown to members alone until
// they answer for their age; old names and the guardian are not taken from an
// archive. An account that hid everything hides everything.
func (a *Accounts) restorePrivacy(ctx context.Context, tx *db.Tx, p Person, e exportedPrivacy) error {
	now, err := privacyOf(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	choose := func(to *string, value string, among []string) {
		if slices.Contains(among, value) {
			*to = value
		}
	}
	choose(&now.Profile, e.Profile, profileChoices)
	choose(&now.Follow, e.Follow, followChoices)
	choose(&now.Comment, e.Comment, commentChoices)
	if now.Findable = e.Findable; now.UnderAge || e.UnderAge {
		now = now.forUnderAge()
	}
	if err := updatePrivacy(ctx, tx, p.ID, now); err != nil {
		return err
	}
	if err := a.restoreLook(ctx, tx, p.ID, e); err != nil {
		return err
	}
	fields := e.Shown
	fields.Name, fields.About = p.Name, p.About
	if fields, err = parseProfile(fields); err != nil {
		return nil //nolint:nilerr // what the settings would refuse stays as it is
	}
	picture, err := pictureHash(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	return a.keepProfile(ctx, tx, &p, fields, picture)
}

func (a *Accounts) restoreLook(ctx context.Context, tx *db.Tx, person int64, e exportedPrivacy) error {
	look, err := lookOf(ctx, tx, person)
	if err != nil {
		return err
	}
	if err := checkZone(e.TimeZone); err == nil {
		look.Zone = e.TimeZone
	}
	if err := updateLook(ctx, tx, person, look); err != nil {
		return err
	}
	off := slices.DeleteFunc(slices.Clone(mailKinds), func(kind string) bool { return !slices.Contains(e.MailsOff, kind) })
	if err := updateMailsOff(ctx, tx, person, off); err != nil || e.HiddenAt.IsZero() {
		return err
	}
	if err := updateHidden(ctx, tx, person, tx.Now()); err != nil {
		return err
	}
	return event.Publish(ctx, tx, a.bus, SeenByOthers{Person: person})
}
