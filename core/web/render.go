package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/i18n"
	"github.com/osier-passport/osier/core/theme"
)

// Values of Cache-Control.
const (
	noStore = "no-store"
	// Forever is for content whose URL changes with it.
	Forever = "public, max-age=31536000, immutable"
	// Revalidate is for content that may be kept but is asked about each time.
	Revalidate = "no-cache"
)

// Site is what the administrators have set.
type Site struct {
	Name    string
	Tagline string
	URL     string // absolute, without a slash at its end; filled in by this package
	Explore bool   // visitors see the community
	SignUp  bool   // visitors may join
	Terms   bool   // there is a text at /terms
	Privacy bool   // and one at /privacy
	Invite  bool   // members may invite
}

// View is what every template gets as ".".
type View struct {
	Page     any // the page's own struct
	Site     Site
	Viewer   Viewer
	Lang     string
	Dir      string // ltr or rtl
	Path     string // that was asked for
	Nav      string // part of the site: badges, pages, feed, explore, add, me, settings, admin or ""
	Scheme   string // auto, light, dark
	Contrast string // auto, high
	Langs    []i18n.Language
	CSRF     string // token for scripts; forms use {{csrf}}
	Flash    []Flash
	Meta     Meta
	Demo     bool
	Version  string
}

// Meta is what the head of a page says about it. Title and Description may be
// message keys. Canonical, Image and the links may be local paths; templates see
// them absolute.
type Meta struct {
	Title       string
	Description string
	Canonical   string
	Image       string
	ImageAlt    string
	Type        string // Open Graph type, "" is website
	NoIndex     bool
	JSONLD      any
	Links       []Link
	OEmbed      string // absolute address of the page's oEmbed, "" without one
	Refresh     int    // seconds after which the browser loads the page again, 0: never

	// InlineImages lets the page hold pictures in data: URIs. A picture runs
	// nothing; only those that we drew ourselves belong there.
	InlineImages bool
	// FormTo is the address of another site or app that the page's form may lead to.
	FormTo string
}

// Link is a <link> in the head of a page.
type Link struct{ Rel, Type, Href, Title string }

// Paged is a page that describes itself.
type Paged interface{ Meta() Meta }

// Render answers 200 with the page name of the theme.
func (c *Ctx) Render(name string, page any) error { return c.RenderStatus(fiber.StatusOK, name, page) }

// RenderStatus answers with the page name and a status: 422 shows a form again
// with its errors.
func (c *Ctx) RenderStatus(status int, name string, page any) error {
	view, err := c.view(page)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := c.app.o.Theme.Render(&out, c.Lang(), name, view); err != nil {
		return err
	}
	c.f.Set(fiber.HeaderContentSecurityPolicy, policyOf(view.Meta))
	if c.drawing != nil {
		c.drawing.body = out.Bytes()
	}
	c.sendHTML(status, out.Bytes())
	return nil
}

// policyOf is pagePolicy with what the page needs more.
func policyOf(m Meta) string {
	policy := pagePolicy
	if m.InlineImages {
		policy = strings.Replace(policy, "img-src 'self'", "img-src 'self' data:", 1)
	}
	if source := formSource(m.FormTo); m.FormTo != "" && source != "" {
		policy = strings.Replace(policy, "form-action 'self'", "form-action 'self' "+source, 1)
	}
	return policy
}

// RenderPartial answers 200 with one partial alone, which gets data as ".".
func (c *Ctx) RenderPartial(name string, data any) error {
	var out bytes.Buffer
	if err := c.app.o.Theme.Partial(&out, c.Lang(), name, data); err != nil {
		return err
	}
	c.sendHTML(fiber.StatusOK, out.Bytes())
	return nil
}

func (c *Ctx) sendHTML(status int, body []byte) {
	body = c.withToken(body)
	c.f.Status(status)
	c.f.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.f.Set(fiber.HeaderVary, "Cookie, Accept, Accept-Language")
	if len(c.f.Response().Header.Peek(fiber.HeaderCacheControl)) == 0 {
		c.f.Set(fiber.HeaderCacheControl, c.pageCaching())
	}
	c.f.Response().SetBodyRaw(body)
}

