package badge

import (
	"context"
	"regexp"
	"strings"
	"sync"

	"github.com/osier-passport/osier/core/art"
	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/web"
)

// caching lets caches keep what is public if they ask again each time: hiding a
// badge takes effect at once.
func caching(b Badge) string {
	if b.Visibility == Public {
		return web.Revalidate
	}
	return ""
}

func (p *Pages) image(c *web.Ctx) error {
	b, err := p.get(c)
	if err != nil {
		return err
	}
	return p.sendBlob(c, b.Thumbnail, caching(b))
}

func (p *Pages) classImage(c *web.Ctx) error {
	class, err := p.badges.ClassByID(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	return p.sendBlob(c, class.Thumbnail, web.Revalidate)
}

// qr draws the address by which a badge is seen, for screen and print.
func (p *Pages) qr(c *web.Ctx) error {
	b, err := p.get(c)
	if err != nil {
		return err
	}
	if b.Visibility == Private {
		return fault.New(fault.NotFound, "badge.error.no_image")
	}
	drawing, err := art.QR(c.URL(seenAt(c, b)))
	if err != nil {
		return err
	}
	return c.Bytes("image/svg+xml", drawing, web.ByteOptions{CacheControl: caching(b), CSP: web.FilePolicy})
}

// sendBlob sends a PNG that we drew ourselves.
func (p *Pages) sendBlob(c *web.Ctx, hash, caching string) error {
	if hash == "" {
		return fault.New(fault.NotFound, "badge.error.no_image")
	}
	data, mime, err := p.badges.Blobs.Get(c.Context(), p.badges.Base.Read(), hash)
	if err != nil {
		return err
	}
	return c.Bytes(mime, data, web.ByteOptions{CacheControl: caching, ETag: hash, CSP: web.FilePolicy})
}

// downloadReceived gives exactly the bytes that came in.
func (p *Pages) downloadReceived(c *web.Ctx) error {
	b, err := p.getWhole(c)
	if err != nil {
		return err
	}
	data, mime, err := p.badges.fileOf(c.Context(), p.badges.Base.Read(), b)
	if err != nil {
		return err
	}
	return c.Bytes(mime, data, web.ByteOptions{CacheControl: caching(b), ETag: b.Received, Download: receivedName(b, b.Person == c.Viewer().Person), CSP: web.FilePolicy})
}

// downloadPNG gives a PNG with the credential baked in: the file itself when it
// came as one.
func (p *Pages) downloadPNG(c *web.Ctx) error {
	b, err := p.getWhole(c)
	if err != nil {
		return err
	}
	data, err := p.badges.bakedPNG(c.Context(), b)
	if err != nil {
		return err
	}
	return c.Bytes("image/png", data, web.ByteOptions{CacheControl: caching(b), Download: slug(b.Class.Name) + ".png", CSP: web.FilePolicy})
}

func (s *Badges) bakedPNG(ctx context.Context, b Badge) ([]byte, error) {
	if b.Carrier == string(bake.CarrierPNG) {
		data, _, err := s.fileOf(ctx, s.Base.Read(), b)
		return data, err
	}
	credential, err := getCredential(ctx, s.Base.Read(), b.ID)
	if err != nil {
		return nil, err
	}
	picture, err := s.pictureOf(ctx, b)
	if err != nil {
		return nil, err
	}
	return bake.PNG(picture, string(b.Version), credential)
}

// pictureOf gives the art of a badge, or a drawn one for a badge without.
func (s *Badges) pictureOf(ctx context.Context, b Badge) ([]byte, error) {
	if b.Thumbnail == "" {
		return art.Placeholder(ctx, b.Class.Name, b.Class.PublicID)
	}
	data, _, err := s.Blobs.Get(ctx, s.Base.Read(), b.Thumbnail)
	return data, err
}

var notSlug = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^a-z0-9]+`) })

// slug is a file name made of a badge's name.
func slug(name string) string {
	s := strings.Trim(notSlug().ReplaceAllString(db.Fold(name), "-"), "-")
	if s == "" {
		return "badge"
	}
	return s[:min(len(s), 60)]
}

// receivedName is what the received file is called. The name that it came with is
// the holder's own: it may say who they are.
func receivedName(b Badge, own bool) string {
	if own && b.Filename != "" && strings.HasSuffix(strings.ToLower(b.Filename), extension(b.Carrier)) {
		return b.Filename
	}
	return slug(b.Class.Name) + extension(b.Carrier)
}
