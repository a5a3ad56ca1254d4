package web

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/osier-passport/osier/core/fault"
)

const (
	urlForm   = "application/x-www-form-urlencoded"
	partsForm = "multipart/form-data; boundary=B"
)

func decode(contentType, body string) (Form, error) {
	d := newDecoder()
	err := d.decode(contentType, []byte(body))
	return d.Form, err
}

// parts writes a multipart body with "B" as boundary.
func parts(list ...string) string {
	var b strings.Builder
	for _, p := range list {
		head, body, _ := strings.Cut(p, "|")
		b.WriteString("--B\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + body + "\r\n")
	}
	return b.String() + "--B--\r\n"
}

func TestFormDecodes(t *testing.T) {
	f, err := decode(urlForm+"; charset=utf-8", "a=1&b=%C3%A9+x&a=2&empty=&flag&&a%5B0%5D=i")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"a": {"1", "2"}, "b": {"é x"}, "empty": {""}, "flag": {""}, "a[0]": {"i"}}
	if d := cmp.Diff(want, f.values); d != "" {
		t.Error(d)
	}
	f, err = decode(partsForm, parts(`name="a"|1`, `name="f"; filename="C:\dir\b.png"`+"\r\nContent-Type: image/png"+`|`+"\x89PNG\x00", `name="none"; filename=""|`))
	if err != nil {
		t.Fatal(err)
	}
	if f.Get("a") != "1" || len(f.values) != 1 {
		t.Errorf("values %v", f.values)
	}
	file, ok := f.File("f")
	if d := cmp.Diff(File{Name: "b.png", Data: []byte("\x89PNG\x00")}, file); d != "" || !ok {
		t.Error(d)
	}
	if _, ok := f.File("none"); ok {
		t.Error("an empty file field is a file")
	}
}

// TestFormRefuses: security row F11 and the caps of a form.
func TestFormRefuses(t *testing.T) {
	many := func(n int) []string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(`name="f%d"|x`, i)
		}
		return list
	}
	tests := []struct {
		name, contentType, body string
		kind                    fault.Kind
	}{
		{"bad percent", urlForm, "a=%zz", fault.Malformed},
		{"bad percent in a name", urlForm, "%=1", fault.Malformed},
		{"NUL", urlForm, "a=%00b", fault.Malformed},
		{"NUL in a name", urlForm, "a%00=b", fault.Malformed},
		{"not UTF-8", urlForm, "a=%ff", fault.Malformed},
		{"no name", urlForm, "=1", fault.Malformed},
		{"long name", urlForm, strings.Repeat("a", 101) + "=1", fault.Malformed},
		{"many fields", urlForm, strings.Repeat("a=1&", 1000), fault.TooLarge},
		{"long value", urlForm, "a=" + strings.Repeat("x", maxField+1), fault.TooLarge},
		{"text", "text/plain", "a=1", fault.Unsupported},
		{"JSON", "application/json", "{}", fault.Unsupported},
		{"no type", "", "a=1", fault.Unsupported},
		{"bad type", "a/b/c;;", "a=1", fault.Unsupported},
		{"no boundary", "multipart/form-data", "x", fault.Malformed},
		{"long boundary", "multipart/form-data; boundary=" + strings.Repeat("b", 71), "x", fault.Malformed},
		{"no parts", partsForm, "", fault.Malformed},
		{"cut short", partsForm, parts(`name="a"|1`)[:30], fault.Malformed},
		{"not ended", partsForm, "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx", fault.Malformed},
		{"part without name", partsForm, parts(`x=y|1`), fault.Malformed},
		{"part without disposition", partsForm, "--B\r\nA: b\r\n\r\n1\r\n--B--\r\n", fault.Malformed},
		{"many parts", partsForm, parts(many(201)...), fault.TooLarge},
		{"long part", partsForm, parts(`name="a"|` + strings.Repeat("x", maxField+1)), fault.TooLarge},
		{"NUL in a part", partsForm, parts("name=\"a\"|\x00"), fault.Malformed},
	}
	for _, tt := range tests {
		if _, err := decode(tt.contentType, tt.body); !fault.Is(err, tt.kind) {
			t.Errorf("%s: %v, want kind %d", tt.name, err, tt.kind)
		}
	}
	for _, index := range []string{"a[999999999]=1", "a[-1]=1", "a[0][0][0][0]=1", "a[" + strings.Repeat("[", 90) + "=1", "__proto__[x]=1"} {
		if f, err := decode(urlForm, index); err != nil || len(f.values) != 1 {
			t.Errorf("%s: %v, %v", index, f.values, err)
		}
	}
}

