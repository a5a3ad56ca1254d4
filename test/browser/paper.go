package browser

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Paper is a size of paper in inches.
type Paper struct{ Width, Height float64 }

// The papers that people print on (ISO 216, ANSI Y14.1).
var (
	A4     = Paper{210 / 25.4, 297 / 25.4}
	Letter = Paper{8.5, 11}
)

// PDF prints the page as its print style says, on paper without backgrounds as
// browsers do it by default.
func (b *Tab) PDF(p Paper) []byte {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	pdf, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		r, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: p.Width, PaperHeight: p.Height})
		return r.Data, err
	})
	if err != nil {
		b.fail("print: %v", err)
	}
	return pdf
}

// Print shows the page as it is on paper, or on a screen again.
func (b *Tab) Print(on bool) {
	b.T.Helper()
	media := ""
	if on {
		media = "print"
	}
	b.must(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media})
		return err
	}), "set the medium")
}
