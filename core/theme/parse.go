package theme

import (
	"html/template"
	"io/fs"
	"strings"
	"text/template/parse"
)

const layout = "layout"

// parse puts together the templates that a page, which is the layout around its own
// file, or a partial needs, in one language.
func (t *Theme) parse(v view) (sheet, error) {
	shared, err := t.sharedTemplates()
	if err != nil {
		return sheet{}, err
	}
	funcs := t.funcs(v.lang)
	g := gathering{page: template.New("").Funcs(funcs).Option("missingkey=error"), shared: shared, own: template.New("").Funcs(funcs)}
	entry := v.name
	if !v.partial {
		entry = layout
		if err := t.read(g.own, v.name, "templates/"+v.name+".html"); err != nil {
			return sheet{}, err
		}
	}
	if err := g.template(entry); err != nil {
		return sheet{}, err
	}
	if err := settle(g.page, entry); err != nil {
		return sheet{}, err
	}
	return sheet{g.page, compile(g.page, entry, funcs)}, nil
}

// sharedTemplates are the layout and all partials, read once: no language is in them yet.
func (t *Theme) sharedTemplates() (*template.Template, error) {
	t.mu.RLock()
	shared := t.shared
	t.mu.RUnlock()
	if shared != nil {
		return shared, nil
	}
	partials, err := t.layers.files("templates/partials", ".html")
	if err != nil {
		return nil, err
	}
	shared = template.New("").Funcs(t.funcs(""))
	if err := t.read(shared, layout, "templates/layout.html"); err != nil {
		return nil, err
	}
	for _, f := range partials {
		if err := t.read(shared, strings.TrimSuffix(strings.TrimPrefix(f, "templates/partials/"), ".html"), f); err != nil {
			return nil, err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shared = shared
	return shared, nil
}

func (t *Theme) read(set *template.Template, name, file string) error {
	text, err := fs.ReadFile(t.layers, file)
	if err != nil {
		return err
	}
	_, err = set.New(name).Parse(string(text))
	return err
}

// gathering copies the templates that a page calls: those of its own file, else the
// shared ones.
type gathering struct{ page, own, shared *template.Template }

// template copies a template and what it calls. What is nowhere is left to the escaper,
// which names the place.
func (g gathering) template(name string) error {
	if g.page.Lookup(name) != nil {
		return nil
	}
	tree := g.tree(name)
	if tree == nil {
		return nil
	}
	if _, err := g.page.AddParseTree(name, tree.Copy()); err != nil {
		return err
	}
	return g.called(tree.Root)
}

// tree finds a template. One of a page that holds nothing replaces none.
func (g gathering) tree(name string) *parse.Tree {
	own, shared := g.own.Lookup(name), g.shared.Lookup(name)
	switch {
	case own != nil && own.Tree != nil && (shared == nil || shared.Tree == nil || !parse.IsEmptyTree(own.Tree.Root)):
		return own.Tree
	case shared != nil:
		return shared.Tree
	}
	return nil
}

func (g gathering) called(l *parse.ListNode) error {
	if l == nil {
		return nil
	}
	for _, n := range l.Nodes {
		var err error
		switch n := n.(type) {
		case *parse.TemplateNode:
			err = g.template(n.Name)
		case *parse.IfNode:
			err = g.branch(&n.BranchNode)
		case *parse.RangeNode:
			err = g.branch(&n.BranchNode)
		case *parse.WithNode:
			err = g.branch(&n.BranchNode)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (g gathering) branch(n *parse.BranchNode) error {
	if err := g.called(n.List); err != nil {
		return err
	}
	return g.called(n.ElseList)
}
