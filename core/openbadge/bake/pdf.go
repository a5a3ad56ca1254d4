package bake

import (
	"bytes"
)

const (
	maxPDFWork    = 64 << 20 // bytes read, searched and unpacked for one file
	maxPDFObjects = 300_000
	maxPDFNesting = 16 // objects that are needed to read another
)

var pdfHeader = []byte("%PDF-")

// pdfFile is an open PDF. Its objects are read when they are asked for, and not
// kept; only unpacked object streams are.
type pdfFile struct {
	file    []byte
	work    int // what is left of maxPDFWork
	nesting int
	packed  int // objects in object streams, of which there are maxPDFObjects at most
	scanned bool
	trailer pdfDict
	places  map[pdfRef]pdfPlace
	packs   map[pdfRef]*pdfPack
	crypt   *pdfCrypt // nil: nothing is encrypted, or not unlocked yet
}

// pdfPlace is where an object is: at an offset of the file, or in an object
// stream. An offset below zero is an object that was removed.
type pdfPlace struct {
	offset int
	pack   pdfRef
}

// pdfPack is an object stream (ISO 32000-2 §7.5.7): its bytes unpacked, and
// where in them its objects begin.
type pdfPack struct {
	data []byte
	at   map[pdfRef]int
}

// openPDF finds the objects of a file by its cross-reference table or stream
// (§7.5.4, §7.5.8), and where these are damaged by looking through the file.
// Errors are *Error: "pdf-encrypted", "pdf-complex", "pdf-damaged".
func openPDF(file []byte) (*pdfFile, error) {
	p := &pdfFile{file: file, work: maxPDFWork, packs: map[pdfRef]*pdfPack{}}
	if err := p.readXref(); err != nil || !p.isRooted() {
		if err := p.scan(); err != nil {
			return nil, err
		}
	}
	if err := p.unlock(); err != nil {
		return nil, err
	}
	if p.crypt != nil && p.scanned { // its object streams could not be read before
		if err := p.scan(); err != nil {
			return nil, err
		}
	}
	return p, p.spend(0)
}

// isRooted tells whether the trailer leads to a catalogue, or to nothing that
// can be read because all is encrypted.
func (p *pdfFile) isRooted() bool {
	_, ok := p.direct(p.trailer.get("Root")).(pdfDict)
	return ok || p.trailer.get("Encrypt") != nil
}

// spend takes n from the work that is left.
func (p *pdfFile) spend(n int) error {
	if p.work -= n; p.work < 0 {
		return &Error{Reason: "pdf-complex"}
	}
	return nil
}

// direct gives what v refers to, or v itself; nil for what cannot be read.
func (p *pdfFile) direct(v any) any {
	for range maxPDFNesting {
		r, ok := v.(pdfRef)
		if !ok {
			return v
		}
		v = p.object(r)
	}
	return nil
}

func (p *pdfFile) number(v any, otherwise int) int {
	if n, ok := p.direct(v).(int); ok {
		return n
	}
	return otherwise
}

// object reads an indirect object; nil when there is none that can be read, or
// no work is left.
func (p *pdfFile) object(r pdfRef) any {
	place, ok := p.places[r]
	if !ok || place.offset < 0 || p.work < 0 || p.nesting >= maxPDFNesting {
		return nil
	}
	p.nesting++
	defer func() { p.nesting-- }()
	if place.pack == 0 {
		n, v, _ := p.objectAt(place.offset)
		if n != r {
			return nil
		}
		return v
	}
	pack := p.pack(place.pack)
	at, ok := pack.at[r]
	if !ok {
		return nil
	}
	l := pdfLexer{src: pack.data, pos: at}
	v, err := l.value(0)
	if err != nil || p.spend(l.pos-at) != nil {
		return nil
	}
	return v
}

// objectAt reads "n g obj ..." at an offset and tells where it ends. A number
// of -1 says that there is none.
func (p *pdfFile) objectAt(offset int) (pdfRef, any, int) {
	if offset < 0 || offset >= len(p.file) {
		return -1, nil, offset
	}
	l := pdfLexer{src: p.file, pos: offset}
	defer func() { p.work -= l.pos - offset }()
	number, generation, ok := l.header()
	if !ok {
		return -1, nil, l.pos
	}
	v, err := l.value(0)
	if err != nil {
		return number, nil, l.pos
	}
	if d, ok := v.(pdfDict); ok {
		if raw, ok := p.streamData(&l, d); ok {
			return number, p.decrypted(number, generation, pdfStream{d, raw}), l.pos
		}
	}
	return number, p.decrypted(number, generation, v), l.pos
}

// header reads "n g obj".
func (l *pdfLexer) header() (number pdfRef, generation int, found bool) {
	n, ok := l.natural()
	generation, ok2 := l.natural()
	l.blanks()
	if !ok || !ok2 || !bytes.HasPrefix(l.src[l.pos:], []byte("obj")) {
		return -1, 0, false
	}
	l.pos += len("obj")
	return pdfRef(n), generation, true
}

// streamData takes the bytes between "stream" and "endstream" (§7.3.8). A
// length that does not lead to the end is not believed.
func (p *pdfFile) streamData(l *pdfLexer, d pdfDict) ([]byte, bool) {
	l.blanks()
	rest, ok := bytes.CutPrefix(l.src[l.pos:], []byte("stream"))
	if !ok {
		return nil, false
	}
	rest = bytes.TrimPrefix(bytes.TrimPrefix(rest, []byte("\r")), []byte("\n"))
	start := len(l.src) - len(rest)
	if n := p.number(d.get("Length"), -1); n >= 0 && n <= len(rest) {
		tail := rest[n:min(n+20, len(rest))]
		if bytes.HasPrefix(bytes.TrimLeft(tail, "\r\n "), []byte("endstream")) {
			l.pos = start + n
			return rest[:n], true
		}
	}
	end := bytes.Index(rest, []byte("endstream"))
	if end < 0 {
		l.pos = len(l.src)
		return nil, false
	}
	l.pos = start + end
	return bytes.TrimSuffix(bytes.TrimSuffix(rest[:end], []byte("\n")), []byte("\r")), true
}

// pack reads an object stream; one that cannot be read holds nothing.
func (p *pdfFile) pack(r pdfRef) *pdfPack {
	if known, ok := p.packs[r]; ok {
		return known
	}
	p.packs[r] = &pdfPack{}
	if place := p.places[r]; place.pack == 0 {
		if s, ok := p.object(r).(pdfStream); ok {
			p.packs[r] = p.readPack(s)
		}
	}
	return p.packs[r]
}

func (p *pdfFile) readPack(s pdfStream) *pdfPack {
	data, err := p.unpack(s)
	first, n := p.number(s.dict.get("First"), -1), p.number(s.dict.get("N"), 0)
	if err != nil || first < 0 || n < 0 || n > maxPDFObjects {
		return &pdfPack{}
	}
	pack := &pdfPack{data: data, at: map[pdfRef]int{}}
	l := pdfLexer{src: data}
	for range n {
		number, ok := l.natural()
		offset, ok2 := l.natural()
		if p.packed++; !ok || !ok2 || p.packed > maxPDFObjects {
			break
		}
		if at := first + offset; at < len(data) {
			pack.at[pdfRef(number)] = at
		}
	}
	return pack
}
