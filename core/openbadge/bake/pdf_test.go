package bake

import (
	"bytes"
	"encoding/ascii85"
	"encoding/hex"
	"fmt"
	"html"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// The ways in which a test PDF says where its objects are.
const (
	xrefTable   = "table"                   // cross-reference table
	xrefStream  = "stream"                  // cross-reference stream
	xrefPacked  = "packed"                  // the same with object streams, both with a predictor
	xrefHybrid  = "hybrid"                  // a table, and a stream for the objects in object streams
	xrefWrong   = "wrong offset"            // a table elsewhere than it says
	xrefMoved   = "objects moved"           // a table that is wrong about the objects
	xrefMissing = "no cross-reference"      // nothing but the objects
	xrefBare    = "packed, no xref"         // object streams and nothing else
	xrefLater   = "updates"                 // an older revision of each object before it
	xrefJunk    = "bytes before the header" // and offsets that count from there
)

var xrefForms = []string{xrefTable, xrefStream, xrefPacked, xrefHybrid, xrefWrong, xrefMoved, xrefMissing, xrefBare, xrefLater, xrefJunk}

// pdfMaker writes a PDF. Objects are numbered from 1 in the order of add; the
// first is the catalogue.
type pdfMaker struct {
	objects []string
	trailer string // more entries of it
}

func (m *pdfMaker) add(format string, args ...any) int {
	m.objects = append(m.objects, fmt.Sprintf(format, args...))
	return len(m.objects)
}

// stream adds a stream object, its filter applied here.
func (m *pdfMaker) stream(t testing.TB, dict, filter, data string) int {
	t.Helper()
	switch filter {
	case "FlateDecode":
		data = deflated(t, data)
	case "ASCIIHexDecode":
		data = hex.EncodeToString([]byte(data)) + ">"
	case "ASCII85Decode":
		out := make([]byte, ascii85.MaxEncodedLen(len(data)))
		data = string(out[:ascii85.Encode(out, []byte(data))]) + "~>"
	}
	if filter != "" {
		dict += " /Filter /" + filter
	}
	return m.add("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(data), data)
}

// file writes the objects in one of the forms above.
func (m *pdfMaker) file(t testing.TB, form string) []byte {
	t.Helper()
	w := &pdfWriter{offsets: map[int]int{}, packed: map[int]int{}, size: len(m.objects) + 1, trailer: m.trailer}
	if form == xrefJunk {
		w.WriteString("\xe2\xe3 mail header\r\n\r\n")
		w.base = w.Len()
	}
	w.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	if form == xrefLater {
		for i := range m.objects {
			w.object(i+1, "<< /Type /Catalog /Openbadges (older) >>")
		}
		w.table(t, "")
	}
	var inPack []int
	for i, body := range m.objects {
		if strings.Contains(body, "endstream") || form != xrefPacked && form != xrefHybrid && form != xrefBare {
			w.object(i+1, body)
		} else {
			inPack = append(inPack, i+1)
		}
	}
	if form == xrefPacked || form == xrefHybrid || form == xrefBare {
		w.pack(t, inPack, m.objects)
	}
	w.references(t, form)
	return w.Bytes()
}

type pdfWriter struct {
	bytes.Buffer

	base    int // where the header is
	offsets map[int]int
	packed  map[int]int // object -> its object stream
	size    int
	trailer string
	last    int // where the last cross-reference began
}

func (w *pdfWriter) at() int { return w.Len() - w.base }

func (w *pdfWriter) object(n int, body string) {
	w.offsets[n] = w.at()
	fmt.Fprintf(w, "%d 0 obj\n%s\nendobj\n", n, body)
}

// pack writes objects into an object stream.
func (w *pdfWriter) pack(t testing.TB, numbers []int, objects []string) {
	t.Helper()
	var head, body string
	for _, n := range numbers {
		head += fmt.Sprintf("%d %d ", n, len(body))
		body += objects[n-1] + " "
		w.packed[n] = w.size
	}
	data := deflated(t, upFiltered(head+body, 8))
	w.object(w.size, fmt.Sprintf("<< /Type /ObjStm /N %d /First %d /Filter [ /FlateDecode ] /DecodeParms [ << /Predictor 12 /Columns 8 >> ] /Length %d >>\nstream\r\n%s\nendstream", len(numbers), len(head), len(data), data))
	w.size++
}

// upFiltered applies the PNG row filters 0 to 4 in turn.
func upFiltered(s string, columns int) string {
	var out []byte
	above := make([]byte, columns)
	for row := 0; len(s) > 0; row++ {
		line := []byte(s[:min(columns, len(s))])
		s = s[len(line):]
		out = append(out, byte(row%5))
		for i, c := range line {
			var left, corner byte
			if i > 0 {
				left, corner = line[i-1], above[i-1]
			}
			guess := []byte{0, left, above[i], byte((int(left) + int(above[i])) / 2), paeth(left, above[i], corner)}
			out = append(out, c-guess[row%5])
		}
		above = line
	}
	return string(out)
}

func (w *pdfWriter) references(t testing.TB, form string) {
	t.Helper()
	switch form {
	case xrefStream, xrefPacked:
		w.xrefStream(t, form == xrefPacked, true)
	case xrefHybrid:
		beside := w.at()
		w.xrefStream(t, true, false)
		for n := range w.packed {
			delete(w.offsets, n)
		}
		w.table(t, fmt.Sprintf("/XRefStm %d", beside))
	case xrefWrong:
		w.table(t, "")
		w.Truncate(w.Len() - len("%%EOF\n"))
		fmt.Fprintf(w, "startxref\n%d\n%%%%EOF\n", w.last+3)
	case xrefMoved:
		for n := range w.offsets {
			w.offsets[n] += 5
		}
		w.table(t, "")
	case xrefLater:
		w.table(t, fmt.Sprintf("/Prev %d", w.last))
	case xrefMissing, xrefBare:
	default:
		w.table(t, "")
	}
}

func (w *pdfWriter) table(t testing.TB, more string) {
	t.Helper()
	w.last = w.at()
	fmt.Fprintf(w, "xref\n0 %d\n0000000000 65535 f \n", w.size)
	for n := 1; n < w.size; n++ {
		if at, ok := w.offsets[n]; ok {
			fmt.Fprintf(w, "%010d 00000 n \n", at)
		} else {
			fmt.Fprint(w, "0000000000 00000 f \n")
		}
	}
	fmt.Fprintf(w, "trailer\n<< /Size %d /Root 1 0 R %s %s >>\nstartxref\n%d\n%%%%EOF\n", w.size, w.trailer, more, w.last)
}

// xrefStream writes a cross-reference stream in fields of 1, 4 and 1 bytes.
func (w *pdfWriter) xrefStream(t testing.TB, predictor, end bool) {
	t.Helper()
	w.last = w.at()
	w.offsets[w.size] = w.last
	var rows string
	for n := range w.size + 1 {
		kind, second := 0, 0
		if at, ok := w.offsets[n]; ok {
			kind, second = 1, at
		} else if in, ok := w.packed[n]; ok {
			kind, second = 2, in
		}
		rows += string([]byte{byte(kind), byte(second >> 24), byte(second >> 16), byte(second >> 8), byte(second), 0})
	}
	parms := ""
	if predictor {
		parms, rows = "/DecodeParms << /Predictor 15 /Columns 6 >>", upFiltered(rows, 6)
	}
	data := deflated(t, rows)
	fmt.Fprintf(w, "%d 0 obj\n<< /Type /XRef /Size %d /Root 1 0 R %s /W [1 4 1] /Filter /FlateDecode %s /Length %d >>\nstream\n%s\nendstream\nendobj\n",
		w.size, w.size+1, w.trailer, parms, len(data), data)
	if end {
		fmt.Fprintf(w, "startxref\n%d\n%%%%EOF\n", w.last)
	}
	w.size++
}

// plainPDF is a document of one page without a badge; more goes into its catalogue.
func plainPDF(t testing.TB, catalog, page string) *pdfMaker {
	t.Helper()
	m := &pdfMaker{}
	m.add("<< /Type /Catalog /Pages 2 0 R /Lang (en\\055GB) %s >>", catalog)
	m.add("<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>")
	m.add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612.0 792] /Contents 4 0 R %s >> %% a comment", page)
	m.stream(t, "", "FlateDecode", "BT /F1 24 Tf (A badge) Tj ET")
	return m
}

// attached is a document with one embedded file in the name tree.
func attached(t testing.TB, name, filter, data string) *pdfMaker {
	t.Helper()
	m := plainPDF(t, "/Names << /EmbeddedFiles << /Kids [ 5 0 R ] >> >>", "")
	m.add("<< /Limits [ (a) (z) ] /Names [ (a#1) 6 0 R ] >>")
	m.add("<< /Type /Filespec /F %s /EF << /F 7 0 R >> /AFRelationship /Data >>", name)
	m.stream(t, "/Type /EmbeddedFile /Subtype /application#2Fjson", filter, data)
	return m
}

func withXMP(t testing.TB, properties string) *pdfMaker {
	t.Helper()
	m := plainPDF(t, "/Metadata 5 0 R", "")
	m.stream(t, "/Type /Metadata /Subtype /XML", "", `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">`+
		`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">`+properties+`</rdf:RDF></x:xmpmeta><?xpacket end="w"?>`)
	return m
}

// badgePDFs are documents that carry assertion or token, by the place where.
func badgePDFs(t testing.TB) map[string]*pdfMaker {
	t.Helper()
	png, err := PNG(plainPNG(t, 3), "3.0", []byte(assertion))
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := SVG([]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "3.0", []byte(assertion), "")
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]*pdfMaker{
		"name tree":             attached(t, "(openbadge.json)", "FlateDecode", assertion),
		"other name":            attached(t, "(certificate \\(1\\).json)", "", assertion),
		"Unicode name":          attached(t, "<FEFF006F00700065006E002D00620061006400670065>", "", assertion),
		"baked PNG":             attached(t, "(badge.PNG)", "FlateDecode", string(png)),
		"baked SVG":             attached(t, "(badge.svg)", "", string(drawn)),
		"hexadecimal":           attached(t, "(openbadges.json)", "ASCIIHexDecode", assertion),
		"base 85":               attached(t, "(openbadges.json)", "ASCII85Decode", assertion),
		"XMP element":           withXMP(t, `<rdf:Description xmlns:ob="http://openbadges.org"><ob:openbadges>`+html.EscapeString(assertion)+`</ob:openbadges></rdf:Description>`),
		"XMP CDATA":             withXMP(t, `<rdf:Description xmlns:pdfx="http://ns.adobe.com/pdfx/1.3/"><pdfx:openbadgecredential><![CDATA[`+strings.ReplaceAll(assertion, "]]>", "]]]]><![CDATA[>")+`]]></pdfx:openbadgecredential></rdf:Description>`),
		"XMP attribute":         withXMP(t, `<rdf:Description xmlns:o="http://openbadges.org" o:openbadges="`+html.EscapeString(assertion)+`"/>`),
		"XMP alternatives":      withXMP(t, `<rdf:Description xmlns:o="x:"><o:openbadges><rdf:Alt><rdf:li xml:lang="x-default">`+html.EscapeString(assertion)+`</rdf:li></rdf:Alt></o:openbadges></rdf:Description>`),
		"annotation":            plainPDF(t, "", "/Annots [ << /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS 5 0 R >> ]"),
		"associated file":       plainPDF(t, "/AF [ 5 0 R ]", ""),
		"information":           plainPDF(t, "", ""),
		"attachment and XMP":    attached(t, "(openbadges.json)", "", assertion),
		"length as a reference": attached(t, "(openbadges.json)", "", assertion),
	}
	for _, place := range []string{"annotation", "associated file"} {
		m[place].add("<< /Type /Filespec /UF (openbadge\\\ncredential.json) /EF << /UF 6 0 R >> >>")
		m[place].stream(t, "/Type /EmbeddedFile", "FlateDecode", assertion)
	}
	info := m["information"]
	info.trailer = "/Info 5 0 R"
	info.add("<< /Title (A) /openbadges (%s) >>", strings.NewReplacer("\\", "\\\\", "(", "\\(", ")", "\\)").Replace(assertion))
	both := m["attachment and XMP"]
	both.objects[0] = strings.Replace(both.objects[0], "/Lang", "/Metadata 8 0 R /Lang", 1)
	both.stream(t, "/Type /Metadata /Subtype /XML", "FlateDecode", `<a xmlns:o="x:"><o:openbadges>`+html.EscapeString(assertion)+`</o:openbadges></a>`)
	length := m["length as a reference"]
	length.objects[6] = strings.Replace(length.objects[6], fmt.Sprint("/Length ", len(assertion)), "/Length 8 0 R", 1)
	length.add("%d", len(assertion))
	return m
}

