package social

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/profile"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

const (
	profileBadges = 120 // on one page of a profile
	pageSize      = 20  // holders and comments on one page of a class
)

// Recent gives the newest events of a person as the viewer may see them. core/feed answers.
type Recent func(c *web.Ctx, person int64) ([]EventView, error)

// Pages are the pages of people and badge classes.
type Pages struct {
	social   *Social
	accounts *account.Accounts
	badges   *badge.Badges
	profiles *profile.Profiles
	recent   Recent
	tabs     Tabs
	rating   Rating
}

// Tabs gives the pages of a person that the viewer may see and that stand beside the
// profile. core/page answers.
type Tabs func(c *web.Ctx, person int64) ([]Tab, error)

// Tab leads to a page beside the profile.
type Tab struct{ Title, URL string }

// Rating gives the average of a badge class in stars, and of how many. core/detail
// answers.
type Rating func(c *web.Ctx, class int64) (average float64, count int, err error)

// Beside is what the pages of people and badge classes are made with.
type Beside struct {
	Accounts *account.Accounts
	Badges   *badge.Badges
	Profiles *profile.Profiles
	Recent   Recent
	Tabs     Tabs // nil: no pages stand beside a profile
	Rating   Rating
}

// Mount makes the routes of profiles, badge classes, follows and comments.
func (s *Social) Mount(r web.Router, b Beside) {
	p := &Pages{social: s, accounts: b.Accounts, badges: b.Badges, profiles: b.Profiles, recent: b.Recent, tabs: b.Tabs, rating: b.Rating}
	r.Get("/@:name", web.Kept(p.profile))
	r.Get("/embed/@:name", p.embed)
	r.Get("/@:name/card.png", p.card)
	r.Get("/c/:id", web.Kept(p.class))
	in := r.Group(web.SignedIn)
	in.Post("/@:name/follow", p.followPerson)
	in.Post("/c/:id/follow", p.followClass)
	in.Post("/c/:id/comments", p.comment)
	in.Post("/b/:id/comments", p.commentOn)
	in.Post("/b/:id/congratulate", p.congratulate)
	in.Get("/settings/followers", p.followers)
	in.Post("/settings/followers", p.answer)
	in.Post("/comments/:id/remove", p.removeComment)
}

// ClassFollow is the state of the follow button of a badge class.
func (s *Social) ClassFollow(c *web.Ctx, class badge.Class) (badge.Follow, error) {
	return s.button(c, Class, class.ID, "/c/"+class.PublicID+"/follow")
}

// PersonFollow is the state of the follow button of a person.
func (s *Social) PersonFollow(c *web.Ctx, person int64, handle string) (badge.Follow, error) {
	return s.button(c, Person, person, "/@"+handle+"/follow")
}

func (s *Social) button(c *web.Ctx, k Kind, object int64, url string) (badge.Follow, error) {
	viewer := c.Viewer().Person
	st, err := s.Standing(c.Context(), viewer, k, object)
	if err != nil {
		return badge.Follow{}, err
	}
	st.Following = st.Following || k == Person && c.Viewer().Follows(object)
	f := badge.Follow{URL: url, Following: st.Following, Asked: st.Asked, Count: st.Followers}
	f.CanFollow = viewer != 0 && (k != Person || object != viewer)
	if f.CanFollow && k == Person && !st.Following && !st.Asked {
		rule, err := s.FollowRule(c.Context(), object)
		if err != nil {
			return f, err
		}
		f.CanFollow, f.Asks = rule != account.FollowNobody, rule == account.FollowApproved
	}
	return f, nil
}

