package certificate

import (
	"sort"
	"strings"
	"sync"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifregular"
	"golang.org/x/image/font/sfnt"
)

// face is one of the embedded fonts. What a face has no letter for is set in
// spare, which also has Arabic, Armenian, Georgian and symbols. Letters that no
// face has (Chinese, Japanese, Korean, the scripts of India) are left out.
type face string

const (
	serif     face = "serif"
	serifBold face = "serif-bold"
	sans      face = "sans"
	sansBold  face = "sans-bold"
	spare     face = "spare"
)

var files = map[face][]byte{
	serif: liberationserifregular.TTF, serifBold: liberationserifbold.TTF, sans: liberationsansregular.TTF, sansBold: liberationsansbold.TTF, spare: dejavusans.TTF,
}

// parsed gives the fonts to look letters up in, read on first use.
var parsed = sync.OnceValue(func() map[face]*sfnt.Font {
	m := make(map[face]*sfnt.Font, len(files))
	for f, data := range files {
		font, err := sfnt.Parse(data)
		if err != nil {
			panic("certificate: an embedded font is broken: " + err.Error())
		}
		m[f] = font
	}
	return m
})

// use sets the font; one is read when it is used for the first time.
func (p *page) use(f face, size float64) {
	if !p.read[f] {
		p.AddUTF8FontFromBytes(string(f), "", files[f])
		p.read[f] = true
	}
	p.SetFont(string(f), "", size)
}

// buffers are what fonts are looked up with, several kB each.
var buffers = sync.Pool{New: func() any { return new(sfnt.Buffer) }}

func (f face) has(r rune) bool {
	buf := buffers.Get().(*sfnt.Buffer) //nolint:errcheck,forcetypeassert // New makes nothing else
	defer buffers.Put(buf)
	i, err := parsed()[f].GlyphIndex(buf, r)
	return err == nil && i != 0
}

// run is a piece of a line in one font.
type run struct {
	face face
	text string
}

// runs splits a line, in the order in which it is drawn, by the fonts that have
// its letters. It reports whether some letter is in none.
func runs(text string, main face) (list []run, missing bool) {
	for _, r := range visual(text) {
		f := main
		switch {
		case main.has(r):
		case spare.has(r):
			f = spare
		case isShown(r):
			missing = true
			continue
		default:
			continue
		}
		if n := len(list); n > 0 && list[n-1].face == f {
			list[n-1].text += string(r)
		} else {
			list = append(list, run{f, string(r)})
		}
	}
	return list, missing
}

// wide is how wide a line is, in mm.
func (p *page) wide(text string, f face, size float64) float64 {
	list, _ := runs(text, f)
	sum := 0.0
	for _, r := range list {
		p.use(r.face, size)
		sum += p.GetStringWidth(r.text)
	}
	return sum
}

// set draws a line with its base line at y.
func (p *page) set(text string, f face, size, x, y float64) {
	list, missing := runs(text, f)
	p.missing = p.missing || missing
	for _, r := range list {
		p.use(r.face, size)
		p.Text(x, y, r.text)
		x += p.GetStringWidth(r.text)
	}
}

// box is where lines stand: from the base line of the first one on.
type box struct {
	y, width float64
	lines    int // at most
}

// centred draws lines one below the other around the middle of the page, and
// gives where the next would stand.
func (p *page) centred(text string, f face, size float64, in box) float64 {
	for _, l := range p.wrap(text, f, size, in.width, in.lines) {
		p.set(l, f, size, (p.width-p.wide(l, f, size))/2, in.y)
		in.y += size * 0.3528 * 1.35
	}
	return in.y
}

// para is centred from where the page is drawn to.
func (p *page) para(text string, f face, size, width float64, lines int) {
	if strings.TrimSpace(text) == "" {
		return
	}
	p.y = p.centred(text, f, size, box{p.y + size*0.3528, width, lines}) - size*0.3528 + 2.5
}

// longest is how much of a text is looked at: more than stands on a page.
const longest = 1500

// wrap breaks a text into at most n lines; what is longer ends in "…".
func (p *page) wrap(text string, f face, size, width float64, n int) []string {
	var lines []string
	if letters := []rune(text); len(letters) > longest {
		text = string(letters[:longest]) + "…"
	}
	words := strings.Fields(text)
	for len(words) > 0 && len(lines) < n {
		l := words[0]
		words = words[1:]
		for len(words) > 0 && p.wide(l+" "+words[0], f, size) <= width {
			l += " " + words[0]
			words = words[1:]
		}
		if p.wide(l, f, size) > width { // one long word
			head := p.fit(l, f, size, width)
			if rest := strings.TrimPrefix(l, strings.TrimSuffix(head, "…")); len(lines)+1 < n && rest != l {
				l, words = strings.TrimSuffix(head, "…"), append([]string{rest}, words...)
			} else {
				l = head
			}
		}
		lines = append(lines, l)
	}
	if len(words) > 0 && len(lines) > 0 {
		last := len(lines) - 1
		lines[last] = p.fit(lines[last]+" "+words[0]+" …", f, size, width)
	}
	return lines
}

// fit shortens a line to a width; what is cut ends in "…".
func (p *page) fit(text string, f face, size, width float64) string {
	if p.wide(text, f, size) <= width {
		return text
	}
	letters := []rune(strings.TrimSuffix(text, "…"))
	n := sort.Search(len(letters), func(n int) bool { return p.wide(string(letters[:n+1])+"…", f, size) > width })
	return strings.TrimRight(string(letters[:max(n, 1)]), " ") + "…"
}
