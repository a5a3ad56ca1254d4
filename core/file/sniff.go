package file

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/osier-passport/osier/core/fault"
)

// Kind is a type of files that is taken in.
type Kind struct {
	Type string   // media type
	Ends []string // of names, the first is given to one without
	Key  string   // file.kind.<Key>
}

// IsImage reports whether it is a picture.
func (k Kind) IsImage() bool { return strings.HasPrefix(k.Type, "image/") }

const ooxml = "application/vnd.openxmlformats-officedocument."

// Kinds lists what is taken in. What can hold a program for its reader is left
// out: HTML, SVG, office formats with macros and the old ones (OLE), in which
// nobody sees whether there are any.
func Kinds() []Kind {
	return []Kind{
		{"image/png", []string{".png"}, "image"},
		{"image/jpeg", []string{".jpg", ".jpeg"}, "image"},
		{"image/gif", []string{".gif"}, "image"},
		{"image/webp", []string{".webp"}, "image"},
		{"application/pdf", []string{".pdf"}, "pdf"},
		{"text/plain", []string{".txt", ".md", ".csv"}, "text"},
		{ooxml + "wordprocessingml.document", []string{".docx"}, "document"},
		{ooxml + "spreadsheetml.sheet", []string{".xlsx"}, "sheet"},
		{ooxml + "presentationml.presentation", []string{".pptx"}, "slides"},
		{"application/vnd.oasis.opendocument.text", []string{".odt"}, "document"},
		{"application/vnd.oasis.opendocument.spreadsheet", []string{".ods"}, "sheet"},
		{"application/vnd.oasis.opendocument.presentation", []string{".odp"}, "slides"},
	}
}

// kindOf gives the kind of a media type, the zero Kind for one that is not taken.
func kindOf(mime string) Kind {
	i := slices.IndexFunc(Kinds(), func(k Kind) bool { return k.Type == mime })
	if i < 0 {
		return Kind{}
	}
	return Kinds()[i]
}

// Sniff tells what a file is, by its bytes. It returns a fault Invalid for what is
// not taken in.
func Sniff(data []byte) (Kind, error) {
	var mime string
	switch {
	case len(data) == 0:
		return Kind{}, fault.New(fault.Invalid, "file.error.empty")
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		mime = "image/png"
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		mime = "image/jpeg"
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		mime = "image/gif"
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		mime = "image/webp"
	case bytes.HasPrefix(data, []byte("%PDF-")) && bytes.Contains(data[max(0, len(data)-2048):], []byte("%%EOF")):
		mime = "application/pdf"
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return sniffZip(data)
	case isText(data):
		mime = "text/plain"
	default:
		return Kind{}, errType()
	}
	return kindOf(mime), nil
}

func errType() error { return fault.New(fault.Invalid, "file.error.type") }

// isText takes UTF-8 without control characters that does not begin as markup: a
// browser that is wrong about it must not find a page.
func isText(data []byte) bool {
	if !utf8.Valid(data) {
		return false
	}
	for _, c := range data {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' || c == 0x7f {
			return false
		}
	}
	head := strings.TrimLeft(strings.TrimPrefix(string(data[:min(len(data), 2048)]), "\ufeff"), " \t\r\n\f")
	return !strings.HasPrefix(head, "<") && !strings.HasPrefix(head, "%!")
}

// Limits of the archives that office documents are.
const (
	maxEntries = 5000
	maxTypes   = 1 << 20 // bytes of the list of content types
)

// sniffZip tells office documents by what they say that they hold, in the place
// that their standards have for it (ODF 1.3 part 2 §3.3, ECMA-376 part 2 §7.2.3).
// Nothing else of them is unpacked.
func sniffZip(data []byte) (Kind, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) == 0 || len(z.File) > maxEntries {
		return Kind{}, errType()
	}
	var types *zip.File
	for _, f := range z.File {
		switch {
		case isProgram(f.Name):
			return Kind{}, fault.New(fault.Invalid, "file.error.macro")
		case f.Name == "[Content_Types].xml":
			types = f
		}
	}
	if types != nil {
		return officeKind(types)
	}
	return openKind(z.File[0])
}

// isProgram tells the parts of a document that run: macros of Office, scripts and
// Basic of LibreOffice.
func isProgram(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(path.Base(name), "vbaproject") || strings.HasPrefix(name, "basic/") || strings.HasPrefix(name, "scripts/") ||
		strings.Contains(name, "/activex/")
}

func openKind(first *zip.File) (Kind, error) {
	if first.Name != "mimetype" || first.Method != zip.Store || first.UncompressedSize64 > 100 {
		return Kind{}, errType()
	}
	text, err := unpack(first, 100)
	if err != nil || !strings.HasPrefix(string(text), "application/vnd.oasis.opendocument.") {
		return Kind{}, errType()
	}
	return known(string(text))
}

func officeKind(list *zip.File) (Kind, error) {
	text, err := unpack(list, maxTypes)
	if err != nil {
		return Kind{}, errType()
	}
	var types struct {
		Overrides []struct {
			Type string `xml:"ContentType,attr"`
		} `xml:"Override"`
	}
	if xml.Unmarshal(text, &types) != nil {
		return Kind{}, errType()
	}
	for _, o := range types.Overrides {
		if strings.Contains(strings.ToLower(o.Type), "macroenabled") {
			return Kind{}, fault.New(fault.Invalid, "file.error.macro")
		}
	}
	for _, o := range types.Overrides {
		if main, ok := strings.CutSuffix(o.Type, ".main+xml"); ok && strings.HasPrefix(main, ooxml) {
			return known(main)
		}
	}
	return Kind{}, errType()
}

func known(mime string) (Kind, error) {
	k := kindOf(mime)
	if k.Type == "" || k.IsImage() {
		return Kind{}, errType()
	}
	return k, nil
}

var errLarge = errors.New("more than it may hold")

// unpack reads an entry of an archive, at most limit bytes.
func unpack(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err = errors.Join(err, r.Close()); err == nil && int64(len(data)) > limit {
		err = errLarge
	}
	return data, err
}
