package badge

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/osier-passport/osier/core/fault"
)

// picture is a PNG of ours with its hash. The zero picture is none.
type picture struct {
	PNG  []byte
	Hash string
}

// drawn keeps the last few pictures that were drawn. The key is all that a
// picture shows, so that a changed one has another key; who may see it is asked
// before, each time.
type drawn struct {
	most    int
	drawing singleflight.Group
	mu      sync.Mutex
	m       map[string]picture
	keys    []string // the oldest first
}

func newDrawn(most int) *drawn { return &drawn{most: most, m: make(map[string]picture)} }

// get gives the picture of a key, drawn now where it is not kept. Of many that ask
// for the same at once one draws it, and the others wait for that one; they do not
// share its end when who had asked is gone. That too much is drawn already is answered
// to all: none of them waits a second time.
func (d *drawn) get(key string, draw func() ([]byte, error)) (picture, error) {
	if p, ok := d.kept(key); ok {
		return p, nil
	}
	v, err, shared := d.drawing.Do(key, func() (any, error) { return d.draw(key, draw) })
	gone := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) && !fault.Is(err, fault.Unavailable)
	if shared && gone {
		return d.draw(key, draw)
	}
	p, _ := v.(picture)
	return p, err
}

func (d *drawn) kept(key string) (picture, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.m[key]
	return p, ok
}

func (d *drawn) draw(key string, draw func() ([]byte, error)) (picture, error) {
	if p, ok := d.kept(key); ok {
		return p, nil // by who came a moment before
	}
	png, err := draw()
	if err != nil {
		return picture{}, err
	}
	p := picture{png, hashOf(png)}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.m[key]; ok {
		return p, nil
	}
	if len(d.keys) == d.most {
		delete(d.m, d.keys[0])
		d.keys = d.keys[1:]
	}
	d.m[key], d.keys = p, append(d.keys, key)
	return p, nil
}
