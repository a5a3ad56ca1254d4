package bake

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"unicode/utf8"
)

// isKeyword tells the PNG keywords that carry a badge. "openbadge" is a common slip.
func isKeyword(s string) bool {
	return s == style2.keyword || s == style3.keyword || s == styleCLR.keyword || s == "openbadge"
}

// extractPNG reads the badge of a PNG. Several chunks with the same text are
// one badge (OB2 baking: the first one wins); different texts are refused,
// because two readers could disagree on which badge it is.
func extractPNG(file []byte) (Found, error) {
	var first *Found
	err := walkPNG(file, func(c chunk) error {
		keyword, ok := textKeyword(c)
		if !ok {
			return nil
		}
		text, err := chunkText(c, keyword)
		if err != nil {
			return err
		}
		f, err := carried(CarrierPNG, keyword, text)
		switch {
		case err != nil:
			return err
		case first == nil:
			first = &f
		case !bytes.Equal(first.Payload, f.Payload):
			return &Error{Reason: "two-badges"}
		}
		return nil
	})
	if err != nil {
		return Found{}, err
	}
	if first == nil {
		return Found{}, &Error{Reason: "no-badge-data"}
	}
	return *first, nil
}

// textKeyword tells a text chunk with one of our keywords (case matters).
func textKeyword(c chunk) (string, bool) {
	if c.kind != "iTXt" && c.kind != "tEXt" && c.kind != "zTXt" {
		return "", false
	}
	keyword, _, ok := bytes.Cut(c.data[:min(len(c.data), 80)], []byte{0})
	if !ok || !isKeyword(string(keyword)) {
		return "", false
	}
	return string(keyword), true
}

// chunkText gives the text of a text chunk as UTF-8 (PNG §11.3.3).
func chunkText(c chunk, keyword string) ([]byte, error) {
	body := c.data[len(keyword)+1:]
	switch c.kind {
	case "tEXt":
		return utf8Text(body), nil
	case "zTXt":
		if len(body) < 1 || body[0] != 0 {
			return nil, &Error{Reason: "png-text", Detail: c.kind}
		}
		text, err := inflate(body[1:])
		return utf8Text(text), err
	default:
		return internationalText(body)
	}
}

// internationalText reads an iTXt body: compression flag and method, language
// tag, translated keyword, text. Some tools left all but the text away; it can
// be told, as no text begins with a flag.
func internationalText(body []byte) ([]byte, error) {
	if sniff(bytes.TrimPrefix(body, utf8BOM)) != formNone {
		return body, nil
	}
	malformed := &Error{Reason: "png-text", Detail: "iTXt"}
	if len(body) < 2 || body[0] > 1 || body[1] != 0 {
		return nil, malformed
	}
	_, rest, ok := bytes.Cut(body[2:], []byte{0})
	if !ok {
		return nil, malformed
	}
	_, text, ok := bytes.Cut(rest, []byte{0})
	switch {
	case !ok:
		return nil, malformed
	case body[0] == 1:
		return inflate(text)
	default:
		return text, nil
	}
}

// inflate undoes zlib compression and stops at MaxPayload.
func inflate(b []byte) ([]byte, error) {
	if len(b) > 1 && b[1]&0x20 != 0 { // FDICT: PNG §10.1 knows no preset dictionary
		return nil, &Error{Reason: "png-deflate"}
	}
	r, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, &Error{Reason: "png-deflate", Detail: err.Error()}
	}
	var out bytes.Buffer
	_, err = io.CopyN(&out, r, MaxPayload+1)
	switch {
	case errors.Is(err, io.EOF):
		return out.Bytes(), nil
	case err != nil:
		return nil, &Error{Reason: "png-deflate", Detail: err.Error()}
	default:
		return nil, &Error{Reason: "payload-too-large"}
	}
}

// utf8Text reads Latin-1, the encoding of tEXt and zTXt, as UTF-8. Writers
// that put UTF-8 there against the rule are understood.
func utf8Text(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	out := make([]byte, 0, len(b)+len(b)/8)
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}