func TestFormFileNames(t *testing.T) {
	for in, want := range map[string]string{
		`../../etc/passwd`: "passwd", `a\b\c.png`: "c.png", "a\x1b[31m.png": "a\ufffd[31m.png", "é.png": "é.png", "/": "",
		strings.Repeat("a", 500): strings.Repeat("a", 200),
	} {
		if got := fileName(in); got != want {
			t.Errorf("fileName(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestBindIgnoresTheRest: security row F9. Only tagged fields of a form's own
// struct are set.
func TestBindIgnoresTheRest(t *testing.T) {
	var to struct {
		Name    string   `form:"name"`
		Count   int      `form:"count"`
		ID      int64    `form:"id"`
		On      bool     `form:"on"`
		Off     bool     `form:"off"`
		Tags    []string `form:"tag"`
		Picture File     `form:"picture"`
		IsAdmin bool
		Role    string
	}
	f, err := decode(partsForm, parts(`name="name"|Ada`, `name="count"|-3`, `name="id"|9007199254740993`, `name="on"|on`, `name="tag"|a`, `name="tag"|b`,
		`name="picture"; filename="p.png"|png`, `name="IsAdmin"|true`, `name="is_admin"|true`, `name="Role"|admin`, `name="role"|admin`))
	if err != nil {
		t.Fatal(err)
	}
	if err := (&Ctx{form: &f}).Bind(&to); err != nil {
		t.Fatal(err)
	}
	if to.IsAdmin || to.Role != "" {
		t.Errorf("fields without a tag are set: %+v", to)
	}
	if to.Name != "Ada" || to.Count != -3 || to.ID != 9007199254740993 || !to.On || to.Off || len(to.Tags) != 2 || string(to.Picture.Data) != "png" {
		t.Errorf("got %+v", to)
	}
}

func TestBindRefuses(t *testing.T) {
	type one struct {
		Name  string `form:"name"`
		Count int    `form:"count"`
	}
	for _, body := range []string{"name=a&name=b", "count=x", "count=99999999999999999999", "count=1e3"} {
		f, err := decode(urlForm, body)
		if err != nil {
			t.Fatal(err)
		}
		if err := (&Ctx{form: &f}).Bind(&one{}); !fault.Is(err, fault.Malformed) {
			t.Errorf("%s: %v", body, err)
		}
	}
	f, _ := decode(urlForm, "a=1")
	var wrong struct {
		A float64 `form:"a"`
	}
	for _, to := range []any{one{}, 3, &wrong} {
		if err := (&Ctx{form: &f}).Bind(to); err == nil {
			t.Errorf("Bind(%T) works", to)
		}
	}
}

// TestHostileBodies decodes the bodies of the shared raw requests.
func TestHostileBodies(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "hostile", "http", "raw", "body_*.bin"))
	if err != nil || len(files) == 0 {
		t.Skip("no hostile cases here")
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		head, body, _ := bytes.Cut(data, []byte("\r\n\r\n"))
		contentType := ""
		for line := range strings.SplitSeq(string(head), "\r\n") {
			if v, ok := strings.CutPrefix(line, "Content-Type: "); ok {
				contentType = v
			}
		}
		start := time.Now()
		_, err = decode(contentType, string(body))
		if _, ok := fault.As(err); err != nil && !ok {
			t.Errorf("%s: %v", filepath.Base(name), err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s takes %s", filepath.Base(name), took)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add(urlForm, "a=1&b=%20")
	f.Add(partsForm, parts(`name="a"|1`, `name="f"; filename="x"|y`))
	f.Fuzz(func(t *testing.T, contentType, body string) {
		form, err := decode(contentType, body)
		if _, ok := fault.As(err); err != nil && !ok {
			t.Errorf("no fault: %v", err)
		}
		for name, values := range form.values {
			if name == "" || len(values) == 0 || strings.ContainsRune(name+strings.Join(values, ""), 0) {
				t.Errorf("%q: %q", name, values)
			}
		}
	})
}
