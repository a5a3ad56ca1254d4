package badge

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/archive"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/event"
	"github.com/osier-passport/osier/core/jobs"
)

// Joined is published when two copies of one badge became one, before From is
// deleted and in the same transaction: what belongs to it becomes Into's.
type Joined struct{ From, Into int64 }

// Merge gives the badges, imports and records of one person to another account
// of theirs. Of a badge that both hold one is left, with both histories and the
// narrower visibility; the other's file is kept and its address leads on.
func (s *Badges) Merge(ctx context.Context, tx *db.Tx, from, into int64) error {
	for _, person := range []int64{from, into} {
		if err := shortenOf(ctx, tx, person); err != nil {
			return err
		}
	}
	list, err := listMine(ctx, tx, from, Range{Limit: 1 << 30})
	if err != nil {
		return err
	}
	for _, b := range list {
		twin, err := findTwin(ctx, tx, into, b.ID)
		switch {
		case errors.Is(err, db.ErrNotFound):
			err = moveBadge(ctx, tx, b.ID, into)
		case err == nil:
			err = s.join(ctx, tx, b, twin)
		}
		if err != nil {
			return err
		}
	}
	if err := moveImports(ctx, tx, from, into); err != nil {
		return err
	}
	if err := recountHolders(ctx, tx, into); err != nil {
		return err
	}
	if err := s.tellNews(ctx, tx, into); err != nil {
		return err
	}
	return s.Queue.Add(ctx, tx, jobClaim, claimPayload{into}, jobs.Options{Person: into})
}

// join makes one badge of two copies: keep is the one that is left.
func (s *Badges) join(ctx context.Context, tx *db.Tx, gone Badge, keep string) error {
	into, err := scanBadge(tx.QueryRow(ctx, `SELECT `+badgeColumns+badgeTables+`WHERE b.public_id = $1`, keep))
	if err != nil {
		return err
	}
	into.Visibility = narrower(into.Visibility, gone.Visibility)
	if into.Secret == "" {
		into.Secret = gone.Secret
	}
	into.Secret = linkSecret(into, into.Visibility)
	if gone.Inline { // its bytes went with its row
		data, mime, err := s.fileOf(ctx, tx, gone)
		if err == nil {
			err = s.Blobs.PutAs(ctx, tx, gone.Received, data, mime)
		}
		if err != nil {
			return err
		}
	}
	if err := joinRows(ctx, tx, gone, into); err != nil {
		return err
	}
	if err := event.Publish(ctx, tx, s.Bus, Joined{From: gone.ID, Into: into.ID}); err != nil {
		return err
	}
	if err := deleteJoined(ctx, tx, gone); err != nil {
		return err
	}
	if gone.Class.ID != into.Class.ID {
		if err := s.removeLoneClass(ctx, tx, gone.Class.ID); err != nil {
			return err
		}
	}
	return s.Blobs.Drop(ctx, tx, gone.Thumbnail)
}

// narrower gives the visibility that fewer people have.
func narrower(a, b Visibility) Visibility {
	for _, v := range []Visibility{Private, Link, Members} {
		if a == v || b == v {
			return v
		}
	}
	return Public
}

// CountTwins tells how many badges two people both hold.
func (s *Badges) CountTwins(ctx context.Context, a, b int64) (int, error) {
	return countTwins(ctx, s.Base.Read(), a, b)
}

// getJoined gives the badge that another one was joined with, as the viewer may
// see it.
func (s *Badges) getJoined(ctx context.Context, viewer int64, publicID, linkSecret string) (Badge, error) {
	id, secret, err := findAlias(ctx, s.Base.Read(), publicID, linkSecret)
	if err != nil {
		return Badge{}, err
	}
	return getBadge(ctx, s.Base.Read(), asked{viewer, id, secret, db.Micros(s.Base.Now())})
}

// exportAliases hands out the files of badges that were joined.
func (x *exporter) exportAliases(ctx context.Context) error {
	list, err := listAliases(ctx, x.Base.Read(), x.person)
	if err != nil || len(list) == 0 {
		return err
	}
	type row struct{ ID, Badge, Filename, File string }
	out := []row{}
	for _, a := range list {
		file := "badges/joined/" + a.publicID + extension(a.carrier)
		if err := x.file(ctx, file, a.received); err != nil {
			return err
		}
		out = append(out, row{a.publicID, a.badge, a.filename, file})
	}
	return archive.Put(x.put, "badges/joined.json", out)
}
