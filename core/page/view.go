package page

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/file"
	"github.com/osier-passport/osier/core/web"
)

// BlockView is a block as the partial "page-block" shows it.
type BlockView struct {
	ID, Kind, Text, More string

	Form string // of a heading: sub; of several badges: list

	URL, Host string // of a link
	Mail      string
	Cards     []badge.Card
	About     string   // of a single badge
	Abouts    []string // of each of a list
	File      FileView
	Person    PersonView
	Empty     bool // nothing to show; its owner is told why
}

// FileView is a file or a picture on a page.
type FileView struct {
	Name, Kind, Size, URL string // Kind ends file.kind.
	Width, Height         int
}

// PersonView is the part of a profile that a block shows.
type PersonView struct {
	Name, Handle, URL, Picture, About, Place, Organisation string

	Links   []string
	Initial bool // a drawn picture in place of one
}

// reading is one look at a page: whose, and where its things have their addresses.
type reading struct {
	*Pages

	c      *web.Ctx
	viewer int64
	page   Page
	at     func(b Block, what string) string // address of a picture or a file of a block
}

// look makes a reading of a page by its addresses.
func (s *Pages) look(c *web.Ctx, viewer int64, p Page, key string) reading {
	return reading{s, c, viewer, p, func(b Block, what string) string {
		at := "/p/" + p.PublicID + "/" + what + "/" + b.ID
		if key != "" {
			at += "?key=" + url.QueryEscape(key)
		}
		return at
	}}
}

// views makes the views of all blocks as the viewer may see them. Blocks without
// anything to show are left out, but for the owner.
func (r reading) views(ctx context.Context) ([]BlockView, error) {
	sets, err := r.sets(ctx, r.viewer, r.page)
	if err != nil {
		return nil, err
	}
	var out []BlockView
	for _, b := range r.page.Blocks {
		v, err := r.view(ctx, b, sets[b.ID])
		if err != nil {
			return nil, err
		}
		if !v.Empty || r.viewer == r.page.Person {
			out = append(out, v)
		}
	}
	return out, nil
}

func (r reading) view(ctx context.Context, b Block, badges []badge.Badge) (BlockView, error) {
	v := BlockView{ID: b.ID, Kind: string(b.Kind), Text: b.Text, More: b.More, Mail: b.Mail, Form: b.Form}
	var err error
	switch b.Kind {
	case Heading, Text:
		v.Empty = b.Text == ""
	case Link, Video:
		v.URL, v.Host = b.URL, hostOf(b.URL)
		v.Empty = b.URL == ""
	case Contact:
		v.Empty = b.Mail == "" && b.More == ""
	case Image, File:
		v.File, err = r.file(ctx, b)
		v.Empty = v.File.URL == ""
	case Profile:
		v.Person, err = r.person(ctx, b)
	default:
		for _, held := range badges {
			v.Cards = append(v.Cards, badge.NewCard(held, r.viewer, r.c.Now()))
		}
		v.Empty = len(v.Cards) == 0
		err = r.addAbouts(ctx, b, badges, &v)
	}
	return v, err
}

// addAbouts adds what issuers say, where the form of the block shows it.
func (r reading) addAbouts(ctx context.Context, b Block, badges []badge.Badge, v *BlockView) error {
	if b.Kind == Badge && b.Form == "short" || b.Kind != Badge && b.Form != "list" {
		return nil
	}
	for _, held := range badges {
		about, err := r.about(ctx, held.PublicID)
		if err != nil {
			return err
		}
		v.Abouts = append(v.Abouts, about)
	}
	if b.Kind == Badge && len(v.Abouts) > 0 {
		v.About = v.Abouts[0]
	}
	return nil
}

// about is what the issuer says of a badge.
func (r reading) about(ctx context.Context, publicID string) (string, error) {
	b, err := r.Badges.Get(ctx, r.viewer, publicID, "")
	return b.Class.Description, err
}

func (r reading) file(ctx context.Context, b Block) (FileView, error) {
	if b.File.ID == 0 {
		return FileView{}, nil
	}
	f, err := r.Files.ByID(ctx, r.Base.Read(), b.File.ID)
	if errors.Is(err, db.ErrNotFound) || err == nil && f.Person != r.page.Person {
		return FileView{}, nil
	}
	if err != nil {
		return FileView{}, err
	}
	shown := file.ViewOf(r.c, f)
	v := FileView{Name: f.Name, Kind: shown.Kind, Size: shown.Size, Width: f.Width, Height: f.Height, URL: r.at(b, "file")}
	if b.Kind == Image && !f.IsImage() {
		return FileView{}, nil
	}
	return v, nil
}

// person is what a profile block shows: each part as far as it is for the viewer.
func (r reading) person(ctx context.Context, b Block) (PersonView, error) {
	who, err := r.Accounts.PersonByHandle(ctx, r.Base.Read(), r.page.Owner.Handle)
	if err != nil {
		return PersonView{}, err
	}
	face, err := r.Accounts.FaceOf(ctx, r.viewer, who)
	if err != nil {
		return PersonView{}, err
	}
	has := map[string]bool{}
	for _, f := range b.Fields {
		has[f] = true
	}
	return chosen(has, who, face), nil
}

func chosen(has map[string]bool, who account.Person, face account.Face) PersonView {
	var v PersonView
	if has["name"] {
		v.Name, v.Handle, v.URL = who.Name, who.Handle, "/@"+who.Handle
	}
	if has["picture"] {
		v.Picture, v.Initial = face.Picture, face.Picture == ""
	}
	if has["about"] {
		v.About = face.About
	}
	if has["place"] {
		v.Place = face.Place
	}
	if has["organisation"] {
		v.Organisation = face.Organisation
	}
	if has["links"] {
		v.Links = face.Links
	}
	return v
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}
