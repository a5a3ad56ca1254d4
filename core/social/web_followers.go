package social

import (
	"context"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

const followersShown = 200

// FollowersPage is the page "social/followers": who follows me, who wants to, and
// whom I blocked.
type FollowersPage struct {
	Requests, Followers []FollowerView
	Unlisted            int // followers who are counted and not listed
	Blocked             []FollowerView
	Rule                string // of the account.Follow constants
}

// FollowerView is one of them.
type FollowerView struct {
	Person badge.Person
	Since  time.Time
}

// Meta titles the page.
func (FollowersPage) Meta() web.Meta {
	return web.Meta{Title: "social.followers_page.title", NoIndex: true}
}

// FollowRule gives who may follow a person, for what is shown; Follow asks again.
func (s *Social) FollowRule(ctx context.Context, person int64) (string, error) {
	return ruleOf(ctx, s.base.Read(), person)
}

func (p *Pages) followers(c *web.Ctx) error {
	ctx, me := c.Context(), c.Viewer().Person
	var page FollowersPage
	var err error
	if page.Rule, err = p.social.FollowRule(ctx, me); err != nil {
		return err
	}
	requests, err := listRequests(ctx, p.social.base.Read(), me)
	if err != nil {
		return err
	}
	followers, err := listPeopleWho(ctx, p.social.base.Read(), me, followersShown)
	if err != nil {
		return err
	}
	blocked, err := p.accounts.Blocked(ctx, me)
	if err != nil {
		return err
	}
	standing, err := p.social.Standing(ctx, me, Person, me)
	if err != nil {
		return err
	}
	page.Unlisted = max(standing.Followers-len(followers), 0)
	page.Requests, page.Followers = followerViews(requests), followerViews(followers)
	for _, b := range blocked {
		page.Blocked = append(page.Blocked, FollowerView{badge.PersonView(b.Handle, b.Name, b.Picture), b.At})
	}
	return c.Render("social/followers", page)
}

func followerViews(list []Follower) []FollowerView {
	out := []FollowerView{}
	for _, f := range list {
		out = append(out, FollowerView{badge.PersonView(f.Handle, f.Name, f.Picture), f.Since})
	}
	return out
}

// answer lets somebody in who asked, turns them down, or ends that they follow.
func (p *Pages) answer(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	ctx, me := c.Context(), c.Viewer().Person
	who, err := p.accounts.PersonByHandle(ctx, p.social.base.Read(), form.Get("handle"))
	if err != nil {
		return err
	}
	done := "social.flash.removed_follower"
	switch form.Get("action") {
	case "accept":
		done, err = "social.flash.accepted", p.social.Answer(ctx, me, who.ID, true)
	case "decline":
		done, err = "social.flash.declined", p.social.Answer(ctx, me, who.ID, false)
	case "remove":
		err = p.social.Unfollow(ctx, who.ID, Person, me)
	case "block":
		done, err = "privacy.flash.blocked", p.accounts.Block(ctx, me, who.ID)
	default:
		err = fault.New(fault.Malformed, "web.form")
	}
	if err != nil {
		return err
	}
	c.Flash(web.Done, done, "name", who.Name)
	return c.Redirect("/settings/followers")
}
