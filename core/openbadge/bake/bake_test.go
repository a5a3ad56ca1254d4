package bake

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"image"
	"image/png"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const assertion = `{"@context":"https://w3id.org/openbadges/v2","id":"https://issuer.example/a/1","note":"é ]]> & <x>"}`

var token = "eyJhbGciOiJSUzI1NiJ9.eyJpZCI6IjEifQ." + base64.RawURLEncoding.EncodeToString([]byte("signature"))

// plainPNG is a real picture without a badge.
func plainPNG(t testing.TB, side int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32() & 0x3f)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// withChunks puts chunks after the header of a plain PNG.
func withChunks(t testing.TB, chunks ...[]byte) []byte {
	t.Helper()
	file := plainPNG(t, 4)
	return append(append(bytes.Clone(file[:33]), bytes.Join(chunks, nil)...), file[33:]...)
}

func textOf(kind, head, body string) []byte { return appendChunk(kind, []byte(head), []byte(body)) }

func deflated(t testing.TB, s string) string {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func wantReason(t *testing.T, err error, want string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Reason != want {
		t.Errorf("error %v, want reason %q", err, want)
	}
}

func TestBakeThenExtract(t *testing.T) {
	art := plainPNG(t, 8)
	drawing := []byte(`<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">` +
		`<svg xmlns='http://www.w3.org/2000/svg' xmlns:openbadges="http://other.example" viewBox="0 0 1 1"><rect width="1"/></svg>`)
	for _, c := range []struct{ version, payload, png, svg string }{
		{"0.5", "https://issuer.example/a/1", "openbadges", "assertion"},
		{"1.0", assertion, "openbadges", "assertion"},
		{"1.1", token, "openbadges", "assertion"},
		{"2.0", "\r\n  " + assertion + "\n", "openbadges", "assertion"},
		{"2.1", assertion, "openbadges", "assertion"},
		{"3.0", assertion, "openbadgecredential", "credential"},
		{"3.0", token, "openbadgecredential", "credential"},
		{"clr-2.0", assertion, "clrcredential", "credential"},
		{"clr-2.0", token, "clrcredential", "credential"},
	} {
		baked, err := PNG(art, c.version, []byte(c.payload))
		if err != nil {
			t.Fatalf("%s: %v", c.version, err)
		}
		got, err := Extract(baked)
		want := Found{Carrier: CarrierPNG, Keyword: c.png, Payload: []byte(c.payload)}
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("PNG %s: %v %s", c.version, err, cmp.Diff(want, got))
		}
		if _, err := png.Decode(bytes.NewReader(baked)); err != nil {
			t.Errorf("PNG %s does not decode: %v", c.version, err)
		}
		again, err := PNG(baked, c.version, []byte(c.payload))
		if err != nil || !bytes.Equal(again, baked) {
			t.Errorf("PNG %s: baking again changed the file (%v)", c.version, err)
		}
		drawn, err := SVG(drawing, c.version, []byte(c.payload), "https://issuer.example/a/1")
		if err != nil {
			t.Fatalf("SVG %s: %v", c.version, err)
		}
		got, err = Extract(drawn)
		want = Found{Carrier: CarrierSVG, Keyword: c.svg, Payload: []byte(c.payload)}
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("SVG %s: %v %s", c.version, err, cmp.Diff(want, got))
		}
		if again, err := SVG(drawn, c.version, []byte(c.payload), "https://issuer.example/a/1"); err != nil || !bytes.Equal(again, drawn) {
			t.Errorf("SVG %s: baking again changed the file (%v)\n%s\n%s", c.version, err, drawn, again)
		}
		wellFormed(t, drawn)
	}
}

