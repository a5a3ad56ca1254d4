package badge

import (
	"context"
	"fmt"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/openbadge/bake"
)

// framed is the picture that a badge came in, without the credential.
type framed struct {
	bake.Frame

	hash string // "" for none
}

// frameOf gives the picture around a credential, where the file can be made of the two again.
func frameOf(found bake.Found, file []byte) framed {
	f, ok := bake.FrameOf(file, found)
	if !ok {
		return framed{}
	}
	return framed{f, f.Hash()}
}

func (s *Badges) inFrame(ctx context.Context, d db.DB, frame int64, credential []byte) ([]byte, error) {
	around, err := getFrame(ctx, d, frame)
	if err != nil {
		return nil, fmt.Errorf("read the picture of a badge: %w", err)
	}
	return bake.Join(around, credential)
}
