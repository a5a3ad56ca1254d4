// Package certificate draws one badge as a page of paper: a PDF with the art, the
// words, a QR code of the badge's address, and the credential itself as an
// attached file (ISO 32000-2 §7.11.4), so that whoever has the file can verify it.
//
// It knows neither the database nor the web: it is handed all that it draws, in
// the language of the reader. Caller: core/badge.
package certificate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"rsc.io/qr"
)

// Paper is the size of the page.
type Paper string

// The two sizes that people print on.
const (
	A4     Paper = "A4"
	Letter Paper = "Letter"
)

// Input is all that a certificate shows. Texts are in the language of the reader;
// an empty one is left out.
type Input struct {
	Paper Paper
	Lang  string // BCP 47
	Site  string

	Intro       string // above the earner: "This certifies that"
	Earner      string
	Earned      string // between earner and badge: "earned the badge"
	Name        string // of the badge
	Issuer      string
	Description string
	Facts       []Fact
	VerifyText  string // beside the QR code
	URL         string // absolute; "" draws no code
	Attached    string // that the credential is attached
	Missing     string // said when letters are left out, which no font has

	Art        []byte // PNG
	Credential []byte
	Filename   string // of the credential
	At         time.Time
}

// Fact is one line of what stands below the words.
type Fact struct{ Label, Value string }

const (
	margin  = 16.0 // mm
	artSide = 62.0
	qrSide  = 30.0
)

// colour is red, green and blue.
type colour [3]int

var (
	ink    = colour{0x1d, 0x1d, 0x17}
	quiet  = colour{0x5c, 0x5a, 0x4e}
	accent = colour{0x3b, 0x6a, 0x2e}
	line   = colour{0xd9, 0xd4, 0xc3}
)

// page is a certificate that is being drawn.
type page struct {
	*fpdf.Fpdf

	width, height float64
	y             float64 // how far down it is drawn
	missing       bool    // letters were left out
	read          map[face]bool
}

// Write draws a certificate. It returns an error when the art is no PNG or the
// address too long for a code.
func Write(ctx context.Context, in Input) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	size := string(in.Paper)
	if in.Paper != Letter {
		size = string(A4)
	}
	p := &page{Fpdf: fpdf.New("P", "mm", size, ""), read: map[face]bool{}}
	p.width, p.height = p.GetPageSize()
	p.prepare(in)
	p.frame()
	if err := p.art(in.Art); err != nil {
		return nil, err
	}
	p.words(in)
	if err := p.foot(in); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("write the certificate: %w", err)
	}
	return out.Bytes(), nil
}

func (p *page) prepare(in Input) {
	p.SetAutoPageBreak(false, 0)
	p.SetMargins(margin, margin, margin)
	p.SetTitle(in.Name, true)
	p.SetAuthor(in.Issuer, true)
	p.SetCreator("Osier", true)
	p.SetCreationDate(in.At)
	p.SetModificationDate(in.At)
	p.SetLang(in.Lang)
	p.SetCatalogSort(true)
	if len(in.Credential) > 0 {
		p.SetAttachments([]fpdf.Attachment{{Content: in.Credential, Filename: in.Filename, Description: "Open Badge"}})
	}
	p.AddPage()
}

func (p *page) ink(c colour) { p.SetTextColor(c[0], c[1], c[2]) }

func (p *page) frame() {
	p.SetDrawColor(line[0], line[1], line[2])
	p.SetLineWidth(0.3)
	p.Rect(margin/2, margin/2, p.width-margin, p.height-margin, "D")
	p.SetFillColor(accent[0], accent[1], accent[2])
	p.Rect(margin/2, margin/2, p.width-margin, 1.6, "F")
}

// art draws the picture. Ours have few colours and soft edges; drawn anew with all
// colours they keep the edges.
func (p *page) art(data []byte) error {
	p.y = margin + 22
	if len(data) == 0 {
		return nil
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("read the art of a certificate: %w", err)
	}
	whole := image.NewNRGBA(m.Bounds())
	draw.Draw(whole, whole.Rect, m, m.Bounds().Min, draw.Src)
	var again bytes.Buffer
	if err := png.Encode(&again, whole); err != nil {
		return fmt.Errorf("draw the art of a certificate: %w", err)
	}
	o := fpdf.ImageOptions{ImageType: "PNG"}
	p.RegisterImageOptionsReader("art", o, &again)
	p.ImageOptions("art", (p.width-artSide)/2, p.y, artSide, artSide, false, o, 0, "")
	p.y += artSide + 8
	return nil
}

func (p *page) words(in Input) {
	width := p.width - 4*margin
	p.ink(quiet)
	p.centred(in.Site, sans, 10, box{margin + 10, width, 1})
	p.y += 4
	if in.Earner != "" {
		p.ink(quiet)
		p.para(in.Intro, sans, 11, width, 1)
		p.ink(ink)
		p.para(in.Earner, serif, 24, width, 2)
		p.ink(quiet)
		p.para(in.Earned, sans, 11, width, 1)
	}
	p.ink(ink)
	p.para(in.Name, serifBold, 22, width, 3)
	p.ink(accent)
	p.para(in.Issuer, sansBold, 12, width, 2)
	p.y += 2
	p.ink(ink)
	p.para(in.Description, sans, 10.5, p.width-5*margin, 7)
}

// foot draws the facts, the code and what is attached, from the bottom up.
func (p *page) foot(in Input) error {
	top := p.height - margin - qrSide - 14
	p.SetDrawColor(line[0], line[1], line[2])
	p.Line(margin*1.5, top-4, p.width-margin*1.5, top-4)
	left := margin * 1.5
	if in.URL != "" {
		if err := p.code(in.URL, left, top); err != nil {
			return err
		}
		left += qrSide + 8
	}
	y := top + 4
	for _, f := range in.Facts {
		p.ink(quiet)
		p.set(f.Label, sans, 9, left, y)
		p.ink(ink)
		p.set(p.fit(f.Value, sansBold, 9, p.width-margin*1.5-left-38), sansBold, 9, left+38, y)
		y += 5.2
	}
	y += 1.5
	p.ink(quiet)
	for _, text := range []string{in.VerifyText, in.URL} {
		for _, l := range p.wrap(text, sans, 8.5, p.width-margin*1.5-left, 2) {
			p.set(l, sans, 8.5, left, y)
			y += 4.2
		}
	}
	if in.URL != "" {
		p.LinkString(left, y-8, p.width-margin*1.5-left, 8, in.URL)
	}
	note := in.Attached
	if p.missing {
		note += " " + in.Missing
	}
	bottom := p.height - margin - 4
	for _, l := range p.wrap(note, sans, 8, p.width-3*margin, 2) {
		p.set(l, sans, 8, margin*1.5, bottom)
		bottom += 3.8
	}
	return nil
}

var errLong = errors.New("the address is too long for a code")

// code draws the QR code of an address as squares, sharp at any size.
func (p *page) code(address string, x, y float64) error {
	c, err := qr.Encode(address, qr.M)
	if err != nil {
		return errors.Join(errLong, err)
	}
	side := qrSide / float64(c.Size)
	p.SetFillColor(ink[0], ink[1], ink[2])
	for row := range c.Size {
		for start := 0; start < c.Size; start++ {
			end := start
			for end < c.Size && c.Black(end, row) {
				end++
			}
			if end > start {
				p.Rect(x+float64(start)*side, y+float64(row)*side, float64(end-start)*side, side+0.02, "F")
				start = end
			}
		}
	}
	return nil
}
