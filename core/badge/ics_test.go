package badge

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// unfolded reads content lines back (RFC 5545 §3.1) and holds them to their form.
func unfolded(t *testing.T, file []byte) []string {
	t.Helper()
	text, ok := strings.CutSuffix(string(file), "\r\n")
	if !ok || strings.Contains(strings.ReplaceAll(string(file), "\r\n", ""), "\n") || strings.Contains(strings.ReplaceAll(string(file), "\r\n", ""), "\r") {
		t.Errorf("lines do not end in CRLF: %q", file)
	}
	for l := range strings.SplitSeq(text, "\r\n") {
		if len(l) > 75 || !utf8.ValidString(l) {
			t.Errorf("a line of %d octets: %q", len(l), l)
		}
	}
	return strings.Split(strings.ReplaceAll(text, "\r\n ", ""), "\r\n")
}

// TestTheCalendarFile: what people write is folded and escaped, and adds no line.
func TestTheCalendarFile(t *testing.T) {
	for name, want := range map[string]string{
		"First aid":                        "First aid",
		`A;B,C\D`:                          `A\;B\,C\\D`,
		"a\r\nEND:VCALENDAR\r\nX":          `a\nEND:VCALENDAR\nX`,
		"a\rb\nc\u2028d":                   `a\nb\nc\nd`,
		"tab\tbell\a":                      "tabbell",
		strings.Repeat("é", 60):            strings.Repeat("é", 60),
		strings.Repeat("\U0001F600", 40):   strings.Repeat("\U0001F600", 40),
		"broken \xff":                      "broken \uFFFD",
		"":                                 "",
		strings.Repeat("x", 66) + "\u00e9": strings.Repeat("x", 66) + "\u00e9",
	} {
		day := time.Date(2027, 2, 28, 13, 0, 0, 0, time.UTC)
		c := calendar{Name: "Badges, mine", Events: []calendarDay{{UID: "expiry-x@example.org", Stamp: day, Day: day, Summary: name, Text: name, URL: "https://example.org/b/x?a=1,2\r\nX:1"}}}
		lines := unfolded(t, c.write())
		want := []string{
			"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Osier//Badges//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH", `NAME:Badges\, mine`, `X-WR-CALNAME:Badges\, mine`,
			"REFRESH-INTERVAL;VALUE=DURATION:P1D", "BEGIN:VEVENT", "UID:expiry-x@example.org", "DTSTAMP:20270228T130000Z", "DTSTART;VALUE=DATE:20270228",
			"DTEND;VALUE=DATE:20270301", "SUMMARY:" + want, "DESCRIPTION:" + want, "URL:https://example.org/b/x?a=1,2X:1", "TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR",
		}
		if name == "" {
			want = append(want[:14], want[15:]...)
		}
		if strings.Join(lines, "|") != strings.Join(want, "|") {
			t.Errorf("%q:\n%s\nwant\n%s", name, strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
	}
}
