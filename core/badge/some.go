package badge

import (
	"strconv"
	"strings"
)

// SomeSQL is the condition that the viewer whose id is parameter $viewer (0: nobody
// signed in) may see a badge of a class, which is an expression: VisibleSQL of any of
// them. Those that everybody sees are asked for first: of a class that thousands hold,
// the first row answers, where one after the other would lead through all that are private.
func SomeSQL(class string, viewer int) string {
	return written.Of("some", class, viewer, func() string {
		return some(VisibleSQL, `'link', 'members', 'private', 'public'`, class, viewer)
	})
}

// SomeFoundSQL is SomeSQL for what is come across in search and explore, which nobody's
// private badges are, not even one's own.
func SomeFoundSQL(class string, viewer int) string {
	return written.Of("some found", class, viewer, func() string {
		return some(FoundSQL, `'members', 'public'`, class, viewer)
	})
}

func some(seen func(alias string, viewer int) string, own, class string, viewer int) string {
	return strings.NewReplacer("CLASS", class, "VIEWER", "$"+strconv.Itoa(viewer), "LEVELS", own,
		"PUBLIC", seen("shown", viewer), "MEMBERS", seen("told", viewer)).Replace(
		`(EXISTS (SELECT 1 FROM badge shown WHERE shown.class = CLASS AND shown.visibility = 'public' AND PUBLIC)
			OR (VIEWER > 0 AND (EXISTS (SELECT 1 FROM badge told WHERE told.class = CLASS AND told.visibility = 'members' AND MEMBERS)
				OR EXISTS (SELECT 1 FROM badge mine WHERE mine.class = CLASS AND mine.visibility IN (LEVELS) AND mine.person = VIEWER AND mine.removed_at = 0))))`)
}
