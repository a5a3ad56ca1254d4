package verify

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"sync"
	"sync/atomic"

	"filippo.io/edwards25519"
)

// multiples are those of one point, made ready: row i has 1 to 16 times 2^20i times the point, so
// that a multiple is a sum of few of them with few doublings. They fit beside others into a cache.
type multiples [rows][maxDigit]edwards25519.Point

const (
	digitBits = 5
	maxDigit  = 1 << (digitBits - 1)
	passes    = 4  // digits that one row serves
	rows      = 13 // of digits of a scalar, which is below 2^253
)

func multiplesOf(p *edwards25519.Point) *multiples {
	m, base := new(multiples), *p
	for i := range m {
		row := &m[i]
		row[0] = base
		for j := 1; j < len(row); j++ {
			row[j].Add(&row[j-1], &base)
		}
		for range passes {
			shift(&base)
		}
	}
	return m
}

// shift doubles a point as often as a digit has bits.
func shift(p *edwards25519.Point) {
	p.MultByCofactor(p)
	p.Double(p)
	p.Double(p)
}

// add adds a digit times row i.
func (m *multiples) add(sum *edwards25519.Point, i int, digit int8) {
	switch {
	case digit > 0:
		sum.Add(sum, &m[i][digit-1])
	case digit < 0:
		sum.Subtract(sum, &m[i][-digit-1])
	}
}

// addProducts adds [s]P + [t]Q, of the points whose multiples these are, to 0.
func addProducts(sum *edwards25519.Point, p *multiples, s *edwards25519.Scalar, q *multiples, t *edwards25519.Scalar) {
	ofS, ofT := digitsOf(s), digitsOf(t)
	for pass := passes - 1; pass >= 0; pass-- {
		if pass < passes-1 {
			shift(sum)
		}
		for i := range rows {
			p.add(sum, i, ofS[i*passes+pass])
			q.add(sum, i, ofT[i*passes+pass])
		}
	}
}

// digitsOf writes a scalar in digits of -15 to 16, the lowest first.
func digitsOf(s *edwards25519.Scalar) (digits [rows * passes]int8) {
	var text [34]byte // two bytes can be read at each place
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
	usesBefore   = 4   // making the multiples takes as long as one signature
	mostCounted  = 512 // keys
	mostPrepared = 128 // of them with multiples, 33 kB each
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
	addProducts(sum, basePoint(), s, m, k)
	return bytes.Equal(sum.Bytes(), sig[:half])
}