func TestExtractPDF(t *testing.T) {
	badges := badgePDFs(t)
	for _, place := range slices.Sorted(maps.Keys(badges)) {
		for _, form := range xrefForms {
			if place == "information" && (form == xrefMissing || form == xrefBare) {
				continue // only the trailer leads there
			}
			t.Run(place+"/"+form, func(t *testing.T) {
				got, err := Extract(badges[place].file(t, form))
				if err != nil || got.Carrier != CarrierPDF || string(got.Payload) != assertion || got.Keyword == "" {
					t.Errorf("got %s %q %q, %v", got.Carrier, got.Keyword, got.Payload, err)
				}
			})
		}
	}
}

func TestPDFKeepsWhatItsAuthorsWrote(t *testing.T) {
	for _, c := range []struct {
		name         string
		file         *pdfMaker
		payload, key string
	}{
		{"JWS", attached(t, "(openbadgecredential.jws)", "FlateDecode", token+"\r\n"), token, "openbadgecredential.jws"},
		{"URL", withXMP(t, `<d xmlns:o="x:"><o:openbadges> https://issuer.example/a/1 </o:openbadges></d>`), "https://issuer.example/a/1", "openbadges"},
		{"CLR", withXMP(t, `<d xmlns:o="x:" o:clrcredential="`+token+`"/>`), token, "clrcredential"},
		{"escaped twice", withXMP(t, `<d xmlns:o="x:"><o:openbadges>{&amp;quot;a&amp;quot;:1}</o:openbadges></d>`), `{"a":1}`, "openbadges"},
		{"byte for byte", attached(t, "(a.json)", "FlateDecode", "\n {\"@context\" : \"x\"}\r\n"), "\n {\"@context\" : \"x\"}\r\n", "a.json"},
		{"Open Badges 0.5", attached(t, "(a.json)", "", `{"recipient":"a","badge":{}}`), `{"recipient":"a","badge":{}}`, "a.json"},
		{"a name that steers", attached(t, "(openbadge\\033[2J\\r.json)", "", assertion), assertion, "openbadge[2J.json"},
	} {
		got, err := Extract(c.file.file(t, xrefTable))
		if err != nil || string(got.Payload) != c.payload || got.Keyword != c.key {
			t.Errorf("%s: %q %q, %v", c.name, got.Keyword, got.Payload, err)
		}
	}
}

