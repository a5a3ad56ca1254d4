package badge

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/osier-passport/osier/core/db"
	"github.com/osier-passport/osier/core/fault"
	"github.com/osier-passport/osier/core/openbadge/verify"
)

// Kept is a document that verifications of a badge rested on, with the bytes that
// were read then.
type Kept struct {
	URL, SHA256, Role string
	First, Last       time.Time // verifications that read these bytes
}

// KeptDocuments gives the documents that are kept for a badge, those that were
// read last before the others. Whoever asks has made sure that the viewer may see
// the badge.
func (s *Badges) KeptDocuments(ctx context.Context, b Badge) ([]Kept, error) {
	return listKept(ctx, s.Base.Read(), b.ID)
}

// keptDocument gives the bytes of a document that is kept for a badge, and the
// name of its file. It returns a fault NotFound when none has that hash.
func (s *Badges) keptDocument(ctx context.Context, b Badge, sha256 string) (data []byte, name string, err error) {
	hash, role, err := getKept(ctx, s.Base.Read(), b.ID, sha256)
	if errors.Is(err, db.ErrNotFound) {
		return nil, "", fault.New(fault.NotFound, "badge.error.no_document")
	}
	if err != nil {
		return nil, "", err
	}
	data, _, err = s.Blobs.Get(ctx, s.Base.Read(), hash)
	end := ".txt"
	if text := strings.TrimSpace(string(data[:min(len(data), 64)])); strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		end = ".json"
	}
	return data, role + "-" + hash[:12] + end, err
}

// hostedAt is the document of a verification that the address of a hosted badge
// answered, if there is one.
func hostedAt(list []verify.UsedDocument) (verify.UsedDocument, bool) {
	for _, d := range list {
		if d.Role == verify.RoleAssertion {
			return d, true
		}
	}
	return verify.UsedDocument{}, false
}
