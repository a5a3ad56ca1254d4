package strictjson

import (
	"strings"
	"sync"
)

// scratch is the memory that a parser needs while it reads, kept for the next one.
type scratch struct {
	stack []Member // members of the objects and arrays being read
	folds []uint64 // foldSum of the keys of the objects being read
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func newParser(text string, lim Limits) *parser {
	const most = 1024 // members that room is made for at once
	s, _ := scratches.Get().(*scratch)
	count := strings.Count(text, ",") + strings.Count(text, "{") + strings.Count(text, "[")
	return &parser{
		scratch: s, text: text, lim: lim, most: min(count, lim.Values) + 1,
		room: make([]Member, 0, min(count, most)),
	}
}

// push puts a member on the stack. The stack doubles, up to what the text can have.
func (p *parser) push(m Member) {
	if len(p.stack) == cap(p.stack) {
		larger := make([]Member, len(p.stack), max(len(p.stack)+1, min(2*cap(p.stack), p.most), 32))
		copy(larger, p.stack)
		p.stack = larger
	}
	p.stack = append(p.stack, m)
}

// release gives the scratch memory back, unless a large document made it large.
func (p *parser) release() {
	const most = 1024
	s := p.scratch
	if p.scratch = nil; cap(s.stack) > most || cap(s.folds) > most {
		return
	}
	clear(s.stack[:cap(s.stack)]) // they would keep the text alive
	s.stack, s.folds = s.stack[:0], s.folds[:0]
	scratches.Put(s)
}

// finish takes the members from one place of the stack on to where they stay.
func (p *parser) finish(from int) []Member {
	const chunk = 1024
	n := len(p.stack) - from
	if cap(p.room)-len(p.room) < n {
		p.room = make([]Member, 0, max(n, chunk))
	}
	at := len(p.room)
	p.room = append(p.room, p.stack[from:]...)
	p.stack = p.stack[:from]
	return p.room[at:len(p.room):len(p.room)]
}