func TestPDFRefusals(t *testing.T) {
	locked := attached(t, "(openbadges.json)", "", assertion)
	locked.trailer = "/Encrypt 5 0 R"
	two := attached(t, "(openbadges.json)", "", assertion)
	two.objects[0] = strings.Replace(two.objects[0], "/Lang", "/AF [ << /F (openbadge 2.json) /EF << /F 8 0 R >> >> ] /Lang", 1)
	two.stream(t, "", "", `{"id":2}`)
	unused := plainPDF(t, "", "")
	unused.add("<< /Type /Filespec /F (openbadges.json) /EF << /F 6 0 R >> >>")
	unused.stream(t, "/Type /EmbeddedFile", "", assertion)
	for _, c := range []struct {
		name   string
		file   *pdfMaker
		reason string
	}{
		{"plain", plainPDF(t, "", ""), "no-badge-data"},
		{"encrypted", locked, "pdf-encrypted"},
		{"two different", two, "two-badges"},
		{"removed from the document", unused, "no-badge-data"},
		{"other JSON", attached(t, "(data.json)", "", `{"invoice":1}`), "no-badge-data"},
		{"a picture", attached(t, "(photo.png)", "", string(plainPNG(t, 3))), "no-badge-data"},
		{"no badge by name", attached(t, "(invoice.xml)", "", assertion), "no-badge-data"},
		{"named as a badge", attached(t, "(openbadges.json)", "", "hello"), "not-a-badge-file"},
		{"archive inside", attached(t, "(openbadges.zip)", "", string(archiveOf(t, packed{name: "a.json", body: assertion}))), "bad-payload"},
		{"document inside", attached(t, "(openbadges.pdf)", "", string(attached(t, "(openbadges.json)", "", assertion).file(t, xrefTable))), "bad-payload"},
		{"XMP of another kind", withXMP(t, `<d xmlns:o="x:"><o:openbadges>file:///etc/passwd</o:openbadges></d>`), "bad-payload"},
	} {
		for _, form := range []string{xrefTable, xrefPacked, xrefWrong} {
			_, err := Extract(c.file.file(t, form))
			t.Run(c.name+"/"+form, func(t *testing.T) { wantReason(t, err, c.reason) })
		}
	}
	for filter, reason := range map[string]string{"/LZWDecode": "pdf-damaged", "/JBIG2Decode": "pdf-filter", "/Crypt": "pdf-filter", "/FlateDecode": "pdf-damaged", "[/ASCIIHexDecode/ASCIIHexDecode/ASCIIHexDecode/ASCIIHexDecode/ASCIIHexDecode]": "pdf-filter"} {
		m := attached(t, "(openbadges.json)", "", assertion)
		m.objects[6] = strings.Replace(m.objects[6], "/Length", "/Filter "+filter+" /Length", 1)
		_, err := Extract(m.file(t, xrefTable))
		wantReason(t, err, reason)
	}
	_, err := Extract([]byte("%PDF-1.7\nnothing"))
	wantReason(t, err, "pdf-damaged")
}

