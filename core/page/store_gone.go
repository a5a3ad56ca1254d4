package page

import (
	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/gone"
)

// shownOf asks for the pages of a person that everybody sees.
func shownOf(person, now int64) gone.Query {
	return gone.Query{SQL: `SELECT g.public_id FROM page g WHERE g.person = $3 AND ` + VisibleSQL("g", 1, 2), Args: []any{0, now, person}}
}

// linkedOf asks for the links by which others see pages of a person now.
func linkedOf(person, now int64) gone.Query {
	return gone.Query{SQL: `SELECT g.public_id, g.link_secret FROM page g JOIN person p ON p.id = g.person
		WHERE g.person = $2 AND g.visibility = 'link' AND g.removed_at = 0 AND (g.until = 0 OR g.until > $3) AND ` + account.ShownSQL("p", 1), Args: []any{0, person, now}}
}
