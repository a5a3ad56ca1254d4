package strictjson

import (
	"bytes"
	"reflect"
	"testing"
)

// FuzzJCS: the canonical form of any value reads as the same value and is its own canonical
// form (RFC 8785 §3).
func FuzzJCS(f *testing.F) {
	for _, s := range []string{
		`{"b":1e21,"a":[0.1,-0,1E400],"\u20ac":"\u000f\n/"}`, `[5e-324,9007199254740993,1.7976931348623157e308]`,
		`"\ud83d\ude00\ufb33"`, `{"\ufb33":1,"\ud83d\ude00":2}`, `null`, `[[[]]]`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Decode(b, Limits{})
		if err != nil {
			return
		}
		once, err := JCS(v)
		if err != nil {
			if _, ok := err.(*Error); !ok { //nolint:errorlint // JCS gives the type itself
				t.Fatalf("error of another type: %v", err)
			}
			return
		}
		back, err := Decode(once, Limits{Size: len(once) + 1})
		if err != nil {
			t.Fatalf("%q becomes %q: %v", b, once, err)
		}
		again, err := JCS(back)
		if err != nil || !bytes.Equal(again, once) {
			t.Errorf("%q, then %q, %v", once, again, err)
		}
		if third, err := Decode(again, Limits{Size: len(again) + 1}); err != nil || !reflect.DeepEqual(third, back) {
			t.Errorf("%q reads as %v, then %v", once, back, third)
		}
	})
}
