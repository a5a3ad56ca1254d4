package gallery

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/osier-passport/osier/core/db"
)

const (
	tokenMax = 40 // characters of a word; the rest of a longer one is not searched
	gramSize = 3
)

// unspaced are the scripts that are written without spaces: each of their
// characters is a word.
var unspaced = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

// tokens cuts text into at most most words of letters and digits, case and
// accents folded. Both engines index these words as they stand, so that the same
// text is found on both.
func tokens(text string, most int) []string {
	var list []string
	var word strings.Builder
	length := 0
	end := func() {
		if word.Len() > 0 && len(list) < most {
			list = append(list, word.String())
		}
		word.Reset()
		length = 0
	}
	for _, r := range db.Fold(text) {
		switch {
		case len(list) >= most:
			return list
		case unicode.In(r, unspaced...):
			end()
			word.WriteRune(r)
			end()
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r):
			end()
		case length < tokenMax:
			word.WriteRune(r)
			length++
		}
	}
	end()
	return list
}

// distinct gives each word once, in order.
func distinct(words []string) []string {
	list := slices.Clone(words)
	slices.Sort(list)
	return slices.Compact(list)
}

// grams are the runs of three characters of a word, with one mark before it and
// one behind, each once.
func grams(word string) []string {
	runes := []rune(" " + word + " ")
	var list []string
	for i := 0; i+gramSize <= len(runes); i++ {
		list = append(list, string(runes[i:i+gramSize]))
	}
	return distinct(list)
}

// corrigible reports whether a word is long enough to be mistyped.
func corrigible(word string) bool { return utf8.RuneCountInString(word) >= 4 }

// mistakes is how many mistakes a word may hold.
func mistakes(word string) int {
	if utf8.RuneCountInString(word) <= 5 {
		return 1
	}
	return 2
}

// distance counts the letters that must be changed, added, left out or swapped
// with their neighbour to make b of a (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
