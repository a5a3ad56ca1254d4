package pairs

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"hash/crc32"
	"io"

	"github.com/osier-passport/osier/bench/measure"
	"github.com/osier-passport/osier/bench/sample"
	"github.com/osier-passport/osier/core/openbadge/bake"
)

func extracting() []Maker {
	return []Maker{
		{"extract/png-tail 107 kB", extractPNG},
		{"extract/png-tail 107 kB, npm bakery", extractPNGBesideBakery},
		{"extract/svg 22 kB", extractSVG},
	}
}

func extractingFrom(file, want []byte) measure.Side {
	return measure.Side{Run: times(func(context.Context, int) error {
		found, err := bake.Extract(file)
		if err == nil && len(found.Payload) != len(want) {
			err = errWrong
		}
		return err
	})}
}

// extractPNG: no reader that checks a PNG can do less than sum its bytes.
func extractPNG(ctx context.Context, _ *Env) (measure.Pair, error) {
	payload, err := sample.Embedded(ctx)
	if err != nil {
		return measure.Pair{}, err
	}
	file, err := sample.PNG("openbadgecredential", payload)
	var sum uint32
	return measure.Pair{
		Against: "CRC of the bytes", AtMost: 1.6, Goal: 1.2, Ours: extractingFrom(file, payload),
		Other: measure.Side{Run: times(func(context.Context, int) error {
			sum ^= crc32.ChecksumIEEE(file)
			return nil
		})},
	}, err
}

// extractPNGBesideBakery: the package knows the keyword of OB 1 and 2 alone.
func extractPNGBesideBakery(ctx context.Context, e *Env) (measure.Pair, error) {
	payload, err := sample.Embedded(ctx)
	if err != nil {
		return measure.Pair{}, err
	}
	file, err := sample.PNG("openbadges", payload)
	if err != nil {
		return measure.Pair{}, err
	}
	peer, err := e.node(ctx)
	if err != nil {
		return measure.Pair{}, err
	}
	return measure.Pair{
		Against: "npm openbadges-bakery", AtLeast: 25, Goal: 50, Ours: extractingFrom(file, payload), Other: peer.side(nodePicture),
	}, nil
}

func extractSVG(ctx context.Context, _ *Env) (measure.Pair, error) {
	payload, err := sample.Embedded(ctx)
	if err != nil {
		return measure.Pair{}, err
	}
	file := sample.SVG(payload)
	return measure.Pair{
		Against: "tokens of encoding/xml", AtLeast: 7, Goal: 10, Ours: extractingFrom(file, payload),
		Other: measure.Side{Run: times(func(context.Context, int) error {
			d := xml.NewDecoder(bytes.NewReader(file))
			for {
				if _, err := d.RawToken(); errors.Is(err, io.EOF) {
					return nil
				} else if err != nil {
					return err
				}
			}
		})},
	}, nil
}
