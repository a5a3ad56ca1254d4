package social

import (
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// Talk gives what is said about a badge that the viewer sees.
func (s *Social) Talk(c *web.Ctx, b badge.Badge) (badge.Remarks, error) {
	viewer := c.Viewer()
	r := badge.Remarks{Post: "/b/" + b.PublicID + "/comments"}
	list, err := s.CommentsOn(c.Context(), viewer.Person, b, badge.Cursor(c.Query("comments")), pageSize+1)
	if err != nil {
		return r, err
	}
	if b.Person == viewer.Person && c.Query("comments") == "" {
		if err := s.read(c.Context(), b, list); err != nil {
			return r, err
		}
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		r.Older = badge.PathWith("/b/"+b.PublicID, "comments", strconv.FormatInt(list[pageSize-1].ID, 36), "key", c.Query("key"))
	}
	r.List = commentViews(list, viewer, b.Person == viewer.Person)
	r.CanComment, err = s.MayComment(c.Context(), viewer.Person, b)
	return r, err
}

func (p *Pages) commentOn(c *web.Ctx) error {
	viewer := c.Viewer().Person
	b, err := p.badges.Get(c.Context(), viewer, c.Param("id"), "")
	if err != nil {
		return err
	}
	if err := c.Limit("comment", strconv.FormatInt(viewer, 10), 60, time.Hour); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	made, err := p.social.CommentOn(c.Context(), viewer, b, form.Get("text"))
	if e, ok := fault.As(err); ok && e.Kind == fault.Invalid && !c.WantsJSON() {
		c.Flash(web.Problem, e.Key)
		return c.Redirect("/b/" + b.PublicID + "#comments")
	}
	if err != nil {
		return err
	}
	return c.Redirect("/b/" + b.PublicID + "#comment-" + made.PublicID)
}