// TestHostilePDFs gives files that want to be read for ever.
func TestHostilePDFs(t *testing.T) {
	loop := plainPDF(t, "/AF 1 0 R /Names 5 0 R", "")
	loop.add("<< /EF 5 0 R /F 6 0 R /Metadata 6 0 R /Kids [ 5 0 R 6 0 R ] >>")
	loop.add("6 0 R")
	lengths := plainPDF(t, "/AF [ 5 0 R ]", "")
	for i := range 40 {
		lengths.add("<< /Length %d 0 R /F (openbadges) /EF << /F 5 0 R >> >>\nstream\nx\nendstream", 5+(i+1)%40)
	}
	bomb := attached(t, "(openbadges.json)", "FlateDecode", strings.Repeat(" ", maxPDFStream+1))
	bombs := plainPDF(t, "/AF [ "+manyRefs(5, 60)+" ]", "")
	for i := range 30 {
		bombs.add("<< /F (%d.json) /EF << /F %d 0 R >> >>", i, 35+i)
	}
	for range 30 {
		bombs.stream(t, "", "FlateDecode", strings.Repeat("a", 9<<20))
	}
	wide := plainPDF(t, "/AF ["+strings.Repeat("0 ", maxPDFValues)+"]", "")
	deep := plainPDF(t, "/AF "+strings.Repeat("[", 1<<20), "")
	var same strings.Builder
	same.WriteString("%PDF-1.4\n")
	body := same.Len()
	same.WriteString("1 0 obj\n[" + strings.Repeat("(a)", 60_000) + "1 0 R" + "]\nendobj\n")
	at := same.Len()
	fmt.Fprintf(&same, "xref\n0 100000\n%strailer\n<< /Root 2 0 R >>\nstartxref\n%d\n", strings.Repeat(fmt.Sprintf("%010d 00000 n \n", body), 100_000), at)
	random := make([]byte, 4<<20)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range random {
		random[i] = "0123456789 obj\n<</[]()R"[r.IntN(23)]
	}
	// Twelve object streams, each of many objects or of arrays in arrays.
	packs, arrays := plainPDF(t, "/AF [ "+manyRefs(5, 100)+" ]", ""), plainPDF(t, "/AF [ "+manyRefs(5, 100)+" ]", "")
	for range 12 {
		var head strings.Builder
		for i := range 250_000 {
			fmt.Fprintf(&head, "%d 0 ", 1000+i)
		}
		packs.stream(t, fmt.Sprintf("/Type /ObjStm /N 250000 /First %d", head.Len()), "FlateDecode", head.String()+"null")
		body := "[" + strings.Repeat("[][]", 49_000) + manyRefs(5, 100) + "]"
		arrays.stream(t, "/Type /ObjStm /N 20 /First 400", "FlateDecode", fmt.Sprintf("%-400s", strings.Repeat(fmt.Sprintf("%d 0 ", 5+len(arrays.objects)), 20))+body)
	}
	files := map[string][]byte{
		"packs":             packs.file(t, xrefMissing),
		"arrays":            arrays.file(t, xrefMissing),
		"loop":              loop.file(t, xrefTable),
		"lengths in a ring": lengths.file(t, xrefTable),
		"bomb":              bomb.file(t, xrefTable),
		"many bombs":        bombs.file(t, xrefTable),
		"wide":              wide.file(t, xrefTable),
		"deep":              deep.file(t, xrefTable),
		"one place":         []byte(same.String()),
		"random":            append([]byte("%PDF-1.4\n"), random...),
		"words":             []byte("%PDF-1.4\n" + strings.Repeat("1 0 obj ", 1<<20)),
		"numbers":           []byte("%PDF-1.4\n" + strings.Repeat("1 ", 4<<20) + "obj"),
		"streams":           []byte("%PDF-1.4\n" + strings.Repeat("1 0 obj<</Length 9>>stream\n", 1<<18)),
		"trailers":          []byte("%PDF-1.4\n" + strings.Repeat("trailer<</A(", 1<<19)),
		"updates for ever":  []byte("%PDF-1.4\nxref\n0 0\ntrailer\n<</Prev 9>>\nstartxref\n9\n"),
		"large index":       []byte("%PDF-1.4\n1 0 obj\n<</Type/XRef/W[0 0 0]/Size 999999999/Length 1>>stream\nx\nendstream\nendobj\nstartxref\n9\n"),
		"large row":         []byte("%PDF-1.4\n1 0 obj\n<</Type/XRef/W[1 1 1]/Size 9/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 65536/Colors 32/BitsPerComponent 16>>/Length 8>>stream\n" + deflated(t, "abc") + "\nendstream\nendobj\nstartxref\n9\n"),
	}
	for name, file := range files {
		start := time.Now()
		_, err := Extract(file)
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("%s took %v", name, d)
		} else {
			t.Logf("%s: %v in %v", name, err, d.Round(time.Millisecond))
		}
	}
}

