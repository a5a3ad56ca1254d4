package scaffold_test

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/osier-passport/osier/plugins/sdk"
	"github.com/osier-passport/osier/plugins/sdk/wire"
)

// docs/plugins.md names every field of an item, and no other; those that it names for
// other languages are fields of the wire.
func TestDocumentedItem(t *testing.T) {
	docs, err := os.ReadFile("../../docs/plugins.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, ok := strings.Cut(string(docs), "\n### What an item has\n")
	part, _, more := strings.Cut(part, "The answered address")
	if !ok || !more {
		t.Fatal("the part is not there")
	}
	named := regexp.MustCompile("`([A-Z][A-Za-z]+)`")
	var told, are []string
	for line := range strings.Lines(part) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, m := range named.FindAllStringSubmatch(cells[1], -1) {
				told = append(told, m[1])
			}
		}
	}
	for f := range reflect.TypeFor[sdk.Item]().Fields() {
		are = append(are, f.Name)
	}
	slices.Sort(told)
	slices.Sort(are)
	if !slices.Equal(told, are) {
		t.Errorf("told of %v\nthere are %v", told, are)
	}
	fields := (&wire.Item{}).ProtoReflect().Descriptor().Fields()
	for _, m := range regexp.MustCompile("`item\\.([a-z_]+)`").FindAllStringSubmatch(part, -1) {
		found := false
		for n := range fields.Len() {
			found = found || string(fields.Get(n).Name()) == m[1]
		}
		if !found {
			t.Errorf("the wire has no %s", m[1])
		}
	}
}
