package mydata

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"path"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

//go:embed book/page.html book/style.css
var bookFiles embed.FS

// book makes the pages of an export that open without a server: index.html with
// the person and all badges, and a page for each document of badges. It reads
// the documents as they are handed out, so it knows no feature's types.
type book struct {
	data    *Data
	about   account.About
	site    web.Site
	made    time.Time
	profile bookProfile
	badges  []bookLink
	counts  []bookCount
	pages   *template.Template
	err     error
}

type bookProfile struct {
	Name  string `json:"name"`
	About string `json:"about"`
}

// bookLink leads from index.html to a badge.
type bookLink struct{ Name, Issuer, Image, Href string }

type bookCount struct {
	Key, Href string
	N         int
}

// bookBadge is what the pages show of a badge of badges/badges.json.
type bookBadge struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Issuer      string    `json:"issuer"`
	Description string    `json:"description"`
	Criteria    string    `json:"criteriaText"`
	CriteriaURL string    `json:"criteriaUrl"`
	IssuedAt    time.Time `json:"issuedAt"`
	ExpiresAt   time.Time `json:"expiresAt"`
	Verdict     string    `json:"verdict"`
	Received    string    `json:"received"`
	Image       string    `json:"image"`
	Evidence    []struct {
		URL       string `json:"id"`
		Name      string `json:"name"`
		Narrative string `json:"narrative"`
	} `json:"evidence"`
}

// bookPage is what book/page.html gets.
type bookPage struct {
	Lang, Dir, Title, Root string
	Site, Handle           string
	Made                   time.Time
	HasPicture             bool
	Profile                bookProfile
	Links                  []bookLink
	Counts                 []bookCount
	Badges                 []bookBadge
}

func (d *Data) newBook(about account.About, site web.Site, made time.Time) *book {
	b := &book{data: d, about: about, site: site, made: made, profile: bookProfile{Name: about.Name}}
	lang := d.catalogue.Language(about.Language).Code
	b.pages, b.err = template.New("page.html").Funcs(template.FuncMap{
		"t":        func(key string, args ...any) string { return d.catalogue.T(lang, key, args...) },
		"date":     func(t time.Time) string { return d.catalogue.Date(lang, t) },
		"num":      func(n int) string { return d.catalogue.Num(lang, n) },
		"markdown": text.Markdown,
		"web":      func(s string) bool { return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") },
	}).ParseFS(bookFiles, "book/page.html")
	return b
}

// read takes note of a document, and adds the page of it where there is one.
func (b *book) read(name string, content []byte, put func(string, []byte) error) error {
	switch {
	case b.err != nil:
		return b.err
	case name == "account/profile.json":
		return json.Unmarshal(content, &b.profile)
	case !isDocument(name):
		return nil
	case strings.HasPrefix(name, "badges/badges"):
		return b.addBadges(name, content, put)
	}
	b.counts = append(b.counts, bookCount{Key: Document{Name: name}.Key(), Href: name, N: entries(content)})
	return nil
}

func (b *book) addBadges(name string, content []byte, put func(string, []byte) error) error {
	var list []bookBadge
	if err := json.Unmarshal(content, &list); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if len(list) == 0 {
		return nil
	}
	file := "pages/" + strings.TrimSuffix(path.Base(name), ".json") + ".html"
	for _, e := range list {
		b.badges = append(b.badges, bookLink{e.Name, e.Issuer, e.Image, file + "#" + e.ID})
	}
	page := b.page()
	page.Root, page.Badges = "../", list
	return b.draw(file, page, put)
}

// finish adds index.html, the style of all pages and README.txt.
func (b *book) finish(put func(string, []byte) error) error {
	page := b.page()
	page.Links, page.Counts = b.badges, b.counts
	if err := b.draw("index.html", page, put); err != nil {
		return err
	}
	style, err := bookFiles.ReadFile("book/style.css")
	if err != nil {
		return err
	}
	if err := put("pages/style.css", style); err != nil {
		return err
	}
	return put("README.txt", fmt.Appendf(nil, readme, b.site.Name, b.about.Handle))
}

func (b *book) page() bookPage {
	lang := b.data.catalogue.Language(b.about.Language)
	return bookPage{
		Lang: lang.Code, Dir: lang.Dir, Title: b.profile.Name, Site: b.site.Name, Handle: b.about.Handle, Made: b.made, Profile: b.profile,
	}
}

func (b *book) draw(name string, page bookPage, put func(string, []byte) error) error {
	if b.err != nil {
		return b.err
	}
	var out bytes.Buffer
	if err := b.pages.Execute(&out, page); err != nil {
		return fmt.Errorf("draw %s: %w", name, err)
	}
	return put(name, out.Bytes())
}

const readme = `This archive holds everything that %s keeps about @%s.

index.html         open this in a browser: your badges, without any server
*/*.json           what is held, in plain JSON
badges/received/   every badge file, byte for byte as it came in
badges/images/     the art of the badges
SHA256SUMS         checksums: sha256sum -c SHA256SUMS
manifest.json      what made this archive, and when

Badges can be verified without this site: osier verify badges/received/*
The whole archive can be taken in by any Osier: Settings, My data, Bring it back.
`
