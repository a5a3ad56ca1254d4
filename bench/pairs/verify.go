package pairs

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/osier-passport/osier/bench/differential"
	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/bench/sample"
	"github.com/osier-passport/osier/core/openbadge/issue"
	"github.com/osier-passport/osier/core/openbadge/ld"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

func verifying() []Maker {
	list := []Maker{
		{"verify/ob3-di typical, bound", verifyBound},
		{"verify/ob3-di typical, npm vc", func(ctx context.Context, e *Env) (measure.Pair, error) {
			return besideNode(ctx, e, sample.Embedded, nodeTypical, 30)
		}},
		{"verify/ob3-di typical, json-gold", verifyJSONGold},
		{"verify/ob3-di full, npm vc", func(ctx context.Context, e *Env) (measure.Pair, error) {
			return besideNode(ctx, e, sample.Full, nodeFull, 25)
		}},
		{"canon/w3c", suite},
		{"canon/poison graphs", poison},
	}
	for i, alg := range []string{"EdDSA", "ES256", "RS256"} {
		list = append(list,
			Maker{"verify/ob3-jwt " + alg + ", bound", func(context.Context, *Env) (measure.Pair, error) {
				keys, err := sample.Keys()
				if err != nil {
					return measure.Pair{}, err
				}
				return verifyToken(keys[i])
			}},
			Maker{"verify/ob3-jwt " + alg + ", npm jose", func(ctx context.Context, e *Env) (measure.Pair, error) {
				return tokenBesideJose(ctx, e, i)
			}},
		)
	}
	return append(list,
		Maker{"verify/ob2-signed", func(context.Context, *Env) (measure.Pair, error) { return verifyOlder(true) }},
		Maker{"verify/ob2-hosted", func(context.Context, *Env) (measure.Pair, error) { return verifyOlder(false) }},
	)
}

var errWrong = errors.New("wrong answer")

// checking is one whole verification.
func checking(payload []byte) measure.Side {
	return measure.Side{Run: times(func(ctx context.Context, _ int) error {
		if r := verify.Check(ctx, payload, verify.Options{At: sample.At()}); r.Verdict != verify.Valid {
			return fmt.Errorf("%w: %s", errWrong, r.Verdict)
		}
		return nil
	})}
}

// proven is an embedded proof in its parts.
type proven struct {
	text        []byte         // the credential as received
	doc, config map[string]any // without the proof, and the proof without its value
	key         ed25519.PublicKey
	signature   []byte
}

func prove(ctx context.Context) (proven, error) {
	text, err := sample.Embedded(ctx)
	if err != nil {
		return proven{}, err
	}
	p := proven{text: text}
	if p.doc, p.config, p.signature, err = split(text); err != nil {
		return proven{}, err
	}
	x, _ := sample.Key().JWK()["x"].(string)
	p.key, err = base64.RawURLEncoding.DecodeString(x)
	return p, err
}

// split parts a credential from its proof.
func split(text []byte) (doc, config map[string]any, signature []byte, err error) {
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, nil, nil, err
	}
	proof, ok := doc["proof"].(map[string]any)
	if !ok {
		return nil, nil, nil, errWrong
	}
	value, _ := proof["proofValue"].(string)
	config = maps.Clone(proof)
	delete(config, "proofValue")
	config["@context"] = doc["@context"]
	delete(doc, "proof")
	return doc, config, base58(strings.TrimPrefix(value, "z")), nil
}

func base58(s string) []byte {
	const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	n, radix := new(big.Int), big.NewInt(58)
	for _, c := range s {
		n.Add(n.Mul(n, radix), big.NewInt(int64(strings.IndexRune(alphabet, c))))
	}
	return n.FillBytes(make([]byte, ed25519.SignatureSize))
}

// signedBy checks the signature over the hashes of two canonical texts
// (VC-DI-EdDSA §3.2.2).
func (p proven) signedBy(config, doc []byte, signature []byte) error {
	c, d := sha256.Sum256(config), sha256.Sum256(doc)
	if !ed25519.Verify(p.key, append(c[:], d[:]...), signature) {
		return errWrong
	}
	return nil
}

// besideNode holds a whole verification against that of @digitalbazaar/vc.
func besideNode(ctx context.Context, e *Env, payload func(context.Context) ([]byte, error), name string, goal float64) (measure.Pair, error) {
	text, err := payload(ctx)
	if err != nil {
		return measure.Pair{}, err
	}
	peer, err := e.node(ctx)
	if err != nil {
		return measure.Pair{}, err
	}
	return measure.Pair{Against: "npm @digitalbazaar/vc", AtLeast: goal / 2, Goal: goal, Ours: checking(text), Other: peer.side(name)}, nil
}

