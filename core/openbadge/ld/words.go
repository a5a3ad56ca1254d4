package ld

import (
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// UndefinedTerm gives the first type of an object, or property of it or of one below it, that none
// of the embedded contexts and none of its own define, "" where there is none. It is much cheaper
// than a conversion and asks less: a term of another context than the object's passes. What a
// context with @vocab may mean passes too, and so does what is below plain JSON. Contexts
// must be known; below an object that names one which is not, nothing is said.
func UndefinedTerm(v strictjson.Value) string {
	set, err := embedded()
	if err != nil {
		return ""
	}
	return set.undefined(v, nil, 0)
}

// undefined looks at an object; own are the contexts that it and those around it bring.
func (s *vocabulary) undefined(v strictjson.Value, own []strictjson.Value, depth int) string { //nolint:gocognit // one walk, its exceptions side by side
	if local := v.Get("@context"); local.Exists() {
		if s.saysNothing(local) {
			return ""
		}
		own = append(slices.Clip(own), local)
	}
	for m := v.Fields(); m.Exists(); m = m.Next() {
		name := m.Name()
		known := s.words[name]
		if known == wordUnknown && !brings(name, own) {
			if isLanguageMap(v) {
				return ""
			}
			return name
		}
		if depth == 0 && name == "type" {
			if bad := s.undefinedType(m, own); bad != "" {
				return bad
			}
		}
		if known != wordOfJSON && name != "@context" && depth < maxDepth {
			if bad := s.undefinedBelow(m, own, depth+1); bad != "" {
				return bad
			}
		}
	}
	return ""
}

// undefinedType gives the first type that is neither an address nor a word of a context.
func (s *vocabulary) undefinedType(types strictjson.Value, own []strictjson.Value) string {
	for t := types.Items(); t.Exists(); t = t.Next() {
		if name := t.Text(); name != "" && s.words[name] == wordUnknown && !brings(name, own) {
			return name
		}
	}
	return ""
}

// undefinedBelow looks at the objects that a property has.
func (s *vocabulary) undefinedBelow(v strictjson.Value, own []strictjson.Value, depth int) string {
	if !v.IsObject() && !v.IsList() {
		return ""
	}
	for one := v.Items(); one.Exists(); one = one.Next() {
		if one.IsObject() {
			if bad := s.undefined(one, own, depth); bad != "" {
				return bad
			}
		}
	}
	return ""
}

// saysNothing reports whether contexts leave open which words they define.
func (s *vocabulary) saysNothing(contexts strictjson.Value) bool {
	for c := contexts.Items(); c.Exists(); c = c.Next() {
		if s.open[c.Text()] || c.IsText() && !KnownContext(c.Text()) || c.Get("@vocab").Exists() {
			return true
		}
	}
	return false
}

// word is what is known of a name.
type word byte

const (
	wordUnknown word = iota
	wordKnown        // a term of an embedded context
	wordOfJSON       // one whose values are plain JSON, at least in one of them
)

// brings reports whether a name is a keyword, an address, or a term of one of the own contexts.
func brings(name string, own []strictjson.Value) bool {
	if strings.HasPrefix(name, "@") || strings.Contains(name, ":") {
		return true
	}
	for _, contexts := range own {
		for c := contexts.Items(); c.Exists(); c = c.Next() {
			if c.Get(name).Exists() {
				return true
			}
		}
	}
	return false
}

// isLanguageMap tells an object of texts under language tags (BCP 47), as names and
// descriptions may have.
func isLanguageMap(v strictjson.Value) bool {
	some := false
	for m := v.Fields(); m.Exists(); m = m.Next() {
		tag, _, _ := strings.Cut(m.Name(), "-")
		if !m.IsText() || len(tag) < 2 || len(tag) > 3 || strings.ToLower(tag) != tag || m.Name() == "id" {
			return false
		}
		some = true
	}
	return some
}
