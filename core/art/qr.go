package art

import (
	"fmt"
	"strings"

	"rsc.io/qr"

	"github.com/osier-passport/osier/core/fault"
)

// QR draws an address as a QR code (ISO/IEC 18004) for screen and print: SVG, black on
// white with the quiet zone of four modules. The error is of kind Invalid when the
// address is too long for a code.
func QR(address string) ([]byte, error) {
	const quiet = 4
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return nil, fault.New(fault.Invalid, "error.qr").Wrap(err)
	}
	var b strings.Builder
	side := code.Size + 2*quiet
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, side, side, side, side)
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return []byte(b.String()), nil
}
