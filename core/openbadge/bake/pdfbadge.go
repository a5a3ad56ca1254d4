package bake

import (
	"bytes"
	"encoding/xml"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxPDFFound is how many attachments and properties are looked at.
const maxPDFFound = 64

// pdfFinding is a text that may be a badge. A named one was put there as a
// badge, so that it is refused when it is none; others are passed over.
type pdfFinding struct {
	label string
	found Found
	err   error
	named bool
}

// extractPDF reads the badge of a PDF: a file embedded in it (ISO 32000-2
// §7.11.4: by the name tree, an annotation or /AF), or the property openbadges
// of its XMP metadata (§14.3.2) or information dictionary. No standard says how
// a PDF carries a badge; these are the places that exist. Scripts, links and
// what the pages show are not looked at.
func extractPDF(file []byte) (Found, error) {
	p, err := openPDF(file)
	if err != nil {
		return Found{}, err
	}
	list, err := p.findings()
	if err == nil && len(list) == 0 && !p.scanned {
		// The cross-reference may be sound for the pages and wrong for the rest.
		if err = p.scan(); err == nil {
			list, err = p.findings()
		}
	}
	if err != nil {
		return Found{}, err
	}
	return oneBadge(list)
}

// oneBadge chooses among what was found: what is named as a badge, else what
// looks like one.
func oneBadge(list []pdfFinding) (Found, error) {
	if slices.ContainsFunc(list, func(f pdfFinding) bool { return f.named }) {
		list = slices.DeleteFunc(list, func(f pdfFinding) bool { return !f.named })
	} else {
		list = slices.DeleteFunc(list, func(f pdfFinding) bool { return f.err != nil || !looksLikeBadge(f.found.Payload) })
	}
	if len(list) == 0 {
		return Found{}, &Error{Reason: "no-badge-data"}
	}
	for _, f := range list {
		if f.err != nil {
			return Found{}, f.err
		}
		if !bytes.Equal(f.found.Payload, list[0].found.Payload) {
			return Found{}, &Error{Reason: "two-badges"}
		}
	}
	return found(CarrierPDF, list[0].label, list[0].found.Payload)
}

// looksLikeBadge tells JSON with the members of a badge, or any JWS or URL, from other JSON.
func looksLikeBadge(payload []byte) bool {
	if sniff(payload) != formJSON {
		return true
	}
	has := func(s string) bool { return bytes.Contains(payload, []byte(s)) }
	return has(`"@context"`) || has(`"recipient"`) && has(`"badge"`)
}

// findings walks everything that the trailer leads to, in the order of the file's own lists.
func (p *pdfFile) findings() ([]pdfFinding, error) {
	var out []pdfFinding
	info, _ := p.direct(p.trailer.get("Info")).(pdfDict)
	for _, e := range info {
		if text, ok := p.direct(e.value).([]byte); ok && isBadgeName(string(e.key)) {
			out = append(out, property(string(e.key), []byte(pdfText(text))))
		}
	}
	seen := map[pdfRef]bool{}
	stack := []any{p.trailer.get("Root")}
	for len(stack) > 0 && len(out) < maxPDFFound {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if r, ok := v.(pdfRef); ok {
			if seen[r] {
				continue
			}
			seen[r] = true
			v = p.object(r)
		}
		out = append(out, p.look(v)...)
		stack = pushMembers(stack, v)
	}
	return out, p.spend(0)
}

// pushMembers puts what v holds on the stack, the first on top. Numbers, names and strings lead nowhere.
func pushMembers(stack []any, v any) []any {
	from := len(stack)
	push := func(v any) {
		switch v.(type) {
		case pdfRef, pdfDict, []any:
			stack = append(stack, v)
		}
	}
	switch v := v.(type) {
	case []any:
		for _, m := range v {
			push(m)
		}
	case pdfStream:
		return pushMembers(stack, v.dict)
	case pdfDict:
		for _, e := range v {
			push(e.value)
		}
	}
	slices.Reverse(stack[from:])
	return stack
}

// look gives the badges of a file specification (§7.11.3) or a metadata stream.
func (p *pdfFile) look(v any) []pdfFinding {
	switch v := v.(type) {
	case pdfDict:
		if files, ok := p.direct(v.get("EF")).(pdfDict); ok {
			return p.attachment(v, files)
		}
	case pdfStream:
		if v.dict.get("Type") == pdfName("Metadata") && v.dict.get("Subtype") == pdfName("XML") {
			return p.metadata(v)
		}
	}
	return nil
}

// attachment reads an embedded file whose name or type may be a badge's.
func (p *pdfFile) attachment(spec, files pdfDict) []pdfFinding {
	name := p.fileName(spec)
	s, ok := p.direct(files.get("F")).(pdfStream)
	if !ok {
		s, ok = p.direct(files.get("UF")).(pdfStream)
	}
	subtype, _ := p.direct(s.dict.get("Subtype")).(pdfName)
	f := pdfFinding{label: printable(name), named: isBadgeName(name) || isBadgeType(string(subtype))}
	if !ok || !f.named && !mayHoldBadge(name) {
		return nil
	}
	data, err := p.unpack(s)
	switch {
	case err == nil && (pdfStart(data) >= 0 || isZIP(data)):
		f.err = &Error{Reason: "bad-payload", Detail: f.label}
	case err == nil && p.spend(len(data)) == nil:
		f.found, f.err = Extract(data)
	case errors.Is(err, errPDFFilter):
		f.err = &Error{Reason: "pdf-filter", Detail: f.label}
	case errors.Is(err, errPDFSyntax):
		f.err = &Error{Reason: "pdf-damaged", Detail: f.label}
	default:
		f.err = err
	}
	return []pdfFinding{f}
}

// fileName gives the name of an embedded file, the Unicode one where there is one.
func (p *pdfFile) fileName(spec pdfDict) string {
	for _, key := range []pdfName{"UF", "F"} {
		if text, ok := p.direct(spec.get(key)).([]byte); ok && len(text) > 0 {
			return pdfText(text)
		}
	}
	return ""
}

// pdfText reads a text string (§7.9.2.2): UTF-16 or UTF-8 with a mark, else
// PDFDocEncoding, which is close enough to Latin-1 for names.
func pdfText(b []byte) string {
	if rest, ok := bytes.CutPrefix(b, []byte("\xfe\xff")); ok {
		units := make([]uint16, len(rest)/2)
		for i := range units {
			units[i] = uint16(rest[2*i])<<8 | uint16(rest[2*i+1])
		}
		return string(utf16.Decode(units))
	}
	return string(utf8Text(bytes.TrimPrefix(b, utf8BOM)))
}

// isBadgeName tells openbadges, openbadge, openbadgecredential and clrcredential,
// alone or as part of a name, also with blanks and dashes.
func isBadgeName(name string) bool {
	plain := strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(name))
	return strings.Contains(plain, "openbadge") || strings.Contains(plain, styleCLR.keyword)
}

