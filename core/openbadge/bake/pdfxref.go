package bake

import (
	"bytes"
	"maps"
)

// maxPDFSections is how many updates of a file are followed.
const maxPDFSections = 100

// readXref follows the cross-reference sections from the newest to the oldest.
// What a newer one says of an object counts.
func (p *pdfFile) readXref() error {
	p.places, p.trailer = map[pdfRef]pdfPlace{}, nil
	next := p.startXref()
	seen := map[int]bool{}
	for next >= 0 {
		if seen[next] || len(seen) >= maxPDFSections {
			return errPDFSyntax
		}
		seen[next] = true
		d, err := p.section(next)
		if err != nil {
			return err
		}
		if p.trailer == nil {
			p.trailer = d
		}
		if hybrid, ok := d.get("XRefStm").(int); ok && !seen[hybrid] {
			seen[hybrid] = true
			// The table calls free what the stream beside it holds (§7.5.8.4).
			maps.DeleteFunc(p.places, func(_ pdfRef, at pdfPlace) bool { return at.offset < 0 })
			if _, err := p.section(hybrid); err != nil {
				return err
			}
		}
		next = p.number(d.get("Prev"), -1)
	}
	if p.trailer == nil {
		return errPDFSyntax
	}
	return nil
}

// startXref gives the offset behind the last "startxref" (§7.5.5), or -1.
func (p *pdfFile) startXref() int {
	at := bytes.LastIndex(p.file, []byte("startxref"))
	if at < 0 {
		return -1
	}
	l := pdfLexer{src: p.file, pos: at + len("startxref")}
	if n, ok := l.natural(); ok {
		return n
	}
	return -1
}

// section reads one table with its trailer, or one stream that is both.
func (p *pdfFile) section(offset int) (pdfDict, error) {
	if offset < 0 || offset >= len(p.file) {
		return nil, errPDFSyntax
	}
	l := pdfLexer{src: p.file, pos: offset}
	l.blanks()
	if bytes.HasPrefix(p.file[l.pos:], []byte("xref")) {
		l.pos += len("xref")
		return p.table(&l)
	}
	number, v, _ := p.objectAt(offset)
	s, ok := v.(pdfStream)
	if number < 0 || !ok || s.dict.get("Type") != pdfName("XRef") {
		return nil, errPDFSyntax
	}
	return s.dict, p.entries(s)
}

// table reads the subsections of "xref" and the trailer behind them (§7.5.4).
func (p *pdfFile) table(l *pdfLexer) (pdfDict, error) {
	from := l.pos
	defer func() { p.work -= l.pos - from }()
	for {
		l.blanks()
		if bytes.HasPrefix(l.src[l.pos:], []byte("trailer")) {
			l.pos += len("trailer")
			v, err := l.value(0)
			if d, ok := v.(pdfDict); ok {
				return d, err
			}
			return nil, errPDFSyntax
		}
		first, ok := l.natural()
		n, ok2 := l.natural()
		if !ok || !ok2 {
			return nil, errPDFSyntax
		}
		for i := range n {
			offset, ok := l.natural()
			_, ok2 := l.natural()
			l.blanks()
			kind := string(l.word())
			if !ok || !ok2 || kind != "n" && kind != "f" || len(p.places) > maxPDFObjects {
				return nil, errPDFSyntax
			}
			if kind == "f" {
				offset = -1
			}
			p.place(first+i, pdfPlace{offset: offset})
		}
	}
}

// place notes where an object is, unless a newer section said it already.
func (p *pdfFile) place(number int, at pdfPlace) {
	if _, newer := p.places[pdfRef(number)]; !newer {
		p.places[pdfRef(number)] = at
	}
}

// entries reads a cross-reference stream (§7.5.8).
func (p *pdfFile) entries(s pdfStream) error {
	data, err := p.unpack(s)
	if err != nil {
		return err
	}
	var w [3]int
	widths := list(s.dict.get("W"))
	for i := range w {
		if i >= len(widths) {
			return errPDFSyntax
		}
		if w[i] = p.number(widths[i], -1); w[i] < 0 || w[i] > 7 {
			return errPDFSyntax
		}
	}
	size := w[0] + w[1] + w[2]
	index := list(s.dict.get("Index"))
	if index == nil {
		index = []any{0, s.dict.get("Size")}
	}
	for ; len(index) >= 2 && size > 0; index = index[2:] {
		first, n := p.number(index[0], -1), p.number(index[1], -1)
		if first < 0 || n < 0 {
			return errPDFSyntax
		}
		for i := 0; i < n && len(data) >= size; i++ {
			if len(p.places) > maxPDFObjects {
				return errPDFSyntax
			}
			p.entry(first+i, data[:size], w)
			data = data[size:]
		}
	}
	return nil
}

func (p *pdfFile) entry(number int, b []byte, w [3]int) {
	kind := 1 // when the field is left out
	if w[0] > 0 {
		kind = bigEndian(b[:w[0]])
	}
	second := bigEndian(b[w[0] : w[0]+w[1]])
	switch kind {
	case 0:
		p.place(number, pdfPlace{offset: -1})
	case 1:
		p.place(number, pdfPlace{offset: second})
	case 2:
		p.place(number, pdfPlace{pack: pdfRef(second)})
	}
}

func bigEndian(b []byte) int {
	n := 0
	for _, c := range b {
		n = n<<8 | int(c)
	}
	return n
}
