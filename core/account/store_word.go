package account

import (
	"context"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

// writeWords keeps the words by which administrators find a person: those of the
// name, and the handle with and without its sign.
func writeWords(ctx context.Context, tx *db.Tx, p Person) error {
	if _, err := tx.Exec(ctx, `DELETE FROM person_word WHERE person = $1`, p.ID); err != nil {
		return err
	}
	words := append(Words(searchText(p)), db.Fold(p.Handle))
	slices.Sort(words)
	for _, w := range slices.Compact(words) {
		if _, err := tx.Exec(ctx, `INSERT INTO person_word (person, word) VALUES ($1, $2)`, p.ID, w); err != nil {
			return err
		}
	}
	return nil
}

// Words splits a text into the folded words by which people are found.
func Words(text string) []string {
	return strings.FieldsFunc(db.Fold(text), func(r rune) bool { return strings.ContainsRune(" -.,'’\u00a0", r) })
}
