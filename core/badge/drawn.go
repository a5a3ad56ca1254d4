package badge

import "sync"

// picture is a PNG of ours with its hash. The zero picture is none.
type picture struct {
	png  []byte
	hash string
}

// drawn keeps the last few pictures that were drawn. The key is all that a
// picture shows, so that a changed one has another key; who may see it is asked
// before, each time.
type drawn struct {
	most int
	mu   sync.Mutex
	m    map[string]picture
	keys []string // the oldest first
}

func newDrawn(most int) *drawn { return &drawn{most: most, m: make(map[string]picture)} }

// get gives the picture of a key, drawn now where it is not kept.
func (d *drawn) get(key string, draw func() ([]byte, error)) (picture, error) {
	d.mu.Lock()
	p, ok := d.m[key]
	d.mu.Unlock()
	if ok {
		return p, nil
	}
	png, err := draw()
	if err != nil {
		return picture{}, err
	}
	p = picture{png, hashOf(png)}
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
