package verify

import (
	"bytes"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

// inBase58 writes base58btc by long division.
func inBase58(b []byte) string {
	n, radix, digit := new(big.Int).SetBytes(b), big.NewInt(58), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, radix, digit)
		out = append([]byte{base58Alphabet[digit.Int64()]}, out...)
	}
	zeros := len(b) - len(bytes.TrimLeft(b, "\x00"))
	return strings.Repeat("1", zeros) + string(out)
}

func TestBase58OfEveryLength(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	for size := 1; size < 740; size++ {
		b := make([]byte, size)
		for i := size / 9; i < size; i++ {
			b[i] = byte(r.Uint32())
		}
		if got, err := decodeBase58(inBase58(b)); err != nil || !bytes.Equal(got, b) {
			t.Fatalf("%x: %v, %x", b, err, got)
		}
	}
	if b, err := decodeBase58(strings.Repeat("z", maxBase58)); err != nil || inBase58(b) != strings.Repeat("z", maxBase58) {
		t.Errorf("the longest text: %v, %d bytes", err, len(b))
	}
	for _, s := range []string{"", "0", "111O", "abcdefl", "é", strings.Repeat("1", maxBase58+1)} {
		if b, err := decodeBase58(s); err == nil {
			t.Errorf("%q: %x", s, b)
		}
	}
}

// FuzzMultibase: what is read is what was written.
func FuzzMultibase(f *testing.F) {
	for _, s := range []string{"z6Mk", "u7QE", "z", "z111", "zQ3s" + strings.Repeat("A", 90)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b, err := decodeMultibase(s)
		if err == nil && s[0] == 'z' && inBase58(b) != s[1:] {
			t.Errorf("%q: %x", s, b)
		}
	})
}
