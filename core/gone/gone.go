// Package gone keeps marks of what people could open until its account was removed, so
// that its address answers that it is gone for good (RFC 9110 §15.5.11), in place of not
// found.
//
// It owns the table gone: random ids, and hashes of links. A feature that has such
// addresses is a mydata.Vacater that calls Keep.
package gone

import (
	"context"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/secret"
)

// Query is a SELECT of a feature's own.
type Query struct {
	SQL  string
	Args []any
}

// Keep marks what shown gives, the public ids of what everybody sees, and what linked
// gives, the public ids and secrets of what others see by a link.
func Keep(ctx context.Context, tx *db.Tx, shown, linked Query) error {
	links, err := list(ctx, tx, linked)
	if err != nil {
		return err
	}
	for _, l := range links {
		if err := insert(ctx, tx, secret.LinkMark(l.id, l.secret)); err != nil {
			return err
		}
	}
	return insertAll(ctx, tx, shown)
}

// Or gives the error for what is not found: a fault Gone with the key when everybody saw it
// until its account was removed, or when whoever asks has the link that it had then, else
// notFound.
func Or(ctx context.Context, d db.DB, publicID, link, key string, notFound error) error {
	switch gone, err := isMarked(ctx, d, publicID, secret.LinkMark(publicID, link)); {
	case err != nil:
		return err
	case gone:
		return fault.New(fault.Gone, key)
	}
	return notFound
}
