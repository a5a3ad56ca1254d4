package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
)

const (
	nameMax  = 80   // characters
	aboutMax = 2000 // characters
)

// parseName cleans the name of a person or of the site: one line, no invisible
// or direction-changing characters, 1 to 80 characters.
func parseName(s string) (string, error) {
	name := strings.Join(strings.Fields(cleanText(s, false)), " ")
	if !strings.ContainsFunc(name, isShape) {
		return "", fault.New(fault.Invalid, "account.error.name.empty")
	}
	if utf8.RuneCountInString(name) > nameMax {
		return "", fault.New(fault.Invalid, "account.error.name.long")
	}
	return name, nil
}

// parseAbout cleans what a person writes about themselves.
func parseAbout(s string) (string, error) {
	about := strings.TrimSpace(cleanText(strings.ReplaceAll(s, "\r\n", "\n"), true))
	if utf8.RuneCountInString(about) > aboutMax {
		return "", fault.New(fault.Invalid, "account.error.about.long")
	}
	return about, nil
}

// cleanText puts text in its composed form (Unicode NFC) and drops what has no
// shape: control characters, format characters other than those that join
// letters and emoji, and private use. It keeps line ends when lines is set.
func cleanText(s string, lines bool) string {
	const nonJoiner, joiner = '\u200c', '\u200d'
	s = strings.ToValidUTF8(s, "")
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines, r == nonJoiner, r == joiner:
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.C):
			return -1
		}
		return r
	}, s))
}

func isShape(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.S, unicode.P) }

// foldName is name without case and accents.
func foldName(name string) string { return db.Fold(name) }

func cutTo(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
