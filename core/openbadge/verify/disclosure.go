package verify

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/ld"
)

// derivedProof is the value of an ecdsa-sd-2023 proof from which the holder has left out
// what was not to be shown (VC-DI-ECDSA §3.5.8 "parseDerivedProofValue").
type derivedProof struct {
	baseSignature []byte
	ephemeral     []byte // Multikey that signed each statement
	signatures    [][]byte
	labels        map[string]string
	mandatory     map[int]bool
}

// parseDerived reads the proof value: multibase base64url, a tag, and five CBOR items.
func parseDerived(value string) (derivedProof, error) {
	var p derivedProof
	if !strings.HasPrefix(value, "u") {
		return p, errMultibase
	}
	b, err := decodeMultibase(value)
	if err != nil {
		return p, err
	}
	rest, ok := bytes.CutPrefix(b, []byte{0xd9, 0x5d, 0x01})
	if !ok {
		return p, errCBOR
	}
	c := &cborReader{rest}
	if n, err := c.count(cborArray); err != nil || n != 5 {
		return p, errCBOR
	}
	if p.baseSignature, err = c.bytes(); err != nil {
		return p, err
	}
	if p.ephemeral, err = c.bytes(); err != nil {
		return p, err
	}
	if err := p.lists(c); err != nil {
		return p, err
	}
	if len(c.rest) > 0 || len(p.baseSignature) != 64 {
		return p, errCBOR
	}
	return p, nil
}

func (p *derivedProof) lists(c *cborReader) error {
	n, err := c.count(cborArray)
	if err != nil {
		return err
	}
	for range n {
		s, err := c.bytes()
		if err != nil {
			return err
		}
		p.signatures = append(p.signatures, s)
	}
	if n, err = c.count(cborMap); err != nil {
		return err
	}
	p.labels = make(map[string]string, n)
	given := make(map[string]bool, n)
	for range n {
		k, err := c.head(cborUint)
		if err != nil {
			return err
		}
		v, err := c.bytes()
		if err != nil {
			return err
		}
		label, name := "c14n"+strconv.Itoa(k), "u"+base64.RawURLEncoding.EncodeToString(v)
		if given[name] || p.labels[label] != "" {
			return errCBOR // two nodes under one label: what was said of one thing would be spread over two
		}
		p.labels[label], given[name] = name, true
	}
	if n, err = c.count(cborArray); err != nil {
		return err
	}
	p.mandatory = make(map[int]bool, n)
	for range n {
		i, err := c.head(cborUint)
		if err != nil {
			return err
		}
		p.mandatory[i] = true
	}
	return nil
}

// verifyDerived checks a derived proof (VC-DI-ECDSA §3.6.6 "Verify Derived Proof"): the
// issuer signed the proof configuration, an ephemeral key and the mandatory statements; that
// key signed each of the others.
func (set *proofSet) verifyDerived(ctx context.Context, doc, config ld.Document, value string, k publicKey) finding {
	p, err := parseDerived(value)
	if err != nil {
		return fail("proof-value", "")
	}
	issuer, ok := k.pub.(*ecdsa.PublicKey)
	if !ok || issuer.Curve.Params().BitSize != 256 {
		return fail("key-suite", "ecdsa-sd-2023")
	}
	eph, err := rawMultikey(p.ephemeral)
	ephemeral, ok := eph.pub.(*ecdsa.PublicKey)
	if err != nil || !ok || ephemeral.Curve.Params().BitSize != 256 {
		return fail("proof-value", "")
	}
	text, err := set.work.canon.Canonical(ctx, doc.Plain(), sha256Hash)
	if err != nil {
		return canonicalFinding(ctx, err)
	}
	configText, err := set.work.canon.Canonical(ctx, config.Plain(), sha256Hash)
	if err != nil {
		return canonicalFinding(ctx, err)
	}
	shown, mandatory := p.split(string(text))
	input := sha256.Sum256(configText)
	sum := sha256.Sum256([]byte(strings.Join(mandatory, "")))
	digest := sha256.Sum256(slices.Concat(input[:], p.ephemeral, sum[:]))
	if !verifyECDSA(issuer, digest[:], p.baseSignature) || len(shown) != len(p.signatures) {
		return fail("signature", "")
	}
	for i, s := range shown {
		if !set.work.verification(0) {
			return fail("too-complex", "")
		}
		digest := sha256.Sum256([]byte(s))
		if !verifyECDSA(ephemeral, digest[:], p.signatures[i]) {
			return fail("signature", "")
		}
	}
	return pass()
}

// split relabels the blank nodes of the canonical statements, sorts them again and parts
// those that the issuer made mandatory from the others.
func (p *derivedProof) split(canonical string) (shown, mandatory []string) {
	lines := strings.SplitAfter(canonical, "\n")
	lines = slices.DeleteFunc(lines, func(s string) bool { return s == "" })
	for i, l := range lines {
		lines[i] = relabel(l, p.labels)
	}
	slices.Sort(lines)
	for i, l := range lines {
		if p.mandatory[i] {
			mandatory = append(mandatory, l)
		} else {
			shown = append(shown, l)
		}
	}
	return shown, mandatory
}

// relabel replaces blank node labels outside of literals and IRIs.
func relabel(line string, labels map[string]string) string {
	var out strings.Builder
	quoted, iri := false, false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quoted && c == '\\':
			out.WriteByte(c)
			i++
			c = line[min(i, len(line)-1)]
		case c == '"' && !iri:
			quoted = !quoted
		case c == '<' && !quoted:
			iri = true
		case c == '>' && !quoted:
			iri = false
		case !quoted && !iri && strings.HasPrefix(line[i:], "_:"):
			end := i + strings.IndexAny(line[i:]+" ", " ")
			name := line[i+2 : end]
			if to, ok := labels[name]; ok {
				name = to
			}
			out.WriteString("_:" + name)
			i = end - 1
			continue
		}
		out.WriteByte(c)
	}
	return out.String()
}
