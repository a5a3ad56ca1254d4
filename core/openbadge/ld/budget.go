package ld

import (
	"context"
	"crypto"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// Budget is the work that may still be spent on canonicalising: one for a credential and all
// that it leads to, however many proofs and endorsements that are. It is not for concurrent
// use. What it does not allow ends with the reason "too-complex".
type Budget struct {
	Contexts int // term copies and definitions
	Steps    int // of Hash N-Degree Quads (RDFC-1.0 §4.8): nodes related, identifiers copied
	Text     int // bytes of all terms
}

// NewBudget returns the work allowed for one credential: what the largest badge needs many
// times over, and less than a second of one core.
func NewBudget() *Budget {
	return &Budget{Contexts: maxContextWork, Steps: maxWork, Text: 3 * maxText}
}

// Canonical is Canonical within a budget, which it lowers by what it spent.
func (b *Budget) Canonical(ctx context.Context, doc strictjson.Value, h crypto.Hash) ([]byte, error) {
	if err := usable(h); err != nil {
		return nil, err
	}
	w, err := b.walk(ctx, doc)
	if err != nil {
		return nil, err
	}
	return canonicalise(ctx, w.dataset(), h, b)
}

// Check gives the errors of Canonical that do not come from canonicalising: contexts, terms,
// values.
func (b *Budget) Check(ctx context.Context, doc strictjson.Value) error {
	_, err := b.walk(ctx, doc)
	return err
}

// walk converts a document to RDF. What is wrong with it is found by a walk in the order of
// its names, so that the error does not depend on how the document is written.
func (b *Budget) walk(ctx context.Context, doc strictjson.Value) (*walker, error) {
	if !doc.IsObject() {
		return nil, refuse("json-ld", "not an object")
	}
	set, err := embedded()
	if err != nil {
		return nil, err
	}
	whole := *b
	for _, sorted := range []bool{false, true} {
		*b = whole
		w := &walker{ctx: ctx, set: set, budget: b, text: min(maxText, b.Text), sorted: sorted}
		err = w.document(doc)
		if b.Text -= w.size; err == nil {
			return w, nil
		}
	}
	return nil, err
}
