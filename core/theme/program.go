package theme

import (
	"bytes"
	"errors"
	"html/template"
	"reflect"
	"slices"
	"strings"
	"sync"
	"text/template/parse"
)

// program is a page whose templates were escaped by html/template and then put into a
// form that is quick to execute: fields are found once for a type, functions are called
// without reflection, variables have places. It knows what templates of pages use; with
// anything else it gives up, and html/template draws the page from its beginning. So
// html/template alone decides what is escaped, where and how, and what is an error.
type program struct {
	bodies map[string]*body
	entry  *body
}

// body is one template of a program.
type body struct {
	steps steps
	vars  int // of a call: "$" and all that are declared
	tree  *parse.Tree
}

// step writes something.
type step interface {
	run(d *drawer, dot reflect.Value) leap
}

// leap is where drawing goes on after a step.
type leap int

const (
	onward leap = iota
	broken      // out of the loop
	again       // with the next element of the loop
)

// expr is worked out to a value. What is in an interface is taken out of it; what is
// absent is the zero reflect.Value.
type expr interface {
	eval(d *drawer, dot reflect.Value) reflect.Value
}

// texter is an expression that can give its text without making a value of it; html is
// whether it is HTML already.
type texter interface {
	text(d *drawer, dot reflect.Value) (s string, html bool)
}

const (
	deepest   = 100  // templates in templates
	stackKept = 1024 // variables of a drawer that is used again
)

// drawer executes a program once.
type drawer struct {
	out   *bytes.Buffer
	vars  []reflect.Value // of all calls
	frame []reflect.Value // of this one
	depth int
	at    place // of the step that was begun last
}

var drawers = sync.Pool{New: func() any { return new(drawer) }}

// errGivenUp is the panic of a program that leaves a page to html/template.
var errGivenUp = errors.New("not drawn by the program")

func giveUp() { panic(errGivenUp) }

// draw writes the page, or reports false and the place where it gave up: what is in out
// then is of no use.
func (p *program) draw(out *bytes.Buffer, data any) (at place, ok bool) {
	d := drawers.Get().(*drawer) //nolint:errcheck,forcetypeassert // New makes nothing else
	defer func() {
		ok = recover() == nil // a panic of a method or function is html/template's to tell
		at = d.at
		clear(d.vars[:cap(d.vars)])
		if cap(d.vars) <= stackKept {
			*d = drawer{vars: d.vars[:0]}
			drawers.Put(d)
		}
	}()
	d.out = out
	dot := reflect.ValueOf(data)
	d.call(p.entry, dot)
	return at, true
}

// call executes a template with variables of its own.
func (d *drawer) call(b *body, dot reflect.Value) {
	if d.depth++; d.depth > deepest {
		giveUp()
	}
	outer, base, from := d.frame, len(d.vars), d.at.tree
	d.at.tree = b.tree
	for range b.vars {
		d.vars = append(d.vars, reflect.Value{})
	}
	d.frame = d.vars[base:]
	d.frame[0] = dot
	b.steps.run(d, dot)
	d.vars, d.frame, d.at.tree = d.vars[:base], outer, from
	d.depth--
}

// steps are what a template does, each with where that is said.
type steps []placedStep

type placedStep struct {
	step

	node parse.Node
}

func (l steps) run(d *drawer, dot reflect.Value) leap {
	for i := range l {
		d.at.node = l[i].node
		if to := l[i].run(d, dot); to != onward {
			return to
		}
	}
	return onward
}

// compile makes the program of a settled page. What it does not know gives up when it is
// reached.
func compile(page *template.Template, entry string, funcs map[string]any) *program {
	p := &program{bodies: make(map[string]*body)}
	for _, t := range page.Templates() {
		if t.Tree != nil && t.Tree.Root != nil && t.Name() != workbench {
			p.bodies[t.Name()] = &body{tree: t.Tree}
		}
	}
	for name, b := range p.bodies {
		c := compiler{program: p, funcs: funcs, scope: []string{"$"}, most: 1}
		b.steps = c.list(page.Lookup(name).Tree.Root)
		b.vars = c.most
	}
	if p.entry = p.bodies[entry]; p.entry == nil {
		return nil
	}
	return p
}

// compiler works through one template.
type compiler struct {
	program *program
	funcs   map[string]any
	scope   []string // names of the variables in sight, by their places
	most    int      // places needed
}

func (c *compiler) declare(name string) int {
	c.scope = append(c.scope, name)
	c.most = max(c.most, len(c.scope))
	return len(c.scope) - 1
}

// place finds a variable; -1 where there is none.
func (c *compiler) place(name string) int {
	for i, known := range slices.Backward(c.scope) {
		if known == name {
			return i
		}
	}
	return -1
}

// inner runs f and forgets the variables that it declared.
func (c *compiler) inner(f func()) {
	n := len(c.scope)
	f()
	c.scope = c.scope[:n]
}

func (c *compiler) list(l *parse.ListNode) steps {
	if l == nil {
		return nil
	}
	out := make(steps, 0, len(l.Nodes))
	for _, n := range l.Nodes {
		if _, ok := n.(*parse.CommentNode); !ok {
			out = append(out, placedStep{c.step(n), n})
		}
	}
	return out
}

