package differential

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	gold "github.com/piprate/json-gold/ld"
)

// Gold canonicalises with json-gold, as URDNA2015, with the contexts of the
// repository at root in place of the network.
type Gold struct {
	contexts map[string]*gold.RemoteDocument
}

// NewGold reads the contexts: URL to the name of a file below core/openbadge/ld/contexts.
func NewGold(root string, contexts map[string]string) (*Gold, error) {
	p := &Gold{contexts: make(map[string]*gold.RemoteDocument)}
	for url, name := range contexts {
		f, err := os.Open(filepath.Join(root, "core", "openbadge", "ld", "contexts", name+".json"))
		if err != nil {
			return nil, err
		}
		doc, err := gold.DocumentFromReader(f)
		_ = f.Close() // was only read
		if err != nil {
			return nil, err
		}
		p.contexts[url] = &gold.RemoteDocument{DocumentURL: url, Document: doc}
	}
	return p, nil
}

// LoadDocument implements gold.DocumentLoader.
func (p *Gold) LoadDocument(url string) (*gold.RemoteDocument, error) {
	if d, ok := p.contexts[url]; ok {
		return d, nil
	}
	return nil, fmt.Errorf("no context %s", url)
}

// Canonical gives the canonical N-Quads of a document.
func (p *Gold) Canonical(doc map[string]any) ([]byte, error) {
	o := gold.NewJsonLdOptions("")
	o.Algorithm, o.Format, o.DocumentLoader = gold.AlgorithmURDNA2015, "application/n-quads", p
	v, err := gold.NewJsonLdProcessor().Normalize(doc, o)
	if err != nil {
		return nil, err
	}
	text, _ := v.(string)
	return []byte(text), nil
}

// CanonicalText is Canonical of a JSON text.
func (p *Gold) CanonicalText(text []byte) ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	return p.Canonical(doc)
}
