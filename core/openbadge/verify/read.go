package verify

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// What is read of every credential is read of its strictjson.Value; the functions of value.go
// do the same for documents as Go maps.

// idIn reads an identifier that is a string or an object with one.
func idIn(v strictjson.Value) string {
	if v.IsList() && v.Len() == 1 {
		v = v.First()
	}
	if !v.IsObject() {
		return v.Text()
	}
	if id := v.Get("id").Text(); id != "" {
		return id
	}
	return v.Get("@id").Text()
}

// types gives the property that holds the types of an object.
func types(m strictjson.Value) strictjson.Value {
	if v := m.Get("type"); v.Present() {
		return v
	}
	return m.Get("@type")
}

// typesIn are the types of an object that are strings.
func typesIn(m strictjson.Value) []string {
	var out []string
	for t := range types(m).All() {
		if t.IsText() {
			out = append(out, t.Text())
		}
	}
	return out
}

// typed reports whether an object has one of some types.
func typed(m strictjson.Value, names ...string) bool {
	v := types(m)
	for t := v.Items(); t.Exists(); t = t.Next() {
		if t.IsText() && slices.Contains(names, t.Text()) {
			return true
		}
	}
	return false
}

// isTrue reports the value true.
func isTrue(v strictjson.Value) bool { return v.Kind() == strictjson.True }

// valueOf is a value as strictjson.Decode returns it.
func valueOf(v any) strictjson.Value {
	out, err := strictjson.Of(v)
	if err != nil {
		return strictjson.Value{} // of a type that no document has
	}
	return out
}

// numericDate reads a JWT NumericDate (RFC 7519 §2): seconds, possibly with a fraction.
func numericDate(v strictjson.Value) (time.Time, bool) {
	if v.Kind() != strictjson.Number {
		return time.Time{}, false
	}
	f, err := strconv.ParseFloat(v.Digits(), 64)
	if err != nil || f < -62135596800 || f > 253402300799 {
		return time.Time{}, false
	}
	sec, frac := math.Modf(f)
	return time.Unix(int64(sec), int64(frac*1e9)).UTC(), true
}
