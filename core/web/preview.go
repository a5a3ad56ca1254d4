package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/fault"
)

// What a signed-in person can look at their own pages as: somebody who is not
// signed in, any member, a member who follows them.
const (
	AsStranger = "stranger"
	AsMember   = "member"
	AsFollower = "follower"
)

const (
	previewField = "as" // in the query: /@ada?as=stranger
	// previewer is the id of the member that a preview is made for: nobody has it,
	// so nothing is theirs, and every condition sees a member.
	previewer = int64(1) << 62
	// previewToken stands in the forms of a preview. No session has it.
	previewToken = "preview"
)

var previews = []string{AsStranger, AsMember, AsFollower}

// preview lets a signed-in person read a page as somebody else sees it: the
// request goes on with another Viewer, through the same handlers and conditions,
// and has nothing left of the person's own. Cookies stay as they are, and nothing
// can be written.
func (c *Ctx) preview() error {
	as := c.Query(previewField)
	if !slices.Contains(previews, as) || !c.viewer.SignedIn() {
		return nil
	}
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		return errPreview()
	}
	v := Viewer{As: as, Owner: c.viewer.Person, Lang: c.Lang()}
	if as != AsStranger {
		v.Person, v.Role, v.Name = previewer, "member", c.T("preview.name."+as)
	}
	c.viewer = v
	return nil
}

// Follows reports whether the viewer is the follower of a person whose pages are
// looked at as a follower sees them. Real follows are rows of core/social, which
// asks both.
func (v Viewer) Follows(person int64) bool {
	return v.As == AsFollower && v.Owner == person && person != 0
}

// IsPreview reports whether somebody looks at their own pages as others see them.
func (v Viewer) IsPreview() bool { return v.As != "" }

func errPreview() error { return fault.New(fault.Forbidden, "preview.error") }
