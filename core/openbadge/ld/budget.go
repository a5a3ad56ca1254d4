package ld

import (
	"bytes"
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
	m := newMachine()
	defer m.release()
	text, err := m.canonical(ctx, b, Document{Value: doc}, h)
	return bytes.Clone(text), err
}

// Document is a JSON-LD object to be hashed, or one that differs from an object at hand as
// proofs ask for it: without a member, and with another context (VC-DI-EdDSA §3.2.5).
type Document struct {
	Value   strictjson.Value
	Without string           // "" leaves nothing out
	Context strictjson.Value // in place of its own, where it exists
}

// Plain is the document as an object of its own.
func (d Document) Plain() strictjson.Value {
	v := d.Value
	if d.Without != "" {
		v = v.Without(d.Without)
	}
	if d.Context.Exists() {
		v = v.With("@context", d.Context)
	}
	return v
}

// Sum is the hash h of the canonical form of a document.
func (b *Budget) Sum(ctx context.Context, doc Document, h crypto.Hash) ([]byte, error) {
	m := newMachine()
	defer m.release()
	text, err := m.canonical(ctx, b, doc, h)
	if err != nil {
		return nil, err
	}
	return sum(h, text), nil
}

// Check gives the errors of Canonical that do not come from canonicalising: contexts, terms,
// values.
func (b *Budget) Check(ctx context.Context, doc Document) error {
	m := newMachine()
	defer m.release()
	return m.walk(ctx, b, doc)
}

// CanonicalNQuads is CanonicalNQuads within a budget, which it lowers by what it spent.
func (b *Budget) CanonicalNQuads(ctx context.Context, nquads []byte, h crypto.Hash) ([]byte, error) {
	if err := usable(h); err != nil {
		return nil, err
	}
	m := newMachine()
	defer m.release()
	m.walker.reset()
	if _, err := readNQuads(string(nquads), &m.walker.dataset); err != nil {
		return nil, err
	}
	if b.Text -= m.walker.size; b.Text < 0 {
		return nil, refuse("too-complex", "size")
	}
	text, err := m.canon.run(ctx, &m.walker.dataset, h, b)
	return bytes.Clone(text), err
}
