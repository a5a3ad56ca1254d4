package verify

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"slices"
	"strconv"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/ld"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// suite is one way of making an embedded proof (VC Data Integrity §4).
type suite struct {
	name string
	jcs  bool // canonicalise by RFC 8785, else as RDF
	ec   bool
	sd   bool // selective disclosure
	spec string
}

// suiteOf finds the suite of a proof. known is false for names that no specification has;
// a zero suite with known true is one that exists but is not supported.
func suiteOf(proof strictjson.Value) (s suite, known bool) {
	switch typ := proof.Get("type").Text(); typ {
	case "DataIntegrityProof":
		return dataIntegritySuite(proof.Get("cryptosuite").Text())
	case "Ed25519Signature2020":
		return suite{name: typ, spec: "VC-DI-EdDSA §3.2 (Ed25519Signature2020)"}, true
	case "Ed25519Signature2018", "RsaSignature2018", "JsonWebSignature2020",
		"EcdsaSecp256k1Signature2019", "BbsBlsSignature2020", "BbsBlsSignatureProof2020":
		return suite{}, true
	}
	return suite{}, false
}

func dataIntegritySuite(name string) (suite, bool) {
	switch name {
	case "eddsa-rdfc-2022", "eddsa-2022":
		return suite{name: name, spec: "VC-DI-EdDSA §3.2"}, true
	case "eddsa-jcs-2022":
		return suite{name: name, jcs: true, spec: "VC-DI-EdDSA §3.3"}, true
	case "ecdsa-rdfc-2019":
		return suite{name: name, ec: true, spec: "VC-DI-ECDSA §3.2"}, true
	case "ecdsa-jcs-2019":
		return suite{name: name, ec: true, jcs: true, spec: "VC-DI-ECDSA §3.3"}, true
	case "ecdsa-sd-2023":
		return suite{name: name, ec: true, sd: true, spec: "VC-DI-ECDSA §3.4"}, true
	case "bbs-2023", "ecdsa-2019":
		return suite{}, true
	}
	return suite{}, false
}

// maxProofs bounds a proof set: checking one costs a canonicalisation.
const maxProofs = 8

// proofsOf returns the proofs of a document, whose form must be known (VC-DI §2.1.1).
func proofsOf(doc strictjson.Value) ([]strictjson.Value, finding) {
	list := doc.Get("proof")
	if list.Len() == 0 {
		return nil, fail("no-proof", "")
	}
	if list.Len() > maxProofs {
		return nil, fail("too-many-proofs", strconv.Itoa(list.Len()))
	}
	out := make([]strictjson.Value, 0, list.Len())
	var first finding
	usable := false
	for m := range list.All() {
		if !m.IsObject() {
			return nil, fail("bad-type", "proof")
		}
		f := proofForm(m)
		usable = usable || f.Result != Fail
		if !f.ok() && first.Result == "" {
			first = f
		}
		out = append(out, m)
	}
	if !usable {
		return nil, first
	}
	return out, pass()
}

// proofForm checks what can be said of a proof without any document.
func proofForm(p strictjson.Value) finding {
	s, known := suiteOf(p)
	if !known {
		name := p.Get("cryptosuite").Text()
		if name == "" {
			name = p.Get("type").Text()
		}
		return fail("proof-type", name)
	}
	if purpose := p.Get("proofPurpose").Text(); purpose != "assertionMethod" {
		return fail("proof-purpose", purpose)
	}
	if vm := idIn(p.Get("verificationMethod")); vm == "" {
		return fail("proof-method", "")
	}
	if s.name == "" {
		return unknown("proof-suite", suiteName(p))
	}
	value := p.Get("proofValue").Text()
	if s.sd {
		if _, err := parseDerived(value); err != nil {
			return fail("proof-value", "")
		}
		return pass()
	}
	if value == "" || value[0] != 'z' {
		return fail("proof-value", "")
	}
	if b, err := decodeMultibase(value); err != nil || len(b) < 64 || len(b) > 96 {
		return fail("proof-value", "")
	}
	return pass()
}

