package gallery

import (
	"context"

	"github.com/osier-passport/osier/core/db"
)

func getPlace(ctx context.Context, d db.DB, person int64) (Place, error) {
	var p Place
	err := d.QueryRow(ctx, `SELECT country, country_for, latitude, longitude, spot_for FROM explore_place WHERE person = $1`, person).
		Scan(&p.Country, &p.CountryFor, &p.Latitude, &p.Longitude, &p.SpotFor)
	return p, err
}

func putPlace(ctx context.Context, tx *db.Tx, person int64, p Place) error {
	_, err := tx.Exec(ctx, `INSERT INTO explore_place (person, country, country_for, latitude, longitude, spot_for) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (person) DO UPDATE SET country = excluded.country, country_for = excluded.country_for,
			latitude = excluded.latitude, longitude = excluded.longitude, spot_for = excluded.spot_for`,
		person, p.Country, p.CountryFor, p.Latitude, p.Longitude, p.SpotFor)
	return err
}
