package theme

import (
	"cmp"
	"reflect"
	"slices"
)

type textStep []byte

func (s textStep) run(d *drawer, _ reflect.Value) leap {
	d.out.Write(s)
	return onward
}

// noStep is what only html/template can do.
type noStep struct{}

func (noStep) run(*drawer, reflect.Value) leap {
	giveUp()
	return onward
}

type leapStep leap

func (s leapStep) run(*drawer, reflect.Value) leap { return leap(s) }

// setStep works out what declares or sets a variable.
type setStep struct{ value expr }

func (s setStep) run(d *drawer, dot reflect.Value) leap {
	s.value.eval(d, dot)
	return onward
}

// writeStep writes a value as its place wants it.
type writeStep struct {
	value  expr
	text   texter // the same, where it can
	escape *escaping
}

func (s *writeStep) run(d *drawer, dot reflect.Value) leap {
	if s.text != nil {
		text, html := s.text.text(d, dot)
		if html {
			s.escape.html(d.out, text)
		} else {
			s.escape.plain(d.out, text)
		}
		return onward
	}
	s.escape.value(d.out, s.value.eval(d, dot))
	return onward
}

type ifStep struct {
	cond      expr
	then, not steps
}

func (s *ifStep) run(d *drawer, dot reflect.Value) leap {
	if truth(s.cond.eval(d, dot)) {
		return s.then.run(d, dot)
	}
	return s.not.run(d, dot)
}

type withStep struct {
	value     expr
	then, not steps
}

func (s *withStep) run(d *drawer, dot reflect.Value) leap {
	if v := s.value.eval(d, dot); truth(v) {
		return s.then.run(d, v)
	}
	return s.not.run(d, dot)
}

// callStep executes another template.
type callStep struct {
	body *body
	dot  expr
}

func (s *callStep) run(d *drawer, dot reflect.Value) leap {
	d.call(s.body, s.dot.eval(d, dot))
	return onward
}

// rangeStep goes through a list, or counts.
type rangeStep struct {
	list           expr
	index, element int // places of variables; -1: none
	body, empty    steps
}

func (s *rangeStep) run(d *drawer, dot reflect.Value) leap {
	list := s.list.eval(d, dot)
	for list.Kind() == reflect.Pointer && !list.IsNil() {
		list = list.Elem()
	}
	n := 0
	switch list.Kind() {
	case reflect.Slice, reflect.Array:
		n = list.Len()
		for i := range n {
			if s.one(d, i, opened(list.Index(i))) == broken {
				break
			}
		}
	case reflect.Int:
		if s.index >= 0 {
			giveUp()
		}
		n = int(list.Int())
		for i := range n {
			if s.one(d, i, reflect.ValueOf(i)) == broken {
				break
			}
		}
	case reflect.Invalid:
	case reflect.Map:
		n = s.entries(d, list)
	default:
		giveUp()
	}
	if n <= 0 {
		return s.empty.run(d, dot)
	}
	return onward
}

// entries goes through a map whose keys are words, in their order, and gives how many
// there are.
func (s *rangeStep) entries(d *drawer, of reflect.Value) int {
	if of.Len() > 0 && of.Type().Key().Kind() != reflect.String {
		giveUp()
	}
	keys := of.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if s.index >= 0 {
			d.frame[s.index] = key
		}
		if s.entry(d, opened(of.MapIndex(key))) == broken {
			break
		}
	}
	return len(keys)
}

func (s *rangeStep) one(d *drawer, i int, element reflect.Value) leap {
	if s.index >= 0 {
		d.frame[s.index] = reflect.ValueOf(i)
	}
	return s.entry(d, element)
}

// entry is what the loop does with an element.
func (s *rangeStep) entry(d *drawer, element reflect.Value) leap {
	if s.element >= 0 {
		d.frame[s.element] = element
	}
	return s.body.run(d, element)
}

// opened is what is in an interface.
func opened(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

// truth is what {{if}} takes for true.
func truth(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Invalid:
		return false
	case reflect.Bool:
		return v.Bool()
	case reflect.String, reflect.Slice, reflect.Map, reflect.Array:
		return v.Len() > 0
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int() != 0
	case reflect.Float32, reflect.Float64:
		return v.Float() != 0
	case reflect.Pointer:
		return !v.IsNil()
	case reflect.Struct:
		return true
	}
	giveUp()
	return false
}