func isBadgeType(mediaType string) bool {
	return mediaType == "application/vc+ld+json" || mediaType == "application/vc" || mediaType == "application/vc+jwt"
}

// mayHoldBadge goes by the end of a file's name.
func mayHoldBadge(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	return slices.Contains([]string{".json", ".jsonld", ".jws", ".jwt", ".1ob", ".png", ".svg"}, strings.ToLower(name[max(dot, 0):]))
}

// printable makes a label of a name: short, and without characters that steer a terminal or a line.
func printable(name string) string {
	if r := []rune(name); len(r) > 80 {
		name = string(r[:80])
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != utf8.RuneError {
			return r
		}
		return -1
	}, name)
}

func property(name string, text []byte) pdfFinding {
	f := pdfFinding{label: printable(name), named: true}
	f.found, f.err = carried(CarrierPDF, f.label, text)
	return f
}

// metadata reads an XMP packet: properties named openbadges and so on, in any
// namespace, as elements (plain or in an rdf:Alt) or as attributes. Reading XML
// costs several times what unpacking does.
func (p *pdfFile) metadata(s pdfStream) []pdfFinding {
	packet, err := p.unpack(s)
	if err != nil || !isBadgeName(string(packet)) || p.spend(8*len(packet)) != nil {
		return nil
	}
	d := xml.NewDecoder(bytes.NewReader(packet))
	var out []pdfFinding
	for len(out) < maxPDFFound {
		t, err := d.Token()
		if err != nil {
			return out // what comes before a slip in the mark-up counts
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range start.Attr {
			if isKeyword(a.Name.Local) && a.Name.Space != "xmlns" {
				out = append(out, property(a.Name.Local, []byte(a.Value)))
			}
		}
		if isKeyword(start.Name.Local) {
			out = append(out, property(start.Name.Local, elementText(d)))
		}
	}
	return out
}

// elementText gives all text inside the element whose start was just read.
func elementText(d *xml.Decoder) []byte {
	var out []byte
	for depth := 1; depth > 0; {
		t, err := d.Token()
		if err != nil {
			return out
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			out = append(out, t...)
		}
	}
	return out
}

// pdfStart gives where a PDF begins, or -1: other bytes may stand before its
// header (ISO 32000-1 Annex H, note 13).
func pdfStart(file []byte) int { return bytes.Index(file[:min(len(file), 1024)], pdfHeader) }
