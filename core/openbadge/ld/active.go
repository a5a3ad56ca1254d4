package ld

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// active is an active context (JSON-LD 1.1 API §4.1): the terms in force at
// one place of a document. It does not change once built.
type active struct {
	terms    map[string]*term
	idKeys   []string // terms that stand for @id
	typeKeys []string // terms that stand for @type
	vocab    string   // IRI that undefined terms are appended to, "" if none
	language string   // of texts whose term has neither type nor language, "" if none
	previous *active  // what nested nodes go back to, after a type-scoped context
	shared   bool     // made of embedded contexts alone, so kept for the next document

	mu      sync.Mutex
	derived map[derivation]*active
}

// term is a term definition (JSON-LD 1.1 API §4.2). The iri "" is the null
// mapping: the term is switched off.
type term struct {
	iri       string
	text      string // the IRI as N-Quads write it, "" for the keywords @id and @type
	coerce    string // "", "@id", "@vocab", "@json", "@none" or a datatype IRI
	language  string // of its texts; plain ("-") has them without one, "" goes by the context
	list      bool   // @container @list
	graph     bool   // @container @graph
	reverse   bool
	prefix    bool
	protected bool
	trusted   bool // defined by an embedded context

	scope strictjson.Value // its scoped context, which may be null; does not exist where it has none
}

// derivation is a step from one active context to the next, and the key under
// which its result is kept.
type derivation struct {
	url       string // of the local context, or
	def       *term  // the term whose scoped context is the local context
	override  bool   // property-scoped: protected terms may be redefined
	propagate bool
	trusted   bool // the local context is (part of) an embedded one
}

const (
	maxContextWork  = 100_000 // term copies and definitions of one document
	maxContextList  = 20      // entries of one @context array
	maxContextDepth = 12      // contexts that name contexts
	maxKept         = 500     // derived contexts kept for each shared one
)

// spend takes n units from the work budget of the document.
func (w *walker) spend(n int) error {
	if w.budget.Contexts -= n; w.budget.Contexts < 0 {
		return refuse("too-complex", "contexts")
	}
	return nil
}

// scope applies the context scoped to a term (JSON-LD 1.1 API §5.1.2 steps 8
// and 11).
func (w *walker) scope(ac *active, def *term, d derivation) (*active, error) {
	d.def, d.trusted = def, def.trusted
	return w.derive(ac, def.scope, d)
}

// local processes the context of a document.
func (w *walker) local(ac *active, v strictjson.Value) (*active, error) {
	if v.Kind() == strictjson.Null {
		return nil, refuse("context-forbidden", "@context: null")
	}
	for item := v.Items(); item.Exists(); item = item.Next() {
		if !item.IsText() {
			return w.derive(ac, v, derivation{propagate: true})
		}
	}
	if v.Len() > maxContextList {
		return nil, refuse("context-forbidden", "too many contexts")
	}
	for item := v.Items(); item.Exists(); item = item.Next() {
		next := ac.kept(derivation{url: item.Text(), propagate: true})
		if next == nil {
			var err error
			if next, err = w.derive(ac, item, derivation{propagate: true}); err != nil {
				return nil, err
			}
		}
		ac = next
	}
	return ac, nil
}

// derive processes a local context (JSON-LD 1.1 API §4.1): a URL, null, an
// object or an array of these.
func (w *walker) derive(ac *active, local strictjson.Value, d derivation) (*active, error) {
	if d.def == nil {
		d.url = local.Text()
	}
	keep := d.def != nil && (d.trusted || !ac.shared) || d.url != ""
	if keep {
		if found := ac.kept(d); found != nil {
			return found, nil
		}
	}
	if w.nested++; w.nested > maxContextDepth {
		return nil, refuse("context-forbidden", "contexts nested too deep")
	}
	defer func() { w.nested-- }()
	next, err := w.deriveList(ac, local, d)
	if err != nil {
		return nil, err
	}
	if !d.propagate && next.previous == nil {
		next = nextFields(next)
		next.previous = ac
	}
	if keep {
		ac.keep(d, next)
	}
	return next, nil
}

