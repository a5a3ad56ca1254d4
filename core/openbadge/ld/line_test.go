package ld

import (
	"bytes"
	"slices"
	"testing"
)

// Terms that begin like others are where comparing term by term and comparing
// whole lines could differ.
func TestLinesSortAsTheirBytes(t *testing.T) {
	subjects := []string{"<a:b>", "<a:bc>", "_:c14n1", "_:c14n10", "_:c14n2"}
	objects := []string{`""`, `"x"`, `"x y"`, `"x"@en`, `"x"@en-gb`, `"x"^^<a:t>`, `"x\""`, "<a:b>", "<a:b/>", "_:c14n1", "_:c14n10"}
	var lines lineSet
	var want [][]byte
	for _, s := range subjects {
		for _, p := range []string{"<a:p>", "<a:p2>", "<a:p!>"} {
			for _, o := range objects {
				for _, g := range []string{"", "<a:g>", "_:c14n1"} {
					l := line{s: s, p: p, o: o, g: g}
					lines = append(lines, l)
					want = append(want, l.append(nil))
				}
			}
		}
	}
	slices.SortFunc(want, bytes.Compare)
	if got := lines.write(nil); !bytes.Equal(got, bytes.Join(want, nil)) {
		t.Errorf("lines are sorted otherwise than their bytes:\n%s", got)
	}
}
