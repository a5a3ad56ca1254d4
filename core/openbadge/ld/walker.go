package ld

import (
	"context"
	"slices"
	"strings"
)

// walker goes through one document and collects its quads: expansion and
// conversion to RDF (JSON-LD 1.1 API §5.1 and §8.1) in one step.
type walker struct {
	ctx    context.Context //nolint:containedctx // lives for one Canonical call
	set    *vocabulary
	data   dataset
	graph  node     // the graph that quads go to
	root   string   // the identifier of the document, "" if it has none
	budget *Budget  // what is left to spend
	text   int      // bytes of terms that this document may have
	nested int      // contexts being processed
	depth  int      // objects being walked
	keys   []string // of the objects being walked, a stack
}

const (
	maxDepth   = 100       // nested objects
	maxQuads   = 100_000   // of one document
	maxText    = 8_000_000 // bytes of all terms of one document
	rdfType    = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
	rdfFirst   = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#first>"
	rdfRest    = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#rest>"
	rdfNil     = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#nil>"
	rdfJSON    = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"
	xsdString  = "http://www.w3.org/2001/XMLSchema#string"
	xsdBoolean = "http://www.w3.org/2001/XMLSchema#boolean"
	xsdInteger = "http://www.w3.org/2001/XMLSchema#integer"
	xsdDouble  = "http://www.w3.org/2001/XMLSchema#double"
)

// document walks the outermost object.
func (w *walker) document(root map[string]any) error {
	_, quads, err := w.object(w.set.root, root)
	if err != nil {
		return err
	}
	if quads == 0 {
		return refuse("dropped-value", "a document without a property")
	}
	return nil
}

// add records a quad in the current graph.
func (w *walker) add(s node, predicate string, o node) error {
	w.data.text += len(s.text) + len(predicate) + len(o.text)
	if len(w.data.quads) >= maxQuads || w.data.text > w.text {
		return refuse("too-complex", "size")
	}
	if len(w.data.quads)%1024 == 1023 {
		if err := stopped(w.ctx); err != nil {
			return err
		}
	}
	w.data.quads = append(w.data.quads, quad{s: s, p: predicate, o: o, g: w.graph})
	return nil
}

// object walks a node object whose property-scoped context is applied
// already. It returns the node and how many quads say something about it.
func (w *walker) object(ac *active, obj map[string]any) (node, int, error) {
	if w.depth++; w.depth > maxDepth {
		return node{}, 0, refuse("too-complex", "depth")
	}
	defer func() { w.depth-- }()
	if local, ok := obj["@context"]; ok {
		if local == nil {
			return node{}, 0, refuse("context-forbidden", "@context: null")
		}
		var err error
		if ac, err = w.derive(ac, local, derivation{propagate: true}); err != nil {
			return node{}, 0, err
		}
	}
	types, scoped, err := w.types(ac, obj)
	if err != nil {
		return node{}, 0, err
	}
	self, err := w.identifier(scoped, obj)
	if err != nil {
		return node{}, 0, err
	}
	before := len(w.data.quads)
	if w.depth == 1 {
		w.root = self.text
	}
	for _, t := range types {
		if err := w.add(self, rdfType, node{text: t}); err != nil {
			return node{}, 0, err
		}
	}
	if err := w.properties(scoped, self, obj); err != nil {
		return node{}, 0, err
	}
	added := len(w.data.quads) - before
	if w.depth > 1 && added > len(types) && self.text != "" && self.text == w.root && !isRemark(obj) {
		// The outermost object in two places: a reader of one misses the other.
		// A type alone is seen at refresh services that name the credential.
		return node{}, 0, refuse("json-ld", "two objects for "+self.text)
	}
	return self, added, nil
}

