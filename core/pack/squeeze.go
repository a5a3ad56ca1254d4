package pack

import (
	_ "embed" // the dictionary
	"fmt"
	"sync"

	"github.com/klauspost/compress/s2"
)

//go:generate go run ./train -o dictionary.txt

// words are credentials and reports of no meaning, made by ./train. What was packed by
// them cannot be read without them: better ones get a number of their own, and these stay.
//
//go:embed dictionary.txt
var words []byte

// number names the dictionary in what is packed.
const number = 1

const textMost = 32 << 20 // bytes of one text; no credential is as large

var dictionary = sync.OnceValue(func() *s2.Dict { return s2.MakeDict(words, nil) })

// squeeze compresses a text.
func squeeze(text []byte) []byte {
	packed := make([]byte, 2+s2.MaxEncodedLen(len(text)))
	packed[0], packed[1] = mark, number
	return append([]byte(nil), packed[:2+len(dictionary().Encode(packed[2:], text))]...)
}

func expand(packed []byte) ([]byte, error) {
	if len(packed) < 2 || packed[0] != mark || packed[1] != number {
		return nil, ErrBroken
	}
	n, err := s2.DecodedLen(packed[2:])
	if err != nil || n > textMost {
		return nil, ErrBroken
	}
	text, err := dictionary().Decode(make([]byte, n), packed[2:])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return text, nil
}
