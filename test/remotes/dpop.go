package remotes

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Proofs checks DPoP proofs (RFC 9449 §4.3) and asks for nonces. The zero value has
// seen none.
type Proofs struct {
	mu   sync.Mutex
	seen map[string]bool
}

// Nonce is what each proof must hold.
const Nonce = "nonce-of-the-hour"

// Check gives the thumbprint (RFC 7638) of the key of a request's proof. The error
// "use_dpop_nonce" asks for another with [Nonce].
func (p *Proofs) Check(r *http.Request, token string) (string, error) {
	parts := strings.Split(r.Header.Get("DPoP"), ".")
	if len(parts) != 3 {
		return "", errors.New("invalid_dpop_proof")
	}
	var header struct {
		Typ, Alg string
		JWK      struct{ Kty, Crv, X, Y, D string }
	}
	var claims struct {
		JTI, HTM, HTU, ATH, Nonce string
		IAT                       int64
	}
	if err := errors.Join(decode(parts[0], &header), decode(parts[1], &claims)); err != nil {
		return "", err
	}
	if header.Typ != "dpop+jwt" || header.Alg != "ES256" || header.JWK.D != "" || !holds(parts, header.JWK.X, header.JWK.Y) {
		return "", errors.New("invalid_dpop_proof")
	}
	hash := sha256.Sum256([]byte(token))
	fresh := time.Since(time.Unix(claims.IAT, 0)).Abs() < time.Minute
	if claims.HTM != r.Method || claims.HTU != "https://"+r.Host+r.URL.Path || !fresh ||
		token != "" && claims.ATH != base64.RawURLEncoding.EncodeToString(hash[:]) {
		return "", errors.New("invalid_dpop_proof")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if claims.JTI == "" || p.seen[claims.JTI] {
		return "", errors.New("invalid_dpop_proof")
	}
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	p.seen[claims.JTI] = true
	if claims.Nonce != Nonce {
		return "", errors.New("use_dpop_nonce")
	}
	return thumbprint(header.JWK.X, header.JWK.Y), nil
}

func decode(part string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

func holds(parts []string, x, y string) bool {
	xb, errX := base64.RawURLEncoding.DecodeString(x)
	yb, errY := base64.RawURLEncoding.DecodeString(y)
	sig, errS := base64.RawURLEncoding.DecodeString(parts[2])
	if errors.Join(errX, errY, errS) != nil || len(xb) != 32 || len(yb) != 32 || len(sig) != 64 {
		return false
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, xb...), yb...))
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return err == nil && ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
}

func thumbprint(x, y string) string {
	hash := sha256.Sum256(fmt.Appendf(nil, `{"crv":"P-256","kty":"EC","x":%q,"y":%q}`, x, y))
	return base64.RawURLEncoding.EncodeToString(hash[:])
}
