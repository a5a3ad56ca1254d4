package theme

import (
	"fmt"
	"html/template"
	"reflect"
	"time"
)

// function is a call of a function of templates, nil where it is not known.
func (c *compiler) function(name string, args []expr) expr {
	f, ok := c.funcs[name]
	if !ok {
		return builtin(name, args)
	}
	n := len(args)
	switch f := f.(type) {
	case func() string:
		if n == 0 {
			return stringCall(func(*drawer, reflect.Value) string { return f() })
		}
	case func(string) string:
		if n == 1 {
			return stringCall(func(d *drawer, dot reflect.Value) string { return f(stringOf(args[0].eval(d, dot))) })
		}
	case func(string) (string, error):
		if n == 1 {
			return stringCall(func(d *drawer, dot reflect.Value) string { return certain(f(stringOf(args[0].eval(d, dot)))) })
		}
	case func(string, int) string:
		if n == 2 {
			return stringCall(func(d *drawer, dot reflect.Value) string {
				return f(stringOf(args[0].eval(d, dot)), intOf(args[1].eval(d, dot)))
			})
		}
	case func(int) string:
		if n == 1 {
			return stringCall(func(d *drawer, dot reflect.Value) string { return f(intOf(args[0].eval(d, dot))) })
		}
	case func(any) string:
		if n == 1 {
			return stringCall(func(d *drawer, dot reflect.Value) string { return f(anyOf(args[0].eval(d, dot))) })
		}
	case func(time.Time) string:
		if n == 1 {
			return stringCall(func(d *drawer, dot reflect.Value) string { return f(timeOf(args[0].eval(d, dot))) })
		}
	case func(string, ...any) (string, error):
		if n >= 1 {
			return stringCall(func(d *drawer, dot reflect.Value) string {
				return certain(f(stringOf(args[0].eval(d, dot)), anys(d, dot, args[1:])...))
			})
		}
	default:
		return htmlFunction(f, args)
	}
	return nil
}

// htmlFunction are functions that give HTML.
func htmlFunction(f any, args []expr) expr {
	n := len(args)
	switch f := f.(type) {
	case func() template.HTML:
		if n == 0 {
			return htmlCall(func(*drawer, reflect.Value) template.HTML { return f() })
		}
	case func(string) template.HTML:
		if n == 1 {
			return htmlCall(func(d *drawer, dot reflect.Value) template.HTML { return f(stringOf(args[0].eval(d, dot))) })
		}
	case func(string, any) (template.HTML, error):
		if n == 2 {
			return htmlCall(func(d *drawer, dot reflect.Value) template.HTML {
				return certain(f(stringOf(args[0].eval(d, dot)), anyOf(args[1].eval(d, dot))))
			})
		}
	case func(string, ...string) (template.HTML, error):
		if n >= 1 {
			return htmlCall(func(d *drawer, dot reflect.Value) template.HTML {
				return certain(f(stringOf(args[0].eval(d, dot)), words(d, dot, args[1:])...))
			})
		}
	default:
		return valueFunction(f, args)
	}
	return nil
}

// valueFunction are functions that give neither words nor HTML.
func valueFunction(f any, args []expr) expr {
	n := len(args)
	switch f := f.(type) {
	case func(string) int:
		if n == 1 {
			return call(func(d *drawer, dot reflect.Value) reflect.Value {
				return reflect.ValueOf(f(stringOf(args[0].eval(d, dot))))
			})
		}
	case func(string) bool:
		if n == 1 {
			return call(func(d *drawer, dot reflect.Value) reflect.Value { return truths(f(stringOf(args[0].eval(d, dot)))) })
		}
	case func(int, int) int:
		if n == 2 {
			return call(func(d *drawer, dot reflect.Value) reflect.Value {
				return reflect.ValueOf(f(intOf(args[0].eval(d, dot)), intOf(args[1].eval(d, dot))))
			})
		}
	case func(any, any) any:
		if n == 2 {
			return call(func(d *drawer, dot reflect.Value) reflect.Value {
				return reflect.ValueOf(f(anyOf(args[0].eval(d, dot)), anyOf(args[1].eval(d, dot))))
			})
		}
	case func(...any) []any:
		return call(func(d *drawer, dot reflect.Value) reflect.Value { return reflect.ValueOf(f(anys(d, dot, args)...)) })
	case func(...any) (map[string]any, error):
		return call(func(d *drawer, dot reflect.Value) reflect.Value {
			return reflect.ValueOf(certain(f(anys(d, dot, args)...)))
		})
	}
	return nil
}

// call is a function that gives a value.
type call func(d *drawer, dot reflect.Value) reflect.Value

func (f call) eval(d *drawer, dot reflect.Value) reflect.Value { return f(d, dot) }

// stringCall is a function that gives words.
type stringCall func(d *drawer, dot reflect.Value) string

func (f stringCall) eval(d *drawer, dot reflect.Value) reflect.Value {
	return reflect.ValueOf(f(d, dot))
}

func (f stringCall) text(d *drawer, dot reflect.Value) (string, bool) { return f(d, dot), false }

// htmlCall is a function that gives HTML.
type htmlCall func(d *drawer, dot reflect.Value) template.HTML

func (f htmlCall) eval(d *drawer, dot reflect.Value) reflect.Value { return reflect.ValueOf(f(d, dot)) }

func (f htmlCall) text(d *drawer, dot reflect.Value) (string, bool) { return string(f(d, dot)), true }

