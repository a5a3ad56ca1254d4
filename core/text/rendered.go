package text

import (
	"html/template"
	"sync"
)

// Bounds of what is kept of renderings, in bytes.
const (
	keptText = 8 << 10 // of one text and its rendering; longer ones are rendered each time
	keptAll  = 4 << 20 // of each generation
)

// renderings keeps what Markdown gave for texts that are shown again and again:
// the criteria of a badge, the comments of its class. The same text gives the
// same rendering, whoever looks. When the young generation is full it becomes
// the old one, and what was old is forgotten unless it was asked for meanwhile.
type renderings struct {
	mu         sync.RWMutex
	young, old map[string]template.HTML
	size       int // of young
}

func (k *renderings) get(s string) (template.HTML, bool) {
	k.mu.RLock()
	out, ok := k.young[s]
	aged := false
	if !ok {
		out, aged = k.old[s]
	}
	k.mu.RUnlock()
	if aged {
		k.put(s, out)
	}
	return out, ok || aged
}

func (k *renderings) put(s string, out template.HTML) {
	n := len(s) + len(out)
	if n > keptText {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.size += n; k.young == nil || k.size > keptAll {
		k.young, k.old, k.size = make(map[string]template.HTML), k.young, n
	}
	k.young[s] = out
}
