package gallery

import (
	"context"
	"errors"

	"github.com/osier-passport/osier/core/db"
)

func exportOf(ctx context.Context, d db.DB, person int64) (exported, error) {
	var out exported
	var p exportedPlace
	err := d.QueryRow(ctx, `SELECT country, country_for, latitude, longitude, spot_for FROM explore_place WHERE person = $1`, person).
		Scan(&p.Country, &p.CountryFor, &p.Latitude, &p.Longitude, &p.SpotFor)
	if err == nil {
		out.Place = &p
	} else if !errors.Is(err, db.ErrNotFound) {
		return out, err
	}
	_, at, err := getVisit(ctx, d, person)
	if err == nil {
		visit := db.Time(at)
		out.LastVisit = &visit
	} else if !errors.Is(err, db.ErrNotFound) {
		return out, err
	}
	var f exportedFound
	err = d.QueryRow(ctx, `SELECT words, public, members FROM search_doc WHERE kind = 'person' AND object = $1`, person).
		Scan(&f.Words, &f.PublicBadges, &f.MembersBadges)
	if err == nil {
		out.Found = &f
	} else if !errors.Is(err, db.ErrNotFound) {
		return out, err
	}
	return out, nil
}

func erasePlace(ctx context.Context, tx *db.Tx, person int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM explore_visit WHERE person = $1`, person); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM explore_place WHERE person = $1`, person)
	return err
}
