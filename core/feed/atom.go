package feed

import (
	"encoding/xml"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/account"
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
		Summary   string     `xml:"summary"`
	}
)

// atomOf writes the published badges of a person as Atom.
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
		at := e.At.UTC().Format(time.RFC3339)
		if i == 0 {
			f.Updated = at
		}
		url := c.URL("/b/" + e.BadgeID)
		entry := atomEntry{
			ID: url, Title: e.ClassName, Published: at, Updated: at,
			Links:   []atomLink{{Rel: "alternate", Type: "text/html", Href: url}},
			Summary: c.T("feed.atom.summary", "name", who.Name, "badge", e.ClassName, "issuer", e.Issuer),
		}
		if e.Thumbnail != "" {
			entry.Links = append(entry.Links, atomLink{Rel: "enclosure", Type: "image/png", Href: url + "/image"})
		}
		f.Entries = append(f.Entries, entry)
	}
	body, err := xml.MarshalIndent(f, "", "  ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(body, '\n')...), nil
}