func (c *compiler) step(n parse.Node) (s step) {
	switch n := n.(type) {
	case *parse.TextNode:
		return textStep(n.Text)
	case *parse.ActionNode:
		return c.action(n)
	case *parse.IfNode:
		c.inner(func() { s = &ifStep{c.pipe(n.Pipe), c.list(n.List), c.list(n.ElseList)} })
		return s
	case *parse.WithNode:
		c.inner(func() { s = &withStep{c.pipe(n.Pipe), c.list(n.List), c.list(n.ElseList)} })
		return s
	case *parse.RangeNode:
		c.inner(func() { s = c.loop(n) })
		return s
	case *parse.TemplateNode:
		b := c.program.bodies[n.Name]
		if b == nil { // one for another place than HTML text
			return noStep{}
		}
		if n.Pipe == nil {
			return &callStep{b, nothing{}}
		}
		return &callStep{b, c.pipe(n.Pipe)}
	case *parse.BreakNode:
		return leapStep(broken)
	case *parse.ContinueNode:
		return leapStep(again)
	}
	return noStep{}
}

// action is a value that is written, or a variable that is set.
func (c *compiler) action(n *parse.ActionNode) step {
	if len(n.Pipe.Decl) > 0 {
		return setStep{c.pipe(n.Pipe)}
	}
	cmds := n.Pipe.Cmds
	first := len(cmds)
	for first > 0 && isEscaper(cmds[first-1]) {
		first--
	}
	if first == 0 || first == len(cmds) {
		return noStep{}
	}
	var names []string
	for _, cmd := range cmds[first:] {
		names = append(names, cmd.Args[0].(*parse.IdentifierNode).Ident) //nolint:errcheck,forcetypeassert // isEscaper says so
	}
	value := c.commands(cmds[:first])
	if value == nil {
		return noStep{}
	}
	text, _ := value.(texter)
	return &writeStep{value: value, text: text, escape: escaperOf(names)}
}

func isEscaper(cmd *parse.CommandNode) bool {
	name, ok := cmd.Args[0].(*parse.IdentifierNode)
	return ok && len(cmd.Args) == 1 && strings.HasPrefix(name.Ident, escaper)
}

func (c *compiler) loop(n *parse.RangeNode) step {
	if n.Pipe.IsAssign || len(n.Pipe.Decl) > 2 {
		return noStep{}
	}
	bare := *n.Pipe
	bare.Decl = nil
	s := &rangeStep{list: c.pipe(&bare), index: -1, element: -1}
	switch d := n.Pipe.Decl; len(d) {
	case 1:
		s.element = c.declare(d[0].Ident[0])
	case 2:
		s.index = c.declare(d[0].Ident[0])
		s.element = c.declare(d[1].Ident[0])
	}
	c.inner(func() { s.body = c.list(n.List) })
	// In {{else}} variables of the loop are what no page asks for.
	c.inner(func() { s.empty = c.list(n.ElseList) })
	return s
}

// pipe is a pipeline with what it declares.
func (c *compiler) pipe(p *parse.PipeNode) expr {
	value := c.commands(p.Cmds)
	if value == nil {
		value = unknown{}
	}
	if len(p.Decl) == 0 {
		return value
	}
	if len(p.Decl) > 1 {
		return unknown{}
	}
	name := p.Decl[0].Ident[0]
	if !p.IsAssign {
		return &setting{value, c.declare(name)}
	}
	if at := c.place(name); at >= 0 {
		return &setting{value, at}
	}
	return unknown{}
}

// commands is a pipeline: each command but the first is a function that has the value
// before it as its last argument. It is nil where that is not known.
func (c *compiler) commands(cmds []*parse.CommandNode) expr {
	var value expr
	for i, cmd := range cmds {
		var final expr
		if i > 0 {
			final = value
		}
		if value = c.command(cmd, final); value == nil {
			return nil
		}
	}
	return value
}

func (c *compiler) command(cmd *parse.CommandNode, final expr) expr {
	if name, ok := cmd.Args[0].(*parse.IdentifierNode); ok {
		args := make([]expr, 0, len(cmd.Args))
		for _, n := range cmd.Args[1:] {
			args = append(args, c.argument(n))
		}
		if final != nil {
			args = append(args, final)
		}
		return c.function(name.Ident, args)
	}
	if len(cmd.Args) > 1 || final != nil { // a method with arguments
		return nil
	}
	if _, ok := cmd.Args[0].(*parse.NilNode); ok {
		return nil
	}
	return c.argument(cmd.Args[0])
}

func (c *compiler) argument(n parse.Node) expr {
	switch n := n.(type) {
	case *parse.DotNode:
		return dotExpr{}
	case *parse.FieldNode:
		return chain(dotExpr{}, n.Ident)
	case *parse.VariableNode:
		if at := c.place(n.Ident[0]); at >= 0 {
			return chain(variable(at), n.Ident[1:])
		}
	case *parse.ChainNode:
		return chain(c.argument(n.Node), n.Field)
	case *parse.PipeNode:
		if len(n.Decl) == 0 {
			if value := c.commands(n.Cmds); value != nil {
				return value
			}
		}
	case *parse.IdentifierNode:
		if f := c.function(n.Ident, nil); f != nil {
			return f
		}
	case *parse.StringNode:
		return constantExpr{reflect.ValueOf(n.Text)}
	case *parse.BoolNode:
		return constantExpr{reflect.ValueOf(n.True)}
	case *parse.NumberNode:
		if n.IsInt && !strings.ContainsAny(n.Text, "'.eEpPxX") && int64(int(n.Int64)) == n.Int64 {
			return constantExpr{reflect.ValueOf(int(n.Int64))}
		}
	case *parse.NilNode:
		return nothing{}
	}
	return unknown{}
}
