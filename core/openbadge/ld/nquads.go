package ld

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readNQuads reads N-Quads (W3C RDF 1.1 N-Quads) into a dataset and writes each
// term in its canonical form.
func readNQuads(text string, data *dataset) (*reader, error) {
	if !utf8.ValidString(text) {
		return nil, refuse("n-quads", "not UTF-8")
	}
	r := &reader{data: data, labels: map[string]ref{}}
	data.quads = slices.Grow(data.quads, min(1+strings.Count(text, "\n"), maxQuads+1))
	number := 0
	for line := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == '\n' || c == '\r' }) {
		number++
		r.line = line
		if err := r.statement(); err != nil {
			return nil, refuse("n-quads", "statement "+strconv.Itoa(number)+": "+err.Error())
		}
		if len(r.data.quads) > maxQuads || r.data.size > maxText {
			return nil, refuse("too-complex", "size")
		}
	}
	return r, nil
}

// reader reads one line after the other.
type reader struct {
	data   *dataset
	labels map[string]ref
	line   string // what is left of the line
}

// malformed is what is wrong with a statement.
type malformed string

func (m malformed) Error() string { return string(m) }

func (r *reader) space() {
	r.line = strings.TrimLeft(r.line, " \t")
}

func (r *reader) statement() error {
	if r.space(); r.line == "" || r.line[0] == '#' {
		return nil
	}
	s, err := r.resource()
	if err != nil {
		return err
	}
	p, err := r.resource()
	if err != nil {
		return err
	}
	if p.blank > 0 {
		return malformed("blank predicate")
	}
	o, err := r.object()
	if err != nil {
		return err
	}
	g := ref{}
	if r.space(); !strings.HasPrefix(r.line, ".") {
		if g, err = r.resource(); err != nil {
			return err
		}
		r.space()
	}
	rest, ok := strings.CutPrefix(r.line, ".")
	if rest = strings.TrimLeft(rest, " \t"); !ok || rest != "" && rest[0] != '#' {
		return malformed("no end")
	}
	r.data.size += s.size() + p.size() + o.size() + g.size()
	r.data.quads = append(r.data.quads, quad{s: s, p: p, o: o, g: g})
	return nil
}

func (r *reader) object() (ref, error) {
	if r.space(); strings.HasPrefix(r.line, `"`) {
		return r.literal()
	}
	return r.resource()
}

// resource reads an IRI or a blank node.
func (r *reader) resource() (ref, error) {
	r.space()
	switch {
	case strings.HasPrefix(r.line, "<"):
		iri, err := r.iri()
		if err != nil {
			return ref{}, err
		}
		return r.data.iri(iri), nil
	case strings.HasPrefix(r.line, "_:"):
		end := 2
		for end < len(r.line) && labelByte(r.line[end]) {
			end++
		}
		for end > 2 && r.line[end-1] == '.' {
			end--
		}
		return r.blank(end)
	}
	return ref{}, malformed("term")
}

// iri reads what is between angle brackets.
func (r *reader) iri() (string, error) {
	raw, rest, ok := strings.Cut(r.line[1:], ">")
	if !ok {
		return "", malformed("open IRI")
	}
	r.line = rest
	iri, err := unescape(raw, false)
	if err != nil || !isIRI(iri) {
		return "", malformed("IRI")
	}
	return iri, nil
}

func (r *reader) blank(end int) (ref, error) {
	label := r.line[:end]
	r.line = r.line[end:]
	if len(label) < 3 {
		return ref{}, malformed("blank node")
	}
	n, known := r.labels[label]
	if !known {
		n = r.data.blank()
		r.labels[label] = n
	}
	return n, nil
}

func labelByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("_-.:", c) >= 0 || c >= utf8.RuneSelf
}

func (r *reader) literal() (ref, error) {
	end := 1
	for end < len(r.line) && r.line[end] != '"' {
		if r.line[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(r.line) {
		return ref{}, malformed("open literal")
	}
	text, err := unescape(r.line[1:end], true)
	if err != nil {
		return ref{}, err
	}
	r.line = r.line[end+1:]
	if rest, typed := strings.CutPrefix(r.line, "^^"); typed {
		r.line = rest
		if !strings.HasPrefix(rest, "<") {
			return ref{}, malformed("datatype")
		}
		datatype, err := r.iri()
		if err != nil {
			return ref{}, err
		}
		return r.data.literal(text, datatype), nil
	}
	if rest, tagged := strings.CutPrefix(r.line, "@"); tagged {
		end := strings.IndexAny(rest+" ", " \t.<_")
		if !IsLanguage(rest[:end]) {
			return ref{}, malformed("language")
		}
		r.line = rest[end:]
		return r.data.tagged(text, rest[:end]), nil
	}
	return r.data.literal(text, xsdString), nil
}

// unescape reads the escapes UCHAR and, in literals, ECHAR.
func unescape(s string, text bool) (string, error) {
	var out []byte
	for {
		before, after, found := strings.Cut(s, `\`)
		if !found {
			return string(append(out, s...)), nil
		}
		out = append(out, before...)
		if after == "" {
			return "", malformed("escape")
		}
		digits := map[byte]int{'u': 4, 'U': 8}[after[0]]
		if digits == 0 {
			at := strings.IndexByte(`tbnrf"'\`, after[0])
			if at < 0 || !text {
				return "", malformed("escape")
			}
			out = append(out, "\t\b\n\r\f\"'\\"[at])
			s = after[1:]
			continue
		}
		if len(after) <= digits {
			return "", malformed("escape")
		}
		code, err := strconv.ParseUint(after[1:digits+1], 16, 32)
		if err != nil || code > utf8.MaxRune || !utf8.ValidRune(rune(code)) {
			return "", malformed("escape")
		}
		out = utf8.AppendRune(out, rune(code))
		s = after[digits+1:]
	}
}
