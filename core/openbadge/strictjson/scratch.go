package strictjson

import (
	"strings"
	"sync"
)

// sums are lists of foldSum, kept for the next parser.
var sums = sync.Pool{New: func() any { return new([]uint64) }}

func newParser(text string, lim Limits) *parser {
	const most = 4096 // entries that room is made for at once
	count := 1 + strings.Count(text, ",") + strings.Count(text, "{") + strings.Count(text, "[")
	folds, _ := sums.Get().(*[]uint64)
	return &parser{text: text, lim: lim, entries: make([]entry, 0, min(count, most)), scratch: folds, folds: (*folds)[:0]}
}

// release gives the list of sums back, unless a large document made it large.
func (p *parser) release() {
	const most = 1024
	if cap(p.folds) <= most {
		*p.scratch = p.folds[:0]
		sums.Put(p.scratch)
	}
}
