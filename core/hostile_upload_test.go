package core

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image/png"
	"strconv"
	"strings"
	"testing"
)

// files sends everything that may look like a badge to the one door for badges.
func (s *siege) files(t *testing.T) {
	before := s.count(`SELECT count(*) FROM badge`)
	for _, surface := range []string{"png", "svg", "json", "jsonld", "rdfc", "vc", "zip"} {
		s.forEach(t, surface, func(c hostileCase) {
			data := c.data(t)
			if len(data) > 20<<20 {
				return // the connection is cut; core/web has a test for it
			}
			s.demanded(t, c, s.someone().upload("/add", "file", c.Name, data))
		})
	}
	for _, surface := range []string{"json", "vc"} {
		s.forEach(t, surface, func(c hostileCase) {
			if data := c.data(t); len(data) < 1<<20 {
				s.demanded(t, c, s.someone().post("/add", "text", string(data)))
			}
		})
	}
	if n := s.count(`SELECT count(*) FROM badge`) - before; n > 0 {
		t.Logf("kept, as badges that prove nothing: %v", s.texts(`SELECT verdict || ' ' || wire_id FROM badge WHERE id > 0 ORDER BY id DESC LIMIT $1`, n))
	}
	if n := s.count(`SELECT count(*) FROM badge_import WHERE state = 'running'`); n != 0 {
		t.Errorf("%d imports without an end", n)
	}
}

// pictures sends them as portraits. What is taken is drawn anew.
func (s *siege) pictures(t *testing.T) {
	for _, surface := range []string{"png", "svg"} {
		s.forEach(t, surface, func(c hostileCase) {
			data := c.data(t)
			if len(data) > 20<<20 {
				return
			}
			v := s.alone() // another picture would take its place
			defer s.giveBack(v)
			h := v.person.Handle
			a := s.check(t, c, v.upload("/settings/profile", "picture", c.Name, data, "name", h))
			if a.status == 303 && len(data) > 0 { // nothing sent changes nothing
				s.drawnAnew(t, c, v.get("/@"+h+"/picture"))
			}
		})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = nil // who comes after has no portrait
}

// drawnAnew: a picture is ours, small and without words.
func (s *siege) drawnAnew(t *testing.T, c hostileCase, a answer) {
	t.Helper()
	s.check(t, c, a)
	m, err := png.DecodeConfig(bytes.NewReader(a.body))
	if err != nil || m.Width > 1024 || m.Height > 1024 || a.header.Get("Content-Type") != "image/png" {
		t.Errorf("%s: the portrait is %d×%d, %s, %v", c.Name, m.Width, m.Height, a.header.Get("Content-Type"), err)
	}
	for _, chunk := range []string{"tEXt", "zTXt", "iTXt", "eXIf", "iCCP"} {
		if bytes.Contains(a.body, []byte(chunk)) {
			t.Errorf("%s: the portrait has a chunk %s", c.Name, chunk)
		}
	}
	if !strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%s: the portrait has no sandbox", c.Name)
	}
}

// tokens pastes every JWT.
func (s *siege) tokens(t *testing.T) {
	s.forEach(t, "jwt", func(c hostileCase) {
		a := s.check(t, c, s.someone().post("/add", "text", string(c.data(t))))
		if a.status < 400 {
			t.Errorf("%s is taken in: %s", c.Name, a)
		}
	})
}

// generate makes what is too large to be kept.
func generate(t testing.TB, c hostileCase) []byte {
	switch c.Name {
	case "own/bomb_iccp_512M.png":
		return withChunk(t, "iCCP", append([]byte("x\x00\x00"), deflated(t, 512<<20)...))
	case "own/trailing_20MB.png":
		return append(picture(t), make([]byte, 20<<20)...)
	case "own/deep_object_100000.json":
		return nested(100_000)
	case "own/deep_object_1000000.json":
		return nested(1_000_000)
	case "own/array_of_assertions_10000.json":
		one := `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://issuer.test/a","badge":"https://issuer.test/b","recipient":{"type":"email","hashed":false,"identity":"a@x.test"},"issuedOn":"2026-01-01T00:00:00Z","verification":{"type":"hosted"}}`
		return []byte("[" + strings.TrimSuffix(strings.Repeat(one+",", 10_000), ",") + "]")
	case "own/million_dots":
		return bytes.Repeat([]byte("."), 1_000_000)
	case "own/payload_deep":
		b := base64.RawURLEncoding
		return []byte(b.EncodeToString([]byte(`{"alg":"EdDSA"}`)) + "." + b.EncodeToString(nested(66_000)) + ".AAAA")
	case "own/entries_100k.zip":
		return manyEntries(t, 100_000)
	}
	t.Errorf("%s %s: this test does not know how to make it", c.Surface, c.Name)
	return nil
}

func nested(n int) []byte {
	return []byte(strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n))
}

func deflated(t testing.TB, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range n >> 20 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withChunk is a picture with one more chunk behind its header (PNG §5.3).
func withChunk(t testing.TB, name string, data []byte) []byte {
	t.Helper()
	const header = 8 + 4 + 4 + 13 + 4
	p := picture(t)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	chunk = append(append(chunk, name...), data...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return append(append(append([]byte{}, p[:header]...), chunk...), p[header:]...)
}

func manyEntries(t testing.TB, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := range n {
		if _, err := w.CreateHeader(&zip.FileHeader{Name: strconv.Itoa(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
