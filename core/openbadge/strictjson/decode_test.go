package strictjson

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func reasonOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return ""
}

func TestDecode(t *testing.T) {
	got, err := Decode([]byte(" {\"a\": [1, -2.50e+3, true, false, null], \"é\\u00e9\\n\\/\": {\"b\":\"\\ud83d\\ude00\"}, \"c\": {} , \"d\":[]}\r\n"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"a":     []any{json.Number("1"), json.Number("-2.50e+3"), true, false, nil},
		"éé\n/": map[string]any{"b": "😀"},
		"c":     map[string]any{}, "d": []any{},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestDecodeRefuses(t *testing.T) {
	cases := []struct{ name, text, reason string }{
		{"duplicate key", `{"id":1,"id":2}`, "json-duplicate-key"},
		{"duplicate key by escape", `{"id":1,"\u0069d":2}`, "json-duplicate-key"},
		{"duplicate key below", `[{"a":{"b":1,"b":1}}]`, "json-duplicate-key"},
		{"upper case first", `{"ID":1,"id":2}`, "json-case-variant-key"},
		{"upper case last", `{"id":1,"Id":2}`, "json-case-variant-key"},
		{"two upper cases", `{"Id":1,"iD":2}`, "json-case-variant-key"},
		{"kelvin sign", `{"k":1,"\u212a":2}`, "json-case-variant-key"},
		{"long s", `{"iſſuer":1,"issuer":2}`, "json-case-variant-key"},
		{"accented", `{"École":1,"école":2}`, "json-case-variant-key"},
		{"duplicate term", `{"@context":{"a":"b","a":"c"}}`, "json-duplicate-key"},
		{"upper case behind a context", `{"@context":{"A":"b","a":"c"},"x":{"id":1,"ID":2}}`, "json-case-variant-key"},
		{"byte order mark", "\ufeff{}", "json-encoding"},
		{"bad utf-8", "\"\xff\"", "json-encoding"},
		{"overlong utf-8", "\"\xc0\xaf\"", "json-encoding"},
		{"lone high surrogate", `"\ud800"`, "json-encoding"},
		{"lone low surrogate", `"\udc00"`, "json-encoding"},
		{"two high surrogates", `"\ud800\ud800"`, "json-encoding"},
		{"trailing value", `{} {}`, "json-trailing"},
		{"trailing comma", `[1,]`, "json-syntax"},
		{"empty", ``, "json-syntax"},
		{"blank", ` `, "json-syntax"},
		{"leading zero", `[01]`, "json-syntax"},
		{"bare minus", `[-]`, "json-syntax"},
		{"no fraction", `[1.]`, "json-syntax"},
		{"no exponent", `[1e+]`, "json-syntax"},
		{"plus", `[+1]`, "json-syntax"},
		{"NaN", `[NaN]`, "json-syntax"},
		{"control in string", "\"a\tb\"", "json-syntax"},
		{"control after escape", "\"\\n\tb\"", "json-syntax"},
		{"bad escape", `"\x41"`, "json-syntax"},
		{"short escape", `"\u00`, "json-syntax"},
		{"signed escape", `"\u+041"`, "json-syntax"},
		{"cut escape", `"\`, "json-syntax"},
		{"cut word", `tru`, "json-syntax"},
		{"number key", `{1:2}`, "json-syntax"},
		{"no colon", `{"a" 1}`, "json-syntax"},
		{"deep", strings.Repeat("[", 65) + strings.Repeat("]", 65), "json-too-deep"},
		{"very deep", strings.Repeat(`{"a":`, 500_000), "json-too-deep"},
		{"long", `"` + strings.Repeat("a", 5_000_000) + `"`, "json-too-large"},
		{"many values", "[" + strings.Repeat("[],", 600_000) + "1]", "json-too-many-values"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode([]byte(c.text), Limits{})
			if got := reasonOf(err); got != c.reason {
				t.Errorf("got %q (%v), want %q", got, err, c.reason)
			}
		})
	}
}

func TestDecodeLimits(t *testing.T) {
	lim := Limits{Depth: 2, Size: 12, Values: 4}
	for text, want := range map[string]string{
		`[[1,2]]`:        "",
		`[[[1]]]`:        "json-too-deep",
		`[1,2,3,4]`:      "json-too-many-values",
		`[ 1          ]`: "json-too-large",
	} {
		_, err := Decode([]byte(text), lim)
		if got := reasonOf(err); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
	if _, err := Decode([]byte(strings.Repeat("[", 64)+strings.Repeat("]", 64)), Limits{}); err != nil {
		t.Errorf("64 levels: %v", err)
	}
}

func TestDistinctKeysAreKept(t *testing.T) {
	for _, text := range []string{
		`{"issuedOn":1,"issuer":2,"credentialSubject":3,"ß":4,"ss":5,"naïve":6,"Naive":7}`,
		`{"a":1,"b":{"a":1},"A_":3}`,
		`{"@context":[{"Criteria":"ob:Criteria","criteria":{"@id":"ob:criteria","@context":{"A":"a","a":"b"}}}]}`,
	} {
		if _, err := Decode([]byte(text), Limits{}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// shared returns the folder of outside test data beside the checkout.
func shared(t *testing.T, sub string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no go.mod above")
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(filepath.Dir(dir), "shared", sub)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no outside test data here")
	}
	return dir
}

// TestSuite holds Decode against the JSON parsing suite: n_ files are refused,
// y_ files are read unless they repeat a key.
func TestSuite(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared(t, "hostile/json"), "nst*", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Decode(b, Limits{})
		reason := reasonOf(err)
		switch name := filepath.Base(file); {
		case strings.HasPrefix(name, "n_") && err == nil:
			t.Errorf("%s: read, want refused", name)
		case strings.HasPrefix(name, "y_") && err != nil && reason != "json-duplicate-key" && reason != "json-case-variant-key":
			t.Errorf("%s: %v", name, err)
		case err != nil && reason == "":
			t.Errorf("%s: error of another type: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-3,"\ud83d\ude00\n"],"B":null}`, `[true,false]`, `{"a":1,"A":2}`, `"\u0000"`, `-0`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Decode(b, Limits{})
		if err != nil {
			if reasonOf(err) == "" {
				t.Fatalf("error of another type: %v", err)
			}
			return
		}
		if !json.Valid(b) {
			t.Fatalf("read %q, which is not JSON", b)
		}
		canon, err := JCS(v)
		if err != nil {
			return // a number outside float64
		}
		again, err := Decode(canon, Limits{Size: 50_000_000})
		if err != nil {
			t.Fatalf("canonical form of %q is not readable: %v", b, err)
		}
		if twice, err := JCS(again); err != nil || string(twice) != string(canon) {
			t.Fatalf("canonical form is not stable: %q, %q, %v", canon, twice, err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	text := []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:uuid:1","type":["VerifiableCredential"],"issuer":{"id":"https://a.example/","name":"A"},"credentialSubject":{"achievement":{"name":"B","description":"` + strings.Repeat("words ", 100) + `"}}}`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Decode(text, Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}