// types finds the types of an object and applies the contexts scoped to them
// (JSON-LD 1.1 API §5.1.2 step 11).
func (w *walker) types(ac *active, obj map[string]any) ([]string, *active, error) {
	key, v, err := only(obj, ac.typeKeys)
	if err != nil || key == "" {
		return nil, ac, err
	}
	names, err := typeNames(v)
	if err != nil {
		return nil, nil, err
	}
	types := make([]string, 0, len(names))
	for _, name := range names {
		t, err := ac.named(name)
		if err != nil {
			return nil, nil, err
		}
		types = append(types, t.text)
	}
	slices.Sort(names)
	scoped := ac
	for _, name := range names {
		def := ac.terms[name]
		if def == nil || !def.scoped {
			continue
		}
		if scoped, err = w.scope(scoped, def, derivation{}); err != nil {
			return nil, nil, err
		}
	}
	if again, _, err := only(obj, scoped.typeKeys); err != nil || again != key {
		return nil, nil, refuse("json-ld", key)
	}
	return types, scoped, nil
}

// only finds the one entry of an object under any of some keys, "" if none.
func only(obj map[string]any, keys []string) (string, any, error) {
	found := ""
	for _, key := range keys {
		if _, has := obj[key]; has && found != "" {
			return "", nil, refuse("json-ld", found+" and "+key)
		} else if has {
			found = key
		}
	}
	return found, obj[found], nil
}

func typeNames(v any) ([]string, error) {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	names := make([]string, 0, len(list))
	for _, item := range list {
		name, ok := item.(string)
		if !ok {
			return nil, refuse("json-ld", "type")
		}
		names = append(names, name)
	}
	return names, nil
}

// identifier finds the node that an object is about, a new blank one without
// an identifier.
func (w *walker) identifier(ac *active, obj map[string]any) (node, error) {
	key, v, err := only(obj, ac.idKeys)
	if err != nil {
		return node{}, err
	}
	if key == "" {
		return w.data.blank(), nil
	}
	id, ok := v.(string)
	if !ok {
		return node{}, refuse("json-ld", key)
	}
	return reference(ac, id)
}

// reference is a node named in the document. Compact IRIs are refused: a
// reader takes the text as it stands.
func reference(ac *active, id string) (node, error) {
	prefix, suffix, _ := strings.Cut(id, ":")
	def := ac.terms[prefix]
	if !isIRI(id) || def != nil && def.prefix && !strings.HasPrefix(suffix, "//") {
		return node{}, refuse("relative-iri", id)
	}
	return node{text: "<" + id + ">"}, nil
}

// named is a node that the document names by a term or an IRI.
func (ac *active) named(name string) (node, error) {
	if def := ac.terms[name]; def != nil && def.text != "" {
		return node{text: def.text}, nil
	}
	iri := ac.expandVocab(name)
	if !isIRI(iri) || iri != name && strings.Contains(name, ":") {
		return node{}, refuse("relative-iri", name)
	}
	return node{text: "<" + iri + ">"}, nil
}

// properties walks the entries of an object in the order of their keys, so
// that the first error is always the same.
func (w *walker) properties(ac *active, self node, obj map[string]any) error {
	from := len(w.keys)
	for key := range obj {
		w.keys = append(w.keys, key)
	}
	slices.Sort(w.keys[from:])
	defer func() { w.keys = w.keys[:from] }()
	for i := range len(obj) {
		key := w.keys[from+i]
		if err := w.property(ac, self, key, obj[key]); err != nil {
			return err
		}
	}
	return nil
}

// property walks one entry of an object.
func (w *walker) property(ac *active, self node, key string, v any) error {
	if key == "@context" {
		return nil
	}
	if isKeyword(key) {
		return refuse("json-ld", key)
	}
	def := ac.terms[key]
	if def == nil && ac.vocab != "" && isIRI(ac.vocab+key) {
		def = &term{iri: ac.vocab + key, text: "<" + ac.vocab + key + ">"}
	}
	switch {
	case def == nil || def.iri == "" || strings.ContainsAny(key, ":@"):
		return refuse("undefined-term", key)
	case def.iri == "@id" || def.iri == "@type":
		return nil
	case def.reverse:
		return refuse("json-ld", "reverse term "+key)
	}
	return w.values(ac, self, key, def, v)
}

