package certificate

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The forms of an Arabic letter, in the order in which Unicode lists them
// (Arabic Presentation Forms-A and -B).
const (
	alone = iota
	final
	initial
	medial
)

// shapes gives the forms of each letter: four of one that joins to both sides, two
// of one that joins only to the letter before.
var shapes = sync.OnceValue(func() map[string][]rune {
	m := map[string][]rune{}
	for _, block := range [][2]rune{{0xFE80, 0xFEFC}, {0xFB56, 0xFBFF}} {
		for r := block[0]; r <= block[1]; r++ {
			letters := norm.NFKC.String(string(r))
			if letters == string(r) || strings.ContainsRune(letters, ' ') || len(m[letters]) == 4 {
				continue
			}
			m[letters] = append(m[letters], r)
		}
	}
	return m
})

// join gives Arabic letters the forms that they have beside each other. Fonts do
// that by tables of their own; a PDF that is set letter by letter needs it done.
func join(text string) string {
	letters := ligate([]rune(norm.NFC.String(text)))
	var out strings.Builder
	for i, l := range letters {
		forms := shapes()[l]
		if len(forms) < 2 {
			out.WriteString(l)
			continue
		}
		before := joinsOn(neighbourOf(letters, i, -1))
		after := len(forms) == 4 && len(shapes()[neighbourOf(letters, i, 1)]) >= 2
		form := alone
		switch {
		case before && after:
			form = medial
		case before:
			form = final
		case after:
			form = initial
		}
		out.WriteRune(forms[form])
	}
	return out.String()
}

// joinsOn reports whether a letter joins to the one after it.
func joinsOn(l string) bool { return len(shapes()[l]) == 4 }

// neighbourOf gives the next letter to one side; marks above and below letters
// do not part them.
func neighbourOf(letters []string, i, by int) string {
	for i += by; i >= 0 && i < len(letters); i += by {
		if r := []rune(letters[i]); !unicode.Is(unicode.Mn, r[0]) {
			return letters[i]
		}
	}
	return ""
}

// ligate takes lam and alef together, which are always written as one.
func ligate(text []rune) []string {
	var out []string
	for i := 0; i < len(text); i++ {
		if i+1 < len(text) && text[i] == 'ل' && len(shapes()[string(text[i:i+2])]) == 2 {
			out = append(out, string(text[i:i+2]))
			i++
			continue
		}
		out = append(out, string(text[i]))
	}
	return out
}
