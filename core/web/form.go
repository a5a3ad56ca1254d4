package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/osier-passport/osier/core/fault"
)

// Caps of a form.
const (
	maxFields    = 200
	maxFieldName = 100     // bytes
	maxField     = 1 << 20 // bytes of one value; a pasted badge is the longest
	maxBoundary  = 70      // RFC 2046 §5.1.1
	maxFileName  = 200     // characters
)

// File is one uploaded file.
type File struct {
	Name string // its last part, printable; say it back, never use it as a path
	Data []byte
}

// Form is the decoded body of a request. Values are UTF-8 without NUL.
type Form struct {
	values map[string][]string
	files  map[string][]File
}

// decoder fills a Form.
type decoder struct {
	Form
	count int // of fields and files
}

func newDecoder() *decoder {
	return &decoder{Form: Form{values: make(map[string][]string), files: make(map[string][]File)}}
}

// Get is the first value of name, or "".
func (f Form) Get(name string) string {
	if v := f.values[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// All is every value of name, in order.
func (f Form) All(name string) []string { return f.values[name] }

// Has reports whether name was sent, even if empty.
func (f Form) Has(name string) bool { return len(f.values[name]) > 0 }

// File is the uploaded file of name, the first of several. A file field left
// empty is not there.
func (f Form) File(name string) (File, bool) {
	if list := f.files[name]; len(list) > 0 {
		return list[0], true
	}
	return File{}, false
}

// Files is every uploaded file of name, in order.
func (f Form) Files(name string) []File { return f.files[name] }

// only is the value of name when it was sent exactly once.
func (f Form) only(name string) string {
	if v := f.values[name]; len(v) == 1 {
		return v[0]
	}
	return ""
}

// Form decodes the body as application/x-www-form-urlencoded or
// multipart/form-data, from the raw bytes and with caps on all of it. It returns
// Malformed for a body that cannot be read, TooLarge past a cap and Unsupported
// for any other content type.
func (c *Ctx) Form() (Form, error) {
	if c.form == nil {
		d := newDecoder()
		c.formErr = d.decode(c.f.Get(fiber.HeaderContentType), c.f.Request().Body())
		c.form = &d.Form
	}
	return *c.form, c.formErr
}

func (d *decoder) decode(contentType string, body []byte) error {
	if contentType == "" && len(body) == 0 {
		return nil
	}
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fault.New(fault.Unsupported, "web.type").Wrap(err)
	}
	switch kind {
	case fiber.MIMEApplicationForm:
		return d.decodeURL(string(body))
	case fiber.MIMEMultipartForm:
		boundary := params["boundary"]
		if boundary == "" || len(boundary) > maxBoundary {
			return fault.New(fault.Malformed, "web.form")
		}
		if !bytes.Contains(body, []byte("--"+boundary+"--")) { // cut short on its way
			return fault.New(fault.Malformed, "web.form")
		}
		return d.decodeParts(multipart.NewReader(bytes.NewReader(body), boundary))
	}
	return fault.New(fault.Unsupported, "web.type")
}

func (d *decoder) decodeURL(body string) error {
	if strings.Count(body, "&") >= maxFields {
		return tooManyFields()
	}
	for pair := range strings.SplitSeq(body, "&") {
		if pair == "" {
			continue
		}
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			return fault.New(fault.Malformed, "web.form").Wrap(err)
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return fault.New(fault.Malformed, "web.form").Wrap(err)
		}
		if err := d.add(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) decodeParts(r *multipart.Reader) error {
	for {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.New(fault.Malformed, "web.form").Wrap(err)
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return fault.New(fault.Malformed, "web.form").Wrap(err)
		}
		if err := d.addPart(part, data); err != nil {
			return err
		}
	}
}

func (d *decoder) addPart(part *multipart.Part, data []byte) error {
	name := part.FormName()
	if _, params, err := mime.ParseMediaType(part.Header.Get(fiber.HeaderContentDisposition)); err != nil || params["name"] == "" {
		return fault.New(fault.Malformed, "web.form")
	} else if _, isFile := params["filename"]; !isFile {
		return d.add(name, string(data))
	}
	if err := d.checkName(name); err != nil {
		return err
	}
	if part.FileName() == "" && len(data) == 0 {
		return nil
	}
	d.files[name] = append(d.files[name], File{Name: fileName(part.FileName()), Data: data})
	return nil
}

func (d *decoder) add(name, value string) error {
	if err := d.checkName(name); err != nil {
		return err
	}
	if len(value) > maxField {
		return fault.New(fault.TooLarge, "web.field_size")
	}
	if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
		return fault.New(fault.Malformed, "web.form")
	}
	d.values[name] = append(d.values[name], value)
	return nil
}

func (d *decoder) checkName(name string) error {
	if d.count++; d.count > maxFields {
		return tooManyFields()
	}
	if name == "" || len(name) > maxFieldName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return fault.New(fault.Malformed, "web.form")
	}
	return nil
}

func tooManyFields() error { return fault.New(fault.TooLarge, "web.form_size").With("max", "200") }

// fileName is the last part of a name as any system writes paths.
func fileName(s string) string {
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	return printable(s, maxFileName)
}
