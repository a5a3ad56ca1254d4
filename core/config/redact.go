package config

import (
	"fmt"
	"log/slog"
	"net/url"
	"reflect"
	"strings"
)

const hidden = "[hidden]"

// Redacted is a copy without passwords and secrets, for logs and pages.
func (c Config) Redacted() Config {
	c.Database = redactURL(c.Database)
	c.SMTP.Password = hide(c.SMTP.Password)
	c.OIDC = append([]OIDC(nil), c.OIDC...)
	for i := range c.OIDC {
		c.OIDC[i].ClientSecret = hide(c.OIDC[i].ClientSecret)
	}
	return c
}

func hide(s string) string {
	if s == "" {
		return ""
	}
	return hidden
}

// redactURL hides the password of a URL, also one in its query, and the whole
// of a URL that cannot be read.
func redactURL(s string) string {
	if !strings.Contains(s, "://") {
		return s
	}
	u, err := url.Parse(s)
	if err != nil {
		return hidden
	}
	q := u.Query()
	if q.Has("password") || q.Has("sslpassword") {
		q.Del("password")
		q.Del("sslpassword")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

// String writes the settings without secrets, so that a configuration that is
// printed by mistake gives nothing away.
func (c Config) String() string { return fmt.Sprint(pairs(reflect.ValueOf(c.Redacted()), "")) }

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue logs the settings without secrets.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(pairs(reflect.ValueOf(c.Redacted()), "")...)
}

// pairs flattens a configuration to dotted keys and values.
func pairs(v reflect.Value, prefix string) []slog.Attr {
	var out []slog.Attr
	for i := range v.NumField() {
		key, f := prefix+v.Type().Field(i).Tag.Get("toml"), v.Field(i)
		providers, ok := reflect.TypeAssert[[]OIDC](f)
		switch {
		case ok:
			for _, p := range providers {
				out = append(out, pairs(reflect.ValueOf(p), key+"."+p.ID+".")...)
			}
		case f.Kind() == reflect.Struct:
			out = append(out, pairs(f, key+".")...)
		default:
			out = append(out, slog.Any(key, f.Interface()))
		}
	}
	return out
}

// String hides the password.
func (s SMTP) String() string {
	s.Password = hide(s.Password)
	return fmt.Sprint(pairs(reflect.ValueOf(s), ""))
}

// GoString is String, for %#v.
func (s SMTP) GoString() string { return s.String() }

// String hides the secret.
func (p OIDC) String() string {
	p.ClientSecret = hide(p.ClientSecret)
	return fmt.Sprint(pairs(reflect.ValueOf(p), ""))
}

// GoString is String, for %#v.
func (p OIDC) GoString() string { return p.String() }
