package theme

import (
	"bytes"
	"errors"
	"html/template"
	"io"
	"strings"
	"text/template/parse"
)

const (
	// workbench is the template that escapes an entry with all that it calls, and in
	// which constants are worked out. No file has such a name.
	workbench = " workbench"
	escaper   = "_html_template_" // begins the functions that html/template adds to a pipeline
)

// pure are the functions of templates that give the same for the same words as long
// as a theme is open, in one language.
var pure = map[string]bool{"t": true, "icon": true, "asset": true, "csrf": true, "lang": true, "langname": true, "print": true}

// settle escapes the template entry with all that it calls, as its first execution
// would, and writes what is the same in every page of one language into the text: words,
// icons, addresses of assets. That is done after escaping, by executing the escaped
// action, so that each value has passed the escapers of its own place. What fails is
// left for the page to fail with. Nobody may use the templates meanwhile.
func settle(page *template.Template, entry string) error {
	if _, err := page.New(workbench).Parse(" {{template " + quote(entry) + " .}}"); err != nil {
		return err
	}
	// Escaping comes before execution, which ends with the first byte that is written.
	err := page.ExecuteTemplate(refusing{}, workbench, nil)
	if failed, ok := errors.AsType[*template.Error](err); ok {
		return failed
	}
	s := settler{page: page, bench: page.Lookup(workbench), done: map[string]bool{workbench: true}}
	s.template(entry)
	return nil
}

func quote(s string) string { return "`" + strings.ReplaceAll(s, "`", "") + "`" }

// refusing takes no byte.
type refusing struct{}

func (refusing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// settler works through the templates of one page.
type settler struct {
	page, bench *template.Template
	done        map[string]bool
}

// template settles a template and those that it calls. One that html/template made for
// another place than HTML text is not in the set, and stays as it is.
func (s *settler) template(name string) {
	if s.done[name] {
		return
	}
	s.done[name] = true
	if t := s.page.Lookup(name); t != nil && t.Tree != nil {
		s.list(t.Tree.Root)
	}
}

// list replaces constant actions by their text, and makes one text of neighbours.
func (s *settler) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	kept := l.Nodes[:0:0]
	for _, n := range l.Nodes {
		text, ok := s.text(n)
		if !ok {
			s.node(n)
			kept = append(kept, n)
			continue
		}
		if len(kept) > 0 && kept[len(kept)-1].Type() == parse.NodeText {
			last := kept[len(kept)-1].(*parse.TextNode) //nolint:errcheck,forcetypeassert // its type says so
			text = append(bytes.Clone(last.Text), text...)
			kept = kept[:len(kept)-1]
		}
		kept = append(kept, &parse.TextNode{NodeType: parse.NodeText, Pos: n.Position(), Text: text})
	}
	l.Nodes = kept
}

// text is what a node writes, when that is always the same.
func (s *settler) text(n parse.Node) ([]byte, bool) {
	switch n := n.(type) {
	case *parse.TextNode:
		return n.Text, true
	case *parse.ActionNode:
		if constant(n.Pipe) {
			return s.execute(n)
		}
	}
	return nil, false
}

// node settles what is inside a node.
func (s *settler) node(n parse.Node) {
	switch n := n.(type) {
	case *parse.ActionNode:
		s.pipe(n.Pipe)
	case *parse.TemplateNode:
		s.pipe(n.Pipe)
		s.template(n.Name)
	case *parse.IfNode:
		s.branch(&n.BranchNode)
	case *parse.RangeNode:
		s.branch(&n.BranchNode)
	case *parse.WithNode:
		s.branch(&n.BranchNode)
	}
}

func (s *settler) branch(n *parse.BranchNode) {
	s.pipe(n.Pipe)
	s.list(n.List)
	s.list(n.ElseList)
}

// pipe replaces arguments that are constant words: (t "action.close").
func (s *settler) pipe(p *parse.PipeNode) {
	if p == nil {
		return
	}
	for _, c := range p.Cmds {
		for i, arg := range c.Args {
			inner, ok := arg.(*parse.PipeNode)
			if !ok {
				continue
			}
			if s.pipe(inner); !constant(inner) || !isWords(inner) {
				continue
			}
			if text, ok := s.execute(&parse.ActionNode{NodeType: parse.NodeAction, Pos: inner.Pos, Pipe: inner}); ok {
				c.Args[i] = &parse.StringNode{NodeType: parse.NodeString, Pos: inner.Pos, Quoted: quote(string(text)), Text: string(text)}
			}
		}
	}
}

// isWords reports whether a constant pipeline gives a plain string, not HTML.
func isWords(p *parse.PipeNode) bool {
	name, ok := p.Cmds[len(p.Cmds)-1].Args[0].(*parse.IdentifierNode)
	return ok && (name.Ident == "t" || name.Ident == "asset" || name.Ident == "lang" || name.Ident == "langname" || name.Ident == "print")
}

// constant reports whether a pipeline calls nothing but pure functions with words that
// stand in the template.
func constant(p *parse.PipeNode) bool {
	if p == nil || len(p.Decl) > 0 || len(p.Cmds) == 0 {
		return false
	}
	for _, c := range p.Cmds {
		for i, arg := range c.Args {
			if !constantArg(arg, i == 0) {
				return false
			}
		}
	}
	return true
}

func constantArg(n parse.Node, first bool) bool {
	switch n := n.(type) {
	case *parse.IdentifierNode:
		return first && (pure[n.Ident] || strings.HasPrefix(n.Ident, escaper))
	case *parse.PipeNode:
		return constant(n)
	case *parse.StringNode, *parse.NumberNode, *parse.BoolNode:
		return true
	}
	return false
}

// execute gives what an action writes, or false where it fails.
func (s *settler) execute(n parse.Node) ([]byte, bool) {
	s.bench.Tree.Root.Nodes = []parse.Node{n}
	var out bytes.Buffer
	err := s.page.ExecuteTemplate(&out, workbench, nil)
	return out.Bytes(), err == nil
}