// certain is a result; an error is told by html/template.
func certain[T any](v T, err error) T {
	if err != nil {
		giveUp()
	}
	return v
}

func anys(d *drawer, dot reflect.Value, args []expr) []any {
	if len(args) == 0 {
		return nil
	}
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = anyOf(a.eval(d, dot))
	}
	return list
}

func words(d *drawer, dot reflect.Value, args []expr) []string {
	list := make([]string, len(args))
	for i, a := range args {
		list[i] = stringOf(a.eval(d, dot))
	}
	return list
}

// builtin is a function of text/template, nil for one that is not known.
func builtin(name string, args []expr) expr {
	n := len(args)
	switch {
	case (name == "and" || name == "or") && n > 0:
		return logic{args, name == "or"}
	case name == "not" && n == 1:
		return call(func(d *drawer, dot reflect.Value) reflect.Value { return truths(!truth(args[0].eval(d, dot))) })
	case name == "eq" && n > 1:
		return call(func(d *drawer, dot reflect.Value) reflect.Value { return truths(equal(d, dot, args)) })
	case name == "ne" && n == 2:
		return call(func(d *drawer, dot reflect.Value) reflect.Value { return truths(!equal(d, dot, args)) })
	case name == "lt" && n == 2:
		return call(func(d *drawer, dot reflect.Value) reflect.Value { return truths(compare(d, dot, args) < 0) })
	case name == "le" && n == 2:
		return call(func(d *drawer, dot reflect.Value) reflect.Value { return truths(compare(d, dot, args) <= 0) })
	case name == "gt" && n == 2:
		return call(func(d *drawer, dot reflect.Value) reflect.Value { return truths(compare(d, dot, args) > 0) })
	case name == "ge" && n == 2:
		return call(func(d *drawer, dot reflect.Value) reflect.Value { return truths(compare(d, dot, args) >= 0) })
	case name == "len" && n == 1:
		return call(func(d *drawer, dot reflect.Value) reflect.Value { return reflect.ValueOf(length(args[0].eval(d, dot))) })
	case name == "index" && n == 2:
		return call(func(d *drawer, dot reflect.Value) reflect.Value {
			return entry(args[0].eval(d, dot), args[1].eval(d, dot))
		})
	case name == "print":
		return stringCall(func(d *drawer, dot reflect.Value) string { return printed(d, dot, args) })
	case name == "printf" && n > 0:
		return stringCall(func(d *drawer, dot reflect.Value) string {
			return fmt.Sprintf(stringOf(args[0].eval(d, dot)), anys(d, dot, args[1:])...)
		})
	}
	return nil
}

// logic is {{and}} or {{or}}: the first value that decides, or the last one.
type logic struct {
	args []expr
	or   bool
}

func (e logic) eval(d *drawer, dot reflect.Value) (v reflect.Value) {
	for _, a := range e.args {
		if v = a.eval(d, dot); truth(v) == e.or {
			return v
		}
	}
	return v
}

func equal(d *drawer, dot reflect.Value, args []expr) bool {
	first := args[0].eval(d, dot)
	for _, a := range args[1:] {
		if same(first, a.eval(d, dot)) {
			return true
		}
	}
	return false
}

// same compares two words, numbers or truths.
func same(a, b reflect.Value) bool {
	switch {
	case a.Kind() == reflect.String && b.Kind() == reflect.String:
		return a.String() == b.String()
	case a.CanInt() && b.CanInt():
		return a.Int() == b.Int()
	case a.Kind() == reflect.Bool && b.Kind() == reflect.Bool:
		return a.Bool() == b.Bool()
	case !a.IsValid() && b.Kind() == reflect.String, !b.IsValid() && a.Kind() == reflect.String: // what is absent is no word
		return false
	}
	giveUp()
	return false
}

// compare is below, at or above zero as two whole numbers are to each other.
func compare(d *drawer, dot reflect.Value, args []expr) int {
	a, b := args[0].eval(d, dot), args[1].eval(d, dot)
	switch {
	case !a.CanInt() || !b.CanInt():
		giveUp()
	case a.Int() < b.Int():
		return -1
	case a.Int() > b.Int():
		return 1
	}
	return 0
}

func length(v reflect.Value) int {
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Map, reflect.Array:
		return v.Len()
	}
	giveUp()
	return 0
}

// entry is an element of a map whose keys are words, or of a list.
func entry(of, at reflect.Value) reflect.Value {
	switch {
	case of.Kind() == reflect.Map && of.Type().Key() == stringType && at.IsValid() && at.Type() == stringType:
		v := of.MapIndex(at)
		if !v.IsValid() {
			v = reflect.Zero(of.Type().Elem())
		}
		return opened(v)
	case of.Kind() == reflect.Slice && at.CanInt() && at.Int() >= 0 && at.Int() < int64(of.Len()):
		return opened(of.Index(int(at.Int())))
	}
	giveUp()
	return reflect.Value{}
}

// printed is fmt.Sprint, which puts no space between words.
func printed(d *drawer, dot reflect.Value, args []expr) string {
	var b []byte
	values := make([]reflect.Value, len(args))
	plain := true
	for i, a := range args {
		values[i] = a.eval(d, dot)
		plain = plain && values[i].IsValid() && values[i].Type() == stringType
	}
	if !plain {
		list := make([]any, len(values))
		for i, v := range values {
			list[i] = anyOf(v)
		}
		return fmt.Sprint(list...)
	}
	for _, v := range values {
		b = append(b, v.String()...)
	}
	return string(b)
}