// ProfilePage is the page "social/profile".
type ProfilePage struct {
	Person                      badge.Person
	About, Place, Organisation  string
	Links                       []ProfileLink
	Contacts                    []Contact
	Answers                     []account.GivenAnswer // to what the site asks, those that the viewer may see
	Pinned                      []badge.Card
	Skills                      []Skill
	Parts                       []Part // of the profile in their order; where one searches or pages, the badges alone
	Style                       string // the look, "" for the theme's own
	Tabs                        []Tab
	Hints                       []profile.Hint // for the owner alone, what is done last; none when all is
	HintsDone                   int
	EmbedCode                   string // "" where nobody else may embed
	BlockURL                    string // "" for who cannot block the person
	Own                         bool
	Since                       time.Time
	Follow                      badge.Follow
	Followers, Following, Total int
	Years                       []Year
	Query, Older, Newer         string
	FeedURL, ProfileURL         string
	Events                      []EventView

	public []badge.Card // of Years, those that everybody sees
	hidden bool         // from search engines
	meta   web.Meta
}

// ProfileLink is a place elsewhere that a person names: its address, the words that
// stand for it, and when it last led back to the profile (zero: it does not).
type ProfileLink struct {
	URL, Words string
	Verified   time.Time
}

func linkViews(list []profile.Link) []ProfileLink {
	out := []ProfileLink{}
	for _, link := range list {
		words := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(link.URL, "https://"), "http://"), "/")
		out = append(out, ProfileLink{URL: link.URL, Words: text.Plain(words, 48), Verified: link.Verified})
	}
	return out
}

// Meta gives what search engines and link previews read.
func (p ProfilePage) Meta() web.Meta { return p.meta }

// person gives the person of the request's handle, present or left, whose profile
// the viewer may open.
func (p *Pages) person(c *web.Ctx) (account.Person, error) {
	return p.accounts.Opened(c.Context(), c.Viewer().Person, c.Param("name"))
}

func (p *Pages) profile(c *web.Ctx) error {
	who, err := p.person(c)
	if err != nil {
		return err
	}
	if account.HasMoved(who, c.Param("name")) {
		return c.Moved("/@" + who.Handle)
	}
	ctx, viewer := c.Context(), c.Viewer().Person
	face, err := p.accounts.FaceOf(ctx, viewer, who)
	if err != nil {
		return err
	}
	page := ProfilePage{
		Person: badge.PersonView(who.Handle, who.Name, who.Picture), About: face.About, Own: who.ID == viewer, Since: who.CreatedAt,
		Place: face.Place, Organisation: face.Organisation,
		Query: c.Query("q"), FeedURL: "/@" + who.Handle + "/feed.atom", ProfileURL: c.URL("/@" + who.Handle),
	}
	if page.Person.Picture = face.Picture; !page.Own && c.Viewer().SignedIn() && !c.Viewer().IsPreview() {
		page.BlockURL = "/@" + who.Handle + "/block"
	}
	if page.Follow, err = p.social.PersonFollow(c, who.ID, who.Handle); err != nil {
		return err
	}
	page.Followers = page.Follow.Count
	if page.Following, err = p.social.Following(ctx, who.ID); err != nil {
		return err
	}
	if err := p.addBadges(c, &page, who); err != nil {
		return err
	}
	if page.Events, err = p.recent(c, who.ID); err != nil {
		return err
	}
	if page.hidden, err = p.accounts.Unfindable(ctx, who.ID); err != nil {
		return err
	}
	if err := p.addMore(c, &page, who, face); err != nil {
		return err
	}
	return c.Render("social/profile", page)
}

func (p *Pages) addBadges(c *web.Ctx, page *ProfilePage, who account.Person) error {
	before := badge.Cursor(c.Query("before"))
	list, err := p.badges.Shown(c.Context(), c.Viewer().Person, who.ID, badge.Range{Before: before, Limit: profileBadges + 1})
	if err != nil {
		return err
	}
	if len(list) > profileBadges {
		list = list[:profileBadges]
		page.Older = badge.PathWith(page.Person.URL, "before", strconv.FormatInt(list[profileBadges-1].ID, 36))
	}
	if before != 0 {
		page.Newer = page.Person.URL
	}
	cards := make([]badge.Card, 0, len(list))
	for _, b := range list {
		cards = append(cards, badge.NewCard(b, c.Viewer().Person, c.Now()))
		if b.Visibility == badge.Public {
			page.public = append(page.public, cards[len(cards)-1])
		}
	}
	page.Years = byYear(cards)
	page.Total, err = p.badges.CountShown(c.Context(), c.Viewer().Person, who.ID)
	return err
}

