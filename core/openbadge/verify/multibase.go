package verify

import (
	"encoding/base64"
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
	var num []byte // big-endian digits of base 256, least significant first
	for _, c := range []byte(s) {
		carry := strings.IndexByte(base58Alphabet, c)
		if carry < 0 {
			return nil, errMultibase
		}
		for i := range num {
			carry += int(num[i]) * 58
			num[i] = byte(carry & 0xff)
			carry >>= 8
		}
		for carry > 0 {
			num = append(num, byte(carry&0xff))
			carry >>= 8
		}
	}
	out := make([]byte, zeros, zeros+len(num))
	for _, digit := range slices.Backward(num) {
		out = append(out, digit)
	}
	return out, nil
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
