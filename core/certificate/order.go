package certificate

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/bidi"
)

// visual gives the letters of a line from left to right as they are drawn: Arabic
// letters joined, what is written from right to left turned, numbers in it not.
// These are the rules of UAX #9 for plain text of one line: names and sentences
// without embeddings, which core/text drops.
func visual(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return direction(r) == 1 }) {
		return text
	}
	letters := []rune(join(text))
	levels := levelsOf(letters)
	for i, r := range letters {
		if m := strings.IndexRune(mirrored, r); m >= 0 && levels[i]%2 == 1 {
			letters[i] = rune(mirrored[m^1])
		}
	}
	for level := slices.Max(levels); level > 0; level-- { // rule L2
		for from := 0; from < len(letters); from++ {
			to := from
			for to < len(letters) && levels[to] >= level {
				to++
			}
			if to > from {
				slices.Reverse(letters[from:to])
				slices.Reverse(levels[from:to])
				from = to
			}
		}
	}
	return string(letters)
}

// mirrored are the brackets that are drawn as each other from right to left.
const mirrored = "()[]{}<>"

// The directions of a letter.
const (
	leftward = 1 // Hebrew, Arabic
	forward  = 0
	number   = 2
	neutral  = -1 // as what is around it
)

func direction(r rune) int {
	p, _ := bidi.LookupRune(r)
	switch p.Class() {
	case bidi.R, bidi.AL:
		return leftward
	case bidi.L:
		return forward
	case bidi.EN, bidi.AN:
		return number
	}
	return neutral
}

// levelsOf gives the level of each letter: odd ones are written from right to left.
func levelsOf(letters []rune) []int {
	kinds := make([]int, len(letters))
	base := -1
	for i, r := range letters {
		kinds[i] = direction(r)
		if k := kinds[i]; k == leftward || k == forward {
			if base < 0 {
				base = k
			}
		}
	}
	base = max(base, 0)
	strong := base // of the letters before
	levels, sides := make([]int, len(letters)), make([]int, len(letters))
	for i, k := range kinds {
		switch k {
		case leftward, forward:
			strong = k
			levels[i], sides[i] = k, k
			if k == forward {
				levels[i] = base * 2
			}
		case number: // as the letters before it, and never turned
			levels[i], sides[i] = base*2, strong
			if strong == leftward {
				levels[i] = 2
			}
		default:
			levels[i], sides[i] = base, neutral
		}
	}
	settle(levels, sides, base)
	return levels
}

// settle gives neutral letters the direction that is on both sides of them; else
// they have that of the line (rules N1 and N2).
func settle(levels, sides []int, base int) {
	for from := 0; from < len(sides); from++ {
		to := from
		for to < len(sides) && sides[to] == neutral {
			to++
		}
		if from > 0 && to > from && to < len(sides) && sides[from-1] == sides[to] {
			level := 1
			if sides[to] == forward {
				level = base * 2
			}
			for i := from; i < to; i++ {
				levels[i] = level
			}
		}
		from = max(from, to-1)
	}
}