func TestBareIsThePictureWhateverIsBakedIntoIt(t *testing.T) {
	art := plainPNG(t, 8)
	two, err2 := PNG(art, "2.0", []byte(assertion))
	three, err3 := PNG(art, "3.0", []byte(token))
	if err := errors.Join(err2, err3); err != nil {
		t.Fatal(err)
	}
	for _, file := range [][]byte{art, two, append(three, "what follows the end"...)} {
		var bare bytes.Buffer
		if err := Bare(&bare, file); err != nil || !bytes.Equal(bare.Bytes(), art) {
			t.Errorf("%v, %d bytes of %d", err, bare.Len(), len(art))
		}
	}
	wantReason(t, Bare(io.Discard, []byte("GIF89a")), "not-a-png")
	wantReason(t, Bare(io.Discard, art[:len(art)-1]), "png-truncated")
}

func cdata(s string) string { return strings.ReplaceAll(s, "]]>", "]]]]><![CDATA[>") }

// wellFormed reads file with the standard XML parser.
func wellFormed(t *testing.T, file []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(file))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, file)
		}
	}
}

func TestBakeReplacesAnEarlierVersion(t *testing.T) {
	file, err := PNG(plainPNG(t, 2), "2.0", []byte(assertion))
	if err != nil {
		t.Fatal(err)
	}
	if file, err = PNG(file, "3.0", []byte(token)); err != nil {
		t.Fatal(err)
	}
	if f, err := Extract(file); err != nil || string(f.Payload) != token || bytes.Contains(file, []byte("issuer.example")) {
		t.Errorf("got %s, %v", f.Payload, err)
	}
	drawing, err := SVG([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "2.0", []byte(assertion), "")
	if err != nil {
		t.Fatal(err)
	}
	if drawing, err = SVG(drawing, "3.0", []byte(token), ""); err != nil {
		t.Fatal(err)
	}
	if f, err := Extract(drawing); err != nil || string(f.Payload) != token || bytes.Contains(drawing, []byte("issuer.example")) {
		t.Errorf("got %s, %v", f.Payload, err)
	}
}

func TestBakeRefuses(t *testing.T) {
	_, err := PNG([]byte("GIF89a"), "2.0", []byte(assertion))
	wantReason(t, err, "not-a-png")
	_, err = PNG(plainPNG(t, 1), "4.0", []byte(assertion))
	wantReason(t, err, "unknown-version")
	_, err = PNG(plainPNG(t, 1), "2.0", []byte("{\x00}"))
	wantReason(t, err, "bad-payload")
	_, err = SVG([]byte("<html/>"), "2.0", []byte(assertion), "")
	wantReason(t, err, "not-a-badge-file")
	_, err = SVG([]byte("<svg/>"), "2.0", []byte("hello"), "")
	wantReason(t, err, "bad-payload")
}

func TestExtractPNG(t *testing.T) {
	iTXt := func(keyword, text string) []byte { return textOf("iTXt", keyword+"\x00\x00\x00\x00\x00", text) }
	huge := deflated(t, "{"+strings.Repeat(" ", MaxPayload)+"}")
	for _, c := range []struct {
		name    string
		chunks  [][]byte
		payload string
		reason  string
	}{
		{"none", nil, "", "no-badge-data"},
		{"iTXt", [][]byte{iTXt("openbadges", assertion)}, assertion, ""},
		{"iTXt with language and translation", [][]byte{textOf("iTXt", "openbadges\x00\x00\x00en\x00badge\x00", assertion)}, assertion, ""},
		{"iTXt of a CLR", [][]byte{iTXt("clrcredential", assertion)}, assertion, ""},
		{"iTXt without its fields", [][]byte{textOf("iTXt", "openbadges\x00", assertion)}, assertion, ""},
		{"iTXt URL without its fields", [][]byte{textOf("iTXt", "openbadges\x00", "https://issuer.example/a")}, "https://issuer.example/a", ""},
		{"iTXt compressed, openbadge", [][]byte{textOf("iTXt", "openbadge\x00\x01\x00\x00\x00", deflated(t, assertion))}, assertion, ""},
		{"tEXt JSON, openbadgecredential", [][]byte{textOf("tEXt", "openbadgecredential\x00", assertion)}, assertion, ""},
		{"zTXt JWS, openbadgecredential", [][]byte{textOf("zTXt", "openbadgecredential\x00\x00", deflated(t, token))}, token, ""},
		{"leading blanks and lines", [][]byte{iTXt("openbadgecredential", "\r\n\t "+assertion+"\r\n")}, "\r\n\t " + assertion + "\r\n", ""},
		{"JWS with blanks around", [][]byte{iTXt("openbadgecredential", "\r\n "+token+" ")}, token, ""},
		{"iTXt compressed, openbadgecredential", [][]byte{textOf("iTXt", "openbadgecredential\x00\x01\x00\x00\x00", deflated(t, token))}, token, ""},
		{"zTXt", [][]byte{textOf("zTXt", "openbadges\x00\x00", deflated(t, assertion))}, assertion, ""},
		{"tEXt URL", [][]byte{textOf("tEXt", "openbadges\x00", "http://issuer.example/a?b=1 ")}, "http://issuer.example/a?b=1", ""},
		{"tEXt in Latin-1", [][]byte{textOf("tEXt", "openbadge\x00", "{\"a\":\"\xe9\"}")}, `{"a":"é"}`, ""},
		{"escaped for HTML", [][]byte{iTXt("openbadges", "{&quot;a&quot;:&quot;b &amp; c&quot;}")}, `{"a":"b & c"}`, ""},
		{"twice the same", [][]byte{iTXt("openbadges", assertion), iTXt("openbadges", assertion)}, assertion, ""},
		{"two different", [][]byte{iTXt("openbadges", assertion), iTXt("openbadges", `{"id":2}`)}, "", "two-badges"},
		{"two versions", [][]byte{iTXt("openbadges", assertion), iTXt("openbadgecredential", token)}, "", "two-badges"},
		{"keyword in capitals", [][]byte{iTXt("OpenBadges", assertion)}, "", "no-badge-data"},
		{"empty", [][]byte{iTXt("openbadges", "")}, "", "empty-payload"},
		{"byte order mark", [][]byte{iTXt("openbadges", "\ufeff"+assertion)}, assertion, ""},
		{"not UTF-8", [][]byte{iTXt("openbadges", "{\xff}")}, "", "payload-encoding"},
		{"file URL", [][]byte{iTXt("openbadges", "file:///etc/passwd")}, "", "bad-payload"},
		{"URL with a password", [][]byte{iTXt("openbadges", "http://a:b@issuer.example/")}, "", "bad-payload"},
		{"separators missing", [][]byte{textOf("iTXt", "openbadges\x00", "\x00")}, "", "png-text"},
		{"bomb", [][]byte{textOf("iTXt", "openbadges\x00\x01\x00\x00\x00", huge)}, "", "payload-too-large"},
		{"broken deflate", [][]byte{textOf("iTXt", "openbadges\x00\x01\x00\x00\x00", huge[:50])}, "", "png-deflate"},
		{"second header", [][]byte{plainPNG(t, 1)[8:33]}, "", "png-header"},
		{"early end", [][]byte{textOf("IEND", "", "")}, "", "png-chunks"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Extract(withChunks(t, c.chunks...))
			if c.reason != "" {
				wantReason(t, err, c.reason)
				return
			}
			if err != nil || string(f.Payload) != c.payload {
				t.Errorf("got %q, %v; want %q", f.Payload, err, c.payload)
			}
		})
	}
}

