package theme

import (
	"reflect"
	"sync/atomic"
	"time"
)

var (
	stringType = reflect.TypeFor[string]()
	intType    = reflect.TypeFor[int]()
	timeType   = reflect.TypeFor[time.Time]()
	dictType   = reflect.TypeFor[map[string]any]()
)

type dotExpr struct{}

func (dotExpr) eval(_ *drawer, dot reflect.Value) reflect.Value { return opened(dot) }

type variable int

func (e variable) eval(d *drawer, _ reflect.Value) reflect.Value { return opened(d.frame[e]) }

type constantExpr struct{ value reflect.Value }

func (e constantExpr) eval(*drawer, reflect.Value) reflect.Value { return e.value }

// nothing is nil, and what a template gets that is called without a value.
type nothing struct{}

func (nothing) eval(*drawer, reflect.Value) reflect.Value { return reflect.Value{} }

// unknown is what only html/template can work out.
type unknown struct{}

func (unknown) eval(*drawer, reflect.Value) reflect.Value {
	giveUp()
	return reflect.Value{}
}

// setting works out a value and keeps it as a variable.
type setting struct {
	value expr
	place int
}

func (e *setting) eval(d *drawer, dot reflect.Value) reflect.Value {
	v := e.value.eval(d, dot)
	d.frame[e.place] = v
	return v
}

// chain is .One.Two of a value.
func chain(of expr, names []string) expr {
	for _, name := range names {
		of = &field{of: of, name: name}
	}
	return of
}

// field is a field, an entry or a method without arguments of a value.
type field struct {
	of   expr
	name string
	last atomic.Pointer[access] // how it was found last time
}

// access is how a field is found in values of a type.
type access struct {
	typ         reflect.Type
	addressable bool
	index       []int // of a field
	method      int   // -1: a field
	zero        bool  // time.Time.IsZero
}

func (e *field) eval(d *drawer, dot reflect.Value) reflect.Value {
	v := e.of.eval(d, dot)
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		giveUp()
	}
	if v.Type() == dictType {
		return e.entry(v)
	}
	a := e.last.Load()
	if a == nil || a.typ != v.Type() || a.addressable != v.CanAddr() {
		a = accessOf(v, e.name)
		e.last.Store(a)
	}
	switch {
	case a.zero:
		return truths(timeOf(v).IsZero())
	case a.method >= 0:
		if a.addressable {
			v = v.Addr()
		}
		return result(v.Method(a.method).Call(nil))
	case len(a.index) == 1:
		return opened(v.Field(a.index[0]))
	}
	f, err := v.FieldByIndexErr(a.index)
	if err != nil {
		giveUp()
	}
	return opened(f)
}

func (e *field) entry(v reflect.Value) reflect.Value {
	dict, ok := reflect.TypeAssert[map[string]any](v)
	if !ok {
		giveUp()
	}
	value, ok := dict[e.name]
	if !ok {
		giveUp()
	}
	return reflect.ValueOf(value)
}

// accessOf finds a method before a field, as html/template does.
func accessOf(v reflect.Value, name string) *access {
	a := &access{typ: v.Type(), addressable: v.CanAddr(), method: -1}
	methods := a.typ
	if a.addressable {
		methods = reflect.PointerTo(a.typ)
	}
	if m, ok := methods.MethodByName(name); ok {
		if m.Type.NumIn() != 1 {
			giveUp()
		}
		a.method, a.zero = m.Index, a.typ == timeType && name == "IsZero"
		return a
	}
	if v.Kind() != reflect.Struct {
		giveUp()
	}
	f, ok := a.typ.FieldByName(name)
	if !ok || !f.IsExported() {
		giveUp()
	}
	a.index = f.Index
	return a
}

// result is the first of one or two results of a call. One with an error is told by
// html/template.
func result(out []reflect.Value) reflect.Value {
	if len(out) == 2 && !out[1].IsNil() {
		giveUp()
	}
	return opened(out[0])
}

var yes, no = reflect.ValueOf(true), reflect.ValueOf(false)

func truths(b bool) reflect.Value {
	if b {
		return yes
	}
	return no
}

// stringOf, intOf and timeOf give what a function wants that takes such a value, and
// anyOf what one that takes any.
func stringOf(v reflect.Value) string {
	if !v.IsValid() || v.Type() != stringType {
		giveUp()
	}
	return v.String()
}

func intOf(v reflect.Value) int {
	if !v.IsValid() || v.Type() != intType {
		giveUp()
	}
	return int(v.Int())
}

func timeOf(v reflect.Value) time.Time {
	if !v.IsValid() || v.Type() != timeType {
		giveUp()
	}
	t, ok := reflect.TypeAssert[time.Time](v)
	if !ok {
		giveUp()
	}
	return t
}

func anyOf(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	if !v.CanInterface() {
		giveUp()
	}
	return v.Interface()
}
