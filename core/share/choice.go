package share

import (
	"context"
	"slices"

	"github.com/osier-passport/osier/core/db"
)

// preferred is what a person prefers of one target.
type preferred struct {
	target string
	place  int // 0: nowhere in particular
	hidden bool
	agreed bool
}

// Order puts targets into the person's order; those that they hid come as hidden.
// Targets that they said nothing of come last, in the order of the plugins.
func (s *Share) order(ctx context.Context, person int64, list []Target) (shown, hidden []Target, err error) {
	prefs, err := listChoices(ctx, s.base.Read(), person)
	if err != nil {
		return nil, nil, err
	}
	by := map[string]preferred{}
	for _, p := range prefs {
		by[p.target] = p
	}
	for _, t := range list {
		if by[t.ID].hidden {
			hidden = append(hidden, t)
		} else {
			shown = append(shown, t)
		}
	}
	const last = 1 << 20
	place := func(t Target) int {
		if p := by[t.ID].place; p > 0 {
			return p
		}
		return last
	}
	slices.SortStableFunc(shown, func(a, b Target) int { return place(a) - place(b) })
	return shown, hidden, nil
}

// agree notes that a person knows what leaves for a target.
func (s *Share) agree(ctx context.Context, person int64, target string) error {
	return s.base.Tx(ctx, func(tx *db.Tx) error { return agree(ctx, tx, person, target) })
}

// arrange stores an order and what is hidden.
func (s *Share) arrange(ctx context.Context, person int64, order []Target, hidden []Target) error {
	return s.base.Tx(ctx, func(tx *db.Tx) error {
		for i, t := range order {
			if err := upsertChoice(ctx, tx, person, preferred{target: t.ID, place: i + 1}); err != nil {
				return err
			}
		}
		for _, t := range hidden {
			if err := upsertChoice(ctx, tx, person, preferred{target: t.ID, hidden: true}); err != nil {
				return err
			}
		}
		return nil
	})
}
