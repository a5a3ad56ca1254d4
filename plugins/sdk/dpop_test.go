package sdk_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/plugins/sdk"
)

// proxyThatAnswers is one that refuses each host with a status.
func proxyThatAnswers(t *testing.T, status int) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }), ReadHeaderTimeout: time.Second}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return "http://" + l.Addr().String()
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func newKey(t *testing.T) (*ecdsa.PrivateKey, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	d, err := key.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return key, fmt.Sprintf(`{"kty":"EC","crv":"P-256","x":%q,"y":%q,"d":%q,"kid":"1"}`, b64(point[1:33]), b64(point[33:]), b64(d))
}

// claimsOf checks a proof as a server does (RFC 9449 §4.3) and gives its claims.
func claimsOf(key *ecdsa.PrivateKey, proof string) (map[string]any, error) {
	parts := strings.Split(proof, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("not three parts: %q", proof)
	}
	header, claims := map[string]any{}, map[string]any{}
	for n, into := range []*map[string]any{&header, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[n])
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return nil, err
		}
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || len(sig) != 64 || !ecdsa.Verify(&key.PublicKey, digest[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
		return nil, fmt.Errorf("the signature does not hold: %w", err)
	}
	jwk, _ := header["jwk"].(map[string]any)
	if header["typ"] != "dpop+jwt" || header["alg"] != "ES256" || jwk["d"] != nil || jwk["crv"] != "P-256" {
		return nil, fmt.Errorf("header %v", header)
	}
	return claims, nil
}

// A token that is bound to a key goes with a proof of it, and with the server's
// nonce once that asked for one.
func TestProof(t *testing.T) {
	key, jwk := newKey(t)
	seen := map[string]bool{}
	calls := remoteAt(t, "pds.example", func(w http.ResponseWriter, r *http.Request) {
		claims, err := claimsOf(key, r.Header.Get("DPoP"))
		if err != nil {
			t.Error(err)
		}
		hash := sha256.Sum256([]byte(token))
		at, _ := claims["iat"].(float64)
		if r.Header.Get("Authorization") != "DPoP "+token || claims["htm"] != r.Method || claims["htu"] != "https://pds.example"+r.URL.Path ||
			claims["ath"] != b64(hash[:]) || time.Since(time.Unix(int64(at), 0)).Abs() > time.Minute {
			t.Errorf("got %v with %s", claims, r.Header.Get("Authorization"))
		}
		if jti, _ := claims["jti"].(string); jti == "" || seen[jti] {
			t.Errorf("proof %q was used", jti)
		} else {
			seen[jti] = true
		}
		w.Header().Set("DPoP-Nonce", "nonce-1")
		if claims["nonce"] != "nonce-1" {
			w.Header().Set("WWW-Authenticate", `DPoP error="use_dpop_nonce"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	c := sdk.ClientOf(sdk.Grant{AccessToken: token, DPoPJWK: jwk})
	for n, want := range []int64{2, 3} {
		if err := c.JSON(t.Context(), "POST", "https://pds.example/xrpc/create?x=1", map[string]string{}, nil); err != nil || calls.Load() != want {
			t.Errorf("request %d: %v after %d", n, err, calls.Load())
		}
	}
}

// A server that is never content with a nonce is asked twice, not for ever.
func TestProofNeverTaken(t *testing.T) {
	_, jwk := newKey(t)
	calls := remoteAt(t, "pds.example", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("DPoP-Nonce", rand.Text())
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprint(w, `{"error":"use_dpop_nonce"}`)
	})
	f := failureOf(t, sdk.ClientOf(sdk.Grant{AccessToken: token, DPoPJWK: jwk}).JSON(t.Context(), "POST", "https://pds.example/", nil, nil))
	if f.Code != sdk.Reauth || calls.Load() != 2 {
		t.Errorf("got %+v after %d requests", f, calls.Load())
	}
}

// A key that cannot be read sends nothing and is not told.
func TestProofWithoutKey(t *testing.T) {
	calls := remoteAt(t, "pds.example", func(http.ResponseWriter, *http.Request) {})
	for _, key := range []string{"{}", "secret-no-json", `{"kty":"EC","crv":"P-256","d":"!!!!"}`, `{"kty":"EC","crv":"P-256","d":"AAAA"}`} {
		err := sdk.ClientOf(sdk.Grant{AccessToken: token, DPoPJWK: key}).JSON(t.Context(), "POST", "https://pds.example/", nil, nil)
		if err == nil || strings.Contains(err.Error(), key) || calls.Load() != 0 {
			t.Errorf("%s: got %v after %d requests", key, err, calls.Load())
		}
	}
}
