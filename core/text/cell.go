package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Cell gives a text as it may stand in a cell of a CSV file: what a spreadsheet
// would take for a formula, a command or the start of one begins with an
// apostrophe, which makes it text. So does what follows a semicolon, a tab or a line
// end inside: a spreadsheet that parts cells there, as in French and German, would begin
// a cell with it. Quoting is left to encoding/csv (RFC 4180).
func Cell(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	var out strings.Builder
	if first, _ := firstRune(s); unicode.IsControl(first) || startsFormula(s) {
		out.WriteByte('\'')
	}
	for at, r := range s {
		out.WriteRune(r)
		if rest := s[at+utf8.RuneLen(r):]; strings.ContainsRune(";\t\r\n", r) && startsFormula(rest) {
			out.WriteByte('\'')
		}
	}
	return out.String()
}

// startsFormula reports whether the first character with a shape may start a formula.
func startsFormula(s string) bool {
	first, ok := firstRune(strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '"'
	}))
	return ok && strings.ContainsRune("=+-@|%＝＋－＠﹦﹢﹣﹫−", first)
}

func firstRune(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return ' ', false
}
