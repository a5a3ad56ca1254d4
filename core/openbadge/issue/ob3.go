package issue

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	_ "crypto/sha256" // digests of embedded proofs
	_ "crypto/sha512" // as above, for P-384
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/ld"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

const (
	vc1Context = "https://www.w3.org/2018/credentials/v1"
	vc2Context = "https://www.w3.org/ns/credentials/v2"
	ob3Context = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
	diContext  = "https://w3id.org/security/data-integrity/v2"
)

// Credential3 makes an unsigned OB 3.0 credential (OB3 §B.1) from the normal form. VCVersion
// "1.1" gives VC 1.1, anything else VC 2.0. Other properties, such as credentialStatus or
// endorsement, may be added to the map before it is secured.
func Credential3(c openbadge.Credential) map[string]any {
	doc := map[string]any{
		"id":                c.ID,
		"type":              []any{"VerifiableCredential", "OpenBadgeCredential"},
		"name":              c.Name,
		"issuer":            profile3(c.Issuer),
		"credentialSubject": subject3(c),
	}
	from, until := "validFrom", "validUntil"
	doc["@context"] = []any{vc2Context, ob3Context}
	if c.VCVersion == "1.1" {
		from, until = "issuanceDate", "expirationDate"
		doc["@context"] = []any{vc1Context, ob3Context, diContext}
	}
	doc[from] = stamp(c.IssuedOn)
	if !c.Expires.IsZero() {
		doc[until] = stamp(c.Expires)
	}
	var evidence []any
	for _, e := range c.Evidence {
		evidence = append(evidence, compact(map[string]any{
			"type": []any{"Evidence"}, "id": e.ID, "name": e.Name, "narrative": e.Narrative,
			"genre": e.Genre, "description": e.Description,
		}))
	}
	if evidence != nil {
		doc["evidence"] = evidence
	}
	return compact(doc)
}

// Endorsement3 makes an unsigned EndorsementCredential (OB3 §B.2): the issuer of c says the
// comment about the thing with the id.
func Endorsement3(c openbadge.Credential, about, comment string) map[string]any {
	doc := Credential3(c)
	doc["type"] = []any{"VerifiableCredential", "EndorsementCredential"}
	doc["credentialSubject"] = map[string]any{
		"id": about, "type": []any{"EndorsementSubject"}, "endorsementComment": comment,
	}
	return doc
}

func profile3(i openbadge.Issuer) map[string]any {
	p := map[string]any{
		"id": i.ID, "type": []any{"Profile"}, "name": i.Name, "url": i.URL, "email": i.Email,
		"description": i.Description,
	}
	if i.Image != "" {
		p["image"] = map[string]any{"id": i.Image, "type": "Image"}
	}
	return compact(p)
}

func subject3(c openbadge.Credential) map[string]any {
	criteria := compact(map[string]any{"id": c.CriteriaID, "narrative": c.CriteriaText})
	a := map[string]any{
		"id": c.AchievementID, "type": []any{"Achievement"}, "achievementType": c.AchievementType,
		"name": c.Name, "description": c.Description, "criteria": criteria, "inLanguage": c.Language,
	}
	if c.Image != "" {
		a["image"] = map[string]any{"id": c.Image, "type": "Image"}
	}
	if len(c.Tags) > 0 {
		a["tag"] = anyList(c.Tags)
	}
	var alignments []any
	for _, l := range c.Alignments {
		alignments = append(alignments, compact(map[string]any{
			"type": []any{"Alignment"}, "targetName": l.Name, "targetUrl": l.URL, "targetFramework": l.Framework,
			"targetCode": l.Code, "targetDescription": l.Description,
		}))
	}
	if alignments != nil {
		a["alignment"] = alignments
	}
	s := map[string]any{"type": []any{"AchievementSubject"}, "id": c.Recipient.SubjectID, "achievement": compact(a)}
	var ids []any
	for _, i := range c.Recipient.Identities {
		id := compact(map[string]any{
			"type": "IdentityObject", "identityHash": i.Value, "identityType": identityType3(i.Type), "salt": i.Salt,
		})
		id["hashed"] = i.Hashed
		ids = append(ids, id)
	}
	if ids != nil {
		s["identifier"] = ids
	}
	return compact(s)
}

func identityType3(t string) string {
	if t == "email" || t == "" {
		return "emailAddress"
	}
	return t
}

