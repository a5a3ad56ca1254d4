package gallery

import (
	"context"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

// found is a document with how well it matches and how many show it.
type found struct {
	id, shown int64
	kind      string // where it is ranked
	score     float64
}

// The full-text index is what the two engines do differently: FTS4 on SQLite
// (store_sqlite.go) and tsvector on PostgreSQL (store_postgres.go).

// setIndexed writes the words of a document; nil takes them out.
func setIndexed(ctx context.Context, tx *db.Tx, id int64, t *wording) error {
	if tx.Engine() == db.Postgres {
		return setVector(ctx, tx, id, t)
	}
	if err := deleteIndexed(ctx, tx, id); err != nil || t == nil {
		return err
	}
	return insertIndexed(ctx, tx, id, *t)
}

func emptyText(ctx context.Context, tx *db.Tx) error {
	if tx.Engine() == db.Postgres {
		return nil // the vectors go with their rows
	}
	return emptyIndexed(ctx, tx)
}

// forgetText removes what the full-text index still holds of words that were
// deleted, before the file is rewritten.
func forgetText(ctx context.Context, tx *db.Tx) error {
	if tx.Engine() == db.Postgres {
		return nil
	}
	return optimizeIndexed(ctx, tx)
}

func joined(words []string) string { return strings.Join(words, " ") }

// tuneText prepares the index for many small changes.
func tuneText(ctx context.Context, tx *db.Tx) error {
	if tx.Engine() == db.Postgres {
		return nil
	}
	return tuneIndexed(ctx, tx)
}
