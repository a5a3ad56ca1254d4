package badge

import (
	"context"
	"encoding/base64"
	"html/template"

	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge"
	"github.com/osier-passport/osier/core/openbadge/bake"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// Look verifies a credential that nobody takes in: nothing is stored. Whom it was
// issued to is not asked. The context ends it.
func (s *Badges) Look(ctx context.Context, payload []byte) verify.Report {
	return verify.Check(ctx, payload, verify.Options{At: s.Base.Now(), Fetcher: s.fetcher(), Lists: &s.lists})
}

// Art draws the art of a credential anew, as a PNG of our own inside a data: URI:
// the picture is kept nowhere. It is "" when there is none that can be drawn.
func (s *Badges) Art(ctx context.Context, found bake.Found, c *openbadge.Credential) template.URL {
	if c == nil {
		return ""
	}
	return Inline(s.artOf(ctx, received{data: found.File, found: found, frame: frameOf(found, found.File)}, c).PNG)
}

// Inline is a PNG of our own as a data: URI, "" for none.
func Inline(png []byte) template.URL {
	if len(png) == 0 {
		return ""
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png)) //nolint:gosec // G203: drawn by core/art
}

// Credential gives the credential of a badge that the viewer may see, to verify
// it. It may name the holder's address (Badge.Plain): hand neither it nor what it
// says of its holder to anybody else. The fault is the same as for a badge that
// is not there.
func (s *Badges) Credential(ctx context.Context, viewer int64, publicID string) (Badge, []byte, error) {
	b, err := s.Get(ctx, viewer, publicID, "")
	if err == nil {
		err = b.whole()
	}
	if err != nil {
		return Badge{}, nil, err
	}
	data, err := getCredential(ctx, s.Base.Read(), b.ID)
	return b, data, err
}

// CheckViews makes the views of checks, for pages that show them all.
func CheckViews(list []verify.Step) []CheckView { return checkViews(list) }

// DocumentViews makes the views of the documents that a verification rests on.
func DocumentViews(list []verify.UsedDocument) []Document {
	out := make([]Document, 0, len(list))
	for _, d := range list {
		out = append(out, Document{d.URL, d.SHA256, d.Role, d.At})
	}
	return out
}

// Contained reads the badges in the payload of a CLR as Read does; the list is
// empty for any other credential.
func Contained(ctx context.Context, payload []byte) ([]Entry, error) {
	payloads, err := openbadge.Contained(payload)
	if err != nil {
		return nil, refusal(err)
	}
	out := make([]Entry, 0, len(payloads))
	for _, p := range payloads {
		found, err := bake.Extract(p)
		found.File = p
		e := Entry{Found: found}
		if err != nil {
			e.Err = refusal(err)
		} else {
			e = entryOf(ctx, found)
		}
		if refusalOf(e.Err).Reason == "no-proof" {
			e.Err = fault.New(fault.Invalid, "verify.reason.record-only").Wrap(e.Err)
		}
		out = append(out, e)
	}
	return out, nil
}
