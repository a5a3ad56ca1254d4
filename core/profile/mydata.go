package profile

import (
	"context"
	"errors"
	"time"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (s *Profiles) OwnerName() string { return "profile" }

// OwnerTables are the tables with rows about a person.
func (s *Profiles) OwnerTables() []string {
	return []string{"profile_field", "profile_link", "profile_pin", "profile_choice", "profile_block", "profile_block_badge"}
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
// lead back), profile/pins.json, profile/machines.json and profile/layout.json.
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
	layout, err := s.exportLayout(ctx, person)
	if err != nil {
		return err
	}
	machines := []exportedMachines{}
	if yes {
		machines = append(machines, exportedMachines{yes})
	}
	return errors.Join(
		archive.Put(put, "profile/contact.json", each(fields, func(f Field) exportedField { return exportedField(f) })),
		archive.Put(put, "profile/led_back.json", each(links, func(l LinkState) exportedLink { return exportedLink(l) })),
		archive.Put(put, "profile/pins.json", each(pins, func(b badge.Badge) exportedPin { return exportedPin{b.PublicID, b.Class.Name} })),
		archive.Put(put, "profile/layout.json", layout),
		archive.Put(put, "profile/machines.json", machines),
	)
}

func each[A, B any](list []A, f func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, a := range list {
		out = append(out, f(a))
	}
	return out
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
