package bake

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// dotPNG is a picture of one pixel with chunks of ours around it.
func dotPNG(extra ...[]byte) []byte {
	out := append([]byte{}, pngSignature...)
	out = append(out, appendChunk("IHDR", nil, []byte{0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0})...)
	for _, e := range extra {
		out = append(out, e...)
	}
	out = append(out, appendChunk("IDAT", nil, []byte{0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0, 1})...)
	return append(out, appendChunk("IEND", nil, nil)...)
}

// TestFramesGiveFilesBack: a file that has a frame comes back byte for byte, files of one
// picture have one frame, and no frame has the credential in it.
func TestFramesGiveFilesBack(t *testing.T) {
	text := func(kind, head, body string) []byte { return appendChunk(kind, []byte(head), []byte(body)) }
	const one, two = `{"id":"urn:one","name":"A"}`, `{"id":"urn:two","name":"Another, longer one"}`
	broken := text("iTXt", "openbadges\x00\x00\x00\x00\x00", one)
	broken[len(broken)-1] ^= 1
	for name, c := range map[string]struct {
		make   func(payload string) []byte
		framed bool
	}{
		"iTXt":       {func(p string) []byte { return dotPNG(text("iTXt", "openbadgecredential\x00\x00\x00\x00\x00", p)) }, true},
		"tEXt":       {func(p string) []byte { return dotPNG(text("tEXt", "openbadges\x00", p)) }, true},
		"after IEND": {func(p string) []byte { return append(dotPNG(text("tEXt", "openbadges\x00", p)), "rest"...) }, true},
		"with other": {func(p string) []byte {
			return dotPNG(text("tEXt", "Author\x00", "A"), text("iTXt", "openbadges\x00\x00\x00\x00\x00", p))
		}, true},
		"blanks": {func(p string) []byte { return dotPNG(text("tEXt", "openbadges\x00", p+" ")) }, false},
		"twice": {func(p string) []byte {
			return dotPNG(text("tEXt", "openbadges\x00", p), text("tEXt", "openbadges\x00", p))
		}, false},
		"broken":  {func(string) []byte { return dotPNG(broken) }, false},
		"cut off": {func(p string) []byte { return dotPNG(text("tEXt", "openbadges\x00", p))[:60] }, false},
		"svg": {func(p string) []byte {
			return []byte(`<svg xmlns:o="http://openbadges.org"><o:assertion><![CDATA[` + p + `]]></o:assertion></svg>`)
		}, true},
		"svg escaped": {func(p string) []byte { return []byte(`<svg>` + strings.ReplaceAll(p, `"`, "&quot;") + `</svg>`) }, false},
		"svg twice":   {func(p string) []byte { return []byte(`<svg>` + p + p + `</svg>`) }, false},
	} {
		carrier := CarrierPNG
		if strings.HasPrefix(name, "svg") {
			carrier = CarrierSVG
		}
		file := c.make(one)
		f, ok := FrameOf(file, Found{Carrier: carrier, Payload: []byte(one)})
		if ok != c.framed {
			t.Errorf("%s: framed %v", name, ok)
		}
		if !ok {
			continue
		}
		if bytes.Contains(f.Bytes(), []byte("urn:one")) {
			t.Errorf("%s: the frame has the credential", name)
		}
		for _, payload := range []string{one, two} {
			back, err := Join(f.Bytes(), []byte(payload))
			if err != nil || !bytes.Equal(back, c.make(payload)) {
				t.Errorf("%s: %v\n%q\n%q", name, err, back, c.make(payload))
			}
		}
		other, ok := FrameOf(c.make(two), Found{Carrier: carrier, Payload: []byte(two)})
		if !ok || other.Hash() != f.Hash() {
			t.Errorf("%s: files of one picture have two frames", name)
		}
	}
	if _, ok := FrameOf([]byte(one), Found{Carrier: CarrierJSON, Payload: []byte(one)}); ok {
		t.Error("JSON has a frame")
	}
}

// comesBack holds a file against what its frame, if it has one, and its text make together.
func comesBack(t *testing.T, file []byte, found Found) {
	t.Helper()
	frame, ok := FrameOf(file, found)
	if !ok {
		return
	}
	if back, err := Join(frame.Bytes(), found.Payload); err != nil || !bytes.Equal(back, file) {
		t.Errorf("%v: %q is not %q", err, back, file)
	}
}

// TestJoinTakesFramesAlone, and fails by an error.
func TestJoinTakesFramesAlone(t *testing.T) {
	for _, frame := range [][]byte{nil, {framePNG}, {framePNG, 3}, binary.AppendUvarint([]byte{framePNG, 3}, 20), {framePNG, 0, 2, 1, 1}, {frameText, 0, 9, 'a'}, {3, 0, 0}, {frameText, 0x80, 0x80}} {
		if out, err := Join(frame, []byte("{}")); err == nil {
			t.Errorf("%v makes %q", frame, out)
		}
	}
}
