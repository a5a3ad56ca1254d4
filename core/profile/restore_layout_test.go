package profile

import (
	"testing"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/db/dbtest"
)

// TestAnArchiveThatNamesAPartTwice brings the rest of the arrangement back.
func TestAnArchiveThatNamesAPartTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, b *db.Base) {
		s, item := &Profiles{Deps: Deps{Base: b}}, archive.Item{Kind: kindLayout, Data: []byte(`[{"kind":"badges"},{"kind":"pinned"},{"kind":"badges","hidden":true},{"kind":"tag","title":"Craft","of":"craft"}]`)}
		err := b.Tx(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `INSERT INTO person (id, public_id, handle, name, created_at) VALUES (1, 'ada', 'ada', 'ada', 1)`); err != nil {
				return err
			}
			_, err := s.restoreLayout(t.Context(), tx, 1, item)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		list, err := blocksOf(t.Context(), b.Read(), 1)
		if err != nil || len(list) != 3 || list[0].Hidden || list[2].Title != "Craft" {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
