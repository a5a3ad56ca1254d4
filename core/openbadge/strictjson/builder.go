package strictjson

// builder makes documents out of parts of others.
type builder struct {
	base    *document // whose texts are shared
	plain   []byte    // texts that are not of base
	entries []entry
}

// on begins a document that shares the texts of another.
func on(base *document, room int) builder {
	return builder{base: base, plain: []byte(base.plain), entries: make([]entry, 0, room)}
}

func (b *builder) value() Value {
	d := &document{plain: string(b.plain), entries: b.entries}
	if b.base != nil {
		d.text = b.base.text
	}
	return d.root()
}

// text keeps a text that is not of base.
func (b *builder) text(s string) span {
	from := len(b.plain)
	b.plain = append(b.plain, s...)
	return plainSpan(from, len(b.plain))
}

// plainSpan is a piece of the plain text.
func plainSpan(from, to int) span {
	return span{int32(-1 - from), int32(-1 - to)} //nolint:gosec // G115: not more than bytes
}

func (b *builder) scalar(name span, kind Kind, text string) {
	e := entry{name: name, kind: kind}
	if text != "" {
		e.text = b.text(text)
	}
	b.entries = append(b.entries, e)
}

// open begins an object or array, shut ends it.
func (b *builder) open(name span, kind Kind) int {
	b.entries = append(b.entries, entry{name: name, kind: kind})
	return len(b.entries) - 1
}

func (b *builder) shut(at, children int) {
	b.entries[at].text = span{int32(len(b.entries)), int32(children)} //nolint:gosec // G115: not more than bytes
}

// graft appends a value with all that is in it; what does not exist is null.
func (b *builder) graft(name span, v Value) {
	if v.d == nil {
		b.scalar(name, Null, "")
		return
	}
	first, shift := len(b.entries), int32(len(b.entries))-v.at //nolint:gosec // G115: not more than bytes
	b.entries = append(b.entries, v.d.entries[v.at:v.d.next(v.at)]...)
	for i := first; i < len(b.entries); i++ {
		e := &b.entries[i]
		if v.d != b.base {
			e.name = b.text(v.d.piece(e.name))
		}
		switch {
		case e.kind >= Array:
			e.text.from += shift
		case v.d != b.base:
			e.text = b.text(v.d.piece(e.text))
		}
	}
	b.entries[first].name = name
}

// Text makes the Value of a string.
func Text(s string) Value {
	return (&document{text: s, entries: []entry{{kind: String, text: span{0, int32(len(s))}}}}).root() //nolint:gosec // G115: not more than bytes
}

// Member is a member of ObjectOf.
type Member struct {
	Name  string
	Value Value
}

// ObjectOf makes the Value of an object, whose names must differ. Members that do
// not exist are left out.
func ObjectOf(members ...Member) Value {
	var b builder
	at, n := b.open(span{}, Object), 0
	for _, m := range members {
		if m.Value.Exists() {
			b.graft(b.text(m.Name), m.Value)
			n++
		}
	}
	b.shut(at, n)
	return b.value()
}

// ListOf makes the Value of an array.
func ListOf(elements ...Value) Value {
	var b builder
	at := b.open(span{}, Array)
	for _, e := range elements {
		b.graft(span{}, e)
	}
	b.shut(at, len(elements))
	return b.value()
}

// Clone is the value in memory of its own, which is no larger than it needs.
func (v Value) Clone() Value {
	if v.d == nil {
		return v
	}
	b := builder{entries: make([]entry, 0, v.d.next(v.at)-v.at)}
	b.graft(span{}, v)
	return b.value()
}

// Without is an object without some of its members.
func (v Value) Without(names ...string) Value { return v.change(names, "", Value{}) }

// With is an object with one member in place of those of the same name, or
// beside the others.
func (v Value) With(name string, member Value) Value {
	return v.change([]string{name}, name, member)
}

func (v Value) change(without []string, name string, member Value) Value {
	if v.Kind() != Object {
		return v
	}
	b := on(v.d, int(v.d.next(v.at)-v.at)+1)
	at, n := b.open(span{}, Object), 0
next:
	for m := v.Fields(); m.Exists(); m = m.Next() {
		for _, w := range without {
			if m.Name() == w {
				continue next
			}
		}
		b.graft(m.entry().name, m)
		n++
	}
	if member.Exists() {
		b.graft(b.text(name), member)
		n++
	}
	b.shut(at, n)
	return b.value()
}
