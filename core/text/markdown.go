// Package text turns what people and issuers write into what may be shown.
//
// It is the only renderer of foreign text: Markdown without raw HTML, links
// that are http or https alone, names without control characters. It owns no
// table and no event; the template functions and every feature that stores a
// text call it.
package text

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/net/html"
)

const (
	// Limit is the length in bytes from which Markdown and Plain cut a text.
	Limit = 20_000
	// depthLimit and markLimit bound the work of one rendering, which grows by the square
	// of both. A text over one of them is shown as it was typed, on every machine.
	depthLimit = 40
	markLimit  = 3_000
	// budget is the last net: nobody waits longer for what nobody thought of.
	budget = 2 * time.Second
	// rel marks every link of foreign text.
	rel = "nofollow ugc noopener"
)

// allowed is the elements that Markdown may write.
var allowed = []string{
	"p", "br", "strong", "em", "del", "code", "pre", "blockquote", "hr",
	"ul", "ol", "li", "h3", "h4", "h5", "h6",
	"table", "thead", "tbody", "tr", "th", "td",
}

// renderer is built once; both parts are safe for use by several goroutines.
var (
	markdown = newMarkdown()
	policy   = newPolicy()
	running  = make(chan struct{}, 16) // renderings at once, those past their budget included
	kept     renderings

	// opening is a mark that opens a quote or an item of a list (CommonMark 0.31 §5).
	opening = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[ \t]*(>|([-+*]|[0-9]{1,9}[.)])[ \t])`) })
)

// newMarkdown reads CommonMark without its two HTML parsers, so that tags are
// shown as the text they are.
func newMarkdown() goldmark.Markdown {
	blocks := []util.PrioritizedValue{
		util.Prioritized(parser.NewSetextHeadingParser(), 100),
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewCodeBlockParser(), 500),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewBlockquoteParser(), 800),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	}
	inlines := []util.PrioritizedValue{
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewEmphasisParser(), 500),
	}
	return goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(blocks...),
			parser.WithInlineParsers(inlines...),
			parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
			parser.WithASTTransformers(util.Prioritized(tamer{}, 1000)),
		)),
		goldmark.WithExtensions(extension.Strikethrough, extension.Linkify, extension.Table),
	)
}

// newPolicy is the second net under the renderer: whatever it writes, only
// these elements leave.
func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements(allowed...)
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(exactly(rel)).OnElements("a")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowURLSchemes("http", "https")
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	return p
}

// Markdown renders s as safe HTML: paragraphs, lists, emphasis, code, tables,
// headings from level 3, and links to http and https addresses. Raw HTML is shown
// as text, images become links. A text over Limit is cut; one that is too much
// work is shown unformatted.
func Markdown(s string) template.HTML {
	s = cut(s)
	if strings.TrimSpace(s) == "" {
		return ""
	}
	if out, ok := kept.get(s); ok {
		return out
	}
	if nested(s) || crowded(s) {
		return verbatim(s)
	}
	select {
	case running <- struct{}{}:
	default:
		return verbatim(s)
	}
	done := make(chan template.HTML, 1)
	go func() {
		defer func() { <-running }()
		defer func() {
			if recover() != nil {
				done <- verbatim(s)
			}
		}()
		done <- render(s)
	}()
	timer := time.NewTimer(budget)
	defer timer.Stop()
	select {
	case out := <-done:
		kept.put(s, out)
		return out
	case <-timer.C:
		return verbatim(s)
	}
}

func render(s string) template.HTML {
	var raw bytes.Buffer
	source := []byte(s)
	doc := markdown.Parser().Parse(text.NewReader(source))
	if deep(doc) {
		return verbatim(s)
	}
	if err := markdown.Renderer().Render(&raw, source, doc); err != nil {
		return verbatim(s)
	}
	return template.HTML(policy.SanitizeBytes(raw.Bytes())) //nolint:gosec // G203: the policy allows no script, and this is the one place that says so
}

// nested reports whether a line of s opens so many quotes and lists that deep
// would refuse it; parsing such a line takes time that grows by its square.
func nested(s string) bool {
	for line := range strings.Lines(s) {
		for opened := 0; ; opened++ {
			if opened > depthLimit {
				return true
			}
			marker := opening().FindString(line)
			if marker == "" {
				break
			}
			line = line[len(marker):]
		}
	}
	return false
}

// crowded reports whether s has more marks that could open emphasis or a link than
// anything meant to be read: each may be held against all before it (CommonMark 0.31,
// "An algorithm for parsing nested emphasis and links").
func crowded(s string) bool {
	n := 0
	for _, mark := range []string{"*", "_", "["} {
		n += strings.Count(s, mark)
	}
	return n > markLimit
}

// deep reports whether doc nests further than anything meant to be read.
func deep(doc ast.Node) bool {
	depth := 0
	tooDeep := false
	_ = ast.Walk(doc, func(_ ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			depth--
			return ast.WalkContinue, nil
		}
		if depth++; depth > depthLimit {
			tooDeep = true
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return tooDeep
}

func verbatim(s string) template.HTML {
	return template.HTML("<p>" + html.EscapeString(s) + "</p>") //nolint:gosec // G203: escaped
}

// Plain is the words of a Markdown text on one line, cut to max characters with
// an ellipsis.
func Plain(s string, maxRunes int) string { return Shorten(words(Markdown(s)), maxRunes) }

func words(rendered template.HTML) string {
	var words strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(string(rendered)))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		if kind == html.TextToken {
			words.Write(tokens.Text())
		} else if name, _ := tokens.TagName(); !inline[string(name)] {
			words.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(words.String()), " ")
}

var inline = map[string]bool{"strong": true, "em": true, "del": true, "code": true, "a": true}

// Shorten cuts s to max characters, the last of them an ellipsis when anything
// was cut.
func Shorten(s string, maxRunes int) string {
	if utf8.RuneCountInString(s) <= maxRunes {
		return s
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:max(0, maxRunes-1)]), " ") + "…"
}

func cut(s string) string {
	if len(s) > Limit {
		s = s[:Limit]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// tamer edits the parsed text: headings start at level 3, images become links,
// links that are not SafeURL become text, the others are marked with rel.
type tamer struct{}

// Transform implements parser.ASTTransformer.
func (tamer) Transform(doc *ast.Document, r text.Reader, _ parser.Context) {
	var nodes []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			nodes = append(nodes, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range nodes {
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = min(n.Level+2, 6)
		case *ast.Link:
			link(n, n.Destination, func(u []byte) { n.Destination, n.Title = u, nil })
		case *ast.Image:
			image(n)
		case *ast.AutoLink:
			autoLink(n, r.Source())
		}
	}
}

func link(n ast.Node, to []byte, set func([]byte)) {
	if u, ok := SafeURL(string(to)); ok {
		set([]byte(u))
		n.SetAttributeString("rel", []byte(rel))
		return
	}
	unwrap(n)
}

func image(n *ast.Image) {
	l := ast.NewLink()
	l.Destination = n.Destination
	moveChildren(l, n)
	n.Parent().ReplaceChild(n.Parent(), n, l)
	link(l, l.Destination, func(u []byte) { l.Destination = u })
}

func autoLink(n *ast.AutoLink, source []byte) {
	_, ok := SafeURL(string(n.URL(source)))
	if ok && n.AutoLinkType == ast.AutoLinkURL {
		n.SetAttributeString("rel", []byte(rel))
		return
	}
	n.Parent().ReplaceChild(n.Parent(), n, ast.NewString(escape(n.Label(source))))
}

func escape(s []byte) []byte { return util.EscapeHTML(s) }

// unwrap puts the children of n in its place.
func unwrap(n ast.Node) {
	parent := n.Parent()
	for c := n.FirstChild(); c != nil; {
		next := c.NextSibling()
		parent.InsertBefore(parent, n, c)
		c = next
	}
	parent.RemoveChild(parent, n)
}

func moveChildren(to, from ast.Node) {
	for c := from.FirstChild(); c != nil; {
		next := c.NextSibling()
		to.AppendChild(to, c)
		c = next
	}
}
