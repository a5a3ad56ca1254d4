package share

import (
	"context"
	"encoding/xml"
	"fmt"
	"html"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge/verify"
	"github.com/osier-passport/osier/core/social"
	"github.com/osier-passport/osier/core/web"
)

// Size of an embedded badge, in CSS pixels.
const (
	embedWidth  = 320
	embedHeight = 400
)

// EmbedPage is the partial "embed": a public badge or profile in a frame of another
// site.
type EmbedPage struct {
	Lang, Dir, Scheme, Site string

	Name, By         string // By: the issuer, or how many badges a profile shows
	URL, Image       string
	Earner, Verified string
}

// frame gives the code that shows something public in a frame of another site.
func frame(c *web.Ctx, name, path string, width, height int) string {
	return fmt.Sprintf(`<iframe src="%s" title="%s" width="%d" height="%d" style="border:0" loading="lazy"></iframe>`,
		html.EscapeString(c.URL("/embed"+path)), html.EscapeString(name), width, height)
}

// embed shows a public badge to a frame. It is nobody's view: a badge that is not
// public is not there, whoever asks.
func (s *Share) embed(c *web.Ctx) error {
	b, err := s.public(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	path := "/b/" + b.PublicID
	page, err := embedPage(c, path, b.Class.Name)
	if err != nil {
		return err
	}
	page.By = b.Class.Issuer.Name
	if b.Thumbnail != "" {
		page.Image = path + "/image"
	}
	if b.ShowName {
		page.Earner = b.Earner.Name
	}
	if b.VerdictAt(c.Now()) == verify.Valid {
		page.Verified = c.Catalogue().T(page.Lang, "badge.card.verified")
	}
	return c.Embed(page.Lang, "embed", page)
}

// embedPage is what all frames have: the language and the colours asked for.
func embedPage(c *web.Ctx, path, name string) (EmbedPage, error) {
	site, err := c.Site()
	if err != nil {
		return EmbedPage{}, err
	}
	lang := c.Catalogue().Language(c.Query("lang"))
	page := EmbedPage{Lang: lang.Code, Dir: lang.Dir, Scheme: "auto", Site: site.Name, Name: name, URL: c.URL(path)}
	if scheme := c.Query("theme"); scheme == "light" || scheme == "dark" {
		page.Scheme = scheme
	}
	return page, nil
}

// embedPageOf shows a page that everybody may see to a frame.
func (s *Share) embedPageOf(c *web.Ctx) error {
	p, err := s.pages.Everybodys(c.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	page, err := embedPage(c, "/p/"+p.PublicID, p.Title)
	if err != nil {
		return err
	}
	page.By = p.Owner.Name
	return c.Embed(page.Lang, "embed", page)
}

// public gives a badge that everybody may see, else a fault NotFound.
func (s *Share) public(ctx context.Context, id string) (badge.Badge, error) {
	b, err := s.badges.Get(ctx, 0, id, "")
	if err == nil && b.Visibility != badge.Public {
		err = fault.New(fault.NotFound, "badge.error.not_found")
	}
	return b, err
}

// OEmbed describes a badge's page for sites that show it (oEmbed 1.0 §2.3.4.4).
type OEmbed struct {
	XMLName         xml.Name `json:"-" xml:"oembed"`
	Version         string   `json:"version" xml:"version"`
	Type            string   `json:"type" xml:"type"`
	Title           string   `json:"title" xml:"title"`
	AuthorName      string   `json:"author_name,omitempty" xml:"author_name,omitempty"`
	ProviderName    string   `json:"provider_name" xml:"provider_name"`
	ProviderURL     string   `json:"provider_url" xml:"provider_url"`
	HTML            string   `json:"html" xml:"html"`
	Width           int      `json:"width" xml:"width"`
	Height          int      `json:"height" xml:"height"`
	ThumbnailURL    string   `json:"thumbnail_url" xml:"thumbnail_url"`
	ThumbnailWidth  int      `json:"thumbnail_width" xml:"thumbnail_width"`
	ThumbnailHeight int      `json:"thumbnail_height" xml:"thumbnail_height"`
}

// oembed answers for the address of a public badge's page or of a profile (oEmbed 1.0
// §2.2): others are not found, and formats but json and xml are not had (501, §2.3.4).
func (s *Share) oembed(c *web.Ctx) error {
	shown, err := s.embeddable(c)
	if err != nil {
		return err
	}
	site, err := c.Site()
	if err != nil {
		return err
	}
	o := OEmbed{
		Version: "1.0", Type: "rich", Title: shown.title, AuthorName: shown.author, ProviderName: site.Name, ProviderURL: c.URL("/"),
		Width: atMost(c.Query("maxwidth"), embedWidth), Height: atMost(c.Query("maxheight"), embedHeight),
		ThumbnailURL: c.URL(shown.card), ThumbnailWidth: 1200, ThumbnailHeight: 630,
	}
	o.HTML = frame(c, o.Title, shown.path, o.Width, o.Height)
	switch c.Query("format") {
	case "", "json":
		return c.JSON(200, o)
	case "xml":
		out, err := xml.Marshal(o)
		if err != nil {
			return fmt.Errorf("write oEmbed: %w", err)
		}
		return c.Bytes("text/xml; charset=utf-8", append([]byte(xml.Header), out...), web.ByteOptions{})
	}
	return fault.New(fault.Unimplemented, "share.error.oembed_format")
}

// embeddable is what oEmbed tells of a badge, a page or a profile.
type embeddable struct{ path, card, title, author string }

// embeddable finds what the address asked about shows to everybody.
func (s *Share) embeddable(c *web.Ctx) (embeddable, error) {
	address, _, _ := strings.Cut(c.Query("url"), "?")
	id, isBadge := strings.CutPrefix(address, c.URL("/b/"))
	handle, isProfile := strings.CutPrefix(address, c.URL("/@"))
	pageID, isPage := strings.CutPrefix(address, c.URL("/p/"))
	switch {
	case isBadge && id != "" && !strings.Contains(id, "/"):
		b, err := s.public(c.Context(), id)
		if err != nil {
			return embeddable{}, err
		}
		sub := s.ofBadge(b)
		return embeddable{sub.Path, sub.Card, sub.Name, sub.Shown}, nil
	case isProfile && handle != "" && !strings.Contains(handle, "/"):
		who, err := s.accounts.Opened(c.Context(), 0, handle)
		if err != nil {
			return embeddable{}, err
		}
		n, err := s.badges.CountShown(c.Context(), 0, who.ID)
		return embeddable{"/@" + who.Handle, social.CardPath(s.badges, who, n), who.Name, ""}, err
	case isPage && pageID != "" && !strings.Contains(pageID, "/"):
		p, err := s.pages.Everybodys(c.Context(), pageID)
		return embeddable{"/p/" + p.PublicID, s.pages.CardPath(p), p.Title, p.Owner.Name}, err
	}
	return embeddable{}, fault.New(fault.NotFound, "share.error.no_embed")
}

// atMost gives size, or the smaller one that was asked for.
func atMost(asked string, size int) int {
	if n, err := strconv.Atoi(asked); err == nil && n > 0 && n < size {
		return n
	}
	return size
}

// qr draws the address of one's own profile as a QR code, to be printed or shown.
func (s *Share) qr(c *web.Ctx) error {
	sub, err := s.shareable(c.Context(), c.Viewer().Person, refOf(c))
	if err != nil {
		return err
	}
	drawing, err := art.QR(c.URL(sub.Path))
	if err != nil {
		return err
	}
	return c.Bytes("image/svg+xml", drawing, web.ByteOptions{CSP: web.FilePolicy})
}
