package profile

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// The kinds of items that this feature finds in an archive.
const (
	kindContact  = "contact"
	kindPin      = "pin"
	kindMachines = "machines"
)

// Returns says what of this feature's part of an archive comes back.
func (s *Profiles) Returns() []archive.Return {
	return []archive.Return{
		{Document: "contact", Kinds: []string{kindContact}},
		{Document: "pins", Kinds: []string{kindPin}},
		{Document: "machines", Kinds: []string{kindMachines}},
		{Document: "layout", Kinds: []string{kindLayout}},
		{Document: "led_back", Anew: archive.Made},
	}
}

// Plan tells what of a profile in an archive can be taken in. What leads back is found
// out anew.
func (s *Profiles) Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	return errors.Join(s.planContacts(ctx, person, a, add), s.planPins(ctx, person, a, add), s.planMachines(ctx, person, a, add), s.planLayout(ctx, person, a, add))
}

// Restore takes one item of Plan in.
func (s *Profiles) Restore(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	switch item.Kind {
	case kindPin:
		return s.restorePin(ctx, tx, person, item)
	case kindLayout:
		return s.restoreLayout(ctx, tx, person, item)
	case kindMachines:
		item.State = archive.Done
		return item, upsertCredentials(ctx, tx, person, true)
	}
	return s.restoreContact(ctx, tx, person, item)
}

func (s *Profiles) planMachines(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exportedMachines
	if err := a.JSON("profile/machines.json", &list); err != nil || len(list) == 0 || !list[0].Credentials {
		return err
	}
	item := archive.Item{Kind: kindMachines, Source: "profile/machines.json", State: archive.Add}
	now, err := s.Credentials(ctx, person)
	if now {
		item.State = archive.Known
	}
	return errors.Join(err, add(item))
}

// planPins gives the badges that stood first; each goes by its file.
func (s *Profiles) planPins(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exportedPin
	if err := a.JSON("profile/pins.json", &list); err != nil || len(list) == 0 {
		return err
	}
	hashes, err := a.Hashes()
	if err != nil {
		return err
	}
	pinned, err := pinsOf(ctx, s.Base.Read(), person)
	if err != nil {
		return err
	}
	for _, e := range list[:min(len(list), PinsMax)] {
		item := archive.Item{Kind: kindPin, Title: archive.Clip(e.Name), State: archive.Add}
		if hashes[e.Badge] == "" {
			item.State, item.Reason = archive.Refused, "mydata.zip.no_badge"
		}
		id, _, err := badge.Brought(ctx, s.Base.Read(), person, hashes[e.Badge])
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		if err == nil && slices.Contains(pinned, id) {
			item.State = archive.Known
		}
		if err := archive.AddWith(add, item, hashes[e.Badge]); err != nil {
			return err
		}
	}
	return nil
}

// restorePin puts a badge behind those that stand first already.
func (s *Profiles) restorePin(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	var hash string
	if err := json.Unmarshal(item.Data, &hash); err != nil {
		return item, err
	}
	id, _, err := badge.Brought(ctx, tx, person, hash)
	if errors.Is(err, db.ErrNotFound) {
		item.State, item.Reason = archive.Refused, "mydata.zip.no_badge"
		return item, nil
	}
	if err != nil {
		return item, err
	}
	list, err := pinsOf(ctx, tx, person)
	switch {
	case err != nil:
		return item, err
	case slices.Contains(list, id):
		item.State = archive.Known
		return item, nil
	case len(list) >= PinsMax:
		item.State, item.Reason = archive.Refused, "profile.error.pins"
		return item, nil
	}
	item.State = archive.Done
	return item, replacePins(ctx, tx, person, append(list, id))
}

func (s *Profiles) planContacts(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exportedField
	if err := a.JSON("profile/contact.json", &list); err != nil {
		return err
	}
	have, err := s.Fields(ctx, person)
	if err != nil {
		return err
	}
	for _, e := range list {
		item := archive.Item{Kind: kindContact, Title: archive.Clip(e.Value), Source: "profile/contact.json", State: archive.Add}
		value, ok := ParseField(e.Kind, e.Value)
		switch {
		case !ok || value == "" || !slices.Contains(Audiences, e.Audience):
			item.State, item.Reason = archive.Refused, "profile.error.field"
		case slices.ContainsFunc(have, func(f Field) bool { return f.Kind == e.Kind }):
			item.State = archive.Known
		}
		if err := archive.AddWith(add, item, e); err != nil {
			return err
		}
	}
	return nil
}

// restoreContact takes one field in; one that is there stays as it is.
func (s *Profiles) restoreContact(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
	var e exportedField
	if err := json.Unmarshal(item.Data, &e); err != nil {
		return item, err
	}
	value, ok := ParseField(e.Kind, e.Value)
	if !ok || value == "" || !slices.Contains(Audiences, e.Audience) {
		item.State, item.Reason = archive.Refused, "profile.error.field"
		return item, nil
	}
	fields, err := fieldsOf(ctx, tx, person)
	if err != nil {
		return item, err
	}
	if slices.ContainsFunc(fields, func(f Field) bool { return f.Kind == e.Kind }) {
		item.State = archive.Known
		return item, nil
	}
	if err := replaceFields(ctx, tx, person, append(fields, Field{e.Kind, value, e.Audience})); err != nil {
		return item, err
	}
	item.State = archive.Done
	return item, s.settleLinks(ctx, tx, person)
}
