package file

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/osier-passport/osier/core/fault"
)

// office is an archive of entries given as names and contents.
func office(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i+1 < len(pairs); i += 2 {
		method := zip.Deflate
		if pairs[i] == "mimetype" {
			method = zip.Store
		}
		e, err := w.CreateHeader(&zip.FileHeader{Name: pairs[i], Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func types(kind string) string {
	return `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/main.xml" ContentType="` + kind + `"/></Types>`
}

func TestSniffKnowsFilesByTheirBytes(t *testing.T) {
	word := ooxml + "wordprocessingml.document"
	const odt = "application/vnd.oasis.opendocument.text"
	for _, c := range []struct{ name, data, want string }{
		{"png", "\x89PNG\r\n\x1a\nrest", "image/png"},
		{"jpeg", "\xff\xd8\xff\xe0", "image/jpeg"},
		{"gif", "GIF89a", "image/gif"},
		{"webp", "RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"},
		{"pdf", "%PDF-1.7\nbody\n%%EOF\n", "application/pdf"},
		{"half a pdf", "%PDF-1.7\n\x01", ""},
		{"text", "Hello, Zoë.\n\tA < B\r\n", "text/plain"},
		{"text with its mark", "\ufeffHello", "text/plain"},
		{"html", "  \n<html>", ""},
		{"svg", "\ufeff<svg xmlns='http://www.w3.org/2000/svg'/>", ""},
		{"postscript", "%!PS-Adobe", ""},
		{"binary", "MZ\x90\x00", ""},
		{"not utf-8", "caf\xe9", ""},
		{"escape codes", "\x1b[31mred", ""},
		{"docx", string(office(t, "[Content_Types].xml", types(word+".main+xml"), "main.xml", "<x/>")), word},
		{"docm", string(office(t, "[Content_Types].xml", types("application/vnd.ms-word.document.macroEnabled.main+xml"))), "macro"},
		{"docx with macros", string(office(t, "[Content_Types].xml", types(word+".main+xml"), "word/vbaProject.bin", "x")), "macro"},
		{"odt", string(office(t, "mimetype", odt, "content.xml", "<x/>")), odt},
		{"odt with scripts", string(office(t, "mimetype", odt, "Basic/Standard/Module1.xml", "<x/>")), "macro"},
		{"odt template of macros", string(office(t, "mimetype", odt+"-master")), ""},
		{"epub", string(office(t, "mimetype", "application/epub+zip")), ""},
		{"zip", string(office(t, "readme.txt", "hello")), ""},
		{"an archive that says it is a picture", string(office(t, "mimetype", "image/png")), ""},
		{"half a zip", "PK\x03\x04", ""},
		{"a list of types that is a bomb", string(office(t, "[Content_Types].xml", strings.Repeat(" ", maxTypes)+types(word+".main+xml"))), ""},
		{"nothing", "", ""},
	} {
		got, err := Sniff([]byte(c.data))
		switch {
		case c.want == "macro" || c.want == "":
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || (f.Key == "file.error.macro") != (c.want == "macro") {
				t.Errorf("%s: %v, %v", c.name, got, err)
			}
		case err != nil || got.Type != c.want:
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

func TestNamesFitTheirKind(t *testing.T) {
	for _, c := range []struct{ name, kind, want string }{
		{"photo.PNG", "image/png", "photo.png"},
		{"photo.jpeg", "image/jpeg", "photo.jpeg"},
		{"photo.png", "image/jpeg", "photo.jpg"},
		{"page.html", "text/plain", "page.html.txt"},
		{"notes.md", "text/plain", "notes.md"},
		{"a/b\\c:d", "application/pdf", "a_b_c_d.pdf"},
		{"...", "application/pdf", "file.pdf"},
		{"", "application/pdf", "file.pdf"},
		{"v1.2 final", "application/pdf", "v1.2 final.pdf"},
		{"\u202egpj.exe", "application/pdf", "gpj.exe.pdf"},
		{strings.Repeat("é", 300), "application/pdf", strings.Repeat("é", maxName-4) + ".pdf"},
	} {
		if got := fitName(c.name, kindOf(c.kind)); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}

// FuzzSniff finds no panic, no kind outside of the list, and no markup taken for text.
func FuzzSniff(f *testing.F) {
	f.Add([]byte("%PDF-1.7\n%%EOF"))
	f.Add([]byte("hello"))
	f.Add(office(f, "mimetype", "application/vnd.oasis.opendocument.text"))
	f.Add(office(f, "[Content_Types].xml", types(ooxml+"spreadsheetml.sheet.main+xml")))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := Sniff(data)
		if err != nil {
			return
		}
		if kindOf(k.Type).Type == "" {
			t.Errorf("%q is taken as %q", data, k.Type)
		}
		if k.Type == "text/plain" && bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
			t.Errorf("%q is taken as text", data)
		}
	})
}