func TestExtractBrokenPNG(t *testing.T) {
	good := withChunks(t, textOf("iTXt", "openbadges\x00\x00\x00\x00\x00", assertion))
	for cut := range good {
		if _, err := Extract(good[:cut]); err == nil {
			t.Fatalf("cut at %d was accepted", cut)
		}
	}
	for i := 8; i < len(good); i++ {
		bad := bytes.Clone(good)
		bad[i] ^= 0x20
		if _, err := Extract(bad); err == nil {
			t.Fatalf("a changed byte at %d was accepted", i)
		}
	}
	late := append(plainPNG(t, 1), textOf("iTXt", "openbadges\x00\x00\x00\x00\x00", assertion)...)
	_, err := Extract(late)
	wantReason(t, err, "no-badge-data")
	wide := bytes.Clone(plainPNG(t, 1))
	header := appendChunk("IHDR", []byte("\x00\x00\x27\x10\x00\x00\x27\x10"), []byte("\x08\x06\x00\x00\x00"))
	_, err = Extract(append(append(bytes.Clone(wide[:8]), header...), wide[33:]...))
	wantReason(t, err, "png-dimensions")
}

func TestExtractText(t *testing.T) {
	for _, c := range []struct {
		file, payload string
		carrier       Carrier
		reason        string
	}{
		{assertion, assertion, CarrierJSON, ""},
		{"\ufeff " + assertion + "\n", " " + assertion + "\n", CarrierJSON, ""},
		{"{ \"jwt\": \"" + token + "\"\n}", token, CarrierJWS, ""},
		{"\r\n " + token + " \n", token, CarrierJWS, ""},
		{"\"" + token + "\"\n", token, CarrierJWS, ""},
		{"\ufeff \" " + token + "\\n\"", token, CarrierJWS, ""},
		{`"` + strings.ReplaceAll(assertion, `"`, `\"`) + `"`, assertion, CarrierJSON, ""},
		{`"https://issuer.example/a/1"`, "https://issuer.example/a/1", CarrierURL, ""},
		{`{"@context":"https://www.w3.org/ns/credentials/v2","type":"EnvelopedVerifiableCredential","id":"data:application/vc+jwt,` + token + `"}`, token, CarrierJWS, ""},
		{`"hello"`, "", "", "not-a-badge-file"},
		{`"` + token, "", "", "not-a-badge-file"},
		{"eyJhbGciOiJub25lIn0.eyJpZCI6MX0.", "eyJhbGciOiJub25lIn0.eyJpZCI6MX0.", CarrierJWS, ""},
		{" https://issuer.example/a/1\n", "https://issuer.example/a/1", CarrierURL, ""},
		{"javascript:alert(1)", "", "", "not-a-badge-file"},
		{"a.b.c", "", "", "not-a-badge-file"},
		{"hello", "", "", "not-a-badge-file"},
		{"%PDF-1.7", "", "", "pdf-damaged"},
		{"<html><body></body></html>", "", "", "not-a-badge-file"},
		{" ", "", "", "empty-file"},
		{"{" + strings.Repeat(" ", MaxPayload), "", "", "payload-too-large"},
		{strings.Repeat(" ", MaxFile+1), "", "", "too-large"},
	} {
		f, err := Extract([]byte(c.file))
		if c.reason != "" {
			wantReason(t, err, c.reason)
			continue
		}
		want := Found{Carrier: c.carrier, Payload: []byte(c.payload)}
		if err != nil || !cmp.Equal(f, want) {
			t.Errorf("%.40q: %v %s", c.file, err, cmp.Diff(want, f))
		}
	}
}

