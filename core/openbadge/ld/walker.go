package ld

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// walker goes through one document and collects its quads: expansion and
// conversion to RDF (JSON-LD 1.1 API §5.1 and §8.1) in one step.
type walker struct {
	dataset

	ctx    context.Context //nolint:containedctx // lives for one Canonical call
	set    *vocabulary
	graph  ref     // the graph that quads go to
	root   ref     // the identifier of the document, the zero ref if it has none
	budget *Budget // what is left to spend
	text   int     // bytes of terms that this document may have
	nested int     // contexts being processed
	depth  int     // objects being walked
	sorted bool    // properties are walked in the order of their names
	doc    Document

	names     []string // types of the object being walked
	types     []ref
	predicate string // the one that was written last, and where
	place     ref
}

// begin makes the walker ready for a document.
func (w *walker) begin(ctx context.Context, set *vocabulary, b *Budget, doc Document, sorted bool) {
	w.reset()
	*w = walker{
		dataset: w.dataset, ctx: ctx, set: set, budget: b, text: min(maxText, b.Text), sorted: sorted, doc: doc,
		names: w.names, types: w.types,
	}
}

// forget drops what would keep a document alive.
func (w *walker) forget() {
	clear(w.names[:cap(w.names)])
	w.ctx, w.budget, w.doc = nil, nil, Document{}
}

