package core

// mount is the one list of routes: each feature makes its own.
func (a *app) mount() {
	r := a.web.Router()
	a.accounts.Mount(r)
	a.gallery.Mount(r)
	a.badges.Mount(r, a.social.ClassFollow, a.social.Talk)
	a.files.Mount(r)
	a.check.Mount(r)
	a.social.Mount(r, a.accounts, a.badges, a.feed.Recent)
	a.feed.Mount(r, a.accounts, a.gallery.Suggest)
	a.share.Mount(r)
	a.data.Mount(r, a.accounts, a.share)
	a.merge.Mount(r)
	a.request.Mount(r)
	a.admin.Mount(r)
}
