package verify

import (
	"bytes"
	"context"
	"strings"
)

// checkImage asks whether the picture of the class can be had and is a PNG or SVG (OB2
// §BadgeClass "image", erratum of 2020-04-09). It never changes a verdict: a picture that is
// gone is "could not be checked", one of another kind is a warning. It comes last, for
// pictures are large.
func (r *run) checkImage(ctx context.Context, g graph) {
	if r.depth > 0 || !g.class.IsObject() {
		return
	}
	r.emit(CheckImage, r.image(ctx, idIn(g.class.Get("image").First())).by("OB2 §BadgeClass"))
}

func (r *run) image(ctx context.Context, address string) finding {
	switch {
	case address == "":
		return warn("image-missing", "")
	case strings.HasPrefix(address, "data:"):
		head, _, _ := strings.Cut(address, ",")
		kind, _, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(head, "data:")), ";")
		if kind != "image/png" && kind != "image/svg+xml" {
			return warn("image-type", kind)
		}
		return pass()
	case !isWeb(address):
		return unknown("bad-address", "badge.image")
	}
	doc, f := r.fetch(ctx, RoleImage, address)
	if !f.ok() {
		return f
	}
	if !isPNGOrSVG(doc.Body) {
		return warn("image-type", address)
	}
	return pass()
}

// isPNGOrSVG looks at the beginning: what a server calls its pictures is often wrong.
func isPNGOrSVG(b []byte) bool {
	const head = 4096 // licences and the like stand before the first element
	return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) || bytes.Contains(b[:min(len(b), head)], []byte("<svg"))
}
