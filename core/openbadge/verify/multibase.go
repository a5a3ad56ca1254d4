package verify

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
)

var errMultibase = errors.New("bad multibase")

const base58Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// maxBase58 bounds the text, since decoding takes quadratic time.
const maxBase58 = 1024

// decodeBase58 reads base58btc (Controlled Identifiers §2.4 "Multibase").
func decodeBase58(s string) ([]byte, error) {
	if len(s) == 0 || len(s) > maxBase58 {
		return nil, errMultibase
	}
	zeros := len(s) - len(strings.TrimLeft(s, "1"))
	var room [maxBase58 * 6 / 32]uint32 // a digit is less than 6 bits
	num := room[:0]                     // base 2^32, least significant first
	for from := 0; from < len(s); from += base58Group {
		carry, radix, ok := base58Value(s[from:min(from+base58Group, len(s))])
		if !ok {
			return nil, errMultibase
		}
		for i, limb := range num {
			carry += uint64(limb) * radix
			num[i] = uint32(carry) //nolint:gosec // G115: the low half
			carry >>= 32
		}
		if carry > 0 {
			num = append(num, uint32(carry))
		}
	}
	out := make([]byte, zeros, zeros+4*len(num))
	for i, limb := range slices.Backward(num) {
		if i == len(num)-1 {
			out = append(out, bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, limb), "\x00")...)
		} else {
			out = binary.BigEndian.AppendUint32(out, limb)
		}
	}
	return out, nil
}

// base58Group is how many digits fit into 32 bits.
const base58Group = 5

// base58Value reads some digits as one number; radix is one above the greatest of that many.
func base58Value(digits string) (value, radix uint64, ok bool) {
	radix = 1
	for i := range len(digits) {
		d := strings.IndexByte(base58Alphabet, digits[i])
		if d < 0 {
			return 0, 0, false
		}
		value = value*58 + uint64(d)
		radix *= 58
	}
	return value, radix, true
}

// decodeMultibase reads the two encodings that proofs and keys use: base58btc and base64url
// without padding.
func decodeMultibase(s string) ([]byte, error) {
	if s == "" {
		return nil, errMultibase
	}
	switch s[0] {
	case 'z':
		return decodeBase58(s[1:])
	case 'u':
		b, err := base64.RawURLEncoding.Strict().DecodeString(s[1:])
		if err != nil {
			return nil, errMultibase
		}
		return b, nil
	}
	return nil, errMultibase
}
