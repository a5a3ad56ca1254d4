package badge

import (
	"bytes"
	"context"
	"encoding/base64"
	"strings"

	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/text"
	"github.com/osier-passport/osier/core/web"
)

// Download is a form in which a badge leaves.
type Download struct {
	URL, Icon string
	Key       string // badge.download.<Key>
	Note      string // in place of badge.download.<Key>_text, may be empty
}

// addDownloads offers all forms to the owner, and to others where they do not
// name the earner's address.
func (p *Pages) addDownloads(c *web.Ctx, page *ShowPage, b Badge) error {
	if !b.isWhole() {
		return nil
	}
	page.ProveURL = proveURL(b, page.Own)
	if !page.Own && b.Plain {
		return nil
	}
	credential, err := getCredential(c.Context(), p.badges.Base.Read(), b.ID)
	if err != nil {
		return err
	}
	at := func(form string) string { return withKey(page.URL+"/download/"+form, c.Query("key")) }
	page.ReceivedURL, page.ReceivedName = at("received"), receivedName(b, page.Own)
	page.Downloads = append(page.Downloads, Download{URL: at("png"), Icon: "badge", Key: "png"})
	if b.Carrier != string(bake.CarrierSVG) && mayHoldSVG(credential) {
		page.Downloads = append(page.Downloads, Download{URL: at("svg"), Icon: "badge", Key: "svg"})
	}
	if !isBare(b.Carrier) {
		page.Downloads = append(page.Downloads, Download{URL: at("credential"), Icon: "code", Key: "credential"})
	}
	page.Downloads = append(page.Downloads, Download{URL: page.ReceivedURL, Icon: "file", Key: "received", Note: page.ReceivedName})
	page.Downloads = append(page.Downloads, Download{URL: at("pdf"), Icon: "print", Key: "pdf", Note: certificateNote(c, page)})
	if !page.Own {
		return nil
	}
	record, err := recordIn(c.Context(), p.badges.Base.Read(), b.ID)
	if record != 0 {
		page.Downloads = append(page.Downloads, Download{URL: at("record"), Icon: "data", Key: "record"})
	}
	return err
}

// certificateNote says of a certificate which letters it leaves out, "" for none.
func certificateNote(c *web.Ctx, page *ShowPage) string {
	left := unprinted(c.T, page.Earner.Name, page.Name, page.Issuer.Name, text.Plain(page.Description, descriptionDrawn))
	if left == "" {
		return ""
	}
	return c.T("shelf.certificate.unprinted", "scripts", left)
}

// proveURL is the public page that verifies the badge anew: for those who may
// see it there.
func proveURL(b Badge, own bool) string {
	if b.Visibility != Public && !own {
		return ""
	}
	return "/verify?badge=" + b.PublicID
}

// isBare reports whether the received file is the credential itself.
func isBare(carrier string) bool {
	return carrier == string(bake.CarrierJSON) || carrier == string(bake.CarrierJWS) || carrier == string(bake.CarrierURL)
}

// downloadCredential gives the credential alone: JSON, or a compact JWS.
func (p *Pages) downloadCredential(c *web.Ctx) error {
	b, credential, err := p.downloadable(c)
	if err != nil {
		return err
	}
	mime, end := "text/plain", ".jwt"
	if bytes.HasPrefix(bytes.TrimSpace(credential), []byte("{")) {
		mime, end = "application/json", ".json"
	}
	return c.Bytes(mime, credential, web.ByteOptions{CacheControl: caching(b), Download: slug(b.Class.Name) + end, CSP: web.FilePolicy})
}

// downloadSVG gives the issuer's own drawing with the credential baked in (OB3
// §5.3.2), for a badge whose art is an SVG.
func (p *Pages) downloadSVG(c *web.Ctx) error {
	b, credential, err := p.downloadable(c)
	if err != nil {
		return err
	}
	data, err := p.badges.bakedSVG(c.Context(), b, credential)
	if err != nil {
		return err
	}
	return c.Bytes("image/svg+xml", data, web.ByteOptions{CacheControl: caching(b), Download: slug(b.Class.Name) + ".svg", CSP: web.FilePolicy})
}

func (s *Badges) bakedSVG(ctx context.Context, b Badge, credential []byte) ([]byte, error) {
	if b.Carrier == string(bake.CarrierSVG) {
		data, _, err := s.fileOf(ctx, s.Base.Read(), b)
		return data, err
	}
	drawing := s.vectorOf(ctx, credential)
	if drawing == nil {
		return nil, errNotFound()
	}
	return bake.SVG(drawing, string(b.Version), credential, "")
}

// downloadRecord gives the owner the record (CLR) that the badge came in.
func (p *Pages) downloadRecord(c *web.Ctx) error {
	b, err := p.badges.Mine(c.Context(), c.Viewer().Person, c.Param("id"))
	if err != nil {
		return err
	}
	data, mime, name, err := p.badges.recordFile(c.Context(), b.Person, b)
	if err != nil {
		return err
	}
	return c.Bytes(mime, data, web.ByteOptions{Download: name, CSP: web.FilePolicy})
}

// downloadable gives the badge of the request with its credential, if the viewer
// may have that.
func (p *Pages) downloadable(c *web.Ctx) (Badge, []byte, error) {
	b, err := p.getWhole(c)
	if err != nil {
		return Badge{}, nil, err
	}
	credential, err := getCredential(c.Context(), p.badges.Base.Read(), b.ID)
	return b, credential, err
}

// vectorOf is the SVG that a credential holds as its image, or nil.
func (s *Badges) vectorOf(ctx context.Context, credential []byte) []byte {
	c, err := openbadge.Parse(credential)
	if err != nil || !strings.HasPrefix(c.Image, svgData) {
		return nil
	}
	return s.imageOf(ctx, c.Image)
}

const svgData = "data:image/svg+xml"

// mayHoldSVG tells cheaply whether a credential may hold its image as an SVG: a
// page of a badge asks each time.
func mayHoldSVG(credential []byte) bool {
	if parts := bytes.Split(bytes.TrimSpace(credential), []byte(".")); len(parts) == 3 {
		if payload, err := base64.RawURLEncoding.DecodeString(string(parts[1])); err == nil {
			credential = payload
		}
	}
	return bytes.Contains(credential, []byte(svgData)) || bytes.Contains(credential, []byte(`data:image\/svg+xml`))
}
