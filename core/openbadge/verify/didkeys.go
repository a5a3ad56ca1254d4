package verify

import (
	"strings"
	"sync"
)

// keyCache keeps keys by the DID that is the key: reading one is a pure function of the text,
// and an issuer's key is read for each of its badges. It is bounded; when it is full it begins
// anew. It is safe for concurrent use.
type keyCache struct {
	mu   sync.RWMutex
	keys map[string]publicKey
}

const (
	mostKept     = 512
	mostKeptText = 2048 // bytes of a DID: an RSA key of 8192 bits fits
)

// didKeys are the keys of did:key and did:jwk seen last.
var didKeys keyCache

// get gives the key of a DID, read by read when it is not there, with the id that the DID's
// document gives it. Errors are those of read.
func (c *keyCache) get(did string, read func(string) (publicKey, error)) (publicKey, error) {
	c.mu.RLock()
	k, ok := c.keys[did]
	c.mu.RUnlock()
	if ok {
		return k, nil
	}
	k, err := read(did)
	if err != nil || len(did) > mostKeptText {
		k.kid = didKeyID(did)
		return k, err
	}
	k.thumb = thumbprint(k)
	did = strings.Clone(did) // its text may be a piece of a credential
	k.kid = didKeyID(did)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys == nil || len(c.keys) >= mostKept {
		c.keys = make(map[string]publicKey, mostKept/8)
	}
	c.keys[did] = k
	return k, nil
}

// didKey is the key of a did:key or did:jwk.
func didKey(did string) (publicKey, error) {
	if didMethod(did) == "jwk" {
		return didKeys.get(did, didJWK)
	}
	return didKeys.get(did, func(did string) (publicKey, error) { return multikey(strings.TrimPrefix(did, "did:key:")) })
}

// didKeyID is the verification method of a did:key (did:key §"Document Creation") or did:jwk
// (did:jwk §"Read").
func didKeyID(did string) string {
	if identifier, ok := strings.CutPrefix(did, "did:key:"); ok {
		return did + "#" + identifier
	}
	return did + "#0"
}
