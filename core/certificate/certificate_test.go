package certificate

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/osier-passport/osier/core/openbadge/bake"
)

const credential = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential","OpenBadgeCredential"],"id":"urn:uuid:1"}`

func sample(t *testing.T) Input {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, 64, 64), color.Palette{color.NRGBA{}, color.NRGBA{R: 40, G: 110, B: 60, A: 255}, color.NRGBA{R: 40, G: 110, B: 60, A: 90}})
	for i := range m.Pix {
		m.Pix[i] = uint8(i / 7 % 3)
	}
	var art bytes.Buffer
	if err := png.Encode(&art, m); err != nil {
		t.Fatal(err)
	}
	return Input{
		Lang: "en", Site: "Alder Bay", Intro: "This certifies that", Earner: "Zoë Łukasz Ødegård", Earned: "earned the badge", Name: "Data literacy, level 1",
		Issuer: "Saltmarsh College", Description: strings.Repeat("Reads a table, finds what is missing and says what it cannot tell. ", 9),
		Facts:      []Fact{{"Issued", "28 September 2025"}, {"Expires", "never"}, {"Last checked", "Verified, 27 November 2026"}},
		VerifyText: "Scan the code, or open the address, to have it verified.", URL: "https://badges.example.org/b/9nVEvtHxWq3CkSTDWJzB9f",
		Attached: "The credential is attached to this file.", Missing: "Some letters could not be printed.",
		Art: art.Bytes(), Credential: []byte(credential), Filename: "data-literacy.json", At: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC),
	}
}

// TestACertificateCarriesItsCredential: our own reader finds the attached bytes as
// they are, on both sizes of paper, and the same input draws the same file.
func TestACertificateCarriesItsCredential(t *testing.T) {
	for _, paper := range []Paper{A4, Letter} {
		in := sample(t)
		in.Paper = paper
		file, err := Write(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		found, err := bake.Extract(file)
		if err != nil || string(found.Payload) != credential || found.Carrier != bake.CarrierPDF {
			t.Errorf("%s: found %q in %q, %v", paper, found.Payload, found.Carrier, err)
		}
		want := map[Paper]string{A4: "/MediaBox [0 0 595.28 841.89]", Letter: "/MediaBox [0 0 612.00 792.00]"}[paper]
		if !bytes.Contains(file, []byte(want)) {
			t.Errorf("%s: no %s", paper, want)
		}
		if again, err := Write(t.Context(), in); err != nil || !bytes.Equal(again, file) {
			t.Errorf("%s: another file the second time, %v", paper, err)
		}
		if dir := os.Getenv("OSIER_CERTIFICATES"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, string(paper)+".pdf"), file, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestWhatIsDrawn: letters by the font that has them, Arabic joined and turned,
// and what no font has is left out and said.
func TestWhatIsDrawn(t *testing.T) {
	for text, want := range map[string]struct {
		drawn   string
		missing bool
	}{
		"Ada":           {"Ada", false},
		"Ωμέγα Жук":     {"Ωμέγα Жук", false},
		"שלום":          {"םולש", false},
		"سلام":          {"\ufee1\ufefc\ufeb3", false}, // meem, lam with alef, seen; from left to right
		"بيت":           {"\ufe96\ufef4\ufe91", false},
		"دار":           {"\ufead\ufe8d\ufea9", false}, // which join to nothing after them
		"Abc 日本":        {"Abc ", true},
		"քանի საქ":      {"քանի საქ", false},
		"Badge בית 12":  {"Badge 12 תיב", false},
		"fox 🦊 there":   {"fox  there", true},
		"שלום (12) abc": {"abc (12) םולש", false},
	} {
		list, missing := runs(text, serif)
		drawn := ""
		for _, r := range list {
			drawn += r.text
		}
		if drawn != want.drawn || missing != want.missing {
			t.Errorf("%q is drawn %+q, missing %v; want %+q, %v", text, drawn, missing, want.drawn, want.missing)
		}
	}
}

// TestLongTexts end in "…" and stay on the page; nothing at all is drawn too.
func TestLongTexts(t *testing.T) {
	in := sample(t)
	in.Name, in.Earner, in.Issuer = strings.Repeat("Endless ", 60), strings.Repeat("x", 400), strings.Repeat("ü", 300)
	in.Description = strings.Repeat("y", 5000)
	if _, err := Write(t.Context(), in); err != nil {
		t.Error(err)
	}
	file, err := Write(t.Context(), Input{})
	if err != nil || !bytes.HasPrefix(file, []byte("%PDF-")) {
		t.Errorf("an empty one: %.20q, %v", file, err)
	}
	in.URL = "https://example.org/" + strings.Repeat("x", 4000)
	if _, err := Write(t.Context(), in); err == nil {
		t.Error("an address that no code holds is drawn")
	}
}
