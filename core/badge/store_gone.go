package badge

import (
	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/gone"
)

// shownOf asks for the badges of a person that everybody sees.
func shownOf(person int64) gone.Query {
	return gone.Query{SQL: `SELECT b.public_id FROM badge b WHERE b.person = $2 AND ` + VisibleSQL("b", 1), Args: []any{0, person}}
}

// linkedOf asks for the links by which others see badges of a person now.
func linkedOf(person, now int64) gone.Query {
	return gone.Query{SQL: `SELECT b.public_id, b.link_secret FROM badge b JOIN person p ON p.id = b.person
		WHERE b.person = $2 AND b.visibility = 'link' AND b.removed_at = 0 AND NOT b.unclaimed AND (b.link_until = 0 OR b.link_until > $3) AND ` + account.ShownSQL("p", 1), Args: []any{0, person, now}}
}
