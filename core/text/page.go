package text

import (
	"bytes"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/unicode/norm"
)

// Page gives the words of an HTML page as plain lines, at most maxRunes
// characters: no markup, no script, no navigation, no characters that control or
// reorder what is shown. Entities are what they stand for, so the result is text
// and never to be written as HTML. It reads body once, to the limit at most.
func Page(body []byte, maxRunes int) string {
	z := html.NewTokenizer(bytes.NewReader(body))
	var out strings.Builder
	hidden := hiding{}
	for out.Len() < 4*maxRunes {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return Lines(out.String(), maxRunes)
		case html.TextToken:
			if !hidden.any() {
				out.WriteString(flat(string(z.Text())))
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, _ := z.TagName()
			tag := atom.Lookup(name)
			hidden.see(tag, kind)
			out.WriteString(breakOf(tag, kind))
		}
	}
	return Lines(out.String(), maxRunes)
}

// Lines gives a plain text that a stranger wrote, cleaned for being shown: lines
// without white space around them, at most one empty one between two, at most
// maxRunes characters.
func Lines(s string, maxRunes int) string {
	s = norm.NFC.String(lineEnds.Replace(strings.ToValidUTF8(s, "\uFFFD")))
	s = strings.Map(func(r rune) rune {
		if forbidden(r) {
			return -1
		}
		return dropDirection(r)
	}, s)
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.Join(strings.FieldsFunc(line, unicode.IsSpace), " ")
		if line != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, line)
		}
	}
	return Shorten(strings.TrimSpace(strings.Join(out, "\n")), maxRunes)
}

// flat makes the line ends of a source file spaces: in HTML they are no more.
func flat(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, s)
}

// hiding counts the open elements whose words nobody reads.
type hiding map[atom.Atom]int

func (h hiding) any() bool { return len(h) > 0 }

func (h hiding) see(tag atom.Atom, kind html.TokenType) {
	switch tag {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Svg, atom.Nav, atom.Title, atom.Iframe, atom.Select, atom.Textarea, atom.Noembed, atom.Noframes:
	default:
		return
	}
	switch {
	case kind == html.StartTagToken:
		h[tag]++
	case kind == html.EndTagToken && h[tag] > 1:
		h[tag]--
	case kind == html.EndTagToken:
		delete(h, tag)
	}
}

// breakOf is where a line ends: around blocks, and twice around paragraphs.
func breakOf(tag atom.Atom, kind html.TokenType) string {
	switch tag {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl, atom.Table, atom.Blockquote, atom.Pre, atom.Section, atom.Article:
		return "\n\n"
	case atom.Li:
		if kind == html.StartTagToken {
			return "\n• "
		}
		return "\n"
	case atom.Br, atom.Div, atom.Tr, atom.Dt, atom.Dd, atom.Header, atom.Footer, atom.Main, atom.Form, atom.Hr, atom.Figure, atom.Figcaption:
		return "\n"
	case atom.Td, atom.Th:
		return " "
	}
	return ""
}
