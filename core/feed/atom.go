package feed

import (
	"encoding/xml"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/account"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

// The elements of an Atom feed (RFC 4287 §4), with paging links (RFC 5005 §3).
type (
	atomFeed struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang    string      `xml:"xml:lang,attr"`
		ID      string      `xml:"id"`
		Title   string      `xml:"title"`
		Updated string      `xml:"updated"`
		Author  atomAuthor  `xml:"author"`
		Links   []atomLink  `xml:"link"`
		Entries []atomEntry `xml:"entry"`
	}
	atomAuthor struct {
		Name string `xml:"name"`
		URI  string `xml:"uri"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr,omitempty"`
		Href string `xml:"href,attr"`
	}
	atomEntry struct {
		ID        string     `xml:"id"`
		Title     string     `xml:"title"`
		Published string     `xml:"published"`
		Updated   string     `xml:"updated"`
		Links     []atomLink `xml:"link"`
		Summary   string     `xml:"summary,omitempty"`
	}
)

// atomOf writes what a person published, follows and said as Atom.
func atomOf(c *web.Ctx, who account.Person, page Page) ([]byte, error) {
	self := c.URL("/@" + who.Handle + "/feed.atom")
	f := atomFeed{
		Lang: c.Lang(), ID: self, Title: c.T("feed.atom.title", "name", who.Name), Updated: who.CreatedAt.UTC().Format(time.RFC3339),
		Author: atomAuthor{Name: who.Name, URI: c.URL("/@" + who.Handle)},
		Links: []atomLink{
			{Rel: "self", Type: "application/atom+xml", Href: self},
			{Rel: "alternate", Type: "text/html", Href: c.URL("/@" + who.Handle)},
		},
	}
	if page.Older != 0 {
		f.Links = append(f.Links, atomLink{Rel: "next", Type: "application/atom+xml", Href: self + "?before=" + strconv.FormatInt(page.Older, 36)})
	}
	for i, e := range page.Events {
		if i == 0 {
			f.Updated = e.At.UTC().Format(time.RFC3339)
		}
		f.Entries = append(f.Entries, entryOf(c, e))
	}
	body, err := xml.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(body, '\n')...), nil
}

// entryOf writes one event. A badge is one entry for ever; the other ids are
// fragments that no page needs to have (RFC 4287 §4.2.6).
func entryOf(c *web.Ctx, e Event) atomEntry {
	at := e.At.UTC().Format(time.RFC3339)
	entry := atomEntry{Published: at, Updated: at}
	var path string
	switch {
	case e.Verb == Arranged:
		path = "/p/" + e.PageID
		entry.Title = e.Title
		entry.Summary = c.T("feed.atom.arranged", "name", e.Actor.Name, "title", e.Title)
	case e.Verb == Published:
		path = "/b/" + e.BadgeID
		entry.Title = e.ClassName
		entry.Summary = c.T("feed.atom.published", "name", e.Actor.Name, "badge", e.ClassName, "issuer", e.Issuer)
	case e.Verb == Cheered:
		path = "/b/" + e.BadgeID
		entry.Title = c.T("feed.atom.cheered", "name", e.Actor.Name, "who", e.Person.Name, "badge", e.ClassName)
	case e.Verb == Commented:
		path = "/c/" + e.ClassID
		entry.Title = c.T("feed.atom.commented", "name", e.Actor.Name, "badge", e.ClassName)
		entry.Summary = text.Plain(e.Comment, 280)
	case e.Person.ID != 0:
		path = "/@" + e.Person.Handle
		entry.Title = c.T("feed.atom.followed", "name", e.Actor.Name, "what", e.Person.Name)
	default:
		path = "/c/" + e.ClassID
		entry.Title = c.T("feed.atom.followed", "name", e.Actor.Name, "what", e.ClassName)
	}
	entry.ID = c.URL(path)
	entry.Links = []atomLink{{Rel: "alternate", Type: "text/html", Href: entry.ID}}
	if e.Verb != Published {
		entry.ID += "#event-" + strconv.FormatInt(e.ID, 36)
	} else if e.Thumbnail != "" {
		entry.Links = append(entry.Links, atomLink{Rel: "enclosure", Type: "image/png", Href: entry.ID + "/image"})
	}
	return entry
}