// tokenBesideJose: jose checks the signature and the dates of the token, we all
// of the credential.
func tokenBesideJose(ctx context.Context, e *Env, key int) (measure.Pair, error) {
	keys, err := sample.Keys()
	if err != nil {
		return measure.Pair{}, err
	}
	token, err := sample.Token(keys[key])
	if err != nil {
		return measure.Pair{}, err
	}
	peer, err := e.node(ctx)
	if err != nil {
		return measure.Pair{}, err
	}
	return measure.Pair{
		Against: "npm jose, signature and dates", AtLeast: 0.9, Goal: 1.8, Ours: checking(token), Other: peer.side(keys[key].Alg()),
	}, nil
}

// verifyBound: two texts must be hashed and one signature checked, whatever the
// program.
func verifyBound(ctx context.Context, _ *Env) (measure.Pair, error) {
	text, err := sample.Embedded(ctx)
	if err != nil {
		return measure.Pair{}, err
	}
	check, err := proofAlone(ctx)
	return measure.Pair{
		Against: "2 hashes, 1 signature", AtMost: 3.5, Goal: 2, Ours: checking(text),
		Other: measure.Side{Run: times(func(context.Context, int) error { return check() })},
	}, err
}

// proofAlone gives the check of the embedded proof of the sample whose canonical
// texts are at hand.
func proofAlone(ctx context.Context) (func() error, error) {
	p, err := prove(ctx)
	if err != nil {
		return nil, err
	}
	config, err := ld.Canonical(ctx, p.config, crypto.SHA256)
	if err != nil {
		return nil, err
	}
	doc, err := ld.Canonical(ctx, p.doc, crypto.SHA256)
	return func() error { return p.signedBy(config, doc, p.signature) }, err
}

func verifyJSONGold(ctx context.Context, e *Env) (measure.Pair, error) {
	p, err := prove(ctx)
	if err != nil {
		return measure.Pair{}, err
	}
	gold, err := differential.NewGold(e.Root, goldContexts)
	if err != nil {
		return measure.Pair{}, err
	}
	return measure.Pair{
		Against: "json-gold, URDNA2015", AtLeast: 7, Goal: 14, Ours: checking(p.text),
		Other: measure.Side{Run: times(func(context.Context, int) error {
			doc, config, signature, err := split(p.text)
			if err != nil {
				return err
			}
			c, err := gold.Canonical(config)
			if err != nil {
				return err
			}
			d, err := gold.Canonical(doc)
			if err != nil {
				return err
			}
			return p.signedBy(c, d, signature)
		})},
	}, nil
}

func verifyToken(k issue.Key) (measure.Pair, error) {
	token, err := sample.Token(k)
	if err != nil {
		return measure.Pair{}, err
	}
	dot := strings.LastIndexByte(string(token), '.')
	input := token[:dot]
	signature, err := base64.RawURLEncoding.DecodeString(string(token[dot+1:]))
	if err != nil {
		return measure.Pair{}, err
	}
	check, err := signatureAlone(k, input, signature)
	return measure.Pair{
		Against: "signature alone", AtMost: 2.8, Goal: 1.6, Ours: checking(token),
		Other: measure.Side{Run: times(func(context.Context, int) error { return check() })},
	}, err
}

func signatureAlone(k issue.Key, input, signature []byte) (func() error, error) {
	part := func(name string) ([]byte, error) {
		text, _ := k.JWK()[name].(string)
		return base64.RawURLEncoding.DecodeString(text)
	}
	switch k.Alg() {
	case "EdDSA":
		x, err := part("x")
		return func() error {
			if !ed25519.Verify(x, input, signature) {
				return errWrong
			}
			return nil
		}, err
	case "ES256":
		x, errX := part("x")
		y, errY := part("y")
		if err := errors.Join(errX, errY); err != nil {
			return nil, err
		}
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
		return func() error {
			sum := sha256.Sum256(input)
			r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
			if !ecdsa.Verify(public, sum[:], r, s) {
				return errWrong
			}
			return nil
		}, err
	}
	n, err := part("n")
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
	return func() error {
		sum := sha256.Sum256(input)
		return rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], signature)
	}, err
}
