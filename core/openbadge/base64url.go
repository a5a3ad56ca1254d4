package openbadge

import "encoding/binary"

// sextets gives the six bits of a character of base64url (RFC 4648 §5) where it stands
// in its group of four; of any other byte noSextet.
var sextets = func() (t [4][256]uint32) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for place := range t {
		for c := range t[place] {
			t[place][c] = noSextet
		}
		for bits, c := range []byte(alphabet) {
			t[place][c] = uint32(bits) << (18 - 6*place)
		}
	}
	return t
}()

const noSextet = 1 << 31

// decodeGroups decodes as many groups of eight characters as it can without looking at the
// last ones, and says how many characters it read and bytes it wrote. It reads no further
// than the first group that has another byte in it; what is wrong there is for the standard
// library to say.
func decodeGroups(out, text []byte) (read, wrote int) {
	for len(text)-read >= 8 && len(out)-wrote >= 8 {
		c, o := text[read:read+8:read+8], out[wrote:wrote+8:wrote+8]
		a := sextets[0][c[0]] | sextets[1][c[1]] | sextets[2][c[2]] | sextets[3][c[3]]
		b := sextets[0][c[4]] | sextets[1][c[5]] | sextets[2][c[6]] | sextets[3][c[7]]
		if (a|b)&noSextet != 0 {
			return read, wrote
		}
		binary.BigEndian.PutUint64(o, uint64(a)<<40|uint64(b)<<16)
		read, wrote = read+8, wrote+6
	}
	return read, wrote
}
