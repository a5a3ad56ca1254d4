package demo

import "strings"

// hairstyle is the shape of the hair of a portrait.
type hairstyle int

const (
	short hairstyle = iota + 1
	bob
	long
	bun
	curls
	scarf
)

// portrait is a drawn face: a few flat shapes in six colours.
type portrait struct {
	ground, skin, hair, clothes string // colours
	style                       hairstyle
	glasses, beard              bool
}

// what of the hair lies behind and before the face, on a field of 256 by 256.
var behind = map[hairstyle]string{
	bob:   `<path d="M72 118c0-46 24-72 56-72s56 26 56 72v52H72Z"/>`,
	long:  `<path d="M70 118c0-48 24-74 58-74s58 26 58 74v102H70Z"/>`,
	bun:   `<circle cx="128" cy="36" r="24"/><path d="M78 120c0-44 20-68 50-68s50 24 50 68Z"/>`,
	curls: `<circle cx="82" cy="100" r="30"/><circle cx="174" cy="100" r="30"/><circle cx="98" cy="66" r="32"/><circle cx="158" cy="66" r="32"/><circle cx="128" cy="54" r="32"/>`,
	scarf: `<path d="M64 126c0-52 28-84 64-84s64 32 64 84c0 40 6 62 16 84H48c10-22 16-44 16-84Z"/>`,
}

var before = map[hairstyle]string{
	short: `<path d="M80 112c-6-44 18-66 50-66 34 0 54 22 46 66-6-22-14-32-24-36-18 6-40 6-54 0-8 6-14 18-18 36Z"/>`,
	bob:   `<path d="M78 124c-4-46 18-70 50-70s54 24 50 70c-8-26-22-40-40-46-20 18-42 22-60 46Z"/>`,
	long:  `<path d="M78 128c-4-50 18-74 50-74s54 24 50 74c-10-30-26-44-50-50-24 6-40 20-50 50Z"/>`,
	bun:   `<path d="M80 118c-4-42 18-64 48-64s52 22 48 64c-10-24-26-34-48-34s-38 10-48 34Z"/>`,
	curls: `<path d="M82 104c2-32 20-48 46-48s44 16 46 48c-12-16-28-22-46-22s-34 6-46 22Z"/>`,
	scarf: `<path d="M76 130c-2-48 20-74 52-74s54 26 52 74c0 26-8 44-14 56 6-20 8-40 4-60-6-28-22-40-42-40s-36 12-42 40c-4 20-2 40 4 60-6-12-14-30-14-56Z"/>`,
}

// svg draws the portrait.
func (p portrait) svg() []byte {
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" width="256" height="256">`)
	b.WriteString(`<rect width="256" height="256" fill="` + p.ground + `"/>`)
	b.WriteString(`<g fill="` + p.hair + `">` + behind[p.style] + `</g>`)
	b.WriteString(`<g fill="` + p.skin + `"><path d="M106 160h44v50h-44Z"/><ellipse cx="128" cy="124" rx="46" ry="56"/></g>`)
	b.WriteString(`<path d="M106 172c12 12 32 12 44 0v18c-12 10-32 10-44 0Z" fill="#000000" fill-opacity="0.1"/>`)
	b.WriteString(`<path d="M28 256c4-44 34-62 76-66 14 14 34 14 48 0 42 4 72 22 76 66Z" fill="` + p.clothes + `"/>`)
	if p.beard {
		b.WriteString(`<path d="M82 128c0 38 18 58 46 58s46-20 46-58c-6 16-16 22-26 22-8-8-32-8-40 0-10 0-20-6-26-22Z" fill="` + p.hair + `"/>`)
	}
	b.WriteString(`<g fill="` + p.hair + `">` + before[p.style] + `</g>`)
	b.WriteString(`<g fill="#1d120c"><circle cx="110" cy="122" r="4.6"/><circle cx="146" cy="122" r="4.6"/></g>`)
	b.WriteString(`<path d="M113 150c9 9 21 9 30 0" fill="none" stroke="` + p.mouth() + `" stroke-width="4.4" stroke-linecap="round"/>`)
	if p.glasses {
		b.WriteString(`<g fill="none" stroke="#3a3027" stroke-width="4"><circle cx="108" cy="122" r="16"/><circle cx="148" cy="122" r="16"/><path d="M124 120c3-3 5-3 8 0"/></g>`)
	}
	b.WriteString(`</svg>`)
	return []byte(b.String())
}

func (p portrait) mouth() string {
	if p.beard || p.style == curls {
		return "#f0c4ae"
	}
	return "#8c3a2f"
}
