package strictjson

import (
	"strings"
	"testing"
)

// TestPlainRun: each byte, at each place among others, ends a run or does not.
func TestPlainRun(t *testing.T) {
	for c := range 256 {
		ends := c < 0x20 || c == '"' || c == '\\'
		for at := range 24 {
			for _, other := range []string{"a", "\x20", "!", "#", "[", "]", "\x7f", "\x80", "\xff", "\x9f"} {
				s := strings.Repeat(other, at) + string([]byte{byte(c)}) + strings.Repeat(other, 23-at) + strings.Repeat("\x00\"\\", 8)
				want := 24
				if ends {
					want = at
				}
				if got := plainRun(s); got != want {
					t.Fatalf("%#x at %d among %q: %d, want %d", c, at, other, got, want)
				}
				if got := plainRun(s[:24]); got > want || !ends && got != 24 {
					t.Fatalf("%#x at %d among %q, nothing behind: %d", c, at, other, got)
				}
			}
		}
	}
	for n := range 8 {
		if got := plainRun(strings.Repeat("a", n)); got != 0 {
			t.Errorf("of %d bytes: %d", n, got)
		}
	}
}
