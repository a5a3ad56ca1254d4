package bake

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// SVG bakes payload into an SVG right after its root tag, as the version asks:
// "0.5" to "2.1" as openbadges:assertion in the namespace http://openbadges.org,
// "3.0" as openbadges:credential in https://purl.imsglobal.org/ob/v3p0 (OB3
// §5.3.2), "clr-2.0" the same in https://purl.imsglobal.org/clr/v2p0. A JWS or URL goes into the verify attribute, JSON into the body;
// verifyURL, where not empty, is the verify attribute beside a JSON body (up to
// 2.1 only). Earlier badges in the image are dropped. The drawing itself is not
// cleaned. Errors are *Error: "bad-payload", "unknown-version", or what Extract
// says of a broken SVG.
func SVG(image []byte, version string, payload []byte, verifyURL string) ([]byte, error) {
	st, err := styleOf(version)
	if err != nil {
		return nil, err
	}
	element, err := badgeElement(st, payload, verifyURL)
	if err != nil {
		return nil, err
	}
	image = bytes.TrimSpace(bytes.TrimPrefix(image, utf8BOM))
	svg, err := readSVG(image)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Grow(len(image) + len(element) + 64)
	out.Write(image[:svg.root.start])
	if err := writeRoot(&out, svg.root, st.ns); err != nil {
		return nil, err
	}
	out.WriteString(element)
	at := svg.root.end
	for _, b := range svg.badges {
		out.Write(image[at:b.start])
		at = b.end
	}
	if svg.root.empty {
		out.WriteString("</" + string(svg.root.name) + ">")
	}
	out.Write(image[at:])
	return out.Bytes(), nil
}

// writeRoot writes the root's start tag with the badge namespace bound.
func writeRoot(out *bytes.Buffer, root tag, ns string) error {
	out.WriteByte('<')
	out.Write(root.name)
	err := eachAttribute(root.attributes, func(name, value []byte) error {
		if string(name) == "xmlns:openbadges" {
			return nil
		}
		quote := byte('"')
		if bytes.IndexByte(value, quote) >= 0 {
			quote = '\''
		}
		out.WriteByte(' ')
		out.Write(name)
		out.WriteByte('=')
		out.WriteByte(quote)
		out.Write(value)
		out.WriteByte(quote)
		return nil
	})
	out.WriteString(` xmlns:openbadges="` + ns + `">`)
	return err
}

func badgeElement(st style, payload []byte, verifyURL string) (string, error) {
	f := sniff(payload)
	if f == formNone || len(payload) > MaxPayload || !isXMLText(payload) || !isXMLText([]byte(verifyURL)) {
		return "", &Error{Reason: "bad-payload"}
	}
	name := "openbadges:" + st.element
	if f != formJSON {
		return "<" + name + ` verify="` + escape(string(bytes.TrimSpace(payload))) + `"/>`, nil
	}
	verify := ""
	if verifyURL != "" && st == style2 {
		verify = ` verify="` + escape(verifyURL) + `"`
	}
	body := strings.ReplaceAll(string(payload), "]]>", "]]]]><![CDATA[>")
	return "<" + name + verify + "><![CDATA[" + body + "]]></" + name + ">", nil
}

// isXMLText tells text that XML 1.0 §2.2 can hold.
func isXMLText(b []byte) bool {
	return utf8.Valid(b) && !bytes.ContainsFunc(b, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	})
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}
