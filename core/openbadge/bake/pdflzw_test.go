package bake

import (
	"bytes"
	"compress/lzw"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// lzwPacked is the LZW filter the other way round; early as in unLZW.
func lzwPacked(data []byte, early int) []byte {
	var out []byte
	bits, have, width := uint64(0), 0, 9
	put := func(code int) {
		bits, have = bits<<width|uint64(code), have+width
		for ; have >= 8; have -= 8 {
			out = append(out, byte(bits>>(have-8)))
		}
	}
	codes := map[string]int{}
	next := 0
	reset := func() {
		clear(codes)
		next, width = lzwEnd+1, 9
	}
	code := func(s string) int {
		if len(s) == 1 {
			return int(s[0])
		}
		return codes[s]
	}
	reset()
	put(lzwClear)
	known := ""
	for _, b := range data {
		longer := known + string([]byte{b})
		if len(longer) == 1 || codes[longer] != 0 {
			known = longer
			continue
		}
		put(code(known))
		codes[longer] = next
		next++
		known = string([]byte{b})
		// The reader knows each code one later than the writer.
		if next-1+early >= 1<<width && width < 12 {
			width++
		}
		if next == lzwCodes-1 {
			put(lzwClear)
			reset()
		}
	}
	if known != "" {
		put(code(known))
		if next++; next-1+early >= 1<<width && width < 12 {
			width++
		}
	}
	put(lzwEnd)
	if have > 0 {
		out = append(out, byte(bits<<(8-have)))
	}
	return out
}

func lzwSamples() [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	long := make([]byte, 30_000)
	for i := range long {
		long[i] = "abcdefgh"[r.IntN(8)]
	}
	noise := make([]byte, 9_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	return [][]byte{{}, {0}, []byte("aaaaaaaaaaaaaaaaaaaaaaaa"), []byte(assertion), long, noise, bytes.Repeat([]byte{7}, 100_000)}
}

func TestUnLZW(t *testing.T) {
	for i, data := range lzwSamples() {
		for early := range 2 {
			got, err := unLZW(lzwPacked(data, early), early, maxPDFStream)
			if err != nil || !bytes.Equal(got, data) {
				t.Errorf("sample %d, early %d: %d bytes of %d, %v", i, early, len(got), len(data), err)
			}
		}
		var b bytes.Buffer // the library's way is that without early changes
		w := lzw.NewWriter(&b, lzw.MSB, 8)
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := unLZW(b.Bytes(), 0, maxPDFStream); err != nil || !bytes.Equal(got, data) {
			t.Errorf("sample %d by the library: %d bytes of %d, %v", i, len(got), len(data), err)
		}
	}
	// ISO 32000-2 §7.4.4.2, example 1.
	got, err := unLZW([]byte{0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01}, 1, 100)
	if err != nil || !bytes.Equal(got, []byte{45, 45, 45, 45, 45, 65, 45, 45, 45, 66}) {
		t.Errorf("%v, %v", got, err)
	}
	_, err = unLZW(lzwPacked(bytes.Repeat([]byte{7}, 100_000), 1), 1, 50_000)
	wantReason(t, err, "pdf-complex")
}

// withLZW is a PDF whose badge is packed by the LZW filter.
func withLZW(t testing.TB, early int) *pdfMaker {
	t.Helper()
	m := attached(t, "(openbadges.json)", "", assertion)
	data := string(lzwPacked([]byte(assertion), early))
	head, _, _ := strings.Cut(m.objects[6], "/Length")
	m.objects[6] = fmt.Sprintf("%s/Filter /LZWDecode /DecodeParms << /EarlyChange %d >> /Length %d >>\nstream\n%s\nendstream", head, early, len(data), data)
	return m
}

func TestPDFWithLZW(t *testing.T) {
	for early := range 2 {
		got, err := Extract(withLZW(t, early).file(t, xrefTable))
		if err != nil || string(got.Payload) != assertion {
			t.Errorf("early %d: %q, %v", early, got.Payload, err)
		}
	}
}
