package badge

import (
	"strings"
	"time"
	"unicode/utf8"
)

// calendar is a list of days for calendar programs (RFC 5545).
type calendar struct {
	Name   string
	Events []calendarDay
}

// calendarDay is something that happens on a whole day.
type calendarDay struct {
	UID     string    // globally unique, the same each time (RFC 5545 §3.8.4.7)
	Stamp   time.Time // when it was last known to be so
	Day     time.Time
	Summary string
	Text    string
	URL     string
}

// write gives the calendar as text/calendar: each line ends in CRLF and none is
// longer than 75 octets (RFC 5545 §3.1).
func (c calendar) write() []byte {
	var out strings.Builder
	line := func(name, value string) { fold(&out, name+":"+value) }
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//Osier//Badges//EN")
	line("CALSCALE", "GREGORIAN")
	line("METHOD", "PUBLISH")
	line("NAME", icsText(c.Name)) // RFC 7986 §5.1
	line("X-WR-CALNAME", icsText(c.Name))
	line("REFRESH-INTERVAL;VALUE=DURATION", "P1D") // RFC 7986 §5.7
	for _, e := range c.Events {
		line("BEGIN", "VEVENT")
		line("UID", icsText(e.UID))
		line("DTSTAMP", e.Stamp.UTC().Format("20060102T150405Z"))
		line("DTSTART;VALUE=DATE", e.Day.Format("20060102"))
		line("DTEND;VALUE=DATE", e.Day.AddDate(0, 0, 1).Format("20060102"))
		line("SUMMARY", icsText(e.Summary))
		if e.Text != "" {
			line("DESCRIPTION", icsText(e.Text))
		}
		if e.URL != "" {
			line("URL", strings.Map(dropControl, e.URL)) // a URI is not escaped (RFC 5545 §3.3.13)
		}
		line("TRANSP", "TRANSPARENT")
		line("END", "VEVENT")
	}
	line("END", "VCALENDAR")
	return []byte(out.String())
}

var icsEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`, "\u2028", `\n`, "\u2029", `\n`, "\u0085", `\n`)

// icsText is a TEXT value (RFC 5545 §3.3.11): what would end it is escaped, other
// control characters have no place in it.
func icsText(s string) string {
	return strings.Map(dropControl, icsEscapes.Replace(strings.ToValidUTF8(s, "\uFFFD")))
}

func dropControl(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}

// fold writes a content line in pieces of at most 75 octets, none of which cuts a
// character.
func fold(out *strings.Builder, line string) {
	const most = 75
	room := most
	for len(line) > room {
		cut := room
		for cut > 1 && !utf8.RuneStart(line[cut]) {
			cut--
		}
		out.WriteString(line[:cut] + "\r\n ")
		line, room = line[cut:], most-1
	}
	out.WriteString(line + "\r\n")
}