func TestExtractSVG(t *testing.T) {
	const ob2, ob3 = `xmlns:openbadges="http://openbadges.org"`, `xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"`
	svg := func(ns, body string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" ` + ns + `>` + body + `</svg>`
	}
	for _, c := range []struct{ name, file, payload, reason string }{
		{"JSON in CDATA", svg(ob2, `<openbadges:assertion verify="https://a.example/1"> <![CDATA[{"a":1}]]> </openbadges:assertion>`), `{"a":1}`, ""},
		{"JSON escaped", svg(ob3, `<openbadges:credential>{&quot;a&quot;:"&#233;&lt;"}</openbadges:credential>`), `{"a":"é<"}`, ""},
		{"escaped twice", svg(ob2, `<openbadges:assertion>{&amp;quot;a&amp;quot;:1}</openbadges:assertion>`), `{"a":1}`, ""},
		{"JWS in verify", svg(ob3, `<g><openbadges:credential verify="`+token+`"/></g>`), token, ""},
		{"JWS beats body", svg(ob3, `<openbadges:credential verify="`+token+`">{}</openbadges:credential>`), token, ""},
		{"CLR", svg(`xmlns:o="https://purl.imsglobal.org/clr/v2p0"`, `<o:credential><![CDATA[{"a":1}]]></o:credential>`), `{"a":1}`, ""},
		{"leading blanks", svg(ob3, "<openbadges:credential><![CDATA[\r\n {\"a\":1}\n]]></openbadges:credential>"), "\r\n {\"a\":1}\n", ""},
		{"3.0 escaped for HTML in CDATA", svg(ob3, `<openbadges:credential><![CDATA[{&quot;a&quot;:"b &amp; c"}]]></openbadges:credential>`), `{"a":"b & c"}`, ""},
		{"JWS as body", svg(ob3, "<openbadges:credential>\n"+token+"\n</openbadges:credential>"), token, ""},
		{"URL in verify", svg(ob2, `<openbadges:assertion verify='https://a.example/1?x=1&amp;y=2'><![CDATA[]]></openbadges:assertion>`), "https://a.example/1?x=1&y=2", ""},
		{"other prefix, bound here", svg("", `<x:assertion xmlns:x="http://openbadges.org" verify="https://a.example/1"/>`), "https://a.example/1", ""},
		{"default namespace", svg("", `<assertion xmlns="http://openbadges.org" verify="https://a.example/1"/>`), "https://a.example/1", ""},
		{"two CDATA sections", svg(ob2, `<openbadges:assertion><![CDATA[{"a":"]]]]><![CDATA[>"}]]></openbadges:assertion>`), `{"a":"]]>"}`, ""},
		{"in a comment", svg(ob2, `<!-- <openbadges:assertion verify="https://a.example/1"/> -->`), "", "no-badge-data"},
		{"in CDATA", svg(ob2, `<text><![CDATA[<openbadges:assertion verify="https://a.example/1"/>]]></text>`), "", "no-badge-data"},
		{"in an attribute", svg(ob2, `<text x='<openbadges:assertion verify="https://a.example/1"/>'/>`), "", "no-badge-data"},
		{"wrong namespace", svg(`xmlns:openbadges="http://evil.example"`, `<openbadges:assertion verify="https://a.example/1"/>`), "", "no-badge-data"},
		{"prefix out of scope", svg("", `<g `+ob2+`/><openbadges:assertion verify="https://a.example/1"/>`), "", "no-badge-data"},
		{"twice the same", svg(ob2, strings.Repeat(`<openbadges:assertion verify="https://a.example/1"/>`, 2)), "https://a.example/1", ""},
		{"two", svg(ob2, `<openbadges:assertion verify="https://a.example/1"/><openbadges:assertion verify="https://a.example/2"/>`), "", "two-badges"},
		{"internal subset", `<!DOCTYPE svg [<!ENTITY a "b">]>` + svg(ob2, ""), "", "svg-dtd"},
		{"entity", svg(ob2, `<openbadges:assertion>{"a":"&x;"}</openbadges:assertion>`), "", "svg-entity"},
		{"empty", svg(ob2, `<openbadges:assertion/>`), "", "empty-payload"},
		{"nonsense", svg(ob2, `<openbadges:assertion>hello</openbadges:assertion>`), "", "bad-payload"},
		{"verify twice", svg(ob2, `<openbadges:assertion verify="https://a.example/1" verify="https://a.example/2"/>`), "", "svg-malformed"},
		{"host that begins alike", svg(`xmlns:openbadges="http://openbadges.org.evil.example"`, `<openbadges:assertion verify="https://a.example/1"/>`), "", "no-badge-data"},
		{"child", svg(ob2, `<openbadges:assertion>{<b/>}</openbadges:assertion>`), "", "svg-malformed"},
		{"wrong end", svg(ob2, `<g></h>`), "", "svg-malformed"},
		{"no end", `<svg xmlns="http://www.w3.org/2000/svg"><g>`, "", "svg-truncated"},
		{"second root", svg("", "") + svg("", ""), "", "svg-malformed"},
		{"script after", svg("", "") + "alert(1)", "", "svg-malformed"},
		{"deep", svg("", strings.Repeat("<g>", 600)+strings.Repeat("</g>", 600)), "", "svg-depth"},
		{"Latin-1", `<?xml version="1.0" encoding="ISO-8859-1"?>` + svg("", "<title>é</title>"), "", "svg-encoding"},
		{"UTF-16", "<\x00s\x00v\x00g\x00/\x00>\x00", "", "svg-encoding"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Extract([]byte(c.file))
			if c.reason != "" {
				wantReason(t, err, c.reason)
				return
			}
			if err != nil || string(f.Payload) != c.payload || f.Carrier != CarrierSVG {
				t.Errorf("got %q, %v; want %q", f.Payload, err, c.payload)
			}
		})
	}
}

