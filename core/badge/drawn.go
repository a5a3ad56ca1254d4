package badge

import "sync"

// drawn keeps the last few pictures that were drawn. The key is all that a
// picture shows, so that a changed one has another key; who may see it is asked
// before, each time.
type drawn struct {
	most int
	mu   sync.Mutex
	m    map[string][]byte
	keys []string // the oldest first
}

func newDrawn(most int) *drawn { return &drawn{most: most, m: make(map[string][]byte)} }

// get gives the picture of a key, drawn now where it is not kept.
func (d *drawn) get(key string, draw func() ([]byte, error)) ([]byte, error) {
	d.mu.Lock()
	picture, ok := d.m[key]
	d.mu.Unlock()
	if ok {
		return picture, nil
	}
	picture, err := draw()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.m[key]; ok {
		return picture, nil
	}
	if len(d.keys) == d.most {
		delete(d.m, d.keys[0])
		d.keys = d.keys[1:]
	}
	d.m[key], d.keys = picture, append(d.keys, key)
	return picture, nil
}
