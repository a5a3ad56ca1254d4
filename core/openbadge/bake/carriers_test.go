package bake

import (
	"html"
	"testing"
)

// payloads are the forms in which a badge travels.
var payloads = map[string]string{"JSON": assertion, "JWS": token, "URL": "https://issuer.example/a/1?b=2&c=3"}

// TestEveryPNGCarrier bakes by hand each kind of text chunk under each keyword.
func TestEveryPNGCarrier(t *testing.T) {
	chunks := map[string]func(keyword, text string) []byte{
		"tEXt":            func(k, s string) []byte { return textOf("tEXt", k+"\x00", s) },
		"zTXt":            func(k, s string) []byte { return textOf("zTXt", k+"\x00\x00", deflated(t, s)) },
		"iTXt":            func(k, s string) []byte { return textOf("iTXt", k+"\x00\x00\x00\x00\x00", s) },
		"iTXt compressed": func(k, s string) []byte { return textOf("iTXt", k+"\x00\x01\x00\x00\x00", deflated(t, s)) },
		"iTXt, text only": func(k, s string) []byte { return textOf("iTXt", k+"\x00", s) },
	}
	for kind, chunk := range chunks {
		for _, keyword := range []string{"openbadges", "openbadge", "openbadgecredential", "clrcredential"} {
			for form, text := range payloads {
				got, err := Extract(withChunks(t, chunk(keyword, text)))
				if err != nil || string(got.Payload) != text || got.Keyword != keyword || got.Carrier != CarrierPNG {
					t.Errorf("%s, %s, %s: %q %q, %v", kind, keyword, form, got.Keyword, got.Payload, err)
				}
			}
		}
	}
}

// TestEverySVGCarrier does the same for the namespaces of SVG.
func TestEverySVGCarrier(t *testing.T) {
	elements := map[string]func(name, text string) string{
		"CDATA":  func(n, s string) string { return "<" + n + "><![CDATA[" + cdata(s) + "]]></" + n + ">" },
		"text":   func(n, s string) string { return "<" + n + ">" + html.EscapeString(s) + "</" + n + ">" },
		"verify": func(n, s string) string { return "<" + n + ` verify="` + html.EscapeString(s) + `"/>` },
		"both": func(n, s string) string {
			return "<" + n + ` verify="https://issuer.example/other"><![CDATA[` + cdata(s) + "]]></" + n + ">"
		},
	}
	for place, element := range elements {
		for ns, local := range map[string]string{
			"http://openbadges.org": "assertion", "https://purl.imsglobal.org/ob/v3p0": "credential", "https://purl.imsglobal.org/clr/v2p0": "credential",
			"https://openbadges.org": "assertion", "http://openbadges.org/": "assertion", "https://purl.imsglobal.org/spec/ob/v3p0": "credential", // as issuers wrote them
		} {
			for form, text := range payloads {
				got, err := Extract([]byte(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:b="` + ns + `">` + element("b:"+local, text) + "</svg>"))
				if err != nil || string(got.Payload) != text || got.Keyword != local || got.Carrier != CarrierSVG {
					t.Errorf("%s, %s, %s: %q %q, %v", place, ns, form, got.Keyword, got.Payload, err)
				}
			}
		}
	}
}
