package account

import (
	"context"
	"errors"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

// fieldsOfPerson reads what a person tells beside name and text, and the hash of
// a picture that is not for everybody.
func fieldsOfPerson(ctx context.Context, d db.DB, person int64) (Profile, string, error) {
	p := Profile{AboutFor: ForPublic, PictureFor: ForPublic, PlaceFor: ForPublic, OrganisationFor: ForPublic, LinksFor: ForPublic}
	var links, picture string
	err := d.QueryRow(ctx, `SELECT place, organisation, links, picture, about_for, picture_for, place_for, organisation_for, links_for
		FROM preference WHERE person = $1`, person).
		Scan(&p.Place, &p.Organisation, &links, &picture, &p.AboutFor, &p.PictureFor, &p.PlaceFor, &p.OrganisationFor, &p.LinksFor)
	if errors.Is(err, db.ErrNotFound) {
		return p, "", nil
	}
	p.Links = strings.Fields(links)
	return p, picture, err
}

func updateFields(ctx context.Context, tx *db.Tx, person int64, p Profile, picture string) error {
	_, err := tx.Exec(ctx, `INSERT INTO preference (person, place, organisation, links, picture, about_for, picture_for, place_for, organisation_for, links_for)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (person) DO UPDATE SET place = excluded.place, organisation = excluded.organisation, links = excluded.links, picture = excluded.picture,
			about_for = excluded.about_for, picture_for = excluded.picture_for, place_for = excluded.place_for,
			organisation_for = excluded.organisation_for, links_for = excluded.links_for`,
		person, p.Place, p.Organisation, strings.Join(p.Links, " "), picture, p.AboutFor, p.PictureFor, p.PlaceFor, p.OrganisationFor, p.LinksFor)
	return err
}

// pictureHash is the hash of a person's picture, whoever may see it, or "".
func pictureHash(ctx context.Context, d db.DB, person int64) (string, error) {
	return db.One[string](d.QueryRow(ctx, `SELECT p.picture || COALESCE(c.picture, '') FROM person p LEFT JOIN preference c ON c.person = p.id
		WHERE p.id = $1`, person))
}

// shownPicture is the hash of the picture that the viewer may see. It returns
// db.ErrNotFound for a person whom the viewer may not know of.
func shownPicture(ctx context.Context, d db.DB, viewer, person int64) (string, error) {
	return db.One[string](d.QueryRow(ctx, `SELECT CASE
			WHEN p.picture <> '' THEN p.picture
			WHEN p.id = $1 OR ($1 > 0 AND c.picture_for = 'members' AND `+ProfileSQL("p", 1)+`) THEN COALESCE(c.picture, '')
			ELSE '' END
		FROM person p LEFT JOIN preference c ON c.person = p.id WHERE p.id = $2 AND `+ShownSQL("p", 1), viewer, person))
}
