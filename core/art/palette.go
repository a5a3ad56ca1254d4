package art

import (
	"image/color"

	"github.com/osier-passport/osier/core/art/paint"
)

// tone is the role of a colour within an icon.
type tone int

const (
	light  tone = iota // the main part
	accent             // what should catch the eye
	dark               // cut-outs and details on the light part
	mid                // shaded sides of the light part
)

// palette is the few colours of one badge.
type palette struct {
	deep, face, rim, spot color.NRGBA
}

func (p palette) tone(t tone) paint.Paint {
	switch t {
	case accent:
		return paint.Solid(p.spot)
	case dark:
		return paint.Solid(paint.Mix(p.face, p.deep, 0.75))
	case mid:
		return paint.Solid(paint.Mix(cream, p.face, 0.3))
	default:
		return paint.Solid(cream)
	}
}

func colors(deep, face, rim, spot uint32) palette {
	return palette{paint.RGB(deep), paint.RGB(face), paint.RGB(rim), paint.RGB(spot)}
}

var palettes = map[string]palette{
	"willow":   colors(0x23421a, 0x5f9440, 0xf0e2b6, 0xffd65c),
	"forest":   colors(0x0d3128, 0x1f7a5c, 0xe9dfb8, 0xffc94d),
	"teal":     colors(0x073b43, 0x148a92, 0xdff1e4, 0xffd166),
	"sky":      colors(0x123f6b, 0x3f9be0, 0xf4f1e4, 0xffdf6b),
	"ocean":    colors(0x0c2752, 0x2460b8, 0xe8e4d2, 0x6fe0d2),
	"indigo":   colors(0x1b1b52, 0x4b4bc4, 0xe6e3f5, 0xffcf5a),
	"violet":   colors(0x361556, 0x7f3fbf, 0xf0e1f5, 0xffd166),
	"plum":     colors(0x4a1038, 0xa8326f, 0xf6e3d8, 0xffc46b),
	"rose":     colors(0x6b1430, 0xe05275, 0xfff0e6, 0xffe08a),
	"brick":    colors(0x571411, 0xc23a2b, 0xf7e7cf, 0xffcf70),
	"orange":   colors(0x6b2c08, 0xea7a22, 0xfff0d6, 0xfff0a8),
	"amber":    colors(0x5e3a05, 0xe2a01b, 0xfff4d2, 0xc2450f),
	"olive":    colors(0x3a3a0e, 0x8c8a2c, 0xf2ecc8, 0xffd978),
	"slate":    colors(0x1c2733, 0x53687e, 0xe4e8ea, 0x8fe3c0),
	"night":    colors(0x0b0d18, 0x2a2f4a, 0xd8b866, 0xf4cf6f),
	"mint":     colors(0x0f4a3d, 0x45b899, 0xf4f7e6, 0xfff2a0),
	"cocoa":    colors(0x33190d, 0x87512f, 0xf3e3c8, 0xf6c667),
	"graphite": colors(0x17171a, 0x47474f, 0xe7e4de, 0xff8f6b),
}
