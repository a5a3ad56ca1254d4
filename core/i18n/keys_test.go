package i18n_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"

	"github.com/pelletier/go-toml/v2"
)

// beginning is a literal in a template or in code that a key's end is put behind
// at run time: "verify.reason.", "admin.site.explore_". What is made of it is held
// against the catalogue by the tests of its feature.
var beginning = regexp.MustCompile(`"([a-z][a-z0-9]*\.(?:[a-z0-9_-]+\.)*(?:[a-z0-9-]+_)*)"`)

// straight is an apostrophe that French sets as ’.
var straight = regexp.MustCompile(`\pL'\pL`)

var root = filepath.Join("..", "..")

// place is where a key is asked for.
type place struct{ file, key string }

func TestLanguagesAgree(t *testing.T) {
	en, fr := messages(t, "en"), messages(t, "fr")
	for _, key := range slices.Sorted(maps.Keys(en)) {
		french, ok := fr[key]
		if !ok {
			t.Errorf("fr lacks %s", key)
			continue
		}
		if a, b := params(en[key]), params(french); !slices.Equal(a, b) {
			t.Errorf("%s: en has %v, fr has %v", key, a, b)
		}
		if strings.TrimSpace(en[key]) == "" || strings.TrimSpace(french) == "" {
			t.Errorf("%s is empty", key)
		}
		if straight.MatchString(french) {
			t.Errorf("fr %s has a straight apostrophe: %s", key, french)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(fr)) {
		if _, ok := en[key]; !ok {
			t.Errorf("en lacks %s", key)
		}
	}
}

// TestKeysExist holds every key that a template or the code asks for by a literal
// against the catalogue.
func TestKeysExist(t *testing.T) {
	c := load(t)
	used := append(templateKeys(t), codeKeys(t)...)
	slices.SortFunc(used, func(a, b place) int { return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.key, b.key)) })
	for _, p := range slices.Compact(used) {
		if !c.Exists(p.key) {
			t.Errorf("%s: no message %s", p.file, p.key)
		}
	}
}

// TestUnusedKeys tells which messages nobody asks for.
func TestUnusedKeys(t *testing.T) {
	text := allSources(t)
	var beginnings []string
	for _, m := range beginning.FindAllStringSubmatch(text, -1) {
		beginnings = append(beginnings, m[1])
	}
	for _, key := range slices.Sorted(maps.Keys(messages(t, "en"))) {
		if slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(key, b) }) {
			continue
		}
		key = plural.ReplaceAllString(key, "")
		if !strings.Contains(text, `"`+key+`"`) {
			t.Errorf("nobody uses %s", key)
		}
	}
}

var (
	plural = regexp.MustCompile(`\.(zero|one|two|few|many|other)$`)
	param  = regexp.MustCompile(`\{[a-z_]+\}`)
)

func params(s string) []string {
	p := param.FindAllString(s, -1)
	slices.Sort(p)
	return slices.Compact(p)
}

// messages reads the bundled files themselves, so that a message that only one
// file has is seen.
func messages(t *testing.T, lang string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	from := make(map[string]string)
	files, err := filepath.Glob(filepath.Join("messages", lang, "*.toml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no messages: %v", err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var nested map[string]any
		if err := toml.Unmarshal(text, &nested); err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		flat(nested, "", func(key, value string) {
			if other, twice := from[key]; twice {
				t.Errorf("%s is in %s and in %s", key, other, f)
			}
			all[key], from[key] = value, f
		})
	}
	return all
}

func flat(nested map[string]any, prefix string, put func(key, value string)) {
	for k, v := range nested {
		switch v := v.(type) {
		case string:
			put(prefix+k, v)
		case map[string]any:
			flat(v, prefix+k+".", put)
		}
	}
}

func walk(t *testing.T, dir string, f func(name string, text []byte), suffixes ...string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root, dir), func(name string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || d.IsDir() || !slices.Contains(suffixes, filepath.Ext(name)) || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		if err == nil {
			f(filepath.ToSlash(strings.TrimPrefix(name, root+string(filepath.Separator))), text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func allSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	put := func(_ string, text []byte) { all.Write(text) }
	walk(t, "core", put, ".go", ".html")
	walk(t, "themes", put, ".html", ".txt", ".subject")
	return all.String()
}

// templateKeys finds {{t "key"}} wherever it stands in a template.
func templateKeys(t *testing.T) []place {
	t.Helper()
	var used []place
	read := func(name string, text []byte) {
		tree := parse.New(name)
		tree.Mode = parse.SkipFuncCheck
		set := make(map[string]*parse.Tree)
		if _, err := tree.Parse(string(text), "", "", set); err != nil {
			t.Errorf("%v", err)
			return
		}
		for _, tr := range set {
			nodes(tr.Root, func(cmd *parse.CommandNode) {
				if key, ok := messageKey(cmd); ok {
					used = append(used, place{name, key})
				}
			})
		}
	}
	walk(t, "themes", read, ".html", ".txt", ".subject")
	walk(t, filepath.Join("core", "mydata", "book"), read, ".html")
	return used
}

func messageKey(cmd *parse.CommandNode) (string, bool) {
	if len(cmd.Args) < 2 {
		return "", false
	}
	if id, ok := cmd.Args[0].(*parse.IdentifierNode); !ok || id.Ident != "t" {
		return "", false
	}
	key, ok := cmd.Args[1].(*parse.StringNode)
	if !ok {
		return "", false
	}
	return key.Text, true
}

// nodes calls f for every command below n.
func nodes(n parse.Node, f func(*parse.CommandNode)) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, c := range n.Nodes {
				nodes(c, f)
			}
		}
	case *parse.ActionNode:
		nodes(n.Pipe, f)
	case *parse.TemplateNode:
		nodes(n.Pipe, f)
	case *parse.IfNode:
		branch(&n.BranchNode, f)
	case *parse.RangeNode:
		branch(&n.BranchNode, f)
	case *parse.WithNode:
		branch(&n.BranchNode, f)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				f(c)
				for _, a := range c.Args {
					nodes(a, f)
				}
			}
		}
	}
}

func branch(n *parse.BranchNode, f func(*parse.CommandNode)) {
	nodes(n.Pipe, f)
	nodes(n.List, f)
	nodes(n.ElseList, f)
}

// keyArgument is the place of the key among the arguments of the functions that
// take one.
var keyArgument = map[string]int{"fault.New": 1, "Flash": 1, "T": 0}

// codeKeys finds the literal keys given to fault.New, Ctx.Flash, Ctx.T and
// Catalogue.T.
func codeKeys(t *testing.T) []place {
	t.Helper()
	var used []place
	walk(t, "core", func(name string, text []byte) {
		if strings.HasPrefix(name, "core/i18n/") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if key, ok := callKey(call); ok {
					used = append(used, place{name, key})
				}
			}
			return true
		})
	}, ".go")
	return used
}

func callKey(call *ast.CallExpr) (string, bool) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	name := sel.Sel.Name
	if x, ok := sel.X.(*ast.Ident); ok && x.Name == "fault" {
		name = "fault." + name
	}
	at, ok := keyArgument[name]
	if !ok {
		return "", false
	}
	for _, arg := range call.Args[min(at, len(call.Args)):] {
		lit, ok := arg.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			continue
		}
		key, err := strconv.Unquote(lit.Value)
		return key, err == nil && strings.Contains(key, ".")
	}
	return "", false
}
