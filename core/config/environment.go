package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

const (
	prefix     = "OSIER_"
	oidcPrefix = prefix + "OIDC_"
)

// variables picks our variables. OSIER_TEST_ belongs to the tests.
func variables(env []string) map[string]string {
	vars := make(map[string]string)
	for _, e := range env {
		name, value, ok := strings.Cut(e, "=")
		if ok && strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, prefix+"TEST_") {
			vars[name] = value
		}
	}
	return vars
}

// Variable is the name of the environment variable for key.
func Variable(key string) string {
	name := strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
	if rest, ok := strings.CutPrefix(name, "OIDC_"); ok {
		return oidcPrefix + "<ID>_" + rest
	}
	return prefix + name
}

// override sets every field that a variable names, and refuses variables that
// name none.
func override(c *Config, vars map[string]string) error {
	left := maps.Clone(vars)
	delete(left, "OSIER_CONFIG")
	if err := set(reflect.ValueOf(c).Elem(), prefix, left); err != nil {
		return err
	}
	for i := range c.OIDC {
		p := &c.OIDC[i]
		if err := set(reflect.ValueOf(p).Elem(), providerPrefix(p.ID), left); err != nil {
			return err
		}
	}
	if err := addProviders(c, left); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		return unknownVariable(name)
	}
	return nil
}

func unknownVariable(name string) error {
	var known []string
	for _, k := range Keys() {
		if !strings.HasPrefix(k, "sign_up.fields.") {
			known = append(known, Variable(k))
		}
	}
	hint := "see config.example.toml for the names there are"
	if near := nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	if strings.HasPrefix(name, prefix+"SIGN_UP_FIELDS") {
		hint = "what people are asked when they join is written in the file, as [[sign_up.fields]]"
	}
	return fmt.Errorf("environment: unknown variable %s; %s", name, hint)
}

// addProviders makes providers that only the environment describes: those with
// an OSIER_OIDC_<ID>_ISSUER.
func addProviders(c *Config, left map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(left)) {
		id, ok := strings.CutPrefix(name, oidcPrefix)
		if !ok || !strings.HasSuffix(id, "_ISSUER") {
			continue
		}
		id = strings.TrimSuffix(id, "_ISSUER")
		p := OIDC{ID: strings.ReplaceAll(strings.ToLower(id), "_", "-")}
		if err := set(reflect.ValueOf(&p).Elem(), oidcPrefix+id+"_", left); err != nil {
			return err
		}
		c.OIDC = append(c.OIDC, p)
	}
	return nil
}

func providerPrefix(id string) string {
	return oidcPrefix + strings.ToUpper(strings.ReplaceAll(id, "-", "_")) + "_"
}

// set fills the fields of v from the variables that begin with name, and takes
// those out of vars.
func set(v reflect.Value, name string, vars map[string]string) error {
	for i := range v.NumField() {
		field := v.Field(i)
		full := name + strings.ToUpper(v.Type().Field(i).Tag.Get("toml"))
		if field.Kind() == reflect.Struct {
			if err := set(field, full+"_", vars); err != nil {
				return err
			}
			continue
		}
		text, ok := vars[full]
		if !ok || isTables(field.Type()) {
			continue
		}
		if err := setField(field, text); err != nil {
			return fmt.Errorf("environment: %s: %w", full, err)
		}
		delete(vars, full)
	}
	return nil
}

// isTables reports whether a field is a list of tables, which one variable cannot hold.
func isTables(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct
}

func setField(f reflect.Value, text string) error {
	switch f.Kind() {
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		f.SetInt(int64(n))
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		f.SetBool(b)
	case reflect.Slice:
		f.Set(reflect.ValueOf(list(text)))
	default:
		f.SetString(text)
	}
	return nil
}

func list(text string) []string {
	items := []string{}
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