func manyRefs(first, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d 0 R ", first+i)
	}
	return b.String()
}

// TestBrokenPDFs cuts and changes a file; another badge never comes of it.
func TestBrokenPDFs(t *testing.T) {
	for _, form := range []string{xrefTable, xrefPacked} {
		good := attached(t, "(openbadges.json)", "FlateDecode", assertion).file(t, form)
		for i := range good {
			if f, err := Extract(good[:i]); err == nil && string(f.Payload) != assertion {
				t.Fatalf("cut at %d: %q", i, f.Payload)
			}
			bad := bytes.Clone(good)
			bad[i] ^= 0x11
			if f, err := Extract(bad); err == nil && string(f.Payload) != assertion {
				t.Fatalf("byte %d: %q", i, f.Payload)
			}
		}
	}
}

func FuzzExtractPDF(f *testing.F) {
	for _, m := range badgePDFs(f) {
		for _, form := range []string{xrefTable, xrefPacked, xrefBare} {
			f.Add(m.file(f, form))
		}
	}
	for _, name := range encryptedPDFs(f) {
		f.Add(read(f, name))
	}
	f.Add(withLZW(f, 1).file(f, xrefTable))
	f.Fuzz(func(t *testing.T, file []byte) {
		found, err := extractPDF(file)
		if err != nil {
			if reasonOf(err).Reason == "not-readable" {
				t.Errorf("no named reason: %v", err)
			}
			return
		}
		if len(found.Payload) == 0 || found.Carrier != CarrierPDF || printable(found.Keyword) != found.Keyword {
			t.Errorf("found %+v", found)
		}
	})
}

func BenchmarkExtractPDF(b *testing.B) {
	m := attached(b, "(openbadges.json)", "FlateDecode", assertion)
	for range 2000 {
		m.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Widths [ %s ] >>", strings.Repeat("500 ", 40))
	}
	m.objects[2] = strings.Replace(m.objects[2], "/Contents", "/Resources [ "+manyRefs(8, 2000)+"] /Contents", 1)
	file := m.file(b, xrefTable)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := Extract(file); err != nil {
			b.Fatal(err)
		}
	}
}
