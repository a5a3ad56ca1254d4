package page

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// siteMost is the size in bytes of the files of a site that is handed out.
const siteMost = 128 << 20

// SitePage is what the partial "page-site" gets: a page that opens without a server.
type SitePage struct {
	Lang, Dir    string
	Title, Style string
	Frame, Space string
	Owner, From  string // From is the address of the page, or ""
	Blocks       []BlockView
	Files        []SiteFile // of badges
	Styles       []string
	Made         time.Time
}

// SiteFile is a badge's own file in a site.
type SiteFile struct{ Name, Path string }

// site collects the files of a site.
type site struct {
	zip  *zip.Writer
	out  bytes.Buffer
	size int
	at   time.Time

	plain  bool              // also badges that name the address of their holder
	links  map[string]string // of badges and their pictures
	files  []SiteFile
	badges int
}

func (z *site) add(name string, data []byte) error {
	if z.size += len(data); z.size > siteMost {
		return fault.New(fault.Conflict, "page.error.site_size")
	}
	method := zip.Deflate
	switch path.Ext(name) {
	case ".png", ".jpg", ".jpeg", ".pdf", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp":
		method = zip.Store
	}
	w, err := z.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: z.at})
	if err != nil {
		return fmt.Errorf("pack a site: %w", err)
	}
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("pack a site: %w", err)
	}
	return nil
}

// AskExportPage is the page "page/export".
type AskExportPage struct {
	Page  Row
	URL   string
	Plain []string // badges that name the owner's address in plain text
}

// Meta titles the page.
func (AskExportPage) Meta() web.Meta { return web.Meta{Title: "page.export.title", NoIndex: true} }

