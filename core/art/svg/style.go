package svg

import (
	"slices"
	"strings"
)

const (
	maxRules        = 2000
	maxDeclarations = 20_000
)

// declaration is one "name: value" of CSS.
type declaration struct{ name, value string }

// rule is the declarations for one simple selector: a type, a class or an id.
type rule struct {
	kind         byte // '*', 't', '.', '#', by rising weight as in rank
	name         string
	declarations []declaration
}

func (r rule) rank() int { return strings.IndexByte("*t.#", r.kind) }

func (r rule) matches(n *node, classes []string) bool {
	switch r.kind {
	case '*':
		return true
	case 't':
		return n.name == r.name
	case '.':
		return slices.Contains(classes, r.name)
	default:
		return n.get("id") == r.name
	}
}

// parseSheet reads the rules of a style sheet that have simple selectors. At
// rules (imports, fonts, media) and all other selectors are left out.
func parseSheet(css string) []rule {
	css = withoutComments(css)
	var rules []rule
	for len(css) > 0 && len(rules) < maxRules {
		head, rest, ok := strings.Cut(css, "{")
		if !ok {
			break
		}
		if i := strings.LastIndexByte(head, ';'); i >= 0 { // a statement such as @import ends there
			head = head[i+1:]
		}
		if strings.Contains(head, "@") {
			css = afterBlock(rest)
			continue
		}
		body, after, _ := strings.Cut(rest, "}")
		css = after
		declarations := parseDeclarations(body)
		for selector := range strings.SplitSeq(head, ",") {
			if r, ok := simple(strings.TrimSpace(selector)); ok {
				r.declarations = declarations
				rules = append(rules, r)
			}
		}
	}
	slices.SortStableFunc(rules, func(a, b rule) int { return a.rank() - b.rank() })
	return rules
}

func withoutComments(css string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(css, "/*")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		out.WriteByte(' ')
		_, css, _ = strings.Cut(rest, "*/")
	}
}

// afterBlock skips to after the brace that closes a block, nested ones included.
func afterBlock(css string) string {
	depth := 1
	for i := range len(css) {
		switch css[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return css[i+1:]
			}
		}
	}
	return ""
}

// simple reads a selector: *, type, .class, #id, also with svg before it.
func simple(s string) (rule, bool) {
	s = strings.TrimSpace(strings.TrimPrefix(s, "svg "))
	switch {
	case s == "*":
		return rule{kind: '*'}, true
	case s == ":root":
		return rule{kind: 't', name: "svg"}, true
	case strings.HasPrefix(s, ".") && isIdentifier(s[1:]) && !strings.Contains(s[1:], "."):
		return rule{kind: '.', name: s[1:]}, true
	case strings.HasPrefix(s, "#") && isIdentifier(s[1:]):
		return rule{kind: '#', name: s[1:]}, true
	case isIdentifier(s) && elements[s]:
		return rule{kind: 't', name: s}, true
	default:
		return rule{}, false
	}
}

// parseDeclarations reads "name: value; ...". A backslash makes CSS hard to
// judge, so that nothing with one is taken.
func parseDeclarations(css string) []declaration {
	var out []declaration
	for part := range strings.SplitSeq(css, ";") {
		name, value, ok := strings.Cut(part, ":")
		name = strings.TrimSpace(name)
		value = strings.TrimSpace(value)
		value = strings.TrimSpace(strings.TrimSuffix(value, "!important"))
		if !strings.HasPrefix(name, "--") {
			name = strings.ToLower(name)
		}
		if !ok || value == "" || strings.Contains(part, `\`) || len(out) >= maxDeclarations {
			continue
		}
		out = append(out, declaration{name, value})
	}
	return out
}

// resolve replaces var(--name, fallback) by what the variables say.
func resolve(value string, vars map[string]string) (string, bool) {
	for range 16 {
		i := strings.Index(value, "var(")
		if i < 0 {
			return value, true
		}
		end := closing(value[i+4:])
		if end < 0 {
			return "", false
		}
		name, fallback, has := strings.Cut(value[i+4:i+4+end], ",")
		v, ok := vars[strings.TrimSpace(name)]
		if !ok {
			v = strings.TrimSpace(fallback)
		}
		if !ok && !has || len(v) > 1000 {
			return "", false
		}
		value = value[:i] + v + value[i+5+end:]
	}
	return "", false
}

// closing is the place of the bracket that closes one opened before s.
func closing(s string) int {
	depth := 1
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