// nextFields copies an active context without its cache.
func nextFields(ac *active) *active {
	return &active{
		terms: ac.terms, idKeys: ac.idKeys, typeKeys: ac.typeKeys,
		vocab: ac.vocab, language: ac.language, previous: ac.previous, shared: ac.shared,
	}
}

func (ac *active) kept(d derivation) *active {
	if ac.shared {
		ac.mu.Lock()
		defer ac.mu.Unlock()
	}
	return ac.derived[d]
}

func (ac *active) keep(d derivation, next *active) {
	if ac.shared {
		ac.mu.Lock()
		defer ac.mu.Unlock()
	}
	if ac.derived == nil {
		ac.derived = map[derivation]*active{}
	}
	if len(ac.derived) < maxKept {
		ac.derived[d] = next
	}
}

func (w *walker) deriveList(ac *active, local strictjson.Value, d derivation) (*active, error) {
	if !local.IsList() {
		return w.deriveOne(ac, local, d)
	}
	if local.Len() > maxContextList {
		return nil, refuse("context-forbidden", "too many contexts")
	}
	step := derivation{override: d.override, propagate: true, trusted: d.trusted}
	for item := local.Items(); item.Exists(); item = item.Next() {
		if item.IsList() {
			return nil, refuse("json-ld", "@context")
		}
		var err error
		if ac, err = w.derive(ac, item, step); err != nil {
			return nil, err
		}
	}
	return ac, nil
}

func (w *walker) deriveOne(ac *active, local strictjson.Value, d derivation) (*active, error) {
	switch local.Kind() {
	case strictjson.Null:
		return w.nullify(ac, d)
	case strictjson.String:
		doc, ok := w.set.docs[local.Text()]
		if !ok {
			return nil, refuse("unknown-context", local.Text())
		}
		return w.derive(ac, doc, derivation{override: d.override, propagate: true, trusted: true})
	case strictjson.Object:
		return w.define(ac, local, d)
	}
	return nil, refuse("json-ld", "@context")
}

// nullify goes back to no context at all, which only an embedded context may
// do (VC 2.0 does it for the credentials of a presentation).
func (w *walker) nullify(ac *active, d derivation) (*active, error) {
	if !d.trusted || !d.override {
		return nil, refuse("context-forbidden", "@context: null")
	}
	root := nextFields(w.set.root)
	root.shared = ac.shared
	return root, nil
}

// define adds the definitions of one context object.
func (w *walker) define(ac *active, local strictjson.Value, d derivation) (*active, error) {
	if err := w.spend(len(ac.terms) + local.Size()); err != nil {
		return nil, err
	}
	if !d.trusted {
		if err := allow(local); err != nil {
			return nil, err
		}
	}
	next := &active{
		terms: maps.Clone(ac.terms), vocab: ac.vocab, language: ac.language, previous: ac.previous,
		shared: ac.shared && d.trusted,
	}
	members := local.Sorted()
	def := definer{w: w, active: next, local: named(members), done: map[string]bool{}, override: d.override, trusted: d.trusted}
	for _, m := range members {
		if strings.HasPrefix(m.Name(), "@") {
			if err := def.setting(m.Name(), m); err != nil {
				return nil, err
			}
		}
	}
	for _, m := range members {
		if !strings.HasPrefix(m.Name(), "@") {
			if err := def.create(m.Name()); err != nil {
				return nil, err
			}
		}
	}
	for name, t := range next.terms {
		switch t.iri {
		case "@id":
			next.idKeys = append(next.idKeys, name)
		case "@type":
			next.typeKeys = append(next.typeKeys, name)
		}
	}
	slices.Sort(next.idKeys)
	slices.Sort(next.typeKeys)
	return next, nil
}