func FuzzExtractPNG(f *testing.F) {
	art := plainPNG(f, 3)
	for _, version := range []string{"0.5", "2.0", "3.0"} {
		file, err := PNG(art, version, []byte(assertion))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file[8:])
	}
	f.Add(withChunks(f, textOf("zTXt", "openbadges\x00\x00", deflated(f, assertion)))[8:])
	f.Fuzz(func(t *testing.T, chunks []byte) {
		file := append(bytes.Clone(pngSignature), chunks...)
		found, err := Extract(file)
		if err != nil {
			return
		}
		comesBack(t, file, found)
		if baked, err := PNG(file, "3.0", found.Payload); err == nil {
			again, err := Extract(baked)
			if err != nil || !bytes.Equal(again.Payload, found.Payload) {
				t.Errorf("baked %q, read %q, %v", found.Payload, again.Payload, err)
			}
		}
	})
}

func FuzzExtractSVG(f *testing.F) {
	for _, seed := range []string{
		`<svg xmlns="http://www.w3.org/2000/svg"><x:assertion xmlns:x="http://openbadges.org" verify="https://a.example/1"/></svg>`,
		`<?xml version="1.0" encoding="utf-8"?><!DOCTYPE svg SYSTEM "x"><svg a='b'><!-- c --><g><![CDATA[x]]></g>&amp;</svg>`,
		`<svg xmlns:o="https://purl.imsglobal.org/ob/v3p0"><o:credential>{&quot;a&quot;:1}</o:credential></svg>`,
	} {
		f.Add([]byte(seed), `a]]>b`)
	}
	f.Fuzz(func(t *testing.T, file []byte, note string) {
		_, _ = extractSVG(file)
		payload := []byte(`{"note":"` + note + `"}`)
		baked, err := SVG(file, "3.0", payload, "")
		if err != nil {
			return
		}
		found, err := Extract(baked)
		if err != nil || !bytes.Equal(found.Payload, payload) {
			t.Errorf("baked %q, read %q, %v, in %q", payload, found.Payload, err, baked)
		}
		comesBack(t, baked, found)
	})
}

func TestExtractIsFastOnDeepAndWideFiles(t *testing.T) {
	files := map[string]string{
		"attributes": `<svg ` + strings.Repeat(`a="" `, 1<<20) + `/>`,
		"ampersands": `<svg xmlns:o="http://openbadges.org"><o:assertion>` + strings.Repeat("&lt;", 1<<20) + `</o:assertion></svg>`,
		"sections":   `<svg xmlns:o="http://openbadges.org"><o:assertion>` + strings.Repeat("<![CDATA[a]]>", 1<<17) + `</o:assertion></svg>`,
		"badges":     `<svg xmlns:o="http://openbadges.org">` + strings.Repeat(`<o:assertion/>`, 1<<17) + `</svg>`,
		"bindings":   `<svg ` + strings.Repeat(`xmlns:a="b" `, 1<<17) + `>` + strings.Repeat(`<a:assertion/>`, 1<<10) + `</svg>`,
	}
	for name, file := range files {
		start := time.Now()
		if _, err := Extract([]byte(file)); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}
