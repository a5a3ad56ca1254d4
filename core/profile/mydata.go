package profile

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// kindContact is the kind of items that this feature finds in an archive.
const kindContact = "contact"

// OwnerName names this feature's part of a person's data.
func (s *Profiles) OwnerName() string { return "profile" }

// OwnerTables are the tables with rows about a person.
func (s *Profiles) OwnerTables() []string {
	return []string{"profile_field", "profile_link", "profile_pin", "profile_choice"}
}

type exportedField struct {
	Kind     string `json:"kind"`
	Value    string `json:"value"`
	Audience string `json:"audience"`
}

type exportedLink struct {
	URL      string    `json:"url"`
	Checked  time.Time `json:"checked,omitzero"`
	Verified time.Time `json:"verified,omitzero"`
}

type exportedPin struct {
	Badge string `json:"badge"`
	Name  string `json:"name"`
}

type exportedMachines struct {
	Credentials bool `json:"credentials"`
}

// Export hands out profile/contact.json, profile/led_back.json (links and whether they
// lead back), profile/pins.json and profile/machines.json.
func (s *Profiles) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	fields, err := s.Fields(ctx, person)
	if err != nil {
		return err
	}
	links, err := s.LinkStates(ctx, person)
	if err != nil {
		return err
	}
	pins, err := s.Pins(ctx, person)
	if err != nil {
		return err
	}
	yes, err := s.Credentials(ctx, person)
	if err != nil {
		return err
	}
	machines := []exportedMachines{}
	if yes {
		machines = append(machines, exportedMachines{yes})
	}
	return errors.Join(
		putJSON(put, "profile/contact.json", each(fields, func(f Field) exportedField { return exportedField(f) })),
		putJSON(put, "profile/led_back.json", each(links, func(l LinkState) exportedLink { return exportedLink(l) })),
		putJSON(put, "profile/pins.json", each(pins, func(b badge.Badge) exportedPin { return exportedPin{b.PublicID, b.Class.Name} })),
		putJSON(put, "profile/machines.json", machines),
	)
}

func each[A, B any](list []A, f func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, a := range list {
		out = append(out, f(a))
	}
	return out
}

func putJSON(put func(string, []byte) error, name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return put(name, append(text, '\n'))
}

// Erase deletes all of it.
func (s *Profiles) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	return deleteAll(ctx, tx, person)
}

// Merge gives what one account of a person tells to another of theirs: what the other
// has stays, and the pinned badges of both stand in a row as far as there is place.
func (s *Profiles) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	if err := moveAll(ctx, tx, from, into); err != nil {
		return err
	}
	if err := deleteAll(ctx, tx, from); err != nil {
		return err
	}
	return s.settleLinks(ctx, tx, into)
}

// Plan tells which fields of an archive can be taken in. What leads back is found out
// anew, and what stands first is chosen again among the badges that came.
func (s *Profiles) Plan(ctx context.Context, person int64, a *archive.Archive, add func(archive.Item) error) error {
	var list []exportedField
	if !a.Has("profile/contact.json") {
		return nil
	}
	if err := a.JSON("profile/contact.json", &list); err != nil {
		return err
	}
	have, err := s.Fields(ctx, person)
	if err != nil {
		return err
	}
	for _, e := range list {
		item := archive.Item{Kind: kindContact, Title: e.Value[:min(len(e.Value), 200)], Source: "profile/contact.json", State: archive.Add}
		value, ok := ParseField(e.Kind, e.Value)
		switch {
		case !ok || value == "" || !slices.Contains(Audiences, e.Audience):
			item.State, item.Reason = archive.Refused, "profile.error.field"
		case slices.ContainsFunc(have, func(f Field) bool { return f.Kind == e.Kind }):
			item.State = archive.Known
		}
		if item.Data, err = json.Marshal(e); err != nil {
			return err
		}
		if err := add(item); err != nil {
			return err
		}
	}
	return nil
}

// Restore takes one field in; one that is there stays as it is.
func (s *Profiles) Restore(ctx context.Context, tx *db.Tx, person int64, item archive.Item) (archive.Item, error) {
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
