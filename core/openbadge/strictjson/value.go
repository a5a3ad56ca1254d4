package strictjson

import (
	"encoding/json"
	"iter"
	"strconv"
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
	kids []Member // of an object, or the elements of an array
	text string   // of a string, the digits of a number as written
	kind Kind
}

// Member is one member of an object; an element of an array has no name.
type Member struct {
	Name  string
	Value Value
}

// Kind is what the value is.
func (v Value) Kind() Kind { return v.kind }

// Exists tells a value, null included, from a member that is not there.
func (v Value) Exists() bool { return v.kind != Absent }

// Present tells a value from null and from a member that is not there.
func (v Value) Present() bool { return v.kind > Null }

// IsObject reports whether the value is an object.
func (v Value) IsObject() bool { return v.kind == Object }

// IsList reports whether the value is an array.
func (v Value) IsList() bool { return v.kind == Array }

// Text is the string, "" where the value is none.
func (v Value) Text() string {
	if v.kind == String {
		return v.text
	}
	return ""
}

// IsText reports whether the value is a string.
func (v Value) IsText() bool { return v.kind == String }

// Digits is a number as it was written, "" where the value is none.
func (v Value) Digits() string {
	if v.kind == Number {
		return v.text
	}
	return ""
}

// Members are those of an object in the order of the document, none where the
// value is no object. They must not be changed.
func (v Value) Members() []Member {
	if v.kind == Object {
		return v.kids
	}
	return nil
}

// Get is a member of an object; it does not exist where the value is none.
func (v Value) Get(name string) Value {
	if v.kind == Object {
		for i := range v.kids {
			if v.kids[i].Name == name {
				return v.kids[i].Value
			}
		}
	}
	return Value{}
}

// Len is the number of values that All gives.
func (v Value) Len() int {
	switch {
	case v.kind == Array:
		return len(v.kids)
	case v.kind <= Null:
		return 0
	}
	return 1
}

// All gives the elements of an array, a single value as a list of one, and
// nothing for null and what is not there.
func (v Value) All() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.kind != Array {
			if v.kind > Null {
				yield(v)
			}
			return
		}
		for i := range v.kids {
			if !yield(v.kids[i].Value) {
				return
			}
		}
	}
}

// At is one of the values that All gives, from 0.
func (v Value) At(i int) Value {
	if v.kind == Array {
		return v.kids[i].Value
	}
	return v
}

// First is the first value that All gives; it does not exist where there is none.
func (v Value) First() Value {
	switch {
	case v.kind != Array:
		return v
	case len(v.kids) > 0:
		return v.kids[0].Value
	}
	return Value{}
}

// Without is an object without some of its members.
func (v Value) Without(names ...string) Value {
	kids := make([]Member, 0, len(v.kids))
next:
	for i := range v.kids {
		for _, name := range names {
			if v.kids[i].Name == name {
				continue next
			}
		}
		kids = append(kids, v.kids[i])
	}
	return Value{kind: v.kind, kids: kids}
}

// With is an object with one member in place of those of the same name, or
// beside the others.
func (v Value) With(name string, member Value) Value {
	out := v.Without(name)
	if member.Exists() {
		out.kids = append(out.kids, Member{name, member})
	}
	return out
}

// OrNull is the value, null where it does not exist.
func (v Value) OrNull() Value {
	if v.kind == Absent {
		return Value{kind: Null}
	}
	return v
}

// Any is the value as Decode returns it: map[string]any, []any, string,
// json.Number, bool or nil.
func (v Value) Any() any {
	switch v.kind {
	case Object:
		return v.Map()
	case Array:
		list := make([]any, len(v.kids))
		for i := range v.kids {
			list[i] = v.kids[i].Value.Any()
		}
		return list
	case String:
		return v.text
	case Number:
		return json.Number(v.text)
	case True, False:
		return v.kind == True
	}
	return nil
}

// Map is an object as Decode returns it, nil where the value is none.
func (v Value) Map() map[string]any {
	if v.kind != Object {
		return nil
	}
	m := make(map[string]any, len(v.kids))
	for i := range v.kids {
		m[v.kids[i].Name] = v.kids[i].Value.Any()
	}
	return m
}

// Text makes the Value of a string.
func Text(s string) Value { return Value{kind: String, text: s} }

// ListOf makes the Value of an array.
func ListOf(elements ...Value) Value {
	kids := make([]Member, len(elements))
	for i, e := range elements {
		kids[i].Value = e
	}
	return Value{kind: Array, kids: kids}
}

// Of makes the Value of what Decode returns; []string, float64 and int are taken
// too. The members of an object come in the order of their names. Any other Go
// type, at any depth, is an *Error.
func Of(v any) (Value, error) {
	switch v := v.(type) {
	case nil:
		return Value{kind: Null}, nil
	case Value:
		return v, nil
	case bool:
		if v {
			return Value{kind: True}, nil
		}
		return Value{kind: False}, nil
	case string:
		return Text(v), nil
	case json.Number:
		return Value{kind: Number, text: string(v)}, nil
	case float64:
		return Value{kind: Number, text: strconv.FormatFloat(v, 'g', -1, 64)}, nil
	case int:
		return Value{kind: Number, text: strconv.Itoa(v)}, nil
	case []any:
		return listOf(v)
	case []string:
		out := Value{kind: Array, kids: make([]Member, len(v))}
		for i, s := range v {
			out.kids[i].Value = Text(s)
		}
		return out, nil
	case map[string]any:
		return objectOf(v)
	}
	return Value{}, unsupported(v)
}

func listOf(list []any) (Value, error) {
	out := Value{kind: Array, kids: make([]Member, len(list))}
	for i, e := range list {
		var err error
		if out.kids[i].Value, err = Of(e); err != nil {
			return Value{}, err
		}
	}
	return out, nil
}

func objectOf(m map[string]any) (Value, error) {
	out := Value{kind: Object, kids: make([]Member, 0, len(m))}
	for _, name := range sortedNames(m) {
		v, err := Of(m[name])
		if err != nil {
			return Value{}, err
		}
		out.kids = append(out.kids, Member{name, v})
	}
	return out, nil
}

// ObjectOf makes the Value of an object, whose names must differ. Members that do
// not exist are left out.
func ObjectOf(members ...Member) Value {
	kids := make([]Member, 0, len(members))
	for _, m := range members {
		if m.Value.Exists() {
			kids = append(kids, m)
		}
	}
	return Value{kind: Object, kids: kids}
}
