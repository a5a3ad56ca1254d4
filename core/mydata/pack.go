package mydata

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"path"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/archive"
)

// packedEntry is one file of a ZIP as it stands in its directory. A ZIP is
// written entry by entry, in pieces that are kept: what is written before a
// process dies need not be written again.
type packedEntry struct {
	Name   string `json:"n"`
	CRC    uint32 `json:"c"`
	Size   uint64 `json:"s"`
	Packed uint64 `json:"p"`
	Method uint16 `json:"m"`
	Offset uint64 `json:"o"`
	Sum    string `json:"h"` // SHA-256
}

// Parts of a ZIP (APPNOTE 4.3).
const (
	zipFile      = 0x04034b50
	zipDirectory = 0x02014b50
	zipEnd       = 0x06054b50
	zip64End     = 0x06064b50
	zip64Locator = 0x07064b50

	methodStore   = 0
	methodDeflate = 8

	flagUTF8    = 1 << 11
	madeByUnix  = 3<<8 | 45
	needs       = 45         // ZIP64
	privateFile = 0o100600   // for its owner alone
	large       = 0xffffffff // stands for: look into the ZIP64 field
	many        = 0xffff
)

// packer writes entries one behind the other.
type packer struct {
	out    *bytes.Buffer
	offset uint64 // of the start of out in the whole file
	at     time.Time
	flate  *flate.Writer // one for all entries: each is 600 KiB
}

var errTooLarge = errors.New("a file is too large for its ZIP, or its name is too long")

// end is where the file ends so far.
func (p *packer) end() uint64 {
	return p.offset + uint64(p.out.Len()) //nolint:gosec // G115: a length is not negative
}

// add writes one file and gives its line of the directory. A file of 4 GiB, or a
// name of 64 KiB, has no place in its header and is an error.
func (p *packer) add(name string, content []byte) (packedEntry, error) {
	if uint64(len(content)) >= large || len(name) >= many {
		return packedEntry{}, errTooLarge
	}
	sum := sha256.Sum256(content)
	e := packedEntry{
		Name: name, CRC: crc32.ChecksumIEEE(content), Size: uint64(len(content)), Method: methodStore,
		Offset: p.end(), Sum: hex.EncodeToString(sum[:]),
	}
	body := content
	if !isPacked(name) {
		small, err := p.deflate(content)
		if err != nil {
			return e, err
		}
		if small.Len() < len(content) && len(content) <= archive.MaxRatio*small.Len() { // or no passport takes it in again
			e.Method, body = methodDeflate, small.Bytes()
		}
	}
	e.Packed = uint64(len(body))
	put(p.out, uint32(zipFile), uint16(needs))
	p.describe(e)
	put(p.out, uint16(0))
	p.out.WriteString(name)
	p.out.Write(body)
	return e, nil
}

func (p *packer) deflate(content []byte) (small bytes.Buffer, err error) {
	if p.flate == nil {
		if p.flate, err = flate.NewWriter(&small, flate.DefaultCompression); err != nil {
			return small, err
		}
	}
	p.flate.Reset(&small)
	if _, err := p.flate.Write(content); err != nil {
		return small, err
	}
	return small, p.flate.Close()
}

// isPacked tells formats that are compressed already.
func isPacked(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".webp", ".pdf", ".zip":
		return true
	}
	return false
}

// finish writes the directory of all entries and the end of the file. The ZIP64
// records (APPNOTE 4.3.14) are written when a number does not fit.
func (p *packer) finish(all []packedEntry) {
	start := p.end()
	for _, e := range all {
		p.directory(e)
	}
	end := p.end()
	if start >= large || len(all) >= many {
		put(p.out, uint32(zip64End), uint64(44), uint16(madeByUnix), uint16(needs), uint32(0), uint32(0), uint64(len(all)), uint64(len(all)), end-start, start)
		put(p.out, uint32(zip64Locator), uint32(0), end, uint32(1))
	}
	n := uint16(min(len(all), many))
	put(p.out, uint32(zipEnd), uint16(0), uint16(0), n, n, uint32(min(end-start, large)), uint32(min(start, large)), uint16(0))
}

func (p *packer) directory(e packedEntry) {
	var extra bytes.Buffer
	if e.Offset >= large {
		put(&extra, uint16(1), uint16(8), e.Offset)
	}
	put(p.out, uint32(zipDirectory), uint16(madeByUnix), uint16(needs))
	p.describe(e)
	put(p.out, uint16(extra.Len()), uint16(0), uint16(0), uint16(0), uint32(privateFile)<<16, uint32(min(e.Offset, large))) //nolint:gosec // G115: at most 12 bytes
	p.out.WriteString(e.Name)
	p.out.Write(extra.Bytes())
}

// describe writes what the header of a file (APPNOTE 4.3.7) and its line of the
// directory (4.3.12) have in common.
func (p *packer) describe(e packedEntry) {
	day, second := dosTime(p.at)
	packed, size, name := uint32(e.Packed), uint32(e.Size), uint16(len(e.Name)) //nolint:gosec // G115: add takes what fits
	put(p.out, uint16(flagUTF8), e.Method, second, day, e.CRC, packed, size, name)
}

// put writes numbers, the lowest byte first. A buffer takes everything.
func put(b *bytes.Buffer, numbers ...any) {
	for _, n := range numbers {
		_ = binary.Write(b, binary.LittleEndian, n)
	}
}

func dosTime(t time.Time) (day, second uint16) {
	day = uint16((t.Year()-1980)<<9 | int(t.Month())<<5 | t.Day()) //nolint:gosec // until 2107
	second = uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2)   //nolint:gosec // of a day
	return day, second
}

// checksums is the file SHA256SUMS (coreutils sha256sum).
func checksums(all []packedEntry) []byte {
	var s strings.Builder
	for _, e := range all {
		fmt.Fprintf(&s, "%s  %s\n", e.Sum, e.Name)
	}
	return []byte(s.String())
}
