package config

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// decode reads TOML text over the values that c has.
func decode(text []byte, path string, c *Config) error {
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	err := d.Decode(c)
	if err == nil {
		return nil
	}
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(unknown.Errors) > 0 {
		return unknownKey(path, &unknown.Errors[0])
	}
	if bad, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := bad.Position()
		what := strings.TrimPrefix(bad.Error(), "toml: ")
		if key := strings.Join(bad.Key(), "."); key != "" {
			what = fmt.Sprintf("key %q: %s", key, what)
		}
		return fmt.Errorf("%s line %d column %d: %s", path, line, column, what)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// unknownKey names the first key that no field takes, and the one meant.
func unknownKey(path string, e *toml.DecodeError) error {
	line, _ := e.Position()
	key := strings.Join(e.Key(), ".")
	hint := "see config.example.toml for the keys there are"
	if near := nearest(key, Keys()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return fmt.Errorf("%s line %d: unknown key %q; %s", path, line, key, hint)
}

// Keys lists every key of the file, dotted, in the order of the struct. Keys of
// a list of tables are written like those of one table: oidc.issuer.
func Keys() []string { return keysOf(reflect.TypeFor[Config](), "") }

func keysOf(t reflect.Type, prefix string) []string {
	var keys []string
	for f := range t.Fields() {
		key := prefix + f.Tag.Get("toml")
		inner := f.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			keys = append(keys, keysOf(inner, key+".")...)
			continue
		}
		keys = append(keys, key)
	}
	return keys
}

// nearest gives the key that differs from wrong by few letters, or "".
func nearest(wrong string, keys []string) string {
	best, least := "", max(2, len(wrong)/3)+1
	for _, k := range keys {
		_, last, dotted := strings.Cut(k, ".")
		d := distance(wrong, k)
		if dotted {
			d = min(d, distance(wrong, last)+1)
		}
		if d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of letters to insert, remove or change (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
