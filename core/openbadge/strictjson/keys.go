package strictjson

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// repeatedKey refuses an object in which a key is there twice, and names the
// first that repeats one before it.
func repeatedKey(members []Member) error {
	order := make([]int, len(members))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(strings.Compare(members[a].Name, members[b].Name), a-b)
	})
	first := len(members)
	for i := 1; i < len(order); i++ {
		if members[order[i]].Name == members[order[i-1]].Name {
			first = min(first, order[i])
		}
	}
	if first == len(members) {
		return nil
	}
	return &Error{"json-duplicate-key", shorten(members[first].Name)}
}

// caseVariant refuses an object in which two keys are equal after folding:
// decoders that match names without regard to case would mix them up.
func caseVariant(members []Member) error {
	var folds []string // folded names that differ from their key
	plain := make(map[string]bool, len(members))
	for _, m := range members {
		if plain[m.Name] = true; fold(m.Name) != m.Name {
			folds = append(folds, fold(m.Name))
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
	var high byte
	for i := range len(key) {
		high |= key[i]
		sum = (sum ^ uint64(key[i]|0x20)) * 0x100000001B3
	}
	return sum, high < utf8.RuneSelf
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
