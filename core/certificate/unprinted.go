package certificate

import (
	"slices"
	"unicode"
)

// Script is a writing that no embedded font has.
type Script string

// The scripts that are told apart. Those of India need shapes that are put together
// from several letters, which a PDF of ours has no way to draw.
const (
	Han        Script = "han"
	Kana       Script = "kana"
	Hangul     Script = "hangul"
	Devanagari Script = "devanagari"
	Bengali    Script = "bengali"
	Gurmukhi   Script = "gurmukhi"
	Gujarati   Script = "gujarati"
	Tamil      Script = "tamil"
	Telugu     Script = "telugu"
	Kannada    Script = "kannada"
	Malayalam  Script = "malayalam"
	Sinhala    Script = "sinhala"
	Thai       Script = "thai"
	Khmer      Script = "khmer"
	Myanmar    Script = "myanmar"
	Ethiopic   Script = "ethiopic"
	Symbols    Script = "symbols" // emoji and signs
	Other      Script = "other"
)

var tables = map[Script][]*unicode.RangeTable{
	Han: {unicode.Han}, Kana: {unicode.Hiragana, unicode.Katakana}, Hangul: {unicode.Hangul}, Devanagari: {unicode.Devanagari}, Bengali: {unicode.Bengali},
	Gurmukhi: {unicode.Gurmukhi}, Gujarati: {unicode.Gujarati}, Tamil: {unicode.Tamil}, Telugu: {unicode.Telugu}, Kannada: {unicode.Kannada},
	Malayalam: {unicode.Malayalam}, Sinhala: {unicode.Sinhala}, Thai: {unicode.Thai}, Khmer: {unicode.Khmer}, Myanmar: {unicode.Myanmar}, Ethiopic: {unicode.Ethiopic},
}

// Scripts are all of them, in the order of their names.
func Scripts() []Script {
	list := []Script{Other, Symbols}
	for s := range tables {
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}

// Unprinted gives the scripts of the letters in texts that a certificate leaves out,
// each once, in the order of their names.
func Unprinted(texts ...string) []Script {
	seen := map[Script]bool{}
	var list []Script
	for _, text := range texts {
		for _, r := range text {
			if !isShown(r) || sans.has(r) || spare.has(r) {
				continue
			}
			if s := scriptOf(r); !seen[s] {
				seen[s] = true
				list = append(list, s)
			}
		}
	}
	slices.Sort(list)
	return list
}

// isShown reports whether a reader would miss a character.
func isShown(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) }

func scriptOf(r rune) Script {
	for s, list := range tables {
		if unicode.IsOneOf(list, r) {
			return s
		}
	}
	if unicode.IsSymbol(r) {
		return Symbols
	}
	return Other
}
