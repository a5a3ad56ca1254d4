package core

import (
	"net/url"
	"slices"
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
