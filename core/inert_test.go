package core

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// rendered is what Markdown may make of a text.
var rendered = []string{
	"p", "br", "strong", "em", "del", "code", "pre", "blockquote", "hr", "ul", "ol", "ol@start", "li", "h3", "h4", "h5", "h6",
	"table", "thead", "tbody", "tr", "th", "td", "a", "a@href", "a@rel",
}

// shapes are the elements of a page and their attributes: "p", "a@href".
func shapes(t testing.TB, a answer) map[string]bool {
	t.Helper()
	list := map[string]bool{}
	for n := range a.document(t).Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		list[n.Data] = true
		for _, at := range n.Attr {
			list[n.Data+"@"+at.Key] = true
		}
	}
	return list
}

// inert fails when a page has anything that could run, lead astray, or that the
// same page does not have when harmless words stand in it (plain, may be nil).
func inert(t testing.TB, name string, a answer, plain map[string]bool) {
	t.Helper()
	if plain != nil {
		for shape := range shapes(t, a) {
			if !plain[shape] && !slices.Contains(rendered, shape) {
				t.Errorf("%s: %s has a %s", name, a.name, shape)
			}
		}
	}
	for n := range a.document(t).Descendants() {
		if n.Type == html.ElementNode {
			inertElement(t, name+": "+a.name, n)
		}
	}
}

func inertElement(t testing.TB, name string, n *html.Node) {
	t.Helper()
	switch n.Data {
	case "script":
		if kind := attr(n, "type"); !strings.HasPrefix(attr(n, "src"), "/assets/") && kind != "application/ld+json" {
			t.Errorf("%s: a script %s", name, words(n))
		}
	case "iframe", "object", "embed", "base", "frame", "frameset", "applet", "math", "style", "foreignobject", "animate", "set", "template", "portal", "xml", "marquee", "audio", "video", "source", "track":
		t.Errorf("%s: an element %s", name, n.Data)
	}
	for _, a := range n.Attr {
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || a.Key == "formaction" && !strings.HasPrefix(a.Val, "/") {
			t.Errorf("%s: %s has %s=%q", name, n.Data, a.Key, a.Val)
		}
		if slices.Contains([]string{"href", "src", "action", "xlink:href", "poster", "data", "background", "cite", "ping", "srcset"}, a.Key) {
			inertLink(t, name, n, a.Val)
		}
	}
}

// inertLink: links lead to this site, or to addresses of the web. What is loaded
// comes from this site.
func inertLink(t testing.TB, name string, n *html.Node, to string) {
	t.Helper()
	if inline, ok := strings.CutPrefix(to, "data:image/png;base64,"); ok && n.Data == "img" {
		inertPicture(t, name, inline)
		return
	}
	u, err := url.Parse(to)
	if err != nil || strings.ContainsAny(to, "\t\n\r\\") {
		t.Errorf("%s: %s leads to %q: %v", name, n.Data, to, err)
		return
	}
	local := u.Scheme == "" && u.Host == ""
	switch n.Data {
	case "a", "link":
		if !local && u.Scheme != "http" && u.Scheme != "https" {
			t.Errorf("%s: %s leads to %q", name, n.Data, to)
		}
	default:
		if !local {
			t.Errorf("%s: %s loads %q", name, n.Data, to)
		}
	}
}

// inertPicture: a picture in a page is a PNG that we drew, without words in it.
func inertPicture(t testing.TB, name, text string) {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Errorf("%s: a picture that is none: %v", name, err)
		return
	}
	m, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || m.Width > 1024 || m.Height > 1024 {
		t.Errorf("%s: a picture of %d×%d, %v", name, m.Width, m.Height, err)
	}
	for _, chunk := range []string{"tEXt", "zTXt", "iTXt", "eXIf", "iCCP"} {
		if bytes.Contains(data, []byte(chunk)) {
			t.Errorf("%s: a picture with a chunk %s", name, chunk)
		}
	}
}
