package text

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// CleanLine prepares a name or another single line for storing: Unicode NFC,
// white space runs as one space, no direction overrides. It refuses (false) what
// is not UTF-8, holds a control character, or is longer than max characters.
func CleanLine(s string, maxRunes int) (string, bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	s = strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ")
	s = strings.TrimSpace(strings.Map(dropDirection, s))
	return checked(norm.NFC.String(s), maxRunes)
}

// CleanText prepares a text of several lines: Unicode NFC, lines ended by "\n",
// no white space around it. It refuses as CleanLine does; tabs are kept.
func CleanText(s string, maxRunes int) (string, bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	s = lineEnds.Replace(s)
	return checked(norm.NFC.String(strings.TrimSpace(s)), maxRunes)
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n")

func checked(s string, maxRunes int) (string, bool) {
	if utf8.RuneCountInString(s) > maxRunes || strings.ContainsFunc(s, forbidden) {
		return "", false
	}
	return s, true
}

func forbidden(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// dropDirection drops the characters that reorder what is shown around them
// (UAX #9 §2: embeddings, overrides, isolates) and the byte order mark.
func dropDirection(r rune) rune {
	switch {
	case r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069', r == '\uFEFF':
		return -1
	}
	return r
}

func exactly(s string) *regexp.Regexp { return regexp.MustCompile("^" + regexp.QuoteMeta(s) + "$") }
