package sdk

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Plain gives text on one line without what could disturb the words around it:
// control characters and marks that turn the direction of writing are dropped,
// broken UTF-8 becomes U+FFFD, white space becomes single spaces.
func Plain(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), turnsDirection(r):
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// turnsDirection: LRM, RLM, ALM and the embeddings, overrides and isolates of
// the Unicode Bidirectional Algorithm (UAX #9 §2), and the line separators.
func turnsDirection(r rune) bool {
	return r == 0x61C || r == 0x200E || r == 0x200F ||
		(r >= 0x2028 && r <= 0x202E) || (r >= 0x2066 && r <= 0x2069)
}

// Clip cuts text to at most limit as weigh counts its characters, at a word
// where one is near, and marks the cut with an ellipsis. A cut never leaves a
// joiner, variation selector or combining mark at the end. A nil weigh counts
// every character (code point) as one.
func Clip(text string, limit int, weigh func(rune) int) string {
	if weigh == nil {
		weigh = func(rune) int { return 1 }
	}
	room, end, whole := limit-weigh('…'), 0, 0
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		at += size
		w := weigh(r)
		whole += w
		if room -= w; room >= 0 {
			end = at
		}
		if whole > limit {
			return cut(text, end)
		}
	}
	return text
}

func cut(text string, end int) string {
	head := text[:end]
	if space := strings.LastIndexByte(head, ' '); space > end*3/4 {
		head = head[:space]
	}
	head = strings.TrimRightFunc(head, func(r rune) bool {
		return r == 0x200D || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Variation_Selector, r) ||
			unicode.IsSpace(r) || strings.ContainsRune(",;:-–", r)
	})
	if head == "" {
		return ""
	}
	return head + "…"
}

// Escaped is a weigh for [Clip]: the bytes that r takes in an address at most,
// percent-encoded.
func Escaped(r rune) int { return 3 * utf8.RuneLen(r) }

// Link makes an address of base and pairs of a name and a value, those without a
// value left out.
func Link(base string, pairs ...string) string {
	q := url.Values{}
	for n := 0; n+1 < len(pairs); n += 2 {
		if pairs[n+1] != "" {
			q.Set(pairs[n], pairs[n+1])
		}
	}
	return base + "?" + q.Encode()
}

// YearMonth gives year and month (1 to 12, no leading zero) of t in UTC, both empty
// when t is zero.
func YearMonth(t time.Time) (year, month string) {
	if t.IsZero() {
		return "", ""
	}
	t = t.UTC()
	return strconv.Itoa(t.Year()), strconv.Itoa(int(t.Month()))
}
