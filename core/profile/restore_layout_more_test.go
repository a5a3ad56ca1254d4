package profile

import (
	"testing"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// TestNoPartIsLeftUnseen: the badges of a showcase go with it, and an arrangement that
// was made while an archive waited stays.
func TestNoPartIsLeftUnseen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		s, mine := &Profiles{Deps: Deps{Base: b}}, []Block{{Name: "one", Kind: ByChoice, Title: "One"}, {Name: "two", Kind: ByChoice, Title: "Two"}}
		item := archive.Item{Kind: kindLayout, Data: []byte(`[{"kind":"tag","title":"Craft","of":"craft"}]`)}
		err := b.Tx(t.Context(), func(tx *db.Tx) error {
			for _, q := range []string{
				`INSERT INTO person (id, public_id, handle, name, created_at) VALUES (1, 'ada', 'ada', 'ada', 1)`,
				`INSERT INTO issuer (id, public_id, wire_id, name, first_seen) VALUES (1, 'i', 'i', 'I', 1)`,
				`INSERT INTO badge_class (id, public_id, content_hash, issuer, name, created_at) VALUES (1, 'c', 'c', 1, 'C', 1)`,
				`INSERT INTO badge (id, public_id, person, class, equality, version, form, carrier, received, credential, verdict, verified_at, created_at)
					VALUES (1, 'b', 1, 1, 'b', '2.0', 'json', 'json', 'b', '', 'valid', 1, 1)`,
			} {
				if _, err := tx.Exec(t.Context(), q); err != nil {
					return err
				}
			}
			for _, block := range mine {
				if err := replaceBlockBadges(t.Context(), tx, 1, block.Name, []int64{1}); err != nil {
					return err
				}
			}
			if err := replaceBlocks(t.Context(), tx, 1, mine); err != nil {
				return err
			}
			if err := replaceBlocks(t.Context(), tx, 1, mine[:1]); err != nil {
				return err
			}
			var err error
			item, err = s.restoreLayout(t.Context(), tx, 1, item)
			return err
		})
		if err != nil || item.State != archive.Known {
			t.Fatalf("%v, %v", item.State, err)
		}
		list, err := blocksOf(t.Context(), b.Read(), 1)
		if err != nil || len(list) != 1 || list[0].Title != "One" {
			t.Errorf("%+v, %v", list, err)
		}
		var left int
		if err := b.Read().QueryRow(t.Context(), `SELECT COUNT(*) FROM profile_block_badge`).Scan(&left); err != nil || left != 1 {
			t.Errorf("%d badges stand in showcases, %v", left, err)
		}
	})
}
