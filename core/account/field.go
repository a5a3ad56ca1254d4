package account

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/osier-passport/osier/core/fault"
)

// FieldErrors are the message keys of what is wrong with an input, by field. It
// unwraps to a fault of kind Invalid.
type FieldErrors map[string]string

// Error lists the fields and keys.
func (f FieldErrors) Error() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		parts = append(parts, name+": "+f[name])
	}
	return strings.Join(parts, ", ")
}

// Unwrap gives the fault of the first field.
func (f FieldErrors) Unwrap() error {
	names := slices.Sorted(maps.Keys(f))
	if len(names) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, f[names[0]])
}

// add keeps a fault as the error of a field; nil adds nothing.
func (f FieldErrors) add(field string, err error) {
	if e, ok := fault.As(err); ok {
		f[field] = e.Key
	}
}

// fieldError is a fault as the error of one field.
func fieldError(field string, err error) error {
	wrong := FieldErrors{}
	wrong.add(field, err)
	if len(wrong) == 0 {
		return err
	}
	return wrong
}

// orNil is f as an error, nil when nothing is wrong.
func (f FieldErrors) orNil() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// fieldsOf finds the FieldErrors in err's chain.
func fieldsOf(err error) (FieldErrors, bool) { return errors.AsType[FieldErrors](err) }
