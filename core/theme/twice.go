package theme

import (
	"regexp"
	"text/template/parse"
)

// place is where a program gave up.
type place struct {
	tree *parse.Tree
	node parse.Node
}

const actionShown = 120 // characters

// twice tells whoever runs the passport that pages take longer than they need: a template
// says something that its program does not know, so that it is drawn by html/template from
// the beginning. Each file of a theme is told of once, since it is drawn again and again.
func (t *Theme) twice(at place) {
	if at.tree == nil || at.node == nil {
		return
	}
	if _, told := t.told.LoadOrStore(at.tree.ParseName, true); told {
		return
	}
	where, _ := at.tree.ErrorContext(at.node)
	action := []rune(regexp.MustCompile(` \| `+escaper+`\w+|\$htmltemplate_\w+`).ReplaceAllString(at.node.String(), ""))
	t.log.Warn("a template is drawn twice: this action is not known to the quick way of drawing",
		"template", at.tree.ParseName, "at", where, "action", string(action[:min(len(action), actionShown)]))
}
