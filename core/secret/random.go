// Package secret makes random ids and tokens, and holds the key of a passport:
// sealing of stored secrets and message authentication codes.
//
// It owns the file osier.key in the data folder and no table. All randomness is
// crypto/rand. Every feature that hands out an id, a link or a token calls it.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

const (
	alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	idLength = 22 // log2(62^22) = 130.99 bits
)

// ID makes a public id: 22 letters and digits, more than 128 random bits.
func ID() string {
	const fair = 256 - 256%len(alphabet) // bytes above would favour the first letters
	out := make([]byte, 0, idLength)
	var buf [2 * idLength]byte
	for len(out) < idLength {
		rand.Read(buf[:])
		for _, b := range buf {
			if int(b) < fair && len(out) < idLength {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// IsID reports whether s has the form of a public id. It says nothing about
// whether such a thing exists.
func IsID(s string) bool {
	if len(s) != idLength {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// Token makes a secret for links and cookies: 43 characters of base64url, 256
// random bits. Only its Hash is stored.
func Token() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Hash is the stored form of a token: SHA-256. That is enough for what Token
// makes; passwords need more (account).
func Hash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// LinkMark stands for a link that ended: an id with the hash of what opened it. Nobody
// makes it without the link.
func LinkMark(id, token string) string {
	return id + "." + base64.RawURLEncoding.EncodeToString(Hash(token))
}
