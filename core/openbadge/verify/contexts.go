package verify

import (
	"context"
	"sync"

	"github.com/osier-passport/osier/core/openbadge/ld"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// plainType is an object that any context of a credential gives a meaning.
var plainType = strictjson.ObjectOf(strictjson.Member{Name: "type", Value: strictjson.Text("VerifiableCredential")})

// goodContexts are lists of addresses of contexts that were found to agree with each other:
// that is the same for all credentials that name them. It is bounded; when it is full it begins
// anew. It is safe for concurrent use.
type goodContexts struct {
	mu   sync.RWMutex
	kept map[string]struct{}
}

const (
	mostContexts    = 256 // lists
	mostContextText = 512 // bytes of all addresses of one
)

var agreed goodContexts

// checkPlainContexts holds the contexts of a credential against the rules, without what it says.
func (r *run) checkPlainContexts(ctx context.Context, contexts strictjson.Value) finding {
	var room [mostContextText]byte
	key, plain := contextKey(room[:0], contexts)
	if plain && agreed.has(key) {
		return pass()
	}
	if err := r.docs.work.canon.Check(ctx, ld.Document{Value: plainType, Context: contexts.OrNull()}); err != nil {
		return canonicalFinding(ctx, err)
	}
	if plain {
		agreed.keep(key)
	}
	return pass()
}

// contextKey writes a list of addresses to a buffer that they must fit in; plain says that it is
// one. No address has a space in it.
func contextKey(key []byte, contexts strictjson.Value) (text []byte, plain bool) {
	for c := contexts.Items(); c.Exists(); c = c.Next() {
		name := c.Text()
		if !ld.KnownContext(name) || len(key)+len(name)+1 > cap(key) {
			return key, false
		}
		key = append(append(key, name...), ' ')
	}
	return key, len(key) > 0
}

func (g *goodContexts) has(key []byte) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	_, ok := g.kept[string(key)]
	return ok
}

func (g *goodContexts) keep(key []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.kept == nil || len(g.kept) >= mostContexts {
		g.kept = make(map[string]struct{})
	}
	g.kept[string(key)] = struct{}{}
}
