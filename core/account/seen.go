package account

import (
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/db"
)

// Who may see a part of a profile, or the whole of it, besides the person.
const (
	ForPrivate = "private" // nobody
	ForMembers = "members" // who is signed in
	ForPublic  = "public"  // everybody
)

// shownParts are the conditions that hold for every viewer but the person: the
// account is not disabled, has not hidden everything, is not that of somebody
// under age (whom members alone know of) and has not blocked the viewer.
const shownParts = `NOT P.disabled AND P.hidden_at = 0 AND (NOT P.under_age OR VIEWER > 0)
	AND NOT EXISTS (SELECT 1 FROM block barred WHERE barred.person = P.id AND barred.blocked = VIEWER)`

const profileParts = shownParts + ` AND (P.profile = 'public' OR (P.profile = 'members' AND VIEWER > 0))`

// ShownSQL is the condition that the viewer whose id is parameter $viewer (0:
// nobody signed in) may know of the person of the given alias. Every query that
// names a person or shows what they did uses it, or badge.VisibleSQL, which
// contains it.
func ShownSQL(alias string, viewer int) string { return seenSQL(shownParts, alias, viewer) }

// ProfileSQL is the condition that the viewer may open the person's profile.
func ProfileSQL(alias string, viewer int) string { return seenSQL(profileParts, alias, viewer) }

// FindableSQL is the condition that the viewer may come across the person without
// knowing of them: by search, in explore, in a list of holders, in a sitemap. Who
// is under age is never found.
func FindableSQL(alias string, viewer int) string {
	return seenSQL(profileParts+` AND P.findable AND NOT P.under_age`, alias, viewer)
}

var written db.Conditions

func seenSQL(parts, alias string, viewer int) string {
	return written.Of(parts, alias, viewer, func() string {
		text := `(P.id = VIEWER OR (` + parts + `))`
		return strings.NewReplacer("P.", alias+".", "VIEWER", "$"+strconv.Itoa(viewer)).Replace(text)
	})
}