// pageCaching keeps what a signed-in person sees out of every store.
func (c *Ctx) pageCaching() string {
	if c.viewer.SignedIn() || c.viewer.IsPreview() {
		return noStore
	}
	return "private, no-cache"
}

// Site gives what the administrators have set.
func (c *Ctx) Site() (Site, error) { return c.app.site(c.Context()) }

func (c *Ctx) view(page any) (View, error) {
	site, err := c.app.site(c.Context())
	if err != nil {
		return View{}, fmt.Errorf("read the settings of the site: %w", err)
	}
	lang := c.app.o.Catalogue.Language(c.Lang())
	v := View{
		Page: InZone(page, c.viewer.Zone), Site: site, Viewer: c.viewer, Lang: lang.Code, Dir: lang.Dir, Path: strings.Clone(c.f.Path()), Nav: c.nav(),
		Langs: c.app.o.Catalogue.Languages(), CSRF: theme.CSRFMark(), Flash: c.takeFlash(), Demo: c.app.o.Demo, Version: c.app.o.Version,
	}
	v.Scheme, v.Contrast = c.look()
	if p, ok := page.(Paged); ok {
		v.Meta = c.absolute(p.Meta())
	}
	return v, nil
}

func (c *Ctx) absolute(m Meta) Meta {
	for _, text := range []*string{&m.Title, &m.Description} {
		if c.app.o.Catalogue.Exists(*text) {
			*text = c.T(*text)
		}
	}
	links := make([]Link, len(m.Links))
	for i, l := range m.Links {
		links[i] = Link{Rel: l.Rel, Type: l.Type, Href: c.app.absoluteURL(l.Href), Title: l.Title}
	}
	m.Links = links
	m.Canonical, m.Image = c.app.absoluteURL(m.Canonical), c.app.absoluteURL(m.Image)
	return m
}

func (a *App) absoluteURL(s string) string {
	if strings.HasPrefix(s, "/") {
		return a.URL(s)
	}
	return s
}

// JSON answers with v as JSON.
func (c *Ctx) JSON(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	c.f.Status(status)
	c.f.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	if len(c.f.Response().Header.Peek(fiber.HeaderCacheControl)) == 0 {
		c.f.Set(fiber.HeaderCacheControl, noStore)
	}
	c.f.Response().SetBodyRaw(body)
	return nil
}

// ByteOptions say how Bytes answers. The zero value is a private answer that
// nobody keeps.
type ByteOptions struct {
	CacheControl string // "" is no-store; Forever, Revalidate
	ETag         string // without quotes; "" is made from the content
	Download     string // file name, makes the browser save it
	CSP          string // "" is the policy of pages; FilePolicy for what strangers made
	AnyOrigin    bool   // programs on pages of other sites may read it: it is the same for everybody
}

// Bytes answers with a file, or 304 when the browser has it (RFC 9110 §13.1.2).
func (c *Ctx) Bytes(mime string, data []byte, o ByteOptions) error {
	if o.CacheControl == "" {
		o.CacheControl = noStore
	}
	c.f.Set(fiber.HeaderCacheControl, o.CacheControl)
	if o.CSP != "" {
		c.f.Set(fiber.HeaderContentSecurityPolicy, o.CSP)
	}
	if o.AnyOrigin {
		c.f.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	}
	if o.CacheControl != noStore {
		if o.ETag == "" {
			sum := sha256.Sum256(data)
			o.ETag = hex.EncodeToString(sum[:12])
		}
		tag := `"` + o.ETag + `"`
		c.f.Set(fiber.HeaderETag, tag)
		if matches(c.f.Get(fiber.HeaderIfNoneMatch), tag) {
			c.f.Status(fiber.StatusNotModified)
			return nil
		}
	}
	c.f.Set(fiber.HeaderContentType, mime)
	if o.Download != "" {
		c.f.Set(fiber.HeaderContentDisposition, attachment(o.Download))
	}
	c.f.Response().SetBodyRaw(data)
	return nil
}

func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == tag || candidate == "*" {
			return true
		}
	}
	return false
}

// attachment names a download twice: in ASCII, and as it is (RFC 6266 §4.3).
func attachment(name string) string {
	ascii := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\/%;`, r) {
			return '_'
		}
		return r
	}, name)
	return `attachment; filename="` + ascii + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}