const (
	maxDepth   = 100       // nested objects
	maxQuads   = 30_000    // of one document: a record of a hundred badges with all their results has 20,000
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
func (w *walker) document() error {
	_, quads, err := w.object(w.set.root, w.doc.Value)
	if err != nil {
		return err
	}
	if quads == 0 {
		return refuse("dropped-value", "a document without a property")
	}
	return nil
}

// add records a quad in the current graph.
func (w *walker) add(s ref, predicate string, o ref) error {
	w.size += s.size() + len(predicate) + o.size()
	if len(w.quads) >= maxQuads || w.size > w.text {
		return refuse("too-complex", "size")
	}
	if len(w.quads)%1024 == 1023 {
		if err := stopped(w.ctx); err != nil {
			return err
		}
	}
	if predicate != w.predicate {
		w.predicate, w.place = predicate, w.written(predicate)
	}
	w.quads = append(w.quads, quad{s: s, p: w.place, o: o, g: w.graph})
	return nil
}

// object walks a node object whose property-scoped context is applied
// already. It returns the node and how many quads say something about it.
func (w *walker) object(ac *active, obj strictjson.Value) (ref, int, error) {
	if w.depth++; w.depth > maxDepth {
		return ref{}, 0, refuse("too-complex", "depth")
	}
	defer func() { w.depth-- }()
	local := obj.Get("@context")
	if w.depth == 1 && w.doc.Context.Exists() {
		local = w.doc.Context
	}
	if local.Exists() {
		var err error
		if ac, err = w.local(ac, local); err != nil {
			return ref{}, 0, err
		}
	}
	w.types = w.types[:0]
	scoped, err := w.typesOf(ac, obj)
	if err != nil {
		return ref{}, 0, err
	}
	self, err := w.identifier(scoped, obj)
	if err != nil {
		return ref{}, 0, err
	}
	if w.depth == 1 && self.blank == 0 {
		w.root = self
	}
	before, types := len(w.quads), len(w.types)
	for _, t := range w.types {
		if err := w.add(self, rdfType, t); err != nil {
			return ref{}, 0, err
		}
	}
	if err := w.properties(scoped, self, obj); err != nil {
		return ref{}, 0, err
	}
	added := len(w.quads) - before
	if w.depth > 1 && added > types && w.isRoot(self) && !isRemark(obj) {
		// The outermost object in two places: a reader of one misses the other.
		// A type alone is seen at refresh services that name the credential.
		return ref{}, 0, refuse("json-ld", "two objects for "+string(w.bytes(self)))
	}
	return self, added, nil
}

// isRoot reports the node that the whole document is about, when it has a name.
func (w *walker) isRoot(n ref) bool {
	return n.blank == 0 && w.root.to > 0 && n.size() == w.root.size() && bytes.Equal(w.bytes(n), w.bytes(w.root))
}

// typesOf finds the types of an object and applies the contexts scoped to them
// (JSON-LD 1.1 API §5.1.2 step 11).
func (w *walker) typesOf(ac *active, obj strictjson.Value) (*active, error) {
	key, v, err := only(obj, ac.typeKeys)
	if err != nil || key == "" {
		return ac, err
	}
	w.names = w.names[:0]
	if v.Kind() == strictjson.Null {
		return nil, refuse("json-ld", "type")
	}
	for t := v.Items(); t.Exists(); t = t.Next() {
		if !t.IsText() {
			return nil, refuse("json-ld", "type")
		}
		w.names = append(w.names, t.Text())
	}
	for _, name := range w.names {
		t, err := w.named(ac, name)
		if err != nil {
			return nil, err
		}
		w.types = append(w.types, t)
	}
	slices.Sort(w.names)
	scoped := ac
	for _, name := range w.names {
		def := ac.terms[name]
		if def == nil || !def.scope.Exists() {
			continue
		}
		if scoped, err = w.scope(scoped, def, derivation{}); err != nil {
			return nil, err
		}
	}
	if again, _, err := only(obj, scoped.typeKeys); err != nil || again != key {
		return nil, refuse("json-ld", key)
	}
	return scoped, nil
}

// only finds the one entry of an object under any of some keys, "" if none.
func only(obj strictjson.Value, keys []string) (string, strictjson.Value, error) {
	found, v := "", strictjson.Value{}
	for _, key := range keys {
		one := obj.Get(key)
		if !one.Exists() {
			continue
		}
		if found != "" {
			return "", v, refuse("json-ld", found+" and "+key)
		}
		found, v = key, one
	}
	return found, v, nil
}

// identifier finds the node that an object is about, a new blank one without
// an identifier.
func (w *walker) identifier(ac *active, obj strictjson.Value) (ref, error) {
	key, v, err := only(obj, ac.idKeys)
	if err != nil {
		return ref{}, err
	}
	if key == "" {
		return w.blank(), nil
	}
	if !v.IsText() {
		return ref{}, refuse("json-ld", key)
	}
	return w.reference(ac, v.Text())
}

// reference is a node named in the document. Compact IRIs are refused: a
// reader takes the text as it stands.
func (w *walker) reference(ac *active, id string) (ref, error) {
	prefix, suffix, _ := strings.Cut(id, ":")
	if !isIRI(id) {
		return ref{}, refuse("relative-iri", id)
	}
	if !strings.HasPrefix(suffix, "//") {
		if def := ac.terms[prefix]; def != nil && def.prefix {
			return ref{}, refuse("relative-iri", id)
		}
	}
	return w.iri(id), nil
}

// named is a node that the document names by a term or an IRI.
func (w *walker) named(ac *active, name string) (ref, error) {
	if def := ac.terms[name]; def != nil && def.text != "" {
		return w.written(def.text), nil
	}
	iri := ac.expandVocab(name)
	if !isIRI(iri) || iri != name && strings.Contains(name, ":") {
		return ref{}, refuse("relative-iri", name)
	}
	return w.iri(iri), nil
}

// properties walks the entries of an object.
func (w *walker) properties(ac *active, self ref, obj strictjson.Value) error {
	if w.sorted {
		for _, m := range obj.Sorted() {
			if err := w.property(ac, self, m.Name(), m); err != nil {
				return err
			}
		}
		return nil
	}
	for m := obj.Fields(); m.Exists(); m = m.Next() {
		if err := w.property(ac, self, m.Name(), m); err != nil {
			return err
		}
	}
	return nil
}

// property walks one entry of an object.
func (w *walker) property(ac *active, self ref, key string, v strictjson.Value) error {
	if w.depth == 1 && key == w.doc.Without && key != "" {
		return nil
	}
	if key != "" && key[0] == '@' {
		if key == "@context" {
			return nil
		}
		if isKeyword(key) {
			return refuse("json-ld", key)
		}
	}
	def := ac.terms[key]
	if def == nil && ac.vocab != "" && isIRI(ac.vocab+key) {
		def = &term{iri: ac.vocab + key, text: "<" + ac.vocab + key + ">"}
	}
	switch {
	case def == nil || def.iri == "" || strings.IndexByte(key, ':') >= 0 || strings.IndexByte(key, '@') >= 0:
		return refuse("undefined-term", key)
	case def.text == "": // @id or @type
		return nil
	case def.reverse:
		return refuse("json-ld", "reverse term "+key)
	}
	return w.values(ac, self, key, def, v)
}

// values adds a quad for each value of a property.
func (w *walker) values(ac *active, self ref, key string, def *term, v strictjson.Value) error {
	predicate := def.text
	if def.coerce == "@json" {
		o, err := w.jsonLiteral(v)
		if err != nil {
			return err
		}
		return w.add(self, predicate, o)
	}
	if def.list {
		o, err := w.list(ac, key, def, v)
		if err != nil || o == (ref{}) {
			return err
		}
		return w.add(self, predicate, o)
	}
	for item := v.Items(); item.Exists(); item = item.Next() {
		if !item.Present() {
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
func (w *walker) list(ac *active, key string, def *term, v strictjson.Value) (ref, error) {
	if !v.Present() {
		return ref{}, nil
	}
	items := make([]strictjson.Value, 0, v.Len())
	for item := v.Items(); item.Exists(); item = item.Next() {
		if item.Present() {
			items = append(items, item)
		}
	}
	head := w.written(rdfNil)
	cells := make([]ref, len(items))
	for i := range cells {
		cells[i] = w.blank()
	}
	for i, item := range slices.Backward(items) {
		o, err := w.value(ac, key, def, item)
		if err != nil {
			return ref{}, err
		}
		if err := w.add(cells[i], rdfFirst, o); err != nil {
			return ref{}, err
		}
		if err := w.add(cells[i], rdfRest, head); err != nil {
			return ref{}, err
		}
		head = cells[i]
	}
	return head, nil
}

// value makes the object of a quad from one value that is neither null nor
// an array.
func (w *walker) value(ac *active, key string, def *term, v strictjson.Value) (ref, error) {
	if v.IsObject() {
		if !def.graph && v.Get("@value").Exists() {
			return w.languageString(v)
		}
		return w.inner(ac, def, v)
	}
	if v.IsList() {
		return ref{}, refuse("json-ld", "array in array "+key)
	}
	if def.graph {
		return ref{}, refuse("dropped-value", key)
	}
	if def.scope.Exists() {
		var err error
		if ac, err = w.scope(ac, def, derivation{override: true, propagate: true}); err != nil {
			return ref{}, err
		}
		if def = ac.terms[key]; def == nil {
			def = &term{}
		}
	}
	return w.scalar(ac, def, v)
}

// inner walks an object that is the value of a property.
func (w *walker) inner(ac *active, def *term, obj strictjson.Value) (ref, error) {
	if ac.previous != nil && !onlyReference(ac, obj) {
		ac = ac.previous
	}
	if def.scope.Exists() {
		var err error
		if ac, err = w.scope(ac, def, derivation{override: true, propagate: true}); err != nil {
			return ref{}, err
		}
	}
	if !def.graph {
		n, _, err := w.object(ac, obj)
		return n, err
	}
	outer := w.graph
	w.graph = w.blank()
	n, quads, err := w.object(ac, obj)
	name := w.graph
	w.graph = outer
	if err == nil && quads == 0 {
		err = refuse("dropped-value", string(w.bytes(n)))
	}
	return name, err
}

// onlyReference reports an object that holds nothing but an identifier; it
// keeps the type-scoped context of the object around it (JSON-LD 1.1 API
// §5.1.2 step 7).
func onlyReference(ac *active, obj strictjson.Value) bool {
	if obj.Size() != 1 {
		return false
	}
	def := ac.terms[obj.Fields().Name()]
	return def != nil && def.iri == "@id"
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
