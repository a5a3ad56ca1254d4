package svg

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// parse reads a file into a tree of its SVG elements, names in the SVG
// namespace only, and the text of its style elements.
func parse(file []byte) (root *node, sheet string, err error) {
	if len(file) > MaxFile {
		return nil, "", &Error{Reason: "svg-too-large"}
	}
	d := xml.NewDecoder(bytes.NewReader(file))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) {
		if bytes.ContainsFunc(file, func(r rune) bool { return r > 126 }) {
			return nil, errors.New("encoding is not UTF-8")
		}
		return in, nil
	}
	p := parser{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, "", &Error{Reason: "svg-malformed", Detail: err.Error()}
		}
		if err := p.token(token); err != nil {
			return nil, "", err
		}
	}
	if p.root == nil {
		return nil, "", &Error{Reason: "not-an-svg"}
	}
	return p.root, p.sheet.String(), nil
}

type parser struct {
	root  *node
	bare  bool // the root is in no namespace, as in very old files
	open  []*node
	skip  int // depth within an element that is left out
	nodes int
	sheet strings.Builder
}

func (p *parser) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		if !bytes.HasPrefix(bytes.ToUpper(t), []byte("DOCTYPE")) || bytes.IndexByte(t, '[') >= 0 {
			return &Error{Reason: "svg-dtd"}
		}
	case xml.StartElement:
		return p.start(t)
	case xml.EndElement:
		if p.skip > 0 {
			p.skip--
			return nil
		}
		p.open = p.open[:len(p.open)-1]
	case xml.CharData:
		p.chars(string(t))
	}
	return nil
}

func (p *parser) start(t xml.StartElement) error {
	p.nodes++
	if p.nodes > maxNodes {
		return &Error{Reason: "svg-too-complex"}
	}
	if len(p.open)+p.skip >= maxDepth {
		return &Error{Reason: "svg-depth"}
	}
	if p.root == nil {
		if t.Name.Local != "svg" || t.Name.Space != "" && t.Name.Space != namespace {
			return &Error{Reason: "not-an-svg"}
		}
		p.bare = t.Name.Space == ""
	} else if len(p.open) == 0 {
		return &Error{Reason: "svg-malformed"}
	}
	ours := t.Name.Space == namespace || p.bare && t.Name.Space == ""
	if p.skip > 0 || !ours || !elements[t.Name.Local] && !unwrapped[t.Name.Local] && t.Name.Local != "style" {
		p.skip++
		return nil
	}
	n := &node{name: t.Name.Local}
	n.take(t.Attr)
	if p.root == nil {
		p.root = n
	} else {
		parent := p.open[len(p.open)-1]
		parent.children = append(parent.children, n)
	}
	p.open = append(p.open, n)
	return nil
}

// take keeps the attributes without a namespace, and the two others that SVG uses.
func (n *node) take(attrs []xml.Attr) {
	for _, a := range attrs {
		switch a.Name.Space {
		case "":
			n.attrs = append(n.attrs, attr{a.Name.Local, a.Value})
		case xlink, "xlink":
			if a.Name.Local == "href" && n.get("href") == "" {
				n.attrs = append(n.attrs, attr{"href", a.Value})
			}
		case xmlSpace:
			if a.Name.Local == "space" && a.Value == "preserve" {
				n.attrs = append(n.attrs, attr{"xml:space", "preserve"})
			}
		}
	}
}

func (p *parser) chars(text string) {
	if p.skip > 0 || len(p.open) == 0 {
		return
	}
	parent := p.open[len(p.open)-1]
	switch {
	case parent.name == "style":
		p.sheet.WriteString(text + "\n")
	case textual[parent.name]:
		parent.children = append(parent.children, &node{text: text})
	}
}
