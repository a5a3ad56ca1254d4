package sdk

import (
	"regexp"
	"sort"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// perAddress is what an address takes of a post on X and on Mastodon, however long it is.
const perAddress = 23

// address is a word that becomes a link at a remote. X links bare names of hosts
// too; this is generous, since a word that is counted too high only shortens a text.
var (
	address     = lazily(`(?i)https?://\S+`)
	bareAddress = lazily(`(?i)https?://\S+|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}(?:/\S*)?`)
)

// lazily is a pattern that is compiled when it is first used: a plugin starts without.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// Of gives how many characters text has as c counts.
func (c Count) Of(text string) int {
	switch c {
	case CountUTF16:
		return len(utf16.Encode([]rune(text)))
	case CountGrapheme:
		return uniseg.GraphemeClusterCount(text)
	case CountURL23:
		return countAround(text, address(), uniseg.GraphemeClusterCount)
	case CountXWeighted:
		return countAround(text, bareAddress(), weightOf)
	}
	return utf8.RuneCountInString(text)
}

// countAround counts addresses as perAddress each and the rest by count.
func countAround(text string, links *regexp.Regexp, count func(string) int) int {
	found := links.FindAllStringIndex(text, -1)
	n, from := perAddress*len(found), 0
	for _, at := range found {
		n += count(text[from:at[0]])
		from = at[1]
	}
	return n + count(text[from:])
}

// weightOf counts as X does (twitter-text, configuration 3): one for the letters of
// most alphabets and common punctuation, two for everything else, two for an emoji
// of however many code points.
func weightOf(text string) int {
	n := 0
	for state := -1; text != ""; {
		var cluster string
		cluster, text, _, state = uniseg.FirstGraphemeClusterInString(text, state)
		n += clusterWeight(cluster)
	}
	return n
}

func clusterWeight(cluster string) int {
	n, pictured := 0, false
	for _, r := range cluster {
		pictured = pictured || r == 0x200D || r == 0xFE0F || r == 0x20E3 || r >= 0x1F000 && r <= 0x1FAFF
		n += runeWeight(r)
	}
	if pictured {
		return 2
	}
	return n
}

func runeWeight(r rune) int {
	switch {
	case r <= 4351, r >= 8192 && r <= 8205, r >= 8208 && r <= 8223, r >= 8242 && r <= 8247:
		return 1
	}
	return 2
}

// Text is what most targets post: [Words] and the address of i, together within l.
// The words give way, between characters as people see them; the address is whole.
func Text(i Item, l Limits) string {
	words := Words(i)
	whole := strings.TrimSpace(words + " " + i.URL)
	if l.MaxChars <= 0 || l.Count.Of(whole) <= l.MaxChars {
		return whole
	}
	return strings.TrimSpace(l.fit(words, func(head string) string { return head + " " + i.URL }) + " " + i.URL)
}

// Fit cuts text to l, between characters as people see them, and marks the cut with
// an ellipsis.
func (l Limits) Fit(text string) string {
	if l.MaxChars <= 0 || l.Count.Of(text) <= l.MaxChars {
		return text
	}
	return l.fit(text, func(head string) string { return head })
}

// fit gives the longest beginning of text with which whole is within l.
func (l Limits) fit(text string, whole func(head string) string) string {
	ends := clusterEnds(text, l.MaxChars)
	fits := func(n int) bool { return l.Count.Of(whole(text[:ends[n]]+"…")) <= l.MaxChars }
	n := sort.Search(len(ends), func(n int) bool { return !fits(n) }) - 1
	for ; n >= 0; n-- { // what is cut off an address counts otherwise
		if head := cut(text, ends[n]); l.Count.Of(whole(head)) <= l.MaxChars {
			return head
		}
	}
	return ""
}

// clusterEnds gives where the first characters of text end, at most limit of them.
func clusterEnds(text string, limit int) []int {
	var ends []int
	for state, at := -1, 0; at < len(text) && len(ends) <= limit; {
		var cluster string
		cluster, _, _, state = uniseg.FirstGraphemeClusterInString(text[at:], state)
		at += len(cluster)
		ends = append(ends, at)
	}
	return ends
}
