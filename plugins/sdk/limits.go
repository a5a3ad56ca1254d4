package sdk

import (
	"fmt"
	"slices"
)

// maxImageBytes is the largest picture that fits a message, in bytes.
const maxImageBytes = MaxMessage - 64<<10

// Count says how a remote counts the characters of a text.
type Count string

// The counts. See [Count.Of].
const (
	CountRune      Count = "rune"       // code points
	CountUTF16     Count = "utf16"      // UTF-16 units, as JavaScript's length
	CountGrapheme  Count = "grapheme"   // what people see as one character (UAX #29)
	CountXWeighted Count = "x-weighted" // as X: an address is 23, a wide character or an emoji 2
	CountURL23     Count = "url23"      // as Mastodon: graphemes, an address is 23
)

var counts = []Count{CountRune, CountUTF16, CountGrapheme, CountXWeighted, CountURL23}

// Limits are those of the remote.
type Limits struct {
	MaxChars      int    `json:"max_chars,omitempty" yaml:"max_chars"`             // of the text that is posted, address included; 0 means no limit
	Count         Count  `json:"count,omitempty" yaml:"count"`                     // empty means CountRune
	MaxImageBytes int    `json:"max_image_bytes,omitempty" yaml:"max_image_bytes"` // of Item.ImagePNG; 0 means that no image is taken
	PerPersonDay  int    `json:"per_person_day,omitempty" yaml:"per_person_day"`   // 0 means no limit
	CostCents     int    `json:"cost_cents,omitempty" yaml:"cost_cents"`           // of one share; 0 means free
	Currency      string `json:"currency,omitempty" yaml:"currency"`               // of the cost, ISO 4217
}

func (l Limits) check() error {
	if min(l.MaxChars, l.MaxImageBytes, l.PerPersonDay, l.CostCents) < 0 || max(l.MaxChars, l.PerPersonDay, l.CostCents) > 1<<30 {
		return fmt.Errorf("limits: a number is negative or larger than %d", 1<<30)
	}
	if !slices.Contains(counts, l.Count) {
		return fmt.Errorf("limits: count %q is not known", l.Count)
	}
	if (l.CostCents > 0) != (l.Currency != "") || l.Currency != "" && !validCurrency(l.Currency) {
		return fmt.Errorf("limits: a cost and a currency of three capital letters belong together")
	}
	return nil
}

// imageBytes is how large a picture may be that travels to the plugin.
func (l Limits) imageBytes() int { return min(l.MaxImageBytes, maxImageBytes) }
