package bake

import "bytes"

// scan finds objects by looking for "n g obj" from the beginning to the end of
// the file, streams left out; later ones count, as updates are appended
// (ISO 32000-2 §7.5.6). It is for files whose cross-reference is damaged.
func (p *pdfFile) scan() error {
	p.scanned = true
	p.places, p.packs, p.trailer = map[pdfRef]pdfPlace{}, map[pdfRef]*pdfPack{}, nil
	catalog := pdfRef(0)
	for pos := 0; ; {
		start, word := p.nextHeader(pos)
		if start < 0 {
			break
		}
		number, v, end := p.objectAt(start)
		if err := p.spend(word - pos); err != nil {
			return err
		}
		pos = max(end, word+len("obj"))
		if number < 0 {
			continue
		}
		if len(p.places) > maxPDFObjects {
			return &Error{Reason: "pdf-complex"}
		}
		p.places[number] = pdfPlace{offset: start}
		if c := p.notice(number, v); c != 0 {
			catalog = c
		}
	}
	p.lastTrailer()
	if p.isRooted() {
		return nil
	}
	if catalog == 0 {
		return &Error{Reason: "pdf-damaged"}
	}
	p.trailer = pdfDict{{"Root", catalog}}
	return nil
}

// nextHeader finds the next "n g obj" and gives where it begins and where its
// last word stands; -1 when there is none.
func (p *pdfFile) nextHeader(pos int) (start, word int) {
	for at := pos; ; at += len("obj") {
		n := bytes.Index(p.file[at:], []byte("obj"))
		if n < 0 {
			return -1, len(p.file)
		}
		at += n
		before := p.file[pos:at]
		generation := bytes.TrimRight(before, "\x00\t\n\f\r ")
		number := bytes.TrimRight(bytes.TrimRight(generation, "0123456789"), "\x00\t\n\f\r ")
		head := bytes.TrimRight(number, "0123456789")
		if len(generation) < len(before) && len(head) < len(number) {
			return pos + len(head), at
		}
	}
}

// notice opens an object stream, keeps the trailer of a cross-reference stream,
// and gives the number of a catalogue.
func (p *pdfFile) notice(number pdfRef, v any) pdfRef {
	switch v := v.(type) {
	case pdfDict:
		if v.get("Type") == pdfName("Catalog") {
			return number
		}
	case pdfStream:
		switch v.dict.get("Type") {
		case pdfName("XRef"):
			if v.dict.get("Root") != nil {
				p.trailer = v.dict
			}
		case pdfName("ObjStm"):
			return p.open(number, v)
		}
	}
	return 0
}

// open notes the objects of an object stream and gives the catalogue among them.
func (p *pdfFile) open(number pdfRef, s pdfStream) pdfRef {
	pack := p.readPack(s)
	p.packs[number] = pack
	catalog := pdfRef(0)
	for r := range pack.at {
		p.places[r] = pdfPlace{pack: number}
		if d, ok := p.object(r).(pdfDict); ok && r > catalog && d.get("Type") == pdfName("Catalog") {
			catalog = r
		}
	}
	return catalog
}

// lastTrailer takes the last "trailer" dictionary that names a catalogue.
func (p *pdfFile) lastTrailer() {
	for end := len(p.file); end > 0 && p.work > 0; {
		at := bytes.LastIndex(p.file[:end], []byte("trailer"))
		if at < 0 {
			return
		}
		l := pdfLexer{src: p.file, pos: at + len("trailer")}
		v, err := l.value(0)
		p.work -= end - at + l.pos - at
		if d, ok := v.(pdfDict); err == nil && ok && d.get("Root") != nil {
			p.trailer = d
			return
		}
		end = at
	}
}
