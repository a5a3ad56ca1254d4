package verify

import (
	"encoding/binary"
	"errors"
)

var errCBOR = errors.New("bad CBOR")

// cborReader reads the part of CBOR (RFC 8949) that derived proofs use: unsigned numbers,
// byte strings, arrays and maps of definite length.
type cborReader struct{ rest []byte }

const (
	cborUint  = 0
	cborBytes = 2
	cborArray = 4
	cborMap   = 5
)

// head reads the head of an item of the wanted major type and returns its argument.
func (c *cborReader) head(major byte) (int, error) {
	if len(c.rest) == 0 || c.rest[0]>>5 != major {
		return 0, errCBOR
	}
	info := c.rest[0] & 0x1f
	c.rest = c.rest[1:]
	if info < 24 {
		return int(info), nil
	}
	size := 1 << (info - 24)
	if info > 26 || len(c.rest) < size {
		return 0, errCBOR // 64 bit and indefinite lengths have no use here
	}
	var wide [8]byte
	copy(wide[8-size:], c.rest[:size])
	c.rest = c.rest[size:]
	return int(binary.BigEndian.Uint32(wide[4:])), nil
}

func (c *cborReader) bytes() ([]byte, error) {
	n, err := c.head(cborBytes)
	if err != nil || n > len(c.rest) {
		return nil, errCBOR
	}
	b := c.rest[:n]
	c.rest = c.rest[n:]
	return b, nil
}

// count reads the head of an array or map, whose every item takes at least one byte.
func (c *cborReader) count(major byte) (int, error) {
	n, err := c.head(major)
	if err != nil || n > len(c.rest) {
		return 0, errCBOR
	}
	return n, nil
}
