package share

import (
	"context"
	"encoding/json"

	"github.com/osier-passport/osier/core/db"
)

// OwnerName names this feature's part of a person's data.
func (s *Share) OwnerName() string { return "share" }

// OwnerTables are the tables with rows about a person that this feature erases.
func (s *Share) OwnerTables() []string { return []string{"share"} }

// Export hands out what the person shared.
func (s *Share) Export(ctx context.Context, person int64, put func(name string, content []byte) error) error {
	list, err := listAll(ctx, s.base.Read(), person)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	return put("share/shares.json", append(text, '\n'))
}

// Erase deletes what the person shared from our log. Targets of the kind "link"
// hold nothing that we could take back.
func (s *Share) Erase(ctx context.Context, tx *db.Tx, person int64) error {
	return deleteOfPerson(ctx, tx, person)
}
