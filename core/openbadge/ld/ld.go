// Package ld turns a credential into the canonical N-Quads that its signature
// covers: JSON-LD 1.1 to RDF, then RDFC-1.0.
//
// It reads no network: the contexts that badges use are embedded and any other
// is refused. It is stricter than JSON-LD: what the conversion would drop
// without a word (an undefined term, a relative identifier) and what would let
// the same signature cover a document that reads differently (an aliased or
// redefined term, a keyword in place of its alias) is an error, so that a
// verified signature covers everything a reader sees. It owns no table and
// raises no event; core/openbadge/verify calls it.
package ld

import (
	"context"
	"crypto"
	_ "crypto/sha256" // SHA-256 for RDFC-1.0
	_ "crypto/sha512" // SHA-384 for RDFC-1.0
	"fmt"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// Error is why a document has no canonical form here. Reason is a machine
// name: "unknown-context" (not embedded), "context-forbidden" (a context that
// redefines, aliases or hides terms), "undefined-term" (a property no context
// defines), "relative-iri" (an identifier or type that is not an absolute
// IRI), "dropped-value" (a value the signature would not cover), "json-ld"
// (not a JSON-LD document, or a feature badges do not use), "n-quads" (not
// N-Quads) and "too-complex" (work or size limit). Detail names the term,
// value or URL.
type Error struct{ Reason, Detail string }

// Error implements error.
func (e *Error) Error() string {
	if e.Detail == "" {
		return "canonicalise: " + e.Reason
	}
	return "canonicalise: " + e.Reason + ": " + e.Detail
}

// refuse makes an Error with a detail short enough to show.
func refuse(reason, detail string) error {
	const most = 120
	if len(detail) > most {
		detail = detail[:most]
		for detail != "" && detail[len(detail)-1] >= 0x80 {
			detail = detail[:len(detail)-1]
		}
		detail += "…"
	}
	return &Error{reason, detail}
}

// Canonical returns the canonical N-Quads (RDFC-1.0 with h, which is SHA-256
// or SHA-384) of a JSON-LD object as strictjson.Decode or Read returns it. Contexts
// come from the embedded set alone. The error is an *Error, or wraps that of
// ctx. The work is bounded, whatever the document.
func Canonical(ctx context.Context, doc any, h crypto.Hash) ([]byte, error) {
	v, err := strictjson.Of(doc)
	if err != nil {
		return nil, refuse("json-ld", "value")
	}
	return NewBudget().Canonical(ctx, v, h)
}

// CanonicalNQuads returns the canonical form (RDFC-1.0 with h) of a dataset
// written as N-Quads. Errors are as for Canonical.
func CanonicalNQuads(ctx context.Context, nquads []byte, h crypto.Hash) ([]byte, error) {
	return NewBudget().CanonicalNQuads(ctx, nquads, h)
}

// KnownContext reports whether a context URL is one of the embedded ones.
func KnownContext(url string) bool {
	_, ok := contextFiles[url]
	return ok
}

func usable(h crypto.Hash) error {
	if h != crypto.SHA256 && h != crypto.SHA384 {
		return refuse("json-ld", fmt.Sprintf("hash %v", h))
	}
	return nil
}
