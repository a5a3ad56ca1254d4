package web

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/osier-passport/osier/core/fault"
)

// Bind copies the form into the fields of the struct that to points at: those
// with a tag `form:"name"`, and no other. Fields are string, bool (a checkbox),
// int, int64, []string or File. A value sent twice for a field that is no list,
// or that is no number, is Malformed. Use a struct made for the form, never one
// that is stored.
func (c *Ctx) Bind(to any) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	p := reflect.ValueOf(to)
	if p.Kind() != reflect.Pointer || p.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("bind a form: want a pointer to a struct, got %T", to)
	}
	s := p.Elem()
	for i := range s.NumField() {
		name := s.Type().Field(i).Tag.Get("form")
		if name == "" {
			continue
		}
		if err := form.set(s.Field(i), name); err != nil {
			return err
		}
	}
	return nil
}

func (f Form) set(field reflect.Value, name string) error {
	switch to := field.Addr().Interface().(type) {
	case *File:
		if len(f.files[name]) > 1 {
			return fault.New(fault.Malformed, "web.form")
		}
		*to, _ = f.File(name)
		return nil
	case *[]string:
		*to = f.values[name]
		return nil
	}
	if len(f.values[name]) > 1 {
		return fault.New(fault.Malformed, "web.form")
	}
	value := f.Get(name)
	switch to := field.Addr().Interface().(type) {
	case *string:
		*to = value
	case *bool:
		*to = value != "" && value != "0" && value != "false"
	case *int:
		return number(value, func(n int64) { *to = int(n) })
	case *int64:
		return number(value, func(n int64) { *to = n })
	default:
		return fmt.Errorf("bind a form: field %s has type %s", name, field.Type())
	}
	return nil
}

func number(s string, set func(int64)) error {
	if s == "" {
		return nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return fault.New(fault.Malformed, "web.form").Wrap(err)
	}
	set(n)
	return nil
}
