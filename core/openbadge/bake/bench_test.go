package bake

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// BenchmarkExtractPNG reads a badge whose text is the last chunk of a picture
// of some 107 kB, so that every checksum is computed.
func BenchmarkExtractPNG(b *testing.B) {
	file := plainPNG(b, 190)
	iend := len(file) - 12
	text := textOf("iTXt", "openbadgecredential\x00\x00\x00\x00\x00", `{"a":"`+strings.Repeat("x", 2700)+`"}`)
	file = append(append(bytes.Clone(file[:iend]), text...), file[iend:]...)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Extract(file); err != nil {
			b.Fatal(err)
		}
	}
}

// drawing is an SVG of some 22 kB with its badge at the end.
func drawing() []byte {
	var s strings.Builder
	s.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="http://openbadges.org" viewBox="0 0 512 512">`)
	for i := range 150 {
		fmt.Fprintf(&s, `<g><path fill="#%06x" d="M%d,928.8c0,0,0,40.8,245,40.8c0,0,40.8,0,285.8,0z" stroke-width="2"/></g>`+"\n", i*9999, i)
	}
	fmt.Fprintf(&s, `<openbadges:assertion verify="https://issuer.example/a/1"><![CDATA[{"a":"%s"}]]></openbadges:assertion></svg>`, strings.Repeat("x", 2700))
	return []byte(s.String())
}

func BenchmarkExtractSVG(b *testing.B) {
	file := drawing()
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Extract(file); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkExtractSVGPeer is the same walk with the tokens of encoding/xml.
func BenchmarkExtractSVGPeer(b *testing.B) {
	file := drawing()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		d := xml.NewDecoder(bytes.NewReader(file))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}
