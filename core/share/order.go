package share

import (
	"cmp"
	"context"
	"slices"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/plugins/sdk"
)

// unplaced is where targets are that no administrator has put anywhere: behind the
// others, in the order of their plugins.
const unplaced = 1 << 30

// Placed is a target with its place among those of its purpose.
type Placed struct {
	ID, Service, Label string
	Purpose            sdk.Purpose
	First, Last        bool
}

// Order gives the targets that are offered, in the order of the share page.
func (s *Share) Order(lang string) []Placed {
	var list []Placed
	for _, p := range s.Plugins() {
		for _, t := range p.Descriptor.Targets {
			if !p.Off && !s.TargetOff(p.ID, t) {
				list = append(list, Placed{ID: p.ID + "." + t.ID, Service: p.Descriptor.ServiceOf(t, lang), Label: sdk.Label(t.Labels, lang, t.ID), Purpose: t.Purpose})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Placed) int {
		return cmp.Or(cmp.Compare(purposeRank(a.Purpose), purposeRank(b.Purpose)), cmp.Compare(s.placeOf(a.ID), s.placeOf(b.ID)))
	})
	for i := range list {
		list[i].First = i == 0 || list[i-1].Purpose != list[i].Purpose
		list[i].Last = i == len(list)-1 || list[i+1].Purpose != list[i].Purpose
	}
	return list
}

func purposeRank(p sdk.Purpose) int {
	return slices.Index([]sdk.Purpose{sdk.PurposeProfile, sdk.PurposePost, sdk.PurposeSend}, p)
}

// Move puts a target one place up or down among those of its purpose. It returns a
// fault NotFound for a target that is not offered; at the end of the list nothing
// happens.
func (s *Share) Move(ctx context.Context, target string, down bool) error {
	list := s.Order("en")
	at := slices.IndexFunc(list, func(p Placed) bool { return p.ID == target })
	if at < 0 {
		return fault.New(fault.NotFound, "share.error.no_target")
	}
	other := at - 1
	if down {
		other = at + 1
	}
	if down && list[at].Last || !down && list[at].First {
		return nil
	}
	list[at], list[other] = list[other], list[at]
	err := s.base.Tx(ctx, func(tx *db.Tx) error {
		for n, p := range list {
			if err := upsertPlace(ctx, tx, placed{p.ID, n + 1}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, p := range list {
		s.places[p.ID] = n + 1
	}
	return nil
}

func (s *Share) placeOf(target string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.places[target], unplaced)
}

// loadOrder reads what administrators ordered.
func (s *Share) loadOrder(ctx context.Context) error {
	list, err := listPlaces(ctx, s.base.Read())
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range list {
		s.places[p.target] = p.place
	}
	return nil
}
