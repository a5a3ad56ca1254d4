package i18n_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/osier-passport/osier/core/i18n"
)

func load(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMoney(t *testing.T) {
	c := load(t)
	for _, tt := range []struct {
		lang          string
		cents         int
		money, amount string
	}{
		{"en", 20, "0.20\u00a0USD", "0.20"},
		{"fr", 20, "0,20\u00a0USD", "0,20"},
		{"en", 123450, "1,234.50\u00a0USD", "1234.50"},
		{"fr", 123450, "1\u00a0234,50\u00a0USD", "1234,50"},
	} {
		if money, amount := c.Money(tt.lang, tt.cents, "USD"), c.Amount(tt.lang, tt.cents); money != tt.money || amount != tt.amount {
			t.Errorf("%s: %q and %q", tt.lang, money, amount)
		}
	}
}

func TestT(t *testing.T) {
	c, err := i18n.Load(fstest.MapFS{
		"en/test.toml": {Data: []byte("[test]\nhi = 'Hi {name}, {name}'\nn.one = '{n} badge'\nn.other = '{n} badges'\nonly = 'only English'")},
		"fr/test.toml": {Data: []byte("[test]\ntied = 'Qui : « vous » ?'\nhi = 'Salut {name}'\nn.one = '{n} badge'\nn.other = '{n} badges'")},
		"pl/test.toml": {Data: []byte("[test]\nn.one = '{n} odznaka'\nn.few = '{n} odznaki'\nn.many = '{n} odznak'\nn.other = '{n} odznaki'")},
		"ar/test.toml": {Data: []byte("[test]\nhi = '{name}'")},
		"fa/test.toml": {Data: []byte("[test]\nn.one = '{n}'\nn.other = '{n}'")},
		"de/test.toml": {Data: []byte("[test]\nhi = '{name}{a{name}{}{no} {name'")},
	})
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)
	tests := []struct {
		lang, key string
		args      []any
		want      string
	}{
		{"en", "test.hi", []any{"name", "Ada"}, "Hi Ada, Ada"},
		{"fr", "test.hi", []any{"name", "{name}"}, "Salut {name}"},
		{"en", "test.hi", nil, "Hi {name}, {name}"},
		{"en", "test.hi", []any{"name"}, "Hi {name}, {name}"},
		{"de", "test.hi", []any{"name", "x", "name", "y"}, "x{ax{}{no} {name"},
		{"de", "test.hi", []any{"name", ""}, "{a{}{no} {name"},
		{"ar", "test.hi", []any{"name", ""}, ""},
		{"fa", "test.n", []any{"n", 321}, "۳۲۱"},
		{"en", "test.hi", []any{1, 2}, "Hi {name}, {name}"},
		{"en", "test.hi", []any{"name", day}, "Hi 23 November 2026, 23 November 2026"},
		{"en", "test.n", []any{"n", 0}, "0 badges"},
		{"fr", "test.n", []any{"n", 0}, "0 badge"},
		{"en", "test.n", []any{"n", 1}, "1 badge"},
		{"en", "test.n", []any{"n", int64(1234)}, "1,234 badges"},
		{"fr", "test.n", []any{"n", 1234}, "1\u00a0234 badges"},
		{"pl", "test.n", []any{"n", 1}, "1 odznaka"},
		{"pl", "test.n", []any{"n", 3}, "3 odznaki"},
		{"pl", "test.n", []any{"n", 12}, "12 odznak"},
		{"fr", "test.tied", nil, "Qui\u00a0: «\u00a0vous\u00a0»\u00a0?"},
		{"fr", "test.only", nil, "only English"},
		{"xx", "test.only", nil, "only English"},
		{"en", "test.none", nil, "test.none"},
	}
	for _, tt := range tests {
		if got := c.T(tt.lang, tt.key, tt.args...); got != tt.want {
			t.Errorf("T(%s, %s, %v) = %q, want %q", tt.lang, tt.key, tt.args, got, tt.want)
		}
	}
	if dir := c.Language("ar").Dir; dir != "rtl" {
		t.Errorf("direction of Arabic: %s", dir)
	}
	if l := c.Language("fr"); l.Name != "français" || l.Dir != "ltr" {
		t.Errorf("French: %+v", l)
	}
	if first := c.Languages()[0].Code; first != "en" {
		t.Errorf("first language: %s", first)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"en/x.toml":           "a = 1",
		"fr/x.toml":           "a = [",
		"not-a-lang!!/x.toml": "a = 'b'",
	} {
		if _, err := i18n.Load(fstest.MapFS{name: {Data: []byte(text)}}); err == nil {
			t.Errorf("%s: %s is accepted", name, text)
		}
	}
}

func TestMatch(t *testing.T) {
	c := load(t)
	tests := []struct{ accept, want string }{
		{"", "en"},
		{"fr", "fr"},
		{"fr-CA,fr;q=0.9,en;q=0.8", "fr"},
		{"de-CH, en-GB;q=0.7", "en"},
		{"de", "en"},
		{"en;q=0.1, fr;q=0.9", "fr"},
		{"*", "en"},
		{"fr;q=x", "en"},
		{"\x00\xff", "en"},
	}
	for _, tt := range tests {
		if got := c.Match(tt.accept); got != tt.want {
			t.Errorf("Match(%q) = %s, want %s", tt.accept, got, tt.want)
		}
	}
	long := make([]byte, 1<<20)
	for i := range long {
		long[i] = "a-"[i%2]
	}
	start := time.Now()
	c.Match(string(long))
	c.Match("fr," + string(long))
	if took := time.Since(start); took > time.Second {
		t.Errorf("a header of 1 MB takes %s", took)
	}
}

func TestDates(t *testing.T) {
	c := load(t)
	day := time.Date(2026, 11, 23, 14, 5, 9, 0, time.FixedZone("x", 3600))
	first := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct{ got, want string }{
		{c.Date("en", day), "23 November 2026"},
		{c.Date("fr", day), "23 novembre 2026"},
		{c.Date("en", first), "1 August 2026"},
		{c.Date("fr", first), "1er août 2026"},
		{c.Date("fr", time.Time{}), ""},
		{c.DateTime("en", day), "23 November 2026, 13:05 UTC"},
		{c.DateTime("en", day.In(zone(t, "Europe/Paris"))), "23 November 2026, 14:05 CET"},
		{c.DateTime("fr", day.In(zone(t, "America/Sao_Paulo"))), "23 novembre 2026, 10:05 UTC-03"},
		{c.MonthYear("fr", day), "novembre 2026"},
		{c.Ago("en", day, day.Add(-3*time.Hour)), "3 hours ago"},
		{c.Ago("fr", day, day.Add(-3*time.Hour)), "il y a 3 heures"},
		{c.Ago("en", day, day.Add(-time.Minute)), "1 minute ago"},
		{c.Ago("en", day, day.Add(-time.Second)), "just now"},
		{c.Ago("en", day, day.Add(30*time.Second)), "just now"},
		{c.Ago("en", day, day.Add(-50*time.Hour)), "2 days ago"},
		{c.Ago("en", day, day.Add(-40*24*time.Hour)), "14 October 2026"},
		{c.Ago("en", day, day.Add(time.Hour)), "23 November 2026"},
		{c.Ago("en", day, time.Time{}), ""},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	at, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
