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
	d := &dataset{}
	lines := lines{of: d}
	var want [][]byte
	for _, s := range subjects {
		for _, p := range []string{"<a:p>", "<a:p2>", "<a:p!>"} {
			for _, o := range objects {
				for _, g := range []string{"", "<a:g>", "_:c14n1"} {
					lines.list = append(lines.list, quad{s: d.written(s), p: d.written(p), o: d.written(o)})
					text := s + " " + p + " " + o + " .\n"
					if g != "" {
						lines.list[len(lines.list)-1].g = d.written(g)
						text = s + " " + p + " " + o + " " + g + " .\n"
					}
					want = append(want, []byte(text))
				}
			}
		}
	}
	slices.SortFunc(want, bytes.Compare)
	lines.sort()
	if got := lines.write(nil); !bytes.Equal(got, bytes.Join(want, nil)) {
		t.Errorf("lines are sorted otherwise than their bytes:\n%s", got)
	}
}
