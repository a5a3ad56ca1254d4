package badge

import (
	"context"
	"sync"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/openbadge/bake"
)

// thumbnails remembers what was drawn last: all holders of a class bring the
// same picture, each with another badge baked into it.
type thumbnails struct {
	mu   sync.Mutex
	m    map[string][]byte
	keys []string
}

const thumbnailsKept = 32

func newThumbnails() *thumbnails { return &thumbnails{m: make(map[string][]byte)} }

// of draws the thumbnail of a picture, or finds it. The error is *art.Error or the context's.
func (t *thumbnails) of(ctx context.Context, picture []byte) ([]byte, error) {
	key := pictureKey(picture)
	t.mu.Lock()
	drawn, ok := t.m[key]
	t.mu.Unlock()
	if ok {
		return drawn, nil
	}
	drawn, err := art.Thumbnail(ctx, picture, thumbnailSize)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.m[key]; ok {
		return drawn, nil
	}
	if len(t.keys) == thumbnailsKept {
		delete(t.m, t.keys[0])
		t.keys = t.keys[1:]
	}
	t.m[key], t.keys = drawn, append(t.keys, key)
	return drawn, nil
}

// pictureKey names a picture whatever badge is baked into it.
func pictureKey(picture []byte) string {
	if bare, err := bake.PNG(picture, "3.0", []byte(`{}`)); err == nil {
		picture = bare
	}
	return hashOf(picture)
}
