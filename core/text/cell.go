package text

import (
	"strings"
	"unicode"
)

// Cell gives a text as it may stand in a cell of a CSV file: what a spreadsheet
// would take for a formula, a command or the start of one begins with an
// apostrophe, which makes it text. Quoting is left to encoding/csv (RFC 4180).
func Cell(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	bare := strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
	first, _ := firstRune(s)
	begin, ok := firstRune(bare)
	if ok && strings.ContainsRune("=+-@|%＝＋－＠", begin) || unicode.IsControl(first) {
		return "'" + s
	}
	return s
}

func firstRune(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return ' ', false
}
