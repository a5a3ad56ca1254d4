package social

import (
	"fmt"
	"html"
	"net/url"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/profile"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

const (
	embedWidth  = 360 // CSS pixels
	embedHeight = 420
	embedBadges = 6
)

// Contact is where a person is found elsewhere.
type Contact struct {
	Kind, Value, URL string
	Me               bool      // the address is the person's own page
	Verified         time.Time // when it last led back to the profile; zero: it does not
}

// Skill is what badges of a person are about.
type Skill struct {
	Name, URL, Framework string // URL is local: what else is about it
	Badges               int
}

// Part is a part of a profile: one that every profile has (pinned, skills, badges,
// lately) or a showcase with its badges.
type Part struct {
	Kind, Title string
	Cards       []badge.Card
}

// addMore adds what stands beside the badges, and what machines read.
func (p *Pages) addMore(c *web.Ctx, page *ProfilePage, who account.Person, face account.Face) error {
	v, err := p.profiles.Look(c.Context(), c.Viewer().Person, who.ID, face)
	if err != nil {
		return err
	}
	page.Links = linkViews(v.Links)
	for _, k := range v.Contacts {
		page.Contacts = append(page.Contacts, Contact{Kind: k.Kind, Value: k.Value, URL: k.URL, Me: k.Kind != "email" && k.Kind != "phone" && k.Kind != "address", Verified: k.Verified})
	}
	if page.Answers, err = p.accounts.ShownAnswers(c.Context(), c.Viewer().Person, who.ID, c.Lang()); err != nil {
		return err
	}
	for _, b := range v.Pinned {
		page.Pinned = append(page.Pinned, badge.NewCard(b, c.Viewer().Person, c.Now()))
	}
	page.Style = v.Style
	for _, s := range v.Parts {
		if part := (Part{Kind: s.Kind, Title: s.Title}); page.Query == "" && page.Newer == "" || s.Kind == profile.PartBadges {
			for _, b := range s.Badges {
				part.Cards = append(part.Cards, badge.NewCard(b, c.Viewer().Person, c.Now()))
			}
			page.Parts = append(page.Parts, part)
		}
	}
	for _, s := range v.Skills {
		page.Skills = append(page.Skills, Skill{Name: s.Name, URL: badge.PathWith("/explore", "q", s.Name), Framework: s.Framework, Badges: s.Badges})
	}
	if p.tabs != nil {
		if page.Tabs, err = p.tabs(c, who.ID); err != nil {
			return err
		}
	}
	if page.Own {
		page.Hints, page.HintsDone = hintsFor(profile.Hints(face, v, page.Total))
		page.EmbedCode = frameOf(c, who)
	}
	page.meta = profileMeta(c, *page, who)
	page.meta.Image = CardPath(p.badges, who, page.Total)
	return p.addLD(c, page, who, v)
}

// hintsFor gives the hints and how many are done, none when all are.
func hintsFor(list []profile.Hint) (hints []profile.Hint, done int) {
	for _, h := range list {
		if h.Done {
			done++
		}
	}
	if done == len(list) {
		return nil, done
	}
	return list, done
}

func frameOf(c *web.Ctx, who account.Person) string {
	return fmt.Sprintf(`<iframe src="%s" title="%s" width="%d" height="%d" style="border:0" loading="lazy"></iframe>`,
		html.EscapeString(c.URL("/embed/@"+who.Handle)), html.EscapeString(who.Name), embedWidth, embedHeight)
}

// addLD describes the person for machines (https://schema.org/Person), in as much as
// search engines may find them: their public badges only where they chose so.
func (p *Pages) addLD(c *web.Ctx, page *ProfilePage, who account.Person, v profile.View) error {
	if page.meta.NoIndex {
		return nil
	}
	ld := map[string]any{"@context": "https://schema.org", "@type": "Person", "name": who.Name, "url": page.ProfileURL}
	if about := text.Plain(page.About, 500); about != "" {
		ld["description"] = about
	}
	if page.Person.Picture != "" {
		ld["image"] = c.URL(page.Person.Picture)
	}
	if same := sameAs(v); len(same) > 0 {
		ld["sameAs"] = same
	}
	yes, err := p.profiles.Credentials(c.Context(), who.ID)
	if err != nil {
		return err
	}
	if list := credentialsLD(c, page); yes && len(list) > 0 {
		ld["hasCredential"] = list
	}
	page.meta.JSONLD = ld
	return nil
}

// sameAs are the addresses that led back here.
func sameAs(v profile.View) []string {
	var out []string
	for _, l := range v.Links {
		if !l.Verified.IsZero() {
			out = append(out, l.URL)
		}
	}
	for _, k := range v.Contacts {
		if !k.Verified.IsZero() {
			out = append(out, k.URL)
		}
	}
	return out
}

// credentialsLD are the public badges of this page of the profile.
func credentialsLD(c *web.Ctx, page *ProfilePage) []map[string]any {
	var out []map[string]any
	for _, b := range page.public {
		one := map[string]any{
			"@type": "EducationalOccupationalCredential", "credentialCategory": "badge", "name": b.Name, "url": c.URL(b.URL),
			"recognizedBy": map[string]any{"@type": "Organization", "name": b.Issuer},
		}
		if !b.IssuedAt.IsZero() {
			one["dateCreated"] = b.IssuedAt.Format(time.DateOnly)
		}
		out = append(out, one)
	}
	return out
}

// EmbedPage is the partial "embed-profile": a profile in a frame of another site.
type EmbedPage struct {
	Lang, Dir, Scheme, Site string

	Person badge.Person
	URL    string
	About  string
	Total  int
	Badges []badge.Card
}

// embed shows a profile to a frame. It is nobody's view: what is not for everybody is
// not there, whoever asks.
func (p *Pages) embed(c *web.Ctx) error {
	ctx := c.Context()
	name, err := url.PathUnescape(c.Param("name"))
	if err != nil {
		name = c.Param("name")
	}
	who, err := p.accounts.Opened(ctx, 0, name)
	if err != nil {
		return err
	}
	if account.HasMoved(who, name) {
		link := "/embed/@" + who.Handle
		if _, query, asks := strings.Cut(c.Here(), "?"); asks {
			link += "?" + query
		}
		return c.Moved(link)
	}
	face, err := p.accounts.FaceOf(ctx, 0, who)
	if err != nil {
		return err
	}
	site, err := c.Site()
	if err != nil {
		return err
	}
	lang := c.Catalogue().Language(c.Query("lang"))
	page := EmbedPage{
		Lang: lang.Code, Dir: lang.Dir, Scheme: "auto", Site: site.Name, Person: badge.PersonView(who.Handle, who.Name, face.Picture),
		URL: c.URL("/@" + who.Handle), About: text.Plain(face.About, 140),
	}
	page.Person.Picture = face.Picture
	if scheme := c.Query("theme"); scheme == "light" || scheme == "dark" {
		page.Scheme = scheme
	}
	if page.Total, err = p.badges.CountShown(ctx, 0, who.ID); err != nil {
		return err
	}
	if page.Badges, err = p.first(c, who, face); err != nil {
		return err
	}
	return c.Embed(lang.Code, "embed-profile", page)
}

// first are the badges that stand first for everybody: the pinned ones, or else the
// newest.
func (p *Pages) first(c *web.Ctx, who account.Person, face account.Face) ([]badge.Card, error) {
	v, err := p.profiles.Look(c.Context(), 0, who.ID, face)
	if err != nil {
		return nil, err
	}
	list := v.Pinned
	if len(list) == 0 {
		list, err = p.badges.Shown(c.Context(), 0, who.ID, badge.Range{Limit: embedBadges})
	}
	var out []badge.Card
	for _, b := range list {
		card := badge.NewCard(b, 0, c.Now())
		card.URL = c.URL(card.URL)
		out = append(out, card)
	}
	return out, err
}
