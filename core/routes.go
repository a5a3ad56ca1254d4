package core

import (
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/social"
)

// mount is the one list of routes: each feature makes its own.
func (a *app) mount() {
	r := a.web.Router()
	a.accounts.Mount(r)
	a.gallery.Mount(r)
	a.sign.Mount(r)
	a.badges.Mount(r, badge.Beside{Follow: a.social.ClassFollow, Talk: a.social.Talk, Endorsed: a.endorse.Endorsed, Details: a.detail.Detailed, Cheer: a.social.Cheer})
	a.endorse.Mount(r)
	a.detail.Mount(r)
	a.report.Mount(r)
	a.files.Mount(r)
	a.pages.Mount(r)
	a.check.Mount(r)
	a.profiles.Mount(r)
	a.social.Mount(r, social.Beside{
		Accounts: a.accounts, Badges: a.badges, Profiles: a.profiles, Recent: a.feed.Recent, Tabs: a.tabs, Rating: a.detail.ClassRating,
	})
	a.feed.Mount(r, a.accounts, a.gallery.Suggest)
	a.share.Mount(r)
	a.connect.Mount(r)
	a.data.Mount(r, a.accounts, a.share)
	a.merge.Mount(r)
	a.request.Mount(r)
	a.people.Mount(r)
	a.admin.Mount(r)
}
