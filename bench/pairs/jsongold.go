package pairs

import (
	"fmt"
	"os"
	"path/filepath"

	gold "github.com/piprate/json-gold/ld"
)

// goldContexts are the contexts of the sample, among those that the passport embeds.
var goldContexts = map[string]string{
	"https://www.w3.org/ns/credentials/v2":                       "vc-v2",
	"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json": "ob-v3.0.3",
}

// goldPeer canonicalises as a Go program does that builds on json-gold, with the
// contexts parsed beforehand.
type goldPeer struct {
	contexts map[string]*gold.RemoteDocument
}

func newGold(root string) (*goldPeer, error) {
	p := &goldPeer{contexts: make(map[string]*gold.RemoteDocument)}
	for url, name := range goldContexts {
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
func (p *goldPeer) LoadDocument(url string) (*gold.RemoteDocument, error) {
	if d, ok := p.contexts[url]; ok {
		return d, nil
	}
	return nil, fmt.Errorf("no context %s", url)
}

func (p *goldPeer) canonical(doc map[string]any) ([]byte, error) {
	o := gold.NewJsonLdOptions("")
	o.Algorithm, o.Format, o.DocumentLoader = gold.AlgorithmURDNA2015, "application/n-quads", p
	v, err := gold.NewJsonLdProcessor().Normalize(doc, o)
	if err != nil {
		return nil, err
	}
	text, _ := v.(string)
	return []byte(text), nil
}
