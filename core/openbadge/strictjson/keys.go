package strictjson

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// repeatedKey refuses an object in which a name is there twice, and tells the
// first that repeats one before it.
func repeatedKey(names []string) error {
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(strings.Compare(names[a], names[b]), a-b)
	})
	first := len(names)
	for i := 1; i < len(order); i++ {
		if names[order[i]] == names[order[i-1]] {
			first = min(first, order[i])
		}
	}
	if first == len(names) {
		return nil
	}
	return &Error{"json-duplicate-key", shorten(names[first])}
}

// caseVariant refuses an object in which two names are equal after folding:
// decoders that match names without regard to case would mix them up.
func caseVariant(names []string) error {
	var folds []string // folded names that differ from the name
	plain := make(map[string]bool, len(names))
	for _, name := range names {
		if plain[name] = true; fold(name) != name {
			folds = append(folds, fold(name))
		}
	}
	slices.Sort(folds)
	for i, f := range folds {
		if plain[f] || i > 0 && folds[i-1] == f {
			return &Error{"json-case-variant-key", shorten(f)}
		}
	}
	return nil
}

// foldSum is a sum over a key that is the same for all its spellings in ASCII;
// ascii says that there can be no others. Different sums mean different names,
// so that most objects need no folded names made.
func foldSum(key string) (sum uint64, ascii bool) {
	const small, tops, odd = 0x2020202020202020, 0x8080808080808080, 0x9E3779B97F4A7C15
	var high uint64
	sum = uint64(len(key))
	for len(key) > 8 {
		w := word(key)
		high |= w
		sum = (sum ^ (w | small)) * odd
		sum ^= sum >> 32
		key = key[8:]
	}
	var w uint64
	for i := range len(key) {
		w = w<<8 | uint64(key[i])
	}
	return (sum ^ (w | small)) * odd, (high|w)&tops == 0
}

// distinct reports that no sum is there twice. It may sort them.
func distinct(sums []uint64) bool {
	const few = 12
	if len(sums) > few {
		slices.Sort(sums)
		for i := 1; i < len(sums); i++ {
			if sums[i] == sums[i-1] {
				return false
			}
		}
		return true
	}
	for i, sum := range sums {
		if slices.Contains(sums[:i], sum) {
			return false
		}
	}
	return true
}

// fold maps a key to the smallest member of each rune's simple fold orbit, in
// lower case for ASCII: the same equivalence as strings.EqualFold.
func fold(key string) string {
	for i := range len(key) {
		if c := key[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			return foldFrom(key, i)
		}
	}
	return key
}

func foldFrom(key string, i int) string {
	out := append(make([]byte, 0, len(key)), key[:i]...)
	for _, r := range key[i:] {
		out = utf8.AppendRune(out, foldRune(r))
	}
	return string(out)
}

func foldRune(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if least >= 'A' && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}