// values adds a quad for each value of a property.
func (w *walker) values(ac *active, self node, key string, def *term, v any) error {
	predicate := def.text
	if def.coerce == "@json" {
		o, err := jsonLiteral(v)
		if err != nil {
			return err
		}
		return w.add(self, predicate, o)
	}
	if def.list {
		o, err := w.list(ac, key, def, v)
		if err != nil || o == (node{}) {
			return err
		}
		return w.add(self, predicate, o)
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, item := range list {
		if item == nil {
			continue // states nothing
		}
		o, err := w.value(ac, key, def, item)
		if err != nil {
			return err
		}
		if err := w.add(self, predicate, o); err != nil {
			return err
		}
	}
	return nil
}

// list makes an RDF list (JSON-LD 1.1 API §8.3); null makes none.
func (w *walker) list(ac *active, key string, def *term, v any) (node, error) {
	if v == nil {
		return node{}, nil
	}
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	items = slices.DeleteFunc(slices.Clone(items), func(x any) bool { return x == nil })
	head := node{text: rdfNil}
	cells := make([]node, len(items))
	for i := range cells {
		cells[i] = w.data.blank()
	}
	for i, item := range slices.Backward(items) {
		o, err := w.value(ac, key, def, item)
		if err != nil {
			return node{}, err
		}
		if err := w.add(cells[i], rdfFirst, o); err != nil {
			return node{}, err
		}
		if err := w.add(cells[i], rdfRest, head); err != nil {
			return node{}, err
		}
		head = cells[i]
	}
	return head, nil
}

// value makes the object of a quad from one value that is neither null nor
// an array.
func (w *walker) value(ac *active, key string, def *term, v any) (node, error) {
	if obj, ok := v.(map[string]any); ok {
		if _, literal := obj["@value"]; literal && !def.graph {
			return languageString(obj)
		}
		return w.inner(ac, def, obj)
	}
	if _, ok := v.([]any); ok {
		return node{}, refuse("json-ld", "array in array "+key)
	}
	if def.graph {
		return node{}, refuse("dropped-value", key)
	}
	if def.scoped {
		var err error
		if ac, err = w.scope(ac, def, derivation{override: true, propagate: true}); err != nil {
			return node{}, err
		}
		if def = ac.terms[key]; def == nil {
			def = &term{}
		}
	}
	return scalar(ac, def, v)
}

// inner walks an object that is the value of a property.
func (w *walker) inner(ac *active, def *term, obj map[string]any) (node, error) {
	if ac.previous != nil && !onlyReference(ac, obj) {
		ac = ac.previous
	}
	if def.scoped {
		var err error
		if ac, err = w.scope(ac, def, derivation{override: true, propagate: true}); err != nil {
			return node{}, err
		}
	}
	if !def.graph {
		n, _, err := w.object(ac, obj)
		return n, err
	}
	outer := w.graph
	w.graph = w.data.blank()
	n, quads, err := w.object(ac, obj)
	name := w.graph
	w.graph = outer
	if err == nil && quads == 0 {
		err = refuse("dropped-value", n.text)
	}
	return name, err
}

// onlyReference reports an object that holds nothing but an identifier; it
// keeps the type-scoped context of the object around it (JSON-LD 1.1 API
// §5.1.2 step 7).
func onlyReference(ac *active, obj map[string]any) bool {
	for key := range obj {
		if def := ac.terms[key]; len(obj) > 1 || def == nil || def.iri != "@id" {
			return false
		}
	}
	return len(obj) == 1
}

// isKeyword reports the keywords of JSON-LD 1.1 §1.7.
func isKeyword(key string) bool {
	switch key {
	case "@base", "@container", "@context", "@default", "@direction", "@graph", "@id", "@import",
		"@included", "@index", "@json", "@language", "@list", "@nest", "@none", "@prefix", "@propagate",
		"@protected", "@reverse", "@set", "@type", "@value", "@version", "@vocab":
		return true
	}
	return false
}
