package webtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// Page is one answer. Its assertions fail the test and go on.
type Page struct {
	Name   string // "GET /path"
	Status int
	Header http.Header
	Body   []byte

	t   testing.TB
	doc *html.Node
}

// Is asserts the status.
func (p *Page) Is(status int) *Page {
	p.t.Helper()
	if p.Status != status {
		p.t.Errorf("%s: status %d, want %d\n%s", p.Name, p.Status, status, p.excerpt())
	}
	return p
}

// Goes asserts a redirect (303) to a path.
func (p *Page) Goes(to string) *Page {
	p.t.Helper()
	if p.Status != http.StatusSeeOther || p.Location() != to {
		p.t.Errorf("%s: status %d to %q, want 303 to %q\n%s", p.Name, p.Status, p.Location(), to, p.excerpt())
	}
	return p
}

// Location is where a redirect leads, or "".
func (p *Page) Location() string { return p.Header.Get("Location") }

// Has asserts that the page has elements for each CSS selector.
func (p *Page) Has(selectors ...string) *Page {
	p.t.Helper()
	for _, s := range selectors {
		if len(p.All(s)) == 0 {
			p.t.Errorf("%s: no %s\n%s", p.Name, s, p.excerpt())
		}
	}
	return p
}

// HasNot asserts that the page has no element for any of the CSS selectors.
func (p *Page) HasNot(selectors ...string) *Page {
	p.t.Helper()
	for _, s := range selectors {
		if len(p.All(s)) > 0 {
			p.t.Errorf("%s: there is a %s", p.Name, s)
		}
	}
	return p
}

// Says asserts that each text is in the words of the page.
func (p *Page) Says(texts ...string) *Page {
	p.t.Helper()
	words := p.Text("html")
	for _, s := range texts {
		if !strings.Contains(words, s) {
			p.t.Errorf("%s: does not say %q\n%s", p.Name, s, p.excerpt())
		}
	}
	return p
}

// SaysNot asserts that none of the texts is anywhere in the bytes of the answer.
func (p *Page) SaysNot(texts ...string) *Page {
	p.t.Helper()
	for _, s := range texts {
		if bytes.Contains(p.Body, []byte(s)) {
			p.t.Errorf("%s: says %q", p.Name, s)
		}
	}
	return p
}

// All is the elements for a CSS selector.
func (p *Page) All(selector string) []*html.Node {
	p.t.Helper()
	sel, err := cascadia.ParseGroup(selector)
	if err != nil {
		p.t.Fatalf("selector %q: %v", selector, err)
	}
	if p.doc == nil {
		if p.doc, err = html.Parse(bytes.NewReader(p.Body)); err != nil {
			p.t.Fatalf("%s: %v", p.Name, err)
		}
	}
	return cascadia.QueryAll(p.doc, sel)
}

// Text is the words of the first element for a CSS selector, white space as
// single spaces; "" when there is none.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	found := p.All(selector)
	if len(found) == 0 {
		return ""
	}
	var words strings.Builder
	for n := range found[0].Descendants() {
		if n.Type == html.TextNode {
			words.WriteString(n.Data)
			words.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(words.String()), " ")
}

// Attr is an attribute of the first element for a CSS selector, or "".
func (p *Page) Attr(selector, name string) string {
	p.t.Helper()
	for _, n := range p.All(selector) {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val
			}
		}
	}
	return ""
}

// JSON decodes the body into v.
func (p *Page) JSON(v any) *Page {
	p.t.Helper()
	if err := json.Unmarshal(p.Body, v); err != nil {
		p.t.Errorf("%s: %v\n%s", p.Name, err, p.excerpt())
	}
	return p
}

func (p *Page) excerpt() string { return string(p.Body[:min(len(p.Body), 1500)]) }