func sortYears(years []Year) {
	slices.SortFunc(years, func(a, b Year) int { return cmp.Compare(b.Year, a.Year) })
}

func profileMeta(c *web.Ctx, page ProfilePage, who account.Person) web.Meta {
	m := web.Meta{
		Title: who.Name + " (@" + who.Handle + ")", Description: text.Plain(page.About, 155), Canonical: page.Person.URL, Type: "profile",
		Links: []web.Link{{Rel: "alternate", Type: "application/atom+xml", Href: page.FeedURL}},
	}
	if m.Description == "" { // link previews want one
		m.Description = c.T("social.described", "name", who.Name)
	}
	m.NoIndex = page.Total == 0 || page.hidden
	m.Image, m.ImageAlt = page.Person.URL+"/card.png", who.Name
	if m.NoIndex {
		return m
	}
	m.OEmbed = c.URL("/oembed?" + url.Values{"url": {page.ProfileURL}}.Encode())
	return m
}

// ClassPage is the page "social/class".
type ClassPage struct {
	ID, URL, Name, Description, Image, Language string

	Issuer                    badge.IssuerView
	CriteriaText, CriteriaURL string
	Alignments                []badge.AlignmentView
	Tags                      []string
	Holders                   []Holder
	HolderCount               int
	HoldersOlder              string
	Follow                    badge.Follow
	Mine                      string
	Comments                  []CommentView
	CommentsOlder             string
	CanComment                bool
	Draft                     string
	Errors                    map[string]string
	Stars                     string // average of the ratings, "" for none
	Ratings                   int
}

// Holder is a person who shows that they hold a badge.
type Holder struct {
	Person   badge.Person
	BadgeURL string
	IssuedAt time.Time
}

// Meta gives what search engines and link previews read.
func (p ClassPage) Meta() web.Meta {
	return web.Meta{
		Title: p.Name + " · " + p.Issuer.Name, Description: text.Plain(p.Description, 155), Canonical: p.URL, Image: p.Image, ImageAlt: p.Name,
		NoIndex: p.HolderCount == 0,
	}
}

func (p *Pages) class(c *web.Ctx) error {
	page, err := p.classPage(c)
	if err != nil {
		return err
	}
	return c.Render("social/class", page)
}

func (p *Pages) classPage(c *web.Ctx) (ClassPage, error) {
	class, err := p.badges.ClassByID(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return ClassPage{}, err
	}
	view := class.View()
	page := ClassPage{
		ID: view.ID, URL: view.URL, Name: view.Name, Description: class.Description, Image: view.Image, Language: class.Language,
		Issuer: class.Issuer.View(), CriteriaText: class.Criteria, CriteriaURL: safeURL(class.CriteriaURL),
		Alignments: class.AlignmentViews(), Tags: class.Tags, HolderCount: class.Holders, CanComment: c.Viewer().SignedIn(),
	}
	if page.Follow, err = p.social.ClassFollow(c, class); err != nil {
		return page, err
	}
	if err := p.addHolders(c, &page, class); err != nil {
		return page, err
	}
	average, n, err := p.rating(c, class.ID)
	if err != nil {
		return page, err
	}
	if page.Ratings = n; n > 0 {
		page.Stars = c.Catalogue().Decimal(c.Lang(), average)
	}
	return page, p.addComments(c, &page, class)
}

func safeURL(s string) string {
	u, ok := text.SafeURL(s)
	if !ok {
		return ""
	}
	return u
}

// holdersOf is how many people hold badges, some of them more than one.
func holdersOf(list []badge.Badge) int {
	people := make(map[int64]bool, len(list))
	for _, b := range list {
		people[b.Person] = true
	}
	return len(people)
}

