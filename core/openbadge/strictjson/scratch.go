package strictjson

import (
	"strings"
	"sync"
)

// parsers are kept for the next document, with their lists of foldSum.
var parsers = sync.Pool{New: func() any { return new(parser) }}

func newParser(text string, lim Limits) *parser {
	p, _ := parsers.Get().(*parser)
	entries, box := room(text)
	*p = parser{text: text, lim: lim, entries: entries, box: box, folds: p.folds[:0]}
	return p
}

// release gives the parser back without what it read, and without the list of sums
// that a large document made large.
func (p *parser) release() {
	const most = 1024
	folds := p.folds
	if cap(folds) > most {
		folds = nil
	}
	*p = parser{folds: folds}
	parsers.Put(p)
}

const mostEntries = 4096 // that room is made for at once, and that are kept

// spares are lists of entries of documents that were given back.
var spares sync.Pool

// room is a list for the entries of a text, with where it is kept between documents: one that
// was given back, which most texts fit in and which else grows, or a new one of the right size.
func room(text string) ([]entry, *[]entry) {
	if box, ok := spares.Get().(*[]entry); ok {
		return (*box)[:0], box
	}
	count := 1 + strings.Count(text, ",") + strings.Count(text, "{") + strings.Count(text, "[")
	return make([]entry, 0, min(count, mostEntries)), nil
}

// Recycle gives the memory of the document that the value belongs to back, for one that is
// read later. Neither this value nor another of the document may be used any more; texts that
// were taken of them stay what they are.
func (v Value) Recycle() {
	if v.d == nil || cap(v.d.entries) == 0 || cap(v.d.entries) > mostEntries {
		return
	}
	box := v.d.box
	if box == nil {
		box = new([]entry)
	}
	*box = v.d.entries
	*v.d = document{}
	spares.Put(box)
}
