package verify

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"testing"
)

// numberedKey is a public key of 32 bytes for a number. Reading looks at its form alone.
func numberedKey(n int) ed25519.PublicKey {
	raw := make(ed25519.PublicKey, ed25519.PublicKeySize)
	binary.BigEndian.PutUint64(raw[24:], uint64(n))
	return raw
}

// numberedDID is a number's key as a did:key or, for odd numbers, a did:jwk.
func numberedDID(n int) string {
	if n%2 == 0 {
		return "did:key:z" + inBase58(append([]byte{0xed, 0x01}, numberedKey(n)...))
	}
	jwk := `{"kty":"OKP","crv":"Ed25519","x":"` + base64.RawURLEncoding.EncodeToString(numberedKey(n)) + `"}`
	return "did:jwk:" + base64.RawURLEncoding.EncodeToString([]byte(jwk))
}

// readDID reads a key without a cache.
func readDID(did string) (publicKey, error) {
	if didMethod(did) == "jwk" {
		return didJWK(did)
	}
	return multikey(strings.TrimPrefix(did, "did:key:"))
}

// unread fails the test when a key is read that should be kept.
func unread(t *testing.T) func(string) (publicKey, error) {
	return func(did string) (publicKey, error) {
		t.Errorf("%s is read again", did)
		return readDID(did)
	}
}

// TestKeyCacheAtOnce: many verifications at once get the right keys while the
// cache fills and begins anew several times.
func TestKeyCacheAtOnce(t *testing.T) {
	const keys, workers = mostKept*2 + 100, 8
	dids := make([]string, keys)
	for i := range dids {
		dids[i] = numberedDID(i)
	}
	var c keyCache
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range keys {
				n := (i + w*keys/workers) % keys
				k, err := c.get(dids[n], readDID)
				if err != nil || !k.equal(publicKey{pub: numberedKey(n)}) {
					t.Errorf("%s: %v, %v", dids[n], k.pub, err)
				}
			}
		})
	}
	wg.Wait()
	if len(c.keys) == 0 || len(c.keys) > mostKept {
		t.Errorf("%d keys are kept", len(c.keys))
	}
}

// TestKeyCacheBeginsAnew: 512 keys are kept, the next one takes the place of all.
func TestKeyCacheBeginsAnew(t *testing.T) {
	var c keyCache
	for i := range mostKept {
		if _, err := c.get(numberedDID(i), readDID); err != nil {
			t.Fatal(err)
		}
	}
	for i := range mostKept {
		if k, err := c.get(numberedDID(i), unread(t)); err != nil || !k.equal(publicKey{pub: numberedKey(i)}) {
			t.Errorf("key %d: %v, %v", i, k.pub, err)
		}
	}
	if _, err := c.get(numberedDID(mostKept), readDID); err != nil || len(c.keys) != 1 {
		t.Errorf("%d keys after the one too many, %v", len(c.keys), err)
	}
	again := false
	k, err := c.get(numberedDID(0), func(did string) (publicKey, error) { again = true; return readDID(did) })
	if err != nil || !again || !k.equal(publicKey{pub: numberedKey(0)}) {
		t.Errorf("a key that went: %v, read again %t, %v", k.pub, again, err)
	}
}

// TestKeyCacheSaysTheSame: but for the id of the method, the first answer, the kept one and the one without a
// cache are the same, for keys and for what is none.
func TestKeyCacheSaysTheSame(t *testing.T) {
	jwk := func(text string) string { return "did:jwk:" + base64.RawURLEncoding.EncodeToString([]byte(text)) }
	x := base64.RawURLEncoding.EncodeToString(numberedKey(7))
	for _, did := range []string{
		numberedDID(6), numberedDID(7),
		jwk(`{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"one","iss":"https://issuer.test","x":"` + x + `"}`),
		"did:key:", "did:key:z0", "did:key:z6Mk", "did:jwk:", "did:jwk:!", jwk(`{"kty":"OKP"}`), jwk(`[]`),
		jwk(`{"kty":"OKP","crv":"Ed25519","x":"` + x + `","d":"` + x + `"}`),
		jwk(`{"kty":"OKP","crv":"Ed25519","x":"` + x + `","use":"enc"}`),
	} {
		want, wantErr := readDID(did)
		var c keyCache
		for range 2 {
			got, err := c.get(did, readDID)
			if !errors.Is(err, wantErr) || got.alg != want.alg || got.kid != didKeyID(did) || got.iss != want.iss || wantErr == nil && !got.equal(want) {
				t.Errorf("%s: %+v, %v; without the cache %+v, %v", did, got, err, want, wantErr)
			}
			if wantErr == nil && thumbprint(got) != thumbprint(want) {
				t.Errorf("%s: thumbprint %s, want %s", did, thumbprint(got), thumbprint(want))
			}
		}
		if kept := len(c.keys); kept != 0 && wantErr != nil || kept != 1 && wantErr == nil {
			t.Errorf("%s: %d keys are kept", did, kept)
		}
	}
}

// TestKeyCacheLeavesLongNames: a key in a text that is longer than any key needs is read, not kept.
func TestKeyCacheLeavesLongNames(t *testing.T) {
	x := base64.RawURLEncoding.EncodeToString(numberedKey(7))
	long := "did:jwk:" + base64.RawURLEncoding.EncodeToString([]byte(`{"kty":"OKP","crv":"Ed25519","x":"`+x+`","note":"`+strings.Repeat("n", mostKeptText)+`"}`))
	var c keyCache
	if k, err := c.get(long, readDID); err != nil || !k.equal(publicKey{pub: numberedKey(7)}) || len(c.keys) != 0 {
		t.Errorf("%v, %v, %d keys are kept", k.pub, err, len(c.keys))
	}
}