func suiteName(p strictjson.Value) string {
	if n := p.Get("cryptosuite").Text(); n != "" {
		return n
	}
	return p.Get("type").Text()
}

// canonCache keeps the canonical hash of the document that all proofs of a set share.
type canonCache map[string][]byte

// embeddedProofs checks a proof set: any one valid proof suffices (OB3 §8.4). The first
// finding is the signature, the second the owner of the key. With none valid, the finding
// of the proof that came furthest is given.
func (r *run) embeddedProofs(ctx context.Context, e *openbadge.Envelope, issuer string) (proof, key finding) {
	proofs, f := proofsOf(e.Root)
	if !f.ok() {
		return f, skipped()
	}
	set := &proofSet{doc: e.Root, all: proofs, issuer: issuer, cache: canonCache{}, work: r.docs.work}
	if r.canonOf == e {
		set.cache = r.canon
	}
	best := proofResult{proof: fail("no-proof", ""), key: skipped()}
	for i, p := range proofs {
		res := r.oneProof(ctx, set, p, nil)
		if res.proof.ok() && res.key.ok() {
			return res.proof, res.key
		}
		if i == 0 || res.rank() > best.rank() {
			best = res
		}
	}
	return best.proof, best.key
}

type proofSet struct {
	doc    strictjson.Value
	all    []strictjson.Value
	issuer string
	cache  canonCache
	work   *work // of the whole Check
}

type proofResult struct{ proof, key finding }

// rank orders failures of a proof set by how much they say: "could not check" before
// "wrong", since the unreachable proof may be the good one.
func (p proofResult) rank() int {
	switch {
	case p.proof.Result == Unknown || p.key.Result == Unknown:
		return 2
	case p.key.Result == Fail:
		return 1
	}
	return 0
}

// oneProof checks one proof and, for a chain, the proofs before it (VC-DI §4.4.2 "Verify
// Proof Sets and Chains").
func (r *run) oneProof(ctx context.Context, set *proofSet, p strictjson.Value, after []string) proofResult {
	if f := proofForm(p); !f.ok() {
		return proofResult{f, skipped()}
	}
	if f := r.checkCreated(p); !f.ok() {
		return proofResult{f, skipped()}
	}
	previous, f := set.previous(p, after)
	if !f.ok() {
		return proofResult{f, skipped()}
	}
	k, f := r.methodByID(ctx, set.issuer, idIn(p.Get("verificationMethod")))
	if f.Result == Unknown {
		return proofResult{f, f}
	}
	if !f.ok() {
		return proofResult{skipped(), f}
	}
	for _, q := range previous {
		chain := append(slices.Clone(after), p.Get("id").Text())
		if res := r.oneProof(ctx, set, q, chain); !res.proof.ok() || !res.key.ok() {
			return res
		}
	}
	s, _ := suiteOf(p)
	if f := set.verify(ctx, s, p, previous, k); !f.ok() {
		return proofResult{f.by(s.spec), pass()}
	}
	if len(after) == 0 {
		r.signedBy(set.issuer, idIn(p.Get("verificationMethod")), k)
	}
	return proofResult{pass().by(s.spec), pass()}
}

// previous returns the proofs that p builds on.
func (set *proofSet) previous(p strictjson.Value, after []string) ([]strictjson.Value, finding) {
	var out []strictjson.Value
	for v := range p.Get("previousProof").All() {
		id := v.Text()
		if slices.Contains(after, id) {
			return nil, fail("proof-chain", id)
		}
		before := len(out)
		for _, q := range set.all {
			if id != "" && q.Get("id").Text() == id {
				out = append(out, q)
			}
		}
		if len(out) == before || id == p.Get("id").Text() {
			return nil, fail("proof-chain", id)
		}
	}
	return out, pass()
}

