package verify

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"sync"
	"sync/atomic"

	"filippo.io/edwards25519"
)

// multiples are those of one point, made ready for a sum of few additions and no doubling: row
// i has 1 to 16 times 32^i times the point.
type multiples [scalarDigits][maxDigit]edwards25519.Point

const (
	digitBits    = 5
	maxDigit     = 1 << (digitBits - 1)
	scalarDigits = 51 // of a scalar, which is below 2^253
)

func multiplesOf(p *edwards25519.Point) *multiples {
	m, base := new(multiples), *p
	for i := range m {
		row := &m[i]
		row[0] = base
		for j := 1; j < len(row); j++ {
			row[j].Add(&row[j-1], &base)
		}
		base.Add(&row[maxDigit-1], &row[maxDigit-1])
	}
	return m
}

// addTo adds s times the point to sum.
func (m *multiples) addTo(sum *edwards25519.Point, s *edwards25519.Scalar) {
	for i, d := range digitsOf(s) {
		switch {
		case d > 0:
			sum.Add(sum, &m[i][d-1])
		case d < 0:
			sum.Subtract(sum, &m[i][-d-1])
		}
	}
}

// digitsOf writes a scalar in digits of -15 to 16, the lowest first.
func digitsOf(s *edwards25519.Scalar) (digits [scalarDigits]int8) {
	var text [33]byte // two bytes can be read at each place
	copy(text[:], s.Bytes())
	carry := int8(0)
	for i := range digits {
		at := i * digitBits
		two := uint(text[at/8]) | uint(text[at/8+1])<<8
		d := int8(two>>(at%8)&(2*maxDigit-1)) + carry
		if carry = 0; d > maxDigit {
			d, carry = d-2*maxDigit, 1
		}
		digits[i] = d
	}
	return digits
}

// basePoint are the multiples of B (RFC 8032 §5.1).
var basePoint = sync.OnceValue(func() *multiples { return multiplesOf(edwards25519.NewGeneratorPoint()) })

// readyEd25519 is a key whose multiples are made when it has been used a few times: an issuer
// has one key and many badges.
type readyEd25519 struct {
	uses  int                       // guarded by readyKeys.mu
	minus atomic.Pointer[multiples] // of -A
}

const (
	usesBefore   = 8   // as many signatures as take twice the time of making the multiples
	mostCounted  = 512 // keys
	mostPrepared = 32  // of them with multiples, 131 kB each
)

// readyKeys keeps keys by their bytes. It is bounded: when it is full it begins anew. It is safe
// for concurrent use.
type readyKeys struct {
	mu       sync.Mutex
	keys     map[[ed25519.PublicKeySize]byte]*readyEd25519
	prepared int
}

// ed25519Keys are the keys seen last, whatever document they stand in.
var ed25519Keys readyKeys

// multiplesFor counts a use of a key and gives its multiples, nil while they are not worth it.
func (r *readyKeys) multiplesFor(pub ed25519.PublicKey) *multiples {
	k, due := r.use([ed25519.PublicKeySize]byte(pub))
	if !due {
		return k.minus.Load()
	}
	a, err := new(edwards25519.Point).SetBytes(pub)
	if err != nil {
		return nil
	}
	m := multiplesOf(a.Negate(a))
	k.minus.Store(m)
	return m
}

// use counts, and says whether the multiples are due now.
func (r *readyKeys) use(pub [ed25519.PublicKeySize]byte) (k *readyEd25519, due bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k = r.keys[pub]; k == nil {
		k = new(readyEd25519)
	}
	k.uses = min(k.uses+1, usesBefore+1)
	if due = k.uses == usesBefore; due {
		r.prepared++
	}
	if r.keys == nil || r.keys[pub] == nil && len(r.keys) >= mostCounted || r.prepared > mostPrepared {
		r.keys, r.prepared = make(map[[ed25519.PublicKeySize]byte]*readyEd25519), min(r.prepared, 1)
	}
	r.keys[pub] = k
	return k, due
}

// verifyEd25519 checks a signature as crypto/ed25519 does (RFC 8032 §5.1.7, without the
// cofactor), which computes the multiples anew for each signature: nine tenths of its work. What the
// multiples at hand do not prove is asked of it.
func verifyEd25519(pub ed25519.PublicKey, message, sig []byte) bool {
	if len(pub) != ed25519.PublicKeySize || len(sig) != ed25519.SignatureSize {
		return false
	}
	if m := ed25519Keys.multiplesFor(pub); m != nil && m.prove(pub, message, sig) {
		return true
	}
	return ed25519.Verify(pub, message, sig)
}

// prove reports whether R is [S]B - [k]A, of whose -A these are the multiples.
func (m *multiples) prove(pub ed25519.PublicKey, message, sig []byte) bool {
	const half = ed25519.SignatureSize / 2
	var room [sha512.Size]byte
	h := sha512.New()
	h.Write(sig[:half])
	h.Write(pub)
	h.Write(message)
	k, err := new(edwards25519.Scalar).SetUniformBytes(h.Sum(room[:0]))
	if err != nil {
		return false
	}
	s, err := new(edwards25519.Scalar).SetCanonicalBytes(sig[half:])
	if err != nil {
		return false
	}
	sum := edwards25519.NewIdentityPoint()
	basePoint().addTo(sum, s)
	m.addTo(sum, k)
	return bytes.Equal(sum.Bytes(), sig[:half])
}
