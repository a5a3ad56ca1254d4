package demo

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/osier-passport/osier/core/badge"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/web"
)

// stay is how long somebody is signed in as one of the people.
const stay = 24 * time.Hour

// Mount makes the routes of the demo: signing in with one click, sample files,
// and what the issuers publish. No other mode may mount them.
func (c *Community) Mount(r web.Router) {
	r.Get("/demo", c.signin)
	r.Post("/demo/:handle", c.enter)
	r.Get("/demo/samples/:file", c.sample)
	r.Get("/demo/issuers/:issuer", c.issuerPage)
	r.Get("/demo/issuers/:issuer/:file", c.published)
	r.Get("/demo/issuers/:issuer/:kind/:file", c.published)
}

// SigninPage is the page "demo/signin": who one may be, and what one may try.
type SigninPage struct {
	People   []Person
	Samples  []Sample // for who is signed in with a confirmed address
	Locked   string   // address of a page that asks for the Password; may be empty
	Password string
	Address  string // of a hosted badge for who is signed in, to be copied; may be empty
}

// Person is one of the people to sign in as.
type Person struct {
	Person           badge.Person
	Role, About, URL string
	Badges           int
}

// Sample is a file to download and add.
type Sample struct{ Name, URL, Text string }

// Meta titles the page.
func (SigninPage) Meta() web.Meta { return web.Meta{Title: "demo.title", NoIndex: true} }

func (c *Community) signin(w *web.Ctx) error {
	var page SigninPage
	for _, r := range residents() {
		p, err := c.person(w, r.handle)
		if fault.Is(err, fault.NotFound) || errors.Is(err, db.ErrNotFound) {
			continue // somebody tried "remove account"
		}
		if err != nil {
			return err
		}
		page.People = append(page.People, p)
		if c.ids[r.handle] == w.Viewer().Person {
			page.Address = c.welcomeURL(r.handle)
		}
	}
	addresses, err := c.addresses(w)
	if err != nil {
		return err
	}
	if len(addresses) > 0 {
		for _, s := range samples() {
			page.Samples = append(page.Samples, Sample{Name: s.file, URL: "/demo/samples/" + s.file, Text: w.T(s.text)})
		}
	}
	if c.locked != "" {
		page.Locked, page.Password = "/p/"+c.locked, PagePassword
	}
	return w.Render("demo/signin", page)
}

// person shows one of the people as they are now: visitors may have renamed them.
func (c *Community) person(w *web.Ctx, handle string) (Person, error) {
	id := c.ids[handle]
	p, err := c.deps.Accounts.PersonByID(w.Context(), c.deps.Base.Read(), id)
	if err != nil {
		return Person{}, err
	}
	n, err := c.deps.Badges.Count(w.Context(), id)
	return Person{
		Person: badge.PersonView(p.Handle, p.Name, p.Picture), Role: p.Role, About: p.About, URL: "/demo/" + handle, Badges: n,
	}, err
}

func (c *Community) addresses(w *web.Ctx) ([]string, error) {
	if !w.Viewer().SignedIn() {
		return nil, nil
	}
	return c.deps.Accounts.Confirmed(w.Context(), c.deps.Base.Read(), w.Viewer().Person)
}

// enter signs in as one of the people. Nobody else's handle works.
func (c *Community) enter(w *web.Ctx) error {
	id, ok := c.ids[w.Param("handle")]
	if !ok {
		return fault.New(fault.NotFound, "demo.error.nobody").At("/demo")
	}
	token, err := c.deps.Accounts.Start(w.Context(), id, w.T("demo.device"), w.SessionToken())
	if errors.Is(err, db.ErrNotFound) {
		return fault.New(fault.NotFound, "demo.error.nobody").At("/demo")
	}
	if err != nil {
		return err
	}
	w.SetSession(token, stay)
	return w.Redirect("/feed")
}

// sample issues one of the samples to who is signed in.
func (c *Community) sample(w *web.Ctx) error {
	addresses, err := c.addresses(w)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(samples(), func(s sample) bool { return s.file == w.Param("file") })
	if at < 0 || len(addresses) == 0 {
		return fault.New(fault.NotFound, "demo.error.sample").At("/demo")
	}
	s := samples()[at]
	data, err := c.sampleFile(w.Context(), s, addresses[0])
	if err != nil {
		return err
	}
	return w.Bytes("application/octet-stream", data, web.ByteOptions{Download: s.file, CSP: web.FilePolicy})
}

// published answers with what an issuer publishes, as the fetch client of the
// demo does, and with the page of a class.
func (c *Community) published(w *web.Ctx) error {
	d, ok := c.files[c.site+w.Path()]
	if !ok {
		return c.classPage(w)
	}
	if d.Status == http.StatusNotFound {
		return fault.New(fault.NotFound, "error.text.404")
	}
	return w.Bytes(d.Type, d.Body, web.ByteOptions{CacheControl: web.Revalidate, CSP: web.FilePolicy})
}

// IssuerPage is the page "demo/issuer": the website of an issuer.
type IssuerPage struct {
	Name, Kind, Description, WireID string

	Classes []Class
	Files   []File
}

// Class is a link to a class.
type Class struct{ Name, URL, Image string }

// File is a link to something that the issuer publishes for machines.
type File struct{ Name, URL string }

// Meta titles the page.
func (p IssuerPage) Meta() web.Meta { return web.Meta{Title: p.Name, NoIndex: true} }

func (c *Community) issuerPage(w *web.Ctx) error {
	i, ok := c.issuers[w.Param("issuer")]
	if !ok {
		return fault.New(fault.NotFound, "error.text.404")
	}
	page := IssuerPage{Name: i.Name, Kind: w.T(i.kind), Description: i.Description, WireID: i.ID, Files: c.filesOf(i)}
	for _, k := range c.classes {
		if k.issuer == i.slug && !k.gone {
			page.Classes = append(page.Classes, Class{Name: k.name, URL: k.path(), Image: k.imagePath()})
		}
	}
	slices.SortFunc(page.Classes, func(a, b Class) int { return cmp.Compare(a.Name, b.Name) })
	return w.Render("demo/issuer", page)
}

func (c *Community) filesOf(i *issuer) []File {
	var list []File
	for _, name := range []string{"profile.json", "issuer.json", "jwks.json", "keys/1.json", "revoked.json"} {
		address := c.base(i.slug) + "/" + name
		if _, ok := c.files[address]; ok {
			list = append(list, File{name, address[len(c.site):]})
		}
	}
	return list
}

// ClassPage is the page "demo/class": the criteria of a class, at its issuer's.
type ClassPage struct {
	Name, Description, Image, Language, Criteria string

	Issuer Class
	File   File
}

// Meta titles the page.
func (p ClassPage) Meta() web.Meta { return web.Meta{Title: p.Name, NoIndex: true} }

func (c *Community) classPage(w *web.Ctx) error {
	k, ok := c.classes[w.Param("file")]
	if !ok || k.path() != w.Path() {
		return fault.New(fault.NotFound, "error.text.404")
	}
	i := c.issuers[k.issuer]
	page := ClassPage{
		Name: k.name, Description: k.description, Image: k.imagePath(), Language: k.language, Criteria: k.criteria,
		Issuer: Class{Name: i.Name, URL: "/demo/issuers/" + i.slug},
	}
	if !k.gone {
		page.File = File{k.slug + ".json", k.path() + ".json"}
	}
	return w.Render("demo/class", page)
}
