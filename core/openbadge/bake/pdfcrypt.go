package bake

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5" //nolint:gosec // the standard security handler is made of it
	"crypto/rc4" //nolint:gosec // as above
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"slices"
)

// pdfCrypt opens what is encrypted for everybody: with the empty user password of the standard
// security handler (ISO 32000-1 §7.6, ISO 32000-2 §7.6 for AES-256).
type pdfCrypt struct {
	key      []byte
	dict     pdfRef // of the encryption dictionary, which is not encrypted
	streams  pdfCipher
	strings  pdfCipher
	files    pdfCipher // embedded files
	metadata bool      // is encrypted too
}

// pdfCipher is how bytes are encrypted.
type pdfCipher int

const (
	cipherNone pdfCipher = iota
	cipherRC4
	cipherAES128
	cipherAES256
	cipherUnknown
)

// pdfPadding fills a password up (§7.6.3.3, step a).
var pdfPadding = []byte("\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A")

// unlock makes the key of an encrypted file. The error is *Error "pdf-encrypted" when a
// password is needed, or the way of encryption is not known.
func (p *pdfFile) unlock() error {
	encrypt := p.trailer.get("Encrypt")
	if encrypt == nil || p.crypt != nil {
		return nil
	}
	d, _ := p.direct(encrypt).(pdfDict)
	c := &pdfCrypt{metadata: p.direct(d.get("EncryptMetadata")) != false}
	c.dict, _ = encrypt.(pdfRef)
	locked := &Error{Reason: "pdf-encrypted"}
	if p.direct(d.get("Filter")) != pdfName("Standard") || !c.ciphers(p, d) {
		return locked
	}
	revision := p.number(d.get("R"), 0)
	o, _ := p.direct(d.get("O")).([]byte)
	u, _ := p.direct(d.get("U")).([]byte)
	switch {
	case revision >= 2 && revision <= 4:
		c.key = p.oldKey(d, revision, o, u)
	case revision == 5 || revision == 6:
		ue, _ := p.direct(d.get("UE")).([]byte)
		c.key = newKey(revision, u, ue)
	}
	if c.key == nil {
		return locked
	}
	p.crypt, p.packs, p.packed = c, map[pdfRef]*pdfPack{}, 0
	return nil
}

// ciphers finds the ciphers of strings, streams and embedded files (§7.6.5 "Crypt Filters").
func (c *pdfCrypt) ciphers(p *pdfFile, d pdfDict) bool {
	switch p.number(d.get("V"), 0) {
	case 1, 2:
		c.streams, c.strings, c.files = cipherRC4, cipherRC4, cipherRC4
		return true
	case 4, 5:
	default:
		return false
	}
	filters, _ := p.direct(d.get("CF")).(pdfDict)
	named := func(key pdfName, otherwise pdfCipher) pdfCipher {
		name, ok := p.direct(d.get(key)).(pdfName)
		if !ok {
			return otherwise
		}
		if name == "Identity" {
			return cipherNone
		}
		f, _ := p.direct(filters.get(name)).(pdfDict)
		switch method, _ := p.direct(f.get("CFM")).(pdfName); method {
		case "None":
			return cipherNone
		case "V2":
			return cipherRC4
		case "AESV2":
			return cipherAES128
		case "AESV3":
			return cipherAES256
		}
		return cipherUnknown
	}
	c.streams, c.strings = named("StmF", cipherNone), named("StrF", cipherNone)
	c.files = named("EFF", c.streams)
	return c.streams != cipherUnknown && c.strings != cipherUnknown && c.files != cipherUnknown
}

// oldKey makes the key of revisions 2 to 4 (§7.6.3.3 "Algorithm 2") and holds it against U
// (Algorithms 4 to 6); nil when the user password is not empty.
func (p *pdfFile) oldKey(d pdfDict, revision int, o, u []byte) []byte {
	id, _ := p.direct(firstOf(p.direct(p.trailer.get("ID")))).([]byte)
	n := 5
	if revision > 2 {
		n = p.number(d.get("Length"), 40) / 8
		if p.number(d.get("V"), 0) == 4 {
			n = 16
		}
	}
	if len(o) < 32 || len(u) < 16 || n < 5 || n > 16 {
		return nil
	}
	h := md5.New() //nolint:gosec // see import
	h.Write(pdfPadding)
	h.Write(o[:32])
	var permissions [4]byte
	binary.LittleEndian.PutUint32(permissions[:], uint32(p.number(d.get("P"), 0))) //nolint:gosec // 32 bits, with a sign or without
	h.Write(permissions[:])
	h.Write(id)
	if revision == 4 && p.direct(d.get("EncryptMetadata")) == false {
		h.Write([]byte{0xFF, 0xFF, 0xFF, 0xFF})
	}
	key := h.Sum(nil)[:n]
	if revision == 2 {
		if len(u) < 32 || !bytes.Equal(rc4ed(key, pdfPadding), u[:32]) {
			return nil
		}
		return key
	}
	for range 50 {
		sum := md5.Sum(key) //nolint:gosec // see import
		key = sum[:n]
	}
	h.Reset()
	h.Write(pdfPadding)
	h.Write(id)
	sum := h.Sum(nil)
	for i := range 20 {
		round := slices.Clone(key)
		for at := range round {
			round[at] ^= byte(i)
		}
		sum = rc4ed(round, sum)
	}
	if subtle.ConstantTimeCompare(sum, u[:16]) != 1 {
		return nil
	}
	return key
}

