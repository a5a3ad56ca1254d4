package ld

import (
	"context"
	"crypto"
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
	root, ok := doc.(map[string]any)
	if !ok {
		return nil, refuse("json-ld", "not an object")
	}
	if err := usable(h); err != nil {
		return nil, err
	}
	set, err := embedded()
	if err != nil {
		return nil, err
	}
	w := walker{ctx: ctx, set: set, budget: b, text: min(maxText, b.Text)}
	w.data.quads = make([]quad, 0, 96)
	err = w.document(root)
	b.Text -= w.data.text
	if err != nil {
		return nil, err
	}
	return canonicalise(ctx, &w.data, h, b)
}
