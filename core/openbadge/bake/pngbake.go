package bake

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"unicode/utf8"
)

// PNG bakes payload into a PNG as the Open Badges version asks: "0.5" to
// "2.1" under the keyword openbadges, "3.0" under openbadgecredential (OB3
// §5.3.1.1), "clr-2.0" under clrcredential, as an uncompressed iTXt chunk right
// after the header. A version
// 0.5 URL goes into tEXt, as its readers expect. Earlier badges in the image,
// and bytes after its end, are dropped. Errors are *Error: "not-a-png",
// "bad-payload", "unknown-version", or what Extract says of a broken PNG.
func PNG(image []byte, version string, payload []byte) ([]byte, error) {
	if !bytes.HasPrefix(image, pngSignature) {
		return nil, &Error{Reason: "not-a-png"}
	}
	text, err := textChunk(version, payload)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(image)+len(text))
	out = append(out, pngSignature...)
	err = walkPNG(image, func(c chunk) error {
		if _, badge := textKeyword(c); badge {
			return nil
		}
		out = append(out, c.raw...)
		if c.kind == "IHDR" {
			out = append(out, text...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Bare writes a PNG to w without the badges in it and without what follows its end:
// the same for all badges that a picture was baked with. The first error is that of
// w, or an *Error as of PNG; part of the picture may be written then.
func Bare(w io.Writer, image []byte) error {
	if !bytes.HasPrefix(image, pngSignature) {
		return &Error{Reason: "not-a-png"}
	}
	if _, err := w.Write(pngSignature); err != nil {
		return err
	}
	return walkPNG(image, func(c chunk) error {
		if _, badge := textKeyword(c); badge {
			return nil
		}
		_, err := w.Write(c.raw)
		return err
	})
}

func textChunk(version string, payload []byte) ([]byte, error) {
	st, err := styleOf(version)
	if err != nil {
		return nil, err
	}
	f := sniff(payload)
	if f == formNone || !utf8.Valid(payload) || bytes.IndexByte(payload, 0) >= 0 || len(payload) > MaxPayload {
		return nil, &Error{Reason: "bad-payload"}
	}
	if version == "0.5" && f == formURL {
		return appendChunk("tEXt", []byte(st.keyword+"\x00"), payload), nil
	}
	return appendChunk("iTXt", []byte(st.keyword+"\x00\x00\x00\x00\x00"), payload), nil
}

func appendChunk(kind string, head, body []byte) []byte {
	out := make([]byte, 0, 12+len(head)+len(body))
	out = binary.BigEndian.AppendUint32(out, uint32(len(head)+len(body))) //nolint:gosec // the payload is capped at MaxPayload
	out = append(out, kind...)
	out = append(out, head...)
	out = append(out, body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}
