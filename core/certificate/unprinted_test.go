package certificate

import (
	"slices"
	"testing"
)

// TestWhatIsNotPrintedIsNamed: by the scripts of its letters, and nothing that the
// fonts have.
func TestWhatIsNotPrintedIsNamed(t *testing.T) {
	for text, want := range map[string][]Script{
		"Ångström, Łódź, Ελλάδα, Київ, שלום, مرحبا, Հայ, ქართ": nil,
		"数据 и données":  {Han},
		"ひらがな カタカナ 한국어": {Hangul, Kana},
		"हिन्दी தமிழ்":  {Devanagari, Tamil},
		"ไทย 🧺":         {Symbols, Thai},
		"ᏣᎳᎩ":           {Other},
	} {
		if got := Unprinted(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if n := len(Scripts()); n != len(tables)+2 {
		t.Errorf("%d scripts", n)
	}
}
