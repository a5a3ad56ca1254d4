package strictjson

import (
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// Kind is what a Value is.
type Kind uint8

// The kinds of values. Absent is that of the zero Value: a member that is not there.
const (
	Absent Kind = iota
	Null
	False
	True
	Number
	String
	Array
	Object
)

// Value is one value of a JSON document: what Read gives in place of Go maps,
// whose making costs several times the reading. It does not change and may be
// read by several goroutines. Its texts share the memory of the document.
type Value struct {
	d   *document
	at  int32 // its entry
	end int32 // behind the entries of it and of what stands beside it
}

// document is the values of a text in its order, a container before what is in
// it. Nothing in the entries is a pointer, so the garbage collector passes them.
type document struct {
	text    string // names, strings and numbers as they were written
	plain   string // those that were written with escapes
	entries []entry
	box     *[]entry // of the entries, see Recycle; may be nil
}

// entry is a value with the name that it has in an object.
type entry struct {
	name span
	text span // of an object or array: place behind its last entry, number of children
	kind Kind
}

// span is a piece of the text of a document, or of plain: then both ends are
// below zero, counted from -1 downwards.
type span struct{ from, to int32 }

func (d *document) piece(s span) string {
	if s.from < 0 {
		return d.plain[-1-s.from : -1-s.to]
	}
	return d.text[s.from:s.to]
}

// next is the place behind an entry and what is in it.
func (d *document) next(at int32) int32 {
	if e := &d.entries[at]; e.kind >= Array {
		return e.text.from
	}
	return at + 1
}

func (d *document) root() Value { return Value{d: d, end: int32(len(d.entries))} } //nolint:gosec // G115: not more than bytes

func (v Value) entry() *entry { return &v.d.entries[v.at] }

// Kind is what the value is.
func (v Value) Kind() Kind {
	if v.d == nil {
		return Absent
	}
	return v.entry().kind
}

// Exists tells a value, null included, from a member that is not there.
func (v Value) Exists() bool { return v.d != nil }

// Present tells a value from null and from a member that is not there.
func (v Value) Present() bool { return v.Kind() > Null }

// IsObject reports whether the value is an object.
func (v Value) IsObject() bool { return v.Kind() == Object }

// IsList reports whether the value is an array.
func (v Value) IsList() bool { return v.Kind() == Array }

// IsText reports whether the value is a string.
func (v Value) IsText() bool { return v.Kind() == String }

// Text is the string, "" where the value is none.
func (v Value) Text() string {
	if v.Kind() != String {
		return ""
	}
	return v.d.piece(v.entry().text)
}

// Digits is a number as it was written, "" where the value is none.
func (v Value) Digits() string {
	if v.Kind() != Number {
		return ""
	}
	return v.d.piece(v.entry().text)
}

// Name is the name that the value has in its object, "" in an array.
func (v Value) Name() string {
	if v.d == nil {
		return ""
	}
	return v.d.piece(v.entry().name)
}

// Next is the value behind this one, where it came from Fields or Items.
func (v Value) Next() Value {
	if v.at = v.d.next(v.at); v.at >= v.end {
		return Value{}
	}
	return v
}

// children is the first value in an object or array.
func (v Value) children() Value {
	if v.entry().text.to == 0 {
		return Value{}
	}
	return Value{d: v.d, at: v.at + 1, end: v.entry().text.from}
}

// Fields is the first member of an object in the order of the document, for
//
//	for m := v.Fields(); m.Exists(); m = m.Next()
//
// It does not exist where the object is empty, or the value none.
func (v Value) Fields() Value {
	if v.Kind() != Object {
		return Value{}
	}
	return v.children()
}

// Items is the first element of an array, a single value as the only one of a
// list; it does not exist for null and what is not there. See Fields.
func (v Value) Items() Value {
	switch kind := v.Kind(); {
	case kind == Array:
		return v.children()
	case kind <= Null:
		return Value{}
	}
	v.end = v.at + 1
	return v
}

// Sorted are the members of an object in the order of their names.
func (v Value) Sorted() []Value {
	out := make([]Value, 0, v.Size())
	for m := v.Fields(); m.Exists(); m = m.Next() {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b Value) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}

// Size is the number of members of an object, 0 where the value is none.
func (v Value) Size() int {
	if v.Kind() != Object {
		return 0
	}
	return int(v.entry().text.to)
}

// Get is a member of an object; it does not exist where the value is none.
func (v Value) Get(name string) Value {
	if v.Kind() != Object {
		return Value{}
	}
	d, end := v.d, v.entry().text.from
	entries := d.entries[:end]
	for at := int(v.at) + 1; at < len(entries); {
		e := &entries[at]
		size := int(e.name.to - e.name.from)
		if (size == len(name) || e.name.from < 0 && size == -len(name)) && d.piece(e.name) == name {
			return Value{d: d, at: int32(at), end: end} //nolint:gosec // G115: not more than entries
		}
		if at++; e.kind >= Array {
			at = int(e.text.from)
		}
	}
	return Value{}
}

// Mentions reports whether an object in the value has a member of one of some names.
func (v Value) Mentions(names ...string) bool {
	if v.d == nil {
		return false
	}
	entries := v.d.entries[v.at:v.d.next(v.at)]
	for i := range entries {
		e := &entries[i]
		size := int(e.name.to - e.name.from)
		for _, name := range names { // most are of another length
			if (size == len(name) || size == -len(name)) && v.d.piece(e.name) == name {
				return true
			}
		}
	}
	return false
}

// Len is the number of values that Items and All give.
func (v Value) Len() int {
	switch kind := v.Kind(); {
	case kind == Array:
		return int(v.entry().text.to)
	case kind <= Null:
		return 0
	}
	return 1
}

// All gives the elements of an array, a single value as a list of one, and
// nothing for null and what is not there.
func (v Value) All() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for item := v.Items(); item.Exists(); item = item.Next() {
			if !yield(item) {
				return
			}
		}
	}
}