func anyList(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// compact drops empty texts.
func compact(m map[string]any) map[string]any {
	for k, v := range m {
		if s, ok := v.(string); ok && s == "" {
			delete(m, k)
		}
	}
	return m
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// marshal writes JSON without escaping HTML characters.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// Proof says how an embedded proof is made.
type Proof struct {
	Method  string    // verification method, such as "did:key:z6Mk…#z6Mk…"
	Created time.Time // zero: no date
	Suite   string    // "" is eddsa-rdfc-2022, or ecdsa-rdfc-2019 for an EC key
	ID      string    // for proof chains
	Options map[string]any
}

// Embed secures a credential with an embedded proof (VC-DI-EdDSA §3.2, VC-DI-ECDSA §3.2) and
// gives its JSON. Proofs that are there already stay beside it; the new one covers those
// that Options["previousProof"] names by id (VC-DI §2.1.2 "Proof Chains").
func (k Key) Embed(ctx context.Context, doc map[string]any, p Proof) ([]byte, error) {
	whole, err := normal(doc)
	if err != nil {
		return nil, err
	}
	earlier, _ := whole["proof"].([]any)
	if one, ok := whole["proof"].(map[string]any); ok {
		earlier = []any{one}
	}
	delete(whole, "proof")
	if covered := proofsNamed(earlier, p.Options["previousProof"]); len(covered) > 0 {
		whole["proof"] = covered
	}
	config := k.proofConfig(p)
	sig, err := k.proofValue(ctx, whole, config)
	if err != nil {
		return nil, err
	}
	config["proofValue"] = "z" + base58(sig)
	whole["proof"] = config
	if len(earlier) > 0 {
		whole["proof"] = append(earlier, any(config))
	}
	return marshal(whole)
}

func proofsNamed(list []any, id any) []any {
	var out []any
	for _, v := range list {
		if m, ok := v.(map[string]any); ok && id != nil && m["id"] == id {
			out = append(out, m)
		}
	}
	return out
}

func (k Key) proofConfig(p Proof) map[string]any {
	config := map[string]any{"type": "DataIntegrityProof", "verificationMethod": p.Method, "proofPurpose": "assertionMethod"}
	switch p.Suite {
	case "Ed25519Signature2020":
		config["type"] = p.Suite
	case "":
		config["cryptosuite"] = "eddsa-rdfc-2022"
		if _, ec := k.signer.(*ecdsa.PrivateKey); ec {
			config["cryptosuite"] = "ecdsa-rdfc-2019"
		}
	default:
		config["cryptosuite"] = p.Suite
	}
	if !p.Created.IsZero() {
		config["created"] = stamp(p.Created)
	}
	if p.ID != "" {
		config["id"] = p.ID
	}
	maps.Copy(config, p.Options)
	return config
}

// proofValue signs hash(configuration) and hash(document).
func (k Key) proofValue(ctx context.Context, doc, config map[string]any) ([]byte, error) {
	h := k.hash()
	jcs := config["cryptosuite"] == "eddsa-jcs-2022" || config["cryptosuite"] == "ecdsa-jcs-2019"
	withContext := maps.Clone(config)
	withContext["@context"] = doc["@context"]
	if jcs {
		config["@context"] = doc["@context"]
	}
	var input []byte
	for _, v := range []map[string]any{withContext, doc} {
		text, err := canonical(ctx, v, jcs, h)
		if err != nil {
			return nil, fmt.Errorf("canonicalise: %w", err)
		}
		d := h.New()
		d.Write(text)
		input = d.Sum(input)
	}
	switch s := k.signer.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(s, input), nil
	case *ecdsa.PrivateKey:
		return signEC(s, input)
	}
	return nil, errKeyKind
}

func canonical(ctx context.Context, v map[string]any, jcs bool, h crypto.Hash) ([]byte, error) {
	if jcs {
		return strictjson.JCS(any(v))
	}
	return ld.Canonical(ctx, v, h)
}

// normal gives the document the shape that decoding it gives.
func normal(doc map[string]any) (map[string]any, error) {
	b, err := marshal(doc)
	if err != nil {
		return nil, err
	}
	v, err := strictjson.Decode(b, strictjson.Limits{})
	if err != nil {
		return nil, fmt.Errorf("read credential back: %w", err)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errKeyKind
	}
	return m, nil
}

// Token secures a credential as a VC-JWT (OB3 §8.2) and gives the compact JWS. VC 1.1 goes
// into a "vc" claim, VC 2.0 is the payload itself. header overrides or adds members, such as
// kid; without any, the public key stands in "jwk".
func (k Key) Token(doc, header map[string]any) ([]byte, error) {
	whole, err := normal(doc)
	if err != nil {
		return nil, err
	}
	claims := map[string]any{"iss": idOf(whole["issuer"]), "jti": whole["id"]}
	if sub := idOf(whole["credentialSubject"]); sub != "" {
		claims["sub"] = sub
	}
	numeric(claims, "nbf", whole["validFrom"], whole["issuanceDate"])
	numeric(claims, "exp", whole["validUntil"], whole["expirationDate"])
	if isVC1(whole) {
		claims["vc"] = whole
	} else {
		maps.Copy(claims, whole)
	}
	return k.compactJWS(claims, header)
}

func isVC1(doc map[string]any) bool {
	list, _ := doc["@context"].([]any)
	return len(list) > 0 && list[0] == vc1Context
}

func idOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		s, _ := v["id"].(string)
		return s
	}
	return ""
}

func numeric(claims map[string]any, name string, dates ...any) {
	for _, d := range dates {
		if t, _, ok := openbadge.ParseTime(d); ok {
			claims[name] = t.Unix()
		}
	}
}

func (k Key) compactJWS(claims, header map[string]any) ([]byte, error) {
	h := map[string]any{"alg": k.Alg(), "typ": "JWT"}
	if header == nil {
		h["jwk"] = k.JWK()
	}
	maps.Copy(h, header)
	var out []byte
	for i, v := range []any{h, claims} {
		b, err := marshal(v)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, '.')
		}
		out = base64.RawURLEncoding.AppendEncode(out, b)
	}
	sig, err := k.sign(out)
	if err != nil {
		return nil, fmt.Errorf("sign token: %w", err)
	}
	return base64.RawURLEncoding.AppendEncode(append(out, '.'), sig), nil
}