func (p *Pages) addHolders(c *web.Ctx, page *ClassPage, class badge.Class) error {
	viewer := c.Viewer().Person
	list, err := p.badges.Holders(c.Context(), viewer, class.ID, badge.Range{Before: badge.Cursor(c.Query("holders")), Limit: pageSize + 1})
	if err != nil {
		return err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		page.HoldersOlder = badge.PathWith(page.URL, "holders", strconv.FormatInt(list[pageSize-1].ID, 36))
	}
	if page.HoldersOlder == "" && c.Query("holders") == "" {
		page.HolderCount = holdersOf(list) // members see more holders than the public counter
	}
	for _, b := range list {
		page.Holders = append(page.Holders, Holder{
			Person: b.EarnerView(), BadgeURL: "/b/" + b.PublicID, IssuedAt: b.IssuedAt,
		})
	}
	page.Mine, err = p.badges.MineOf(c.Context(), viewer, class.ID)
	return err
}

func (p *Pages) addComments(c *web.Ctx, page *ClassPage, class badge.Class) error {
	list, err := p.social.Comments(c.Context(), c.Viewer().Person, class.ID, badge.Cursor(c.Query("comments")), pageSize+1)
	if err != nil {
		return err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		page.CommentsOlder = badge.PathWith(page.URL, "comments", strconv.FormatInt(list[pageSize-1].ID, 36))
	}
	page.Comments = commentViews(list, c.Viewer(), false)
	return nil
}

func (p *Pages) followPerson(c *web.Ctx) error {
	who, err := p.person(c)
	if err != nil {
		return err
	}
	return p.follow(c, Person, who.ID, "/@"+who.Handle)
}

func (p *Pages) followClass(c *web.Ctx) error {
	class, err := p.badges.ClassByID(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	return p.follow(c, Class, class.ID, "/c/"+class.PublicID)
}

func (p *Pages) follow(c *web.Ctx, k Kind, object int64, back string) error {
	me := c.Viewer().Person
	if err := c.Limit("follow", strconv.FormatInt(me, 10), 300, time.Hour); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := p.change(c.Context(), form.Get("action"), me, k, object); err != nil {
		return err
	}
	if next := web.Local(form.Get("next")); next != "/" {
		back = next
	}
	return c.Redirect(back)
}

func (p *Pages) change(ctx context.Context, action string, me int64, k Kind, object int64) error {
	switch action {
	case "follow":
		return p.social.Follow(ctx, me, k, object)
	case "unfollow":
		return p.social.Unfollow(ctx, me, k, object)
	}
	return fault.New(fault.Invalid, "social.error.action")
}

func (p *Pages) comment(c *web.Ctx) error {
	page, err := p.classPage(c)
	if err != nil {
		return err
	}
	if err := c.Limit("comment", strconv.FormatInt(c.Viewer().Person, 10), 60, time.Hour); err != nil {
		return err
	}
	form, err := c.Form()
	if err != nil {
		return err
	}
	class, err := p.badges.ClassByID(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	made, err := p.social.Comment(c.Context(), c.Viewer().Person, class.ID, form.Get("text"))
	if e, ok := fault.As(err); ok && e.Kind == fault.Invalid && !c.WantsJSON() {
		page.Draft, page.Errors = text.Plain(form.Get("text"), 2*MaxComment), map[string]string{"text": e.Key}
		return c.RenderStatus(fault.Status(err), "social/class", page)
	}
	if err != nil {
		return err
	}
	return c.Redirect("/c/" + class.PublicID + "#comment-" + made.PublicID)
}

func (p *Pages) removeComment(c *web.Ctx) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	if err := p.social.RemoveComment(c.Context(), c.Viewer().Person, c.Viewer().Admin(), c.Param("id")); err != nil {
		return err
	}
	c.Flash(web.Done, "social.flash.comment_removed")
	return c.Redirect(web.Local(form.Get("next")))
}
