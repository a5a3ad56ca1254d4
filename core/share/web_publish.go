package share

import (
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/page"
	"github.com/osier-passport/osier/core/web"
	"github.com/osier-passport/osier/plugins/sdk"
)

// publish makes what is to be shared visible to everybody and goes on to its sheet.
func (s *Share) publish(c *web.Ctx) error {
	sub, err := s.subject(c.Context(), c.Viewer().Person, refOf(c))
	if err != nil {
		return err
	}
	if !sub.Public {
		if err := s.show(c, sub); err != nil {
			return err
		}
	}
	return c.Redirect(sub.Path + "/share")
}

// show makes a subject visible to everybody, and says so.
func (s *Share) show(c *web.Ctx, sub Subject) error {
	switch sub.Type {
	case sdk.ItemPage:
		return s.showPage(c, sub.page)
	case sdk.ItemProfile:
		return s.showProfile(c, sub.person)
	}
	if err := s.badges.SetVisibility(c.Context(), sub.person, sub.badge.PublicID, badge.Public); err != nil {
		return err
	}
	c.Flash(web.Done, "badge.flash.visibility_public")
	return nil
}

// showPage takes a password away, and an end that has passed.
func (s *Share) showPage(c *web.Ctx, p page.Page) error {
	wish := page.Sharing{Visibility: badge.Public, NoPassword: true, Until: p.Until}
	if !p.Until.After(c.Now()) {
		wish.Until = time.Time{}
	}
	p, err := s.pages.Share(c.Context(), p.Person, p.PublicID, wish)
	if err != nil {
		return err
	}
	unseen, err := s.pages.Concealed(c.Context(), p, badge.Public)
	if err != nil {
		return err
	}
	if n := len(unseen); n > 0 {
		c.Flash(web.Problem, "share.flash.page_unseen", "n", strconv.Itoa(n))
		return nil
	}
	c.Flash(web.Done, "share.flash.page")
	return nil
}

// showProfile leaves the other choices as they are.
func (s *Share) showProfile(c *web.Ctx, person int64) error {
	p, err := s.accounts.PrivacyOf(c.Context(), s.base.Read(), person)
	if err != nil {
		return err
	}
	if p.Profile = account.ForPublic; !openable(p) {
		c.Flash(web.Problem, "share.flash.profile_not")
		return nil
	}
	if err := s.accounts.SetPrivacy(c.Context(), person, p); err != nil {
		return err
	}
	c.Flash(web.Done, "share.flash.profile")
	return nil
}

// openable reports whether one step makes a profile visible to everybody: not of
// somebody under age, nor while all of it is hidden.
func openable(p account.Privacy) bool { return !p.UnderAge && p.HiddenAt.IsZero() }