// verify checks the signature of one proof (VC-DI-EdDSA §3.2.2, VC-DI-ECDSA §3.2.2): the
// hash of the proof configuration followed by the hash of the document.
func (set *proofSet) verify(ctx context.Context, s suite, p strictjson.Value, previous []strictjson.Value, k publicKey) finding {
	h, ok := hashFor(s, k)
	if !ok {
		return fail("key-suite", s.name)
	}
	doc, config, f := covered(s, set.doc, p, previous)
	if !f.ok() {
		return f
	}
	if s.sd {
		return set.verifyDerived(ctx, doc, config, p.Get("proofValue").Text(), k)
	}
	docHash, f := set.hash(ctx, s, doc, h, len(previous) == 0)
	if !f.ok() {
		return f
	}
	configHash, f := set.hash(ctx, s, config, h, false)
	if !f.ok() {
		return f
	}
	sig, err := decodeMultibase(p.Get("proofValue").Text())
	if err != nil {
		return fail("proof-value", "")
	}
	if !set.work.verification(0) {
		return fail("too-complex", "")
	}
	if !verifyDigests(k, h, append(configHash, docHash...), sig) {
		return fail("signature", "")
	}
	return pass()
}

// covered gives what a proof covers: the document with the proofs that it builds on in place
// of its own, and the proof configuration with the context of the document. For JCS a proof
// may bring its own, which must be where the document's begins (VC-DI-EdDSA §3.3.2).
func covered(s suite, doc, p strictjson.Value, previous []strictjson.Value) (body, config ld.Document, f finding) {
	body = ld.Document{Value: doc, Without: "proof"}
	if len(previous) > 0 {
		body = ld.Document{Value: doc.With("proof", strictjson.ListOf(previous...))}
	}
	whole, own := doc.Get("@context"), p.Get("@context")
	config = ld.Document{Value: p, Without: "proofValue"}
	if !s.jcs {
		config.Context = whole.OrNull()
		return body, config, pass()
	}
	if !own.Present() {
		return body, config, pass()
	}
	if own.Len() > whole.Len() {
		return body, config, fail("proof-context", "")
	}
	w := whole.Items()
	for c := own.Items(); c.Exists(); c = c.Next() {
		if c.Text() == "" || c.Text() != w.Text() {
			return body, config, fail("proof-context", "")
		}
		w = w.Next()
	}
	body.Context = own
	return body, config, pass()
}

// hashFor returns the hash of the suite for this key: ECDSA goes with the size of the curve.
func hashFor(s suite, k publicKey) (crypto.Hash, bool) {
	switch pub := k.pub.(type) {
	case ed25519.PublicKey:
		return crypto.SHA256, !s.ec
	case *ecdsa.PublicKey:
		switch pub.Curve.Params().BitSize {
		case 256:
			return crypto.SHA256, s.ec
		case 384:
			return crypto.SHA384, s.ec
		}
	}
	return 0, false
}

const sha256Hash = crypto.SHA256

func (set *proofSet) hash(ctx context.Context, s suite, v ld.Document, h crypto.Hash, keep bool) ([]byte, finding) {
	key := strconv.FormatBool(s.jcs) + h.String()
	if keep && set.cache[key] != nil && !s.jcs {
		return set.cache[key], pass()
	}
	sum, f := set.sum(ctx, s, v, h)
	if !f.ok() {
		return nil, f
	}
	if keep {
		set.cache[key] = sum
	}
	return sum, pass()
}

// sum hashes the canonical form of a value.
func (set *proofSet) sum(ctx context.Context, s suite, v ld.Document, h crypto.Hash) ([]byte, finding) {
	if !s.jcs {
		sum, err := set.work.canon.Sum(ctx, v, h)
		if err != nil {
			return nil, canonicalFinding(ctx, err)
		}
		return sum, pass()
	}
	text, err := strictjson.JCS(v.Plain())
	if err != nil {
		return nil, canonicalFinding(ctx, err)
	}
	if !set.work.text(len(text)) {
		return nil, fail("too-complex", "")
	}
	d := h.New()
	d.Write(text)
	return d.Sum(nil), pass()
}

func verifyDigests(k publicKey, h crypto.Hash, input, sig []byte) bool {
	switch pub := k.pub.(type) {
	case ed25519.PublicKey:
		return verifyEd25519(pub, input, sig)
	case *ecdsa.PublicKey:
		d := h.New()
		d.Write(input)
		return verifyECDSA(pub, d.Sum(nil), sig)
	}
	return false
}
