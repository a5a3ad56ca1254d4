package strictjson_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/openbadge/strictjson"
)

// TestCloneOutlivesItsDocument: a part that was copied says the same after the document was
// given back and its memory used again.
func TestCloneOutlivesItsDocument(t *testing.T) {
	const text = `{"before":[1,2],"part":{"a":"\u00e9","b":[true,null,{"c":-1.5}],"d":{},"e":"e"},"after":"x"}`
	want, err := strictjson.Decode([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := strictjson.Read([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	whole, part, one := doc.Clone(), doc.Get("part").Clone(), doc.Get("before").First().Clone()
	doc.Recycle()
	if _, err := strictjson.Read([]byte(`[["other"],{"values":"in the same memory"},0,0,0,0,0,0,0,0,0]`), strictjson.Limits{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, whole.Any()); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(want.(map[string]any)["part"], part.Any()); d != "" { //nolint:forcetypeassert // an object above
		t.Error(d)
	}
	if part.Name() != "" || part.Next().Exists() || one.Digits() != "1" || one.Next().Exists() {
		t.Errorf("a copy stands beside something: %q, %v, %v", part.Name(), part.Next().Any(), one.Next().Any())
	}
	if (strictjson.Value{}).Clone().Exists() {
		t.Error("a copy of nothing exists")
	}
}
