package ld

import (
	"context"
	"crypto"
	"errors"
	"sync"
)

// machine is the memory of one canonicalisation, kept for the next one: a
// credential would otherwise leave ten times its size to the garbage collector.
type machine struct {
	walker walker
	canon  canon
}

var machines = sync.Pool{New: func() any { return new(machine) }}

func newMachine() *machine {
	m, _ := machines.Get().(*machine)
	return m
}

// release gives the memory back, unless a large document made it large. Results
// of the machine are gone with it.
func (m *machine) release() {
	const mostQuads, mostText = 4096, 1 << 20
	d := &m.walker.dataset
	if cap(d.quads) > mostQuads || cap(d.spare) > mostQuads || cap(m.canon.lines.list) > mostQuads ||
		cap(d.terms) > mostText || cap(m.canon.out) > mostText || cap(m.canon.first) > mostText {
		return
	}
	m.walker.forget()
	m.canon.forget()
	machines.Put(m)
}

// canonical gives the canonical form of a document, which lasts until release.
func (m *machine) canonical(ctx context.Context, b *Budget, doc Document, h crypto.Hash) ([]byte, error) {
	if err := usable(h); err != nil {
		return nil, err
	}
	if err := m.walk(ctx, b, doc); err != nil {
		return nil, err
	}
	return m.canon.run(ctx, &m.walker.dataset, h, b)
}

// tooComplex reports an error that says nothing of one place in the document.
func tooComplex(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return !ok || e.Reason == "too-complex"
}

// walk converts a document to RDF. What is wrong with it is found by a walk in the order of
// its names, so that the error does not depend on how the document is written.
func (m *machine) walk(ctx context.Context, b *Budget, doc Document) error {
	if !doc.Value.IsObject() {
		return refuse("json-ld", "not an object")
	}
	set, err := embedded()
	if err != nil {
		return err
	}
	whole, w := *b, &m.walker
	for _, sorted := range []bool{false, true} {
		*b = whole
		w.begin(ctx, set, b, doc, sorted)
		err = w.document()
		if b.Text -= w.size; err == nil || tooComplex(err) {
			return err
		}
	}
	return err
}
