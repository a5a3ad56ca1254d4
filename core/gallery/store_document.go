package gallery

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge"
)

type classWords struct {
	name, description, criteria string
	issuer, issuerID            string
	issuerRow                   int64
	tags                        []string
	alignments                  []openbadge.Alignment
	created                     int64
}

func classText(ctx context.Context, tx *db.Tx, id int64) (classWords, error) {
	var c classWords
	var tags, alignments string
	err := tx.QueryRow(ctx, `SELECT c.name, c.description, c.criteria, c.tags, c.alignments, c.created_at, i.name, i.public_id, i.id
		FROM badge_class c JOIN issuer i ON i.id = c.issuer WHERE c.id = $1`, id).
		Scan(&c.name, &c.description, &c.criteria, &tags, &alignments, &c.created, &c.issuer, &c.issuerID, &c.issuerRow)
	if err != nil {
		return c, err
	}
	return c, errors.Join(json.Unmarshal([]byte(tags), &c.tags), json.Unmarshal([]byte(alignments), &c.alignments))
}

// shown is how many people of one country show a class, to everybody and to
// members, and of how many of them the country may be told.
type shown struct {
	country                 string
	public, members         int64
	publicHere, membersHere int64
}

// countShown counts the people who show a class and may be found: by a visitor
// ($2) and by somebody who is signed in ($3). Who keeps their name from a badge
// does not tell their country by it.
func countShown(ctx context.Context, tx *db.Tx, class int64) ([]shown, error) {
	return db.Select(ctx, tx, func(s db.Scanner) (shown, error) {
		var v shown
		err := s.Scan(&v.country, &v.public, &v.members, &v.publicHere, &v.membersHere)
		return v, err
	}, `SELECT h.country, count(DISTINCT CASE WHEN h.open THEN h.person END), count(DISTINCT h.person),
			count(DISTINCT CASE WHEN h.open AND h.named AND h.country_for = 'public' THEN h.person END),
			count(DISTINCT CASE WHEN h.named AND h.country_for IN ('public', 'members') THEN h.person END)
		FROM (SELECT b.person, b.show_name AS named, COALESCE(e.country, '') AS country, COALESCE(e.country_for, '') AS country_for,
				(b.visibility = 'public' AND `+badge.FoundSQL("b", 2)+`) AS open
			FROM badge b LEFT JOIN explore_place e ON e.person = b.person
			WHERE b.class = $1 AND b.visibility IN ('members', 'public') AND `+badge.FoundSQL("b", 3)+`) h
		GROUP BY h.country`, class, visitor, anyMember)
}

type personWords struct {
	name, handle    string
	place           Place
	public, members int64
	created         int64
}

// personText gives the words of a person with how many badges they show by name.
// A person who may not be found shows none.
func personText(ctx context.Context, tx *db.Tx, id int64) (personWords, error) {
	var p personWords
	err := tx.QueryRow(ctx, `SELECT p.name, p.handle, p.created_at,
			COALESCE(e.country, ''), COALESCE(e.country_for, 'private'), COALESCE(e.latitude, 0), COALESCE(e.longitude, 0), COALESCE(e.spot_for, 'private'),
			CASE WHEN `+account.FindableSQL("p", 2)+` THEN (SELECT count(*) FROM badge b WHERE b.person = p.id AND b.visibility = 'public' AND `+badge.FoundNamedSQL("b", 2)+`) ELSE 0 END,
			CASE WHEN `+account.FindableSQL("p", 3)+` THEN (SELECT count(*) FROM badge b WHERE b.person = p.id AND b.visibility IN ('members', 'public') AND `+badge.FoundNamedSQL("b", 3)+`) ELSE 0 END
		FROM person p LEFT JOIN explore_place e ON e.person = p.id WHERE p.id = $1`, id, visitor, anyMember).
		Scan(&p.name, &p.handle, &p.created, &p.place.Country, &p.place.CountryFor, &p.place.Latitude, &p.place.Longitude, &p.place.SpotFor, &p.public, &p.members)
	return p, err
}

type issuerWords struct {
	name, url, description string
	public, members        int64
	created                int64
}

// issuerText gives the words of an issuer with how often its badges are shown.
func issuerText(ctx context.Context, tx *db.Tx, id int64) (issuerWords, error) {
	var i issuerWords
	err := tx.QueryRow(ctx, `SELECT i.name, i.url, i.description, i.first_seen, COALESCE(sum(l.public), 0), COALESCE(sum(l.members), 0)
		FROM issuer i LEFT JOIN facet f ON f.of = 'class' AND f.kind = 'issuer' AND f.value = i.public_id LEFT JOIN facet_doc l ON l.facet = f.id
		WHERE i.id = $1 GROUP BY i.id, i.name, i.url, i.description, i.first_seen`, id).
		Scan(&i.name, &i.url, &i.description, &i.created, &i.public, &i.members)
	return i, err
}

type facetWords struct {
	label, detail   string
	public, members int64
}

func facetText(ctx context.Context, tx *db.Tx, id int64) (facetWords, error) {
	var f facetWords
	err := tx.QueryRow(ctx, `SELECT label, detail, public, members FROM facet WHERE id = $1`, id).Scan(&f.label, &f.detail, &f.public, &f.members)
	return f, err
}
