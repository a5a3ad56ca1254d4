package art

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"slices"

	"golang.org/x/image/draw"
)

// maxCard is the size in bytes above which networks may ignore a card.
const maxCard = 300_000

// encode writes the card as PNG; one whose art is too rich for the limit is
// reduced to 256 colours.
func (c card) encode() ([]byte, error) {
	opaque := image.NewRGBA(c.Rect)
	copy(opaque.Pix, c.Pix)
	encoder := png.Encoder{CompressionLevel: png.DefaultCompression}
	var out bytes.Buffer
	if err := encoder.Encode(&out, opaque); err != nil {
		return nil, fmt.Errorf("encode card: %w", err)
	}
	for colors := 256; out.Len() > maxCard && colors >= 16; colors /= 4 {
		reduced := image.NewPaletted(c.Rect, quantize(opaque, colors))
		draw.Draw(reduced, c.Rect, opaque, image.Point{}, draw.Src)
		if colors == 256 {
			draw.FloydSteinberg.Draw(reduced, c.Rect, opaque, image.Point{})
		}
		out.Reset()
		if err := encoder.Encode(&out, reduced); err != nil {
			return nil, fmt.Errorf("encode card: %w", err)
		}
	}
	return out.Bytes(), nil
}

// quantize chooses n colours for a picture: those of its large plain areas as
// they are, the others by median cut.
func quantize(m *image.RGBA, n int) color.Palette {
	exact, counts := map[[3]byte]int{}, map[[3]byte]int{}
	for i := 0; i+3 < len(m.Pix); i += 4 {
		c := [3]byte{m.Pix[i], m.Pix[i+1], m.Pix[i+2]}
		exact[c]++
		counts[[3]byte{c[0] &^ 3, c[1] &^ 3, c[2] &^ 3}]++
	}
	var p color.Palette
	for _, c := range sorted(exact) {
		if exact[c] > len(m.Pix)/4/200 && len(p) < n/4 {
			p = append(p, color.RGBA{c[0], c[1], c[2], 255})
		}
	}
	boxes := [][][3]byte{sorted(counts)}
	for len(boxes)+len(p) < n {
		widest, channel, width := -1, 0, 0
		for i, b := range boxes {
			if ch, w := spread(b); w > width {
				widest, channel, width = i, ch, w
			}
		}
		if widest < 0 {
			break
		}
		b := boxes[widest]
		slices.SortStableFunc(b, func(x, y [3]byte) int { return int(x[channel]) - int(y[channel]) })
		boxes[widest] = b[:len(b)/2]
		boxes = append(boxes, b[len(b)/2:])
	}
	for _, b := range boxes {
		p = append(p, mean(b, counts))
	}
	return p
}

// sorted gives the colours in an order that does not change.
func sorted(counts map[[3]byte]int) [][3]byte {
	return slices.SortedFunc(maps.Keys(counts), func(a, b [3]byte) int { return bytes.Compare(a[:], b[:]) })
}

// spread finds the channel in which a box of colours is widest.
func spread(b [][3]byte) (channel, width int) {
	if len(b) < 2 {
		return 0, 0
	}
	for ch := range 3 {
		lo, hi := 255, 0
		for _, c := range b {
			lo, hi = min(lo, int(c[ch])), max(hi, int(c[ch]))
		}
		if hi-lo > width {
			channel, width = ch, hi-lo
		}
	}
	return channel, width
}

func mean(b [][3]byte, counts map[[3]byte]int) color.Color {
	var sum [3]int
	n := 0
	for _, c := range b {
		k := counts[c]
		n += k
		for ch := range 3 {
			sum[ch] += k * min(255, int(c[ch])+1)
		}
	}
	n = max(n, 1)
	return color.RGBA{byte(sum[0] / n), byte(sum[1] / n), byte(sum[2] / n), 255} //nolint:gosec // means of bytes
}
