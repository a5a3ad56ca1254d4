// Package bake reads and writes badges that travel inside other files.
//
// It owns the carriers of a credential: PNG text chunks, the openbadges
// elements of an SVG, attachments and metadata of a PDF, JSON text, a compact
// JWS, a pasted URL, and ZIP archives of these. It has no tables and sends no
// events; it is pure, holds no state and never decodes pixels. core/badge calls
// Extract and ExtractAll for every upload, core/badge and the demo issuer call
// PNG and SVG to give a badge back inside its art.
//
// Specifications: Open Badges 2.0 baking, OB3 §5.3 (document formats), PNG
// third edition §5 and §11.3.3, XML 1.0, ISO 32000-2 (PDF 2.0), ISO 16684-1
// (XMP), APPNOTE 6.3.10 (ZIP).
package bake

import (
	"bytes"
	"errors"
)

// Limits on what is read. All are in bytes.
const (
	MaxFile    = 10 << 20 // a whole uploaded file
	MaxPayload = 5 << 20  // the credential text, also after inflating
	maxURL     = 2048     // a URL given in place of a credential
)

// Carrier says what kind of file a credential came in.
type Carrier string

// The carriers that Extract knows.
const (
	CarrierPNG  Carrier = "png"
	CarrierSVG  Carrier = "svg"
	CarrierPDF  Carrier = "pdf"
	CarrierJSON Carrier = "json"
	CarrierJWS  Carrier = "jws"
	CarrierURL  Carrier = "url"
)

// Found is a credential text and where it was.
type Found struct {
	Carrier Carrier
	// Payload is the credential text exactly as carried: JSON, a compact JWS,
	// or an http(s) URL of a hosted badge.
	Payload []byte
	// Keyword is the PNG keyword, the SVG element name, or the name of the
	// attachment or property of a PDF; empty for bare text.
	Keyword string

	// The rest is set by ExtractAll. Name is the entry of the archive, empty for
	// a file that is none: a label, never a path. File is the whole file that
	// Payload was found in. Err says why an entry gives no Payload.
	Name string
	File []byte
	Err  *Error
}

// Extract finds the one credential that file carries; of a ZIP archive it says
// only that it is one (see ExtractAll). The file's bytes alone
// decide what it is; a name or a media type is never believed. The payload may
// share memory with file. Every failure is an *Error.
func Extract(file []byte) (Found, error) {
	if len(file) > MaxFile {
		return Found{}, &Error{Reason: "too-large"}
	}
	if bytes.HasPrefix(file, pngSignature) {
		return extractPNG(file)
	}
	if isZIP(file) {
		return Found{}, &Error{Reason: "archive"}
	}
	// Text editors add a byte order mark and line ends; neither is part of the credential.
	text := bytes.TrimPrefix(file, utf8BOM)
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 {
		return Found{}, &Error{Reason: "empty-file"}
	}
	if trimmed[0] == '<' {
		return extractSVG(trimmed)
	}
	if inner, ok := unwrapped(trimmed); ok {
		text, trimmed = inner, inner
	}
	switch sniff(text) {
	case formJSON:
		return found(CarrierJSON, "", text)
	case formJWS:
		return found(CarrierJWS, "", trimmed)
	case formURL:
		return found(CarrierURL, "", trimmed)
	}
	if start := pdfStart(file); start >= 0 {
		return extractPDF(file[start:])
	}
	return Found{}, &Error{Reason: "not-a-badge-file"}
}

// Recognises tells by the first bytes of a file, a kilobyte or more where there
// are as many, whether it may be of a kind that ExtractAll reads.
func Recognises(head []byte) bool {
	if bytes.HasPrefix(head, pngSignature) || isZIP(head) || pdfStart(head) >= 0 {
		return true
	}
	text := bytes.TrimSpace(bytes.TrimPrefix(head, utf8BOM))
	if len(text) == 0 {
		return false
	}
	return text[0] == '<' || text[0] == '{' || text[0] == '"' || bytes.HasPrefix(text, []byte("http")) || isBase64URL(text[:min(len(text), 8)])
}

func found(c Carrier, keyword string, payload []byte) (Found, error) {
	if len(payload) > MaxPayload {
		return Found{}, &Error{Reason: "payload-too-large"}
	}
	return Found{Carrier: c, Keyword: keyword, Payload: payload}, nil
}

func reasonOf(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Reason: "not-readable", Detail: err.Error()}
}

// Error is a named reason why a file gives no credential, or why an image
// cannot take one. Reason is a machine name; Detail is a value for the
// sentence and may hold text of the file.
type Error struct{ Reason, Detail string }

// Error implements the error interface.
func (e *Error) Error() string {
	if e.Detail == "" {
		return "bake: " + e.Reason
	}
	return "bake: " + e.Reason + ": " + e.Detail
}
