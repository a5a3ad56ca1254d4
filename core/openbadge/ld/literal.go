package ld

import (
	"math"
	"strconv"
	"strings"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// scalar makes the object of a quad from a string, number or boolean (JSON-LD
// 1.1 API §5.3.2 and §8.2.2).
func (w *walker) scalar(ac *active, def *term, v strictjson.Value) (ref, error) {
	datatype := def.coerce
	if v.IsText() {
		switch datatype {
		case "@id":
			return w.reference(ac, v.Text())
		case "@vocab":
			return w.named(ac, v.Text())
		case "", "@none":
			if language := languageFor(ac, def); language != "" {
				return w.tagged(v.Text(), language), nil
			}
			datatype = xsdString
		}
		return w.literal(v.Text(), datatype), nil
	}
	if strings.HasPrefix(datatype, "@") {
		datatype = ""
	}
	switch v.Kind() {
	case strictjson.True, strictjson.False:
		return w.literal(strconv.FormatBool(v.Kind() == strictjson.True), either(datatype, xsdBoolean)), nil
	case strictjson.Number:
		f, err := strconv.ParseFloat(v.Digits(), 64)
		if err != nil {
			return ref{}, refuse("json-ld", "number "+v.Digits())
		}
		return w.number(f, datatype)
	}
	return ref{}, refuse("json-ld", "value")
}

// languageFor is the language of a text without one of its own (JSON-LD 1.1 API §5.3.2 step 5).
func languageFor(ac *active, def *term) string {
	if def.language == "" {
		return ac.language
	}
	return strings.TrimSuffix(def.language, plain)
}

// number writes whole numbers as integers and others as canonical doubles.
func (w *walker) number(f float64, datatype string) (ref, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return ref{}, refuse("json-ld", "number")
	}
	if f == math.Trunc(f) && math.Abs(f) < 1e21 && datatype != xsdDouble {
		text := strconv.FormatFloat(f, 'f', 0, 64)
		if f == 0 {
			text = "0"
		}
		return w.literal(text, either(datatype, xsdInteger)), nil
	}
	return w.literal(double(f), either(datatype, xsdDouble)), nil
}

// double writes the canonical form of xsd:double with at most 16 digits.
func double(f float64) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'E', 15, 64), "E")
	mantissa = strings.TrimRight(mantissa, "0")
	if strings.HasSuffix(mantissa, ".") {
		mantissa += "0"
	}
	sign := ""
	if exponent[0] == '-' {
		sign = "-"
	}
	exponent = strings.TrimLeft(exponent, "+-0")
	if exponent == "" {
		return mantissa + "E0"
	}
	return mantissa + "E" + sign + exponent
}

func either(s, other string) string {
	if s != "" {
		return s
	}
	return other
}

// jsonLiteral is a value that a context declares to be plain JSON.
func (w *walker) jsonLiteral(v strictjson.Value) (ref, error) {
	b, err := strictjson.JCS(v)
	if err != nil {
		return ref{}, refuse("json-ld", "JSON literal")
	}
	return w.literal(string(b), rdfJSON), nil
}

// languageString reads {"@value", "@language"}, the one form of value object
// that is taken: with a type or nothing beside it, it would say the same as
// the plain value and yet read differently.
func (w *walker) languageString(obj strictjson.Value) (ref, error) {
	text, language := obj.Get("@value"), obj.Get("@language")
	if !text.IsText() || obj.Size() != 2 || !IsLanguage(language.Text()) {
		return ref{}, refuse("dropped-value", "@value")
	}
	return w.tagged(text.Text(), strings.ToLower(language.Text())), nil
}

// IsLanguage reports a language tag as RDF literals may have (BCP 47 §2.1, by its letters alone).
func IsLanguage(tag string) bool {
	for i, part := range strings.Split(tag, "-") {
		if part == "" || len(part) > 8 {
			return false
		}
		for _, c := range part {
			letter := c|0x20 >= 'a' && c|0x20 <= 'z'
			if !letter && (i == 0 || c < '0' || c > '9') {
				return false
			}
		}
	}
	return true
}

// isIRI reports an absolute IRI that N-Quads can carry as it stands (RFC 3987
// §2.2, N-Quads IRIREF).
func isIRI(s string) bool {
	colon := strings.IndexByte(s, ':')
	if colon <= 0 {
		return false
	}
	for i := range colon {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", rune(c))) {
			return false
		}
	}
	for i := colon + 1; i < len(s); i++ {
		if s[i] <= ' ' || forbidden[s[i]] {
			return false
		}
	}
	return true
}

// forbidden are the visible bytes that no IRIREF has.
var forbidden = [256]bool{
	'<': true, '>': true, '"': true, '{': true, '}': true, '|': true, '^': true, '`': true, '\\': true,
}
