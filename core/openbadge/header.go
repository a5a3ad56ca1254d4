package openbadge

import (
	"sync"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// headerCache keeps JOSE headers by their text: reading one is a pure function of it, and all
// tokens that an issuer signs with one key have the same. Nothing is believed of a header for
// being here. It is bounded; when it is full it begins anew. It is safe for concurrent use.
type headerCache struct {
	mu   sync.RWMutex
	kept map[string]strictjson.Value
}

const (
	mostHeaders    = 256
	mostHeaderText = 2048 // bytes of base64url: a key id that is a did:jwk of RSA fits
)

// headers are those of the tokens seen last.
var headers headerCache

// read gives the header that the first part of a token holds. Its memory may not be recycled.
// The error is an *Error.
func (c *headerCache) read(part []byte) (strictjson.Value, error) {
	c.mu.RLock()
	header, ok := c.kept[string(part)]
	c.mu.RUnlock()
	if ok {
		return header, nil
	}
	header, err := decodePart(part, "header")
	if err != nil || len(part) > mostHeaderText {
		return header, err
	}
	header = header.Clone()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= mostHeaders {
		c.kept = make(map[string]strictjson.Value)
	}
	c.kept[string(part)] = header
	return header, nil
}
