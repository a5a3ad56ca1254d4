package badge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/openbadge/bake"
)

// thumbnailsKept is how many thumbnails are kept: all holders of a class bring
// the same picture, each with another badge baked into it.
const thumbnailsKept = 32

// thumbnail draws the thumbnail of a picture, or finds it. The error is
// *art.Error or the context's.
func (s *Badges) thumbnail(ctx context.Context, source []byte, frame framed) (picture, error) {
	return s.thumbnails.get(pictureKey(source, frame), func() ([]byte, error) { return art.Thumbnail(ctx, source, thumbnailSize) })
}

// pictureKey names a picture whatever badge is baked into it.
func pictureKey(picture []byte, frame framed) string {
	if frame.hash != "" {
		return frame.hash
	}
	bare := sha256.New()
	if err := bake.Bare(bare, picture); err != nil {
		return hashOf(picture)
	}
	return hex.EncodeToString(bare.Sum(nil))
}
