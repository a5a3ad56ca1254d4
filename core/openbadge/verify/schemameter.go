package verify

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemaMeter counts the parts of a schema that are compiled and the values that are held
// against one. The library asks it behind a part's own checks, and not at all where a value is
// of the wrong type; so each part is charged for the parts below it as well.
type schemaMeter struct {
	ctx    context.Context //nolint:containedctx // lives for one validation
	work   *work
	totals *schemaTotals
	lists  int  // of schemas in the part
	text   bool // it looks into strings
}

// schemaTotals are what makes every step of a schema dear.
type schemaTotals struct {
	values   int // of its longest enum
	patterns int // of names of properties
}

func (m schemaMeter) compile(_ *jsonschema.CompilerContext, obj map[string]any) (jsonschema.SchemaExt, error) {
	if m.work.schema -= 1 + len(obj)/8; m.work.schema < 0 {
		return nil, errSchemaWork
	}
	m.totals.values = max(m.totals.values, len(asList(obj["enum"])))
	m.totals.patterns += len(asObject(obj["patternProperties"]))
	for _, name := range []string{"allOf", "anyOf", "oneOf", "prefixItems", "items"} {
		m.lists += len(asList(obj[name]))
	}
	m.text = obj["pattern"] != nil || obj["format"] != nil
	return m, nil
}

// fits reports whether a text of a number of bytes and values can be held against the schema
// at all: an enum is compared with each value, and a pattern with each name.
func (t schemaTotals) fits(bytes, values int) bool {
	const mostCompared, mostMatched = 50_000_000, 10_000_000
	return t.values*values <= mostCompared && t.patterns*bytes <= mostMatched
}

// Validate implements jsonschema.SchemaExt.
func (m schemaMeter) Validate(_ *jsonschema.ValidatorContext, v any) {
	before := m.work.schema
	m.work.schema -= m.cost(v)
	if m.work.schema < 0 || before>>10 != m.work.schema>>10 && m.ctx.Err() != nil {
		panic(errSchemaWork)
	}
}

// cost of one value and of what is below it, in steps of less than a microsecond.
func (m schemaMeter) cost(v any) int {
	const bytesPerStep, valuesPerStep = 64, 128
	below := m.lists
	switch v := v.(type) {
	case map[string]any:
		below += len(v)
	case []any:
		below += len(v)
	case string:
		if m.text {
			return 1 + len(v)/bytesPerStep
		}
	}
	return (1 + below) * (1 + m.totals.values/valuesPerStep)
}

// countValues counts the values of a document.
func countValues(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			n += countValues(e)
		}
	case []any:
		for _, e := range v {
			n += countValues(e)
		}
	}
	return n
}

// plainNumbers reports whether all numbers of a value are short: the library writes each out as
// a fraction, which for 1e999999 takes a million digits.
func plainNumbers(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			if !plainNumbers(e) {
				return false
			}
		}
	case []any:
		for _, e := range v {
			if !plainNumbers(e) {
				return false
			}
		}
	case json.Number:
		const most = 400 // digits, and powers of ten: a float64 has fewer
		_, exponent, _ := strings.Cut(strings.ToLower(string(v)), "e")
		n, err := strconv.Atoi(exponent)
		return len(v) <= most && (exponent == "" || err == nil && n <= most && n >= -most)
	}
	return true
}
