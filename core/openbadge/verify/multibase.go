package verify

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
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
	var room [maxBase58 * 6 / 64]uint64 // a digit is less than 6 bits
	num := room[:0]                     // base 2^64, least significant first
	for from := 0; from < len(s); from += base58Group {
		carry, radix, ok := base58Value(s[from:min(from+base58Group, len(s))])
		if !ok {
			return nil, errMultibase
		}
		for i, limb := range num {
			high, low := bits.Mul64(limb, radix)
			low, over := bits.Add64(low, carry, 0)
			num[i], carry = low, high+over
		}
		if carry > 0 {
			num = append(num, carry)
		}
	}
	out := make([]byte, zeros, zeros+8*len(num))
	for i, limb := range slices.Backward(num) {
		if i == len(num)-1 {
			var first [8]byte
			binary.BigEndian.PutUint64(first[:], limb)
			out = append(out, bytes.TrimLeft(first[:], "\x00")...)
		} else {
			out = binary.BigEndian.AppendUint64(out, limb)
		}
	}
	return out, nil
}

// base58Group is how many digits fit into 64 bits.
const base58Group = 10

// base58Digit is the value of each digit and one, 0 for what is no digit.
var base58Digit = func() (values [256]byte) {
	for i := range len(base58Alphabet) {
		values[base58Alphabet[i]] = byte(i + 1)
	}
	return values
}()

// base58Value reads some digits as one number; radix is one above the greatest of that many.
func base58Value(digits string) (value, radix uint64, ok bool) {
	radix = 1
	for i := range len(digits) {
		d := base58Digit[digits[i]]
		if d == 0 {
			return 0, 0, false
		}
		value = value*58 + uint64(d-1)
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
		b, err := strictURL.DecodeString(s[1:])
		if err != nil {
			return nil, errMultibase
		}
		return b, nil
	}
	return nil, errMultibase
}