func (s screens) askExport(c *web.Ctx) error {
	p, err := s.Mine(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	page := AskExportPage{Page: rowOf(p, c.Now()), URL: "/pages/" + p.PublicID + "/site.zip"}
	held, err := s.standing(c.Context(), p)
	for _, b := range held {
		if b.Plain {
			page.Plain = append(page.Plain, b.Class.Name)
		}
	}
	if err != nil {
		return err
	}
	return c.Render("page/export", page)
}

// standing gives the badges on a page, whole, as those see them whom it is for.
func (s *Pages) standing(ctx context.Context, p Page) ([]badge.Badge, error) {
	sets, err := s.sets(ctx, audience(p.Visibility, p.Person), p)
	if err != nil {
		return nil, err
	}
	seen := map[int64]bool{}
	var out []badge.Badge
	for _, block := range p.Blocks {
		for _, b := range sets[block.ID] {
			if seen[b.ID] {
				continue
			}
			seen[b.ID] = true
			whole, err := s.Badges.Mine(ctx, p.Person, b.PublicID)
			if err != nil {
				return nil, err
			}
			out = append(out, whole)
		}
	}
	return out, nil
}

// export hands a page out as a site: HTML, style, pictures, files, and of each
// badge the file that the issuer made, which verifies without this site. It is
// what those see whom the page is for, without a script and without an address of
// anything but what it links to.
func (s screens) export(c *web.Ctx) error {
	ctx, me := c.Context(), c.Viewer().Person
	if err := c.Limit("page-site", fmt.Sprint(me), 30, time.Hour); err != nil {
		return err
	}
	p, err := s.Mine(ctx, me, c.Param("id"))
	if err != nil {
		return err
	}
	z := &site{at: c.Now(), plain: c.Query("plain") == "1", links: map[string]string{}}
	z.zip = zip.NewWriter(&z.out)
	if err := s.pack(c, z, p); err != nil {
		return err
	}
	if err := z.zip.Close(); err != nil {
		return fmt.Errorf("pack a site: %w", err)
	}
	return c.Bytes("application/zip", z.out.Bytes(), web.ByteOptions{Download: fileName(p.Title) + ".zip", CSP: web.FilePolicy})
}

func (s screens) pack(c *web.Ctx, z *site, p Page) error {
	ctx := c.Context()
	held, err := s.standing(ctx, p)
	if err != nil {
		return err
	}
	for _, b := range held {
		if err := s.packBadge(ctx, z, b); err != nil {
			return err
		}
	}
	r := s.look(c, audience(p.Visibility, p.Person), p, "")
	r.at = func(b Block, _ string) string { return "files/" + b.ID }
	views, err := r.views(ctx)
	if err != nil {
		return err
	}
	for i := range views {
		if err := s.packBlock(ctx, z, p, &views[i]); err != nil {
			return err
		}
	}
	styles, err := s.packStyles(z)
	if err != nil {
		return err
	}
	lang := c.Catalogue().Language(c.Lang())
	page := SitePage{
		Lang: lang.Code, Dir: lang.Dir, Title: p.Title, Style: p.Style, Frame: p.Frame, Space: p.Space, Owner: p.Owner.Name, Blocks: views, Files: z.files, Styles: styles, Made: c.Now(),
	}
	if p.Visibility == badge.Public && !p.HasPassword {
		page.From = c.URL("/p/" + p.PublicID)
	}
	var out bytes.Buffer
	if err := s.Theme.Partial(&out, lang.Code, "page-site", page); err != nil {
		return err
	}
	return z.add("index.html", out.Bytes())
}

// packBadge adds the art of a badge and its file. One that names its holder's
// address in plain text is left out unless that is wanted.
func (s screens) packBadge(ctx context.Context, z *site, b badge.Badge) error {
	i := z.badges
	z.badges++
	art, err := s.Badges.ImageOf(ctx, b)
	if err != nil {
		return err
	}
	z.links["image "+b.PublicID] = fmt.Sprintf("images/badge-%d.png", i+1)
	if err := z.add(z.links["image "+b.PublicID], art); err != nil {
		return err
	}
	if b.Plain && !z.plain {
		return nil
	}
	name, data, err := s.Badges.ReceivedFile(ctx, b)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	at := fmt.Sprintf("badges/%d-%s", i+1, name)
	z.links[b.PublicID] = at
	z.files = append(z.files, SiteFile{b.Class.Name, at})
	return z.add(at, data)
}

// packBlock adds the files of a block, and makes its addresses relative.
func (s screens) packBlock(ctx context.Context, z *site, p Page, v *BlockView) error {
	for i := range v.Cards {
		c := &v.Cards[i]
		c.URL, c.Image, c.Visibility = z.links[c.ID], z.links["image "+c.ID], ""
	}
	if v.Person.URL != "" {
		v.Person.URL = ""
	}
	v.Person.Picture = ""
	if v.File.URL == "" {
		return nil
	}
	b, err := p.block(v.ID)
	if err != nil {
		return err
	}
	f, err := s.Files.ByID(ctx, s.Base.Read(), b.File.ID)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	data, err := s.Files.Bytes(ctx, f)
	if err != nil {
		return err
	}
	v.File.URL = "files/" + b.ID + path.Ext(f.Name)
	return z.add(v.File.URL, data)
}

// siteSheets are the style sheets of the theme that a site takes along.
var siteSheets = []string{"tokens.css", "base.css", "components.css", "pages.css", "page-styles.css"}

func (s screens) packStyles(z *site) ([]string, error) {
	var list []string
	for _, name := range append(siteSheets, "print.css") {
		a, ok := s.Theme.Serve(name)
		if !ok {
			continue
		}
		if err := z.add("style/"+name, a.Data); err != nil {
			return nil, err
		}
		if name != "print.css" {
			list = append(list, "style/"+name)
		}
	}
	return list, nil
}

var notInName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^a-z0-9]+`) })

// fileName is a file name made of a title.
func fileName(title string) string {
	n := strings.Trim(notInName().ReplaceAllString(db.Fold(title), "-"), "-")
	if n == "" {
		return "page"
	}
	return n[:min(len(n), 60)]
}
