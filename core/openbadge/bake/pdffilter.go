package bake

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"errors"
	"io"
)

// maxPDFStream is how many bytes one stream may unpack to.
const maxPDFStream = 16 << 20

// errPDFFilter says that a stream is packed in a way that is not known here.
var errPDFFilter = errors.New("pdf filter")

// unpack undoes the filters of a stream (ISO 32000-2 §7.4): Flate and LZW with
// the PNG predictors, ASCIIHex, ASCII85, and Crypt where it leaves the bytes as they are.
// Others are errPDFFilter.
func (p *pdfFile) unpack(s pdfStream) ([]byte, error) {
	filters, parameters := list(p.direct(s.dict.get("Filter"))), list(p.direct(s.dict.get("DecodeParms")))
	if len(filters) > 4 {
		return nil, errPDFFilter
	}
	data := s.raw
	for i, f := range filters {
		var parms pdfDict
		if i < len(parameters) {
			parms, _ = p.direct(parameters[i]).(pdfDict)
		}
		name, _ := p.direct(f).(pdfName)
		var err error
		if data, err = p.filter(name, parms, data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// list gives the members of an array, or one value as an array of itself.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

func (p *pdfFile) filter(name pdfName, parms pdfDict, data []byte) ([]byte, error) {
	switch name {
	case "FlateDecode", "Fl":
		out, err := p.inflate(data)
		if err != nil {
			return nil, err
		}
		return p.predict(parms, out)
	case "LZWDecode", "LZW":
		out, err := p.spent(unLZW(data, p.number(parms.get("EarlyChange"), 1), min(maxPDFStream, max(p.work, 0))))
		if err != nil {
			return nil, err
		}
		return p.predict(parms, out)
	case "Crypt":
		if name, ok := p.direct(parms.get("Name")).(pdfName); p.crypt != nil && (!ok || name == "Identity") {
			return data, nil
		}
		return nil, errPDFFilter
	case "ASCIIHexDecode", "AHx":
		if end := bytes.IndexByte(data, '>'); end >= 0 {
			data = data[:end]
		}
		return p.spent(fromHex(data))
	case "ASCII85Decode", "A85":
		return p.spent(fromASCII85(data))
	default:
		return nil, errPDFFilter
	}
}

// spent counts what a filter gave.
func (p *pdfFile) spent(out []byte, err error) ([]byte, error) {
	return out, errors.Join(err, p.spend(len(out)))
}

func fromASCII85(data []byte) ([]byte, error) {
	data = bytes.TrimPrefix(bytes.TrimSpace(data), []byte("<~"))
	if end := bytes.Index(data, []byte("~>")); end >= 0 {
		data = data[:end]
	}
	out, err := io.ReadAll(io.LimitReader(ascii85.NewDecoder(bytes.NewReader(data)), maxPDFStream+1))
	if err != nil {
		return nil, errPDFSyntax
	}
	return out, nil
}

// inflate undoes zlib compression within the limits of a stream and of the file.
func (p *pdfFile) inflate(data []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, errPDFSyntax
	}
	limit := int64(min(maxPDFStream, p.work))
	var out bytes.Buffer
	n, err := io.CopyN(&out, r, limit+1)
	if err := p.spend(int(n)); err != nil {
		return nil, err
	}
	switch {
	case errors.Is(err, io.EOF):
		return out.Bytes(), nil
	case err != nil:
		return nil, errPDFSyntax
	default:
		return nil, &Error{Reason: "pdf-complex"}
	}
}

// predict undoes the PNG predictors (§7.4.4.4), which cross-reference streams use.
func (p *pdfFile) predict(parms pdfDict, data []byte) ([]byte, error) {
	predictor := p.number(parms.get("Predictor"), 1)
	if predictor == 1 {
		return data, nil
	}
	columns, colors, bits := p.number(parms.get("Columns"), 1), p.number(parms.get("Colors"), 1), p.number(parms.get("BitsPerComponent"), 8)
	if predictor < 10 || columns < 1 || colors < 1 || bits < 1 || columns > 1<<16 || colors > 32 || bits > 16 {
		return nil, errPDFFilter
	}
	pixel, row := max(colors*bits/8, 1), (columns*colors*bits+7)/8
	out := make([]byte, 0, len(data)) // never grows, so that rows stay in place
	above := make([]byte, row)
	for len(data) > 1 {
		n := min(row, len(data)-1)
		out = append(out, data[1:n+1]...)
		line := out[len(out)-n:]
		if err := unfilter(data[0], line, above, pixel); err != nil {
			return nil, err
		}
		above, data = line, data[n+1:]
	}
	return out, nil
}

// unfilter undoes one PNG row filter in place (PNG third edition §9).
func unfilter(kind byte, line, above []byte, pixel int) error {
	for i := range line {
		var left, corner byte
		if i >= pixel {
			left, corner = line[i-pixel], above[i-pixel]
		}
		switch kind {
		case 0:
			return nil
		case 1:
			line[i] += left
		case 2:
			line[i] += above[i]
		case 3:
			line[i] += byte((int(left) + int(above[i])) / 2) //nolint:gosec // the mean of two bytes is one
		case 4:
			line[i] += paeth(left, above[i], corner)
		default:
			return errPDFSyntax
		}
	}
	return nil
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	da, db, dc := distance(p, a), distance(p, b), distance(p, c)
	switch {
	case da <= db && da <= dc:
		return a
	case db <= dc:
		return b
	default:
		return c
	}
}

func distance(p int, x byte) int { return max(p-int(x), int(x)-p) }
