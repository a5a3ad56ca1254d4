package ld

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

//go:embed contexts/*.json
var contextData embed.FS

// contextFiles maps the URL of each embedded context to its file. Origins and
// licences are in NOTICE. Files are data that signatures depend on: a changed
// term is a broken signature.
var contextFiles = map[string]string{
	"https://www.w3.org/2018/credentials/v1":           "vc-v1",
	"https://www.w3.org/ns/credentials/v2":             "vc-v2",
	"https://www.w3.org/ns/credentials/status/v1":      "credentials-status-v1",
	"https://www.w3.org/ns/credentials/examples/v2":    "credentials-examples-v2",
	"https://w3id.org/vc/status-list/2021/v1":          "status-list-2021-v1",
	"https://w3id.org/security/data-integrity/v1":      "data-integrity-v1",
	"https://w3id.org/security/data-integrity/v2":      "data-integrity-v2",
	"https://w3id.org/security/suites/ed25519-2020/v1": "ed25519-2020-v1",
	"https://w3id.org/security/suites/jws-2020/v1":     "jws-2020-v1",
	"https://w3id.org/security/multikey/v1":            "multikey-v1",

	"https://purl.imsglobal.org/spec/ob/v3p0/context.json":        "ob-v3.0.0",
	"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json":  "ob-v3.0.1",
	"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json":  "ob-v3.0.2",
	"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json":  "ob-v3.0.3",
	"https://purl.imsglobal.org/spec/ob/v3p0/extensions.json":     "ob-v3-extensions",
	"https://purl.imsglobal.org/spec/clr/v2p0/context.json":       "clr-v2.0.0",
	"https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json": "clr-v2.0.1",

	// Names of drafts that early credentials carry.
	"https://imsglobal.github.io/openbadges-specification/context.json":                  "ob-v3.0.0",
	"https://imsglobal.github.io/openbadges-specification/ob_v3p0.html":                  "ob-v3-beta",
	"https://w3c-ccg.github.io/vc-ed/plugfest-1-2022/jff-vc-edu-plugfest-1-context.json": "ob-v3-beta",

	// Extensions seen in badges of the field.
	"https://w3id.org/dcc/v1":                          "dcc-v1",
	"https://w3id.org/citizenship/v1":                  "citizenship-v1",
	"https://w3id.org/citizenship/v4rc1":               "citizenship-v4rc1",
	"https://credentials.andamio.io/context/v0.jsonld": "andamio-v1",
	"https://credentials.andamio.io/context/v1.jsonld": "andamio-v1",
}

// vocabulary is the embedded contexts, read once.
type vocabulary struct {
	docs  map[string]strictjson.Value // URL to the value of its "@context"
	root  *active                     // the context before any "@context"
	names map[string][]string         // IRI to the term names that stand for it
	iris  map[string][]string         // term name to the IRIs it stands for
	words map[string]word             // term names
	open  map[string]bool             // URLs of contexts in which every word means something (@vocab)
}

// embedded reads the embedded contexts at the first call.
var embedded = sync.OnceValues(loadVocabulary)

func loadVocabulary() (*vocabulary, error) {
	byFile := map[string]strictjson.Value{}
	set := &vocabulary{
		docs:  map[string]strictjson.Value{},
		root:  &active{terms: map[string]*term{}, shared: true},
		names: map[string][]string{},
		iris:  map[string][]string{},
		words: map[string]word{},
		open:  map[string]bool{},
	}
	for url, name := range contextFiles {
		doc, ok := byFile[name]
		if !ok {
			var err error
			if doc, err = readContext(name); err != nil {
				return nil, err
			}
			byFile[name] = doc
		}
		set.docs[url] = doc
	}
	for _, url := range slices.Sorted(maps.Keys(set.docs)) {
		w := walker{set: set, budget: NewBudget()}
		ac, err := w.derive(set.root, strictjson.Text(url), derivation{propagate: true, trusted: true})
		if err != nil {
			return nil, fmt.Errorf("read context %s: %w", url, err)
		}
		set.open[url] = ac.vocab != ""
		if err := w.index(ac, set.root); err != nil {
			return nil, fmt.Errorf("read context %s: %w", url, err)
		}
	}
	return set, nil
}

// readContext gives the context of a file without the rest of it. Nothing in it is a
// pointer: as Go maps the contexts are a third of what the garbage collector goes through.
func readContext(name string) (strictjson.Value, error) {
	b, err := contextData.ReadFile("contexts/" + name + ".json")
	if err != nil {
		return strictjson.Value{}, fmt.Errorf("read context %s: %w", name, err)
	}
	doc, err := strictjson.Read(b, strictjson.Limits{})
	if err != nil {
		return strictjson.Value{}, fmt.Errorf("read context %s: %w", name, err)
	}
	return doc.Get("@context").Clone(), nil
}

// index notes the terms that ac has beyond outer, and those of the contexts
// scoped to them, which also proves that all of them can be processed.
func (w *walker) index(ac, outer *active) error {
	for name, def := range ac.terms {
		if outer.terms[name] == def || def.iri == "" {
			continue
		}
		add(w.set.iris, name, def.iri)
		add(w.set.names, def.iri, name)
		if def.coerce == "@json" {
			w.set.words[name] = wordOfJSON
		} else if w.set.words[name] == wordUnknown {
			w.set.words[name] = wordKnown
		}
		if !def.scope.Present() {
			continue
		}
		inner, err := w.derive(ac, def.scope, derivation{override: true, propagate: true, trusted: true})
		if err != nil {
			return fmt.Errorf("term %s: %w", name, err)
		}
		if err := w.index(inner, ac); err != nil {
			return err
		}
	}
	return nil
}

func add(m map[string][]string, key, value string) {
	if !slices.Contains(m[key], value) {
		m[key] = append(m[key], value)
	}
}
