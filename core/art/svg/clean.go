// Package svg makes strangers' SVG files safe to show and draws them as pixels.
//
// Clean rebuilds a file from an allow-list of elements, attributes and values:
// nothing is passed through, everything in the result was understood. Style
// sheets are folded into attributes, so that the result holds no style, no
// script, no handler, no link, no animation, no entity and no reference that
// leaves the file. Draw renders a cleaned tree with core/art/paint. It has no
// tables and sends no events; core/art calls it for every SVG that comes in.
package svg

import (
	"bytes"
	"strings"
)

// Limits on a file.
const (
	MaxFile     = 5 << 20 // bytes
	maxNodes    = 30_000
	maxDepth    = 128
	maxCost     = 200_000 // drawn elements, with every reference followed
	maxImage    = 4_000_000
	namespace   = "http://www.w3.org/2000/svg"
	xlink       = "http://www.w3.org/1999/xlink"
	xmlSpace    = "http://www.w3.org/XML/1998/namespace"
	defaultSide = 300
)

// Error is a named reason why a file is refused; Reason is a machine name.
type Error struct{ Reason, Detail string }

// Error implements the error interface.
func (e *Error) Error() string {
	if e.Detail == "" {
		return "svg: " + e.Reason
	}
	return "svg: " + e.Reason + ": " + e.Detail
}

// node is an element, or a run of text where name is empty.
type node struct {
	name     string
	attrs    []attr
	children []*node
	text     string
}

type attr struct{ name, value string }

func (n *node) get(name string) string {
	for _, a := range n.attrs {
		if a.name == name {
			return a.value
		}
	}
	return ""
}

func (n *node) set(name, value string) {
	for i := range n.attrs {
		if n.attrs[i].name == name {
			n.attrs[i].value = value
			return
		}
	}
	n.attrs = append(n.attrs, attr{name, value})
}

// Size is the width and height of the drawing in CSS pixels.
type Size struct{ Width, Height float64 }

// Clean rewrites an SVG file by allow-list. Errors are *Error: "svg-too-large",
// "svg-malformed", "svg-dtd", "svg-depth", "svg-too-complex", "svg-dimensions",
// "not-an-svg".
func Clean(file []byte) ([]byte, error) {
	root, err := tree(file)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Grow(len(file))
	root.write(&out, true)
	return out.Bytes(), nil
}

// Measure gives the size of the drawing; its errors are those of Clean.
func Measure(file []byte) (Size, error) {
	root, err := tree(file)
	if err != nil {
		return Size{}, err
	}
	_, size, err := frame(root)
	return size, err
}

// tree parses and cleans a file.
func tree(file []byte) (*node, error) {
	raw, sheet, err := parse(file)
	if err != nil {
		return nil, err
	}
	c := cleaner{rules: parseSheet(sheet)}
	root := c.clean(raw, nil)
	if root == nil {
		return nil, &Error{Reason: "not-an-svg"}
	}
	view, size, err := frame(root)
	if err != nil {
		return nil, err
	}
	root.set("viewBox", view.String())
	root.set("width", number(size.Width))
	root.set("height", number(size.Height))
	return root, checkCost(root)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\t", " ", "\n", " ", "\r", " ")

// write serialises a cleaned node. Attribute values and texts are escaped here
// and nowhere else.
func (n *node) write(out *bytes.Buffer, root bool) {
	if n.name == "" {
		out.WriteString(escaper.Replace(n.text))
		return
	}
	out.WriteString("<" + n.name)
	if root {
		out.WriteString(` xmlns="` + namespace + `"`)
	}
	for _, a := range n.attrs {
		out.WriteString(" " + a.name + `="` + escaper.Replace(a.value) + `"`)
	}
	if len(n.children) == 0 {
		out.WriteString("/>")
		return
	}
	out.WriteString(">")
	for _, c := range n.children {
		c.write(out, false)
	}
	out.WriteString("</" + n.name + ">")
}
