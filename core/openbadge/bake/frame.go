package bake

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
)

// Frame is a picture without the credential text in it: the same for all badges that one
// tool baked into one picture. It shares memory with the file that it was taken of.
type Frame struct {
	// before and after are what is around the text. Of a PNG the length and the checksum
	// of the text's chunk are left out; the length stood at place in before.
	before, after []byte
	place         int
	kind          byte
}

// The kinds of frames, as they are written.
const (
	framePNG  = 1 // a chunk of text, whose length and checksum follow from it (PNG §5.3)
	frameText = 2 // the text and nothing else
)

// errFrame is the error of Join.
var errFrame = errors.New("bake: not a frame")

// FrameOf takes the credential text that Extract found in a file out of it. It reports false
// where the file is no picture, or does not have the text once, as it is: compressed, with
// blanks around it, escaped.
func FrameOf(file []byte, f Found) (Frame, bool) {
	switch {
	case len(f.Payload) == 0:
		return Frame{}, false
	case f.Carrier == CarrierPNG:
		return framePicture(file, f.Payload)
	case f.Carrier != CarrierSVG:
		return Frame{}, false
	}
	before, after, ok := bytes.Cut(file, f.Payload)
	if !ok || bytes.Contains(after, f.Payload) {
		return Frame{}, false
	}
	return Frame{before: before, after: after, kind: frameText}, true
}

// framePicture looks for the one chunk that ends in payload.
func framePicture(file, payload []byte) (Frame, bool) {
	var found Frame
	if !bytes.HasPrefix(file, pngSignature) {
		return found, false
	}
	for at := len(pngSignature); len(file)-at >= 12; {
		n := int64(binary.BigEndian.Uint32(file[at:]))
		if n > int64(len(file)-at-12) {
			return Frame{}, false
		}
		raw := file[at : at+12+int(n)]
		c := chunk{kind: kindName(raw[4:8]), data: raw[8 : len(raw)-4], raw: raw}
		if _, badge := textKeyword(c); badge {
			if found.kind != 0 || !bytes.HasSuffix(c.data, payload) || crc32.ChecksumIEEE(raw[4:len(raw)-4]) != binary.BigEndian.Uint32(raw[len(raw)-4:]) {
				return Frame{}, false
			}
			end := at + len(raw)
			found = Frame{before: file[:end-4-len(payload)], after: file[end:], place: at, kind: framePNG}
		}
		at += len(raw)
		if c.kind == "IEND" {
			break
		}
	}
	return found, found.kind != 0
}

// Hash is the SHA-256 of Bytes, in hexadecimal.
func (f Frame) Hash() string {
	sum := sha256.New()
	for _, part := range f.parts() {
		sum.Write(part)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Bytes is what Join takes.
func (f Frame) Bytes() []byte {
	parts := f.parts()
	return bytes.Join(parts[:], nil)
}

// parts are the kind, two lengths, what is before the text and what is after it.
func (f Frame) parts() [4][]byte {
	head := binary.AppendUvarint([]byte{f.kind}, uint64(f.place)) //nolint:gosec // lengths are not negative
	head = binary.AppendUvarint(head, uint64(len(f.before)))
	before := f.before
	if f.kind != framePNG {
		return [4][]byte{head, before, nil, f.after}
	}
	return [4][]byte{head, before[:f.place], before[f.place+4:], f.after}
}

// Join gives the file whose frame that is and whose text payload, byte for byte. The error
// says that frame is none.
func Join(frame, payload []byte) ([]byte, error) {
	kind, place, before, after, err := readFrame(frame)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(before)+len(payload)+len(after)+8)
	if kind == frameText {
		return append(append(append(out, before...), payload...), after...), nil
	}
	out = append(out, before[:place]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(before)-place-4+len(payload))) //nolint:gosec // files are capped at MaxFile
	out = append(append(out, before[place:]...), payload...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[place+4:]))
	return append(out, after...), nil
}

func readFrame(frame []byte) (kind byte, place int, before, after []byte, err error) {
	if len(frame) == 0 {
		return 0, 0, nil, nil, errFrame
	}
	kind, rest := frame[0], frame[1:]
	var lengths [2]int
	for i := range lengths {
		v, n := binary.Uvarint(rest)
		if n <= 0 || v > uint64(len(frame))+4 {
			return 0, 0, nil, nil, errFrame
		}
		lengths[i], rest = int(v), rest[n:] //nolint:gosec // at most a little more than the length of frame
	}
	place, end := lengths[0], lengths[1]
	if kind == framePNG {
		end -= 4           // the length of the chunk is not among them
		if place+4 > end { // its type is
			return 0, 0, nil, nil, errFrame
		}
	}
	if kind != framePNG && kind != frameText || end < 0 || end > len(rest) {
		return 0, 0, nil, nil, errFrame
	}
	return kind, place, rest[:end], rest[end:], nil
}
