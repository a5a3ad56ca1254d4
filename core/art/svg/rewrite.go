package svg

import (
	"encoding/base64"
	"maps"
	"strings"

	"github.com/osier-passport/osier/core/art/raster"
)

// cleaner rebuilds a parsed tree.
type cleaner struct {
	rules []rule
	ids   map[string]bool
}

// clean gives the allowed part of n, nil where nothing is.
func (c *cleaner) clean(n *node, vars map[string]string) *node {
	if n.name == "" {
		return &node{text: strings.Map(func(r rune) rune {
			if isControl(r) {
				return -1
			}
			return r
		}, n.text)}
	}
	if n.name == "style" {
		return nil
	}
	name := n.name
	if unwrapped[name] {
		name = "g"
	}
	out := &node{name: name}
	vars = c.attributes(n, out, vars)
	if name == "image" && out.get("href") == "" || name == "use" && out.get("href") == "" {
		return nil
	}
	for _, child := range n.children {
		if unwrapped[n.name] && child.name == "" {
			continue
		}
		if k := c.clean(child, vars); k != nil {
			out.children = append(out.children, k)
		}
	}
	return out
}

// attributes puts the allowed attributes of n on out: first its own, then what
// style sheets and at last its style attribute say. It gives the CSS variables
// in force within n.
func (c *cleaner) attributes(n, out *node, vars map[string]string) map[string]string {
	var styled []declaration
	classes := strings.Fields(n.get("class"))
	for _, r := range c.rules {
		if r.matches(n, classes) {
			styled = append(styled, r.declarations...)
		}
	}
	styled = append(styled, parseDeclarations(withoutComments(n.get("style")))...)
	vars = withVariables(vars, styled)
	for _, a := range n.attrs {
		c.own(out, a, vars)
	}
	for _, d := range styled {
		if properties[d.name] {
			c.property(out, d.name, d.value, vars)
		}
	}
	return vars
}

func withVariables(vars map[string]string, styled []declaration) map[string]string {
	own := false
	for _, d := range styled {
		if !strings.HasPrefix(d.name, "--") {
			continue
		}
		if !own {
			if vars = maps.Clone(vars); vars == nil {
				vars = map[string]string{}
			}
			own = true
		}
		if len(vars) < 500 {
			vars[d.name] = d.value
		}
	}
	return vars
}

// own takes over one attribute of the element itself.
func (c *cleaner) own(out *node, a attr, vars map[string]string) {
	switch {
	case out.get(a.name) != "": // a doubled attribute: the first one counts
	case a.name == "id":
		if isIdentifier(a.value) && !c.ids[a.value] {
			if c.ids == nil {
				c.ids = map[string]bool{}
			}
			c.ids[a.value] = true
			out.set("id", a.value)
		}
	case a.name == "href":
		c.href(out, a.value)
	case properties[a.name]:
		c.property(out, a.name, a.value, vars)
	case geometry[a.name]:
		if v, ok := safeValue(a.value); ok && !strings.Contains(v, "url(") {
			out.set(a.name, v)
		}
	}
}

func (c *cleaner) property(out *node, name, value string, vars map[string]string) {
	value, ok := resolve(value, vars)
	if !ok {
		return
	}
	if value, ok = safeValue(value); ok && value != "" {
		out.set(name, value)
	}
}

// href keeps references within the file, and pictures that the file carries.
func (c *cleaner) href(out *node, value string) {
	if out.name == "image" {
		if uri, ok := picture(value); ok {
			out.set("href", uri)
		}
		return
	}
	switch out.name {
	case "use", "textPath", "linearGradient", "radialGradient", "pattern":
		if id, ok := localReference(value); ok {
			out.set("href", "#"+id)
		}
	}
}

// picture checks a data: URI of a small enough PNG, JPEG, GIF or WebP and
// writes it anew from its bytes.
func picture(value string) (uri string, ok bool) {
	b, ok := dataURI(value)
	if !ok {
		return "", false
	}
	c, err := raster.Read(b)
	if err != nil || c.Width*c.Height > maxImage {
		return "", false
	}
	return "data:image/" + c.Type + ";base64," + base64.StdEncoding.EncodeToString(b), true
}

func dataURI(value string) ([]byte, bool) {
	head, body, ok := strings.Cut(value, ",")
	if !ok || !strings.HasPrefix(head, "data:image/") || !strings.HasSuffix(head, ";base64") {
		return nil, false
	}
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(body), ""))
	return b, err == nil
}
