package text

import (
	"html/template"
	"strconv"
	"strings"
	"testing"
)

func TestRenderingsAreKeptWithinBounds(t *testing.T) {
	var k renderings
	k.put("often", "<p>often</p>")
	k.put("once", "<p>once</p>")
	k.put("long", template.HTML(strings.Repeat("x", keptText)))
	if _, ok := k.get("long"); ok {
		t.Error("a long text is kept")
	}
	body := template.HTML(strings.Repeat("y", keptText/2))
	for i := range 3 * keptAll / len(body) {
		k.put(strconv.Itoa(i), body)
		if out, ok := k.get("often"); !ok || out != "<p>often</p>" {
			t.Fatalf("after %d others: %q, %v", i, out, ok)
		}
	}
	if _, ok := k.get("once"); ok {
		t.Error("what nobody asks for is kept for ever")
	}
	size := 0
	for _, generation := range []map[string]template.HTML{k.young, k.old} {
		for s, out := range generation {
			size += len(s) + len(out)
		}
	}
	if size > 2*keptAll {
		t.Errorf("%d bytes are kept", size)
	}
}

func TestAKeptRenderingIsTheSame(t *testing.T) {
	const s = "# Title\n\n<script>x</script> [a](javascript:x) **b**"
	if first, second := Markdown(s), Markdown(s); first != second || first != Render(s) {
		t.Errorf("%q, then %q", first, second)
	}
}
