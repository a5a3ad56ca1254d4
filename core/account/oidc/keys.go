package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/time/rate"
)

const (
	minRSABits   = 2048 // RFC 7518 §3.3
	keysAge      = time.Hour
	keysBurst    = 5 // fetches of keys at once, then one each
	keysInterval = 10 * time.Second
	maxKeys      = 50
)

// errKeys wraps failures to get the keys of a provider.
var errKeys = errors.New("get the keys of the provider")

// keySet is the signing keys of a provider (RFC 7517). Keys that a token names
// in its own header are never used. It implements the KeySet of go-oidc.
type keySet struct {
	url    string
	client *http.Client
	pace   *rate.Limiter

	mu   sync.Mutex // held during a fetch, so that there is one
	keys []jose.JSONWebKey
	at   time.Time
}

func newKeySet(url string, client *http.Client) *keySet {
	return &keySet{url: url, client: client, pace: rate.NewLimiter(rate.Every(keysInterval), keysBurst)}
}

// VerifySignature gives the payload of a compact token that a key of the set
// signed. An unknown key makes it ask for the keys again, at a bounded pace.
func (s *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(token, signatureAlgorithms())
	if err != nil {
		return nil, fmt.Errorf("parse the token: %w", err)
	}
	if len(jws.Signatures) != 1 {
		return nil, errors.New("the token has not one signature")
	}
	keys, fresh, err := s.get(ctx, false)
	if err != nil {
		return nil, err
	}
	payload, ok := verifyWith(token, jws, keys)
	if ok {
		return payload, nil
	}
	if !fresh {
		if keys, _, err = s.get(ctx, true); err != nil {
			return nil, err
		}
		if payload, ok = verifyWith(token, jws, keys); ok {
			return payload, nil
		}
	}
	return nil, errors.New("no key of the provider made the signature")
}

func verifyWith(token string, jws *jose.JSONWebSignature, keys []jose.JSONWebKey) ([]byte, bool) {
	h := jws.Signatures[0].Header
	for _, k := range keys {
		if h.KeyID != "" && h.KeyID != k.KeyID || k.Algorithm != "" && k.Algorithm != h.Algorithm {
			continue
		}
		if payload, err := jws.Verify(k.Key); err == nil && saltFits(token, jws, k.Key) {
			return payload, true
		}
	}
	return nil, false
}

// get gives the keys and whether they were fetched just now.
func (s *keySet) get(ctx context.Context, again bool) (keys []jose.JSONWebKey, fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys != nil && !again && time.Since(s.at) < keysAge {
		return s.keys, false, nil
	}
	if !s.pace.Allow() {
		return nil, false, fmt.Errorf("%w: asked too often", errKeys)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTime)
	defer cancel()
	found, err := s.fetch(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", errKeys, err)
	}
	s.keys, s.at = found, time.Now()
	return found, true, nil
}

func (s *keySet) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	return parseKeys(body)
}

// parseKeys reads a key set and leaves out what does not sign for us.
func parseKeys(body []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("%d keys", len(set.Keys))
	}
	keys := []jose.JSONWebKey{}
	for _, raw := range set.Keys {
		if k, ok := signingKey(raw); ok {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

func signatureAlgorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
		jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
	}
}
