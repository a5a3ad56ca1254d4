// Package gone keeps marks of what people could open until its account was removed, so
// that its address answers that it is gone for good (RFC 9110 §15.5.11), in place of not
// found.
//
// It owns the table gone: random ids, and hashes of links. A feature that has such
// addresses is a mydata.Vacater that calls Keep.
package gone

import (
	"context"
	"slices"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

// Link is what others open something by: its public id, and the secret of the link.
type Link struct{ PublicID, Secret string }

// atOnce is how many marks are written by one statement.
const atOnce = 100

// Keep marks the public ids of what everybody sees, and the links by which others see
// something.
func Keep(ctx context.Context, tx *db.Tx, shown []string, links []Link) error {
	marks := slices.Clone(shown)
	for _, l := range links {
		marks = append(marks, secret.LinkMark(l.PublicID, l.Secret))
	}
	for some := range slices.Chunk(marks, atOnce) {
		if err := insert(ctx, tx, some); err != nil {
			return err
		}
	}
	return nil
}

// Or gives the error for what is not found: a fault Gone with the key when everybody saw it
// until its account was removed, or when whoever asks has the link that it had then, else
// notFound.
func Or(ctx context.Context, d db.DB, asked Link, key string, notFound error) error {
	switch gone, err := isMarked(ctx, d, asked.PublicID, secret.LinkMark(asked.PublicID, asked.Secret)); {
	case err != nil:
		return err
	case gone:
		return fault.New(fault.Gone, key)
	}
	return notFound
}
