package core

import (
	"net/url"
	"slices"

	"github.com/osier-passport/osier/core/secret"
)

// vouch gives each badge an accepted endorsement, one that waits and a request, by
// people who are none of the viewers: all of it holds the marker of the badge.
func (s *scene) vouch() {
	for i, state := range []string{"accepted", "written", "asked"} {
		who := s.passport.member("endorser" + string(rune('a'+i)))
		for _, b := range s.badges {
			s.write(`INSERT INTO endorsement (id, public_id, badge, person, state, request, body, skills, token_hash, credential, verdict, checked_at, asked_at, written_at)
				SELECT $1, $2, b.id, $3, $4, $5, $5, '[]', $6, $5, 'valid', 1, 1, 1 FROM badge b WHERE b.public_id = $7`,
				s.base.NewID(), state+b.id, who.person.ID, state, b.marker+" endorsed", []byte{}, b.id)
		}
	}
	for i, b := range s.badges {
		s.write(`INSERT INTO badge_detail (badge, note, rating, place, place_shown) SELECT b.id, $1, 7, $1, TRUE FROM badge b WHERE b.public_id = $2`, b.marker+" detail", b.id)
		s.write(`INSERT INTO badge_evidence (id, public_id, badge, kind, title, body, created_at) SELECT $1, $2, b.id, 'text', $3, $3, 1 FROM badge b WHERE b.public_id = $4`,
			s.base.NewID(), "own"+b.id, b.marker+" own evidence", b.id)
		s.write(`INSERT INTO report (id, public_id, badge, reason, at) SELECT $1, $2, b.id, 'spam', 1 FROM badge b WHERE b.public_id = $3`, s.base.NewID(), secret.ID(), b.id)
		s.write(`INSERT INTO congratulation (badge, person, at) SELECT b.id, $1, $2 FROM badge b WHERE b.public_id = $3`, s.member.person.ID, i, b.id)
	}
}

// endorsed are the credentials of endorsements.
func endorsed(s *scene) []string {
	return each(func(b *secretBadge) []string {
		list := []string{"/endorsements/accepted" + b.id + "/credential", "/endorsements/written" + b.id + "/credential"}
		if slices.Contains(deadLinks, b.state) {
			list = append(list, list[0]+"?key="+url.QueryEscape(b.key))
		}
		return list
	})(s)
}

// evidencePaths are the files beside badges: none of these is one, and who may not see
// the badge hears the same.
func evidencePaths(s *scene) []string {
	return each(func(b *secretBadge) []string { return []string{"/b/" + b.id + "/evidence/own" + b.id + "/file"} })(s)
}
