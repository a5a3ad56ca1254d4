package issue

import (
	"bytes"
	"context"
	"maps"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

const clrContext = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"

// Record2 makes an unsigned CLR 2.0 (CLR2 §B.1 ClrCredential) of credentials as they were
// received: those with an embedded proof stand in it as they are, a VC-JWT in an envelope (VC
// 2.0 §4.13). The issuer of c asserts that its subject holds them. left are the places in the
// list of those that cannot be in it: hosted and signed badges of OB 2 and before, and
// credentials whose own @context contradicts the record's or is unknown. partial says that
// the holder has more.
func Record2(ctx context.Context, c openbadge.Credential, credentials [][]byte, partial bool) (doc map[string]any, left []int) {
	doc = Credential3(c)
	doc["@context"] = []any{vc2Context, clrContext, ob3Context}
	doc["type"] = []any{"VerifiableCredential", "ClrCredential"}
	doc["partial"] = partial
	subject := map[string]any{"type": []any{"ClrSubject"}}
	whose := subject3(c)
	for _, name := range []string{"id", "identifier"} {
		if v, ok := whose[name]; ok {
			subject[name] = v
		}
	}
	inside := []any{}
	for i, raw := range credentials {
		v := containable(raw)
		if v == nil || !fits(ctx, doc, subject, v) {
			left = append(left, i)
			continue
		}
		inside = append(inside, v)
	}
	subject["verifiableCredential"] = inside
	doc["credentialSubject"] = subject
	return doc, left
}

// Endorse2 puts signed endorsements (OB3 §B.2) into an unsigned record: with an embedded
// proof as they are into "endorsement", compact JWS into "endorsementJwt" (CLR2 §B.1
// ClrCredential). What cannot be in it is left out.
func Endorse2(ctx context.Context, doc map[string]any, endorsements [][]byte) {
	var embedded, tokens []any
	subject, _ := doc["credentialSubject"].(map[string]any)
	for _, raw := range endorsements {
		raw = bytes.TrimSpace(raw)
		switch v := containable(raw).(type) {
		case nil:
		case map[string]any:
			if v["type"] == "EnvelopedVerifiableCredential" {
				tokens = append(tokens, string(raw))
			} else if fits(ctx, doc, subject, v) {
				embedded = append(embedded, v)
			}
		}
	}
	if embedded != nil {
		doc["endorsement"] = embedded
	}
	if tokens != nil {
		doc["endorsementJwt"] = tokens
	}
}

// containable is a credential in the form in which it stands in a record, nil for one
// that cannot.
func containable(raw []byte) any {
	raw = bytes.TrimSpace(raw)
	e, err := openbadge.Open(raw)
	switch {
	case err != nil || e.Version != openbadge.V30:
		return nil
	case e.Form == openbadge.VCJWT:
		return map[string]any{"@context": vc2Context, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt," + string(raw)}
	case e.Form != openbadge.Embedded:
		return nil
	}
	v, err := strictjson.Decode(raw, strictjson.Limits{})
	if err != nil {
		return nil
	}
	return v
}

// fits reports whether a record with this credential alone can be signed.
func fits(ctx context.Context, doc, subject map[string]any, v any) bool {
	one := maps.Clone(subject)
	one["verifiableCredential"] = []any{v}
	whole := maps.Clone(doc)
	whole["credentialSubject"] = one
	whole, err := normal(whole)
	if err != nil {
		return false
	}
	_, err = canonical(ctx, whole, false, Key{}.hash())
	return err == nil
}
