package core

import (
	"slices"
	"strings"
	"testing"
)

// What comes after the lines that were there, of which the passport keeps the last.
func TestLinesAfter(t *testing.T) {
	for _, tt := range []struct{ before, now, want string }{
		{"", "a b", "a b"},
		{"a b", "a b", ""},
		{"a b", "a b c", "c"},
		{"a b c", "b c d", "d"},
		{"a b", "c d", "c d"},
		{"a a", "a a a", "a"},
	} {
		if got := after(strings.Fields(tt.before), strings.Fields(tt.now)); !slices.Equal(got, strings.Fields(tt.want)) {
			t.Errorf("%q, then %q: got %q", tt.before, tt.now, got)
		}
	}
}
