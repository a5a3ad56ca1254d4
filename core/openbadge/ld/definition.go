package ld

import (
	"reflect"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// definer reads the term definitions of one context object (JSON-LD 1.1 API
// §4.2) into an active context that nobody else sees yet.
type definer struct {
	w        *walker
	active   *active
	local    map[string]strictjson.Value
	done     map[string]bool // false while a definition is being made
	protect  bool
	override bool
	trusted  bool
}

// named are the members of an object by their names.
func named(members []strictjson.Value) map[string]strictjson.Value {
	out := make(map[string]strictjson.Value, len(members))
	for _, m := range members {
		out[m.Name()] = m
	}
	return out
}

// boolean reads true or false.
func boolean(v strictjson.Value) (on, ok bool) {
	return v.Kind() == strictjson.True, v.Kind() == strictjson.True || v.Kind() == strictjson.False
}

// setting reads a keyword of the context object.
func (d *definer) setting(key string, v strictjson.Value) error {
	switch key {
	case "@version":
		if v.Digits() == "1.1" {
			return nil
		}
	case "@protected":
		on, ok := boolean(v)
		if ok {
			d.protect = on
			return nil
		}
	case "@vocab":
		if isIRI(v.Text()) && d.trusted {
			d.active.vocab = v.Text()
			return nil
		}
	case "@language":
		language, err := languageOf(key, v)
		d.active.language = strings.TrimSuffix(language, plain)
		return err
	}
	return refuse("context-forbidden", key)
}

// plain is the language of texts that have none, whatever the context says of others.
const plain = "-"

// languageOf reads the language of a context or a term (JSON-LD 1.1 §4.2.4): null is plain.
func languageOf(name string, v strictjson.Value) (string, error) {
	if v.Kind() == strictjson.Null {
		return plain, nil
	}
	if !v.IsText() || !IsLanguage(v.Text()) {
		return "", refuse("json-ld", "language of "+name)
	}
	return strings.ToLower(v.Text()), nil
}

// create makes the definition of a term, after those it is written with.
func (d *definer) create(name string) error {
	if finished, begun := d.done[name]; begun {
		if finished {
			return nil
		}
		return refuse("json-ld", "cyclic term "+name)
	}
	if name == "" {
		return refuse("json-ld", "empty term")
	}
	d.done[name] = false
	previous := d.active.terms[name]
	delete(d.active.terms, name)
	def, err := d.read(name, d.local[name])
	if err != nil {
		return err
	}
	if previous != nil && previous.protected && !d.override {
		if !sameDefinition(previous, def) {
			return refuse("context-forbidden", name)
		}
		def = previous
	}
	if !d.trusted {
		if err := d.w.consistent(name, def); err != nil {
			return err
		}
	}
	d.active.terms[name] = def
	d.done[name] = true
	return nil
}

func sameDefinition(a, b *term) bool {
	x, y := *a, *b
	x.protected, y.protected = false, false
	x.trusted, y.trusted = false, false
	x.scope, y.scope = strictjson.Value{}, strictjson.Value{}
	return x == y && a.scope.Exists() == b.scope.Exists() && reflect.DeepEqual(a.scope.Any(), b.scope.Any())
}

func (d *definer) read(name string, v strictjson.Value) (*term, error) {
	def := &term{protected: d.protect, trusted: d.trusted}
	switch v.Kind() {
	case strictjson.Null:
		return def, nil
	case strictjson.String:
		if err := d.identify(name, v.Text(), def); err != nil {
			return nil, err
		}
		def.prefix = !strings.ContainsAny(name, ":/") && def.iri != "" &&
			strings.ContainsRune(":/?#[]@", rune(def.iri[len(def.iri)-1]))
		return def, nil
	case strictjson.Object:
		return def, d.readObject(name, v, def)
	}
	return nil, refuse("json-ld", "term "+name)
}

func (d *definer) readObject(name string, obj strictjson.Value, def *term) error {
	id := obj.Get("@id")
	for _, v := range obj.Sorted() {
		var err error
		switch v.Name() {
		case "@id":
		case "@type":
			def.coerce, err = d.coercion(name, v)
		case "@container":
			err = container(name, v, def)
		case "@language":
			def.language, err = languageOf(name, v)
		case "@context":
			def.scope = v
		case "@protected":
			on, ok := boolean(v)
			if !ok {
				err = refuse("json-ld", "term "+name)
			}
			def.protected = on
		case "@reverse":
			id, def.reverse = v, true
		case "@prefix":
			def.prefix = v.Kind() == strictjson.True
		default:
			err = refuse("context-forbidden", v.Name())
		}
		if err != nil {
			return err
		}
	}
	if def.coerce == "@json" && (def.list || def.graph) {
		return refuse("context-forbidden", name)
	}
	switch id.Kind() {
	case strictjson.Null:
		return nil
	case strictjson.Absent:
		return d.identify(name, name, def)
	case strictjson.String:
		return d.identify(name, id.Text(), def)
	}
	return refuse("json-ld", "term "+name)
}

// identify sets the IRI that a term stands for.
func (d *definer) identify(name, value string, def *term) error {
	iri := d.ownIRI(name)
	if value != name {
		var err error
		if iri, err = d.expand(value); err != nil {
			return err
		}
	}
	if iri != "@id" && iri != "@type" && !isIRI(iri) {
		if strings.HasPrefix(iri, "@") {
			return refuse("context-forbidden", name+": "+iri)
		}
		return refuse("json-ld", "term "+name)
	}
	if strings.ContainsAny(name, ":/") && iri != name {
		return refuse("context-forbidden", name)
	}
	def.iri = iri
	if iri != "@id" && iri != "@type" {
		def.text = "<" + iri + ">"
	}
	return nil
}

// ownIRI is the IRI of a term defined without one.
func (d *definer) ownIRI(name string) string {
	if strings.Contains(name, ":") {
		return name
	}
	if d.active.vocab != "" {
		return d.active.vocab + name
	}
	return ""
}

// expand is IRI expansion inside a context (JSON-LD 1.1 API §5.2): terms and
// prefixes of the same object are defined first.
func (d *definer) expand(value string) (string, error) {
	if strings.HasPrefix(value, "@") {
		return value, nil
	}
	if _, here := d.local[value]; here {
		if err := d.create(value); err != nil {
			return "", err
		}
	}
	if prefix, suffix, ok := strings.Cut(value, ":"); ok && prefix != "_" && !strings.HasPrefix(suffix, "//") {
		if _, here := d.local[prefix]; here {
			if err := d.create(prefix); err != nil {
				return "", err
			}
		}
	}
	return d.active.expandVocab(value), nil
}

// expandVocab is IRI expansion of a term, a compact IRI or an IRI; what none
// of these is comes back as it was.
func (ac *active) expandVocab(value string) string {
	if def := ac.terms[value]; def != nil {
		return def.iri
	}
	prefix, suffix, colon := strings.Cut(value, ":")
	if colon {
		if prefix == "_" || strings.HasPrefix(suffix, "//") {
			return value
		}
		if def := ac.terms[prefix]; def != nil && def.prefix {
			return def.iri + suffix
		}
		return value
	}
	if ac.vocab != "" {
		return ac.vocab + value
	}
	return value
}

func (d *definer) coercion(name string, v strictjson.Value) (string, error) {
	if !v.IsText() {
		return "", refuse("json-ld", "term "+name)
	}
	s := v.Text()
	switch s {
	case "@id", "@vocab", "@json", "@none":
		return s, nil
	}
	iri, err := d.expand(s)
	if err != nil {
		return "", err
	}
	if !isIRI(iri) {
		return "", refuse("json-ld", "type of term "+name)
	}
	return iri, nil
}

func container(name string, v strictjson.Value, def *term) error {
	if v.Kind() == strictjson.Null {
		return refuse("context-forbidden", "container of "+name)
	}
	for item := v.Items(); item.Exists(); item = item.Next() {
		switch item.Text() {
		case "@set":
		case "@list":
			def.list = true
		case "@graph":
			def.graph = true
		default:
			return refuse("context-forbidden", "container of "+name)
		}
	}
	return nil
}

// consistent holds a definition made by a document against the embedded
// contexts: a name that they use keeps its meaning and an IRI that they use
// keeps its name, or the same signature would cover a document that reads
// differently (VC 2.0, context integrity). A name may get an IRI of its own
// that ends in it. Plain JSON is for names and IRIs that they do not know: in it a
// reader would take for a node what is none.
func (w *walker) consistent(name string, def *term) error {
	iri := def.iri
	names, meanings := w.set.names[iri], w.set.iris[name]
	switch {
	case def.coerce == "@json" && (names != nil || meanings != nil),
		names != nil && !slices.Contains(names, name),
		meanings != nil && !slices.Contains(meanings, iri) && localName(iri) != name:
		return refuse("context-forbidden", name)
	}
	return nil
}

// localName is what follows the last delimiter of an IRI.
func localName(iri string) string {
	return iri[strings.LastIndexAny(iri, "#/:")+1:]
}

// allow says whether a document may carry this context object itself: plain
// terms with absolute IRIs only, and a language for texts (VC 2.0 §11.1), which
// leaves the texts as they are.
func allow(local strictjson.Value) error {
	for _, v := range local.Sorted() {
		name, iri := v.Name(), v.Text()
		if name == "@version" || name == "@protected" || name == "@language" {
			continue
		}
		if strings.HasPrefix(name, "@") || strings.ContainsAny(name, ":/") {
			return refuse("context-forbidden", name)
		}
		if v.IsObject() {
			if err := allowObject(name, v); err != nil {
				return err
			}
			iri = v.Get("@id").Text()
		}
		if !isIRI(iri) && iri != "@id" && iri != "@type" {
			return refuse("context-forbidden", name)
		}
	}
	return nil
}

func allowObject(name string, obj strictjson.Value) error {
	for v := obj.Fields(); v.Exists(); v = v.Next() {
		ok, s := false, v.Text()
		switch v.Name() {
		case "@id", "@protected", "@language":
			ok = true
		case "@type":
			ok = s == "@id" || s == "@vocab" || s == "@json" || s == "@none" || isIRI(s)
		case "@container":
			if v.IsList() && v.Len() == 1 {
				s = v.First().Text()
			}
			ok = s == "@set" || s == "@list"
		case "@context":
			ok = v.IsObject()
		}
		if !ok {
			return refuse("context-forbidden", name)
		}
	}
	return nil
}
