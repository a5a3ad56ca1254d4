package verify

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// packed is a status list of zeros but for its first byte.
func packed(f *testing.F, size int) string {
	f.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	bits := make([]byte, size)
	bits[0] = 0x81
	if _, err := zw.Write(bits); err != nil {
		f.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		f.Fatal(err)
	}
	return "u" + base64.RawURLEncoding.EncodeToString(b.Bytes())
}

// FuzzStatusList: any list is refused by name or read, and a place in it has a value that
// fits its size, or none.
func FuzzStatusList(f *testing.F) {
	f.Add(packed(f, minListBits/8), int64(0), int64(1), true)
	f.Add(strings.TrimPrefix(packed(f, leastListBits/8), "u"), int64(7), int64(2), false)
	f.Add(packed(f, 16), int64(131071), int64(8), true)
	f.Add("u", int64(-1), int64(32), true)
	f.Add("uH4sIAAAAAAAA_w", int64(1)<<62, int64(3), true)
	f.Fuzz(func(t *testing.T, list string, index, size int64, bitstring bool) {
		r := newRun(Options{At: vectorClock()})
		bits, found := r.expandList(t.Context(), list, bitstring)
		if !found.ok() {
			if found.Reason == "" {
				t.Fatal("refused without a reason")
			}
			return
		}
		if size < 1 || size > 32 || index < 0 {
			return // statusSize and statusListIndex refuse these before
		}
		v, ok := valueAt(bits, index, size)
		if inside := index < int64(len(bits))*8/size; ok != inside || v>>size != 0 {
			t.Errorf("place %d of size %d in %d bytes: %d %v", index, size, len(bits), v, ok)
		}
	})
}

// FuzzDerivedProof: any CBOR is refused or gives a proof whose parts lie within it.
func FuzzDerivedProof(f *testing.F) {
	head := "d95d0185" + "5840" + strings.Repeat("00", 64) + "5823" + "8024" + strings.Repeat("02", 33)
	for _, tail := range []string{"80" + "a0" + "80", "81" + "5840" + strings.Repeat("11", 64) + "a1" + "00" + "41ff" + "8100", "9a7fffffff", "80bfffff"} {
		b, err := hex.DecodeString(head + tail)
		if err != nil {
			f.Fatal(err)
		}
		f.Add("u"+base64.RawURLEncoding.EncodeToString(b), "_:c14n0 <urn:p> \"_:c14n0\" .\n")
	}
	f.Add("z11", "")
	f.Fuzz(func(t *testing.T, value, lines string) {
		p, err := parseDerived(value)
		if err != nil {
			return
		}
		if len(p.baseSignature) != 64 || len(p.signatures)+len(p.labels)+len(p.mandatory) > len(value) {
			t.Errorf("%d signatures, %d labels, %d places from %d bytes", len(p.signatures), len(p.labels), len(p.mandatory), len(value))
		}
		shown, mandatory := p.split(lines)
		if n := len(slices.DeleteFunc(strings.SplitAfter(lines, "\n"), func(s string) bool { return s == "" })); len(shown)+len(mandatory) != n {
			t.Errorf("%d and %d statements of %d", len(shown), len(mandatory), n)
		}
	})
}

// FuzzKeys: any name or text of a key is refused or gives a key that has a thumbprint, and no
// did:web leads to anything but https with a domain name.
func FuzzKeys(f *testing.F) {
	for _, s := range []string{
		"z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2", "did:key:zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP",
		"did:jwk:eyJrdHkiOiJPS1AiLCJjcnYiOiJFZDI1NTE5IiwieCI6IjExcVlBWUt4Q3JmVlNfN1R5V1FIT2c3aGN2UGFwaU1scndJYWFQY0hVUm8ifQ",
		"did:web:issuer.example%3A8443:a:b", "did:web:127.0.0.1", "did:web:localhost", "u" + strings.Repeat("A", 46),
		`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, `{"kty":"RSA","n":"AQAB","e":"AQ"}`,
		`{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}`, "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var found []publicKey
		keep := func(k publicKey, err error) {
			if err == nil {
				found = append(found, k)
			} else if keyFinding(err, "").Reason == "" {
				t.Errorf("%v has no reason", err)
			}
		}
		keep(multikey(s))
		keep(multikey(strings.TrimPrefix(s, "did:key:")))
		keep(didJWK(s))
		keep(pemKey(s))
		if v, err := strictjson.Decode([]byte(s), strictjson.Limits{}); err == nil {
			keep(jwkKey(asObject(v)))
		}
		for _, k := range found {
			if thumbprint(k) == "" && !strings.Contains(s, "P-521") || !k.equal(k) {
				t.Errorf("%q: key %T", s, k.pub)
			}
		}
		if address, ok := didWebAddress(s); ok.ok() {
			host, _, _ := strings.Cut(strings.TrimPrefix(address, "https://"), "/")
			host, _, _ = strings.Cut(host, ":")
			if !strings.HasPrefix(address, "https://") || !isDomain(host) {
				t.Errorf("%q leads to %s", s, address)
			}
		}
		if f := checkDID(s); !f.ok() && f.Reason == "" {
			t.Error("refused without a reason")
		}
	})
}

// FuzzHeader: any header is refused by name or has an algorithm of ours.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{`{"alg":"EdDSA","kid":"k"}`, `{"alg":"none"}`, `{"alg":"RS256","jwk":{"d":"x"}}`, `{"alg":"ES256","crit":[]}`} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, vc bool) {
		var h map[string]any
		if json.Unmarshal([]byte(s), &h) != nil {
			return
		}
		found := checkHeader(valueOf(h), vc)
		if alg, _ := h["alg"].(string); found.ok() && !allowedAlg(alg) || !found.ok() && found.Reason == "" {
			t.Errorf("%s: %+v", s, found)
		}
	})
}
