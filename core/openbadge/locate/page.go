package locate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"mime"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// InPage gives what a page itself says of its credential: addresses, the most
// explicit first, and credentials that stand in the page. An address comes from
//
//   - <link rel="openbadge" href> or <meta name="openbadge…" content>,
//   - <link rel="alternate" type="application/vc+ld+json, vc, vc+jwt, jwt, ld+json or json" href>,
//   - assertion_url, where the body is JSON of a badge platform and no page;
//
// a credential from <script type="application/ld+json"> and its like. Addresses
// are resolved against <base> and pageURL, are http(s), and are at most eight.
func InPage(pageURL string, body []byte) (urls []string, inline [][]byte) {
	u := webURL(pageURL)
	if u == nil || len(body) > maxPage {
		return nil, nil
	}
	p := page{base: u, address: pageURL}
	if trimmed := bytes.TrimSpace(body); len(trimmed) > 0 && trimmed[0] == '{' {
		p.object(trimmed)
	} else {
		p.read(body)
	}
	slices.SortStableFunc(p.links, func(a, b link) int { return cmp.Compare(a.order, b.order) })
	for _, l := range p.links {
		urls = add(urls, l.address, pageURL)
	}
	return urls, p.inline
}

// link is an address found; a lower order is a plainer sign of a badge.
type link struct {
	address string
	order   int
}

type page struct {
	base    *url.URL
	based   bool // a <base> was seen; the first one counts
	address string
	links   []link
	inline  [][]byte
}

// read walks the tags of a page. Nothing of it is run or loaded.
func (p *page) read(body []byte) {
	z := html.NewTokenizer(bytes.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			p.tag(z)
		}
	}
}

func (p *page) tag(z *html.Tokenizer) {
	name, more := z.TagName()
	tag := string(name)
	if !more || tag != "base" && tag != "link" && tag != "meta" && tag != "script" {
		return
	}
	a := map[string]string{}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if _, twice := a[string(key)]; !twice {
			a[string(key)] = string(value)
		}
	}
	switch tag {
	case "base":
		p.rebase(a["href"])
	case "link":
		p.link(a)
	case "meta":
		if isBadgeWord(cmp.Or(a["name"], a["property"])) {
			p.found(a["content"], 0)
		}
	case "script":
		if mediaOrder(a["type"]) >= 0 && z.Next() == html.TextToken {
			p.credential(bytes.TrimSpace(z.Raw()))
		}
	}
}

func (p *page) rebase(href string) {
	if href == "" || p.based {
		return
	}
	p.based = true
	if u, err := p.base.Parse(strings.TrimSpace(href)); err == nil {
		p.base = u
	}
}

func (p *page) link(a map[string]string) {
	for rel := range strings.FieldsSeq(strings.ToLower(a["rel"])) {
		switch order := mediaOrder(a["type"]); {
		case isBadgeWord(rel):
			p.found(a["href"], 0)
		case rel == "alternate" && order >= 0:
			p.found(a["href"], order)
		}
	}
}

// isBadgeWord tells openbadge, openbadges, openbadges:assertion and so on.
func isBadgeWord(s string) bool { return strings.HasPrefix(strings.ToLower(s), "openbadge") }

// mediaOrder ranks the media types of credentials; -1 is none of them.
func mediaOrder(mediaType string) int {
	name, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return -1
	}
	return slices.Index([]string{"", "application/vc+ld+json", "application/vc", "application/vc+jwt", "application/jwt", "application/ld+json", "application/json"}, name)
}

// found notes an address after resolving it.
func (p *page) found(href string, order int) {
	href = strings.TrimSpace(href)
	if href == "" || len(href) > maxURL || len(p.links) >= 10*maxCandidates {
		return
	}
	u, err := p.base.Parse(href)
	if err != nil {
		return
	}
	u.Fragment, u.RawFragment = "", ""
	if address := u.String(); webURL(address) != nil && address != p.address {
		p.links = append(p.links, link{address, order})
	}
}

func (p *page) credential(text []byte) {
	if len(p.inline) < maxInline && len(text) <= maxCredential && isCredential(text) {
		p.inline = append(p.inline, bytes.Clone(text))
	}
}

// object looks at JSON that is no credential itself (see passport).
func (p *page) object(text []byte) {
	var o struct {
		Address string `json:"assertion_url"`
	}
	if isCredential(text) || json.Unmarshal(text, &o) != nil {
		return
	}
	p.found(o.Address, 0)
}
