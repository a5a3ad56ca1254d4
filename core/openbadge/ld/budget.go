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
func (b *Budget) Canonical(ctx context.Context, doc any, h crypto.Hash) ([]byte, error) {
	if err := usable(h); err != nil {
		return nil, err
	}
	data, err := b.quads(ctx, doc)
	if err != nil {
		return nil, err
	}
	return canonicalise(ctx, data, h, b)
}

// Check gives the errors of Canonical that do not come from canonicalising: contexts, terms,
// values.
func (b *Budget) Check(ctx context.Context, doc any) error {
	_, err := b.quads(ctx, doc)
	return err
}

// quads converts a document to RDF.
func (b *Budget) quads(ctx context.Context, doc any) (*dataset, error) {
	if v, ok := doc.(strictjson.Value); ok {
		doc = v.Any()
	}
	root, ok := doc.(map[string]any)
	if !ok {
		return nil, refuse("json-ld", "not an object")
	}
	set, err := embedded()
	if err != nil {
		return nil, err
	}
	w := walker{ctx: ctx, set: set, budget: b, text: min(maxText, b.Text)}
	w.data.quads = make([]quad, 0, 8*len(root))
	err = w.document(root)
	b.Text -= w.data.text
	if err != nil {
		return nil, err
	}
	return &w.data, nil
}