// First is the first element of an array, and any other value itself.
func (v Value) First() Value {
	if v.Kind() == Array {
		return v.children()
	}
	return v
}

// OrNull is the value, null where it does not exist.
func (v Value) OrNull() Value {
	if v.d == nil {
		return (&document{entries: []entry{{kind: Null}}}).root()
	}
	return v
}

// Any is the value as Decode returns it: map[string]any, []any, string,
// json.Number, bool or nil.
func (v Value) Any() any {
	switch v.Kind() {
	case Object:
		return v.Map()
	case Array:
		list := make([]any, 0, v.Len())
		for item := v.Items(); item.Exists(); item = item.Next() {
			list = append(list, item.Any())
		}
		return list
	case String:
		return v.Text()
	case Number:
		return json.Number(v.Digits())
	case True, False:
		return v.Kind() == True
	}
	return nil
}

// Map is an object as Decode returns it, nil where the value is none.
func (v Value) Map() map[string]any {
	if v.Kind() != Object {
		return nil
	}
	m := make(map[string]any, v.Size())
	for f := v.Fields(); f.Exists(); f = f.Next() {
		m[f.Name()] = f.Any()
	}
	return m
}

// Of makes the Value of what Decode returns; []string, float64 and int are taken
// too. The members of an object come in the order of their names. Any other Go
// type, at any depth, is an *Error.
func Of(v any) (Value, error) {
	if already, ok := v.(Value); ok {
		return already, nil
	}
	var b builder
	if err := b.put(span{}, v); err != nil {
		return Value{}, err
	}
	return b.value(), nil
}

// put appends what Decode returns.
func (b *builder) put(name span, v any) error {
	switch v := v.(type) {
	case nil:
		b.scalar(name, Null, "")
	case Value:
		b.graft(name, v)
	case bool:
		kind := False
		if v {
			kind = True
		}
		b.scalar(name, kind, "")
	case string:
		b.scalar(name, String, v)
	case json.Number:
		b.scalar(name, Number, string(v))
	case float64:
		b.scalar(name, Number, strconv.FormatFloat(v, 'g', -1, 64))
	case int:
		b.scalar(name, Number, strconv.Itoa(v))
	case []string:
		at := b.open(name, Array)
		for _, s := range v {
			b.scalar(span{}, String, s)
		}
		b.shut(at, len(v))
	case []any:
		return b.putList(name, v)
	case map[string]any:
		return b.putObject(name, v)
	default:
		return unsupported(v)
	}
	return nil
}

func (b *builder) putList(name span, list []any) error {
	at := b.open(name, Array)
	for _, e := range list {
		if err := b.put(span{}, e); err != nil {
			return err
		}
	}
	b.shut(at, len(list))
	return nil
}

func (b *builder) putObject(name span, m map[string]any) error {
	at := b.open(name, Object)
	for _, key := range sortedNames(m) {
		if err := b.put(b.text(key), m[key]); err != nil {
			return err
		}
	}
	b.shut(at, len(m))
	return nil
}
