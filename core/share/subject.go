package share

import (
	"context"
	"strings"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/page"
	"github.com/osier-passport/osier/core/social"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/plugins/sdk"
)

// The subject of a row that is about the person's profile, and the beginning of that
// of a page, before its public id; a badge's row has none.
const (
	ofProfile = "@"
	ofPage    = "p."
)

// Subject is what is shared: a badge of the person, a page of theirs, or their profile.
type Subject struct {
	Type   sdk.ItemType
	Ref    string // its name in addresses of sharing: a badge's public id, @handle, or p. and a page's public id
	Path   string // its page
	Card   string // its preview, a local address
	Name   string
	By     string // who gave a badge, whose a page is; "" for a profile
	Public bool   // everybody may see it
	Shown  string // the person's name, where it is shown with it

	person int64
	badge  badge.Badge // of a badge; else zero
	who    account.Person
	page   page.Page
}

// row is what its rows are found by.
func (sub Subject) row() string {
	switch sub.Type {
	case sdk.ItemProfile:
		return ofProfile
	case sdk.ItemPage:
		return ofPage + sub.page.PublicID
	}
	return ""
}

// subject finds what a person may share. It returns a fault NotFound for what is not
// theirs.
func (s *Share) subject(ctx context.Context, person int64, ref string) (Subject, error) {
	if handle, ok := strings.CutPrefix(ref, "@"); ok {
		return s.profileOf(ctx, person, handle)
	}
	if id, ok := strings.CutPrefix(ref, ofPage); ok {
		p, err := s.pages.Mine(ctx, person, id)
		return Subject{
			Type: sdk.ItemPage, Ref: ref, Path: "/p/" + p.PublicID, Card: s.pages.CardPath(p), Name: p.Title, By: p.Owner.Name, Shown: p.Owner.Name,
			Public: err == nil && p.Open(s.base.Now()), person: person, page: p,
		}, err
	}
	b, err := s.badges.Mine(ctx, person, ref)
	return s.ofBadge(b), err
}

func (s *Share) ofBadge(b badge.Badge) Subject {
	sub := Subject{
		Type: sdk.ItemBadge, Ref: b.PublicID, Path: "/b/" + b.PublicID, Card: s.badges.CardPathOf(b), Name: b.Class.Name, By: b.Class.Issuer.Name,
		Public: b.Visibility == badge.Public, person: b.Person, badge: b,
	}
	if b.ShowName {
		sub.Shown = b.Earner.Name
	}
	return sub
}

// profileOf is the person's own profile; handle is what the address calls them, or
// called them before, "" for whatever they are called.
func (s *Share) profileOf(ctx context.Context, person int64, handle string) (Subject, error) {
	p, err := s.accounts.PersonByID(ctx, s.base.Read(), person)
	if err != nil {
		return Subject{}, err
	}
	if handle != "" && !strings.EqualFold(handle, p.Handle) {
		who, err := s.accounts.Opened(ctx, person, handle)
		if err != nil {
			return Subject{}, err
		}
		if who.ID != person {
			return Subject{}, fault.New(fault.NotFound, "share.error.not_yours")
		}
	}
	sub := Subject{Type: sdk.ItemProfile, Ref: "@" + p.Handle, Path: "/@" + p.Handle, Name: p.Name, Shown: p.Name, person: person, who: p}
	shown, err := s.badges.CountShown(ctx, 0, person)
	if err != nil {
		return Subject{}, err
	}
	sub.Card = social.CardPath(s.badges, p, shown)
	_, err = s.accounts.Opened(ctx, 0, p.Handle)
	if f, ok := fault.As(err); ok && f.Kind == fault.NotFound {
		return sub, nil
	}
	sub.Public = err == nil
	return sub, err
}

// ofJob is what a job is about.
func (s *Share) ofJob(ctx context.Context, j Job) (Subject, error) {
	switch {
	case j.subject == ofProfile:
		return s.profileOf(ctx, j.person, "")
	case j.subject != "":
		return s.subject(ctx, j.person, j.subject)
	}
	return s.subject(ctx, j.person, j.badgeID)
}

// shareable gives what a person may share and everybody may see.
func (s *Share) shareable(ctx context.Context, person int64, ref string) (Subject, error) {
	sub, err := s.subject(ctx, person, ref)
	if err == nil && !sub.Public {
		err = fault.New(fault.Conflict, "share.error.not_public").At(sub.Path + "/share")
	}
	return sub, err
}

// item is all that a plugin learns: what the public page says.
func (s *Share) item(sub Subject, lang string) sdk.Item {
	i := sdk.Item{
		Type: sub.Type, URL: s.url(sub.Path), Title: sub.Name, ImageURL: s.url(sub.Card), EarnerName: sub.Shown, ViewerLang: lang,
	}
	if sub.Type == sdk.ItemProfile {
		i.Description, i.Lang = text.Plain(sub.who.About, 300), sub.who.Language
		return i
	}
	if sub.Type == sdk.ItemPage {
		i.Tags = sub.page.Tags
		return i
	}
	b := sub.badge
	i.Description, i.Lang, i.IssuerName, i.IssuerURL = text.Plain(b.Class.Description, 300), b.Class.Language, b.Class.Issuer.Name, b.Class.Issuer.URL
	i.CredentialID, i.Issued, i.Expires, i.Tags = credentialID(b), b.IssuedAt, b.ExpiresAt, b.Class.Tags
	if b.Class.Issuer.LinkedIn != "" {
		i.IssuerIDs = map[string]string{"linkedin": b.Class.Issuer.LinkedIn}
	}
	return i
}

// alt is what stands for its picture.
func (sub Subject) alt() string {
	if sub.By == "" {
		return sub.Name
	}
	return sub.Name + " – " + sub.By
}

// cardOf draws the preview of what is shared, PNG.
func (s *Share) cardOf(ctx context.Context, sub Subject, lang string) ([]byte, error) {
	if sub.Type == sdk.ItemProfile {
		return s.profileCard(ctx, sub.who, lang)
	}
	if sub.Type == sdk.ItemPage {
		site, err := s.accounts.Site(ctx)
		if err != nil {
			return nil, err
		}
		card, err := s.pages.Card(ctx, sub.page, site.Name)
		return card.PNG, err
	}
	return s.card(ctx, sub.badge, lang)
}
