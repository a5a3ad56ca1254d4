package bake

import (
	"encoding/binary"
	"hash/crc32"
	"strconv"
	"strings"
)

const (
	maxSide   = 8192       // pixels of one side
	maxPixels = 25_000_000 // pixels of a picture
	maxChunks = 100_000
)

var pngSignature = []byte("\x89PNG\r\n\x1a\n")

// chunk is one PNG chunk. raw is the chunk with length, type and checksum.
type chunk struct {
	kind      string
	data, raw []byte
}

// walkPNG calls visit for each chunk from IHDR to IEND. It holds lengths,
// checksums, the header's promises and the order of the critical chunks to
// PNG §5; pixels are not looked at, and what follows IEND is not read.
func walkPNG(file []byte, visit func(chunk) error) error {
	w := pngWalk{rest: file[len(pngSignature):]}
	for !w.ended {
		c, err := w.next()
		if err != nil {
			return err
		}
		if err := visit(c); err != nil {
			return err
		}
	}
	return nil
}

type pngWalk struct {
	rest         []byte
	seen         int
	pixels, last bool // an IDAT was seen; the chunk before was an IDAT
	ended        bool
}

func (w *pngWalk) next() (chunk, error) {
	if len(w.rest) < 12 {
		return chunk{}, &Error{Reason: "png-truncated"}
	}
	n := binary.BigEndian.Uint32(w.rest)
	if n > 1<<31-1 || int64(n) > int64(len(w.rest)-12) {
		return chunk{}, &Error{Reason: "png-truncated"}
	}
	size := int(n) + 12
	raw := w.rest[:size:size]
	w.rest = w.rest[size:]
	c := chunk{kind: kindName(raw[4:8]), data: raw[8 : size-4], raw: raw}
	if crc32.ChecksumIEEE(raw[4:size-4]) != binary.BigEndian.Uint32(raw[size-4:]) {
		return chunk{}, &Error{Reason: "png-crc", Detail: strconv.Quote(c.kind)}
	}
	return c, w.order(c)
}

// kindName avoids an allocation for the chunks of nearly every file.
func kindName(b []byte) string {
	switch string(b) {
	case "IDAT":
		return "IDAT"
	case "IHDR":
		return "IHDR"
	case "IEND":
		return "IEND"
	case "PLTE":
		return "PLTE"
	case "iTXt":
		return "iTXt"
	case "tEXt":
		return "tEXt"
	default:
		return string(b)
	}
}

func (w *pngWalk) order(c chunk) error {
	w.seen++
	switch {
	case w.seen > maxChunks:
		return &Error{Reason: "png-chunks"}
	case (w.seen == 1) != (c.kind == "IHDR"):
		return &Error{Reason: "png-header"}
	case c.kind == "IHDR":
		return checkHeader(c.data)
	case c.kind == "IDAT" && w.pixels && !w.last:
		return &Error{Reason: "png-chunks", Detail: "IDAT"}
	case c.kind == "IEND" && (!w.pixels || len(c.data) != 0):
		return &Error{Reason: "png-chunks", Detail: "IEND"}
	}
	w.last = c.kind == "IDAT"
	w.pixels = w.pixels || w.last
	w.ended = c.kind == "IEND"
	return nil
}

// checkHeader holds an IHDR to PNG §11.2.1 and to our limits on size.
func checkHeader(b []byte) error {
	if len(b) != 13 {
		return &Error{Reason: "png-header"}
	}
	width, height := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if width == 0 || height == 0 || width > maxSide || height > maxSide || uint64(width)*uint64(height) > maxPixels {
		return &Error{Reason: "png-dimensions", Detail: strconv.FormatUint(uint64(width), 10) + "x" + strconv.FormatUint(uint64(height), 10)}
	}
	if strings.IndexByte(depthsOf(b[9]), b[8]) < 0 || b[10] != 0 || b[11] != 0 || b[12] > 1 {
		return &Error{Reason: "png-header"}
	}
	return nil
}

// depthsOf gives the bit depths that go with a type of colour (PNG §11.2.1, table 12).
func depthsOf(colour byte) string {
	switch colour {
	case 0:
		return "\x01\x02\x04\x08\x10"
	case 2, 4, 6:
		return "\x08\x10"
	case 3:
		return "\x01\x02\x04\x08"
	default:
		return ""
	}
}
