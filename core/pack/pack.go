// Package pack keeps the texts of badges small: credentials and the reports of their
// checks. What comes out is, byte for byte, what went in.
//
// A credential is cut in two. What it says of its issuer and its class stands in
// many others in the same words: that is its part, which the caller keeps once for
// all credentials that share it. The rest, its own, is compressed with S2 by a
// dictionary of the words that credentials and reports are made of: a tenth larger
// than with Zstandard, in a quarter of the time, which imports have to pay.
// A compact JWS (RFC 7515 §7.1) is cut and compressed as the JSON inside.
//
// It owns no table: core/badge keeps what it gives.
package pack

import (
	"errors"
	"fmt"
)

// mark begins what is packed: no JSON text and no compact JWS begins with it.
const mark = 0x01

// ErrBroken is returned for bytes that Pack and Text did not give.
var ErrBroken = errors.New("not packed by this program")

// Packed is a credential in two pieces.
type Packed struct {
	Own  []byte // of this credential alone
	Part []byte // shared with others of its class, itself packed; nil for none
}

// Pack packs a credential.
func Pack(credential []byte) Packed {
	own, part := Cut(credential)
	p := Packed{Own: squeeze(own)}
	if len(part) > 0 {
		p.Part = Text(part)
	}
	return p
}

// Unpack gives a credential back. Own may also be bytes that were never packed,
// which it gives as they are. It returns ErrBroken, wrapped, for others.
func (p Packed) Unpack() ([]byte, error) {
	if !IsPacked(p.Own) {
		return p.Own, nil
	}
	own, err := expand(p.Own)
	if err != nil {
		return nil, fmt.Errorf("unpack a credential: %w", err)
	}
	var part []byte
	if len(p.Part) > 0 {
		if part, err = Untext(p.Part); err != nil {
			return nil, fmt.Errorf("unpack a credential: %w", err)
		}
	}
	return join(own, part)
}

// Text packs a text that shares nothing with others.
func Text(text []byte) []byte { return squeeze(text) }

// Untext gives back what Text packed; see Packed.Unpack.
func Untext(packed []byte) ([]byte, error) {
	if !IsPacked(packed) {
		return packed, nil
	}
	return expand(packed)
}

// IsPacked tells what was packed from JSON and tokens as they are.
func IsPacked(b []byte) bool { return len(b) > 0 && b[0] == mark }
