package issuer

import (
	"crypto/sha256"
	"encoding/hex"
)

func digest(name string) [32]byte { return sha256.Sum256([]byte(name)) }

// uuid is made from a name (RFC 9562 §5.8), the same each time.
func uuid(name string) string {
	h := digest(name)
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80
	s := hex.EncodeToString(h[:16])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
