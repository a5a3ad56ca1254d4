package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/number"
)

// Exists reports whether the default language has the message key.
func (c *Catalogue) Exists(key string) bool { return c.voices[Default].has(key) }

// T gives the message key in the language lang, with {name} replaced by the
// values given as pairs: T("en", "badge.count", "n", 3). A whole number is
// written the way of the language; a time becomes a date. The value "n" chooses
// the plural form. A message that lang lacks is taken from the default language;
// an unknown key is answered as it is.
func (c *Catalogue) T(lang, key string, args ...any) string {
	v := c.voice(lang)
	if !v.has(key) {
		v = c.voices[Default]
		if !v.has(key) {
			return key
		}
	}
	if len(args) < 2 {
		return v.form(key, 0)
	}
	n := 0
	for i := 0; i+1 < len(args); i += 2 {
		if count, ok := whole(args[i+1]); ok && args[i] == "n" {
			n = count
		}
	}
	return c.filled(lang, v.form(key, n), args)
}

// filled puts values in the places {name} of a text. What is put in is not looked through again.
func (c *Catalogue) filled(lang, text string, args []any) string {
	var out strings.Builder
	for {
		start := strings.IndexByte(text, '{')
		if start < 0 {
			break
		}
		out.WriteString(text[:start])
		text = text[start:]
		end := strings.IndexByte(text, '}')
		if i := named(args, text[1:max(end, 1)]); end > 0 && i >= 0 {
			out.WriteString(c.value(lang, args[i]))
			text = text[end+1:]
		} else {
			out.WriteByte('{')
			text = text[1:]
		}
	}
	if out.Len() == 0 {
		return text
	}
	out.WriteString(text)
	return out.String()
}

// named finds the value of a name among pairs, -1 where there is none.
func named(args []any, name string) int {
	for i := 0; i+1 < len(args); i += 2 {
		if known, ok := args[i].(string); ok && known == name {
			return i + 1
		}
	}
	return -1
}

func (c *Catalogue) value(lang string, v any) string {
	switch v := v.(type) {
	case string:
		return v
	case time.Time:
		return c.Date(lang, v)
	}
	if n, ok := whole(v); ok {
		return c.Num(lang, n)
	}
	return fmt.Sprint(v)
}

func whole(v any) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case int64:
		return int(v), true
	case int32:
		return int(v), true
	}
	return 0, false
}

// Num writes a whole number with the separators of the language.
func (c *Catalogue) Num(lang string, n int) string {
	v := c.voice(lang)
	if 0 <= n && n < 1000 && v.latin() {
		return strconv.Itoa(n)
	}
	return v.printer.Sprintf("%d", n)
}

// Decimal writes a number with one digit behind the separator of the language.
func (c *Catalogue) Decimal(lang string, n float64) string {
	return c.voice(lang).printer.Sprintf("%.1f", n)
}

// Money writes an amount, in hundredths of a currency (ISO 4217): "0.20 USD", and in
// French "0,20 USD".
func (c *Catalogue) Money(lang string, cents int, currency string) string {
	return c.voice(lang).printer.Sprintf("%.2f", float64(cents)/100) + "\u00a0" + currency
}

// Amount writes an amount in hundredths for a field, without currency and groups.
func (c *Catalogue) Amount(lang string, cents int) string {
	return c.voice(lang).printer.Sprint(number.Decimal(float64(cents)/100, number.Scale(2), number.NoSeparator()))
}

var months = [...]string{
	"january", "february", "march", "april", "may", "june",
	"july", "august", "september", "october", "november", "december",
}

// Date writes the day of t in UTC: "23 November 2026". The zero time gives "".
func (c *Catalogue) Date(lang string, t time.Time) string { return c.dated(lang, "date.long", t) }

// DateTime writes the minute of t: "23 November 2026, 14:05 UTC". A time in a zone
// of the IANA database is written in it, any other in UTC; so do Date and MonthYear.
func (c *Catalogue) DateTime(lang string, t time.Time) string { return c.dated(lang, "date.minute", t) }

// MonthYear writes the month of t in UTC: "November 2026".
func (c *Catalogue) MonthYear(lang string, t time.Time) string { return c.dated(lang, "date.month", t) }

func (c *Catalogue) dated(lang, key string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if !strings.Contains(t.Location().String(), "/") {
		t = t.UTC()
	}
	day := t.Format("2")
	if t.Day() == 1 {
		day = c.T(lang, "date.first")
	}
	return c.T(lang, key, "day", day, "month", c.T(lang, "month."+months[t.Month()-1]),
		"year", t.Format("2006"), "time", t.Format("15:04"), "zone", zoneOf(t))
}

// zoneOf names the zone of a time: "CET", or "UTC-03" where it has no name but
// numbers.
func zoneOf(t time.Time) string {
	name, _ := t.Zone()
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return "UTC" + name
	}
	return name
}

// agoLimit is the age from which Ago writes the date.
const agoLimit = 30 * 24 * time.Hour

// Ago writes how long before now t was: "3 hours ago"; a time older than 30
// days, or in the future, is written as a date.
func (c *Catalogue) Ago(lang string, now, t time.Time) string {
	age := now.Sub(t)
	switch {
	case t.IsZero():
		return ""
	case age < -time.Minute || age >= agoLimit:
		return c.Date(lang, t)
	case age < time.Minute:
		return c.T(lang, "ago.now")
	case age < time.Hour:
		return c.T(lang, "ago.minutes", "n", int(age/time.Minute))
	case age < 24*time.Hour:
		return c.T(lang, "ago.hours", "n", int(age/time.Hour))
	}
	return c.T(lang, "ago.days", "n", int(age/(24*time.Hour)))
}