func rc4ed(key, data []byte) []byte {
	c, err := rc4.NewCipher(key) //nolint:gosec // see import
	if err != nil {
		return nil
	}
	out := make([]byte, len(data))
	c.XORKeyStream(out, data)
	return out
}

// newKey makes the key of revisions 5 and 6 (ISO 32000-2 §7.6.4.3.3 "Algorithm 2.A"); nil when
// the user password is not empty.
func newKey(revision int, u, ue []byte) []byte {
	if len(u) < 48 || len(ue) < 32 {
		return nil
	}
	hash := func(salt []byte) []byte {
		sum := sha256.Sum256(salt)
		if revision == 5 {
			return sum[:]
		}
		return hardened(sum[:])
	}
	if subtle.ConstantTimeCompare(hash(u[32:40]), u[:32]) != 1 {
		return nil
	}
	block, err := aes.NewCipher(hash(u[40:48]))
	if err != nil {
		return nil
	}
	key := make([]byte, 32)
	cipher.NewCBCDecrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(key, ue[:32])
	return key
}

// hardened is the hash of revision 6 (Algorithm 2.B) for the empty password. Its rounds end by
// chance: after 64 of them each is the last with the odds of (round-32) to 256.
func hardened(k []byte) []byte {
	const most = 64 + 256
	for round := range most {
		text := bytes.Repeat(k, 64)
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(text, text)
		rest := 0
		for _, b := range text[:16] {
			rest += int(b) // 256 is 1 in the remainders of 3
		}
		switch rest % 3 {
		case 0:
			sum := sha256.Sum256(text)
			k = sum[:]
		case 1:
			sum := sha512.Sum384(text)
			k = sum[:]
		default:
			sum := sha512.Sum512(text)
			k = sum[:]
		}
		if round >= 63 && int(text[len(text)-1]) <= round-31 {
			break
		}
	}
	return k[:32]
}

// decrypted is an object of the file, its strings and its stream decrypted (§7.6.2). Objects
// in object streams are not encrypted by themselves.
func (p *pdfFile) decrypted(number pdfRef, generation int, v any) any {
	if p.crypt == nil || number == p.crypt.dict {
		return v
	}
	s, isStream := v.(pdfStream)
	if !isStream {
		return p.decryptedStrings(number, generation, v)
	}
	kind, _ := s.dict.get("Type").(pdfName)
	if kind == "XRef" {
		return v
	}
	d, _ := p.decryptedStrings(number, generation, s.dict).(pdfDict)
	how := p.crypt.streams
	switch {
	case kind == "EmbeddedFile":
		how = p.crypt.files
	case kind == "Metadata" && !p.crypt.metadata, p.ownFilter(s.dict):
		how = cipherNone
	}
	return pdfStream{d, p.plain(how, number, generation, s.raw)}
}

// ownFilter tells of a stream with the Crypt filter "Identity" (§7.4.10).
func (p *pdfFile) ownFilter(d pdfDict) bool {
	first, _ := p.direct(firstOf(p.direct(d.get("Filter")))).(pdfName)
	if first != "Crypt" {
		return false
	}
	parms, _ := p.direct(firstOf(p.direct(d.get("DecodeParms")))).(pdfDict)
	name, ok := p.direct(parms.get("Name")).(pdfName)
	return !ok || name == "Identity"
}

func firstOf(v any) any {
	if l := list(v); len(l) > 0 {
		return l[0]
	}
	return nil
}

func (p *pdfFile) decryptedStrings(number pdfRef, generation int, v any) any {
	switch v := v.(type) {
	case []byte:
		return p.plain(p.crypt.strings, number, generation, v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = p.decryptedStrings(number, generation, e)
		}
		return out
	case pdfDict:
		out := make(pdfDict, len(v))
		for i, e := range v {
			out[i] = pdfEntry{e.key, p.decryptedStrings(number, generation, e.value)}
		}
		return out
	}
	return v
}

// plain decrypts the bytes of an object (§7.6.2 "Algorithm 1"; AES-256 uses the key of the
// file). What is no text of AES is empty.
func (p *pdfFile) plain(how pdfCipher, number pdfRef, generation int, data []byte) []byte {
	if how == cipherNone || p.spend(len(data)) != nil {
		return data
	}
	key := p.crypt.key
	if how != cipherAES256 {
		text := slices.Concat(key, []byte{byte(number), byte(number >> 8), byte(number >> 16), byte(generation), byte(generation >> 8)}) //nolint:gosec // their low bytes are meant
		if how == cipherAES128 {
			text = append(text, "sAlT"...)
		}
		sum := md5.Sum(text) //nolint:gosec // see import
		key = sum[:min(len(key)+5, 16)]
	}
	if how == cipherRC4 {
		return rc4ed(key, data)
	}
	block, err := aes.NewCipher(key)
	if err != nil || len(data) < 2*aes.BlockSize || len(data)%aes.BlockSize != 0 {
		return []byte{}
	}
	out := make([]byte, len(data)-aes.BlockSize)
	cipher.NewCBCDecrypter(block, data[:aes.BlockSize]).CryptBlocks(out, data[aes.BlockSize:])
	if pad := int(out[len(out)-1]); pad >= 1 && pad <= aes.BlockSize {
		out = out[:len(out)-pad]
	}
	return out
}
