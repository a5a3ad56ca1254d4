package strictjson

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// JCS returns the canonical form of RFC 8785 of a value as Decode or Read returns
// it; float64 and int are taken too. A number outside the range of a float64, a
// string that is not UTF-8 and any other Go type are an *Error.
func JCS(v any) ([]byte, error) {
	return appendJCS(nil, v, 0)
}

const maxJCSDepth = 10_000

func appendJCS(out []byte, v any, depth int) ([]byte, error) {
	if depth > maxJCSDepth {
		return nil, &Error{Reason: "json-too-deep"}
	}
	switch v := v.(type) {
	case nil:
		return append(out, "null"...), nil
	case bool:
		return strconv.AppendBool(out, v), nil
	case string:
		return appendString(out, v)
	case json.Number:
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil {
			return nil, &Error{"json-number", shorten(string(v))}
		}
		return appendNumber(out, f)
	case float64:
		return appendNumber(out, v)
	case int:
		return appendNumber(out, float64(v))
	case []any:
		return appendArray(out, v, depth)
	case map[string]any:
		return appendObject(out, v, depth)
	case Value:
		return v.appendJCS(out, depth)
	}
	return nil, unsupported(v)
}

func unsupported(v any) error { return &Error{"json-syntax", fmt.Sprintf("%T", v)} }

func sortedNames(m map[string]any) []string { return slices.SortedFunc(maps.Keys(m), compareUTF16) }

// appendJCS is appendJCS of what Any gives.
func (v Value) appendJCS(out []byte, depth int) ([]byte, error) {
	if depth > maxJCSDepth {
		return nil, &Error{Reason: "json-too-deep"}
	}
	switch v.Kind() {
	case Object:
		return v.appendMembers(out, depth)
	case Array:
		return v.appendItems(out, depth)
	}
	return appendJCS(out, v.Any(), depth)
}

func (v Value) appendMembers(out []byte, depth int) ([]byte, error) {
	members := v.Sorted()
	slices.SortFunc(members, func(a, b Value) int { return compareUTF16(a.Name(), b.Name()) })
	out = append(out, '{')
	for i, m := range members {
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if out, err = appendString(out, m.Name()); err != nil {
			return nil, err
		}
		if out, err = m.appendJCS(append(out, ':'), depth+1); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

func (v Value) appendItems(out []byte, depth int) ([]byte, error) {
	out = append(out, '[')
	for item := v.Items(); item.Exists(); item = item.Next() {
		if item.at > v.at+1 {
			out = append(out, ',')
		}
		var err error
		if out, err = item.appendJCS(out, depth+1); err != nil {
			return nil, err
		}
	}
	return append(out, ']'), nil
}

func appendArray(out []byte, list []any, depth int) ([]byte, error) {
	out = append(out, '[')
	for i, v := range list {
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if out, err = appendJCS(out, v, depth+1); err != nil {
			return nil, err
		}
	}
	return append(out, ']'), nil
}

func appendObject(out []byte, obj map[string]any, depth int) ([]byte, error) {
	out = append(out, '{')
	for i, k := range sortedNames(obj) {
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if out, err = appendString(out, k); err != nil {
			return nil, err
		}
		if out, err = appendJCS(append(out, ':'), obj[k], depth+1); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

// compareUTF16 orders by UTF-16 code units (RFC 8785 §3.2.3). UTF-8 has the
// same order except that surrogate pairs come before U+E000..U+FFFF.
func compareUTF16(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	if i == len(a) || i == len(b) || a[i] < 0xEE || b[i] < 0xEE {
		return strings.Compare(a, b)
	}
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

// appendString writes a string with the escapes of RFC 8785 §3.2.2.2.
func appendString(out []byte, s string) ([]byte, error) {
	const hex = "0123456789abcdef"
	if !utf8.ValidString(s) {
		return nil, &Error{Reason: "json-encoding"}
	}
	out = append(out, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		out = append(out, s[from:i]...)
		from = i + 1
		if at := strings.IndexByte("\"\\\b\f\n\r\t", c); at >= 0 {
			out = append(out, '\\', `"\bfnrt`[at])
		} else {
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(out, s[from:]...), '"'), nil
}

// appendNumber writes a number as ECMAScript's Number::toString does
// (RFC 8785 §3.2.2.3).
func appendNumber(out []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, &Error{"json-number", strconv.FormatFloat(f, 'g', -1, 64)}
	}
	if f == 0 {
		return append(out, '0'), nil
	}
	if abs := math.Abs(f); abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(out, f, 'f', -1, 64), nil
	}
	text := strconv.FormatFloat(f, 'e', -1, 64)
	at := strings.IndexByte(text, 'e') + 2 // behind the exponent's sign
	out = append(out, text[:at]...)
	return append(out, strings.TrimLeft(text[at:], "0")...), nil
}
